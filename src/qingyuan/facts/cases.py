"""Cases on disk: a folder of CSV files with ``plant.toml``, one workbook, or one CSV file of facts; read and written.

Files of a folder: ``facts.csv`` (needed), ``monitoring.csv``, ``equipment.csv``, ``options.csv``, ``places.csv``,
``indicators.csv``, ``evidence.csv`` and ``plant.toml``. Text may be UTF-8 with or without a mark, or GB 18030.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from qingyuan.errors import InputError, Location, Problem, Severity
from qingyuan.facts.assemble import assemble
from qingyuan.facts.cells import Cell, number_text
from qingyuan.facts.columns import TableKey, columns
from qingyuan.facts.headings import match
from qingyuan.facts.model import Case, Fact
from qingyuan.facts.plantfile import plant_file_text, read_plant_file
from qingyuan.facts.raw import Problems, RawCase
from qingyuan.facts.rows import (
    Entry,
    equipment_row,
    evidence_row,
    fact_row,
    judgement_row,
    monitoring_row,
    option_row,
    place_row,
)
from qingyuan.facts.tabular import complete, report_columns, table_of
from qingyuan.language import Message, listing, message

FILES: Final[Mapping[str, TableKey]] = {
    "facts.csv": "facts",
    "monitoring.csv": "monitoring",
    "equipment.csv": "equipment",
    "options.csv": "options",
    "places.csv": "places",
    "indicators.csv": "indicators",
    "evidence.csv": "evidence",
}
PLANT_FILE: Final = "plant.toml"
WORKSHEETS_FILE: Final = "worksheets.xlsx"  # filled worksheets of the audit, read by ``audit.inputs``
MAX_CSV: Final = 200_000_000  # bytes
# Columns of facts.csv that are always written; the others only where a fact uses them.
_ALWAYS: Final = ("period", "place", "kind", "item", "value", "unit", "basis", "note", "role")


def read_case(path: Path | str) -> Case:
    """Read a case from a folder of CSV files, a workbook (.xlsx) or a CSV file of facts.

    Raises InputError with every problem found; warnings and notes of a good input stand in ``Case.problems``.
    """
    source = Path(path)
    if source.is_dir():
        return assemble(_read_folder(source))
    if not source.exists():
        raise _refused("file-not-found", message("找不到文件或文件夹 {path}", path=str(source)), source.name)
    if source.suffix.lower() in {".csv", ".txt", ".tsv"}:
        raw = RawCase(origin=str(source))
        _read_table(source, "facts", raw)
        return assemble(raw)
    from qingyuan.facts.workbook import read_workbook

    return read_workbook(source)


def _refused(code: str, text: Message, file: str) -> InputError:
    return InputError([Problem(code, text, where=Location(file=file))])


def _read_folder(folder: Path) -> RawCase:
    raw = RawCase(origin=str(folder))
    names = {entry.name.lower(): entry for entry in sorted(folder.iterdir()) if entry.is_file()}
    if "facts.csv" not in names:
        books = [entry.name for entry in names.values() if entry.suffix.lower() == ".xlsx"]
        expected = (
            message("读工作簿请直接给出文件：{names}", names=listing(books))
            if books
            else message("facts.csv，及可选的 {names}", names=listing([*list(FILES)[1:], PLANT_FILE]))
        )
        raise InputError(
            [
                Problem(
                    "facts-file-missing",
                    message("文件夹里没有 facts.csv"),
                    where=Location(file=folder.name),
                    expected=expected,
                )
            ]
        )
    if PLANT_FILE in names:
        text = _decoded(_bytes_of(names[PLANT_FILE]), PLANT_FILE)
        raw.profile, parameters = read_plant_file(text, PLANT_FILE, raw.problems)
        raw.parameters = parameters
    for name, key in FILES.items():
        if name in names:
            _read_table(names[name], key, raw)
    for name, entry in names.items():
        if name not in (*FILES, WORKSHEETS_FILE) and entry.suffix.lower() in {".csv", ".xlsx", ".xls"}:
            raw.problems.add(
                Problem(
                    "file-ignored",
                    message("文件 {name} 没有读入", name=entry.name),
                    Severity.NOTE,
                    Location(entry.name),
                )
            )
    return raw


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_CSV:
            raise _refused("csv-too-large", message("文件超过 {limit} MB", limit=MAX_CSV // 1_000_000), path.name)
        return path.read_bytes()
    except OSError as error:
        raise _refused(
            "file-unreadable", message("打不开文件：{reason}", reason=str(error.strerror)), path.name
        ) from error


def _decoded(data: bytes, file: str) -> str:
    """The text of a file: UTF-8 with or without a mark, UTF-16 with one, or GB 18030."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")  # type: ignore[assignment]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refused("file-encoding", message("文字编码读不出"), file) from None


def _read_table(path: Path, key: TableKey, raw: RawCase) -> None:
    try:
        data = _bytes_of(path)
        if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            raise _refused("csv-is-a-workbook", message("文件其实是 Excel 工作簿，不是 CSV"), path.name)
        text = _decoded(data, path.name)
    except InputError as error:
        for problem in error.problems:
            raw.problems.add(problem)
        return
    rows = _csv_rows(text, path.name, raw.problems)
    heading: Sequence[Cell] = ()
    for _line, heading in rows:
        if any(cell not in ("", None) for cell in heading):
            break
    matched = match(key, {index: (str(cell),) for index, cell in enumerate(heading)})
    if not complete(matched, path.name, "", raw.problems):
        return
    table = table_of(matched, path.name, rows)
    report_columns(matched, table, raw.problems)
    raw.tables.append(table)


def _csv_rows(text: str, file: str, problems: Problems) -> Iterator[tuple[int, Sequence[Cell]]]:
    """The rows of a CSV text with the number of the line each begins on; tabs or semicolons may part the cells."""
    first = text[:4096].partition("\n")[0]
    delimiter = max(",\t;", key=first.count) if first.count(",") == 0 else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.add(
                Problem(
                    "csv-damaged", message("CSV 格式有误：{reason}", reason=str(error)), where=Location(file, row=line)
                )
            )
            return
        yield line, cells
        line = reader.line_num + 1


# --- writing ---------------------------------------------------------------------------------------------------------


def write_case(case: Case, folder: Path | str) -> tuple[Path, ...]:
    """Write a case as a folder of CSV files and ``plant.toml`` that reads back to the same case.

    Returns the files written; tables without rows make no file, ``facts.csv`` is always written.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    tables: tuple[tuple[str, list[dict[str, Entry]]], ...] = (
        ("facts.csv", _fact_rows(case.facts, case.profile.plant)),
        ("monitoring.csv", _without_plant([monitoring_row(result) for result in case.monitoring], case.profile.plant)),
        ("equipment.csv", [equipment_row(machine) for machine in case.equipment]),
        ("options.csv", [option_row(option) for option in case.options]),
        ("places.csv", [place_row(place) for place in case.places]),
        ("indicators.csv", [judgement_row(judgement) for judgement in case.judgements]),
        ("evidence.csv", [evidence_row(evidence) for evidence in case.evidence]),
    )
    for name, rows in tables:
        path = target / name
        if not rows and name != "facts.csv":
            continue
        _write_csv(path, FILES[name], rows)
        written.append(path)
    path = target / PLANT_FILE
    path.write_text(plant_file_text(case.profile, case.parameters), encoding="utf-8")
    return (*written, path)


def _fact_rows(facts: Iterable[Fact], plant: str) -> list[dict[str, Entry]]:
    return _without_plant([fact_row(fact) for fact in facts], plant)


def _without_plant(rows: list[dict[str, Entry]], plant: str) -> list[dict[str, Entry]]:
    """Leave the plant out where it is the case's own."""
    for row in rows:
        if row["plant"] == plant:
            row["plant"] = ""
    return rows


def _write_csv(path: Path, key: TableKey, rows: Sequence[Mapping[str, Entry]]) -> None:
    known = [entry.key for entry in columns(key)]
    used = {name for row in rows for name, value in row.items() if value not in ("", None)}
    always = _ALWAYS if key == "facts" else known
    names = [name for name in known if name in used or name in always]
    further = list(dict.fromkeys(name for row in rows for name in row if name not in known))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*names, *further])
        for row in rows:
            writer.writerow([_csv_cell(row.get(name)) for name in (*names, *further)])


def _csv_cell(entry: Entry) -> str:
    if entry is None:
        return ""
    return entry if isinstance(entry, str) else number_text(float(entry))

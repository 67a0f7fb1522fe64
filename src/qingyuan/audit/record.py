"""What an audit decides and records, as plain data (审核记录): settings as in ``audit.toml``, entries of worksheets.

It is read from a case folder (``audit.toml``, ``worksheets/*.csv``, ``worksheets.xlsx``) or from the audit workbook,
and written to either without loss; ``inputs`` checks it and gives it types.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from qingyuan.audit.phases import WorksheetDefinition, worksheet_definitions
from qingyuan.audit.record_scores import with_scores
from qingyuan.errors import InputError, Location, Problem
from qingyuan.facts.cases import WORKSHEETS_FILE
from qingyuan.language import listing, message

AUDIT_FILE = "audit.toml"
FOLDER = "worksheets"

_BARE = re.compile(r"[A-Za-z0-9_-]+")

Entry = Mapping[str, str]
Entries = Mapping[str, tuple[Entry, ...]]


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Settings by section, as ``audit.toml`` has them, and entries by worksheet id; ``places``: where a setting stands.

    The keys of ``places`` are paths with dots, ``cost.medium_from``; what is not in it stands in ``file``.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    entries: Entries = field(default_factory=dict)
    places: Mapping[str, Location] = field(default_factory=dict)
    file: str = AUDIT_FILE

    def place(self, path: Sequence[str]) -> Location:
        """Where a setting stands: its own place, else that of the nearest one around it, else of the first inside."""
        for length in range(len(path), 0, -1):
            found = self.places.get(".".join(path[:length]))
            if found is not None:
                return found
        group = ".".join(path)
        inside = next((place for key, place in self.places.items() if key.startswith(f"{group}.")), None)
        return inside or Location(file=self.file, column=group)

    @property
    def empty(self) -> bool:
        """Whether nothing is decided and nothing recorded."""
        return not self.settings and not self.entries


NO_RECORD = AuditRecord()


def read_record(path: Path | str) -> AuditRecord:
    """Read the record of a case: of its folder, or of its workbook.

    A path without any gives an empty record. Raises InputError with every problem: files that cannot be read, unknown
    worksheets or columns, cells that facts fill and somebody changed.
    """
    problems: list[Problem] = []
    record = collect(Path(path), problems)
    if problems:
        raise InputError(problems)
    return record


def collect(path: Path, problems: list[Problem]) -> AuditRecord:
    """Read the record of a case as far as it can be read; problems are added.

    Scores in the ranking worksheets are settings of the record.
    """
    if path.is_dir():
        found = _read_folder(path, problems)
        places = {id: Location(file=f"{FOLDER}/{id}.csv") for id in found.entries}
        return _scored(found, places, problems)
    if path.suffix.lower() == ".xlsx" and path.is_file():
        from qingyuan.audit.record_reading import read_sheets

        read = read_sheets(path, problems)
        places = {id: Location(file=path.name, sheet=name) for id, name in read.names.items()}
        return _scored(read.record, places, problems)
    return NO_RECORD


def _scored(record: AuditRecord, places: Mapping[str, Location], problems: list[Problem]) -> AuditRecord:
    settings, entries = with_scores(record.settings, record.entries, places, problems)
    return record if entries == dict(record.entries) else replace(record, settings=settings, entries=entries)


def _read_folder(home: Path, problems: list[Problem]) -> AuditRecord:
    settings: dict[str, Any] = {}
    path = home / AUDIT_FILE
    if path.is_file():
        try:
            settings = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError, ValueError) as error:
            text = message("审核设置读不出：{reason}", reason=str(error))
            problems.append(Problem("audit-file", text, where=Location(file=AUDIT_FILE)))
    entries = _read_tables(home / FOLDER, problems)
    book = home / WORKSHEETS_FILE
    if book.is_file():
        _add_book(entries, book, problems)
    return AuditRecord(settings, entries)


def _add_book(entries: dict[str, tuple[Entry, ...]], book: Path, problems: list[Problem]) -> Mapping[str, str]:
    """Add the entries of filled worksheets to the others; they win where they were made from these.

    Returns the names of the sheets by the id of the worksheet.
    """
    from qingyuan.audit.record_reading import read_sheets

    found = read_sheets(book, problems)
    for id, rows in found.record.entries.items():
        own = entries.get(id, ())
        if own and not _equal(own, rows) and not _equal(own, found.before.get(id, ())):
            text = message("工作表 {id} 在案例里和在这个文件里填得不同", id=id)
            where = Location(file=book.name, sheet=found.names.get(id, ""))
            expected = message("工作表生成以后，案例里的这张表没有再改过；只留一处，或重新生成工作表")
            problems.append(Problem("worksheet-twice", text, where=where, expected=expected))
        entries[id] = rows
    for id in found.names:
        if id in entries and id not in found.record.entries and _equal(entries[id], found.before.get(id, ())):
            del entries[id]  # all of them were taken out in the workbook
    return found.names


def _equal(one: Sequence[Entry], other: Sequence[Entry]) -> bool:
    """Whether two lists of entries are the same but for their order (computed rows have their own)."""
    return sorted(sorted(entry.items()) for entry in one) == sorted(sorted(entry.items()) for entry in other)


def taken(record: AuditRecord, filled: Path | str) -> AuditRecord:
    """A record with the entries of filled worksheets in place of its own, for the sheets that the file holds.

    Raises InputError with every problem of the file, also where it holds no worksheet, or where an entry of the record
    was changed since the file was written.
    """
    problems: list[Problem] = []
    entries = dict(record.entries)
    source = Path(filled)
    names = _add_book(entries, source, problems)
    if not names and not problems:
        text = message("文件里没有审核工作表")
        expected = message("qingyuan audit 或 qingyuan worksheets 生成的 worksheets.xlsx")
        problems.append(Problem("worksheets-missing", text, where=Location(file=source.name), expected=expected))
    places = {id: Location(file=source.name, sheet=name) for id, name in names.items()}
    merged = _scored(replace(record, entries=entries), places, problems)
    if problems:
        raise InputError(problems)
    return merged


def _read_tables(folder: Path, problems: list[Problem]) -> dict[str, tuple[Entry, ...]]:
    if not folder.is_dir():
        return {}
    found: dict[str, tuple[Entry, ...]] = {}
    for path in sorted(folder.glob("*.csv")):
        where = Location(file=f"{FOLDER}/{path.name}")
        if path.stem not in worksheet_definitions():
            text = message("没有编号为“{id}”的工作表", id=path.stem)
            problems.append(Problem("worksheet-unknown", text, where=where, found=path.stem))
            continue
        try:
            with path.open(encoding="utf-8-sig", newline="") as stream:
                table = list(csv.reader(stream))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            reason = message("打不开文件：{reason}", reason=str(error))
            problems.append(Problem("file-unreadable", reason, where=where))
            continue
        rows = _rows(worksheet_definitions()[path.stem], table, where, problems)
        if rows:
            found[path.stem] = rows
    return found


def _rows(
    of: WorksheetDefinition, table: Sequence[Sequence[str]], where: Location, problems: list[Problem]
) -> tuple[Entry, ...]:
    if not table:
        return ()
    headings: list[str] = []
    for heading in table[0]:
        key = column_key(of, heading)
        if key is None:
            text = message("工作表 {id} 没有“{heading}”这一栏", id=of.id, heading=heading)
            expected = message("{names}", names=listing(column.name for column in of.columns))
            problems.append(Problem("column-unknown", text, where=where, found=heading, expected=expected))
        headings.append(key or "")
    rows: list[Entry] = []
    for cells in table[1:]:
        row = {key: cell.strip() for key, cell in zip(headings, cells, strict=False) if key and cell.strip()}
        if row:
            rows.append(row)
    return tuple(rows)


def column_key(of: WorksheetDefinition, heading: str) -> str | None:
    """The key of a column by its heading: id or name, with ``@year`` or （year） where it stands once for each year."""
    plain = heading.strip().casefold()
    base, _, tail = heading.strip().replace("（", "@").replace("(", "@").rstrip("）)").partition("@")
    for column in of.columns:
        names = (column.id.casefold(), column.name.zh.casefold(), column.name.en.casefold())
        if plain in names:
            return column.id
        if base.strip().casefold() in names and tail and (column.per_year or column.per_candidate):
            return f"{column.id}@{tail.strip()}"
    return None


# --- writing ---------------------------------------------------------------------------------------------------------


def write_record(record: AuditRecord, folder: Path | str) -> tuple[Path, ...]:
    """Write a record into a case folder as ``audit.toml`` and ``worksheets/*.csv``; returns the files written.

    Nothing is written for what the record does not hold. It reads back to the same settings and entries.
    """
    home = Path(folder)
    written: list[Path] = []
    if record.settings:
        home.mkdir(parents=True, exist_ok=True)
        written.append(home / AUDIT_FILE)
        written[-1].write_text(settings_text(record.settings), encoding="utf-8")
    for id, rows in record.entries.items():
        if not rows:
            continue
        (home / FOLDER).mkdir(parents=True, exist_ok=True)
        written.append(home / FOLDER / f"{id}.csv")
        order = [column.id for column in worksheet_definitions()[id].columns]
        keys = sorted({key for row in rows for key in row}, key=lambda key: (order.index(key.partition("@")[0]), key))
        with written[-1].open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream, lineterminator="\n")
            table.writerow(keys)
            table.writerows([row.get(key, "") for key in keys] for row in rows)
    return tuple(written)


def settings_text(settings: Mapping[str, Any]) -> str:
    """Settings as the text of an ``audit.toml``: a table for each section."""
    lines = [f"{_key(key)} = {_value(value)}" for key, value in settings.items() if not isinstance(value, Mapping)]
    for key, value in settings.items():
        if isinstance(value, Mapping):
            lines += ["", f"[{_key(key)}]", *(f"{_key(name)} = {_value(own)}" for name, own in value.items())]
    return "\n".join(lines).lstrip("\n") + "\n"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _value(key)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(own)}" for key, own in value.items()) + " }" if value else "{}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(_value(own) for own in value) + "]"
    raise TypeError(f"no TOML for {type(value).__name__}")

"""Foreign files as rows of named cells (读表): CSV, workbooks and JSON, each row with the place where it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qingyuan.errors import InputError, Location, Problem
from qingyuan.facts.cases import _bytes_of, _csv_rows, _decoded
from qingyuan.facts.cells import cell_text
from qingyuan.facts.raw import Problems
from qingyuan.language import message

MOST_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class ForeignRow:
    """One row: its number as the user counts, and its cells by heading; cells of JSON may be lists and mappings."""

    number: int
    cells: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ForeignTable:
    """One table of a file: headings in order and rows."""

    file: str
    sheet: str
    headings: tuple[str, ...]
    rows: tuple[ForeignRow, ...]

    def where(self, row: int | None = None, column: str = "") -> Location:
        """The place of a row or a cell."""
        return Location(file=self.file, sheet=self.sheet, row=row, column=column)


def read_tables(path: Path) -> tuple[ForeignTable, ...]:
    """Read a CSV file (one table), a workbook (one of each sheet) or a JSON file (a list of objects, or an object of
    such lists). Raises InputError where the file cannot be read."""
    if not path.is_file():
        said = message("找不到文件或文件夹 {path}", path=str(path))
        raise InputError([Problem("file-not-found", said, where=Location(path.name))])
    data = _bytes_of(path)
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return tuple(_sheets(data, path.name))
    text = _decoded(data, path.name)
    if path.suffix.lower() == ".json" or text.lstrip()[:1] in ("[", "{"):
        return tuple(_json(text, path.name))
    problems = Problems()
    rows = list(_csv_rows(text, path.name, problems))
    if problems.failed:
        raise InputError(problems.all())
    found = _table(rows, path.name, "")
    return () if found is None else (found,)


def _sheets(data: bytes, file: str) -> Iterator[ForeignTable]:
    from qingyuan.facts.safety import inspect
    from qingyuan.facts.workbook import _open

    info = inspect(data, file)
    book = _open(info, file)
    for entry in info.sheets:
        if entry.hidden:
            continue
        page = book.get_sheet_by_name(entry.name)
        first = page.start[0] if page.start else 0
        rows = [(first + index + 1, cells) for index, cells in enumerate(page.to_python(skip_empty_area=True))]
        found = _table(rows, file, entry.name)
        if found is not None:
            yield found


def _table(rows: Sequence[tuple[int, Sequence[object]]], file: str, sheet: str) -> ForeignTable | None:
    """The table below the first row that has two texts or more; blank rows are left out."""
    for index, (_, cells) in enumerate(rows):
        texts = [_heading(cell) for cell in cells]
        if any(texts) and sum(bool(text) for text in texts) >= min(2, len(texts)):
            body = [
                ForeignRow(number, {heading: cell for heading, cell in zip(texts, below, strict=False) if heading})
                for number, below in rows[index + 1 :]
                if any(cell not in ("", None) for cell in below)
            ]
            return ForeignTable(file, sheet, tuple(text for text in texts if text), tuple(body[:MOST_ROWS]))
    return None


def _heading(cell: object) -> str:
    return " ".join(cell_text(cell).split()) if isinstance(cell, (str, int, float)) else str(cell or "")[:10]


def _json(text: str, file: str) -> Iterator[ForeignTable]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        row = error.lineno if isinstance(error, json.JSONDecodeError) else None
        said = message("不是有效的 JSON：{text}", text=str(error))
        raise InputError([Problem("not-json", said, where=Location(file, row=row))]) from error
    parts = document.items() if isinstance(document, dict) else (("", document),)
    for name, entries in parts:
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            continue
        headings = dict.fromkeys(str(key) for entry in entries for key in entry)
        rows = tuple(ForeignRow(number, entry) for number, entry in enumerate(entries, start=1))
        yield ForeignTable(file, name, tuple(headings), rows)


def cell_at(cells: Mapping[str, object], path: str) -> object:
    """A cell by its heading, or what a path leads to inside a cell that holds JSON; None where there is nothing."""
    if path in cells:
        return cells[path]
    head, *steps = path.split("/")
    value = cells.get(head)
    for step in steps:
        value = _opened(value)
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.lstrip("-").isdigit() and -len(value) <= int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _opened(value: object) -> object:
    """The value itself, or the JSON that a text holds."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value


def entries_of(row: ForeignRow, column: str) -> tuple[ForeignRow, ...]:
    """A row for every entry of a JSON list in one of its columns; the row itself where there is no list."""
    value = _opened(row.cells.get(column))
    if not isinstance(value, list) or not value:
        return (row,)
    return tuple(ForeignRow(row.number, {**row.cells, column: entry}) for entry in value)

"""Reading a workbook (读工作簿): the template's own sheets, and other people's tables as they are found.

The file passes ``safety`` first. A sheet of the template is read by the keys of its hidden row; any other by its
headings, which may stand in several rows, be merged, moved, written in Chinese or English, and carry units or years.
Import is all or nothing: every problem is listed with sheet, cell, what was read and what is expected.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Final, cast

from python_calamine import CalamineSheet, CalamineWorkbook

from qingyuan.errors import Location, Problem, Severity
from qingyuan.facts.assemble import assemble
from qingyuan.facts.cells import Cell, Issue, cell_text
from qingyuan.facts.columns import TableKey
from qingyuan.facts.headings import Matched, match
from qingyuan.facts.model import Case
from qingyuan.facts.profileform import read_profile_form
from qingyuan.facts.raw import RawCase, RawTable
from qingyuan.facts.safety import SheetInfo, WorkbookInfo, inspect, refuse
from qingyuan.facts.sheets import (
    COVER_MARK,
    HIDDEN_SHEET,
    LISTS_SHEET,
    ROWS_SHEET,
    expectation,
    is_audit_mark,
    read_mark,
    sheet,
)
from qingyuan.facts.sheetscan import cell_name
from qingyuan.facts.tabular import complete, report_columns, table_of
from qingyuan.language import message

HEADER_ROWS: Final = 40  # rows in which headings are looked for
HEADER_COLUMNS: Final = 400  # columns that are looked at for headings
HEADER_DEPTH: Final = 3  # rows that headings may take
_FOUND_BY_HEADING: Final[tuple[TableKey, ...]] = (
    "facts",
    "monitoring",
    "equipment",
    "options",
    "indicators",
    "evidence",
    "places",
)

_ERROR_VALUE = Issue(
    "cell-error-value",
    message("单元格是公式的错误值"),
    Severity.ERROR,
    message("改正公式，或填数值"),
)
_UNCACHED = Issue(
    "cell-formula-uncached",
    message("单元格是公式，但文件里没有它的计算结果"),
    Severity.ERROR,
    message("在 Excel 或 WPS 中打开并保存一次，或填数值"),
)

Rows = Iterator[tuple[int, list[Cell]]]


def read_workbook(path: Path | str) -> Case:
    """Read a case from a workbook (.xlsx).

    Raises InputError: one problem where the whole file is refused (``safety``), else every problem of its cells.
    """
    source = Path(path)
    try:
        data = source.read_bytes()
    except OSError as error:
        raise refuse(
            "file-unreadable", message("打不开文件：{reason}", reason=str(error.strerror or error)), source.name
        ) from error
    return read_workbook_bytes(data, source.name, origin=str(source))


def read_workbook_bytes(data: bytes, name: str, *, origin: str = "") -> Case:
    """Read a case from the bytes of a workbook; ``name`` is shown in messages. Raises as ``read_workbook``."""
    info = inspect(data, name)
    raw = RawCase(origin=origin or name)
    for problem in info.notes:
        raw.problems.add(problem)
    book = _open(info, name)
    for entry in info.sheets:
        if entry.name in (HIDDEN_SHEET, LISTS_SHEET, ROWS_SHEET):
            continue
        if entry.hidden:
            raw.problems.add(
                Problem("sheet-hidden", message("隐藏的工作表没有读入"), Severity.NOTE, Location(name, entry.name))
            )
            continue
        _read_sheet(book, entry, name, info.stale, raw)
    if not raw.tables and not raw.problems.failed:
        raise refuse(
            "workbook-nothing-found",
            message("没有一张工作表能认出表头"),
            name,
            expected=message("用本软件的模板，或有“项目、单位、数值、年份”等列标题的表"),
        )
    return assemble(raw)


def _open(info: WorkbookInfo, name: str) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(info.data))
    except BaseException as error:
        raise _reader_failed(error, name) from None


def _reader_failed(error: BaseException, name: str, sheet_name: str = "") -> BaseException:
    """A refusal for whatever the spreadsheet reader raises; a panic of its Rust core is no Exception."""
    if isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError)):
        return error
    return refuse(
        "workbook-damaged",
        message("文件已损坏，读不出来"),
        name,
        sheet=sheet_name,
        expected=message("在 Excel 或 WPS 中打开，另存为“Excel 工作簿（*.xlsx）”"),
    )


@dataclass(slots=True)
class _Page:
    """One worksheet while it is read: its first rows, the rest as an iterator, merged ranges, where it begins."""

    name: str
    head: list[list[Cell]]
    rest: Iterator[list[Cell]]
    first_row: int  # row of head[0], from 0
    first_column: int
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class _Header:
    """Where the headings of a table stand, and what they mean; ``key`` names the template's sheet, if it is one."""

    last: int  # index in the head rows of the lowest heading row
    matched: Matched
    key: str = ""
    kind: str = ""


def _read_sheet(book: CalamineWorkbook, entry: SheetInfo, file: str, stale: bool, raw: RawCase) -> None:
    try:
        found = book.get_sheet_by_name(entry.name)
        page = _page(found, entry.name)
    except BaseException as error:
        raise _reader_failed(error, file, entry.name) from None
    if page is None or any(cell == COVER_MARK for row in page.head[:2] for cell in row):
        return
    if any(is_audit_mark(cell) for row in page.head[:6] for cell in row):
        return  # what the audit decides and records, no facts: ``audit.inputs`` reads it
    header = _by_marks(page) or _by_headings(page)
    where = Location(file, entry.name)
    if header is None:
        if not _is_cover(page):
            raw.problems.add(
                Problem("sheet-unknown", message("没有认出表头，这张工作表没有读入"), Severity.NOTE, where)
            )
        return
    if not complete(header.matched, file, entry.name, raw.problems):
        return
    if stale and entry.scan.formulas and not header.key:
        raw.problems.add(
            Problem(
                "formulas-stale",
                message("文件要求打开时重算，公式的结果可能不是最新的"),
                Severity.WARNING,
                where,
                expected=message("在 Excel 或 WPS 中打开并保存一次"),
            )
        )
    table = _table(page, header, entry, file)
    if header.matched.key == "profile":
        read_profile_form(table, raw)
        raw.tables.append(table)
        return
    report_columns(header.matched, table, raw.problems)
    raw.tables.append(table)


def _page(found: CalamineSheet, name: str) -> _Page | None:
    start = found.start
    if start is None:
        return None
    rows = cast(Iterator[list[Cell]], iter(found.iter_rows()))
    head = list(islice(rows, HEADER_ROWS))
    return _Page(name, head, rows, start[0], start[1], found.merged_cell_ranges or [])


# --- headings --------------------------------------------------------------------------------------------------------


def _by_marks(page: _Page) -> _Header | None:
    """The headings of a template's sheet: the row below the hidden row of keys."""
    for index, row in enumerate(page.head):
        marks = {position: mark for position, cell in enumerate(row) if (mark := read_mark(cell))}
        if len(marks) < 2:
            continue
        key = next(iter(marks.values()))[0]
        own = sheet(key)
        keys = {position: column_key for position, (sheet_key, column_key) in marks.items() if sheet_key == key}
        below = page.head[index + 1] if index + 1 < len(page.head) else []
        headings = {
            position: (cell_text(below[position]) if position < len(below) else "",)
            for position in range(max(len(row), len(below)))
        }
        matched = match(own.table, headings, keys)
        return _Header(index + 1, matched, key, own.kinds[0] if own.kinds and own.key != "flows" else "")
    return None


def _by_headings(page: _Page) -> _Header | None:
    """The rows that make the best headings of any table; the sheet's name breaks ties."""
    hint, kind = expectation(page.name)
    filled = _fill_merged(page)
    best: tuple[tuple[int, int, int, int], _Header] | None = None
    for first in range(len(filled)):
        if sum(1 for text in filled[first][:HEADER_COLUMNS] if text) < 2:
            continue
        for depth in range(1, HEADER_DEPTH + 1):
            last = first + depth - 1
            if last >= len(filled):
                break
            headings = {
                position: [filled[line][position] for line in range(first, last + 1) if position < len(filled[line])]
                for position in range(min(len(filled[last]), HEADER_COLUMNS))
            }
            headings = {position: _distinct(texts) for position, texts in headings.items()}
            for table in _FOUND_BY_HEADING:
                matched = match(table, headings)
                if matched.missing or matched.score < 3:
                    continue
                rank = (matched.score, 1 if table == hint else 0, -depth, -first)
                if best is None or rank > best[0]:
                    best = (rank, _Header(last, matched, kind=kind if table == "facts" else ""))
    return None if best is None else best[1]


def _distinct(texts: Sequence[str]) -> list[str]:
    """Texts from top to bottom, each once: a cell merged over two rows says one thing."""
    return list(dict.fromkeys(text for text in texts if text))


def _fill_merged(page: _Page) -> list[list[str]]:
    """The texts of the first rows, merged ranges filled with the text of their first cell."""
    texts = [[cell_text(cell) for cell in row[:HEADER_COLUMNS]] for row in page.head]
    for (top, left), (bottom, right) in page.merged[:5000]:
        row, position = top - page.first_row, left - page.first_column
        if not (0 <= row < len(texts) and 0 <= position < len(texts[row])):
            continue
        for line in range(row, min(bottom - page.first_row + 1, len(texts))):
            for place in range(position, min(right - page.first_column + 1, len(texts[line]))):
                texts[line][place] = texts[row][position]
    return texts


def _is_cover(page: _Page) -> bool:
    """Whether a sheet holds hardly anything that looks like a table: a cover, instructions, a blank."""
    return sum(1 for row in page.head if sum(1 for cell in row if cell not in ("", None)) >= 3) < 3


# --- rows ------------------------------------------------------------------------------------------------------------


def _table(page: _Page, header: _Header, entry: SheetInfo, file: str) -> RawTable:
    """The table below the headings, with places as the sheet counts them."""
    table = table_of(header.matched, file, _body(page, header))
    left, top = page.first_column, page.first_row
    scan = entry.scan
    percent = frozenset((row + 1, place - left) for row, place in scan.percent)
    faults: dict[tuple[int, int], Issue] = {}
    for row, place in scan.errors:
        faults[row + 1, place - left] = _ERROR_VALUE
    for row, place in scan.uncached:
        faults[row + 1, place - left] = _UNCACHED
    table.sheet = entry.name
    table.kind = header.kind
    table.prelisted = bool(header.key)
    table.percent = percent
    table.faults = faults
    letters = [cell_name(0, position + left)[:-1] for position in range(max(map(len, page.head)))]
    table.address = lambda row, position: f"{letters[position]}{row}"
    table.header_row = top + header.last + 1
    return table


def _body(page: _Page, header: _Header) -> Rows:
    """The rows below the headings with their numbers from 1; cells merged downwards are filled, totals left out."""
    first = header.last + 1
    rows = chain(page.head[first:], page.rest)
    fills = _downward(page, first, header.matched)
    known: dict[tuple[int, int], Cell] = {}
    for number, row in enumerate(rows, page.first_row + first + 1):
        for position, source in fills.get(number, ()):
            if position < len(row):
                if source == number:
                    known[source, position] = row[position]
                elif row[position] == "":
                    row[position] = known.get((source, position), "")
        yield number, row


def _downward(page: _Page, first: int, matched: Matched) -> Mapping[int, list[tuple[int, int]]]:
    """For each row number the positions to fill and the row they are filled from: text columns merged downwards."""
    wanted = {position for key, position in matched.columns.items() if key not in {"note"}}
    fills: dict[int, list[tuple[int, int]]] = {}
    count = 0
    for (top, left), (bottom, right) in page.merged:
        position = left - page.first_column
        if bottom <= top or left != right or position not in wanted or top - page.first_row < first:
            continue
        count += bottom - top + 1
        if count > 500_000:
            break
        for row in range(top, bottom + 1):
            fills.setdefault(row + 1, []).append((position, top + 1))
    return fills

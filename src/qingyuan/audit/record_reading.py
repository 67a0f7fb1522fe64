"""Reading what an audit decides and records from a workbook: the audit workbook itself, or filled worksheets.

The file passes ``facts.safety`` first. A cell of a worksheet is an entry where it differs from what the workbook held
when it was written (a hidden sheet knows); what facts filled is changed in the facts, so another value there is an
error. Every problem is listed with sheet, cell, what was read and what is expected.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from python_calamine import CalamineWorkbook

from qingyuan.audit.clocks import ANCHORS
from qingyuan.audit.focus import factor_sets
from qingyuan.audit.phases import WorksheetDefinition, worksheet_definitions
from qingyuan.audit.record import AuditRecord, Entry
from qingyuan.audit.record_sheets import (
    NAME_KEY,
    ROW_KEY,
    SETTINGS_KEY,
    Kind,
    SettingTable,
    both,
    read_mark,
    sections,
    tables,
)
from qingyuan.errors import InputError, Location, Problem
from qingyuan.facts.cells import Cell, cell_text, number_text
from qingyuan.facts.safety import SheetInfo, inspect, refuse
from qingyuan.facts.sheets import ROWS_SHEET
from qingyuan.facts.sheetscan import cell_name
from qingyuan.facts.words import word_id
from qingyuan.language import Message, Name, listing, message

HEAD_ROWS = 8  # rows in which the hidden marks are looked for
MOST_ROWS = 20_000  # of one sheet of the audit
_DATE = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?")
_SERIALS = range(20_000, 80_000)  # days since 1899-12-30 that a date may be stored as


@dataclass(frozen=True, slots=True)
class SheetsRead:
    """What a workbook records: the record, the entries that its worksheets were written with, sheet names by id."""

    record: AuditRecord
    before: Mapping[str, tuple[Entry, ...]]
    names: Mapping[str, str]


@dataclass(slots=True)
class _Held:
    """What one worksheet held when it was written, by the id of the row.

    ``shown``: cells that facts filled; ``names``: those of them by which an entry names the row; ``proposed``: cells
    with a proposal for what people decide; ``keys``: first cells that were printed for people to fill in beside;
    ``entries``: what was entered.
    """

    shown: dict[str, dict[str, str]] = field(default_factory=dict)
    proposed: dict[str, dict[str, str]] = field(default_factory=dict)
    names: dict[str, dict[str, str]] = field(default_factory=dict)
    keys: dict[str, dict[str, str]] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Page:
    """One sheet of the audit: its name, the marks by position, headings, and the rows below with their numbers."""

    file: str
    name: str
    key: str
    marks: Mapping[int, str]
    headings: Sequence[Cell]
    left: int
    rows: Sequence[tuple[int, Sequence[Cell]]]
    faults: Mapping[tuple[int, int], str]

    def where(self, row: int, position: int) -> Location:
        heading = cell_text(self.headings[position]) if position < len(self.headings) else ""
        return Location(self.file, self.name, row, heading, cell_name(row - 1, position + self.left))

    def value(self, row: int, cells: Sequence[Cell], position: int, problems: list[Problem]) -> Cell:
        """A cell; error values and formulas without a result are problems and empty."""
        if (row - 1, position + self.left) in self.faults:
            text = self.faults[row - 1, position + self.left]
            reason = message("单元格是公式的错误值") if text else message("单元格是公式，但文件里没有它的计算结果")
            expected = message("改正公式，或直接填写")
            problems.append(
                Problem("audit-cell", reason, where=self.where(row, position), found=text, expected=expected)
            )
            return ""
        return cells[position] if position < len(cells) else ""


def read_sheets(path: Path | str, problems: list[Problem]) -> SheetsRead:
    """Read the sheets of the audit in a workbook; problems are added, also where the whole file is refused."""
    source = Path(path)
    try:
        return read_sheets_bytes(source.read_bytes(), source.name, problems)
    except OSError as error:
        reason = message("打不开文件：{reason}", reason=str(error.strerror or error))
        problems.append(Problem("file-unreadable", reason, where=Location(file=source.name)))
        return SheetsRead(AuditRecord(), {}, {})


def read_sheets_bytes(data: bytes, name: str, problems: list[Problem]) -> SheetsRead:
    """As ``read_sheets`` from the bytes of a workbook; ``name`` is shown in messages."""
    try:
        info = inspect(data, name)
        pages, held = _open(data, info.sheets, name)
    except InputError as error:
        problems.extend(error.problems)
        return SheetsRead(AuditRecord(), {}, {})
    settings: dict[str, Any] = {}
    places: dict[str, Location] = {}
    entries: dict[str, tuple[Entry, ...]] = {}
    names: dict[str, str] = {}
    known_tables = {table.key: table for table in tables()}
    for page in pages:
        if page.key in names:
            text = message("这张工作表有两份")
            problems.append(Problem("audit-sheet-twice", text, where=Location(name, page.name)))
            continue
        names[page.key] = page.name
        if page.key == SETTINGS_KEY:
            _read_form(page, settings, places, problems)
        elif page.key in known_tables:
            _read_table(page, known_tables[page.key], settings, places, problems)
        elif page.key in worksheet_definitions():
            rows = _read_worksheet(page, worksheet_definitions()[page.key], held.get(page.key, _Held()), problems)
            if rows:
                entries[page.key] = rows
        else:
            text = message("没有编号为“{id}”的工作表", id=page.key)
            problems.append(Problem("worksheet-unknown", text, where=Location(name, page.name), found=page.key))
    order = list(worksheet_definitions())
    entries = {id: entries[id] for id in sorted(entries, key=order.index)}
    before = {id: tuple(one.entries.values()) for id, one in held.items() if one.entries}
    return SheetsRead(AuditRecord(settings, entries, places, name), before, names)


# --- pages -----------------------------------------------------------------------------------------------------------


def _open(data: bytes, sheets: Sequence[SheetInfo], file: str) -> tuple[list[_Page], dict[str, _Held]]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            pages: list[_Page] = []
            held: dict[str, _Held] = {}
            for entry in sheets:
                if entry.name == ROWS_SHEET:
                    held = _held(book.get_sheet_by_name(entry.name).to_python())
                elif not entry.hidden:
                    page = _page(book, entry, file)
                    if page is not None:
                        pages.append(page)
            return pages, held
    except InputError:
        raise
    except BaseException as error:  # a panic of the reader's Rust core is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit | MemoryError):
            raise
        raise refuse("workbook-damaged", message("文件已损坏，读不出来"), file) from None


def _page(book: CalamineWorkbook, entry: SheetInfo, file: str) -> _Page | None:
    found = book.get_sheet_by_name(entry.name)
    if found.start is None:
        return None
    top, left = found.start
    rows = cast(Iterator[list[Cell]], iter(found.iter_rows()))
    marks: dict[int, str] = {}
    key = ""
    headings: Sequence[Cell] = ()
    body: list[tuple[int, Sequence[Cell]]] = []
    for number, cells in enumerate(rows, top + 1):
        if headings:
            body.append((number, cells))
            if len(body) > MOST_ROWS:
                raise refuse("workbook-too-large", message("工作表的行太多"), file, sheet=entry.name)
        elif marks:
            headings = cells or ("",)
        elif number > HEAD_ROWS + top:
            return None
        else:
            for position, cell in enumerate(cells):
                mark = read_mark(cell)
                if mark is not None and mark[0] == (key or mark[0]):
                    key = mark[0]
                    marks[position] = mark[1]
    if not marks:
        return None
    scan = entry.scan
    last = body[-1][0] if body else top + 1
    # a formula without a result is no cell for the reader, and neither is a row that holds nothing else
    body += [(row + 1, ()) for row in sorted({row for row, _ in (*scan.errors, *scan.uncached)}) if row + 1 > last]
    faults = {place: str(text) for place, text in scan.errors.items()} | dict.fromkeys(scan.uncached, "")
    return _Page(file, entry.name, key, marks, headings, left, body, faults)


def _held(rows: Sequence[Sequence[Any]]) -> dict[str, _Held]:
    """The hidden sheet: sheet id, row id, what (shown, proposed, name, key, entry), column, text."""
    held: dict[str, _Held] = {}
    for row in rows:
        if len(row) < 5:
            continue
        sheet, id, what, column, text = (cell_text(cell) for cell in row[:5])
        one = held.setdefault(sheet, _Held())
        if what == "shown":
            one.shown.setdefault(id, {})[column] = text
        elif what == "proposed":
            one.proposed.setdefault(id, {})[column] = text
        elif what == "name":
            one.names.setdefault(id, {})[column] = text
        elif what == "key":
            one.keys.setdefault(id, {})[column] = text
        elif what == "entry":
            try:
                entry = json.loads(text)
            except (ValueError, RecursionError):
                continue
            if isinstance(entry, dict) and all(isinstance(value, str) for value in entry.values()):
                one.entries[id] = entry
    return held


# --- worksheets ------------------------------------------------------------------------------------------------------


def _read_worksheet(page: _Page, of: WorksheetDefinition, held: _Held, problems: list[Problem]) -> tuple[Entry, ...]:
    columns = _columns(page, of, problems)
    at = next((position for position, key in page.marks.items() if key == ROW_KEY), None)
    first = of.columns[0].id
    found: list[Entry] = []
    seen: set[str] = set()
    for number, cells in page.rows:
        id = cell_text(cells[at]) if at is not None and at < len(cells) else ""
        if id in seen:
            id = ""  # a copied row is a row of its own
        seen.add(id)
        now = {
            key: text
            for position, key in columns.items()
            if (text := entry_text(page.value(number, cells, position, problems)))
        }
        entry = _entry(page, number, now, id, held, columns, problems)
        if entry and not (set(entry) == {first} and held.keys.get(id, {}).get(first) == entry[first]):
            found.append(entry)
    return tuple(found)


def _columns(page: _Page, of: WorksheetDefinition, problems: list[Problem]) -> dict[int, str]:
    known = {column.id for column in of.columns}
    columns: dict[int, str] = {}
    for position, key in page.marks.items():
        if key == ROW_KEY:
            continue
        if key.partition("@")[0] in known and key not in columns.values():
            columns[position] = key
            continue
        text = message("工作表 {id} 没有“{heading}”这一栏", id=of.id, heading=key)
        problems.append(Problem("column-unknown", text, where=Location(page.file, page.name), found=key))
    for position, heading in enumerate(page.headings):
        if position in page.marks or not cell_text(heading):
            continue
        text = message("工作表 {id} 没有“{heading}”这一栏", id=of.id, heading=cell_text(heading))
        expected = message("自己加的栏放到别的工作表；这张表的栏：{names}", names=listing(c.name for c in of.columns))
        where = page.where(page.rows[0][0] - 1 if page.rows else 1, position)
        problems.append(Problem("column-unknown", text, where=where, found=cell_text(heading), expected=expected))
    return columns


def _entry(
    page: _Page,
    number: int,
    now: Mapping[str, str],
    id: str,
    held: _Held,
    columns: Mapping[int, str],
    problems: list[Problem],
) -> dict[str, str]:
    """What was entered in one row: its recorded entry with the cells that were changed since."""
    keys, shown, proposed = held.keys.get(id, {}), held.shown.get(id, {}), held.proposed.get(id, {})
    if not now or any(now.get(key) and not _same(now[key], text) for key, text in keys.items()):
        return dict(now)  # a deleted row, or one that was made a row of its own
    before = held.entries.get(id, {})
    if not shown and not keys and not before:
        return dict(now)
    entry = dict(before)
    for position, key in columns.items():
        text = now.get(key, "")
        if key in shown:
            if text and not _same(text, shown[key]):
                problem = message("这一格来自数据或由软件算出，不能在工作表里改")
                expected = message("{shown}；要改就改数据，或恢复原值", shown=shown[key])
                where = page.where(number, position)
                problems.append(Problem("worksheet-fact-cell", problem, where=where, found=text, expected=expected))
        elif key in keys or (text and _same(text, proposed.get(key, ""))):
            continue
        elif text and not _same(text, before.get(key, "")):
            entry[key] = text
        elif not text and key in entry:
            del entry[key]
    if entry != before and shown and all(shown.get(key) == text for key, text in entry.items()):
        return {}  # what was entered was taken out; what is left only names the row
    if entry and entry != before:
        for key, text in (*keys.items(), *held.names.get(id, {}).items()):
            entry.setdefault(key, text)
    return {key: entry[key] for key in (*before, *columns.values(), *entry) if key in entry}


def entry_text(cell: Cell) -> str:
    """A cell as the text of an entry: numbers with all their digits, dates as year-month-day."""
    if isinstance(cell, bool):
        return cell_text(cell)
    if isinstance(cell, int | float):
        return number_text(float(cell)) if math.isfinite(cell) else ""
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return cell_text(cell).strip()


def _same(one: str, other: str) -> bool:
    """Whether two texts say the same, as numbers where both are: spreadsheets keep fifteen digits."""
    if one == other:
        return True
    try:
        return math.isclose(float(one), float(other), rel_tol=1e-12)
    except ValueError:
        return False


# --- settings --------------------------------------------------------------------------------------------------------


def _put(settings: dict[str, Any], path: Sequence[str], value: object) -> bool:
    table = settings
    for step in path[:-1]:
        below = table.setdefault(step, {})
        if not isinstance(below, dict):
            return False
        table = below
    if path[-1] in table:
        return False
    table[path[-1]] = value
    return True


def _read_form(page: _Page, settings: dict[str, Any], places: dict[str, Location], problems: list[Problem]) -> None:
    at = {key: position for position, key in page.marks.items()}
    kinds: dict[tuple[str, ...], Kind] = {}
    free: dict[tuple[str, ...], Kind] = {}
    for section in sections({}):
        kinds |= {known.path: known.kind for known in section.fields}
        if section.free:
            free[section.free] = section.free_kind
    for number, cells in page.rows:
        texts = {key: cell_text(cells[p]).strip() if p < len(cells) else "" for key, p in at.items()}
        position = at.get("value", -1)
        cell = page.value(number, cells, position, problems) if position >= 0 else ""
        if cell_text(cell).strip() == "":
            continue
        where = page.where(number, position)
        path = _path(texts.get("path", ""), texts.get("label", ""))
        if not path:
            text = message("这一行没有字段，不知道填的是哪一项")
            problems.append(Problem("audit-setting", text, where=where, found=cell_text(cell)[:80]))
            continue
        kind = kinds.get(path)
        if kind is None:
            kind = free.get(
                path[:-1], "number" if path[:-1] in (("focus", "weights"), ("screening", "weights")) else "json"
            )
        value = setting_value(cell, kind, where, problems)
        if value is None:
            continue
        if not _put(settings, path, value):
            problems.append(Problem("audit-setting-twice", message("这一项填了两次"), where=where, found=path[-1]))
            continue
        places[".".join(path)] = where


def _path(text: str, label: str) -> tuple[str, ...]:
    """The path of a field: with dots, as a JSON list, or ending in "." where the label names the key."""
    if text.startswith("["):
        try:
            path = json.loads(text)
        except (ValueError, RecursionError):
            return ()
        return tuple(path) if isinstance(path, list) and path and all(isinstance(one, str) for one in path) else ()
    if text.endswith("."):
        return (*text[:-1].split("."), label) if label else ()
    return tuple(text.split(".")) if text else ()


def _read_table(
    page: _Page, table: SettingTable, settings: dict[str, Any], places: dict[str, Location], problems: list[Problem]
) -> None:
    kinds: dict[str, Kind] = {key: kind for key, _, kind in table.columns}
    first = next((position for position, key in page.marks.items() if key == NAME_KEY), 0)
    listed: list[dict[str, Any]] = []
    for number, cells in page.rows:
        name = cell_text(page.value(number, cells, first, problems)).strip()
        row: dict[str, Any] = {}
        for position, key in page.marks.items():
            cell = page.value(number, cells, position, problems)
            if key == NAME_KEY or cell_text(cell).strip() == "":
                continue
            value = setting_value(cell, kinds.get(key, "number"), page.where(number, position), problems)
            if value is not None:
                row[key] = value
                path = (*table.path, str(len(listed)) if table.listed else name, key)
                places[".".join(path)] = page.where(number, position)
        if not name:
            if row:
                text = message("这一行没有写“{heading}”", heading=table.first)
                problems.append(Problem("audit-row-unnamed", text, where=page.where(number, first)))
            continue
        if table.listed:
            places[".".join((*table.path, str(len(listed))))] = page.where(number, first)
            listed.append({table.listed: name, **row})
        elif not _put(settings, (*table.path, name), row):
            text = message("“{name}”写了两行", name=name)
            problems.append(Problem("audit-row-twice", text, where=page.where(number, first), found=name))
        else:
            places.setdefault(".".join((*table.path, name)), page.where(number, first))
    if listed:
        _put(settings, table.path, listed)


# --- cells of settings -----------------------------------------------------------------------------------------------


def setting_value(cell: Cell, kind: Kind, where: Location, problems: list[Problem]) -> Any:
    """A setting as TOML has it; a problem and None where the cell does not hold what is expected."""
    text = cell_text(cell).strip()
    value: Any = None
    expected: Message = message("文字")
    if kind == "text":
        value = entry_text(cell)
    elif kind == "list":
        value = _listed(text)
        expected = message("几个名称，用分号隔开")
    elif kind in ("number", "integer"):
        value = _number(cell, text)
        expected = message("一个数")
        if kind == "integer" and value is not None and not isinstance(value, int):
            value, expected = None, message("整数")
    elif kind == "date":
        value = _date(cell, text)
        expected = message("日期，如 2026-08-14")
    elif kind == "level":
        found = word_id("level", text)
        value = found if found in ("I", "II", "III") else None
        expected = message("Ⅰ、Ⅱ 或 Ⅲ")
    elif kind == "anchor":
        value = _chosen(text, {id: both(name) for id, name in ANCHORS.items()})
        expected = message("{choices} 之一", choices=listing(ANCHORS.values()))
    elif kind == "factor-set":
        known = {of.id: of.name for of in factor_sets()}
        value = _chosen(text, known)
        expected = message("{choices} 之一", choices=listing(known.values()))
    else:
        value = _json(cell, text)
    if value is None:
        problems.append(
            Problem("audit-setting", message("审核设置的这一格不对"), where=where, found=text[:80], expected=expected)
        )
    return value


def _listed(text: str) -> list[str] | None:
    if text.startswith("["):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, list) and all(isinstance(one, str) for one in found) else None
    return [part.strip() for part in re.split(r"[;；\n]", text) if part.strip()]


def _number(cell: Cell, text: str) -> int | float | None:
    number: float
    if isinstance(cell, bool):
        return None
    if isinstance(cell, int | float):
        number = float(cell)
    else:
        percent = text.endswith(("%", "％"))
        try:
            number = float(text.rstrip("%％").replace(",", "").replace("，", "").strip())
        except ValueError:
            return None
        number = number / 100 if percent else number
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) < 1e15 else number


def _date(cell: Cell, text: str) -> dt.date | None:
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool) and int(cell) in _SERIALS:
        return dt.date(1899, 12, 30) + dt.timedelta(days=int(cell))
    match = _DATE.fullmatch(text)
    try:
        return None if match is None else dt.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _chosen(text: str, choices: Mapping[str, Name]) -> str | None:
    for id, name in choices.items():
        if text.casefold() in (id.casefold(), name.zh.casefold(), name.en.casefold()):
            return id
    return None


def _json(cell: Cell, text: str) -> Any:
    if isinstance(cell, int | float):
        return cell if isinstance(cell, bool) else _number(cell, text)
    if text.startswith(("[", "{", '"')):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return None
    return text

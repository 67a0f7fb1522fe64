"""The filled form as cells, before any meaning: made from an index system (to be written) or read from a workbook.

A ``Form`` keeps what a person typed, where it stands and which cells are merged, so that a reading can name every cell
and a marked copy can be written again from it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from qingyuan.errors import InputError, Location, Problem, Severity
from qingyuan.facts import safety
from qingyuan.facts.cells import Cell
from qingyuan.facts.sheetscan import CellAddress, SheetScan
from qingyuan.language import listing, message
from qingyuan.standards.authoring.cells import list_text, long_text, number_cell, text_of
from qingyuan.standards.authoring.english import english_rows
from qingyuan.standards.authoring.layout import (
    BETTER_CHOICES,
    COLUMN,
    DOCUMENT_SECTIONS,
    HEAD_FIELDS,
    LEVEL_CHOICES,
    MARK,
    RULE_KEYS,
    Choice,
    Field,
    document_fields,
    headings,
    labels,
    norm,
)
from qingyuan.standards.model import LEVELS, IndexSystem
from qingyuan.standards.toml_writer import to_data

MAX_LINES = 1000  # lines of one table; published tables have up to about a hundred
MAX_TABLES = 60
HEAD = -1  # the row number of the facts at the head of a table


@dataclass(frozen=True, slots=True)
class Merge:
    """Merged cells of a table: ``rows`` x ``columns`` from a row and a column key."""

    row: int
    key: str
    rows: int
    columns: int


@dataclass(slots=True)
class Area:
    """The cells of one sheet by row (from 0, ``HEAD`` for the head) and key."""

    sheet: str = ""
    head: dict[str, Cell] = field(default_factory=dict)
    rows: list[dict[str, Cell]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    places: dict[tuple[int, str], str] = field(default_factory=dict)
    percent: set[tuple[int, str]] = field(default_factory=set)
    faulty: dict[tuple[int, str], str] = field(default_factory=dict)
    _covered: dict[tuple[int, str], Merge] = field(default_factory=dict, compare=False, repr=False)
    _indexed: int = -1

    def at(self, row: int, key: str) -> Cell:
        """One cell as it was typed; None where it is empty."""
        return self.head.get(key) if row == HEAD else self.rows[row].get(key)

    def merged(self, row: int, key: str) -> Merge | None:
        """The merged cells that a cell begins or lies in."""
        if self._indexed != len(self.merges):
            self._covered = {
                (at, covered): merge
                for merge in self.merges
                for at in range(merge.row, merge.row + merge.rows)
                for covered in _covered(merge)
            }
            self._indexed = len(self.merges)
        return self._covered.get((row, key))

    def value(self, row: int, key: str) -> tuple[Cell, int, str]:
        """A cell with what merging gives it, and where that was typed (row and key)."""
        merge = self.merged(row, key)
        if merge is None:
            return self.at(row, key), row, key
        return self.at(merge.row, merge.key), merge.row, merge.key


def _covered(merge: Merge) -> Sequence[str]:
    if merge.columns == 1:
        return (merge.key,)
    start = LEVELS.index(merge.key)
    return LEVELS[start : start + merge.columns]


@dataclass(slots=True)
class Form:
    """A form: the document's fields, the tables, the English texts; ``file`` is its name for messages."""

    document: Area = field(default_factory=Area)
    tables: list[Area] = field(default_factory=list)
    english: Area = field(default_factory=Area)
    file: str = ""
    problems: list[Problem] = field(default_factory=list)


# --- from a system ---------------------------------------------------------------------------------------------------


def form_of(system: IndexSystem) -> Form:
    """The form that says what a system says, in the language in force."""
    data = to_data(system)
    form = Form()
    form.document.head = {
        field.key: cell for field in document_fields() if (cell := _document_cell(field, data)) not in (None, "")
    }
    grading = data["grading"]
    for level in LEVELS:
        rule = grading.get(level)
        if rule is not None:
            form.document.head[f"rule.{level}.min"] = number_cell(rule["min"])
            for key in ("limiting", "others"):
                if key in rule:
                    form.document.head[f"rule.{level}.{key}"] = choice_text(LEVEL_CHOICES, rule[key])
        if name := grading.get("level_names", {}).get(level):
            form.document.head[f"rule.{level}.name"] = name
    for key, partial in (("tables", False), ("partial_tables", True)):
        form.tables += [_table_area(table, partial) for table in data.get(key, ())]
    form.english.rows = [dict(zip(("zh", "en", "only"), texts, strict=True)) for texts in english_rows(data)]
    return form


def choice_text(choices: Sequence[Choice], value: object) -> str:
    """The words of a choice in the language in force; the value itself where there is no such choice."""
    text = {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
    return next((str(choice.name) for choice in choices if choice.value == text), str(text))


def _document_cell(field: Field, data: Mapping[str, Any]) -> Cell:
    value = document_value(field.key, data)
    if value is None:
        return None
    if field.choices:
        return choice_text(field.choices, value)
    if field.kind == "list":
        return list_text(value)
    if isinstance(value, (Decimal, int)):
        return number_cell(value)
    return value  # type: ignore[no-any-return]


def document_value(key: str, data: Mapping[str, Any]) -> Any:
    """What a TOML document says for a field of the document sheet; None for nothing."""
    if key == "scheme":
        return data.get("scoring", data.get("scheme", "levels"))
    if key == "scope":
        return data.get("scope", "enterprise")
    if key == "status":
        return True if "status" in data else None
    if key in ("family", "grading.note"):
        return None
    path = key.split(".")
    if path[0] in ("bonus", "pass", "score_rule"):
        path = ["grading", *path]
    found: Any = data
    for step in path:
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = found[step]
    return found


def _table_area(table: Mapping[str, Any], partial: bool) -> Area:
    area = Area()
    for each in HEAD_FIELDS:
        value = partial or None if each.key == "table.partial" else table.get(each.key.removeprefix("table."))
        if value is not None:
            area.head[each.key] = choice_text(each.choices, value) if each.choices else value
    for group in table.get("groups", ()):
        _group_rows(area, group)
    return area


def _group_rows(area: Area, group: Mapping[str, Any]) -> None:
    first = len(area.rows)
    blocks = {block["id"]: block for block in group.get("blocks", ())}
    seen: set[str] = set()
    rows: Sequence[Mapping[str, Any]] = group.get("indicators") or ({},)
    for row in rows:
        area.rows.append(_row_cells(area, len(area.rows), row, blocks, seen))
    cells = area.rows[first]
    cells["group"] = group["name"]
    cells["group_id"] = group["id"]
    if "weight" in group:
        cells["group_weight"] = number_cell(group["weight"])
    if "weights" in group:
        cells["group_weights"] = choice_text(COLUMN["group_weights"].choices, group["weights"])
    if "verified" in group:
        cells["group_verified"] = choice_text(COLUMN["group_verified"].choices, group["verified"])
    if "note" in group:
        cells["group_note"] = group["note"]
    count = len(area.rows) - first
    if count > 1:
        for key in ("group", "group_weight", "group_id", "group_weights", "group_verified", "group_note"):
            area.merges.append(Merge(first, key, count, 1))
    _merge_blocks(area, first)


def _merge_blocks(area: Area, first: int) -> None:
    """Merge the cells of a block where its rows follow each other."""
    start = first
    while start < len(area.rows):
        block = area.rows[start].get("block")
        end = start + 1
        while block and end < len(area.rows) and area.rows[end].get("block") == block:
            end += 1
        if block and end - start > 1:
            for key in ("block", "block_weight", "block_share"):
                area.merges.append(Merge(start, key, end - start, 1))
                for row in range(start + 1, end):
                    area.rows[row].pop(key, None)
        start = end


def _row_cells(
    area: Area, at: int, row: Mapping[str, Any], blocks: Mapping[str, Any], seen: set[str]
) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    if not row:
        return cells
    for key in ("id", "name", "unit", "alternatives", "product", "parameter", "definition", "note"):
        if key in row:
            cells[key] = row[key]
    for key in ("weight", "points"):
        if key in row:
            cells[key] = number_cell(row[key])
    cells["kind"] = choice_text(COLUMN["kind"].choices, row["kind"])
    if row["limiting"]:
        cells["limiting"] = "*"
    if "better" in row:
        cells["better"] = choice_text(BETTER_CHOICES, row["better"])
    for key in ("strict", "open", "verified"):
        if key in row:
            cells[key] = choice_text(COLUMN[key].choices, row[key])
    if "no_requirement" in row:
        cells["no_requirement"] = str(listing(choice_text(LEVEL_CHOICES, level) for level in row["no_requirement"]))
    _level_cells(area, at, row, cells)
    for key in ("benchmark", "base"):
        if key in row:
            value = row[key]
            cells[key] = value if isinstance(value, str) else _signed(row, value)
    if "block" in row:
        cells["block"] = row["block"]
        block = blocks.get(row["block"])
        if block is not None and row["block"] not in seen:
            seen.add(row["block"])
            cells["block_weight"] = number_cell(block["weight"])
            cells["block_share"] = choice_text(COLUMN["block_share"].choices, block["share"])
    return cells


def _signed(row: Mapping[str, Any], value: Any) -> Cell:
    """A bound as published tables print it: ≤8; without direction the number alone."""
    shown = value if isinstance(value, str) else f"{value:f}" if isinstance(value, Decimal) else str(value)
    if row["kind"] != "quantitative":
        return number_cell(value)
    signs = {"lower": ("≤", "<"), "higher": ("≥", ">")}.get(row.get("better", ""), ("", ""))
    return f"{signs[1 if row.get('strict') else 0]}{shown}"


def _level_cells(area: Area, at: int, row: Mapping[str, Any], cells: dict[str, Cell]) -> None:
    levels: Mapping[str, Any] = row.get("levels", {})
    free = row.get("no_requirement", ())
    quantitative = row["kind"] == "quantitative"
    before: Any = None
    for level in LEVELS:
        if level not in levels:
            before = None
            continue
        value = levels[level]
        if not quantitative:
            cells[level] = value
        elif level in free and before is not None and value == before:
            cells[level] = "--"  # the model needs a number where nothing is required: that of the better level
        else:
            cells[level] = _signed(row, value)
        before = value
    if quantitative:
        return
    start = 0
    while start < len(LEVELS):
        end = start + 1
        text = levels.get(LEVELS[start])
        while end < len(LEVELS) and text is not None and levels.get(LEVELS[end]) == text:
            end += 1
        if end - start > 1:
            area.merges.append(Merge(at, LEVELS[start], 1, end - start))
            for level in LEVELS[start + 1 : end]:
                cells.pop(level, None)
        start = end


# --- from a workbook -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    cells: list[list[Cell]]
    merges: list[tuple[CellAddress, CellAddress]]
    scan: SheetScan

    def cell(self, row: int, column: int) -> Cell:
        if row < 0 or column < 0 or row >= len(self.cells) or column >= len(self.cells[row]):
            return None
        found = self.cells[row][column]
        return None if found == "" else found

    def text(self, row: int, column: int) -> str:
        return text_of(self.cell(row, column))


def address(row: int, column: int) -> str:
    """A cell's address as a user sees it: ``C7`` for (6, 2)."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def load_form(path: Path | str) -> Form:
    """Read a workbook's cells into a form, whatever was moved or renamed.

    Raises InputError where the file is refused (``facts.safety``) or holds neither a document sheet nor a table.
    """
    file = Path(path)
    try:
        data = file.read_bytes()
    except OSError as error:
        text = message("打不开文件：{reason}", reason=str(error.strerror))
        raise InputError([Problem("file-unreadable", text, where=Location(file=file.name))]) from error
    form = Form(file=file.name)
    info = safety.inspect(data, file.name)
    form.problems += info.notes
    document: _Sheet | None = None
    for sheet in _sheets(info, file.name):
        mark = sheet.text(0, 0)
        if mark in (f"{MARK}cover", f"{MARK}check", f"{MARK}lists"):
            continue
        if mark == f"{MARK}english":
            _read_english(form.english, sheet)
        elif mark == f"{MARK}document" or (document is None and _looks_like_document(sheet)):
            document = sheet
            _read_document(form.document, sheet)
        elif (columns := _columns(sheet)) is not None:
            area = _read_table(sheet, *columns)
            if len(area.rows) > MAX_LINES or len(form.tables) >= MAX_TABLES:
                text = message(
                    "表太多或太长：一张表最多 {lines} 行，最多 {tables} 张", lines=MAX_LINES, tables=MAX_TABLES
                )
                where = Location(file=file.name, sheet=sheet.name)
                raise InputError([Problem("form-too-long", text, where=where)])
            if area.rows or area.head.get("table.id"):
                form.tables.append(area)
            _unread_columns(form, sheet, columns)
        elif any(sheet.text(row, column) for row in range(len(sheet.cells)) for column in range(len(sheet.cells[row]))):
            text = message("没有认出这张工作表，未读入")
            where = Location(file=file.name, sheet=sheet.name)
            form.problems.append(Problem("form-sheet", text, Severity.NOTE, where))
    if document is None and not form.tables:
        text = message("这不是指标体系的录入表")
        expected = message("由 qingyuan systems template 生成的工作簿")
        raise InputError([Problem("form-not-a-form", text, where=Location(file=file.name), expected=expected)])
    return form


def _sheets(info: safety.WorkbookInfo, file: str) -> Iterator[_Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(info.data))
        for sheet in info.sheets:
            found = workbook.get_sheet_by_name(sheet.name)
            cells: list[list[Cell]] = [list(row) for row in found.to_python(skip_empty_area=False)]
            merges = [((a, b), (c, d)) for (a, b), (c, d) in found.merged_cell_ranges or ()]
            yield _Sheet(sheet.name, cells, merges, sheet.scan)
    except (CalamineError, ValueError, OSError) as error:
        text = message("文件已损坏，打不开")
        raise InputError([Problem("workbook-damaged", text, where=Location(file=file))]) from error


def _looks_like_document(sheet: _Sheet) -> bool:
    found = {
        labels().get(norm(sheet.text(row, column))) for row in range(min(len(sheet.cells), 80)) for column in (0, 1)
    }
    return len(found & {"id", "title", "source", "document", "issued_by"}) >= 3


def _take(area: Area, sheet: _Sheet, row: int, column: int, at: int, key: str) -> None:
    """Put one cell into the area, with its place and what the reader of spreadsheets does not say of it."""
    value = sheet.cell(row, column)
    area.places[at, key] = address(row, column)
    if (row, column) in sheet.scan.percent:
        area.percent.add((at, key))
    if (row, column) in sheet.scan.errors:
        area.faulty[at, key] = sheet.scan.errors[row, column]
    if isinstance(value, str) and not value.strip():
        return
    if value is not None:
        (area.head if at == HEAD else area.rows[at])[key] = value


def _read_document(area: Area, sheet: _Sheet) -> None:
    area.sheet = sheet.name
    known = {field.key for section in DOCUMENT_SECTIONS for field in section.fields}
    rules = {f"rule.{level}" for level in LEVELS}
    for row in range(len(sheet.cells)):
        key, column = _labelled(sheet, row, known | rules)
        if key in rules:
            for offset, part in enumerate(RULE_KEYS, start=1):
                _take(area, sheet, row, column + offset, HEAD, f"{key}.{part}")
        elif key:
            _take(area, sheet, row, _beside(sheet, row, column), HEAD, key)


def _beside(sheet: _Sheet, row: int, column: int) -> int:
    """The column of the value of a labelled line: the next filled one, within the width that values have."""
    return next((at for at in range(column + 1, column + 5) if sheet.text(row, at)), column + 1)


def _labelled(sheet: _Sheet, row: int, known: set[str]) -> tuple[str, int]:
    """The key of a line and the column of its label: by the hidden mark, else by the words of the label."""
    mark = sheet.text(row, 0)
    if mark.startswith(MARK):
        key = mark.removeprefix(MARK)
        return (key, 1) if key in known else ("", 0)
    for column in range(min(4, len(sheet.cells[row]))):
        text = norm(sheet.text(row, column))
        if not text:
            continue
        key = labels().get(text, "")
        if not key and text in ("i级", "ii级", "iii级", "leveli", "levelii", "leveliii"):
            key = f"rule.{text.replace('级', '').replace('level', '').upper()}"
        return (key, column) if key in known else ("", 0)
    return "", 0


def _columns(sheet: _Sheet) -> tuple[dict[int, str], int] | None:
    """Column keys by column, and the first row of data; None where the sheet holds no table."""
    for row in range(min(len(sheet.cells), 60)):
        marked = {
            column: text.removeprefix(f"{MARK}col.")
            for column in range(len(sheet.cells[row]))
            if (text := sheet.text(row, column)).startswith(f"{MARK}col.")
        }
        if len(marked) >= 3:
            return {column: key for column, key in marked.items() if key in COLUMN}, row + 2
    best: tuple[dict[int, str], int] | None = None
    for row in range(min(len(sheet.cells), 40)):
        for depth in (1, 2):
            found = _headings(sheet, row, depth)
            if "name" in found.values() and len(found) >= 3 and (best is None or len(found) > len(best[0])):
                best = found, row + depth
    return best


def _headings(sheet: _Sheet, row: int, depth: int) -> dict[int, str]:
    """Column keys by the words of one row of headings, or of two (a heading that stands over Ⅰ, Ⅱ, Ⅲ)."""
    found: dict[int, str] = {}
    width = max((len(sheet.cells[at]) for at in range(row, min(row + depth, len(sheet.cells)))), default=0)
    for column in range(width):
        for at in range(row + depth - 1, row - 1, -1):
            key = headings().get(norm(sheet.text(at, column)))
            if key is not None and key not in found.values():
                found[column] = key
                break
    return found


def _read_table(sheet: _Sheet, columns: dict[int, str], first: int) -> Area:
    area = Area(sheet.name)
    known = {field.key for field in HEAD_FIELDS}
    for row in range(min(first, len(sheet.cells))):
        key, column = _labelled(sheet, row, known)
        if key:
            _take(area, sheet, row, _beside(sheet, row, column), HEAD, key)
    numbers: dict[int, int] = {}
    for row in range(first, len(sheet.cells)):
        typed = [column for column, key in columns.items() if not COLUMN[key].computed and sheet.text(row, column)]
        faulty = [
            column for column in columns if (row, column) in sheet.scan.errors and not COLUMN[columns[column]].computed
        ]
        if not typed and not faulty:
            continue
        if len(area.rows) > MAX_LINES:
            break
        numbers[row] = len(area.rows)
        area.rows.append({})
        for column, key in columns.items():
            if not COLUMN[key].computed:
                _take(area, sheet, row, column, numbers[row], key)
    area.merges = list(_merges(sheet, columns, numbers))
    return area


def _merges(sheet: _Sheet, columns: dict[int, str], numbers: dict[int, int]) -> Iterator[Merge]:
    for (top, left), (bottom, right) in sheet.merges:
        key = columns.get(left)
        rows = [numbers[row] for row in range(top, bottom + 1) if row in numbers]
        if key is None or not rows:
            continue
        wide = 1
        if key in LEVELS:
            covered = [columns.get(column) for column in range(left, right + 1)]
            start = LEVELS.index(key)
            while wide < len(covered) and start + wide < len(LEVELS) and covered[wide] == LEVELS[start + wide]:
                wide += 1
        if len(rows) > 1 or wide > 1:
            yield Merge(rows[0], key, len(rows), wide)


def _unread_columns(form: Form, sheet: _Sheet, columns: tuple[dict[int, str], int]) -> None:
    """Note columns with a heading of their own that were not understood."""
    keys, first = columns
    for column in range(len(sheet.cells[first - 1]) if first <= len(sheet.cells) else 0):
        heading = sheet.text(first - 1, column)
        if column in keys or not heading or heading.startswith(MARK) or norm(heading) in ("序号", "no", "number"):
            continue
        if any(sheet.text(row, column) for row in range(first, len(sheet.cells))):
            where = Location(file=form.file, sheet=sheet.name, column=heading, cell=address(first - 1, column))
            form.problems.append(Problem("form-column", message("没有认出这一列，未读入"), Severity.NOTE, where))


def _read_english(area: Area, sheet: _Sheet) -> None:
    area.sheet = sheet.name
    for row in range(2, len(sheet.cells)):
        if not sheet.text(row, 1):
            continue
        area.rows.append({})
        for offset, key in enumerate(("zh", "en", "only"), start=1):
            value = long_text(sheet.cell(row, offset))
            area.places[len(area.rows) - 1, key] = address(row, offset)
            if value:
                area.rows[-1][key] = value

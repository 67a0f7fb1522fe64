"""Writing one table sheet of the form: the head, the columns as published, live checks, the folded columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qingyuan.facts.cells import Cell
from qingyuan.standards.authoring.form import HEAD, Area, Merge
from qingyuan.standards.authoring.layout import COLUMN, HEAD_FIELDS, MARK, SHEETS, YES_NO, Column, layout
from qingyuan.standards.authoring.paper import Mark, Paper, block, drop_down, put, row_height
from qingyuan.standards.authoring.words import CONFIRMED_ONLY, LIVE, SUMMARY, TABLE_TITLE
from qingyuan.standards.model import LEVELS, Scheme

SPARE_ROWS = 12  # blank rows below a filled table
EMPTY_ROWS = 60  # rows of an empty table
_HELPERS = 6  # hidden columns behind the last one: three levels as numbers, rows of the group, sum, formulas

Marks = Mapping[tuple[int, int, str], Mark]

_STYLE = {
    "group": "group",
    "group_weight": "group_number",
    "weight": "number",
    "points": "number",
    "block_weight": "number",
    "check": "computed",
    "unit": "center",
    "limiting": "center",
    "strict": "center",
    "verified": "center",
    "open": "center",
    "kind": "center",
    "better": "center",
    "no_requirement": "center",
}


@dataclass(frozen=True, slots=True)
class TableRange:
    """Where a table's checks stand, for the summary: sheet name, first and last row (from 1), column letters."""

    sheet: str
    first: int
    last: int
    letters: Mapping[str, str]


def letter(column: int) -> str:
    """A column's letters: 2 is C."""
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def write_table(
    paper: Paper, sheet: Any, name: str, area: Area, number: int, scheme: Scheme, marks: Marks
) -> TableRange:
    """Write one table into an empty worksheet."""
    front, advanced = layout(scheme)
    columns = {column.key: position for position, column in enumerate((*front, *advanced), start=1)}
    helpers = len(columns) + 1
    _set_columns(sheet, front, advanced, _unfolded(area), helpers)
    sheet.write_string(0, 0, f"{MARK}table", paper.style("key"))
    sheet.write_string(0, 1, f"{table_title(number)}  {TABLE_TITLE}", paper.style("title"))
    sheet.set_row(0, 28)
    last_front = len(front)
    keys = _write_head(paper, sheet, area, number, marks, last_front)
    headings, first = keys + 1, keys + 2
    count = len(area.rows) + SPARE_ROWS if area.rows else EMPTY_ROWS
    last = first + count - 1
    letters = {key: letter(position) for key, position in columns.items()}
    letters |= {f"helper{index}": letter(helpers + index) for index in range(_HELPERS)}
    _write_headings(paper, sheet, keys, headings, front, advanced)
    _write_rows(paper, sheet, area, number, scheme, columns, first, last, marks)
    _write_checks(paper, sheet, scheme, columns, letters, first, last, area)
    found = TableRange(name, first + 1, last + 1, letters)
    _write_summary(paper, sheet, keys - 1, found, last_front)
    _validations(sheet, columns, first, last, scheme)
    _conditional(paper, sheet, columns, letters, first, last)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{letter(helpers)}{last + 1}"})
    sheet.freeze_panes(first, columns["unit"])
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(headings)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.print_area(0, 1, first + max(len(area.rows), 20) - 1, last_front)
    sheet.set_footer("&L&A&C&P / &N&R&D")
    sheet.hide_gridlines(2)
    return found


def table_title(number: int) -> str:
    """``表 1`` or ``Table 1`` for the first table (number 0)."""
    return f"{str(SHEETS['table']).strip()} {number + 1}"


def _unfolded(area: Area) -> bool:
    """Whether the folded columns hold anything that a reader must see at once."""
    special = {"block", "block_share", "product", "alternatives", "parameter", "open", "no_requirement"}
    return any(special & set(row) for row in area.rows)


def _set_columns(
    sheet: Any, front: tuple[Column, ...], advanced: tuple[Column, ...], unfolded: bool, helpers: int
) -> None:
    sheet.set_column(0, 0, 2, None, {"hidden": True})
    for position, column in enumerate(front, start=1):
        sheet.set_column(position, position, column.width)
    for position, column in enumerate(advanced, start=len(front) + 1):
        sheet.set_column(position, position, column.width, None, {"level": 1, "hidden": not unfolded})
    sheet.set_column(helpers, helpers + _HELPERS - 1, 8, None, {"level": 2, "hidden": True})
    sheet.set_column(helpers + _HELPERS, helpers + _HELPERS, 3, None, {"collapsed": not unfolded})
    sheet.outline_settings(True, True, False, False)


def _write_head(paper: Paper, sheet: Any, area: Area, number: int, marks: Marks, last: int) -> int:
    """The facts of the table; returns the row of the keys."""
    row = 1
    for each in HEAD_FIELDS:
        mark = marks.get((number, HEAD, each.key))
        value = area.head.get(each.key)
        sheet.write_string(row, 0, f"{MARK}{each.key}", paper.style("key"))
        put(sheet, row, 1, f"{each.name}{' *' if each.required else ''}", paper.style("label"))
        block(sheet, (row, row), (2, 6), value, paper.style("text", mark.fill if mark else ""), mark)
        block(sheet, (row, row), (7, last), str(each.hint), paper.style("hint"))
        sheet.set_row(row, row_height([(value, 8 + 26 + 10 + 8 + 7)]))
        if each.choices:
            drop_down(sheet, (row, row), 2, each.choices)
        if each.required:
            blank = {"type": "blanks", "format": paper.color("required")}
            sheet.conditional_format(row, 2, row, 6, blank)
        row += 1
    return row + 1


def _write_headings(
    paper: Paper, sheet: Any, keys: int, headings: int, front: tuple[Column, ...], advanced: tuple[Column, ...]
) -> None:
    sheet.set_row(keys, None, None, {"hidden": True})
    sheet.write_string(keys, 0, f"{MARK}columns", paper.style("key"))
    sheet.set_row(headings, 34)
    for position, column in enumerate((*front, *advanced), start=1):
        sheet.write_string(keys, position, f"{MARK}col.{column.key}", paper.style("key"))
        style = "heading" if position <= len(front) else "heading_advanced"
        put(sheet, headings, position, str(column.name), paper.style(style))


def _write_rows(
    paper: Paper,
    sheet: Any,
    area: Area,
    number: int,
    scheme: Scheme,
    columns: Mapping[str, int],
    first: int,
    last: int,
    marks: Marks,
) -> None:
    covered: set[tuple[int, str]] = set()
    merges = {(merge.row, merge.key): merge for merge in area.merges}
    for merge in area.merges:
        covered |= _cells_of(merge, columns) - {(merge.row, merge.key)}
    for row in range(last - first + 1):
        cells = area.rows[row] if row < len(area.rows) else {}
        heights: list[tuple[Cell, float]] = []
        for key, column in columns.items():
            if (row, key) in covered or COLUMN[key].computed:
                continue
            value = cells.get(key)
            mark = marks.get((number, row, key))
            form = paper.style(_STYLE.get(key, "text"), mark.fill if mark else "")
            found = merges.get((row, key))
            rows, wide = (found.rows, found.columns) if found else (1, 1)
            block(sheet, (first + row, first + row + rows - 1), (column, column + wide - 1), value, form, mark)
            if rows == 1 and value is not None and not COLUMN[key].advanced:
                room = sum(COLUMN[LEVELS[LEVELS.index(key) + step]].width for step in range(wide)) if wide > 1 else 0
                heights.append((value, room or COLUMN[key].width))
        sheet.set_row(first + row, row_height(heights))


def _cells_of(merge: Merge, columns: Mapping[str, int]) -> set[tuple[int, str]]:
    keys = [merge.key]
    if merge.columns > 1:
        start = LEVELS.index(merge.key)
        keys = list(LEVELS[start : start + merge.columns])
    return {(row, key) for row in range(merge.row, merge.row + merge.rows) for key in keys}


# --- live checks -----------------------------------------------------------------------------------------------------


def _strip(cell: str) -> str:
    text = cell
    for sign in ("≤", "≥", "<", ">", "=", "%", "％", "＜", "＞"):
        text = f'SUBSTITUTE({text},"{sign}","")'
    return f"VALUE({text})"


def _text(key: str) -> str:
    return '"' + str(LIVE[key]).replace('"', '""') + '"'


def _write_checks(
    paper: Paper,
    sheet: Any,
    scheme: Scheme,
    columns: Mapping[str, int],
    letters: Mapping[str, str],
    first: int,
    last: int,
    area: Area,
) -> None:
    """Formulas that see their own sheet only, so that a copied sheet checks itself."""
    end = last + 1
    open_word = str(YES_NO[0].name)
    helpers = [letters[f"helper{index}"] for index in range(_HELPERS)]
    for row in range(first + 1, end + 1):
        at = {key: f"{text}{row}" for key, text in letters.items()}
        group, name = at["group"], at["name"]
        one, two, three, size, total, formulas = (f"{helper}{row}" for helper in helpers)
        formulae = {
            one: f'=IF({at["I"]}="","",IFERROR({_strip(at["I"])},"t"))',
            two: f'=IF({at["II"]}="",{one},IFERROR({_strip(at["II"])},"t"))',
            three: f'=IF({at["III"]}="",{two},IFERROR({_strip(at["III"])},"t"))',
            size: (
                f'=IF({group}="","",IFERROR(MATCH("?*",{letters["group"]}{row + 1}:{letters["group"]}${end + 1},0),'
                f"ROWS({letters['group']}{row + 1}:{letters['group']}${end + 1})))"
            ),
            total: _group_sum(letters, row, end, size, group),
            formulas: (
                f'=IF({group}="","",SUMPRODUCT(--ISTEXT({letters["weight"]}{row}:'
                f"INDEX({letters['weight']}{row}:{letters['weight']}${end},{size}))))"
            ),
        }
        for helper, (cell, formula) in enumerate(formulae.items()):
            assert cell.startswith(helpers[helper])
            sheet.write_formula(row - 1, columns_of(helpers[helper]), formula, None, "")
        order = (
            f'IF({at["open"]}="{open_word}",{_text("open")},IF({at["I"]}="",{_text("no_level")},'
            f"IF(COUNT({one}:{three})<3,{_text('words')},IF(OR(AND({one}<={two},{two}<={three}),"
            f"AND({one}>={two},{two}>={three})),{_text('ordered')},{_text('disordered')}))))"
        )
        if scheme != "levels":
            order = f'IF({at["benchmark"]}="",{_text("no_level")},"✓")'
        share = (
            f"IF({formulas}>0,{_text('formula')},IF(OR(ABS({total}-1)<0.0005,ABS({total}-100)<0.05,"
            f'ABS({total}-N({at["group_weight"]}))<0.0005),"✓ ","✗ ")&{_text("group_sum")}&TEXT({total},"0.###"))'
        )
        if scheme in ("lead-base-linear", "pass-fail"):
            share = f'"✓ "&{_text("group_sum")}&TEXT({total},"0.###")'
        whole = f'=IF({name}="","",{order}&IF({group}="",""," ｜ "&{share}))'
        sheet.write_formula(row - 1, columns["check"], whole, paper.style("computed"), "")


def columns_of(letters: str) -> int:
    """The column's number from its letters: C is 2."""
    found = 0
    for character in letters:
        found = found * 26 + ord(character) - 64
    return found - 1


def _group_sum(letters: Mapping[str, str], row: int, end: int, size: str, group: str) -> str:
    def span(key: str) -> str:
        column = letters[key]
        return f"{column}{row}:INDEX({column}{row}:{column}${end},{size})"

    return f'=IF({group}="","",SUMPRODUCT(--({span("block")}=""),{span("weight")})+SUM({span("block_weight")}))'


def _write_summary(paper: Paper, sheet: Any, row: int, found: TableRange, last: int) -> None:
    weight, name, limiting, check = (
        f"{found.letters[key]}{found.first}:{found.letters[key]}{found.last}"
        for key in ("group_weight", "name", "limiting", "check")
    )
    total = f"SUM({weight})"
    formula = (
        f'=IF(COUNTIF({name},"?*")=0,{_text("empty")},{_text("top_sum")}&TEXT({total},"0.###")'
        f'&IF(OR(ABS({total}-1)<0.0005,ABS({total}-100)<0.05)," ✓"," ✗")&"　"&{_text("rows")}&COUNTIF({name},"?*")'
        f'&"　"&{_text("limiting")}&COUNTIF({limiting},"~*")&"　"&{_text("to_mend")}&COUNTIF({check},"*✗*"))'
    )
    put(sheet, row, 1, str(SUMMARY), paper.style("label"))
    sheet.merge_range(row, 2, row, last, "", paper.style("computed"))
    sheet.write_formula(row, 2, formula, paper.style("computed"), "")


def _validations(sheet: Any, columns: Mapping[str, int], first: int, last: int, scheme: Scheme) -> None:
    for key, position in columns.items():
        column = COLUMN[key]
        if column.computed:
            options = {
                "validate": "custom",
                "value": "=FALSE",
                "error_title": str(column.name),
                "error_message": str(CONFIRMED_ONLY),
            }
            sheet.data_validation(first, position, last, position, options)
        elif column.choices:
            drop_down(sheet, (first, last), position, column.choices, str(column.hint))
        elif column.hint.zh:
            options = {"validate": "any", "input_title": str(column.name)[:32], "input_message": str(column.hint)[:250]}
            sheet.data_validation(first, position, last, position, options)


def _conditional(
    paper: Paper, sheet: Any, columns: Mapping[str, int], letters: Mapping[str, str], first: int, last: int
) -> None:
    check = columns["check"]
    for sign, fill in (("✗", "bad"), ("△", "warning"), ("✓", "good")):
        rule = {
            "type": "text",
            "criteria": "containing",
            "value": sign,
            "format": paper.color(fill),
            "stop_if_true": True,
        }
        sheet.conditional_format(first, check, last, check, rule)
    starred = f'=OR(${letters["limiting"]}{first + 1}="*",RIGHT(${letters["name"]}{first + 1},1)="*")'
    bold = {"type": "formula", "criteria": starred, "format": paper.workbook.add_format({"bold": True})}
    sheet.conditional_format(first, columns["name"], last, columns["name"], bold)
    row = first + 1
    missing = f'=AND(${letters["name"]}{row}="",COUNTA(${letters["unit"]}{row}:${letters["weight"]}{row})>0)'
    blank = {"type": "formula", "criteria": missing, "format": paper.color("required")}
    sheet.conditional_format(first, columns["name"], last, columns["name"], blank)

"""Writing the form as an Excel workbook: empty, filled from a system, or as a marked copy of what was typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qingyuan.errors import InputError, Location, Problem
from qingyuan.facts.cells import Cell
from qingyuan.language import Language, message
from qingyuan.language import language as speaking
from qingyuan.standards.authoring.form import HEAD, Area, Form, choice_text, form_of
from qingyuan.standards.authoring.layout import (
    DOCUMENT_SECTIONS,
    ENGLISH_COLUMNS,
    FAMILY_DEFAULTS,
    FAMILY_NEWEST,
    FORM,
    FORM_VERSION,
    LEVEL_CHOICES,
    MARK,
    RULE_HEADINGS,
    RULE_KEYS,
    SCHEME_CHOICES,
    SHEETS,
    Field,
    document_fields,
    match_choice,
)
from qingyuan.standards.authoring.paper import Paper, block, drop_down, put, row_height
from qingyuan.standards.authoring.reader import DOCUMENT, ENGLISH
from qingyuan.standards.authoring.sheet import Marks, TableRange, write_table
from qingyuan.standards.authoring.words import (
    CHECK_COLUMNS,
    CHECK_NOTE,
    CHECK_REQUIRED,
    CHECK_TITLE,
    ENGLISH_TITLE,
    LEGEND,
    LEGEND_HEADING,
    LIVE,
    STEPS,
    STEPS_HEADING,
    SUBTITLE,
    TITLE,
    TYPING,
    TYPING_COLUMNS,
    TYPING_HEADING,
)
from qingyuan.standards.model import LEVELS, IndexSystem, Scheme

_NO_MARKS: Marks = {}


def write_form(
    path: Path | str,
    *,
    system: IndexSystem | None = None,
    language: Language = "zh",
    tables: int = 1,
    scheme: Scheme = "levels",
) -> None:
    """Write the entry form: empty with ``tables`` table sheets, or filled with everything that ``system`` says.

    ``language`` is the language of labels and instructions; ``scheme`` decides the value columns of an empty form.
    Raises InputError where the file cannot be written.
    """
    with speaking(language):
        form = _empty_form(tables, scheme) if system is None else form_of(system)
        write_cells(path, form)


def write_cells(path: Path | str, form: Form, marks: Marks = _NO_MARKS) -> None:
    """Write a form's cells in the language in force, marked cells coloured and with comments.

    Raises InputError where the file cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    file = Path(path)
    workbook = xlsxwriter.Workbook(str(file), {"strings_to_formulas": False, "strings_to_urls": False})
    workbook.set_properties({"title": str(TITLE), "comments": FORM})
    workbook.set_size(2400, 1400)
    _write_workbook(Paper(workbook), form, marks)
    try:
        workbook.close()
    except (FileCreateError, OSError) as error:
        reason = getattr(error.args[0], "strerror", None) if error.args else None
        text = message("无法写入文件：{reason}", reason=reason or str(error))
        raise InputError([Problem("file-unwritable", text, where=Location(file=str(file)))]) from error


def _empty_form(tables: int, scheme: Scheme) -> Form:
    form = Form()
    for each in document_fields():
        if each.default:
            form.document.head[each.key] = choice_text(each.choices, each.default)
    form.document.head["scheme"] = choice_text(SCHEME_CHOICES, scheme)
    if scheme == "levels":
        form.document.head["family"] = str(
            next(each for each in document_fields() if each.key == "family").choices[0].name
        )
        for level, (least, limiting, _) in FAMILY_DEFAULTS["common"].items():
            form.document.head[f"rule.{level}.min"] = int(least)
            form.document.head[f"rule.{level}.limiting"] = choice_text(LEVEL_CHOICES, limiting)
    form.tables = [Area() for _ in range(max(1, tables))]
    return form


def _write_workbook(paper: Paper, form: Form, marks: Marks) -> None:
    scheme_text = str(form.document.head.get("scheme") or "")
    scheme = match_choice(SCHEME_CHOICES, scheme_text) or "levels"
    names = _sheet_names(form)
    _cover(paper, paper.workbook.add_worksheet(str(SHEETS["cover"])))
    document = paper.workbook.add_worksheet(str(SHEETS["document"]))
    sheets = [paper.workbook.add_worksheet(name) for name in names]
    required = _document(paper, document, form, marks)
    ranges = [
        write_table(paper, sheet, name, area, number, scheme, marks)  # type: ignore[arg-type]
        for number, (sheet, name, area) in enumerate(zip(sheets, names, form.tables, strict=True))
    ]
    _check_sheet(paper, paper.workbook.add_worksheet(str(SHEETS["check"])), ranges, required)
    _english(paper, paper.workbook.add_worksheet(str(SHEETS["english"])), form.english, marks)
    lists = paper.workbook.add_worksheet("qingyuan")
    for row, text in enumerate((f"{MARK}lists", FORM, str(FORM_VERSION))):
        lists.write_string(row, 0, text)
    lists.very_hidden()
    front = sheets[0] if marks and sheets else document
    if form.document.head.get("title") or marks:
        front.activate()


def _sheet_names(form: Form) -> list[str]:
    """Names of the table sheets: 表1 and the table's name, within what spreadsheets allow, each once."""
    taken = {str(name).casefold() for name in SHEETS.values()} | {"qingyuan"}
    names: list[str] = []
    for number, area in enumerate(form.tables, start=1):
        title = re.sub(r"[\[\]:*?/\\'\x00-\x1f]", "", str(area.head.get("table.name") or ""))
        stem = f"{SHEETS['table']}{number}"
        name = f"{stem} {title}"[:31].strip() if title else stem
        if name.casefold() in taken:
            name = stem
        taken.add(name.casefold())
        names.append(name)
    return names


def _page(sheet: Any, landscape: bool = False) -> None:
    if landscape:
        sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.hide_gridlines(2)


def _cover(paper: Paper, sheet: Any) -> None:
    sheet.set_column(0, 0, 2, None, {"hidden": True})
    sheet.set_column(1, 1, 26)
    sheet.set_column(2, 2, 40)
    sheet.set_column(3, 3, 44)
    sheet.write_string(0, 0, f"{MARK}cover", paper.style("key"))
    put(sheet, 0, 1, str(TITLE), paper.style("title"))
    sheet.set_row(0, 32)
    block(sheet, (1, 1), (1, 3), str(SUBTITLE), paper.style("subtitle"))
    sheet.set_row(1, row_height([(str(SUBTITLE), 108)], 24))
    row = _section(paper, sheet, 3, str(STEPS_HEADING), 3)
    for title, text in STEPS:
        put(sheet, row, 1, str(title), paper.style("step"))
        block(sheet, (row, row), (2, 3), str(text), paper.style("boxed"))
        sheet.set_row(row, row_height([(str(title), 26), (str(text), 84)]))
        row += 1
    row = _section(paper, sheet, row + 1, str(TYPING_HEADING), 3)
    for column, name in enumerate(TYPING_COLUMNS, start=1):
        put(sheet, row, column, str(name), paper.style("heading_advanced"))
    for texts in TYPING:
        row += 1
        for column, text in enumerate(texts, start=1):
            put(sheet, row, column, str(text), paper.style("step" if column == 1 else "boxed"))
        sheet.set_row(row, row_height([(str(text), size) for text, size in zip(texts, (26, 40, 44), strict=True)]))
    row = _section(paper, sheet, row + 2, str(LEGEND_HEADING), 3)
    for fill, text in LEGEND:
        put(sheet, row, 1, "", paper.style("boxed", "" if fill == "input" else fill))
        block(sheet, (row, row), (2, 3), str(text), paper.style("boxed"))
        row += 1
    sheet.protect("", {"select_locked_cells": True, "format_columns": True, "format_rows": True})
    _page(sheet)


def _section(paper: Paper, sheet: Any, row: int, text: str, last: int) -> int:
    block(sheet, (row, row), (1, last), text, paper.style("section"))
    sheet.set_row(row, 22)
    return row + 1


def _document(paper: Paper, sheet: Any, form: Form, marks: Marks) -> list[str]:
    """Write the document sheet; returns the addresses of the required cells."""
    area = form.document
    sheet.set_column(0, 0, 2, None, {"hidden": True})
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, 5, 17)
    sheet.set_column(6, 6, 58)
    sheet.write_string(0, 0, f"{MARK}document", paper.style("key"))
    put(sheet, 0, 1, str(TITLE), paper.style("title"))
    sheet.set_row(0, 32)
    row, required, family = 2, [], ""
    for section in DOCUMENT_SECTIONS:
        row = _section(paper, sheet, row, str(section.name), 6)
        for each in section.fields:
            if each.required:
                required.append(f"$C${row + 1}")
            if each.key == "family":
                family = f"$C${row + 1}"
            _field(paper, sheet, row, each, area, marks)
            row += 1
            if each.key == "family":
                row = _rule_lines(paper, sheet, row, area, marks, family)
        row += 1
    sheet.freeze_panes(2, 2)
    _page(sheet, landscape=True)
    return required


def _field(paper: Paper, sheet: Any, row: int, each: Field, area: Area, marks: Marks) -> None:
    mark = marks.get((DOCUMENT, HEAD, each.key))
    value = area.head.get(each.key)
    sheet.write_string(row, 0, f"{MARK}{each.key}", paper.style("key"))
    put(sheet, row, 1, f"{each.name}{' *' if each.required else ''}", paper.style("label"))
    style = "date" if each.kind == "date" else "input" if each.kind in ("number", "number-or-text") else "text"
    block(sheet, (row, row), (2, 5), value, paper.style(style, mark.fill if mark else ""), mark)
    put(sheet, row, 6, str(each.hint), paper.style("hint"))
    sheet.set_row(row, max(row_height([(value, 68), (str(each.hint), 60)]), 6 + 15.0 * each.height))
    if each.choices:
        drop_down(sheet, (row, row), 2, each.choices)
    if each.required:
        sheet.conditional_format(row, 2, row, 5, {"type": "blanks", "format": paper.color("required")})


def _rule_lines(paper: Paper, sheet: Any, row: int, area: Area, marks: Marks, family: str) -> int:
    put(sheet, row, 1, "", paper.style("label"))
    for column, heading in enumerate(RULE_HEADINGS, start=2):
        put(sheet, row, column, str(heading), paper.style("heading_advanced"))
    sheet.set_row(row, 22)
    for level in LEVELS:
        row += 1
        sheet.write_string(row, 0, f"{MARK}rule.{level}", paper.style("key"))
        put(
            sheet,
            row,
            1,
            f"{choice_text(LEVEL_CHOICES, level)}{'级' if str(TITLE) == TITLE.zh else ''}",
            paper.style("label"),
        )
        for column, key in enumerate(RULE_KEYS, start=2):
            _rule_cell(paper, sheet, row, column, f"rule.{level}.{key}", area, marks, family)
        sheet.set_row(row, 20)
    return row + 1


def _rule_cell(
    paper: Paper, sheet: Any, row: int, column: int, key: str, area: Area, marks: Marks, family: str
) -> None:
    mark = marks.get((DOCUMENT, HEAD, key))
    value: Cell = area.head.get(key)
    form = paper.style("text" if key.endswith("name") else "number", mark.fill if mark else "")
    if key == "rule.I.others" and value is None and area.head.get("family"):
        formula = f'=IF({family}="{FAMILY_NEWEST}","{choice_text(LEVEL_CHOICES, "II")}","")'
        sheet.write_formula(row, column, formula, form, "")
    else:
        put(sheet, row, column, value, form, mark)
    if key.endswith(("limiting", "others")):
        drop_down(sheet, (row, row), column, LEVEL_CHOICES)


def _check_sheet(paper: Paper, sheet: Any, ranges: Sequence[TableRange], required: Sequence[str]) -> None:
    """A protected summary: one line for each table sheet of this form, and what the document sheet still lacks."""
    sheet.set_column(0, 0, 2, None, {"hidden": True})
    sheet.set_column(1, 1, 32)
    sheet.set_column(2, 6, 14)
    sheet.set_column(7, 7, 24)
    sheet.write_string(0, 0, f"{MARK}check", paper.style("key"))
    put(sheet, 0, 1, str(CHECK_TITLE), paper.style("title"))
    sheet.set_row(0, 32)
    for column, name in enumerate(CHECK_COLUMNS, start=1):
        put(sheet, 2, column, str(name), paper.style("heading"))
    row = 3
    for each in ranges:
        _check_line(paper, sheet, row, each)
        row += 1
    document = str(SHEETS["document"])
    missing = "+".join(f"('{document}'!{cell}=\"\")" for cell in required) or "0"
    put(sheet, row, 1, document, paper.style("label"))
    block(sheet, (row, row), (2, 5), str(CHECK_REQUIRED), paper.style("computed"))
    sheet.write_formula(row, 6, f"={missing}", paper.style("computed"), "")
    result = f'=IF(G{row + 1}=0,"{LIVE["good"]}","{LIVE["bad"]}")'
    sheet.write_formula(row, 7, result, paper.style("computed"), "")
    block(sheet, (row + 2, row + 2), (1, 7), str(CHECK_NOTE), paper.style("hint"))
    for sign, fill in (("✗", "bad"), ("✓", "good")):
        rule = {"type": "text", "criteria": "containing", "value": sign, "format": paper.color(fill)}
        sheet.conditional_format(3, 7, row, 7, rule)
    sheet.protect("", {"select_locked_cells": True, "format_columns": True})
    _page(sheet, landscape=True)


def _check_line(paper: Paper, sheet: Any, row: int, each: TableRange) -> None:
    def span(key: str) -> str:
        quoted = each.sheet.replace("'", "''")
        return f"'{quoted}'!${each.letters[key]}${each.first}:${each.letters[key]}${each.last}"

    computed = paper.style("computed")
    put(sheet, row, 1, each.sheet, paper.style("label"))
    sound = f"OR(ABS(C{row + 1}-1)<0.0005,ABS(C{row + 1}-100)<0.05),G{row + 1}=0"
    formulas = (
        f"=SUM({span('group_weight')})",
        f'=COUNTIF({span("group")},"?*")',
        f'=COUNTIF({span("name")},"?*")',
        f'=COUNTIF({span("limiting")},"~*")',
        f'=COUNTIF({span("check")},"*✗*")',
        f'=IF(E{row + 1}=0,"{LIVE["empty"]}",IF(AND({sound}),"{LIVE["good"]}","{LIVE["bad"]}"))',
    )
    for column, formula in enumerate(formulas, start=2):
        sheet.write_formula(row, column, formula, computed, "")


def _english(paper: Paper, sheet: Any, area: Area, marks: Marks) -> None:
    sheet.set_column(0, 0, 2, None, {"hidden": True})
    sheet.write_string(0, 0, f"{MARK}english", paper.style("key"))
    put(sheet, 0, 1, str(ENGLISH_TITLE), paper.style("bold"))
    sheet.set_row(0, 24)
    for column, (_, name, size) in enumerate(ENGLISH_COLUMNS, start=1):
        sheet.set_column(column, column, size)
        put(sheet, 1, column, str(name), paper.style("heading"))
    for number in range(len(area.rows) + 40):
        cells: Mapping[str, Cell] = area.rows[number] if number < len(area.rows) else {}
        pairs: list[tuple[Cell, float]] = []
        for column, (key, _, size) in enumerate(ENGLISH_COLUMNS, start=1):
            mark = marks.get((ENGLISH, number, key))
            put(sheet, 2 + number, column, cells.get(key), paper.style("text", mark.fill if mark else ""), mark)
            pairs.append((cells.get(key), size))
        sheet.set_row(2 + number, row_height(pairs))
    sheet.freeze_panes(2, 0)
    sheet.repeat_rows(1)
    _page(sheet, landscape=True)

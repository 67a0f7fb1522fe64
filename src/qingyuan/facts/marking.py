"""A copy of the user's workbook with the problems in it: red cells with comments, and a list of all problems in front.

The copy is for reading and correcting. It holds the values of the cells; formulas, pictures and fine formats are not in
it, and the first sheet says so.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import xlsxwriter
from python_calamine import CalamineWorkbook
from xlsxwriter.exceptions import XlsxWriterException
from xlsxwriter.worksheet import Worksheet

from qingyuan.errors import Problem, Severity
from qingyuan.facts.book.style import RED, Styles, fit_row, put, set_paper
from qingyuan.facts.cells import Cell
from qingyuan.facts.safety import SheetInfo, inspect
from qingyuan.facts.sheets import is_audit_mark, read_mark
from qingyuan.facts.sheetscan import column_number
from qingyuan.language import current_language, message

_COLOURS: Final = {Severity.ERROR: RED, Severity.WARNING: "#FFE8B8", Severity.NOTE: "#E2EFDA"}
_ADDRESS = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_MOST_MARKS: Final = 5_000  # comments in one workbook; more make it unusable
_WIDEST: Final = 42


def mark_workbook(path_in: Path | str, problems: Sequence[Problem], path_out: Path | str) -> Path:
    """Write a copy of a workbook with its problems marked; returns its path.

    Problems without a cell stand in the list alone. Raises InputError where the workbook itself is refused (then there
    is nothing to mark), OSError where a file cannot be read or written.
    """
    source, target = Path(path_in), Path(path_out)
    data = source.read_bytes()
    info = inspect(data, source.name)
    book = xlsxwriter.Workbook(
        str(target), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    styles = Styles(book, current_language())
    ordered = sorted(problems, key=lambda problem: list(Severity).index(problem.severity))
    taken = {sheet.name.casefold() for sheet in info.sheets}
    title = str(message("问题清单"))
    while title.casefold() in taken:
        title = f"_{title}"[:31]
    front = book.add_worksheet(title)
    names = {sheet.name for sheet in info.sheets}
    _write_list(front, styles, ordered, names, source.name)
    with CalamineWorkbook.from_filelike(io.BytesIO(data)) as original:
        for sheet in info.sheets:
            page = book.add_worksheet(sheet.name)
            found = original.get_sheet_by_name(sheet.name)
            start = found.start or (0, 0)
            marked = _by_cell(p for p in ordered[:_MOST_MARKS] if p.where.sheet == sheet.name)
            _copy(page, styles, found.iter_rows() if found.start else (), start, sheet, marked)
            # What was merged stays merged; the first cell of a range keeps what was written.
            page.merge.extend(
                [*top, *bottom] for top, bottom in (found.merged_cell_ranges or ())[:2000] if top != bottom
            )
            if sheet.hidden:
                page.hide()
    front.activate()
    front.set_first_sheet()
    try:
        book.close()
    except XlsxWriterException as error:
        raise OSError(f"{target}: {error}") from error
    return target


Marks = dict[tuple[int, int], list[Problem]]


def _by_cell(problems: Iterable[Problem]) -> Marks:
    """The problems of one sheet by row and column from 0; a problem of a whole row marks its first cell."""
    found: Marks = {}
    for problem in problems:
        where = problem.where
        if match := _ADDRESS.fullmatch(where.cell):
            found.setdefault((int(match[2]) - 1, column_number(match[1]) - 1), []).append(problem)
        elif where.row is not None:
            found.setdefault((where.row - 1, 0), []).append(problem)
    return found


def _write_list(page: Worksheet, styles: Styles, problems: Sequence[Problem], sheets: set[str], file: str) -> None:
    """The first sheet: every problem with a link to its cell."""
    put(page, 0, 0, message("{file}：{count} 个问题", file=file, count=len(problems)), styles.title())
    put(page, 1, 0, message("本副本只有各单元格的值，供对照改正；请在原文件中修改后重新导入"), styles.hint())
    heads = (message("程度"), message("工作表"), message("单元格"), message("问题"), message("读到"), message("应为"))
    for index, (head, width) in enumerate(zip(heads, (8, 18, 10, 60, 28, 44), strict=True)):
        page.set_column(index, index, width)
        put(page, 3, index, str(head), styles.head())
    names = {
        Severity.ERROR: message("错误"),
        Severity.WARNING: message("警告"),
        Severity.NOTE: message("提示"),
    }
    wrapped = styles.fixed(text_wrap=True)
    for row, problem in enumerate(problems, 4):
        where = problem.where
        put(
            page,
            row,
            0,
            str(names[problem.severity]),
            styles.fixed(bg_color=_COLOURS[problem.severity], align="center"),
        )
        put(page, row, 1, where.sheet, wrapped)
        if where.cell and where.sheet in sheets:
            sheet_name = where.sheet.replace("'", "''")
            page.write_url(row, 2, f"internal:'{sheet_name}'!{where.cell}", styles.link(), where.cell)
        else:
            put(page, row, 2, where.cell or where.row, wrapped)
        put(page, row, 3, str(problem.message), wrapped)
        put(page, row, 4, problem.found, wrapped)
        expected = "" if problem.expected is None else str(problem.expected)
        put(page, row, 5, expected, wrapped)
        fit_row(page, row, ((str(problem.message), 60), (problem.found, 28), (expected, 44)))
    page.freeze_panes(4, 0)
    page.autofilter(3, 0, max(4, 3 + len(problems)), 5)
    set_paper(page, file, 3)


def _copy(
    page: Worksheet,
    styles: Styles,
    rows: Iterable[Sequence[Cell]],
    start: tuple[int, int],
    sheet: SheetInfo,
    marks: Marks,
) -> None:
    """Copy the values of a sheet; marked cells in the colour of their gravest problem, with a comment."""
    widths: dict[int, float] = {}
    left = dict(marks)
    for row, cells in enumerate(rows, start[0]):
        hidden = sum(1 for cell in cells if read_mark(cell) or is_audit_mark(cell)) > 1
        for column, cell in enumerate(cells, start[1]):
            found = left.pop((row, column), None)
            shown: object = sheet.scan.errors.get((row, column), cell)
            if shown == "" and found is None:
                continue
            style = _style(styles, shown, found, (row, column) in sheet.scan.percent)
            _write(page, row, column, shown, style)
            if not hidden:
                size = sum(2 if ord(letter) > 0x2E7F else 1 for letter in str(shown)[:60]) + 2
                widths[column] = max(widths.get(column, 8.0), min(float(size), _WIDEST))
            if found:
                _comment(page, row, column, found)
        if hidden:
            page.set_row(row, None, None, {"hidden": True})
    for (row, column), found in left.items():  # blank cells outside what the sheet holds
        put(page, row, column, None, _style(styles, "", found, False))
        _comment(page, row, column, found)
    for column, width in widths.items():
        page.set_column(column, column, width)


def _comment(page: Worksheet, row: int, column: int, problems: Sequence[Problem]) -> None:
    lines = []
    for problem in problems[:6]:
        text = str(problem.message)
        if problem.expected is not None:
            text += str(message("；应为：{expected}", expected=problem.expected))
        lines.append(text)
    page.write_comment(row, column, "\n".join(lines)[:1000], {"x_scale": 2.2, "author": "Qingyuan"})


def _style(styles: Styles, value: object, problems: Sequence[Problem] | None, percent: bool) -> object:
    properties: dict[str, object] = {}
    if problems:
        properties |= {"bg_color": _COLOURS[problems[0].severity], "border": 1, "border_color": "#C0392B"}
    if percent:
        properties["num_format"] = "0.0##%"
    elif isinstance(value, dt.datetime):
        properties["num_format"] = "yyyy-mm-dd hh:mm"
    elif isinstance(value, dt.date):
        properties["num_format"] = "yyyy-mm-dd"
    elif isinstance(value, (dt.time, dt.timedelta)):
        properties["num_format"] = "[h]:mm"
    return styles.get(**properties)


def _write(page: Worksheet, row: int, column: int, value: object, style: object) -> None:
    if isinstance(value, (dt.datetime, dt.date, dt.time, dt.timedelta)):
        try:
            page.write_datetime(row, column, value, style)
        except (ValueError, XlsxWriterException):
            put(page, row, column, str(value), style)
    else:
        put(page, row, column, value, style)


__all__ = ["mark_workbook"]

"""The filled worksheets of an audit as one Excel workbook (审核工作表): an index, and a sheet for each of the 41.

Cells are what the report prints: the same texts, numbers as numbers in a format that shows the same digits. Colour and
comment say where a cell comes from. Empty cells and the rows below are unlocked: what people enter there is read back
(``audit.record_reading``) from a ``worksheets.xlsx`` in the case folder, or by ``qingyuan worksheets --take``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from qingyuan import __version__
from qingyuan.audit.phases import worksheet_definitions
from qingyuan.audit.record_sheets import ROW_KEY, mark, sheet_name
from qingyuan.audit.record_writing import (
    TEXT_FORMAT,
    HeldRow,
    column_width,
    exact_number,
    holds_number,
    write_held,
)
from qingyuan.audit.result import AuditResult
from qingyuan.audit.worksheets import Cell, Column, Context, Origin, PhaseStatus, WorksheetTable, phase_status
from qingyuan.errors import UnknownName
from qingyuan.facts.book.style import (
    CHOICE,
    HEAD,
    HEAD_SOFT,
    INPUT,
    LINE,
    MUTED,
    PROTECTION,
    Styles,
    fit_row,
    lines_of,
    put,
    set_paper,
)
from qingyuan.facts.book.widerows import Distribution
from qingyuan.facts.book.writer import Book
from qingyuan.facts.cells import number_text
from qingyuan.figures.derivation import Figure
from qingyuan.language import Language, Message, clauses, language, message
from qingyuan.reference.records import Grade
from qingyuan.report.chapters.common import GRADE_MARKS, GRADE_NAMES, plant_name
from qingyuan.report.chapters.sheets import cell_content, context_of
from qingyuan.report.numbers import Number, format_number, unit_text

FILE_NAME: Final = "worksheets.xlsx"
MOST_COMMENTS: Final = 4_000  # in one workbook; more make it slow to open
BLANK_ROWS: Final = 8  # below a worksheet that people fill in
_HEAD_ROW: Final = 4  # title, state, missing, hidden marks, headings
_WIDEST: Final = 46.0
_PAGE: Final = 150.0  # letters that A4 across holds in a print that is still read easily
_FEWEST: Final = 4  # columns below which the title would be cut by the link beside it
_TABS: Final = ("#1F5D63", "#2F7A6B", "#4C8C4A", "#8A9A3B", "#B7791F", "#A65A3A", "#6A5A8C")
STATES: Final[Mapping[str, Message]] = {
    "complete": message("已齐"),
    "partial": message("部分"),
    "empty": message("未填"),
    "not-needed": message("本轮不需要"),
}
_STATE_COLOURS: Final = {"complete": "#DCEFE3", "partial": "#FFF3D1", "empty": "#F8DFE1", "not-needed": "#EFEFEF"}
_COLOURS: Final[Mapping[Origin, str]] = {
    "fact": "#FFFFFF",
    "figure": "#E6F1F1",
    "computed": "#EFEBF5",
    "proposed": CHOICE,
    "fixed": "#F3F4F5",
    "entered": INPUT,
    "missing": "#FBECEC",
}
_ORIGINS: Final[Mapping[Origin, Message]] = {
    "fact": message("数据：企业填报的事实"),
    "figure": message("指标值：由事实按方法算出"),
    "computed": message("规则：由软件按规则算出或判定"),
    "proposed": message("建议：软件提出的结论，由审核小组确认或改填"),
    "fixed": message("表式：工作表原有的文字"),
    "entered": message("填写：审核小组填的"),
    "missing": message("缺：要填而没有"),
}


@dataclass(slots=True)
class _Work:
    """A workbook of worksheets being written."""

    book: Book
    result: AuditResult
    held: list[HeldRow]
    figures: Mapping[str, Figure]
    demo: bool
    comments: int = 0


def write_worksheets(
    result: AuditResult | Context, path: Path | str, language_code: Language, *, only: Sequence[str] = ()
) -> Path:
    """Write the worksheets of an audit as an Excel workbook; returns its path.

    ``only``: the ids wanted (all where empty). Raises UnknownName for an unknown id, InputError where the inputs of the
    audit do not fit, OSError where the file cannot be written.
    """
    for id in only:
        if id not in worksheet_definitions():
            raise UnknownName(message("工作表"), id, list(worksheet_definitions()))
    target = Path(path)
    context = context_of(result)
    with language(language_code):
        found = phase_status(context)
        options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        book = xlsxwriter.Workbook(str(target), options)
        profile = context.result.case.profile
        years = tuple(context.years)
        ctx = Book(book, Styles(book, language_code), language_code, years, None, Distribution(years), profile)
        work = _Work(
            ctx, context.result, [], {one.key: one for one in context.result.figures.figures}, context.result.demo
        )
        title = str(message("清洁生产审核工作表"))
        book.set_properties({"title": title, "comments": f"Qingyuan {__version__}"})
        index = book.add_worksheet(str(message("目录")))
        shown = [
            (status, [sheet for sheet in status.sheets if not only or sheet.id in only])
            for status in found
            if not only or any(sheet.id in only for sheet in status.sheets)
        ]
        names = {sheet.id: sheet_name(sheet.definition, language_code) for _, sheets in shown for sheet in sheets}
        for status, sheets in shown:
            for sheet in sheets:
                page = book.add_worksheet(names[sheet.id])
                page.set_tab_color(_TABS[status.phase.number - 1])
                _write_sheet(work, page, status, sheet, index.get_name())
        _write_index(work, index, shown, names, title)
        write_held(ctx, work.held)
        index.activate()
        try:
            book.close()
        except xlsxwriter.exceptions.FileCreateError as error:
            raise OSError(f"{target}: {error}") from error
    return target


# --- the index -------------------------------------------------------------------------------------------------------


def _write_index(
    work: _Work,
    page: Worksheet,
    shown: Sequence[tuple[PhaseStatus, Sequence[WorksheetTable]]],
    names: Mapping[str, str],
    title: str,
) -> None:
    styles = work.book.styles
    widths = (8.0, 44.0, 12.0, 10.0, 64.0)
    for column, width in enumerate(widths):
        page.set_column(column, column, width)
    band = styles.get(bg_color=HEAD)
    for row, height in ((0, 8), (1, 32), (2, 20), (3, 8)):
        page.set_row(row, height)
        for column in range(len(widths)):
            put(page, row, column, None, band)
    put(page, 1, 0, title, styles.get(bg_color=HEAD, font_color="#FFFFFF", bold=True, font_size=18, indent=1))
    result = work.result
    parts = [str(plant_name(result)), result.period, result.generated_on.isoformat()]
    line = " · ".join(part for part in parts if part)
    put(page, 2, 0, line, styles.get(bg_color=HEAD, font_color="#FFFFFF", font_size=11, indent=1))
    row = 4
    if work.demo:
        row = _banner(work, page, row, len(widths))
    row = _how(work, page, row)
    row += 1
    head = row
    heads = (message("编号"), message("工作表"), message("状态"), message("完成度"), message("缺什么"))
    page.set_row(head, 22)
    for column, text in enumerate(heads):
        put(page, head, column, str(text), styles.head())
    row += 1
    for status, sheets in shown:
        soft = styles.get(bold=True, font_color=HEAD, bg_color=HEAD_SOFT, border=1, border_color=LINE)
        for column in range(len(widths)):
            put(page, row, column, None, soft)
        put(page, row, 0, status.phase.number, styles.get(**_base(HEAD_SOFT), bold=True, align="center"))
        name = message("第 {number} 阶段　{name}", number=status.phase.number, name=status.phase.name)
        put(page, row, 1, str(name), soft)
        whole = styles.get(**_base(HEAD_SOFT), bold=True, num_format="0%", align="center")
        put(page, row, 3, _floor(status.share), whole)
        page.set_row(row, 20)
        row += 1
        for sheet in sheets:
            _index_row(work, page, row, sheet, names[sheet.id], widths)
            row += 1
    page.conditional_format(
        head + 1, 3, row - 1, 3,
        {"type": "data_bar", "bar_color": "#9CC7BF", "bar_solid": True, "min_type": "num", "min_value": 0,
         "max_type": "num", "max_value": 1},
    )  # fmt: skip
    page.freeze_panes(head + 1, 0)
    _paper(work, page, title, head, portrait=True)


def _how(work: _Work, page: Worksheet, row: int) -> int:
    """What the colours and marks say, and how entries get back."""
    styles = work.book.styles
    texts = (
        message("每格的颜色和批注说明它从哪里来；批注里有数据行或指标值的编号和依据的等级。"),
        message(
            "空格和表下的空行可以填：把本文件以 {file} 之名放进案例文件夹，再运行 qingyuan audit；"
            "案例是一个工作簿时，用 qingyuan worksheets 案例 --take {file} --out 新案例.xlsx 并入。",
            file=FILE_NAME,
        ),
        message("只有与数据不同的格子才算填写；由数据来的格子在数据里改，在这里改会被列为问题。"),
    )
    for text in texts:
        page.merge_range(row, 0, row, 4, str(text), styles.get(text_wrap=True, font_size=9, font_color=MUTED))
        fit_row(page, row, ((str(text), 150),), size=9)
        row += 1
    for origin, text in _ORIGINS.items():
        put(page, row, 0, None, styles.get(**_base(_COLOURS[origin])))
        put(page, row, 1, str(text), styles.get(font_size=9))
        page.set_row(row, 15)
        row += 1
    return row


def _index_row(
    work: _Work, page: Worksheet, row: int, sheet: WorksheetTable, name: str, widths: Sequence[float]
) -> None:
    styles = work.book.styles
    cell = styles.get(**_base("#FFFFFF"), text_wrap=True)
    put(page, row, 0, sheet.id, styles.get(**_base("#FFFFFF"), align="center", num_format=TEXT_FORMAT))
    link = styles.get(**_base("#FFFFFF"), font_color=HEAD, underline=1, text_wrap=True)
    shown = str(sheet.definition.name)
    page.write_url(row, 1, _link(name), link, shown)
    state = styles.get(**_base(_STATE_COLOURS[sheet.state]), align="center")
    put(page, row, 2, str(STATES[sheet.state]), state)
    share = None if sheet.state == "not-needed" else _floor(sheet.share)
    put(page, row, 3, share, styles.get(**_base("#FFFFFF"), num_format="0%", align="center"))
    missing = sheet.reason or _first_missing(sheet)
    put(page, row, 4, missing or None, cell)
    fit_row(page, row, ((shown, widths[1]), (missing, widths[4])))


def _floor(share: float) -> float:
    """A share in whole per cent; what is not complete never shows 100 %."""
    return math.floor(share * 100 + 1e-9) / 100


def _first_missing(sheet: WorksheetTable) -> str:
    """What is missing, for the index: the first two things; the sheet has them all."""
    texts = sheet.missing[:2]
    if not texts:
        return ""
    more = len(sheet.missing) - len(texts)
    if not more:
        return str(message("{texts}", texts=clauses(texts)))
    return str(message("{texts}；另有 {count} 项见该表", texts=clauses(texts), count=more))


def _missing_text(sheet: WorksheetTable) -> str:
    if sheet.reason:
        return sheet.reason
    return str(message("{texts}", texts=clauses(sheet.missing))) if sheet.missing else ""


def _link(name: str) -> str:
    quoted = name.replace("'", "''")
    return f"internal:'{quoted}'!A1"


# --- one worksheet ---------------------------------------------------------------------------------------------------


def _write_sheet(work: _Work, page: Worksheet, status: PhaseStatus, sheet: WorksheetTable, index: str) -> None:
    styles = work.book.styles
    of = sheet.definition
    columns = sheet.columns
    widths = [*_widths(sheet), *([14.0] * (_FEWEST - len(columns)))]
    last = len(widths)
    page.set_column(0, 0, 2, styles.get(), {"hidden": True})
    for at, width in enumerate(widths, 1):
        page.set_column(at, at, width, styles.get(locked=0))
    page.set_row(0, 26)
    put(page, 0, 1, f"{of.id}　{of.name}", styles.title())
    state = message(
        "第 {number} 阶段　{phase} · {state} · 完成度 {share}",
        number=status.phase.number,
        phase=status.phase.name,
        state=STATES[sheet.state],
        share=Number(100 * _floor(sheet.share), "%", digits=0),
    )
    put(page, 1, 1, str(state), styles.hint())
    page.write_url(0, last, _link(index), styles.link(), str(message("返回目录")))
    _note_row(work, page, sheet, widths)
    page.set_row(3, 12, None, {"hidden": True})
    put(page, 3, 0, mark(of.id, ROW_KEY), styles.hint())
    head_lines = 1
    for at, column in enumerate(columns, 1):
        put(page, 3, at, mark(of.id, column.key), styles.hint())
        text = _heading(column)
        put(page, _HEAD_ROW, at, text, styles.head())
        head_lines = max(head_lines, lines_of(text, widths[at - 1] - 1))
    page.set_row(_HEAD_ROW, max(22.0, head_lines * 14.0 + 6))
    row = _HEAD_ROW + 1
    names = _names(sheet)
    known = {column.id: column for column in of.columns}
    numeric = {column.key for column in columns if holds_number(known[column.key.partition("@")[0]])}
    for number, cells in enumerate(sheet.rows):
        id = f"r{number}"
        put(page, row, 0, id, styles.hint())
        _hold(work, sheet, id, number, names[number])
        for at, (column, cell) in enumerate(zip(columns, cells, strict=True), 1):
            own = cell.proposed or by_hand(sheet, number, column, cell)
            _write_cell(work, page, row, at, column, cell, numeric=column.key in numeric, open_=own)
        fit_row(page, row, ((shown_text(c, cell), w) for c, cell, w in zip(columns, cells, widths, strict=False)))
        row += 1
    for at in range(1, len(columns) + 1):
        if choices := list(dict.fromkeys(str(cells[at - 1].value) for cells in sheet.rows if cells[at - 1].proposed)):
            offered = [*choices, str(message("可行")), str(message("不可行"))]
            page.data_validation(
                _HEAD_ROW + 1, at, row - 1, at, {"validate": "list", "source": offered, "show_error": False}
            )
    if not sheet.reason:
        for _ in range(BLANK_ROWS if of.filled_by == "entry" or not sheet.rows else 2):
            for at, column in enumerate(columns, 1):
                put(page, row, at, None, _blank_style(work, numeric=column.key in numeric))
            row += 1
    page.print_area(0, 0, max(row - 1, _HEAD_ROW + 1), last)
    page.freeze_panes(_HEAD_ROW + 1, 2)
    _paper(work, page, f"{of.id} {of.name}", _HEAD_ROW)
    page.protect("", PROTECTION)


def _note_row(work: _Work, page: Worksheet, sheet: WorksheetTable, widths: Sequence[float]) -> None:
    """What is missing, where the form comes from, and that the data are invented, in one row above the headings."""
    styles = work.book.styles
    of = sheet.definition
    parts: list[str] = []
    if work.demo:
        parts.append(str(message("演示数据：不得用于申报或评审")))
    if missing := _missing_text(sheet):
        parts.append(
            str(message("不需要：{reason}", reason=missing) if sheet.reason else message("缺：{texts}", texts=missing))
        )
    if sheet.notes and not sheet.reason:
        parts.append(str(message("注：{texts}", texts=clauses(sheet.notes))))
    if of.grade is not Grade.READ:
        grade = message("{mark} 表式{grade}", mark=GRADE_MARKS[of.grade], grade=GRADE_NAMES[of.grade])
        # what the form was read in is cited by its Chinese title, which helps those who read it
        source = of.source if work.book.language == "zh" else ""
        parts.append(str(message("{what}：{source}", what=grade, source=source) if source else grade))
    text_all = "\n".join(parts)
    colour = "#A33B3B" if work.demo else MUTED
    style = styles.get(font_size=9, font_color=colour, text_wrap=True, valign="top")
    if len(widths) > 1:
        page.merge_range(2, 1, 2, len(widths), "", style)
    put(page, 2, 1, text_all or None, style)
    fit_row(page, 2, ((text_all, sum(widths)),), size=9)


def _heading(column: Column) -> str:
    return str(column.name)


def shown_text(column: Column, cell: Cell) -> str:
    """A cell as the report prints it."""
    if column.key == "unit" and cell.filled:
        return unit_text(str(cell.value)) or "—"
    content = cell_content(cell)
    return "" if content is None else format_number(content) if isinstance(content, Number) else str(content)


def _write_cell(
    work: _Work, page: Worksheet, row: int, at: int, column: Column, cell: Cell, *, numeric: bool, open_: bool
) -> None:
    styles = work.book.styles
    if not cell.filled:
        put(page, row, at, None, _blank_style(work, numeric=numeric, missing=not column.optional))
        return
    text = shown_text(column, cell)
    base = {**_base(_COLOURS[cell.origin]), "locked": 0 if open_ else 1}
    if isinstance(cell.value, float):
        value = _as_excel_rounds(cell.value, text)
        put(page, row, at, value, styles.get(**base, align="right", num_format=number_format(text)))
    elif cell.origin == "entered" and (number := exact_number(text)) is not None:
        put(page, row, at, number, styles.get(**base, align="right", num_format=plain_format(text)))
    else:
        align = {"align": "center"} if column.key in ("unit", "no", "id") else {"indent": 1}
        put(page, row, at, text, styles.get(**base, **align, text_wrap=True, num_format=TEXT_FORMAT))
    remark = _remark(work, cell)
    if remark and work.comments < MOST_COMMENTS:
        work.comments += 1
        page.write_comment(row, at, remark, {"x_scale": 1.8, "y_scale": 0.7, "font_size": 9, "author": "Qingyuan"})


def _remark(work: _Work, cell: Cell) -> str:
    """Where a cell comes from, for its comment: only what its colour does not say already."""
    if cell.origin == "figure" and cell.ref:
        figure = work.figures.get(cell.ref)
        if figure is None:
            return str(message("指标值 {key}", key=cell.ref))
        grade = message("{mark}{name}", mark=GRADE_MARKS[figure.grade], name=GRADE_NAMES[figure.grade])
        return str(message("指标值 {key}\n依据的等级：{grade}", key=cell.ref, grade=grade))
    if cell.origin == "fact" and cell.ref:
        return str(message("数据：{place}", place=cell.ref))
    return ""


def _as_excel_rounds(value: float, text: str) -> float:
    """The value, or the report's digits where both would show another last one.

    Excel rounds a five up, the report to the even digit (GB/T 8170): 2.2725 would be 2.273 here and 2.272 there.
    """
    if "×" in text or not math.isfinite(value):
        return value
    digits = Decimal(text.replace(",", "").replace("−", "-").lstrip("+"))
    shown = Decimal(format(value, ".15g")).quantize(digits, ROUND_HALF_UP)
    return value if shown == digits else float(digits)


def number_format(text: str) -> str:
    """The number format that shows a number as the report prints it: ``1,234.50``, ``−0.12``, ``1.235×10⁻⁵``."""
    if "×" in text:
        mantissa = text.partition("×")[0].lstrip("−+")
        form = f"{_zeros(mantissa)}E+00"
    else:
        form = _zeros(text.lstrip("−+"), grouped="," in text)
    return f'{form};"−"{form}'


def plain_format(text: str) -> str:
    """The number format that shows a number as it was entered, without grouping."""
    return "General" if "e" in text.casefold() else _zeros(text.lstrip("-"))


def _zeros(text: str, *, grouped: bool = False) -> str:
    _, _, decimals = text.partition(".")
    whole = "#,##0" if grouped else "0"
    return f"{whole}.{'0' * len(decimals)}" if decimals else whole


def _blank_style(work: _Work, *, numeric: bool, missing: bool = False) -> Format:
    base = _base(_COLOURS["missing"] if missing else "#FFFFFF")
    if numeric:
        return work.book.styles.get(**base, locked=0, align="right", num_format="General")
    return work.book.styles.get(**base, locked=0, indent=1, text_wrap=True, num_format=TEXT_FORMAT)


def _base(colour: str) -> dict[str, Any]:
    return {"bg_color": colour, "border": 1, "border_color": LINE}


def _widths(sheet: WorksheetTable) -> list[float]:
    """The width of each column: by its kind, wider where its texts are long."""
    of = {column.id: column for column in sheet.definition.columns}
    found: list[float] = []
    for at, column in enumerate(sheet.columns):
        width = column_width(of[column.key.partition("@")[0]])
        longest = max((_letters(shown_text(column, row[at])) for row in sheet.rows[:400]), default=0.0)
        width = min(max(width * 0.7, longest + 3), _WIDEST) if sheet.rows else width
        found.append(max(width, min(_letters(_heading(column)) + 3, 14.0)))
    for most in (38.0, 32.0, 27.0, 22.0, 18.0):
        if sum(found) <= _PAGE:
            break
        found = [min(width, most) for width in found]
    return found


def _letters(text: str) -> float:
    return max((sum(1.9 if ord(letter) > 0x2E7F else 1.0 for letter in line) for line in text.split("\n")), default=0.0)


def _paper(work: _Work, page: Worksheet, title: str, head: int, *, portrait: bool = False) -> None:
    set_paper(page, title, head, portrait=portrait)
    if work.demo:
        page.set_header(f"&C&10&KA33B3B{str(message('演示数据：不得用于申报或评审')).replace('&', '&&')}")


def _banner(work: _Work, page: Worksheet, row: int, columns: int) -> int:
    style = work.book.styles.get(bold=True, font_color="#FFFFFF", bg_color="#A33B3B", align="center")
    page.merge_range(row, 0, row, columns - 1, str(message("演示数据：不得用于申报或评审")), style)
    page.set_row(row, 20)
    return row + 1


# --- what it held ----------------------------------------------------------------------------------------------------


def by_hand(sheet: WorksheetTable, number: int, column: Column, cell: Cell) -> bool:
    """Whether a cell was entered in this worksheet, and not in the settings of the audit."""
    entry = sheet.entries[number] if number < len(sheet.entries) else {}
    return cell.origin == "entered" and entry.get(column.key) == cell.value


def _hold(work: _Work, sheet: WorksheetTable, id: str, number: int, names: Mapping[str, str]) -> None:
    """Remember what a row held, so that only what people change is read back as entered."""
    cells = sheet.rows[number]
    for column, cell in zip(sheet.columns, cells, strict=True):
        if cell.filled and not by_hand(sheet, number, column, cell):
            text = shown_text(column, cell)
            if isinstance(cell.value, float):
                text = number_text(_as_excel_rounds(cell.value, text))
            what = "proposed" if cell.proposed else "shown"
            work.held.append((sheet.id, id, what, column.key, text.strip()))
    work.held += [(sheet.id, id, "name", key, text) for key, text in names.items()]
    entry = sheet.entries[number] if number < len(sheet.entries) else {}
    if entry:
        work.held.append((sheet.id, id, "entry", "", json.dumps(dict(entry), ensure_ascii=False)))


def _names(sheet: WorksheetTable) -> list[dict[str, str]]:
    """The cells by which an entry names each row: the first, and as many more as tell it from the others."""
    texts = [
        {
            column.key: number_text(cell.value) if isinstance(cell.value, float) else str(cell.value).strip()
            for column, cell in zip(sheet.columns, row, strict=True)
            if cell.filled and not cell.proposed and not by_hand(sheet, number, column, cell)
        }
        for number, row in enumerate(sheet.rows)
    ]
    found: list[dict[str, str]] = []
    for own in texts:
        names: dict[str, str] = {}
        for key, text in own.items():
            names[key] = text
            if sum(all(other.get(name) == said for name, said in names.items()) for other in texts) == 1:
                break
        found.append(names)
    return found

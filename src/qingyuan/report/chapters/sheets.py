"""Worksheets (工作表) as numbered tables of the report: cell by cell what ``audit.worksheets`` fills.

A report takes its tables from here wherever a worksheet belongs in it, so the filled worksheets and the report agree
by construction. An empty sheet becomes a paragraph that says what is missing and where it is entered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from qingyuan.audit.result import AuditResult
from qingyuan.audit.worksheets import Cell, Context, WorksheetTable, worksheet
from qingyuan.audit.worksheets import Column as SheetColumn
from qingyuan.language import Message, clauses, message
from qingyuan.report.numbers import Number, format_number, unit_text
from qingyuan.report.tree import Block, Column, Inlines, LandscapeSection, Missing, Paragraph, Row, Table, Text

MOST_ROWS = 150  # of one worksheet in the report; the worksheets themselves hold all
WIDE_SHEET = 9  # with so many columns a long worksheet stands on a page turned by ninety degrees
LONG_SHEET = 16
ENTERED_DIGITS = 6  # a number of at most so many digits is printed as it was entered
LONG_TEXT, OFTEN = 16, 3  # a computed text of more characters in so many cells is printed once, below
_NO_DIGITS = str.maketrans("", "", ".,−")


def context_of(result: AuditResult | Context) -> Context:
    """The context that fills the worksheets of a result: its own; a context is given back as it is."""
    return result if isinstance(result, Context) else result.context


def sheet(result: AuditResult | Context, id: str) -> WorksheetTable:
    """One filled worksheet of a result."""
    return worksheet(id, context_of(result))


def sheet_table(
    result: AuditResult | Context,
    id: str,
    *,
    caption: Text | None = None,
    label: str = "",
    leave_out: Collection[str] = (),
    notes: tuple[Inlines, ...] = (),
) -> Table | Missing | Paragraph:
    """A worksheet as a table of the report, with the number of its form in the notes.

    ``caption`` defaults to the worksheet's name, ``label`` (for references) to ``sheet-<id>``. ``leave_out``: column
    ids not wanted here. Optional columns in which nothing stands are left out. What is still lacking is a note below.
    A sheet without rows gives a ``Missing`` (what, and where it is entered), one that the audit does without a sentence
    with the reason. Raises UnknownName for an unknown id.
    """
    filled = sheet(result, id)
    title = caption or filled.definition.name
    if filled.reason:
        return Paragraph(message("{name}：本轮审核不需要（{reason}）。", name=title, reason=filled.reason))
    if not filled.rows:
        return Missing(title, (*filled.missing, entry_place(id)))
    kept = [
        at
        for at, column in enumerate(filled.columns)
        if column.key.partition("@")[0] not in leave_out
        and not (column.optional and not any(row[at].filled for row in filled.rows))
    ]
    columns = tuple(_column(filled.columns[at], [row[at] for row in filled.rows]) for at in kept)
    long = _repeated(row[at] for row in filled.rows[:MOST_ROWS] for at in kept)
    rows = tuple(
        Row(tuple(long.get(str(row[at].value)) or _inline(filled.columns[at], row[at]) for at in kept))
        for row in filled.rows[:MOST_ROWS]
    )
    below: list[Inlines] = [message("{mark}：{text}。", mark=mark, text=text) for text, mark in long.items()]
    below += notes
    if len(filled.rows) > MOST_ROWS:
        below.append(
            message("共 {count} 行，这里列出前 {shown} 行，其余见工作表。", count=len(filled.rows), shown=MOST_ROWS)
        )
    if filled.notes:
        below.append(message("{notes}。", notes=clauses(filled.notes)))
    if filled.missing:
        below.append(message("审核工作表 {id}；尚缺：{missing}。", id=id, missing=clauses(filled.missing)))
    else:
        below.append(message("审核工作表 {id}。", id=id))
    return Table(
        title,
        columns,
        rows,
        notes=tuple(below),
        label=label or f"sheet-{id}",
    )


def turned(*blocks: Block) -> tuple[Block, ...]:
    """Blocks on landscape pages where a wide and long table is among them (with its heading), else as they are."""
    if any(isinstance(one, Table) and len(one.columns) >= WIDE_SHEET and len(one.rows) >= LONG_SHEET for one in blocks):
        return (LandscapeSection(tuple(one for one in blocks if not isinstance(one, LandscapeSection))),)
    return blocks


def entry_place(id: str) -> Text:
    """Where a worksheet is filled in by hand."""
    return message("在审核工作簿的工作表 {id} 填写", id=id)


def cell_number(value: float) -> Number:
    """A number of a worksheet as printed: as entered where it has few digits, else as every figure of the report."""
    entered = Number(value, exact=True)
    digits = format_number(entered).translate(_NO_DIGITS).strip("0")
    return entered if digits.isdigit() and len(digits) <= ENTERED_DIGITS else Number(value)


def cell_content(cell: Cell) -> Inlines | None:
    """A cell as the report prints it; None for an empty one."""
    if not cell.filled:
        return None
    value = cell.value
    if not isinstance(value, float):
        return value
    return Number(value) if cell.origin in ("figure", "computed") else cell_number(value)


def _repeated(cells: Iterable[Cell]) -> Mapping[str, Message]:
    """Long texts that many cells repeat, as a definition of a class of wastes, with the mark that stands for each."""
    counted = Counter(
        str(cell.value)
        for cell in cells
        if cell.filled and cell.origin == "computed" and not isinstance(cell.value, float)
    )
    found = [text for text, count in counted.items() if count >= OFTEN and len(text) > LONG_TEXT]
    return {text: message("注 {number}", number=number) for number, text in enumerate(found, start=1)}


def _inline(column: SheetColumn, cell: Cell) -> Inlines | None:
    if column.key == "unit" and cell.filled:
        return unit_text(str(cell.value)) or "—"
    return cell_content(cell)


def _column(column: SheetColumn, cells: list[Cell]) -> Column:
    name = str(column.name)
    filled = [cell for cell in cells if cell.filled]
    if filled and all(isinstance(cell.value, float) for cell in filled):
        return Column(name, align="right")
    return Column(name, align="center" if column.key in ("unit", "no", "id") else "left")

"""Writing the audit workbook (审核工作簿): empty for an industry, or filled with a case; in Chinese or English.

Every sheet prints well, every input cell is unlocked, every formula is a check that the reader does not read. What is
written reads back to the same case (``workbook.read_workbook``); numbers keep all their digits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from qingyuan import __version__
from qingyuan.facts.book.cover import write_cover
from qingyuan.facts.book.forms import write_form, write_indicators
from qingyuan.facts.book.long import write_long
from qingyuan.facts.book.style import Styles, put
from qingyuan.facts.book.wide import write_wide
from qingyuan.facts.book.widerows import Distribution, chosen_years, distribute
from qingyuan.facts.book.writer import Book
from qingyuan.facts.cells import EMPTY_TOKEN
from qingyuan.facts.indicatorrow import IndicatorRow
from qingyuan.facts.model import Case, Profile
from qingyuan.facts.sheets import HIDDEN_SHEET, LISTS_SHEET, SHEETS, TEMPLATE_ID, TEMPLATE_VERSION, sheet_title
from qingyuan.language import Language, Name
from qingyuan.language import language as speaking

WORKBOOK_TITLE = Name("清洁生产审核数据工作簿", "Cleaner production audit workbook")

__all__ = ["FurtherSheet", "IndicatorRow", "write_template"]


@dataclass(frozen=True, slots=True)
class FurtherSheet:
    """A sheet that another room adds to the workbook (``audit`` its settings and worksheets).

    ``key`` begins with ``sheets.AUDIT_MARK``, so that no reader takes the sheet for facts; ``name`` is that of the
    sheet, ``hint`` what the cover says of it; ``write`` fills the page.
    """

    key: str
    name: str
    hint: str
    write: Callable[[Book, Worksheet], None]


def write_template(
    path: Path | str,
    *,
    indicator_rows: Sequence[IndicatorRow] = (),
    system_id: str = "",
    table_id: str = "",
    title: str = "",
    language: Language = "zh",
    case: Case | None = None,
    years: Sequence[str] = (),
    further: Sequence[FurtherSheet] = (),
) -> Path:
    """Write the audit workbook; returns its path.

    ``indicator_rows`` fill the indicator sheet (``standards.evidence.indicator_rows`` makes them of a table);
    ``system_id`` and ``table_id`` go to the profile of an empty workbook, ``title`` (of the index system) to the cover.
    ``case`` fills the sheets. ``years`` are the columns of the yearly sheets: the case's own by default, else the last
    three whole years. ``further`` are sheets of other rooms, after those of the facts.

    Raises InputError where a text is too long for a cell, OSError where the file cannot be written.
    """
    target = Path(path)
    chosen = chosen_years(case, years) or _last_years()
    blank = "missing" if language == "en" else EMPTY_TOKEN
    facts = distribute(case, chosen, blank=blank) if case is not None else Distribution(chosen)
    profile = case.profile if case is not None else Profile(system=system_id, table=table_id)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with speaking(language):
        book = xlsxwriter.Workbook(str(target), options)
        ctx = Book(book, Styles(book, language), language, chosen, case, facts, profile)
        book.set_properties({"title": title or WORKBOOK_TITLE.zh, "comments": f"Qingyuan {__version__}"})
        _write_sheets(ctx, title, indicator_rows, further)
        try:
            book.close()
        except xlsxwriter.exceptions.FileCreateError as error:
            raise OSError(f"{target}: {error}") from error
    return target


def _last_years() -> tuple[str, ...]:
    last = dt.date.today().year - 1
    return tuple(str(year) for year in range(last - 2, last + 1))


def _write_sheets(ctx: Book, title: str, rows: Sequence[IndicatorRow], further: Sequence[FurtherSheet]) -> None:
    cover = ctx.book.add_worksheet(ctx.say("封面", "Cover"))
    pages = {entry.key: ctx.book.add_worksheet(sheet_title(entry, ctx.language)) for entry in SHEETS}
    for entry in SHEETS:
        page = pages[entry.key]
        if entry.layout == "form":
            write_form(ctx, entry, page, ctx.case.parameters if ctx.case else {})
        elif entry.layout == "wide":
            write_wide(ctx, entry, page, rows)
        elif entry.key == "indicators":
            write_indicators(ctx, entry, page, rows, ctx.case.judgements if ctx.case else ())
        else:
            write_long(ctx, entry, page)
    for added in further:
        added.write(ctx, ctx.book.add_worksheet(added.name))
    write_cover(ctx, cover, ctx.text(WORKBOOK_TITLE), title, [(added.name, added.hint) for added in further])
    _write_lists(ctx)
    _write_hidden(ctx)
    cover.activate()


def _write_lists(ctx: Book) -> None:
    """The lists behind the drop-downs, one column each, on a hidden sheet."""
    page = ctx.book.add_worksheet(LISTS_SHEET)
    for index, (name, values) in enumerate(ctx.lists.items()):
        for row, text in enumerate((name, *values)):
            put(page, row, index, text, ctx.styles.get())
        letter = xl_col_to_name(index)
        ctx.book.define_name(name, f"={LISTS_SHEET}!${letter}$2:${letter}${max(len(values), 1) + 1}")
    page.very_hidden()


def _write_hidden(ctx: Book) -> None:
    """What template this is, and the columns of every sheet, on a hidden sheet."""
    page = ctx.book.add_worksheet(HIDDEN_SHEET)
    facts = (
        ("template", TEMPLATE_ID),
        ("version", str(TEMPLATE_VERSION)),
        ("language", ctx.language),
        ("system", ctx.profile.system),
        ("table", ctx.profile.table),
        ("years", " ".join(ctx.years)),
        ("program", __version__),
    )
    for row, (key, text) in enumerate((*facts, *((f"sheet:{key}", f"{name}|{keys}") for key, name, keys in ctx.marks))):
        put(page, row, 0, key, ctx.styles.get())
        put(page, row, 1, text, ctx.styles.get())
    page.very_hidden()

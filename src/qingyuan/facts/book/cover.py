"""The cover of the audit workbook: what it is, how it is filled in, what the colours say, and where every sheet is."""

from __future__ import annotations

from collections.abc import Sequence

from xlsxwriter.worksheet import Worksheet

from qingyuan.facts.book.style import CHOICE, COMPUTED, HEAD, HEAD_SOFT, INPUT, LINE, fit_row, put, set_paper
from qingyuan.facts.book.writer import Book
from qingyuan.facts.sheets import COVER_MARK, SHEETS, TEMPLATE_VERSION, sheet_title

_STEPS = (
    (
        "先填“企业概况”和“场所”，再填各年度表；按月、按日的数填“明细”，每个数一行。",
        "Begin with the plant and its places, then the yearly sheets; monthly and daily numbers go to the details.",
    ),
    (
        "同一个数只填一次。全厂的数场所写“全厂”，各车间的数写车间；两个车间合在一起的数，场所写“二、三车间”。",
        "Enter each number once. Whole-plant numbers belong to “site”, others to their workshop.",
    ),
    (
        "单位按计量或票据填，不必换算；单位也可以写在数后面（12.5 t）或列标题的括号里。",
        "Enter units as metered or invoiced; a unit may also stand behind the number or in the heading.",
    ),
    (
        "“数据来源”写数怎么来的，“凭证”写哪份票据或报告（可写“证据清单”的编号）。",
        "“Basis” says how a number is known, “Source” which document shows it.",
    ),
    (
        "可以增加行、调整列宽、增加自己的工作表；移动列前先撤销工作表保护（没有密码）。",
        "Rows and sheets may be added; take the protection off (no password) before moving columns.",
    ),
    (
        "灰色的是核对公式，软件不读；填完直接交给软件读取，有问题会按单元格列出。",
        "Grey cells are checks and are not read. The program lists every problem by its cell.",
    ),
)
_STATES = (
    ("0", "0", "有这件事，数量为零", "there is such a thing, and its amount is zero"),
    ("（留空）", "(empty)", "没有数据，或没有填", "no data, or not filled in"),
    ("未填", "missing", "要填而没有数据，写明“未填”", "asked for, and known to be missing"),
    ("不适用", "n/a", "企业没有这件事（“/”“—”也可以）", "the plant has no such thing (“/” and “—” as well)"),
    ("ND 或 <0.05", "ND or <0.05", "低于检出限", "below the detection limit"),
)


def write_cover(ctx: Book, page: Worksheet, title: str, subtitle: str, further: Sequence[tuple[str, str]] = ()) -> None:
    """Write the cover: title, plant, steps, meaning of cells, table of sheets with links.

    ``further``: name and hint of the sheets of the audit itself.
    """
    styles, say = ctx.styles, ctx.say
    for column, width in enumerate((4, 26, 34, 34)):
        page.set_column(column, column, width)
    page.set_row(0, 12, None, {"hidden": True})
    put(page, 0, 0, COVER_MARK, styles.hint())
    put(page, 0, 1, COVER_MARK, styles.hint())
    band = styles.get(bg_color=HEAD)
    for row, height in ((1, 10), (2, 34), (3, 22), (4, 10)):
        page.set_row(row, height)
        for column in range(4):
            put(page, row, column, None, band)
    big = styles.get(bg_color=HEAD, font_color="#FFFFFF", bold=True, font_size=20)
    small = styles.get(bg_color=HEAD, font_color="#FFFFFF", font_size=11)
    put(page, 2, 1, title, big)
    plant = (ctx.profile.name_en if ctx.language == "en" else "") or ctx.profile.name or ctx.profile.plant
    years = say("、", ", ").join(ctx.years)
    put(page, 3, 1, " · ".join(part for part in (plant, subtitle, say(f"{years} 年", years)) if part), small)
    row = 6
    row = _heading(ctx, page, row, say("怎样填", "How to fill it in"))
    for number, (zh, en) in enumerate(_STEPS, 1):
        fit_row(page, row, ((say(zh, en), 94),))
        put(page, row, 0, number, styles.get(bold=True, font_color=HEAD, align="center", valign="top"))
        page.merge_range(row, 1, row, 3, "", styles.get(text_wrap=True, valign="top"))
        put(page, row, 1, say(zh, en), styles.get(text_wrap=True, valign="top"))
        row += 1
    row = _heading(ctx, page, row + 1, say("单元格的颜色", "Colours"))
    for colour, text in (
        (INPUT, say("填写", "to fill in")),
        (CHOICE, say("从下拉表选；列表里没有的可以写自己的叫法", "choose from a list, or write a name of your own")),
        (COMPUTED, say("核对公式，不用填，软件不读", "checks, locked and not read")),
    ):
        put(page, row, 1, None, styles.get(bg_color=colour, border=1, border_color=LINE))
        put(page, row, 2, text, styles.get())
        row += 1
    row = _heading(
        ctx, page, row + 1, say("零、空、不适用、未检出是四件事", "Zero, empty, n/a, below detection: four things")
    )
    for zh, en, meaning, meaning_en in _STATES:
        put(page, row, 1, say(zh, en), styles.get(bg_color=INPUT, border=1, border_color=LINE, align="center"))
        put(page, row, 2, say(meaning, meaning_en), styles.get(indent=1))
        page.set_row(row, 18)
        row += 1
    row = _heading(ctx, page, row + 1, say("数据工作表", "Sheets of data"))
    row = _links(ctx, page, row, [(sheet_title(entry, ctx.language), ctx.text(entry.hint)) for entry in SHEETS])
    if further:
        row = _heading(ctx, page, row + 1, say("审核工作表（可以后填）", "Sheets of the audit, for later"))
        row = _links(ctx, page, row, further)
    put(page, row + 1, 1, say(f"模板版本 {TEMPLATE_VERSION}", f"Template version {TEMPLATE_VERSION}"), styles.hint())
    set_paper(page, title, None, portrait=True)
    page.protect("", {"select_locked_cells": True})


def _links(ctx: Book, page: Worksheet, row: int, sheets: Sequence[tuple[str, str]]) -> int:
    link = ctx.styles.get(font_color=HEAD, underline=1)
    for name, hint in sheets:
        target = name.replace("'", "''")
        page.write_url(row, 1, f"internal:'{target}'!A1", link, name)
        put(page, row, 2, hint, ctx.styles.get(indent=1))
        page.set_row(row, 17)
        row += 1
    return row


def _heading(ctx: Book, page: Worksheet, row: int, text: str) -> int:
    page.set_row(row, 20)
    for column in range(1, 4):
        put(page, row, column, None, ctx.styles.get(bg_color=HEAD_SOFT))
    put(page, row, 1, text, ctx.styles.get(bold=True, font_color=HEAD, bg_color=HEAD_SOFT, font_size=11))
    return row + 1

"""The form of the plant and the sheet of indicators: cells beside texts that the template gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from xlsxwriter.worksheet import Worksheet

from qingyuan.facts.book.style import HEAD, HEAD_SOFT, PROTECTION, fit_row, put, set_paper
from qingyuan.facts.book.writer import Book, SheetColumn, write_head, write_title
from qingyuan.facts.columns import column
from qingyuan.facts.indicatorrow import IndicatorRow
from qingyuan.facts.model import Judgement
from qingyuan.facts.profileform import DETAIL_LABELS, PROFILE_LABELS, SETTING_LABELS, parameter_fields
from qingyuan.facts.rows import judgement_row
from qingyuan.facts.sheets import Sheet, column_mark
from qingyuan.facts.words import word_name
from qingyuan.language import Name

_HINTS: Final[Mapping[str, Name]] = {
    "plant": Name("十八位代码；没有可留空", "18 characters; may stay empty"),
    "industry_code": Name("GB/T 4754 的代码，如 3982", "class of GB/T 4754, e.g. 3982"),
    "province": Name("决定省级电力排放因子等", "decides provincial factors"),
    "system": Name("指标体系的编号，由软件填写", "id of the index system, set by the program"),
    "table": Name("该体系中的哪张表，由软件填写", "which table of the system, set by the program"),
    "audit_period": Name("如 2022-01-01/2022-12-31", "e.g. 2022-01-01/2022-12-31"),
    "grade": Name("真实数据留空；演示数据写 demo", "empty for real data; demo for invented ones"),
}
_FREE_ROWS: Final = 6  # blank rows for further details, settings and parameters


def write_form(ctx: Book, entry: Sheet, page: Worksheet, parameters: Mapping[str, object]) -> None:
    """Write the plant's profile, report settings, details and index parameters as a form."""
    styles = ctx.styles
    for index, (width, hidden) in enumerate(((2, True), (40, False), (44, False), (34, False))):
        page.set_column(index, index, width, styles.get(locked=0), {"hidden": hidden})
    page.set_row(0, 26)
    put(page, 0, 1, ctx.text(entry.title), styles.title())
    put(page, 1, 1, ctx.text(entry.hint), styles.hint())
    page.set_row(2, 12, None, {"hidden": True})
    head = (("field", "字段", "Field"), ("label", "内容", "Item"), ("value", "填写", "Value"), ("note", "说明", "Note"))
    for index, (key, zh, en) in enumerate(head):
        put(page, 2, index, column_mark(entry.key, key), styles.hint())
        put(page, 3, index, ctx.say(zh, en), styles.head())
    row = _section(ctx, page, 4, ctx.say("企业", "Plant"))
    for key, label in PROFILE_LABELS.items():
        row = _field(ctx, page, row, key, ctx.text(label), getattr(ctx.profile, key), _HINTS.get(key))
    row = _section(ctx, page, row, ctx.say("其他情况", "Further details"))
    details = {**dict.fromkeys(DETAIL_LABELS, ""), **ctx.profile.details}
    for key, text in details.items():
        known = DETAIL_LABELS.get(key)
        row = _field(ctx, page, row, f"details:{key}", ctx.text(known) if known else key, text, None)
    row = _free(ctx, page, row, "details:")
    row = _section(ctx, page, row, ctx.say("报告设置（空着按默认）", "Report settings (empty = default)"))
    settings: dict[str, object] = {**dict.fromkeys(SETTING_LABELS, ""), **ctx.profile.settings}
    for key, value in settings.items():
        known = SETTING_LABELS.get(key)
        row = _field(ctx, page, row, f"settings:{key}", ctx.text(known) if known else key, value, None)
    row = _free(ctx, page, row, "settings:")
    row = _section(ctx, page, row, ctx.say("指标参数（如层数、各产品产量比例）", "Parameters of the index system"))
    for item in parameter_fields(parameters):
        row = _field(ctx, page, row, item.field, item.label, item.value, None)
    _free(ctx, page, row, "parameters:")
    page.freeze_panes(4, 0)
    set_paper(page, ctx.text(entry.title), 3, portrait=True)
    page.protect("", PROTECTION)
    ctx.marks.append((entry.key, page.get_name(), "field label value note"))


def _section(ctx: Book, page: Worksheet, row: int, text: str) -> int:
    style = ctx.styles.get(bold=True, font_color=HEAD, bg_color=HEAD_SOFT, indent=1)
    for index in range(1, 4):
        put(page, row, index, text if index == 1 else None, style)
    return row + 1


def _field(ctx: Book, page: Worksheet, row: int, key: str, label: str, value: object, hint: Name | None) -> int:
    styles = ctx.styles
    put(page, row, 0, key, styles.hint())
    put(page, row, 1, label, styles.fixed(text_wrap=True, indent=1))
    put(page, row, 2, value, styles.cell("long"))
    put(page, row, 3, ctx.text(hint) if hint else None, styles.fixed(font_size=9, font_color="#6B7780", indent=1))
    fit_row(page, row, ((label, 40), (value, 44)))
    return row + 1


def _free(ctx: Book, page: Worksheet, row: int, key: str) -> int:
    """Blank rows whose label is the user's."""
    for offset in range(_FREE_ROWS // 3):
        put(page, row + offset, 0, key, ctx.styles.hint())
        put(page, row + offset, 1, None, ctx.styles.cell("text"))
        put(page, row + offset, 2, None, ctx.styles.cell("long"))
        put(page, row + offset, 3, None, ctx.styles.fixed())
    return row + _FREE_ROWS // 3


def write_indicators(
    ctx: Book, entry: Sheet, page: Worksheet, rows: Sequence[IndicatorRow], judgements: Sequence[Judgement]
) -> None:
    """Write the rows of an index system with the plant's answers; answers to other indicators follow below."""
    say, styles = ctx.say, ctx.styles
    answer = column("indicators", "answer")
    columns = [
        SheetColumn("indicator", say("编号", "Id"), 15),
        SheetColumn("-", say("一级指标", "Group"), 15),
        SheetColumn("-", say("二级指标", "Indicator"), 30),
        SheetColumn("-", say("单位", "Unit"), 10),
        SheetColumn("-", say("权重", "Weight"), 8),
        SheetColumn("-", say("限定性", "Limiting"), 7),
        SheetColumn("-", "Ⅰ", 22),
        SheetColumn("-", "Ⅱ", 22),
        SheetColumn("-", "Ⅲ", 22),
        SheetColumn("answer", ctx.text(answer.heading), 13, "number", ctx.text(answer.help)),
        SheetColumn("evidence", say("证据", "Evidence"), 22, "long"),
        SheetColumn("note", say("备注", "Note"), 18, "long"),
        SheetColumn("-", say("怎么算、怎么判", "How it is found"), 40),
    ]
    write_title(ctx, entry, page)
    write_head(ctx, entry, page, columns, 3)
    page.freeze_panes(5, 3)
    answers = {judgement.indicator: judgement for judgement in reversed(judgements)}
    wrapped = styles.fixed(text_wrap=True, font_size=9, indent=1)
    centred = styles.fixed(text_wrap=True, align="center")
    group = ""
    for number, row in enumerate(rows, 5):
        put(page, number, 0, row.id, styles.fixed(font_size=8, font_color="#6B7780"))
        shade = {"bold": True} if row.group != group else {"font_color": "#6B7780"}
        put(page, number, 1, row.group, styles.fixed(text_wrap=True, indent=1, **shade))
        put(page, number, 2, row.name, styles.fixed(text_wrap=True, indent=1))
        put(page, number, 3, row.unit, centred)
        put(page, number, 4, row.weight_text, centred)
        put(page, number, 5, "*" if row.limiting else None, centred)
        for offset, text in enumerate(row.levels):
            put(page, number, 6 + offset, text, centred if row.kind == "quantitative" else wrapped)
        put(page, number, 12, row.definition, wrapped)
        group = row.group
        wrapping = [(row.group, 15), (row.name, 30), (row.definition, 40), *((text, 22) for text in row.levels)]
        fit_row(page, number, wrapping, size=9)
        _answer(ctx, page, number, answers.pop(row.id, None), row.choices)
    further = [judgement for judgement in judgements if judgement.indicator in answers]
    for number, judgement in enumerate(further, 5 + len(rows)):
        put(page, number, 0, judgement.indicator, styles.cell("text"))
        for index in (*range(1, 9), 12):
            put(page, number, index, None, styles.fixed())
        _answer(ctx, page, number, judgement, ())


def _answer(ctx: Book, page: Worksheet, row: int, judgement: Judgement | None, choices: Sequence[str]) -> None:
    """The cells of an answer; a drop-down where the row takes a level."""
    held = judgement_row(judgement) if judgement is not None else {}
    value = held.get("answer")
    name = word_name("level", value) if isinstance(value, str) else None
    number = value if isinstance(value, float) else None
    style = ctx.styles.cell("choice" if choices else "number", number)
    put(page, row, 9, ctx.text(name) if name is not None else value, style)
    put(page, row, 10, held.get("evidence"), ctx.styles.cell("long"))
    put(page, row, 11, held.get("note"), ctx.styles.cell("long"))
    names = [ctx.text(known) for choice in choices if (known := word_name("level", choice)) is not None]
    if names:
        page.data_validation(
            row,
            9,
            row,
            9,
            {
                "validate": "list",
                "source": ctx.list_of("qy_choices_" + "_".join(c.replace("/", "") for c in choices), names),
                "error_title": ctx.say("请从列表选", "Choose from the list"),
                "error_message": ctx.say("选达到的最高级别", "Choose the best level reached"),
            },
        )

"""The balances in chapter 3 of the audit report (平衡): tables, pictures, rates, what does not close and why, losses.

What is stated stands in the tables as it was stated; a range stands as a range. The verdict follows from the numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest

from qingyuan.audit.result import AuditResult
from qingyuan.balance.account import Balance
from qingyuan.balance.losses import LossCosts
from qingyuan.balance.rules import VERDICTS, Entry, Side, UnitBalance
from qingyuan.language import Message, Text, clauses, listing, message
from qingyuan.report.chapters.common import picture, present
from qingyuan.report.numbers import Number, unit_text
from qingyuan.report.sankey_chart import balance_sankey
from qingyuan.report.tree import (
    Block,
    BulletList,
    Callout,
    Column,
    GroupRow,
    Heading,
    Inlines,
    Missing,
    Paragraph,
    Row,
    Table,
)

_RULE = message(
    "偏差 = |投入 − 产出| ÷ 投入，由各行的数量计算，不接受填写的偏差；一般不超过 {limit}%，"
    "贵重和有毒有害物质不超过 {strict}%。有两个数的项以范围列出；由差额得出的数不构成核对。"
)

_SIDES: tuple[Side, Side] = ("in", "out")
_MOST = 100.0  # percent: the upper end of a deviation above it says no more than its lower end


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """Every balance of the graded period with its table, picture, findings and needs; then the cost of losses.

    Empty where the facts allow none: the caller then says what is missing.
    """
    if not result.balances:
        return ()
    found: list[Block] = [_rule(result), _overview(result.balances)]
    for balance in result.balances:
        found += _balance(balance)
    if result.losses is not None:
        found += _losses(result.losses)
    return tuple(found)


def _rule(result: AuditResult) -> Paragraph:
    from qingyuan.balance.plant import limits

    limit, strict = limits(result.settings)
    return Paragraph(message(_RULE.template, limit=Number(100 * limit), strict=Number(100 * strict)))


def _overview(balances: Iterable[Balance]) -> Table:
    """All balances at a glance: totals, deviation, verdict."""
    rows = tuple(
        Row(
            (
                balance.name,
                unit_text(balance.unit),
                _total(balance.whole, "in"),
                _total(balance.whole, "out"),
                _deviation(balance.whole),
                _verdict(balance.whole),
            ),
            "alert" if balance.whole.verdict == "open" else "",
        )
        for balance in balances
    )
    columns = (
        Column(message("平衡")),
        Column(message("单位"), align="center"),
        Column(message("投入"), align="right"),
        Column(message("产出"), align="right"),
        Column(message("偏差"), "%", align="right"),
        Column(message("结论")),
    )
    return Table(message("各项平衡一览"), columns, rows, label="balances-overview")


def _balance(balance: Balance) -> tuple[Block, ...]:
    chart = balance_sankey(balance)
    vague = any(row.low != row.high for row in balance.whole.entries if row.known)
    caption = message("{name}图（{period}）", name=balance.name, period=balance.period)
    if vague:
        caption = message("{name}图（{period}，含量取范围的中值）", name=balance.name, period=balance.period)
    return (
        Heading(3, balance.name),
        *present(
            _units(balance) if len(balance.units) > 1 else None,
            _sides(balance),
            _links(balance),
            _rates(balance),
            None if chart is None else picture(caption, chart, label=f"balance-picture-{balance.id}"),
        ),
        *_words(balance),
    )


def _units(balance: Balance) -> Table:
    """One line for each unit: totals, difference, deviation, verdict."""
    rows = [_unit_row(one) for one in balance.units]
    columns = (
        Column(message("单元")),
        Column(message("投入"), align="right"),
        Column(message("产出"), align="right"),
        Column(message("差额"), align="right"),
        Column(message("偏差"), "%", align="right"),
        Column(message("结论")),
    )
    caption = message(
        "{name}：各单元（{period}，{unit}）", name=balance.name, period=balance.period, unit=unit_text(balance.unit)
    )
    return Table(caption, columns, tuple(rows), label=f"balance-units-{balance.id}")


def _unit_row(one: UnitBalance) -> Row:
    gap = one.gap
    return Row(
        (
            one.name,
            _total(one, "in"),
            _total(one, "out"),
            None if gap is None else _range(*gap),
            _deviation(one),
            _verdict(one),
        ),
        "alert" if one.verdict == "open" else "",
    )


def _verdict(one: UnitBalance) -> Text:
    if one.verdict == "unchecked" and one.unknown:
        names = {str(row.name): row.name for row in one.unknown}
        return message("缺：{names}", names=listing(names.values()))
    return VERDICTS[one.verdict]


def _sides(balance: Balance) -> Table:
    """The balance table (平衡表): input on the left, output on the right, unit by unit, with totals."""
    rows: list[Row | GroupRow] = []
    units = [one for one in balance.units if one.entries] if len(balance.units) > 1 else []
    for one in (*units, balance.whole):
        if units:
            rows.append(GroupRow(one.name))
        rows += _two_sides(one)
    columns = (
        Column(message("投入")),
        Column(message("数量"), align="right"),
        Column(message("产出")),
        Column(message("数量"), align="right"),
    )
    caption = message("{name}表（{period}，{unit}）", name=balance.name, period=balance.period,
                      unit=unit_text(balance.unit))  # fmt: skip
    notes: list[Inlines] = []
    if any(row.computed for one in (*balance.units, balance.whole) for row in one.entries):
        notes.append(message("* 由衡算（差额）得出的数。"))
    return Table(caption, columns, tuple(rows), notes=tuple(notes), dense=len(rows) > 24,
                 label=f"balance-{balance.id}")  # fmt: skip


def _two_sides(one: UnitBalance) -> list[Row]:
    inside = [row for row in one.entries if row.side == "in"]
    out = [row for row in one.entries if row.side == "out"]
    found = [
        Row(
            (
                None if left is None else _name(left, balance=one),
                None if left is None else _amount(left),
                None if right is None else _name(right, balance=one),
                None if right is None else _amount(right),
            )
        )
        for left, right in zip_longest(inside, out)
    ]
    short = {row.side for row in one.unknown}
    words = [message("已知合计") if side in short else message("合计") for side in _SIDES]
    found.append(Row((words[0], _total(one, "in"), words[1], _total(one, "out")), "bold"))
    return found


def _name(row: Entry, balance: UnitBalance) -> Text:
    alike = [other for other in balance.entries if other.side == row.side and str(other.name) == str(row.name)]
    if len(alike) > 1 and row.partner and row.partner not in ("0", "plant", "supply", "collected", "works"):
        return message("{name}（{place}）", name=row.name, place=row.partner)
    return row.name


def _amount(row: Entry) -> Inlines:
    if row.low is None or row.high is None:
        return message("未知")
    number = _range(row.low, row.high)
    return (number, " *") if row.computed else number


def _total(one: UnitBalance, side: Side) -> Number | None:
    """The sum of a side; None where no row of it is known."""
    return _range(*one.total(side)) if any(row.side == side and row.known for row in one.entries) else None


def _range(low: float, high: float) -> Number:
    if abs(high - low) <= 1e-9 * max(abs(low), abs(high)):
        return Number(low, significant=5)
    return Number(low, high=high, significant=3)


def _deviation(one: UnitBalance) -> Number | None:
    """The deviation in percent; a range where the amounts are ranges."""
    if one.deviation is None or any(not row.known for row in one.entries):
        return None
    low, high = (100 * end for end in one.deviation)
    if high - low < 0.005:
        return Number(high, digits=2)
    if high > _MOST:
        return Number(low, digits=2, bound="≥") if low >= 0.005 else None
    return Number(low, high=high, significant=3)


def _rates(balance: Balance) -> Table | None:
    if not balance.rates:
        return None
    rows = tuple(
        Row(
            (
                rate.name,
                rate.formula,
                message("缺：{needs}", needs=clauses(rate.needs))
                if rate.value is None
                else Number(100 * rate.value, "%", digits=2),
            )
        )
        for rate in balance.rates
    )
    columns = (Column(message("指标")), Column(message("计算式")), Column(message("数值"), align="right"))
    note = message(
        "V_f 新水量，V_r 重复利用水量，V_cr、V_cf 间接冷却水循环量与其补充新水量，V_gr、V_gf 工艺水回用量与工艺新水量，"
        "V_br 冷凝水回用量，D·h 蒸汽量，V_w 回用的废水量，V_d 排水量，V_l 漏失量。"
    )
    return Table(message("用水指标（{period}）", period=balance.period), columns, rows, notes=(note,),
                 label=f"balance-rates-{balance.id}")  # fmt: skip


def _links(balance: Balance) -> Table | None:
    """The four links of the energy balance: supplied, effective, lost, efficiency."""
    if not balance.links:
        return None
    rows = []
    for link in balance.links:
        efficiency = link.efficiency
        rows.append(
            Row(
                (
                    link.name,
                    None if link.supplied is None else Number(link.supplied, significant=5),
                    None if link.effective is None else Number(link.effective, significant=5),
                    None if link.lost is None else Number(link.lost, significant=4),
                    message("缺：{needs}", needs=clauses(link.needs))
                    if efficiency is None
                    else Number(100 * efficiency, "%", digits=1),
                )
            )
        )
    columns = (
        Column(message("环节")),
        Column(message("供入"), balance.links[0].unit, align="right"),
        Column(message("有效"), balance.links[0].unit, align="right"),
        Column(message("损失"), balance.links[0].unit, align="right"),
        Column(message("效率")),
    )
    return Table(message("能量平衡的四个环节（{period}）", period=balance.period), columns, tuple(rows),
                 label=f"balance-links-{balance.id}")  # fmt: skip


def _words(balance: Balance) -> tuple[Block, ...]:
    found: list[Block] = []
    if balance.remarks:
        tone = any(one.verdict == "open" for one in (*balance.units, balance.whole))
        if tone and len(balance.remarks) == 1:
            found.append(Callout(balance.remarks[0], tone="warning"))
        else:
            found.append(BulletList(tuple(balance.remarks)))
    result = balance.reconciliation
    if result is not None and result.consistent is False and result.gross_errors:
        lead = message("数据调和认为最可疑的量（按统计检验排序）：")
        suspects = tuple(error.text for error in result.gross_errors if error.role == "suspect")[:3]
        if suspects:
            found += [Paragraph(lead), BulletList(suspects, ordered=True)]
    if balance.needs:
        found.append(Missing(message("使{name}闭合还需要", name=balance.name), balance.needs))
    return tuple(found)


# --- losses ----------------------------------------------------------------------------------------------------------


def _losses(losses: LossCosts) -> tuple[Block, ...]:
    """The cost of losses by place, the dearest first, and what it says of the audit focus."""
    lead = message(
        "按物质流成本会计（ISO 14051、GB/T 31714）：损失的物料按采购价，能源和系统成本按损失率分摊，"
        "废物管理成本全部由损失承担。没有数据的栏目不计，合计是下限。"
    )
    rows = tuple(
        Row(
            (
                one.place,
                _money(one.material),
                _money(one.energy),
                _money(one.system),
                _money(one.waste),
                Number(one.total / 1e4, significant=4, bound="" if one.complete else "≥"),
            )
        )
        for one in losses.places
    )
    columns = (
        Column(message("场所")),
        Column(message("物料与水"), align="right"),
        Column(message("能源"), align="right"),
        Column(message("系统"), align="right"),
        Column(message("废物管理"), align="right"),
        Column(message("合计"), align="right"),
    )
    table = Table(message("损失的成本（{period}，万元）", period=losses.period), columns, rows, label="loss-costs")
    first = losses.places[0]
    words: list[Message] = []
    if len(losses.places) > 1:
        words.append(message("损失成本最高的是{place}；它可以作为选定审核重点的一个因素。", place=first.place))
    found: list[Block] = [Heading(3, message("损失的成本")), Paragraph(lead), table, *(Paragraph(one) for one in words)]
    if losses.needs:
        found.append(Missing(message("损失成本的完整计算还需要"), losses.needs))
    return tuple(found)


def _money(value: float | None) -> Number | None:
    return None if value is None else Number(value / 1e4, significant=4)

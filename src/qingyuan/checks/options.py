"""Cleaner production options (方案): pay-back, savings, what the effects are worth, gaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from qingyuan import units
from qingyuan.checks.effects import Claim, claims, claims_any, title
from qingyuan.checks.finding import Finding, Gravity, Number, joined, listed, shown, times
from qingyuan.checks.knowledge import threshold
from qingyuan.checks.plant import look
from qingyuan.facts.model import Case, OptionRow
from qingyuan.facts.words import word_id
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Message, message

_COSTLY = ("medium", "higher", "high", "medium-high")  # words of the cost classes that need an investment


def paybacks(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Pay-back times that are not investment over saving."""
    slack = threshold("option-payback", "gap")
    hits: list[tuple[OptionRow, float]] = []
    for option in case.options:
        if option.investment and option.annual_saving and option.payback_years:
            expected = option.investment / option.annual_saving
            # the handbook's pay-back counts tax and depreciation, so up to a third longer is no contradiction
            if (
                not expected * (1 - slack)
                <= option.payback_years
                <= expected * (1 + threshold("option-payback", "tax"))
            ):
                hits.append((option, expected))
    if not hits:
        return
    worst = max(hits, key=lambda hit: times(hit[1], hit[0].payback_years or 0.0))
    ordered = sorted(hits, key=lambda hit: -times(hit[1], hit[0].payback_years or 0.0))
    items = listed(
        message(
            "{option}：{i} 万元 ÷ {s} 万元/年 = {n} 年，写 {p} 年",
            option=title(option),
            i=shown(option.investment or 0.0),
            s=shown(option.annual_saving or 0.0),
            n=shown(expected, 3),
            p=shown(option.payback_years or 0.0),
        )
        for option, expected in ordered
    )
    yield Finding(
        rule="option-payback",
        severity=Gravity.SERIOUS,
        message=message(
            "{count} 个方案的投资偿还期与投资、年效益不符：{items}",
            count=len(hits),
            items=items,
        ),
        numbers=tuple(
            number
            for option, expected in ordered
            for number in (
                Number(message("{id} 写的偿还期", id=option.id), option.payback_years or 0.0, "a", (option.where,)),
                Number(message("{id} 投资 ÷ 年效益", id=option.id), expected, "a", (option.where,), "", True),
            )
        ),
        settle=message("投资概算与效益计算书"),
        size=times(worst[1], worst[0].payback_years or 0.0),
        concerns=tuple(option.id for option, _ in ordered),
    )


def savings_and_turnover(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Savings that are a large part of what the plant earns, alone and together."""
    plant = look(case, ledger)
    savers = [option for option in case.options if option.annual_saving]
    value = next(
        (
            n
            for year in reversed(plant.years)
            for item in ("output-value", "revenue")
            if (n := plant.amount(item, "amount", year, unit="10^4 CNY")) is not None
        ),
        None,
    )
    if value is None or value.value <= 0 or not savers:
        return
    total = sum(option.annual_saving or 0.0 for option in savers)
    if total > threshold("option-savings", "together") * value.value:
        yield Finding(
            rule="option-savings",
            severity=Gravity.SERIOUS
            if total > threshold("option-savings", "serious") * value.value
            else Gravity.QUESTION,
            message=message(
                "{count} 个方案的年效益合计 {total} 万元，占 {year} 年产值 {value} 万元的 {share}%",
                count=len(savers),
                total=shown(total),
                year=value.period,
                value=shown(value.value),
                share=shown(100 * total / value.value, 3),
            ),
            numbers=(
                Number(message("年效益合计"), total, "10^4 CNY", tuple(option.where for option in savers), "", True),
                value,
            ),
            settle=message("效益计算书：每个方案节省的是哪项成本；互相重叠的部分"),
            size=total / value.value / threshold("option-savings", "together"),
            concerns=tuple(option.id for option in savers),
        )
    single = [
        option
        for option in savers
        if (option.annual_saving or 0.0) > threshold("option-savings", "single") * value.value
    ]
    if single:
        top = max(single, key=lambda option: option.annual_saving or 0.0)
        items = listed(message("{option} {s} 万元", option=title(o), s=shown(o.annual_saving or 0.0)) for o in single)
        yield Finding(
            rule="option-savings",
            severity=Gravity.QUESTION,
            message=message(
                "{count} 个方案单个年效益超过产值的 {limit}%：{items}",
                count=len(single),
                limit=shown(100 * threshold("option-savings", "single")),
                items=items,
            ),
            numbers=(Number(title(top), top.annual_saving or 0.0, "10^4 CNY", (top.where,)), value),
            settle=message("效益计算书"),
            size=(top.annual_saving or 0.0) / (threshold("option-savings", "single") * value.value),
            concerns=tuple(option.id for option in single),
            extra_rows=tuple(option.where for option in single),
        )


def incomplete(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Options with a cost class but no investment, or with a saving but no investment, or without any effect."""
    paid = [o for o in case.options if o.investment is None and word_id("cost", o.kind) in _COSTLY]
    gain = [o for o in case.options if o.investment is None and o.annual_saving and o not in paid]
    bare = [o for o in case.options if o.investment is not None and not o.annual_saving and not claims_any(o)]
    said: list[Message] = []
    if paid:
        said.append(message("列为中、高费而没有投资额：{ids}", ids=joined(o.id for o in paid)))
    if gain:
        said.append(message("有年效益而没有投资额：{ids}", ids=joined(o.id for o in gain)))
    if bare:
        said.append(message("有投资而没有任何效果：{ids}", ids=joined(o.id for o in bare)))
    hits = [*paid, *gain, *bare]
    if not hits:
        return
    yield Finding(
        rule="option-incomplete",
        severity=Gravity.QUESTION,
        message=message("{count} 个方案资料不全：{said}", count=len(hits), said=listed(said)),
        numbers=(
            Number(message("资料不全的方案"), float(len(hits)), "", tuple(option.where for option in hits), "", True),
            Number(message("全部方案"), float(len(case.options)), "", (), "", True),
        ),
        settle=message("方案的投资概算、效益计算书和实施状态"),
        size=float(len(hits)),
        concerns=tuple(option.id for option in hits),
    )


# What a saved unit can be worth at most, by quantity of the effect: threshold of the rule, unit.
_WORTH = {
    "wastewater": ("water", "m3"),
    "fresh-water": ("water", "m3"),
    "electricity": ("electricity", "kWh"),
    "waste": ("waste", "t"),
    "load": ("pollutant", "kg"),
}


def worth(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Savings beyond what the stated effects can be worth at the highest prices."""
    plant = look(case, ledger)
    groups: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims(case, plant):
        groups[claim.option.id].append(claim)
    hits: list[tuple[OptionRow, float]] = []
    for found in groups.values():
        option = found[0].option
        most = _most_worth(found)
        if most is not None and (option.annual_saving or 0.0) > most * threshold("option-worth", "factor"):
            hits.append((option, most))
    if not hits:
        return
    hits.sort(key=lambda hit: -times(hit[0].annual_saving or 0.0, hit[1]))
    items = listed(
        message(
            "{option}：年效益 {saving} 万元，写明的效果最多值 {most} 万元",
            option=title(option),
            saving=shown(option.annual_saving or 0.0),
            most=shown(most, 3),
        )
        for option, most in hits
    )
    yield Finding(
        rule="option-worth",
        severity=Gravity.QUESTION,
        message=message("{count} 个方案的年效益远高于写明的效果所值：{items}", count=len(hits), items=items),
        numbers=tuple(
            number
            for option, most in hits
            for number in (
                Number(title(option), option.annual_saving or 0.0, "10^4 CNY", (option.where,)),
                Number(message("写明的效果最多值"), most, "10^4 CNY", (option.where,), "", True),
            )
        ),
        settle=message("效益计算书：每一项节省的数量与单价"),
        size=max(times(option.annual_saving or 0.0, most) for option, most in hits),
        concerns=tuple(option.id for option, _ in hits),
    )


def _most_worth(found: Sequence[Claim]) -> float | None:
    """What the effects of one option are worth at most, 10^4 CNY a year; None where one of them has no bound."""
    total = 0.0
    for claim in found:
        kind = claim.effect.quantity.partition(":")[0] if claim.effect is not None else ""
        if kind not in _WORTH or claim.sign >= 0 or claim.unit in ("", "%"):
            return None
        name, unit = _WORTH[kind]
        if units.dimension(claim.unit) != units.dimension(unit):
            return None
        total += claim.value * units.factor(claim.unit, unit) * threshold("option-worth", name) / 1e4
    return total

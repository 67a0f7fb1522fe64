"""Growth from year to year (逐年增减): output that grows by round percentages, inputs that run against the output."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from qingyuan import units
from qingyuan.checks.finding import Finding, Gravity, Number, listed, shown
from qingyuan.checks.knowledge import threshold
from qingyuan.checks.monitoring import SWINGING
from qingyuan.checks.plant import Series, called, look
from qingyuan.errors import Location
from qingyuan.facts.model import Case
from qingyuan.figures.ledger import Ledger
from qingyuan.language import message

_GRID = 0.01  # a whole per cent


@dataclass(frozen=True, slots=True)
class Growth:
    """How one thing changed from one year to the next (增长), as a ratio, and how near that is to a whole per cent."""

    series: Series
    first: str
    second: str
    ratio: float
    chance: float

    @property
    def percent(self) -> float:
        """The change in whole per cent."""
        return round(100 * (self.ratio - 1.0))


def growths(one: Series) -> Iterator[Growth]:
    """The changes of a series between years that follow each other, with the chance to lie as near to a whole per cent.

    The chance is twice the distance over the grid of one per cent; the distance is never taken smaller than half of the
    last printed digit, so that short numbers prove nothing.
    """
    for first, second in itertools.pairwise(one.years):
        if one.amounts[first] <= 0 or one.amounts[second] <= 0 or int(second) != int(first) + 1:
            continue
        ratio = one.amounts[second] / one.amounts[first]
        step = max(one.steps.get(first, 1.0), one.steps.get(second, 1.0)) / (2 * one.amounts[first])
        away = max(abs(ratio - round(ratio / _GRID) * _GRID), step)
        if abs(ratio - 1.0) > _GRID / 2:
            yield Growth(one, first, second, ratio, min(1.0, 2 * away / _GRID))


def chance_of(near: int, tried: int, each: float) -> float:
    """The chance that at least ``near`` of ``tried`` independent events of chance ``each`` happen (二项分布尾部)."""
    return sum(math.comb(tried, k) * each**k * (1 - each) ** (tried - k) for k in range(near, tried + 1))


def round_growth(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Outputs that grew by exactly a whole per cent, more often than chance would have it."""
    plant = look(case, ledger)
    found = [
        growth
        for one in plant.series
        if one.kind == "product" and one.role == "produced" and not one.honest
        for growth in growths(one)
    ]
    near = [growth for growth in found if growth.chance <= threshold("round-growth", "near")]
    if not near:
        return
    chance = chance_of(len(near), len(found), max(growth.chance for growth in near))
    if chance > threshold("round-growth", "chance"):
        return
    items = listed(
        message(
            "{name} {first} 年 {one} → {second} 年 {other} {unit}，恰为 {percent}%（{exact}%）",
            name=called(g.series.item, g.series.label),
            first=g.first,
            second=g.second,
            one=shown(g.series.amounts[g.first], 8),
            other=shown(g.series.amounts[g.second], 8),
            unit=units.UnitText(g.series.unit),
            percent=f"{g.percent:+.0f}",
            exact=f"{100 * (g.ratio - 1):+.3f}",
        )
        for g in near
    )
    yield Finding(
        rule="round-growth",
        severity=Gravity.QUESTION,
        message=message(
            "产量按整百分数增长，像是由上一年推出来的：{items}；{all} 次变化中有 {count} 次如此，偶然的概率约 {chance}",
            items=items,
            all=len(found),
            count=len(near),
            chance=f"{chance:.1g}",
        ),
        numbers=tuple(
            g.series.number(year, called(g.series.item, g.series.label)) for g in near for year in (g.second, g.first)
        ),
        settle=message("逐月的生产日报、入库单和销售发票"),
        size=threshold("round-growth", "chance") / chance,
        concerns=tuple(dict.fromkeys(g.series.item for g in near)),
    )


def against_output(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Inputs that fall while the output rises clearly, or rise while it falls."""
    plant = look(case, ledger)
    least_made, least_used = threshold("against-output", "output"), threshold("against-output", "amount")
    hits: list[tuple[Series, str, str, float, float]] = []
    rows: list[Location] = []
    for one in plant.series:
        output = plant.output(one.place)
        if (
            one.kind not in ("material", "energy", "water")
            or output is None
            or one.role not in ("consumed", "purchased")
        ):
            continue
        for first, second in itertools.pairwise(one.years):
            made = _ratio(output.amounts, first, second)
            used = _ratio(one.amounts, first, second)
            if made is None or used is None or not _clear(one, first, second, abs(made - used)):
                continue
            if (made >= 1 + least_made and used <= 1 - least_used) or (
                made <= 1 - least_made and used >= 1 + least_used
            ):
                hits.append((one, first, second, made, used))
                rows += [*output.rows.get(first, ()), *output.rows.get(second, ())]
    if not hits or len(hits) > threshold("against-output", "most"):
        return
    items = listed(
        message(
            "{name}（{place}）{first}→{second} 年 {one}→{other} {unit}（{used}%），产量却 {made}%",
            name=called(one.item, one.label),
            place=plant.place_name(one.place),
            first=first,
            second=second,
            one=shown(one.amounts[first], 6),
            other=shown(one.amounts[second], 6),
            unit=units.UnitText(one.unit),
            used=f"{100 * (used - 1):+.3g}",
            made=f"{100 * (made - 1):+.3g}",
        )
        for one, first, second, made, used in hits
    )
    yield Finding(
        rule="against-output",
        severity=Gravity.QUESTION,
        message=message("用量与产量反向变化：{items}", items=items),
        numbers=tuple(
            one.number(year, called(one.item, one.label))
            for one, first, second, _, _ in hits
            for year in (second, first)
        ),
        settle=message("出入库单与盘点；说明替代的物料、工艺或库存变化"),
        size=max(max(made / used, used / made) for *_, made, used in hits),
        concerns=tuple(dict.fromkeys(one.item for one, *_ in hits)),
        extra_rows=tuple(dict.fromkeys(rows)),
    )


def _ratio(amounts: Mapping[str, float], first: str, second: str) -> float | None:
    one, other = amounts.get(first, 0.0), amounts.get(second, 0.0)
    return other / one if one > 0 and other > 0 else None


def _clear(one: Series, first: str, second: str, apart: float) -> bool:
    """Whether a difference of ratios is far more than the last printed digits of the two amounts explain."""
    rounding = sum(one.steps[year] / 2 / one.amounts[year] for year in (first, second))
    return apart >= threshold("against-output", "digits") * rounding


def yearly_shift(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Yearly means of a water pollutant that fall or rise by a multiple although the plant went on as before."""
    plant = look(case, ledger)
    ratio, least = threshold("yearly-shift", "ratio"), int(threshold("yearly-shift", "results"))
    hits: list[tuple[str, str, str, str, float, float, tuple[Location, ...], tuple[Location, ...], str]] = []
    for series in plant.results:
        if series.medium != "water" or series.before or series.pollutant not in SWINGING:
            continue
        years: dict[str, list[tuple[float, Location]]] = {}
        for one in series.results:
            if one.concentration is not None and one.date[:4].isdigit():
                years.setdefault(one.date[:4], []).append((one.concentration, one.where))
        full = sorted(year for year, values in years.items() if len(values) >= least)
        for first, second in itertools.pairwise(full):
            a, b = (sum(value for value, _ in years[year]) / len(years[year]) for year in (first, second))
            apart = max(a, b) / min(a, b) if min(a, b) > 0 else 1.0
            middle = sorted(value for value, _ in years[first])[len(years[first]) // 2]
            other = sorted(value for value, _ in years[second])[len(years[second]) // 2]
            steady = min(middle, other) > 0 and max(middle, other) / min(middle, other) >= ratio
            if apart >= ratio and steady:
                rows = [tuple(where for _, where in years[year]) for year in (first, second)]
                unit = series.results[0].unit
                hits.append((series.outlet, series.pollutant, first, second, a, b, rows[0], rows[1], unit))
    if not hits:
        return
    items = listed(
        message(
            "{outlet} {pollutant} {first} 年平均 {one}，{second} 年平均 {other} {unit}",
            outlet=outlet,
            pollutant=plant.name(pollutant),
            first=first,
            second=second,
            one=shown(a, 3),
            other=shown(b, 3),
            unit=units.UnitText(unit),
        )
        for outlet, pollutant, first, second, a, b, _, _, unit in hits
    )
    yield Finding(
        rule="yearly-shift",
        severity=Gravity.QUESTION,
        message=message("年均浓度突变，而治理设施没有记载的改动：{items}", items=items),
        numbers=tuple(
            number
            for _, pollutant, first, second, a, b, one, other, unit in hits
            for number in (
                Number(plant.name(pollutant), a, unit, one, first, True),
                Number(plant.name(pollutant), b, unit, other, second, True),
            )
        ),
        settle=message("两年的检测报告原件、采样时的负荷，以及废水站改造和加药的记录"),
        size=max(max(a, b) / min(a, b) for _, _, _, _, a, b, *_ in hits),
        concerns=tuple(dict.fromkeys(pollutant for _, pollutant, *_ in hits)),
    )

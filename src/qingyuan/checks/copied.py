"""The same number where there should be two (相同的数): different things with one amount, years that repeat."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable

from qingyuan import units
from qingyuan.checks.computed import factored
from qingyuan.checks.finding import Finding, Gravity, Number, joined, listed, shown
from qingyuan.checks.knowledge import ancestors, threshold
from qingyuan.checks.plant import FLOW_KINDS, Plant, Series, called, digits_of, look, property_name
from qingyuan.facts.model import UNDATED, Case, Fact, State
from qingyuan.figures.ledger import Ledger
from qingyuan.language import message

_KINDS = (*FLOW_KINDS, "product", "money")


def same_amounts(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Different things with the same amount in a year: copied, or one taken for the other."""
    plant = look(case, ledger)
    least = int(threshold("same-amount-of-different-things", "digits"))
    by_value: dict[tuple[str, float], list[Series]] = defaultdict(list)
    for one in plant.series:
        if one.kind in _KINDS and not one.honest:
            for year, value in one.amounts.items():
                if digits_of(value) >= least:
                    by_value[year, value].append(one)
    bases = factored(plant)
    pairs: dict[tuple[int, int], tuple[Series, Series, list[str]]] = {}
    for (year, _), group in by_value.items():
        for index, first in enumerate(group):
            for second in group[index + 1 :]:
                if _distinct(first, second):
                    pairs.setdefault((id(first), id(second)), (first, second, []))[2].append(year)
    single = sum(_once(pair, least) for pair in pairs.values())
    chance = _at_least(single, _expected(plant, least)) if single else 1.0
    for pair in pairs.values():
        first, second, years = pair
        years.sort()
        digits = max(digits_of(first.amounts[year]) for year in years)
        if len(years) == 1 and (
            not _once(pair, least) or chance > threshold("same-amount-of-different-things", "chance")
        ):
            continue  # one number of four digits, across kinds, or as often as chance has it
        sure = len(years) > 1 or chance <= threshold("same-amount-of-different-things", "serious")
        severity = Gravity.SERIOUS if sure else Gravity.MINOR
        values = listed(
            message(
                "{value} {unit} 与 {value} {other}",
                value=shown(first.amounts[year], 8),
                unit=units.UnitText(first.unit),
                other=units.UnitText(second.unit),
            )
            for year in years
        )
        yield Finding(
            rule="same-amount-of-different-things",
            severity=severity,
            message=message(
                "{one}（{place_one}）与{other}（{place_other}）{years} 的数完全相同：{values}",
                one=called(first.item, first.label),
                place_one=plant.place_name(first.place),
                other=called(second.item, second.label),
                place_other=plant.place_name(second.place),
                years=joined(years),
                values=values,
            ),
            numbers=tuple(
                one.number(year, called(one.item, one.label)) for year in years[::-1] for one in (first, second)
            ),
            settle=message("两种物料各自的出入库单；两项都按同一系数由产量推算，数因此相同，见取整系数的疑点")
            if bases.get(id(first)) is not None and bases.get(id(first)) == bases.get(id(second))
            else message("两种物料各自的出入库单；是否抄录错误，或按同一系数推算"),
            size=10.0 ** (digits * len(years) - least),
            concerns=(first.item, second.item),
        )


def _once(pair: tuple[Series, Series, list[str]], least: int) -> bool:
    """Whether two things of one kind agree in one year only, in more digits than may well be chance."""
    first, second, years = pair
    return len(years) == 1 and first.kind == second.kind and digits_of(first.amounts[years[0]]) > least


def _expected(plant: Plant, least: int) -> float:
    """How many pairs of one kind and year chance would make equal in so many digits, amounts spread evenly over orders
    of magnitude (Benford)."""
    spread = math.log(10.0) * threshold("same-amount-of-different-things", "decades")
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for one in plant.series:
        if one.kind in _KINDS and not one.honest:
            for year, value in one.amounts.items():
                if digits_of(value) > least:
                    found[one.kind, year].append(one.steps[year] / value)
    return sum((len(steps) - 1) / 2 * sum(steps) / spread for steps in found.values())


def _distinct(first: Series, second: Series) -> bool:
    """Whether two series are of different things, so that one number for both is no matter of course."""
    if first.item == second.item:
        return False
    if first.item in ancestors(second.item) or second.item in ancestors(first.item):
        return False
    if first.kind == second.kind == "water":  # all waste water treated, all treated water reused: one number twice
        return any(one.role in ("consumed", "taken", "purchased") for one in (first, second))
    return True


def repeated_years(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Amounts that are the same to the last digit in two years or more."""
    plant = look(case, ledger)
    least = int(threshold("same-amount-every-year", "digits"))
    usual = threshold("same-amount-every-year", "usual-change")
    hits: list[tuple[Series, tuple[str, ...]]] = []
    expected = 0.0  # how many equal pairs chance alone would give, were all amounts to move by the usual change
    pairs = 0
    for one in plant.series:
        if one.kind not in _KINDS or one.honest or one.role in ("permitted", "capacity"):
            continue
        by_value: dict[float, list[str]] = defaultdict(list)
        for year, value in one.amounts.items():
            if digits_of(value) >= least - 1 and value > 0:
                by_value[value].append(year)
        years = sum(map(len, by_value.values()))
        for value, same in by_value.items():
            expected += len(same) * (years - 1) / 2 * min(1.0, one.steps[same[0]] / (usual * value))
            if len(same) >= 2 and digits_of(value) >= (least if len(same) == 2 else least - 1):
                hits.append((one, tuple(sorted(same))))
                pairs += len(same) * (len(same) - 1) // 2
    if not hits or _at_least(pairs, expected) > threshold("same-amount-every-year", "chance"):
        return
    items = listed(
        message(
            "{name}（{place}）{years} 都是 {value} {unit}",
            name=called(one.item, one.label),
            place=plant.place_name(one.place),
            years=joined(years),
            value=shown(one.amounts[years[0]], 8),
            unit=units.UnitText(one.unit),
        )
        for one, years in hits
    )
    yield Finding(
        rule="same-amount-every-year",
        severity=Gravity.SERIOUS,
        message=message(
            "{count} 项在不同年份的数完全相同，像是照抄上年：{items}",
            count=len(hits),
            items=items,
        ),
        numbers=tuple(one.number(year, called(one.item, one.label)) for one, years in hits for year in years[:2]),
        settle=message("各年的原始凭证"),
        size=10.0 * len(hits),
        concerns=tuple(dict.fromkeys(one.item for one, _ in hits)),
    )


def _at_least(count: int, expected: float) -> float:
    """The chance of so many events or more where so many are expected (Poisson)."""
    below = sum(expected**k / math.factorial(k) for k in range(count))
    return max(0.0, 1.0 - math.exp(-expected) * below)


def unchanging_rates(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Rates (pass rate, yield, efficiency, moisture) that do not move over the years."""
    tolerance = threshold("rate-never-changes", "spread")
    groups: dict[tuple[str, str, str, str], dict[str, Fact]] = defaultdict(dict)
    for fact in case.facts:
        if (
            fact.role in ("pass-rate", "yield", "efficiency", "moisture", "load-rate", "removal-efficiency")
            and fact.period != UNDATED
            and fact.value is not None
            and fact.state is State.VALUE
            and fact.unit == "%"
        ):
            groups[fact.item, fact.role, fact.place, fact.label][fact.period] = fact
    for (item, role, _, _), by_period in groups.items():
        values = [fact.value for fact in by_period.values() if fact.value is not None]
        if len(values) < 3:
            continue
        rest = [min(value, 100.0 - value) for value in values]
        if min(rest) <= 0:
            constant = len(set(values)) == 1
        else:
            constant = max(rest) / min(rest) - 1.0 <= tolerance
        if not constant:
            continue
        first, last = min(by_period), max(by_period)
        ends = sorted(by_period, key=lambda period: by_period[period].value or 0.0)
        yield Finding(
            rule="rate-never-changes",
            severity=Gravity.QUESTION,
            message=message(
                "{name} {first}～{last} 几乎不变：{values}",
                name=property_name(by_period[first]),
                first=first,
                last=last,
                values=joined(f"{shown(fact.value or 0.0)}%" for _, fact in sorted(by_period.items())),
            ),
            numbers=tuple(
                Number(
                    property_name(by_period[first]),
                    by_period[period].value or 0.0,
                    "%",
                    (by_period[period].where,),
                    period,
                )
                for period in (ends[-1], ends[0])
            ),
            settle=message("逐月的检验记录和报废单；按产品分别统计"),
            size=1.0 + tolerance / max(max(rest) / max(min(rest), 1e-9) - 1.0, 1e-3),
            concerns=(item, role),
        )

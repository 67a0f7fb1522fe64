"""Jumps (数量级与走势): powers of ten, output against capacity, amounts and money that run away from the output."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from statistics import median

from qingyuan import units
from qingyuan.checks.finding import Finding, Gravity, Number, What, listed, shown, times
from qingyuan.checks.knowledge import threshold
from qingyuan.checks.plant import FLOW_KINDS, Plant, Series, called, digits_of, look
from qingyuan.errors import Location, UnknownName
from qingyuan.facts.model import Case, Fact, State
from qingyuan.figures.ledger import Ledger
from qingyuan.language import message


def powers_of_ten(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """One year (or month, or result) that fits its neighbours when divided by a power of ten."""
    plant = look(case, ledger)
    for one, period, value, usual, power in _misplaced(plant):
        yield Finding(
            rule="power-of-ten",
            severity=Gravity.SERIOUS,
            message=message(
                "{name}（{place}，{period}）{value} {unit}，其余各期约 {usual} {unit}："
                "相差约 10 的 {power} 次方，疑为单位或小数点错误",
                name=called(one.item, one.label),
                place=plant.place_name(one.place),
                period=period,
                value=shown(value, 8),
                usual=shown(usual),
                unit=units.UnitText(one.unit),
                power=power,
            ),
            numbers=(
                Number(called(one.item, one.label), value, one.unit, one.rows.get(period, ()), period),
                Number(message("其余各期按产量折算"), usual, one.unit, _others(one, period), "", True),
            ),
            settle=message("该期的原始凭证和计量单位"),
            size=times(value, usual),
            concerns=(one.item,),
        )
    yield from _results(plant)


def _others(one: Series, period: str) -> tuple[Location, ...]:
    periods = one.months if len(period) == 7 else one.amounts
    return tuple(row for other in periods if other != period for row in one.rows.get(other, ()))


def _misplaced(plant: Plant) -> Iterator[tuple[Series, str, float, float, int]]:
    band = threshold("power-of-ten", "band")
    for one in plant.series:
        if one.kind not in (*FLOW_KINDS, "product", "money", "pollutant") and one.item != "employees":
            continue
        output = plant.output(one.place) if one.kind != "product" else None
        for periods, per in ((one.amounts, output.amounts if output else {}), (one.months, {})):
            known = {period: value for period, value in periods.items() if value > 0}
            if len(known) < 3:
                continue
            for period, value in known.items():
                rest = [
                    known[other] / per[other] * per[period]
                    if per.get(other, 0) > 0 and per.get(period, 0) > 0
                    else known[other]
                    for other in known
                    if other != period
                ]
                usual = median(rest)
                power = round(math.log10(value / usual))
                if abs(power) < 1 or max(rest) > band * min(rest):
                    continue
                if 1 / band <= value / usual / 10.0**power <= band and _hit(value, one, period):
                    yield one, period, value, usual, power


def _hit(value: float, one: Series, period: str) -> bool:
    """Small wastes come and go; a jump of ten there is a matter of trend, not of a misplaced point."""
    return one.kind != "waste" or digits_of(value) >= 2


def _results(plant: Plant) -> Iterator[Finding]:
    for series in plant.results:
        found = [one for one in series.results if one.state is State.VALUE and one.concentration]
        if len(found) < 4:
            continue
        for one in found:
            rest = [other.concentration or 0.0 for other in found if other is not one]
            usual = median(rest)
            power = round(math.log10((one.concentration or 1.0) / usual))
            if abs(power) == 3 and max(rest) < 30 * min(rest):
                yield Finding(
                    rule="power-of-ten",
                    severity=Gravity.SERIOUS,
                    message=message(
                        "{outlet}的{pollutant}（{date}）{value} {unit}，"
                        "其余约 {usual} {unit}：相差约一千倍，疑为单位错误",
                        outlet=series.outlet,
                        pollutant=called(series.pollutant, one.label),
                        date=one.date,
                        value=shown(one.concentration or 0.0),
                        usual=shown(usual),
                        unit=units.UnitText(one.unit),
                    ),
                    numbers=(
                        Number(one.label, one.concentration or 0.0, one.unit, (one.where,), one.date),
                        Number(
                            message("其余结果的中位数"),
                            usual,
                            one.unit,
                            tuple(o.where for o in found if o is not one),
                            "",
                            True,
                        ),
                    ),
                    settle=message("检测报告原件"),
                    size=1000.0,
                    concerns=(series.pollutant, series.outlet),
                )


def output_and_capacity(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Output above the capacity, or so far below it that one of the two has a wrong unit."""
    plant = look(case, ledger)
    outputs = plant.outputs()
    for fact in case.facts:
        if fact.role != "capacity" or fact.kind != "product" or not fact.value:
            continue
        for output in outputs:
            capacity = _capacity(fact, output.unit)
            own = [item for item in output.items if item == fact.item]
            if capacity is None or not output.amounts or (own and len(output.items) > 1):
                continue
            year = max(output.amounts, key=lambda known: output.amounts[known])
            most = output.amounts[year]
            use = most / capacity
            if threshold("output-and-capacity", "least") <= use <= threshold("output-and-capacity", "most"):
                continue
            same = [y for y, value in output.amounts.items() if _same_digits(value, fact.value)]
            digits: What = message("；数字与 {year} 年产量相同", year=same[0]) if same else ""
            # Read in the unit of the output the number may be too small as well: the same cause, told here.
            above = [
                (known, value)
                for known, value in sorted(output.amounts.items())
                if same and value > output.amounts[same[0]] * threshold("output-and-capacity", "most")
            ]
            if above:
                digits = message(
                    "{digits}；即使按产量的单位读，也小于 {over}",
                    digits=digits,
                    over=listed(
                        message("{year} 年产量 {value} {unit}", year=known, value=shown(value, 8),
                                unit=units.UnitText(output.unit))
                        for known, value in above
                    ),
                )  # fmt: skip
            yield Finding(
                rule="output-and-capacity",
                severity=Gravity.SERIOUS,
                message=message(
                    "产能 {capacity} {unit}，最高年产量（{year}）{most} {output_unit}，产能利用率 {use}%{digits}",
                    capacity=shown(fact.value, 8),
                    unit=units.UnitText(fact.unit),
                    year=year,
                    most=shown(most, 8),
                    output_unit=units.UnitText(output.unit),
                    use=shown(100 * use, 3),
                    digits=digits,
                ),
                numbers=(
                    Number(fact.label or message("产能"), fact.value, fact.unit, (fact.where,), fact.period),
                    Number(message("产量"), most, output.unit, output.rows[year], year, True),
                    *(
                        Number(message("产量"), value, output.unit, output.rows[known], known, True)
                        for known, value in above
                        if known != year
                    ),
                ),
                settle=message("环评批复、排污许可证和设备台账载明的产能及其单位"),
                size=times(use, 1.0),
                concerns=(fact.item, *output.items),
            )


def _same_digits(one: float, other: float) -> bool:
    def plain(value: float) -> str:
        return f"{value:.10g}".replace(".", "").strip("0")

    return digits_of(one) >= 3 and plain(one) == plain(other)


def _capacity(fact: Fact, unit: str) -> float | None:
    for candidate in (unit, units.divide(unit, "a")):
        try:
            return (fact.value or 0.0) * units.factor(units.canonical(fact.unit), candidate)
        except (units.DimensionError, UnknownName):
            continue
    return None


def _changes(plant: Plant, one: Series) -> Iterator[tuple[str, str, float, float]]:
    """Consecutive years with how much more (or less, below 1) the amount changed than the output: years, factor."""
    output = plant.output(one.place) or plant.output()
    years = [year for year in one.years if one.amounts[year] > 0]
    for first, second in itertools.pairwise(years):
        made = 1.0
        if output is not None and output.amounts.get(first, 0) > 0 and output.amounts.get(second, 0) > 0:
            made = output.amounts[second] / output.amounts[first]
        yield first, second, one.amounts[second] / one.amounts[first] / made, made


def trends(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Amounts that change by far more than the output from one year to the next."""
    plant = look(case, ledger)
    asked = threshold("trend-against-output", "ask")
    serious = threshold("trend-against-output", "serious")
    misplaced = {id(hit[0]) for hit in _misplaced(plant)}
    mild: list[tuple[Series, str, str, float, float]] = []
    for one in plant.series:
        if one.kind not in (*FLOW_KINDS, "pollutant") or id(one) in misplaced or one.role in ("permitted", "stored"):
            continue
        changes = [change for change in _changes(plant, one) if _clear(one, change[0], change[1])]
        if not changes:
            continue
        first, second, factor, made = max(changes, key=lambda change: times(change[2], 1.0))
        apart = times(factor, 1.0)
        if apart >= serious:
            yield _trend(plant, one, first, second, apart)
        elif apart >= asked:
            mild.append((one, first, second, factor, made))
    if mild:
        items = listed(
            message(
                "{name}（{place}）{first}→{second} 年 {one}→{other} {unit}（{change}%，产量 {made}%）",
                name=called(one.item, one.label),
                place=plant.place_name(one.place),
                first=first,
                second=second,
                one=shown(one.amounts[first], 6),
                other=shown(one.amounts[second], 6),
                unit=units.UnitText(one.unit),
                made=_percent(made),
                change=_percent(one.amounts[second] / one.amounts[first]),
            )
            for one, first, second, _, made in mild
        )
        yield Finding(
            rule="trend-against-output",
            severity=Gravity.MINOR
            if max(times(factor, 1.0) for *_, factor, _ in mild) >= threshold("trend-against-output", "minor")
            else Gravity.QUESTION,
            message=message(
                "{count} 项的增减与产量不相称：{items}",
                count=len(mild),
                items=items,
            ),
            numbers=tuple(
                one.number(year, called(one.item, one.label))
                for one, first, second, _, _ in mild
                for year in (second, first)
            ),
            settle=message("各年的台账、联单或发票；说明库存、工艺或统计口径的变化"),
            size=max(times(factor, 1.0) for *_, factor, _ in mild),
            concerns=tuple(dict.fromkeys(one.item for one, *_ in mild)),
        )


def _percent(factor: float) -> str:
    return f"{100 * (factor - 1):+.3g}"


def _clear(one: Series, first: str, second: str) -> bool:
    """Whether the larger amount is far above the last digit that is printed, so that a change is no rounding."""
    return max(one.amounts[first], one.amounts[second]) >= 20 * max(one.steps[first], one.steps[second])


def _trend(plant: Plant, one: Series, first: str, second: str, apart: float) -> Finding:
    """What changed most, from one year to the next, beside the change of the output in the same years."""
    years = one.years
    name = called(one.item, one.label)
    ordered = sorted(years, key=lambda year: one.amounts[year])
    output = plant.output(one.place) or plant.output()
    factor = shown(one.amounts[second] / one.amounts[first], 3)
    told = message(
        "{first}→{second} 年 {one}→{other}，为 {factor} 倍",
        first=first, second=second, one=shown(one.amounts[first], 6), other=shown(one.amounts[second], 6),
        factor=factor,
    )  # fmt: skip
    made: tuple[Number, ...] = ()
    if output is not None and output.amounts.get(first, 0) > 0 and output.amounts.get(second, 0) > 0:
        made = tuple(
            Number(message("产量"), output.amounts[year], output.unit, output.rows[year], year, True)
            for year in (second, first)
        )
        told = message(
            "{told}，同期产量为 {made} 倍", told=told, made=shown(output.amounts[second] / output.amounts[first], 4)
        )
    return Finding(
        rule="trend-against-output",
        severity=Gravity.SERIOUS,
        message=message(
            "{name}（{place}）逐年为 {values} {unit}：{told}",
            name=name,
            place=plant.place_name(one.place),
            unit=units.UnitText(one.unit),
            told=told,
            values=listed(f"{year}: {shown(one.amounts[year], 6)}" for year in years),
        ),
        numbers=(*(one.number(year, name) for year in (ordered[-1], *ordered[:-1])), *made),
        settle=message("各年的台账、联单或发票；说明库存、工艺或统计口径的变化"),
        size=apart,
        concerns=(one.item,),
    )


def value_per_product(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Output value for each unit of product that jumps from year to year."""
    plant = look(case, ledger)
    asked = threshold("value-per-product", "ask")
    output = plant.output()
    if output is None:
        return
    for one in plant.series:
        if one.item not in ("output-value", "revenue"):
            continue
        prices = {y: one.amounts[y] / output.amounts[y] for y in one.years if output.amounts.get(y, 0) > 0}
        years = [year for year in sorted(prices) if prices[year] > 0]
        jumps = [(a, b) for a, b in itertools.pairwise(years) if times(prices[a], prices[b]) >= asked]
        if not jumps:
            continue
        first, second = max(jumps, key=lambda pair: times(prices[pair[0]], prices[pair[1]]))
        unit = units.divide(one.unit, output.unit)
        yield Finding(
            rule="value-per-product",
            severity=Gravity.QUESTION,
            message=message(
                "单位产品{value}逐年为 {prices}：{first}→{second} 变化 {change}%",
                value=plant.name(one.item),
                first=first,
                second=second,
                prices=listed(
                    message("{year}：{value} {unit}", year=year, value=shown(prices[year]), unit=units.UnitText(unit))
                    for year in years
                ),
                change=_percent(prices[second] / prices[first]),
            ),
            numbers=(
                *(one.number(year, plant.name(one.item)) for year in (second, first)),
                *(
                    Number(message("产量"), output.amounts[y], output.unit, output.rows[y], y, True)
                    for y in (second, first)
                ),
            ),
            settle=message("财务报表；产品结构和售价的变化；产值口径是否一致"),
            size=times(prices[first], prices[second]),
            concerns=(one.item,),
        )


def tax_against_value(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Tax or profit whose share of the output value jumps."""
    plant = look(case, ledger)
    asked = threshold("tax-against-value", "ask")
    value = next((one for one in plant.series if one.item in ("output-value", "revenue")), None)
    if value is None:
        return
    for one in plant.series:
        if one.item not in ("tax", "environmental-tax", "material-cost", "energy-cost", "electricity-cost"):
            continue
        shares = {y: one.amounts[y] / value.amounts[y] for y in one.years if value.amounts.get(y, 0) > 0}
        years = [year for year in sorted(shares) if shares[year] > 0]
        jumps = [(a, b) for a, b in itertools.pairwise(years) if times(shares[a], shares[b]) >= asked]
        if not jumps:
            continue
        first, second = max(jumps, key=lambda pair: times(shares[pair[0]], shares[pair[1]]))
        yield Finding(
            rule="tax-against-value",
            severity=Gravity.QUESTION,
            message=message(
                "{name}占{value}的比例 {first} 年 {one}%，"
                "{second} 年 {other}%；{name}变化 {change}%，{value}变化 {base}%",
                name=called(one.item, one.label),
                value=plant.name(value.item),
                first=first,
                second=second,
                one=shown(100 * shares[first], 3),
                other=shown(100 * shares[second], 3),
                change=_percent(one.amounts[second] / one.amounts[first]),
                base=_percent(value.amounts[second] / value.amounts[first]),
            ),
            numbers=(
                *(one.number(year, called(one.item, one.label)) for year in (second, first)),
                *(value.number(year, plant.name(value.item)) for year in (second, first)),
            ),
            settle=message("纳税申报表和财务报表"),
            size=times(shares[first], shares[second]),
            concerns=(one.item,),
        )

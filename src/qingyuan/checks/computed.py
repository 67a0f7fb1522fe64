"""Numbers that were computed and stated as if measured (算出来的"计量"): proportional, round factors, fixed shares."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from qingyuan import units
from qingyuan.checks.finding import Finding, Gravity, Number, joined, listed, shown
from qingyuan.checks.knowledge import threshold
from qingyuan.checks.plant import COMPUTED_BASES, FLOW_KINDS, Output, Plant, Series, called, look
from qingyuan.checks.works import works_place
from qingyuan.errors import Location
from qingyuan.facts.model import SITE, Case
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Message, Name, message


@dataclass(frozen=True, slots=True)
class Base:
    """What an amount may have been computed from (推算基数): output, water, waste water."""

    what: Message | Name | str
    place: str
    unit: str
    amounts: Mapping[str, float]
    rows: Mapping[str, tuple[Location, ...]]
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoundFactor:
    """An amount that equals a base times a round number (取整系数), and how likely that is by chance."""

    factors: tuple[float, ...]
    decimals: int
    chance: float


def round_factor(
    values: Sequence[float], bases: Sequence[float], steps: Sequence[float], *, most_decimals: int = 5
) -> RoundFactor | None:
    """The coarsest decimal grid of factors on which every value is its base times a factor, to the printed digit.

    ``steps`` are the smallest printed steps of the values. The chance that a number unrelated to the base lies on the
    grid is its step over the distance of two grid points; ``chance`` multiplies it over the values and by the number of
    grids tried. None where no grid fits, or a base or factor is zero.

    >>> round_factor([10823], [12026], [1]).factors
    (0.9,)
    """
    if not values or any(base <= 0 for base in bases) or any(value <= 0 for value in values):
        return None
    tried = 0
    for decimals in range(-2, most_decimals + 1):
        factors = [round(value / base, decimals) for value, base in zip(values, bases, strict=True)]
        if any(factor == 0 for factor in factors):
            continue
        tried += 1
        near = all(
            abs(value - factor * base) <= 0.5001 * step
            for value, base, factor, step in zip(values, bases, factors, steps, strict=True)
        )
        if not near:
            continue
        chance = 1.0
        for base, step in zip(bases, steps, strict=True):
            chance *= min(1.0, step / (base * 10.0**-decimals))
        return RoundFactor(tuple(factors), decimals, min(1.0, chance * tried))
    return None


def spread(ratios: Sequence[float]) -> float:
    """How far ratios lie apart: the largest over the smallest, less one."""
    return max(ratios) / min(ratios) - 1.0


def _bases(plant: Plant, place: str) -> Iterator[Base]:
    """What amounts at a place may be computed from, the nearest first."""
    seen: set[tuple[tuple[str, float], ...]] = set()
    outputs = [*plant.outputs(place), *(plant.outputs(SITE) if place != SITE else ())]
    for output in outputs:
        key = tuple(sorted(output.amounts.items()))
        if key not in seen:
            seen.add(key)
            yield Base(_made(plant, output), output.place, output.unit, output.amounts, output.rows, output.items)
    if place != works_place(plant):
        return
    for one in plant.series:  # reagents may follow the water instead
        if one.kind == "water" and one.unit == "m3" and one.place in (SITE, place) and not one.honest:
            key = tuple(sorted(one.amounts.items()))
            if key not in seen:
                seen.add(key)
                yield Base(plant.name(one.item), one.place, one.unit, one.amounts, one.rows, (one.item,))


def _made(plant: Plant, output: Output) -> Message | Name | str:
    if len(output.items) == 1:
        return message("{product}产量", product=plant.name(output.items[0]))
    return message("产量（{products}）", products=listed(plant.name(item) for item in output.items))


def _candidates(plant: Plant) -> Iterator[Series]:
    for one in plant.series:
        if one.kind in FLOW_KINDS and one.kind != "water" and not one.honest and len(one.years) >= 2:
            yield one


def _common(one: Series, base: Base) -> tuple[str, ...]:
    return tuple(year for year in one.years if base.amounts.get(year, 0) > 0 and one.amounts[year] > 0)


@dataclass(frozen=True, slots=True)
class _Hit:
    one: Series
    base: Base
    years: tuple[str, ...]
    text: Message
    chance: float


def _on_grid(plant: Plant) -> list[_Hit]:
    """Series that are a base times round factors."""
    limit = threshold("round-factor", "chance")
    hits: list[_Hit] = []
    for one in _candidates(plant):
        best: _Hit | None = None
        for base in _bases(plant, one.place):
            years = _common(one, base)
            if len(years) < 2 or one.item in base.items:
                continue
            found = round_factor(
                [one.amounts[year] for year in years],
                [base.amounts[year] for year in years],
                [one.steps[year] for year in years],
            )
            if found is None or found.chance > limit or (best is not None and found.chance >= best.chance):
                continue
            factors = joined(dict.fromkeys(shown(factor, 6) for factor in found.factors))
            unit = units.divide(one.unit, base.unit) if one.unit and base.unit else ""
            text = message("{name} = {factors}", name=_label(plant, one), factors=factors)
            if units.display(unit):
                shown_unit = units.UnitText(unit)
                text = message("{name} = {factors} {unit}", name=_label(plant, one), factors=factors, unit=shown_unit)
            best = _Hit(one, base, years, text, found.chance)
        if best is not None:
            hits.append(best)
    return hits


def _label(plant: Plant, one: Series) -> Message | Name | str:
    return called(one.item, one.label)


def factored(plant: Plant) -> dict[int, tuple[str, tuple[str, ...]]]:
    """What series that are a round factor times a base were computed from, by ``id`` of the series: place, items."""
    return {id(hit.one): (hit.base.place, hit.base.items) for hit in _on_grid(plant)}


def round_factors(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Amounts that equal the output (or another base) times a round number in every year, to the printed digit."""
    plant = look(case, ledger)
    found = _on_grid(plant)
    for base, hits in _by_base(found):
        worst = min(hit.chance for hit in hits)
        yield Finding(
            rule="round-factor",
            severity=Gravity.SERIOUS if len(found) >= 3 else Gravity.MINOR,
            message=message(
                "{place}：{count} 项用量历年都恰好等于{base}乘以取整的系数，"
                "精确到个位（偶然如此的概率不到 {chance}）：{items}{water}",
                place=plant.place_name(hits[0].one.place),
                count=len(hits),
                base=base.what,
                chance=shown(max(worst, 1e-12), 1),
                items=listed(hit.text for hit in hits),
                water=_not_water(plant, base, hits),
            ),
            numbers=tuple(_pairs(plant, hits)),
            settle=message("这些物料的出入库单、采购发票和盘点表；注明哪些是按定额推算的"),
            size=1.0 / max(worst, 1e-9),
            concerns=tuple(dict.fromkeys(hit.one.item for hit in hits)),
        )


def _not_water(plant: Plant, base: Base, hits: Sequence[_Hit]) -> Message | str:
    """What shows that reagents of the works follow the output and not the water: the two changed differently."""
    if hits[0].one.place != works_place(plant):
        return ""
    gap = threshold("proportional-to-output", "output-change")
    for one in plant.series:
        if one.item not in ("process-wastewater", "production-water") or one.item in base.items or one.place != SITE:
            continue
        years = [year for year in one.years if base.amounts.get(year, 0) > 0 and one.amounts[year] > 0]
        for first, second in itertools.pairwise(years):
            made, used = base.amounts[second] / base.amounts[first], one.amounts[second] / one.amounts[first]
            if abs(made - used) >= gap:
                return message(
                    "；废水站的药剂应随水量走，而 {first}→{second} 年{item} {used}%、产量 {made}%",
                    first=first,
                    second=second,
                    item=plant.name(one.item),
                    used=f"{100 * (used - 1):+.3g}",
                    made=f"{100 * (made - 1):+.3g}",
                )
    return ""


def _by_base(hits: Sequence[_Hit]) -> Iterable[tuple[Base, list[_Hit]]]:
    groups: dict[tuple[str, str, tuple[str, ...]], list[_Hit]] = defaultdict(list)
    for hit in hits:
        groups[hit.one.place, hit.base.place, hit.base.items].append(hit)
    return [(group[0].base, group) for group in groups.values()]


def _pairs(plant: Plant, hits: Sequence[_Hit]) -> Iterator[Number]:
    for hit in hits:
        year = hit.years[-1]
        yield hit.one.number(year, _label(plant, hit.one))
        yield Number(hit.base.what, hit.base.amounts[year], hit.base.unit, hit.base.rows.get(year, ()), year)


def proportional(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Amounts whose ratio to the output stays the same over the years although the output changes."""
    plant = look(case, ledger)
    explained = {id(hit.one) for hit in _on_grid(plant)}
    tolerance = threshold("proportional-to-output", "spread")
    exact = threshold("proportional-to-output", "spread-single")
    change = threshold("proportional-to-output", "output-change")
    hits: list[_Hit] = []
    for one in _candidates(plant):
        if id(one) in explained:
            continue
        for base in _bases(plant, one.place):
            periods = _alike(one, base)
            if len(periods) < 3 or one.item in base.items:
                continue
            values, bases = _values(one, base, periods)
            rounding = max(step / value for value, step in zip(values, _steps(one, periods), strict=True))
            ratios = [value / amount for value, amount in zip(values, bases, strict=True)]
            if spread(bases) < change or rounding > tolerance / 2 or spread(ratios) > tolerance + rounding:
                continue
            text = message(
                "{name} {low}～{high}",
                name=_label(plant, one),
                low=shown(min(ratios), 5),
                high=shown(max(ratios), 5),
            )
            hits.append(_Hit(one, base, tuple(periods), text, spread(ratios)))
            break
    for base, group in _by_base(hits):
        if len(hits) + len(explained) < 3:
            group = [hit for hit in group if hit.chance <= exact]
        if not group:
            continue
        largest = max(hit.chance for hit in group)
        first = group[0]
        yield Finding(
            rule="proportional-to-output",
            severity=Gravity.SERIOUS
            if len(group) >= 3
            else Gravity.MINOR
            if len(hits) + len(explained) >= 3
            else Gravity.QUESTION,
            message=message(
                "{place}：{base}变化 {change}%，而 {count} 项用量与它之比几年不变（相差不到 {spread}%）：{items}",
                place=plant.place_name(first.one.place),
                base=base.what,
                change=shown(100 * spread([base.amounts[year] for year in sorted(base.amounts)]), 3),
                count=len(group),
                spread=shown(100 * max(largest, 1e-5), 2),
                items=listed(hit.text for hit in group),
            ),
            numbers=tuple(_pairs(plant, [hit for hit in group if len(hit.years[-1]) == 4])),
            settle=message("这些物料的出入库单、采购发票和盘点表；注明哪些是按定额推算的"),
            size=change / max(largest, 1e-6) * len(group),
            concerns=tuple(dict.fromkeys(hit.one.item for hit in group)),
        )


def _alike(one: Series, base: Base) -> list[str]:
    return [year for year in one.years if base.amounts.get(year, 0) > 0 and one.amounts[year] > 0]


def _values(one: Series, base: Base, periods: Sequence[str]) -> tuple[list[float], list[float]]:
    return [one.amounts[period] for period in periods], [base.amounts[period] for period in periods]


def _steps(one: Series, periods: Sequence[str]) -> list[float]:
    return [one.steps[period] for period in periods]


# Amounts that a plant measures for themselves and that are often taken as a share of another: part, whole (item, role).
_MEASURED = (
    ("process-wastewater", ("generated", "discharged"), ("production-water", "fresh-water")),
    ("wastewater", ("generated", "discharged"), ("fresh-water", "production-water")),
    ("domestic-wastewater", ("generated", "discharged"), ("domestic-water",)),
    ("reused-water", ("reused",), ("process-wastewater", "wastewater")),
    ("evaporation-loss", ("lost",), ("production-water", "fresh-water", "recycled-water")),
    ("water-loss", ("lost",), ("production-water", "fresh-water")),
    ("make-up-water", ("consumed",), ("recycled-water",)),
    ("concentrate-water", ("generated",), ("pure-water", "fresh-water")),
    ("process-wastewater", ("discharged", "generated"), ("process-wastewater", "wastewater")),
    ("wastewater", ("discharged", "generated"), ("wastewater",)),
    ("domestic-water", ("consumed",), ("fresh-water", "production-water")),
    ("condensate", ("recovered",), ("steam",)),
)


def ratios_as_measurements(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Waste water, reuse, losses that equal a round share (0.9, 0.81 …) of another amount, stated as measured."""
    plant = look(case, ledger)
    limit = threshold("ratio-as-measurement", "chance")
    years_limit = threshold("ratio-as-measurement", "chance-years")
    waters = [one for one in plant.series if one.kind in ("water", "energy")]
    seen: set[tuple[int, int]] = set()
    for item, roles, wholes in _MEASURED:
        for part in waters:
            if part.item != item or part.role not in roles or part.bases <= COMPUTED_BASES:
                continue
            for whole in waters:
                if whole is part or whole.item not in wholes or whole.unit != part.unit or whole.place != part.place:
                    continue
                years = tuple(year for year in part.years if whole.amounts.get(year, 0) > part.amounts[year] > 0)
                key = (min(id(part), id(whole)), max(id(part), id(whole)))
                if not years or key in seen:
                    continue
                found = round_factor(
                    [part.amounts[year] for year in years],
                    [whole.amounts[year] for year in years],
                    [part.steps[year] for year in years],
                    most_decimals=3,
                )
                if found is None or found.chance > (limit if len(years) == 1 else years_limit):
                    continue
                seen.add(key)
                year = years[-1]
                yield Finding(
                    rule="ratio-as-measurement",
                    severity=Gravity.SERIOUS,
                    message=message(
                        "{part}（{place}，{years}）{value} {unit} 恰为{whole} {base} {unit} 的 {share}，"
                        "像是推算而不是计量",
                        part=_label(plant, part),
                        place=plant.place_name(part.place),
                        years=joined(years),
                        value=shown(part.amounts[year], 7),
                        unit=units.UnitText(part.unit),
                        whole=_label(plant, whole),
                        base=shown(whole.amounts[year], 7),
                        share=joined(dict.fromkeys(shown(factor, 5) for factor in found.factors)),
                    ),
                    numbers=(part.number(year, _label(plant, part)), whole.number(year, _label(plant, whole))),
                    settle=message("流量计或水表的抄表记录；若按系数估算，应注明为估算并给出系数来源"),
                    size=1.0 / max(found.chance, 1e-9),
                    concerns=(part.item, whole.item),
                )


def constant_shares(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Shares of places in a total that stay the same over the years: divided up by a key, not metered."""
    plant = look(case, ledger)
    tolerance = threshold("constant-shares", "spread")
    change = threshold("constant-shares", "total-change")
    groups: dict[tuple[str, str, str], list[Series]] = defaultdict(list)
    for one in plant.series:
        if one.kind in ("energy", "water") and one.place != SITE and not one.honest:
            groups[one.item, one.role, one.unit].append(one)
    for (item, _, unit), parts in groups.items():
        years = sorted(set.intersection(*(set(one.amounts) for one in parts)))
        if len(parts) < 3 or len(years) < 3:
            continue
        totals = {year: sum(one.amounts[year] for one in parts) for year in years}
        if min(totals.values()) <= 0 or spread(list(totals.values())) < change:
            continue
        fixed = [
            one
            for one in parts
            if min(one.amounts[year] for year in years) > 0
            and spread([one.amounts[year] / totals[year] for year in years]) <= tolerance
            and max(one.steps[year] / one.amounts[year] for year in years) <= tolerance
        ]
        if len(fixed) < 3:
            continue
        last = years[-1]
        shares = listed(
            message(
                "{place} {share}%",
                place=plant.place_name(one.place),
                share=shown(100 * one.amounts[last] / totals[last], 4),
            )
            for one in fixed
        )
        yield Finding(
            rule="constant-shares",
            severity=Gravity.SERIOUS,
            message=message(
                "{item}：{count} 个场所的份额 {years} 年间不变，"
                "而总量变化 {change}%，像是按比例分摊而不是分表计量：{shares}",
                item=plant.name(item),
                count=len(fixed),
                years=f"{years[0]}～{last}",
                change=shown(100 * spread(list(totals.values())), 3),
                shares=shares,
            ),
            numbers=(
                fixed[0].number(last, message("{place}的{item}", place=fixed[0].place, item=plant.name(item))),
                Number(
                    message("各场所合计"),
                    totals[last],
                    unit,
                    tuple(r for one in parts for r in one.rows[last]),
                    last,
                    True,
                ),
            ),
            settle=message("各场所分表的抄表记录与计量器具台账；没有分表的应注明分摊方法"),
            size=spread(list(totals.values())) / tolerance,
            concerns=(item, *(one.place for one in fixed)),
        )

"""What was stated twice and disagrees (合计与分项): totals against parts, rival statements, rows entered twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from qingyuan import units
from qingyuan.checks.finding import Finding, Gravity, Number, listed, shown, times
from qingyuan.checks.knowledge import threshold
from qingyuan.checks.plant import Plant, Series, called, look
from qingyuan.errors import Location
from qingyuan.facts.model import SITE, Basis, Case, Fact, State
from qingyuan.figures.ledger import Ledger, parts_of
from qingyuan.language import Message, Name, message

_METERED = frozenset({Basis.METER, Basis.INVOICE, Basis.MONITORING, Basis.MONITORING_AUTO})
_FLOWS = ("material", "energy", "water", "waste", "product", "money", "pollutant")
# Roles that say one amount from two sides at the site: bought and used up.
# What is not kept in stock, so that what was bought was used.
_UNSTORED = frozenset({"electricity", "fresh-water", "natural-gas", "steam", "tap-water"})
_SUPPLY = (("purchased", "consumed"), ("taken", "consumed"))


def totals_and_parts(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Stated totals against the sums of their parts: places, months, kinds, bought against used."""
    plant = look(case, ledger)
    yield from _places(plant)
    yield from _months(plant)
    yield from _kinds(plant)
    yield from _supply(plant)


def _at(plant: Plant) -> dict[tuple[str, str], dict[str, list[Series]]]:
    found: dict[tuple[str, str], dict[str, list[Series]]] = defaultdict(lambda: defaultdict(list))
    for one in plant.series:
        if one.kind in _FLOWS:
            found[one.item, one.role][one.place].append(one)
    return found


def _stated(group: Sequence[Series], year: str) -> Number | None:
    """One amount of several rows of one place; None where rows may be rival statements."""
    rows = [one for one in group if year in one.amounts]
    if len(rows) != 1:
        return None
    return rows[0].number(year, "")


def _places(plant: Plant) -> Iterator[Finding]:
    for (item, _), by_place in _at(plant).items():
        for place, group in by_place.items():
            below = [name for name in by_place if name != place and _under(plant, name, place)]
            nearest = [
                name for name in below if not any(other != name and _under(plant, name, other) for other in below)
            ]
            if not nearest:
                continue
            for year in sorted({year for one in group for year in one.amounts}):
                whole = _stated(group, year)
                parts = [(one, name) for name in nearest for one in by_place[name] if year in one.amounts]
                if whole is None or not parts:
                    continue
                if any(units.dimension(one.unit) != units.dimension(whole.unit) for one, _ in parts):
                    continue
                value = sum(one.amounts[year] * units.factor(one.unit, whole.unit) for one, _ in parts)
                rows = tuple(row for one, _ in parts for row in one.rows[year])
                metered = all(one.bases <= _METERED for one in (*group, *(one for one, _ in parts)))
                steps = sum(one.steps[year] * units.factor(one.unit, whole.unit) for one, _ in parts)
                full = item in ("electricity", "fresh-water", "natural-gas", "steam") and len(parts) > 1
                yield from _gap(
                    plant,
                    item,
                    whole,
                    value,
                    rows,
                    year,
                    place,
                    steps,
                    metered=metered,
                    parts_may_be_fewer=not full,
                    part=message("{count} 个场所之和", count=len(nearest)),
                )


def _under(plant: Plant, name: str, place: str) -> bool:
    return name != place and name != SITE and (place == SITE or place in plant.ledger.above(name))


def _months(plant: Plant) -> Iterator[Finding]:
    for one in plant.series:
        for year in one.amounts:
            months = [month for month in one.months if month.startswith(year)]
            if len(months) == 12 and abs(sum(one.months[month] for month in months) - one.amounts[year]) > 0:
                value = sum(one.months[month] for month in months)
                rows = tuple(row for month in months for row in one.rows[month])
                whole = one.number(year, "")
                steps = sum(one.steps[month] for month in months)
                yield from _gap(
                    plant, one.item, whole, value, rows, year, one.place, steps, part=message("十二个月之和")
                )


def _kinds(plant: Plant) -> Iterator[Finding]:
    """Uses or sources of one water, kinds of one waste; at the site each part may be the sum of its places."""
    for (item, role), by_place in _at(plant).items():
        for place, group in by_place.items():
            for parts in parts_of(item, role):
                for year in sorted({year for one in group for year in one.amounts}):
                    whole = _stated(group, year)
                    if whole is None:
                        continue
                    used = [
                        number
                        for part in parts
                        if (number := plant.amount(part, role, year, place=place, unit=whole.unit)) is not None
                    ]
                    if not used:
                        continue
                    rows = tuple(dict.fromkeys(row for number in used for row in number.rows))
                    yield from _gap(
                        plant,
                        item,
                        whole,
                        sum(number.value for number in used),
                        rows,
                        year,
                        place,
                        float(len(rows)),
                        parts_may_be_fewer=len(used) < 2,
                        metered=all(one.bases <= _METERED for one in group),
                        part=message("{parts}之和", parts=listed(number.what for number in used)),
                    )


def _supply(plant: Plant) -> Iterator[Finding]:
    """What was bought against what the places used; stocks only where both ends are known."""
    stocked = set(plant.ledger.items(role="opening-stock"))
    for item in (name for name in plant.ledger.items() if name in _UNSTORED and name not in stocked):
        for bought, used in _SUPPLY:
            for year in plant.years:
                whole = plant.amount(item, bought, year)
                parts = plant.amount(item, used, year)
                if whole is None or parts is None or whole.unit != parts.unit or whole.rows == parts.rows:
                    continue
                sold = plant.amount(item, ("sold",), year)
                made = plant.amount(item, ("produced",), year)
                total = whole.value + (made.value if made and made.unit == whole.unit else 0.0)
                total -= sold.value if sold and sold.unit == whole.unit else 0.0
                shown_whole = Number(whole.what, total, whole.unit, whole.rows, year, whole.computed)
                yield from _gap(
                    plant,
                    item,
                    shown_whole,
                    parts.value,
                    parts.rows,
                    year,
                    SITE,
                    len(parts.rows) * 0.5,
                    metered=True,
                    part=message("各处消耗之和"),
                    parts_may_be_fewer=len(parts.rows) < 2,
                )


def _gap(
    plant: Plant,
    item: str,
    whole: Number,
    value: float,
    rows: tuple[Location, ...],
    year: str,
    place: str,
    steps: float,
    *,
    part: Message | Name | str,
    metered: bool = False,
    parts_may_be_fewer: bool = False,
) -> Iterator[Finding]:
    """A finding where a total and its parts lie apart by more than rounding, or two chains of meters by more than their
    usual difference."""
    gap = value - whole.value
    size = max(abs(value), abs(whole.value))
    if size == 0 or (gap < 0 and parts_may_be_fewer):
        return
    allowed = threshold("total-and-parts", "meters") * size if metered else 0.0
    if abs(gap) <= max(allowed, 1e-4 * size, steps):
        return
    serious = abs(gap) > threshold("total-and-parts", "serious") * size
    yield Finding(
        rule="total-and-parts",
        severity=Gravity.SERIOUS if serious else Gravity.MINOR,
        message=message(
            "{item}（{place}，{year}）：合计 {whole} {unit}，{part} {value} {unit}，相差 {gap} {unit}（{share}%）",
            item=plant.name(item),
            place=plant.place_name(place),
            year=year,
            whole=shown(whole.value, 8),
            part=part,
            value=shown(value, 8),
            unit=units.UnitText(whole.unit),
            gap=shown(gap, 6),
            share=shown(100 * gap / size, 3),
        ),
        numbers=(
            Number(
                message("{item}合计", item=plant.name(item)), whole.value, whole.unit, whole.rows, year, whole.computed
            ),
            Number(part, value, whole.unit, rows, year, True),
        ),
        settle=message("总表与分表的抄表记录、发票；说明未计入的部分"),
        size=1.0 + abs(gap) / max(allowed, 1e-3 * size),
        concerns=(item, place) if place else (item,),
    )


def rival_statements(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """One thing of one place and period stated with two numbers."""
    plant = look(case, ledger)
    for facts in plant.rivals:
        item, role, period, place = facts[0].item, facts[0].role, facts[0].period, facts[0].place
        ordered = sorted(facts, key=lambda fact: fact.value or 0.0)
        low, high = ordered[0], ordered[-1]
        if low.unit != high.unit or low.value is None or high.value is None or low.value == high.value:
            continue
        apart = times(low.value, high.value)
        values = listed(
            message(
                "“{label}” {value} {unit}",
                label=fact.label,
                value=shown(fact.value or 0.0, 8),
                unit=units.UnitText(fact.unit),
            )
            for fact in facts
        )
        yield Finding(
            rule="two-statements",
            severity=Gravity.SERIOUS if apart > 1 + threshold("two-statements", "serious") else Gravity.MINOR,
            message=message(
                "{item}（{place}，{period}）有 {count} 个不同的数：{values}",
                item=plant.name(item),
                place=plant.place_name(place),
                period=period,
                count=len(facts),
                values=values,
            ),
            numbers=tuple(
                Number(fact.label, fact.value or 0.0, fact.unit, (fact.where,), period) for fact in ordered[::-1]
            ),
            settle=message("两个数各自的出处；确定哪一个是计量值，另一个改正或删去"),
            size=apart,
            concerns=(item, role),
        )


def rows_twice(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Two rows that agree in everything: one amount entered twice."""
    plant = look(case, ledger)
    seen: dict[tuple[object, ...], Fact] = {}
    for fact in case.facts:
        if not fact.value or fact.state is not State.VALUE:
            continue
        key = (
            fact.period,
            fact.place,
            fact.to_place,
            fact.item,
            fact.role,
            fact.value,
            fact.unit,
            fact.label,
            fact.product,
            fact.meter,
            fact.source,
        )
        first = seen.setdefault(key, fact)
        if first is fact:
            continue
        yield Finding(
            rule="same-row-twice",
            severity=Gravity.SERIOUS,
            message=message(
                "{item}（{place}，{period}）{value} {unit} 有两行完全相同，都会计入合计",
                item=called(fact.item, fact.label),
                place=plant.place_name(fact.place),
                period=fact.period,
                value=shown(fact.value, 8),
                unit=units.UnitText(fact.unit),
            ),
            numbers=(
                Number(called(fact.item, fact.label), fact.value, fact.unit, (first.where,), fact.period),
                Number(called(fact.item, fact.label), fact.value, fact.unit, (fact.where,), fact.period),
            ),
            settle=message("若是同一数填了两次，删去一行；若是两笔，注明各自的来源"),
            size=2.0,
            concerns=(fact.item,),
        )

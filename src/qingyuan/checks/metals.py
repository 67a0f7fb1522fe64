"""The balance of metals (金属平衡): what was bought against what products and wastes hold, element by element."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from qingyuan import units
from qingyuan.checks.finding import Finding, Gravity, Number, joined, listed, shown, times
from qingyuan.checks.knowledge import (
    Content,
    contents,
    dissolvers,
    strengths,
    threshold,
)
from qingyuan.checks.plant import Plant, look
from qingyuan.checks.works import raw_concentration, used_mass
from qingyuan.errors import Location
from qingyuan.facts.model import Case
from qingyuan.figures.ledger import Ledger
from qingyuan.language import message
from qingyuan.reference.items import catalogue

_HANDED = ("generated", "transferred", "disposed")
_ELEMENTS = ("Cu", "Ni", "Zn", "Cr", "Sn", "Pb", "Ag", "Au", "Cd", "Hg", "As", "Co", "Mn")


@dataclass(frozen=True, slots=True)
class _Share:
    item: str
    low: float
    high: float
    rows: tuple[Location, ...]


@lru_cache(maxsize=1)
def _contents() -> Mapping[tuple[str, str], tuple[Content, ...]]:
    found: dict[tuple[str, str], tuple[Content, ...]] = {}
    for one in contents():
        found[one.item, one.element] = (*found.get((one.item, one.element), ()), one)
    return found


def _content(item: str, element: str, unit: str, products: frozenset[str]) -> Content | None:
    found = [one for one in _contents().get((item, element), ()) if one.unit == unit]
    special = [one for one in found if one.product and products == {one.product}]
    plain = [one for one in found if not one.product]
    return next(iter((*special, *plain)), None)


def _metal_in(plant: Plant, element: str, year: str) -> Iterator[_Share]:
    known = catalogue()
    for item, facts in plant.inputs.items():
        if item not in known or known.get(item).kind != "material":
            continue
        if element not in known.get(item).contents and (item, element) not in _contents():
            continue
        area = _content(item, element, "kg/m2", frozenset())
        if area is not None:
            yield from _by_area(plant, item, element, year)
            continue
        mass = used_mass(plant, item, year)
        if mass is None:
            continue
        mixture = _content(item, element, "1", frozenset())
        if mixture is not None:
            yield _Share(item, mass.low * mixture.low, mass.high * mixture.high, mass.rows)
            continue
        share = known.get(item).contents.get(element, 0.0)
        if share and any(fact.role in ("consumed", "purchased") for fact in facts):
            strength = strengths().get(item)
            pure = known.get(item).form == "pure"
            low = 0.95 if pure else 0.0
            high = strength.purity_high if strength and not pure else 1.0
            yield _Share(item, mass.low * share * low, mass.high * share * high, mass.rows)


def _by_area(plant: Plant, item: str, element: str, year: str) -> Iterator[_Share]:
    for one in plant.series:
        if one.item != item or one.role not in ("consumed", "purchased") or year not in one.amounts:
            continue
        if units.dimension(one.unit) != "area":
            continue
        products = frozenset(product for output in plant.outputs(one.place) for product in output.items)
        content = _content(item, element, "kg/m2", products)
        if content is not None:
            area = one.amounts[year] * units.factor(one.unit, "m2")
            yield _Share(item, area * content.low, area * content.high, one.rows[year])


def _metal_out(plant: Plant, element: str, year: str) -> Iterator[_Share]:
    known = catalogue()
    for item in plant.wastes:
        content = _content(item, element, "1", frozenset())
        amount = plant.amount(item, _HANDED, year, unit="kg") if content else None
        if content is not None and amount is not None:
            yield _Share(item, amount.value * content.low, amount.value * content.high, amount.rows)
    for output in plant.outputs():
        for item in output.items:
            content = _content(item, element, "kg/m2", frozenset())
            made = plant.amount(item, "produced", year, unit="m2") if content else None
            if content is not None and made is not None:
                yield _Share(item, made.value * content.low, made.value * content.high, made.rows)
    for one in plant.series:
        if one.role == "contained" and year in one.amounts and one.item in known:
            share = known.get(one.item).contents.get(element, 0.0)
            if share and units.dimension(one.unit) == "mass":
                mass = one.amounts[year] * units.factor(one.unit, "kg") * share
                yield _Share(one.item, mass, mass, one.rows[year])


def metal_balance(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """More of a metal in wastes and products than was bought, or bought metal that turns up nowhere."""
    plant = look(case, ledger)
    for element in _ELEMENTS:
        over: list[tuple[str, list[_Share], list[_Share]]] = []
        lost: list[tuple[str, list[_Share], list[_Share], float]] = []
        for year in plant.years:
            inside, out = list(_metal_in(plant, element, year)), list(_metal_out(plant, element, year))
            if not inside or not out or sum(one.high for one in inside) <= 0:
                continue
            if sum(one.low for one in out) > sum(one.high for one in inside) * threshold("metal-balance", "slack"):
                over.append((year, inside, out))
            contained = any(one.item.endswith("-metal") for one in out)
            gap = sum(one.low for one in inside) - sum(one.high for one in out)
            if contained and gap > threshold("metal-balance", "lost") * sum(one.low for one in inside):
                lost.append((year, inside, out, gap))
        if over:
            yield _too_much(plant, element, over)
        if lost:
            yield _vanished(plant, element, lost)


def _listing(plant: Plant, shares: list[_Share], *, high: bool) -> object:
    totals: dict[str, float] = {}
    for one in shares:
        totals[one.item] = totals.get(one.item, 0.0) + (one.high if high else one.low)
    return listed(
        message("{item} {kg} kg", item=plant.name(item), kg=shown(kg, 3)) for item, kg in totals.items() if kg > 0
    )


def _too_much(plant: Plant, element: str, over: list[tuple[str, list[_Share], list[_Share]]]) -> Finding:
    def ratio(one: tuple[str, list[_Share], list[_Share]]) -> float:
        return sum(s.low for s in one[2]) / sum(s.high for s in one[1])

    year, inside, out = max(over, key=ratio)
    worst = ratio((year, inside, out))
    metal = any(share.item.endswith("-metal") for share in out)
    return Finding(
        rule="metal-balance",
        severity=Gravity.GRAVE
        if (metal and worst > 1.1) or worst > threshold("metal-balance", "grave")
        else Gravity.SERIOUS
        if worst > threshold("metal-balance", "serious")
        else Gravity.QUESTION,
        message=message(
            "{element} 平衡不合（{years}）：{year} 年产品和废物中至少有 {out} kg"
            "（{outs}），投入最多只含 {inside} kg（{ins}）",
            element=element,
            years=joined(one[0] for one in over),
            year=year,
            out=shown(sum(s.low for s in out)),
            outs=_listing(plant, out, high=False),
            inside=shown(sum(s.high for s in inside)),
            ins=_listing(plant, inside, high=True),
        ),
        numbers=(
            Number(
                message("产品和废物中的 {element}", element=element),
                sum(s.low for s in out),
                "kg",
                tuple(row for s in out for row in s.rows),
                year,
                True,
            ),
            Number(
                message("投入中的 {element}", element=element),
                sum(s.high for s in inside),
                "kg",
                tuple(row for s in inside for row in s.rows),
                year,
                True,
            ),
        ),
        settle=message("各废液、污泥的金属含量化验；阳极、盐类和板料的采购发票与铜箔厚度；联单重量"),
        size=worst,
        concerns=tuple(dict.fromkeys(s.item for s in (*out, *inside))),
    )


def _vanished(plant: Plant, element: str, lost: list[tuple[str, list[_Share], list[_Share], float]]) -> Finding:
    year, inside, out, gap = max(lost, key=lambda one: one[3])
    total = sum(s.low for s in inside)
    return Finding(
        rule="metal-balance",
        severity=Gravity.SERIOUS,
        message=message(
            "{element} 平衡不合（{years}）：{year} 年投入至少含 {inside} kg"
            "（{ins}），产品和废物最多带走 {out} kg（{outs}），"
            "{gap} kg 没有去向",
            element=element,
            years=joined(one[0] for one in lost),
            year=year,
            inside=shown(total),
            ins=_listing(plant, inside, high=False),
            out=shown(sum(s.high for s in out)),
            outs=_listing(plant, out, high=True),
            gap=shown(gap),
        ),
        numbers=(
            Number(
                message("投入中的 {element}", element=element),
                total,
                "kg",
                tuple(row for s in inside for row in s.rows),
                year,
                True,
            ),
            Number(
                message("产品和废物中的 {element}", element=element),
                sum(s.high for s in out),
                "kg",
                tuple(row for s in out for row in s.rows),
                year,
                True,
            ),
        ),
        settle=message("镀层厚度与面积的检验记录；污泥和废液的金属含量化验；库存变化"),
        size=times(total, sum(s.high for s in out)),
        concerns=tuple(dict.fromkeys(s.item for s in (*out, *inside))),
    )


def dissolved_metal(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Metal that a bought etchant must dissolve, against what waste water and spent liquids can hold of it."""
    plant = look(case, ledger)
    for record in dissolvers():
        for year in reversed(plant.years):
            mass = used_mass(plant, record.item, year)
            water = plant.waste_water.get(year)
            raw = raw_concentration(plant, record.pollutant, year)
            if mass is None or water is None or raw is None:
                continue
            strength = strengths().get(record.item)
            pure = mass.low * (strength.purity_low if strength is not None else 0.95)
            least = pure * record.metal_per_kg * record.used_low
            held = raw.value * water.value / 1000
            rows = [*raw.rows, *water.rows]
            spent = 0.0
            for item in record.wastes:
                amount = plant.amount(item, _HANDED, year, unit="kg")
                content = _content(item, record.element, "1", frozenset())
                if amount is not None and content is not None:
                    spent += amount.value * content.high
                    rows += amount.rows
            if least <= (held + spent) * threshold("dissolved-metal", "slack"):
                break
            yield Finding(
                rule="dissolved-metal",
                severity=Gravity.MINOR,
                message=message(
                    "{year} 年用{item} {mass} kg，即使只有 {share}% 起作用也要溶下{element} {least} kg；"
                    "而废水（{raw} mg/L × {water} m³）只带 {held} kg，{wastes}最多 {spent} kg",
                    year=year,
                    item=plant.name(record.item),
                    mass=shown(mass.low, 8),
                    share=shown(100 * record.used_low),
                    element=record.element,
                    least=shown(least),
                    raw=shown(raw.value),
                    water=shown(water.value, 8),
                    held=shown(held),
                    wastes=listed(plant.name(item) for item in record.wastes),
                    spent=shown(spent),
                ),
                numbers=(
                    Number(
                        message("溶下的 {element}，至少", element=record.element), least, "kg", mass.rows, year, True
                    ),
                    Number(
                        message("废水和废液中的 {element}", element=record.element),
                        held + spent,
                        "kg",
                        tuple(rows),
                        year,
                        True,
                    ),
                ),
                settle=message("微蚀槽的换槽记录、废液的去向；处理前废水的监测报告"),
                size=least / max(held + spent, 1e-9),
                concerns=(record.item, record.pollutant, *record.wastes),
            )
            break

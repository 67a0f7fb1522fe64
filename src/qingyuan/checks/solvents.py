"""Where the solvents went (溶剂去向): VOC bought against VOC found, activated carbon against what it took up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qingyuan.checks.finding import Finding, Gravity, Number, listed, shown, times
from qingyuan.checks.knowledge import ancestors, threshold, voc_contents
from qingyuan.checks.plant import Plant, look
from qingyuan.checks.works import Mass, used_mass
from qingyuan.errors import Location
from qingyuan.facts.model import UNDATED, Case, Monitoring, Period, State
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.monitoring import Series
from qingyuan.language import message
from qingyuan.reference.processes import plant_ratios

_VOC = ("VOCs", "NMHC")
_HANDED = ("generated", "transferred", "disposed")


@dataclass(frozen=True, slots=True)
class Rate:
    """The mass flow of a pollutant at an outlet (排放速率), kg/h, with the results it was taken from."""

    outlet: str
    value: float
    rows: tuple[Location, ...]


def rate_of(series: Series) -> Rate | None:
    """The mean mass flow of a series: rates as measured, else concentration times flow; below detection counts zero."""
    found = [(one, value) for one in series.results if (value := result_rate(one)) is not None]
    if not found:
        return None
    return Rate(series.outlet, sum(value for _, value in found) / len(found), tuple(one.where for one, _ in found))


def result_rate(one: Monitoring) -> float | None:
    """The mass flow of one result, kg/h; 0 below detection; None where neither rate nor flow is known."""
    if one.state is State.BELOW_DETECTION:
        return 0.0
    if one.rate_kg_h is not None:
        return one.rate_kg_h
    if one.concentration is not None and one.flow_m3_h is not None and one.unit.startswith("mg/"):
        return one.concentration * one.flow_m3_h * 1e-6
    return None


def _rates(plant: Plant, *, before: bool) -> dict[str, Rate]:
    """The larger of VOC and NMHC at each outlet."""
    found: dict[str, Rate] = {}
    for series in plant.results:
        if series.pollutant in _VOC and series.medium == "air" and series.before == before:
            rate = rate_of(series)
            if rate is not None and (rate.outlet not in found or rate.value > found[rate.outlet].value):
                found[rate.outlet] = rate
    return found


def _monitored_year(case: Case, plant: Plant) -> str | None:
    years = {
        str(Period.parse(one.date).start.year)
        for one in case.monitoring
        if one.pollutant in _VOC and one.date and one.date != UNDATED
    }
    return max((year for year in plant.years if year in years), default=None)


def _hours(plant: Plant, year: str) -> tuple[float, tuple[Number, ...]]:
    stated = plant.operating_hours.get(year)
    return (stated.value, (stated,)) if stated is not None else (threshold("load-hours", "year"), ())


def _bought(plant: Plant, year: str) -> tuple[float, float, list[Mass]]:
    """Volatile compounds in the materials of a year, kg, at least and at most, and the materials."""
    low = high = 0.0
    used: list[Mass] = []
    for item in plant.inputs:
        content = next((voc_contents()[name] for name in ancestors(item) if name in voc_contents()), None)
        mass = used_mass(plant, item, year) if content is not None else None
        if content is not None and mass is not None:
            low += mass.low * content.low
            high += mass.high * content.high
            used.append(mass)
    return low, high, used


def voc_collection(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """The share of the volatile compounds that reaches any outlet at all: how much the hoods collect."""
    plant = look(case, ledger)
    year = _monitored_year(case, plant)
    if year is None:
        return
    low, _, used = _bought(plant, year)
    after, before = _rates(plant, before=False), _rates(plant, before=True)
    if not used or not after:
        return
    hours, stated = _hours(plant, year)
    solvent = plant.amount("waste-organic-solvent", _HANDED, year, unit="kg")
    evaporated = low - (solvent.value if solvent is not None else 0.0)
    collected = hours * sum(max(rate.value, before[o].value if o in before else 0.0) for o, rate in after.items())
    least = threshold("voc-collection", "share")
    if evaporated <= 0 or collected >= least * evaporated:
        return
    rows = tuple(row for rates in (before, after) for rate in rates.values() for row in rate.rows)
    yield Finding(
        rule="voc-collection",
        severity=Gravity.QUESTION,
        message=message(
            "{year} 年物料（{items}）至少有 {into} kg 挥发性有机物挥发，"
            "到达排放口的{most} {out} kg（治理前），收集不到 {share}%",
            year=year,
            items=listed(plant.name(mass.item) for mass in used),
            into=shown(evaporated),
            most=message("只有") if stated else message("即使全年运行也只有"),
            out=shown(collected),
            share=shown(100 * collected / evaporated, 3),
        ),
        numbers=(
            Number(message("治理前的挥发性有机物"), collected, "kg", rows, year, True),
            Number(
                message("挥发的挥发性有机物"),
                evaporated,
                "kg",
                tuple(row for mass in used for row in mass.rows),
                year,
                True,
            ),
            *stated,
        ),
        settle=message("集气罩风速与收集效率；监测时的生产负荷；物料的挥发分检测报告"),
        size=times(evaporated, collected),
        concerns=("VOCs", *(mass.item for mass in used)),
    )


def voc_balance(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Volatile compounds in the materials against what outlets, carbon and waste solvent account for."""
    plant = look(case, ledger)
    year = _monitored_year(case, plant)
    if year is None:
        return
    low, high, used = _bought(plant, year)
    after, before = _rates(plant, before=False), _rates(plant, before=True)
    if not used or not after:
        return
    hours, stated = _hours(plant, year)
    emitted = hours * sum(max(rate.value, before[o].value if o in before else 0.0) for o, rate in after.items())
    carbon = plant.amount("waste-activated-carbon", _HANDED, year, unit="kg")
    uptake = plant_ratios()["activated-carbon-uptake"].high
    taken = carbon.value * uptake / (1 + uptake) if carbon is not None else 0.0
    solvent = plant.amount("waste-organic-solvent", _HANDED, year, unit="kg")
    kept = sum(
        n.value for n in (solvent, plant.amount("organic-solvent", "recovered", year, unit="kg")) if n is not None
    )
    found = emitted + taken + kept
    rows = tuple(row for rates in (after, before) for rate in rates.values() for row in rate.rows)
    into = Number(
        message("物料中的挥发性有机物"), low, "kg", tuple(row for mass in used for row in mass.rows), year, True
    )
    out = Number(message("排放口、活性炭和废溶剂中的"), found, "kg", rows, year, True)
    many = listed(plant.name(mass.item) for mass in used)
    said = (
        message("实际生产 {hours} h", hours=shown(hours))
        if stated
        else message("按全年 {hours} h 计", hours=shown(hours))
    )
    if low > threshold("voc-balance", "lost") * found:
        yield Finding(
            rule="voc-balance",
            severity=Gravity.SERIOUS if low > threshold("voc-balance", "serious") * found else Gravity.QUESTION,
            message=message(
                "{year} 年含溶剂物料（{items}）至少带入挥发性有机物 {into} kg，而能找到的只有 {found} kg"
                "（排放口 {emitted} kg，{said}；活性炭最多 {taken} kg；废溶剂 {kept} kg）",
                year=year,
                items=many,
                into=shown(low),
                found=shown(found),
                emitted=shown(emitted),
                said=said,
                taken=shown(taken),
                kept=shown(kept),
            ),
            numbers=(into, out, *stated, *((carbon,) if carbon else ())),
            settle=message("物料的挥发分检测报告、废气收集效率、监测时的生产负荷、溶剂的库存与去向"),
            size=times(low, found),
            concerns=("VOCs", *(mass.item for mass in used)),
        )
    elif stated and emitted > high * threshold("voc-balance", "slack"):
        yield Finding(
            rule="voc-balance",
            severity=Gravity.SERIOUS,
            message=message(
                "{year} 年排放口的挥发性有机物 {emitted} kg（{said}），多于物料（{items}）最多带入的 {into} kg",
                year=year,
                emitted=shown(emitted),
                said=said,
                items=many,
                into=shown(high),
            ),
            numbers=(out, Number(into.what, high, "kg", into.rows, year, True), *stated),
            settle=message("物料清单是否完整；监测报告；运行时间"),
            size=times(emitted, high),
            concerns=("VOCs", *(mass.item for mass in used)),
        )


def carbon_uptake(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Spent carbon that took up almost nothing, or more than carbon can."""
    plant = look(case, ledger)
    year = _monitored_year(case, plant)
    if year is None:
        return
    carbon = plant.amount("waste-activated-carbon", _HANDED, year, unit="kg")
    after, before = _rates(plant, before=False), _rates(plant, before=True)
    both = [outlet for outlet in after if outlet in before]
    if carbon is None or carbon.value <= 0 or not both:
        return
    hours, stated = _hours(plant, year)
    treated = [outlet for outlet in after if _is_voc(plant, outlet)]
    removed = hours * sum(max(before[outlet].value - after[outlet].value, 0.0) for outlet in both)
    removed *= len(treated) / len(both)  # the others taken alike
    band = plant_ratios()["activated-carbon-uptake"]
    share = removed / carbon.value
    bound = band.low / (1 + band.low) if share < band.low else band.high / (1 + band.high)
    if not (share < band.low / (1 + band.low) or (stated and share > band.high / (1 + band.high))):
        return
    rows = tuple(row for outlet in both for rate in (before[outlet], after[outlet]) for row in rate.rows)
    yield Finding(
        rule="carbon-uptake",
        severity=Gravity.QUESTION,
        message=message(
            "{year} 年废活性炭 {carbon} kg，"
            "而 {count} 个排放口去除的挥发性有机物{most} {removed} kg，合每千克炭 {share} kg"
            "（通常 {low}～{high} kg）",
            year=year,
            carbon=shown(carbon.value),
            count=len(treated),
            removed=shown(removed),
            share=shown(share, 2),
            most=message("约") if stated else message("即使全年运行也只有"),
            low=shown(band.low),
            high=shown(band.high),
        ),
        numbers=(
            Number(carbon.what, carbon.value, "kg", carbon.rows, year, carbon.computed),
            Number(message("去除的挥发性有机物"), removed, "kg", rows, year, True),
            Number(message("通常范围的界限"), bound, "1", (), "", True),
            *stated,
        ),
        settle=message("活性炭的装填量、更换周期与联单；治理前后的监测报告"),
        size=times(share, bound),
        concerns=("waste-activated-carbon", "VOCs"),
    )


def _is_voc(plant: Plant, outlet: str) -> bool:
    return any(series.outlet == outlet and series.pollutant == "VOCs" for series in plant.results) or any(
        series.outlet == outlet and series.before and series.pollutant in _VOC for series in plant.results
    )

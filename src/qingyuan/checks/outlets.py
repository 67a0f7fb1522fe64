"""Outlets and what treats them (排放口与治理设施): sets against outlets, gas that is clean before its treatment,
organics that leave elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from qingyuan import units
from qingyuan.checks.finding import Finding, Gravity, Number, joined, listed, shown
from qingyuan.checks.knowledge import Treatment, threshold, treatments
from qingyuan.checks.plant import Plant, look
from qingyuan.checks.solvents import Rate, rate_of
from qingyuan.errors import Location
from qingyuan.facts.model import Case, Fact
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.limits import read_limit
from qingyuan.figures.monitoring import Series
from qingyuan.language import message

_ORGANIC = ("VOCs", "NMHC")


@dataclass(frozen=True, slots=True)
class Served:
    """Sets of one kind of treatment (治理设施套数) and the outlets at which its pollutants are measured."""

    treatment: Treatment
    facts: tuple[Fact, ...]
    sets: float
    outlets: tuple[str, ...]
    rows: tuple[Location, ...]


def served(case: Case, plant: Plant) -> tuple[Served, ...]:
    """The kinds of gas treatment whose number of sets is stated, with the outlets of their pollutants."""
    counted = [
        fact for fact in case.facts if fact.kind == "equipment" and fact.role == "count" and (fact.value or 0.0) > 0
    ]
    found: list[Served] = []
    taken: set[Location] = set()
    for treatment in treatments():
        facts = tuple(
            fact
            for fact in counted
            if fact.where not in taken and fact.label and any(word in fact.label for word in treatment.words)
        )
        if not facts:
            continue
        taken |= {fact.where for fact in facts}
        results = [one for series in plant.results if _of(series, treatment) for one in series.results]
        outlets = tuple(dict.fromkeys(series.outlet for series in plant.results if _of(series, treatment)))
        sets = sum(fact.value or 0.0 for fact in facts)
        found.append(Served(treatment, facts, sets, outlets, tuple(one.where for one in results)))
    return tuple(found)


def _of(series: Series, treatment: Treatment) -> bool:
    return series.medium == "air" and not series.before and series.pollutant in treatment.pollutants


def treatment_count(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """More outlets where a kind of pollutant is measured than sets that treat it."""
    plant = look(case, ledger)
    if not any(one.medium == "air" for one in case.monitoring):
        return
    found = served(case, plant)
    more = [one for one in found if len(one.outlets) > one.sets]
    if not more:
        return
    # What is treated and monitored nowhere stands under its own rule (treated-not-monitored).
    fewer = [
        one
        for one in found
        if len(one.outlets) < one.sets
        and (one.outlets or any(plant.accounted(pollutant) for pollutant in one.treatment.pollutants))
    ]
    items = listed(
        message(
            "{names} {sets} 套，而有 {count} 个排放口监测{pollutants}（{outlets}）",
            names=listed(fact.label for fact in one.facts),
            sets=shown(one.sets),
            count=len(one.outlets),
            pollutants=listed((plant.name(p) for p in one.treatment.pollutants if p in plant.monitored), most=4)
            if one.outlets
            else listed((plant.name(p) for p in one.treatment.pollutants), most=4),
            outlets=joined(one.outlets),
        )
        if one.outlets
        else message(
            "{names} {sets} 套，却没有排放口监测{pollutants}",
            names=listed(fact.label for fact in one.facts),
            sets=shown(one.sets),
            pollutants=listed((plant.name(p) for p in one.treatment.pollutants), most=4),
        )
        for one in (*more, *fewer)
    )
    yield Finding(
        rule="treatment-count",
        severity=Gravity.QUESTION,
        message=message("治理设施的套数与排放口对不上：{items}", items=items),
        numbers=tuple(
            number
            for one in (*more, *fewer)
            for number in (
                Number(
                    message("{names}套数", names=listed(fact.label for fact in one.facts)),
                    one.sets,
                    "",
                    tuple(fact.where for fact in one.facts),
                    "",
                    len(one.facts) > 1,
                ),
                Number(message("监测其污染物的排放口数"), float(len(one.outlets)), "", one.rows, "", True),
            )
        ),
        settle=message("排污许可证的排放口与治理设施对照表；逐个排放口接的工序和设施；现场核对"),
        size=max(len(one.outlets) / one.sets for one in more),
        concerns=tuple(dict.fromkeys(outlet for one in more for outlet in one.outlets)),
    )


def clean_before_treatment(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Gas that is far below its limit before the treatment already: nothing was collected, or nothing was running."""
    plant = look(case, ledger)
    share = threshold("clean-before-treatment", "share")
    limits: dict[tuple[str, str], tuple[float, Location]] = {}
    for one in case.monitoring:
        limit = read_limit(one.limit) if one.medium == "air" else None
        if limit is not None and limit.high is not None:
            limits.setdefault((one.outlet, one.pollutant), (float(limit.high), one.where))
    hits: list[tuple[str, str, float, float, str, tuple[Location, ...], Location, str]] = []
    for series in plant.results:
        if series.medium != "air" or not series.before or (series.outlet, series.pollutant) not in limits:
            continue
        values = [one.concentration for one in series.results if one.concentration is not None]
        most, where = limits[series.outlet, series.pollutant]
        if not values or most <= 0 or max(values) >= share * most:
            continue
        first = series.results[0]
        rows = tuple(one.where for one in series.results)
        hits.append((series.outlet, series.pollutant, max(values), most, first.unit, rows, where, first.date))
    if not hits:
        return
    items = listed(
        message(
            "{outlet} {pollutant}治理前 {value} {unit}，只有限值 {limit} 的 {share}%",
            outlet=outlet,
            pollutant=plant.name(pollutant),
            value=shown(value),
            unit=units.UnitText(unit),
            limit=shown(limit),
            share=shown(100 * value / limit, 2),
        )
        for outlet, pollutant, value, limit, unit, *_ in hits
    )
    yield Finding(
        rule="clean-before-treatment",
        severity=Gravity.QUESTION,
        message=message("废气在治理之前就几乎是干净的，像是没有收集到或没有开工：{items}", items=items),
        numbers=tuple(
            number
            for outlet, pollutant, value, limit, unit, rows, where, date in hits
            for number in (
                Number(message("{p}治理前", p=plant.name(pollutant)), value, unit, rows, date, len(rows) > 1),
                Number(message("限值"), limit, unit, (where,)),
            )
        ),
        settle=message("采样当天的生产记录、集气罩风速；在正常生产时重测"),
        size=max(share * limit / value for _, _, value, limit, *_ in hits if value > 0),
        concerns=tuple(dict.fromkeys((*(p for _, p, *_ in hits), *(o for o, *_ in hits)))),
    )


def organics_elsewhere(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Outlets without treatment of organics that carry more of them than the treated ones before their treatment."""
    plant = look(case, ledger)
    rates: dict[str, dict[bool, Rate]] = defaultdict(dict)
    for series in plant.results:
        if series.medium == "air" and series.pollutant in _ORGANIC:
            rate = rate_of(series)
            if rate is not None:
                known = rates[series.outlet].get(series.before)
                rates[series.outlet][series.before] = rate if known is None or rate.value > known.value else known
    treated = {outlet for outlet, pair in rates.items() if True in pair}
    others = {
        treatment_outlet
        for treatment in treatments()
        if not set(treatment.pollutants) & set(_ORGANIC)
        for pollutant in treatment.pollutants
        for treatment_outlet in (one.outlet for one in plant.results if one.pollutant == pollutant)
        if treatment_outlet in rates and treatment_outlet not in treated
    }
    if not treated or not others:
        return
    plain = {outlet for outlet in rates if outlet not in others}
    inside = sum(max(rate.value for rate in rates[outlet].values()) for outlet in plain)
    outside = sum(max(rate.value for rate in rates[outlet].values()) for outlet in others)
    ratio = threshold("organics-elsewhere", "ratio")
    if inside <= 0 or outside < ratio * inside:
        return
    yield Finding(
        rule="organics-elsewhere",
        severity=Gravity.QUESTION,
        message=message(
            "有机物主要不从有机废气排放口出来：{plain} 治理前合计 {inside} kg/h，"
            "而其他工序的 {others} 有 {outside} kg/h，没有有机废气治理",
            plain=joined(sorted(plain)),
            inside=shown(inside, 3),
            others=joined(sorted(others)),
            outside=shown(outside, 3),
        ),
        numbers=(
            Number(message("其他工序排放口的有机物"), outside, "kg/h", _rows(rates, others), "", True),
            Number(message("有机废气排放口的有机物（治理前）"), inside, "kg/h", _rows(rates, plain), "", True),
        ),
        settle=message("各排放口接的工序；助剂、溶剂的使用地点；两类排放口同时监测"),
        size=outside / inside,
        concerns=("VOCs", *sorted(others), *sorted(plain)),
    )


def _rows(rates: dict[str, dict[bool, Rate]], outlets: Iterable[str]) -> tuple[Location, ...]:
    return tuple(row for outlet in sorted(outlets) for rate in rates[outlet].values() for row in rate.rows)

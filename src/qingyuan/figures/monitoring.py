"""Monitoring results made ready for figures (监测数据整理): outlets, means weighted by flow, results below detection.

A result below detection is never zero: it counts at its detection limit (``limit``, an upper bound) or at half of it
(``half-limit``), as the report chooses. Where the laboratory gave no limit, the smallest value that was found of this
pollutant at this outlet in the same year bounds it, and the figure says so: a detection limit cannot lie above a value
that was detected by the same method. Where nothing was found in the year, the limit is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from qingyuan import units
from qingyuan.errors import UnknownName
from qingyuan.facts.model import UNDATED, Basis, Case, Fact, Monitoring, Period, State
from qingyuan.figures.derivation import Term, constant, from_fact, total
from qingyuan.language import Message, message

Convention = Literal["limit", "half-limit"]

_BEFORE = re.compile(
    r"[-_—（(,， ]*(?:处理设施前|处理前|治理前|净化前|处理设施进口|进水口|进水|进口|入口"
    r"|\b(?:before (?:the )?(?:treatment|abatement|purification)|untreated|(?:treatment )?inlet|influent))[）) ]*$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[-_—（(,， ]*(?:处理设施后|处理后|治理后|净化后|处理设施出口|出水口|出水|出口"
    r"|\b(?:after (?:the )?(?:treatment|abatement|purification)|treated|treatment outlet|effluent))[）) ]*$",
    re.IGNORECASE,
)
# What is said of a result below detection beside which no detection limit stands.
UNSTATED_LIMIT = message("未检出且未给检出限，以当年该排放口该污染物检出的最小值为上限")
# Of a number between 0 and a limit nothing else is known: uniform, standard deviation limit/sqrt(12).
_UNIFORM = 12**-0.5


def outlet_of(name: str) -> tuple[str, bool]:
    """The outlet that a monitoring point belongs to, and whether it lies before the treatment (DA007处理前)."""
    for pattern, before in ((_BEFORE, True), (_AFTER, False)):
        base = pattern.sub("", name).strip()
        if base and base != name.strip():
            return base, before
    return name.strip(), False


@dataclass(frozen=True, slots=True)
class Series:
    """All results of one pollutant at one outlet (一个排放口一种污染物的监测结果), before or after the treatment."""

    outlet: str
    pollutant: str
    medium: str
    before: bool
    results: tuple[Monitoring, ...]

    def within(self, period: str) -> Series:
        """The results that lie in a period."""
        span = Period.parse(period)
        inside = tuple(
            one for one in self.results if one.date and one.date != UNDATED and span.contains(Period.parse(one.date))
        )
        return replace(self, results=inside)

    def of_basis(self, *, automatic: bool) -> Series:
        """The results of automatic or of manual monitoring."""
        chosen = tuple(one for one in self.results if (one.basis is Basis.MONITORING_AUTO) == automatic)
        return replace(self, results=chosen)


def series_of(case: Case) -> tuple[Series, ...]:
    """The monitoring results of a case by outlet, place before or after treatment, medium and pollutant."""
    groups: dict[tuple[str, bool, str, str], list[Monitoring]] = {}
    for one in case.monitoring:
        outlet, before = outlet_of(one.outlet)
        groups.setdefault((outlet, before, one.medium, one.pollutant), []).append(one)
    return tuple(
        Series(outlet, pollutant, medium, before, tuple(results))
        for (outlet, before, medium, pollutant), results in groups.items()
    )


def has_load(series: Series) -> bool:
    """Whether a pollutant has a mass: a concentration in mg/L, mg/m3, ngTEQ/Nm3; not pH, colour, noise."""
    for one in series.results:
        try:
            head = units.dimension(one.unit).partition("/")
        except UnknownName:
            return False
        if head[0] in ("mass", "toxic equivalent") and head[2] in ("volume", "normal gas volume"):
            return True
    return False


def fact_of(one: Monitoring, value: float, unit: str, role: str) -> Fact:
    """A monitoring result as a fact, so that a derivation can show its row."""
    return Fact(
        plant=one.plant,
        period=one.date,
        item=one.pollutant,
        role=role,
        value=value,
        unit=unit,
        place=one.outlet,
        kind="pollutant",
        state=one.state,
        basis=one.basis,
        note=one.note,
        label=one.label or one.pollutant,
        where=one.where,
    )


def detection_bound(series: Series) -> float | None:
    """The smallest value found in the results of a year, which bounds an unstated detection limit; None for none."""
    found = [
        one.concentration
        for one in series.results
        if one.state is State.VALUE
        and one.concentration is not None
        and one.concentration > 0
        and units.canonical(one.unit) == units.canonical(series.results[0].unit)
    ]
    return min(found, default=None)


def concentration_term(one: Monitoring, convention: Convention, bound: float | None) -> Term | None:
    """One result as a term; below detection by the convention; None where no limit is known."""
    unit = units.canonical(one.unit)
    if one.state is State.VALUE and one.concentration is not None:
        return from_fact(fact_of(one, one.concentration, unit, "discharged-concentration"))
    if one.state is not State.BELOW_DETECTION:
        return None
    stated = one.concentration is not None
    limit = one.concentration if stated else bound
    if limit is None:
        return None
    leaf = from_fact(fact_of(one, limit, unit, "discharged-concentration"))
    note = message("未检出，按检出限计，为上限") if stated else UNSTATED_LIMIT
    if convention == "half-limit":
        half = leaf * constant(message("未检出按检出限的一半计"), 0.5, "1")
        return replace(half, spread=dict.fromkeys(leaf.spread, limit * _UNIFORM), note=note)
    return replace(leaf, upper_bound=True, note=note)


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of a series in a period, None with what is missing; ``below`` counts results below detection."""

    term: Term | None
    count: int
    weighted: bool = False
    below: int = 0
    needs: tuple[Message, ...] = ()


def mean_concentration(series: Series, convention: Convention, bound: float | None) -> Mean:
    """The mean concentration of the results of a series (平均浓度), weighted by flow where every result has one.

    ``C = Σ C_i·Q_i / Σ Q_i``, else ``Σ C_i / n``. Its standard uncertainty is the larger of what the single results
    give and of the scatter of the results, ``s/√n``.
    """
    used = [one for one in series.results if one.state in (State.VALUE, State.BELOW_DETECTION)]
    below = sum(one.state is State.BELOW_DETECTION for one in used)
    if not used:
        return Mean(None, 0, needs=(message("{outlet}的监测结果", outlet=series.outlet),))
    pairs = [(one, concentration_term(one, convention, bound)) for one in used]
    if any(term is None for _, term in pairs):
        need = message("{outlet}：未检出项的检出限", outlet=series.outlet)
        return Mean(None, len(used), below=below, needs=(need,))
    terms = [term for _, term in pairs if term is not None]
    unit = terms[0].unit
    terms = [term.to(unit) for term in terms]
    flows = [flow_term(one) for one in used]
    known = [flow for flow in flows if flow is not None]
    weighted = len(used) > 1 and len(known) == len(used) and sum(flow.value for flow in known) > 0
    if weighted:
        loads = [term * flow for term, flow in zip(terms, known, strict=True)]
        term = (total(loads) / total(known)).to(unit).named(message("按流量加权的平均浓度"))
    elif len(terms) == 1:
        term = terms[0]
    else:
        count = constant(message("监测次数"), float(len(terms)), "1")
        term = (total(terms) / count).named(message("算术平均浓度"))
    return Mean(_scattered(term, [one.value for one in terms], series), len(used), weighted, below)


def _scattered(term: Term, values: Sequence[float], series: Series) -> Term:
    """The scatter of the results as the uncertainty of their mean where it is larger."""
    count = len(values)
    if count < 2:
        return term
    mean = sum(values) / count
    error = (sum((value - mean) ** 2 for value in values) / (count - 1) / count) ** 0.5
    if error <= term.sd:
        return term
    source = f"scatter:{series.outlet}|{series.pollutant}|{series.results[0].date}|{count}"
    return replace(term, spread={source: error})


def flow_term(one: Monitoring) -> Term | None:
    """The flow at a result: Nm3/h where the concentration is per Nm3, else m3/h; None where it was not measured."""
    if one.flow_m3_h is None:
        return None
    unit = "Nm3/h" if units.dimension(one.unit).endswith("normal gas volume") else "m3/h"
    return replace(from_fact(fact_of(one, one.flow_m3_h, unit, "flow")), label=message("监测时流量"))


def rate_term(one: Monitoring) -> Term | None:
    """The discharge rate at a result, kg/h; None where it was not measured."""
    if one.rate_kg_h is None:
        return None
    return replace(from_fact(fact_of(one, one.rate_kg_h, "kg/h", "discharge-rate")), label=message("监测时排放速率"))


def mean_hourly_load(series: Series, convention: Convention, bound: float | None) -> Term | None:
    """The mean load per hour of gas results (平均小时排放量): ``Σ C_i·Q_i / n``, in kg/h (kgTEQ/h).

    None where a result has no number; results without a flow take the mean of the others'. None without any flow.
    """
    used = [one for one in series.results if one.state in (State.VALUE, State.BELOW_DETECTION)]
    terms = [concentration_term(one, convention, bound) for one in used]
    flows = [flow_term(one) for one in used]
    known = [flow for flow in flows if flow is not None]
    if not known or any(term is None for term in terms):
        return None
    middle = known[0] if len(known) == len(flows) else mean_of(known, message("平均流量"))
    loads = [
        term * (middle if flow is None else flow) for term, flow in zip(terms, flows, strict=True) if term is not None
    ]
    unit = "kgTEQ/h" if units.dimension(loads[0].unit).startswith("toxic equivalent") else "kg/h"
    loads = [load.to(unit) for load in loads]
    return _scattered(mean_of(loads, message("平均小时排放量")), [load.value for load in loads], series)


def mean_of(terms: Iterable[Term], label: Message) -> Term:
    """The arithmetic mean of terms of one dimension; raises ValueError for none."""
    parts = tuple(terms)
    if len(parts) == 1:
        return parts[0]
    count = constant(message("次数"), float(len(parts)), "1")
    return (total(parts) / count).to(parts[0].unit).named(label)


def highest(series: Series) -> Monitoring | None:
    """The result with the highest concentration found; None where nothing was found."""
    found = [one for one in series.results if one.state is State.VALUE and one.concentration is not None]
    return max(found, key=lambda one: one.concentration or 0.0, default=None)

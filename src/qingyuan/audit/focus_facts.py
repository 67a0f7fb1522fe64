"""What facts say for the audit focus (审核重点的数据依据): candidates, proposed scores, the links that triggers compel.

Of each measure (waste water, hazardous waste, energy, water, materials, toxic substances) a candidate's amount is set
against the largest candidate's. That conversion to scores is ours; the handbook leaves scores to the audit team.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from qingyuan import units
from qingyuan.audit.focus import (
    OPEN,
    R_HIGH,
    R_LOW,
    Compelled,
    FactorSet,
    Measure,
    Measured,
    ScoreR,
    compulsory_rules,
    measures,
)
from qingyuan.audit.rule_records import COUNTRY, TRIGGERS
from qingyuan.audit.toxics import Toxic, toxics
from qingyuan.errors import UnknownName
from qingyuan.facts.model import SITE
from qingyuan.figures.derivation import FigureSet, Term, total
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.limits import limit_checks
from qingyuan.figures.standard_coal import standard_coal
from qingyuan.language import Message, Name, listing, message
from qingyuan.reference.items import catalogue

_NOT_CANDIDATES = ("outlet", "living")


def candidates(ledger: Ledger, excluded: Iterable[str] = ()) -> tuple[str, ...]:
    """The candidates that facts suggest (备选审核重点): places directly below the site, living quarters aside.

    A plant without places is its own and only candidate (the site, ``""``).
    """
    kinds = {place.name: place.kind for place in ledger.places}
    left = {*excluded, *ledger.settings.excluded_places}
    found = tuple(name for name in ledger.children(SITE) if kinds.get(name) not in _NOT_CANDIDATES and name not in left)
    return found or (SITE,)


def measure_at(ledger: Ledger, measure: Measure, place: str, period: str, toxic: Sequence[str] = ()) -> Measured:
    """The amount of a measure at a place (and below it) over a period, in the measure's unit.

    What is stated in another dimension (materials in litres or pieces) cannot be added and is named in ``left_out``.
    """
    if measure.items:
        for item in measure.items:
            term = ledger.amount(item, measure.roles, period, place)
            if term is not None:
                return Measured(measure, term.to(measure.unit), None)
        return Measured(measure, None, None)
    terms: list[Term] = []
    left_out: list[Name] = []
    for item in _items_of(ledger, measure, toxic):
        amount = ledger.amount(item, measure.roles, period, place)
        if amount is None:
            continue
        if measure.standard_coal and item not in catalogue():
            left_out.append(ledger.label(item))  # the plant's own item: no coefficient can be known
        elif measure.standard_coal:
            coal, _ = standard_coal(ledger, ledger.settings, item, amount, period, "equivalent", place)
            if coal is None:
                left_out.append(ledger.label(item))
            else:
                terms.append(coal.to(measure.unit))
        elif units.dimension(amount.unit) == units.dimension(measure.unit):
            terms.append(amount.to(measure.unit))
        else:
            left_out.append(ledger.label(item))
    term = total(terms, unit=measure.unit) if terms else None
    return Measured(measure, term, None, tuple(dict.fromkeys(left_out)))


def _items_of(ledger: Ledger, measure: Measure, toxic: Sequence[str]) -> tuple[str, ...]:
    if measure.toxic:
        return tuple(dict.fromkeys(toxic))
    if measure.sum_of:
        return measure.sum_of
    known = catalogue()
    found = []
    for item in ledger.items(kind=measure.kind):
        tree = item in known
        if measure.below and not (tree and known.is_a(item, measure.below)):
            continue
        if tree and any(known.is_a(item, other) for other in measure.not_below):
            continue
        # An item that others in the facts are parts of would be counted with its parts.
        others = [other for other in ledger.items(kind=measure.kind) if other != item and other in known]
        if tree and any(known.is_a(other, item) for other in others):
            continue
        found.append(item)
    return tuple(found)


def propose(
    ledger: Ledger,
    factors: FactorSet,
    period: str,
    places: Sequence[str] = (),
    *,
    on: dt.date | None = None,
    jurisdiction: str = COUNTRY,
) -> dict[str, dict[str, ScoreR]]:
    """Scores that facts support: for each candidate and factor R, with what was measured.

    Of each measure the candidate's share of the largest candidate is taken (0 to 1); the factor's share x is their mean
    over the measures that facts know of any candidate, and R = 1 + 9 x, rounded to a whole number. A measure that is
    missing for a candidate counts as anything from 0 to 1. A factor that no fact measures stays open (1 to 10). This
    conversion is ours; the handbook leaves scores to the team. ``on``: day whose list of toxic substances is used
    (default: the last day of the period).
    """
    chosen = tuple(places) or candidates(ledger)
    day = on or dt.date(int(period[:4]), 12, 31)
    harmful = [one.item for one in toxics(ledger.case, day, jurisdiction) if one.certain and one.kind != "pollutant"]
    known = measures()
    found: dict[str, dict[str, ScoreR]] = {place: {} for place in chosen}
    for factor in factors.factors:
        rows = {
            id: [measure_at(ledger, known[id], place, period, harmful) for place in chosen] for id in factor.measures
        }
        usable = {id: row for id, row in rows.items() if any(_positive(one) for one in row)}
        for index, place in enumerate(chosen):
            if not usable:
                found[place][factor.id] = OPEN
                continue
            mine = tuple(_with_share(row[index], row) for row in usable.values())
            low = sum((one.share or Fraction(0) for one in mine), Fraction(0)) / len(mine)
            high = sum((Fraction(1) if one.share is None else one.share for one in mine), Fraction(0)) / len(mine)
            found[place][factor.id] = ScoreR(_r(low), _r(high), "proposed", mine)
    return found


def _positive(one: Measured) -> bool:
    return one.term is not None and one.term.value > 0


def _with_share(one: Measured, row: Sequence[Measured]) -> Measured:
    largest = max(each.term.value for each in row if each.term is not None)
    if one.term is None:
        return one
    return replace(one, share=Fraction(max(one.term.value, 0.0)) / Fraction(largest))


def _r(share: Fraction) -> Fraction:
    """R from a share of 0 to 1: a whole number, halves up."""
    return Fraction(R_LOW + math.floor((R_HIGH - R_LOW) * min(Fraction(1), max(Fraction(0), share)) + Fraction(1, 2)))


# --- the compulsory rule ---------------------------------------------------------------------------------------------


def compelled(
    ledger: Ledger,
    triggers: Iterable[str],
    places: Sequence[str],
    *,
    figures: FigureSet | None = None,
    links: Mapping[str, Sequence[str]] | None = None,
    on: dt.date | None = None,
    jurisdiction: str = COUNTRY,
) -> tuple[Compelled, ...]:
    """What the triggers of a case compel into the focus.

    T1: outlets with results above their limit, pollutants above their permitted amount; T3: places with toxic
    materials, hazardous waste or toxic discharges; T2: what the auditor names. ``places``: the candidates. ``figures``:
    for the amounts discharged. ``links``: places by trigger that the auditor names; they settle the trigger. A trigger
    of which nothing tells the place is given with ``place`` None. Raises UnknownName for an unknown trigger or place.
    """
    rules = {rule.trigger: rule for rule in compulsory_rules()}
    found: list[Compelled] = []
    for trigger in dict.fromkeys(triggers):
        if trigger not in TRIGGERS:
            raise UnknownName(message("强制审核情形"), trigger, TRIGGERS)
        if trigger not in rules:
            continue
        rule = rules[trigger]
        named = tuple((links or {}).get(trigger, ()))
        for place in named:
            if place not in places:
                raise UnknownName(message("备选审核重点"), place, list(places))
            found.append(Compelled(trigger, place, message("由审核小组指定"), rule))
        if named:
            continue
        hits = _exceeding(ledger, places, figures) if trigger == "T1" else []
        if trigger == "T3":
            hits = _toxic_places(ledger, places, on or _last_day(ledger), jurisdiction)
        if not hits:
            hits = [(None, message("数据里没有指明是哪个环节，须由审核小组指定"))]
        found += [Compelled(trigger, place, reason, rule) for place, reason in hits]
    return tuple(found)


def _last_day(ledger: Ledger) -> dt.date:
    return dt.date(int(ledger.years[-1]), 12, 31) if ledger.years else dt.date.today()


def _candidate_of(ledger: Ledger, place: str, places: Sequence[str]) -> str | None:
    """The candidate that a place is or lies in; the only candidate stands for the site."""
    for name in ledger.above(place):
        if name in places and name:
            return name
    return places[0] if len(places) == 1 else None


def _exceeding(ledger: Ledger, places: Sequence[str], figures: FigureSet | None) -> list[tuple[str | None, Message]]:
    found: list[tuple[str | None, Message]] = []
    known = {place.name for place in ledger.places}
    for check in limit_checks(ledger.case):
        if check.kept is not False:
            continue
        named = (name for name in known if name and name in check.outlet)
        place = check.outlet if check.outlet in known else next(named, "")
        count = len(check.exceeding) + len(check.rate_exceeding)
        reason = message(
            "{outlet} {period} 年 {pollutant} 有 {count} 次超过限值",
            outlet=check.outlet, period=check.period, pollutant=check.label, count=count,
        )  # fmt: skip
        found.append((_candidate_of(ledger, place, places) if place else None, reason))
    for fact in ledger.case.facts:
        if fact.role != "permitted" or fact.value is None or figures is None:
            continue
        figure = figures.find(f"discharge.{fact.item}", period=fact.period)
        if figure is None or units.dimension(figure.unit) != units.dimension(fact.unit):
            continue
        allowed = fact.value * units.factor(fact.unit, figure.unit)
        if figure.value > allowed:
            reason = message(
                "{pollutant} {period} 排放 {value} {unit}，超过许可量 {allowed} {unit}",
                pollutant=ledger.label(fact.item), period=fact.period, value=f"{figure.value:.4g}",
                allowed=f"{allowed:.4g}", unit=units.UnitText(figure.unit),
            )  # fmt: skip
            found.append((None, reason))
    return found


def _toxic_places(
    ledger: Ledger, places: Sequence[str], on: dt.date, jurisdiction: str
) -> list[tuple[str | None, Message]]:
    by_place: dict[str | None, list[Toxic]] = {}
    for one in toxics(ledger.case, on, jurisdiction):
        if not one.certain:
            continue
        for place in one.places:
            candidate = _candidate_of(ledger, place, places) if place in {p.name for p in ledger.places} else None
            by_place.setdefault(candidate, []).append(one)
    settled = {one.item for place, all_ones in by_place.items() if place is not None for one in all_ones}
    found: list[tuple[str | None, Message]] = []
    for where, ones in by_place.items():
        # What is also known at a place need not be asked for once more.
        left = ones if where is not None else [one for one in ones if one.item not in settled]
        if left:
            names = listing(dict.fromkeys(one.label for one in left))
            found.append((where, message("有毒有害原料或物质：{names}", names=names)))
    return sorted(found, key=lambda entry: (entry[0] is None, places.index(entry[0]) if entry[0] in places else 0))

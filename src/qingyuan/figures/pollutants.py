"""Pollutants and wastes of a plant (污染物与固体废物): generation, removal, discharge, concentrations, waste by kind.

The method of every discharge follows the legal order (``discharges``) and is stored with the number. Generation is the
load before treatment: concentration before treatment times waste water, or what was stated.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from qingyuan import units
from qingyuan.errors import QingyuanError
from qingyuan.facts.model import SITE
from qingyuan.figures import pollutant_methods as formula
from qingyuan.figures.allocation import per_product
from qingyuan.figures.collect import Collector
from qingyuan.figures.derivation import FigureSet, Term, from_coefficient, from_fact, total
from qingyuan.figures.discharges import (
    Discharge,
    accounting_years,
    discharged_wastewater,
    generated_wastewater,
    operating_hours,
    outlet_discharges,
    site_discharges,
)
from qingyuan.figures.factor_generation import factor_rows, generation_by_factors
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.limits import LimitCheck, limit_checks
from qingyuan.figures.monitoring import (
    Series,
    detection_bound,
    fact_of,
    has_load,
    highest,
    mean_concentration,
    mean_hourly_load,
    series_of,
)
from qingyuan.figures.process_inputs import Plant
from qingyuan.figures.settings import Settings
from qingyuan.figures.waste_ways import waste_ways
from qingyuan.language import Message, Name, listing, message
from qingyuan.reference.items import catalogue
from qingyuan.reference.pollutants import accounting_constant

__all__ = [
    "Discharge",
    "LimitCheck",
    "figures",
    "generations",
    "limit_checks",
    "outlet_discharges",
    "site_discharges",
    "waste_kind",
]

_COAL = ("raw-coal", "anthracite", "bituminous-coal", "lignite", "cleaned-coal", "other-washed-coal", "slime")
_KINDS = ("hazardous-waste", "general-waste")
# Codes of the national lists: HW17, 336-054-17; SW17, 900-099-S59.
_HAZARDOUS_CODE = re.compile(r"(?<![A-Za-z0-9])(?:HW\d{2}|\d{3}-\d{3}-\d{2})(?![A-Za-z0-9])")
_GENERAL_CODE = re.compile(r"(?<![A-Za-z0-9])(?:SW\d{2}|\d{3}-\d{3}-S\d{2})(?![A-Za-z0-9])")
_CODES = ((_HAZARDOUS_CODE, "hazardous-waste"), (_GENERAL_CODE, "general-waste"))
_CLAUSES = re.compile(r"[;；,，。、:：()（）\n]")
_TOTALS = ("hazardous-waste", "general-waste", "solid-waste")


def figures(ledger: Ledger, settings: Settings | None = None) -> FigureSet:
    """All pollutant and waste figures of all years of a case, and what is missing for the others."""
    used = ledger.settings if settings is None else settings
    collector = Collector(ledger, used)
    for period in accounting_years(ledger):
        _wastewater(collector, ledger, used, period)
        outlets = outlet_discharges(ledger, used, period)
        site = site_discharges(ledger, period, outlets)
        made = generations(ledger, used, period)
        _outlets(collector, ledger, period, outlets)
        _site(collector, ledger, used, period, site, made)
        _coal_so2(collector, ledger, period)
        _solvents(collector, ledger, period)
        _wastes(collector, ledger, used, period)
    return collector.result()


# --- waste water -------------------------------------------------------------------------------------------------


def _wastewater(collector: Collector, ledger: Ledger, settings: Settings, period: str) -> None:
    made = generated_wastewater(ledger, period)
    if made.term is not None:
        collector.add("wastewater-generated", period, made.term, "pollutants.wastewater", notes=made.notes)
        per_product(
            collector,
            ledger,
            settings,
            period,
            "wastewater-generated-per-product",
            "pollutants.per-product",
            made.term,
            lambda place, product: _water_at(ledger, "generated", period, place, product),
            message("废水产生量"),
            quiet=True,
        )
    out = discharged_wastewater(ledger, period)
    if out.term is not None and not out.term.upper_bound:
        per_product(
            collector,
            ledger,
            settings,
            period,
            "wastewater-discharged-per-product",
            "pollutants.per-product",
            out.term,
            lambda place, product: _water_at(ledger, "discharged", period, place, product),
            message("废水排放量"),
            quiet=True,
        )


def _water_at(ledger: Ledger, role: str, period: str, place: str, product: str) -> Term | None:
    if place == SITE and not product:
        return None
    for item in ("process-wastewater", "wastewater"):
        term = ledger.amount(item, role, period, place, product=product)
        if term is not None:
            return term.to("m3")
    return None


# --- generation --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Generation:
    """What came about of one pollutant before treatment in a period (产生量); None with what is missing."""

    pollutant: str
    medium: str
    term: Term | None
    needs: tuple[Message, ...] = ()
    notes: tuple[Message, ...] = ()


def generations(ledger: Ledger, settings: Settings, period: str) -> tuple[Generation, ...]:
    """The generation of every pollutant of which anything before treatment is known.

    As stated; else the concentration before treatment (stated or measured) times the generated waste water; of waste
    gas the measured concentration before treatment times flow and hours.
    """
    found: dict[tuple[str, str], Generation] = {}
    for fact in ledger.select(roles="generated", period=period, kind="pollutant"):
        if fact.value is not None and (key := (_medium_of(ledger, fact.item), fact.item)) not in found:
            term = ledger.amount(fact.item, "generated", period)
            if term is not None and units.dimension(term.unit) in ("mass", "toxic equivalent"):
                found[key] = Generation(fact.item, key[0], term)
    volume = generated_wastewater(ledger, period)
    for fact in ledger.select(roles="generated-concentration", kind="pollutant"):
        key = ("water", fact.item)
        if key in found:
            continue
        concentration = ledger.property_of(fact.item, "generated-concentration", period)
        if concentration is None or units.dimension(concentration.unit) != "mass/volume":
            continue
        if volume.term is None:
            found[key] = Generation(fact.item, "water", None, (message("废水产生量"),))
        else:
            term = formula.water_load(volume.term, concentration)
            found[key] = Generation(fact.item, "water", term, (), volume.notes)
    for (medium, pollutant), one in _measured_before(ledger, settings, period).items():
        found.setdefault((medium, pollutant), one)
    for fact in factor_rows(ledger, period):
        key = (_medium_of(ledger, fact.item), fact.item)
        if key not in found or found[key].term is None:
            by_factor = generation_by_factors(ledger, period, fact.item)
            needs = (
                ()
                if by_factor is not None
                else (message("{item}产污系数所属产品的产量", item=ledger.label(fact.item)),)
            )
            found[key] = Generation(fact.item, key[0], by_factor, needs, (message("按产污系数计算"),))
    return tuple(found.values())


def _measured_before(ledger: Ledger, settings: Settings, period: str) -> dict[tuple[str, str], Generation]:
    groups: dict[tuple[str, str], list[tuple[Series, Series]]] = {}
    for series in series_of(ledger.case):
        if series.before and has_load(series) and (inside := series.within(period)).results:
            groups.setdefault((series.medium, series.pollutant), []).append((series, inside))
    found: dict[tuple[str, str], Generation] = {}
    for (medium, pollutant), pairs in groups.items():
        terms: list[Term] = []
        needs: list[Message] = []
        for whole, inside in pairs:
            mean = mean_concentration(inside, settings.below_detection, detection_bound(inside))
            if mean.term is None:
                needs.extend(mean.needs)
                continue
            if medium == "water":
                volume = generated_wastewater(ledger, period).term
                if volume is None:
                    needs.append(message("废水产生量"))
                else:
                    terms.append(formula.water_load(volume, mean.term))
                continue
            hours, _ = operating_hours(ledger, period, whole.outlet)
            hourly = mean_hourly_load(inside, settings.below_detection, detection_bound(inside))
            if hours is None:
                needs.append(message("{outlet}的运行时间（h）", outlet=whole.outlet))
            elif hourly is None:
                needs.append(message("{outlet}处理前的废气流量", outlet=whole.outlet))
            else:
                terms.append(formula.rate_load(hourly, hours))
        term = None if needs or not terms else terms[0] if len(terms) == 1 else total(terms)
        notes = (message("只含测了处理前浓度的 {n} 个排放口", n=len(pairs)),) if medium == "air" else ()
        found[medium, pollutant] = Generation(pollutant, medium, term, tuple(dict.fromkeys(needs)), notes)
    return found


def _medium_of(ledger: Ledger, item: str) -> str:
    known = ledger.item(item)
    return known.media[0] if known is not None and known.media else ""


# --- figures of outlets and site ---------------------------------------------------------------------------------


def _id(ledger: Ledger, stem: str, pollutant: str, medium: str) -> str:
    """The id of a figure; the second medium of a pollutant found in two (fluoride in gas) is named behind it."""
    known = ledger.item(pollutant)
    first = known.media[0] if known is not None and known.media else medium
    return f"{stem}.{pollutant}" if not medium or medium == first else f"{stem}.{pollutant}.{medium}"


def _titled(ledger: Ledger, pollutant: str, zh: str, en: str) -> Name:
    name = ledger.label(pollutant)
    return Name(f"{name.zh}{zh}", f"{name.en or name.zh} {en}")


def _outlets(collector: Collector, ledger: Ledger, period: str, outlets: Sequence[Discharge]) -> None:
    alone = _single_outlets(outlets)
    for one in outlets:
        name = _titled(ledger, one.pollutant, "排放量", "discharged")
        id = _id(ledger, "discharge", one.pollutant, one.medium)
        collector.add(id, period, one.term, one.method, needs=one.needs, notes=one.notes, place=one.outlet, name=name)
        if one.series is None:
            continue
        mean = one.mean
        if mean is None:
            continue
        places = [one.outlet, SITE] if (one.medium, one.pollutant) in alone else [one.outlet]
        for place in places:
            collector.add(
                _id(ledger, "concentration", one.pollutant, one.medium),
                period,
                mean.term,
                "pollutants.concentration",
                needs=mean.needs,
                place=place,
                name=_titled(ledger, one.pollutant, "平均排放浓度", "mean concentration"),
            )
        top = highest(one.series)
        if top is not None and top.concentration is not None:
            unit = units.canonical(top.unit)
            fact = fact_of(top, top.concentration, unit, "discharged-concentration")
            for place in places:
                collector.add(
                    _id(ledger, "concentration-highest", one.pollutant, one.medium),
                    period,
                    from_fact(fact),
                    "pollutants.concentration",
                    place=place,
                    name=_titled(ledger, one.pollutant, "最高排放浓度", "highest concentration"),
                )


def _single_outlets(outlets: Sequence[Discharge]) -> set[tuple[str, str]]:
    counts: dict[tuple[str, str], set[str]] = {}
    for one in outlets:
        counts.setdefault((one.medium, one.pollutant), set()).add(one.outlet)
    return {key for key, names in counts.items() if len(names) == 1}


def _site(
    collector: Collector,
    ledger: Ledger,
    settings: Settings,
    period: str,
    site: Sequence[Discharge],
    made: Sequence[Generation],
) -> None:
    out: dict[tuple[str, str], Discharge] = {(one.medium, one.pollutant): one for one in site}
    for one in site:
        id = _id(ledger, "discharge", one.pollutant, one.medium)
        name = _titled(ledger, one.pollutant, "排放量", "discharged")
        figure = collector.add(id, period, one.term, one.method, needs=one.needs, notes=one.notes, name=name)
        if figure is not None and one.term is not None:
            _per_product(collector, ledger, settings, period, "discharge", one.pollutant, one.medium, one.term)
    for other in made:
        name = _titled(ledger, other.pollutant, "产生量", "generated")
        id = _id(ledger, "generation", other.pollutant, other.medium)
        figure = collector.add(
            id, period, other.term, "pollutants.generation", needs=other.needs, notes=other.notes, name=name
        )
        if figure is None or other.term is None:
            continue
        _per_product(collector, ledger, settings, period, "generation", other.pollutant, other.medium, other.term)
        left = out.get((other.medium, other.pollutant))
        if left is not None and left.term is not None and other.medium == "water":
            _removal(collector, ledger, period, other, other.term, left.term)
        elif left is not None and left.needs and other.medium == "water":
            name = _titled(ledger, other.pollutant, "去除量", "removed")
            collector.lack(_id(ledger, "removal", other.pollutant, "water"), period, *left.needs, name=name)


def _removal(collector: Collector, ledger: Ledger, period: str, made: Generation, generated: Term, left: Term) -> None:
    removed = generated - left
    name = _titled(ledger, made.pollutant, "去除量", "removed")
    id = _id(ledger, "removal", made.pollutant, made.medium)
    if removed.value < 0:
        collector.lack(id, period, message("排放量大于产生量，请核对"), name=name)
        return
    collector.add(id, period, removed, "pollutants.removal", name=name)
    collector.ratio(
        _id(ledger, "removal-rate", made.pollutant, made.medium),
        period,
        removed,
        generated,
        "pollutants.removal-rate",
        above_needs=message("去除量"),
        below_needs=message("产生量"),
        name=_titled(ledger, made.pollutant, "去除率", "removal rate"),
    )


def _per_product(
    collector: Collector,
    ledger: Ledger,
    settings: Settings,
    period: str,
    stem: str,
    pollutant: str,
    medium: str,
    whole: Term,
) -> None:
    zh, en = (
        ("单位产品排放量", "discharged per product")
        if stem == "discharge"
        else ("单位产品产生量", "generated per product")
    )
    role = "discharged" if stem == "discharge" else "generated"

    def at(place: str, product: str) -> Term | None:
        if place == SITE and not product:
            return None
        term = ledger.amount(pollutant, role, period, place, product=product)
        return term if term is not None and units.dimension(term.unit) == units.dimension(whole.unit) else None

    per_product(
        collector,
        ledger,
        settings,
        period,
        _id(ledger, f"{stem}-per-product", pollutant, medium),
        "pollutants.per-product",
        whole,
        at,
        message("污染物的量"),
        name=_titled(ledger, pollutant, zh, en),
        quiet=True,
    )


# --- balances ----------------------------------------------------------------------------------------------------


def _coal_so2(collector: Collector, ledger: Ledger, period: str) -> None:
    released = from_coefficient(accounting_constant("sulfur-released"))
    terms: list[Term] = []
    for item in _COAL:
        coal = ledger.amount(item, ("consumed", "purchased"), period)
        sulfur = ledger.property_of(item, "sulfur-content", period)
        if coal is not None and sulfur is not None and units.dimension(coal.unit) == "mass":
            terms.append(formula.coal_so2(coal, sulfur, released))
    if terms:
        term = terms[0] if len(terms) == 1 else total(terms)
        collector.add("coal-so2", period, term, "pollutants.coal-so2")


def _solvents(collector: Collector, ledger: Ledger, period: str) -> None:
    """Solvent balance over all materials whose VOC content was stated (含量, written as VOC)."""
    bought: list[Term] = []
    sold: list[Term] = []
    opening: list[Term] = []
    closing: list[Term] = []
    skipped: list[Name] = []
    for item in ledger.items(kind="material"):
        content = _voc_content(ledger, item, period)
        if content is None:
            continue
        for role, into in (
            ("purchased", bought),
            ("sold", sold),
            ("opening-stock", opening),
            ("closing-stock", closing),
        ):
            roles = ("purchased", "consumed") if role == "purchased" else (role,)
            amount = ledger.amount(item, roles, period)
            if amount is None:
                continue
            try:
                into.append((amount * content).to("kg"))
            except QingyuanError:
                skipped.append(ledger.label(item))
    if not bought and not skipped:
        return
    if skipped:
        need = message("{items}的密度（用量与VOCs含量单位不能相乘）", items=listing(dict.fromkeys(skipped)))
        collector.lack("voc-solvent-balance", period, need)
        return
    waste = _voc_in_waste(ledger, period)
    removed = ledger.amount("VOCs", "removed", period) or ledger.amount("NMHC", "removed", period)
    try:
        term = formula.solvent_balance(
            total(bought, label=message("含VOCs物料带入")),
            opening=total(opening) if opening and closing else None,
            closing=total(closing) if opening and closing else None,
            sold=sold,
            in_waste=waste,
            destroyed=() if removed is None else (removed,),
        )
    except QingyuanError as error:
        collector.lack("voc-solvent-balance", period, message("{problem}", problem=error))
        return
    notes = () if waste else (message("没有随废物带走的VOCs数据，未扣除"),)
    collector.add("voc-solvent-balance", period, term, "pollutants.voc-balance", notes=notes)


def _voc_content(ledger: Ledger, item: str, period: str) -> Term | None:
    """The VOC content of an item: a content whose name says VOC, in either language, or whose note begins so."""
    record = catalogue().get("VOCs")
    names = [name.casefold() for name in ("VOC", record.name.zh, record.name.en, *record.aliases)]
    for fact in ledger.select(item=item, roles="content"):
        clauses = [clause.strip().casefold() for clause in _CLAUSES.split(fact.note)]
        if any(name in fact.label.casefold() or any(one.startswith(name) for one in clauses) for name in names):
            return ledger.property_of(item, "content", period)
    return None


def _voc_in_waste(ledger: Ledger, period: str) -> list[Term]:
    found: list[Term] = []
    for item in ledger.items(kind="waste"):
        content = _voc_content(ledger, item, period)
        amount = ledger.amount(item, ("transferred", "disposed", "generated"), period)
        if content is not None and amount is not None:
            found.append((amount * content).to("kg"))
    return found


# --- wastes ------------------------------------------------------------------------------------------------------


def waste_kind(ledger: Ledger, item: str) -> str:
    """Whether a waste is hazardous or general; "" where nobody said so.

    The setting ``waste-kind.<item>`` goes first; then a code of the national lists in the name, or a note that has the
    code or the name of the kind (危险废物, 一般固废, hazardous waste …) as a clause of its own; then the catalogue.
    Words inside a sentence decide nothing: 不属于危险废物 is no hazardous waste. Raises InputError for another setting.
    """
    rows = list(ledger.select(item=item, kind="waste"))
    plant = Plant(ledger, ledger.settings, "", dt.date.min)
    for name in dict.fromkeys((item, *(fact.label for fact in rows))):
        if said := plant.one_of(f"waste-kind.{name}", _KINDS):
            return said
    clauses = {clause.strip() for fact in rows for clause in _CLAUSES.split(fact.note)}
    for code, kind in _CODES:
        if any(code.search(fact.label) for fact in rows) or any(code.match(clause) for clause in clauses):
            return kind
    known = catalogue()
    folded = {clause.casefold() for clause in clauses}
    for kind in _KINDS:
        record = known.get(kind)
        if folded & {name.casefold() for name in (kind, record.name.zh, record.name.en, *record.aliases)}:
            return kind
    if item in known:
        for kind in _KINDS:
            if known.is_a(item, kind):
                return kind
    return ""


def _wastes(collector: Collector, ledger: Ledger, settings: Settings, period: str) -> None:
    kinds: dict[str, list[Term]] = {"hazardous-waste": [], "general-waste": [], "": []}
    unknown: list[Name] = []
    for item in ledger.items(kind="waste"):
        if item in _TOTALS:
            continue
        term = ledger.amount(item, "generated", period)
        if term is None:
            continue
        if units.dimension(term.unit) != "mass":
            need = message("{item}的质量（t）", item=ledger.label(item))
            collector.lack(f"waste-generated.{item}", period, need, name=_waste_name(ledger, item))
            continue
        kind = waste_kind(ledger, item)
        kinds[kind].append(term)
        if not kind:
            unknown.append(ledger.label(item))
        collector.add(f"waste-generated.{item}", period, term, "waste.generated", name=_waste_name(ledger, item))
        _waste_discharge(collector, ledger, period, item)
    for kind in ("hazardous-waste", "general-waste"):
        _waste_total(collector, ledger, settings, period, kind, kinds[kind], unknown)


def _waste_name(ledger: Ledger, item: str) -> Name:
    name = ledger.label(item)
    return Name(f"{name.zh}产生量", f"{name.en or name.zh} generated")


def _waste_total(
    collector: Collector,
    ledger: Ledger,
    settings: Settings,
    period: str,
    kind: str,
    terms: Sequence[Term],
    unknown: Sequence[Name],
) -> None:
    own_rows = any(fact.value is not None for fact in ledger.select(item=kind, roles="generated", period=period))
    stated = ledger.amount(kind, "generated", period) if own_rows else None
    summed = total(terms, label=message("各种废物合计"), unit="t") if terms else None
    notes: list[Message] = []
    if stated is not None and summed is not None and abs(stated.to("t").value - summed.value) > 1e-3 * summed.value:
        notes.append(message("填报的合计为 {value} t，与分项之和不同", value=f"{stated.to('t').value:.6g}"))
    if unknown:
        notes.append(message("未说明是否危险废物、未计入：{names}", names=listing(unknown)))
    term = summed if summed is not None else stated
    if term is None:
        return
    collector.add(kind, period, term, "waste.generated", notes=notes)

    def at(place: str, product: str) -> Term | None:
        if place == SITE and not product:
            return None
        return _waste_at(ledger, kind, period, place, product)

    per_product(
        collector,
        ledger,
        settings,
        period,
        f"{kind}-per-product",
        "pollutants.per-product",
        term,
        at,
        message("废物产生量"),
        quiet=True,
    )


def _waste_at(ledger: Ledger, kind: str, period: str, place: str, product: str) -> Term | None:
    terms = [
        term
        for item in ledger.items(kind="waste")
        if item not in _TOTALS
        and waste_kind(ledger, item) == kind
        and (term := ledger.amount(item, "generated", period, place, product=product)) is not None
        and units.dimension(term.unit) == "mass"
    ]
    return total(terms, unit="t") if terms else None


def _waste_discharge(collector: Collector, ledger: Ledger, period: str, item: str) -> None:
    """What the plant states as discharged; a remainder that it did not account for is asked for, never a discharge."""
    ways = waste_ways(ledger, item, period)
    label = ledger.label(item)
    if ways.discharged is not None:
        name = Name(f"{label.zh}排放量", f"{label.en or label.zh} discharged")
        notes = [] if ways.question is None else [ways.question]
        collector.add(f"waste-discharge.{item}", period, ways.discharged, "waste.discharge", name=name, notes=notes)
    elif ways.question is not None and ways.known:
        name = Name(f"{label.zh}去向", f"{label.en or label.zh}: what became of it")
        collector.lack(f"waste-discharge.{item}", period, ways.question, name=name)

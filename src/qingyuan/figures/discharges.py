"""What each outlet discharged of each pollutant, by the legal order of methods (排放量核定).

Automatic monitoring, then manual monitoring, then factors or a material balance, then a sampling estimate (环境保护税法
第十条); what a plant reports without saying how comes last. One method is chosen for each pollutant and outlet and
stored with the number; methods are never averaged, and the numbers that were not used are named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from qingyuan import units
from qingyuan.facts.model import SITE, UNDATED, Basis, Fact, Period
from qingyuan.figures import pollutant_methods as formula
from qingyuan.figures.derivation import Term, from_fact, total
from qingyuan.figures.factor_generation import factor_rows, generation_by_factors, treatment_operating_rate
from qingyuan.figures.guards import ONE
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.monitoring import (
    Mean,
    Series,
    detection_bound,
    has_load,
    mean_concentration,
    mean_hourly_load,
    mean_of,
    rate_term,
    series_of,
)
from qingyuan.figures.process_inputs import Plant
from qingyuan.figures.settings import Settings
from qingyuan.figures.tiling import merged, periods, tile
from qingyuan.language import Message, listing, message
from qingyuan.reference.items import catalogue

AUTOMATIC = "pollutants.automatic"
MANUAL = "pollutants.manual"
FACTOR = "pollutants.factor"
BALANCE = "pollutants.balance"
ESTIMATE = "pollutants.estimate"
REPORTED = "pollutants.reported"
# The order of the law; what is reported without a method comes last.
ORDER = (AUTOMATIC, MANUAL, FACTOR, BALANCE, ESTIMATE, REPORTED)

_METHOD_OF_BASIS = {
    Basis.MONITORING_AUTO: AUTOMATIC,
    Basis.MONITORING: MANUAL,
    Basis.METER: MANUAL,
    Basis.FACTOR: FACTOR,
    Basis.BALANCE: BALANCE,
    Basis.ESTIMATE: ESTIMATE,
}
_WASTEWATER = ("process-wastewater", "wastewater")
_DOMESTIC = ("domestic-wastewater",)
_HOURS = ("operating-hours", "furnace-hours")


@dataclass(frozen=True, slots=True)
class Discharge:
    """What one outlet discharged of one pollutant in a period (一个排放口一种污染物的排放量).

    ``outlet`` is empty for a number of the whole site. ``term`` is in kg (or kgTEQ); None with ``needs``. ``series``
    and ``mean`` are the results behind it where it was measured.
    """

    outlet: str
    pollutant: str
    medium: str
    term: Term | None
    method: str
    needs: tuple[Message, ...] = ()
    notes: tuple[Message, ...] = ()
    series: Series | None = None
    mean: Mean | None = None


@dataclass(frozen=True, slots=True)
class _Way:
    method: str
    term: Term | None
    needs: tuple[Message, ...] = ()
    notes: tuple[Message, ...] = ()
    mean: Mean | None = None


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume of waste water (废水量) in m3 with what must be said of it; None where nothing is known."""

    term: Term | None
    notes: tuple[Message, ...] = field(default=())


def accounting_years(ledger: Ledger) -> tuple[str, ...]:
    """The years of the facts, and those that only have monitoring and hours of operation."""
    hours = {str(Period.parse(fact.period).start.year) for fact in ledger.select(kind="time") if fact.period != UNDATED}
    measured = {
        str(Period.parse(one.date).start.year) for one in ledger.case.monitoring if one.date and one.date != UNDATED
    }
    return tuple(sorted({*ledger.years, *(hours & measured)}))


# --- water volumes and hours -------------------------------------------------------------------------------------


def generated_wastewater(ledger: Ledger, period: str) -> Volume:
    """Process waste water before treatment (废水产生量): what was stated as generated.

    Of rows that only say 废水量 beside rows that say 废水产生量 the latter are the generation; the others are named.
    """
    for item in _WASTEWATER:
        rows = [
            fact
            for fact in ledger.select(item=item, roles="generated", place=SITE)
            if fact.period == period and fact.value is not None and not fact.product
        ]
        said = [fact for fact in rows if _says_generated(fact)]
        if said and len(said) < len(rows):
            terms = [from_fact(fact).to("m3") for fact in said]
            others = listing(f"{fact.label} {fact.value:g}" for fact in rows if fact not in said)
            note = message("另有未说明是产生还是排放的废水量（{others} m³），未采用", others=others)
            return Volume(terms[0] if len(terms) == 1 else total(terms), (note,))
        term = ledger.amount(item, "generated", period)
        if term is not None:
            return Volume(term.to("m3"))
    return Volume(None)


def _says_generated(fact: Fact) -> bool:
    """Whether the plant's own wording says that an amount came about (产生量, generated), in either language."""
    role = catalogue().role("generated")
    return any(word.casefold() in fact.label.casefold() for word in (*role.words, role.name.zh, role.name.en))


def _is_domestic(ledger: Ledger, outlet: str) -> bool:
    """Whether an outlet is that of domestic sewage: by the place, by what is discharged there, by its name."""
    if any(place.name == outlet and place.kind == "living" for place in ledger.places):
        return True
    if any(True for item in _DOMESTIC for _ in ledger.select(item=item, roles="discharged", place=outlet)):
        return True
    items = [catalogue().get(item) for item in _DOMESTIC]
    names = [name for item in items for name in (item.name.zh, item.name.en, *item.aliases)]
    return any(name.casefold() in outlet.casefold() for name in (*names, "生活", "domestic"))


def discharged_wastewater(ledger: Ledger, period: str, place: str = SITE, *, domestic: bool = False) -> Volume:
    """Waste water that left through an outlet or the site (废水排放量), m3.

    Without a discharged volume of the site the generated one stands in, as an upper bound that is said.
    """
    items = _DOMESTIC if domestic else _WASTEWATER
    for item in items:
        term = ledger.amount(item, "discharged", period, place)
        if term is not None:
            return Volume(term.to("m3"))
    if place != SITE or domestic:
        return Volume(None)
    made = generated_wastewater(ledger, period)
    if made.term is None:
        return made
    note = message("没有废水排放量，以废水产生量代替，为上限")
    return Volume(replace(made.term.named(message("废水量（产生量）")), upper_bound=True), (*made.notes, note))


def operating_hours(ledger: Ledger, period: str, outlet: str) -> tuple[Term | None, tuple[Message, ...]]:
    """Hours in which an outlet discharged, h: stated for the outlet, else for a place above it, else for the site."""
    for place in ledger.above(outlet) if any(place.name == outlet for place in ledger.places) else (outlet, SITE):
        for item in _HOURS:
            term = ledger.amount(item, ("amount", "hours"), period, place)
            if term is not None and units.dimension(term.unit) == "time":
                notes = () if place == outlet else (message("按全厂运行时间计算"),)
                return term.to("h"), notes
    return None, ()


# --- one outlet --------------------------------------------------------------------------------------------------


def outlet_discharges(ledger: Ledger, settings: Settings, period: str) -> tuple[Discharge, ...]:
    """What every outlet discharged of every pollutant that was measured or stated there in a period."""
    every = series_of(ledger.case)
    after = [one for one in every if not one.before and has_load(one)]
    water_outlets = {one.outlet for one in after if one.medium == "water"}
    found: dict[tuple[str, str], Discharge] = {}
    for series in after:
        inside = series.within(period)
        if inside.results:
            ways = _measured(ledger, settings, period, series, inside, len(water_outlets))
            ways += _stated(ledger, period, series.outlet, series.pollutant)
            found[series.outlet, series.pollutant] = _chosen(series, inside, ways)
    for fact in ledger.select(kind="pollutant", roles="discharged", period=period):
        key = (fact.place, fact.item)
        if fact.place != SITE and fact.value is not None and key not in found:
            ways = _stated(ledger, period, fact.place, fact.item)
            chosen = _first(ways)
            if chosen is not None:
                medium = _medium(ledger, fact)
                found[key] = Discharge(fact.place, fact.item, medium, chosen.term, chosen.method, notes=chosen.notes)
    return tuple(found.values())


def _medium(ledger: Ledger, fact: Fact) -> str:
    known = ledger.item(fact.item)
    return known.media[0] if known is not None and known.media else ""


def _measured(
    ledger: Ledger, settings: Settings, period: str, whole: Series, inside: Series, water_outlets: int
) -> list[_Way]:
    ways: list[_Way] = []
    bound = detection_bound(inside)
    for automatic, method in ((True, AUTOMATIC), (False, MANUAL)):
        chosen = inside.of_basis(automatic=automatic)
        if not chosen.results:
            continue
        mean = mean_concentration(chosen, settings.below_detection, bound)
        if whole.medium == "water":
            ways.append(_water_load(ledger, period, chosen, mean, method, water_outlets))
        else:
            ways.append(_air_load(ledger, settings, period, chosen, mean, method, bound))
    return ways


def _water_load(ledger: Ledger, period: str, series: Series, mean: Mean, method: str, water_outlets: int) -> _Way:
    domestic = _is_domestic(ledger, series.outlet)
    volume = discharged_wastewater(ledger, period, series.outlet, domestic=domestic)
    if volume.term is None and (water_outlets == 1 or domestic):
        volume = discharged_wastewater(ledger, period, domestic=domestic)
    needs = list(mean.needs)
    if volume.term is None:
        needs.append(message("{outlet}的废水排放量", outlet=series.outlet))
    if mean.term is None or volume.term is None:
        return _Way(method, None, tuple(needs), mean=mean)
    term = formula.water_load(volume.term, mean.term)
    return _Way(method, _in_load_unit(term), (), (*volume.notes, *_remarks(mean)), mean)


def _air_load(
    ledger: Ledger, settings: Settings, period: str, series: Series, mean: Mean, method: str, bound: float | None
) -> _Way:
    hours, notes = operating_hours(ledger, period, series.outlet)
    needs: list[Message] = []
    if hours is None:
        needs.append(message("{outlet}的运行时间（h）", outlet=series.outlet))
    rates = [rate for one in series.results if (rate := rate_term(one)) is not None]
    hourly = mean_hourly_load(series, settings.below_detection, bound)
    if hourly is not None:
        if hours is None:
            return _Way(method, None, tuple(needs), mean=mean)
        return _Way(method, _in_load_unit(hourly * hours), (), (*notes, *_remarks(mean)), mean)
    if rates and len(rates) == len(series.results):
        if hours is None:
            return _Way(method, None, tuple(needs), mean=mean)
        term = formula.rate_load(mean_of(rates, message("平均排放速率")), hours)
        return _Way(method, term.to("kg"), (), notes, mean)
    needs.extend(mean.needs)
    if mean.term is not None:
        needs.append(message("{outlet}的废气流量", outlet=series.outlet))
    return _Way(method, None, tuple(needs), mean=mean)


def _in_load_unit(term: Term) -> Term:
    return term.to("kgTEQ" if units.dimension(term.unit) == "toxic equivalent" else "kg")


def _remarks(mean: Mean) -> tuple[Message, ...]:
    notes: list[Message] = [message("{n} 次监测，{how}", n=mean.count, how=_how(mean))]
    if mean.below:
        notes.append(message("其中 {n} 次未检出", n=mean.below))
    return tuple(notes)


def _how(mean: Mean) -> Message:
    if mean.count == 1:
        return message("单次结果")
    return message("按流量加权平均") if mean.weighted else message("算术平均")


def _stated(ledger: Ledger, period: str, place: str, pollutant: str) -> list[_Way]:
    """The amounts that the plant stated as discharged, by how they are known, and generation less removal."""
    rows = [
        fact
        for fact in ledger.select(item=pollutant, roles="discharged", period=period, place=place)
        if fact.value is not None
    ]
    methods = {_METHOD_OF_BASIS.get(fact.basis, REPORTED) for fact in rows}
    ways: list[_Way] = []
    if len(methods) == 1 and (stated := ledger.amount(pollutant, "discharged", period, place)) is not None:
        ways.append(_Way(methods.pop(), _in_load_unit(stated)))
    elif rows:
        ways.extend(_by_period(rows, period))
    return [*ways, *_by_removal(ledger, period, place, pollutant)]


def _by_period(rows: Sequence[Fact], period: str) -> list[_Way]:
    """Amounts known in several ways: those of the whole period each by itself, else the best one of each part of it.

    Parts that do not fill the period count only where nothing is known of the whole, and say what they cover.
    """
    span = Period.parse(period)
    found: dict[Period, dict[str, list[Fact]]] = {}
    for fact in rows:
        method = _METHOD_OF_BASIS.get(fact.basis, REPORTED)
        found.setdefault(Period.parse(fact.period), {}).setdefault(method, []).append(fact)
    whole = found.pop(span, {})
    ways = [_Way(method, _in_load_unit(_added(facts))) for method, facts in whole.items()]
    best = {when: min(by_method, key=ORDER.index) for when, by_method in found.items()}
    tiles, complete = tile(span, best)
    if tiles and (complete or not ways):
        term = total([_in_load_unit(_added(found[when][best[when]])) for when in tiles])
        if not complete:
            covers = merged(tiles)
            term = replace(term, covers=covers, note=message("仅含 {covers}", covers=periods(covers)))
        ways.append(_Way(max((best[when] for when in tiles), key=ORDER.index), term))
    return ways


def _added(facts: Sequence[Fact]) -> Term:
    terms = [from_fact(fact) for fact in facts]
    return terms[0] if len(terms) == 1 else total(terms)


def _by_removal(ledger: Ledger, period: str, place: str, pollutant: str) -> list[_Way]:
    """``E = G · (1 − η · k)`` where generation and removal efficiency were stated (产污系数或物料衡算)."""
    made = ledger.amount(pollutant, "generated", period, place)
    if made is None and place == SITE:
        made = generation_by_factors(ledger, period, pollutant)
    efficiency = ledger.property_of(pollutant, "removal-efficiency", period, place)
    if made is None or efficiency is None:
        return []
    plant = Plant(ledger, ledger.settings, period, Period.parse(period).end)
    operation = plant.parameter(f"operating-rate.{pollutant}", "1") or plant.parameter("operating-rate", "1")
    operation = operation or treatment_operating_rate(ledger, period)
    notes = (
        ()
        if operation is not None
        else (message("治理设施实际运行率未给出（设置 operating-rate），按1计，排放量为下限"),)
    )
    balance = any(fact.basis is Basis.BALANCE for fact in made.facts())
    term = formula.discharge(made, [(efficiency, operation if operation is not None else ONE)])
    if operation is None:
        term = replace(term, lower_bound=True)
    return [_Way(BALANCE if balance else FACTOR, _in_load_unit(term), (), notes)]


def _first(ways: Sequence[_Way]) -> _Way | None:
    known = [way for way in ways if way.term is not None]
    return min(known, key=lambda way: ORDER.index(way.method), default=None)


def _chosen(series: Series, inside: Series, ways: Sequence[_Way]) -> Discharge:
    best = _first(ways)
    outlet, pollutant, medium = series.outlet, series.pollutant, series.medium
    mean = next((way.mean for way in ways if way.mean is not None), None)  # automatic before manual
    if best is None or best.term is None:
        needs = tuple(dict.fromkeys(need for way in ways for need in way.needs))
        return Discharge(outlet, pollutant, medium, None, MANUAL, needs, series=inside, mean=mean)
    rivals = [
        message("另有{method}的数 {value}，未采用", method=_title(way.method), value=f"{way.term.value:.6g} kg")
        for way in ways
        if way is not best and way.term is not None
    ]
    return Discharge(outlet, pollutant, medium, best.term, best.method, (), (*best.notes, *rivals), inside, mean)


def _title(method: str) -> Message:
    return {
        AUTOMATIC: message("自动监测"),
        MANUAL: message("手工监测"),
        FACTOR: message("产排污系数"),
        BALANCE: message("物料衡算"),
        ESTIMATE: message("估算"),
        REPORTED: message("企业报送"),
    }[method]


# --- the site ----------------------------------------------------------------------------------------------------


def site_discharges(ledger: Ledger, period: str, outlets: Sequence[Discharge]) -> tuple[Discharge, ...]:
    """The discharge of every pollutant by the whole site: its outlets together, or what was stated for the site.

    The better method of the law's order is used; of equal ones the sum of the outlets. A pollutant with an outlet whose
    amount is missing has no sum of outlets.
    """
    groups: dict[tuple[str, str], list[Discharge]] = {}
    for one in outlets:
        groups.setdefault((one.medium, one.pollutant), []).append(one)
    stated = {
        fact.item: _medium(ledger, fact)
        for fact in ledger.select(kind="pollutant", roles=("discharged", "generated"), period=period, place=SITE)
        if fact.value is not None
    }
    for fact in factor_rows(ledger, period):
        stated.setdefault(fact.item, _medium(ledger, fact))
    for pollutant, medium in stated.items():
        if not any(key[1] == pollutant for key in groups):
            groups[medium, pollutant] = []
    found: list[Discharge] = []
    for (medium, pollutant), parts in groups.items():
        best = _first(_stated(ledger, period, SITE, pollutant)) if pollutant in stated else None
        summed = _sum_of_outlets(parts)
        if summed is not None and (best is None or _rank(parts) <= ORDER.index(best.method)):
            found.append(Discharge(SITE, pollutant, medium, summed, _method_of(parts), (), _notes_of(parts)))
        elif best is not None:
            found.append(Discharge(SITE, pollutant, medium, best.term, best.method, (), best.notes))
        elif parts:
            needs = tuple(dict.fromkeys(need for part in parts for need in part.needs))
            found.append(Discharge(SITE, pollutant, medium, None, MANUAL, needs))
    return tuple(found)


def _sum_of_outlets(parts: Sequence[Discharge]) -> Term | None:
    terms = [part.term for part in parts if part.term is not None]
    if not terms or len(terms) != len(parts):
        return None
    return terms[0] if len(terms) == 1 else total(terms, label=message("各排放口合计"))


def _rank(parts: Sequence[Discharge]) -> int:
    return max(ORDER.index(part.method) for part in parts)


def _method_of(parts: Sequence[Discharge]) -> str:
    methods = {part.method for part in parts}
    return next(iter(methods)) if len(methods) == 1 else "pollutants.sum"


def _notes_of(parts: Sequence[Discharge]) -> tuple[Message, ...]:
    return tuple(dict.fromkeys(note for part in parts for note in part.notes)) if len(parts) == 1 else ()

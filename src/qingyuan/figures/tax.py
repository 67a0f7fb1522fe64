"""Environmental protection tax of a plant (环境保护税): equivalents of each outlet, what is taxed and why, the tax due.

The year is taken as one period; a return is filed by month, and ranking and reductions are then those of the month: the
figures say so. Settings of a report: ``wastewater-receiver`` (``sewage-works`` or ``water-body``, also
``wastewater-receiver.<outlet>``), ``tax-rate-air`` and ``tax-rate-water`` (CNY per equivalent, where the region's rate
is not known), ``particulate-kind.<outlet>`` (``smoke-dust`` or ``dust``), ``noise-months`` and ``noise-days-over``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from qingyuan import units
from qingyuan.facts.model import State
from qingyuan.figures import tax_rules as rules
from qingyuan.figures.collect import Collector
from qingyuan.figures.derivation import FigureSet, Term, constant, from_coefficient, total
from qingyuan.figures.discharges import Discharge, accounting_years, outlet_discharges
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.limits import LimitCheck, limit_checks, read_limit
from qingyuan.figures.methods import deciding_day
from qingyuan.figures.monitoring import series_of
from qingyuan.figures.pollutants import waste_kind
from qingyuan.figures.process_inputs import Plant, bad_setting, setting_number
from qingyuan.figures.settings import Settings
from qingyuan.figures.tax_rules import OutletTax, TaxRow, assess_outlet
from qingyuan.figures.tax_volumes import by_volume, by_volume_series
from qingyuan.figures.waste_ways import waste_ways
from qingyuan.language import Message, Name, inside, listing, message
from qingyuan.reference import pollutants as tables
from qingyuan.reference.items import catalogue
from qingyuan.reference.pollutants import Equivalent, Medium
from qingyuan.reference.records import Coefficient, Grade

# The two values of the setting wastewater-receiver, and whether each is a direct discharge.
RECEIVERS = {"sewage-works": False, "water-body": True}
_PARTICULATES = ("smoke-dust", "dust")
# What is measured besides particulate only where fuel is burnt.
_OF_BURNING = "SO2"
# Pollutants of the catalogue that the table of the law names otherwise.
_SAME_AS = {"HF": "fluoride"}
_YEARLY = message("按全年计算；申报按月，排序和减征以当月为准")


@dataclass(frozen=True, slots=True)
class OutletAssessment:
    """The tax of one outlet with the terms behind it (一个排放口的计税明细).

    ``direct`` is None where nobody said whether the waste water goes to a sewage works; ``unknown`` names taxed
    pollutants whose amount is not known.
    """

    outlet: str
    medium: Medium
    direct: bool | None
    tax: OutletTax
    terms: dict[str, Term]
    notes: tuple[Message, ...]
    unknown: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Rate:
    """The rate of a medium and where it comes from; None where the region's is not known."""

    coefficient: Coefficient | None
    need: Message | None


def figures(ledger: Ledger, settings: Settings | None = None) -> FigureSet:
    """Equivalents and tax of all years of a case, and what is missing for the others."""
    used = ledger.settings if settings is None else settings
    collector = Collector(ledger, used)
    for period in accounting_years(ledger):
        parts: list[Term] = []
        open_parts: list[Message] = []
        assessed = assess(ledger, used, period)
        for medium in ("air", "water"):
            _medium(collector, ledger, used, period, medium, assessed, parts, open_parts)
        _solid_waste(collector, ledger, period, parts, open_parts)
        _noise(collector, ledger, used, period, parts, open_parts)
        _total(collector, period, parts, open_parts)
    return collector.result()


def tax_rate(settings: Settings, medium: Medium, day: dt.date) -> Rate:
    """The rate of a plant's province on a day, else the one set for the report, else what is needed."""
    given = settings.extra.get(f"tax-rate-{medium}", settings.extra.get(f"tax_rate_{medium}"))
    name = {
        "air": Name("大气污染物适用税额", "Rate of air pollutants"),
        "water": Name("水污染物适用税额", "Rate of water pollutants"),
    }[medium]
    if given is not None:
        key = f"tax-rate-{medium}"
        value = setting_number(key, given)
        return Rate(Coefficient(f"setting/{key}", name, value, "CNY/equivalent", Grade.USER, "report settings"), None)
    found = tables.tax_rate(medium, settings.province, day)
    if found is None:
        low, high = tables.statutory_range(medium)
        region = settings.province or message("本企业所在地区")
        return Rate(
            None,
            message(
                "{region} {day} 的{what}（法定 {low}～{high} 元/污染当量），填在设置 tax-rate-{medium}",
                region=region,
                day=day.isoformat(),
                what=name,
                low=low,
                high=high,
                medium=medium,
            ),
        )
    return Rate(
        Coefficient(
            id=f"tax-rate/{found.jurisdiction}/{medium}/{found.validity.start}",
            name=Name(f"{found.region.zh}{name.zh}", f"{name.en}, {found.region.en}"),
            value=float(found.value),
            unit="CNY/equivalent",
            grade=found.grade,
            source=found.source,
            validity=found.validity,
            jurisdiction=found.jurisdiction,
            note=found.note,
        ),
        None,
    )


# --- outlets -----------------------------------------------------------------------------------------------------


def assess(ledger: Ledger, settings: Settings, period: str) -> tuple[OutletAssessment, ...]:
    """Assess every outlet of a period: equivalents, ranks, reductions, and why each pollutant is taxed or not."""
    day = deciding_day(period, settings.editions_as_of)
    checks = {(check.outlet, check.pollutant): check for check in limit_checks(ledger.case) if check.period == period}
    groups: dict[tuple[str, str], list[Discharge]] = {}
    for one in outlet_discharges(ledger, settings, period):
        if one.medium in ("air", "water") and one.outlet:
            groups.setdefault((one.medium, one.outlet), []).append(one)
    for series in by_volume_series(ledger, period):
        groups.setdefault(("water", series.outlet), [])
    found: list[OutletAssessment] = []
    for (medium, outlet), parts in groups.items():
        kind: Medium = "air" if medium == "air" else "water"
        rate = tax_rate(settings, kind, day).coefficient
        direct = True if kind == "air" else receiver(ledger, settings, period, outlet)
        rows: list[rules.Discharge] = []
        terms: dict[str, Term] = {}
        notes: list[Message] = []
        unknown: list[Message] = []
        own = {part.pollutant for part in parts}
        for part in parts:
            pollutant, note = _taxed_as(settings, ledger, period, part, own)
            if pollutant != part.pollutant and pollutant in own:
                what, other = ledger.label(part.pollutant), ledger.label(pollutant)
                notes.append(message("{what}已按{other}计，不重复计", what=what, other=other))
                continue
            if note is not None:
                notes.append(note)
            check = checks.get((part.outlet, part.pollutant))
            rows.append(_row(part, pollutant, check))
            if part.term is not None:
                terms[pollutant] = part.term
            elif tables.equivalent(pollutant, kind) is not None:
                unknown.append(message("{outlet}：{what}的排放量", outlet=outlet, what=ledger.label(part.pollutant)))
        if kind == "water":
            alone = sum(key[0] == "water" for key in groups) == 1
            measured = by_volume(ledger, period, outlet, alone)
            for pollutant, (row, term, said) in measured.items():
                rows.append(row)
                notes.extend(said)
                if term is not None:
                    terms[pollutant] = term
                elif row.ph is None or tables.ph_equivalent(row.ph) is not None:
                    unknown.append(message("{outlet}的废水排放量", outlet=outlet))
        value = None if rate is None else Decimal(repr(rate.value))
        tax = assess_outlet(outlet, kind, rows, value, direct=direct is not False)
        found.append(OutletAssessment(outlet, kind, direct, tax, terms, tuple(notes), tuple(unknown)))
    return tuple(found)


def receiver(ledger: Ledger, settings: Settings, period: str, outlet: str) -> bool | None:
    """Whether an outlet of waste water discharges directly (直接排放); None where nobody said so.

    Raises InputError for a value that is neither ``sewage-works`` nor ``water-body``: words are not guessed at.
    """
    plant = Plant(ledger, settings, period, deciding_day(period))
    key = f"wastewater-receiver.{outlet}"
    said = plant.choice(key)
    if not said:
        key = "wastewater-receiver"
        said = plant.choice(key) or ledger.case.profile.details.get(key, "").strip()
    if not said:
        return None
    if said not in RECEIVERS:
        raise bad_setting(key, said, message("{choices} 之一", choices=listing(RECEIVERS)))
    return RECEIVERS[said]


def _taxed_as(
    settings: Settings, ledger: Ledger, period: str, part: Discharge, own: Collection[str]
) -> tuple[str, Message | None]:
    """The pollutant of the law's table that a discharge is, with what was assumed; ``own``: all that the outlet has."""
    if part.pollutant == "particulate" and part.medium == "air":
        plant = Plant(ledger, settings, period, deciding_day(period))
        for key in (f"particulate-kind.{part.outlet}", "particulate-kind"):
            said = plant.choice(key)
            if said and said not in _PARTICULATES:
                raise bad_setting(key, said, message("{choices} 之一", choices=listing(_PARTICULATES)))
            if said:
                return said, None
        if _OF_BURNING in own:
            note = message("{outlet}监测二氧化硫，为燃烧废气，颗粒物按烟尘计", outlet=part.outlet)
            return "smoke-dust", note
        return "dust", message(
            "{outlet}的颗粒物按一般性粉尘计；燃烧废气请设 particulate-kind 为 smoke-dust", outlet=part.outlet
        )
    return _SAME_AS.get(part.pollutant, part.pollutant), None


def _row(part: Discharge, pollutant: str, check: LimitCheck | None) -> rules.Discharge:
    known = catalogue()
    name = known.get(part.pollutant).name if part.pollutant in known else part.pollutant
    kg = None
    if part.term is not None and units.dimension(part.term.unit) == "mass":
        term = part.term.to("kg")
        kg = term.exact if term.exact is not None else Decimal(repr(term.value))
    mean = part.mean.term if part.mean is not None else None
    limit = _upper(check)
    within = None if check is None else check.kept
    concentration = None
    if mean is not None and limit is not None:
        concentration = mean.exact if mean.exact is not None else Decimal(repr(mean.value))
    return rules.Discharge(pollutant, kg, name, concentration, limit, within)


def _upper(check: LimitCheck | None) -> Decimal | None:
    """The limit as one upper number; None for none, for a range, and where some results have no limit."""
    if check is None or check.limit is None or check.limit.low is not None or check.without_limit:
        return None
    return check.limit.high


# --- figures of a medium -----------------------------------------------------------------------------------------


def _medium(
    collector: Collector,
    ledger: Ledger,
    settings: Settings,
    period: str,
    medium: str,
    assessed: Sequence[OutletAssessment],
    parts: list[Term],
    open_parts: list[Message],
) -> None:
    ours = [one for one in assessed if one.medium == medium]
    if not ours:
        return
    kind: Medium = "air" if medium == "air" else "water"
    rate = tax_rate(settings, kind, deciding_day(period, settings.editions_as_of))
    taxes: list[Term] = []
    needs: list[Message] = []
    notes: list[Message] = [_YEARLY]
    for one in ours:
        notes.extend(one.notes)
        equivalents: list[Term] = []
        for row in one.tax.rows:
            term = _equivalents(row, one.terms)
            if term is None:
                continue
            shown = Name(f"{_zh(row.name)}污染当量数", f"Pollution equivalents of {inside(_en(row.name))}")
            said = (row.reason, row.reduction) if row.taxed else (row.reason,)
            collector.add(
                f"tax-equivalents.{row.pollutant}",
                period,
                term,
                "tax.equivalents",
                place=one.outlet,
                name=shown,
                notes=said,
            )
            if row.taxed:
                equivalents.append(term)
                if rate.coefficient is not None:
                    taxes.append(_tax_term(term, rate.coefficient, row))
        if equivalents and one.direct is not False:
            collector.add("tax-equivalents", period, total(equivalents), "tax.equivalents", place=one.outlet)
        if one.direct is None and equivalents:
            need = message(
                "{outlet}的废水去向（设置 wastewater-receiver：sewage-works 纳管，或 water-body 直排）",
                outlet=one.outlet,
            )
            needs.append(need)
        if one.direct is False:
            notes.append(message("{outlet}排入污水集中处理设施，不征税", outlet=one.outlet))
    taxed = any(row.taxed for one in ours for row in one.tax.rows)
    if taxed and rate.need is not None:
        needs.append(rate.need)
    unknown = [need for one in ours if one.direct is not False for need in one.unknown]
    if unknown and not taxed:
        needs.extend(unknown)
    id = f"environmental-tax-{medium}"
    if needs:
        collector.lack(id, period, *needs)
        open_parts.append(message("{part}", part=_part_name(medium)))
        return
    term = total(taxes, unit="CNY") if taxes else constant(message("没有应税排放"), 0.0, "CNY")
    if unknown:
        term = replace(term, lower_bound=True)
        notes.extend(message("未计入：{part}", part=need) for need in unknown)
    collector.add(id, period, term, "tax.environmental", notes=notes)
    parts.append(term)


def _part_name(medium: str) -> Message:
    return message("大气污染物") if medium == "air" else message("水污染物")


def _zh(name: Name | str) -> str:
    return name.zh if isinstance(name, Name) else name


def _en(name: Name | str) -> str:
    return (name.en or name.zh) if isinstance(name, Name) else name


def _equivalents(row: TaxRow, terms: dict[str, Term]) -> Term | None:
    """The equivalents of a row as a term: the discharge over the value of the law's table."""
    term = terms.get(row.pollutant)
    if row.table is None or row.equivalents is None or term is None:
        return None
    value = from_coefficient(_value(row.table))
    if not row.table.by_volume:
        return (term / value).to("equivalent")
    times = Decimal(1)
    if row.table.times_over_standard and term.value:
        tonnes = term.exact if term.exact is not None else Decimal(repr(term.value))
        times = row.equivalents * row.table.value / tonnes
    over = constant(message("超标倍数"), float(times), "1")
    return (term * over / value).to("equivalent") if row.table.times_over_standard else (term / value).to("equivalent")


def _value(row: Equivalent) -> Coefficient:
    return Coefficient(
        id=f"tax/equivalent/{row.medium}/{row.pollutant}/{row.value}",
        name=Name(f"{row.name.zh}污染当量值", f"Equivalent value of {inside(row.name.en)}"),
        value=float(row.value),
        unit="t/equivalent" if row.by_volume else "kg/equivalent",
        grade=row.grade,
        source=row.source,
    )


def _tax_term(equivalents: Term, rate: Coefficient, row: TaxRow) -> Term:
    term = equivalents * from_coefficient(rate)
    if row.pays != 1:
        term = term * constant(row.reduction, float(row.pays), "1")
    return term.to("CNY").named(message("{what}应纳税额", what=row.name))


# --- solid waste, noise, total -----------------------------------------------------------------------------------


def _waste_rate(ledger: Ledger, item: str) -> str:
    if waste_kind(ledger, item) == "hazardous-waste":
        return "hazardous-waste"
    known = catalogue()
    if item in known and known.is_a(item, "tailings"):
        return "tailings"
    if item in known and known.is_a(item, "coal-gangue-waste"):
        return "coal-gangue"
    return "other-solid-waste"


def _solid_waste(
    collector: Collector, ledger: Ledger, period: str, parts: list[Term], open_parts: list[Message]
) -> None:
    """Tax of the waste that the plant states as discharged; wastes whose ways are not all known are named."""
    taxes: list[Term] = []
    unknown: list[Name] = []
    for item in ledger.items(kind="waste"):
        if item in ("solid-waste", "general-waste", "hazardous-waste", "domestic-refuse"):
            continue
        ways = waste_ways(ledger, item, period)
        if ways.question is not None:
            unknown.append(ledger.label(item))
        if ways.discharged is not None:
            rate = tables.solid_waste_rate(_waste_rate(ledger, item))
            taxes.append((ways.discharged * from_coefficient(rate)).to("CNY"))
    if taxes:
        term = total(taxes, unit="CNY")
        collector.add("environmental-tax-solid-waste", period, term, "tax.environmental")
        parts.append(term)
    if unknown:
        names = listing(unknown)
        open_parts.append(message("去向或库存待说明的固体废物（{names}）；合规贮存、处置、利用的不征税", names=names))


def _noise(
    collector: Collector,
    ledger: Ledger,
    settings: Settings,
    period: str,
    parts: list[Term],
    open_parts: list[Message],
) -> None:
    levels: dict[str, list[tuple[Decimal, Decimal]]] = {"noise-day": [], "noise-night": []}
    for series in series_of(ledger.case):
        if series.pollutant not in levels:
            continue
        for one in series.within(period).results:
            limit = read_limit(one.limit)
            if one.state is State.VALUE and one.concentration is not None and limit is not None and limit.high:
                levels[series.pollutant].append((Decimal(repr(one.concentration)), limit.high))
    if not any(rules.decibels_over(value, limit) for rows in levels.values() for value, limit in rows):
        return
    plant = Plant(ledger, settings, period, deciding_day(period))
    months, days = plant.parameter("noise-months", "1"), plant.parameter("noise-days-over", "1")
    if months is None or days is None:
        need = message("噪声超标的月数和每月超标天数（设置 noise-months、noise-days-over）")
        collector.lack("environmental-tax-noise", period, need)
        open_parts.append(message("噪声"))
        return
    boundary = plant.parameter("boundary-m", "m")
    tax = rules.noise_tax(
        levels["noise-day"],
        levels["noise-night"],
        days_over=int(days.value),
        boundary_m=None if boundary is None else Decimal(repr(boundary.value)),
    )
    term = (constant(message("每月噪声税额"), float(tax), "CNY") * months).to("CNY")
    collector.add("environmental-tax-noise", period, term, "tax.environmental")
    parts.append(term)


def _total(collector: Collector, period: str, parts: Sequence[Term], open_parts: Sequence[Message]) -> None:
    """The sum of all items, rounded half up to the fen at the very end; missing parts are named, never zero."""
    if not parts:
        if open_parts:
            collector.lack("environmental-tax", period, *open_parts)
        return
    term = total(parts, unit="CNY") if len(parts) > 1 else parts[0]
    if open_parts and term.value == 0:
        # "at least zero" says nothing
        collector.lack("environmental-tax", period, *open_parts)
        return
    exact = term.exact if term.exact is not None else Decimal(repr(term.value))
    rounded = rules.to_fen(exact)
    shown = replace(
        term.named(message("合计，四舍五入到分")), value=float(rounded), exact=rounded, lower_bound=bool(open_parts)
    )
    notes = tuple(message("未计入：{part}", part=part) for part in open_parts)
    collector.add("environmental-tax", period, shown, "tax.environmental", notes=(_YEARLY, *notes))


def co_benefit_weight(pollutant: str) -> Term:
    """The weight of an air pollutant in co-benefit sums, equivalent/kg: 1 over the equivalent value of the tax law.

    SO2 and NOx 1/0.95, smoke dust 1/2.18, dust 1/4. Raises KeyError for a pollutant that the law does not tax.
    """
    row = tables.equivalents("air")[pollutant]
    return (constant("1", 1.0, "1") / from_coefficient(_value(row))).to("equivalent/kg")

"""The parts of a plant's carbon account (碳核算科目): its factors, fuels, electricity, heat, biomass, recovered CO2."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from qingyuan import units
from qingyuan.errors import QingyuanError
from qingyuan.facts.model import SITE, UNDATED, Period
from qingyuan.figures.carbon_processes import CO2, CO2_OF_CARBON
from qingyuan.figures.carbon_terms import (
    electricity_co2,
    fuel_co2,
    fuel_co2_measured,
    heat_co2,
    nonfossil_electricity_co2,
    sum_of_fuels,
)
from qingyuan.figures.derivation import Term, constant, from_coefficient, total
from qingyuan.figures.energy import entries
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.methods import deciding_day
from qingyuan.figures.process_inputs import Plant, bad_setting, fit
from qingyuan.figures.settings import Settings
from qingyuan.figures.steam import heat_of
from qingyuan.language import Listing, Message, Name, clauses, listing, message
from qingyuan.reference.carbon import (
    FuelRow,
    FuelSet,
    GwpSet,
    default_fuel_set,
    default_gwp_set,
    fuel_set,
    gwp_set,
)
from qingyuan.reference.electricity import electricity_factor, heat_factor_default
from qingyuan.reference.english import translated
from qingyuan.reference.items import catalogue
from qingyuan.reference.records import Coefficient, Grade

ELECTRICITY = "electricity"
HEAT = "heat"

_GREEN = "green-electricity"
# Energy items that are no fossil fuel although they may stand among the fuels of a plant.
_BIOGENIC = ("biomass-fuel", "biogas", "biodiesel", "ethanol-fuel")
_NOT_BURNT = ("calcium-carbide", "hydrogen-fuel", "chilled-water-cooling", "lubricating-oil-energy")

# Working media that are no fuel although their catalogue rows have masses or gas volumes.
_MEDIA = (
    "compressed-air",
    "oxygen",
    "nitrogen-byproduct",
    "nitrogen-main",
    "argon",
    "carbon-dioxide-gas",
    "acetylene",
)


@dataclass(frozen=True, slots=True)
class Choices:
    """The factors that one account is computed with (核算所用因子), each with where it comes from.

    ``equipment`` burns the fuels where the set asks for it (``carbon-equipment``), ``equipment_of`` single fuels
    (``carbon-equipment.<fuel>``). ``electricity`` is None where no factor answers, and ``electricity_need`` says why.
    """

    fuels: FuelSet
    potentials: GwpSet
    equipment: str
    equipment_of: Mapping[str, str]
    reporting: dt.date
    electricity: Coefficient | None
    electricity_need: Message | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """One part of the account: its parts by item, their sum, what is missing, what must be said (核算科目)."""

    parts: tuple[tuple[str, Term], ...] = ()
    term: Term | None = None
    needs: tuple[Message, ...] = ()
    notes: tuple[Message, ...] = ()


NONE = Account()


def choices(ledger: Ledger, settings: Settings, period: str) -> Choices:
    """The fuel set, warming potentials and electricity factor of a period under the settings of a report.

    Raises UnknownName for a set that does not exist and InputError for a reporting date that is no date.
    """
    plant = Plant(ledger, settings, period, deciding_day(period, settings.editions_as_of))
    named = plant.choice("carbon-fuel-set")
    fuels = fuel_set(named) if named else default_fuel_set(plant.industry, plant.day)
    potentials = gwp_set(settings.gwp_set) if settings.gwp_set else default_gwp_set(plant.industry, plant.day)
    date = plant.choice("reporting-date")
    try:
        reporting = dt.date.fromisoformat(date) if date else dt.datetime.now(tz=_CHINA).date()
    except ValueError:
        raise bad_setting("reporting-date", date, message("日期，如 2026-01-01")) from None
    factor, need = _electricity_choice(settings, plant, reporting)
    prefix = "carbon-equipment."
    single = {key.removeprefix(prefix): str(value) for key, value in settings.extra.items() if key.startswith(prefix)}
    return Choices(fuels, potentials, plant.choice("carbon-equipment"), single, reporting, factor, need)


_CHINA = dt.timezone(dt.timedelta(hours=8))


def _electricity_choice(
    settings: Settings, plant: Plant, reporting: dt.date
) -> tuple[Coefficient | None, Message | None]:
    chosen = settings.electricity_factor
    if isinstance(chosen, float | int):
        own = Coefficient(
            id="setting/electricity-factor",
            name=Name("电力排放因子（报告设置）", "Electricity factor (setting of the report)"),
            value=float(chosen),
            unit="tCO2/MWh",
            grade=Grade.USER,
            source="report settings",
        )
        return own, None
    year = plant.parameter("electricity-factor-year", "1")
    try:
        found = electricity_factor(
            chosen, reporting=reporting, area=settings.province, factor_year=None if year is None else int(year.value)
        )
    except QingyuanError as error:
        return None, message("电力排放因子：{problem}", problem=error)
    return replace(found, default=settings.is_default("electricity_factor")), None


# --- fuels -------------------------------------------------------------------------------------------------------


def fuel_account(ledger: Ledger, settings: Settings, period: str, used: Choices) -> Account:
    """CO2 of the fossil fuels that a plant burnt in a period; energy used as raw material is left out.

    By-product gases that the plant makes of fuel counted already are not counted again, those sold are subtracted.
    """
    parts: list[tuple[str, Term]] = []
    needs: list[Message] = []
    notes: list[Message] = []
    for entry in entries(ledger, settings, period):
        if not is_fossil(entry.item):
            continue
        if entry.burnt is None:
            continue
        term, need = _fuel_term(ledger, entry.item, entry.burnt, period, used, SITE)
        if term is None:
            needs.extend(need)
        else:
            parts.append((entry.item, term.named(message("{fuel}燃烧排放", fuel=ledger.label(entry.item)))))
        if entry.feedstock is not None:
            notes.append(message("{fuel}用作原料的部分不按燃烧计", fuel=ledger.label(entry.item)))
    if needs:
        return Account(tuple(parts), None, tuple(needs), tuple(notes))
    return Account(tuple(parts), sum_of_fuels(term for _, term in parts) if parts else None, (), tuple(notes))


def _negative(term: Term) -> Term:
    return (constant(message("零"), 0.0, term.unit) - term).named(message("外供扣减"))


def is_fossil(item: str) -> bool:
    """Whether an item is a fossil fuel: by the catalogue, biomass, waste, electricity, heat and working media apart."""
    known = catalogue()
    if item not in known or item in _BIOGENIC or item in _NOT_BURNT:
        return False
    record = known.get(item)
    if record.kind != "energy" or record.fuel in ("biomass", "waste"):
        return False
    if known.is_a(item, ELECTRICITY) or known.is_a(item, HEAT):
        return False
    if record.fuel:
        return True
    return item not in _MEDIA and record.dimension in ("mass", "normal gas volume")


def _fuel_term(
    ledger: Ledger, item: str, amount: Term, period: str, used: Choices, place: str
) -> tuple[Term | None, tuple[Message, ...]]:
    months = _months(ledger, item, amount, period, place)
    if months:
        terms: list[Term] = []
        for month, monthly in months:
            term, needs = fuel_once(ledger, item, monthly, month, used, place)
            if term is None:
                return None, needs
            terms.append(term)
        return total(terms, label=message("分月计算之和"), unit=CO2), ()
    return fuel_once(ledger, item, amount, period, used, place)


def _months(ledger: Ledger, item: str, burnt: Term, period: str, place: str) -> tuple[tuple[str, Term], ...]:
    """The months of a year with their burnt amounts where heat value or carbon content was measured by month.

    Empty where they do not fill the year, or where the amounts of the months are not together what was burnt in the
    year: stock, sales and raw material are known by year only, and the mean of the months then holds for all of it.
    """
    span = Period.parse(period)
    measured = {
        fact.period
        for fact in ledger.select(item=item, roles=("lower-heating-value", "carbon-content"), period=period)
        if fact.period != UNDATED and Period.parse(fact.period) != span and fact.value is not None
    }
    pieces = sorted(measured, key=lambda text: Period.parse(text).start)
    if not pieces or sum(Period.parse(piece).days for piece in pieces) != span.days:
        return ()
    amounts = [ledger.amount(item, ("purchased", "consumed"), piece, place) for piece in pieces]
    known = [amount for amount in amounts if amount is not None]
    if len(known) != len(pieces) or any(units.dimension(one.unit) != units.dimension(burnt.unit) for one in known):
        return ()
    together = sum(one.to(burnt.unit).value for one in known)
    if abs(together - burnt.value) > 1e-9 * abs(burnt.value):
        return ()
    return tuple(zip(pieces, known, strict=True))


def fuel_once(
    ledger: Ledger, item: str, amount: Term, period: str, used: Choices, place: str
) -> tuple[Term | None, tuple[Message, ...]]:
    """CO2 of an amount of one fuel at a place over a period, or what is needed for it.

    The order: the plant's own emission factor; measured element carbon; measured heat value; the defaults of the set.
    """
    label = ledger.label(item)
    fuel = catalogue().get(item).fuel
    row = used.fuels.fuels.get(fuel)
    own_factor = ledger.property_of(item, "emission-factor", period, place)
    if own_factor is not None:
        return _by_own_factor(ledger, item, amount, own_factor, period, place, row)
    per = row.per if row is not None else _unit_of(amount)
    content = ledger.property_of(item, "carbon-content", period, place)
    oxidation = ledger.property_of(item, "oxidation", period, place)
    measured = None if content is None else fit(content, f"tC/{per}")
    if row is None and measured is None and (lacking := _unknown_fuel(ledger, item, period, used, place, content)):
        return None, lacking
    try:
        if oxidation is None:
            oxidation = from_coefficient(
                used.fuels.oxidation(fuel or item, used.equipment_of.get(item, used.equipment))
            )
        if measured is not None:
            return fuel_co2_measured(amount.to(per), measured, oxidation), ()
        return _by_heat(ledger, item, amount, period, used, place, row, content, oxidation)
    except QingyuanError as error:
        return None, (message("{fuel}：{problem}", fuel=label, problem=error),)


def _by_own_factor(
    ledger: Ledger, item: str, amount: Term, factor: Term, period: str, place: str, row: FuelRow | None
) -> tuple[Term | None, tuple[Message, ...]]:
    """CO2 by the plant's own factor: per amount, or per heat through the heat value of the plant, else of the set."""
    label = ledger.label(item)
    try:
        quantity = amount
        if units.dimension(factor.unit) == units.dimension("tCO2/GJ") and units.dimension(amount.unit) != "energy":
            heat = ledger.property_of(item, "lower-heating-value", period, place)
            if heat is None and row is not None:
                heat = from_coefficient(row.heating_value)
            if heat is None:
                need = message("{fuel}的低位发热量（排放因子按热量给出）", fuel=label)
                return None, (need,)
            per = heat.unit.partition("/")[2]
            quantity = amount.to(per) * heat.to(f"GJ/{per}")
        return (quantity * factor).to(CO2), ()
    except QingyuanError as error:
        return None, (message("{fuel}的排放因子：{problem}", fuel=label, problem=error),)


def _unknown_fuel(
    ledger: Ledger, item: str, period: str, used: Choices, place: str, content: Term | None
) -> tuple[Message, ...]:
    """What is needed of a fuel that the set does not hold; nothing where its heat value and carbon were measured."""
    if content is not None and ledger.property_of(item, "lower-heating-value", period, place) is not None:
        return ()
    label = ledger.label(item)
    kinds = [child.name for child in catalogue().children(item) if child.fuel]
    if not catalogue().get(item).fuel and kinds:
        return (message("{fuel}：请按品种填报（{kinds}），或给出实测含碳量", fuel=label, kinds=listing(kinds)),)
    return (message("{fuel}：因子表“{set}”没有这一品种，请给出实测含碳量或排放因子", fuel=label, set=used.fuels.name),)


def _by_heat(
    ledger: Ledger,
    item: str,
    amount: Term,
    period: str,
    used: Choices,
    place: str,
    row: FuelRow | None,
    content: Term | None,
    oxidation: Term,
) -> tuple[Term | None, tuple[Message, ...]]:
    label = ledger.label(item)
    own_heat = ledger.property_of(item, "lower-heating-value", period, place)
    heat = own_heat if own_heat is not None else from_coefficient(row.heating_value) if row is not None else None
    carbon = (
        content
        if content is not None and units.dimension(content.unit) == units.dimension("tC/GJ")
        else from_coefficient(row.carbon)
        if row is not None
        else None
    )
    if heat is None or carbon is None:
        return None, (message("{fuel}：单位热值含碳量（tC/GJ）", fuel=label),)
    physical = amount
    if units.dimension(amount.unit) == "energy":
        return (amount.to("GJ") * carbon * oxidation * CO2_OF_CARBON).to(CO2), ()
    per = heat.unit.partition("/")[2]
    return fuel_co2(physical.to(per), heat.to(f"GJ/{per}"), carbon.to("tC/GJ"), oxidation), ()


def _unit_of(amount: Term) -> str:
    return "10^4 Nm3" if units.dimension(amount.unit) == "normal gas volume" else "t"


# --- electricity and heat ----------------------------------------------------------------------------------------


def electricity_account(ledger: Ledger, settings: Settings, period: str, used: Choices) -> Account:
    """CO2 of net bought electricity; green electricity with proof at zero, without proof the account is missing."""
    found = {entry.item: entry for entry in entries(ledger, settings, period)}
    entry = found.get(ELECTRICITY)
    green = ledger.amount(_GREEN, ("purchased", "consumed"), period)
    grid = entry.bought if entry is not None else None
    notes: list[Message] = list(entry.notes) if entry is not None else []
    if entry is not None and grid is None and entry.use is not None:
        return Account(needs=(message("外购电量（自发电量大于用电量，请核对并填报外购与外供电量）"),))
    if grid is None and green is None:
        return NONE
    if used.electricity is None and grid is not None:
        return Account(needs=(used.electricity_need,) if used.electricity_need is not None else ())
    parts: list[tuple[str, Term]] = []
    if green is not None:
        proof = _proof(ledger, settings, period)
        try:
            parts.append((_GREEN, nonfossil_electricity_co2(green, str(proof))))
        except QingyuanError as error:
            return Account(needs=(message("{problem}", problem=error),))
        apart = found.get(_GREEN)
        if grid is not None and green.to(grid.unit).value > grid.value:
            return Account(needs=(message("绿电量大于购入电量，请核对"),))
        if grid is not None and (apart is None or apart.use is None):
            grid = (grid - green).named(message("扣除绿电后的购入电量"))
            notes.append(message("绿电按购入电量的其中数扣除，排放因子为零，证明：{proof}", proof=proof))
    if grid is not None and used.electricity is not None:
        if entry is not None and not any(fact.role == "purchased" for fact in grid.facts()):
            notes.append(message("没有购入电量，以用电量代替"))
        sold = entry.sold if entry is not None else None
        parts.append((ELECTRICITY, electricity_co2(grid, from_coefficient(used.electricity), sold)))
        notes.append(
            message(
                "电力排放因子 {value} tCO₂/MWh（{name}，{edition}）",
                value=f"{used.electricity.value:.4f}",
                name=used.electricity.name,
                edition=translated(used.electricity.edition or used.electricity.source),
            )
        )
    terms = [term for _, term in parts]
    term = terms[0] if len(terms) == 1 else total(terms, unit=CO2)
    return Account(tuple(parts), term, (), tuple(notes))


def _proof(ledger: Ledger, settings: Settings, period: str) -> Listing | str:
    given = settings.extra.get("green-electricity-proof") or settings.extra.get("green_electricity_proof")
    if given:
        return str(given)
    rows = [fact for fact in ledger.select(item=_GREEN, roles=("purchased", "consumed"), period=period) if fact.value]
    return clauses(dict.fromkeys(fact.source for fact in rows)) if rows and all(fact.source for fact in rows) else ""


def heat_account(ledger: Ledger, settings: Settings, period: str) -> Account:
    """CO2 of net bought heat (steam, hot water): the supplier's factor, else the default 0.11 tCO2/GJ."""
    parts: list[tuple[str, Term]] = []
    needs: list[Message] = []
    notes: list[Message] = []
    for entry in entries(ledger, settings, period):
        if not catalogue().is_a(entry.item, HEAT) or (entry.item == "waste-heat" and entry.bought is None):
            continue
        for amount, sign in ((entry.use, 1), (entry.sold, -1)):
            if amount is None:
                continue
            energy: Term | None = amount
            lacking: tuple[Message, ...] = ()
            if units.dimension(amount.unit) != "energy":
                energy, lacking = heat_of(ledger, entry.item, amount, period, SITE)
            if energy is None:
                needs.extend(lacking)
                continue
            term = heat_co2(energy, heat_factor(ledger, settings, entry.item, period))
            parts.append((entry.item, term if sign > 0 else _negative(term)))
    if needs:
        return Account(tuple(parts), None, tuple(needs))
    if not parts:
        return NONE
    terms = [term for _, term in parts]
    return Account(tuple(parts), terms[0] if len(terms) == 1 else total(terms, unit=CO2), (), tuple(notes))


def heat_factor(ledger: Ledger, settings: Settings, item: str, period: str) -> Term:
    """The factor of bought heat, tCO2/GJ: the supplier's where it was stated, else the default."""
    for name in (item, HEAT):
        term = ledger.property_of(name, "emission-factor", period)
        if term is not None and units.dimension(term.unit) == units.dimension("tCO2/GJ"):
            return term
    return from_coefficient(heat_factor_default(deciding_day(period, settings.editions_as_of)))


def biomass_account(ledger: Ledger, settings: Settings, period: str) -> Account:
    """CO2 of biomass fuels, reported apart: only with the plant's own emission factor or carbon content."""
    parts: list[tuple[str, Term]] = []
    needs: list[Message] = []
    for item in _BIOGENIC:
        amount = ledger.amount(item, ("consumed", "purchased"), period)
        if amount is None:
            continue
        factor = ledger.property_of(item, "emission-factor", period)
        content = ledger.property_of(item, "carbon-content", period)
        measured = None if content is None else fit(content, f"tC/{_unit_of(amount)}")
        if factor is not None:
            term, lacking = _by_own_factor(ledger, item, amount, factor, period, SITE, None)
            needs.extend(lacking)
            parts.extend([] if term is None else [(item, term)])
        elif measured is not None:
            parts.append((item, (amount * measured * CO2_OF_CARBON).to(CO2)))
        else:
            needs.append(message("{fuel}的含碳量或排放因子", fuel=ledger.label(item)))
    if needs or not parts:
        return Account(tuple(parts), None, tuple(needs))
    return Account(tuple(parts), total([term for _, term in parts], unit=CO2))


def recovered_account(ledger: Ledger, period: str) -> Account:
    """CO2 recovered and supplied to others, to be subtracted."""
    for item in ("CO2", "carbon-dioxide-gas"):
        term = ledger.amount(item, ("recovered", "sold"), period)
        if term is not None and units.dimension(term.unit) == "mass":
            term = term * constant(message("二氧化碳质量"), 1.0, "tCO2/t")
        if term is not None and units.dimension(term.unit) == "carbon dioxide":
            return Account(((item, term.to(CO2)),), term.to(CO2))
    return NONE

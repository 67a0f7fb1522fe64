"""An amount of energy as standard coal (折标准煤), by equivalent (当量) or equal (等价) value, or what it needs."""

from __future__ import annotations

from qingyuan import units
from qingyuan.facts.model import SITE, Fact, Period
from qingyuan.figures.derivation import EnergyValue, Term, constant, from_coefficient
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.methods import deciding_day
from qingyuan.figures.settings import Settings
from qingyuan.figures.steam import HEAT, heat_of
from qingyuan.language import Message, Name, message
from qingyuan.reference import energy as reference
from qingyuan.reference.items import catalogue
from qingyuan.reference.records import Coefficient, Grade

ELECTRICITY = "electricity"
# Gases that come from fuel which is counted already: never counted as consumed unless they were bought.
BY_PRODUCT_GASES = (
    "coke-oven-gas", "blast-furnace-gas", "converter-gas", "carbide-furnace-gas", "other-coal-gas", "producer-gas",
    "heavy-oil-cracking-gas-cat", "heavy-oil-cracking-gas-thermal", "coke-gas", "pressure-gasification-gas",
    "water-gas", "refinery-gas",
)  # fmt: skip
# What comes beside the energy that a works is run for (焦炉煤气、煤焦油、粗苯 of coking, 中煤 of washing).
ENERGY_BY_PRODUCTS = (*BY_PRODUCT_GASES, "coal-tar", "crude-benzene", "coke-breeze", "middlings", "slime", "gangue")


def is_heat(item: str) -> bool:
    """Whether an item is heat, steam or hot water."""
    return catalogue().is_a(item, HEAT)


def is_medium(item: str) -> bool:
    """Whether an item is a working medium of energy (耗能工质)."""
    return reference.kind_of(catalogue().get(item).energy_coefficient) == "working-medium"


def is_fuel(item: str) -> bool:
    """Whether an item is an energy that is burnt: no electricity, heat or working medium."""
    electric = catalogue().is_a(item, ELECTRICITY)
    return catalogue().get(item).kind == "energy" and not electric and not is_heat(item) and not is_medium(item)


def standard_coal(
    ledger: Ledger,
    settings: Settings,
    item: str,
    physical: Term,
    period: str,
    kind: EnergyValue,
    place: str = SITE,
) -> tuple[Term | None, tuple[Message, ...]]:
    """An amount of energy as standard coal in kgce, by its equivalent or equal value; else what is needed for it.

    The order: standard coal as stated; the plant's own coefficient (折标准煤系数); a measured lower heating value over
    29 307.6 kJ/kgce; the printed coefficient of the edition in force. Of electricity and heat the equal value needs
    the number of the year.
    """
    label = ledger.label(item)
    if units.dimension(physical.unit) == "standard coal":
        return physical.to("kgce").as_energy(kind).named(message("企业已折标准煤")), ()
    if kind == "equal" and (catalogue().is_a(item, ELECTRICITY) or is_heat(item)):
        factor, needs = _equal_coefficient(ledger, settings, item, period)
    else:
        factor, needs = _equivalent_coefficient(ledger, settings, item, period, place)
    if factor is None:
        return None, needs
    amount = physical
    if is_heat(item) and units.dimension(physical.unit) != "energy":
        heat, needs = heat_of(ledger, item, physical, period, place)
        if heat is None:
            return None, needs
        amount = heat
    wanted = factor.unit.partition("/")[2]
    if units.dimension(amount.unit) == "energy" and units.dimension(wanted) != "energy":
        per_heat = from_coefficient(reference.kj_per_kgce())
        return (amount.to("kJ") / per_heat).as_energy(kind).to("kgce").named(message("{item}折标准煤", item=label)), ()
    if (
        units.dimension(amount.unit) == "volume"
        and units.dimension(wanted) == "mass"
        and catalogue().get(item).kind == "water"
    ):
        amount = amount * constant(message("水的密度取 1 t/m³"), 1.0, "t/m3")
    try:
        coal = amount.to(wanted) * factor
    except units.DimensionError as error:
        hint = error.hint or message("与 {unit} 同类的单位", unit=units.UnitText(wanted))
        return None, (message("{item}：{hint}", item=label, hint=hint),)
    return coal.to("kgce").as_energy(kind).named(message("{item}折标准煤", item=label)), ()


def _equivalent_coefficient(
    ledger: Ledger, settings: Settings, item: str, period: str, place: str
) -> tuple[Term | None, tuple[Message, ...]]:
    own = _own_coefficient(ledger, item, period, place, equal=False)
    if own is not None:
        return own, ()
    electric_or_heat = catalogue().is_a(item, ELECTRICITY) or is_heat(item)
    heating_value = None if electric_or_heat else ledger.property_of(item, "lower-heating-value", period, place)
    if heating_value is not None:
        per_coal = from_coefficient(reference.kj_per_kgce())
        below = heating_value.unit.partition("/")[2]
        factor = (heating_value / per_coal).to(f"kgce/{below}").named(message("实测低位发热量折标准煤系数"))
        return factor, ()
    link = _link(item)
    label = ledger.label(item)
    if not link:
        return None, (message("{item}的低位发热量（kJ/kg 或 kJ/Nm³）或折标准煤系数", item=label),)
    day = deciding_day(period, settings.editions_as_of)
    return from_coefficient(reference.standard_coal(link, day, settings.range_choice)), ()


def _link(item: str) -> str:
    """The row of the coefficient table for an item: its own, of heat and electricity that of the family."""
    known = catalogue()
    if known.is_a(item, ELECTRICITY):
        return "electricity-equivalent"
    if is_heat(item):
        return "heat-equivalent"
    link = known.get(item).energy_coefficient
    return link if link in reference.ids() else ""


# A coefficient of electricity or of heat by its energy is a matter of definition: any other number of such a unit is
# what it takes to make it, its equal value (等价值). The printed digits leave some room.
_DEFINED = {"kgce/kWh": "electricity-equivalent", "kgce/MJ": "heat-equivalent"}
_DEFINED_WITHIN = 0.03


def _own_coefficient(ledger: Ledger, item: str, period: str, place: str, *, equal: bool) -> Term | None:
    """The coefficient that the plant stated, by equivalent or by equal value.

    The role says which it is; of electricity and heat also the number, whatever it is called.
    """
    if equal:
        stated = ledger.property_of(item, "equal-coal-coefficient", period, place)
        if stated is not None:
            return stated

    def fits(fact: Fact) -> bool:
        return _is_equal_value(item, fact, period) == equal

    return ledger.property_of(item, "coal-coefficient", period, place, keep=fits)


def _is_equal_value(item: str, fact: Fact, period: str) -> bool:
    if fact.value is None or not (catalogue().is_a(item, ELECTRICITY) or is_heat(item)):
        return False
    for unit, link in _DEFINED.items():
        if units.dimension(fact.unit) == units.dimension(unit):
            defined = reference.standard_coal(link, deciding_day(period))
            value = units.convert(fact.value, fact.unit, defined.unit)
            return abs(value - defined.value) > _DEFINED_WITHIN * defined.value
    return False


def _equal_coefficient(
    ledger: Ledger, settings: Settings, item: str, period: str
) -> tuple[Term | None, tuple[Message, ...]]:
    electric = catalogue().is_a(item, ELECTRICITY)
    head = ELECTRICITY if electric else item
    own = _own_coefficient(ledger, head, period, SITE, equal=True)
    if own is None and not electric:
        own = _own_coefficient(ledger, HEAT, period, SITE, equal=True)
    if own is not None:
        return own, ()
    by_year = settings.equal_value_electricity if electric else settings.equal_value_heat
    key = "equal-value-electricity" if electric else "equal-value-heat"
    unit = "kgce/kWh" if electric else "kgce/MJ"
    year = str(Period.parse(period).end.year)
    if year in by_year:
        coefficient = Coefficient(
            id=f"setting/{key}/{year}",
            name=Name("电力等价折标准煤系数", "equal value of electricity")
            if electric
            else Name("热力等价折标准煤系数", "equal value of heat"),
            value=by_year[year],
            unit=unit,
            grade=Grade.USER,
            source=f"{key}.{year}",
        )
        return from_coefficient(coefficient), ()
    if electric and settings.historic_equal_value:
        return from_coefficient(reference.historic_electricity_equal_value()), ()
    if electric:
        need = message(
            "{year} 年的电力等价折标准煤系数（上年火力发电标准煤耗，kgce/kWh），填在设置 "
            "equal-value-electricity.{year}；旧常数 0.4040 只在设置 historic-equal-value 后使用",
            year=year,
        )
    else:
        need = message("{year} 年供热单位的供热标准煤耗（kgce/MJ），填在设置 equal-value-heat.{year}", year=year)
    return None, (need,)

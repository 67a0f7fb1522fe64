"""Heat of steam and hot water (蒸汽和热水的热量) with enthalpies by IAPWS-IF97.

Pressures are absolute, in MPa; plants read gauges (表压), so ``absolute_pressure`` first. Enthalpies are in kJ/kg,
temperatures in degrees Celsius, masses in t, heat in GJ. The properties come from seuif97 (MIT licence), an
implementation of the Industrial Formulation 1997 (IAPWS R7-97(2012)).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qingyuan import units
from qingyuan.errors import QingyuanError
from qingyuan.facts.model import SITE
from qingyuan.figures.derivation import Term, apply, constant
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Message, Name, Text, clauses, message
from qingyuan.reference.items import catalogue

HEAT = "heat"

# Limits of IAPWS-IF97 (R7-97(2012), section 2).
_LOWEST_C = 0.0
_HIGHEST_C = 2000.0
_HIGHEST_C_ABOVE_50_MPA = 800.0
_HIGHEST_MPA = 100.0
_HIGHEST_MPA_ABOVE_800_C = 50.0
_TRIPLE_MPA = 0.000611213
_CRITICAL_MPA = 22.064
_CRITICAL_C = 373.946

# Base of heat supplied: water at 20 °C, 20 x 4.1868 kJ/kg as the accounting guidelines print it.
BASE_ENTHALPY = 83.74
BASE_TEMPERATURE = 20.0
_KJ_PER_KCAL = 4.1868
STANDARD_ATMOSPHERE = 0.101325


class OutOfRange(QingyuanError):
    """A pressure, temperature or dryness for which the formulation does not hold, or that is not steam (超出范围)."""

    def __init__(self, what: Message) -> None:
        self.what = what
        super().__init__(what)

    def __str__(self) -> str:
        return str(self.what)


def absolute_pressure(gauge: float, atmosphere: float = STANDARD_ATMOSPHERE) -> float:
    """Absolute pressure in MPa of a gauge pressure (表压) in MPa; ``atmosphere`` is the local air pressure in MPa.

    >>> round(absolute_pressure(0.8), 6)
    0.901325
    """
    if gauge < -atmosphere:
        raise OutOfRange(message("表压 {p} MPa 低于绝对真空（绝对压力为负）", p=gauge))
    return gauge + atmosphere


def saturation_temperature(pressure: float) -> float:
    """Boiling temperature (饱和温度) in °C at an absolute pressure in MPa, 0.000611 to 22.064 MPa.

    Raises OutOfRange elsewhere. IF97 region 4, equation 31.
    """
    _between(pressure, _TRIPLE_MPA, _CRITICAL_MPA, message("饱和压力"), "MPa")
    import seuif97

    return _known(seuif97.px2t(pressure, 0.0))


def saturation_pressure(temperature: float) -> float:
    """Boiling pressure (饱和压力) in MPa at a temperature in °C, 0 to 373.946 °C.

    Raises OutOfRange elsewhere. IF97 region 4, equation 30.
    """
    _between(temperature, _LOWEST_C, _CRITICAL_C, message("饱和温度"), "℃")
    import seuif97

    return _known(seuif97.tx2p(temperature, 0.0))


def saturated_steam_enthalpy(pressure: float, dryness: float = 1.0) -> float:
    """Enthalpy in kJ/kg of saturated (饱和) or wet (湿) steam at an absolute pressure in MPa.

    ``dryness`` (干度) is the mass share of vapour, 0 to 1. Raises OutOfRange.

    >>> round(saturated_steam_enthalpy(1.0), 1)
    2777.1
    """
    _between(pressure, _TRIPLE_MPA, _CRITICAL_MPA, message("饱和蒸汽压力"), "MPa")
    _between(dryness, 0.0, 1.0, message("蒸汽干度"), "")
    import seuif97

    liquid, vapour = _known(seuif97.px2h(pressure, 0.0)), _known(seuif97.px2h(pressure, 1.0))
    return liquid + dryness * (vapour - liquid)


def superheated_steam_enthalpy(pressure: float, temperature: float) -> float:
    """Enthalpy in kJ/kg of superheated steam (过热蒸汽) at an absolute pressure in MPa and a temperature in °C.

    Raises OutOfRange, also where it would be water at this pressure.

    >>> round(superheated_steam_enthalpy(1.0, 300.0), 1)
    3051.7
    """
    _within_if97(pressure, temperature)
    if pressure < _CRITICAL_MPA:
        boiling = saturation_temperature(pressure)
        if temperature < boiling - 0.01:
            raise OutOfRange(
                message(
                    "{p} MPa、{t} ℃ 低于饱和温度 {b} ℃，是水不是过热蒸汽",
                    p=pressure,
                    t=temperature,
                    b=round(boiling, 2),
                )
            )
        if temperature <= boiling + 0.01:
            return saturated_steam_enthalpy(pressure)
    import seuif97

    return _known(seuif97.pt2h(pressure, temperature))


def water_enthalpy(pressure: float, temperature: float) -> float:
    """Enthalpy in kJ/kg of liquid water (水) at an absolute pressure in MPa and a temperature in °C.

    Raises OutOfRange, also where it would be steam at this pressure.
    """
    _within_if97(pressure, temperature)
    if pressure < _CRITICAL_MPA and temperature > saturation_temperature(pressure) + 0.01:
        raise OutOfRange(message("{p} MPa、{t} ℃ 是蒸汽不是水", p=pressure, t=temperature))
    import seuif97

    return _known(seuif97.pt2h(pressure, temperature))


def steam_heat(mass: float, enthalpy: float) -> float:
    """Heat in GJ of ``mass`` t of steam: ``Q = m·(h − 83.74)/1000``, h in kJ/kg."""
    return mass * (enthalpy - BASE_ENTHALPY) / 1000


def hot_water_heat(mass: float, temperature: float) -> float:
    """Heat in GJ of ``mass`` t of hot water at a temperature in °C: ``Q = m·(T − 20)·4.1868/1000``.

    Raises OutOfRange below 0 °C.
    """
    if temperature < _LOWEST_C:
        raise OutOfRange(message("热水温度 {t} ℃ 低于 0 ℃", t=temperature))
    return mass * (temperature - BASE_TEMPERATURE) * _KJ_PER_KCAL / 1000


def heat_of(
    ledger: Ledger, item: str, physical: Term, period: str, place: str = SITE
) -> tuple[Term | None, tuple[Message, ...]]:
    """The heat in GJ of an amount of heat, steam or hot water; None and what is needed where it cannot be found.

    Steam (t) needs its enthalpy, or its pressure (``pressure``: 表压; ``absolute-pressure``: 绝压) and, of superheated
    steam, its temperature; a dryness makes it wet. Hot water (t or m³) needs its temperature, and its return
    temperature where it comes back. They are properties of the item, of its parent, or of the place.
    """
    if units.dimension(physical.unit) == "energy":
        return physical.to("GJ"), ()
    label = ledger.label(item)
    known = catalogue()
    if units.dimension(physical.unit) == "volume":
        physical = physical * constant(message("水的密度取 1 t/m³"), 1.0, "t/m3")
    if units.dimension(physical.unit) != "mass":
        return None, (message("{item}的质量（t）或热量（GJ）", item=label),)
    mass = physical.to("t")

    def property_of(name: str, unit: str) -> Term | None:
        for candidate in (item, known.get(item).parent):
            if candidate and (term := ledger.property_of(candidate, name, period, place)) is not None:
                return _in_unit(term, unit)
        return None

    try:
        if known.is_a(item, "hot-water"):
            return _heat_of_water(mass, property_of, label)
        if known.is_a(item, "steam"):
            return _heat_of_steam(mass, property_of, label)
    except OutOfRange as error:
        return None, (message("{item}：{why}", item=label, why=error),)
    return None, (message("{item}的热量（GJ）", item=label),)


def _heat_of_steam(
    mass: Term, property_of: Callable[[str, str], Term | None], label: Name
) -> tuple[Term | None, tuple[Message, ...]]:
    enthalpy = property_of("enthalpy", "kJ/kg")
    note: Text = ""
    if enthalpy is None:
        pressure = property_of("absolute-pressure", "MPa")
        absolute = pressure is not None
        if pressure is None:
            pressure = property_of("pressure", "MPa")
        if pressure is None:
            return None, (message("{item}的压力（MPa，表压）和温度，或焓值（kJ/kg）", item=label),)
        air = 0.0 if absolute else STANDARD_ATMOSPHERE
        if not absolute:
            note = message("压力按表压，加标准大气压 0.101325 MPa")
        temperature, dryness = property_of("temperature", "degC"), property_of("dryness", "1")
        function: Callable[..., float] = saturated_steam_enthalpy
        if temperature is not None:
            arguments = [pressure, temperature]
            function = superheated_steam_enthalpy
        elif dryness is not None:
            arguments = [pressure, dryness]
        else:
            arguments = [pressure]
            assumed = message("未给温度，按饱和蒸汽")
            note = assumed if absolute else clauses((assumed, note))
        enthalpy = apply(
            message("焓（IAPWS-IF97）"), lambda p, *rest: function(p + air, *rest), arguments, "kJ/kg", note=note
        )
    base = constant(message("20 ℃水的焓"), BASE_ENTHALPY, "kJ/kg")
    heat = (mass.to("kg") * (enthalpy - base)).to("GJ")
    return heat.named(message("{item}的热量", item=label)), ()


def _heat_of_water(
    mass: Term, property_of: Callable[[str, str], Term | None], label: Name
) -> tuple[Term | None, tuple[Message, ...]]:
    supply, back = property_of("temperature", "degC"), property_of("return-temperature", "degC")
    if supply is None:
        return None, (message("{item}的温度（℃）", item=label),)
    if back is None:
        return apply(message("{item}的热量", item=label), hot_water_heat, [mass, supply], "GJ"), ()

    def heat(tonnes: float, hot: float, cold: float) -> float:
        return hot_water_heat(tonnes, hot) - hot_water_heat(tonnes, cold)

    return apply(message("{item}的热量（供回水温差）", item=label), heat, [mass, supply, back], "GJ"), ()


def _in_unit(term: Term, unit: str) -> Term:
    """A property in a unit; a temperature by its scale."""
    if term.unit == unit or units.dimension(unit) != "temperature":
        return term.to(unit)
    scale = (units.convert(1.0, term.unit, unit) - units.convert(0.0, term.unit, unit)) or 1.0
    return replace(
        term,
        value=units.convert(term.value, term.unit, unit),
        unit=unit,
        spread={source: part * scale for source, part in term.spread.items()},
        exact=None,
    )


def _within_if97(pressure: float, temperature: float) -> None:
    _between(temperature, _LOWEST_C, _HIGHEST_C, message("温度"), "℃")
    highest = _HIGHEST_MPA if temperature <= _HIGHEST_C_ABOVE_50_MPA else _HIGHEST_MPA_ABOVE_800_C
    if not 0 < pressure <= highest:
        raise OutOfRange(
            message(
                "压力 {p} MPa 超出 IAPWS-IF97 在 {t} ℃ 的范围（0 至 {high} MPa）",
                p=pressure,
                t=temperature,
                high=highest,
            )
        )


def _between(value: float, low: float, high: float, what: Message, unit: str) -> None:
    if not low <= value <= high:
        raise OutOfRange(
            message(
                "{what} {value} 超出范围（{low} 至 {high}）",
                what=what,
                value=f"{value} {unit}".rstrip(),
                low=low,
                high=high,
            )
        )


def _known(value: float) -> float:
    # seuif97 answers -2000 and below where it cannot compute.
    if value <= -1000:
        raise OutOfRange(message("IAPWS-IF97 在该状态无解"))
    return float(value)

"""Units (计量单位): one canonical spelling for every way of writing, exact factors, dimensions, display.

A canonical unit is ASCII: ``t``, ``10^4 m3``, ``kgce/t``, ``kWh/(m2*a)``; ``1`` is dimensionless. ``%`` is 0.01.

Kept apart as dimensions of their own, so that nothing changes into another without the coefficient of a rule:

- **standard coal** (标准煤; kgce, tce) and **energy** (kWh, GJ). By definition 1 kgce = 29 307.6 kJ (7 000 kcal of
  4.1868 kJ, GB/T 2589-2020), but the standard prints 0.1229 kgce/kWh, 0.03412 kgce/MJ and one for each fuel, and
  equivalent and equal value (当量值, 等价值) differ: energy becomes standard coal only through one of these.
- **normal gas volume** (标准体积; Nm3) and volume (m3): pressure and temperature lie between them.
- **carbon dioxide** (tCO2, tCO2e), carbon (tC), toxic equivalents (TEQ) and mass.
- **money**, each currency for itself; **count** (台, 套, 件 …); **person**; sound level.

The everyday path is a table of exact fractions with cached results. ``registry`` gives a pint registry with the same
units; pint is imported only there and for the sizes of rare units (``acre``, ``oz``, 冷吨 …).
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from qingyuan.errors import QingyuanError, UnknownName
from qingyuan.language import Message, Name, current_language, message
from qingyuan.unit_table import RARE, SCALES, SPELLINGS, SYMBOLS, Symbol, Vector

if TYPE_CHECKING:
    import pint

DIMENSIONLESS = "1"


class DimensionError(QingyuanError):
    """Two units measure different things (量纲不符); ``hint`` says what would lead from one to the other."""

    def __init__(self, from_unit: str, to_unit: str, hint: Message | None = None) -> None:
        self.from_unit = from_unit
        self.to_unit = to_unit
        self.hint = hint
        super().__init__(from_unit, to_unit)

    def __str__(self) -> str:
        text = str(
            message(
                "单位“{a}”（{x}）不能换算为“{b}”（{y}）",
                a=display(self.from_unit) or DIMENSIONLESS,
                x=dimension_name(self.from_unit),
                b=display(self.to_unit) or DIMENSIONLESS,
                y=dimension_name(self.to_unit),
            )
        )
        return text if self.hint is None else str(message("{text}：{hint}", text=text, hint=self.hint))


class NotAQuantity(QingyuanError):
    """A text is no number with a unit (不是数量)."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)

    def __str__(self) -> str:
        return str(message("“{text}”不是“数值 + 单位”", text=self.text))


# A factor is (power of ten, symbol), for instance (4, "m3").
Factor = tuple[int, str]


@dataclass(frozen=True, slots=True)
class _Unit:
    above: tuple[Factor, ...]
    below: tuple[Factor, ...]


# --- reading ---------------------------------------------------------------------------------------------------------

_SUPERSCRIPTS = {ord(a): b for a, b in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True)}
_SUPERSCRIPT_RUN = re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")
_MULTIPLY = "*·×⋅•∙・"
_SPLIT_PRODUCT = re.compile(rf"[{re.escape(_MULTIPLY)}]|(?<=[A-Za-z\u4e00-\u9fff])\.(?=[A-Za-z\u4e00-\u9fff])")
_POWER_OF_TEN = re.compile(r"(?:10\^|1[eE]\+?)(-?\d+)[*·×]?")
_LOWER: dict[str, str | None] = {}
for _spelling, _name in SPELLINGS.items():
    _lower = _spelling.lower()
    _LOWER[_lower] = _name if _LOWER.get(_lower, _name) == _name else None  # None: mW or MW
# kWh/t产品, m3/吨(产品), tce/万元产值: of what the lower unit is says nothing here.
_OF_WHAT = re.compile(r"[- ]?\(?(?:产品|工业总产值|产值|工业增加值|增加值|GDP)\)?$")
_PER = re.compile(r"\s+per\s+", re.IGNORECASE)
_LONGEST = 60  # characters; no unit is longer
_MERGED = {(symbol, "h"): f"{symbol}h" for symbol in ("W", "kW", "MW", "GW", "kvar", "A")}
# Whole texts that the grammar would read otherwise.
_WHOLE = {
    "蒸吨": "t/h",
    "蒸吨/h": "t/h",
    "蒸吨/小时": "t/h",
    "吨公里": "t*km",
    "人公里": "person*km",
    "us/cm": "uS/cm",
}


def _normalise(text: str) -> str:
    marked = _SUPERSCRIPT_RUN.sub(lambda run: "^" + run.group().translate(_SUPERSCRIPTS), text)
    plain = unicodedata.normalize("NFKC", marked).replace("−", "-").replace("\u00a0", " ")
    return _PER.sub("/", re.sub(r"\s+", " ", plain).strip())


def _symbol(text: str) -> str | None:
    """The symbol of one spelling, or None; blanks and a caret inside are ignored, then upper and lower case."""
    for candidate in (text, text.replace(" ", ""), text.replace(" ", "").replace("^", "")):
        if candidate in SPELLINGS:
            return SPELLINGS[candidate]
    return _LOWER.get(text.replace(" ", "").replace("^", "").lower())


def _factor(text: str) -> Factor | None:
    """One factor with the power of ten before it, or None."""
    text = text.strip()
    if found := _symbol(text):
        return 0, found
    scale = 0
    if match := _POWER_OF_TEN.match(text):
        scale, rest = int(match[1]), text[match.end() :].strip()
    else:
        for spelled, power in SCALES:
            if text.startswith(spelled):
                scale, rest = power, text[len(spelled) :].strip()
                break
        else:
            return None
    if not rest:
        return scale, DIMENSIONLESS
    inner = _factor(rest)
    return None if inner is None else (scale + inner[0], inner[1])


def _product(text: str) -> tuple[Factor, ...] | None:
    text = text.strip()
    while text.startswith("(") and text.endswith(")") and _closes_at_end(text):
        text = text[1:-1].strip()
    if " " not in text and (whole := _factor(text)):
        return (whole,)
    factors: list[Factor] = []
    for part in _SPLIT_PRODUCT.split(text):
        part = part.strip()
        found = _product(part) if part != text and part.startswith("(") else _run(part)
        if found is None:
            return None
        factors.extend(found)
    return tuple(factors)


def _run(text: str) -> tuple[Factor, ...] | None:
    """Factors parted by blanks (``10^4 m2``, ``m2 a``), else one factor written with blanks (``ng TEQ``, ``t CO2``)."""
    pieces = [_factor(piece) for piece in text.split(" ") if piece]
    factors: list[Factor] = []
    scale = 0
    for piece in pieces:
        if piece is None:
            whole = _factor(text)
            return None if whole is None else (whole,)
        if piece[1] == DIMENSIONLESS:  # a power of ten belongs to the unit behind it
            scale += piece[0]
        else:
            factors.append((scale + piece[0], piece[1]))
            scale = 0
    if scale or not factors:
        factors.append((scale, DIMENSIONLESS))
    return tuple(factors) if pieces else None


def _closes_at_end(text: str) -> bool:
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return position == len(text) - 1
    return False


def _split_quotient(text: str) -> list[str]:
    """Split at ``/`` and 每 outside brackets."""
    parts: list[str] = []
    depth = start = 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0 and character in "/每":
            parts.append(text[start:position])
            start = position + 1
    parts.append(text[start:])
    return parts


def _read(text: str) -> _Unit | None:
    if " " not in text and (whole := _factor(text)):
        return _Unit((whole,), ())
    head, *rest = _split_quotient(text)
    above = _product(head) if head.strip() else ((0, DIMENSIONLESS),)
    if above is None:
        return None
    below: list[Factor] = []
    for part in rest:
        factors = _product(part) or _product(_OF_WHAT.sub("", part))
        if factors is None:
            return None
        below.extend(factors)
    return _simplify(above, tuple(below))


def _simplify(above: tuple[Factor, ...], below: tuple[Factor, ...]) -> _Unit:
    """Cancel equal symbols, merge kW with h, drop ones, and put the factors in order."""
    upper = [factor for factor in above if factor[1] != DIMENSIONLESS]
    lower: list[Factor] = []
    # Powers of ten left over from ones and from cancelled factors.
    spare = sum(scale for scale, symbol in above if symbol == DIMENSIONLESS)
    for scale, symbol in below:
        if symbol == DIMENSIONLESS:
            spare -= scale
            continue
        for index, (other_scale, other) in enumerate(upper):
            if other == symbol:
                spare += other_scale - scale
                del upper[index]
                break
        else:
            lower.append((scale, symbol))
    for (first, second), whole in _MERGED.items():
        symbols = [symbol for _, symbol in upper]
        while first in symbols and second in symbols:
            one, two = upper[symbols.index(first)], upper[symbols.index(second)]
            upper.remove(one)
            upper.remove(two)
            upper.append((one[0] + two[0], whole))
            symbols = [symbol for _, symbol in upper]
    upper.sort(key=_order)
    lower.sort(key=_order)
    if spare:
        scale, symbol = upper[0] if upper else (0, DIMENSIONLESS)
        upper[:1] = [(scale + spare, symbol)]
    return _Unit(tuple(upper), tuple(lower))


def _order(factor: Factor) -> tuple[int, str]:
    found = _definition(factor[1])
    return found.rank, factor[1]


def _write(unit: _Unit) -> str:
    above = "*".join(_write_factor(factor) for factor in unit.above) or DIMENSIONLESS
    if not unit.below:
        return above
    below = "*".join(_write_factor(factor) for factor in unit.below)
    return f"{above}/({below})" if len(unit.below) > 1 else f"{above}/{below}"


def _write_factor(factor: Factor) -> str:
    scale, symbol = factor
    if not scale:
        return symbol
    return f"10^{scale}" if symbol == DIMENSIONLESS else f"10^{scale} {symbol}"


@lru_cache(maxsize=16384)
def _parse(text: str) -> _Unit:
    plain = _normalise(text[: _LONGEST + 1])
    if not plain:
        return _Unit((), ())
    if len(text) > _LONGEST:
        raise UnknownName(message("未知的单位"), plain)
    plain = _WHOLE.get(plain.replace(" ", ""), plain)
    unit = _read(plain) or _read(plain.replace(" ", ""))
    if unit is None:
        raise UnknownName(message("未知的单位"), text.strip(), _suggestions(plain))
    return _simplify(unit.above, unit.below)


def _suggestions(text: str) -> list[str]:
    near = difflib.get_close_matches(text, SPELLINGS, n=6, cutoff=0.5)
    near += [spelling for spelling in SPELLINGS if len(text) > 1 and text.lower() == spelling.lower()]
    return list(dict.fromkeys(SPELLINGS[spelling] for spelling in near))[:4]


@lru_cache(maxsize=16384)
def canonical(text: str) -> str:
    """Give the canonical ASCII spelling of a unit written in any usual way.

    ``万立方米`` -> ``10^4 m3``, ``吨标煤/万元`` -> ``tce/10^4 CNY``, ``L/人·d`` -> ``L/(person*d)``; an empty text,
    ``无量纲`` and ``pH`` -> ``1``. Everything after the first ``/`` stands below the line. Raises UnknownName with near
    units.
    """
    return _write(_parse(text))


# --- sizes and dimensions --------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def _definition(symbol: str) -> Symbol:
    if symbol in SYMBOLS:
        return SYMBOLS[symbol]
    rare = RARE[symbol]
    base = "*".join(f"{_SI_BASES[name]}**({power})" for name, power in rare.vector)
    return rare.sized(Fraction(registry().Quantity(Fraction(1), rare.pint_name).to(base).magnitude))


@lru_cache(maxsize=16384)
def _size(text: str) -> tuple[Fraction, Vector]:
    """Size in base units and exponents of the base dimensions."""
    unit = _parse(text)
    size = Fraction(1)
    exponents: dict[str, int] = {}
    for sign, factors in ((1, unit.above), (-1, unit.below)):
        for scale, symbol in factors:
            found = _definition(symbol)
            size *= (Fraction(10) ** scale * found.size) ** sign
            for name, power in found.vector:
                exponents[name] = exponents.get(name, 0) + sign * power
    return size, tuple(sorted((name, power) for name, power in exponents.items() if power))


_SOLIDS = {("length", 2): "area", ("length", 3): "volume"}
_NAMES: dict[str, Name] = {
    "dimensionless": Name("无量纲", "dimensionless"),
    "mass": Name("质量", "mass"),
    "length": Name("长度", "length"),
    "area": Name("面积", "area"),
    "volume": Name("体积", "volume"),
    "normal gas volume": Name("标准状态气体体积", "gas volume at normal conditions"),
    "time": Name("时间", "time"),
    "energy": Name("能量", "energy"),
    "power": Name("功率", "power"),
    "pressure": Name("压力", "pressure"),
    "temperature": Name("温度", "temperature"),
    "standard coal": Name("标准煤", "standard coal"),
    "carbon dioxide": Name("二氧化碳", "carbon dioxide"),
    "carbon": Name("碳", "carbon"),
    "toxic equivalent": Name("毒性当量", "toxic equivalent"),
    "pollution equivalent": Name("污染当量", "pollution equivalent"),
    "money": Name("金额", "money"),
    "money, USD": Name("金额（美元）", "money (USD)"),
    "money, EUR": Name("金额（欧元）", "money (EUR)"),
    "money, JPY": Name("金额（日元）", "money (JPY)"),
    "count": Name("计数", "count"),
    "person": Name("人数", "people"),
    "air-dry mass": Name("风干质量", "air-dry mass"),
    "solvent mass (DMF)": Name("DMF质量", "mass of DMF"),
    "dry solids mass": Name("tsl质量", "mass in tsl"),
    "sound level": Name("声级", "sound level"),
    "electric potential": Name("电压", "voltage"),
    "electric current": Name("电流", "electric current"),
    "apparent power": Name("视在功率", "apparent power"),
    "reactive power": Name("无功功率", "reactive power"),
    "amount of substance": Name("物质的量", "amount of substance"),
    "conductance": Name("电导", "conductance"),
    "radioactivity": Name("放射性活度", "radioactivity"),
    "angle": Name("角度", "angle"),
    "turbidity": Name("浊度", "turbidity"),
    "luminous intensity": Name("发光强度", "luminous intensity"),
    "luminous flux": Name("光通量", "luminous flux"),
    "illuminance": Name("照度", "illuminance"),
}


def _key(vector: Vector) -> tuple[list[str], list[str]]:
    above: list[str] = []
    below: list[str] = []
    for name, power in vector:
        size = abs(power)
        text = _SOLIDS.get((name, size)) or (name if size == 1 else f"{name}^{size}")
        (above if power > 0 else below).append(text)
    if above == ["energy"] and below == ["time"]:
        return ["power"], []
    return above, below


@lru_cache(maxsize=4096)
def dimension(unit: str) -> str:
    """Give a readable key of what a unit measures: ``mass``, ``standard coal/mass``, ``volume/(person*time)``.

    Two units convert into each other exactly if their keys are equal. Raises UnknownName.
    """
    above, below = _key(_size(unit)[1])
    if not above and not below:
        return "dimensionless"
    text = "*".join(above) or DIMENSIONLESS
    if len(below) > 1:
        return f"{text}/({'*'.join(below)})"
    return f"{text}/{below[0]}" if below else text


def dimension_name(unit: str) -> str:
    """Name what a unit measures in the language in force, for messages. Raises UnknownName."""
    above, below = _key(_size(unit)[1])
    if not above and not below:
        return str(_NAMES["dimensionless"])
    words = ["·".join(str(_NAMES.get(part, part)) for part in parts) for parts in (above, below)]
    return words[0] or DIMENSIONLESS if not below else f"{words[0] or DIMENSIONLESS}/{words[1]}"


@lru_cache(maxsize=65536)
def _ratio(from_unit: str, to_unit: str) -> tuple[float, float]:
    """Numerator and denominator of the factor, each correctly rounded."""
    size, vector = _size(from_unit)
    other_size, other_vector = _size(to_unit)
    if vector != other_vector:
        raise DimensionError(from_unit, to_unit, _hint(vector, other_vector))
    ratio = size / other_size
    if ratio.numerator < 2**53 and ratio.denominator < 2**53:
        return float(ratio.numerator), float(ratio.denominator)
    return float(ratio), 1.0


def _hint(vector: Vector, other: Vector) -> Message | None:
    kinds = {dict(vector).get(name, 0) != dict(other).get(name, 0) and name for name, _ in (*vector, *other)}
    pair = {name for name in kinds if isinstance(name, str)}
    if {"energy", "standard coal"} <= pair:
        return message("能量折标准煤要用折标准煤系数，并分当量值与等价值")
    if {"normal gas volume", "length"} <= pair:
        return message("工况体积与标准状态体积之间要有温度和压力")
    if {"mass", "normal gas volume"} <= pair or {"mass", "length"} <= pair:
        return message("质量与体积之间要有密度")
    if {"mass", "carbon dioxide"} <= pair or {"carbon", "carbon dioxide"} <= pair:
        return message("二氧化碳量要由排放因子或碳含量（44/12）求得")
    if {"mass", "standard coal"} <= pair or {"normal gas volume", "standard coal"} <= pair:
        return message("实物量折标准煤要用折标准煤系数")
    return None


# Scales whose zero is not the zero of the base unit: kelvin = size * value + offset.
_OFFSETS = {"K": Fraction(0), "degC": Fraction("273.15"), "degF": Fraction("459.67") * 5 / 9}


@lru_cache(maxsize=65536)
def factor(from_unit: str, to_unit: str) -> float:
    """Give the number by which an amount in one unit is multiplied to be in another; ``factor("t", "kg") == 1000.0``.

    Inside compounds a degree is a difference of temperature. Raises DimensionError for units of different dimension and
    for two temperature scales with different zero points (use ``convert``), UnknownName for an unknown unit.
    """
    one, two = canonical(from_unit), canonical(to_unit)
    if one != two and one in _OFFSETS and two in _OFFSETS:
        raise DimensionError(one, two, message("温标零点不同，须按数值换算"))
    above, below = _ratio(one, two)
    return above / below


def convert(value: float, from_unit: str, to_unit: str) -> float:
    """Express an amount in another unit; decimal factors stay exact (9 kg are 0.009 t). Raises as ``factor``."""
    if from_unit == to_unit:
        return value
    if from_unit in _OFFSETS or to_unit in _OFFSETS:
        return _convert_temperature(value, from_unit, to_unit)
    above, below = _ratio(from_unit, to_unit)
    return value * above / below


def _convert_temperature(value: float, from_unit: str, to_unit: str) -> float:
    one, two = canonical(from_unit), canonical(to_unit)
    above, below = _ratio(one, two)
    if one not in _OFFSETS or two not in _OFFSETS:
        return value * above / below
    kelvin = Fraction(str(value)) * _size(one)[0] + _OFFSETS[one]
    return float((kelvin - _OFFSETS[two]) / _size(two)[0])


# --- compounds -------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=16384)
def multiply(a: str, b: str) -> str:
    """Give the unit of a product, equal symbols cancelled: ``kWh`` x ``kgce/kWh`` -> ``kgce``. Raises UnknownName."""
    one, two = _parse(a), _parse(b)
    return _write(_simplify(one.above + two.above, one.below + two.below))


@lru_cache(maxsize=16384)
def divide(a: str, b: str) -> str:
    """Give the unit of a quotient, equal symbols cancelled: ``t`` / ``t`` -> ``1``. Raises UnknownName."""
    one, two = _parse(a), _parse(b)
    return _write(_simplify(one.above + two.below, one.below + two.above))


# --- pint ------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def registry() -> pint.UnitRegistry[Fraction]:
    """Give a pint registry that knows the same units with exact fractions; built once (about 0.3 s).

    Its names are those of ``pint_name``: for whoever wants quantities with units in a notebook, and the check of our
    table. Standard coal, carbon dioxide, money and the other dimensions of their own are there, too.
    """
    import pint

    known: pint.UnitRegistry[Fraction] = pint.UnitRegistry(non_int_type=Fraction)
    defined: set[str] = set()
    for found in SYMBOLS.values():
        for name, _ in found.vector:
            if name not in _SI_BASES and name not in defined:
                defined.add(name)
                known.define(f"{_pint_base(name)} = [{_pint_base(name)}_dimension]")
        if found.symbol not in _PINT_NAMES and found.symbol != DIMENSIONLESS:
            product = "*".join(f"{_SI_BASES.get(name, _pint_base(name))}**({power})" for name, power in found.vector)
            size = f"{found.size.numerator}/{found.size.denominator}"
            known.define(f"{pint_name(found.symbol)} = {size}*{product or '1'}")
    return known


# Symbols that pint knows by itself, under the name that it gives them: these are what a comparison can prove.
_PINT_NAMES: dict[str, str] = {
    **{symbol: symbol for symbol in ("kg", "g", "mg", "ug", "ng", "pg", "m", "km", "dm", "cm", "mm", "um", "ft")},
    **{symbol: symbol for symbol in ("s", "h", "J", "kJ", "MJ", "GJ", "TJ", "PJ", "Wh", "kWh", "MWh", "GWh", "TWh")},
    **{symbol: symbol for symbol in ("W", "kW", "MW", "GW", "Pa", "hPa", "kPa", "MPa", "bar", "mbar", "mPa", "psi")},
    **{symbol: symbol for symbol in ("L", "mL", "uL", "kL", "ML", "V", "kV", "mV", "kA", "mA", "mol", "mmol", "kmol")},
    "t": "tonne",
    "kt": "kilotonne",
    "Mt": "megatonne",
    "lb": "pound",
    "shortton": "short_ton",
    "in": "inch",
    "mi": "mile",
    "m2": "meter**2",
    "dm2": "decimeter**2",
    "cm2": "centimeter**2",
    "mm2": "millimeter**2",
    "km2": "kilometer**2",
    "ha": "hectare",
    "ft2": "foot**2",
    "m3": "meter**3",
    "dm3": "decimeter**3",
    "cm3": "centimeter**3",
    "ft3": "foot**3",
    "gal": "gallon",
    "bbl": "oil_barrel",
    "min": "minute",
    "d": "day",
    "week": "week",
    "hp": "horsepower",
    "atm": "standard_atmosphere",
    "K": "kelvin",
    "A": "ampere",
    "S": "siemens",
    "uS": "microsiemens",
    "mS": "millisiemens",
    "Bq": "becquerel",
    "kBq": "kilobecquerel",
    "deg": "degree",
}
_SI_BASES = {
    "mass": "kilogram",
    "length": "meter",
    "time": "second",
    "energy": "kilojoule",
    "pressure": "pascal",
    "temperature": "kelvin",
    "electric potential": "volt",
    "electric current": "ampere",
    "amount of substance": "mole",
    "conductance": "siemens",
    "radioactivity": "becquerel",
    "angle": "degree",
}


def _pint_base(dimension: str) -> str:
    return "unit_of_" + re.sub(r"\W+", "_", dimension).strip("_")


def pint_name(symbol: str) -> str:
    """Give the expression by which ``registry`` knows one symbol of ours. Raises UnknownName."""
    if symbol in RARE:
        return RARE[symbol].pint_name
    if symbol not in SYMBOLS:
        raise UnknownName(message("未知的单位"), symbol, _suggestions(symbol))
    spelled = {"%": "percent_fraction", "dB(A)": "decibel_a", DIMENSIONLESS: "dimensionless"}.get(symbol, symbol)
    return _PINT_NAMES.get(symbol, f"qy_{spelled}" if symbol != DIMENSIONLESS else spelled)


# --- showing and reading quantities ----------------------------------------------------------------------------------

_SCALE_ZH = {2: "百", 3: "千", 4: "万", 5: "十万", 6: "百万", 7: "千万", 8: "亿"}
_DIGITS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def display(unit: str) -> str:
    """Give a unit as a reader of the language in force sees it: ``万m³``, ``万元`` or ``10⁴ m³``, ``10⁴ CNY``.

    Dimensionless is the empty text. Raises UnknownName.
    """
    return _display(unit, current_language())


@dataclass(frozen=True, slots=True)
class UnitText:
    """A unit that is displayed when it is read: for messages that are kept (单位); ``none`` for dimensionless."""

    unit: str
    none: str = ""

    def __str__(self) -> str:
        return display(self.unit) or self.none


def quantity(value: str, unit: str) -> Message | str:
    """A number with its unit for a message that is kept: "0.404 kgce/kWh"; a dimensionless one stands alone."""
    return value if unit in ("", DIMENSIONLESS) else message("{value} {unit}", value=value, unit=UnitText(unit))


@lru_cache(maxsize=8192)
def _display(text: str, language: str) -> str:
    unit = _parse(text)
    above = "·".join(_display_factor(factor, language) for factor in unit.above)
    if not unit.below:
        return above
    below = "·".join(_display_factor(factor, language) for factor in unit.below)
    return f"{above or DIMENSIONLESS}/({below})" if len(unit.below) > 1 else f"{above or DIMENSIONLESS}/{below}"


def _display_factor(factor: Factor, language: str) -> str:
    scale, symbol = factor
    found = _definition(symbol)
    shown = found.zh if language == "zh" else found.en
    if symbol == DIMENSIONLESS:
        shown = ""
    if not scale:
        return shown
    if language == "zh" and scale in _SCALE_ZH:
        return f"{_SCALE_ZH[scale]}{shown}"
    return f"10{str(scale).translate(_DIGITS)} {shown}".strip()


_NUMBER = re.compile(
    r"\s*(?P<number>[+-]?(?:\d{1,3}(?:[ ,\u2009]\d{3})+(?![\d])|\d+)(?:\.\d+)?|[+-]?\.\d+)"
    r"(?P<power>\s*(?:[eE][+-]?\d+|[x*×]\s*10\^[+-]?\d+))?\s*"
)


def parse_quantity(text: str) -> tuple[float, str]:
    """Read a number with its unit: ``1 234.5 万kWh`` -> (1234.5, ``10^4 kWh``), ``３.５吨`` -> (3.5, ``t``).

    Thousands may be parted by blanks or commas; a number alone has the unit ``1``. Raises NotAQuantity where the text
    does not begin with a number and UnknownName for an unknown unit.
    """
    plain = _normalise(text)
    match = _NUMBER.match(plain)
    if match is None:
        raise NotAQuantity(text)
    number = float(re.sub(r"[ ,\u2009]", "", match["number"]))
    if match["power"]:
        power = re.sub(r"\s|^[x*×eE]", "", match["power"].strip()).removeprefix("10^")
        number = float(f"{match['number'].replace(' ', '').replace(',', '')}e{int(power)}")
    rest = plain[match.end() :]
    if rest[:1].isdigit() and not rest.startswith("10"):
        raise NotAQuantity(text)
    return number, canonical(rest)

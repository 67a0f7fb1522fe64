"""How a number is written (数值修约与书写): the one place where values become text, for both files and ``result.json``.

Rounding follows GB/T 8170-2008 (a five with nothing after it goes to the even digit), grouping GB/T 15835-2011
(a comma for every three digits of the integer part), in both languages.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Literal

from qingyuan.facts.model import State
from qingyuan.language import current_language, tr

SIGNIFICANT = 4  # digits of a computed figure where nothing else is asked
_TINY = Decimal("0.0001")  # below this a number is written as a power of ten
_HUGE = Decimal(10) ** 12
_ENTERED = Context(prec=12, rounding=ROUND_HALF_EVEN)  # what was entered, without the noise of binary floats
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_GASES = {"CO2": "CO₂", "CH4": "CH₄", "N2O": "N₂O", "SO2": "SO₂", "H2O": "H₂O", "O2": "O₂"}
_GAS = re.compile(r"CO2|CH4|N2O|SO2|H2O|O2")
_METRE = re.compile(r"(?<![A-Za-z])([kcdmhN]?m)([23])(?![0-9])")
_POWER = re.compile(r"\^\(?(-?\d+)\)?")
_MYRIAD_ZH = ((re.compile(r"(?:10\^8|1e8)\s*"), "亿"), (re.compile(r"(?:10\^4|1e4|10000)\s*"), "万"))
_MYRIAD_EN = re.compile(r"(?:1e)(\d)\s*")

Bound = Literal["", "<", "≤", ">", "≥"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number to be shown (数值): value and unit, and how many digits it deserves.

    ``digits`` = decimals; else ``significant`` digits (integers are never rounded away); ``exact`` = as entered.
    ``high`` makes an interval from ``value`` to ``high``. ``state`` other than ``value`` is shown in words.
    ``bound`` stands before the number; ``signed`` shows a plus.
    """

    value: float | Decimal | Fraction | None
    unit: str = ""
    digits: int | None = None
    significant: int | None = None
    exact: bool = False
    state: State = State.VALUE
    high: float | Decimal | Fraction | None = None
    bound: Bound = ""
    signed: bool = False


def format_number(number: Number) -> str:
    """Write a number without its unit, in the language in force.

    An empty, not applicable or undetected number is written in words; a value that is not finite as "无法计算".
    """
    if number.state is State.NOT_APPLICABLE:
        return tr("不适用")
    if number.state is State.BELOW_DETECTION:
        if number.value is None:
            return tr("未检出")
        return tr("未检出（<{limit}）").format(limit=_text(number, number.value))
    if number.state is State.EMPTY or number.value is None:
        return tr("未填")
    low = _text(number, number.value)
    if number.high is None:
        return f"{number.bound}{low}"
    high = _text(number, number.high)
    if low == high:
        return f"{number.bound}{low}"
    return f"{low}{'～' if current_language() == 'zh' else '–'}{high}"


def format_quantity(number: Number) -> str:
    """Write a number with its unit, in the language in force; a state in words has no unit."""
    text = format_number(number)
    if number.value is None or number.state in (State.NOT_APPLICABLE, State.EMPTY) or not _finite(number.value):
        return text
    return with_unit(text, number.unit)


def with_unit(text: str, unit: str) -> str:
    """Put a unit behind a number that is text already."""
    shown = unit_text(unit)
    if not shown:
        return text
    return f"{text}{shown}" if shown[0] in "%‰°" else f"{text}\N{NO-BREAK SPACE}{shown}"


def unit_text(unit: str) -> str:
    """Write a unit as printed: ``m3`` as m³, ``10^4 CNY`` as 万元 (Chinese) or 10⁴ CNY (English); "" for none."""
    text = unit.strip()
    if text in ("", "1", "dimensionless"):
        return ""
    text = text.replace("**", "^").replace("*", "·")
    if current_language() == "zh":
        for pattern, word in _MYRIAD_ZH:
            text = pattern.sub(word, text)
        text = re.sub(r"CNY|yuan|RMB", "元", text)
    else:
        text = _MYRIAD_EN.sub(r"10^\1 ", text)
        text = text.replace("万", "10^4 ").replace("亿", "10^8 ").replace("元", "CNY")
    text = _GAS.sub(lambda found: _GASES[found[0]], text)
    text = _METRE.sub(lambda found: found[1] + found[2].translate(_SUPERSCRIPT), text)
    return _POWER.sub(lambda found: found[1].translate(_SUPERSCRIPT), text).strip()


def rounded(value: float | Decimal | Fraction, *, digits: int) -> Decimal:
    """Round to ``digits`` decimals by GB/T 8170-2008 (half to even on the shortest decimal form of the value)."""
    return _decimal(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)


def _finite(value: float | Decimal | Fraction) -> bool:
    return isinstance(value, Fraction) or math.isfinite(value)


def _decimal(value: float | Decimal | Fraction) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, Fraction):
        return Decimal(value.numerator) / Decimal(value.denominator)
    return Decimal(repr(float(value)))


def _text(number: Number, value: float | Decimal | Fraction) -> str:
    if not _finite(value):
        return tr("无法计算")
    decimal = _decimal(value)
    size = abs(decimal)
    if number.exact:
        decimal = (+decimal.normalize(_ENTERED)) if decimal else Decimal(0)
        text = f"{decimal:f}" if _TINY <= size < _HUGE or not decimal else _scientific(decimal, None)
    elif number.digits is not None:
        text = f"{rounded(decimal, digits=number.digits):f}"
    elif size >= _HUGE or 0 < size < _TINY:
        text = _scientific(decimal, (number.significant or SIGNIFICANT) - 1)
    else:
        text = f"{_significant(decimal, number.significant or SIGNIFICANT):f}"
    if "×" not in text:
        text = _grouped(text)
    text = text.replace("-", "−")
    return f"+{text}" if number.signed and decimal > 0 else text


def _significant(decimal: Decimal, count: int) -> Decimal:
    if not decimal:
        return Decimal(0)
    decimals = max(0, count - 1 - decimal.adjusted())
    result = rounded(decimal, digits=decimals)
    if result.adjusted() > decimal.adjusted() and decimals:  # 9.9996 became 10.000: one digit too many
        result = rounded(decimal, digits=decimals - 1)
    return result


def _scientific(decimal: Decimal, digits: int | None) -> str:
    exponent = decimal.adjusted()
    mantissa = decimal.scaleb(-exponent)
    if digits is not None:
        mantissa = rounded(mantissa, digits=digits)
        if abs(mantissa) >= 10:
            exponent += 1
            mantissa = rounded(mantissa.scaleb(-1), digits=digits)
    else:
        mantissa = mantissa.normalize()
    return f"{mantissa:f}×10{str(exponent).translate(_SUPERSCRIPT)}"


def _grouped(text: str) -> str:
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    integer, point, fraction = digits.partition(".")
    groups = []
    while integer:
        groups.append(integer[-3:])
        integer = integer[:-3]
    return f"{sign}{','.join(reversed(groups))}{point}{fraction}"

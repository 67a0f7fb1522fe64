"""How a number is written (数值修约与书写): the one place where values become text, for both files and ``result.json``.

Rounding follows GB/T 8170-2008 (a five with nothing after it goes to the even digit), grouping GB/T 15835-2011
(a comma for every three digits of the integer part), in both languages.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Literal

from qingyuan import units
from qingyuan.errors import UnknownName
from qingyuan.facts.model import State
from qingyuan.figures.derivation import Figure
from qingyuan.language import current_language, tr

SIGNIFICANT = 4  # digits of a computed figure where nothing else is asked
_TINY = Decimal("0.0001")  # below this a number is written as a power of ten
_HUGE = Decimal(10) ** 12
_ENTERED = Context(prec=12, rounding=ROUND_HALF_EVEN)  # what was entered, without the noise of binary floats
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

Bound = Literal["", "<", "≤", ">", "≥"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number to be shown (数值): value and unit, and how many digits it deserves.

    ``digits`` = decimals; else ``significant`` digits (four; integers are never rounded away, no zeros at the end);
    ``exact`` = as entered.
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

    def __str__(self) -> str:
        """The number with its unit, in the language in force: a number may stand in a message."""
        return format_quantity(self)


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
    if text in ("", "1"):
        return ""
    try:
        return units.display(text)
    except UnknownName:  # a unit of the plant's own, as it was written
        return text


def figure_number(figure: Figure) -> Number:
    """A figure as a number to be shown, with its unit; a value known only as a bound says so."""
    term = figure.term
    bound: Bound = (
        "≤" if term.upper_bound and not term.lower_bound else "≥" if term.lower_bound and not term.upper_bound else ""
    )
    return Number(figure.value, figure.unit, bound=bound)


def figure_text(figure: Figure) -> str:
    """Write a figure's value without its unit, in the language in force."""
    return format_number(figure_number(figure))


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
    text = text.replace("-", "−") if text.strip("-0.,") else text.replace("-", "")
    return f"+{text}" if number.signed and decimal > 0 else text


def _significant(decimal: Decimal, count: int) -> Decimal:
    """Round to significant digits; zeros at the end of the decimals are dropped, integers stay whole."""
    if not decimal:
        return Decimal(0)
    decimals = max(0, count - 1 - decimal.adjusted())
    result = rounded(decimal, digits=decimals)
    return _stripped(result)


def _stripped(decimal: Decimal) -> Decimal:
    text = f"{decimal:f}"
    return Decimal(text.rstrip("0").rstrip(".")) if "." in text else decimal


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
    mantissa = _stripped(mantissa)
    return f"{mantissa:f}×10{str(exponent).translate(_SUPERSCRIPT)}"


def _grouped(text: str) -> str:
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    integer, point, fraction = digits.partition(".")
    groups = []
    while integer:
        groups.append(integer[-3:])
        integer = integer[:-3]
    return f"{sign}{','.join(reversed(groups))}{point}{fraction}"

"""Terms of a data frame expression that fold constants: yes/no, whole numbers that know their greatest value, words.

A term is a plain Python value where the plan alone decides it, and a Narwhals expression where the plant does; so a
table whose rows all apply becomes a short sum, and only what depends on the plant is computed by the engine.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from typing import Any

import narwhals as nw

from qingyuan.standards.answers import (
    _LEVEL_WORDS,
    _MISSING_WORDS,
    _NO_WORDS,
    _NONE_WORDS,
    _NOT_APPLICABLE_WORDS,
    _YES_WORDS,
)
from qingyuan.standards.columns.inputs import UNREADABLE, answer_code
from qingyuan.standards.columns.plan import Plan, PlanRow
from qingyuan.standards.formula import Formula, Node
from qingyuan.standards.model import Number

Logic = bool | nw.Expr

LARGEST_WHOLE = 2**63 - 1


# --- yes or no -------------------------------------------------------------------------------------------------------


def every(terms: Iterable[Logic]) -> Logic:
    """Whether all hold."""
    found: list[nw.Expr] = []
    for term in terms:
        if term is False:
            return False
        if not isinstance(term, bool):
            found.append(term)
    return reduce(lambda a, b: a & b, found) if found else True


def some(terms: Iterable[Logic]) -> Logic:
    """Whether any holds."""
    found: list[nw.Expr] = []
    for term in terms:
        if term is True:
            return True
        if not isinstance(term, bool):
            found.append(term)
    return reduce(lambda a, b: a | b, found) if found else False


def no(term: Logic) -> Logic:
    """Whether a term does not hold."""
    return not term if isinstance(term, bool) else ~term


def sure(expression: nw.Expr) -> nw.Expr:
    """A comparison in which nothing counts as no: NULL compared with anything is NULL."""
    return expression.fill_null(False)


# --- whole numbers ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from 0 to ``top``: known (an int) or of the plant (an Int64 expression)."""

    value: int | nw.Expr
    top: int

    @classmethod
    def known(cls, value: int) -> Whole:
        """A number that the plan knows."""
        return cls(value, value)

    @property
    def fits(self) -> bool:
        """Whether every value fits an Int64."""
        return self.top <= LARGEST_WHOLE

    def expression(self) -> nw.Expr:
        """The number as an expression."""
        return nw.lit(self.value, nw.Int64) if isinstance(self.value, int) else self.value

    def __mul__(self, other: Whole) -> Whole:
        if isinstance(self.value, int) and isinstance(other.value, int):
            return Whole.known(self.value * other.value)
        if isinstance(self.value, int):
            return other * self
        if isinstance(other.value, int):
            if other.value == 0:
                return other
            return self if other.value == 1 else Whole(self.value * other.value, self.top * other.value)
        return Whole(self.value * other.value, self.top * other.top)

    def __add__(self, other: Whole) -> Whole:
        return total((self, other))


ZERO, ONE = Whole.known(0), Whole.known(1)


def total(terms: Iterable[Whole]) -> Whole:
    """The sum of some numbers."""
    known, top = 0, 0
    found: list[nw.Expr] = []
    for term in terms:
        top += term.top
        if isinstance(term.value, int):
            known += term.value
        else:
            found.append(term.value)
    if not found:
        return Whole.known(known)
    if known:
        found.append(nw.lit(known, nw.Int64))
    return Whole(reduce(lambda a, b: a + b, found), top)


def product(terms: Iterable[Whole]) -> Whole:
    """The product of some numbers."""
    return reduce(lambda a, b: a * b, terms, ONE)


def times(weight: int, term: Logic) -> Whole:
    """A weight where a term holds, else 0."""
    if isinstance(term, bool) or weight == 0:
        return Whole.known(weight if term is True else 0)
    counted = term.cast(nw.Int64)
    return Whole(counted if weight == 1 else counted * weight, weight)


def at_least(a: Whole, b: Whole) -> Logic:
    """Whether ``a >= b``."""
    if isinstance(a.value, int) and isinstance(b.value, int):
        return a.value >= b.value
    return a.expression() >= b.value


# --- bounds as formulas ----------------------------------------------------------------------------------------------


def rational(number: Number) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A bound as a quotient of polynomials in n with whole coefficients, from the constant up.

    Whole numerators and denominators make the quotient the float64 nearest to the exact bound (a division is rounded
    once), so a value printed like the bound meets it.
    """
    if isinstance(number, Formula):
        top, bottom = _quotient(number.node)
    else:
        top, bottom = (number,), (Fraction(1),)
    scale = math.lcm(*(each.denominator for each in (*top, *bottom)))
    whole = [int(each * scale) for each in top], [int(each * scale) for each in bottom]
    shared = math.gcd(*whole[0], *whole[1]) or 1
    return tuple(each // shared for each in whole[0]), tuple(each // shared for each in whole[1])


_Polynomial = tuple[Fraction, ...]


def _quotient(node: Node) -> tuple[_Polynomial, _Polynomial]:
    one = (Fraction(1),)
    if isinstance(node, Fraction):
        return (node,), one
    if isinstance(node, str):
        return (Fraction(0), Fraction(1)), one
    operator, left, right = node
    (a, b), (c, d) = _quotient(left), _quotient(right)
    if operator == "*":
        return _times(a, c), _times(b, d)
    if operator == "/":
        return _times(a, d), _times(b, c)
    sign = Fraction(-1 if operator == "-" else 1)
    if b == d:
        return _plus(a, c, sign), b
    return _plus(_times(a, d), _times(c, b), sign), _times(b, d)


def _times(a: _Polynomial, b: _Polynomial) -> _Polynomial:
    found = [Fraction(0)] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            found[i + j] += x * y
    return tuple(found)


def _plus(a: _Polynomial, b: _Polynomial, sign: Fraction) -> _Polynomial:
    length = max(len(a), len(b))
    left, right = a + (Fraction(0),) * (length - len(a)), b + (Fraction(0),) * (length - len(b))
    return tuple(x + sign * y for x, y in zip(left, right, strict=True))


def polynomial(coefficients: tuple[int, ...], n: nw.Expr) -> nw.Expr | float:
    """The value of a polynomial at n, by Horner's rule; a float where it is constant."""
    value: nw.Expr | float = float(coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        value = n * value + float(coefficient)
    return value


def divided(a: nw.Expr, b: float) -> nw.Expr:
    """``a / b`` rounded once: engines turn a division by a constant into a product with its rounded inverse."""
    return a / (a * 0.0 + b)


# --- words -----------------------------------------------------------------------------------------------------------


def word_codes(row: PlanRow) -> dict[int, list[str]]:
    """The spellings of each answer to a qualitative row, in small letters: by code as in ``inputs``.

    Spellings are compared after stripping spaces and lowering capitals; an engine knows no more of them than this.
    """
    spellings = {word.lower() for word in _LEVEL_WORDS}
    romans = str.maketrans({"i": "ⅰ"})
    spellings |= {word.replace("iii", "ⅲ").replace("ii", "ⅱ").translate(romans) for word in spellings if "i" in word}
    spellings |= _NONE_WORDS | _YES_WORDS | _NO_WORDS | _NOT_APPLICABLE_WORDS | _MISSING_WORDS
    found: dict[int, list[str]] = {}
    for word in sorted(spellings):
        code = answer_code(row, word)
        if code != UNREADABLE:
            found.setdefault(code, []).append(word)
    return found


# --- rows and stages -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class RowTerms:
    """What one row is for each plant.

    ``away``: marked n/a; ``dropped``: takes no part for another reason; ``part``: carries weight; ``given``: answered;
    ``true``, ``false``: by level whether it is met, and whether it is missed (neither: unknown); ``lacks_n``,
    ``undefined``: no n, or an n without bounds; ``made``: amount of output behind the row.
    """

    row: PlanRow
    away: Logic = False
    dropped: Logic = False
    part: Logic = True
    given: Logic = False
    true: list[Logic] = field(default_factory=lambda: [False, False, False])
    false: list[Logic] = field(default_factory=lambda: [True, True, True])
    lacks_n: Logic = False
    undefined: Logic = False
    made: nw.Expr | None = None
    any_output: Logic = False

    def by_output(self, plan: Plan) -> bool:
        """Whether the row is in a block that is shared by output."""
        indicator = self.row.indicator
        if self.row.bonus or not indicator.block:
            return False
        return plan.table.group(indicator.group).block(indicator.block).share == "output"


class Stage:
    """A frame to which columns of terms are added in steps, so that no term is computed twice."""

    def __init__(self, frame: Any) -> None:
        self.frame = frame
        self.names = set(frame.collect_schema())
        self.pending: dict[str, nw.Expr] = {}
        self.count = 0

    def store(self, expression: nw.Expr) -> nw.Expr:
        """A column for an expression; it can be used after the next ``flush``."""
        name = f"__term_{self.count}"
        while name in self.names:
            self.count += 1
            name = f"__term_{self.count}"
        self.count += 1
        self.pending[name] = expression
        return nw.col(name)

    def keep(self, term: Logic) -> Logic:
        """A column for a term that depends on the plant."""
        return term if isinstance(term, bool) else self.store(term)

    def whole(self, number: Whole) -> Whole:
        """A column for a whole number that depends on the plant."""
        return number if isinstance(number.value, int) else Whole(self.store(number.value), number.top)

    def flush(self) -> None:
        """Add the columns kept since the last time."""
        if self.pending:
            self.frame = self.frame.with_columns(**self.pending)
            self.pending = {}

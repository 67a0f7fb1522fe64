"""How a number came about (推导): terms that carry value, unit, uncertainty and the tree of what they were made from.

A ``Term`` is a leaf (a fact, a coefficient, a constant) or the result of an operation on terms. Uncertainty is
propagated to first order: every term keeps its signed contribution of each independent source in ``spread``, so
that two numbers of one meter err together and a quotient of correlated numbers comes out right (JCGM 100:2008, 5.2).
Where every number below a term is a decimal as entered or printed, ``exact`` carries the result in decimals, so that
an amount that stands exactly at a legal limit is not moved off it by binary rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Context, Decimal
from typing import Literal

from qingyuan import units
from qingyuan.errors import Problem, QingyuanError
from qingyuan.facts.model import Basis, Fact
from qingyuan.language import Message, Name, Text, message
from qingyuan.reference.records import Coefficient, Grade, Validity, weakest

Operation = Literal["fact", "coefficient", "constant", "sum", "difference", "product", "quotient", "function", "named"]

# 当量值 and 等价值 of energy are two accounts of one thing; a sum of both is never meant.
EnergyValue = Literal["equivalent", "equal"]

# Digits kept in exact products and quotients: far above anything that a form or a standard prints.
_EXACT = Context(prec=60)
# A conversion factor with more digits than this is a rounded binary number and not a decimal by definition.
_FACTOR_DIGITS = 12


class MixedEnergyValues(QingyuanError):
    """Equivalent value (当量值) and equal value (等价值) of energy were about to be added."""


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """A number with its unit, its uncertainty and its derivation.

    ``spread`` maps an independent source of error to its signed contribution to the standard uncertainty, in ``unit``.
    ``exact`` holds the same value as a decimal, to sixty digits, where all numbers below are decimals; None otherwise.
    ``upper_bound`` marks a number that is only known to be at most so much (a result below detection counted at its
    limit), ``lower_bound`` one that is at least so much; bounds assume amounts that are not negative.
    ``covers`` names the part of the period that the number covers where that is not all of it (``""`` = all).
    Terms compare by identity: a part that is used twice is one part.
    """

    label: Text
    value: float
    unit: str
    operation: Operation = "constant"
    parts: tuple[Term, ...] = ()
    spread: Mapping[str, float] = field(default_factory=dict)
    fact: Fact | None = None
    coefficient: Coefficient | None = None
    energy_value: EnergyValue | None = None
    exact: Decimal | None = None
    upper_bound: bool = False
    lower_bound: bool = False
    covers: str = ""
    note: Text = ""

    @property
    def sd(self) -> float:
        """Standard uncertainty in ``unit``."""
        return math.hypot(*self.spread.values())

    @property
    def relative_sd(self) -> float:
        """Standard uncertainty as a fraction of the value; 0 where both are 0, infinite where only the value is."""
        if self.sd == 0:
            return 0.0
        return self.sd / abs(self.value) if self.value else math.inf

    @property
    def grade(self) -> Grade:
        """The weakest grade of the coefficients below this term."""
        return weakest(coefficient.grade for coefficient in self.coefficients())

    def walk(self) -> Iterator[Term]:
        """This term and all below it, each once, parents before parts."""
        seen: set[int] = set()
        stack = [self]
        while stack:
            term = stack.pop()
            if id(term) in seen:
                continue
            seen.add(id(term))
            yield term
            stack.extend(reversed(term.parts))

    def facts(self) -> tuple[Fact, ...]:
        """The facts at the leaves, each once, in the order of the tree."""
        return tuple(dict.fromkeys(term.fact for term in self.walk() if term.fact is not None))

    def coefficients(self) -> tuple[Coefficient, ...]:
        """The coefficients at the leaves, each once, in the order of the tree."""
        return tuple(dict.fromkeys(term.coefficient for term in self.walk() if term.coefficient is not None))

    def to(self, unit: str) -> Term:
        """The same term in another unit of the same dimension; raises ``units.DimensionError`` otherwise."""
        if unit == self.unit:
            return self
        ratio = units.factor(self.unit, unit)
        exact = None if self.exact is None else _scaled(self.exact, ratio)
        return replace(
            self,
            value=self.value * ratio if exact is None else float(exact),
            unit=unit,
            spread={source: part * ratio for source, part in self.spread.items()},
            exact=exact,
        )

    def named(self, label: Text, *, note: Text = "") -> Term:
        """The same number under a name of its own, as a node of the tree."""
        return replace(self, label=label, operation="named", parts=(self,), note=note, fact=None, coefficient=None)

    def as_energy(self, kind: EnergyValue) -> Term:
        """The same number marked as 当量值 or 等价值; raises ``MixedEnergyValues`` where it is marked as the other."""
        if self.energy_value not in (None, kind):
            raise MixedEnergyValues(message("当量值与等价值不能相互替代"))
        return replace(self, energy_value=kind)

    def __add__(self, other: Term) -> Term:
        return total((self, other))

    def __sub__(self, other: Term) -> Term:
        kind = _energy_value((self, other))
        right = other.to(self.unit)
        exact = None if self.exact is None or right.exact is None else _EXACT.subtract(self.exact, right.exact)
        return Term(
            label=message("差"),
            value=self.value - right.value if exact is None else float(exact),
            unit=self.unit,
            operation="difference",
            parts=(self, right),
            spread=_combine(((1.0, self.spread), (-1.0, right.spread))),
            energy_value=kind,
            exact=exact,
            upper_bound=self.upper_bound or other.lower_bound,
            lower_bound=self.lower_bound or other.upper_bound,
            covers=_covers((self, other)),
        )

    def __mul__(self, other: Term) -> Term:
        exact = None if self.exact is None or other.exact is None else _EXACT.multiply(self.exact, other.exact)
        return Term(
            label=message("积"),
            value=self.value * other.value if exact is None else float(exact),
            unit=units.multiply(self.unit, other.unit),
            operation="product",
            parts=(self, other),
            spread=_combine(((other.value, self.spread), (self.value, other.spread))),
            energy_value=_energy_value((self, other)),
            exact=exact,
            upper_bound=self.upper_bound or other.upper_bound,
            lower_bound=self.lower_bound or other.lower_bound,
            covers=_covers((self, other)),
        )

    def __truediv__(self, other: Term) -> Term:
        if other.value == 0:
            raise ZeroDivisionError(str(other.label))
        exact = None if self.exact is None or other.exact is None else _EXACT.divide(self.exact, other.exact)
        quotient = self.value / other.value if exact is None else float(exact)
        kind = _energy_value((self, other))
        return Term(
            label=message("商"),
            value=quotient,
            unit=units.divide(self.unit, other.unit),
            operation="quotient",
            parts=(self, other),
            spread=_combine(((1 / other.value, self.spread), (-quotient / other.value, other.spread))),
            # a share of one account is a plain number, an energy per tonne still belongs to its account
            energy_value=None if other.energy_value is not None else kind,
            exact=exact,
            upper_bound=self.upper_bound or other.lower_bound,
            lower_bound=self.lower_bound or other.upper_bound,
            covers=_covers((self, other)),
        )


def from_fact(fact: Fact, *, unit: str | None = None, assumed_relative: float | None = None) -> Term:
    """Make a leaf of a fact with a value, in its own unit or another one.

    Facts that come from one meter share one source of error (``error_source``); the others err each for itself.
    ``assumed_relative`` replaces the relative standard uncertainty (fraction). Raises ValueError for a fact without a
    value.
    """
    if fact.value is None:
        raise ValueError(f"fact without a value: {fact.item} {fact.period}")
    relative = fact.relative_uncertainty if assumed_relative is None else assumed_relative
    leaf = Term(
        label=fact.label or fact.item,
        value=fact.value,
        unit=fact.unit,
        operation="fact",
        spread={error_source(fact): relative * fact.value},
        fact=fact,
        exact=_decimal(fact.value),
    )
    return leaf if unit is None else leaf.to(unit)


# What stands behind these ways of knowing is an instrument that errs in one direction, month after month.
_INSTRUMENT = (Basis.METER, Basis.INVOICE, Basis.MONITORING_AUTO)


def error_source(fact: Fact) -> str:
    """The name of a fact's independent source of error: its meter, else the fact itself.

    A meter's error is systematic. So is that of a meter which nobody named: metered, billed or automatically monitored
    facts of one item, role and place err together over all periods, and twelve months are no surer than their year.
    The name is made of what the fact says and where it stands, so that it is the same in every run and process.
    """
    if fact.meter:
        return f"meter:{fact.plant}:{fact.meter}"
    if fact.basis in _INSTRUMENT:
        behind = (fact.plant, fact.place, fact.to_place, fact.item, fact.role, fact.product, fact.basis.value)
        return "instrument:" + "|".join(behind)
    where = fact.where
    stands = (where.file, where.sheet, "" if where.row is None else str(where.row), where.column, where.cell)
    says = (
        fact.plant, fact.period, fact.place, fact.to_place, fact.item, fact.role, fact.product, fact.label,
        fact.source, f"{fact.value!r} {fact.unit}",
    )  # fmt: skip
    return "fact:" + "|".join((*stands, *says))


def from_coefficient(coefficient: Coefficient) -> Term:
    """Make a leaf of a coefficient; all uses of one coefficient err together."""
    spread = (
        {f"coefficient:{coefficient.id}": coefficient.relative_uncertainty * coefficient.value}
        if coefficient.relative_uncertainty
        else {}
    )
    return Term(
        label=coefficient.name,
        value=coefficient.value,
        unit=coefficient.unit,
        operation="coefficient",
        spread=spread,
        coefficient=coefficient,
        exact=_decimal(coefficient.value),
    )


def constant(label: Text, value: float, unit: str) -> Term:
    """Make a leaf that is exact by definition (44/12, hours of a period)."""
    exact = Decimal(repr(float(value)))
    short = len(exact.normalize().as_tuple().digits) <= _FACTOR_DIGITS
    return Term(label=label, value=value, unit=unit, exact=exact if short else None)


def total(terms: Iterable[Term], *, label: Text | None = None, unit: str | None = None) -> Term:
    """Add terms of one dimension, in the unit of the first or in ``unit``.

    Raises ValueError for no terms, ``units.DimensionError`` for mixed dimensions and ``MixedEnergyValues`` where
    equivalent and equal values of energy meet.
    """
    parts = tuple(terms)
    if not parts:
        raise ValueError("a sum needs at least one term")
    kind = _energy_value(parts)
    target = unit or parts[0].unit
    converted = tuple(part.to(target) for part in parts)
    exact: Decimal | None = Decimal(0)
    for part in converted:
        exact = None if exact is None or part.exact is None else _EXACT.add(exact, part.exact)
    return Term(
        label=message("合计") if label is None else label,
        value=math.fsum(part.value for part in converted) if exact is None else float(exact),
        unit=target,
        operation="sum",
        parts=converted,
        spread=_combine((1.0, part.spread) for part in converted),
        energy_value=kind,
        exact=exact,
        upper_bound=any(part.upper_bound for part in parts),
        lower_bound=any(part.lower_bound for part in parts),
        covers=_covers(parts),
    )


def apply(
    label: Text,
    function: Callable[..., float],
    arguments: Sequence[Term],
    unit: str,
    *,
    note: Text = "",
) -> Term:
    """Apply a smooth function of plain numbers to terms; derivatives are taken by differences.

    The arguments' values are passed in their own units; ``unit`` is the unit of the result. A bound of an argument
    bounds the result from the side to which the function goes there. The difference is central,
    and one-sided where the function is not defined on one side. Raises what the function raises at the arguments
    themselves, and ValueError where it is defined on neither side of one.
    """
    values = [argument.value for argument in arguments]
    result = function(*values)
    slopes = {
        index: _derivative(function, values, index, result, argument.sd)
        for index, argument in enumerate(arguments)
        if any(argument.spread.values()) or argument.upper_bound or argument.lower_bound
    }
    weighted = [(slope, arguments[index].spread) for index, slope in slopes.items()]
    rising = [arguments[index] for index, slope in slopes.items() if slope > 0]
    falling = [arguments[index] for index, slope in slopes.items() if slope < 0]
    return Term(
        label=label,
        value=result,
        unit=unit,
        operation="function",
        parts=tuple(arguments),
        spread=_combine(weighted),
        energy_value=_energy_value(arguments),
        upper_bound=any(part.upper_bound for part in rising) or any(part.lower_bound for part in falling),
        lower_bound=any(part.lower_bound for part in rising) or any(part.upper_bound for part in falling),
        covers=_covers(arguments),
        note=note,
    )


def _derivative(function: Callable[..., float], values: Sequence[float], index: int, here: float, sd: float) -> float:
    # The best step of a central difference is about the cube root of the rounding error; at zero the standard
    # uncertainty is the only scale that there is.
    step = abs(values[index]) * 6e-6 or sd * 1e-3

    def shifted(by: float) -> float:
        moved = list(values)
        moved[index] += by
        try:
            answer = function(*moved)
        except (ValueError, ArithmeticError, QingyuanError):
            return math.nan
        return answer if math.isfinite(answer) else math.nan

    above, below = shifted(step), shifted(-step)
    if math.isfinite(above) and math.isfinite(below):
        return (above - below) / (2 * step)
    if math.isfinite(above):
        return (above - here) / step
    if math.isfinite(below):
        return (here - below) / step
    raise ValueError(f"no derivative at {values[index]!r}")


def _decimal(value: float) -> Decimal | None:
    """The shortest decimal that reads as this number: what was entered or printed."""
    return Decimal(repr(float(value))) if math.isfinite(value) else None


def _scaled(exact: Decimal, ratio: float) -> Decimal | None:
    """An exact number times a conversion factor; None where the factor is no short decimal (3.6 yes, 1/3.6 no)."""
    factor = Decimal(repr(float(ratio))).normalize()
    return _EXACT.multiply(exact, factor) if len(factor.as_tuple().digits) <= _FACTOR_DIGITS else None


def _combine(weighted: Iterable[tuple[float, Mapping[str, float]]]) -> dict[str, float]:
    spread: dict[str, float] = {}
    for weight, parts in weighted:
        for source, part in parts.items():
            spread[source] = spread.get(source, 0.0) + weight * part
    return spread


def _energy_value(terms: Iterable[Term]) -> EnergyValue | None:
    kinds = {term.energy_value for term in terms if term.energy_value is not None}
    if len(kinds) > 1:
        raise MixedEnergyValues(message("当量值与等价值不能相加"))
    return next(iter(kinds), None)


def _covers(terms: Iterable[Term]) -> str:
    """What a combination covers: the common part, or the parts side by side where they differ."""
    found = dict.fromkeys(term.covers for term in terms if term.operation not in ("constant", "coefficient"))
    if not any(found):
        return ""
    return " | ".join(cover or "*" for cover in found) if len(found) > 1 else next(iter(found))


ALWAYS = Validity()
NO_NAME = Name("")


@dataclass(frozen=True, slots=True)
class Method:
    """A named way of computing a figure (方法): formula, what its symbols mean, edition, validity, grade."""

    id: str
    name: Name
    formula: Text
    edition: str
    source: Text
    grade: Grade
    validity: Validity = ALWAYS
    note: Name = NO_NAME


@dataclass(frozen=True, slots=True)
class Figure:
    """A computed number (指标值): what, for which period, place and product, by which method, from which terms."""

    id: str
    name: Name
    period: str
    term: Term
    method: Method
    group: str = ""  # energy, water, materials, pollutants, carbon, money
    place: str = ""
    product: str = ""
    notes: tuple[Message, ...] = ()

    @property
    def key(self) -> str:
        """``id``, with ``@product``, ``:place`` and ``#period`` where they are set: unique inside one case."""
        return _key(self.id, self.product, self.place, self.period)

    @property
    def value(self) -> float:
        """The number, in ``unit``."""
        return self.term.value

    @property
    def unit(self) -> str:
        """The unit of ``value``."""
        return self.term.unit

    @property
    def sd(self) -> float:
        """Standard uncertainty in ``unit``."""
        return self.term.sd

    @property
    def grade(self) -> Grade:
        """The weakest grade of method and coefficients."""
        return weakest((self.method.grade, self.term.grade))


@dataclass(frozen=True, slots=True)
class MissingFigure:
    """A figure that could not be computed, and what it needs (缺失指标)."""

    id: str
    name: Name
    period: str
    needs: tuple[Message, ...]
    group: str = ""
    place: str = ""
    product: str = ""

    @property
    def key(self) -> str:
        """As ``Figure.key``."""
        return _key(self.id, self.product, self.place, self.period)


def _key(id: str, product: str, place: str, period: str) -> str:
    text = id
    if product:
        text += f"@{product}"
    if place:
        text += f":{place}"
    return f"{text}#{period}"


@dataclass(frozen=True, slots=True)
class FigureSet:
    """The figures of a case, those that are missing, and what was found wrong on the way."""

    figures: tuple[Figure, ...] = ()
    missing: tuple[MissingFigure, ...] = ()
    problems: tuple[Problem, ...] = ()

    def __add__(self, other: FigureSet) -> FigureSet:
        return FigureSet(self.figures + other.figures, self.missing + other.missing, self.problems + other.problems)

    def __iter__(self) -> Iterator[Figure]:
        return iter(self.figures)

    def __len__(self) -> int:
        return len(self.figures)

    def find(self, id: str, *, period: str = "", product: str = "", place: str = "") -> Figure | None:
        """The figure of this id, or None; an empty period means the latest one that has it."""
        matches = [
            figure
            for figure in self.figures
            if figure.id == id and figure.product == product and figure.place == place
            and (not period or figure.period == period)
        ]  # fmt: skip
        return max(matches, key=lambda figure: figure.period, default=None)

    def why_missing(self, id: str, *, period: str = "", product: str = "", place: str = "") -> MissingFigure | None:
        """What a figure that was not computed needs, or None; an empty period means the latest one."""
        matches = [
            gap
            for gap in self.missing
            if gap.id == id and gap.product == product and gap.place == place and (not period or gap.period == period)
        ]
        return max(matches, key=lambda gap: gap.period, default=None)

    def get(self, key: str) -> Figure | None:
        """The figure of a key as ``Figure.key`` gives it; without ``#period`` the latest one."""
        exact = next((figure for figure in self.figures if figure.key == key), None)
        if exact is not None or "#" in key:
            return exact
        matches = [figure for figure in self.figures if figure.key.rpartition("#")[0] == key]
        return max(matches, key=lambda figure: figure.period, default=None)

    def of_group(self, group: str) -> FigureSet:
        """The figures and gaps of one group (energy, water, materials, pollutants, carbon, money)."""
        return FigureSet(
            tuple(figure for figure in self.figures if figure.group == group),
            tuple(gap for gap in self.missing if gap.group == group),
        )

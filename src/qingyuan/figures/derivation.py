"""How a number came about (推导): terms that carry value, unit, uncertainty and the tree of what they were made from.

A ``Term`` is a leaf (a fact, a coefficient, a constant) or the result of an operation on terms. Uncertainty is
propagated to first order: every term keeps its signed contribution of each independent source in ``spread``, so
that two numbers of one meter err together and a quotient of correlated numbers comes out right (JCGM 100:2008, 5.2).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal

from qingyuan import units
from qingyuan.errors import QingyuanError
from qingyuan.facts.model import Fact
from qingyuan.language import Message, Name, message
from qingyuan.reference.records import Coefficient, Grade, Validity, weakest

Operation = Literal["fact", "coefficient", "constant", "sum", "difference", "product", "quotient", "function", "named"]

# 当量值 and 等价值 of energy are two accounts of one thing; a sum of both is never meant.
EnergyValue = Literal["equivalent", "equal"]


class MixedEnergyValues(QingyuanError):
    """Equivalent value (当量值) and equal value (等价值) of energy were about to be added."""


@dataclass(frozen=True, slots=True)
class Term:
    """A number with its unit, its uncertainty and its derivation.

    ``spread`` maps an independent source of error to its signed contribution to the standard uncertainty, in ``unit``.
    ``exact`` holds the same value as a decimal where a legal result turns on equality. ``upper_bound`` marks a number
    that is only known to be at most so much (a result below detection counted at its limit).
    """

    label: Message | Name | str
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
    note: Message | str = ""

    @property
    def sd(self) -> float:
        """Standard uncertainty in ``unit``."""
        return math.sqrt(math.fsum(part * part for part in self.spread.values()))

    @property
    def grade(self) -> Grade:
        """The weakest grade of the coefficients below this term."""
        return weakest(coefficient.grade for coefficient in self.coefficients())

    def walk(self) -> Iterator[Term]:
        """This term and all below it, parents first."""
        yield self
        for part in self.parts:
            yield from part.walk()

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
        return replace(
            self,
            value=self.value * ratio,
            unit=unit,
            spread={source: part * ratio for source, part in self.spread.items()},
            exact=None if self.exact is None else self.exact * Decimal(repr(ratio)),
        )

    def named(self, label: Message | Name | str, *, note: Message | str = "") -> Term:
        """The same number under a name of its own, as a node of the tree."""
        return replace(self, label=label, operation="named", parts=(self,), note=note, fact=None, coefficient=None)

    def __add__(self, other: Term) -> Term:
        return total((self, other))

    def __sub__(self, other: Term) -> Term:
        _same_energy_value((self, other))
        right = other.to(self.unit)
        return Term(
            label=message("差"),
            value=self.value - right.value,
            unit=self.unit,
            operation="difference",
            parts=(self, right),
            spread=_combine(((1.0, self.spread), (-1.0, right.spread))),
            energy_value=self.energy_value or other.energy_value,
        )

    def __mul__(self, other: Term) -> Term:
        return Term(
            label=message("积"),
            value=self.value * other.value,
            unit=units.multiply(self.unit, other.unit),
            operation="product",
            parts=(self, other),
            spread=_combine(((other.value, self.spread), (self.value, other.spread))),
            energy_value=self.energy_value or other.energy_value,
            upper_bound=self.upper_bound or other.upper_bound,
        )

    def __truediv__(self, other: Term) -> Term:
        if other.value == 0:
            raise ZeroDivisionError(str(other.label))
        quotient = self.value / other.value
        return Term(
            label=message("商"),
            value=quotient,
            unit=units.divide(self.unit, other.unit),
            operation="quotient",
            parts=(self, other),
            spread=_combine(((1 / other.value, self.spread), (-quotient / other.value, other.spread))),
            energy_value=self.energy_value,
            upper_bound=self.upper_bound,
        )


def from_fact(fact: Fact, *, unit: str | None = None, assumed_relative: float | None = None) -> Term:
    """Make a leaf of a fact with a value, in its own unit or another one.

    Facts that name the same meter share one source of error; the others err each for itself. Raises ValueError for a
    fact without a value.
    """
    if fact.value is None:
        raise ValueError(f"fact without a value: {fact.item} {fact.period}")
    relative = fact.relative_uncertainty if assumed_relative is None else assumed_relative
    source = f"meter:{fact.meter}" if fact.meter else f"fact:{id(fact)}:{fact.where}:{fact.item}:{fact.period}:{fact.place}"
    label = fact.label or fact.item
    leaf = Term(
        label=label,
        value=fact.value,
        unit=fact.unit,
        operation="fact",
        spread={source: relative * fact.value},
        fact=fact,
    )
    return leaf if unit is None else leaf.to(unit)


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
    )


def constant(label: Message | Name | str, value: float, unit: str) -> Term:
    """Make a leaf that is exact by definition (44/12, hours of a period)."""
    return Term(label=label, value=value, unit=unit)


def total(terms: Iterable[Term], *, label: Message | Name | str | None = None, unit: str | None = None) -> Term:
    """Add terms of one dimension, in the unit of the first or in ``unit``.

    Raises ValueError for no terms, ``units.DimensionError`` for mixed dimensions and ``MixedEnergyValues`` where
    equivalent and equal values of energy meet.
    """
    parts = tuple(terms)
    if not parts:
        raise ValueError("a sum needs at least one term")
    _same_energy_value(parts)
    target = unit or parts[0].unit
    converted = tuple(part.to(target) for part in parts)
    return Term(
        label=message("合计") if label is None else label,
        value=math.fsum(part.value for part in converted),
        unit=target,
        operation="sum",
        parts=converted,
        spread=_combine((1.0, part.spread) for part in converted),
        energy_value=next((part.energy_value for part in parts if part.energy_value), None),
        upper_bound=any(part.upper_bound for part in parts),
    )


def apply(
    label: Message | Name | str,
    function: Callable[..., float],
    arguments: Sequence[Term],
    unit: str,
    *,
    note: Message | str = "",
) -> Term:
    """Apply a smooth function of plain numbers to terms; derivatives are taken by central differences.

    The arguments' values are passed in their own units; ``unit`` is the unit of the result.
    """
    values = [argument.value for argument in arguments]
    result = function(*values)
    weighted: list[tuple[float, Mapping[str, float]]] = []
    for index, argument in enumerate(arguments):
        if not argument.spread:
            continue
        step = max(abs(values[index]) * 1e-6, 1e-9)
        above, below = list(values), list(values)
        above[index] += step
        below[index] -= step
        weighted.append(((function(*above) - function(*below)) / (2 * step), argument.spread))
    return Term(
        label=label,
        value=result,
        unit=unit,
        operation="function",
        parts=tuple(arguments),
        spread=_combine(weighted),
        note=note,
    )


def _combine(weighted: Iterable[tuple[float, Mapping[str, float]]]) -> dict[str, float]:
    spread: dict[str, float] = {}
    for weight, parts in weighted:
        for source, part in parts.items():
            spread[source] = spread.get(source, 0.0) + weight * part
    return spread


def _same_energy_value(terms: Iterable[Term]) -> None:
    kinds = {term.energy_value for term in terms if term.energy_value is not None}
    if len(kinds) > 1:
        raise MixedEnergyValues(message("当量值与等价值不能相加"))


@dataclass(frozen=True, slots=True)
class Method:
    """A named way of computing a figure (方法) with its edition, validity, grade and source."""

    id: str
    name: Name
    formula: str
    edition: str
    source: str
    grade: Grade
    validity: Validity = Validity()


@dataclass(frozen=True, slots=True)
class Figure:
    """A computed number (指标值): what it is, for which period, place and product, by which method, from which terms."""

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
        text = self.id
        if self.product:
            text += f"@{self.product}"
        if self.place:
            text += f":{self.place}"
        return f"{text}#{self.period}"

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


@dataclass(frozen=True, slots=True)
class FigureSet:
    """The figures of a case and those that are missing."""

    figures: tuple[Figure, ...]
    missing: tuple[MissingFigure, ...] = ()

    def __add__(self, other: FigureSet) -> FigureSet:
        return FigureSet(self.figures + other.figures, self.missing + other.missing)

    def find(self, id: str, *, period: str = "", product: str = "", place: str = "") -> Figure | None:
        """The figure of this id, or None; an empty period means the latest one that has it."""
        matches = [
            figure
            for figure in self.figures
            if figure.id == id and figure.product == product and figure.place == place
            and (not period or figure.period == period)
        ]
        return max(matches, key=lambda figure: figure.period, default=None)

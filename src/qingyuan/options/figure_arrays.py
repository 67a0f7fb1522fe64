"""Figures of one plant under thousands of option sets at once (成批指标): derivations evaluated as arrays.

The derivation of a figure is a tree of sums, products and quotients whose leaves are facts; with every fact's factor in
hand the tree gives the figure of each set. Two kinds are not compiled and have to be computed from the changed case:
trees with another function over changed facts, and taxes, whose relief goes in steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qingyuan import units
from qingyuan.figures.derivation import Figure, Term
from qingyuan.options.changed import Array, PlantModel, Rule, Sets, StreamState

# Figures that go in steps: which terms they have depends on the amounts themselves (relief below a part of the limit).
_STEPPED = ("environmental-tax", "tax-equivalents")


@dataclass(frozen=True, slots=True)
class _Node:
    """One step: ``operation`` on earlier steps, times ``scale`` (change of unit); a leaf has a rule or is constant."""

    operation: str
    parts: tuple[int, ...]
    value: float
    scale: float = 1.0
    rule: Rule | None = None


class FigureArrays:
    """Figures compiled against a plant model (成批指标); ``left_out``: keys of figures that could not be compiled."""

    def __init__(self, model: PlantModel, figures: Sequence[Figure]) -> None:
        self.model = model
        self._nodes: list[_Node] = []
        self._known: dict[int, int | None] = {}
        self._keep: list[Term] = []  # terms compare by identity: kept alive while their ids are used
        self._rules: dict[Rule, int] = {}
        compiled: list[tuple[Figure, int]] = []
        left: list[str] = []
        for figure in figures:
            at = None if figure.id.startswith(_STEPPED) else self._compile(figure.term)
            if at is None:
                left.append(figure.key)
            else:
                compiled.append((figure, at))
        self.figures = tuple(figure for figure, _ in compiled)
        self.left_out = tuple(left)
        self._roots = tuple(at for _, at in compiled)

    def values(self, sets: Sets, state: StreamState | None = None) -> Array:
        """The figures under sets of options (S x figures), in the units of the figures."""
        state = self.model.state(sets) if state is None else state
        count = len(state.after)
        factors: dict[Rule, Array] = {}
        results: list[Array | float] = []
        for node in self._nodes:
            if node.rule is not None:
                if node.rule.becomes is not None:
                    stream, factor = node.rule.becomes
                    results.append(state.after[:, stream] * (factor * node.scale))
                    continue
                if node.rule not in factors:
                    factors[node.rule] = state.factor(node.rule)
                results.append(node.value * factors[node.rule])
            elif not node.parts:
                results.append(node.value)
            else:
                results.append(_operate(node, [results[part] for part in node.parts]))
        found = np.empty((count, len(self._roots)))
        for column, at in enumerate(self._roots):
            found[:, column] = results[at]
        return found

    def _compile(self, term: Term) -> int | None:
        if id(term) in self._known:
            return self._known[id(term)]
        self._keep.append(term)
        at = self._node(term)
        self._known[id(term)] = at
        return at

    def _node(self, term: Term) -> int | None:
        if term.operation == "fact" and term.fact is not None:
            rule = self.model.rule(term.fact)
            if rule.idle:
                return self._push(_Node("constant", (), term.value))
            scale = term.value / term.fact.value if term.fact.value else _unit_scale(term)
            return self._push(_Node("fact", (), term.value, scale, rule))
        if not term.parts:
            return self._push(_Node("constant", (), term.value))
        parts = [self._compile(part) for part in term.parts]
        if any(part is None for part in parts):
            return None
        inner = [part for part in parts if part is not None]
        if all(self._nodes[part].operation == "constant" for part in inner):
            return self._push(_Node("constant", (), term.value))
        if term.operation == "function":
            return None
        before = _operate(_Node(term.operation, tuple(inner), 0.0), [part.value for part in term.parts])
        scale = term.value / float(before) if before else _node_scale(term)
        return self._push(_Node(term.operation, tuple(inner), term.value, scale))

    def _push(self, node: _Node) -> int:
        self._nodes.append(node)
        return len(self._nodes) - 1


def _unit_scale(term: Term) -> float:
    assert term.fact is not None
    return units.factor(term.fact.unit, term.unit)


def _node_scale(term: Term) -> float:
    """The change of unit of a step whose value is zero: from the unit of the operation to that of the term."""
    first = term.parts[0].unit
    if term.operation == "product":
        first = units.multiply(first, term.parts[1].unit)
    elif term.operation == "quotient":
        first = units.divide(first, term.parts[1].unit)
    try:
        return units.factor(first, term.unit)
    except units.DimensionError:
        return 1.0  # taken in another unit by a convention (1 t/m3 of water) that a zero does not show


def _operate(node: _Node, parts: Sequence[Array | float]) -> Array | float:
    first = parts[0]
    if node.operation == "sum":
        total: Array | float = first
        for part in parts[1:]:
            total = total + part
        return total * node.scale
    if node.operation == "difference":
        return (first - parts[1]) * node.scale
    if node.operation == "product":
        return first * parts[1] * node.scale
    if node.operation == "quotient":
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.divide(first, parts[1]) * node.scale
    return first * node.scale  # named

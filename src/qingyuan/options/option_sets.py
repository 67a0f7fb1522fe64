"""What a set of options brings together (方案组合的效果): each alone, first, last, and its share in the whole.

The game is the value of every subset with prerequisites respected (an option without its prerequisites does nothing).
The share is the mean of what an option adds over all orders of the set (Shapley value): exact for small sets, over a
sample of orders from a seed for large ones. Shares add up to the effect of the whole set.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from qingyuan.errors import InputError, Problem
from qingyuan.figures.derivation import Figure
from qingyuan.language import Text, message
from qingyuan.options.changed import Array, PlantModel, Sets
from qingyuan.options.figure_arrays import FigureArrays

# Sets of up to this many options that matter are averaged over all subsets (4 096 of them), larger ones sampled.
EXACT = 12
ORDERS = 500


@dataclass(frozen=True, slots=True)
class OptionEffect:
    """What one option changes in one quantity (单个方案的效果), in the quantity's unit; negative saves.

    ``claimed``: as stated, nothing considered; ``alone``: with only what it requires; ``first``: what it adds right
    after what it requires; ``last``: what it adds to all others (those that require it left out); ``share``: its part
    in the effect of the set, with ``share_sd`` where that was sampled.
    """

    option: str
    alone: float
    first: float
    last: float
    share: float
    share_sd: float = 0.0

    def as_json(self) -> dict[str, object]:
        """The effect as plain values."""
        return {
            "option": self.option, "alone": self.alone, "first": self.first, "last": self.last, "share": self.share,
            "share_sd": self.share_sd,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class QuantityEffect:
    """What a set changes in one quantity (组合效果): a stream or a figure before and after, and each option's part.

    ``sum_alone`` is what the options would bring if each were counted alone: the difference to ``change`` is what was
    counted twice. Options that do not touch the quantity are left out of ``options``.
    """

    id: str
    name: Text
    unit: str
    before: float
    after: float
    options: tuple[OptionEffect, ...]
    exact: bool

    @property
    def change(self) -> float:
        """After less before."""
        return self.after - self.before

    @property
    def sum_alone(self) -> float:
        """The sum of the options' effects alone."""
        return sum(option.alone for option in self.options)

    @property
    def saturated(self) -> bool:
        """Whether the options claim more than the stream holds: nothing is left and more was claimed."""
        return self.after == 0 and self.sum_alone < self.change

    def as_json(self) -> dict[str, object]:
        """The effects as plain values."""
        return {
            "id": self.id,
            "name": str(self.name),
            "unit": self.unit,
            "before": self.before,
            "after": self.after,
            "change": self.change,
            "sum_alone": self.sum_alone,
            "saturated": self.saturated,
            "exact": self.exact,
            "options": [option.as_json() for option in self.options],
        }


@dataclass(frozen=True, slots=True)
class SetEffects:
    """What a set of options brings (方案组合效果): streams, then figures; ``options`` are the ids of the set."""

    period: str
    options: tuple[str, ...]
    streams: tuple[QuantityEffect, ...]
    figures: tuple[QuantityEffect, ...]

    def quantity(self, id: str) -> QuantityEffect:
        """A stream by its key or a figure by its id (or key); raises KeyError."""
        for each in (*self.streams, *self.figures):
            if each.id == id or each.id.partition("#")[0] == id:
                return each
        raise KeyError(id)

    def as_json(self) -> dict[str, object]:
        """Everything as plain values."""
        return {
            "period": self.period,
            "options": list(self.options),
            "streams": [each.as_json() for each in self.streams],
            "figures": [each.as_json() for each in self.figures],
        }


def set_effects(
    model: PlantModel,
    chosen: Sequence[str] | None = None,
    figures: Sequence[Figure] = (),
    *,
    orders: int = ORDERS,
    seed: int = 1,
) -> SetEffects:
    """What a set of options changes in the streams and in figures, and each option's part.

    ``chosen``: ids (default: all options). ``figures``: figures of the model's case and period; those that do not
    change are left out. ``orders`` and ``seed`` for sets with more than 12 options that touch a quantity. Raises
    InputError where the set holds options that exclude each other, UnknownName for an unknown id.
    """
    ids = tuple(option.id for option in model.options) if chosen is None else tuple(dict.fromkeys(chosen))
    whole = model.sets([ids])
    if not model.allowed(whole)[0]:
        pairs = sorted({(id, other) for id in ids for other in model.options[model.index[id]].excludes if other in ids})
        problems = [
            Problem("options-exclude", message("方案 {a} 与方案 {b} 互相排斥，不能同时计算", a=a, b=b))
            for a, b in pairs
        ]
        raise InputError(problems)
    arrays = FigureArrays(model, figures)
    positions = [model.index[id] for id in ids]
    size = len(model.streams)
    touching = _touching(model, arrays, positions)
    streams: list[QuantityEffect] = []
    for at, stream in enumerate(model.streams):
        found = _shares(model, lambda sets, at=at: model.state(sets).after[:, at], touching[at], orders, seed)  # type: ignore[misc]
        if found is not None:
            streams.append(QuantityEffect(stream.key, stream.name, stream.unit, *found))
    changed: list[QuantityEffect] = []
    for at, figure in enumerate(arrays.figures):
        value = _figure_value(arrays, at)
        found = _shares(model, value, touching[size + at], orders, seed)
        if found is not None:
            changed.append(QuantityEffect(figure.key, figure.name, figure.unit, *found))
    return SetEffects(model.period, ids, tuple(streams), tuple(changed))


Value = Callable[[Sets], Array]


def _figure_value(arrays: FigureArrays, at: int) -> Value:
    one = FigureArrays(arrays.model, [arrays.figures[at]])
    return lambda sets: one.values(sets)[:, 0]


def _touching(model: PlantModel, arrays: FigureArrays, positions: Sequence[int]) -> list[list[int]]:
    """For each quantity the options of the set that can change it: those whose removal or presence matters anywhere."""
    count = len(positions)
    rows = np.zeros((2 * count + 2, len(model.options)), dtype=bool)
    rows[1, positions] = True
    for number, position in enumerate(positions):
        rows[2 + number, [position, *_needed(model, position)]] = True
        rows[2 + count + number, positions] = True
        rows[2 + count + number, position] = False
    state = model.state(rows)
    values = np.hstack([state.after, arrays.values(rows, state)])
    scale = 1e-12 * np.nanmax(np.abs(values), axis=0)
    with np.errstate(invalid="ignore"):
        alone = np.abs(values[2 : 2 + count] - values[0]) > scale
        last = np.abs(values[2 + count :] - values[1]) > scale
    stated: list[set[int]] = [set() for _ in range(values.shape[1])]
    for column in range(values.shape[1]):
        stated[column] = {positions[i] for i in range(count) if alone[i, column] or last[i, column]}
    return [sorted(each | {n for p in each for n in _needed(model, p) if n in positions}) for each in stated]


def _needed(model: PlantModel, position: int) -> list[int]:
    found: list[int] = []
    stack = [model.index[id] for id in model.options[position].requires]
    while stack:
        other = stack.pop()
        if other not in found:
            found.append(other)
            stack.extend(model.index[id] for id in model.options[other].requires)
    return found


def _dependents(model: PlantModel, position: int, among: Sequence[int]) -> list[int]:
    return [other for other in among if position in _needed(model, other)]


def _shares(
    model: PlantModel, value: Value, players: Sequence[int], orders: int, seed: int
) -> tuple[float, float, tuple[OptionEffect, ...], bool] | None:
    """Before, after, each option's effects, whether exact; None where no option touches the quantity."""
    if not players:
        return None
    count, width = len(players), len(model.options)
    rows = np.zeros((4 * count + 2, width), dtype=bool)
    rows[1, list(players)] = True
    for number, player in enumerate(players):
        needed = [other for other in _needed(model, player) if other in players]
        rows[2 + 4 * number, [*needed, player]] = True
        rows[3 + 4 * number, needed] = True
        others = [p for p in players if p not in _dependents(model, player, players)]
        rows[4 + 4 * number, others] = True
        rows[5 + 4 * number, [p for p in others if p != player]] = True
    found = value(rows)
    before, after = float(found[0]), float(found[1])
    exact = count <= EXACT
    shares, errors = _all_subsets(value, players, width) if exact else _sampled(value, players, width, orders, seed)
    effects = tuple(
        OptionEffect(
            model.options[player].id,
            float(found[2 + 4 * number] - found[0]),
            float(found[2 + 4 * number] - found[3 + 4 * number]),
            float(found[4 + 4 * number] - found[5 + 4 * number]),
            float(shares[number]),
            float(errors[number]),
        )
        for number, player in enumerate(players)
    )
    return before, after, effects, exact


def _all_subsets(value: Value, players: Sequence[int], width: int) -> tuple[Array, Array]:
    count = len(players)
    masks = np.arange(1 << count)
    inside: NDArray[np.bool_] = ((masks[:, None] >> np.arange(count)) & 1).astype(bool)
    rows = np.zeros((len(masks), width), dtype=bool)
    rows[:, list(players)] = inside
    values = value(rows)
    weights = np.array([1.0 / (count * comb(count - 1, size)) for size in range(count)])
    sizes = inside.sum(axis=1)
    shares = np.zeros(count)
    for number in range(count):
        without = ~inside[:, number]
        gains = values[masks[without] | (1 << number)] - values[without]
        shares[number] = float(np.sum(weights[sizes[without]] * gains))
    return shares, np.zeros(count)


def _sampled(value: Value, players: Sequence[int], width: int, orders: int, seed: int) -> tuple[Array, Array]:
    """The mean over sampled orders, each with its reverse (antithetic), and the standard error of the mean."""
    count = len(players)
    random = np.random.default_rng(seed)
    pairs = max(1, orders // 2)
    gains = np.zeros((pairs, count))
    positions = np.array(players)
    for pair in range(pairs):
        order = random.permutation(count)
        for one in (order, order[::-1]):
            rows = np.zeros((count + 1, width), dtype=bool)
            for step, player in enumerate(one):
                rows[step + 1] = rows[step]
                rows[step + 1, positions[player]] = True
            values = value(rows)
            gains[pair, one] += np.diff(values) / 2
    return gains.mean(axis=0), gains.std(axis=0, ddof=1) / np.sqrt(pairs) if pairs > 1 else np.zeros(count)

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

from qingyuan import units
from qingyuan.errors import InputError, Problem
from qingyuan.figures.derivation import Figure
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Message, Text, message
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

    ``sum_alone`` is what the options would bring if each were counted alone, an option that requires others without
    them: the difference to ``change`` is what was counted twice. Options that do not touch the quantity are left out of
    ``options``. ``overclaimed``: the amounts that the options state of a stream take more than there is of it.
    """

    id: str
    name: Text
    unit: str
    before: float
    after: float
    options: tuple[OptionEffect, ...]
    exact: bool
    overclaimed: bool = False

    @property
    def change(self) -> float:
        """After less before."""
        return self.after - self.before

    @property
    def sum_alone(self) -> float:
        """The sum of what each option alone adds to what it requires, so that no prerequisite counts twice."""
        return sum(option.first for option in self.options)

    @property
    def saturated(self) -> bool:
        """Whether the options claim more than the stream holds: as stated, or nothing is left and more was claimed."""
        return self.overclaimed or (self.after == 0 and self.sum_alone < self.change - 1e-9 * abs(self.before))

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
    """What a set of options brings (方案组合效果): streams, then figures; ``options`` are the ids of the set.

    ``warnings``: what cannot be after the set.
    """

    period: str
    options: tuple[str, ...]
    streams: tuple[QuantityEffect, ...]
    figures: tuple[QuantityEffect, ...]
    warnings: tuple[Message, ...] = ()

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
            "warnings": [str(text) for text in self.warnings],
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
    groups: dict[tuple[int, ...], list[int]] = {}
    for column, players in enumerate(touching):
        if players:
            groups.setdefault(tuple(players), []).append(column)
    working = model.at_work(whole)[0]
    found: dict[int, QuantityEffect] = {}
    for group, columns in groups.items():
        value = _values_of(model, arrays, columns)
        for column, parts in zip(columns, _shares(model, value, group, orders, seed), strict=True):
            if column < size:
                stream = model.streams[column]
                over = _overclaimed(model, column, working)
                found[column] = QuantityEffect(stream.key, stream.name, stream.unit, *parts, over)
            else:
                figure = arrays.figures[column - size]
                found[column] = QuantityEffect(figure.key, figure.name, figure.unit, *parts)
    streams = tuple(found[column] for column in sorted(found) if column < size)
    changed = tuple(found[column] for column in sorted(found) if column >= size)
    return SetEffects(model.period, ids, streams, changed, _warnings(model, ids))


# Above the noise of binary fractions.
_MORE_WATER = 1.0 + 1e-9


def _warnings(model: PlantModel, ids: Sequence[str]) -> tuple[Message, ...]:
    """What cannot be after a set: more waste water than water goes in, where it was not so before."""
    if not model.period or not any(set(stream.tops) & _WATERS for stream in model.streams):
        return ()
    before = _waters(model.ledger, model.period)
    after = _waters(Ledger(model.apply(ids), model.ledger.settings), model.period)
    if before is None or after is None:
        return ()
    if before[1] > before[0] * _MORE_WATER or after[1] <= after[0] * _MORE_WATER:
        return ()
    return (
        message(
            "方案后排出废水 {out} m3，多于取水 {taken} m3：节水方案的数不能都实现，或少写了随之减少的废水",
            out=f"{after[1]:.6g}", taken=f"{after[0]:.6g}",
        ),
    )  # fmt: skip


_WATERS = frozenset({"fresh-water", "wastewater", "process-wastewater"})


def _waters(ledger: Ledger, period: str) -> tuple[float, float] | None:
    """Water that goes in and waste water that leaves the site, m3; None where one of them is not known."""
    taken = ledger.amount("fresh-water", ("taken", "purchased", "consumed"), period)
    left = [
        term
        for item in ("wastewater", "process-wastewater")
        if (term := ledger.amount(item, ("discharged", "generated"), period)) is not None
    ]
    if taken is None or not left:
        return None
    try:
        return taken.to("m3").value, max(term.to("m3").value for term in left)
    except units.DimensionError:
        return None


def _overclaimed(model: PlantModel, stream: int, working: NDArray[np.bool_]) -> bool:
    """Whether the amounts that options at work state of a stream, added up as stated, take more than there is."""
    before = model.streams[stream].amount
    stated = sum(
        one.value for one in model.applied if one.stream == stream and one.kind == "absolute" and working[one.option]
    )
    return before + stated < -1e-9 * max(before, -stated)


Value = Callable[[Sets], Array]
Parts = tuple[float, float, tuple[OptionEffect, ...], bool]


def _values_of(model: PlantModel, arrays: FigureArrays, columns: Sequence[int]) -> Value:
    """Some quantities (streams first, then figures) as a function of sets: S x quantities."""
    size = len(model.streams)
    own = [column for column in columns if column < size]
    figures = FigureArrays(model, [arrays.figures[column - size] for column in columns if column >= size])

    def value(sets: Sets) -> Array:
        state = model.state(sets)
        if not figures.figures:
            return state.after[:, own]
        return np.hstack([state.after[:, own], figures.values(sets, state)])

    return value


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


def _shares(model: PlantModel, value: Value, players: Sequence[int], orders: int, seed: int) -> list[Parts]:
    """For each quantity that the same options touch: before, after, each option's effects, whether exact."""
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
    values = value(rows)
    exact = count <= EXACT
    shares, errors = _all_subsets(value, players, width) if exact else _sampled(value, players, width, orders, seed)
    found: list[Parts] = []
    for column in range(values.shape[1]):
        of = values[:, column]
        effects = tuple(
            OptionEffect(
                model.options[player].id,
                float(of[2 + 4 * number] - of[0]),
                float(of[2 + 4 * number] - of[3 + 4 * number]),
                float(of[4 + 4 * number] - of[5 + 4 * number]),
                float(shares[number, column]),
                float(errors[number, column]),
            )
            for number, player in enumerate(players)
        )
        found.append((float(of[0]), float(of[1]), effects, exact))
    return found


def _all_subsets(value: Value, players: Sequence[int], width: int) -> tuple[Array, Array]:
    count = len(players)
    masks = np.arange(1 << count)
    inside: NDArray[np.bool_] = ((masks[:, None] >> np.arange(count)) & 1).astype(bool)
    rows = np.zeros((len(masks), width), dtype=bool)
    rows[:, list(players)] = inside
    values = value(rows)
    weights = np.array([1.0 / (count * comb(count - 1, size)) for size in range(count)])
    sizes = inside.sum(axis=1)
    shares = np.zeros((count, values.shape[1]))
    for number in range(count):
        without = ~inside[:, number]
        gains = values[masks[without] | (1 << number)] - values[without]
        shares[number] = weights[sizes[without]] @ gains
    return shares, np.zeros_like(shares)


def _sampled(value: Value, players: Sequence[int], width: int, orders: int, seed: int) -> tuple[Array, Array]:
    """The mean over sampled orders, each with its reverse (antithetic), and the standard error of the mean."""
    count, positions = len(players), np.array(players)
    random = np.random.default_rng(seed)
    gains: list[Array] = []
    for _ in range(max(1, orders // 2)):
        order = random.permutation(count)
        rows = np.zeros((2, count + 1, width), dtype=bool)
        for half, one in enumerate((order, order[::-1])):
            for step, player in enumerate(one):
                rows[half, step + 1 :, positions[player]] = True
        values = value(rows.reshape(-1, width)).reshape(2, count + 1, -1)
        steps = np.diff(values, axis=1)
        mean = np.zeros((count, steps.shape[2]))
        mean[order] += steps[0] / 2
        mean[order[::-1]] += steps[1] / 2
        gains.append(mean)
    table = np.stack(gains)
    error = table.std(axis=0, ddof=1) / np.sqrt(len(table)) if len(table) > 1 else np.zeros(table.shape[1:])
    return table.mean(axis=0), error

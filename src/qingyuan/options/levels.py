"""Indicators under sets of options (方案后的指标): values, levels met and indices of thousands of sets at once.

A row's value comes from the plant's changed facts where a figure answers it, then from changes of the indicator itself;
an option may also answer a row by a level. Weights, bounds and the rule of a level are those of the score before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan.errors import InputError, Problem
from qingyuan.facts.model import Case, Profile
from qingyuan.figures.derivation import Figure
from qingyuan.language import message
from qingyuan.options.change import Change, Option
from qingyuan.options.changed import Array, PlantModel, Sets, compile_plant
from qingyuan.options.figure_arrays import FigureArrays
from qingyuan.standards.answers import Answer, read_answer
from qingyuan.standards.membership import memberships
from qingyuan.standards.model import LEVELS, Level, LevelRule
from qingyuan.standards.result import RowScore, Score
from qingyuan.standards.scoring import score as score_again

# What a stated effect is worth where it gives no range: the relative standard uncertainty of an estimate (facts.model).
EFFECT_UNCERTAINTY = 0.30


@dataclass(frozen=True, slots=True)
class Direct:
    """A change of an indicator's own value (直接改变): option by position, kind, number, bounds of the number."""

    option: int
    kind: str
    value: float
    bound: str = "max"
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that an option brings (方案后的判定): option by position, answer, levels it meets (I, II, III)."""

    option: int
    answer: object
    meets: tuple[bool, bool, bool]


@dataclass(frozen=True, slots=True)
class RowModel:
    """One row that options can change (可变指标): its score before, bounds by level, and what changes it.

    ``value``: the number before, NaN where there is none; ``column``: of the compiled figures, -1 without;
    ``uncertainty``: relative standard uncertainty of the value before.
    """

    row: RowScore
    value: float
    bounds: tuple[float | None, float | None, float | None]
    met: tuple[bool, bool, bool]
    column: int = -1
    direct: tuple[Direct, ...] = ()
    given: tuple[Given, ...] = ()
    uncertainty: float = 0.0

    @property
    def id(self) -> str:
        """The indicator's id."""
        return self.row.id

    @property
    def numeric(self) -> bool:
        """Whether the row has a value that can change."""
        return self.column >= 0 or (bool(self.direct) and not np.isnan(self.value))


class LevelModel:
    """A score and the options that may raise it (达级模型); made by ``level_model``."""

    def __init__(
        self,
        score: Score,
        plant: PlantModel,
        arrays: FigureArrays,
        rows: tuple[RowModel, ...],
        ignored: tuple[str, ...],
    ) -> None:
        self.score = score
        self.plant = plant
        self.options = plant.options
        self.arrays = arrays
        self.rows = rows
        self.ignored = ignored
        self.base = self.values(plant.sets([[]]))[0]

    # --- sets --------------------------------------------------------------------------------------------------------

    def values(
        self, sets: Sets, *, numbers: Array | None = None, direct: Array | None = None, errors: Array | None = None
    ) -> Array:
        """The rows' values under sets (S x rows), NaN for rows without a number.

        ``numbers`` and ``direct``: other numbers for the changes of facts and of indicators (for each, or S x each);
        ``errors``: factors of the values before (S x rows).
        """
        working = self.plant.at_work(sets)
        state = self.plant.state(sets, numbers)
        facts = self.arrays.values(sets, state) if self.arrays.figures else np.zeros((len(sets), 0))
        found = np.empty((len(sets), len(self.rows)))
        number = 0
        for at, row in enumerate(self.rows):
            value = facts[:, row.column].copy() if row.column >= 0 else np.full(len(sets), row.value)
            if errors is not None:
                value *= errors[:, at]
            amounts = [each.value if direct is None else direct[..., number + n] for n, each in enumerate(row.direct)]
            number += len(row.direct)
            found[:, at] = _directly(value, working, row.direct, amounts)
        return found

    def meets(self, values: Array, sets: Sets) -> NDArray[np.bool_]:
        """Which levels the rows meet (S x rows x 3)."""
        working = self.plant.at_work(sets)
        found = np.zeros((*values.shape, 3), dtype=bool)
        for at, row in enumerate(self.rows):
            for number in range(3):
                bound = row.bounds[number]
                if row.numeric and bound is not None:
                    found[:, at, number] = _meets(row.row, values[:, at], bound)
                    if LEVELS[number] in row.row.indicator.no_requirement:
                        found[:, at, number] = True
                else:
                    found[:, at, number] = row.met[number]
            for number in (1, 2):  # nested: whoever meets I meets II and III
                found[:, at, number] |= found[:, at, number - 1]
            for given in row.given:
                found[:, at, :] |= working[:, given.option, None] & np.array(given.meets)
        return found

    def index(self, meets: NDArray[np.bool_], level: Level) -> Array:
        """The index of a level in points of 100 (S), bonus points included, before any cap."""
        number = LEVELS.index(level)
        at_of = {row.id: at for at, row in enumerate(self.rows)}
        total = np.zeros(len(meets))
        for ids, points in pieces(self.score):
            every = np.ones(len(meets), dtype=bool)
            for id in ids:
                every &= meets[:, at_of[id], number] if id in at_of else self.score.row(id).membership[level] is True
            total += points * every
        return total

    def reached(self, meets: NDArray[np.bool_], level: Level) -> NDArray[np.bool_]:
        """Which sets meet every condition of a level (S)."""
        rule = rule_of(self.score, level)
        found: NDArray[np.bool_] = self.index(meets, level) >= float(rule.minimum) - 1e-9
        at_of = {row.id: at for at, row in enumerate(self.rows)}
        for id, required in required_rows(self.score, rule).items():
            if id in at_of:
                found &= meets[:, at_of[id], LEVELS.index(required)]
            elif self.score.row(id).membership[required] is not True:
                found &= False
        return found

    # --- one set -----------------------------------------------------------------------------------------------------

    def answers(self, chosen: Iterable[str]) -> dict[str, object]:
        """What the plant answers after a set of options: the answers before with those of the changed rows replaced."""
        sets = self.plant.sets([chosen])
        working = self.plant.at_work(sets)[0]
        values = self.values(sets)
        meets = self.meets(values, sets)[0]
        found = dict(self.score.values)
        for at, row in enumerate(self.rows):
            number = values[0, at]
            moved = not np.isnan(number) and abs(number - self.base[at]) > 1e-12 * abs(self.base[at])
            if row.numeric and moved:
                found[row.id] = float(number)
            for given in row.given:
                if working[given.option] and sum(given.meets) == int(meets[at].sum()):
                    by_number = row.numeric and all(
                        bound is not None and bool(_meets(row.row, values[:, at], bound)[0])
                        for bound, met in zip(row.bounds, given.meets, strict=True)
                        if met
                    )
                    if not by_number and sum(given.meets) > sum(row.met):
                        found[row.id] = given.answer
        return found

    def score_after(self, chosen: Iterable[str]) -> Score:
        """The plant scored again after a set of options, by the same rules as any plant."""
        return score_again(self.score.system, self.answers(chosen), self.score.parameters, self.score.table.id)


def _meets(row: RowScore, values: Array, bound: float) -> NDArray[np.bool_]:
    strict = row.indicator.strict
    # values equal to a bound up to rounding are at the bound, as printed decimals are
    slack = 1e-12 * max(1.0, abs(bound)) * (-1 if strict else 1)
    if row.indicator.better == "lower":
        found = values < bound + slack if strict else values <= bound + slack
    else:
        found = values > bound - slack if strict else values >= bound - slack
    return np.asarray(found & ~np.isnan(values))


def _directly(value: Array, working: Sets, changes: Sequence[Direct], amounts: Sequence[float | Array]) -> Array:
    for change, amount in zip(changes, amounts, strict=True):
        if change.kind == "absolute":
            value = value + np.where(working[:, change.option], amount, 0.0)
    for change, amount in zip(changes, amounts, strict=True):
        if change.kind == "relative":
            value = value * np.where(working[:, change.option], 1.0 + np.asarray(amount), 1.0)
    value = np.maximum(value, 0.0)
    for change, amount in zip(changes, amounts, strict=True):
        if change.kind == "level-after":
            better = np.minimum(value, amount) if change.bound == "max" else np.maximum(value, amount)
            value = np.where(working[:, change.option], better, value)
    return value


# --- the rule --------------------------------------------------------------------------------------------------------


def rule_of(score: Score, level: Level) -> LevelRule:
    """The rule of a level; raises InputError where the system's document was read without one, or has no levels."""
    rule = score.system.grading.rule(level) if score.system.scheme == "levels" else None
    if rule is None or not score.scored:
        text = message("“{title}”没有可用的定级条件，不能求达级路径", title=score.system.title)
        raise InputError([Problem("no-level-rule", text)])
    return rule


def required_rows(score: Score, rule: LevelRule) -> dict[str, Level]:
    """The rows that a level obliges whatever the index, with the level that each must meet."""
    found: dict[str, Level] = {}
    for row in score.rows:
        if row.bonus or not row.takes_part or row.met in ("n/a", "open"):
            continue
        required = rule.limiting if row.indicator.limiting else rule.others
        if required is not None:
            found[row.id] = required
    return found


def pieces(score: Score) -> list[tuple[tuple[str, ...], float]]:
    """The pieces of weight: rows that together earn points. A block of unknown split counts only where all its rows
    meet the level, so that a path holds whatever the split.
    """
    found: dict[tuple[str, ...], tuple[list[str], float]] = {}
    for row in score.rows:
        if not row.takes_part or row.met in ("n/a", "open"):
            continue
        key = (row.id,) if row.weight is not None else (row.indicator.group, row.indicator.block)
        points = float(100 * (row.weight if row.weight is not None else row.shared_weight))
        found.setdefault(key, ([], points))[0].append(row.id)
    return [(tuple(ids), points) for ids, points in found.values() if points > 0]


# --- making ----------------------------------------------------------------------------------------------------------


def level_model(
    score: Score,
    options: Sequence[Option],
    plant: PlantModel | None = None,
    figures: Mapping[str, Figure] | None = None,
) -> LevelModel:
    """What options do to the rows of a score.

    ``plant``: the options compiled against the plant's facts (without it only changes of indicators count);
    ``figures``: the figure that answers each row, by indicator id. ``ignored`` of the model says which changes name a
    row that is not in the table or does not apply. Raises InputError for an answer that the row cannot read.
    """
    plant = compile_plant(Case(Profile(), ()), options) if plant is None else plant
    linked = dict(figures or {})
    arrays = FigureArrays(plant, [linked[id] for id in linked])
    column_of = {figure.key: at for at, figure in enumerate(arrays.figures)}
    own: dict[str, list[tuple[int, Change]]] = {}
    for number, option in enumerate(plant.options):
        for change in option.changes:
            if change.indicator:
                own.setdefault(change.indicator, []).append((number, change))
    problems: list[Problem] = []
    rows: list[RowModel] = []
    for row in score.rows:
        figure = linked.get(row.id)
        column = -1 if figure is None else column_of.get(figure.key, -1)
        if row.met in ("n/a", "open") or (column < 0 and row.id not in own):
            continue
        rows.append(_row_model(row, column, figure, own.get(row.id, []), problems))
    known = {row.id for row in score.rows if row.met not in ("n/a", "open")}
    if problems:
        raise InputError(problems)
    return LevelModel(score, plant, arrays, tuple(rows), tuple(id for id in own if id not in known))


def _row_model(
    row: RowScore, column: int, figure: Figure | None, changes: Sequence[tuple[int, Change]], problems: list[Problem]
) -> RowModel:
    number = row.answer.number if row.answer.kind == "number" else None
    direct: list[Direct] = []
    given: list[Given] = []
    for option, change in changes:
        if change.kind == "answer":
            answer = read_answer(row.indicator, change.answer)
            if isinstance(answer, Problem):
                problems.append(answer)
            elif answer.given:
                given.append(Given(option, change.answer, _levels(row, answer)))
        else:
            bound = change.bound
            if change.kind == "level-after" and bound == "max" and row.indicator.better == "higher":
                bound = "min"
            direct.append(Direct(option, change.kind, change.central, bound, change.low, change.high))
    bounds = [None if bound is None else float(bound) for bound in row.bounds.values]
    met = [test is True for test in row.membership.values]
    return RowModel(
        row,
        float("nan") if number is None else float(number),
        (bounds[0], bounds[1], bounds[2]),
        (met[0], met[1], met[2]),
        column,
        tuple(direct),
        tuple(given),
        0.0 if figure is None else min(figure.term.relative_sd, 1.0),
    )


def _levels(row: RowScore, answer: Answer) -> tuple[bool, bool, bool]:
    tests, _ = memberships(row.indicator, answer, row.bounds, [])
    first, second, third = (test is True for test in tests.values)
    return first, second, third

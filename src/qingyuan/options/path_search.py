"""The search for the cheapest set that reaches a level (达级搜索): linear conditions, solving, recomputing, cutting.

See ``path`` for the idea; here a row's conditions become rows of the programme, and sets that miss are cut off.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan.language import Message, message
from qingyuan.options.change import exclusions
from qingyuan.options.changed import Array, Sets
from qingyuan.options.levels import LevelModel, pieces, required_rows, rule_of
from qingyuan.options.milp import INFINITY, Programme
from qingyuan.standards.model import LEVELS, Level

ROUNDS = 200  # of solving and cutting
_TRIED = 64  # random sets on which the form of a row is tried
_LINES = 4  # straight lines that stand for a logarithm


@dataclass(slots=True)
class Found:
    """What the search found: the options by position, whether that is proved, and the bound of the last programme."""

    chosen: NDArray[np.bool_] | None
    proved: bool
    exact: bool
    bound: float | None
    cuts: int


@dataclass(frozen=True, slots=True)
class Condition:
    """A linear condition for a row to meet a level: sum(a x) + b >= 0 in its own scale; ``exact`` or optimistic."""

    row: int
    level: int
    coefficients: Array
    constant: float


class Search:
    """Solves, recomputes, cuts, until a set holds in the true computation."""

    def __init__(
        self, model: LevelModel, level: Level, cost: Array, numbers: Array | None, direct: Array | None
    ) -> None:
        self.model, self.level, self.cost = model, level, cost
        self.numbers, self.direct = numbers, direct
        self.rule = rule_of(model.score, level)
        self.required = required_rows(model.score, self.rule)
        self.count = len(model.options)
        self.at_of = {row.id: at for at, row in enumerate(model.rows)}
        self._needed = [self._prerequisites(at) for at in range(self.count)]
        index, others = model.plant.index, exclusions(model.options)
        self._excluded = [[index[id] for id in others[option.id]] for option in model.options]
        self._probe()

    def _prerequisites(self, at: int) -> list[int]:
        index, found = self.model.plant.index, []
        stack = list(self.model.options[at].requires)
        while stack:
            other = index[stack.pop()]
            if other not in found:
                found.append(other)
                stack.extend(self.model.options[other].requires)
        return found

    def values(self, sets: Sets) -> Array:
        """The rows' values under sets, with the numbers of this search."""
        return self.model.values(sets, numbers=self.numbers, direct=self.direct)

    def meets(self, sets: Sets) -> NDArray[np.bool_]:
        """The levels met under sets, with the numbers of this search."""
        return self.model.meets(self.values(sets), sets)

    # --- what options do to rows -------------------------------------------------------------------------------------

    def _probe(self) -> None:
        """Each option's effect on each row, and whether effects add up, multiply, or do neither."""
        count, size = self.count, len(self.model.rows)
        rows = np.zeros((2 * count + 1, count), dtype=bool)
        for at in range(count):
            rows[1 + 2 * at, self._needed[at]] = True
            rows[2 + 2 * at, [*self._needed[at], at]] = True
        values = self.values(rows)
        self.base = values[0]
        before, after = values[1::2], values[2::2]
        self.gain = after - before  # options x rows
        with np.errstate(divide="ignore", invalid="ignore"):
            self.log_gain = np.log(after) - np.log(before)
            self.log_base = np.log(self.base)
        self._split(rows)
        random = np.random.default_rng(1)
        tried = random.random((_TRIED, count)) < random.random((_TRIED, 1))
        tried[0] = True
        tried = self.model.plant.at_work(tried)
        seen = self.values(tried)
        self.form: list[str] = []
        for at in range(size):
            row = self.model.rows[at]
            if not row.numeric:
                self.form.append("answers")
                continue
            scale = max(abs(self.base[at]), float(np.nanmax(np.abs(seen[:, at]), initial=1e-300)))
            added = self.base[at] + tried @ self.gain[:, at]
            with np.errstate(invalid="ignore", over="ignore"):
                logs = self.log_gain[:, at]
                multiplied = (
                    np.exp(self.log_base[at] + tried @ logs) if np.isfinite(logs).all() else np.full(_TRIED, np.nan)
                )
            if np.abs(added - seen[:, at]).max() <= 1e-9 * scale:
                self.form.append("sum")
            elif self._mixes(at, tried, seen[:, at], scale):
                self.form.append("mixed")
            elif np.isfinite(multiplied).all() and np.abs(multiplied - seen[:, at]).max() <= 1e-9 * scale:
                self.form.append("product")
            else:
                better = -1.0 if row.row.indicator.better == "lower" else 1.0
                optimistic = bool((better * (added - seen[:, at]) >= -1e-9 * scale).all())
                self.form.append("bound" if optimistic else "free")

    def _split(self, rows: Sets) -> None:
        """What each option adds to each row, and the logarithm of what it multiplies it by, apart."""
        plant, own = self.model.plant.applied, [each for row in self.model.rows for each in row.direct]
        numbers = np.array([each.value for each in plant]) if self.numbers is None else self.numbers
        direct = np.array([each.value for each in own]) if self.direct is None else self.direct
        adds = [np.array([each.kind == "absolute" for each in some], dtype=bool) for some in (plant, own)]
        times = [np.array([each.kind == "relative" for each in some], dtype=bool) for some in (plant, own)]
        only = [
            self.model.values(rows, numbers=np.where(kinds[0], numbers, 0.0), direct=np.where(kinds[1], direct, 0.0))
            for kinds in (adds, times)
        ]
        self.added = only[0][2::2] - only[0][1::2]
        with np.errstate(divide="ignore", invalid="ignore"):
            self.log_times = np.log(only[1][2::2]) - np.log(only[1][1::2])

    def _mixes(self, at: int, tried: Sets, seen: Array, scale: float) -> bool:
        """Whether a row is (before + what is added) times what it is multiplied by, on all sets that were tried."""
        if not np.isfinite(self.log_times[:, at]).all() or self.base[at] <= 0:
            return False
        if any(each.kind == "level-after" for each in self.model.rows[at].direct):
            return False
        sums = self.base[at] + tried @ self.added[:, at]
        if (sums <= 0).any():
            return False
        with np.errstate(over="ignore"):
            found = sums * np.exp(tried @ self.log_times[:, at])
        return bool(np.abs(found - seen).max() <= 1e-9 * scale)

    def _link_mixed(self, programme: Programme, x: NDArray[np.int64], own: int, at: int, number: int) -> None:
        """log(before + added) + log of factors against the log of the bound, by straight lines.

        Where more is better the tangents of the logarithm bound it from above: all of them must hold. Where less is
        better its chords bound it from below and one of them must hold. Both are optimistic; cuts do the rest.
        """
        row = self.model.rows[at]
        bound, added, factor = row.bounds[number], self.added[:, at], self.log_times[:, at]
        assert bound is not None
        answering = x[[given.option for given in row.given if given.meets[number]]]
        higher = row.row.indicator.better != "lower"
        cols = np.concatenate([x, [own], answering]).astype(np.int64)
        # beyond the bound itself (less what factors can take back) the lines need not go
        back = float(np.exp(-(np.minimum(factor, 0) if higher else np.maximum(factor, 0)).sum()))
        if higher:
            ends = (max(self.base[at] + np.minimum(added, 0).sum(), 1e-3 * self.base[at]), bound * back)
        else:
            ends = (bound * min(back, 1.0), self.base[at] + np.maximum(added, 0).sum())
        least, most = min(ends[0], ends[1] * (1 - 1e-6)), ends[1]
        points = np.geomspace(least, most, _LINES + 1)
        if higher:
            for point in points:
                slope, start = 1 / point, float(np.log(point / bound)) + (self.base[at] - point) / point
                self._when(programme, cols, slope * added + factor, start, len(answering))
            return
        slope = float(np.log(most / least) / (most - least))
        start = float(np.log(least / bound)) + slope * (self.base[at] - least)
        self._when(programme, cols, -(slope * added + factor), -start, len(answering))
        choose = programme.add_columns(np.zeros(_LINES))
        every = np.concatenate([[own], choose, answering])
        programme.add_rows(
            np.zeros(len(every)), every, np.concatenate([[1.0], -np.ones(len(every) - 1)]), count=1, upper=0.0
        )
        for one, left, right in zip(choose, points[:-1], points[1:], strict=True):
            slope = float(np.log(right / left) / (right - left))
            start = float(np.log(left / bound)) + slope * (self.base[at] - left)
            chord = np.concatenate([x, [one]]).astype(np.int64)
            self._when(programme, chord, -(slope * added + factor), -start, 0)

    @staticmethod
    def _when(programme: Programme, columns: NDArray[np.int64], a: Array, b: float, answering: int) -> None:
        """a x + b >= 0 where the column after x is 1 and none of those after it."""
        big = max(0.0, -(b + float(np.minimum(a, 0.0).sum())))
        values = np.concatenate([a, [-big], np.full(answering, big)])
        keep = values != 0
        programme.add_rows(
            np.zeros(int(keep.sum())), columns[keep], values[keep], count=1, lower=-b - big - 1e-9, upper=INFINITY
        )

    def _condition(self, at: int, number: int) -> Condition | None:
        row = self.model.rows[at]
        bound = row.bounds[number]
        if not row.numeric or bound is None or self.form[at] in ("free", "mixed"):
            return None
        sign = -1.0 if row.row.indicator.better == "lower" else 1.0
        if self.form[at] == "product" and bound > 0 and np.isfinite(self.log_base[at]):
            return Condition(at, number, sign * self.log_gain[:, at], sign * (self.log_base[at] - np.log(bound)))
        if self.form[at] == "product":
            return None
        scale = abs(bound) or 1.0
        return Condition(at, number, sign * self.gain[:, at] / scale, sign * (self.base[at] - bound) / scale)

    def affects(self, at: int) -> NDArray[np.bool_]:
        """The options that move a row, by number or by answer."""
        moved = np.abs(np.nan_to_num(self.gain[:, at])) > 1e-15
        for given in self.model.rows[at].given:
            moved[given.option] = True
        return moved

    def helps(self, at: int) -> NDArray[np.bool_]:
        """The options that move a row towards its levels."""
        better = -1.0 if self.model.rows[at].row.indicator.better == "lower" else 1.0
        found = better * np.nan_to_num(self.gain[:, at]) > 1e-15
        for given in self.model.rows[at].given:
            found[given.option] = True
        return found

    # --- impossible at once ------------------------------------------------------------------------------------------

    def impossible(self) -> tuple[Message, ...]:
        """Obliged rows that no option touches and that miss their level, and points that cannot be had."""
        score, found = self.model.score, []
        for id, required in self.required.items():
            row = score.row(id)
            if row.membership[required] is not True and id not in self.at_of and row.met == "no-data":
                found.append(
                    message("“{name}”没有数据，须先补上；它须达到{level}级", name=row.indicator.name, level=required)
                )
            elif row.membership[required] is not True and id not in self.at_of:
                found.append(
                    message("“{name}”须达到{level}级，没有方案能改变它", name=row.indicator.name, level=required)
                )
        number = LEVELS.index(self.level)
        most = sum(
            points
            for ids, points in pieces(score)
            if all(
                score.row(id).membership[self.level] is True
                or (id in self.at_of and self._could(self.at_of[id], number))
                for id in ids
            )
        )
        if most < float(self.rule.minimum) - 1e-9:
            found.append(
                message(
                    "所有方案一起最多 {most} 分，{level}级要 {minimum} 分",
                    most=f"{most:.4g}", level=self.level, minimum=f"{float(self.rule.minimum):g}",
                )
            )  # fmt: skip
        return tuple(found)

    def _could(self, at: int, number: int) -> bool:
        row = self.model.rows[at]
        if row.met[number] or any(given.meets[number] for given in row.given):
            return True
        return row.numeric and bool(self.helps(at).any())

    # --- solving -----------------------------------------------------------------------------------------------------

    def run(self, begun: float, seconds: float) -> Found:
        """Solve and cut until a set holds, none can, or ``seconds`` after ``begun`` (perf_counter) are over."""
        programme = Programme(maximise=False)
        spread = 1e-7 * max(1.0, float(np.abs(self.cost).max(initial=1.0)))
        x = programme.add_columns(self.cost + spread)
        z = self._rows(programme, x)
        self._sets(programme, x)
        exact, cuts, bound = True, 0, None
        for _ in range(ROUNDS):
            left = seconds - (time.perf_counter() - begun)
            answer = programme.solve(gap=1e-9, seconds=max(0.1, left)) if left > 0 else None
            if answer is None or not answer.solved:
                proved = answer is not None and answer.status == "infeasible"
                return Found(None if proved else self.thinned(), proved, exact, bound, cuts)
            bound = answer.bound
            chosen = answer.x[: self.count] > 0.5
            failed = self._failed(chosen, answer.x, z)
            if not failed and bool(self.model.reached(self.meets(chosen[None]), self.level)[0]):
                if self._holds(chosen):
                    return Found(chosen, answer.status == "optimal", exact, bound, cuts)
                failed = []
            if not failed:
                # the parts hold and the whole does not: a bound met only by rounding; this very set is left out
                signs = np.where(chosen, -1.0, 1.0)
                programme.add_rows(np.zeros(self.count), x, signs, count=1, lower=1.0 - chosen.sum())
                cuts += 1
                continue
            for at, number in failed:
                exact &= self._cut(programme, x, z[at, number], at, number, chosen)
                cuts += 1
        return Found(self.thinned(), False, exact, bound, cuts)

    def thinned(self) -> NDArray[np.bool_] | None:
        """A set that reaches the level, found by leaving out what is dear while it still does; None where none of a few
        starts does. Stands in where time ran out.
        """
        random = np.random.default_rng(1)
        best: NDArray[np.bool_] | None = None
        for _ in range(6):
            chosen = np.ones(self.count, dtype=bool)
            for at in random.permutation(self.count):
                if chosen[at]:
                    chosen[self._excluded[at]] = False
            chosen = self.model.plant.at_work(chosen[None])[0]
            if not self._reaches(chosen):
                continue
            order = np.argsort(-self.cost * random.uniform(0.7, 1.0, self.count))
            for at in order:
                if chosen[at]:
                    trial = chosen.copy()
                    trial[at] = False
                    trial = self.model.plant.at_work(trial[None])[0]
                    if self.cost[trial].sum() <= self.cost[chosen].sum() and self._reaches(trial):
                        chosen = trial
            if best is None or self.cost[chosen].sum() < self.cost[best].sum():
                best = chosen
        return best

    def _reaches(self, chosen: NDArray[np.bool_]) -> bool:
        return bool(self.model.reached(self.meets(chosen[None]), self.level)[0])

    def _holds(self, chosen: NDArray[np.bool_]) -> bool:
        """Whether the scoring of plants gives the level (or a better one) to the plant after the set."""
        if self.numbers is not None or self.direct is not None:
            return True  # careful numbers are checked by their own computation; the true ones are better
        after = self.model.score_after(self.model.options[at].id for at in np.flatnonzero(chosen))
        status = next(each for each in after.statuses if each.level == self.level)
        return status.met is True

    def _rows(self, programme: Programme, x: NDArray[np.int64]) -> dict[tuple[int, int], int]:
        """Rows of the level: the columns z and what they ask."""
        score, number = self.model.score, LEVELS.index(self.level)
        z: dict[tuple[int, int], int] = {}

        def column(id: str, at_level: int) -> int:
            key = (self.at_of[id], at_level)
            if key not in z:
                z[key] = int(programme.add_columns([0.0])[0])
            return z[key]

        fixed = 0.0
        earned: list[tuple[int, float]] = []
        for ids, points in pieces(score):
            inside = [id for id in ids if id in self.at_of]
            if any(id not in self.at_of and score.row(id).membership[self.level] is not True for id in ids):
                continue
            if not inside:
                fixed += points
            elif len(inside) == 1:
                earned.append((column(inside[0], number), points))
            else:
                whole = int(programme.add_columns([0.0])[0])
                for id in inside:
                    programme.add_rows([0, 0], [whole, column(id, number)], [1.0, -1.0], count=1, upper=0.0)
                earned.append((whole, points))
        needed = float(self.rule.minimum) - fixed
        if earned:
            columns, points_of = zip(*earned, strict=True)
            programme.add_rows(np.zeros(len(earned)), columns, points_of, count=1, lower=needed - 1e-7)
        for id, required in self.required.items():
            if id in self.at_of:
                programme.add_rows([0], [column(id, LEVELS.index(required))], [1.0], count=1, lower=1.0)
        for (at, at_level), own in z.items():
            self._link(programme, x, own, at, at_level)
        return z

    def _link(self, programme: Programme, x: NDArray[np.int64], own: int, at: int, number: int) -> None:
        """z = 1 only where a condition on x holds: by the value, or by an option's answer."""
        row = self.model.rows[at]
        answering = [given.option for given in row.given if given.meets[number]]
        if row.numeric and self.form[at] == "mixed" and (row.bounds[number] or 0.0) > 0:
            self._link_mixed(programme, x, own, at, number)
            return
        condition = self._condition(at, number)
        if condition is None:
            if row.numeric:
                return  # nothing is known in advance: cuts will tell
            if row.met[number]:
                return
            only = np.concatenate([[own], x[answering]])
            programme.add_rows(np.zeros(len(only)), only, [1.0] + [-1.0] * len(answering), count=1, upper=0.0)
            return
        # a x + b >= -slack where z = 1 and no answer is given; M (1 - z + answers) lifts it otherwise
        cols = np.concatenate([x, [own], x[answering]]).astype(np.int64)
        self._when(programme, cols, condition.coefficients, condition.constant, len(answering))

    def _sets(self, programme: Programme, x: NDArray[np.int64]) -> None:
        index = self.model.plant.index
        for at, option in enumerate(self.model.options):
            for other in option.requires:
                programme.add_rows([0, 0], [x[at], x[index[other]]], [1.0, -1.0], count=1, upper=0.0)
        for at, rivals in enumerate(self._excluded):
            for rival in rivals:
                if at < rival:
                    programme.add_rows([0, 0], [x[at], x[rival]], [1.0, 1.0], count=1, upper=1.0)

    def _failed(self, chosen: NDArray[np.bool_], x: Array, z: Mapping[tuple[int, int], int]) -> list[tuple[int, int]]:
        """The rows that the programme takes for met and that the true computation does not."""
        meets = self.meets(chosen[None])[0]
        return [(at, number) for (at, number), own in z.items() if x[own] > 0.5 and not meets[at, number]]

    def _cut(
        self, programme: Programme, x: NDArray[np.int64], own: int, at: int, number: int, chosen: NDArray[np.bool_]
    ) -> bool:
        """A row that a set misses is missed by every set with no more that helps and no less that harms.

        The set is first made as large as it can be while it still misses the row. Says whether that is certain: the
        row's form is one in which helping and harming do not depend on the rest.
        """
        helps, affects = self.helps(at), self.affects(at)
        harms = affects & ~helps
        largest = chosen & affects
        rest = [int(each) for each in np.flatnonzero(helps & ~chosen)]
        rest.sort(key=lambda each: abs(float(np.nan_to_num(self.gain[each, at]))))
        for each in rest:
            trial = largest.copy()
            trial[each] = True
            trial[self._needed[each]] = True
            if not self.meets(trial[None])[0, at, number]:
                largest = trial
        more = np.flatnonzero(helps & ~largest)
        less = np.flatnonzero(harms & largest)
        cols = np.concatenate([[own], x[more], x[less]]).astype(np.int64)
        values = np.concatenate([[1.0], -np.ones(len(more)), np.ones(len(less))])
        programme.add_rows(np.zeros(len(cols)), cols, values, count=1, upper=float(len(less)))
        return self.form[at] != "free"

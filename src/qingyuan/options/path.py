"""The cheapest way to a level (达级路径): options that bring a plant to level II or I, by mixed-integer programming.

Columns: x_j does option j, z_rk row r meets level k. The level asks sum(w_r z_rk) >= minimum and z of the obliged rows.
What a set does to a row enters as a linear condition: exactly where effects add up or multiply (in logarithms), as an
optimistic bound where they mix. Every answer is recomputed by the scoring of plants; a set that misses a row after all
gives a cut, and the search goes on. So the answer holds in the true computation, and its bound is proved where the
conditions are exact or optimistic on all sets that were tried.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingyuan.language import Message, Name, listing, message
from qingyuan.options.abatement import annuity
from qingyuan.options.change import exclusions
from qingyuan.options.changed import Array, Sets
from qingyuan.options.levels import EFFECT_UNCERTAINTY, LevelModel, pieces, required_rows, rule_of
from qingyuan.options.milp import INFINITY, Programme, Status
from qingyuan.options.portfolio import Budget, Group, Portfolio, PortfolioProblem, Project, optimise
from qingyuan.standards.model import LEVELS, Level
from qingyuan.standards.result import Met, Score

CostBasis: TypeAlias = Literal["investment", "net", "count"]

_ROUNDS = 200  # of solving and cutting
_TRIED = 64  # random sets on which the form of a row is tried
_LINES = 4  # straight lines that stand for a logarithm


@dataclass(frozen=True, slots=True)
class RowStep:
    """One row on the way (逐项说明): value and level before and after, what it adds, the options that move it."""

    id: str
    name: Name
    unit: str
    limiting: bool
    before: object
    after: object
    met_before: Met
    met_after: Met
    required: Level | None
    points: float
    options: tuple[str, ...]

    def text(self) -> Message:
        """The step in words."""
        moved = listing(self.options)
        if self.required is not None and self.limiting:
            return message(
                "限定性指标“{name}”由 {before} 到 {after}（{old} → {new}），方案 {options}",
                name=self.name, before=_shown(self.before), after=_shown(self.after), old=self.met_before,
                new=self.met_after, options=moved,
            )  # fmt: skip
        return message(
            "“{name}”由 {before} 到 {after}（{old} → {new}），指数增加 {points} 分，方案 {options}",
            name=self.name, before=_shown(self.before), after=_shown(self.after), old=self.met_before,
            new=self.met_after, points=f"{self.points:.4g}", options=moved,
        )  # fmt: skip

    def as_json(self) -> dict[str, object]:
        """The step as plain values."""
        return {
            "id": self.id,
            "name": str(self.name),
            "unit": self.unit,
            "limiting": self.limiting,
            "before": self.before,
            "after": self.after,
            "met_before": self.met_before,
            "met_after": self.met_after,
            "required": self.required,
            "points": self.points,
            "options": list(self.options),
            "text": str(self.text()),
        }


def _shown(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "—" if value is None else str(value)


@dataclass(frozen=True, slots=True)
class LevelPath:
    """The cheapest set that reaches a level (达级路径), or why there is none.

    ``cost`` and ``bound`` in 10^4 CNY (or in options where ``basis`` is count); ``gap`` relative; ``exact``: no
    row needed more than conditions that are exact or optimistic on all sets that were tried. ``certainty``: share of
    draws in which the level is reached, None where it was not asked for; ``certainty_before`` without any option.
    ``assumed_cost``: options whose cost is not known, with what was taken for each. ``score``: the plant scored after
    the set.
    """

    level: Level
    status: Status
    options: tuple[str, ...]
    basis: CostBasis
    cost: float | None
    bound: float | None
    gap: float | None
    exact: bool
    score: Score | None
    rows: tuple[RowStep, ...]
    certainty: float | None
    certainty_before: float | None
    assumed_cost: Mapping[str, float]
    reasons: tuple[Message, ...]
    cuts: int
    seconds: float

    def as_json(self) -> dict[str, object]:
        """The path as plain values with stable keys."""
        after = self.score
        return {
            "level": self.level,
            "status": self.status,
            "options": list(self.options),
            "cost_basis": self.basis,
            "cost": self.cost,
            "bound": self.bound,
            "gap": self.gap,
            "exact": self.exact,
            "reached": None if after is None else after.level,
            "Y": None if after is None else {name: interval.as_json() for name, interval in after.indices},
            "indicators": [row.as_json() for row in self.rows],
            "certainty": self.certainty,
            "certainty_before": self.certainty_before,
            "assumed_cost": dict(self.assumed_cost),
            "reasons": [str(reason) for reason in self.reasons],
            "cuts": self.cuts,
            "seconds": self.seconds,
        }


def find_path(
    model: LevelModel,
    level: Level,
    *,
    basis: CostBasis = "investment",
    costs: Mapping[str, float] | None = None,
    rate: float = 0.08,
    unknown_cost: float | None = None,
    draws: int = 2000,
    seed: int = 1,
    safety: float = 0.0,
    seconds: float = 60.0,
) -> LevelPath:
    """The cheapest set of options with which the plant meets a level.

    ``basis``: investment; net (investment by the annuity at ``rate`` over the life or 10 years, plus running cost,
    less saving); count (fewest options). ``costs`` replaces the cost of options by id. Options without a known cost
    take ``unknown_cost``, else the median of those that are known. ``draws``: for the certainty (0 = none).
    ``safety``: every effect counts with so many standard uncertainties less. ``seconds``: time limit. Raises InputError
    where the system has no rule for the level.
    """
    begun = time.perf_counter()
    rule_of(model.score, level)
    price, assumed = _costs(model, basis, costs or {}, rate, unknown_cost)
    numbers, direct = _careful(model, safety)
    search = _Search(model, level, price, numbers, direct)
    reasons = search.impossible()
    if reasons:
        return LevelPath(
            level, "infeasible", (), basis, None, None, None, True, None, (), None, None, {}, reasons, 0,
            time.perf_counter() - begun,
        )  # fmt: skip
    answer = search.run(begun, seconds)
    chosen = answer.chosen
    if chosen is None:
        status: Status = "infeasible" if answer.proved else "no-answer"
        text = message("没有一组方案能达到{level}级", level=level) if answer.proved else message("规定时间内没有找到")
        return LevelPath(
            level, status, (), basis, None, answer.bound, None, answer.exact, None, (), None, None, {}, (text,),
            answer.cuts, time.perf_counter() - begun,
        )  # fmt: skip
    ids = tuple(model.options[at].id for at in np.flatnonzero(chosen))
    after = model.score_after(ids)
    cost = float(price[chosen].sum())
    certain = certainty(model, ids, level, draws=draws, seed=seed) if draws else None
    before = certainty(model, (), level, draws=draws, seed=seed) if draws else None
    bound = cost if answer.proved and answer.exact else answer.bound
    gap = None if bound is None else abs(cost - bound) / max(abs(cost), 1e-12) if cost != bound else 0.0
    return LevelPath(
        level, "optimal" if answer.proved else "feasible", ids, basis, cost, bound, gap, answer.exact, after,
        _steps(model, level, ids, after), certain, before, {id: c for id, c in assumed.items() if id in ids}, (),
        answer.cuts, time.perf_counter() - begun,
    )  # fmt: skip


def _costs(
    model: LevelModel, basis: CostBasis, costs: Mapping[str, float], rate: float, unknown: float | None
) -> tuple[Array, dict[str, float]]:
    found: list[float | None] = []
    for option in model.options:
        if basis == "count":
            found.append(1.0)
        elif option.id in costs:
            found.append(costs[option.id])
        elif option.investment is None:
            found.append(None)
        elif basis == "investment":
            found.append(option.investment)
        else:
            yearly = option.annual_cost - (option.annual_saving or 0.0)
            found.append(option.investment * annuity(rate, option.life or 10.0) + yearly)
    known = [cost for cost in found if cost is not None]
    fallback = unknown if unknown is not None else float(np.median(known)) if known else 1.0
    assumed = {option.id: fallback for option, cost in zip(model.options, found, strict=True) if cost is None}
    return np.array([fallback if cost is None else cost for cost in found]), assumed


def _careful(model: LevelModel, safety: float) -> tuple[Array | None, Array | None]:
    """The numbers of changes with so many standard uncertainties less effect."""
    if safety == 0:
        return None, None
    facts = [_less(each.value, each.low, each.high, safety) for each in model.plant.applied]
    own = [_less(each.value, each.low, each.high, safety) for row in model.rows for each in row.direct]
    return np.array(facts), np.array(own)


def _less(value: float, low: float | None, high: float | None, safety: float) -> float:
    sd = (high - low) / 12**0.5 if low is not None and high is not None else EFFECT_UNCERTAINTY * abs(value)
    return float(np.sign(value) * max(0.0, abs(value) - safety * sd))


# --- the search ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Found:
    chosen: NDArray[np.bool_] | None
    proved: bool
    exact: bool
    bound: float | None
    cuts: int


@dataclass(frozen=True, slots=True)
class _Condition:
    """A linear condition for a row to meet a level: sum(a x) + b >= 0 in its own scale; ``exact`` or optimistic."""

    row: int
    level: int
    coefficients: Array
    constant: float


class _Search:
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
        return self.model.values(sets, numbers=self.numbers, direct=self.direct)

    def meets(self, sets: Sets) -> NDArray[np.bool_]:
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

    def _condition(self, at: int, number: int) -> _Condition | None:
        row = self.model.rows[at]
        bound = row.bounds[number]
        if not row.numeric or bound is None or self.form[at] in ("free", "mixed"):
            return None
        sign = -1.0 if row.row.indicator.better == "lower" else 1.0
        if self.form[at] == "product" and bound > 0 and np.isfinite(self.log_base[at]):
            return _Condition(at, number, sign * self.log_gain[:, at], sign * (self.log_base[at] - np.log(bound)))
        if self.form[at] == "product":
            return None
        scale = abs(bound) or 1.0
        return _Condition(at, number, sign * self.gain[:, at] / scale, sign * (self.base[at] - bound) / scale)

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

    def run(self, begun: float, seconds: float) -> _Found:
        programme = Programme(maximise=False)
        spread = 1e-7 * max(1.0, float(np.abs(self.cost).max(initial=1.0)))
        x = programme.add_columns(self.cost + spread)
        z = self._rows(programme, x)
        self._sets(programme, x)
        exact, cuts, bound = True, 0, None
        for _ in range(_ROUNDS):
            left = seconds - (time.perf_counter() - begun)
            answer = programme.solve(gap=1e-9, seconds=max(0.1, left)) if left > 0 else None
            if answer is None or not answer.solved:
                proved = answer is not None and answer.status == "infeasible"
                return _Found(None if proved else self.thinned(), proved, exact, bound, cuts)
            bound = answer.bound
            chosen = answer.x[: self.count] > 0.5
            failed = self._failed(chosen, answer.x, z)
            if not failed and bool(self.model.reached(self.meets(chosen[None]), self.level)[0]):
                if self._holds(chosen):
                    return _Found(chosen, answer.status == "optimal", exact, bound, cuts)
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
        return _Found(self.thinned(), False, exact, bound, cuts)

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


# --- explaining ------------------------------------------------------------------------------------------------------


def _steps(model: LevelModel, level: Level, chosen: Sequence[str], after: Score) -> tuple[RowStep, ...]:
    """The rows whose level or value changed, those that earn most first."""
    rule = rule_of(model.score, level)
    required = required_rows(model.score, rule)
    sets = model.plant.sets([chosen, *[[id for id in chosen if id != other] for other in chosen]])
    values = model.values(sets)
    meets = model.meets(values, sets)
    number = LEVELS.index(level)
    steps: list[RowStep] = []
    for at, row in enumerate(model.rows):
        old, new = row.row, after.row(row.id)
        if old.met == new.met and not _moved(model.base[at], values[0, at]):
            continue
        by = tuple(
            id
            for n, id in enumerate(chosen, start=1)
            if _moved(values[0, at], values[n, at]) or (meets[0, at] != meets[n, at]).any()
        )
        points = 0.0
        if bool(meets[0, at, number]) and not row.met[number]:
            points = float(100 * (old.weight if old.weight is not None else old.shared_weight))
        steps.append(
            RowStep(
                row.id, old.indicator.name, old.indicator.unit, old.indicator.limiting, old.answer.as_json(),
                new.answer.as_json(), old.met, new.met, required.get(row.id), points, by,
            )
        )  # fmt: skip
    steps.sort(key=lambda step: (not (step.limiting and step.required is not None), -step.points))
    return tuple(steps)


def _moved(before: float, after: float) -> bool:
    if np.isnan(before) or np.isnan(after):
        return bool(np.isnan(before) != np.isnan(after))
    return abs(after - before) > 1e-12 * max(abs(before), abs(after))


# --- certainty -------------------------------------------------------------------------------------------------------


def certainty(model: LevelModel, chosen: Sequence[str], level: Level, *, draws: int = 2000, seed: int = 1) -> float:
    """The share of draws in which a set reaches a level (达级把握).

    Effects are drawn from their range (uniform between both bounds), else normally with a relative standard uncertainty
    of 30 % and never with the other sign; values before from the uncertainty of their figures, each for itself. Answers
    by level are taken as certain.
    """
    random = np.random.default_rng(seed)
    sets = np.repeat(model.plant.sets([chosen]), draws, axis=0)
    facts = _draw([(c.value, c.low, c.high) for c in model.plant.applied], draws, random)
    own = _draw([(c.value, c.low, c.high) for row in model.rows for c in row.direct], draws, random)
    sd = np.array([row.uncertainty for row in model.rows])
    errors = np.maximum(1 + sd * random.standard_normal((draws, len(model.rows))), 0.0)
    values = model.values(sets, numbers=facts, direct=own, errors=errors)
    return float(model.reached(model.meets(values, sets), level).mean())


def _draw(
    numbers: Sequence[tuple[float, float | None, float | None]], draws: int, random: np.random.Generator
) -> Array:
    found = np.zeros((draws, len(numbers)))
    for at, (value, low, high) in enumerate(numbers):
        if low is not None and high is not None:
            found[:, at] = random.uniform(low, high, draws)
        else:
            drawn = value * (1 + EFFECT_UNCERTAINTY * random.standard_normal(draws))
            found[:, at] = np.where(drawn * value > 0, drawn, 0.0)
    return found


def path_with_certainty(
    model: LevelModel, level: Level, wanted: float, *, basis: CostBasis = "investment", seconds: float = 60.0
) -> LevelPath:
    """The cheapest path found that reaches the level with a wanted certainty (0-1).

    Effects count with 0, 0.5, 1 … 3 standard uncertainties less until the certainty is enough; the first set that is
    certain enough is the answer (not proved to be the cheapest such set). Where none is, the surest one.
    """
    best: LevelPath | None = None
    for step in range(7):
        path = find_path(model, level, basis=basis, safety=step / 2, seconds=seconds / 7)
        if path.certainty is None:
            break
        if best is None or (best.certainty or 0.0) < path.certainty:
            best = path
        if path.certainty >= wanted:
            break
    if best is None:
        return find_path(model, level, basis=basis, seconds=seconds)
    return best if best.certainty is None or best.certainty >= wanted else replace(
        best, reasons=(message("没有找到把握不低于 {wanted} 的组合", wanted=f"{wanted:.0%}"),)
    )  # fmt: skip


# --- over years ------------------------------------------------------------------------------------------------------


def plan_over_years(
    model: LevelModel,
    chosen: Sequence[str],
    *,
    years: int,
    budget: Sequence[float] = (),
    by: int | None = None,
    rate: float = 0.08,
    unknown_cost: float = 0.0,
) -> Portfolio:
    """When to do the options of a path (分年实施计划): all of them by the year ``by``, at the greatest present value.

    ``budget``: what may be invested in each year (10^4 CNY; what is left is there the year after); empty = no limit.
    """
    last = years if by is None else by
    ids = set(chosen)
    projects = tuple(
        Project(
            id=option.id,
            name=option.name,
            investment=option.investment if option.investment is not None else unknown_cost,
            annual_saving=option.annual_saving or 0.0,
            annual_cost=option.annual_cost,
            life=max(1, round(option.life or 10)),
            uses={"money": (option.investment if option.investment is not None else unknown_cost,)},
            requires=tuple(other for other in option.requires if other in ids),
            latest=last,
        )
        for option in model.options
        if option.id in ids
    )
    limits = (Budget("money", tuple(budget), carry_over=True),) if budget else ()
    every = (Group(tuple(project.id for project in projects), at_least=float(len(projects))),) if projects else ()
    return optimise(PortfolioProblem(projects, years, limits, groups=every, discount_rate=rate), relaxation=False)

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

from qingyuan.language import Message, Name, listing, message
from qingyuan.options.abatement import annuity
from qingyuan.options.changed import Array
from qingyuan.options.levels import EFFECT_UNCERTAINTY, LevelModel, required_rows, rule_of
from qingyuan.options.milp import Status
from qingyuan.options.path_search import Search
from qingyuan.options.portfolio import Budget, Group, Portfolio, PortfolioProblem, Project, optimise
from qingyuan.standards.model import LEVELS, Level
from qingyuan.standards.result import Met, Score

CostBasis: TypeAlias = Literal["investment", "net", "count"]


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
    search = Search(model, level, price, numbers, direct)
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

"""The best set of projects over years (方案组合优化): under budgets, staff, windows, exclusions, prerequisites.

One column for each project and year of start, x = 1 where it starts then (or 0..1 where fractions are allowed):

- maximise the present value, or minimise the net cost or the investment that reach targets;
- in every year the use of each resource stays within its limit (with what was left over, where it carries over);
- a project starts at most once, never beside one that excludes it, not before what it requires, and only where all
  that it uses falls into the years of the plan;
- targets: what the projects in work save in a year is at least so much.

Of equal choices that with the earlier starts is given: a start that could be earlier at the same value is moved. The
answer always comes with the bound that the solver proved and the gap to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qingyuan.errors import InputError, Problem, UnknownName
from qingyuan.language import message
from qingyuan.options.milp import INFINITY, Answer, Array, Programme, Status

Objective: TypeAlias = Literal["npv", "cost", "investment"]
OBJECTIVES: tuple[Objective, ...] = ("npv", "cost", "investment")


@dataclass(frozen=True, slots=True)
class Project:
    """A project to choose (备选项目). Money in one unit of your choice throughout (10^4 CNY by convention).

    ``value``: present value at its start; where it is None it follows from investment, saving and cost over ``life``.
    ``investment`` falls due in the year of start, savings and costs come at the end of that year and the following.
    ``uses``: resource -> amounts in the year of start and the years after it. ``results``: what it saves a year.
    ``earliest`` and ``latest`` bound the year of start (1 = first); ``shutdown``: only in a year with a shutdown.
    """

    id: str
    name: str = ""
    value: float | None = None
    investment: float = 0.0
    annual_saving: float = 0.0
    annual_cost: float = 0.0
    life: int = 10
    uses: Mapping[str, tuple[float, ...]] = None  # type: ignore[assignment]
    results: Mapping[str, float] = None  # type: ignore[assignment]
    requires: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    earliest: int = 1
    latest: int | None = None
    shutdown: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "uses", dict(self.uses or {}))
        object.__setattr__(self, "results", dict(self.results or {}))

    @property
    def paying_years(self) -> int:
        """How many years, from that of the start on, it uses a resource (占用资源的年数); 0 where it uses none."""
        return max(
            (offset + 1 for amounts in self.uses.values() for offset, amount in enumerate(amounts) if amount), default=0
        )

    def value_at(self, start: int, rate: float) -> float:
        """The present value (first year = now) of a start in a year, at a discount rate (fraction)."""
        if self.value is not None:
            own = self.value
        else:
            yearly = self.annual_saving - self.annual_cost
            factor = float(self.life) if rate == 0 else (1 - (1 + rate) ** -self.life) / rate
            own = yearly * factor - self.investment
        return float(own / (1 + rate) ** (start - 1))


@dataclass(frozen=True, slots=True)
class Budget:
    """What there is of a resource in each year (预算、人力); ``carry_over``: what is left is there the year after."""

    resource: str
    limits: tuple[float, ...]
    carry_over: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """At least so much of a result a year (最低目标), from ``year`` on (1 = first year)."""

    result: str
    minimum: float
    year: int = 1


@dataclass(frozen=True, slots=True)
class Group:
    """Projects of which at least and at most so many are done (成组约束)."""

    projects: tuple[str, ...]
    at_most: float | None = None
    at_least: float = 0.0


@dataclass(frozen=True, slots=True)
class PortfolioProblem:
    """A portfolio to be chosen (组合优化问题); ``years`` of planning; ``shutdown_years`` where there are windows.

    ``objective``: npv (maximise), cost (minimise net cost = -NPV), investment (minimise investment at present value).
    ``fractional``: parts of projects are allowed.
    """

    projects: tuple[Project, ...]
    years: int = 1
    budgets: tuple[Budget, ...] = ()
    targets: tuple[Target, ...] = ()
    groups: tuple[Group, ...] = ()
    discount_rate: float = 0.0
    objective: Objective = "npv"
    fractional: bool = False
    shutdown_years: tuple[int, ...] = ()

    def check(self) -> None:
        """Raise InputError with everything that is wrong: unknown ids, years out of range, resources without budget."""
        problems: list[Problem] = []
        ids = [project.id for project in self.projects]
        for id in sorted({id for id in ids if ids.count(id) > 1}):
            problems.append(Problem("project-twice", message("项目编号写了两次"), found=id))
        known = set(ids)
        for project in self.projects:
            for other in (*project.requires, *project.excludes):
                if other == project.id:
                    text = message("项目 {id} 要求或排斥它自己", id=project.id)
                    problems.append(Problem("project-itself", text, found=other))
                elif other not in known:
                    text = message("项目 {id} 所指的项目不存在", id=project.id)
                    problems.append(Problem("project-unknown", text, found=other))
            latest = self.years if project.latest is None else project.latest
            if not 1 <= project.earliest <= latest:
                text = message("项目 {id} 的最早与最晚开始年矛盾", id=project.id)
                problems.append(Problem("project-years", text, found=f"{project.earliest}-{latest}"))
            elif project.earliest - 1 + project.paying_years > self.years:
                text = message(
                    "项目 {id} 占用资源 {count} 年，最早从第 {year} 年开始也超出规划的 {years} 年",
                    id=project.id, count=project.paying_years, year=project.earliest, years=self.years,
                )  # fmt: skip
                problems.append(Problem("project-beyond-years", text))
        for group in self.groups:
            if not group.projects:
                problems.append(Problem("group-empty", message("成组约束没有项目")))
            problems += [
                Problem("project-unknown", message("成组约束所指的项目不存在"), found=id)
                for id in group.projects
                if id not in known
            ]
        for target in self.targets:
            if not any(target.result in project.results for project in self.projects):
                problems.append(Problem("target-unknown", message("没有项目带来目标所要的结果"), found=target.result))
            if not 1 <= target.year <= self.years:
                text = message("目标年应在 1 到 {years} 之间", years=self.years)
                problems.append(Problem("target-year", text, found=str(target.year)))
        for budget in self.budgets:
            if len(budget.limits) != self.years:
                text = message(
                    "{resource} 的限额应有 {years} 个（每年一个）", resource=budget.resource, years=self.years
                )
                problems.append(Problem("budget-years", text, found=str(len(budget.limits))))
            if any(not 0 <= limit < INFINITY for limit in budget.limits):
                text = message("{resource} 的限额应是不小于 0 的数", resource=budget.resource)
                problems.append(Problem("budget-limit", text, found=", ".join(f"{limit:g}" for limit in budget.limits)))
        if not -1 < self.discount_rate < INFINITY:
            problems.append(Problem("discount-rate", message("折现率应大于 -1"), found=str(self.discount_rate)))
        if problems:
            raise InputError(problems)


@dataclass(frozen=True, slots=True)
class Choice:
    """A project that was chosen: its year of start, the part of it (1 = whole), its present value."""

    project: str
    year: int
    part: float
    value: float
    investment: float

    def as_json(self) -> dict[str, object]:
        """The choice as plain values."""
        return {
            "project": self.project, "year": self.year, "part": self.part, "value": self.value,
            "investment": self.investment,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Relaxation:
    """The linear relaxation (线性松弛): its value, parts of projects, and shadow prices of budgets and targets.

    A shadow price is what one more unit of a resource (or one unit less of a target) would add to the objective.
    """

    value: float
    parts: Mapping[str, float]
    shadow_prices: Mapping[str, tuple[float, ...]]

    def as_json(self) -> dict[str, object]:
        """The relaxation as plain values."""
        return {
            "value": self.value,
            "parts": dict(self.parts),
            "shadow_prices": {key: list(prices) for key, prices in self.shadow_prices.items()},
        }


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The best portfolio found (优化组合): what is chosen when, with bound and gap.

    ``objective`` and ``bound`` are of the problem's objective; ``npv`` the present value of the choice, None
    without a choice; ``used`` and ``results`` by year. Where ``status`` is infeasible nothing is
    chosen and ``conflicts`` names what cannot be met.
    """

    status: Status
    objective: float | None
    bound: float | None
    gap: float | None
    choices: tuple[Choice, ...]
    npv: float | None
    used: Mapping[str, tuple[float, ...]]
    results: Mapping[str, tuple[float, ...]]
    relaxation: Relaxation | None
    seconds: float
    conflicts: tuple[str, ...] = ()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The ids of the chosen projects, in the order of the problem."""
        return tuple(dict.fromkeys(choice.project for choice in self.choices))

    def as_json(self) -> dict[str, object]:
        """The portfolio as plain values with stable keys."""
        return {
            "status": self.status,
            "objective": self.objective,
            "bound": self.bound,
            "gap": self.gap,
            "chosen": list(self.chosen),
            "choices": [choice.as_json() for choice in self.choices],
            "NPV": self.npv,
            "used": {key: list(amounts) for key, amounts in self.used.items()},
            "results": {key: list(amounts) for key, amounts in self.results.items()},
            "relaxation": None if self.relaxation is None else self.relaxation.as_json(),
            "conflicts": list(self.conflicts),
            "seconds": self.seconds,
        }


class _Columns:
    """The columns of a problem: project and year of each, and values by project."""

    def __init__(self, problem: PortfolioProblem) -> None:
        self.projects = problem.projects
        pairs = [
            (number, year)
            for number, project in enumerate(problem.projects)
            for year in range(project.earliest, min(problem.years, project.latest or problem.years) + 1)
            if not project.shutdown or not problem.shutdown_years or year in problem.shutdown_years
            if year - 1 + project.paying_years <= problem.years  # no payment falls out of the plan
        ]
        table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        self.project: NDArray[np.int64] = table[:, 0]
        self.year: NDArray[np.int64] = table[:, 1]
        rate = problem.discount_rate
        self.value = np.array([problem.projects[n].value_at(year, rate) for n, year in pairs])
        self.investment = np.array([problem.projects[n].investment / (1 + rate) ** (year - 1) for n, year in pairs])

    def objective(self, kind: Objective) -> Array:
        return {"npv": self.value, "cost": -self.value, "investment": self.investment}[kind]


def _programme(
    problem: PortfolioProblem, columns: _Columns
) -> tuple[Programme, dict[str, NDArray[np.int64]], dict[str, NDArray[np.int64]]]:
    """The programme with the rows of budgets and targets by name."""
    programme = Programme(maximise=problem.objective == "npv")
    count = len(columns.project)
    programme.add_columns(columns.objective(problem.objective), whole=not problem.fractional)
    every = np.arange(count)
    if problem.years > 1:
        programme.add_rows(columns.project, every, 1.0, count=len(problem.projects), upper=1.0)
    by_project = [every[columns.project == number] for number in range(len(problem.projects))]
    position = {project.id: number for number, project in enumerate(problem.projects)}
    _pairs(problem, programme, columns, by_project, position)
    for group in problem.groups:
        members = np.concatenate([by_project[position[id]] for id in group.projects])
        most = INFINITY if group.at_most is None else group.at_most
        programme.add_rows(np.zeros(len(members)), members, 1.0, count=1, lower=group.at_least, upper=most)
    budgets = {budget.resource: _budget_rows(problem, programme, columns, budget) for budget in problem.budgets}
    targets: dict[str, NDArray[np.int64]] = {}
    for number, target in enumerate(problem.targets):
        amounts = np.array([project.results.get(target.result, 0.0) for project in problem.projects])
        rows, cols, values = [], [], []
        for row, year in enumerate(range(target.year, problem.years + 1)):
            inside = _working(problem, columns, year)
            rows.append(np.full(len(inside), row))
            cols.append(inside)
            values.append(amounts[columns.project[inside]])
        targets[f"{target.result}#{number + 1}"] = programme.add_rows(
            np.concatenate(rows), np.concatenate(cols), np.concatenate(values),
            count=problem.years - target.year + 1, lower=target.minimum,
        )  # fmt: skip
    return programme, budgets, targets


def _working(problem: PortfolioProblem, columns: _Columns, year: int) -> NDArray[np.int64]:
    """The columns whose project is in work in a year: started, and not at the end of its life."""
    lives = np.array([project.life for project in problem.projects], dtype=np.int64)
    started = (columns.year <= year) & (year < columns.year + lives[columns.project])
    return np.flatnonzero(started)


def _pairs(
    problem: PortfolioProblem,
    programme: Programme,
    columns: _Columns,
    by_project: Sequence[NDArray[np.int64]],
    position: Mapping[str, int],
) -> None:
    seen: set[tuple[int, int]] = set()
    for number, project in enumerate(problem.projects):
        for id in project.excludes:
            other = position[id]
            pair = (min(number, other), max(number, other))
            if pair not in seen:
                seen.add(pair)
                both = np.concatenate([by_project[number], by_project[other]])
                programme.add_rows(np.zeros(len(both)), both, 1.0, count=1, upper=1.0)
        for id in project.requires:
            other = position[id]
            rows, cols, signs = [], [], []
            for row, year in enumerate(range(1, problem.years + 1)):
                mine = by_project[number][columns.year[by_project[number]] <= year]
                theirs = by_project[other][columns.year[by_project[other]] <= year]
                rows.append(np.full(len(mine) + len(theirs), row))
                cols.append(np.concatenate([mine, theirs]))
                signs.append(np.concatenate([np.ones(len(mine)), -np.ones(len(theirs))]))
            programme.add_rows(
                np.concatenate(rows), np.concatenate(cols), np.concatenate(signs), count=problem.years, upper=0.0
            )


def _budget_rows(
    problem: PortfolioProblem, programme: Programme, columns: _Columns, budget: Budget
) -> NDArray[np.int64]:
    use = _use_matrix(problem, columns, budget.resource)
    limits = np.array(budget.limits)
    if budget.carry_over:
        use, limits = np.cumsum(use, axis=0), np.cumsum(limits)
    rows, cols = np.nonzero(use)
    return programme.add_rows(rows, cols, use[rows, cols], count=problem.years, upper=limits)


def _use_matrix(problem: PortfolioProblem, columns: _Columns, resource: str) -> Array:
    """What each column uses of a resource in each year (years x columns)."""
    found = np.zeros((problem.years, len(columns.project)))
    for column, (number, year) in enumerate(zip(columns.project, columns.year, strict=True)):
        for offset, amount in enumerate(problem.projects[number].uses.get(resource, ())):
            if year - 1 + offset < problem.years:
                found[year - 1 + offset, column] += amount
    return found


def optimise(
    problem: PortfolioProblem, *, gap: float = 1e-6, seconds: float = 60.0, relaxation: bool = True
) -> Portfolio:
    """Choose the best portfolio.

    ``gap``: relative gap at which the search stops; ``seconds``: time limit of the search; ``relaxation``: also solve
    the linear relaxation for its value and shadow prices. Raises InputError with everything wrong in the problem.
    """
    problem.check()
    columns = _Columns(problem)
    programme, budgets, targets = _programme(problem, columns)
    if not len(columns.project):
        return _nothing(problem, programme)
    relaxed: Relaxation | None = None
    linear: Answer | None = None
    if relaxation or problem.fractional:
        linear = programme.solve(relaxed=True, seconds=seconds)
        if linear.solved and linear.objective is not None:
            relaxed = _relaxation(problem, columns, linear, budgets, targets)
    answer = linear if problem.fractional and linear is not None else programme.solve(gap=gap, seconds=seconds)
    if not answer.solved:
        conflicts = _conflicts(problem) if answer.status == "infeasible" else ()
        return Portfolio(answer.status, None, answer.bound, None, (), None, {}, {}, relaxed, answer.seconds, conflicts)
    if problem.years > 1:
        answer = replace(answer, x=_earliest(problem, columns, programme, answer.x))
    return _portfolio(problem, columns, answer, relaxed)


def _nothing(problem: PortfolioProblem, programme: Programme) -> Portfolio:
    """The answer where no project can start at all: nothing, or infeasible where something is asked for."""
    _, lower, upper = programme.matrix()
    if np.all(lower <= 0) and np.all(upper >= 0):
        return Portfolio("optimal", 0.0, 0.0, 0.0, (), 0.0, {}, {}, None, 0.0)
    asked = [*(t.result for t in problem.targets if t.minimum > 0)]
    asked += ["+".join(group.projects) for group in problem.groups if group.at_least > 0]
    return Portfolio("infeasible", None, None, None, (), None, {}, {}, None, 0.0, tuple(dict.fromkeys(asked)))


def _earliest(problem: PortfolioProblem, columns: _Columns, programme: Programme, x: Array) -> Array:
    """The same choice, each start moved to the earliest year that is worth exactly as much and keeps every limit."""
    worth = columns.objective(problem.objective)
    matrix, lower, upper = programme.matrix()
    x = x.copy()
    load = matrix @ x
    slack = 1e-9 * np.maximum(1.0, np.abs(load))
    of_project = np.searchsorted(columns.project, np.arange(len(problem.projects) + 1))
    moved = True
    while moved:
        moved = False
        for at in np.flatnonzero(x > 1e-9):
            first = of_project[columns.project[at]]
            for earlier in range(first, at):
                if abs(worth[earlier] - worth[at]) > 1e-12 * abs(worth[at]):
                    continue
                step = matrix[:, [earlier]] - matrix[:, [at]]
                rows = step.indices
                new = load[rows] + x[at] * step.data
                if np.all(new <= upper[rows] + slack[rows]) and np.all(new >= lower[rows] - slack[rows]):
                    load[rows] = new
                    x[earlier] += x[at]
                    x[at] = 0.0
                    moved = True
                    break
    return x


def _portfolio(problem: PortfolioProblem, columns: _Columns, answer: Answer, relaxed: Relaxation | None) -> Portfolio:
    part = np.where(np.abs(answer.x) < 1e-9, 0.0, answer.x)
    choices = tuple(
        Choice(
            problem.projects[columns.project[at]].id,
            int(columns.year[at]),
            float(part[at]),
            float(columns.value[at] * part[at]),
            float(problem.projects[columns.project[at]].investment * part[at]),
        )
        for at in np.flatnonzero(part)
    )
    resources = dict.fromkeys(key for project in problem.projects for key in project.uses)
    used = {key: tuple(float(v) for v in _use_matrix(problem, columns, key) @ part) for key in resources}
    names = dict.fromkeys(key for project in problem.projects for key in project.results)
    results: dict[str, tuple[float, ...]] = {}
    for key in names:
        amounts = np.array([project.results.get(key, 0.0) for project in problem.projects])
        by_year = []
        for year in range(1, problem.years + 1):
            inside = _working(problem, columns, year)
            by_year.append(float(amounts[columns.project[inside]] @ part[inside]))
        results[key] = tuple(by_year)
    npv = float(columns.value @ part)
    return Portfolio(
        answer.status, answer.objective, answer.bound, answer.gap, choices, npv, used, results, relaxed, answer.seconds
    )


def _relaxation(
    problem: PortfolioProblem,
    columns: _Columns,
    answer: Answer,
    budgets: Mapping[str, NDArray[np.int64]],
    targets: Mapping[str, NDArray[np.int64]],
) -> Relaxation:
    parts = np.bincount(columns.project, weights=answer.x, minlength=len(problem.projects))
    prices: dict[str, tuple[float, ...]] = {}
    for named in (budgets, targets):
        for key, rows in named.items():
            prices[key] = tuple(float(price) for price in answer.duals[rows])
    named_parts = {
        project.id: float(part) for project, part in zip(problem.projects, parts, strict=True) if part > 1e-9
    }
    return Relaxation(answer.objective or 0.0, named_parts, prices)


def _conflicts(problem: PortfolioProblem) -> tuple[str, ...]:
    """Which targets and groups, each alone, cannot be met; where each alone can be, all of them together cannot."""
    alone: list[str] = []
    for target in problem.targets:
        one = replace(problem, targets=(target,), groups=())
        if _infeasible(one):
            alone.append(target.result)
    for group in problem.groups:
        one = replace(problem, targets=(), groups=(group,))
        if _infeasible(one):
            alone.append("+".join(group.projects))
    if alone:
        return tuple(dict.fromkeys(alone))
    return tuple(dict.fromkeys(target.result for target in problem.targets))


def _infeasible(problem: PortfolioProblem) -> bool:
    return _programme(problem, _Columns(problem))[0].solve(seconds=10.0, gap=1.0).status == "infeasible"


@dataclass(frozen=True, slots=True)
class FrontPoint:
    """One point of the Pareto front (帕累托前沿): what is reached of a result in the last year, and at which value."""

    result: float
    portfolio: Portfolio


def pareto_front(
    problem: PortfolioProblem, result: str, *, points: int = 11, gap: float = 1e-4, seconds: float = 60.0
) -> tuple[FrontPoint, ...]:
    """Optimal portfolios between the best value and the most of a result in the last year.

    The best value is found first, then the most that is possible, then the best value for ``points`` minima between;
    dominated points are dropped. ``seconds`` for the whole curve. Raises InputError, UnknownName for a result that no
    project has.
    """
    names = dict.fromkeys(key for project in problem.projects for key in project.results)
    if result not in names:
        raise UnknownName(message("没有项目带来这一结果"), result, names)
    each = seconds / (points + 2)
    best = optimise(problem, gap=gap, seconds=each, relaxation=False)
    if best.status not in ("optimal", "feasible"):
        return ()
    columns = _Columns(problem)
    amounts = np.array([project.results.get(result, 0.0) for project in problem.projects])
    working = np.zeros(len(columns.project))
    working[_working(problem, columns, problem.years)] = 1.0
    most = _most(problem, columns, amounts[columns.project] * working, each)
    low = best.results.get(result, (0.0,))[-1]
    found = [FrontPoint(low, best)]
    if most is not None and most > low + 1e-9:
        for minimum in np.linspace(low, most, points)[1:]:
            target = Target(result, float(minimum) * (1 - 1e-9), problem.years)
            one = replace(problem, targets=(*problem.targets, target))
            portfolio = optimise(one, gap=gap, seconds=each, relaxation=False)
            if portfolio.status in ("optimal", "feasible"):
                found.append(FrontPoint(portfolio.results[result][-1], portfolio))
    kept: list[FrontPoint] = []
    sign = 1.0 if problem.objective == "npv" else -1.0
    for point in sorted(found, key=lambda p: (-p.result, -sign * (p.portfolio.objective or 0.0))):
        if not kept or sign * (point.portfolio.objective or 0.0) > sign * (kept[-1].portfolio.objective or 0.0) + 1e-9:
            kept.append(point)
    return tuple(reversed(kept))


def _most(problem: PortfolioProblem, columns: _Columns, amounts: Array, seconds: float) -> float | None:
    """The most of a result that any portfolio of the problem reaches in the last year."""
    projects = tuple(replace(project, value=0.0) for project in problem.projects)
    plain = replace(problem, projects=projects, objective="npv")
    programme, _, _ = _programme(plain, columns)
    programme.set_objective(amounts, maximise=True)
    answer = programme.solve(gap=1e-6, seconds=seconds, relaxed=problem.fractional)
    return answer.objective if answer.solved else None

"""Portfolio over years: ours (arrays into HiGHS) against scipy.optimize.milp on the same model, built row by row.

    python benchmarks/portfolio.py

Projects with investment, saving, staff, prerequisites and exclusions over 10 years, budgets that carry over, a target.
Both stop at a gap of 0.1 % (or 60 s); objectives must agree within the gap. Building and solving are timed together;
building alone is printed beside it.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_matrix

from qingyuan.options.portfolio import Budget, PortfolioProblem, Project, Target, _Columns, _programme, optimise

YEARS, RATE, GAP, SECONDS = 10, 0.08, 1e-3, 60.0
SIZES = (20, 100, 500)


def problem(size: int, seed: int = 0) -> PortfolioProblem:
    random = np.random.default_rng(seed)
    projects = []
    for n in range(size):
        one = Project(
            str(n), investment=float(random.uniform(5, 200)), annual_saving=float(random.uniform(1, 60)),
            life=int(random.integers(5, 15)), results={"co2": float(random.uniform(1, 500))},
        )  # fmt: skip
        projects.append(replace(
            one, uses={"money": (one.investment,), "staff": (float(random.integers(1, 5)),)},
            requires=(str(n - 1),) if n % 7 == 3 else (), excludes=(str(n - 1),) if n % 11 == 5 else (),
        ))  # fmt: skip
    return PortfolioProblem(
        tuple(projects), YEARS,
        (Budget("money", (size * 3.0,) * YEARS, True), Budget("staff", (size * 0.3,) * YEARS)),
        (Target("co2", size * 60.0, 5),), discount_rate=RATE,
    )  # fmt: skip


def plain(of: PortfolioProblem) -> tuple[float, float, float]:
    """The same model element by element, as one writes it from a textbook: objective, seconds to build, to solve."""
    begun = time.perf_counter()
    names = [p.id for p in of.projects]
    at = {(n, y): k for k, (n, y) in enumerate((n, y) for n in range(len(names)) for y in range(1, YEARS + 1))}
    rows: list[dict[int, float]] = []
    low: list[float] = []
    high: list[float] = []

    def add(row: dict[int, float], lower: float, upper: float) -> None:
        rows.append(row)
        low.append(lower)
        high.append(upper)

    cost = np.zeros(len(at))
    for (n, y), k in at.items():
        cost[k] = -of.projects[n].value_at(y, RATE)
    for n, p in enumerate(of.projects):
        add({at[n, y]: 1.0 for y in range(1, YEARS + 1)}, 0, 1)
        for other in p.excludes:
            both = {at[m, y]: 1.0 for m in (n, names.index(other)) for y in range(1, YEARS + 1)}
            add(both, 0, 1)
        for other in p.requires:
            for until in range(1, YEARS + 1):
                row = {at[n, y]: 1.0 for y in range(1, until + 1)}
                row.update({at[names.index(other), y]: -1.0 for y in range(1, until + 1)})
                add(row, -np.inf, 0)
    for budget in of.budgets:
        for year in range(1, YEARS + 1):
            first = 1 if budget.carry_over else year
            row = {}
            for (n, y), k in at.items():
                if first <= y <= year:
                    row[k] = of.projects[n].uses[budget.resource][0]
            limit = sum(budget.limits[:year]) if budget.carry_over else budget.limits[year - 1]
            add(row, -np.inf, limit)
    for target in of.targets:
        for year in range(target.year, YEARS + 1):
            working = {
                k: of.projects[n].results["co2"] for (n, y), k in at.items() if y <= year < y + of.projects[n].life
            }
            add(working, target.minimum, np.inf)
    matrix = lil_matrix((len(rows), len(at)))
    for r, row in enumerate(rows):
        for k, value in row.items():
            matrix[r, k] = value
    built = time.perf_counter()
    found = milp(
        cost, constraints=LinearConstraint(matrix.tocsr(), low, high), integrality=np.ones(len(at)),
        bounds=Bounds(0, 1), options={"mip_rel_gap": GAP, "time_limit": SECONDS},
    )  # fmt: skip
    return -float(found.fun), built - begun, time.perf_counter() - built


def main() -> None:
    head = f"{'projects':>9}{'ours s':>10}{'build s':>10}{'gap':>9}{'milp s':>10}{'build s':>10}{'ratio':>8}"
    print(head + f"{'build ratio':>13}{'ours NPV':>14}{'milp NPV':>14}")
    for size in [int(each) for each in sys.argv[1:]] or SIZES:
        of = problem(size)
        begun = time.perf_counter()
        _programme(of, _Columns(of))
        build = time.perf_counter() - begun
        begun = time.perf_counter()
        ours = optimise(of, gap=GAP, seconds=SECONDS, relaxation=False)
        seconds = time.perf_counter() - begun
        other, other_build, other_solve = plain(of)
        assert ours.objective is not None
        # each may lie its gap below the optimum; where time ran out, the proved bound is all that can be compared
        assert ours.bound is not None
        assert other <= ours.bound * (1 + 1e-6), "the peer found more than our bound allows"
        assert ours.status != "optimal" or other <= ours.objective * (1 + 1.1 * GAP), "objectives differ"
        whole = other_build + other_solve
        print(
            f"{size:>9,}{seconds:>10.2f}{build:>10.4f}{ours.gap:>9.4%}{whole:>10.2f}{other_build:>10.4f}"
            f"{whole / seconds:>8.2f}{other_build / build:>13.1f}{ours.objective:>14.2f}{other:>14.2f}"
        )
    print("objectives agree within the gap that each was asked for")


if __name__ == "__main__":
    main()

"""Portfolios against published problems and against enumeration; abatement curves that order honestly."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.errors import InputError
from qingyuan.options.abatement import Measure, abatement_curve, annuity, measure
from qingyuan.options.change import read_options
from qingyuan.options.portfolio import Budget, Group, PortfolioProblem, Project, Target, optimise, pareto_front
from qingyuan.options.portfolio_file import read_portfolio

# Lorie & Savage 1955 / Weingartner 1963
LORIE = {
    "budgets": {"capital": [50, 20]},
    "projects": [
        {"id": str(n), "value": value, "uses": {"capital": [first, second]}}
        for n, (value, first, second) in enumerate(
            zip(
                [14, 17, 17, 15, 40, 12, 14, 10, 12],
                [12, 54, 6, 6, 30, 6, 48, 36, 18],
                [3, 7, 6, 2, 35, 6, 4, 3, 3],
                strict=True,
            ),
            start=1,
        )
    ],
}

# Petersen 1967, problem 1 (OR-Library mknap1)
PETERSEN = {
    80: (8, 12, 13, 64, 22, 41), 96: (8, 12, 13, 75, 22, 41), 20: (3, 6, 4, 18, 6, 4), 36: (5, 10, 8, 32, 6, 12),
    44: (5, 13, 8, 42, 6, 20), 48: (5, 13, 8, 48, 6, 20), 10: (0, 0, 0, 0, 8, 0), 18: (3, 0, 4, 0, 8, 0),
    22: (3, 2, 4, 0, 8, 4), 24: (3, 2, 4, 8, 8, 4),
}  # fmt: skip


def test_lorie_savage_whole_and_in_parts() -> None:
    whole = optimise(read_portfolio(LORIE))
    assert whole.status == "optimal"
    assert whole.objective == pytest.approx(70)
    assert set(whole.chosen) == {"1", "3", "4", "6", "9"}
    assert whole.gap == pytest.approx(0)
    parts = optimise(read_portfolio({**LORIE, "fractional": True}))
    assert parts.objective == pytest.approx(70.2727, abs=1e-4)
    found = {choice.project: choice.part for choice in parts.choices}
    assert found == pytest.approx({"1": 1, "3": 1, "4": 1, "9": 1, "6": 0.9697, "7": 0.04545}, abs=1e-4)
    assert whole.relaxation is not None
    assert whole.relaxation.shadow_prices["capital"] == pytest.approx((0.13636, 1.86364), abs=1e-5)


def test_petersen_problem_1() -> None:
    problem = read_portfolio({
        "budgets": {str(limit): limit for limit in PETERSEN},
        "projects": [
            {"id": str(n + 1), "value": value, "uses": {str(limit): use[n] for limit, use in PETERSEN.items()}}
            for n, value in enumerate([100, 600, 1200, 2400, 500, 2000])
        ],
    })  # fmt: skip
    best = optimise(problem)
    assert best.objective == pytest.approx(3800)
    assert set(best.chosen) == {"2", "3", "6"}


def test_value_follows_from_investment_and_savings() -> None:
    # 100 now, 30 at the end of each of 5 years at 10 %: -100 + 30 * 3.79079
    assert Project("a", investment=100, annual_saving=30, life=5).value_at(1, 0.10) == pytest.approx(13.7236, abs=1e-4)
    assert Project("a", investment=100, annual_saving=30, life=5).value_at(3, 0.10) == pytest.approx(
        13.7236 / 1.21, abs=1e-4
    )


def _brute(problem: PortfolioProblem) -> float | None:
    best: float | None = None
    starts = [[0, *range(p.earliest, min(problem.years, p.latest or problem.years) + 1)] for p in problem.projects]
    for years in itertools.product(*starts):
        at = dict(zip([p.id for p in problem.projects], years, strict=True))
        if any(
            at[p.id] and (any(not at[r] or at[r] > at[p.id] for r in p.requires) or any(at[e] for e in p.excludes))
            for p in problem.projects
        ):
            continue
        beyond = [0.0] * (problem.years + 1)
        for p in problem.projects:
            for offset, amount in enumerate(p.uses.get("money", ())):
                if at[p.id] and amount:
                    beyond[min(at[p.id] - 1 + offset, problem.years)] += amount
        used, limits = beyond[:-1], problem.budgets[0].limits
        if beyond[-1]:
            continue
        if problem.budgets[0].carry_over:
            if any(sum(used[: y + 1]) > sum(limits[: y + 1]) + 1e-9 for y in range(problem.years)):
                continue
        elif any(u > limit + 1e-9 for u, limit in zip(used, limits, strict=True)):
            continue
        if any(
            sum(p.results.get(t.result, 0) for p in problem.projects if at[p.id] and at[p.id] <= y < at[p.id] + p.life)
            < t.minimum - 1e-9
            for t in problem.targets
            for y in range(t.year, problem.years + 1)
        ):
            continue
        value = sum(p.value_at(at[p.id], problem.discount_rate) for p in problem.projects if at[p.id])
        if best is None or value > best:
            best = value
    return best


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_equal_to_enumeration(data: st.DataObject) -> None:
    years, count = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 5))
    number = st.integers(0, 20)
    projects = []
    for n in range(count):
        others = [str(m) for m in range(n)]
        requires = data.draw(st.lists(st.sampled_from(others), max_size=1)) if others else []
        excludes = data.draw(st.lists(st.sampled_from([o for o in others if o not in requires] or ["-"]), max_size=1))
        earliest = data.draw(st.integers(1, years))
        spent = st.lists(number, min_size=1, max_size=min(2, years - earliest + 1))
        projects.append(
            Project(
                str(n), investment=data.draw(number), annual_saving=data.draw(st.integers(-2, 8)),
                life=data.draw(st.integers(1, 4)), uses={"money": tuple(data.draw(spent))},
                results={"co2": data.draw(number)}, requires=tuple(requires),
                excludes=tuple(e for e in excludes if e != "-"), earliest=earliest,
            )
        )  # fmt: skip
    problem = PortfolioProblem(
        tuple(projects), years,
        (Budget("money", tuple(data.draw(st.lists(number, min_size=years, max_size=years))), data.draw(st.booleans())),),
        (Target("co2", data.draw(st.integers(0, 15)), data.draw(st.integers(1, years))),),
        discount_rate=0.1,
    )  # fmt: skip
    expected, found = _brute(problem), optimise(problem)
    if expected is None:
        assert found.status == "infeasible"
        assert found.conflicts
    else:
        assert found.status == "optimal"
        assert found.npv == pytest.approx(expected, abs=1e-6)
        assert found.bound == pytest.approx(found.objective, abs=1e-5)


def test_least_cost_for_targets_and_shutdown_windows() -> None:
    projects = (
        Project("cheap", investment=10, results={"co2": 50}, life=9),
        Project("dear", investment=100, results={"co2": 100}, life=9, shutdown=True),
    )
    problem = PortfolioProblem(
        projects, 4, targets=(Target("co2", 100, 3),), objective="investment", shutdown_years=(2, 4)
    )
    best = optimise(problem)
    assert [(c.project, c.year) for c in best.choices] == [("dear", 2)]
    assert best.objective == pytest.approx(100)
    both = optimise(replace(problem, targets=(Target("co2", 140, 3),)))
    assert set(both.chosen) == {"cheap", "dear"}
    never = optimise(replace(problem, targets=(Target("co2", 151, 3),)))
    assert never.status == "infeasible"
    assert never.conflicts == ("co2",)


def test_groups() -> None:
    projects = tuple(Project(str(n), value=float(n)) for n in range(1, 5))
    problem = PortfolioProblem(
        projects, groups=(Group(("3", "4"), at_most=1), Group(("1", "2"), at_least=1, at_most=1))
    )
    assert set(optimise(problem).chosen) == {"4", "2"}


def test_front_runs_from_value_to_result_without_dominated_points() -> None:
    projects = tuple(
        Project(str(n), investment=i, annual_saving=s, life=10, results={"co2": r})
        for n, (i, s, r) in enumerate([(50, 12, 5), (60, 6, 40), (30, 1, 25), (80, 20, 10), (20, 0, 30)])
    )
    front = pareto_front(PortfolioProblem(projects, discount_rate=0.08), "co2", points=6)
    results = [point.result for point in front]
    values = [point.portfolio.npv for point in front]
    assert results == sorted(results)
    assert values == sorted(values, reverse=True)
    assert len(front) > 2
    assert results[-1] == pytest.approx(110)


def test_files_with_errors_name_all_of_them() -> None:
    with pytest.raises(InputError) as caught:
        read_portfolio({
            "projects": [
                {"id": "a", "value": 1, "uses": {"gold": 3}},
                {"id": "a", "value": "x", "requires": ["zz"]},
                {"name": "nothing"},
            ],
            "budgets": {"money": [1, "b"]}, "targets": [{"result": "heat"}], "speed": 1, "objective": "fame",
        })  # fmt: skip
    codes = {problem.code for problem in caught.value.problems}
    assert codes >= {
        "resource-unknown", "project-twice", "project-unknown", "project-without-id", "project-without-value",
        "not-a-number", "target-shape", "key-unknown", "objective",
    }  # fmt: skip


@pytest.mark.parametrize("code", ["zh", "en"])
def test_examples_of_the_documentation_run(code: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / code / "options.md").read_text(encoding="utf-8")
    problem, options = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    assert optimise(read_portfolio(json.loads(problem))).chosen == ("a", "c")
    assert len(read_options(json.loads(options))[0].changes) == 4


def test_negative_cost_trap() -> None:
    # Taylor 2012: sorted by cost per tonne B (-200) would come before A (-100)
    curve = abatement_curve([Measure("B", -1000, 5), Measure("A", -1000, 10)])
    assert curve.order == ("A", "B")
    assert [step.layer for step in curve.steps] == [1, 2]
    assert any("净收益" in text.template for text in curve.warnings)


def test_curve_orders_costs_by_tonne_and_sums_up() -> None:
    curve = abatement_curve([Measure("x", 500, 10), Measure("y", 100, 10), Measure("z", -5, 1), Measure("w", -50, 2)])
    assert curve.order == ("w", "z", "y", "x")
    assert curve.steps[-1].cumulated == 23
    with pytest.raises(InputError):
        abatement_curve([Measure("x", 1, 0)])
    assert annuity(0.08, 10) == pytest.approx(0.149029, abs=1e-6)
    assert measure("m", 100, 20, 2, 5, 10, 0.08).net_cost == pytest.approx(100 * 0.149029 - 18, abs=1e-4)


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(1, 9)), min_size=1, max_size=8))
def test_no_measure_that_saves_money_stands_behind_one_it_dominates(pairs: list[tuple[int, int]]) -> None:
    measures = [Measure(str(n), float(cost), float(tonnes)) for n, (cost, tonnes) in enumerate(pairs)]
    order = abatement_curve(measures).steps
    for behind, step in enumerate(order):
        for before in order[:behind]:
            a, b = step.measure, before.measure
            better = a.net_cost <= b.net_cost and a.abatement >= b.abatement
            strictly = a.net_cost < b.net_cost or a.abatement > b.abatement
            assert not (better and strictly and b.net_cost < 0)


def test_no_payment_falls_out_of_the_plan() -> None:
    given = {
        "years": 2, "budgets": {"money": [10, 10]}, "discount_rate": 0.05,
        "projects": [{"id": "a", "value": 9, "uses": {"money": [10, 50]}}],
    }  # fmt: skip
    assert optimise(read_portfolio(given)).chosen == ()
    given["budgets"] = {"money": [10, 50]}
    found = optimise(read_portfolio(given))
    assert [(choice.project, choice.year) for choice in found.choices] == [("a", 1)]
    given["projects"] = [{"id": "a", "value": 9, "uses": {"money": [10, 5, 5]}}]
    with pytest.raises(InputError) as wrong:
        read_portfolio(given)
    assert [problem.code for problem in wrong.value.problems] == ["project-beyond-years"]


def test_of_equal_years_the_earliest() -> None:
    project = Project("a", value=9)
    assert [choice.year for choice in optimise(PortfolioProblem((project,), 3)).choices] == [1]
    both = (replace(project, uses={"money": (5.0,)}, requires=("b",)), Project("b", value=1, uses={"money": (5.0,)}))
    budget = (Budget("money", (5.0, 5.0, 5.0, 5.0)),)
    found = optimise(PortfolioProblem(both, 4, budget))
    assert [(choice.project, choice.year) for choice in found.choices] == [("a", 2), ("b", 1)]
    late = optimise(PortfolioProblem((replace(project, value=-1.0, investment=0.0),), 3, discount_rate=0.1))
    assert late.chosen == ()


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf"), 10**400])
def test_what_is_no_number_is_refused(bad: float) -> None:
    row = {"id": "a", "value": 1}
    for document in (
        {"projects": [{**row, "uses": {"money": [bad]}}], "budgets": {"money": 5}},
        {"projects": [row], "budgets": {"money": bad}},
        {"projects": [{**row, "value": bad}]},
    ):
        with pytest.raises(InputError):
            read_portfolio(document)


def test_a_negative_budget_is_named_and_no_project_is_no_fault() -> None:
    with pytest.raises(InputError) as wrong:
        read_portfolio({"budgets": {"money": -5}, "projects": [{"id": "a", "value": 1}]})
    assert [problem.code for problem in wrong.value.problems] == ["budget-limit"]
    found = optimise(read_portfolio({"projects": [], "budgets": {"money": 5}}))
    assert (found.status, found.objective, found.npv, found.chosen) == ("optimal", 0, 0, ())
    none = optimise(PortfolioProblem((Project("a", value=1),), groups=(Group(("a",), at_least=2),)))
    assert (none.status, none.npv) == ("infeasible", None)

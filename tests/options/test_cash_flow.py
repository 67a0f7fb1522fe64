"""Yearly cash flows and how sure a present value is: the handbook's number, laws of the table, tornado, Monte Carlo."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.facts.model import OptionRow
from qingyuan.figures.money import net_present_value, net_present_value_of
from qingyuan.options import assess, terms
from qingyuan.options.cash_flow import Project, cash_flow_table, present_values, project_of
from qingyuan.options.sensitivity import base_value, ranges_of, simulate, switching_value, tornado

projects = st.builds(
    Project,
    investment=st.floats(1, 1e4),
    saving=st.floats(-1e3, 1e4),
    life=st.integers(1, 40),
    discount_rate=st.floats(0, 0.5),
    depreciation_years=st.floats(1, 40),
    tax_rate=st.floats(0, 0.5),
    escalation=st.floats(-0.2, 0.2),
    residual=st.floats(0, 0.5),
    net=st.booleans(),
)
PUBLISHED = Project(150, 32.5, 10, 0.05, 10, 0.25, net=True)


def test_published_example_year_by_year() -> None:
    table = cash_flow_table(PUBLISHED)
    assert table.npv == pytest.approx(100.956, abs=5e-4)
    assert table.payback == pytest.approx(4.615, abs=5e-4)
    assert table.cash_flow.tolist() == [-150.0] + [32.5] * 10
    # 32.5 a year at 5 %: after five years 140.71 are back, after six 164.96
    assert table.discounted_payback == pytest.approx(5 + (150 - 140.7080) / (164.9600 - 140.7080), abs=1e-3)


@given(st.floats(1, 1e4), st.floats(0, 1e4), st.integers(1, 40), st.floats(0, 0.5), st.floats(0, 0.5))
def test_table_is_the_handbooks_where_depreciation_lasts_the_life(
    investment: float, saving: float, life: int, rate: float, tax: float
) -> None:
    used = terms(
        dt.date(2026, 1, 1),
        stated={"discount_rate": rate, "life_years": life, "depreciation_years": life, "income_tax_rate": tax},
    )
    found = assess(OptionRow("1", "", investment=investment, annual_saving=saving), used)
    project = project_of(found)
    assert project is not None
    assert cash_flow_table(project).npv == pytest.approx(found.npv, rel=1e-9, abs=1e-8 * (investment + saving * life))


@given(projects)
def test_table_adds_up(project: Project) -> None:
    table = cash_flow_table(project)
    size = project.investment + abs(project.saving) * project.life * 10
    assert table.npv == pytest.approx(
        net_present_value_of(table.cash_flow.tolist(), project.discount_rate), abs=1e-9 * size
    )
    if not project.net:
        written_off = min(project.life, project.depreciation_years) / project.depreciation_years
        assert table.depreciation.sum() == pytest.approx(
            project.investment * (1 - project.residual) * written_off, rel=1e-9
        )
        assert np.all(table.tax >= 0)
        assert np.allclose(table.net_profit, table.taxable - table.tax)
    assert table.residual.sum() == pytest.approx(project.residual * project.investment)
    json.dumps(table.as_json(), allow_nan=False)


@given(st.lists(projects, min_size=1, max_size=6), st.booleans())
def test_many_variants_at_once_are_the_tables_one_by_one(variants: list[Project], net: bool) -> None:
    variants = [replace(one, net=net) for one in variants]
    columns = (
        "investment",
        "saving",
        "life",
        "discount_rate",
        "depreciation_years",
        "tax_rate",
        "escalation",
        "residual",
    )
    values = present_values(*(np.array([getattr(one, name) for one in variants]) for name in columns), net=net)
    single = [cash_flow_table(one).npv for one in variants]
    size = max(one.investment + abs(one.saving) * one.life * 10 for one in variants)
    assert values == pytest.approx(single, rel=1e-9, abs=1e-7 * size)


def test_tax_shield_ends_with_depreciation() -> None:
    table = cash_flow_table(Project(100, 40, 6, 0.1, 4, 0.25))
    assert table.depreciation.tolist() == [0, 25, 25, 25, 25, 0, 0]
    assert table.tax.tolist() == [0, 3.75, 3.75, 3.75, 3.75, 10, 10]
    part = cash_flow_table(Project(100, 40, 4, 0.1, 2.5, 0.25))
    assert part.depreciation.tolist() == [0, 40, 40, 20, 0]


def test_residual_value_and_escalation() -> None:
    table = cash_flow_table(Project(100, 40, 3, 0.0, 5, 0.0, escalation=0.1, residual=0.05))
    assert table.saving.tolist() == pytest.approx([0, 40, 44, 48.4])
    assert table.depreciation.tolist() == pytest.approx([0, 19, 19, 19])
    assert table.npv == pytest.approx(40 + 44 + 48.4 + 5 - 100)


def test_a_table_that_makes_no_sense_is_refused() -> None:
    for bad in (
        {"life": 0},
        {"depreciation_years": 0.0},
        {"tax_rate": 1.0},
        {"discount_rate": -1.0},
        {"residual": 2.0},
    ):
        with pytest.raises(ValueError, match=r"positive|fractions"):
            cash_flow_table(replace(PUBLISHED, **bad))  # type: ignore[arg-type]


def test_no_project_without_investment_or_flow_and_entries_count() -> None:
    used = terms(dt.date(2026, 1, 1))
    assert project_of(assess(OptionRow("1", "", investment=10), used)) is None
    assert project_of(assess(OptionRow("1", "", annual_saving=10), used)) is None
    own = project_of(assess(OptionRow("1", "", investment=100, annual_saving=30), used, entries={"D": 20}))
    assert own is not None
    assert own.depreciation_years == 5
    flow = project_of(assess(OptionRow("1", "", investment=100, annual_saving=30), used, entries={"F": 22}))
    assert flow is not None
    assert (flow.net, flow.saving) == (True, 22)


# --- sensitivity -----------------------------------------------------------------------------------------------------


def test_tornado_of_the_published_example() -> None:
    swings = {swing.parameter: swing for swing in tornado(PUBLISHED)}
    assert set(swings) == {"investment", "saving", "life", "discount_rate"}
    assert (swings["saving"].low, swings["saving"].high) == (26, 39)
    assert swings["saving"].npv_low == pytest.approx(net_present_value(150, 26, 0.05, 10))
    assert swings["life"].npv_high == pytest.approx(net_present_value(150, 32.5, 0.05, 12))
    assert swings["discount_rate"].npv_high == pytest.approx(net_present_value(150, 32.5, 0.06, 10))
    assert swings["discount_rate"].switch == pytest.approx(0.172570, abs=5e-7)
    assert swings["investment"].switch == pytest.approx(250.956, abs=5e-4)
    assert swings["saving"].switch == pytest.approx(150 / 7.721735, abs=1e-4)
    assert swings["life"].switch == 6  # 5 years leave -9.3, six +15.0
    widths = [swing.width for swing in tornado(PUBLISHED)]
    assert widths == sorted(widths, reverse=True)
    assert "年净现金流量" in str(swings["saving"].name)


def test_own_ranges_and_wrong_ones() -> None:
    (swing,) = tornado(PUBLISHED, {"saving": (20, 30)})
    assert (swing.low, swing.high) == (20, 30)
    for bad in ({"colour": (1, 2)}, {"saving": (30, 20)}, {"life": (0, 3)}, {"discount_rate": (-1, 0.1)}):
        with pytest.raises(ValueError):
            tornado(PUBLISHED, bad)
    with pytest.raises(ValueError):
        ranges_of(PUBLISHED, 1.5)
    assert switching_value(replace(PUBLISHED, saving=-5.0), "discount_rate") is None


@given(projects, st.sampled_from(["investment", "saving", "discount_rate"]))
def test_nothing_is_left_at_the_switching_value(project: Project, parameter: str) -> None:
    value = switching_value(project, parameter)
    if value is not None:
        rest = base_value(replace(project, **{parameter: value}))  # type: ignore[arg-type]
        size = project.investment + abs(project.saving) * project.life * 10
        assert rest == pytest.approx(0, abs=1e-6 * size)


# --- Monte Carlo -----------------------------------------------------------------------------------------------------


def test_simulation_repeats_by_its_seed_and_differs_by_another() -> None:
    first, again, other = simulate(PUBLISHED, seed=7), simulate(PUBLISHED, seed=7), simulate(PUBLISHED, seed=8)
    assert first.as_json() == again.as_json()
    assert first.mean != other.mean
    assert sum(first.counts) == first.samples
    json.dumps(first.as_json(), allow_nan=False)


def test_simulation_agrees_with_the_linear_theory() -> None:
    """With investment and flow alone NPV is linear: mean and variance follow from those of the triangles."""
    ranges = {"investment": (120.0, 210.0), "saving": (20.0, 40.0)}
    found = simulate(PUBLISHED, ranges, samples=200_000, seed=3)
    factor = 7.7217349

    def triangle(low: float, peak: float, high: float) -> tuple[float, float]:
        square = low * low + peak * peak + high * high - low * peak - low * high - peak * high
        return (low + peak + high) / 3, square / 18

    cost, gain = triangle(120, 150, 210), triangle(20, 32.5, 40)
    mean = factor * gain[0] - cost[0]
    sd = (factor**2 * gain[1] + cost[1]) ** 0.5
    assert found.mean == pytest.approx(mean, abs=4 * sd / 200_000**0.5)
    assert found.sd == pytest.approx(sd, rel=0.01)
    assert found.percentiles[5] < found.percentiles[50] < found.percentiles[95]


def test_simulation_without_spread_and_wrong_use() -> None:
    still = simulate(PUBLISHED, {"saving": (32.5, 32.5)}, samples=100)
    assert still.sd == pytest.approx(0, abs=1e-9)
    assert still.positive == 1
    assert still.mean == pytest.approx(100.956, abs=5e-4)
    with pytest.raises(ValueError, match="outside"):
        simulate(PUBLISHED, {"saving": (1, 2)})
    with pytest.raises(ValueError, match="100"):
        simulate(PUBLISHED, samples=5)

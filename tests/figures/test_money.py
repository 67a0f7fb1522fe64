from __future__ import annotations

import doctest
import math

import pytest
from figure_plants import fact, run
from hypothesis import assume, given
from hypothesis import strategies as st

from qingyuan.figures import money

# --- published examples (audit training material: I = 150, F = 32.5, n = 10) ------------------------------------------


def test_published_example_pay_back_and_present_value() -> None:
    assert money.payback_years(150, 32.5) == pytest.approx(4.615, abs=5e-4)  # printed 4.6
    assert money.net_present_value(150, 32.5, 0.05, 10) == pytest.approx(100.956, abs=5e-4)


def test_published_example_rate_of_return_both_ways() -> None:
    trial = money.handbook_internal_rate_of_return(150, 32.5, 10)
    assert (trial.low_rate, trial.high_rate) == (pytest.approx(0.17), pytest.approx(0.18))
    assert trial.low_npv == pytest.approx(1.4046, abs=5e-5)
    assert trial.high_npv == pytest.approx(-3.9422, abs=5e-5)
    assert trial.rate == pytest.approx(0.172627, abs=5e-7)
    assert money.internal_rate_of_return(150, 32.5, 10) == pytest.approx(0.172570, abs=5e-7)


def test_published_ranking_is_turned_round_by_the_measure() -> None:
    small, large = (31.67, 11.30), (73.82, 21.50)
    present = [money.net_present_value(i, f, 0.12, 10) for i, f in (small, large)]
    ratios = [money.net_present_value_ratio(v, i) for v, (i, _) in zip(present, (small, large), strict=True)]
    assert present == pytest.approx([32.18, 47.66], abs=5e-3)
    assert ratios == pytest.approx([1.016, 0.646], abs=5e-4)
    assert present[0] < present[1]
    assert ratios[0] > ratios[1]


def test_cash_flow_of_the_handbook() -> None:
    flow = money.cash_flow(100, 30, 10, 0.25)
    assert (flow.depreciation, flow.taxable_profit, flow.tax, flow.net_profit) == (10, 20, 5, 15)
    assert flow.net_cash_flow == 25
    loss = money.cash_flow(100, 5, 10, 0.25)
    assert (loss.taxable_profit, loss.tax, loss.net_cash_flow) == (-5, 0, 5)
    for bad in ((100, 30, 0, 0.25), (100, 30, 10, 1.0), (100, 30, 10, -0.1)):
        with pytest.raises(ValueError, match="must be"):
            money.cash_flow(*bad)


# --- edges -----------------------------------------------------------------------------------------------------------


def test_without_gain_there_is_no_pay_back_and_no_rate() -> None:
    assert money.payback_years(100, 0) == math.inf
    assert money.payback_years(0, 10) == 0
    for call in (
        lambda: money.internal_rate_of_return(100, 0, 10),
        lambda: money.internal_rate_of_return(0, 10, 10),
        lambda: money.handbook_internal_rate_of_return(100, 5, 10),
        lambda: money.internal_rate_of_return_of([100, 100]),
        lambda: money.internal_rate_of_return_of([-100, 230, -132]),
    ):
        with pytest.raises(money.NoRate) as caught:
            call()
        assert str(caught.value)
    with pytest.raises(ValueError, match="negative"):
        money.payback_years(-1, 10)
    with pytest.raises(ValueError, match="above -1"):
        money.annuity_factor(-1, 10)


def test_rates_that_are_negative_zero_or_huge() -> None:
    assert money.internal_rate_of_return(100, 10, 10) == pytest.approx(0, abs=1e-12)
    assert money.internal_rate_of_return(100, 5, 10) < 0
    assert money.internal_rate_of_return(1, 1000, 1) == pytest.approx(999)
    assert money.annuity_factor(0, 7) == 7


def test_whole_step_is_its_own_interpolation() -> None:
    investment = money.annuity_factor(0.10, 8) * 20
    assert money.handbook_internal_rate_of_return(investment, 20, 8).rate == pytest.approx(0.10, abs=1e-9)


def test_uneven_flows() -> None:
    assert money.internal_rate_of_return_of([-100, 0, 0, 133.1]) == pytest.approx(0.1)
    assert money.net_present_value_of([-100, 0, 0, 133.1], 0.1) == pytest.approx(0, abs=1e-9)


# --- laws ------------------------------------------------------------------------------------------------------------

sums = st.floats(min_value=1, max_value=1e6)
lives = st.integers(2, 40)


@given(sums, sums, lives)
def test_at_the_rate_of_return_nothing_is_left(investment: float, flow: float, years: int) -> None:
    assume(0.05 < flow * years / investment < 1e4)
    rate = money.internal_rate_of_return(investment, flow, years)
    assert money.net_present_value(investment, flow, rate, years) == pytest.approx(0, abs=1e-7 * investment)


@given(sums, sums, lives)
def test_interpolation_lies_between_its_trial_rates_and_above_the_exact_one(
    inv: float, flow: float, years: int
) -> None:
    assume(1.05 < flow * years / inv < 1e3)
    exact = money.internal_rate_of_return(inv, flow, years)
    trial = money.handbook_internal_rate_of_return(inv, flow, years)
    assert trial.low_npv >= 0 > trial.high_npv
    assert trial.low_rate <= exact <= trial.rate + 1e-9
    assert trial.rate <= trial.high_rate


@given(sums, sums, st.floats(0, 0.5), st.floats(0.001, 0.5), lives)
def test_present_value_falls_with_the_rate(inv: float, flow: float, rate: float, more: float, years: int) -> None:
    value = money.net_present_value
    assert value(inv, flow, rate + more, years) < value(inv, flow, rate, years)


@given(sums, sums, st.floats(0, 0.5), lives, st.floats(0.01, 100))
def test_unit_of_money_is_irrelevant(inv: float, flow: float, rate: float, years: int, scale: float) -> None:
    assume(1.05 < flow * years / inv < 1e3)
    here = money.net_present_value(inv, flow, rate, years)
    there = money.net_present_value(inv * scale, flow * scale, rate, years)
    assert there == pytest.approx(here * scale, rel=1e-9, abs=1e-9 * inv * scale)
    exact = money.internal_rate_of_return
    assert exact(inv * scale, flow * scale, years) == pytest.approx(exact(inv, flow, years), rel=1e-9, abs=1e-12)


def test_examples_in_the_documentation() -> None:
    assert doctest.testmod(money).failed == 0


# --- figures of a plant ----------------------------------------------------------------------------------------------

OUTPUT = fact("output-value", "amount", 2000, "10^4 CNY")
POWER = fact("electricity", "purchased", 1_000_000, "kWh")


def test_output_and_costs_as_stated() -> None:
    found = run(
        money, OUTPUT, fact("tax", "amount", 50, "10^4 CNY"), fact("electricity-cost", "amount", 800_000, "CNY"),
        fact("gas-cost", "amount", 20, "10^4 CNY"), fact("employees", "amount", 100, "person"),
    )  # fmt: skip
    assert found.find("output-value").value == 2000
    assert found.find("tax").value == 50
    assert found.find("cost.electricity-cost").value == 80
    assert found.find("cost.energy-cost").value == 100
    assert found.find("cost-share.energy-cost").value == pytest.approx(5)
    assert found.find("output-value-per-head").value == 20


def test_cost_from_amount_and_price_and_none_without_a_price() -> None:
    assert run(money, OUTPUT, POWER).find("cost.electricity-cost") is None
    priced = run(money, OUTPUT, POWER, fact("electricity", "price", 0.65, "CNY/kWh"))
    assert priced.find("cost.electricity-cost").value == pytest.approx(65)
    assert priced.find("cost.electricity-cost").method.id == "money.cost"
    setting = run(money, OUTPUT, POWER, settings={"price.electricity": 0.7})
    assert setting.find("cost.electricity-cost").value == pytest.approx(70)


def test_environmental_cost_says_what_it_leaves_out() -> None:
    rows = fact("waste-disposal-cost", "amount", 30, "10^4 CNY"), fact("environmental-tax", "amount", 10, "10^4 CNY")
    figure = run(money, OUTPUT, *rows).find("environmental-cost-share")
    assert figure.value == pytest.approx(2)
    assert "废水处理费" in " ".join(map(str, figure.notes))


def test_output_value_that_is_not_stated_is_missing() -> None:
    found = run(money, POWER)
    assert found.find("output-value") is None
    assert found.why_missing("output-value") is not None


def test_energy_cost_with_a_fuel_of_unknown_cost_is_a_lower_bound_with_its_name() -> None:
    rows = OUTPUT, POWER, fact("electricity-cost", "amount", 80, "10^4 CNY"), fact("raw-coal", "purchased", 100, "t")
    found = run(money, *rows)
    figure = found.find("cost.energy-cost")
    assert figure.value == 80
    assert figure.term.lower_bound
    assert "原煤" in " ".join(map(str, figure.notes))
    assert "原煤" in " ".join(map(str, found.find("cost-share.energy-cost").notes))
    priced = run(money, *rows, fact("raw-coal", "price", 800, "CNY/t")).find("cost.energy-cost")
    assert priced.value == pytest.approx(88)
    assert not priced.term.lower_bound
    # a brewery with coal: electricity is bought too, and its cost is not known
    coal = run(money, OUTPUT, POWER, rows[3], fact("raw-coal", "price", 800, "CNY/t")).find("cost.energy-cost")
    assert coal.value == pytest.approx(8)
    assert "电力" in " ".join(map(str, coal.notes))
    assert not run(money, *rows[:3]).find("cost.energy-cost").notes

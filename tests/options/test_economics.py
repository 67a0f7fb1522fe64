"""Economic assessment of one option: published examples, laws, what is missing, limits, entries of the audit."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qingyuan.errors import InputError, Location
from qingyuan.facts.model import OptionRow, Profile
from qingyuan.figures import money
from qingyuan.figures.settings import Settings
from qingyuan.language import language
from qingyuan.options import OptionEconomics, Terms, assess, by_present_value, by_present_value_ratio, terms
from qingyuan.options.cash_flow import project_of
from qingyuan.options.economics import SYMBOLS, affordable_investment, check_entries
from qingyuan.options.parameters import check_settings
from qingyuan.reference.records import Grade

DAY = dt.date(2026, 11, 1)


def stated(rate: float = 0.05, life: float = 10, **more: float) -> Terms:
    return terms(DAY, stated={"discount_rate": rate, "life_years": life, **more})


def one(
    investment: float | None = None,
    saving: float | None = None,
    used: Terms | None = None,
    *,
    kind: str = "",
    payback: float | None = None,
    **entries: float,
) -> OptionEconomics:
    row = OptionRow("X1", "方案", investment=investment, annual_saving=saving, payback_years=payback)
    return assess(row, used or stated(), cost_class=kind, entries=entries)


# --- published examples ----------------------------------------------------------------------------------------------


def test_published_example_through_the_public_face() -> None:
    found = one(150, F=32.5)
    assert found.payback == pytest.approx(4.615, abs=5e-4)  # printed 4.6
    assert found.npv == pytest.approx(100.956, abs=5e-4)
    assert found.npvr == pytest.approx(100.956 / 150, abs=5e-6)
    assert found.irr == pytest.approx(0.172570, abs=5e-7)
    assert found.irr_interpolated == pytest.approx(0.172627, abs=5e-7)
    trial = found.interpolation
    assert trial is not None
    assert (trial.low_rate, trial.high_rate) == (pytest.approx(0.17), pytest.approx(0.18))
    assert trial.low_npv == pytest.approx(1.4046, abs=5e-5)
    assert trial.high_npv == pytest.approx(-3.9422, abs=5e-5)
    assert not found.needs
    assert found.entered == {"F"}


def test_published_ranking_is_turned_round_by_the_measure() -> None:
    used = stated(0.12)
    small = assess(OptionRow("A", "", investment=31.67), used, entries={"F": 11.30})
    large = assess(OptionRow("B", "", investment=73.82), used, entries={"F": 21.50})
    assert (small.npv, large.npv) == (pytest.approx(32.18, abs=5e-3), pytest.approx(47.66, abs=5e-3))
    assert (small.npvr, large.npvr) == (pytest.approx(1.016, abs=5e-4), pytest.approx(0.646, abs=5e-4))
    without = assess(OptionRow("C", ""), used)
    assert [found.id for found in by_present_value((small, without, large))] == ["B", "A"]
    assert [found.id for found in by_present_value_ratio((small, without, large))] == ["A", "B"]


@pytest.mark.parametrize(
    ("entries", "symbol", "own"),
    [({"T": 25.0}, "T", "20"), ({"E": 10.0}, "E", "15"), ({"F": 20.0}, "F", "25"), ({"E": 10.0, "F": 25.0}, "F", "20")],
)
def test_an_entered_symbol_that_contradicts_the_others_is_noted(
    entries: dict[str, float], symbol: str, own: str
) -> None:
    row = OptionRow("X1", "方案", investment=100, annual_saving=30)  # D 10, T 20, tax 5, E 15, F 25
    found = assess(row, stated(), entries=entries)
    said = [str(note) for note in found.notes if f" {symbol} 为" in str(note)]
    assert len(said) == 1
    assert f"{entries[symbol]:g}" in said[0]
    assert f"计算为 {own}；" in said[0]
    assert found.symbols[symbol] == entries[symbol]


def test_entered_symbols_that_agree_are_not_noted() -> None:
    assert one(100, 30, T=20, E=15, F=25).notes == one(100, 30).notes


def test_the_tax_shown_is_that_of_the_entered_profit() -> None:
    found = one(100, 30, E=12)
    assert (found.taxable, found.tax, found.net_profit, found.cash_flow) == (20, 8, 12, 22)
    assert one(100, 30, E=25).tax is None  # more profit than before tax: no tax can be told, and the note says why


def test_a_subsidy_above_the_investment_leaves_the_chain_blank() -> None:
    found = one(None, 10, fixed=20, subsidy=25)
    assert found.investment == -5
    assert [found.symbols[key] for key in ("D", "T", "E", "F", "N", "NPV", "IRR")] == [None] * 7
    assert any("为负" in str(note) for note in found.notes)


def test_working_capital_is_written_off_and_the_note_says_so() -> None:
    found = one(None, 30, fixed=80, working=20)
    assert found.depreciation == 10
    assert any("流动资金" in str(note) for note in found.notes)
    assert not any("流动资金" in str(note) for note in one(100, 30).notes)


def test_chain_of_the_handbook_from_saving_to_cash_flow() -> None:
    found = one(100, 30)  # D 10, T 20, tax 5, E 15, F 25
    assert (found.depreciation, found.taxable, found.tax, found.net_profit, found.cash_flow) == (10, 20, 5, 15, 25)
    assert found.payback == 4
    assert list(found.symbols) == list(SYMBOLS)


# --- laws ------------------------------------------------------------------------------------------------------------

sums = st.floats(min_value=1, max_value=1e5)
lives = st.integers(2, 40)
rates = st.floats(0, 0.4)


@given(sums, sums, lives)
def test_nothing_is_left_at_the_rate_of_return(investment: float, flow: float, life: int) -> None:
    assume(1.05 < flow * life / investment < 1e3)
    found = one(investment, used=stated(0.08, life), F=flow)
    assert found.irr is not None
    at_rate = one(investment, used=stated(found.irr, life), F=flow) if found.irr < 1 else None
    if at_rate is not None:
        assert at_rate.npv == pytest.approx(0, abs=1e-6 * investment)
    trial = found.interpolation
    assert trial is not None
    assert found.irr_interpolated is not None
    assert trial.low_rate <= found.irr_interpolated <= trial.high_rate
    assert found.irr <= found.irr_interpolated + 1e-9


@given(sums, sums, rates, st.floats(0.001, 0.3), lives)
def test_present_value_falls_with_the_rate(
    investment: float, saving: float, rate: float, more: float, life: int
) -> None:
    low, high = one(investment, saving, stated(rate, life)), one(investment, saving, stated(rate + more, life))
    assert low.npv is not None
    assert high.npv is not None
    assert high.npv < low.npv


@given(sums, sums, rates, lives, st.floats(0.01, 100))
def test_unit_of_money_is_irrelevant(investment: float, saving: float, rate: float, life: int, scale: float) -> None:
    here = one(investment, saving, stated(rate, life))
    there = one(investment * scale, saving * scale, stated(rate, life))
    assert here.npv is not None
    assert there.npv == pytest.approx(here.npv * scale, rel=1e-9, abs=1e-8 * scale * (investment + saving * life))
    assert there.npvr == pytest.approx(here.npvr, rel=1e-6, abs=1e-9)
    assert there.payback == pytest.approx(here.payback, rel=1e-9)


@given(sums, rates, lives, st.floats(1, 40), st.floats(0, 0.5))
def test_affordable_investment_has_no_present_value(
    saving: float, rate: float, life: int, depreciation: float, tax: float
) -> None:
    used = stated(rate, life, depreciation_years=depreciation, income_tax_rate=tax)
    cost = affordable_investment(saving, used)
    assume(math.isfinite(cost))
    found = one(cost, saving, used)
    assert found.npv == pytest.approx(0, abs=1e-8 * cost)


# --- what is missing -------------------------------------------------------------------------------------------------


def test_investment_alone_says_that_the_saving_is_missing() -> None:
    found = one(100)
    assert not found.computable
    assert [str(need) for need in found.needs] == ["年运行费用总节省 P"]
    assert found.depreciation == 10
    assert found.decisions == ()
    assert found.verdict == "undecided"


def test_printed_payback_alone_is_not_turned_into_a_saving() -> None:
    found = one(100, payback=2.5)
    assert found.payback is None
    assert found.payback_printed == 2.5
    assert found.saving is None
    assert any("40" in str(note) and "不据此计算" in str(note) for note in found.notes)


def test_saving_alone_gives_the_investment_that_it_bears() -> None:
    found = one(None, 20)
    assert [str(need) for need in found.needs] == ["总投资费用 I"]
    assert found.affordable is not None
    assert one(found.affordable, 20).npv == pytest.approx(0, abs=1e-9)


def test_nothing_known_needs_both() -> None:
    assert len(one().needs) == 2


def test_effects_with_prices_are_named_where_the_saving_is_missing() -> None:
    from qingyuan.language import message

    row = OptionRow("X", "", investment=10, effects="电 -1000 kWh")
    found = assess(row, stated(), claims=(message("{x}", x="电 -1000 kWh（单价 0.7）"),))
    assert any("单价 0.7" in str(need) for need in found.needs)
    assert found.npv is None


def test_parts_of_investment_and_saving() -> None:
    found = one(None, None, fixed=100, working=20, subsidy=30, income=5, cost=15)
    assert (found.investment, found.saving) == (90, 20)
    assert found.parts == {"fixed": 100, "working": 20, "subsidy": 30, "income": 5, "cost": 15}
    # the option's own investment stands for the fixed assets; the subsidy is taken off
    assert one(100, 20, subsidy=30).investment == 70
    half = one(100, None, income=5)
    assert half.saving is None
    assert any("运行费用减少" in str(need) for need in half.needs)
    assert any("合计" in str(note) for note in one(100, 50, income=5, cost=15).notes)


def test_subsidy_beyond_the_investment_has_no_rate() -> None:
    found = one(100, 20, subsidy=120)
    assert found.investment == -20
    assert found.npv is None
    assert any("总投资费用为负" in str(note) for note in found.notes)


amounts = st.none() | st.floats(-1e15, 1e15) | st.sampled_from([0.0, -0.0, 1e-300, 5e-324, 1e300, -1e300])


@given(
    amounts, amounts, st.none() | st.floats(0, 1e6), rates, lives, st.dictionaries(st.sampled_from(SYMBOLS), amounts)
)
def test_no_numbers_break_the_assessment(
    investment: float | None,
    saving: float | None,
    payback: float | None,
    rate: float,
    life: int,
    entries: dict[str, float | None],
) -> None:
    row = OptionRow("X", "", investment=investment, annual_saving=saving, payback_years=payback)
    found = assess(row, stated(rate, life), cost_class="medium", entries=entries)
    json.dumps(found.as_json(), allow_nan=False)
    project = project_of(found)
    assert (project is None) == (found.investment is None or found.cash_flow is None)


def test_a_flow_that_never_brings_back_a_huge_investment() -> None:
    assert money.annuity_factor(-1 + 1e-12, 40) == math.inf
    found = one(1e15, used=stated(0.08, 40), F=1e-12)
    assert found.npv == pytest.approx(-1e15)
    # (1 + irr)^-40 of the flow is nearly the whole: -0.787
    assert found.irr is not None
    assert money.net_present_value(1e15, 1e-12, found.irr, 40) == pytest.approx(0, abs=1e3)
    assert found.decisions[1].state == "not-met"


def test_without_gain_and_without_investment() -> None:
    loss = one(100, -5, kind="medium")
    assert loss.payback is None
    assert loss.irr is None
    assert loss.npv is not None
    assert loss.npv < -100
    assert {decision.measure: decision.state for decision in loss.decisions} == {
        "N": "not-met", "NPV": "not-met", "IRR": "not-met",
    }  # fmt: skip
    free = one(0, 5, kind="none")
    assert free.payback == 0
    assert free.irr is None
    assert free.npvr is None
    assert free.verdict == "feasible"
    assert not one(0, 5, terms(DAY), kind="none").assumed


# --- limits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "years", "state"),
    [("medium", 1.9, "met"), ("medium", 2.5, "undecided"), ("medium", 3.1, "not-met"),
     ("higher", 4.9, "met"), ("higher", 5.1, "not-met"), ("high", 9.9, "met"), ("high", 10.1, "not-met"),
     ("", 1.0, "undecided"), ("low", 1.0, "met")],
)  # fmt: skip
def test_payback_against_the_limit_of_its_class(kind: str, years: float, state: str) -> None:
    found = one(100, kind=kind, F=100 / years)
    decision = found.decisions[0]
    assert decision.measure == "N"
    assert decision.state == state
    assert decision.grade is Grade.CITED
    assert "dybbs8" in str(decision.source)


def test_limit_that_the_audit_sets_wins() -> None:
    found = one(100, used=stated(payback_limit_years=4), kind="medium", F=30)
    assert found.decisions[0].state == "met"
    assert found.decisions[0].grade is Grade.USER
    assert found.decisions[1].grade is Grade.CITED  # NPV >= 0 stays the handbook's


def test_limit_of_one_class_that_the_audit_sets() -> None:
    used = stated(payback_limit_medium_years=3)
    assert one(100, used=used, kind="medium", F=100 / 2.5).decisions[0].state == "met"
    assert one(100, used=used, kind="high", F=100 / 9).decisions[0].state == "met"  # the handbook's 10 years stand
    both = stated(payback_limit_years=4, payback_limit_medium_years=2)
    assert one(100, used=both, kind="medium", F=100 / 3).decisions[0].state == "not-met"
    assert one(100, used=both, kind="high", F=100 / 3).decisions[0].state == "met"


def test_a_criterion_that_fails_decides_and_all_must_hold() -> None:
    good = one(100, kind="high", F=30)
    assert good.verdict == "feasible"
    assert not good.assumed
    bad = one(100, used=stated(benchmark_rate=0.5), kind="high", F=30)
    assert [decision.state for decision in bad.decisions] == ["met", "met", "not-met"]
    assert bad.verdict == "not-feasible"


# --- parameters ------------------------------------------------------------------------------------------------------


def test_assumptions_are_marked_and_what_is_stated_is_not() -> None:
    plain = terms(DAY)
    assert [parameter.id for parameter in plain.assumptions] == ["discount_rate", "life_years", "benchmark_rate"]
    assert "须由审核小组确认" in str(plain.discount_rate.source)
    found = one(100, 30, plain, kind="high")
    assert found.assumed
    assert [parameter.grade for parameter in plain.assumptions] == [None] * 3
    assert plain.discount_rate.as_json()["grade"] == "assumed"
    assert stated().assumptions == ()
    assert stated().discount_rate.grade is Grade.USER
    profile = Settings.from_profile(Profile(settings={"discount-rate": 0.06, "income-tax-rate": 0.15}))
    taken = terms(DAY, settings=profile)
    assert (taken.discount_rate.value, taken.income_tax_rate.value) == (0.06, 0.15)
    assert terms(DAY, stated={"discount_rate": 0.07}, settings=profile).discount_rate.value == 0.07


@given(st.floats(1, 1e4), st.floats(-1e3, 1e4), st.sampled_from([{}, {"discount_rate": 0.05}, {"life_years": 12}]))
def test_nothing_is_decided_on_a_rate_or_a_life_that_nobody_stated(
    investment: float, flow: float, given_terms: dict[str, float]
) -> None:
    """What is decided holds for every rate from 0 to 50 % and every life to 100 years, as far as nobody stated them."""
    found = one(investment, used=terms(DAY, stated=given_terms), kind="high", F=flow)
    npv = next(decision for decision in found.decisions if decision.measure == "NPV")
    assert npv.assumed
    rates = [given_terms["discount_rate"]] if "discount_rate" in given_terms else [0.0, 0.02, 0.1, 0.5]
    lives = [int(given_terms["life_years"])] if "life_years" in given_terms else [1, 5, 20, 100]
    signs = {money.net_present_value(investment, flow, rate, life) >= 0 for rate in rates for life in lives}
    assert npv.state in ("undecided", "not-met")
    if npv.state == "not-met":
        assert signs == {False}
    if True in signs:
        assert npv.state == "undecided"
        assert "没有设定" in str(npv.reason)
        assert found.verdict == "undecided" or found.decisions[0].state == "not-met"


def test_the_value_at_which_an_open_verdict_turns() -> None:
    with language("zh"):
        both = one(100, used=terms(DAY), kind="high", F=15)
        assert both.verdict == "undecided"
        assert both.irr is not None
        assert str(both.verdict_text) == f"经济性尚不能判定（临界贴现率 {100 * both.irr:.3g}%，按寿命 10 年）"
        rate = one(100, used=terms(DAY, stated={"life_years": 12}), kind="high", F=15)
        assert rate.irr is not None
        assert str(rate.verdict_text) == f"经济性尚不能判定（临界贴现率 {100 * rate.irr:.3g}%）"
        life = one(100, used=terms(DAY, stated={"discount_rate": 0.05}), kind="high", F=15)
        years = float(str(life.verdict_text).partition("临界寿命 ")[2].partition(" ")[0])
        assert 15 * (1 - 1.05**-years) / 0.05 == pytest.approx(100, rel=0.005)
        # beyond the limit of the pay-back nothing else matters
        assert one(100, used=terms(DAY), kind="high", F=5).verdict == "not-feasible"
        assert str(one(100, used=terms(DAY), kind="high", F=5).verdict_text) == "经济上不可行"


def test_income_tax_is_dated() -> None:
    assert terms(dt.date(2008, 1, 1)).income_tax_rate.value == 0.25
    old = terms(dt.date(2007, 12, 31)).income_tax_rate
    assert old.value == 0.33
    assert old.grade is Grade.RECALLED
    with pytest.raises(InputError, match="所得税率"):
        terms(dt.date(1990, 1, 1))
    assert terms(dt.date(1990, 1, 1), stated={"income_tax_rate": 0.3}).income_tax_rate.value == 0.3


@pytest.mark.parametrize(
    "bad",
    [{"discount_rate": 5.0}, {"discount_rate": -0.1}, {"life_years": 0}, {"life_years": 7.5}, {"life_years": 1000},
     {"depreciation_years": 0}, {"income_tax_rate": 25}, {"discount-rate": 0.1}, {"price_escalation": 3},
     {"life_years": math.nan}],
)  # fmt: skip
def test_parameters_that_make_no_sense_are_refused(bad: Mapping[str, float]) -> None:
    assert check_settings(bad)
    with pytest.raises(InputError):
        terms(DAY, stated=bad)


def test_all_problems_at_once() -> None:
    with pytest.raises(InputError) as caught:
        terms(DAY, stated={"discount_rate": 5, "life_years": -1, "lief": 3})
    assert len(caught.value.problems) == 3
    assert "life_years" in str(caught.value.problems[2])


# --- entries ---------------------------------------------------------------------------------------------------------


def test_what_the_audit_entered_wins_and_says_so() -> None:
    found = one(150, 40, N=4.6, NPV=101, NPVR=67.3, IRR=17.26)
    assert (found.payback, found.npv) == (4.6, 101)
    assert found.npvr == pytest.approx(0.673)
    assert found.irr == pytest.approx(0.1726)
    assert found.entered == {"N", "NPV", "NPVR", "IRR"}
    # I = 150, P = 40 give F = 33.75, N = 4.44, NPV = 110.6: the difference is named
    assert sum("采用录入值" in str(note) for note in found.notes) >= 2
    inner = one(150, 40, D=20)  # T 20, tax 5, E 15, F 35
    assert (inner.taxable, inner.cash_flow) == (20, 35)
    assert one(150, 40, I=100).investment == 100


def test_entries_that_make_no_sense() -> None:
    where = Location(file="audit.toml")
    assert check_entries({"NVP": 1.0}, where)[0].expected is not None
    assert check_entries({"I": -1.0}, where)
    assert check_entries({"subsidy": -1.0}, where)
    assert check_entries({"discount_rate": 7.0}, where)
    assert not check_entries({"NPV": -5.0, "P": -2.0, "cost": -1.0, "I": None}, where)


def test_depreciation_that_ends_before_the_life_is_named() -> None:
    found = one(100, 40, stated(0.08, 12, depreciation_years=5))
    assert any("逐年现金流量表" in str(note) for note in found.notes)


def test_json_keeps_its_keys_and_can_be_written() -> None:
    record = one(150, F=32.5).as_json()
    assert set(SYMBOLS) <= set(record)
    assert {"IRR_interpolated", "interpolation", "units", "decisions", "verdict", "needs", "notes"} <= set(record)
    assert set(SYMBOLS) <= set(record["units"])  # type: ignore[call-overload]
    json.dumps(record, allow_nan=False)
    json.dumps(one(None, 20, stated(0.0, 40, depreciation_years=1)).as_json(), allow_nan=False)
    with language("en"):
        assert json.dumps(one(100, 20).as_json(), allow_nan=False)


def test_the_pure_functions_are_the_ones_of_the_money_room() -> None:
    found = one(73, 21, stated(0.07, 9))
    assert found.cash_flow == money.cash_flow(73, 21, 10, 0.25).net_cash_flow
    assert found.irr == money.internal_rate_of_return(73, found.cash_flow or 0, 9)


# --- exactly at the limit --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("investment", "flow", "life", "rate"),
    [(100, 110, 1, 0.1), (21, 12.1, 2, 0.1), (33.1, 13.31, 3, 0.1), (100, 10, 10, 0.0), (0.3, 0.1, 3, 0.0)],
)
def test_a_rate_that_leaves_exactly_nothing_is_reached(investment: float, flow: float, life: int, rate: float) -> None:
    used = stated(rate, life)
    found = one(investment, used=used, kind="medium", F=flow)
    assert (found.npv, found.irr) == (0.0, rate)
    states = {decision.measure: decision.state for decision in found.decisions}
    assert (states["NPV"], states["IRR"]) == ("met", "met")
    assert not [note for note in found.notes if "为负" in str(note)]
    less = one(investment, used=used, F=flow * (1 - 1e-9))
    assert [d.state for d in less.decisions if d.measure == "IRR"] == ["not-met"]


def test_a_payback_of_whole_years_is_whole() -> None:
    found = one(0.3, used=stated(0.01, 10, payback_limit_medium_years=3), kind="medium", F=0.1)
    assert found.payback == 3
    assert found.decisions[0].state == "not-met"  # N < 3 asks for less than 3


def test_amounts_too_small_to_be_told_from_nothing() -> None:
    found = one(5e-324, 5e-324, stated(0.0, 2))
    assert found.irr is None or found.irr >= 0

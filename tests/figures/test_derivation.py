from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from figure_plants import fact
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.facts.model import Basis
from qingyuan.figures.derivation import (
    Figure,
    FigureSet,
    Method,
    MissingFigure,
    MixedEnergyValues,
    apply,
    constant,
    error_source,
    from_coefficient,
    from_fact,
    total,
)
from qingyuan.language import Name, message
from qingyuan.reference.records import Coefficient, Grade
from qingyuan.units import DimensionError

amounts = st.floats(min_value=1e-3, max_value=1e9)
relatives = st.floats(min_value=1e-4, max_value=0.5)


def term(value: float, unit: str = "kWh", relative: float = 0.02, meter: str = "", item: str = "electricity"):
    return from_fact(fact(item, "consumed", value, unit, uncertainty=relative, meter=meter))


# --- uncertainty -----------------------------------------------------------------------------------------------------


@given(amounts, relatives)
def test_difference_of_one_meter_with_itself_is_certain(value: float, relative: float) -> None:
    one, two = term(value, relative=relative, meter="M1"), term(value, relative=relative, meter="M1")
    assert (one - two).value == 0
    assert (one - two).sd == 0


@given(amounts, amounts, relatives)
def test_readings_of_one_meter_err_together(first: float, second: float, relative: float) -> None:
    one, two = term(first, relative=relative, meter="M1"), term(second, relative=relative, meter="M1")
    assert (one + two).sd == pytest.approx(relative * (first + second))
    assert (one - two).sd == pytest.approx(relative * abs(first - second), abs=1e-9 * (first + second) * relative)
    assert (one / two).sd == pytest.approx(0, abs=1e-9 * first / second)


@given(amounts, amounts, relatives, relatives)
def test_readings_of_two_meters_err_apart(first: float, second: float, u1: float, u2: float) -> None:
    one, two = term(first, relative=u1, meter="M1"), term(second, relative=u2, meter="M2")
    assert (one + two).sd == pytest.approx(math.hypot(u1 * first, u2 * second))
    assert (one * two).relative_sd == pytest.approx(math.hypot(u1, u2))
    assert (one / two).relative_sd == pytest.approx(math.hypot(u1, u2))


def test_meters_of_two_plants_are_two_meters() -> None:
    here = from_fact(fact("electricity", "consumed", 10.0, "kWh", meter="M1"))
    there = from_fact(replace(fact("electricity", "consumed", 10.0, "kWh", meter="M1"), plant="other"))
    assert (here - there).sd == pytest.approx(0.2 * math.sqrt(2))


def test_two_uses_of_one_coefficient_err_together() -> None:
    coefficient = Coefficient("k", Name("系数", "k"), 2.0, "kgce/kWh", Grade.CITED, "s", relative_uncertainty=0.1)
    exact = term(5, relative=0), term(7, relative=0)
    both = exact[0] * from_coefficient(coefficient) + exact[1] * from_coefficient(coefficient)
    assert both.value == 24
    assert both.relative_sd == pytest.approx(0.1)


UNITS = {"kWh": ("MWh", "GJ", "10^4 kWh"), "t": ("kg", "10^4 t", "g"), "m3": ("L", "10^4 m3", "dm3")}


@given(
    st.sampled_from(sorted(UNITS)), st.data(), amounts, amounts, relatives, relatives,
)  # fmt: skip
def test_scale_of_units_is_irrelevant(unit: str, data: st.DataObject, a: float, b: float, u1: float, u2: float) -> None:
    other = data.draw(st.sampled_from(UNITS[unit]))
    one, two = term(a, unit, u1), term(b, unit, u2, meter="M")
    for made in (lambda x, y: x + y, lambda x, y: x * y, lambda x, y: x / y, lambda x, y: total([x, y, y])):
        here, there = made(one, two), made(one.to(other), two.to(other))
        assert there.to(here.unit).value == pytest.approx(here.value, rel=1e-12)
        assert there.relative_sd == pytest.approx(here.relative_sd, rel=1e-9)


def test_first_order_agrees_with_monte_carlo() -> None:
    # a specific consumption in which one meter stands above and below the line: (x y + z) / (x + w)
    rng = np.random.default_rng(7)
    means, relatives_ = {"x": 120.0, "y": 3.0, "z": 40.0, "w": 60.0}, {"x": 0.03, "y": 0.02, "z": 0.05, "w": 0.04}
    x, y, z, w = (term(means[n], "kWh", relatives_[n], meter=n) for n in "xyzw")
    made = ((x * y).to("kWh*kWh") + z * constant("k", 1.0, "kWh")) / (x + w)
    draws = {n: rng.normal(means[n], relatives_[n] * means[n], 200_000) for n in means}
    sample = (draws["x"] * draws["y"] + draws["z"]) / (draws["x"] + draws["w"])
    assert made.value == pytest.approx((120 * 3 + 40) / 180)
    assert made.sd == pytest.approx(sample.std(), rel=0.02)


@given(amounts, amounts, relatives, relatives)
def test_function_has_the_derivatives_of_the_algebra(a: float, b: float, u1: float, u2: float) -> None:
    one, two = term(a, "m3", u1, item="fresh-water"), term(b, "m3", u2, item="fresh-water", meter="W")
    algebra = one / (one + two)
    function = apply("rate", lambda x, y: x / (x + y), [one, two], "1")
    assert function.value == pytest.approx(algebra.value)
    assert function.sd == pytest.approx(algebra.sd, rel=1e-5, abs=1e-9)


def test_function_at_the_edge_of_its_range_uses_one_side() -> None:
    def root(x: float) -> float:
        if x > 1:
            raise ValueError(x)
        return x * x

    assert apply("f", root, [term(1.0, "1", 0.1)], "1").sd == pytest.approx(0.2, rel=1e-4)
    with pytest.raises(ValueError, match="no derivative"):
        apply("f", lambda x: x if x == 0 else math.nan, [replace(term(1, "1"), value=0.0)], "1")


def test_zero_is_certain_and_its_relative_uncertainty_is_nought() -> None:
    assert term(0.0).sd == 0
    assert term(0.0).relative_sd == 0
    assert (term(5.0, meter="a") - term(5.0, meter="b")).relative_sd == math.inf


# --- sources and sharing ---------------------------------------------------------------------------------------------


def test_source_of_error_is_named_by_what_the_fact_says() -> None:
    one = fact("electricity", "consumed", 10.0, "kWh", basis=Basis.STATISTICS)
    assert error_source(one) == error_source(replace(one))
    assert error_source(one) != error_source(replace(one, period="2021"))
    assert error_source(one) != error_source(replace(one, value=11.0))
    assert error_source(replace(one, meter="M")) == error_source(replace(one, meter="M", period="2021"))


def test_a_meter_that_nobody_named_is_one_meter_over_all_months() -> None:
    months = [from_fact(fact("electricity", "consumed", 10.0, "kWh", f"2022-{m:02d}")) for m in range(1, 13)]
    year = from_fact(fact("electricity", "consumed", 120.0, "kWh"))
    assert total(months).sd == pytest.approx(year.sd)
    assert (total(months) - year).sd == pytest.approx(0, abs=1e-12)
    elsewhere = from_fact(fact("electricity", "consumed", 120.0, "kWh", place="二车间"))
    assert (elsewhere - year).sd == pytest.approx(year.sd * math.sqrt(2))
    estimates = [
        from_fact(fact("electricity", "consumed", 10.0, "kWh", f"2022-{m:02d}", basis=Basis.ESTIMATE)) for m in (1, 2)
    ]
    assert total(estimates).sd == pytest.approx(3 * math.sqrt(2))


def test_shared_parts_are_walked_once() -> None:
    made = term(1.0, relative=0.02)
    for _ in range(60):
        made = made + made
    assert made.value == 2.0**60
    assert made.relative_sd == pytest.approx(0.02)
    assert sum(1 for _ in made.walk()) == 61
    assert len(made.facts()) == 1


def test_long_chains_need_no_recursion() -> None:
    made = term(1.0)
    for _ in range(5000):
        made = made + constant("one", 1.0, "kWh")
    assert made.value == 5001
    assert sum(1 for _ in made.walk()) == 10_001


# --- exact decimals --------------------------------------------------------------------------------------------------


def test_sums_and_products_of_decimals_are_exact() -> None:
    assert 0.1 + 0.2 != 0.3
    assert (term(0.1) + term(0.2)).value == 0.3
    assert (term(0.1) + term(0.2)).exact == Decimal("0.3")
    assert (term(1.1) * constant("k", 1.1, "kgce/kWh")).exact == Decimal("1.21")
    assert (term(0.3) - term(0.1)).value == 0.2
    assert total([term(0.1)] * 10).value == 1.0


def test_decimal_conversions_are_exact_and_others_are_not_called_so() -> None:
    assert term(1234.567, "kWh").to("MWh").exact == Decimal("1.234567")
    assert term(1.5, "kWh").to("MJ").exact == Decimal("5.4")
    assert term(1.0, "MJ").to("kWh").exact is None
    assert term(1.0, "MJ").to("kWh").value == pytest.approx(1 / 3.6)
    assert constant("molar", 44 / 12, "1").exact is None


@given(st.lists(st.decimals(min_value=0, max_value=10**6, places=3), min_size=1, max_size=12))
def test_exact_sum_is_the_decimal_sum(numbers: list[Decimal]) -> None:
    made = total([term(float(number)) for number in numbers])
    assert made.exact == sum(numbers)


# --- units and accounts ----------------------------------------------------------------------------------------------


def test_dimensions_do_not_mix() -> None:
    with pytest.raises(DimensionError):
        term(1, "kWh") + term(1, "t")
    with pytest.raises(ValueError, match="at least one"):
        total([])
    with pytest.raises(ZeroDivisionError):
        term(1) / term(0)


def test_equivalent_and_equal_values_never_mix() -> None:
    one, other = term(1, "kgce").as_energy("equivalent"), term(1, "kgce").as_energy("equal")
    for mixed in (lambda: one + other, lambda: one - other, lambda: one / other, lambda: total([one, other])):
        with pytest.raises(MixedEnergyValues):
            mixed()
    with pytest.raises(MixedEnergyValues):
        one.as_energy("equal")
    assert (one + one).energy_value == "equivalent"
    assert (one / one).energy_value is None
    assert (one / term(2, "t")).energy_value == "equivalent"


def test_bounds_follow_the_arithmetic() -> None:
    upper = replace(term(1), upper_bound=True)
    assert (upper + term(1)).upper_bound
    assert not (term(5) - upper).upper_bound
    assert (term(5) - upper).lower_bound
    assert (term(5) / upper).lower_bound
    assert (upper / term(5)).upper_bound
    assert not (upper / term(5)).lower_bound


def test_part_of_a_period_taints_what_is_made_of_it() -> None:
    part, whole = replace(term(1), covers="2022-01"), term(2)
    assert (part * constant("k", 2, "1")).covers == "2022-01"
    assert (part + part).covers == "2022-01"
    assert (part + whole).covers not in ("", "2022-01")
    assert (whole + whole).covers == ""


# --- figures ---------------------------------------------------------------------------------------------------------

METHOD = Method("m", Name("方法", "method"), "x", "", "s", Grade.CITED)


def figure(period: str, value: float, product: str = "") -> Figure:
    return Figure("electricity", Name("用电量", "electricity"), period, term(value), METHOD, "energy", product=product)


def test_figures_are_found_by_id_period_and_product() -> None:
    gap = MissingFigure("heat", Name("用热量", "heat"), "2022", (message("热力"),), "energy")
    found = FigureSet((figure("2021", 1), figure("2022", 2), figure("2022", 3, "board")), (gap,))
    assert found.find("electricity").value == 2
    assert found.find("electricity", period="2021").value == 1
    assert found.find("electricity", product="board").value == 3
    assert found.find("heat") is None
    assert found.why_missing("heat").needs == (message("热力"),)
    assert found.get("electricity@board#2022").value == 3
    assert found.get("electricity").value == 2
    assert found.get("electricity#2020") is None
    assert len(found + found) == 6
    assert found.of_group("water") == FigureSet()


def test_grade_of_a_figure_is_the_weakest_below_it() -> None:
    recalled = Coefficient("k", Name("系数", "k"), 2.0, "kgce/kWh", Grade.RECALLED, "s")
    made = term(1) * from_coefficient(recalled)
    assert made.grade is Grade.RECALLED
    assert replace(figure("2022", 1), term=made).grade is Grade.RECALLED
    assert figure("2022", 1).grade is Grade.CITED


def test_a_fact_without_a_value_is_no_term() -> None:
    with pytest.raises(ValueError, match="without a value"):
        from_fact(fact("electricity", "consumed", None, "kWh"))
    assert from_fact(fact("electricity", "consumed", 3, "kWh", basis=Basis.ESTIMATE)).relative_sd == pytest.approx(0.3)


def test_a_function_keeps_the_bounds_of_its_arguments() -> None:
    from dataclasses import replace

    from qingyuan.figures.derivation import apply, constant

    most = replace(constant("a", 2.0, "1"), upper_bound=True)
    least = replace(constant("b", 3.0, "1"), lower_bound=True)
    rising = apply("f", lambda x: x * x, [most], "1")
    falling = apply("f", lambda x: 1 / x, [most], "1")
    both = apply("f", lambda x, y: x - y, [most, least], "1")
    assert (rising.upper_bound, rising.lower_bound) == (True, False)
    assert (falling.upper_bound, falling.lower_bound) == (False, True)
    assert (both.upper_bound, both.lower_bound) == (True, False)
    assert not apply("f", lambda x: 1.0, [most], "1").upper_bound

from __future__ import annotations

import doctest
import json
from pathlib import Path

import pytest
from figure_plants import fact, ledger
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.figures import steam

KELVIN = 273.15


# IAPWS R7-97(2012), computer-program verification: tables 5, 15, 33, 42 (enthalpy), 35, 36 (saturation).
@pytest.mark.parametrize(
    ("kelvin", "pressure", "enthalpy"),
    [(300, 3, 115.331273), (300, 80, 184.142828), (500, 3, 975.542239)],
)
def test_water_of_the_release(kelvin: float, pressure: float, enthalpy: float) -> None:
    assert steam.water_enthalpy(pressure, kelvin - KELVIN) == pytest.approx(enthalpy, rel=1e-8)


@pytest.mark.parametrize(
    ("kelvin", "pressure", "enthalpy"),
    [
        (300, 0.0035, 2549.91145), (700, 0.0035, 3335.68375), (700, 30, 2631.49474),
        (1500, 0.5, 5219.76855), (1500, 30, 5167.23514), (2000, 30, 6571.22604),
        (650, 25.5837018, 1863.43019), (650, 22.2930643, 2375.12401), (750, 78.3095639, 2258.68845),
    ],
)  # fmt: skip
def test_superheated_and_supercritical_steam_of_the_release(kelvin: float, pressure: float, enthalpy: float) -> None:
    assert steam.superheated_steam_enthalpy(pressure, kelvin - KELVIN) == pytest.approx(enthalpy, rel=2e-6)


@pytest.mark.parametrize(("pressure", "kelvin"), [(0.1, 372.755919), (1, 453.035632), (10, 584.149488)])
def test_boiling_temperature_of_the_release(pressure: float, kelvin: float) -> None:
    assert steam.saturation_temperature(pressure) + KELVIN == pytest.approx(kelvin, abs=1e-5)


@pytest.mark.parametrize(("kelvin", "pressure"), [(300, 0.00353658941), (500, 2.63889776), (600, 12.3443146)])
def test_boiling_pressure_of_the_release(kelvin: float, pressure: float) -> None:
    assert steam.saturation_pressure(kelvin - KELVIN) == pytest.approx(pressure, rel=1e-8)


def test_saturated_steam_where_a_printed_table_is_right_and_where_it_is_wrong() -> None:
    assert steam.saturated_steam_enthalpy(1.0) == pytest.approx(2777.1, abs=0.05)
    assert steam.saturated_steam_enthalpy(10.0) == pytest.approx(2725.5, abs=0.05)
    assert abs(steam.saturated_steam_enthalpy(10.0) - 2844.5) > 100  # what a transcribed table prints


def test_engineering_check_values(shared: Path) -> None:
    values = {entry["id"]: entry for entry in json.loads(
        (shared / "real-data/engineering-check-values/check_values.json").read_text(encoding="utf-8")
    )}  # fmt: skip
    boiling = steam.saturation_temperature(20) + KELVIN
    assert boiling == pytest.approx(values["iapws-tsat-20MPa"]["out"]["T_K"], abs=1e-6)
    cold = steam.saturation_pressure(300 - KELVIN)
    assert cold == pytest.approx(values["iapws-psat-300K"]["out"]["p_MPa"], rel=1e-8)
    liquid = steam.saturated_steam_enthalpy(cold, 0.0)
    assert liquid == pytest.approx(values["iapws-hl-300K"]["out"]["h_kJ_per_kg"], rel=1e-6)
    # That suite takes the vapour of 20 MPa from region 2 beyond its border (623.15 K); region 3 gives 2411.39, and the
    # steam tables 2411. The two differ by 0.4 %.
    vapour = steam.saturated_steam_enthalpy(20)
    assert vapour == pytest.approx(2411.39, abs=0.1)
    assert vapour == pytest.approx(values["iapws-hg-20MPa"]["out"]["h_kJ_per_kg"], rel=5e-3)


def test_heat_of_steam_and_hot_water() -> None:
    # 1000 t of saturated steam at 0.8 MPa gauge; 500 t of water at 90 degC
    enthalpy = steam.saturated_steam_enthalpy(steam.absolute_pressure(0.8))
    assert steam.steam_heat(1000, enthalpy) == pytest.approx(1000 * (enthalpy - 83.74) / 1000)
    assert steam.hot_water_heat(500, 90) == pytest.approx(146.538)
    # the low-pressure steam of shop floors, 0.1286 kgce/kg, is 40 % above the heat that it brings
    brought = (steam.saturated_steam_enthalpy(steam.absolute_pressure(0.3)) - 83.74) / 1000 * 0.03412
    assert 0.1286 / brought == pytest.approx(1.42, abs=0.03)


@pytest.mark.parametrize(
    "call",
    [
        lambda: steam.saturated_steam_enthalpy(23),
        lambda: steam.saturated_steam_enthalpy(0),
        lambda: steam.saturated_steam_enthalpy(-1),
        lambda: steam.saturated_steam_enthalpy(1, 1.2),
        lambda: steam.saturated_steam_enthalpy(float("nan")),
        lambda: steam.superheated_steam_enthalpy(1, 100),
        lambda: steam.superheated_steam_enthalpy(101, 500),
        lambda: steam.superheated_steam_enthalpy(60, 900),
        lambda: steam.superheated_steam_enthalpy(1, 2500),
        lambda: steam.water_enthalpy(1, 200),
        lambda: steam.water_enthalpy(1, -5),
        lambda: steam.saturation_temperature(25),
        lambda: steam.saturation_pressure(400),
        lambda: steam.hot_water_heat(1, -3),
        lambda: steam.absolute_pressure(-0.2),
    ],
)
def test_out_of_range_is_said_and_not_computed(call: object) -> None:
    with pytest.raises(steam.OutOfRange) as caught:
        call()  # type: ignore[operator]
    assert str(caught.value)


@given(st.floats(0.001, 22.0), st.floats(0, 1))
def test_wet_steam_lies_between_water_and_vapour(pressure: float, dryness: float) -> None:
    low, high = steam.saturated_steam_enthalpy(pressure, 0), steam.saturated_steam_enthalpy(pressure, 1)
    assert low - 1e-9 <= steam.saturated_steam_enthalpy(pressure, dryness) <= high + 1e-9


@given(st.floats(0.01, 15), st.floats(5, 200), st.floats(1, 100))
def test_hotter_steam_holds_more(pressure: float, above: float, more: float) -> None:
    boiling = steam.saturation_temperature(pressure)
    first = steam.superheated_steam_enthalpy(pressure, boiling + above)
    assert steam.superheated_steam_enthalpy(pressure, boiling + above + more) > first
    assert first > steam.saturated_steam_enthalpy(pressure)


def test_examples_in_the_documentation() -> None:
    assert doctest.testmod(steam).failed == 0


# --- from facts ------------------------------------------------------------------------------------------------------


def heat(*facts: object, item: str = "steam"):
    book = ledger(*facts)  # type: ignore[arg-type]
    return steam.heat_of(book, item, book.amount(item, "purchased", "2022"), "2022")


def test_heat_of_bought_steam_from_gauge_pressure_is_propagated() -> None:
    amount = fact("steam", "purchased", 1000, "t", uncertainty=0.02)
    term, needs = heat(amount, fact("steam", "pressure", 0.8, "MPa", "undated", uncertainty=0.05))
    expected = steam.steam_heat(1000, steam.saturated_steam_enthalpy(0.901325))
    assert needs == ()
    assert (term.value, term.unit) == (pytest.approx(expected), "GJ")
    assert term.relative_sd == pytest.approx(0.02, rel=0.01)  # the pressure hardly matters
    assert any("表压" in str(node.note) for node in term.walk())


def test_superheated_wet_and_absolute_are_told_apart() -> None:
    amount = fact("steam", "purchased", 1, "t")
    gauge = fact("steam", "pressure", 1, "MPa", "undated")
    absolute = fact("steam", "absolute-pressure", 1, "MPa", "undated")
    hot = fact("steam", "temperature", 300, "degC", "undated")
    wet = fact("steam", "dryness", 95, "%", "undated")
    at = steam.steam_heat
    assert heat(amount, absolute)[0].value == pytest.approx(at(1, steam.saturated_steam_enthalpy(1)))
    assert heat(amount, gauge)[0].value == pytest.approx(at(1, steam.saturated_steam_enthalpy(1.101325)))
    assert heat(amount, absolute, hot)[0].value == pytest.approx(at(1, steam.superheated_steam_enthalpy(1, 300)))
    assert heat(amount, absolute, wet)[0].value == pytest.approx(at(1, steam.saturated_steam_enthalpy(1, 0.95)))
    enthalpy = fact("steam", "enthalpy", 2.8, "MJ/kg", "undated")
    assert heat(amount, enthalpy, gauge)[0].value == pytest.approx((2800 - 83.74) / 1000)


def test_steam_without_pressure_is_asked_for_and_out_of_range_is_named() -> None:
    amount = fact("steam", "purchased", 1, "t")
    term, needs = heat(amount)
    assert term is None
    assert "压力" in str(needs[0])
    term, needs = heat(amount, fact("steam", "pressure", 40, "MPa", "undated"))
    assert term is None
    assert "40" in str(needs[0])


def test_hot_water_with_and_without_return() -> None:
    amount = fact("hot-water", "purchased", 100, "t")
    out = fact("hot-water", "temperature", 90, "degC", "undated")
    back = fact("hot-water", "return-temperature", 60, "degC", "undated")
    assert heat(amount, out, item="hot-water")[0].value == pytest.approx(100 * 70 * 4.1868 / 1000)
    assert heat(amount, out, back, item="hot-water")[0].value == pytest.approx(100 * 30 * 4.1868 / 1000)
    assert heat(amount, item="hot-water")[0] is None


def test_heat_in_gigajoules_needs_nothing() -> None:
    assert heat(fact("heat", "purchased", 3600, "MJ"), item="heat")[0].value == pytest.approx(3.6)


def test_words_beside_a_pressure_do_not_decide_what_it_is() -> None:
    amount = fact("steam", "purchased", 1, "t")
    gauge = steam.steam_heat(1, steam.saturated_steam_enthalpy(1.101325))
    for words in ({"note": "绝热良好"}, {"label": "insulated, absolute"}, {"label": "绝对压力"}):
        assert heat(amount, fact("steam", "pressure", 1, "MPa", "undated", **words))[0].value == pytest.approx(gauge)


@pytest.mark.parametrize("name", ["绝压", "绝对压力", "absolute pressure"])
def test_absolute_pressure_is_a_role_in_both_languages(name: str) -> None:
    from qingyuan.reference.items import catalogue

    assert name in {
        word for role in catalogue().all_roles if role.id == "absolute-pressure" for word in (*role.words, role.name.en)
    }

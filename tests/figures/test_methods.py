from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest

from qingyuan import units
from qingyuan.errors import UnknownName
from qingyuan.figures import methods
from qingyuan.language import language
from qingyuan.reference import energy as reference
from qingyuan.reference.items import catalogue
from qingyuan.reference.records import Grade

COMPREHENSIVE = "energy.comprehensive.equivalent"


def test_period_uses_the_edition_in_force_on_its_last_day() -> None:
    assert methods.in_force(COMPREHENSIVE, "2020").edition == "GB/T 2589-2008"
    assert methods.in_force(COMPREHENSIVE, "2021-03").edition == "GB/T 2589-2008"
    assert methods.in_force(COMPREHENSIVE, "2021").edition == "GB/T 2589-2020"
    assert methods.in_force("water.balance", "2022-10").edition == "GB/T 12452-2008"
    assert methods.in_force("water.balance", "2022").edition == "GB/T 12452-2022"
    fixed = methods.in_force(COMPREHENSIVE, "2020", as_of=dt.date(2026, 1, 1))
    assert fixed.edition == "GB/T 2589-2020"


def test_change_of_edition_and_foreign_edition_are_noticed() -> None:
    assert "2021-04-01" in str(methods.notices(COMPREHENSIVE, "2021")[0])
    assert methods.notices(COMPREHENSIVE, "2022") == ()
    assert methods.notices(COMPREHENSIVE, "2022", as_of=dt.date(2026, 1, 1)) == ()
    assert "便于比较" in str(methods.notices(COMPREHENSIVE, "2020", as_of=dt.date(2026, 1, 1))[0])


def test_unknown_methods_and_figures_are_named_with_suggestions() -> None:
    with pytest.raises(UnknownName, match=r"energy\.comprehensive"):
        methods.in_force("energy.comprehensive.equivalant", "2022")
    with pytest.raises(UnknownName, match="electricity"):
        methods.definition("electricty")


def test_no_edition_in_force_is_said() -> None:
    starts = [method for method in methods.all_methods() if method.validity.start and method.validity.start.year > 2000]
    first = {method.id: method for method in reversed(starts)}
    for id, method in first.items():
        if methods.editions(id)[0] is method:
            with pytest.raises(methods.NoMethodInForce) as caught:
                methods.in_force(id, "1999")
            assert id in str(caught.value)
            break


def test_editions_of_a_method_follow_each_other_without_gap_or_overlap() -> None:
    for id in {method.id for method in methods.all_methods()}:
        for earlier, later in pairwise(methods.editions(id)):
            assert earlier.validity.end is not None
            assert later.validity.start == earlier.validity.end + dt.timedelta(days=1)


def test_every_method_and_figure_is_complete_in_both_languages() -> None:
    for method in methods.all_methods():
        assert method.name.zh
        assert method.name.en
        assert method.formula
        assert method.source
        assert bool(method.note.zh) == bool(method.note.en)
    for known in methods.definitions():
        assert known.name.zh
        assert known.name.en
        assert known.definition.zh
        assert known.definition.en
        assert known.group in ("energy", "water", "materials", "pollutants", "carbon", "money")
        assert not known.unit or units.canonical(known.unit) == known.unit
    with language("en"):
        assert str(methods.definition("electricity").name) == "electricity consumption"


def test_figure_for_each_item_is_defined_once() -> None:
    assert methods.definition("energy-use.raw-coal") is methods.definition("energy-use.natural-gas")
    assert methods.definition("energy-coal.equal.raw-coal").id == "energy-coal.equal.*"


# --- standard-coal coefficients --------------------------------------------------------------------------------------

NOW, BEFORE = dt.date(2022, 12, 31), dt.date(2020, 12, 31)


def test_coefficients_follow_from_their_heat_values_to_the_printed_digits() -> None:
    for row in reference.all_rows():
        if row.lhv_high is None or row.id in ("lng", "electricity-equivalent"):  # printed otherwise, as noted there
            continue
        for kgce, heat in ((row.low, row.lhv_low), (row.high, row.lhv_high)):
            assert kgce == pytest.approx(heat / 29307.6, abs=1.01e-4), row.id


def test_both_editions_print_the_same_but_for_fresh_water() -> None:
    changed = {id for id in reference.ids() if reference.row(id, NOW).high != reference.row(id, BEFORE).high}
    assert changed == {"new-water"}
    assert reference.standard_coal("new-water", BEFORE).value == 0.0857
    assert reference.standard_coal("new-water", NOW).value == 0.2571


def test_nothing_is_lost_against_the_source(shared: object) -> None:
    import tomllib

    source = tomllib.loads((shared / "domain/data/energy-coefficients.toml").read_text(encoding="utf-8"))  # type: ignore[operator]
    grade = {"verified": Grade.CITED, "memory": Grade.RECALLED, "derived": Grade.CITED}
    for entry in (*source["fuel"], *source["working_medium"]):
        row = reference.row(entry["id"], NOW)
        printed = entry["kgce_per_unit"]
        assert [row.low, row.high] == (printed if isinstance(printed, list) else [printed, printed])
        assert row.grade is grade[entry["status"]]
        assert row.name.zh == entry["name_zh"]
        if entry in source["fuel"]:
            heat = entry["lhv_kj_per_unit"]
            assert [row.lhv_low, row.lhv_high] == (heat if isinstance(heat, list) else [heat, heat])
    assert {value.value for value in reference.sector_values()} == {e["mj_per_unit"] for e in source["sector_specific"]}


def test_links_of_items_lead_to_coefficients_of_fitting_units() -> None:
    extra = {
        "electricity-equal-value",
        "heat-equal-value",
        *(value.id.partition("/")[2] for value in reference.shop_values()),
    }
    for item in catalogue():
        for link in (item.energy_coefficient, item.equal_value_coefficient):
            assert not link or link in reference.ids() or link in extra, item.id
        if item.energy_coefficient in reference.ids():
            unit = reference.row(item.energy_coefficient, NOW).unit
            allowed = {item.dimension, *(units.dimension(other) for other in item.other_units)}
            assert units.dimension(unit) in allowed, item.id


def test_ranges_are_defaults_and_single_numbers_are_not() -> None:
    gas = reference.standard_coal("natural-gas", NOW)
    assert (gas.value, gas.default, gas.grade) == (1.33, True, Grade.CITED)
    assert reference.standard_coal("natural-gas", NOW, "low").grade is Grade.RECALLED
    assert not reference.standard_coal("raw-coal", NOW).default
    assert reference.heating_value("natural-gas", NOW).value == pytest.approx((32238 + 38979) / 2)
    assert reference.heating_value("new-water", NOW) is None
    assert reference.historic_electricity_equal_value().value == 0.404
    assert reference.kj_per_kgce().value == 29307.6
    with pytest.raises(UnknownName):
        reference.standard_coal("moonshine", NOW)

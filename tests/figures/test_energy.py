from __future__ import annotations

from pathlib import Path

import pytest
from figure_plants import case, fact, ledger, months, run
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.facts.cases import read_case
from qingyuan.facts.model import Basis, State
from qingyuan.figures import carbon, compute, energy, steam
from qingyuan.figures.derivation import FigureSet
from qingyuan.reference.records import Grade

E, GAS, COAL = "electricity", "natural-gas", "raw-coal"
POWER = fact(E, "purchased", 1_000_000, "kWh")
WHOLE = "comprehensive-energy.equivalent"


def whole(*facts: object, kind: str = "equivalent", **settings: object) -> float | None:
    found = run(energy, *facts, settings={key.replace("_", "-"): value for key, value in settings.items()})
    figure = found.find(f"comprehensive-energy.{kind}")
    return None if figure is None else figure.value


def texts(found: FigureSet, id: str) -> str:
    return " ".join(str(note) for note in found.find(id).notes)


def needs(found: FigureSet, id: str) -> str:
    return " ".join(str(need) for need in found.why_missing(id).needs)


# --- coefficients ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "amount", "unit", "tce"),
    [
        (E, 1_000_000, "kWh", 122.9), (COAL, 1000, "t", 714.3), ("cleaned-coal", 10, "t", 9.0),
        ("diesel", 10, "t", 14.571), ("gasoline", 10, "t", 14.714), ("lpg", 1, "t", 1.7143),
        ("heat", 1000, "GJ", 34.12), ("blast-furnace-gas", 10, "10^4 Nm3", 12.86), ("coke", 1, "t", 0.9714),
        ("softened-water", 1000, "t", 0.4857), ("acetylene", 100, "Nm3", 0.83143), ("calcium-carbide", 1, "t", 2.0786),
    ],
)  # fmt: skip
def test_printed_coefficients_of_the_standard(item: str, amount: float, unit: str, tce: float) -> None:
    found = run(energy, POWER, fact(item, "purchased", amount, unit)) if item != E else run(energy, POWER)
    assert found.find(f"energy-coal.equivalent.{item}").value == pytest.approx(tce, rel=1e-12)


def test_printed_digits_are_used_and_not_recomputed() -> None:
    # 3600/29307.6 would give 122.835
    assert whole(POWER) == 122.9


def test_measured_heating_value_goes_before_the_printed_coefficient() -> None:
    value = fact(COAL, "lower-heating-value", 25120.8, "kJ/kg")  # 6000 kcal/kg
    found = run(energy, fact(COAL, "purchased", 100, "t"), value)
    assert found.find(WHOLE).value == pytest.approx(100 * 25120.8 / 29307.6)
    assert found.find(WHOLE).value == pytest.approx(100 * 6 / 7)
    gas = fact(GAS, "lower-heating-value", 35.0, "MJ/m3")
    found = run(energy, fact(GAS, "purchased", 10_000, "Nm3"), gas)
    assert found.find(WHOLE).value == pytest.approx(10 * 35000 / 29307.6)
    assert not any(coefficient.default for coefficient in found.find(WHOLE).term.coefficients())


def test_the_plants_own_coefficient_goes_before_all() -> None:
    found = run(
        energy, fact(COAL, "purchased", 100, "t"), fact(COAL, "lower-heating-value", 20000, "kJ/kg"),
        fact(COAL, "coal-coefficient", 0.75, "kgce/kg"),
    )  # fmt: skip
    assert found.find(WHOLE).value == pytest.approx(75)


@pytest.mark.parametrize(
    ("choice", "tce"), [(None, 1.33), ("high", 1.33), ("low", 1.1), ("middle", 1.215), ("statistics", 1.2143)]
)
def test_a_printed_range_gives_a_visible_default_with_its_uncertainty(choice: str | None, tce: float) -> None:
    settings = {"range-choice": choice} if choice else {}
    gas = fact(GAS, "purchased", 1000, "Nm3", uncertainty=0.0)
    found = run(energy, gas, settings=settings)
    figure = found.find(WHOLE)
    assert figure.value == pytest.approx(tce)
    assert "默认" in texts(found, WHOLE)
    assert figure.sd == pytest.approx((1.33 - 1.1) / 12**0.5)
    assert [c.default for c in figure.term.coefficients()] == [True]


def test_gas_in_plain_cubic_metres_counts_as_normal_and_fuel_in_heat_by_definition() -> None:
    assert whole(fact(GAS, "purchased", 1000, "m3")) == pytest.approx(1.33)
    assert whole(fact(COAL, "purchased", 29307.6, "MJ")) == pytest.approx(1.0)


def test_a_coal_without_a_row_in_the_table_asks_for_its_heating_value() -> None:
    found = run(energy, POWER, fact("anthracite", "purchased", 100, "t"))
    assert found.find(WHOLE) is None
    assert "无烟煤的低位发热量" in needs(found, WHOLE)
    assert found.find("energy-use.anthracite").value == 100


def test_litres_of_diesel_use_the_density_which_shows_as_default() -> None:
    found = run(energy, fact("diesel", "purchased", 1000, "L"))
    figure = found.find(WHOLE)
    density = next(c for c in figure.term.coefficients() if c.id.startswith("density/"))
    assert density.default
    assert figure.value == pytest.approx(density.value * 1.4571)


# --- editions --------------------------------------------------------------------------------------------------------


def test_fresh_water_by_the_edition_of_the_period() -> None:
    rows = [fact(E, "purchased", 1, "kWh", year) for year in ("2020", "2021", "2022")]
    water = [fact("fresh-water", "purchased", 1000, "m3", year) for year in ("2020", "2021", "2022")]
    found = run(energy, *rows, *water)
    values = {year: found.find("working-media-energy", period=year).value for year in ("2020", "2021", "2022")}
    assert values == pytest.approx({"2020": 0.0857, "2021": 0.2571, "2022": 0.2571})
    assert found.find(WHOLE, period="2020").method.edition == "GB/T 2589-2008"
    assert found.find(WHOLE, period="2022").method.edition == "GB/T 2589-2020"
    old = found.find(WHOLE, period="2020").term.coefficients()
    assert {c.edition for c in old} == {"GB/T 2589-2008"}
    assert "跨新旧版本" in " ".join(map(str, found.find(WHOLE, period="2021").notes))


def test_years_compared_on_one_edition_say_so() -> None:
    rows = [fact(E, "purchased", 1, "kWh", "2020"), fact("fresh-water", "purchased", 1000, "m3", "2020")]
    found = run(energy, *rows, settings={"editions-as-of": "2024-12-31"})
    assert found.find("working-media-energy").value == pytest.approx(0.2571)
    assert found.find(WHOLE).method.edition == "GB/T 2589-2020"
    assert "GB/T 2589-2020" in texts(found, WHOLE)


# --- two accounts ----------------------------------------------------------------------------------------------------


def test_equal_value_needs_the_number_of_the_year() -> None:
    found = run(energy, POWER)
    assert found.find("comprehensive-energy.equal") is None
    text = needs(found, "comprehensive-energy.equal")
    assert "equal-value-electricity.2022" in text
    assert "0.4040" in text
    given_ = run(energy, POWER, settings={"equal-value-electricity.2022": 0.2998})
    assert given_.find("comprehensive-energy.equal").value == pytest.approx(299.8)
    assert given_.find("comprehensive-energy.equal").grade is Grade.RECALLED  # the method's rule is recalled
    other_year = run(energy, POWER, settings={"equal-value-electricity.2021": 0.3})
    assert other_year.find("comprehensive-energy.equal") is None


def test_equal_value_from_a_fact_and_the_historic_constant_only_on_demand() -> None:
    stated = fact(E, "coal-coefficient", 0.305, "kgce/kWh", label="电力等价折标系数")
    assert whole(POWER, stated, kind="equal") == pytest.approx(305)
    assert whole(POWER, stated) == 122.9
    found = run(energy, POWER, settings={"historic-equal-value": True})
    assert found.find("comprehensive-energy.equal").value == pytest.approx(404)
    assert "默认" in texts(found, "comprehensive-energy.equal")


def test_fuels_are_the_same_in_both_accounts_and_the_accounts_are_never_added() -> None:
    found = run(energy, POWER, fact(COAL, "purchased", 100, "t"), settings={"equal-value-electricity.2022": 0.3})
    assert found.find(WHOLE).value == pytest.approx(122.9 + 71.43)
    assert found.find("comprehensive-energy.equal").value == pytest.approx(300 + 71.43)
    assert found.find(WHOLE).term.energy_value == "equivalent"
    assert found.find("comprehensive-energy.equal").term.energy_value == "equal"


def test_heat_has_its_own_equal_value() -> None:
    rows = POWER, fact("heat", "purchased", 1000, "GJ")
    both = {"equal-value-electricity.2022": 0.3}
    assert "equal-value-heat.2022" in needs(run(energy, *rows, settings=both), "comprehensive-energy.equal")
    both["equal-value-heat.2022"] = 0.04
    assert run(energy, *rows, settings=both).find("comprehensive-energy.equal").value == pytest.approx(340)


# --- what is counted, and once ---------------------------------------------------------------------------------------


def test_own_power_and_steam_are_not_counted_again() -> None:
    coal = fact(COAL, "purchased", 1000, "t")
    made = [
        fact("steam", "produced", 5000, "t"), fact("steam", "consumed", 4800, "t"),
        fact("compressed-air", "consumed", 10**6, "Nm3"),
    ]  # fmt: skip
    assert whole(coal, POWER, *made) == pytest.approx(714.3 + 122.9)
    found = run(energy, coal, POWER, *made)
    assert "自产蒸汽由已计的能源生产" in texts(found, WHOLE)
    assert "压缩空气没有外购量" in texts(found, WHOLE)


def test_steam_used_without_purchase_beside_a_boiler_is_own_and_alone_is_bought() -> None:
    used = fact("steam", "consumed", 1000, "t")
    pressure = fact("steam", "pressure", 0.8, "MPa", "undated")
    assert whole(POWER, fact(GAS, "purchased", 1000, "Nm3"), used, pressure) == pytest.approx(122.9 + 1.33)
    heat = steam.steam_heat(1000, steam.saturated_steam_enthalpy(0.901325))
    assert whole(POWER, used, pressure) == pytest.approx(122.9 + heat * 0.03412)


def test_own_power_from_fuel_reduces_what_was_bought_where_only_use_is_stated() -> None:
    rows = fact(E, "consumed", 1_000_000, "kWh"), fact(E, "produced", 400_000, "kWh"), fact(COAL, "purchased", 500, "t")
    assert whole(*rows) == pytest.approx(0.6 * 122.9 + 357.15)
    found = run(energy, *rows)
    assert found.find("electricity").value == 1_000_000


def test_own_renewable_power_counts_and_shows() -> None:
    sun = fact("photovoltaic-electricity", "produced", 200_000, "kWh")
    found = run(energy, POWER, sun)
    assert found.find(WHOLE).value == pytest.approx(122.9 + 24.58)
    assert found.find("renewable-energy.equivalent").value == pytest.approx(24.58)
    assert found.find("renewable-share").value == pytest.approx(100 * 0.2 / 1.2)
    assert found.find("electricity").value == 1_200_000
    # where only the use is stated, the sun is inside it
    assert whole(fact(E, "consumed", 1_200_000, "kWh"), sun) == pytest.approx(1.2 * 122.9)


def test_supply_to_others_is_subtracted_at_the_same_kind_of_value() -> None:
    rows = POWER, fact(E, "sold", 100_000, "kWh")
    found = run(energy, *rows, settings={"equal-value-electricity.2022": 0.3})
    assert found.find(WHOLE).value == pytest.approx(0.9 * 122.9)
    assert found.find("comprehensive-energy.equal").value == pytest.approx(0.9 * 300)
    assert found.find("exported-energy.equivalent").value == pytest.approx(12.29)
    steam_sold = fact("steam", "sold", 100, "t"), fact("steam", "enthalpy", 2800, "kJ/kg", "undated")
    sold = 100 * (2800 - 83.74) / 1000 * 0.03412
    assert whole(fact(COAL, "purchased", 1000, "t"), *steam_sold) == pytest.approx(714.3 - sold)


def test_feedstock_stands_apart_or_inside_as_the_report_says() -> None:
    rows = fact(GAS, "purchased", 100_000, "Nm3"), fact(GAS, "feedstock", 60_000, "Nm3")
    assert whole(*rows) == pytest.approx(40 * 1.33)
    assert whole(*rows, feedstock="include") == pytest.approx(100 * 1.33)
    assert run(energy, *rows).find("feedstock-energy.equivalent").value == pytest.approx(60 * 1.33)
    burnt = fact(GAS, "consumed", 40_000, "Nm3"), fact(GAS, "feedstock", 60_000, "Nm3")
    assert whole(*burnt) == pytest.approx(40 * 1.33)
    assert whole(*burnt, feedstock="include") == pytest.approx(100 * 1.33)


def test_working_media_count_only_where_they_were_bought() -> None:
    oxygen = fact("oxygen", "purchased", 10_000, "Nm3")
    assert whole(POWER, oxygen) == pytest.approx(122.9 + 4)
    assert whole(POWER, oxygen, working_media="exclude") == pytest.approx(122.9)
    assert whole(POWER, fact("oxygen", "consumed", 10_000, "Nm3")) == pytest.approx(122.9)
    assert whole(POWER, fact("ground-water", "taken", 1000, "m3")) == pytest.approx(122.9)
    assert whole(POWER, fact("tap-water", "consumed", 1000, "m3")) == pytest.approx(122.9 + 0.2571)
    found = run(energy, POWER, fact("fresh-water", "consumed", 1000, "m3"))
    assert "未说明水源" in texts(found, WHOLE)
    assert found.find("energy-share.electricity").value == 100  # structure is of energies, not of media


def test_parts_of_a_stated_total_are_not_counted_beside_it() -> None:
    green = fact("green-electricity", "purchased", 300_000, "kWh")
    assert whole(POWER, green) == 122.9
    assert "其中" in texts(run(energy, POWER, green), WHOLE)
    assert whole(green) == pytest.approx(36.87)
    lhv = fact("bituminous-coal", "lower-heating-value", 25000, "kJ/kg")
    both = fact(COAL, "purchased", 100, "t"), fact("bituminous-coal", "purchased", 60, "t"), lhv
    assert whole(*both) == pytest.approx(71.43)


def test_by_product_gas_without_purchase_is_own() -> None:
    gas = fact("blast-furnace-gas", "consumed", 10_000, "Nm3")
    assert whole(fact("coke", "purchased", 100, "t"), gas) == pytest.approx(97.14)
    bought = fact("blast-furnace-gas", "purchased", 10_000, "Nm3")
    assert whole(POWER, bought) == pytest.approx(122.9 + 1.286)


def test_stock_change_and_excluded_places() -> None:
    stock = fact(COAL, "opening-stock", 50, "t"), fact(COAL, "closing-stock", 20, "t")
    assert whole(fact(COAL, "purchased", 100, "t"), *stock) == pytest.approx(130 * 0.7143)
    home = fact(E, "consumed", 100_000, "kWh", place="宿舍")
    assert whole(POWER, home, excluded_places="宿舍") == pytest.approx(0.9 * 122.9)


def test_standard_coal_as_stated_is_taken_and_a_stated_total_is_compared() -> None:
    assert whole(POWER, fact("lubricating-oil-energy", "purchased", 5, "tce")) == pytest.approx(127.9)
    found = run(energy, POWER, fact("total-energy", "consumed", 150, "tce"))
    assert found.find(WHOLE).value == 122.9
    assert "150" in texts(found, WHOLE)
    assert "150" not in texts(run(energy, POWER, fact("total-energy", "consumed", 122.9, "tce")), WHOLE)


# --- what is missing -------------------------------------------------------------------------------------------------


def test_no_energy_no_figure() -> None:
    found = run(energy, fact("fresh-water", "consumed", 10, "m3"))
    assert found.find(WHOLE) is None
    assert "能源" in needs(found, WHOLE)


def test_an_energy_of_other_years_is_asked_for_unless_not_applicable_or_zero() -> None:
    rows = [fact(E, "purchased", 10, "kWh", "2021"), fact(E, "purchased", 10, "kWh", "2022")]
    coal = fact(COAL, "purchased", 10, "t", "2021")
    found = run(energy, *rows, coal)
    assert found.find(WHOLE, period="2022") is None
    assert "原煤" in " ".join(map(str, found.why_missing(WHOLE, period="2022").needs))
    none = fact(COAL, "purchased", None, "t", "2022", state=State.NOT_APPLICABLE)
    assert run(energy, *rows, coal, none).find(WHOLE, period="2022") is not None
    zero = fact(COAL, "purchased", 0, "t", "2022")
    assert run(energy, *rows, coal, zero).find(WHOLE, period="2022").value == pytest.approx(0.001229)


def test_nine_months_are_named_and_not_divided_by_a_years_output() -> None:
    rows = months(E, "purchased", [1000] * 9, "kWh")
    found = run(energy, *rows, fact("A", "produced", 100, "t"))
    assert "2022-01-01/2022-09-30" in texts(found, WHOLE)
    assert found.find("energy-per-product.equivalent", product="A") is None
    assert "同一时段" in str(found.why_missing("energy-per-product.equivalent", product="A").needs)
    output = months("A", "produced", [10] * 9, "t", kind="product", own_item=True)
    assert run(energy, *rows, *output).find("electricity-per-product", product="A").value == pytest.approx(100)


# --- per product -----------------------------------------------------------------------------------------------------

TWO = (
    fact("A", "produced", 100, "m2", place="一车间"), fact("B", "produced", 300, "m2", place="二车间"),
    fact(E, "consumed", 1000, "kWh", place="一车间"), fact(E, "consumed", 6000, "kWh", place="二车间"),
    fact(E, "consumed", 3000, "kWh", place="公用"), fact(E, "purchased", 10_000, "kWh"),
    fact("output-value", "amount", 1, "10^4 CNY", product="A"),
    fact("output-value", "amount", 9, "10^4 CNY", product="B"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "a", "b"),
    [("direct", 10, 20), ("output", 10 + 7.5, 20 + 7.5), ("output-value", 10 + 3, 20 + 9)],
)
def test_shared_power_by_the_rule_of_the_report(rule: str, a: float, b: float) -> None:
    found = run(energy, *TWO, settings={"allocation": rule})
    figures = [found.find("electricity-per-product", product=product) for product in "AB"]
    assert [figure.value for figure in figures] == pytest.approx([a, b])
    assert {figure.method.id for figure in figures} == {f"energy.per-product.{rule}"}
    assert all("3000" in " ".join(map(str, figure.notes)) for figure in figures)
    assert found.find("electricity-per-product").value == pytest.approx(25)
    assert found.find("electricity-per-product").method.id == "energy.per-product.all-products"


def test_all_use_is_given_out_where_shared_use_is_divided() -> None:
    found = run(energy, *TWO, settings={"allocation": "output"})
    given_out = sum(
        found.find("electricity-per-product", product=product).value * output
        for product, output in (("A", 100), ("B", 300))
    )
    assert given_out == pytest.approx(10_000)


def test_one_product_gets_all_and_rule_none_gives_nothing_to_several() -> None:
    one = run(energy, POWER, fact("A", "produced", 1000, "t"))
    figure = one.find("electricity-per-product", product="A")
    assert figure.value == 1000
    assert figure.method.id == "energy.per-product.single"
    none = run(energy, *TWO, settings={"allocation": "none"})
    assert none.find("electricity-per-product", product="A") is None
    assert none.find("electricity-per-product").value == 25


def test_products_of_different_units_are_not_added() -> None:
    rows = fact("A", "produced", 100, "t", place="一车间"), fact("B", "produced", 10, "m2", place="二车间")
    found = run(energy, *rows, POWER, settings={"allocation": "output"})
    assert found.find("electricity-per-product") is None
    assert "单位相同" in str(found.why_missing("electricity-per-product", product="A").needs)


def test_energy_of_a_product_that_was_stated_for_it() -> None:
    rows = (
        fact("A", "produced", 10, "t"), fact("B", "produced", 10, "t"), fact(E, "purchased", 100, "kWh"),
        fact(E, "consumed", 70, "kWh", product="A"), fact(E, "consumed", 30, "kWh", product="B"),
    )  # fmt: skip
    found = run(energy, *rows)
    assert found.find("electricity-per-product", product="A").value == 7
    assert found.find("energy-per-product.equivalent", product="B").value == pytest.approx(3 * 0.1229)


def test_treated_waste_is_the_product_of_an_incinerator() -> None:
    rows = POWER, fact("received-waste", "purchased", 2000, "t"), fact("incinerated-waste", "consumed", 1900, "t")
    found = run(energy, *rows)
    assert found.find("energy-per-product.equivalent", product="received-waste").value == pytest.approx(61.45)
    assert found.find("energy-per-product.equivalent", product="incinerated-waste").value == pytest.approx(
        122900 / 1900
    )
    assert found.find("energy-per-product.equivalent") is None


def test_direct_use_above_the_whole_is_said() -> None:
    rows = [row for row in TWO if row.role != "purchased"] + [fact(E, "purchased", 6000, "kWh", basis=Basis.INVOICE)]
    found = run(energy, *rows)
    assert "比全厂多 1000 kWh" in " ".join(map(str, found.find("electricity-per-product", product="A").notes))


# --- the real plant --------------------------------------------------------------------------------------------------


def test_the_shipped_plant(pcb_plant: Path) -> None:
    found = compute(read_case(pcb_plant))
    power = found.find("electricity", period="2022")
    assert power.value == 1_997_066
    assert power.term.exact == 1_997_066
    # 1 997 066 kWh x 0.1229 + 16 244 t x 0.2571, in tce
    assert found.find(WHOLE, period="2022").value == pytest.approx(245.4394114 + 4.1763324, rel=1e-12)
    per_value = found.find("energy-per-output-value.equivalent", period="2022")
    assert per_value.value == pytest.approx(249.6157438 / 1803.6, rel=1e-12)
    assert found.find("electricity-per-product", product="single-sided-board").value == pytest.approx(311663 / 43426)
    double = found.find("electricity-per-product", product="double-sided-board").value
    assert double == pytest.approx((829227 + 508406) / 24036)
    assert found.find("electricity-per-product", period="2022").value == pytest.approx(1997066 / 67462)
    assert found.find(WHOLE, period="2021") is None
    assert "电力" in needs(found, WHOLE)


# --- laws ------------------------------------------------------------------------------------------------------------

sizes = st.floats(min_value=1, max_value=1e8)


@given(sizes, sizes, sizes, st.floats(min_value=0.01, max_value=100))
def test_energy_scales_with_amounts(power: float, coal: float, gas: float, factor: float) -> None:
    def rows(scale: float) -> list:
        return [
            fact(E, "purchased", power * scale, "kWh"), fact(COAL, "purchased", coal * scale, "t"),
            fact(GAS, "purchased", gas * scale, "Nm3"),
        ]  # fmt: skip

    one, scaled = run(energy, *rows(1)), run(energy, *rows(factor))
    assert scaled.find(WHOLE).value == pytest.approx(one.find(WHOLE).value * factor, rel=1e-9)
    assert scaled.find(WHOLE).term.relative_sd == pytest.approx(one.find(WHOLE).term.relative_sd, rel=1e-9)
    for item in (E, COAL, GAS):
        share = f"energy-share.{item}"
        assert scaled.find(share).value == pytest.approx(one.find(share).value, rel=1e-9)
    assert sum(one.find(f"energy-share.{item}").value for item in (E, COAL, GAS)) == pytest.approx(100)


@given(st.permutations(range(len(TWO))))
def test_order_of_facts_is_irrelevant(order: list[int]) -> None:
    here, there = run(energy, *TWO), run(energy, *(TWO[index] for index in order))
    assert {figure.key: figure.value for figure in here} == pytest.approx({f.key: f.value for f in there}, rel=1e-12)


@given(st.lists(st.integers(0, 10**6), min_size=12, max_size=12))
def test_months_or_a_year_are_one(values: list[int]) -> None:
    year = run(energy, fact(E, "purchased", sum(values), "kWh"))
    split = run(energy, *months(E, "purchased", values, "kWh"))
    assert split.find(WHOLE).value == pytest.approx(year.find(WHOLE).value, rel=1e-12)


def test_every_figure_and_gap_is_defined_and_has_a_unit_of_its_kind() -> None:
    from qingyuan import units
    from qingyuan.figures.methods import definition

    found = compute(case(*TWO, POWER, fact(COAL, "purchased", 1, "t", "2021")))
    for figure in found:
        known = definition(figure.id)
        assert figure.group == known.group
        assert not known.unit or figure.unit == known.unit
        assert units.canonical(figure.unit) == figure.unit
    keys = [figure.key for figure in found] + [gap.key for gap in found.missing]
    assert len(keys) == len(set(keys))


def test_entries_tell_what_counts() -> None:
    book = ledger(POWER, fact("photovoltaic-electricity", "produced", 5, "kWh"))
    found = {entry.item: entry for entry in energy.entries(book, book.settings, "2022")}
    assert found[E].use.value == 1_000_000
    assert found["photovoltaic-electricity"].renewable


def entry(item: str, *facts: object, **settings: object) -> energy.Entry:
    book = ledger(*facts, settings={key.replace("_", "-"): value for key, value in settings.items()})
    return next(found for found in energy.entries(book, book.settings, "2022") if found.item == item)


def test_an_entry_says_what_was_burnt_bought_and_made() -> None:
    fed = fact(GAS, "feedstock", 50, "Nm3")
    bought = entry(GAS, fact(GAS, "purchased", 150, "Nm3"), fed)
    assert (bought.use.value, bought.burnt.value, bought.feedstock.value) == (150, 100, 50)
    used = entry(GAS, fact(GAS, "consumed", 100, "Nm3"), fed)
    assert (used.use.value, used.burnt.value, used.feedstock.value) == (150, 100, 50)
    only = entry(GAS, fed)
    assert (only.use.value, only.burnt.value) == (50, 0)
    supplied = entry(
        COAL, fact(COAL, "purchased", 100, "t"), fact(COAL, "sold", 30, "t"), fact(COAL, "feedstock", 20, "t")
    )
    assert supplied.burnt.value == 50
    gas = entry("blast-furnace-gas", fact("blast-furnace-gas", "sold", 30, "Nm3"))
    assert (gas.use, gas.burnt.value) == (None, -30)


def test_electricity_of_the_own_roof_did_not_come_from_the_grid() -> None:
    sun = fact("photovoltaic-electricity", "produced", 200_000, "kWh")
    used = entry(E, fact(E, "consumed", 1_000_000, "kWh"), sun)
    assert (used.use.value, used.bought.value) == (1_000_000, 800_000)
    both = entry(E, POWER, sun)
    assert (both.use.value, both.bought.value) == (1_000_000, 1_000_000)
    own = entry(E, fact(E, "consumed", 1_000_000, "kWh"), fact(E, "produced", 300_000, "kWh"), sun)
    assert (own.use.value, own.bought.value, own.made.value) == (700_000, 500_000, 300_000)


def test_feedstock_alone_is_not_taken_off_the_other_energies() -> None:
    assert whole(POWER, fact(GAS, "feedstock", 60_000, "Nm3")) == pytest.approx(122.9)
    assert whole(POWER, fact(GAS, "feedstock", 60_000, "Nm3"), feedstock="include") == pytest.approx(122.9 + 60 * 1.33)


# --- families of energies --------------------------------------------------------------------------------------------

ANTHRACITE = "anthracite"
ANTHRACITE_LHV = fact(ANTHRACITE, "lower-heating-value", 25000, "kJ/kg")


def test_two_coals_bought_side_by_side_are_both_counted() -> None:
    both = fact(COAL, "purchased", 100, "t"), fact(ANTHRACITE, "purchased", 500, "t"), ANTHRACITE_LHV
    assert whole(*both) == pytest.approx(71.43 + 500 * 25000 / 29307.6)
    assert "各自计入" in texts(run(energy, *both), WHOLE)
    # what was bought is no part of what was consumed
    mixed = fact(COAL, "consumed", 100, "t"), fact(ANTHRACITE, "purchased", 60, "t"), ANTHRACITE_LHV
    assert whole(*mixed) == pytest.approx(71.43 + 60 * 25000 / 29307.6)
    # several parts that are together more than the total
    lignite = fact("lignite", "purchased", 70, "t"), fact("lignite", "lower-heating-value", 15000, "kJ/kg")
    three = fact(COAL, "purchased", 100, "t"), fact(ANTHRACITE, "purchased", 60, "t"), ANTHRACITE_LHV, *lignite
    assert whole(*three) == pytest.approx(71.43 + (60 * 25000 + 70 * 15000) / 29307.6)


def test_steam_beside_heat_is_a_part_only_where_it_fits_in() -> None:
    steam_ = fact("steam", "purchased", 1000, "t"), fact("steam", "enthalpy", 2800, "kJ/kg", "undated")
    heat = (2800 - 83.74) * 0.03412
    assert whole(fact("heat", "purchased", 100, "GJ"), *steam_) == pytest.approx(3.412 + heat)
    assert whole(fact("heat", "purchased", 3000, "GJ"), *steam_) == pytest.approx(102.36)


def test_more_green_power_than_all_power_is_added() -> None:
    green = fact("green-electricity", "purchased", 2_000_000, "kWh")
    assert whole(POWER, green) == pytest.approx(3 * 122.9)


# --- nothing left out silently ---------------------------------------------------------------------------------------

CEMENT = (
    fact("A", "produced", 1000, "t", place="熟料车间", label="熟料"),
    fact("B", "produced", 500, "t", place="砖车间", label="砖"),
    fact(E, "purchased", 70_000, "kWh"), fact(E, "consumed", 60_000, "kWh", place="熟料车间"),
    fact(E, "consumed", 10_000, "kWh", place="砖车间"),
    fact(ANTHRACITE, "purchased", 140, "t"), fact(ANTHRACITE, "consumed", 140, "t", place="熟料车间"),
)  # fmt: skip


@pytest.mark.parametrize("rule", ["direct", "output", "none"])
def test_a_fuel_that_cannot_be_converted_leaves_no_energy_per_product(rule: str) -> None:
    found = run(energy, *CEMENT, settings={"allocation": rule})
    assert found.find(WHOLE) is None
    for product in ("A", "B", ""):
        assert found.find("energy-per-product.equivalent", product=product) is None
    assert "无烟煤的低位发热量" in str(found.why_missing("energy-per-product.equivalent", product="A").needs[0])
    if rule == "direct":
        assert found.find("electricity-per-product", product="A").value == 60
    assert found.find(f"energy-share.{E}") is None
    assert "无烟煤" in needs(found, f"energy-share.{E}")


def test_a_cement_works_with_its_coal_has_the_energy_of_its_clinker() -> None:
    found = run(energy, *CEMENT, fact(ANTHRACITE, "lower-heating-value", 21000, "kJ/kg"))
    clinker = (60_000 * 0.1229 + 140_000 * 21000 / 29307.6) / 1000
    assert found.find("energy-per-product.equivalent", product="A").value == pytest.approx(clinker)
    assert found.find("energy-per-product.equivalent", product="B").value == pytest.approx(2.458)


def test_steam_of_a_workshop_without_its_pressure_is_a_gap_of_the_product() -> None:
    rows = (
        *TWO, fact("steam", "purchased", 5600, "GJ"), fact("steam", "consumed", 1000, "t", place="一车间"),
    )  # fmt: skip
    found = run(energy, *rows)
    assert found.find(WHOLE) is not None
    assert found.find("energy-per-product.equivalent", product="A") is None
    assert "压力" in str(found.why_missing("energy-per-product.equivalent", product="A").needs)
    assert found.find("energy-per-product.equivalent", product="B").value == pytest.approx(20 * 0.1229)
    divided = run(energy, *rows, settings={"allocation": "output"})
    assert divided.find("energy-per-product.equivalent", product="B") is None


def test_waste_is_the_product_only_of_a_plant_without_another() -> None:
    rows = (
        fact("A", "produced", 100, "t"),
        fact("B", "produced", 300, "t"),
        fact("received-waste", "purchased", 10, "t"),
    )
    found = run(energy, *rows, POWER)
    assert found.find("electricity-per-product", product="A") is None
    assert found.find("electricity-per-product", product="received-waste") is None
    assert found.find("electricity-per-product").value == 2500
    one = run(energy, rows[0], rows[2], POWER)
    assert one.find("electricity-per-product", product="A").value == 10_000


def test_more_for_one_product_than_for_the_plant_is_a_gap_of_the_rule() -> None:
    rows = (
        fact("A", "produced", 10, "t", place="一车间"), fact("B", "produced", 20, "t", place="二车间"),
        fact(E, "consumed", 150, "MWh", place="一车间"), fact(E, "purchased", 100, "MWh"),
    )  # fmt: skip
    found = run(energy, *rows, settings={"allocation": "output"})
    assert found.find("electricity-per-product", product="B") is None
    assert "50000 kWh" in str(found.why_missing("electricity-per-product", product="B").needs[0])


# --- what came in and went out ---------------------------------------------------------------------------------------


def test_bought_waste_heat_is_energy_and_recovered_waste_heat_is_not() -> None:
    bought = run(energy, POWER, fact("waste-heat", "purchased", 1000, "GJ"))
    assert bought.find(WHOLE).value == pytest.approx(122.9 + 34.12)
    assert bought.find("heat").value == 1000
    assert whole(POWER, fact("waste-heat", "recovered", 1000, "GJ")) == pytest.approx(122.9)
    assert whole(POWER, fact("waste-heat", "produced", 1000, "GJ")) == pytest.approx(122.9)


def test_more_supplied_than_bought_asks_for_the_own_generation() -> None:
    rows = fact(E, "purchased", 100, "MWh"), fact(E, "sold", 500, "MWh")
    found = run(energy, *rows)
    assert found.find(WHOLE) is None
    assert "自产量" in needs(found, WHOLE)
    assert found.find("electricity") is None
    assert entry(E, *rows).bought is None
    assert run(carbon, *rows).find("carbon-electricity") is None
    coal = fact(COAL, "purchased", 500, "t")
    assert whole(*rows, coal, fact(E, "produced", 600, "MWh")) == pytest.approx(357.15 - 0.4 * 122.9)
    assert whole(*rows, coal, fact(E, "produced", 300, "MWh")) is None
    assert whole(*rows, coal, fact("waste-heat-electricity", "produced", 600, "MWh")) is not None


def test_water_taken_is_the_medium_and_not_what_one_place_used() -> None:
    rows = fact("fresh-water", "taken", 1000, "m3"), fact("fresh-water", "consumed", 30, "m3", place="一车间")
    assert run(energy, POWER, *rows).find("working-media-energy").value == pytest.approx(0.2571)


def test_places_left_out_are_left_out_of_all_figures() -> None:
    from qingyuan.figures import water

    rows = (
        POWER, fact(E, "consumed", 100_000, "kWh", place="宿舍"), fact("fresh-water", "taken", 1000, "m3"),
        fact("fresh-water", "consumed", 200, "m3", place="宿舍"), fact("A", "produced", 100, "t"),
    )  # fmt: skip
    settings = {"excluded-places": "宿舍"}
    found = run(energy, *rows, settings=settings)
    assert found.find("electricity").value == 900_000
    assert found.find("electricity-per-product", product="A").value == 9000
    assert found.find("working-media-energy").value == pytest.approx(0.8 * 0.2571)
    assert run(water, *rows, settings=settings).find("fresh-water").value == 800


# --- energy as a product ---------------------------------------------------------------------------------------------


def test_the_coke_of_a_coking_works_is_its_product() -> None:
    rows = (
        fact("cleaned-coal", "purchased", 1400, "t"), fact(E, "purchased", 100, "MWh"),
        fact("coke", "produced", 1000, "t"), fact("coke", "sold", 1000, "t"),
        fact("coal-tar", "produced", 40, "t"), fact("coal-tar", "sold", 40, "t"),
        fact("coke-oven-gas", "produced", 40, "10^4 Nm3"), fact("coke-oven-gas", "sold", 10, "10^4 Nm3"),
    )  # fmt: skip
    found = run(energy, *rows)
    assert found.find("electricity-per-product", product="coke").value == 100
    net = found.find(WHOLE).value
    assert found.find("energy-per-product.equivalent", product="coke").value == pytest.approx(net)
    assert {figure.product for figure in found if figure.product} == {"coke"}


def test_power_sold_beside_a_trade_is_no_product_but_that_of_a_power_station_is() -> None:
    station = fact(COAL, "purchased", 500, "t"), fact(E, "produced", 1000, "MWh"), fact(E, "sold", 900, "MWh")
    found = run(energy, *station)
    assert {figure.product for figure in found if figure.product} == {E}
    trade = run(energy, *station, fact("A", "produced", 10, "t"))
    assert {figure.product for figure in trade if figure.product} == {"A"}


# --- coefficients and heat values by place, month and row ------------------------------------------------------------


def test_an_equal_value_is_known_by_its_role_or_number_and_not_by_a_word() -> None:
    by_role = fact(E, "equal-coal-coefficient", 0.305, "kgce/kWh")
    by_number = fact(E, "coal-coefficient", 0.305, "kgce/kWh", label="equal value coefficient of electricity")
    defined = fact(E, "coal-coefficient", 0.1229, "kgce/kWh", label="当量（非等价）")
    for rows in ((by_role,), (by_number,), (defined, by_role), (defined, by_number)):
        assert whole(POWER, *rows, kind="equal") == pytest.approx(305)
        assert whole(POWER, *rows) == pytest.approx(122.9)
    heat = fact("heat", "purchased", 1000, "GJ"), fact("heat", "coal-coefficient", 0.04, "kgce/MJ")
    assert whole(POWER, *heat) == pytest.approx(122.9 + 34.12)
    assert whole(POWER, by_role, *heat, kind="equal") == pytest.approx(305 + 40)


def test_a_heat_value_of_the_workshop_that_burns_the_coal_is_that_of_the_site() -> None:
    burnt = fact(COAL, "purchased", 100, "t"), fact(COAL, "consumed", 100, "t", place="锅炉房")
    value = fact(COAL, "lower-heating-value", 25120.8, "kJ/kg", place="锅炉房")
    assert whole(*burnt, value) == pytest.approx(100 * 6 / 7)
    # two workshops, two coals
    two = (
        fact(COAL, "consumed", 60, "t", place="锅炉房"), fact(COAL, "consumed", 40, "t", place="窑"),
        fact(COAL, "lower-heating-value", 20000, "kJ/kg", place="锅炉房"),
        fact(COAL, "lower-heating-value", 25000, "kJ/kg", place="窑"),
    )  # fmt: skip
    assert whole(*two) == pytest.approx((60 * 20000 + 40 * 25000) / 29307.6)
    part = run(energy, *two[:3])
    assert part.find(WHOLE).value == pytest.approx(100 * 20000 / 29307.6)
    assert "60%" in texts(part, WHOLE)


def test_a_heat_value_of_two_months_is_said_to_stand_for_the_year() -> None:
    values = months(COAL, "lower-heating-value", [20000, 22000], "kJ/kg")
    found = run(energy, fact(COAL, "purchased", 120, "t"), *values)
    assert found.find(WHOLE).value == pytest.approx(120 * 21000 / 29307.6)
    assert "2022-01-01/2022-02-28" in texts(found, WHOLE)
    assert "property-of-a-part" in {
        problem.code for problem in compute(case(fact(COAL, "purchased", 120, "t"), *values)).problems
    }
    full = run(energy, fact(COAL, "purchased", 120, "t"), *months(COAL, "lower-heating-value", [20000] * 12, "kJ/kg"))
    assert "只有" not in texts(full, WHOLE)


def test_two_heat_values_of_one_period_give_their_mean_and_a_word() -> None:
    rows = [fact(COAL, "lower-heating-value", value, "kJ/kg") for value in (20000, 30000)]
    found = run(energy, fact(COAL, "purchased", 100, "t"), *rows)
    assert found.find(WHOLE).value == pytest.approx(100 * 25000 / 29307.6)
    assert "2 个不同的数" in texts(found, WHOLE)
    surest = fact(COAL, "lower-heating-value", 30000, "kJ/kg", basis=Basis.ESTIMATE)
    assert whole(fact(COAL, "purchased", 100, "t"), rows[0], surest) == pytest.approx(100 * 20000 / 29307.6)


def test_a_business_year_has_its_figures_and_another_span_a_problem() -> None:
    year = "2022-07-01/2023-06-30"
    found = compute(case(fact(E, "purchased", 1_000_000, "kWh", year), fact("A", "produced", 100, "t", year)))
    assert found.find(WHOLE, period=year).value == pytest.approx(122.9)
    assert found.find("electricity-per-product", product="A", period=year).value == 10_000
    assert not found.problems
    odd = compute(case(fact(E, "purchased", 1_000_000, "kWh", "2022-07-01/2023-03-31")))
    assert [problem.code for problem in odd.problems] == ["period-crosses-years"]


def test_a_period_before_the_oldest_known_edition_says_so() -> None:
    found = run(energy, fact(E, "purchased", 1, "kWh", "2008"), fact(E, "purchased", 1, "kWh", "2010"))
    notes = {year: " ".join(map(str, found.find(WHOLE, period=year).notes)) for year in ("2008", "2010")}
    assert "2009-06-01" in notes["2008"]
    assert "2009-06-01" not in notes["2010"]

"""The carbon account of plants: fuels, electricity, heat, processes, what is refused and what is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from emission_plants import fact, months, plant, run
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.facts.cases import read_case
from qingyuan.facts.model import Basis, Place
from qingyuan.figures import carbon, methods
from qingyuan.figures.carbon_terms import (
    FootprintInInventory,
    MixedFuelSets,
    by_gas,
    co2_equivalent,
    electricity_co2,
    fuel_co2,
    fuel_co2_measured,
    heat_co2,
    nonfossil_electricity_co2,
    sum_of_fuels,
    weighted_mean,
)
from qingyuan.figures.derivation import FigureSet, Term, constant, from_coefficient
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.process_emissions import PROCESSES, recalled_methods
from qingyuan.figures.process_inputs import process_inputs
from qingyuan.reference.carbon import fuel_set, gwp_set
from qingyuan.reference.carbon_processes import process_constant
from qingyuan.reference.electricity import ProofMissing, electricity_footprint
from qingyuan.reference.records import Grade


def t(value: float, unit: str) -> Term:
    return constant("x", value, unit)


def value(found: FigureSet, id: str, **where: str) -> float:
    figure = found.find(id, **where)
    assert figure is not None, [gap.needs for gap in found.missing if gap.id == id]
    return figure.value


def needs(found: FigureSet, id: str, **where: str) -> str:
    gap = found.why_missing(id, **where)
    assert gap is not None
    return "；".join(str(need) for need in gap.needs)


# --- formulas ----------------------------------------------------------------------------------------------------


def test_natural_gas_gives_21_622_tonnes_per_ten_thousand_cubic_metres() -> None:
    gas = fuel_co2(t(1, "10^4 Nm3"), t(389.31, "GJ/10^4 Nm3"), t(0.0153, "tC/GJ"), t(0.99, "1"))
    assert gas.value == pytest.approx(21.6219, abs=5e-5)


def test_public_institutions_take_full_oxidation() -> None:
    """2.184 kg/m3 of the guideline for public institutions = 38.931 · 0.0153 · 44/12 with oxidation 1."""
    gas = fuel_co2(t(1, "Nm3"), t(38.931, "MJ/Nm3"), t(0.0153, "tC/GJ"), t(1, "1"))
    assert gas.to("kgCO2").value == pytest.approx(2.184, abs=5e-4)


def test_measured_carbon_replaces_heat_and_carbon_per_heat() -> None:
    by_heat = fuel_co2(t(100, "t"), t(23.076, "GJ/t"), t(0.02618, "tC/GJ"), t(0.99, "1"))
    measured = fuel_co2_measured(t(100, "t"), t(23.076 * 0.02618, "tC/t"), t(0.99, "1"))
    assert measured.value == pytest.approx(by_heat.value, rel=1e-12)


def test_rows_of_two_sets_never_meet() -> None:
    def emitted(set_id: str, fuel: str) -> Term:
        row = fuel_set(set_id).row(fuel)
        assert row.oxidation is not None
        return fuel_co2(
            t(1, row.per),
            from_coefficient(row.heating_value),
            from_coefficient(row.carbon),
            from_coefficient(row.oxidation),
        )

    one, two = emitted("ndrc-2013-chem", "diesel"), emitted("mee-ets-2024", "natural-gas")
    assert sum_of_fuels([one, emitted("ndrc-2013-chem", "coke")]).value > 0
    with pytest.raises(MixedFuelSets, match="mee-ets-2024"):
        sum_of_fuels([one, two])


def test_footprints_are_refused_in_an_inventory() -> None:
    with pytest.raises(FootprintInInventory):
        electricity_co2(t(1, "MWh"), from_coefficient(electricity_footprint(2023)))


def test_green_power_needs_its_proof() -> None:
    assert nonfossil_electricity_co2(t(100, "MWh"), "绿证 1-100").value == 0
    with pytest.raises(ProofMissing):
        nonfossil_electricity_co2(t(100, "MWh"), "")


def test_exports_are_subtracted() -> None:
    assert electricity_co2(t(1000, "MWh"), t(0.5306, "tCO2/MWh"), t(100, "MWh")).value == pytest.approx(477.54)
    assert heat_co2(t(1000, "GJ"), t(0.11, "tCO2/GJ"), t(200, "GJ")).value == pytest.approx(88)


def test_gases_stay_apart_until_a_set_joins_them() -> None:
    sums = by_gas([("CO2", t(1, "tCO2")), ("CH4", t(2, "t")), ("CH4", t(3, "t"))])
    assert sums["CH4"].value == 5
    assert co2_equivalent("CH4", sums["CH4"], gwp_set("SAR")).value == 105
    assert co2_equivalent("CH4", sums["CH4"], gwp_set("AR6")).value == pytest.approx(139.5)
    assert co2_equivalent("CO2", sums["CO2"], gwp_set("AR6")).value == 1


def test_a_mean_is_weighted_by_mass() -> None:
    mean = weighted_mean([t(20, "GJ/t"), t(26, "GJ/t")], [t(100, "t"), t(200, "t")], "GJ/t")
    assert mean.value == pytest.approx(24)
    with pytest.raises(ValueError):
        weighted_mean([], [], "GJ/t")


# --- fuels of a plant --------------------------------------------------------------------------------------------

GAS = fact("natural-gas", "purchased", 100_000, "Nm3")
POWER = fact("electricity", "purchased", 1_000_000, "kWh")


def test_a_plant_with_gas_and_power() -> None:
    found = run(carbon, GAS, POWER)
    assert value(found, "carbon-fuel") == pytest.approx(216.219, abs=1e-3)
    assert value(found, "carbon-fuel.natural-gas") == pytest.approx(216.219, abs=1e-3)
    assert value(found, "carbon-electricity") == pytest.approx(530.6)
    assert value(found, "carbon-direct") == pytest.approx(216.219, abs=1e-3)
    total = found.find("carbon-total")
    assert total is not None
    assert total.value == pytest.approx(746.819, abs=1e-3)
    assert total.unit == "tCO2e"
    assert total.method.edition == "GB/T 32150-2015"
    assert {GAS, POWER} <= set(total.term.facts())


def test_uncertainty_is_first_order_and_of_both_meters() -> None:
    found = run(
        carbon,
        fact("natural-gas", "purchased", 100_000, "Nm3", uncertainty=0.03, meter="G1"),
        fact("electricity", "purchased", 1_000_000, "kWh", uncertainty=0.01, meter="E1"),
    )
    total = found.find("carbon-total")
    assert total is not None
    assert total.sd == pytest.approx(((216.219 * 0.03) ** 2 + (530.6 * 0.01) ** 2) ** 0.5, rel=1e-4)


def test_a_notice_of_the_reporting_date_and_not_of_the_year() -> None:
    book = plant(POWER, reporting_date="2025-06-30")
    early = carbon.figures(book, book.settings)
    assert value(early, "carbon-electricity") == pytest.approx(536.6)
    book = plant(POWER, reporting_date="2023-06-30")
    before = carbon.figures(book, book.settings)
    assert "2024-04-12" in needs(before, "carbon-electricity")
    assert before.find("carbon-total") is None


def test_the_factor_is_a_choice_of_the_report() -> None:
    local = run(carbon, POWER, province="重庆", electricity_factor="provincial")
    assert value(local, "carbon-electricity") == pytest.approx(558.1)
    own = run(carbon, POWER, electricity_factor=0.5)
    assert value(own, "carbon-electricity") == pytest.approx(500)
    assert own.find("carbon-electricity").grade is Grade.CITED  # type: ignore[union-attr]
    year = run(carbon, POWER, electricity_factor_year=2021)
    assert value(year, "carbon-electricity") == pytest.approx(556.8)
    nowhere = run(carbon, POWER, electricity_factor="provincial")
    assert "省级" in needs(nowhere, "carbon-electricity")


def test_green_electricity_without_proof_makes_the_account_missing() -> None:
    green = fact("green-electricity", "purchased", 200_000, "kWh")
    refused = run(carbon, POWER, green)
    assert "证明" in needs(refused, "carbon-electricity")
    assert refused.find("carbon-total") is None
    proven = run(carbon, POWER, green, green_electricity_proof="绿色电力证书 2022-77")
    assert value(proven, "carbon-electricity") == pytest.approx(0.8 * 530.6)
    by_source = run(carbon, POWER, fact("green-electricity", "purchased", 200_000, "kWh", source="交易合同与结算单"))
    assert value(by_source, "carbon-electricity") == pytest.approx(0.8 * 530.6)


def test_more_green_than_bought_is_an_error() -> None:
    found = run(carbon, POWER, fact("green-electricity", "purchased", 2_000_000, "kWh", source="合同"))
    assert "大于" in needs(found, "carbon-electricity")


def test_own_solar_power_is_not_bought() -> None:
    found = run(carbon, POWER, fact("photovoltaic-electricity", "produced", 300_000, "kWh"))
    assert value(found, "carbon-electricity") == pytest.approx(530.6)


def test_sold_power_and_sold_fuel_are_subtracted() -> None:
    found = run(
        carbon, GAS, POWER, fact("electricity", "sold", 100_000, "kWh"), fact("natural-gas", "sold", 10_000, "Nm3")
    )
    assert value(found, "carbon-electricity") == pytest.approx(0.9 * 530.6)
    assert value(found, "carbon-fuel") == pytest.approx(0.9 * 216.219, abs=1e-3)


def test_by_product_gas_is_not_counted_again() -> None:
    coal = fact("bituminous-coal", "purchased", 1000, "t")
    gas = fact("blast-furnace-gas", "produced", 5_000_000, "Nm3")
    used = fact("blast-furnace-gas", "consumed", 4_000_000, "Nm3")
    alone = run(carbon, coal, industry="2614")
    both = run(carbon, coal, gas, used, industry="2614")
    assert value(both, "carbon-fuel") == value(alone, "carbon-fuel")


def test_the_plants_own_heat_value_and_carbon_go_first() -> None:
    coal = fact("bituminous-coal", "purchased", 1000, "t")
    heat = fact("bituminous-coal", "lower-heating-value", 22_000, "kJ/kg")
    found = run(carbon, coal, heat, industry="2614")
    assert value(found, "carbon-fuel") == pytest.approx(1000 * 22 * 0.02618 * 0.93 * 44 / 12)
    measured = run(carbon, coal, fact("bituminous-coal", "carbon-content", 58, "%"), industry="2614")
    assert value(measured, "carbon-fuel") == pytest.approx(1000 * 0.58 * 0.93 * 44 / 12)
    factor = run(carbon, coal, fact("bituminous-coal", "emission-factor", 2.0, "tCO2/t"), industry="2614")
    assert value(factor, "carbon-fuel") == pytest.approx(2000)


def test_months_are_computed_by_themselves_and_added() -> None:
    amounts = [100, 200, 50, 80, 90, 100, 110, 120, 130, 90, 60, 70]
    heats = [20_000 + 200 * number for number in range(12)]
    found = run(
        carbon,
        *months("bituminous-coal", "purchased", amounts, "t"),
        *months("bituminous-coal", "lower-heating-value", heats, "kJ/kg"),
        industry="2614",
    )
    expected = sum(a * h / 1000 for a, h in zip(amounts, heats, strict=True)) * 0.02618 * 0.93 * 44 / 12
    assert value(found, "carbon-fuel") == pytest.approx(expected)


def test_raw_coal_is_asked_for_its_kind() -> None:
    found = run(carbon, fact("raw-coal", "purchased", 1000, "t"), industry="2614")
    assert "烟煤" in needs(found, "carbon-fuel")
    assert found.find("carbon-total") is None


def test_the_market_set_asks_for_the_equipment() -> None:
    coal = fact("bituminous-coal", "purchased", 1000, "t", "2024")
    asked = run(carbon, coal, fact("clinker", "produced", 10_000, "t", "2024"), industry="3011")
    assert "燃烧设备" in needs(asked, "carbon-fuel")
    kiln = run(
        carbon, coal, fact("clinker", "produced", 10_000, "t", "2024"), industry="3011", carbon_equipment="cement-kiln"
    )
    figure = kiln.find("carbon-fuel")
    assert figure is not None
    assert figure.value == pytest.approx(1000 * 23.076 * 0.02618 * 0.99 * 44 / 12)
    assert figure.grade is Grade.RECALLED  # the carbon content of this row is doubtful


def test_every_fuel_may_have_its_own_equipment() -> None:
    rows = [
        fact("bituminous-coal", "purchased", 1000, "t", "2024"),
        fact("petroleum-coke", "purchased", 100, "t", "2024"),
        fact("clinker", "produced", 10_000, "t", "2024"),
    ]
    found = run(
        carbon,
        *rows,
        industry="3011",
        carbon_equipment="cement-kiln",
        carbon_equipment__petroleum_coke="industrial-boiler",
    )
    assert value(found, "carbon-fuel.petroleum-coke") == pytest.approx(100 * 32.5 * 0.0275 * 0.85 * 44 / 12)


def test_a_set_can_be_named_and_is_shown() -> None:
    found = run(carbon, fact("diesel", "purchased", 10, "t"), carbon_fuel_set="mee-ets-2024")
    figure = found.find("carbon-fuel")
    assert figure is not None
    assert figure.value == pytest.approx(10 * 42.652 * 0.0202 * 0.98 * 44 / 12)
    assert any("CETS-AG" in str(note) for note in figure.notes)
    assert "ndrc" in needs(run(carbon, GAS, carbon_fuel_set="ndrc-2031"), "carbon-total")


def test_recalled_sets_show_in_the_grade() -> None:
    found = run(carbon, fact("bituminous-coal", "purchased", 10, "t"), industry="3120")
    figure = found.find("carbon-fuel")
    assert figure is not None
    assert figure.grade is Grade.RECALLED


def test_energy_used_as_raw_material_is_not_burnt() -> None:
    gas = fact("natural-gas", "purchased", 100_000, "Nm3")
    feed = fact("natural-gas", "feedstock", 40_000, "Nm3")
    found = run(carbon, gas, feed, industry="3091", carbon_fuel_set="ndrc-2013-chem")
    assert value(found, "carbon-fuel") == pytest.approx(0.6 * 216.219, abs=1e-3)


def test_biomass_stands_apart() -> None:
    wood = fact("biomass-fuel", "consumed", 100, "t")
    asked = run(carbon, GAS, wood)
    assert "含碳量" in needs(asked, "carbon-biomass")
    known = run(carbon, GAS, wood, fact("biomass-fuel", "emission-factor", 1.6, "tCO2/t"))
    assert value(known, "carbon-biomass") == pytest.approx(160)
    assert value(known, "carbon-total") == pytest.approx(216.219, abs=1e-3)


def test_heat_by_default_and_by_the_supplier() -> None:
    heat = fact("heat", "purchased", 1000, "GJ")
    assert value(run(carbon, heat), "carbon-heat") == pytest.approx(110)
    own = run(carbon, heat, fact("heat", "emission-factor", 0.09, "tCO2/GJ"))
    assert value(own, "carbon-heat") == pytest.approx(90)
    steam = run(carbon, fact("steam", "purchased", 1000, "t"))
    assert steam.find("carbon-heat") is None
    assert needs(steam, "carbon-heat")
    hot = run(carbon, fact("steam", "purchased", 1000, "t"), fact("steam", "enthalpy", 2783.74, "kJ/kg"))
    assert value(hot, "carbon-heat") == pytest.approx(2700 * 0.11)


def test_recovered_co2_is_subtracted() -> None:
    found = run(carbon, GAS, fact("CO2", "recovered", 16.219, "tCO2"))
    assert value(found, "carbon-direct") == pytest.approx(200, abs=1e-2)


def test_years_can_be_compared_on_one_edition() -> None:
    gas = [fact("natural-gas", "purchased", 100_000, "Nm3", year) for year in ("2024", "2026")]
    found = run(carbon, *gas, industry="2614")
    assert found.find("carbon-total", period="2024").method.edition == "GB/T 32150-2015"  # type: ignore[union-attr]
    assert found.find("carbon-total", period="2026").method.edition == "GB/T 32150-2025"  # type: ignore[union-attr]
    same = run(carbon, *gas, industry="2614", editions_as_of="2026-12-31")
    older = same.find("carbon-total", period="2024")
    assert older is not None
    assert older.method.edition == "GB/T 32150-2025"
    assert any("便于比较" in str(note) for note in older.notes)


# --- intensities -------------------------------------------------------------------------------------------------


def test_per_output_value_and_product() -> None:
    made = fact("single-sided-board", "produced", 10_000, "m2")
    money = fact("output-value", "amount", 500, "10^4 CNY")
    found = run(carbon, POWER, made, money)
    assert value(found, "carbon-per-output-value") == pytest.approx(530.6 / 500)
    assert found.find("carbon-per-output-value").unit == "tCO2e/10^4 CNY"  # type: ignore[union-attr]
    assert value(found, "carbon-per-product", product="single-sided-board") == pytest.approx(0.05306)


def test_two_products_need_their_own_use_or_a_rule() -> None:
    rows = [
        fact("single-sided-board", "produced", 10_000, "m2", place="一车间"),
        fact("double-sided-board", "produced", 30_000, "m2", place="二车间"),
        fact("electricity", "consumed", 300_000, "kWh", place="一车间"),
        fact("electricity", "consumed", 500_000, "kWh", place="二车间"),
        POWER,
    ]
    places = [Place("一车间"), Place("二车间")]
    direct = run(carbon, *rows, places=places)
    assert value(direct, "carbon-per-product", product="single-sided-board") == pytest.approx(300 * 0.5306 / 10_000)
    shared = run(carbon, *rows, places=places, allocation="output")
    assert value(shared, "carbon-per-product", product="double-sided-board") == pytest.approx(
        (500 + 200 * 0.75) * 0.5306 / 30_000
    )
    assert value(shared, "carbon-per-product") == pytest.approx(530.6 / 40_000)


# --- processes of a plant ----------------------------------------------------------------------------------------


def test_cement_both_ways() -> None:
    rows = [
        fact("clinker", "produced", 100_000, "t", "2024"),
        fact("carbide-slag", "consumed", 5000, "t", "2024", kind="material"),
        fact("钢渣", "consumed", 1000, "t", "2024", kind="material"),
    ]
    market = run(carbon, *rows, industry="3011")
    figure = market.find("carbon-process.clinker")
    assert figure is not None
    assert figure.value == pytest.approx(53_500 - 2400 - 215)
    assert figure.method.edition == "CETS-AG-02.01-V01-2024"
    oxides = run(carbon, *rows, industry="3011", cement__cao=0.65, cement__mgo="1.5%")
    other = oxides.find("carbon-process.clinker")
    assert other is not None
    assert other.value == pytest.approx(100_000 * (0.65 * 44 / 56 + 0.015 * 44 / 40))
    assert other.method.edition == "GB/T 32151.8-2023"
    assert any("上限" in str(note) for note in other.notes)
    chosen = run(carbon, *rows, industry="3011", cement__cao=0.65, cement__mgo=0.015, cement__method="ets")
    assert value(chosen, "carbon-process.clinker") == figure.value


def test_cement_before_the_market_asks_for_oxides() -> None:
    found = run(carbon, fact("clinker", "produced", 100_000, "t", "2022"), industry="3011")
    assert "CaO" in needs(found, "carbon-process.clinker")
    assert found.find("carbon-total") is None
    none = run(carbon, POWER, industry="3011")
    assert "熟料产量" in needs(none, "carbon-process.clinker")


@pytest.mark.parametrize(("year", "held"), [("2022", 0.0154), ("2025", 0.037)])
def test_steel_by_its_edition(year: str, held: float) -> None:
    found = run(
        carbon,
        fact("limestone", "consumed", 1000, "t", year),
        fact("graphite-electrode", "consumed", 20_000, "kg", year),
        fact("pig-iron", "purchased", 500, "t", year),
        fact("crude-steel", "produced", 10_000, "t", year),
        industry="3120",
    )
    assert value(found, "carbon-process.steel") == pytest.approx(440 + 20 * 3.663 + 500 * 0.172)
    assert value(found, "carbon-process.steel-products") == pytest.approx(10_000 * held)
    assert value(found, "carbon-direct") == pytest.approx(440 + 73.26 + 86 - 10_000 * held)


def test_flat_glass() -> None:
    found = run(
        carbon,
        fact("碳粉", "consumed", 10, "t", kind="material"),
        fact("limestone", "consumed", 1000, "t"),
        fact("limestone", "purity", 96, "%"),
        fact("dolomite", "consumed", 500, "t"),
        industry="3041",
    )
    assert value(found, "carbon-process.glass-carbon-powder") == pytest.approx(10 * 44 / 12)
    figure = found.find("carbon-process.carbonates")
    assert figure is not None
    assert figure.value == pytest.approx(960 * 0.4397 + 500 * 0.4773)
    assert any("白云石" in str(note) for note in figure.notes)


def test_aluminium_by_default_and_slope() -> None:
    made = fact("electrolytic-aluminium", "produced", 100_000, "t", "2025")
    found = run(carbon, made, industry="3216")
    assert value(found, "carbon-process.aluminium-anode") == pytest.approx(41_100 * 0.976 * 44 / 12)
    assert value(found, "carbon-process.anode-effects") == pytest.approx(3.4 * 6630 + 0.34 * 11100)
    assert value(found, "carbon-gas.CF4") == pytest.approx(3.4)
    slope = run(carbon, made, industry="3216", aluminium__anode_effect_minutes=0.5)
    assert value(slope, "carbon-gas.CF4") == pytest.approx(7.15)
    own = run(carbon, made, fact("炭阳极净耗", "consumed", 40_000, "t", "2025", kind="material"), industry="3216")
    assert value(own, "carbon-process.aluminium-anode") == pytest.approx(40_000 * 0.976 * 44 / 12)


def test_magnesium() -> None:
    found = run(
        carbon,
        fact("dolomite", "consumed", 1000, "t"),
        fact("ferrosilicon", "produced", 100, "t"),
        industry="3217",
    )
    assert value(found, "carbon-process.magnesium-ferrosilicon") == pytest.approx(279)
    assert value(found, "carbon-process.carbonates") == pytest.approx(477.3)
    assert "白云石" in needs(run(carbon, POWER, industry="3217"), "carbon-process.magnesium-dolomite")


def test_chemicals_by_carbon_balance() -> None:
    rows = [
        fact("natural-gas", "feedstock", 1_000_000, "Nm3"),
        fact("natural-gas", "carbon-content", 5.3, "tC/10^4 Nm3"),
        fact("methanol-product", "produced", 1000, "t"),
    ]
    found = run(carbon, *rows, industry="2614")
    assert value(found, "carbon-process.chemical-balance") == pytest.approx((530 - 375) * 44 / 12)
    more = fact("methanol-product", "produced", 2000, "t")
    impossible = run(carbon, rows[0], rows[1], more, industry="2614")
    assert "为负" in needs(impossible, "carbon-process.chemical-balance")
    unknown = run(carbon, rows[0], rows[1], fact("特种树脂", "produced", 10, "t"), industry="2614")
    assert "特种树脂" in needs(unknown, "carbon-process.chemical-balance")


def test_nitric_acid() -> None:
    acid = fact("nitric-acid", "produced", 1000, "t")
    asked = run(carbon, acid, industry="2611")
    assert "high-pressure" in needs(asked, "carbon-process.nitric-acid")
    plain = run(carbon, acid, industry="2611", nitric_acid__process="high-pressure")
    assert value(plain, "carbon-gas.N2O") == pytest.approx(13.9)
    assert value(plain, "carbon-process.nitric-acid") == pytest.approx(13.9 * 310)
    treated = run(
        carbon,
        acid,
        industry="2611",
        nitric_acid__process="high-pressure",
        nitric_acid__removal="nscr",
        nitric_acid__removal_use="90%",
        gwp_set="AR5",
    )
    assert value(treated, "carbon-process.nitric-acid") == pytest.approx(13.9 * (1 - 0.85 * 0.9) * 265)


def test_hcfc22() -> None:
    found = run(
        carbon,
        fact("R-22", "produced", 1000, "t", kind="product"),
        fact("trifluoromethane", "disposed", 10, "t"),
        industry="2614",
    )
    assert value(found, "carbon-gas.HFC-23") == pytest.approx(5)
    assert value(found, "carbon-process.hcfc22") == pytest.approx(5 * 11_700 + 10 * 44 / 70)


def test_petrochemical_units() -> None:
    found = run(
        carbon,
        fact("催化裂化烧焦量", "consumed", 100, "t", kind="material"),
        fact("环氧乙烷", "produced", 130, "t", kind="product"),
        fact("乙烯", "consumed", 100, "t", kind="material"),
        industry="2511",
        decoking__flow=5000,
        decoking__hours=100,
        decoking__co2="8%",
        decoking__co="2%",
    )
    assert value(found, "carbon-process.fcc-coke-burn") == pytest.approx(98 * 44 / 12)
    assert value(found, "carbon-process.ethylene-oxide") == pytest.approx((85 - 70.85) * 44 / 12)
    assert value(found, "carbon-process.cracker-decoking") == pytest.approx(98.5)
    asked = run(carbon, fact("待再生催化剂", "consumed", 100, "t", kind="material"), industry="2511")
    assert "reformer.before" in needs(asked, "carbon-process.reformer")


def test_non_ferrous_reductants_and_oxalic_acid() -> None:
    found = run(
        carbon,
        fact("coke", "feedstock", 100, "t"),
        fact("oxalic-acid", "consumed", 50, "t"),
        industry="3212",
    )
    assert value(found, "carbon-process.reductants") == pytest.approx(286.2)
    assert value(found, "carbon-process.oxalic-acid") == pytest.approx(50 * 0.996 * 0.349)


def test_methane_of_a_paper_mill() -> None:
    rows = [
        fact("process-wastewater", "generated", 100_000, "m3"),
        fact("COD", "generated-concentration", 3000, "mg/L"),
        fact("COD", "discharged-concentration", 1000, "mg/L"),
    ]
    found = run(carbon, *rows, industry="2221")
    assert value(found, "carbon-gas.CH4") == pytest.approx(200 * 0.25 * 0.5)
    assert value(found, "carbon-process.wastewater-ch4") == pytest.approx(25 * 21)
    aerobic = run(carbon, *rows, industry="2221", wastewater__treatment="aerobic-good")
    assert value(aerobic, "carbon-gas.CH4") == 0
    assert "COD" in needs(run(carbon, rows[0], industry="2221"), "carbon-process.wastewater-ch4")


def test_electronics_and_refrigerants() -> None:
    rows = [fact("nitrogen-trifluoride", "purchased", 1000, "kg"), fact("R-134a", "purchased", 50, "kg")]
    found = run(carbon, *rows, industry="3973", gwp_set="AR5")
    nf3 = 0.9 * 0.2 * (1 - 0.9 * 0.95)
    cf4 = 0.9 * 0.09 * (1 - 0.81)
    assert value(found, "carbon-process.electronics") == pytest.approx(nf3 * 16_100 + cf4 * 6630)
    assert value(found, "carbon-process.refrigerants") == pytest.approx(0.05 * 1300)
    unknown = run(carbon, *rows, industry="3973", gwp_set="SAR")
    assert "gwp-set" in needs(unknown, "carbon-process.electronics")
    assert unknown.find("carbon-total") is None


def test_sf6_welding_urea_and_desulfurisation() -> None:
    sf6 = run(
        carbon,
        fact("sulfur-hexafluoride", "purchased", 20, "kg"),
        fact("sulfur-hexafluoride", "opening-stock", 10, "kg"),
        fact("sulfur-hexafluoride", "closing-stock", 25, "kg"),
        industry="3823",
        gwp_set="AR5",
    )
    # An electronics gas in an electrical works counts with the process gases of the sector.
    assert value(sf6, "carbon-gas.SF6") == pytest.approx(0.020 * 0.9 * 0.2 * (1 - 0.81))
    machine = run(
        carbon,
        fact("sulfur-hexafluoride", "purchased", 20, "kg"),
        fact("sulfur-hexafluoride", "opening-stock", 10, "kg"),
        fact("sulfur-hexafluoride", "closing-stock", 25, "kg"),
        fact("焊接用二氧化碳", "consumed", 10, "t", kind="material"),
        fact("混合保护气", "consumed", 1, "t", kind="material"),
        industry="3411",
        welding__co2="20%",
    )
    assert value(machine, "carbon-gas.SF6") == pytest.approx(0.005)
    assert value(machine, "carbon-process.welding") == pytest.approx(10 + 8.8 / 40.8)
    power = run(
        carbon,
        fact("urea", "consumed", 1000, "kg"),
        fact("limestone", "consumed", 100, "t"),
        fact("limestone", "purity", 95, "%"),
        industry="4411",
    )
    assert value(power, "carbon-process.urea-denitration") == pytest.approx(44 / 60)
    assert value(power, "carbon-process.limestone-fgd-power") == pytest.approx(41.8)


def test_negative_stock_balances_are_errors() -> None:
    found = run(
        carbon,
        fact("R-134a", "purchased", 5, "kg"),
        fact("R-134a", "closing-stock", 25, "kg"),
        industry="3411",
    )
    assert "为负" in needs(found, "carbon-process.refrigerants")


def test_burnt_waste_is_left_out_visibly_or_counted() -> None:
    waste = fact("incinerated-waste", "consumed", 1000, "t")
    left_out = run(carbon, POWER, waste, industry="7724").find("carbon-total")
    assert left_out is not None
    assert any("未计入" in str(note) for note in left_out.notes)
    counted = run(
        carbon,
        POWER,
        waste,
        industry="7724",
        incineration__carbon=0.3,
        incineration__fossil_share="50%",
        incineration__oxidation=0.97,
    )
    assert value(counted, "carbon-process.waste-incineration") == pytest.approx(300 * 0.5 * 0.97 * 44 / 12)


def test_carbonates_of_a_circuit_board_plant_are_no_process() -> None:
    found = run(carbon, POWER, fact("sodium-carbonate", "consumed", 5769, "kg"), industry="3982")
    assert found.find("carbon-process.carbonates") is None
    assert value(found, "carbon-total") == pytest.approx(530.6)


def test_without_an_industry_the_account_says_so() -> None:
    total = run(carbon, POWER, industry="").find("carbon-total")
    assert total is not None
    assert any("行业代码" in str(note) for note in total.notes)


# --- registry and data -------------------------------------------------------------------------------------------


def test_settings_that_make_no_sense_are_named() -> None:
    clinker = fact("clinker", "produced", 1, "t", "2024")
    found = run(carbon, clinker, industry="3011", cement__cao="高", cement__mgo=0.01)
    assert "cement.cao" in needs(found, "carbon-process.clinker")
    assert "reporting-date" in needs(run(carbon, POWER, reporting_date="去年"), "carbon-total")
    assert "2031" in needs(run(carbon, POWER, electricity_factor_year=2031), "carbon-electricity")


def test_every_process_has_a_method_and_every_constant_exists() -> None:
    for process in PROCESSES:
        for id in process.methods:
            assert methods.editions(id)
    for rule in process_inputs():
        assert methods.editions(rule.method)
        for argument in rule.arguments:
            if argument.constant:
                process_constant(argument.constant)
    assert len({process.id for process in PROCESSES}) == len(PROCESSES)


def test_recalled_methods_are_listed() -> None:
    assert set(recalled_methods()) == {"carbon.asphalt", "carbon.waste-incineration"}


@pytest.mark.parametrize(
    ("id", "period", "edition"),
    [
        ("carbon.cement-gbt", "2023", "GB/T 32151.8-2015"),
        ("carbon.cement-gbt", "2024", "GB/T 32151.8-2023"),
        ("carbon.flat-glass", "2024-06", "GB/T 32151.7-2015"),
        ("carbon.flat-glass", "2024-07", "GB/T 32151.7-2023"),
        ("carbon.total", "2026-06", "GB/T 32150-2015"),
        ("carbon.total", "2026-07", "GB/T 32150-2025"),
        ("carbon.aluminium-anode", "2024", "CETS-AG-04.01-V01-2024"),
    ],
)
def test_editions_follow_the_period(id: str, period: str, edition: str) -> None:
    assert methods.in_force(id, period).edition == edition


# --- a real plant and properties ---------------------------------------------------------------------------------


def test_the_circuit_board_plant(pcb_plant: Path) -> None:
    book = Ledger(read_case(pcb_plant))
    found = carbon.figures(book)
    total = found.find("carbon-total", period="2022")
    assert total is not None
    assert total.value == pytest.approx(1997.066 * 0.5306, rel=1e-6)
    assert any(fact.label.startswith("用电量") for fact in total.term.facts())
    assert value(found, "carbon-per-output-value", period="2022") == pytest.approx(1997.066 * 0.5306 / 1803.6, rel=1e-6)
    assert found.find("carbon-total", period="2020") is None


@given(st.floats(1, 1e7), st.floats(1, 1e7), st.floats(0, 0.2))
def test_the_total_is_the_sum_of_its_parts(gas: float, power: float, unsure: float) -> None:
    found = run(
        carbon,
        fact("natural-gas", "purchased", gas, "Nm3", uncertainty=unsure),
        fact("electricity", "purchased", power, "kWh", uncertainty=unsure),
    )
    parts = value(found, "carbon-fuel") + value(found, "carbon-electricity")
    assert value(found, "carbon-total") == pytest.approx(parts, rel=1e-9)


@given(st.floats(1, 1e6))
def test_units_of_the_facts_change_nothing(tonnes: float) -> None:
    in_t = value(run(carbon, fact("diesel", "purchased", tonnes, "t")), "carbon-total")
    in_kg = value(run(carbon, fact("diesel", "purchased", tonnes * 1000, "kg")), "carbon-total")
    assert in_kg == pytest.approx(in_t, rel=1e-9)


def test_statistics_are_less_sure_than_meters() -> None:
    meter = run(carbon, fact("diesel", "purchased", 1, "t", basis=Basis.METER)).find("carbon-total")
    guess = run(carbon, fact("diesel", "purchased", 1, "t", basis=Basis.ESTIMATE)).find("carbon-total")
    assert meter is not None
    assert guess is not None
    assert guess.sd > meter.sd

"""Factors of greenhouse gases: the shipped numbers, their dates, their grades, and what is refused."""

from __future__ import annotations

import csv
import datetime as dt
import tomllib
from pathlib import Path

import pytest

from qingyuan import units
from qingyuan.errors import UnknownName
from qingyuan.reference import carbon, electricity
from qingyuan.reference import carbon_processes as processes
from qingyuan.reference.items import catalogue
from qingyuan.reference.records import Grade

NOW = dt.date(2026, 11, 22)


# --- fuels -------------------------------------------------------------------------------------------------------


def test_every_fuel_row_has_the_units_of_the_formula() -> None:
    for one in carbon.fuel_sets().values():
        for row in one.fuels.values():
            product = units.multiply(units.multiply(row.per, row.heating_value.unit), row.carbon.unit)
            assert units.dimension(product) == "carbon", (one.id, row.fuel)


def test_every_fuel_of_a_set_is_the_fuel_of_an_item() -> None:
    fuels = {item.fuel for item in catalogue() if item.fuel}
    for one in carbon.fuel_sets().values():
        assert set(one.fuels) <= fuels, one.id


@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [
        ("3982", "2022-12-31", "ndrc-2013-chem"),
        ("2614", "2025-12-31", "ndrc-2013-chem"),
        ("3011", "2023-12-31", "ndrc-2013-chem"),
        ("3011", "2024-09-12", "ndrc-2013-chem"),
        ("3011", "2024-09-13", "mee-ets-2024"),
        ("3216", "2025-12-31", "mee-ets-2024"),
        ("3120", "2023-12-31", "ndrc-2013-steel"),
        ("3120", "2025-12-31", "mee-ets-2024"),
        ("3091", "2025-02-28", "ndrc-2013-chem"),
        ("3091", "2025-03-01", "gbt-32151-34-2024"),
        ("4411", "2025-12-31", "mee-ets-power"),
        ("", "2025-12-31", "ndrc-2013-chem"),
    ],
)
def test_a_plant_uses_the_set_of_its_sector_in_force_on_the_day(code: str, day: str, expected: str) -> None:
    assert carbon.default_fuel_set(code, dt.date.fromisoformat(day)).id == expected


def test_a_fuel_that_is_not_in_the_set_is_not_taken_from_another() -> None:
    with pytest.raises(carbon.FactorNotFound, match="混用"):
        carbon.fuel_set("gbt-32151-34-2024").row("coke")


def test_oxidation_depends_on_the_equipment_in_the_market_set() -> None:
    market = carbon.fuel_set("mee-ets-2024")
    assert market.oxidation("bituminous-coal", "cement-kiln").value == 0.99
    assert market.oxidation("natural-gas").value == 0.99
    with pytest.raises(carbon.FactorNotFound, match="燃烧设备"):
        market.oxidation("bituminous-coal")


def test_recalled_sets_and_doubtful_rows_are_marked() -> None:
    assert carbon.fuel_set("ndrc-2013-steel").row("coke").carbon.grade is Grade.RECALLED
    assert carbon.fuel_set("mee-ets-2024").row("bituminous-coal").carbon.grade is Grade.RECALLED
    assert carbon.fuel_set("mee-ets-2024").row("diesel").carbon.grade is Grade.CITED
    assert carbon.fuel_set("ndrc-2013-chem").row("natural-gas").heating_value.grade is Grade.CITED


def test_unknown_sets_are_named() -> None:
    with pytest.raises(UnknownName):
        carbon.fuel_set("ndrc")
    with pytest.raises(UnknownName):
        carbon.gwp_set("AR7")


def test_shipped_fuel_numbers_are_those_of_the_reference_material(shared: Path) -> None:
    read = tomllib.loads((shared / "domain/data/fuel-carbon.toml").read_text(encoding="utf-8"))
    shipped = carbon.fuel_sets()
    for one in read["set"]:
        numbers = sorted((fuel["ncv_gj"], fuel["cc_tc_per_gj"], fuel.get("of")) for fuel in one.get("fuel", []))
        ours = sorted(
            (row.heating_value.value, row.carbon.value, None if row.oxidation is None else row.oxidation.value)
            for row in shipped[one["id"]].fuels.values()
        )
        assert [triple[:2] for triple in ours] == [triple[:2] for triple in numbers], one["id"]
        assert sorted(str(triple[2]) for triple in ours) == sorted(str(triple[2]) for triple in numbers)


# --- warming potentials ------------------------------------------------------------------------------------------


def test_potentials_are_those_of_the_published_table(shared: Path) -> None:
    published: dict[tuple[str, str], float] = {}
    names = {
        "Methane": "CH4", "Nitrous oxide": "N2O", "Nitrous Oxide": "N2O", "HFC-23": "HFC-23", "HFC-32": "HFC-32",
        "HFC-125": "HFC-125", "HFC-134a": "HFC-134a", "HFC-143a": "HFC-143a", "HFC-236fa": "HFC-236fa",
        "Sulphur hexafluoride": "SF6", "PFC-14": "CF4", "PFC-116": "C2F6", "PFC-218": "C3F8", "PFC-318": "c-C4F8",
        "Nitrogen trifluoride": "NF3", "HFC-227ea": "HFC-227ea", "HFC-152a": "HFC-152a", "HFC-245fa": "HFC-245fa",
        "HCFC-22": "HCFC-22", "HFC-41": "HFC-41",
    }  # fmt: skip
    with (shared / "real-data/ipcc-gwp/IPCC_GWP_values.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            gas = names.get(row["Name"]) or names.get(row["Acronym"])
            if row["Parameter"] == "GWP100" and gas:
                published[row["AR"], gas] = float(row["Value"])
    compared = 0
    for report in ("AR4", "AR5", "AR6"):
        for gas, coefficient in carbon.gwp_set(report).gases.items():
            if (report, gas) in published:
                assert coefficient.value == published[report, gas], (report, gas)
                compared += 1
    assert compared >= 35


def test_a_blend_is_the_mean_of_its_parts_by_mass() -> None:
    ar5 = carbon.gwp_set("AR5")
    assert ar5.gas("R-410A").value == pytest.approx((677 + 3170) / 2)
    assert ar5.gas("R-410A").grade is Grade.RECALLED
    with pytest.raises(carbon.FactorNotFound):
        carbon.gwp_set("SAR").gas("NF3")


def test_blends_are_whole() -> None:
    for gas in ("R-404A", "R-407C", "R-410A", "R-507A"):
        shares = [float(part.split()[1]) for part in carbon.gwp_set("AR5").gas(gas).note.split("; ")]
        assert sum(shares) == pytest.approx(1)


def test_every_gas_item_is_in_the_catalogue_and_in_a_set() -> None:
    for item, gas in carbon.gas_items().items():
        assert item in catalogue()
        assert carbon.gwp_set("AR5").gas(gas).value > 0


@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [("3982", "2022-12-31", "electronics-program"), ("2614", "2022-12-31", "SAR"), ("3216", "2025-12-31", "AR5"),
     ("2614", "2026-12-31", "AR6"), ("3982", "2026-12-31", "AR6")],
)  # fmt: skip
def test_potentials_follow_sector_and_day(code: str, day: str, expected: str) -> None:
    assert carbon.default_gwp_set(code, dt.date.fromisoformat(day)).id == expected


# --- electricity -------------------------------------------------------------------------------------------------


def test_the_newest_notice_at_the_reporting_date_counts() -> None:
    def value(day: str) -> float:
        return electricity.electricity_factor(reporting=dt.date.fromisoformat(day)).value

    assert value("2024-04-12") == 0.5568
    assert value("2024-12-25") == 0.5568
    assert value("2024-12-26") == 0.5366
    assert value("2025-12-31") == 0.5306
    assert value("2026-11-22") == 0.5306


def test_before_the_first_notice_there_is_no_factor() -> None:
    with pytest.raises(carbon.FactorNotFound, match="2024-04-12"):
        electricity.electricity_factor(reporting=dt.date(2023, 11, 1))


@pytest.mark.parametrize(("year", "value"), [(2021, 0.4743), (2022, 0.5227), (2023, 0.5581)])
def test_chongqing_rises(year: int, value: float) -> None:
    for name in ("重庆", "重庆市", "Chongqing", "500000"):
        factor = electricity.electricity_factor("provincial", reporting=NOW, area=name, factor_year=year)
        assert factor.value == value
        assert factor.unit == "tCO2/MWh"


def test_twenty_provinces_fell_and_ten_rose_from_2022_to_2023() -> None:
    fell = rose = 0
    for code in [str(number) + "0000" for number in range(11, 66)]:
        try:
            before, after = (
                electricity.electricity_factor("provincial", reporting=NOW, area=code, factor_year=year).value
                for year in (2022, 2023)
            )
        except (UnknownName, carbon.FactorNotFound):
            continue
        fell += after < before
        rose += after > before
    assert (fell, rose) == (20, 10)


def test_a_doubtful_province_is_marked_and_an_unknown_one_refused() -> None:
    factor = electricity.electricity_factor("provincial", reporting=NOW, area="西藏")
    assert factor.grade is Grade.RECALLED
    with pytest.raises(carbon.FactorNotFound):
        electricity.electricity_factor("provincial", reporting=NOW, area="西藏", factor_year=2022)
    with pytest.raises(UnknownName):
        electricity.electricity_factor("provincial", reporting=NOW, area="台湾海峡")


def test_the_residual_factor_is_a_choice_of_its_own() -> None:
    assert electricity.electricity_factor("residual", reporting=NOW).value == 0.6096
    assert electricity.electricity_factor("regional", reporting=NOW, area="西南").value == 0.2472


def test_non_fossil_power_needs_proof() -> None:
    with pytest.raises(electricity.ProofMissing, match="证明"):
        electricity.nonfossil_factor("  ")
    factor = electricity.nonfossil_factor("绿证 2025-001")
    assert factor.value == 0
    assert factor.note == "绿证 2025-001"


def test_footprints_and_old_values_stand_apart() -> None:
    assert electricity.electricity_footprint(2023).value == 0.6205
    assert electricity.electricity_footprint(2023, "wind").value == 0.0336
    with pytest.raises(carbon.FactorNotFound):
        electricity.electricity_footprint(2024, "solar")
    old = electricity.historic_electricity_factors()
    assert old["ets-fy2022"].value == 0.5703
    assert old["central-china-grid-2011"].grade is Grade.RECALLED
    assert electricity.heat_factor_default().value == 0.11


def test_shipped_electricity_numbers_are_those_of_the_reference_material(shared: Path) -> None:
    read = tomllib.loads((shared / "domain/data/electricity-factors.toml").read_text(encoding="utf-8"))
    for province in read["province"]:
        for year in (2021, 2022, 2023):
            if f"y{year}" in province:
                found = electricity.electricity_factor(
                    "provincial", reporting=NOW, area=province["code"], factor_year=year
                )
                assert found.value == province[f"y{year}"]


# --- processes ---------------------------------------------------------------------------------------------------

_ATOMS = {"Ca": 40.078, "Mg": 24.305, "Na": 22.990, "Fe": 55.845, "Mn": 54.938, "Ba": 137.327, "Li": 6.94,
          "K": 39.098, "Sr": 87.62, "C": 12.011, "O": 15.999, "H": 1.008}  # fmt: skip


@pytest.mark.parametrize(
    ("id", "mass", "carbon_atoms"),
    [
        ("CaCO3", _ATOMS["Ca"] + _ATOMS["C"] + 3 * _ATOMS["O"], 1),
        ("MgCO3", _ATOMS["Mg"] + _ATOMS["C"] + 3 * _ATOMS["O"], 1),
        ("Na2CO3", 2 * _ATOMS["Na"] + _ATOMS["C"] + 3 * _ATOMS["O"], 1),
        ("NaHCO3", _ATOMS["Na"] + _ATOMS["H"] + _ATOMS["C"] + 3 * _ATOMS["O"], 1),
        ("FeCO3", _ATOMS["Fe"] + _ATOMS["C"] + 3 * _ATOMS["O"], 1),
        ("MnCO3", _ATOMS["Mn"] + _ATOMS["C"] + 3 * _ATOMS["O"], 1),
        ("BaCO3", _ATOMS["Ba"] + _ATOMS["C"] + 3 * _ATOMS["O"], 1),
        ("Li2CO3", 2 * _ATOMS["Li"] + _ATOMS["C"] + 3 * _ATOMS["O"], 1),
        ("K2CO3", 2 * _ATOMS["K"] + _ATOMS["C"] + 3 * _ATOMS["O"], 1),
        ("SrCO3", _ATOMS["Sr"] + _ATOMS["C"] + 3 * _ATOMS["O"], 1),
        ("CaMg(CO3)2", _ATOMS["Ca"] + _ATOMS["Mg"] + 2 * _ATOMS["C"] + 6 * _ATOMS["O"], 2),
    ],
)
def test_carbonates_agree_with_stoichiometry(id: str, mass: float, carbon_atoms: int) -> None:
    co2 = _ATOMS["C"] + 2 * _ATOMS["O"]
    assert processes.process_factors("carbonates")[id].factor.value == pytest.approx(
        carbon_atoms * co2 / mass, rel=1.5e-3
    )


def test_every_row_of_the_reference_material_is_shipped(shared: Path) -> None:
    read = tomllib.loads((shared / "domain/data/process-carbon.toml").read_text(encoding="utf-8"))
    pairs: tuple[tuple[processes.Table, list[dict[str, object]], str], ...] = (
        ("carbonates", read["carbonate"]["item"], "ef"),
        ("clinkers", read["cement_clinker"], "ef_tco2_per_t"),
        ("clinker_substitutes", read["cement_substitute"], "deduction_tco2_per_t"),
        ("chemicals", read["chemical_carbon_content"], "tc_per_t"),
        ("nitric_acid", read["nitric_acid"], "tn2o_per_t"),
        ("n2o_removal", read["n2o_removal"], "efficiency"),
        ("methane_correction", read["mcf"], "mcf"),
    )
    for table, rows, key in pairs:
        ours = sorted(row.factor.value for row in processes.process_factors(table).values())
        assert ours == sorted(float(str(row[key])) for row in rows), table
    assert len(processes.process_factors("clinker_substitutes")) == 30


def test_every_catalogue_id_of_a_process_row_exists() -> None:
    for table in ("carbonates", "clinkers", "clinker_substitutes", "steel_inputs", "steel_products", "chemicals"):
        for row in processes.process_factors(table).values():  # type: ignore[arg-type]
            assert row.items
            for item in row.items:
                assert not item.isascii() or item in catalogue(), (table, item)


def test_steel_editions_differ_by_their_crude_steel() -> None:
    rows = processes.process_factors("steel_products")
    assert rows["crude-steel"].factor.value == 0.037
    assert rows["crude-steel"].editions == ("ets-2024",)
    assert rows["crude-steel-2013"].factor.value == 0.0154
    assert rows["crude-steel-2013"].editions == ("ndrc-2013",)


def test_doubtful_constants_are_marked() -> None:
    assert processes.process_constant("asphalt-oxidation").grade is Grade.RECALLED
    with pytest.raises(UnknownName):
        processes.process_constant("asphalt")

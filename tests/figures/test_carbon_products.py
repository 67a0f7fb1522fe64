"""Carbon of single products and places: process emissions, own power, fuels that cannot be converted; burnt amounts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from emission_plants import fact, months, run

from qingyuan.errors import InputError
from qingyuan.facts.model import Place
from qingyuan.figures import carbon
from qingyuan.figures.derivation import FigureSet


def value(found: FigureSet, id: str, **where: str) -> float:
    figure = found.find(id, **where)
    assert figure is not None, [(gap.key, [str(need) for need in gap.needs]) for gap in found.missing]
    return figure.value


def needs(found: FigureSet, id: str, **where: str) -> str:
    gap = found.why_missing(id, **where)
    assert gap is not None, [figure.key for figure in found]
    return "；".join(str(need) for need in gap.needs)


def test_raw_material_beside_what_was_consumed_is_not_burnt() -> None:
    used = (fact("natural-gas", "consumed", 100, "10^4 Nm3"), fact("natural-gas", "feedstock", 50, "10^4 Nm3"))
    assert value(run(carbon, *used), "carbon-fuel") == pytest.approx(2162.19, abs=0.01)
    bought = (fact("natural-gas", "purchased", 150, "10^4 Nm3"), fact("natural-gas", "feedstock", 50, "10^4 Nm3"))
    assert value(run(carbon, *bought), "carbon-fuel") == pytest.approx(2162.19, abs=0.01)


def test_monthly_heat_values_keep_the_change_of_stock() -> None:
    coal = (
        *months("bituminous-coal", "purchased", [100] * 12, "t"),
        *months("bituminous-coal", "lower-heating-value", [20_000] * 12, "kJ/kg"),
        fact("bituminous-coal", "opening-stock", 300, "t"),
        fact("bituminous-coal", "closing-stock", 0, "t"),
    )
    # 1500 t · 20 GJ/t · 0.02618 tC/GJ · 0.93 · 44/12
    assert value(run(carbon, *coal), "carbon-fuel") == pytest.approx(2678.21, abs=0.01)


def test_a_factor_per_heat_goes_through_the_heat_value() -> None:
    coal = (fact("bituminous-coal", "consumed", 100, "t"), fact("bituminous-coal", "emission-factor", 0.095, "tCO2/GJ"))
    assert value(run(carbon, *coal), "carbon-fuel") == pytest.approx(100 * 23.204 * 0.095)
    own = fact("bituminous-coal", "lower-heating-value", 20_000, "kJ/kg")
    assert value(run(carbon, *coal, own), "carbon-fuel") == pytest.approx(100 * 20 * 0.095)


def test_a_factor_of_another_kind_is_a_gap_and_no_crash() -> None:
    found = run(carbon, fact("diesel", "consumed", 10, "t"), fact("diesel", "emission-factor", 2.2, "tCO2/10^4 Nm3"))
    assert "排放因子" in needs(found, "carbon-fuel")


def test_own_solar_power_within_the_use_is_no_grid_power() -> None:
    found = run(
        carbon,
        fact("electricity", "consumed", 1000, "MWh"),
        fact("photovoltaic-electricity", "produced", 200, "MWh"),
    )
    assert value(found, "carbon-electricity") == pytest.approx(800 * 0.5306)


def test_more_recovered_than_emitted_is_an_error() -> None:
    found = run(carbon, fact("natural-gas", "consumed", 1, "10^4 Nm3"), fact("CO2", "recovered", 100, "t"))
    assert found.find("carbon-total") is None
    assert "大于直接排放量" in needs(found, "carbon-direct")


CEMENT = (
    fact("bituminous-coal", "consumed", 1000, "t", place="窑"),
    fact("electricity", "purchased", 2000, "MWh"),
    fact("electricity", "consumed", 1500, "MWh", place="窑"),
    fact("electricity", "consumed", 500, "MWh", place="磨"),
    fact("clinker", "produced", 10_000, "t", "2025", place="窑"),
    fact("cement", "produced", 12_000, "t", "2025", place="磨"),
)
MARKET = {"carbon_equipment": "cement-kiln"}
WORKS = (Place("窑", products=("clinker",)), Place("磨", products=("cement",)))


def test_a_cement_works_gives_its_kiln_to_the_clinker() -> None:
    found = run(carbon, *(replace(one, period="2025") for one in CEMENT), industry="3011", places=WORKS, **MARKET)
    process = value(found, "carbon-process.clinker")
    fuel = value(found, "carbon-fuel")
    assert process > 5000
    clinker = value(found, "carbon-per-product", product="clinker")
    assert clinker == pytest.approx((process + fuel + 1500 * 0.5306) / 10_000, rel=1e-6)
    assert value(found, "carbon-per-product", product="cement") == pytest.approx(500 * 0.5306 / 12_000, rel=1e-6)


def test_a_steel_works_whose_fluxes_belong_to_no_product_has_a_gap_for_each() -> None:
    steel = (
        fact("electricity", "purchased", 1000, "MWh"),
        fact("electricity", "consumed", 600, "MWh", place="炼钢"),
        fact("electricity", "consumed", 400, "MWh", place="轧钢"),
        fact("limestone", "consumed", 1000, "t"),
        fact("炼钢坯", "produced", 500, "t", place="炼钢"),
        fact("轧材", "produced", 450, "t", place="轧钢"),
    )
    found = run(carbon, *steel, industry="3120")
    for product in ("炼钢坯", "轧材"):
        assert "归入哪个产品" in needs(found, "carbon-per-product", product=product)
    shared = run(carbon, *steel, industry="3120", allocation="output")
    total = value(shared, "carbon-total")
    made = [value(shared, "carbon-per-product", product=one) for one in ("炼钢坯", "轧材")]
    assert 500 * made[0] + 450 * made[1] == pytest.approx(total)


def test_a_fuel_without_a_factor_is_a_gap_of_every_product() -> None:
    found = run(
        carbon,
        fact("raw-coal", "consumed", 100, "t", place="甲"),
        fact("electricity", "consumed", 10, "MWh", place="甲"),
        fact("electricity", "consumed", 10, "MWh", place="乙"),
        fact("A", "produced", 10, "t", place="甲"),
        fact("B", "produced", 10, "t", place="乙"),
    )
    assert "按品种" in needs(found, "carbon-per-product", product="A")
    assert "按品种" in needs(found, "carbon-per-product", product="B")


def test_power_of_waste_heat_is_no_grid_power_of_a_product() -> None:
    found = run(
        carbon,
        fact("electricity", "purchased", 100, "MWh"),
        fact("waste-heat-electricity", "produced", 100, "MWh"),
        fact("electricity", "consumed", 150, "MWh", place="甲"),
        fact("electricity", "consumed", 50, "MWh", place="乙"),
        fact("A", "produced", 10, "t", place="甲"),
        fact("B", "produced", 10, "t", place="乙"),
    )
    # half of what the site uses comes from the grid
    assert value(found, "carbon-per-product", product="A") == pytest.approx(150 * 0.5306 / 2 / 10)


TWINS = [
    ("carbon-process.glass-carbon-powder", "3041", "碳粉", "carbon powder", "consumed", {}),
    ("carbon-process.fcc-coke-burn", "2511", "催化裂化烧焦", "FCC coke", "consumed", {}),
    (
        "carbon-process.urea-solution-denitration",
        "4411",
        "尿素溶液",
        "urea solution",
        "consumed",
        {"urea__concentration": "40%"},
    ),
    (
        "carbon-process.limestone-fgd",
        "3011",
        "脱硫石灰石",
        "limestone for desulfurization",
        "consumed",
        {"fgd__purity": "90%"},
    ),
    ("carbon-process.food-co2", "1513", "食品级二氧化碳", "food-grade CO2", "purchased", {}),
    ("carbon-process.welding", "3311", "焊接用二氧化碳", "welding CO2", "consumed", {}),
    (
        "carbon-process.adipic-acid",
        "2614",
        "己二酸",
        "adipic acid",
        "produced",
        {"adipic_acid__process": "nitric-oxidation"},
    ),
    ("carbon-process.steel", "3120", "镍铁合金", "Ferronickel", "purchased", {}),
    ("carbon-process.aluminium-anode", "3216", "炭阳极净耗", "net anode carbon", "consumed", {}),
]


@pytest.mark.parametrize(("figure", "industry", "zh", "en", "role", "settings"), TWINS, ids=[row[3] for row in TWINS])
def test_a_process_is_found_in_both_languages(
    figure: str, industry: str, zh: str, en: str, role: str, settings: dict[str, object]
) -> None:
    from qingyuan.facts.naming import named_item

    found = []
    for label in (zh, en):
        named = named_item(label, "material")
        row = replace(fact(named.item, role, 100, "t", kind="material"), label=label, own_item=named.own)
        done = run(carbon, row, fact("electricity", "purchased", 1, "MWh"), industry=industry, **settings)
        found.append([(one.id, one.value) for one in done if one.id.startswith("carbon-process.")])
    assert found[0] == found[1]
    assert found[0]


def test_a_method_that_does_not_exist_is_refused_with_the_list() -> None:
    clinker = fact("clinker", "produced", 1000, "t", "2025")
    with pytest.raises(InputError, match=r"ets.*gbt"):
        run(carbon, clinker, industry="3011", cement__method="GBT")
    brewery = (
        fact("beer", "produced", 1000, "kL"),
        fact("anaerobic-wastewater", "treated", 1000, "m3"),
        fact("COD", "generated-concentration", 2000, "mg/L"),
        fact("COD", "discharged-concentration", 100, "mg/L"),
    )
    refused = run(carbon, *brewery, industry="1513", wastewater__treatment="UASB厌氧")
    assert "wastewater.treatment" in needs(refused, "carbon-process.wastewater-ch4")


def test_a_newer_edition_without_data_is_said() -> None:
    for day, said in (("2026-08", False), ("2026-11", True)):
        steel = fact("limestone", "consumed", 100, "t", "2026" if said else "2025")
        found = run(carbon, steel, industry="3120").find("carbon-process.steel")
        assert found is not None, day
        assert any("32151.5-2026" in str(note) for note in found.notes) == said


def test_heat_of_2022_is_not_shown_with_a_standard_of_2026() -> None:
    found = run(carbon, fact("heat", "purchased", 100, "GJ"), fact("electricity", "purchased", 1, "MWh"))
    figure = found.find("carbon-heat")
    assert figure is not None
    assert figure.value == pytest.approx(11.0)
    assert "32150-2025" not in " ".join(str(note) for note in figure.notes)

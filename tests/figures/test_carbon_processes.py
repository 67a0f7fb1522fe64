"""Process formulas: published numbers, stoichiometry, hand-worked examples, and impossible balances."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan import units
from qingyuan.figures import carbon_processes as p
from qingyuan.figures.carbon_processes import OxideStream, Stream
from qingyuan.figures.carbon_terms import co2_equivalent, fuel_co2
from qingyuan.figures.derivation import Term, constant, from_coefficient
from qingyuan.figures.guards import ONE, ImpossibleBalance, NotAShare
from qingyuan.reference.carbon import fuel_set, gwp_set
from qingyuan.reference.carbon_processes import electronics_gases, process_constant, process_factors


def t(value: float, unit: str = "t") -> Term:
    return constant("x", value, unit)


def fixed(id: str) -> Term:
    return from_coefficient(process_constant(id))


def factor(table: str, id: str) -> Term:
    return from_coefficient(process_factors(table)[id].factor)  # type: ignore[arg-type]


# --- published numbers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fuel", "table", "published"),
    [
        ("natural-gas", "natural-gas", 21.622),
        ("anthracite", "anthracite", 1.924),
        ("coke", "coke", 2.862),
    ],
)
def test_reductant_factors_follow_from_the_fuel_table(fuel: str, table: str, published: float) -> None:
    """The printed reductant factors are NCV · CC · OF · 44/12 of the steel guideline's fuels."""
    row = fuel_set("ndrc-2013-steel").row(fuel)
    assert row.oxidation is not None
    one = fuel_co2(
        t(1, row.per),
        from_coefficient(row.heating_value),
        from_coefficient(row.carbon),
        from_coefficient(row.oxidation),
    )
    assert one.value == pytest.approx(published, abs=5e-4)
    printed = p.reductant(t(1, row.per), factor("reductants", table))
    assert printed.value == published
    assert printed.unit == "tCO2"


def test_a_tonne_of_absorbed_so2_sets_0_6875_tonnes_of_co2_free() -> None:
    assert p.desulfurised_so2(t(1)).value == 0.6875
    per_so2 = p.limestone_desulfurisation(t(100 / 64), ONE, fixed("fgd-limestone"))
    assert per_so2.value == pytest.approx(0.6875)


def test_a_carbonate_gives_its_factor_by_purity() -> None:
    assert p.carbonate(t(1), ONE, factor("carbonates", "CaCO3")).value == 0.4397
    assert p.carbonate(t(1000, "kg"), t(95, "%"), factor("carbonates", "CaMg(CO3)2")).value == pytest.approx(0.453435)


# --- cement both ways --------------------------------------------------------------------------------------------


def test_clinker_by_the_market_method() -> None:
    clinker = Stream(t(1000), factor("clinkers", "portland-clinker"))
    slag = Stream(t(100), factor("clinker_substitutes", "carbide-slag"))
    steel = Stream(t(20), factor("clinker_substitutes", "steel-slag"))
    assert p.cement_clinker_ets([clinker]).value == pytest.approx(535)
    assert p.cement_clinker_ets([clinker], [slag]).value == pytest.approx(487)
    assert p.cement_clinker_ets([clinker], [slag, steel]).value == pytest.approx(482.7)


def test_more_substitutes_than_clinker_is_an_error() -> None:
    with pytest.raises(ImpossibleBalance):
        p.cement_clinker_ets(
            [Stream(t(100), factor("clinkers", "portland-clinker"))],
            [Stream(t(200), factor("clinker_substitutes", "carbide-slag"))],
        )


def test_clinker_by_its_oxides() -> None:
    stream = OxideStream(t(1000), t(65, "%"), t(1.5, "%"), t(0, "%"), t(0, "%"))
    assert p.cement_clinker_gbt([stream]).value == pytest.approx(1000 * (0.65 * 44 / 56 + 0.015 * 44 / 40))
    dust = OxideStream(t(10), t(65, "%"), t(1.5, "%"), t(2, "%"), t(0.5, "%"))
    both = p.cement_clinker_gbt([stream, dust], t(1500), t(0.002, "tC/t"))
    expected = 527.2142857 + 10 * (0.63 * 44 / 56 + 0.01 * 44 / 40) + 1500 * 0.002 * 44 / 12
    assert both.value == pytest.approx(expected)


def test_oxides_not_from_carbonates_cannot_exceed_all() -> None:
    with pytest.raises(ImpossibleBalance):
        p.cement_clinker_gbt([OxideStream(t(1), t(0.02, "1"), t(0, "1"), t(0.03, "1"), t(0, "1"))])


# --- steel, glass, aluminium, magnesium --------------------------------------------------------------------------


def test_steel_inputs_less_products() -> None:
    made = p.steel_process(
        [
            Stream(t(1000), factor("steel_inputs", "limestone")),
            Stream(t(2), factor("steel_inputs", "graphite-electrode")),
        ]
    )
    assert made.value == pytest.approx(440 + 2 * 3.663)
    held = p.steel_products([Stream(t(1000), factor("steel_products", "crude-steel-2013"))])
    assert held.value == pytest.approx(15.4)


def test_carbon_powder() -> None:
    assert p.carbon_powder(t(3), fixed("flat-glass-carbon-powder")).value == pytest.approx(11)


def test_anodes_of_aluminium() -> None:
    net = p.net_anode(t(100), fixed("aluminium-butt-rate"))
    assert net.value == pytest.approx(84.82)
    emitted = p.aluminium_anode(net, fixed("aluminium-anode-sulfur"), fixed("aluminium-anode-ash"))
    assert emitted.value == pytest.approx(84.82 * 0.976 * 44 / 12)


def test_anode_effects_by_default_and_by_slope() -> None:
    ar5 = gwp_set("AR5")
    cf4 = p.aluminium_pfc(t(100_000), fixed("aluminium-cf4"))
    c2f6 = p.aluminium_pfc(t(100_000), fixed("aluminium-c2f6"))
    assert cf4.value == pytest.approx(3.4)
    assert co2_equivalent("CF4", cf4, ar5).value == pytest.approx(3.4 * 6630)
    assert co2_equivalent("C2F6", c2f6, ar5).value == pytest.approx(0.34 * 11100)
    slope = p.aluminium_pfc_slope(t(100_000), t(0.5, "1"), fixed("aluminium-slope-cf4"))
    assert slope.value == pytest.approx(7.15)


def test_own_ferrosilicon() -> None:
    assert p.magnesium_ferrosilicon(t(1000), fixed("magnesium-ferrosilicon")).value == pytest.approx(2790)


# --- chemicals ---------------------------------------------------------------------------------------------------


def test_carbon_balance_of_a_methanol_plant() -> None:
    fed = Stream(t(1000), t(0.749, "tC/t"))
    made = Stream(t(1900), factor("chemicals", "methanol"))
    assert p.carbon_balance([fed], [made]).value == pytest.approx((749 - 712.5) * 44 / 12)
    with pytest.raises(ImpossibleBalance, match="为负"):
        p.carbon_balance([fed], [Stream(t(2000), factor("chemicals", "methanol"))])


def test_nitric_and_adipic_acid() -> None:
    removal = factor("n2o_removal", "nscr")
    n2o = p.acid_n2o(t(1000), factor("nitric_acid", "high-pressure"), removal, ONE)
    assert n2o.value == pytest.approx(2.085)
    assert co2_equivalent("N2O", n2o, gwp_set("SAR")).value == pytest.approx(646.35)
    adipic = p.acid_n2o(t(1000), factor("adipic_acid", "nitric-oxidation"), t(0, "1"), ONE)
    assert adipic.value == 300


def test_hfc23_of_hcfc22() -> None:
    left = p.hcfc22_hfc23(t(1000), fixed("hcfc22-hfc23"), t(2), t(10))
    assert left.value == pytest.approx(3)
    assert p.hfc23_destruction(t(10)).value == pytest.approx(10 * 44 / 70)
    with pytest.raises(ImpossibleBalance):
        p.hcfc22_hfc23(t(1000), fixed("hcfc22-hfc23"), t(6), t(10))


# --- petrochemical -----------------------------------------------------------------------------------------------


def test_petrochemical_units() -> None:
    of = fixed("petrochemical-oxidation")
    assert p.fcc_coke_burn(t(1000), fixed("fcc-carbon"), of).value == pytest.approx(1000 * 0.98 * 44 / 12)
    burnt = p.reformer_regeneration(t(100), t(5, "%"), t(0.1, "%"), of)
    assert burnt.value == pytest.approx(100 * 0.95 * (0.05 / 0.95 - 0.001 / 0.999) * 0.98 * 44 / 12)
    hydrogen = p.carbon_loss([Stream(t(100), t(0.8, "tC/t"))], [Stream(t(10), t(0.5, "tC/t"))])
    assert hydrogen.value == pytest.approx(275)
    oxide = p.ethylene_oxide(t(100), fixed("ethylene-carbon-eo"), t(130), fixed("ethylene-oxide-carbon"))
    assert oxide.value == pytest.approx((85 - 70.85) * 44 / 12)
    assert p.asphalt_oxidation(t(100), fixed("asphalt-oxidation")).value == pytest.approx(5)


def test_decoking_and_flares() -> None:
    density, of = fixed("co2-density-petrochemical"), fixed("petrochemical-oxidation")
    gas = p.cracker_decoking(t(5000, "Nm3/h"), t(100, "h"), t(8, "%"), t(2, "%"), density)
    assert gas.value == pytest.approx(5000 * 100 * 0.10 * 19.7e-4)
    methane = p.gas_carbon([(t(1, "1"), 1)])
    assert methane.value == pytest.approx(12 / 22.4 * 10)
    normal = p.flare(t(10, "10^4 Nm3"), methane, of, t(0, "1"), density)
    accident = p.flare_accident(t(2, "10^4 Nm3/h"), t(5, "h"), t(1, "1"), of)
    assert accident.value == pytest.approx(2 * 5 * 0.98 * 44 / 22.4 * 10)
    assert normal.value == pytest.approx(accident.value)
    passing = p.flare(t(1, "10^4 Nm3"), t(0, "tC/10^4 Nm3"), of, t(1, "1"), density)
    assert passing.value == pytest.approx(19.7)


# --- the rest ----------------------------------------------------------------------------------------------------


def test_oxalic_acid_food_and_reagents() -> None:
    assert p.oxalic_acid(t(100), fixed("oxalic-acid-purity"), fixed("oxalic-acid")).value == pytest.approx(34.7604)
    assert p.food_co2_loss(t(10), fixed("food-co2-loss")).value == 5
    assert p.urea_denitration(t(1), ONE).value == pytest.approx(44 / 60)
    assert p.urea_denitration(t(10), t(32.5, "%")).value == pytest.approx(10 * 0.325 * 44 / 60)


def test_methane_of_anaerobic_treatment() -> None:
    ch4 = p.wastewater_methane(
        t(100_000, "m3"),
        t(5000, "mg/L"),
        t(1000, "mg/L"),
        t(50, "t"),
        fixed("wastewater-bo"),
        factor("methane_correction", "food-manufacturing"),
        t(20),
    )
    assert ch4.value == pytest.approx((400 - 50) * 0.25 * 0.7 - 20)
    assert ch4.unit == "t"
    with pytest.raises(ImpossibleBalance):
        p.wastewater_methane(t(1, "m3"), t(1, "mg/L"), t(2, "mg/L"), t(0, "kg"), fixed("wastewater-bo"), ONE, t(0))


def test_electronics_gases() -> None:
    gas = electronics_gases()["NF3"]
    heel = fixed("electronics-heel")
    left = p.electronics_gas(
        t(1), heel, from_coefficient(gas.used), from_coefficient(gas.collected), from_coefficient(gas.removed)
    )
    assert left.value == pytest.approx(0.9 * 0.2 * (1 - 0.9 * 0.95))
    cf4 = electronics_gases()["CF4"]
    made = p.electronics_byproduct(
        t(1),
        heel,
        from_coefficient(gas.byproducts["CF4"]),
        from_coefficient(cf4.collected),
        from_coefficient(cf4.removed),
    )
    assert made.value == pytest.approx(0.9 * 0.09 * (1 - 0.9 * 0.9))


def test_a_refrigerant_balance_is_opening_less_closing() -> None:
    assert p.gas_balance(t(100, "kg"), t(80, "kg"), t(30, "kg"), t(5, "kg")).value == pytest.approx(0.045)
    with pytest.raises(ImpossibleBalance):
        p.gas_balance(t(10, "kg"), t(80, "kg"), t(30, "kg"), t(5, "kg"))


def test_filling_retired_equipment_and_welding() -> None:
    leak = p.filling_leak(t(1000, "1"), t(102.03, "g/mol"), fixed("filling-leak"))
    assert leak.to("kg").value == pytest.approx(34.894, abs=1e-3)
    assert p.retired_equipment_sf6([t(50, "kg")], [t(48, "kg")]).to("kg").value == pytest.approx(2)
    assert p.welding_gas(t(10), {"CO2": ONE}).value == pytest.approx(10)
    mixed = p.welding_gas(t(1), {"CO2": t(20, "%"), "Ar": t(80, "%")})
    assert mixed.value == pytest.approx(0.2 * 44 / (0.2 * 44 + 0.8 * 40))


def test_a_share_above_one_is_refused() -> None:
    with pytest.raises(NotAShare):
        p.carbonate(t(1), t(1.2, "1"), factor("carbonates", "CaCO3"))
    with pytest.raises(units.DimensionError):
        p.carbonate(t(1), t(95, "kg"), factor("carbonates", "CaCO3"))


shares = st.floats(0, 1)


@given(st.floats(0, 1e6), shares, shares, shares)
def test_removal_never_raises_an_emission(mass: float, u: float, a: float, d: float) -> None:
    with_unit = p.electronics_gas(t(mass), t(0.1, "1"), t(u, "1"), t(a, "1"), t(d, "1"))
    without = p.electronics_gas(t(mass), t(0.1, "1"), t(u, "1"), t(0, "1"), t(0, "1"))
    assert 0 <= with_unit.value <= without.value * (1 + 1e-12)


@given(st.floats(1, 1e6), shares)
def test_units_of_the_plant_change_nothing(mass: float, purity: float) -> None:
    ef = factor("carbonates", "CaCO3")
    in_t = p.carbonate(t(mass), t(purity, "1"), ef)
    in_kg = p.carbonate(t(mass * 1000, "kg"), t(purity * 100, "%"), ef)
    assert in_kg.value == pytest.approx(in_t.value, rel=1e-12)


@given(st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 0.9)), min_size=1, max_size=5))
def test_what_goes_in_as_carbon_and_does_not_come_out_is_emitted(streams: list[tuple[float, float]]) -> None:
    inputs = [Stream(t(mass), t(content, "tC/t")) for mass, content in streams]
    emitted = p.carbon_balance(inputs, []).value
    assert emitted == pytest.approx(sum(mass * content for mass, content in streams) * 44 / 12)
    assert p.carbon_balance(inputs, inputs).value == pytest.approx(0, abs=1e-6)

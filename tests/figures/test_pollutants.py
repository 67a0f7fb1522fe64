"""Pollutants: formulas, the legal order of methods, results below detection, limits, generation, wastes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from emission_plants import fact, plant, result, run
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.facts.cases import read_case
from qingyuan.facts.model import Basis, Equipment, Place
from qingyuan.figures import pollutant_methods as formula
from qingyuan.figures import pollutants
from qingyuan.figures.derivation import FigureSet, Term, constant, from_coefficient
from qingyuan.figures.guards import ONE, ImpossibleBalance, NotAShare
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.limits import limit_checks, read_limit
from qingyuan.figures.monitoring import mean_concentration, outlet_of, series_of
from qingyuan.figures.tax import co_benefit_weight
from qingyuan.reference.pollutants import accounting_constant


def t(value: float, unit: str) -> Term:
    return constant("x", value, unit)


def value(found: FigureSet, id: str, **where: str) -> float:
    figure = found.find(id, **where)
    assert figure is not None, [(gap.key, gap.needs) for gap in found.missing]
    return figure.value


def needs(found: FigureSet, id: str, **where: str) -> str:
    gap = found.why_missing(id, **where)
    assert gap is not None
    return "；".join(str(need) for need in gap.needs)


# --- formulas ----------------------------------------------------------------------------------------------------


def test_measured_loads() -> None:
    assert formula.water_load(t(10_000, "m3"), t(50, "mg/L")).value == 500
    assert formula.air_load(t(20, "mg/m3"), t(10_000, "m3/h"), t(4000, "h")).value == pytest.approx(800)
    assert formula.air_load(t(20, "mg/Nm3"), t(10_000, "Nm3/h"), t(4000, "h")).value == pytest.approx(800)
    assert formula.rate_load(t(0.2, "kg/h"), t(4000, "h")).value == pytest.approx(800)


def test_normal_and_actual_volumes_do_not_meet() -> None:
    from qingyuan.units import DimensionError

    with pytest.raises(DimensionError):
        formula.air_load(t(20, "mg/Nm3"), t(10_000, "m3/h"), t(4000, "h"))


def test_factors_removal_and_stages() -> None:
    made = formula.factor_generation([(t(1000, "t"), t(0.5, "kg/t")), (t(200, "m2"), t(10, "g/m2"))])
    assert made.value == pytest.approx(502)
    assert formula.removal(made, t(90, "%"), t(0.8, "1")).value == pytest.approx(502 * 0.72)
    assert formula.discharge(t(1000, "kg"), [(t(0.9, "1"), t(0.8, "1"))]).value == pytest.approx(280)
    two = formula.discharge(t(1000, "kg"), [(t(0.9, "1"), ONE), (t(50, "%"), t(0.5, "1"))])
    assert two.value == pytest.approx(1000 * 0.1 * 0.75)
    rate = formula.operating_rate(t(40_000, "kWh"), t(10, "kW"), t(5000, "h"))
    assert rate.value == pytest.approx(0.8)
    with pytest.raises(NotAShare):
        formula.operating_rate(t(60_000, "kWh"), t(10, "kW"), t(5000, "h"))


def test_sulphur_dioxide_of_coal_and_sewage_of_water() -> None:
    released = from_coefficient(accounting_constant("sulfur-released"))
    assert formula.coal_so2(t(100, "t"), t(1, "%"), released).value == pytest.approx(1700)
    low, high = (from_coefficient(accounting_constant(f"sewage-ratio-{end}")) for end in ("low", "high"))
    assert formula.sewage_volume(t(1000, "m3"), low).value == pytest.approx(700)
    assert formula.sewage_volume(t(1000, "m3"), high).value == pytest.approx(900)


def test_solvent_balance() -> None:
    left = formula.solvent_balance(
        t(1000, "kg"),
        opening=t(100, "kg"),
        closing=t(50, "kg"),
        sold=[t(200, "kg")],
        in_waste=[t(0.1, "t")],
        in_product=[t(10, "kg")],
        destroyed=[t(300, "kg")],
    )
    assert left.value == pytest.approx(440)
    with pytest.raises(ImpossibleBalance):
        formula.solvent_balance(t(100, "kg"), destroyed=[t(101, "kg")])


def test_capture_and_removal_are_two_factors() -> None:
    organised, fugitive = formula.captured_and_removed(t(1000, "kg"), t(0.8, "1"), t(0.9, "1"), t(0.5, "1"))
    assert organised.value == pytest.approx(1000 * 0.8 * 0.55)
    assert fugitive.value == pytest.approx(200)


def test_reductions_of_projects() -> None:
    upgrade = formula.water_upgrade_reduction(t(1000, "m3/d"), t(330, "d"), t(100, "mg/L"), t(40, "mg/L"))
    assert upgrade.value == pytest.approx(19.8)
    assert formula.reclaimed_water_reduction(t(100_000, "m3"), t(50, "mg/L")).value == pytest.approx(5)
    nox = formula.nox_retrofit_reduction(t(10_000, "t"), t(3, "kg/t"), (t(0, "1"), ONE), (t(0.8, "1"), t(0.95, "1")))
    assert nox.value == pytest.approx(22.8)
    voc = formula.voc_end_of_pipe_reduction(
        t(100, "t"), (t(0.6, "1"), t(0.3, "1"), ONE), (t(0.9, "1"), t(0.9, "1"), ONE)
    )
    assert voc.value == pytest.approx(63)


def test_co_benefits_take_the_weights_of_the_tax_law() -> None:
    assert co_benefit_weight("SO2").value == pytest.approx(1 / 0.95)
    assert co_benefit_weight("dust").value == pytest.approx(0.25)
    saved = formula.air_pollutant_equivalent(
        [(t(95, "kg"), co_benefit_weight("SO2")), (t(218, "kg"), co_benefit_weight("smoke-dust"))]
    )
    assert saved.value == pytest.approx(200)
    both = formula.cross_elasticity(t(20, "tCO2"), t(100, "tCO2"), t(1, "t"), t(10, "t"))
    assert both.value == pytest.approx(2)


@given(st.floats(0, 1e6), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_generation_is_removal_and_discharge(made: float, eta: float, k: float, other: float) -> None:
    generation = t(made, "kg")
    gone = formula.removal(generation, t(eta, "1"), t(k, "1")).value
    left = formula.discharge(generation, [(t(eta, "1"), t(k, "1"))]).value
    assert gone + left == pytest.approx(made, rel=1e-9, abs=1e-9)
    more = formula.discharge(generation, [(t(eta, "1"), t(k, "1")), (t(other, "1"), ONE)]).value
    assert more <= left * (1 + 1e-12)


# --- means -------------------------------------------------------------------------------------------------------


def mean(*results: object, convention: str = "limit") -> object:
    book = plant(monitoring=results)  # type: ignore[arg-type]
    (series,) = series_of(book.case)
    from qingyuan.figures.monitoring import detection_bound

    return mean_concentration(series, convention, detection_bound(series))  # type: ignore[arg-type]


def test_a_mean_is_weighted_by_flow_where_every_result_has_one() -> None:
    weighted = mean(
        result("A", "SO2", 10, "mg/m3", flow=1000), result("A", "SO2", 40, "mg/m3", "2022-09-01", flow=3000)
    )
    assert weighted.weighted  # type: ignore[attr-defined]
    assert weighted.term.value == pytest.approx(32.5)  # type: ignore[attr-defined]
    plain = mean(result("A", "SO2", 10, "mg/m3", flow=1000), result("A", "SO2", 40, "mg/m3", "2022-09-01"))
    assert not plain.weighted  # type: ignore[attr-defined]
    assert plain.term.value == pytest.approx(25)  # type: ignore[attr-defined]


def test_the_scatter_of_results_is_their_uncertainty() -> None:
    found = mean(*(result("A", "COD", c, "mg/L", f"2022-0{m}-01") for m, c in enumerate((86, 16, 30, 14), start=1)))
    values = (86, 16, 30, 14)
    centre = sum(values) / 4
    error = (sum((v - centre) ** 2 for v in values) / 3 / 4) ** 0.5
    assert found.term.value == pytest.approx(36.5)  # type: ignore[attr-defined]
    assert found.term.sd == pytest.approx(error)  # type: ignore[attr-defined]


def test_below_detection_is_never_zero() -> None:
    found = result("A", "copper", 0.11, "mg/L")
    nothing = result("A", "copper", 0.05, "mg/L", "2022-09-01", below=True)
    unstated = result("A", "copper", None, "mg/L", "2022-09-01", below=True)
    limit = mean(found, nothing)
    assert limit.term.value == pytest.approx(0.08)  # type: ignore[attr-defined]
    assert limit.term.upper_bound  # type: ignore[attr-defined]
    half = mean(found, nothing, convention="half-limit")
    assert half.term.value == pytest.approx(0.0675)  # type: ignore[attr-defined]
    assert not half.term.upper_bound  # type: ignore[attr-defined]
    bounded = mean(found, unstated)
    assert bounded.term.value == pytest.approx(0.11)  # type: ignore[attr-defined]
    assert bounded.term.upper_bound  # type: ignore[attr-defined]
    unknown = mean(unstated, result("A", "copper", None, "mg/L", below=True))
    assert unknown.term is None  # type: ignore[attr-defined]
    assert "检出限" in str(unknown.needs[0])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "outlet", "before"),
    [
        ("DA007处理前", "DA007", True),
        ("DA007（处理前）", "DA007", True),
        ("DA007处理后", "DA007", False),
        ("废水处理站进口", "废水处理站", True),
        ("生产废水排放口", "生产废水排放口", False),
        ("废水总排口", "废水总排口", False),
        ("DA001", "DA001", False),
        ("进口", "进口", False),
    ],
)
def test_points_before_treatment_belong_to_their_outlet(name: str, outlet: str, before: bool) -> None:
    assert outlet_of(name) == (outlet, before)


# --- the legal order ---------------------------------------------------------------------------------------------

OUTLET = "废水总排口"
WATER = fact("process-wastewater", "discharged", 10_000, "m3")


def test_automatic_monitoring_goes_before_manual() -> None:
    found = run(
        pollutants,
        WATER,
        monitoring=[
            result(OUTLET, "COD", 30, "mg/L", automatic=True),
            result(OUTLET, "COD", 90, "mg/L", "2022-07-01"),
        ],
    )
    figure = found.find("discharge.COD", place=OUTLET)
    assert figure is not None
    assert figure.method.id == "pollutants.automatic"
    assert figure.value == pytest.approx(300)
    assert any("手工监测" in str(note) and "900" in str(note) for note in figure.notes)
    assert value(found, "concentration.COD") == 30
    assert value(found, "concentration-highest.COD") == 90


@pytest.mark.parametrize(
    ("bases", "method", "amount"),
    [
        ((Basis.FACTOR, Basis.MONITORING), "pollutants.manual", 20),
        ((Basis.FACTOR, Basis.ESTIMATE), "pollutants.factor", 10),
        ((Basis.BALANCE, Basis.ESTIMATE), "pollutants.balance", 10),
        ((Basis.ESTIMATE, Basis.STATISTICS), "pollutants.estimate", 10),
        ((Basis.STATISTICS, Basis.MONITORING_AUTO), "pollutants.automatic", 20),
    ],
)
def test_stated_amounts_are_chosen_and_never_averaged(bases: tuple[Basis, Basis], method: str, amount: float) -> None:
    found = run(
        pollutants,
        fact("COD", "discharged", 10, "kg", basis=bases[0]),
        fact("COD", "discharged", 20, "kg", basis=bases[1]),
    )
    figure = found.find("discharge.COD")
    assert figure is not None
    assert figure.method.id == method
    assert figure.value == amount


def test_measured_outlets_go_before_a_reported_total() -> None:
    found = run(
        pollutants,
        WATER,
        fact("COD", "discharged", 9999, "kg", basis=Basis.STATISTICS),
        monitoring=[result(OUTLET, "COD", 50, "mg/L")],
    )
    assert value(found, "discharge.COD") == pytest.approx(500)


def test_generation_less_removal_is_a_factor_method() -> None:
    rows = [
        fact("NOx", "generated", 1000, "kg", basis=Basis.FACTOR),
        fact("NOx", "removal-efficiency", 80, "%"),
    ]
    found = run(pollutants, *rows, operating_rate__NOx=0.9)
    figure = found.find("discharge.NOx")
    assert figure is not None
    assert figure.value == pytest.approx(1000 * (1 - 0.72))
    assert figure.method.id == "pollutants.factor"
    unknown = run(pollutants, *rows).find("discharge.NOx")
    assert unknown is not None
    assert unknown.term.lower_bound
    assert any("实际运行率" in str(note) for note in unknown.notes)


# --- outlets and site --------------------------------------------------------------------------------------------


def test_air_needs_hours_and_takes_those_of_the_outlet_first() -> None:
    measured = [result("DA001", "SO2", 20, "mg/m3", flow=10_000)]
    asked = run(pollutants, fact("electricity", "consumed", 1, "kWh"), monitoring=measured)
    assert "运行时间" in needs(asked, "discharge.SO2")
    site = run(pollutants, fact("operating-hours", "amount", 4000, "h"), monitoring=measured)
    assert value(site, "discharge.SO2") == pytest.approx(800)
    own = run(
        pollutants,
        fact("operating-hours", "amount", 4000, "h"),
        fact("operating-hours", "amount", 2000, "h", place="DA001"),
        monitoring=measured,
    )
    assert value(own, "discharge.SO2") == pytest.approx(400)


def test_a_rate_serves_where_the_concentration_was_not_found() -> None:
    hours = fact("operating-hours", "amount", 1000, "h")
    found = run(pollutants, hours, monitoring=[result("DA001", "SO2", 5, "mg/m3", rate=0.4)])
    assert value(found, "discharge.SO2", place="DA001") == pytest.approx(400)


def test_dioxins_are_toxic_equivalents() -> None:
    hours = fact("operating-hours", "amount", 1000, "h")
    found = run(pollutants, hours, monitoring=[result("DA001", "dioxins", 0.1, "ngTEQ/Nm3", flow=10_000)])
    figure = found.find("discharge.dioxins")
    assert figure is not None
    assert figure.unit == "kgTEQ"
    assert figure.value == pytest.approx(0.1e-12 * 10_000 * 1000)


def test_two_outlets_are_added_and_one_missing_makes_the_sum_missing() -> None:
    water = [result("一号排口", "COD", 50, "mg/L"), result("二号排口", "COD", 100, "mg/L")]
    both = run(
        pollutants,
        fact("process-wastewater", "discharged", 1000, "m3", place="一号排口"),
        fact("process-wastewater", "discharged", 2000, "m3", place="二号排口"),
        monitoring=water,
    )
    assert value(both, "discharge.COD", place="二号排口") == pytest.approx(200)
    assert value(both, "discharge.COD") == pytest.approx(250)
    one = run(pollutants, fact("process-wastewater", "discharged", 1000, "m3", place="一号排口"), monitoring=water)
    assert "二号排口" in needs(one, "discharge.COD")
    assert one.find("discharge.COD") is None


def test_the_same_pollutant_in_water_and_gas_is_two_figures() -> None:
    found = run(
        pollutants,
        WATER,
        fact("operating-hours", "amount", 1000, "h"),
        monitoring=[result(OUTLET, "fluoride", 5, "mg/L"), result("DA001", "fluoride", 2, "mg/m3", flow=5000)],
    )
    assert value(found, "discharge.fluoride") == pytest.approx(50)
    assert value(found, "discharge.fluoride.air") == pytest.approx(10)


def test_without_a_discharged_volume_the_generated_one_bounds_it() -> None:
    found = run(
        pollutants,
        fact("process-wastewater", "generated", 10_000, "m3"),
        monitoring=[result(OUTLET, "COD", 50, "mg/L")],
    )
    figure = found.find("discharge.COD")
    assert figure is not None
    assert figure.term.upper_bound
    assert any("以废水产生量代替" in str(note) for note in figure.notes)


def test_years_without_amounts_say_what_is_missing() -> None:
    found = run(
        pollutants,
        fact("electricity", "consumed", 1, "kWh", "2021"),
        monitoring=[result(OUTLET, "COD", 50, "mg/L", "2021-06-01")],
    )
    assert "废水排放量" in needs(found, "discharge.COD", period="2021")
    assert value(found, "concentration.COD", period="2021") == 50


# --- generation, removal, products -------------------------------------------------------------------------------


def test_generation_from_the_concentration_before_treatment() -> None:
    found = run(
        pollutants,
        fact("process-wastewater", "generated", 10_000, "m3"),
        fact("process-wastewater", "discharged", 8_000, "m3"),
        fact("copper", "generated-concentration", 50, "mg/L"),
        fact("single-sided-board", "produced", 40_000, "m2"),
        monitoring=[result(OUTLET, "copper", 0.1, "mg/L")],
    )
    assert value(found, "generation.copper") == pytest.approx(500)
    assert value(found, "discharge.copper") == pytest.approx(0.8)
    assert value(found, "removal.copper") == pytest.approx(499.2)
    assert value(found, "removal-rate.copper") == pytest.approx(99.84)
    board = found.find("generation-per-product.copper", product="single-sided-board")
    assert board is not None
    assert board.term.to("g/m2").value == pytest.approx(12.5)
    assert value(found, "wastewater-generated-per-product", product="single-sided-board") == pytest.approx(0.25)
    assert value(found, "wastewater-discharged-per-product", product="single-sided-board") == pytest.approx(0.2)


def test_measured_before_treatment() -> None:
    found = run(
        pollutants,
        fact("operating-hours", "amount", 1000, "h"),
        monitoring=[
            result("DA007处理前", "VOCs", 50, "mg/m3", flow=8000),
            result("DA007", "VOCs", 5, "mg/m3", flow=8000),
        ],
    )
    assert value(found, "generation.VOCs") == pytest.approx(400)
    assert value(found, "discharge.VOCs") == pytest.approx(40)


def test_more_discharged_than_generated_is_asked_about() -> None:
    found = run(
        pollutants,
        WATER,
        fact("process-wastewater", "generated", 10_000, "m3"),
        fact("COD", "generated-concentration", 10, "mg/L"),
        monitoring=[result(OUTLET, "COD", 50, "mg/L")],
    )
    assert "大于产生量" in needs(found, "removal.COD")


def test_solvents_by_their_voc_content() -> None:
    rows = [
        fact("ink", "purchased", 1000, "kg"),
        fact("ink", "content", 40, "%", label="VOCs含量"),
        fact("thinner", "purchased", 200, "kg"),
        fact("thinner", "content", 100, "%", label="VOC含量"),
        fact("VOCs", "removed", 250, "kg"),
    ]
    assert value(run(pollutants, *rows), "voc-solvent-balance") == pytest.approx(350)
    impossible = run(pollutants, *rows[:4], fact("VOCs", "removed", 700, "kg"))
    assert "为负" in needs(impossible, "voc-solvent-balance")


def test_coal_sulphur() -> None:
    found = run(
        pollutants,
        fact("bituminous-coal", "consumed", 100, "t"),
        fact("bituminous-coal", "sulfur-content", 1, "%"),
    )
    assert value(found, "coal-so2") == pytest.approx(1700)


# --- wastes ------------------------------------------------------------------------------------------------------


def test_wastes_by_the_plants_words_then_by_the_catalogue() -> None:
    found = run(
        pollutants,
        fact("copper-sludge", "generated", 700, "t"),
        fact("scrap-offcuts", "generated", 2, "t", note="危险废物，委托处置"),
        fact("waste-paper", "generated", 3, "t"),
        fact("神秘渣", "generated", 5, "t", kind="waste"),
        fact("single-sided-board", "produced", 1000, "m2"),
    )
    assert value(found, "hazardous-waste") == pytest.approx(702)
    assert value(found, "general-waste") == pytest.approx(3)
    figure = found.find("hazardous-waste")
    assert figure is not None
    assert any("神秘渣" in str(note) for note in figure.notes)
    assert value(found, "waste-generated.神秘渣") == 5
    assert value(found, "hazardous-waste-per-product", product="single-sided-board") == pytest.approx(0.702)


def test_a_stated_total_that_differs_is_said() -> None:
    found = run(
        pollutants,
        fact("copper-sludge", "generated", 700, "t"),
        fact("hazardous-waste", "generated", 900, "t"),
    ).find("hazardous-waste")
    assert found is not None
    assert found.value == 700
    assert any("900" in str(note) for note in found.notes)


def test_waste_is_discharged_only_where_the_plant_says_so() -> None:
    made, used = fact("tailings", "generated", 1000, "t"), fact("tailings", "utilised", 300, "t")
    stored = fact("tailings", "stored", 200, "t")
    found = run(pollutants, made, used, stored, fact("tailings", "discharged", 500, "t"))
    assert value(found, "waste-discharge.tailings") == pytest.approx(500)
    open_ = run(pollutants, made, used, stored)
    assert open_.find("waste-discharge.tailings") is None
    asked = needs(open_, "waste-discharge.tailings")
    assert "去向或库存待说明" in asked
    assert "500 t" in asked
    part = run(pollutants, made, used, stored, fact("tailings", "discharged", 100, "t")).find(
        "waste-discharge.tailings"
    )
    assert part is not None
    assert part.value == 100
    assert any("余 400 t" in str(note) for note in part.notes)
    wrong = run(pollutants, fact("tailings", "generated", 10, "t"), fact("tailings", "disposed", 11, "t"))
    assert "为负" in needs(wrong, "waste-discharge.tailings")
    closed = run(pollutants, fact("tailings", "generated", 10, "t"), fact("tailings", "disposed", 9.999, "t"))
    assert not [gap for gap in closed.missing if gap.id == "waste-discharge.tailings"]


# --- limits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("160", None, "160"),
        ("6-9", "6", "9"),
        ("6～9", "6", "9"),
        ("≤30", None, "30"),
        ("≥5", "5", None),
        ("0.5 mg/L", None, "0.5"),
    ],
)
def test_limits_as_people_write_them(text: str, low: str | None, high: str | None) -> None:
    limit = read_limit(text)
    assert limit is not None
    assert (limit.low, limit.high) == (None if low is None else Decimal(low), None if high is None else Decimal(high))


@pytest.mark.parametrize("text", ["", "/", "—", "见标准"])
def test_no_limit_is_no_limit(text: str) -> None:
    assert read_limit(text) is None


def test_checks_list_what_exceeds() -> None:
    book = plant(
        monitoring=[
            result(OUTLET, "COD", 100, "mg/L", limit="100"),
            result(OUTLET, "COD", 100.1, "mg/L", "2022-09-01", limit="100"),
            result(OUTLET, "pH", 5.9, "", limit="6-9"),
            result("DA001", "SO2", None, "mg/m3", limit="30", below=True),
            result("DA002", "SO2", 40, "mg/m3", below=True, limit="30"),
            result("DA003", "tin", 1, "mg/m3", rate=0.5, rate_limit=0.43, limit="8.5"),
            result("DA004", "benzene", 1, "mg/m3"),
            result("DA005处理前", "SO2", 900, "mg/m3", limit="30"),
        ]
    )
    checks = {(check.outlet, check.pollutant): check for check in limit_checks(book.case)}
    cod = checks[OUTLET, "COD"]
    assert [one.concentration for one in cod.exceeding] == [100.1]
    assert cod.kept is False
    assert cod.share == Decimal("1.001")
    assert checks[OUTLET, "pH"].kept is False
    assert checks["DA001", "SO2"].kept is True
    assert checks["DA002", "SO2"].kept is None
    assert checks["DA003", "tin"].kept is False
    assert checks["DA003", "tin"].rate_exceeding
    assert checks["DA004", "benzene"].kept is None
    assert ("DA005", "SO2") not in checks


# --- the real plant ----------------------------------------------------------------------------------------------


def test_the_circuit_board_plant(pcb_plant: Path) -> None:
    book = Ledger(read_case(pcb_plant))
    found = pollutants.figures(book)
    assert value(found, "wastewater-generated", period="2022") == pytest.approx(10_823)
    copper = found.find("generation-per-product.copper", period="2022")
    cod = found.find("generation-per-product.COD", period="2022")
    assert copper is not None
    assert cod is not None
    # The values that the plant's own program prints.
    assert copper.term.to("kg/m2").value == pytest.approx(0.0080, abs=5e-5)
    assert cod.term.to("kg/m2").value == pytest.approx(0.0987, abs=5e-5)
    assert value(found, "discharge.COD", period="2022") == pytest.approx((86 + 16 + 30 + 14) / 4 * 10.823, rel=1e-6)
    assert value(found, "hazardous-waste", period="2022") == pytest.approx(1252.92)
    assert "运行时间" in needs(found, "discharge.HCl", period="2022", place="DA001")
    # never found in 2022, and nobody gave the detection limit
    assert "检出限" in needs(found, "discharge.copper", period="2022")
    assert "检出限" in needs(found, "removal.copper", period="2022")
    checks = limit_checks(book.case)
    assert all(check.kept is not False for check in checks)
    nearest = max((check for check in checks if check.share is not None), key=lambda check: check.share or 0)
    assert (nearest.pollutant, nearest.period, nearest.share) == ("COD", "2021", Decimal("0.9875"))


def test_places_may_be_outlets() -> None:
    found = run(
        pollutants,
        fact("SO2", "discharged", 12, "kg", place="DA001", basis=Basis.MONITORING),
        places=[Place("DA001", kind="outlet")],
    )
    assert value(found, "discharge.SO2", place="DA001") == 12


# --- labels, years and parts of a year ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "outlet", "before"),
    [
        ("DW001 before treatment", "DW001", True),
        ("DA007 (before treatment)", "DA007", True),
        ("DA007, after treatment", "DA007", False),
        ("Sewage works inlet", "Sewage works", True),
        ("Main outlet", "Main outlet", False),
        ("Untreated", "Untreated", False),
    ],
)
def test_english_points_before_treatment_belong_to_their_outlet(name: str, outlet: str, before: bool) -> None:
    assert outlet_of(name) == (outlet, before)


@pytest.mark.parametrize(
    ("note", "label", "kind"),
    [
        ("经鉴别不属于危险废物，按一般固废管理", "", ""),
        ("非危险废物", "", ""),
        ("not hazardous waste", "", ""),
        ("表3；危险废物，有资质单位处理", "", "hazardous-waste"),
        ("table 3; hazardous waste, handed to a licensed firm", "", "hazardous-waste"),
        ("一般固废", "", "general-waste"),
        ("HW17 336-054-17", "", "hazardous-waste"),
        ("", "sludge HW17", "hazardous-waste"),
        ("废物代码：SW07", "", "general-waste"),
    ],
)
def test_the_kind_of_a_waste_is_never_read_out_of_a_sentence(note: str, label: str, kind: str) -> None:
    name = "水处理污泥X"
    row = fact(name, "generated", 10, "t", kind="waste", note=note, label=label or name)
    assert pollutants.waste_kind(plant(row), name) == kind


def test_the_kind_of_a_waste_is_a_setting() -> None:
    row = fact("水处理污泥X", "generated", 10, "t", kind="waste", note="HW17")
    assert pollutants.waste_kind(plant(row, waste_kind__水处理污泥X="general-waste"), "水处理污泥X") == "general-waste"


def test_an_unstated_detection_limit_is_not_taken_from_another_year() -> None:
    found = run(
        pollutants,
        fact("wastewater", "discharged", 1000, "m3"),
        monitoring=[
            result("DW001", "COD", None, "mg/L", below=True),
            result("DW001", "COD", 500, "mg/L", "2019-01-01"),
        ],
    )
    assert "检出限" in needs(found, "discharge.COD", period="2022")
    same = run(
        pollutants,
        fact("wastewater", "discharged", 1000, "m3"),
        monitoring=[
            result("DW001", "COD", None, "mg/L", below=True),
            result("DW001", "COD", 500, "mg/L", "2022-01-01"),
        ],
    ).find("discharge.COD", place="DW001")
    assert same is not None
    said = " ".join(str(note) for note in same.notes)
    assert "未给检出限" in said
    assert "按检出限计" not in said


def test_parts_of_a_year_known_in_several_ways_are_added() -> None:
    january = fact("COD", "discharged", 10, "kg", "2022-01")
    february = fact("COD", "discharged", 12, "kg", "2022-02", basis=Basis.FACTOR)
    figure = run(pollutants, january, february).find("discharge.COD")
    assert figure is not None
    assert figure.value == pytest.approx(22)
    assert figure.term.covers == "2022-01-01/2022-02-28"
    assert figure.method.id == "pollutants.factor"
    rival = fact("COD", "discharged", 99, "kg", "2022-01", basis=Basis.FACTOR)
    assert value(run(pollutants, january, february, rival), "discharge.COD") == pytest.approx(22)
    year = fact("COD", "discharged", 150, "kg", basis=Basis.FACTOR)
    assert value(run(pollutants, january, february, year), "discharge.COD") == pytest.approx(150)


@pytest.mark.parametrize("outlet", ["生活污水排放口", "Domestic sewage outlet"])
def test_domestic_outlets_take_the_domestic_sewage(outlet: str) -> None:
    found = run(
        pollutants,
        fact("domestic-wastewater", "discharged", 1000, "m3"),
        fact("process-wastewater", "discharged", 50_000, "m3"),
        monitoring=[result(outlet, "COD", 100, "mg/L")],
    )
    assert value(found, "discharge.COD", place=outlet) == pytest.approx(100)


@pytest.mark.parametrize(("plain", "made"), [("废水量", "废水产生量"), ("waste water", "waste water generated")])
def test_the_wording_of_generation_decides_in_both_languages(plain: str, made: str) -> None:
    rows = [
        fact("wastewater", "generated", 900, "m3", label=plain),
        fact("wastewater", "generated", 1000, "m3", label=made),
    ]
    assert value(run(pollutants, *rows), "wastewater-generated") == pytest.approx(1000)


@pytest.mark.parametrize("label", ["油墨VOCs含量", "VOC content", "volatile organic compounds"])
def test_the_voc_content_is_known_by_its_name(label: str) -> None:
    rows = [fact("ink", "purchased", 100, "kg"), fact("ink", "content", 40, "%", label=label)]
    assert value(run(pollutants, *rows), "voc-solvent-balance") == pytest.approx(40)
    other = [fact("ink", "purchased", 100, "kg"), fact("ink", "content", 40, "%", label="含铜量", note="不含VOCs")]
    assert run(pollutants, *other).find("voc-solvent-balance") is None


# --- factors out of the facts ------------------------------------------------------------------------------------


def test_a_factor_an_efficiency_and_an_operating_rate_give_a_discharge() -> None:
    rows = [
        fact("beer", "produced", 1000, "kL"),
        fact("COD", "generation-factor", 10, "kg/kL", "undated"),
        fact("COD", "removal-efficiency", 90, "%"),
    ]
    found = run(pollutants, *rows, operating_rate=0.8, industry="1513")
    assert value(found, "generation.COD") == pytest.approx(10_000)
    figure = found.find("discharge.COD")
    assert figure is not None
    assert figure.value == pytest.approx(2800)
    assert figure.method.id == "pollutants.factor"
    assert value(run(pollutants, *rows[:2], industry="1513"), "generation.COD") == pytest.approx(10_000)


def test_the_operating_rate_comes_from_power_and_hours_of_the_treatment_works() -> None:
    book = plant(
        fact("beer", "produced", 1000, "kL"),
        fact("COD", "generation-factor", 10, "kg/kL"),
        fact("COD", "removal-efficiency", 90, "%"),
        fact("electricity", "consumed", 4000, "kWh", place="works"),
        fact("operating-hours", "amount", 1000, "h", place="works"),
        places=[Place("works", kind="treatment")],
    )
    book = Ledger(replace(book.case, equipment=(Equipment("works", "blower", power_kw=5, count=1),)))
    assert value(pollutants.figures(book), "discharge.COD") == pytest.approx(2800)


def test_a_factor_of_one_of_two_products_asks_for_the_product() -> None:
    rows = [
        fact("beer", "produced", 1000, "kL"),
        fact("liquor", "produced", 10, "kL"),
        fact("COD", "generation-factor", 10, "kg/kL"),
    ]
    assert "产量" in needs(run(pollutants, *rows), "generation.COD")
    named = [*rows[:2], fact("COD", "generation-factor", 10, "kg/kL", product="liquor")]
    assert value(run(pollutants, *named), "generation.COD") == pytest.approx(100)

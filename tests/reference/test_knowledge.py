"""Wastes, processes, sectors, plan and technologies: the questions that other rooms ask."""

from __future__ import annotations

import datetime as dt

import pytest

from qingyuan import units
from qingyuan.errors import UnknownName
from qingyuan.reference import Coefficient, Grade, catalogue, plan, processes, sectors, technologies, wastes

# --- wastes --------------------------------------------------------------------------------------------------------


def test_waste_codes() -> None:
    code = wastes.waste_code("398-004-22")
    assert (code.waste_class, code.name, code.hazardous) == ("HW22", "废蚀铜液(线路板生产)", True)
    assert code.in_2025_list == "not checked"
    assert not wastes.waste_code("sw07").hazardous
    with pytest.raises(UnknownName) as caught:
        wastes.waste_code("398-004-23")
    assert "398-004-22" in caught.value.suggestions
    for record in wastes.waste_codes().values():
        assert record.waste_class in wastes.waste_codes()
        assert set(record.hazards) <= {"T", "C", "I", "R", "In"}


def test_codes_are_found_by_words_class_and_industry() -> None:
    assert "398-051-22" in {record.code for record in wastes.find_code("蚀刻 污泥")}
    assert {record.waste_class for record in wastes.find_code(waste_class="HW50")} == {"HW50"}
    assert {record.code for record in wastes.find_code(industry_code="3982", waste_class="HW22")} == {
        "398-004-22",
        "398-005-22",
        "398-051-22",
    }
    assert wastes.find_code("不存在的废物") == ()


def test_exemptions() -> None:
    exempt = wastes.exemptions("900-249-08")
    assert [(row.item, row.stages) for row in exempt] == [(8, ("use",))]
    assert wastes.exemptions("HW34")
    assert wastes.exemptions("398-005-34") == wastes.exemptions("HW34")
    assert len(wastes.exemptions()) == 45


def test_byproduct_uses() -> None:
    ash = wastes.byproduct_uses(waste="粉煤灰", taker_code="3011")
    assert ash
    assert {use.co2_deduction_t_per_t for use in ash} & {0.055}
    assert all(use.taker_code and "3011".startswith(use.taker_code) for use in ash)
    assert {use.id for use in wastes.byproduct_uses(giver_code="4411")} >= {use.id for use in ash}


# --- processes -----------------------------------------------------------------------------------------------------


def test_generation_ranges() -> None:
    paper = processes.generation_ranges("2221", pollutant="COD")
    assert paper
    for row in processes.generation_ranges():
        assert row.low <= row.median <= row.high
        assert row.pollutant in catalogue()
        assert row.zeros <= row.processes
    assert len(processes.generation_ranges("22")) >= len(processes.generation_ranges("2221"))
    assert {row.medium for row in processes.generation_ranges(pollutant="SO2")} == {"air"}


def test_treatment_efficiencies() -> None:
    found = processes.treatment_efficiencies("VOCs", treatment="活性炭")
    assert found
    for row in processes.treatment_efficiencies():
        assert 0 <= row.low_percent <= row.median_percent <= row.high_percent <= 100
        assert row.pollutant in catalogue()


def test_process_signatures() -> None:
    board = processes.process_signature("printed-circuit-boards")
    assert [record.id for record in processes.signatures_of_industry("3982")] == ["printed-circuit-boards"]
    assert "Cu" in board.balance_elements
    assert board.label.en
    assert any(waste.category.startswith("HW22") for waste in board.hazardous_wastes)
    assert any("废水总氰化物" in rule.must_leave for rule in processes.general_rules())
    with pytest.raises(UnknownName):
        processes.process_signature("no-process")
    for id, record in processes.process_signatures().items():
        assert record.census_available == bool(processes.census_pollutants(id)), id
    for row in processes.census_pollutants():
        assert row.pollutant in catalogue()
    for wastewater in processes.census_wastewater():
        assert wastewater.low <= wastewater.median <= wastewater.high


def test_plant_ratios() -> None:
    hours = processes.plant_ratios()["full-load-hours"]
    assert (hours.low, hours.high, hours.unit) == (1000, 8760, "h/a")
    assert all(ratio.low < ratio.high for ratio in processes.plant_ratios().values())


# --- sectors -------------------------------------------------------------------------------------------------------


def test_sector_coefficients() -> None:
    rice = sectors.coefficient("uptake", "rice", "n")
    assert isinstance(rice, Coefficient)
    assert (rice.value, rice.unit, rice.grade, rice.name.zh) == (2.25, "%", Grade.CITED, "水稻")
    with pytest.raises(ValueError, match="range"):
        sectors.coefficient("organic-manure", "pig-manure", "n")
    with pytest.raises(UnknownName) as caught:
        sectors.coefficient("uptake", "rice", "iron")
    assert "uptake/rice/n" in caught.value.suggestions
    assert {record.use for record in sectors.values()} == {"rule"}
    assert "comparison" in {record.use for record in sectors.values(comparison=True)}
    for record in sectors.values(comparison=True):
        assert record.value is not None or record.low is not None or record.high is not None
        if record.low is not None and record.high is not None:
            assert record.low <= record.high
        assert units.canonical(record.unit) == record.unit


def test_values_of_sectors_follow_published_examples() -> None:
    """The worked examples that ship agree with the numbers beside them."""
    examples = sectors.worked_examples()
    concrete = examples["one-cubic-metre-c30"].results
    made = sectors.coefficient("material-carbon", "c30", "factor").value
    truck = sectors.coefficient("goods-transport", "diesel-18t", "factor").value
    assert made == concrete["production"]
    assert 2.4 * 40 * truck == pytest.approx(concrete["transport"])
    herd = examples["renhuai"]
    per_pig = sectors.coefficient("pig-equivalent", "pig-equivalent", "n-supply-after-losses").value
    pigs = herd.inputs["pig_equivalents"]
    assert isinstance(pigs, float)
    assert pigs * per_pig / 1000 == pytest.approx(herd.results["n_supply_t"], abs=0.1)
    office = examples["office-hours"]
    hours, area = office.inputs["T"], office.inputs["S"]
    assert isinstance(hours, float)
    assert isinstance(area, float)
    assert (0.3 + 0.7 * 2500 / hours) * (0.7 + 0.3 * area / 10) == pytest.approx(office.results["g1"], abs=5e-4)


def test_methods_and_lists() -> None:
    assert "formula" not in sectors.methods()["soil-test-fertilising"].formulas
    assert set(sectors.methods()["measured-savings-models"].formulas) == {"2P", "3PC", "3PH", "4P", "5P"}
    assert len(sectors.lists()["straw-uses"].items) == 5


# --- plan ----------------------------------------------------------------------------------------------------------


def test_the_plan() -> None:
    found = plan.plan()
    assert found.validity.covers(dt.date(2023, 1, 1))
    assert not found.validity.covers(dt.date(2026, 1, 1))
    target = found.target("industry-energy-intensity")
    assert (target.value, target.unit, target.direction) == (-14.5, "%", "decrease")
    for record in found.targets:
        assert record.direction in found.directions
        assert record.aggregation in found.aggregation_rules
        assert record.time in found.aggregation_rules
        assert (record.value is None) != (record.value_min is None)
        assert not record.same_as or found.target(record.same_as)
    for scope in found.scopes:
        assert not scope.items or len(scope.items) == scope.count
    with pytest.raises(UnknownName):
        found.target("no-target")
    with pytest.raises(UnknownName):
        plan.plan("no-plan")
    assert "chongqing-2021-2025" in plan.plan_ids()


def test_scoring_sheets_give_no_points_that_nobody_read() -> None:
    for sheet in plan.scoring_sheets().values():
        assert (sheet.known_points == sheet.max_score) == (sheet.points == "complete")
        assert sheet.known_points <= sheet.max_score
    assert {sheet.id for sheet in plan.scoring_sheets().values() if sheet.points == "complete"} == {
        "huizhou-voluntary-part3"
    }
    assert len(plan.scoring_sheets()["cn-2018-acceptance"].vetoes) == 6
    assert plan.local_thresholds()


# --- technologies --------------------------------------------------------------------------------------------------


def test_technologies_are_consistent() -> None:
    known = catalogue()
    for record in technologies.technologies().values():
        assert set(record.industries) <= {*technologies.industries(), "any"}
        assert record.label.zh
        assert record.label.en
        assert record.aspect in technologies.ASPECTS
        for effect in record.effects:
            if effect.item:
                item = known.get(effect.item)
                assert effect.role in {role.id for role in known.roles(item.kind)}
            if effect.low is not None and effect.high is not None:
                assert effect.low <= effect.high
            if effect.basis == "relative":
                assert effect.unit is None
            if effect.basis == "level-after":
                assert effect.value_after is not None or effect.low is not None or effect.high is not None
        if record.cost and record.cost.capex is not None:
            assert record.cost.capex_unit is not None


def test_search_of_technologies() -> None:
    boards = technologies.search(industry="pcb", medium="water")
    assert boards
    assert all("water" in record.media for record in boards)
    assert any("any" in record.industries for record in technologies.search(industry="pcb"))
    assert {record.id for record in technologies.search(text="漂洗")} == {
        "plating-counterflow-spray-rinse",
        "plating-shower-rinse",
    }
    assert set(technologies.search(industry="cement", with_effects=True)) < set(technologies.search(industry="3011"))
    saving = technologies.search(item="electricity", aspect="process-control")
    assert all(any(effect.item == "electricity" for effect in record.effects) for record in saving)
    with pytest.raises(UnknownName):
        technologies.search(industry="no-industry")
    with pytest.raises(UnknownName) as caught:
        technologies.technology("plating-counter-rinse")
    assert "plating-shower-rinse" in caught.value.suggestions


def test_outcome_statistics() -> None:
    power = technologies.outcome_statistics("EC")
    assert power
    for row in technologies.outcome_statistics():
        assert row.implementation_rate is None or 0 <= row.implementation_rate <= 1
        assert row.count >= 25
    assert {row.naics3 for row in technologies.industry_outcome_statistics("311")} == {"311"}
    resources = {row.main_resource for row in technologies.outcome_statistics()}
    for record in technologies.technologies().values():
        if record.statistics:
            assert record.statistics.split()[0] in resources

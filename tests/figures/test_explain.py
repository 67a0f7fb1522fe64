from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from figure_plants import case, fact, run

from qingyuan.errors import Location
from qingyuan.facts.cases import read_case
from qingyuan.facts.model import Basis, State
from qingyuan.figures import compute, energy, explain, water
from qingyuan.figures.derivation import FigureSet
from qingyuan.language import language


def nodes(tree: dict) -> list[dict]:
    return [tree, *(node for part in tree.get("parts", ()) for node in nodes(part))]


@pytest.fixture(scope="module")
def plant() -> FigureSet:
    return compute(read_case(Path(__file__).parents[2] / "examples" / "pcb-plant-a"))


def test_tree_of_a_figure_leads_down_to_facts_and_coefficients(plant: FigureSet) -> None:
    record = explain.as_json(plant.find("energy-per-output-value.equivalent"))
    assert json.loads(json.dumps(record)) == record
    assert record["value"] == pytest.approx(0.138399, abs=1e-6)
    assert record["unit"] == "tce/10^4 CNY"
    assert record["method"]["edition"] == "GB/T 2589-2020"
    assert record["method"]["valid_from"] == "2021-04-01"
    found = nodes(record["tree"])
    facts = [node["fact"] for node in found if "fact" in node]
    assert {(entry["item"], entry["value"]) for entry in facts} == {
        ("electricity", 1997066), ("fresh-water", 16244), ("output-value", 1803.6),
    }  # fmt: skip
    assert all(entry["where"]["file"] for entry in facts)
    assert all(entry["where"]["row"] > 1 for entry in facts)
    assert all(entry["basis"] == "statistics" and entry["uncertainty_is_default"] for entry in facts)
    coefficients = {node["coefficient"]["value"]: node["coefficient"] for node in found if "coefficient" in node}
    assert set(coefficients) == {0.1229, 0.2571}
    assert coefficients[0.1229]["grade"] == "cited"
    assert coefficients[0.1229]["source"]


def test_tree_recomputes_to_the_value_of_the_figure(plant: FigureSet) -> None:
    import math

    def recompute(term: object) -> float:
        parts = [recompute(part) for part in term.parts]  # type: ignore[attr-defined]
        match term.operation:  # type: ignore[attr-defined]
            case "sum":
                return math.fsum(parts)
            case "difference":
                return parts[0] - parts[1]
            case "product":
                return parts[0] * parts[1]
            case "quotient":
                return parts[0] / parts[1]
            case _:
                return term.value  # type: ignore[attr-defined]

    checked = 0
    for figure in plant:
        for term in figure.term.walk():
            if term.operation in ("sum", "difference", "product", "quotient"):
                from qingyuan import units

                made = {
                    "sum": None, "difference": None,
                    "product": lambda a, b: units.multiply(a.unit, b.unit),
                    "quotient": lambda a, b: units.divide(a.unit, b.unit),
                }[term.operation]  # fmt: skip
                unit = term.parts[0].unit if made is None else made(*term.parts)
                shallow = replace(term, parts=tuple(replace(part, parts=()) for part in term.parts))
                value = recompute(
                    replace(shallow, parts=tuple(replace(p, operation="constant") for p in shallow.parts))
                )
                assert units.convert(value, unit, term.unit) == pytest.approx(term.value, rel=1e-9)
                checked += 1
    assert checked > 100


def test_lines_stand_below_what_is_made_of_them(plant: FigureSet) -> None:
    found = explain.lines(plant.find("comprehensive-energy.equivalent"))
    assert found[0].depth == 0
    assert found[0].kind == "figure"
    assert all(later.depth <= earlier.depth + 2 for earlier, later in pairwise(found))
    text = explain.as_text(plant.find("comprehensive-energy.equivalent"))
    for expected in (
        "249.6",
        "±",
        "GB/T 2589-2020",
        "E = Σ e_i·k_i",
        "0.1229",
        "1997066",
        "facts.csv",
        "转引",
        "（默认）",
    ):
        assert expected in text


def test_every_figure_can_be_asked_why(plant: FigureSet) -> None:
    for figure in plant:
        record = explain.as_json(figure)
        assert record["tree"]
        leaves = [node for node in nodes(record["tree"]) if not node.get("parts") and "see" not in node]
        assert leaves, figure.key
        assert all("fact" in node or "coefficient" in node or node["operation"] == "constant" for node in leaves), (
            figure.key
        )
        assert explain.lines(figure)


def test_a_part_that_is_used_twice_is_shown_once() -> None:
    found = run(water, fact("fresh-water", "taken", 900, "m3"), *(
        fact(item, "recycled", 50, "m3") for item in ("indirect-cooling-water", "direct-cooling-water")
    ))  # fmt: skip
    record = explain.as_json(found.find("water-reuse-rate"))
    found_nodes = nodes(record["tree"])
    assert [node["n"] for node in found_nodes if "n" in node] == [1]
    assert [node["see"] for node in found_nodes if "see" in node] == [1]
    assert "见上 [1]" in explain.as_text(found.find("water-reuse-rate"))


def test_defaults_bounds_states_and_places_are_marked() -> None:
    row = fact(
        "natural-gas", "purchased", 2, "10^4 m3", basis=Basis.INVOICE, uncertainty=0.01, source="发票2022.pdf 第3页",
        where=Location(file="plant.xlsx", sheet="能源", row=7),
    )  # fmt: skip
    text = explain.as_text(run(energy, row).find("comprehensive-energy.equivalent"))
    assert "默认值，不是本企业的数" in text
    assert "发票2022.pdf 第3页" in text
    assert "plant.xlsx" in text
    assert "2.0000 ± 0.020 万m³" in text
    assert "标准不确定度 1%" in text
    low = replace(row, state=State.BELOW_DETECTION)
    figure = run(energy, low).find("comprehensive-energy.equivalent")
    assert "上限" in explain.as_text(figure)
    assert "未检出" in explain.as_text(figure)
    assert explain.as_json(figure)["tree"]["upper_bound"] is True


def test_exact_value_is_given_in_full() -> None:
    record = explain.as_json(run(energy, fact("electricity", "purchased", 0.1, "kWh")).find("electricity"))
    assert record["exact"] == "0.1"


def test_what_is_missing_is_told_as_lines() -> None:
    found = run(energy, fact("electricity", "purchased", 5, "kWh"))
    told = explain.lines_of_missing(found.why_missing("comprehensive-energy.equal"))
    assert told[0].kind == "figure"
    assert [line.kind for line in told[1:]] == ["need"]
    assert "equal-value-electricity.2022" in told[1].text


def test_names_are_in_the_language_in_force(plant: FigureSet) -> None:
    figure = plant.find("comprehensive-energy.equivalent")
    with language("en"):
        record = explain.as_json(figure)
        assert record["name"] == "Comprehensive energy consumption, equivalent value"
        assert record["method"]["name"] == "comprehensive energy consumption, equivalent value"
    assert explain.as_json(figure)["name"] == "综合能耗（当量值）"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"), (1997066, "1997066"), (0.13839, "0.13839"), (1.23456789012, "1.2345679"), (1e-9, "1e-09"),
        (2.5e9, "2500000000"),
    ],
)  # fmt: skip
def test_numbers_are_readable(value: float, shown: str) -> None:
    assert explain.number(value) == shown


def test_compute_takes_settings_and_reads_the_profile() -> None:
    from qingyuan.figures.settings import Settings

    rows = fact("electricity", "purchased", 1000, "kWh")
    by_profile = compute(case(rows, settings={"equal-value-electricity.2022": 0.3}))
    by_argument = compute(case(rows), settings=Settings(equal_value_electricity={"2022": 0.3}))
    id = "comprehensive-energy.equal"
    assert by_profile.find(id).value == by_argument.find(id).value == pytest.approx(0.3)

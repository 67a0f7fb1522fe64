"""The schemes without three levels: P1 and P2, points between base and lead, pass or fail."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.errors import InputError
from qingyuan.standards import IndexSystem, Score, load, score
from qingyuan.standards.distance import gaps
from qingyuan.standards.reading import parse_toml, read_system

OLDER = """
id = "older"
title = "旧体系"
source = "试验"
verification = "read"
scheme = "benchmark"
[grading]
I = { index = "P", min = 90 }
II = { index = "P", min = 80 }
level_names = { I = "清洁生产先进企业", II = "清洁生产企业" }
weights = { P1 = 0.6, P2 = 0.4 }
cap = 1.2
[[tables]]
id = "t"
name = "表"
[[tables.groups]]
id = "q"
name = "定量"
weight = 0.5
[[tables.groups.indicators]]
id = "energy"
name = "能耗"
kind = "quantitative"
unit = "kgce/t"
better = "lower"
weight = 0.6
benchmark = 100
[[tables.groups.indicators]]
id = "reuse"
name = "回用"
kind = "quantitative"
unit = "%"
better = "higher"
weight = 0.4
benchmark = 80
[[tables.groups]]
id = "f"
name = "定性"
weight = 0.5
[[tables.groups.indicators]]
id = "ems"
name = "体系"
kind = "qualitative"
weight = 0.5
benchmark = "建立"
[[tables.groups.indicators]]
id = "audit"
name = "审核"
kind = "qualitative"
weight = 0.5
benchmark = "开展"
"""


def older(**changes: Any) -> IndexSystem:
    return read_system(parse_toml(OLDER) | changes)


def value(result: Score, name: str) -> Fraction:
    interval = result.index(name)
    assert interval.exact
    return interval.low


def test_p1_and_p2_by_hand() -> None:
    """Energy 125 of 100: 0.8 x 60; reuse 90 of 80: 1.125 x 40; one of two qualitative rows."""
    result = score(older(), {"energy": 125, "reuse": 90, "ems": "yes", "audit": "no"})
    assert value(result, "P1") == Fraction(48) + Fraction(45)
    assert value(result, "P2") == 50
    assert value(result, "P") == Fraction(6, 10) * 93 + Fraction(4, 10) * 50
    assert result.level == "none"
    assert result.row("energy").met == "none"
    assert result.row("reuse").met == "I"


def test_ratios_are_capped_and_missing_rows_corrected() -> None:
    best = score(older(), {"energy": 10, "reuse": 100, "ems": True, "audit": True})
    assert value(best, "P1") == 72 + 48  # 1.2 x 60, and 1.2 (of 1.25) x 40
    assert str(best.level_name) == "清洁生产先进企业"
    alone = score(older(), {"energy": 125, "reuse": "n/a", "ems": True, "audit": True})
    assert value(alone, "P1") == 80
    assert value(alone, "P") == 88
    assert alone.level == "II"
    assert str(alone.level_name) == "清洁生产企业"
    assert value(score(older(), {"energy": 100, "ems": True, "audit": True}), "P1") == 60


def test_recalled_constants_are_marked_where_the_data_give_none() -> None:
    document = parse_toml(OLDER)
    del document["grading"]["weights"], document["grading"]["cap"]
    result = score(read_system(document), {"energy": 100, "reuse": 80, "ems": "yes", "audit": "no"})
    assert value(result, "P") == 70 + 15
    assert any("凭记忆" in str(note) for note in result.notes)
    assert not any("凭记忆" in str(note) for note in score(older(), {"energy": 100}).notes)


def test_no_rule_no_grade() -> None:
    result = score(older(grading={}), {"energy": 100, "reuse": 80, "ems": "yes", "audit": "yes"})
    assert value(result, "P") == 100
    assert result.level == "undecided"


@given(st.integers(0, 400), st.integers(0, 400))
def test_less_energy_never_lowers_p(first: int, second: int) -> None:
    less, more = sorted((first, second))
    values = {"reuse": 70, "ems": "yes", "audit": "no"}
    assert value(score(older(), values | {"energy": less}), "P") >= value(
        score(older(), values | {"energy": more}), "P"
    )


def test_a_level_word_other_than_met_is_refused() -> None:
    with pytest.raises(InputError):
        score(older(), {"energy": "II"})


GREEN = "green-factory-2025"
LEAD = {"energy-intensity": 0.5, "water-reuse": 95}
BASE = {"energy-intensity": "0.9", "water-reuse": 85}


def test_points_between_base_and_lead() -> None:
    """Eight points: at 0.7 between 0.9 and 0.5 half of them; past the lead all; 6 of the platform's 8 functions."""
    values = {"energy-intensity": 0.7, "water-reuse": 97, "energy-carbon-platform": 6, "green-design": "yes"}
    result = score(GREEN, values, {"lead": LEAD, "base": BASE})
    points = {row.id: row.points["I"].low for row in result.rows}
    assert points["energy-intensity"] == 4
    assert points["water-reuse"] == 8
    assert points["energy-carbon-platform"] == Fraction(45, 10)
    assert points["green-design"] == 8
    assert value(result, "score") == Fraction(245, 10)
    assert score(GREEN, {"energy-intensity": 0.91}, {"lead": LEAD, "base": BASE}).row("energy-intensity").met == "none"


def test_without_lead_and_base_points_are_an_interval() -> None:
    result = score(GREEN, {"energy-intensity": 0.7, "green-design": True})
    assert result.index("score").as_json() == [8.0, 16.0]
    assert result.row("energy-intensity").met == "unknown"
    half = score(GREEN, {"energy-intensity": 0.4}, {"lead": LEAD})
    assert value(half, "score") == 8


def test_pass_mark_and_prerequisites_decide() -> None:
    values: dict[str, object] = {row.id: "I" for row in load(GREEN).table("table-c1").indicators()}
    assert score(GREEN, values).level == "undecided"
    assert score(GREEN, values, {"pass_mark": 80, "prerequisites": True}).level == "I"
    assert score(GREEN, values, {"pass_mark": 80, "prerequisites": False}).level == "none"
    assert score(GREEN, {}, {"pass_mark": 80, "prerequisites": True}).level == "none"
    with pytest.raises(InputError) as caught:
        score(GREEN, {}, {"pass_mark": "x", "prerequisites": "yes", "lead": {"foo": 1}, "base": 3})
    assert len(caught.value.problems) == 4


def test_points_of_rows_that_do_not_apply_go_to_the_others() -> None:
    values: dict[str, object] = {row.id: "I" for row in load(GREEN).table("table-c1").indicators()}
    assert value(score(GREEN, values | {"land-output": "n/a"}), "score") == 100


PARK = "zero-carbon-park-2025"
GOOD = {
    "carbon-per-energy": 0.2,
    "clean-energy-share": 90,
    "product-energy-quota": "是",
    "solid-waste-utilisation": 80,
    "waste-energy-utilisation": 50,
    "water-reuse": 80,
}


def test_a_park_passes_on_its_bounds() -> None:
    result = score(PARK, GOOD, table_id="scale-200k-1m")
    assert result.level == "I"
    assert value(result, "passed") == value(result, "applicable") == 6
    assert str(result.level_name) == "达标"


def test_the_core_indicator_vetoes() -> None:
    assert score(PARK, GOOD | {"carbon-per-energy": 0.21}, table_id="scale-200k-1m").level == "none"
    assert score(PARK, GOOD | {"carbon-per-energy": 0.21}, table_id="scale-1m-up").level == "I"
    assert score(PARK, GOOD | {"carbon-per-energy": None}, table_id="scale-200k-1m").level == "none"
    missed = score(PARK, GOOD | {"water-reuse": 79}, table_id="scale-200k-1m")
    assert missed.level == "undecided"
    assert missed.limiting_failures == ()


def test_a_parameter_that_only_chooses_the_table_is_noted() -> None:
    result = score(PARK, GOOD, {"annual_energy_tce": 300_000}, "scale-200k-1m")
    assert any("annual_energy_tce" in str(note) for note in result.notes)
    with pytest.raises(InputError):
        score(PARK, GOOD, {"annual_energy": 300_000}, "scale-200k-1m")


def test_no_rule_was_read_for_the_low_carbon_park() -> None:
    values: dict[str, object] = {row.id: "I" for row in load("low-carbon-park-2024").table("all").indicators()}
    assert score("low-carbon-park-2024", values).level == "undecided"


def test_partial_park_standard_can_fail_but_not_pass() -> None:
    values: dict[str, object] = {row.id: "I" for row in load("eco-industrial-park-shandong").table("all").indicators()}
    assert score("eco-industrial-park-shandong", values).level == "undecided"
    assert score("eco-industrial-park-shandong", values | {"audit-rate": 99}).level == "none"


def test_gaps_of_the_other_schemes() -> None:
    found = {
        row.row.id: row.gaps[0] for row in gaps(score(PARK, GOOD | {"water-reuse": 72}, table_id="scale-1m-up")).rows
    }
    assert set(found) == {"water-reuse"}
    assert found["water-reuse"].change == 8
    green = gaps(score(GREEN, {"energy-intensity": 0.7}, {"lead": LEAD, "base": BASE}))
    energy = next(row.gaps[0] for row in green.rows if row.row.id == "energy-intensity")
    assert energy.change == Fraction(-2, 10)
    assert energy.gain is not None
    assert energy.gain["I"].low == 4
    assert green.paths == ()


def test_json_of_the_other_schemes() -> None:
    record = score(GREEN, {"energy-intensity": 0.7}, {"lead": LEAD, "base": BASE}).as_json()
    assert record["scheme"] == "lead-base-linear"
    assert record["Y"] == {"score": 4.0}
    row = record["indicators"][0]  # type: ignore[index]
    assert row["bounds"] == {"lead": 0.5, "base": 0.9}
    assert row["ratio"] == 0.5

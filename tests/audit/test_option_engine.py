"""The options engine in the audit: sets within the streams, ways to the levels, candidates, result.json, report."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import pytest

from qingyuan import demo
from qingyuan.audit.option_results import OptionResults
from qingyuan.audit.pipeline import run
from qingyuan.audit.result import AuditResult
from qingyuan.report.chapters import feasibility, options_generated
from qingyuan.report.chapters.options_engine import candidate_blocks, effect_blocks, path_blocks
from qingyuan.report.result_json import result_json
from qingyuan.report.tree import Block, Heading, Row, Table

PLATING = demo.SHIPPED_CASES / "electroplating-demo"
KILN = demo.SHIPPED_CASES / "hazardous-waste-incineration-demo"


@lru_cache
def audited(folder: Path) -> AuditResult:
    return run(folder)


def engine(result: AuditResult) -> OptionResults:
    assert result.option_results is not None
    return result.option_results


def headings(blocks: Iterable[Block]) -> list[str]:
    return [str(block.text) for block in blocks if isinstance(block, Heading)]


def table(blocks: Iterable[Block], label: str) -> Table:
    return next(block for block in blocks if isinstance(block, Table) and block.label == label)


# --- the real plant --------------------------------------------------------------------------------------------------


def test_the_set_never_exceeds_what_the_plant_uses(pcb_plant: Path) -> None:
    found = engine(audited(pcb_plant))
    assert found.effects is not None
    assert len(found.effects.options) == 44
    assert found.done == ()
    for one in found.streams:
        assert one.quantity.after >= 0
        assert -one.quantity.change <= one.quantity.before * (1 + 1e-12)
        shares = sum(each.share for each in one.quantity.options)
        assert shares == pytest.approx(one.quantity.change, rel=1e-6, abs=1e-6)


def test_more_waste_water_is_claimed_than_there_is(pcb_plant: Path) -> None:
    result = audited(pcb_plant)
    water = next(one for one in engine(result).streams if one.quantity.id == "wastewater.generated")
    # each option claims m3 for 10^4 m2 of boards; the plant made 6.7462 * 10^4 m2
    stated = sum(
        float(piece.split()[1])
        for row in result.case.options
        for piece in row.effects.split(";")
        if piece.split()[:1] == ["废水"] and piece.split()[2:] == ["m3"]
    )
    relative = -0.25 * water.quantity.before  # 废水站负荷 -25 %
    assert water.total == pytest.approx(stated * 6.7462 + relative)
    assert water.exceeds
    assert water.quantity.change == -water.quantity.before
    assert water.overstated == pytest.approx(-water.total - water.quantity.before)
    effects = next(one for one in engine(result).streams if one.quantity.id == "electricity.use")
    assert not effects.exceeds
    assert effects.overstated == 0
    assert effects.total == pytest.approx(-11000 * 6.7462)


def test_without_data_no_level_can_be_reached_and_the_rows_are_named(pcb_plant: Path) -> None:
    result = audited(pcb_plant)
    assert result.score is not None
    found = {level.path.level: level for level in engine(result).levels}
    assert found["II"].path.status == "infeasible"
    assert found["II"].path.reasons
    assert found["II"].index_best < found["II"].minimum
    unknown = {one.id for one in found["II"].obstacles if one.why == "no-data"}
    assert unknown <= set(result.score.no_data)
    assert {"law", "policy", "chemicals", "solid-waste"} <= {one.id for one in found["II"].obstacles if one.obliged}
    short = next(one for one in found["II"].obstacles if one.id == "power-rigid-2")
    assert short.why == "not-enough"
    assert isinstance(short.before, float)
    assert short.best is not None
    assert 20 < short.best < short.before  # the system asks 20 kWh/m2


def test_candidates_are_none_of_the_plants_own(pcb_plant: Path) -> None:
    found = engine(audited(pcb_plant))
    assert found.candidates
    assert all(not one.already and one.reasons for one in found.candidates)
    assert all(one.already for one in found.known)
    points = [one.points for one in found.candidates]
    assert points == sorted(points, reverse=True)


# --- the demonstration plants ----------------------------------------------------------------------------------------


def test_the_plating_works_reaches_level_two_by_one_planned_option() -> None:
    result = audited(PLATING)
    assert result.score is not None
    assert result.score.level == "III"
    two, one = engine(result).levels
    assert (two.path.level, two.path.status, two.path.options) == ("II", "optimal", ("F12",))
    assert two.path.cost == pytest.approx(6.2)
    assert two.path.score is not None
    assert two.path.score.level == "II"
    assert two.path.certainty == pytest.approx(1.0)
    assert two.path.certainty_before == 0.0
    assert two.obstacles == ()
    step = two.path.rows[0]
    assert (step.id, step.limiting, step.options) == ("heavy-metal-prevention", True, ("F12",))
    assert one.path.status == "infeasible"
    rinse = next(each for each in one.obstacles if each.id == "rinse-water")
    assert rinse.obliged
    assert rinse.best is not None
    assert rinse.best > 8  # level I asks 8 L/m2


def test_what_was_carried_out_is_not_counted_again(tmp_path: Path) -> None:
    found = engine(audited(PLATING))
    assert found.done == tuple(f"F{n}" for n in range(1, 12))
    assert found.effects is not None
    assert found.effects.options == ("F12", "F13", "F14", "F15", "F16")
    # the same data as the period before: everything is still to come
    shutil.copytree(PLATING, tmp_path / "plant")
    audit = tmp_path / "plant" / "audit.toml"
    text = audit.read_text(encoding="utf-8")
    audit.write_text(
        text.replace('before = "2022"\nafter = "2024"', 'before = "2024"\nafter = "2025"'), encoding="utf-8"
    )
    before = engine(run(tmp_path / "plant"))
    assert before.done == ()
    assert before.effects is not None
    assert len(before.effects.options) == 16


def test_the_incineration_plant_cannot_reach_level_one_and_says_why() -> None:
    result = audited(KILN)
    assert result.score is not None
    assert result.score.level == "II"
    (level,) = engine(result).levels
    assert (level.path.level, level.path.status) == ("I", "infeasible")
    assert level.index_before == pytest.approx(55.3)
    assert level.index_before < level.index_best < level.minimum == 85
    # nothing is forgotten: what all options reach and what the obstacles hold back is all the weight there is
    weights = sum(float(100 * (row.weight or 0)) for row in result.score.rows if row.takes_part)
    assert level.index_best + sum(one.points for one in level.obstacles) == pytest.approx(weights)
    assert all(one.why == "no-option" for one in level.obstacles)


def test_options_that_exclude_each_other_do_not_stand_in_one_set(tmp_path: Path) -> None:
    shutil.copytree(PLATING, tmp_path / "plant")
    file = tmp_path / "plant" / "options.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    lines = [f"{line},{'互斥' if n == 0 else 'F13' if line.startswith('F16,') else ''}" for n, line in enumerate(lines)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = engine(run(tmp_path / "plant"))
    assert found.left_out == (("F16", "F13"),)
    assert found.effects is not None
    assert found.effects.options == ("F12", "F13", "F14", "F15")


def test_options_that_contradict_each_other_are_a_problem_not_an_end(tmp_path: Path) -> None:
    shutil.copytree(PLATING, tmp_path / "plant")
    file = tmp_path / "plant" / "options.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    lines = [
        f"{line},{('前置', '互斥')[0] + ',互斥' if n == 0 else 'F13,F13' if line.startswith('F16,') else ','}"
        for n, line in enumerate(lines)
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = run(tmp_path / "plant")
    assert "option-contradiction" in {problem.code for problem in result.problems}
    assert engine(result).effects is None
    assert engine(result).candidates
    assert result.score is not None


# --- result.json and report ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", [PLATING, KILN])
def test_result_json_holds_effects_path_and_candidates(folder: Path) -> None:
    record = json.loads(json.dumps(result_json(audited(folder)), allow_nan=False))
    assert set(record["option_effects"]) == {
        "period", "options", "done", "left_out", "streams", "figures", "unapplied",
    }  # fmt: skip
    stream = record["option_effects"]["streams"][0]
    assert {"before", "after", "change", "claimed", "overstated", "exceeds", "options"} <= set(stream)
    assert {"option", "claimed", "alone", "first", "last", "share"} <= set(stream["options"][0])
    assert all("obstacles" in level and "seconds" not in level for level in record["path"])
    assert record["candidates"]["matched"] >= len(record["candidates"]["candidates"]) > 0


def test_chapters_four_and_five_say_it(pcb_plant: Path) -> None:
    result = audited(pcb_plant)
    four, five = headings(options_generated.blocks(result)), headings(feasibility.blocks(result))
    assert "技术库匹配的备选方案" in four
    assert "方案组合的效果" in four
    assert "达到更高等级的途径" in five
    assert len(table(candidate_blocks(result), "table-candidates").rows) == 12
    effects = table(effect_blocks(result), "table-set-effects")
    alert = [row for row in effects.rows if isinstance(row, Row) and row.emphasis == "alert"]
    assert len(alert) == sum(one.exceeds for one in engine(result).streams) > 0


def test_the_way_stands_in_the_report_row_by_row() -> None:
    blocks = path_blocks(audited(PLATING))
    assert headings(blocks)[0] == "达到更高等级的途径"
    steps, missed = (block for block in blocks if isinstance(block, Table))
    assert len(steps.rows) == len(engine(audited(PLATING)).levels[0].path.rows)
    assert len(missed.rows) == len(engine(audited(PLATING)).levels[1].obstacles)

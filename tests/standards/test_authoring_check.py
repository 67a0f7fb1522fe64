"""The proof of an entered system: consistency at its cells, trial plants that are scored, the marked copy."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import openpyxl
import pytest
from authoring_typing import ROWS, Typed, address, table_sheet

from qingyuan.errors import InputError, Severity
from qingyuan.standards import load, systems
from qingyuan.standards.authoring import Proof, mark_form, prove, prove_form, published_rows, read_form
from qingyuan.standards.authoring.view import weights_text

SHIPPED = [summary.id for summary in systems(Path("/nonexistent"))]


@pytest.mark.parametrize("id", SHIPPED)
def test_every_shipped_system_passes_its_trials(id: str) -> None:
    system = load(id)
    proof = prove(system)
    assert proof.ok
    if system.tables and system.scheme == "levels":
        assert len(proof.trials) >= 4


def test_trials_say_what_was_expected_and_what_came() -> None:
    proof = prove(load("electroplating-2015"))
    (first, *_, limiting) = proof.trials
    assert first.as_json() == {
        "table": "general",
        "plant": "各项都恰好达到Ⅰ级",
        "expected": "Y_I = 100，达到Ⅰ级",
        "found": "Y_I = 100，Ⅰ级",
        "passed": True,
    }
    assert str(limiting.found) == "9 项都起作用"


def test_a_rule_that_no_plant_can_meet_fails_its_trial() -> None:
    """Every row is right by itself; the threshold of level I asks more than the cap of the bonus leaves."""
    system = load("hazardous-waste-incineration-draft-later")
    bonus = system.grading.bonus
    assert bonus is not None
    capped = replace(system, grading=replace(system.grading, bonus=replace(bonus, cap=F(80))))
    proof = prove(capped)
    assert not proof.ok
    failed = [trial for trial in proof.trials if not trial.passed]
    assert [str(trial.found) for trial in failed][:2] == ["Y_I = 80，不达标", "Y_II = 80，不达标"]
    assert not any(problem.severity is Severity.ERROR for problem in proof.problems)


def test_strict_bounds_and_formulas_are_tried_just_inside() -> None:
    system = load("hazardous-waste-incineration-draft-later")
    assert any(row.strict for row in system.table("main").indicators())
    assert prove(system).ok
    boards = load("printed-circuit-board-undated")
    assert any(row.has_formula for row in boards.table("general").indicators())
    assert all(trial.passed for trial in prove(boards).trials)


def typed_proof(tmp_path: Path, typed: Typed) -> Proof:
    return prove_form(read_form(typed.write(tmp_path / "form.xlsx")))


def test_a_clean_form_is_proved(tmp_path: Path) -> None:
    proof = typed_proof(tmp_path, Typed())
    assert proof.ok
    assert proof.problems == ()
    assert len(proof.trials) == 5


def test_findings_of_the_checker_stand_at_their_cells(tmp_path: Path) -> None:
    rows = [dict(row) for row in ROWS]
    rows[0]["weight"] = 0.7
    rows[3] |= {"II": "≤1.2"}
    rows[4]["unit"] = "mg/Nm9"
    rows[4]["group_weight"] = 0.4
    rows[1]["III"] = "较低"
    proof = typed_proof(tmp_path, Typed(rows=rows))
    sheet = table_sheet(openpyxl.load_workbook(tmp_path / "form.xlsx"))
    found = {(problem.code, problem.where.cell) for problem in proof.problems}
    assert found >= {
        ("form-level", address(sheet, 1, "III")),
        ("weights-sum", address(sheet, 0, "group_weight")),
        ("levels-order", address(sheet, 3, "I")),
        ("unknown-unit", address(sheet, 4, "unit")),
    }
    rows[1]["III"] = "≥85"
    proof = typed_proof(tmp_path, Typed(rows=rows))
    assert ("weights-sum", address(sheet, 0, "weight")) in {(each.code, each.where.cell) for each in proof.problems}


def test_rounded_weights_are_a_warning(tmp_path: Path) -> None:
    rows = [dict(row) for row in ROWS]
    for number, weight in ((0, 0.33), (2, 0.33), (4, 0.33)):
        rows[number]["group_weight"] = weight
    proof = typed_proof(tmp_path, Typed(rows=rows))
    assert proof.ok
    assert [problem.code for problem in proof.problems] == ["weights-sum-rounded"]


def test_weights_of_the_whole_are_recognised(tmp_path: Path) -> None:
    rows = [dict(row) for row in ROWS]
    for row, weight in zip(rows, (18, 12, 20, 20, 15, 15), strict=True):
        row["weight"] = weight
    for number, weight in ((0, 30), (2, 40), (4, 30)):
        rows[number]["group_weight"] = weight
    reading = read_form(Typed(rows=rows).write(tmp_path / "form.xlsx"))
    assert prove_form(reading).ok
    assert reading.system is not None
    assert "占总体的份额" in str(weights_text(reading.system.table("main")))


def test_the_marked_copy_colours_cells_and_explains_them(tmp_path: Path) -> None:
    rows = [dict(row) for row in ROWS]
    rows[3] |= {"I": "≤1.5 kg/t", "III": None}
    rows[1] |= {"I": 95, "II": 90, "III": 85}
    path = Typed(rows=rows, document=Typed().document | {"source": ""}).write(tmp_path / "form.xlsx")
    reading = read_form(path)
    proof = prove_form(reading)
    copy = tmp_path / "marked.xlsx"
    mark_form(reading, proof, copy)
    book = openpyxl.load_workbook(copy)
    sheet = table_sheet(book)
    wrong, missing, doubtful = (sheet[address(sheet, row, key)] for row, key in ((3, "I"), (3, "III"), (1, "I")))
    assert wrong.value == "≤1.5 kg/t"
    assert "单位" in wrong.comment.text
    assert "Ⅲ级没有填" in missing.comment.text
    assert {cell.fill.fgColor.rgb for cell in (wrong, missing)} == {"FFF8C9C4"}
    assert doubtful.fill.fgColor.rgb == "FFFCE3C0"
    assert sheet[address(sheet, 0, "I")].comment is None
    document = book["文件"]
    assert any("依据" in cell.comment.text for row in document.iter_rows() for cell in row if cell.comment)
    again = read_form(copy)
    assert {problem.code for problem in again.problems} == {problem.code for problem in reading.problems}


def test_a_file_that_cannot_be_written_is_an_input_error(tmp_path: Path) -> None:
    reading = read_form(Typed().write(tmp_path / "form.xlsx"))
    with pytest.raises(InputError) as caught:
        mark_form(reading, prove_form(reading), tmp_path / "no" / "such" / "folder.xlsx")
    assert caught.value.problems[0].code == "file-unwritable"


def test_the_proof_says_which_kind_of_weights() -> None:
    assert prove(load("electroplating-2015")).as_json()["weights"] == {"general": "inside-group"}


def test_the_published_look() -> None:
    table = load("electroplating-2015").table("general")
    rows = list(published_rows(table))
    assert str(rows[0].group) == "生产工艺及装备指标"
    assert rows[0].group_weight == "0.33"
    assert rows[1].group is None
    assert rows[0].cells[2] is None  # the cell of level II spans level III
    assert rows[4].cells == ("≤8", "≤24", "≤40")
    assert rows[4].limiting
    assert rows[5].weight == "0.8/n"
    opened = list(published_rows(load("hazardous-waste-incineration-draft-later").table("main")))
    assert next(row for row in opened if row.id == "co2-per-tonne").cells == ("--", "--", "--")
    boards = list(published_rows(load("printed-circuit-board-undated").table("general")))
    assert next(row for row in boards if row.id == "power-rigid-multi").cells[0] == "≤10+5*n"
    assert next(row for row in boards if row.id == "power-rigid-1").weight == "[power] 1"
    linear = list(published_rows(load("green-factory-2025").table("table-c1"), "lead-base-linear"))
    assert linear[3].cells == ("≥8", "≥0", "6")

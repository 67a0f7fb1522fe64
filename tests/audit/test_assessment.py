"""Assessment and acceptance sheets: refusal without points, scores, vetoes, outcomes, forms, abilities."""

from __future__ import annotations

import csv
import datetime as dt
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.audit.assessment import (
    abilities,
    install_sheet,
    outcome_of,
    read_sheet_form,
    refusal,
    rows,
    score_sheet,
    sheet,
    sheet_for,
    sheets,
    write_sheet_form,
)
from qingyuan.errors import InputError, UnknownName
from qingyuan.reference.records import Grade

OLD = dt.date(2026, 8, 14)
HUIZHOU = "huizhou-voluntary-part3"


def full(id: str) -> dict[str, Fraction]:
    return {row.key: row.points for row in rows(sheet(id)) if row.points is not None}


@pytest.mark.parametrize("id", ["cn-2018-assessment", "cn-2018-acceptance", "beijing-2009-acceptance",
                                "yunnan-2007-consultant"])  # fmt: skip
def test_a_sheet_without_its_points_refuses_and_says_what_to_load(id: str) -> None:
    with pytest.raises(InputError) as caught:
        score_sheet(id, {})
    assert [problem.code for problem in caught.value.problems] == ["points-unknown"]
    text = str(caught.value)
    assert "不能给出评分结果" in text
    assert "录入" in text
    assert refusal(sheet(id)) is not None


def test_a_local_sheet_that_is_complete_is_scored() -> None:
    result = score_sheet(HUIZHOU, full(HUIZHOU))
    assert result.total == 30
    assert not result.official  # kept for comparison, and of another place
    partly = {**full(HUIZHOU), "3.1": "2.5", "3.4": 0}
    assert score_sheet(HUIZHOU, partly).total == Fraction("22.5")
    assert score_sheet(HUIZHOU, partly).as_json()["score"] == 22.5


def test_every_problem_of_a_score_is_told() -> None:
    given = {**full(HUIZHOU), "3.1": 6, "3.2": -1, "9.9": 1, "3.3": "viel"}
    del given["3.7"]
    with pytest.raises(InputError) as caught:
        score_sheet(HUIZHOU, given, {"fraud": True}, bonus=-1)
    codes = sorted(problem.code for problem in caught.value.problems)
    assert codes == ["bonus", "row-not-scored", "row-points", "row-points", "row-points", "row-unknown", "veto-unknown"]


@pytest.mark.parametrize(
    ("id", "score", "veto", "bonus", "outcome"),
    [
        ("cn-2018-assessment", "69.9", False, 0, "redo"),
        ("cn-2018-assessment", "70", False, 0, "supplement"),  # both ends included
        ("cn-2018-assessment", "90", False, 0, "supplement"),
        ("cn-2018-assessment", "90.1", False, 0, "cleared"),
        ("cn-2018-acceptance", "60", False, 0, "pass"),
        ("cn-2018-acceptance", "59.9", False, 0, "fail"),
        ("cn-2018-acceptance", "100", True, 0, "fail"),
        ("beijing-2009-acceptance", "68", False, 1, "fail"),  # the pass line counts the bonus
        ("beijing-2009-acceptance", "68", False, 2, None),
        ("beijing-2009-acceptance", "99", True, 9, "fail"),
        ("yunnan-2007-consultant", "159", False, 0, "fail"),
        ("yunnan-2007-consultant", "160", False, 0, None),
    ],
)
def test_outcomes_by_thresholds(id: str, score: str, veto: bool, bonus: int, outcome: str | None) -> None:
    found = outcome_of(sheet(id), Fraction(score), veto, Fraction(bonus))
    assert (found.id if found is not None else None) == outcome


@given(st.fractions(0, 100), st.booleans())
def test_every_score_has_exactly_one_outcome_on_the_national_sheets(score: Fraction, veto: bool) -> None:
    assessment = outcome_of(sheet("cn-2018-assessment"), score, veto)
    assert assessment is not None
    assert assessment.id == ("redo" if score < 70 else "supplement" if score <= 90 else "cleared")
    acceptance = outcome_of(sheet("cn-2018-acceptance"), score, veto)
    assert acceptance is not None
    assert (acceptance.id == "pass") is (score >= 60 and not veto)


def test_which_sheet_rules() -> None:
    found, rule = sheet_for("assessment", OLD, "重庆")
    assert found.id == "cn-2018-assessment"
    assert str(rule.basis) == "《清洁生产审核评估与验收指南》（环办科技〔2018〕5号）附表1"
    assert sheet_for("acceptance", OLD, "北京")[0].id == "beijing-2009-acceptance"
    with pytest.raises(UnknownName):
        sheet("nothing")


# --- forms -----------------------------------------------------------------------------------------------------------


def fill(path: Path, points: list[str]) -> None:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        table = list(csv.reader(stream))
    for line, text in zip(table[1:], points, strict=True):
        line[3] = text
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(table)


def test_points_entered_from_the_official_annex(tmp_path: Path, own_law: Path) -> None:
    form = tmp_path / "附表1.csv"
    write_sheet_form(sheet("cn-2018-assessment"), form)
    count = len(rows(sheet("cn-2018-assessment")))
    assert count == 14
    # made-up points: what matters is that they add up
    fill(form, ["5"] * (count - 1) + [str(100 - 5 * (count - 1))])
    written = install_sheet("cn-2018-assessment", form, by="审核员", on=dt.date(2026, 9, 1))
    assert written.parent == own_law / "sheets"
    used, _ = sheet_for("assessment", OLD)
    assert used.points == "complete"
    assert used.grade is Grade.USER
    assert refusal(used) is None
    assert [section.id for section in used.sections] == ["A", "B", "C"]
    result = score_sheet(used, full("cn-2018-assessment"), {})
    assert (result.total, result.official) == (100, True)
    assert result.outcome is not None
    assert result.outcome.id == "cleared"
    notes = " ".join(str(note) for note in result.notes)
    assert "审核员，2026-09-01" in notes
    assert "分数线凭记忆" in notes
    assert not any("这张表" in str(note) for note in result.notes)


def test_vetoes_must_all_be_judged(tmp_path: Path) -> None:
    acceptance = sheet("cn-2018-acceptance")
    form = tmp_path / "form.csv"
    form.write_text("部分,评分项,要求,分值\n绩效,目标,,100\n", encoding="utf-8-sig")
    used = read_sheet_form(acceptance, form, source="测试")
    with pytest.raises(InputError) as caught:
        score_sheet(used, {"1.1": 80}, {"fraud": False})
    assert {problem.code for problem in caught.value.problems} == {"veto-not-judged"}
    assert len(caught.value.problems) == len(acceptance.vetoes) - 1
    judged = {veto.id: False for veto in acceptance.vetoes}
    good = score_sheet(used, {"1.1": 80}, judged)
    assert good.outcome is not None
    assert good.outcome.id == "pass"
    bad = score_sheet(used, {"1.1": 80}, {**judged, "offence": True})
    assert bad.vetoes == ("offence",)
    assert bad.outcome is not None
    assert bad.outcome.id == "fail"


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        ("A,一,,60\nA,二,,30\n", ["points-sum"]),
        ("A,一,,sixty\n,二,,40\nB,,,1\n", ["row-points", "row-incomplete", "row-incomplete"]),
        ("A,一,,0\n", ["row-points"]),
    ],
)
def test_forms_that_do_not_fit(tmp_path: Path, lines: str, codes: list[str]) -> None:
    form = tmp_path / "form.csv"
    form.write_text("部分,评分项,要求,分值\n" + lines, encoding="utf-8-sig")
    with pytest.raises(InputError) as caught:
        read_sheet_form(sheet("cn-2018-assessment"), form, source="x")
    assert [problem.code for problem in caught.value.problems] == codes
    assert caught.value.problems[0].where.file == "form.csv"


def test_a_damaged_installed_sheet_is_told(own_law: Path) -> None:
    folder = own_law / "sheets"
    folder.mkdir()
    (folder / "cn-2018-assessment.toml").write_text("id = 3", encoding="utf-8")
    with pytest.raises(InputError, match="评分表文件读不出"):
        sheets()


def test_a_form_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="打不开文件"):
        read_sheet_form(sheet("cn-2018-assessment"), tmp_path / "none.csv", source="x")


def test_evidence_for_each_condition() -> None:
    found = abilities("consultant", {"a": "营业执照", "b": " "}, OLD)
    assert [(one.condition.record.id, one.shown) for one in found] == [
        ("a", True), ("b", False), ("c", False), ("d", False),
    ]  # fmt: skip
    with pytest.raises(UnknownName):
        abilities("enterprise", {"a": "x"}, OLD)

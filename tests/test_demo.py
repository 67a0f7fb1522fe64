"""Demonstration plants show a whole audit: clean data, options, decisions and records, for any seed."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from qingyuan import demo
from qingyuan.audit.inputs import read_inputs
from qingyuan.audit.pipeline import run
from qingyuan.audit.result import AuditResult
from qingyuan.audit.worksheets import phase_status
from qingyuan.errors import Severity
from qingyuan.facts.cases import read_case
from qingyuan.language import language
from qingyuan.standards.scoring import score

LEVELS = {"electroplating-demo": "III", "hazardous-waste-incineration-demo": "II"}


def audited(name: str, seed: int, folder: Path) -> AuditResult:
    demo.PLANTS[name](seed).write(folder)
    return run(folder)


@pytest.mark.parametrize("seed", [2026, 5])
@pytest.mark.parametrize("name", sorted(demo.PLANTS))
def test_the_data_contradict_nothing(name: str, seed: int, tmp_path: Path) -> None:
    result = audited(name, seed, tmp_path)
    assert [(finding.rule, str(finding.message)) for finding in result.findings] == []
    assert [str(problem) for problem in result.problems if problem.severity is not Severity.NOTE] == []
    assert result.case.years() == ("2022", "2023", "2024")
    assert result.score is not None
    assert result.score.level == LEVELS[name]


@pytest.mark.parametrize("name", sorted(demo.PLANTS))
def test_every_phase_is_recorded(name: str) -> None:
    result = run(demo.SHIPPED_CASES / name)
    for status in phase_status(result):
        assert status.share > 0.85, (status.phase.name.zh, status.share)
    statuses = {option.status for option in result.case.options}
    assert statuses == {"已实施", "计划实施"}
    assert len({option.aspect for option in result.case.options}) >= 6
    assert {option.kind for option in result.case.options} == {"none-low", "medium", "high"}
    costly = [option.id for option in result.case.options if option.kind in ("medium", "high")]
    assert all(result.economics[id].npv is not None for id in costly)


def test_the_planned_options_bring_the_plating_works_to_level_two() -> None:
    result = run(demo.SHIPPED_CASES / "electroplating-demo")
    assert result.score is not None
    reached = {**result.score.values, "heavy-metal-prevention": "II", "water-reuse": 45}
    better = score(result.score.system.id, reached, result.score.parameters, result.score.table.id)
    assert better.level == "II"


@pytest.mark.parametrize("name", sorted(demo.PLANTS))
def test_persons_are_roles_and_everything_says_demo(name: str) -> None:
    folder = demo.SHIPPED_CASES / name
    team = (folder / "worksheets" / "1-1.csv").read_text(encoding="utf-8")
    names = [line.split(",")[0] for line in team.splitlines()[1:]]
    assert all(re.search("(总经理|副总|主管|工程师|班组长)$", person) for person in names)
    assert "演示" in (folder / "audit.toml").read_text(encoding="utf-8")
    assert run(folder).demo


@pytest.mark.parametrize("name", sorted(demo.PLANTS))
def test_the_days_of_the_audit_follow_each_other(name: str) -> None:
    folder = demo.SHIPPED_CASES / name
    inputs = read_inputs(folder)
    plan = [(row["stage"], dt.date.fromisoformat(row["finish"])) for row in inputs.entries["1-2"]]
    days = [day for _, day in plan]
    assert days == sorted(days)
    assert inputs.listed_on is not None
    assert inputs.listed_on < days[0]
    finished = {stage.partition(".")[2][:8]: day for stage, day in plan}
    # the report that was handed in and assessed is finished before, and the one of the acceptance after it
    assert finished["审核报告（评估稿"] <= inputs.events["report-received"] < inputs.events["assessment-passed"]
    assert inputs.events["assessment-passed"] < finished["审核报告（验收稿"]


@pytest.mark.parametrize("name", sorted(demo.PLANTS))
def test_every_option_of_the_demonstrations_has_an_english_name(name: str) -> None:
    options = read_case(demo.SHIPPED_CASES / name).options
    assert options
    for option in options:
        assert str(option.title) == option.name
    with language("en"):
        titles = [str(option.title) for option in options]
    assert not re.search("[\u4e00-\u9fff]", "".join(titles))
    assert len(set(titles)) == len(titles)

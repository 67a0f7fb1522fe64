"""The sub-commands deadlines, diagnose, phases and focus: tables, JSON, exit status, both languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from qingyuan import demo
from qingyuan.cli import law
from qingyuan.reference.loading import DATA

PLATING = str(DATA / "cases" / "electroplating-demo")

app = typer.Typer(pretty_exceptions_enable=False)
for command in (law.deadlines, law.diagnose, law.phases, law.focus):
    app.command()(command)


def call(*arguments: str, status: int = 0) -> str:
    done = CliRunner().invoke(app, [*arguments], env={"COLUMNS": "160", "LANG": "zh_CN.UTF-8", "LC_ALL": ""})
    assert done.exit_code == status, done.output
    return done.output


def data(*arguments: str) -> Any:
    return json.loads(call(*arguments, "--json"))


def test_deadlines_differ_on_the_boundary_day() -> None:
    common = ("deadlines", "--trigger", "T2", "--place", "重庆", "--today", "2026-09-20")
    before = data(*common, "--listed", "2026-08-14")
    after = data(*common, "--listed", "2026-08-15")
    assert before["standing"]["kind"] == "mandatory"
    assert [one["id"] for one in before["deadlines"]] == ["D1", "D2", "D3", "D5"]
    assert before["deadlines"][0]["state"] == "overdue"
    assert before["deadlines"][0]["days"] == 6
    assert after["standing"]["kind"] == "voluntary"
    assert after["deadlines"] == []
    assert "另有规定" in after["standing"]["triggers"][0]["reason"]
    assert after["disclosures"] == []
    assert before["result_channels"][0]["ways"] == ["local-media"]


def test_deadlines_as_a_table() -> None:
    text = call("deadlines", "--listed", "2026-03-10", "--trigger", "T3", "--place", "武汉", "--previous", "2021-02-28",
                "--event", "assessment-passed=2026-10-30", "--today", "2026-04-01")  # fmt: skip
    for word in ("强制性清洁生产审核", "WH1", "2026-04-10", "第38号令", "2026-02-28", "还有 9 天"):
        assert word in text
    assert "没有适用" in call("deadlines", "--listed", "2026-09-01", "--trigger", "T2")
    assert "Order 38" in call("deadlines", "--listed", "2026-03-10", "--trigger", "T3", "--lang", "en")


def test_deadlines_of_a_case_folder(tmp_path: Path) -> None:
    (tmp_path / "facts.csv").write_text("period,item,value,unit,kind\n2025,用电量,1,kWh,energy\n", encoding="utf-8")
    (tmp_path / "plant.toml").write_text('plant = "p"\nprovince = "湖北"\ncity = "武汉"\n', encoding="utf-8")
    (tmp_path / "audit.toml").write_text(
        '[case]\nlisted_on = 2026-03-10\ntriggers = ["T1"]\n[[proofs]]\ndeadline = "D1"\non = 2026-04-09\n'
        'document = "网页"\n',
        encoding="utf-8",
    )
    found = data("deadlines", "--case", str(tmp_path), "--today", "2026-05-01")
    assert found["standing"]["jurisdiction"] == "cn-hubei-wuhan"
    first = next(one for one in found["deadlines"] if one["id"] == "D1")
    assert (first["state"], first["evidence"]["document"]) == ("done", "网页")


@pytest.mark.parametrize(
    "arguments",
    [
        ("deadlines", "--trigger", "T1"),
        ("deadlines", "--listed", "tomorrow"),
        ("deadlines", "--listed", "2026-01-01", "--trigger", "T8"),
        ("deadlines", "--listed", "2026-01-01", "--place", "火星"),
        ("deadlines", "--listed", "2026-01-01", "--event", "assessment-passed"),
        ("diagnose",),
        ("diagnose", "--system", "nothing"),
        ("diagnose", "--system", "electroplating-2015", "--table", "nothing"),
        ("phases", PLATING, "--sheet", "9-9"),
        ("focus", PLATING, "--weight", "market"),
        ("focus", PLATING, "--factors", "own"),
        ("focus", PLATING, "--trigger", "T8"),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    call(*arguments, status=2)


def test_questions_then_a_diagnosis(tmp_path: Path) -> None:
    asked = data("diagnose", "--system", "electroplating-2015", "--count", "5")
    assert len(asked["questions"]) == 5
    file = tmp_path / "answers.json"
    answers = {one["id"]: "II" for one in asked["questions"]}
    file.write_text(json.dumps({"system": "electroplating-2015", **answers}), encoding="utf-8")
    found = data("diagnose", str(file))
    assert found["band"] == ["none", "II"]
    assert 0 < found["known_weight"] < 1
    assert found["deciding"][0]["decides"]
    text = call("diagnose", str(file))
    for word in ("等级范围：不达标 至 Ⅱ级", "最需查清的指标", "只看已答各项"):
        assert word in text
    assert "问题" not in call("diagnose", "--system", "electroplating-2015")
    file.write_text('{"system": "electroplating-2015", "rinse-water": "wet"}', encoding="utf-8")
    assert "rinse-water" in call("diagnose", str(file), status=1)


def test_phases_and_one_worksheet() -> None:
    found = data("phases", PLATING)
    assert [len(phase["worksheets"]) for phase in found["phases"]] == [2, 13, 5, 6, 4, 9, 2]
    text = call("phases", PLATING)
    assert "审核工作计划表" in text
    assert "100%" in text
    sheet = data("phases", PLATING, "--sheet", "2-7")
    assert sheet["state"] == "complete"
    assert len(sheet["rows"]) == 3
    assert "镀锌件" in call("phases", PLATING, "--sheet", "2-7")


def test_focus_with_scores(tmp_path: Path) -> None:
    demo.electroplating(2026).write(tmp_path)
    books = str(tmp_path)
    scores = [
        f"{place}:{factor}={score}"
        for place, score in (("镀锌线", 3), ("镀镍铬线", 9), ("镀铜线", 5), ("废水处理站", 1))
        for factor in ("waste", "expense", "market", "willingness")
    ]
    arguments = [part for score in scores for part in ("--score", score)]
    found = data("focus", books, "--trigger", "T3", *arguments)
    assert found["ranking"]["decided"]
    assert [one["place"] for one in found["focus"]] == ["镀镍铬线"]
    assert found["ranking"]["rows"][0]["total"] == 9 * (10 + 8 + 5 + 2) + 80
    assert [one["place"] for one in found["compelled"]] == [None]
    text = call("focus", books, "--count", "2", *arguments)
    assert "审核重点：镀镍铬线、镀铜线" in text
    assert "1 到 10" in call("focus", PLATING, "--score", "镀锌线:waste=11", status=1)

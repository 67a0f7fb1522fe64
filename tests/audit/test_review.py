"""The assessment and acceptance sheets of a case: which sheet, what the data show, refusal, forms, the command."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qingyuan.audit.inputs import read_inputs
from qingyuan.audit.pipeline import run
from qingyuan.audit.review import review
from qingyuan.audit.worksheets import Context
from qingyuan.cli.main import app
from qingyuan.language import language
from qingyuan.reference.loading import DATA

PLATING = DATA / "cases" / "electroplating-demo"
TODAY = dt.date(2026, 11, 1)


@pytest.fixture(scope="module")
def context() -> Context:
    return Context(run(PLATING, today=TODAY), read_inputs(PLATING))


def call(*arguments: str, status: int = 0) -> str:
    done = CliRunner().invoke(app, ["review", str(PLATING), *arguments], env={"LANG": "zh_CN.UTF-8", "LC_ALL": ""})
    assert done.exit_code == status, done.output
    return done.output


def test_the_sheet_of_the_place_with_what_the_case_shows(context: Context) -> None:
    found = review(context, "assessment")
    assert found.sheet.id == "cn-2018-assessment"
    assert not found.required  # nothing recorded says that a plan or public money asks for it
    assert [one.row.key for one in found.rows][:3] == ["A.1", "A.2", "B.1"]
    shown = {one.name.zh: [each.id for each in one.shown] for one in found.rows}
    assert shown["审核准备"] == ["1-1", "1-2"]
    assert shown["可行性分析"] == ["5-1", "5-2", "5-3", "5-4"]
    states = {each.id: each.state for one in found.rows for each in one.shown}
    assert states["1-1"] == "complete"
    assert found.refusal is not None
    assert all(one.points == "" for one in found.rows)
    with language("en"):
        assert not any(
            "\u4e00" <= sign <= "\u9fff" for one in found.rows for sign in f"{one.name}{one.asks}{one.section}"
        )


def test_the_vetoes_of_the_acceptance_beside_the_data(context: Context) -> None:
    found = review(context, "acceptance")
    assert found.on == TODAY
    by_id = {one.id: one for one in found.vetoes}
    assert by_id["below-level-3"].found is False
    assert by_id["fraud"].found is None
    assert review(context, "acceptance", dt.date(2025, 1, 1)).on == dt.date(2025, 1, 1)


def test_without_the_official_points_there_is_no_result(tmp_path: Path) -> None:
    text = call()
    assert "不能给出评分结果" in text
    assert "--install" in text
    given = tmp_path / "points.json"
    given.write_text('{"points": {}, "vetoes": {}}', encoding="utf-8")
    assert "不能给出评分结果" in call("--answers", str(given), status=1)
    assert call("--on", "gestern", status=1)


def test_points_entered_from_the_annex_are_installed_and_scored(tmp_path: Path, own_law: Path) -> None:
    form = tmp_path / "form.csv"
    call("--form", str(form))
    with form.open(encoding="utf-8-sig", newline="") as stream:
        table = list(csv.reader(stream))
    filled = [[*row[:3], "5"] for row in table[1:]]
    filled[-1][3] = str(100 - 5 * (len(filled) - 1))
    with form.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows([table[0], *filled])
    assert not (own_law / "sheets").exists()
    call("--install", str(form), "--by", "审核员")
    keys = [one["key"] for one in json.loads(call("--json"))["rows"]]
    given = tmp_path / "points.json"
    given.write_text(json.dumps({"points": dict.fromkeys(keys, 1), "vetoes": {}}), encoding="utf-8")
    answer = json.loads(call("--answers", str(given), "--json"))
    assert answer["refusal"] is None
    assert answer["result"]["score"] == len(keys)
    assert "由用户录入" in " ".join(answer["result"]["notes"])
    assert "重新开展审核" in answer["result"]["outcome"]["name"]

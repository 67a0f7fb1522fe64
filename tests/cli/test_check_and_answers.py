"""What a newcomer meets first: ``check`` tells findings and places, ``score`` reads names and refuses the impossible."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from qingyuan import demo
from qingyuan.audit.record import AuditRecord
from qingyuan.audit.record_writing import write_case_record
from qingyuan.cli.main import app
from qingyuan.errors import InputError
from qingyuan.facts import read_case
from qingyuan.standards.loading import load
from qingyuan.standards.scoring import implausible_answers, read_answers, score

PCB = str(demo.SHIPPED_CASES / "pcb-plant-a")
SYSTEM = "electroplating-2015"


def call(*arguments: str, status: int = 0, given: str = "") -> str:
    environment = {"COLUMNS": "200", "LANG": "zh_CN.UTF-8", "LC_ALL": ""}
    done = CliRunner().invoke(app, [*arguments], env=environment, input=given)
    assert done.exit_code == status, done.output
    return done.stdout


def test_check_tells_the_gravest_findings_and_leaves_the_exit_status() -> None:
    short, whole = call("check", PCB), call("check", PCB, "--all")
    found = json.loads(call("check", PCB, "--json"))
    assert found["ok"]
    assert found["findings"][0]["severity"] == "grave"
    assert f"数据真实性疑点 {len(found['findings'])} 处" in short
    assert short.count("      → ") == 10
    assert whole.count("      → ") == len(found["findings"])
    assert "用 --all 查看全部" in short
    assert "用 --all 查看全部" not in whole


def test_check_of_a_clean_plant_finds_nothing() -> None:
    found = json.loads(call("check", str(demo.SHIPPED_CASES / "electroplating-demo"), "--json"))
    assert found["findings"] == []
    assert found["ok"]


def test_check_lists_what_is_wrong_with_the_audit_too(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    shutil.copytree(demo.SHIPPED_CASES / "electroplating-demo", folder)
    (folder / "audit.toml").write_text('[case]\nlisted_on = "昨天"\n[cost]\nmedium_from = 5\nhigh_from = 1\n', "utf-8")
    (folder / "worksheets" / "9-9.csv").write_text("x\n1\n", encoding="utf-8")
    facts = folder / "facts.csv"
    facts.write_text(facts.read_text(encoding="utf-8-sig").replace("kWh", "kWx", 1), encoding="utf-8")
    found = json.loads(call("check", str(folder), "--json", status=1))
    codes = [one["code"] for one in found["problems"] if one["severity"] == "error"]
    assert not found["ok"]
    assert {"audit-file", "cost-limits", "worksheet-unknown", "unit-unknown"} <= set(codes), codes
    assert len(codes) == len(set(codes))


def test_check_lists_a_parameter_of_the_economics_that_cannot_be(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    shutil.copytree(demo.SHIPPED_CASES / "electroplating-demo", folder)
    (folder / "audit.toml").write_text("[economics]\ndiscount_rate = 8\n", encoding="utf-8")
    found = json.loads(call("check", str(folder), "--json", status=1))
    assert [one["code"] for one in found["problems"] if one["severity"] == "error"] == ["economics-setting"]


def test_check_of_a_refused_file_says_it_once(tmp_path: Path) -> None:
    (tmp_path / "plant.xlsx").write_bytes(b"no workbook")
    found = json.loads(call("check", str(tmp_path / "plant.xlsx"), "--json", status=1))
    assert len(found["problems"]) == 1


def test_check_marks_what_is_wrong_in_a_sheet_of_the_audit(tmp_path: Path) -> None:
    case = demo.SHIPPED_CASES / "electroplating-demo"
    book = tmp_path / "plant.xlsx"
    record = AuditRecord({"cost": {"medium_from": 50, "high_from": 5}})
    write_case_record(read_case(case), record, book)
    out = tmp_path / "marked.xlsx"
    found = json.loads(call("check", str(book), "--json", "--out", str(out), status=1))
    (wrong,) = [one for one in found["problems"] if one["severity"] == "error"]
    assert wrong["code"] == "cost-limits"
    assert wrong["where"]["sheet"]
    texts = [str(cell.value) for row in openpyxl.load_workbook(out).worksheets[0].iter_rows() for cell in row]
    assert any(wrong["message"] in text for text in texts)


@pytest.mark.parametrize(
    ("province", "city", "code", "near"),
    [
        ("重庄", "", "province-unknown", "重庆"),
        ("四川省", "深圳", "city-elsewhere", "四川"),
        ("广东", "深训", "city-unknown", "深圳"),
        ("Guangdong", "东莞", "", ""),
        ("重庆市", "重庆", "", ""),
        ("内蒙古", "包头", "", ""),
    ],
)
def test_an_unknown_place_is_refused_with_the_nearest(
    province: str, city: str, code: str, near: str, tmp_path: Path
) -> None:
    demo.electroplating(1).write(tmp_path)
    profile = (tmp_path / "plant.toml").read_text(encoding="utf-8")
    profile = profile.replace('province = "重庆"', f'province = "{province}"')
    profile = profile.replace('city = "重庆"', f'city = "{city}"')
    (tmp_path / "plant.toml").write_text(profile, encoding="utf-8")
    refused = code in ("province-unknown", "city-elsewhere")
    found = json.loads(call("check", str(tmp_path), "--json", status=1 if refused else 0))
    problems = [one for one in found["problems"] if one["where"].get("file") == "plant.toml"]
    assert [one["code"] for one in problems] == ([code] if code else [])
    assert all(near in one["expected"] for one in problems)


def answers_by_name(extra: dict[str, object] | None = None) -> dict[str, Any]:
    values: dict[str, object] = {"单位产品每次清洗取水量": 20, "锌利用率": 83, "metering": "I"}
    return {"system": SYSTEM, "table": "general", "values": {**values, **(extra or {})}}


def test_indicators_may_be_named_in_chinese() -> None:
    table = load(SYSTEM).table("general")
    names = {row.id: row.name.zh for row in table.indicators()}
    by_name = {name: "I" for name in names.values() if list(names.values()).count(name) == 1}
    by_id = {id: "I" for id, name in names.items() if name in by_name}
    assert len(by_name) > 15
    one, other = (score(SYSTEM, given, table_id="general") for given in (by_name, by_id))
    assert one.as_json() == other.as_json()


def test_a_name_of_several_rows_is_refused_with_their_ids() -> None:
    # no shipped table has two rows of one name: one row of a real table is given a namesake
    table = load(SYSTEM).table("general")
    group = table.groups[0]
    row = group.indicators[0]
    namesake = replace(row, id=f"{row.id}-other")
    doubled = replace(
        table, groups=(replace(group, indicators=(*group.indicators, namesake)), *table.groups[1:]), _index={}
    )
    answers, problems = read_answers((doubled,), {row.name.zh: 1})
    problem = next(one for one in problems if one.code == "indicator-ambiguous")
    assert row.id in str(problem.expected)
    assert namesake.id in str(problem.expected)
    assert answers[row.id] is answers[namesake.id]  # neither took the answer


def test_one_row_answered_by_id_and_by_name_is_refused() -> None:
    row = load(SYSTEM).table("general").indicators()
    first = next(iter(row))
    with pytest.raises(InputError) as caught:
        score(SYSTEM, {first.id: "I", first.name.zh: "II"}, table_id="general")
    assert "indicator-twice" in {problem.code for problem in caught.value.problems}


@pytest.mark.parametrize(
    ("id", "value", "possible"),
    [
        ("rinse-water", -1, False), ("zinc-utilisation", 101, False), ("zinc-utilisation", 100, True),
        ("zinc-utilisation", -5, False), ("rinse-water", 140, True), ("rinse-water", 0, True),
    ],
)  # fmt: skip
def test_impossible_answers_are_refused_with_what_is_expected(id: str, value: float, possible: bool) -> None:
    problems = implausible_answers(load(SYSTEM), {id: value}, "general")
    assert not problems if possible else [problem.code for problem in problems] == ["impossible-answer"]
    given = json.dumps({"system": SYSTEM, "table": "general", "values": {id: value}})
    answer = json.loads(call("score", "-", "--json", given=given, status=0 if possible else 1))
    assert ("problems" in answer) is not possible


def test_not_a_number_and_all_faults_come_at_once() -> None:
    values = '{"rinse-water": NaN, "zinc-utilisation": 130, "no-such": 1}'
    given = f'{{"system": "{SYSTEM}", "table": "general", "values": {values}}}'
    text = call("score", "-", "--json", given=given, status=1)
    for word in ("rinse-water", "zinc-utilisation", "no-such", "0 到 100 的百分数"):
        assert word in text


def test_systems_show_prints_the_ids_that_answers_need() -> None:
    text = call("systems", "show", SYSTEM, "--table", "general")
    for id in ("rinse-water", "metering", "law"):
        assert id in text

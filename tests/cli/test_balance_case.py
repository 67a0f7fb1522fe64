"""The command ``balance`` on a plant's case: all balances, the network of its flows, pictures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qingyuan.cli.main import app

CASES = Path(__file__).parents[2] / "src" / "qingyuan" / "data" / "cases"


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["balance", *arguments])
    return result.exit_code, result.stdout or result.output


def test_case_as_json() -> None:
    code, text = run(str(CASES / "electroplating-demo"), "--period", "2023", "--lang", "zh", "--json")
    assert code == 0
    record = json.loads(text)
    assert record["ok"]
    assert record["period"] == "2023"
    assert {one["kind"] for one in record["balances"]} >= {"water", "energy", "substance", "carbon"}
    water = next(one for one in record["balances"] if one["kind"] == "water")
    assert water["reconciliation"]["consistent"] is True
    assert record["losses"]["places"][0]["total"] >= record["losses"]["places"][-1]["total"]
    assert set(record["flows"]) == {one["id"] for one in water["flows"]}


def test_one_layer_of_a_case() -> None:
    code, text = run(str(CASES / "electroplating-demo"), "--layer", "Ni", "--lang", "zh", "--json")
    assert code == 0
    record = json.loads(text)
    assert record["layer"] == "Ni"
    assert all(key.startswith("Ni/") for key in record["flows"])


def test_pictures_of_a_case(tmp_path: Path) -> None:
    code, _ = run(str(CASES / "pcb-plant-a"), "--pictures", str(tmp_path), "--lang", "en")
    assert code == 0
    svg = (tmp_path / "water-2022.svg").read_text(encoding="utf-8")
    assert svg.startswith("<svg")
    option = json.loads((tmp_path / "water-2022.json").read_text(encoding="utf-8"))
    assert option["series"][0]["type"] == "sankey"
    assert option["series"][0]["links"]


@pytest.mark.parametrize(("arguments", "code"), [(("--period", "tomorrow"), "period-unknown"), ((), "")])
def test_case_in_words_or_refused(arguments: tuple[str, ...], code: str) -> None:
    status, text = run(str(CASES / "pcb-plant-a"), *arguments, "--lang", "zh")
    assert (status != 0) == bool(code)
    if not code:
        assert "16330" in text.replace("\n", "")
        assert "水平衡" in text


def test_case_without_data(tmp_path: Path) -> None:
    rows = "period,place,kind,item,role,value,unit,basis\n2023,全厂,staff,职工人数,amount,5,人,statistics\n"
    (tmp_path / "facts.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "plant.toml").write_text('plant = "p"\nname = "测试厂"\n', encoding="utf-8")
    status, text = run(str(tmp_path), "--lang", "zh", "--json")
    assert status != 0
    assert "no-balance" in text

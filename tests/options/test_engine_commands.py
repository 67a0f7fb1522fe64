"""The commands library, match, effects, portfolio, path, abatement as a user types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from qingyuan.audit.option_levels import plant_level_model, recomputed
from qingyuan.audit.option_paths import path_of_plant
from qingyuan.audit.pipeline import run
from qingyuan.cli.main import app
from qingyuan.options.change import read_options

CASES = Path(__file__).parents[2] / "src" / "qingyuan" / "data" / "cases"
PLATING = str(CASES / "electroplating-demo")
BOARDS = str(CASES / "pcb-plant-a")

OPTIONS: dict[str, Any] = {"options": [
    {"id": "P1", "investment_10k_cny": 30, "changes": [{"indicator": "heavy-metal-prevention", "answer": "II"}]},
    {"id": "R1", "investment_10k_cny": 25, "changes": [
        {"item": "cleaning-water", "role": "consumed", "kind": "relative", "amount": -60, "unit": "%"}]},
    {"id": "W1", "investment_10k_cny": 60, "changes": [
        {"item": "wastewater", "role": "reused", "amount": 4000, "unit": "m3"},
        {"item": "fresh-water", "role": "taken", "amount": -4000, "unit": "m3"}]},
]}  # fmt: skip


def call(*arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(app, ["options", *arguments])
    assert result.exit_code == status, result.output
    return result.stdout


def answer(*arguments: str, status: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(call(*arguments, "--json", status=status))
    return found


@pytest.fixture
def options_file(tmp_path: Path) -> str:
    file = tmp_path / "options.json"
    file.write_text(json.dumps(OPTIONS), encoding="utf-8")
    return str(file)


def test_library() -> None:
    found = answer("library", "--industry", "pcb", "--numbers")
    assert found["count"] == len(found["technologies"]) > 30
    assert answer("library", "pcb-vcp-plating")["technologies"][0]["odds"]["count"] > 100
    assert "垂直连续电镀" in call("library", "pcb-vcp-plating")
    assert CliRunner().invoke(app, ["options", "library", "pcb-vcp"]).exit_code == 2


def test_match() -> None:
    found = answer("match", BOARDS, "--limit", "5")
    assert len(found["candidates"]) == 5
    assert found["candidates"][0]["reasons"]
    assert "适用行业" in call("match", PLATING, "--limit", "3")


def test_effects_of_the_real_options() -> None:
    found = answer("effects", BOARDS, "--set", "3,8,44")
    water = next(stream for stream in found["streams"] if stream["id"] == "wastewater.generated")
    assert water["change"] == pytest.approx(sum(option["share"] for option in water["options"]))
    assert found["unapplied"]["3"]
    assert "没有计入的效果" in call("effects", BOARDS, "--set", "3,8,44")
    assert CliRunner().invoke(app, ["options", "effects", BOARDS, "--set", "nope"]).exit_code == 2


def test_portfolio_from_a_file_and_from_a_case(tmp_path: Path) -> None:
    file = tmp_path / "portfolio.json"
    file.write_text(json.dumps({
        "years": 2, "discount_rate": 0.1, "budgets": {"money": [50, 50]},
        "projects": [{"id": "a", "investment": 50, "annual_saving": 20}, {"id": "b", "investment": 60, "annual_saving": 30},
                     {"id": "c", "investment": 40, "annual_saving": 15, "results": {"co2": 3}}],
    }), encoding="utf-8")  # fmt: skip
    found = answer("portfolio", str(file), "--front", "co2")
    assert [(c["project"], c["year"]) for c in found["choices"]] == [("a", 1), ("c", 2)]
    assert found["gap"] == pytest.approx(0)
    assert found["NPV"] == pytest.approx(-50 + 20 * 6.144567 + (-40 + 15 * 6.144567) / 1.1, rel=1e-6)
    assert found["front"]
    assert "差距" in call("portfolio", str(file))
    case = answer("portfolio", BOARDS, "--budget", "150", "--years", "3")
    assert case["status"] == "optimal"
    assert case["left_out"]
    total = 0.0
    for year, spent in enumerate(case["used"]["money"], start=1):
        total += spent
        assert total <= 150 * year + 1e-6
    file.write_text(
        '{"projects": [{"id": "a", "value": 1, "results": {"x": 1}}], "targets": [{"result": "x", "minimum": 2}]}'
    )
    assert answer("portfolio", str(file), status=1)["conflicts"] == ["x"]


def test_path_of_a_plant_is_verified_from_its_changed_facts(options_file: str) -> None:
    found = answer("path", PLATING, "--options", options_file, "--level", "II", "--years", "2", "--budget", "40")
    assert found["options"] == ["P1"]
    assert found["verified_level"] == found["reached"] == "II"
    assert found["plan"]["chosen"] == ["P1"]
    assert "限定性" in call("path", PLATING, "--options", options_file)
    hopeless = answer("path", PLATING, "--options", options_file, "--level", "I", status=1)
    assert hopeless["reasons"]


def test_path_of_answers_without_a_case(options_file: str, tmp_path: Path) -> None:
    scored = run(PLATING).score
    assert scored is not None
    file = tmp_path / "values.json"
    file.write_text(json.dumps({"system": "electroplating-2015", "table": "general", "values": dict(scored.values)}))
    found = answer("path", "--values", str(file), "--options", options_file, "--cost", "count")
    assert found["options"] == ["P1"]
    assert found["cost"] == 1


def test_every_set_scores_alike_quickly_and_from_facts() -> None:
    model, _ = plant_level_model(run(PLATING), read_options(OPTIONS))
    for chosen in (["R1"], ["W1"], ["R1", "W1", "P1"]):
        assert dict(model.score_after(chosen).indices) == dict(recomputed(model, chosen).indices)
    assert path_of_plant(PLATING, read_options(OPTIONS), level="II").verified is not None


def test_abatement(tmp_path: Path) -> None:
    file = tmp_path / "measures.json"
    file.write_text(json.dumps({"measures": [
        {"id": "B", "net_cost": -1000, "abatement": 5}, {"id": "A", "net_cost": -1000, "abatement": 10},
        {"id": "C", "investment": 100, "annual_saving": 3, "abatement": 2, "life": 10},
    ]}))  # fmt: skip
    found = answer("abatement", str(file))
    assert found["order"] == ["A", "B", "C"]
    assert len(found["warnings"]) == 3
    file.write_text('{"measures": [{"id": "x", "abatement": "y"}, {}]}')
    assert CliRunner().invoke(app, ["options", "abatement", str(file)]).exit_code == 1


def test_verify_from_monthly_facts(tmp_path: Path) -> None:
    rows = ["period,place,kind,item,role,value,unit,basis"]
    for year, share in ((2022, 1.0), (2024, 0.9)):
        for month in range(1, 13):
            output = 100 + (month * 37) % 23
            rows.append(
                f"{year}-{month:02d},全厂,energy,用电量,,{(50000 + 300 * output) * share + (-1) ** month * 100:.0f},kWh,meter"
            )
            rows.append(f"{year}-{month:02d},全厂,product,布产量,,{output},t,statistics")
    (tmp_path / "facts.csv").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "plant.toml").write_text('plant = "p"\nname = "p"\n', encoding="utf-8")
    from qingyuan.facts.cases import read_case

    product = next(fact.item for fact in read_case(tmp_path).facts if fact.role == "produced")
    found = answer("verify", str(tmp_path), "--item", "electricity", "--baseline", "2022", "--reporting", "2024",
                   "--driver", f"{product}:t")  # fmt: skip
    assert found["relative"] == pytest.approx(0.1, abs=0.01)
    assert found["interval"][0] < found["saving"] < found["interval"][1]
    assert found["significant"]
    assert "置信区间" in call("verify", str(tmp_path), "--item", "electricity", "--baseline", "2022", "--reporting", "2024",
                          "--driver", f"{product}:t")  # fmt: skip


@pytest.mark.parametrize("option", [("--seconds", "0"), ("--gap", "-1"), ("--gap", "nan")])
def test_a_search_that_cannot_be_is_refused(tmp_path: Path, option: tuple[str, str]) -> None:
    file = tmp_path / "p.json"
    file.write_text('{"projects": [{"id": "a", "value": 1}]}', encoding="utf-8")
    assert answer("portfolio", str(file))["objective"] == 1
    call("portfolio", str(file), *option, status=2)


def test_bad_input_is_an_answer_in_json_too(tmp_path: Path) -> None:
    file = tmp_path / "bad.json"
    file.write_text(
        '{"projects": [{"id": "a"}], "measures": [{"id": "a"}], "options": [{"id": "x", "changes": 3}]}',
        encoding="utf-8",
    )
    for command in (["portfolio", str(file)], ["abatement", str(file)], ["effects", BOARDS, "--options", str(file)]):
        found = answer(*command, status=1)
        assert found["ok"] is False
        assert found["problems"]
        assert found["problems"][0]["message"]


def test_what_cannot_be_asked_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text('{"projects": [{"id": "a", "value": 1, "results": {"co2": 2}}]}', encoding="utf-8")
    call("portfolio", str(file), "--front", "nix", status=2)
    call("portfolio", str(file), "--budget", "5", status=2)
    assert answer("portfolio", str(file), "--front", "co2")["front"]
    file.write_text('{"projects": [{"id": "a", "value": 1, "requires": ["a"]}]}', encoding="utf-8")
    assert [one["code"] for one in answer("portfolio", str(file), status=1)["problems"]] == ["project-itself"]
    measures = [
        {"id": "a", "net_cost": 1, "abatement": -1}, {"id": "b", "net_cost": 1, "investment": 5, "abatement": 1},
        {"id": "c", "abatement": 1},
    ]  # fmt: skip
    file.write_text(json.dumps({"measures": measures}), encoding="utf-8")
    assert [one["code"] for one in answer("abatement", str(file), status=1)["problems"]] == [
        "abatement-none", "measure-twice-costed", "measure-incomplete",
    ]  # fmt: skip


def test_rows_of_effects_can_be_told_apart(tmp_path: Path) -> None:
    (tmp_path / "plant.toml").write_text('plant = "p"\nname = "甲厂"\nindustry_code = "3982"\n', encoding="utf-8")
    rows = ["period,place,item,role,value,unit", *(
        f"2024,{place},electricity,{role},{value},kWh"
        for place, role, value in [("", "purchased", 1000), ("", "consumed", 1000), ("A", "consumed", 600),
                                   ("B", "consumed", 400)]
    )]  # fmt: skip
    (tmp_path / "facts.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    changes = [
        {"item": "electricity", "role": role, "place": place, "kind": "absolute", "amount": -10, "unit": "kWh"}
        for role, place in [("consumed", ""), ("consumed", "A"), ("consumed", "B")]
    ]
    changes.append({"item": "electricity", "role": "produced", "kind": "absolute", "amount": 10, "unit": "kWh"})
    file = tmp_path / "options.json"
    file.write_text(json.dumps({"options": [{"id": "x", "changes": changes}]}), encoding="utf-8")
    printed = call("effects", str(tmp_path), "--options", str(file))
    for name in ("（A）", "（B）", "，使用", "，外购"):
        assert name in printed

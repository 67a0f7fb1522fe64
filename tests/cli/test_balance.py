"""The command ``qingyuan balance``: tables, stable JSON, exit status."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from qingyuan.cli.main import app

EDGES = [("1", "0", "1"), ("2", "1", "2"), ("3", "1", "3"), ("4", "2", "4"), ("5", "3", "4"), ("6", "4", "0")]
VALUES = [101.91, 68.45, 34.65, 64.20, 36.44, 98.88]


@pytest.fixture
def network(tmp_path):
    flows = [
        {"id": id, "from": source, "to": target, "value": value, "sd": 1.0}
        for (id, source, target), value in zip(EDGES, VALUES, strict=True)
    ]
    path = tmp_path / "network.json"
    path.write_text(json.dumps({"flows": flows}), encoding="utf-8")
    return path


def run(*arguments):
    return CliRunner().invoke(app, ["balance", *map(str, arguments)])


def test_stable_keys(network, tmp_path):
    out = tmp_path / "result" / "balance.json"
    answer = run(network, "--json", "--out", out)
    assert answer.exit_code == 0
    record = json.loads(answer.stdout)
    assert record == json.loads(out.read_text(encoding="utf-8"))
    assert set(record["flows"]["2"]) >= {"value", "sd", "adjustment", "redundant", "observable", "measured"}
    assert record["chi2"] == pytest.approx(16.674, abs=1e-3)
    assert record["dof"] == 4
    assert record["gross_errors"][0]["id"] == "2"
    assert record["gross_errors"][0]["kind"] == "measurement"
    assert record["flows"]["2"]["adjustment"] == pytest.approx(record["flows"]["2"]["value"] - 68.45)


def test_the_table_names_the_suspect(network):
    answer = run(network)
    assert answer.exit_code == 0
    assert "流量计 2 偏高约 6.1 %" in answer.stdout
    assert "测量值相互矛盾" in answer.stdout
    assert run(network, "--lang", "en").exit_code == 0


def test_the_level_of_the_tests(network):
    record = json.loads(run(network, "--json", "--alpha", "0.001").stdout)
    assert record["consistent"] is True
    assert record["alpha"] == 0.001
    assert run(network, "--alpha", "2").exit_code == 2
    assert run(network, "--correction", "best").exit_code == 2
    assert run(network, "--layer", "Cu").exit_code == 2


def test_errors_of_the_input_are_listed_and_the_rest_is_given(network):
    document = json.loads(network.read_text(encoding="utf-8"))
    document["flows"].append(dict(document["flows"][0]))
    document["flows"][2]["sd"] = -1
    network.write_text(json.dumps(document), encoding="utf-8")
    answer = run(network, "--json")
    assert answer.exit_code == 1
    record = json.loads(answer.stdout)
    assert {problem["code"] for problem in record["problems"]} >= {"duplicate-id", "bad-uncertainty"}
    assert record["flows"]["4"]["value"] is not None
    assert record["ok"] is False


def test_layers_coefficients_and_draws(tmp_path):
    path = tmp_path / "layers.json"
    document = {
        "layers": [{"id": "goods", "unit": "t"}, {"id": "Cu", "of": "goods", "unit": "t"}],
        "flows": [
            {"id": "in", "from": "0", "to": "A", "value": 10, "sd": 0.1, "layers": {"Cu": {"concentration": 0.2, "sd": 0.01}}},
            {"id": "a", "from": "A", "to": "0", "layers": {"Cu": {"concentration": 0.3, "sd": 0.01}}},
            {"id": "b", "from": "A", "to": "0", "value": 5, "sd": 1, "layers": {"Cu": {"concentration": 0.1, "sd": 0.01}}},
        ],
        "transfer": [{"from_flow": "in", "to_flow": "a", "value": 0.5, "sd": 0.1}],
    }  # fmt: skip
    path.write_text(json.dumps(document), encoding="utf-8")
    record = json.loads(run(path, "--json", "--draws", "50").stdout)
    assert set(record["layers"]["Cu"]) == {"flows", "concentrations"}
    assert record["transfer"]["a/in"]["value"] == pytest.approx(0.5, abs=0.1)
    assert record["monte_carlo"]["draws"] == 50
    one = json.loads(run(path, "--json", "--layer", "Cu").stdout)
    assert one["flows"]["in"]["value"] == pytest.approx(2, abs=0.1)
    table = run(path, "--draws", "20").stdout
    assert "转移系数" in table
    assert "蒙特卡洛" in table


def test_what_is_no_network(tmp_path):
    path = tmp_path / "x.json"
    path.write_text("[]", encoding="utf-8")
    assert run(path).exit_code == 1
    assert json.loads(run(path, "--json").stdout)["problems"][0]["code"] == "no-network"
    assert run(tmp_path / "absent.json").exit_code == 1

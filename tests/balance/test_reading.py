"""Networks as JSON: the whole shape, every mistake named at once, the rest computed."""

from __future__ import annotations

import json

import pytest

from qingyuan.balance import reconcile
from qingyuan.balance.reading import read_network, read_network_file
from qingyuan.errors import InputError, Severity

GOOD = {
    "name": "washing",
    "processes": [{"id": "A", "name": "rinse"}, {"id": "B", "balanced": True}, "C"],
    "environment": ["0", "air"],
    "layers": [{"id": "water", "unit": "m3"}, {"id": "Ni", "of": "water", "unit": "kg", "highest": 100, "absent": "zero"}],
    "flows": [
        {"id": "F1", "from": "0", "to": "A", "value": 101.9, "relative_sd": 0.01, "name": "tap", "meter": "W1"},
        {"id": "F2", "from": "A", "to": "B", "value": 64.4, "sd": 1.0, "layers": {"Ni": {"concentration": 0.5, "sd": 0.05}}},
        {"id": "F3", "from": "A", "to": "C", "min": 1, "max": 90, "layers": {"Ni": {"value": 3, "sd": 0.5}}},
        {"id": "F4", "from": "B", "to": "0", "layers": {"Ni": {}}},
        {"id": "F5", "from": "C", "to": "0", "value": 36, "sd": 1, "layers": {"Ni": {"amount": {"value": 3, "sd": 1}, "concentration": 0.1, "sd": 0.05}}},
        {"id": "F6", "from": "B", "to": "air", "distribution": "uniform", "low": 0.5, "high": 2},
    ],
    "transfer": [{"from_flow": "F1", "to_flow": "F2", "value": 0.62, "sd": 0.05}, {"of_process": "A", "to_flow": "F3"}],
    "relations": [{"id": "split", "terms": {"F2": 1, "F5": -1.8}, "equals": 0, "sd": 3}],
    "bounds": {"F4": [0, 70], "F5": {"min": 2}},
    "correlations": [{"flows": ["F1", "F2"], "coefficient": 0.3}],
    "_remark": "keys that begin with an underscore are the user's own",
}  # fmt: skip


def codes(problems, severity=None):
    return [problem.code for problem in problems if severity is None or problem.severity == severity]


def test_the_whole_shape_is_read():
    network, problems = read_network(GOOD)
    assert problems == ()
    result = reconcile(network)
    assert codes(result.problems, Severity.ERROR) == ["unbalanced-by-construction"] or codes(result.problems) == []
    assert result.flows["F1"].measurement_sd == pytest.approx(1.019)
    assert result.flows["F6"].measurement == 1.25
    assert result.flows["F6"].measurement_sd == pytest.approx(1.5 / 12**0.5)
    assert set(result.layer("Ni")) == {"F2", "F3", "F4", "F5"}
    assert set(result.transfers) == {"F2/F1", "F3/A"}
    assert set(result.relations) == {"split"}
    json.dumps(result.as_json(), allow_nan=False)


def test_every_mistake_is_named_and_none_is_fatal():
    document = {
        "flows": [
            {"id": "in", "from": "0", "to": "1", "value": 100, "sd": 1},
            {"id": "out", "from": "1", "to": "0", "value": 90, "sd": 1},
            {"id": "out", "from": "1", "to": "0", "value": 9, "sd": 1},
            {"id": "negative", "from": "1", "to": "2", "value": 5, "sd": -1},
            {"id": "back", "from": "2", "to": "1", "value": 5, "sd": 1},
            {"id": "text", "from": "2", "to": "1", "value": "5"},
            {"id": "nothing", "from": "2", "to": "1", "value": 1},
            {"id": "loop", "from": "2", "to": "2", "value": 1, "sd": 1},
            {"id": "half", "from": "2"},
            {"id": "rich", "from": "1", "to": "0", "layers": {"Cu": {"concentration": 1.4, "sd": 0.1}}},
            {"id": "island", "from": "8", "to": "9", "value": 3, "sd": 1},
            {"id": "island back", "from": "9", "to": "8", "value": 4, "sd": 1},
            {"id": "sink", "from": "1", "to": "7", "value": 1, "sd": 0.1},
            {"id": "typo", "from": "1", "to": "0", "valeu": 4},
        ],
        "layers": ["goods", {"id": "Cu", "of": "goods", "highest": 1}],
        "transfer": [{"from_flow": "in", "to_flow": "nowhere", "value": 0.5, "sd": 0.1}],
        "relations": [{"terms": {"in": "x"}}],
        "bounds": {"in": [5, 1]},
    }
    network, problems = read_network(document, "network.json")
    result = reconcile(network, problems=problems)
    named = set(codes(result.problems))
    assert named >= {
        "not-a-number",
        "no-ends",
        "loop",
        "duplicate-id",
        "bad-uncertainty",
        "no-uncertainty",
        "impossible-concentration",
        "disconnected",
        "unbalanced-by-construction",
        "unknown-flow",
        "unknown-key",
        "bad-bounds",
    }
    assert result.has_errors
    assert all(str(problem) for problem in result.problems)
    assert any("flows.negative" in str(problem) for problem in result.problems)
    assert any("过程 7 只有流入" in str(problem) for problem in result.problems)
    # The rest stands: both flows of one id count, the sink is left as an outlet.
    assert result.flows["out#2"].measurement == 9
    assert result.flows["in"].value is not None
    assert result.flows["island"].value == pytest.approx(3.5)
    assert result.flows["sink"].observable


def test_exact_values_that_contradict_each_other_are_named():
    document = {
        "flows": [
            {"id": "a", "from": "0", "to": "1", "value": 10, "sd": 0},
            {"id": "b", "from": "1", "to": "0", "value": 9, "sd": 0},
            {"id": "c", "from": "0", "to": "2", "value": 5, "sd": 1},
            {"id": "d", "from": "2", "to": "0", "value": 6, "sd": 1},
        ]
    }
    network, _ = read_network(document)
    result = reconcile(network)
    assert codes(result.problems) == ["disconnected", "unbalanced-by-construction"]
    assert "1" in str(result.problems[-1])
    assert result.flows["c"].value == pytest.approx(5.5)


def test_exact_contradictions_are_named_with_further_equations_too():
    network, _ = read_network(
        {
            "flows": [
                {"id": "a", "from": "0", "to": "1", "value": 10, "sd": 0},
                {"id": "b", "from": "1", "to": "0", "value": 9, "sd": 0},
                {"id": "c", "from": "0", "to": "2", "value": 5, "sd": 1},
                {"id": "d", "from": "2", "to": "0", "value": 6, "sd": 1},
            ],
            "correlations": [{"flows": ["c", "d"], "coefficient": 0.5}],
        }
    )
    result = reconcile(network)
    assert "unbalanced-by-construction" in codes(result.problems)
    assert result.flows["c"].value == pytest.approx(5.5)


@pytest.mark.parametrize("document", [None, [], "x", 3, {}, {"flows": []}, {"flows": {}}, {"flows": [1, None]}])
def test_what_is_no_network_is_refused(document):
    with pytest.raises(InputError):
        read_network(document)


@pytest.mark.parametrize(
    "extra",
    [
        {"layers": 3},
        {"layers": [{}, 4, "goods", "goods"]},
        {"processes": "x"},
        {"processes": [{"id": None}, "A", "A", 7]},
        {"environment": {"a": 1}},
        {"stocks": [{"process": "1", "value": 3, "sd": 1, "period": "later"}, {}]},
        {"transfer": [{}, {"from_flow": "a", "to_flow": "b", "of_process": "1"}, 5]},
        {"relations": [{}, {"terms": []}, {"terms": {"a": None}}]},
        {"bounds": [{}, {"flow": "zz", "min": 1}], "correlations": [{"flows": ["a"]}]},
        {"bounds": {"a": 3}},
        {"correlations": [{"flows": ["a", "b"], "coefficient": 5}, {"flows": ["a", "zz"], "coefficient": 0.1}]},
        {"periods": ["x", "y"]},
        {"non_negative": "yes"},
        {"default_relative_sd": -1},
    ],
)
def test_damaged_parts_do_not_stop_the_rest(extra):
    flows = [
        {"id": "a", "from": "0", "to": "1", "value": 10, "sd": 1},
        {"id": "b", "from": "1", "to": "0", "value": 12, "sd": 1},
        {"id": "c", "from": "1", "to": "0", "layers": {"goods": 3, "x": {"concentration": "?"}}},
    ]
    network, problems = read_network({"flows": flows, **extra})
    result = reconcile(network, problems=problems)
    assert codes(result.problems)
    json.dumps(result.as_json(), allow_nan=False)


def test_infinite_and_huge_numbers_are_named(tmp_path):
    path = tmp_path / "n.json"
    path.write_text(
        '{"flows": [{"id": "a", "from": "0", "to": "1", "value": NaN, "sd": 1},'
        '{"id": "b", "from": "1", "to": "0", "value": 1e999, "sd": 1},'
        '{"id": "c", "from": "1", "to": "0", "value": 5, "sd": 1}]}',
        encoding="utf-8",
    )
    network, problems = read_network_file(path)
    assert codes(problems) == ["not-finite", "not-finite"]
    assert reconcile(network).flows["c"].value == 5
    path.write_text("{", encoding="utf-8")
    with pytest.raises(InputError):
        read_network_file(path)


def test_periods_within_a_flow():
    network, problems = read_network(
        {
            "periods": ["1", "2"],
            "flows": [
                {
                    "id": "a",
                    "from": "0",
                    "to": "S",
                    "periods": {"1": {"value": 10, "sd": 1}, "2": {"value": 12, "sd": 1}},
                },
                {"id": "b", "from": "S", "to": "0", "periods": {"1": {"value": 9, "sd": 1}}},
            ],
            "stocks": [
                {"process": "S", "period": "start", "value": 5, "sd": 0},
                {"process": "S", "period": "2", "value": 6, "sd": 0},
            ],
        }
    )
    assert problems == ()
    result = reconcile(network)
    assert list(result.flows) == ["a@1", "a@2", "b@1", "b@2"]
    assert result.flows["b@2"].observable
    assert result.flows["b@2"].value == pytest.approx(10 + 12 - 9 - 1)


@pytest.mark.parametrize(
    ("default", "own"), [(0.05, {}), (None, {"relative_sd": 0.05})], ids=["default_relative_sd", "relative_sd"]
)
def test_a_zero_reading_with_a_relative_uncertainty_is_not_exact(default, own):
    flows = [
        {"id": "in", "from": "0", "to": "A", "value": 10, "sd": 1},
        {"id": "out", "from": "A", "to": "0", "value": 8, "sd": 1},
        {"id": "idle", "from": "A", "to": "0", "value": 0, **own},
        {"id": "none", "from": "A", "to": "0", "value": 0, "sd": 0},
    ]
    network, problems = read_network({"default_relative_sd": default, "flows": flows})
    assert [(problem.code, problem.severity, problem.where.path) for problem in problems] == [
        ("zero-relative", Severity.WARNING, "flows.idle")
    ]
    result = reconcile(network, problems=problems)
    assert not result.flows["idle"].exact
    assert result.flows["idle"].value == pytest.approx(2)
    assert result.flows["none"].exact


TWO_OUTLETS = [
    {"id": "in", "from": "0", "to": "A", "value": 10, "sd": 1},
    {"id": "a", "from": "A", "to": "0"},
    {"id": "b", "from": "A", "to": "0", "value": 4, "sd": 1},
]


@pytest.mark.parametrize(
    "transfers",
    [
        [{"of_process": "A", "to_flow": "a", "value": 1.4, "sd": 0}],
        [{"of_process": "A", "to_flow": "a", "value": 0.6, "sd": 0}, {"of_process": "A", "to_flow": "b", "value": 0.6, "sd": 0}],
        [{"of_process": "A", "to_flow": "a", "value": 0.8, "sd": 0.05}, {"of_process": "A", "to_flow": "b", "value": 0.6, "sd": 0.05}],
        [{"from_flow": "a", "to_flow": "a", "value": 0.5, "sd": 0}],
    ],
    ids=["above one", "exact sum", "uncertain sum", "to itself"],
)  # fmt: skip
def test_impossible_coefficients_are_named_and_change_nothing(transfers):
    network, problems = read_network({"flows": TWO_OUTLETS, "transfer": transfers})
    result = reconcile(network, problems=problems)
    assert codes(result.problems) == ["bad-transfer"]
    assert result.flows["in"].value == pytest.approx(10)
    assert result.flows["a"].value == pytest.approx(6)
    assert not result.gross_errors


def test_coefficients_that_sum_to_one_are_possible():
    transfers = [
        {"of_process": "A", "to_flow": key, "value": share, "sd": 0} for key, share in (("a", 0.7), ("b", 0.3))
    ]
    network, problems = read_network({"flows": TWO_OUTLETS, "transfer": transfers})
    result = reconcile(network, problems=problems)
    assert result.problems == ()
    assert result.flows["a"].value == pytest.approx(0.7 * result.flows["in"].value)


def test_mass_fractions_that_sum_above_one_are_named():
    layers = ["g", {"id": "Cu", "of": "g", "highest": 1}, {"id": "Zn", "of": "g", "highest": 1}]

    def found(zinc, sd):
        contents = {"Cu": {"concentration": 0.7, "sd": sd}, "Zn": {"concentration": zinc, "sd": sd}}
        flows = [
            {"id": "brass", "from": "0", "to": "A", "value": 10, "sd": 1, "layers": contents},
            {"id": "out", "from": "A", "to": "0", "value": 10, "sd": 1},
        ]
        network, problems = read_network({"layers": layers, "flows": flows})
        assert problems == ()
        named = [problem for problem in reconcile(network).problems if problem.code == "shares-above-one"]
        return [(problem.where.path, problem.severity) for problem in named]

    assert found(0.6, 0.01) == [("flows.brass", Severity.WARNING)]
    assert found(0.6, 0.2) == []
    assert found(0.3, 0.01) == []


def test_a_range_whose_ends_are_swapped_is_called_so():
    flows = [
        {"id": "in", "from": "0", "to": "A", "distribution": "uniform", "low": 5, "high": 3},
        {"id": "out", "from": "A", "to": "0", "value": 4, "sd": 1},
    ]
    network, problems = read_network({"flows": flows})
    assert problems == ()
    assert [(problem.code, problem.found) for problem in reconcile(network).problems] == [("bad-range", "5.0, 3.0")]


@pytest.mark.parametrize("size", [1e-140, 1e-100, 1e-50, 1e50])
def test_sizes_of_numbers_are_computed_or_refused_by_name(size):
    def flow(id, source, target, value):
        return {"id": id, "from": source, "to": target, "value": value * size, "sd": size}

    flows = [flow("in", "0", "A", 100), flow("b", "A", "0", 42), flow("c", "A", "0", 55)]
    transfer = [{"from_flow": "in", "to_flow": "b", "value": 0.42, "sd": 0.1}]
    for document in ({"flows": flows}, {"flows": flows, "transfer": transfer}):
        network, problems = read_network(document)
        result = reconcile(network, problems=problems)
        if size < 1e-60:
            assert codes(result.problems) == ["too-small"] * 3
        else:
            assert result.problems == ()
            assert result.dof == 1 + ("transfer" in document)
            assert result.flows["in"].value == pytest.approx(99 * size, rel=1e-2)

"""Layered networks come to rest although much of them is undetermined; those that do not are named."""

from __future__ import annotations

import numpy as np

from qingyuan.balance import Content, Flow, Known, Layer, Network, reconcile
from qingyuan.balance.reading import read_network


def layered_chain(count, seed=3):
    """A chain of processes with by-passes, 30 % of flows and 40 % of the concentrations of one substance unknown."""
    draw = np.random.default_rng(seed)
    nodes = count // 2
    by_passes = count - nodes - 1
    first = draw.integers(0, nodes - 5, by_passes)
    last = np.minimum(first + draw.integers(2, 50, by_passes), nodes - 1)
    amount = draw.uniform(1, 10, by_passes)
    diverted = np.zeros(nodes + 1)
    np.add.at(diverted, first + 1, amount)
    np.add.at(diverted, last + 1, -amount)
    taken = np.cumsum(diverted)
    ends = [("0" if at == 0 else f"N{at - 1}", "0" if at == nodes else f"N{at}") for at in range(nodes + 1)]
    ends += [(f"N{a}", f"N{b}") for a, b in zip(first, last, strict=True)]
    flows = []
    for number, ((source, target), true) in enumerate(zip(ends, [*(taken.max() + 100 - taken), *amount], strict=True)):
        known = Known(float(true * (1 + 0.02 * draw.normal())), float(0.02 * true)) if draw.random() > 0.3 else Known()
        share = Content()
        if draw.random() < 0.6:
            share = Content(concentration=Known(float(0.1 * np.exp(0.02 * draw.normal())), 0.005))
        flows.append(Flow(str(number), source, target, known, contents={"Cu": share}))
    return Network(tuple(flows), layers=(Layer("goods"), Layer("Cu", of="goods", highest=1)))


def test_what_nothing_determines_does_not_keep_the_rest_from_resting():
    result = reconcile(layered_chain(300), bounds=False, suspects=0)
    assert result.solution.converged
    assert result.solution.iterations < 40
    assert result.problems == ()
    # The balances of copper hold where all their flows are determined.
    copper = result.layer("Cu")
    surplus: dict[str, list[float | None]] = {}
    for flow in result.network.flows:
        value = copper[flow.id].value
        surplus.setdefault(flow.target, []).append(value)
        surplus.setdefault(flow.source, []).append(None if value is None else -value)
    closed = [each for name, each in surplus.items() if name != "0" and None not in each]
    assert closed
    assert all(abs(sum(each)) < 1e-9 * max(map(abs, each)) for each in closed)
    assert result.as_json()["converged"] is True


def test_bounds_of_a_layered_network_come_to_rest():
    assert reconcile(layered_chain(120), suspects=0).solution.converged


# Seven flows, two substances, nothing exact: values within all bounds exist, with a sum of squares of 17.25.
TWO_SUBSTANCES = {
    "layers": ["g", {"id": "a", "of": "g", "highest": 1}, {"id": "b", "of": "g", "highest": 1}],
    "flows": [
        {"id": "0", "from": "0", "to": "U0", "value": 106.06973067917464, "sd": 3.0, "layers": {
            "a": {"concentration": 0.35525286587957705, "sd": 0.017},
            "b": {"concentration": 0.19093869050796006, "sd": 0.012000000000000002}}},
        {"id": "1", "from": "U0", "to": "0", "layers": {"a": {"concentration": 0.4610145347471201, "sd": 0.02858391319999038}}},
        {"id": "2", "from": "U0", "to": "U1", "value": 62.482151163432526, "sd": 1.7473946909906335, "layers": {
            "a": {"concentration": 0.1304286890728762, "sd": 0.008696168445386787},
            "b": {"concentration": 0.18336026880537162, "sd": 0.012572682911481335}}},
        {"id": "3", "from": "U1", "to": "0", "layers": {"b": {"concentration": 0.22360271900752685, "sd": 0.013865983931590442}}},
        {"id": "4", "from": "U1", "to": "U2", "layers": {"a": {"concentration": 0.12168297983014202, "sd": 0.009302393391914944}}},
        {"id": "5", "from": "U2", "to": "0", "layers": {"b": {"concentration": 0.21223031156506683, "sd": 0.012603034515346884}}},
        {"id": "6", "from": "U2", "to": "0", "layers": {
            "a": {"concentration": 0.06575853311566274, "sd": 0.005319812892224952},
            "b": {"concentration": 0.2071927342387637, "sd": 0.01098126309597947}}},
    ],
}  # fmt: skip


def test_an_iteration_that_does_not_rest_is_no_contradiction():
    network, _ = read_network(TWO_SUBSTANCES)
    result = reconcile(network)
    codes = [problem.code for problem in result.problems]
    assert "unbalanced-by-construction" not in codes
    assert ("not-converged" in codes) == (not result.solution.converged)
    if result.solution.converged:
        assert abs(result.chi2 / 17.251 - 1) < 1e-4
    assert result.as_json()["converged"] is result.solution.converged


def test_what_stands_in_a_contradiction_is_not_observable():
    def flow(id, source, target, share):
        return Flow(id, source, target, Known(100, 0), contents={"Cu": Content(concentration=Known(share, 0))})

    flows = (flow("in", "0", "A", 0.2), flow("out", "A", "0", 0.3))
    result = reconcile(Network(flows, layers=(Layer(), Layer("Cu", of="goods"))))
    assert "unbalanced-by-construction" in {problem.code for problem in result.problems}
    assert [(each.value, each.sd, each.observable) for each in result.layer("Cu").values()] == [(None, None, False)] * 2
    assert result.flows["in"].value == 100

"""Layered networks come to rest although much of them is undetermined; those that do not are named."""

from __future__ import annotations

import numpy as np

from qingyuan.balance import Content, Flow, Known, Layer, Network, reconcile


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

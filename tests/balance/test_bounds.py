"""Bounds: the optimum of the bounded problem against a general minimiser, and which bounds hold."""

from __future__ import annotations

import numpy as np
import pytest
from balance_networks import random_rows
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from qingyuan.balance import Bound, Content, Flow, Known, Layer, Network, reconcile, simple
from qingyuan.balance.system import compile_network


def test_a_measured_flow_stops_at_zero():
    network = simple([("in", "0", "1", 10, 0.1), ("out", "1", "0", 11, 0.1), ("small", "1", "0", 0.2, 0.5)])
    result = reconcile(network)
    assert result.flows["small"].value == 0
    assert result.flows["small"].bound == "low"
    assert result.flows["in"].value == pytest.approx(10.5)
    assert result.chi2 == pytest.approx(25 + 25 + 0.16)
    free = reconcile(network, bounds=False)
    assert free.flows["small"].value < 0
    assert free.flows["small"].bound == ""


def test_unknown_flows_that_cannot_be_negative_correct_the_measured_ones():
    # Two unknown outlets: nothing determines either, but together they cannot be less than nothing.
    network = simple(
        [("in", "0", "1", 10, 1), ("out", "1", "0", 12, 1), ("a", "1", "0", None, None), ("b", "1", "0", None, None)]
    )
    result = reconcile(network)
    assert result.flows["in"].value == pytest.approx(11)
    assert result.flows["out"].value == pytest.approx(11)
    assert {key: flow.bound for key, flow in result.flows.items()} == {"in": "", "out": "", "a": "low", "b": "low"}
    assert result.flows["a"].value == 0
    loose = reconcile(
        simple([(row[0], row[1], row[2], {"in": 13}.get(row[0], row[3]), row[4]) for row in rows(network)])
    )
    assert loose.flows["in"].value == 13
    assert not loose.flows["a"].observable
    assert loose.flows["a"].bound == ""


def rows(network):
    return [(flow.id, flow.source, flow.target, flow.known.value, flow.known.sd) for flow in network.flows]


def test_upper_and_lower_bounds_of_a_flow():
    flows = simple([("in", "0", "1", 100, 2), ("a", "1", "0", 62, 2), ("b", "1", "0", 41, 2)]).flows
    result = reconcile(Network(flows, bounds=(Bound("a", high=58.0), Bound("b", low=30.0))))
    assert result.flows["a"].value == 58
    assert result.flows["a"].bound == "high"
    assert result.flows["in"].value == pytest.approx(99.5)
    signed = reconcile(Network(simple([("x", "0", "1", -5, 1), ("y", "1", "0", -7, 1)]).flows, non_negative=False))
    assert signed.flows["x"].value == pytest.approx(-6)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6), st.integers(0, 8), st.sampled_from([0.5, 0.7, 0.9, 1.0]))
def test_the_bounded_optimum_of_random_networks(seed, nodes, extra, measured):
    listed, true = random_rows(seed, nodes, extra, measured=measured)
    draw = np.random.default_rng(seed)
    # Coarse meters, so that flows leave their bounds.
    coarse = []
    for (key, source, target, value, _), flow in zip(listed, true, strict=True):
        sd = float(flow * draw.uniform(0.2, 1.5)) + 0.1
        coarse.append(
            (
                key,
                source,
                target,
                None if value is None else float(flow + sd * draw.normal()),
                sd if value is not None else None,
            )
        )
    network = simple(coarse)
    result = reconcile(network, suspects=0)
    system, _ = compile_network(network)
    body = np.zeros((len(system.nodes), system.size))
    body[system.head, np.arange(system.size)] += 1
    body[system.tail, np.arange(system.size)] -= 1
    known = ~np.isnan(system.value)
    sd, value = np.where(known, np.nan_to_num(system.sd, nan=1), 1.0), np.nan_to_num(system.value)

    def cost(x):
        return float(np.sum(((x - value) / sd)[known] ** 2))

    def slope(x):
        return np.where(known, 2 * (x - value) / sd**2, 0.0)

    found = minimize(
        cost, true, jac=slope, bounds=[(0, None)] * system.size, method="SLSQP",
        constraints={"type": "eq", "fun": lambda x: body[1:] @ x, "jac": lambda x: body[1:]},
        options={"ftol": 1e-13, "maxiter": 1000},
    )  # fmt: skip
    assert result.chi2 <= found.fun * (1 + 1e-6) + 1e-6
    if found.success:
        assert result.chi2 >= found.fun * (1 - 1e-5) - 1e-6
    for flow in result.flows.values():
        assert flow.value is None or flow.value >= -1e-9 * true.max()


def test_concentrations_stay_possible():
    layers = (Layer(), Layer("Cu", of="goods", highest=1))
    flows = (
        Flow("ore", "0", "1", Known(10, 0.1), contents={"Cu": Content(concentration=Known(0.3, 0.01))}),
        Flow("metal", "1", "0", Known(2.6, 0.05), contents={"Cu": Content(concentration=Known(0.999, 0.01))}),
        Flow("slag", "1", "0", contents={"Cu": Content(concentration=Known(0.01, 0.002))}),
    )
    result = reconcile(Network(flows, layers=layers))
    metal = result.concentrations("Cu")["metal"]
    assert metal.value == 1
    assert metal.bound == "high"
    cu = {key: estimate.value for key, estimate in result.layer("Cu").items()}
    assert cu["ore"] == pytest.approx(cu["metal"] + cu["slag"], rel=1e-9)

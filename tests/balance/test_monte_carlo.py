"""Monte Carlo: equal to the linear theory where it should be, and what is not normal shown as it is."""

from __future__ import annotations

import numpy as np
import pytest

from qingyuan.balance import Bound, Content, Correlation, Flow, Known, Layer, Network, reconcile, simple
from qingyuan.balance.monte_carlo import draw, simulate

ROWS = [("a", "0", "1", 100, 3), ("b", "1", "2", 60, 2), ("c", "1", "0", 44, 2), ("d", "2", "0", None, None)]


def test_agrees_with_the_linear_theory():
    network = simple(ROWS)
    correlated = Network(network.flows, correlations=(Correlation("a", "b", 0.6),))
    for each in (network, correlated):
        result = reconcile(each)
        found = simulate(result, 20_000, seed=4)
        assert found.draws == 20_000
        for number, (_, flow) in enumerate(result.flows.items()):
            assert found.mean[number] == pytest.approx(flow.value, abs=4 * flow.sd / 20_000**0.5)
            assert found.sd[number] == pytest.approx(flow.sd, rel=0.03)
            assert found.low[number] == pytest.approx(flow.value - 1.96 * flow.sd, abs=0.08 * flow.sd)


def test_a_product_agrees_with_its_linearisation():
    flows = (
        Flow("in", "0", "1", Known(100, 2), contents={"Cu": Content(concentration=Known(0.03, 0.001))}),
        Flow("out", "1", "0", Known(98, 2), contents={"Cu": Content(concentration=Known(0.031, 0.001))}),
    )
    result = reconcile(Network(flows, layers=(Layer(), Layer("Cu", of="goods"))))
    found = simulate(result, 400, seed=2)
    number = found.number("in", "Cu")
    assert found.mean[number] == pytest.approx(result.layer("Cu")["in"].value, rel=0.01)
    assert found.sd[number] == pytest.approx(result.layer("Cu")["in"].sd, rel=0.15)


def test_the_same_seed_gives_the_same_draws():
    result = reconcile(simple(ROWS))
    assert (simulate(result, 50, seed=7).mean == simulate(result, 50, seed=7).mean).all()
    assert (simulate(result, 50, seed=7).mean != simulate(result, 50, seed=8).mean).any()
    with pytest.raises(ValueError, match="two"):
        simulate(result, 1)


def test_draws_have_the_moments_of_what_is_known():
    random = np.random.default_rng(1)
    normal = random.standard_normal(100_000)
    for known in (
        Known(5, 2),
        Known(5, 2, "lognormal"),
        Known(None, None, "uniform", 2, 9),
        Known(3, None, "triangular", 1, 12),
    ):
        values = draw(known, 100_000, random, normal)
        assert values.mean() == pytest.approx(known.mean, rel=0.01)
        assert values.std() == pytest.approx(known.deviation, rel=0.02)
    assert draw(Known(5, 2, "lognormal"), 1000, random, normal[:1000]).min() > 0


def test_lognormal_knowledge_stays_skew():
    flows = (Flow("a", "0", "1", Known(10, 6, "lognormal")), Flow("b", "1", "0"))
    found = simulate(reconcile(Network(flows)), 20_000)
    assert found.mean[1] == pytest.approx(10, rel=0.02)
    assert found.median[1] < found.mean[1]
    assert found.high[1] - found.median[1] > 2 * (found.median[1] - found.low[1])


def test_bounds_hold_in_every_draw():
    network = simple([("in", "0", "1", 10, 1), ("out", "1", "0", 9.5, 1), ("rest", "1", "0", None, None)])
    found = simulate(reconcile(network), 500)
    assert found.low[2] == 0
    assert found.mean[2] > 0.5
    capped = Network(network.flows, bounds=(Bound("rest", high=1.0),))
    assert simulate(reconcile(capped), 300).high[2] <= 1 + 1e-9


def test_what_nothing_determines_has_no_distribution():
    network = simple([("in", "0", "1", 10, 1), ("x", "1", "0", None, None), ("y", "1", "0", None, None)])
    found = simulate(reconcile(network), 50)
    assert np.isnan(found.mean[1:]).all()
    assert found.as_json()["flows"]["x"]["mean"] is None


def test_an_exact_flow_does_not_vary():
    result = reconcile(simple([("in", "0", "A", 97.3, 0), ("b", "A", "0", 41.7, 1), ("c", "A", "0", 55, 1)]))
    drawn = simulate(result, 500)
    number = drawn.number("in")
    assert drawn.sd[number] == 0
    assert drawn.mean[number] == 97.3

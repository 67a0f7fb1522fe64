"""Several layers at once, stocks, periods, coefficients, correlations: against dense algebra and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from balance_dense import reconcile_linear
from scipy.optimize import minimize

from qingyuan.balance import (
    Content,
    Correlation,
    Flow,
    Known,
    Layer,
    Network,
    Process,
    Relation,
    Stock,
    Transfer,
    equations,
    reconcile,
    simple,
)
from qingyuan.balance.layers import of_formula
from qingyuan.balance.reading import read_network
from qingyuan.balance.system import compile_network


def copper(concentration, sd):
    return {"Cu": Content(concentration=Known(concentration, sd))}


SPLITTER = Network(
    flows=(
        Flow("feed", "0", "A", Known(100, 2), contents=copper(0.030, 0.001)),
        Flow("rich", "A", "0", Known(21, 1), contents=copper(0.120, 0.004)),
        Flow("lean", "A", "0", Known(82, 3), contents=copper(0.006, 0.0005)),
    ),
    layers=(Layer("goods", unit="t"), Layer("Cu", unit="kg", of="goods", factor=1000, highest=1)),
)


def by_minimizer(x0, sd, constraints):
    """The same problem by a general minimiser that knows nothing of networks."""
    found = minimize(
        lambda z: float(np.sum(z**2)),
        np.zeros(len(x0)),
        constraints=[{"type": "eq", "fun": lambda z, g=g: g(x0 + sd * z)} for g in constraints],
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 500},
    )
    return x0 + sd * found.x, found.fun


def test_flows_and_concentrations_are_adjusted_together():
    x0 = np.array([100, 21, 82, 0.030, 0.120, 0.006])
    sd = np.array([2, 1, 3, 0.001, 0.004, 0.0005])
    expected, gamma = by_minimizer(
        x0, sd, [lambda x: x[0] - x[1] - x[2], lambda x: 10 * (x[0] * x[3] - x[1] * x[4] - x[2] * x[5])]
    )
    result = reconcile(SPLITTER)
    flows = [result.flows[key].value for key in ("feed", "rich", "lean")]
    contents = [result.concentrations("Cu")[key].value for key in ("feed", "rich", "lean")]
    assert flows == pytest.approx(expected[:3], rel=1e-5)
    assert contents == pytest.approx(expected[3:], rel=1e-5)
    assert result.chi2 == pytest.approx(gamma, rel=1e-5)
    assert result.dof == 2
    amounts = {key: result.layer("Cu")[key].value for key in ("feed", "rich", "lean")}
    assert amounts["feed"] == pytest.approx(amounts["rich"] + amounts["lean"], rel=1e-9)
    assert amounts["rich"] == pytest.approx(1000 * flows[1] * contents[1], rel=1e-9)


def test_variances_of_layers_are_those_of_the_linearised_problem():
    result = reconcile(SPLITTER)
    x = np.array(
        [result.flows[key].value for key in result.flows]
        + [result.concentrations("Cu")[key].value for key in result.flows]
    )
    body = np.array([[1, -1, -1, 0, 0, 0], [x[3], -x[4], -x[5], x[0], -x[1], -x[2]]])
    sd = np.array([2, 1, 3, 0.001, 0.004, 0.0005])
    cov = np.diag(sd**2)
    cov = cov - cov @ body.T @ np.linalg.solve(body @ cov @ body.T, body @ cov)
    found = [result.flows[key].sd for key in result.flows] + [
        result.concentrations("Cu")[key].sd for key in result.flows
    ]
    assert found == pytest.approx(np.sqrt(np.diag(cov)), rel=1e-6)


def test_selected_inversion_gives_the_same_layers(monkeypatch):
    plain = reconcile(SPLITTER)
    monkeypatch.setattr(equations, "_ALL_COLUMNS", 0)
    large = reconcile(SPLITTER)
    for key in plain.flows:
        assert large.flows[key].value == pytest.approx(plain.flows[key].value, rel=1e-8)
        assert large.flows[key].sd == pytest.approx(plain.flows[key].sd, rel=1e-5)
        assert large.concentrations("Cu")[key].sd == pytest.approx(plain.concentrations("Cu")[key].sd, rel=1e-5)


def test_an_unknown_concentration_follows_from_the_balance():
    flows = (*SPLITTER.flows[:2], Flow("lean", "A", "0", Known(82, 3)))
    result = reconcile(Network(flows, layers=SPLITTER.layers))
    lean = result.concentrations("Cu")["lean"]
    assert lean.observable
    assert not lean.measured
    x = {key: result.flows[key].value for key in result.flows}
    c = {key: result.concentrations("Cu")[key].value for key in result.flows}
    assert lean.value == pytest.approx((x["feed"] * c["feed"] - x["rich"] * c["rich"]) / x["lean"], rel=1e-9)
    assert result.dof == 1


def test_what_a_flow_does_not_say_is_unknown_not_zero():
    flows = (*SPLITTER.flows[:1], Flow("rich", "A", "0", Known(21, 1)), Flow("lean", "A", "0", Known(82, 3)))
    unknown = reconcile(Network(flows, layers=SPLITTER.layers))
    assert not unknown.layer("Cu")["lean"].observable
    zero = (SPLITTER.layers[0], Layer("Cu", unit="kg", of="goods", factor=1000, absent_is_zero=True))
    known = reconcile(Network((*flows[:2], SPLITTER.flows[2]), layers=zero))
    assert "rich" not in known.layer("Cu")
    assert known.layer("Cu")["lean"].value == pytest.approx(known.layer("Cu")["feed"].value)


def test_a_flow_may_be_recovered_from_two_layers():
    # Nobody measures the flows of a separator, only the feed and three contents: the lever rule.
    flows = (
        Flow("feed", "0", "A", Known(100, 1), contents=copper(0.03, 0.0003)),
        Flow("rich", "A", "0", contents=copper(0.12, 0.001)),
        Flow("lean", "A", "0", contents=copper(0.005, 0.0001)),
    )
    result = reconcile(Network(flows, layers=SPLITTER.layers))
    assert result.flows["rich"].value == pytest.approx(100 * (0.03 - 0.005) / (0.12 - 0.005), rel=1e-9)
    assert result.dof == 0
    assert result.critical is None
    assert result.consistent is None
    x = [100, 0.03, 0.12, 0.005]
    gradient = [
        (x[1] - x[3]) / (x[2] - x[3]),
        x[0] / (x[2] - x[3]),
        -x[0] * (x[1] - x[3]) / (x[2] - x[3]) ** 2,
        x[0] * (x[1] - x[2]) / (x[2] - x[3]) ** 2,
    ]
    sd = np.sqrt(np.sum((np.array(gradient) * [1, 0.0003, 0.001, 0.0001]) ** 2))
    assert result.flows["rich"].sd == pytest.approx(sd, rel=1e-6)


def test_units_of_layers_do_not_matter():
    first = reconcile(SPLITTER)
    flows = tuple(
        Flow(
            flow.id,
            flow.source,
            flow.target,
            Known(flow.known.value * 1000, flow.known.sd * 1000),
            contents={"Cu": Content(concentration=flow.contents["Cu"].concentration)},
        )
        for flow in SPLITTER.flows
    )
    layers = (Layer("goods", unit="kg"), Layer("Cu", unit="t", of="goods", factor=1e-3, highest=1))
    second = reconcile(Network(flows, layers=layers))
    assert second.chi2 == pytest.approx(first.chi2, rel=1e-8)
    for key in first.flows:
        assert second.flows[key].value == pytest.approx(first.flows[key].value * 1000, rel=1e-8)
        assert second.layer("Cu")[key].sd == pytest.approx(first.layer("Cu")[key].sd / 1000, rel=1e-6)


def test_elements_from_formulae():
    content = of_formula("NiSO4·6H2O", "Ni", 0.98, 0.01)
    assert content.concentration.value == pytest.approx(0.2233 * 0.98, abs=5e-5)
    document = {
        "layers": ["goods", {"id": "Ni", "of": "goods", "element": "Ni"}],
        "flows": [
            {"id": "salt", "from": "0", "to": "1", "value": 10, "sd": 0.1, "layers": {"Ni": {"formula": "NiSO4·6H2O"}}},
            {"id": "out", "from": "1", "to": "0", "value": 10, "sd": 0.2},
        ],
    }
    network, problems = read_network(document)
    assert problems == ()
    result = reconcile(network)
    assert result.layer("Ni")["out"].value == pytest.approx(0.2233 * result.flows["salt"].value, rel=1e-3)


def test_energy_by_heating_values_and_flows_without_goods():
    layers = (Layer("goods", unit="t"), Layer("energy", unit="GJ", of="goods", absent_is_zero=True))
    heat = {"energy": Content(concentration=Known(20.9, 0.3))}
    flows = (
        Flow("coal", "0", "boiler", Known(10, 0.2), contents=heat),
        Flow("ash", "boiler", "0", Known(1.9, 0.1)),
        Flow("flue", "boiler", "0"),
        Flow("power", "0", "boiler", Known(3.6, 0.1), layer="energy"),
        Flow("steam", "boiler", "0", Known(170, 3), layer="energy"),
        Flow("loss", "boiler", "0", layer="energy"),
    )
    result = reconcile(Network(flows, layers=layers))
    energy = result.layer("energy")
    assert energy["loss"].value == pytest.approx(209 + 3.6 - 170, rel=1e-9)
    assert energy["loss"].sd == pytest.approx(np.sqrt((20.9 * 0.2) ** 2 + (10 * 0.3) ** 2 + 0.1**2 + 3**2), rel=1e-6)
    assert result.flows["flue"].value == pytest.approx(8.1)
    assert "ash" not in energy
    assert "steam" not in result.flows


def test_a_reaction_frees_a_substance_from_its_balance():
    flows = (
        Flow("in", "0", "R", Known(100, 1), contents={"NaOH": Content(concentration=Known(0.1, 0.001))}),
        Flow("out", "R", "0", Known(101, 1), contents={"NaOH": Content(concentration=Known(0.01, 0.001))}),
    )
    layers = (Layer(), Layer("NaOH", of="goods"))
    free = (Process("R", unbalanced_layers=frozenset({"NaOH"})),)
    result = reconcile(Network(flows, layers=layers, processes=free))
    assert result.concentrations("NaOH")["in"].value == pytest.approx(0.1)
    assert not result.concentrations("NaOH")["in"].redundant
    held = reconcile(Network(flows, layers=layers))
    assert held.concentrations("NaOH")["in"].redundant
    assert not held.consistent


# --- stocks and periods ----------------------------------------------------------------------------------------------


def test_stocks_join_periods():
    periods = ("2022-01", "2022-02", "2022-03")
    values = {"in": (50.0, 60.0, 40.0), "out": (45.0, 62.0, 46.0)}
    flows = tuple(
        Flow(key, *ends, Known(value, 1.0), period=period)
        for key, ends in (("in", ("0", "store")), ("out", ("store", "0")))
        for period, value in zip(periods, values[key], strict=True)
    )
    stocks = (Stock("store", "", Known(20, 0.5)), Stock("store", "2022-02", Known(24, 0.5)))
    stocks = (*stocks, Stock("store", "2022-03", Known(17, 0.5)))
    result = reconcile(Network(flows, stocks=stocks, periods=periods))
    # Variables: in1-3, out1-3, stock at start, after 1, 2, 3.
    body = np.zeros((3, 10))
    for month in range(3):
        body[month, [month, 3 + month, 6 + month, 7 + month]] = [1, -1, 1, -1]
    given = np.array([50, 60, 40, 45, 62, 46, 20, np.nan, 24, 17])
    dense = reconcile_linear(body, np.zeros(3), given, np.diag([1.0] * 6 + [0.25] * 4))
    found = [*result.flows.values(), *result.stocks().values()]
    assert [each.value for each in found] == pytest.approx(dense.value)
    assert [each.sd for each in found] == pytest.approx(dense.sd)
    assert list(result.stocks()) == ["store@start", "store@2022-01", "store@2022-02", "store@2022-03"]
    assert result.flows["in@2022-01"].redundant
    assert not result.stocks()["store@2022-01"].measured
    assert result.dof == dense.dof == 2


def test_one_coefficient_for_several_periods():
    periods = ("1", "2")
    flows = tuple(
        Flow(key, source, target, known, period=period)
        for period, feed, loss in (("1", 100.0, 11.0), ("2", 200.0, 19.0))
        for key, source, target, known in (
            ("feed", "0", "A", Known(feed, 1)),
            ("loss", "A", "0", Known(loss, 1)),
            ("good", "A", "0", Known()),
        )
    )
    result = reconcile(Network(flows, periods=periods, transfers=(Transfer("loss", "feed"),)))
    share = result.transfers["loss/feed"]
    assert share.observable
    assert share.value == pytest.approx(49 / 500, rel=0.02)
    assert result.dof == 1
    for period in periods:
        ratio = result.flows[f"loss@{period}"].value / result.flows[f"feed@{period}"].value
        assert ratio == pytest.approx(share.value, rel=1e-9)


# --- coefficients, relations, correlations ---------------------------------------------------------------------------


def test_a_coefficient_of_everything_that_enters():
    flows = simple(
        [("a", "0", "P", 60, 1), ("b", "0", "P", 40, 1), ("c", "P", "0", None, None), ("d", "P", "0", None, None)]
    )
    result = reconcile(Network(flows.flows, transfers=(Transfer("c", of_process="P", known=Known(0.25, 0.0)),)))
    assert result.flows["c"].value == pytest.approx(25)
    assert result.flows["d"].value == pytest.approx(75)
    assert result.flows["c"].sd == pytest.approx(0.25 * 2**0.5)


def test_an_uncertain_relation_is_adjusted_like_a_measurement():
    network = simple([("a", "0", "P", 60, 1), ("b", "P", "0", 30, 1), ("c", "P", "0", None, None)])
    result = reconcile(Network(network.flows, relations=(Relation((("a", 1), ("b", -2)), 3.0, 0.5, id="split"),)))
    body = np.array([[1.0, -1, -1, 0], [1, -2, 0, -1]])
    dense = reconcile_linear(body, np.zeros(2), np.array([60, 30, np.nan, 3]), np.diag([1, 1, 1, 0.25]))
    found = [*result.flows.values(), *result.relations.values()]
    assert [each.value for each in found] == pytest.approx(dense.value)
    assert [each.sd for each in found] == pytest.approx(dense.sd)
    assert result.chi2 == pytest.approx(dense.gamma)
    assert list(result.relations) == ["split"]


def test_correlated_measurements():
    network = simple([("a", "0", "P", 60, 1), ("b", "P", "Q", 55, 2), ("c", "P", "0", 3, 1), ("d", "Q", "0", 57, 1)])
    correlated = Network(network.flows, correlations=(Correlation("a", "b", 0.8), Correlation("b", "d", -0.3)))
    result = reconcile(correlated)
    body = np.array([[1.0, -1, -1, 0], [0, 1, 0, -1]])
    covariance = np.diag([1.0, 4, 1, 1])
    covariance[0, 1] = covariance[1, 0] = 0.8 * 2
    covariance[1, 3] = covariance[3, 1] = -0.3 * 2
    dense = reconcile_linear(body, np.zeros(2), np.array([60, 55, 3, 57.0]), covariance)
    assert [flow.value for flow in result.flows.values()] == pytest.approx(dense.value)
    assert [flow.sd for flow in result.flows.values()] == pytest.approx(dense.sd)
    assert [flow.test for flow in result.flows.values()] == pytest.approx(dense.z)
    assert result.chi2 == pytest.approx(dense.gamma)
    variance = np.diag(body @ covariance @ body.T)
    assert [test.sd**2 for test in result.nodal_tests] == pytest.approx(variance)


def test_impossible_correlations_are_named():
    network = simple([("a", "0", "P", 60, 1), ("b", "P", "0", 55, 2), ("c", "P", "0", 3, 1)])
    entries = (Correlation("a", "b", 0.9), Correlation("b", "c", 0.9), Correlation("a", "c", -0.9))
    result = reconcile(
        Network(network.flows, correlations=(*entries, Correlation("a", "x", 0.1), Correlation("a", "b", 2)))
    )
    assert [problem.code for problem in result.problems] == ["unknown-flow", "bad-correlation", "bad-correlation"]
    assert result.flows["a"].value == pytest.approx(reconcile(network).flows["a"].value)


def test_a_network_may_have_many_layers_at_once():
    # A chain of six washers with five substances: compared with dense Gauss-Newton.
    draw = np.random.default_rng(3)
    count, substances = 6, [f"s{number}" for number in range(5)]
    flows = [Flow("in", "0", "1", Known(100, 2), contents=_contents(draw, substances, 0.02))]
    for unit in range(1, count):
        flows.append(
            Flow(f"f{unit}", str(unit), str(unit + 1), Known(100 - unit, 2), contents=_contents(draw, substances, 0.02))
        )
        flows.append(Flow(f"w{unit}", str(unit), "0", Known(1, 0.1), contents={}))
    flows.append(Flow("out", str(count), "0", Known(91, 2), contents=_contents(draw, substances, 0.02)))
    layers = (Layer(), *(Layer(id, of="goods", highest=1) for id in substances))
    network = Network(tuple(flows), layers=layers)
    result = reconcile(network, suspects=0, bounds=False)
    assert result.solution.converged
    system, _ = compile_network(network)
    value, dense = _dense_gauss_newton(system, result.solution.particular)
    seen = result.solution.observable
    assert (seen == dense.observable).all()
    np.testing.assert_allclose(result.solution.value[seen], value[seen], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(np.sqrt(result.solution.variance[seen]), dense.sd[seen], rtol=1e-5, atol=1e-9)
    assert result.chi2 == pytest.approx(dense.gamma, rel=1e-7)


def _contents(draw, substances, level):
    return {
        id: Content(concentration=Known(level * draw.uniform(0.9, 1.1), level * 0.05))
        for id in substances
        if draw.random() < 0.8
    }


def _dense_gauss_newton(system, start):
    """Dense null-space steps from a start until they rest."""
    x = start.copy()
    edges = system.tail >= 0
    body = np.zeros((len(system.nodes), system.size))
    body[system.head[edges], np.flatnonzero(edges)] += 1
    body[system.tail[edges], np.flatnonzero(edges)] -= 1
    body = np.vstack([body[1:], system.rows.toarray()])
    right = np.r_[np.zeros(len(system.nodes) - 1), system.right]
    p, q, r = system.products.T
    count = np.arange(len(p))
    scale = np.where(np.isnan(system.sd), 1.0, system.sd)
    for _ in range(8):
        products = np.zeros((len(p), system.size))
        products[count, p] = 1
        products[count, q] -= system.factors * x[r]
        products[count, r] -= system.factors * x[q]
        full = np.vstack([body, products]) * scale
        level = np.r_[right, x[p] - system.factors * x[q] * x[r]]
        level[len(right) :] = products @ x - level[len(right) :]
        dense = reconcile_linear(full, level, system.value / scale, np.eye(system.size))
        x = np.where(dense.observable, dense.value * scale, x)
    return x, type(dense)(x, dense.sd * scale, dense.observable, dense.redundant, dense.gamma, dense.dof, dense.z)


def sludge(layers):
    def flow(id, source, target, amount, dry, copper):
        contents = {"dry": Content(concentration=dry), "Cu": Content(concentration=copper)}
        return Flow(id, source, target, amount, contents=contents)

    flows = (
        flow("wet", "0", "A", Known(100, 1), Known(0.2, 0.01), Known(0.05, 0.002)),
        flow("cake", "A", "0", Known(40, 1), Known(0.5, 0.01), Known(0.05, 0.002)),
        Flow("water", "A", "0", contents={"dry": Content(concentration=Known(0, 0)), "Cu": Content(Known(0, 0))}),
    )
    return reconcile(Network(flows, layers=layers))


def test_a_layer_carried_by_a_layer_that_is_carried():
    result = sludge((Layer(), Layer("dry", of="goods", highest=1), Layer("Cu", of="dry", highest=1)))
    assert result.problems == ()
    copper, dry = result.layer("Cu"), result.layer("dry")
    shares = result.concentrations("Cu")
    for key in ("wet", "cake"):
        assert copper[key].value == pytest.approx(shares[key].value * dry[key].value)
    assert copper["wet"].value == pytest.approx(copper["cake"].value)
    assert copper["wet"].value == pytest.approx(1.0, rel=0.05)
    assert result.dof == 2
    # The order in which the layers are listed does not matter.
    again = sludge((Layer(), Layer("Cu", of="dry", highest=1), Layer("dry", of="goods", highest=1)))
    assert again.chi2 == pytest.approx(result.chi2)


def test_layers_that_carry_each_other_are_named_once():
    result = sludge((Layer(), Layer("dry", of="Cu", highest=1), Layer("Cu", of="dry", highest=1)))
    assert [(problem.code, problem.where.path) for problem in result.problems] == [("circular-layers", "layers.dry.of")]

"""Random networks against dense algebra; what must hold for every network."""

from __future__ import annotations

import numpy as np
import pytest
from balance_dense import null_space, reconcile_linear
from balance_networks import random_rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingyuan.balance import equations
from qingyuan.balance.classify import search
from qingyuan.balance.equations import solve_equations
from qingyuan.balance.graph_solution import solve_graph
from qingyuan.balance.network import simple
from qingyuan.balance.reconciliation import reconcile, solve
from qingyuan.balance.system import compile_network

FEW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def networks(draw, noise=True):
    rows, true = random_rows(
        draw(st.integers(0, 10**6)),
        draw(st.integers(1, 12)),
        draw(st.integers(0, 14)),
        measured=draw(st.sampled_from([0.3, 0.5, 0.7, 0.9, 1.0])),
        exact=draw(st.sampled_from([0.0, 0.0, 0.1, 0.3])),
        noise=noise,
    )
    return rows, true


def compiled(rows):
    system, problems = compile_network(simple(rows))
    assert not [problem for problem in problems if problem.severity == "error"]
    return system


def balances(system):
    matrix = np.zeros((len(system.nodes), system.size))
    matrix[system.head, np.arange(system.size)] += 1
    matrix[system.tail, np.arange(system.size)] -= 1
    return matrix[1:]


def by_dense(system):
    free = ~system.exact
    body = balances(system)
    covariance = np.diag(np.nan_to_num(system.sd[free]) ** 2)
    right = -body[:, ~free] @ system.value[~free]
    return free, reconcile_linear(body[:, free], right, system.value[free], covariance)


def agree(solution, system, free, dense):
    assert (solution.observable[free] == dense.observable).all()
    assert (solution.redundant[free] == dense.redundant).all()
    assert solution.dof == dense.dof
    np.testing.assert_allclose(solution.value[free], dense.value, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(np.sqrt(solution.variance[free]), dense.sd, rtol=2e-6, atol=1e-6)
    assert solution.gamma == pytest.approx(dense.gamma, rel=1e-7, abs=1e-8)
    size = system.size
    tests = np.abs(solution.statistics.score[:size]) / np.sqrt(np.maximum(solution.statistics.spread[:size], 1e-300))
    checked = ~np.isnan(dense.z)
    np.testing.assert_allclose(tests[free][checked], dense.z[checked], rtol=1e-5, atol=1e-6)


@FEW
@given(networks())
def test_graph_and_equations_equal_dense_algebra(network):
    system = compiled(network[0])
    free, dense = by_dense(system)
    at = np.where(system.exact, system.value, 0.0)
    agree(solve_graph(system, system.exact, at), system, free, dense)
    agree(solve_equations(system, system.exact, at), system, free, dense)


@FEW
@given(networks())
def test_directions_of_leaks_and_meters_agree_between_the_two_ways(network):
    system = compiled(network[0])
    at = np.where(system.exact, system.value, 0.0)
    graph, general = solve_graph(system, system.exact, at), solve_equations(system, system.exact, at)
    one, two, size = graph.statistics, general.statistics, system.size
    for node in range(1, len(system.nodes)):
        by_graph = one.spread[size + one.group[node]]
        if by_graph > 0:
            assert two.spread[size + node] == pytest.approx(by_graph, rel=1e-5)
            assert two.score[size + node] == pytest.approx(one.score[size + one.group[node]], rel=1e-5, abs=1e-7)
    for number in np.flatnonzero(graph.redundant)[:3]:
        first, second = one.column(int(number)), two.column(int(number))
        scale = np.abs(first).max()
        np.testing.assert_allclose(first[:size], second[:size], atol=1e-6 * scale)
        change = np.zeros(size)
        change[number] = 1.0
        seen = graph.observable
        none = np.zeros(0)
        np.testing.assert_allclose(one.respond(change, none)[seen], two.respond(change, none)[seen], atol=1e-6)


@FEW
@given(networks())
def test_structural_classes_equal_the_numerical_null_space(network):
    system = compiled(network[0])
    body = balances(system)
    unmeasured = np.flatnonzero(np.isnan(system.value))
    found = search(system.tail[unmeasured], system.head[unmeasured], len(system.nodes))
    blind = null_space(body[:, unmeasured])
    assert (found.bridge == (np.linalg.norm(blind, axis=1) < 1e-9)).all()
    # Two flows determine each other exactly where their rows in the null space are parallel.
    for first in range(len(unmeasured)):
        for second in range(first):
            if found.bridge[first] or found.bridge[second]:
                continue
            a, b = blind[first], blind[second]
            parallel = abs(a @ b) > (1 - 1e-9) * np.linalg.norm(a) * np.linalg.norm(b)
            assert parallel == (found.mates[first] == found.mates[second])


@FEW
@given(networks())
def test_one_meter_on_a_named_flow_makes_it_observable(network):
    rows, true = network
    result = reconcile(simple(rows), suspects=0)
    unknown = [key for key, flow in result.flows.items() if not flow.observable]
    for key in unknown[:2]:
        meter = result.flows[key].meters[-1]
        more = [(*row[:3], float(true[at]), 0.1) if row[0] == meter else row for at, row in enumerate(rows)]
        assert reconcile(simple(more), suspects=0, bounds=False).flows[key].observable


@FEW
@given(networks())
def test_balances_close(network):
    system = compiled(network[0])
    solution = solve(system)
    known = np.where(np.isnan(solution.value), 0, solution.value)
    scale = np.abs(known).max()
    for node, row in enumerate(balances(system)):
        if solution.observable[row != 0].all():
            assert abs(row @ known) < 1e-9 * scale, node


@FEW
@given(networks(), st.floats(1e-6, 1e6), st.randoms(use_true_random=False))
def test_units_and_order_do_not_matter(network, factor, shuffle):
    rows = network[0]
    first = reconcile(simple(rows), suspects=0)
    scaled = [(*row[:3], *(None if each is None else each * factor for each in row[3:])) for row in rows]
    shuffle.shuffle(scaled)
    names = {str(node): f"过程{node}" for node in range(1, 40)}
    renamed = [(row[0], names.get(row[1], "0"), names.get(row[2], "0"), *row[3:]) for row in scaled]
    second = reconcile(simple(renamed), suspects=0)
    assert second.dof == first.dof
    assert second.chi2 == pytest.approx(first.chi2, rel=1e-7, abs=1e-8)
    for key, flow in first.flows.items():
        other = second.flows[key]
        assert (other.observable, other.redundant, other.bound) == (flow.observable, flow.redundant, flow.bound)
        if flow.observable:
            assert other.value == pytest.approx(flow.value * factor, rel=1e-7, abs=1e-7 * factor)
            assert other.sd == pytest.approx(flow.sd * factor, rel=1e-5, abs=1e-6 * factor)


@FEW
@given(networks(), st.integers(0, 10**6))
def test_one_more_meter_never_raises_a_variance(network, pick):
    rows, true = network
    unmeasured = [at for at, row in enumerate(rows) if row[3] is None]
    if not unmeasured:
        return
    at = unmeasured[pick % len(unmeasured)]
    more = list(rows)
    more[at] = (*rows[at][:3], float(true[at]), float(true[at]) * 0.05)
    before = reconcile(simple(rows), suspects=0, bounds=False)
    after = reconcile(simple(more), suspects=0, bounds=False)
    for key, flow in before.flows.items():
        if flow.observable:
            assert after.flows[key].observable
            assert after.flows[key].sd <= flow.sd * (1 + 1e-9) + 1e-9


@FEW
@given(networks(noise=False))
def test_true_values_stay_as_they_are(network):
    rows, true = network
    result = reconcile(simple(rows))
    assert result.chi2 == pytest.approx(0, abs=1e-12)
    assert result.gross_errors == ()
    for value, flow in zip(true, result.flows.values(), strict=True):
        if flow.observable:
            assert flow.value == pytest.approx(value, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_both_kernels_give_the_same_variances(engine):
    if engine == "numba":
        pytest.importorskip("numba")
    rows, _ = random_rows(7, 60, 150, measured=0.75)
    system = compiled(rows)
    at = np.where(system.exact, system.value, 0.0)
    found = solve_graph(system, system.exact, at, engine)
    free, dense = by_dense(system)
    agree(found, system, free, dense)


def test_large_systems_of_equations_use_selected_inversion(monkeypatch):
    rows, _ = random_rows(11, 40, 90, measured=0.8)
    system = compiled(rows)
    at = np.where(system.exact, system.value, 0.0)
    plain = solve_graph(system, system.exact, at)
    monkeypatch.setattr(equations, "_ALL_COLUMNS", 1)
    found = solve_equations(system, system.exact, at)
    assert (found.observable == plain.observable).all()
    assert (found.redundant == plain.redundant).all()
    assert found.dof == plain.dof
    np.testing.assert_allclose(found.value, plain.value, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(np.sqrt(found.variance), np.sqrt(plain.variance), rtol=1e-4, atol=1e-3)


def test_a_long_chain_of_unmeasured_flows():
    # Deep trees and many flows around each observable one: every sd by solving, compared with the closed form.
    count = 300
    rows = [("in", "0", "1", 100.0, 3.0)]
    for node in range(1, count):
        rows.append((f"c{node}", str(node), str(node + 1), None, None))
        rows.append((f"w{node}", str(node), "0", 0.1, 0.01))
    rows.append(("out", str(count), "0", 70.0, 4.0))
    result = reconcile(simple(rows), bounds=False, suspects=0)
    total = 0.1 * (count - 1)
    surplus = 100 - total - 70
    variance = 9 + 16 + 0.0001 * (count - 1)
    assert result.flows["in"].value == pytest.approx(100 - 9 * surplus / variance)
    assert result.dof == 1
    for node in (1, 40, 150, 299):
        # c_node = in - the first w's; covariance with the residual: 9 + node * 0.0001
        before = 9 + node * 0.0001
        expected = before - before**2 / variance
        assert result.flows[f"c{node}"].sd == pytest.approx(expected**0.5, rel=1e-9)
        value = 100 - node * 0.1 - before * surplus / variance
        assert result.flows[f"c{node}"].value == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize("digits", [2, 5, 6, 8, 10])
def test_precise_meters_beside_rough_ones_keep_their_uncertainty(digits):
    small = 10.0**-digits
    rows = [
        ("in", "0", "A", 100, small), ("o1", "A", "B", 90, 10), ("o2", "A", "0", 1, 2 * small), ("o3", "B", "0", 97, 20)
    ]  # fmt: skip
    result = reconcile(simple(rows))
    for key in ("o1", "o3"):
        assert result.flows[key].sd == pytest.approx(5**0.5 * small, rel=1e-3 if digits < 5 else 1e-6)
    # The same where the rough flow is not measured at all, behind a rough meter.
    rows[1] = ("o1", "A", "B", None, None)
    hidden = reconcile(simple([*rows, ("rough", "B", "0", 5, 50)]))
    assert hidden.flows["o1"].sd == pytest.approx(5**0.5 * small, rel=1e-3 if digits < 5 else 1e-6)


def test_a_flow_that_exact_values_determine_has_no_uncertainty():
    result = reconcile(simple([("in", "0", "A", 10, 0), ("out", "A", "0", 9, 1), ("rest", "A", "0", 2, 0)]))
    assert result.flows["out"].sd == 0

"""Published networks with their answers: Ripps, Rao and Narasimhan, Narasimhan and Jordache, Mitsas, Cencic."""

from __future__ import annotations

import numpy as np
import pytest
from balance_networks import published

from qingyuan.balance import Flow, Known, Network, Process, Relation, Transfer, reconcile
from qingyuan.balance.gross_errors import critical_value

EXCHANGER = "0>1 1>2 1>3 2>4 3>4 4>0"
MEASURED = "101.91 64.45 34.65 64.20 36.44 98.88"
BIASED = "101.91 68.45 34.65 64.20 36.44 98.88"
MITSAS = "0>1 1>2 1>3 1>4 2>3 2>3 2>3 3>5 4>5 4>6 5>6 6>0"
MITSAS_VALUES = "100.49 29.46 40.41 30.05 15.17 4.98 9.92 70.68 10.03 19.82 81.06 101.57"
MITSAS_SDS = "1 0.3 0.4 0.3 0.3 0.1 0.2 0.7 0.3 0.4 0.8 1"


def values(result, what="value"):
    return [getattr(estimate, what) for estimate in result.flows.values()]


@pytest.mark.parametrize(
    ("count", "limit"), [(6, 2.6310), (8, 2.7270), (12, 2.8578), (13, 2.8831), (16, 2.9478), (28, 3.1165)]
)
def test_critical_values_of_sidak(count, limit):
    assert critical_value(0.05, count) == pytest.approx(limit, abs=5e-5)
    assert critical_value(0.05, count, "bonferroni") > critical_value(0.05, count) > critical_value(0.05, 1)


def test_exchanger_with_by_pass():
    result = reconcile(published(EXCHANGER, MEASURED, 1))
    assert values(result) == pytest.approx([100.22, 64.50, 35.72, 64.50, 35.72, 100.22], abs=1e-9)
    assert values(result, "sd") == pytest.approx([0.57735] * 6, abs=5e-6)
    assert result.chi2 == pytest.approx(6.4075, abs=1e-9)
    assert result.dof == 4
    assert result.critical == pytest.approx(9.488, abs=5e-4)
    assert values(result, "test") == pytest.approx([2.0698, 0.0612, 1.3105, 0.3674, 0.8818, 1.6412], abs=5e-5)
    assert result.consistent
    assert result.gross_errors == ()


def test_exchanger_with_a_biased_meter():
    result = reconcile(published(EXCHANGER, BIASED, 1))
    assert result.chi2 == pytest.approx(16.674, abs=5e-4)
    assert not result.consistent
    assert values(result, "test") == pytest.approx([1.2533, 3.2047, 0.4940, 2.0004, 1.6983, 2.4577], abs=5e-5)
    assert [key for key, flow in result.flows.items() if flow.test > result.test_critical] == ["2"]
    spread = result.solution.statistics.spread
    squares = result.solution.statistics.score[:6] ** 2 / spread[:6]
    assert squares == pytest.approx([1.5708, 10.2704, 0.2440, 4.0017, 2.8843, 6.0401], abs=5e-5)
    assert [test.surplus for test in result.nodal_tests] == pytest.approx([-1.19, 4.25, -1.79, 1.76])
    first, second = result.gross_errors
    assert (first.suspect.kind, first.id, first.role) == ("measurement", "2", "suspect")
    assert first.suspect.size == pytest.approx(3.925)
    assert first.suspect.corrected == pytest.approx(64.525)
    assert first.chi2_after == pytest.approx(6.40375)
    assert (second.suspect.kind, second.id, second.role) == ("leak", "2", "alternative")
    assert second.suspect.statistic == pytest.approx(13.2496, abs=5e-5)
    assert "流量计 2 偏高约 6.1 %" in str(first.text)
    assert first.deciding[0].id == "2"


def test_a_dropped_meter_gives_the_published_values():
    result = reconcile(published(EXCHANGER, BIASED, 1, (2,)))
    expected = [100.2325, 64.525, 35.7075, 64.525, 35.7075, 100.2325]
    assert values(result) == pytest.approx(expected, abs=1e-9)
    assert result.chi2 == pytest.approx(6.40375)


def test_classes_of_the_exchanger():
    two = reconcile(published(EXCHANGER, MEASURED, 1, (2, 3)))
    assert values(two, "observable") == [True] * 6
    assert values(two, "redundant") == [True, False, False, True, True, True]
    four = reconcile(published(EXCHANGER, MEASURED, 1, (2, 3, 4, 5)))
    assert values(four, "observable") == [True, False, False, False, False, True]
    assert values(four, "redundant") == [True, False, False, False, False, True]
    assert four.flows["2"].value is None
    assert four.flows["2"].sd is None
    assert set(four.flows["2"].meters) == {"2", "3", "4", "5"}


STAN = (
    Flow("F1", "0", "1", Known(100, 10)),
    Flow("F2", "0", "1", Known(50, 0)),
    Flow("F3", "1", "2", Known(300, 30)),
    Flow("F4", "2", "1"),
    Flow("F5", "2", "3", Known(160, 16)),
    Flow("F6", "3", "0"),
    Flow("F7", "3", "0"),
)
COEFFICIENT = Transfer("F4", "F3", known=Known(0.5, 0.05))


def test_documented_example_with_a_transfer_coefficient():
    result = reconcile(Network(STAN, transfers=(COEFFICIENT,)))
    expected = {
        "F1": (102.425960, 7.882792),
        "F3": (302.416229, 22.608614),
        "F4": (149.990270, 21.213297),
        "F5": (152.425960, 7.882792),
    }
    for key, (value, sd) in expected.items():
        assert result.flows[key].value == pytest.approx(value, abs=1e-6)
        assert result.flows[key].sd == pytest.approx(sd, abs=1e-6)
    assert result.flows["F2"].value == 50
    assert result.flows["F2"].sd == 0
    assert result.transfers["F4/F3"].value == pytest.approx(0.495973, abs=1e-6)
    assert result.transfers["F4/F3"].sd == pytest.approx(0.037681, abs=1e-6)
    assert result.chi2 == pytest.approx(0.295913, abs=1e-6)
    for key in ("F6", "F7"):
        assert not result.flows[key].observable
        assert result.flows[key].value is None
        assert set(result.flows[key].meters) == {"F6", "F7"}


def test_documented_example_with_a_relation():
    relation = Relation((("F6", 1.0), ("F7", -1.0)))
    result = reconcile(Network(STAN, transfers=(COEFFICIENT,), relations=(relation,)))
    for key in ("F6", "F7"):
        assert result.flows[key].value == pytest.approx(76.212980, abs=1e-6)
        assert result.flows[key].sd == pytest.approx(3.941396, abs=1e-6)
    assert result.chi2 == pytest.approx(0.295913, abs=1e-6)


def test_twelve_streams():
    result = reconcile(published(MITSAS, MITSAS_VALUES, MITSAS_SDS))
    stated = [100.59, 29.80, 40.71, 30.07, 15.00, 4.96, 9.84, 70.51, 10.14, 19.93, 80.66, 100.59]
    assert values(result) == pytest.approx(stated, abs=0.011)
    recomputed = "100.582 29.8012 40.7095 30.0714 14.9972 4.9608 9.84321 70.5107 10.146 19.9254 80.6567 100.582"
    assert values(result) == pytest.approx([float(value) for value in recomputed.split()], abs=5e-4)
    sds = "0.3641 0.2179 0.3125 0.2449 0.2275 0.0976 0.1801 0.3200 0.2468 0.2807 0.3695 0.3641"
    assert values(result, "sd") == pytest.approx([float(value) for value in sds.split()], abs=5e-5)
    assert result.chi2 == pytest.approx(3.8913, abs=5e-5)
    assert result.dof == 6


def test_parallel_unmeasured_streams():
    result = reconcile(published(MITSAS, MITSAS_VALUES, MITSAS_SDS, (5, 6)))
    unobservable = [key for key, flow in result.flows.items() if not flow.observable]
    assert unobservable == ["5", "6"]
    unchecked = [key for key, flow in result.flows.items() if flow.measured and not flow.redundant]
    assert unchecked == ["7"]
    assert result.flows["7"].value == 9.92
    assert result.flows["7"].sd == pytest.approx(0.2)


def test_a_splitter_cannot_locate_its_error():
    result = reconcile(published("0>1 1>0 1>0", "9.22 4.83 3.22", "0.2766 0.1449 0.0966"))
    assert values(result) == pytest.approx([8.3821, 5.0599, 3.3222], abs=5e-5)
    assert result.chi2 == pytest.approx(12.8132, abs=5e-5)
    assert result.critical == pytest.approx(3.841, abs=5e-4)
    (error,) = result.gross_errors
    together = {(suspect.kind, suspect.id) for suspect in (error.suspect, *error.equivalent)}
    assert together == {("measurement", "1"), ("measurement", "2"), ("measurement", "3"), ("leak", "1")}
    assert np.allclose([suspect.statistic for suspect in error.equivalent], error.suspect.statistic)


def test_reactor_with_element_balances():
    """The reactor of Ripps 1965: four streams under three element balances, as relations; answers by dense algebra."""
    coefficients = np.array([[0.1, 0.6, -0.2, -0.7], [0.8, 0.1, -0.2, -0.1], [0.1, 0.3, -0.6, -0.2]])
    measured = np.array([0.1858, 4.7935, 1.2295, 3.8800])
    variance = np.array([0.000289, 0.0025, 0.000576, 0.04])
    ids = ("1", "2", "3", "4")
    flows = tuple(
        Flow(id, "0" if id in "12" else "R", "R" if id in "12" else "0", Known(value, sd))
        for id, value, sd in zip(ids, measured.tolist(), np.sqrt(variance).tolist(), strict=True)
    )
    relations = tuple(Relation(tuple(zip(ids, row, strict=True))) for row in coefficients.tolist())
    network = Network(flows, processes=(Process("R", balanced=False),), relations=relations)
    result = reconcile(network)
    residual = coefficients @ measured
    covariance = (coefficients * variance) @ coefficients.T
    assert result.chi2 == pytest.approx(residual @ np.linalg.solve(covariance, residual), rel=1e-8)
    assert result.dof == 3
    expected = measured - variance * (coefficients.T @ np.linalg.solve(covariance, residual))
    assert values(result) == pytest.approx(expected)
    assert coefficients @ np.array(values(result)) == pytest.approx(np.zeros(3), abs=1e-9)
    tests = dict(zip(ids, values(result, "test"), strict=True))
    assert all(test <= result.chi2**0.5 for test in tests.values())

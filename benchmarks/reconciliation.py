"""Reconciliation: values, classes, every standard deviation and test, against dense, sparse and solver alternatives.

    python benchmarks/reconciliation.py [--sizes 1000 10000 100000] [--rounds 3]

A plant-like network (a line of units with by-passes, recycles, inlets and outlets), 2.5 flows a unit, one flow in five
unmeasured. Ours gives everything at once; each peer says what it gives. Values of all observable flows, and standard
deviations where a peer has them, must agree. Peers that are not installed (osqp, clarabel, highspy) are left out. Then
the whole way of a user's network: model, checks, bounds, suspects. Target: 10^5 flows under 5 s without a compiler.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import splu

from _harness import Contender, Run, Timing, print_growth, print_timings, time_all
from qingyuan.balance.graph_solution import solve_graph
from qingyuan.balance.network import Network, simple
from qingyuan.balance.reconciliation import reconcile
from qingyuan.balance.sparse import numba_available
from qingyuan.balance.system import System, compile_network

Floats = NDArray[np.float64]
SIZES = (1_000, 10_000, 100_000)
DENSE, COLUMNS, SOLVERS = 1_000, 10_000, 10_000  # the largest sizes of the slow peers


def plant(flows: int) -> Network:
    """A line of units with by-passes and recycles; the true flows balance, the measured ones have 3 % noise."""
    draw = np.random.default_rng(flows)
    units = int(flows / 2.5)
    tails, heads = list(range(units + 1)), [*range(1, units + 1), 0]
    amounts = [100.0] * (units + 1)
    while len(tails) < flows:
        start, span = int(draw.integers(1, units + 1)), int(draw.geometric(0.15))
        end, amount = start + span, float(draw.uniform(5, 20))
        if end > units:
            continue
        if draw.random() < 0.4:
            added = [(0, start), (start, end), (end, 0)]
        else:
            added = [(end, start)]
            for between in range(start, end):
                amounts[between] += amount
        for tail, head in added:
            tails.append(tail)
            heads.append(head)
            amounts.append(amount)
    true = np.array(amounts)
    measured = draw.random(len(true)) > 0.2
    values = true * (1 + 0.03 * draw.normal(size=len(true)))
    rows = zip(tails, heads, values.tolist(), (true * 0.03).tolist(), measured.tolist(), strict=True)
    return simple(
        (f"F{at}", str(tail), str(head), value if known else None, sd if known else None)
        for at, (tail, head, value, sd, known) in enumerate(rows)
    )


def matrix(system: System) -> sp.csr_array:
    """Balances by flows."""
    columns = np.arange(system.size)
    inner_head, inner_tail = system.head > 0, system.tail > 0
    place = (
        np.r_[system.head[inner_head], system.tail[inner_tail]] - 1,
        np.r_[columns[inner_head], columns[inner_tail]],
    )
    data = np.r_[np.ones(int(inner_head.sum())), -np.ones(int(inner_tail.sum()))]
    return sp.csr_array((data, place), shape=(len(system.nodes) - 1, system.size))


def weights(system: System) -> tuple[Floats, Floats]:
    """Precision of each flow (a little for the unmeasured, to make the solvers' problem definite) and its value."""
    known = ~np.isnan(system.value)
    precision = np.where(known, 1 / np.where(known, system.sd, 1.0) ** 2, 1e-9)
    return precision, np.where(known, system.value, 100.0)


# --- peers -----------------------------------------------------------------------------------------------------------


def dense_qr(system: System) -> Run:
    """The textbook's way: unmeasured flows projected out by QR, then dense normal equations."""
    body = matrix(system).toarray()
    known = ~np.isnan(system.value)
    value, variance = system.value[known], system.sd[known] ** 2

    def run() -> tuple[Floats, Floats]:
        q, r = np.linalg.qr(body[:, ~known], mode="complete")
        rank = int((np.abs(np.diag(r)) > 1e-9).sum()) if r.size else 0
        rank = np.linalg.matrix_rank(body[:, ~known])
        if rank < min(r.shape):  # without column pivoting the rank has to be found by singular values
            q = np.linalg.svd(body[:, ~known])[0]
        reduced = q[:, rank:].T @ body[:, known]
        gain = (variance[:, None] * reduced.T) @ np.linalg.pinv((reduced * variance) @ reduced.T)
        x = np.full(system.size, np.nan)
        sd = np.full(system.size, np.nan)
        x[known] = value - gain @ (reduced @ value)
        sd[known] = np.sqrt(np.maximum(variance - np.einsum("ij,ji->i", gain, reduced * variance), 0))
        return x, sd

    return run


def saddle(system: System) -> tuple[sp.csc_array, Floats]:
    body = matrix(system)
    precision, value = weights(system)
    rows = body.shape[0]
    whole = sp.block_array([[sp.diags_array(precision), body.T], [body, -1e-12 * sp.eye_array(rows)]], format="csc")
    return sp.csc_array(whole), np.r_[precision * value, np.zeros(rows)]


def sparse_saddle(system: System) -> Run:
    whole, right = saddle(system)
    return lambda: (splu(whole).solve(right)[: system.size], None)


def sparse_columns(system: System) -> Run:
    """The same factor, and one solution for each standard deviation."""
    whole, right = saddle(system)

    def run() -> tuple[Floats, Floats]:
        factor = splu(whole)
        sd = np.empty(system.size)
        for start in range(0, system.size, 8):
            stop = min(start + 8, system.size)
            unit = np.zeros((len(right), stop - start))
            unit[np.arange(start, stop), np.arange(stop - start)] = 1
            sd[start:stop] = np.sqrt(np.maximum(factor.solve(unit)[np.arange(start, stop), np.arange(stop - start)], 0))
        return factor.solve(right)[: system.size], sd

    return run


def osqp_values(system: System) -> Run:
    import osqp

    body = sp.csc_matrix(matrix(system))
    precision, value = weights(system)
    zero = np.zeros(body.shape[0])

    def run() -> tuple[Floats, None]:
        solver = osqp.OSQP()
        solver.setup(
            sp.csc_matrix(sp.diags(precision)), -precision * value, body, zero, zero,
            eps_abs=1e-7, eps_rel=1e-7, max_iter=100_000, verbose=False,
        )  # fmt: skip
        return solver.solve().x, None

    return run


def clarabel_values(system: System) -> Run:
    import clarabel

    body = sp.csc_matrix(matrix(system))
    precision, value = weights(system)
    settings = clarabel.DefaultSettings()
    settings.verbose = False

    def run() -> tuple[Floats, None]:
        cones = [clarabel.ZeroConeT(body.shape[0])]
        solver = clarabel.DefaultSolver(
            sp.csc_matrix(sp.diags(precision)), -precision * value, body, np.zeros(body.shape[0]), cones, settings
        )
        return np.array(solver.solve().x), None

    return run


def highs_values(system: System) -> Run:
    import highspy

    body = sp.csc_matrix(matrix(system))
    precision, value = weights(system)
    size, count = system.size, body.shape[0]

    def run() -> tuple[Floats, None]:
        model = highspy.HighsModel()
        linear = model.lp_
        linear.num_col_, linear.num_row_ = size, count
        linear.col_cost_ = -precision * value
        linear.col_lower_, linear.col_upper_ = np.full(size, -highspy.kHighsInf), np.full(size, highspy.kHighsInf)
        linear.row_lower_ = linear.row_upper_ = np.zeros(count)
        linear.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        linear.a_matrix_.start_, linear.a_matrix_.index_, linear.a_matrix_.value_ = body.indptr, body.indices, body.data
        model.hessian_.dim_ = size
        model.hessian_.format_ = highspy.HessianFormat.kTriangular
        model.hessian_.start_ = np.arange(size + 1)
        model.hessian_.index_, model.hessian_.value_ = np.arange(size), precision
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.passModel(model)
        solver.run()
        return np.array(solver.getSolution().col_value), None

    return run


def ours(engine: str) -> Callable[[System], Run]:
    def prepare(system: System) -> Run:
        nothing = np.zeros(system.size)

        def run() -> tuple[Floats, Floats]:
            found = solve_graph(system, system.exact, nothing, engine)  # type: ignore[arg-type]
            return found.value, np.sqrt(found.variance)

        return run

    return prepare


def contenders(size: int) -> list[Contender]:
    """Those that can be run at a size."""
    listed: list[tuple[str, Callable[[System], Run], int, str]] = [
        ("dense QR: values, sds of measured", dense_qr, DENSE, ""),
        ("KKT by splu: values", sparse_saddle, 10**9, ""),
        ("KKT: solve per sd", sparse_columns, COLUMNS, ""),
        ("OSQP: values only", osqp_values, SOLVERS, "osqp"),
        ("Clarabel: values only", clarabel_values, 10**9, "clarabel"),
        ("HiGHS QP: values only", highs_values, DENSE, "highspy"),
        ("ours, numpy: values, classes, sds, tests", ours("numpy"), 10**9, ""),
    ]
    if numba_available():
        listed.append(("ours, numba: the same", ours("numba"), 10**9, ""))
    found = []
    for name, prepare, largest, package in listed:
        if size <= largest and (not package or find_spec(package)):
            found.append(Contender(name, lambda _folder, count, make=prepare: make(SYSTEMS[count])))  # type: ignore[misc]
    return found


SYSTEMS: dict[int, System] = {}


def check(timings: list[Timing], system: System) -> None:
    """Values, and standard deviations where there are any, equal those of ours at every observable flow."""
    value, sd = next(each for each in timings if each.contender.name.startswith("ours, numpy")).answer
    seen = ~np.isnan(value)
    for each in timings:
        other, other_sd = each.answer
        rough = 1e-3 if each.contender.name.startswith(("OSQP", "HiGHS")) else 1e-5
        both = seen & ~np.isnan(other)
        gap = float(np.max(np.abs(other - value)[both] / np.maximum(system_scale(system)[both], 1e-9)))
        if gap > rough:
            raise SystemExit(f"values differ by {gap:.2g} of the usual flow: {each.contender.name}")
        if other_sd is not None:
            both = seen & ~np.isnan(other_sd)
            gap = float(np.max(np.abs(other_sd - sd)[both] / np.maximum(sd[both], 1e-3)))
            if gap > 1e-3:
                raise SystemExit(f"standard deviations differ by {gap:.2g}: {each.contender.name}")


def system_scale(system: System) -> Floats:
    return np.full(system.size, float(np.nanmedian(np.abs(system.value))))


def whole_way(size: int) -> Contender:
    network = plant(size)
    return Contender("a user's network, with checks, bounds, suspects", lambda _f, _n: lambda: reconcile(network))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    by_size: list[list[Timing]] = []
    for size in sorted(given.sizes):
        system, problems = compile_network(plant(size))
        if problems:
            raise SystemExit("\n".join(map(str, problems)))
        SYSTEMS[size] = system
        timings = time_all(contenders(size), Path(), size, given.rounds)
        check(timings, system)
        wanted = ("KKT by splu: values", "KKT: solve per sd")
        peers = [each.contender.name for each in timings if each.contender.name in wanted]
        print_timings(timings, peers, "flows")
        (whole,) = time_all([whole_way(size)], Path(), size, max(1, given.rounds // 3))
        print(f"           {whole.contender.name:<44}{whole.median:>10.3f}")
        sys.stdout.flush()
        by_size.append([each for each in timings if each.contender.name.startswith(("ours", peers[0]))] + [whole])
    print("values and standard deviations equal at every observable flow")
    print_growth(by_size)


if __name__ == "__main__":
    main()

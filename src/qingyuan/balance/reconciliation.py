"""Reconciliation (数据调和): make what is known of a network consistent with its balances, and judge what is known.

``reconcile`` takes a ``Network`` and gives a ``Reconciliation``. Networks of balances alone are solved exactly on their
graph; further equations, layers and correlations by Gauss-Newton on the whole system; bounds by an active set.
"""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc, chdtri

from qingyuan.balance.gross_errors import LEAK_ODDS, Correction, critical_value, find_gross_errors, nodal_tests
from qingyuan.balance.network import Network
from qingyuan.balance.result import Reconciliation
from qingyuan.balance.solution import Bools, Floats, Solution
from qingyuan.balance.sparse import Engine
from qingyuan.balance.system import System, compile_network, place
from qingyuan.errors import Problem, Severity
from qingyuan.language import listing, message

_OUTSIDE = 2.0  # standard deviations by which a reading may miss its bounds before it is named


def reconcile(
    network: Network,
    *,
    alpha: float = 0.05,
    correction: Correction = "sidak",
    bounds: bool = True,
    suspects: int = 5,
    leak_odds: float = LEAK_ODDS,
    problems: tuple[Problem, ...] = (),
    engine: Engine = "auto",
) -> Reconciliation:
    """Reconcile a network: values, standard deviations, classes, tests and suspects.

    Minimises the sum of ((x - y) / s)^2 over the measurements y with standard deviations s (their covariance where
    they are correlated) while all balances, coefficients and relations hold and, with ``bounds``, every quantity
    stays within its bounds. ``alpha``: level of the tests. ``correction``: for their number, ``sidak``,
    ``bonferroni``, ``benjamini`` or ``none``. ``suspects``: how many gross errors to look for at most (0: none).
    ``leak_odds``: how many times more often a meter errs than a balance leaks; it orders suspects that fit alike.
    ``problems``: of the reading, taken into the result. Nothing wrong in the network is fatal to the rest of it: it is
    left out and named in ``problems`` of the result. Raises ValueError for an ``alpha`` outside 0 to 1.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1: {alpha}")
    system, found = compile_network(network)
    solution = solve(system, bounds=bounds, engine=engine)
    if not solution.converged:
        text = message("{count} 步迭代后仍未收敛，数值未定；界、浓度或含量可能互相矛盾", count=solution.iterations)
        found.append(Problem("not-converged", text))
    found += _readings_outside(system) if bounds else []
    for names in solution.contradictions:
        text = message("准确值和界使这些地方不可能平衡：{names}", names=listing(names))
        found.append(Problem("unbalanced-by-construction", text))
    dof = solution.dof
    critical = float(chdtri(dof, alpha)) if dof else None
    p_value = float(chdtrc(dof, solution.gamma)) if dof else None
    testable = int(np.count_nonzero(system.measured & solution.redundant))
    limit = critical_value(alpha, testable, correction) if testable else None
    errors = find_gross_errors(network, system, solution, alpha, correction, suspects, leak_odds) if suspects else ()
    return Reconciliation(
        network=network,
        system=system,
        solution=solution,
        alpha=alpha,
        correction=correction,
        critical=critical,
        p_value=p_value,
        test_critical=limit,
        gross_errors=errors,
        nodal_tests=nodal_tests(system, solution, alpha, correction),
        problems=(*problems, *found),
    )


def _readings_outside(system: System) -> list[Problem]:
    """Readings that lie outside the bounds of their quantity by more than their uncertainty explains, as warnings."""
    found = []
    with np.errstate(invalid="ignore"):
        below = system.measured & (system.value < system.low - _OUTSIDE * system.sd)
        above = system.measured & (system.value > system.high + _OUTSIDE * system.sd)
    for at in np.flatnonzero(below | above).tolist():
        name = system.names[at]
        limit = f"{(system.low if below[at] else system.high)[at]:g}"
        if below[at]:
            text = message("读数低于下限 {limit}，超出其不确定度；请核对这只表", limit=limit)
            text = message("读数为负，超出其不确定度；请核对这只表") if system.low[at] == 0 else text
        else:
            text = message("读数超过上限 {limit}，超出其不确定度；请核对这只表", limit=limit)
        where = place(name.kind, name.key)
        found.append(Problem("reading-outside", text, Severity.WARNING, where, f"{system.value[at]:g}"))
    return found


def solve(system: System, *, bounds: bool = True, engine: Engine = "auto") -> Solution:
    """Solve a compiled network: by its graph where balances are all there is, else as one system of equations."""
    from qingyuan.balance.bounded import solve_bounded
    from qingyuan.balance.equations import solve_equations
    from qingyuan.balance.graph_solution import solve_graph

    if system.plain:

        def once(fixed: Bools, at: Floats, full: bool) -> Solution:
            return solve_graph(system, fixed, at, engine, full=full)
    else:

        def once(fixed: Bools, at: Floats, full: bool) -> Solution:
            return solve_equations(system, fixed, at, engine)

    if bounds:
        return solve_bounded(system, once)
    return once(system.exact, np.where(system.exact, system.value, 0.0), True)

"""Bounds (不等式约束): find the quantities that stand at a bound, then solve with these as known.

The active set comes from a primal-dual iteration (Hintermüller, Ito and Kunisch 2002): hold what lies outside its
bound, release what its bound pushes the wrong way. On a graph every step is one solution of the graph. Where this does
not come to rest, where nothing determines some quantities and these cannot keep their bounds given the rest, or where
there are further equations, it runs on the convex linearised problem of all quantities; those that nothing determines
have a small weight there. The solution itself is then the one without bounds with the active ones held.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from qingyuan.balance.equations import (
    jacobian,
    residual,
    row_scales,
    saddle,
    scale,
    usual_sizes,
)
from qingyuan.balance.solution import Bools, Floats, Solution
from qingyuan.balance.sparse import factorise, factorise_pivoting
from qingyuan.balance.system import System

Once = Callable[[Bools, Floats, bool], Solution]

_TOLERANCE = 1e-9  # of the usual size, by which a bound may be missed
_ROUNDS = 20
_PIVOTED = 20_000  # size up to which systems are factorised with pivoting
_ITERATIONS = 80
_HELD = 1e-7  # multiplier, in standard deviations, below which a bound holds nothing


def solve_bounded(system: System, once: Once) -> Solution:
    """Solve with bounds; ``once(fixed, at, full)`` solves with some variables fixed, in full or the values only.

    ``active`` of the result says which bounds hold.
    """
    exact_at = np.where(system.exact, system.value, 0.0)
    # A graph is searched with values alone; the full solution comes at the end.
    solution = once(system.exact, exact_at, not system.plain)
    active = np.zeros(system.size, np.int8)
    sizes: Floats | None = None
    if system.plain:
        found, quick = _on_graph(system, solution, once, exact_at)
        if quick is not None:
            return _with_active(system, quick, found)
        solution = once(system.exact, exact_at, True)
    seen: set[bytes] = set()
    for _ in range(_ROUNDS):
        if not active.any():
            sizes = usual_sizes(system) if sizes is None and _suspicious(system, solution) else sizes
            if sizes is None or not _violated(system, solution, sizes).any():
                break
        found = _active_set(system, solution, active)
        if np.array_equal(found, active) or found.tobytes() in seen:
            break
        seen.add(found.tobytes())
        active = found
        at = np.where(active < 0, system.low, np.where(active > 0, system.high, exact_at))
        solution = once(system.exact | (active != 0), at, True)
    return _with_active(system, solution, active)


def _with_active(system: System, solution: Solution, active: NDArray[np.int8]) -> Solution:
    """The solution with its active bounds named; measurements that a bound overrules count in the sum of squares."""
    if not active.any():
        return solution
    held = (active != 0) & system.measured
    gap = np.where(held, (solution.value - system.value) / np.where(held, system.sd, 1.0), 0.0)
    return replace(
        solution,
        active=active,
        redundant=solution.redundant | held,
        gamma=solution.gamma + float(gap @ gap),
        dof=solution.dof + int(held.sum()),
    )


def _on_graph(
    system: System, first: Solution, once: Once, exact_at: Floats
) -> tuple[NDArray[np.int8], Solution | None]:
    """The active set on a graph, and its solution; no solution where the iteration does not come to rest."""
    solution = first
    held = np.zeros(system.size, np.int8)
    with np.errstate(invalid="ignore"):
        inside = not np.any((first.value < system.low) | (first.value > system.high))
    slack = np.zeros(0) if inside else _TOLERANCE * usual_sizes(system)
    edge = system.tail >= 0
    seen = {held.tobytes()}
    for _ in range(_ROUNDS):
        new = held
        if len(slack):
            group, scores = solution.statistics.group, solution.statistics.score[system.size :]
            push = np.zeros(system.size)  # how the sum of squares grows with a held value
            push[edge] = scores[group[system.head[edge]]] - scores[group[system.tail[edge]]]
            own = (held != 0) & system.measured
            push[own] += (solution.value[own] - system.value[own]) / system.sd[own] ** 2
            with np.errstate(invalid="ignore"):
                below = ((held < 0) & (push > 0)) | ((held == 0) & (solution.value < system.low - slack))
                above = ((held > 0) & (push < 0)) | ((held == 0) & (solution.value > system.high + slack))
            new = np.where(system.exact, 0, above.astype(np.int8) - below.astype(np.int8)).astype(np.int8)
        if np.array_equal(new, held):
            forced = _forced(system, solution)
            if forced is None:
                at = np.where(held < 0, system.low, np.where(held > 0, system.high, exact_at))
                return held, once(system.exact | (held != 0), at, True)
            new = np.where(forced != 0, forced, held).astype(np.int8)
            slack = slack if len(slack) else _TOLERANCE * usual_sizes(system)
        if new.tobytes() in seen:
            break
        seen.add(new.tobytes())
        held = new
        at = np.where(held < 0, system.low, np.where(held > 0, system.high, exact_at))
        solution = once(system.exact | (held != 0), at, False)
        if solution.contradictions and not first.contradictions:
            break
    return held, None


def _forced(system: System, solution: Solution) -> NDArray[np.int8] | None:
    """Undetermined flows that cannot keep their bounds given all the rest, at the bounds that they press on; or None.

    A linear programme looks for values within the bounds; where it must leave balances open, the bounds with a price
    are those that contradict the rest (a cut of the network that cannot carry its surplus).
    """
    loose = np.flatnonzero(~solution.observable)
    bounded = np.isfinite(system.low[loose]) | np.isfinite(system.high[loose])
    if not bounded.any():
        return None
    from scipy.optimize import linprog

    nodes = len(system.nodes)
    known = solution.observable & (system.tail >= 0)
    surplus = np.bincount(system.head[known], solution.value[known], nodes)
    surplus -= np.bincount(system.tail[known], solution.value[known], nodes)
    touched = np.unique(np.r_[system.tail[loose], system.head[loose]])
    touched = touched[touched > 0]
    row = np.full(nodes, -1, np.int64)
    row[touched] = np.arange(len(touched))
    columns = np.arange(len(loose))
    heads, tails = row[system.head[loose]], row[system.tail[loose]]
    place = (np.r_[heads[heads >= 0], tails[tails >= 0]], np.r_[columns[heads >= 0], columns[tails >= 0]])
    data = np.r_[np.ones(int((heads >= 0).sum())), -np.ones(int((tails >= 0).sum()))]
    balance = sp.csr_array((data, place), shape=(len(touched), len(loose)))
    count = len(touched)
    open_ends = sp.csr_array(sp.hstack([sp.eye_array(count), -sp.eye_array(count)]))
    unit = max(float(np.abs(solution.value[known]).max(initial=0.0)), 1e-300)
    limits = np.r_[
        np.column_stack([system.low[loose], system.high[loose]]) / unit, np.tile([0.0, np.inf], (2 * count, 1))
    ]
    answer = linprog(
        np.r_[np.zeros(len(loose)), np.ones(2 * count)],
        A_eq=sp.csr_array(sp.hstack([balance, open_ends])),
        b_eq=-surplus[touched] / unit,
        bounds=limits,
        method="highs",
    )
    if answer.status != 0 or answer.fun < 1e-9:
        return None
    forced = np.zeros(system.size, np.int8)
    at_low = answer.lower.marginals[: len(loose)] > 1e-7
    at_high = answer.upper.marginals[: len(loose)] < -1e-7
    forced[loose[at_low]], forced[loose[at_high]] = -1, 1
    return forced if forced.any() else None


def _suspicious(system: System, solution: Solution) -> bool:
    """Whether any bound could matter at all: something outside its bounds, or something undetermined."""
    value = np.where(np.isnan(solution.value), system.low, solution.value)
    return bool(np.any((value < system.low) | (value > system.high)) or not solution.observable.all())


def _violated(system: System, solution: Solution, sizes: Floats) -> Bools:
    x = solution.value if solution.particular is None else solution.particular
    slack = _TOLERANCE * sizes
    with np.errstate(invalid="ignore"):
        outside = (x < system.low - slack) | (x > system.high + slack)
    return np.asarray(outside & ~system.exact)


def _active_set(system: System, solution: Solution, active: NDArray[np.int8]) -> NDArray[np.int8]:
    """The active bounds of the linearised problem at a solution: -1 lower, 1 upper, 0 none."""
    scaled = scale(system, system.exact)
    sizes = usual_sizes(system)
    x0 = solution.particular if solution.particular is not None else solution.value
    x0 = np.where(np.isnan(x0), np.clip(0.0, system.low, system.high), x0)
    x0 = np.where(system.exact, system.value, x0)
    jac = jacobian(system, scaled, x0)
    scales = row_scales(scaled, jac)
    level = jac @ x0 - residual(system, scaled, x0)  # J x = level is the linearised system
    low, high = system.low / scaled.unit, system.high / scaled.unit
    weight = np.where(scaled.usable, scaled.precision.diagonal(), 1e-6)
    held = active.copy()
    history: set[bytes] = set()
    multiplier = np.zeros(system.size)
    slack = _TOLERANCE * np.maximum(sizes / scaled.unit, 1.0)
    for number in range(_ITERATIONS):
        fixed = system.exact | (held != 0)
        values = np.where(held < 0, low, np.where(held > 0, high, np.where(system.exact, x0 / scaled.unit, 0.0)))
        matrix = saddle(system, scaled, jac, scales, 1e-6, 1e-10, fixed)
        known = np.where(fixed, values, 0.0)
        pull = scaled.precision @ (scaled.goal - np.where(scaled.usable, known, 0.0))
        right = np.r_[np.where(fixed, values, pull), (level - jac @ (known * scaled.unit)) / scales]
        factor = factorise_pivoting(matrix) if matrix.shape[0] <= _PIVOTED else factorise(matrix)
        answer = factor.solve(right)
        z = np.where(fixed, values, answer[: system.size])
        gradient = scaled.precision @ np.where(scaled.usable, z - scaled.goal, 0.0)
        gradient = gradient + np.where(scaled.free, 1e-6 * z, 0.0)
        gradient += scaled.unit * (jac.T @ (answer[system.size :] / scales))
        multiplier = np.where(fixed, -gradient, 0.0)
        below = (held < 0) & (multiplier < 0) | (held == 0) & (z < low - slack)
        above = (held > 0) & (multiplier > 0) | (held == 0) & (z > high + slack)
        new = np.where(system.exact, 0, above.astype(np.int8) - below.astype(np.int8)).astype(np.int8)
        if np.array_equal(new, held):
            break
        if new.tobytes() in history or number > 25:
            # The full exchange went in a circle: exchange the worst one only.
            changed = np.flatnonzero(new != held)
            worst = changed[
                np.argmax(np.abs(np.where(held != 0, multiplier / weight, z - np.clip(z, low, high)))[changed])
            ]
            single = held.copy()
            single[worst] = new[worst]
            new = single
        history.add(new.tobytes())
        held = new
    undetermined = ~solution.observable & (solution.active == 0)
    held[undetermined & (np.abs(multiplier) < _HELD + 1e-5 * np.abs(multiplier).max(initial=0.0))] = 0
    return held

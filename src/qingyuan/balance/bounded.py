"""Bounds (不等式约束): find the quantities that stand at a bound, then solve with these as known.

The active set comes from a primal-dual iteration (Hintermüller, Ito and Kunisch 2002) on the convex problem with all
quantities; quantities that nothing determines have a small weight there, so that bounds on them count where, together,
they contradict the measurements. The solution itself is then the one without bounds with the active ones held.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
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
from qingyuan.balance.sparse import factorise_pivoting
from qingyuan.balance.system import System

_TOLERANCE = 1e-9  # of the usual size, by which a bound may be missed
_ROUNDS = 20
_ITERATIONS = 80
_HELD = 1e-7  # multiplier, in standard deviations, below which a bound holds nothing


def solve_bounded(system: System, once: Callable[[Bools, Floats], Solution]) -> Solution:
    """Solve with bounds; ``once`` solves with some variables fixed. ``active`` of the result says which bounds hold."""
    exact_at = np.where(system.exact, system.value, 0.0)
    solution = once(system.exact, exact_at)
    active = np.zeros(system.size, np.int8)
    sizes: Floats | None = None
    seen: set[bytes] = set()
    for _ in range(_ROUNDS):
        if not active.any():
            sizes = usual_sizes(system) if sizes is None and _suspicious(system, solution) else sizes
            if sizes is None or (not _violated(system, solution, sizes).any() and _possible(system, solution)):
                break
        found = _active_set(system, solution, active)
        if np.array_equal(found, active) or found.tobytes() in seen:
            break
        seen.add(found.tobytes())
        active = found
        at = np.where(active < 0, system.low, np.where(active > 0, system.high, exact_at))
        solution = once(system.exact | (active != 0), at)
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


def _possible(system: System, solution: Solution) -> bool:
    """Whether what nothing determines can stay within its bounds, given all the rest."""
    loose = np.flatnonzero(~solution.observable)
    if not len(loose) or solution.particular is not None:
        return True  # with further equations the particular solution was looked at
    bounded = np.isfinite(system.low[loose]) | np.isfinite(system.high[loose])
    if not bounded.any():
        return True
    from scipy.optimize import linprog

    scaled = scale(system, system.exact)
    x = np.nan_to_num(solution.value)
    body = scaled.body[:, loose]
    touched = np.flatnonzero(np.diff(body.indptr) > 0)
    right = (scaled.right - scaled.body @ x)[touched]
    limits = np.column_stack([system.low[loose], system.high[loose]])
    unit = np.maximum(np.abs(right).max(initial=0.0), 1e-300)
    answer = linprog(np.zeros(len(loose)), A_eq=body[touched], b_eq=right / unit, bounds=limits / unit, method="highs")
    return bool(answer.status != 2)


def _active_set(system: System, solution: Solution, active: NDArray[np.int8]) -> NDArray[np.int8]:
    """The active bounds of the linearised problem at a solution: -1 lower, 1 upper, 0 none."""
    scaled = scale(system, system.exact)
    sizes = usual_sizes(system)
    x0 = solution.particular if solution.particular is not None else solution.value
    x0 = np.where(np.isnan(x0), np.clip(0.0, system.low, system.high), x0)
    x0 = np.where(system.exact, system.value, x0)
    jac = jacobian(system, scaled, x0)
    scales = row_scales(system, scaled, jac, x0)
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
        matrix = saddle(system, scaled, jac, scales, 1e-6, 1e-12, fixed)
        known = np.where(fixed, values, 0.0)
        pull = scaled.precision @ (scaled.goal - np.where(scaled.usable, known, 0.0))
        right = np.r_[np.where(fixed, values, pull), (level - jac @ (known * scaled.unit)) / scales]
        answer = factorise_pivoting(matrix).solve(right)
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

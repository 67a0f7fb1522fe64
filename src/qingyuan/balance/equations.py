"""Least squares under general equations (一般方程的加权最小二乘): layers, coefficients, relations, correlation.

Minimise (x - y)' H (x - y), H the inverse covariance of the measurements, under g(x) = 0: balances, linear relations
and products p = k q r (amount = concentration x flow, flow = coefficient x flow). Gauss-Newton: each step solves the
saddle-point system [H J'; J 0] with the analytic sparse Jacobian J. Unmeasured quantities get a weight EASE that holds
those that nothing determines and is taken back step by step (proximal iteration), so that it leaves no trace in the
others. The inverse of the last system holds every variance and test; a quantity whose variance follows EASE is
unobservable. Variables are scaled by their standard deviation or usual size, equations by their largest
coefficient, so that units do not matter.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from qingyuan.balance.solution import Bools, Floats, Ints, Solution, Statistics
from qingyuan.balance.sparse import Engine, Entries, Factor, factorise, factorise_pivoting, selected_inverse
from qingyuan.balance.system import CONCENTRATION, FLOW, HELPER, STOCK, System, correlated_groups

EASE = 1e-10  # weight of an unmeasured quantity, per usual size squared
SLACK = 1e-12  # softness of an equation, for equations that repeat each other
_EASE_LARGE, _SLACK_LARGE = 1e-8, 1e-10  # the same for large systems without pivoting
UNOBSERVABLE = 0.1  # how far a variance falls with the weight EASE, relatively: 1 where nothing else determines it
_CERTAIN = 1e-3  # variance, in usual sizes squared, below which a quantity is determined whatever its softness
_DOUBTFUL = 0.02  # softness by selected inversion from which it is worked out again
_CHECKED = 1e-7  # share of a measurement's variance that the equations must remove before it is redundant
_ALL_COLUMNS = 6_000  # size up to which the inverse is found column by column, beyond by selected inversion
_STEPS = 100
_REST = 1e-10  # change of a measured quantity or an equation, in its scale, below which it is at rest


@dataclass(frozen=True)
class Scaled:
    """The problem in scaled variables z = x / unit (标度后的问题)."""

    unit: Floats
    precision: sp.csc_array  # of the measurements, in scaled variables; zero for the unmeasured
    goal: Floats  # measurements, scaled; 0 where there is none
    usable: Bools
    free: Bools  # unmeasured and not fixed
    fixed: Bools
    body: sp.csr_array  # balances and linear rows on x
    right: Floats
    balance_nodes: Ints  # node of each of the first rows
    entries: sp.coo_array  # of the body
    weights: sp.coo_array  # of the precision


def usual_sizes(system: System) -> Floats:
    """The usual size of each quantity, from measured ones of its kind and layer; positive."""
    size = np.ones(system.size)
    known = ~np.isnan(system.value) & (system.value != 0)
    kinds = [(FLOW if name.kind in (STOCK, HELPER) else name.kind, name.layer) for name in system.names]
    groups: dict[tuple[str, str], list[int]] = {}
    for number, kind in enumerate(kinds):
        groups.setdefault(kind, []).append(number)
    for numbers in groups.values():
        values = np.abs(system.value[[number for number in numbers if known[number]]])
        size[numbers] = np.median(values) if len(values) else np.nan
    # A layer without measured amounts: concentration x carrier; without concentrations: amount / carrier.
    for _ in range(3):
        for (p, q, r), factor in zip(system.products.tolist(), system.factors.tolist(), strict=True):
            if np.isnan(size[p]) and not np.isnan(size[q] * size[r]):
                size[p] = factor * size[q] * size[r]
            elif np.isnan(size[r]) and not np.isnan(size[q] * size[p]):
                size[r] = size[p] / (factor * size[q])
    general = np.abs(system.value[known])
    size[np.isnan(size)] = np.median(general) if len(general) else 1.0
    for number, name in enumerate(system.names):
        if name.kind == CONCENTRATION and np.isfinite(system.high[number]):
            size[number] = min(size[number], system.high[number])
    return np.maximum(size, 1e-100)


def scale(system: System, fixed: Bools) -> Scaled:
    """Scale a system: units, precision of the measurements, balances and linear rows as one matrix."""
    usable = ~np.isnan(system.value) & ~fixed
    unit = np.where(usable, system.sd, usual_sizes(system))
    nodes = len(system.nodes)
    edges = np.flatnonzero((system.tail >= 0) & (system.tail != system.head))
    heads, tails = edges[system.head[edges] > 0], edges[system.tail[edges] > 0]
    place = (np.r_[system.head[heads], system.tail[tails]] - 1, np.r_[heads, tails])
    data = np.r_[np.ones(len(heads)), -np.ones(len(tails))]
    balances = sp.csr_array((data, place), shape=(max(nodes - 1, 0), system.size))
    used = np.flatnonzero(np.diff(balances.indptr) > 0)
    body = sp.csr_array(sp.vstack([balances[used], system.rows]) if system.rows.shape[0] else balances[used])
    precision = sp.csc_array(sp.dia_array((np.where(usable, 1.0, 0.0)[None, :], [0]), shape=(system.size, system.size)))
    entries = [entry for entry in system.correlated if usable[entry[0]] and usable[entry[1]]]
    for members in correlated_groups(entries):
        at = {member: row for row, member in enumerate(members)}
        matrix = np.eye(len(members))
        for first, second, coefficient in entries:
            if first in at:
                matrix[at[first], at[second]] = matrix[at[second], at[first]] = coefficient
        wide = precision.tolil()
        wide[np.ix_(members, members)] = np.linalg.inv(matrix)
        precision = sp.csc_array(wide)
    return Scaled(
        unit,
        precision,
        np.where(usable, system.value, 0.0) / unit,
        usable,
        ~usable & ~fixed,
        fixed,
        body,
        np.r_[np.zeros(len(used)), system.right],
        used + 1,
        body.tocoo(),
        precision.tocoo(),
    )


def residual(system: System, scaled: Scaled, x: Floats) -> Floats:
    """g(x): balances, linear rows, products."""
    p, q, r = system.products.T
    return np.asarray(np.r_[scaled.body @ x - scaled.right, x[p] - system.factors * x[q] * x[r]])


def jacobian(system: System, scaled: Scaled, x: Floats) -> sp.coo_array:
    """J = dg/dx at x, unscaled, as triplets."""
    shape = (scaled.body.shape[0] + len(system.products), system.size)
    p, q, r = system.products.T
    rows = scaled.body.shape[0] + np.arange(len(system.products))
    data = np.r_[scaled.entries.data, np.ones(len(rows)), -system.factors * x[r], -system.factors * x[q]]
    place = (np.r_[scaled.entries.row, rows, rows, rows], np.r_[scaled.entries.col, p, q, r])
    return sp.coo_array((data, place), shape=shape)


def row_scales(scaled: Scaled, jac: sp.coo_array) -> Floats:
    """The size of the largest term of each equation in scaled variables, for comparison of equations."""
    largest = np.zeros(jac.shape[0])
    np.maximum.at(largest, jac.row, np.abs(jac.data) * scaled.unit[jac.col])
    return np.asarray(np.where(largest > 0, largest, 1.0))


def saddle(
    system: System, scaled: Scaled, jac: sp.coo_array, scales: Floats, ease: float, slack: float, fixed: Bools
) -> sp.csc_array:
    """The matrix [H + ease, J'; J, -slack] in scaled variables; fixed variables are decoupled."""
    size, count = system.size, len(scales)
    kept = ~fixed[jac.col] & (jac.data != 0)
    rows, columns = size + jac.row[kept], jac.col[kept]
    data = jac.data[kept] * scaled.unit[columns] / scales[jac.row[kept]]
    weights = scaled.weights
    inner = ~fixed[weights.row] & ~fixed[weights.col]
    diagonal = np.r_[np.where(fixed, 1.0, np.where(scaled.usable, 0.0, ease)), np.full(count, -slack)]
    every = np.arange(size + count)
    place = (np.r_[weights.row[inner], rows, columns, every], np.r_[weights.col[inner], columns, rows, every])
    entries = np.r_[weights.data[inner], data, data, diagonal]
    return sp.coo_array((entries, place), shape=(size + count, size + count)).tocsc()


def factorise_saddle(
    system: System, scaled: Scaled, jac: sp.coo_array, scales: Floats, fixed: Bools, engine: Engine = "auto"
) -> Factor:
    """Factorise the saddle-point system: with pivoting up to some 10^4 rows, quasi-definite beyond."""
    if system.size + len(scales) <= 4 * _ALL_COLUMNS:
        factor, ease = factorise_pivoting(saddle(system, scaled, jac, scales, EASE, SLACK, fixed)), EASE
    else:
        factor, ease = factorise(saddle(system, scaled, jac, scales, _EASE_LARGE, _SLACK_LARGE, fixed)), _EASE_LARGE
    # Refinement against the equations without softness takes what it leaves out of the solutions.
    return replace(factor, matrix=saddle(system, scaled, jac, scales, ease, 0.0, fixed))


def start(system: System, scaled: Scaled, at: Floats) -> Floats:
    """A first x: measurements, then the linear equations, then the products from what is known of their factors."""
    x = np.where(scaled.usable, system.value, np.where(scaled.fixed, at, usual_sizes(system)))
    p, q, r = system.products.T
    known = scaled.usable | scaled.fixed
    weak = replace(system, products=system.products[:0], factors=system.factors[:0])
    x = _step(weak, scaled, x, x, 1e-4)[0]
    for _ in range(2):
        free_ratio = ~known[r] & known[p] & (x[q] != 0)
        x[r[free_ratio]] = (x[p] / (system.factors * np.where(x[q] == 0, 1, x[q])))[free_ratio]
        free_goal = ~known[p]
        x[p[free_goal]] = (system.factors * x[q] * x[r])[free_goal]
    return np.asarray(x)


def _step(
    system: System, scaled: Scaled, x: Floats, anchor: Floats, ease: float | None = None
) -> tuple[Floats, Floats, Factor, Floats]:
    """One Gauss-Newton step from x with unmeasured quantities held softly at the anchor."""
    jac = jacobian(system, scaled, x)
    scales = row_scales(scaled, jac)
    if ease is None:
        factor = factorise_saddle(system, scaled, jac, scales, scaled.fixed)
        large = system.size + len(scales) > 4 * _ALL_COLUMNS
        weight = _EASE_LARGE if large else EASE
    else:
        factor = factorise_pivoting(saddle(system, scaled, jac, scales, ease, SLACK, scaled.fixed))
        weight = ease
    z = x / scaled.unit
    pull = scaled.precision @ (scaled.goal - np.where(scaled.usable, z, 0.0))
    pull = np.where(scaled.usable, pull, np.where(scaled.free, weight * (anchor / scaled.unit - z), 0.0))
    right = np.r_[np.where(scaled.fixed, 0.0, pull), -residual(system, scaled, x) / scales]
    found = factor.solve(right)
    return x + found[: system.size] * scaled.unit, found[system.size :], factor, scales


def gauss_newton(system: System, scaled: Scaled, at: Floats) -> tuple[Floats, Floats, Factor, Floats, int, bool]:
    """Iterate to the solution: x, multipliers (scaled), the last factor, scales of the equations, steps, converged.

    What nothing determines may wander for ever along the equations; the iteration has come to rest when the measured
    quantities and what is left of the equations have, two steps running: they decide all that can be observed.
    """
    x = start(system, scaled, at)
    previous = np.inf
    resting = 0
    left = residual(system, scaled, x)
    nonlinear = len(system.products) > 0
    converged = False
    steps = 0
    for number in range(1, _STEPS + 1):
        steps = number
        new, multipliers, factor, scales = _step(system, scaled, x, x)
        step = new - x
        relative = np.abs(step) / np.maximum(scaled.unit, np.abs(x))
        size = float(np.max(relative, initial=0.0))
        if nonlinear and number > 1 and size > 4 * previous:
            new = x + step / 2  # a step that grows overshoots: go half the way
        previous = size
        moved = float(np.max(relative[scaled.usable], initial=0.0))
        x, before, left = new, left, residual(system, scaled, new)
        noise = np.maximum(_REST, 1e-12 * _magnitudes(system, scaled, x) / scales)
        still = moved < _REST and bool(np.all(np.abs(left - before) <= noise * scales))
        resting = resting + 1 if still else 0
        if size < 1e-12 or (number > 8 and size < 1e-9) or resting > 1:
            converged = True
            break
    return x, multipliers, factor, scales, steps, converged


def solve_equations(system: System, fixed: Bools, at: Floats, engine: Engine = "auto") -> Solution:
    """Solve a network with further equations; ``fixed`` variables stand at ``at`` (exact ones, active bounds)."""
    scaled = scale(system, fixed)
    x, multipliers, factor, scales, steps, converged = gauss_newton(system, scaled, at)
    size, count = system.size, len(scales)
    jac = jacobian(system, scaled, x)
    large = size + count > _ALL_COLUMNS
    if large:
        entries, diagonal, softness = _selected(system, scaled, jac, scales, fixed, engine)
        inverse = None
        # Where weights cancelled or may have, the refined factor gives the column of the inverse itself.
        weight = EASE if size + count <= 4 * _ALL_COLUMNS else _EASE_LARGE
        doubtful = np.flatnonzero(scaled.free & ((diagonal[:size] < _CERTAIN) | (softness > _DOUBTFUL)))
        for start_at in range(0, len(doubtful), 256):
            numbers = doubtful[start_at : start_at + 256]
            units = np.zeros((size + count, len(numbers)))
            units[numbers, np.arange(len(numbers))] = 1.0
            found = factor.solve(units)
            diagonal[numbers] = found[numbers, np.arange(len(numbers))]
            squares = (found[:size][scaled.free] ** 2).sum(axis=0)
            softness[numbers] = weight * squares / np.maximum(diagonal[numbers], 1e-300)
    else:
        inverse = factor.solve(np.eye(size + count))
        entries = None
        diagonal = np.diag(inverse).copy()
        columns_free = np.flatnonzero(scaled.free)
        squares = (inverse[:size, columns_free] ** 2).sum(axis=1)
        softness = EASE * squares / np.maximum(diagonal[:size], 1e-300)  # - d ln(variance) / d ln(EASE)
    covariance = diagonal[:size]
    listed = scaled.precision.tocoo()
    rows, columns, weights = listed.row.astype(np.int64), listed.col.astype(np.int64), listed.data
    if inverse is not None:
        pairs = sp.csr_array((inverse[rows, columns], (rows, columns)), shape=(size, size))
    else:
        assert entries is not None
        pairs = sp.csr_array((entries.at(rows, columns), (rows, columns)), shape=(size, size))
    precision = sp.csr_array((weights, (rows, columns)), shape=(size, size))
    own_precision = precision.diagonal()
    checked = own_precision - (precision @ pairs @ precision).diagonal()
    # Share of each measurement that the equations decide; their sum is the number of degrees of freedom.
    shares = np.where(scaled.usable, 1 - (precision @ pairs).diagonal(), 0.0)

    observable = scaled.usable | fixed
    observable = observable | (scaled.free & ((softness < UNOBSERVABLE) | (covariance < _CERTAIN)))
    redundant = scaled.usable & (checked > _CHECKED * np.maximum(own_precision, 1e-300))
    least = 1e-8 if large else 1e-14  # what softness and rounding alone leave is no variance
    variance = np.where(fixed | (covariance < least), 0.0, covariance) * scaled.unit**2
    variance = np.where(scaled.usable & ~redundant & (own_precision > 0), system.sd**2, variance)
    variance[~observable] = np.nan

    gap = scaled.goal - np.where(scaled.usable, x / scaled.unit, 0.0)
    score = np.asarray(precision @ np.where(scaled.usable, gap, 0.0)) / scaled.unit
    spread = np.where(redundant, checked, 0.0) / scaled.unit**2
    nodes = len(system.nodes)
    balances = len(scaled.balance_nodes)
    leak_score, leak_spread = np.zeros(nodes), np.zeros(nodes)
    own_scale = scales[:balances]
    leak_score[scaled.balance_nodes] = multipliers[:balances] / own_scale
    inner = -diagonal[size : size + balances] / own_scale**2
    sure = -diagonal[size : size + balances] < 1e-3 / SLACK
    leak_spread[scaled.balance_nodes] = np.where(sure, np.maximum(inner, 0.0), 0.0)

    def all_scores(moved: Floats, measured_part: Floats) -> Floats:
        out = np.zeros(size + nodes)
        shift = measured_part - np.where(scaled.usable, moved[:size], 0.0)
        out[:size] = np.where(redundant, (precision @ shift) / scaled.unit, 0.0)
        out[size + scaled.balance_nodes] = moved[size : size + balances] / own_scale
        return out

    row_of_node = np.full(nodes, -1, np.int64)
    row_of_node[scaled.balance_nodes] = np.arange(balances)

    def column(number: int) -> Floats:
        right = np.zeros(size + count)
        unit_change = np.zeros(size)
        if number < size:
            unit_change[number] = 1 / scaled.unit[number]
            right[:size] = precision @ unit_change
        else:
            at_row = row_of_node[number - size]
            right[size + at_row] = -1 / own_scale[at_row]
        return all_scores(factor.solve(right), unit_change)

    def respond(change: Floats, extra: Floats) -> Floats:
        right = np.zeros(size + count)
        right[:size] = precision @ np.where(scaled.usable, change / scaled.unit, 0.0)
        if len(extra):
            right[size : size + balances] = -extra[scaled.balance_nodes] / own_scale
        moved = factor.solve(right)[:size] * scaled.unit
        return np.asarray(np.where(observable, moved, np.nan))

    tiny = 1e-12 * usual_sizes(system)
    x = np.where(np.abs(x) < tiny, 0.0, x)  # what rounding leaves of a zero
    left = residual(system, scaled, x) / np.maximum(_magnitudes(system, scaled, x), _least(system, scaled, tiny))
    wrong = np.flatnonzero(np.abs(left) > 1e-7)
    contradictions = tuple((name,) for name in dict.fromkeys(_row_name(system, scaled, int(row)) for row in wrong))
    if not converged and len(system.products):
        contradictions = ()  # what an unfinished iteration leaves open proves nothing
    elif len(wrong):
        # What stands in an equation that cannot hold is a compromise between exact values, not known at all.
        torn = np.zeros(size, bool)
        torn[jac.col[np.isin(jac.row, wrong)]] = True
        observable = observable & ~(torn & scaled.free)
        variance[~observable] = np.nan
    residuals, residual_variance = _nodal(system, scaled, nodes)
    gamma = float(np.where(scaled.usable, gap, 0.0) @ (precision @ np.where(scaled.usable, gap, 0.0)))
    return Solution(
        np.where(observable, x, np.nan),
        variance,
        observable,
        redundant,
        np.zeros(size, np.int8),
        _mates(scaled.free & ~observable, inverse),
        gamma,
        round(float(shares.sum())),
        steps,
        contradictions,
        Statistics(
            size,
            nodes,
            np.arange(nodes),
            np.r_[score, leak_score],
            np.r_[spread, leak_spread],
            residuals,
            residual_variance,
            column,
            respond,
        ),
        particular=x,
        converged=converged,
    )


def _selected(
    system: System, scaled: Scaled, jac: sp.coo_array, scales: Floats, fixed: Bools, engine: Engine
) -> tuple[Entries, Floats, Floats]:
    """Entries of the inverse on the pattern, its diagonal, and - d ln(variance) / d ln(ease) of each variable.

    The last comes from a second weight three times as large. A pivot that cancels to nothing moves off the diagonal;
    then somewhat larger weights are tried.
    """
    size = system.size
    for ease, slack in ((_EASE_LARGE, _SLACK_LARGE), (1e-8, 1e-8), (1e-7, 1e-9), (1e-6, 1e-8)):
        try:
            entries, harder = (
                selected_inverse(factorise(saddle(system, scaled, jac, scales, each, slack, fixed)), engine)
                for each in (ease, 3 * ease)
            )
        except RuntimeError:
            continue
        diagonal = entries.diagonal()
        smaller = np.maximum(harder.diagonal()[:size], 1e-300)
        return entries, diagonal, np.log(np.maximum(diagonal[:size], 1e-300) / smaller) / np.log(3)
    raise RuntimeError("no weight lets the system be factorised on its diagonal")


def _magnitudes(system: System, scaled: Scaled, x: Floats) -> Floats:
    """The size of the terms of each equation, to judge what is left of it."""
    p, q, r = system.products.T
    linear = abs(scaled.body) @ np.abs(x) + np.abs(scaled.right)
    return np.asarray(np.r_[linear, np.abs(x[p]) + np.abs(system.factors * x[q] * x[r])])


def _least(system: System, scaled: Scaled, tiny: Floats) -> Floats:
    """The size of terms below which an equation counts as 0 = 0."""
    p, _, _ = system.products.T
    return np.asarray(np.r_[np.maximum(1e3 * (abs(scaled.body) @ tiny), 1e-300), 1e3 * tiny[p]])


def _row_name(system: System, scaled: Scaled, row: int) -> str:
    balances = len(scaled.balance_nodes)
    if row < balances:
        return system.nodes[int(scaled.balance_nodes[row])].process
    row -= balances
    if row < len(system.row_names):
        return system.row_names[row]
    product = int(system.products[row - len(system.row_names), 0])
    return system.names[product].key


def _mates(unobservable: Bools, inverse: Floats | None) -> NDArray[np.uint64]:
    """Sets of unobservable quantities that determine each other: their softness is the same direction."""
    mates = np.zeros(len(unobservable), np.uint64)
    numbers = np.flatnonzero(unobservable)
    for order, number in enumerate(numbers):
        if mates[number]:
            continue
        mates[number] = order + 1
        if inverse is None:
            continue
        own = np.sqrt(inverse[number, number] * np.diag(inverse)[numbers])
        alike = np.abs(inverse[number, numbers]) > (1 - 1e-6) * own
        mates[numbers[alike & (mates[numbers] == 0)]] = order + 1
    return mates


def _nodal(system: System, scaled: Scaled, nodes: int) -> tuple[Floats, Floats]:
    """Surplus of each balance as measured and its variance; variance 0 where an unmeasured flow belongs to it."""
    balances = len(scaled.balance_nodes)
    body = sp.csr_array(scaled.body[:balances])
    x = np.where(scaled.usable, scaled.goal * scaled.unit, np.where(scaled.fixed, np.nan_to_num(system.value), 0.0))
    covariance = sp.dia_array((np.where(scaled.usable, system.sd, 0.0)[None, :] ** 2, [0]), shape=(system.size,) * 2)
    full = sp.csr_array(covariance)
    for first, second, coefficient in system.correlated:
        if scaled.usable[first] and scaled.usable[second]:
            term = coefficient * system.sd[first] * system.sd[second]
            full = full + sp.csr_array(
                ([term, term], ([first, second], [second, first])), shape=(system.size, system.size)
            )
    variance = np.asarray((body @ full).multiply(body).sum(axis=1)).ravel()
    open_ends = abs(body) @ scaled.free.astype(float)
    surplus, spread = np.zeros(nodes), np.zeros(nodes)
    surplus[scaled.balance_nodes] = body @ x
    spread[scaled.balance_nodes] = np.where(open_ends > 0, 0.0, variance)
    return surplus, spread

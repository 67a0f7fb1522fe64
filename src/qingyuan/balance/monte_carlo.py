"""Monte Carlo (蒙特卡洛): knowledge that is not normal (a bound, a range, a lognormal) carried through the balances.

Each draw takes every measurement from what is known of it (normal, lognormal, uniform, triangular; correlated ones
together) and reconciles the draw with the same weights. Where bounds hold, quantities that fall outside are held at
their bounds as in ``reconcile``. For normal knowledge and linear balances the spread of the results is that of the
linear theory; for the rest it shows the asymmetry that one standard deviation hides.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qingyuan.balance.equations import gauss_newton, scale
from qingyuan.balance.network import Known
from qingyuan.balance.reconciliation import solve
from qingyuan.balance.result import Reconciliation
from qingyuan.balance.solution import Floats
from qingyuan.balance.system import CONCENTRATION, FLOW, System, correlated_groups


@dataclass(frozen=True)
class Simulation:
    """Results of the draws (模拟结果) by variable: mean, sd, median and the ends of the middle 95 %.

    NaN where the balances do not determine the quantity. ``draws``: number that gave a solution.
    """

    result: Reconciliation
    draws: int
    mean: Floats
    sd: Floats
    median: Floats
    low: Floats
    high: Floats

    def number(self, key: str, layer: str = "", kind: str = FLOW) -> int:
        """The number of a variable by its key. Raises KeyError for an unknown one."""
        name = (kind, key, layer if kind != FLOW else layer or self.result.network.base.id)
        return self.result.system.index[name]  # type: ignore[index]

    def as_json(self) -> dict[str, Any]:
        """Give the flows of the base layer, and other layers and concentrations where there are any."""
        record: dict[str, Any] = {"draws": self.draws, "flows": self._of(FLOW, self.result.network.base.id)}
        others = [layer.id for layer in self.result.network.layers[1:]]
        if others:
            record["layers"] = {
                layer: {"flows": self._of(FLOW, layer), "concentrations": self._of(CONCENTRATION, layer)}
                for layer in others
            }
        return record

    def _of(self, kind: str, layer: str) -> dict[str, dict[str, float | None]]:
        found = {}
        for number, name in enumerate(self.result.system.names):
            if name.kind == kind and name.layer == layer:
                values = (self.mean, self.sd, self.median, self.low, self.high)
                numbers = [None if np.isnan(each[number]) else float(each[number]) for each in values]
                found[name.key] = dict(zip(("mean", "sd", "median", "low", "high"), numbers, strict=True))
        return found


def draw(known: Known, count: int, random: np.random.Generator, normal: Floats) -> Floats:
    """Draw ``count`` values of what is known; ``normal`` are the standard normal numbers that a normal one uses.

    A lognormal has ``value`` as its mean and ``sd`` as its standard deviation.
    """
    if known.shape == "uniform" and known.low is not None and known.high is not None:
        return random.uniform(known.low, known.high, count)
    if known.shape == "triangular" and known.low is not None and known.high is not None:
        mode = (known.low + known.high) / 2 if known.value is None else known.value
        return random.triangular(known.low, mode, known.high, count)
    if known.shape == "lognormal":
        spread = np.log1p((known.deviation / known.mean) ** 2)
        return np.asarray(np.exp(np.log(known.mean) - spread / 2 + np.sqrt(spread) * normal))
    return known.mean + known.deviation * normal


def simulate(result: Reconciliation, draws: int = 2_000, *, seed: int = 1, bounds: bool = True) -> Simulation:
    """Draw what is known ``draws`` times and reconcile each; the draws are the same for the same seed.

    Draws of linear networks use the factor at hand; those that leave a bound are solved anew. Raises ValueError for
    fewer than two draws.
    """
    if draws < 2:
        raise ValueError("at least two draws are needed")
    system = result.system
    random = np.random.default_rng(seed)
    measured = np.flatnonzero(system.measured)
    samples = np.tile(np.where(np.isnan(system.value), 0.0, system.value), (draws, 1))
    normals = random.standard_normal((draws, len(measured)))
    place = {int(number): at for at, number in enumerate(measured)}
    for members in correlated_groups(system.correlated):
        columns = [place[member] for member in members]
        matrix = np.eye(len(members))
        for first, second, coefficient in system.correlated:
            if first in members:
                row, column = members.index(first), members.index(second)
                matrix[row, column] = matrix[column, row] = coefficient
        normals[:, columns] = normals[:, columns] @ np.linalg.cholesky(matrix).T
    for at, number in enumerate(measured):
        samples[:, number] = draw(system.known[number], draws, random, normals[:, at])
    values = _solve_all(result, samples, bounds)
    kept = ~np.isnan(values).all(axis=1)
    values = values[kept]
    seen = ~np.isnan(values).any(axis=0)
    out = np.full((5, system.size), np.nan)
    if seen.any():
        part = values[:, seen]
        out[0, seen], out[1, seen] = part.mean(axis=0), part.std(axis=0, ddof=1)
        alike = np.ptp(part, axis=0) == 0  # the mean of equal numbers rounds
        out[0, np.flatnonzero(seen)[alike]], out[1, np.flatnonzero(seen)[alike]] = part[0, alike], 0.0
        out[2, seen], out[3, seen], out[4, seen] = np.quantile(part, [0.5, 0.025, 0.975], axis=0)
    return Simulation(result, len(values), *out)


def _solve_all(result: Reconciliation, samples: Floats, bounds: bool) -> Floats:
    """Reconciled values of each draw; linear ones as changes from the solution at hand."""
    system = result.system
    values = np.full(samples.shape, np.nan)
    base = solve(system, bounds=False)
    if len(system.products):
        scaled = scale(system, system.exact)
        at = np.where(system.exact, system.value, 0.0)
        for row, sample in enumerate(samples):
            goal = np.where(scaled.usable, sample, 0.0) / scaled.unit
            x, *_, converged = gauss_newton(_with_values(system, sample), replace(scaled, goal=goal), at)
            values[row] = np.where(base.observable & converged, x, np.nan)
    else:
        respond, none = base.statistics.respond, np.zeros(base.statistics.groups)
        start = np.where(np.isnan(system.value), 0.0, system.value)
        for row, sample in enumerate(samples):
            values[row] = base.value + respond(sample - start, none)
    if not bounds:
        return values
    slack = 1e-9 * np.maximum(np.abs(np.nan_to_num(base.value)), 1e-300)
    with np.errstate(invalid="ignore"):
        outside = (values < system.low - slack) | (values > system.high + slack)
    # Undetermined quantities may force bounds of their own: then every draw is solved by itself.
    forced = bool(result.solution.active.any() and not base.observable.all())
    for row in np.flatnonzero(outside.any(axis=1) | forced).tolist():
        found = solve(_with_values(system, samples[row]))
        values[row] = found.value if found.converged and not found.contradictions else np.nan
    return values


def _with_values(system: System, sample: Floats) -> System:
    return replace(system, value=np.where(np.isnan(system.value), np.nan, sample))

"""The same problems by dense algebra, written apart from the engine: null spaces, pseudo-inverses, no graphs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Dense:
    value: Floats
    sd: Floats
    observable: Bools
    redundant: Bools
    gamma: float
    dof: int
    z: Floats


def null_space(matrix: Floats, tolerance: float = 1e-9) -> Floats:
    """Orthonormal columns that span the null space."""
    rows, columns = matrix.shape
    if not rows:
        return np.eye(columns)
    _, singular, right = np.linalg.svd(matrix)
    rank = int((singular > tolerance * max(singular.max(initial=0), 1e-300)).sum())
    return right[rank:].T


def reconcile_linear(body: Floats, right: Floats, value: Floats, covariance: Floats) -> Dense:
    """Least squares under body @ x = right; value NaN for unmeasured. Variables are scaled by the caller if needed."""
    size = len(value)
    measured = ~np.isnan(value)
    # All solutions: x = particular + basis @ t.
    particular = np.linalg.lstsq(body, right, rcond=None)[0] if len(body) else np.zeros(size)
    basis = null_space(body)
    root = np.linalg.inv(np.linalg.cholesky(covariance[np.ix_(measured, measured)]))
    seen = root @ basis[measured]
    goal = root @ (value[measured] - particular[measured])
    step, *_ = np.linalg.lstsq(seen, goal, rcond=1e-10)
    x = particular + basis @ step
    # Directions of t that no measurement sees: what they move is unobservable.
    blind = basis @ null_space(seen)
    observable = np.linalg.norm(blind, axis=1) < 1e-7 if blind.size else np.ones(size, bool)
    spread = basis @ np.linalg.pinv(seen, rcond=1e-10) @ np.linalg.pinv(seen, rcond=1e-10).T @ basis.T
    full = np.diag(spread).copy()
    redundant = np.zeros(size, bool)
    z = np.full(size, np.nan)
    residual = root @ (value - x)[measured]
    hat = seen @ np.linalg.pinv(seen, rcond=1e-10)
    score = root.T @ residual
    score_variance = np.diag(root.T @ (np.eye(len(hat)) - hat) @ root)
    own = np.diag(root.T @ root)
    checked = score_variance > 1e-8 * own
    numbers = np.flatnonzero(measured)
    redundant[numbers] = checked
    z[numbers[checked]] = np.abs(score[checked]) / np.sqrt(score_variance[checked])
    sd = np.sqrt(np.maximum(full, 0))
    sd[~observable] = np.nan
    x = np.where(observable, x, np.nan)
    dof = round(len(hat) - np.trace(hat))
    return Dense(x, sd, observable, redundant, float(residual @ residual), dof, z)

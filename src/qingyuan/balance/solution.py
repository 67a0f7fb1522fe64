"""What every way of solving gives back (解): arrays by variable, and the statistics that the tests need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Statistics:
    """Scores of possible errors and their covariance (检验统计量).

    A possible error is a direction: the measurement of variable j (number j) or a leak at group g of nodes (number
    ``size`` + g). With the residuals r of the balances and their covariance V, the score of a direction a is
    s = a' V^-1 r and its variance ``spread`` = a' V^-1 a; the error that explains best is s / spread, and it takes
    s^2 / spread off the weighted sum of squares. Spread 0: nothing checks it. ``column`` gives the covariance of one
    score with all others; ``respond(dy, dr)`` what changes in x when measurements change by dy and the surplus of
    groups by dr. ``group``: by node the group whose balance it shares (nodes joined by unmeasured flows), -1 for none.
    ``residual``, ``residual_variance``: by group, for the nodal test.
    """

    size: int
    groups: int
    group: Ints
    score: Floats
    spread: Floats
    residual: Floats
    residual_variance: Floats
    column: Callable[[int], Floats]
    respond: Callable[[Floats, Floats], Floats]


@dataclass(frozen=True)
class Solution:
    """The reconciled network in arrays by variable.

    ``value`` (NaN where unobservable), ``variance``, ``observable``, ``redundant`` (of measured ones), ``active`` (-1
    at the lower bound, 1 at the upper), ``mates``: equal non-zero numbers for unobservable flows that one meter on any
    of them would make observable. ``gamma``: weighted sum of squares; ``dof``: its degrees of freedom. ``iterations``
    of the nonlinear solution; ``contradictions``: places (names) whose equations cannot hold together. ``particular``:
    values of all variables of which some are one choice of many. ``converged``: whether the iteration came to rest.
    """

    value: Floats
    variance: Floats
    observable: Bools
    redundant: Bools
    active: NDArray[np.int8]
    mates: NDArray[np.uint64]
    gamma: float
    dof: int
    iterations: int
    contradictions: tuple[tuple[str, ...], ...]
    statistics: Statistics
    particular: Floats | None = None
    converged: bool = True

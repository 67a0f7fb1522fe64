"""Sparse symmetric systems: one factorisation, many solutions, and the entries of the inverse that tests need.

The factorisation is SuperLU in its symmetric mode (ordering by minimum degree of A + A', pivots on the diagonal). The
entries of the inverse on the pattern of the factor follow from Takahashi's recursion (选择求逆; Takahashi, Fagan and
Chen 1973; Erisman and Tinney 1975), column by column from the last: with numpy, or with the compiled kernel where
numba is installed (extra ``fast``). Both give the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import splu

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Engine = Literal["auto", "numpy", "numba"]
Kernel = Callable[[Ints, Ints, Floats, Floats], Floats]

_TOGETHER = 8  # right-hand sides at a time: for many more the threads of BLAS cost 50 times what they gain


@dataclass(frozen=True)
class Factor:
    """A factorised symmetric matrix (分解): ``solve`` for right-hand sides, of shape (n,) or (n, k)."""

    size: int
    lu: Any
    matrix: sp.csc_array

    def solve(self, right: Floats, *, refined: bool = True) -> Floats:
        """Solve; ``refined``: with one step of iterative refinement, which brings the residual to rounding."""
        if not self.size:
            return np.zeros_like(right)
        if right.ndim == 2 and right.shape[1] > _TOGETHER:
            starts = range(0, right.shape[1], _TOGETHER)
            return np.hstack([self.solve(right[:, start : start + _TOGETHER], refined=refined) for start in starts])
        found = self.lu.solve(right)
        if not refined:
            return np.asarray(found)
        return np.asarray(found + self.lu.solve(right - self.matrix @ found))


@dataclass(frozen=True)
class Entries:
    """Entries of an inverse on a known pattern: ``keys`` = column x size + row of the lower triangle, sorted."""

    size: int
    keys: Ints
    values: Floats
    place: Ints  # place[original index] = index in the order of elimination

    def at(self, rows: Ints, columns: Ints) -> Floats:
        """Entries at pairs of original indices. Raises KeyError for a pair outside the pattern."""
        first, second = self.place[rows], self.place[columns]
        keys = np.minimum(first, second) * np.int64(self.size) + np.maximum(first, second)
        found = np.searchsorted(self.keys, keys)
        found = np.minimum(found, max(len(self.keys) - 1, 0))
        if len(keys) and not np.array_equal(self.keys[found], keys):
            raise KeyError("an entry outside the pattern of the factor")
        return self.values[found]

    def diagonal(self) -> Floats:
        """The diagonal of the inverse, in the original order."""
        everything = np.arange(self.size)
        return self.at(everything, everything)


def symmetric(matrix: sp.csc_array) -> sp.csc_array:
    """The matrix as sorted CSC with int32 indices, as SuperLU wants it; explicit zeros stay."""
    out = sp.csc_array(matrix)
    out.sort_indices()
    out.indices = out.indices.astype(np.int32)
    out.indptr = out.indptr.astype(np.int32)
    return out


def factorise(matrix: sp.csc_array) -> Factor:
    """Factorise a symmetric matrix whose pivots may stand on the diagonal (definite or quasi-definite).

    Explicit zeros in the pattern count as entries. Raises RuntimeError (of SuperLU) for a singular matrix.
    """
    ready = symmetric(matrix)
    size = ready.shape[0]
    if not size:
        return Factor(0, None, ready)
    lu = splu(ready, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True, "Equil": False})
    return Factor(size, lu, ready)


def factorise_pivoting(matrix: sp.csc_array) -> Factor:
    """Factorise with partial pivoting: for indefinite systems whose diagonal may not serve as pivots."""
    ready = symmetric(matrix)
    size = ready.shape[0]
    return Factor(size, splu(ready, permc_spec="COLAMD") if size else None, ready)


@lru_cache(maxsize=1)
def numba_available() -> bool:
    """Whether the compiled kernel can be used."""
    try:
        import numba  # noqa: F401
    except ImportError:
        return False
    return True


def selected_inverse(factor: Factor, engine: Engine = "auto", *, positive: bool = False) -> Entries:
    """Entries of the inverse on the pattern of the factor (both triangles are one: the inverse is symmetric).

    ``positive``: no entry of the factor can vanish by cancellation (a Laplacian without explicit zeros), so that the
    pattern need not be worked out again: SuperLU gives back the non-zero entries only.

    ``engine``: ``numba`` compiles once (some seconds) and pays from some 10^4 columns; ``auto`` uses it there.
    Raises RuntimeError where SuperLU had to pivot off the diagonal.
    """
    size = factor.size
    if not size:
        return Entries(0, np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64))
    lu = factor.lu
    if not np.array_equal(lu.perm_r, lu.perm_c):
        raise RuntimeError("the factorisation pivoted off the diagonal")
    lower = lu.L.tocsc()
    lower.sort_indices()
    pivots = lu.U.diagonal()
    place = np.asarray(lu.perm_c, np.int64)
    starts, rows = lower.indptr.astype(np.int64), lower.indices.astype(np.int64)
    data = np.asarray(lower.data, np.float64)
    if not positive:
        starts, rows, data = _filled(factor.matrix, place, starts, rows, data)
    kernel: Kernel = _numpy_kernel
    if engine == "numba" or (engine == "auto" and size >= 20_000 and numba_available()):
        kernel = _compiled()
    values = kernel(starts, rows, data, np.asarray(pivots, np.float64))
    columns = np.repeat(np.arange(size, dtype=np.int64), np.diff(starts))
    return Entries(size, columns * size + rows, values, place)


def _filled(matrix: sp.csc_array, place: Ints, starts: Ints, rows: Ints, data: Floats) -> tuple[Ints, Ints, Floats]:
    """The factor with its whole structural pattern: the rows of a column are its own and those of its children."""
    size = len(place)
    coordinates = matrix.tocoo()
    first, second = place[coordinates.row], place[coordinates.col]
    below = first > second
    order = np.lexsort((first[below], second[below]))
    own_rows = first[below][order]
    own_starts = np.r_[0, np.cumsum(np.bincount(second[below], minlength=size))].tolist()
    waiting: list[list[Ints]] = [[] for _ in range(size)]
    patterns: list[Ints] = []
    for column in range(size):
        pieces = waiting[column]
        begin, end = own_starts[column], own_starts[column + 1]
        if begin < end or not pieces:
            pieces.append(own_rows[begin:end])
        pattern = pieces[0]
        if len(pieces) > 1:
            both = np.concatenate(pieces)
            both.sort()
            fresh = both[1:] != both[:-1]
            pattern = np.concatenate((both[:1], both[1:][fresh]))
        waiting[column] = []
        patterns.append(pattern)
        if len(pattern) > 1:
            waiting[int(pattern[0])].append(pattern[1:])
    lengths = np.array([len(pattern) + 1 for pattern in patterns], np.int64)
    new_starts = np.r_[0, np.cumsum(lengths)]
    new_rows = np.empty(new_starts[-1], np.int64)
    diagonal = new_starts[:-1]
    new_rows[diagonal] = np.arange(size)
    inner = np.ones(len(new_rows), bool)
    inner[diagonal] = False
    new_rows[inner] = np.concatenate(patterns) if patterns else np.zeros(0, np.int64)
    keys = np.repeat(np.arange(size), lengths) * size + new_rows
    new_data = np.zeros(len(new_rows))
    new_data[np.searchsorted(keys, np.repeat(np.arange(size), np.diff(starts)) * size + rows)] = data
    return new_starts, new_rows, new_data


def _numpy_kernel(starts: Ints, rows: Ints, data: Floats, pivots: Floats) -> Floats:
    """Takahashi's recursion with a dense block per column: its rows are among its parent's rows and the parent."""
    size = len(starts) - 1
    values = np.zeros(len(data))
    blocks: list[Floats | None] = [None] * size  # inverse on {column} + its rows
    children = np.zeros(size, np.int64)
    bounds = starts.tolist()
    for column in range(size):
        if bounds[column + 1] - bounds[column] > 1:
            children[rows[bounds[column] + 1]] += 1
    waiting = children.tolist()
    for column in range(size - 1, -1, -1):
        begin, end = bounds[column], bounds[column + 1]
        pattern = rows[begin:end]
        if end - begin == 1:
            block = np.array([[1.0 / pivots[column]]])
        else:
            parent = int(pattern[1])
            outer = blocks[parent]
            assert outer is not None
            around = rows[bounds[parent] : bounds[parent + 1]]
            inner = around.searchsorted(pattern[1:])
            if inner[-1] >= len(around) or (around[inner] != pattern[1:]).any():
                raise RuntimeError("the pattern of the factor is not closed")
            rest = outer[inner[:, None], inner]
            left = data[begin + 1 : end]
            beside = -(rest @ left)
            block = np.empty((end - begin, end - begin))
            block[1:, 1:] = rest
            block[0, 1:] = block[1:, 0] = beside
            block[0, 0] = 1.0 / pivots[column] - left @ beside
            waiting[parent] -= 1
            if not waiting[parent]:
                blocks[parent] = None
        values[begin:end] = block[0]
        if waiting[column]:
            blocks[column] = block
    return values


@lru_cache(maxsize=1)
def _compiled() -> Kernel:
    import numba

    @numba.njit(cache=True)
    def kernel(starts: Ints, rows: Ints, data: Floats, pivots: Floats) -> Floats:
        size = len(starts) - 1
        values = np.zeros(len(data))
        found = np.zeros(size)  # sum of inverse x factor by row, for the column at hand
        mark = np.full(size, -1, np.int64)
        for column in range(size - 1, -1, -1):
            begin, end = starts[column], starts[column + 1]
            for at in range(begin + 1, end):
                mark[rows[at]] = at
                found[rows[at]] = 0.0
            for at in range(begin + 1, end):
                row = rows[at]
                weight = data[at]
                found[row] += values[starts[row]] * weight
                for other in range(starts[row] + 1, starts[row + 1]):
                    lower = rows[other]
                    if mark[lower] >= 0:
                        found[lower] += values[other] * weight
                        found[row] += values[other] * data[mark[lower]]
            total = 1.0 / pivots[column]
            for at in range(begin + 1, end):
                values[at] = -found[rows[at]]
                total -= data[at] * values[at]
            values[begin] = total
            for at in range(begin + 1, end):
                mark[rows[at]] = -1
        return values

    return kernel

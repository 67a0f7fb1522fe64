"""The fused pass over plants that all rows apply to: every index, limiting rule and failure count in one integer.

A plan whose weights do not depend on the plant is packed: each row adds one int64 constant per level that it meets.
The constant holds, side by side in bit fields, the row's exact integer weight and a one for each rule that requires
the row at that level; so one comparison of a field with a number decides "index reached and limiting rows met", and
85 and 100 are equalities. Two ways carry it out, with the same answer:

- numpy: a byte per row and plant says how many levels are met (0-3); four rows make an index into a table of 256
  sums;
- numba (optional extra ``fast``): one compiled loop per column from numbers to sums.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from qingyuan.standards.columns.plan import NONE, UNDECIDED, Pattern, Plan

Engine = Literal["auto", "numpy", "numba"]

FIELD_BITS = 62  # of an int64 accumulator
LARGEST_TOTAL = 2**50  # sums times 100 stay exact in float64

Codes = NDArray[np.uint8]
Sums = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Field:
    """One number inside an accumulator: ``(sums[accumulator] >> shift) & mask``; ``low`` bits hold the weight sum."""

    accumulator: int
    shift: int
    mask: int
    low: int


@dataclass(frozen=True)
class Packed:
    """A plan with fixed weights, packed (打包后的计划).

    ``adds``: shape (accumulators, rows, 3), what a row adds where it meets I, II, III (each met level adds its own).
    ``start``: what every plant has. ``indices``: field of Y_I, Y_II, Y_III. ``cuts``: by rule (level, least value of
    the field that meets the level). ``failures``: field that counts the limiting rows in order; ``limiting`` is their
    number. ``scale``: Y = 100 x sum / scale.
    """

    adds: NDArray[np.int64]
    start: NDArray[np.int64]
    indices: tuple[Field, Field, Field]
    cuts: tuple[tuple[int, int], ...]
    failures: Field
    limiting: int
    scale: int
    cap: float | None
    undecided: bool
    tables: tuple[tuple[NDArray[np.int64], ...], ...]

    @property
    def accumulators(self) -> int:
        """Number of int64 sums per plant."""
        return int(self.adds.shape[0])


def failing_level(plan: Plan, position: int) -> int | None:
    """The best level (0, 1, 2) that the limiting rules ask of a row and that it does not meet for nothing; or None."""
    row = plan.rows[position]
    asked = [rule.limiting for rule in plan.rules if not row.free[rule.limiting]]
    return min(asked, default=None)


def pack(plan: Plan, pattern: Pattern) -> Packed | None:
    """Pack a plan for one pattern of weights; None where weights are shared, unread or too fine for 50 bits."""
    top = sum(pattern.weights)
    if pattern.refused or pattern.unweighted or any(pattern.shared) or top >= LARGEST_TOTAL:
        return None
    judged = [row for row in plan.rows if not row.bonus and not row.open]
    requirements: list[list[tuple[int, int]]] = [[], [], []]  # by rule's level: (row, level asked)
    for rule in plan.rules:
        for row in judged:
            asked = rule.limiting if row.indicator.limiting else rule.others
            if asked is not None:
                requirements[rule.level].append((row.position, asked))
    limiting = [row.position for row in judged if row.indicator.limiting]

    low = max(top.bit_length(), 1)
    widths = [low + len(each).bit_length() for each in requirements] + [max(len(limiting).bit_length(), 1)]
    fields: list[Field] = []
    accumulator = shift = 0
    for position, width in enumerate(widths):
        if shift + width > FIELD_BITS:
            accumulator, shift = accumulator + 1, 0
        fields.append(Field(accumulator, shift, (1 << width) - 1, low if position < 3 else 0))
        shift += width

    adds = np.zeros((accumulator + 1, len(plan.rows), 3), np.int64)
    start = np.zeros(accumulator + 1, np.int64)

    def add(field: Field, position: int, level: int, amount: int) -> None:
        if plan.rows[position].free[level]:
            start[field.accumulator] += amount << field.shift
        else:
            adds[field.accumulator, position, level] += amount << field.shift

    for position, weight in enumerate(pattern.weights):
        for level in range(3):
            add(fields[level], position, level, weight)
    for level, asked_rows in enumerate(requirements):
        for position, asked in asked_rows:
            add(fields[level], position, asked, 1 << low)
    for position in limiting:
        worst = failing_level(plan, position)
        if worst is None:
            start[fields[3].accumulator] += 1 << fields[3].shift
        else:
            adds[fields[3].accumulator, position, worst] += 1 << fields[3].shift
    cuts = tuple(
        (rule.level, (len(requirements[rule.level]) << low) + (1 << low if limit is None else math.ceil(limit)))
        for rule, limit in zip(plan.rules, pattern.limits, strict=True)
    )
    return Packed(
        adds=adds,
        start=start,
        indices=(fields[0], fields[1], fields[2]),
        cuts=cuts,
        failures=fields[3],
        limiting=len(limiting),
        scale=pattern.total,
        cap=None if plan.cap is None else float(plan.cap),
        undecided=len(plan.rules) < 3,
        tables=tuple(_tables(adds[each]) for each in range(accumulator + 1)),
    )


def _tables(adds: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
    """For each four rows the sum of their constants by code: two bits per row, the first row lowest."""
    found: list[NDArray[np.int64]] = []
    for first in range(0, adds.shape[0], 4):
        table = np.zeros(256, np.int64)
        codes = np.arange(256)
        for place, (best, middle, worst) in enumerate(adds[first : first + 4]):
            by_code = np.array([0, worst, worst + middle, worst + middle + best], np.int64)
            table += by_code[codes >> 2 * place & 3]
        found.append(table)
    return tuple(found)


# --- numpy -----------------------------------------------------------------------------------------------------------


class Buffers:
    """Scratch memory for one block of plants, made once and used for every block."""

    def __init__(self, rows: int, accumulators: int = 1) -> None:
        self.flags = np.empty(rows, np.bool_)
        self.codes = np.empty(rows, np.uint8)
        self.word = np.empty(rows, np.uint8)
        self.looked_up = np.empty(rows, np.int64)
        self.sums = np.empty((accumulators, rows), np.int64)
        self.reached = np.empty((3, rows), np.bool_)


def code_numbers(
    x: Floats, limits: tuple[float, float, float], lower: bool, out: Codes, flags: NDArray[np.bool_]
) -> None:
    """How many levels each number meets (0-3) into ``out``; NaN meets none. ``limits``: of I, II, III."""
    compare = np.less_equal if lower else np.greater_equal
    compare(x, limits[2], out=out.view(np.bool_))
    met = flags.view(np.uint8)
    if limits[1] == limits[2]:
        np.copyto(met, out)
    else:
        compare(x, limits[1], out=flags)
    np.add(out, met, out=out)
    if limits[0] != limits[1]:
        compare(x, limits[0], out=flags)
    np.add(out, met, out=out)


def sum_codes(packed: Packed, coders: list[Callable[[Codes], None] | None], buffers: Buffers, rows: int) -> Sums:
    """The accumulators of a block, shape (accumulators, rows).

    ``coders``: by row a function that writes the block's codes; None for a row that meets nothing anywhere.
    """
    sums = buffers.sums[:, :rows]
    codes, word, looked_up = buffers.codes[:rows], buffers.word[:rows], buffers.looked_up[:rows]
    sums[:] = packed.start[:, None]
    for index in range(0, len(coders), 4):
        fresh = True
        for coder in reversed(coders[index : index + 4]):
            if fresh:
                if coder is not None:
                    coder(word)
                    fresh = False
                continue
            np.multiply(word, 4, out=word)
            if coder is not None:
                coder(codes)
                np.bitwise_or(word, codes, out=word)
        if fresh:
            continue
        for accumulator, tables in enumerate(packed.tables):
            np.take(tables[index // 4], word, out=looked_up, mode="clip")
            np.add(sums[accumulator], looked_up, out=sums[accumulator])
    return sums


def finish(packed: Packed, sums: Sums, y: Floats, level: Codes, failures: NDArray[np.int16], buffers: Buffers) -> None:
    """Indices, level and number of limiting failures of a block from its accumulators; ``y`` has shape (3, rows)."""
    rows = sums.shape[1]
    value, reached = buffers.looked_up[:rows], buffers.reached[:, :rows]
    cuts = dict(packed.cuts)
    for place, field in enumerate(packed.indices):
        np.right_shift(sums[field.accumulator], field.shift, out=value)
        np.bitwise_and(value, field.mask, out=value)
        np.greater_equal(value, cuts.get(place, field.mask + 1), out=reached[place])
        np.bitwise_and(value, (1 << field.low) - 1, out=value)
        np.multiply(value, 100.0, out=y[place])
        np.divide(y[place], packed.scale, out=y[place])
        if packed.cap is not None:
            np.minimum(y[place], packed.cap, out=y[place])
    level[:] = UNDECIDED if packed.undecided else NONE
    if not packed.undecided:
        for place in (2, 1, 0):
            np.putmask(level, reached[place], np.uint8(place + 1))
    field = packed.failures
    np.right_shift(sums[field.accumulator], field.shift, out=value)
    np.bitwise_and(value, field.mask, out=value)
    np.subtract(packed.limiting, value, out=failures, casting="unsafe")


# --- numba -----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def numba_available() -> bool:
    """Whether the optional compiler is installed."""
    try:
        import numba  # noqa: F401
    except ImportError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Compiled:
    """The compiled loops.

    ``add_one(x, s, t1, t2, t3, c1, c2, c3, sums)`` adds the constant c of each level that a number meets, s·x <= t with
    s = 1 where less is better and -1 where more is (bounds t times s); ``add_two`` does two columns in one pass over
    the sums; both return how many numbers are infinite. ``add_codes(codes, c1, c2, c3, sums)``: codes 0-3. ``finish``:
    what ``kernel.finish`` does for one accumulator.
    """

    add_one: Callable[..., Any]
    add_two: Callable[..., Any]
    add_codes: Callable[..., Any]
    finish: Callable[..., Any]


@lru_cache(maxsize=1)
def compiled() -> Compiled:
    """The compiled loops, made at the first use (about two seconds)."""
    import numba

    jit = numba.njit(nogil=True)

    @jit
    def add_one(x, s, t1, t2, t3, c1, c2, c3, sums):  # type: ignore[no-untyped-def]
        infinite = 0
        for i in range(sums.size):
            v = s * x[i]
            sums[i] += (c1 if v <= t1 else 0) + (c2 if v <= t2 else 0) + (c3 if v <= t3 else 0)
            infinite += abs(v) == np.inf
        return infinite

    @jit
    def add_two(x, s, t1, t2, t3, c1, c2, c3, y, r, u1, u2, u3, d1, d2, d3, sums):  # type: ignore[no-untyped-def]
        infinite = 0
        for i in range(sums.size):
            v = s * x[i]
            w = r * y[i]
            first = (c1 if v <= t1 else 0) + (c2 if v <= t2 else 0) + (c3 if v <= t3 else 0)
            second = (d1 if w <= u1 else 0) + (d2 if w <= u2 else 0) + (d3 if w <= u3 else 0)
            sums[i] += first + second
            infinite += (abs(v) == np.inf) | (abs(w) == np.inf)
        return infinite

    @jit
    def add_codes(codes, c1, c2, c3, sums):  # type: ignore[no-untyped-def]
        for i in range(codes.size):
            v = codes[i]
            sums[i] += (c1 if v >= 3 else 0) + (c2 if v >= 2 else 0) + (c3 if v >= 1 else 0)

    @jit
    def finish(sums, shifts, masks, lows, scale, cap, cuts, limiting, y, level, failures):  # type: ignore[no-untyped-def]
        for i in range(sums.size):
            value = sums[i]
            best = value >> shifts[0] & masks[0]
            middle = value >> shifts[1] & masks[1]
            worst = value >> shifts[2] & masks[2]
            y[0, i] = min(cap, (best & lows[0]) * 100.0 / scale)
            y[1, i] = min(cap, (middle & lows[1]) * 100.0 / scale)
            y[2, i] = min(cap, (worst & lows[2]) * 100.0 / scale)
            level[i] = 1 if best >= cuts[0] else (2 if middle >= cuts[1] else (3 if worst >= cuts[2] else 0))
            failures[i] = limiting - (value >> shifts[3] & masks[3])

    return Compiled(add_one, add_two, add_codes, finish)


def finish_compiled(
    packed: Packed, sums: Sums, y: Floats, level: Codes, failures: NDArray[np.int16], buffers: Buffers
) -> None:
    """``finish`` by the compiled loop where one accumulator holds everything."""
    if packed.accumulators > 1 or packed.undecided:
        finish(packed, sums, y, level, failures, buffers)
        return
    fields = (*packed.indices, packed.failures)
    compiled().finish(
        sums[0],
        np.array([field.shift for field in fields]),
        np.array([field.mask for field in fields]),
        np.array([(1 << field.low) - 1 for field in fields]),
        float(packed.scale),
        np.inf if packed.cap is None else packed.cap,
        np.array([cut for _, cut in sorted(packed.cuts)]),
        packed.limiting,
        y,
        level,
        failures,
    )

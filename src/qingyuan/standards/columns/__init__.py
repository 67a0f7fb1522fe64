"""Scoring many plants held in arrays (成批评价): numpy in cache-sized blocks, an optional compiled kernel.

Takes every feature of tables of three levels: limiting and other rows, blocks by count, equally, by output and of
unknown split, renormalisation, open rows, strict bounds, formula levels and weights, alternatives, bonus with cap,
unread weights and levels (intervals). A block in which all rows apply to all plants goes through the fused pass of
``kernel``, any other through ``weights``. The answers are those of ``scoring.score`` for each plant.

Not taken, and refused: schemes without levels, single precision. Not read: a level given for a quantitative row, a
choice of alternatives by name (the answered row applies).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qingyuan.errors import InputError, Problem
from qingyuan.language import message
from qingyuan.standards.columns import kernel
from qingyuan.standards.columns.inputs import Inputs, Source, Variables, read_inputs
from qingyuan.standards.columns.kernel import Buffers, Codes, Engine, Floats, Packed
from qingyuan.standards.columns.plan import (
    LEVEL_WORDS,
    MET_WORDS,
    PROBLEMS,
    REFUSED,
    AbsentColumns,
    Binding,
    Plan,
    bind,
)
from qingyuan.standards.columns.weights import Patterns, alternative_sets, score_block
from qingyuan.standards.formula import FormulaError
from qingyuan.standards.scoring import score

BLOCK = 2**15  # plants per block: its columns, codes and sums stay in the second-level cache
COMPILED_BLOCK = 2**16  # the compiled loops hold nothing but the sums
NUMBA_PAYS_FROM = 2_000_000  # plants from which compiling costs less than it saves


@dataclass(frozen=True)
class ColumnScores:
    """The scores of many plants (成批评价结果); every array has one entry per plant, in the order of the data.

    ``y``: shape (3, plants), Y_I, Y_II, Y_III on a scale of 100, the low ends where ``y_high`` is there. ``y_high``:
    the high ends where weights or levels were not read or outputs may be missing, else None. ``level``: 1, 2, 3, 0
    (none), 4 (undecided), 255 (refused). ``limiting_failures``: number of limiting rows that keep any level away, -1
    where refused. ``problem``: index into ``plan.PROBLEMS``, 0 where the plant was scored. ``met``: shape (rows,
    plants), index into ``plan.MET_WORDS``, where it was asked for. Refused plants have NaN for indices.
    """

    plan: Plan
    y: Floats
    level: Codes
    limiting_failures: NDArray[np.int16]
    problem: Codes
    y_high: Floats | None = None
    met: Codes | None = None

    def __len__(self) -> int:
        return int(self.level.shape[0])

    def level_words(self) -> NDArray[np.object_]:
        """The levels as "I", "II", "III", "none", "undecided"; None where the plant was refused."""
        words = np.full(256, None, dtype=object)
        for code, word in LEVEL_WORDS.items():
            words[code] = word
        found: NDArray[np.object_] = words[self.level]
        return found

    def problem_words(self) -> NDArray[np.object_]:
        """Why each plant was not scored, as a problem code; None where it was."""
        found: NDArray[np.object_] = np.array([None, *PROBLEMS[1:]], dtype=object)[self.problem]
        return found

    def met_words(self, id: str) -> NDArray[np.object_]:
        """What a row reached: "I", "II", "III", "none", "n/a", "no-data", "open" or "unknown".

        Raises ValueError where the levels of rows were not asked for, KeyError for an unknown row.
        """
        if self.met is None:
            raise ValueError("the levels of the rows were not asked for")
        found: NDArray[np.object_] = np.array(MET_WORDS, dtype=object)[self.met[self.plan.position(id)]]
        return found

    def counts(self) -> dict[str, int]:
        """Number of plants by level; "refused" for those that were not scored."""
        by_code = np.bincount(self.level, minlength=256)
        found = {word: int(by_code[code]) for code, word in LEVEL_WORDS.items()}
        return found | {"refused": int(by_code[REFUSED])}


def score_columns(
    plan: Plan,
    data: Mapping[str, ArrayLike],
    *,
    columns: Mapping[str, str] | None = None,
    absent: AbsentColumns = "refuse",
    met: bool = False,
    engine: Engine = "auto",
) -> ColumnScores:
    """Score every plant of some columns of equal length.

    ``data``: array by column name; see ``plan`` for the names and what they hold. Numbers: float64 or integers, NaN is
    no data; single precision is refused, since 0.3 in it is not the 0.3 of a bound. ``columns``: the data's own names.
    ``absent``: "no-data" scores rows without a column 0, "refuse" lists them. ``met``: also what every row reached
    (slower). ``engine``: "numpy", "numba", or "auto": numba where it is installed and either compiled in this process
    already or worth it (2 million plants).

    Raises InputError with every problem of the columns. A plant whose answers contradict the rules does not stop the
    others: its level is 255 and ``problem`` says why.
    """
    binding = bind(plan, list(data), columns, absent)
    return _score(read_inputs(plan, binding, data), binding, met, engine)


def _score(inputs: Inputs, binding: Binding, met: bool, engine: Engine) -> ColumnScores:
    plan, plants = inputs.plan, inputs.plants
    packed = None if met else _packed(plan, binding)
    compiled = _use_numba(engine, plants) and packed is not None
    rows = COMPILED_BLOCK if compiled else BLOCK
    buffers = Buffers(rows, packed.accumulators if packed else 1)
    patterns = Patterns(plan)
    found = ColumnScores(
        plan=plan,
        y=np.empty((3, plants)),
        level=np.empty(plants, np.uint8),
        limiting_failures=np.empty(plants, np.int16),
        problem=inputs.problem,
        y_high=np.empty((3, plants)) if plan.may_be_interval else None,
        met=np.empty((len(plan.rows), plants), np.uint8) if met else None,
    )
    for start in range(0, plants, rows):
        at = slice(start, min(start + rows, plants))
        if packed is not None and all(source.absent(at) is None for source in inputs.sources):
            _fused(inputs, packed, buffers, at, found, compiled)
        else:
            _general(inputs, patterns, at, found)
    refused = np.flatnonzero(inputs.problem)
    found.y[:, refused] = np.nan
    if found.y_high is not None:
        found.y_high[:, refused] = np.nan
    found.level[refused] = REFUSED
    found.limiting_failures[refused] = -1
    return found


def _packed(plan: Plan, binding: Binding) -> Packed | None:
    """The plan packed for the fused pass; None where its weights or memberships depend on more than the answers."""
    if plan.variable_weights or plan.has_unread_levels or binding.outputs or binding.counts or alternative_sets(plan):
        return None
    try:
        return plan.once("packed", lambda: kernel.pack(plan, plan.pattern(0)))
    except FormulaError:
        return None


def _use_numba(engine: Engine, plants: int) -> bool:
    if engine == "numpy":
        return False
    if engine == "numba":
        if not kernel.numba_available():
            text = message('没有安装 numba；请安装 qingyuan[fast]，或用 engine="numpy"')
            raise InputError([Problem("no-numba", text)])
        return True
    if engine != "auto":
        raise ValueError(f"unknown engine: {engine}")
    ready = kernel.compiled.cache_info().currsize > 0
    return (ready or plants >= NUMBA_PAYS_FROM) and kernel.numba_available()


def _fused(inputs: Inputs, packed: Packed, buffers: Buffers, at: slice, found: ColumnScores, compiled: bool) -> None:
    size = at.stop - at.start
    variables = inputs.block_variables(at)
    flags = buffers.flags[:size]
    out = found.y[:, at], found.level[at], found.limiting_failures[at]
    if not compiled:
        coders = [inputs.coder(source, at, variables, flags) for source in inputs.sources]
        kernel.finish(packed, kernel.sum_codes(packed, coders, buffers, size), *out, buffers)
        return
    sums = buffers.sums[:, :size]
    sums[:] = packed.start[:, None]
    _add_compiled(inputs, packed, buffers, at, variables)
    kernel.finish_compiled(packed, sums, *out, buffers)


def _add_compiled(inputs: Inputs, packed: Packed, buffers: Buffers, at: slice, variables: Variables) -> None:
    """Add every column to the sums: columns of numbers two by two, so that the sums pass through half as often."""
    size = at.stop - at.start
    loops, sums = kernel.compiled(), buffers.sums[:, :size]
    numbers: list[Source] = []
    for source in inputs.sources:
        if source.numbers is not None and source.row.thresholds[0] is not None:
            numbers.append(source)
            continue
        coder = inputs.coder(source, at, variables, buffers.flags[:size])
        if coder is not None:
            codes = buffers.codes[:size]
            coder(codes)
            for accumulator, adds in enumerate(packed.adds[:, source.row.position].tolist()):
                loops.add_codes(codes, *adds, sums[accumulator])
    for first in range(0, len(numbers), 2):
        pair = numbers[first : first + 2]
        add = loops.add_two if len(pair) == 2 else loops.add_one
        columns = [source.floats(at) for source in pair]
        infinite = 0
        for accumulator in range(packed.accumulators):
            given: list[Any] = []
            for source, x in zip(pair, columns, strict=True):
                sign = 1.0 if source.row.lower else -1.0
                bounds = [sign * limit for limit in source.row.thresholds if limit is not None]
                given += [x, sign, *bounds, *packed.adds[accumulator, source.row.position].tolist()]
            infinite += add(*given, sums[accumulator])
        if infinite:
            for x in columns:
                inputs.refuse(at, np.isinf(x), "bad-answer")


def _general(inputs: Inputs, patterns: Patterns, at: slice, found: ColumnScores) -> None:
    block = score_block(inputs, patterns, at, found.met is not None)
    found.y[:, at] = block.y
    found.level[at] = block.level
    found.limiting_failures[at] = block.failures
    if found.y_high is not None:
        found.y_high[:, at] = block.y_high
    if found.met is not None and block.met is not None:
        found.met[:, at] = block.met
    again = block.doubtful & (inputs.problem[at] == 0)
    codes = {word: code for code, word in LEVEL_WORDS.items()}
    for index in (np.flatnonzero(again) + at.start).tolist():
        # A division brought the index too near to a minimum: the scalar path decides in fractions.
        values, parameters = inputs.plant(index)
        result = score(inputs.plan.system, values, parameters, inputs.plan.table.id)
        found.level[index] = codes[result.level]
        intervals = [result.index(name) for name in ("I", "II", "III")]
        found.y[:, index] = [float(each.low) for each in intervals]
        if found.y_high is not None:
            found.y_high[:, index] = [float(each.high) for each in intervals]

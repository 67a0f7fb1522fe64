"""Scoring a block of plants to which different rows apply: weights by pattern, shared weights, intervals.

Plants with the same rows out have the same exact integer weights; the weights of every pattern stand side by side in
one array, so that a block costs the same however many patterns it holds. Sums are whole numbers below 2^46 held in
float64. Only where rows share a weight by output is there a division; ``BlockScores.doubtful`` marks the plants whose
sum it brings within 1e-9 index points of a minimum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingyuan.standards.columns.inputs import Bools, Inputs, Source, Variables, floats
from qingyuan.standards.columns.kernel import Codes, Floats
from qingyuan.standards.columns.plan import MET_WORDS, NONE, PROBLEMS, UNDECIDED, Plan, PlanRow
from qingyuan.standards.formula import FormulaError

FINEST = 2**46  # below it, whole sums and the limits between them are told apart in float64
NEAR = 1e-9  # index points within which a sum with divisions is left to exact arithmetic


class Patterns:
    """The weights of every pattern of absent rows that was met, as columns of arrays that grow."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.index: dict[tuple[int, Fraction | None], int] = {}
        rows, shared, rules = len(plan.rows), len(plan.shared), len(plan.rules)
        self.weights: Floats = np.zeros((rows, 16))
        self.shared: Floats = np.zeros((shared, 16))
        self.limits: Floats = np.zeros((rules, 16))
        self.total: Floats = np.ones(16)
        self.unweighted: Bools = np.zeros(16, np.bool_)
        self.coarse: Bools = np.zeros(16, np.bool_)  # sums from FINEST on
        self.problem: Codes = np.zeros(16, np.uint8)

    def of(self, absent: int, n: Fraction | None) -> int:
        """The number of a pattern (bit mask of absent rows, variable of the weights); made where it is new."""
        key = (absent, n)
        if key not in self.index:
            at = self.index[key] = len(self.index)
            if at == self.total.shape[0]:
                self._grow()
            self._fill(at, absent, n)
        return self.index[key]

    def _grow(self) -> None:
        for name in ("weights", "shared", "limits", "total", "unweighted", "coarse", "problem"):
            old: NDArray[Any] = getattr(self, name)
            setattr(self, name, np.concatenate((old, np.zeros_like(old)), axis=-1))

    def _fill(self, at: int, absent: int, n: Fraction | None) -> None:
        self.total[at] = 1
        try:
            pattern = self.plan.pattern(absent, n)
        except FormulaError:
            self.problem[at] = PROBLEMS.index("needs-n")
            return
        if pattern.refused:
            self.problem[at] = PROBLEMS.index("nothing-applies")
        self.unweighted[at] = pattern.unweighted
        self.total[at] = pattern.total
        self.weights[:, at] = pattern.weights
        self.shared[:, at] = pattern.shared
        self.limits[:, at] = [math.inf if limit is None else float(limit) for limit in pattern.limits]
        self.coarse[at] = sum(pattern.weights) + sum(pattern.shared) >= FINEST


@dataclass(slots=True)
class Membership:
    """Of one row, by level: which plants of a block meet it, and which do not; those in neither are unknown."""

    true: tuple[Bools, Bools, Bools]
    false: tuple[Bools, Bools, Bools]


@dataclass(slots=True)
class BlockScores:
    """The scores of a block: low and high indices of shape (3, plants), levels, failures, met levels, doubtful ones."""

    y: Floats
    y_high: Floats
    level: Codes
    failures: NDArray[np.int16]
    doubtful: Bools
    met: Codes | None


@dataclass(slots=True)
class _Block:
    at: slice
    size: int
    absent: list[Bools | None]  # marked n/a
    given: list[Bools]
    dropped: list[Bools | None]  # not the alternative that applies; product not made
    members: list[Membership]
    made: dict[int, Floats]  # output behind a row
    any_output: Bools | None  # which plants give outputs; None where there are no such columns
    variables: Variables

    def out(self, row: PlanRow) -> Bools | None:
        """Which plants the row takes no part for, open rows aside; a bonus row always does."""
        return None if row.bonus else _either(self.absent[row.position], self.dropped[row.position])


def score_block(inputs: Inputs, patterns: Patterns, at: slice, want_met: bool) -> BlockScores:
    """Score one block of plants; what cannot be scored is noted in ``inputs.problem``."""
    plan = inputs.plan
    block = _read(inputs, at)
    codes = _pattern_numbers(plan, patterns, block)
    for code in ("nothing-applies", "needs-n"):
        inputs.refuse(at, patterns.problem[codes] == PROBLEMS.index(code), code)
    sums = _sums(plan, patterns, block, codes)
    total = patterns.total[codes]
    unweighted = patterns.unweighted[codes]
    y, y_high = sums.low * 100.0 / total, sums.high * 100.0 / total
    doubtful = np.zeros(block.size, np.bool_)
    unsure = sums.divided | patterns.coarse[codes]
    if unsure.any():
        for rule in plan.rules:
            for index in (y, y_high):
                doubtful |= np.abs(index[rule.level] - float(rule.minimum)) <= NEAR
        doubtful &= unsure
    y_high[:, unweighted] += 100.0
    if plan.cap is not None:
        np.minimum(y, float(plan.cap), out=y)
        np.minimum(y_high, float(plan.cap), out=y_high)
    return BlockScores(
        y=y,
        y_high=y_high,
        level=_overall(_statuses(plan, patterns, block, codes, sums, unweighted), block.size, len(plan.rules) < 3),
        failures=_failures(plan, block),
        doubtful=doubtful,
        met=np.stack([_met(block, row) for row in plan.rows]) if want_met else None,
    )


# --- what each row is ------------------------------------------------------------------------------------------------


def _read(inputs: Inputs, at: slice) -> _Block:
    plan, size = inputs.plan, at.stop - at.start
    given = [source.given(at) for source in inputs.sources]
    block = _Block(
        at=at,
        size=size,
        absent=[source.absent(at) for source in inputs.sources],
        given=[np.zeros(size, np.bool_) if each is None else each for each in given],
        dropped=[None] * len(plan.rows),
        members=[],
        made={},
        any_output=None,
        variables=inputs.block_variables(at),
    )
    for members in alternative_sets(plan):
        _choose(inputs, block, members)
    if inputs.binding.outputs:
        _drop_unmade(inputs, block)
    for columns, positions in inputs.binding.counts:
        _hold_count(inputs, block, columns, [plan.rows[position] for position in positions])
    block.members = [_membership(inputs, block, source) for source in inputs.sources]
    return block


def alternative_sets(plan: Plan) -> list[list[int]]:
    """Positions of the rows of each word of alternatives; those of the bonus table do not count."""
    sets: dict[str, list[int]] = {}
    for row in plan.rows:
        if row.indicator.alternatives and not row.bonus:
            sets.setdefault(row.indicator.alternatives, []).append(row.position)
    return list(sets.values())


def _choose(inputs: Inputs, block: _Block, members: list[int]) -> None:
    """Of rows that are alternatives the answered one applies; without any answer the first that is not marked away."""
    answered = np.sum([block.given[position] for position in members], axis=0)
    inputs.refuse(block.at, answered > 1, "alternatives-answered")
    taken = np.zeros(block.size, np.bool_)
    keep: list[Bools] = []
    for position in members:
        here = ~_flags(block.absent[position], block.size) & ~taken
        keep.append(np.where(answered > 0, block.given[position], here))
        taken |= here
    for position, kept in zip(members, keep, strict=True):
        block.dropped[position] = taken & ~kept  # where all are marked away, nothing is dropped beyond that


def _drop_unmade(inputs: Inputs, block: _Block) -> None:
    """Rows by output of products that the plant does not make; a plant without any output keeps them all."""
    any_output = np.zeros(block.size, np.bool_)
    total = np.zeros(block.size)
    made = {
        inputs.plan.position(row.id): np.zeros(block.size)
        for group in inputs.plan.table.groups
        for each in group.blocks
        if each.share == "output"
        for row in group.in_block(each.id)
        if row.product is not None
    }
    for column, rows in inputs.binding.outputs:
        x = floats(inputs.outputs[column], block.at)
        bad = (x < 0) | np.isinf(x)
        inputs.refuse(block.at, bad, "bad-output")
        given = ~np.isnan(x)
        any_output |= given
        amount = np.where(given & ~bad, x, 0.0)
        total += amount
        for position in rows:
            made[position] += amount
    inputs.refuse(block.at, any_output & (total == 0), "no-output")
    for position, amount in made.items():
        block.dropped[position] = _flags(block.dropped[position], block.size) | (any_output & (amount == 0))
    block.made, block.any_output = made, any_output


def _hold_count(inputs: Inputs, block: _Block, columns: tuple[str, ...], rows: list[PlanRow]) -> None:
    """Hold the stated number of rows against the answers: a plant that states n and answers n has no others."""
    stated = block.variables.coalesce(columns)
    applying = [
        ~_flags(_either(block.absent[row.position], block.dropped[row.position]), block.size) & (not row.open)
        for row in rows
    ]
    answered = [each & block.given[row.position] for each, row in zip(applying, rows, strict=True)]
    differs = ~np.isnan(stated) & (stated != np.sum(applying, axis=0))
    fewer = differs & (stated == np.sum(answered, axis=0))
    inputs.refuse(block.at, differs & ~fewer, "count-mismatch")
    for row, mine, own in zip(rows, applying, answered, strict=True):
        block.dropped[row.position] = _flags(block.dropped[row.position], block.size) | (fewer & mine & ~own)


def _membership(inputs: Inputs, block: _Block, source: Source) -> Membership:
    row, size = source.row, block.size
    away = _either(block.absent[row.position], block.dropped[row.position])
    if row.quantitative and not row.open and (row.formula or any(row.unread)):
        met, missed = _tests(inputs, block, source, away)
    else:
        codes = np.zeros(size, np.uint8)
        coder = inputs.coder(source, block.at, block.variables, np.empty(size, np.bool_))
        if coder is not None:
            coder(codes)
        if away is not None:
            codes[away] = 0
        met = [codes >= 3 - k for k in range(3)]
        missed = [~each for each in met]
    for k in range(3):
        if row.free[k]:
            met[k], missed[k] = np.ones(size, np.bool_), np.zeros(size, np.bool_)
    return Membership((met[0], met[1], met[2]), (missed[0], missed[1], missed[2]))


def _tests(inputs: Inputs, block: _Block, source: Source, away: Bools | None) -> tuple[list[Bools], list[Bools]]:
    """Memberships of a row whose bounds vary by plant or were not read at some level."""
    row, at = source.row, block.at
    known = block.given[row.position]
    counts = known if away is None else known & ~away
    limits: Any = row.thresholds
    if row.formula:
        inputs.refuse(at, counts & block.variables.missing(row), "needs-n")
        # A row that was dropped in spite of its answer is never looked at.
        unseen = known & _flags(block.dropped[row.position], block.size)
        inputs.refuse(at, block.variables.undefined(row) & ~unseen, "bad-parameter")
        limits = block.variables.limits(row)
    nobody = np.zeros(block.size, np.bool_)
    if source.numbers is None:
        return [nobody] * 3, [~nobody] * 3
    x = source.floats(at)
    inputs.refuse(at, np.isinf(x) & known, "bad-answer")
    compare = np.less_equal if row.lower else np.greater_equal
    met: list[Bools] = []
    for k in range(3):
        test = nobody if row.unread[k] else counts & compare(x, limits[k])
        met.append(test if not met else test | met[-1])
    missed = [nobody] * 3
    worse = nobody  # missing a level that was read means missing the better ones
    for k in (2, 1, 0):
        if not row.unread[k]:
            worse = counts & ~met[k]
        missed[k] = ~counts | (worse & ~met[k])
    return met, missed


# --- weights ---------------------------------------------------------------------------------------------------------


def _pattern_numbers(plan: Plan, patterns: Patterns, block: _Block) -> NDArray[np.intp]:
    """For each plant of the block the number of its pattern of absent rows."""
    moving = [(row.position, flags) for row in plan.rows if (flags := block.out(row)) is not None]
    keys: list[NDArray[np.int64]] = []
    for first in range(0, len(moving), 60):
        key = np.zeros(block.size, np.int64)
        for bit, (_, flags) in enumerate(moving[first : first + 60]):
            key += flags.astype(np.int64) << bit
        keys.append(key)
    plain: list[Fraction | None] = [None]
    if plan.variable_weights:
        plain, which = block.variables.plain()
        keys.append(which)
    if not keys:
        return np.full(block.size, patterns.of(0, None), np.intp)
    distinct, inverse = _distinct(keys)
    numbers: list[int] = []
    for column in distinct:
        n = plain[column.pop()] if plan.variable_weights else None
        mask = sum(1 << moving[60 * i + bit][0] for i, key in enumerate(column) for bit in range(60) if key >> bit & 1)
        numbers.append(patterns.of(mask, n))
    return np.array(numbers, np.intp)[inverse]


def _distinct(keys: list[NDArray[np.int64]]) -> tuple[list[list[int]], NDArray[np.intp]]:
    """The distinct tuples of keys, and for each plant which one; most plants have 0, so only the others are sorted."""
    any_key = keys[0] if len(keys) == 1 else np.any(keys, axis=0)
    rest = np.flatnonzero(any_key)
    numbers = np.zeros(keys[0].shape[0], np.intp)
    zero = [0] * len(keys)
    if rest.shape[0] == 0:
        return [zero], numbers
    if len(keys) == 1:
        values, inverse = np.unique(keys[0][rest], return_inverse=True)
        tuples = [[value] for value in values.tolist()]
    else:
        values, inverse = np.unique(np.stack(keys)[:, rest], axis=1, return_inverse=True)
        tuples = values.T.tolist()
    numbers[rest] = inverse.reshape(-1) + 1
    return [zero, *tuples], numbers


@dataclass(slots=True)
class _Sums:
    low: Floats  # (3, plants), sums of integer weights
    high: Floats
    opens: list[Bools]  # whether the high end is never reached
    divided: Bools  # whether a share of output was divided


def _sums(plan: Plan, patterns: Patterns, block: _Block, codes: NDArray[np.intp]) -> _Sums:
    low = np.zeros((3, block.size))
    unknown = np.zeros((3, block.size))
    sums = _Sums(low, unknown, [np.zeros(block.size, np.bool_) for _ in range(3)], np.zeros(block.size, np.bool_))
    for row in plan.rows:
        if row.open:
            continue
        weight = patterns.weights[row.position][codes]
        member = block.members[row.position]
        for k in range(3):
            low[k] += weight * member.true[k]
            if any(row.unread):
                unknown[k] += weight * ~(member.true[k] | member.false[k])
    for index in range(len(plan.shared)):
        weight = patterns.shared[index][codes]
        if weight.any():
            _share(plan, block, index, weight, sums)
    sums.high = low + unknown
    return sums


def _share(plan: Plan, block: _Block, index: int, weight: Floats, sums: _Sums) -> None:
    """Add a weight that several rows share; ``sums.high`` holds what is unknown on top of the low end."""
    shared = plan.shared[index]
    rows = [plan.rows[position] for position in shared.rows if not plan.rows[position].open]
    part = [~_flags(block.out(row), block.size) for row in rows]
    members = [block.members[row.position] for row in rows]
    for k in range(3):
        met = [each & member.true[k] for each, member in zip(part, members, strict=True)]
        lost = [each & member.false[k] for each, member in zip(part, members, strict=True)]
        everything = np.all([~p | m for p, m in zip(part, met, strict=True)], axis=0)
        nothing = np.all([~p | m for p, m in zip(part, lost, strict=True)], axis=0)
        low, high = weight * everything, weight * ~nothing
        mixed = ~everything & ~nothing & (weight > 0)
        if shared.by_output and block.any_output is not None:
            split = mixed & block.any_output
            amounts = [block.made[row.position] for row in rows]
            whole = np.sum([a * p for a, p in zip(amounts, part, strict=True)], axis=0)
            got = np.sum([a * m for a, m in zip(amounts, met, strict=True)], axis=0)
            gone = np.sum([a * m for a, m in zip(amounts, lost, strict=True)], axis=0)
            np.divide(weight * got, whole, out=low, where=split)
            np.divide(weight * (whole - gone), whole, out=high, where=split)
            sums.divided |= split
            mixed &= ~split
        sums.low[k] += low
        sums.high[k] += high - low
        sums.opens[k] |= mixed & np.any(lost, axis=0)


# --- levels ----------------------------------------------------------------------------------------------------------


def _statuses(
    plan: Plan, patterns: Patterns, block: _Block, codes: NDArray[np.intp], sums: _Sums, unweighted: Bools
) -> list[tuple[Bools, Bools]]:
    """By rule: which plants meet the level, and which do not; the rest are undecided."""
    judged = [row for row in plan.rows if not row.bonus and not row.open]
    found: list[tuple[Bools, Bools]] = []
    for number, rule in enumerate(plan.rules):
        k = rule.level
        limit = patterns.limits[number][codes]
        met = sums.low[k] >= limit
        lost = (sums.high[k] < limit) | ((sums.high[k] == limit) & sums.opens[k])
        if unweighted.any():
            # Without weights the index is unknown; but 100 is out of reach as soon as one row misses the level.
            short = np.zeros(block.size, np.bool_)
            if rule.minimum == 100:
                for row in judged:
                    short |= block.members[row.position].false[k] & ~_flags(block.out(row), block.size)
            met &= ~unweighted
            lost = np.where(unweighted, short, lost)
        for row in judged:
            asked = rule.limiting if row.indicator.limiting else rule.others
            if asked is None:
                continue
            member, out = block.members[row.position], block.out(row)
            met &= member.true[asked] if out is None else member.true[asked] | out
            lost |= member.false[asked] if out is None else member.false[asked] & ~out
        found.append((met, lost))
    return found


def _overall(status: list[tuple[Bools, Bools]], size: int, no_rules: bool) -> Codes:
    """Test I, then II, then III; undecided where more than one level is possible."""
    if no_rules:
        return np.full(size, UNDECIDED, np.uint8)
    level = np.full(size, NONE, np.uint8)
    possible = np.zeros(size, np.uint8)
    going = np.ones(size, np.bool_)
    for place, (met, lost) in enumerate(status):
        candidate = going & ~lost
        level[candidate & (possible == 0)] = place + 1
        possible += candidate
        going &= ~met | lost
    possible += going
    level[possible > 1] = UNDECIDED
    return level


def _failures(plan: Plan, block: _Block) -> NDArray[np.int16]:
    """Number of limiting rows that keep any level away."""
    count = np.zeros(block.size, np.int16)
    for row in plan.rows:
        if row.bonus or row.open or not row.indicator.limiting:
            continue
        failed = np.zeros(block.size, np.bool_)
        for rule in plan.rules:
            failed |= block.members[row.position].false[rule.limiting]
        count += failed & ~_flags(block.out(row), block.size)
    return count


def _met(block: _Block, row: PlanRow) -> Codes:
    """What the row reached, by plant: index into ``plan.MET_WORDS``."""
    code = np.full(block.size, MET_WORDS.index("none"), np.uint8)
    member = block.members[row.position]
    for k in range(3):
        code[~(member.true[k] | member.false[k])] = MET_WORDS.index("unknown")
    for k in (2, 1, 0):
        code[member.true[k]] = k + 1
    code[~block.given[row.position]] = MET_WORDS.index("no-data")
    if row.open:
        code[:] = MET_WORDS.index("open")
    away = _either(block.absent[row.position], block.dropped[row.position])
    if away is not None:
        code[away] = MET_WORDS.index("n/a")
    return code


def _either(a: Bools | None, b: Bools | None) -> Bools | None:
    if a is None or b is None:
        return b if a is None else a
    return a | b


def _flags(flags: Bools | None, size: int) -> Bools:
    return np.zeros(size, np.bool_) if flags is None else flags

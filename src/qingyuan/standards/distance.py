"""Distance to the next level (差距分析): gaps in each row's own unit, what closing them adds, the smallest ways up.

Gains are exact. The smallest sets are found by an exact search: rows that a level obliges (limiting rows, and where
the rule asks it the other rows) come first; the rest of the index is the cheapest choice among the rows that miss the
level, counted in rows, by a knapsack table over row counts and an enumeration over classes of equal weight.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from qingyuan.language import Message, Name, listing, message
from qingyuan.standards.membership import meets
from qingyuan.standards.model import LEVELS, ByLevel, Level, LevelRule
from qingyuan.standards.result import HUNDRED, Interval, RowScore, Score
from qingyuan.standards.wording import bound_text

# Sets listed for each level, and count vectors looked at, unless the caller asks otherwise.
SETS_SHOWN = 100
VECTORS = 50_000


@dataclass(frozen=True, slots=True)
class LevelGap:
    """What one row lacks to one level.

    ``change``: bound less value in the row's unit, negative where the value must fall; exactly the bound suffices
    unless ``strict``. None for qualitative rows and rows without a number. ``gain``: what reaching the level adds to
    each index; None where weights were not read.
    """

    level: Level
    requirement: Message | Name
    bound: Fraction | None
    change: Fraction | None
    strict: bool
    gain: ByLevel[Interval] | None

    def as_json(self) -> dict[str, object]:
        """The gap as plain values."""
        return {
            "level": self.level,
            "requirement": str(self.requirement),
            "bound": None if self.bound is None else float(self.bound),
            "change": None if self.change is None else float(self.change),
            "strict": self.strict,
            "gain": None if self.gain is None else {level: gain.as_json() for level, gain in self.gain.items()},
        }


@dataclass(frozen=True, slots=True)
class RowGap:
    """The gaps of one row to every level that it misses, from the nearest (III) to the farthest (I)."""

    row: RowScore
    gaps: tuple[LevelGap, ...]

    def as_json(self) -> dict[str, object]:
        """The gaps as plain values."""
        indicator = self.row.indicator
        return {
            "id": indicator.id,
            "name": str(indicator.name),
            "unit": indicator.unit,
            "value": self.row.answer.as_json(),
            "met": self.row.met,
            "limiting": indicator.limiting,
            "weight": None if self.row.weight is None else float(self.row.weight),
            "gaps": [gap.as_json() for gap in self.gaps],
        }


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """One row brought to one level."""

    id: str
    to: Level

    def as_json(self) -> dict[str, str]:
        """The step as plain values."""
        return {"id": self.id, "to": self.to}


@dataclass(frozen=True, slots=True)
class StepSet:
    """Rows whose improvement together reaches a level; ``surplus``: index above the minimum (points of 100)."""

    steps: tuple[Step, ...]
    surplus: Fraction

    def as_json(self) -> dict[str, object]:
        """The set as plain values."""
        return {"steps": [step.as_json() for step in self.steps], "surplus": float(self.surplus)}


@dataclass(frozen=True, slots=True)
class Path:
    """How to meet the conditions of one level (达标路径).

    A plant can have II without the 100 of III, so the way to II may be shorter than that to III.
    ``shortfall``: points of the index that are missing (0 where the minimum is met). ``obligatory``: rows that the
    level asks for whatever the index. ``size``: the least number of rows to improve; ``sets``: the smallest sets,
    least surplus first, of ``count`` in all (None where they are too many to count); ``complete``: whether all are
    listed. ``possible`` is false where no improvement reaches the level, ``reason`` says why.
    """

    level: Level
    shortfall: Fraction | None
    obligatory: tuple[Step, ...]
    size: int
    sets: tuple[StepSet, ...]
    count: int | None
    complete: bool
    possible: bool = True
    reason: Message | None = None

    def as_json(self) -> dict[str, object]:
        """The path as plain values."""
        return {
            "level": self.level,
            "shortfall": None if self.shortfall is None else float(self.shortfall),
            "obligatory": [step.as_json() for step in self.obligatory],
            "size": self.size,
            "sets": [each.as_json() for each in self.sets],
            "count": self.count,
            "complete": self.complete,
            "possible": self.possible,
            "reason": "" if self.reason is None else str(self.reason),
        }


@dataclass(frozen=True, slots=True)
class Distance:
    """Gaps of all rows that miss a level, and the ways to each level better than the one reached, nearest first."""

    score: Score
    rows: tuple[RowGap, ...]
    paths: tuple[Path, ...]

    def path(self, level: Level) -> Path:
        """The way to one level; raises KeyError where the plant has it."""
        for path in self.paths:
            if path.level == level:
                return path
        raise KeyError(level)

    def as_json(self) -> dict[str, object]:
        """Everything as plain values: ``level``, ``indicators[]`` with their gaps, ``paths[]``."""
        return {
            "system": self.score.system.id,
            "table": self.score.table.id,
            "level": self.score.level,
            "indicators": [row.as_json() for row in self.rows],
            "paths": [path.as_json() for path in self.paths],
        }


def gaps(score: Score, *, shown: int = SETS_SHOWN) -> Distance:
    """What a plant lacks to each level.

    ``shown``: the greatest number of smallest sets listed for a level. For the schemes without levels each row's gap to
    its benchmark or lead is given as a gap to I, and there are no paths. Where a block's split is unknown a set counts
    only if it reaches the level whatever the split.
    """
    rows = tuple(RowGap(row, found) for row in score.rows if (found := _row_gaps(score, row)))
    if score.system.scheme != "levels":
        return Distance(score, rows, ())
    statuses = {status.level: status for status in score.statuses}
    paths = []
    for level, rule in reversed(score.system.grading.rules):
        if statuses[level].met or _reached_better(score, level):
            continue
        paths.append(_path(score, level, rule, shown))
    return Distance(score, rows, tuple(paths))


def _reached_better(score: Score, level: Level) -> bool:
    return score.level in LEVELS and LEVELS.index(score.level) <= LEVELS.index(level)


# --- one row ---------------------------------------------------------------------------------------------------------


def _row_gaps(score: Score, row: RowScore) -> tuple[LevelGap, ...]:
    if row.met in ("n/a", "open"):
        return ()
    if score.system.scheme != "levels":
        return () if row.met == "I" else (_benchmark_gap(row),)
    return tuple(_gap(score, row, level) for level in reversed(LEVELS) if row.membership[level] is not True)


def _benchmark_gap(row: RowScore) -> LevelGap:
    indicator = row.indicator
    bound = row.bounds["I"]
    value = row.answer.number
    text = indicator.benchmark if isinstance(indicator.benchmark, Name) else row.requirement("I")
    left = HUNDRED * (row.weight or 0)
    gain = Interval(left - row.points["I"].high, left - row.points["I"].low)
    if bound is not None:
        text = bound_text(indicator, bound)
    change = None if bound is None or value is None or meets(indicator, value, bound) else bound - value
    return LevelGap("I", text, bound, change, indicator.strict, None if row.weight is None else ByLevel((gain,) * 3))


def _gap(score: Score, row: RowScore, level: Level) -> LevelGap:
    bound = row.bounds[level]
    value = row.answer.number if row.answer.kind == "number" else None
    change = None if bound is None or value is None else bound - value
    gain = ByLevel((_gain(score, row, level, "I"), _gain(score, row, level, "II"), _gain(score, row, level, "III")))
    return LevelGap(level, row.requirement(level), bound, change, row.indicator.strict, gain if score.scored else None)


def _gain(score: Score, row: RowScore, to: Level, index: Level) -> Interval:
    """What bringing a row to level ``to`` adds to one index, the cap of bonus points considered."""
    if LEVELS.index(to) > LEVELS.index(index) or row.membership[index] is True:
        return Interval.exactly(0)
    if row.weight is None or row.membership[index] is None:
        return Interval(Fraction(0), row.shared_weight * 100, low_open=row.weight is None, high_open=row.weight is None)
    points = row.weight * 100
    before = dict(score.uncapped)[index]
    bonus = score.system.grading.bonus
    if bonus is None or not before.exact:
        return Interval.exactly(points)
    return Interval.exactly(min(bonus.cap, before.low + points) - min(bonus.cap, before.low))


# --- the ways to a level ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Item:
    """Rows that together earn the points of their piece of weight; ``cost``: how many of them are not obliged."""

    rows: tuple[str, ...]
    cost: int
    points: Fraction


def _path(score: Score, level: Level, rule: LevelRule, shown: int) -> Path:
    judged = [row for row in score.rows if not row.bonus and row.takes_part and row.met not in ("n/a", "open")]
    obliged: dict[str, Level] = {}
    for row in judged:
        required = rule.limiting if row.indicator.limiting else rule.others
        if required is not None and row.membership[required] is not True:
            obliged[row.id] = required
    obligatory = tuple(Step(id, to) for id, to in obliged.items())
    if not score.scored:
        reason = message("权重没有读到，不能算出还差多少分；所列为该级必须改进的限定性指标")
        return Path(level, None, obligatory, len(obligatory), (), None, False, False, reason)
    now = dict(score.uncapped)[level]
    reached_by_obliged = {id for id, to in obliged.items() if LEVELS.index(to) <= LEVELS.index(level)}
    items = _items(score, level, obliged)
    free = [item for item in items if item.cost == 0 and set(item.rows) <= reached_by_obliged]
    upgrades = [item for item in items if item.cost == 0 and not set(item.rows) <= reached_by_obliged]
    priced = [item for item in items if item.cost > 0]
    shortfall = max(Fraction(0), rule.minimum - now.low)
    missing = rule.minimum - now.low - sum((item.points for item in free), Fraction(0))
    after_upgrades = missing - sum((item.points for item in upgrades), Fraction(0))
    possible = sum((item.points for item in priced), Fraction(0))
    if after_upgrades > possible:
        names = listing(row.indicator.name for row in score.rows if row.met == "n/a" and row.bonus)
        reason = (
            message("所有指标都达到该级仍不够分；可考虑加分项：{names}", names=names)
            if names.items
            else message("所有指标都达到该级仍不够分")
        )
        return Path(level, shortfall, obligatory, len(obligatory), (), 0, True, False, reason)
    chosen, count, complete = _cheapest(priced, after_upgrades, shown)
    sets = []
    for choice, earned in chosen:
        lacking = missing - earned
        raised = _fewest(upgrades, lacking)
        steps = dict(obliged)
        for item in (*choice, *raised):
            steps.update(dict.fromkeys(item.rows, level))
        surplus = sum((item.points for item in raised), Fraction(0)) - lacking
        sets.append(StepSet(tuple(Step(row.id, steps[row.id]) for row in score.rows if row.id in steps), surplus))
    sets.sort(key=lambda found: found.surplus)
    size = len(obligatory) + (sum(item.cost for item in chosen[0][0]) if chosen else 0)
    return Path(level, shortfall, obligatory, size, tuple(sets), count, complete)


def _items(score: Score, level: Level, obliged: Mapping[str, Level]) -> list[_Item]:
    """The pieces of weight that can still be earned at a level.

    A piece of unknown split is sure only when all its rows meet the level, so its missing rows count together.
    """
    pieces: dict[tuple[str, ...], list[RowScore]] = {}
    for row in score.rows:
        if not row.takes_part or row.met in ("n/a", "open"):
            continue
        key = (row.id,) if row.weight is not None else (row.indicator.group, row.indicator.block)
        pieces.setdefault(key, []).append(row)
    found: list[_Item] = []
    for rows in pieces.values():
        lacking = [row for row in rows if row.membership[level] is not True]
        if not lacking:
            continue
        ids = tuple(row.id for row in lacking)
        found.append(_Item(ids, sum(1 for id in ids if id not in obliged), rows[0].shared_weight * 100))
    return found


def _fewest(items: Sequence[_Item], needed: Fraction) -> list[_Item]:
    """As few as possible of rows that are touched anyway, heaviest first, until enough is earned."""
    taken: list[_Item] = []
    for item in sorted(items, key=lambda item: -item.points):
        if needed <= 0:
            break
        taken.append(item)
        needed -= item.points
    return taken


Choice = tuple[tuple[_Item, ...], Fraction]


def _cheapest(items: Sequence[_Item], needed: Fraction, shown: int) -> tuple[list[Choice], int | None, bool]:
    """All choices of least total cost that earn ``needed``: the first ``shown``, their number, whether these are all.

    Least surplus first. Exact: points are brought to integers. The knapsack table over costs gives the least cost and
    a bound; choices are enumerated as counts over classes of items with equal points and cost.
    """
    if needed <= 0:
        return [((), Fraction(0))], 1, True
    scale = math.lcm(needed.denominator, *(item.points.denominator for item in items))
    goal = int(needed * scale)
    classes: dict[tuple[int, int], list[_Item]] = {}
    for item in items:
        classes.setdefault((int(item.points * scale), item.cost), []).append(item)
    ordered = sorted(classes.items(), key=lambda entry: (-entry[0][0], entry[0][1]))
    budget = sum(item.cost for item in items)
    best = _tables([(points, cost, len(members)) for (points, cost), members in ordered], budget)
    least = next(cost for cost in range(budget + 1) if best[0][cost] >= goal)
    vectors: list[tuple[int, tuple[int, ...]]] = []
    cut = False
    sizes = [(points, cost, len(members)) for (points, cost), members in ordered]
    for vector, earned in _vectors(sizes, best, least, goal):
        if len(vectors) >= VECTORS:
            cut = True
            break
        vectors.append((earned, vector))
    vectors.sort()
    total = sum(
        math.prod(math.comb(len(members), taken) for taken, (_, members) in zip(vector, ordered, strict=True))
        for _, vector in vectors
    )
    listed: list[Choice] = []
    for earned, vector in vectors:
        pools = [itertools.combinations(members, taken) for taken, (_, members) in zip(vector, ordered, strict=True)]
        for parts in itertools.product(*pools):
            if len(listed) >= shown:
                break
            listed.append((tuple(item for part in parts for item in part), Fraction(earned, scale)))
        if len(listed) >= shown:
            break
    return listed, None if cut else total, not cut and len(listed) == total


def _tables(classes: Sequence[tuple[int, int, int]], budget: int) -> list[list[int]]:
    """``tables[i][c]``: the most points that classes from the i-th on can earn at a total cost of at most c."""
    tables = [[0] * (budget + 1)]
    for points, cost, size in reversed(classes):
        after = tables[0]
        row = [
            max(taken * points + after[left - taken * cost] for taken in range(min(size, left // cost) + 1))
            for left in range(budget + 1)
        ]
        tables.insert(0, row)
    return tables


def _vectors(
    classes: Sequence[tuple[int, int, int]], best: Sequence[Sequence[int]], cost: int, goal: int
) -> Iterator[tuple[tuple[int, ...], int]]:
    """Every way to take items of each class at exactly the least total cost that earns the goal, with what it earns."""

    def walk(at: int, left: int, earned: int, taken: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], int]]:
        if earned + best[at][left] < goal:
            return
        if at == len(classes):
            yield taken, earned
            return
        points, each, size = classes[at]
        for number in range(min(size, left // each) + 1):
            yield from walk(at + 1, left - number * each, earned + number * points, (*taken, number))

    yield from walk(0, cost, 0, ())

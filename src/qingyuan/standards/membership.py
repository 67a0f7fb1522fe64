"""Which levels an answer meets (隶属函数): bounds at this plant's n, direction, strictness, nesting, spanned cells."""

from __future__ import annotations

from fractions import Fraction

from qingyuan.errors import Problem
from qingyuan.language import Message, message
from qingyuan.standards.answers import Answer, level_word
from qingyuan.standards.formula import FormulaError
from qingyuan.standards.model import LEVELS, ByLevel, Indicator, Level, value_at
from qingyuan.standards.result import Met


def free(row: Indicator) -> ByLevel[bool | None]:
    """What a row meets without any answer: the levels that require nothing."""
    return ByLevel(("I" in row.no_requirement, "II" in row.no_requirement, "III" in row.no_requirement))


def bounds_at(row: Indicator, n: Fraction | None, problems: list[Problem]) -> ByLevel[Fraction | None]:
    """The row's numbers where the variable is ``n``; None where a level was not read or needs an n that is missing."""
    if row.bounds is None:
        return ByLevel((None, None, None))
    found: list[Fraction | None] = []
    for bound in row.bounds.values:
        try:
            found.append(None if bound is None else value_at(bound, n))
        except FormulaError as error:
            if n is not None:
                problems.append(Problem("bad-parameter", error.reason, found=row.id))
            found.append(None)
    return ByLevel((found[0], found[1], found[2]))


def ordered(row: Indicator, bounds: ByLevel[Fraction | None]) -> bool:
    """Whether the known bounds run in the row's direction."""
    known = [bound for bound in bounds.values if bound is not None]
    return known == sorted(known, reverse=row.better == "higher")


def meets(row: Indicator, value: Fraction, bound: Fraction) -> bool:
    """Whether a value meets a bound in the row's direction; a strict bound itself does not."""
    if value == bound:
        return not row.strict
    return value < bound if row.better == "lower" else value > bound


def memberships(
    row: Indicator, answer: Answer, bounds: ByLevel[Fraction | None], notes: list[Message]
) -> tuple[ByLevel[bool | None], Met]:
    """Which levels an answer meets, nested (whoever meets I meets II and III), and the best of them."""
    if answer.kind == "level":
        best = _widest(row, answer.level, bounds)
        if best != answer.level and best is not None and answer.level is not None:
            words = {"given": level_word(answer.level), "best": level_word(best)}
            notes.append(message("{given}与{best}要求相同，达到的是{best}", **words))
        if row.quantitative:
            notes.append(message("定量指标按评价人判定的级别计"))
        found = [best is not None and LEVELS.index(best) <= LEVELS.index(level) for level in LEVELS]
        tests: list[bool | None] = [*found]
    else:
        assert answer.number is not None
        tests = [None if bound is None else meets(row, answer.number, bound) for bound in bounds.values]
        tests = _nested(tests)
    for position, level in enumerate(LEVELS):
        if level in row.no_requirement:
            tests[position] = True
    if None in tests:
        notes.append(message("有的级别没有读到要求，该级是否达到不能判定"))
    best_met = next((level for level, test in zip(LEVELS, tests, strict=True) if test), None)
    met: Met = best_met or ("unknown" if None in tests else "none")
    return ByLevel((tests[0], tests[1], tests[2])), met


def _nested(tests: list[bool | None]) -> list[bool | None]:
    """Meeting a level means meeting the lower ones; missing a level that was read means missing the better ones."""
    found: list[bool | None] = []
    for position, test in enumerate(tests):
        if any(better for better in tests[:position]):
            found.append(True)
        elif test is None and any(worse is False for worse in tests[position + 1 :]):
            found.append(False)
        else:
            found.append(test)
    return found


def _widest(row: Indicator, level: Level | None, bounds: ByLevel[Fraction | None]) -> Level | None:
    """The best level whose requirement is that of ``level``: cells that span levels are one requirement."""
    if level is None:
        return None
    if row.texts is not None:
        return row.same_text_as_better(level)
    if bounds[level] is None:
        return level
    return next(better for better in LEVELS if better == level or bounds[better] == bounds[level])

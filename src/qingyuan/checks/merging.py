"""One contradiction, one finding (同一原因并为一条): findings of two rules about the same numbers, told together.

Nothing is lost: the message, the numbers, the rows and the way to settle it of both stand in the one that is kept, and
``Finding.also`` names the other rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from qingyuan.checks.finding import Finding, listed
from qingyuan.language import message


def _same_rows(one: Finding, other: Finding) -> bool:
    return bool(one.rows) and set(one.rows) == set(other.rows)


def _same_concerns(one: Finding, other: Finding) -> bool:
    return set(one.concerns) == set(other.concerns)


def _same_load(one: Finding, other: Finding) -> bool:
    """Whether two findings are about cuts of one pollutant, of which one exceeds what is discharged."""
    return other.concerns[0] == f"load:{one.concerns[0]}"


# The rule that keeps the finding, the rule that joins it, and when the two are about the same.
_PAIRS: tuple[tuple[str, str, Callable[[Finding, Finding], bool]], ...] = (
    ("ratio-as-measurement", "two-statements", _same_rows),
    ("option-exceeds-discharge", "options-together", _same_load),
    ("option-exceeds-discharge", "option-exceeds-plant", _same_load),
    ("voc-collection", "voc-balance", _same_concerns),
)


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Put findings about one contradiction together; the rest as they are, in their order."""
    found = list(findings)
    for keeps, joins, same in _PAIRS:
        gone: set[int] = set()
        for index, one in enumerate(found):
            if one.rule != keeps:
                continue
            for at, other in enumerate(found):
                if other.rule == joins and at not in gone and same(one, other):
                    gone.add(at)
                    found[index] = _together(found[index], other)
        found = [one for index, one in enumerate(found) if index not in gone]
    return tuple(found)


def _together(one: Finding, other: Finding) -> Finding:
    settle = (
        one.settle if str(one.settle) == str(other.settle) else message("{all}", all=listed((one.settle, other.settle)))
    )
    return replace(
        one,
        message=message("{all}", all=listed((one.message, other.message))),
        numbers=tuple(dict.fromkeys((*one.numbers, *other.numbers))),
        settle=settle,
        size=max(one.size, other.size),
        concerns=tuple(dict.fromkeys((*one.concerns, *other.concerns))),
        extra_rows=tuple(dict.fromkeys((*one.extra_rows, *other.extra_rows))),
        also=tuple(dict.fromkeys((*one.also, other.rule, *other.also))),
    )

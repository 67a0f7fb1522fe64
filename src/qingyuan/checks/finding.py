"""What a check found (疑点): what contradicts what, with both numbers, where they stand, how grave, what settles it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from qingyuan.errors import Location
from qingyuan.language import Message, Name, current_language, message

# Orders of magnitude beyond which a contradiction does not rank higher within its severity.
_LARGEST = 1e9


class Gravity(StrEnum):
    """How grave a finding is (严重程度), from the gravest down."""

    GRAVE = "grave"  # impossible by arithmetic or conservation: 严重
    SERIOUS = "serious"  # hardly possible; figures that rest on it cannot stand: 较重
    MINOR = "minor"  # wrong, but changes little: 轻微
    QUESTION = "question"  # unusual or incomplete: to be asked, not to be reproached: 待询问


_RANK = {Gravity.GRAVE: 3, Gravity.SERIOUS: 2, Gravity.MINOR: 1, Gravity.QUESTION: 0}


@dataclass(frozen=True, slots=True)
class Listed:
    """Texts as one list in the language in force (并列)."""

    parts: tuple[object, ...]
    short: bool = False  # numbers, years and ids, parted by a comma instead of a semicolon

    def __str__(self) -> str:
        zh, en = ("、", ", ") if self.short else ("；", "; ")
        return (en if current_language() == "en" else zh).join(str(part) for part in self.parts)


def listed(parts: Iterable[object], most: int = 60) -> Listed:
    """Make a list of texts, each once; beyond ``most`` the rest is counted."""
    found = tuple(dict.fromkeys(parts))
    if len(found) > most:
        return Listed((*found[:most], message("另 {count} 项", count=len(found) - most)))
    return Listed(found)


def joined(parts: Iterable[object]) -> Listed:
    """Years, ids and numbers as one list."""
    return Listed(tuple(parts), short=True)


What = Message | Name | Listed | str


@dataclass(frozen=True, slots=True)
class Number:
    """One side of a contradiction (矛盾的一方): a number with its unit and the rows where it stands.

    ``computed`` is true where the number does not stand in a row but was computed from ``rows`` or from data of the
    rule; ``period`` is the period that it is of.
    """

    what: What
    value: float
    unit: str = ""
    rows: tuple[Location, ...] = ()
    period: str = ""
    computed: bool = False

    def as_json(self) -> dict[str, object]:
        """Give what, value, unit, period, computed and rows as plain values, in the language in force."""
        return {
            "what": str(self.what),
            "value": self.value,
            "unit": self.unit,
            "period": self.period,
            "computed": self.computed,
            "rows": [row.as_json() for row in self.rows],
        }


@dataclass(frozen=True, slots=True)
class Finding:
    """One contradiction or question (疑点).

    ``rule`` is the id of the rule. ``numbers`` holds the contradicting numbers, the two that matter most first; more
    where one cause shows in many rows. ``size`` is how many times the numbers lie apart (at least 1; infinite where one
    is zero), by which findings of one severity are ordered. ``settle`` says what would decide it. ``concerns`` names
    what it is about: ids of items, outlets, places, machines or options. ``rows`` are all rows concerned. ``also``: the
    other rules that found the same contradiction and are told in it.
    """

    rule: str
    severity: Gravity
    message: Message
    numbers: tuple[Number, ...]
    settle: Message
    size: float = 1.0
    concerns: tuple[str, ...] = ()
    extra_rows: tuple[Location, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def rows(self) -> tuple[Location, ...]:
        """All rows concerned, each once: those of the numbers, then those that only stand by."""
        found = [row for number in self.numbers for row in number.rows]
        return tuple(dict.fromkeys([*found, *self.extra_rows]))

    @property
    def weight(self) -> float:
        """What findings are ordered by: severity, then how much of the audit rests on the number, then the size."""
        from qingyuan.checks.knowledge import reach  # the knowledge is read only where findings are ordered

        size = min(max(self.size, 1.0), _LARGEST) if not math.isnan(self.size) else 1.0
        return _RANK[self.severity] + (reach(self.rule) - 1 + math.log10(size) / math.log10(_LARGEST * 10)) / 4

    def as_json(self) -> dict[str, object]:
        """Give rule, severity, message, numbers, rows, settle, size, concerns and also, in the language in force."""
        return {
            "rule": self.rule,
            "also": list(self.also),
            "severity": self.severity.value,
            "message": str(self.message),
            "numbers": [number.as_json() for number in self.numbers],
            "rows": [row.as_json() for row in self.rows],
            "settle": str(self.settle),
            "size": self.size if math.isfinite(self.size) else None,
            "concerns": list(self.concerns),
        }


def by_weight(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Order findings by weight, the gravest first; equal ones by rule and by the row they stand in."""
    return tuple(sorted(findings, key=lambda one: (-one.weight, one.rule, _first_row(one))))


def _first_row(finding: Finding) -> tuple[str, str, int]:
    rows = finding.rows
    return (rows[0].file, rows[0].sheet, rows[0].row or 0) if rows else ("", "", 0)


def times(one: float, other: float) -> float:
    """How many times two numbers lie apart: the larger over the smaller of their sizes; infinite for a zero."""
    low, high = sorted((abs(one), abs(other)))
    if high == 0:
        return 1.0
    return high / low if low else math.inf


def shown(value: float, digits: int = 4) -> str:
    """A number for a message: so many significant digits, never an exponent, whole numbers in full."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value)}"
    if not math.isfinite(value):
        return "∞"
    places = max(digits - 1 - math.floor(math.log10(abs(value))), 0)
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text

"""The result of scoring one plant: exact indices or intervals, the level, and every row with its reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from qingyuan.language import Message, Name, clauses, message
from qingyuan.reference.records import Grade
from qingyuan.standards.answers import Answer, level_word
from qingyuan.standards.model import LEVELS, ByLevel, IndexSystem, Indicator, Level, Table
from qingyuan.standards.wording import requirement

Met = Literal["I", "II", "III", "none", "n/a", "no-data", "open", "unknown"]
Overall = Literal["I", "II", "III", "none", "undecided"]

HUNDRED = Fraction(100)


@dataclass(frozen=True, slots=True)
class Interval:
    """A number that is known exactly (``low`` equals ``high``) or lies between two; an open end is never reached."""

    low: Fraction
    high: Fraction
    low_open: bool = False
    high_open: bool = False

    @classmethod
    def exactly(cls, value: Fraction | int) -> Interval:
        """A number that is known."""
        return cls(Fraction(value), Fraction(value))

    @property
    def exact(self) -> bool:
        """Whether the number is known."""
        return self.low == self.high

    def __add__(self, other: Interval) -> Interval:
        return Interval(
            self.low + other.low,
            self.high + other.high,
            self.low_open or other.low_open,
            self.high_open or other.high_open,
        )

    def scaled(self, factor: Fraction) -> Interval:
        """The number times a factor that is not negative."""
        if factor == 0:
            return Interval.exactly(0)
        return Interval(self.low * factor, self.high * factor, self.low_open, self.high_open)

    def capped(self, cap: Fraction) -> Interval:
        """The lesser of the number and a cap."""
        if self.low >= cap:
            return Interval.exactly(cap)
        if self.high > cap:
            return Interval(self.low, cap, self.low_open, False)
        return self

    def reaches(self, minimum: Fraction) -> bool | None:
        """Whether the number is at least ``minimum``: True, False, or None where the interval does not decide."""
        if self.low >= minimum:
            return True
        if self.high < minimum or (self.high == minimum and self.high_open):
            return False
        return None

    def contains(self, value: Fraction) -> bool:
        """Whether a value is possible."""
        above = value > self.low or (value == self.low and not self.low_open)
        below = value < self.high or (value == self.high and not self.high_open)
        return above and below

    def as_json(self) -> float | list[float]:
        """A number, or ``[low, high]``."""
        return float(self.low) if self.exact else [float(self.low), float(self.high)]


@dataclass(frozen=True, slots=True)
class RowScore:
    """One row of a result.

    ``membership``: whether each level is met (None: not decided, since the level was not read). ``weight``: exact share
    of the whole after renormalisation, None where the split of its block (``shared_weight``) is unknown; a bonus row's
    is a share on top of the whole. ``points``: what the row adds to each index (exact; an interval where the split or
    the membership is unknown). ``bounds``: the numbers of a quantitative row at this plant's ``n``
    (in the schemes without levels: at I what full points ask, at III where points begin). ``withholds``:
    levels that this row alone keeps from the plant, by the limiting rule or the rule for other rows. ``ratio`` is the
    row's own ratio or fraction of its points in the schemes without levels.
    """

    indicator: Indicator
    group_name: Name
    answer: Answer
    met: Met
    membership: ByLevel[bool | None]
    weight: Fraction | None
    shared_weight: Fraction
    points: ByLevel[Interval]
    bounds: ByLevel[Fraction | None]
    grade: Grade
    n: Fraction | None = None
    bonus: bool = False
    withholds: tuple[Level, ...] = ()
    ratio: Fraction | None = None
    notes: tuple[Message, ...] = ()

    @property
    def id(self) -> str:
        """The row's id."""
        return self.indicator.id

    @property
    def takes_part(self) -> bool:
        """Whether the row counts: it applies and has a benchmark, or is a bonus row, which keeps its weight anyway."""
        return self.met not in ("n/a", "open") or self.shared_weight > 0

    def requirement(self, level: Level) -> Message | Name:
        """What a level asks, as a reader sees it."""
        return requirement(self.indicator, level, self.n)

    def as_json(self, scheme: str = "levels") -> dict[str, object]:
        """The row as plain values; texts in the language in force, weights of 1, points of 100."""
        row = self.indicator
        record: dict[str, object] = {
            "id": row.id,
            "name": str(row.name),
            "group": row.group,
            "group_name": str(self.group_name),
            "kind": row.kind,
            "unit": row.unit,
            "value": self.answer.as_json(),
            "weight": None if self.weight is None else float(self.weight),
            "met": self.met,
            "limiting": row.limiting,
            "grade": self.grade.value,
            "verified": self.grade is not Grade.RECALLED,
            "product": str(row.product) if row.product else "",
            "bonus": self.bonus,
            "note": str(clauses(self.notes)),
        }
        if self.weight is None:
            record["shared_weight"] = float(self.shared_weight)
        if scheme == "levels":
            record["levels"] = {level: str(self.requirement(level)) for level in LEVELS}
            if row.quantitative:
                record["bounds"] = {level: _float(bound) for level, bound in self.bounds.items()}
            record["points"] = {level: points.as_json() for level, points in self.points.items()}
            record["withholds"] = list(self.withholds)
        else:
            record["benchmark"] = _reference(row.benchmark)
            record["base"] = _reference(row.base)
            record["bounds"] = {"lead": _float(self.bounds["I"]), "base": _float(self.bounds["III"])}
            record["points"] = self.points["I"].as_json()
            record["ratio"] = _float(self.ratio)
        return record


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _reference(value: Fraction | Name | None) -> float | str | None:
    return float(value) if isinstance(value, Fraction) else None if value is None else str(value)


@dataclass(frozen=True, slots=True)
class RowFailure:
    """A row that keeps a level from the plant whatever its index (限定性指标未达到).

    ``level``: the lowest level that it keeps away; ``required``: what that level asks of the row; ``reached``: what the
    row has; ``withholds``: all levels that it keeps away.
    """

    id: str
    name: Name
    level: Level
    required: Level
    reached: Met
    withholds: tuple[Level, ...]

    def as_json(self) -> dict[str, object]:
        """The failure as plain values."""
        return {
            "id": self.id,
            "name": str(self.name),
            "level": self.level,
            "required": self.required,
            "reached": self.reached,
            "withholds": list(self.withholds),
        }


@dataclass(frozen=True, slots=True)
class LevelStatus:
    """Whether each condition of a level holds: True, False, or None where it is not decided."""

    level: Level
    index: bool | None
    limiting: bool | None
    others: bool | None

    @property
    def met(self) -> bool | None:
        """Whether the level is met."""
        parts = (self.index, self.limiting, self.others)
        if False in parts:
            return False
        return None if None in parts else True


@dataclass(frozen=True, slots=True)
class Score:
    """The score of one plant on one table (评价结果).

    ``indices`` by name: I, II, III for three levels; P1, P2, P, score, passed … for the other schemes. ``possible``:
    the levels that an undecided result may turn out to be. ``grade_shares``: share of the weight by how surely its rows
    are known; empty where weights were not read. ``values``, ``parameters``: what the plant answered, so that a change
    can be scored again. ``uncapped``: the indices before the cap of bonus points. ``scored`` is false where weights
    were not read, so that the indices say nothing.
    """

    system: IndexSystem
    table: Table
    indices: tuple[tuple[str, Interval], ...]
    level: Overall
    possible: tuple[Overall, ...]
    rows: tuple[RowScore, ...]
    statuses: tuple[LevelStatus, ...]
    limiting_failures: tuple[RowFailure, ...]
    other_failures: tuple[RowFailure, ...]
    grade_shares: tuple[tuple[Grade, Fraction], ...]
    notes: tuple[Message, ...]
    values: Mapping[str, object]
    parameters: Mapping[str, object]
    uncapped: tuple[tuple[str, Interval], ...] = ()
    scored: bool = True

    def index(self, name: str) -> Interval:
        """One index, such as ``I`` for Y_I; raises KeyError."""
        return dict(self.indices)[name]

    def row(self, id: str) -> RowScore:
        """One row; raises KeyError."""
        for row in self.rows:
            if row.id == id:
                return row
        raise KeyError(id)

    @property
    def no_data(self) -> tuple[str, ...]:
        """Ids of the rows that apply and were not answered; they score 0."""
        return tuple(row.id for row in self.rows if row.met == "no-data")

    @property
    def below_read(self) -> Fraction | None:
        """Share of the weight that rests on anything below the grade ``read``; None where weights were not read."""
        if not self.grade_shares:
            return None
        return sum((share for grade, share in self.grade_shares if grade is not Grade.READ), Fraction(0))

    @property
    def level_name(self) -> Message | Name:
        """The document's name of the level reached; a plain one where the document's was not read."""
        return self.name_of(self.level)

    def name_of(self, level: Overall) -> Message | Name:
        """The document's name of a level; a plain one where the document's was not read."""
        if level == "undecided":
            return message("无法判定")
        if self.system.scheme == "pass-fail" or self.system.scheme == "lead-base-linear":
            return message("未达标") if level == "none" else message("达标")
        if level == "none":
            return level_word(None)
        return self.system.grading.level_name(level) or level_word(level)

    def as_json(self) -> dict[str, object]:
        """The result as plain values with keys that stay; texts in the language in force.

        ``Y``: each index a number or ``[low, high]``; ``level``: "I", "II", "III", "none" or "undecided";
        ``indicators``: every row of the table and of its bonus table; ``limiting_failures``: rows that keep a level
        away; ``no_data``: ids that were not answered; ``grade_share``: ``below_read`` and ``by_grade``, shares of the
        weight; ``grading_verified``: whether the level rule itself was read.
        """
        below = self.below_read
        return {
            "system": self.system.id,
            "table": self.table.id,
            "scheme": self.system.scheme,
            "Y": {name: interval.as_json() for name, interval in self.indices},
            "level": self.level,
            "level_name": str(self.level_name),
            "indicators": [row.as_json(self.system.scheme) for row in self.rows],
            "limiting_failures": [failure.as_json() for failure in self.limiting_failures],
            "no_data": list(self.no_data),
            "grade_share": {
                "below_read": None if below is None else float(below),
                "by_grade": {grade.value: float(share) for grade, share in self.grade_shares},
            },
            "verification": self.system.verification,
            "grading_verified": self.system.grading.verified,
            "notes": [str(note) for note in self.notes],
        }

"""What every shipped number carries: grade, source, validity, jurisdiction; and the single number, a coefficient."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from qingyuan.language import Name


class Grade(StrEnum):
    """How a record is known (可信等级), from the surest down."""

    READ = "read"  # read in the official text or a faithful copy: 已读原文
    CITED = "cited"  # read in a program, paper or page that cites the text: 转引
    RECALLED = "recalled"  # from memory, not seen: 凭记忆，须核对
    USER = "user"  # entered or imported by the operator: 用户录入
    DEMO = "demo"  # invented for demonstration: 演示


_WEAKNESS = {Grade.READ: 0, Grade.USER: 1, Grade.CITED: 2, Grade.RECALLED: 3, Grade.DEMO: 4}


def weakest(grades: Iterable[Grade]) -> Grade:
    """Return the weakest of some grades; ``read`` for none."""
    return max(grades, key=_WEAKNESS.__getitem__, default=Grade.READ)


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when a record holds (有效期); an open end is None."""

    start: dt.date | None = None
    end: dt.date | None = None

    def covers(self, day: dt.date) -> bool:
        """Whether the record holds on a day."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One number that was not measured at the plant (系数): value and unit with edition, grade and source.

    ``relative_uncertainty`` is a fraction; 0 where the number is exact by definition or no spread is known.
    ``default`` is true where the software chose the number and the user gave none.
    """

    id: str
    name: Name
    value: float
    unit: str
    grade: Grade
    source: str
    edition: str = ""
    validity: Validity = Validity()
    jurisdiction: str = "cn"
    relative_uncertainty: float = 0.0
    default: bool = False
    note: str = ""

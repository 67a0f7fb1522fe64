"""Working days and the ends of legal periods (工作日与期间): holidays by notice as data, counting by the Civil Code.

Counting (民法典 Arts. 201-203): the day of the event is not counted; a period of months or years ends on the day of the
same number, or on the last day of the month where there is none; a last day that is a rest day (法定休假日, weekends
included, less the weekend days that a notice makes working days) moves to the next working day. A year whose notice
(放假安排) is not known is counted by weekends and statutory festivals, and the result says so.
"""

from __future__ import annotations

import calendar as months_of
import datetime as dt
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

from qingyuan.language import Message, message
from qingyuan.reference.loading import DataError, Record, load_toml
from qingyuan.reference.records import Grade, Validity, weakest
from qingyuan.reference.sources import Graded

Unit = Literal["years", "months", "days", "working-days"]
# The notice of a year may take the last days of the year before for its New Year holiday (2018-12-29, 2022-12-31).
_NEW_YEAR_REACHES_BACK_TO = 28


class YearRecord(Graded):
    """The notice of one year (部分节假日安排): days off and weekend days that are worked instead, as days or spans."""

    year: int
    off: tuple[str, ...]
    working: tuple[str, ...]
    document: str


class FestivalRecord(Graded):
    """The statutory festival days (法定节日) of a time: fixed days, and days as steps from lunar festivals."""

    valid_from: dt.date
    valid_to: dt.date | None = None
    fixed: tuple[str, ...]
    spring: tuple[int, ...]
    qingming: tuple[int, ...]
    dragon_boat: tuple[int, ...]
    mid_autumn: tuple[int, ...]


class LunarRecord(Graded):
    """On which days the lunar festivals of a year fall."""

    year: int
    spring: dt.date
    qingming: dt.date
    dragon_boat: dt.date
    mid_autumn: dt.date


class _CalendarFile(Record):
    years: tuple[YearRecord, ...] = ()
    festivals: tuple[FestivalRecord, ...] = ()
    lunar: tuple[LunarRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Rest days and working days of China.

    ``off`` and ``working``: days that notices make rest days and working days; ``years``: the years whose own notice is
    known, with its grade; ``festivals``: statutory festival days of the years without one.
    """

    off: frozenset[dt.date]
    working: frozenset[dt.date]
    years: tuple[tuple[int, Grade], ...]
    festivals: frozenset[dt.date] = frozenset()
    _years: frozenset[int] = field(default=frozenset(), init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_years", frozenset(year for year, _ in self.years))

    def is_rest_day(self, day: dt.date) -> bool:
        """Whether a day is a rest day (休息日): off by notice, or a weekend or festival that is not worked."""
        if day in self.working:
            return False
        if day in self.off or day.weekday() >= 5:
            return True
        return day.year not in self._years and day in self.festivals

    def is_known(self, day: dt.date) -> bool:
        """Whether the notices that can touch a day are known."""
        if day.year not in self._years:
            return False
        return not (day.month == 12 and day.day >= _NEW_YEAR_REACHES_BACK_TO) or day.year + 1 in self._years

    def grade(self, day: dt.date) -> Grade:
        """How surely the notice of a day's year is known; ``recalled`` where it is not known at all."""
        return dict(self.years).get(day.year, Grade.RECALLED)

    def next_working_day(self, day: dt.date) -> dt.date:
        """The day itself where it is worked, else the first working day after it."""
        while self.is_rest_day(day):
            day += dt.timedelta(days=1)
        return day

    def working_days_after(self, day: dt.date, count: int) -> dt.date:
        """The ``count``-th working day after a day (the day itself not counted); before it where negative."""
        step = dt.timedelta(days=1 if count >= 0 else -1)
        left = abs(count)
        while left:
            day += step
            left -= not self.is_rest_day(day)
        return day


@dataclass(frozen=True, slots=True)
class PeriodEnd:
    """The end of a period (期间届满).

    ``last``: its last day; ``nominal``: the last day before a rest day moved it; ``notes``: that a calendar was not
    known; ``grade``: the weakest notice that decided.
    """

    last: dt.date
    nominal: dt.date
    notes: tuple[Message, ...] = ()
    grade: Grade = Grade.READ

    @property
    def moved(self) -> bool:
        """Whether a rest day moved the end."""
        return self.last != self.nominal


def period_end(start: dt.date, amount: int, unit: Unit, *, days: Calendar | None = None) -> PeriodEnd:
    """The last day of a period that runs from an event.

    ``start``: the day of the event, which is not counted; ``amount``: years, months, days or working days, not negative
    but for working days, where a negative amount counts backwards (papers due before a meeting). A period of working
    days ends on a working day by itself. Raises ValueError for a negative amount of anything else.
    """
    known = shipped_calendar() if days is None else days
    if unit == "working-days":
        nominal = known.working_days_after(start, amount)
        return _end(nominal, nominal, known, min(start, nominal), max(start, nominal))
    if amount < 0:
        raise ValueError("a period does not run backwards")
    nominal = start + dt.timedelta(days=amount) if unit == "days" else _months_on(start, amount, unit)
    last = known.next_working_day(nominal)
    return _end(nominal, last, known, nominal, last)


def _months_on(start: dt.date, amount: int, unit: Unit) -> dt.date:
    count = start.year * 12 + start.month - 1 + (amount * 12 if unit == "years" else amount)
    year, month = count // 12, count % 12 + 1
    return dt.date(year, month, min(start.day, months_of.monthrange(year, month)[1]))


def _end(nominal: dt.date, last: dt.date, known: Calendar, first: dt.date, final: dt.date) -> PeriodEnd:
    years = range(first.year, final.year + 1)
    doubtful = sorted({day.year for day in (first, final) if not known.is_known(day)})
    doubtful += [year for year in years[1:-1] if not known.is_known(dt.date(year, 1, 1))]
    notes = tuple(
        message(
            "{year} 年的放假安排没有收录，按周末与法定节日推算；请与国务院办公厅的通知核对",
            year=year if year not in dict(known.years) else year + 1,
        )
        for year in sorted(set(doubtful))
    )
    grade = weakest(known.grade(dt.date(year, 1, 1)) for year in years)
    return PeriodEnd(last, nominal, notes, grade)


def user_law_folder() -> Path:
    """Where the operator's own rules lie: ``law`` under ``QINGYUAN_HOME`` (default ``~/.qingyuan``)."""
    return Path(os.environ.get("QINGYUAN_HOME") or "~/.qingyuan").expanduser() / "law"


@lru_cache(maxsize=1)
def _shipped() -> Calendar:
    found = load_toml("law/calendar.toml", _CalendarFile)
    years = [record.year for record in found.years]
    if len(set(years)) != len(years):
        raise DataError("law/calendar.toml: a year stands twice")
    return Calendar(
        off=frozenset(day for record in found.years for day in _spans(record.off)),
        working=frozenset(day for record in found.years for day in _spans(record.working)),
        years=tuple((record.year, record.grade) for record in found.years),
        festivals=frozenset(_festival_days(found)),
    )


def shipped_calendar() -> Calendar:
    """The calendar that ships, with the years that the operator added in ``calendar.toml`` of ``user_law_folder``.

    Raises DataError where the operator's file does not have the shape of the shipped one (``[[years]]`` with ``year``,
    ``off``, ``working``, ``document``, ``grade``, ``source``).
    """
    path = user_law_folder() / "calendar.toml"
    if not path.is_file():
        return _shipped()
    return _merged(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _merged(path: Path, _stamp: int) -> Calendar:
    import tomllib

    from pydantic import ValidationError

    try:
        own = _CalendarFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        off = frozenset(day for record in own.years for day in _spans(record.off))
        working = frozenset(day for record in own.years for day in _spans(record.working))
    except (OSError, UnicodeDecodeError, ValueError, ValidationError) as error:
        raise DataError(f"{path}: {error}") from error
    base = _shipped()
    replaced = {record.year for record in own.years}
    return Calendar(
        off=frozenset(day for day in base.off if day.year not in replaced) | off,
        working=frozenset(day for day in base.working if day.year not in replaced) | working,
        years=(
            *(entry for entry in base.years if entry[0] not in replaced),
            *((record.year, record.grade) for record in own.years),
        ),
        festivals=base.festivals,
    )


def _spans(texts: tuple[str, ...]) -> Iterator[dt.date]:
    for text in texts:
        first, _, last = text.partition("/")
        day, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
        while day <= end:
            yield day
            day += dt.timedelta(days=1)


def _festival_days(found: _CalendarFile) -> Iterator[dt.date]:
    by_year = {record.year: record for record in found.lunar}
    known = {record.year for record in found.years}
    for year in range(min(known) - 5, max([*known, *by_year]) + 21):
        for rule in found.festivals:
            if not Validity(rule.valid_from, rule.valid_to).covers(dt.date(year, 6, 1)):
                continue
            for text in rule.fixed:
                yield dt.date.fromisoformat(f"{year}-{text}")
            if year not in by_year:
                continue
            lunar = by_year[year]
            for first, steps in (
                (lunar.spring, rule.spring),
                (lunar.qingming, rule.qingming),
                (lunar.dragon_boat, rule.dragon_boat),
                (lunar.mid_autumn, rule.mid_autumn),
            ):
                for step in steps:
                    yield first + dt.timedelta(days=step)


__all__ = ["Calendar", "PeriodEnd", "Unit", "period_end", "shipped_calendar", "user_law_folder"]

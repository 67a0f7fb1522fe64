"""Counting by the Civil Code (民法典 Arts. 201-203) with holidays by notice: months, rest days, make-up days."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.audit.calendar import Calendar, period_end, shipped_calendar
from qingyuan.reference.loading import DataError
from qingyuan.reference.records import Grade


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "amount", "unit", "nominal", "last"),
    [
        # the day of the event is not counted; the month ends on the day of the same number
        ("2026-03-10", 1, "months", "2026-04-10", "2026-04-10"),
        ("2026-03-10", 10, "days", "2026-03-20", "2026-03-20"),
        # no such day: the last day of the month
        ("2025-01-31", 1, "months", "2025-02-28", "2025-02-28"),
        ("2023-12-31", 2, "months", "2024-02-29", "2024-02-29"),
        ("2026-08-31", 6, "months", "2027-02-28", "2027-03-01"),
        ("2024-02-29", 1, "years", "2025-02-28", "2025-02-28"),
        ("2024-02-29", 4, "years", "2028-02-29", "2028-02-29"),
        ("2025-12-31", 1, "months", "2026-01-31", "2026-02-02"),
        # a Saturday goes to Monday
        ("2026-02-11", 1, "months", "2026-03-11", "2026-03-11"),
        ("2026-04-11", 1, "months", "2026-05-11", "2026-05-11"),
        ("2026-06-11", 1, "months", "2026-07-11", "2026-07-13"),
        # a holiday of a week: National Day 1-7 October 2026, worked again on Thursday 8
        ("2026-09-01", 1, "months", "2026-10-01", "2026-10-08"),
        # a weekend day that the notice makes a working day is no rest day: Saturday 2026-02-28, Sunday 2026-01-04
        ("2021-02-28", 5, "years", "2026-02-28", "2026-02-28"),
        ("2025-12-04", 1, "months", "2026-01-04", "2026-01-04"),
        # a weekday that the notice makes a rest day: Friday 2026-01-02, back to work on Sunday 4
        ("2025-12-02", 1, "months", "2026-01-02", "2026-01-04"),
        # Spring Festival of nine days, 15 to 23 February 2026
        ("2026-01-16", 1, "months", "2026-02-16", "2026-02-24"),
        # the notice of 2023 took 31 December 2022
        ("2022-11-30", 1, "months", "2022-12-30", "2022-12-30"),
        ("2022-12-30", 1, "days", "2022-12-31", "2023-01-03"),
    ],
)
def test_ends_of_periods(start: str, amount: int, unit: str, nominal: str, last: str) -> None:
    end = period_end(day(start), amount, unit)  # type: ignore[arg-type]
    assert (end.nominal, end.last) == (day(nominal), day(last))
    assert end.moved is (nominal != last)


def test_working_days_skip_holidays_and_count_make_up_days() -> None:
    # 2026-02-13 is a Friday; Saturday 14 is worked, 15 to 23 are off
    friday = day("2026-02-13")
    assert period_end(friday, 1, "working-days").last == day("2026-02-14")
    assert period_end(friday, 2, "working-days").last == day("2026-02-24")
    # backwards: papers three working days before a meeting on Thursday 2026-02-26
    assert period_end(day("2026-02-26"), -3, "working-days").last == day("2026-02-14")


def test_forty_five_working_days_of_2015() -> None:
    calendar = shipped_calendar()
    end = period_end(day("2015-03-20"), 45, "working-days")
    worked = [
        one for number in range(1, (end.last - day("2015-03-20")).days + 1)
        if not calendar.is_rest_day(one := day("2015-03-20") + dt.timedelta(days=number))
    ]  # fmt: skip
    assert len(worked) == 45
    assert end.last == day("2015-05-26")


def test_notices_that_ship_are_those_that_were_issued() -> None:
    calendar = shipped_calendar()
    years = dict(calendar.years)
    assert sorted(years) == list(range(2015, 2027))
    assert {year for year, grade in years.items() if grade is Grade.READ} == {2017, 2024, 2025, 2026}
    # every make-up day is a weekend day (but the Monday on which work began after the longer holiday of 2020)
    assert {one for one in calendar.working if one.weekday() < 5} == {day("2020-02-03")}
    assert not calendar.off & calendar.working
    # days off of 2026 as the notice of 2025-11-04 prints them
    assert sum(one.year == 2026 for one in calendar.off) == 3 + 9 + 3 + 5 + 3 + 3 + 7
    assert {one.isoformat() for one in calendar.working if one.year == 2026} == {
        "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
    }  # fmt: skip


def test_a_year_without_notice_is_counted_by_weekends_and_festivals_and_says_so() -> None:
    known = period_end(day("2026-03-10"), 1, "months")
    assert known.notes == ()
    unknown = period_end(day("2026-08-10"), 1, "years")
    assert [note.parameters for note in unknown.notes] == [(("year", 2027),)]
    assert "2027" in str(unknown.notes[0])
    calendar = shipped_calendar()
    # Spring Festival 2027: eve 5 February to 8 February; Labour Day has two days since 2025
    for off in ("2027-01-01", "2027-02-05", "2027-02-08", "2027-04-05", "2027-05-02", "2027-06-09", "2027-09-15"):
        assert calendar.is_rest_day(day(off)), off
    assert not calendar.is_rest_day(day("2027-02-09"))
    # the last days of a known year can be touched by a notice that is not known yet
    assert calendar.is_known(day("2026-12-27"))
    assert not calendar.is_known(day("2026-12-28"))
    assert [str(note)[:6] for note in period_end(day("2026-11-30"), 1, "months").notes] == ["2027 年"]


def test_a_year_that_the_operator_adds(own_law: Path) -> None:
    (own_law / "calendar.toml").write_text(
        '[[years]]\nyear = 2027\noff = ["2027-01-01/2027-01-03"]\nworking = ["2027-01-09"]\n'
        'document = "通知"\ngrade = "user"\nsource = "录入"\n',
        encoding="utf-8",
    )
    calendar = shipped_calendar()
    assert calendar.is_known(day("2027-06-01"))
    assert calendar.is_known(day("2026-12-31"))
    assert not calendar.is_rest_day(day("2027-01-09"))  # a Saturday that is worked
    assert not calendar.is_rest_day(day("2027-02-05"))  # festivals are the notice's to say now
    assert calendar.grade(day("2027-02-05")) is Grade.USER


BAD_DAY = '[[years]]\nyear = 2027\noff = ["2027-13-01"]\nworking = []\ndocument = "x"\ngrade = "user"\nsource = "x"\n'


@pytest.mark.parametrize("text", ["[[years]]\nyear = 2027\n", "not toml", BAD_DAY])
def test_a_calendar_that_cannot_be_read(own_law: Path, text: str) -> None:
    (own_law / "calendar.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"calendar\.toml"):
        shipped_calendar()


def test_only_working_days_run_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        period_end(day("2026-01-10"), -1, "months")


DAYS = st.dates(dt.date(2015, 1, 1), dt.date(2045, 12, 31))


@given(DAYS, st.integers(0, 120), st.sampled_from(["days", "months", "years"]))
def test_the_end_is_a_working_day_never_before_the_event(start: dt.date, amount: int, unit: str) -> None:
    end = period_end(start, amount, unit)  # type: ignore[arg-type]
    calendar = shipped_calendar()
    assert start <= end.nominal <= end.last
    assert not calendar.is_rest_day(end.last)
    between = [end.nominal + dt.timedelta(days=number) for number in range((end.last - end.nominal).days)]
    assert all(calendar.is_rest_day(one) for one in between)
    if unit != "days":
        assert end.nominal.day == start.day or (end.nominal + dt.timedelta(days=1)).day == 1


@given(DAYS, st.integers(0, 60))
def test_longer_periods_never_end_earlier(start: dt.date, amount: int) -> None:
    for unit in ("days", "months", "working-days"):
        assert period_end(start, amount, unit).last <= period_end(start, amount + 1, unit).last  # type: ignore[arg-type]
    assert period_end(start, amount, "years").last == period_end(start, amount * 12, "months").last


@given(DAYS, st.integers(1, 60))
def test_working_days_are_counted_one_by_one(start: dt.date, count: int) -> None:
    calendar = shipped_calendar()
    end = period_end(start, count, "working-days").last
    span = [start + dt.timedelta(days=number) for number in range(1, (end - start).days + 1)]
    assert sum(not calendar.is_rest_day(one) for one in span) == count
    assert not calendar.is_rest_day(end)


@given(DAYS)
def test_a_calendar_of_nothing_knows_weekends(one: dt.date) -> None:
    empty = Calendar(frozenset(), frozenset(), ())
    assert empty.is_rest_day(one) is (one.weekday() >= 5)
    assert not empty.is_known(one)

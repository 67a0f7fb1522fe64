"""When an audit ran (审核起止日期): by them its law and taxes are chosen; dates as people write them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from qingyuan.audit.inputs import Inputs
from qingyuan.facts.model import Profile

# 2025, 2025-03, 2025.3, 2025/3/1, 2025年3月, 2025年3月1日
_DATE = re.compile(r"(\d{4})\s*(?:[-./年]\s*(\d{1,2})\s*(?:[-./月]\s*(\d{1,2})\s*日?|月)?|年)?\s*$")
# What stands between two dates; the hyphen inside 2023-03 is none.
_TO = re.compile(r"\s*(?:至|到|~|～|—+|–)\s*|\s+-\s+|(?<=[月日])\s*-\s*|-(?=\d{4})")
_LATER = re.compile(
    r"(\d{1,2})\s*(?:月\s*(?:(\d{1,2})\s*日?)?)?"
)  # "11月", "11月30日": the year is that of the first date
DETAILS = ("audit", "审核时间", "审核期间", "审核起止时间")


@dataclass(frozen=True, slots=True)
class AuditSpan:
    """First and last day of an audit; None where they are not known."""

    start: dt.date | None = None
    end: dt.date | None = None


def day_of(text: str, *, end: bool = False) -> dt.date | None:
    """A day from 2025-03-01, 2025-03, 2025.3, 2025/3/1, 2025年3月1日 or 2025; of a month or year the first or last.

    None where the text is no date.
    """
    found = _DATE.match(text.strip())
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    return _day(year or 0, month, day, end=end)


def span_of(text: str) -> AuditSpan:
    """The two days of "2023年3月至11月", "2023-03 至 2023-11", "2023-03-01 ~ 2023-11-30"; empty where it is no such."""
    parts = [part for part in _TO.split(text.strip()) if part]
    start = day_of(parts[0]) if parts else None
    if start is None:
        return AuditSpan()
    last = parts[-1]
    end = day_of(last, end=True)
    later = _LATER.match(last)
    if end is None and later is not None:
        month, day = (int(part) if part else None for part in later.groups())
        end = _day(start.year, month, day, end=True)
    return AuditSpan(start, end if end is not None and end >= start else None)


def audit_span(inputs: Inputs, profile: Profile) -> AuditSpan:
    """When the audit ran: the day of the list, the recorded end, what the profile says (``[details]`` audit, 审核时间).

    The list starts an audit that it compels; the day on which it was finished, or its report received, ends it.
    """
    told = next((span_of(profile.details[key]) for key in DETAILS if profile.details.get(key)), AuditSpan())
    finished = inputs.events.get("audit-finished") or inputs.events.get("report-received")
    return AuditSpan(inputs.listed_on or told.start, finished or told.end)


def _day(year: int, month: int | None, day: int | None, *, end: bool) -> dt.date | None:
    try:
        if month is None:
            return dt.date(year, 12, 31) if end else dt.date(year, 1, 1)
        if day is not None:
            return dt.date(year, month, day)
        first = dt.date(year, month, 1)
        if not end:
            return first
        return (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    except ValueError:
        return None

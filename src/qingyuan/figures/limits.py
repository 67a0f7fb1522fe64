"""Discharge limits (达标判断): the highest result of each pollutant at each outlet against its limit; exceedances.

A limit stands as the plant wrote it beside the result: ``160``, ``≤30``, ``6-9``. A result below detection keeps one
that is not under its detection limit. These are records for the report, not figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from qingyuan.facts.model import UNDATED, Case, Monitoring, Period, State
from qingyuan.figures.monitoring import series_of

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_RANGE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(?:-|~|～|—|–|至|到)\s*(\d+(?:\.\d+)?)\s*$")


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as a range: at least ``low`` and at most ``high`` (None = open)."""

    low: Decimal | None
    high: Decimal | None

    def keeps(self, value: Decimal) -> bool:
        """Whether a value lies within the limit, its ends included."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


def read_limit(text: str) -> Limit | None:
    """Read a limit; None where there is none.

    >>> read_limit("6-9")
    Limit(low=Decimal('6'), high=Decimal('9'))
    """
    plain = text.strip()
    if match := _RANGE.match(plain):
        return Limit(Decimal(match[1]), Decimal(match[2]))
    numbers = _NUMBER.findall(plain)
    if len(numbers) != 1:
        return None
    lowest = plain.startswith(("≥", ">=", ">", "＞", "不低于", "不小于"))
    return Limit(Decimal(numbers[0]), None) if lowest else Limit(None, Decimal(numbers[0]))


@dataclass(frozen=True, slots=True)
class LimitCheck:
    """One pollutant at one outlet against its limit over the results of a year (达标情况).

    ``share`` is the highest result over the limit (1 = at the limit); None without a limit, for a range (pH) or where
    nothing was found. ``exceeding`` and ``rate_exceeding`` list the results above concentration and rate limits.
    ``without_limit`` counts results beside which no limit stands, ``undecided`` those below a detection limit that is
    above the limit.
    """

    outlet: str
    pollutant: str
    label: str
    medium: str
    period: str
    unit: str
    count: int
    below_detection: int
    limit: Limit | None
    highest: Monitoring | None
    lowest: Monitoring | None
    share: Decimal | None
    exceeding: tuple[Monitoring, ...]
    rate_exceeding: tuple[Monitoring, ...]
    without_limit: int
    undecided: int = 0

    @property
    def kept(self) -> bool | None:
        """Whether all results keep their limits; None where no result has one."""
        if self.exceeding or self.rate_exceeding:
            return False
        if self.undecided:
            return None
        has_rate = any(one.rate_limit_kg_h is not None for one in (self.highest, self.lowest) if one is not None)
        return True if self.without_limit < self.count or has_rate else None


def limit_checks(case: Case) -> tuple[LimitCheck, ...]:
    """Check every outlet, pollutant and year of the monitoring results after treatment, noise included."""
    checks: list[LimitCheck] = []
    for series in series_of(case):
        if series.before:
            continue
        by_year: dict[str, list[Monitoring]] = {}
        for one in series.results:
            dated = one.date and one.date != UNDATED
            by_year.setdefault(str(Period.parse(one.date).start.year) if dated else UNDATED, []).append(one)
        checks.extend(_check(year, results, series.outlet, series.medium) for year, results in sorted(by_year.items()))
    return tuple(checks)


def _check(year: str, results: list[Monitoring], outlet: str, medium: str) -> LimitCheck:
    found = [one for one in results if one.state is State.VALUE and one.concentration is not None]
    found.sort(key=lambda one: one.concentration or 0.0)
    limits = [(one, read_limit(one.limit)) for one in results]
    stated = [limit for _, limit in limits if limit is not None]
    strictest = _strictest(stated)
    exceeding = tuple(
        one for one, limit in limits if one in found and limit is not None and not limit.keeps(_value(one))
    )
    by_rate = tuple(
        one
        for one in results
        if one.rate_kg_h is not None and one.rate_limit_kg_h is not None and one.rate_kg_h > one.rate_limit_kg_h
    )
    share = None
    if found and strictest is not None and strictest.low is None and strictest.high:
        share = _value(found[-1]) / strictest.high
    first = results[0]
    return LimitCheck(
        outlet=outlet,
        pollutant=first.pollutant,
        label=first.label or first.pollutant,
        medium=medium,
        period=year,
        unit=first.unit,
        count=len(results),
        below_detection=sum(one.state is State.BELOW_DETECTION for one in results),
        limit=strictest,
        highest=found[-1] if found else None,
        lowest=found[0] if found else None,
        share=share,
        exceeding=exceeding,
        rate_exceeding=by_rate,
        without_limit=sum(limit is None for _, limit in limits),
        undecided=sum(
            one.state is State.BELOW_DETECTION
            and one.concentration is not None
            and limit is not None
            and not limit.keeps(_value(one))
            for one, limit in limits
        ),
    )


def _value(one: Monitoring) -> Decimal:
    """The result as the decimal that was written, so that a value at its limit keeps it."""
    return Decimal(repr(one.concentration))


def _strictest(limits: list[Limit]) -> Limit | None:
    if not limits:
        return None
    lows = [limit.low for limit in limits if limit.low is not None]
    highs = [limit.high for limit in limits if limit.high is not None]
    return Limit(max(lows, default=None), min(highs, default=None))

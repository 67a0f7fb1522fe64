"""Periods that fill a longer one: months into a year, without gap and without overlap (时段拼合)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from qingyuan.facts.model import Period
from qingyuan.language import Listing, listing

_ONE_DAY = dt.timedelta(days=1)


def tile(span: Period, known: Iterable[Period]) -> tuple[tuple[Period, ...], bool]:
    """Periods that fill a span without gap or overlap, the longest first where there is a choice; else as many days
    as can be covered without overlap, and False.
    """
    starting: dict[dt.date, list[Period]] = {}
    for period in known:
        starting.setdefault(period.start, []).append(period)
    # From the last day back: the best cover of [day, end], most days first, then fewest pieces.
    best: dict[dt.date, tuple[int, int, Period | None]] = {span.end + _ONE_DAY: (0, 0, None)}
    days = sorted({span.start, *starting, *(period.end + _ONE_DAY for period in known)})
    days = [day for day in days if span.start <= day <= span.end]
    following = span.end + _ONE_DAY
    for day in reversed(days):
        skipped = best[following]
        choice: tuple[int, int, Period | None] = (skipped[0], skipped[1], None)
        for period in starting.get(day, ()):
            after = best[period.end + _ONE_DAY]
            candidate = (after[0] + period.days, after[1] - 1, period)
            if candidate[:2] > choice[:2]:
                choice = candidate
        best[day] = choice
        following = day
    order = [*days, span.end + _ONE_DAY]
    tiles: list[Period] = []
    day = span.start
    while day <= span.end:
        chosen = best[day][2]
        if chosen is None:
            day = order[order.index(day) + 1]
        else:
            tiles.append(chosen)
            day = chosen.end + _ONE_DAY
    return tuple(tiles), bool(tiles) and sum(piece.days for piece in tiles) == span.days


def merged(tiles: Iterable[Period]) -> str:
    """Periods as one text, neighbours joined: ``2022-01,2022-03``."""
    joined: list[Period] = []
    for piece in sorted(tiles):
        if joined and joined[-1].end + _ONE_DAY == piece.start:
            joined[-1] = Period(joined[-1].start, piece.end)
        else:
            joined.append(piece)
    return ",".join(str(period) for period in joined)


def periods(covers: str) -> Listing:
    """What a term covers (``Term.covers``) for a reader: the periods, those of its several parts together."""
    return listing(part for cover in covers.split(" | ") if cover != "*" for part in cover.split(","))

"""Facts as rows of a worksheet: years side by side where only the year differs, else a row for each number.

``distribute`` puts every fact of a case on exactly one sheet of the workbook; reading the sheets gives the facts back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from qingyuan.facts.model import Case, Fact
from qingyuan.facts.rows import Entry, fact_row
from qingyuan.facts.sheets import SHEETS, sheet

MOST_YEARS = 6  # columns of years on a sheet; facts of earlier years go to the sheet of details
LEAST_SHARE = 0.1  # a year with fewer facts than this share of the fullest year has no column of its own

_YEAR = re.compile(r"\d{4}")


@dataclass(slots=True)
class WideRow:
    """A row that holds one thing in several years: its words by column key, its quantities by period."""

    words: dict[str, Entry]
    values: dict[str, Entry] = field(default_factory=dict)


@dataclass(slots=True)
class Distribution:
    """The facts of a case by sheet: wide rows, long rows; ``years`` are the columns of the wide sheets."""

    years: tuple[str, ...]
    wide: dict[str, list[WideRow]] = field(default_factory=dict)
    long: dict[str, list[dict[str, Entry]]] = field(default_factory=dict)


def chosen_years(case: Case | None, years: Sequence[str]) -> tuple[str, ...]:
    """The years of the wide sheets: as asked for, else the latest of the case's whole years that have enough facts."""
    if years or case is None:
        return tuple(years)
    counts = Counter(fact.period for fact in case.facts if _YEAR.fullmatch(fact.period))
    least = LEAST_SHARE * max(counts.values(), default=0)
    return tuple(sorted(year for year, count in counts.items() if count >= least)[-MOST_YEARS:])


def distribute(case: Case, years: Sequence[str], *, blank: str) -> Distribution:
    """Put every fact on one sheet; ``blank`` is the word for "asked, not answered" where a blank cell says nothing."""
    result = Distribution(tuple(years))
    home = {kind: entry.key for entry in reversed(SHEETS) if entry.layout == "wide" for kind in entry.kinds}
    groups: dict[tuple[object, ...], list[WideRow]] = {}
    for fact in case.facts:
        if fact.to_place:
            result.long.setdefault("flows", []).append(_own_plant(fact_row(fact), case))
        elif fact.kind in home and fact.period in years:
            rows = result.wide.setdefault(home[fact.kind], [])
            _add_wide(rows, groups, fact, case, blank, home[fact.kind])
        else:
            result.long.setdefault("details", []).append(_own_plant(fact_row(fact), case))
    return result


def _add_wide(
    rows: list[WideRow],
    groups: dict[tuple[object, ...], list[WideRow]],
    fact: Fact,
    case: Case,
    blank: str,
    home: str,
) -> None:
    """Put a fact into the first row that says the same of another year, or into a new one."""
    words = _own_plant(fact_row(fact, blank=blank, with_kind=len(sheet(home).kinds) > 1), case)
    period, value = str(words.pop("period")), words.pop("value")
    key = tuple(words.values())
    for row in groups.setdefault(key, []):
        if period not in row.values:
            row.values[period] = value
            return
    row = WideRow(words, {period: value})
    groups[key].append(row)
    rows.append(row)


def _own_plant(row: dict[str, Entry], case: Case) -> dict[str, Entry]:
    if row["plant"] == case.profile.plant:
        row["plant"] = ""
    return row


def used_columns(rows: Iterable[dict[str, Entry]]) -> frozenset[str]:
    """The keys of columns that any row fills."""
    return frozenset(key for row in rows for key, value in row.items() if value not in ("", None))

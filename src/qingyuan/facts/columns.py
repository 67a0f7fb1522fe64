"""The columns of every table of a case, one definition for CSV files and workbooks (``data/workbook/columns.csv``).

A column of a user's sheet is found by its key, else by its heading in Chinese or English in many spellings. A heading
may carry a unit in brackets (用电量（万kWh）) or a period (2022年).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, cast, get_args

from qingyuan.facts.cells import plain, read_period
from qingyuan.language import Name

Holds = Literal["text", "number", "choice", "period", "long"]
TableKey = Literal["facts", "monitoring", "equipment", "options", "places", "indicators", "evidence", "profile"]

DATA: Final = Path(__file__).parent.parent / "data"


NO_HELP: Final = Name("")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key in CSV files, its heading, other headings that mean it, what it holds, and help for it."""

    key: str
    heading: Name
    aliases: tuple[str, ...] = ()
    holds: Holds = "text"
    width: float = 12
    help: Name = NO_HELP


@lru_cache(maxsize=1)
def _defined() -> Mapping[TableKey, tuple[tuple[Column, bool], ...]]:
    """The columns of ``data/workbook/columns.csv`` by table, each with whether a sheet must have it."""
    tables: dict[TableKey, list[tuple[Column, bool]]] = {}
    with (DATA / "workbook" / "columns.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            table, holds = row["table"], row["holds"]
            if table not in get_args(TableKey) or holds not in get_args(Holds):
                raise ValueError(f"columns.csv: {table} {holds}")
            column = Column(
                key=row["key"],
                heading=Name(row["zh"], row["en"]),
                aliases=tuple(filter(None, row["aliases"].split("|"))),
                holds=cast(Holds, holds),
                width=float(row["width"]),
                help=Name(row["help_zh"], row["help_en"]),
            )
            tables.setdefault(cast(TableKey, table), []).append((column, row["required"] == "yes"))
    return {table: tuple(columns) for table, columns in tables.items()}


def columns(table: TableKey) -> tuple[Column, ...]:
    """The columns of a table, in the order of its CSV file."""
    return tuple(column for column, _ in _defined()[table])


def column(table: TableKey, key: str) -> Column:
    """One column of a table; raises KeyError."""
    for found in columns(table):
        if found.key == key:
            return found
    raise KeyError(key)


def required(table: TableKey) -> tuple[str, ...]:
    """The keys of the columns without which a sheet is no table of this kind."""
    return tuple(column.key for column, needed in _defined()[table] if needed)


_BRACKETS = re.compile(r"[（(\[【〔]([^（）()\[\]【】〔〕]*)[）)\]】〕]")
# Months as headings write them beside 2022年7月: 2022-07, 2022/7, 202207, July 2022. Not 2022.7: typed as a number,
# October has lost its zero and looks like January.
_MONTH = re.compile(r"((?:19|20|21)\d\d)(?: ?[-/] ?(0?[1-9]|1[0-2])|(0[1-9]|1[0-2]))(?![-/.\d])")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED_MONTH = re.compile(
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?,? ?((?:19|20|21)\d\d)(?!\d)",
    re.IGNORECASE,
)
_NOISE = re.compile(r"[\s*＊★:：。.、#]+")


@dataclass(frozen=True, slots=True)
class Heading:
    """What a heading says: its bare words, the unit or remark in its brackets, the period it begins with."""

    words: str
    bracket: str = ""
    period: str = ""


@lru_cache(maxsize=4096)
def read_heading(text: str) -> Heading:
    """Take a heading apart: ``用电量（万kWh）``, ``2022年（t）``, ``2022年消耗量``, ``2022-07``."""
    shown = plain(text)[:200]
    brackets = _BRACKETS.findall(shown)
    words = _BRACKETS.sub(" ", shown).strip()
    period = ""
    if match := _MONTH.match(words):
        period, words = f"{match[1]}-{int(match[2] or match[3]):02d}", words[match.end() :].strip(" -_/")
    elif match := _NAMED_MONTH.match(words):
        month = _MONTHS.index(match[1][:3].casefold()) + 1
        period, words = f"{match[2]}-{month:02d}", words[match.end() :].strip(" -_/")
    elif match := re.match(r"(?:FY ?)?((?:19|20|21)\d\d)(?: ?年度?)?(?: ?\d{1,2} ?月)?", words):
        reading = read_period(match[0])
        rest = words[match.end() :].strip(" -_/")
        if reading.period and not rest[:1].isdigit():
            period, words = reading.period, rest
    return Heading(words, brackets[-1].strip() if brackets else "", period)


def fold(words: str) -> str:
    """Give the form in which headings are compared: no blanks, stars or colons, lower case."""
    return _NOISE.sub("", plain(words)).casefold()


@lru_cache(maxsize=32)
def spellings(table: TableKey) -> Mapping[str, str]:
    """Every folded spelling of a table's headings, with the key of its column; keys and own headings come first."""
    known: dict[str, str] = {}
    for column in columns(table):
        for spelling in (column.key, column.heading.zh, column.heading.en):
            for form in (spelling, _BRACKETS.sub("", spelling)):
                known.setdefault(fold(form), column.key)
    for column in columns(table):
        for alias in column.aliases:
            known.setdefault(fold(alias), column.key)
    known.pop("", None)
    return known


@lru_cache(maxsize=8192)
def column_key(table: TableKey, heading: str) -> str:
    """The key of the column that a heading means in a table, or "" where it means none."""
    known = spellings(table)
    whole = known.get(fold(heading))
    return whole or known.get(fold(read_heading(heading).words), "")

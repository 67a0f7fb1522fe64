"""Where shipped records come from (来源): the register of sources, and the base of every graded record.

A record's ``source`` in a data file is a text, or ``@id`` of a source in ``data/sources.csv``; when it is loaded it
becomes a text that a reader can follow, with the address where there is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from qingyuan.reference.loading import DataError, Record, load_csv
from qingyuan.reference.records import Grade
from qingyuan.units import canonical


class Source(Record):
    """One source (来源): what it is and where it stands."""

    id: str
    title: str
    url: str = ""

    def __str__(self) -> str:
        return f"{self.title} <{self.url}>" if self.url else self.title


@lru_cache(maxsize=1)
def sources() -> Mapping[str, Source]:
    """Give the register of sources by id. Raises DataError for an id that stands twice."""
    records = load_csv("sources.csv", Source)
    found = {record.id: record for record in records}
    if len(found) != len(records):
        raise DataError("sources.csv: an id stands twice")
    return found


@lru_cache(maxsize=1024)
def source_text(text: str) -> str:
    """Resolve ``@id`` to the text of a registered source; any other text stands as it is.

    Raises ValueError for an unknown id and for an empty text.
    """
    if not text.strip():
        raise ValueError("a record without a source")
    if not text.startswith("@"):
        return text
    if text[1:] not in sources():
        raise ValueError(f"unknown source: {text}")
    return str(sources()[text[1:]])


def _split(value: object) -> object:
    return tuple(value.split("|")) if isinstance(value, str) else value


def _known_unit(text: str) -> str:
    if canonical(text) != text:
        raise ValueError(f"unit {text} is written {canonical(text)}")
    return text


SourceText = Annotated[str, AfterValidator(source_text)]
# A list in one cell, parted by "|".
Words = Annotated[tuple[str, ...], BeforeValidator(_split)]
# A unit in its canonical spelling.
Unit = Annotated[str, AfterValidator(_known_unit)]


class Graded(Record):
    """Base of a record with source, grade and remark (来源、可信等级、备注)."""

    grade: Grade
    source: SourceText
    note: str = ""

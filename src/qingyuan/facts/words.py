"""Closed lists of words in a case (``data/workbook/words.csv``): ids, names in both languages, other spellings.

Files and workbooks show the names; the model holds the ids. ``word_id`` reads any spelling, ``word_name`` writes.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from qingyuan.facts.cells import plain
from qingyuan.facts.columns import DATA
from qingyuan.language import Name

WordList = Literal["basis", "kind", "medium", "place_kind", "cost", "aspect", "status", "evidence_kind", "level"]


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a list: its id, its name, and other spellings that mean it."""

    id: str
    name: Name
    aliases: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def _lists() -> Mapping[str, tuple[Word, ...]]:
    lists: dict[str, list[Word]] = {}
    with (DATA / "workbook" / "words.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if row["list"] not in get_args(WordList):
                raise ValueError(f"words.csv: {row['list']}")
            aliases = tuple(filter(None, row["aliases"].split("|")))
            lists.setdefault(row["list"], []).append(Word(row["id"], Name(row["zh"], row["en"]), aliases))
    return {name: tuple(entries) for name, entries in lists.items()}


def words(name: WordList) -> tuple[Word, ...]:
    """The words of a list, in their order."""
    return _lists()[name]


def _fold(text: str) -> str:
    return plain(text).replace(" ", "").casefold()


@lru_cache(maxsize=16)
def _spellings(name: WordList) -> Mapping[str, str]:
    known: dict[str, str] = {}
    for word in words(name):
        for spelling in (word.id, word.name.zh, word.name.en):
            known.setdefault(_fold(spelling), word.id)
    for word in words(name):
        for spelling in word.aliases:
            known.setdefault(_fold(spelling), word.id)
    return known


@lru_cache(maxsize=4096)
def word_id(name: WordList, text: str) -> str | None:
    """The id of the word that a text means, in Chinese, English or any listed spelling; None where it means none."""
    return _spellings(name).get(_fold(text))


def word_name(name: WordList, id: str) -> Name | None:
    """The name of an id; None where the list has no such id."""
    return next((word.name for word in words(name) if word.id == id), None)

"""English of what data files say in Chinese of their records: sources, editions, remarks, formulae (英文译文).

The translations are ours, not the documents'. Official titles stay beside them in 《》, so that they can be found.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from qingyuan.language import Name, Text
from qingyuan.reference.loading import DataError, Record, load_csv

FILE = "accounting/english.csv"


class _Entry(Record):
    zh: str
    en: str


@lru_cache(maxsize=1)
def english() -> Mapping[str, str]:
    """The English by the Chinese text. Raises DataError where a text stands twice."""
    entries = load_csv(FILE, _Entry)
    found = {entry.zh: entry.en for entry in entries}
    if len(found) != len(entries):
        raise DataError(f"{FILE}: a text stands twice")
    return found


def translated(text: Text) -> Text:
    """A source, an edition, a remark or a formula in both languages; the text itself where its English is not known.

    An address behind a title (``title <url>``), a year behind an edition (``edition (2023)``) and numbers before a
    remark (``1.1-1.3; remark``) stay as they are.
    """
    return _translated(text) if isinstance(text, str) and text else text


@lru_cache(maxsize=4096)
def _translated(text: str) -> Name:
    known = english()
    for mark in ("", " <", " ("):
        head, mark, tail = text.rpartition(mark) if mark else (text, "", "")
        if head in known:
            return Name(text, f"{known[head]}{mark}{tail}")
    head, mark, tail = text.partition("; ")
    return Name(text, f"{head}{mark}{known[tail]}" if tail in known else text)

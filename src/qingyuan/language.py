"""Chinese and English: messages that are translated when they are read, and names in both languages.

Chinese is the source language (GNU gettext, catalogue ``locale/en``). A message keeps its template and its
parameters, so that one list of problems can be shown to two readers in two languages.
"""

from __future__ import annotations

import gettext as _gettext
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

_current: ContextVar[Language] = ContextVar("qingyuan_language", default="zh")
_LOCALE = Path(__file__).parent / "locale"


def current_language() -> Language:
    """Return the language in force: ``"zh"`` or ``"en"``."""
    return _current.get()


@contextmanager
def language(code: Language) -> Iterator[None]:
    """Use one language inside a ``with`` block.

    Raises ValueError for anything but ``"zh"`` and ``"en"``.
    """
    if code not in LANGUAGES:
        raise ValueError(f"unknown language: {code}")
    token = _current.set(code)
    try:
        yield
    finally:
        _current.reset(token)


@lru_cache(maxsize=4)
def _catalogue(code: Language) -> _gettext.NullTranslations:
    if code == "zh":
        return _gettext.NullTranslations()
    return _gettext.translation("qingyuan", localedir=_LOCALE, languages=[code], fallback=True)


def tr(template: str) -> str:
    """Translate a Chinese template into the language in force; unknown text stays Chinese."""
    return _catalogue(_current.get()).gettext(template)


@dataclass(frozen=True, slots=True)
class Message:
    """A text that is translated when it is read: ``str(message)``.

    ``template`` is Chinese with ``{name}`` fields; parameters may be numbers, strings, other messages or names.
    """

    template: str
    parameters: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        return tr(self.template).format(**dict(self.parameters))


def message(template: str, /, **parameters: object) -> Message:
    """Make a message from a Chinese template; this call marks the template for the catalogue."""
    return Message(template, tuple(parameters.items()))


@dataclass(frozen=True, slots=True)
class Listing:
    """Several names or clauses, joined when they are read as the language in force joins them."""

    items: tuple[object, ...]
    separators: tuple[str, str]  # Chinese, English

    def __str__(self) -> str:
        return self.separators[_current.get() == "en"].join(str(item) for item in self.items)


def listing(items: Iterable[object]) -> Listing:
    """Join names or numbers: 、 in Chinese, a comma in English."""
    return Listing(tuple(items), ("、", ", "))


def clauses(items: Iterable[object]) -> Listing:
    """Join clauses: ； in Chinese, a semicolon in English."""
    return Listing(tuple(items), ("；", "; "))


def phrases(items: Iterable[object]) -> Listing:
    """Join the parts of one clause: ， in Chinese, a comma in English."""
    return Listing(tuple(items), ("，", ", "))


def sentences(items: Iterable[object]) -> Listing:
    """Put whole sentences after one another: with a space between them in English."""
    return Listing(tuple(items), ("", " "))


def bracketed(text: object) -> Message:
    """A remark in brackets, to stand right after a word: （…） in Chinese, a space and (…) in English."""
    return message("（{text}）", text=text)


@dataclass(frozen=True, slots=True)
class Name:
    """A name in Chinese and English (名称); ``str(name)`` gives the one of the language in force."""

    zh: str
    en: str = ""

    def __str__(self) -> str:
        return self.en if _current.get() == "en" and self.en else self.zh


def headed(name: Name) -> Name:
    """A name as the head of a row has it: with a capital letter in English; pH and the like stay."""
    return Name(name.zh, name.en[:1].upper() + name.en[1:]) if name.en[1:2].islower() else name


def inside(english: str) -> str:
    """An English name as it stands inside a phrase: Natural gas becomes natural gas, LPG and pH stay."""
    return english[:1].lower() + english[1:] if english[1:2].islower() else english


# What is read in the language of whoever reads it; a plain string stands as it is in both.
Text: TypeAlias = Message | Name | Listing | str


def as_text(value: object) -> Text:
    """A value to be kept in a problem: what is read in the reader's language stays so, anything else is a string."""
    return value if isinstance(value, Message | Name | Listing) else str(value)

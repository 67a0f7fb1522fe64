"""How wide a text will be (文字宽度估算): an estimate that knows East Asian widths, for charts and table columns."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SEAM = re.compile(r"(?<=[\u3400-\u9fff])(?=[A-Za-z0-9\u2160-\u2188])|(?<=[A-Za-z0-9\u2160-\u2188])(?=[\u3400-\u9fff])")
_NARROW = frozenset("iIjltfr.,:;'|!()[]{}` ")
# Signs whose class (ambiguous) says nothing of their width in the faces that are used.
_SIGNS = {**dict.fromkeys("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺₀₁₂₃₄₅₆₇₈₉", 0.42), **dict.fromkeys("×÷±−°·", 0.58), "≤": 0.8, "≥": 0.8}
_NOT_FIRST = frozenset("，。、；：）】》”％%)")  # signs that begin no line
_BROAD = frozenset("mwMW@%")


@lru_cache(maxsize=8192)
def _em(character: str) -> float:
    if character in _SIGNS:
        return _SIGNS[character]
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return 0.0
    if unicodedata.east_asian_width(character) == "A":  # Greek, arrows, ≤, ～: full width in Chinese fonts
        return 1.0 if not character.isalpha() else 0.65
    if character in _NARROW:
        return 0.33
    if character in _BROAD:
        return 0.9
    if character.isupper():
        return 0.68
    return 0.56


def text_width(text: str, size: float = 1.0) -> float:
    """Estimate the width of the widest line of a text set at ``size``, in the unit of ``size``.

    Between Chinese characters and Latin letters or digits a quarter of an em is added, as writers do.
    """
    return max((sum(map(_em, line)) + 0.25 * len(_SEAM.findall(line)) for line in text.split("\n")), default=0.0) * size


def longest_word(text: str, size: float = 1.0) -> float:
    """Estimate the width of the longest piece of a text that has no place to break a line."""
    longest = current = 0.0
    for character in text:
        width = _em(character)
        if character.isspace() or width == 1.0:
            longest, current = max(longest, current, width), 0.0
        else:
            current += width
    return max(longest, current) * size


def shortened(text: str, size: float, width: float) -> str:
    """Cut a text so that it fits into ``width``, with an ellipsis where something was cut."""
    if text_width(text, size) <= width:
        return text
    kept = ""
    for character in text:
        if text_width(f"{kept}{character}…", size) > width:
            break
        kept += character
    return kept.rstrip() + "…"


_OPENERS = "（(“「《["
_CLOSERS = "）)”」》]"
_BREAKS = "，；。：、,;:—"


def first_clause(text: str, width: float) -> str:
    """A text, or what it begins with up to the last end of a clause that fits into ``width`` (in letters' heights).

    Never ends inside brackets or quotation marks. A first clause that is too long itself stands whole.
    """
    if text_width(text, 1) <= width:
        return text
    depth, ends = 0, []
    for at, sign in enumerate(text):
        ends_here = sign in _BREAKS or sign in _OPENERS[:2]
        inside_number = sign in ",:;" and text[at + 1 : at + 2] not in (" ", "")
        if at and not depth and ends_here and not inside_number:
            ends.append(at)
        depth = max(0, depth + (sign in _OPENERS) - (sign in _CLOSERS))
    fitting = [end for end in ends if text_width(text[:end], 1) <= width]
    kept = text[: fitting[-1]] if fitting else text[: ends[0]] if ends else text
    return kept.rstrip()


def wrapped(text: str, size: float, width: float, lines: int = 2) -> tuple[str, ...]:
    """Break a text into at most ``lines`` lines of ``width``; the last one is cut where it does not fit.

    Latin words stay whole where they can; Chinese text breaks between any two characters except before punctuation.
    """
    result: list[str] = []
    rest = text.strip()
    while rest and len(result) < lines - 1 and text_width(rest, size) > width:
        cut = _cut(rest, size, width)
        result.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    if rest:
        result.append(shortened(rest, size, width))
    return tuple(result)


def _cut(text: str, size: float, width: float) -> int:
    last = 0
    for index in range(len(text)):
        if text_width(text[: index + 1], size) > width:
            return last or max(1, index)
        following = text[index + 1] if index + 1 < len(text) else " "
        between = text[index].isspace() or _em(text[index]) == 1.0 or _em(following) == 1.0
        if between and following not in _NOT_FIRST:
            last = index + 1
    return len(text)

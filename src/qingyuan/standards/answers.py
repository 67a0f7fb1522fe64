"""What a plant answers to the rows of a table: numbers, levels, yes or no, "n/a", nothing; in every usual spelling.

``split_values`` takes a VALUES document apart; ``read_answer`` reads one answer against its row. Problems are
collected, so that one run shows them all.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from qingyuan.errors import Problem
from qingyuan.language import Message, message
from qingyuan.standards.formula import decimal_text, exact
from qingyuan.standards.model import LEVELS, Indicator, Level, Scheme

# number: a measured or computed value; level: the assessor's finding ("none" where no level is met);
# not-applicable: the plant has no such thing; missing: nothing was answered.
AnswerKind = Literal["number", "level", "not-applicable", "missing"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer (回答). ``level`` is None for "none" (no level is met) where ``kind`` is "level"."""

    kind: AnswerKind
    number: Fraction | None = None
    level: Level | None = None

    @property
    def given(self) -> bool:
        """Whether the row was answered by a number or a level."""
        return self.kind in ("number", "level")

    def as_json(self) -> object:
        """A number, "I"/"II"/"III"/"none", "n/a" or None."""
        if self.kind == "number" and self.number is not None:
            whole = self.number.denominator == 1
            return self.number.numerator if whole else float(self.number)
        if self.kind == "level":
            return self.level or "none"
        return "n/a" if self.kind == "not-applicable" else None

    def __str__(self) -> str:
        if self.kind == "number" and self.number is not None:
            return decimal_text(self.number)
        if self.kind == "level":
            return str(level_word(self.level) if self.level is not None else message("未达Ⅲ级"))
        return str(message("不适用") if self.kind == "not-applicable" else message("无数据"))


MISSING = Answer("missing")
NOT_APPLICABLE = Answer("not-applicable")


def level_word(level: Level | None) -> Message:
    """A level as people write it: Ⅰ级, Ⅱ级, Ⅲ级, or 不达标 for none."""
    words = {"I": message("Ⅰ级"), "II": message("Ⅱ级"), "III": message("Ⅲ级")}
    return words[level] if level is not None else message("不达标")


_LEVEL_WORDS: Mapping[str, Level] = {
    spelling: level
    for level, digit, han in zip(LEVELS, "123", "一二三", strict=True)
    for word in (level, digit, han)
    for spelling in (word, f"{word}级", f"level{word}", f"{word}level", f"grade{word}")
}
_NONE_WORDS = frozenset(
    {"none", "不达标", "未达标", "不满足", "未达到", "未达到iii级", "未达iii级", "不达iii级", "都不满足", "低于iii级"}
)
_YES_WORDS = frozenset({"yes", "true", "y", "是", "有", "符合", "满足", "达标", "pass", "passed", "√", "✓"})
_NO_WORDS = frozenset({"no", "false", "否", "无", "没有", "不符合", "fail", "failed", "×", "✗"})
_NOT_APPLICABLE_WORDS = frozenset(
    {"n/a", "na", "notapplicable", "not-applicable", "not_applicable", "不适用", "不参评", "不涉及", "无此项"}
)
_MISSING_WORDS = frozenset({"", "nodata", "no-data", "null", "无数据", "缺数据", "未填", "未提供"})


def _plain(text: str) -> str:
    """A word without spaces, full-width forms and capitals, for look-up."""
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


def _level_of(word: str) -> Level | None:
    return next((level for spelling, level in _LEVEL_WORDS.items() if spelling.lower() == word), None)


@dataclass(frozen=True, slots=True)
class ValuesDocument:
    """A VALUES document taken apart: answers by indicator id, parameters, and the system and table it names."""

    values: Mapping[str, object]
    parameters: Mapping[str, object]
    system: str = ""
    table: str = ""


def split_values(document: Mapping[str, object]) -> ValuesDocument:
    """Take a VALUES document apart.

    Two forms are read: ``{indicator id: answer, …, "parameters": {…}}`` and ``{"values": {…}, "parameters": {…}}``;
    either may name its ``system`` and ``table``. Anything else is left in ``values``, where an unknown id is a problem.
    """
    rest = dict(document)
    parameters = rest.pop("parameters", None)
    system, table = rest.pop("system", ""), rest.pop("table", "")
    values = rest.pop("values", None)
    if isinstance(values, Mapping):
        rest = {**values, **rest}
        inner = rest.pop("parameters", None)
        parameters = parameters if parameters is not None else inner
    elif values is not None:
        rest["values"] = values
    if parameters is not None and not isinstance(parameters, Mapping):
        rest["parameters"] = parameters
        parameters = None
    return ValuesDocument(
        values=rest,
        parameters=parameters or {},
        system=system if isinstance(system, str) else "",
        table=table if isinstance(table, str) else "",
    )


def read_answer(row: Indicator, given: object, scheme: Scheme = "levels") -> Answer | Problem:
    """Read one answer against its row.

    Numbers are exact decimals: int, float (as it prints), Decimal, Fraction, or text (``"12.5"``, ``"1,234"``; a
    percent sign where the row's unit is %). Levels: ``I``, ``Ⅱ``, ``"2"``, ``三级``, ``none``; for a quantitative row
    a level is the assessor's own finding; the schemes without levels know ``I`` (met) and ``none`` only. Yes or no
    where one text serves for all levels. ``n/a`` in Chinese or English. None or an empty text: no data.
    """
    if isinstance(given, Answer):
        return given
    if given is None:
        return MISSING
    if isinstance(given, bool):
        return _yes_or_no(row, given, given, scheme)
    if isinstance(given, str):
        word = _plain(given)
        if word in _MISSING_WORDS:
            return MISSING
        if word in _NOT_APPLICABLE_WORDS:
            return NOT_APPLICABLE
        if row.quantitative:
            number = exact(word[:-1] if word.endswith("%") and row.unit == "%" else given)
            if number is not None:
                return Answer("number", number)
        if word in _YES_WORDS or word in _NO_WORDS:
            return _yes_or_no(row, word in _YES_WORDS, given, scheme)
        if word in _NONE_WORDS:
            return Answer("level")
        level = _level_of(word)
        if level is not None and (scheme == "levels" or level == "I"):
            return Answer("level", level=level)
        return _unreadable(row, given, scheme)
    number = exact(given)
    if number is None:
        return _unreadable(row, given, scheme)
    if not row.quantitative:
        return _unreadable(row, given, scheme)
    return Answer("number", number)


# Rows of these may well be negative or above 100 %: changes and growth, and what is a ratio of two of them.
_CHANGES = ("增长", "增速", "下降", "减少", "降低", "提高", "变化", "弹性", "节约", "growth", "change", "reduction")


def implausible(row: Indicator, answer: Answer) -> Problem | None:
    """What is impossible about a number that a person states, or None: an amount below zero, a share above 100 %.

    Only where the row's own bounds stay in that range, and not for changes (增长率、下降率) and temperatures.
    """
    if answer.kind != "number" or answer.number is None or not row.quantitative:
        return None
    if row.unit == "degC" or any(word in f"{row.name.zh} {row.name.en}".lower() for word in _CHANGES):
        return None
    stated = [*(row.bounds.values if row.bounds is not None else ()), row.benchmark, row.base]
    known = [Fraction(value) for value in stated if isinstance(value, Fraction)]
    share = row.unit == "%" and all(value <= 100 for value in known)
    if answer.number < 0 and all(value >= 0 for value in known):
        expected = message("0 到 100 的百分数") if share else message("零或正数（单位 {unit}）", unit=row.unit or "1")
    elif share and answer.number > 100:
        expected = message("0 到 100 的百分数")
    else:
        return None
    text = message("指标 {id}（{name}）不可能是这个数", id=row.id, name=row.name)
    return Problem("impossible-answer", text, found=decimal_text(answer.number), expected=expected)


def _yes_or_no(row: Indicator, yes: bool, given: object, scheme: Scheme) -> Answer | Problem:
    if not row.quantitative and (scheme != "levels" or row.yes_or_no):
        return Answer("level", level="I" if yes else None)
    return _unreadable(row, given, scheme)


def _unreadable(row: Indicator, given: object, scheme: Scheme) -> Problem:
    if row.quantitative:
        expected = message("数字、级别（I、II、III、none）或 n/a")
    elif scheme == "levels" and not row.yes_or_no:
        expected = message("级别（I、II、III、none）或 n/a")
    else:
        expected = message("是、否或 n/a")
    return Problem(
        "bad-answer",
        message("指标 {id}（{name}）的回答读不懂", id=row.id, name=row.name),
        found=str(given)[:80],
        expected=expected,
    )

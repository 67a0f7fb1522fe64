"""Reading an index system from its TOML document: strict and exact, every problem of form at once.

A key that this module does not know is refused, never guessed. Decimals are read as exact fractions. Chinese texts
carry their English in ``<key>_en`` beside them or in ``data/index-systems/english.toml``.
"""

from __future__ import annotations

import datetime as dt
import difflib
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from qingyuan.errors import InputError, Location, Problem, QingyuanError, Severity
from qingyuan.language import Message, Name, listing, message
from qingyuan.reference.records import Grade
from qingyuan.standards.formula import Formula, FormulaError, parse_formula
from qingyuan.standards.model import (
    DIRECTIONS,
    KINDS,
    LEVELS,
    SCHEMES,
    SHARES,
    VERIFICATIONS,
    WEIGHT_SOURCES,
    Applicability,
    Block,
    Bonus,
    ByLevel,
    Entry,
    Grading,
    Group,
    IndexSystem,
    Indicator,
    Level,
    LevelRule,
    Number,
    PassRule,
    Scheme,
    Table,
)

SHIPPED = Path(__file__).parent.parent / "data" / "index-systems"
ENGLISH = SHIPPED / "english.toml"

_PASS_TEXTS = ("prerequisite", "min", "core", "guiding", "required", "optional")
_APPLICABILITY_TEXTS = ("table", "not_applicable", "empty_group", "no_data", "no_benchmark")

T = TypeVar("T", bound=str)


def read_system(data: Mapping[str, Any], file: str = "", shipped: bool = False) -> IndexSystem:
    """Make an index system of a parsed TOML document (decimals as ``Decimal``, see ``parse_toml``).

    A document that does not ship has the grade ``user`` until a second person has confirmed it (``[entry]``).
    Raises InputError with every problem of form, each with its place in the document.
    """
    problems: list[Problem] = []
    system = _system(_Section(data, "", file, problems), file, shipped)
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise InputError(problems)
    return system


def parse_toml(text: str, file: str = "") -> dict[str, Any]:
    """Parse TOML with exact decimals; raises InputError where it is none."""
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            [Problem("not-toml", message("不是有效的 TOML：{reason}", reason=str(error)), where=Location(file=file))]
        ) from None


def data_error(text: str) -> QingyuanError:
    """The exception for a fault of shipped data."""
    from qingyuan.reference.loading import DataError  # brings pydantic, which reading an index system does not need

    return DataError(text)


@lru_cache(maxsize=1)
def english_texts() -> Mapping[str, str]:
    """Our English of the Chinese texts of the shipped systems, by Chinese text.

    Raises DataError where the file has anything but texts in its sections.
    """
    try:
        sections = tomllib.loads(ENGLISH.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise data_error(f"{ENGLISH.name}: {error}") from error
    found: dict[str, str] = {}
    for section, texts in sections.items():
        if not isinstance(texts, dict):
            raise data_error(f"{ENGLISH.name}: {section} is no section")
        for chinese, translated in texts.items():
            if not isinstance(translated, str) or not translated.strip():
                raise data_error(f"{ENGLISH.name}: {section}: {chinese} has no text")
            if found.get(chinese, translated) != translated:
                raise data_error(f"{ENGLISH.name}: {section}: {chinese} stands twice with different texts")
            found[chinese] = translated
    return found


class _Section:
    """One table of the document: keys are taken one by one, ``done`` refuses those that are left."""

    def __init__(self, data: Mapping[str, Any], at: str, file: str, problems: list[Problem]) -> None:
        self.data = data
        self.at = at
        self.file = file
        self.problems = problems
        self.taken: set[str] = set()

    def problem(self, code: str, text: Message, found: object = "", expected: Message | None = None) -> None:
        where = Location(file=self.file)
        place = message("{at}：{text}", at=self.at, text=text) if self.at else text
        self.problems.append(Problem(code, place, where=where, found=str(found), expected=expected))

    def take(self, key: str, required: bool = False) -> Any:
        self.taken.add(key)
        if key not in self.data and required:
            self.problem("missing-key", message("缺少键 {key}", key=key))
        return self.data.get(key)

    def typed(
        self, key: str, kind: type | tuple[type, ...], default: Any, what: Message, required: bool = False
    ) -> Any:
        value = self.take(key, required)
        if value is None:
            return default
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.problem("wrong-type", message("键 {key} 的类型不对", key=key), found=value, expected=what)
            return default
        return value

    def text(self, key: str, required: bool = False) -> str:
        value: str = self.typed(key, str, "", message("文字"), required)
        if required and key in self.data and isinstance(self.data[key], str) and not value.strip():
            self.problem("empty-text", message("键 {key} 是空的", key=key))
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        value: bool = self.typed(key, bool, default, message("true 或 false"))
        return value

    def flag_or_none(self, key: str) -> bool | None:
        value: bool | None = self.typed(key, bool, None, message("true 或 false"))
        return value

    def day(self, key: str) -> dt.date | None:
        value: dt.date | None = self.typed(key, dt.date, None, message("日期，如 2015-10-28"))
        return value.date() if isinstance(value, dt.datetime) else value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.typed(key, list, [], message("文字的列表"))
        if not all(isinstance(item, str) for item in value):
            self.problem("wrong-type", message("键 {key} 应为文字的列表", key=key), found=value)
            return ()
        return tuple(value)

    def choice(self, key: str, allowed: tuple[T, ...], default: T, required: bool = False) -> T:
        value = self.text(key, required)
        if not value:
            return default
        for item in allowed:
            if item == value:
                return item
        self.problem(
            "unknown-choice",
            message("键 {key} 的取值不认识", key=key),
            found=value,
            expected=message("{options} 之一", options=listing(allowed)),
        )
        return default

    def choice_or_none(self, key: str, allowed: tuple[T, ...]) -> T | None:
        return self.choice(key, allowed, allowed[0]) if self.take(key) is not None else None

    def number(self, key: str, required: bool = False) -> Number | None:
        return self.as_number(key, self.take(key, required))

    def as_number(self, key: str, value: Any) -> Number | None:
        if value is None:
            return None
        if isinstance(value, str):
            try:
                formula = parse_formula(value)
            except FormulaError as error:
                self.problem("bad-formula", message("键 {key}：{reason}", key=key, reason=error.reason), found=value)
                return None
            return formula if formula.variable else formula.at()
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            self.problem(
                "wrong-type", message("键 {key} 的类型不对", key=key), found=value, expected=message("数字或公式")
            )
            return None
        if isinstance(value, Decimal) and not value.is_finite():
            self.problem("wrong-type", message("键 {key} 不是有限的数", key=key), found=value)
            return None
        return Fraction(value)

    def plain_number(self, key: str, required: bool = False) -> Fraction | None:
        value = self.number(key, required)
        if isinstance(value, Formula):
            self.problem("formula-not-allowed", message("键 {key} 不能是含变量的公式", key=key), found=value.text)
            return None
        return value

    def number_or_text(self, key: str) -> Fraction | Name | None:
        value = self.take(key)
        if isinstance(value, str):
            return self.name(key)
        return self.plain_number(key)

    def name(self, key: str, required: bool = False) -> Name:
        chinese = self.text(key, required)
        return Name(chinese, self.text(f"{key}_en") or translation(chinese))

    def name_or_none(self, key: str) -> Name | None:
        found = self.name(key)
        return found if found.zh else None

    def section(self, key: str) -> _Section | None:
        value = self.typed(key, Mapping, None, message("一个表"))
        return (
            None if value is None else _Section(value, f"{self.at}/{key}" if self.at else key, self.file, self.problems)
        )

    def sections(self, key: str) -> list[_Section]:
        value = self.typed(key, list, [], message("表的列表"))
        found: list[_Section] = []
        for position, item in enumerate(value, start=1):
            if not isinstance(item, Mapping):
                self.problem(
                    "wrong-type", message("{key} 的第 {position} 项不是表", key=key, position=position), found=item
                )
                continue
            label = item.get("id")
            label = label if isinstance(label, str) and label else str(position)
            found.append(_Section(item, f"{self.at}/{label}" if self.at else label, self.file, self.problems))
        return found

    def done(self) -> None:
        for key in self.data:
            if key in self.taken:
                continue
            near = difflib.get_close_matches(key, sorted(self.taken), n=1)
            self.problem(
                "unknown-key",
                message("不认识的键 {key}，整张表不予采用", key=key),
                expected=message("{near}？", near=near[0]) if near else None,
            )


def translation(chinese: str) -> str:
    """The English of a text of the shipped systems; empty where there is none."""
    return english_texts().get(chinese, "") if chinese else ""


def _system(at: _Section, file: str, shipped: bool) -> IndexSystem:
    verification = at.choice("verification", VERIFICATIONS, "recalled", required=True)
    located_only = at.choice("status", ("", "located-only"), "") == "located-only"
    scheme = _scheme(at)
    entry = _entry(at.section("entry"))
    grade = _grade(at.choice("grade", ("", "read", "cited", "recalled", "user", "demo"), ""), entry, shipped)
    grading_at = at.section("grading")
    if grading_at is None and "grading" not in at.data:
        at.problem("missing-key", message("缺少键 {key}", key="grading"))
    at.take("tables", required=True)
    applicability = at.section("applicability")
    system = IndexSystem(
        id=at.text("id", required=True),
        title=at.name("title", required=True),
        verification=verification,
        grade=grade,
        source=at.text("source", required=True),
        grading=_grading(grading_at, scheme) if grading_at else Grading(),
        tables=tuple(_table(each, scheme, partial=False) for each in at.sections("tables")),
        partial_tables=tuple(_table(each, scheme, partial=True) for each in at.sections("partial_tables")),
        scheme=scheme,
        complete=at.flag("complete"),
        located_only=located_only,
        document=at.text("document"),
        issued_by=at.texts("issued_by"),
        issued=at.day("issued"),
        effective=at.day("effective"),
        replaces=at.texts("replaces"),
        scope="park" if at.choice("scope", ("enterprise", "park"), "enterprise") == "park" else "enterprise",
        industry_codes=at.texts("industry_codes"),
        industry_codes_by=at.text("industry_codes_by"),
        seed_industries=at.texts("seed_industries"),
        groups_seen=_names(at.texts("groups_seen")),
        indicators_seen=_names(at.texts("indicators_seen")),
        applicability=_applicability(applicability) if applicability else Applicability(),
        entry=entry,
        note=at.name_or_none("note"),
        file=file,
    )
    at.done()
    return system


def _grade(stated: str, entry: Entry | None, shipped: bool) -> Grade:
    confirmed = entry is not None and entry.confirmed_by and entry.confirmed_by != entry.entered_by
    if shipped or confirmed or stated in ("recalled", "demo"):
        return Grade(stated or "read")
    return Grade.USER


def _scheme(at: _Section) -> Scheme:
    """``scheme = "benchmark"`` is the older form; with ``scoring`` it is one of the other two kinds of arithmetic."""
    form = at.choice("scheme", ("levels", "benchmark"), "levels")
    scoring = at.choice("scoring", ("", "lead-base-linear", "pass-fail"), "")
    if scoring and form == "levels":
        at.problem("unknown-choice", message('键 scoring 只能与 scheme = "benchmark" 同用'), found=scoring)
    return next(scheme for scheme in SCHEMES if scheme == (scoring or form))


def _names(texts: tuple[str, ...]) -> tuple[Name, ...]:
    return tuple(Name(text, translation(text)) for text in texts)


def _entry(at: _Section | None) -> Entry | None:
    if at is None:
        return None
    entry = Entry(at.text("entered_by"), at.day("entered_on"), at.text("confirmed_by"), at.day("confirmed_on"))
    at.done()
    return entry


def _applicability(at: _Section) -> Applicability:
    texts = tuple((key, name) for key in _APPLICABILITY_TEXTS if (name := at.name_or_none(key)))
    years = at.typed("report_valid_years", int, None, message("整数"))
    at.done()
    return Applicability(texts, years)


def _grading(at: _Section, scheme: Scheme) -> Grading:
    rules: list[tuple[Level, LevelRule]] = []
    for level in LEVELS:
        rule = at.section(level)
        if rule is None:
            continue
        index = rule.text("index", required=True)
        allowed = f"Y_{level}" if scheme == "levels" else "P"
        if index and index != allowed:
            rule.problem(
                "unknown-choice",
                message("键 index 的取值不认识"),
                found=index,
                expected=message("{options} 之一", options=allowed),
            )
        minimum = rule.plain_number("min", required=True)
        limiting = rule.choice("limiting", LEVELS, level)
        others = rule.choice_or_none("others", LEVELS)
        rule.done()
        rules.append((level, LevelRule(index, minimum if minimum is not None else Fraction(0), limiting, others)))
    names_at = at.section("level_names")
    names = tuple((level, name) for level in LEVELS if names_at and (name := names_at.name_or_none(level)))
    if names_at:
        names_at.done()
    weights = at.section("weights")
    p1 = weights.plain_number("P1", required=True) if weights else None
    p2 = weights.plain_number("P2", required=True) if weights else None
    if weights:
        weights.done()
    grading = Grading(
        rules=tuple(rules),
        level_names=names,
        bonus=_bonus(at.section("bonus")),
        verified=at.flag("verified", default=True),
        passing=_passing(at.section("pass")),
        score_rule=at.name_or_none("score_rule"),
        p1=p1,
        p2=p2,
        cap=at.plain_number("cap"),
    )
    at.done()
    return grading


def _bonus(at: _Section | None) -> Bonus | None:
    if at is None:
        return None
    table = at.text("table", required=True)
    weight = at.plain_number("weight", required=True)
    cap = at.plain_number("cap")
    at.done()
    return Bonus(table, Fraction(0) if weight is None else weight, Fraction(100) if cap is None else cap)


def _passing(at: _Section | None) -> PassRule | None:
    if at is None:
        return None
    index = at.text("index")
    minimum = at.plain_number("min") if not isinstance(at.take("min"), str) else None
    texts = tuple(
        (key, name) for key in _PASS_TEXTS if isinstance(at.take(key), str) and (name := at.name_or_none(key))
    )
    at.done()
    return PassRule(index, minimum, texts)


def _table(at: _Section, scheme: Scheme, partial: bool) -> Table:
    table = Table(
        id=at.text("id", required=True),
        name=at.name("name", required=True),
        groups=tuple(_group(each, scheme, partial) for each in at.sections("groups")),
        partial=partial,
        applies_to=at.name_or_none("applies_to"),
        edition=at.text("edition"),
        note=at.name_or_none("note"),
    )
    at.done()
    return table


def _group(at: _Section, scheme: Scheme, partial: bool) -> Group:
    id = at.text("id", required=True)
    group = Group(
        id=id,
        name=at.name("name", required=True),
        weight=at.plain_number("weight", required=not partial),
        indicators=tuple(_indicator(each, id, scheme, partial) for each in at.sections("indicators")),
        blocks=tuple(_block(each) for each in at.sections("blocks")),
        verified=at.flag_or_none("verified"),
        weights=at.choice_or_none("weights", WEIGHT_SOURCES),
        note=at.name_or_none("note"),
    )
    at.done()
    return group


def _block(at: _Section) -> Block:
    id = at.text("id", required=True)
    weight = at.number("weight", required=True)
    share = at.choice("share", SHARES, "unknown", required=True)
    at.done()
    return Block(id, Fraction(0) if weight is None else weight, share)


def _indicator(at: _Section, group: str, scheme: Scheme, partial: bool) -> Indicator:
    kind = at.choice("kind", KINDS, "qualitative", required=True)
    unit = at.text("unit")
    levels = at.section("levels")
    english = at.section("levels_en")
    is_open = at.flag("open")
    if scheme == "levels" and levels is None and not is_open and not partial:
        at.problem("missing-key", message("缺少键 {key}", key="levels"))
    if english is not None and (levels is None or kind == "quantitative"):
        at.problem("unknown-key", message("键 levels_en 只用于定性指标的三级文字"))
    indicator = Indicator(
        id=at.text("id", required=True),
        name=at.name("name", required=True),
        kind=kind,
        group=group,
        weight=at.number("weight"),
        unit=unit,
        unit_name=Name(unit, translation(unit) or unit),
        better=at.choice_or_none("better", DIRECTIONS),
        limiting=at.flag("limiting"),
        bounds=_bounds(levels, partial) if levels is not None and kind == "quantitative" else None,
        texts=_texts(levels, english, partial) if levels is not None and kind == "qualitative" else None,
        strict=at.flag("strict"),
        open=is_open,
        no_requirement=_levels_of(at, "no_requirement"),
        alternatives=at.text("alternatives"),
        block=at.text("block"),
        product=at.name_or_none("product"),
        parameter=at.name_or_none("parameter"),
        definition=at.name_or_none("definition"),
        benchmark=at.number_or_text("benchmark"),
        base=at.number_or_text("base"),
        points=at.plain_number("points"),
        verified=at.flag_or_none("verified"),
        note=at.name_or_none("note"),
    )
    at.done()
    return indicator


def _levels_of(at: _Section, key: str) -> frozenset[Level]:
    texts = at.texts(key)
    for text in texts:
        if text not in LEVELS:
            at.problem("unknown-choice", message("键 {key} 的取值不认识", key=key), found=text)
    return frozenset(level for level in LEVELS if level in texts)


def _bounds(at: _Section, partial: bool) -> ByLevel[Number | None]:
    found = _each_level(lambda level: at.number(level, required=not partial))
    at.done()
    return found


def _texts(at: _Section, english: _Section | None, partial: bool) -> ByLevel[Name | None]:
    def one(level: Level) -> Name | None:
        chinese = at.text(level, required=not partial)
        own = english.text(level) if english is not None else ""
        return Name(chinese, own or translation(chinese)) if chinese else None

    found = _each_level(one)
    at.done()
    if english is not None:
        english.done()
    return found


V = TypeVar("V")


def _each_level(function: Callable[[Level], V]) -> ByLevel[V]:
    return ByLevel((function("I"), function("II"), function("III")))

"""Goals against levels (清洁生产目标), the eight aspects (八个方面), cost classes (费用分类), and before against after.

Goals come from the distance to the levels of the index system: what a row is now, what the next level asks (near term)
and what the far one asks. Cost classes have no national limits: each audit states its own, and the report prints them.
Two years, or two cases, are compared on one edition of methods and factors only, and the comparison says which.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from qingyuan.errors import NOWHERE, InputError, Location, Problem, UnknownName
from qingyuan.facts.model import Case, OptionRow, Period
from qingyuan.figures.derivation import Figure, FigureSet
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.settings import Settings
from qingyuan.language import Message, Name, message
from qingyuan.options.classes import CostClass, stated_class
from qingyuan.reference.loading import Record, load_toml
from qingyuan.reference.records import Grade
from qingyuan.reference.sources import SourceText
from qingyuan.standards.distance import RowGap, gaps
from qingyuan.standards.formula import decimal_text
from qingyuan.standards.model import LEVELS, Level
from qingyuan.standards.result import Score

# --- goals -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """What a goal asks by a term: the level, its requirement in words, and the number with its change (fraction)."""

    level: Level
    requirement: Message | Name
    value: Fraction | None
    change: Fraction | None

    def as_json(self) -> dict[str, object]:
        """Plain values; ``change`` relative to now, negative where the number falls."""
        return {
            "level": self.level,
            "requirement": str(self.requirement),
            "value": None if self.value is None else float(self.value),
            "change": None if self.change is None else float(self.change),
        }


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal (清洁生产目标): a row of the index system, now, near term and far.

    ``near`` or ``far`` is None where the row meets that level already. ``now`` is None for qualitative rows, where
    ``met`` says what they reach.
    """

    row: str
    name: Name
    unit: str
    now: Fraction | None
    met: str
    limiting: bool
    near: Target | None
    far: Target | None

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force."""
        return {
            "id": self.row,
            "name": str(self.name),
            "unit": self.unit,
            "now": None if self.now is None else float(self.now),
            "met": self.met,
            "limiting": self.limiting,
            "near": None if self.near is None else self.near.as_json(),
            "far": None if self.far is None else self.far.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Goals:
    """The goals of an audit, with the levels and years they aim at; ``notes``: what must still be seen to."""

    near_level: Level
    far_level: Level
    rows: tuple[Goal, ...]
    near_year: int | None = None
    far_year: int | None = None
    notes: tuple[Message, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force."""
        return {
            "near_level": self.near_level,
            "far_level": self.far_level,
            "near_year": self.near_year,
            "far_year": self.far_year,
            "goals": [row.as_json() for row in self.rows],
            "notes": [str(note) for note in self.notes],
        }


def propose_goals(
    score: Score,
    *,
    near: Level | None = None,
    far: Level = "I",
    years: tuple[int, int] | None = None,
    triggers: Iterable[str] = (),
) -> Goals:
    """Goals for every row that misses the level aimed at, limiting rows first, then by what they add to the index.

    ``near``: level of the near term (default: the next better than the plant's, at least III); ``far``: of the far
    term, not below ``near``; ``years``: near and far. ``triggers``: why the plant is listed, for what the goals must
    contain. Rows without data and open rows get no goal. Raises ValueError where ``far`` is below ``near`` or the years
    run backwards, and for a system that does not grade in levels.
    """
    if score.system.scheme != "levels":
        raise ValueError("goals against levels need a system with three levels")
    aim: Level = near or _next_level(score)
    if LEVELS.index(far) > LEVELS.index(aim):
        raise ValueError("the far level lies below the near one")
    if years is not None and years[1] < years[0]:
        raise ValueError("the far year lies before the near one")
    found: list[tuple[Fraction, Goal]] = []
    for gap in gaps(score, shown=1).rows:
        row = gap.row
        if row.met == "no-data" or row.bonus:
            continue
        near_target, far_target = _target(gap, aim), _target(gap, far)
        if near_target is None and far_target is None:
            continue
        now = row.answer.number if row.answer.kind == "number" else None
        gain = row.weight if row.weight is not None else row.shared_weight
        of = row.indicator
        goal = Goal(row.id, of.name, of.unit, now, row.met, of.limiting, near_target, far_target)
        found.append((gain, goal))
    found.sort(key=lambda entry: (not entry[1].limiting, -entry[0]))
    notes = list(_required(triggers))
    missing = len(score.no_data)
    if missing:
        notes.append(message("{count} 项指标没有数据，没有列出目标", count=missing))
    near_year, far_year = years if years is not None else (None, None)
    if years is None:
        notes.append(message("目标年份没有设定"))
    return Goals(aim, far, tuple(goal for _, goal in found), near_year, far_year, tuple(notes))


def _next_level(score: Score) -> Level:
    reached = score.level if score.level != "undecided" else score.possible[-1]
    return {"none": "III", "III": "II", "II": "I", "I": "I"}.get(reached, "III")  # type: ignore[return-value]


def _target(gap: RowGap, level: Level) -> Target | None:
    found = next((one for one in gap.gaps if one.level == level), None)
    if found is None:
        return None
    now = gap.row.answer.number if gap.row.answer.kind == "number" else None
    change = None if found.bound is None or not now else (found.bound - now) / now
    return Target(level, found.requirement, found.bound, change)


def _required(triggers: Iterable[str]) -> list[Message]:
    """What the goals of a listed plant must contain (评估与验收指南, recalled)."""
    notes: list[Message] = []
    wanted = set(triggers)
    if wanted:
        notes.append(message("目标至少应达到评价指标体系的Ⅲ级（评估与验收指南，凭记忆）"))
    if "T1" in wanted:
        notes.append(message("双超企业：目标须含限期达到排放标准和总量控制指标（评估与验收指南，凭记忆）"))
    if "T2" in wanted:
        notes.append(message("高耗能企业：目标须含限期达到单位产品能耗限额（评估与验收指南，凭记忆）"))
    if "T3" in wanted:
        notes.append(message("双有企业：目标须含替代或削减有毒有害原料、物质（评估与验收指南，凭记忆）"))
    return notes


# --- the eight aspects -----------------------------------------------------------------------------------------------


class _AspectRecord(Record):
    id: str
    name_zh: str
    name_en: str
    aliases: tuple[str, ...]
    causes_zh: tuple[str, ...]
    causes_en: tuple[str, ...]
    directions_zh: tuple[str, ...]
    directions_en: tuple[str, ...]


class _AspectFile(Record):
    grade: Grade
    source: SourceText
    aspects: tuple[_AspectRecord, ...]


@dataclass(frozen=True, slots=True)
class Aspect:
    """One of the eight aspects, with typical causes of waste and directions of options."""

    id: str
    name: Name
    causes: tuple[Name, ...]
    directions: tuple[Name, ...]
    aliases: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force."""
        return {
            "id": self.id,
            "name": str(self.name),
            "causes": [str(one) for one in self.causes],
            "directions": [str(one) for one in self.directions],
        }


@lru_cache(maxsize=1)
def aspects() -> tuple[Aspect, ...]:
    """The eight aspects in their order."""
    return tuple(
        Aspect(
            record.id,
            Name(record.name_zh, record.name_en),
            tuple(Name(zh, en) for zh, en in zip(record.causes_zh, record.causes_en, strict=True)),
            tuple(Name(zh, en) for zh, en in zip(record.directions_zh, record.directions_en, strict=True)),
            record.aliases,
        )
        for record in load_toml("audit/aspects.toml", _AspectFile).aspects
    )


def aspect_of(text: str) -> Aspect:
    """The aspect that a word means: its id, its name in either language, or a usual spelling. Raises UnknownName."""
    plain = text.strip().casefold()
    for aspect in aspects():
        names = (aspect.id, aspect.name.zh, aspect.name.en.casefold(), *aspect.aliases)
        if plain in names:
            return aspect
    raise UnknownName(message("方面"), text, [aspect.name.zh for aspect in aspects()])


def by_aspect(options: Iterable[OptionRow]) -> tuple[tuple[Aspect | None, tuple[OptionRow, ...]], ...]:
    """Options sorted by the eight aspects, in their order; options of no known aspect last, under None."""
    sorted_rows: dict[str, list[OptionRow]] = {}
    for option in options:
        try:
            id = aspect_of(option.aspect).id
        except UnknownName:
            id = ""
        sorted_rows.setdefault(id, []).append(option)
    found: list[tuple[Aspect | None, tuple[OptionRow, ...]]] = [
        (aspect, tuple(sorted_rows[aspect.id])) for aspect in aspects() if aspect.id in sorted_rows
    ]
    if "" in sorted_rows:
        found.append((None, tuple(sorted_rows[""])))
    return tuple(found)


# --- cost classes ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CostLimits:
    """The limits of an audit between low, medium and high cost (费用分类界限), in 10^4 CNY.

    Low cost is above 0 and below ``medium_from``, medium from there and below ``high_from``, high from there on. An
    audit that has the handbook's class between them (较高费) states ``higher_from``.
    """

    medium_from: float
    high_from: float
    higher_from: float | None = None

    def __post_init__(self) -> None:
        stated = [one for one in (self.medium_from, self.higher_from, self.high_from) if one is not None]
        if not all(low < high for low, high in pairwise((0, *stated))):
            text = message("费用分类界限不对：中费起点应大于 0，较高费（若有）和高费的起点应依次更大")
            raise InputError([Problem("cost-limits", text, found=", ".join(f"{one:g}" for one in stated))])

    @property
    def text(self) -> Message:
        """The limits as the report prints them."""
        if self.higher_from is not None:
            return message(
                "无费：不需投资；低费：{medium} 万元以下；中费：{medium} 万元及以上、{higher} 万元以下；"
                "较高费：{higher} 万元及以上、{high} 万元以下；"
                "高费：{high} 万元及以上（本次审核自定，国家没有统一界限）",
                medium=f"{self.medium_from:g}", higher=f"{self.higher_from:g}", high=f"{self.high_from:g}",
            )  # fmt: skip
        return message(
            "无费：不需投资；低费：{medium} 万元以下；中费：{medium} 万元及以上、{high} 万元以下；"
            "高费：{high} 万元及以上（本次审核自定，国家没有统一界限）",
            medium=f"{self.medium_from:g}", high=f"{self.high_from:g}",
        )  # fmt: skip

    def class_of(self, investment: float | None) -> CostClass | None:
        """The class of an investment in 10^4 CNY; None where it is not known.

        Raises InputError for one that is negative or no finite number.
        """
        if investment is None:
            return None
        if not 0 <= investment < math.inf:
            raise InputError([_bad_investment(investment, NOWHERE)])
        if investment == 0:
            return "none"
        if investment < self.medium_from:
            return "low"
        if investment >= self.high_from:
            return "high"
        return "medium" if self.higher_from is None or investment < self.higher_from else "higher"


def _bad_investment(investment: float, where: Location) -> Problem:
    text, expected = message("投资额不能是负数"), message("0 或正数（万元）")
    return Problem("option-investment", text, where=where, found=f"{investment:g}", expected=expected)


def check_investments(options: Iterable[OptionRow]) -> tuple[Problem, ...]:
    """Investments that are negative or no finite number, each with the place of its option."""
    return tuple(
        _bad_investment(option.investment, option.where)
        for option in options
        if option.investment is not None and not 0 <= option.investment < math.inf
    )


def cost_class(option: OptionRow, limits: CostLimits | None) -> CostClass | None:
    """The cost class of an option: by its investment and the audit's limits, else as the audit states it (``kind``).

    None where neither says it. Without limits only a stated class is given: there are no national ones. Raises
    InputError for an investment that is negative or no finite number, with the place of the option.
    """
    if limits is not None and option.investment is not None:
        wrong = check_investments((option,))
        if wrong:
            raise InputError(wrong)
        return limits.class_of(option.investment)
    return stated_class(option)


# --- before and after ------------------------------------------------------------------------------------------------


class _Compared(Record):
    id: str
    better: Literal["lower", "higher"]


class _ComparisonFile(Record):
    grade: Grade
    source: SourceText
    figures: tuple[_Compared, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One figure before and after (审核前后对比), in one unit.

    ``relative``: change over before (fraction), None where before is 0 or either is missing. ``better``: whether the
    change is an improvement, None where nothing changed or one side is missing. ``significant``: whether the change is
    greater than twice its standard uncertainty (sources of error that both share cancel).
    """

    id: str
    name: Name
    unit: str
    place: str
    product: str
    before: Figure | None
    after: Figure | None
    difference: float | None
    relative: float | None
    better: bool | None
    significant: bool | None
    notes: tuple[Message, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force."""
        return {
            "id": self.id,
            "name": str(self.name),
            "unit": self.unit,
            "place": self.place,
            "product": self.product,
            "before": None if self.before is None else self.before.value,
            "after": None if self.after is None else self.after.value,
            "difference": self.difference,
            "relative": self.relative,
            "better": self.better,
            "significant": self.significant,
            "notes": [str(note) for note in self.notes],
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Figures of two periods or two cases on one edition of methods and factors."""

    before: str
    after: str
    edition_day: dt.date
    rows: tuple[Change, ...]

    @property
    def note(self) -> Message:
        """What the comparison rests on."""
        return message(
            "审核前 {before} 与审核后 {after} 按 {day} 适用的同一版本重算",
            before=self.before, after=self.after, day=self.edition_day.isoformat(),
        )  # fmt: skip

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force."""
        return {
            "before": self.before,
            "after": self.after,
            "edition_day": self.edition_day.isoformat(),
            "note": str(self.note),
            "rows": [row.as_json() for row in self.rows],
        }


def compare_periods(case: Case, before: str, after: str, *, edition_day: dt.date | None = None) -> Comparison:
    """Compare two periods of one case, both computed with the editions in force on one day.

    ``edition_day``: default the last day of ``after``. Raises ValueError where a text is no period, InputError where
    the case's settings cannot be understood.
    """
    return compare_cases(case, case, before, after, edition_day=edition_day)


def compare_cases(
    before_case: Case, after_case: Case, before: str, after: str, *, edition_day: dt.date | None = None
) -> Comparison:
    """Compare a period of one case with a period of another (the plant before and after), on one edition.

    Both cases are computed with the settings of the later one, so that only the plant differs. Raises as
    ``compare_periods``.
    """
    first, second = Period.parse(before), Period.parse(after)
    day = second.end if edition_day is None else edition_day
    settings = replace(Settings.from_profile(after_case.profile), editions_as_of=day)
    earlier = _computed(before_case, settings)
    later = earlier if after_case is before_case else _computed(after_case, settings)
    return Comparison(str(first), str(second), day, compare_figures(earlier, later, str(first), str(second)))


def _computed(case: Case, settings: Settings) -> FigureSet:
    from qingyuan import figures

    return figures.compute(case, ledger=Ledger(case, settings))


def compare_figures(before: FigureSet, after: FigureSet, before_period: str, after_period: str) -> tuple[Change, ...]:
    """Compare the figures of two periods, each by id, place and product; those that only one side has too.

    Both sets must have been computed on one edition; a row whose method or coefficients differ says so. Raises
    ``units.DimensionError`` where a figure has another dimension on the other side.
    """
    directions = load_toml("audit/comparison.toml", _ComparisonFile).figures
    found: list[Change] = []
    for wanted in directions:
        first = _of(before, wanted.id, before_period)
        second = _of(after, wanted.id, after_period)
        for key in dict.fromkeys((*first, *second)):
            found.append(_change(wanted, first.get(key), second.get(key)))
    return _once(found)


def _once(rows: Sequence[Change]) -> tuple[Change, ...]:
    """The rows without those of a place that only repeat the whole plant's, as where all waste water has one outlet."""

    def values(row: Change) -> tuple[float | None, ...]:
        return tuple(None if one is None else one.term.to(row.unit).value for one in (row.before, row.after))

    whole = {(row.id, row.product): values(row) for row in rows if not row.place}
    return tuple(row for row in rows if not row.place or whole.get((row.id, row.product)) != values(row))


def _of(figures: FigureSet, id: str, period: str) -> dict[tuple[str, str, str], Figure]:
    prefix = id[:-1] if id.endswith(".*") else ""
    return {
        (figure.id, figure.place, figure.product): figure
        for figure in figures
        if figure.period == period and (figure.id.startswith(prefix) if prefix else figure.id == id)
    }


def _change(wanted: _Compared, before: Figure | None, after: Figure | None) -> Change:
    known = before or after
    assert known is not None
    notes: list[Message] = []
    difference = relative = None
    better = significant = None
    unit = known.unit
    if before is not None and after is not None:
        unit = before.unit
        change = after.term.to(unit) - before.term
        difference = change.value
        relative = difference / before.value if before.value else None
        better = None if difference == 0 else (difference < 0) is (wanted.better == "lower")
        significant = abs(difference) > 2 * change.sd
        if before.method != after.method:
            notes.append(message("两期的计算方法版本不同，不能直接比较"))
        notes += _coefficient_notes(before, after)
    else:
        side = message("审核前") if before is None else message("审核后")
        notes.append(message("缺少{side}的数据", side=side))
    return Change(
        known.id, known.name, unit, known.place, known.product, before, after, difference, relative, better,
        significant, tuple(notes),
    )  # fmt: skip


def _coefficient_notes(before: Figure, after: Figure) -> list[Message]:
    """Coefficients of one id that have another value on the other side: years of a factor, for instance."""
    first = {one.id: one for one in before.term.coefficients()}
    return [
        message(
            "系数“{name}”两期不同：{before} 与 {after}",
            name=one.name,
            before=f"{first[one.id].value:g}",
            after=f"{one.value:g}",
        )
        for one in after.term.coefficients()
        if one.id in first and first[one.id].value != one.value
    ]


def percent(change: Fraction | None) -> str:
    """A relative change as people write it: −12.5%; empty where it is not known."""
    return "" if change is None else f"{decimal_text(change * 100, 1)}%"


def summary(rows: Sequence[Change]) -> tuple[int, int, int]:
    """How many figures became better, worse, and cannot be compared."""
    better = sum(row.better is True for row in rows)
    worse = sum(row.better is False for row in rows)
    return better, worse, len(rows) - better - worse - sum(row.better is None and row.difference == 0 for row in rows)

"""Choosing the audit focus (确定审核重点): weighted-sum ranking of candidates, and what triggers compel into it.

    total of a candidate = sum over factors of W x R     W: weight of the factor, R: score of the candidate, both 1-10

Source: 企业清洁生产审核手册, 权重总和计分排序法 (weights as ranges, recalled). Scores that facts support come from
``focus_facts``; the auditor's own scores take their place. A candidate whose data are missing gets a range of scores,
and the ranking says whether it is decided in spite of that. A ranking alone does not choose: what a trigger compels
(the link above a limit, the link with toxic substances) belongs to the focus whatever its rank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from qingyuan.errors import InputError, Problem, UnknownName
from qingyuan.figures.derivation import Term
from qingyuan.language import Message, Name, listing, message
from qingyuan.reference.loading import Record, load_toml
from qingyuan.reference.records import Grade
from qingyuan.reference.sources import Graded
from qingyuan.standards.formula import decimal_text, exact

R_LOW, R_HIGH = 1, 10
SITE_NAME = message("全厂")


class Measure(Record):
    """What facts measure at a place (可计量的量): by items (the first that is known, or all added), or by kind."""

    id: str
    name_zh: str
    name_en: str
    unit: str
    items: tuple[str, ...] = ()
    sum_of: tuple[str, ...] = ()
    kind: str = ""
    below: str = ""
    not_below: tuple[str, ...] = ()
    roles: tuple[str, ...]
    standard_coal: bool = False
    toxic: bool = False

    @property
    def name(self) -> Name:
        """Its name."""
        return Name(self.name_zh, self.name_en)


class _FactorRecord(Record):
    id: str
    name_zh: str
    name_en: str
    low: int
    high: int
    measures: tuple[str, ...] = ()


class _SetRecord(Graded):
    id: str
    name_zh: str
    name_en: str
    purpose: Literal["focus", "options"]
    factors: tuple[_FactorRecord, ...]


class CompulsoryRule(Graded):
    """Which link a trigger compels into the focus (必须纳入的环节)."""

    trigger: str
    text_zh: str
    text_en: str
    act: str


class _FocusFile(Record):
    measures: tuple[Measure, ...]
    sets: tuple[_SetRecord, ...]
    compulsory: tuple[CompulsoryRule, ...]


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor of the ranking (因素): its usual range of weights, the weight used, what measures it.

    ``weight`` starts in the middle of the range; each audit sets its own (``with_weights``).
    """

    id: str
    name: Name
    low: Fraction
    high: Fraction
    weight: Fraction
    measures: tuple[str, ...] = ()

    @property
    def usual(self) -> bool:
        """Whether the weight lies in the usual range."""
        return self.low <= self.weight <= self.high

    @property
    def band(self) -> Message:
        """Importance by the handbook: high 8-10, medium 4-7, low 1-3."""
        if self.weight >= 8:
            return message("高重要性")
        return message("中等重要性") if self.weight >= 4 else message("低重要性")


@dataclass(frozen=True, slots=True)
class FactorSet:
    """A set of factors with where it comes from."""

    id: str
    name: Name
    purpose: Literal["focus", "options"]
    factors: tuple[Factor, ...]
    grade: Grade
    source: str

    def with_weights(self, weights: Mapping[str, object]) -> FactorSet:
        """The set with other weights, by factor id; a weight of 0 leaves a factor out.

        Raises InputError for an unknown factor or a weight that is no number from 0 to 10.
        """
        problems: list[Problem] = []
        known = {factor.id: factor for factor in self.factors}
        for id, given in weights.items():
            value = exact(given)
            if id not in known:
                expected = message("{ids} 之一", ids=listing(known))
                problems.append(Problem("factor-unknown", message("没有这个因素"), found=id, expected=expected))
            elif value is None or not 0 <= value <= R_HIGH:
                text = message("因素“{name}”的权重不对", name=known[id].name)
                problems.append(Problem("factor-weight", text, found=str(given), expected=message("0 到 10 之间的数")))
            else:
                known[id] = replace(known[id], weight=value)
        if problems:
            raise InputError(problems)
        return replace(self, factors=tuple(factor for factor in known.values() if factor.weight > 0))


@lru_cache(maxsize=1)
def _file() -> _FocusFile:
    return load_toml("audit/focus.toml", _FocusFile)


def factor_set(id: str = "handbook") -> FactorSet:
    """A set of factors: "handbook" or "textbook" for the focus, "options" to screen options. Raises UnknownName."""
    known = {record.id: record for record in _file().sets}
    if id not in known:
        raise UnknownName(message("因素组"), id, list(known))
    record = known[id]
    factors = tuple(
        Factor(
            each.id,
            Name(each.name_zh, each.name_en),
            Fraction(each.low),
            Fraction(each.high),
            Fraction(each.low + each.high, 2),
            each.measures,
        )
        for each in record.factors
    )
    return FactorSet(
        record.id, Name(record.name_zh, record.name_en), record.purpose, factors, record.grade, record.source
    )


def factor_sets() -> tuple[FactorSet, ...]:
    """All sets of factors that ship."""
    return tuple(factor_set(record.id) for record in _file().sets)


def measures() -> Mapping[str, Measure]:
    """What facts can measure at a place, by id."""
    return {record.id: record for record in _file().measures}


def compulsory_rules() -> tuple[CompulsoryRule, ...]:
    """What each trigger compels into the focus."""
    return _file().compulsory


# --- scores ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measured:
    """The amount of one measure at one candidate; ``term`` None where facts do not say. ``share``: of the largest."""

    measure: Measure
    term: Term | None
    share: Fraction | None
    left_out: tuple[Name, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "id": self.measure.id,
            "name": str(self.measure.name),
            "value": None if self.term is None else self.term.value,
            "unit": self.measure.unit,
            "share_of_largest": None if self.share is None else float(self.share),
            "left_out": [str(name) for name in self.left_out],
        }


@dataclass(frozen=True, slots=True)
class ScoreR:
    """The score R of one candidate for one factor: a number, or a range where data are missing.

    ``origin``: entered by the auditor, proposed from facts, or open. ``measured``: what a proposal rests on.
    """

    low: Fraction
    high: Fraction
    origin: Literal["entered", "proposed", "open"]
    measured: tuple[Measured, ...] = ()

    @property
    def known(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high

    def as_json(self) -> dict[str, object]:
        """Plain values: ``R`` a number or [low, high]."""
        return {
            "R": float(self.low) if self.known else [float(self.low), float(self.high)],
            "origin": self.origin,
            "measured": [one.as_json() for one in self.measured],
        }


OPEN = ScoreR(Fraction(R_LOW), Fraction(R_HIGH), "open")


# --- ranking ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ranked:
    """One candidate in the ranking: its scores, its total (a range where scores are), its best and worst rank."""

    candidate: str
    scores: tuple[tuple[str, ScoreR], ...]
    low: Fraction
    high: Fraction
    best_rank: int
    worst_rank: int

    @property
    def name(self) -> Message | str:
        """The candidate's name; the site where it is the whole plant."""
        return self.candidate or SITE_NAME

    def as_json(self) -> dict[str, object]:
        """Plain values: ``total`` a number or [low, high]."""
        return {
            "candidate": str(self.name),
            "scores": {id: one.as_json() for id, one in self.scores},
            "total": float(self.low) if self.low == self.high else [float(self.low), float(self.high)],
            "rank": self.best_rank if self.best_rank == self.worst_rank else [self.best_rank, self.worst_rank],
        }


@dataclass(frozen=True, slots=True)
class Ranking:
    """The candidates by total, greatest first; ``notes`` say what is missing and which weights are unusual."""

    factors: FactorSet
    rows: tuple[Ranked, ...]
    notes: tuple[Message, ...] = ()

    @property
    def decided(self) -> bool:
        """Whether the first place is certain in spite of missing scores, and not shared."""
        return bool(self.rows) and self.rows[0].worst_rank == 1

    @property
    def first(self) -> str | None:
        """The candidate that is certainly first, or None."""
        return self.rows[0].candidate if self.decided else None

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force."""
        return {
            "factors": [
                {
                    "id": factor.id,
                    "name": str(factor.name),
                    "W": float(factor.weight),
                    "usual": [float(factor.low), float(factor.high)],
                    "band": str(factor.band),
                }
                for factor in self.factors.factors
            ],
            "set": self.factors.id,
            "grade": self.factors.grade.value,
            "source": self.factors.source,
            "rows": [row.as_json() for row in self.rows],
            "decided": self.decided,
            "notes": [str(note) for note in self.notes],
        }


def rank(
    names: Sequence[str],
    factors: FactorSet,
    scores: Mapping[str, Mapping[str, object]],
    proposed: Mapping[str, Mapping[str, ScoreR]] | None = None,
) -> Ranking:
    """Rank candidates by the sum of W x R.

    ``scores``: the auditor's own R by candidate and factor id, numbers from 1 to 10; they go before ``proposed`` ones
    (``propose``). What neither gives is open. Candidates of equal total share a rank.

    Raises InputError with every problem: no candidate, one named twice, unknown candidates or factors, an R that is no
    number from 1 to 10.
    """
    problems = _score_problems(names, factors, scores)
    if problems:
        raise InputError(problems)
    rows: list[Ranked] = []
    for name in names:
        mine: list[tuple[str, ScoreR]] = []
        for factor in factors.factors:
            given = exact(scores.get(name, {}).get(factor.id))
            if given is not None:
                mine.append((factor.id, ScoreR(given, given, "entered")))
            else:
                mine.append((factor.id, (proposed or {}).get(name, {}).get(factor.id, OPEN)))
        weight = {factor.id: factor.weight for factor in factors.factors}
        low = sum((weight[id] * one.low for id, one in mine), Fraction(0))
        high = sum((weight[id] * one.high for id, one in mine), Fraction(0))
        rows.append(Ranked(name, tuple(mine), low, high, 0, 0))
    ranked = [
        replace(
            row,
            best_rank=1 + sum(other.low > row.high for other in rows),
            worst_rank=1 + sum(other is not row and _may_pass(other, row) for other in rows),
        )
        for row in rows
    ]
    ranked.sort(key=lambda row: (-(row.low + row.high), names.index(row.candidate)))
    return Ranking(factors, tuple(ranked), _ranking_notes(factors, ranked))


def _may_pass(other: Ranked, row: Ranked) -> bool:
    """Whether another candidate may stand before this one, or beside it where both are known."""
    if other.low == other.high and row.low == row.high:
        return other.low >= row.low
    return other.high >= row.low


def _score_problems(
    names: Sequence[str], factors: FactorSet, scores: Mapping[str, Mapping[str, object]]
) -> list[Problem]:
    problems: list[Problem] = []
    if not names:
        problems.append(Problem("no-candidate", message("没有备选审核重点")))
    twice = {name for name in names if list(names).count(name) > 1}
    problems += [Problem("candidate-twice", message("备选审核重点重复"), found=name) for name in sorted(twice)]
    known = {factor.id for factor in factors.factors}
    for name, given in scores.items():
        if name not in names:
            problems.append(Problem("candidate-unknown", message("没有这个备选审核重点"), found=name))
        for id, value in given.items():
            number = exact(value)
            if id not in known:
                expected = message("{ids} 之一", ids=listing(sorted(known)))
                problems.append(Problem("factor-unknown", message("没有这个因素"), found=id, expected=expected))
            elif number is None or not R_LOW <= number <= R_HIGH:
                text = message("“{name}”的打分不对", name=name)
                expected = message("1 到 10 之间的数")
                problems.append(Problem("score-R", text, found=str(value), expected=expected))
    return problems


def _ranking_notes(factors: FactorSet, rows: Sequence[Ranked]) -> tuple[Message, ...]:
    notes: list[Message] = []
    for factor in factors.factors:
        if not factor.usual:
            notes.append(
                message(
                    "因素“{name}”的权重 {weight} 不在通常范围 {low}–{high} 内",
                    name=factor.name, weight=decimal_text(factor.weight),
                    low=decimal_text(factor.low), high=decimal_text(factor.high),
                )
            )  # fmt: skip
        if all(dict(row.scores)[factor.id].origin == "open" for row in rows):
            notes.append(message("因素“{name}”没有数据可用，须由审核小组打分", name=factor.name))
    if rows and rows[0].worst_rank > 1:
        rivals = [row.name for row in rows if row.best_rank == 1]
        notes.append(message("第一名尚不能确定，可能是：{names}", names=listing(rivals)))
    return tuple(notes)


# --- the compulsory rule ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Compelled:
    """A link that a trigger compels into the focus (必须纳入的环节).

    ``place``: the candidate it belongs to; None where facts do not say, so that the auditor must name it.
    """

    trigger: str
    place: str | None
    reason: Message
    rule: CompulsoryRule

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force."""
        return {
            "trigger": self.trigger,
            "place": None if self.place is None else str(self.place or SITE_NAME),
            "reason": str(self.reason),
            "rule": str(Name(self.rule.text_zh, self.rule.text_en)),
            "grade": self.rule.grade.value,
        }


# --- the choice ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FocusChoice:
    """One place of the audit focus (审核重点), and why: by rank, by a trigger, or both."""

    place: str
    ranked: int | None
    compelled: tuple[Compelled, ...]

    @property
    def name(self) -> Message | str:
        """The place's name."""
        return self.place or SITE_NAME

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force."""
        return {
            "place": str(self.name),
            "rank": self.ranked,
            "compelled": [one.as_json() for one in self.compelled],
        }


@dataclass(frozen=True, slots=True)
class Focus:
    """The audit focus: chosen places, and what is still open before it can be called complete."""

    choices: tuple[FocusChoice, ...]
    ranking: Ranking
    compelled: tuple[Compelled, ...]
    open: tuple[Message, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force."""
        return {
            "focus": [choice.as_json() for choice in self.choices],
            "ranking": self.ranking.as_json(),
            "compelled": [one.as_json() for one in self.compelled],
            "open": [str(text) for text in self.open],
        }


def choose(ranking: Ranking, compelled_links: Sequence[Compelled] = (), *, count: int = 1) -> Focus:
    """The focus: the first ``count`` of the ranking, and every place that a trigger compels.

    Where the first places are not decided, or a trigger's place is not known, ``open`` says what is missing; the
    ranking's order stands in so far.
    """
    order = [row.candidate for row in ranking.rows]
    by_rank = order[: max(count, 0)]
    forced = list(dict.fromkeys(one.place for one in compelled_links if one.place is not None))
    names = [*by_rank, *(place for place in forced if place not in by_rank)]
    left: list[Message] = []
    if count and len(ranking.rows) > count:
        unsure = any(row.worst_rank > count for row in ranking.rows[:count])
        if unsure:
            left.append(message("排序的前 {count} 名尚不能确定，请补齐打分", count=count))
    for link in compelled_links:
        if link.place is None:
            left.append(message("{trigger}：{reason}；请指定所在环节", trigger=link.trigger, reason=link.reason))
    return Focus(
        tuple(
            FocusChoice(
                name,
                order.index(name) + 1 if name in by_rank else None,
                tuple(one for one in compelled_links if one.place == name),
            )
            for name in names
        ),
        ranking,
        tuple(compelled_links),
        tuple(left),
    )

"""Quick diagnosis (水平诊断): a dozen questions from a table, and from the answers a first band of grades.

The band is the hull of two completions of the answers: every open question answered as badly as the table knows, and as
well. Membership of levels, indices and level rules only gain when a row gains, so whatever the missing answers turn out
to be, the grade lies in the band. A row that turns out not to apply leaves its weight to the others in proportion,
which stays inside the band too, except where a block's weight is a formula of how many rows apply (said in a note).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from qingyuan.errors import InputError
from qingyuan.language import Message, Name, message
from qingyuan.standards.answers import split_values
from qingyuan.standards.formula import Formula
from qingyuan.standards.loading import load
from qingyuan.standards.model import LEVELS, IndexSystem, Indicator, Table
from qingyuan.standards.result import HUNDRED, Interval, Overall, RowScore, Score
from qingyuan.standards.schemes import RATIO_CAP
from qingyuan.standards.scoring import choose_table, read_answers, score
from qingyuan.standards.wording import requirement, unit_label

Reason = Literal["limiting", "weight", "group"]
_GRADES: tuple[Overall, ...] = ("I", "II", "III", "none")  # from the best down
# How readily a plant can answer: a choice from texts, a number from bills and ledgers, a number of one product, one
# that needs a further parameter. Ours: it only orders the questions and has no part in the result.
_EASE = {"choice": Fraction(1), "number": Fraction(4, 5), "product": Fraction(7, 10), "formula": Fraction(3, 5)}
# Sets of alternative rows that are tried one by one; beyond this many combinations the first row of each stands in.
_COMBINATIONS = 32


@dataclass(frozen=True, slots=True)
class Question:
    """One question (问题): a row of the table, what each level asks of it, and why it was chosen.

    ``weight``: the row's share of the whole, where several rows share a weight in a split that is not known the equal
    part of it (``weight_known`` is then false); None where weights were not read.
    """

    row: Indicator
    group: Name
    weight: Fraction | None
    weight_known: bool
    reasons: tuple[Reason, ...]
    choices: tuple[tuple[Overall, Message | Name], ...]

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force; ``answer`` says what may be answered."""
        return {
            "id": self.row.id,
            "name": str(self.row.name),
            "group": str(self.group),
            "kind": self.row.kind,
            "unit": str(unit_label(self.row)) if self.row.unit else "",
            "limiting": self.row.limiting,
            "weight": None if self.weight is None else float(self.weight),
            "parameter": "" if self.row.parameter is None else str(self.row.parameter),
            "product": "" if self.row.product is None else str(self.row.product),
            "levels": {level: str(text) for level, text in self.choices},
            "reasons": list(self.reasons),
            "answer": "number or level" if self.row.quantitative else "level",
        }


@dataclass(frozen=True, slots=True)
class GroupFinding:
    """One group of a diagnosis (一级指标): its weight, how much of it is answered, and what it earns.

    ``attained``: for each index the points of 100 of the group's own weight, an interval from worst to best;
    ``lost``: points of the whole that answered rows are known to miss at the level aimed at; ``missing``: these rows.
    """

    name: Name
    weight: Fraction
    known: Fraction
    attained: tuple[tuple[str, Interval], ...]
    lost: Fraction
    missing: tuple[Indicator, ...]

    def as_json(self) -> dict[str, object]:
        """Plain values; weights and ``known`` of 1, points of 100."""
        return {
            "name": str(self.name),
            "weight": float(self.weight),
            "known": float(self.known),
            "attained": {name: interval.as_json() for name, interval in self.attained},
            "lost": float(self.lost),
            "missing": [{"id": row.id, "name": str(row.name)} for row in self.missing],
        }


@dataclass(frozen=True, slots=True)
class Deciding:
    """An open row whose answer would narrow the band (待查指标).

    ``low_if_met``: the lower end of the band if the row reaches level I; ``high_if_missed``: the upper end if it
    reaches none.
    """

    row: Indicator
    weight: Fraction | None
    low_if_met: Overall
    high_if_missed: Overall
    decides: bool

    def as_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "id": self.row.id,
            "name": str(self.row.name),
            "limiting": self.row.limiting,
            "weight": None if self.weight is None else float(self.weight),
            "low_if_met": self.low_if_met,
            "high_if_missed": self.high_if_missed,
            "decides": self.decides,
        }


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a few answers tell (诊断结果).

    ``low`` and ``high``: the band of grades, worst and best ("none" where level III may be missed). ``indices``: from
    the worst to the best completion. ``known_weight``: share of the weight that is answered, None where weights were
    not read. ``aim``: the level that lost points are counted at. ``groups``: weakest first; ``deciding``: open rows,
    those that can change the band first, then by weight. ``worst`` and ``best``: the two completions.
    ``answered_only``: the answered rows graded by themselves, as if nothing else applied: a hint and no bound; None
    where none is answered.
    """

    low: Overall
    high: Overall
    indices: tuple[tuple[str, Interval], ...]
    known_weight: Fraction | None
    aim: Literal["I", "II", "III"]
    groups: tuple[GroupFinding, ...]
    deciding: tuple[Deciding, ...]
    worst: Score
    best: Score
    answered_only: Score | None = None
    notes: tuple[Message, ...] = ()

    @property
    def decided(self) -> bool:
        """Whether the answers fix the grade."""
        return self.low == self.high

    @property
    def weak(self) -> tuple[GroupFinding, ...]:
        """The groups that are known to lose points at the level aimed at, heaviest loss first."""
        return tuple(group for group in self.groups if group.lost > 0)

    def as_json(self) -> dict[str, object]:
        """Plain values: ``band`` [low, high], ``Y``, ``known_weight``, ``groups[]``, ``deciding[]``."""
        return {
            "system": self.best.system.id,
            "table": self.best.table.id,
            "band": [self.low, self.high],
            "decided": self.decided,
            "Y": {name: interval.as_json() for name, interval in self.indices},
            "known_weight": None if self.known_weight is None else float(self.known_weight),
            "answered_only": None
            if self.answered_only is None
            else {
                "level": self.answered_only.level,
                "Y": {name: interval.as_json() for name, interval in self.answered_only.indices},
            },
            "aim": self.aim,
            "groups": [group.as_json() for group in self.groups],
            "deciding": [row.as_json() for row in self.deciding],
            "grade_share": {"below_read": None if self.best.below_read is None else float(self.best.below_read)},
            "notes": [str(note) for note in self.notes],
        }


# --- questions -------------------------------------------------------------------------------------------------------


def questions(system: IndexSystem | str, table_id: str | None = None, count: int = 12) -> tuple[Question, ...]:
    """About a dozen rows whose answers tell most, in the table's order.

    Taken are first the best row of every group, so that each group shows; then limiting rows; then the others; each
    time by weight times ease of answering. ``table_id`` may be left out where the system has one table. Raises as
    ``standards.choose_table``, and ValueError where ``count`` is not positive.
    """
    if count < 1:
        raise ValueError("a diagnosis needs at least one question")
    used = load(system) if isinstance(system, str) else system
    table = choose_table(used, table_id)
    empty = score(used, {}, None, table.id)
    shares = _shares(empty)
    rows = [row for row in empty.rows if not row.bonus and row.met not in ("n/a", "open")]
    order = sorted(rows, key=lambda row: -_priority(row, shares))
    chosen: dict[str, list[Reason]] = {}
    for group in table.groups:
        leader = next((row for row in order if row.indicator.group == group.id), None)
        if leader is not None and len(chosen) < count:
            chosen.setdefault(leader.id, []).append("group")
    for row in (*(row for row in order if row.indicator.limiting), *order):
        if len(chosen) < count or row.id in chosen:
            chosen.setdefault(row.id, []).append("limiting" if row.indicator.limiting else "weight")
    return tuple(
        Question(
            row=row.indicator,
            group=row.group_name,
            weight=shares.get(row.id),
            weight_known=row.weight is not None,
            reasons=tuple(dict.fromkeys(chosen[row.id])),
            choices=_choices(used, row.indicator),
        )
        for row in rows
        if row.id in chosen
    )


def _shares(scored: Score) -> dict[str, Fraction]:
    """Each row's share of the weight; of rows in an unknown split the equal part. Empty where weights were not read."""
    if not scored.scored:
        return {}
    together: dict[tuple[str, str], int] = {}
    for row in scored.rows:
        if row.weight is None:
            key = (row.indicator.group, row.indicator.block)
            together[key] = together.get(key, 0) + 1
    return {
        row.id: row.weight
        if row.weight is not None
        else row.shared_weight / together[row.indicator.group, row.indicator.block]
        for row in scored.rows
        if not row.bonus
    }


def _priority(row: RowScore, shares: Mapping[str, Fraction]) -> Fraction:
    indicator = row.indicator
    if not indicator.quantitative:
        ease = _EASE["choice"]
    elif indicator.has_formula:
        ease = _EASE["formula"]
    else:
        ease = _EASE["product" if indicator.product is not None else "number"]
    weight = shares.get(row.id, Fraction(1, 100))
    return weight * ease * (2 if indicator.limiting else 1)


def _choices(system: IndexSystem, row: Indicator) -> tuple[tuple[Overall, Message | Name], ...]:
    if system.scheme == "levels":
        return tuple((level, requirement(row, level)) for level in LEVELS)
    if isinstance(row.benchmark, Name):
        return (("I", row.benchmark),)
    if row.bounds is not None or row.texts is not None:
        return (("I", requirement(row, "I")),)
    return ()


# --- diagnosis -------------------------------------------------------------------------------------------------------


def diagnose(
    system: IndexSystem | str,
    answers: Mapping[str, object],
    parameters: Mapping[str, object] | None = None,
    table_id: str | None = None,
) -> Diagnosis:
    """Diagnose a plant from the answers there are.

    ``answers`` and ``parameters`` as ``standards.score`` takes them (a VALUES document too); a row without an answer is
    open and not counted as missed. Raises as ``standards.score``: InputError with every problem of the answers,
    UnknownName for an unknown system or table.
    """
    used = load(system) if isinstance(system, str) else system
    document = split_values(answers)
    given = {**document.parameters, **(parameters or {})}
    table = choose_table(used, table_id or document.table or None)
    bonus = used.bonus_table() if used.scheme == "levels" else None
    tables = (table,) if bonus is None else (table, bonus)
    read, problems = read_answers(tables, document.values, used.scheme)
    if problems:
        raise InputError(problems)
    values = {id: document.values[id] for id, answer in read.items() if answer.kind != "missing"}
    rows = {row.id: row for each in tables for row in each.indicators()}
    missing = [row for id, row in rows.items() if id not in values and not row.open]
    runs = _Runs(used, table, values, given, missing)
    worst, best = runs.worst(), runs.best()
    low, high = _lowest(worst), _highest(best)
    aim: Literal["I", "II", "III"] = "III" if high in ("none", "undecided") else high  # type: ignore[assignment]
    answered = {row.id for row in missing}
    groups = _groups(table, worst, best, answered, aim)
    notes = list(_notes(table, missing, runs))
    if not best.scored:
        notes.append(message("此表的权重没有读到，只能从限定性指标和已答的各项看等级的上限"))
    return Diagnosis(
        low=low,
        high=high,
        indices=tuple((name, _hull(interval, dict(best.indices)[name])) for name, interval in worst.indices),
        known_weight=_known(best, answered),
        aim=aim,
        groups=groups,
        deciding=_deciding(runs, missing, low, high, best),
        worst=worst,
        best=best,
        answered_only=_answered_only(used, table, values, given, missing),
        notes=tuple(notes),
    )


def _answered_only(
    system: IndexSystem,
    table: Table,
    values: Mapping[str, object],
    parameters: Mapping[str, object],
    missing: Sequence[Indicator],
) -> Score | None:
    rest = {row.id: "n/a" for row in missing}
    try:
        return score(system, {**values, **rest}, parameters, table.id)
    except InputError:
        return None


class _Runs:
    """Scores of the completions of one set of answers."""

    def __init__(
        self,
        system: IndexSystem,
        table: Table,
        values: Mapping[str, object],
        parameters: Mapping[str, object],
        missing: Sequence[Indicator],
    ) -> None:
        self.system = system
        self.table = table
        self.values = values
        self.parameters = parameters
        chosen = parameters.get("alternatives")
        settled = set(chosen) if isinstance(chosen, Mapping) else set()
        answered = {
            row.alternatives
            for row in table.indicators()
            if row.alternatives and row.id in values and str(values[row.id]).lower() != "n/a"
        }
        sets: dict[str, list[Indicator]] = {}
        for row in missing:
            if row.alternatives and row.alternatives not in settled | answered:
                sets.setdefault(row.alternatives, []).append(row)
        self.sets = sets
        count = 1
        for rows in sets.values():
            count *= len(rows)
        self.all_tried = count <= _COMBINATIONS
        options = [rows if self.all_tried else rows[:1] for rows in sets.values()]
        picks = itertools.product(*options)
        self.combinations = [dict(zip(sets, (row.id for row in picked), strict=True)) for picked in picks]
        self.missing = [row for row in missing if not row.alternatives or row.alternatives in sets]

    def worst(self, known: Mapping[str, object] | None = None) -> Score:
        """The worst score of all completions, with some open rows answered."""
        return min(self._all(False, known or {}), key=lambda scored: (_rank(_lowest(scored)), _low_sum(scored)))

    def best(self, known: Mapping[str, object] | None = None) -> Score:
        """The best score of all completions, with some open rows answered."""
        return max(self._all(True, known or {}), key=lambda scored: (_rank(_highest(scored)), _high_sum(scored)))

    def _all(self, best: bool, known: Mapping[str, object]) -> list[Score]:
        return [self._one(best, known, combination) for combination in self.combinations]

    def _one(self, best: bool, known: Mapping[str, object], combination: Mapping[str, str]) -> Score:
        filled: dict[str, object] = dict(self.values)
        for row in self.missing:
            if row.alternatives and combination.get(row.alternatives) != row.id:
                continue
            filled[row.id] = known[row.id] if row.id in known else _filled(self.system, row, self.parameters, best)
        parameters = dict(self.parameters)
        if combination:
            stated = parameters.get("alternatives")
            parameters["alternatives"] = {**(stated if isinstance(stated, Mapping) else {}), **combination}
        return score(self.system, filled, parameters, self.table.id)


def _filled(system: IndexSystem, row: Indicator, parameters: Mapping[str, object], best: bool) -> object:
    """The best or worst answer that a row can have."""
    if not best:
        return "none"
    if system.scheme != "benchmark" or not row.quantitative:
        return "I"
    stated = parameters.get("lead")
    lead = row.benchmark if isinstance(row.benchmark, Fraction) else None
    if lead is None and isinstance(stated, Mapping):
        from qingyuan.standards.formula import exact

        lead = exact(stated.get(row.id))
    if lead is None:
        return "I"
    # The ratio to the benchmark may pass 1 up to a cap: nothing consumed, or as much more of what is good.
    cap = RATIO_CAP if system.grading.cap is None else system.grading.cap
    return Fraction(0) if row.better == "lower" else lead * cap


def _rank(grade: Overall) -> int:
    """Greater is better."""
    return len(_GRADES) - _GRADES.index(grade) if grade in _GRADES else 0


def _lowest(scored: Score) -> Overall:
    return min(_possible(scored), key=_rank)


def _highest(scored: Score) -> Overall:
    return max(_possible(scored), key=_rank)


def _possible(scored: Score) -> tuple[Overall, ...]:
    return (scored.level,) if scored.level != "undecided" else scored.possible


def _low_sum(scored: Score) -> Fraction:
    return sum((interval.low for _, interval in scored.indices), Fraction(0))


def _high_sum(scored: Score) -> Fraction:
    return sum((interval.high for _, interval in scored.indices), Fraction(0))


def _hull(one: Interval, other: Interval) -> Interval:
    low, high = (one, other) if one.low <= other.low else (other, one)
    top = one if one.high >= other.high else other
    return Interval(low.low, max(high.high, top.high), low.low_open, top.high_open)


def _known(scored: Score, missing: set[str]) -> Fraction | None:
    """The answered share of the weight; of rows in an unknown split each has the equal part."""
    if not scored.scored:
        return None
    shares = _shares(scored)
    total = sum(shares.values(), Fraction(0))
    return sum((share for id, share in shares.items() if id not in missing), Fraction(0)) / total if total else None


def _groups(
    table: Table, worst: Score, best: Score, missing: set[str], aim: Literal["I", "II", "III"]
) -> tuple[GroupFinding, ...]:
    shares = _shares(best)
    found: list[GroupFinding] = []
    for group in table.groups:
        mine = [row for row in best.rows if row.indicator.group == group.id and not row.bonus]
        weight = sum((shares.get(row.id, Fraction(0)) for row in mine), Fraction(0))
        low_rows = {row.id: row for row in worst.rows}
        attained = []
        names = LEVELS if best.system.scheme == "levels" else LEVELS[:1]
        for level in names if weight else ():
            earned = [row.points[level] for row in mine]
            least = [low_rows[row.id].points[level] for row in mine if row.id in low_rows]
            low = sum((points.low for points in least), Fraction(0))
            high = min(weight * HUNDRED, sum((points.high for points in earned), Fraction(0)))
            attained.append((level, Interval(low / weight, high / weight)))
        missed = [
            row for row in mine
            if row.id not in missing and row.met not in ("n/a", "open") and row.membership[aim] is False
        ]  # fmt: skip
        lost = sum((shares.get(row.id, Fraction(0)) for row in missed), Fraction(0)) * HUNDRED
        known = sum((shares.get(row.id, Fraction(0)) for row in mine if row.id not in missing), Fraction(0))
        found.append(
            GroupFinding(
                group.name,
                weight,
                known / weight if weight else Fraction(0),
                tuple(attained),
                lost,
                tuple(row.indicator for row in sorted(missed, key=lambda row: -shares.get(row.id, Fraction(0)))),
            )
        )
    return tuple(sorted(found, key=lambda group: (-group.lost, -group.weight)))


def _deciding(
    runs: _Runs, missing: Sequence[Indicator], low: Overall, high: Overall, best: Score
) -> tuple[Deciding, ...]:
    shares = _shares(best)
    applying = {row.id for row in best.rows if row.met != "n/a"}
    found: list[Deciding] = []
    for row in missing:
        if row.id not in applying:
            continue
        met = _lowest(runs.worst({row.id: _filled(runs.system, row, runs.parameters, True)}))
        missed = _highest(runs.best({row.id: "none"}))
        found.append(Deciding(row, shares.get(row.id), met, missed, met != low or missed != high))
    return tuple(sorted(found, key=lambda one: (not one.decides, not one.row.limiting, -(one.weight or Fraction(0)))))


def _notes(table: Table, missing: Sequence[Indicator], runs: _Runs) -> list[Message]:
    notes: list[Message] = []
    open_blocks = {(row.group, row.block) for row in missing if row.block}
    for group in table.groups:
        for block in group.blocks:
            by_count = isinstance(block.weight, Formula) and block.weight.variable
            if by_count and (group.id, block.id) in open_blocks:
                notes.append(
                    message(
                        "“{group}”中一组指标的权重随适用的项数变化；未答的项若不适用，结果可能略出此范围，请先确定适用与否",
                        group=group.name,
                    )
                )
    if not runs.all_tried:
        notes.append(message("多选一的指标组合太多，只按每组第一项计算"))
    return notes

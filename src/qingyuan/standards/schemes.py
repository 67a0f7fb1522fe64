"""The schemes without three levels: scores P1 and P2 (2005-2009), points between a base and a lead, pass or fail.

benchmark (older trial systems; the arithmetic is recalled except where a system's own grading gives it):
    S_i = x_i / benchmark (more is better) or benchmark / x_i (less is better), at most ``cap`` (1.2)
    P1 = 100 sum S_i K_i / sum K_i over the quantitative rows that apply      P2 likewise with F_i = 1 (yes) or 0 (no)
    P = p1 P1 + p2 P2                                                        (0.7 and 0.3 in most systems)

lead-base-linear (GB/T 36132-2025, green factories):
    points x min(1, max(0, (x - base) / (lead - base))), summed; rows that do not apply leave their points to the others

pass-fail (parks): every row is met or not; a core (limiting) row that is not met decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from qingyuan.errors import InputError, Problem
from qingyuan.language import Message, Name, listing, message
from qingyuan.reference.records import Grade
from qingyuan.standards.answers import Answer
from qingyuan.standards.formula import decimal_text, exact
from qingyuan.standards.membership import meets
from qingyuan.standards.model import ByLevel, IndexSystem, Indicator, Table, value_at
from qingyuan.standards.parameters import KNOWN
from qingyuan.standards.result import (
    HUNDRED,
    Interval,
    Met,
    Overall,
    RowFailure,
    RowScore,
    Score,
)
from qingyuan.standards.scoring import grade_shares, read_answers

# Recalled, not read: most trial systems of 2005-2009 join P1 and P2 so and cap the ratio so.
P1_SHARE = Fraction(7, 10)
P2_SHARE = Fraction(3, 10)
RATIO_CAP = Fraction(6, 5)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with how far it gets: ``fraction`` of its points, an interval if unknown; lead and base where known."""

    indicator: Indicator
    answer: Answer
    met: Met
    fraction: Interval
    notes: tuple[Message, ...] = ()
    lead: Fraction | None = None
    base: Fraction | None = None

    @property
    def takes_part(self) -> bool:
        return self.met not in ("n/a", "open")


def score_scheme(
    system: IndexSystem, table: Table, values: Mapping[str, object], parameters: Mapping[str, object]
) -> Score:
    """Score one plant or park on a table of a scheme without three levels; see ``scoring.score``.

    Raises InputError with every problem of the answers and parameters.
    """
    answers, problems = read_answers((table,), values, system.scheme)
    named = {row.parameter.zh for row in table.indicators() if row.parameter is not None}
    notes: list[Message] = []
    for key in parameters:
        if key in named:
            notes.append(message("参数 {key} 只用于选表，是否选对了表请自行核对", key=key))
        elif key not in KNOWN:
            expected = message("{options} 之一", options=listing(KNOWN))
            problems.append(Problem("unknown-parameter", message("不认识的参数"), found=str(key), expected=expected))
    lead = _numbers(table, parameters, "lead", problems)
    base = _numbers(table, parameters, "base", problems)
    rows = [
        _row(
            system, row, answers[row.id], _number(row.benchmark, lead.get(row.id)), _number(row.base, base.get(row.id))
        )
        for row in table.indicators()
    ]
    if not any(row.takes_part for row in rows):
        problems.append(Problem("nothing-applies", message("表“{name}”没有任何适用的指标，不能评价", name=table.name)))
    mark = parameters.get("pass_mark")
    pass_mark = exact(mark)
    if mark is not None and pass_mark is None:
        problems.append(Problem("bad-parameter", message("参数 pass_mark 应为数字"), found=str(mark)))
    prerequisites = parameters.get("prerequisites")
    if prerequisites is not None and not isinstance(prerequisites, bool):
        text = message("参数 prerequisites 应为 true 或 false")
        problems.append(Problem("bad-parameter", text, found=str(prerequisites)))
    if problems:
        raise InputError(problems)

    notes = [*_standing_notes(system), *notes]
    failures = _failures(rows)
    if system.scheme == "benchmark":
        indices, level, possible, more = _benchmark(system, table, rows, failures)
    elif system.scheme == "lead-base-linear":
        indices, level, possible, more = _linear(system, table, rows, pass_mark, prerequisites)
    else:
        indices, level, possible, more = _pass_fail(system, table, rows, failures)
    scored = _finish(system, table, rows)
    shares = grade_shares(scored) if system.scheme != "pass-fail" else _grades_by_number(scored)
    missing = sum(1 for row in rows if row.met == "no-data")
    if missing:
        notes.append(message("{missing} 项指标没有数据，按未达到计", missing=missing))
    return Score(
        system=system,
        table=table,
        indices=indices,
        level=level,
        possible=possible,
        rows=tuple(scored),
        statuses=(),
        limiting_failures=failures,
        other_failures=(),
        grade_shares=shares,
        notes=(*notes, *more),
        values=dict(values),
        parameters=dict(parameters),
    )


def _numbers(table: Table, parameters: Mapping[str, object], key: str, problems: list[Problem]) -> dict[str, Fraction]:
    given = parameters.get(key)
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        text = message("参数 {key} 应为 {{指标编号: 数}}", key=key)
        problems.append(Problem("bad-parameter", text, found=str(given)[:80]))
        return {}
    rows = {row.id: row for row in table.indicators()}
    found: dict[str, Fraction] = {}
    for id, value in given.items():
        number = exact(value)
        if id not in rows:
            problems.append(Problem("unknown-indicator", message("表中没有这个指标"), found=str(id)))
        elif number is None:
            text = message("参数 {key} 中 {id} 的值应为数字", key=key, id=id)
            problems.append(Problem("bad-parameter", text, found=str(value)))
        else:
            found[str(id)] = number
    return found


def _number(published: Fraction | Name | None, given: Fraction | None) -> Fraction | None:
    """The published number; where the document only describes it, the one that was given."""
    return published if isinstance(published, Fraction) else given


def _row(system: IndexSystem, row: Indicator, answer: Answer, lead: Fraction | None, base: Fraction | None) -> _Row:
    met, fraction, notes = _fraction(system, row, answer, lead, base)
    return _Row(row, answer, met, fraction, notes, lead, base)


def _fraction(
    system: IndexSystem, row: Indicator, answer: Answer, lead: Fraction | None, base: Fraction | None
) -> tuple[Met, Interval, tuple[Message, ...]]:
    zero, one = Interval.exactly(0), Interval.exactly(1)
    if answer.kind == "not-applicable":
        return "n/a", zero, ()
    if row.open:
        return "open", zero, ()
    if answer.kind == "missing":
        return "no-data", zero, ()
    if answer.kind == "level":
        notes = (message("定量指标按评价人判定的级别计"),) if row.quantitative else ()
        return ("I", one, notes) if answer.level else ("none", zero, notes)
    assert answer.number is not None
    if system.scheme == "lead-base-linear":
        return _linear_fraction(row, answer.number, lead, base)
    if lead is None:
        note = message("基准值没有数字，请用参数 lead 给出，或直接判定达到与否")
        return "unknown", Interval(Fraction(0), Fraction(1)), (note,)
    reached = meets(row, answer.number, lead)
    if system.scheme == "benchmark":
        cap = RATIO_CAP if system.grading.cap is None else system.grading.cap
        return "I" if reached else "none", Interval.exactly(_ratio(row, answer.number, lead, cap)), ()
    return ("I", one, ()) if reached else ("none", zero, ())


def _ratio(row: Indicator, value: Fraction, benchmark: Fraction, cap: Fraction) -> Fraction:
    """S_i, at most ``cap``; nothing consumed or emitted earns the cap, a negative amount of something good nothing."""
    if row.better == "lower":
        return cap if value <= 0 else min(cap, max(Fraction(0), benchmark / value))
    return min(cap, max(Fraction(0), value / benchmark))


def _linear_fraction(
    row: Indicator, value: Fraction, lead: Fraction | None, base: Fraction | None
) -> tuple[Met, Interval, tuple[Message, ...]]:
    if lead is not None and base is not None and lead != base:
        reached = min(Fraction(1), max(Fraction(0), (value - base) / (lead - base)))
        return "I" if reached == 1 else "none", Interval.exactly(reached), ()
    if lead is not None and meets(row, value, lead):
        return "I", Interval.exactly(1), ()
    if base is not None and not meets(row, value, base):
        return "none", Interval.exactly(0), ()
    note = message("缺少引领值或基准值的数字，请用参数 lead 和 base 给出")
    return "unknown", Interval(Fraction(0), Fraction(1)), (note,)


def _failures(rows: list[_Row]) -> tuple[RowFailure, ...]:
    return tuple(
        RowFailure(row.indicator.id, row.indicator.name, "I", "I", row.met, ("I",))
        for row in rows
        if row.indicator.limiting and row.met in ("none", "no-data")
    )


Outcome = tuple[tuple[tuple[str, Interval], ...], Overall, tuple[Overall, ...], list[Message]]


def _full_points(table: Table, row: Indicator) -> Fraction:
    """What a row is worth before anything is left out: its points, else its weight in the whole times 100."""
    if row.points is not None:
        return row.points
    group = table.group(row.group).weight
    if row.weight is None or group is None:
        return Fraction(0)
    return 100 * group * value_at(row.weight)


def _weighted(table: Table, rows: list[_Row]) -> Interval | None:
    """Points reached in 100, over the rows that apply; None where none does."""
    total = sum((_full_points(table, row.indicator) for row in rows), Fraction(0))
    if total == 0:
        return None
    reached = Interval.exactly(0)
    for row in rows:
        reached = reached + row.fraction.scaled(_full_points(table, row.indicator) * 100 / total)
    return reached


def _benchmark(system: IndexSystem, table: Table, rows: list[_Row], failures: tuple[RowFailure, ...]) -> Outcome:
    grading = system.grading
    counted = [row for row in rows if row.takes_part]
    p1 = _weighted(table, [row for row in counted if row.indicator.quantitative])
    p2 = _weighted(table, [row for row in counted if not row.indicator.quantitative])
    first = P1_SHARE if grading.p1 is None else grading.p1
    second = P2_SHARE if grading.p2 is None else grading.p2
    notes: list[Message] = []
    if grading.p1 is None or grading.cap is None:
        notes.append(
            message(
                "P1、P2 的合成权重 {p1}、{p2} 与比值上限 {cap} 凭记忆，须与原文核对",
                p1=decimal_text(first),
                p2=decimal_text(second),
                cap=decimal_text(grading.cap or RATIO_CAP),
            )
        )
    indices: list[tuple[str, Interval]] = []
    if p1 is not None:
        indices.append(("P1", p1))
    if p2 is not None:
        indices.append(("P2", p2))
    if p1 is not None and p2 is not None:
        total = p1.scaled(first) + p2.scaled(second)
    else:
        total = p1 or p2 or Interval.exactly(0)
        notes.append(message("只有一类指标适用，P 取该类的得分"))
    indices.append(("P", total))
    if not grading.rules:
        notes.append(message("没有读到定级条件，不能定级"))
        return tuple(indices), "undecided", ("I", "II", "III", "none"), notes
    possible: list[Overall] = []
    for level, rule in grading.rules:
        reached = False if failures else total.reaches(rule.minimum)
        if reached is not False:
            possible.append(level)
        if reached:
            break
    else:
        possible.append("none")
    return tuple(indices), possible[0] if len(possible) == 1 else "undecided", tuple(possible), notes


def _linear(
    system: IndexSystem,
    table: Table,
    rows: list[_Row],
    pass_mark: Fraction | None,
    prerequisites: object,
) -> Outcome:
    counted = [row for row in rows if row.takes_part]
    total = _weighted(table, counted) or Interval.exactly(0)
    notes: list[Message] = []
    if len(counted) < len(rows):
        notes.append(message("不适用的指标退出，其分值按比例分给其余指标（本软件的处理）"))
    rule = system.grading.passing
    mark = pass_mark if pass_mark is not None else rule.minimum if rule is not None else None
    reached = None if mark is None else total.reaches(mark)
    if mark is None:
        notes.append(message("合格分数线由行业标准给出，请用参数 pass_mark 填写"))
    if prerequisites is None:
        notes.append(message("基本要求是否全部满足未说明，请用参数 prerequisites 填写 true 或 false"))
    indices = (("score", total),)
    if reached is False or prerequisites is False:
        return indices, "none", ("none",), notes
    if reached and prerequisites is True:
        return indices, "I", ("I",), notes
    return indices, "undecided", ("I", "none"), notes


def _pass_fail(system: IndexSystem, table: Table, rows: list[_Row], failures: tuple[RowFailure, ...]) -> Outcome:
    counted = [row for row in rows if row.takes_part]
    passed = sum(1 for row in counted if row.met == "I")
    unknown = sum(1 for row in counted if row.met == "unknown")
    indices = (
        ("passed", Interval(Fraction(passed), Fraction(passed + unknown))),
        ("applicable", Interval.exactly(len(counted))),
    )
    notes: list[Message] = []
    if system.grading.passing is None:
        notes.append(message("没有读到合格条件，只列出各项达到与否"))
        return indices, "undecided", ("I", "none"), notes
    if failures:
        return indices, "none", ("none",), notes
    if passed == len(counted) and not table.partial:
        return indices, "I", ("I",), notes
    notes.append(message("核心指标没有未达到的；其余未全部达到或未全部读到，合格与否须按原文判定"))
    return indices, "undecided", ("I", "none"), notes


def _standing_notes(system: IndexSystem) -> list[Message]:
    notes: list[Message] = []
    if system.verification != "read":
        notes.append(message("此指标体系只读到一部分，凭记忆录入的项须与原文核对"))
    if system.grade is Grade.USER:
        notes.append(message("此指标体系由用户录入，尚未经第二人复核"))
    if not system.grading.verified:
        notes.append(message("定级条件没有读到原文，按通行规则判定"))
    return notes


def _finish(system: IndexSystem, table: Table, rows: list[_Row]) -> list[RowScore]:
    counted = [row for row in rows if row.takes_part]
    total = sum((_full_points(table, row.indicator) for row in counted), Fraction(0))
    found: list[RowScore] = []
    for row in rows:
        weight: Fraction | None = Fraction(0)
        if system.scheme == "pass-fail":
            weight = None
        elif row.takes_part and total:
            weight = _full_points(table, row.indicator) / total
        points = row.fraction.scaled((weight or Fraction(0)) * HUNDRED)
        test = True if row.met == "I" else None if row.met == "unknown" else False
        found.append(
            RowScore(
                indicator=row.indicator,
                group_name=table.group(row.indicator.group).name,
                answer=row.answer,
                met=row.met,
                membership=ByLevel((test, test, test)),
                weight=weight,
                shared_weight=weight or Fraction(0),
                points=ByLevel((points, points, points)),
                bounds=ByLevel((row.lead, None, row.base)),
                grade=system.row_grade(table, row.indicator),
                withholds=("I",) if row.indicator.limiting and row.met in ("none", "no-data") else (),
                ratio=row.fraction.low if row.fraction.exact and row.takes_part else None,
                notes=row.notes,
            )
        )
    return found


def _grades_by_number(rows: list[RowScore]) -> tuple[tuple[Grade, Fraction], ...]:
    """Without weights, the share of rows by grade."""
    counted = [row.grade for row in rows if row.met not in ("n/a", "open")]
    return tuple((grade, Fraction(counted.count(grade), len(counted))) for grade in Grade if grade in counted)

"""Scoring one plant on a table of three levels (三级评价), exact and explained row by row.

    Y_gk(x_ij) = 100 where the row's value meets level k or a better one, else 0      (no interpolation)
    Y_k = sum_i w_i sum_j w_ij Y_gk(x_ij)                                            k = I, II, III

Source: 清洁生产评价指标体系编制通则 (joint announcement 2013 No. 33), membership function and overall index. The level
rule, weights and bounds are the table's own data. All arithmetic is in fractions: 85 and 100 are equalities.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from qingyuan.errors import InputError, Location, Problem, UnknownName
from qingyuan.language import Message, listing, message
from qingyuan.reference.records import Grade
from qingyuan.standards.answers import MISSING, Answer, implausible, level_word, read_answer, split_values
from qingyuan.standards.checking import errors
from qingyuan.standards.formula import FormulaError, decimal_text
from qingyuan.standards.loading import load
from qingyuan.standards.membership import bounds_at, free, memberships, ordered
from qingyuan.standards.model import LEVELS, ByLevel, IndexSystem, Indicator, Level, LevelRule, Table
from qingyuan.standards.parameters import Resolved, resolve
from qingyuan.standards.result import (
    HUNDRED,
    Interval,
    LevelStatus,
    Met,
    Overall,
    RowFailure,
    RowScore,
    Score,
)
from qingyuan.standards.weights import Piece, Weights, spread

_NOTHING: ByLevel[Interval] = ByLevel((Interval.exactly(0), Interval.exactly(0), Interval.exactly(0)))
_ANYTHING = Interval(Fraction(0), HUNDRED)


def score(
    system: IndexSystem | str,
    values: Mapping[str, object],
    parameters: Mapping[str, object] | None = None,
    table_id: str | None = None,
) -> Score:
    """Score one plant.

    ``system``: an index system or its id. ``values``: answer by indicator id (see ``answers.read_answer``); a VALUES
    document with ``"parameters"`` or ``"values"`` inside is taken apart. ``parameters``: ``n`` (a number, or numbers by
    product or indicator), ``outputs`` (amount by product, any one unit), ``alternatives`` (indicator id by word),
    ``lead``, ``base``, ``pass_mark``, ``prerequisites`` (linear scheme). ``table_id``: may be left out where the system
    has one table (its bonus table aside).

    A row without an answer scores 0 at every level and is listed; a row that does not apply leaves its weight to the
    others. Complete tables give exact indices; tables of which weights or levels were not read give intervals.

    Raises InputError with every problem of the answers and parameters, or where the system holds no table or is faulty;
    UnknownName for an unknown system or table.
    """
    if isinstance(system, str):
        system = load(system)
    document = split_values(values)
    given = {**document.parameters, **(parameters or {})}
    table = choose_table(system, table_id or document.table or None)
    if system.scheme != "levels":
        from qingyuan.standards.schemes import score_scheme

        return score_scheme(system, table, document.values, given)
    return _score_levels(system, table, document.values, given)


def choose_table(system: IndexSystem, table_id: str | None = None) -> Table:
    """The table to score on.

    Raises InputError where the system was only located, is faulty, or has several tables and none is named;
    UnknownName where the table is unknown or is the bonus table.
    """
    where = Location(file=system.file)
    if system.located_only or not system.main_tables():
        text = message(
            "指标体系“{title}”只知道出处，没有读到它的表，不能评价。原文可查：{source}；"
            "得到原文后可用 qingyuan systems template 生成录入表，核对后用 qingyuan systems import 装入",
            title=system.title,
            source=system.source,
        )
        raise InputError([Problem("located-only", text, where=where)])
    faults = errors(system)
    if faults:
        raise InputError(faults)
    tables = system.main_tables()
    if table_id is None:
        if len(tables) == 1:
            return tables[0]
        options = listing(message("{id}（{name}）", id=table.id, name=table.name) for table in tables)
        text = message("指标体系“{title}”有几张表，请选一张", title=system.title)
        raise InputError([Problem("choose-table", text, expected=message("{options} 之一", options=options))])
    for table in tables:
        if table.id == table_id:
            return table
    known = [table.id for table in tables]
    near = difflib.get_close_matches(table_id, known, cutoff=0.0)
    raise UnknownName(message("未知的评价表"), table_id, near or known)


def read_answers(
    tables: tuple[Table, ...], values: Mapping[str, object], scheme: str = "levels"
) -> tuple[dict[str, Answer], list[Problem]]:
    """Every row's answer (missing ones included), and the problems: unknown ids, unreadable answers.

    A row is named by its id, or by its name where only one row has it.
    """
    rows = {row.id: row for table in tables for row in table.indicators()}
    answers: dict[str, Answer] = dict.fromkeys(rows, MISSING)
    problems: list[Problem] = []
    for said, given in values.items():
        id = said
        row = rows.get(said)
        if row is None and len(named := rows_named(str(said), rows)) == 1:
            row, id = named[0], named[0].id
            if id in values or answers[id] is not MISSING:
                text = message("指标 {id} 有两个回答：{one}、{other}", id=id, one=id, other=said)
                problems.append(Problem("indicator-twice", text, found=str(said)))
                continue
        elif row is None and named:
            choices = listing(bracketed_id(one) for one in named)
            text = message("有 {count} 个指标叫“{name}”，请用编号", count=len(named), name=said)
            problems.append(Problem("indicator-ambiguous", text, expected=message("{names} 之一", names=choices)))
            continue
        if row is None:
            options = listing(_near(str(said), rows))
            expected = message("{near}？", near=options) if options.items else None
            problems.append(
                Problem("unknown-indicator", message("表中没有这个指标"), found=str(said), expected=expected)
            )
            continue
        read = read_answer(row, given, scheme)  # type: ignore[arg-type]
        if isinstance(read, Problem):
            problems.append(read)
        else:
            answers[id] = read
    return answers, problems


def rows_named(text: str, rows: Mapping[str, Indicator]) -> tuple[Indicator, ...]:
    """The rows that a name means: the whole name in Chinese or English, else the name without its remark in brackets.

    Blanks, full-width forms and capitals do not count.
    """
    wanted = _plain(text)
    if not wanted:
        return ()
    exact = [row for row in rows.values() if wanted in (_plain(row.name.zh), _plain(row.name.en))]
    bare = [row for row in rows.values() if wanted in (_bare(row.name.zh), _bare(row.name.en))]
    return tuple(exact or bare)


def implausible_answers(
    system: IndexSystem, values: Mapping[str, object], table_id: str | None = None
) -> tuple[Problem, ...]:
    """What is impossible among the answers that people state to a table (see ``answers.implausible``).

    ``values`` as for ``score``. Unknown names and unreadable answers are not told here. Raises as ``choose_table``.
    """
    document = split_values(values)
    table = choose_table(system, table_id or document.table or None)
    bonus = system.bonus_table() if system.scheme == "levels" else None
    tables = (table,) if bonus is None else (table, bonus)
    answers, _ = read_answers(tables, document.values, system.scheme)
    rows = {row.id: row for each in tables for row in each.indicators()}
    found = (implausible(rows[id], answer) for id, answer in answers.items())
    return tuple(problem for problem in found if problem is not None)


def bracketed_id(row: Indicator) -> Message:
    """A row as a choice: its id, and its name in brackets."""
    return message("{id}（{name}）", id=row.id, name=row.name)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _bare(text: str) -> str:
    return _plain(re.sub(r"[（(\[［【].*?[）)\]］】]", "", text))


def _near(text: str, rows: Mapping[str, Indicator]) -> list[str]:
    """Ids that an unknown one may mean: rows of that name, ids that hold it, ids spelt alike."""
    named = [row.id for row in rows.values() if text in (row.name.zh, row.name.en)]
    holding = [id for id in rows if text and text in id]
    return named or holding[:3] or difflib.get_close_matches(text, rows, n=3)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row on its way: what it met, whether it carries weight, and why."""

    indicator: Indicator
    answer: Answer
    met: Met
    membership: ByLevel[bool | None]
    takes_part: bool
    bounds: ByLevel[Fraction | None]
    n: Fraction | None
    notes: tuple[Message, ...]


def _score_levels(
    system: IndexSystem, table: Table, values: Mapping[str, object], parameters: Mapping[str, object]
) -> Score:
    bonus_table = system.bonus_table()
    tables = (table,) if bonus_table is None else (table, bonus_table)
    answers, problems = read_answers(tables, values)
    resolved = resolve(table, answers, parameters)
    problems += resolved.problems
    rows = [_row(row, answers[row.id], resolved, problems, bonus=False) for row in table.indicators()]
    bonus_rows = (
        [_row(row, answers[row.id], Resolved(), problems, bonus=True) for row in bonus_table.indicators()]
        if bonus_table
        else []
    )
    weights = _weights(table, rows, resolved, problems)
    bonus_weights = _weights(bonus_table, bonus_rows, Resolved(), problems) if bonus_table else None
    if problems:
        raise InputError(problems)

    memberships = {row.indicator.id: row.membership for row in (*rows, *bonus_rows)}
    indices = _indices(weights, memberships)
    notes = _standing_notes(system, table, resolved, weights)
    bonus = system.grading.bonus
    if bonus is not None and bonus_weights is not None:
        added = _indices(bonus_weights, memberships)
        notes += _bonus_notes(indices, added, bonus.weight, bonus.cap)
        uncapped = ByLevel(
            (
                indices["I"] + added["I"].scaled(bonus.weight),
                indices["II"] + added["II"].scaled(bonus.weight),
                indices["III"] + added["III"].scaled(bonus.weight),
            )
        )
        indices = uncapped.map(lambda index: index.capped(bonus.cap))
    else:
        uncapped = indices
    statuses = tuple(
        _status(rule, level, indices[level], rows, weights is None) for level, rule in system.grading.rules
    )
    level, possible = _overall(system, statuses)
    limiting = _failures(system, rows, limiting=True)
    others = _failures(system, rows, limiting=False)
    notes += _result_notes(system, level, possible, indices, others, rows)
    withheld = {failure.id: failure.withholds for failure in (*limiting, *others)}
    scored = [_finish(system, table, row, weights, Fraction(1), withheld, False) for row in rows]
    if bonus is not None and bonus_table is not None:
        scored += [_finish(system, bonus_table, row, bonus_weights, bonus.weight, {}, True) for row in bonus_rows]
    return Score(
        system=system,
        table=table,
        indices=tuple(indices.items()),
        level=level,
        possible=possible,
        rows=tuple(scored),
        statuses=statuses,
        limiting_failures=limiting,
        other_failures=others,
        grade_shares=grade_shares(scored) if weights is not None else (),
        notes=tuple(notes),
        values=dict(values),
        parameters=dict(parameters),
        uncapped=tuple(uncapped.items()),
        scored=weights is not None,
    )


# --- one row ---------------------------------------------------------------------------------------------------------


def _row(row: Indicator, answer: Answer, resolved: Resolved, problems: list[Problem], bonus: bool) -> _Row:
    notes = list(resolved.row_notes.get(row.id, ()))
    n = resolved.n.get(row.id)
    bounds: ByLevel[Fraction | None] = ByLevel((None, None, None))
    met: Met = "no-data"
    membership = free(row)
    takes_part = True
    if row.id in resolved.dropped:
        met, takes_part = "n/a", False
        notes.append(resolved.dropped[row.id])
    elif answer.kind == "not-applicable":
        # A bonus row that does not apply keeps its weight and scores nothing but what is free.
        met, takes_part = "n/a", bonus and not row.open
    elif row.open:
        met, takes_part = "open", False
    elif answer.given:
        if answer.kind == "number" and row.has_formula and n is None:
            problems.append(_needs_n(row))
        else:
            bounds = bounds_at(row, n, problems)
            membership, best = memberships(row, answer, bounds, notes)
            met = best
    if row.bounds is not None and not answer.given and (n is not None or not row.has_formula):
        bounds = bounds_at(row, n, problems)
    if row.bounds is not None and row.has_formula and not ordered(row, bounds):
        notes.append(message("此 n 值下三级数值次序颠倒，以达到的最好级别计"))
    return _Row(row, answer, met, membership, takes_part, bounds, n, tuple(notes))


def _needs_n(row: Indicator) -> Problem:
    return Problem(
        "needs-n",
        message("指标 {id}（{name}）的三级数值随 n 变化，请用参数 n 给出", id=row.id, name=row.name),
        expected=message("n，或 {{产品: n}}；{meaning}", meaning=row.parameter or ""),
    )


# --- weights and indices ---------------------------------------------------------------------------------------------


def _weights(table: Table, rows: list[_Row], resolved: Resolved, problems: list[Problem]) -> Weights | None:
    part = {row.indicator.id for row in rows if row.takes_part}
    if not part:
        if all(row.indicator.open for row in rows):
            return None
        problems.append(Problem("nothing-applies", message("表“{name}”没有任何适用的指标，不能评价", name=table.name)))
        return None
    try:
        return spread(table, part, outputs=resolved.amounts, n=resolved.weight_n)
    except FormulaError as error:
        problems.append(Problem("needs-n", message("权重：{reason}", reason=error.reason)))
    except ValueError:
        text = message("表“{name}”中适用的指标没有任何权重，不能评价", name=table.name)
        problems.append(Problem("nothing-applies", text))
    return None


def _contribution(piece: Piece, memberships: Mapping[str, ByLevel[bool | None]], level: Level) -> Interval:
    """What a piece of weight adds to an index.

    Rows that share a weight in an unknown split each have some of it: where they agree the contribution is known,
    where they differ it lies strictly between nothing and all of it.
    """
    full = piece.share * 100
    tests = [memberships[id][level] for id in piece.rows]
    if all(test is True for test in tests):
        return Interval.exactly(full)
    if all(test is False for test in tests):
        return Interval.exactly(0)
    return Interval(Fraction(0), full, low_open=True in tests, high_open=False in tests)


def _indices(weights: Weights | None, memberships: Mapping[str, ByLevel[bool | None]]) -> ByLevel[Interval]:
    if weights is None:
        return ByLevel((_ANYTHING, _ANYTHING, _ANYTHING))

    def one(level: Level) -> Interval:
        total = Interval.exactly(0)
        for piece in weights.pieces:
            total = total + _contribution(piece, memberships, level)
        return total

    return ByLevel((one("I"), one("II"), one("III")))


# --- the level -------------------------------------------------------------------------------------------------------


def _judged(row: _Row) -> bool:
    """Whether the limiting rule and the rule for other rows look at a row."""
    return row.takes_part and row.met not in ("n/a", "open")


def _all(tests: list[bool | None]) -> bool | None:
    if False in tests:
        return False
    return None if None in tests else True


def _status(rule: LevelRule, level: Level, index: Interval, rows: list[_Row], unweighted: bool) -> LevelStatus:
    judged = [row for row in rows if _judged(row)]
    reached = index.reaches(rule.minimum)
    if unweighted:
        # Without weights the index is unknown; but 100 is out of reach as soon as one row misses the level.
        missed = any(row.membership[level] is False for row in judged)
        reached = False if rule.minimum == HUNDRED and missed else None
    limiting = _all([row.membership[rule.limiting] for row in judged if row.indicator.limiting])
    others = (
        _all([row.membership[rule.others] for row in judged if not row.indicator.limiting]) if rule.others else True
    )
    return LevelStatus(level, reached, limiting, others)


def _overall(system: IndexSystem, statuses: tuple[LevelStatus, ...]) -> tuple[Overall, tuple[Overall, ...]]:
    """Test I, then II, then III. The level, and those that it may be where it is not decided."""
    if len(statuses) < len(LEVELS):
        return "undecided", ("I", "II", "III", "none")
    possible: list[Overall] = []
    for status in statuses:
        if status.met is not False:
            possible.append(status.level)
        if status.met:
            break
    else:
        possible.append("none")
    return (possible[0] if len(possible) == 1 else "undecided"), tuple(possible)


def _failures(system: IndexSystem, rows: list[_Row], limiting: bool) -> tuple[RowFailure, ...]:
    found: list[RowFailure] = []
    for row in rows:
        if not _judged(row) or row.indicator.limiting is not limiting:
            continue
        withheld: list[tuple[Level, Level]] = []
        for level, rule in system.grading.rules:
            required = rule.limiting if limiting else rule.others
            if required is not None and row.membership[required] is False:
                withheld.append((level, required))
        if withheld:
            level, required = withheld[-1]
            levels = tuple(each for each, _ in withheld)
            found.append(RowFailure(row.indicator.id, row.indicator.name, level, required, row.met, levels))
    return tuple(found)


# --- putting together ------------------------------------------------------------------------------------------------


def _finish(
    system: IndexSystem,
    table: Table,
    row: _Row,
    weights: Weights | None,
    factor: Fraction,
    withheld: Mapping[str, tuple[Level, ...]],
    bonus: bool,
) -> RowScore:
    id = row.indicator.id
    own = None if weights is None else weights.of(id)
    shared = Fraction(0) if weights is None else weights.shared(id) * factor
    if weights is None:
        points = ByLevel((_ANYTHING, _ANYTHING, _ANYTHING)) if row.takes_part else _NOTHING
    else:
        points = row.membership.map(lambda test: _points(test, None if own is None else own * factor, shared))
    return RowScore(
        indicator=row.indicator,
        group_name=table.group(row.indicator.group).name,
        answer=row.answer,
        met=row.met,
        membership=row.membership,
        weight=(None if row.takes_part else Fraction(0)) if own is None else own * factor,
        shared_weight=shared,
        points=points,
        bounds=row.bounds,
        grade=system.row_grade(table, row.indicator),
        n=row.n,
        bonus=bonus,
        withholds=withheld.get(id, ()),
        notes=row.notes,
    )


def _points(test: bool | None, own: Fraction | None, shared: Fraction) -> Interval:
    if test is False:
        return Interval.exactly(0)
    if own is not None:
        return Interval.exactly(own * 100) if test else Interval(Fraction(0), own * 100)
    return Interval(Fraction(0), shared * 100, low_open=True, high_open=True)


def grade_shares(rows: list[RowScore]) -> tuple[tuple[Grade, Fraction], ...]:
    """Share of the weight by grade of its rows, making 1; a block of unknown split counts whole by its weakest row."""
    from qingyuan.reference.records import weakest

    shares: dict[Grade, Fraction] = {}
    blocks: dict[tuple[str, str, Fraction], list[Grade]] = {}
    for row in rows:
        if not row.takes_part:
            continue
        if row.weight is not None:
            shares[row.grade] = shares.get(row.grade, Fraction(0)) + row.weight
        else:
            key = (row.indicator.group, row.indicator.block, row.shared_weight)
            blocks.setdefault(key, []).append(row.grade)
    for (_, _, share), grades in blocks.items():
        grade = weakest(grades)
        shares[grade] = shares.get(grade, Fraction(0)) + share
    total = sum(shares.values(), Fraction(0))
    return tuple((grade, shares[grade] / total) for grade in Grade if grade in shares)


def _standing_notes(system: IndexSystem, table: Table, resolved: Resolved, weights: Weights | None) -> list[Message]:
    """What holds of the table whatever the plant answers, and what the parameters led to."""
    notes: list[Message] = []
    if system.verification == "partly read":
        notes.append(message("此指标体系只读到一部分，凭记忆录入的项须与原文核对"))
    elif system.verification == "recalled":
        notes.append(message("此指标体系凭记忆录入，须与原文核对"))
    if system.grade is Grade.USER:
        notes.append(message("此指标体系由用户录入，尚未经第二人复核"))
    if not system.grading.verified:
        notes.append(message("定级条件没有读到原文，按通行规则判定"))
    if table.partial and weights is None:
        notes.append(message("此表的权重没有读到，不能算出指数；各指标达到的级别仍然有效"))
    elif table.partial:
        notes.append(message("此表有的权重或级别没有读到，指数可能是一个区间"))
    if weights is not None and weights.empty_groups:
        names = listing(weights.empty_groups)
        notes.append(message("以下各组没有适用的指标，权重按比例分给其他组（本软件的处理）：{names}", names=names))
    if weights is not None and weights.empty_blocks:
        names = listing(weights.empty_blocks)
        notes.append(message("以下各组有共用权重的行都不适用，这部分权重按比例分给同组其他指标：{names}", names=names))
    if weights is not None and _missing_outputs(table, weights):
        notes.append(message("没有给出各产品产量（参数 outputs），按产量分担的权重只能算到区间"))
    return notes + resolved.notes


def _missing_outputs(table: Table, weights: Weights) -> bool:
    by_output = {(group.id, block.id) for group in table.groups for block in group.blocks if block.share == "output"}
    return any(
        (row.group, row.block) in by_output
        for piece in weights.pieces
        if not piece.known
        for row in map(table.indicator, piece.rows)
    )


def _bonus_notes(main: ByLevel[Interval], added: ByLevel[Interval], weight: Fraction, cap: Fraction) -> list[Message]:
    notes: list[Message] = []
    for level in LEVELS:
        extra = added[level].scaled(weight)
        if extra.high == 0:
            continue
        total = main[level] + extra
        if total.high > cap:
            note = message(
                "加分项使 Y_{level} 增加 {extra}，封顶 {cap}",
                level=level,
                extra=decimal_text(extra.high, 2),
                cap=decimal_text(cap),
            )
        else:
            note = message("加分项使 Y_{level} 增加 {extra}", level=level, extra=decimal_text(extra.high, 2))
        notes.append(note)
    return notes


def _result_notes(
    system: IndexSystem,
    level: Overall,
    possible: tuple[Overall, ...],
    indices: ByLevel[Interval],
    others: tuple[RowFailure, ...],
    rows: list[_Row],
) -> list[Message]:
    """What follows from the answers: open rows, missing data, other rows that keep a level away, why undecided."""
    notes: list[Message] = []
    open_rows = [row.indicator.name for row in rows if row.met == "open"]
    if open_rows:
        notes.append(message("以下指标尚无基准值，不参评：{names}", names=listing(open_rows)))
    missing = sum(1 for row in rows if row.met == "no-data")
    if missing:
        notes.append(message("{missing} 项指标没有数据，各级均按0分计", missing=missing))
    if others:
        names = listing(failure.name for failure in others)
        withheld = others[0].withholds[0]
        notes.append(message("以下非限定性指标未达到{level}的要求：{names}", level=level_word(withheld), names=names))
    if not system.grading.rules:
        notes.append(message("没有读到定级条件，不能定级"))
    elif level == "undecided":
        words = listing(level_word(None if each == "none" else each) for each in possible if each != "undecided")
        notes.append(message("未读到的权重或级别使结果不能判定，可能是：{levels}", levels=words))
    return notes

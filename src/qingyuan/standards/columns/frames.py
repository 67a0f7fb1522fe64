"""Scoring many plants inside the engine that holds them (Polars, DuckDB, Spark): one Narwhals expression.

``score_frame`` adds columns and never takes data out. It takes every feature that ``columns`` takes, with these
differences, each refused or stated:

- Sums of weights are Int64 and compared as cross products, so 85 and 100 are equalities, also where rows that do not
  apply change the denominators. If so many rows may be marked n/a that the products could pass 2^63, the plan is
  refused: score such data by ``columns`` or ``files``.
- Weights shared by output are divisions in float64; there a minimum counts as reached within 1e-9 index points.
- Bounds that depend on n are exact for whole n.
- Weights outside blocks that depend on n are refused.
- Words of qualitative rows are known in small and capital letters with spaces around, not in full-width forms.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import narwhals as nw

from qingyuan.errors import InputError, Problem
from qingyuan.language import listing, message
from qingyuan.standards.columns.frame_sums import Sums, weigh
from qingyuan.standards.columns.frame_terms import (
    Logic,
    RowTerms,
    Stage,
    divided,
    every,
    no,
    polynomial,
    rational,
    some,
    sure,
    times,
    total,
    word_codes,
)
from qingyuan.standards.columns.inputs import NO_DATA, NOT_APPLICABLE, UNREADABLE, answer_code
from qingyuan.standards.columns.kernel import failing_level
from qingyuan.standards.columns.plan import UNPLACED, AbsentColumns, Binding, Plan, PlanRow, bind
from qingyuan.standards.columns.weights import alternative_sets
from qingyuan.standards.formula import Formula

Frame = TypeVar("Frame")

LARGEST = 1e61  # numbers from here on are no answers, as in the scalar path
RESULTS = ("Y_I", "Y_II", "Y_III", "level", "limiting_failures", "problem")
HIGH_ENDS = ("Y_I_high", "Y_II_high", "Y_III_high")


def score_frame(
    plan: Plan,
    frame: Frame,
    *,
    columns: Mapping[str, str] | None = None,
    absent: AbsentColumns = "refuse",
    met: bool | Iterable[str] = False,
) -> Frame:
    """Score every plant of a data frame where it lies.

    ``frame``: one row per plant; a Polars DataFrame or LazyFrame, a DuckDB relation, a PySpark frame or a Narwhals
    frame; the same kind is returned. ``columns``, ``absent``: as in ``columns.score_columns``. ``met``: true, or ids,
    to add what rows reached as columns ``met:<id>``.

    Added columns: ``Y_I``, ``Y_II``, ``Y_III`` (of 100); ``Y_I_high`` … where indices may be intervals; ``level``: "I",
    "II", "III", "none", "undecided"; ``limiting_failures``: number of limiting rows that keep any level away;
    ``problem``: why a plant was not scored (its other results are null), else null.

    Raises InputError with every problem of the columns, where a name that would be added is taken, or where the plan
    cannot be carried out exactly in an expression (see the module).
    """
    given: Any = nw.from_native(frame, pass_through=False)
    schema: Mapping[str, Any] = given.collect_schema()
    wanted = _wanted(plan, met)
    added = [*RESULTS, *(HIGH_ENDS if plan.may_be_interval else ()), *(f"met:{id}" for id in wanted)]
    taken = [name for name in added if name in schema]
    if taken:
        text = message("数据中已有名为 {names} 的列，结果无处可写，请先改名", names=listing(taken))
        raise InputError([Problem("column-taken", text)])
    binding = bind(plan, list(schema), columns, absent)
    _check(plan, binding, schema)
    stage = Stage(given)
    rows, problems = _rows(plan, binding, schema, stage)
    sums = weigh(plan, binding, rows, stage)
    if UNPLACED in schema:
        problems.insert(0, ("bad-answer", sure(nw.col(UNPLACED) > 0)))
    problems.append(("nothing-applies", sums.nothing))
    refused = stage.keep(some(condition for _, condition in problems))
    results = _results(plan, rows, sums, wanted, stage)
    stage.flush()
    if not isinstance(refused, bool):
        results = {name: nw.when(~refused).then(value) for name, value in results.items()}
    results["problem"] = _first(problems)
    names = list(schema)
    scored = stage.frame.with_columns(**{name: results[name] for name in added}).select(*names, *added)
    found: Frame = scored if isinstance(frame, (nw.DataFrame, nw.LazyFrame)) else scored.to_native()
    return found


def _wanted(plan: Plan, met: bool | Iterable[str]) -> list[str]:
    if isinstance(met, bool):
        return [row.id for row in plan.rows] if met else []
    ids = list(met)
    known = {row.id for row in plan.rows}
    unknown = [id for id in ids if id not in known]
    if unknown:
        text = message("表中没有这个指标")
        raise InputError([Problem("unknown-indicator", text, found=id) for id in unknown])
    return ids


def _check(plan: Plan, binding: Binding, schema: Mapping[str, Any]) -> None:
    """Types of the columns, and features that no expression carries out."""
    problems: list[Problem] = []
    if plan.variable_weights:
        text = message("表“{name}”的权重随 n 变化，不能在数据引擎中评价，请用列评价", name=plan.table.name)
        problems.append(Problem("not-in-frames", text))
    numbers = [column for column, _ in (*binding.outputs, *binding.named_n)]
    numbers += [c for row, c in zip(plan.rows, binding.values, strict=True) if c and row.quantitative]
    for name in dict.fromkeys(numbers):
        if schema[name] == nw.Float32:
            text = message("列 {name} 是单精度，0.3 会与界限值 0.3 不相等，请存为双精度", name=name)
            problems.append(Problem("bad-column", text, found=str(schema[name])))
        elif not schema[name].is_numeric():
            text = message("列 {name} 应是数；不适用请写在 na:{name} 列", name=name)
            problems.append(Problem("bad-column", text, found=str(schema[name])))
    words = (nw.String, nw.Categorical, nw.Enum, nw.Boolean)
    for row, column in zip(plan.rows, binding.values, strict=True):
        if column and not row.quantitative and not schema[column].is_numeric() and schema[column] not in words:
            text = message("列 {name} 应是级别", name=column)
            problems.append(Problem("bad-column", text, found=str(schema[column])))
    for mark in binding.not_applicable:
        if mark and schema[mark] != nw.Boolean and not schema[mark].is_integer():
            text = message("列 {name} 应是 true 或 false", name=mark)
            problems.append(Problem("bad-column", text, found=str(schema[mark])))
    if problems:
        raise InputError(problems)


# --- rows ------------------------------------------------------------------------------------------------------------

Problems = list[tuple[str, Logic]]


def _rows(plan: Plan, binding: Binding, schema: Mapping[str, Any], stage: Stage) -> tuple[list[RowTerms], Problems]:
    """What each row is for each plant, and the conditions that refuse a plant."""
    problems: Problems = []
    answers: list[nw.Expr | None] = []
    rows: list[RowTerms] = []
    for row, column, marks in zip(plan.rows, binding.values, binding.not_applicable, strict=True):
        terms = RowTerms(row)
        code: nw.Expr | None = None
        away: list[Logic] = []
        if marks is not None:
            away.append(sure(nw.col(marks) if schema[marks] == nw.Boolean else nw.col(marks) == 1))
        if column is not None and not row.quantitative:
            code = stage.store(_code(row, column, schema[column]))
            away.append(code == NOT_APPLICABLE)
        terms.away = some(away)
        answers.append(code)
        rows.append(terms)
    variables = {column: stage.store(_variable(column)) for column, _ in binding.named_n}
    for column in variables:
        x = nw.col(column).cast(nw.Float64)
        problems.append(("bad-parameter", sure((x < 0) | ((x >= LARGEST) & ~x.is_nan()))))
    stage.flush()
    for terms in rows:
        terms.away = stage.keep(terms.away)
    stage.flush()
    for terms, code, column in zip(rows, answers, binding.values, strict=True):
        if code is not None:
            problems.append(("bad-answer", code == UNREADABLE))
            _judge_words(terms, code)
        elif column is not None and not terms.row.open:
            names = binding.variables[terms.row.position]
            n = nw.coalesce(*(variables[name] for name in names)) if names else None
            _judge_number(terms, nw.col(column).cast(nw.Float64), n, problems)
        elif column is not None:
            terms.given = sure(~nw.col(column).cast(nw.Float64).is_nan())
        terms.given = every((terms.given, no(terms.away)))
        for k in range(3):
            clear = no(terms.away) if terms.row.bonus else True
            terms.true[k] = True if terms.row.free[k] else stage.keep(every((terms.true[k], clear)))
            if terms.row.free[k]:
                terms.false[k] = False
            else:
                terms.false[k] = stage.keep(terms.false[k]) if any(terms.row.unread) else no(terms.true[k])
    stage.flush()
    for members in alternative_sets(plan):
        problems.append(("alternatives-answered", _choose([rows[position] for position in members])))
    if binding.outputs:
        problems += _drop_unmade(plan, binding, rows, stage)
    for terms in rows:
        terms.dropped = stage.keep(terms.dropped)
    stage.flush()
    for columns, positions in binding.counts:
        stated = nw.coalesce(*(variables[name] for name in columns))
        problems.append(("count-mismatch", _hold_count(stated, [rows[position] for position in positions], stage)))
    for terms in rows:
        out = False if terms.row.bonus else some((terms.away, terms.dropped))
        terms.part = stage.keep(False if terms.row.open else no(out))
        # A row that was dropped in spite of its answer is never looked at.
        problems.append(("needs-n", every((terms.lacks_n, terms.given, no(terms.dropped)))))
        problems.append(("bad-parameter", every((terms.undefined, no(every((terms.dropped, terms.given)))))))
    stage.flush()
    return rows, [(code, condition) for code, condition in problems if condition is not False]


def _code(row: PlanRow, column: str, kind: Any) -> nw.Expr:
    """The answer to a qualitative row as a number, as in ``inputs``."""
    value = nw.col(column)
    if kind == nw.Boolean:
        yes, nope = (nw.lit(answer_code(row, each), nw.Int64) for each in (True, False))
        answer = nw.when(sure(value)).then(yes).otherwise(nope)
        return nw.when(value.is_null()).then(nw.lit(NO_DATA, nw.Int64)).otherwise(answer)
    if kind.is_numeric():
        number = value.cast(nw.Float64)
        missing = number.is_null() | sure(number.is_nan())
        known = sure(number.is_in([-1.0, 0.0, 1.0, 2.0, 3.0]))
        otherwise = nw.when(missing).then(nw.lit(NO_DATA, nw.Int64)).otherwise(nw.lit(UNREADABLE, nw.Int64))
        return nw.when(known).then(nw.when(known).then(number).cast(nw.Int64)).otherwise(otherwise)
    word = value.cast(nw.String).str.strip_chars().str.to_lowercase()
    found: nw.Expr = nw.when(value.is_null()).then(nw.lit(NO_DATA, nw.Int64)).otherwise(nw.lit(UNREADABLE, nw.Int64))
    for code, words in word_codes(row).items():
        found = nw.when(sure(word.is_in(words))).then(nw.lit(code, nw.Int64)).otherwise(found)
    return found


def _variable(column: str) -> nw.Expr:
    """The variable n; null where it is missing or no number that counts."""
    x = nw.col(column).cast(nw.Float64)
    return nw.when(sure((x >= 0) & (x < LARGEST))).then(x)


def _judge_words(terms: RowTerms, code: nw.Expr) -> None:
    terms.given = code >= 0
    for k in range(3):
        answers = [answer for answer, best in enumerate(terms.row.best, start=1) if best <= k]
        met: Logic = some(code == answer for answer in answers)
        terms.true[k] = False if terms.row.open else met
        terms.false[k] = no(terms.true[k])


def _judge_number(terms: RowTerms, x: nw.Expr, n: nw.Expr | None, problems: Problems) -> None:
    """Memberships of a quantitative row; NaN, which engines sort above every number, meets nothing."""
    row = terms.row
    here = sure(~x.is_nan())
    terms.given = here
    problems.append(("bad-answer", sure(((x >= LARGEST) | (x <= -LARGEST)) & ~x.is_nan())))
    met: list[Logic] = []
    undefined: list[Logic] = []
    bounds = row.indicator.bounds
    for k in range(3):
        test: Logic = False
        limit = row.thresholds[k]
        bound = bounds.values[k] if bounds is not None else None
        if limit is not None:
            test = sure(x <= limit) if row.lower else sure((x >= limit) & (x < LARGEST))
        elif bound is not None and n is not None:
            top, bottom = rational(bound)
            above, below = polynomial(top, n), polynomial(bottom, n)
            if isinstance(below, float):
                at = above / below if isinstance(above, float) else divided(above, below)
            else:
                undefined.append(sure(below == 0.0))
                at = above / nw.when(below != 0.0).then(below)
            test = _beyond(row, x, at)
        met.append(some((test, *met[-1:])))
    if row.formula:
        formulas = any(isinstance(each, Formula) for each in (bounds.values if bounds else ()))
        terms.lacks_n = formulas if n is None else n.is_null()
        terms.undefined = some(undefined)
    worse: Logic = False  # missing a level that was read means missing the better ones
    for k in (2, 1, 0):
        terms.true[k] = met[k]
        if any(row.unread):
            if not row.unread[k]:
                worse = every((here, no(met[k])))
            terms.false[k] = some((no(here), every((worse, no(met[k])))))
        else:
            terms.false[k] = no(met[k])


def _beyond(row: PlanRow, x: nw.Expr, at: nw.Expr | float) -> nw.Expr:
    if row.lower:
        return sure(x < at if row.indicator.strict else x <= at)
    return sure((x > at if row.indicator.strict else x >= at) & (x < LARGEST))


def _choose(members: list[RowTerms]) -> Logic:
    """Of alternatives the answered row applies, else the first not marked away; whether several are answered."""
    answered = some(each.given for each in members)
    taken: Logic = False
    keep: list[Logic] = []
    for each in members:
        first = every((no(each.away), no(taken)))
        keep.append(some((each.given, every((no(answered), first)))))
        taken = some((taken, no(each.away)))
    for each, kept in zip(members, keep, strict=True):
        each.dropped = every((taken, no(kept)))
    count = total(times(1, each.given) for each in members)
    return count.value > 1


def _drop_unmade(plan: Plan, binding: Binding, rows: list[RowTerms], stage: Stage) -> Problems:
    """Rows by output of products that the plant does not make; a plant without any output keeps them all."""
    problems: Problems = []
    given: list[Logic] = []
    amounts: dict[str, nw.Expr] = {}
    for column, _ in binding.outputs:
        x = nw.col(column).cast(nw.Float64)
        given.append(sure(~x.is_nan()))
        problems.append(("bad-output", sure((x < 0) | ((x >= LARGEST) & ~x.is_nan()))))
        amounts[column] = stage.store(nw.when(sure((x >= 0) & (x < LARGEST))).then(x).otherwise(nw.lit(0.0)))
    any_output = stage.keep(some(given))
    stage.flush()
    for terms in rows:
        mine = [amounts[column] for column, positions in binding.outputs if terms.row.position in positions]
        if terms.row.indicator.product is None or not terms.by_output(plan):
            continue
        made: nw.Expr = sum(mine[1:], mine[0]) if mine else nw.lit(0.0)
        terms.made = made
        terms.any_output = any_output
        terms.dropped = some((terms.dropped, every((any_output, made == 0.0))))
    everything = list(amounts.values())
    nothing_made = sum(everything[1:], everything[0]) == 0.0
    problems.append(("no-output", every((any_output, nothing_made))))
    return problems


def _hold_count(stated: nw.Expr, rows: list[RowTerms], stage: Stage) -> Logic:
    """Hold the stated number of rows against the answers; whether it fits neither those that apply nor the answered."""
    applying = [every((no(some((each.away, each.dropped))), not each.row.open)) for each in rows]
    answered = [every((here, each.given)) for here, each in zip(applying, rows, strict=True)]
    differs = sure(stated != total(times(1, each) for each in applying).expression())
    same = sure(stated == total(times(1, each) for each in answered).expression())
    fewer = stage.keep(differs & same)
    mismatch = stage.keep(differs & ~same)
    unanswered = [stage.keep(every((here, no(each.given)))) for here, each in zip(applying, rows, strict=True)]
    stage.flush()
    for each, gone in zip(rows, unanswered, strict=True):
        each.dropped = some((each.dropped, every((fewer, gone))))
    return mismatch


# --- results ---------------------------------------------------------------------------------------------------------


def _results(plan: Plan, rows: list[RowTerms], sums: Sums, wanted: list[str], stage: Stage) -> dict[str, nw.Expr]:
    judged = [terms for terms in rows if not terms.row.bonus and not terms.row.open]
    states: list[tuple[Logic, Logic]] = []
    for rule in plan.rules:
        met, lost = [sums.reached(rule)], [sums.missed(rule)]
        for terms in judged:
            asked = rule.limiting if terms.row.indicator.limiting else rule.others
            if asked is not None:
                met.append(some((no(terms.part), terms.true[asked])))
                lost.append(every((terms.part, terms.false[asked])))
        reached = stage.keep(every(met))
        states.append((reached, stage.keep(some(lost)) if plan.may_be_interval else no(reached)))
    failures = []
    for terms in judged:
        if terms.row.indicator.limiting:
            failing = failing_level(plan, terms.row.position)
            levels = [rule.limiting for rule in plan.rules] if any(terms.row.unread) else [failing]
            missed = some(terms.false[level] for level in levels if level is not None)
            failures.append(times(1, every((terms.part, missed))))
    stage.flush()
    found = {
        "level": _level(plan, states),
        "limiting_failures": total(failures).expression(),
    }
    for k in range(3):
        found[RESULTS[k]] = sums.index(k, high=False)
        if plan.may_be_interval:
            found[HIGH_ENDS[k]] = sums.index(k, high=True)
    by_id = {terms.row.id: terms for terms in rows}
    return found | {f"met:{id}": _met(by_id[id]) for id in wanted}


def _level(plan: Plan, states: list[tuple[Logic, Logic]]) -> nw.Expr:
    """Test I, then II, then III; undecided where more than one level is possible."""
    if len(plan.rules) < 3:
        return nw.lit("undecided")
    going: Logic = True
    possible: list[Logic] = []
    for met, lost in states:
        possible.append(every((going, no(lost))))
        going = every((going, no(every((met, no(lost))))))
    word: nw.Expr = nw.lit("none")
    for name, candidate in reversed(list(zip(("I", "II", "III"), possible, strict=True))):
        word = _choice(candidate, nw.lit(name), word)
    if not plan.may_be_interval:
        return word
    several = total(times(1, each) for each in (*possible, going)).value > 1
    return _choice(several, nw.lit("undecided"), word)


def _met(terms: RowTerms) -> nw.Expr:
    word: nw.Expr = nw.lit("none")
    word = _choice(some(no(some(pair)) for pair in zip(terms.true, terms.false, strict=True)), nw.lit("unknown"), word)
    for name, met in reversed(list(zip(("I", "II", "III"), terms.true, strict=True))):
        word = _choice(met, nw.lit(name), word)
    word = _choice(no(terms.given), nw.lit("no-data"), word)
    word = _choice(terms.row.open, nw.lit("open"), word)
    return _choice(some((terms.away, terms.dropped)), nw.lit("n/a"), word)


def _choice(condition: Logic, yes: nw.Expr, otherwise: nw.Expr) -> nw.Expr:
    if isinstance(condition, bool):
        return yes if condition else otherwise
    return nw.when(condition).then(yes).otherwise(otherwise)


def _first(problems: Problems) -> nw.Expr:
    word: nw.Expr = nw.lit(None, nw.String)
    for code, condition in reversed(problems):
        word = _choice(condition, nw.lit(code), word)
    return word


__all__ = ["score_frame"]

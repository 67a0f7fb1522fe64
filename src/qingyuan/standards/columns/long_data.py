"""Long data, one row per plant and indicator, made wide for scoring, inside the engine that holds them.

A missing limiting indicator must fail. In long form it is simply not there, and a rule that looks at the rows that are
there passes it by; so every indicator of the plan gets its column, whether any plant has it or not, and what finds no
place is counted in ``unplaced``, which refuses the plant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import narwhals as nw

from qingyuan.errors import InputError, Problem
from qingyuan.language import message
from qingyuan.standards.columns.frame_terms import sure, word_codes
from qingyuan.standards.columns.inputs import NO_DATA, UNREADABLE
from qingyuan.standards.columns.plan import UNPLACED, Plan, PlanRow

Frame = TypeVar("Frame")


def to_wide(
    plan: Plan,
    frame: Frame,
    *,
    plant: str = "plant",
    indicator: str = "indicator",
    value: str = "value",
    answer: str | None = None,
    parameters: Iterable[str] = (),
) -> Frame:
    """Spread long data out: one row per plant, one column per row of the plan, as ``score_frame`` reads them.

    ``frame``: any frame that ``score_frame`` takes, with columns ``plant``, ``indicator`` (ids), ``value`` (a number;
    of a qualitative row its code) and, where named, ``answer`` (a text: a level of a qualitative row, or "n/a" of any
    row). ``parameters``: names such as ``n`` or ``output:<product>`` that stand among the indicators.

    Result columns: the plant, each id (null: no data), ``na:<id>`` of quantitative rows where ``answer`` is named, the
    parameters, and ``unplaced``: how many of the plant's entries have an unknown indicator, come a second time or
    cannot be read.

    Raises InputError where a column is missing or of the wrong type.
    """
    given: Any = nw.from_native(frame, pass_through=False)
    _check(given.collect_schema(), plant, indicator, value, answer)
    extra = list(parameters)
    rows = [row for row in plan.rows if not row.open]
    known = [row.id for row in rows] + extra
    idle = [row.id for row in plan.rows if row.open]  # rows without a benchmark take no part: nothing is lost

    name, number = nw.col(indicator), nw.col(value).cast(nw.Float64)
    number = nw.when(sure(~number.is_nan())).then(number)
    word = nw.col(answer).str.strip_chars().str.to_lowercase() if answer is not None else nw.lit(None, nw.String)
    unknown = ~sure(name.is_in([*known, *idle]))
    columns: dict[str, nw.Expr] = {"unknown": unknown.cast(nw.Int64)}
    for position, row in enumerate(rows):
        here = sure(name == row.id)
        columns[f"here_{position}"] = here.cast(nw.Int64)
        if row.quantitative:
            away, bad = _quantitative(word) if answer is not None else (None, None)
            columns[f"value_{position}"] = nw.when(here).then(number)
            if away is not None and bad is not None:
                columns[f"away_{position}"] = (here & away).cast(nw.Int64)
                columns[f"bad_{position}"] = (here & bad).cast(nw.Int64)
        else:
            code = _qualitative(row, word, number, answer is not None)
            columns[f"value_{position}"] = nw.when(here).then(nw.when(code != NO_DATA).then(code))
    for position, parameter in enumerate(extra, start=len(rows)):
        here = sure(name == parameter)
        columns[f"here_{position}"] = here.cast(nw.Int64)
        columns[f"value_{position}"] = nw.when(here).then(number)

    spread = given.select(nw.col(plant), **{_temporary(key): each for key, each in columns.items()})
    sums = [nw.col(_temporary(key)).sum() for key in columns if not key.startswith("value_")]
    firsts = [nw.col(_temporary(key)).max() for key in columns if key.startswith("value_")]
    grouped = spread.group_by(plant).agg(*sums, *firsts)

    found: dict[str, nw.Expr] = {}
    unplaced = nw.col(_temporary("unknown"))
    for position, id in enumerate(known):
        found[id] = nw.col(_temporary(f"value_{position}"))
        if f"away_{position}" in columns:
            found[f"na:{id}"] = nw.col(_temporary(f"away_{position}")) > 0
            unplaced = unplaced + nw.col(_temporary(f"bad_{position}"))
        entries = nw.col(_temporary(f"here_{position}"))
        unplaced = unplaced + nw.when(entries > 1).then(entries - 1).otherwise(nw.lit(0, nw.Int64))
    wide = grouped.select(nw.col(plant), **found, **{UNPLACED: unplaced})
    result: Frame = wide if isinstance(frame, (nw.DataFrame, nw.LazyFrame)) else wide.to_native()
    return result


def _temporary(name: str) -> str:
    return f"__long_{name}"


def _check(schema: Mapping[str, Any], plant: str, indicator: str, value: str, answer: str | None) -> None:
    problems: list[Problem] = []
    for name in (plant, indicator, value, *([answer] if answer is not None else [])):
        if name not in schema:
            problems.append(Problem("no-column", message("数据中没有列 {name}", name=name)))
    if value in schema and (schema[value] == nw.Float32 or not schema[value].is_numeric()):
        text = message("列 {name} 应是双精度的数；文字的回答请放在另一列", name=value)
        problems.append(Problem("bad-column", text, found=str(schema[value])))
    for text_column in (indicator, answer):
        if text_column is not None and text_column in schema and schema[text_column] != nw.String:
            text = message("列 {name} 应是文字", name=text_column)
            problems.append(Problem("bad-column", text, found=str(schema[text_column])))
    if problems:
        raise InputError(problems)


def _quantitative(word: nw.Expr) -> tuple[nw.Expr, nw.Expr]:
    """Of a quantitative row: whether the answer says n/a, and whether it says something else than that or nothing."""
    away = sure(word.is_in(["n/a", "na", "不适用", "不参评", "不涉及", "无此项"]))
    nothing = sure(word.is_in(["", "no-data", "null", "无数据", "缺数据", "未填", "未提供"]))
    return away, ~(away | nothing | word.is_null())


def _qualitative(row: PlanRow, word: nw.Expr, number: nw.Expr, words: bool) -> nw.Expr:
    """The code of a qualitative answer: by its word, else by its number."""
    code = nw.when(sure(number.is_in([-1.0, 0.0, 1.0, 2.0, 3.0]))).then(number).otherwise(nw.lit(float(UNREADABLE)))
    code = nw.when(number.is_null()).then(nw.lit(float(NO_DATA))).otherwise(code)
    if not words:
        return code
    by_word: nw.Expr = nw.lit(float(UNREADABLE))
    for each, spellings in word_codes(row).items():
        if each != NO_DATA:
            by_word = nw.when(sure(word.is_in(spellings))).then(nw.lit(float(each))).otherwise(by_word)
    blank = word.is_null() | sure(word.is_in(word_codes(row).get(NO_DATA, [])))
    return nw.when(blank).then(code).otherwise(by_word)

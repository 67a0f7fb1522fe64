"""A table compiled once for scoring many plants: rows with float bounds, answer codes, exact weights by pattern.

``columns`` (arrays), ``frames`` (data frames of any engine) and ``files`` (Parquet and CSV) carry it out; the
answers are those of ``scoring.score`` for each plant. Names of data columns:

| column | holds |
| --- | --- |
| ``<indicator id>`` | a number of a quantitative row; of a qualitative one 1, 2, 3 for I, II, III, 0 for none, -1 |
| | for n/a, or the words "I", "II", "III", "none", "n/a"; null (or NaN) is no data and scores 0 |
| ``na:<indicator id>`` | true where the row does not apply to the plant |
| ``n``, ``n:<product or indicator id>`` | the variable of formula levels, for all rows or for one product or row; |
| | in a table without formula levels the number of rows of a block by count that apply |
| ``output:<product>`` | amount of output, for weights that are shared by output; null counts as not made |
| ``unplaced`` | number of entries of a plant that found no place (``long_data``); a plant that has any is refused |
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal, TypeVar

from qingyuan.errors import InputError, Problem
from qingyuan.language import Message, listing, message
from qingyuan.standards.formula import Formula
from qingyuan.standards.loading import load
from qingyuan.standards.model import LEVELS, IndexSystem, Indicator, Number, Table, value_at
from qingyuan.standards.parameters import _for_row, match_product
from qingyuan.standards.scoring import choose_table
from qingyuan.standards.weights import spread

T = TypeVar("T")

# How a level is written in one byte: of the whole, and of one row where the met levels are asked for.
NONE, LEVEL_I, LEVEL_II, LEVEL_III, UNDECIDED, REFUSED = 0, 1, 2, 3, 4, 255
LEVEL_WORDS: Mapping[int, str] = {0: "none", 1: "I", 2: "II", 3: "III", 4: "undecided"}
MET_WORDS: tuple[str, ...] = ("none", "I", "II", "III", "n/a", "no-data", "open", "unknown")

# Why a plant was not scored, by code; the words are those of the scalar path's problems.
PROBLEMS: tuple[str, ...] = (
    "",
    "nothing-applies",  # no row applies
    "needs-n",  # a row with formula levels was answered without n
    "bad-parameter",  # n is negative, or a formula has no value there
    "count-mismatch",  # n is neither the number of rows that apply nor of those that were answered
    "alternatives-answered",  # several rows were answered of which one applies
    "bad-output",  # an amount of output is negative
    "no-output",  # every amount of output is zero
    "bad-answer",  # an answer that cannot be read
)

UNPLACED = "unplaced"  # column: entries of a plant that found no place when long data were spread out

AbsentColumns = Literal["refuse", "no-data"]


def problem_message(code: str) -> Message:
    """Why a plant was not scored, in words; raises KeyError for an unknown code."""
    return {
        "nothing-applies": message("没有任何适用的指标"),
        "needs-n": message("三级数值或权重随 n 变化，没有给出 n"),
        "bad-parameter": message("n 为负数，或公式在此 n 值下没有结果"),
        "count-mismatch": message("n 与适用的指标项数不符"),
        "alternatives-answered": message("多选一的指标有几项同时作了回答"),
        "bad-output": message("产量不是不小于0的数"),
        "no-output": message("各产品的产量都是0"),
        "bad-answer": message("有的回答读不懂"),
    }[code]


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One row of a plan.

    ``free``: levels that every plant meets. ``thresholds`` of a quantitative row with constant bounds: the float64
    bound of I, II, III, strictness and nesting folded in, so that a value x meets level k exactly where x <= t (lower
    is better) or x >= t; None at a level that was not read. ``best`` of a qualitative row: the level (0, 1, 2 for I,
    II, III) that an answer I, II, III reaches, since cells that span levels are one requirement.
    """

    indicator: Indicator
    position: int
    bonus: bool
    free: tuple[bool, bool, bool]
    thresholds: tuple[float | None, float | None, float | None] = (None, None, None)
    best: tuple[int, int, int] = (0, 1, 2)

    @property
    def id(self) -> str:
        """The row's id."""
        return self.indicator.id

    @property
    def open(self) -> bool:
        """Whether the row has no benchmark and takes no part."""
        return self.indicator.open

    @property
    def quantitative(self) -> bool:
        """Whether the row is answered by a number."""
        return self.indicator.quantitative

    @property
    def lower(self) -> bool:
        """Whether a smaller number is better."""
        return self.indicator.better == "lower"

    @property
    def formula(self) -> bool:
        """Whether the bounds depend on n."""
        return self.indicator.has_formula

    @property
    def unread(self) -> tuple[bool, bool, bool]:
        """Levels whose bound was not read: a number's membership may be unknown there."""
        if not self.quantitative or self.open:
            return (False, False, False)
        bounds = self.indicator.bounds
        if bounds is None:
            return (True, True, True)
        first, second, third = (bound is None for bound in bounds.values)
        return (first, second, third)


@dataclass(frozen=True, slots=True)
class Shared:
    """Rows that may share one weight: a block by output or of unknown split, or rows whose weights were not read."""

    rows: tuple[int, ...]
    by_output: bool
    bonus: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """What a level asks of the whole: ``level``, ``limiting``, ``others`` count 0, 1, 2 for I, II, III."""

    level: int
    minimum: Fraction
    limiting: int
    others: int | None


@dataclass(frozen=True, slots=True)
class Pattern:
    """Exact weights where some rows take no part; all weights are ``weight / total`` shares of the whole.

    ``weights``: integer by row (0 where the row takes no part or shares); ``shared``: integer by ``Plan.shared``;
    bonus weights come on top of ``total``. ``limits``: by rule the sum that reaches the minimum; None where the cap
    keeps every plant below it. ``unweighted``: a weight of the table was not read,
    its indices are unknown; bonus weights are there. ``refused``: nothing applies.
    """

    total: int
    weights: tuple[int, ...]
    shared: tuple[int, ...]
    limits: tuple[Fraction | None, ...]
    unweighted: bool = False
    refused: bool = False


@dataclass(frozen=True)
class Plan:
    """A table with its bonus table, compiled (评价计划). Made by ``compile_plan``; see the module for column names.

    ``rows``: those of the table in published order, then those of the bonus table. ``shared``: sets of rows that may
    share a weight in a way that depends on the plant. ``variable_weights``: weights outside blocks depend on n.
    """

    system: IndexSystem
    table: Table
    bonus_table: Table | None
    rows: tuple[PlanRow, ...]
    shared: tuple[Shared, ...]
    rules: tuple[Rule, ...]
    bonus_weight: Fraction
    cap: Fraction | None
    variable_weights: bool
    _patterns: dict[tuple[int, Fraction | None], Pattern] = field(default_factory=dict, compare=False, repr=False)
    _made: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def main(self) -> int:
        """Number of rows of the table itself; bonus rows follow."""
        return sum(not row.bonus for row in self.rows)

    @property
    def has_unread_levels(self) -> bool:
        """Whether the bound of a level was not read in some row."""
        return any(any(row.unread) for row in self.rows)

    @property
    def may_be_interval(self) -> bool:
        """Whether an index may lie between two numbers: weights or levels were not read, outputs may be missing."""
        unread = any(group.weight is None for group in self.table.groups)
        nothing = all(row.open for row in self.rows if not row.bonus)
        return self.has_unread_levels or bool(self.shared) or unread or nothing

    def position(self, id: str) -> int:
        """The place of a row in ``rows``; raises KeyError."""
        for row in self.rows:
            if row.id == id:
                return row.position
        raise KeyError(id)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What the executors derive from the plan, made once."""
        if name not in self._made:
            self._made[name] = make()
        found: T = self._made[name]
        return found

    def pattern(self, absent: int, n: Fraction | None = None) -> Pattern:
        """The exact weights where the rows of a bit mask (bit = position) take no part; compiled once for each mask.

        ``n``: the variable of weights outside blocks. Raises FormulaError where such a weight needs it.
        """
        key = (absent, n if self.variable_weights else None)
        found = self._patterns.get(key)
        if found is None:
            found = self._patterns[key] = _pattern(self, absent, key[1])
        return found


def compile_plan(system: IndexSystem | str, table_id: str | None = None) -> Plan:
    """Compile one table of an index system of three levels, with its bonus table, for scoring many plants.

    ``table_id`` may be left out where the system has one table. Raises InputError for the schemes without levels
    (benchmark, lead-base-linear, pass-fail: score these plant by plant) and where the system is faulty or holds no
    table; UnknownName for an unknown system or table.
    """
    if isinstance(system, str):
        system = load(system)
    if system.scheme != "levels":
        text = message(
            "“{title}”不是三级体系（{scheme}），不能成批评价，请逐家评价", title=system.title, scheme=system.scheme
        )
        raise InputError([Problem("scheme-not-in-columns", text)])
    table = choose_table(system, table_id)
    bonus_table = system.bonus_table()
    bonus = system.grading.bonus
    rows: list[PlanRow] = []
    for source in (table, bonus_table):
        for indicator in source.indicators() if source else ():
            rows.append(_plan_row(indicator, len(rows), bonus=source is not table))
    rules = tuple(
        Rule(
            LEVELS.index(level),
            rule.minimum,
            LEVELS.index(rule.limiting),
            None if rule.others is None else LEVELS.index(rule.others),
        )
        for level, rule in system.grading.rules
    )
    variable = any(
        isinstance(weight, Formula) and weight.variable
        for group in table.groups
        for weight in (
            *(row.weight for row in group.loose()),
            *(block.weight for block in group.blocks if block.share != "count"),
        )
    )
    return Plan(
        system=system,
        table=table,
        bonus_table=bonus_table,
        rows=tuple(rows),
        shared=_shared(table, rows, bonus=False) + (_shared(bonus_table, rows, bonus=True) if bonus_table else ()),
        rules=rules,
        bonus_weight=bonus.weight if bonus else Fraction(0),
        cap=bonus.cap if bonus else None,
        variable_weights=variable,
    )


# --- rows ------------------------------------------------------------------------------------------------------------


def _plan_row(row: Indicator, position: int, bonus: bool) -> PlanRow:
    free = ("I" in row.no_requirement, "II" in row.no_requirement, "III" in row.no_requirement)
    if row.open:
        return PlanRow(row, position, bonus, free)
    if not row.quantitative:
        first, second, third = (LEVELS.index(row.same_text_as_better(level)) for level in LEVELS)
        return PlanRow(row, position, bonus, free, best=(first, second, third))
    if row.bounds is None or row.has_formula:
        return PlanRow(row, position, bonus, free)
    return PlanRow(row, position, bonus, free, thresholds=thresholds(row, row.bounds.values))


def thresholds(
    row: Indicator, bounds: Iterable[Number | None], n: Fraction | None = None
) -> tuple[float | None, float | None, float | None]:
    """The float64 bounds of I, II, III at ``n``, such that ``x <= t`` (or ``x >= t``) is the exact membership.

    A float counts as the decimal that it prints, as in the scalar path; a strict bound moves to the next float; and
    whoever meets a better level meets this one. None where the bound was not read. Raises FormulaError.
    """
    found: list[float | None] = []
    best: float | None = None
    for bound in bounds:
        if bound is None:
            found.append(None)
            continue
        limit = float_bound(value_at(bound, n), row.strict, row.better == "lower")
        if best is not None:
            limit = max(limit, best) if row.better == "lower" else min(limit, best)
        best = limit
        found.append(limit)
    first, second, third = found
    return first, second, third


@lru_cache(maxsize=65536)
def float_bound(bound: Fraction, strict: bool, lower: bool) -> float:
    """The extreme float64 that still meets a bound: the greatest where lower is better, else the least."""
    if not lower:
        return -float_bound(-bound, strict, True)
    at = float(bound)
    while not _below(at, bound, strict):
        at = math.nextafter(at, -math.inf)
    while _below(above := math.nextafter(at, math.inf), bound, strict):
        at = above
    return at


def _below(value: float, bound: Fraction, strict: bool) -> bool:
    printed = Fraction(Decimal(repr(value)))
    return printed < bound if strict else printed <= bound


# --- weights ---------------------------------------------------------------------------------------------------------


def _shared(table: Table, rows: list[PlanRow], bonus: bool) -> tuple[Shared, ...]:
    at = {row.id: row.position for row in rows if row.bonus is bonus}
    found: list[Shared] = []
    for group in table.groups:
        sets = [(block.share == "output", group.in_block(block.id)) for block in group.blocks]
        split = [block.share in ("output", "unknown") for block in group.blocks]
        members = [each for each, plant_dependent in zip(sets, split, strict=True) if plant_dependent]
        members.append((False, tuple(row for row in group.loose() if row.weight is None)))
        for by_output, indicators in members:
            if len(indicators) > 1:
                found.append(Shared(tuple(at[row.id] for row in indicators), by_output, bonus))
    return tuple(found)


def _pattern(plan: Plan, absent: int, n: Fraction | None) -> Pattern:
    weights = [Fraction(0)] * len(plan.rows)
    shared = [Fraction(0)] * len(plan.shared)
    part = {row.id for row in plan.rows if not row.bonus and not row.open and not absent >> row.position & 1}
    # A table of open rows only has no index; a plant to which nothing with a weight applies is refused.
    known = refused = False
    if part:
        try:
            known = _place(plan, plan.table, part, n, Fraction(1), False, weights, shared)
        except ValueError:
            refused = True
    else:
        refused = not all(row.open for row in plan.rows if not row.bonus)
    if refused:
        return Pattern(1, (0,) * len(weights), (0,) * len(shared), (None,) * len(plan.rules), refused=True)
    if plan.bonus_table is not None:
        # A bonus row that does not apply keeps its weight: the part does not depend on the plant.
        extra = {row.id for row in plan.rows if row.bonus and not row.open}
        if extra:
            _place(plan, plan.bonus_table, extra, None, plan.bonus_weight, True, weights, shared)
    total = math.lcm(*(weight.denominator for weight in (*weights, *shared)))
    return Pattern(
        total=total,
        weights=tuple(int(weight * total) for weight in weights),
        shared=tuple(int(weight * total) for weight in shared),
        limits=tuple(
            rule.minimum * total / 100 if plan.cap is None or rule.minimum <= plan.cap else None for rule in plan.rules
        ),
        unweighted=not known,
    )


def _place(
    plan: Plan,
    table: Table,
    part: set[str],
    n: Fraction | None,
    factor: Fraction,
    bonus: bool,
    weights: list[Fraction],
    shared: list[Fraction],
) -> bool:
    """Put the weights of one table into the lists; False where a weight was not read."""
    found = spread(table, part, n=n)
    if found is None:
        return False
    at = {row.id: row.position for row in plan.rows if row.bonus is bonus}
    for piece in found.pieces:
        positions = {at[id] for id in piece.rows}
        if piece.known:
            weights[positions.pop()] += piece.share * factor
        else:
            index = next(i for i, each in enumerate(plan.shared) if positions <= set(each.rows))
            shared[index] += piece.share * factor
    return True


# --- columns ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Binding:
    """Which column of the data gives what, by row position (None: no such column).

    ``variables``: by row the columns of n in order of precedence; ``outputs``: column and the rows that it feeds;
    ``counts``: columns of n, in order of precedence, that state how many of some rows apply.
    """

    values: tuple[str | None, ...]
    not_applicable: tuple[str | None, ...]
    variables: tuple[tuple[str, ...], ...]
    outputs: tuple[tuple[str, tuple[int, ...]], ...]
    counts: tuple[tuple[tuple[str, ...], tuple[int, ...]], ...] = ()
    products: tuple[tuple[str, str], ...] = ()  # column and the product that it names
    named_n: tuple[tuple[str, str], ...] = ()  # column and the key of n that it gives; "" for the plain n

    @property
    def used(self) -> tuple[str, ...]:
        """Every column that is read."""
        names = [name for name in (*self.values, *self.not_applicable) if name]
        names += [column for column, _ in (*self.outputs, *self.named_n)]
        return tuple(dict.fromkeys(names))


def bind(
    plan: Plan,
    available: Iterable[str],
    columns: Mapping[str, str] | None = None,
    absent: AbsentColumns = "refuse",
) -> Binding:
    """Find the columns that a plan reads among those of the data.

    ``columns``: the data's own name for a column of the plan, such as ``{"rinse-water": "取水量"}``. ``absent``: what a
    row without a column means; "refuse" (a misspelt name must not count as no data), or "no-data". Columns that the
    plan does not know are left alone, except ``na:…``, ``n:…`` and ``output:…``.

    Raises InputError with every problem: rows without a column, columns of unknown rows or products, products that fit
    several rows.
    """
    have = list(available)
    names = dict(columns or {})
    problems: list[Problem] = []
    for wanted, actual in names.items():
        if actual not in have:
            problems.append(_no_column(actual, have, message("数据中没有对应 {wanted} 的列", wanted=wanted)))
    taken = set(names.values())
    own = {name: name for name in have if name not in taken} | {k: v for k, v in names.items() if v in have}

    values = tuple(own.get(row.id) for row in plan.rows)
    if absent == "refuse":
        for row, column in zip(plan.rows, values, strict=True):
            if column is None and not row.open:
                text = message("数据中没有指标 {id}（{name}）的列", id=row.id, name=row.indicator.name)
                problems.append(_no_column(row.id, have, text))
    not_applicable = tuple(own.get(f"na:{row.id}") for row in plan.rows)
    ids = {row.id for row in plan.rows}
    for name, column in own.items():
        if name.startswith("na:") and name[3:] not in ids:
            near = _near(name[3:], ids)
            problems.append(_unknown_column(column, message("表中没有这个指标"), [f"na:{id}" for id in near]))
        elif name not in ids and name in names and not name.startswith(("na:", "n:", "output:")) and name != "n":
            problems.append(_unknown_column(name, message("表中没有这个指标"), _near(name, ids)))
    variables, counts, named_n = _bind_variables(plan, own, problems)
    outputs, products = _bind_outputs(plan, own, problems)
    if problems:
        raise InputError(problems)
    return Binding(values, not_applicable, variables, outputs, counts, products, named_n)


def _no_column(name: str, have: list[str], text: Message) -> Problem:
    near = _near(name, have)
    expected = message("{near}？", near=listing(near)) if near else None
    return Problem("no-column", text, expected=expected)


def _near(text: str, names: Iterable[str]) -> list[str]:
    """Names that an unknown one may mean: those spelt alike, else those that hold it."""
    known = list(names)
    return difflib.get_close_matches(text, known, n=3) or [name for name in known if text and text in name][:3]


def _unknown_column(column: str, text: Message, near: Iterable[str]) -> Problem:
    options = tuple(near)
    expected = message("{near}？", near=listing(options)) if options else None
    return Problem("unknown-column", text, found=column, expected=expected)


def _bind_variables(
    plan: Plan, own: Mapping[str, str], problems: list[Problem]
) -> tuple[
    tuple[tuple[str, ...], ...], tuple[tuple[tuple[str, ...], tuple[int, ...]], ...], tuple[tuple[str, str], ...]
]:
    """Columns of n by row, those that state a count, and what each column of n is called in a document."""
    formulas = [row for row in plan.rows if row.formula and not row.bonus]
    counted = [(group, block) for group in plan.table.groups for block in group.blocks if block.share == "count"]
    named = {name[2:]: column for name, column in own.items() if name.startswith("n:")}
    plain = own.get("n") if formulas or counted or plan.variable_weights else None
    used: set[str] = set()
    found: list[tuple[str, ...]] = []
    for row in plan.rows:
        order: list[str] = []
        if row in formulas:
            left = list(named)
            while left:
                best, speaking = _for_row(row.indicator, {key: Fraction(index) for index, key in enumerate(left)})
                used |= speaking
                if best is None:
                    break
                order.append(named[left.pop(int(best))])
            if plain is not None:
                order.append(plain)
        found.append(tuple(order))
    counts: list[tuple[tuple[str, ...], tuple[int, ...]]] = []
    for group, block in counted:
        keys = [key for key in (block.id, group.id) if key in named]
        used |= set(keys)
        stated = [named[key] for key in keys] + ([plain] if plain is not None and not formulas else [])
        if stated:
            counts.append((tuple(stated), tuple(plan.position(row.id) for row in group.in_block(block.id))))
    for key in sorted(set(named) - used):
        options = dict.fromkeys(f"n:{row.indicator.product or row.id}" for row in formulas)
        problems.append(_unknown_column(named[key], message("没有与此对应的、数值随 n 变化的行"), options))
    columns = [(column, key) for key, column in named.items()]
    if plain is not None:
        columns.append((plain, ""))
    return tuple(found), tuple(counts), tuple(columns)


def _bind_outputs(
    plan: Plan, own: Mapping[str, str], problems: list[Problem]
) -> tuple[tuple[tuple[str, tuple[int, ...]], ...], tuple[tuple[str, str], ...]]:
    given = {name[7:]: column for name, column in own.items() if name.startswith("output:")}
    if not given:
        return (), ()
    blocks = [
        (group, [row for row in group.in_block(block.id) if row.product is not None])
        for group in plan.table.groups
        for block in group.blocks
        if block.share == "output"
    ]
    found: list[tuple[str, tuple[int, ...]]] = []
    for product, column in given.items():
        rows: list[int] = []
        if not blocks:
            problems.append(_unknown_column(column, message("此表没有按产量分担的权重"), ()))
        for group, members in blocks:
            candidates = match_product(product, members)
            if len(candidates) == 1:
                rows.append(plan.position(candidates[0].id))
                continue
            near = [f"output:{row.product}" for row in candidates or members]
            text = message("产品在{group}中没有对应的行", group=group.name)
            if candidates:
                text = message("产品在{group}中对应几行，请写明是哪一种", group=group.name)
            problems.append(_unknown_column(column, text, near))
        found.append((column, tuple(rows)))
    return tuple(found), tuple((column, product) for product, column in given.items())

"""Evaluation index systems (清洁生产评价指标体系) as data: systems, grading rules, tables, groups, blocks, indicators.

Everything here is frozen and exact: weights and bounds are fractions of the published decimals, or formulas in one
variable. ``loading`` reads them from TOML, ``checking`` proves them, ``scoring`` applies them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Generic, Literal, TypeVar

from qingyuan.language import Name
from qingyuan.reference.records import Grade
from qingyuan.standards.formula import Formula

Level = Literal["I", "II", "III"]
LEVELS: tuple[Level, Level, Level] = ("I", "II", "III")  # from the best down

Kind = Literal["quantitative", "qualitative"]
KINDS: tuple[Kind, ...] = ("quantitative", "qualitative")
Direction = Literal["lower", "higher"]
DIRECTIONS: tuple[Direction, ...] = ("lower", "higher")
Share = Literal["output", "count", "equal", "unknown"]
SHARES: tuple[Share, ...] = ("output", "count", "equal", "unknown")
Verification = Literal["read", "partly read", "recalled"]
VERIFICATIONS: tuple[Verification, ...] = ("read", "partly read", "recalled")
WeightSource = Literal["read", "deduced", "partly read", "not read"]
WEIGHT_SOURCES: tuple[WeightSource, ...] = ("read", "deduced", "partly read", "not read")

# How a system scores. "levels": three levels of method announcement 2013 No. 33; "benchmark": scores P1 and P2 of the
# systems of 2005-2009; "lead-base-linear": points between a base and a leading value (GB/T 36132); "pass-fail": every
# row passes or not, core rows veto (park standards).
Scheme = Literal["levels", "benchmark", "lead-base-linear", "pass-fail"]
SCHEMES: tuple[Scheme, ...] = ("levels", "benchmark", "lead-base-linear", "pass-fail")

T = TypeVar("T")
U = TypeVar("U")

Number = Fraction | Formula
NO_NAME = Name("")


def translated(chinese: str) -> Name:
    """A text of the shipped systems with its English; the text itself where there is none."""
    from qingyuan.standards.reading import translation  # reading stands on this module

    return Name(chinese, translation(chinese) or chinese)


def value_at(number: Number, n: Fraction | None = None) -> Fraction:
    """The value of a weight or bound where the variable is ``n``; raises FormulaError where a formula lacks it."""
    return number.at(n) if isinstance(number, Formula) else number


@dataclass(frozen=True, slots=True)
class ByLevel(Generic[T]):
    """One thing for each of the levels I, II, III (三级)."""

    values: tuple[T, T, T]

    def __getitem__(self, level: Level) -> T:
        return self.values[LEVELS.index(level)]

    def items(self) -> Iterator[tuple[Level, T]]:
        """Level and value, from I to III."""
        return zip(LEVELS, self.values, strict=True)

    def map(self, function: Callable[[T], U]) -> ByLevel[U]:
        """The same for another kind of thing."""
        first, second, third = self.values
        return ByLevel((function(first), function(second), function(third)))


@dataclass(frozen=True, slots=True)
class Indicator:
    """One row of a table (二级指标).

    ``weight`` is the published second-level weight: inside the group, or a share of the whole (``weights.weights_form``
    says which); None where the row takes its weight from a block, or where it was not read (partial tables).
    ``bounds`` holds the numbers of a quantitative row (None at a level that was not read), ``texts`` the paraphrased
    requirements of a qualitative one; a level of ``no_requirement`` is met by every plant. ``strict``: the bound itself
    does not meet the level. ``open``: no benchmark was published, the row takes no part. ``alternatives``: of all rows
    of one word exactly one applies. ``product``: whose share of output the row weighs by. For the other schemes
    ``benchmark``, ``base`` and ``points`` take the place of levels; a text says in words where the number is found.
    ``verified`` is None in a file of which every row was read.
    """

    id: str
    name: Name
    kind: Kind
    group: str
    weight: Number | None = None
    unit: str = ""
    unit_name: Name = NO_NAME
    better: Direction | None = None
    limiting: bool = False
    bounds: ByLevel[Number | None] | None = None
    texts: ByLevel[Name | None] | None = None
    strict: bool = False
    open: bool = False
    no_requirement: frozenset[Level] = frozenset()
    alternatives: str = ""
    block: str = ""
    product: Name | None = None
    parameter: Name | None = None
    definition: Name | None = None
    benchmark: Fraction | Name | None = None
    base: Fraction | Name | None = None
    points: Fraction | None = None
    verified: bool | None = None
    note: Name | None = None

    @property
    def quantitative(self) -> bool:
        """Whether the row is answered by a number (定量指标)."""
        return self.kind == "quantitative"

    @property
    def has_formula(self) -> bool:
        """Whether a bound depends on the number that ``parameter`` explains."""
        return self.bounds is not None and any(
            isinstance(bound, Formula) and bound.variable for bound in self.bounds.values
        )

    @property
    def yes_or_no(self) -> bool:
        """Whether one text serves for every level that requires something: yes is level I, no is none of them."""
        if self.kind != "qualitative" or self.texts is None:
            return False
        required = {text.zh if text else None for level, text in self.texts.items() if level not in self.no_requirement}
        return len(required) == 1 and None not in required

    def same_text_as_better(self, level: Level) -> Level:
        """The best level whose text is that of ``level``: cells that span levels are one requirement."""
        if self.texts is None or self.texts[level] is None:
            return level
        return next(
            better
            for better in LEVELS
            if better == level or (better not in self.no_requirement and self.texts[better] == self.texts[level])
        )


@dataclass(frozen=True, slots=True)
class Block:
    """Weight shared by several rows of a group (权重共用): by output, count, equally, or in a way that was not read."""

    id: str
    weight: Number
    share: Share


@dataclass(frozen=True, slots=True)
class Group:
    """First-level indicator (一级指标): its weight, its blocks and its rows in published order.

    ``weight`` is None where it was not read (partial tables).
    """

    id: str
    name: Name
    weight: Fraction | None
    indicators: tuple[Indicator, ...]
    blocks: tuple[Block, ...] = ()
    verified: bool | None = None
    weights: WeightSource | None = None
    note: Name | None = None

    def block(self, id: str) -> Block:
        """The block of this id; raises KeyError."""
        for block in self.blocks:
            if block.id == id:
                return block
        raise KeyError(id)

    def loose(self) -> tuple[Indicator, ...]:
        """The rows outside blocks."""
        return tuple(row for row in self.indicators if not row.block)

    def in_block(self, id: str) -> tuple[Indicator, ...]:
        """The rows of one block."""
        return tuple(row for row in self.indicators if row.block == id)


@dataclass(frozen=True, slots=True)
class Table:
    """One published table (评价指标表): of a process route, product or scale.

    ``partial`` tables lack weights or levels and give intervals instead of numbers.
    """

    id: str
    name: Name
    groups: tuple[Group, ...]
    partial: bool = False
    applies_to: Name | None = None
    edition: str = ""
    note: Name | None = None
    _index: dict[str, Indicator] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        self._index.update({row.id: row for row in self.indicators()})

    def indicators(self) -> Iterator[Indicator]:
        """Every row, in published order."""
        for group in self.groups:
            yield from group.indicators

    def indicator(self, id: str) -> Indicator:
        """The row of this id; raises KeyError."""
        return self._index[id]

    def group(self, id: str) -> Group:
        """The group of this id; raises KeyError."""
        for group in self.groups:
            if group.id == id:
                return group
        raise KeyError(id)


@dataclass(frozen=True, slots=True)
class LevelRule:
    """What a level asks of the whole (定级条件).

    ``index`` (``Y_I`` …, or ``P`` in the benchmark scheme) must reach ``minimum``; every limiting row must reach
    ``limiting``, every other row ``others`` where that is set (newest systems, level I).
    """

    index: str
    minimum: Fraction
    limiting: Level
    others: Level | None = None


@dataclass(frozen=True, slots=True)
class Bonus:
    """A table outside the sum of 1 (加分项): Y_k = min(cap, Y_k of the main table + weight x Y_k of the bonus)."""

    table: str
    weight: Fraction
    cap: Fraction


@dataclass(frozen=True, slots=True)
class PassRule:
    """The rule of a system that does not grade in three levels, in words, and its pass mark where that is a number."""

    index: str = ""
    minimum: Fraction | None = None
    texts: tuple[tuple[str, Name], ...] = ()  # prerequisite, min, core, guiding, required, optional


@dataclass(frozen=True, slots=True)
class Grading:
    """The published rule for the overall level (综合评价).

    ``rules`` is empty where no rule was read. ``verified`` false: the rule itself was not seen. ``p1`` and ``p2`` are
    the shares of the quantitative and the qualitative score and ``cap`` the greatest ratio in the benchmark scheme;
    None where the file does not say, then the values in ``scoring`` hold, which are recalled.
    """

    rules: tuple[tuple[Level, LevelRule], ...] = ()
    level_names: tuple[tuple[Level, Name], ...] = ()
    bonus: Bonus | None = None
    verified: bool = True
    passing: PassRule | None = None
    score_rule: Name | None = None
    p1: Fraction | None = None
    p2: Fraction | None = None
    cap: Fraction | None = None

    def rule(self, level: Level) -> LevelRule | None:
        """The rule of one level, or None."""
        return dict(self.rules).get(level)

    def level_name(self, level: Level) -> Name | None:
        """The document's name for a level, or None where it was not read."""
        return dict(self.level_names).get(level)


@dataclass(frozen=True, slots=True)
class Applicability:
    """How a table is chosen and what happens to rows that take no part, in the document's sense (适用规则)."""

    texts: tuple[tuple[str, Name], ...] = ()  # table, not_applicable, empty_group, no_data, no_benchmark
    report_valid_years: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """Who entered a system, when, and who compared it with the document (录入与复核)."""

    entered_by: str = ""
    entered_on: dt.date | None = None
    confirmed_by: str = ""
    confirmed_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class IndexSystem:
    """A published evaluation index system (评价指标体系) with all its tables.

    ``tables`` are complete, ``partial_tables`` lack weights or levels; both are empty where the document was only
    located (``located_only``). ``grade`` is that of rows that were read (``read`` in the document or a faithful copy,
    ``cited`` in a program or page that cites it, ``user`` entered by the operator).
    """

    id: str
    title: Name
    verification: Verification
    grade: Grade
    source: str
    grading: Grading
    tables: tuple[Table, ...]
    partial_tables: tuple[Table, ...] = ()
    scheme: Scheme = "levels"
    complete: bool = False
    located_only: bool = False
    document: str = ""
    issued_by: tuple[str, ...] = ()
    issued: dt.date | None = None
    effective: dt.date | None = None
    replaces: tuple[str, ...] = ()
    scope: Literal["enterprise", "park"] = "enterprise"
    industry_codes: tuple[str, ...] = ()
    industry_codes_by: str = ""
    seed_industries: tuple[str, ...] = ()
    groups_seen: tuple[Name, ...] = ()
    indicators_seen: tuple[Name, ...] = ()
    applicability: Applicability = Applicability()
    entry: Entry | None = None
    note: Name | None = None
    file: str = ""

    @property
    def document_name(self) -> Name:
        """Number or name of the document, for display."""
        return translated(self.document)

    @property
    def source_name(self) -> Name:
        """Where the system was read, for display."""
        return translated(self.source)

    @property
    def issuers(self) -> tuple[Name, ...]:
        """Who issued the document, for display."""
        return tuple(translated(issuer) for issuer in self.issued_by)

    def all_tables(self) -> tuple[Table, ...]:
        """Complete and partial tables, the bonus table included."""
        return self.tables + self.partial_tables

    def main_tables(self) -> tuple[Table, ...]:
        """The tables that a plant can be scored on: all but the bonus table."""
        bonus = self.grading.bonus
        return tuple(table for table in self.all_tables() if bonus is None or table.id != bonus.table)

    def table(self, id: str) -> Table:
        """The table of this id, complete or partial; raises KeyError."""
        for table in self.all_tables():
            if table.id == id:
                return table
        raise KeyError(id)

    def bonus_table(self) -> Table | None:
        """The table of the bonus rows, or None."""
        return None if self.grading.bonus is None else self.table(self.grading.bonus.table)

    def row_grade(self, table: Table, row: Indicator) -> Grade:
        """How surely a row of a table is known: of its own mark, its group's mark and the file's.

        A row that is not verified is ``recalled``; a row read in a group whose weight was deduced from the others is
        ``cited`` at best.
        """
        group = table.group(row.group)
        if row.verified is False or group.verified is False:
            return Grade.RECALLED
        if row.verified is None and self.verification == "recalled":
            return Grade.RECALLED
        if self.grade is Grade.READ and group.weights in ("deduced", "partly read"):
            return Grade.CITED
        return self.grade

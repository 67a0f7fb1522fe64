"""Sums of weights as terms of an expression: exact cross products, shared weights, intervals.

    Y_k / 100 = sum_g w_g N_gk / D_g / sum_g w_g      over the groups g in which a row applies
              = U_k / Q                                in whole numbers

N_gk and D_g are whole; a block shared by count multiplies its group by the number of its rows. Groups in which every
row applies to every plant have a known D_g; only the others make Q depend on the plant.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction

import narwhals as nw

from qingyuan.errors import InputError, Problem
from qingyuan.language import message
from qingyuan.standards.columns.frame_terms import (
    ONE,
    ZERO,
    Logic,
    RowTerms,
    Stage,
    Whole,
    divided,
    every,
    no,
    product,
    some,
    times,
    total,
)
from qingyuan.standards.columns.plan import Binding, Pattern, Plan, Rule
from qingyuan.standards.columns.weights import NEAR
from qingyuan.standards.formula import Formula, FormulaError
from qingyuan.standards.model import Block, Group, value_at
from qingyuan.standards.weights import unread_weight


@dataclass(slots=True)
class Sums:
    """Indices as whole numerators over one denominator, or as floats where output is shared.

    ``low``, ``high``: by level; ``opens``: whether the high end is never reached. ``unweighted``: a weight was not
    read. ``nothing``: no row applies. ``short``: by level, whether a judged row misses it.
    """

    plan: Plan
    low: list[Whole]
    high: list[Whole]
    whole: Whole
    opens: list[Logic]
    unweighted: Logic = False
    nothing: Logic = False
    short: list[Logic] = field(default_factory=lambda: [False, False, False])
    floats: list[tuple[nw.Expr, nw.Expr]] | None = None
    bonus: list[nw.Expr | float] = field(default_factory=lambda: [0.0, 0.0, 0.0])

    def reached(self, rule: Rule) -> Logic:
        """Whether the low end reaches a rule's minimum, so that every possible value does."""
        if self.unreachable(rule):
            return False
        if self.floats is not None:
            met: Logic = self.floats[rule.level][0] >= float(rule.minimum) - NEAR
        else:
            met = self._at_least(self.low[rule.level], rule)
        return every((no(self.unweighted), met))

    def missed(self, rule: Rule) -> Logic:
        """Whether no possible value reaches a rule's minimum."""
        k = rule.level
        if self.unreachable(rule):
            return True
        if self.floats is not None:
            high = self.floats[k][1]
            below: Logic = high < float(rule.minimum) - NEAR
            at: Logic = abs_near(high, float(rule.minimum))
        else:
            below = no(self._at_least(self.high[k], rule))
            at = False if self.opens[k] is False else self._equal(self.high[k], rule)
        lost = some((below, every((self.opens[k], at))))
        if self.unweighted is False:
            return lost
        # Without weights the index is unknown; but 100 is out of reach as soon as one row misses the level.
        short = self.short[k] if rule.minimum == 100 else False
        return some((every((self.unweighted, short)), every((no(self.unweighted), lost))))

    def unreachable(self, rule: Rule) -> bool:
        """Whether the cap keeps every plant below a rule's minimum."""
        return self.plan.cap is not None and rule.minimum > self.plan.cap

    def _sides(self, value: Whole, rule: Rule) -> tuple[Whole, Whole]:
        """Two whole numbers that compare as the index and the minimum."""
        if isinstance(self.whole.value, int):
            limit = Whole.known(math.ceil(rule.minimum * self.whole.value / 100))
            if not value.fits or not limit.fits:
                raise _too_fine(self.plan)
            return value, limit
        left = value * Whole.known(100 * rule.minimum.denominator)
        right = self.whole * Whole.known(rule.minimum.numerator)
        if not left.fits or not right.fits:
            raise _too_fine(self.plan)
        return left, right

    def _at_least(self, value: Whole, rule: Rule) -> Logic:
        left, right = self._sides(value, rule)
        if isinstance(left.value, int) and isinstance(right.value, int):
            return left.value >= right.value
        return left.expression() >= right.expression()

    def _equal(self, value: Whole, rule: Rule) -> Logic:
        if isinstance(self.whole.value, int) and (rule.minimum * self.whole.value / 100).denominator > 1:
            return False
        left, right = self._sides(value, rule)
        if isinstance(left.value, int) and isinstance(right.value, int):
            return left.value == right.value
        return left.expression() == right.expression()

    def index(self, k: int, high: bool) -> nw.Expr:
        """Y_k in float64, capped; where weights were not read anything from 0 to 100 and the bonus."""
        if self.floats is not None:
            value = self.floats[k][high]
        else:
            value = _index((self.high if high else self.low)[k], self.whole)
        if self.unweighted is not False:
            unknown = nw.lit(100.0 if high else 0.0) + self.bonus[k]
            value = unknown if self.unweighted is True else nw.when(self.unweighted).then(unknown).otherwise(value)
        if self.plan.cap is not None:
            cap = nw.lit(float(self.plan.cap))
            value = nw.when(value > cap).then(cap).otherwise(value)
        return value


def abs_near(value: nw.Expr, at: float) -> nw.Expr:
    """Whether a float lies within ``NEAR`` of a number."""
    return (value >= at - NEAR) & (value <= at + NEAR)


def _index(value: Whole, whole: Whole) -> nw.Expr:
    number = value.expression().cast(nw.Float64)
    if isinstance(whole.value, int) and value.top * 100 < 2**53:
        return divided(number * 100.0, float(whole.value))
    return number / whole.expression().cast(nw.Float64) * 100.0


def _too_fine(plan: Plan) -> InputError:
    text = message(
        "表“{name}”权重的公分母超出整数范围，不能在数据引擎中精确比较；请用列评价或文件评价。"
        "若有许多 na: 列，只为确有不适用的指标保留它们",
        name=plan.table.name,
    )
    return InputError([Problem("not-in-frames", text)])


def weigh(plan: Plan, binding: Binding, rows: list[RowTerms], stage: Stage) -> Sums:
    """The sums of a plan over the terms of its rows. Raises InputError where they do not fit an Int64."""
    main = [terms for terms in rows if not terms.row.bonus]
    judged = [terms for terms in main if not terms.row.open]
    fixed = all(isinstance(terms.part, bool) for terms in main)
    if fixed and not binding.outputs:
        absent = sum(1 << terms.row.position for terms in judged if terms.part is False)
        sums = _fixed(plan, plan.pattern(absent), rows)
    else:
        sums = _variable(plan, rows, stage, by_output=bool(binding.outputs))
    if sums.unweighted is not False:
        sums.short = [some(every((terms.part, terms.false[k])) for terms in judged) for k in range(3)]
    return sums


# --- weights that the plan knows -------------------------------------------------------------------------------------


def _fixed(plan: Plan, pattern: Pattern, rows: list[RowTerms]) -> Sums:
    sums = Sums(plan, [], [], Whole.known(pattern.total), [], unweighted=pattern.unweighted, nothing=pattern.refused)
    for k in range(3):
        low = [times(pattern.weights[terms.row.position], terms.true[k]) for terms in rows]
        high = [times(pattern.weights[terms.row.position], no(terms.false[k])) for terms in rows]
        opens: list[Logic] = []
        for weight, shared in zip(pattern.shared, plan.shared, strict=True):
            if weight:
                part = _Together([rows[position] for position in shared.rows], k)
                low.append(times(weight, part.all_met))
                high.append(times(weight, no(part.all_missed)))
                opens.append(part.open)
        sums.low.append(total(low))
        sums.high.append(total(high) if plan.may_be_interval else sums.low[k])
        sums.opens.append(some(opens))
        bonus = total(times(pattern.weights[t.row.position], t.true[k]) for t in rows if t.row.bonus)
        sums.bonus[k] = _index(bonus, sums.whole)
    return sums


class _Together:
    """Rows that share a weight, at one level: whether all that apply meet it, all miss it, or some of each."""

    def __init__(self, rows: list[RowTerms], k: int, stage: Stage | None = None) -> None:
        self.any = some(terms.part for terms in rows)
        self.all_met = every((self.any, *(some((no(terms.part), terms.true[k])) for terms in rows)))
        self.all_missed = every(some((no(terms.part), terms.false[k])) for terms in rows)
        self.some_missed = some(every((terms.part, terms.false[k])) for terms in rows)
        if stage is not None:
            self.any, self.all_met = stage.keep(self.any), stage.keep(self.all_met)
            self.all_missed, self.some_missed = stage.keep(self.all_missed), stage.keep(self.some_missed)

    @property
    def mixed(self) -> Logic:
        """Whether some meet the level and some do not, or it is unknown."""
        return every((self.any, no(self.all_met), no(self.all_missed)))

    @property
    def open(self) -> Logic:
        """Whether the high end is never reached: every row has some of the weight, and one misses the level."""
        return every((self.mixed, self.some_missed))


# --- weights that depend on the plant --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Sum:
    """One group: whole numerators over ``whole``, floats to add to them where output is shared, whether it counts."""

    weight: Fraction | None
    low: list[Whole]
    high: list[Whole]
    whole: Whole
    filled: Logic
    opens: list[Logic]
    extra: list[tuple[nw.Expr | float, nw.Expr | float]]


def _variable(plan: Plan, rows: list[RowTerms], stage: Stage, by_output: bool) -> Sums:
    at = {terms.row.id: terms for terms in rows if not terms.row.bonus}
    groups = [_group(plan, group, at, stage) for group in plan.table.groups]
    stage.flush()
    unweighted = some(group.filled for group in groups if group.weight is None)
    nothing = no(some(group.filled for group in groups))
    known = [(group, group.weight) for group in groups if group.weight is not None and group.filled is not False]
    scale = math.lcm(1, *(weight.denominator for _, weight in known))
    shares = [(group, int(weight * scale)) for group, weight in known]
    shared = math.gcd(*(share for _, share in shares)) or 1
    shares = [(group, share // shared) for group, share in shares]
    parts = total(times(share, group.filled) for group, share in shares)
    parts = stage.whole(_at_least_one(parts))
    stage.flush()
    bonus, bonus_whole = _bonus(plan, rows)
    if by_output:
        sums = _floats(plan, shares, parts, bonus, bonus_whole, unweighted, stage)
        sums.nothing = nothing
        return sums

    fixed = math.lcm(1, *(group.whole.value for group, _ in shares if isinstance(group.whole.value, int)))
    moving = [group.whole for group, _ in shares if not isinstance(group.whole.value, int)]
    whole = product((Whole.known(fixed), *moving, parts))
    sums = Sums(plan, [], [], whole * Whole.known(bonus_whole), [], unweighted=unweighted, nothing=nothing)
    if not sums.whole.fits:
        raise _too_fine(plan)
    for k in range(3):
        sums.low.append(_numerator(shares, fixed, [group.low[k] for group, _ in shares]) * Whole.known(bonus_whole))
        sums.high.append(_numerator(shares, fixed, [group.high[k] for group, _ in shares]) * Whole.known(bonus_whole))
        if plan.bonus_table is not None:
            sums.low[k] += bonus[k] * whole
            sums.high[k] += bonus[k] * whole
        if not sums.low[k].fits or not sums.high[k].fits:
            raise _too_fine(plan)
        sums.low[k], sums.high[k] = stage.whole(sums.low[k]), stage.whole(sums.high[k])
        sums.opens.append(some(group.opens[k] for group, _ in shares))
        sums.bonus[k] = _index(bonus[k], Whole.known(bonus_whole))
    sums.whole = stage.whole(sums.whole)
    stage.flush()
    return sums


def _numerator(shares: list[tuple[_Sum, int]], fixed: int, numerators: list[Whole]) -> Whole:
    """Sum of weight x numerator over the product of all denominators."""
    terms: list[Whole] = []
    for index, ((group, share), numerator) in enumerate(zip(shares, numerators, strict=True)):
        rest = [
            other.whole
            for position, (other, _) in enumerate(shares)
            if position != index and not isinstance(other.whole.value, int)
        ]
        factor = fixed // group.whole.value if isinstance(group.whole.value, int) else fixed
        terms.append(product((numerator, Whole.known(share * factor), *rest)))
    return total(terms)


def _bonus(plan: Plan, rows: list[RowTerms]) -> tuple[list[Whole], int]:
    """Numerators of the bonus by level, and their denominator: its weights do not depend on the plant."""
    extra = [terms for terms in rows if terms.row.bonus]
    if not extra:
        return [ZERO, ZERO, ZERO], 1
    pattern = plan.pattern(0)
    weights = [pattern.weights[terms.row.position] for terms in extra]
    shared = math.gcd(pattern.total, *weights)
    found = [
        total(times(weight // shared, terms.true[k]) for weight, terms in zip(weights, extra, strict=True))
        for k in range(3)
    ]
    return found, pattern.total // shared


def _floats(
    plan: Plan,
    shares: list[tuple[_Sum, int]],
    parts: Whole,
    bonus: list[Whole],
    bonus_whole: int,
    unweighted: Logic,
    stage: Stage,
) -> Sums:
    """Indices in float64: rows share a weight by output, and amounts of output are no whole numbers."""
    sums = Sums(plan, [], [], ONE, [], unweighted=unweighted, floats=[])
    assert sums.floats is not None
    for k in range(3):
        ends: list[nw.Expr] = []
        for high in (False, True):
            value: nw.Expr = nw.lit(0.0)
            for group, share in shares:
                numerator = (group.high if high else group.low)[k].expression().cast(nw.Float64) + group.extra[k][high]
                value = value + float(share) * (numerator / group.whole.expression().cast(nw.Float64))
            value = value / parts.expression().cast(nw.Float64) * 100.0
            ends.append(stage.store(value + _index(bonus[k], Whole.known(bonus_whole))))
        sums.floats.append((ends[0], ends[1]))
        sums.opens.append(some(group.opens[k] for group, _ in shares))
        sums.bonus[k] = _index(bonus[k], Whole.known(bonus_whole))
    stage.flush()
    return sums


def _at_least_one(number: Whole) -> Whole:
    """A denominator: 1 where it would be 0, in which case nothing stands above it."""
    if isinstance(number.value, int):
        return Whole.known(max(number.value, 1))
    return Whole(nw.when(number.value > 0).then(number.value).otherwise(nw.lit(1, nw.Int64)), max(number.top, 1))


def _group(plan: Plan, group: Group, at: dict[str, RowTerms], stage: Stage) -> _Sum:
    loose = [row for row in group.loose() if row.weight is not None]
    unread = [at[row.id] for row in group.loose() if row.weight is None]
    counted = [block for block in group.blocks if block.share in ("count", "equal")]
    try:
        weights = [value_at(row.weight) for row in loose if row.weight is not None]
        shared = [
            (value_at(block.weight), [at[row.id] for row in group.in_block(block.id)], block.share == "output")
            for block in group.blocks
            if block not in counted
        ]
        by_count = [_by_count(block, len(group.in_block(block.id))) for block in counted]
        weightless: set[str] = set()
        if any(not terms.row.open for terms in unread):
            rest = unread_weight(group)
            if rest is None:
                raise _depends_on_n(group)
            if rest > 0:
                shared.append((rest, unread, False))
            else:
                weightless = {terms.row.id for terms in unread}
    except FormulaError:
        raise _depends_on_n(group) from None
    everything = [*weights, *(weight for weight, _, _ in shared), *(weight for table in by_count for weight in table)]
    scale = math.lcm(1, *(weight.denominator for weight in everything))
    common = math.gcd(*(int(weight * scale) for weight in everything)) or 1

    def whole(weight: Fraction) -> int:
        return int(weight * scale) // common

    # Blocks by count: how many rows apply, and the block's weight at that number.
    numbers: list[Whole] = []
    heavy: list[Whole] = []
    for block, table in zip(counted, by_count, strict=True):
        count = total(times(1, at[row.id].part) for row in group.in_block(block.id))
        count = stage.whole(count)
        numbers.append(count)
        if isinstance(count.value, int):
            heavy.append(Whole.known(whole(table[count.value]) if count.value else 0))
        elif len(set(table[1:])) == 1:
            heavy.append(times(whole(table[1]), count.value > 0))
        else:
            heavy.append(total(times(whole(table[c]), count.value == c) for c in range(1, len(table))))
    together = [[_Together(members, k, stage) for _, members, _ in shared] for k in range(3)]
    made = [_made(members, stage) if by_output else None for _, members, by_output in shared]
    stage.flush()
    divisors = [_at_least_one(count) for count in numbers]
    factor = product(divisors)
    inside = total(
        (
            *(times(whole(weight), at[row.id].part) for row, weight in zip(loose, weights, strict=True)),
            *(times(whole(weight), some(terms.part for terms in members)) for weight, members, _ in shared),
            *heavy,
        )
    )
    found = _Sum(
        weight=group.weight,
        low=[],
        high=[],
        whole=stage.whole(_at_least_one(inside * factor)),
        filled=stage.keep(some(at[row.id].part for row in group.indicators if row.id not in weightless)),
        opens=[],
        extra=[],
    )
    if not found.whole.fits:
        raise _too_fine(plan)
    for k in range(3):
        ends: list[Whole] = []
        splits: list[nw.Expr | float] = []
        opens: list[Logic] = []
        for high in (False, True):
            terms = [
                times(whole(weight), every((at[row.id].part, _met(at[row.id], k, high)))) * factor
                for row, weight in zip(loose, weights, strict=True)
            ]
            split: nw.Expr | float = 0.0
            for (weight, members, by_output), rows, whole_output in zip(shared, together[k], made, strict=True):
                reached = every((rows.any, no(rows.all_missed))) if high else rows.all_met
                any_output = some(each.any_output for each in members) if by_output else False
                if whole_output is not None and any_output is not False:
                    cut = every((rows.mixed, any_output))
                    reached = every((reached, no(cut)))
                    split = split + _split(whole(weight), members, k, high, cut, whole_output)
                terms.append(times(whole(weight), reached) * factor)
                if high:
                    opens.append(every((rows.open, no(any_output))))
            for index, block in enumerate(counted):
                counting = [at[row.id] for row in group.in_block(block.id)]
                met = total(times(1, every((each.part, _met(each, k, high)))) for each in counting)
                others = [divisor for position, divisor in enumerate(divisors) if position != index]
                terms.append(product((met, heavy[index], *others)))
            ends.append(stage.whole(total(terms)))
            if isinstance(split, nw.Expr):
                split = stage.store(split * factor.expression().cast(nw.Float64))
            splits.append(split)
        found.low.append(ends[0])
        found.high.append(ends[1])
        found.extra.append((splits[0], splits[1]))
        found.opens.append(stage.keep(some(opens)))
    stage.flush()
    return found


def _depends_on_n(group: Group) -> InputError:
    text = message("{group}的权重随 n 变化，不能在数据引擎中评价，请用列评价", group=group.name)
    return InputError([Problem("not-in-frames", text)])


def _by_count(block: Block, rows: int) -> list[Fraction]:
    """The weight of a block shared by count where 0, 1, 2 … of its rows apply."""
    weight = block.weight
    if isinstance(weight, Formula) and weight.variable and block.share == "count":
        return [Fraction(0), *(weight.at(count) for count in range(1, rows + 1))]
    return [value_at(weight)] * (rows + 1)


def _met(terms: RowTerms, k: int, high: bool) -> Logic:
    return no(terms.false[k]) if high else terms.true[k]


def _made(members: list[RowTerms], stage: Stage) -> nw.Expr | None:
    """Output behind all rows of a block that take part; None where no outputs are given."""
    amounts = [_where(terms.part, terms.made) for terms in members if terms.made is not None]
    return stage.store(sum(amounts[1:], amounts[0])) if amounts else None


def _split(weight: int, members: list[RowTerms], k: int, high: bool, cut: Logic, whole: nw.Expr) -> nw.Expr | float:
    """The part of a weight that the rows meeting level k have by their share of output; 0 where it is not split."""
    got = [_where(every((terms.part, _met(terms, k, high))), terms.made) for terms in members if terms.made is not None]
    if cut is False:
        return 0.0
    share = float(weight) * (sum(got[1:], got[0]) / nw.when(whole > 0.0).then(whole))
    return _where(cut, share)


def _where(condition: Logic, value: nw.Expr) -> nw.Expr:
    if isinstance(condition, bool):
        return value if condition else nw.lit(0.0)
    return nw.when(condition).then(value).otherwise(nw.lit(0.0))

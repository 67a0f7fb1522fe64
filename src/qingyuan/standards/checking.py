"""Proving an index system consistent: weights, order of levels, ids, blocks, units, texts, marks of verification.

``reading`` refuses what it cannot understand; this module says what does not fit together. Errors make a table unfit
for scoring, warnings are for the person who compares it with the document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

from qingyuan.errors import Location, Problem, Severity, UnknownName
from qingyuan.language import Message, as_text, listing, message
from qingyuan.standards.formula import Formula, FormulaError, decimal_text
from qingyuan.standards.model import (
    LEVELS,
    Block,
    ByLevel,
    Group,
    IndexSystem,
    Indicator,
    Number,
    Table,
    value_at,
)
from qingyuan.standards.weights import ROUNDING, published_total, unread_weight, weights_form

# Formula levels are tried at these values of the variable: boards of up to forty layers are made.
_TRIED = tuple(range(1, 39))


@lru_cache(maxsize=256)
def check(system: IndexSystem) -> tuple[Problem, ...]:
    """Everything that is wrong or doubtful in a system: errors first, then warnings, each with its place.

    Weights must make 1 (or the group's weight) exactly; a difference up to 0.011 is published rounding and a warning.
    """
    found = [*_system_problems(system)]
    for table in system.all_tables():
        found.extend(_table_problems(system, table))
    placed = [
        Problem(each.code, each.message, each.severity, Location(file=system.file), each.found, each.expected)
        for each in found
    ]
    return tuple(sorted(placed, key=lambda problem: problem.severity is not Severity.ERROR))


def errors(system: IndexSystem) -> tuple[Problem, ...]:
    """The errors of ``check`` alone: a system that has any is not scored."""
    return tuple(problem for problem in check(system) if problem.severity is Severity.ERROR)


def _error(code: str, at: str, text: Message, found: object = "", expected: Message | None = None) -> Problem:
    return Problem(code, message("{at}：{text}", at=at, text=text), found=as_text(found), expected=expected)


def _warning(code: str, at: str, text: Message, found: object = "", expected: Message | None = None) -> Problem:
    placed = message("{at}：{text}", at=at, text=text)
    return Problem(code, placed, Severity.WARNING, found=as_text(found), expected=expected)


def _system_problems(system: IndexSystem) -> Iterator[Problem]:
    at = system.id
    if system.located_only:
        if system.all_tables():
            yield _error("located-yet-tables", at, message("标为只知出处（located-only），却有评价表"))
        return
    if not system.all_tables():
        yield _error("no-table", at, message("没有任何评价表"))
    for id, count in Counter(table.id for table in system.all_tables()).items():
        if count > 1:
            yield _error("table-id-twice", at, message("表编号重复"), found=id)
    grading = system.grading
    if system.scheme == "levels":
        missing = [level for level in LEVELS if grading.rule(level) is None]
        if missing and system.tables:
            yield _error("no-grading", at, message("缺少定级条件"), found=listing(missing))
        elif missing:
            yield _warning("no-grading", at, message("没有读到定级条件，不能定级"), found=listing(missing))
    for level, rule in grading.rules:
        if not 0 < rule.minimum <= 100:
            yield _error("bad-minimum", f"{at}/grading/{level}", message("指数下限应在0到100之间"), rule.minimum)
    if (grading.p1 is not None or grading.p2 is not None) and grading.p1 is not None and grading.p2 is not None:
        total = grading.p1 + grading.p2
        if total != 1:
            yield _error("weights-sum", f"{at}/grading", message("P1 与 P2 的权重之和不为1"), decimal_text(total))
    yield from _bonus_problems(system)


def _bonus_problems(system: IndexSystem) -> Iterator[Problem]:
    bonus = system.grading.bonus
    if bonus is None:
        return
    at = f"{system.id}/grading/bonus"
    if bonus.table not in [table.id for table in system.tables]:
        yield _error("no-bonus-table", at, message("加分表不在完整的表中"), found=bonus.table)
        return
    if bonus.weight <= 0 or bonus.cap <= 0:
        yield _error("bad-bonus", at, message("加分权重和封顶值应大于0"))
    unfit = [
        row.id
        for row in system.table(bonus.table).indicators()
        if row.has_formula or row.alternatives or row.product is not None
    ]
    if unfit:
        text = message("加分表的指标不能用公式、多选一或按产量分担")
        yield _error("bad-bonus", at, text, found=listing(unfit))
    extra = {row.id for row in system.table(bonus.table).indicators()}
    for table in system.main_tables():
        for id in sorted(extra & {row.id for row in table.indicators()}):
            yield _error("id-twice", at, message("加分项与表 {table} 的指标同号", table=table.id), found=id)


def _table_problems(system: IndexSystem, table: Table) -> Iterator[Problem]:
    at = table.id
    rows = tuple(table.indicators())
    if not rows:
        yield _error("no-row", at, message("表中没有指标"))
    for id, count in Counter(group.id for group in table.groups).items():
        if count > 1:
            yield _error("id-twice", at, message("组编号重复"), found=id)
    for id, count in Counter(row.id for row in rows).items():
        if count > 1:
            yield _error("id-twice", at, message("指标编号重复"), found=id)
    yield from _group_weight_problems(table)
    yield from _mark_problems(system, table)
    if system.scheme == "lead-base-linear":
        yield from _point_problems(table)
    if system.scheme in ("levels", "benchmark"):
        yield from _second_level_problems(table, uses_points=system.scheme == "benchmark")
    for group in table.groups:
        if not group.indicators:
            yield _error("no-row", f"{at}/{group.id}", message("组中没有指标"))
        yield from _block_problems(table, group)
        for row in group.indicators:
            where = f"{at}/{group.id}/{row.id}"
            if system.scheme == "levels":
                yield from _level_problems(row, where, table.partial)
            else:
                yield from _benchmark_problems(system, row, where, table.partial)
            yield from _unit_problems(row, where)
    yield from _alternative_problems(table)


def _group_weight_problems(table: Table) -> Iterator[Problem]:
    weights = [group.weight for group in table.groups]
    known = [weight for weight in weights if weight is not None]
    for group in table.groups:
        if group.weight is not None and group.weight <= 0:
            yield _error("bad-weight", f"{table.id}/{group.id}", message("权重应大于0"), decimal_text(group.weight))
    if len(known) < len(weights):
        if not table.partial:
            yield _error("no-weight", table.id, message("有的组没有权重"))
        return
    yield from _sum_problems(table.id, message("一级指标权重之和"), sum(known, Fraction(0)), Fraction(1))


def _sum_problems(at: str, what: Message, total: Fraction, wanted: Fraction) -> Iterator[Problem]:
    if total == wanted:
        return
    near = abs(total - wanted) <= ROUNDING
    text = message("{what}不等于 {wanted}", what=what, wanted=decimal_text(wanted))
    if near:
        note = message("{text}，按公布时的舍入处理，计算时按比例归一", text=text)
        yield _warning("weights-sum-rounded", at, note, decimal_text(total))
    else:
        yield _error("weights-sum", at, text, decimal_text(total))


def _second_level_problems(table: Table, uses_points: bool) -> Iterator[Problem]:
    form = weights_form(table)
    for group in table.groups:
        at = f"{table.id}/{group.id}"
        for row in group.indicators:
            if row.weight is None or isinstance(row.weight, Formula):
                continue
            if row.weight <= 0:
                yield _error("bad-weight", f"{at}/{row.id}", message("权重应大于0"), decimal_text(row.weight))
        unread = [
            row.id
            for row in group.loose()
            if row.weight is None and not row.open and not (uses_points and row.points is not None)
        ]
        if unread and not table.partial:
            yield _error("no-weight", at, message("有的指标没有权重"), found=listing(unread))
        left = unread_weight(group)
        if table.partial and left is not None and left <= 0:
            text = message("读到的权重之和已不小于1，没有读到权重的指标分不到权重")
            yield _error("weights-sum", at, text, decimal_text(1 - left))
        total = published_total(group)
        if total is None or (uses_points and unread == [] and total == 0):
            continue
        if form == "of-whole" and group.weight is not None:
            yield from _sum_problems(at, message("二级指标权重之和"), total, group.weight)
        else:
            yield from _sum_problems(at, message("二级指标权重之和"), total, Fraction(1))


def _point_problems(table: Table) -> Iterator[Problem]:
    rows = tuple(table.indicators())
    points = sum((row.points for row in rows if row.points is not None), Fraction(0))
    if not table.partial and points != 100:
        yield _warning("points-sum", table.id, message("各项分值之和不等于100"), decimal_text(points))
    for group in table.groups:
        for row in group.indicators:
            if row.points is None or group.weight is None or not isinstance(row.weight, Fraction):
                continue
            if row.points != 100 * group.weight * row.weight:
                at = f"{table.id}/{group.id}/{row.id}"
                yield _error("points-weight", at, message("分值与权重不一致"), decimal_text(row.points))


def _mark_problems(system: IndexSystem, table: Table) -> Iterator[Problem]:
    rows = tuple(table.indicators())
    marked = [row for row in rows if row.verified is not None]
    if marked and len(marked) != len(rows):
        yield _error("verified-gap", table.id, message("有的指标没有写 verified"), len(rows) - len(marked))
    if system.verification == "read" and any(not row.verified for row in marked):
        yield _error("verified-conflict", table.id, message("全文已读（read）的文件中有未核实的指标"))
    if system.verification != "read" and not table.partial and not marked and rows:
        yield _error("verified-gap", table.id, message("不是全文已读的文件，每项都要写 verified"))


def _block_problems(table: Table, group: Group) -> Iterator[Problem]:
    at = f"{table.id}/{group.id}"
    declared = {block.id for block in group.blocks}
    for id, count in Counter(block.id for block in group.blocks).items():
        if count > 1:
            yield _error("id-twice", at, message("块编号重复"), found=id)
    for row in group.indicators:
        if row.block and row.block not in declared:
            yield _error("no-block", f"{at}/{row.id}", message("所属的块没有声明"), found=row.block)
        if row.product is not None and not row.block:
            yield _error("product-outside-block", f"{at}/{row.id}", message("写了 product，却不在按产量分担的块中"))
    for block in group.blocks:
        yield from _one_block(f"{at}/{block.id}", block, group.in_block(block.id), table.partial)


def _one_block(at: str, block: Block, rows: tuple[Indicator, ...], partial: bool) -> Iterator[Problem]:
    if not rows:
        yield _error("no-row", at, message("块中没有指标"))
    if isinstance(block.weight, Fraction) and block.weight <= 0:
        yield _error("bad-weight", at, message("权重应大于0"), decimal_text(block.weight))
    if block.share == "unknown" and not partial:
        yield _error("unknown-share", at, message("完整的表中不能有分法未知的块"))
    if block.share == "output":
        products = Counter(row.product.zh for row in rows if row.product)
        for row in rows:
            if row.product is None:
                yield _error("no-product", f"{at}/{row.id}", message("按产量分担权重，却没有写 product"))
        for product, count in products.items():
            if count > 1:
                yield _error("product-twice", at, message("同一块中产品重复"), found=product)
    for row in rows:
        if row.weight is not None and not _repeats(row.weight, block):
            text = message("权重与所在块的分法不符")
            yield _error("block-weight", f"{at}/{row.id}", text, found=_number_text(row.weight))


def _repeats(weight: Number, block: Block) -> bool:
    """Whether a row's own weight says what its block says: block weight / n, shared by count."""
    if block.share != "count" or not isinstance(weight, Formula) or not isinstance(block.weight, Fraction):
        return False
    return all(weight.at(n) == block.weight / n for n in (1, 2, 3, 7))


def _number_text(number: Number | None) -> str:
    if number is None:
        return ""
    return number.text if isinstance(number, Formula) else decimal_text(number)


def _level_problems(row: Indicator, at: str, partial: bool) -> Iterator[Problem]:
    if row.open:
        if row.bounds is not None or row.texts is not None:
            yield _error("open-with-levels", at, message("没有基准值（open）的指标却有三级数值"))
        if row.limiting:
            yield _error("open-limiting", at, message("没有基准值（open）的指标不能是限定性指标"))
        return
    if row.benchmark is not None or row.base is not None:
        yield _error("wrong-scheme", at, message("三级体系的指标不写 benchmark 和 base"))
    free = [level in row.no_requirement for level in LEVELS]
    if free != sorted(free):
        yield _error("no-requirement-order", at, message("较低级有要求，较高级却无要求"))
    if row.quantitative:
        yield from _bound_problems(row, at, partial)
    else:
        yield from _text_problems(row, at, partial)


def _bound_problems(row: Indicator, at: str, partial: bool) -> Iterator[Problem]:
    if row.better is None:
        yield _error("no-direction", at, message("定量指标没有写 better（lower 或 higher）"))
    bounds = row.bounds
    if bounds is None or any(bound is None for bound in bounds.values):
        missing = listing(LEVELS if bounds is None else [level for level, bound in bounds.items() if bound is None])
        if not partial:
            yield _error("no-level", at, message("三级数值不全"), found=missing)
        else:
            yield _warning("no-level", at, message("三级数值不全"), found=missing)
        return
    if row.better is None:
        return
    if not row.has_formula:
        if not _ordered(row, bounds, None):
            found = " / ".join(_number_text(bound) for bound in bounds.values)
            expected = message("Ⅰ到Ⅲ级递增") if row.better == "lower" else message("Ⅰ到Ⅲ级递减")
            yield _error("levels-order", at, message("三级数值的次序不对"), found, expected)
        return
    if row.parameter is None:
        yield _warning("no-parameter", at, message("三级数值含变量，却没有写 parameter 说明它是什么"))
    crossing = [n for n in _TRIED if not _ordered(row, bounds, Fraction(n))]
    if crossing == list(_TRIED):
        found = " / ".join(_number_text(bound) for bound in bounds.values)
        yield _error("levels-order", at, message("三级数值的次序不对"), found)
    elif crossing:
        yield _warning("levels-cross", at, message("三级数值自 n={n} 起次序颠倒", n=crossing[0]))


def _ordered(row: Indicator, bounds: ByLevel[Number | None], n: Fraction | None) -> bool:
    try:
        first, second, third = (value_at(bound, n) for bound in bounds.values if bound is not None)
    except FormulaError:
        return True
    return first <= second <= third if row.better == "lower" else first >= second >= third


def _text_problems(row: Indicator, at: str, partial: bool) -> Iterator[Problem]:
    if row.strict:
        yield _error("strict-qualitative", at, message("定性指标不写 strict"))
    if row.better is not None or row.unit:
        yield _warning("qualitative-unit", at, message("定性指标不写 unit 和 better"))
    texts = row.texts
    missing = [level for level in LEVELS if (texts is None or texts[level] is None) and level not in row.no_requirement]
    if missing:
        make = _warning if partial else _error
        yield make("no-level", at, message("三级文字不全"), found=listing(missing))
        return
    assert texts is not None or row.no_requirement == frozenset(LEVELS)
    if texts is not None and texts["I"] == texts["III"] and texts["I"] != texts["II"]:
        yield _error("levels-span", at, message("Ⅰ级与Ⅲ级文字相同，Ⅱ级却不同"))


def _benchmark_problems(system: IndexSystem, row: Indicator, at: str, partial: bool) -> Iterator[Problem]:
    if row.bounds is not None or row.texts is not None:
        yield _error("wrong-scheme", at, message("本体系的指标写 benchmark，不写三级数值"))
    if row.open:
        return
    if row.benchmark is None and not partial:
        yield _error("no-benchmark", at, message("没有基准值（benchmark）"))
    if row.quantitative and row.better is None:
        yield _error("no-direction", at, message("定量指标没有写 better（lower 或 higher）"))
    if system.scheme == "lead-base-linear" and row.points is None and not partial:
        yield _error("no-points", at, message("没有分值（points）"))
    if system.scheme == "benchmark" and row.quantitative and isinstance(row.benchmark, Fraction) and row.benchmark <= 0:
        yield _error("zero-benchmark", at, message("定量指标的基准值不大于0，不能求比值"))
    if isinstance(row.benchmark, Fraction) and isinstance(row.base, Fraction) and row.better is not None:
        right = row.benchmark < row.base if row.better == "lower" else row.benchmark > row.base
        if not right:
            yield _error("levels-order", at, message("引领值不优于基准值"), f"{row.benchmark} / {row.base}")


def _unit_problems(row: Indicator, at: str) -> Iterator[Problem]:
    if not row.quantitative:
        return
    if not row.unit:
        yield _error("no-unit", at, message("定量指标没有写 unit（无量纲写 1）"))
        return
    from qingyuan import units

    try:
        units.canonical(row.unit)
    except UnknownName as error:
        expected = message("可能是 {names}", names=listing(error.suggestions)) if error.suggestions else None
        yield _warning("unknown-unit", at, message("不认识的单位，不能由事实计算此指标"), row.unit_name, expected)


def _alternative_problems(table: Table) -> Iterator[Problem]:
    words = {row.alternatives for row in table.indicators() if row.alternatives}
    for word in sorted(words):
        rows = [row for row in table.indicators() if row.alternatives == word]
        at = f"{table.id}/{word}"
        if len(rows) == 1:
            yield _error("alternatives-single", at, message("多选一的指标只有一项"), found=rows[0].id)
        if len({(row.group, row.block) for row in rows}) > 1:
            yield _error("alternatives-groups", at, message("多选一的指标不在同一组或同一块"))
        if len({_number_text(row.weight) for row in rows}) > 1:
            yield _error("alternatives-weights", at, message("多选一的指标权重不同"))
        if len({row.limiting for row in rows}) > 1:
            yield _error("alternatives-limiting", at, message("多选一的指标有的限定、有的不限定"))

"""The options engine in the report (方案引擎): technologies that fit, effects of the set, the way to a level."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qingyuan.audit.option_results import NextLevel, Obstacle, OptionResults, Shortfall, StreamClaims
from qingyuan.audit.result import AuditResult
from qingyuan.language import Message, Text, clauses, listing, message
from qingyuan.options.match import Candidate, Estimate
from qingyuan.options.option_sets import QuantityEffect
from qingyuan.options.path import RowStep
from qingyuan.reference.technologies import ASPECTS
from qingyuan.report.chapters.common import present
from qingyuan.report.numbers import Number, unit_text
from qingyuan.report.tree import (
    Block,
    BulletList,
    Callout,
    Column,
    Heading,
    Inlines,
    Paragraph,
    Row,
    Run,
    Table,
)
from qingyuan.standards.answers import level_word
from qingyuan.standards.model import LEVELS

MOST_CANDIDATES = 12
MOST_OPTIONS = 12  # options of one stream in a table, and named in one cell
MOST_STREAMS = 3  # streams whose options are listed one by one
MOST_ROWS = 15  # rows that miss a level
_SAME = 1e-6

_WHY: dict[Shortfall, Message] = {
    "no-data": message("没有数据"),
    "no-option": message("没有方案改变它"),
    "not-enough": message("全部方案一起也不够"),
}
_FIGURES = ("comprehensive-energy.equivalent", "electricity", "fresh-water", "co2", "carbon-total")


# --- chapter 4 -------------------------------------------------------------------------------------------------------


def candidate_blocks(result: AuditResult) -> tuple[Block, ...]:
    """Technologies of the library that fit the plant and that no option resembles; empty where none does."""
    found = result.option_results
    if found is None or not found.matched:
        return ()
    text = message(
        "按行业、工序、指标差距、原因分析和平衡中的损失，从技术库中找到适用的技术 {count} 条。", count=found.matched
    )
    blocks: list[Block] = [Heading(2, message("技术库匹配的备选方案")), Paragraph(text)]
    if found.known:
        names = listing(
            message("{name}（方案 {ids}）", name=one.technology.label, ids=listing(one.already))
            for one in found.known[:MOST_OPTIONS]
        )
        blocks.append(Paragraph(message("其中与现有方案相近的，不再列入：{names}。", names=names)))
    if not found.candidates:
        return tuple(blocks)
    shown = found.candidates[:MOST_CANDIDATES]
    paid = any(one.payback is not None for one in shown)
    estimated = any(one.estimates for one in shown)
    columns = (
        Column(message("备选技术"), share=0.22),
        Column(message("匹配理由"), share=0.34),
        *((Column(message("在本企业的年效果（估计）"), share=0.22),) if estimated else ()),
        *((Column(message("回收期（年）"), align="right", share=0.1),) if paid else ()),
        Column(message("同类实施率"), align="right", share=0.12),
    )
    rows = tuple(_candidate(one, paid=paid, estimated=estimated) for one in shown)
    notes: list[Inlines] = [
        message("效果按本企业的数据逐条单独估算，各条不能相加；“—”表示效果的依据不足以折算到本企业。"),
        message(
            "同类实施率：美国工业评估 2000 年以来有结果的同类建议（同一资源、相近回收期）中已实施的比例，只作参考。"
        ),
        message("排序分只决定先后；先决条件、互斥和出处见数据文件的候选技术部分。"),
    ]
    table = Table(
        message("技术库匹配的备选方案"), columns, rows, notes=tuple(notes), dense=True, label="table-candidates"
    )
    end = message("备选方案是否采用，由审核小组按先决条件核实后决定；采用的列入方案清单，再作筛选和评估。")
    return (*blocks, table, Paragraph(end))


def _candidate(one: Candidate, *, paid: bool, estimated: bool) -> Row:
    record = one.technology
    name: Inlines = (record.label, "\n", Run(ASPECTS[record.aspect], emphasis=True))
    effects = clauses(_estimate(each) for each in one.estimates) if one.estimates else None
    payback = None if one.payback is None else Number(one.payback, significant=2)
    rate: Inlines = (Number(100 * one.odds.rate, "%", digits=0), "\n", message("{count} 条", count=one.odds.count))
    return Row((name, one.why(), *((effects,) if estimated else ()), *((payback,) if paid else ()), rate))


def _estimate(one: Estimate) -> Message:
    change = Number(one.change, one.unit, significant=3, signed=True)
    if abs(one.high - one.low) <= _SAME * abs(one.change):
        return message("{stream} {change}", stream=one.stream, change=change)
    low, high = (Number(end, significant=3, signed=True) for end in (one.low, one.high))
    return message("{stream} {change}（{low} 至 {high}）", stream=one.stream, change=change, low=low, high=high)


def effect_blocks(result: AuditResult) -> tuple[Block, ...]:
    """What the options bring as a set against what they claim one by one; empty without options."""
    found = result.option_results
    if found is None or (found.effects is None and not found.done):
        return ()
    blocks: list[Block] = [Heading(2, message("方案组合的效果"))]
    if found.done:
        text = message(
            "已实施的 {count} 个方案的效果已经在 {period} 年的数据里，不再计入。", count=len(found.done),
            period=found.period,
        )  # fmt: skip
        blocks.append(Paragraph(text))
    if found.effects is None:
        return tuple(blocks)
    text = message(
        "方案改变的是企业的数据：{count} 个方案放在一起，按 {period} 年的数据重新计算。同一股流上的百分比相乘，"
        "互斥的不同时计入，任何一股流的减少量不超过这股流本身；因此组合的效果不等于各方案申报数之和。",
        count=len(found.effects.options),
        period=found.period,
    )
    blocks.append(Paragraph(text))
    if found.left_out:
        pairs = clauses(message("{id}（与 {other} 互斥）", id=id, other=other) for id, other in found.left_out)
        blocks.append(Paragraph(message("没有一起计入的方案：{pairs}。", pairs=pairs)))
    if not found.streams:
        blocks.append(Paragraph(message("没有一个方案写明的效果能计入本企业的物料与能源数据。")))
        return (*blocks, *present(_unapplied(found)))
    blocks.append(_stream_table(found.streams))
    over = sorted(
        (one for one in found.streams if one.overstated),
        key=lambda one: -one.overstated / max(one.quantity.before, _SAME),
    )
    if over:
        for one in over[:MOST_STREAMS]:
            blocks.append(Callout(_said(one), tone="warning"))
        blocks += [_share_table(one) for one in over[:MOST_STREAMS]]
    else:
        blocks.append(Paragraph(message("各方案的效果互不重叠，组合的效果等于申报数之和。")))
    return (*blocks, *present(_figure_table(result, found), _unapplied(found)))


def _stream_table(streams: Sequence[StreamClaims]) -> Table:
    rows = tuple(
        Row(
            (
                one.quantity.name,
                unit_text(one.quantity.unit) or "—",
                Number(one.quantity.before),
                Number(float(len(one.quantity.options)), digits=0),
                Number(one.total, signed=True),
                Number(one.quantity.change, signed=True),
                Number(one.quantity.after),
                Number(one.overstated) if one.overstated else None,
            ),
            "alert" if one.exceeds else "",
        )
        for one in streams
    )
    columns = (
        Column(message("物料与能源")),
        Column(message("单位"), align="center"),
        Column(message("现状"), align="right"),
        Column(message("方案数"), align="right"),
        Column(message("申报合计"), align="right"),
        Column(message("组合的变化"), align="right"),
        Column(message("组合后"), align="right"),
        Column(message("多报"), align="right"),
    )
    notes = (
        message("申报合计：各方案写明的数量直接相加；组合的变化：一起实施时能达到的；多报：两者之差。"),
        message("标出的行：申报的减少量超过了企业全年的这股流；组合后为 0 只说明申报到了极限，不是预测。"),
    )
    shown = notes if any(one.exceeds for one in streams) else notes[:1]
    return Table(message("方案组合的效果与申报之和"), columns, rows, notes=shown, label="table-set-effects")


def _said(one: StreamClaims) -> Message:
    quantity = one.quantity
    claimed, before, possible, more = (
        Number(value, quantity.unit) for value in (-one.total, quantity.before, -quantity.change, one.overstated)
    )
    if one.exceeds:
        return message(
            "{count} 个方案共申报减少{name} {claimed}，而企业全年只有 {before}：最多减少 {possible}，多报 {more}。"
            "这些方案的环境效果须逐个用计量核实后才能引用。",
            count=len(quantity.options), name=quantity.name, claimed=claimed, before=before, possible=possible,
            more=more,
        )  # fmt: skip
    return message(
        "{count} 个方案共申报减少{name} {claimed}，一起实施只能减少 {possible}，有 {more} 被重复计算。",
        count=len(quantity.options), name=quantity.name, claimed=claimed, possible=possible, more=more,
    )  # fmt: skip


def _share_table(one: StreamClaims) -> Table:
    quantity = one.quantity
    ranked = sorted(quantity.options, key=lambda each: each.share)
    rows = tuple(
        Row(
            (
                each.option,
                *(
                    Number(value, significant=4, signed=True)
                    for value in (one.claimed.get(each.option, 0.0), each.alone, each.last, each.share)
                ),
            )
        )
        for each in ranked[:MOST_OPTIONS]
    )
    columns = (
        Column(message("方案"), align="center"),
        Column(message("申报"), align="right"),
        Column(message("单独实施"), align="right"),
        Column(message("最后实施"), align="right"),
        Column(message("在组合中的份额"), align="right"),
    )
    notes: list[Inlines] = [
        message("份额为各种实施次序下增量的平均，合计等于组合的变化；最后实施为 0 表示其余方案已经减到头。")
    ]
    if not quantity.exact:
        notes.append(message("份额由抽样的次序算得。"))
    if len(ranked) > MOST_OPTIONS:
        notes.append(message("共 {count} 个方案，列出份额最大的 {shown} 个。", count=len(ranked), shown=MOST_OPTIONS))
    caption = message("{name}：各方案的部分（{unit}）", name=quantity.name, unit=unit_text(quantity.unit))
    return Table(caption, columns, rows, notes=tuple(notes), dense=True)


def _figure_table(result: AuditResult, found: OptionResults) -> Table | None:
    """The figures behind the index rows, and the whole of energy and water, before and after the set."""
    wanted = {each.figure.key for each in (result.answers.answers if result.answers else ()) if each.figure is not None}
    shown: list[QuantityEffect] = [
        each
        for each in (found.effects.figures if found.effects else ())
        if each.id in wanted or each.id.partition("#")[0] in _FIGURES
    ]
    if not shown:
        return None
    rows = tuple(
        Row(
            (
                each.name,
                unit_text(each.unit) or "—",
                Number(each.before),
                Number(each.after),
                Number(100 * each.change / abs(each.before), "%", digits=1, signed=True) if each.before else None,
            )
        )
        for each in shown
    )
    columns = (
        Column(message("指标")),
        Column(message("单位"), align="center"),
        Column(message("现状"), align="right"),
        Column(message("组合后"), align="right"),
        Column(message("变化"), align="right"),
    )
    return Table(message("方案组合前后的指标"), columns, rows, dense=True, label="table-set-figures")


def _unapplied(found: OptionResults) -> Table | None:
    """Effects that were stated and are not counted, by reason."""
    by: dict[str, tuple[Message, list[Message]]] = {}
    for id, some in (found.unapplied or {}).items():
        for each in some:
            said = message("{id}：{stated}", id=id, stated=each.stated)
            by.setdefault(str(each.reason), (each.reason, []))[1].append(said)
    if not by:
        return None
    rows = tuple(
        Row((reason, _some(said), Number(float(len(said)), digits=0)))
        for reason, said in sorted(by.values(), key=lambda one: -len(one[1]))
    )
    columns = (
        Column(message("没有计入的原因"), share=0.36),
        Column(message("方案和写明的效果"), share=0.54),
        Column(message("条数"), align="right", share=0.1),
    )
    return Table(message("没有计入的效果"), columns, rows, dense=True, label="table-unapplied")


def _some(said: Sequence[Message]) -> Text:
    shown = clauses(said[:MOST_OPTIONS])
    return shown if len(said) <= MOST_OPTIONS else message("{names} 等 {count} 条", names=shown, count=len(said))


# --- chapter 5 -------------------------------------------------------------------------------------------------------


def path_blocks(result: AuditResult) -> tuple[Block, ...]:
    """The cheapest set that reaches each higher level, row by row, or why none does; empty without a score."""
    found = result.option_results
    if found is None or not found.levels or result.score is None:
        return ()
    lead = message(
        "从尚未实施的方案中求投资最少、能达到更高等级的一组：每组方案都改变企业的数据，重新计算指标并重新评定，"
        "限定性指标一并满足。现为{level}。",
        level=result.score.level_name,
    )
    blocks: list[Block] = [Heading(2, message("达到更高等级的途径")), Paragraph(lead)]
    missed = False
    for level in found.levels:
        name = result.score.name_of(level.path.level)
        blocks.append(Heading(3, message("到{level}", level=name)))
        if level.path.options:
            blocks += _reached(result, level, name)
        else:
            blocks += _missed(level, name, first=not missed)
            missed = True
    return tuple(blocks)


def _reached(result: AuditResult, level: NextLevel, name: Text) -> tuple[Block, ...]:
    path = level.path
    rows = {option.id: option for option in result.case.options}
    chosen = [rows[id] for id in path.options if id in rows]
    saving = [option.annual_saving for option in chosen if option.annual_saving is not None]
    after = dict(path.score.indices)[path.level] if path.score is not None else None
    text = message(
        "投资最少的一组：{names}，投资 {cost}，年经济效益 {saving}。重新评定后达到{level}：指数由 {before} 到 {after}"
        "（要求 ≥ {minimum}）。",
        names=listing(f"{option.id} {option.name}".strip() for option in chosen),
        cost=Number(path.cost, "10^4 CNY"), saving=Number(sum(saving), "10^4 CNY") if saving else message("未填"),
        level=name, before=Number(level.index_before), minimum=Number(level.minimum),
        after=Number(float(after.low)) if after is not None else "—",
    )  # fmt: skip
    blocks: list[Block] = [Paragraph(text)]
    if path.certainty is not None:
        certain = message(
            "考虑方案效果和现有数据的不确定度（没有写明范围的效果按相对标准不确定度 30%），达到{level}的把握为 "
            "{certainty}；不实施任何方案为 {before}。按等级判定的改变视为确定。",
            level=name, certainty=Number(100 * path.certainty, "%", digits=0),
            before=Number(100 * (path.certainty_before or 0), "%", digits=0),
        )  # fmt: skip
        blocks.append(Paragraph(certain))
    if path.assumed_cost:
        names = listing(path.assumed_cost)
        value = Number(next(iter(path.assumed_cost.values())), "10^4 CNY")
        unknown = message(
            "方案 {names} 没有投资额，按已知方案的中位数 {value} 计；补上投资额后再求。", names=names, value=value
        )
        blocks.append(Callout(unknown, tone="warning"))
    if not path.exact or path.status != "optimal":
        blocks.append(Paragraph(message("没有证明这是投资最少的一组。")))
    blocks.append(_step_table(path.rows, name))
    return tuple(blocks)


def _step_table(steps: Iterable[RowStep], level: Text) -> Table:
    rows = tuple(
        Row(
            (
                message("*{name}", name=step.name) if step.limiting else step.name,
                _value(step.before, step.unit),
                _value(step.after, step.unit),
                message("{old} → {new}", old=_met(step.met_before), new=_met(step.met_after)),
                Number(step.points, signed=True) if step.points else None,
                listing(step.options),
            )
        )
        for step in steps
    )
    columns = (
        Column(message("指标"), share=0.28),
        Column(message("现状"), align="right", share=0.14),
        Column(message("实施后"), align="right", share=0.14),
        Column(message("达到的等级"), align="center", share=0.22),
        Column(message("指数增加"), align="right", share=0.1),
        Column(message("方案"), align="center", share=0.12),
    )
    notes = (message("* 限定性指标。指数增加：对{level}的指数，按百分制。", level=level),)
    return Table(message("到{level}：逐项指标", level=level), columns, rows, notes=notes)


def _missed(level: NextLevel, name: Text, *, first: bool) -> tuple[Block, ...]:
    path, rows = level.path, level.obstacles
    head = message(
        "尚未实施的方案全部做完也达不到{level}：指数由 {before} 最多到 {best}，要求 ≥ {minimum}。",
        level=name, before=Number(level.index_before), best=Number(level.index_best), minimum=Number(level.minimum),
    )  # fmt: skip
    if path.status == "no-answer":
        head = message("规定时间内没有找到达到{level}的一组方案。", level=name)
    # rows without data are the same at each level: named once
    unknown = [one for one in rows if one.why == "no-data"] if first else []
    known = [one for one in rows if one.why != "no-data"]
    points: list[Inlines] = []
    some = [one for one in unknown if one.obliged]
    if some:
        points.append(message("必须达到而没有数据的指标 {count} 个：{names}。", count=len(some), names=_names(some)))
    some = [one for one in unknown if not one.obliged]
    if some:
        points.append(message("其余没有数据的指标 {count} 个：{names}。", count=len(some), names=_names(some)))
    some = [one for one in known if one.obliged]
    if some:
        points.append(message("必须达到而达不到的指标 {count} 个：{names}。", count=len(some), names=_names(some)))
    blocks: list[Block] = [Callout(head, tone="warning")]
    if points:
        blocks.append(BulletList(tuple(points)))
    if unknown:
        blocks.append(Paragraph(message("先补齐没有数据的指标，途径才能求出；需要哪些数据见等级评定一节的差距。")))
    if known:
        blocks.append(_obstacle_table(known, name))
    return tuple(blocks)


def _names(rows: Sequence[Obstacle]) -> Text:
    shown = listing(one.name for one in rows[:MOST_ROWS])
    return shown if len(rows) <= MOST_ROWS else message("{names} 等 {count} 个", names=shown, count=len(rows))


def _obstacle_table(rows: Sequence[Obstacle], level: Text) -> Table:
    lines = tuple(
        Row(
            (
                message("*{name}", name=one.name) if one.obliged else one.name,
                _value(one.before, ""),
                None if one.best is None else Number(one.best),
                one.asked,
                Number(one.points, significant=3, bound="≤" if one.shared else ""),
                _WHY[one.why],
            )
        )
        for one in rows[:MOST_ROWS]
    )
    columns = (
        Column(message("指标"), share=0.22),
        Column(message("现状"), align="right", share=0.13),
        Column(message("全部方案后"), align="right", share=0.13),
        Column(message("要求"), share=0.28),
        Column(message("分数"), align="right", share=0.08),
        Column(message("原因"), share=0.16),
    )
    notes: list[Inlines] = []
    if any(one.obliged for one in rows[:MOST_ROWS]):
        notes.append(message("* 必须达到，否则无论指数多少都不能评为该等级。"))
    if len(rows) > MOST_ROWS:
        notes.append(message("共 {count} 个指标，列出前 {shown} 个。", count=len(rows), shown=MOST_ROWS))
    caption = message("达不到{level}的指标", level=level)
    return Table(caption, columns, lines, notes=tuple(notes), dense=True)


def _value(value: object, unit: str) -> Inlines | None:
    if isinstance(value, int | float):
        return Number(float(value), unit)
    return None if value is None else _met(str(value))


def _met(word: str) -> Text:
    for level in LEVELS:
        if word == level:
            return level_word(level)
    return {"none": message("未达Ⅲ级"), "no-data": message("没有数据")}.get(word, word)

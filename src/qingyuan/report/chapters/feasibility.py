"""Chapter 5 of the audit report: feasibility of the medium- and high-cost options (可行性分析)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from qingyuan.audit.goals import Aspect, aspect_of
from qingyuan.audit.result import AuditResult
from qingyuan.errors import UnknownName
from qingyuan.facts.effects import effects_text
from qingyuan.facts.model import OptionRow
from qingyuan.language import Listing, Message, clauses, listing, message
from qingyuan.options import OptionEconomics
from qingyuan.options.classes import HIGH
from qingyuan.options.economics import SYMBOL_NAMES, critical_text
from qingyuan.options.parameters import NAMES
from qingyuan.report.chapters.common import present
from qingyuan.report.chapters.feasibility_economics import (
    assumption_blocks,
    bearable_table,
    economic_blocks,
    symbol_table,
)
from qingyuan.report.chapters.options_engine import path_blocks
from qingyuan.report.chapters.options_generated import (
    HEAD_ID,
    HEAD_NAME,
    WEIGHTY,
    class_of,
    doubt_mark,
    doubt_numbers,
    doubts,
    of_classes,
    option_name,
    option_names,
    weighty_doubts,
)
from qingyuan.report.chapters.quality import by_gravity
from qingyuan.report.chapters.sheets import context_of, entry_place, sheet, sheet_table
from qingyuan.report.numbers import Number
from qingyuan.report.tree import (
    Block,
    Callout,
    Column,
    GroupRow,
    Heading,
    Inline,
    Inlines,
    LandscapeSection,
    Missing,
    Paragraph,
    Reference,
    Row,
    Table,
    Text,
)

Standing = Literal["recommended", "proposed", "doubtful", "rejected", "open"]
STANDING_NAMES: dict[Standing, Message] = {
    "recommended": message("推荐（审核小组已确认）"),
    "proposed": message("经济可行，建议推荐（待审核小组确认）"),
    "doubtful": message("经济可行，但数据有疑点：核实后再定"),
    "rejected": message("不推荐"),
    "open": message("尚不能判定"),
}
FEW = 6  # options with one reason that are named; more are given by their numbers
_YES = ("是", "推荐", "可行", "yes", "recommended")
_NO = ("否", "不推荐", "不可行", "no", "not recommended")


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """What is assessed and on which terms; market, technical, environmental, economic assessment; recommendations."""
    if not result.case.options:
        return (Missing(message("可行性分析"), (message("方案（见第四章）"), message("方案的投资和年经济效益"))),)
    options = of_classes(result, HIGH)
    return (
        Heading(2, message("评估的对象与条件")),
        *_subject(result, options),
        Heading(2, message("市场评估")),
        *_market(result, options),
        Heading(2, message("技术评估")),
        *_technical(result, options),
        Heading(2, message("环境评估")),
        *_environmental(result, options),
        Heading(2, message("经济评估")),
        symbol_table(),
        *economic_blocks(result),
        Heading(2, message("推荐的方案")),
        *_recommended(result, options),
        *path_blocks(result),
    )


def _subject(result: AuditResult, options: Sequence[OptionRow]) -> tuple[Block, ...]:
    found: list[Block] = []
    if options:
        text = message(
            "对 {count} 个中/高费方案作可行性分析：{names}。", count=len(options), names=option_names(options)
        )
        found.append(Paragraph(text))
    else:
        text = message("没有归入中/高费的方案，因此没有可评估的对象。费用类别由投资额和分类界限决定。")
        found.append(Callout(text, tone="warning"))
    unclassed = [option for option in result.case.options if class_of(result, option) is None]
    if unclassed:
        text = message(
            "另有 {count} 个方案因没有投资额不能归类，没有列入评估；它们最多可以花多少钱，见本章末的表。",
            count=len(unclassed),
        )
        if bearable_table(result) is None:
            text = message("另有 {count} 个方案因没有投资额不能归类，没有列入评估。", count=len(unclassed))
        found.append(Paragraph(text))
    return (*found, *assumption_blocks(result))


def _aspect(option: OptionRow) -> Aspect | None:
    try:
        return aspect_of(option.aspect)
    except UnknownName:
        return None


def _market(result: AuditResult, options: Sequence[OptionRow]) -> tuple[Block, ...]:
    """Only options that change the product need a market; nothing is assumed about the market of any."""
    products = [option for option in options if (aspect := _aspect(option)) is not None and aspect.id == "product"]
    if not products:
        return (
            Paragraph(
                message(
                    "评估的方案中没有归入“产品”方面的，不涉及产品更新，不需要作市场需求调查和预测；"
                    "有回收物或副产品外售的，其去向和价格须在年收入增加额中写明依据。"
                )
            ),
        )
    needs = (
        message("国内外同类产品的价格、总需求量和供应状况，今后的预测"),
        message("有关的政策、替代品和竞争情况"),
        entry_place("5-4"),
    )
    return (Missing(message("市场评估：{names}", names=option_names(products)), needs),)


def _entered(result: AuditResult, option: OptionRow, key: str) -> str:
    """What the audit team wrote about an option in worksheet 5-4."""
    for entry in context_of(result).inputs.entries.get("5-4", ()):
        if entry.get("id", "").strip() == option.id:
            return entry.get(key, "")
    return ""


def _technical(result: AuditResult, options: Sequence[OptionRow]) -> tuple[Block, ...]:
    if not options:
        return (Paragraph(message("没有中/高费方案。")),)
    written = [(option, text) for option in options if (text := _entered(result, option, "technical"))]
    found: list[Block] = []
    if written:
        rows = tuple(Row((option.id, option.name, text)) for option, text in written)
        columns = (
            Column(HEAD_ID, align="center", share=0.1),
            Column(HEAD_NAME, share=0.3),
            Column(message("技术评估结果"), share=0.6),
        )
        found.append(Table(message("技术评估"), columns, rows, label="table-technical"))
    left = [option for option in options if not _entered(result, option, "technical")]
    if left:
        needs = (
            message("技术的先进性、成熟程度和国内外应用实例"),
            message("与现有工艺、场地、公用工程的衔接，对产品质量和生产能力的影响"),
            message("安全、操作和维护的要求"),
            entry_place("5-4"),
        )
        found.append(Missing(message("技术评估：{names}", names=option_names(left)), needs))
    return tuple(found)


def _environmental(result: AuditResult, options: Sequence[OptionRow]) -> tuple[Block, ...]:
    if not options:
        return (Paragraph(message("没有中/高费方案。")),)
    marks = doubt_numbers(result)
    rows: list[Row] = []
    for option in options:
        effects: Inlines | None = _entered(result, option, "environmental") or effects_text(option) or None
        name: Inlines = (option.name, doubt_mark(marks[option.id])) if option.id in marks else option.name
        standing = checked_text(result, option) if effects else message("没有写明效果")
        rows.append(Row((option.id, name, effects, standing)))
    columns = (
        Column(HEAD_ID, align="center", share=0.08),
        Column(HEAD_NAME, share=0.28),
        Column(message("环境效果"), share=0.42),
        Column(message("与全厂数据对照"), share=0.22),
    )
    notes: tuple[Inlines, ...] = ()
    if any(option.id in marks for option in options):
        notes = ((message("“疑”后的数字见"), Reference("table-option-doubts"), message("。")),)
    table = Table(
        message("环境评估"), columns, tuple(rows), notes=notes, dense=len(rows) > 10, label="table-environmental"
    )
    lead = message("环境效果为方案写明的数量；须同时核对污染是否转移到别的介质、能耗是否增加、二次污染怎样处理。")
    bare = [option for option in options if not (option.effects or _entered(result, option, "environmental"))]
    found: list[Block] = [Paragraph(lead), table]
    if bare:
        need = message("每年减少的水、能源、物料和污染物的数量（方案表的“环境效果”栏）")
        found.append(Missing(message("环境效果：{names}", names=option_names(bare)), (need,)))
    return tuple(found)


def checked_text(result: AuditResult, option: OptionRow) -> Text:
    """What the data checks say of an option: its weighty doubts, those about most options, and the lesser ones.

    Lesser doubts and questions are named by their numbers in the list of all findings.
    """
    if option.id in doubt_numbers(result):
        return message("数据有疑点，核实以前不成立")
    mine = [finding for finding, options in doubts(result) if any(one is option for one in options)]
    shared = [
        number
        for number, (_, options) in enumerate(weighty_doubts(result), start=1)
        if any(one is option for one in options)
    ]
    numbers = {id(finding): number for number, finding in enumerate(by_gravity(result.findings), start=1)}
    lesser = sorted(numbers[id(finding)] for finding in mine if finding.severity not in WEIGHTY)
    if not shared and not lesser:
        return message("数据检查没有发现矛盾")
    said: list[Message] = []
    if shared:
        said.append(
            message("没有只针对它的较重的疑点；疑点 {numbers} 针对包括它在内的多数方案", numbers=listing(shared))
        )
    else:
        said.append(message("没有较重的疑点"))
    if lesser:
        said.append(
            message(
                "另有 {count} 条轻微疑点或询问（数据真实性疑点第 {numbers} 条）",
                count=len(lesser), numbers=listing(lesser),
            )
        )  # fmt: skip
    return clauses(said)


# --- recommendations -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Where an option stands after the assessments (推荐结论), and why."""

    option: OptionRow
    standing: Standing
    why: Text


def recommendations(result: AuditResult) -> tuple[Recommendation, ...]:
    """The standing of every medium- and high-cost option, and of those that cannot be classed.

    The audit team's own word (worksheet 5-4) counts; without it an option that meets every economic criterion is
    proposed, unless the data checks doubt its numbers.
    """
    marks = doubt_numbers(result)
    found: list[Recommendation] = []
    for option in result.case.options:
        kind = class_of(result, option)
        if kind is not None and kind not in HIGH:
            continue
        one = result.economics.get(option.id)
        found.append(_standing(result, option, one, marks.get(option.id, ())))
    return tuple(found)


def _standing(
    result: AuditResult, option: OptionRow, one: OptionEconomics | None, doubted: Sequence[int]
) -> Recommendation:
    said = _entered(result, option, "recommended").strip()
    word = said.casefold()
    numbers = _numbers(one)
    decisions = one.decisions if one is not None else ()
    failed = listing(decision.limit for decision in decisions if decision.state == "not-met")
    if word in _NO or word.startswith(("不", "否")):
        return Recommendation(option, "rejected", message("审核小组的结论：{word}", word=said))
    if word in _YES:
        against = [message("但不符合 {limits}，须说明推荐的理由", limits=failed)] if failed.items else []
        return Recommendation(option, "recommended", clauses([numbers, *against, *_doubted(doubted)]))
    if one is None:
        return Recommendation(option, "open", message("没有作经济评估"))
    if failed.items:
        return Recommendation(option, "rejected", clauses([message("不符合 {limits}", limits=failed), numbers]))
    if one.verdict == "feasible":
        if doubted:
            return Recommendation(option, "doubtful", clauses([numbers, *_doubted(doubted)]))
        return Recommendation(option, "proposed", numbers)
    missing: list[object] = [message("缺{need}", need=need) for need in one.needs]
    missing += [
        message("{measure}：{reason}", measure=SYMBOL_NAMES[decision.measure], reason=decision.reason)
        for decision in one.decisions
        if decision.state == "undecided" and decision.reason is not None and not decision.assumed
    ]
    open_ = dict.fromkeys(id for each in one.decisions if each.state == "undecided" for id in each.assumed)
    if open_:
        asked = message("{names}没有设定", names=listing(NAMES[id] for id in open_))
        critical = critical_text(one)
        missing.append(asked if critical is None else message("{asked}（{critical}）", asked=asked, critical=critical))
    return Recommendation(option, "open", clauses(missing) if missing else numbers)


def _doubted(numbers: Sequence[int]) -> list[Message]:
    return [message("数据疑点 {numbers}", numbers=listing(numbers))] if numbers else []


def _numbers(one: OptionEconomics | None) -> Text:
    """The measures of an option in one phrase."""
    if one is None or one.npv is None:
        return message("净现值没有算出")
    parts: list[object] = []
    if one.payback is not None:
        parts.append(message("N {years} 年", years=Number(one.payback, digits=2)))
    parts.append(message("NPV {value}", value=Number(one.npv, "10^4 CNY", digits=2)))
    if one.irr is not None:
        parts.append(message("IRR {rate}", rate=Number(100 * one.irr, "%", digits=2)))
    return Listing(tuple(parts), ("，", ", "))


def _recommended(result: AuditResult, options: Sequence[OptionRow]) -> tuple[Block, ...]:
    found, marks = recommendations(result), doubt_numbers(result)
    blocks: list[Block] = []
    rows: list[Row | GroupRow] = []
    for standing, name in STANDING_NAMES.items():
        mine = [one for one in found if one.standing == standing]
        if not mine:
            continue
        rows.append(GroupRow(message("{name}：{count} 个", name=name, count=len(mine))))
        rows += [Row((ids, names, why)) for ids, names, why in _grouped(mine, marks)]
    if not rows:
        return (Paragraph(message("没有中/高费方案，也没有不能归类的方案。")),)
    counts = {standing: sum(one.standing == standing for one in found) for standing in STANDING_NAMES}
    text = message(
        "审核小组确认推荐 {confirmed} 个；经济可行、待确认 {proposed} 个；经济可行但数据有疑点 {doubtful} 个；"
        "不推荐 {rejected} 个；尚不能判定 {open} 个。经济可行只是条件之一，技术评估和环境评估通过后才能推荐。",
        confirmed=counts["recommended"], proposed=counts["proposed"], doubtful=counts["doubtful"],
        rejected=counts["rejected"], open=counts["open"],
    )  # fmt: skip
    columns = (
        Column(HEAD_ID, align="center", share=0.12),
        Column(HEAD_NAME, share=0.44),
        Column(message("理由或所缺"), share=0.44),
    )
    table = Table(message("推荐结论"), columns, tuple(rows), dense=len(rows) > 12, label="table-recommended")
    blocks += [Callout(text), table, *present(bearable_table(result))]
    if options:
        study = sheet_table(result, "5-4")
        wide = isinstance(study, Table) and bool(sheet(result, "5-4").rows)
        blocks.append(LandscapeSection((study,)) if wide else study)
    return tuple(blocks)


def _grouped(
    found: Sequence[Recommendation], marks: Mapping[str, Sequence[int]]
) -> list[tuple[Inlines, Inlines, Inlines]]:
    """Rows of the table: options with one and the same reason share a row where they are many."""
    by: dict[str, list[Recommendation]] = {}
    for one in found:
        by.setdefault(str(one.why), []).append(one)
    rows: list[tuple[Inlines, Inlines, Inlines]] = []
    for same in by.values():
        if len(same) > 3:
            # many options by their numbers: their names stand in the list of all options
            shown: Inlines = message("{ids}", ids=listing(one.option.id for one in same))
            if len(same) <= FEW:
                names: list[Inline] = []
                for one in same:
                    if names:
                        names.append(message("、"))
                    names.append(option_name(one.option))
                    if one.option.id in marks:
                        names.append(doubt_mark(marks[one.option.id]))
                shown = tuple(names)
            rows.append((message("{count} 个", count=len(same)), shown, same[0].why))
        else:
            for one in same:
                mark = (doubt_mark(marks[one.option.id]),) if one.option.id in marks else ()
                rows.append((one.option.id, (one.option.name, *mark), one.why))
    return rows

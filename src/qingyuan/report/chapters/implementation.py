"""Chapter 6 of the audit report: implementation of the options (方案实施), for the acceptance (验收)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, isfinite

from qingyuan.audit.dates import day_of
from qingyuan.audit.goals import Change, summary
from qingyuan.audit.linking import link
from qingyuan.audit.result import AuditResult
from qingyuan.audit.worksheets import Cell, WorksheetTable
from qingyuan.errors import InputError
from qingyuan.language import Message, clauses, listing, message, tr
from qingyuan.options.classes import HIGH, LOW, CostClass
from qingyuan.report.chapters.common import LEVEL_SIGNS, item_name, picture, present
from qingyuan.report.chapters.grade import MET_WORDS, interval_number
from qingyuan.report.chapters.options_generated import marked_table, of_classes, option_names
from qingyuan.report.chapters.sheets import context_of, entry_place, sheet, sheet_table
from qingyuan.report.economics_charts import BeforeAfter, Task, as_planned, before_after, schedule
from qingyuan.report.numbers import Number
from qingyuan.report.tree import (
    Block,
    Callout,
    Column,
    Heading,
    Inlines,
    Missing,
    Paragraph,
    Reference,
    Row,
    Table,
    Text,
)
from qingyuan.report.tree import Figure as Picture
from qingyuan.standards.result import Score
from qingyuan.standards.scoring import score as score_table

MOST_ROWS = 20  # rows of the index system that changed


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """Plan and schedule, results of the options, before and after, goals reached, the level again."""
    if not result.case.options:
        needs = (message("方案及其实施情况（方案表的“状态”栏）"), entry_place("6-1"))
        results: tuple[Block, ...] = (Missing(message("方案的实施"), needs),)
    else:
        results = (
            Heading(2, message("实施计划和进度")),
            *_schedule(result),
            Heading(2, message("无/低费方案的成果")),
            *_done(result, LOW, ("6-2", "6-3")),
            Heading(2, message("中/高费方案的成果")),
            *_done(result, HIGH, ("6-4", "6-5")),
            Heading(2, message("已实施方案成果汇总")),
            *_summary(result),
        )
    return (
        *results,
        Heading(2, message("审核前后对比")),
        *_compared(result),
        Heading(2, message("清洁生产目标的完成情况")),
        *_goals(result),
        Heading(2, message("清洁生产水平再评价")),
        *_level_again(result),
    )


# --- schedule --------------------------------------------------------------------------------------------------------


def _schedule(result: AuditResult) -> tuple[Block, ...]:
    options = of_classes(result, HIGH)
    if not options:
        return (Paragraph(message("没有中/高费方案，无/低费方案随审核进行实施。")),)
    filled = sheet(result, "6-1")
    chart = _gantt(result, filled)
    found: list[Block] = [
        Paragraph(message("中/高费方案的任务、时间、负责部门和预算（须有资金来源和责任人）：")),
        sheet_table(result, "6-1"),
        *present(chart),
    ]
    if chart is None and filled.rows:
        text = message("没有写明开始和完成的时间，不能画出进度图")
        found.append(Missing(text, (message("写作 2025-03 或 2025-03-01"), entry_place("6-1"))))
    return tuple(found)


def _gantt(result: AuditResult, filled: WorksheetTable) -> Picture | None:
    done = {str(row[0].value) for id in ("6-2", "6-4") for row in sheet(result, id).rows}
    tasks: list[Task] = []
    ids = [str(filled.cell(at, "id").value or "") for at in range(len(filled.rows))]
    for at in range(len(filled.rows)):
        start = day_of(str(filled.cell(at, "start").value or ""))
        finish = day_of(str(filled.cell(at, "finish").value or ""), end=True)
        if start is None or finish is None:
            continue
        id, name = ids[at], filled.cell(at, "name").value
        task = filled.cell(at, "task").value if ids.count(id) > 1 else ""  # only where it tells bars apart
        words = " ".join(str(word) for word in (id, name, task) if word)
        tasks.append(Task(words, start, finish, id in done))
    if not tasks:
        return None
    chart = schedule(tr("中/高费方案实施进度"), tasks)
    return picture(message("中/高费方案实施进度"), chart, label="figure-schedule")


# --- results ---------------------------------------------------------------------------------------------------------


def _done(result: AuditResult, classes: Sequence[CostClass], sheets: Sequence[str]) -> tuple[Block, ...]:
    """The environmental and economic results of the options of some classes that are done."""
    options = of_classes(result, classes)
    if not options:
        return (Paragraph(message("没有这一类方案。")),)
    done = {str(row[0].value) for id in sheets for row in sheet(result, id).rows}
    if not done:
        needs = (
            message("标明已实施的方案（方案表“状态”栏写“已实施”）、实施时间、实测的环境效果和实际的投资与年效益"),
            *(entry_place(id) for id in sheets),
        )
        return (Missing(message("已实施方案的成果：{count} 个方案都没有标明已实施", count=len(options)), needs),)
    left = [option for option in options if option.id not in done]
    found: list[Block] = [marked_table(result, id) for id in sheets]
    found += _as_planned(sheet(result, sheets[-1]))
    if left:
        text = message("还有 {count} 个没有标明已实施：{names}。", count=len(left), names=option_names(left))
        found.append(Paragraph(text))
    return tuple(found)


def _as_planned(filled: WorksheetTable) -> tuple[Block, ...]:
    """The yearly saving reached against the one expected, where a worksheet holds both, and what they cost."""
    keys = {column.key for column in filled.columns}
    if not {"planned_investment", "investment", "planned_saving", "saving"} <= keys:
        return ()
    bars: list[BeforeAfter] = []
    costs: list[tuple[float, float]] = []
    unplanned: list[str] = []
    for at in range(len(filled.rows)):
        name = f"{filled.cell(at, 'id').value or ''} {filled.cell(at, 'name').value or ''}".strip()
        planned, reached = (_amount(filled.cell(at, key)) for key in ("planned_saving", "saving"))
        if planned is None:
            unplanned.append(name)
        elif reached is not None:
            bars.append(BeforeAfter(name, planned, reached, "10^4 CNY/a", reached >= planned))
        cost, spent = (_amount(filled.cell(at, key)) for key in ("planned_investment", "investment"))
        if cost is not None and spent is not None:
            costs.append((cost, spent))
    found: list[Block] = []
    if costs:
        text = message(
            "写明预计和实际投资的 {count} 个方案，预计投资合计 {planned}，实际 {spent}。",
            count=len(costs), planned=Number(fsum(cost for cost, _ in costs), "10^4 CNY"),
            spent=Number(fsum(spent for _, spent in costs), "10^4 CNY"),
        )  # fmt: skip
        found.append(Paragraph(text))
    if any(bar.before > 0 and bar.after >= 0 for bar in bars):
        chart = as_planned(tr("年经济效益：实际与预计"), bars)
        found.append(picture(message("已实施的中/高费方案年经济效益的实际与预计"), chart, label="figure-as-planned"))
    if unplanned:
        what = message(
            "{count} 个方案没有登记预计的投资和年效益，表中的数取自方案表，不能判断是否按预计实现：{names}",
            count=len(unplanned), names=listing(unplanned),
        )  # fmt: skip
        found.append(Missing(what, (entry_place(filled.id),)))
    return tuple(found)


def _amount(cell: Cell) -> float | None:
    """A number of a worksheet, also where it was entered as text."""
    if isinstance(cell.value, float):
        return cell.value
    try:
        value = float(str(cell.value).replace(",", ""))
    except ValueError:
        return None
    return value if isfinite(value) else None


def _summary(result: AuditResult) -> tuple[Block, ...]:
    filled = sheet(result, "6-6")
    done = {str(row[0].value) for id in ("6-2", "6-4") for row in sheet(result, id).rows}
    whole = len(result.case.options)
    text = message(
        "共 {count} 个方案，已实施 {done} 个，占 {share}。",
        count=whole, done=len(done), share=Number(100 * len(done) / whole, "%", digits=1),
    )  # fmt: skip
    if not filled.rows:
        return (sheet_table(result, "6-6"),)
    return (Paragraph(text), sheet_table(result, "6-6"))


# --- before and after ------------------------------------------------------------------------------------------------


def _compared(result: AuditResult) -> tuple[Block, ...]:
    context = context_of(result)
    comparison = context.comparison
    if comparison is None:
        need = message("审核前、后的时段：在审核工作簿的“审核设置”里填写")
        have = message(
            "两个时段的产量、能耗、水耗、物耗和排放数据；现有时段：{years}", years=listing(result.case.years())
        )
        return (Missing(message("审核前后对比"), (need, have)),)
    rows = comparison.rows
    better, worse, _ = summary([row for row in rows if row.significant])
    compared = sum(row.difference is not None for row in rows)
    significant = sum(row.significant is True for row in rows)
    text = message(
        "{note}。{compared} 项可比的指标中，{significant} 项的变化大于两倍标准不确定度：{better} 项改善，"
        "{worse} 项变差；"
        "其余 {rest} 项的变化在计量误差之内，不能说明改善或变差。产量变化会影响总量指标，应看单位产品指标。",
        note=comparison.note, compared=compared, significant=significant,
        better=better, worse=worse, rest=compared - significant,
    )  # fmt: skip
    if not compared:
        text = message("{note}。没有两个时段都有的指标。", note=comparison.note)
    found: list[Block] = [Paragraph(text), *present(_change_chart(result, comparison.rows))]
    found += [sheet_table(result, "6-7"), sheet_table(result, "6-8")]
    notes = dict.fromkeys(str(note) for row in comparison.rows if row.before and row.after for note in row.notes)
    if notes:
        found.append(Callout(message("{notes}。", notes=clauses(notes)), tone="warning", title=message("可比性")))
    return tuple(found)


def _change_chart(result: AuditResult, rows: Sequence[Change]) -> Picture | None:
    """The figures per unit of product before and after; all figures where there are none per unit."""
    usable = [row for row in rows if row.before is not None and row.after is not None]
    chosen = [row for row in usable if "per-" in row.id and not row.place] or usable
    # Whole quantities before those of one substance, the whole plant before single products.
    chosen.sort(key=lambda row: ("." in row.id and not row.id.endswith(".equivalent"), bool(row.product)))
    bars = []
    for row in chosen:
        assert row.before is not None
        assert row.after is not None
        first, second = row.before.term.to(row.unit).value, row.after.term.to(row.unit).value
        bars.append(BeforeAfter(str(_name(result, row)), first, second, row.unit, row.better))
    if not any(bar.before > 0 and bar.after >= 0 for bar in bars):
        return None
    chart = before_after(tr("审核前后单位产品指标（审核前 = 100%）"), bars)
    return picture(message("审核前后单位产品指标"), chart, label="figure-before-after")


def _name(result: AuditResult, row: Change) -> Text:
    if row.product:
        return message("{name}（{of}）", name=row.name, of=item_name(result, row.product))
    return message("{name}（{of}）", name=row.name, of=row.place) if row.place else row.name


# --- goals and level -------------------------------------------------------------------------------------------------


def _goals(result: AuditResult) -> tuple[Block, ...]:
    goals = context_of(result).goals
    if goals is None:
        needs = result.score_needs or (message("按等级评价的指标体系的评价结果"),)
        return (Missing(message("清洁生产目标的完成情况"), (*needs, entry_place("2-12"))),)
    score = result.score
    assert score is not None
    wanted = [goal for goal in goals.rows if goal.near is not None]
    if not wanted:
        text = message(
            "评价时段 {period} 的各项有数据的指标都已达到近期目标的等级（{level} 级）。",
            period=result.period, level=LEVEL_SIGNS[goals.near_level],
        )  # fmt: skip
        return (Paragraph(text), sheet_table(result, "6-9"))
    limiting = [goal.name for goal in wanted if goal.limiting]
    text = message(
        "近期目标是达到 {level} 级。按 {period} 的数据，还有 {count} 项指标没有达到：",
        level=LEVEL_SIGNS[goals.near_level], period=result.period, count=len(wanted),
    )  # fmt: skip
    found: list[Block] = [Paragraph(text), sheet_table(result, "6-9")]
    if limiting:
        text = message(
            "其中限定性指标 {count} 项：{names}。它们不达到，等级就不能提高。",
            count=len(limiting),
            names=listing(limiting),
        )
        found.append(Callout(text, tone="warning"))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class PeriodScore:
    """The score of one period on the table of the audit (某一时段的评价结果); None where nothing could be scored."""

    period: str
    score: Score | None


def period_score(result: AuditResult, period: str) -> PeriodScore:
    """Grade another period of the same case on the table that the audit used."""
    if result.score is None:
        return PeriodScore(period, None)
    if period == result.period:
        return PeriodScore(period, result.score)
    system, table = result.score.system, result.score.table
    try:
        answers = link(result.case, context_of(result).ledger, result.figures, system, table, period=period)
        if all(answer.origin == "none" for answer in answers.answers):
            return PeriodScore(period, None)
        return PeriodScore(period, score_table(system, answers.values(), answers.parameters, table.id))
    except InputError:
        return PeriodScore(period, None)


def _level_again(result: AuditResult) -> tuple[Block, ...]:
    if result.score is None:
        return (Missing(message("清洁生产水平再评价"), result.score_needs or (message("选择评价指标体系和评价表"),)),)
    inputs = context_of(result).inputs
    if not inputs.before or not inputs.after:
        need = message("审核前、后的时段：在审核工作簿的“审核设置”里填写")
        text = message("只评价了一个时段：{period}，{level}。", period=result.period, level=result.score.level_name)
        return (Paragraph(text), Missing(message("审核前后两个时段的等级"), (need,)))
    before, after = period_score(result, inputs.before), period_score(result, inputs.after)
    found: list[Block] = []
    for one in (before, after):
        if one.score is None:
            need = message("{period} 的指标数据", period=one.period)
            found.append(Missing(message("{period} 的等级", period=one.period), (need,)))
    if before.score is None or after.score is None:
        return tuple(found)
    text = message(
        "按“{title}”同一版本，审核前（{before}）为{first}，审核后（{after}）为{second}。",
        title=after.score.system.title, before=before.period, first=before.score.level_name,
        after=after.period, second=after.score.level_name,
    )  # fmt: skip
    found.append(Paragraph((text, message("各指数见"), Reference("table-level-again"), message("。"))))
    found.append(_indices(before, after))
    rows = _changed_rows(before.score, after.score)
    if rows is None:
        found.append(Paragraph(message("没有一项指标达到的等级发生变化。")))
    else:
        found.append(rows)
    lacking = max(len(before.score.no_data), len(after.score.no_data))
    if lacking:
        text = message(
            "两个时段中有指标没有数据（最多 {count} 项，按 0 分计），等级因此可能被低估，两期可比性也受影响。",
            count=lacking,
        )
        found.append(Callout(text, tone="warning"))
    return tuple(found)


def _kept_away(score: Score, level: str) -> int:
    """How many limiting rows keep a level from the plant."""
    return sum(level in failure.withholds for failure in score.limiting_failures)


def _indices(before: PeriodScore, after: PeriodScore) -> Table:
    """Every index of the table before and after, the level and the rows without data."""
    first, second = before.score, after.score
    assert first is not None
    assert second is not None
    rows: list[Row] = [Row((message("清洁生产水平"), first.level_name, second.level_name), emphasis="bold")]
    old = dict(first.indices)
    for name, value in second.indices:
        sign: Text = f"Y_{LEVEL_SIGNS[name]}" if name in LEVEL_SIGNS else name
        was = None if name not in old else interval_number(old[name])
        rows.append(Row((sign, was, interval_number(value))))
    levels = [level for level in LEVEL_SIGNS if any(_kept_away(one, level) for one in (first, second))]
    counts: tuple[tuple[Message, int, int], ...] = (
        *(
            (
                message("使等级达不到{level}级的限定性指标数", level=LEVEL_SIGNS[level]),
                _kept_away(first, level),
                _kept_away(second, level),
            )
            for level in levels
        ),
        (message("没有数据的指标数"), len(first.no_data), len(second.no_data)),
    )
    rows += [Row((name, Number(float(a), digits=0), Number(float(b), digits=0))) for name, a, b in counts]
    columns = (
        Column(message("项目")),
        Column(message("审核前（{period}）", period=before.period), align="right"),
        Column(message("审核后（{period}）", period=after.period), align="right"),
    )
    return Table(message("审核前后的清洁生产水平"), columns, tuple(rows), label="table-level-again")


def _changed_rows(before: Score, after: Score) -> Table | None:
    """The rows that reach another level than before."""
    old = {row.id: row for row in before.rows}
    changed: list[tuple[Text, Inlines, Inlines]] = []
    for row in after.rows:
        was = old.get(row.id)
        if was is None or was.met == row.met:
            continue
        changed.append((row.indicator.name, MET_WORDS.get(was.met, was.met), MET_WORDS.get(row.met, row.met)))
    if not changed:
        return None
    columns = (
        Column(message("指标"), share=0.6),
        Column(message("审核前"), align="center", share=0.2),
        Column(message("审核后"), align="center", share=0.2),
    )
    notes: tuple[Inlines, ...] = ()
    if len(changed) > MOST_ROWS:
        notes = (message("共 {count} 项，这里列出前 {shown} 项。", count=len(changed), shown=MOST_ROWS),)
    rows = tuple(Row(cells) for cells in changed[:MOST_ROWS])
    return Table(message("达到的等级有变化的指标"), columns, rows, notes=notes, label="table-level-changes")

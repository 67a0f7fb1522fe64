"""Chapter: what is missing to the next level (差距与提升路径)."""

from __future__ import annotations

from collections.abc import Sequence

from qingyuan.audit.result import AuditResult
from qingyuan.language import Message, message, sentences, tr
from qingyuan.report.chapters.common import LEVEL_SIGNS, picture, present
from qingyuan.report.chapters.grade import MET_WORDS, interval_number
from qingyuan.report.charts import GapRow, gaps
from qingyuan.report.numbers import Number, format_number
from qingyuan.report.tree import (
    Block,
    Callout,
    Column,
    Heading,
    Inlines,
    LandscapeSection,
    Missing,
    Paragraph,
    Reference,
    Row,
    Table,
)
from qingyuan.report.tree import (
    Figure as Picture,
)
from qingyuan.standards.distance import Distance, LevelGap, Path, RowGap, Step
from qingyuan.standards.result import Score
from qingyuan.standards.wording import sign, unit_label

SETS_SHOWN = 5
LONG_SET = 10  # of sets longer than this only the first is shown
CHART_ROWS = 14
MOST_STEPS = 12  # indicators named in one sentence


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """Where the indicators stand, every gap, and the smallest sets that reach a level."""
    score, distance = result.score, result.distance
    if score is None or distance is None:
        needs = result.score_needs or (message("选择评价指标体系和评价表"),)
        return (Missing(message("差距与提升路径"), needs),)
    found: list[Block] = []
    chart = _chart(score)
    table = _table(distance)
    if table is None:
        found.append(Paragraph(message("参评的指标都已达到Ⅰ级要求，没有差距。")))
    else:
        found += [
            Heading(2, message("各项指标的差距")),
            Paragraph(
                (message("没有达到Ⅰ级的指标、差多少、补上能加多少分，见"), Reference("table-gaps"), message("。"))
            ),
            *present(chart),
            LandscapeSection((table,)),
        ]
    if distance.paths:
        found.append(Heading(2, message("达到更高一级的最少改进")))
        if score.no_data:
            text = message(
                "有 {count} 个指标只是没有数据，这里也算作须改进的指标。请先补数据，再看真正的差距。",
                count=len(score.no_data),
            )
            found.append(Callout(text, tone="warning"))
        for path in distance.paths:
            found += _path(score, path)
    return tuple(found)


def _chart(score: Score) -> Picture | None:
    rows: list[GapRow] = []
    for row in score.rows:
        bounds = tuple(row.bounds[level] for level in ("III", "II", "I"))
        value = row.answer.number
        if (
            not row.indicator.quantitative
            or value is None
            or None in bounds
            or row.met not in ("I", "II", "III", "none")
        ):
            continue
        third, second, first = (float(bound) for bound in bounds if bound is not None)
        rows.append(
            GapRow(
                str(row.indicator.name),
                float(value),
                (third, second, first),
                row.indicator.unit,
                row.indicator.better == "lower",
                row.met,
            )
        )
    rows.sort(key=lambda row: ("none", "III", "II", "I").index(row.met))
    if not rows:
        return None
    caption = (
        message("定量指标所处的位置")
        if len(rows) <= CHART_ROWS
        else message("定量指标所处的位置（差距较大的 {count} 项）", count=CHART_ROWS)
    )
    return picture(caption, gaps(tr("定量指标所处的位置（越靠右越好）"), rows[:CHART_ROWS]), label="figure-gaps")


def _table(distance: Distance) -> Table | None:
    rows = tuple(_row(gap, level_gap) for gap in distance.rows for level_gap in gap.gaps[:1])
    if not rows:
        return None
    columns = (
        Column(message("指标")),
        Column(message("单位"), align="center"),
        Column(message("现值"), align="right"),
        Column(message("现为"), align="center"),
        Column(message("下一级要求")),
        Column(message("需要变化"), align="right"),
        *(Column(message("Y{level}加分", level=LEVEL_SIGNS[level]), align="right") for level in ("III", "II", "I")),
    )
    notes: tuple[Inlines, ...] = (
        message("加分为该项达到下一级后各级综合评价指数的增加值（满分 100）；“需要变化”为负表示须降低。"),
    )
    return Table(message("各项指标到下一级的差距"), columns, rows, notes=notes, dense=True, label="table-gaps")


def _row(gap: RowGap, level_gap: LevelGap) -> Row:
    row = gap.row
    value: Inlines = Number(row.answer.number) if row.answer.number is not None else str(row.answer)
    if row.indicator.quantitative and level_gap.bound is not None:
        wanted: Inlines = (
            MET_WORDS[level_gap.level],
            message("："),
            f"{sign(row.indicator)}{format_number(Number(level_gap.bound, exact=True))}",
        )
    else:
        wanted = (MET_WORDS[level_gap.level], message("："), level_gap.requirement)
    gains: tuple[Inlines | None, ...] = (None, None, None)
    if level_gap.gain is not None:
        gains = tuple(interval_number(level_gap.gain[level], digits=2) for level in ("III", "II", "I"))
    change = None if level_gap.change is None else Number(level_gap.change, signed=True)
    unit = str(unit_label(row.indicator)) if row.indicator.quantitative and row.indicator.unit else None
    name: Inlines = (row.indicator.name, " ★") if row.indicator.limiting else row.indicator.name
    return Row(
        (name, unit, value, MET_WORDS[row.met], wanted, change, *gains), emphasis="alert" if row.met == "none" else ""
    )


def _path(score: Score, path: Path) -> tuple[Block, ...]:
    level = MET_WORDS[path.level]
    heading = Heading(3, message("达到{level}", level=level))
    if not path.possible:
        reason = path.reason or message("无法达到")
        return present(heading, Callout(reason, tone="warning"), _obligatory(score, path))
    lead: Message
    if path.shortfall is None:
        lead = message("权重没有读到，算不出还差多少分。")
    elif path.shortfall > 0:
        lead = message(
            "综合评价指数还差 {points} 分；至少须改进 {size} 个指标。",
            points=Number(path.shortfall, digits=2),
            size=path.size,
        )
    else:
        lead = message("综合评价指数已够，至少还须改进 {size} 个指标。", size=path.size)
    return present(
        heading,
        Paragraph(sentences((lead, path.reason) if path.reason else (lead,))),
        _obligatory(score, path),
        _sets(score, path),
    )


def _obligatory(score: Score, path: Path) -> Block | None:
    if not path.obligatory:
        return None
    names = _steps(score, path.obligatory)
    return Paragraph(message("无论指数多少都必须改进的指标：{names}。", names=names))


def _sets(score: Score, path: Path) -> Table | None:
    shown = path.sets[:SETS_SHOWN] if path.size <= LONG_SET else path.sets[:1]
    if not shown or not any(each.steps for each in shown):
        return None
    obliged = set(path.obligatory)
    rows = []
    for number, each in enumerate(shown, start=1):
        others = [step for step in each.steps if step not in obliged]
        text = _steps(score, others) or tr("只需上述必须改进的指标")
        rows.append(Row((Number(number, digits=0), text, Number(each.surplus, digits=2))))
    caption = message("达到{level}的最少改进组合", level=MET_WORDS[path.level])
    columns = (
        Column(message("组合"), align="center"),
        Column(message("除必须改进的指标外，还要改进")),
        Column(message("指数余量"), align="right"),
    )
    if path.count is None:
        note = message("同样少的组合很多，这里列出余量最小的 {shown} 个。", shown=len(shown))
    elif path.count > len(shown):
        note = message(
            "同样少的组合共 {count} 个，这里列出余量最小的 {shown} 个。",
            count=path.count,
            shown=len(shown),
        )
    else:
        note = message("同样少的组合共 {count} 个，已全部列出。", count=path.count)
    return Table(caption, columns, tuple(rows), notes=(note,), dense=True, label=f"table-path-{path.level}")


def _steps(score: Score, steps: Sequence[Step]) -> str:
    """Steps in a row; of many the first ones and their number: all of them stand in the table of the gaps."""
    shown = tr("；").join(_step(score, step) for step in steps[:MOST_STEPS])
    if len(steps) <= MOST_STEPS:
        return shown
    return tr("{names} 等 {count} 个").format(names=shown, count=len(steps))


def _step(score: Score, step: Step) -> str:
    return tr("{name}（到{level}）").format(name=score.row(step.id).indicator.name, level=MET_WORDS[step.to])

"""The summary page (摘要): what was found, how sure it is, the most important figures, what is missing."""

from __future__ import annotations

from qingyuan.audit.result import AuditResult
from qingyuan.errors import Severity
from qingyuan.figures.derivation import Figure
from qingyuan.language import Message, message, sentences, tr
from qingyuan.report.chapters.common import (
    figure_name,
    find,
    mark_note,
    marked,
    most_wanted,
    present,
    select,
)
from qingyuan.report.chapters.grade import MET_WORDS, ceiling, certainty, indices_text, outcome, title_of
from qingyuan.report.numbers import Number, figure_number
from qingyuan.report.textwidth import first_clause
from qingyuan.report.tree import (
    Block,
    BulletList,
    Callout,
    Column,
    Inlines,
    Missing,
    Paragraph,
    Reference,
    Row,
    Table,
)

KEY_FIGURES = (
    "output-value",
    "comprehensive-energy.equivalent",
    "energy-per-output-value.equivalent",
    "electricity",
    "fresh-water",
    "water-reuse-rate",
    "wastewater-generated",
    "wastewater-discharged",
    "hazardous-waste",
    "carbon-total",
    "carbon-per-output-value",
    "environmental-tax",
)


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """One page for those who read one page."""
    return (*grade(result), *figures(result), *lacking(result))


def grade(result: AuditResult) -> tuple[Block, ...]:
    """The grade in a box, and how far the next level is."""
    score = result.score
    if score is None:
        return (Missing(message("没有评定清洁生产水平"), result.score_needs or (message("选择评价指标体系和评价表"),)),)
    text, tone = outcome(score, result.period)
    indices = indices_text(score)
    said: list[Message] = [text]
    if indices:
        said.append(message("综合评价指数 {indices}。", indices=indices))
    best = ceiling(result)
    if best is not None:
        said.append(best)
    callout = Callout(sentences((*said, certainty(score))), tone=tone, title=title_of(score))
    return present(callout, _next_step(result))


def _next_step(result: AuditResult) -> Block | None:
    """How far the next level is."""
    distance = result.distance
    if distance is None or not distance.paths or (result.score is not None and result.score.no_data):
        return None  # while rows have no data, the way to a level is mostly data that are missing
    path = distance.paths[0]
    level = MET_WORDS[path.level]
    if not path.possible or path.shortfall is None:
        text: Message = path.reason or message("到{level}的差距见", level=level)
        return Paragraph((text, message("（"), Reference("chapter-gaps"), message("）。")))
    text = message(
        "到{level}：指数还差 {points} 分，至少须改进 {size} 个指标，其中 {must} 个是必须改进的，见",
        level=level,
        points=Number(path.shortfall, digits=2),
        size=path.size,
        must=len(path.obligatory),
    )
    return Paragraph((text, Reference("chapter-gaps"), message("。")))


def figures(result: AuditResult) -> tuple[Block, ...]:
    """The main figures with their change."""
    chosen: list[Figure] = [
        figure for figure in select(result, "product-output", site=True) if figure.period == result.period
    ][:3]
    found = (find(result, id) for id in KEY_FIGURES)
    chosen += [figure for figure in found if figure is not None and (figure.value or not figure_number(figure).bound)]
    if not chosen:
        return (Missing(message("主要指标"), (message("产量、能源、水、原辅材料、污染物的数据"),)),)
    rows = []
    for figure in chosen:
        before = _before(result, figure)
        change = None
        if before is not None and before.value:
            change = Number(100 * (figure.value / before.term.to(figure.unit).value - 1), "%", digits=1, signed=True)
        share = Number(100 * figure.sd / abs(figure.value), significant=2) if figure.sd and figure.value else None
        rows.append(
            Row(
                (
                    marked(figure_name(result, figure), figure.grade),
                    figure.period,
                    figure_number(figure),
                    change,
                    share,
                )
            )
        )
    columns = (
        Column(message("指标值")),
        Column(message("时段"), align="center"),
        Column(message("数值"), align="right"),
        Column(message("较上年"), align="right"),
        Column(message("不确定度"), "%", align="right"),
    )
    notes = mark_note(figure.grade for figure in chosen)
    return (Table(message("主要指标"), columns, tuple(rows), notes=notes, label="table-key"),)


def _before(result: AuditResult, figure: Figure) -> Figure | None:
    """The same figure one year earlier."""
    if not figure.period.isdigit():
        return None
    return result.figures.find(
        figure.id, period=f"{int(figure.period) - 1:04d}", product=figure.product, place=figure.place
    )


def lacking(result: AuditResult) -> tuple[Block, ...]:
    """What is still missing."""
    points: list[Inlines] = []
    missing = result.figures.missing
    if missing:
        needs = dict.fromkeys(first_clause(need, 24) for need, _ in most_wanted(missing, 12))
        wanted = tr("、").join(list(needs)[:3])
        points.append(
            (
                message("有 {count} 个指标值因缺数据没有给出，最缺的是：{wanted}（", count=len(missing), wanted=wanted),
                Reference("table-missing"),
                message("）。"),
            )
        )
    if result.score is not None and result.score.no_data:
        points.append(message("评价表有 {count} 个指标没有数据，按 0 分计。", count=len(result.score.no_data)))
    if result.problems:
        errors = sum(1 for problem in result.problems if problem.severity is not Severity.NOTE)
        text = message("输入数据有 {count} 个问题，其中 {errors} 个须处理（", count=len(result.problems), errors=errors)
        if not errors:
            text = message("输入数据有 {count} 条提示，没有须处理的问题（", count=len(result.problems))
        points.append(
            (
                text,
                Reference("appendix-problems"),
                message("）。"),
            )
        )
    if not points:
        return (Paragraph(message("没有缺项和待处理的问题。")),)
    return (Paragraph(message("还缺什么：")), BulletList(tuple(points)))

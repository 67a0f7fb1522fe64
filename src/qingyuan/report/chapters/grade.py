"""Chapter: the grade (清洁生产水平评价): the rule, the indices, every indicator with its levels and points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from qingyuan.audit.linking import LinkedAnswer
from qingyuan.audit.result import AuditResult
from qingyuan.language import Message, listing, message, sentences, tr
from qingyuan.reference.records import Grade
from qingyuan.report.chapters.common import GRADE_MARKS, GRADE_NAMES, LEVEL_SIGNS, mark_note, picture, present
from qingyuan.report.charts import ProfileRow, level_profile
from qingyuan.report.numbers import Number, format_number
from qingyuan.report.tree import (
    Block,
    BulletList,
    Callout,
    Column,
    Formula,
    GroupRow,
    Heading,
    Inline,
    Inlines,
    KeyValue,
    LandscapeSection,
    Missing,
    Paragraph,
    Reference,
    Row,
    Run,
    Table,
    Text,
    Tone,
)
from qingyuan.report.tree import (
    Figure as Picture,
)
from qingyuan.standards.answers import level_word
from qingyuan.standards.model import LEVELS, Level
from qingyuan.standards.result import Interval, LevelStatus, RowScore, Score
from qingyuan.standards.wording import sign, unit_label

MET_WORDS: dict[str, Message] = {
    "I": message("Ⅰ级"),
    "II": message("Ⅱ级"),
    "III": message("Ⅲ级"),
    "none": message("未达Ⅲ级"),
    "n/a": message("不适用"),
    "no-data": message("无数据"),
    "open": message("无基准"),
    "unknown": message("不能定级"),
}
VERIFICATION_WORDS: dict[str, Message] = {
    "read": message("全部读自原文或可靠抄本"),
    "partly read": message("部分读到：有的行、权重或级别没有见到原文"),
    "recalled": message("凭记忆录入，须与原文核对"),
}
ORIGIN_WORDS: dict[str, Message] = {
    "computed": message("计算"),
    "entered": message("填报"),
    "none": message("—"),
}


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """The grade and its reasons; what is missing where there is none."""
    score = result.score
    if score is None:
        needs = result.score_needs or (message("选择评价指标体系和评价表"),)
        return (Missing(message("清洁生产水平评价"), needs),)
    return (
        Heading(2, message("评价依据")),
        *_basis(result, score),
        Heading(2, message("评价结果")),
        *_outcome(result, score),
        Heading(2, message("各组指标得分")),
        *_profile(score),
        LandscapeSection((Heading(2, message("各项指标")), *_indicators(result, score))),  # type: ignore[arg-type]
    )


def interval_number(interval: Interval, *, digits: int | None = None) -> Number:
    """An index or points as a number to be shown: exact, or from low to high."""
    if interval.exact:
        return Number(interval.low, digits=digits)
    return Number(interval.low, high=interval.high, significant=3)


def title_of(score: Score) -> Text:
    """The level in a word, with the rows that lack data where there are some."""
    if score.level == "undecided":
        return message("清洁生产水平：尚不能判定")
    if score.no_data:
        return message("{level}（数据不全：{count} 个指标没有数据）", level=score.level_name, count=len(score.no_data))
    return score.level_name


def outcome(score: Score, period: str) -> tuple[Message, Tone]:
    """One sentence with the result and its certainty, and its tone."""
    system, table = score.system.title, score.table.name
    if score.level == "undecided":
        possible = listing(MET_WORDS[level] if level != "none" else level_word(None) for level in score.possible)
        text = message(
            "按“{system}”的“{table}”评价 {period} 年的数据，尚不能判定等级；可能的结果：{possible}。",
            system=system,
            table=table,
            period=period,
            possible=possible,
        )
        return text, "warning"
    if score.level == "none":
        text = message(
            "按“{system}”的“{table}”评价 {period} 年的数据：没有达到任何一级。",
            system=system,
            table=table,
            period=period,
        )
        return text, "bad"
    level, name = str(MET_WORDS[score.level]), str(score.level_name)
    if name.replace(" ", "") == level.replace(" ", ""):  # a system that calls its levels by their numbers alone
        text = message(
            "按“{system}”的“{table}”评价 {period} 年的数据：{name}。",
            system=system, table=table, period=period, name=score.level_name,
        )  # fmt: skip
        return text, "good"
    text = message(
        "按“{system}”的“{table}”评价 {period} 年的数据：{level}（{name}）。",
        system=system,
        table=table,
        period=period,
        level=MET_WORDS[score.level],
        name=score.level_name,
    )
    return text, "good"


def indices_text(score: Score) -> str:
    """The indices of a score in one line: Y_I = 13.03～49.36, …"""
    return tr("，").join(
        f"Y{LEVEL_SIGNS.get(name, name)} = {format_number(interval_number(interval, digits=2))}"
        for name, interval in score.indices
    )


def ceiling(result: AuditResult) -> Message | None:
    """What the grade could be at best where rows lack data; None where none does."""
    best, score = result.ceiling, result.score
    if best is None or score is None:
        return None
    return message(
        "{count} 个指标没有数据，按 0 分计；若都达到Ⅰ级，{indices}，等级最高到“{level}”。补齐之前，本结果只是下限。",
        count=len(score.no_data),
        indices=indices_text(best),
        level=best.level_name,
    )


def certainty(score: Score) -> Message:
    """What share of the weight rests on anything below the grade ``read``."""
    share = score.below_read
    if share is None:
        return message("评价表有的权重没有读到，说不出有多大比例的权重依据未读原文的内容；逐行的可信等级见指标表。")
    if share == 0:
        return message("评价表的全部权重都依据读过的原文。")
    return message(
        "{share} 的权重依据没有读过原文的内容（转引、凭记忆或用户录入），须先与原文核对。",
        share=Number(100 * share, "%", digits=1),
    )


def _basis(result: AuditResult, score: Score) -> tuple[Block, ...]:
    system = score.system
    rows: list[tuple[Text, Inlines]] = [
        (message("评价指标体系"), system.title),
        (message("文件"), system.document_name if system.document else message("文号未读到")),
        (message("发布日期"), system.issued.isoformat() if system.issued else message("未读到")),
        (message("评价表"), score.table.name),
        (message("评价时段"), result.period or "—"),
        (message("数据读自何处"), system.source_name),
        (message("核对程度"), VERIFICATION_WORDS[system.verification]),
    ]
    if system.entry is not None:
        rows.append(
            (
                message("录入与复核"),
                tr("{by}，复核：{confirmed}").format(
                    by=system.entry.entered_by or "—", confirmed=system.entry.confirmed_by or "—"
                ),
            )
        )
    found: list[Block] = [KeyValue(tuple(rows))]
    if system.scheme == "levels":
        found += [
            Paragraph(
                message("综合评价指数按权重和隶属度计算。达到某级要求的指标得 100 分，否则得 0 分，不在两级之间插值：")
            ),
            Formula(
                "Y_k = sum_i w_i * sum_j w_(ij) * Y_k(x_(ij))",
                (
                    ("Y_k", message("第 k 级（Ⅰ、Ⅱ、Ⅲ）的综合评价指数，满分 100")),
                    ("w_i", message("第 i 个一级指标的权重")),
                    ("w_(ij)", message("第 i 个一级指标下第 j 个二级指标的权重，不参评的指标退出后按比例分担")),
                    ("Y_k(x_(ij))", message("指标值 x 达到第 k 级时为 100，否则为 0")),
                ),
                label="formula-index",
            ),
        ]
    if not system.grading.verified:
        found.append(Callout(message("定级条件的原文没有读过，须核对。"), tone="warning"))
    return tuple(found)


def _outcome(result: AuditResult, score: Score) -> tuple[Block, ...]:
    text, tone = outcome(score, result.period)
    more = tuple(part for part in (ceiling(result), certainty(score)) if part is not None)
    found: list[Block] = [Callout(sentences((text, *more)), tone=tone, title=title_of(score))]
    if score.statuses:
        found.append(_conditions(score))
    else:
        rows = tuple(Row((name, interval_number(interval, digits=2))) for name, interval in score.indices)
        columns = (Column(message("得分项")), Column(message("得分"), align="right"))
        found.append(Table(message("评价得分"), columns, rows, label="table-conditions"))
    if score.limiting_failures:
        found.append(Paragraph(Run(message("没有达到要求的限定性指标"), bold=True)))
        found.append(
            BulletList(
                tuple(
                    message(
                        "{name}：{level}要求达到{required}，现为{reached}",
                        name=failure.name,
                        level=MET_WORDS[failure.level],
                        required=MET_WORDS[failure.required],
                        reached=MET_WORDS[failure.reached],
                    )
                    for failure in score.limiting_failures
                )
            )
        )
    empty = [row for row in score.rows if row.met == "no-data"]
    if empty:
        what = message("{count} 个指标没有数据，按 0 分计，没有从权重中去掉", count=len(empty))
        names = [str(row.indicator.name) for row in empty]
        found.append(Missing(what, tuple(names) if len(names) <= 6 else (tr("、").join(names),)))
    if score.notes:
        found.append(BulletList(tuple(score.notes)))
    return tuple(found)


def _conditions(score: Score) -> Table:
    statuses: dict[str, LevelStatus] = {status.level: status for status in score.statuses}
    rows: list[Row] = []
    for level in LEVELS:
        rule, status = score.system.grading.rule(level), statuses.get(level)
        if rule is None or status is None:
            continue
        index = dict(score.indices).get(level)
        asked = tr("{index} ≥ {minimum}").format(
            index=f"Y_{LEVEL_SIGNS[level]}".replace("_", ""), minimum=format_number(Number(rule.minimum))
        )
        limiting = message("达到{level}", level=MET_WORDS[rule.limiting])
        others = message("达到{level}", level=MET_WORDS[rule.others]) if rule.others else message("不要求")
        rows.append(
            Row(
                (
                    _level(score, level),
                    None if index is None else interval_number(index, digits=2),
                    (asked, message("："), _truth(status.index)),
                    (limiting, message("："), _truth(status.limiting)),
                    others if not rule.others else (others, message("："), _truth(status.others)),
                    Run(_truth(status.met), bold=True),
                ),
                emphasis="bold" if level == score.level else "",
            )
        )
    columns = (
        Column(message("级别")),
        Column(message("综合评价指数"), align="right"),
        Column(message("指数要求")),
        Column(message("限定性指标")),
        Column(message("其他指标")),
        Column(message("结论"), align="center"),
    )
    return Table(message("各级条件是否满足"), columns, tuple(rows), label="table-conditions")


def _level(score: Score, level: Level) -> Inlines:
    """A level with the document's name of it, where that was read."""
    name = score.system.grading.level_name(level)
    return MET_WORDS[level] if name is None else (MET_WORDS[level], message("（"), name, message("）"))


def _truth(value: bool | None) -> Message:
    return {True: message("满足"), False: message("不满足"), None: message("未定")}[value]


def _profile(score: Score) -> tuple[Block, ...]:
    chart = _profile_chart(score)
    if chart is None:
        return (Missing(message("各组指标得分图"), (message("评价表各组的权重"),)),)
    return (Paragraph((message("各组指标在三级要求下的得分见"), Reference(chart.label), message("。"))), chart)


def _profile_chart(score: Score) -> Picture | None:
    if score.system.scheme != "levels" or not score.scored:
        return None
    groups: dict[str, list[RowScore]] = {}
    for row in score.rows:
        if row.takes_part and not row.bonus:
            groups.setdefault(str(row.group_name), []).append(row)
    rows: list[ProfileRow] = []
    for name, members in groups.items():
        totals = []
        for level in LEVELS:
            pieces = _pieces(members, level)
            totals.append((sum(low for low, _ in pieces), sum(high for _, high in pieces)))
        weight = sum(high for _, high in _pieces(members, None))
        rows.append(ProfileRow(name, weight, (totals[0], totals[1], totals[2])))
    if not rows:
        return None
    return picture(message("各组指标得分"), level_profile(tr("各组指标得分"), rows), label="figure-profile")


def _pieces(rows: Iterable[RowScore], level: Level | None) -> list[tuple[float, float]]:
    """Points (low, high) of the pieces of weight of some rows; None = the full points. A shared piece counts once."""
    seen: set[tuple[str, str]] = set()
    pieces: list[tuple[float, float]] = []
    shared: dict[tuple[str, str], list[RowScore]] = {}
    for row in rows:
        if row.weight is None:
            shared.setdefault((row.indicator.group, row.indicator.block), []).append(row)
        elif level is None:
            pieces.append((float(100 * row.weight),) * 2)
        else:
            pieces.append((float(row.points[level].low), float(row.points[level].high)))
    for key, members in shared.items():
        if key in seen:
            continue
        seen.add(key)
        full = float(100 * members[0].shared_weight)
        if level is None:
            pieces.append((full, full))
            continue
        met = [row.membership[level] for row in members]
        low = full if all(value is True for value in met) else 0.0
        high = 0.0 if all(value is False for value in met) else full
        pieces.append((low, high))
    return pieces


def _indicators(result: AuditResult, score: Score) -> tuple[Block, ...]:
    answers = {answer.indicator: answer for answer in result.answers.answers} if result.answers else {}
    rows: list[Row | GroupRow] = []
    group = ""
    for row in score.rows:
        if row.met in ("n/a", "open"):
            continue
        if str(row.group_name) != group:
            group = str(row.group_name)
            weight = _group_weight(score, row)
            rows.append(GroupRow((group, weight) if weight else group))
        rows.append(_row(row, answers.get(row.id), score))
    if score.system.scheme == "levels":
        columns: tuple[Column, ...] = (
            Column(message("指标")),
            Column(message("权重"), "%", align="right"),
            Column(message("本企业"), align="right"),
            Column(message("取值来源"), align="center"),
            *(Column(MET_WORDS[level]) for level in LEVELS),
            Column(message("达到"), align="center"),
            *(Column(message("Y{level}", level=LEVEL_SIGNS[level]), align="right") for level in LEVELS),
        )
    else:
        columns = (
            Column(message("指标")),
            Column(message("权重"), "%", align="right"),
            Column(message("本企业"), align="right"),
            Column(message("取值来源"), align="center"),
            Column(message("基准值或要求")),
            Column(message("比值"), align="right"),
            Column(message("得分"), align="right"),
        )
    notes: list[Inlines] = [
        message("★ 限定性指标。权重为重新分配后占全部指标的比例；“共享”表示该块内部的权重分配没有读到。"),
        *mark_note(row.grade for row in score.rows),
    ]
    for met, what in (
        ("n/a", message("不适用、不参评的指标：{names}。")),
        ("open", message("没有基准、不参评的指标：{names}。")),
    ):
        names = [str(row.indicator.name) for row in score.rows if row.met == met]
        if names:
            notes.append(replace(what, parameters=(("names", tr("、").join(names)),)))
    table = Table(
        message("各项指标的取值、级别与得分"),
        columns,
        tuple(rows),
        notes=tuple(notes),
        dense=True,
        label="table-indicators",
    )
    lead = Paragraph(
        message(
            "填报值与按数据计算的值不一致时，计算的若就是指标所定义的量，按计算值评定；"
            "若可能是另一个量，按填报值评定。差异列入问题清单。"
        )
    )
    return present(lead, table)


def _group_weight(score: Score, row: RowScore) -> Message | None:
    if row.bonus:
        return message("（加分项）")
    try:
        weight = score.table.group(row.indicator.group).weight
    except KeyError:
        return None
    if weight is None:
        return message("（权重未读到）")
    return message("（权重 {weight}）", weight=Number(100 * weight, "%"))


def _row(row: RowScore, answer: LinkedAnswer | None, score: Score) -> Row:
    value: Inlines = str(row.answer)
    if row.answer.kind == "number" and row.answer.number is not None:
        value = Number(row.answer.number)
    given = answer.origin if answer is not None else "entered" if row.answer.given else "none"
    start: tuple[Inlines | None, ...] = (_named(row), _weight(row), value, ORIGIN_WORDS[given])
    if score.system.scheme == "levels":
        cells = (
            *start,
            *(_requirement(row, level) for level in LEVELS),
            MET_WORDS[row.met],
            *(_points(row.points[level]) if row.takes_part else None for level in LEVELS),
        )
    else:
        cells = (
            *start,
            _benchmark(row),
            None if row.ratio is None else Number(row.ratio),
            _points(row.points["I"]) if row.takes_part else None,
        )
    if row.met == "none":
        return Row(cells, emphasis="alert")
    return Row(cells, emphasis="muted" if row.met == "no-data" else "")


def _named(row: RowScore) -> tuple[Inline, ...]:
    """The row's name with its unit, the star of a limiting row and the mark of its grade."""
    pieces: list[Inline] = [row.indicator.name]
    if row.indicator.quantitative and row.indicator.unit:
        pieces.append(message("（{unit}）", unit=unit_label(row.indicator)))
    if row.indicator.limiting:
        pieces.append(" ★")
    mark = GRADE_MARKS[row.grade]
    return (*pieces, Run(mark, script="sup")) if mark else tuple(pieces)


def _benchmark(row: RowScore) -> Inlines:
    """The benchmark of a row in a scheme without levels: a number or what the document says."""
    bound, benchmark = row.bounds["I"], row.indicator.benchmark
    if bound is not None:
        return Number(bound, exact=True)
    if isinstance(benchmark, Fraction):
        return Number(benchmark, exact=True)
    return benchmark or row.requirement("I")


def _weight(row: RowScore) -> Inlines | None:
    if not row.takes_part:
        return None
    if row.weight is None:
        return message("共享 {weight}", weight=Number(100 * row.shared_weight))
    return Number(100 * row.weight, digits=2)


def _points(points: Interval) -> Number:
    return interval_number(points, digits=2)


def _requirement(row: RowScore, level: Level) -> Inlines:
    """What a level asks; a text that the level to the left has already is not repeated."""
    bound = row.bounds[level]
    if row.indicator.quantitative and bound is not None and level not in row.indicator.no_requirement:
        return f"{sign(row.indicator)}{format_number(Number(bound, exact=True))}"
    better = LEVELS[LEVELS.index(level) - 1] if level != "I" else None
    if (
        better is not None
        and not row.indicator.quantitative
        and str(row.requirement(better)) == str(row.requirement(level))
    ):
        return message("同左")
    return row.requirement(level)


def grade_shares_table(score: Score) -> Table | None:
    """The shares of the weight by how surely the rows are known; None where weights were not read."""
    if not score.grade_shares:
        return None
    rows = tuple(
        Row((GRADE_NAMES[grade], Number(100 * share, digits=1)))
        for grade, share in sorted(score.grade_shares, key=lambda entry: list(Grade).index(entry[0]))
    )
    columns = (Column(message("可信等级")), Column(message("占评价权重"), "%", align="decimal"))
    return Table(message("评价权重的可信等级"), columns, rows, label="table-grade-shares")

"""Chapter: the data and how good they are (数据及其质量)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from qingyuan.audit.result import AuditResult
from qingyuan.checks import Finding, Gravity
from qingyuan.errors import Severity
from qingyuan.facts.model import DEFAULT_UNCERTAINTY, UNDATED, Basis, Period, State
from qingyuan.language import Message, Name, message, tr
from qingyuan.report.chapters.common import BASIS_NAMES, missing_table, present, region_name, state_text
from qingyuan.report.numbers import Number
from qingyuan.report.tree import (
    Block,
    Callout,
    Column,
    GroupRow,
    Heading,
    Inlines,
    Missing,
    Paragraph,
    Reference,
    Row,
    Table,
    Text,
)

KIND_NAMES: Mapping[str, Message] = {
    "product": message("产品"),
    "energy": message("能源"),
    "water": message("水"),
    "material": message("原辅材料"),
    "pollutant": message("污染物"),
    "waste": message("固体废物"),
    "money": message("经济"),
    "equipment": message("设备"),
    "staff": message("人员"),
    "land": message("土地"),
    "time": message("运行时间"),
    "gas": message("气体"),
}
SETTING_NAMES: Mapping[str, Message] = {
    "electricity_factor": message("电力排放因子"),
    "gwp_set": message("全球变暖潜势"),
    "province": message("省份"),
    "allocation": message("共用能耗分摊"),
    "equal_value_electricity": message("电力等价值（分年）"),
    "equal_value_heat": message("热力等价值（分年）"),
    "historic_equal_value": message("缺年度值时用历史等价值"),
    "range_choice": message("系数范围取值"),
    "below_detection": message("未检出的计法"),
    "feedstock": message("原料用能"),
    "working_media": message("外购耗能工质"),
    "balance_tolerance": message("衡算允许偏差"),
    "editions_as_of": message("统一采用某日适用的版本"),
    "excluded_places": message("不计入生产的场所"),
    "prices": message("价格"),
    "discount_rate": message("折现率"),
    "income_tax_rate": message("所得税率"),
}
SETTING_VALUES: Mapping[str, Message] = {
    "national": message("全国"),
    "provincial": message("省级"),
    "direct": message("只计直接归属"),
    "output": message("按产量"),
    "output-value": message("按产值"),
    "none": message("不分摊"),
    "limit": message("按检出限计"),
    "half-limit": message("按检出限一半计"),
    "high": message("取高值"),
    "low": message("取低值"),
    "middle": message("取中值"),
    "statistics": message("按统计惯例"),
    "apart": message("单列"),
    "include": message("计入"),
    "bought": message("计入外购"),
    "exclude": message("不计入"),
}
SEVERITY_NAMES: Mapping[Severity, Message] = {
    Severity.ERROR: message("错误"),
    Severity.WARNING: message("警告"),
    Severity.NOTE: message("提示"),
}


GRAVITY_NAMES: Mapping[Gravity, Message] = {
    Gravity.GRAVE: message("严重"),
    Gravity.SERIOUS: message("较重"),
    Gravity.MINOR: message("轻微"),
    Gravity.QUESTION: message("待询问"),
}


def by_gravity(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings in the order in which the report numbers them: the gravest first, equal ones as they come."""
    order = list(Gravity)
    return tuple(sorted(findings, key=lambda finding: order.index(finding.severity)))


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """What data there are, how they are known, what is doubtful, and under which settings figures were computed."""
    return (
        Heading(2, message("数据的范围与来源")),
        *coverage(result),
        *bases(result),
        Heading(2, message("数据真实性疑点")),
        *_findings(result),
        Heading(2, message("发现的问题")),
        *_problems(result),
        Heading(2, message("核算口径")),
        *settings(result),
        Heading(2, message("不能给出的指标值")),
        *missing(result),
    )


def coverage(result: AuditResult) -> tuple[Block, ...]:
    """Which data there are of which years."""
    facts = result.case.facts
    if not facts:
        return (Missing(message("数据行"), (message("facts 表：时段、场所、项目、数值、单位"),)),)
    years = result.case.years()
    counts: Counter[tuple[str, str]] = Counter()
    for fact in facts:
        year = UNDATED if fact.period == UNDATED else f"{Period.parse(fact.period).start.year:04d}"
        counts[fact.kind, year] += 1
    kinds = [kind for kind in KIND_NAMES if any(found == kind for found, _ in counts)]
    kinds += sorted({kind for kind, _ in counts} - set(kinds))
    undated = any(year == UNDATED for _, year in counts)
    wanted = [*years, *([UNDATED] if undated else [])]
    rows = tuple(
        Row(
            (
                KIND_NAMES.get(kind, kind or message("其他")),
                *(Number(counts[kind, year], digits=0) if counts[kind, year] else None for year in wanted),
                Number(sum(counts[kind, year] for year in wanted), digits=0),
            )
        )
        for kind in kinds
    )
    columns = (
        Column(message("类别")),
        *(Column(year if year != UNDATED else message("未注明时段"), align="right") for year in wanted),
        Column(message("合计"), align="right"),
    )
    table = Table(message("各类数据的行数"), columns, rows, label="table-coverage")
    text = message(
        "本报告依据 {facts} 条数据、{monitoring} 条监测结果、{equipment} 种设备和 {options} 个方案。各类数据的年份见",
        facts=len(facts),
        monitoring=len(result.case.monitoring),
        equipment=len(result.case.equipment),
        options=len(result.case.options),
    )
    return (Paragraph((text, Reference("table-coverage"), message("；空缺的年份不能计算相应的指标值。"))), table)


def bases(result: AuditResult) -> tuple[Block, ...]:
    """How the data are known."""
    facts = [fact for fact in result.case.facts if fact.state is State.VALUE]
    if not facts:
        return ()
    counts = Counter(fact.basis for fact in facts)
    own = Counter(fact.basis for fact in facts if not fact.uncertainty_is_default)
    rows = tuple(
        Row(
            (
                BASIS_NAMES[basis],
                Number(counts[basis], digits=0),
                Number(100 * counts[basis] / len(facts), digits=1),
                Number(100 * DEFAULT_UNCERTAINTY[basis], exact=True),
                Number(own[basis], digits=0) if own[basis] else None,
            )
        )
        for basis in Basis
        if counts[basis]
    )
    columns = (
        Column(message("数据来源方式")),
        Column(message("行数"), align="right"),
        Column(message("占比"), "%", align="decimal"),
        Column(message("默认相对不确定度"), "%", align="right"),
        Column(message("其中自报不确定度的行数"), align="right"),
    )
    note = message("默认不确定度是本软件的工程约定，不是标准规定的数值；填报自己的不确定度即可替换。")
    others = Counter(fact.state for fact in result.case.facts if fact.state is not State.VALUE)
    notes: list[Inlines] = [note]
    if others:
        words = tr("、").join(f"{state_text(state)} {count}" for state, count in others.items())
        notes.append(
            message("没有数值的行：{words}。零、未填、不适用、未检出是四种不同的情况，未填不当作零。", words=words)
        )
    unknown = counts[Basis.UNKNOWN]
    table = Table(message("数据来源方式与不确定度"), columns, rows, notes=tuple(notes), label="table-bases")
    warning = (
        Callout(
            message(
                "有 {count} 行数据没有注明来源。请补充计量、票据或报表依据，否则相应的指标值只能作参考。", count=unknown
            ),
            tone="warning",
        )
        if unknown
        else None
    )
    return present(table, warning)


def _findings(result: AuditResult) -> tuple[Block, ...]:
    """What contradicts what, the gravest first, with what would settle it; questions are counted and listed last."""
    if not result.findings:
        return (Paragraph(message("数据检查没有发现相互矛盾的数。")),)
    rows: list[Row | GroupRow] = []
    number = 0
    for gravity in Gravity:
        found = [finding for finding in result.findings if finding.severity is gravity]
        if found:
            rows.append(GroupRow(message("{gravity}（{count}）", gravity=GRAVITY_NAMES[gravity], count=len(found))))
        for finding in found:
            number += 1
            rows.append(Row((Number(number, digits=0), finding.message, finding.settle)))
    columns = (
        Column(message("序号"), align="right", share=0.06),
        Column(message("疑点"), share=0.6),
        Column(message("怎样弄清"), share=0.34),
    )
    text = message("数据检查发现 {count} 处疑点，按严重程度排列，见", count=len(result.findings))
    end = message("。疑点是需要核实的问题，不是结论。")
    table = Table(message("数据真实性疑点"), columns, tuple(rows), dense=True, label="table-findings")
    return (Paragraph((text, Reference("table-findings"), end)), table)


def _problems(result: AuditResult) -> tuple[Block, ...]:
    problems = result.problems
    if not problems:
        return (Paragraph(message("读取和计算中没有发现形式、单位或口径上的问题。")),)
    counts = Counter(problem.severity for problem in problems)
    words = tr("、").join(f"{SEVERITY_NAMES[severity]} {counts[severity]}" for severity in Severity if counts[severity])
    shown = [problem for problem in problems if problem.severity is not Severity.NOTE][:8] or list(problems[:8])
    rows = tuple(Row((str(problem.where) or None, str(problem.message))) for problem in shown)
    table = Table(
        message("较重要的问题"),
        (Column(message("位置")), Column(message("问题"))),
        rows,
        label="table-problems",
    )
    lead = message("共发现 {count} 个问题（{words}）。较重要的见", count=len(problems), words=words)
    return (
        Paragraph(
            (lead, Reference("table-problems"), message("，全部见"), Reference("appendix-problems"), message("。"))
        ),
        table,
    )


def settings(result: AuditResult) -> tuple[Block, ...]:
    """The settings under which figures were computed."""
    rows: list[Row] = []
    for name, entry in result.settings.as_json().items():
        if not isinstance(entry, Mapping):
            continue
        value, default = entry["value"], bool(entry["default"])
        if default and value in (None, "", {}, []):
            continue
        label: Text = SETTING_NAMES.get(name, Name(name))
        rows.append(
            Row(
                (label, _setting(value, name), message("默认") if default else message("本案例设定")),
                emphasis="muted" if default else "",
            )
        )
    columns = (Column(message("口径")), Column(message("取值")), Column(message("由谁选定"), align="center"))
    intro = message("下列选择会改变结果。“默认”的各项没有人选定过，提交前请逐项确认。")
    return (Paragraph(intro), Table(message("核算口径"), columns, tuple(rows), label="table-settings"))


def _setting(value: object, name: str = "") -> Text:
    if name == "province" and value:
        return region_name(str(value))
    if isinstance(value, bool):
        return message("是") if value else message("否")
    if isinstance(value, int | float):
        from qingyuan.report.numbers import format_number

        return format_number(Number(float(value), exact=True))
    if isinstance(value, Mapping):
        return tr("；").join(f"{key}{tr('：')}{_setting(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return tr("、").join(map(str, value)) or "—"
    return SETTING_VALUES.get(str(value), str(value))


def missing(result: AuditResult) -> tuple[Block, ...]:
    """Which data are lacking, and which figures wait for them."""
    table = missing_table(
        result, message("还需要的数据及等待它的指标值"), result.figures.missing, label="table-missing"
    )
    if table is None:
        return (Paragraph(message("现有数据能给出本软件核算的全部指标值。")),)
    text = message(
        "有 {count} 个指标值因缺数据没有给出，没有用零或估计值代替。所需数据见", count=len(result.figures.missing)
    )
    return (Paragraph((text, Reference("table-missing"), message("。"))), table)

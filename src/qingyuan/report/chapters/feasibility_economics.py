"""Chapter 5, economic part: assumptions, symbols, criteria, ranking and charts of option economics (经济评估)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qingyuan.audit.result import AuditResult
from qingyuan.language import Message, Name, clauses, headed, listing, message, tr
from qingyuan.options import Decision, Limit, OptionEconomics, Parameter, by_present_value, by_present_value_ratio
from qingyuan.options.classes import COST_CLASSES, HIGH
from qingyuan.options.economics import SYMBOL_NAMES
from qingyuan.reference.records import Grade
from qingyuan.report.chapters.common import GRADE_NAMES, mark_note, marked, picture, present
from qingyuan.report.chapters.options_generated import HEAD_ID, HEAD_NAME, doubt_mark, doubt_numbers, of_classes
from qingyuan.report.chapters.sheets import sheet_table
from qingyuan.report.economics_charts import (
    MarginalStep,
    PaybackBar,
    TornadoBar,
    ValueBar,
    marginal,
    net_present_values,
    payback,
)
from qingyuan.report.economics_charts import tornado as tornado_chart
from qingyuan.report.numbers import Number, unit_text
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
from qingyuan.report.tree import Figure as Picture

MONEY = "10^4 CNY"
MOST_SENSITIVE = 15  # options in the table of critical values
MOST_BEARABLE = 15  # options without an investment that are listed with what they may cost
LIMIT_CLASSES: tuple[tuple[str, Message], ...] = tuple((kind, COST_CLASSES[kind]) for kind in HIGH)


def assessed(result: AuditResult) -> tuple[OptionEconomics, ...]:
    """The assessments of the medium- and high-cost options, in the order of the case."""
    found = (result.economics.get(option.id) for option in of_classes(result, HIGH))
    return tuple(one for one in found if one is not None)


def chart_name(one: OptionEconomics) -> str:
    """Number and name of an option beside a bar."""
    return f"{one.id} {one.name}".strip()


# --- assumptions -----------------------------------------------------------------------------------------------------


def assumption_blocks(result: AuditResult) -> tuple[Block, ...]:
    """Discount rate, life, depreciation, tax, benchmark and the limits of the pay-back: value, grade, source."""
    first = next(iter(result.economics.values()), None)
    if first is None:
        return ()
    common = _common_terms(result)
    rows: list[Row | GroupRow] = [_parameter_row(one) for one in common.terms.parameters]
    known = common.terms.payback_limits
    limits = [(name, known[kind]) for kind, name in LIMIT_CLASSES if kind in known]
    rows += _criteria_rows(limits)
    columns = (
        Column(message("参数或判据"), share=0.24),
        Column(message("数值"), share=0.24),
        Column(message("依据程度"), align="center", share=0.16),
        Column(message("来源"), share=0.36),
    )
    found: list[Block] = []
    assumed = [one.name for one in common.terms.assumptions]
    if assumed:
        text = message(
            "{names}没有人写明，表中的数暂按本软件的假定计算。净现值和能否推荐取决于它们，"
            "因此只给出临界值，不作结论；由审核小组在“审核设置”里填写后才能判定。",
            names=listing(assumed),
        )
        found.append(Callout(text, tone="warning"))
    notes: list[Inlines] = [one.note for one in common.terms.parameters if one.note is not None]
    own = [one for one in result.economics.values() if _own_terms(one, common)]
    if own:
        notes.append(
            message("另有 {count} 个方案用自己的参数：{names}。", count=len(own), names=listing(map(chart_name, own)))
        )
    table = Table(
        message("经济评估的参数和判据"), columns, tuple(rows), notes=tuple(notes), label="table-economic-terms"
    )
    return (*found, table)


def _common_terms(result: AuditResult) -> OptionEconomics:
    """An assessment with the terms that most options share."""
    every = list(result.economics.values())
    return max(every, key=lambda one: sum(not _own_terms(other, one) for other in every[:50]))


def _own_terms(one: OptionEconomics, common: OptionEconomics) -> bool:
    mine, theirs = one.terms.parameters, common.terms.parameters
    return any(a.value != b.value for a, b in zip(mine, theirs, strict=True))


def _parameter_row(one: Parameter) -> Row:
    value = (
        Number(100 * one.value, "%", exact=True)
        if one.unit == "1"
        else message("{years} 年", years=Number(one.value, exact=True))
    )
    grade: Text = message("假定，须确认") if one.grade is None else GRADE_NAMES[one.grade]
    return Row((headed(one.name), value, grade, one.source), emphasis="alert" if one.assumed else "")


def _criteria_rows(limits: Sequence[tuple[Text, Limit]]) -> list[Row]:
    """What decides: the limits of N by cost class, NPV, NPVR and IRR."""
    if not limits:
        return []
    by_class = clauses(message("{kind} N ＜ {limit}", kind=name, limit=limit.text) for name, limit in limits)
    grade, source = GRADE_NAMES[limits[0][1].grade], limits[0][1].source
    same = message("同上")
    return [
        Row((message("投资偿还期 N 的限度"), by_class, grade, source)),
        Row((message("净现值 NPV"), "NPV ≥ 0", grade, same)),
        Row((message("净现值率 NPVR"), message("互斥方案中取大者"), grade, same)),
        Row((message("内部收益率 IRR"), message("IRR ≥ 基准收益率"), grade, same)),
    ]


# --- symbols and results ---------------------------------------------------------------------------------------------


def symbol_table() -> Table:
    """What each symbol means, its formula and unit."""
    given: tuple[tuple[str, Text, Text, str], ...] = (
        ("I", message("总投资费用"), message("固定资产投资 + 流动资金 − 补贴"), MONEY),
        ("P", message("年运行费用总节省金额"), message("年收入增加额 + 年运行费用减少额"), "10^4 CNY/a"),
        ("D", message("年折旧费"), "I / Y", "10^4 CNY/a"),
        ("T", message("应税利润"), "P − D", "10^4 CNY/a"),
        ("E", message("净利润"), message("T − T × 所得税率（亏损不计税）"), "10^4 CNY/a"),
        ("F", message("年净现金流量"), "E + D", "10^4 CNY/a"),
        ("N", message("投资偿还期"), "I / F", "a"),
        ("NPV", message("净现值"), message("F 按贴现率 i 折现 n 年之和 − I"), MONEY),
        ("NPVR", message("净现值率"), "NPV / I × 100%", "%"),
        (
            "IRR",
            message("内部收益率"),
            message("使 NPV = 0 的贴现率；精确值逐次逼近，内插值 i₁ + NPV₁(i₂ − i₁)/(NPV₁ + |NPV₂|)"),
            "%",
        ),
    )
    rows = tuple(
        Row((symbol, name, formula, message("年") if unit == "a" else unit_text(unit)))
        for symbol, name, formula, unit in given
    )
    columns = (
        Column(message("符号"), align="center", share=0.1),
        Column(message("名称"), share=0.24),
        Column(message("算法"), share=0.5),
        Column(message("单位"), align="center", share=0.16),
    )
    note = message("算法按企业清洁生产审核手册；Y 为折旧年限，n 为方案寿命，i 为贴现率。")
    return Table(message("经济评估指标"), columns, rows, notes=(note,), label="table-symbols")


def economic_blocks(result: AuditResult) -> tuple[Block, ...]:
    """Worksheets 5-1 to 5-3, both rates of return, criteria, ranking, and the charts."""
    found = assessed(result)
    if not found:
        return (Missing(message("经济评估"), (message("中/高费方案的投资和年经济效益"),)),)
    blocks: list[Block] = [sheet_table(result, "5-1"), sheet_table(result, "5-2")]
    known = [one for one in found if one.computable]
    sheets = (sheet_table(result, "5-3"), _rates(found))
    blocks.append(LandscapeSection(tuple(one for one in sheets if one is not None)))
    if not known:
        text = message("没有一个中/高费方案的净现值可以算出：投资和年经济效益没有同时写明。")
        blocks.append(Callout(text, tone="warning"))
        return tuple(blocks)
    blocks.append(Heading(3, message("判据与排序")))
    blocks += present(_criteria(result, found), _payback_chart(found))
    blocks += _ranking(result, known)
    blocks += present(_npv_chart(known), _marginal_chart(known))
    return (*blocks, Heading(3, message("敏感性分析")), *_sensitivity(known))


def _rates(found: Sequence[OptionEconomics]) -> Table | None:
    """The internal rate of return twice: exact, and by the handbook's interpolation with its trial rates."""
    rows = []
    for one in found:
        trial = one.interpolation
        if one.irr is None:
            continue
        if trial is None or one.irr_interpolated is None:
            shown: tuple[Inlines | None, ...] = (None, None, None, None, None)
        else:
            shown = (
                Number(100 * trial.low_rate, digits=0),
                Number(trial.low_npv, digits=4),
                Number(100 * trial.high_rate, digits=0),
                Number(trial.high_npv, digits=4),
                Number(100 * one.irr_interpolated, digits=2),
            )
        rows.append(Row((one.id, one.name, *shown, Number(100 * one.irr, digits=2))))
    if not rows:
        return None
    columns = (
        Column(HEAD_ID, align="center"),
        Column(HEAD_NAME),
        Column("i₁", "%", align="right"),
        Column("NPV₁", MONEY, align="right"),
        Column("i₂", "%", align="right"),
        Column("NPV₂", MONEY, align="right"),
        Column(message("IRR（内插值）"), "%", align="right"),
        Column(message("IRR（精确值）"), "%", align="right"),
    )
    note = message("内插值按手册公式由两个试算贴现率求出，略大于精确值；与判据比较用精确值。")
    return Table(
        message("内部收益率的精确值和内插值"),
        columns,
        tuple(rows),
        notes=(note,),
        dense=len(rows) > 12,
        label="table-irr",
    )


def _criteria(result: AuditResult, found: Sequence[OptionEconomics]) -> Table | None:
    """Each criterion of each option: its value, its limit and whether it is met."""
    marks = doubt_numbers(result)
    decided = [one for one in found if one.decisions]
    rows: list[Row] = []
    for one in decided:
        by = {decision.measure: decision for decision in one.decisions}
        limit = one.terms.payback_limits.get(one.cost_class)
        cells: list[Inlines | None] = [one.id, (one.name, doubt_mark(marks[one.id])) if one.id in marks else one.name]
        cells += [_judged(by.get("N")), None if limit is None else message("＜ {limit}", limit=limit.text)]
        cells += [_judged(by.get("NPV")), _judged(by.get("IRR")), one.verdict_text]
        rows.append(Row(tuple(cells), emphasis="alert" if one.verdict == "not-feasible" else ""))
    if not rows:
        return None
    columns = (
        Column(HEAD_ID, align="center", share=0.07),
        Column(HEAD_NAME, share=0.2),
        Column(message("投资偿还期 N（年）"), share=0.14),
        Column(message("N 的限度"), share=0.11),
        Column("NPV", MONEY, share=0.14),
        Column("IRR", "%", share=0.13),
        Column(message("结论"), share=0.21),
    )
    benchmark = _common_terms(result).terms.benchmark_rate
    rate: Inlines = message("IRR ≥ 基准收益率（没有设定）")
    if benchmark.grade is not None:
        rate = marked(message("IRR ≥ {rate}", rate=Number(100 * benchmark.value, "%", significant=4)), benchmark.grade)
    limits = marked(message("N 小于本类的限度，NPV ≥ 0"), _limit_grade(decided))
    notes: list[Inlines] = [
        (message("判据："), *_parts(limits), message("，"), *_parts(rate), message("。没有注明的均符合。"))
    ]
    reasons = dict.fromkeys(
        str(message("{measure}：{reason}", measure=SYMBOL_NAMES[decision.measure], reason=decision.reason))
        for one in decided
        for decision in one.decisions
        if decision.reason is not None and decision.state == "undecided"
    )
    if reasons:
        notes.append(message("不能判定的原因：{reasons}。", reasons=clauses(reasons)))
    return Table(
        message("各方案对照判据的结果"), columns, tuple(rows),
        notes=(*notes, *mark_note(_graded(benchmark.grade, _limit_grade(decided)))), dense=len(rows) > 8,
        label="table-criteria",
    )  # fmt: skip


def _limit_grade(found: Sequence[OptionEconomics]) -> Grade:
    return next((grade for one in found if one.decisions and (grade := one.decisions[0].grade)), Grade.RECALLED)


def _graded(*grades: Grade | None) -> list[Grade]:
    return [grade for grade in grades if grade is not None]


def _parts(content: Inlines) -> tuple[Inline, ...]:
    return content if isinstance(content, tuple) else (content,)


def _judged(decision: Decision | None) -> Inlines | None:
    """The measured value, with the state beside it unless the criterion is met."""
    if decision is None:
        return None
    value = _value(decision.measure, decision.value)
    if decision.state == "met" and value is not None:
        return value
    return decision.word if value is None else (value, message("（{text}）", text=decision.word))


def _value(measure: str, value: float | None) -> Number | None:
    if value is None or not math.isfinite(value):
        return None
    return Number(100 * value if measure == "IRR" else value, digits=2)


def _ranking(result: AuditResult, known: Sequence[OptionEconomics]) -> tuple[Block, ...]:
    """The options by NPV, with their place by NPVR."""
    if len(known) < 2:
        return ()
    by_value, by_ratio = by_present_value(known), by_present_value_ratio(known)
    place = {one.id: number for number, one in enumerate(by_ratio, start=1)}
    rows = tuple(
        Row(
            (
                Number(float(number), digits=0),
                None if one.id not in place else Number(float(place[one.id]), digits=0),
                one.id,
                one.name,
                Number(one.investment),
                Number(one.npv, digits=2),
                None if one.npvr is None else Number(100 * one.npvr, digits=1),
            )
        )
        for number, one in enumerate(by_value, start=1)
    )
    columns = (
        Column(message("按 NPV 的名次"), align="right"),
        Column(message("按 NPVR 的名次"), align="right"),
        Column(HEAD_ID, align="center"),
        Column(HEAD_NAME),
        Column(headed(SYMBOL_NAMES["I"]), MONEY, align="right"),
        Column("NPV", MONEY, align="right"),
        Column("NPVR", "%", align="right"),
    )
    table = Table(
        message("方案按净现值和净现值率排序"), columns, rows, dense=len(rows) > 12, label="table-economic-ranking"
    )
    first, ratio = by_value[0], (by_ratio[0] if by_ratio else None)
    if ratio is not None and ratio.id != first.id:
        text = message(
            "两种排序不同：净现值最大的是 {value}，每元投资净得最多的是 {ratio}。"
            "资金不受限时看净现值，资金有限时看净现值率。",
            value=chart_name(first),
            ratio=chart_name(ratio),
        )
    else:
        text = message("按净现值和净现值率，排在首位的都是 {value}。", value=chart_name(first))
    return (Paragraph((text, message("全部名次见"), Reference("table-economic-ranking"), message("。"))), table)


# --- charts ----------------------------------------------------------------------------------------------------------


def _payback_chart(found: Sequence[OptionEconomics]) -> Picture | None:
    bars = []
    for one in found:
        if one.cash_flow is None or one.investment is None or one.investment <= 0:
            continue
        limit = one.terms.payback_limits.get(one.cost_class)
        years = math.inf if one.payback is None else one.payback
        if limit is None:
            bars.append(PaybackBar(chart_name(one), years))
        else:
            bars.append(PaybackBar(chart_name(one), years, limit.high, None if limit.low == limit.high else limit.low))
    if not bars:
        return None
    caption = message("中/高费方案的投资偿还期与限度")
    return picture(caption, payback(tr("投资偿还期与限度"), bars), label="figure-payback")


def _npv_chart(known: Sequence[OptionEconomics]) -> Picture | None:
    bars = [
        ValueBar(chart_name(one), one.npv, one.investment, one.npvr)
        for one in known
        if one.npv is not None and one.investment is not None
    ]
    if not bars:
        return None
    return picture(message("中/高费方案的净现值"), net_present_values(tr("净现值"), bars), label="figure-npv")


def _marginal_chart(known: Sequence[OptionEconomics]) -> Picture | None:
    steps = [
        MarginalStep(chart_name(one), one.investment, one.saving)
        for one in known
        if one.investment is not None and one.investment > 0 and one.saving is not None and one.saving > 0
    ]
    if len(steps) < 2:
        return None
    title = tr("累计投资与累计年效益（先做收回快的）")
    return picture(message("中/高费方案的累计投资与累计年效益"), marginal(title, steps), label="figure-marginal")


def _sensitivity(known: Sequence[OptionEconomics]) -> tuple[Block, ...]:
    """How far investment, saving, life and rate may go before NPV is 0, and the tornado of the dearest option."""
    from qingyuan.options.cash_flow import Project, project_of
    from qingyuan.options.sensitivity import DEFAULT_SHARE, base_value, switching_value, tornado

    projects: list[tuple[OptionEconomics, Project]] = []
    for one in by_present_value(known):
        project = project_of(one)
        if project is not None and project.investment > 0:
            projects.append((one, project))
    if not projects:
        return (Paragraph(message("没有可作敏感性分析的方案。")),)
    shown = sorted(projects, key=lambda pair: -pair[1].investment)[:MOST_SENSITIVE]
    rows = []
    for one, project in shown:
        cells: list[Inlines | None] = [one.id, one.name, Number(base_value(project), digits=2)]
        for parameter in ("saving", "investment"):
            base, switch = float(getattr(project, parameter)), switching_value(project, parameter)
            cells.append(
                None if switch is None or not base else Number(100 * (switch / base - 1), digits=1, signed=True)
            )
        life, rate = switching_value(project, "life"), switching_value(project, "discount_rate")
        cells += [
            None if life is None else Number(life, digits=0),
            None if rate is None else Number(100 * rate, digits=1),
        ]
        rows.append(Row(tuple(cells)))
    columns = (
        Column(HEAD_ID, align="center"),
        Column(HEAD_NAME),
        Column("NPV", MONEY, align="right"),
        Column(message("年节省可变动"), "%", align="right"),
        Column(message("投资可变动"), "%", align="right"),
        Column(message("寿命至少（年）"), align="right"),
        Column(message("贴现率临界值"), "%", align="right"),
    )
    notes: list[Inlines] = [
        message(
            "各栏为其他条件不变、净现值恰为零时的临界值；NPV 为正的方案，变动超过临界值就不再可行。“—”表示没有临界值。"
        )
    ]
    if len(shown) < len(projects):
        text = message("共 {count} 个方案，这里列出投资最大的 {shown} 个。", count=len(projects), shown=len(shown))
        notes.append(text)
    table = Table(message("净现值为零的临界值"), columns, tuple(rows), notes=tuple(notes), label="table-switching")
    first, project = shown[0]
    swings = tornado(project)
    bars = [
        TornadoBar(_swing_name(swing.parameter, swing.name, swing.low, swing.high), swing.npv_low, swing.npv_high)
        for swing in swings
    ]
    title = tr("净现值的敏感性：{name}").format(name=chart_name(first))
    chart = tornado_chart(title, MONEY, base_value(project), bars)
    caption = message("投资最大的方案净现值的敏感性（{name}）", name=chart_name(first))
    lead = message(
        "各参数分别上下变动 {share}，看净现值怎样变化；{share} 是为比较影响大小而取的，不表示参数的实际误差。",
        share=Number(100 * DEFAULT_SHARE, "%", digits=0),
    )
    return (Paragraph(lead), table, picture(caption, chart, label="figure-sensitivity"))


def _swing_name(parameter: str, name: Name, low: float, high: float) -> str:
    """A parameter with its range, as it stands beside its bar."""
    if parameter in ("discount_rate", "tax_rate", "escalation"):
        span = f"{Number(100 * low, '%', significant=3)}–{Number(100 * high, '%', significant=3)}"
    else:
        span = f"{Number(low)}–{Number(high)}"
    return f"{name} {span}"


# --- options that lack an investment ---------------------------------------------------------------------------------


def bearable_table(result: AuditResult) -> Table | None:
    """What options without an investment may cost at most, so that their present value does not fall below zero."""
    known = [one for one in result.economics.values() if one.affordable is not None and math.isfinite(one.affordable)]
    if not known:
        return None
    known.sort(key=lambda one: -(one.affordable or 0.0))
    rows = tuple(
        Row((one.id, one.name, Number(one.saving), Number(one.affordable, digits=1))) for one in known[:MOST_BEARABLE]
    )
    columns = (
        Column(HEAD_ID, align="center"),
        Column(HEAD_NAME),
        Column(message("年经济效益 P"), MONEY, align="right"),
        Column(message("净现值为零的投资"), MONEY, align="right"),
    )
    notes: list[Inlines] = [message("投资低于此数净现值才为正；年经济效益如有疑点，此数也不成立。")]
    terms = _common_terms(result).terms
    if terms.assumptions:
        text = message(
            "按假定的贴现率 {rate}、寿命 {life} 年计算，须由审核小组设定。",
            rate=Number(100 * terms.discount_rate.value, "%", exact=True), life=terms.years,
        )  # fmt: skip
        notes.append(text)
    if len(known) > MOST_BEARABLE:
        notes.append(message("共 {count} 个，这里列出数额最大的 {shown} 个。", count=len(known), shown=MOST_BEARABLE))
    return Table(
        message("没有投资额的方案可承受的投资"), columns, rows, notes=tuple(notes), dense=True, label="table-bearable"
    )

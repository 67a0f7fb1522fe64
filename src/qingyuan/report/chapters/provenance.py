"""Appendices: where every number comes from, what to compare with the official text, problems of the input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from qingyuan.audit.result import AuditResult
from qingyuan.errors import Severity
from qingyuan.facts.model import Fact
from qingyuan.figures.derivation import Figure, Method
from qingyuan.figures.tiling import periods
from qingyuan.language import clauses, message, tr
from qingyuan.reference.english import translated
from qingyuan.reference.records import Coefficient, Grade, weakest
from qingyuan.report.chapters.common import (
    BASIS_NAMES,
    GRADE_NAMES,
    figure_name,
    item_name,
    mark_note,
    marked,
    place_name,
    validity_text,
)
from qingyuan.report.chapters.grade import grade_shares_table
from qingyuan.report.chapters.quality import SEVERITY_NAMES
from qingyuan.report.numbers import Number, figure_number, format_number, unit_text
from qingyuan.report.tree import (
    Callout,
    Column,
    Heading,
    Inlines,
    Paragraph,
    PlainBlock,
    Reference,
    Row,
    Table,
    Text,
)

MOST_FACTS = 3000  # rows of facts in a report; beyond that the workbook itself is the list
MOST_FIGURES = 2000
MOST_RANGES = 12  # of marks in one cell; result.json names them all


@dataclass
class Sources:
    """Methods, coefficients and facts that figures rest on, each with its number in the appendix (M1, K1, F1)."""

    methods: dict[Method, str] = field(default_factory=dict)
    coefficients: dict[Coefficient, str] = field(default_factory=dict)
    facts: dict[Fact, str] = field(default_factory=dict)

    @classmethod
    def of(cls, result: AuditResult) -> Sources:
        """The facts of a result numbered in the order of their files, so that neighbours have neighbouring numbers."""
        used = {fact for figure in result.figures.figures for fact in figure.term.facts()}
        order = {fact: at for at, fact in enumerate(result.case.facts)}
        ranked = sorted(used, key=lambda fact: (order.get(fact, len(order)), fact.where.file, fact.where.row or 0))
        return cls(facts={fact: f"F{at}" for at, fact in enumerate(ranked, start=1)})

    def method(self, method: Method) -> str:
        """The number of a method."""
        return self.methods.setdefault(method, f"M{len(self.methods) + 1}")

    def coefficient(self, coefficient: Coefficient) -> str:
        """The number of a coefficient."""
        return self.coefficients.setdefault(coefficient, f"K{len(self.coefficients) + 1}")

    def fact(self, fact: Fact) -> str:
        """The number of a fact."""
        return self.facts[fact]


def ranges(marks: Iterable[str]) -> str:
    """Write numbers of one letter short: F1, F2, F3, F7 becomes F1–F3、F7."""
    listed = list(marks)
    numbers = sorted({int(mark[1:]) for mark in listed})
    letter = listed[0][0] if listed else ""
    pieces: list[str] = []
    at = 0
    while at < len(numbers):
        end = at
        while end + 1 < len(numbers) and numbers[end + 1] == numbers[end] + 1:
            end += 1
        if end - at >= 2:
            pieces.append(f"{letter}{numbers[at]}–{letter}{numbers[end]}")
        else:
            pieces += [f"{letter}{number}" for number in numbers[at : end + 1]]
        at = end + 1
    if len(pieces) > MOST_RANGES:
        text = tr("、").join(pieces[: MOST_RANGES - 2])
        return tr("{marks} 等 {count} 项").format(marks=text, count=len(numbers))
    return tr("、").join(pieces)


def source_blocks(result: AuditResult) -> tuple[PlainBlock, ...]:
    """Appendix A, for landscape pages: figures and what they rest on, methods, coefficients, facts."""
    if not result.figures.figures:
        return (Paragraph(message("没有算出指标值，因此没有来源可列。")), *_versions(result))
    sources = Sources.of(result)
    lines = _lines(result, sources)
    inner: list[PlainBlock] = [
        Heading(2, message("指标值的来源")),
        Paragraph(
            (
                message("每个指标值由哪种方法、哪些系数和哪些数据得到。M 为方法，见"),
                Reference("table-methods"),
                message("；K 为系数，见"),
                Reference("table-coefficients"),
                message("；F 为数据行，见"),
                Reference("table-facts"),
                message("。逐层推导可用 qingyuan explain 查看。"),
            )
        ),
        _figures(result, lines),
        Heading(2, message("核算方法")),
        _methods(sources.methods),
        Heading(2, message("系数")),
        _coefficients(sources.coefficients),
        Heading(2, message("数据行")),
        *_facts(result, sources.facts),
    ]
    return (*inner, *_versions(result))


@dataclass
class _Line:
    """One figure over its periods, with the marks of what it rests on."""

    figures: dict[str, Figure] = field(default_factory=dict)
    methods: dict[str, None] = field(default_factory=dict)
    coefficients: set[str] = field(default_factory=set)
    facts: set[str] = field(default_factory=set)
    notes: dict[str, None] = field(default_factory=dict)


def _lines(result: AuditResult, sources: Sources) -> list[_Line]:
    """The figures, all periods of one together."""
    found: dict[tuple[str, str, str], _Line] = {}
    for figure in result.figures.figures:
        line = found.setdefault((figure.id, figure.product, figure.place), _Line())
        line.figures[figure.period] = figure
        line.methods[sources.method(figure.method)] = None
        line.coefficients.update(sources.coefficient(one) for one in figure.term.coefficients())
        line.facts.update(sources.fact(fact) for fact in figure.term.facts())
        line.notes.update(dict.fromkeys(str(note) for note in figure.notes))
        if figure.term.covers:
            part = message("{period} 只含 {part}", period=figure.period, part=periods(figure.term.covers))
            line.notes[str(part)] = None
    return list(found.values())


def _figures(result: AuditResult, lines: list[_Line]) -> Table:
    shown = lines[:MOST_FIGURES]
    years = list(result.years)
    others = any(period not in years for line in shown for period in line.figures)
    said: dict[str, str] = {}  # notes, each once, with its number: a line of the table holds the number only
    rows = []
    for line in shown:
        latest = line.figures[max(line.figures)]
        elsewhere = tr("；").join(
            f"{period}{tr('：')}{format_number(_value(figure, latest.unit))}"
            for period, figure in line.figures.items()
            if period not in years
        )
        rows.append(
            Row(
                (
                    marked(figure_name(result, latest), weakest(figure.grade for figure in line.figures.values())),
                    unit_text(latest.unit) or "—",
                    *(_value(line.figures[year], latest.unit) if year in line.figures else None for year in years),
                    *((elsewhere or None,) if others else ()),
                    tr("、").join(line.methods),
                    ranges(line.coefficients) or None,
                    ranges(line.facts) or None,
                    tr("、").join(said.setdefault(note, f"N{len(said) + 1}") for note in line.notes) or None,
                )
            )
        )
    columns = (
        Column(message("指标值")),
        Column(message("单位"), align="center"),
        *(Column(year, align="right") for year in years),
        *((Column(message("其他时段")),) if others else ()),
        Column(message("方法")),
        Column(message("系数")),
        Column(message("数据行")),
        Column(message("说明")),
    )
    notes: list[Inlines] = list(mark_note(figure.grade for line in shown for figure in line.figures.values()))
    if said:
        notes.append(clauses(message("{mark} {text}", mark=mark, text=text) for text, mark in said.items()))
    if len(lines) > len(shown):
        notes.append(message("共 {count} 个指标值，这里列出前 {shown} 个。", count=len(lines), shown=len(shown)))
    return Table(message("指标值的来源"), columns, tuple(rows), notes=tuple(notes), fine=True, label="table-figures")


def _value(figure: Figure, unit: str) -> Number:
    number = figure_number(figure)
    return Number(figure.term.to(unit).value, bound=number.bound)


def _methods(methods: Mapping[Method, str]) -> Table:
    rows = tuple(
        Row(
            (
                mark,
                method.name,
                translated(method.formula),
                translated(method.edition) or None,
                validity_text(method.validity),
                GRADE_NAMES[method.grade],
                translated(method.source),
            ),
            emphasis="alert" if method.grade is Grade.RECALLED else "",
        )
        for method, mark in methods.items()
    )
    columns = (
        Column(message("编号")),
        Column(message("方法")),
        Column(message("公式")),
        Column(message("版本")),
        Column(message("适用期")),
        Column(message("可信等级")),
        Column(message("来源")),
    )
    return Table(message("核算方法及版本"), columns, rows, fine=True, label="table-methods")


def _coefficients(coefficients: Mapping[Coefficient, str]) -> Table:
    rows = tuple(
        Row(
            (
                mark,
                (one.name, message("（默认选用）")) if one.default else one.name,
                Number(one.value, exact=True),
                unit_text(one.unit) or "—",
                translated(one.edition) or None,
                validity_text(one.validity),
                one.jurisdiction,
                GRADE_NAMES[one.grade],
                clauses(translated(part) for part in (one.source, one.note) if part),
            ),
            emphasis="alert" if one.grade is Grade.RECALLED else "",
        )
        for one, mark in coefficients.items()
    )
    columns = (
        Column(message("编号")),
        Column(message("系数")),
        Column(message("数值"), align="right"),
        Column(message("单位"), align="center"),
        Column(message("版本")),
        Column(message("适用期")),
        Column(message("地区")),
        Column(message("可信等级")),
        Column(message("来源")),
    )
    return Table(message("系数及来源"), columns, rows, fine=True, label="table-coefficients")


def _facts(result: AuditResult, facts: Mapping[Fact, str]) -> tuple[PlainBlock, ...]:
    shown = list(facts.items())[:MOST_FACTS]
    rows = []
    for fact, mark in shown:
        share = Number(100 * fact.relative_uncertainty, significant=2)
        rows.append(
            Row(
                (
                    mark,
                    fact.label or item_name(result, fact.item),
                    fact.period,
                    place_name(fact.place),
                    Number(fact.value, exact=True, state=fact.state),
                    unit_text(fact.unit) or "—",
                    BASIS_NAMES[fact.basis],
                    (share, message("（默认）")) if fact.uncertainty_is_default else share,
                    str(replace(fact.where, column="")) or None,
                    tr("；").join(part for part in (fact.source, fact.note) if part) or None,
                )
            )
        )
    columns = (
        Column(message("编号")),
        Column(message("数据")),
        Column(message("时段")),
        Column(message("场所")),
        Column(message("数值"), align="right"),
        Column(message("单位"), align="center"),
        Column(message("来源方式")),
        Column(message("相对不确定度"), "%", align="right"),
        Column(message("位置")),
        Column(message("依据与备注")),
    )
    unused = sum(1 for fact in result.case.facts if fact not in facts)
    notes: list[Inlines] = []
    if len(facts) > len(shown):
        notes.append(
            message(
                "共用到 {count} 条数据，这里列出前 {shown} 条；其余以数据文件为准。", count=len(facts), shown=len(shown)
            )
        )
    if unused:
        notes.append(message("另有 {count} 条数据没有用于任何指标值。", count=unused))
    return (Table(message("用到的数据行"), columns, tuple(rows), notes=tuple(notes), fine=True, label="table-facts"),)


def _versions(result: AuditResult) -> tuple[PlainBlock, ...]:
    if not result.versions:
        return ()
    words = tr("；").join(f"{name} {version}" for name, version in result.versions.items())
    return (
        Heading(2, message("软件与数据版本")),
        Paragraph(
            message(
                "生成日期 {day}；{versions}。换用新的数据版本后数值可能不同，已有结果不随之改变。",
                day=result.generated_on.isoformat(),
                versions=words,
            )
        ),
    )


def recalled_blocks(result: AuditResult) -> tuple[PlainBlock, ...]:
    """Appendix B, for landscape pages: what rests on memory or on others' citations, and what to compare it with."""
    sources = Sources()
    used: dict[str, list[str]] = {}
    for figure in result.figures.figures:
        used.setdefault(sources.method(figure.method), []).append(figure.id)
        for coefficient in figure.term.coefficients():
            used.setdefault(sources.coefficient(coefficient), []).append(figure.id)
    rows: list[tuple[Grade, Row]] = []
    for method, mark in sources.methods.items():
        if method.grade in (Grade.RECALLED, Grade.CITED, Grade.DEMO):
            wanted = message("公式与版本：{formula}", formula=translated(method.formula))
            rows.append(
                (
                    method.grade,
                    _to_compare(
                        message("方法“{name}”", name=method.name), wanted, method.source, method.grade, used[mark]
                    ),
                )
            )
    for one, mark in sources.coefficients.items():
        if one.grade in (Grade.RECALLED, Grade.CITED, Grade.DEMO):
            wanted = message("数值 {value}", value=Number(one.value, one.unit, exact=True))
            rows.append(
                (
                    one.grade,
                    _to_compare(message("系数“{name}”", name=one.name), wanted, one.source, one.grade, used[mark]),
                )
            )
    score = result.score
    table_rows = (
        []
        if score is None
        else [row for row in score.rows if row.grade in (Grade.RECALLED, Grade.DEMO) and row.met not in ("n/a", "open")]
    )
    for row in table_rows:
        wanted = message("权重与三级要求")
        what = message("指标“{name}”", name=row.indicator.name)
        rows.append((row.grade, _to_compare(what, wanted, score.system.source_name if score else "", row.grade, [])))
    found: list[PlainBlock] = []
    if rows:
        order = {Grade.DEMO: 0, Grade.RECALLED: 1, Grade.CITED: 2}
        rows.sort(key=lambda entry: order[entry[0]])
        columns = (
            Column(message("内容")),
            Column(message("要与原文核对的")),
            Column(message("现依据")),
            Column(message("可信等级")),
            Column(message("影响的指标值")),
            Column(message("核对结果")),
        )
        intro = message(
            "下列内容没有读过官方原文。正式使用前请找到原文，逐项核对并在最后一列签认；不一致的请改正后重新计算。"
        )
        found += [
            Paragraph(intro),
            Table(
                message("待核对的数值与方法"), columns, tuple(row for _, row in rows), fine=True, label="table-compare"
            ),
        ]
    else:
        found.append(Paragraph(message("本报告的数值和方法都依据读过的原文或用户录入，没有待核对的内容。")))
    if score is not None:
        cited = [row for row in score.rows if row.grade is Grade.CITED]
        if cited:
            found.append(
                Callout(
                    message(
                        "评价表有 {count} 行是转引的（见指标表中带 ○ 的行），原文得到后请一并核对。", count=len(cited)
                    ),
                    tone="note",
                )
            )
        shares = grade_shares_table(score)
        if shares is not None:
            found.append(shares)
    return tuple(found)


def _to_compare(what: Inlines, wanted: Inlines, source: Text, grade: Grade, used: list[str]) -> Row:
    ids = list(dict.fromkeys(used))
    text = tr("、").join(ids[:4]) + (tr(" 等 {count} 个").format(count=len(ids)) if len(ids) > 4 else "")
    cells: tuple[Inlines | None, ...] = (what, wanted, translated(source) or None, GRADE_NAMES[grade], text or None, "")
    return Row(cells, emphasis="alert" if grade is Grade.RECALLED else "")


def problem_blocks(result: AuditResult) -> tuple[PlainBlock, ...]:
    """Appendix C, for landscape pages: every problem found in the input, the gravest first."""
    if not result.problems:
        return (Paragraph(message("没有发现问题。")),)
    order = list(Severity)
    problems = sorted(result.problems, key=lambda problem: order.index(problem.severity))
    rows = tuple(
        Row(
            (
                Number(number, digits=0),
                SEVERITY_NAMES[problem.severity],
                str(problem.where) or None,
                str(problem.message),
                str(problem.found) or None,
                None if problem.expected is None else str(problem.expected),
            ),
            emphasis="alert"
            if problem.severity is Severity.ERROR
            else "muted"
            if problem.severity is Severity.NOTE
            else "",
        )
        for number, problem in enumerate(problems, start=1)
    )
    columns = (
        Column(message("序号"), align="center"),
        Column(message("程度"), align="center"),
        Column(message("位置")),
        Column(message("问题")),
        Column(message("读到的内容")),
        Column(message("应为")),
    )
    table = Table(message("输入数据的问题"), columns, rows, fine=True, label="table-all-problems")
    return (table,)

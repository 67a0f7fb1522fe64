"""Appendix: doubts about the data (数据真实性疑点): both numbers with their rows, the gravest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from qingyuan.audit.result import AuditResult
from qingyuan.checks import Finding, Gravity
from qingyuan.checks import Number as Side
from qingyuan.errors import Location
from qingyuan.facts.model import UNDATED
from qingyuan.language import message, tr
from qingyuan.report.chapters.quality import GRAVITY_NAMES
from qingyuan.report.numbers import Number, format_quantity
from qingyuan.report.tree import Column, GroupRow, Inlines, Paragraph, PlainBlock, Reference, Row, Run, Table

MEANINGS = {
    Gravity.GRAVE: message("算术或守恒上不可能"),
    Gravity.SERIOUS: message("很难成立，依据它的指标值站不住"),
    Gravity.MINOR: message("有错，但影响小"),
    Gravity.QUESTION: message("不寻常或不完整，先询问"),
}
MOST_ROWS = 12  # rows of the data named for one number


def blocks(result: AuditResult) -> tuple[PlainBlock, ...]:
    """How many doubts of which weight, then each with both numbers, where they stand and what would settle it."""
    findings = result.findings
    if not findings:
        return (Paragraph(message("数据检查没有发现相互矛盾的数。")),)
    counts = Counter(finding.severity for finding in findings)
    overview = Table(
        message("疑点的数量"),
        (
            Column(message("程度"), share=0.2),
            Column(message("含义"), share=0.6),
            Column(message("处数"), align="right"),
        ),
        (
            *(
                Row((GRAVITY_NAMES[gravity], MEANINGS[gravity], Number(counts[gravity], digits=0)))
                for gravity in Gravity
                if counts[gravity]
            ),
            Row((message("合计"), None, Number(len(findings), digits=0)), emphasis="bold"),
        ),
        label="table-finding-counts",
    )
    rows: list[Row | GroupRow] = []
    number = 0
    for gravity in Gravity:
        found = [finding for finding in findings if finding.severity is gravity]
        if found:
            text = message("{gravity}（{count}）：{meaning}", gravity=GRAVITY_NAMES[gravity], count=len(found),
                           meaning=MEANINGS[gravity])  # fmt: skip
            rows.append(GroupRow(text))
        for finding in found:
            number += 1
            rows.append(_row(number, finding))
    columns = (
        Column(message("序号"), align="center", share=0.045),
        Column(message("疑点"), share=0.345),
        Column(message("一方的数与数据行"), share=0.2),
        Column(message("另一方的数与数据行"), share=0.2),
        Column(message("怎样弄清"), share=0.21),
    )
    table = Table(message("数据真实性疑点"), columns, tuple(rows), dense=True, label="table-findings")
    lead = message(
        "数据检查发现 {count} 处疑点，按严重程度排列；同一程度的按两数相差的倍数排列，见", count=len(findings)
    )
    end = message("。疑点是需要核实的问题，不是结论；没有列出数据行的数由其他数据或通常范围得出。")
    return (Paragraph((lead, Reference("table-findings"), end)), overview, table)


def _row(number: int, finding: Finding) -> Row:
    sides: list[Inlines | None] = [_side(one) for one in finding.numbers[:2]]
    if len(finding.numbers) > 2 and sides:
        more = message("另有 {count} 个数", count=len(finding.numbers) - 2)
        last = sides[-1]
        assert isinstance(last, tuple)
        sides[-1] = (*last, "\n", Run(more, emphasis=True))
    sides += [None] * (2 - len(sides))
    return Row((Number(number, digits=0), finding.message, *sides, finding.settle))


def _side(side: Side) -> tuple[str | Run, ...]:
    value = format_quantity(Number(side.value, side.unit))
    dated = side.period not in ("", UNDATED) and side.period not in str(side.what)
    period = f"{tr('，')}{side.period}" if dated else ""
    rows = places(side.rows)
    head: tuple[str | Run, ...] = (f"{side.what}{period}{tr('：')}", Run(value, bold=True))
    return (*head, "\n", Run(rows, emphasis=True)) if rows else head


def places(rows: Iterable[Location]) -> str:
    """Where numbers stand, in one line: rows of one sheet together, ranges for neighbours."""
    numbers: dict[str, list[int]] = {}
    others: list[str] = []
    for where in dict.fromkeys(rows):
        sheet = where.sheet or where.file
        if where.row is None or not sheet:
            others.append(str(where))
        elif where.row not in numbers.setdefault(sheet, []):
            numbers[sheet].append(where.row)
    said = []
    for sheet, found in numbers.items():
        text = _ranges(sorted(found))
        said.append(str(message("{sheet} 第 {rows} 行", sheet=sheet, rows=text)))
    return tr("；").join([*said, *(text for text in others if text)])


def _ranges(numbers: list[int]) -> str:
    pieces: list[str] = []
    at = 0
    while at < len(numbers):
        end = at
        while end + 1 < len(numbers) and numbers[end + 1] == numbers[end] + 1:
            end += 1
        pieces.append(str(numbers[at]) if at == end else f"{numbers[at]}–{numbers[end]}")
        at = end + 1
    if len(pieces) > MOST_ROWS:
        return tr("{marks} 等 {count} 项").format(marks=tr("、").join(pieces[: MOST_ROWS - 1]), count=len(numbers))
    return tr("、").join(pieces)

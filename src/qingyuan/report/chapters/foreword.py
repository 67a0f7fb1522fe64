"""Foreword (前言) and abstract (摘要): what the report is and how it is to be read; its result on one page."""

from __future__ import annotations

from collections import Counter

from qingyuan.audit.result import AuditResult
from qingyuan.checks import Gravity
from qingyuan.language import Message, clauses, message, sentences
from qingyuan.reference.records import Grade
from qingyuan.report.chapters import legal, summary
from qingyuan.report.chapters.common import GRADE_MARKS, GRADE_NAMES, plant_name
from qingyuan.report.chapters.quality import GRAVITY_NAMES
from qingyuan.report.tree import Block, Callout, Heading, Inlines, Paragraph, Reference


def blocks(result: AuditResult, version: str) -> tuple[Block, ...]:
    """What the report is, its extent, the law it stands on, and what the marks beside numbers mean."""
    case = result.case
    scope = message(
        "本报告记录{plant}的清洁生产审核，依据 {facts} 条数据、{monitoring} 条监测结果、{equipment} 种设备和 "
        "{options} 个方案编写。",
        plant=plant_name(result),
        facts=len(case.facts),
        monitoring=len(case.monitoring),
        equipment=len(case.equipment),
        options=len(case.options),
    )
    extent: Message = (
        message("本稿为评估稿，含第一至五章，供评估时审查审核过程、数据和中/高费方案的可行性。")
        if version == "assessment"
        else message("本稿为验收稿，含第一至七章：在评估稿的基础上补充方案实施的成果和持续清洁生产。")
    )
    marks = clauses(
        message("{mark} {name}", mark=GRADE_MARKS[grade], name=GRADE_NAMES[grade])
        for grade in (Grade.CITED, Grade.RECALLED, Grade.DEMO)
    )
    reading = message(
        "报告中的数值由填报的数据按注明版本的方法计算，不能给出的写明缺什么，不用零或估计值代替。"
        "数值旁的符号表示方法或系数的可信等级：{marks}。",
        marks=marks,
    )
    return (
        Paragraph(sentences((scope, extent))),
        Paragraph(reading),
        Heading(2, message("审核的由来与法律依据")),
        *legal.blocks(result),
    )


def abstract(result: AuditResult) -> tuple[Block, ...]:
    """The result on one page: grade, key figures, what is lacking, how far the data can be trusted."""
    return (*summary.grade(result), *_doubts(result), *summary.figures(result), *summary.lacking(result))


def _doubts(result: AuditResult) -> tuple[Block, ...]:
    if not result.findings:
        return ()
    counts = Counter(finding.severity for finding in result.findings)
    words = clauses(
        message("{name} {count} 处", name=GRAVITY_NAMES[gravity], count=counts[gravity])
        for gravity in Gravity
        if counts[gravity]
    )
    text: Inlines = (
        message("数据检查发现 {count} 处疑点（{words}），逐条列在", count=len(result.findings), words=words),
        Reference("appendix-findings"),
        message("。依据有疑点的数据得出的结果，核实前不能作为结论。"),
    )
    grave = counts[Gravity.GRAVE] + counts[Gravity.SERIOUS]
    return (Callout(text, tone="bad" if counts[Gravity.GRAVE] else "warning" if grave else "note",
                    title=message("数据真实性")),)  # fmt: skip

"""The audit report (清洁生产审核报告): from an audit result to a report tree in the national chapter order.

Two versions of one data set: the assessment (评估稿) has chapters 1-5, what the expert group judges before the
medium- and high-cost options are built; the acceptance (验收稿) adds 6 and 7, their results and the continuing
mechanism. Before them come the pages to be sealed and signed, after them what the data checks found and where every
number comes from.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from qingyuan.audit.result import AuditResult
from qingyuan.language import Language, Message, language, message
from qingyuan.report.chapters import (
    assessment,
    continuing,
    feasibility,
    findings,
    foreword,
    implementation,
    management,
    options_generated,
    planning,
    pre_assessment,
    provenance,
    quality,
)
from qingyuan.report.chapters.common import plant_name
from qingyuan.report.tree import (
    Appendices,
    Block,
    Contents,
    Document,
    Heading,
    LandscapeSection,
    Table,
    Text,
)

Version = Literal["assessment", "acceptance"]
EDITIONS: dict[Version, Message] = {"assessment": message("（评估稿）"), "acceptance": message("（验收稿）")}


def audit_report(result: AuditResult, language_code: Language, version: Version = "assessment") -> Document:
    """The report tree of an audit result in one language and one version.

    Raises InputError where the settings of the audit (weights, scores, proofs) do not fit.
    """
    with language(language_code):
        return _document(result, language_code, version)


def _document(result: AuditResult, language_code: Language, version: Version) -> Document:
    name = plant_name(result)
    title = message("清洁生产审核报告")
    demo = result.demo
    day = result.generated_on
    body: list[Block] = [
        Heading(1, message("筹划与组织"), label="chapter-planning"),
        *planning.blocks(result),
        Heading(1, message("预评估"), label="chapter-pre-assessment"),
        *pre_assessment.blocks(result),
        Heading(1, message("评估"), label="chapter-assessment"),
        *assessment.blocks(result),
        Heading(1, message("方案产生和筛选"), label="chapter-options"),
        *options_generated.blocks(result),
        Heading(1, message("可行性分析"), label="chapter-feasibility"),
        *feasibility.blocks(result),
    ]
    if version == "acceptance":
        body += [
            Heading(1, message("方案实施"), label="chapter-implementation"),
            *implementation.blocks(result),
            Heading(1, message("持续清洁生产"), label="chapter-continuing"),
            *continuing.blocks(result),
        ]
    front = foreword.blocks(result, version)
    chinese = language_code == "zh"  # the typography of official reports
    return Document(
        title=title,
        edition=EDITIONS[version],
        subtitle=name,
        language=language_code,
        date=day,
        blocks=(
            *management.consultant_blocks(result),
            *management.signature_blocks(result),
            Contents(),
            Heading(1, message("前言"), numbered=False),
            *(full_size(front) if chinese else front),
            Heading(1, message("摘要"), numbered=False),
            *foreword.abstract(result),
            *(full_size(body) if chinese else body),
            Appendices(),
            *_appendices(result),
        ),
        cover=_cover(result),
        seal=(
            message("{plant}（盖章）", plant=name),
            message("{year} 年 {month} 月", year=day.year, month=day.month),
        ),
        banner=message("演示数据：不得用于申报或评审") if demo else "",
        watermark=message("演示数据") if demo else "",
        header=message("{plant} · {title}{edition}", plant=name, title=title, edition=EDITIONS[version]),
        subject=message("清洁生产审核：指标、等级、差距与数值来源"),
        keywords=(message("清洁生产"), message("评价指标体系"), name),
        publisher="Qingyuan 清源",
        notice=message("本报告由清源生成。没有读过原文的数值和方法列在附录，核对之前不得作为正式结论。"),
    )


def _appendices(result: AuditResult) -> tuple[Block, ...]:
    return (
        LandscapeSection(
            (
                Heading(1, message("数据真实性疑点"), label="appendix-findings"),
                *findings.blocks(result),
            )
        ),
        Heading(1, message("数据范围与核算口径"), label="appendix-data"),
        Heading(2, message("数据的范围与来源")),
        *quality.coverage(result),
        *quality.bases(result),
        Heading(2, message("核算口径")),
        *quality.settings(result),
        Heading(2, message("不能给出的指标值")),
        *quality.missing(result),
        LandscapeSection(
            (
                Heading(1, message("每个数值的来源"), label="appendix-sources"),
                *provenance.source_blocks(result),
                Heading(1, message("须与原文核对的内容"), label="appendix-recalled"),
                *provenance.recalled_blocks(result),
                Heading(1, message("输入数据的问题"), label="appendix-problems"),
                *provenance.problem_blocks(result),
            )
        ),
    )


def full_size(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The same blocks with their tables in 五号, as chapters of the report ask; what does not fit is set smaller."""
    found: list[Block] = []
    for block in blocks:
        if isinstance(block, Table) and block.dense:
            block = replace(block, dense=False)
        elif isinstance(block, LandscapeSection):
            inner = full_size(block.blocks)
            block = LandscapeSection(tuple(one for one in inner if not isinstance(one, LandscapeSection)))
        found.append(block)
    return tuple(found)


def _cover(result: AuditResult) -> tuple[tuple[Text, Text], ...]:
    profile = result.case.profile
    details = profile.details
    consultant = details.get("consultant", "") or details.get("咨询服务机构", "")
    rows: list[tuple[Text, Text]] = [(message("咨询服务机构"), consultant)] if consultant else []
    rows.append((message("审核期"), profile.audit_period or result.period))
    if result.score is not None:
        rows.append((message("评价指标体系"), result.score.system.title))
        rows.append((message("评价表"), result.score.table.name))
    rows.append((message("编制日期"), result.generated_on.isoformat()))
    return tuple((name, value) for name, value in rows if str(value))

"""The audit report (清洁生产审核报告): from an audit result to a report tree in the national chapter order.

Two versions of one data set: the assessment (评估稿) has chapters 1-5, what the expert group judges before the
medium- and high-cost options are built; the acceptance (验收稿) adds 6 and 7, their results and the continuing
mechanism.
"""

from __future__ import annotations

from typing import Literal

from qingyuan.audit.result import AuditResult
from qingyuan.language import Language, language, message
from qingyuan.report.chapters import continuing, feasibility, implementation, options_generated, sheets
from qingyuan.report.chapters.common import plant_name
from qingyuan.report.tree import Block, Contents, Document, Heading

Version = Literal["assessment", "acceptance"]


def audit_report(result: AuditResult, language_code: Language, version: Version = "assessment") -> Document:
    """The report tree of an audit result in one language and one version."""
    with language(language_code):
        name = plant_name(result)
        title = message("清洁生产审核报告")
        blocks: tuple[Block, ...] = (
            Contents(),
            Heading(1, message("方案产生和筛选"), label="chapter-options"),
            *options_generated.blocks(result),
            Heading(1, message("可行性分析"), label="chapter-feasibility"),
            *feasibility.blocks(result),
        )
        if version == "acceptance":
            blocks = (
                *blocks,
                Heading(1, message("方案实施"), label="chapter-implementation"),
                *implementation.blocks(result),
                Heading(1, message("持续清洁生产"), label="chapter-continuing"),
                *continuing.blocks(result),
            )
        sheets.forget()
        return Document(
            title=title,
            subtitle=name,
            language=language_code,
            date=result.generated_on,
            blocks=blocks,
            header=message("{plant} · {title}", plant=name, title=title),
            publisher="Qingyuan 清源",
        )

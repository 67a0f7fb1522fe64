"""The first report (初步分析报告): from an audit result to a report tree, and to the files DOCX, PDF and result.json.

The full audit report grows from the same chapters: 企业概况 and the level analysis belong to its phase 预评估.
"""

from __future__ import annotations

from pathlib import Path

from qingyuan.audit.result import AuditResult
from qingyuan.language import Language, language, message
from qingyuan.report.chapters import emissions, gaps, grade, plant, provenance, quality, summary, years
from qingyuan.report.chapters.common import plant_name
from qingyuan.report.result_json import figure_json, missing_json, result_json
from qingyuan.report.tree import Appendices, Block, Contents, Document, Heading, LandscapeSection, PageBreak, Text
from qingyuan.report.writing import ReportFiles, write_files

__all__ = ["ReportFiles", "figure_json", "first_report", "missing_json", "result_json", "write_report"]


def write_report(result: AuditResult, folder: Path, language_code: Language) -> ReportFiles:
    """Write the first report as ``writing.write_files`` does."""
    return write_files(result, folder, language_code, "first")


def first_report(result: AuditResult, language_code: Language) -> Document:
    """The report tree of an audit result in one language."""
    with language(language_code):
        name = plant_name(result)
        title = message("清洁生产审核初步分析报告")
        demo = result.demo
        blocks: tuple[Block, ...] = (
            Heading(1, message("摘要"), numbered=False),
            *summary.blocks(result),
            PageBreak(),
            Contents(),
            Heading(1, message("企业概况"), label="chapter-plant"),
            *plant.blocks(result),
            Heading(1, message("数据及其质量"), label="chapter-quality"),
            *quality.blocks(result),
            Heading(1, message("近三年生产与资源能源消耗"), label="chapter-years"),
            *years.blocks(result),
            Heading(1, message("污染物与温室气体"), label="chapter-emissions"),
            *emissions.blocks(result),
            Heading(1, message("清洁生产水平评价"), label="chapter-grade"),
            *grade.blocks(result),
            Heading(1, message("差距与提升路径"), label="chapter-gaps"),
            *gaps.blocks(result),
            Appendices(),
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
        return Document(
            title=title,
            subtitle=name,
            language=language_code,
            date=result.generated_on,
            blocks=blocks,
            cover=_cover(result),
            banner=message("演示数据：不得用于申报或评审") if demo else "",
            watermark=message("演示数据") if demo else "",
            header=message("{plant} · {title}", plant=name, title=title),
            subject=message("清洁生产审核：指标、等级、差距与数值来源"),
            keywords=(message("清洁生产"), message("评价指标体系"), name),
            publisher="Qingyuan 清源",
            notice=message(
                "本报告由清源自动生成，供审核人员核对和修改；没有读过原文的数值见附录，未经核对不得作为正式结论。"
            ),
        )


def _cover(result: AuditResult) -> tuple[tuple[Text, Text], ...]:
    rows: list[tuple[Text, Text]] = [(message("企业"), plant_name(result))]
    if result.score is not None:
        rows.append((message("评价指标体系"), result.score.system.title))
        rows.append((message("评价表"), result.score.table.name))
    if result.period:
        rows.append((message("评价时段"), result.period))
    rows.append((message("编制日期"), result.generated_on.isoformat()))
    rows.append((message("软件版本"), result.versions.get("qingyuan", "")))
    return tuple((name, value) for name, value in rows if str(value))

"""The first report (初步分析报告): from an audit result to a report tree, and to the files DOCX, PDF and result.json.

The full audit report grows from the same chapters: 企业概况 and the level analysis belong to its phase 预评估.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from qingyuan.audit.result import AuditResult
from qingyuan.language import Language, language, message
from qingyuan.report.chapters import emissions, gaps, grade, plant, provenance, quality, summary, years
from qingyuan.report.chapters.common import plant_name
from qingyuan.report.fonts import FontChoice, ensure_fonts
from qingyuan.report.result_json import figure_json, missing_json, result_json
from qingyuan.report.tree import Appendices, Block, Contents, Document, Heading, LandscapeSection, PageBreak, Text

__all__ = ["ReportFiles", "figure_json", "first_report", "missing_json", "result_json", "write_report"]


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """The files of one report."""

    docx: Path
    pdf: Path
    json: Path
    kept: Path | None = None  # an earlier report.docx that somebody had edited, under another name

    def as_json(self) -> dict[str, str]:
        """The paths as plain text."""
        written = {"docx": str(self.docx), "pdf": str(self.pdf), "json": str(self.json)}
        return written if self.kept is None else {**written, "kept": str(self.kept)}


def write_report(result: AuditResult, folder: Path, language_code: Language) -> ReportFiles:
    """Write ``report.docx``, ``report.pdf`` and ``result.json`` into a folder, which is made where it is absent.

    All three hold the same numbers, written by the same function. A ``report.docx`` of the folder that was edited since
    it was written is kept under another name. Raises ``fonts.FontMissing`` before anything is
    written where no Chinese font is found.
    """
    from qingyuan.report.docx import docx_bytes
    from qingyuan.report.pdf import pdf_bytes

    fonts: FontChoice = ensure_fonts()
    folder.mkdir(parents=True, exist_ok=True)
    files = ReportFiles(folder / "report.docx", folder / "report.pdf", folder / "result.json")
    files = replace(files, kept=_keep_edited(files))
    document = first_report(result, language_code)
    with ThreadPoolExecutor(max_workers=1) as pool:  # typst works in its own process meanwhile
        pdf = pool.submit(pdf_bytes, document, fonts)
        files.docx.write_bytes(docx_bytes(document, fonts))
        files.pdf.write_bytes(pdf.result())
    with language(language_code):
        record = result_json(result, files)
    record["sha256"] = {path.name: sha256(path.read_bytes()).hexdigest() for path in (files.docx, files.pdf)}
    text = json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    files.json.write_text(text, encoding="utf-8", errors="backslashreplace")  # half a surrogate pair in the data
    return files


def _keep_edited(files: ReportFiles) -> Path | None:
    """Rename a Word report that is not as it was written, so that nobody's work is overwritten; its new path."""
    if not files.docx.exists():
        return None
    try:
        written = json.loads(files.json.read_text(encoding="utf-8"))["sha256"][files.docx.name]
    except (OSError, ValueError, KeyError, TypeError):
        written = ""
    if written == sha256(files.docx.read_bytes()).hexdigest():
        return None
    number = 1
    while (kept := files.docx.with_name(f"report-edited-{number}.docx")).exists():
        number += 1
    return files.docx.rename(kept)


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

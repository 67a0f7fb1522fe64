"""Writing a report to files (报告输出): DOCX, PDF, worksheets and result.json of one result, with the same numbers."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Literal

from qingyuan.audit.result import AuditResult
from qingyuan.language import Language, language
from qingyuan.report.fonts import FontChoice, ensure_fonts
from qingyuan.report.resolve import resolve
from qingyuan.report.result_json import result_json
from qingyuan.report.tree import Document

Kind = Literal["assessment", "acceptance", "first"]
KINDS: tuple[Kind, ...] = ("assessment", "acceptance", "first")


@dataclass(frozen=True, slots=True)
class ReportFiles:
    """The files of one report."""

    docx: Path
    pdf: Path
    json: Path
    kept: Path | None = None  # an earlier report.docx that somebody had edited, under another name
    worksheets: Path | None = None
    kept_worksheets: Path | None = None  # the same of worksheets.xlsx

    def as_json(self) -> dict[str, str]:
        """The paths as plain text."""
        names = ("docx", "pdf", "json", "worksheets", "kept", "kept_worksheets")
        return {name: str(path) for name in names if (path := getattr(self, name)) is not None}


def document_of(result: AuditResult, language_code: Language, kind: Kind = "assessment") -> Document:
    """The report tree of a kind: the audit report in its two versions, or the short first analysis."""
    if kind == "first":
        from qingyuan.report.first_report import first_report

        return first_report(result, language_code)
    from qingyuan.report.audit_report import audit_report

    return audit_report(result, language_code, kind)


def write_files(result: AuditResult, folder: Path, language_code: Language, kind: Kind = "assessment") -> ReportFiles:
    """Write ``report.docx``, ``report.pdf``, ``worksheets.xlsx`` and ``result.json`` into a folder, made where absent.

    All hold the same numbers, written by the same functions. A ``report.docx`` or ``worksheets.xlsx`` of the folder
    that was edited since it was written is kept under another name. Raises ``fonts.FontMissing`` before anything is
    written where no Chinese font is found.
    """
    from qingyuan.report.docx import docx_bytes
    from qingyuan.report.pdf import pdf_bytes
    from qingyuan.report.worksheet_book import FILE_NAME, write_worksheets

    fonts: FontChoice = ensure_fonts()
    document = resolve(document_of(result, language_code, kind))
    folder.mkdir(parents=True, exist_ok=True)
    files = ReportFiles(folder / "report.docx", folder / "report.pdf", folder / "result.json")
    book = folder / FILE_NAME
    files = replace(
        files,
        worksheets=book,
        kept=_keep_edited(files.docx, files.json),
        kept_worksheets=_keep_edited(book, files.json),
    )
    with ThreadPoolExecutor(max_workers=1) as pool:  # typst works in its own process meanwhile
        pdf = pool.submit(pdf_bytes, document, fonts)
        files.docx.write_bytes(docx_bytes(document, fonts))
        write_worksheets(result, book, language_code)
        files.pdf.write_bytes(pdf.result())
    with language(language_code):
        record = result_json(result, files)
    record["report"] = kind
    record["sha256"] = {path.name: sha256(path.read_bytes()).hexdigest() for path in (files.docx, files.pdf, book)}
    text = json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    files.json.write_text(text, encoding="utf-8", errors="backslashreplace")  # half a surrogate pair in the data
    return files


def _keep_edited(path: Path, record: Path) -> Path | None:
    """Rename a file that is not as it was written, so that nobody's work is overwritten; its new path.

    ``record``: the ``result.json`` that knows what was written.
    """
    if not path.exists():
        return None
    try:
        written = json.loads(record.read_text(encoding="utf-8"))["sha256"][path.name]
    except (OSError, ValueError, KeyError, TypeError):
        written = ""
    if written == sha256(path.read_bytes()).hexdigest():
        return None
    number = 1
    while (kept := path.with_name(f"{path.stem}-edited-{number}{path.suffix}")).exists():
        number += 1
    return path.rename(kept)

"""The audit report of the real plant that ships: tree, PDF and DOCX together, and its tables in Word by python-docx.

    python benchmarks/report.py

Three sizes: the short first analysis, the assessment version, the acceptance version. ``both`` is the wall time of PDF
and DOCX as ``write_files`` makes them (typst works in a process of its own while the Word file is built), ``CPU`` what
all processes together took. The peer is python-docx with ``Document.add_table`` and ``cell.text``, the way that it
documents, for the same tables; the texts of all cells are compared. Target: 80 pages, both files, in 2 s.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

import docx
from pypdf import PdfReader

from qingyuan.audit.pipeline import run
from qingyuan.audit.result import AuditResult
from qingyuan.demo import SHIPPED_CASES
from qingyuan.report.docx import docx_bytes
from qingyuan.report.fonts import ensure_fonts
from qingyuan.report.pdf import pdf_bytes
from qingyuan.report.resolve import plain_text, resolve
from qingyuan.report.tree import Block, Document, LandscapeSection, Row, Table
from qingyuan.report.writing import KINDS, Kind, document_of
from report_pages import words

ROUNDS = 3


def tables(blocks: tuple[Block, ...]) -> Iterator[Table]:
    """All tables of a document."""
    for block in blocks:
        if isinstance(block, LandscapeSection):
            yield from tables(block.blocks)
        elif isinstance(block, Table):
            yield block


def plainly(document: Document) -> bytes:
    """The tables of a resolved report by python-docx's documented way."""
    word = docx.Document()
    for table in tables(document.blocks):
        made = word.add_table(rows=1, cols=len(table.columns))
        for cell, column in zip(made.rows[0].cells, table.columns, strict=True):
            cell.text = str(column.header)
        for row in table.rows:
            if isinstance(row, Row):
                for cell, value in zip(made.add_row().cells, row.cells, strict=True):
                    cell.text = plain_text(value)
            else:
                made.add_row().cells[0].text = plain_text(row.text)
    stream = io.BytesIO()
    word.save(stream)
    return stream.getvalue()


def only_tables(document: Document) -> Document:
    """The same document with nothing but its tables."""
    return Document("", document.language, document.date, tuple(tables(document.blocks)), resolved=True)


def both(result: AuditResult, kind: Kind) -> tuple[bytes, bytes]:
    """The report as ``write_files`` makes it: PDF and DOCX."""
    fonts = ensure_fonts()
    document = resolve(document_of(result, "zh", kind))
    with ThreadPoolExecutor(max_workers=1) as pool:
        pdf = pool.submit(pdf_bytes, document, fonts)
        return docx_bytes(document, fonts), pdf.result()


def cpu() -> float:
    """Processor seconds of this process and of those that it started and that ended."""
    return sum(getrusage(who).ru_utime + getrusage(who).ru_stime for who in (RUSAGE_SELF, RUSAGE_CHILDREN))


def measure(work: Callable[[], object]) -> tuple[float, float]:
    """Median wall seconds and median processor seconds; the first run is not counted."""
    work()
    wall, used = [], []
    for _ in range(ROUNDS):
        started, before = time.perf_counter(), cpu()
        work()
        wall.append(time.perf_counter() - started)
        used.append(cpu() - before)
    return statistics.median(wall), statistics.median(used)


def main() -> None:
    """Print one line for each version of the report."""
    result = run(SHIPPED_CASES / "pcb-plant-a")
    head = ("pages", "cells", "both s", "CPU s", "CPU s/80p", "PDF MB", "tables s", "python-docx s", "peer/ours")
    print(f"{'report':<12}" + "".join(f"{name:>15}" for name in head))
    for kind in ("first", *(one for one in KINDS if one != "first")):
        document = resolve(document_of(result, "zh", kind))  # type: ignore[arg-type]
        _, pdf = both(result, kind)  # type: ignore[arg-type]
        wall, used = measure(lambda kind=kind: both(result, kind))  # type: ignore[misc]
        ours = docx_bytes(only_tables(document))
        peer = plainly(document)
        answer = [text for text in words(ours) if text]
        assert answer == [text for text in words(peer) if text], "the tables differ"
        own_seconds, _ = measure(lambda document=document: docx_bytes(only_tables(document)))  # type: ignore[misc]
        peer_seconds, _ = measure(lambda document=document: plainly(document))  # type: ignore[misc]
        pages = len(PdfReader(io.BytesIO(pdf)).pages)
        numbers = (
            f"{pages}", f"{len(answer)}", f"{wall:.2f}", f"{used:.2f}", f"{used * 80 / pages:.2f}",
            f"{len(pdf) / 1e6:.1f}", f"{own_seconds:.2f}", f"{peer_seconds:.2f}", f"{peer_seconds / own_seconds:.1f}",
        )  # fmt: skip
        print(f"{kind:<12}" + "".join(f"{number:>15}" for number in numbers), flush=True)


if __name__ == "__main__":
    main()

"""Reports of three sizes as PDF and DOCX: time, memory, pages; the Word table against python-docx's own way.

    python benchmarks/report_pages.py

PDF has no peer here: it is set by typst in a process of its own, whose peak memory is printed. For DOCX the same table
is written with ``Document.add_table`` and ``cell.text``, the way that python-docx documents, and the texts of all cells
are compared. Targets: 84 pages in 2 s and 300 MB.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import docx
from pypdf import PdfReader

from qingyuan.report import charts
from qingyuan.report.docx import docx_bytes
from qingyuan.report.numbers import Number, format_number
from qingyuan.report.pdf import pdf_bytes
from qingyuan.report.tree import Column, Contents, Document, Figure, Heading, Paragraph, Row, Table

SIZES = (8, 84, 800)  # pages, about
ROWS_PER_PAGE = 19


def report(pages: int) -> Document:
    """A report of about so many pages: a chapter for every ten, each with text, a chart and a table."""
    blocks: list[object] = [Contents()]
    left = pages
    chapter = 0
    while left > 0:
        size = min(10, left)
        chapter += 1
        chart = charts.shares("分场所用电", "kWh", [(f"第{n}车间", 1000.0 * n * chapter) for n in range(1, 7)])
        rows = tuple(
            Row(
                (
                    str(number),
                    f"单位产品综合能耗（第{number}项，含说明文字）",
                    Number(number * 1.2345, digits=2),
                    Number(number**2),
                    f"facts.csv 第 {number} 行，统计报表",
                )
            )
            for number in range(1, max(1, (size - 1) * ROWS_PER_PAGE))
        )
        columns = (
            Column("序号", align="center"),
            Column("指标"),
            Column("数值", "kgce/m2", align="decimal"),
            Column("数量", "kg", align="right"),
            Column("依据"),
        )
        blocks += [
            Heading(1, f"第{chapter}部分"),
            Heading(2, "说明"),
            Paragraph(
                "从源头削减污染，提高资源利用效率，减少或者避免生产、服务和产品使用过程中污染物的产生和排放。" * 4
            ),
            Figure("分场所用电", chart.svg, chart.alt),
            Table("指标值一览", columns, rows),
        ]
        left -= size
    return Document("基准报告", "zh", dt.date(2026, 1, 1), tuple(blocks), header="基准报告")  # type: ignore[arg-type]


def plainly(document: Document) -> bytes:
    """The tables of a report by python-docx's documented way."""
    word = docx.Document()
    for block in document.blocks:
        if isinstance(block, Table):
            table = word.add_table(rows=1, cols=len(block.columns))
            for cell, column in zip(table.rows[0].cells, block.columns, strict=True):
                cell.text = str(column.header)
            for row in block.rows:
                assert isinstance(row, Row)
                for cell, value in zip(table.add_row().cells, row.cells, strict=True):
                    cell.text = format_number(value) if isinstance(value, Number) else str(value)
    stream = io.BytesIO()
    word.save(stream)
    return stream.getvalue()


def words(data: bytes) -> list[str]:
    """The texts of all table cells below the heading rows."""
    namespace = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    found = []
    for table in docx.Document(io.BytesIO(data)).element.body.iter(f"{namespace}tbl"):
        for row in list(table.iter(f"{namespace}tr"))[1:]:
            found += ["".join(t.text or "" for t in cell.iter(f"{namespace}t")) for cell in row.iter(f"{namespace}tc")]
    return found


def measure(work: Callable[[], bytes], repeats: int) -> tuple[float, bytes]:
    """Median seconds and the last result."""
    times, result = [], b""
    for _ in range(repeats):
        started = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - started)
    return statistics.median(times), result


def one_pdf(pages: int) -> dict[str, float]:
    """Set one report in a fresh process and tell the peak memory of it and of its typst."""
    code = (
        "import json, resource, time, sys; sys.path.insert(0, 'benchmarks')\n"
        "from report_pages import report; from qingyuan.report.pdf import pdf_bytes\n"
        f"document = report({pages}); started = time.perf_counter(); pdf_bytes(document)\n"
        "peak = lambda who: resource.getrusage(who).ru_maxrss / 1024\n"
        "print(json.dumps({'seconds': time.perf_counter() - started, 'own_mb': peak(resource.RUSAGE_SELF),\n"
        "                  'typst_mb': peak(resource.RUSAGE_CHILDREN)}))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def main() -> None:
    """Print one line for each size."""
    head = ("pages", "PDF s", "ms/page", "typst MB", "own MB", "PDF MB", "DOCX s", "plain s", "plain/ours")
    print("".join(f"{name:>11}" for name in head))
    for pages in SIZES:
        document = report(pages)
        repeats = 3 if pages < 500 else 1
        pdf_seconds, pdf = measure(lambda document=document: pdf_bytes(document), repeats)  # type: ignore[misc]
        ours_seconds, ours = measure(lambda document=document: docx_bytes(document), repeats)  # type: ignore[misc]
        plain_seconds, plain = measure(lambda document=document: plainly(document), 1)  # type: ignore[misc]
        assert words(ours) == words(plain), "the tables differ"
        count = len(PdfReader(io.BytesIO(pdf)).pages)
        peak = one_pdf(pages)
        numbers = (
            f"{count}", f"{pdf_seconds:.2f}", f"{1000 * pdf_seconds / count:.1f}", f"{peak['typst_mb']:.0f}",
            f"{peak['own_mb']:.0f}", f"{len(pdf) / 1e6:.2f}", f"{ours_seconds:.2f}", f"{plain_seconds:.2f}",
            f"{plain_seconds / ours_seconds:.1f}",
        )  # fmt: skip
        print("".join(f"{number:>11}" for number in numbers), flush=True)


if __name__ == "__main__":
    main()

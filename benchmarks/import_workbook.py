"""Import of a workbook: read and checked by Qingyuan against openpyxl's read-only mode, which only reads.

    python benchmarks/import_workbook.py

Each run is a process of its own, so that its peak memory is its own. The values of all rows must agree. Target: 100 000
rows read and checked in 3 s on a quiet core, time growing no faster than the rows.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = (1_000, 10_000, 100_000)
REPEATS = 3
HEADINGS = ("时段", "场所", "类别", "项目", "收支", "数值", "单位", "数据来源", "计量器具", "凭证", "备注", "对应产品")
ITEMS = (("能源", "电力", "消耗", "kWh"), ("能源", "天然气", "外购", "Nm3"), ("水", "生产用水", "消耗", "m³"),
         ("原辅材料", "硫酸", "消耗", "kg"), ("固体废物", "含铜污泥", "产生", "t"))  # fmt: skip


def write(path: Path, rows: int) -> None:
    """A workbook of monthly facts, one in fifty written the way people write: 1,234.5, 12%, ND, full width."""
    import xlsxwriter

    rng = random.Random(rows)
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("明细")
    page.write_row(0, 0, HEADINGS)
    for row in range(1, rows + 1):
        kind, item, role, unit = ITEMS[row % len(ITEMS)]
        value: object = round(rng.uniform(0, 1e5), 3)
        if row % 50 == 0:
            value = rng.choice([f"{value:,}", "ND", "不适用", str(value).translate({48: 0xFF10, 49: 0xFF11})])
        cells = (f"20{20 + row % 4}-{row % 12 + 1:02d}", f"{row % 40}号线", kind, item, role, value, unit, "计量",
                 f"M{row % 300}", f"抄表{row}", "", "")  # fmt: skip
        for column, cell in enumerate(cells):
            if isinstance(cell, float):
                page.write_number(row, column, cell)
            elif cell:
                page.write_string(row, column, str(cell))
    book.close()


def ours(path: Path) -> tuple[float, int, float]:
    """Seconds, rows, sum of the numbers that were typed as numbers: guards, reading, checks of form, names, units."""
    from qingyuan.facts import State, read_workbook

    start = time.perf_counter()
    case = read_workbook(path)
    seconds = time.perf_counter() - start
    typed = [fact for fact in case.facts if fact.state is State.VALUE and (fact.where.row or 0) % 50 != 1]
    return seconds, len(case.facts), sum(fact.value for fact in typed if fact.value is not None)


def peer(path: Path) -> tuple[float, int, float]:
    """Seconds, rows, sum of the numbers, as openpyxl reads them; nothing is checked."""
    import openpyxl

    start = time.perf_counter()
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    rows = list(book["明细"].iter_rows(min_row=2, values_only=True))
    seconds = time.perf_counter() - start
    return seconds, len(rows), sum(row[5] for row in rows if isinstance(row[5], (int, float)))


def child(reader: str, path: str) -> None:
    seconds, rows, total = (ours if reader == "ours" else peer)(Path(path))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "rows": rows, "total": total, "peak": peak}))


def measure(reader: str, path: Path, repeats: int) -> dict[str, float]:
    runs = [
        json.loads(
            subprocess.run(
                [sys.executable, __file__, reader, str(path)], check=True, capture_output=True, text=True
            ).stdout
        )
        for _ in range(repeats)
    ]
    return {**runs[0], "seconds": statistics.median(run["seconds"] for run in runs)}


def main() -> None:
    print("    rows   ours s  openpyxl s  ratio  ours MB  openpyxl MB  ours us/row")
    with tempfile.TemporaryDirectory() as folder:
        for rows in SIZES:
            path = Path(folder) / f"{rows}.xlsx"
            write(path, rows)
            mine = measure("ours", path, REPEATS)
            theirs = measure("peer", path, REPEATS if rows < 100_000 else 1)
            if mine["rows"] != rows or theirs["rows"] != rows or abs(mine["total"] - theirs["total"]) > 1e-6 * rows:
                raise SystemExit(f"answers differ at {rows} rows: {mine} {theirs}")
            ratio = theirs["seconds"] / mine["seconds"]
            print(
                f"{rows:>8} {mine['seconds']:>8.2f} {theirs['seconds']:>11.2f} {ratio:>6.1f}"
                f" {mine['peak']:>8.0f} {theirs['peak']:>12.0f} {mine['seconds'] / rows * 1e6:>12.1f}"
            )


if __name__ == "__main__":
    if len(sys.argv) == 3:
        child(sys.argv[1], sys.argv[2])
    else:
        main()

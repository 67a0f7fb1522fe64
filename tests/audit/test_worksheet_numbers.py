"""Numbers of worksheets: spans of scores that are not given, signs, and one row for what is one quantity."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from qingyuan.audit.focus import factor_set
from qingyuan.audit.goals import compare_periods
from qingyuan.audit.inputs import Inputs, read_inputs
from qingyuan.audit.pipeline import audit_case, run
from qingyuan.audit.worksheets import Cell, Context, worksheet
from qingyuan.demo import SHIPPED_CASES
from qingyuan.facts.cases import read_case
from qingyuan.language import language
from qingyuan.report.chapters import implementation
from qingyuan.report.chapters.sheets import sheet_table
from qingyuan.report.resolve import plain_text
from qingyuan.report.tree import Paragraph, Row, Table

PLATING = SHIPPED_CASES / "electroplating-demo"


def span(cell: Cell) -> tuple[float, float]:
    if isinstance(cell.value, float):
        return cell.value, cell.value
    low, high = str(cell.value).split(" 至 ")
    return float(low), float(high)


@pytest.mark.parametrize("weights", [{}, {"wastes": 9}])
def test_totals_of_scores_follow_from_the_cells(weights: dict[str, float]) -> None:
    factors = factor_set("handbook").factors
    known = {factor.id for factor in factors}
    result = run(SHIPPED_CASES / "pcb-plant-a")
    some = {factors[0].id: 8.0, factors[1].id: 3.0}
    inputs = Inputs(
        candidates=("废水处理站", "蚀刻"),
        scores={"蚀刻": some, "废水处理站": dict.fromkeys(known, 6.0)},
        weights={id: weight for id, weight in weights.items() if id in known},
    )
    with language("zh"):
        sheet = worksheet("2-11", Context(result, inputs))
        for name in ("蚀刻", "废水处理站"):
            cells = [sheet.cell(row, f"weighted@{name}") for row in range(len(sheet.rows) - 2)]
            low, high = (sum(ends) for ends in zip(*map(span, cells), strict=True))
            assert span(sheet.cell(len(sheet.rows) - 2, f"weighted@{name}")) == pytest.approx((low, high))
        unknown = [
            sheet.cell(row, "score@蚀刻")
            for row in range(len(sheet.rows) - 2)
            if not isinstance(sheet.cell(row, "score@蚀刻").value, float)
        ]
        assert unknown
        assert all(cell.filled and cell.origin == "missing" for cell in unknown)
        assert sheet.state == "partial"
        assert sheet.missing


def test_what_one_outlet_discharges_is_compared_once() -> None:
    rows = compare_periods(read_case(PLATING), "2022", "2024").rows
    whole = {(row.id, row.product): row for row in rows if not row.place}
    placed = [row for row in rows if row.place and (row.id, row.product) in whole]
    for row in placed:
        other = whole[row.id, row.product]
        same = [
            (a is None) == (b is None)
            and (a is None or b is None or a.term.to(row.unit).value == b.term.to(row.unit).value)
            for a, b in ((row.before, other.before), (row.after, other.after))
        ]
        assert not all(same), (row.id, row.place)
    names = [(row.id, row.place, row.product) for row in rows]
    assert len(names) == len(set(names))


def test_the_comparison_leads_with_what_is_more_than_an_error_of_measuring() -> None:
    inputs = replace(read_inputs(PLATING), before="2022", after="2024")
    result = audit_case(read_case(PLATING), inputs=inputs, today=dt.date(2025, 6, 1))
    rows = compare_periods(result.case, "2022", "2024").rows
    better = sum(row.better is True for row in rows if row.significant)
    worse = sum(row.better is False for row in rows if row.significant)
    assert better
    with language("zh"):
        blocks = implementation.blocks(result)
        said = next(
            text
            for block in blocks
            if isinstance(block, Paragraph) and "标准不确定度" in (text := plain_text(block.content))
        )
        assert f"大于两倍标准不确定度：{better} 项改善，{worse} 项变差" in said
        for id in ("6-7", "6-8"):
            table = sheet_table(result, id)
            assert isinstance(table, Table)
            for row in table.rows:
                assert isinstance(row, Row)
                texts = ["" if cell is None else plain_text(cell) for cell in row.cells[2:]]
                assert not any("-" in text for text in texts)
                for text in texts[:-1]:
                    digits = re.sub(r"\D", "", text.split("×")[0]).lstrip("0")
                    # four figures, and whole numbers whole
                    assert len(digits) <= 4 or "." not in text, text

"""The user's own workbook back with its problems in it."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from qingyuan.errors import InputError, Location, Problem, Severity
from qingyuan.facts import mark_workbook, read_case, read_workbook, write_template
from qingyuan.language import message


def faulty(path: Path) -> tuple[Problem, ...]:
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("能耗")
    page.write_row(0, 0, ["能源", "单位", "2021年", "2022年"])
    page.write_row(1, 0, ["电", "kWh", 5, "abc"])
    page.write_row(2, 0, ["煤碳", "t", 1, 2])
    page.write_formula(3, 2, "=1/0", None, "#DIV/0!")
    page.write_row(3, 0, ["=1+1", "t"])
    book.add_worksheet("说明").write_string("A1", "=cmd|'/c calc'!A0")
    book.close()
    with pytest.raises(InputError) as caught:
        read_workbook(path)
    return caught.value.problems


def test_cells_are_marked_and_listed(tmp_path: Path) -> None:
    source = tmp_path / "plant.xlsx"
    problems = faulty(source)
    copy = openpyxl.load_workbook(mark_workbook(source, problems, tmp_path / "marked.xlsx"))
    assert copy.sheetnames == ["问题清单", "能耗", "说明"]
    page = copy["能耗"]
    for cell, value in (("D2", "abc"), ("A3", "煤碳"), ("C4", "#DIV/0!")):
        assert page[cell].value == value
        assert page[cell].fill.fgColor.rgb == "FFF8D7DA"
        assert page[cell].comment is not None
    assert page["C2"].value == 5
    assert page["C2"].comment is None
    assert "一个数" in page["D2"].comment.text
    listed = [[cell.value for cell in row] for row in copy["问题清单"].iter_rows(min_row=5)]
    assert len(listed) == len(problems)
    assert ["错误", "能耗", "D2"] in [row[:3] for row in listed]
    assert copy["问题清单"]["C5"].hyperlink is not None
    for row in copy["说明"].iter_rows():
        assert all(cell.data_type != "f" for cell in row)


def test_a_marked_template_reads_like_the_original(pcb_plant: Path, tmp_path: Path) -> None:
    source = write_template(tmp_path / "plant.xlsx", case=read_case(pcb_plant))
    warning = Problem("x", message("看一看"), Severity.WARNING, Location("plant.xlsx", "能源", 8, "", "G8"))
    marked = mark_workbook(source, [warning], tmp_path / "marked.xlsx")
    again, case = read_workbook(marked), read_workbook(source)
    assert [fact.value for fact in again.facts] == [fact.value for fact in case.facts]
    assert len(again.monitoring) == len(case.monitoring)


def test_problems_without_a_cell_are_listed_only(tmp_path: Path) -> None:
    source = write_template(tmp_path / "plant.xlsx")
    copy = openpyxl.load_workbook(
        mark_workbook(source, [Problem("x", message("整个文件"))], tmp_path / "marked.xlsx"), data_only=True
    )
    assert copy["问题清单"]["D5"].value == "整个文件"


def test_what_is_refused_is_not_copied(tmp_path: Path) -> None:
    source = tmp_path / "bad.xlsx"
    source.write_bytes(io.BytesIO(b"not a workbook").read())
    with pytest.raises(InputError):
        mark_workbook(source, [], tmp_path / "marked.xlsx")
    assert not (tmp_path / "marked.xlsx").exists()

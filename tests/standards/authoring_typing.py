"""Typing into the empty entry form as a person does: cells by field and column, merged cells, number formats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl

from qingyuan.language import Language
from qingyuan.standards.authoring import write_form

Row = dict[str, Any]

DOCUMENT: dict[str, Any] = {
    "id": "own-industry-2019",
    "title": "某行业清洁生产评价指标体系",
    "document": "公告2019年第0号",
    "issued_by": "甲部、乙部",
    "issued": "2019年8月28日",
    "source": "announcement.pdf，第3至5页",
}
# A small table as published ones are printed.
ROWS: tuple[Row, ...] = (
    {"group": "生产工艺及装备", "group_weight": 0.3, "name": "工艺水平", "weight": 0.6, "I": "全自动", "II": "半自动"},
    {"name": "设备能效达标率", "unit": "%", "weight": 0.4, "I": "≥95", "II": "≥90", "III": "≥85"},
    {"group": "资源和能源消耗", "group_weight": 0.4, "name": "*单位产品综合能耗", "unit": "kgce/t", "weight": 0.5}
    | {"I": "≤120", "II": "≤140", "III": "≤160"},
    {"name": "单位产品取水量", "unit": "m3/t", "weight": 0.5, "I": "≤1.5", "II": "≤2", "III": "≤3"},
    {"group": "污染物产生", "group_weight": 0.3, "name": "一氧化碳日均值", "unit": "mg/Nm3", "weight": 0.5}
    | {"I": "<30", "II": "<50", "III": "<80"},
    {"name": "*危险废物处置", "weight": 0.5, "I": "全部合规处置"},
)
MERGES = ((0, "II", 0, "III"), (5, "I", 5, "III"))


@dataclass
class Typed:
    """What is typed: document fields, the table's head, rows, merged cells and number formats (row, column key)."""

    document: dict[str, Any] = field(default_factory=lambda: dict(DOCUMENT))
    head: dict[str, Any] = field(default_factory=lambda: {"table.name": "某行业"})
    rows: list[Row] = field(default_factory=lambda: [dict(row) for row in ROWS])
    merges: Sequence[tuple[int, str, int, str]] = MERGES
    formats: Mapping[tuple[int, str], str] = field(default_factory=dict)
    english: Sequence[tuple[str, str]] = ()
    language: Language = "zh"

    def write(self, path: Path) -> Path:
        """Write the empty form and type into it."""
        write_form(path, language=self.language)
        book = openpyxl.load_workbook(path)
        document = book["文件" if self.language == "zh" else "Document"]
        for key, value in self.document.items():
            place(document, key, 3).value = value
        table = table_sheet(book)
        for key, value in self.head.items():
            place(table, key, 3).value = value
        first, columns = columns_of(table)
        for number, row in enumerate(self.rows):
            for key, value in row.items():
                table.cell(first + number, columns[key]).value = value
        for top, left, bottom, right in self.merges:
            table.merge_cells(
                start_row=first + top, start_column=columns[left], end_row=first + bottom, end_column=columns[right]
            )
        for (number, key), code in self.formats.items():
            table.cell(first + number, columns[key]).number_format = code
        names = book["英文" if self.language == "zh" else "English"]
        for number, (chinese, english) in enumerate(self.english, start=3):
            names.cell(number, 2).value, names.cell(number, 3).value = chinese, english
        book.save(path)
        return path


def place(sheet: Any, key: str, column: int) -> Any:
    """The cell of a field by its hidden mark."""
    if key.startswith("rule."):
        key, _, part = key.rpartition(".")
        column += ("min", "limiting", "others", "name").index(part)
    for (mark,) in sheet.iter_rows(max_col=1):
        if mark.value == f"qy:{key}":
            return sheet.cell(mark.row, column)
    raise KeyError(key)


def table_sheet(book: Any, number: int = 1) -> Any:
    """The first table sheet of a workbook."""
    found = [sheet for sheet in book.worksheets if sheet["A1"].value == "qy:table"]
    return found[number - 1]


def columns_of(sheet: Any) -> tuple[int, dict[str, int]]:
    """First line of the rows, and columns by key."""
    for row in sheet.iter_rows():
        if row[0].value == "qy:columns":
            columns = {cell.value[7:]: cell.column for cell in row if str(cell.value or "").startswith("qy:col.")}
            return row[0].row + 2, columns
    raise AssertionError("no line of keys")


def address(sheet: Any, number: int, key: str) -> str:
    """The address of a row's cell (``H13``)."""
    first, columns = columns_of(sheet)
    return str(sheet.cell(first + number, columns[key]).coordinate)

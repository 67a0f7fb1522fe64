"""Paper and ink of the form: formats by what a cell is for, widths of text, marks with comments, writing one cell."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qingyuan.errors import Problem, Severity
from qingyuan.facts.cells import Cell
from qingyuan.standards.authoring.layout import Choice

INK, PALE, LINE = "#1F3A4D", "#EAF0F4", "#B8C4CC"
FONT = "Microsoft YaHei"

_BASE: dict[str, Any] = {"font_name": FONT, "font_size": 10, "valign": "vcenter", "text_wrap": True}
_BOX: dict[str, Any] = {"border": 1, "border_color": LINE}
_STYLES: dict[str, dict[str, Any]] = {
    "title": {"font_size": 16, "bold": True, "font_color": INK, "text_wrap": False},
    "subtitle": {"font_color": "#55666F", "valign": "top"},
    "section": {"bold": True, "font_size": 11, "font_color": "#FFFFFF", "bg_color": INK, "text_wrap": False},
    "heading": {
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": INK,
        "align": "center",
        "border": 1,
        "border_color": LINE,
    },
    "heading_advanced": {
        "bold": True,
        "font_color": INK,
        "bg_color": "#D5E0E7",
        "align": "center",
        "border": 1,
        "border_color": LINE,
    },
    "label": {"indent": 1, "bg_color": PALE, "font_color": INK, **_BOX},
    "hint": {"indent": 1, "font_size": 9, "font_color": "#6B7A82"},
    "input": {"indent": 1, **_BOX, "locked": False},
    "text": {"indent": 1, **_BOX, "num_format": "@", "locked": False},
    "center": {**_BOX, "num_format": "@", "align": "center", "locked": False},
    "number": {**_BOX, "align": "center", "locked": False},
    "date": {"indent": 1, **_BOX, "num_format": "yyyy-mm-dd", "align": "left", "locked": False},
    "group": {"indent": 1, **_BOX, "bold": True, "bg_color": PALE, "font_color": INK, "locked": False},
    "group_number": {
        "border": 1,
        "border_color": LINE,
        "bold": True,
        "bg_color": PALE,
        "align": "center",
        "locked": False,
    },
    "computed": {"indent": 1, **_BOX, "bg_color": "#F2F2F2", "font_size": 9, "font_color": "#55666F"},
    "key": {"font_size": 8, "font_color": "#B0B0B0", "text_wrap": False},
    "plain": {"valign": "top"},
    "bold": {"bold": True, "font_color": INK, "valign": "top"},
    "step": {"indent": 1, "bold": True, "font_color": INK, "valign": "top", **_BOX, "bg_color": PALE},
    "boxed": {"indent": 1, "valign": "top", **_BOX},
}
FILLS = {
    "required": "#FFF6D6",
    "computed": "#F2F2F2",
    "error": "#F8C9C4",
    "warning": "#FCE3C0",
    "note": "#DDEBF7",
    "good": "#2E7D32",
    "bad": "#C62828",
}


@dataclass(slots=True)
class Paper:
    """A workbook with its formats, each made once."""

    workbook: Any
    formats: dict[tuple[str, str], Any] = field(default_factory=dict)

    def style(self, name: str, fill: str = "") -> Any:
        """The format for a use, with another fill where a cell is marked."""
        key = (name, fill)
        if key not in self.formats:
            properties = {**_BASE, **_STYLES[name]}
            if fill:
                properties["bg_color"] = FILLS[fill]
            self.formats[key] = self.workbook.add_format(properties)
        return self.formats[key]

    def color(self, fill: str) -> Any:
        """A format that only colours, for conditional formats."""
        key = ("only", fill)
        if key not in self.formats:
            ink = {"font_color": FILLS[fill], "bold": True} if fill in ("good", "bad") else {"bg_color": FILLS[fill]}
            self.formats[key] = self.workbook.add_format(ink)
        return self.formats[key]


@dataclass(frozen=True, slots=True)
class Mark:
    """What a checked copy shows at one cell."""

    fill: str
    text: str


def mark_of(problems: Sequence[Problem]) -> Mark:
    """The mark for the problems of one cell: the colour of the gravest, all their texts."""
    order = list(Severity)
    worst = min((problem.severity for problem in problems), key=order.index)
    texts = []
    for problem in problems:
        text = str(problem.message)
        if problem.expected is not None:
            text += f"\n→ {problem.expected}"
        texts.append(text)
    return Mark(worst.value, "\n\n".join(texts))


def put(sheet: Any, row: int, column: int, value: Cell, form: Any, mark: Mark | None = None) -> None:
    """Write one cell: text never as a formula, dates as dates, empty as a blank cell with its format."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, form)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, form)
    elif isinstance(value, (int, float)):
        sheet.write_number(row, column, value, form)
    elif isinstance(value, dt.datetime):
        sheet.write_datetime(row, column, value, form)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, dt.datetime(value.year, value.month, value.day), form)
    else:
        sheet.write_string(row, column, str(value), form)
    comment(sheet, row, column, mark)


def comment(sheet: Any, row: int, column: int, mark: Mark | None) -> None:
    """Attach a mark's text as a comment that is large enough to read."""
    if mark is None:
        return
    height = 20 + 16 * sum(max(1, math.ceil(width(line) / 44)) for line in mark.text.split("\n"))
    options = {"x_scale": 2.2, "height": min(height, 320), "font_size": 9, "author": "qingyuan"}
    sheet.write_comment(row, column, mark.text[:30000], options)


def block(
    sheet: Any, rows: tuple[int, int], columns: tuple[int, int], value: Cell, form: Any, mark: Mark | None = None
) -> None:
    """Write a value into merged cells (both ends included); one cell alone is not merged."""
    if rows[0] != rows[1] or columns[0] != columns[1]:
        sheet.merge_range(rows[0], columns[0], rows[1], columns[1], "", form)
    put(sheet, rows[0], columns[0], value, form, mark)


def drop_down(sheet: Any, rows: tuple[int, int], column: int, choices: Sequence[Choice], message: str = "") -> None:
    """Offer the words of the choices; other spellings are let through with a question, since the reader knows many."""
    options: dict[str, Any] = {
        "validate": "list",
        "source": [str(choice.name) for choice in choices],
        "error_type": "warning",
    }
    if message:
        options["input_message"] = message[:250]
    sheet.data_validation(rows[0], column, rows[1], column, options)


def width(text: str) -> int:
    """Columns that a text takes in a fixed pitch: two for a Chinese character."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def lines(text: Cell, columns: float) -> int:
    """Lines that a text takes in a cell of a width."""
    if text is None:
        return 1
    room = max(columns - 2.0, 2.0)
    return sum(max(1, math.ceil(width(line) / room)) for line in str(text).rstrip("\n").split("\n"))


def row_height(cells: Mapping[float, int] | Sequence[tuple[Cell, float]], least: float = 20) -> float:
    """The height that shows every cell of a row in full: pairs of text and width."""
    pairs = cells.items() if isinstance(cells, Mapping) else cells
    most = max((lines(text, columns) for text, columns in pairs), default=1)
    return min(max(least, 15.0 * most + 5), 400)

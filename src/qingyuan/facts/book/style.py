"""The look of the workbooks that Qingyuan writes: fonts, colours, cell formats, paper, and exact numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from qingyuan.errors import InputError, Location, Problem
from qingyuan.facts.cells import number_text
from qingyuan.language import Language, Name, message

INK: Final = "#1F2D3D"
HEAD: Final = "#1F5D63"  # heading rows
HEAD_SOFT: Final = "#E3EEEE"
INPUT: Final = "#FFFCEB"
CHOICE: Final = "#EDF4FB"
COMPUTED: Final = "#EFEFEF"
LINE: Final = "#C9D3D6"
RED: Final = "#F8D7DA"
MUTED: Final = "#6B7780"
LONGEST_TEXT: Final = 32_767  # characters that a cell holds

FONTS: Final[Mapping[Language, str]] = {"zh": "Microsoft YaHei", "en": "Calibri"}


class ExactNumber(float):
    """A number that is written with all its digits; the writer would round it to sixteen."""

    def __format__(self, specification: str) -> str:
        return number_text(float(self))


def text_of(name: Name, language: Language) -> str:
    """A name in the language of the workbook."""
    return name.en if language == "en" and name.en else name.zh


@dataclass(slots=True)
class Styles:
    """The cell formats of one workbook, made once each."""

    book: xlsxwriter.Workbook
    language: Language
    _made: dict[tuple[tuple[str, object], ...], Format] = field(default_factory=dict)

    def get(self, **properties: object) -> Format:
        """A format with these properties over the base: font, size, ink, vertical centre."""
        base: dict[str, object] = {
            "font_name": FONTS[self.language],
            "font_size": 10,
            "font_color": INK,
            "valign": "vcenter",
        }
        whole = {**base, **properties}
        key = tuple(sorted(whole.items()))
        if key not in self._made:
            self._made[key] = self.book.add_format(whole)
        return self._made[key]

    def title(self) -> Format:
        """A sheet's title."""
        return self.get(bold=True, font_size=14, font_color=HEAD)

    def hint(self) -> Format:
        """The line below a title."""
        return self.get(font_size=9, font_color=MUTED)

    def link(self) -> Format:
        """A link to another sheet."""
        return self.get(font_size=9, font_color=HEAD, underline=1, align="right")

    def head(self, *, computed: bool = False) -> Format:
        """A heading of a column."""
        return self.get(
            bold=True,
            font_color="#FFFFFF",
            bg_color=MUTED if computed else HEAD,
            text_wrap=True,
            align="center",
            border=1,
            border_color="#FFFFFF",
        )

    def cell(self, holds: str, number: float | None = None, *, percent: bool = False) -> Format:
        """An unlocked cell to fill in: ``holds`` as in ``columns.Holds``; ``number`` decides the digits shown."""
        properties: dict[str, object] = {
            "bg_color": CHOICE if holds == "choice" else INPUT,
            "border": 1,
            "border_color": LINE,
            "locked": 0,
        }
        if holds in {"number", "period"}:
            properties["align"] = "right" if holds == "number" else "center"
            properties["num_format"] = "0.0##%" if percent else number_format(number)
        else:
            properties["indent"] = 1
            properties["text_wrap"] = holds == "long"
        return self.get(**properties)

    def fixed(self, **more: object) -> Format:
        """A locked cell that the template fills: the text of an indicator, a label."""
        return self.get(**{"bg_color": "#FFFFFF", "border": 1, "border_color": LINE, **more})

    def computed(self, number_form: str = "General") -> Format:
        """A locked cell with a formula."""
        return self.get(bg_color=COMPUTED, border=1, border_color=LINE, align="right", num_format=number_form)


def number_format(number: float | None) -> str:
    """A number format that shows a quantity without false digits."""
    if number is None or number == 0:
        return "General"
    size = abs(number)
    if float(number).is_integer() and size < 1e15:
        return "#,##0"
    if size >= 1e12 or size < 1e-4:
        return "0.0###E+00"
    return "#,##0.0###" if size >= 1 else "0.0#######"


def lines_of(text: object, width: float) -> int:
    """How many lines a text takes in a column of this width; a Chinese character is two letters wide."""
    room = max(width - 1, 4)
    return sum(
        max(1, math.ceil(sum(1.8 if ord(letter) > 0x2E7F else 1.0 for letter in part) / room))
        for part in str(text).split("\n")
    )


def fit_row(page: Worksheet, row: int, texts: Iterable[tuple[object, float]], *, size: float = 10) -> None:
    """Make a row high enough for the texts that wrap in it, each with the width of its column."""
    lines = max((lines_of(text, width) for text, width in texts if text not in (None, "")), default=1)
    page.set_row(row, max(18.0, min(lines * (size + 4) + 4, 400)))


def put(page: Worksheet, row: int, column: int, value: object, style: Format) -> None:
    """Write a value as what it is; a text is never taken for a formula, a number keeps all its digits.

    Raises InputError for a text that is longer than a cell holds.
    """
    if value is None or value == "":
        page.write_blank(row, column, None, style)
    elif isinstance(value, bool):
        page.write_boolean(row, column, value, style)
    elif isinstance(value, (int, float)):
        page.write_number(row, column, ExactNumber(value), style)
    else:
        text = str(value).encode("utf-8", "backslashreplace").decode("utf-8")  # half a surrogate pair in the data
        if len(text) > LONGEST_TEXT:
            where = Location(sheet=page.get_name(), row=row + 1)
            raise InputError(
                [Problem("text-too-long", message("文字超过单元格的 {limit} 个字符", limit=LONGEST_TEXT), where=where)]
            )
        page.write_string(row, column, text, style)


def set_paper(page: Worksheet, title: str, head_row: int | None, *, portrait: bool = False) -> None:
    """Print on A4, all columns on one page's width, headings on every page, title and page numbers below."""
    page.set_paper(9)
    if not portrait:
        page.set_landscape()
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    # the space keeps a title that begins with a digit from being read as part of the size
    page.set_footer(f"&L&8 {title.replace('&', '&&')}&R&8 &P / &N")
    page.hide_gridlines(2)
    if head_row is not None:
        page.repeat_rows(head_row)


PROTECTION: Final[dict[str, Any]] = {
    "format_cells": True,
    "format_columns": True,
    "format_rows": True,
    "insert_rows": True,
    "insert_hyperlinks": True,
    "delete_rows": True,
    "sort": True,
    "autofilter": True,
}

"""The steps of the tutorial that a person does in Excel, read from its tables and done with openpyxl."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

EMPTY_ROW = re.compile(r"(?:空行|empty row) (\d+)")
MARK_ROWS = 10  # rows in which the hidden keys stand; the headings are right below them


@dataclass(frozen=True)
class Step:
    """Type these values into one row of a sheet: values by heading of the column."""

    sheet: str
    row: str
    values: tuple[tuple[str, str], ...]


def steps(text: str) -> tuple[Step, ...]:
    """The steps of a table ``| sheet | row | heading=value；heading=value |``, heading rows left out."""
    found = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")] if line.startswith("| ") else []
        if len(cells) == 3 and "=" in cells[2]:
            pairs = tuple(tuple(part.split("=", 1)) for part in re.split(r"[；;] ?", cells[2].strip("`")))
            found.append(Step(cells[0], cells[1], pairs))  # type: ignore[arg-type]
    return tuple(found)


def fill(path: Path, todo: Iterable[Step]) -> None:
    """Do the steps in a workbook and save it; a sheet, row or heading that is not there fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(path)
    for step in todo:
        page = book[step.sheet]
        head = heading_row(page)
        row = row_of(page, head, step.row)
        for heading, text in step.values:
            cell = page.cell(row, column_of(page, head, heading))
            assert not (page.protection.sheet and cell.protection.locked), f"{step}: {cell.coordinate} is locked"
            cell.value = typed(text)
    book.save(path)


def typed(text: str) -> str | float:
    """What Excel makes of what is typed: a number where it is one."""
    try:
        return float(text)
    except ValueError:
        return text


def heading_row(page: Worksheet) -> int:
    """The row below the hidden keys."""
    for row in range(1, MARK_ROWS + 1):
        if page.row_dimensions[row].hidden:
            return row + 1
    raise AssertionError(f"{page.title}: no hidden row of keys")


def column_of(page: Worksheet, head: int, heading: str) -> int:
    for cell in page[head]:
        if cell.value == heading:
            return cell.column
    raise AssertionError(f"{page.title}: no column {heading}; there are {[cell.value for cell in page[head]]}")


def row_of(page: Worksheet, head: int, wanted: str) -> int:
    """The row that begins with these texts or holds one of them, or the n-th row without any."""
    shown = [c for c in range(1, page.max_column + 1) if not page.column_dimensions[letter(page, c)].hidden]
    match = EMPTY_ROW.fullmatch(wanted)
    seen = 0
    for row in range(head + 1, page.max_row + 2):
        texts = [str(value) for c in shown if (value := page.cell(row, c).value) not in (None, "")]
        entered = [
            c for c in shown if page.cell(row, c).value not in (None, "") and not formula(page.cell(row, c).value)
        ]
        if match and not entered:
            seen += 1
            if seen == int(match[1]):
                return row
        elif not match and (wanted in texts or begins(texts, wanted)):
            return row
    raise AssertionError(f"{page.title}: no row {wanted}")


def formula(value: object) -> bool:
    """Whether a cell is one of the grey checks."""
    return isinstance(value, str) and value.startswith("=")


def begins(texts: Sequence[str], wanted: str) -> bool:
    return any(" ".join(texts[:count]) == wanted for count in range(1, len(texts) + 1))


def letter(page: Worksheet, column: int) -> str:
    return str(openpyxl.utils.get_column_letter(column))

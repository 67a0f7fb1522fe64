"""From matched headings to a raw table, and what is said about columns that are missing, doubled or unknown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from qingyuan.errors import Location, Problem, Severity
from qingyuan.facts.cells import Cell
from qingyuan.facts.columns import Column, column
from qingyuan.facts.headings import Matched
from qingyuan.facts.raw import Problems, RawTable
from qingyuan.language import Name, listing, message


def complete(matched: Matched, file: str, sheet: str, problems: Problems) -> bool:
    """Whether a table has every column that it needs; a missing one is an error."""
    for key in matched.missing:
        needed = column(matched.key, key)
        problems.add(
            Problem(
                "column-missing",
                message("缺少“{name}”列（{key}）", name=needed.heading, key=key),
                where=Location(file, sheet, 1),
                found=listing(heading[:40] for heading in list(filter(None, matched.headings.values()))[:12]),
                expected=message("列标题：{names}", names=_spellings(needed)),
            )
        )
    return not matched.missing


def _spellings(needed: Column) -> Name:
    """The heading of a column and some other spellings of it, those of the reader's language."""
    english = [alias for alias in needed.aliases if alias.isascii()]
    chinese = [alias for alias in needed.aliases if not alias.isascii()]
    heading = needed.heading
    return Name("、".join((heading.zh, *chinese[:4])), ", ".join((heading.en, *english[:4])))


def table_of(matched: Matched, file: str, rows: Iterable[tuple[int, Sequence[Cell]]]) -> RawTable:
    """Make a raw table of matched columns and rows."""
    return RawTable(
        key=matched.key,
        file=file,
        columns=matched.columns,
        rows=rows,
        headings=matched.headings,
        values=tuple(matched.values),
        extra={**matched.extra, **matched.doubled},
        unit_of_column=matched.unit_of_column,
    )


def report_columns(matched: Matched, table: RawTable, problems: Problems) -> None:
    """Say which columns were not read; machines and options keep theirs among their details."""
    if matched.key in {"equipment", "options"}:
        return
    row = table.header_row
    for index, heading in matched.doubled.items():
        problems.add(
            Problem(
                "column-doubled",
                message("有两列都表示“{name}”，只读了前一列", name=heading),
                Severity.WARNING,
                table.where(row, index),
            )
        )
    for index, heading in matched.extra.items():
        where = table.where(row, index)
        problems.add(Problem("column-unknown", message("“{name}”列没有读入", name=heading), Severity.NOTE, where))

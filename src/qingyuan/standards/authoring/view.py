"""An index system laid out as its published table: the rows that a person compares with the document line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from qingyuan.language import Message, Name, listing, message
from qingyuan.standards.answers import level_word
from qingyuan.standards.authoring.layout import COLUMN
from qingyuan.standards.authoring.reader import Spot
from qingyuan.standards.formula import Formula, decimal_text
from qingyuan.standards.model import LEVELS, Block, Group, Indicator, Level, Number, Scheme, Table
from qingyuan.standards.weights import weights_form
from qingyuan.standards.wording import sign


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """One printed line: group and its weight on the group's first line, the row with a star, its cells as printed.

    ``cells``: the level texts with signs, a cell that spans levels once (``None`` where the one before covers it); one
    cell for the benchmark, two with the base, in the other schemes. ``line``: the line of the form, where there is one.
    """

    group: Name | None
    group_weight: str
    name: Name
    limiting: bool
    unit: str
    weight: str
    cells: tuple[str | Name | Message | None, ...]
    id: str
    remarks: tuple[Message, ...]
    line: int | None = None


def weight_text(number: Number | None) -> str:
    """A weight as printed: 0.15, 4/15, 0.8/n; empty where there is none."""
    if number is None:
        return ""
    if isinstance(number, Formula):
        return number.text
    ended = decimal_text(number)
    return ended if Fraction(ended) == number else str(number)


def value_headings(scheme: Scheme) -> tuple[Name, ...]:
    """The headings of the value columns of a scheme."""
    if scheme == "levels":
        return tuple(COLUMN[level].name for level in LEVELS)
    if scheme == "lead-base-linear":
        return (Name("引领值", "Lead"), Name("基准值", "Base"), COLUMN["points"].name)
    return (COLUMN["benchmark"].name,)


def published_rows(
    table: Table, scheme: Scheme = "levels", lines: Mapping[str, int] | None = None
) -> Iterator[PublishedRow]:
    """The printed lines of a table; ``lines``: the line of a form by row id."""
    for group in table.groups:
        for position, row in enumerate(group.indicators):
            first = position == 0
            yield PublishedRow(
                group=group.name if first else None,
                group_weight=weight_text(group.weight) if first else "",
                name=row.name,
                limiting=row.limiting,
                unit=str(row.unit_name) if row.unit else "",
                weight=_row_weight(group, row),
                cells=_cells(row, scheme),
                id=row.id,
                remarks=tuple(_remarks(row)),
                line=(lines or {}).get(row.id),
            )


def _row_weight(group: Group, row: Indicator) -> str:
    if row.weight is not None:
        return weight_text(row.weight)
    if not row.block:
        return ""
    block = group.block(row.block)
    first = group.in_block(row.block)[0].id == row.id
    return f"[{block.id}] {weight_text(block.weight)}" if first else f"[{block.id}]"


def _cells(row: Indicator, scheme: Scheme) -> tuple[str | Name | Message | None, ...]:
    if scheme == "levels":
        return _level_cells(row)
    benchmark, base = (_reference(row, value) for value in (row.benchmark, row.base))
    if scheme == "lead-base-linear":
        return benchmark, base, weight_text(row.points)
    return (benchmark,)


def _reference(row: Indicator, value: Fraction | Name | None) -> str | Name:
    if isinstance(value, Name):
        return value
    if value is None:
        return ""
    return f"{sign(row)}{decimal_text(value)}" if row.better else decimal_text(value)


def _level_cells(row: Indicator) -> tuple[str | Name | Message | None, ...]:
    if row.open:
        return "--", "--", "--"
    found: list[str | Name | Message | None] = []
    before: Name | None = None
    for level in LEVELS:
        if row.texts is not None:
            text = row.texts[level]
            found.append(None if text is not None and text == before else text or "")
            before = text
        else:
            found.append(_bound(row, level))
    return tuple(found)


def _bound(row: Indicator, level: Level) -> str:
    if level in row.no_requirement:
        return "--"
    bound = row.bounds[level] if row.bounds is not None else None
    if bound is None:
        return ""
    shown = sign(row) if row.better else ""
    return f"{shown}{weight_text(bound)}"


def _remarks(row: Indicator) -> Iterator[Message]:
    if row.open:
        yield message("尚无基准值")
    if row.no_requirement:
        levels = listing(level_word(level) for level in LEVELS if level in row.no_requirement)
        yield message("{levels}不作要求", levels=levels)
    if row.product is not None:
        yield message("产品：{product}", product=row.product)
    if row.alternatives:
        yield message("多选一：{word}", word=row.alternatives)
    if row.verified is False:
        yield message("未见原文")


def block_text(block: Block, rows: int) -> Message:
    """How a block shares its weight, in words."""
    how = {
        "output": message("按产量分给各产品"),
        "count": message("由参评的各行均分"),
        "equal": message("平均分"),
        "unknown": message("怎样分没有读到"),
    }[block.share]
    return message(
        "块 {id}：权重 {weight}，{rows} 行共用，{how}",
        id=block.id,
        weight=weight_text(block.weight),
        rows=rows,
        how=how,
    )


def weights_text(table: Table) -> Message:
    """Which kind of second-level weights a table prints."""
    form = weights_form(table)
    if form == "inside-group":
        return message("二级权重在组内合计为 1")
    if form == "of-whole":
        return message("二级权重是占总体的份额（各组合计等于一级权重）")
    return message("二级权重没有读全或含变量，看不出是哪一种")


def form_lines(places: Mapping[str, Spot], cells: Mapping[tuple[int, str], str], table: Table) -> dict[str, int]:
    """The line of the form on which each row of a table stands, by row id."""
    found: dict[str, int] = {}
    for group in table.groups:
        for row in group.indicators:
            spot = places.get(f"{table.id}/{group.id}/{row.id}")
            address = cells.get((spot.row, "name"), "") if spot is not None else ""
            digits = address.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
            if digits.isdigit():
                found[row.id] = int(digits)
    return found

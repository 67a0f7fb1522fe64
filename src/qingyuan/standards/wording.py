"""What a level asks of a row, as a reader sees it: "≤ 8 L/m2", a qualitative text, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from qingyuan.errors import UnknownName
from qingyuan.language import Message, Name, message
from qingyuan.standards.formula import Formula, FormulaError, decimal_text
from qingyuan.standards.model import Indicator, Level


@dataclass(frozen=True, slots=True)
class UnitLabel:
    """A unit as a reader sees it in the language in force; a unit that is not known stands as published."""

    unit: str
    name: Name

    def __str__(self) -> str:
        from qingyuan import units

        try:
            return units.display(self.unit)
        except UnknownName:
            return str(self.name)


def unit_label(row: Indicator) -> UnitLabel:
    """The row's unit for display."""
    return UnitLabel(row.unit, row.unit_name)


def sign(row: Indicator) -> str:
    """How the row's bound reads: ≤, ≥, < or >."""
    if row.better == "higher":
        return ">" if row.strict else "≥"
    return "<" if row.strict else "≤"


def bound_text(row: Indicator, bound: Fraction) -> Message:
    """A number as the row's requirement: "≤ 8 L/m2"."""
    return _with_unit(row, decimal_text(bound))


def _with_unit(row: Indicator, bound: object) -> Message:
    """A bound with its sign, and its unit where it has one."""
    if row.unit in ("", "1"):
        return message("{sign} {bound}", sign=sign(row), bound=bound)
    return message("{sign} {bound} {unit}", sign=sign(row), bound=bound, unit=unit_label(row))


def requirement(row: Indicator, level: Level, n: Fraction | None = None) -> Message | Name:
    """What a level asks of the row; a formula shows its value where ``n`` is known."""
    if row.open:
        return message("尚无基准值")
    if level in row.no_requirement:
        return message("无要求")
    if row.texts is not None:
        return row.texts[level] or message("未读到")
    bound = row.bounds[level] if row.bounds is not None else None
    if bound is None:
        return message("未读到")
    if not isinstance(bound, Formula):
        return bound_text(row, bound)
    try:
        value = decimal_text(bound.at(n))
    except FormulaError:
        return _with_unit(row, bound.text)
    return _with_unit(row, f"{bound.text} = {value}")

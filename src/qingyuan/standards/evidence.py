"""From an index system to the indicator sheet of the audit workbook, where a plant answers and names its evidence."""

from __future__ import annotations

from fractions import Fraction

from qingyuan.facts.indicatorrow import IndicatorRow
from qingyuan.language import message
from qingyuan.standards.formula import Formula, decimal_text
from qingyuan.standards.model import LEVELS, Group, IndexSystem, Indicator, Level, Number, Scheme, Table
from qingyuan.standards.wording import sign, unit_label


def indicator_rows(system: IndexSystem, table: Table) -> tuple[IndicatorRow, ...]:
    """The rows of a table, and of the system's bonus table, as the workbook shows them, in published order.

    Texts are in the language in force. Rows of systems without three levels take a number, or yes or no.
    """
    bonus = system.bonus_table()
    tables = (table,) if bonus is None or bonus.id == table.id else (table, bonus)
    return tuple(
        _row(group, row, system.scheme) for each in tables for group in each.groups for row in group.indicators
    )


def _row(group: Group, row: Indicator, scheme: Scheme) -> IndicatorRow:
    heading = str(group.name)
    if group.weight is not None:
        heading = str(message("{name}（{weight}）", name=group.name, weight=decimal_text(group.weight)))
    return IndicatorRow(
        id=row.id,
        group=heading,
        name=str(row.name),
        unit=str(unit_label(row)) if row.unit else "",
        kind=row.kind,
        levels=_levels(row, scheme),
        weight_text=_weight(group, row),
        limiting=row.limiting,
        definition=_definition(row),
        choices=_choices(row, scheme),
        product=row.product.zh if row.product is not None else "",
    )


def _number(value: Number) -> str:
    return value.text if isinstance(value, Formula) else decimal_text(value)


def _levels(row: Indicator, scheme: Scheme) -> tuple[str, str, str]:
    """What each level asks; in the schemes without levels the benchmark, or the leading and the base value."""
    if row.open:
        return str(message("尚无基准值")), "", ""
    if scheme != "levels" and row.bounds is None and row.texts is None:
        leading, base = row.benchmark, row.base
        first = "" if leading is None else str(message("基准 {value}", value=_value(leading)))
        return first, "" if base is None else str(message("基础 {value}", value=_value(base))), ""
    one, two, three = (_level(row, level) for level in LEVELS)
    return one, two, three


def _value(value: object) -> str:
    return decimal_text(value) if isinstance(value, Fraction) else str(value)


def _level(row: Indicator, level: Level) -> str:
    if level in row.no_requirement:
        return str(message("无要求"))
    if row.texts is not None:
        text = row.texts[level]
        return "" if text is None else str(text)
    bound = row.bounds[level] if row.bounds is not None else None
    return str(message("未读到")) if bound is None else f"{sign(row)} {_number(bound)}"


def _weight(group: Group, row: Indicator) -> str:
    """The row's weight, or that of its block with the number of rows that share it."""
    if row.weight is not None:
        return _number(row.weight)
    if row.block:
        count = len(group.in_block(row.block))
        return str(message("{count} 行共 {weight}", count=count, weight=_number(group.block(row.block).weight)))
    return "" if row.points is None else decimal_text(row.points)


def _definition(row: Indicator) -> str:
    parts = [
        row.definition,
        message("参数 {parameter}", parameter=row.parameter) if row.parameter is not None else None,
        message("产品：{product}", product=row.product) if row.product is not None else None,
        message("同类各行只填适用的一行") if row.alternatives else None,
        row.note,
    ]
    return "\n".join(str(part) for part in parts if part is not None and str(part))


def _choices(row: Indicator, scheme: Scheme) -> tuple[str, ...]:
    """What may be answered to a qualitative row: the levels that differ, none of them, n/a; or yes and no."""
    if row.quantitative or row.open:
        return ()
    if scheme != "levels" or row.yes_or_no:
        return ("yes", "no", "n/a")
    own = [level for level in LEVELS if level not in row.no_requirement and row.same_text_as_better(level) == level]
    return (*own, "none", "n/a")

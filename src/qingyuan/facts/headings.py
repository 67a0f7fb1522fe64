"""From the headings of a table to its columns: keys, quantities by period, role or item, units in brackets.

A heading may stand in several rows (2022年 over 用量 and 金额): it is given as the texts from top to bottom.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from qingyuan import units
from qingyuan.errors import UnknownName
from qingyuan.facts.cells import plain, read_period
from qingyuan.facts.columns import TableKey, column_key, read_heading, required
from qingyuan.facts.naming import named_item, role_of_heading
from qingyuan.facts.raw import ValueColumn

_MONTH = re.compile(r"(\d{1,2}) ?月(?:份)?")


@dataclass(slots=True)
class Matched:
    """The columns of a table: positions by key, quantity columns, unknown ones with their heading, units by position.

    ``score`` counts the columns that were recognised; ``missing`` names what the table needs and lacks.
    """

    key: TableKey
    columns: dict[str, int] = field(default_factory=dict)
    values: list[ValueColumn] = field(default_factory=list)
    extra: dict[int, str] = field(default_factory=dict)
    unit_of_column: dict[int, str] = field(default_factory=dict)
    doubled: dict[int, str] = field(default_factory=dict)
    headings: dict[int, str] = field(default_factory=dict)

    @property
    def score(self) -> int:
        """How many columns were recognised."""
        return len(self.columns) + len(self.values)

    @property
    def missing(self) -> tuple[str, ...]:
        """Keys of columns that a table of this kind needs and this one lacks."""
        lacking = [key for key in required(self.key) if key not in self.columns]
        if self.key == "facts":
            if any(value.item for value in self.values):
                lacking = [key for key in lacking if key != "item"]
            if not self.values:
                lacking.append("value")
            if "period" not in self.columns and not (self.values and all(value.period for value in self.values)):
                lacking.append("period")
        if self.key == "profile" and "label" in self.columns:
            lacking = [key for key in lacking if key != "field"]
        return tuple(lacking)


@lru_cache(maxsize=1024)
def bracket_unit(text: str) -> str:
    """The unit in the bracket of a heading, as written; "" where the bracket holds something else."""
    bracket = read_heading(text).bracket
    if not bracket:
        return ""
    cleaned = re.sub(r"^单位[:：]?\s*", "", bracket)
    try:
        units.canonical(cleaned)
    except UnknownName:
        return ""
    return cleaned


def match(table: TableKey, headings: Mapping[int, Sequence[str]], keys: Mapping[int, str] | None = None) -> Matched:
    """Find the columns of a table from headings by position, each as texts from top to bottom.

    ``keys`` are column keys that the sheet itself carries (a template's hidden row); they go before the headings.
    Quantities may stand under ``value``, under a period (``value:2022`` as a key), a role (处置量) or, in a table with
    a period column and no item column, under the name of an item with a unit (用电量（万kWh）).
    """
    found = Matched(table)
    unknown: dict[int, Sequence[str]] = {}
    for index, parts in headings.items():
        texts: Sequence[str] = [text for part in parts if (text := part.strip())]
        found.headings[index] = texts[-1] if texts else ""
        key = (keys or {}).get(index, "")
        if key:
            _take_key(found, index, key, texts)
        elif texts:
            unknown[index] = texts
    rest: dict[int, Sequence[str]] = {}
    for index, texts in unknown.items():
        if not _take_heading(found, index, texts):
            rest[index] = texts
    if table == "facts" and "item" not in found.columns and "product" in found.columns:
        found.columns["item"] = found.columns.pop("product")  # 产品 | 单位 | 2022年: the product is what is meant
    if table == "facts" and "item" not in found.columns and "period" in found.columns:
        rest = {index: texts for index, texts in rest.items() if not _take_item(found, index, texts)}
    if table == "facts":
        _settle_values(found)
    found.extra.update({index: texts[-1] for index, texts in rest.items()})
    return found


def _take_key(found: Matched, index: int, key: str, texts: Sequence[str]) -> None:
    name, _, period = key.partition(":")
    unit = next((unit for text in reversed(texts) if (unit := bracket_unit(text))), "")
    if name == "value" and found.key == "facts":
        # What the user reads rules: a heading changed to another year means that year.
        shown = next((head.period for text in reversed(texts) if (head := read_heading(text)).period), "")
        found.values.append(ValueColumn(index, period=(shown or period) if period else "", unit=unit))
    elif name == "extra":
        found.extra[index] = texts[-1] if texts else name
    elif name != "-":
        found.columns.setdefault(name, index)
        if unit:
            found.unit_of_column[index] = unit


def _take_heading(found: Matched, index: int, texts: Sequence[str]) -> bool:
    lowest = texts[-1]
    if found.key == "facts" and _take_value(found, index, texts):
        return True
    for text in (lowest, "".join(texts), *reversed(texts[:-1])):
        key = column_key(found.key, text)
        if not key or (key == "value" and found.key == "facts"):
            continue
        if key in found.columns:
            found.doubled[index] = lowest
            return True
        found.columns[key] = index
        if unit := bracket_unit(text):
            found.unit_of_column[index] = unit
        return True
    return False


def _take_value(found: Matched, index: int, texts: Sequence[str]) -> bool:
    """Take a column of quantities: 数值, 2022年, 2022年 over 1月, 3月 beside a year, 处置量（t）."""
    unit = next((unit for text in reversed(texts) if (unit := bracket_unit(text))), "")
    heads = [read_heading(text) for text in texts]
    period = next((head.period for head in reversed(heads) if head.period), "")
    words = [plain(head.words) for head in heads if plain(head.words)]
    lowest = words[-1] if words else ""
    month = _MONTH.fullmatch(lowest)
    if month and 1 <= int(month[1]) <= 12:
        if period and len(period) == 4:
            combined = read_period(f"{period}年{month[1]}月").period
            found.values.append(ValueColumn(index, period=combined, unit=unit))
        elif period:
            return False
        else:
            found.values.append(ValueColumn(index, month=int(month[1]), unit=unit))
        return True
    role, is_property = role_of_heading(lowest)
    if is_property and not unit:
        return False  # 面积, 单价 without a unit: nobody knows in what
    is_value = bool(role) or column_key("facts", lowest) == "value"
    if period and (not lowest or is_value):
        found.values.append(ValueColumn(index, period=period, role=role, unit=unit, own_unit=is_property))
        return True
    if is_value and not period and column_key("facts", texts[-1]) in {"", "value"}:
        found.values.append(ValueColumn(index, role=role, unit=unit, own_unit=is_property))
        return True
    return False


def _take_item(found: Matched, index: int, texts: Sequence[str]) -> bool:
    """Take a column that is one item: 用电量（万kWh） in a table of years."""
    words = read_heading(texts[-1]).words
    unit = bracket_unit(texts[-1])
    named = named_item(words) if words else None
    if named is None or not named.item:
        return False
    found.values.append(ValueColumn(index, unit=unit, item=words))
    return True


def _settle_values(found: Matched) -> None:
    """Of quantity columns that mean the same keep the first; beside columns of years the undated ones mean nothing."""
    kept: list[ValueColumn] = []
    seen: set[tuple[str, int, str, str]] = set()
    by_period = any(value.period or value.month for value in found.values)
    for value in found.values:
        meaning = (value.period, value.month, value.role, value.item)
        if meaning in seen or (by_period and not value.period and not value.month and "period" not in found.columns):
            found.doubled[value.index] = found.headings.get(value.index, "")
            continue
        seen.add(meaning)
        kept.append(value)
    found.values = kept

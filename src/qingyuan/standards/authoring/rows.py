"""The rows of one table sheet, from typed cells to groups, blocks and indicators of a TOML document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from qingyuan.errors import Severity
from qingyuan.language import listing, message
from qingyuan.standards.authoring.cells import limiting_cell, long_text, number_of, starred_name
from qingyuan.standards.authoring.form import HEAD, Area
from qingyuan.standards.authoring.layout import GROUP_KEYS
from qingyuan.standards.authoring.levels import Requirements
from qingyuan.standards.authoring.reader import Reader, TableSheet
from qingyuan.standards.authoring.weights import Blocks, Weights
from qingyuan.standards.formula import Formula
from qingyuan.standards.model import Scheme
from qingyuan.standards.toml_writer import number_data

_FOOTNOTE = re.compile(r"(?:注|备注|说明|note|notes?\b|[*★①-⑳\d a-z]{1,3}[、.:：)）])", re.IGNORECASE)


@dataclass(slots=True)
class RowGroup:
    """The rows of one group, by number in the area."""

    first: int
    name: str
    rows: list[int] = field(default_factory=list)


def read_table(reader: Reader, number: int, area: Area, head: Mapping[str, Any], scheme: Scheme) -> dict[str, Any]:
    """One table of the document from one sheet; problems go to the reader."""
    sheet = TableSheet(reader, number, area, scheme, bool(head.get("partial")), head["id"])
    reader.places[head["id"]] = sheet.spot(HEAD, "table.id")
    table: dict[str, Any] = {key: value for key, value in head.items() if key != "partial"}
    groups = _groups(sheet)
    weights = Weights(sheet, {row for group in groups for row in (group.first, *group.rows)})
    found: list[dict[str, Any]] = []
    taken: set[str] = set()
    for position, group in enumerate(groups, start=1):
        found.append(_group(sheet, group, position, weights, taken))
    if found:
        table["groups"] = found
    return table


# --- groups ----------------------------------------------------------------------------------------------------------


def _groups(sheet: TableSheet) -> list[RowGroup]:
    groups: list[RowGroup] = []
    for row in range(len(sheet.area.rows)):
        cells = sheet.area.rows[row]
        if set(cells) <= {"group"} and sheet.typed_here(row, "group") and _FOOTNOTE.match(sheet.text(row, "group")):
            text = message("表下的注没有读入；有用的内容请写进表头的“表注”")
            sheet.remark(row, "group", "form-footnote", text, Severity.NOTE)
            continue
        name, typed = sheet.text(row, "group"), sheet.typed_here(row, "group")
        new = bool(name) and typed and (not groups or name != groups[-1].name or _other_id(sheet, row, groups[-1]))
        if new or (not groups and not name):
            if not name:
                sheet.error(row, "group", "form-no-group", message("第一行没有写一级指标"), message("一级指标的名称"))
            groups.append(RowGroup(row, name or "?"))
        if _carries_indicator(sheet, row):
            groups[-1].rows.append(row)
    return groups


def _other_id(sheet: TableSheet, row: int, group: RowGroup) -> bool:
    """Whether a row that repeats the group's name has another group id: two groups of one name follow each other."""
    here = sheet.text(row, "group_id")
    return bool(here) and here != sheet.text(group.first, "group_id")


def _carries_indicator(sheet: TableSheet, row: int) -> bool:
    """Whether a row holds an indicator, and not only its group."""
    own = set(sheet.area.rows[row]) - set(GROUP_KEYS)
    return bool(own)


def _group(sheet: TableSheet, group: RowGroup, position: int, weights: Weights, taken: set[str]) -> dict[str, Any]:
    rows = [group.first, *(row for row in group.rows if row != group.first)]
    data: dict[str, Any] = {}
    ids = {text: row for row in reversed(rows) if (text := sheet.text(row, "group_id"))}
    if len(ids) > 1:
        sheet.error(rows[0], "group_id", "form-group-differs", message("同一组有几个组编号"), found=listing(ids))
    known = sheet.reader.known
    data["id"] = (
        next(iter(ids), "")
        or known.groups.get((sheet.table, group.name))
        or _fresh(f"g{position}", taken | known.taken)
    )
    taken.add(f"group {data['id']}")
    data["name"] = group.name
    where = f"{sheet.table}/{data['id']}"
    sheet.reader.places[where] = sheet.spot(group.first, "group")
    weight = weights.group(rows)
    if weight is not None:
        data["weight"] = number_data(weight)
    elif not sheet.partial:
        sheet.error(
            group.first, "group_weight", "form-no-weight", message("没有写一级权重"), message("0.15、15 或 15%")
        )
    for key, name in (("group_weights", "weights"), ("group_verified", "verified")):
        for row in rows:
            value = sheet.choice(row, key)
            if value is not None:
                data.setdefault(name, value == "true" if key == "group_verified" else value)
    if note := next((text for row in rows if (text := long_text(sheet.cell(row, "group_note")))), ""):
        data["note"] = note
    blocks = Blocks(sheet, weights, where)
    indicators = []
    for index, row in enumerate(group.rows, start=1):
        name, _ = starred_name(sheet.text(row, "name"))
        kept = known.row(sheet.table, group.name, name, sheet.text(row, "product"))
        fresh = kept or _fresh(f"g{position}-{index:02d}", taken | known.taken)
        indicators.append(_indicator(sheet, row, fresh, where, weights, blocks, taken))
    if declared := blocks.data():
        data["blocks"] = declared
    if indicators:
        data["indicators"] = indicators
    return data


def _fresh(wanted: str, taken: set[str]) -> str:
    """An id that is not taken yet: the wanted one, or the wanted one with a letter behind it."""
    for suffix in ("", *"bcdefghijklmnopqrstuvwxyz"):
        if f"{wanted}{suffix}" not in taken and f"group {wanted}{suffix}" not in taken:
            return f"{wanted}{suffix}"
    return f"{wanted}-{len(taken)}"


# --- one indicator ---------------------------------------------------------------------------------------------------


def _indicator(
    sheet: TableSheet, row: int, fresh: str, where: str, weights: Weights, blocks: Blocks, taken: set[str]
) -> dict[str, Any]:
    data: dict[str, Any] = {"id": _row_id(sheet, row, fresh, taken)}
    sheet.reader.places[f"{where}/{data['id']}"] = sheet.spot(row, "name")
    name, starred = starred_name(sheet.text(row, "name"))
    if not name:
        sheet.error(row, "name", "form-no-name", message("没有写二级指标的名称"), message("二级指标的名称"))
        name = "?"
    data["name"] = name
    try:
        marked = limiting_cell(sheet.cell(row, "limiting"))
    except ValueError:
        sheet.error(row, "limiting", "form-flag", message("应填 * 或留空"), message("*，或留空"))
        marked = None
    data["limiting"] = starred or marked is True
    for key, value in (
        ("alternatives", sheet.text(row, "alternatives")),
        ("product", sheet.text(row, "product")),
        ("parameter", sheet.text(row, "parameter")),
        ("definition", long_text(sheet.cell(row, "definition"))),
        ("note", long_text(sheet.cell(row, "note"))),
    ):
        if value:
            data[key] = value
    for key in ("strict", "open", "verified"):
        value_flag = sheet.flag(row, key)
        if value_flag is not None and (value_flag or key == "verified"):
            data[key] = value_flag
    _weight(sheet, row, data, weights, blocks)
    points = sheet.cell(row, "points")
    if points is not None:
        number = number_of(points, sheet.percent(row, "points"))
        if number is None:
            sheet.error(row, "points", "form-number", message("不是一个数"), message("分值，如 8"))
        else:
            data["points"] = number_data(number)
    Requirements(sheet, row, data).read()
    return data


def _row_id(sheet: TableSheet, row: int, fresh: str, taken: set[str]) -> str:
    text = sheet.text(row, "id")
    if text and re.search(r"[\s/\\\"'#]", text):
        sheet.error(row, "id", "form-id", message("编号里不能有空格、斜线和引号"))
        text = ""
    if text in taken:
        sheet.error(row, "id", "form-id-twice", message("行编号重复"), message("表内各不相同的编号"))
        text = ""
    id = text or _fresh(fresh, taken)
    taken.add(id)
    return id


def _weight(sheet: TableSheet, row: int, data: dict[str, Any], weights: Weights, blocks: Blocks) -> None:
    block = blocks.of(row)
    merged = sheet.area.merged(row, "weight")
    own = weights.of(row, "weight") if merged is None or merged.rows == 1 else None
    if merged is not None and merged.rows > 1 and isinstance(shared := weights.of(merged.row, "weight"), Formula):
        own = shared  # one cell 0.8/n over all rows of the block
    if own is not None:
        data["weight"] = number_data(own)
    if block:
        data["block"] = block
        return
    required = not sheet.partial and sheet.scheme in ("levels", "benchmark") and not data.get("open")
    if own is None and required and (row, "weight") not in weights.cells and sheet.cell(row, "points") is None:
        expected = message("0.15、15 或 15%；几行共用一份权重时填“共用权重的块”")
        sheet.error(row, "weight", "form-no-weight", message("没有写二级权重"), expected)

"""The sheets of the audit workbook with a row for each thing: details, flows, results, machines, options, places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from qingyuan import units
from qingyuan.facts.book.style import put
from qingyuan.facts.book.widerows import used_columns
from qingyuan.facts.book.writer import (
    PLACES,
    VALIDATED_ROWS,
    Book,
    SheetColumn,
    columns_of,
    item_list,
    product_name,
    shown_words,
    word_list,
    write_body,
    write_head,
    write_title,
)
from qingyuan.facts.columns import TableKey, column
from qingyuan.facts.rows import (
    Entry,
    equipment_row,
    evidence_row,
    monitoring_row,
    option_row,
    place_row,
)
from qingyuan.facts.sheets import Sheet
from qingyuan.facts.words import word_name, words
from qingyuan.reference.items import catalogue

Lists = Mapping[str, tuple[str, str]]  # column key to drop-down and how strictly it is kept
Table = tuple[list[dict[str, Entry]], list[str], Lists]

# Columns that are printed only where they are used.
_RARE: Final = frozenset({"meter", "uncertainty", "product", "item_id", "plant", "power_printed"})
BLANK_ROWS: Final[Mapping[str, int]] = {
    "monitoring": 60,
    "equipment": 40,
    "details": 100,
    "indicators": 0,
    "options": 24,
}


def write_long(ctx: Book, entry: Sheet, page: Worksheet) -> None:
    """Write a sheet that has a row for each thing, with the case's rows."""
    rows, keys, lists = _long_table(ctx, entry)
    further = list(dict.fromkeys(key for row in rows for key in row if not _is_column(entry.table, key)))
    columns = [
        *columns_of(ctx, entry.table, keys, lists),
        *(SheetColumn("extra", heading, 18, source=heading) for heading in further),
    ]
    write_title(ctx, entry, page)
    write_head(ctx, entry, page, columns, 3)
    first = 5
    if entry.key == "places":
        for index in range(len(columns)):
            put(page, first, index, ctx.say("全厂", "site") if index == 0 else None, ctx.styles.fixed())
        first += 1
    blanks = max(12, BLANK_ROWS.get(entry.key, 24) - len(rows))
    last = write_body(ctx, page, columns, rows, first, blanks)
    used = used_columns(rows)
    page.print_area(
        0, 0, last, max(index for index, shown in enumerate(columns) if shown.key not in _RARE or shown.key in used)
    )
    page.autofilter(4, 0, last, len(columns) - 1)
    if entry.key == "places":
        name = page.get_name().replace("'", "''")
        end = last + VALIDATED_ROWS
        ctx.book.define_name("qy_places", f"=OFFSET('{name}'!$A$6,0,0,MAX(1,COUNTA('{name}'!$A$6:$A${end})),1)")


def _is_column(table: TableKey, key: str) -> bool:
    try:
        column(table, key)
    except KeyError:
        return False
    return True


def _long_table(ctx: Book, entry: Sheet) -> Table:
    """The rows, column keys and drop-downs of a long sheet."""
    case = ctx.case
    basis = (word_list(ctx, "basis"), "warning")
    place = (PLACES, "free")
    if entry.key in {"details", "flows"}:
        rows = [shown_words(ctx, row) for row in ctx.facts.long.get(entry.key, [])]
        kinds = ctx.list_of("qy_kinds", [ctx.text(kind.name) for kind in catalogue().kinds])
        for kind in catalogue().kinds:
            name = re.sub(r"\W", "_", ctx.text(kind.name))
            ctx.list_of(f"qy_items_of_{name}", [ctx.text(item.name) for item in catalogue().of_kind(kind.id)])
        keys = ["period", "kind", "item", "place", "role", "value", "unit", "basis"]
        if entry.key == "flows":
            keys = [
                "period",
                "place",
                "to_place",
                "kind",
                "item",
                "role",
                "value",
                "unit",
                "basis",
            ]
        kind_letter = xl_col_to_name(keys.index("kind"))
        items = f'=INDIRECT("qy_items_of_"&${kind_letter}6)'
        keys += ["source", "note", "meter", "uncertainty", "product", "item_id"]
        if "plant" in used_columns(rows):
            keys.append("plant")
        if entry.key == "details" and "to_place" in used_columns(rows):
            keys.insert(4, "to_place")
        lists = {"kind": (kinds, "stop"), "item": (items, "free"), "place": place, "to_place": place, "basis": basis}
        return rows, keys, lists
    if entry.key == "monitoring":
        rows = [_shown_monitoring(ctx, monitoring_row(result)) for result in case.monitoring] if case else []
        for row in rows:
            if case and row["plant"] == case.profile.plant:
                row["plant"] = ""
        keys = [
            "outlet", "pollutant", "date", "concentration", "unit", "limit", "flow_m3_h", "rate_kg_h",
            "rate_limit_kg_h", "stack_m", "medium", "basis", "note",
        ]  # fmt: skip
        if "plant" in used_columns(rows):
            keys.append("plant")
        unit_names = [units.display(unit) for unit in ("mg/L", "mg/m3", "mg/Nm3", "ng TEQ/Nm3", "dB(A)", "ug/m3")]
        ways = [ctx.text(word.name) for word in words("basis") if word.id.startswith("monitoring")]
        return (
            rows,
            keys,
            {
                "pollutant": (item_list(ctx, ("pollutant",)), "free"),
                "unit": (ctx.list_of("qy_units_monitoring", unit_names), "free"),
                "medium": (word_list(ctx, "medium"), "free"),
                "basis": (ctx.list_of("qy_ways", ways), "warning"),
            },
        )
    if entry.key == "equipment":
        rows = [dict(equipment_row(machine)) for machine in case.equipment] if case else []
        keys = ["place", "name", "model", "power_kw", "power_kw_high", "count", "list", "note", "power_printed"]
        return rows, keys, {"place": place}
    if entry.key == "options":
        rows = [dict(option_row(option)) for option in case.options] if case else []
        for row in rows:
            cost = word_name("cost", str(row["kind"] or ""))
            row["kind"] = row["kind"] if cost is None else ctx.text(cost)
        keys = [
            "id", "name", "aspect", "kind", "investment", "annual_saving", "payback_years", "effects", "status", "note",
        ]  # fmt: skip
        return (
            rows,
            keys,
            {
                "aspect": (word_list(ctx, "aspect"), "free"),
                "kind": (word_list(ctx, "cost"), "free"),
                "status": (word_list(ctx, "status"), "free"),
            },
        )
    if entry.key == "places":
        rows = [dict(place_row(found)) for found in case.places] if case else []
        for row in rows:
            products = str(row["products"] or "").split("；")
            row["products"] = "；".join(product_name(ctx, product) for product in products)
            sort = word_name("place_kind", str(row["kind"] or ""))
            row["kind"] = row["kind"] if sort is None else ctx.text(sort)
        kinds_of_place = word_list(ctx, "place_kind")
        return rows, ["name", "parent", "kind", "products"], {"parent": place, "kind": (kinds_of_place, "free")}
    rows = [dict(evidence_row(found)) for found in case.evidence] if case else []
    keys = ["id", "title", "kind", "date", "file", "pages", "note"]
    return rows, keys, {"kind": (word_list(ctx, "evidence_kind"), "free")}


def _shown_monitoring(ctx: Book, row: dict[str, Entry]) -> dict[str, Entry]:
    for key, name in (("medium", "medium"), ("basis", "basis")):
        found = word_name(name, str(row[key] or ""))  # type: ignore[arg-type]
        row[key] = row[key] if found is None else ctx.text(found)
    date = str(row["date"] or "")
    if date.isdecimal() and len(date) == 4:
        row["date"] = int(date)
    return row

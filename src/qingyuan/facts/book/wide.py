"""The yearly sheets of the audit workbook: a column for each year, rows asked of an empty one, and checks by formula.

The formulas are checks for the person who fills in; the reader does not read them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from qingyuan import units
from qingyuan.facts.book.style import COMPUTED, LINE, put
from qingyuan.facts.book.widerows import used_columns
from qingyuan.facts.book.writer import (
    PLACES,
    VALIDATED_ROWS,
    Book,
    SheetColumn,
    columns_of,
    item_list,
    number_of,
    role_list,
    shown_words,
    unit_list,
    word_list,
    write_body,
    write_head,
    write_title,
)
from qingyuan.facts.columns import column
from qingyuan.facts.indicatorrow import IndicatorRow
from qingyuan.facts.naming import named_item
from qingyuan.facts.rows import Entry
from qingyuan.facts.sheets import SHEETS, Sheet
from qingyuan.reference.items import catalogue

# Items that an empty workbook asks for, with the role asked; units are the catalogue's.
_ASKED: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "products": (("output-value", "amount"), ("tax", "amount"), ("employees", "amount"), ("operating-hours", "amount")),
    "energy": (
        ("electricity", "purchased"),
        ("natural-gas", "purchased"),
        ("steam", "purchased"),
        ("diesel", "purchased"),
        ("gasoline", "purchased"),
        ("raw-coal", "purchased"),
    ),
    "water": (
        ("fresh-water", "taken"),
        ("production-water", "consumed"),
        ("domestic-water", "consumed"),
        ("recycled-water", "recycled"),
        ("reused-water", "reused"),
        ("process-wastewater", "generated"),
        ("process-wastewater", "discharged"),
    ),
    "pollutants": (("COD", "generated"), ("COD", "discharged"), ("ammonia-nitrogen", "discharged")),
    "wastes": (("general-waste", "generated"), ("hazardous-waste", "generated"), ("domestic-refuse", "generated")),
}


def _asked_rows(ctx: Book, entry: Sheet, rows_of_system: Sequence[IndicatorRow]) -> list[dict[str, Entry]]:
    """The rows that an empty sheet asks for: the usual items, and those that the index system names."""
    known = catalogue()
    asked: dict[tuple[str, str], dict[str, Entry]] = {}

    def ask(item_id: str, role: str, label: str = "") -> None:
        item = known.get(item_id)
        asked.setdefault(
            (item_id, role),
            {
                "kind": item.kind,
                "item": label or ctx.text(item.name),
                "role": role,
                "unit": units.display(item.unit) or item.unit,
                "place": ctx.say("全厂", "site"),
                "basis": "",
            },
        )

    for kind, item_id, label in _named_by_system(rows_of_system):
        if kind in entry.kinds:
            ask(item_id, known.default_role(known.get(item_id)), label if ctx.language == "zh" else "")
    for item_id, role in _ASKED.get(entry.key, ()):
        ask(item_id, role)
    return [shown_words(ctx, row) for row in asked.values()]


# What stands around the name of an item in the name of an indicator: 锌利用率, 单位产品COD产生量, Zinc utilisation.
_AROUND_NAME = re.compile(
    r"^(?:单位产品|单位产值|万元产值|吨产品|每吨|单位)"
    r"|(?:产生量|排放量|消耗量|使用量|用量|利用率|回收率|取水量|单耗|浓度|耗量|耗).*$|（.*?）|\(.*?\)"
    r"|,? (?:utilisation|utilization|recovery|consumption|generation|generated|discharged?|use|per\b).*$",
    re.IGNORECASE,
)


_USED = re.compile(r"利用|回收|用量|使用|消耗|单耗|utili|recover|consum", re.IGNORECASE)


def _named_by_system(rows: Sequence[IndicatorRow]) -> list[tuple[str, str, str]]:
    """Items that the rows of an index system name: (kind, item, name as the row writes it)."""
    found: dict[tuple[str, str], str] = {}
    for row in rows:
        if row.product:
            named = named_item(row.product, "product")
            if named.item and not named.own:
                found.setdefault(("product", named.item), row.product)
        name = _AROUND_NAME.sub("", row.name).strip()
        if not name or name == row.name or len(name) > 12:
            continue
        used = _USED.search(row.name) is not None
        for kind in ("material", "energy", "water") if used else ("pollutant", "waste", "water"):
            match = catalogue().match(name, kind)
            if match is not None and match.role is None and not match.remainder:
                found.setdefault((kind, match.item.id), name)
                break
    return [(kind, item, name) for (kind, item), name in found.items()]


def write_wide(ctx: Book, entry: Sheet, page: Worksheet, rows_of_system: Sequence[IndicatorRow]) -> None:
    """Write a yearly sheet: the case's rows, or those that are asked of an empty workbook."""
    rows = ctx.facts.wide.get(entry.key, [])
    with_kind = len(entry.kinds) > 1
    closed = entry.kinds[0] in {"energy", "water"}
    lists = {
        "place": (PLACES, "free"),
        "kind": (
            ctx.list_of("qy_kinds_" + entry.key, [ctx.text(catalogue().kind(k).name) for k in entry.kinds]),
            "stop",
        ),
        "item": (item_list(ctx, entry.kinds), "warning" if closed else "free"),
        "role": (role_list(ctx, entry.kinds), "warning"),
        "unit": (unit_list(ctx, entry.kinds), "free"),
        "basis": (word_list(ctx, "basis"), "warning"),
        "product": ("", ""),
    }
    front = ["place", *(["kind"] if with_kind else []), "item", "role", "unit"]
    used = used_columns(row.words for row in rows)
    rare = ["meter", "uncertainty", "product", "item_id", "plant"]
    back = ["basis", "source", "note", *rare]
    value = column("facts", "value")
    years = [
        SheetColumn(f"value:{year}", ctx.say(f"{year}年", year), 12, "number", ctx.text(value.help))
        for year in ctx.years
    ]
    checks = [
        SheetColumn(
            "-", ctx.say("较上年", "Change"), 9, computed=True, help=ctx.say("最后一年比前一年", "Last year on year")
        ),
    ]
    if entry.key != "products":
        words_of_check = ctx.say("单位产品量", "Per product")
        help_of_check = ctx.say(
            "最后一年的数 ÷ “产品与经营”表的核对产量", "Last year ÷ output on the sheet of products"
        )
        checks.append(SheetColumn("-", words_of_check, 11, computed=True, help=help_of_check))
    columns = [
        *columns_of(ctx, "facts", front, lists),
        *years,
        *checks,
        *columns_of(ctx, "facts", back, lists),
    ]
    filled = [
        {**shown_words(ctx, row.words), **{f"value:{year}": value for year, value in row.values.items()}}
        for row in rows
    ] or _asked_rows(ctx, entry, rows_of_system)
    write_title(ctx, entry, page)
    mark_row = 6 if entry.key == "products" else 5
    write_head(ctx, entry, page, columns, mark_row)
    first = mark_row + 2
    last = write_body(ctx, page, columns, filled, first, 20)
    printed = max(index for index, shown in enumerate(columns) if shown.key not in rare or shown.key in used)
    page.print_area(0, 0, last, printed)
    at = {shown_column.key: index for index, shown_column in enumerate(columns) if shown_column.key != "-"}
    _row_checks(ctx, page, columns, at, filled, first, last)
    _sheet_checks(ctx, entry, page, at, filled, first, last)


def _row_checks(
    ctx: Book,
    page: Worksheet,
    columns: Sequence[SheetColumn],
    at: Mapping[str, int],
    rows: Sequence[Mapping[str, Entry]],
    first: int,
    last: int,
) -> None:
    """The formulas of each row: change on the year before, amount for one unit of product."""
    computed = [index for index, shown in enumerate(columns) if shown.computed]
    latest = at[f"value:{ctx.years[-1]}"]
    output = _output_total(ctx)
    for row in range(first, last + 1):
        held = rows[row - first] if row - first < len(rows) else {}
        now = number_of(held.get(f"value:{ctx.years[-1]}"))
        cell = xl_rowcol_to_cell(row, latest)
        if len(ctx.years) > 1:
            before_cell = xl_rowcol_to_cell(row, at[f"value:{ctx.years[-2]}"])
            before = number_of(held.get(f"value:{ctx.years[-2]}"))
            change: float | str = now / before - 1 if now is not None and before else ""
            page.write_formula(
                row,
                computed[0],
                f'=IF(AND(ISNUMBER({before_cell}),ISNUMBER({cell})),IF({before_cell}=0,"",{cell}/{before_cell}-1),"")',
                ctx.styles.computed("0.0%"),
                change,
            )
        else:
            put(page, row, computed[0], None, ctx.styles.computed())
        if len(computed) > 1:
            share: float | str = now / output if now is not None and output else ""
            page.write_formula(
                row,
                computed[1],
                f'=IF(ISNUMBER({cell}),IF(N(qy_output)>0,{cell}/qy_output,""),"")',
                ctx.styles.computed("0.000"),
                share,
            )


def _sheet_checks(
    ctx: Book,
    entry: Sheet,
    page: Worksheet,
    at: Mapping[str, int],
    rows: Sequence[Mapping[str, Entry]],
    first: int,
    last: int,
) -> None:
    """Above the headings: what the site states against the sum of its places, for one item, role and unit."""
    site = ctx.say("全厂", "site")
    labels = [
        ctx.say("核对：全厂", "Check: site"),
        ctx.say("各场所合计", "Sum of places"),
        ctx.say("相差", "Difference"),
    ]
    if entry.key == "products":
        labels.append(ctx.say("产量（核对用）", "Output (for checks)"))
    item, role, unit = _default_check(ctx, entry, rows)
    chooser = ctx.styles.cell("choice")
    label_style = ctx.styles.get(bg_color=COMPUTED, border=1, border_color=LINE, bold=True, font_size=9, indent=1)
    for offset, label in enumerate(labels):
        for index in range(at[f"value:{ctx.years[0]}"]):
            put(page, 2 + offset, index, label if index == 0 else None, label_style)
    by_item = entry.key != "products"
    if by_item:
        put(page, 2, at["item"], item, chooser)
        page.data_validation(2, at["item"], 2, at["item"], {"validate": "list", "source": item_list(ctx, entry.kinds)})
    put(page, 2, at["role"], role, chooser)
    page.data_validation(2, at["role"], 2, at["role"], {"validate": "list", "source": role_list(ctx, entry.kinds)})
    put(page, 2, at["unit"], unit, chooser)

    def span(key: str) -> str:
        letter = xl_col_to_name(at[key])
        return f"${letter}${first + 1}:${letter}${last + 1 + VALIDATED_ROWS}"

    def criterion(key: str) -> str:
        # 用电量 finds 用电量（合计） as well: the words before a bracket are the item.
        more = '&"*"' if key == "item" else ""
        return f"{span(key)},${xl_col_to_name(at[key])}$3{more}"

    for year in ctx.years:
        index = at[f"value:{year}"]
        letter = xl_col_to_name(index)
        where = ",".join([criterion("role"), criterion("unit"), *([criterion("item")] if by_item else [])])
        here = [
            (str(row.get("place") or site), number)
            for row in rows
            if row.get("role") == role
            and row.get("unit") == unit
            and (not by_item or str(row.get("item")).startswith(item))
            if (number := number_of(row.get(f"value:{year}"))) is not None
        ]
        whole = sum(number for place, number in here if place == site)
        parts = sum(number for place, number in here if place != site)
        style = ctx.styles.computed("#,##0.##")
        page.write_formula(2, index, f'=SUMIFS({span(f"value:{year}")},{span("place")},"{site}",{where})', style, whole)
        page.write_formula(
            3, index, f'=SUMIFS({span(f"value:{year}")},{span("place")},"<>{site}",{where})', style, parts
        )
        page.write_formula(4, index, f"={letter}3-{letter}4", style, whole - parts)
        if entry.key == "products":
            page.write_formula(5, index, f"=IF({letter}3>0,{letter}3,{letter}4)", style, whole if whole > 0 else parts)
            if year == ctx.years[-1]:
                name = page.get_name().replace("'", "''")
                ctx.book.define_name("qy_output", f"='{name}'!${letter}$6")


def _default_check(ctx: Book, entry: Sheet, rows: Sequence[Mapping[str, Entry]]) -> tuple[str, str, str]:
    """The item, role and unit that the check of a sheet begins with: those of most rows."""
    wanted = ctx.text(catalogue().role("produced").name) if entry.key == "products" else ""
    counts: dict[tuple[str, str, str], int] = {}
    for row in rows:
        key = (str(row.get("item") or ""), str(row.get("role") or ""), str(row.get("unit") or ""))
        if not wanted or key[1] == wanted:
            counts[key] = counts.get(key, 0) + 1
    if not counts:
        return "", wanted, ""
    return max(counts, key=lambda key: counts[key])


def _output_total(ctx: Book) -> float:
    """The output that the checks divide by: as the formula on the sheet of products adds it."""
    produced = ctx.text(catalogue().role("produced").name)
    rows = [
        {**shown_words(ctx, row.words), **{f"value:{year}": value for year, value in row.values.items()}}
        for row in ctx.facts.wide.get("products", [])
    ]
    products = next(entry for entry in SHEETS if entry.key == "products")
    _, _, unit = _default_check(ctx, products, rows)
    site = ctx.say("全厂", "site")
    here = [
        (str(row.get("place") or site), number)
        for row in rows
        if row.get("role") == produced and row.get("unit") == unit
        if (number := number_of(row.get(f"value:{ctx.years[-1]}"))) is not None
    ]
    whole = sum(number for place, number in here if place == site)
    return whole if whole > 0 else sum(number for place, number in here if place != site)

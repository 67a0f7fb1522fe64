"""Writing the sheets of the audit into the audit workbook (审核设置与手工工作表), empty or with a case's record.

``audit_sheets`` gives them to ``facts.template.write_template``; what they hold reads back to the same record
(``record_reading``).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from xlsxwriter.worksheet import Worksheet

from qingyuan.audit.focus import factor_sets
from qingyuan.audit.phases import (
    ColumnDefinition,
    WorksheetDefinition,
    data_list,
    phases,
    plan_rows,
    worksheet_definitions,
)
from qingyuan.audit.record import NO_RECORD, AuditRecord, Entry, write_record
from qingyuan.audit.record_sheets import (
    HAND_SHEETS,
    NAME_KEY,
    ROW_KEY,
    SETTINGS_HINT,
    SETTINGS_KEY,
    SETTINGS_TITLE,
    Kind,
    Section,
    SettingTable,
    anchor_name,
    mark,
    sections,
    sheet_name,
    tables,
)
from qingyuan.facts.book.style import (
    CHOICE,
    HEAD,
    HEAD_SOFT,
    INPUT,
    LINE,
    PROTECTION,
    fit_row,
    lines_of,
    put,
    set_paper,
    text_of,
)
from qingyuan.facts.book.writer import PLACES, Book
from qingyuan.facts.cases import write_case
from qingyuan.facts.cells import number_text
from qingyuan.facts.indicatorrow import IndicatorRow
from qingyuan.facts.model import Case
from qingyuan.facts.sheets import ROWS_SHEET
from qingyuan.facts.template import FurtherSheet, write_template
from qingyuan.facts.words import word_name, words
from qingyuan.language import Language, Name, current_language
from qingyuan.standards.evidence import indicator_rows
from qingyuan.standards.loading import load
from qingyuan.standards.scoring import choose_table

TEXT_FORMAT: Final = "@"  # keeps 4-3 and 007 from becoming a date and 7
_BLANK_ROWS: Final = 12
_TAB_SETTINGS, _TAB_SHEETS = "#B7791F", "#4C6A8A"
_LONG: Final = frozenset(
    (
        "content", "duty", "function", "cause", "benefit", "input", "content_detail", "effects", "planned",
        "technical", "environmental", "economic", "output", "note", "indicators", "waste",
    )
)  # fmt: skip


HeldRow = tuple[str, str, str, str, str]  # sheet, row id, what, column, text


def write_audit_workbook(
    path: Path | str,
    *,
    record: AuditRecord = NO_RECORD,
    case: Case | None = None,
    indicator_rows: Sequence[IndicatorRow] = (),
    system_id: str = "",
    table_id: str = "",
    title: str = "",
    language: Language = "zh",
    years: Sequence[str] = (),
) -> Path:
    """Write the audit workbook with the sheets of the audit itself; returns its path.

    As ``facts.write_template``, with the audit's ``record``: both the case and the record read back the same.
    """
    return write_template(
        path,
        indicator_rows=indicator_rows,
        system_id=system_id,
        table_id=table_id,
        title=title,
        language=language,
        case=case,
        years=years,
        further=audit_sheets(record, language),
    )


def write_case_record(
    case: Case,
    record: AuditRecord,
    out: Path | str,
    *,
    system: str = "",
    table: str = "",
    language: Language | None = None,
) -> None:
    """Write a case and its record: into a workbook where ``out`` ends in .xlsx, else into a folder.

    ``system`` and ``table`` choose the rows of the indicator sheet, by default those of the profile. Raises UnknownName
    for unknown ones, OSError where a file cannot be written.
    """
    target = Path(out)
    if target.suffix.lower() != ".xlsx":
        write_case(case, target)
        write_record(record, target)
        return
    wanted, wanted_table = system or case.profile.system, table or case.profile.table
    rows: Sequence[IndicatorRow] = ()
    title = ""
    if wanted:
        known = load(wanted)
        chosen = choose_table(known, wanted_table or None)
        rows, title, wanted_table = list(indicator_rows(known, chosen)), str(known.title), chosen.id
    target.parent.mkdir(parents=True, exist_ok=True)
    write_audit_workbook(
        target, record=record, case=case, indicator_rows=rows, system_id=wanted, table_id=wanted_table, title=title,
        language=language or current_language(),
    )  # fmt: skip


def audit_sheets(record: AuditRecord, code: Language) -> tuple[FurtherSheet, ...]:
    """The sheets of the audit: settings, tables of settings, hand-filled worksheets and those with entries."""
    held: list[HeldRow] = []
    found = [
        FurtherSheet(
            SETTINGS_KEY,
            text_of(SETTINGS_TITLE, code),
            text_of(SETTINGS_HINT, code),
            lambda ctx, page: _write_form(ctx, page, record.settings),
        )
    ]
    for table in tables():
        found.append(_table_sheet(table, record.settings, code))
    for id, of in worksheet_definitions().items():
        rows = record.entries.get(id, ())
        if id in HAND_SHEETS or rows:
            found.append(_worksheet_sheet(of, rows, held, code))
    last = found[-1]

    def write_last(ctx: Book, page: Worksheet) -> None:
        last.write(ctx, page)
        write_held(ctx, held)

    return (*found[:-1], FurtherSheet(last.key, last.name, last.hint, write_last))


def write_held(ctx: Book, held: Sequence[HeldRow]) -> None:
    """Write the hidden sheet that knows what the worksheets held when they were written."""
    page = ctx.book.add_worksheet(ROWS_SHEET)
    style = ctx.styles.get()
    for row, parts in enumerate(held):
        for index, text in enumerate(parts):
            put(page, row, index, text, style)
    page.very_hidden()


# --- settings --------------------------------------------------------------------------------------------------------


def _write_form(ctx: Book, page: Worksheet, settings: Mapping[str, Any]) -> None:
    styles = ctx.styles
    page.set_tab_color(_TAB_SETTINGS)
    for index, (width, hidden) in enumerate(((2, True), (40, False), (34, False), (52, False))):
        page.set_column(index, index, width, styles.get(locked=0), {"hidden": hidden})
    page.set_row(0, 26)
    put(page, 0, 1, ctx.text(SETTINGS_TITLE), styles.title())
    put(page, 1, 1, ctx.text(SETTINGS_HINT), styles.hint())
    page.set_row(2, 12, None, {"hidden": True})
    heads = (("path", "字段", "Field"), ("label", "内容", "Item"), ("value", "填写", "Value"), ("note", "说明", "Note"))
    for index, (key, zh, en) in enumerate(heads):
        put(page, 2, index, mark(SETTINGS_KEY, key), styles.hint())
        put(page, 3, index, ctx.say(zh, en), styles.head())
    left = _leaves(settings)
    row = 4
    for section in sections(settings):
        row = _section(ctx, page, row, section, left)
    if left:
        row = _heading(ctx, page, row, ctx.say("其他设置", "Further settings"))
        for path, value in left.items():
            row = _line(ctx, page, row, path, ".".join(path), "json", value, Name(""))
    page.freeze_panes(4, 0)
    set_paper(page, ctx.text(SETTINGS_TITLE), 3, portrait=True)
    page.protect("", PROTECTION)


def _leaves(settings: Mapping[str, Any]) -> dict[tuple[str, ...], Any]:
    """Every setting that has no row of its own in a table, by its path."""
    of_tables = {table.path for table in tables()}
    found: dict[tuple[str, ...], Any] = {}

    def walk(value: Any, path: tuple[str, ...]) -> None:
        if path in of_tables and path != ("economics",):
            return
        if path[:1] == ("economics",) and len(path) == 2 and isinstance(value, Mapping):
            return
        if isinstance(value, Mapping) and (value or not path):
            for key, own in value.items():
                walk(own, (*path, str(key)))
        else:
            found[path] = value

    walk(settings, ())
    return found


def _section(ctx: Book, page: Worksheet, row: int, section: Section, left: dict[tuple[str, ...], Any]) -> int:
    row = _heading(ctx, page, row, ctx.text(section.title))
    for known in section.fields:
        row = _line(
            ctx, page, row, known.path, ctx.text(known.label), known.kind, left.pop(known.path, None), known.hint
        )
    if section.free:
        mine = [path for path in left if path[:-1] == section.free]
        for path in mine:
            row = _line(ctx, page, row, path, path[-1], section.free_kind, left.pop(path), Name(""))
        if section.free_kind == "text":
            for _ in range(4):
                put(page, row, 0, ".".join(section.free) + ".", ctx.styles.hint())
                put(page, row, 1, None, _input(ctx, "text"))
                put(page, row, 2, None, _input(ctx, "text"))
                put(page, row, 3, None, ctx.styles.fixed())
                row += 1
    return row


def _heading(ctx: Book, page: Worksheet, row: int, text: str) -> int:
    style = ctx.styles.get(bold=True, font_color=HEAD, bg_color=HEAD_SOFT, indent=1)
    for index in range(1, 4):
        put(page, row, index, text if index == 1 else None, style)
    return row + 1


def _line(
    ctx: Book, page: Worksheet, row: int, path: Sequence[str], label: str, kind: Kind, value: Any, hint: Name
) -> int:
    plain = all("." not in step and step and not step.startswith("[") for step in path)
    put(page, row, 0, ".".join(path) if plain else json.dumps(list(path), ensure_ascii=False), ctx.styles.hint())
    put(page, row, 1, label, ctx.styles.fixed(text_wrap=True, indent=1))
    _put_value(ctx, page, row, 2, value, kind)
    note = ctx.styles.fixed(font_size=9, font_color="#6B7780", indent=1, text_wrap=True)
    put(page, row, 3, ctx.text(hint) or None, note)
    fit_row(page, row, ((label, 40), (value, 34), (ctx.text(hint), 58)))
    choices = _choices(ctx, kind)
    if choices:
        rule = {"validate": "list", "source": choices, "ignore_blank": True}
        page.data_validation(row, 2, row, 2, rule)
    return row + 1


def _choices(ctx: Book, kind: Kind) -> str:
    if kind == "level":
        levels = [word.name for word in words("level") if word.id in ("I", "II", "III")]
        return ctx.list_of("qy_levels", [ctx.text(name) for name in levels])
    if kind == "anchor":
        return ctx.list_of("qy_anchors", [ctx.text(anchor_name(id)) for id in ("acceptance", "report", "list")])
    if kind == "factor-set":
        return ctx.list_of("qy_factor_sets", [ctx.text(of.name) for of in factor_sets() if of.id != "options"])
    return ""


def _input(ctx: Book, kind: Kind, number: float | None = None, *, wrap: bool = False) -> Any:
    colour = CHOICE if kind in ("level", "anchor", "factor-set") else INPUT
    base: dict[str, object] = {"bg_color": colour, "border": 1, "border_color": LINE, "locked": 0}
    if kind in ("number", "integer"):
        return ctx.styles.get(**base, align="right", num_format="General")
    if kind == "date":
        return ctx.styles.get(**base, align="center", num_format="yyyy-mm-dd")
    return ctx.styles.get(**base, indent=1, text_wrap=True, num_format=TEXT_FORMAT, valign="top" if wrap else "vcenter")


def _put_value(ctx: Book, page: Worksheet, row: int, column: int, value: Any, kind: Kind) -> None:
    """A setting in its cell, so that ``record_reading.setting_value`` gives it back."""
    style = _input(ctx, kind)
    if value is None:
        put(page, row, column, None, style)
    elif kind == "date" and isinstance(value, dt.date):
        page.write_datetime(row, column, dt.datetime.combine(value, dt.time()), style)
    elif kind in ("number", "integer") and isinstance(value, int | float):
        put(page, row, column, value, style)
    elif kind == "list" and isinstance(value, Sequence) and not isinstance(value, str):
        put(page, row, column, _list_text(value), style)
    elif kind == "level" and (name := word_name("level", str(value))) is not None:
        put(page, row, column, ctx.text(name), style)
    elif kind == "anchor" and value in ("acceptance", "report", "list"):
        put(page, row, column, ctx.text(anchor_name(value)), style)
    elif kind == "factor-set":
        shown = next((ctx.text(of.name) for of in factor_sets() if of.id == value), str(value))
        put(page, row, column, shown, style)
    elif kind == "json" and isinstance(value, int | float):
        put(page, row, column, value, style)
    elif kind == "json" and isinstance(value, str):
        put(page, row, column, json.dumps(value, ensure_ascii=False) if value[:1] in '[{"' else value, style)
    elif kind == "json":
        text = value.isoformat() if isinstance(value, dt.date) else json.dumps(value, ensure_ascii=False, default=str)
        put(page, row, column, text, _input(ctx, "text"))
    else:
        put(page, row, column, str(value), style)


def _list_text(values: Sequence[object]) -> str:
    texts = [str(value) for value in values]
    plain = all(text.strip() == text and text and not any(sign in text for sign in ";；\n") for text in texts)
    if texts and plain and not texts[0].startswith("["):
        return "；".join(texts)
    return json.dumps(texts, ensure_ascii=False)


# --- tables of settings ----------------------------------------------------------------------------------------------


def _table_sheet(table: SettingTable, settings: Mapping[str, Any], code: Language) -> FurtherSheet:
    def write(ctx: Book, page: Worksheet) -> None:
        page.set_tab_color(_TAB_SETTINGS)
        named: list[tuple[str, Mapping[str, Any]]] = []
        found: Any = settings
        for step in table.path:
            found = found.get(step, {}) if isinstance(found, Mapping) else {}
        if table.listed and isinstance(found, Sequence):
            named = [
                (str(one.get(table.listed, "")), {key: own for key, own in one.items() if key != table.listed})
                for one in found
            ]
        elif isinstance(found, Mapping):
            named = [(name, row) for name, row in found.items() if isinstance(row, Mapping)]
        columns = list(table.columns)
        columns += [
            (key, Name(key), "number")
            for key in dict.fromkeys(key for _, row in named for key in row)
            if key not in {known for known, _, _ in table.columns}
        ]
        heads = [(NAME_KEY, table.first, 24.0)]
        heads += [(key, name, 34.0 if kind == "text" else 15.0) for key, name, kind in columns]
        _write_head(ctx, page, table.key, table.title, text_of(table.hint, code), heads)
        for offset in range(len(named) + _BLANK_ROWS):
            name, row = named[offset] if offset < len(named) else ("", {})
            put(page, 4 + offset, 0, name or None, _input(ctx, "text"))
            for index, (key, _, kind) in enumerate(columns, 1):
                _put_value(ctx, page, 4 + offset, index, row.get(key), kind)
        if table.key == "focus-scores":
            rule = {"validate": "list", "source": PLACES, "ignore_blank": True, "show_error": False}
            page.data_validation(4, 0, 3 + len(named) + _BLANK_ROWS, 0, rule)

    return FurtherSheet(table.key, text_of(table.title, code), text_of(table.hint, code), write)


def _write_head(
    ctx: Book, page: Worksheet, key: str, title: Name, hint: str, heads: Sequence[tuple[str, Name, float]]
) -> None:
    """Title, hint, the hidden row of marks, headings, frozen panes, paper and protection."""
    styles = ctx.styles
    shown = next((index for index, (column, _, _) in enumerate(heads) if column != ROW_KEY), 0)
    page.set_row(0, 26)
    put(page, 0, shown, ctx.text(title), styles.title())
    put(page, 1, shown, hint, styles.hint())
    page.set_row(2, 12, None, {"hidden": True})
    lines = 1
    for index, (column, name, width) in enumerate(heads):
        page.set_column(index, index, width, styles.get(locked=0), {"hidden": column == ROW_KEY})
        put(page, 2, index, mark(key, column), styles.hint())
        put(page, 3, index, ctx.text(name) or None, styles.head())
        lines = max(lines, lines_of(ctx.text(name), width)) if column != ROW_KEY else lines
    page.set_row(3, max(24.0, 14.0 * lines + 6))
    page.freeze_panes(4, shown + 1)
    set_paper(page, ctx.text(title), 3)
    page.protect("", PROTECTION)


# --- worksheets ------------------------------------------------------------------------------------------------------


def _worksheet_sheet(
    of: WorksheetDefinition, rows: Sequence[Entry], held: list[HeldRow], code: Language
) -> FurtherSheet:
    def write(ctx: Book, page: Worksheet) -> None:
        page.set_tab_color(_TAB_SHEETS)
        columns = _entry_columns(ctx, of, rows)
        heads = [(ROW_KEY, Name(""), 2.0), *((key, name, width) for key, name, width in columns)]
        _write_head(ctx, page, of.id, Name(f"{of.id} {of.name.zh}", f"{of.id} {of.name.en}"), _hint(ctx, of), heads)
        first = of.columns[0].id
        lines = _lines(ctx, of, rows)
        known = {column.id: column for column in of.columns}
        numeric = {key for key, _, _ in columns if holds_number(known[key.partition("@")[0]])}
        for offset, (key, entry) in enumerate(lines):
            id = "" if key is None else f"k{offset}"
            if key is not None:
                held.append((of.id, id, "key", first, entry[first]))
            _write_entry(ctx, page, 4 + offset, id, entry, columns, fixed=first if id else "", numeric=numeric)
        for offset in range(4 if any(key is not None for key, _ in lines) else _BLANK_ROWS):
            _write_entry(ctx, page, 4 + len(lines) + offset, "", {}, columns, numeric=numeric)

    phase = phases()[of.phase - 1]
    hint = f"{phase.number} {text_of(phase.name, code)}"
    return FurtherSheet(of.id, sheet_name(of, code), hint, write)


def _lines(ctx: Book, of: WorksheetDefinition, rows: Sequence[Entry]) -> list[tuple[Name | None, Entry]]:
    """The rows of a sheet in their order: those that every audit has (with their name), and what was entered."""
    first = of.columns[0].id
    prefilled = _prefilled(of)
    left = list(rows)
    found: list[tuple[Name | None, Entry]] = []
    for name in prefilled:
        # a record in the other language keeps its own words
        own = next((e for e in left if e.get(first) in (name.zh, name.en) and set(e) != {first}), None)
        if own is not None:
            left.remove(own)
        found.append((name, own if own is not None else {first: ctx.text(name)}))
    found += [(None, entry) for entry in left]
    if [entry for name, entry in found if name is None or set(entry) != {first}] == list(rows):
        return found
    fresh = [(name, entry) for name, entry in found if name is not None and set(entry) == {first}]
    return [*((None, entry) for entry in rows), *fresh]


def _hint(ctx: Book, of: WorksheetDefinition) -> str:
    if of.filled_by == "entry":
        return ctx.say("由企业或审核小组填写", "Filled in by the enterprise or the audit team")
    return ctx.say(
        "只填人知道的栏；第一栏写明是哪一行，其余由数据填。也可以在生成的 worksheets.xlsx 里填",
        "Only what people know; the first column names the row, facts fill the rest. Or fill in worksheets.xlsx",
    )


def _prefilled(of: WorksheetDefinition) -> tuple[Name, ...]:
    """The rows that every audit has, by their first cell."""
    if of.filled_by == "plan":
        return tuple(stage for stage, _, _ in plan_rows())
    if of.filled_by in ("data-list", "focus-data"):
        return tuple(name for name, _ in data_list())
    return ()


def _entry_columns(ctx: Book, of: WorksheetDefinition, rows: Sequence[Entry]) -> list[tuple[str, Name, float]]:
    """The columns of a sheet of entries: those of the definition, once for each year, and what entries name besides."""
    named = list(dict.fromkeys(key for row in rows for key in row))
    found: list[tuple[str, Name, float]] = []
    for column in of.columns:
        if column.per_year or column.per_candidate:
            tails = list(ctx.years) if column.per_year else []
            tails += [tail for key in named if (tail := key.partition("@")[2]) and key.startswith(f"{column.id}@")]
            for tail in dict.fromkeys(tails):
                name = Name(f"{column.name.zh}（{tail}）", f"{column.name.en} ({tail})")
                found.append((f"{column.id}@{tail}", name, 14.0))
            if column.id in named:
                found.append((column.id, column.name, 14.0))
        else:
            found.append((column.id, column.name, column_width(column)))
    return found


def column_width(column: ColumnDefinition) -> float:
    """How wide a column of a worksheet is set, in letters."""
    if column.id in _LONG:
        return 26.0
    if column.id in ("id", "no", "unit", "count", "weight"):
        return 10.0
    return 18.0 if column.id in ("name", "item", "unit", "source", "place", "stage", "department", "owner") else 14.0


def holds_number(column: ColumnDefinition) -> bool:
    """Whether a column holds amounts: those with a unit in the heading, and those that stand once for each year."""
    named = any(unit in column.name.zh for unit in ("（万元", "（kW", "（t"))
    return column.per_year or column.id == "count" or named


def _write_entry(
    ctx: Book,
    page: Worksheet,
    row: int,
    id: str,
    entry: Entry,
    columns: Sequence[tuple[str, Name, float]],
    *,
    fixed: str = "",
    numeric: Collection[str] = (),
) -> None:
    put(page, row, 0, id or None, ctx.styles.hint())
    for index, (key, _, _) in enumerate(columns, 1):
        text = entry.get(key)
        if key == fixed:
            style = ctx.styles.get(
                bg_color=HEAD_SOFT, border=1, border_color=LINE, locked=0, indent=1, text_wrap=True,
                num_format=TEXT_FORMAT,
            )  # fmt: skip
            put(page, row, index, text, style)
        else:
            words = _input(ctx, "number" if key in numeric and not text else "text")
            put_entry(page, row, index, text, words, _input(ctx, "number"))
    fit_row(page, row, ((entry.get(key), width) for key, _, width in columns))


def put_entry(page: Worksheet, row: int, column: int, text: str | None, words: Any, number: Any) -> None:
    """Write what was entered: as a number where it reads back to the same text, else as the text that it is."""
    value = exact_number(text) if text else None
    if value is None:
        put(page, row, column, text, words)
    else:
        put(page, row, column, value, number)


def exact_number(text: str) -> float | None:
    """The number that a text writes, where writing the number gives the text again; None for all others."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if number_text(number) == text else None

"""What the sheets of the audit workbook share: title, hidden keys, headings, cells, drop-downs, protection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from qingyuan import units
from qingyuan.facts.book.style import PROTECTION, Styles, fit_row, put, set_paper, text_of
from qingyuan.facts.book.widerows import Distribution
from qingyuan.facts.columns import Holds, TableKey, column
from qingyuan.facts.model import Case, Profile
from qingyuan.facts.rows import Entry
from qingyuan.facts.sheets import Sheet, column_mark
from qingyuan.facts.words import WordList, word_name, words
from qingyuan.language import Language, Name
from qingyuan.reference.items import catalogue

VALIDATED_ROWS: Final = 2_000  # rows below the last written one that keep their drop-downs
PLACES: Final = "=qy_places"  # the names on the sheet of places, with the site first, as a range that grows with them


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column of a sheet: mark key ("-" for one that is not read), heading, width, what it holds, help, list."""

    key: str
    heading: str
    width: float
    holds: Holds = "text"
    help: str = ""
    choices: str = ""  # a defined name or formula of a list
    computed: bool = False
    percent: bool = False
    strict: str = "information"  # how a value outside the list is met: free, information, warning, stop
    source: str = ""  # the key in a row, where it is not the key of the column


@dataclass(slots=True)
class Book:
    """A workbook being written."""

    book: xlsxwriter.Workbook
    styles: Styles
    language: Language
    years: tuple[str, ...]
    case: Case | None
    facts: Distribution
    profile: Profile
    lists: dict[str, list[str]] = field(default_factory=dict)
    marks: list[tuple[str, str, str]] = field(default_factory=list)  # sheet key, sheet name, column keys

    def say(self, zh: str, en: str) -> str:
        """A text in the language of the workbook."""
        return en if self.language == "en" else zh

    def text(self, name: Name) -> str:
        """A name in the language of the workbook."""
        return text_of(name, self.language)

    def list_of(self, name: str, values: Iterable[str]) -> str:
        """Make a list for drop-downs; returns the formula that names it."""
        self.lists.setdefault(name, list(dict.fromkeys(value for value in values if value)))
        return f"={name}"


def write_title(ctx: Book, entry: Sheet, page: Worksheet) -> None:
    """Write the title of a sheet and the hint below it."""
    page.set_row(0, 26)
    put(page, 0, 0, ctx.text(entry.title), ctx.styles.title())
    put(page, 1, 0, ctx.text(entry.hint), ctx.styles.hint())


def write_head(ctx: Book, entry: Sheet, page: Worksheet, columns: Sequence[SheetColumn], mark_row: int) -> None:
    """The hidden row of keys, the headings with their comments, widths, frozen panes, paper, protection."""
    head = mark_row + 1
    page.set_row(mark_row, 12, None, {"hidden": True})
    page.set_row(head, 32)
    plain = ctx.styles.get(locked=0)
    for index, shown in enumerate(columns):
        page.set_column(index, index, shown.width, plain)
        put(page, mark_row, index, column_mark(entry.key, shown.key), ctx.styles.hint())
        put(page, head, index, shown.heading, ctx.styles.head(computed=shown.computed))
        if shown.help:
            page.write_comment(
                head, index, shown.help, {"x_scale": 1.9, "y_scale": 0.9, "font_size": 9, "author": "Qingyuan"}
            )
    page.freeze_panes(head + 1, 2 if entry.layout == "wide" else 1)
    set_paper(page, f"{ctx.text(entry.title)}", head)
    page.protect("", PROTECTION)
    ctx.marks.append((entry.key, ctx.text(entry.title), " ".join(shown.key for shown in columns)))


def write_body(
    ctx: Book,
    page: Worksheet,
    columns: Sequence[SheetColumn],
    rows: Sequence[Mapping[str, Entry]],
    first: int,
    blanks: int,
) -> int:
    """Write rows and blank rows to fill in, and the validation of every column; returns the last row."""
    for offset in range(len(rows) + blanks):
        row = rows[offset] if offset < len(rows) else {}
        for index, shown in enumerate(columns):
            if shown.computed:
                continue
            value = row.get(shown.source or shown.key)
            number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
            put(page, first + offset, index, value, ctx.styles.cell(shown.holds, number, percent=shown.percent))
        fit_row(
            page,
            first + offset,
            ((row.get(shown.source or shown.key), shown.width) for shown in columns if shown.holds == "long"),
        )
    last = first + max(len(rows) + blanks, 1) - 1
    for index, shown in enumerate(columns):
        validate(ctx, page, shown, index, first, last + VALIDATED_ROWS)
    return last


def validate(ctx: Book, page: Worksheet, shown: SheetColumn, index: int, first: int, last: int) -> None:
    """Give a column its drop-down, or for numbers a warning below zero; words such as ND are let through."""
    if shown.choices:
        rule: dict[str, Any] = {"validate": "list", "source": shown.choices, "ignore_blank": True}
        if shown.strict == "free":
            rule["show_error"] = False
        else:
            rule |= {
                "error_type": shown.strict,
                "error_title": ctx.say("不在列表中", "Not in the list"),
                "error_message": ctx.say("列表里没有这一项。确认要用本企业自己的叫法吗？", "Use a name of your own?"),
            }
        page.data_validation(first, index, last, index, rule)
    elif shown.holds == "number" and not shown.computed and shown.key not in {"answer"}:
        cell = xl_rowcol_to_cell(first, index)
        top = f",{cell}<=1" if shown.percent else ""
        page.data_validation(
            first,
            index,
            last,
            index,
            {
                "validate": "custom",
                "value": f"=OR(ISTEXT({cell}),AND({cell}>=0{top}))",
                "ignore_blank": True,
                "error_type": "warning",
                "error_title": ctx.say("请核对", "Please check"),
                "error_message": ctx.say(
                    "数量一般不为负；不确定度在 0 与 100% 之间。确实如此可以继续。",
                    "Amounts are rarely negative; an uncertainty lies between 0 and 100%.",
                ),
            },
        )


def columns_of(
    ctx: Book, table: TableKey, keys: Sequence[str], lists: Mapping[str, tuple[str, str]]
) -> list[SheetColumn]:
    """Columns of a table by key; ``lists`` gives the drop-down of a key and how strictly it is kept."""
    found: list[SheetColumn] = []
    for key in keys:
        known = column(table, key)
        choices, strict = lists.get(key, ("", "information"))
        found.append(
            SheetColumn(
                key,
                ctx.text(known.heading),
                known.width * 1.25 if ctx.language == "en" and known.holds in {"choice", "text"} else known.width,
                known.holds,
                ctx.text(known.help),
                choices,
                percent=key == "uncertainty",
                strict=strict,
            )
        )
    return found


def word_list(ctx: Book, name: WordList) -> str:
    """The drop-down of a closed list of words."""
    return ctx.list_of(f"qy_{name}", [ctx.text(word.name) for word in words(name) if word.id != "unknown"])


def item_list(ctx: Book, kinds: Sequence[str]) -> str:
    """The drop-down of the catalogue's items of some kinds."""
    names = [ctx.text(item.name) for kind in kinds for item in catalogue().of_kind(kind)]
    return ctx.list_of("qy_items_" + "_".join(kinds[:2]), names)


def role_list(ctx: Book, kinds: Sequence[str]) -> str:
    """The drop-down of the roles that items of some kinds may have."""
    names = [ctx.text(role.name) for kind in kinds for role in catalogue().roles(kind)]
    return ctx.list_of("qy_roles_" + "_".join(kinds[:2]), names)


def unit_list(ctx: Book, kinds: Sequence[str]) -> str:
    """The drop-down of the units usual for items of some kinds."""
    found: dict[str, None] = {}
    for kind in kinds:
        for item in catalogue().of_kind(kind):
            for unit in (item.unit, *item.other_units):
                found.setdefault(units.display(unit) or unit)
        for role in catalogue().roles(kind):
            for unit in role.units:
                found.setdefault(units.display(unit) or unit)
    if "energy" in kinds:
        found = {units.display("10^4 kWh"): None, units.display("10^4 Nm3"): None, **found}
    return ctx.list_of("qy_units_" + "_".join(kinds[:2]), found)


def shown_words(ctx: Book, row: Mapping[str, Entry]) -> dict[str, Entry]:
    """A row of facts with kind, role, basis and place as the reader of this workbook knows them."""
    shown = dict(row)
    kind = str(row.get("kind") or "")
    if kind:
        shown["kind"] = ctx.text(catalogue().kind(kind).name)
    role = str(row.get("role") or "")
    if role:
        shown["role"] = ctx.text(catalogue().role(role).name)
    basis = str(row.get("basis") or "")
    name = word_name("basis", basis)
    shown["basis"] = "" if basis == "unknown" or name is None else ctx.text(name)
    if product := str(row.get("product") or ""):
        shown["product"] = product_name(ctx, product)
    period = str(row.get("period") or "")
    if period.isdecimal() and len(period) == 4:
        shown["period"] = int(period)
    return shown


def product_name(ctx: Book, product: str) -> str:
    """The name of a product in the language of the workbook; the plant's own stay as they are."""
    return ctx.text(catalogue().get(product).name) if product in catalogue() else product


def number_of(entry: Entry) -> float | None:
    """The number of a cell, None for words and blanks."""
    return float(entry) if isinstance(entry, (int, float)) else None

"""From the cells of a form to an index system: every doubt and error with its sheet and cell, all at once.

The reader takes a table as it is printed. Signs in the cells decide direction and strictness, merged cells are
inherited, starred names are limiting, weights may be shares or per cent; what it decides by itself it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qingyuan.errors import InputError, Problem, Severity
from qingyuan.facts.cells import Cell, Issue
from qingyuan.language import listing, message
from qingyuan.standards.answers import level_word
from qingyuan.standards.authoring.cells import (
    date_cell,
    flag_cell,
    list_cell,
    long_text,
    number_of,
    squeezed,
    text_of,
)
from qingyuan.standards.authoring.english import put_english
from qingyuan.standards.authoring.form import HEAD, Area, Form, load_form
from qingyuan.standards.authoring.layout import (
    FAMILY_DEFAULTS,
    HEAD_FIELDS,
    LEVEL_CHOICES,
    Field,
    document_fields,
    match_choice,
)
from qingyuan.standards.authoring.reader import DOCUMENT, ENGLISH, KnownIds, Reader, Spot
from qingyuan.standards.authoring.rows import read_table
from qingyuan.standards.formula import exact
from qingyuan.standards.model import LEVELS, IndexSystem, Scheme
from qingyuan.standards.reading import read_system
from qingyuan.standards.toml_writer import number_data

SYSTEM_ID = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")
_PLAIN_ID = re.compile(r"[^\s/\\\"'#]+")
# Fields that are shares: 10% is 0.1 there and 10 elsewhere.
_SHARES = frozenset({"bonus.weight", "grading.weights.P1", "grading.weights.P2"})


@dataclass(frozen=True, slots=True)
class FormReading:
    """What a form says: the system (None where it cannot be made), every problem, and where the problems stand."""

    form: Form
    system: IndexSystem | None
    problems: tuple[Problem, ...]
    spots: tuple[tuple[Spot, Problem], ...]
    places: Mapping[str, Spot]

    @property
    def ok(self) -> bool:
        """Whether the form was read without an error."""
        return self.system is not None and not any(each.severity is Severity.ERROR for each in self.problems)


def read_form(path: Path | str, earlier: IndexSystem | None = None) -> FormReading:
    """Read a form (Excel) into an index system.

    Rows without an id get one by their place (``g2-03``); with ``earlier``, an edition that this form will replace,
    rows of the same name keep the id that they had. The result holds the system and every problem with its sheet and
    cell. Raises InputError only where the file itself is refused: damaged, encrypted, with macros, or no form at all.
    """
    return understand(load_form(path), earlier)


def understand(form: Form, earlier: IndexSystem | None = None) -> FormReading:
    """Read the cells of a form into an index system; see ``read_form``."""
    reader = Reader(form, list(form.problems), known=KnownIds(earlier))
    reader.faulty()
    data = _document(reader)
    scheme: Scheme = data.get("scoring", data.get("scheme", "levels"))
    tables: list[dict[str, Any]] = []
    partial: list[dict[str, Any]] = []
    for number, area in enumerate(form.tables):
        head = _head(reader, number, area)
        table = read_table(reader, number, area, head, scheme)
        (partial if head.get("partial") else tables).append(table)
    data["tables"] = tables
    if partial:
        data["partial_tables"] = partial
    _unique_tables(reader, data)
    _bonus_table(reader, data)
    _english(reader, data)
    system = _system(reader, data)
    order = list(Severity)
    problems = sorted(reader.problems, key=lambda problem: order.index(problem.severity))
    return FormReading(form, system, tuple(problems), tuple(reader.spots), reader.places)


def _system(reader: Reader, data: dict[str, Any]) -> IndexSystem | None:
    faulty = any(problem.severity is Severity.ERROR for problem in reader.problems)
    try:
        return read_system(data, reader.form.file, shipped=True)
    except InputError as error:
        if not faulty:
            reader.problems += error.problems
    # A best effort for the eye: with errors already listed, the tables are shown with their gaps.
    relaxed = {**data, "partial_tables": data["tables"] + data.get("partial_tables", []), "tables": []}
    try:
        return read_system(relaxed, reader.form.file, shipped=True)
    except InputError:
        return None


# --- the document ----------------------------------------------------------------------------------------------------


def _document(reader: Reader) -> dict[str, Any]:
    data: dict[str, Any] = {"grading": {}}
    for each in document_fields():
        value = _field_value(reader, DOCUMENT, each)
        if value is None:
            if each.required:
                spot = Spot(DOCUMENT, HEAD, each.key)
                wanted = message("{x}", x=each.hint if each.hint.zh else each.name)
                reader.put(spot, "form-required", message("“{name}”没有填", name=each.name), expected=wanted)
            continue
        _place_field(data, each.key, value)
    identity = data.get("id", "")
    if identity and SYSTEM_ID.fullmatch(identity) is None:
        expected = message("小写英文字母、数字和连字符，如 zinc-smelting-2019")
        reader.put(Spot(DOCUMENT, HEAD, "id"), "form-id", message("编号不合规则"), found=identity, expected=expected)
    if data.get("status") is not True:
        data.pop("status", None)
    else:
        data["status"] = "located-only"
    scheme = data.pop("scheme", "levels")
    if scheme != "levels":
        data["scheme"] = "benchmark"
        if scheme != "benchmark":
            data["scoring"] = scheme
    if data.get("scope") == "enterprise":
        del data["scope"]
    data.setdefault("grade", "user")
    years = data.get("applicability", {}).get("report_valid_years")
    if years is not None and not isinstance(years, int):
        spot = Spot(DOCUMENT, HEAD, "applicability.report_valid_years")
        reader.put(spot, "form-number", message("不是整数"), found=str(years), expected=message("整数"))
        del data["applicability"]["report_valid_years"]
    _rules(reader, data, scheme)
    return data


def _field_value(reader: Reader, number: int, each: Field) -> Any:
    """What a field says, or None; problems are reported."""
    area = reader.area(number)
    cell = area.head.get(each.key)
    spot = Spot(number, HEAD, each.key)
    if cell is None or (HEAD, each.key) in area.faulty:
        return None
    if each.kind == "list":
        return list_cell(cell) or None
    if each.kind == "long":
        return long_text(cell) or None
    if each.kind == "date":
        day = date_cell(cell)
        if isinstance(day, Issue):
            reader.issue(spot, day, cell)
            return None
        return day
    if each.kind == "flag":
        try:
            return flag_cell(cell)
        except ValueError:
            reader.put(spot, "form-flag", message("应填“是”或“否”"), found=cell, expected=message("是、否"))
            return None
    if each.kind == "choice":
        value = match_choice(each.choices, text_of(cell))
        if value is None:
            options = message("{x} 之一", x=listing(choice.name for choice in each.choices))
            reader.put(spot, "form-choice", message("不认识的选项"), found=cell, expected=options)
        return value
    if each.kind in ("number", "number-or-text"):
        return _number(reader, spot, each, cell, (HEAD, each.key) in area.percent)
    return text_of(cell) or None


def _number(reader: Reader, spot: Spot, each: Field, cell: Cell, percent: bool) -> Any:
    share = each.key in _SHARES
    number = number_of(cell, percent and not share)
    if number is None and isinstance(cell, str):
        text = squeezed(cell)
        match = re.fullmatch(r"(?:≥|>=|不低于)?(.+?)(%|分)?", text)
        number = exact(match[1]) if match else None
        if number is not None and match is not None and match[2] == "%" and share:
            number /= 100
    if number is None:
        if each.kind == "number-or-text":
            return text_of(cell) or None
        reader.put(spot, "form-number", message("不是一个数"), found=cell, expected=message("一个数"))
        return None
    return number_data(number)


def _place_field(data: dict[str, Any], key: str, value: Any) -> None:
    if key == "family":
        data["family"] = value
        return
    path = key.split(".")
    if path[0] in ("bonus", "pass", "score_rule"):
        path = ["grading", *path]
    holder = data
    for step in path[:-1]:
        holder = holder.setdefault(step, {})
    holder[path[-1]] = value


def _rules(reader: Reader, data: dict[str, Any], scheme: str) -> None:
    """The three lines of grading; where they are empty, those of the chosen family."""
    family = data.pop("family", "")
    grading = data["grading"]
    if grading.get("verified") is True:
        del grading["verified"]
    head = reader.form.document.head
    empty = not any(key.startswith("rule.") and not key.endswith(".name") for key in head)
    names: dict[str, str] = {}
    for level in LEVELS:
        if name := text_of(head.get(f"rule.{level}.name")):
            names[level] = name
        index = f"Y_{level}" if scheme == "levels" else "P"
        if empty and family:
            least, limiting, others = FAMILY_DEFAULTS[family][level]
            grading[level] = {"index": index, "min": int(least), "limiting": limiting}
            if others:
                grading[level]["others"] = others
            continue
        key = f"rule.{level}.min"
        cell = head.get(key)
        parts = {
            part: found
            for part in ("limiting", "others")
            if (found := _level_choice(reader, f"rule.{level}.{part}")) is not None
        }
        if family == "newest" and level == "I":
            parts.setdefault("others", "II")
        if cell is None:
            if parts:
                text = message("{level}没有填综合评价指数的下限", level=level_word(level))
                reader.put(Spot(DOCUMENT, HEAD, key), "form-required", text, expected=message("一个数，如 85"))
            continue
        least_number = _number(
            reader, Spot(DOCUMENT, HEAD, key), _RULE_FIELD, cell, (HEAD, key) in reader.form.document.percent
        )
        if least_number is not None:
            grading[level] = {"index": index, "min": least_number, "limiting": level, **parts}
    if names:
        grading["level_names"] = names


_RULE_FIELD = Field("rule", HEAD_FIELDS[0].name, "number")


def _level_choice(reader: Reader, key: str) -> str | None:
    cell = reader.form.document.head.get(key)
    text = text_of(cell)
    if not text or squeezed(text) in ("-", "--", "/"):
        return None
    value = match_choice(LEVEL_CHOICES, text)
    if value is None:
        expected = message("{x} 之一", x="Ⅰ、Ⅱ、Ⅲ")
        reader.put(Spot(DOCUMENT, HEAD, key), "form-choice", message("不是级别"), found=cell, expected=expected)
    return value


# --- tables as wholes ------------------------------------------------------------------------------------------------


def _head(reader: Reader, number: int, area: Area) -> dict[str, Any]:
    """The facts at the head of a table: id, name, who uses it, edition, whether it is partial, note."""
    head: dict[str, Any] = {}
    for each in HEAD_FIELDS:
        value = _field_value(reader, number, each)
        if value is not None:
            head[each.key.removeprefix("table.")] = value
    spot = Spot(number, HEAD, "table.id")
    kept = reader.known.tables.get(head.get("name", ""))
    if "id" not in head and kept is not None:
        head["id"] = kept
    elif "id" not in head:
        head["id"] = "main" if len(reader.form.tables) == 1 else f"table-{number + 1}"
    elif _PLAIN_ID.fullmatch(head["id"]) is None:
        reader.put(spot, "form-id", message("编号里不能有空格、斜线和引号"), found=head["id"])
        head["id"] = f"table-{number + 1}"
    if "name" not in head:
        head["name"] = re.sub(r"^(?:表|Table)\s*\d*\s*", "", area.sheet).strip() or area.sheet or head["id"]
        text = message("没有填表名，以工作表名代替")
        reader.put(Spot(number, HEAD, "table.name"), "form-name", text, found=head["name"], severity=Severity.WARNING)
    return head


def _unique_tables(reader: Reader, data: Mapping[str, Any]) -> None:
    seen: dict[str, int] = {}
    for number, table in enumerate(_by_number(reader, data)):
        if table["id"] in seen:
            text = message("表编号与表 {other} 的相同", other=reader.form.tables[seen[table["id"]]].sheet)
            reader.put(Spot(number, HEAD, "table.id"), "form-id-twice", text, found=table["id"])
        seen.setdefault(table["id"], number)


def _by_number(reader: Reader, data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The tables in the order of their sheets."""
    waiting = {True: list(data.get("partial_tables", ())), False: list(data["tables"])}
    for area in reader.form.tables:
        try:
            partial = flag_cell(area.head.get("table.partial")) is True
        except ValueError:
            partial = False
        yield waiting[partial].pop(0)


def _bonus_table(reader: Reader, data: Mapping[str, Any]) -> None:
    """Let the bonus table be named by its name as well as by its id; an entry without table is no bonus."""
    bonus = data["grading"].get("bonus")
    if bonus is None:
        return
    tables = list(_by_number(reader, data))
    spot = Spot(DOCUMENT, HEAD, "bonus.table")
    if "table" not in bonus or "weight" not in bonus:
        missing = "bonus.weight" if "table" in bonus else "bonus.table"
        if set(bonus) == {"cap"}:
            del data["grading"]["bonus"]
            return
        text = message("加分项要同时填加分表编号和加分权重")
        reader.put(Spot(DOCUMENT, HEAD, missing), "form-bonus", text)
        del data["grading"]["bonus"]
        return
    if bonus["table"] not in [table["id"] for table in tables]:
        named = [table["id"] for table in tables if table["name"] == bonus["table"]]
        if len(named) == 1:
            bonus["table"] = named[0]
            return
        options = listing(table["id"] for table in tables)
        text = message("没有这张加分表")
        reader.put(spot, "form-bonus", text, found=bonus["table"], expected=message("{x} 之一", x=options))


def _english(reader: Reader, data: dict[str, Any]) -> None:
    area = reader.form.english
    rows = [(str(row.get("zh", "")), str(row.get("en", "")), str(row.get("only", "")).strip()) for row in area.rows]
    for number in put_english(data, rows):
        if not rows[number][1]:
            continue
        text = message("这段中文在表中没有，英文未用")
        reader.put(Spot(ENGLISH, number, "zh"), "form-english", text, found=rows[number][0], severity=Severity.NOTE)

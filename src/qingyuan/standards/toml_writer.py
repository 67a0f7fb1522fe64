"""Writing an index system as TOML: ``to_data`` gives the document, ``to_toml`` its text; ``reading`` reads both back.

Numbers keep their exact decimals, formulas their text; a fraction that does not end stands as ``"4/15"``. English texts
stand beside the Chinese ones as ``<key>_en``, so that a file needs nothing but itself.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext
from typing import Any

from qingyuan.language import Name
from qingyuan.standards.formula import Formula
from qingyuan.standards.model import (
    LEVELS,
    Applicability,
    Block,
    Entry,
    Grading,
    Group,
    IndexSystem,
    Indicator,
    Number,
    PassRule,
    Table,
)

_LONGEST_DECIMAL = 40  # digits; a fraction that needs more is written as a quotient


def number_data(number: Number) -> int | Decimal | str:
    """A weight or bound as TOML holds it: an integer, an exact decimal, a formula's text, or ``"4/15"``."""
    if isinstance(number, Formula):
        return number.text
    if number.denominator == 1:
        return number.numerator
    rest, twos, fives = number.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives)
    if rest != 1 or places > _LONGEST_DECIMAL:
        return f"{number.numerator}/{number.denominator}"
    with localcontext() as context:
        context.prec = 200
        return Decimal(number.numerator * 10**places // number.denominator).scaleb(-places)


def to_data(system: IndexSystem) -> dict[str, Any]:
    """An index system as the TOML document that describes it, decimals as ``Decimal``; empty entries are left out.

    ``reading.read_system(to_data(s), shipped=True)`` equals ``s``, the name of the file aside.
    """
    data: dict[str, Any] = {"id": system.id}
    _put_name(data, "title", system.title)
    _put(data, "industry_codes", list(system.industry_codes))
    _put(data, "industry_codes_by", system.industry_codes_by)
    _put(data, "issued_by", list(system.issued_by))
    _put(data, "document", system.document)
    _put(data, "issued", system.issued)
    _put(data, "effective", system.effective)
    _put(data, "replaces", list(system.replaces))
    if system.scope != "enterprise":
        data["scope"] = system.scope
    _put(data, "seed_industries", list(system.seed_industries))
    data["source"] = system.source
    data["complete"] = system.complete
    data["verification"] = system.verification
    data["grade"] = system.grade.value
    if system.located_only:
        data["status"] = "located-only"
    if system.scheme != "levels":
        data["scheme"] = "benchmark"
        if system.scheme != "benchmark":
            data["scoring"] = system.scheme
    _put_name(data, "note", system.note)
    _put(data, "groups_seen", [name.zh for name in system.groups_seen])
    _put(data, "indicators_seen", [name.zh for name in system.indicators_seen])
    if not system.tables:
        data["tables"] = []
    data["grading"] = _grading(system.grading)
    _put(data, "applicability", _applicability(system.applicability))
    if system.entry is not None:
        data["entry"] = _entry(system.entry)
    _put(data, "tables", [_table(table) for table in system.tables])
    _put(data, "partial_tables", [_table(table) for table in system.partial_tables])
    return data


def _put(data: dict[str, Any], key: str, value: Any) -> None:
    if value not in (None, "", [], {}):
        data[key] = value


def _put_name(data: dict[str, Any], key: str, name: Name | None) -> None:
    if name is not None and name.zh:
        data[key] = name.zh
        _put(data, f"{key}_en", name.en)


def _put_number(data: dict[str, Any], key: str, number: Number | None) -> None:
    if number is not None:
        data[key] = number_data(number)


def _grading(grading: Grading) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for level, rule in grading.rules:
        entry: dict[str, Any] = {"index": rule.index, "min": number_data(rule.minimum), "limiting": rule.limiting}
        _put(entry, "others", rule.others)
        data[level] = entry
    if not grading.verified:
        data["verified"] = False
    names: dict[str, Any] = {}
    for level, name in grading.level_names:
        _put_name(names, level, name)
    _put(data, "level_names", names)
    if grading.bonus is not None:
        bonus = grading.bonus
        data["bonus"] = {
            "table": bonus.table,
            "weight": number_data(bonus.weight),
            "cap": number_data(bonus.cap),
        }
    if grading.p1 is not None and grading.p2 is not None:
        data["weights"] = {"P1": number_data(grading.p1), "P2": number_data(grading.p2)}
    _put_number(data, "cap", grading.cap)
    if grading.passing is not None:
        data["pass"] = _passing(grading.passing)
    _put_name(data, "score_rule", grading.score_rule)
    return data


def _passing(rule: PassRule) -> dict[str, Any]:
    data: dict[str, Any] = {}
    _put(data, "index", rule.index)
    _put_number(data, "min", rule.minimum)
    for key, name in rule.texts:
        _put_name(data, key, name)
    return data


def _applicability(applicability: Applicability) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key, name in applicability.texts:
        _put_name(data, key, name)
    _put(data, "report_valid_years", applicability.report_valid_years)
    return data


def _entry(entry: Entry) -> dict[str, Any]:
    data: dict[str, Any] = {}
    _put(data, "entered_by", entry.entered_by)
    _put(data, "entered_on", entry.entered_on)
    _put(data, "confirmed_by", entry.confirmed_by)
    _put(data, "confirmed_on", entry.confirmed_on)
    return data


def _table(table: Table) -> dict[str, Any]:
    data: dict[str, Any] = {"id": table.id}
    _put_name(data, "name", table.name)
    _put_name(data, "applies_to", table.applies_to)
    _put(data, "edition", table.edition)
    _put_name(data, "note", table.note)
    _put(data, "groups", [_group(group) for group in table.groups])
    return data


def _group(group: Group) -> dict[str, Any]:
    data: dict[str, Any] = {"id": group.id}
    _put_name(data, "name", group.name)
    _put_number(data, "weight", group.weight)
    _put(data, "weights", group.weights)
    if group.verified is not None:
        data["verified"] = group.verified
    _put_name(data, "note", group.note)
    _put(data, "blocks", [_block(block) for block in group.blocks])
    _put(data, "indicators", [_indicator(row) for row in group.indicators])
    return data


def _block(block: Block) -> dict[str, Any]:
    return {"id": block.id, "weight": number_data(block.weight), "share": block.share}


def _indicator(row: Indicator) -> dict[str, Any]:
    data: dict[str, Any] = {"id": row.id}
    _put_name(data, "name", row.name)
    data["kind"] = row.kind
    _put(data, "unit", row.unit)
    _put_number(data, "weight", row.weight)
    _put(data, "block", row.block)
    _put_name(data, "product", row.product)
    _put_number(data, "points", row.points)
    data["limiting"] = row.limiting
    _put(data, "better", row.better)
    if row.open:
        data["open"] = True
    if row.bounds is not None:
        data["levels"] = {level: number_data(bound) for level, bound in row.bounds.items() if bound is not None}
    if row.texts is not None:
        data["levels"] = {level: text.zh for level, text in row.texts.items() if text is not None}
        english = {level: text.en for level, text in row.texts.items() if text is not None and text.en}
        _put(data, "levels_en", english)
    if row.strict:
        data["strict"] = True
    _put(data, "no_requirement", [level for level in LEVELS if level in row.no_requirement])
    _put(data, "alternatives", row.alternatives)
    for key, value in (("benchmark", row.benchmark), ("base", row.base)):
        if isinstance(value, Name):
            _put_name(data, key, value)
        else:
            _put_number(data, key, value)
    _put_name(data, "parameter", row.parameter)
    _put_name(data, "definition", row.definition)
    if row.verified is not None:
        data["verified"] = row.verified
    _put_name(data, "note", row.note)
    return data


# --- text ------------------------------------------------------------------------------------------------------------

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\f": "\\f", "\r": "\\r"}
_SECTIONS = ("grading", "applicability", "entry")
_ARRAYS = ("tables", "partial_tables")


def to_toml(system: IndexSystem) -> str:
    """An index system as a TOML text in the shape of the shipped files."""
    return dumps(to_data(system))


def dumps(data: Mapping[str, Any]) -> str:
    """Write a document of an index system (``to_data``) as TOML."""
    lines = [f"{_key(key)} = {_value(value)}" for key, value in data.items() if not _is_section(key, value)]
    for key, value in data.items():
        if key in _SECTIONS:
            lines += ["", f"[{key}]", *_pairs(value)]
    for key in _ARRAYS:
        for table in data.get(key, ()):
            lines += _array_entry(key, table, "groups")
            for group in table.get("groups", ()):
                lines += _array_entry(f"{key}.groups", group, "indicators")
                for row in group.get("indicators", ()):
                    lines += _array_entry(f"{key}.groups.indicators", row, "")
    return "\n".join(lines) + "\n"


def _is_section(key: str, value: Any) -> bool:
    return key in _SECTIONS or (key in _ARRAYS and bool(value))


def _array_entry(path: str, entry: Mapping[str, Any], children: str) -> list[str]:
    return ["", f"[[{path}]]", *_pairs({key: value for key, value in entry.items() if key != children})]


def _pairs(entry: Mapping[str, Any]) -> list[str]:
    return [f"{_key(key)} = {_value(value)}" for key, value in entry.items()]


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _string(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text if "." in text else f"{text}.0"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(_pairs(_single_line(value))) + " }" if value else "{}"
    if isinstance(value, Iterable):
        items = [_value(item) for item in value]
        if any(isinstance(item, Mapping) for item in value):
            return "[\n" + "".join(f"    {item},\n" for item in items) + "]"
        return "[" + ", ".join(items) + "]"
    raise TypeError(f"no TOML for {type(value).__name__}")


class _OneLine(str):
    """A text that must stay on one line (inside an inline table)."""

    __slots__ = ()


def _single_line(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _OneLine(value) if isinstance(value, str) else value for key, value in entry.items()}


def _string(text: str) -> str:
    if "\n" in text and not isinstance(text, _OneLine):
        return '"""\n' + "".join(_escape(character, newline="\n") for character in text) + '"""'
    return '"' + "".join(_escape(character, newline="\\n") for character in text) + '"'


def _escape(character: str, newline: str) -> str:
    if character == "\n":
        return newline
    if character in _ESCAPES:
        return _ESCAPES[character]
    if character < " " or character == "\x7f":
        return f"\\u{ord(character):04x}"
    return character

"""What changed between two index systems, row by row: two editions, or two persons' copies of one document."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from qingyuan.errors import NOWHERE, Problem, Severity
from qingyuan.language import Name, clauses, listing, message
from qingyuan.standards.authoring.cells import same_unit
from qingyuan.standards.authoring.layout import (
    COLUMN,
    HEAD_FIELDS,
    RULE_HEADINGS,
    RULE_KEYS,
    RULE_LABELS,
    SHEETS,
    document_fields,
)
from qingyuan.standards.authoring.reader import Reader, Spot
from qingyuan.standards.model import LEVELS, IndexSystem
from qingyuan.standards.toml_writer import to_data

_Entry = Mapping[str, Any]
Kind = Literal["changed", "added", "removed"]
_SIMILAR = 0.6  # names less alike than this are two rows and not one renamed

# What two persons' copies need not share: their own words, ids, marks and entries.
_PERSONAL_DOCUMENT = frozenset(
    {"id", "title_en", "source", "complete", "verification", "grade", "status", "note", "note_en", "entry"}
    | {"industry_codes", "industry_codes_by", "seed_industries", "groups_seen", "indicators_seen", "applicability"}
    | {"replaces", "issued_by"}
)
_PERSONAL = frozenset(
    {"id", "applies_to", "edition", "note", "verified", "weights", "definition", "parameter", "blocks", "block"}
    | {"alternatives"}
)


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: where (names of table, group and row; empty above them), which field, before and after.

    ``path``: ids of the second system's table, group and row; ``key``: the form's column of the field. ``wording``:
    only words differ, no number, weight, mark or structure.
    """

    kind: Kind
    table: str
    group: str
    row: str
    field: Name
    before: str = ""
    after: str = ""
    wording: bool = False
    path: str = ""
    key: str = ""

    def as_json(self) -> dict[str, object]:
        """The change as plain values."""
        return {
            "kind": self.kind,
            "table": self.table,
            "group": self.group,
            "row": self.row,
            "field": str(self.field),
            "before": self.before,
            "after": self.after,
            "wording": self.wording,
        }


_ROW = Name("指标", "indicator")
_GROUP = Name("一级指标", "group")
_TABLE = Name("评价表", "table")
_SPAN = Name("跨级", "cells that span levels")


def diff(before: IndexSystem, after: IndexSystem) -> tuple[Change, ...]:
    """Every difference between two editions of a system, in the order of the later one.

    Tables, groups and rows are matched by id, then by name.
    """
    return tuple(_compare(to_data(before), to_data(after), copies=False))


def compare_copies(one: IndexSystem, other: IndexSystem) -> tuple[Change, ...]:
    """The differences between two persons' copies of one document (双人录入比对).

    Ids, notes, English and marks of verification are each person's own; spellings that differ in full-width signs or
    blanks are the same. Tables, groups and rows are matched by name and order.
    """
    return tuple(_compare(to_data(one), to_data(other), copies=True))


def _compare(before: Mapping[str, Any], after: Mapping[str, Any], copies: bool) -> Iterator[Change]:
    yield from _documents(before, after, copies)
    one, two = _tables(before), _tables(after)
    for left, right in _pairs(one, two, copies, lone=True):
        if left is None or right is None:
            yield _whole(_TABLE, left, right, path=right["id"] if right else "")
            continue
        yield from _table(left, right, copies)


def _tables(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    partial = [{**table, "partial": True} for table in data.get("partial_tables", ())]
    return [*data.get("tables", ()), *partial]


def _documents(before: Mapping[str, Any], after: Mapping[str, Any], copies: bool) -> Iterator[Change]:
    one, two = (
        dict(_flat({key: data[key] for key in data if key not in ("tables", "partial_tables")}))
        for data in (before, after)
    )
    for key in dict.fromkeys((*one, *two)):
        if copies and (key.partition(".")[0] in _PERSONAL_DOCUMENT or key.endswith("_en") or key == "grading.verified"):
            continue
        a, b = one.get(key), two.get(key)
        if a == b or (copies and _same_text(a, b)):
            continue
        wording = key.startswith(("title", "note", "entry", "source", "applicability", "grading.level_names"))
        yield Change("changed", "", "", "", _document_name(key), _shown(a), _shown(b), wording)


def _flat(data: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{at}{key}.")
        else:
            yield f"{at}{key}", value


def _document_name(key: str) -> Name:
    plain = key.removeprefix("grading.")
    for each in document_fields():
        if each.key in (key, plain):
            return each.name
    parts = plain.split(".")
    level = next((level for level in LEVELS if level in parts), None)
    if level is not None:
        named = {**dict(zip(RULE_KEYS, RULE_HEADINGS, strict=True)), level: RULE_HEADINGS[-1]}
        heading = named.get(parts[-1], Name(parts[-1], parts[-1]))
        label = RULE_LABELS[level]
        return Name(f"{label.zh}：{heading.zh}", f"{label.en}: {heading.en}")
    return Name(key, key)


def _whole(
    what: Name, left: _Entry | None, right: _Entry | None, table: str = "", group: str = "", path: str = ""
) -> Change:
    """A table, group or row that only one of both has."""
    if right is None:
        assert left is not None
        return Change("removed", table, group, "", what, before=str(left["name"]), path=path)
    return Change("added", table, group, "", what, after=str(right["name"]), path=path)


def _table(left: Mapping[str, Any], right: Mapping[str, Any], copies: bool) -> Iterator[Change]:
    name, path = str(right["name"]), str(right["id"])
    for key, label in [(field.key.removeprefix("table."), field.name) for field in HEAD_FIELDS]:
        if copies and key in _PERSONAL:
            continue
        a, b = left.get(key), right.get(key)
        if a != b and not (copies and _same_text(a, b)):
            yield Change("changed", name, "", "", label, _shown(a), _shown(b), key != "partial", path)
    for one, two in _pairs(left.get("groups", ()), right.get("groups", ()), copies):
        if one is None or two is None:
            yield _whole(_GROUP, one, two, table=name, path=f"{path}/{two['id']}" if two else path)
            continue
        yield from _group(one, two, name, f"{path}/{two['id']}", copies)


_GROUP_FIELDS = (
    ("name", "group"),
    ("weight", "group_weight"),
    ("id", "group_id"),
    ("weights", "group_weights"),
    ("verified", "group_verified"),
    ("note", "group_note"),
)


def _group(left: Mapping[str, Any], right: Mapping[str, Any], table: str, path: str, copies: bool) -> Iterator[Change]:
    name = str(right["name"])
    for key, column in _GROUP_FIELDS:
        if copies and key in _PERSONAL:
            continue
        a, b = left.get(key), right.get(key)
        if not _equal(key, a, b, copies):
            yield Change("changed", table, name, "", COLUMN[column].name, _shown(a), _shown(b), key == "note", path)
    blocks = ({block["id"]: block for block in each.get("blocks", ())} for each in (left, right))
    left_blocks, right_blocks = blocks
    if not copies and left_blocks != right_blocks:
        a, b = _blocks_text(left_blocks), _blocks_text(right_blocks)
        yield Change("changed", table, name, "", COLUMN["block"].name, a, b, path=path)
    for one, two in _pairs(left.get("indicators", ()), right.get("indicators", ()), copies):
        inside = f"{path}/{two['id']}" if two else path
        if one is None or two is None:
            yield _whole(_ROW, one, two, table=table, group=name, path=inside)
            continue
        row = str(two["name"])
        for column, a, b, wording in _row(one, two, left_blocks, right_blocks, copies):
            label = COLUMN[column].name if column in COLUMN else _SPAN
            yield Change("changed", table, name, row, label, a, b, wording, inside, column if column in COLUMN else "I")


def _blocks_text(blocks: Mapping[str, Any]) -> str:
    return str(clauses(f"{block['id']} {_shown(block['weight'])} {block['share']}" for block in blocks.values()))


_ROW_KEYS = (
    *("id", "name", "kind", "unit", "weight", "limiting", "better", "strict", "open", "no_requirement", "block"),
    *("product", "alternatives", "points", "benchmark", "base", "parameter", "definition", "verified", "note"),
)
_WORDS = frozenset({"name", "parameter", "definition", "note", "verified", "id"})


def _row(
    left: Mapping[str, Any],
    right: Mapping[str, Any],
    left_blocks: Mapping[str, Any],
    right_blocks: Mapping[str, Any],
    copies: bool,
) -> Iterator[tuple[str, str, str, bool]]:
    for key in _ROW_KEYS:
        if copies and key in _PERSONAL:
            continue
        a, b = left.get(key), right.get(key)
        if not _equal(key, a, b, copies):
            words = key in _WORDS or (key in ("benchmark", "base") and isinstance(a, str) and isinstance(b, str))
            yield key, _shown(a), _shown(b), words
    if copies:
        one, two = (
            (each.get(row.get("block", "")) or {}) for each, row in ((left_blocks, left), (right_blocks, right))
        )
        for key, column in (("weight", "block_weight"), ("share", "block_share")):
            if one.get(key) != two.get(key):
                yield column, _shown(one.get(key)), _shown(two.get(key)), False
        if bool(left.get("alternatives")) != bool(right.get("alternatives")):
            yield (
                "alternatives",
                _shown(left.get("alternatives")),
                _shown(right.get("alternatives")),
                False,
            )
    yield from _levels(left, right, copies)


def _levels(left: Mapping[str, Any], right: Mapping[str, Any], copies: bool) -> Iterator[tuple[str, str, str, bool]]:
    one, two = left.get("levels", {}), right.get("levels", {})
    words = left["kind"] == right["kind"] == "qualitative"
    for level in LEVELS:
        a, b = one.get(level), two.get(level)
        if a == b or (copies and words and _same_text(a, b)):
            continue
        yield level, _shown(a), _shown(b), words and _same_numbers(a, b)
    if words and _span(one) != _span(two):
        yield "span", _span_text(one), _span_text(two), False


def _same_numbers(a: Any, b: Any) -> bool:
    """Whether two requirements in words hold the same numbers: 六成 or 60% is wording, 60% or 80% is not."""
    if not isinstance(a, str) or not isinstance(b, str):
        return False
    one, two = (sorted(re.findall(r"\d+(?:\.\d+)?", unicodedata.normalize("NFKC", text))) for text in (a, b))
    return one == two


def _span(levels: Mapping[str, Any]) -> tuple[bool, bool]:
    return levels.get("I") == levels.get("II"), levels.get("II") == levels.get("III")


def _span_text(levels: Mapping[str, Any]) -> str:
    first, second = _span(levels)
    return "Ⅰ" + ("=" if first else "≠") + "Ⅱ" + ("=" if second else "≠") + "Ⅲ"


def _equal(key: str, a: Any, b: Any, copies: bool) -> bool:
    if a == b or (not a and not b and key not in ("weight", "points", "benchmark", "base")):
        return True
    if key == "unit" and isinstance(a, str) and isinstance(b, str):
        return same_unit(a, b)
    return copies and _same_text(a, b)


def _same_text(a: Any, b: Any) -> bool:
    return isinstance(a, str) and isinstance(b, str) and _key(a) == _key(b)


def _key(text: str) -> str:
    """A text for comparison: full-width signs as ASCII, without blanks, brackets alike, lower case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\s,，、;；.。:：()（）“”\"'‘’*-]+", "", folded)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(message("是")) if value else str(message("否"))
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (list, tuple)):
        return str(listing(_shown(each) for each in value))
    return str(value)


# --- matching --------------------------------------------------------------------------------------------------------

_Pair = tuple[_Entry | None, _Entry | None]


def _pairs(left: Sequence[_Entry], right: Sequence[_Entry], copies: bool, lone: bool = False) -> list[_Pair]:
    """Match entries by id (unless they are copies), then by name, in order; a single table matches a single table."""
    if lone and len(left) == len(right) == 1:
        return [(left[0], right[0])]
    matched: dict[int, int] = {}
    if not copies:
        positions = {entry["id"]: position for position, entry in enumerate(left)}
        matched = {at: positions[entry["id"]] for at, entry in enumerate(right) if entry["id"] in positions}
    _match(left, right, matched, lambda entry: _key(str(entry["name"])))
    pairs: list[_Pair] = [(left[matched[at]] if at in matched else None, entry) for at, entry in enumerate(right)]
    used = set(matched.values())
    pairs += [(entry, None) for at, entry in enumerate(left) if at not in used]
    return pairs


def _match(
    left: Sequence[_Entry], right: Sequence[_Entry], matched: dict[int, int], key: Callable[[_Entry], str]
) -> None:
    """Match what is left over: equal names in order, then the most alike ones, the same place counting."""
    free_left = [at for at in range(len(left)) if at not in matched.values()]
    free_right = [at for at in range(len(right)) if at not in matched]
    one, two = [key(left[at]) for at in free_left], [key(right[at]) for at in free_right]
    for first, second, size in difflib.SequenceMatcher(None, one, two, autojunk=False).get_matching_blocks():
        for step in range(size):
            matched[free_right[second + step]] = free_left[first + step]
    rest = [
        (difflib.SequenceMatcher(None, key(left[a]), key(right[b])).ratio() + (0.2 if a == b else 0.0), a, b)
        for a in free_left
        for b in free_right
        if a not in matched.values() and b not in matched
    ]
    for alike, a, b in sorted(rest, key=lambda each: (-each[0], each[1], each[2])):
        if alike >= _SIMILAR and a not in matched.values() and b not in matched:
            matched[b] = a


def as_problems(
    changes: Sequence[Change], reader: Reader | None = None, places: Mapping[str, Spot] | None = None
) -> list[Problem]:
    """Differences between copies as problems, at the second copy's cells where they are known."""
    found: list[Problem] = []
    for change in changes:
        parts = "/".join(part for part in (change.table, change.group, change.row) if part)
        place = parts or str(SHEETS["document"])
        a, b = change.before, change.after
        if change.kind == "changed":
            text = message("{place}：{field}：第一份“{a}”，第二份“{b}”", place=place, field=change.field, a=a, b=b)
        elif change.kind == "removed":
            text = message("{place}：{field}“{a}”只在第一份中有", place=place, field=change.field, a=a)
        else:
            text = message("{place}：{field}“{b}”只在第二份中有", place=place, field=change.field, b=b)
        spot = (places or {}).get(change.path)
        if spot is not None and change.key and change.row:
            spot = Spot(spot.area, spot.row, change.key)
        where = NOWHERE if reader is None or spot is None else reader.location(spot)
        found.append(Problem("copies-differ", text, Severity.ERROR, where))
    return found

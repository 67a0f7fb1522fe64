"""The English of an entered system: one list of texts with their translations beside the form's Chinese tables.

A text has one English wherever it stands; where a system says otherwise, a line names the place it holds for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qingyuan.standards.model import LEVELS
from qingyuan.standards.reading import translation

_NAMED = {
    "system": ("title", "note"),
    "grading": ("score_rule",),
    "level_names": LEVELS,
    "pass": ("prerequisite", "min", "core", "guiding", "required", "optional"),
    "applicability": ("table", "not_applicable", "empty_group", "no_data", "no_benchmark"),
    "table": ("name", "applies_to", "note"),
    "group": ("name", "note"),
    "row": ("name", "product", "parameter", "definition", "benchmark", "base", "note"),
    "levels": LEVELS,
}


def named_places(data: Mapping[str, Any]) -> Iterator[tuple[str, Any, str, Any, str]]:
    """Every text of a document that may have an English one.

    Gives the place (``general/process/row/name``), the mapping and key of the text, and those of its English.
    """
    yield from _places("", data, "system")
    grading = data.get("grading", {})
    yield from _places("grading/", grading, "grading")
    yield from _places("grading/level_names/", grading.get("level_names", {}), "level_names")
    yield from _places("grading/pass/", grading.get("pass", {}), "pass")
    yield from _places("applicability/", data.get("applicability", {}), "applicability")
    for key in ("tables", "partial_tables"):
        for table in data.get(key, ()):
            at = f"{table['id']}/"
            yield from _places(at, table, "table")
            for group in table.get("groups", ()):
                inside = f"{at}{group['id']}/"
                yield from _places(inside, group, "group")
                for row in group.get("indicators", ()):
                    yield from _places(f"{inside}{row['id']}/", row, "row")
                    if row["kind"] == "qualitative" and "levels" in row:
                        levels = row["levels"]
                        for level in LEVELS:
                            if level in levels:
                                yield f"{inside}{row['id']}/{level}", levels, level, row, "levels_en"


def _places(at: str, data: Mapping[str, Any], kind: str) -> Iterator[tuple[str, Any, str, Any, str]]:
    for key in _NAMED[kind]:
        if isinstance(data.get(key), str):
            yield f"{at}{key}", data, key, data, f"{key}_en"


def english_rows(data: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Chinese, English, and the place where the English holds alone (empty where it holds everywhere), in order."""
    found: dict[str, dict[str, str]] = {}
    for place, holder, key, english_holder, english_key in named_places(data):
        if place == "title":
            continue  # has its own line in the document sheet
        english = english_holder.get(english_key, "")
        if english_key == "levels_en":
            english = english.get(key, "") if isinstance(english, Mapping) else ""
        found.setdefault(holder[key], {})[place] = english
    rows: list[tuple[str, str, str]] = []
    for chinese, places in found.items():
        texts = set(places.values())
        if len(texts) == 1:
            rows.append((chinese, texts.pop(), ""))
            continue
        rows += [(chinese, text, place) for place, text in places.items() if text and text != translation(chinese)]
    return rows


def put_english(data: dict[str, Any], rows: Sequence[tuple[str, str, str]]) -> list[int]:
    """Put the English texts of ``rows`` (Chinese, English, place) into a document.

    Returns the numbers of the rows that fit nothing: their Chinese stands nowhere in the document.
    """
    everywhere = {chinese: (english, number) for number, (chinese, english, place) in enumerate(rows) if not place}
    special = {(chinese, place): (english, number) for number, (chinese, english, place) in enumerate(rows) if place}
    used: set[int] = set()
    for place, holder, key, english_holder, english_key in list(named_places(data)):
        chinese = holder[key]
        found = special.get((chinese, place)) or everywhere.get(chinese)
        if found is None:
            continue
        used.add(found[1])
        if not found[0]:
            continue
        if english_key == "levels_en":
            english_holder.setdefault("levels_en", {})[key] = found[0]
        else:
            english_holder.setdefault(english_key, found[0])
    return [number for number in range(len(rows)) if number not in used]

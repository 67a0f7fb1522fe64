"""Reading and finding index systems: strict, exact, all problems at once; the operator's own beside the shipped."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from qingyuan.errors import InputError, UnknownName
from qingyuan.language import Name, language
from qingyuan.reference.records import Grade
from qingyuan.standards import check, load, load_file, systems
from qingyuan.standards.model import IndexSystem, translated
from qingyuan.standards.reading import SHIPPED, english_texts, read_system

SMALL = """
id = "small"
title = "小体系"
source = "试验"
verification = "read"

[grading]
I = { index = "Y_I", min = 85.0 }
II = { index = "Y_II", min = 85.0 }
III = { index = "Y_III", min = 100.0 }

[[tables]]
id = "t"
name = "表"

[[tables.groups]]
id = "g"
name = "组"
weight = 1.0

[[tables.groups.indicators]]
id = "a"
name = "甲"
kind = "quantitative"
unit = "kg/t"
better = "lower"
weight = 0.3
limiting = true
levels = { I = 0.1, II = 0.2, III = 0.3 }

[[tables.groups.indicators]]
id = "b"
name = "乙"
name_en = "B"
kind = "qualitative"
weight = 0.7
levels = { I = "好", II = "中", III = "中" }
levels_en = { I = "good", II = "fair", III = "fair" }
"""


def small() -> dict[str, Any]:
    from qingyuan.standards.reading import parse_toml

    return parse_toml(SMALL)


def test_every_shipped_system_loads_and_is_consistent() -> None:
    found = systems(Path("nowhere"))
    assert len(found) == 29
    for summary in found:
        assert summary.origin == "shipped"
        system = load(summary.id)
        assert [problem for problem in check(system) if problem.severity == "error"] == []


def test_shipped_tables_are_those_of_the_sources() -> None:
    tables = {
        (system.id, table.id): (table.role, table.rows) for system in systems(Path("x")) for table in system.tables
    }
    assert tables["electroplating-2015", "general"] == ("complete", 25)
    assert tables["hazardous-waste-incineration-draft", "main"] == ("complete", 36)
    assert tables["hazardous-waste-incineration-draft", "bonus"] == ("bonus", 3)
    assert tables["printed-circuit-board-undated", "general"] == ("partial", 64)
    assert tables["steel-2014", "integrated"] == ("partial", 50)


def test_numbers_are_those_of_the_reference_copy(shared: Path) -> None:
    added = {"grade", "note", "note_en", "source"}
    for path in sorted((shared / "index-systems").glob("*.toml")):
        theirs = tomllib.loads(path.read_text(encoding="utf-8"))
        ours = tomllib.loads((SHIPPED / path.name).read_text(encoding="utf-8"))
        ours["grading"].pop("verified", None)
        theirs["grading"].pop("verified", None)
        different = {key for key in theirs.keys() | ours.keys() if theirs.get(key) != ours.get(key)}
        assert different <= added, path.name


def test_decimals_are_exact() -> None:
    row = read_system(small()).table("t").indicator("a")
    assert row.weight == Fraction(3, 10)
    assert row.bounds is not None
    assert row.bounds["III"] == Fraction(3, 10)


def places(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every table of the document that may hold a key."""
    table = document["tables"][0]
    group = table["groups"][0]
    yield "top", document
    yield "grading", document["grading"]
    yield "level rule", document["grading"]["I"]
    yield "table", table
    yield "group", group
    yield "row", group["indicators"][0]
    yield "levels", group["indicators"][0]["levels"]
    yield "block", group.setdefault("blocks", [{"id": "k", "weight": 0, "share": "equal"}])[0]
    yield "bonus", document["grading"].setdefault("bonus", {"table": "t", "weight": 1})
    yield "applicability", document.setdefault("applicability", {})
    yield "entry", document.setdefault("entry", {})
    yield "names", document["grading"].setdefault("level_names", {})


@pytest.mark.parametrize("place", [name for name, _ in places(small())])
def test_an_unknown_key_is_refused_wherever_it_stands(place: str) -> None:
    document = small()
    dict(places(document))[place]["wieght"] = 1
    with pytest.raises(InputError) as caught:
        read_system(document)
    assert "unknown-key" in {problem.code for problem in caught.value.problems}
    assert "wieght" in str(caught.value)


def test_all_problems_come_at_once_with_their_places() -> None:
    document = small()
    rows = document["tables"][0]["groups"][0]["indicators"]
    rows[0]["kind"] = "number"
    rows[0]["levels"]["II"] = "eval(1)"
    rows[1]["limiting"] = "yes"
    del document["source"]
    with pytest.raises(InputError) as caught:
        read_system(document)
    codes = [problem.code for problem in caught.value.problems]
    assert {"unknown-choice", "wrong-type", "missing-key"} <= set(codes)
    assert "t/g/a" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [("title", 5), ("tables", "x"), ("complete", "true"), ("issued", "2015"), ("industry_codes", [3360]),
     ("grade", "A"), ("verification", "seen"), ("grading", []), ("scheme", "new"), ("scoring", "pass-fail")],
)  # fmt: skip
def test_wrong_types_are_refused(key: str, value: object) -> None:
    with pytest.raises(InputError):
        read_system(small() | {key: value})


def test_a_file_that_is_no_toml_or_is_absent(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("id = ", encoding="utf-8")
    with pytest.raises(InputError):
        load_file(bad)
    bad.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError):
        load_file(bad)
    with pytest.raises(InputError):
        load_file(tmp_path / "none.toml")


def test_an_unknown_system_gets_suggestions() -> None:
    with pytest.raises(UnknownName) as caught:
        load("electroplatin-2015", Path("nowhere"))
    assert "electroplating-2015" in caught.value.suggestions


def test_the_operators_own_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "index-systems"
    folder.mkdir()
    (folder / "small.toml").write_text(SMALL, encoding="utf-8")
    (folder / "broken.toml").write_text("id = 1", encoding="utf-8")
    (folder / "clash.toml").write_text(SMALL.replace('"small"', '"electroplating-2015"'), encoding="utf-8")
    monkeypatch.setenv("QINGYUAN_HOME", str(tmp_path))
    listed = {(summary.id, summary.origin): summary for summary in systems()}
    assert listed["small", "user"].grade is Grade.USER
    assert listed["broken", "user"].problems
    assert listed["electroplating-2015", "user"].problems
    assert load("small").grade is Grade.USER
    assert load("electroplating-2015").title.en == "Electroplating"
    with pytest.raises(InputError):
        load("broken")


def test_a_second_person_raises_the_grade() -> None:
    entered = small() | {"entry": {"entered_by": "甲"}}
    same = small() | {"entry": {"entered_by": "甲", "confirmed_by": "甲"}}
    confirmed = small() | {"entry": {"entered_by": "甲", "confirmed_by": "乙"}, "grade": "cited"}
    assert read_system(entered).grade is Grade.USER
    assert read_system(same).grade is Grade.USER
    assert read_system(confirmed).grade is Grade.CITED
    assert read_system(small() | {"grade": "read"}).grade is Grade.USER


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    import os

    path = tmp_path / "small.toml"
    path.write_text(SMALL, encoding="utf-8")
    assert load_file(path).title.zh == "小体系"
    path.write_text(SMALL.replace("小体系", "新体系"), encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert load_file(path).title.zh == "新体系"


def test_names_and_texts_in_english() -> None:
    system = read_system(small())
    row = system.table("t").indicator("b")
    with language("en"):
        assert str(row.name) == "B"
        assert row.texts is not None
        assert str(row.texts["II"]) == "fair"
        assert (
            str(load("electroplating-2015").table("general").indicator("zinc-utilisation").name) == "Zinc utilisation"
        )


def names_of(system: IndexSystem) -> Iterator[Name]:
    """Every text of a system that a reader may see."""
    yield from (system.title, system.document_name, system.source_name, *system.groups_seen, *system.indicators_seen)
    yield from (*system.issuers, *map(translated, system.replaces))
    yield from (name for _, name in system.grading.level_names)
    yield from (name for _, name in system.applicability.texts)
    if system.grading.passing:
        yield from (name for _, name in system.grading.passing.texts)
    maybe: list[object] = [system.note, system.grading.score_rule]
    for table in system.all_tables():
        maybe += [table.name, table.applies_to, table.note]
        for group in table.groups:
            maybe += [group.name, group.note]
            for row in group.indicators:
                maybe += [row.name, row.unit_name, row.parameter, row.definition, row.product, row.note]
                maybe += [row.benchmark, row.base, *(row.texts.values if row.texts else ())]
    yield from (name for name in maybe if isinstance(name, Name))


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def test_every_text_of_every_shipped_system_has_english() -> None:
    missing = [
        (summary.id, name.zh)
        for summary in systems(Path("nowhere"))
        for name in names_of(load(summary.id))
        if is_chinese(name.zh) and (not name.en or is_chinese(name.en))
    ]
    assert missing == []


def test_no_english_text_is_left_over() -> None:
    used = {name.zh for summary in systems(Path("nowhere")) for name in names_of(load(summary.id))}
    used |= {industry for summary in systems(Path("nowhere")) for industry in summary.seed_industries}
    assert sorted(set(english_texts()) - used) == []


def test_reading_does_not_change_the_document() -> None:
    document = small()
    before = copy.deepcopy(document)
    read_system(document)
    assert document == before

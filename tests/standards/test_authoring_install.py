"""Installing an entered system, keeping editions, and the second person's confirmation."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from authoring_typing import ROWS, Typed

from qingyuan.errors import InputError, UnknownName
from qingyuan.reference.records import Grade
from qingyuan.standards import IndexSystem, load, load_file, systems
from qingyuan.standards.authoring import (
    compare_copies,
    confirm,
    diff,
    earlier_editions,
    install,
    read_form,
)
from qingyuan.standards.scoring import score

DAY = dt.date(2026, 9, 1)
LATER = dt.date(2026, 9, 8)
UNCONFIRMED = "尚未经第二人复核"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def system(tmp_path: Path) -> IndexSystem:
    found = read_form(Typed().write(tmp_path / "first.xlsx")).system
    assert found is not None
    return found


def codes(error: InputError) -> list[str]:
    return [problem.code for problem in error.problems]


def best(system: IndexSystem) -> dict[str, object]:
    return {row.id: "I" for row in system.table("main").indicators()}


def test_an_installed_system_can_be_loaded_and_says_who_entered_it(system: IndexSystem, home: Path) -> None:
    done = install(system, " 张三 ", DAY, folder=home)
    assert done.path == home / "own-industry-2019.toml"
    found = load("own-industry-2019", home)
    assert found.grade is Grade.USER
    assert found.entry is not None
    assert (found.entry.entered_by, found.entry.entered_on) == ("张三", DAY)
    assert found.tables == system.tables
    assert "own-industry-2019" in [each.id for each in systems(home) if each.origin == "user"]


def test_results_of_an_unconfirmed_system_say_so_and_those_of_a_confirmed_one_do_not(
    system: IndexSystem, home: Path
) -> None:
    installed = install(system, "张三", DAY, folder=home).system
    result = score(installed, best(installed)).as_json()
    assert result["level"] == "I"
    assert any(UNCONFIRMED in note for note in result["notes"])  # type: ignore[attr-defined]
    assert result["grade_share"]["below_read"] == 1  # type: ignore[index]
    confirmed = confirm(installed.id, "李四", LATER, folder=home).system
    assert confirmed.grade is Grade.READ
    result = score(confirmed, best(confirmed)).as_json()
    assert not any(UNCONFIRMED in note for note in result["notes"])  # type: ignore[attr-defined]
    assert result["grade_share"]["below_read"] == 0  # type: ignore[index]


def test_the_second_person_is_another_one(system: IndexSystem, home: Path) -> None:
    install(system, "Zhang San", DAY, folder=home)
    for who in ("Zhang San", "  zhang　san ", "ＺＨＡＮＧ SAN", "zhangsan"):
        with pytest.raises(InputError) as caught:
            confirm(system.id, who, folder=home)
        assert codes(caught.value) == ["same-person"]
    with pytest.raises(InputError) as caught:
        confirm(system.id, " ", folder=home)
    assert codes(caught.value) == ["no-person"]
    done = confirm(system.id, "Li Si", LATER, folder=home)
    assert done.system.entry is not None
    assert (done.system.entry.confirmed_by, done.system.entry.confirmed_on) == ("Li Si", LATER)
    with pytest.raises(InputError) as caught:
        confirm(system.id, "Wang Wu", folder=home)
    assert codes(caught.value) == ["already-confirmed"]


def test_what_cannot_be_confirmed(home: Path) -> None:
    with pytest.raises(InputError) as caught:
        confirm("electroplating-2015", "李四", folder=home)
    assert codes(caught.value) == ["system-shipped"]
    with pytest.raises(UnknownName):
        confirm("nothing-here", "李四", folder=home)


def test_a_typed_confirmation_counts_for_nothing(tmp_path: Path, home: Path) -> None:
    document = Typed().document | {"entry.confirmed_by": "李四", "entry.entered_by": "王五", "grade": "已读原文"}
    system = read_form(Typed(document=document).write(tmp_path / "form.xlsx")).system
    assert system is not None
    found = install(system, "张三", DAY, folder=home).system
    assert found.grade is Grade.USER
    assert found.entry is not None
    assert found.entry.confirmed_by == ""
    assert found.entry.entered_by == "张三"


def test_nothing_is_overwritten_unasked_and_earlier_editions_are_kept(system: IndexSystem, home: Path) -> None:
    first = install(system, "张三", DAY, folder=home)
    text = first.path.read_text(encoding="utf-8")
    with pytest.raises(InputError) as caught:
        install(system, "张三", folder=home)
    assert codes(caught.value) == ["system-installed"]
    assert first.path.read_text(encoding="utf-8") == text
    changed = replace(system, document="公告2019年第1号")
    second = install(changed, "王五", LATER, replace_earlier=True, folder=home)
    assert second.earlier is not None
    assert second.earlier.read_text(encoding="utf-8") == text
    third = install(system, "张三", LATER, replace_earlier=True, folder=home)
    assert earlier_editions(system.id, home) == (second.earlier, third.earlier)
    assert [change.field.zh for change in diff(load_file(second.earlier), second.system)] == [
        "文号",
        "录入人",
        "录入日期",
    ]
    assert len([each for each in systems(home) if each.origin == "user"]) == 1


def test_a_shipped_system_is_never_covered(home: Path) -> None:
    for ask in (False, True):
        with pytest.raises(InputError) as caught:
            install(load("electroplating-2015"), "张三", replace_earlier=ask, folder=home)
        assert codes(caught.value) == ["system-shipped"]
    assert not home.exists()


def test_a_faulty_system_is_not_installed(system: IndexSystem, home: Path) -> None:
    table = system.tables[0]
    heavier = replace(table, groups=tuple(replace(group, weight=1) for group in table.groups))  # type: ignore[arg-type]
    with pytest.raises(InputError) as caught:
        install(replace(system, id="../escape", tables=(heavier,)), "", folder=home)
    assert set(codes(caught.value)) >= {"weights-sum", "no-person", "form-id"}
    assert not home.exists()


def second_copy(tmp_path: Path, **row: object) -> Path:
    rows = [dict(each) for each in ROWS]
    rows[3].update(row)
    return Typed(rows=rows, document=Typed().document | {"id": "other-id"}).write(tmp_path / "second.xlsx")


def test_two_copies_that_agree(system: IndexSystem, home: Path, tmp_path: Path) -> None:
    """The second person chose another id, source and spellings; that is no difference."""
    install(system, "张三", DAY, folder=home)
    copy = second_copy(tmp_path, name="单位产品 取水量", unit="m³/t", I="1.5", II=2, III="≤3")
    assert confirm(system.id, "李四", LATER, against=read_form(copy), folder=home).system.grade is Grade.READ


def test_two_copies_that_differ_list_every_cell(system: IndexSystem, home: Path, tmp_path: Path) -> None:
    install(system, "张三", DAY, folder=home)
    copy = second_copy(tmp_path, II="≤2.1", weight=0.4, limiting="*")
    with pytest.raises(InputError) as caught:
        confirm(system.id, "李四", against=read_form(copy), folder=home)
    found = {(problem.code, problem.where.cell[0]) for problem in caught.value.problems}
    assert {code for code, _ in found} == {"copies-differ"}
    assert {column for _, column in found} == {"F", "G", "I"}
    assert "第一份“2”，第二份“2.1”" in str(caught.value)
    assert load(system.id, home).grade is Grade.USER


def test_wording_may_differ_only_when_allowed_and_never_numbers(
    system: IndexSystem, home: Path, tmp_path: Path
) -> None:
    install(system, "张三", DAY, folder=home)
    rows = [dict(row) for row in ROWS]
    rows[0] |= {"I": "自动化程度高", "II": "一半自动"}
    other = read_form(Typed(rows=rows).write(tmp_path / "words.xlsx")).system
    assert other is not None
    changes = compare_copies(system, other)
    assert [(change.row, change.wording) for change in changes] == [("工艺水平", True)] * 3
    with pytest.raises(InputError):
        confirm(system.id, "李四", against=other, folder=home)
    rows[0] |= {"II": "50%自动"}
    numbers = read_form(Typed(rows=rows).write(tmp_path / "numbers.xlsx")).system
    assert numbers is not None
    with pytest.raises(InputError) as caught:
        confirm(system.id, "李四", against=numbers, accept_wording=True, folder=home)
    assert "50%自动" in str(caught.value)
    assert confirm(system.id, "李四", against=other, accept_wording=True, folder=home).system.grade is Grade.READ


def test_a_span_is_structure_and_not_wording(system: IndexSystem, tmp_path: Path) -> None:
    rows = [dict(row) for row in ROWS]
    rows[0] |= {"II": "半自动", "III": "手动为主"}
    other = read_form(Typed(rows=rows, merges=((5, "I", 5, "III"),)).write(tmp_path / "span.xlsx")).system
    assert other is not None
    spans = [change for change in compare_copies(system, other) if not change.wording]
    assert [(change.field.zh, change.before, change.after) for change in spans] == [("跨级", "Ⅰ≠Ⅱ=Ⅲ", "Ⅰ≠Ⅱ≠Ⅲ")]


def test_a_missing_row_and_a_missing_table_are_named(system: IndexSystem, tmp_path: Path) -> None:
    rows = [dict(row) for row in ROWS]
    del rows[3]
    rows[2]["weight"] = 1
    other = read_form(
        Typed(rows=rows, merges=((0, "II", 0, "III"), (4, "I", 4, "III"))).write(tmp_path / "x.xlsx")
    ).system
    assert other is not None
    changes = compare_copies(system, other)
    assert ("removed", "单位产品取水量") in [(change.kind, change.before) for change in changes]
    assert ("changed", "二级权重", "0.5", "1") in [
        (change.kind, change.field.zh, change.before, change.after) for change in changes
    ]
    tables = compare_copies(
        replace(system, tables=(*system.tables, replace(system.tables[0], id="b", name=system.title))), other
    )
    assert any(change.kind == "removed" and change.field.zh == "评价表" for change in tables)


def test_a_system_has_no_difference_from_itself() -> None:
    for id in ("printed-circuit-board-undated", "zero-carbon-park-2025", "pulp-paper-2015"):
        assert diff(load(id), load(id)) == ()
        assert compare_copies(load(id), load(id)) == ()


def test_editions_are_compared_row_by_row() -> None:
    changes = diff(load("hazardous-waste-incineration-draft"), load("hazardous-waste-incineration-draft-later"))
    facts = {(change.row, change.field.zh): (change.before, change.after) for change in changes}
    assert facts["热灼减率", "Ⅰ级基准值"] == ("5", "4")
    assert facts["一氧化碳日均值", "严格不等"] == ("", "是")
    assert ("removed", "汞及其化合物(测定均值)") in [(change.kind, change.before) for change in changes]
    assert ("added", "吨危废二氧化碳排放量") in [(change.kind, change.after) for change in changes]

"""Audit settings and entries: from a folder, from the audit workbook, from filled worksheets, and between them."""

from __future__ import annotations

import datetime as dt
import shutil
import warnings
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from qingyuan.audit.inputs import NO_INPUTS, inputs_of, read_inputs
from qingyuan.audit.phases import worksheet_definitions
from qingyuan.audit.pipeline import run
from qingyuan.audit.record import AuditRecord, Entry, column_key, read_record, settings_text, taken, write_record
from qingyuan.audit.record_sheets import HAND_SHEETS, SETTINGS_KEY, read_mark, sections, tables
from qingyuan.audit.record_writing import write_audit_workbook, write_case_record
from qingyuan.audit.worksheets import worksheet
from qingyuan.errors import InputError
from qingyuan.facts import read_case
from qingyuan.language import Language
from qingyuan.report.worksheet_book import write_worksheets

LANGUAGES: tuple[Language, ...] = ("zh", "en")
SETTINGS: dict[str, Any] = {
    "case": {
        "listed_on": dt.date(2026, 8, 14),
        "triggers": ["T1", "T3"],
        "anchor": "report",
        "jurisdiction": "广东",
        "previous": {"accepted_on": dt.date(2021, 3, 1)},
        "events": {"assessment-passed": dt.date(2026, 12, 1)},
    },
    "proofs": [{"deadline": "audit-start", "on": dt.date(2026, 9, 1), "document": "通知；附件=1"}],
    "cost": {"medium_from": 5, "high_from": 50.5},
    "focus": {
        "count": 2,
        "candidates": ["一车间", "二、三车间"],
        "weights": {"waste": 10},
        "scores": {"二、三车间": {"waste": 8, "market": 5}},
        "links": {"T1": ["一车间"]},
    },
    "screening": {"weights": {"economy": 9}, "scores": {"F1": {"environment": 7}}},
    "goals": {"near": "II", "near_year": 2025, "far": "I", "far_year": 2030},
    "comparison": {"before": "2021", "after": "2022"},
    "economics": {"discount_rate": 0.08, "life_years": 10, "1": {"fixed": 100, "working": 50}},
    "not_needed": {"4-3": "方案不多，逐个讨论"},
}
ENTRIES: dict[str, tuple[Entry, ...]] = {
    "1-1": (
        {"name": "甲", "team_role": "组长", "duty": "统筹"},
        {"name": "=HYPERLINK(1)", "time": "007"},
        {"name": "乙", "time": "3-4"},
    ),
    "1-2": ({"stage": "2.预评估", "finish": "2023-05-01", "owner": "生产部"}, {"stage": "自己加的", "checker": "总办"}),
    "2-6": ({"kind": "能源", "name": "电力", "quota": "50"},),
    "3-2": ({"unit": "二、三车间", "function": "钻孔、\n沉铜"},),
}
FULL = AuditRecord(SETTINGS, ENTRIES)


def opened(path: Path) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(path)


def page_of(book: openpyxl.Workbook, key: str) -> tuple[Worksheet, dict[str, int], int]:
    """The sheet of a key with its columns by key and the row of its headings."""
    for page in book.worksheets:
        for row in page.iter_rows(min_row=1, max_row=6):
            marks = {found[1]: cell.column for cell in row if (found := read_mark(cell.value)) and found[0] == key}
            if marks:
                return page, marks, row[0].row + 1
    raise KeyError(key)


def setting_row(page: Worksheet, path: str) -> int:
    return next(row[0].row for row in page.iter_rows() if row[0].value == path)


# --- between the forms -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_record_survives_the_workbook(code: Language, tmp_path: Path) -> None:
    path = write_audit_workbook(tmp_path / "plant.xlsx", record=FULL, language=code)
    back = read_record(path)
    assert back.settings == SETTINGS
    assert back.entries == ENTRIES
    assert read_inputs(path) == inputs_of(FULL)


def test_a_record_survives_the_folder(tmp_path: Path) -> None:
    written = write_record(FULL, tmp_path)
    assert {path.name for path in written} == {"audit.toml", "1-1.csv", "1-2.csv", "2-6.csv", "3-2.csv"}
    assert read_record(tmp_path).settings == SETTINGS
    assert read_record(tmp_path).entries == ENTRIES


def test_nothing_recorded_is_nothing(tmp_path: Path) -> None:
    path = write_audit_workbook(tmp_path / "plant.xlsx")
    assert read_record(path).empty
    assert read_inputs(path) == NO_INPUTS
    assert write_record(read_record(path), tmp_path / "folder") == ()


def test_case_and_record_go_both_ways_together(pcb_plant: Path, tmp_path: Path) -> None:
    case = read_case(pcb_plant)
    write_case_record(case, FULL, tmp_path / "plant.xlsx")
    book = tmp_path / "plant.xlsx"
    write_case_record(read_case(book), read_record(book), tmp_path / "folder")
    assert read_record(tmp_path / "folder").settings == SETTINGS
    assert read_record(tmp_path / "folder").entries == ENTRIES
    assert len(read_case(tmp_path / "folder").facts) == len(case.facts)


def test_settings_without_a_field_of_their_own_are_kept(tmp_path: Path) -> None:
    record = AuditRecord({"economics": {"F.1": {"P": 2.5}, "odd.key": 3}, "focus": {"links": {"T9": ["a;b", "[c"]}}})
    assert read_record(write_audit_workbook(tmp_path / "p.xlsx", record=record)).settings == record.settings


WORDS = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"), exclude_characters="\u3000\xa0"),
    min_size=1,
    max_size=12,
).filter(lambda text: text == text.strip() and "_x" not in text and text.isprintable())


@st.composite
def records(draw: st.DrawFn) -> AuditRecord:
    entries: dict[str, tuple[Entry, ...]] = {}
    for id in draw(st.lists(st.sampled_from(list(worksheet_definitions())), max_size=3, unique=True)):
        of = worksheet_definitions()[id]
        keys = [column.id for column in of.columns if not (column.per_year or column.per_candidate)]
        keys += [f"{column.id}@2022" for column in of.columns if column.per_year]
        row = st.dictionaries(st.sampled_from(keys), WORDS | st.floats(-1e9, 1e9).map(repr), min_size=1)
        entries[id] = tuple(draw(st.lists(row, min_size=1, max_size=4)))
    order = list(worksheet_definitions())
    made: dict[str, Any] = {}
    if draw(st.booleans()):
        made["economics"] = {
            "discount_rate": draw(st.floats(0, 0.99)),
            draw(WORDS.filter(lambda t: t not in ("discount_rate",))): {"fixed": draw(st.floats(0, 1e6))},
        }
    if draw(st.booleans()):
        made["focus"] = {"candidates": draw(st.lists(WORDS, min_size=1, max_size=3))}
    if draw(st.booleans()):
        made["case"] = {"listed_on": draw(st.dates(dt.date(2010, 1, 1), dt.date(2040, 1, 1)))}
    return AuditRecord(made, {id: entries[id] for id in sorted(entries, key=order.index)})


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(record=records(), code=st.sampled_from(LANGUAGES))
def test_any_record_survives_workbook_and_folder(record: AuditRecord, code: Language, tmp_path: Path) -> None:
    path = write_audit_workbook(tmp_path / "p.xlsx", record=record, language=code)
    back = read_record(path)
    assert back.entries == record.entries
    assert back.settings == record.settings
    folder = tmp_path / "folder"
    shutil.rmtree(folder, ignore_errors=True)
    write_record(record, folder)
    assert read_record(folder).entries == record.entries
    assert read_record(folder).settings == record.settings


# --- filling in by hand ----------------------------------------------------------------------------------------------


def test_what_a_person_types_into_the_workbook(tmp_path: Path) -> None:
    """Dates and numbers as Excel stores them, words from the drop-downs, lists with either semicolon."""
    path = write_audit_workbook(tmp_path / "plant.xlsx")
    book = opened(path)
    form, at, _ = page_of(book, SETTINGS_KEY)
    typed = {
        "case.listed_on": dt.datetime(2026, 8, 14),
        "case.previous.accepted_on": "2021年3月1日",
        "case.triggers": "T1; T3",
        "case.anchor": "前一次审核的报告日",
        "cost.medium_from": 5,
        "cost.high_from": "50.5",
        "goals.near": "二级",
        "economics.discount_rate": "8%",
        "economics.life_years": 10,
        "comparison.before": 2021,
    }
    for key, value in typed.items():
        form.cell(setting_row(form, key), at["value"]).value = value
    team, at, head = page_of(book, "1-1")
    team.cell(head + 1, at["name"]).value = "甲"
    team.cell(head + 1, at["time"]).value = 30
    plan, at, head = page_of(book, "1-2")
    plan.cell(head + 2, at["finish"]).value = dt.datetime(2023, 5, 1)
    book.save(path)
    found = read_inputs(path)
    assert found.listed_on == dt.date(2026, 8, 14)
    assert found.previous is not None
    assert found.previous.accepted_on == dt.date(2021, 3, 1)
    assert (found.triggers, found.anchor, found.near, found.before) == (("T1", "T3"), "report", "II", "2021")
    assert found.cost_limits is not None
    assert (found.cost_limits.medium_from, found.cost_limits.high_from) == (5, 50.5)
    assert found.economic_terms == {"discount_rate": 0.08, "life_years": 10}
    assert found.entries["1-1"] == ({"name": "甲", "time": "30"},)
    assert found.entries["1-2"] == ({"stage": "2.预评估", "finish": "2023-05-01"},)


def test_every_error_is_listed_with_its_cell_and_nothing_is_imported(tmp_path: Path) -> None:
    path = write_audit_workbook(tmp_path / "plant.xlsx", record=AuditRecord({}, {"1-1": ({"name": "甲"},)}))
    book = opened(path)
    form, at, _ = page_of(book, SETTINGS_KEY)
    wrong = {
        "case.listed_on": "明年",
        "case.triggers": "T9",
        "cost.medium_from": "很多",
        "goals.near": "四级",
        "goals.near_year": 2025.5,
    }
    cells = set()
    for key, value in wrong.items():
        cell = form.cell(setting_row(form, key), at["value"])
        cell.value = value
        cells.add(cell.coordinate)
    team, at, head = page_of(book, "1-1")
    team.cell(head, max(at.values()) + 1).value = "手机"
    scores, at, head = page_of(book, "focus-scores")
    scores.cell(head + 1, at["waste"]).value = 8
    book.save(path)
    with pytest.raises(InputError) as caught:
        read_inputs(path)
    problems = caught.value.problems
    assert {problem.where.cell for problem in problems if problem.where.sheet == form.title} == cells
    assert {problem.where.sheet for problem in problems} == {form.title, team.title, scores.title}
    assert all(problem.where.file == "plant.xlsx" and problem.where.row for problem in problems)
    assert {problem.code for problem in problems} >= {"audit-setting", "column-unknown", "audit-row-unnamed"}
    assert any(problem.found == "明年" and "2026-08-14" in str(problem.expected) for problem in problems)


def test_formula_errors_are_named(tmp_path: Path) -> None:
    path = write_audit_workbook(tmp_path / "plant.xlsx")
    book = opened(path)
    form, at, _ = page_of(book, SETTINGS_KEY)
    form.cell(setting_row(form, "cost.medium_from"), at["value"]).value = "=1/0"
    team, at, head = page_of(book, "1-1")
    team.cell(head + 1, at["name"]).value = "=A1"
    book.save(path)
    with pytest.raises(InputError) as caught:
        read_inputs(path)
    assert {problem.code for problem in caught.value.problems} == {"audit-cell"}
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<html>"])
def test_hostile_files_are_refused(data: bytes, pcb_plant: Path, tmp_path: Path) -> None:
    folder = tmp_path / "case"
    shutil.copytree(pcb_plant, folder)
    (folder / "worksheets.xlsx").write_bytes(data)
    with pytest.raises(InputError):
        read_inputs(folder)
    with pytest.raises(InputError):
        taken(AuditRecord(), folder / "worksheets.xlsx")


def test_every_setting_and_hand_filled_sheet_has_its_place(tmp_path: Path) -> None:
    book = opened(write_audit_workbook(tmp_path / "plant.xlsx"))
    form, _, _ = page_of(book, SETTINGS_KEY)
    for section in sections({}):
        for known in section.fields:
            assert setting_row(form, ".".join(known.path))
    for table in tables():
        _, at, _ = page_of(book, table.key)
        assert {key for key, _, _ in table.columns} < set(at)
    for id in HAND_SHEETS:
        _, at, _ = page_of(book, id)
        wanted = {c.id for c in worksheet_definitions()[id].columns if not (c.per_year or c.per_candidate)}
        assert wanted < set(at)
    entered_only = {id for id, of in worksheet_definitions().items() if of.filled_by == "entry"}
    assert entered_only <= set(HAND_SHEETS)


# --- filled worksheets -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("case") / "plant"
    shutil.copytree(Path(__file__).parents[2] / "examples" / "pcb-plant-a", folder)
    write_record(FULL, folder)
    return folder


@pytest.fixture(scope="module", params=LANGUAGES)
def filled(request: pytest.FixtureRequest, case: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_worksheets(run(case), tmp_path_factory.mktemp("book") / "worksheets.xlsx", request.param)


def by_row(entries: Any) -> list[Any]:
    return sorted(sorted(entry.items()) for entry in entries)


def test_entries_come_back_from_the_worksheets(filled: Path, case: Path) -> None:
    """Only entries: nothing that facts gave is taken for one, in either language."""
    back = read_record(filled).entries
    assert set(back) == set(ENTRIES)
    for id, rows in ENTRIES.items():
        assert by_row(back[id]) == by_row(rows)
    assert by_row(taken(read_record(case), filled).entries["1-1"]) == by_row(ENTRIES["1-1"])


def test_a_spreadsheet_program_saves_it_without_making_entries(filled: Path, tmp_path: Path) -> None:
    path = tmp_path / "worksheets.xlsx"
    opened(filled).save(path)
    back = read_record(path).entries
    assert {id: by_row(rows) for id, rows in back.items()} == {id: by_row(rows) for id, rows in ENTRIES.items()}


def test_filling_in_empty_cells_and_rows(filled: Path, case: Path, tmp_path: Path) -> None:
    book = opened(filled)
    page, at, head = page_of(book, "2-6")
    page.cell(head + 3, at["quota"]).value = 12.5  # the first of many materials
    page, at, head = page_of(book, "6-1")
    page.cell(head + 2, at["start"]).value = dt.datetime(2023, 4, 1)
    options = [page.cell(r, at["id"]).value for r in range(head + 1, head + 4)]
    page, at, head = page_of(book, "7-2")
    page.cell(head + 1, at["content"]).value = "下一轮"
    page, at, head = page_of(book, "1-1")
    page.delete_rows(head + 2)  # the second member leaves
    folder = tmp_path / "plant"
    shutil.copytree(case, folder)
    book.save(folder / "worksheets.xlsx")
    found = read_inputs(folder)
    assert found.entries["7-2"] == ({"content": "下一轮"},)
    assert {"id": str(options[1]), "start": "2023-04-01"} in [dict(entry) for entry in found.entries["6-1"]]
    assert [entry["name"] for entry in found.entries["1-1"]] == ["甲", "乙"]
    assert any(entry.get("quota") == "12.5" for entry in found.entries["2-6"])
    result = run(folder)
    sheet = worksheet("2-6", result)
    assert [sheet.cell(row, "quota").value for row in range(4)] == ["50", None, "12.5", None]
    schedule = worksheet("6-1", result)
    assert schedule.cell(1, "start").value == "2023-04-01"
    assert len(schedule.rows) == 8


def test_the_team_decides_what_the_software_only_proposes(filled: Path, case: Path, tmp_path: Path) -> None:
    """Worksheet 4-4: a proposal left alone is no entry, another word in its cell is, and an empty cell takes it back."""
    folder = tmp_path / "plant"
    shutil.copytree(case, folder)
    before = worksheet("4-4", run(folder))
    assert [cell.origin for cell in (before.cell(0, "class"), before.cell(1, "class"))] == ["proposed", "proposed"]
    book = opened(filled)
    page, at, head = page_of(book, "4-4")
    assert "4-4" not in read_record(filled).entries
    page.cell(head + 1, at["class"]).value = "不可行：场地不足"
    id = str(page.cell(head + 1, at["id"]).value)
    book.save(folder / "worksheets.xlsx")
    (entry,) = read_inputs(folder).entries["4-4"]
    assert entry == {"class": "不可行：场地不足", "id": id}
    result = run(folder)
    decided = worksheet("4-4", result)
    assert (decided.cell(0, "class").value, decided.cell(0, "class").origin) == ("不可行：场地不足", "entered")
    assert decided.cell(0, "id").value == id
    assert len(decided.rows) == len(before.rows)
    assert decided.cell(1, "class") == before.cell(1, "class")
    again = opened(write_worksheets(result, tmp_path / "again.xlsx", "zh"))
    again.save(tmp_path / "saved.xlsx")
    assert read_record(tmp_path / "saved.xlsx").entries["4-4"] == (entry,)
    page, at, head = page_of(again, "4-4")
    assert not page.cell(head + 1, at["class"]).protection.locked
    assert not page.cell(head + 2, at["class"]).protection.locked
    page.cell(head + 1, at["class"]).value = None
    again.save(folder / "worksheets.xlsx")
    assert "4-4" not in read_record(folder / "worksheets.xlsx").entries


def test_a_table_decides_the_screening_too(case: Path, tmp_path: Path) -> None:
    folder = tmp_path / "plant"
    shutil.copytree(case, folder)
    option = read_case(folder).options[2]
    (folder / "worksheets" / "4-4.csv").write_text(f"编号,筛选结果\n{option.id},不可行\n", encoding="utf-8")
    found = worksheet("4-4", run(folder))
    assert [row[0].value for row in found.rows if row[0].origin == "entered"] == ["不可行"]
    assert found.cell(2, "class").value == "不可行"
    assert len(found.rows) == 44


def test_english_titles_and_headings_begin_with_a_capital() -> None:
    for of in worksheet_definitions().values():
        for name in (of.name, *(column.name for column in of.columns)):
            assert not name.en[:1].islower() or not name.en[1:2].islower(), name.en
    number = worksheet_definitions()["4-2"]
    assert column_key(number, "option") == column_key(number, "Option") == "name"


def test_changing_what_facts_gave_is_an_error(filled: Path, case: Path, tmp_path: Path) -> None:
    book = opened(filled)
    page, at, head = page_of(book, "2-6")
    page.cell(head + 2, at["amount@2022"]).value = 1
    page, at, head = page_of(book, "4-2")
    page.cell(head + 1, at["name"]).value = "改名"
    folder = tmp_path / "plant"
    shutil.copytree(case, folder)
    book.save(folder / "worksheets.xlsx")
    with pytest.raises(InputError) as caught:
        read_inputs(folder)
    assert [problem.code for problem in caught.value.problems] == ["worksheet-fact-cell"] * 2
    assert all(problem.where.cell and problem.where.sheet and problem.where.column for problem in caught.value.problems)


def test_two_places_that_disagree_are_refused(filled: Path, case: Path, tmp_path: Path) -> None:
    """Filled worksheets win over the tables that they were made from, not over tables that changed since."""
    book = opened(filled)
    page, at, head = page_of(book, "1-1")
    page.cell(head + 1, at["duty"]).value = "统筹、协调"
    folder = tmp_path / "plant"
    shutil.copytree(case, folder)
    book.save(folder / "worksheets.xlsx")
    assert read_inputs(folder).entries["1-1"][0]["duty"] == "统筹、协调"
    (folder / "worksheets" / "1-1.csv").write_text("name\n丙\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_inputs(folder)
    assert [problem.code for problem in caught.value.problems] == ["worksheet-twice"]


def test_settings_as_toml_say_the_same(tmp_path: Path) -> None:
    import tomllib

    assert tomllib.loads(settings_text(SETTINGS)) == SETTINGS

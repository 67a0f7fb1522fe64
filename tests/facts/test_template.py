"""The workbook that an auditor gets: protected, validated, printable, in two languages, filled by the index system."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from random_cases import content

from qingyuan.errors import InputError
from qingyuan.facts import (
    Case,
    Equipment,
    Fact,
    IndicatorRow,
    Judgement,
    Profile,
    State,
    read_case,
    read_workbook,
    write_template,
)
from qingyuan.facts.columns import columns, spellings
from qingyuan.facts.naming import role_id
from qingyuan.facts.sheets import SHEETS
from qingyuan.facts.words import words
from qingyuan.language import Language, language
from qingyuan.reference.items import catalogue
from qingyuan.standards import load, systems
from qingyuan.standards.evidence import indicator_rows

LANGUAGES: tuple[Language, ...] = ("zh", "en")


def opened(path: Path) -> Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(path)


@pytest.fixture(scope="module", params=LANGUAGES)
def empty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Language, Path]:
    system = load("electroplating-2015")
    with language(request.param):
        rows = indicator_rows(system, system.tables[0])
    path = write_template(
        tmp_path_factory.mktemp("empty") / "plant.xlsx",
        indicator_rows=rows,
        system_id=system.id,
        table_id=system.tables[0].id,
        title=str(system.title),
        language=request.param,
        years=("2020", "2021", "2022"),
    )
    return request.param, path


def pages(book: Workbook) -> Iterator[Worksheet]:
    for page in book.worksheets:
        if not page.title.startswith("_"):
            yield page


def header_row(page: Worksheet) -> int:
    return next(row for row in range(1, 12) if page.row_dimensions[row].hidden) + 1


def test_every_sheet_is_there_and_named(empty: tuple[Language, Path]) -> None:
    code, path = empty
    names = [entry.title.en if code == "en" else entry.title.zh for entry in SHEETS]
    book = opened(path)
    assert [page.title for page in pages(book)] == ["Cover" if code == "en" else "封面", *names]
    assert {page.title: page.sheet_state for page in book.worksheets if page.title.startswith("_")} == {
        "_lists": "veryHidden",
        "_qingyuan": "veryHidden",
    }
    hidden = {row[0].value: row[1].value for row in book["_qingyuan"].iter_rows(max_col=2)}
    assert (hidden["template"], hidden["language"], hidden["system"]) == (
        "qingyuan-audit-workbook", code, "electroplating-2015",
    )  # fmt: skip


def test_an_empty_workbook_reads_as_an_empty_case(empty: tuple[Language, Path]) -> None:
    case = read_workbook(empty[1])
    assert not case.facts
    assert not case.judgements
    assert not case.problems
    assert (case.profile.system, case.profile.table) == ("electroplating-2015", "general")


def test_input_is_unlocked_and_the_rest_is_not(empty: tuple[Language, Path]) -> None:
    for page in pages(opened(empty[1])):
        assert page.protection.sheet, page.title
        assert not page.protection.password
        head = header_row(page)
        formulas = [cell for row in page.iter_rows() for cell in row if cell.data_type == "f"]
        assert all(cell.protection.locked for cell in formulas)
        if page.title in {"封面", "Cover"}:
            continue
        assert all(cell.protection.locked for cell in page[head] if cell.value)
        inputs = [cell for cell in page[head + 3] if not cell.protection.locked]
        assert len(inputs) >= 1, page.title
        assert not page.column_dimensions["A"].protection.locked  # rows below may be used as well


def test_headings_stay_in_sight_and_print(empty: tuple[Language, Path]) -> None:
    for page in pages(opened(empty[1])):
        assert (page.page_setup.paperSize, page.sheet_properties.pageSetUpPr.fitToPage) == (9, True)
        assert (page.page_setup.fitToWidth or 1, page.page_setup.fitToHeight) == (1, 0)
        if page.title in {"封面", "Cover"}:
            continue
        head = header_row(page)
        assert page.print_title_rows == f"${head}:${head}"
        assert page.freeze_panes
        assert int("".join(filter(str.isdigit, page.freeze_panes))) == head + 1
        assert any(cell.comment for cell in page[head]) or page.title in {"企业概况", "Plant", "证据清单", "Evidence"}


def test_drop_downs_and_rules(empty: tuple[Language, Path]) -> None:
    code, path = empty
    book = opened(path)
    energy = book["Energy" if code == "en" else "能源"]
    rules = energy.data_validations.dataValidation
    lists = {rule.formula1 for rule in rules if rule.type == "list"}
    assert {"qy_places", "qy_items_energy", "qy_roles_energy", "qy_units_energy", "qy_basis"} <= lists
    custom = [rule for rule in rules if rule.type == "custom"]
    assert custom
    assert {rule.errorStyle for rule in custom} == {"warning"}  # a warning, never a block
    names = {name.name if hasattr(name, "name") else name for name in book.defined_names.values()}
    assert {formula for formula in lists if formula.startswith("qy_")} <= names
    listed = {row[0].value for row in book["_lists"].iter_rows()}
    assert listed


def test_the_indicator_sheet(empty: tuple[Language, Path]) -> None:
    code, path = empty
    system = load("electroplating-2015")
    page = opened(path)["Indicators" if code == "en" else "指标"]
    head = header_row(page)
    rows = list(system.tables[0].indicators())
    ids = [page.cell(head + 1 + number, 1).value for number in range(len(rows))]
    assert ids == [row.id for row in rows]
    water = ids.index("rinse-water") + head + 1
    assert page.cell(water, 7).value == "≤ 8"
    assert page.cell(water, 6).value == "*"
    validated = {str(cell) for rule in page.data_validations.dataValidation for cell in rule.sqref.ranges}
    qualitative = [number for number, row in enumerate(rows, head + 1) if not row.quantitative]
    assert {f"J{number}" for number in qualitative} <= validated
    assert f"J{water}" not in validated


def test_an_industry_gets_its_own_rows(empty: tuple[Language, Path]) -> None:
    code, path = empty
    page = opened(path)["Materials" if code == "en" else "原辅材料"]
    items = [cell.value for cell in page["B"] if cell.value]
    wanted = {"zinc", "copper", "nickel"} if code == "en" else {"锌", "铜", "镍"}
    assert wanted <= set(items)


def test_every_system_makes_a_sheet(tmp_path: Path) -> None:
    for summary in systems():
        if summary.located_only:
            continue
        system = load(summary.id)
        for table in system.main_tables():
            rows = indicator_rows(system, table)
            assert {row.id for row in table.indicators()} <= {row.id for row in rows}
            assert all(row.choices or row.kind == "quantitative" or row.levels[0] for row in rows)
    rows = indicator_rows(
        load("printed-circuit-board-undated"), load("printed-circuit-board-undated").partial_tables[0]
    )
    write_template(tmp_path / "pcb.xlsx", indicator_rows=rows)
    assert "单面板" in {cell.value for cell in opened(tmp_path / "pcb.xlsx")["产品与经营"]["C"]}


def test_answers_come_back_by_indicator(tmp_path: Path) -> None:
    system = load("electroplating-2015")
    rows = indicator_rows(system, system.tables[0])
    given = (
        Judgement("rinse-water", 22.5, "水表", "估"),
        Judgement("cleaner-process", "II", "说明书"),
        Judgement("silver-utilisation", "n/a"),
        Judgement("law", "none"),
        Judgement("policy", "yes"),
        Judgement("not-in-the-table", 3.0),
    )
    for code in LANGUAGES:
        path = write_template(
            tmp_path / "a.xlsx", indicator_rows=rows, case=Case(Profile(), (), judgements=given), language=code
        )
        again = {j.indicator: (j.answer, j.evidence, j.note) for j in read_workbook(path).judgements}
        assert again == {j.indicator: (j.answer, j.evidence, j.note) for j in given}


def test_text_is_never_a_formula(tmp_path: Path) -> None:
    evil = ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/c calc'!A0", '=HYPERLINK("http://x")', "\t=1", "'=1"]
    facts = tuple(
        Fact("", "2022", text, "consumed", 1.0, "kg", kind="material", label=text, own_item=True, note=text)
        for text in evil
    )
    machines = tuple(Equipment("", text, model=text) for text in evil)
    case = Case(Profile(name=evil[0], details={"x": evil[3]}), facts, equipment=machines)
    path = write_template(tmp_path / "evil.xlsx", case=case)
    for page in pages(opened(path)):
        for row in page.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert "cmd" not in str(cell.value)
                    assert cell.protection.locked
    again = read_workbook(path)
    assert {fact.note for fact in again.facts} == {text.strip() for text in evil}
    assert again.profile.name == "=1+1"


def test_numbers_keep_all_their_digits(tmp_path: Path) -> None:
    numbers = [0.1 + 0.2, 1 / 3, 1e-300, 123456789.123456789, 2.0**53 + 2, 5e-324, -0.07]
    facts = tuple(
        Fact("", "2022", "electricity", "consumed", number, "kWh", kind="energy", label="电", note=str(index))
        for index, number in enumerate(numbers)
    )
    path = write_template(tmp_path / "exact.xlsx", case=Case(Profile(), facts))
    assert [fact.value for fact in read_workbook(path).facts] == numbers


def test_a_text_that_no_cell_holds_is_an_error(tmp_path: Path) -> None:
    fact = Fact("", "2022", "electricity", "consumed", 1.0, "kWh", kind="energy", note="x" * 40_000)
    with pytest.raises(InputError, match="32767"):
        write_template(tmp_path / "long.xlsx", case=Case(Profile(), (fact,)))


def test_check_formulas_hold_their_results(pcb_plant: Path, tmp_path: Path) -> None:
    path = write_template(tmp_path / "pcb.xlsx", case=read_case(pcb_plant))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        held = openpyxl.load_workbook(path, data_only=True)["能源"]
    head = header_row(held)
    titles = {cell.value: cell.column for cell in held[head]}
    latest = titles["2022年"]
    assert held.cell(3, latest).value == 1_997_066  # the site
    assert held.cell(4, latest).value == 1_997_066  # the sum of its places
    assert held.cell(5, latest).value == 0
    rows = {held.cell(row, 1).value: row for row in range(head + 1, head + 9)}
    share = held.cell(rows["一车间"], titles["单位产品量"]).value
    assert share == pytest.approx(311_663 / (43_426 + 24_036))


def test_changed_headings_moved_columns_and_new_rows(pcb_plant: Path, tmp_path: Path) -> None:
    path = write_template(tmp_path / "plant.xlsx", case=read_case(pcb_plant))
    before = content(read_workbook(path))
    book = opened(path)
    page = book["能源"]
    head = header_row(page)
    page.protection.sheet = False
    page.insert_rows(head + 2, amount=2)
    page.insert_cols(3)
    page.cell(head, 3).value = "我的列"
    page.cell(head + 2, 3).value = "随手记"
    page.insert_rows(1)
    page.row_dimensions[head].hidden = False
    page.move_range(f"A{head}:A{head + 40}", cols=25)  # the places go to the far right, keys and all
    book["用水与排水"].title = "水"
    book.save(path)
    again = read_workbook(path)
    assert content(again) == before
    assert [problem.code for problem in again.problems if problem.code.startswith("column")] == ["column-unknown"]


def test_a_year_heading_that_the_user_changes_rules(tmp_path: Path) -> None:
    fact = Fact("", "2022", "electricity", "consumed", 5.0, "kWh", kind="energy", label="电")
    path = write_template(tmp_path / "year.xlsx", case=Case(Profile(), (fact,)))
    book = opened(path)
    page = book["能源"]
    cell = next(cell for cell in page[header_row(page)] if cell.value == "2022年")
    cell.value = "2023年"
    book.save(path)
    assert [fact.period for fact in read_workbook(path).facts] == ["2023"]


def test_states_in_yearly_columns(tmp_path: Path) -> None:
    states = (State.VALUE, State.EMPTY, State.NOT_APPLICABLE, State.BELOW_DETECTION)
    facts = tuple(
        Fact(
            "",
            str(2019 + n),
            "COD",
            "discharged",
            0.0 if n == 0 else None,
            "kg",
            kind="pollutant",
            state=state,
            label="COD",
        )
        for n, state in enumerate(states)
    )
    for code in LANGUAGES:
        path = write_template(tmp_path / "states.xlsx", case=Case(Profile(), facts), language=code)
        again = {fact.period: (fact.state, fact.value) for fact in read_workbook(path).facts}
        assert again == {fact.period: (fact.state, fact.value) for fact in facts}


# --- the lists behind it ---------------------------------------------------------------------------------------------


def test_names_lead_back_in_both_languages() -> None:
    for kind in catalogue().kinds:
        for role in catalogue().roles(kind.id):
            assert role_id(role.name.zh, kind.id) == role.id
            assert role_id(role.name.en, kind.id) == role.id
    for name in ("basis", "medium", "place_kind", "cost", "level"):
        from qingyuan.facts.words import word_id

        for word in words(name):
            assert word_id(name, word.name.zh) == word_id(name, word.name.en) == word.id
    for entry in SHEETS:
        known = spellings(entry.table)
        for column in columns(entry.table):
            assert known[column.key.replace("_", "_").casefold()] == column.key
            assert column.heading.zh
            assert column.heading.en


def test_indicator_rows_speak_both_languages() -> None:
    system = load("hazardous-waste-incineration-draft")
    zh = indicator_rows(system, system.main_tables()[0])
    with language("en"):
        en = indicator_rows(system, system.main_tables()[0])
    assert [row.id for row in zh] == [row.id for row in en]
    assert any(one.name != other.name for one, other in zip(zh, en, strict=True))
    bonus = system.bonus_table()
    assert bonus is not None
    assert {row.id for row in bonus.indicators()} <= {row.id for row in zh}
    assert isinstance(zh[0], IndicatorRow)


def test_the_package_is_sound(empty: tuple[Language, Path]) -> None:
    with zipfile.ZipFile(empty[1]) as package:
        assert package.testzip() is None

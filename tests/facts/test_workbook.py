"""Workbooks of other people: merged headings, years as columns, units anywhere, formulas; and mutated ones."""

from __future__ import annotations

import datetime as dt
import io
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.sax.saxutils import escape

import hostile
import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from random_cases import cases, content, normal

from qingyuan.errors import InputError, Problem, Severity
from qingyuan.facts import Case, State, read_case, read_workbook, write_template
from qingyuan.facts.workbook import read_workbook_bytes

Fill = Callable[[xlsxwriter.Workbook], None]


def book(fill: Fill) -> bytes:
    stream = io.BytesIO()
    made = xlsxwriter.Workbook(stream, {"in_memory": True})
    fill(made)
    made.close()
    return stream.getvalue()


def table(rows: list[list[object]], name: str = "能源", **more: list[list[object]]) -> bytes:
    def fill(made: xlsxwriter.Workbook) -> None:
        for title, content_rows in {name: rows, **more}.items():
            page = made.add_worksheet(title)
            for number, row in enumerate(content_rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, dt.date):
                        page.write_datetime(number, column, cell, made.add_format({"num_format": "yyyy-mm-dd"}))
                    elif cell is not None:
                        page.write(number, column, cell)

    return book(fill)


def read(data: bytes) -> Case:
    return read_workbook_bytes(data, "plant.xlsx")


def problems(data: bytes) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        read(data)
    return caught.value.problems


def said(case: Case) -> list[tuple[object, ...]]:
    return [(fact.period, fact.place, fact.item, fact.role, fact.value, fact.unit) for fact in case.facts]


# --- tables as people make them --------------------------------------------------------------------------------------


def test_merged_headings_over_two_rows_and_years_as_columns() -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        page, style = made.add_worksheet("能耗统计"), made.add_format()
        page.merge_range("A1:F1", "某公司近三年能源消耗情况表", style)
        for area, text in (("A3:A4", "能源名称"), ("B3:B4", "计量单位"), ("C3:E3", "年消耗量"), ("F3:F4", "备注")):
            page.merge_range(area, text, style)
        page.write_row("C4", ["2020年", "2021年度", 2022])
        page.write_row("A5", ["电", "万kWh", "１２３.4", "1,234.5", "约 200"])
        page.write_row("A7", ["柴油", "吨", 0, "", "不适用", "叉车"])  # row 6 is blank
        page.write_row("A8", ["合计", "", 1, 2, 3])

    case = read(book(fill))
    assert said(case) == [
        ("2020", "", "electricity", "consumed", 123.4, "万kWh"),
        ("2021", "", "electricity", "consumed", 1234.5, "万kWh"),
        ("2022", "", "electricity", "consumed", 200.0, "万kWh"),
        ("2020", "", "diesel", "consumed", 0.0, "吨"),
        ("2022", "", "diesel", "consumed", None, "吨"),
    ]
    assert case.facts[2].note == "约 200"
    assert case.facts[4].state is State.NOT_APPLICABLE
    assert case.facts[4].note == "叉车"
    assert [problem.code for problem in case.problems] == ["total-row"]
    assert case.facts[0].where.cell == "C5"


def test_items_as_columns() -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        page = made.add_worksheet("汇总")
        page.write_row(0, 0, ["年份", "单面板产量（万m2）", "用电量（万kWh）", "产品合格率", "产值（万元）"])
        page.write_row(1, 0, [2021, 1.5, 30, "99.3%", 35])
        page.write_row(2, 0, ["2022年", 1.2, None, None, 30])
        page.write_number(2, 3, 0.9921, made.add_format({"num_format": "0.00%"}))

    case = read(book(fill))
    assert said(case) == [
        ("2021", "", "single-sided-board", "produced", 1.5, "万m2"),
        ("2021", "", "electricity", "consumed", 30.0, "万kWh"),
        ("2021", "", "product", "pass-rate", 99.3, "%"),
        ("2021", "", "output-value", "amount", 35.0, "万元"),
        ("2022", "", "single-sided-board", "produced", 1.2, "万m2"),
        ("2022", "", "product", "pass-rate", 99.21, "%"),
        ("2022", "", "output-value", "amount", 30.0, "万元"),
    ]


def test_months_as_columns_and_roles_as_columns() -> None:
    months = [f"{month}月" for month in range(1, 13)]
    wastes = [["废物名称", "单位", "2022年产生量", "2022年处置量", "备注"], ["含铜污泥", "吨", 12, 11, "HW22"]]
    water = [["年份", "车间", "用水种类", "单位", *months], [2022, "一车间", "生产用水", "m³", *range(1, 13)]]
    case = read(table(wastes, "固废", 月度用水=water))
    assert said(case)[:2] == [
        ("2022", "", "copper-sludge", "generated", 12.0, "吨"),
        ("2022", "", "copper-sludge", "disposed", 11.0, "吨"),
    ]
    assert said(case)[2] == ("2022-01", "一车间", "production-water", "consumed", 1.0, "m³")
    assert said(case)[13][0] == "2022-12"
    under = [["项目", "单位", "2022年", None, None], [None, None, "1月", "2月", "合计"], ["电", "kWh", 1, 2, 3]]

    def fill(made: xlsxwriter.Workbook) -> None:
        page = made.add_worksheet("能源")
        for number, row in enumerate(under):
            page.write_row(number, 0, row)
        page.merge_range("C1:E1", "2022年", made.add_format())

    assert [fact.period for fact in read(book(fill)).facts] == ["2022-01", "2022-02"]


def test_long_rows_moved_columns_extra_sheets_and_columns() -> None:
    rows: list[list[object]] = [
        ["", "说明：本表由各车间填报"],
        [],
        ["", "备注", "颜色", "数值", "单位", "统计期", "项目", "使用部位"],
        ["", "抄表", "红", "12.5 t", "吨", dt.date(2022, 7, 14), "柴油", "食堂"],
        ["", "", "", 3, "kWh", "2022年8月", "电", 101],
    ]
    case = read(table(rows, "Sheet1", 乱写=[["随便", "写的"], [1, 2]], 封面=[["某公司"]]))
    assert said(case) == [
        ("2022-07-14", "食堂", "diesel", "consumed", 12.5, "t"),
        ("2022-08", "101", "electricity", "consumed", 3.0, "kWh"),
    ]
    assert [problem.code for problem in case.problems] == ["column-unknown"]


def test_cells_merged_downwards_hold_for_every_row() -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        page = made.add_worksheet("能源")
        page.write_row(0, 0, ["车间", "能源", "单位", "2022年"])
        page.merge_range("A2:A4", "一车间", made.add_format())
        for row, (item, unit) in enumerate([("电", "kWh"), ("柴油", "t"), ("汽油", "t")], 1):
            page.write_row(row, 1, [item, unit, row])
        page.write_row(4, 0, ["", "电", "kWh", 9])

    assert [fact.place for fact in read(book(fill)).facts] == ["一车间", "一车间", "一车间", ""]


def test_english_headings_and_other_tables() -> None:
    monitoring = [["Outlet", "Pollutant", "Date", "Result", "Unit"], ["DA001", "COD", 44756, "0.05L", "mg/L"]]
    machines = [["Machine", "Place", "Rated power", "Number", "Maker"], ["Pump", "works", 3, 2, "X"]]
    case = read(
        table(
            [["Item", "Unit", "2021", "2022"], ["electricity", "MWh", 1, 2]],
            "Energy use",
            Monitoring=monitoring,
            Equipment=machines,
        )
    )
    assert said(case)[1] == ("2022", "", "electricity", "consumed", 2.0, "MWh")
    (result,) = case.monitoring
    assert (result.date, result.state, result.concentration) == ("2022-07-14", State.BELOW_DETECTION, 0.05)
    assert case.equipment[0].details == (("Maker", "X"),)


@pytest.mark.parametrize(
    ("one", "two"),
    [("2022-07", "2022-08"), ("2022/7", "2022/8（t）"), ("202207", "202208"), ("July 2022", "Aug. 2022")],
)
def test_months_as_columns(one: str, two: str) -> None:
    case = read(table([["能源", "单位", one, two], ["柴油", "t", 1, 2]]))
    assert [(fact.period, fact.value) for fact in case.facts] == [("2022-07", 1.0), ("2022-08", 2.0)]


# --- what is wrong with cells ----------------------------------------------------------------------------------------


def test_every_problem_with_sheet_cell_found_and_expected() -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        page = made.add_worksheet("能耗")
        page.write_row(0, 0, ["能源", "单位", "2021年", "2022年"])
        page.write_row(1, 0, ["天然气", "m3", "12.5 t", "abc"])
        page.write_row(2, 0, ["煤碳", "t", 1, 2])
        page.write_row(3, 0, ["汽油", "t"])
        page.write_formula(3, 2, "=1+1", None, "")
        page.write_formula(3, 3, "=1/0", None, "#DIV/0!")

    found = [problem for problem in problems(book(fill)) if problem.severity is Severity.ERROR]
    assert [(problem.code, problem.where.sheet, problem.where.cell) for problem in found] == [
        ("unit-dimension", "能耗", "C2"),
        ("cell-not-a-number", "能耗", "D2"),
        ("item-unknown", "能耗", "A3"),
        ("cell-formula-uncached", "能耗", "C4"),
        ("cell-error-value", "能耗", "D4"),
    ]
    assert [problem.found for problem in found[:3]] == ["t", "abc", "煤碳"]
    assert all(problem.expected is not None for problem in found)


def test_a_formula_without_result_is_refused_where_it_is_read() -> None:
    cells = '<row r="3"><c r="A3"><v>2022</v></c>' + hostile.text_cell("B3", "能源") + hostile.text_cell("C3", "电")
    cells += '<c r="D3"><f>1+1</f></c>' + hostile.text_cell("E3", "kWh") + "</row>"
    (problem,) = problems(hostile.workbook(hostile.PLAIN_ROWS + cells))
    assert (problem.code, problem.where.cell) == ("cell-formula-uncached", "D3")
    elsewhere = hostile.PLAIN_ROWS + '<row r="3"><c r="H3"><f>1+1</f></c></row>'
    assert len(read(hostile.workbook(elsewhere)).facts) == 1


def test_old_results_are_warned_of() -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        page = made.add_worksheet("能源")
        page.write_row(0, 0, ["能源", "单位", "2022年"])
        page.write_row(1, 0, ["电", "kWh"])
        page.write_formula(1, 2, "=40+2", None, 42)

    case = read(book(fill))
    assert case.facts[0].value == 42
    assert [problem.code for problem in case.problems] == ["formulas-stale"]


def test_import_is_all_or_nothing() -> None:
    good = [["能源", "单位", "2022年"], ["电", "kWh", 5]]
    assert len(read(table(good)).facts) == 1
    assert problems(table([*good, ["柴油", "kWh/m2", 5]]))


def test_a_workbook_without_any_table() -> None:
    (problem,) = problems(table([["你好"]], "Sheet1"))
    assert problem.code == "workbook-nothing-found"


def test_hidden_sheets_are_not_read() -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        for name in ("能源", "旧数据"):
            page = made.add_worksheet(name)
            page.write_row(0, 0, ["能源", "单位", "2022年"])
            page.write_row(1, 0, ["电", "kWh", 5])
        page.hide()

    case = read(book(fill))
    assert len(case.facts) == 1
    assert [problem.code for problem in case.problems] == ["sheet-hidden"]


# --- there and back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("plant", ["pcb-plant-a", "electroplating-demo", "hazardous-waste-incineration-demo"])
def test_folder_to_workbook_and_back(plant: str, language: str, pcb_plant: Path, tmp_path: Path) -> None:
    case = read_case(pcb_plant.parent / plant)
    target = write_template(tmp_path / "plant.xlsx", case=case, language=language)  # type: ignore[arg-type]
    again = read_case(target)
    assert content(again) == content(case)
    codes = {problem.code for problem in again.problems}
    assert codes <= {"item-own", "unit-taken-as", "item-other-kind"}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(case=cases(), language=st.sampled_from(["zh", "en"]))
def test_any_case_to_workbook_and_back(case: Case, language: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    target = tmp_path_factory.getbasetemp() / "any.xlsx"
    write_template(target, case=case, language=language)  # type: ignore[arg-type]
    assert content(read_workbook(target)) == content(normal(case))


# --- fuzzing ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook of the program's own with a little of everything."""
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "facts.csv").write_text(
        "period,place,kind,item,value,unit\n2021,一车间,energy,电,5,kWh\n2022-07,,material,某料,ND,kg\n",
        encoding="utf-8",
    )
    (folder / "monitoring.csv").write_text(
        "outlet,pollutant,date,concentration,unit\na,COD,2022,5,mg/L\n", encoding="utf-8"
    )
    return write_template(folder / "a.xlsx", case=read_case(folder))


def survives(data: bytes) -> None:
    """Only a case or a refusal comes out."""
    refusal = ""
    try:
        case: Case | None = read_workbook_bytes(data, "fuzz.xlsx")
    except InputError as error:
        case, refusal = None, str(error)
    assert case is not None or refusal


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_flipped_bytes(real: Path, seed: int) -> None:
    rng = random.Random(seed)
    data = bytearray(real.read_bytes())
    for _ in range(rng.choice([1, 1, 2, 5, 50])):
        data[rng.randrange(len(data))] = rng.randrange(256)
    if rng.random() < 0.2:
        del data[rng.randrange(len(data)) :]
    survives(bytes(data))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
@example(seed=7013)  # once: an item code in a row that had lost its kind
def test_parts_whose_xml_is_changed(real: Path, seed: int) -> None:
    """The zip is sound and its parts are not: elements cut, doubled, renamed, numbers made huge."""
    rng = random.Random(seed)
    stream = io.BytesIO()
    with zipfile.ZipFile(real) as package, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as changed:
        names = package.namelist()
        chosen = set(rng.sample(names, rng.randint(1, 3)))
        for name in names:
            text = package.read(name)
            if name in chosen:
                text = _change(text, rng)
            if rng.random() > 0.02:
                changed.writestr(name, text)
    survives(stream.getvalue())


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    texts=st.lists(
        st.text(max_size=15) | st.sampled_from(["ND", "1,234", "全厂", "energy/item", "二、三车间", "#REF!"]),
        min_size=1,
    ),
    share=st.sampled_from([0.01, 0.1, 0.5]),
)
def test_cells_replaced_by_anything(real: Path, seed: int, texts: list[str], share: float) -> None:
    """Headings, keys, names, words and numbers of the program's own workbook become other texts."""
    rng = random.Random(seed)
    stream = io.BytesIO()

    def other(match: re.Match[str]) -> str:
        return f"<t>{escape(rng.choice(texts))}</t>" if rng.random() < share else match[0]

    with zipfile.ZipFile(real) as package, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as changed:
        for name in package.namelist():
            text = package.read(name).decode("utf-8")
            if name == "xl/sharedStrings.xml":
                text = re.sub(r"<t[^>]*>[^<]*</t>", other, text)
            elif name.startswith("xl/worksheets/sheet") and rng.random() < 0.3:
                text = re.sub(r"<v>(\d+)</v>", lambda m: f"<v>{rng.choice([m[1], '-1', '1e308', '0.5'])}</v>", text)
            changed.writestr(name, text)
    survives(stream.getvalue())


JUNK = (b"\xff\xfe", b"999999999999", b"<v>1e999</v>", b"&#0;", b'r="XFD1048576"', b"<c/>", b'"', b"</row>")


def _change(text: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.randint(1, 6)):
        start = rng.randrange(len(text) + 1)
        end = min(len(text), start + rng.choice([1, 3, 30, 300]))
        piece = rng.choice([b"", text[start:end] * 2, *JUNK])
        text = text[:start] + piece + text[end:]
    return text


CELLS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["ND", "<0.05", "/", "—", "12%", "=1+1", "@x", "12.5 t", "2022年7月", "1,234", "无", "合计", "全厂"]
    ),
    st.floats(),
    st.integers(-(10**20), 10**20),
    st.booleans(),
    st.none(),
    st.datetimes(dt.datetime(1901, 1, 1), dt.datetime(2100, 1, 1)),
)
HEADINGS = st.sampled_from(
    [
        "项目", "单位", "数值", "2022年", "年份", "时段",
        "场所", "类别", "收支", "备注", "1月", "用电量（kWh）",
        "污染物", "监测点", "浓度", "设备名称", "编号",
        "方案名称", "处置量（t）", "2021年（t）", "不确定度（%）",
        "",
    ]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(HEADINGS, max_size=9), min_size=1, max_size=2),
    st.lists(st.lists(CELLS, max_size=9), max_size=6),
    st.sampled_from(["能源", "水", "Sheet1", "监测", "方案", "设备"]),
)
@example([["项目", "单位", "2022年"]], [["电", "kWh", float("nan")]], "能源")
def test_tables_of_anything(headings: list[list[str]], rows: list[list[object]], name: str) -> None:
    def fill(made: xlsxwriter.Workbook) -> None:
        page, day = made.add_worksheet(name), made.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate([*headings, *rows]):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    page.write_string(number, column, cell)
                elif isinstance(cell, bool):
                    page.write_boolean(number, column, cell)
                elif isinstance(cell, dt.datetime):
                    page.write_datetime(number, column, cell, day)
                elif isinstance(cell, (int, float)) and abs(cell) < 1e308:
                    page.write_number(number, column, cell)

    survives(book(fill))

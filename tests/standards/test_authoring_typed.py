"""Tables typed, pasted and bent by people: what the reader understands, and what it says with which cell."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from authoring_typing import ROWS, Row, Typed, address, columns_of, table_sheet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingyuan.errors import InputError, Severity
from qingyuan.standards.authoring import FormReading, read_form, write_form
from qingyuan.standards.formula import Formula
from qingyuan.standards.model import ByLevel, IndexSystem, Indicator


def read(tmp_path: Path, typed: Typed) -> FormReading:
    return read_form(typed.write(tmp_path / "form.xlsx"))


def good(tmp_path: Path, typed: Typed) -> IndexSystem:
    reading = read(tmp_path, typed)
    assert [str(problem) for problem in reading.problems if problem.severity is Severity.ERROR] == []
    assert reading.system is not None
    return reading.system


def rows_of(system: IndexSystem) -> dict[str, Indicator]:
    return {row.name.zh: row for table in system.all_tables() for row in table.indicators()}


def codes(reading: FormReading, severity: Severity = Severity.ERROR) -> list[tuple[str, str]]:
    return [(each.code, each.where.cell) for each in reading.problems if each.severity is severity]


def test_a_table_typed_as_it_is_printed(tmp_path: Path) -> None:
    system = good(tmp_path, Typed())
    assert system.id == "own-industry-2019"
    assert system.issued_by == ("甲部", "乙部")
    assert str(system.issued) == "2019-08-28"
    assert [rule.minimum for _, rule in system.grading.rules] == [85, 85, 100]
    table = system.table("main")
    assert [(group.name.zh, group.weight) for group in table.groups] == [
        ("生产工艺及装备", F(3, 10)),
        ("资源和能源消耗", F(2, 5)),
        ("污染物产生", F(3, 10)),
    ]
    rows = rows_of(system)
    assert [row.limiting for row in rows.values()] == [False, False, True, False, False, True]
    assert rows["设备能效达标率"].bounds == ByLevel((F(95), F(90), F(85)))
    assert rows["设备能效达标率"].better == "higher"
    assert rows["单位产品综合能耗"].better == "lower"
    assert rows["一氧化碳日均值"].strict
    assert not rows["单位产品取水量"].strict
    texts = rows["工艺水平"].texts
    assert texts is not None
    assert [text.zh for text in texts.values if text] == ["全自动", "半自动", "半自动"]
    assert rows["危险废物处置"].yes_or_no
    assert [row.id for row in table.indicators()][:3] == ["g1-01", "g1-02", "g2-01"]


def test_the_same_table_typed_in_every_other_way_is_the_same_system(tmp_path: Path) -> None:
    """Full-width signs, per cent, points, repeated groups, stars elsewhere, units in cells and names."""
    plain = good(tmp_path, Typed())
    rows: list[Row] = [
        {"group": "生产工艺\n及装备", "group_weight": "30%", "name": "工艺水平", "weight": 60}
        | {"I": " 全自动 ", "II": "半自动", "III": "半自动"},
        {"group": "生产工艺及装备", "name": "设备能效达标率", "unit": "％", "weight": "４０％"}
        | {"I": 0.95, "II": "≥９０%", "III": "不低于85%"},
        {"group": "资源和能源消耗", "group_weight": 0.4, "name": "单位产品综合能耗", "limiting": "*", "weight": 50}
        | {"I": "≤120kgce/t", "II": "不大于140", "III": 160},
        {"name": "单位产品取水量", "unit": "m³/t", "weight": 50, "I": 1.5, "II": 2, "III": "3.0", "better": "越小越好"},
        {
            "group": "污染物产生",
            "group_weight": "0.3",
            "name": "一氧化碳日均值",
            "unit": "毫克/标准立方米",
            "weight": 50,
        }
        | {"I": "＜30", "II": "小于50", "III": "< 80"},
        {"name": "危险废物处置＊", "weight": 50, "I": "全部合规处置", "II": "全部合规处置", "III": "全部合规处置"},
    ]
    rows[4]["unit"] = "mg/Nm³"
    other = good(tmp_path, Typed(rows=rows, merges=(), formats={(1, "I"): "0%"}))
    assert other.table("main") == plain.table("main")


def test_groups_may_be_merged_and_rows_may_leave_gaps(tmp_path: Path) -> None:
    rows = [*ROWS[:2], {}, *ROWS[2:4], {}, {}, *ROWS[4:], {"group": "注：带*的为限定性指标。"}]
    merges = ((0, "group", 2, "group"), (0, "group_weight", 2, "group_weight"), (0, "II", 0, "III"), (8, "I", 8, "III"))
    typed = Typed(rows=[dict(row) for row in rows], merges=merges)
    reading = read(tmp_path, typed)
    assert reading.ok
    assert reading.system is not None
    assert reading.system.table("main") == good(tmp_path, Typed()).table("main")
    assert "form-footnote" in [code for code, _ in codes(reading, Severity.NOTE)]


def test_moved_columns_extra_columns_and_renamed_sheets(tmp_path: Path) -> None:
    path = Typed().write(tmp_path / "form.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = table_sheet(book)
    for area in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(area))
    first, columns = columns_of(sheet)
    for row in range(first, first + 6):
        for key in ("II", "III"):
            if sheet.cell(row, columns[key]).value is None:
                sheet.cell(row, columns[key]).value = sheet.cell(row, columns["II" if key == "III" else "I"]).value
    sheet.insert_cols(3)
    sheet.cell(first - 1, 3).value = "序号"
    for row in range(first, first + 6):
        sheet.cell(row, 3).value = row
    sheet.title = "综合"
    book.save(path)
    reading = read_form(path)
    assert codes(reading) == []
    assert reading.system is not None
    assert reading.system.table("main") == good(tmp_path, Typed()).table("main")


def test_a_pasted_table_without_hidden_keys(tmp_path: Path) -> None:
    """A sheet with the headings of the announcement alone, the first column numbered."""
    path = Typed(rows=[]).write(tmp_path / "form.xlsx")
    book = openpyxl.load_workbook(path)
    del book["表1"]
    sheet = book.create_sheet("综合表")
    sheet.append(["表1 某行业清洁生产评价指标项目、权重及基准值"])
    sheet.append(
        ["序号", "一级指标", "一级指标权重", "二级指标", "单位", "二级指标权重", "Ⅰ级基准值", "Ⅱ级基准值", "Ⅲ级基准值"]
    )
    sheet.append([1, "资源消耗指标", 1, "*取水量", "m3/t", 0.5, "≤1", "≤2", "≤3"])
    sheet.append([2, None, None, "*能耗", "kgce/t", 0.5, "≤10", "≤20", "≤30"])
    book.save(path)
    reading = read_form(path)
    assert codes(reading) == []
    assert reading.system is not None
    table = reading.system.table("main")
    assert table.name.zh == "综合表"
    assert [row.limiting for row in table.indicators()] == [True, True]


def test_blocks_as_tables_print_them(tmp_path: Path) -> None:
    """0.8/n in every row; one weight cell over several rows; one 0.4/n in a merged cell."""
    metals: list[Row] = [
        {"group": "综合利用", "group_weight": 1, "name": "锌利用率", "unit": "%", "weight": "0.4/n"}
        | {"I": "≥82", "II": "≥80", "III": "≥75"},
        {"name": "铜利用率", "unit": "%", "weight": "0.4/n", "I": "≥90", "II": "≥80", "III": "≥75"},
        {"name": "单面板", "unit": "kWh/m2", "weight": 0.2, "block_share": "按产量", "product": "单面板"}
        | {"I": "≤5", "II": "≤10", "III": "≤25"},
        {"name": "多层板", "unit": "kWh/m2", "product": "多层板", "parameter": "层数减 2"}
        | {"I": "≤10+5n", "II": "≤25+10n", "III": "≤55+15n"},
        {"name": "金回收", "unit": "%", "weight": "0.4/n", "I": "≥9", "II": "≥8", "III": "≥7"},
        {"name": "银回收", "unit": "%", "I": "≥9", "II": "≥8", "III": "≥7"},
    ]
    merges = ((2, "weight", 3, "weight"), (2, "block_share", 3, "block_share"), (4, "weight", 5, "weight"))
    system = good(tmp_path, Typed(rows=metals, merges=merges))
    (group,) = system.table("main").groups
    assert [(block.weight, block.share) for block in group.blocks] == [
        (F(2, 5), "count"),
        (F(1, 5), "output"),
        (F(2, 5), "count"),
    ]
    assert [row.block for row in group.indicators] == ["b1", "b1", "b2", "b2", "b3", "b3"]
    bounds = rows_of(system)["多层板"].bounds
    assert bounds is not None
    assert isinstance(bounds["I"], Formula)
    assert bounds["I"].at(4) == 30


def test_a_merged_weight_without_a_way_to_share_it(tmp_path: Path) -> None:
    rows = [dict(row) for row in ROWS]
    del rows[1]["weight"]
    typed = Typed(rows=rows, merges=(*MERGES_OF_ROWS, (0, "weight", 1, "weight")))
    reading = read(tmp_path, typed)
    sheet = table_sheet(openpyxl.load_workbook(tmp_path / "form.xlsx"))
    assert ("form-block-share", address(sheet, 0, "block_share")) in codes(reading)


MERGES_OF_ROWS = ((0, "II", 0, "III"), (5, "I", 5, "III"))


def test_dashes(tmp_path: Path) -> None:
    rows = [dict(row) for row in ROWS]
    rows[0] |= {"II": "半自动", "III": "--"}
    rows[1] |= {"I": "--", "II": "--", "III": "--"}
    rows[3] |= {"III": "—"}
    reading = read(tmp_path, Typed(rows=rows, merges=((5, "I", 5, "III"),)))
    assert codes(reading) == []
    assert reading.system is not None
    found = rows_of(reading.system)
    assert found["工艺水平"].no_requirement == {"III"}
    assert found["设备能效达标率"].open
    assert found["单位产品取水量"].no_requirement == {"III"}
    warned = [code for code, _ in codes(reading, Severity.WARNING)]
    assert warned.count("form-no-requirement") == 2
    assert "form-open" in warned


def test_a_range_takes_the_worse_end_and_says_so(tmp_path: Path) -> None:
    rows = [dict(row) for row in ROWS]
    rows[3] |= {"I": "≤3", "II": "3～4", "III": "4～5"}
    reading = read(tmp_path, Typed(rows=rows))
    assert reading.system is not None
    assert rows_of(reading.system)["单位产品取水量"].bounds == ByLevel((F(3), F(4), F(5)))
    assert [code for code, _ in codes(reading, Severity.WARNING)].count("form-range") == 2


def _bad(row: int, key: str, **cells: Any) -> Callable[[list[Row]], tuple[int, str]]:
    def spoil(rows: list[Row]) -> tuple[int, str]:
        for name, value in cells.items():
            if value is None:
                rows[row].pop(name, None)
            else:
                rows[row][name] = value
        return row, key

    return spoil


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        ("form-no-level", _bad(1, "III", III=None)),
        ("form-no-level", _bad(0, "I", I=None)),
        ("form-level", _bad(1, "II", II="较高")),
        ("form-no-unit", _bad(3, "unit", unit=None)),
        ("form-unit", _bad(3, "II", II="≤2 kg/t")),
        ("form-direction", _bad(3, "I", I="≥1.5")),
        ("form-direction", _bad(3, "better", better="越大越好")),
        ("form-strict", _bad(4, "I", III="≤80")),
        ("form-no-direction", _bad(1, "better", I="90", II="90", III="90")),
        ("form-weight", _bad(1, "weight", weight="重")),
        ("form-no-weight", _bad(1, "weight", weight=None)),
        ("form-no-weight", _bad(2, "group_weight", group_weight=None)),
        ("form-no-name", _bad(1, "name", name=None)),
        ("form-flag", _bad(1, "limiting", limiting="也许")),
        ("form-choice", _bad(1, "kind", kind="半定量")),
        ("form-choice", _bad(1, "no_requirement", no_requirement="四级")),
        ("form-open", _bad(1, "I", open="是")),
        ("form-id", _bad(1, "id", id="a b")),
        ("form-block", _bad(1, "block_weight", block_weight=0.4)),
    ],
)
def test_every_error_names_its_cell(tmp_path: Path, code: str, spoil: Callable[[list[Row]], tuple[int, str]]) -> None:
    rows = [dict(row) for row in ROWS]
    row, key = spoil(rows)
    reading = read(tmp_path, Typed(rows=rows))
    sheet = table_sheet(openpyxl.load_workbook(tmp_path / "form.xlsx"))
    assert (code, address(sheet, row, key)) in codes(reading)
    problem = next(each for each in reading.problems if each.code == code)
    assert problem.where.file == "form.xlsx"
    assert problem.where.sheet == "表1"
    assert not reading.ok


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    rows = [dict(row) for row in ROWS]
    rows[0]["weight"] = "重"
    rows[1]["II"] = "较高"
    rows[3]["unit"] = None
    document = {
        "id": "中文编号",
        "title": "",
        "issued": "2019年8月",
        "source": "x",
        "scheme": "别的",
        "rule.I.min": "高",
    }
    reading = read(tmp_path, Typed(rows=rows, document=document))
    found = {code for code, _ in codes(reading)}
    assert found >= {"form-weight", "form-level", "form-id", "form-required", "form-date", "form-choice", "form-number"}


def test_doubts_are_warnings(tmp_path: Path) -> None:
    rows = [dict(row) for row in ROWS]
    rows[1] |= {"I": 0.95, "II": 0.9, "III": 0.85}
    reading = read(tmp_path, Typed(rows=rows))
    found = {code for code, _ in codes(reading, Severity.WARNING)}
    assert found == {"form-direction-guessed", "form-percent-lost"}
    assert reading.ok


def test_spreadsheet_errors_are_named(tmp_path: Path) -> None:
    rows = [dict(row) for row in ROWS]
    rows[3]["II"] = "=1/0"
    path = Typed(rows=rows).write(tmp_path / "form.xlsx")
    book = openpyxl.load_workbook(path)
    sheet = table_sheet(book)
    cell = sheet[address(sheet, 3, "II")]
    cell.value, cell.data_type = "#DIV/0!", "e"
    book.save(path)
    assert ("form-error-value", cell.coordinate) in codes(read_form(path))


def test_english_texts_and_what_fits_nothing(tmp_path: Path) -> None:
    english = (("工艺水平", "Process"), ("半自动", "semi-automatic"), ("没有这句", "nowhere"))
    reading = read(tmp_path, Typed(english=english))
    assert reading.system is not None
    row = rows_of(reading.system)["工艺水平"]
    assert row.name.en == "Process"
    assert row.texts is not None
    assert [text.en for text in row.texts.values if text] == ["", "semi-automatic", "semi-automatic"]
    assert [code for code, _ in codes(reading, Severity.NOTE)] == ["form-english"]


def test_an_english_form_is_read_as_well(tmp_path: Path) -> None:
    rows = [dict(row) for row in ROWS]
    rows[3] |= {"kind": "quantitative", "better": "lower is better ≤", "verified": "yes"}
    system = good(tmp_path, Typed(rows=rows, language="en"))
    assert rows_of(system)["单位产品取水量"].verified is True


def test_the_newest_family_asks_the_other_rows_too(tmp_path: Path) -> None:
    document = Typed().document | {"family": "新版：同上，且Ⅰ级要求其余指标达Ⅱ级"}
    rule = good(tmp_path, Typed(document=document)).grading.rule("I")
    assert rule is not None
    assert rule.others == "II"


def test_rows_keep_their_ids_when_lines_are_added(tmp_path: Path) -> None:
    first = good(tmp_path, Typed())
    rows = [dict(row) for row in ROWS]
    rows.insert(1, {"name": "新增的一行", "weight": 0.1, "I": "有", "II": "有", "III": "有"})
    rows[0]["weight"] = 0.5
    path = Typed(rows=rows, merges=((0, "II", 0, "III"), (6, "I", 6, "III"))).write(tmp_path / "second.xlsx")
    shifted = read_form(path).system
    kept = read_form(path, first).system
    assert shifted is not None
    assert kept is not None
    assert rows_of(shifted)["设备能效达标率"].id == "g1-03"
    before, after = rows_of(first), rows_of(kept)
    assert {name: after[name].id for name in before} == {name: row.id for name, row in before.items()}
    assert after["新增的一行"].id not in {row.id for row in before.values()}


def test_a_copied_sheet_is_another_table_and_an_empty_one_is_none(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    write_form(path, tables=3)
    typed = Typed()
    typed.write(tmp_path / "one.xlsx")
    one = openpyxl.load_workbook(tmp_path / "one.xlsx")
    copy = one.copy_worksheet(table_sheet(one))
    copy.title = "表1 (2)"
    one.save(tmp_path / "one.xlsx")
    reading = read_form(tmp_path / "one.xlsx")
    assert reading.system is not None
    assert [table.id for table in reading.system.tables] == ["table-1", "table-2"]
    empty = read_form(path).system
    assert empty is None or empty.all_tables() == ()


# --- files that are no forms -----------------------------------------------------------------------------------------


def refused(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read_form(path)
    return caught.value.problems[0].code


def test_what_is_no_form_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["别的", "表格"])
    book.save(path)
    assert refused(path) == "form-not-a-form"
    assert refused(tmp_path / "missing.xlsx") == "file-unreadable"
    (tmp_path / "text.xlsx").write_text("not a workbook", encoding="utf-8")
    assert refused(tmp_path / "text.xlsx").startswith("workbook-")


def test_macros_and_bombs_are_refused_by_the_common_guards(tmp_path: Path) -> None:
    good_form = Typed().write(tmp_path / "form.xlsx").read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(good_form[: len(good_form) // 2])
    assert refused(tmp_path / "cut.xlsx").startswith("workbook-")
    for name, content, code in (
        ("xl/vbaProject.bin", b"\0" * 64, "workbook-macros"),
        ("xl/worksheets/sheet99.xml", b" " * 50_000_000, "workbook-zip-bomb"),
    ):
        data = io.BytesIO(good_form)
        with zipfile.ZipFile(data, "a", zipfile.ZIP_DEFLATED) as package:
            package.writestr(name, content)
        (tmp_path / "bad.xlsx").write_bytes(data.getvalue())
        assert refused(tmp_path / "bad.xlsx") == code


def test_a_table_without_end_is_refused(tmp_path: Path) -> None:
    rows: list[Row] = [{"name": f"指标{number}", "weight": 0.001} for number in range(1100)]
    assert refused(Typed(rows=rows, merges=()).write(tmp_path / "long.xlsx")) == "form-too-long"


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 10**7),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12),
    st.sampled_from(["≤8", "--", "*", "0.8/n", "15%", "8～24", "Ⅲ", "是", "按产量", "10+5n", "≥85%"]),
)
KEYS = (
    *("group", "group_weight", "name", "unit", "weight", "limiting", "I", "II", "III", "better", "kind", "strict"),
    *("open", "no_requirement", "block", "block_weight", "block_share", "product", "alternatives", "id", "verified"),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(st.sampled_from(KEYS), CELLS, max_size=12), max_size=6), st.booleans())
def test_whatever_is_typed_gives_a_system_or_problems(rows: list[Row], partial: bool) -> None:
    from qingyuan.standards.authoring import prove_form
    from qingyuan.standards.authoring.form import Area, Form
    from qingyuan.standards.authoring.read import understand

    form = Form()
    form.document.head = {"id": "x", "title": "x", "source": "x", "verification": "逐行对照原文"}
    form.tables = [Area(head={"table.partial": "是"} if partial else {}, rows=[dict(row) for row in rows if row])]
    reading = understand(form)
    assert reading.ok or any(problem.severity is Severity.ERROR for problem in reading.problems)
    prove_form(reading)

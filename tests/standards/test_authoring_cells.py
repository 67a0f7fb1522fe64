"""Cells of published tables, as people type them: levels, weights, marks, dates, lists."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.standards.authoring.cells import (
    date_cell,
    flag_cell,
    level_cell,
    levels_list,
    limiting_cell,
    list_cell,
    list_text,
    number_cell,
    starred_name,
    text_of,
    unit_of,
    weight_cell,
)
from qingyuan.standards.formula import Formula


@pytest.mark.parametrize(
    ("cell", "number", "direction", "strict", "unit"),
    [
        ("≤8", F(8), "lower", False, ""),
        ("＜ 30", F(30), "lower", True, ""),
        ("≥85%", F(85), "higher", False, "%"),
        ("≥８５．５％", F(171, 2), "higher", False, "%"),
        ("> 7,000 h", F(7000), "higher", True, "h"),
        ("不大于 0.5", F(1, 2), "lower", False, ""),
        ("小于3", F(3), "lower", True, ""),
        ("300以上", F(300), "higher", False, ""),
        ("5次以下", F(5), "lower", False, "次"),
        ("90%及以上", F(90), "higher", False, "%"),
        ("-20", F(-20), None, None, ""),
        ("≤-8", F(-8), "lower", False, ""),
        ("1.2×10-3", F(12, 10000), None, None, ""),
        ("2e3", F(2000), None, None, ""),
        (24.0, F(24), None, None, ""),
        (0.3, F(3, 10), None, None, ""),
        (0.1 + 0.2, F(3, 10), None, None, ""),
    ],
)
def test_a_bound(cell: str | float, number: F, direction: str, strict: bool, unit: str) -> None:
    found = level_cell(cell)
    assert (found.number, found.direction, found.strict, found.unit) == (number, direction, strict, unit)


def test_a_cell_shown_as_per_cent_counts_as_shown() -> None:
    found = level_cell(0.85, percent=True)
    assert (found.number, found.unit) == (85, "%")


@pytest.mark.parametrize("cell", ["10+5n", "≤10+5*n", "10＋5×n", "≤ 10 + 5n kWh/m2"])
def test_a_formula(cell: str) -> None:
    found = level_cell(cell, unit="kWh/m2")
    assert isinstance(found.number, Formula)
    assert found.number.at(4) == 30


@pytest.mark.parametrize("cell", ["8～24", "8-24", "8~24 kg/t", "8至24"])
def test_a_range_keeps_both_ends(cell: str) -> None:
    found = level_cell(cell, unit="kg/t")
    assert found.ends == (8, 24)
    assert found.numeric


@pytest.mark.parametrize("cell", ["--", "—", "－", "/", "——", "不作要求", "无要求"])
def test_a_dash(cell: str) -> None:
    assert level_cell(cell).dash


@pytest.mark.parametrize(
    "cell", ["全自动", "H2S≤150，HCN≤150", "200t以上转炉占六成以上", "24-8", "1.2.3", "8kgcex", "=1+1"]
)
def test_words_are_no_bound(cell: str) -> None:
    found = level_cell(cell)
    assert not found.numeric
    assert not found.dash
    assert found.text == cell


@given(st.text(max_size=30))
def test_no_text_breaks_the_reader_of_levels(text: str) -> None:
    found = level_cell(text)
    assert found.empty == (not text.strip() or not found.text)
    weight_cell(text)
    starred_name(text)
    list_cell(text)


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**6), max_value=10**6), st.integers(0, 3)
)
def test_a_printed_bound_reads_back_exactly(number: Decimal, sign: int) -> None:
    mark, direction = [("≤", "lower"), ("≥", "higher"), ("<", "lower"), (">", "higher")][sign]
    found = level_cell(f"{mark}{number:f}")
    assert found.number == F(number)
    assert found.direction == direction
    assert found.strict == (sign > 1)


@pytest.mark.parametrize(
    ("cell", "percent", "number", "hundredths"),
    [
        (0.15, False, F(3, 20), False),
        (15, False, F(15), False),
        ("15%", False, F(3, 20), True),
        ("１５％", False, F(3, 20), True),
        (0.15, True, F(3, 20), True),
        ("8/30", False, F(4, 15), False),
    ],
)
def test_a_weight(cell: object, percent: bool, number: F, hundredths: bool) -> None:
    found = weight_cell(cell, percent)  # type: ignore[arg-type]
    assert (found.number, found.hundredths) == (number, hundredths)


def test_a_shared_weight_says_what_is_shared() -> None:
    found = weight_cell("0.8/n")
    assert found.shared == F(4, 5)
    assert isinstance(found.number, Formula)
    assert weight_cell("80%/n").shared == F(4, 5)


def test_a_weight_that_is_none() -> None:
    assert weight_cell("重要").issue is not None
    assert weight_cell("--").number is None
    assert weight_cell(None).number is None


def test_stars_and_marks() -> None:
    assert starred_name("取水量*") == ("取水量", True)
    assert starred_name("＊ 取水量") == ("取水量", True)
    assert starred_name("取水量（*）") == ("取水量", True)
    assert starred_name("取水量") == ("取水量", False)
    assert [limiting_cell(cell) for cell in ("*", "★", "是", "限定性", "", None, "否", "-", True)] == [
        *(True, True, True, True, None, None, False, False, True)
    ]
    assert [flag_cell(cell) for cell in ("√", "yes", "×", "No", "", 1.0)] == [True, True, False, False, None, True]
    with pytest.raises(ValueError, match="也许"):
        flag_cell("也许")


def test_levels_dates_units_texts() -> None:
    assert levels_list("Ⅱ、Ⅲ") == ("II", "III")
    assert levels_list("3") == ("III",)
    assert levels_list("") == ()
    assert levels_list("四级") is None
    assert date_cell("2015年10月28日") == dt.date(2015, 10, 28)
    assert date_cell(dt.datetime(2015, 10, 28)) == dt.date(2015, 10, 28)
    assert date_cell("") is None
    assert not isinstance(date_cell("2015年10月"), dt.date)
    assert [unit_of(text) for text in ("m³/t", "％", "—", "㎏/t", " kgce/t ")] == ["m3/t", "%", "", "kg/t", "kgce/t"]
    assert text_of("单位产品\n取水量") == "单位产品取水量"
    assert text_of("water\nuse") == "water use"


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8), max_size=4)
)
def test_lists_read_back(entries: list[str]) -> None:
    assert list_cell(list_text(entries)) == entries


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9))
def test_numbers_in_cells_lose_nothing(number: Decimal) -> None:
    cell = number_cell(number)
    found = level_cell(cell)
    if found.numeric:  # a decimal of more digits than a spreadsheet holds stays text, and is still exact
        assert found.number == F(number)

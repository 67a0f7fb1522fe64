"""Numbers as text: rounding, grouping, states, intervals, units."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.facts.model import State
from qingyuan.language import language, message
from qingyuan.report.numbers import Number, format_number, format_quantity, rounded, unit_text


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        # the worked examples of GB/T 8170-2008, 3.2
        ("12.1498", 0, "12"),
        ("12.1498", 1, "12.1"),
        ("10.502", 0, "11"),
        ("1.050", 1, "1.0"),
        ("0.35", 1, "0.4"),
        ("0.0325", 3, "0.032"),
    ],
)
def test_rounding_follows_the_standards_examples(value: str, digits: int, expected: str) -> None:
    assert f"{rounded(Decimal(value), digits=digits):f}" == expected


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Number(1997066.0), "1,997,066"),  # integers are never rounded away
        (Number(249.5894), "249.6"),
        (Number(0.138437), "0.1384"),
        (Number(2.0), "2"),
        (Number(9.99996), "10"),
        (Number(0.0), "0"),
        (Number(-0.004, "%", digits=1), "0.0"),  # no minus before nothing
        (Number(-1605.8), "−1,606"),
        (Number(0.00003456), "3.456×10⁻⁵"),
        (Number(1.5e15), "1.5×10¹⁵"),
        (Number(9.9999e-5, significant=3), "1×10⁻⁴"),
        (Number(2.345, digits=2), "2.34"),  # the shortest decimal form, half to even
        (Number(7, digits=2), "7.00"),
        (Number(Fraction(1, 3), digits=3), "0.333"),
        (Number(0.1 + 0.2, exact=True), "0.3"),
        (Number(16244.0, exact=True), "16,244"),
        (Number(Decimal("0.050"), exact=True), "0.05"),
        (Number(12.5, signed=True), "+12.5"),
        (Number(-12.5, signed=True), "−12.5"),
        (Number(0.5, bound="≤"), "≤0.5"),
        (Number(None), "未填"),
        (Number(None, state=State.EMPTY), "未填"),
        (Number(3.0, state=State.NOT_APPLICABLE), "不适用"),
        (Number(0.05, state=State.BELOW_DETECTION), "未检出（<0.05）"),
        (Number(None, state=State.BELOW_DETECTION), "未检出"),
        (Number(float("nan")), "无法计算"),
        (Number(float("inf")), "无法计算"),
        (Number(13.0327, high=49.3555, digits=1), "13.0～49.4"),
        (Number(2.001, high=2.002, digits=1), "2.0"),
    ],
)
def test_text_of_a_number(number: Number, text: str) -> None:
    assert format_number(number) == text


def test_units_stand_behind_numbers() -> None:
    assert format_quantity(Number(1803.6, "10^4 CNY")) == "1,804\u00a0万元"
    assert format_quantity(Number(99.2, "%")) == "99.2%"
    assert format_quantity(Number(None, "t")) == "未填"
    assert format_quantity(Number(float("nan"), "t")) == "无法计算"
    assert str(message("共 {amount}", amount=Number(3, "m3"))) == "共 3\u00a0m³"
    with language("en"):
        assert format_quantity(Number(1803.6, "10^4 CNY")) == "1,804\u00a010⁴ CNY"
        assert format_number(Number(1, high=2)) == "1–2"
    assert unit_text("") == unit_text("1") == ""
    assert unit_text("<own unit>") == "<own unit>"


@given(st.floats(min_value=-1e14, max_value=1e14, allow_nan=False), st.integers(0, 6))
def test_a_printed_number_is_within_half_a_unit_of_its_last_place(value: float, digits: int) -> None:
    text = format_number(Number(value, digits=digits))
    printed = Decimal(text.replace(",", "").replace("−", "-"))
    assert abs(printed - Decimal(repr(value))) <= Decimal(5).scaleb(-digits - 1)
    assert len(text.partition(".")[2]) == digits


@given(st.floats(min_value=1e-4, max_value=1e11, allow_nan=False))
def test_four_significant_digits_and_whole_integers(value: float) -> None:
    text = format_number(Number(value)).replace(",", "")
    assert (
        abs(float(text) - value) <= max(abs(value) * 5.0001e-4, 0.0)
        if value < 1000
        else abs(float(text) - value) <= 0.5
    )

"""Formulas in one variable: exact, closed, and the numbers that people write."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.standards.formula import FormulaError, decimal_text, exact, parse_formula


@pytest.mark.parametrize(
    ("text", "n", "value"),
    [
        ("0.8/n", 3, Fraction(4, 15)),
        ("10+5*n", 4, Fraction(30)),
        ("0.14+0.08*n", 2, Fraction(3, 10)),
        ("8/30", None, Fraction(4, 15)),
        ("(2+n)*(n-1)/4", 6, Fraction(10)),
        ("-20+n", 5, Fraction(-15)),
        ("2-3-n", 1, Fraction(-2)),
        ("２＋５×ｎ", 2, Fraction(12)),
        ("60÷n", 8, Fraction(15, 2)),
        ("--3", None, Fraction(3)),
    ],
)
def test_formula_is_exact(text: str, n: int | None, value: Fraction) -> None:
    assert parse_formula(text).at(n) == value


@pytest.mark.parametrize(
    "text",
    ["", " ", "5n", "n n", "n+m", "2**3", "__import__('os')", "n.x", "abs(n)", "(1+2", "1+2)", "1/0", "3 4", "1e5",
     "n" * 101, "+", "lambda: 0", "n;1", "\N{ARABIC-INDIC DIGIT ONE}\N{CJK UNIFIED IDEOGRAPH-4E00}"],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(FormulaError):
        parse_formula(text)


def test_missing_variable_and_division_by_zero_are_errors() -> None:
    formula = parse_formula("0.8/n")
    assert formula.variable == "n"
    with pytest.raises(FormulaError):
        formula.at()
    with pytest.raises(FormulaError):
        formula.at(0)


EXPRESSIONS = st.recursive(
    st.one_of(st.integers(0, 99).map(str), st.decimals("0", "9", places=2).map(str), st.just("n")),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda part: f"({part[0]}{part[1]}{part[2]})"),
    max_leaves=8,
)


@given(EXPRESSIONS, st.integers(-5, 30))
def test_agrees_with_the_arithmetic_of_the_language(text: str, n: int) -> None:
    """The same text with every number made a fraction, computed by Python itself."""
    import re

    source = re.sub(r"\d+(\.\d+)?", lambda match: f"F('{match.group()}')", text)
    try:
        expected = eval(source, {"F": Fraction, "n": Fraction(n)})
    except ZeroDivisionError:
        with pytest.raises(FormulaError):
            parse_formula(text).at(n)
        return
    assert parse_formula(text).at(n) == expected


def test_floats_count_as_the_decimals_that_they_print() -> None:
    assert exact(0.1 + 0.2) != Fraction(3, 10)
    assert exact(0.3) == Fraction(3, 10)
    assert exact(Decimal("0.30")) == exact("0.3") == exact("０．３") == Fraction(3, 10)
    assert exact("12,345.6") == Fraction(61728, 5)
    assert exact(1e-5) == Fraction(1, 100_000)


@pytest.mark.parametrize(
    "value", [None, True, False, float("nan"), float("inf"), "1_000", "12,34", "abc", "", "1e999999", [], {}, "0x10"]
)
def test_what_is_no_number(value: object) -> None:
    assert exact(value) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(Fraction(24), "24"), (Fraction(4, 5), "0.8"), (Fraction(4, 15), "0.266667"), (Fraction(-1, 2), "-0.5"),
     (Fraction(-1, 10**9), "0"), (Fraction(100), "100")],
)  # fmt: skip
def test_decimal_text(value: Fraction, text: str) -> None:
    assert decimal_text(value) == text

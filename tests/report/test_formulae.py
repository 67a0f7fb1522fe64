"""Formulae in linear notation."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qingyuan.report.docx_math import equation
from qingyuan.report.formulae import Bracket, Fraction, Node, Script, Sequence, Symbol, parse


def leaves(node: Node) -> str:
    """All signs of a formula in reading order."""
    if isinstance(node, Symbol):
        return node.text
    if isinstance(node, Fraction):
        return leaves(node.over) + leaves(node.under)
    if isinstance(node, Script):
        return leaves(node.base) + "".join(leaves(part) for part in (node.sub, node.sup) if part is not None)
    if isinstance(node, Bracket):
        return node.opening + leaves(node.inside) + node.closing
    return "".join(leaves(part) for part in node.nodes)


def test_a_quotient_divides_the_product_before_it() -> None:
    node = parse("处理前铜浓度*废水量/产量")
    assert isinstance(node, Fraction)
    assert leaves(node.over) == "处理前铜浓度×废水量"
    assert leaves(node.under) == "产量"


def test_brackets_around_a_whole_numerator_are_dropped() -> None:
    node = parse("(a + b)/(c - d)")
    assert isinstance(node, Fraction)
    assert leaves(node.over) == "a+b"
    assert leaves(node.under) == "c−d"


def test_sums_have_limits_and_letters_are_italic() -> None:
    node = parse("E = sum_(i=1)^n e_i * k_i")
    assert isinstance(node, Sequence)
    total = next(part for part in node.nodes if isinstance(part, Script) and part.limits)
    assert leaves(total.sub or Symbol("")) == "i=1"
    assert leaves(total.sup or Symbol("")) == "n"
    letter = node.nodes[0]
    assert isinstance(letter, Symbol)
    assert letter.italic
    assert not isinstance(parse("产量"), Symbol) or not parse("产量").italic  # type: ignore[union-attr]


@given(st.text(alphabet="ab产Σ_^/*+-=()[]{}（）12.,% ", max_size=80))
def test_parsing_never_fails_and_loses_no_letter(text: str) -> None:
    node = parse(text)
    kept = [sign for sign in text if sign in "ab产12"]
    assert [sign for sign in leaves(node) if sign in "ab产12"] == kept
    equation(node)


def test_deep_nesting_becomes_plain_signs() -> None:
    for text in ("(" * 5000, "(a" * 300 + ")" * 300, "a/" * 1000 + "b", "a_" * 1000 + "b"):
        equation(parse(text))
        assert "a" not in text or "a" in leaves(parse(text))

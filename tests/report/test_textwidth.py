"""The estimate of text widths."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qingyuan.report.textwidth import first_clause, longest_word, shortened, text_width, wrapped

TEXT = st.text(alphabet="清洁生产指标 abcWi1.,（）-μ", max_size=60)


def test_chinese_is_as_wide_as_its_type_size() -> None:
    assert text_width("清洁生产", 10) == 40
    assert text_width("产a", 10) > text_width("产", 10) + text_width("a", 10)  # the gap that writers put in
    assert text_width("一二\n三", 10) == 20
    assert longest_word("a bcdef 中文", 1) == text_width("bcdef", 1)


@given(TEXT, st.floats(20, 400))
def test_shortened_text_fits(text: str, width: float) -> None:
    assert text_width(shortened(text, 10, width), 10) <= width + 1e-9 or shortened(text, 10, width) == "…"


@given(TEXT, st.floats(60, 400), st.integers(1, 3))
def test_wrapped_lines_fit_and_nothing_is_lost_where_all_fit(text: str, width: float, lines: int) -> None:
    found = wrapped(text, 10, width, lines)
    assert len(found) <= lines
    assert all(text_width(line, 10) <= width + 1e-9 or len(line) == 1 for line in found)
    if found and not found[-1].endswith("…"):
        assert "".join("".join(found).split()) == "".join(text.split())


@given(TEXT, st.floats(1, 60))
def test_a_first_clause_is_a_beginning_that_fits_or_ends_as_soon_as_it_can(text: str, width: float) -> None:
    found = first_clause(text, width)
    assert text.startswith(found)
    if found.rstrip() != text.rstrip():
        assert text[len(found) :].lstrip()[:1] in tuple("，；。：、,;:—（(")
    if text_width(text, 1) <= width:
        assert found == text


def test_a_clause_is_never_cut_inside_brackets_or_quotation_marks() -> None:
    need = "新鲜水量（其他年份有；没有则填 0 或“不适用”）、外购电量、蒸汽量，按月填写"
    assert first_clause(need, 24) == "新鲜水量（其他年份有；没有则填 0 或“不适用”）"
    assert first_clause(need, 8) == "新鲜水量"
    assert first_clause("output of 1,500 t of boards, by month and by line", 18) == "output of 1,500 t of boards"
    assert first_clause("很长的一句话没有任何停顿可以断开", 5) == "很长的一句话没有任何停顿可以断开"

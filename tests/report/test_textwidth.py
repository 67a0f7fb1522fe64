"""The estimate of text widths."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qingyuan.report.textwidth import longest_word, shortened, text_width, wrapped

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

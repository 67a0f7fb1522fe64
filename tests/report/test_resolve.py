"""Resolution: language, numbering, references, cleaning, widths of columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import HOSTILE, sample_document, sample_table

from qingyuan.language import Name, language
from qingyuan.report.numbers import Number
from qingyuan.report.resolve import (
    clean,
    column_shares,
    decimal_parts,
    han_number,
    headings,
    plain_text,
    resolve,
)
from qingyuan.report.tree import Column, Document, Figure, Heading, LandscapeSection, Paragraph, Reference, Row, Table


def numbers(document: Document) -> dict[str, str]:
    found: dict[str, str] = {}
    for block in document.blocks:
        for inner in block.blocks if isinstance(block, LandscapeSection) else (block,):
            if isinstance(inner, Heading):
                found[str(inner.text)] = inner.number
            elif isinstance(inner, Table | Figure):
                found[inner.label] = inner.number.replace("\u00a0", " ")
    return found


def test_chapters_sections_captions_and_appendices_are_numbered() -> None:
    found = numbers(resolve(sample_document()))
    assert found["摘要"] == ""
    assert found["企业概况"] == "第一章"
    assert found["基本情况"] == "1.1"
    assert found["小节"] == "1.1.1"
    assert found["横向"] == "1.2"
    assert found["第二个"] == "第二章"
    assert found["来源"] == "附录 A"
    assert found["方法"] == "A.1"
    assert found["table-sample"] == "表 1-1"
    assert found["table-wide"] == "表 1-2"
    assert found["figure-sample"] == "图 1-1"
    assert found["table-appendix"] == "表 A-1"


def test_english_has_its_own_words() -> None:
    found = numbers(resolve(sample_document("en")))
    assert found["The plant"] == "Chapter 1"
    assert found["Profile"] == "1.1"
    assert resolve(sample_document("en")).title == "Test report"


def test_the_language_outside_does_not_matter() -> None:
    with language("en"):
        assert resolve(sample_document("zh")).title == "测试报告"


def test_references_become_numbers_and_links() -> None:
    paragraph = next(block for block in resolve(sample_document()).blocks if isinstance(block, Paragraph))
    assert plain_text(paragraph.content).replace("\u00a0", " ") == ("本厂见表 1-1、图 1-1和第二章；CO2排放1,060 tCO₂。")


def test_unknown_and_double_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        resolve(sample_document(blocks=(Paragraph(Reference("nowhere")),)))
    with pytest.raises(ValueError, match="table-sample"):
        resolve(sample_document(blocks=(sample_table(), sample_table())))


def test_a_row_of_another_length_is_refused() -> None:
    table = Table("t", (Column("a"), Column("b")), (Row(("1",)),))
    with pytest.raises(ValueError, match="1 cells in a table of 2"):
        resolve(sample_document(blocks=(table,)))


def test_units_stand_in_headings_of_columns() -> None:
    table = next(block for block in resolve(sample_document()).blocks if isinstance(block, Table))
    assert table.columns[2].header == "数值\n（kWh/m²）"
    english = next(block for block in resolve(sample_document("en")).blocks if isinstance(block, Table))
    assert str(english.columns[2].header).endswith("(kWh/m²)")


@pytest.mark.parametrize("text", HOSTILE)
def test_cleaned_text_can_stand_in_xml(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert all(sign == "\n" or sign >= " " for sign in cleaned)
    assert not {"\u202e", "\u2066", "\ufffe"} & set(cleaned)


def test_chinese_numerals() -> None:
    assert [han_number(number) for number in (1, 9, 10, 11, 20, 23, 99)] == [
        "一",
        "九",
        "十",
        "十一",
        "二十",
        "二十三",
        "九十九",
    ]


def test_decimal_parts() -> None:
    assert decimal_parts("1,234.50") == ("1,234", ".50")
    assert decimal_parts("−0.5") == ("−0", ".5")
    assert decimal_parts("≤12") == ("≤12", "")
    assert decimal_parts("GB 1.2 a") == ("GB 1.2 a", "")


def test_declared_shares_hold() -> None:
    table = Table("t", (Column("a", share=0.7), Column("b")), (Row(("x" * 200, "1")),))
    shares = resolve(sample_document(blocks=(table,))).blocks[0].widths  # type: ignore[union-attr]
    assert shares[0] == pytest.approx(0.7)
    assert sum(shares) == pytest.approx(1)


def test_numbers_are_not_broken_while_text_can_give_way() -> None:
    columns = (Column("说明"), Column("数值", align="right"))
    rows = tuple(Row(("很长的说明" * 20, Number(123456789.0))) for _ in range(3))
    table = resolve(sample_document(blocks=(Table("t", columns, rows),))).blocks[0]
    assert isinstance(table, Table)
    assert table.widths[1] * 453.5 >= 11 * 0.5 * 10.5  # eleven signs of half an em


@given(
    st.lists(st.lists(st.text(alphabet="清洁 ab.1", max_size=60), min_size=4, max_size=4), min_size=0, max_size=8),
    st.floats(200, 800),
)
def test_shares_are_positive_and_add_up(rows: list[list[str]], width: float) -> None:
    columns = tuple(Column(name) for name in ("指标", "b", "很长的列名很长的列名", "d"))
    table = Table("t", columns, tuple(Row(tuple(cells)) for cells in rows))
    resolved = resolve(sample_document(blocks=(table,))).blocks[0]
    assert isinstance(resolved, Table)
    shares = column_shares(resolved, width)
    assert sum(shares) == pytest.approx(1)
    assert min(shares) > 0


def test_headings_are_found_inside_landscape_pages() -> None:
    assert [str(heading.text) for heading in headings(resolve(sample_document()).blocks)][4] == "横向"


def test_names_fall_back_to_chinese() -> None:
    document = sample_document("en", blocks=(Paragraph(Name("只有中文")),))
    assert plain_text(resolve(document).blocks[0].content) == "只有中文"  # type: ignore[union-attr]

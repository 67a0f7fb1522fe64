"""The PDF writer: pages, fonts, contents, captions, hostile text, nothing outside the page."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from pypdf import PdfReader
from report_samples import HOSTILE, pdf_text, sample_document, sample_pdf, sample_table, squeezed, words_of

from qingyuan.report.fonts import ensure_fonts
from qingyuan.report.pdf import TEMPLATE, PdfFailed, pdf_bytes, svg_to_png, write_pdf
from qingyuan.report.resolve import clean
from qingyuan.report.tree import (
    BulletList,
    Callout,
    Column,
    Figure,
    Formula,
    Heading,
    KeyValue,
    Missing,
    Paragraph,
    Row,
    Table,
)
from qingyuan.report.typesetting import Job, TypesettingFailed, run

MARGIN_MM = 25


def test_it_opens_and_says_what_it_is() -> None:
    reader = PdfReader(io.BytesIO(sample_pdf()))
    assert 7 <= len(reader.pages) <= 12
    assert reader.metadata is not None
    assert reader.metadata.title == "测试报告"
    assert reader.metadata.author == "Qingyuan 清源"
    assert str(reader.metadata.get("/CreationDate", "")).startswith("D:20261122")
    assert reader.trailer["/Root"]["/Lang"] in ("zh", "zh-CN")


def test_all_fonts_are_embedded() -> None:
    checked = 0
    for page in PdfReader(io.BytesIO(sample_pdf())).pages:
        for reference in page["/Resources"].get("/Font", {}).values():
            font = reference.get_object()
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            descriptor = inner["/FontDescriptor"].get_object()
            assert any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")), font["/BaseFont"]
            checked += 1
    assert checked


def test_words_of_every_block_are_there() -> None:
    text = squeezed("".join(pdf_text(sample_pdf())))
    expected = (
        "测试报告 某某厂 评价时段 结论。 目录 第一章企业概况 1.1基本情况 表1-1样表 图1-1分场所用电 附录A来源 "
        "表A-1 小字。 第一条注。 1,060tCO₂ 单位产品综合能耗 2022年用电量 末段。"
    )
    for words in expected.split():
        assert words in text, words


def test_contents_hold_the_right_pages() -> None:
    pages = [squeezed(page) for page in pdf_text(sample_pdf())]
    contents = next(page for page in pages if page.startswith("测试报告目录") or "目录摘要" in page)
    for heading, line in (("第二章第二个", r"第二章第二个[.…·]*(\d+)"), ("附录A来源", r"附录A来源[.…·]*(\d+)")):
        found = re.search(line, contents)
        assert found, contents
        assert heading in pages[int(found[1].rstrip("第")) - 1]


def test_pages_are_counted() -> None:
    pages = [squeezed(page) for page in pdf_text(sample_pdf())]
    assert "共" not in pages[0]  # the title page has no number
    for number, page in enumerate(pages[1:], start=2):
        assert f"第{number}页共{len(pages)}页" in page


def test_bookmarks_and_links() -> None:
    reader = PdfReader(io.BytesIO(sample_pdf()))
    titles = [squeezed(str(entry["/Title"])) for entry in reader.outline if isinstance(entry, dict)]
    assert "第一章企业概况" in titles
    links = sum(
        1 for page in reader.pages for note in page.get("/Annots", []) if note.get_object().get("/Subtype") == "/Link"
    )
    assert links == 3 + 7  # three references and the lines of the contents


def alternatives(node: object, found: list[str]) -> list[str]:
    """The alternative texts in the structure tree of a tagged PDF."""
    node = node.get_object() if hasattr(node, "get_object") else node  # type: ignore[attr-defined]
    if isinstance(node, list):
        for part in node:
            alternatives(part, found)
    elif isinstance(node, dict):
        if "/Alt" in node:
            found.append(str(node["/Alt"]))
        if "/K" in node:
            alternatives(node["/K"], found)
    return found


def test_pictures_have_a_text_for_the_blind() -> None:
    root = PdfReader(io.BytesIO(sample_pdf())).trailer["/Root"]["/StructTreeRoot"]
    assert any("一车间 311,663" in text.replace("\u00a0", " ") for text in alternatives(root, []))


def test_the_same_document_gives_the_same_bytes() -> None:
    assert pdf_bytes(sample_document()) == sample_pdf()


def test_demonstration_data_say_so_on_every_page() -> None:
    data = pdf_bytes(sample_document(banner="演示数据：不得用于申报", watermark="演示数据"))
    for page in pdf_text(data):
        assert "演示数据：不得用于申报" in squeezed(page)
        assert squeezed(page).count("演示数据") >= 2


@pytest.mark.parametrize("size", [300])
def test_a_long_table_repeats_its_heading_on_every_page(size: int) -> None:
    document = sample_document(title="", blocks=(Heading(1, "章"), sample_table(size)))
    pages = [squeezed(page) for page in pdf_text(pdf_bytes(document))]
    assert len(pages) >= 8
    for number, page in enumerate(pages):
        assert "序号指标" in page, number
        assert ("续表1-1" in page) == (number > 0)
        assert "生产工艺" in page  # the group's name as well
    text = "".join(pages)
    assert text.count("row-note") == size // 3
    assert text.count("第一条注。") == 1


def everything(text: str) -> tuple[object, ...]:
    """Every block with the same text in every place where a text can stand."""
    columns = (Column(text[:60]), Column("值", unit=text[:40], align="right"), Column("c", align="decimal"))
    return (
        Heading(1, text[:200], label="h"),
        Heading(2, text[:200]),
        Paragraph((text, text)),
        BulletList((text[:500],)),
        KeyValue(((text[:100], text[:500]),)),
        Missing(text[:500], (text[:500],)),
        Callout(text[:500], title=text[:100]),
        Formula(text[:300], ((text[:20], text[:100]),), label="f"),
        Table(
            text[:200], columns, (Row((text, text[:300], "1.5")), Row((text[:50], text[:50], text[:30]))), notes=(text,)
        ),
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_set_as_text_and_stays_on_the_page(text: str, tmp_path: Path) -> None:
    document = sample_document(
        title=text[:100], subtitle=text[:100], header=text[:300], notice=text[:300], cover=((text[:50], text[:200]),),
        banner=text[:40], publisher=text[:100], keywords=(text[:50],), subject=text[:100], blocks=everything(text),
    )  # fmt: skip
    data = pdf_bytes(document)
    shown = squeezed(ensure_fonts().readable(clean(text)))[:40]
    whole = squeezed("".join(pdf_text(data)))
    if not any("\u0590" <= sign <= "\u08ff" for sign in text):  # extraction reorders right-to-left text
        assert shown[:20] in whole
    for width, height, words in words_of(data, tmp_path):
        for word in words:
            assert word.left >= MARGIN_MM / 25.4 * 72 - 12, word
            assert word.right <= width - MARGIN_MM / 25.4 * 72 + 12, word
            assert word.top >= 0, word
            assert word.bottom <= height, word


def test_nothing_leaves_the_page(tmp_path: Path) -> None:
    for width, height, words in words_of(sample_pdf(), tmp_path):
        assert words
        for word in words:
            assert word.left >= MARGIN_MM / 25.4 * 72 - 3, word
            # a closing bracket may hang over by its empty half
            assert word.right <= width - MARGIN_MM / 25.4 * 72 + (7 if word.text.endswith("）") else 3), word
            assert 0 <= word.top <= word.bottom <= height, word


def test_points_stand_below_each_other(tmp_path: Path) -> None:
    columns = (Column("名"), Column("数值", align="decimal"))
    values = ("1.5", "12.25", "123.125", "7")
    table = Table("t", columns, tuple(Row((name, value)) for name, value in zip("甲乙丙丁", values, strict=True)))
    pages = words_of(pdf_bytes(sample_document(title="", blocks=(table,))), tmp_path)
    found = {word.text: word for _, _, words in pages for word in words}
    digit = (found["123.125"].right - found["123.125"].left) / 6.5
    points = [found[value].right - digit * len(value.partition(".")[2]) for value in values[:3]]
    assert max(points) - min(points) < digit * 0.4
    assert found["7"].right < points[0] + digit * 0.1


def test_an_empty_document_has_a_page() -> None:
    assert len(pdf_text(pdf_bytes(sample_document(title="", blocks=())))) == 1


def test_pictures_for_word_files_have_the_asked_width() -> None:
    from PIL import Image

    chart = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="5"><rect width="10" height="5" fill="#f00"/></svg>'
    )
    first, second = svg_to_png([(chart, 25.4), (chart, 50.8)])
    assert Image.open(io.BytesIO(first)).size == pytest.approx((220, 110), abs=2)
    assert Image.open(io.BytesIO(second)).size == pytest.approx((440, 220), abs=2)
    assert svg_to_png([]) == []


def test_a_picture_that_is_no_svg_is_an_error_with_words() -> None:
    with pytest.raises(PdfFailed, match="生成 PDF 失败"):
        pdf_bytes(sample_document(blocks=(Figure("c", "not svg", "alt"),)))


def test_the_template_uses_nothing_from_the_net_or_the_disk() -> None:
    source = TEMPLATE.read_text(encoding="utf-8")
    assert "@preview" not in source
    assert "#import" not in source
    assert "read(" not in source
    assert "eval(" not in source


def test_typesetting_reads_no_file_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    job = Job(f'#read("{tmp_path}/secret.txt")', {}, "pdf", str(TEMPLATE.parent), day="2026-01-01")
    with pytest.raises(TypesettingFailed):
        run(job)


def test_the_folder_that_one_works_in_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("typst", "json", "qingyuan"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken')")
    monkeypatch.chdir(tmp_path)
    assert pdf_bytes(sample_document()) == sample_pdf()


def test_writing_to_a_file(tmp_path: Path) -> None:
    write_pdf(sample_document(), tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_bytes() == sample_pdf()

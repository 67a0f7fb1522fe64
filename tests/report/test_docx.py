"""The DOCX writer: a clean package, named styles, fonts for Chinese, fields, tables, hostile text."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import docx
import pytest
from report_samples import HOSTILE, made_result, sample_document, sample_docx, sample_table, squeezed

from qingyuan.language import Language
from qingyuan.report.docx import docx_bytes, write_docx
from qingyuan.report.first_report import first_report
from qingyuan.report.resolve import clean
from qingyuan.report.tree import (
    Column,
    Document,
    Figure,
    Heading,
    LandscapeSection,
    PageBreak,
    Paragraph,
    Row,
    Run,
    Table,
)

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"


def part(data: bytes, name: str) -> ET.Element:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return ET.fromstring(package.read(name))


def body(data: bytes) -> ET.Element:
    return part(data, "word/document.xml")


def text_of(element: ET.Element) -> str:
    return "".join(
        node.text or "" if node.tag in (f"{W}t", f"{M}t") else "\n"
        for node in element.iter()
        if node.tag in (f"{W}t", f"{M}t", f"{W}br")
    )


def style_of(paragraph: ET.Element) -> str:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return "" if style is None else style.get(f"{W}val") or ""


def test_it_opens_and_says_what_it_is() -> None:
    properties = docx.Document(io.BytesIO(sample_docx())).core_properties
    assert properties.title == "测试报告"
    assert properties.author == properties.last_modified_by == "Qingyuan 清源"
    assert properties.comments == ""
    assert properties.created is not None
    assert properties.created.date().isoformat() == "2026-11-22"
    assert properties.language == "zh-CN"


def test_nothing_of_the_template_stays() -> None:
    with zipfile.ZipFile(io.BytesIO(sample_docx())) as package:
        names = package.namelist()
        everything = b"".join(package.read(name) for name in names if name.endswith((".xml", ".rels"))).decode("utf-8")
    assert not [name for name in names if re.search("thumbnail|customXml|theme|stylesWithEffects|webSettings", name)]
    for leftover in ("python-docx", "Macintosh", "Normal.dotm", "Light Shading", "Theme=", "asciiTheme", "ja-JP"):
        assert leftover not in everything, leftover


def test_every_style_names_a_chinese_font_and_no_theme() -> None:
    styles = part(sample_docx(), "word/styles.xml")
    fonts = {node.get(f"{W}eastAsia") for node in styles.iter(f"{W}rFonts")}
    assert {"仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体"} <= fonts
    assert None not in fonts
    table = part(sample_docx(), "word/fontTable.xml")
    instead = {
        font.get(f"{W}name"): font.find(f"{W}altName").get(f"{W}val")  # type: ignore[union-attr]
        for font in table
        if font.find(f"{W}altName") is not None
    }
    assert "FangSong" in (instead["仿宋_GB2312"] or "")


def test_all_used_styles_and_lists_exist() -> None:
    data = sample_docx()
    styles = {node.get(f"{W}styleId") for node in part(data, "word/styles.xml").iter(f"{W}style")}
    used = {node.get(f"{W}val") for tag in ("pStyle", "rStyle", "tblStyle") for node in body(data).iter(f"{W}{tag}")}
    assert used <= styles
    numbers = {node.get(f"{W}numId") for node in part(data, "word/numbering.xml").iter(f"{W}num")}
    lists = {node.get(f"{W}val") for node in body(data).iter(f"{W}numId")}
    assert lists - {"0"} <= numbers
    assert len({node.get(f"{W}val") for node in body(data).iter(f"{W}numId")} - {"0", "2"}) == 2  # two numbered lists


def test_properties_of_paragraphs_stand_in_the_order_of_the_schema() -> None:
    names = "pStyle keepNext keepLines pageBreakBefore numPr pBdr shd tabs spacing ind jc outlineLvl sectPr"
    order = names.split()
    data = docx_bytes(first_report(made_result(), "zh"))
    for name in ("word/document.xml", "word/styles.xml"):
        for properties in part(data, name).iter(f"{W}pPr"):
            ranks = [order.index(child.tag.removeprefix(W)) for child in properties]
            assert ranks == sorted(ranks)


def test_parts_keep_the_order_of_the_schema() -> None:
    data = docx_bytes(first_report(made_result(), "zh"))
    orders = {
        "tblPr": "tblStyle tblW jc tblInd tblBorders tblLayout tblCellMar tblLook",
        "tcPr": "tcW gridSpan tcBorders shd vAlign tblHeader",
        "rPr": "rStyle rFonts b bCs i iCs noProof color kern sz szCs vertAlign lang",
        "lvl": "start numFmt pStyle isLgl suff lvlText lvlJc pPr rPr",
        "settings": "zoom defaultTabStop characterSpacingControl updateFields compat themeFontLang decimalSymbol "
        "listSeparator",
        "style": "name basedOn next semiHidden qFormat pPr rPr tblPr tblStylePr",
    }
    for name in ("document", "styles", "numbering", "settings"):
        root = part(data, f"word/{name}.xml")
        for tag, order in orders.items():
            for element in root.iter(f"{W}{tag}"):
                ranks = [order.split().index(child.tag.removeprefix(W)) for child in element]
                assert ranks == sorted(ranks), (name, tag, [child.tag for child in element])


def test_the_contents_are_filled_and_will_be_brought_up_to_date() -> None:
    settings = part(sample_docx(), "word/settings.xml")
    assert settings.find(f"{W}updateFields") is not None
    codes = [node.text or "" for node in body(sample_docx()).iter(f"{W}instrText")]
    assert any(code.strip().startswith('TOC \\o "1-2"') for code in codes)
    lines = [text_of(paragraph) for paragraph in body(sample_docx()).iter(f"{W}p") if style_of(paragraph)[:3] == "TOC"]
    assert lines[0] == "目录"
    assert [line.strip() for line in lines[1:]] == [
        "摘要", "第一章  企业概况", "1.1  基本情况", "1.2  横向", "第二章  第二个", "附录 A  来源", "A.1  方法",
    ]  # fmt: skip
    marks = [node.get(f"{W}name") for node in body(sample_docx()).iter(f"{W}bookmarkStart")]
    assert len(marks) == len(set(marks))
    wanted = {node.get(f"{W}anchor") for node in body(sample_docx()).iter(f"{W}hyperlink")}
    assert wanted <= set(marks)


def test_fields_are_balanced() -> None:
    with zipfile.ZipFile(io.BytesIO(sample_docx())) as package:
        for name in package.namelist():
            if name.startswith("word/") and name.endswith(".xml"):
                kinds = [node.get(f"{W}fldCharType") for node in ET.fromstring(package.read(name)).iter(f"{W}fldChar")]
                assert kinds.count("begin") == kinds.count("separate") == kinds.count("end")


def test_captions_count_by_fields() -> None:
    codes = [(node.text or "").strip() for node in body(sample_docx()).iter(f"{W}instrText")]
    assert codes.count("SEQ Table \\* ARABIC \\r 1") == 2  # a chapter and an appendix begin to count
    assert codes.count("SEQ Table \\* ARABIC") == 1
    assert codes.count("SEQ Figure \\* ARABIC \\r 1") == 1
    text = squeezed(text_of(body(sample_docx())))
    assert "表1-1样表" in text
    assert "图1-1分场所用电" in text
    assert "表A-1样表" in text


def test_heads_and_feet() -> None:
    document = docx.Document(io.BytesIO(sample_docx()))
    first = document.sections[0]
    assert first.different_first_page_header_footer
    assert "测试报告" in first.header.paragraphs[-1].text
    assert first.first_page_footer.paragraphs[0].text == ""
    codes = [(node.text or "").strip() for node in first.footer._element.iter(f"{W}instrText")]
    assert codes == ["PAGE", "NUMPAGES"]


def test_landscape_pages_turn_and_turn_back() -> None:
    document = docx.Document(io.BytesIO(sample_docx()))
    sizes = [(section.page_width.mm, section.page_height.mm) for section in document.sections]  # type: ignore[union-attr]
    assert [(round(width), round(height)) for width, height in sizes] == [(210, 297), (297, 210), (210, 297)]
    assert [section.different_first_page_header_footer for section in document.sections] == [True, False, False]


def test_tables_have_fixed_widths_and_repeat_their_heading() -> None:
    tables = list(body(sample_docx()).iter(f"{W}tbl"))
    checked = 0
    for table in tables:
        layout = table.find(f"{W}tblPr/{W}tblLayout")
        assert layout is not None
        assert layout.get(f"{W}type") == "fixed"
        grid = [int(column.get(f"{W}w") or 0) for column in table.findall(f"{W}tblGrid/{W}gridCol")]
        for row in table.findall(f"{W}tr"):
            cells = row.findall(f"{W}tc")
            widths = [int(cell.find(f"{W}tcPr/{W}tcW").get(f"{W}w") or 0) for cell in cells]  # type: ignore[union-attr]
            assert widths in (grid, [sum(grid)])
        style = table.find(f"{W}tblPr/{W}tblStyle")
        if style is not None and style.get(f"{W}val") == "ThreeLineTable":
            heads = [row.find(f"{W}trPr/{W}tblHeader") is not None for row in table.findall(f"{W}tr")]
            assert heads == [True] + [False] * (len(heads) - 1)
            checked += 1
    assert checked == 3


def test_long_rows_may_break_and_short_ones_may_not() -> None:
    table = Table("t", (Column("a"),), (Row(("短",)), Row(("长" * 4000,))))
    rows = list(body(docx_bytes(sample_document(blocks=(table,)))).iter(f"{W}tr"))[-2:]
    assert [row.find(f"{W}trPr/{W}cantSplit") is not None for row in rows] == [True, False]


def test_pictures_have_a_text_for_the_blind() -> None:
    pictures = list(body(sample_docx()).iter(f"{WP}docPr"))
    assert len(pictures) == 1
    assert "一车间 311,663" in (pictures[0].get("descr") or "").replace("\u00a0", " ")
    with zipfile.ZipFile(io.BytesIO(sample_docx())) as package:
        assert [name for name in package.namelist() if name.endswith(".png")]


def test_formulae_are_word_formulae() -> None:
    assert list(body(sample_docx()).iter(f"{M}oMath"))
    assert list(body(sample_docx()).iter(f"{M}f"))


def test_demonstration_data_say_so_on_every_page() -> None:
    document = docx.Document(io.BytesIO(docx_bytes(sample_document(banner="演示数据：勿用", watermark="演示数据"))))
    first = document.sections[0]
    for head in (first.header, first.first_page_header):
        assert "演示数据：勿用" in "".join(paragraph.text for paragraph in head.paragraphs)
        assert 'string="演示数据"' in head._element.xml
    for section in list(document.sections)[1:]:
        assert section.header.is_linked_to_previous


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_written_as_text(text: str) -> None:
    columns = (Column(text[:60]), Column("值", unit=text[:40], align="decimal"))
    blocks = (
        Heading(1, text[:200], label="h"),
        Paragraph((text, Run(text, bold=True))),
        Table(text[:200], columns, (Row((text, text)),), notes=(text,)),
    )
    document = sample_document(
        title=text[:100], header=text, banner=text, watermark=text, cover=((text, text),), publisher=text,
        keywords=(text,), subject=text, notice=text, blocks=blocks,
    )  # fmt: skip
    data = docx_bytes(document)
    opened = docx.Document(io.BytesIO(data))
    assert opened.tables[-1].rows[1].cells[0].text == clean(text)
    tags = {element.tag for element in body(data).iter()}
    assert not any("script" in tag or "image" in tag for tag in tags)


def test_page_breaks_do_not_pile_up() -> None:
    document = sample_document(
        blocks=(Paragraph("a"), PageBreak(), Heading(1, "b"), Paragraph("c"), PageBreak(), Paragraph("d"))
    )
    breaks = [node for node in body(docx_bytes(document)).iter(f"{W}br") if node.get(f"{W}type") == "page"]
    assert len(breaks) == 2  # after the title page, and before d; the chapter begins a page by its style


@pytest.mark.parametrize("code", ["zh", "en"])
def test_the_first_report_in_word_and_its_pages(code: Language, tmp_path: Path) -> None:
    """The file converts to a PDF of a sane number of pages, in the order of the chapters."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed: the Word file is not drawn")
    write_docx(first_report(made_result(), code), tmp_path / "report.docx")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [
        office,
        profile,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "report.docx"),
    ]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    if not (tmp_path / "report.pdf").exists():
        pytest.skip(f"LibreOffice did not convert: {done.stderr[:200]!r}")
    from pypdf import PdfReader

    assert 15 <= len(PdfReader(tmp_path / "report.pdf").pages) <= 60


def test_a_document_of_nothing() -> None:
    document: Document = sample_document(title="", blocks=())
    assert docx.Document(io.BytesIO(docx_bytes(document))).paragraphs == []


def test_a_landscape_section_at_the_end() -> None:
    document = sample_document(blocks=(Paragraph("a"), LandscapeSection((sample_table(),))))
    sections = docx.Document(io.BytesIO(docx_bytes(document))).sections
    assert [round(section.page_width.mm) for section in sections] == [210, 297]  # type: ignore[union-attr]


def test_two_equal_pictures_are_drawn_once() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="5"><rect width="10" height="5"/></svg>'
    data = docx_bytes(sample_document(blocks=(Figure("a", svg, "x"), Figure("b", svg, "y"))))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert len([name for name in package.namelist() if name.endswith(".png")]) == 1

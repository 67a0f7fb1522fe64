"""A report as an editable Word file (DOCX), from the same resolved tree as the PDF.

Named styles; chapters numbered by Word; a table of contents that is filled when the file is made and brought up to
date when it is opened; captions with sequence fields; heading rows repeated on every page; charts as pictures with a
text for the blind. Made with python-docx; nothing of its default template stays.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import docx as python_docx
from docx.enum.section import WD_ORIENT
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.oxml.shape import CT_Inline
from docx.shared import Mm, Pt

from qingyuan.language import language, phrases, tr
from qingyuan.report import docx_parts as parts
from qingyuan.report import formulae
from qingyuan.report.docx_math import equation
from qingyuan.report.docx_xml import (
    Element,
    cell_of,
    el,
    field_marks,
    field_of,
    insert_property,
    list_of,
    replace_root,
    rows_of,
    run_of,
    run_xml,
    split_fields,
)
from qingyuan.report.fonts import FontChoice
from qingyuan.report.pdf import LONG_CELL, svg_to_png
from qingyuan.report.resolve import (
    DENSE_PT,
    FINE_PT,
    TABLE_PT,
    decimal_parts,
    headings,
    key_share,
    plain_text,
    resolve,
    runs,
    type_size,
)
from qingyuan.report.tree import (
    Appendices,
    Block,
    BulletList,
    Callout,
    Column,
    Contents,
    Document,
    Figure,
    Form,
    Formula,
    GroupRow,
    Heading,
    KeyValue,
    LandscapeSection,
    Missing,
    PageBreak,
    PageTitle,
    Paragraph,
    Row,
    Run,
    Table,
)

_TABLE_STYLES = {TABLE_PT: "TableText", DENSE_PT: "TableTextDense", FINE_PT: "TableTextFine"}
TEXT_MM, LANDSCAPE_MM = 160.0, 247.0
_DIGIT_EM, _POINT_EM = 0.5, 0.25  # widths of a digit and of a point in Times New Roman
# Between the number of a caption and its words.
_GAP = {"zh": "\u3000", "en": "\u2003"}
_TONES = {"note": parts.BLUE, "good": "2A7D5F", "warning": "B7791F", "bad": parts.RED}


def write_docx(document: Document, path: Path, fonts: FontChoice | None = None) -> None:
    """Write a report as DOCX. Raises ``fonts.FontMissing`` where charts could not be drawn for want of a font."""
    path.write_bytes(docx_bytes(document, fonts))


def docx_bytes(document: Document, fonts: FontChoice | None = None) -> bytes:
    """The report as the bytes of a DOCX file."""
    writer = _Writer(resolve(document), fonts)
    with language(document.language):
        writer.write()
    stream = io.BytesIO()
    writer.word.save(stream)
    return stream.getvalue()


class _Writer:
    """Puts the blocks of a resolved document into a fresh package."""

    def __init__(self, document: Document, fonts: FontChoice | None) -> None:
        self.document = document
        self.fonts = fonts
        self.word = python_docx.Document()
        self.body: Element = self.word.element.body
        self.width = TEXT_MM
        self.appendix = False
        self.ordered = 0
        self.marks = 0  # bookmarks so far
        self.drawn = 0  # pictures so far
        self.anchors: dict[str, str] = {}
        self.pictures: dict[tuple[str, float], bytes] = {}
        self.heading_marks = [f"_Toc{100000 + at}" for at in range(len(headings(document.blocks)))]
        self.heading_at = 0

    # --- the package ---

    def write(self) -> None:
        self._clear_template()
        self._properties()
        section = self.word.sections[0]
        _portrait(section)
        section.different_first_page_header_footer = True
        self._headers(section)
        wanted = list(dict.fromkeys(_pictures(self.document.blocks, TEXT_MM)))
        self.pictures = dict(zip(wanted, svg_to_png(wanted, self.fonts), strict=True))
        self._cover()
        self._blocks(self.document.blocks)
        numbering = self.word.part.numbering_part
        replace_root(numbering.element, parts.numbering_xml(self.document.language, self.ordered))

    def _clear_template(self) -> None:
        main = self.word.part
        replace_root(main.styles.element, parts.styles_xml(self.document.language))
        replace_root(main.settings.element, parts.settings_xml(self.document.language))
        for part, unwanted in (
            (main, (RT.THEME, RT.CUSTOM_XML, RT.WEB_SETTINGS, "stylesWithEffects")),
            (main.package, (RT.THUMBNAIL,)),
        ):
            for id, rel in list(part.rels.items()):
                if any(rel.reltype.endswith(kind) for kind in unwanted):
                    del part.rels[id]
        main.part_related_by(RT.FONT_TABLE)._blob = parts.font_table_xml().encode("utf-8")
        main.package.part_related_by(RT.EXTENDED_PROPERTIES)._blob = parts.app_xml().encode("utf-8")
        for element in list(self.body):
            if element.tag != qn("w:sectPr"):
                self.body.remove(element)

    def _properties(self) -> None:
        properties = self.word.core_properties
        stamp = dt.datetime.combine(self.document.date, dt.time(4))  # noon in China, in UTC
        properties.title = str(self.document.title)[:255]  # the format allows no more
        properties.subject = str(self.document.subject)[:255]
        properties.author = str(self.document.publisher)[:255]
        properties.last_modified_by = str(self.document.publisher)[:255]
        properties.keywords = str(phrases(self.document.keywords))[:255]
        properties.comments = ""
        properties.category = ""
        properties.language = "zh-CN" if self.document.language == "zh" else "en"
        properties.created = properties.modified = stamp
        properties.revision = 1

    def _headers(self, section: Any) -> None:
        banner, mark = str(self.document.banner), str(self.document.watermark)
        for header, first in ((section.first_page_header, True), (section.header, False)):
            header.is_linked_to_previous = False
            element = header._element
            for child in list(element):
                element.remove(child)
            if banner:
                element.append(self._paragraph("Banner", [Run(banner)]))
            last = self._paragraph(
                "Header" if not first else "Banner", [] if first else [Run(str(self.document.header))]
            )
            if mark:
                last.append(parse_xml(parts.watermark_xml(mark)))
            element.append(last)
        for footer, first in ((section.first_page_footer, True), (section.footer, False)):
            footer.is_linked_to_previous = False
            element = footer._element
            for child in list(element):
                element.remove(child)
            line = self._paragraph("Footer", [])
            if not first:
                for piece in split_fields(tr("第 {x} 页 共 {y} 页")):
                    if piece in ("{x}", "{y}"):
                        for part in field_of("PAGE" if piece == "{x}" else "NUMPAGES", "1"):
                            line.append(part)
                    else:
                        line.append(run_of(Run(piece)))
            element.append(line)

    def _cover(self) -> None:
        document = self.document
        if not str(document.title):
            return
        self._add(self._paragraph("Title", [Run(str(document.title))]))
        if str(document.edition):
            self._add(self._paragraph("Edition", [Run(str(document.edition))]))
        self._add(self._paragraph("Subtitle", [Run(str(document.subtitle))]))
        if document.cover:
            rows = [(Run(str(key)), (Run(str(value)),)) for key, value in document.cover]
            self._add(self._pairs(rows, "CoverLine", 0.82))
        for at, line in enumerate(document.seal):
            self._add(self._paragraph("SealFirst" if at == 0 else "Seal", [Run(str(line))]))
        if str(document.notice):
            self._add(self._paragraph("CoverNotice", [Run(str(document.notice))]))
        first = next((block for block in document.blocks if not isinstance(block, PageBreak | Appendices)), None)
        if not _begins_page(first):
            self._page_break()

    # --- blocks ---

    def _blocks(self, blocks: Iterable[Block]) -> None:
        sequence = list(blocks)
        for at, block in enumerate(sequence):
            following = sequence[at + 1] if at + 1 < len(sequence) else None
            if isinstance(block, PageBreak):
                if not _begins_page(following) and not isinstance(following, LandscapeSection):
                    self._page_break()
            elif isinstance(block, LandscapeSection):
                self._landscape(block, last=following is None)
            else:
                self._block(block)

    def _landscape(self, section: LandscapeSection, *, last: bool) -> None:
        turned = self.word.add_section()
        turned.different_first_page_header_footer = False
        _portrait(turned)
        turned.orientation = WD_ORIENT.LANDSCAPE
        turned.page_width, turned.page_height = Mm(297), Mm(210)
        self.width = LANDSCAPE_MM
        self._blocks(section.blocks)
        self.width = TEXT_MM
        if not last:
            upright = self.word.add_section()
            upright.different_first_page_header_footer = False
            upright.orientation = WD_ORIENT.PORTRAIT
            _portrait(upright)

    def _block(self, block: Block) -> None:
        if isinstance(block, Heading):
            self._heading(block)
        elif isinstance(block, Paragraph):
            style = "BodyText"
            self._add(
                self._paragraph(style, runs(block.content), align="" if block.align == "justify" else block.align)
            )
        elif isinstance(block, BulletList):
            self._list(block)
        elif isinstance(block, Table):
            self._table(block)
        elif isinstance(block, Figure):
            self._figure(block)
        elif isinstance(block, KeyValue):
            self._add(self._pairs([(Run(str(key)), runs(value)) for key, value in block.rows], "TableText", 1.0))
            self._add(self._paragraph("TableNote", []))
        elif isinstance(block, Formula):
            self._formula(block)
        elif isinstance(block, Missing):
            lines = [Run(f"{tr('缺')}  ", bold=True), Run(str(block.what))]
            lines += [Run(f"\n· {need}") for need in block.needs]
            self._add(self._paragraph("Missing", lines))
        elif isinstance(block, Callout):
            self._callout(block)
        elif isinstance(block, Form):
            self._form(block)
        elif isinstance(block, PageTitle):
            self._add(self._paragraph("PageTitle", [Run(str(block.text))]))
        elif isinstance(block, Contents):
            self._contents(block)
        else:
            assert isinstance(block, Appendices)
            self.appendix = True

    def _heading(self, heading: Heading) -> None:
        paragraph = self._paragraph(f"Heading{heading.level}", [Run(str(heading.text))])
        properties = paragraph.find(qn("w:pPr"))
        if not heading.number:
            list_of(properties, 0, 0)
        elif self.appendix:
            list_of(properties, parts.APPENDICES, heading.level - 1)
        self._bookmark(paragraph, self.heading_marks[self.heading_at])
        self.heading_at += 1
        if heading.label:
            self._bookmark(paragraph, self._anchor(heading.label))
        self._add(paragraph)

    def _list(self, block: BulletList) -> None:
        if block.ordered:
            self.ordered += 1
        for item in block.items:
            paragraph = self._paragraph("ListNumber" if block.ordered else "ListBullet", runs(item))
            if block.ordered:
                list_of(paragraph.find(qn("w:pPr")), parts.ORDERED + self.ordered, 0)
            self._add(paragraph)

    def _caption(self, block: Table | Figure, kind: str) -> Element:
        """A caption whose last number is a sequence field that begins anew with every chapter."""
        paragraph = self._paragraph("Caption", [])
        head, dash, count = block.number.rpartition("-")
        if not dash:
            head, count = block.number.rstrip("0123456789"), block.number[len(block.number.rstrip("0123456789")) :]
        paragraph.append(run_of(Run(head + dash)))
        # Counting begins anew with a chapter by an explicit reset, which all word processors know.
        reset = " \\r 1" if count == "1" else ""
        for part in field_of(f"SEQ {kind} \\* ARABIC{reset}", count):
            paragraph.append(part)
        paragraph.append(run_of(Run(f"{_GAP[self.document.language]}{block.caption}")))
        if block.label:
            self._bookmark(paragraph, self._anchor(block.label))
        if kind == "Table":
            insert_property(paragraph.find(qn("w:pPr")), "w:keepNext")
        return paragraph

    def _figure(self, figure: Figure) -> None:
        width = self.width * figure.width
        relation, image = self.word.part.get_or_add_image(io.BytesIO(self.pictures[figure.svg, width]))
        self.drawn += 1
        size = image.scaled_dimensions(Mm(width), None)
        inline = CT_Inline.new_pic_inline(self.drawn, relation, f"picture-{self.drawn}.png", *size)
        inline.docPr.set("descr", str(figure.alt))
        inline.docPr.set("name", figure.number or "picture")
        paragraph = self._paragraph("Picture", [])
        drawing = el("w:drawing")
        drawing.append(inline)
        holder = el("w:r")
        holder.append(drawing)
        paragraph.append(holder)
        self._add(paragraph)
        self._add(self._caption(figure, "Figure"))

    def _formula(self, formula: Formula) -> None:
        paragraph = self._paragraph("Formula", [])
        paragraph.append(equation(formulae.parse(formula.expression)))
        if formula.number:
            number = f"（{formula.number}）" if self.document.language == "zh" else f"({formula.number})"
            paragraph.append(run_of(Run(f"\u2003\u2003{number}")))
            if formula.label:
                self._bookmark(paragraph, self._anchor(formula.label))
        self._add(paragraph)
        for sign, meaning in formula.where:
            line = self._paragraph("FormulaSymbol", [])
            line.append(equation(formulae.parse(sign)))
            line.append(run_of(Run(f"{'——' if self.document.language == 'zh' else ' – '}{meaning}")))
            self._add(line)

    def _callout(self, callout: Callout) -> None:
        for style, content, bold in (
            ("CalloutTitle", (Run(str(callout.title)),) if str(callout.title) else (), True),
            ("Callout", runs(callout.text), False),
        ):
            if bold and not content:
                continue
            paragraph = self._paragraph(style, content, colour=_TONES[callout.tone] if bold else "")
            if callout.tone != "note":
                border = el("w:pBdr", el("w:left", val="single", sz="24", space="8", color=_TONES[callout.tone]))
                insert_property(paragraph.find(qn("w:pPr")), border)
            self._add(paragraph)

    def _contents(self, contents: Contents) -> None:
        self._add(self._paragraph("TOCHeading", [Run(tr("目录"))]))
        entries = [
            (heading, mark)
            for heading, mark in zip(headings(self.document.blocks), self.heading_marks, strict=True)
            if heading.level <= contents.depth
        ]
        begin, instruction, separate, end = field_marks(f'TOC \\o "1-{contents.depth}" \\h \\z \\u')
        for at, (heading, mark) in enumerate(entries):
            paragraph = self._paragraph(f"TOC{heading.level}", [])
            if at == 0:
                for part in (begin, instruction, separate):
                    paragraph.append(part)
            link = el("w:hyperlink", anchor=mark, history="1")
            text = f"{heading.number}  {heading.text}" if heading.number else str(heading.text)
            link.append(run_of(Run(text)))
            link.append(el("w:r", el("w:tab")))
            for part in field_of(f"PAGEREF {mark} \\h", ""):
                link.append(part)
            paragraph.append(link)
            if at == len(entries) - 1:
                paragraph.append(end)
            self._add(paragraph)

    # --- tables ---

    def _table(self, table: Table) -> None:
        self._add(self._caption(table, "Table"))
        widths = _twips_of(table.widths, self.width)
        style = _TABLE_STYLES[type_size(table)]
        longest = [
            _longest_fraction(table, at) if column.align == "decimal" else "" for at, column in enumerate(table.columns)
        ]
        grid = self._grid(widths, "ThreeLineTable", header=True)
        grid.append(self._header_row(table.columns, widths, style))
        written = (
            self._group_row(row, widths, style)
            if isinstance(row, GroupRow)
            else self._row(row, table.columns, widths, style, longest)
            for row in table.rows
        )
        grid.extend(rows_of(written))
        self._add(grid)
        for at, note in enumerate(table.notes):
            lead = tr("注：") if at == 0 else ""
            self._add(self._paragraph("TableNote", [Run(lead), *runs(note)]))
        if not table.notes:
            self._add(self._paragraph("TableNote", []))

    def _grid(self, widths: list[int], style: str, *, header: bool = False, share: float = 1.0) -> Element:
        properties = el(
            "w:tblPr",
            el("w:tblStyle", val=style),
            el("w:tblW", w=str(sum(widths)), type="dxa"),
            el("w:jc", val="center"),
            el("w:tblLayout", type="fixed"),
            el(
                "w:tblLook",
                val="0020" if header else "0000",
                firstRow="1" if header else "0",
                lastRow="0",
                firstColumn="0",
                lastColumn="0",
                noHBand="1",
                noVBand="1",
            ),
        )
        return el("w:tbl", properties, el("w:tblGrid", *(el("w:gridCol", w=str(width)) for width in widths)))

    def _header_row(self, columns: tuple[Column, ...], widths: list[int], style: str) -> Element:
        cells = []
        for column, width in zip(columns, widths, strict=True):
            paragraph = self._paragraph(
                style, [Run(str(column.header), bold=True)], align="" if column.align == "left" else "center"
            )
            border = el("w:tcBorders", el("w:bottom", val="single", sz="6", space="0", color=parts.INK))
            shade = el("w:shd", val="clear", color="auto", fill=parts.PALE)
            cells.append(cell_of(width, paragraph, border, shade, el("w:vAlign", val="center")))
        return el("w:tr", el("w:trPr", el("w:cantSplit"), el("w:tblHeader")), *cells)

    def _group_row(self, row: GroupRow, widths: list[int], style: str) -> str:
        content = [Run(run.text, True, run.emphasis, run.script, run.link) for run in runs(row.text)]
        inside = self._runs_xml(content, parts.BLUE)
        return (
            f'<w:tr><w:trPr><w:cantSplit/></w:trPr><w:tc><w:tcPr><w:tcW w:w="{sum(widths)}" w:type="dxa"/>'
            f'<w:gridSpan w:val="{len(widths)}"/></w:tcPr><w:p><w:pPr><w:pStyle w:val="{style}"/><w:keepNext/></w:pPr>'
            f"{inside}</w:p></w:tc></w:tr>"
        )

    def _row(self, row: Row, columns: tuple[Column, ...], widths: list[int], style: str, longest: list[str]) -> str:
        cells, characters = [], 0
        colour = {"alert": parts.RED, "muted": parts.SOFT}.get(row.emphasis, "")
        for at, (content, column, width) in enumerate(zip(row.cells, columns, widths, strict=True)):
            text = plain_text(content)
            characters = max(characters, len(text))
            items = runs(content)
            if row.emphasis == "bold":
                items = tuple(Run(run.text, True, run.emphasis, run.script, run.link) for run in items)
            looks = f'<w:pStyle w:val="{style}"/>'
            if longest[at]:
                size = next(size for size, name in _TABLE_STYLES.items() if name == style)
                short = _fraction_width(longest[at]) - _fraction_width(decimal_parts(text)[1])
                looks += f'<w:ind w:right="{round(short * size * 20)}"/>'
            if column.align != "left":
                looks += f'<w:jc w:val="{"center" if column.align == "center" else "right"}"/>'
            cells.append(
                f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
                f"<w:p><w:pPr>{looks}</w:pPr>{self._runs_xml(items, colour)}</w:p></w:tc>"
            )
        properties = "" if characters > LONG_CELL else "<w:trPr><w:cantSplit/></w:trPr>"
        return f"<w:tr>{properties}{''.join(cells)}</w:tr>"

    def _runs_xml(self, items: Iterable[Run], colour: str) -> str:
        pieces = []
        for run in items:
            piece = run_xml(run, colour=colour) if str(run.text) else ""
            if piece and run.link:
                piece = f'<w:hyperlink w:anchor="{self._anchor(run.link)}" w:history="1">{piece}</w:hyperlink>'
            pieces.append(piece)
        return "".join(pieces)

    def _form(self, form: Form) -> None:
        widths = _twips_of(tuple(share / sum(form.shares) for share in form.shares), self.width)
        grid = self._grid(widths, "FormTable")
        for at, row in enumerate((form.headers, *form.rows)):
            cells = []
            for text, width in zip(row, widths, strict=True):
                paragraph = self._paragraph(
                    "TableText", [Run(str(text), bold=at == 0)], align="center" if at == 0 else ""
                )
                shade = [el("w:shd", val="clear", color="auto", fill=parts.PALE)] if at == 0 else []
                cells.append(cell_of(width, paragraph, *shade, el("w:vAlign", val="center")))
            height = el("w:trHeight", val=str(round(form.height * 20)), hRule="atLeast")
            grid.append(el("w:tr", el("w:trPr", el("w:cantSplit"), *([height] if at else [])), *cells))
        self._add(grid)
        self._add(self._paragraph("TableNote", []))

    def _pairs(self, rows: Iterable[tuple[Run, tuple[Run, ...]]], style: str, share: float) -> Element:
        listed = list(rows)
        size = 14.0 if style == "CoverLine" else 10.5
        width = self.width * share
        key = key_share([str(name.text) for name, _ in listed], width * 72 / 25.4, size)
        widths = _twips_of((key, 1 - key), width)
        grid = self._grid(widths, "PairsTable")
        for name, value in listed:
            grid.append(
                el(
                    "w:tr",
                    el("w:trPr", el("w:cantSplit")),
                    cell_of(widths[0], self._paragraph(style, [name], colour=parts.SOFT)),
                    cell_of(widths[1], self._paragraph(style, value)),
                )
            )
        return grid

    # --- pieces ---

    def _add(self, element: Element) -> None:
        self.body.insert(len(self.body) - 1, element)  # before the section's properties

    def _page_break(self) -> None:
        paragraph = self._paragraph("TableNote", [])
        paragraph.append(el("w:r", el("w:br", type="page")))
        self._add(paragraph)

    def _paragraph(self, style: str, content: Iterable[Run], *, align: str = "", colour: str = "") -> Element:
        properties = el("w:pPr", el("w:pStyle", val=style))
        if align:
            properties.append(el("w:jc", val=align))
        paragraph = el("w:p", properties)
        for run in content:
            if not str(run.text):
                continue
            piece = run_of(run, colour=colour)
            if run.link:
                link = el("w:hyperlink", anchor=self._anchor(run.link), history="1")
                link.append(piece)
                paragraph.append(link)
            else:
                paragraph.append(piece)
        return paragraph

    def _anchor(self, label: str) -> str:
        return self.anchors.setdefault(label, f"_Ref{200000 + len(self.anchors)}")

    def _bookmark(self, paragraph: Element, name: str) -> None:
        self.marks += 1
        at = 1 if paragraph.find(qn("w:pPr")) is not None else 0
        paragraph.insert(at, el("w:bookmarkStart", id=str(self.marks), name=name))
        paragraph.append(el("w:bookmarkEnd", id=str(self.marks)))


def _twips_of(shares: tuple[float, ...], width_mm: float) -> list[int]:
    total = round(width_mm / 25.4 * 1440)
    widths = [round(share * total) for share in shares]
    widths[-1] += total - sum(widths)
    return widths


def _longest_fraction(table: Table, index: int) -> str:
    fractions = (decimal_parts(plain_text(row.cells[index]))[1] for row in table.rows if isinstance(row, Row))
    return max(fractions, key=len, default="")


def _fraction_width(fraction: str) -> float:
    """Width of a decimal part (".25") in em."""
    return _POINT_EM + _DIGIT_EM * (len(fraction) - 1) if fraction else 0.0


def _pictures(blocks: Iterable[Block], width: float) -> Iterator[tuple[str, float]]:
    """Every picture with the width in millimetres that it will have."""
    for block in blocks:
        if isinstance(block, LandscapeSection):
            yield from _pictures(block.blocks, LANDSCAPE_MM)
        elif isinstance(block, Figure):
            yield block.svg, width * block.width


def _begins_page(block: Block | None) -> bool:
    return isinstance(block, Contents | PageTitle) or (isinstance(block, Heading) and block.level == 1)


def _portrait(section: Any) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(25)
    section.top_margin, section.bottom_margin = Mm(28), Mm(25)
    section.header_distance, section.footer_distance = Mm(14), Mm(13)
    section.gutter = Pt(0)

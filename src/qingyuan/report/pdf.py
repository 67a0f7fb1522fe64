"""A report as PDF (typst): the resolved tree goes to the template as data, never as markup.

Works offline: typst is a self-contained wheel, no package of its universe is used, fonts are embedded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from qingyuan.errors import QingyuanError
from qingyuan.language import language, message, tr
from qingyuan.report import formulae
from qingyuan.report.fonts import EMBEDDED_FALLBACK, FontChoice, ensure_fonts
from qingyuan.report.resolve import decimal_parts, key_share, plain_text, resolve, runs, type_size
from qingyuan.report.svg import FONTS as SVG_FONTS
from qingyuan.report.textwidth import text_width
from qingyuan.report.tree import (
    Appendices,
    Block,
    BulletList,
    Callout,
    Contents,
    Document,
    Figure,
    Form,
    Formula,
    GroupRow,
    Heading,
    Inlines,
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
from qingyuan.report.typesetting import Job, TypesettingFailed, run

TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
WIDEST_FORMULA = 300  # points
LONG_CELL = 260  # characters; a row with a longer cell may break over two pages
LONG_BOX = 700  # characters; a longer box may break over two pages
_DPI = 220
# A run of signs without a place to break a line: ids, addresses, hashes. A zero-width space lets the line break.
_UNBROKEN = re.compile(r"[^\s\u200b\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]{13,}")
_AFTER = re.compile(r"([/\\.\-_=&?@#:;,|+·])(?=[^\s/\\.\-_=&?@#:;,|+·0-9])")
_PIECE = 12


class PdfFailed(QingyuanError):
    """Typst could not set the report: a fault of the program, with typst's words."""

    def __init__(self, words: str) -> None:
        self.words = words
        super().__init__(words)

    def __str__(self) -> str:
        return str(message("生成 PDF 失败：{words}", words=self.words))


def write_pdf(document: Document, path: Path, fonts: FontChoice | None = None) -> None:
    """Write a report as PDF. Raises ``fonts.FontMissing`` where no Chinese font is found."""
    path.write_bytes(pdf_bytes(document, fonts))


def pdf_bytes(document: Document, fonts: FontChoice | None = None) -> bytes:
    """The report as the bytes of a PDF file, tagged, fonts embedded, dated with the document's date."""
    choice = fonts or ensure_fonts()
    data = template_data(resolve(document), choice)
    source = TEMPLATE.read_text(encoding="utf-8")
    return _typeset(source, {"report": json.dumps(data, ensure_ascii=False)}, choice, "pdf", document.date.isoformat())[
        0
    ]


def svg_to_png(pictures: Sequence[tuple[str, float]], fonts: FontChoice | None = None) -> list[bytes]:
    """Draw SVGs as PNG at 220 dots an inch, for files that cannot hold an SVG; each with its width in millimetres."""
    if not pictures:
        return []
    choice = fonts or ensure_fonts()
    listed = [{"svg": _drawable(svg, choice), "width": width} for svg, width in pictures]
    return _typeset(_PICTURES, {"pictures": json.dumps(listed, ensure_ascii=False)}, choice, "png", "")


_PICTURES = """#for picture in json(bytes(sys.inputs.pictures)) {
  page(width: picture.width * 1mm, height: auto, margin: 0pt, fill: white,
    image(bytes(picture.svg), format: "svg", width: 100%))
}
"""


def _drawable(svg: str, fonts: FontChoice) -> str:
    """An SVG in the family that the document is set in, without characters that no face draws."""
    return fonts.readable(svg.replace(SVG_FONTS, f"'{fonts.sans}',{SVG_FONTS}"))


def _typeset(
    source: str, inputs: dict[str, str], fonts: FontChoice, form: Literal["pdf", "png"], day: str
) -> list[bytes]:
    """Set a document with no folder to read from but that of the template."""
    try:
        return run(Job(source, inputs, form, str(TEMPLATE.parent), fonts.folders, _DPI, day))
    except TypesettingFailed as error:
        raise PdfFailed(str(error)) from error


# --- the resolved tree as plain data ---------------------------------------------------------------------------------


def template_data(document: Document, fonts: FontChoice) -> dict[str, Any]:
    """A resolved document as the plain data that the template reads."""
    writer = _Data(fonts, document)
    with language(document.language):
        return {
            "language": document.language,
            "look": {
                "serif": fonts.serif,
                "sans": fonts.sans,
                "bold": fonts.sans_bold,
                "serif_bold": fonts.serif_bold,
                "fallback": list(EMBEDDED_FALLBACK),
            },
            "title": writer.text(str(document.title)),
            "subtitle": writer.text(str(document.subtitle)),
            "edition": writer.text(str(document.edition)),
            "seal": [writer.text(str(line)) for line in document.seal],
            "cover_page": bool(str(document.title)),
            "cover": [[writer.text(str(key)), writer.text(str(value))] for key, value in document.cover],
            "cover_share": key_share([str(key) for key, _ in document.cover], 0.82 * 453.5, 11),
            "notice": writer.text(str(document.notice)),
            "banner": writer.text(str(document.banner)),
            "watermark": writer.text(str(document.watermark)),
            "header": writer.text(str(document.header)),
            "subject": str(document.subject),
            "keywords": [str(word) for word in document.keywords],
            "publisher": str(document.publisher),
            "date": [document.date.year, document.date.month, document.date.day],
            "page": tr("第 {x} 页 共 {y} 页"),
            "blocks": [writer.block(block) for block in document.blocks if not isinstance(block, Appendices)],
        }


def _labels(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, LandscapeSection):
            yield from _labels(block.blocks)
        elif isinstance(block, Heading | Table | Figure | Formula) and block.label:
            yield block.label


class _Data:
    """Turns blocks into plain data; links only to labels that stand in the document."""

    def __init__(self, fonts: FontChoice, document: Document) -> None:
        self.fonts = fonts
        self.tables = 0
        self.texts: dict[str, str] = {}  # texts as they are set: many stand in several places
        self.drawn: set[str] = set()  # characters that some face draws
        self.labels = {label: f"at-{number}" for number, label in enumerate(_labels(document.blocks))}

    def text(self, text: str) -> str:
        known = self.texts.get(text)
        if known is None:
            fresh = set(text) - self.drawn
            self.drawn.update(sign for sign in fresh if sign <= "~" or self.fonts.drawable(sign))
            drawable = text if fresh <= self.drawn else self.fonts.readable(text)
            known = self.texts[text] = _softened(drawable)
        return known

    def runs(self, content: Inlines | None) -> list[dict[str, Any]]:
        return [self.run(run) for run in runs(content)]

    def run(self, run: Run) -> dict[str, Any]:
        data: dict[str, Any] = {"t": self.text(str(run.text))}
        if run.bold:
            data["b"] = True
        if run.emphasis:
            data["e"] = True
        if run.script:
            data["s"] = run.script
        if run.link in self.labels:
            data["l"] = self.labels[run.link]
        return data

    def block(self, block: Block) -> dict[str, Any]:
        if isinstance(block, LandscapeSection):
            inner = [self.block(part) for part in block.blocks if not isinstance(part, Appendices)]
            return {"kind": "landscape", "blocks": inner}
        if isinstance(block, Heading):
            number, text = self.text(block.number), self.text(str(block.text))
            return {
                "kind": "heading",
                "level": block.level,
                "text": text,
                "number": number,
                "label": self.label(block.label),
            }
        if isinstance(block, Paragraph):
            return {"kind": "paragraph", "runs": self.runs(block.content), "align": block.align}
        if isinstance(block, BulletList):
            return {"kind": "list", "ordered": block.ordered, "items": [self.runs(item) for item in block.items]}
        if isinstance(block, Table):
            return self.table(block)
        if isinstance(block, Figure):
            return {
                "kind": "figure",
                "svg": _drawable(block.svg, self.fonts),
                "alt": str(block.alt),
                "width": block.width,
                **self.captioned(block),
            }
        if isinstance(block, KeyValue):
            rows = [{"key": self.text(str(key)), "runs": self.runs(value)} for key, value in block.rows]
            return {
                "kind": "pairs",
                "rows": rows,
                "share": key_share([str(key) for key, _ in block.rows], 453.5, 10.5),
            }
        if isinstance(block, Formula):
            where = [
                {"node": self.node(formulae.parse(sign)), "text": self.text(str(what))} for sign, what in block.where
            ]
            # A formula does not break; one that is too wide for a line is set as text.
            wide = text_width(block.expression, 12) > WIDEST_FORMULA
            node = None if wide else self.node(formulae.parse(block.expression))
            return {
                "kind": "formula",
                "node": node,
                "text": self.text(block.expression),
                "where": where,
                "number": block.number,
                "label": self.label(block.label),
            }
        if isinstance(block, Missing):
            needs = [self.text(str(need)) for need in block.needs]
            return {"kind": "missing", "tag": tr("缺"), "what": self.text(str(block.what)), "needs": needs}
        if isinstance(block, Callout):
            title = self.text(str(block.title))
            long = len(plain_text(block.text)) > LONG_BOX
            return {"kind": "callout", "tone": block.tone, "title": title, "runs": self.runs(block.text), "long": long}
        if isinstance(block, Contents):
            return {"kind": "contents", "depth": block.depth, "title": tr("目录")}
        if isinstance(block, Form):
            return {
                "kind": "form",
                "headers": [self.text(str(header)) for header in block.headers],
                "rows": [[self.text(str(cell)) for cell in row] for row in block.rows],
                "shares": list(block.shares),
                "height": block.height,
            }
        if isinstance(block, PageTitle):
            return {"kind": "page-title", "text": self.text(str(block.text))}
        assert isinstance(block, PageBreak)
        return {"kind": "break"}

    def captioned(self, block: Table | Figure) -> dict[str, str]:
        return {"number": block.number, "caption": self.text(str(block.caption)), "label": self.label(block.label)}

    def label(self, label: str) -> str:
        return self.labels.get(label, "")

    def table(self, table: Table) -> dict[str, Any]:
        columns: list[dict[str, str]] = []
        for index, column in enumerate(table.columns):
            data = {"header": self.text(str(column.header)), "align": column.align}
            if column.align == "decimal":
                parts = (decimal_parts(plain_text(row.cells[index]))[1] for row in table.rows if isinstance(row, Row))
                data["fraction"] = max(parts, key=len, default="")
            columns.append(data)
        self.tables += 1
        return {
            "kind": "table",
            "anchor": f"table-{self.tables}",
            # Tables of the smallest size go without: to know on which page one is costs a second layout.
            "continued": "" if table.fine else tr("续{number}").format(number=table.number),
            "columns": columns,
            "widths": list(table.widths),
            "rows": [self.row(row, table) for row in table.rows],
            "notes": [self.runs(note) for note in table.notes],
            "size": type_size(table),
            **self.captioned(table),
        }

    def row(self, row: Row | GroupRow, table: Table) -> dict[str, Any]:
        if isinstance(row, GroupRow):
            return {"group": self.runs(row.text)}
        cells: list[str | dict[str, Any]] = []
        longest = 0
        for content, column in zip(row.cells, table.columns, strict=True):
            text = plain_text(content)
            longest = max(longest, len(text))
            entry: dict[str, Any] = {"r": self.runs(content)}
            if column.align == "decimal":
                integer, fraction = decimal_parts(text)
                if integer != text or text.lstrip("−+-<≤≥>").replace(",", "").isdigit():
                    entry["f"] = fraction
            simple = len(entry) == 1 and len(entry["r"]) == 1 and len(entry["r"][0]) == 1
            cells.append(entry["r"][0]["t"] if simple else entry)
        return {"cells": cells, "emphasis": row.emphasis, "breakable": longest > LONG_CELL}

    def node(self, node: formulae.Node) -> dict[str, Any]:
        if isinstance(node, formulae.Symbol):
            text = self.fonts.readable(node.text)
            if node.text == "∑":
                return {"k": "large", "t": text}
            if node.sign and node.text in "=<>≤≥≠≈":
                return {"k": "relation", "t": text}
            if node.sign and node.text in "+−×·±":
                return {"k": "operator", "t": text}
            return {"k": "symbol", "t": text, "i": node.italic, "sign": False}
        if isinstance(node, formulae.Fraction):
            return {"k": "fraction", "over": self.node(node.over), "under": self.node(node.under)}
        if isinstance(node, formulae.Script):
            sub = None if node.sub is None else self.node(node.sub)
            sup = None if node.sup is None else self.node(node.sup)
            return {"k": "script", "base": self.node(node.base), "sub": sub, "sup": sup, "limits": node.limits}
        if isinstance(node, formulae.Bracket):
            return {"k": "bracket", "opening": node.opening, "inside": self.node(node.inside), "closing": node.closing}
        return {"k": "sequence", "nodes": [self.node(part) for part in node.nodes]}


def _softened(text: str) -> str:
    """Let a line break inside long runs of letters and signs: after punctuation, else every twelve signs."""
    return _UNBROKEN.sub(lambda found: _with_breaks(found[0]), text)


def _with_breaks(word: str) -> str:
    pieces = _AFTER.sub("\\1\u200b", word).split("\u200b")
    broken: list[str] = []
    for piece in pieces:
        if len(piece) > 2 * _PIECE:
            broken += [piece[at : at + _PIECE] for at in range(0, len(piece), _PIECE)]
        else:
            broken.append(piece)
    return "\u200b".join(broken)

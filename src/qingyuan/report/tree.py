"""The report tree (报告树): what a report says, before it is a Word file or a PDF.

Texts may be messages or names; they are read in the document's language when the tree is resolved
(``resolve.resolve``). Both writers draw the same resolved tree, so both files hold the same words and digits.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from qingyuan.language import Language, Listing, Message, Name
from qingyuan.report.numbers import Number

Text = str | Message | Name | Listing
Script = Literal["", "sup", "sub"]
Align = Literal["left", "center", "right", "decimal"]
Tone = Literal["note", "good", "warning", "bad"]


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text with its look (文字段)."""

    text: Text | Number
    bold: bool = False
    emphasis: bool = False
    script: Script = ""
    link: str = ""  # label of the block that it points to; filled when the tree is resolved


@dataclass(frozen=True, slots=True)
class Reference:
    """A mention of a table, figure, heading or formula by its label (交叉引用): becomes "表 3-1"."""

    label: str


Inline = Text | Number | Run | Reference
Inlines = Inline | tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading (标题): level 1 is a chapter (第一章), 2 a section (1.1), 3 a sub-section (1.1.1).

    ``numbered`` false for a summary or a foreword. ``number`` is filled when the tree is resolved.
    """

    level: int
    text: Text
    numbered: bool = True
    label: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph (段落) of runs."""

    content: Inlines
    align: Literal["justify", "left", "center"] = "justify"


@dataclass(frozen=True, slots=True)
class BulletList:
    """A list (列表), with points or numbers."""

    items: tuple[Inlines, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table (列): heading, unit, alignment, share of the width (0 = by its contents)."""

    header: Text
    unit: str = ""
    align: Align = "left"
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table (行): one cell for each column, ``None`` = nothing to say (a dash)."""

    cells: tuple[Inlines | None, ...]
    emphasis: Literal["", "bold", "muted", "alert"] = ""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A row that names the group of rows below it, over the whole width (分组行)."""

    text: Inlines


@dataclass(frozen=True, slots=True)
class Table:
    """A table (表): caption above, heading row repeated on every page, notes below.

    ``dense`` sets it one type size smaller, ``fine`` two (appendices); a table that does not fit its page at the
    ordinary size is made dense when the tree is resolved.
    """

    caption: Text
    columns: tuple[Column, ...]
    rows: tuple[Row | GroupRow, ...]
    notes: tuple[Inlines, ...] = ()
    dense: bool = False
    fine: bool = False
    label: str = ""
    number: str = ""
    widths: tuple[float, ...] = ()  # shares of the width, sum 1; filled when the tree is resolved


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture (图): an SVG, its caption below, and the text for those who cannot see it.

    ``width`` is its share of the text width.
    """

    caption: Text
    svg: str
    alt: Text
    width: float = 1.0
    label: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class KeyValue:
    """Pairs of a name and what it is (要点表), without a caption."""

    rows: tuple[tuple[Text, Inlines], ...]


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula (公式) in the linear notation of ``formulae.parse``, with the meaning of its symbols."""

    expression: str
    where: tuple[tuple[str, Text], ...] = ()
    label: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """What is not there, and what would fill it (缺失)."""

    what: Text
    needs: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Callout:
    """A box that stands out (提示)."""

    text: Inlines
    tone: Tone = "note"
    title: Text = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Boxes that people fill in and sign on paper (签署栏): a heading row and rows of texts, empty ones to write in.

    ``shares`` of the width, one for each column; ``height``: the least height of a row in points.
    """

    headers: tuple[Text, ...]
    rows: tuple[tuple[Text, ...], ...]
    shares: tuple[float, ...]
    height: float = 32.0


@dataclass(frozen=True, slots=True)
class PageTitle:
    """The title of a page before the contents (扉页标题): begins a page and does not stand in the contents."""

    text: Text


@dataclass(frozen=True, slots=True)
class PageBreak:
    """A new page (分页)."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The table of contents (目录), down to a level."""

    depth: int = 2


@dataclass(frozen=True, slots=True)
class Appendices:
    """From here on chapters are appendices (附录): A, B, C."""


@dataclass(frozen=True, slots=True)
class LandscapeSection:
    """Blocks on pages turned by ninety degrees (横向页), for wide tables."""

    blocks: tuple[PlainBlock, ...]


PlainBlock = (
    Heading
    | Paragraph
    | BulletList
    | Table
    | Figure
    | KeyValue
    | Formula
    | Missing
    | Callout
    | Form
    | PageTitle
    | PageBreak
    | Contents
    | Appendices
)
Block = PlainBlock | LandscapeSection


@dataclass(frozen=True, slots=True)
class Document:
    """A report (报告): title page, contents and body, in one language.

    ``edition`` stands below the title (评估稿), ``seal`` at the foot of the title page: who seals, the date.
    ``cover`` are the lines of the title page (plant, system, period …). ``banner`` is printed in the head of
    every page and ``watermark`` behind the text: demonstration data say so everywhere.
    """

    title: Text
    language: Language
    date: dt.date
    blocks: tuple[Block, ...]
    subtitle: Text = ""
    edition: Text = ""
    seal: tuple[Text, ...] = ()
    cover: tuple[tuple[Text, Text], ...] = ()
    banner: Text = ""
    watermark: Text = ""
    header: Text = ""
    subject: Text = ""
    keywords: tuple[Text, ...] = ()
    publisher: Text = ""
    notice: Text = ""  # small print at the foot of the title page
    resolved: bool = False  # whether all texts are plain and numbered (``resolve.resolve``)

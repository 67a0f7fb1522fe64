"""From a report tree to one that is ready to draw: one language, numbers as text, chapters and captions numbered.

After ``resolve`` every text is a ``str`` without characters that a file may not hold, every inline is a tuple of
``Run``, and every table knows the shares of its columns. Both writers start here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from qingyuan.language import current_language, language, tr
from qingyuan.report.numbers import Number, format_quantity, unit_text
from qingyuan.report.textwidth import longest_word, shortened, text_width
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
    Inline,
    Inlines,
    KeyValue,
    LandscapeSection,
    Missing,
    PageBreak,
    PageTitle,
    Paragraph,
    PlainBlock,
    Reference,
    Row,
    Run,
    Table,
    Text,
)

PORTRAIT_PT = 453.5  # 160 mm of text on A4
LANDSCAPE_PT = 700.0  # 247 mm
TABLE_PT = 10.5  # 五号
HEADER_PT = 9.0
DENSE_PT = 9.0  # 小五
FINE_PT = 7.5  # 六号
CELL_PADDING_PT = 8.0  # both sides together

# Control characters, lone surrogates, non-characters and the marks that turn the direction of text: a file may not
# hold the first three, and the last could make a reader see other digits than are written.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)
NEW_LINE = "\n"
SHORT_HEADER = 5  # a heading of more characters has what it ends with on a line of its own:
# the unit or the year, as in 单台功率（kW）, output a year (2022), power of one, kW
_TAIL = re.compile(r"\s*(（[^（）]+）|\([^()]+\)|(?<=,) \S{1,8})$")
_SAMPLE = 80  # rows looked at for the widths of columns
_HAN_DIGITS = "零一二三四五六七八九"


def clean(text: str) -> str:
    """Take out what no document may hold; line ends become ``\\n``, tabs a space."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " "))


def han_number(number: int) -> str:
    """Write 1-99 in Chinese characters: 一, 十, 十一, 二十三."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _HAN_DIGITS[ones]
    head = "" if tens == 1 else _HAN_DIGITS[tens]
    return f"{head}十{_HAN_DIGITS[ones] if ones else ''}"


def resolve(document: Document) -> Document:
    """Give the same document with plain texts, numbers of headings and captions, references and column widths.

    A document that is resolved already comes back as it is.
    Raises ValueError for a reference to a label that no block has, and for two blocks of one label.
    """
    if document.resolved:
        return document
    with language(document.language):
        numbering = _Numbering()
        numbered = tuple(numbering.block(block) for block in document.blocks)
        writer = _Writer(numbering.labels)
        return replace(
            document,
            resolved=True,
            title=_plain(document.title),
            subtitle=_plain(document.subtitle),
            edition=_plain(document.edition),
            seal=tuple(_plain(line) for line in document.seal),
            cover=tuple((_plain(key), _plain(value)) for key, value in document.cover),
            banner=_one_line(document.banner),
            watermark=_one_line(document.watermark),
            header=_header_line(document),
            subject=_plain(document.subject),
            keywords=tuple(_plain(word) for word in document.keywords),
            publisher=_plain(document.publisher),
            notice=_plain(document.notice),
            blocks=tuple(writer.block(block, PORTRAIT_PT) for block in numbered),
        )


def runs(content: Inlines | None) -> tuple[Run, ...]:
    """The runs of a resolved content (all texts plain)."""
    if content is None:
        return ()
    items = content if isinstance(content, tuple) else (content,)
    return tuple(item if isinstance(item, Run) else Run(str(item)) for item in items)


def plain_text(content: Inlines | None) -> str:
    """The text of a resolved content without its looks."""
    return "".join(str(run.text) for run in runs(content))


def headings(blocks: Iterable[Block]) -> tuple[Heading, ...]:
    """All headings of a document, in order."""
    found: list[Heading] = []
    for block in blocks:
        if isinstance(block, Heading):
            found.append(block)
        elif isinstance(block, LandscapeSection):
            found += headings(block.blocks)
    return tuple(found)


def _plain(text: Text | Number) -> str:
    if isinstance(text, Number):
        return clean(format_quantity(text))
    return clean(str(text))


def _one_line(text: Text) -> str:
    return " ".join(_plain(text).split())


def _header_line(document: Document) -> str:
    """The head of a page, cut so that it stands on one line beside the banner."""
    banner = _one_line(document.banner)
    room = PORTRAIT_PT - (1.06 * text_width(banner, HEADER_PT) + 30 if banner else 0)  # the banner is bold
    return shortened(_one_line(document.header), HEADER_PT, 0.94 * room)


@dataclass
class _Numbering:
    """Counts chapters, sections, tables, figures and formulae, and notes what labels mean."""

    chapter: int = 0
    section: int = 0
    subsection: int = 0
    appendix: bool = False
    unnumbered: bool = True
    counts: dict[str, int] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    def block(self, block: Block) -> Block:
        if isinstance(block, LandscapeSection):
            return LandscapeSection(tuple(self.plain_block(inner) for inner in block.blocks))
        return self.plain_block(block)

    def plain_block(self, block: PlainBlock) -> PlainBlock:
        if isinstance(block, Heading):
            return self.heading(block)
        if isinstance(block, Appendices):
            self.appendix, self.chapter = True, 0
        elif isinstance(block, Table):
            number = self.caption("table", tr("表"))
            self.note(block.label, number)
            return replace(block, number=number)
        elif isinstance(block, Figure):
            number = self.caption("figure", tr("图"))
            self.note(block.label, number)
            return replace(block, number=number)
        elif isinstance(block, Formula) and block.label:
            number = self.caption("formula", tr("式"))
            self.note(block.label, number)
            return replace(block, number=number)
        return block

    def caption(self, kind: str, word: str) -> str:
        self.counts[kind] = count = self.counts.get(kind, 0) + 1
        prefix = "" if self.unnumbered else f"{self.mark}-"
        return f"{word}\N{NO-BREAK SPACE}{prefix}{count}"

    @property
    def mark(self) -> str:
        """The chapter as it stands in captions and section numbers: 3, or A in an appendix."""
        return chr(ord("A") + (self.chapter - 1) % 26) if self.appendix else str(self.chapter)

    def heading(self, heading: Heading) -> Heading:
        if heading.level == 1:
            if heading.numbered or not self.unnumbered:  # tables of foreword and abstract count on
                self.counts.clear()
            self.section = self.subsection = 0
            self.unnumbered = not heading.numbered
        if not heading.numbered or self.unnumbered:
            self.note(heading.label, str(heading.text))
            return heading
        if heading.level == 1:
            self.chapter += 1
            if self.appendix:
                number = tr("附录 {letter}").format(letter=self.mark)
            elif current_language() == "zh":
                number = f"第{han_number(self.chapter)}章"
            else:
                number = f"Chapter {self.chapter}"
        elif heading.level == 2:
            self.section += 1
            self.subsection = 0
            number = f"{self.mark}.{self.section}"
        else:
            self.subsection += 1
            number = f"{self.mark}.{self.section}.{self.subsection}"
        self.note(heading.label, number if heading.level == 1 else tr("{number} 节").format(number=number))
        return replace(heading, number=number)

    def note(self, label: str, text: str) -> None:
        if not label:
            return
        if label in self.labels:
            raise ValueError(f"two blocks with the label {label}")
        self.labels[label] = text


@dataclass(frozen=True)
class _Writer:
    """Turns the texts of numbered blocks into plain ones."""

    labels: dict[str, str]

    def inline(self, content: Inlines) -> tuple[Run, ...]:
        items: tuple[Inline, ...] = content if isinstance(content, tuple) else (content,)
        return tuple(self.run(item) for item in items)

    def run(self, item: Inline) -> Run:
        if isinstance(item, Reference):
            if item.label not in self.labels:
                raise ValueError(f"no block has the label {item.label}")
            return Run(clean(self.labels[item.label]), link=item.label)
        if isinstance(item, Run):
            return replace(item, text=_plain(item.text))
        return Run(_plain(item))

    def block(self, block: Block, width: float) -> Block:
        if isinstance(block, LandscapeSection):
            return LandscapeSection(tuple(self.plain_block(inner, LANDSCAPE_PT) for inner in block.blocks))
        return self.plain_block(block, width)

    def plain_block(self, block: PlainBlock, width: float) -> PlainBlock:
        if isinstance(block, Heading):
            return replace(block, text=_plain(block.text))
        if isinstance(block, Paragraph):
            return replace(block, content=self.inline(block.content))
        if isinstance(block, BulletList):
            return replace(block, items=tuple(self.inline(item) for item in block.items))
        if isinstance(block, Table):
            return self.table(block, width)
        if isinstance(block, Figure):
            return replace(block, caption=_plain(block.caption), alt=_plain(block.alt), svg=clean(block.svg))
        if isinstance(block, KeyValue):
            return KeyValue(tuple((_plain(key), self.inline(value)) for key, value in block.rows))
        if isinstance(block, Formula):
            where = tuple((symbol, _plain(meaning)) for symbol, meaning in block.where)
            return replace(block, expression=clean(block.expression), where=where)
        if isinstance(block, Missing):
            return Missing(_plain(block.what), tuple(_plain(need) for need in block.needs))
        if isinstance(block, Callout):
            return replace(block, text=self.inline(block.text), title=_plain(block.title))
        if isinstance(block, Form):
            if any(len(row) != len(block.headers) for row in block.rows) or len(block.shares) != len(block.headers):
                raise ValueError(f"rows or shares of a form do not fit its {len(block.headers)} columns")
            return replace(
                block,
                headers=tuple(_plain(header) for header in block.headers),
                rows=tuple(tuple(_plain(cell) for cell in row) for row in block.rows),
            )
        if isinstance(block, PageTitle):
            return PageTitle(_plain(block.text))
        assert isinstance(block, PageBreak | Contents | Appendices)
        return block

    def table(self, table: Table, width: float) -> Table:
        columns = tuple(replace(column, header=_header(column), unit="") for column in table.columns)
        rows: list[Row | GroupRow] = []
        for row in table.rows:
            if isinstance(row, GroupRow):
                rows.append(GroupRow(self.inline(row.text)))
                continue
            if len(row.cells) != len(columns):
                raise ValueError(
                    f"a row of {len(row.cells)} cells in a table of {len(columns)} columns: {table.caption}"
                )
            rows.append(replace(row, cells=tuple(("—",) if cell is None else self.inline(cell) for cell in row.cells)))
        plain = replace(
            table,
            caption=_plain(table.caption),
            columns=columns,
            rows=tuple(rows),
            notes=tuple(self.inline(note) for note in table.notes),
        )
        if not plain.dense and not plain.fine and least_width(plain, TABLE_PT) > width:
            plain = replace(plain, dense=True)
        return replace(plain, widths=column_shares(plain, width))


def _header(column: Column) -> str:
    unit = clean(unit_text(column.unit))
    header = _plain(column.header)
    if not unit:
        return _TAIL.sub(f"{NEW_LINE}\\1", header) if len(header) > SHORT_HEADER else header
    shown = f"（{unit}）" if current_language() == "zh" else f"({unit})"
    # The unit goes under a heading that is not short: it must not break in its middle.
    return f"{header}{'' if current_language() == 'zh' and text_width(header + unit) <= 4 else NEW_LINE}{shown}"


def column_shares(table: Table, width: float) -> tuple[float, ...]:
    """Shares of the width for the columns of a resolved table; ``width`` in points.

    Declared shares hold. The others get what their contents need: numbers on one line, long texts the rest.
    """
    size = type_size(table)
    declared = [column.share for column in table.columns]
    free = [index for index, share in enumerate(declared) if not share]
    left = 1.0 - sum(declared)
    if not free:
        return tuple(share / sum(declared) for share in declared)
    least, texts = zip(*(_needs(table, index, size) for index in free), strict=True)
    widths = _fitted(list(least), texts, max(left, 0.05) * width)
    shares = list(declared)
    for index, value in zip(free, widths, strict=True):
        shares[index] = value / width
    total = sum(shares)
    return tuple(share / total for share in shares)


def type_size(table: Table) -> float:
    """The type size of a table's cells in points."""
    return FINE_PT if table.fine else DENSE_PT if table.dense else TABLE_PT


def least_width(table: Table, size: float) -> float:
    """The width in points below which words of a resolved table would break, at a type size."""
    return sum(_needs(table, index, size)[0] for index, column in enumerate(table.columns) if not column.share)


def _fitted(least: list[float], texts: tuple[tuple[float, ...], ...], available: float) -> list[float]:
    """Widths of columns that keep a table low: from the least ones, room goes where it saves most height.

    ``texts`` holds the widths of the cells of each column on one line. What is left when every cell stands on one line
    is shared out in proportion.
    """
    widths = list(least)
    if sum(widths) >= available:
        return [value * available / sum(widths) for value in widths]
    step = max(6.0, (available - sum(widths)) / 60)
    rows = list(zip(*texts, strict=True))
    while sum(widths) + step <= available:
        heights = [[_lines(cell, width) for cell, width in zip(row, widths, strict=True)] for row in rows]
        saved = [0.0] * len(widths)
        for row, lines in zip(rows, heights, strict=True):
            highest = max(lines)
            if highest <= 1.0:
                continue
            at = lines.index(highest)
            others = max((line for index, line in enumerate(lines) if index != at), default=1.0)
            saved[at] += highest - max(others, _lines(row[at], widths[at] + step))
        best = max(range(len(widths)), key=saved.__getitem__)
        if saved[best] <= 0:
            break
        widths[best] += step
    total = sum(widths)
    return [value * available / total for value in widths]


def _lines(text: float, width: float) -> float:
    """About how many lines a text takes; the first break costs most, so that what nearly fits is made to fit."""
    return 1.0 if text <= width else text / width + 0.6


def _needs(table: Table, index: int, size: float) -> tuple[float, tuple[float, ...]]:
    """The least width of a column, and the widths of its cells on one line, in points; of many rows a sample."""
    column = table.columns[index]
    header = str(column.header)
    high = text_width(header, size) * 1.06
    _, new_line, unit = header.rpartition(NEW_LINE)
    low = max(
        longest_word(header, size) * 1.12,  # bold, and never hyphenated
        text_width(unit, size) * 1.06 if new_line else 0,
        high if high <= 5 * size else high / 2,
    )
    wholes: list[float] = []
    for row in table.rows:
        if isinstance(row, GroupRow):
            continue
        text = plain_text(row.cells[index])
        whole = text_width(text, size) * 1.02
        wholes.append(whole + CELL_PADDING_PT)
        if column.align in ("right", "decimal"):
            low = max(low, min(whole, 12 * size))
        else:
            kept = 9 if text.lstrip("≤≥<> −")[:1].isdigit() else 6  # a number stays with its unit
            low = max(low, min(longest_word(text, size), 9 * size), whole if whole <= kept * size else 4 * size)
    sample = wholes[:: max(1, len(wholes) // _SAMPLE)]
    return low + CELL_PADDING_PT, (high + CELL_PADDING_PT, *sample)


def decimal_parts(text: str) -> tuple[str, str]:
    """Split a number's text at its decimal point: ("1,234", ".5"); text that is no number stays whole."""
    integer, point, fraction = text.partition(".")
    if point and integer.lstrip("−+-<≤≥>").replace(",", "").isdigit() and fraction[:1].isdigit():
        return integer, f".{fraction}"
    return text, ""


def key_share(keys: list[str], width: float, size: float) -> float:
    """The share of the width that the names of a list of pairs need, between a fifth and a half."""
    widest = max((text_width(key, size) for key in keys), default=0.0) + 16
    return min(0.5, max(0.2, widest / width))

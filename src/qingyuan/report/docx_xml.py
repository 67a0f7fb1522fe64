"""Pieces of WordprocessingML (DOCX) as elements: runs, fields, cells, and properties in the order of the schema."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

from docx.oxml import parse_xml
from docx.oxml.ns import qn
from lxml import etree  # type: ignore[import-untyped]

from qingyuan.report import docx_parts as parts
from qingyuan.report.tree import Run

Element = Any  # lxml's elements, which python-docx leaves without types

# The order of a paragraph's properties that the schema asks for.
_ORDER = [
    qn(f"w:{name}")
    for name in (
        "pStyle",
        "keepNext",
        "keepLines",
        "pageBreakBefore",
        "numPr",
        "pBdr",
        "shd",
        "tabs",
        "spacing",
        "ind",
        "jc",
        "outlineLvl",
    )
]


def insert_property(properties: Element, child: Element | str) -> None:
    """Put a property of a paragraph where the schema wants it."""
    element = el(child) if isinstance(child, str) else child
    rank = _ORDER.index(element.tag)
    for at, other in enumerate(properties):
        if _ORDER.index(other.tag) > rank:
            properties.insert(at, element)
            return
    properties.append(element)


def list_of(properties: Element, number: int, level: int) -> None:
    """Make a paragraph an entry of a numbered list; number 0 takes it out of one."""
    insert_property(properties, el("w:numPr", el("w:ilvl", val=str(level)), el("w:numId", val=str(number))))


def el(tag: str, *children: Element, **attributes: str) -> Element:
    """An element of WordprocessingML with attributes of the same name space."""
    element = etree.Element(_name(tag), {_name(f"w:{name}"): value for name, value in attributes.items()}, _SPACES)
    element.extend(children)
    return element


_name = lru_cache(maxsize=256)(qn)
_SPACES = {"w": parts.W}


def run_of(run: Run, *, colour: str = "") -> Element:
    """A run of text with its looks; line ends become breaks."""
    properties = el("w:rPr")
    if run.emphasis:
        properties.append(el("w:rStyle", val="Emphasis"))
    if run.bold:
        properties.append(el("w:b"))
        properties.append(el("w:bCs"))
    if colour:
        properties.append(el("w:color", val=colour))
    if run.script:
        properties.append(el("w:vertAlign", val="superscript" if run.script == "sup" else "subscript"))
    element = el("w:r")
    if len(properties):
        element.append(properties)
    for at, line in enumerate(str(run.text).split("\n")):
        if at:
            element.append(el("w:br"))
        text = el("w:t")
        text.text = line
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        element.append(text)
    return element


def run_xml(run: Run, *, colour: str = "") -> str:
    """``run_of`` as text: the cells of long tables are written so and read in one go, which is several times faster."""
    looks = (
        ('<w:rStyle w:val="Emphasis"/>' if run.emphasis else "")
        + ("<w:b/><w:bCs/>" if run.bold else "")
        + (f'<w:color w:val="{colour}"/>' if colour else "")
        + (f'<w:vertAlign w:val="{"superscript" if run.script == "sup" else "subscript"}"/>' if run.script else "")
    )
    lines = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in str(run.text).split("\n"))
    return f"<w:r>{f'<w:rPr>{looks}</w:rPr>' if looks else ''}{lines}</w:r>"


def rows_of(xml: Iterable[str]) -> list[Element]:
    """Rows of a table from their texts."""
    return list(etree.fromstring(f'<w:tbl xmlns:w="{parts.W}">{"".join(xml)}</w:tbl>'))


def field_marks(code: str) -> tuple[Element, Element, Element, Element]:
    """The four runs around a field: begin, instruction, separate, end."""
    instruction = el("w:instrText")
    instruction.text = f" {code} "
    instruction.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    begin, separate, end = (el("w:r", el("w:fldChar", fldCharType=kind)) for kind in ("begin", "separate", "end"))
    return begin, el("w:r", instruction), separate, end


def field_of(code: str, shown: str) -> tuple[Element, ...]:
    """A whole field with what it shows until it is brought up to date."""
    begin, instruction, separate, end = field_marks(code)
    return (begin, instruction, separate, run_of(Run(shown)), end)


def split_fields(pattern: str) -> list[str]:
    """Cut a pattern at ``{x}`` and ``{y}``."""
    before, _, rest = pattern.partition("{x}")
    middle, _, after = rest.partition("{y}")
    return [piece for piece in (before, "{x}", middle, "{y}", after) if piece]


def cell_of(width: int, paragraph: Element, *properties: Element) -> Element:
    """A table cell of a width in twips."""
    return el("w:tc", el("w:tcPr", el("w:tcW", w=str(width), type="dxa"), *properties), paragraph)


def replace_root(root: Element, xml: str) -> None:
    """Give an element that python-docx holds the attributes and children of another one."""
    fresh = parse_xml(xml)
    for child in list(root):
        root.remove(child)
    for name in list(root.attrib):
        del root.attrib[name]
    for child in list(fresh):
        root.append(child)
    etree.cleanup_namespaces(root)

"""Formulae for Word (OMML): the nodes of ``formulae`` as elements of the Office mathematics schema."""

from __future__ import annotations

from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from qingyuan.report import formulae

Element = Any
_M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def equation(node: formulae.Node) -> Element:
    """One formula as an ``m:oMath`` element, to stand in a paragraph."""
    root = etree.Element(f"{{{_M}}}oMath", nsmap={"m": _M, "w": _W})
    root.extend(_nodes(node))
    return root


def _nodes(node: formulae.Node) -> list[Element]:
    if isinstance(node, formulae.Sequence):
        return [element for part in node.nodes for element in _nodes(part)]
    if isinstance(node, formulae.Symbol):
        return [_text(node)] if node.text else []
    if isinstance(node, formulae.Fraction):
        return [_m("f", _m("num", *_nodes(node.over)), _m("den", *_nodes(node.under)))]
    if isinstance(node, formulae.Bracket):
        properties = _m("dPr", _m("begChr", val=node.opening), _m("endChr", val=node.closing))
        return [_m("d", properties, _m("e", *_nodes(node.inside)))]
    return [_script(node)]


def _script(node: formulae.Script) -> Element:
    base = _m("e", *_nodes(node.base))
    if node.limits:
        inner = base if node.sub is None else _m("e", _m("limLow", base, _m("lim", *_nodes(node.sub))))
        return _m("limUpp", inner, _m("lim", *_nodes(node.sup))) if node.sup is not None else inner[0]
    if node.sub is not None and node.sup is not None:
        return _m("sSubSup", base, _m("sub", *_nodes(node.sub)), _m("sup", *_nodes(node.sup)))
    if node.sub is not None:
        return _m("sSub", base, _m("sub", *_nodes(node.sub)))
    return _m("sSup", base, _m("sup", *_nodes(node.sup or formulae.Symbol(""))))


def _text(symbol: formulae.Symbol) -> Element:
    run = _m("r")
    if not symbol.italic:
        run.append(_m("rPr", _m("nor") if not symbol.sign else _m("sty", val="p")))
    fonts = etree.SubElement(etree.SubElement(run, f"{{{_W}}}rPr"), f"{{{_W}}}rFonts")
    fonts.set(f"{{{_W}}}ascii", "Cambria Math")
    fonts.set(f"{{{_W}}}hAnsi", "Cambria Math")
    text = _m("t")
    text.text = symbol.text
    run.append(text)
    return run


def _m(tag: str, *children: Element, **attributes: str) -> Element:
    element = etree.Element(f"{{{_M}}}{tag}")
    for name, value in attributes.items():
        element.set(f"{{{_M}}}{name}", value)
    element.extend(children)
    return element

"""Formulae in a linear notation (公式): parsed once, drawn by both writers.

``Y_k = sum_i w_i * (sum_j w_(ij) * Y_k(x_(ij)))`` : ``_`` and ``^`` take the next symbol or a bracket, ``/`` makes a
fraction of the product before it and the factor behind it, ``sum`` is Σ, ``*`` is a multiplication sign.
Words of more than one letter, Chinese ones included, are set upright; single Latin and Greek letters in italics.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?%?)|(?P<word>[A-Za-zΑ-ω\u3400-\u9fff]+)|(?P<sign><=|>=|!=|.))", re.DOTALL
)
_SIGNS = {"*": "×", "<=": "≤", ">=": "≥", "!=": "≠", "-": "−", "∑": "∑"}
_OPEN = {"(": ")", "[": "]", "{": "}", "（": "）", "〔": "〕"}
_CLOSE = frozenset(_OPEN.values())
_PRODUCT = frozenset("×·")
_MAX_DEPTH = 24
_MAX_STRUCTURE = 400  # fractions and scripts in one formula


@dataclass(frozen=True, slots=True)
class Symbol:
    """A letter, word, number or sign."""

    text: str
    italic: bool = False
    sign: bool = False


@dataclass(frozen=True, slots=True)
class Fraction:
    """A fraction."""

    over: Node
    under: Node


@dataclass(frozen=True, slots=True)
class Script:
    """A base with what stands below and above it; limits of a sum stand under and over the sign."""

    base: Node
    sub: Node | None = None
    sup: Node | None = None

    @property
    def limits(self) -> bool:
        """Whether sub and sup stand under and over the base."""
        return isinstance(self.base, Symbol) and self.base.text == "∑"


@dataclass(frozen=True, slots=True)
class Bracket:
    """Something in brackets."""

    opening: str
    inside: Node
    closing: str


@dataclass(frozen=True, slots=True)
class Sequence:
    """Nodes one after the other."""

    nodes: tuple[Node, ...]


Node = Symbol | Fraction | Script | Bracket | Sequence


def parse(expression: str) -> Node:
    """Read a formula; never fails: what is no formula comes back as signs and words in a row."""
    reader = _Reader(expression)
    structure = sum(text in "/÷_^" for _, text in reader.tokens)
    node = reader.sequence(len(reader.tokens)) if structure <= _MAX_STRUCTURE else None
    if node is None or _depth(node) > _MAX_DEPTH:
        return Sequence(tuple(Symbol(text, sign=kind == "sign") for kind, text in reader.tokens))
    return node


class _Reader:
    """A descent over the tokens; brackets without a partner are plain signs, and so are those nested too deeply."""

    def __init__(self, expression: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        for found in _TOKEN.finditer(expression):
            kind = found.lastgroup or "sign"
            text = found[kind]
            if kind == "word" and text in ("sum", "Σ"):
                kind, text = "sign", "∑"
            self.tokens.append((kind, _SIGNS.get(text, text)))
        self.partner = _partners(self.tokens)
        self.at = 0

    def sequence(self, end: int) -> Node:
        """Read up to token ``end``."""
        done: list[Node] = []
        factors: list[Node] = []  # the product that a following "/" divides
        while self.at < end:
            kind, text = self.tokens[self.at]
            if kind == "sign" and text in ("/", "÷") and factors and self.at + 1 < end:
                self.at += 1
                factors = [Fraction(_bare(_joined(factors)), _bare(self.factor()))]
            elif kind == "sign" and text in _PRODUCT:
                self.at += 1
                factors.append(Symbol(text, sign=True))
            elif kind == "sign" and self.at not in self.partner and text not in ("∑", "%", "′", "'"):
                self.at += 1
                done += [*factors, Symbol(text, sign=True)]
                factors = []
            else:
                node = self.factor()
                if _is_sum(node):
                    done += [*factors, node]
                    factors = []
                else:
                    factors.append(node)
        return _joined([*done, *factors])

    def factor(self) -> Node:
        base = self.atom()
        sub = sup = None
        while self.at + 1 < len(self.tokens) and self.tokens[self.at] in (("sign", "_"), ("sign", "^")):
            below = self.tokens[self.at][1] == "_"
            self.at += 1
            script = _bare(self.atom())
            if (sub if below else sup) is not None:
                base, sub, sup = Script(base, sub, sup), None, None
            sub, sup = (script, sup) if below else (sub, script)
        return Script(base, sub, sup) if sub is not None or sup is not None else base

    def atom(self) -> Node:
        kind, text = self.tokens[self.at]
        partner = self.partner.get(self.at)
        self.at += 1
        if partner is not None:
            inside = self.sequence(partner)
            self.at = partner + 1
            return Bracket(text, inside, _OPEN[text])
        letter = kind == "word" and len(text) == 1 and not "\u3400" <= text <= "\u9fff"
        return Symbol(text, italic=letter, sign=kind == "sign")


def _partners(tokens: list[tuple[str, str]]) -> dict[int, int]:
    """The opening brackets that have a closing one, by position."""
    partners: dict[int, int] = {}
    open_at: list[int] = []
    for index, (kind, text) in enumerate(tokens):
        if kind == "sign" and text in _OPEN:
            open_at.append(index)
        elif kind == "sign" and text in _CLOSE and open_at:
            start = open_at.pop()
            if _OPEN[tokens[start][1]] == text and len(open_at) < _MAX_DEPTH:
                partners[start] = index
    return partners


def _depth(node: Node) -> int:
    if isinstance(node, Fraction):
        return 1 + max(_depth(node.over), _depth(node.under))
    if isinstance(node, Script):
        return 1 + max(_depth(part) for part in (node.base, node.sub, node.sup) if part is not None)
    if isinstance(node, Bracket):
        return 1 + _depth(node.inside)
    if isinstance(node, Sequence):
        return 1 + max(map(_depth, node.nodes), default=0)
    return 1


def _is_sum(node: Node) -> bool:
    return (isinstance(node, Symbol) and node.text == "∑") or (isinstance(node, Script) and node.limits)


def _joined(nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else Sequence(tuple(nodes))


def _bare(node: Node) -> Node:
    return node.inside if isinstance(node, Bracket) and node.opening in "({" else node

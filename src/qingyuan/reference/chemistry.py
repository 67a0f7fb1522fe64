"""Chemical formulae (化学式): molar mass and element contents by stoichiometry.

Standard atomic weights are the abridged values of IUPAC 2021 in ``data/items/atomic-weights.csv``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from qingyuan.errors import UnknownName
from qingyuan.language import message
from qingyuan.reference.loading import Record, load_csv
from qingyuan.reference.records import Grade

_TOKEN = re.compile(r"(?P<element>[A-Z][a-z]?)|(?P<open>\()|(?P<close>\))|(?P<dot>[·.*])|(?P<number>\d+)")


class AtomicWeight(Record):
    """The standard atomic weight (标准原子量) of one element, in g/mol."""

    symbol: str
    weight: float
    grade: Grade
    source: str


def atomic_weights() -> tuple[AtomicWeight, ...]:
    """Give the elements that the formulae of the catalogue need, with their standard atomic weights in g/mol."""
    return load_csv("items/atomic-weights.csv", AtomicWeight)


@lru_cache(maxsize=1)
def _weights() -> Mapping[str, float]:
    return {element.symbol: element.weight for element in atomic_weights()}


@lru_cache(maxsize=1024)
def atoms(formula: str) -> Mapping[str, int]:
    """Count the atoms of a formula such as ``NiSO4·6H2O`` or ``Ni(NH2SO3)2·4H2O``.

    Raises UnknownName for an element that is not in the table and for a text that is no formula.
    """
    counts: dict[str, int] = {}
    for part in re.split(r"[·*]", formula.strip()):
        leading = re.match(r"\d+", part)
        times = int(leading[0]) if leading else 1
        for symbol, number in _count(part[leading.end() if leading else 0 :], formula).items():
            counts[symbol] = counts.get(symbol, 0) + times * number
    return MappingProxyType(counts)


def _count(text: str, formula: str) -> dict[str, int]:
    stack: list[dict[str, int]] = [{}]
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match["dot"] or match["number"]:
            raise UnknownName(message("未知的化学式"), formula)
        position = match.end()
        if match["open"]:
            stack.append({})
            continue
        number = re.compile(r"\d+").match(text, position)
        times = int(number[0]) if number else 1
        position = number.end() if number else position
        if match["close"]:
            if len(stack) == 1:
                raise UnknownName(message("未知的化学式"), formula)
            inner = stack.pop()
        else:
            if match["element"] not in _weights():
                raise UnknownName(message("未知的元素"), match["element"])
            inner = {match["element"]: 1}
        for symbol, count in inner.items():
            stack[-1][symbol] = stack[-1].get(symbol, 0) + count * times
    if len(stack) != 1 or not stack[0]:
        raise UnknownName(message("未知的化学式"), formula)
    return stack[0]


def molar_mass(formula: str) -> float:
    """Give the molar mass in g/mol. Raises UnknownName as ``atoms``."""
    return sum(_weights()[symbol] * number for symbol, number in atoms(formula).items())


@lru_cache(maxsize=1024)
def element_contents(formula: str) -> Mapping[str, float]:
    """Give the mass fraction (0 to 1) of each element in the pure substance. Raises UnknownName as ``atoms``.

    ``element_contents("NiSO4·6H2O")["Ni"]`` is 0.2233.
    """
    whole = molar_mass(formula)
    return MappingProxyType({symbol: _weights()[symbol] * number / whole for symbol, number in atoms(formula).items()})

"""What materials and wastes hold (含量): elements, volatile compounds, masses of litres and square metres, as ranges.

The tables are those of the data checks; the numbers are recalled and wide. What the plant states of its own material
(含量, 纯度) stands before them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from qingyuan import units
from qingyuan.balance.from_facts import Amount
from qingyuan.facts.model import SITE, Fact
from qingyuan.figures.ledger import Ledger
from qingyuan.reference.items import catalogue
from qingyuan.reference.loading import Record, load_csv, load_toml
from qingyuan.reference.sources import Graded, Unit


class _Content(Graded):
    item: str
    element: str
    unit: Unit
    low: float
    high: float
    product: str = ""


class _Conversion(Graded):
    item: str
    unit: Unit
    kg_low: float
    kg_high: float


class _Strength(Graded):
    item: str
    purity_low: float
    purity_high: float
    equivalents: float
    acid: bool


class _Voc(Graded):
    item: str
    low: float
    high: float


class GroupOutput(Record):
    """A waste of a group of materials, with the share of the group in it (fraction of mass)."""

    item: str
    low: float
    high: float


class Group(Graded):
    """A group of materials with the wastes that can only come from it (专项物料平衡)."""

    id: str
    zh: str
    en: str
    inputs: tuple[str, ...]
    outputs: tuple[GroupOutput, ...]
    rest_zh: str
    rest_en: str


class _GroupFile(Record):
    groups: tuple[Group, ...]


def groups() -> tuple[Group, ...]:
    """The groups of materials that are balanced for themselves (``data/balance/groups.toml``)."""
    return load_toml("balance/groups.toml", _GroupFile).groups


@lru_cache(maxsize=1)
def _contents() -> Mapping[tuple[str, str, str], tuple[_Content, ...]]:
    found: dict[tuple[str, str, str], tuple[_Content, ...]] = {}
    for one in load_csv("checks/contents.csv", _Content):
        key = (one.item, one.element, one.unit)
        found[key] = (*found.get(key, ()), one)
    return found


@lru_cache(maxsize=1)
def _conversions() -> Mapping[tuple[str, str], _Conversion]:
    return {(one.item, one.unit): one for one in load_csv("checks/conversions.csv", _Conversion)}


@lru_cache(maxsize=1)
def _strengths() -> Mapping[str, _Strength]:
    return {one.item: one for one in load_csv("checks/strengths.csv", _Strength)}


@lru_cache(maxsize=1)
def _vocs() -> Mapping[str, _Voc]:
    return {one.item: one for one in load_csv("checks/voc-contents.csv", _Voc)}


@lru_cache(maxsize=256)
def ancestors(item: str) -> tuple[str, ...]:
    """An item and all above it in the catalogue, nearest first."""
    known = catalogue()
    chain = [item]
    while chain[-1] in known and known.get(chain[-1]).parent:
        chain.append(known.get(chain[-1]).parent)
    return tuple(chain)


@dataclass(frozen=True, slots=True)
class Share:
    """How much of something one unit of an item holds, at least and at most; ``unit``: "1" of mass, or kg/m2.

    ``stated``: by the plant itself or by the formula; otherwise the usual range of the trade.
    """

    low: float
    high: float
    unit: str = "1"
    stated: bool = False


def kilograms(item: str, amount: Amount) -> tuple[float, float] | None:
    """What an amount weighs in kg, at least and at most; litres and square metres by the conversion table.

    None where nothing is known of it.
    """
    if units.dimension(amount.unit) == "mass":
        factor = units.factor(amount.unit, "kg")
        return amount.low * factor, amount.high * factor
    for unit in ("L", "m2"):
        if units.dimension(amount.unit) != units.dimension(unit):
            continue
        factor = units.factor(amount.unit, unit)
        for name in (*ancestors(item), "*"):
            one = _conversions().get((name, unit))
            if one is not None:
                return amount.low * factor * one.kg_low, amount.high * factor * one.kg_high
    return None


def element_share(
    ledger: Ledger, item: str, element: str, period: str, place: str = SITE, products: frozenset[str] = frozenset()
) -> Share | None:
    """The content of an element in an item: as the plant states it, by its formula, by the usual range; None for none.

    A plant's content (含量) counts where its name speaks of the element (含铜量, Cu).
    """
    own = _own_content(ledger, item, element, period, place)
    if own is not None:
        return own
    known = catalogue()
    if item in known and known.get(item).formula:
        share = known.get(item).contents.get(element, 0.0)
        if share:
            purity = ledger.property_of(item, "purity", period, place)
            if purity is not None:
                value = purity.to("1").value * share
                return Share(value, value, stated=True)
            strength = _strengths().get(item)
            if strength is not None:
                return Share(share * strength.purity_low, share * strength.purity_high)
            if known.get(item).form == "pure":
                return Share(share, share, stated=True)
            return Share(0.0, share)
    for unit in ("1", "kg/m2"):
        rows = _contents().get((item, element, unit), ())
        special = [row for row in rows if row.product and products == {row.product}]
        plain = [row for row in rows if not row.product]
        for row in (*special, *plain):
            return Share(row.low, row.high, unit)
    return None


def _own_content(ledger: Ledger, item: str, element: str, period: str, place: str) -> Share | None:
    words = {element, *ELEMENT_NAMES.get(element, ())}

    def speaks(fact: Fact) -> bool:
        return any(word in f"{fact.label} {fact.note}" for word in words)

    term = ledger.property_of(item, "content", period, place, keep=speaks)
    if term is None:
        return None
    if units.dimension(term.unit) == units.dimension("1"):
        value = term.to("1").value
        return Share(value, value, stated=True)
    if term.unit.endswith("/m2"):
        try:
            value = term.to("kg/m2").value
        except units.DimensionError:
            return None
        return Share(value, value, "kg/m2", stated=True)
    return None


# Symbol, then the names by which people call the element in a content (含铜量).
ELEMENT_NAMES: Mapping[str, tuple[str, str]] = {
    "Cu": ("铜", "copper"), "Ni": ("镍", "nickel"), "Zn": ("锌", "zinc"), "Cr": ("铬", "chromium"),
    "Sn": ("锡", "tin"), "Pb": ("铅", "lead"), "Ag": ("银", "silver"), "Au": ("金", "gold"), "Cd": ("镉", "cadmium"),
    "Hg": ("汞", "mercury"), "As": ("砷", "arsenic"), "Co": ("钴", "cobalt"), "Mn": ("锰", "manganese"),
}  # fmt: skip
PRECIOUS = ("Ag", "Au")


def voc_share(item: str) -> Share | None:
    """The volatile share of an input by the usual range (VOCs含量); None for what has none."""
    one = next((_vocs()[name] for name in ancestors(item) if name in _vocs()), None)
    return None if one is None else Share(one.low, one.high)

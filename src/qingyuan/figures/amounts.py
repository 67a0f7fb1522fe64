"""One fact as a term in the unit of its item: gas as normal volume, water as volume, liquids by density (单个数据的量).

What is assumed on the way (normal conditions, 1 t/m³ of water, a density) is a part of the derivation and shows there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from qingyuan import units
from qingyuan.errors import UnknownName
from qingyuan.facts.model import Fact, State
from qingyuan.figures.derivation import Term, constant, from_coefficient, from_fact
from qingyuan.language import Name, message
from qingyuan.reference.items import Item, accept_unit
from qingyuan.reference.records import Coefficient, Grade

# A number between 0 and the limit of which nothing else is known: uniform, standard deviation limit/sqrt(12).
_UNIFORM = 12**-0.5


def term_of(fact: Fact, item: Item | None, *, half_limit: bool, density: Callable[[], Term | None]) -> Term:
    """A fact as a term in the unit of its item, or in its own unit where the item is the plant's own or does not fit.

    ``density`` is asked for the plant's density of the item (any mass/volume unit) where volume and mass meet.
    ``half_limit`` counts a result below detection at half its limit instead of at the limit. Raises ValueError for a
    fact without a value.
    """
    term = _in_item_unit(fact, item, density)
    if fact.state is not State.BELOW_DETECTION:
        return term
    if half_limit:
        halved = term * constant(message("未检出按检出限的一半计"), 0.5, "1")
        return replace(halved, spread=dict.fromkeys(term.spread, term.value * _UNIFORM))
    return replace(term, upper_bound=True, note=message("未检出，按检出限计，为上限"))


def _in_item_unit(fact: Fact, item: Item | None, density: Callable[[], Term | None]) -> Term:
    own = units.canonical(fact.unit)
    term = from_fact(fact, unit=own)
    if item is None or not item.unit:
        return term
    dimension = units.dimension(own)
    if dimension == item.dimension:
        return term.to(item.unit)
    if {dimension, item.dimension} == {"mass", "volume"} and item.kind != "water":
        return _by_density(term, item, dimension, density)
    try:
        accepted = accept_unit(item, own, fact.role)
    except units.DimensionError:
        return term
    if accepted.unit == own and accepted.factor == 1:
        return term
    ratio = constant(accepted.note or "", accepted.factor, units.divide(accepted.unit, own))
    taken = replace(term * ratio, unit=accepted.unit)
    taken = taken if accepted.note is None else taken.named(term.label, note=accepted.note)
    same = units.dimension(accepted.unit) == item.dimension
    return taken.to(item.unit) if same else taken


def _by_density(term: Term, item: Item, dimension: str, density: Callable[[], Term | None]) -> Term:
    """Volume to mass by the plant's density, for fuels by the catalogue's (a default); else as entered."""
    known = density()
    if known is None and item.kind == "energy" and item.density is not None:
        known = from_coefficient(
            Coefficient(
                id=f"density/{item.id}",
                name=Name(f"{item.name.zh}密度", f"density of {item.name.en}"),
                value=item.density,
                unit="kg/L",
                grade=item.density_grade or Grade.RECALLED,
                source=item.density_source,
                default=True,
            )
        )
    if known is None or dimension != "volume":
        return term
    return (term.to("L") * known.to("kg/L")).to(item.unit)


def property_term(fact: Fact, item: Item | None) -> Term:
    """A property of an item (低位发热量, 密度 …) as a term in its own unit; of a gas per m³ taken as per Nm³."""
    own = units.canonical(fact.unit)
    term = from_fact(fact, unit=own)
    if item is None:
        return term
    try:
        accepted = accept_unit(item, own, fact.role)
    except (units.DimensionError, UnknownName):
        return term
    if accepted.unit == own or accepted.factor != 1:
        return term
    return replace(term, unit=accepted.unit, note=accepted.note or "")

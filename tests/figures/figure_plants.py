"""Small plants made in code, for the tests of figures."""

from __future__ import annotations

from collections.abc import Iterable

from qingyuan.errors import UnknownName
from qingyuan.facts.model import SITE, Basis, Case, Fact, Place, Profile
from qingyuan.facts.places import place_tree
from qingyuan.figures.derivation import FigureSet
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.settings import Settings
from qingyuan.reference.items import catalogue


def fact(
    item: str,
    role: str,
    value: float | None,
    unit: str,
    period: str = "2022",
    place: str = SITE,
    **more: object,
) -> Fact:
    """A fact of a catalogue item or of an item of the plant's own (kind ``product`` unless given)."""
    try:
        kind, own = catalogue().get(item).kind, False
    except UnknownName:
        kind, own = "product", True
    fields: dict[str, object] = {"kind": kind, "own_item": own, "basis": Basis.METER, **more}
    return Fact("plant", period, item, role, value, unit, place=place, **fields)  # type: ignore[arg-type]


def months(item: str, role: str, values: Iterable[float], unit: str, year: int = 2022, **more: object) -> list[Fact]:
    """One fact for each month from January on."""
    return [
        fact(item, role, value, unit, f"{year}-{number:02d}", **more)  # type: ignore[arg-type]
        for number, value in enumerate(values, start=1)
    ]


def case(*facts: Fact, places: Iterable[Place] = (), settings: dict[str, object] | None = None) -> Case:
    """A case of these facts; the tree of places is made as the reader makes it."""
    tree, _ = place_tree((entry.place for entry in facts), tuple(places))
    return Case(Profile(settings=settings or {}), tuple(facts), places=tree)  # type: ignore[arg-type]


def ledger(*facts: Fact, places: Iterable[Place] = (), settings: dict[str, object] | None = None) -> Ledger:
    """The ledger of such a case."""
    return Ledger(case(*facts, places=places, settings=settings))


def run(
    room: object, *facts: Fact, places: Iterable[Place] = (), settings: dict[str, object] | None = None
) -> FigureSet:
    """The figures of one room for such a case."""
    book = ledger(*facts, places=places, settings=settings)
    return room.figures(book, book.settings)  # type: ignore[attr-defined, no-any-return]


def with_settings(book: Ledger, **changes: object) -> Settings:
    """The settings of a ledger with changes."""
    from dataclasses import replace

    return replace(book.settings, **changes)  # type: ignore[arg-type]

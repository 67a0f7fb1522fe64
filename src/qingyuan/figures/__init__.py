"""Figures (指标): energy, water, materials, money, pollutants, carbon, each with its derivation.

``compute(case)`` gives all of them and what is missing; ``explain(figure)`` tells where one comes from.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qingyuan.facts.model import Case
    from qingyuan.figures.derivation import FigureSet
    from qingyuan.figures.ledger import Ledger
    from qingyuan.figures.settings import Settings

# The rooms in the order of a report; each exposes ``figures(ledger, settings) -> FigureSet``.
ROOMS = ("energy", "water", "materials", "pollutants", "carbon", "tax", "money")


def compute(case: Case, *, settings: Settings | None = None, ledger: Ledger | None = None) -> FigureSet:
    """All figures of a case, with those that could not be computed, what they need, and contradictions that were met.

    ``settings`` default to those of the case's profile; a ``ledger`` that was made already is used as it is. Raises
    InputError where the settings cannot be understood.
    """
    from qingyuan.figures.derivation import FigureSet
    from qingyuan.figures.ledger import Ledger

    ledger = Ledger(case, settings) if ledger is None else ledger
    found = FigureSet()
    for room in ROOMS:
        found += import_module(f"{__name__}.{room}").figures(ledger, ledger.settings)
    return found + FigureSet(problems=ledger.problems)

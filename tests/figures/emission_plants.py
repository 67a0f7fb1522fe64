"""Small plants with an industry, monitoring and settings, for the tests of carbon, pollutants and tax."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from figure_plants import case, fact, months

from qingyuan.facts.model import Basis, Case, Fact, Monitoring, Place, Profile, State
from qingyuan.figures.derivation import FigureSet
from qingyuan.figures.ledger import Ledger

__all__ = ["fact", "months", "plant", "result", "run"]

# A reporting date long after the newest notice, so that the tests do not depend on the day they run.
REPORTED = "2026-11-22"


def plant(
    *facts: Fact,
    industry: str = "3982",
    monitoring: Iterable[Monitoring] = (),
    places: Iterable[Place] = (),
    province: str = "",
    **settings: object,
) -> Ledger:
    """The ledger of a plant; settings are written with underscores, dots as double underscores."""
    given = {"reporting-date": REPORTED}
    given |= {key.replace("__", ".").replace("_", "-"): value for key, value in settings.items()}  # type: ignore[misc]
    made: Case = case(*facts, places=places)
    profile = Profile(industry_code=industry, province=province, settings=given)  # type: ignore[arg-type]
    return Ledger(replace(made, profile=profile, monitoring=tuple(monitoring)))


def run(room: object, *facts: Fact, **more: object) -> FigureSet:
    """The figures of one room for such a plant."""
    book = plant(*facts, **more)  # type: ignore[arg-type]
    return room.figures(book, book.settings)  # type: ignore[attr-defined, no-any-return]


def result(
    outlet: str,
    pollutant: str,
    concentration: float | None,
    unit: str,
    date: str = "2022-06-01",
    *,
    limit: str = "",
    flow: float | None = None,
    rate: float | None = None,
    automatic: bool = False,
    medium: str = "",
    below: bool = False,
    rate_limit: float | None = None,
) -> Monitoring:
    """One monitoring result; ``below`` = below detection, with the detection limit as concentration or none."""
    return Monitoring(
        "plant",
        outlet,
        pollutant,
        date,
        State.BELOW_DETECTION if below else State.VALUE,
        concentration,
        unit,
        limit,
        flow,
        rate,
        rate_limit,
        medium=medium or ("water" if unit in ("mg/L", "") else "air"),
        basis=Basis.MONITORING_AUTO if automatic else Basis.MONITORING,
        label=pollutant,
    )

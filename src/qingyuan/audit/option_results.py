"""What the options engine found in an audit (方案引擎的结果): effects of the set, ways to levels, candidates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from qingyuan.language import Message, Name
from qingyuan.options.change import Unapplied
from qingyuan.options.match import Candidate
from qingyuan.options.option_sets import QuantityEffect, SetEffects
from qingyuan.options.path import LevelPath

# no-data: the row has no value; no-option: nothing in the list changes it; not-enough: all options together fall short.
Shortfall: TypeAlias = Literal["no-data", "no-option", "not-enough"]


@dataclass(frozen=True, slots=True)
class StreamClaims:
    """What options claim of one stream against what the set can save (申报与可实现): amounts a year in its unit.

    ``claimed`` by option id as stated, nothing considered; ``quantity`` the computed effects.
    """

    quantity: QuantityEffect
    claimed: Mapping[str, float]

    @property
    def total(self) -> float:
        """The sum of what is claimed; negative saves."""
        return sum(self.claimed.values())

    @property
    def overstated(self) -> float:
        """How much of the claimed saving cannot be had together; 0 where all of it can."""
        more = self.quantity.change - self.total
        return more if self.total < 0 and more > 1e-9 * self.quantity.before else 0.0

    @property
    def exceeds(self) -> bool:
        """Whether more is claimed than the stream holds."""
        return -self.total > self.quantity.before * (1 + 1e-9)

    def as_json(self) -> dict[str, object]:
        """The stream with claims beside effects as plain values."""
        record = self.quantity.as_json()
        record["claimed"] = self.total
        record["overstated"] = self.overstated
        record["exceeds"] = self.exceeds
        record["options"] = [
            {**each.as_json(), "claimed": self.claimed.get(each.option, 0.0)} for each in self.quantity.options
        ]
        return record


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A row that misses a level even with all options (达不到的指标), and why.

    ``obliged``: the level needs it whatever the index; ``best``: the value with all options, None where unchanged;
    ``asked`` in the document's words; ``points`` of 100 that it would add: at most that where ``shared`` (the split of
    its block is unknown).
    """

    id: str
    name: Name
    unit: str
    obliged: bool
    before: object
    best: float | None
    asked: Message | Name
    points: float
    shared: bool
    why: Shortfall

    def as_json(self) -> dict[str, object]:
        """The row as plain values."""
        return {
            "id": self.id, "name": str(self.name), "unit": self.unit, "obliged": self.obliged, "before": self.before,
            "best": self.best, "asked": str(self.asked), "points": self.points,
            "shared": self.shared, "why": self.why,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class NextLevel:
    """The way to one level (达级途径): the cheapest set or none, and the rows that stay below with all options.

    ``index_before``, ``index_best``: the index of this level now and with all options; ``minimum`` what it asks.
    """

    path: LevelPath
    obstacles: tuple[Obstacle, ...]
    index_before: float
    index_best: float
    minimum: float

    def as_json(self) -> dict[str, object]:
        """The way as plain values; the run time is left out, so that equal data give an equal file."""
        record = self.path.as_json()
        del record["seconds"]
        return {
            **record,
            "obstacles": [each.as_json() for each in self.obstacles],
            "index_before": self.index_before,
            "index_best": self.index_best,
            "minimum": self.minimum,
        }


@dataclass(frozen=True, slots=True)
class OptionResults:
    """All of it for one audited case.

    ``done``: options that the data of the graded period hold already, not counted again; ``left_out``: options that
    exclude one before them, with that one; ``effects`` of all others as a set (None without any), its streams in
    ``streams`` beside the claims; ``unapplied`` by option; ``levels`` above the present one, the nearest first;
    ``candidates``: the best of ``matched`` technologies that no option of the case resembles; ``known``: ids of those
    among the best that the case has.
    """

    period: str
    done: tuple[str, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    effects: SetEffects | None = None
    streams: tuple[StreamClaims, ...] = ()
    unapplied: Mapping[str, tuple[Unapplied, ...]] | None = None
    levels: tuple[NextLevel, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    matched: int = 0
    known: tuple[Candidate, ...] = ()

    def effects_json(self) -> dict[str, object] | None:
        """The effects of the set as plain values; None without options."""
        if self.effects is None:
            return None
        return {
            "period": self.effects.period,
            "options": list(self.effects.options),
            "done": list(self.done),
            "left_out": [{"option": id, "excluded_by": other} for id, other in self.left_out],
            "streams": [each.as_json() for each in self.streams],
            "figures": [each.as_json() for each in self.effects.figures],
            "unapplied": {id: [each.as_json() for each in some] for id, some in (self.unapplied or {}).items() if some},
        }

    def candidates_json(self) -> dict[str, object]:
        """The candidates as plain values."""
        return {
            "matched": self.matched,
            "candidates": [each.as_json() for each in self.candidates],
            "known": [{"id": each.technology.id, "already": list(each.already)} for each in self.known],
        }

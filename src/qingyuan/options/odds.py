"""How often such options are done (采纳概率): by what they save and how soon they pay back, from real recommendations.

Counted from the recommendations of US industrial assessments with known outcome since 2000: implemented or not, by the
resource saved and the class of pay-back (cost / yearly saving). A prior for ranking, not a forecast for one plant:
other country, small and medium factories, energy above all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal, TypeAlias

from qingyuan.language import Message, Name, message
from qingyuan.reference.loading import load_csv
from qingyuan.reference.sources import Graded
from qingyuan.reference.technologies import Technology, outcome_statistics

Resource: TypeAlias = Literal["electricity", "fuel", "water", "waste", "materials", "other"]
RESOURCES: Mapping[Resource, Name] = {
    "electricity": Name("电", "electricity"),
    "fuel": Name("燃料与热", "fuel and heat"),
    "water": Name("水与废水", "water and waste water"),
    "waste": Name("固体废物与废气", "solid waste and waste gas"),
    "materials": Name("原辅材料", "materials"),
    "other": Name("管理与生产组织", "management and production"),
}

# Limits of the classes of pay-back, years.
CLASSES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
FROM_YEAR = 2000

_CODES: Mapping[str, Resource] = {
    **dict.fromkeys(("EC", "ED", "EF", "E1"), "electricity"),
    **dict.fromkeys((f"E{n}" for n in range(2, 13)), "fuel"),
    **dict.fromkeys(("W0", "W1", "R5"), "water"),
    **dict.fromkeys(("W2", "W3", "W4", "W5", "W6"), "waste"),
    **dict.fromkeys(("R3", "R4"), "materials"),
    **dict.fromkeys(("R1", "R2", "R6", "P1", "P2", "P3"), "other"),
}


class AdoptionCount(Graded):
    """Recommendations with known outcome of one resource and class of pay-back (采纳统计)."""

    resource: Resource
    payback_from: float
    payback_to: float | None = None
    count: int
    implemented: int
    median_payback: float


@dataclass(frozen=True, slots=True)
class Odds:
    """The share of such recommendations that were implemented (采纳比例) with its 95 % interval, and of how many."""

    rate: float
    low: float
    high: float
    count: int
    resource: Resource
    payback: float | None

    def text(self) -> Message:
        """The odds in words."""
        name = RESOURCES[self.resource]
        if self.payback is None:
            return message(
                "同类建议（{name}）{count} 条中 {rate} 已实施", name=name, count=self.count, rate=f"{self.rate:.0%}"
            )
        return message(
            "同类建议（{name}，回收期相近）{count} 条中 {rate} 已实施",
            name=name, count=self.count, rate=f"{self.rate:.0%}",
        )  # fmt: skip

    def as_json(self) -> dict[str, object]:
        """The odds as plain values."""
        return {
            "rate": self.rate, "low": self.low, "high": self.high, "count": self.count, "resource": self.resource,
            "payback_years": self.payback,
        }  # fmt: skip


@lru_cache(maxsize=1)
def adoption_counts() -> tuple[AdoptionCount, ...]:
    """The shipped counts by resource and class of pay-back."""
    return load_csv("options/adoption-odds.csv", AdoptionCount)


def class_of(payback: float) -> int:
    """The class of a pay-back in years: the number of the limit at or below it."""
    return max(at for at, limit in enumerate(CLASSES) if payback >= limit or at == 0)


def odds(resource: Resource, payback: float | None = None) -> Odds:
    """How often recommendations that save a resource were implemented; of all pay-backs where none is given (years)."""
    rows = [row for row in adoption_counts() if row.resource == resource]
    if payback is not None:
        rows = [row for row in rows if class_of(row.payback_from) == class_of(max(payback, 0.0))] or rows
    count, done = sum(row.count for row in rows), sum(row.implemented for row in rows)
    low, high = interval(done, count)
    return Odds(done / count, low, high, count, resource, payback)


def interval(done: int, count: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (Wilson 1927)."""
    share, spread = done / count, z * z / count
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * ((share * (1 - share) + spread / 4) / count) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)


def resource_of(technology: Technology) -> Resource:
    """What a technology saves in the sense of the counts: by its row of the statistics, its effects, its media."""
    if technology.statistics:
        found = _CODES.get(technology.statistics.split()[0])
        if found is not None:
            return found
    items = {effect.item for effect in technology.effects}
    if "electricity" in items:
        return "electricity"
    media = technology.media
    if "energy" in media or "carbon" in media:
        return "fuel"
    if "water" in media:
        return "water"
    if "raw-material" in media:
        return "materials"
    return "waste" if media else "other"


def typical_payback(technology: Technology) -> float | None:
    """The pay-back of a technology: its record's, else the median of its row of the statistics, in years."""
    if technology.cost is not None and technology.cost.payback_years is not None:
        return technology.cost.payback_years
    code, _, range_ = technology.statistics.partition(" ")
    for row in outcome_statistics(code) if code else ():
        if row.arc_range == range_ and row.period.startswith("2010"):
            return row.median_payback_years
    return None


def technology_odds(technology: Technology) -> Odds:
    """The odds of a technology by its resource and its pay-back where one is known."""
    return odds(resource_of(technology), typical_payback(technology))


def count_outcomes(
    rows: Iterable[Mapping[str, str]], *, first: int = FROM_YEAR, last: int = 9999
) -> dict[tuple[Resource, int], tuple[int, int]]:
    """Count recommendations by resource and class of pay-back: how many had a known outcome, how many were done.

    ``rows`` have ``psourccode``, ``psaved`` and ``impcost`` (dollars), ``impstatus`` (I, N, …), ``fy``; rows without a
    positive saving, a cost or a known outcome are left out. This is how the shipped counts were made.
    """
    found: dict[tuple[Resource, int], tuple[int, int]] = {}
    for row in rows:
        resource = _CODES.get(row["psourccode"])
        if resource is None or row["impstatus"] not in ("I", "N") or not row["psaved"] or not row["impcost"]:
            continue
        saved, cost = float(row["psaved"]), float(row["impcost"])
        if saved <= 0 or cost < 0 or not first <= int(row["fy"] or 0) <= last:
            continue
        key = (resource, class_of(cost / saved))
        count, done = found.get(key, (0, 0))
        found[key] = (count + 1, done + (row["impstatus"] == "I"))
    return found


def class_limits() -> tuple[tuple[float, float | None], ...]:
    """The classes of pay-back as (from, below) in years; the last is open."""
    return (*pairwise(CLASSES), (CLASSES[-1], None))

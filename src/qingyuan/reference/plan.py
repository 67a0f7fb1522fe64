"""A city's cleaner production plan (清洁生产推行工作方案) as data, and the scoring sheets of assessment and acceptance.

The first plan is Chongqing's of 2021-2025; the next one is another file. Nothing official is computed from a sheet
whose points are not complete.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from qingyuan.errors import UnknownName
from qingyuan.language import message
from qingyuan.reference.loading import DATA, Record, load_toml
from qingyuan.reference.records import Grade, Validity
from qingyuan.reference.sources import Graded, SourceText, Unit


class Baseline(Record):
    """A figure of an earlier year to compare a target with; the plan itself states none."""

    value: float
    year: int
    grade: Grade
    source: SourceText


class PlanTarget(Graded):
    """A target (目标) of a plan: ``value``, or the planned range ``value_min``-``value_max``, in ``unit`` in ``year``.

    ``direction`` says when it is met (``Plan.directions``), ``aggregation`` how the city's figure is made of many
    reports (``Plan.aggregation_rules``), ``time`` whether the value is that of the year or the sum of the period.
    ``likely_body`` is who probably answers for it; the plan names nobody for single targets.
    """

    id: str
    name: str
    unit: Unit
    value: float | None = None
    value_min: float | None = None
    value_max: float | None = None
    year: int
    sector: Literal["industry", "agriculture", "construction", "transport", "services", "all"]
    section: str
    aggregation: str
    time: Literal["end-value", "period-sum"]
    direction: str
    numerator: str = ""
    denominator: str = ""
    named: tuple[str, ...] = ()
    same_as: str = ""
    levels: tuple[str, ...] = ()
    likely_body: str = ""
    baseline: Baseline | None = None


class PlanScope(Graded):
    """Whom or what a task of the plan covers (范围), ``count`` members, named where the plan names them."""

    id: str
    name: str
    count: int
    items: tuple[str, ...] = ()
    section: str


class PlanComparison(Graded):
    """Figures of elsewhere to compare with."""

    id: str
    values: Mapping[str, float]


class Plan(Graded):
    """A cleaner production plan (推行工作方案) of one jurisdiction and period."""

    id: str
    plan: str
    document: str
    jurisdiction: str
    valid_from: dt.date
    valid_to: dt.date
    base_year: int
    coordinates: str
    areas: str
    aggregation_rules: Mapping[str, str]
    directions: Mapping[str, str]
    targets: tuple[PlanTarget, ...]
    scopes: tuple[PlanScope, ...]
    comparisons: tuple[PlanComparison, ...] = ()

    @property
    def validity(self) -> Validity:
        """The period of the plan."""
        return Validity(self.valid_from, self.valid_to)

    def target(self, id: str) -> PlanTarget:
        """The target of an id. Raises UnknownName."""
        for record in self.targets:
            if record.id == id:
                return record
        raise UnknownName(message("未知的目标"), id, [record.id for record in self.targets])


class SheetOutcome(Record):
    """A result of a scoring sheet and the test that leads to it."""

    id: str
    name: str
    test: str
    grade: Grade


class SheetVeto(Record):
    """A fact that fails the plant whatever its score (否决项)."""

    id: str
    name: str
    grade: Grade


class SheetRow(Record):
    """A row of a scoring sheet: what it asks and its points, None where they are not known."""

    name: str
    asks: str = ""
    points: float | None = None


class SheetSection(Record):
    """A part of a scoring sheet."""

    id: str
    name: str
    grade: Grade
    rows: tuple[SheetRow, ...]


class ScoringSheet(Graded):
    """A scoring sheet (评分表) of assessment, acceptance or review of consultants.

    ``points``: complete, partial or unknown; only a complete one whose rows add up to ``max_score`` gives a result.
    """

    id: str
    title: str
    document: str = ""
    jurisdiction: str
    gate: Literal["assessment", "acceptance", "consultant-review"]
    max_score: float
    points: Literal["complete", "partial", "unknown"]
    use: Literal["rule", "comparison"]
    outcomes: tuple[SheetOutcome, ...] = ()
    vetoes: tuple[SheetVeto, ...] = ()
    sections: tuple[SheetSection, ...] = ()

    @property
    def known_points(self) -> float:
        """The sum of the points that are known."""
        return sum(row.points or 0.0 for section in self.sections for row in section.rows)


class LocalThreshold(Graded):
    """A local condition on a score (地方条件)."""

    id: str
    name: str
    test: str
    jurisdiction: str


class _ScoringFile(Record):
    sheets: tuple[ScoringSheet, ...]
    thresholds: tuple[LocalThreshold, ...]


_NOT_PLANS = {"audit-scoring"}


def plan_ids() -> tuple[str, ...]:
    """Give the ids of the plans that ship."""
    return tuple(sorted(path.stem for path in (DATA / "plan").glob("*.toml") if path.stem not in _NOT_PLANS))


def plan(id: str = "chongqing-2021-2025") -> Plan:
    """Load a plan. Raises UnknownName for an unknown id and DataError for a file of the wrong shape."""
    if id not in plan_ids():
        raise UnknownName(message("未知的方案"), id, plan_ids())
    return load_toml(f"plan/{id}.toml", Plan)


@lru_cache(maxsize=1)
def scoring_sheets() -> Mapping[str, ScoringSheet]:
    """Give the scoring sheets by id."""
    return {record.id: record for record in load_toml("plan/audit-scoring.toml", _ScoringFile).sheets}


def local_thresholds() -> tuple[LocalThreshold, ...]:
    """Give the local conditions on scores."""
    return load_toml("plan/audit-scoring.toml", _ScoringFile).thresholds

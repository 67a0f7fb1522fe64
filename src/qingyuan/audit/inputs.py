"""What an audit decides and records beside the plant's facts (审核设置与记录): listing, focus, goals, worksheets.

In a case folder it is the file ``audit.toml`` and, for worksheets that facts cannot fill, ``worksheets/<id>.csv`` with
the worksheet's columns as headings (Chinese, English or the column's id) or a filled ``worksheets.xlsx``; in the audit
workbook it is the sheets after those of the data. All are optional; each part that is missing keeps its default, and
nothing is assumed that the law or the audit team must decide.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from qingyuan.audit.clocks import Anchor, PreviousAudit, Proof
from qingyuan.audit.goals import CostLimits
from qingyuan.audit.phases import worksheet_definitions
from qingyuan.audit.record import AUDIT_FILE, FOLDER, AuditRecord, Entries, collect, column_key
from qingyuan.errors import InputError, Problem
from qingyuan.facts.model import Profile
from qingyuan.language import message
from qingyuan.reference.shapes import shape_faults
from qingyuan.standards.model import Level

__all__ = ["AUDIT_FILE", "FOLDER", "NO_INPUTS", "Entries", "Inputs", "column_key", "inputs_of", "read_inputs"]


@dataclass(frozen=True, slots=True)
class Inputs:
    """What an audit decides and records beside the facts.

    Listing: ``listed_on``, ``triggers``, ``prescriptions``, ``jurisdiction`` ("" = of the profile), ``previous``,
    ``anchor``, ``events``, ``proofs``. Costs: ``cost_limits``. Focus: ``factor_set``, ``weights``, ``scores`` (R by
    candidate and factor), ``candidates`` (empty = those that facts suggest), ``focus_count``, ``links`` (places by
    trigger). Screening of options: ``option_weights``, ``option_scores``. Goals: ``near``, ``far``, ``goal_years``.
    Comparison: periods ``before`` and ``after``. ``entries``: rows of worksheets by worksheet and column id.
    ``not_needed``: worksheets that this audit does without, with the reason. ``economics``: symbols of the economic
    assessment by option id (I, P, D, T, E, F, N, NPV, NPVR, IRR; money in 10^4 CNY, NPVR and IRR in %), with parts of
    investment and saving; ``economic_terms``: what all options are assessed with (discount_rate, life_years …).
    """

    listed_on: dt.date | None = None
    triggers: tuple[str, ...] = ()
    prescriptions: tuple[str, ...] = ()
    jurisdiction: str = ""
    previous: PreviousAudit | None = None
    anchor: Anchor = "acceptance"
    events: Mapping[str, dt.date] = field(default_factory=dict)
    proofs: tuple[Proof, ...] = ()
    cost_limits: CostLimits | None = None
    factor_set: str = "handbook"
    weights: Mapping[str, float] = field(default_factory=dict)
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    candidates: tuple[str, ...] = ()
    focus_count: int = 1
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    option_weights: Mapping[str, float] = field(default_factory=dict)
    option_scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    near: Level | None = None
    far: Level = "I"
    goal_years: tuple[int, int] | None = None
    before: str = ""
    after: str = ""
    entries: Entries = field(default_factory=dict)
    not_needed: Mapping[str, str] = field(default_factory=dict)
    economics: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    economic_terms: Mapping[str, float] = field(default_factory=dict)

    def place(self, profile: Profile) -> str:
        """The jurisdiction of the case: as stated, else that of the plant's city or province."""
        from qingyuan.audit.rules import find_jurisdiction, jurisdiction_of

        return find_jurisdiction(self.jurisdiction) if self.jurisdiction else jurisdiction_of(profile)


NO_INPUTS = Inputs()


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Previous(_Shape):
    accepted_on: dt.date | None = None
    reported_on: dt.date | None = None
    listed_on: dt.date | None = None
    pilot_passed_on: dt.date | None = None


class _Case(_Shape):
    listed_on: dt.date | None = None
    triggers: tuple[Literal["T1", "T2", "T3", "T4"], ...] = ()
    prescriptions: tuple[str, ...] = ()
    jurisdiction: str = ""
    anchor: Anchor = "acceptance"
    previous: _Previous | None = None
    events: dict[str, dt.date] = {}


class _Proof(_Shape):
    deadline: str
    on: dt.date
    document: str = ""


class _Cost(_Shape):
    medium_from: float
    high_from: float
    higher_from: float | None = None


class _Focus(_Shape):
    set: str = "handbook"
    count: int = 1
    candidates: tuple[str, ...] = ()
    weights: dict[str, float] = {}
    scores: dict[str, dict[str, float]] = {}
    links: dict[str, tuple[str, ...]] = {}


class _Screening(_Shape):
    weights: dict[str, float] = {}
    scores: dict[str, dict[str, float]] = {}


class _Goals(_Shape):
    near: Level | None = None
    far: Level = "I"
    near_year: int | None = None
    far_year: int | None = None


class _Comparison(_Shape):
    before: str = ""
    after: str = ""


class _AuditFile(_Shape):
    case: _Case = _Case()
    proofs: tuple[_Proof, ...] = ()
    cost: _Cost | None = None
    focus: _Focus = _Focus()
    screening: _Screening = _Screening()
    goals: _Goals = _Goals()
    comparison: _Comparison = _Comparison()
    not_needed: dict[str, str] = {}
    economics: dict[str, float | dict[str, float]] = {}


def read_inputs(path: Path | str) -> Inputs:
    """Read what an audit decided and recorded: from a case folder, or from the audit workbook.

    A folder reads ``audit.toml``, ``worksheets/*.csv`` and ``worksheets.xlsx``, a workbook the sheets of the audit in
    it; where there is none of them, the defaults stand. Raises InputError with every problem: files that cannot be
    read, keys and values that do not fit, unknown worksheets or columns, cells of worksheets that facts fill and
    somebody changed.
    """
    problems: list[Problem] = []
    record = collect(Path(path), problems)
    return inputs_of(record, problems)


def inputs_of(record: AuditRecord, problems: Sequence[Problem] = ()) -> Inputs:
    """What a record means, checked; ``problems`` are those found while it was read.

    Raises InputError with these and every key and value that does not fit, each with its place.
    """
    found = list(problems)
    shape = _AuditFile()
    try:
        shape = _AuditFile.model_validate(dict(record.settings))
    except ValidationError as error:
        faults = shape_faults(error, record.settings, _AuditFile)
        wrong = {fault.path[0] for fault in faults if fault.path}  # the other sections are checked all the same
        shape = _AuditFile.model_validate({key: value for key, value in record.settings.items() if key not in wrong})
        for fault in faults:
            text = message("审核设置的 {place} 不对：{reason}", place=fault.place, reason=fault.reason)
            where = record.place(fault.path)
            found.append(Problem("audit-file", text, where=where, found=fault.found, expected=fault.expected))
    for id in shape.not_needed:
        if id not in worksheet_definitions():
            text = message("没有编号为“{id}”的工作表", id=id)
            found.append(Problem("worksheet-unknown", text, where=record.place(("not_needed", id)), found=id))
    limits = None
    if shape.cost is not None:
        try:
            limits = CostLimits(shape.cost.medium_from, shape.cost.high_from, shape.cost.higher_from)
        except InputError as error:
            found.extend(replace(one, where=record.place(("cost",))) for one in error.problems)
    if found:
        raise InputError(found)
    goals = shape.goals
    years = None if goals.near_year is None or goals.far_year is None else (goals.near_year, goals.far_year)
    previous = shape.case.previous
    return Inputs(
        listed_on=shape.case.listed_on,
        triggers=tuple(shape.case.triggers),
        prescriptions=shape.case.prescriptions,
        jurisdiction=shape.case.jurisdiction,
        previous=None if previous is None else PreviousAudit(**previous.model_dump()),
        anchor=shape.case.anchor,
        events=shape.case.events,
        proofs=tuple(Proof(one.deadline, one.on, one.document) for one in shape.proofs),
        cost_limits=limits,
        factor_set=shape.focus.set,
        weights=shape.focus.weights,
        scores=shape.focus.scores,
        candidates=shape.focus.candidates,
        focus_count=shape.focus.count,
        links=shape.focus.links,
        option_weights=shape.screening.weights,
        option_scores=shape.screening.scores,
        near=goals.near,
        far=goals.far,
        goal_years=years,
        before=shape.comparison.before,
        after=shape.comparison.after,
        entries=record.entries,
        not_needed=shape.not_needed,
        economics={id: dict(of) for id, of in shape.economics.items() if isinstance(of, dict)},
        economic_terms={key: value for key, value in shape.economics.items() if not isinstance(value, dict)},
    )

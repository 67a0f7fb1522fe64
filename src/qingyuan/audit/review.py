"""The sheet of an assessment or acceptance for one case (评估、验收对照表): its rows beside what the case's data show.

Which sheet rules follows from the day and the place (``assessment``). A sheet whose official points are not held gives
no result; the rows, the vetoes and the papers are still worth going through, and ``refusal`` says what to load.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from qingyuan.audit import assessment, law
from qingyuan.audit.assessment import Ability, Row
from qingyuan.audit.dates import audit_span
from qingyuan.audit.rule_records import Gate
from qingyuan.audit.rules import Held
from qingyuan.audit.worksheets import Context, SheetState, worksheet
from qingyuan.language import Message, Name, message
from qingyuan.reference.loading import Record, load_toml
from qingyuan.reference.plan import ScoringSheet
from qingyuan.standards.formula import decimal_text

GateName = Literal["assessment", "acceptance"]
GATES: Mapping[GateName, Message] = {"assessment": message("评估"), "acceptance": message("验收")}


class _RowRecord(Record):
    name: str
    en: str
    asks_zh: str = ""
    sheets: tuple[str, ...] = ()


class _NameRecord(Record):
    zh: str
    en: str


class _File(Record):
    rows: tuple[_RowRecord, ...]
    names: tuple[_NameRecord, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A worksheet of the case that speaks to a row: its number, name, state and what it lacks."""

    id: str
    name: Name
    state: SheetState
    share: float
    missing: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A row of the sheet with the worksheets of the case that show it; ``points`` is None where they are not held."""

    row: Row
    section: Name
    name: Name
    asks: Name
    shown: tuple[Shown, ...]

    @property
    def points(self) -> str:
        """The official points of the row, "" where they are not held."""
        return "" if self.row.points is None else decimal_text(self.row.points)


@dataclass(frozen=True, slots=True)
class ReviewVeto:
    """A fact that fails the plant, with what the case's data say of it; ``found``: they speak for it."""

    id: str
    name: Name
    says: Message
    found: bool | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """The sheet of one case: ``refusal`` says why it gives no official result, None where it can be scored."""

    gate: GateName
    on: dt.date
    jurisdiction: str
    sheet: ScoringSheet
    title: Name
    rule: Held[Gate]
    required: bool
    rows: tuple[ReviewRow, ...]
    vetoes: tuple[ReviewVeto, ...]
    abilities: tuple[Ability, ...]
    refusal: Message | None

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force."""
        return {
            "gate": self.gate,
            "on": self.on.isoformat(),
            "jurisdiction": self.jurisdiction,
            "required": self.required,
            "sheet": self.sheet.id,
            "title": str(self.title),
            "basis": str(self.rule.basis),
            "max_score": self.sheet.max_score,
            "rows": [
                {
                    "key": one.row.key,
                    "section": str(one.section),
                    "name": str(one.name),
                    "asks": str(one.asks),
                    "points": None if one.row.points is None else float(one.row.points),
                    "worksheets": [
                        {"id": each.id, "name": str(each.name), "state": each.state, "share": each.share}
                        for each in one.shown
                    ],
                }
                for one in self.rows
            ],
            "vetoes": [
                {"id": one.id, "name": str(one.name), "found": one.found, "says": str(one.says)} for one in self.vetoes
            ],
            "papers": [str(paper.name) for paper in self.rule.record.papers],
            "conditions": [one.condition.record.id for one in self.abilities],
            "refusal": None if self.refusal is None else str(self.refusal),
        }


def review(
    context: Context,
    gate: GateName,
    on: dt.date | None = None,
    who: Literal["consultant", "enterprise"] = "consultant",
) -> Review:
    """The sheet that rules an assessment or acceptance of a case, row by row beside what its data show.

    ``on``: its day; else that of the result, for an assessment the recorded one or the last day of the audit. ``who``
    audits: the conditions on them stand in ``abilities``. Raises NoRuleInForce where no sheet is held for the day.
    """
    inputs, result = context.inputs, context.result
    place = inputs.place(result.case.profile)
    day = on or result.generated_on
    if on is None and gate == "assessment":
        day = inputs.events.get("assessment-passed") or audit_span(inputs, result.case.profile).end or day
    sheet, rule = assessment.sheet_for(gate, day, place)
    known = {one.name: one for one in load_toml("audit/review.toml", _File).rows}
    rows = []
    for row in assessment.rows(sheet):
        record = known.get(row.name)
        name = Name(row.name, record.en if record is not None else row.name)
        asks = Name(record.asks_zh if record is not None and record.asks_zh else row.asks, row.asks)
        shown = tuple(_shown(context, id) for id in (record.sheets if record is not None else ()))
        rows.append(ReviewRow(row, _named(row.section), name, asks, shown))
    mandatory = False
    if inputs.listed_on is not None and inputs.triggers:
        standing = law.standing(inputs.triggers, inputs.listed_on, place, inputs.prescriptions)
        mandatory = standing.kind == "mandatory"
    return Review(
        gate,
        day,
        place,
        sheet,
        _named(sheet.title),
        rule,
        law.review_duty(day, place, mandatory=mandatory).required,
        tuple(rows),
        tuple(_veto(context, veto.id, veto.name) for veto in sheet.vetoes),
        assessment.abilities(who, {}, day, place),
        assessment.refusal(sheet),
    )


def _named(text: str) -> Name:
    found = next((one.en for one in load_toml("audit/review.toml", _File).names if one.zh == text), text)
    return Name(text, found)


def _shown(context: Context, id: str) -> Shown:
    table = worksheet(id, context)
    return Shown(id, table.definition.name, table.state, table.share, table.missing)


def _veto(context: Context, id: str, name: str) -> ReviewVeto:
    """What the data of the case say of a veto; the reviewers judge it, the data only warn."""
    called = _named(name)
    result = context.result
    if id == "below-level-3":
        if result.score is None:
            return ReviewVeto(id, called, message("没有评定等级"))
        level = result.score.level
        says = message("评定结果：{level}", level=result.score.level_name)
        return ReviewVeto(id, called, says, None if level == "undecided" else level == "none")
    if id == "not-compliant":
        over = sum(1 for finding in result.findings if finding.rule == "over-limit")
        if over:
            return ReviewVeto(id, called, message("数据检查有 {count} 处超过限值", count=over), True)
        if result.case.monitoring:
            says = message("填报的监测结果没有超过所写限值的；总量和能耗限额须另行核对")
            return ReviewVeto(id, called, says)
        return ReviewVeto(id, called, message("没有填报监测结果"))
    return ReviewVeto(id, called, message("数据不能说明，由评估验收人员判定"))

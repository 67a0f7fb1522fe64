"""Records of the law (法规记录): acts, departments, triggers, clocks, duties, penalties, and the book that holds them.

The shape of ``data/law/<jurisdiction>.toml`` and of the operator's own rule files; an unknown key is an error.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from qingyuan.language import Name
from qingyuan.reference.loading import Record
from qingyuan.reference.records import Grade, Validity
from qingyuan.reference.sources import Graded

TRIGGERS = ("T1", "T2", "T3", "T4")
COUNTRY = "cn"


class Dated(Graded):
    """Base of a rule: the act and article it rests on, and from when to when it holds (both days included)."""

    act: str = ""
    article: str = ""
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    use: Literal["rule", "comparison"] = "rule"
    note_zh: str = ""
    note_en: str = ""

    @property
    def remark(self) -> Name:
        """The remark in both languages."""
        return Name(self.note_zh, self.note_en or self.note_zh)


class Act(Graded):
    """A law, order or notice (法律文件).

    ``continuing_from``: the day since which we only take it to continue beside a newer law, and the words for that.
    ``undated``: from when it applies was not read.
    """

    id: str
    name_zh: str
    name_en: str
    short_zh: str = ""
    short_en: str = ""
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    undated: bool = False
    continuing_from: dt.date | None = None
    continuing_zh: str = ""
    continuing_en: str = ""
    note_zh: str = ""
    note_en: str = ""

    @property
    def name(self) -> Name:
        """Its name."""
        return Name(self.name_zh, self.name_en)

    @property
    def short_name(self) -> Name:
        """A short name for tables; the name where it has none."""
        return Name(self.short_zh or self.name_zh, self.short_en or self.name_en)

    @property
    def validity(self) -> Validity:
        """From when to when it is in force."""
        return Validity(self.valid_from, self.valid_to)


class Department(Graded):
    """A department by its role (部门); a jurisdiction may name its own."""

    id: str
    name_zh: str
    name_en: str

    @property
    def name(self) -> Name:
        """Its name."""
        return Name(self.name_zh, self.name_en)


class Trigger(Dated):
    """A reason for a mandatory audit (强制性审核情形).

    ``lead``: departments that lead; ``needs_prescription``: it holds only with a prescription of the State.
    """

    id: str
    name_zh: str
    name_en: str
    test_zh: str
    test_en: str
    lead: tuple[str, ...] = ()
    needs_prescription: bool = False

    @property
    def name(self) -> Name:
        """Its short name."""
        return Name(self.name_zh, self.name_en)


class Substance(Dated):
    """A class of toxic raw materials or substances (有毒有害原料、物质类别) and how facts show it.

    ``elements`` are named by the text, ``elements_asked`` may be meant by its "and other": the auditor decides.
    ``items`` and ``items_asked`` are ids of the item catalogue (with all below them), ``words`` names that tell it.
    """

    id: str
    name_zh: str
    name_en: str
    elements: tuple[str, ...] = ()
    elements_asked: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    items_asked: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def name(self) -> Name:
        """Its name."""
        return Name(self.name_zh, self.name_en)


class Prescription(Dated):
    """A case for which the State prescribes a mandatory audit (国家规定的其他情形).

    With a ``condition`` it applies to a plant only where somebody says that the condition is met.
    """

    id: str
    trigger: str
    name_zh: str
    name_en: str
    text_zh: str
    text_en: str
    condition_zh: str = ""
    condition_en: str = ""
    lead: tuple[str, ...] = ()


class Receivers(Record):
    """To whom something goes, for some triggers or for all."""

    triggers: tuple[str, ...] = ()
    departments: tuple[str, ...]


class Clock(Dated):
    """A time limit (时限): from which event, how long, whose duty, for which triggers.

    ``unit`` "yearly" with ``date`` (month-day) is a fixed date of each year from ``first_year`` after the event's year,
    without ``date`` a yearly duty whose day is not known; "year-end" is 31 December of the event's year. ``before``
    counts backwards from the event. ``lead`` narrows it to cases that one of these departments leads.
    """

    id: str
    name_zh: str
    name_en: str
    action_zh: str
    action_en: str
    evidence_zh: str = ""
    evidence_en: str = ""
    event: str
    unit: Literal["years", "months", "days", "working-days", "year-end", "yearly"]
    amount: int = 0
    date: str = ""
    first_year: int = 0
    before: bool = False
    bearer: Literal["enterprise", "authority", "consultant"]
    triggers: tuple[str, ...] = ()
    kinds: tuple[Literal["mandatory", "voluntary"], ...] = ("mandatory",)
    lead: tuple[str, ...] = ()
    receivers: tuple[Receivers, ...] = ()
    penalty: str = ""
    recurring: bool = False


class Field(Record):
    """One thing to publish or to hand in."""

    id: str
    zh: str
    en: str

    @property
    def name(self) -> Name:
        """What it is."""
        return Name(self.zh, self.en)


class Disclosure(Dated):
    """What an enterprise must publish, per trigger (应公布的信息); ``duty`` says in which publication."""

    id: str
    duty: Literal["listed-info", "annual-report"]
    triggers: tuple[str, ...]
    fields: tuple[Field, ...]


class Penalty(Dated):
    """What follows a breach (法律责任), in the order of ``steps``; CNY, ``value_*`` in times the goods' value."""

    id: str
    breach_zh: str
    breach_en: str
    by: tuple[str, ...]
    steps: tuple[str, ...]
    minimum_cny: int | None = None
    maximum_cny: int | None = None
    grave_minimum_cny: int | None = None
    grave_maximum_cny: int | None = None
    value_minimum: float | None = None
    value_maximum: float | None = None

    @property
    def breach(self) -> Name:
        """The breach in words."""
        return Name(self.breach_zh, self.breach_en)


class Condition(Dated):
    """A condition on whoever audits (审核能力条件): a consultant, or an enterprise that audits alone."""

    id: str
    name_zh: str
    name_en: str
    evidence_zh: str
    evidence_en: str
    who: tuple[Literal["consultant", "enterprise"], ...]


class Review(Dated):
    """When assessment and acceptance are due (评估验收的情形). ``condition`` is the circumstance that makes it so."""

    id: str
    when_zh: str
    when_en: str
    required: bool
    condition: Literal["always", "mandatory", "in-assessed-plan", "applies-for-money", "eco-county"]


class Gate(Dated):
    """Which scoring sheet an assessment or acceptance uses (评分表适用), when it comes and which papers go in."""

    gate: Literal["assessment", "acceptance", "consultant-review"]
    sheet: str
    when_zh: str
    when_en: str
    papers: tuple[Field, ...] = ()


class Channel(Dated):
    """Where something is published (公布方式)."""

    purpose: Literal["result", "listed-info"]
    name_zh: str
    name_en: str
    ways: tuple[str, ...]


class Agreement(Dated):
    """With whom a voluntary agreement may be signed (自愿协议)."""

    departments: tuple[str, ...]
    text_zh: str
    text_en: str


class Use(Dated):
    """What audit results are used for (审核结果应用). ``force``: law, reference, or explore (advisory only)."""

    id: str
    text_zh: str
    text_en: str
    force: Literal["law", "reference", "explore"]


class Rulebook(Record):
    """All rules of one jurisdiction."""

    jurisdiction: str
    name_zh: str
    name_en: str
    note_zh: str = ""
    note_en: str = ""
    acts: tuple[Act, ...] = ()
    departments: tuple[Department, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    substances: tuple[Substance, ...] = ()
    prescriptions: tuple[Prescription, ...] = ()
    clocks: tuple[Clock, ...] = ()
    disclosures: tuple[Disclosure, ...] = ()
    penalties: tuple[Penalty, ...] = ()
    conditions: tuple[Condition, ...] = ()
    reviews: tuple[Review, ...] = ()
    gates: tuple[Gate, ...] = ()
    channels: tuple[Channel, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    uses: tuple[Use, ...] = ()

    @property
    def name(self) -> Name:
        """The jurisdiction's name."""
        return Name(self.name_zh, self.name_en)

    def rules(self) -> tuple[Dated, ...]:
        """Every dated record of the book."""
        return (
            *self.triggers, *self.substances, *self.prescriptions, *self.clocks, *self.disclosures, *self.penalties,
            *self.conditions, *self.reviews, *self.gates, *self.channels, *self.agreements, *self.uses,
        )  # fmt: skip


class Place(Record):
    """A jurisdiction by name (地区)."""

    id: str
    short_zh: str
    name_zh: str
    name_en: str
    grade: Grade
    source: str

"""Legal time limits of an audit (时限): deadlines under the law in force on the list date, and their status over time.

All of D1-D3 run from one event, the publication of the list (名单公布), not from each other; an assessment that sends
the audit back does not move the list date. Lengths, anchors and bearers are data (``rules.Clock``); counting is that of
the Civil Code (``calendar.period_end``). A fixed date of the year (15 March) is no period and does not move.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from qingyuan.audit import law
from qingyuan.audit.calendar import Calendar, period_end, shipped_calendar
from qingyuan.audit.rule_records import COUNTRY, Clock, Department, Penalty
from qingyuan.audit.rules import Held, department, find_jurisdiction, in_force, without_local_rules
from qingyuan.errors import InputError, Location, Problem, UnknownName
from qingyuan.language import Message, Name, listing, message
from qingyuan.reference.records import Grade, weakest

Anchor = Literal["acceptance", "report", "list"]
State = Literal["waiting", "due", "overdue", "done", "done-late"]

EVENTS: Mapping[str, Message] = {
    "list-published": message("名单公布"),
    "previous-audit": message("前一次审核"),
    "assessment-passed": message("通过评估"),
    "audit-finished": message("审核完成"),
    "report-received": message("收到审核报告"),
    "review-meeting": message("评审会"),
}
ANCHORS: Mapping[str, Message] = {
    "acceptance": message("前一次审核的验收日"),
    "report": message("前一次审核的报告日"),
    "list": message("前一次审核的名单公布日"),
}


@dataclass(frozen=True, slots=True)
class PreviousAudit:
    """The dates of the audit before this one (前一次审核); ``pilot_passed_on``: a passed pilot counts as one audit."""

    accepted_on: dt.date | None = None
    reported_on: dt.date | None = None
    listed_on: dt.date | None = None
    pilot_passed_on: dt.date | None = None

    def anchor(self, anchor: Anchor) -> dt.date | None:
        """The day from which the interval to the next audit runs, by the setting."""
        return {"acceptance": self.accepted_on, "report": self.reported_on, "list": self.listed_on}[anchor]


@dataclass(frozen=True, slots=True)
class Deadline:
    """One time limit of one case (时限).

    ``due`` is its last day, None where its event has not happened or its day is not known (``waits_for`` says which);
    ``nominal``: the last day before a rest day moved it; ``start``: the day of the event. ``triggers``: those of the
    case that cause it. ``penalties``: what follows a breach on the day after the last day. ``before``: it must be met
    before the event. ``recurring``: it comes back every year. ``kind`` "confirm": only a local rule still asks for it,
    or the law that named its triggers has ended by the day of a breach.
    """

    id: str
    name: Name
    action: Name
    bearer: Literal["enterprise", "authority", "consultant"]
    event: str
    start: dt.date | None
    due: dt.date | None
    nominal: dt.date | None
    rule: Held[Clock]
    triggers: tuple[str, ...] = ()
    receivers: tuple[Department, ...] = ()
    penalties: tuple[Held[Penalty], ...] = ()
    kind: law.Kind = "mandatory"
    waits_for: Message | None = None
    notes: tuple[Message | Name, ...] = ()
    grade: Grade = Grade.READ

    @property
    def key(self) -> str:
        """``id``, with ``@year`` of the due day where the duty comes back every year."""
        return f"{self.id}@{self.due.year}" if self.rule.record.recurring and self.due is not None else self.id

    @property
    def recurring(self) -> bool:
        """Whether the duty comes back every year."""
        return self.rule.record.recurring

    @property
    def moved(self) -> bool:
        """Whether a rest day moved the last day."""
        return self.due != self.nominal

    @property
    def limit(self) -> Message:
        """The limit in words, from its event."""
        record = self.rule.record
        event = EVENTS[record.event]
        if record.unit == "year-end":
            return message("{event}当年 12 月 31 日前", event=event)
        if record.unit == "yearly":
            if not record.date:
                return message("每年")
            if not record.recurring:
                return message("{date} 前", date=record.date)
            return message("每年 {date} 前", date=record.date)
        words = {
            "years": message("{amount} 年", amount=record.amount),
            "months": message("{amount} 个月", amount=record.amount),
            "days": message("{amount} 日", amount=record.amount),
            "working-days": message("{amount} 个工作日", amount=record.amount),
        }[record.unit]
        if record.before:
            return message("{event}前至少 {length}", event=event, length=words)
        return message("自{event}起 {length}内", event=event, length=words)

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force; days as ISO dates."""
        return {
            "key": self.key,
            "id": self.id,
            "name": str(self.name),
            "action": str(self.action),
            "bearer": self.bearer,
            "kind": self.kind,
            "event": self.event,
            "start": _iso(self.start),
            "limit": str(self.limit),
            "due": _iso(self.due),
            "nominal": _iso(self.nominal),
            "recurring": self.recurring,
            "triggers": list(self.triggers),
            "receivers": [str(one.name) for one in self.receivers],
            "jurisdiction": self.rule.jurisdiction,
            "basis": str(self.rule.basis),
            "penalties": [
                {
                    "id": rule.record.id,
                    "basis": str(rule.basis),
                    "text": [str(step) for step in law.penalty_text(rule.record)],
                }
                for rule in self.penalties
            ],
            "waits_for": "" if self.waits_for is None else str(self.waits_for),
            "notes": [str(note) for note in self.notes],
            "grade": self.grade.value,
            "source": self.rule.record.source,
        }


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def deadlines(
    listed_on: dt.date,
    triggers: Iterable[str],
    jurisdiction: str = COUNTRY,
    previous_audit: PreviousAudit | dt.date | None = None,
    *,
    anchor: Anchor = "acceptance",
    events: Mapping[str, dt.date] | None = None,
    prescriptions: Iterable[str] = (),
    until: dt.date | None = None,
    days: Calendar | None = None,
) -> tuple[Deadline, ...]:
    """Every time limit of a case, earliest first, under the law in force on the day its list was published.

    ``triggers``: why it is listed (T1-T4); none, or only such as no rule of the day asks a mandatory audit for, gives
    the limits of voluntary audits. ``previous_audit``: its dates, or the one day that ``anchor`` names (Order 38 does
    not say from which day the five years of D4 run; the default is the acceptance). ``events``: days of later events
    (``assessment-passed``, ``audit-finished``, ``report-received``, ``review-meeting``) that local limits run from.
    ``prescriptions``: as in ``law.standing``. ``until``: yearly duties are listed up to this day; without it the next
    one only. ``days``: another calendar.

    Raises UnknownName for an unknown trigger, jurisdiction, event, anchor or prescription, NoRuleInForce for a day
    before the first law that is held.
    """
    place = find_jurisdiction(jurisdiction)
    known_events = dict(events or {})
    later = [id for id in EVENTS if id not in ("list-published", "previous-audit")]
    for event in known_events:
        if event not in later:
            raise UnknownName(message("事件"), event, later)
    if anchor not in ANCHORS:
        raise UnknownName(message("起算日"), anchor, list(ANCHORS))
    case = law.standing(triggers, listed_on, place, prescriptions)
    previous = _previous(previous_audit, anchor)
    calendar = shipped_calendar() if days is None else days
    found: list[Deadline] = []
    for rule in in_force(lambda book: book.clocks, listed_on, place):
        mine = _applies(rule.record, case)
        if mine is None:
            continue
        start, waits, notes = _start(rule.record, listed_on, previous, anchor, known_events)
        base = Deadline(
            id=rule.record.id,
            name=Name(rule.record.name_zh, rule.record.name_en),
            action=Name(rule.record.action_zh, rule.record.action_en),
            bearer=rule.record.bearer,
            event=rule.record.event,
            start=start,
            due=None,
            nominal=None,
            rule=rule,
            triggers=mine,
            receivers=_receivers(rule.record, mine, place),
            kind=_kind(case, mine),
            waits_for=waits,
            notes=(*rule.notes, *notes),
            grade=rule.record.grade,
        )
        found += [_finished(deadline, case, place) for deadline in _dated(base, listed_on, until, calendar)]
    return tuple(sorted(found, key=lambda one: (one.due or dt.date.max, one.rule.jurisdiction, one.id)))


def _previous(given: PreviousAudit | dt.date | None, anchor: Anchor) -> PreviousAudit | None:
    if given is None or isinstance(given, PreviousAudit):
        return given
    field = {"acceptance": "accepted_on", "report": "reported_on", "list": "listed_on"}[anchor]
    return replace(PreviousAudit(), **{field: given})


def _applies(clock: Clock, case: law.Standing) -> tuple[str, ...] | None:
    """The triggers of the case that a limit applies to, none for one that applies to all; None where it does not."""
    if case.kind == "voluntary":
        return () if "voluntary" in clock.kinds else None
    if "mandatory" not in clock.kinds:
        return None
    mine = [
        trigger.id for trigger in case.triggers
        if trigger.kind != "voluntary" and (not clock.triggers or trigger.id in clock.triggers)
        and (not clock.lead or any(one.id in clock.lead for one in trigger.lead))
    ]  # fmt: skip
    return tuple(mine) if mine else None


def _kind(case: law.Standing, mine: tuple[str, ...]) -> law.Kind:
    if not mine:
        return case.kind
    kinds = {trigger.kind for trigger in case.triggers if trigger.id in mine}
    return "mandatory" if "mandatory" in kinds else "confirm"


def _start(
    clock: Clock,
    listed_on: dt.date,
    previous: PreviousAudit | None,
    anchor: Anchor,
    events: Mapping[str, dt.date],
) -> tuple[dt.date | None, Message | None, tuple[Message, ...]]:
    """The day of the event, or what is waited for, and what must be said of it."""
    if clock.event == "list-published":
        return listed_on, None, ()
    if clock.event != "previous-audit":
        day = events.get(clock.event)
        return day, None if day is not None else message("{event}的日期", event=EVENTS[clock.event]), ()
    wanted = ANCHORS[anchor]
    used = (message("起算日按设置取{anchor}", anchor=wanted),)
    day = None if previous is None else previous.anchor(anchor)
    pilot = None if previous is None else previous.pilot_passed_on
    if pilot is not None and (day is None or pilot > day):
        said = message("所在的审核创新试点项目 {day} 通过，视为完成一次审核，从该日起算", day=pilot.isoformat())
        return pilot, None, (said,)
    if day is None:
        return None, message("{anchor}；没有前一次审核则不适用", anchor=wanted), used
    return day, None, used


def _receivers(clock: Clock, mine: tuple[str, ...], place: str) -> tuple[Department, ...]:
    ids = [
        id for group in clock.receivers for id in group.departments
        if not group.triggers or any(trigger in group.triggers for trigger in mine)
    ]  # fmt: skip
    return tuple(department(id, place) for id in dict.fromkeys(ids))


def _dated(base: Deadline, listed_on: dt.date, until: dt.date | None, calendar: Calendar) -> list[Deadline]:
    """The limit with its last day, or its yearly days; empty where its one day had passed before the event."""
    clock = base.rule.record
    start = base.start
    if start is None:
        return [base]
    if clock.unit == "yearly":
        if not clock.date:
            return [replace(base, waits_for=message("每年的具体日期没有收录"))]
        return [replace(base, due=day, nominal=day) for day in _yearly(clock, start, listed_on, until)]
    if clock.unit == "year-end":
        day = dt.date(start.year, 12, 31)
        return [replace(base, due=day, nominal=day)]
    amount = -clock.amount if clock.before else clock.amount
    end = period_end(start, amount, clock.unit, days=calendar)
    notes = list(base.notes)
    if end.moved:
        notes.append(message("{day} 是休息日，顺延到下一个工作日", day=end.nominal.isoformat()))
    graded = weakest((base.grade, end.grade)) if end.moved else base.grade
    return [replace(base, due=end.last, nominal=end.nominal, notes=(*notes, *end.notes), grade=graded)]


def _yearly(clock: Clock, start: dt.date, listed_on: dt.date, until: dt.date | None) -> list[dt.date]:
    year = start.year + clock.first_year
    day = dt.date.fromisoformat(f"{year}-{clock.date}")
    if not clock.recurring:
        return [day] if day >= listed_on else []
    while day < listed_on:
        day = dt.date.fromisoformat(f"{day.year + 1}-{clock.date}")
    found = [day]
    while until is not None and dt.date.fromisoformat(f"{found[-1].year + 1}-{clock.date}") <= until:
        found.append(dt.date.fromisoformat(f"{found[-1].year + 1}-{clock.date}"))
    return found


def _finished(deadline: Deadline, case: law.Standing, place: str) -> Deadline:
    """Add what depends on the last day: penalties of that day, a law that changes before it, rules that are missing."""
    notes = list(deadline.notes)
    missing = without_local_rules(place)
    if missing is not None:
        notes.append(missing)
    mine = [trigger for trigger in case.triggers if trigger.id in deadline.triggers]
    notes += [trigger.reason for trigger in mine if trigger.kind == "confirm"]
    breach = None if deadline.due is None else deadline.due + dt.timedelta(days=1)
    notes += _changes(mine, breach, place)
    clock = deadline.rule.record
    held = law.penalties(breach or case.on, place, (clock.penalty,)) if clock.penalty else ()
    kind = deadline.kind
    if kind == "mandatory" and mine and not _still_mandatory(mine, breach or case.on, place):
        kind, held = "confirm", ()  # whether the duty goes on, and what follows a breach, the department must say
    return replace(deadline, notes=tuple(dict.fromkeys(notes)), penalties=held, kind=kind)


def _still_mandatory(triggers: Iterable[law.TriggerStanding], day: dt.date, place: str) -> bool:
    """Whether any trigger still compels an audit on a day."""
    return any(_standing_on(trigger, day, place).kind == "mandatory" for trigger in triggers)


def _standing_on(trigger: law.TriggerStanding, day: dt.date, place: str) -> law.TriggerStanding:
    named = () if trigger.prescription is None else (trigger.prescription.record.id,)
    return law.standing((trigger.id,), day, place, named).triggers[0]


def _changes(triggers: Iterable[law.TriggerStanding], breach: dt.date | None, place: str) -> list[Message]:
    """What must be said where the law that names a trigger has ended by the day of a breach."""
    kept: dict[dt.date, list[Name]] = {}
    dropped: dict[dt.date, list[Name]] = {}
    for trigger in triggers:
        ends = [base.validity.end for base in trigger.bases if base.jurisdiction == COUNTRY]
        for end in ends:
            if breach is not None and end is not None and end < breach:
                day = end + dt.timedelta(days=1)
                after = _standing_on(trigger, day, place)
                (kept if after.kind == "mandatory" else dropped).setdefault(day, []).append(trigger.name)
    return [
        *(
            message(
                "期限届满前后法律有变更（{day} 起）：{names}仍为强制审核情形，法律责任按届满次日的法律",
                day=day.isoformat(), names=listing(names),
            )
            for day, names in kept.items()
        ),
        *(
            message(
                "法律有变更（{day} 起）：{names}不再列为强制审核情形；"
                "名单公布在前，是否继续办理、逾期有无处罚，请向主管部门确认",
                day=day.isoformat(), names=listing(names),
            )
            for day, names in dropped.items()
        ),
    ]  # fmt: skip


# --- status ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proof:
    """Dated evidence that a duty was met (证据): the deadline's key or id, the day on the document, the document."""

    deadline: str
    on: dt.date
    document: str = ""


@dataclass(frozen=True, slots=True)
class DeadlineStatus:
    """How a deadline stands on a day.

    ``state``: waiting (no due day yet), due, overdue, done, done-late. ``days``: days left while due, days over while
    overdue or done late, None otherwise. ``proof``: the earliest evidence.
    """

    deadline: Deadline
    state: State
    days: int | None
    proof: Proof | None = None

    @property
    def text(self) -> Message:
        """The status in words."""
        if self.state == "waiting":
            return message("待定：{what}", what=self.deadline.waits_for or "")
        if self.state == "due":
            return message("今日到期") if self.days == 0 else message("还有 {days} 天", days=self.days)
        if self.state == "overdue":
            return message("已逾期 {days} 天", days=self.days)
        on = self.proof.on.isoformat() if self.proof is not None else ""
        if self.state == "done-late":
            return message("{on} 完成，逾期 {days} 天", on=on, days=self.days)
        return message("{on} 完成", on=on)

    def as_json(self) -> dict[str, object]:
        """The deadline with ``state``, ``days``, ``status`` in words and ``evidence``."""
        proof = self.proof
        return {
            **self.deadline.as_json(),
            "state": self.state,
            "days": self.days,
            "status": str(self.text),
            "evidence": None if proof is None else {"on": proof.on.isoformat(), "document": proof.document},
        }


def track(found: Iterable[Deadline], proofs: Iterable[Proof], today: dt.date) -> tuple[DeadlineStatus, ...]:
    """Say how each deadline stands on a day, by dated evidence.

    A proof names a deadline by key or id; of several the earliest counts. Raises InputError for a proof that names no
    deadline of the case, is dated after ``today``, or is dated before the event that the limit runs from.
    """
    listed = tuple(found)
    given = tuple(proofs)
    problems: list[Problem] = []
    for proof in given:
        named = [one for one in listed if proof.deadline in (one.key, one.id)]
        where = Location(file=proof.document)
        if not named:
            expected = message("{ids} 之一", ids=listing(one.key for one in listed))
            text = message("本案没有这项时限")
            problems.append(Problem("proof-unknown", text, found=proof.deadline, expected=expected))
        if proof.on > today:
            text = message("证据的日期在今天之后")
            problems.append(Problem("proof-in-future", text, where=where, found=proof.on.isoformat()))
        for one in named:
            if one.start is not None and proof.on < one.start and not one.rule.record.before:
                text = message("{name}：证据的日期早于起算日 {day}", name=one.name, day=one.start.isoformat())
                problems.append(Problem("proof-before-event", text, where=where, found=proof.on.isoformat()))
    if problems:
        raise InputError(problems)
    return tuple(_status(one, given, today) for one in listed)


def _status(deadline: Deadline, proofs: tuple[Proof, ...], today: dt.date) -> DeadlineStatus:
    mine = [proof for proof in proofs if proof.deadline in (deadline.key, deadline.id)]
    proof = min(mine, key=lambda one: one.on, default=None)
    due = deadline.due
    if proof is not None and (due is None or proof.on <= due):
        return DeadlineStatus(deadline, "done", None, proof)
    if proof is not None and due is not None:
        return DeadlineStatus(deadline, "done-late", (proof.on - due).days, proof)
    if due is None:
        return DeadlineStatus(deadline, "waiting", None)
    if today <= due:
        return DeadlineStatus(deadline, "due", (due - today).days)
    return DeadlineStatus(deadline, "overdue", (today - due).days)

"""What the law asks of a case on its day (法律适用): mandatory or voluntary, who leads, what to publish, what follows.

Every answer names the rule it rests on with act, article, source and grade. The rules themselves are data (``rules``):
the law of 2012 with Order 38, and since 2026-08-15 the Ecology and Environment Code (生态环境法典), beside which
Order 38 is taken to continue. Time limits are in ``clocks``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from qingyuan.audit.rule_records import (
    COUNTRY,
    TRIGGERS,
    Agreement,
    Channel,
    Condition,
    Department,
    Disclosure,
    Gate,
    Penalty,
    Prescription,
    Review,
    Substance,
    Trigger,
    Use,
)
from qingyuan.audit.rules import (
    Held,
    NoRuleInForce,
    department,
    find_jurisdiction,
    in_force,
    jurisdictions,
)
from qingyuan.errors import UnknownName
from qingyuan.language import Message, Name, listing, message
from qingyuan.reference.records import Grade

# mandatory: the law or a prescription of the State asks for the audit; confirm: only a local rule still does;
# voluntary: nothing that is held does.
Kind = Literal["mandatory", "confirm", "voluntary"]
_ORDER: tuple[Kind, ...] = ("mandatory", "confirm", "voluntary")


@dataclass(frozen=True, slots=True)
class TriggerStanding:
    """What one trigger means on a day: its kind, the rules it rests on, who leads, and why."""

    id: str
    name: Name
    kind: Kind
    reason: Message
    bases: tuple[Held[Trigger], ...] = ()
    prescription: Held[Prescription] | None = None
    lead: tuple[Department, ...] = ()
    notes: tuple[Message | Name, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force."""
        return {
            "id": self.id,
            "name": str(self.name),
            "kind": self.kind,
            "reason": str(self.reason),
            "bases": [base.as_json() for base in self.bases],
            "prescription": None if self.prescription is None else self.prescription.as_json(),
            "lead": [str(one.name) for one in self.lead],
            "notes": [str(note) for note in self.notes],
        }


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a case is mandatory (强制性) or voluntary (自愿性) on a day in a place, trigger by trigger."""

    on: dt.date
    jurisdiction: str
    triggers: tuple[TriggerStanding, ...]

    @property
    def kind(self) -> Kind:
        """The strictest kind among the triggers; voluntary where there is none."""
        kinds = [trigger.kind for trigger in self.triggers]
        return min(kinds, key=_ORDER.index, default="voluntary")

    @property
    def binding(self) -> tuple[str, ...]:
        """The triggers that are mandatory or to be confirmed."""
        return tuple(trigger.id for trigger in self.triggers if trigger.kind != "voluntary")

    @property
    def lead(self) -> tuple[Department, ...]:
        """The departments that lead, each once."""
        return tuple({one.id: one for trigger in self.triggers for one in trigger.lead}.values())

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force."""
        return {
            "on": self.on.isoformat(),
            "jurisdiction": self.jurisdiction,
            "kind": self.kind,
            "lead": [str(one.name) for one in self.lead],
            "triggers": [trigger.as_json() for trigger in self.triggers],
        }


def standing(
    triggers: Iterable[str], on: dt.date, jurisdiction: str = COUNTRY, prescriptions: Iterable[str] = ()
) -> Standing:
    """Say whether an audit is mandatory on a day, for the reasons that the list names.

    ``triggers``: any of T1 (双超), T2 (高耗能), T3 (双有), T4 (国家规定的其他情形). ``on``: the day of the list.
    ``prescriptions``: ids of the State's prescriptions that the case rests on (needed for T4; a trigger that the law
    of the day no longer names stays mandatory only with one). Raises UnknownName for an unknown trigger, prescription
    or jurisdiction, NoRuleInForce for a day before the first law that is held.
    """
    place = find_jurisdiction(jurisdiction)
    wanted = list(dict.fromkeys(triggers))
    for id in wanted:
        if id not in TRIGGERS:
            raise UnknownName(message("强制审核情形"), id, TRIGGERS)
    named = list(dict.fromkeys(prescriptions))
    _check_prescriptions(named)
    held = in_force(lambda book: book.triggers, on, place)
    if not any(rule.jurisdiction == COUNTRY for rule in held):
        first = min(day for day in (record.valid_from for record in _versions()) if day is not None)
        raise NoRuleInForce(message("强制审核情形"), on, first)
    prescribed = in_force(lambda book: book.prescriptions, on, place)
    return Standing(on, place, tuple(_one(id, on, place, held, prescribed, named) for id in wanted))


def _check_prescriptions(named: Iterable[str]) -> None:
    known = [record.id for book in jurisdictions() for record in book.prescriptions]
    for id in named:
        if id not in known:
            raise UnknownName(message("国家规定"), id, known)


def _versions(id: str = "") -> list[Trigger]:
    return [
        record for book in jurisdictions() if book.jurisdiction == COUNTRY for record in book.triggers
        if not id or record.id == id
    ]  # fmt: skip


def _one(
    id: str,
    on: dt.date,
    place: str,
    held: tuple[Held[Trigger], ...],
    prescribed: tuple[Held[Prescription], ...],
    named: Collection[str],
) -> TriggerStanding:
    national = [rule for rule in held if rule.record.id == id and rule.jurisdiction == COUNTRY]
    local = [rule for rule in held if rule.record.id == id and rule.jurisdiction != COUNTRY]
    name = (national or local)[0].record.name if national or local else _versions(id)[0].name
    given = [
        rule for rule in prescribed
        if rule.record.trigger == id and (rule.record.id in named or not rule.record.condition_zh)
    ]  # fmt: skip
    said = [note for rule in (*national, *local) for note in rule.notes]
    said += [note for rule in given for note in rule.notes]
    notes = tuple(dict.fromkeys(said))
    plain_national = [rule for rule in national if not rule.record.needs_prescription]
    if plain_national:
        reason = message("{basis}：{test}", basis=plain_national[0].basis, test=_test(plain_national[0].record))
        lead = _departments(plain_national[0].record.lead, place)
        return TriggerStanding(id, name, "mandatory", reason, (*plain_national, *local), None, lead, notes)
    if given:
        rule = given[0]
        reason = message(
            "国家规定：{basis}，{text}", basis=rule.basis, text=Name(rule.record.text_zh, rule.record.text_en)
        )
        wanted = rule.record.lead or next((each.record.lead for each in national), ()) or _last(id).lead
        lead = _departments(wanted, place)
        return TriggerStanding(id, name, "mandatory", reason, (*national, *local), rule, lead, notes)
    if national:
        known = [rule for rule in prescribed if rule.record.trigger == id]
        reason = message("须写明所依据的国家规定；没有写明，按自愿性审核办理")
        if known:
            names = listing(
                message("{id}（{name}）", id=rule.record.id, name=Name(rule.record.name_zh, rule.record.name_en))
                for rule in known
            )
            reason = message(
                "须写明所依据的国家规定；没有写明，按自愿性审核办理。已收录的国家规定：{names}", names=names
            )
        return TriggerStanding(id, name, "voluntary", reason, tuple(national), None, (), notes)
    lead = _departments(_last(id).lead, place)
    if local:
        reason = message(
            "国家法律不再列举此情形，{basis} 仍然列举；是否仍须强制审核，请向主管部门确认", basis=local[0].basis
        )
        return TriggerStanding(id, name, "confirm", reason, tuple(local), None, lead, notes)
    return TriggerStanding(id, name, "voluntary", _fell_away(id, on, name, held), (), None, (), notes)


def _test(record: Trigger) -> Name:
    return Name(record.test_zh, record.test_en)


def _last(id: str) -> Trigger:
    return max(_versions(id), key=lambda record: record.valid_from or dt.date.min)


def _fell_away(id: str, on: dt.date, name: Name, held: tuple[Held[Trigger], ...]) -> Message:
    """Why a trigger that an earlier law named, or a later one will, is not mandatory on a day."""
    acts = {act.id: act for book in jurisdictions() for act in book.acts}
    earlier = [record for record in _versions(id) if (record.valid_to or dt.date.max) < on]
    current = next((rule.act for rule in held if rule.jurisdiction == COUNTRY and rule.act is not None), None)
    now: object = current.name if current is not None else message("现行法律")
    if earlier:
        last = max(earlier, key=lambda record: record.valid_to or dt.date.min)
        before: object = acts[last.act].name if last.act in acts else last.source
        until = last.valid_to.isoformat() if last.valid_to is not None else ""
        return message(
            "{name}：{before} 曾列为强制审核情形，到 {until} 为止；{now} 没有再列举，也没有收录国家另行规定。"
            "建议按自愿性审核办理；国家另有规定的，从其规定",
            name=name, before=before, until=until, now=now,
        )  # fmt: skip
    return message("{name}：{day} 适用的法律没有列举此情形", name=name, day=on.isoformat())


def _departments(ids: Iterable[str], place: str) -> tuple[Department, ...]:
    return tuple(department(id, place) for id in ids)


# --- duties ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DisclosureField:
    """One thing that must be published (应公布事项), for which triggers, on which rule."""

    id: str
    name: Name
    triggers: tuple[str, ...]
    rule: Held[Disclosure]

    @property
    def grade(self) -> Grade:
        """How surely the duty is known."""
        return self.rule.record.grade

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force."""
        return {
            "id": self.id,
            "name": str(self.name),
            "triggers": list(self.triggers),
            "basis": str(self.rule.basis),
            "grade": self.grade.value,
            "source": self.rule.record.source,
        }


def disclosures(
    triggers: Iterable[str],
    on: dt.date,
    jurisdiction: str = COUNTRY,
    duty: Literal["listed-info", "annual-report"] = "listed-info",
) -> tuple[DisclosureField, ...]:
    """What a listed enterprise publishes: the common fields and those of each of its triggers (Order 38, Art. 11).

    ``triggers`` are those that bind the case (``Standing.binding``). ``duty`` "annual-report": what the annual
    disclosure report adds (Order 24, Art. 14). Empty where no trigger binds.
    """
    wanted = tuple(dict.fromkeys(triggers))
    found: list[DisclosureField] = []
    for rule in in_force(lambda book: book.disclosures, on, jurisdiction):
        mine = tuple(id for id in wanted if id in rule.record.triggers)
        if rule.record.duty == duty and mine:
            found += [DisclosureField(field.id, field.name, mine, rule) for field in rule.record.fields]
    return tuple(found)


_STEPS = {
    "order": message("责令改正"),
    "order-publish": message("责令公布"),
    "order-in-time": message("责令限期改正"),
    "public-naming": message("公布名单"),
    "discipline": message("对负有责任的人员依法给予处分"),
    "crime": message("构成犯罪的，依法追究刑事责任"),
    "confiscation": message("没收违法所得"),
    "closure": message("情节严重的，责令停业、关闭"),
}


def penalty_text(penalty: Penalty) -> tuple[Message, ...]:
    """The steps of a penalty in their order, with amounts in CNY."""
    low, high = penalty.minimum_cny, penalty.maximum_cny
    said: list[Message] = []
    for step in penalty.steps:
        if step in _STEPS:
            said.append(_STEPS[step])
        elif step == "may-fine":
            said.append(message("可以处 {high} 元以下罚款", high=_money(high)))
        elif step == "fine-by-value":
            low_times, high_times = penalty.value_minimum or 0, penalty.value_maximum or 0
            said.append(message("处货值金额 {low:g} 倍以上 {high:g} 倍以下罚款", low=low_times, high=high_times))
        elif step == "fine-on-refusal" and low is None:
            said.append(message("拒不改正的，处 {high} 元以下罚款", high=_money(high)))
        elif step == "fine-on-refusal":
            said.append(message("拒不改正的，处 {low} 元以上 {high} 元以下罚款", low=_money(low), high=_money(high)))
        elif step == "fine":
            said.append(message("处 {low} 元以上 {high} 元以下罚款", low=_money(low), high=_money(high)))
    if penalty.grave_maximum_cny is not None:
        low, high = penalty.grave_minimum_cny, penalty.grave_maximum_cny
        said.append(message("情节严重的，处 {low} 元以上 {high} 元以下罚款", low=_money(low), high=_money(high)))
    return tuple(said)


def _money(amount: int | None) -> str:
    return f"{amount:,}" if amount is not None else ""


def penalties(
    on: dt.date, jurisdiction: str = COUNTRY, ids: Collection[str] | None = None
) -> tuple[Held[Penalty], ...]:
    """What follows breaches on a day; ``ids`` narrows it (publication, audit, review, eliminated, …).

    The fine for information that is not published (law of 2012, Art. 36) is not among them from 2026-08-15 on.
    """
    held = in_force(lambda book: book.penalties, on, jurisdiction)
    return tuple(rule for rule in held if ids is None or rule.record.id in ids)


def conditions(
    who: Literal["consultant", "enterprise"], on: dt.date, jurisdiction: str = COUNTRY
) -> tuple[Held[Condition], ...]:
    """The conditions on a consultant (a-d), or on an enterprise that audits alone (b, c). There is no licence."""
    held = in_force(lambda book: book.conditions, on, jurisdiction)
    return tuple(rule for rule in held if who in rule.record.who)


@dataclass(frozen=True, slots=True)
class ReviewDuty:
    """Whether assessment and acceptance must be done (评估验收), and the rules that say so."""

    required: bool
    rules: tuple[Held[Review], ...]

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force."""
        return {"required": self.required, "rules": [rule.as_json() for rule in self.rules]}


def review_duty(
    on: dt.date, jurisdiction: str = COUNTRY, *, mandatory: bool = False, circumstances: Collection[str] = ()
) -> ReviewDuty:
    """Whether assessment and acceptance are required of a case, and why.

    ``circumstances``: "in-assessed-plan" (a nationally assessed plan asks for the audit), "applies-for-money" (public
    money for cleaner production, energy saving or emission reduction), "eco-county". Raises UnknownName for others.
    """
    known = ("in-assessed-plan", "applies-for-money", "eco-county")
    for one in circumstances:
        if one not in known:
            raise UnknownName(message("情形"), one, known)
    present = {"always", *circumstances, *(("mandatory",) if mandatory else ())}
    rules = tuple(
        rule for rule in in_force(lambda book: book.reviews, on, jurisdiction) if rule.record.condition in present
    )
    return ReviewDuty(any(rule.record.required for rule in rules), rules)


def gate(
    kind: Literal["assessment", "acceptance", "consultant-review"], on: dt.date, jurisdiction: str = COUNTRY
) -> Held[Gate]:
    """Which scoring sheet an assessment or acceptance uses on a day, by the narrowest rule, and which papers go in.

    Raises NoRuleInForce where none is held.
    """
    held = [rule for rule in in_force(lambda book: book.gates, on, jurisdiction) if rule.record.gate == kind]
    if not held:
        raise NoRuleInForce(message("评分表"), on)
    return held[-1]


def channels(
    purpose: Literal["result", "listed-info"], on: dt.date, jurisdiction: str = COUNTRY
) -> tuple[Held[Channel], ...]:
    """Where the result of an audit, or a listed enterprise's information, is published on a day."""
    held = in_force(lambda book: book.channels, on, jurisdiction)
    return tuple(rule for rule in held if rule.record.purpose == purpose)


def agreements(on: dt.date, jurisdiction: str = COUNTRY) -> tuple[Held[Agreement], ...]:
    """With which departments a voluntary agreement may be signed on a day (自愿协议)."""
    return in_force(lambda book: book.agreements, on, jurisdiction)


def uses(on: dt.date, jurisdiction: str = COUNTRY) -> tuple[Held[Use], ...]:
    """What audit results are used for on a day; ``force`` tells law from what a plan only explores (advisory)."""
    return in_force(lambda book: book.uses, on, jurisdiction)


def substances(on: dt.date, jurisdiction: str = COUNTRY) -> tuple[Held[Substance], ...]:
    """The classes of toxic raw materials and substances of trigger T3 (Order 38, Art. 8)."""
    return in_force(lambda book: book.substances, on, jurisdiction)

"""Section: the law of the case (法律依据、时限与公开义务): triggers, deadlines, disclosure, assessment."""

from __future__ import annotations

from qingyuan.audit import clocks, law
from qingyuan.audit.dates import audit_span
from qingyuan.audit.inputs import Inputs
from qingyuan.audit.result import AuditResult
from qingyuan.audit.rules import NoRuleInForce
from qingyuan.language import Message, listing, message, sentences
from qingyuan.reference.records import Grade
from qingyuan.report.chapters.common import mark_note, marked
from qingyuan.report.chapters.sheets import context_of
from qingyuan.report.tree import Block, Callout, Column, Inlines, Missing, Paragraph, Reference, Row, Table

KINDS: dict[str, Message] = {
    "mandatory": message("强制性清洁生产审核"),
    "confirm": message("须向主管部门确认是否强制"),
    "voluntary": message("自愿性清洁生产审核"),
}
BEARERS: dict[str, Message] = {
    "enterprise": message("企业"),
    "authority": message("主管部门"),
    "consultant": message("咨询机构"),
}
_ALL = ("T1", "T2", "T3")


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """The triggers and their basis, the deadlines with their status, the duties of disclosure, assessment."""
    inputs: Inputs = context_of(result).inputs
    began = audit_span(inputs, result.case.profile).start
    day = began or result.generated_on
    place = inputs.place(result.case.profile)
    listed = inputs.listed_on is not None and bool(inputs.triggers)
    try:
        case = law.standing(inputs.triggers if listed else _ALL, day, place, inputs.prescriptions)
    except NoRuleInForce as error:
        return (Missing(message("法律依据"), (message("{error}", error=str(error)),)),)
    found: list[Block] = []
    if listed:
        lead = listing(one.name for one in case.lead)
        said = message(
            "企业于 {day} 列入名单，属于{kind}，牵头部门：{lead}。",
            day=day.isoformat(),
            kind=KINDS[case.kind],
            lead=lead,
        )
        if not case.lead:
            said = message("企业于 {day} 列入名单，属于{kind}。", day=day.isoformat(), kind=KINDS[case.kind])
        found.append(
            Paragraph((sentences((said, message("各情形的依据见"))), Reference("table-triggers"), message("。")))
        )
    else:
        found.append(
            Missing(
                message("审核的由来：强制性还是自愿性"),
                (
                    message("名单公布日和列入名单的情形（T1 双超、T2 高耗能、T3 双有、T4 国家规定的其他情形）"),
                    message("在审核工作簿的“审核设置”里填写"),
                    message("没有列入名单的，按自愿性审核办理；下表是编制日适用的各强制情形，供对照")
                    if began is None
                    else message(
                        "没有列入名单的，按自愿性审核办理；下表是审核开始时（{day}）适用的各强制情形，供对照",
                        day=began.isoformat(),
                    ),
                ),
            )
        )
    found.append(_triggers(case))
    found += _deadlines(result, inputs, place) if inputs.listed_on is not None else []
    if listed:
        found += _disclosures(case)
    found += _review(case, listed)
    return tuple(found)


def _triggers(case: law.Standing) -> Table:
    rows = []
    for one in case.triggers:
        grade = one.bases[0].record.grade if one.bases else Grade.READ
        rows.append(Row((one.id, marked(one.name, grade), KINDS[one.kind], one.reason)))
    columns = (
        Column(message("编号"), align="center"),
        Column(message("情形")),
        Column(message("性质")),
        Column(message("依据与判断")),
    )
    notes: list[Inlines] = list(dict.fromkeys(note for one in case.triggers for note in one.notes))
    notes += mark_note(one.bases[0].record.grade for one in case.triggers if one.bases)
    caption = message("强制审核情形及其依据（{day} 适用的法律）", day=case.on.isoformat())
    return Table(caption, columns, tuple(rows), notes=tuple(notes), label="table-triggers")


def _deadlines(result: AuditResult, inputs: Inputs, place: str) -> list[Block]:
    assert inputs.listed_on is not None
    found = clocks.deadlines(
        inputs.listed_on,
        inputs.triggers,
        place,
        inputs.previous,
        anchor=inputs.anchor,
        events=inputs.events,
        prescriptions=inputs.prescriptions,
    )
    proofs = tuple(proof for proof in inputs.proofs if proof.on <= result.generated_on)
    tracked = clocks.track(found, proofs, result.generated_on)
    if not tracked:
        return [Paragraph(message("没有收录适用于本案的法定时限。"))]
    rows = []
    for one in tracked:
        limit = one.deadline
        due = limit.due.isoformat() if limit.due is not None else None
        rows.append(
            Row(
                (
                    marked(limit.name, limit.grade),
                    BEARERS[limit.bearer],
                    limit.limit,
                    due,
                    one.text,
                    limit.rule.short_basis,
                ),
                emphasis="alert" if one.state == "overdue" else "",
            )
        )
    columns = (
        Column(message("事项")),
        Column(message("义务人")),
        Column(message("期限")),
        Column(message("最后一天"), align="center"),
        Column(message("状态（{day}）", day=result.generated_on.isoformat())),
        Column(message("依据")),
    )
    notes: list[Inlines] = list(dict.fromkeys(note for one in tracked for note in one.deadline.notes))
    notes += mark_note(one.deadline.grade for one in tracked)
    table = Table(message("法定时限及其状态"), columns, tuple(rows), notes=tuple(notes), label="table-deadlines")
    late = [one.deadline.name for one in tracked if one.state == "overdue"]
    lead = Paragraph((message("本案的法定时限见"), Reference(table.label), message("。")))
    if not late:
        return [lead, table]
    warning = message("已逾期的事项：{names}。没有收录完成的证据时按未完成计。", names=listing(late))
    return [lead, table, Callout(warning, tone="bad")]


def _disclosures(case: law.Standing) -> list[Block]:
    fields = law.disclosures(case.binding, case.on, case.jurisdiction)
    if not fields:
        return [Paragraph(message("没有收录适用于本案的信息公布义务。"))]
    rows = tuple(
        Row((marked(field.name, field.grade), listing(field.triggers), field.rule.short_basis)) for field in fields
    )
    columns = (Column(message("应公布的内容")), Column(message("适用情形")), Column(message("依据")))
    channels = law.channels("result", case.on, case.jurisdiction)
    notes: list[Inlines] = list(mark_note(field.grade for field in fields))
    if channels:
        where = listing(rule.short_basis for rule in channels)
        notes.append(message("审核结果的公布方式依 {where}；涉及商业秘密的除外。", where=where))
    table = Table(message("应公布的信息"), columns, rows, notes=tuple(notes), label="table-disclosures")
    return [Paragraph((message("列入名单的企业应公布的信息见"), Reference(table.label), message("。"))), table]


def _review(case: law.Standing, listed: bool) -> list[Block]:
    duty = law.review_duty(case.on, case.jurisdiction, mandatory=listed and case.kind == "mandatory")
    if not duty.rules:
        return []
    basis = listing(dict.fromkeys(str(rule.short_basis) for rule in duty.rules))
    text = (
        message("本案须经评估和验收（{basis}）。", basis=basis)
        if duty.required
        else message("法规没有要求本案经过评估和验收，可以参照进行（{basis}）。", basis=basis)
    )
    return [Paragraph(text)]

"""The sub-commands of the audit: ``deadlines``, ``diagnose``, ``phases`` and ``focus``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from qingyuan.cli.common import (
    EXIT_USAGE,
    JsonOption,
    LangOption,
    console,
    print_json,
    print_table,
    read_json,
    speaking,
)
from qingyuan.errors import UnknownName
from qingyuan.language import clauses, listing, message, phrases, tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qingyuan.audit.clocks import DeadlineStatus
    from qingyuan.audit.diagnosis import Diagnosis, Question
    from qingyuan.audit.focus import Focus
    from qingyuan.audit.inputs import Inputs
    from qingyuan.audit.law import Standing
    from qingyuan.audit.worksheets import PhaseStatus, WorksheetTable

CaseArgument = Annotated[Path, typer.Argument(help="企业数据：文件夹、工作簿或 CSV / case: folder, workbook or CSV")]
TriggerOption = Annotated[
    list[str] | None,
    typer.Option("--trigger", help="列入原因 T1 双超、T2 高耗能、T3 双有、T4 国家规定 / reason of the listing"),
]


def deadlines(
    listed: Annotated[str, typer.Option("--listed", help="名单公布日 / day of the list, YYYY-MM-DD")] = "",
    trigger: TriggerOption = None,
    place: Annotated[str, typer.Option("--place", help="地区，如 重庆、cn-hubei-wuhan / jurisdiction")] = "cn",
    previous: Annotated[str, typer.Option("--previous", help="前一次审核的日期（按 --anchor） / previous audit")] = "",
    anchor: Annotated[
        str, typer.Option("--anchor", help="前一次审核的起算日 acceptance、report、list / what that date is")
    ] = "acceptance",
    event: Annotated[
        list[str] | None,
        typer.Option("--event", metavar="ID=DATE", help="后续事件，如 assessment-passed=2026-05-01 / a later event"),
    ] = None,
    prescription: Annotated[
        list[str] | None, typer.Option("--prescription", help="国家规定的编号 / id of a prescription of the State")
    ] = None,
    until: Annotated[str, typer.Option("--until", help="每年的义务列到哪一天 / yearly duties up to this day")] = "",
    today: Annotated[str, typer.Option("--today", help="按哪一天看状态 / day of the status (default: today)")] = "",
    case: Annotated[
        Path | None, typer.Option("--case", help="从案例文件夹的 audit.toml 读取 / audit.toml of a case folder")
    ] = None,
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """法定时限：强制或自愿、各项期限、状态 / legal deadlines: mandatory or voluntary, each limit, its status."""
    with speaking(lang):
        from qingyuan.audit import clocks, law

        found = _inputs(case)
        day = _day(listed, "--listed") if listed else found.listed_on
        if day is None:
            _wrong(tr("没有给出名单公布日（--listed，或案例的 audit.toml）"))
        where = place
        if case is not None and place == "cn":
            where = found.place(_profile(case))
        triggers = tuple(trigger or found.triggers)
        prescriptions = tuple(prescription or found.prescriptions)
        events = {**found.events, **_events(event or [])}
        earlier = _day(previous, "--previous") if previous else found.previous
        chosen = anchor if previous or case is None else found.anchor
        now = _day(today, "--today") if today else dt.datetime.now(tz=dt.timezone(dt.timedelta(hours=8))).date()
        try:
            standing = law.standing(triggers, day, where, prescriptions)
            listed_deadlines = clocks.deadlines(
                day,
                triggers,
                where,
                earlier,
                anchor=chosen,  # type: ignore[arg-type]
                events=events,
                prescriptions=prescriptions,
                until=_day(until, "--until") if until else None,
            )
        except UnknownName as error:
            _wrong(str(error))
        tracked = clocks.track(listed_deadlines, found.proofs, now)
        if as_json:
            fields = law.disclosures(standing.binding, day, standing.jurisdiction)
            print_json(
                {
                    "standing": standing.as_json(),
                    "deadlines": [one.as_json() for one in tracked],
                    "disclosures": [field.as_json() for field in fields],
                    "result_channels": [rule.as_json() for rule in law.channels("result", day, standing.jurisdiction)],
                    "today": now.isoformat(),
                }
            )
            return
        _print_standing(standing)
        _print_deadlines(tracked)


def _print_standing(standing: Standing) -> None:
    out = console()
    words = {
        "mandatory": tr("强制性清洁生产审核"),
        "confirm": tr("须向主管部门确认是否强制"),
        "voluntary": tr("自愿性清洁生产审核"),
    }
    out.print(words[standing.kind], style="bold", markup=False)
    if standing.lead:
        names = listing(one.name for one in standing.lead)
        out.print(str(message("牵头部门：{names}", names=names)), markup=False)
    for one in standing.triggers:
        out.print(f"{one.id}  {words[one.kind]}  {one.reason}", markup=False)


def _print_deadlines(tracked: Iterable[DeadlineStatus]) -> None:
    bearers = {"enterprise": tr("企业"), "authority": tr("主管部门"), "consultant": tr("咨询机构")}
    rows = []
    notes: dict[str, list[str]] = {}
    for one in tracked:
        deadline = one.deadline
        due = deadline.due.isoformat() if deadline.due is not None else ""
        basis = deadline.rule.short_basis
        rows.append((deadline.key, deadline.name, bearers[deadline.bearer], deadline.limit, due, one.text, basis))
        for note in (*deadline.notes, *((penalty_line(one),) if deadline.penalties else ())):
            notes.setdefault(str(note), []).append(deadline.key)
    if not rows:
        console().print(tr("没有适用的法定时限"), markup=False)
        return
    columns = [tr("编号"), tr("事项"), tr("义务人"), tr("期限"), tr("最后一天"), tr("状态"), tr("依据")]
    print_table("", columns, rows)
    for text, keys in notes.items():
        console().print(str(message("{what}：{text}", what=listing(keys), text=text)), style="dim", markup=False)


def penalty_line(one: DeadlineStatus) -> str:
    """What follows a breach of a deadline, in one line."""
    from qingyuan.audit.law import penalty_text

    parts = []
    for rule in one.deadline.penalties:
        text = clauses(penalty_text(rule.record))
        parts.append(str(message("未履行：{text}（{basis}）", text=text, basis=rule.basis)))
    return str(clauses(parts))


# --- diagnosis -------------------------------------------------------------------------------------------------------


def diagnose(
    answers: Annotated[
        Path | None,
        typer.Argument(metavar="[ANSWERS.json]", help="已有的回答；不给则列出问题 / answers; none lists questions"),
    ] = None,
    system: Annotated[str, typer.Option("--system", help="指标体系编号 / id of the index system")] = "",
    table: Annotated[str, typer.Option("--table", help="评价表编号 / id of the table")] = "",
    count: Annotated[int, typer.Option("--count", min=1, help="问题个数 / number of questions")] = 12,
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """水平诊断：十几个问题，得出等级范围 / quick diagnosis: a dozen questions, a band of grades."""
    with speaking(lang):
        from qingyuan.audit import diagnosis
        from qingyuan.errors import InputError, Problem
        from qingyuan.standards.answers import split_values

        document: Mapping[str, object] = {}
        if answers is not None:
            read = read_json(answers)
            if not isinstance(read, dict):
                raise InputError([Problem("not-an-object", message("应为一个 JSON 对象：{{指标编号: 回答}}"))])
            document = read
        named = split_values(document)
        wanted, chosen = system or named.system, table or named.table
        if not wanted:
            _wrong(tr("没有给出 --system；用 qingyuan systems list 查编号"))
        try:
            if answers is None:
                listed = diagnosis.questions(wanted, chosen or None, count)
                if as_json:
                    print_json({"system": wanted, "questions": [one.as_json() for one in listed]})
                else:
                    _print_questions(listed)
                return
            result = diagnosis.diagnose(wanted, document, None, chosen or None)
        except UnknownName as error:
            _wrong(str(error))
        except InputError as error:
            if [problem.code for problem in error.problems] == ["choose-table"]:
                _wrong(f"{error}（--table）")
            raise
        if as_json:
            print_json(result.as_json())
        else:
            _print_diagnosis(result)


def _print_questions(listed: Iterable[Question]) -> None:
    rows = []
    for one in listed:
        levels = "\n".join(f"{level}: {text}" for level, text in one.choices)
        weight = "" if one.weight is None else f"{float(one.weight):.1%}"
        name = f"* {one.row.name}" if one.row.limiting else str(one.row.name)
        rows.append((one.row.id, name, weight, levels))
    print_table("", [tr("编号"), tr("指标（* 为限定性指标）"), tr("权重"), tr("各级要求")], rows, right=(2,))
    text = str(message('把回答写成 JSON：{{"编号": 数值、"I"、"II"、"III"、"none" 或 "n/a"}}，再运行本命令'))
    console().print(text, markup=False)


def _print_diagnosis(result: Diagnosis) -> None:
    from qingyuan.standards.answers import level_word

    out = console()

    def word(grade: str) -> str:
        return str(level_word(grade if grade in ("I", "II", "III") else None))  # type: ignore[arg-type]

    text = word(result.low)
    if not result.decided:
        text = str(message("{low} 至 {high}", low=word(result.low), high=word(result.high)))
    out.print(str(message("等级范围：{text}", text=text)), style="bold", markup=False)
    marks = []
    for name, interval in result.indices:
        low, high = float(interval.low), float(interval.high)
        marks.append(f"Y_{name} {low:.1f}" if interval.exact else f"Y_{name} {low:.1f}–{high:.1f}")
    out.print(str(phrases(marks)), markup=False)
    if result.known_weight is not None:
        out.print(str(message("已答的权重：{share}", share=f"{float(result.known_weight):.0%}")), markup=False)
    if result.answered_only is not None:
        hint = message("只看已答各项：{level}（参考）", level=result.answered_only.level_name)
        out.print(str(hint), markup=False)
    rows = [
        (
            group.name,
            f"{float(group.weight):.1%}",
            f"{float(group.known):.0%}",
            f"{float(group.lost):.1f}",
            listing(row.name for row in group.missing[:3]),
        )
        for group in result.groups
    ]
    lost = str(message("{level}失分", level=level_word(result.aim)))
    columns = [tr("一级指标"), tr("权重"), tr("已答"), lost, tr("未达到的指标")]
    print_table("", columns, rows, right=(1, 2, 3))
    deciding = [one for one in result.deciding if one.decides][:8] or list(result.deciding[:8])
    if deciding:
        listed = [
            (
                one.row.id,
                one.row.name,
                "" if one.weight is None else f"{float(one.weight):.1%}",
                word(one.low_if_met),
                word(one.high_if_missed),
            )
            for one in deciding
        ]
        columns = [tr("编号"), tr("最需查清的指标"), tr("权重"), tr("若达Ⅰ级，至少"), tr("若未达到，至多")]
        print_table("", columns, listed, right=(2,))
    for note in result.notes:
        out.print(str(note), style="dim", markup=False)


# --- phases and worksheets -------------------------------------------------------------------------------------------


def phases(
    case: CaseArgument,
    sheet: Annotated[str, typer.Option("--sheet", help="只看一张工作表，如 2-6 / one worksheet only")] = "",
    system: Annotated[str, typer.Option("--system", help="指标体系编号 / id of the index system")] = "",
    table: Annotated[str, typer.Option("--table", help="评价表编号 / id of the table")] = "",
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """七个阶段与 41 张工作表：填了多少、还缺什么 / the seven phases and worksheets: what is there, what is missing."""
    with speaking(lang):
        from qingyuan.audit.pipeline import run
        from qingyuan.audit.worksheets import Context, phase_status, worksheet

        context = Context(run(case, system=system, table=table), _inputs(case))
        if sheet:
            try:
                filled = worksheet(sheet, context)
            except UnknownName as error:
                _wrong(str(error))
            if as_json:
                print_json(filled.as_json())
            else:
                _print_sheet(filled)
            return
        found = phase_status(context)
        if as_json:
            print_json({"phases": [one.as_json() for one in found]})
        else:
            _print_phases(found)


def _percent(share: float) -> str:
    """A share in whole percent, rounded down: nothing but a full one is 100 %."""
    return f"{int(share * 100)}%"


def _print_phases(found: Iterable[PhaseStatus]) -> None:
    states = {
        "complete": tr("完整"),
        "partial": tr("部分"),
        "empty": tr("空"),
        "not-needed": tr("本次不用"),
    }
    rows = []
    for phase in found:
        rows.append((f"{phase.phase.number}", str(phase.phase.name), "", _percent(phase.share), ""))
        for one in phase.sheets:
            missing = str(one.reason or clauses(one.missing[:2]))
            name = str(one.definition.name)
            if one.definition.optional:
                name = str(message("{name}（可选）", name=name))
            rows.append((one.id, name, states[one.state], _percent(one.share) if one.rows else "", missing))
    print_table("", [tr("编号"), tr("阶段与工作表"), tr("状态"), tr("已填"), tr("缺少")], rows, right=(3,))


def _print_sheet(filled: WorksheetTable) -> None:
    columns = [str(column.name) for column in filled.columns]
    rows = []
    for row in filled.rows:
        rows.append([f"{cell.value:.6g}" if isinstance(cell.value, float) else cell.as_json() or "" for cell in row])
    title = f"{filled.id} {filled.definition.name}"
    print_table(title, columns, rows)
    for text in (*filled.missing, *filled.notes):
        console().print(str(text), style="dim", markup=False)


# --- focus -----------------------------------------------------------------------------------------------------------


def focus(
    case: CaseArgument,
    trigger: TriggerOption = None,
    factors: Annotated[str, typer.Option("--factors", help="因素组 handbook、textbook / set of factors")] = "",
    weight: Annotated[
        list[str] | None, typer.Option("--weight", metavar="FACTOR=W", help="改权重，如 market=5 / change a weight")
    ] = None,
    score: Annotated[
        list[str] | None,
        typer.Option("--score", metavar="PLACE:FACTOR=R", help="打分 1-10，如 电镀线:market=6 / a score from 1 to 10"),
    ] = None,
    count: Annotated[int, typer.Option("--count", min=0, help="审核重点个数 / number of places in the focus")] = 0,
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """审核重点：权重总和计分排序与必须纳入的环节 / the audit focus: ranking, and what triggers compel into it."""
    with speaking(lang):
        from dataclasses import replace

        from qingyuan.audit.pipeline import run
        from qingyuan.audit.worksheets import Context

        given = _inputs(case)
        scores = {place: dict(own) for place, own in given.scores.items()}
        for entry in score or []:
            place, _, rest = entry.rpartition(":")
            name, value = _pair(rest, "--score PLACE:FACTOR=R")
            scores.setdefault(place, {})[name] = value
        given = replace(
            given,
            triggers=tuple(trigger or given.triggers),
            factor_set=factors or given.factor_set,
            weights={**given.weights, **dict(_pair(entry, "--weight FACTOR=W") for entry in weight or [])},
            scores=scores,
            focus_count=count or given.focus_count,
        )
        try:
            found = Context(run(case), given).focus
        except UnknownName as error:
            _wrong(str(error))
        if as_json:
            print_json(found.as_json())
        else:
            _print_focus(found)


def _print_focus(found: Focus) -> None:
    ranking = found.ranking
    columns = [tr("因素"), "W", *(str(row.name) for row in ranking.rows)]
    rows: list[tuple[object, ...]] = []
    for factor in ranking.factors.factors:
        cells = []
        for row in ranking.rows:
            one = dict(row.scores)[factor.id]
            marks = {"entered": "", "proposed": tr("（按数据）"), "open": ""}
            cells.append(f"{_range(float(one.low), float(one.high))}{marks[one.origin]}")
        rows.append((factor.name, f"{float(factor.weight):g}", *cells))
    totals = [_range(float(row.low), float(row.high)) for row in ranking.rows]
    rows.append((tr("总分"), "", *totals))
    print_table("", columns, rows, right=range(1, len(columns)))
    out = console()
    for link in found.compelled:
        where = str(link.place or tr("全厂")) if link.place is not None else tr("（待指定）")
        out.print(f"{link.trigger}  {where}  {link.reason}", markup=False)
    names = listing(choice.name for choice in found.choices)
    out.print(str(message("审核重点：{names}", names=names)), style="bold", markup=False)
    for note in dict.fromkeys((*ranking.notes, *found.open)):
        out.print(str(note), style="dim", markup=False)


def _range(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g}–{high:g}"


# --- reading the command line ----------------------------------------------------------------------------------------


def _wrong(text: str) -> NoReturn:
    console(stderr=True).print(str(message("错误：{text}", text=text)), style="red", markup=False, soft_wrap=True)
    raise typer.Exit(EXIT_USAGE)


def _day(text: str, option: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        _wrong(str(message("{option} 应为日期 YYYY-MM-DD；读到 {text}", option=option, text=text)))


def _events(entries: Iterable[str]) -> dict[str, dt.date]:
    found = {}
    for entry in entries:
        name, equals, text = entry.partition("=")
        if not equals:
            _wrong(str(message("{option}；读到 {text}", option="--event ID=DATE", text=entry)))
        found[name.strip()] = _day(text.strip(), "--event")
    return found


def _pair(entry: str, option: str) -> tuple[str, float]:
    name, equals, text = entry.partition("=")
    try:
        if not equals:
            raise ValueError(entry)
        return name.strip(), float(text)
    except ValueError:
        _wrong(str(message("{option}；读到 {text}", option=option, text=entry)))


def _inputs(case: Path | None) -> Inputs:
    from qingyuan.audit.inputs import NO_INPUTS, read_inputs

    return read_inputs(case) if case is not None else NO_INPUTS


def _profile(case: Path):  # type: ignore[no-untyped-def]
    from qingyuan.facts import read_case

    return read_case(case).profile

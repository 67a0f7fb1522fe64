"""The sub-command ``review``: the assessment or acceptance sheet of a case, its form, the operator's own points."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from qingyuan.cli.common import JsonOption, LangOption, console, print_json, print_table, read_json, speaking
from qingyuan.cli.law import CaseArgument
from qingyuan.language import Name, listing, message, tr

if TYPE_CHECKING:
    from qingyuan.audit.assessment import SheetScore
    from qingyuan.audit.review import Review, Shown

_STATES = {
    "complete": message("完整"),
    "partial": message("部分"),
    "empty": message("空"),
    "not-needed": message("本次不用"),
}


def review(
    case: CaseArgument,
    gate: Annotated[
        Literal["assessment", "acceptance"],
        typer.Option("--gate", help="assessment 评估、acceptance 验收 / which of the two"),
    ] = "assessment",
    on: Annotated[str, typer.Option("--on", help="评估或验收的日期 / its day, YYYY-MM-DD")] = "",
    who: Annotated[
        Literal["consultant", "enterprise"],
        typer.Option("--who", help="consultant 咨询机构、enterprise 企业自行审核 / who audits"),
    ] = "consultant",
    answers: Annotated[
        Path | None,
        typer.Option("--answers", help='打分 JSON：{"points": {}, "vetoes": {}, "bonus": 0} / points and vetoes'),
    ] = None,
    form: Annotated[
        Path | None, typer.Option("--form", help="写出分值录入表（CSV） / write the form for the official points")
    ] = None,
    install: Annotated[
        Path | None, typer.Option("--install", help="装入填好的分值录入表 / install a form that was filled in")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="录入分值的人，与 --install 同用 / who entered the points")] = "",
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """评估、验收评分表：适用哪张表、各项已有的依据、能否打分 / the assessment or acceptance sheet of a case."""
    with speaking(lang):
        from qingyuan.audit import assessment
        from qingyuan.audit.inputs import read_inputs
        from qingyuan.audit.pipeline import run
        from qingyuan.audit.review import review as review_of
        from qingyuan.audit.worksheets import Context

        day = _day(on)
        context = Context(run(case), read_inputs(case))
        found = review_of(context, gate, day, who)
        if install is not None:
            if not by.strip():
                _wrong("--by", message("录入分值的人，写在每个评分结果里"))
            today = dt.datetime.now(tz=dt.timezone(dt.timedelta(hours=8))).date()
            written = assessment.install_sheet(found.sheet.id, install, by=by.strip(), on=today)
            console(stderr=True).print(str(message("已装入 {path}", path=written)), markup=False, soft_wrap=True)
            found = review_of(context, gate, day, who)
        if form is not None:
            if form.exists():
                _wrong(str(form), message("一个还不存在的文件"))
            assessment.write_sheet_form(found.sheet, form)
            console(stderr=True).print(str(message("已写入 {path}", path=form)), markup=False, soft_wrap=True)
        score = None
        if answers is not None:
            points, vetoes, bonus = _answers(read_json(answers))
            score = assessment.score_sheet(found.sheet, points, vetoes, bonus=bonus, jurisdiction=found.jurisdiction)
        if as_json:
            print_json({**found.as_json(), "result": None if score is None else score.as_json()})
            return
        _print(found, score)


def _wrong(what: str, expected: object) -> NoReturn:
    from qingyuan.errors import InputError, Problem

    text = message("{option} 不对", option=what)
    raise InputError([Problem("review-option", text, expected=message("{text}", text=expected))])


def _day(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        _wrong("--on", message("日期，如 {example}", example="2026-05-01"))


def _answers(document: object) -> tuple[Mapping[str, object], Mapping[str, bool], object]:
    if isinstance(document, dict):
        points, vetoes = document.get("points", {}), document.get("vetoes", {})
        if isinstance(points, dict) and isinstance(vetoes, dict):
            return points, vetoes, document.get("bonus", 0)
    _wrong("--answers", '{"points": {"A.1": 4}, "vetoes": {"fraud": false}, "bonus": 0}')


def _evidence(shown: Iterable[Shown]) -> str:
    parts = [
        message("{id} {name}：{state}", id=one.id, name=one.name, state=_STATES[one.state])
        for one in shown
    ]  # fmt: skip
    return "\n".join(str(part) for part in parts)


def _print(found: Review, score: SheetScore | None) -> None:
    from qingyuan.audit.review import GATES

    out = console()
    rule = found.rule
    out.print(str(found.title), style="bold", markup=False)
    needed = message("本案须经评估和验收") if found.required else message("本案可以参照进行评估和验收")
    day = message("{gate}，{day}：{needed}", gate=GATES[found.gate], day=found.on.isoformat(), needed=needed)
    out.print(str(day), markup=False)
    out.print(str(message("依据：{basis}", basis=rule.basis)), markup=False)
    if found.rows:
        rows = [
            (one.row.key, one.section, f"{one.name}\n{one.asks}".strip(), one.points or "?", _evidence(one.shown))
            for one in found.rows
        ]
        columns = [tr("编号"), tr("评分部分"), tr("评分项"), tr("分值"), tr("本案工作表")]
        print_table("", columns, rows, right=(3,))
    else:
        out.print(tr("这张表的各行没有收录"), markup=False)
    if found.vetoes:
        rows_of = [(one.id, one.name, one.says) for one in found.vetoes]
        print_table("", [tr("编号"), tr("否决项"), tr("本案的数据")], rows_of)
    papers = rule.record.papers
    if papers:
        out.print(str(message("应交材料：{papers}", papers=listing(paper.name for paper in papers))), markup=False)
    for ability in found.abilities:
        record = ability.condition.record
        text = message(
            "审核能力条件 {id}：{name}（{proof}）",
            id=record.id,
            name=Name(record.name_zh, record.name_en),
            proof=Name(record.evidence_zh, record.evidence_en),
        )
        out.print(str(text), style="dim", markup=False)
    if found.refusal is not None:
        out.print(str(found.refusal), style="yellow", markup=False)
        hint = message(
            "录入办法：qingyuan review 案例 --gate {gate} --form 表.csv，填好后 --install 表.csv --by 姓名",
            gate=found.gate,
        )
        out.print(str(hint), style="dim", markup=False)
    if score is not None:
        _print_score(score)


def _print_score(score: SheetScore) -> None:
    out = console()
    total = message("得分 {score}，满分 {full}", score=f"{float(score.total):g}", full=f"{score.sheet.max_score:g}")
    out.print(str(total), style="bold", markup=False)
    if score.outcome is not None:
        out.print(str(message("结论：{name}", name=score.outcome.name)), style="bold", markup=False)
    for note in score.notes:
        out.print(str(note), style="dim", markup=False)

"""Sub-commands about one plant's data: demo, template, check, convert, audit, figures, explain, items."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qingyuan.cli.common import (
    EXIT_INPUT,
    EXIT_USAGE,
    JsonOption,
    LangOption,
    console,
    print_json,
    print_problems,
    print_table,
    speaking,
)
from qingyuan.errors import Severity
from qingyuan.language import clauses, listing, message, tr

if TYPE_CHECKING:
    from qingyuan.audit.result import AuditResult
    from qingyuan.checks import Finding
    from qingyuan.facts.model import Case
    from qingyuan.figures.derivation import Figure, FigureSet, MissingFigure
    from qingyuan.report.first_report import ReportFiles
    from qingyuan.standards.model import IndexSystem, Table

CaseArgument = Annotated[
    Path,
    typer.Argument(help="案例：CSV 文件夹、工作簿 .xlsx 或 facts.csv / a folder of CSV files, a workbook, a facts.csv"),
]
SystemOption = Annotated[str, typer.Option("--system", help="评价指标体系编号 / id of the evaluation index system")]
TableOption = Annotated[str, typer.Option("--table", help="评价表编号 / id of the table")]
ReportOption = Annotated[
    str,
    typer.Option(
        "--report",
        help="assessment 评估稿、acceptance 验收稿、first 初步分析 / the report in two versions, or a first analysis",
    ),
]
PeriodOption = Annotated[str, typer.Option("--period", help="时段，如 2022 / period, such as 2022")]


def demo(
    out: Annotated[Path, typer.Option("--out", help="输出文件夹 / output folder")] = Path("out/demo"),
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """用随软件发布的真实案例（已匿名的印制电路板厂）走一遍 / run the main job on the real plant that ships."""
    from qingyuan.demo import SHIPPED_CASES

    audit(SHIPPED_CASES / "pcb-plant-a", out=out, lang=lang, as_json=as_json)


def template(
    out: Annotated[Path, typer.Option("--out", help="写入的 .xlsx 文件 / the .xlsx file to write")],
    system: Annotated[
        str,
        typer.Option(
            "--system", help="评价指标体系编号，不写则为通用工作簿 / id of the index system; none: a general workbook"
        ),
    ] = "",
    table: TableOption = "",
    case: Annotated[Path | None, typer.Option("--case", help="用已有案例填写 / fill it with an existing case")] = None,
    years: Annotated[str, typer.Option("--years", help="年度表的列，如 2022-2024 / years of the yearly sheets")] = "",
    lang: LangOption = "",
    force: Annotated[bool, typer.Option("--force", help="覆盖已有文件 / overwrite an existing file")] = False,
) -> None:
    """为某行业（或通用）生成空白审核工作簿 / write an empty audit workbook for an industry, or a general one."""
    with speaking(lang) as language:
        from qingyuan.audit.record import NO_RECORD, read_record
        from qingyuan.audit.record_writing import write_audit_workbook
        from qingyuan.facts import read_case
        from qingyuan.standards.evidence import indicator_rows

        known, chosen = _system_and_table(system, table) if system else (None, None)
        columns = _years(years)
        if out.exists() and not force:
            text = message("文件已存在，未覆盖（要覆盖请加 --force）：{path}", path=out)
            console(stderr=True).print(str(text), style="red", markup=False, soft_wrap=True)
            raise typer.Exit(EXIT_USAGE)
        out.parent.mkdir(parents=True, exist_ok=True)
        write_audit_workbook(
            out,
            indicator_rows=() if known is None or chosen is None else indicator_rows(known, chosen),
            system_id="" if known is None else known.id,
            table_id="" if chosen is None else chosen.id,
            title="" if known is None else str(known.title),
            language=language,
            years=columns,
            case=read_case(case) if case is not None else None,
            record=read_record(case) if case is not None else NO_RECORD,
        )
        console().print(str(message("已写入 {path}", path=out)), markup=False, soft_wrap=True)
        if known is None:
            note = message("通用工作簿：没有选评价指标体系，指标值、数据检查和报告照常，不评等级")
            console(stderr=True).print(str(note), style="yellow", markup=False, soft_wrap=True)


def check(
    case: CaseArgument,
    lang: LangOption = "",
    as_json: JsonOption = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="标出问题的工作簿副本 / a copy of the workbook with the problems marked"),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="列出全部疑点 / list every finding")] = False,
) -> None:
    """检查格式、单位、项目和数据真实性，一次列出全部 / check form, units, items and truth of the data, all at once."""
    with speaking(lang):
        from qingyuan.audit.inputs import read_inputs
        from qingyuan.audit.option_economics import check_terms
        from qingyuan.audit.places import place_problems
        from qingyuan.errors import InputError
        from qingyuan.facts import mark_workbook, read_case

        findings: tuple[Finding, ...] = ()
        try:
            loaded = read_case(case)
            problems, facts = (*loaded.problems, *place_problems(loaded.profile)), len(loaded.facts)
        except InputError as error:
            problems, facts = error.problems, 0
        else:
            findings = _findings(loaded)
        try:  # what the audit decided and recorded beside the facts
            problems = (*problems, *check_terms(read_inputs(case)))
        except InputError as error:
            # where the file itself is refused, both readers say the same
            problems = (*problems, *(problem for problem in error.problems if problem not in problems))
        failed = any(problem.severity is Severity.ERROR for problem in problems)
        if out is not None:
            if case.suffix.lower() == ".xlsx":
                mark_workbook(case, problems, out)
                console(stderr=True).print(str(message("已写入 {path}", path=out)), markup=False, soft_wrap=True)
            else:
                console(stderr=True).print(tr("只有工作簿（.xlsx）能标出问题"), style="yellow")
        if as_json:
            print_json(
                {
                    "ok": not failed,
                    "facts": facts,
                    "problems": [problem.as_json() for problem in problems],
                    "findings": [finding.as_json() for finding in findings],
                }
            )
        else:
            print_problems(problems)
            if not failed:
                console().print(str(message("可以使用：{count} 条事实", count=facts)), markup=False)
            _print_findings(findings, every)
        if failed:
            raise typer.Exit(EXIT_INPUT)


_MOST_FINDINGS = 10  # that ``check`` prints without --all


def _findings(case: Case) -> tuple[Finding, ...]:
    """What the data checks find; a case that cannot be accounted at all has no findings, its problems say why."""
    from qingyuan.checks import run_checks
    from qingyuan.figures.ledger import Ledger

    return run_checks(case, Ledger(case))


def _print_findings(findings: tuple[Finding, ...], every: bool) -> None:
    """The gravest findings, each with what would settle it; they never change the exit status."""
    from qingyuan.report.chapters.quality import GRAVITY_NAMES

    if not findings:
        return
    out = console()
    out.print(str(message("数据真实性疑点 {count} 处：", count=len(findings))), style="bold", markup=False)
    shown = findings if every else findings[:_MOST_FINDINGS]
    for finding in shown:
        text = message("{gravity}  {text}", gravity=GRAVITY_NAMES[finding.severity], text=finding.message)
        out.print(str(text), markup=False)
        out.print(f"      → {finding.settle}", style="dim", markup=False)
    if len(shown) < len(findings):
        rest = message("……另有 {count} 处，用 --all 查看全部", count=len(findings) - len(shown))
        out.print(str(rest), style="dim", markup=False)


def convert(
    case: CaseArgument,
    out: Annotated[Path, typer.Option("--out", help="文件夹或 .xlsx / a folder, or a .xlsx file")],
    system: SystemOption = "",
    table: TableOption = "",
    lang: LangOption = "",
) -> None:
    """CSV 文件夹与工作簿互转，不丢内容 / turn a folder of CSV files into a workbook or back; nothing is lost."""
    with speaking(lang) as language:
        from qingyuan.audit.record import read_record
        from qingyuan.audit.record_writing import write_case_record
        from qingyuan.facts import read_case

        loaded, record = read_case(case), read_record(case)
        write_case_record(loaded, record, out, system=system, table=table, language=language)
        console().print(str(message("已写入 {path}", path=out)), markup=False, soft_wrap=True)


def audit(
    case: CaseArgument,
    system: SystemOption = "",
    table: TableOption = "",
    period: PeriodOption = "",
    out: Annotated[Path, typer.Option("--out", help="输出文件夹 / output folder")] = Path("out"),
    report: ReportOption = "assessment",
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """从数据到报告：指标、等级、差距、碳、报告（DOCX、PDF、result.json） / from data to the report."""
    with speaking(lang) as language:
        from qingyuan.audit.pipeline import run
        from qingyuan.report.writing import KINDS, write_files

        if report not in KINDS:
            text = message("没有“{found}”这种报告；应为 {kinds}", found=report, kinds=listing(KINDS))
            console(stderr=True).print(str(text), style="red", markup=False, soft_wrap=True)
            raise typer.Exit(EXIT_USAGE)
        started = time.perf_counter()
        result = run(case, system=system, table=table, period=period)
        files = write_files(result, out, language, report)
        if as_json:
            print_json({**_result_json(result, files), "report": report})
            return
        print_problems((problem for problem in result.problems if problem.severity is not Severity.NOTE), limit=12)
        print_summary(result, files, seconds=time.perf_counter() - started)


def figures(
    case: CaseArgument,
    period: PeriodOption = "",
    group: Annotated[
        str, typer.Option("--group", help="energy, water, materials, pollutants, carbon, tax, money")
    ] = "",
    missing: Annotated[bool, typer.Option("--missing", help="列出缺什么 / list what is missing")] = False,
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """列出全部指标值 / list the figures of a case."""
    with speaking(lang):
        from qingyuan.audit.pipeline import compute_figures
        from qingyuan.report.first_report import figure_json, missing_json

        _, found = compute_figures(case)
        groups = sorted({one.group for one in found.figures} | {one.group for one in found.missing})
        if group and group not in groups:
            from qingyuan.errors import UnknownName

            raise UnknownName(message("没有这一组指标值"), group, groups)
        chosen = [f for f in found.figures if (not period or f.period == period) and (not group or f.group == group)]
        gaps = [m for m in found.missing if (not period or m.period == period) and (not group or m.group == group)]
        if as_json:
            print_json({"figures": [figure_json(f) for f in chosen], "missing": [missing_json(m) for m in gaps]})
            return
        _print_figures(chosen)
        if missing:
            columns = [tr("指标值"), tr("时段"), tr("需要")]
            print_table(tr("缺失"), columns, ((m.name, m.period, clauses(m.needs)) for m in gaps))


def explain(
    case: CaseArgument,
    figure: Annotated[str, typer.Argument(help="指标编号，如 electricity / figure id, such as electricity")],
    period: PeriodOption = "",
    product: Annotated[str, typer.Option("--product", help="产品编号 / product id")] = "",
    place: Annotated[str, typer.Option("--place", help="场所 / place")] = "",
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """一个数从哪里来：推导树，直到数据行 / why this number: its derivation, down to the rows of the data."""
    with speaking(lang):
        from qingyuan.audit.pipeline import compute_figures
        from qingyuan.figures import explain as why

        _, found = compute_figures(case)
        wanted = _find_figure(found, figure, period, product, place)
        if as_json:
            print_json(why.as_json(wanted))
            return
        styles = {"figure": "bold", "method": "cyan", "note": "yellow", "fact": "dim", "coefficient": "dim"}
        for line in why.lines(wanted):
            console().print("  " * line.depth + line.text, style=styles.get(line.kind), markup=False, soft_wrap=True)


def items(
    text: Annotated[str, typer.Argument(help="名称或其一部分 / a name or a part of it")] = "",
    kind: Annotated[str, typer.Option("--kind", help="energy, water, material, product, pollutant, waste, money")] = "",
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """查项目目录：名称、单位、别名 / look into the item catalogue: names, units, aliases."""
    with speaking(lang):
        from qingyuan.reference.items import catalogue

        needle = text.casefold()
        found = [
            item
            for item in catalogue()
            if (not kind or item.kind == kind)
            and (
                needle in item.id
                or needle in item.name.zh
                or needle in item.name.en.casefold()
                or any(needle in alias.casefold() for alias in (*item.aliases, *item.role_aliases))
            )
        ]
        if as_json:
            rows = [
                {"id": i.id, "zh": i.name.zh, "en": i.name.en, "kind": i.kind, "unit": i.unit,
                 "aliases": [*i.aliases, *i.role_aliases]}
                for i in found
            ]  # fmt: skip
            print_json(rows)
            return
        columns = [tr("编号"), tr("名称"), tr("类别"), tr("单位"), tr("别名")]
        print_table(
            "", columns, ((i.id, i.name, i.kind, i.unit, listing([*i.aliases, *i.role_aliases][:6])) for i in found)
        )


# ---------------------------------------------------------------- what the sub-commands share


def _years(text: str) -> tuple[str, ...]:
    """The years of an option: 2022-2024, or 2022,2024; wrong ones are refused."""
    import re

    if not text.strip():
        return ()
    parts = [part.strip() for part in text.split(",")]
    found: list[str] = []
    for part in parts:
        match = re.fullmatch(r"((?:19|20)\d\d)(?:-((?:19|20)\d\d))?", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if not first <= last < first + 10:
            shown = message("年份“{text}”不对；应为如 2022-2024 或 2022,2024（最多十年）", text=text)
            console(stderr=True).print(str(shown), style="red", markup=False, soft_wrap=True)
            raise typer.Exit(EXIT_USAGE)
        found += [str(year) for year in range(first, last + 1)]
    return tuple(dict.fromkeys(found))


def _system_and_table(system: str, table: str) -> tuple[IndexSystem, Table]:
    from qingyuan.standards.loading import load
    from qingyuan.standards.scoring import choose_table

    known = load(system)
    return known, choose_table(known, table or None)


def _find_figure(found: FigureSet, wanted: str, period: str, product: str, place: str) -> Figure:
    """The figure of an id, key or printed name; else the nearest names; where there are several, the choices."""
    import difflib

    from qingyuan.errors import UnknownName

    head, _, when = wanted.partition("#")
    head, _, where = head.partition(":")
    id, _, of = head.partition("@")
    every: list[Figure | MissingFigure] = [*found.figures, *found.missing]
    called = _ids_by_name(every)
    if not any(one.id == id for one in every):
        ids = called.get(id.strip().casefold(), ())
        if len(ids) > 1:
            raise UnknownName(message("有几个指标值，请写明是哪一个"), wanted, ids)
        id = ids[0] if ids else id
    period, product, place = period or when, product or of, place or where
    matches = [f for f in found.figures if f.id == id and (not period or f.period == period)]
    matches = [f for f in matches if (not product or f.product == product) and (not place or f.place == place)]
    if not product and any(not f.product for f in matches):
        matches = [f for f in matches if not f.product]
    if not place and any(not f.place for f in matches):
        matches = [f for f in matches if not f.place]
    if len({(f.product, f.place) for f in matches}) == 1:
        return max(matches, key=lambda f: f.period)
    if matches:
        raise UnknownName(message("有几个指标值，请写明是哪一个"), wanted, sorted(f.key for f in matches)[:20])
    gaps = [m for m in found.missing if m.id == id and (not period or m.period == period)]
    if gaps:
        gap = max(gaps, key=lambda m: m.period)
        from qingyuan.errors import InputError, Problem

        text = message("“{name}”无法计算，还需要：{needs}", name=gap.name, needs=clauses(gap.needs))
        raise InputError([Problem("figure-missing", text)])
    others = sorted(f.key for f in found.figures if f.id == id)
    if others:
        raise UnknownName(message("这个指标值没有所给的产品、场所或时段"), wanted, others[:20])
    known = sorted({f.id for f in found.figures})
    part = id.strip().casefold()
    inside = [one for name, ids in called.items() if part and part in name for one in ids]
    near = list(dict.fromkeys((*inside, *difflib.get_close_matches(id, known, 8, 0.4))))[:12]
    raise UnknownName(message("未知的指标值"), wanted, near or known[:20])


def _ids_by_name(figures: Iterable[Figure | MissingFigure]) -> dict[str, tuple[str, ...]]:
    """The ids of figures by the names that tables and reports print, in Chinese and English."""
    found: dict[str, dict[str, None]] = {}
    for one in figures:
        for text in (one.name.zh, one.name.en):
            found.setdefault(text.casefold(), {})[one.id] = None
    return {name: tuple(ids) for name, ids in found.items()}


def _result_json(result: AuditResult, files: ReportFiles) -> dict[str, object]:
    from qingyuan.report.first_report import result_json

    return result_json(result, files)


def _print_figures(found: list[Figure]) -> None:
    from qingyuan import units
    from qingyuan.report.numbers import figure_text

    columns = [tr("编号"), tr("指标值"), tr("时段"), tr("数值"), tr("单位"), "±"]
    rows = []
    for f in found:
        spread = f"{f.sd / abs(f.value):.0%}" if f.value and f.sd else ""
        rows.append((f.key.split("#")[0], f.name, f.period, figure_text(f), units.display(f.unit), spread))
    print_table("", columns, rows, right=(3, 5))


def print_summary(result: AuditResult, files: ReportFiles, *, seconds: float) -> None:
    """A readable summary of an audit: the plant, three years, the grade, what is next, where the files are."""
    from qingyuan.cli.summary import summary

    summary(result, files, seconds=seconds)


def load(path: Path) -> Case:
    """Read a case; the one entry that the other sub-commands share."""
    from qingyuan.facts import read_case

    return read_case(path)

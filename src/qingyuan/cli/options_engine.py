"""The sub-commands ``options library | match | effects | portfolio | path | abatement | verify``: what to do."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from qingyuan.errors import InputError, UnknownName
from qingyuan.language import listing, message, tr
from qingyuan.units import UnitText

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qingyuan.audit.option_paths import PlantPath
    from qingyuan.options.change import Option
    from qingyuan.options.option_sets import QuantityEffect
    from qingyuan.options.path import LevelPath
    from qingyuan.options.portfolio import Portfolio

CaseArgument = Annotated[Path, typer.Argument(help="企业数据：文件夹或工作簿 / a case: folder or workbook")]
PeriodOption = Annotated[str, typer.Option("--period", help="时段，如 2024 / period, such as 2024")]
SystemOption = Annotated[str, typer.Option("--system", help="指标体系编号 / id of the index system")]
TableOption = Annotated[str, typer.Option("--table", help="评价表编号 / id of the table")]
OptionsFile = Annotated[
    Path | None, typer.Option("--options", metavar="OPTIONS.json", help="方案及其变化 / options with their changes")
]


@contextmanager
def _answering(lang: str, as_json: bool) -> Iterator[None]:
    """``speaking``; with ``--json`` a wrong input is an answer too: ``{"ok": false, "problems": […]}``."""
    with speaking(lang):
        try:
            yield
        except InputError as error:
            if as_json:
                print_json({"ok": False, "problems": [problem.as_json() for problem in error.problems]})
            raise


def _wrong(text: object) -> None:
    console(stderr=True).print(str(message("用法错误：{text}", text=text)), style="red", markup=False, soft_wrap=True)
    raise typer.Exit(EXIT_USAGE)


# --- the library -----------------------------------------------------------------------------------------------------


def library(
    id: Annotated[str, typer.Argument(metavar="[ID]", help="一条技术的编号 / id of one technology")] = "",
    industry: Annotated[str, typer.Option("--industry", help="行业编号或国民经济行业代码 / industry id or code")] = "",
    process: Annotated[str, typer.Option("--process", help="工序里的字 / part of the process")] = "",
    text: Annotated[str, typer.Option("--text", help="名称或简介里的字 / part of name or summary")] = "",
    medium: Annotated[str, typer.Option("--medium", help="energy, water, air, waste, carbon, raw-material")] = "",
    numbers: Annotated[bool, typer.Option("--numbers", help="只列有数值效果的 / only those with numbers")] = False,
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """技术库：查找、逐条打印 / the technology library: search, or print one record."""
    with _answering(lang, as_json):
        from qingyuan.options.library import details, record_json, table_rows
        from qingyuan.reference.technologies import search, technology

        try:
            found = (
                (technology(id),)
                if id
                else search(industry=industry, process=process, text=text, medium=medium, with_effects=numbers)
            )
        except UnknownName as error:
            _wrong(error)
            return
        if as_json:
            print_json({"count": len(found), "technologies": [record_json(record) for record in found]})
        elif id:
            print_table("", [tr("项目"), tr("内容")], [(str(a), str(b)) for a, b in details(found[0])])
        else:
            heads = [tr("编号"), tr("名称"), tr("工序"), tr("影响"), tr("效果")]
            print_table(str(message("技术库：{count} 条", count=len(found))), heads, table_rows(found))


def match(
    case: CaseArgument,
    system: SystemOption = "",
    table: TableOption = "",
    industry: Annotated[str, typer.Option("--industry", help="技术库的行业编号 / industry id of the library")] = "",
    cause: Annotated[
        list[str] | None, typer.Option("--cause", help="原因所在方面，可重复 / an aspect with a cause, may be repeated")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", help="列出多少条 / how many to list")] = 15,
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """为企业匹配技术：理由、估计效果、采纳情况 / technologies that fit a plant: reasons, estimates, odds."""
    with _answering(lang, as_json):
        from qingyuan.audit.pipeline import run
        from qingyuan.options.match import match as engine

        result = run(case, system=system, table=table)
        try:
            found = engine(result.case, score=result.score, causes=cause or (), industry=industry)
        except UnknownName as error:
            _wrong(error)
            return
        if as_json:
            print_json({"count": len(found), "candidates": [each.as_json() for each in found[: limit or None]]})
            return
        rows = []
        for number, each in enumerate(found[: limit or None], start=1):
            estimates = listing(
                message("{stream} {change} {unit}", stream=e.stream, change=f"{e.change:+.4g}", unit=UnitText(e.unit))
                for e in each.estimates
            )
            rows.append((
                number, f"{each.technology.label}\n{each.technology.id}", f"{each.points:.0f}", each.why(), estimates,
                f"{each.odds.rate:.0%}", "" if each.payback is None else f"{each.payback:g}",
                listing(each.already),
            ))  # fmt: skip
        heads = [
            "", tr("技术"), tr("得分"), tr("理由"), tr("年效果（估计）"), tr("同类实施率"), tr("回收期（年）"),
            tr("已有方案"),
        ]  # fmt: skip
        title = message("适用技术 {count} 条，列出前 {shown} 条", count=len(found), shown=len(rows))
        print_table(str(title), heads, rows, right=(0, 2, 5, 6))
        console().print(str(message("得分只用于排序；效果按本企业数据单独估算，各条不能相加。")), markup=False)


# --- effects ---------------------------------------------------------------------------------------------------------


def effects(
    case: CaseArgument,
    options: OptionsFile = None,
    chosen: Annotated[
        str, typer.Option("--set", help="方案编号，逗号分隔；不给为全部 / ids, separated by commas; none: all")
    ] = "",
    period: PeriodOption = "",
    figure: Annotated[
        list[str] | None, typer.Option("--figure", help="只看这个指标，可重复 / only this figure, may be repeated")
    ] = None,
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """一组方案一起的效果：前后、单独、最先、最后、分摊 / what a set brings: alone, first, last, share."""
    with _answering(lang, as_json):
        from qingyuan.audit.option_paths import plant_effects

        ids = [id.strip() for id in chosen.replace("，", ",").split(",") if id.strip()]
        try:
            found, model = plant_effects(case, _read_options(options), ids or None, period=period)
        except UnknownName as error:
            _wrong(error)
            return
        wanted = set(figure or ())
        figures = [each for each in found.figures if not wanted or each.id.partition("#")[0] in wanted]
        lost = {id: model.unapplied[id] for id in found.options if model.unapplied[id]}
        if as_json:
            record = found.as_json()
            record["figures"] = [each.as_json() for each in figures]
            record["unapplied"] = {id: [each.as_json() for each in some] for id, some in lost.items()}
            print_json(record)
            return
        _print_quantities(tr("物流与能流（全年）"), found.streams)
        whole = [each for each in figures if ":" not in each.id and "@" not in each.id]
        _print_quantities(tr("指标"), whole if not wanted else figures)
        for quantity, name in zip(found.streams, _names(found.streams), strict=True):
            rows = [
                (o.option, f"{o.alone:+.6g}", f"{o.first:+.6g}", f"{o.last:+.6g}", f"{o.share:+.6g}")
                for o in quantity.options
            ]
            title = message("{name}（{unit}）：各方案的部分", name=name, unit=UnitText(quantity.unit))
            print_table(
                str(title), [tr("方案"), tr("单独"), tr("最先"), tr("最后"), tr("分摊")], rows, right=(1, 2, 3, 4)
            )
        for warning in found.warnings:
            console().print(f"! {warning}", markup=False)
        left = [(id, each.stated, each.reason) for id, some in lost.items() for each in some]
        if left:
            print_table(tr("没有计入的效果"), [tr("方案"), tr("写明的效果"), tr("原因")], left)


def _names(quantities: Sequence[QuantityEffect]) -> list[str]:
    """Names that tell quantities apart: with the place, and with what happens to the item where that is not enough."""
    groups = {
        "use": message("使用"), "supply": message("外购"), "generated": message("产生"), "discharged": message("排放"),
    }  # fmt: skip
    placed = []
    for each in quantities:
        place = each.id.partition("#")[0].partition("@")[2]
        placed.append(str(message("{name}（{place}）", name=each.name, place=place) if place else each.name))
    found = []
    for each, name in zip(quantities, placed, strict=True):
        group = each.id.partition("@")[0].rpartition(".")[2]
        if placed.count(name) == 1 or group not in groups:
            found.append(name)
        else:
            found.append(str(message("{name}，{group}", name=name, group=groups[group])))
    return found


def _print_quantities(title: str, quantities: Sequence[QuantityEffect]) -> None:
    rows = []
    for each, name in zip(quantities, _names(quantities), strict=True):
        note = message("所报之和超过全部，已按全部计") if each.saturated else ""
        rows.append((
            name, f"{each.before:.6g}", f"{each.after:.6g}", f"{each.change:+.6g}", f"{each.sum_alone:+.6g}",
            each.unit, note,
        ))  # fmt: skip
    heads = [tr("名称"), tr("方案前"), tr("方案后"), tr("变化"), tr("单独之和"), tr("单位"), tr("说明")]
    print_table(title, heads, rows, right=(1, 2, 3, 4))


def _read_options(path: Path | None) -> tuple[Option, ...] | None:
    if path is None:
        return None
    from qingyuan.options.change import read_options

    return read_options(read_json(path), file=path.name)


# --- portfolio -------------------------------------------------------------------------------------------------------


def portfolio(
    problem: Annotated[
        Path, typer.Argument(metavar="PORTFOLIO.json|CASE", help="组合问题文件或企业数据 / problem file or a case")
    ],
    budget: Annotated[
        str, typer.Option("--budget", help="每年投资限额，万元，逗号分隔 / yearly budgets, 10^4 CNY, by commas")
    ] = "",
    years: Annotated[int, typer.Option("--years", help="规划年数（企业数据） / years of planning (a case)")] = 3,
    rate: Annotated[float, typer.Option("--rate", help="折现率（企业数据） / discount rate (a case)")] = 0.08,
    gap: Annotated[float, typer.Option("--gap", help="允许的相对差距 / relative gap at which to stop")] = 1e-6,
    seconds: Annotated[float, typer.Option("--seconds", help="时限，秒 / time limit, seconds")] = 60.0,
    front: Annotated[str, typer.Option("--front", help="对这一结果求帕累托前沿 / Pareto front for this result")] = "",
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """在预算、人力、停产窗口等约束下选最好的组合 / the best set over years under budgets and other limits."""
    with _answering(lang, as_json):
        from qingyuan.options.portfolio import optimise, pareto_front
        from qingyuan.options.portfolio_file import read_portfolio

        _check_search(gap, seconds)
        if problem.suffix.lower() == ".json":
            if budget:
                _wrong(tr("--budget 只用于企业数据；问题文件的限额写在 budgets 里"))
            read = read_portfolio(read_json(problem), file=problem.name)
            left_out: tuple[str, ...] = ()
        else:
            from qingyuan.audit.option_paths import plant_portfolio

            read, left_out = plant_portfolio(problem, _limits(budget, years), years=years, rate=rate)
        try:
            points = pareto_front(read, front, seconds=seconds) if front else ()
        except UnknownName as error:
            _wrong(error)
            return
        found = optimise(read, gap=gap, seconds=seconds)
        if as_json:
            record = found.as_json()
            record["left_out"] = list(left_out)
            if front:
                record["front"] = [
                    {"result": point.result, "NPV": point.portfolio.npv, "chosen": list(point.portfolio.chosen)}
                    for point in points
                ]
            print_json(record)
        else:
            _print_portfolio(found, left_out)
            if points:
                rows = [(f"{p.result:.6g}", f"{p.portfolio.npv:.6g}", listing(p.portfolio.chosen)) for p in points]
                print_table(
                    str(message("帕累托前沿：{result}", result=front)), [front, "NPV", tr("方案")], rows, right=(0, 1)
                )
        if found.status == "infeasible":
            raise typer.Exit(1)


def _check_search(gap: float, seconds: float) -> None:
    """Refuse a relative gap or a time limit that no search can keep."""
    if not 0 <= gap < 1:
        _wrong(message("--gap 应不小于 0、小于 1；读到：{value}", value=f"{gap:g}"))
    if not 0 < seconds < 1e9:
        _wrong(message("--seconds 应大于 0；读到：{value}", value=f"{seconds:g}"))


def _limits(text: str, years: int) -> tuple[float, ...]:
    try:
        given = tuple(float(part) for part in text.replace("，", ",").split(",") if part.strip())
    except ValueError:
        _wrong(message("--budget 应为数字，逗号分隔；读到：{text}", text=text))
        return ()
    return given * years if len(given) == 1 else given


def _print_portfolio(found: Portfolio, left_out: Sequence[str]) -> None:
    words = {
        "optimal": message("最优"), "feasible": message("可行（时限内未证明最优）"), "infeasible": message("无解"),
        "unbounded": message("无界"), "no-answer": message("时限内没有结果"),
    }  # fmt: skip
    rows = [(c.project, c.year, f"{c.part:.4g}", f"{c.value:.6g}", f"{c.investment:.6g}") for c in found.choices]
    heads = [tr("方案"), tr("开始年"), tr("部分"), tr("现值"), tr("投资")]
    print_table(str(message("优化组合：{status}", status=words[found.status])), heads, rows, right=(1, 2, 3, 4))
    out = console()
    if found.objective is not None:
        gap = "" if found.gap is None else f"{found.gap:.3%}"
        out.print(
            str(
                message(
                    "目标值 {objective}，证明的界 {bound}，差距 {gap}；净现值 {npv}",
                    objective=f"{found.objective:.6g}", bound="—" if found.bound is None else f"{found.bound:.6g}",
                    gap=gap, npv="—" if found.npv is None else f"{found.npv:.6g}",
                )
            ), markup=False,
        )  # fmt: skip
    for name, amounts in (*found.used.items(), *found.results.items()):
        out.print(f"{name}: " + ", ".join(f"{amount:.6g}" for amount in amounts), markup=False)
    if found.conflicts:
        out.print(str(message("不能同时满足：{names}", names=listing(found.conflicts))), markup=False)
    if left_out:
        out.print(str(message("没有投资或效益数据、未参加的方案：{names}", names=listing(left_out))), markup=False)


# --- path ------------------------------------------------------------------------------------------------------------


def path(
    case: Annotated[
        Path | None, typer.Argument(metavar="[CASE]", help="企业数据；或用 --values / a case; or --values")
    ] = None,
    level: Annotated[str, typer.Option("--level", help="I 或 II / I or II")] = "II",
    options: OptionsFile = None,
    values: Annotated[
        Path | None,
        typer.Option("--values", metavar="VALUES.json", help="没有企业数据时的各项回答 / answers without a case"),
    ] = None,
    system: SystemOption = "",
    table: TableOption = "",
    period: PeriodOption = "",
    basis: Annotated[
        str, typer.Option("--cost", help="investment（投资）、net（年净费用）、count（方案数）")
    ] = "investment",
    certainty: Annotated[
        float | None, typer.Option("--certainty", help="要求的把握，如 0.9 / certainty that is wanted, such as 0.9")
    ] = None,
    years: Annotated[int, typer.Option("--years", help="同时给出分年计划 / also as a plan over years")] = 0,
    budget: Annotated[
        str, typer.Option("--budget", help="分年计划的每年限额，万元 / yearly budgets of the plan, 10^4 CNY")
    ] = "",
    seconds: Annotated[float, typer.Option("--seconds", help="时限，秒 / time limit, seconds")] = 60.0,
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """到 II 级或 I 级最省的方案组合 / the cheapest set of options that reaches level II or I."""
    with _answering(lang, as_json):
        from qingyuan.audit.option_paths import path_of_answers, path_of_plant

        if level not in ("I", "II", "III"):
            _wrong(message("--level 应为 I、II 或 III；读到：{level}", level=level))
        if basis not in ("investment", "net", "count"):
            _wrong(message("--cost 应为 investment、net 或 count；读到：{basis}", basis=basis))
        if (case is None) == (values is None):
            _wrong(tr("给出企业数据，或用 --values 给出各项回答，二者取一"))
        _check_search(0.0, seconds)
        settings = {
            "level": level, "basis": basis, "certainty": certainty, "years": years, "budget": _limits(budget, years),
            "seconds": seconds,
        }  # fmt: skip
        try:
            found: PlantPath
            if case is not None:
                found = path_of_plant(
                    case,
                    _read_options(options),
                    system=system,
                    table=table,
                    period=period,
                    **settings,  # type: ignore[arg-type]
                )
            else:
                assert values is not None
                if options is None:
                    _wrong(tr("用 --values 时，须用 --options 给出方案"))
                    return
                found = path_of_answers(
                    read_json(values),
                    _read_options(options) or (),
                    system=system,
                    table=table,
                    **settings,  # type: ignore[arg-type]
                )
        except UnknownName as error:
            _wrong(error)
            return
        if as_json:
            print_json(found.as_json())
        else:
            _print_path(found.path)
            if found.verified is not None and found.path.score is not None:
                console().print(
                    str(message("按方案后的数据重新计算并评定：{level}", level=found.verified.level_name)), markup=False
                )
            if found.plan is not None:
                _print_portfolio(found.plan, ())
        if found.path.status == "infeasible":
            raise typer.Exit(1)


def _print_path(found: LevelPath) -> None:
    out = console()
    if found.score is None:
        out.print(str(message("到{level}级：没有可行的组合", level=found.level)), markup=False)
        for reason in found.reasons:
            out.print(f"- {reason}", markup=False)
        return
    rows = [
        (
            f"{row.name}\n{row.id}", _plain(row.before), _plain(row.after), f"{row.met_before} → {row.met_after}",
            f"{row.points:.4g}" if row.points else "", tr("是") if row.limiting else "", listing(row.options),
        )
        for row in found.rows
    ]  # fmt: skip
    title = message("到{level}级的最省组合：{options}", level=found.level, options=listing(found.options))
    heads = [tr("指标"), tr("方案前"), tr("方案后"), tr("级别"), tr("得分"), tr("限定性"), tr("方案")]
    print_table(str(title), heads, rows, right=(4,))
    unit = message("项") if found.basis == "count" else message("万元")
    bound = "—" if found.bound is None else f"{found.bound:.6g}"
    out.print(
        str(message("费用 {cost} {unit}，证明的下界 {bound}", cost=f"{found.cost:.6g}", unit=unit, bound=bound)),
        markup=False,
    )
    if found.certainty is not None:
        text = message(
            "达到的把握 {after}（不做方案 {before}），按效果的范围或 30 % 的相对不确定度抽样",
            after=f"{found.certainty:.0%}", before=f"{found.certainty_before or 0:.0%}",
        )  # fmt: skip
        out.print(str(text), markup=False)
    if found.assumed_cost:
        text = message("没有投资数据、按中位数计费用的方案：{ids}", ids=listing(found.assumed_cost))
        out.print(str(text), markup=False)
    for reason in found.reasons:
        out.print(f"- {reason}", markup=False)


def _plain(value: object) -> str:
    return f"{value:.5g}" if isinstance(value, float) else "—" if value is None else str(value)


def abatement(
    case: Annotated[Path, typer.Argument(metavar="MEASURES.json", help="措施 / measures")],
    rate: Annotated[float, typer.Option("--rate", help="折现率 / discount rate")] = 0.08,
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """边际减排成本曲线，负成本按帕累托层次 / abatement curve; measures that save money by Pareto layer.

    MEASURES: {"measures": [{"id", "net_cost", "abatement"} | {"id", "investment", "annual_saving", "annual_cost",
    "abatement", "life"}]}.
    """
    with _answering(lang, as_json):
        from qingyuan.options.abatement import abatement_curve, read_measures

        curve = abatement_curve(read_measures(read_json(case), rate=rate, file=case.name))
        if as_json:
            print_json(curve.as_json())
            return
        rows = [
            (
                step.measure.id,
                f"{step.measure.net_cost:.6g}",
                f"{step.measure.abatement:.6g}",
                f"{step.cost_per_tonne:.6g}" if step.sound else "—",
                f"{step.cumulated:.6g}",
                step.layer,
            )
            for step in curve.steps
        ]
        heads = [tr("措施"), tr("年净费用"), tr("年减排量"), tr("单位成本"), tr("累计减排"), tr("帕累托层")]
        print_table(tr("边际减排成本曲线"), heads, rows, right=(1, 2, 3, 4, 5))
        for warning in curve.warnings:
            console().print(f"! {warning}", markup=False)


def verify(
    case: CaseArgument,
    item: Annotated[str, typer.Option("--item", help="能源或水的编号 / item id, such as electricity")],
    baseline: Annotated[str, typer.Option("--baseline", help="基准期，如 2022 / baseline period")],
    reporting: Annotated[str, typer.Option("--reporting", help="报告期，如 2024 / reporting period")],
    driver: Annotated[
        list[str] | None,
        typer.Option("--driver", metavar="ITEM:UNIT", help="驱动因素，可重复，如 cloth:t / a driver, may be repeated"),
    ] = None,
    unit: Annotated[str, typer.Option("--unit", help="单位 / unit of the item")] = "kWh",
    confidence: Annotated[float, typer.Option("--confidence", help="置信水平 / level of confidence")] = 0.90,
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """实施后核定节约量：按月数据的基准线、驱动因素调整、不确定度 / verified saving from monthly data."""
    with _answering(lang, as_json):
        from qingyuan import units
        from qingyuan.facts.cases import read_case
        from qingyuan.options.verification import fit_baseline, points_of, verified_saving

        pairs = {}
        for each in driver or []:
            name, _, own = each.rpartition(":")
            if not name or not own:
                _wrong(message("--driver 应为 项目:单位；读到：{text}", text=each))
            pairs[name] = (name, units.canonical(own))
        if not 0 < confidence < 1:
            _wrong(tr("--confidence 应在 0 与 1 之间"))
        read = read_case(case)
        canonical = units.canonical(unit)
        before, after = (points_of(read, item, canonical, pairs, period) for period in (baseline, reporting))
        fitted = fit_baseline(before, tuple(pairs))
        found = verified_saving(fitted, after, confidence=confidence)
        if as_json:
            record = found.as_json()
            record["baseline_fit"] = {
                "count": fitted.count,
                "R2": fitted.r2,
                "CV": fitted.cv,
                "drivers": list(fitted.drivers),
                "coefficients": list(fitted.coefficients),
                "t": [value if abs(value) < 1e300 else None for value in fitted.t_values],
            }
            record["unit"] = canonical
            print_json(record)
            return
        rows = [(period, f"{b:.6g}", f"{c:.6g}", f"{b - c:+.6g}") for period, b, c in found.periods]
        heads = [tr("时段"), tr("调整后基准"), tr("实际"), tr("差")]
        print_table(str(message("核定节约量（{unit}）", unit=UnitText(canonical))), heads, rows, right=(1, 2, 3))
        text = message(
            "节约 {saving}（{share}），{confidence} 置信区间 {low} 至 {high}；基准线 R² {r2}",
            saving=f"{found.saving:.6g}", share=f"{found.relative:.1%}", confidence=f"{confidence:.0%}",
            low=f"{found.low:.6g}", high=f"{found.high:.6g}", r2=f"{fitted.r2:.3f}",
        )  # fmt: skip
        console().print(str(text), markup=False)
        for note in found.notes:
            console().print(f"! {note}", markup=False)


def register(app: typer.Typer) -> None:
    """Put the sub-commands beside ``options economics``."""
    for command in (library, match, effects, portfolio, path, abatement, verify):
        app.command()(command)

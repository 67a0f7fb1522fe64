"""The sub-commands ``options``: ``economics`` of a case's options, or of one investment without a case."""

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from qingyuan.cli.common import EXIT_USAGE, JsonOption, LangOption, console, print_json, print_table, speaking
from qingyuan.language import clauses, message, tr

if TYPE_CHECKING:
    from qingyuan.options.cash_flow import CashFlowTable
    from qingyuan.options.economics import OptionEconomics
    from qingyuan.options.parameters import Terms
    from qingyuan.options.sensitivity import Simulation, Swing

app = typer.Typer(
    help="方案：经济评估、技术匹配、组合效果、优化、达级路径 / options: economics, match, effects, portfolio, path",
    no_args_is_help=True,
)


@app.callback()
def _options() -> None:
    """清洁生产方案 / cleaner production options."""


@app.command()
def economics(
    case: Annotated[
        Path | None,
        typer.Argument(
            metavar="[CASE]", help="企业数据；不给则按 --investment 计算一项 / a case; none: one investment"
        ),
    ] = None,
    option: Annotated[str, typer.Option("--option", help="只看一个方案 / id of one option")] = "",
    investment: Annotated[str, typer.Option("--investment", help="固定资产投资，万元 / fixed assets, 10^4 CNY")] = "",
    working: Annotated[str, typer.Option("--working", help="流动资金，万元 / working capital, 10^4 CNY")] = "",
    subsidy: Annotated[str, typer.Option("--subsidy", help="补贴，万元 / subsidy, 10^4 CNY")] = "",
    saving: Annotated[str, typer.Option("--saving", help="年运行费用总节省 P，万元 / yearly saving P, 10^4 CNY")] = "",
    flow: Annotated[
        str, typer.Option("--cash-flow", help="年净现金流量 F，万元 / yearly net cash flow F, 10^4 CNY")
    ] = "",
    rate: Annotated[
        str, typer.Option("--discount-rate", "--rate", help="贴现率，如 5% 或 0.05 / discount rate, 5% or 0.05")
    ] = "",
    years: Annotated[str, typer.Option("--years", help="方案寿命 n，年 / life n, years")] = "",
    depreciation: Annotated[
        str, typer.Option("--depreciation-years", help="折旧年限 Y / years of depreciation Y")
    ] = "",
    tax: Annotated[str, typer.Option("--tax", help="所得税率，如 25% / income tax rate")] = "",
    benchmark: Annotated[
        str, typer.Option("--benchmark", help="基准收益率，默认取贴现率 / benchmark rate; default: discount rate")
    ] = "",
    escalation: Annotated[
        str, typer.Option("--escalation", help="节省额年增长率，用于逐年表 / yearly growth of the saving")
    ] = "",
    cost_class: Annotated[
        str, typer.Option("--class", help="费用类别，定偿还期限度 / cost class: none, low, medium, higher, high")
    ] = "",
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="敏感性与蒙特卡罗 / sensitivity and Monte Carlo")
    ] = False,
    share: Annotated[str, typer.Option("--range", help="敏感性的变动幅度 / range of the sensitivity")] = "20%",
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """方案经济评估：N、NPV、NPVR、IRR、逐年现金流量 / economics of options: pay-back, NPV, NPVR, IRR, cash flows."""
    with speaking(lang):
        stated = {
            key: value
            for key, value in (
                ("discount_rate", _rate(rate, "--discount-rate")),
                ("life_years", _amount(years, "--years")),
                ("depreciation_years", _amount(depreciation, "--depreciation-years")),
                ("income_tax_rate", _rate(tax, "--tax")),
                ("benchmark_rate", _rate(benchmark, "--benchmark")),
                ("price_escalation", _rate(escalation, "--escalation", negative=True)),
            )
            if value is not None
        }
        amounts = {
            "fixed": _amount(investment, "--investment"),
            "working": _amount(working, "--working"),
            "subsidy": _amount(subsidy, "--subsidy"),
            "P": _amount(saving, "--saving", negative=True),
            "F": _amount(flow, "--cash-flow", negative=True),
        }
        width = _rate(share, "--range")
        if width is None or width == 0:
            _wrong(message("{option} 应大于 0", option="--range"))
        if case is None:
            _single(amounts, stated, cost_class, sensitivity, width, as_json=as_json)
            return
        given = [key for key, value in amounts.items() if value is not None]
        if given or cost_class:
            _wrong(message("给了企业数据，就不能再给 --investment、--saving、--cash-flow、--class 等单项投资的数"))
        _case(case, option, stated, sensitivity, width, as_json=as_json)


# --- what the user typed ---------------------------------------------------------------------------------------------


def _wrong(text: object) -> NoReturn:
    console(stderr=True).print(str(message("用法错误：{text}", text=text)), style="red", markup=False, soft_wrap=True)
    raise typer.Exit(EXIT_USAGE)


def _amount(text: str, name: str, *, negative: bool = False) -> float | None:
    """A number as typed; None where nothing was; wrong usage for anything else."""
    if not text.strip():
        return None
    try:
        value = float(text.strip().replace(",", ""))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        _wrong(message("{option} 应为一个数；读到：{text}", option=name, text=text))
    if value < 0 and not negative:
        _wrong(message("{option} 不能为负；读到：{text}", option=name, text=text))
    return value


def _rate(text: str, name: str, *, negative: bool = False) -> float | None:
    """A rate as typed: ``5%`` or ``0.05``; a bare number from 1 up is wrong usage, not guessed at."""
    plain = text.strip().replace("％", "%")
    if not plain:
        return None
    percent = plain.endswith("%")
    value = _amount(plain.removesuffix("%"), name, negative=negative)
    if value is None:
        _wrong(message("{option} 应为一个数；读到：{text}", option=name, text=text))
    if percent:
        value /= 100
    elif value >= 1:
        right = f"{value:g}%"
        _wrong(message("{option} 应小于 1，或写成百分数；{text} 是否指 {right}", option=name, text=text, right=right))
    if value >= 1:
        _wrong(message("{option} 应小于 100%；读到：{text}", option=name, text=text))
    return value


# --- one investment --------------------------------------------------------------------------------------------------


def _single(
    amounts: dict[str, float | None],
    stated: dict[str, float],
    cost_class: str,
    sensitivity: bool,
    share: float,
    *,
    as_json: bool,
) -> None:
    from qingyuan.facts.model import OptionRow
    from qingyuan.options.classes import COST_CLASSES
    from qingyuan.options.economics import assess
    from qingyuan.options.parameters import terms

    fixed = amounts["fixed"]
    if fixed is None:
        _wrong(message("没有给出企业数据，就要给 --investment，并给 --saving 或 --cash-flow"))
    if not fixed:
        _wrong(message("--investment 应大于 0：没有投资就没有偿还期和收益率"))
    if amounts["P"] is None and amounts["F"] is None:
        _wrong(message("还要给 --saving（年节省额，另计折旧和所得税）或 --cash-flow（年净现金流量）"))
    if amounts["P"] is not None and amounts["F"] is not None:
        _wrong(message("--saving 与 --cash-flow 只给一个"))
    classes = tuple(COST_CLASSES)
    if cost_class and cost_class not in classes:
        _wrong(message("未知的费用类别：{name}；可用：{names}", name=cost_class, names=", ".join(classes)))
    used = terms(_today(), stated=stated)
    found = assess(OptionRow("1", ""), used, cost_class=cost_class, entries=amounts)
    _show(found, sensitivity, share, as_json=as_json)


def _today() -> dt.date:
    return dt.datetime.now(tz=dt.timezone(dt.timedelta(hours=8))).date()


# --- a case ----------------------------------------------------------------------------------------------------------


def _case(case: Path, option: str, stated: dict[str, float], sensitivity: bool, share: float, *, as_json: bool) -> None:
    from dataclasses import replace

    from qingyuan.audit.inputs import read_inputs
    from qingyuan.audit.linking import assessment_period
    from qingyuan.audit.option_economics import assess_options
    from qingyuan.errors import UnknownName
    from qingyuan.facts.cases import read_case
    from qingyuan.figures.ledger import Ledger
    from qingyuan.figures.settings import Settings
    from qingyuan.options.economics import by_present_value, by_present_value_ratio

    read = read_case(case)
    inputs = read_inputs(case)
    inputs = replace(inputs, economic_terms={**inputs.economic_terms, **stated})
    settings = Settings.from_profile(read.profile)
    ledger = Ledger(read, settings)
    found, problems = assess_options(read, inputs, settings, _today(), ledger=ledger, period=assessment_period(ledger))
    if option:
        if option not in found:
            raise UnknownName(message("没有这个方案"), option, list(found)[:20])
        _show(found[option], sensitivity, share, as_json=as_json)
        return
    worth, ratio = by_present_value(found.values()), by_present_value_ratio(found.values())
    if as_json:
        print_json(
            {
                "options": [{"id": one.id, "name": one.name, **one.as_json()} for one in found.values()],
                "terms": next((one.terms.as_json() for one in found.values()), {}),
                "ranking": {"NPV": [one.id for one in worth], "NPVR": [one.id for one in ratio]},
                "problems": [problem.as_json() for problem in problems],
            }
        )
        return
    from qingyuan.cli.common import print_problems

    print_problems(problems)
    if not found:
        console().print(tr("没有方案"), markup=False)
        return
    print_options(worth, ratio)
    lacking = [one for one in found.values() if not one.computable]
    if lacking:
        title = str(message("还不能评估的方案 {count} 个", count=len(lacking)))
        rows = [(one.id, one.name, clauses(one.needs), _affordable(one)) for one in lacking]
        columns = [tr("编号"), tr("方案"), tr("缺少"), tr("投资不超过，万元")]
        print_table(title, columns, rows, right=(3,))
        console().print(tr("投资不超过：按所写年节省额，净现值为零时的投资"), style="dim", markup=False)
    _print_terms(next(iter(found.values())).terms)


def _affordable(found: OptionEconomics) -> str:
    return "" if found.affordable is None or not math.isfinite(found.affordable) else _number(found.affordable)


# --- printing --------------------------------------------------------------------------------------------------------


def _number(value: float | None, digits: int = 4) -> str:
    if value is None:
        return "—"
    places = max(digits - 1 - math.floor(math.log10(abs(value))), 0) if value else 0
    text = f"{value:,.{min(places, 4)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _money(value: float) -> str:
    """An amount of a table: two decimals of 10^4 CNY, so that columns stand in line."""
    return f"{value + 0.0:,.2f}"


def _percent(value: float | None, places: int = 2) -> str:
    return "—" if value is None else f"{100 * value:.{places}f}"


def print_options(worth: tuple[OptionEconomics, ...], ratio: tuple[OptionEconomics, ...], limit: int = 0) -> None:
    """The options that can be assessed, by NPV, with their place by NPVR; ``limit`` > 0 shows only the first ones."""
    from qingyuan.options.economics import VERDICT_WORDS

    place = {one.id: index for index, one in enumerate(ratio, 1)}
    rows = []
    for index, one in enumerate(worth[: limit or None], 1):
        verdict = f"{VERDICT_WORDS[one.verdict]}{'*' if one.assumed else ''}"
        share = f"{_percent(one.npvr)} ({place.get(one.id, '—')})"
        rows.append(
            (
                index, one.id, one.name, _number(one.investment), _number(one.cash_flow), _number(one.payback, 3),
                _number(one.npv), share, _percent(one.irr), verdict,
            )
        )  # fmt: skip
    columns = [
        "", tr("编号"), tr("方案"), tr("I，万元"), tr("F，万元/年"), tr("N，年"), tr("NPV，万元"),
        tr("NPVR，%（位次）"), tr("IRR，%"), tr("判定"),
    ]  # fmt: skip
    print_table(tr("方案经济评估（按净现值排列）"), columns, rows, right=(3, 4, 5, 6, 7, 8))
    if any(one.assumed for one in worth):
        console().print(
            tr("* 贴现率或寿命没有设定，各数按假定计算；由审核小组设定后才能判定"), style="yellow", markup=False
        )


def _show(found: OptionEconomics, sensitivity: bool, share: float, *, as_json: bool) -> None:
    """One option: its symbols, criteria and yearly flows, with sensitivity where wanted."""
    from qingyuan.options.cash_flow import cash_flow_table, project_of
    from qingyuan.options.sensitivity import simulate, tornado

    project = project_of(found)
    table = None if project is None else cash_flow_table(project)
    swings = () if project is None or not sensitivity else tornado(project, share=share)
    spread = None if project is None or not sensitivity else simulate(project, share=share)
    if as_json:
        record: dict[str, object] = {"id": found.id, "name": found.name, **found.as_json()}
        record["terms"] = found.terms.as_json()
        record["cash_flow"] = [] if table is None else table.as_json()
        record["NPV_yearly"] = None if table is None else table.npv
        record["discounted_payback"] = None if table is None else table.discounted_payback
        if sensitivity:
            record["sensitivity"] = [swing.as_json() for swing in swings]
            record["monte_carlo"] = None if spread is None else spread.as_json()
        print_json(record)
        return
    _print_symbols(found)
    _print_decisions(found)
    for note in found.notes:
        console().print(str(note), style="yellow", markup=False)
    if found.needs:
        text = message("还缺：{needs}", needs=clauses(found.needs))
        console().print(str(text), style="yellow", markup=False)
    if table is not None:
        _print_flows(table, net=project is not None and project.net)
    if swings:
        _print_swings(swings)
    if spread is not None:
        _print_simulation(spread)
    _print_terms(found.terms)


def _print_symbols(found: OptionEconomics) -> None:
    from qingyuan.options.economics import SYMBOL_NAMES

    units = {**dict.fromkeys("IPDTEF", tr("万元")), "N": tr("年"), "NPV": tr("万元"), "NPVR": "%", "IRR": "%"}
    rows: list[tuple[object, ...]] = []
    for symbol, value in found.symbols.items():
        shown = _percent(value, 3) if units[symbol] == "%" else _number(value, 6)
        said = tr("录入值") if symbol in found.entered else ""
        rows.append((SYMBOL_NAMES[symbol], shown, units[symbol], said))
    trial = found.interpolation
    if trial is not None:
        text = message(
            "i1 = {low}%（NPV {above}），i2 = {high}%（NPV {below}）",
            low=f"{100 * trial.low_rate:g}", above=_number(trial.low_npv), high=f"{100 * trial.high_rate:g}",
            below=_number(trial.high_npv),
        )  # fmt: skip
        rows.append((tr("内部收益率（手册内插法）"), _percent(found.irr_interpolated, 3), "%", text))
    if found.payback_printed is not None:
        rows.append((tr("所写投资偿还期"), _number(found.payback_printed), tr("年"), ""))
    if found.avoided_tax is not None:
        rows.append((tr("另：少缴环境保护税，至多"), _number(found.avoided_tax), tr("万元/年"), tr("没有计入 P")))
    if found.affordable is not None and math.isfinite(found.affordable):
        rows.append((tr("净现值为零时的投资"), _number(found.affordable), tr("万元"), ""))
    title = f"{found.id} {found.name}".strip() if found.name else ""
    print_table(title, [tr("指标"), tr("数值"), tr("单位"), tr("说明")], rows, right=(1,))


def _print_decisions(found: OptionEconomics) -> None:
    if not found.decisions:
        return
    rows = [
        (
            one.measure,
            one.limit,
            one.word,
            one.reason or "",
            one.source,
        )
        for one in found.decisions
    ]
    print_table(tr("判据"), [tr("指标"), tr("限度"), tr("判定"), tr("说明"), tr("依据")], rows)
    console().print(str(found.verdict_text), style="bold", markup=False)


def _print_flows(table: CashFlowTable, *, net: bool) -> None:
    """The yearly table; ``net``: depreciation and tax are inside the flow that was entered."""
    rows = []
    for index, year in enumerate(table.year):
        outlay = float(table.investment[index])
        shown = []
        for name in _FLOW_COLUMNS:
            inside = net and name in ("depreciation", "tax")
            none = year == 0 and name != "cash_flow"
            shown.append("" if none else "—" if inside else _money(float(getattr(table, name)[index])))
        present = _money(float(table.present[index])), _money(float(table.cumulative_present[index]))
        paid = _money(outlay) if outlay else ""
        rows.append((int(year), paid, *shown, f"{table.discount_factor[index]:.4f}", *present))
    columns = [
        tr("第几年"), tr("投资"), tr("节省"), tr("折旧"), tr("所得税"), tr("净现金流量"), tr("贴现系数"), tr("折现值"),
        tr("累计现值"),
    ]  # fmt: skip
    print_table(tr("逐年现金流量（万元）"), columns, rows, right=range(len(columns)))
    back, discounted = table.payback, table.discounted_payback
    never = tr("寿命内收不回")
    text = message(
        "逐年表：净现值 {npv} 万元；静态回收 {back}，动态回收 {discounted}",
        npv=_money(table.npv),
        back=never if back is None else message("{years} 年", years=_number(back, 3)),
        discounted=never if discounted is None else message("{years} 年", years=_number(discounted, 3)),
    )
    console().print(str(text), markup=False)


_FLOW_COLUMNS = ("saving", "depreciation", "tax", "cash_flow")


def _print_swings(swings: tuple[Swing, ...]) -> None:
    rows = []
    for one in swings:
        rate = one.parameter.endswith("rate") or one.parameter == "escalation"
        shown = _percent if rate else _number
        unit = "%" if rate else ""
        cells = [f"{shown(value)}{unit}" for value in (one.base, one.low, one.high)]
        switch = "—" if one.switch is None else f"{shown(one.switch)}{unit}"
        rows.append((one.name, *cells, _number(one.npv_low), _number(one.npv_high), switch))
    columns = [tr("参数"), tr("基准"), tr("低"), tr("高"), tr("低时 NPV"), tr("高时 NPV"), tr("临界值（NPV = 0）")]
    print_table(tr("敏感性（净现值，万元）"), columns, rows, right=range(1, 7))


def _print_simulation(spread: Simulation) -> None:
    marks = spread.percentiles
    text = message(
        "蒙特卡罗（{samples} 次，种子 {seed}）：NPV 平均 {mean} 万元，九成在 {low} 至 {high} 之间，"
        "不小于零的可能性 {share}%",
        samples=spread.samples,
        seed=spread.seed,
        mean=_number(spread.mean),
        low=_number(marks[5]),
        high=_number(marks[95]),
        share=f"{100 * spread.positive:.1f}",
    )
    console().print(str(text), markup=False)


def _print_terms(used: Terms) -> None:
    """The parameters with grade and source; assumptions stand out."""
    from qingyuan.report.chapters.common import GRADE_NAMES

    rows = []
    for one in used.parameters:
        shown = f"{100 * one.value:g} %" if one.unit == "1" else str(message("{years} 年", years=f"{one.value:g}"))
        rows.append((one.name, shown, tr("假定") if one.grade is None else GRADE_NAMES[one.grade], one.source))
    print_table(tr("参数"), [tr("名称"), tr("数值"), tr("可信等级"), tr("来源")], rows, right=(1,))
    if used.assumptions:
        text = tr("标“假定”的数不是规定，须由审核小组确认（audit.toml 的 [economics] 或命令选项）")
        console().print(text, style="yellow", markup=False)

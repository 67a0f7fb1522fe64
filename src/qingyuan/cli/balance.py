"""The sub-command ``balance``: a flow network reconciled, its suspects named; from a network file or a plant."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from qingyuan.errors import InputError
from qingyuan.language import listing, message, tr

if TYPE_CHECKING:
    from qingyuan.balance.account import Balance
    from qingyuan.balance.losses import LossCosts
    from qingyuan.balance.network import Network
    from qingyuan.balance.result import Estimate, Reconciliation
    from qingyuan.errors import Problem

_ROWS = 500  # flows printed; beyond that the table says how many more there are


def balance(
    network: Annotated[
        Path, typer.Argument(metavar="NETWORK.json|CASE", help="网络文件或企业资料 / a network file, or a plant's case")
    ],
    layer: Annotated[str, typer.Option("--layer", help="只看这一层 / show this layer only")] = "",
    alpha: Annotated[float, typer.Option("--alpha", help="检验的显著性水平 / level of the tests")] = 0.05,
    correction: Annotated[
        str,
        typer.Option("--correction", help="多重检验校正 / for many tests: sidak, bonferroni, benjamini, none"),
    ] = "sidak",
    draws: Annotated[
        int, typer.Option("--draws", help="蒙特卡洛抽样次数，0 为不做 / Monte Carlo draws, 0 for none", min=0)
    ] = 0,
    period: Annotated[str, typer.Option("--period", help="案例的时段，如 2022 / period of a case, such as 2022")] = "",
    pictures: Annotated[
        Path | None,
        typer.Option("--pictures", help="案例的物流图写入此文件夹 / pictures of a case's balances into this folder"),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="结果写入此 JSON 文件 / write the result to this file")
    ] = None,
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """平衡调和：使测量值相互一致，找出可疑的表和漏计 / reconcile a flow network and name suspects."""
    with speaking(lang):
        if not 0 < alpha < 1:
            _wrong(tr("--alpha 应在 0 与 1 之间"))
        if correction not in ("sidak", "bonferroni", "benjamini", "none"):
            text = message(
                "--correction 应为 {names} 之一", names=listing(("sidak", "bonferroni", "benjamini", "none"))
            )
            _wrong(str(text))
        try:
            read, problems, plant = _read(network, period)
        except InputError as error:
            if as_json:
                print_json({"ok": False, "problems": [problem.as_json() for problem in error.problems]})
            raise
        if layer and layer not in {each.id for each in read.layers}:
            _wrong(str(message("没有层 {layer}；有：{layers}", layer=layer, layers=listing(x.id for x in read.layers))))
        from qingyuan.balance.reconciliation import reconcile

        result = reconcile(read, alpha=alpha, correction=correction, problems=problems)  # type: ignore[arg-type]
        record = result.as_json()
        if draws:
            from qingyuan.balance.monte_carlo import simulate

            record["monte_carlo"] = simulate(result, draws).as_json()
        record = {"ok": not result.has_errors, **record}
        if layer:
            record = _one_layer(record, result, layer)
        if plant is not None:
            record |= plant.as_json()
        if out is not None:
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(json.dumps(record, ensure_ascii=False, indent=2, allow_nan=False) + "\n", encoding="utf-8")
        if as_json:
            print_json(record)
        else:
            if plant is not None:
                _print_plant(plant)
            _print(result, layer, record.get("monte_carlo"))
            if out is not None:
                console().print(str(message("已写入 {path}", path=out)), markup=False, soft_wrap=True)
        if plant is not None and pictures is not None:
            for path in _pictures(plant, pictures):
                console(stderr=as_json).print(str(message("已写入 {path}", path=path)), markup=False, soft_wrap=True)
        print_problems(result.problems)
        if result.has_errors:
            raise typer.Exit(EXIT_INPUT)


def _wrong(text: str) -> None:
    console(stderr=True).print(str(message("错误：{text}", text=text)), style="red", markup=False, soft_wrap=True)
    raise typer.Exit(EXIT_USAGE)


def _read(path: Path, period: str) -> tuple[Network, tuple[Problem, ...], PlantBalances | None]:
    """The network of a file; anything but JSON is a plant's case, whose flows come from its facts."""
    if path.suffix.lower() == ".json" and path.is_file():
        from qingyuan.balance.reading import read_network_file

        return (*read_network_file(path), None)
    from qingyuan.balance.plant import plant_network

    found = balances_of_case(path, period)
    return plant_network(found.balances, path.name), found.problems, found


@dataclass(frozen=True)
class PlantBalances:
    """The balances of a plant's case over a period, what its losses cost, the problems of reading."""

    period: str
    balances: tuple[Balance, ...]
    losses: LossCosts | None
    problems: tuple[Problem, ...]

    def as_json(self) -> dict[str, object]:
        """The balances as plain values."""
        return {
            "period": self.period,
            "balances": [balance.as_json() for balance in self.balances],
            "losses": None if self.losses is None else self.losses.as_json(),
        }


def balances_of_case(path: Path, period: str = "") -> PlantBalances:
    """The balances of a plant's case (workbook or folder) over a period (default: the latest year with production).

    Raises InputError where the case cannot be read or its facts allow no balance.
    """
    from qingyuan import figures as figure_room
    from qingyuan.audit.linking import assessment_period
    from qingyuan.balance.losses import loss_costs
    from qingyuan.balance.plant import plant_balances
    from qingyuan.errors import Location, Problem
    from qingyuan.facts.cases import read_case
    from qingyuan.facts.model import Period
    from qingyuan.figures.ledger import Ledger

    if not path.exists():
        raise InputError([Problem("no-file", message("没有这个文件：{path}", path=path))])
    if period:
        try:
            period = str(Period.parse(period))
        except ValueError:
            raise InputError([Problem("period-unknown", message("这不是时段"), found=period)]) from None
    case = read_case(path)
    ledger = Ledger(case)
    chosen = period or assessment_period(ledger)
    made = figure_room.compute(case, ledger=ledger)
    found = plant_balances(ledger, made, ledger.settings, chosen)
    if not found:
        text = message(
            "{period} 的数据不足以建立任何平衡：需要用水、用能、原辅材料或场所之间的流量", period=chosen or "—"
        )
        raise InputError([Problem("no-balance", text, where=Location(file=path.name))])
    return PlantBalances(chosen, found, loss_costs(ledger, ledger.settings, chosen), case.problems)


def _print_plant(found: PlantBalances) -> None:
    """The balances of a plant at a glance, what their numbers say, the cost of losses."""
    from qingyuan.balance.rules import VERDICTS, Spread, UnitBalance

    def line(name: object, one: UnitBalance) -> tuple[str, ...]:
        sure = one.deviation is not None and not one.unknown and one.deviation[1] - one.deviation[0] < 1e-6
        share = f"{100 * one.deviation[1]:.2f} %" if sure and one.deviation is not None else "—"
        totals = (str(Spread(*one.total("in"))), str(Spread(*one.total("out"))))
        return (str(name), *totals, one.unit, share, str(VERDICTS[one.verdict]))

    columns = [tr("平衡"), tr("投入"), tr("产出"), tr("单位"), tr("偏差"), tr("结论")]
    rows: list[tuple[str, ...]] = []
    for balance in found.balances:
        rows.append(line(balance.name, balance.whole))
        rows += [line(f"  {one.name}", one) for one in balance.units]
    print_table(str(message("{period} 的平衡", period=found.period)), columns, rows, right=(1, 2, 4))
    out = console()
    for balance in found.balances:
        for remark in balance.remarks:
            out.print(f"· {remark}", markup=False, soft_wrap=True)
    if found.losses is not None:
        losses = [(one.place, ("" if one.complete else "≥ ") + f"{one.total / 1e4:.4g}") for one in found.losses.places]
        print_table(tr("损失的成本，万元"), [tr("场所"), tr("合计")], losses, right=(1,))


def _pictures(found: PlantBalances, folder: Path) -> tuple[Path, ...]:
    """Write the picture of each balance: an SVG for documents and an ECharts option (JSON) for pages."""
    from qingyuan.balance.sankey import echarts_option
    from qingyuan.report.sankey_chart import balance_links, balance_sankey

    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for balance in found.balances:
        chart = balance_sankey(balance)
        if chart is None:
            continue
        links, names = balance_links(balance)
        option = echarts_option(links, names, title=str(balance.name), unit=balance.unit)
        for path, text in (
            (folder / f"{balance.id}.svg", chart.svg),
            (folder / f"{balance.id}.json", json.dumps(option, ensure_ascii=False, indent=1, allow_nan=False)),
        ):
            path.write_text(text + "\n", encoding="utf-8")
            written.append(path)
    return tuple(written)


def _one_layer(record: dict[str, Any], result: Reconciliation, layer: str) -> dict[str, Any]:
    """The result with the flows of one layer in the place of the base layer's."""
    record = {key: value for key, value in record.items() if key != "layers"}
    record["layer"] = layer
    record["flows"] = {key: estimate.as_json() for key, estimate in result.layer(layer).items()}
    concentrations = result.concentrations(layer)
    if concentrations:
        record["concentrations"] = {key: estimate.as_json() for key, estimate in concentrations.items()}
    return record


# --- printing --------------------------------------------------------------------------------------------------------


def _print(result: Reconciliation, only: str, simulated: Mapping[str, Any] | None) -> None:
    """Tables of the flows by layer, further quantities, the tests, the suspects."""
    for layer in result.network.layers:
        if only and layer.id != only:
            continue
        unit = f" ({layer.unit})" if layer.unit else ""
        title = f"{layer.name or layer.id}{unit}" if len(result.network.layers) > 1 or layer.unit else ""
        _estimates(title, tr("流"), result.layer(layer.id))
        if result.concentrations(layer.id):
            name = layer.name or layer.id
            _estimates(str(message("{layer}：浓度", layer=name)), tr("流"), result.concentrations(layer.id))
        if result.stocks(layer.id):
            _estimates(str(message("{layer}：库存", layer=layer.name or layer.id)), tr("库存"), result.stocks(layer.id))
    _estimates(tr("转移系数"), tr("系数"), result.transfers)
    _estimates(tr("不确定的关系式"), tr("关系式"), result.relations)
    out = console()
    if result.critical is None:
        out.print(tr("没有多余的测量：什么都不能互相核对。"), style="yellow")
    else:
        text = message(
            "总体检验：加权平方和 {chi2}，自由度 {dof}，界限 {critical}（显著性水平 {alpha}）",
            chi2=f"{result.chi2:.4g}",
            dof=result.dof,
            critical=f"{result.critical:.4g}",
            alpha=f"{result.alpha:g}",
        )
        out.print(str(text), style="bold", markup=False)
        verdict = tr("测量值相互一致。") if result.consistent else tr("测量值相互矛盾：有显著误差。")
        out.print(verdict, style="green" if result.consistent else "bold red")
    number = 0
    for error in result.gross_errors:
        if error.role == "suspect":
            number += 1
            out.print(f"{number}. {error.text}", style="red", markup=False, soft_wrap=True)
        else:
            other = message("或者：{text}", text=error.text)
            out.print(f"   {other}", style="yellow", markup=False, soft_wrap=True)
    for advice in _unobservable(result):
        out.print(str(advice), style="yellow", markup=False, soft_wrap=True)
    if simulated:
        rows = [
            (key, _number(entry["mean"]), _number(entry["sd"]), _number(entry["low"]), _number(entry["high"]))
            for key, entry in list(simulated["flows"].items())[:_ROWS]
        ]
        heading = message("蒙特卡洛，{count} 次抽样", count=simulated["draws"])
        columns = [tr("流"), tr("均值"), tr("标准差"), tr("95 % 下限"), tr("95 % 上限")]
        print_table(str(heading), columns, rows, right=(1, 2, 3, 4))


def _estimates(title: str, first: str, estimates: Mapping[str, Estimate]) -> None:
    if not estimates:
        return
    columns = [first, tr("测量值"), tr("调和值"), tr("标准差"), tr("调整"), tr("检验 |z|"), tr("类别")]
    rows = [_row(key, estimates[key]) for key in list(estimates)[:_ROWS]]
    print_table(title, columns, rows, right=(1, 2, 3, 4, 5))
    if len(estimates) > _ROWS:
        console().print(str(message("……另有 {count} 条，用 --json 查看全部", count=len(estimates) - _ROWS)))


def _row(key: str, estimate: Estimate) -> tuple[str, ...]:
    measured = ""
    if estimate.measurement is not None:
        measured = _number(estimate.measurement)
        if not estimate.exact:
            measured += f" ± {_number(estimate.measurement_sd)}"
    return (
        key,
        measured,
        _number(estimate.value),
        "" if estimate.exact else _number(estimate.sd),
        "" if estimate.exact else _number(estimate.adjustment),
        "" if estimate.test is None else f"{estimate.test:.2f}",
        _class(estimate),
    )


def _class(estimate: Estimate) -> str:
    if estimate.exact:
        word = tr("准确值")
    elif estimate.measured:
        word = tr("有核对") if estimate.redundant else tr("无核对")
    else:
        word = tr("可算出") if estimate.observable else tr("不可知")
    if estimate.bound:
        word += tr("，在下限") if estimate.bound == "low" else tr("，在上限")
    return word


def _unobservable(result: Reconciliation) -> Iterable[object]:
    """Which meters would make the unknown flows of the base layer known, set by set."""
    sets: dict[tuple[str, ...], None] = {}
    for estimate in result.flows.values():
        if not estimate.observable:
            sets[estimate.meters] = None
    for meters in list(sets)[:20]:
        if len(meters) > 1:
            yield message("在 {flows} 中任一处加一只表，这几条流就都可以算出。", flows=listing(meters))
        elif meters:
            yield message("流 {flow} 只有自己装表才能知道。", flow=meters[0])


def _number(value: float | None) -> str:
    """A number with six significant digits, without an exponent where that is readable."""
    if value is None:
        return "—"
    text = f"{value:.6g}"
    return f"{value:.0f}" if "e+" in text and abs(value) < 1e15 else text

"""The summary that an audit prints (终端摘要): the plant, three years, the grade, the gaps, the files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from qingyuan import units
from qingyuan.cli.common import console, print_table
from qingyuan.language import Name, bracketed, clauses, message, tr
from qingyuan.standards.answers import level_word

if TYPE_CHECKING:
    from qingyuan.audit.result import AuditResult
    from qingyuan.report.first_report import ReportFiles
    from qingyuan.standards.distance import Path
    from qingyuan.standards.result import Score

# The figures that a director asks for first, in this order.
_HEADLINES = (
    "product-output",
    "output-value",
    "electricity",
    "comprehensive-energy.equivalent",
    "energy-per-output-value.equivalent",
    "electricity-per-product",
    "fresh-water",
    "fresh-water-per-product",
    "water-reuse-rate",
    "wastewater-generated",
    "hazardous-waste",
    "carbon-total",
    "carbon-per-output-value",
    "environmental-tax",
)


def summary(result: AuditResult, files: ReportFiles, *, seconds: float) -> None:
    """Print the summary of an audit in the language in force; ``seconds`` is how long the run took."""
    out = console()
    profile = result.case.profile
    name = str(Name(profile.name, profile.name_en)) or profile.plant or result.case.origin
    out.rule(str(message("{name}：清洁生产审核首份结果", name=name)))
    if result.demo:
        out.print(tr("演示数据，不是真实企业"), style="bold red")
    _years(result)
    _grade(result)
    _next(result)
    _doubts(result)
    _options(result)
    recalled = sum(1 for figure in result.figures.figures if figure.grade.value == "recalled")
    out.print(
        str(
            message(
                "指标值 {count} 项（{recalled} 项用到凭记忆、须核对的数），缺数据的 {missing} 项，"
                "数据问题 {problems} 条。",
                count=len(result.figures.figures),
                recalled=recalled,
                missing=len(result.figures.missing),
                problems=len(result.problems),
            )
        ),
        markup=False,
    )
    out.print(str(message("用时 {seconds} 秒，文件：", seconds=f"{seconds:.1f}")), markup=False)
    for path in files.as_json().values():
        out.print(f"  {path}", markup=False, soft_wrap=True)


def _doubts(result: AuditResult) -> None:
    """The gravest findings of the data checks, a line each."""
    if not result.findings:
        return
    out = console()
    out.print(str(message("数据真实性疑点 {count} 处，最重的：", count=len(result.findings))), style="bold")
    for finding in result.findings[:5]:
        text = str(finding.message)
        out.print(f"  · {text if len(text) <= 150 else text[:149] + '…'}", markup=False)


def _options(result: AuditResult) -> None:
    """The best options by net present value, and how many cannot be assessed yet."""
    if not result.economics:
        return
    from qingyuan.cli.options import print_options
    from qingyuan.options.economics import by_present_value, by_present_value_ratio

    found = result.economics.values()
    worth = by_present_value(found)
    if worth:
        print_options(worth, by_present_value_ratio(found), limit=5)
    lacking = len(found) - len(worth)
    if lacking:
        text = message("{count} 个方案缺投资或节省额，还不能作经济评估（qingyuan options economics）", count=lacking)
        console().print(str(text), markup=False)


def _years(result: AuditResult) -> None:
    from qingyuan.report.numbers import figure_text

    years = result.years
    rows: list[list[str]] = []
    for id in _HEADLINES:
        found = [figure for figure in result.figures.figures if figure.id == id and not figure.place]
        for product in dict.fromkeys(figure.product for figure in found):
            by_year = {figure.period: figure for figure in found if figure.product == product}
            if not any(year in by_year for year in years):
                continue
            sample = next(iter(by_year.values()))
            label = _product(result, product) if product else ""
            name = str(sample.name) if label in str(sample.name) else f"{sample.name}{bracketed(label)}"
            cells = [figure_text(by_year[year]) if year in by_year else "—" for year in years]
            rows.append([name, units.display(sample.unit), *cells])
    print_table(tr("主要指标"), [tr("指标值"), tr("单位"), *years], rows, right=range(2, 2 + len(years)))


def _product(result: AuditResult, product: str) -> str:
    from qingyuan.figures.ledger import Ledger

    return str(Ledger(result.case, result.settings).label(product))


def _grade(result: AuditResult) -> None:
    out = console()
    score = result.score
    if score is None:
        out.print(tr("未评定等级："), style="bold")
        for need in result.score_needs:
            out.print(f"  {need}", markup=False)
        return
    out.print(
        str(
            message(
                "{title} · {table} · {period} 年",
                title=score.system.title,
                table=score.table.name,
                period=result.period,
            )
        ),
        style="bold",
        markup=False,
    )
    out.print("  " + "   ".join(_indices(score)), markup=False)
    out.print("  " + str(message("等级：{level}", level=score.level_name)), style="bold", markup=False)
    if score.no_data:
        out.print("  " + str(message("没有数据的指标 {count} 项，按 0 分计", count=len(score.no_data))), markup=False)
    if result.ceiling is not None:
        best = message(
            "这些指标若都达到Ⅰ级：{indices}，等级最高到{level}",
            indices="   ".join(_indices(result.ceiling)),
            level=result.ceiling.level_name,
        )
        out.print(f"  {best}", markup=False)
    if score.below_read is not None:
        share = f"{float(score.below_read):.0%}"
        out.print("  " + str(message("权重中有 {share} 依据尚未与官方文本核对的数", share=share)), markup=False)


def _indices(score: Score) -> Iterable[str]:
    for name, interval in score.indices:
        if interval.exact:
            yield f"Y_{name} = {float(interval.low):.2f}"
        else:
            yield f"Y_{name} = {float(interval.low):.2f} … {float(interval.high):.2f}"


def _next(result: AuditResult) -> None:
    score = result.score
    if result.distance is None or score is None or score.no_data:
        return  # while rows have no data, the way to a level is mostly data that is missing
    for path in result.distance.paths:
        console().print(f"  {_path(path, score)}", markup=False)


def _path(path: Path, score: Score) -> str:
    if not path.possible:
        return str(message("到{level}：{reason}", level=level_word(path.level), reason=path.reason or ""))
    steps = path.sets[0].steps if path.sets else ()
    named: list[object] = [
        message("{name}到{level}", name=score.row(step.id).indicator.name, level=level_word(step.to)) for step in steps
    ]
    return str(
        message(
            "到{level}：至少改进 {size} 项，例如 {steps}",
            level=level_word(path.level),
            size=path.size,
            steps=clauses((*named[:6], *("…" for _ in named[6:7]))),
        )
    )

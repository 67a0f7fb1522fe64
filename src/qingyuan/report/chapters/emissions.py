"""Chapter: pollutants and greenhouse gases (污染物与温室气体)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qingyuan.audit.result import AuditResult
from qingyuan.facts.model import Monitoring, Period, State
from qingyuan.language import message, tr
from qingyuan.report.chapters.common import (
    figures_table,
    item_name,
    per_product_table,
    picture,
    present,
    select,
    trend_picture,
)
from qingyuan.report.chapters.years import stack_by_year
from qingyuan.report.charts import BulletRow, bullets
from qingyuan.report.numbers import Number, format_number, unit_text
from qingyuan.report.tree import (
    Block,
    Column,
    Heading,
    Inlines,
    Missing,
    Paragraph,
    Reference,
    Row,
    Table,
    Text,
)
from qingyuan.report.tree import (
    Figure as Picture,
)

_NUMBER = re.compile(r"[≤<]?\s*(\d+(?:\.\d+)?)")
_SHOWN_BULLETS = 12
CARBON_PARTS = ("carbon-fuel", "carbon-process", "carbon-electricity", "carbon-heat")


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """Monitoring against limits, amounts of pollutants, tax; greenhouse gases with their structure."""
    return (
        Heading(2, message("监测结果与限值")),
        *monitoring(result),
        Heading(2, message("污染物产生与排放")),
        *pollutants(result),
        Heading(2, message("温室气体排放")),
        *carbon(result),
    )


def monitoring(result: AuditResult) -> tuple[Block, ...]:
    """The highest results of every outlet against their limits: a chart and a table."""
    rows = [row for row in result.case.monitoring if row.state in (State.VALUE, State.BELOW_DETECTION)]
    if not rows:
        need = message("monitoring 表：排放口、污染物、日期、浓度、限值")
        return (Missing(message("监测结果"), (need,)),)
    year = _year_to_show(rows, result.period)
    groups: dict[tuple[str, str], list[Monitoring]] = {}
    for row in rows:
        if row.date.startswith(year):
            groups.setdefault((row.outlet, row.pollutant), []).append(row)
    lines: list[tuple[float, Row]] = []
    measured: list[tuple[float, BulletRow]] = []
    over = 0
    for (outlet, pollutant), results in groups.items():
        highest = max(results, key=lambda row: row.concentration if row.concentration is not None else -1.0)
        limit = _limit(highest)
        ratio = highest.concentration / limit if highest.concentration is not None and limit else None
        exceeded = ratio is not None and ratio > 1 and highest.state is State.VALUE
        over += exceeded
        name = str(item_name(result, pollutant)) if pollutant else highest.label
        value = Number(highest.concentration, highest.unit, exact=True, state=highest.state)
        lines.append(
            (
                -(ratio or 0),
                Row(
                    (
                        outlet,
                        name,
                        unit_text(highest.unit) or "—",
                        Number(len(results), digits=0),
                        format_number(value),
                        highest.limit or None,
                        None if ratio is None else Number(100 * ratio, digits=1),
                    ),
                    emphasis="alert" if exceeded else "",
                ),
            )
        )
        if ratio is not None and highest.concentration is not None and not highest.unit.startswith("dB"):
            measured.append(
                (
                    -ratio,
                    BulletRow(
                        name,
                        highest.concentration,
                        limit,
                        highest.unit,
                        highest.state is State.BELOW_DETECTION,
                        outlet,
                    ),
                )
            )
    table = Table(
        message("{year} 年各排放口监测结果的最高值", year=year),
        (
            Column(message("排放口")),
            Column(message("污染物")),
            Column(message("单位"), align="center"),
            Column(message("次数"), align="right"),
            Column(message("最高值"), align="right"),
            Column(message("限值"), align="right"),
            Column(message("占限值"), "%", align="right"),
        ),
        tuple(row for _, row in sorted(lines, key=lambda line: line[0])),
        notes=(message("限值按监测表所填，没有另行核对适用标准；“—”表示没有填限值或限值不是单一数值。"),),
        dense=True,
        label="table-monitoring",
    )
    said: Text = (
        message(
            "{year} 年监测的排放口与污染物组合有 {count} 个，其中 {over} 个的最高值超过所填限值，见",
            year=year,
            count=len(groups),
            over=over,
        )
        if over
        else message(
            "{year} 年监测的排放口与污染物组合有 {count} 个，最高值都不超过所填限值，见", year=year, count=len(groups)
        )
    )
    chart = _bullets(measured, year)
    refer: list[Inlines] = [said]
    if chart is not None:
        refer += [Reference(chart.label), message("和")]
    refer += [Reference(table.label), message("。")]
    return (Paragraph(tuple(refer)), *present(chart), table)  # type: ignore[arg-type]


def chart_of_limits(result: AuditResult) -> tuple[Block, ...]:
    """The chart of ``monitoring`` with its sentence, for reports that print the results as a worksheet."""
    found = monitoring(result)
    chart = next((block for block in found if isinstance(block, Picture)), None)
    if chart is None:
        return ()
    text = message("监测最高值占限值的比例见")
    return (Paragraph((text, Reference(chart.label), message("。"))), chart)


def _bullets(measured: Sequence[tuple[float, BulletRow]], year: str) -> Picture | None:
    rows = [row for _, row in sorted(measured, key=lambda entry: entry[0])[:_SHOWN_BULLETS]]
    if not rows:
        return None
    title = tr("监测最高值占限值的比例（{year} 年）").format(year=year)
    caption = message("{year} 年监测最高值与限值（占比最高的 {count} 项）", year=year, count=len(rows))
    return picture(caption, bullets(title, rows), label="figure-monitoring")


def _year_to_show(rows: Sequence[Monitoring], graded: str) -> str:
    """The graded year where something was monitored in it, else the latest year of results."""
    years = set()
    for row in rows:
        try:
            years.add(f"{Period.parse(row.date).start.year:04d}")
        except ValueError:
            continue
    return graded[:4] if graded[:4] in years else max(years, default="")


def _limit(row: Monitoring) -> float | None:
    """A limit that is one number; None for a range, a text or nothing."""
    found = _NUMBER.fullmatch(row.limit.strip())
    value = float(found[1]) if found else 0.0
    return value or None


def pollutants(result: AuditResult) -> tuple[Block, ...]:
    """Amounts generated, removed and discharged, per product, and the environmental protection tax."""
    amounts = select(
        result, "wastewater-generated", "generation.*", "removal.*", "removal-rate.*", "discharge.*", site=True
    )
    table = figures_table(result, message("污染物产生、去除与排放"), amounts, label="table-pollutants")
    unit = per_product_table(
        result,
        message("单位产品污染物产生量与排放量（{year} 年）", year=result.period),
        ("generation-per-product", "discharge-per-product"),
        label="table-pollutants-per-product",
    )
    tax = figures_table(
        result,
        message("环境保护税"),
        select(
            result,
            "environmental-tax",
            "environmental-tax-water",
            "environmental-tax-air",
            "environmental-tax-solid-waste",
            "environmental-tax-noise",
            site=True,
        ),
        label="table-tax",
    )
    if table is None and tax is None:
        needs = (message("各排放口的浓度与流量（或排放量）"), message("排放口的年排放时间"))
        return (Missing(message("污染物产生量与排放量"), needs),)
    method = message("排放量按自动监测、手工监测、产排污系数、物料衡算的法定次序选用方法，每个数值用的方法见")
    lead = Paragraph((method, Reference("appendix-sources"), message("。")))
    return present(lead, table, unit, tax)


def carbon(result: AuditResult) -> tuple[Block, ...]:
    """Greenhouse gases over the years, with their structure."""
    found = select(
        result,
        "carbon-total",
        "carbon-direct",
        *CARBON_PARTS,
        "carbon-recovered",
        "carbon-biomass",
        "carbon-per-output-value",
        "carbon-per-product",
        group="carbon",
        site=True,
    )
    table = figures_table(result, message("温室气体排放"), found, label="table-carbon")
    if table is None:
        needs = (message("各能源品种的消耗量"), message("外购电力、热力量"))
        return (Missing(message("温室气体排放量"), needs),)
    chart = trend_picture(
        result,
        message("近三年温室气体排放"),
        tr("温室气体排放"),
        select(result, "carbon-total", "carbon-per-output-value", "carbon-per-product", site=True),
        label="figure-carbon",
    )
    parts = [figure for figure in select(result, *CARBON_PARTS, site=True) if figure.value > 0 and not figure.product]
    structure = stack_by_year(
        result,
        message("温室气体排放构成"),
        tr("温室气体排放构成"),
        parts,
        "figure-carbon-structure",
        lambda figure: str(figure.name),
    )
    factor = result.settings.electricity_factor
    kind = {"national": message("全国平均因子"), "provincial": message("省级平均因子")}.get(
        str(factor), message("指定的因子")
    )
    lead = message("电力排放按{kind}计算。生物质燃料的二氧化碳单列，不计入总量。数值见", kind=kind)
    return present(Paragraph((lead, Reference("table-carbon"), message("。"))), chart, structure, table)

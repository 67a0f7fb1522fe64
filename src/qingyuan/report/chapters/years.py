"""Chapter: three years of production, energy, water, materials and wastes (近三年生产与资源能源消耗)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from qingyuan.audit.result import AuditResult
from qingyuan.facts.model import SITE, State
from qingyuan.figures.derivation import Figure
from qingyuan.language import Message, message, tr
from qingyuan.report.chapters.common import (
    figures_table,
    in_unit,
    item_name,
    per_product_table,
    picture,
    present,
    select,
    trend_picture,
    yearly,
)
from qingyuan.report.charts import Series, shares, stacked
from qingyuan.report.tree import Block, Heading, Missing, Paragraph, Reference, Table, Text
from qingyuan.report.tree import Figure as Picture

_SHOWN_FIRST = {
    "energy": (
        "comprehensive-energy.equivalent",
        "comprehensive-energy.equal",
        "electricity",
        "heat",
        "energy-per-output-value.equivalent",
        "energy-per-product.equivalent",
        "electricity-per-product",
    ),
    "water": (
        "fresh-water",
        "fresh-water-production",
        "fresh-water-domestic",
        "fresh-water-per-product",
        "fresh-water-per-output-value",
        "water-reuse-rate",
        "wastewater-discharged",
    ),
}
WASTE_IDS = (
    "hazardous-waste",
    "hazardous-waste-per-product",
    "general-waste",
    "general-waste-per-product",
    "waste-generated.*",
    "waste-discharge.*",
    "solid-waste-utilisation.*",
)


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """Production, energy, water, materials, wastes: a chart, a table, what is missing."""
    return (
        Heading(2, message("生产")),
        *production(result),
        Heading(2, message("能源")),
        *energy(result),
        Heading(2, message("水")),
        *water(result),
        Heading(2, message("原辅材料")),
        *materials(result),
        Heading(2, message("固体废物")),
        *wastes(result),
    )


def production(result: AuditResult) -> tuple[Block, ...]:
    """Output and output value over the years, as a picture."""
    found = select(result, "product-output", "output-value", site=True)
    chart = trend_picture(result, message("近三年产量与产值"), tr("产量与产值"), found, label="figure-production")
    if chart is None:
        return (Missing(message("产量与产值"), (message("各年产品产量"), message("各年产值"))),)
    lead = Paragraph(
        (
            message("近三年的产量与产值见"),
            Reference("figure-production"),
            message("，数值见"),
            Reference("table-products"),
            message("。"),
        )
    )
    has_table = any(figure.period in result.years for figure in found)
    return present(lead if has_table else None, chart)


def energy(result: AuditResult) -> tuple[Block, ...]:
    """Energy: trend, structure, places, figures."""
    main = select(result, *_SHOWN_FIRST["energy"], site=True)
    chart = trend_picture(result, message("近三年能源消耗"), tr("能源消耗"), main, label="figure-energy")
    whole = {
        figure.period for figure in select(result, "comprehensive-energy.equivalent", site=True) if not figure.product
    }
    structure = _structure(
        result,
        message("能源消费结构（当量值）"),
        tr("能源消费结构（当量值）"),
        "energy-coal.equivalent.",
        "figure-energy-structure",
        whole,
    )
    places = _by_place(result, "electricity", message("分场所用电"), tr("分场所用电"), "figure-electricity-places")
    rest = [
        figure
        for figure in select(result, *_SHOWN_FIRST["energy"], group="energy", site=True)
        if not figure.id.startswith("energy-coal.")
    ]
    table = figures_table(result, message("能源指标"), rest, label="table-energy")
    return _section(
        table, (chart, structure, places), message("能源消耗"), message("各能源品种的消耗量（按年，注明购入、消耗）")
    )


def water(result: AuditResult) -> tuple[Block, ...]:
    """Water: trend, structure, places, figures."""
    main = select(result, *_SHOWN_FIRST["water"], site=True)
    chart = trend_picture(result, message("近三年取水、用水与排水"), tr("取水、用水与排水"), main, label="figure-water")
    parts = select(result, "fresh-water-production", "fresh-water-domestic", site=True)
    structure = stack_by_year(
        result, message("取水构成"), tr("取水构成"), parts, "figure-water-structure", lambda figure: str(figure.name)
    )
    places = _by_place(result, "fresh-water", message("分场所取水"), tr("分场所取水"), "figure-water-places")
    table = figures_table(
        result, message("水指标"), select(result, *_SHOWN_FIRST["water"], group="water", site=True), label="table-water"
    )
    return _section(table, (chart, structure, places), message("用水"), message("各年取水量、重复利用水量、排水量"))


def materials(result: AuditResult, *, amounts: bool = True) -> tuple[Block, ...]:
    """Amounts over the years, unit consumption of the graded year by product, and the other figures of materials.

    ``amounts`` false leaves out the amounts, where a worksheet has them.
    """
    consumed = select(result, "material-consumption.*", site=True) if amounts else []
    table = figures_table(result, message("原辅材料消耗量"), consumed, label="table-materials")
    wastes = {figure.key for figure in select(result, *WASTE_IDS)}
    others = [
        figure
        for figure in select(result, group="materials", site=True)
        if figure.key not in wastes
        and figure.id not in ("product-output", "pass-rate")
        and not figure.id.startswith(("material-consumption.", "material-per-product."))
    ]
    rates = figures_table(result, message("物料利用与回收"), others, label="table-material-rates")
    found = _section(table, (), message("原辅材料"), message("各年原辅材料消耗量")) if amounts else ()
    return (
        *found,
        *present(
            per_product_table(
                result,
                message("单位产品物料消耗（{year} 年）", year=result.period),
                ("material-per-product",),
                label="table-material-per-product",
            ),
            rates,
        ),
    )


def wastes(result: AuditResult) -> tuple[Block, ...]:
    """Solid wastes: trend, structure, figures."""
    found = select(result, *WASTE_IDS, site=True)
    chart = trend_picture(
        result,
        message("近三年固体废物产生量"),
        tr("固体废物产生量"),
        select(result, "hazardous-waste", "general-waste", site=True),
        label="figure-wastes",
    )
    structure = _structure(
        result, message("固体废物构成"), tr("固体废物构成"), "waste-generated.", "figure-waste-structure"
    )
    table = figures_table(result, message("固体废物指标"), found, label="table-wastes")
    return _section(table, (chart, structure), message("固体废物"), message("各年各类固体废物的产生量和去向"))


def _section(table: Table | None, charts: Iterable[Picture | None], what: Message, need: Message) -> tuple[Block, ...]:
    """A lead that points to the pictures and the table; what is missing where there is neither."""
    shown = [chart for chart in charts if chart is not None]
    if table is None and not shown:
        return (Missing(message("{what}：没有可以核算的数据", what=what), (need,)),)
    lead: list[Text | Reference] = [
        message("{what}的变化与构成见", what=what) if shown else message("{what}的数值见", what=what)
    ]
    for at, chart in enumerate(shown):
        if at:
            lead.append(message("、"))
        lead.append(Reference(chart.label))
    if table is not None and shown:
        lead.append(message("，数值见"))
    if table is not None:
        lead.append(Reference(table.label))
    lead.append(message("。"))
    return (Paragraph(tuple(lead)), *shown, *present(table))


def _structure(
    result: AuditResult, caption: Text, title: str, prefix: str, label: str, periods: Collection[str] | None = None
) -> Picture | None:
    """The parts of a whole by year; only in ``periods`` where given, those of which the whole is known."""
    parts = [
        figure
        for figure in result.figures.figures
        if figure.id.startswith(prefix)
        and not figure.place
        and not figure.product
        and (periods is None or figure.period in periods)
    ]
    return stack_by_year(result, caption, title, parts, label, lambda figure: _short_name(result, figure))


def _short_name(result: AuditResult, figure: Figure) -> str:
    """The item at the end of a figure's id by its name."""
    return str(item_name(result, figure.id.rpartition(".")[2]))


def stack_by_year(
    result: AuditResult, caption: Text, title: str, parts: Iterable[Figure], label: str, name: Callable[[Figure], str]
) -> Picture | None:
    """The parts of a whole by year, as stacked bars or for one year as a ring; None for fewer than two parts."""
    lines = yearly(result, parts)
    unit = next((by_year[max(by_year)].unit for by_year in lines.values()), "")
    years = [year for year in result.years if any(year in by_year for by_year in lines.values())]
    series = [
        Series(
            name(next(iter(by_year.values()))),
            tuple(by_year[year].term.to(unit).value if year in by_year else None for year in years),
        )
        for by_year in lines.values()
    ]
    if len(series) < 2 or not years:
        return None
    if len(years) == 1:
        parts_of_year = [(part.name, part.values[0] or 0.0) for part in series]
        return picture(caption, shares(f"{title}{tr('，')}{years[0]}", unit, parts_of_year), label=label)
    return picture(caption, stacked(title, unit, years, series), label=label)


def _by_place(result: AuditResult, item: str, caption: Message, title: str, label: str) -> Picture | None:
    """Shares of the places in what was consumed in the graded year; places that hold other shown ones are left out."""
    year = result.period
    facts = [
        fact
        for fact in result.case.facts
        if fact.item == item
        and fact.role == "consumed"
        and fact.place != SITE
        and fact.period == year
        and fact.value is not None
        and fact.state is State.VALUE
        and not fact.to_place
    ]
    parents = {place.name: place.parent for place in result.case.places}
    above = {parents.get(fact.place, "") for fact in facts}
    amounts: dict[str, float] = {}
    for fact in facts:
        amount = in_unit(fact.value or 0.0, fact.unit, facts[0].unit)
        if fact.place not in above and amount is not None:
            amounts[fact.place] = amounts.get(fact.place, 0.0) + amount
    if len(amounts) < 2:
        return None
    chart = shares(f"{title}{tr('，')}{year}", facts[0].unit, list(amounts.items()))
    return picture(message("{what}（{year} 年）", what=caption, year=year), chart, label=label)

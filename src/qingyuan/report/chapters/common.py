"""What chapters share: names, marks of grades, tables of figures over the years, lists of what is missing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from qingyuan import units
from qingyuan.audit.result import AuditResult
from qingyuan.errors import UnknownName
from qingyuan.facts.model import Basis, State
from qingyuan.facts.naming import own_label
from qingyuan.figures.derivation import Figure, MissingFigure
from qingyuan.language import Listing, Message, Name, message, tr
from qingyuan.reference.records import Grade, Validity
from qingyuan.report.charts import Chart, Panel, trend
from qingyuan.report.numbers import Number, figure_number, unit_text
from qingyuan.report.tree import (
    Block,
    Column,
    Heading,
    Inlines,
    LandscapeSection,
    Missing,
    Paragraph,
    Row,
    Run,
    Table,
    Text,
)
from qingyuan.report.tree import Figure as Picture

GRADE_NAMES: Mapping[Grade, Message] = {
    Grade.READ: message("已读原文"),
    Grade.CITED: message("转引"),
    Grade.RECALLED: message("凭记忆，须核对"),
    Grade.USER: message("用户录入"),
    Grade.DEMO: message("演示"),
}
GRADE_MARKS: Mapping[Grade, str] = {
    Grade.READ: "",
    Grade.USER: "",
    Grade.CITED: "○",
    Grade.RECALLED: "▲",
    Grade.DEMO: "◆",
}
BASIS_NAMES: Mapping[Basis, Message] = {
    Basis.METER: message("计量"),
    Basis.INVOICE: message("票据"),
    Basis.MONITORING_AUTO: message("自动监测"),
    Basis.MONITORING: message("手工监测"),
    Basis.STATISTICS: message("统计报表"),
    Basis.BALANCE: message("物料衡算"),
    Basis.FACTOR: message("系数法"),
    Basis.ESTIMATE: message("估算"),
    Basis.UNKNOWN: message("来源不明"),
}
LEVEL_SIGNS = {"I": "Ⅰ", "II": "Ⅱ", "III": "Ⅲ"}
LONG_TABLE = 15  # a table of figures with more rows is set one size smaller
MOST_PRODUCTS = 5  # columns of a table by product
MOST_NEEDS = 8  # data named in one row of the table of missing ones
MOST_NAMES = 4  # figures named in one row of the table of missing ones
_YEAR = re.compile(r"\d{4}")


def plant_name(result: AuditResult) -> Text:
    """The plant's name in the language in force, else its id, else that it is not given."""
    profile = result.case.profile
    if profile.name or profile.name_en:
        return Name(profile.name or profile.name_en, profile.name_en)
    return profile.plant or message("（未填写企业名称）")


def item_name(result: AuditResult, id: str) -> Text:
    """The name of an item: the catalogue's, else as the user wrote it."""
    from qingyuan.reference.items import catalogue

    known = catalogue()
    if id in known:
        return known.get(id).name
    return own_label(id, next((fact.label for fact in result.case.facts if fact.item == id and fact.label), id))


def place_name(name: str) -> Text:
    """A place; the whole site by its word."""
    return name or message("全厂")


def region_name(*parts: str) -> Text:
    """A province and a city, each once; provinces in the reader's language."""
    from qingyuan.reference.electricity import province_name

    names = dict.fromkeys(province_name(part) or Name(part, part) for part in parts if part)
    return Listing(tuple(names), ("", ", ")) if names else ""


def figure_name(result: AuditResult, figure: Figure | MissingFigure) -> Text:
    """A figure's name with its product and place, as a row of a table names it."""
    name: Text = figure.name
    if figure.product:
        of = item_name(result, figure.product)
        if str(of) not in str(name):
            name = message("{name}（{of}）", name=name, of=of)
    if figure.place:
        name = message("{name}（{of}）", name=name, of=figure.place)
    return name


def marked(name: Text, grade: Grade) -> Inlines:
    """A name with the mark of its grade."""
    mark = GRADE_MARKS[grade]
    return (name, Run(mark, script="sup")) if mark else name


def mark_note(grades: Iterable[Grade]) -> tuple[Text, ...]:
    """The note that explains the marks that occur; empty where none does."""
    seen = set(grades)  # once: most callers give a generator
    marks = [
        f"{GRADE_MARKS[grade]} {GRADE_NAMES[grade]}"
        for grade in (Grade.CITED, Grade.RECALLED, Grade.DEMO)
        if grade in seen
    ]
    return (tr("；").join(marks) + tr("。"),) if marks else ()


def validity_text(validity: Validity) -> str:
    """From when to when something holds; a dash where nothing is known."""
    if validity.start is None and validity.end is None:
        return "—"
    if validity.end is None:
        return str(message("{start} 起", start=validity.start))
    if validity.start is None:
        return str(message("至 {end}", end=validity.end))
    return str(message("{start}～{end}", start=validity.start, end=validity.end))


def yearly(result: AuditResult, figures: Iterable[Figure]) -> dict[tuple[str, str, str], dict[str, Figure]]:
    """Figures of whole years, by (id, product, place), then by year; in the order in which they come."""
    found: dict[tuple[str, str, str], dict[str, Figure]] = {}
    for figure in figures:
        if figure.period in result.years:
            found.setdefault((figure.id, figure.product, figure.place), {})[figure.period] = figure
    return found


def figures_table(result: AuditResult, caption: Text, figures: Iterable[Figure], *, label: str = "") -> Table | None:
    """A table of figures over the years with change and uncertainty; None where there are none."""
    lines = yearly(result, figures)
    if not lines:
        return None
    years = result.years
    rows: list[Row] = []
    grades: list[Grade] = []
    for by_year in lines.values():
        latest = by_year[max(by_year)]
        grades.append(latest.grade)
        cells: list[Inlines | None] = [marked(figure_name(result, latest), latest.grade), unit_text(latest.unit) or "—"]
        for year in years:
            figure = by_year.get(year)
            cells.append(
                None if figure is None else Number(figure.term.to(latest.unit).value, bound=figure_number(figure).bound)
            )
        cells.append(_change(by_year, years))
        cells.append(_relative(latest))
        rows.append(Row(tuple(cells)))
    columns = (
        Column(message("指标值")),
        Column(message("单位"), align="center"),
        *(Column(year, align="right") for year in years),
        Column(message("较上年"), align="right"),
        Column(message("不确定度"), "%", align="right"),
    )
    notes: list[Inlines] = [message("不确定度为最近一年数值的相对标准不确定度；“—”表示没有数据或无法计算。")]
    dense = len(rows) > LONG_TABLE
    return Table(caption, columns, tuple(rows), notes=(*notes, *mark_note(grades)), dense=dense, label=label)


def _change(by_year: Mapping[str, Figure], years: Sequence[str]) -> Number | None:
    """The change of the last year against the one before, in percent; None unless both are there."""
    if len(years) < 2 or years[-1] not in by_year or years[-2] not in by_year:
        return None
    before, after = by_year[years[-2]], by_year[years[-1]]
    old = before.term.to(after.unit).value
    if old == 0:
        return None
    return Number(100 * (after.value - old) / abs(old), "%", digits=1, signed=True)


def _relative(figure: Figure) -> Number | None:
    if figure.value == 0 or not figure.sd:
        return None
    return Number(100 * figure.sd / abs(figure.value), significant=2)


def per_product_table(result: AuditResult, caption: Text, bases: Sequence[str], *, label: str) -> Table | None:
    """Figures ``base.item`` of the graded year by product: a row for each item, a column for each product.

    Products counted in units of different kinds (one in t, one in m2) have each a row of their own in its own unit.
    """
    found = [
        figure
        for figure in select(result, *(f"{base}.*" for base in bases), site=True)
        if figure.period == result.period
    ]
    products = list(dict.fromkeys(figure.product for figure in found))
    if not found or len(products) > MOST_PRODUCTS:
        return None
    rows: dict[str, dict[str, dict[str, Figure]]] = {}  # id, what its unit measures, product
    for figure in found:
        rows.setdefault(figure.id, {}).setdefault(units.dimension(figure.unit), {})[figure.product] = figure
    lines = []
    for id, by_product in ((id, by_product) for id, kinds in rows.items() for by_product in kinds.values()):
        first = next(iter(by_product.values()))
        name: Text = item_name(result, id.partition(".")[2])
        if len(bases) > 1:
            name = first.name
        values = [_value(by_product.get(one), first.unit) for one in products]
        lines.append(Row((name, unit_text(first.unit) or "—", *values)))
    columns = (
        Column(message("项目")),
        Column(message("单位"), align="center"),
        *(Column(item_name(result, one) if one else message("全部产品"), align="right") for one in products),
    )
    return Table(caption, columns, tuple(lines), dense=len(lines) > LONG_TABLE, label=label)


def _value(figure: Figure | None, unit: str) -> Number | None:
    return None if figure is None else Number(figure.term.to(unit).value, bound=figure_number(figure).bound)


def trend_picture(
    result: AuditResult, caption: Text, title: str, figures: Iterable[Figure], *, label: str = "", most: int = 6
) -> Picture | None:
    """Bars over the years, a panel for each figure that has values of two years; None where none has."""
    panels: list[Panel] = []
    for by_year in yearly(result, figures).values():
        if len(by_year) > 1 and len(panels) < most:
            latest = by_year[max(by_year)]
            values = tuple(
                by_year[year].term.to(latest.unit).value if year in by_year else None for year in result.years
            )
            panels.append(Panel(str(figure_name(result, latest)), latest.unit, values))
    if not panels:
        return None
    return picture(caption, trend(title, result.years, panels), label=label)


def picture(caption: Text, chart: Chart, *, label: str = "", width: float = 1.0) -> Picture:
    """A chart as a figure of the report."""
    return Picture(caption, chart.svg, chart.alt, width=width, label=label)


def select(result: AuditResult, *ids: str, group: str = "", site: bool = False) -> list[Figure]:
    """The figures of some ids (``base.*`` takes all below it) or of a group, in this order; ``site`` = no places."""
    found: list[Figure] = []
    for id in ids:
        found += [
            figure
            for figure in result.figures.figures
            if figure.id == id or (id.endswith(".*") and figure.id.startswith(id[:-1]))
        ]
    if group:
        chosen = {figure.key for figure in found}
        found += [figure for figure in result.figures.figures if figure.group == group and figure.key not in chosen]
    return [figure for figure in found if not (site and figure.place)]


def find(result: AuditResult, id: str, *, period: str = "", product: str = "", place: str = "") -> Figure | None:
    """A figure of the graded period, or of the latest year that has it."""
    wanted = period or result.period
    return result.figures.find(id, period=wanted, product=product, place=place) or result.figures.find(
        id, product=product, place=place
    )


def missing_table(
    result: AuditResult, caption: Text, missing: Iterable[MissingFigure], *, label: str = ""
) -> Table | None:
    """What data are lacking and which figures wait for each of them; None where nothing is missing."""
    lines: dict[str, dict[str, list[str]]] = {}
    for gap in missing:
        for need in dict.fromkeys(map(str, gap.needs)) or (tr("（未说明）"),):
            lines.setdefault(need, {}).setdefault(str(figure_name(result, gap)), []).append(gap.period)
    if not lines:
        return None
    grouped: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for need, names in lines.items():
        periods = _periods(period for found in names.values() for period in found)
        grouped.setdefault((tuple(names), periods), []).append(need)
    rows = [
        Row((_listed(needs, MOST_NEEDS), _listed(names, MOST_NAMES), periods))
        for (names, periods), needs in grouped.items()
    ]
    columns = (
        Column(message("还需要的数据")),
        Column(message("等待它的指标值")),
        Column(message("时段")),
    )
    return Table(caption, columns, tuple(rows), dense=True, label=label)


def _listed(names: Sequence[str], most: int) -> str:
    """Names in a row; of many the first ones and their number."""
    shown = Listing(tuple(names[:most]), ("、", "; "))  # names may hold commas
    if len(names) <= most:
        return str(shown)
    return tr("{names} 等 {count} 个").format(names=shown, count=len(names))


def _periods(periods: Iterable[str]) -> str:
    kept = sorted(set(periods))
    years = [period for period in kept if _YEAR.fullmatch(period)]
    if len(years) == len(kept) > 2 and int(years[-1]) - int(years[0]) == len(years) - 1:
        return f"{years[0]}–{years[-1]}"
    return tr("、").join(kept)


def most_wanted(missing: Iterable[MissingFigure], most: int = 6) -> list[tuple[str, int]]:
    """The needs that hold up most figures, with the number of figures."""
    counted: Counter[str] = Counter()
    for gap in missing:
        counted.update({str(need) for need in gap.needs})
    return counted.most_common(most)


def state_text(state: State) -> Message:
    """A state other than a value in words."""
    return {
        State.VALUE: message("有数值"),
        State.EMPTY: message("未填"),
        State.NOT_APPLICABLE: message("不适用"),
        State.BELOW_DETECTION: message("未检出"),
    }[state]


def quantity(figure: Figure) -> Number:
    """A figure as a number with its unit."""
    return figure_number(figure)


def in_unit(value: float, unit: str, wanted: str) -> float | None:
    """A value in another unit; None where the units do not fit."""
    from qingyuan import units

    try:
        return value * float(units.factor(unit, wanted))
    except (UnknownName, units.DimensionError):
        return None


def deeper(blocks: Iterable[Block], levels: int = 1) -> tuple[Block, ...]:
    """The same blocks with their headings so many levels lower: a chapter of one report as a section of another."""
    found: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading):
            block = replace(block, level=min(3, block.level + levels))
        elif isinstance(block, LandscapeSection):
            inner = deeper(block.blocks, levels)
            block = LandscapeSection(tuple(one for one in inner if not isinstance(one, LandscapeSection)))
        found.append(block)
    return tuple(found)


def narrative(result: AuditResult, keys: Sequence[str], what: Message, need: Message) -> tuple[Block, ...]:
    """What the enterprise wrote on a subject in its profile (``details``), else that it is missing and where it goes.

    ``keys``: the id of the entry and its Chinese label; either may be used in the profile.
    """
    details = result.case.profile.details
    text = next((details[key] for key in keys if details.get(key, "").strip()), "")
    if not text:
        place = message("在企业概况表中加一行“{label}”填写", label=Name(keys[-1], keys[0]))
        return (Missing(what, (need, place)),)
    return tuple(Paragraph(line.strip()) for line in text.splitlines() if line.strip())


def present(*blocks: Block | None) -> tuple[Block, ...]:
    """The blocks that are there."""
    return tuple(block for block in blocks if block is not None)

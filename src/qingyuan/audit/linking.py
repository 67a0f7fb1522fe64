"""Which figure answers which indicator (指标取数): values for the rows of an index system, judgements beside them.

The links are data (``data/indicator-links.toml``). Rows that no fact answers take the judgement. Where facts and a
judgement both answer a row and differ, that is a finding; the computed value is graded where the link is the row's
quantity by definition, and the plant's own entry stays where it may be another quantity (the water of the whole site
is not that of the plating lines).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from qingyuan import units
from qingyuan.errors import Problem, Severity
from qingyuan.facts.model import UNDATED, Case, Judgement, Period, State
from qingyuan.figures.derivation import Figure, FigureSet, Method, Term, constant, total
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.monitoring import concentration_term, series_of
from qingyuan.figures.tiling import merged, tile
from qingyuan.language import Listing, Message, Name, clauses, headed, listing, message
from qingyuan.reference.loading import Record, load_toml
from qingyuan.reference.records import Grade
from qingyuan.standards.answers import Answer, read_answer
from qingyuan.standards.formula import exact
from qingyuan.standards.membership import bounds_at, memberships
from qingyuan.standards.model import IndexSystem, Indicator, Table

# Two statements of one indicator may differ by this much (relative): the rounding of a printed number. Ours, no rule.
_TOLERANCE = 0.01


class Amount(Record):
    """A sum of amounts of items in one role (取数项); ``place`` narrows it to one place."""

    items: tuple[str, ...]
    roles: tuple[str, ...]
    place: str = ""


class Link(Record):
    """How facts answer one row: a figure, a quotient of amounts, or a statistic of monitoring results (取数规则)."""

    indicator: str
    same: bool = False  # by definition the quantity of the row: graded also where the plant entered another number
    figure: str = ""
    product: str = ""  # an item id; "row" = the plant's product for the row's own product
    unit: str = ""  # what the row's unit means where the table prints less, as t for tCO2
    above: Amount | None = None
    below: Amount | None = None
    pollutants: tuple[str, ...] = ()
    statistic: Literal["max", "mean", ""] = ""
    medium: Literal["air", "water", ""] = ""
    marker: tuple[str, ...] = ()  # only outlets where one of these is monitored too: the stack of a furnace
    note_zh: str
    note_en: str


class _Links(Record):
    system: str
    table: str
    link: tuple[Link, ...]


class _LinkFile(Record):
    links: tuple[_Links, ...]


@lru_cache(maxsize=64)
def links(system: str, table: str) -> Mapping[str, Link]:
    """The links of one table, by indicator id; empty where none are known."""
    found = load_toml("indicator-links.toml", _LinkFile)
    return {link.indicator: link for part in found.links if (part.system, part.table) == (system, table)
            for link in part.link}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LinkedAnswer:
    """Where the value of one row came from (指标取值): a computed figure, a judgement, both, or neither."""

    indicator: str
    value: float | str | None
    figure: Figure | None = None
    judgement: Judgement | None = None
    needs: tuple[Message, ...] = ()

    @property
    def origin(self) -> Literal["computed", "entered", "none"]:
        """Whether the value was computed from facts, entered as a judgement, or is missing."""
        if self.figure is not None:
            return "computed"
        return "entered" if self.judgement is not None else "none"


@dataclass(frozen=True, slots=True)
class LinkedAnswers:
    """The answers to a table for one period, the scoring parameters, and the findings made on the way."""

    period: str
    answers: tuple[LinkedAnswer, ...]
    parameters: Mapping[str, object]
    problems: tuple[Problem, ...] = ()
    products: Mapping[str, str] = field(default_factory=dict)  # product name of the table -> item id of the plant

    def values(self) -> dict[str, float | str | None]:
        """The answers in the shape that ``standards.score`` takes."""
        return {answer.indicator: answer.value for answer in self.answers}

    def figures(self) -> FigureSet:
        """The figures that were computed for rows only, and are in no other room."""
        return FigureSet(tuple(
            answer.figure for answer in self.answers if answer.figure is not None and answer.figure.group == "indicator"
        ))  # fmt: skip


def link(
    case: Case, ledger: Ledger, figures: FigureSet, system: IndexSystem, table: Table, *, period: str = ""
) -> LinkedAnswers:
    """Answer the rows of a table from a case, for one period (default: that of ``assessment_period``).

    ``figures`` are the case's figures. Judgements for rows that the table does not have are problems.
    """
    when = period or assessment_period(ledger)
    problems: list[Problem] = []
    products = _table_products(case, ledger, table, when, problems)
    known = links(system.id, table.id)
    judged = {judgement.indicator: judgement for judgement in case.judgements}
    bonus = system.bonus_table()
    rows: list[Indicator] = [*table.indicators(), *(bonus.indicators() if bonus is not None else ())]
    if bonus is not None:
        known = {**links(system.id, bonus.id), **known}
    ids, main = {row.id for row in rows}, {row.id for row in table.indicators()}
    for unknown in judged.keys() - ids:
        problems.append(_unknown_judgement(judged[unknown], table))
    answers: list[LinkedAnswer] = []
    for row in rows:
        figure: Figure | None = None
        needs: tuple[Message, ...] = ()
        if row.id in known and row.quantitative and not row.open:
            own = table if row.id in main else bonus or table
            figure, needs = _computed(known[row.id], row, ledger, figures, products, when, system.row_grade(own, row))
        judgement = judged.get(row.id)
        if figure is not None and judgement is not None and _differ(row, figure, judgement):
            problems.append(_difference(known[row.id], row, figure, judgement))
            if not known[row.id].same:
                figure = None
        answers.append(_answer(row, figure, judgement, needs))
    return LinkedAnswers(when, tuple(answers), _parameters(case, ledger, products, when), tuple(problems), products)


def assessment_period(ledger: Ledger) -> str:
    """The period that is graded: the latest whole year in which something was produced.

    Where no year with production is whole, the latest of them, else the latest year of facts; "" without any.
    """
    years = ledger.years
    made = [year for year in reversed(years) if ledger.products(year)]
    whole = (year for year in made if _covered(ledger, year) is None)
    return next(whole, made[0] if made else years[-1] if years else "")


def period_notes(ledger: Ledger, chosen: str) -> tuple[Problem, ...]:
    """What to know of a period that nobody chose: a later year was left out as partial, or the year itself is."""
    partial = [
        (year, covered)
        for year in ledger.years
        if year >= chosen and ledger.products(year) and (covered := _covered(ledger, year)) is not None
    ]
    if not partial:
        return ()
    if partial[0][0] == chosen:
        text = message(
            "没有一个完整的生产年度：按 {year} 评定，其数据只有 {covered}", year=chosen, covered=partial[0][1]
        )
        return (Problem("period-partial", text, Severity.WARNING, found=chosen),)
    said = clauses(message("{year} 的数据只有 {covered}", year=year, covered=covered) for year, covered in partial)
    text = message("按最近一个完整的生产年度 {chosen} 评定：{said}", chosen=chosen, said=said)
    years = listing(year for year, _ in partial)
    expected = message("要评定别的时段，用 --period 指定")
    return (Problem("period-partial", text, Severity.NOTE, found=years, expected=expected),)


def _covered(ledger: Ledger, year: str) -> Listing | None:
    """The periods of a year that its data cover; None where the year is whole.

    Whole: production, and energy and water where the year has them, reach into its last month, and every month is
    covered by one of them (a plant that stands still for a month produces nothing, and still has bills).
    """
    span = Period.parse(year)
    made: set[Period] = set()
    bills: set[Period] = set()
    for fact in ledger.case.facts:
        product = fact.role == "produced" and fact.kind == "product"
        if fact.period != UNDATED and fact.value is not None and (product or fact.kind in ("energy", "water")):
            own = Period.parse(fact.period)
            if span.contains(own):
                (made if product else bills).add(own)
    for known in (made, bills):
        if known and max(own.end for own in known) < span.end.replace(day=1):
            return listing(merged(tile(span, known)[0]).split(","))
    tiles, whole = tile(span, made | bills)
    return None if whole else listing(merged(tiles).split(","))


def _answer(
    row: Indicator, figure: Figure | None, judgement: Judgement | None, needs: tuple[Message, ...]
) -> LinkedAnswer:
    if figure is not None:
        return LinkedAnswer(row.id, figure.value, figure, judgement)
    if judgement is not None:
        return LinkedAnswer(row.id, judgement.answer, None, judgement)
    return LinkedAnswer(row.id, None, needs=needs)


def _computed(
    rule: Link,
    row: Indicator,
    ledger: Ledger,
    figures: FigureSet,
    products: Mapping[str, str],
    period: str,
    grade: Grade,
) -> tuple[Figure | None, tuple[Message, ...]]:
    """The figure for a row in the row's own unit, or what it needs."""
    found: Figure | None = None
    if rule.figure:
        product = products.get(row.product.zh, "") if rule.product == "row" and row.product else rule.product
        if rule.product == "row" and not product:
            return None, ()
        found = figures.find(rule.figure, period=period, product=product)
        if found is None:
            wanted = (rule.figure, period, product)
            return None, next((gap.needs for gap in figures.missing if (gap.id, gap.period, gap.product) == wanted), ())
        if rule.below is None:
            return _in_unit_of(rule, row, found)
    needs: list[Message] = []
    if rule.pollutants:
        term = _monitored(rule, ledger, period, needs)
    elif found is not None:
        term = _over(found.term, rule.below, ledger, period, needs)
    else:
        above = None if rule.above is None else _sum(rule.above, ledger, period, needs)
        term = _over(above, rule.below, ledger, period, needs)
    if term is None:
        return None, tuple(needs)
    figure = Figure(
        id=f"indicator.{row.id}",
        name=row.name,
        period=period,
        term=term.named(row.name),
        method=_method(rule, row, grade),
        group="indicator",
    )
    return _in_unit_of(rule, row, figure)


def _in_unit_of(rule: Link, row: Indicator, figure: Figure) -> tuple[Figure | None, tuple[Message, ...]]:
    """The figure in the unit of the row; where the plant's units do not lead there, what is needed instead."""
    unit = units.canonical(rule.unit or row.unit)
    try:
        return replace(figure, term=figure.term.to(unit)), ()
    except units.DimensionError as error:
        return None, (message("{name}（{unit}）：{reason}", name=row.name, unit=row.unit, reason=error),)


def _method(rule: Link, row: Indicator, grade: Grade) -> Method:
    """How the row was computed: our reading of its definition, as sure as the row itself at best."""
    return Method(
        id=f"indicator-link.{row.id}",
        name=headed(Name(rule.note_zh, rule.note_en)),
        formula=row.definition if row.definition is not None else Name(rule.note_zh, rule.note_en),
        edition="",
        source=row.definition if row.definition is not None else "",
        grade=grade,
    )


def _sum(part: Amount, ledger: Ledger, period: str, needs: list[Message]) -> Term | None:
    terms = [term for item in part.items if (term := ledger.amount(item, part.roles, period, part.place)) is not None]
    names = listing(ledger.label(item) for item in part.items)
    if not terms:
        needs.append(message("{names} 的数量", names=names))
        return None
    try:
        return total(terms)
    except units.DimensionError as error:
        needs.append(message("{names} 用同一种单位的数量（{reason}）", names=names, reason=error))
        return None


def _over(above: Term | None, part: Amount | None, ledger: Ledger, period: str, needs: list[Message]) -> Term | None:
    if part is None:
        return above
    below = _sum(part, ledger, period, needs)
    if above is None or below is None:
        return None
    if below.value == 0:
        needs.append(message("{what} 不为零的数", what=listing(ledger.label(item) for item in part.items)))
        return None
    return above / below


def _monitored(rule: Link, ledger: Ledger, period: str, needs: list[Message]) -> Term | None:
    """The highest or the mean of the period's results at the outlets that the rule means.

    A result below detection without a limit cannot be averaged: the limit is asked for. It cannot be the highest of
    results that were detected.
    """
    names = listing(ledger.label(pollutant) for pollutant in rule.pollutants)
    series = [
        one.within(period)
        for one in series_of(ledger.case)
        if not one.before and (not rule.medium or one.medium in ("", rule.medium))
    ]
    marked = {one.outlet for one in series if one.pollutant in rule.marker and one.results}
    terms: list[Term] = []
    unknown = 0
    for one in series:
        if one.pollutant in rule.pollutants and (not rule.marker or one.outlet in marked):
            for result in one.results:
                if result.state is State.BELOW_DETECTION and result.concentration is None:
                    unknown += 1
                elif (term := concentration_term(result, ledger.settings.below_detection, None)) is not None:
                    terms.append(_at_normal_state(term))
    if not terms or (unknown and rule.statistic == "mean"):
        what = message("{names} 的检出限", names=names) if unknown else message("{names} 的监测结果", names=names)
        needs.append(what)
        return None
    try:
        if rule.statistic == "max":
            return max(terms, key=lambda term: term.to(terms[0].unit).value)
        return total(terms) / constant(message("次数"), len(terms), "1")
    except units.DimensionError as error:
        needs.append(message("{names} 用同一种单位的数量（{reason}）", names=names, reason=error))
        return None


def _at_normal_state(term: Term) -> Term:
    """A concentration in gas per m3 is one per Nm3: discharge standards state it dry at 273.15 K and 101.325 kPa."""
    head, slash, tail = term.unit.partition("/")
    if slash and tail == "m3" and term.fact is not None:
        note = message("气体浓度按标准状态（Nm³）计")
        return replace(term, unit=f"{head}/Nm3", note=note)
    return term


def _differ(row: Indicator, figure: Figure, judgement: Judgement) -> bool:
    """Whether a judgement beside a computed value is another number, or a level that the value does not have."""
    entered = judgement.answer
    if entered is None:
        return False
    if isinstance(entered, int | float) and not isinstance(entered, bool):
        scale = max(abs(figure.value), abs(float(entered)))
        return scale != 0 and abs(figure.value - float(entered)) > _TOLERANCE * scale
    answered = read_answer(row, entered)
    if isinstance(answered, Answer) and answered.kind == "level" and not row.has_formula:
        bounds = bounds_at(row, None, [])
        value = Answer("number", number=exact(figure.value))
        return memberships(row, answered, bounds, [])[1] != memberships(row, value, bounds, [])[1]
    return True


def _difference(rule: Link, row: Indicator, figure: Figure, judgement: Judgement) -> Problem:
    """Both numbers, and which of them is graded."""
    entered = judgement.answer
    number = isinstance(entered, int | float) and not isinstance(entered, bool)
    found = f"{entered:g}" if number else str(entered)
    computed = units.quantity(f"{figure.value:.4g}", figure.unit)
    if rule.same:
        text = message("指标“{name}”的填报值与按数据计算的值不一致；按计算值评定", name=row.name)
        return Problem("indicator-differs", text, Severity.WARNING, judgement.where, found, computed)
    told = units.quantity(found, figure.unit) if number else found
    text = message(
        "指标“{name}”填报 {entered}，而按数据计算（{how}，口径可能与指标定义不同）为 {computed}；按填报值评定，请核对",
        name=row.name,
        entered=told,
        how=Name(rule.note_zh, rule.note_en),
        computed=computed,
    )
    return Problem("indicator-differs", text, Severity.WARNING, judgement.where)


def _unknown_judgement(judgement: Judgement, table: Table) -> Problem:
    return Problem(
        "indicator-unknown",
        message("评价表“{table}”没有编号为“{id}”的指标", table=table.name, id=judgement.indicator),
        Severity.WARNING,
        judgement.where,
        judgement.indicator,
    )


def _parameters(case: Case, ledger: Ledger, products: Mapping[str, str], period: str) -> dict[str, object]:
    """Scoring parameters: those the case states, and outputs of the table's products from the facts."""
    stated = {key: value for key, value in case.parameters.items() if key != "products"}
    if products and "outputs" not in stated and "output" not in stated:
        outputs: dict[str, float] = {}
        for name, item in products.items():
            amount = ledger.amount(item, "produced", period)
            if amount is not None:
                outputs[name] = amount.value
        stated["outputs"] = outputs
    return stated


def _table_products(case: Case, ledger: Ledger, table: Table, period: str, problems: list[Problem]) -> dict[str, str]:
    """Which of the plant's products stands for which product of the table.

    A case may say so (``products`` among its parameters: name in the table = name or id at the plant). Else the names
    decide: the same name, or the only name of its block that holds the plant's name in it.
    """
    if not period:
        return {}
    made = ledger.products(period)
    names = {item: _product_names(case, ledger, item) for item in made}
    stated = case.parameters.get("products")
    chosen: dict[str, str] = {}
    if isinstance(stated, Mapping):
        for name, said in stated.items():
            item = next((item for item in made if said == item or said in names[item]), None)
            if item is None:
                text = message("指标参数 [parameters.products] 中的产品“{name}”在数据里没有产量", name=str(said))
                problems.append(Problem("product-unknown", text, Severity.WARNING))
            else:
                chosen[str(name)] = item
    for group in table.groups:
        for block in group.blocks:
            if block.share == "output":
                wanted = list(dict.fromkeys(row.product.zh for row in group.in_block(block.id) if row.product))
                _choose(wanted, names, chosen, problems)
    return chosen


def _product_names(case: Case, ledger: Ledger, item: str) -> tuple[str, ...]:
    labels = [fact.label.removesuffix("产量") for fact in case.facts if fact.item == item and fact.label]
    known = ledger.item(item)
    aliases = [known.name.zh, known.name.en] if known is not None else []
    return tuple(dict.fromkeys([*aliases, *labels, item]))


def _choose(
    wanted: Sequence[str], names: Mapping[str, Sequence[str]], chosen: dict[str, str], problems: list[Problem]
) -> None:
    """Give the plant's products to those of one block; where several would do, to the first, and say so."""
    taken = {chosen[name] for name in wanted if name in chosen}
    for item, spellings in names.items():
        if item in taken:
            continue
        exactly = [name for name in wanted if name in spellings]
        holding = [name for name in wanted if any(len(text) > 1 and text in name for text in spellings)]
        candidates = exactly or holding
        if not candidates:
            continue
        chosen.setdefault(candidates[0], item)
        if len(candidates) > 1:
            assumed = Problem(
                "product-assumed",
                message(
                    "产品“{product}”按评价表中的“{name}”评定（假定）；如不是，请在 [parameters.products] 中写明",
                    product=spellings[0],
                    name=candidates[0],
                ),
                Severity.WARNING,
                expected=message("{names} 之一", names=listing(candidates)),
            )
            if assumed not in problems:
                problems.append(assumed)

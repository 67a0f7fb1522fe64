"""Gaps in the record itself (资料缺口): years, basic data, sources, densities, dates, prices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from qingyuan import units
from qingyuan.checks.finding import Finding, Gravity, Listed, Number, joined, listed, shown, times
from qingyuan.checks.knowledge import doubt_words, threshold
from qingyuan.checks.plant import FLOW_KINDS, Plant, called, look, stated_name
from qingyuan.errors import Location
from qingyuan.facts.model import UNDATED, Basis, Case, Fact, Period
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Message, message
from qingyuan.reference.items import catalogue

# Roles of numbers that hold until they change.
_STANDING = frozenset({"capacity", "permitted", "density", "purity", "content", "price"})


def missing_years(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Things that are known for one year only, while the plant's others have all years."""
    plant = look(case, ledger)
    if len(plant.years) < 2:
        return
    hits: list[tuple[str, list[str], list[Fact]]] = []
    groups: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in case.facts:
        if (
            fact.kind in (*FLOW_KINDS, "product", "money", "pollutant")
            and fact.value is not None
            and fact.period != UNDATED
        ) and fact.role not in ("capacity", "permitted", "generated-concentration"):
            groups[fact.item, fact.role].append(fact)
    common = {year for year in plant.years if _share(groups.values(), year) >= threshold("missing-years", "share")}
    for (item, _), facts in groups.items():
        known = {str(Period.parse(fact.period).start.year) for fact in facts}
        absent = sorted(common - known)
        if absent and known & common and not _answered(plant, item, absent):
            hits.append((item, absent, facts))
    if not hits:
        return
    worst = max(len(absent) for _, absent, _ in hits)
    items = listed(
        message("{item} 缺 {years} 年", item=plant.name(item), years=joined(absent)) for item, absent, _ in hits
    )
    yield Finding(
        rule="missing-years",
        severity=Gravity.QUESTION,
        message=message(
            "{count} 项缺年份，不能看三年走势：{items}",
            count=len(hits),
            items=items,
        ),
        numbers=(
            Number(
                message("缺年份的项目"), float(len(hits)), "", tuple(facts[0].where for _, _, facts in hits), "", True
            ),
            Number(message("审核年份"), float(len(common)), "a", (), "", True),
        ),
        settle=message("缺少年份的台账、发票或抄表记录"),
        size=float(len(hits) * worst),
        concerns=tuple(item for item, *_ in hits),
    )


def _share(groups: Iterable[list[Fact]], year: str) -> float:
    found = [any(fact.period.startswith(year) for fact in facts) for facts in groups]
    return sum(found) / len(found) if found else 0.0


def _answered(plant: Plant, item: str, years: list[str]) -> bool:
    """Whether the missing years are known another way: by parts, by purchase instead of use."""
    roles = ("consumed", "purchased", "taken", "generated", "discharged", "produced", "amount")
    return all(any(plant.amount(item, role, year) is not None for role in roles) for year in years)


def missing_basics(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Basic data without which other checks cannot be made: staff, hours, output, electricity, water, waste water."""
    plant = look(case, ledger)
    needs: tuple[tuple[Message, tuple[str, ...], Message], ...] = (
        (message("职工人数"), ("employees",), message("生活用水、劳动生产率")),
        (
            message("年生产时间或工作天数"),
            ("operating-hours", "operating-days", "furnace-hours"),
            message("设备负荷、排放量"),
        ),
        (message("用电量"), ("electricity",), message("综合能耗")),
        (message("用水量"), ("fresh-water", "production-water", "tap-water"), message("水平衡")),
    )
    absent = [
        (name, use)
        for name, items, use in needs
        if not any(fact.item in items and fact.value is not None for fact in case.facts)
    ]
    if not plant.outputs():
        absent.insert(0, (message("产品产量"), message("所有单耗")))
    if not absent:
        return
    items = listed(message("{name}（用于核对{use}）", name=name, use=use) for name, use in absent)
    yield Finding(
        rule="missing-basics",
        severity=Gravity.QUESTION,
        message=message(
            "缺基本数据：{items}",
            items=items,
        ),
        numbers=(Number(message("缺少的基本数据"), float(len(absent)), "", (), "", True),),
        settle=message("花名册与考勤、班次安排、抄表记录"),
        size=float(len(absent)),
        concerns=(),
    )


def unknown_basis(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Numbers of unknown origin, and numbers without a period, on which figures rest."""
    kinds = (*FLOW_KINDS, "product", "pollutant", "money")
    unknown = [f for f in case.facts if f.basis is Basis.UNKNOWN and f.kind in kinds and f.value is not None]
    undated = [
        f
        for f in case.facts
        if f.period == UNDATED and f.kind in kinds and f.value is not None and f.role not in _STANDING
    ]
    for facts, text in (
        (unknown, message("来源不明")),
        ([fact for fact in undated if fact not in unknown], message("没有时期")),
    ):
        if not facts or len(facts) > threshold("unknown-basis", "share") * len(case.facts):
            continue
        items = listed(
            message(
                "{name}（{period}）{value} {unit}",
                name=stated_name(fact),
                period=fact.period,
                value=shown(fact.value or 0.0, 8),
                unit=units.UnitText(fact.unit),
            )
            for fact in facts
        )
        yield Finding(
            rule="unknown-basis",
            severity=Gravity.QUESTION,
            message=message(
                "{count} 个数{text}：{items}",
                count=len(facts),
                text=text,
                items=items,
            ),
            numbers=tuple(
                Number(called(f.item, f.label), f.value or 0.0, f.unit, (f.where,), f.period) for f in facts[:12]
            ),
            settle=message("这些数的凭证：谁在何时怎样得到"),
            size=float(len(facts)),
            concerns=tuple(dict.fromkeys(fact.item for fact in facts)),
            extra_rows=tuple(fact.where for fact in facts),
        )


def remarks_of_doubt(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Rows whose own remark says that the number is doubtful: misplaced, inferred, not legible, without a unit."""
    words = [record.word for record in doubt_words()]
    hits: dict[tuple[object, str], list[tuple[float, str, Location, str]]] = defaultdict(list)
    for fact in case.facts:
        if any(word in fact.note for word in words):
            hits[stated_name(fact), fact.note].append((fact.value or 0.0, fact.unit, fact.where, fact.period))
    for machine in case.equipment:
        remark = machine.note or machine.name
        if any(word in remark for word in words):
            hits[message("设备"), remark].append((machine.power_kw or 0.0, "kW", machine.where, ""))
    for one in case.monitoring:
        if any(word in one.note for word in words):
            hits[one.label, one.note].append((one.concentration or 0.0, one.unit, one.where, one.date))
    if not hits:
        return
    items = listed(
        message("{name} {values}：“{note}”", name=name, values=_values(rows), note=note)
        if rows[0][0]
        else message("{name}：“{note}”", name=name, note=note)
        for (name, note), rows in hits.items()
    )
    every = [row for rows in hits.values() for row in rows]
    yield Finding(
        rule="remark-of-doubt",
        severity=Gravity.QUESTION,
        message=message("{count} 行的备注自己说数据有疑问：{items}", count=len(every), items=items),
        numbers=tuple(
            Number(name, rows[0][0], rows[0][1], tuple(row[2] for row in rows), rows[0][3])  # type: ignore[arg-type]
            for (name, _), rows in hits.items()
        ),
        settle=message("原始凭证；改正后删去备注，改不了的不用于计算"),
        size=float(len(every)),
        concerns=tuple(dict.fromkeys(fact.item for fact in case.facts if any(word in fact.note for word in words))),
    )


def _values(rows: list[tuple[float, str, Location, str]]) -> Listed:
    return joined(
        message("{value} {unit}", value=shown(value, 8), unit=units.UnitText(unit)) for value, unit, *_ in rows[:3]
    )


def litres_without_density(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Materials in litres without a density, so that no mass balance can hold them."""
    plant = look(case, ledger)
    known = catalogue()
    dense = {fact.item for fact in case.facts if fact.role == "density" and fact.value}
    hits: dict[str, Fact] = {}
    for fact in case.facts:
        if fact.kind == "material" and fact.value and fact.role in ("consumed", "purchased") and fact.item not in dense:
            if units.dimension(units.canonical(fact.unit)) != "volume":
                continue
            if fact.item not in known or not known.get(fact.item).density:
                hits[fact.item] = fact
    if len(hits) < threshold("litres-without-density", "items"):
        return
    yield Finding(
        rule="litres-without-density",
        severity=Gravity.QUESTION,
        message=message(
            "{count} 种物料以升计而没有密度，不能进入物料平衡：{items}",
            count=len(hits),
            items=listed(plant.name(item) for item in hits),
        ),
        numbers=tuple(
            Number(called(item, fact.label), fact.value or 0.0, fact.unit, (fact.where,), fact.period)
            for item, fact in list(hits.items())[:12]
        ),
        settle=message("供货单或安全技术说明书上的密度"),
        size=float(len(hits)),
        concerns=tuple(hits),
        extra_rows=tuple(fact.where for fact in hits.values()),
    )


# Cost item, energy or water, what is plausible for one unit of it.
_PRICES = (
    ("electricity-cost", "electricity", "kWh", "electricity"),
    ("gas-cost", "natural-gas", "Nm3", "gas"),
    ("water-cost", "fresh-water", "m3", "water"),
)


def unit_prices(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Cost over amount outside any price that was ever paid."""
    plant = look(case, ledger)
    for cost_item, item, unit, id in _PRICES:
        low, high = threshold("unit-price", f"{id}-low"), threshold("unit-price", f"{id}-high")
        for year in plant.years:
            cost = plant.amount(cost_item, "amount", year, unit="CNY")
            used = plant.used(item, year, unit=unit)
            if cost is None or used is None or used.value <= 0 or cost.value <= 0:
                continue
            price = cost.value / used.value
            if low <= price <= high:
                continue
            bound = high if price > high else low
            yield Finding(
                rule="unit-price",
                severity=Gravity.SERIOUS,
                message=message(
                    "{year} 年{cost} {money} 元 ÷ {item} {used} {unit} = {price} 元/{unit}，不在 {low}～{high} 元之间",
                    year=year,
                    cost=plant.name(cost_item),
                    money=shown(cost.value, 8),
                    item=plant.name(item),
                    used=shown(used.value, 8),
                    unit=units.UnitText(unit),
                    price=shown(price),
                    low=shown(low),
                    high=shown(high),
                ),
                numbers=(cost, used, Number(message("价格范围的界限"), bound, f"CNY/{unit}", (), "", True)),
                settle=message("电费、气费、水费发票（金额与数量的单位）"),
                size=times(price, bound),
                concerns=(cost_item, item),
            )


def rounded_meters(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Meter readings of a year that are mostly round numbers."""
    plant = look(case, ledger)
    values = [
        fact
        for fact in case.facts
        if fact.basis is Basis.METER and fact.value and fact.kind in ("energy", "water") and abs(fact.value) >= 1000
    ]
    round_ones = [fact for fact in values if fact.value is not None and fact.value % 100 == 0 and _coarse(fact.value)]
    if len(values) < 6 or len(round_ones) < threshold("rounded-meters", "share") * len(values):
        return
    items = listed(
        message(
            "{name}（{place}，{period}）{value}",
            name=called(fact.item, fact.label),
            place=plant.place_name(fact.place),
            period=fact.period,
            value=shown(fact.value or 0.0, 10),
        )
        for fact in round_ones[:20]
    )
    yield Finding(
        rule="rounded-meters",
        severity=Gravity.QUESTION,
        message=message(
            "{all} 个抄表数里有 {count} 个是整百、整千：{items}",
            all=len(values),
            count=len(round_ones),
            items=items,
        ),
        numbers=tuple(
            Number(called(f.item, f.label), f.value or 0.0, f.unit, (f.where,), f.period) for f in round_ones[:12]
        ),
        settle=message("抄表原始记录"),
        size=float(len(round_ones)),
        concerns=tuple(dict.fromkeys(fact.item for fact in round_ones)),
        extra_rows=tuple(fact.where for fact in round_ones),
    )


def _coarse(value: float) -> bool:
    """At most two significant digits, or zeros for the last three."""
    return len(f"{value:.12g}".rstrip("0")) <= 2 or value % 1000 == 0

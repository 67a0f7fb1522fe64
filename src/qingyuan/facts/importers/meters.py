"""Bills of meters as facts (账单成为数据): amounts, costs, demand, power factor, heating value; months of the bills.

A bill is dated by the reading of its meter, somewhere in a month. It belongs to the month that holds the middle of
what it bills: from the day after the reading before to its own (30 days where none came before), so that readings on
the first and on the last of May are the bills of April and of May.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from qingyuan import units
from qingyuan.errors import NOWHERE, Location, Problem, Severity, UnknownName
from qingyuan.facts import naming
from qingyuan.facts.importers.mapping import ImportMapping, MeterRule, ProductRule
from qingyuan.facts.importers.rows import ReadRow, Taken, told
from qingyuan.facts.model import SITE, Basis, Fact, Period, Place
from qingyuan.facts.places import place_name
from qingyuan.facts.raw import joined
from qingyuan.language import listing, message
from qingyuan.reference.items import catalogue

_USUAL_DAYS: Final = 30  # what a bill spans where no reading came before
_LONGEST_DAYS: Final = 45  # readings further apart than this are no neighbours
# What is billed was bought; water that is billed counts as taken (取水量, GB/T 12452).
_ROLES: Final = {"energy": "purchased", "water": "taken", "material": "purchased"}
_COSTS: Final = (
    ("electricity", "electricity-cost"),
    ("natural-gas", "gas-cost"),
    ("steam", "steam-cost"),
    ("fresh-water", "water-cost"),
)


@dataclass(frozen=True, slots=True)
class Bill:
    """One bill as read: the facts that it becomes, without period and place, which follow from all bills together."""

    meter: str
    item: str
    place: str
    period: Period | None
    read_on: dt.date | None
    facts: tuple[Fact, ...]
    taken: Taken
    where: Location = NOWHERE


def bill_of(row: ReadRow) -> Bill | None:
    """A bill from a row; None where it is left out or refused (then the row says why)."""
    meter = row.text("meter")
    rule = row.mapping.meters.get(meter, MeterRule())
    if rule.skip:
        row.taken.leave(rule.skip)
        return None
    amount = _amount(row)
    if amount is None:
        if row.taken.status != "refused":
            row.taken.leave(message("没有数量"))
        return None
    number, unit = amount
    named = _carrier(row, meter, rule)
    read_on = row.day()
    dated = row.of.has("date") or row.of.has("day")
    period = None if dated else row.stated_period()
    if named is None or (read_on is None and period is None):
        return None
    label, kind = named
    role = rule.role or row.text("role") or _ROLES[kind]
    facts = [_fact(row, label, kind, role, number, unit, meter, "amount")]
    facts += _beside(row, label, kind, number, unit, meter)
    if row.taken.status == "refused":
        return None
    made = tuple(fact for fact in facts if fact is not None)
    if not made:
        return None
    place = rule.place or row.text("place")
    return Bill(
        meter, made[0].item, place_name(place) if place else "", period, read_on, made, row.taken,
        row.table.where(row.row.number),
    )  # fmt: skip


def _amount(row: ReadRow) -> tuple[float, str] | None:
    """The amount in the unit of the bill: the billed volume where the unit is one and a column of volumes is given."""
    main = row.number("amount")
    unit = row.unit("unit", "" if main is None else main.unit)
    if unit is None:
        return None
    if units.dimension(unit) in ("volume", "normal gas volume", "mass") and row.of.has("volume"):
        billed = row.number("volume")
        if billed is not None and billed.number is not None:
            return billed.number, unit
    return None if main is None or main.number is None else (main.number, unit)


def _carrier(row: ReadRow, meter: str, rule: MeterRule) -> tuple[str, str] | None:
    """What a meter measures: label and kind of the item; an unknown word is refused with what is near."""
    written = row.text("carrier") or meter
    label = rule.item or row.mapping.carriers.get(written, written)
    known = catalogue()
    if label in known and known.get(label).kind in _ROLES:
        return known.get(label).name.zh, known.get(label).kind
    named = naming.named_item(label, "")
    if named.item and not named.own and named.kind in _ROLES:
        return label, named.kind
    near = known.suggestions(label)
    example = f'"{written}" = "{near[0] if near else "电力"}"'
    expected = message("在对应表的 carriers 里写明它是什么，如 {example}", example=example)
    row.problem("carrier", "import-carrier", message("不知道“{name}”是哪种能源或水", name=written), expected)
    return None


def _fact(
    row: ReadRow, label: str, kind: str, role: str, number: float, unit: str, meter: str, field: str, item_id: str = ""
) -> Fact | None:
    """A fact of the row, taken as the facts room takes any row: unit accepted or refused, gas as normal volume."""
    meaning = naming.meaning(label, kind, role, unit, item_id)
    if meaning.failed:
        for issue in meaning.issues:
            if issue.severity is Severity.ERROR:
                name = "unit" if issue.code.startswith("unit-") else field
                row.problem(name, issue.code, issue.message, issue.expected)
        return None
    remark = ""
    if meaning.factor != 1.0:
        remark = naming.original(number, meaning.stated)
        number *= meaning.factor
    if number < 0 and field in ("amount", "cost"):
        row.warn(field, "value-negative", message("数量是负的"))
    return Fact(
        plant="",
        period="",
        item=meaning.item,
        role=meaning.role,
        value=number,
        unit=meaning.unit,
        kind=meaning.kind,
        basis=Basis.INVOICE,
        meter=meter,
        source=row.text("document") or row.table.file,
        note=joined(row.text("note"), remark),
        label=label,
        own_item=meaning.own,
        where=row.table.where(row.row.number, row.heading(field)),
    )


def _beside(row: ReadRow, label: str, kind: str, number: float, unit: str, meter: str) -> list[Fact | None]:
    """What a bill says beside its amount: cost, demand, power factor, heating value."""
    found: list[Fact | None] = []
    cost = row.number("cost")
    if cost is not None and cost.number is not None:
        found.append(_cost(row, label, kind, cost.number, cost.unit, meter))
    if kind != "energy":
        return found
    for name, role, plain_unit in (("demand", "maximum-demand", ""), ("power_factor", "power-factor", "1")):
        reading = row.number(name)
        if reading is None or reading.number is None:
            continue
        said = plain_unit or row.unit("demand_unit", reading.unit)
        if said is not None:
            if name == "power_factor" and not 0 <= reading.number <= 1:
                row.problem(name, "import-power-factor", message("功率因数应在 0 与 1 之间"))
                continue
            found.append(_fact(row, label, kind, role, reading.number, said, meter, name))
    heat = _heating_value(row, number, unit)
    if heat is not None:
        role = "higher-heating-value" if row.mapping.heat == "gross" else "lower-heating-value"
        found.append(_fact(row, label, kind, role, heat[0], heat[1], meter, "heating_value"))
    return found


def _heating_value(row: ReadRow, number: float, unit: str) -> tuple[float, str] | None:
    """The heating value that a bill states, or that follows from its heat and its volume; in MJ a m³ or a kg."""
    if units.dimension(unit) not in ("volume", "normal gas volume", "mass") or not row.mapping.heat:
        return None
    stated = row.number("heating_value")
    wanted = {"volume": "MJ/m3", "normal gas volume": "MJ/Nm3", "mass": "MJ/kg"}[units.dimension(unit)]
    if stated is not None and stated.number is not None:
        said = row.unit("heating_value_unit", stated.unit)
        if said is None:
            return None
        try:
            return float(f"{units.convert(stated.number, said, wanted):.10g}"), wanted
        except units.DimensionError as error:
            text, expected = message("{text}", text=error), message("{unit}", unit=wanted)
            row.problem("heating_value", "unit-dimension", text, expected)
            return None
    heat = row.number("energy") if row.of.has("energy") else row.number("amount") if row.of.has("volume") else None
    said = row.unit("energy_unit") if row.of.has("energy_unit") else None
    if heat is None or heat.number is None or not heat.number or not number or said is None:
        return None
    try:
        value = units.convert(heat.number / number, units.divide(said, unit), wanted)
    except units.DimensionError as error:
        row.problem("energy_unit", "unit-dimension", message("{text}", text=error), message("MMBtu、GJ、kWh 等"))
        return None
    return float(f"{value:.6g}"), wanted


def _cost(row: ReadRow, label: str, kind: str, number: float, in_cell: str, meter: str) -> Fact | None:
    """The cost of a bill: in yuan under the catalogue's item, in another currency under one of its own."""
    known = catalogue()
    named = naming.named_item(label, kind)
    item = next((cost for of, cost in _COSTS if named.item in known and known.is_a(named.item, of)), "")
    title = known.get(item).name.zh if item else f"{label}费"
    written = in_cell or row.text("currency") or row.mapping.currency
    try:
        currency = units.canonical(row.mapping.units.get(written, written))
        dimension = units.dimension(currency)
    except UnknownName:
        currency, dimension = "", ""
    if not written or not dimension.startswith("money"):
        text = message("不认识的币种“{name}”，金额没有读入", name=written)
        row.problem("currency", "import-currency", text, message("{names} 之一", names="CNY、USD、EUR、JPY"))
        return None
    if dimension == "money":
        own = "" if item else f"{named.item}-cost"
        return _fact(row, title, "money", "amount", number, currency, meter, "cost", own)
    code = dimension.rpartition(" ")[2]
    own = f"{item or named.item + '-cost'}-{code}"
    return _fact(row, f"{title}（{code}）", "money", "amount", number, currency, meter, "cost", own)


def production_fact(row: ReadRow) -> Fact | None:
    """The output of a period; None where the row is left out or refused.

    A series without a unit is no output yet: series that stand side by side may be one product counted twice, so the
    mapping has to say which is the product and what it is counted in (``products``).
    """
    label = row.text("product")
    rule = row.mapping.products.get(label, ProductRule())
    if rule.skip:
        row.taken.leave(rule.skip)
        return None
    reading = row.number("amount")
    if reading is None or reading.number is None:
        if row.taken.status != "refused":
            row.taken.leave(message("没有数量"))
        return None
    if not label:
        row.problem("product", "import-nameless", message("没有写产品名称"))
        return None
    if not (reading.unit or rule.unit or row.text("unit")):
        _ask_unit(row, label)
        return None
    unit = row.unit("unit", reading.unit or rule.unit)
    period = row.stated_period()
    if unit is None or period is None:
        return None
    role = row.text("role") or "produced"
    fact = _fact(row, label, "product", role, reading.number, unit, "", "amount")
    place = row.text("place")
    if fact is None:
        return None
    return replace(fact, period=str(period), place=place_name(place) if place else SITE, basis=Basis.STATISTICS)


def _ask_unit(row: ReadRow, label: str) -> None:
    """Leave out a row whose unit nobody states, with one warning for its whole series."""
    row.taken.leave(message("没有单位"))
    code = "import-product-unit"
    if any(problem.code == code and problem.found == label for problem in row.problems):
        return
    text = message("产量“{product}”没有单位，没有读入；写明以前没有单位产品的指标", product=label)
    expected = message(
        "在对应表里写 [products.{name}]：是产品的写 unit = 单位，不是产品的写 skip = 理由",
        name=json.dumps(label, ensure_ascii=False),
    )
    row.problems.append(Problem(code, text, Severity.WARNING, row.table.where(), label, expected))


# --- all bills together ----------------------------------------------------------------------------------------------


def bills_to_facts(
    bills: Sequence[Bill], mapping: ImportMapping, problems: list[Problem]
) -> tuple[tuple[Fact, ...], tuple[Place, ...]]:
    """Give each bill its month and its place, look for bills that stand twice and months that lack one."""
    by_meter: dict[tuple[str, str], list[Bill]] = {}
    for bill in bills:
        by_meter.setdefault((bill.meter, bill.item), []).append(bill)
    meters_of: dict[str, set[str]] = {}
    for meter, item in by_meter:
        meters_of.setdefault(item, set()).add(meter)
    facts: list[Fact] = []
    places: dict[str, Place] = {}
    for (meter, item), of_meter in by_meter.items():
        ordered = sorted(of_meter, key=_when)
        periods = _periods(ordered, mapping, problems)
        for bill, period in zip(ordered, periods, strict=True):
            several = mapping.places == "meter" or (mapping.places == "auto" and len(meters_of[item]) > 1)
            place = bill.place or (place_name(meter) if several and meter else SITE)
            if place != SITE:
                places.setdefault(place, Place(place, kind="meter" if not bill.place else ""))
            note = "" if bill.read_on is None else str(message("抄表 {date}", date=bill.read_on.isoformat()))
            for fact in bill.facts:
                facts.append(replace(fact, period=str(period), place=place, note=joined(fact.note, note)))
                bill.taken.made.append(told(facts[-1]))
        _gaps(meter, periods, problems)
    return tuple(facts), tuple(places.values())


def _when(bill: Bill) -> dt.date:
    if bill.read_on is not None:
        return bill.read_on
    return dt.date.min if bill.period is None else bill.period.end


def _periods(ordered: Sequence[Bill], mapping: ImportMapping, problems: list[Problem]) -> list[Period]:
    found: list[Period] = []
    before: Bill | None = None
    seen: dict[Period, Bill] = {}
    for bill in ordered:
        if bill.read_on is None or mapping.months == "stated":
            assert bill.period is not None or bill.read_on is not None
            period = bill.period or _month(bill.read_on or dt.date.min)
        elif mapping.months == "date":
            period = _month(bill.read_on)
        else:
            last = None if before is None else before.read_on
            days = (bill.read_on - last).days if last is not None else _USUAL_DAYS
            if not 0 < days <= _LONGEST_DAYS:
                days = _USUAL_DAYS if days else 0
            period = _month(bill.read_on - dt.timedelta(days=days // 2))
        if before is not None and _alike(before, bill):
            text = message("与 {where} 是同一张账单", where=before.where)
            problems.append(Problem("import-bill-twice", text, where=bill.where, found=bill.meter))
            bill.taken.status = "refused"
            bill.taken.reasons.append(text)
        elif period in seen:
            text = message("计量表“{meter}”在 {period} 有两张账单，数量相加", meter=bill.meter, period=period)
            problems.append(Problem("import-bills-of-a-month", text, Severity.WARNING, bill.where))
            bill.taken.reasons.append(text)
        seen.setdefault(period, bill)
        found.append(period)
        before = bill
    return found


def _alike(one: Bill, other: Bill) -> bool:
    amounts = [tuple((fact.item, fact.role, fact.value, fact.unit) for fact in bill.facts) for bill in (one, other)]
    return amounts[0] == amounts[1] and (one.read_on, one.period) == (other.read_on, other.period)


def _month(day: dt.date) -> Period:
    return Period.parse(f"{day.year:04d}-{day.month:02d}")


def _gaps(meter: str, periods: Sequence[Period], problems: list[Problem]) -> None:
    """Say which months between the first and the last bill of a meter have none."""
    months = {(period.start.year, period.start.month) for period in periods if period.days <= 31}
    if len(months) < 2 or len(months) < len(set(periods)):
        return
    first, last = min(months), max(months)
    lacking = []
    year, month = first
    while (year, month) < last:
        if (year, month) not in months:
            lacking.append(f"{year:04d}-{month:02d}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    if lacking:
        text = message("计量表“{meter}”缺这些月份的账单：{months}", meter=meter, months=listing(lacking))
        problems.append(Problem("import-months-missing", text, Severity.WARNING))

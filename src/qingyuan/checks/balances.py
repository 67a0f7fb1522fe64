"""What goes in must come out (物质守恒): metals, wastes against their inputs, inputs against products, fuel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qingyuan import units
from qingyuan.checks.finding import Finding, Gravity, Number, listed, shown, times
from qingyuan.checks.knowledge import (
    WasteOrigin,
    ancestors,
    conversions,
    inputs_per_product,
    kilograms,
    threshold,
    waste_origins,
)
from qingyuan.checks.plant import Plant, look, property_name
from qingyuan.checks.works import Mass, used_mass
from qingyuan.errors import Location
from qingyuan.facts.model import SITE, UNDATED, Case, State
from qingyuan.figures.ledger import Ledger
from qingyuan.language import message
from qingyuan.reference.items import catalogue

_HANDED = ("generated", "transferred", "disposed")


def fed(plant: Plant, item: str, year: str, place: str = SITE) -> Mass | None:
    """The mass of an item that went in: consumed or bought; of what is treated (waste burnt), the amount treated."""
    found = used_mass(plant, item, year, place)
    known = catalogue()
    if found is None and item in known and known.get(item).kind == "product":
        number = plant.amount(item, ("produced", "consumed", "purchased"), year, place=place)
        if number is not None and number.value > 0 and units.dimension(number.unit) == "mass":
            mass = number.value * units.factor(number.unit, "kg")
            return Mass(item, mass, mass, number.rows)
    return found


# --- wastes against inputs -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Compared:
    year: str
    waste: Number
    low: float
    high: float
    masses: tuple[Mass, ...]


def _exempt(case: Case, origin: WasteOrigin) -> bool:
    return any(case.profile.industry_code.startswith(code) for code in origin.except_industries)


def _inputs_of(plant: Plant, origin: WasteOrigin) -> tuple[str, ...]:
    own = [*plant.inputs, *(item for output in plant.outputs() for item in output.items)]
    return tuple(dict.fromkeys(item for item in own if any(name in origin.inputs for name in ancestors(item))))


def _waste(plant: Plant, origin: WasteOrigin, year: str) -> Number | None:
    found = [n for item in origin.wastes if (n := plant.amount(item, _HANDED, year, unit="t")) is not None]
    if not found:
        return None
    rows = tuple(dict.fromkeys(row for number in found for row in number.rows))
    return Number(found[0].what, sum(number.value for number in found), "t", rows, year, len(found) > 1)


def wastes_and_inputs(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Wastes heavier than what they come from allows, or far lighter than it demands."""
    plant = look(case, ledger)
    for origin in waste_origins():
        if _exempt(case, origin):
            continue
        items = _inputs_of(plant, origin)
        compared: list[_Compared] = []
        for year in plant.years:
            waste = _waste(plant, origin, year)
            masses = tuple(mass for item in items if (mass := fed(plant, item, year)) is not None)
            if waste is not None and masses:
                low, high = sum(m.low for m in masses) / 1000, sum(m.high for m in masses) / 1000
                compared.append(_Compared(year, waste, low, high, masses))
        over = [one for one in compared if one.waste.value > origin.most * one.high]
        under = [one for one in compared if one.waste.value < origin.least * one.low]
        if over:
            yield _heavy(plant, origin, over)
        if under:
            yield _light(plant, origin, under)


def _sides(plant: Plant, one: _Compared) -> tuple[Number, Number]:
    what = message("投入（{items}）", items=listed(plant.name(mass.item) for mass in one.masses))
    rows = tuple(row for mass in one.masses for row in mass.rows)
    return one.waste, Number(what, one.high, "t", rows, one.year, computed=True)


def _heavy(plant: Plant, origin: WasteOrigin, over: list[_Compared]) -> Finding:
    worst = max(over, key=lambda one: one.waste.value / one.high)
    ratio = worst.waste.value / worst.high
    items = listed(
        message(
            "{year} 年 {waste} t，投入的{inputs}共 {amount} t（{ratio} 倍）",
            year=one.year,
            waste=shown(one.waste.value, 6),
            amount=shown(one.high, 4),
            inputs=listed(plant.name(mass.item) for mass in one.masses),
            ratio=shown(one.waste.value / one.high, 3),
        )
        for one in over
    )
    return Finding(
        rule="waste-against-input",
        severity=Gravity.GRAVE
        if ratio > threshold("waste-against-input", "grave") * origin.most
        else Gravity.SERIOUS
        if ratio > 1.5 * origin.most
        else Gravity.MINOR,
        message=message(
            "{waste}多于其来源：{items}；一般每吨投入不超过 {most} t",
            waste=worst.waste.what,
            most=shown(origin.most),
            items=items,
        ),
        numbers=tuple(
            number for one in sorted(over, key=lambda o: -o.waste.value / o.high) for number in _sides(plant, one)
        ),
        settle=message("转移联单的重量、相应物料的采购与库存；是否有未列出的物料或混入其他废物、清洗水"),
        size=ratio / origin.most,
        concerns=(*origin.wastes, *(mass.item for mass in worst.masses)),
    )


def _light(plant: Plant, origin: WasteOrigin, under: list[_Compared]) -> Finding:
    worst = min(under, key=lambda one: one.waste.value / one.low)
    items = listed(
        message(
            "{year} 年 {waste} t，投入的{inputs}共 {amount} t",
            year=one.year,
            waste=shown(one.waste.value, 6),
            amount=shown(one.low, 4),
            inputs=listed(plant.name(mass.item) for mass in one.masses),
        )
        for one in under
    )
    return Finding(
        rule="waste-against-input",
        severity=Gravity.QUESTION,
        message=message(
            "{waste}远少于其来源：{items}；一般每吨投入不少于 {least} t",
            waste=worst.waste.what,
            least=shown(origin.least),
            items=items,
        ),
        numbers=tuple(number for one in under for number in _sides(plant, one)),
        settle=message("转移联单或利用台账；废物的去向（贮存、自行利用、并入其他废物）"),
        size=times(worst.low * origin.least, worst.waste.value),
        concerns=(*origin.wastes, *(mass.item for mass in worst.masses)),
    )


def wastes_without_input(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Wastes that can only come from an input which nobody bought or used."""
    plant = look(case, ledger)
    for origin in waste_origins():
        if not origin.needed or _exempt(case, origin) or _inputs_of(plant, origin):
            continue
        year = next(
            (year for year in reversed(plant.years) if (w := _waste(plant, origin, year)) and w.value > 0), None
        )
        waste = _waste(plant, origin, year) if year is not None else None
        if waste is None or not any(fact.kind == "material" for fact in case.facts):
            continue
        sources = listed((plant.name(item) for item in origin.inputs), most=6)
        yield Finding(
            rule="waste-without-input",
            severity=Gravity.SERIOUS,
            message=message(
                "有{waste} {amount} t（{year}），原辅材料里却没有它的来源（{inputs}）",
                waste=waste.what,
                amount=shown(waste.value, 6),
                year=waste.period,
                inputs=sources,
            ),
            numbers=(waste, Number(sources, 0.0, "t", (), waste.period, True)),
            settle=message("补列该物料的用量与采购发票；或说明废物的真实来源"),
            size=1.0 + waste.value,
            concerns=(*origin.wastes, *origin.inputs[:3]),
        )


# --- inputs against products -----------------------------------------------------------------------------------------


def inputs_and_products(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Less or more of an input than each unit of the product needs."""
    plant = look(case, ledger)
    for need in inputs_per_product():
        hits: list[tuple[Number, Number, float]] = []
        for place in _making(plant, need.product):
            for year in plant.years:
                used = plant.amount(need.input, ("consumed", "purchased"), year, place=place)
                made = _made(plant, need.product, place, year)
                if used is None or made is None or used.value <= 0 or made.value <= 0:
                    continue
                try:
                    ratio = used.value / made.value * units.factor(units.divide(used.unit, made.unit), need.unit)
                except units.DimensionError:
                    continue
                if not need.low * 0.98 <= ratio <= need.high * 1.02:
                    hits.append((used, made, ratio))
        if not hits:
            continue
        used, made, ratio = max(hits, key=lambda hit: times(hit[2], need.high if hit[2] > need.high else need.low))
        bound = need.high if ratio > need.high else need.low
        apart = times(ratio, bound)
        items = listed(
            message(
                "{year} 年 {used} {unit} ÷ {made} {other}",
                year=one.period,
                used=shown(one.value, 8),
                unit=units.UnitText(one.unit),
                made=shown(other.value, 8),
                other=units.UnitText(other.unit),
            )
            for one, other, _ in hits
        )
        yield Finding(
            rule="input-per-product",
            severity=Gravity.SERIOUS if ratio < need.low and apart > 1.2 else Gravity.QUESTION,
            message=message(
                "每单位{product}用{input} {ratio}，应在 {low}～{high} 之间：{items}",
                product=plant.name(need.product),
                input=plant.name(need.input),
                ratio=units.quantity(shown(ratio), units.divide(used.unit, made.unit)),
                low=shown(need.low),
                high=shown(need.high),
                items=items,
            ),
            numbers=(used, made, *(n for one, other, _ in hits if one is not used for n in (one, other))),
            settle=message("该物料的出入库单；产品的面积或重量是怎样统计的（单面、双面、是否含板边）"),
            size=apart,
            concerns=(need.input, need.product),
        )


def _making(plant: Plant, product: str) -> tuple[str, ...]:
    """The places that make only this product; the site where all output is of it."""
    outputs = plant.outputs()
    if all(set(output.items) <= {product} for output in outputs) and outputs:
        return (SITE,)
    places = dict.fromkeys(one.place for one in plant.series if one.item == product and one.role == "produced")
    return tuple(p for p in places if p != SITE and all(set(o.items) == {product} for o in plant.outputs(p)))


def _made(plant: Plant, product: str, place: str, year: str) -> Number | None:
    roles = ("produced", "consumed")
    return plant.amount(product, roles, year, place=place) or plant.amount(product, roles, year)


def offcuts(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Sheet material lost between input and product against the scrap that is reported."""
    plant = look(case, ledger)
    scrap_items = ("scrap-offcuts", "scrap-boards", "board-dust", "scrap-copper", "rejects")
    losses: list[tuple[str, Number, Number, float, float]] = []
    for year in plant.years:
        lost_low = lost_area = 0.0
        rows: list[Location] = []
        for need in inputs_per_product():
            if (need.input, "m2") not in conversions() or need.input == "dry-film":
                continue
            for place in _making(plant, need.product):
                used = plant.amount(need.input, ("consumed", "purchased"), year, place=place, unit="m2")
                made = _made(plant, need.product, place, year)
                if used is None or made is None or units.dimension(made.unit) != "area":
                    continue
                area = used.value - made.value * units.factor(made.unit, "m2")
                weight = kilograms(need.input, area, "m2")
                if area > 0 and weight is not None:
                    lost_area += area
                    lost_low += weight[0] / 1000
                    rows += [*used.rows, *made.rows]
        if lost_low <= 0:
            continue
        scraps = [n for item in scrap_items if (n := plant.amount(item, _HANDED, year, unit="t")) is not None]
        scrap = sum(number.value for number in scraps)
        if lost_low > threshold("offcuts", "ratio") * scrap:
            scrap_rows = tuple(row for number in scraps for row in number.rows)
            losses.append(
                (
                    year,
                    Number(message("板料面积损失"), lost_area, "m2", tuple(dict.fromkeys(rows)), year, True),
                    Number(message("边角料、废板等"), scrap, "t", scrap_rows, year, len(scraps) != 1),
                    lost_low,
                    scrap,
                )
            )
    if not losses:
        return
    year, sheet, scrap_number, low, worst = max(losses, key=lambda hit: times(hit[3], hit[4]))
    passed = [
        fact
        for fact in case.facts
        if fact.role == "pass-rate" and fact.period == year and fact.value is not None and fact.state is State.VALUE
    ]
    rate = Number(message("合格率"), passed[0].value or 0.0, "%", (passed[0].where,), year) if passed else None
    items = listed(
        message(
            "{year} 年 {area} m²，至少 {low} t，申报 {scrap} t",
            year=one,
            area=shown(number.value, 6),
            low=shown(mass, 3),
            scrap=shown(amount),
        )
        for one, number, _, mass, amount in losses
    )
    yield Finding(
        rule="offcuts",
        severity=Gravity.SERIOUS if times(low, worst) > 3 else Gravity.QUESTION,
        message=message(
            "板料用量与产量之差（{items}）远多于申报的边角料和废板{passed}",
            items=items,
            passed=message("；合格率 {rate}%", rate=shown(rate.value)) if rate else "",
        ),
        numbers=(
            Number(message("损失的板料（按最薄计）"), low, "t", sheet.rows, year, True),
            scrap_number,
            sheet,
            *((rate,) if rate else ()),
        ),
        settle=message("开料记录、板边与报废板的称重和去向（出售、委外处置）"),
        size=times(low, worst),
        concerns=("scrap-offcuts", *(need.input for need in inputs_per_product() if plant.has_input(need.input))),
    )


# --- fuel ------------------------------------------------------------------------------------------------------------


def fuel_balance(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Sulphur dioxide against the sulphur of the fuel; ash and slag against its ash."""
    plant = look(case, ledger)
    for item in plant.inputs:
        if "raw-coal" not in ancestors(item) and item not in ("other-washed-coal", "petroleum-coke", "fuel-oil"):
            continue
        for year in plant.years:
            fuel = used_mass(plant, item, year)
            if fuel is None:
                continue
            yield from _sulphur(plant, item, fuel, year)
            yield from _ash(plant, item, fuel, year)


def _property(plant: Plant, item: str, role: str, year: str) -> Number | None:
    for fact in plant.case.facts:
        if (
            fact.item == item
            and fact.role == role
            and fact.value
            and fact.period in (year, UNDATED)
            and fact.unit == "%"
        ):
            return Number(property_name(fact), fact.value, "%", (fact.where,), year)
    return None


def _sulphur(plant: Plant, item: str, fuel: Mass, year: str) -> Iterator[Finding]:
    sulphur = _property(plant, item, "sulfur-content", year)
    emitted = plant.amount("SO2", ("generated", "discharged"), year, unit="kg")
    if sulphur is None or emitted is None:
        return
    most = 2.0 * fuel.high * sulphur.value / 100
    if emitted.value <= most * threshold("fuel-balance", "slack"):
        return
    yield Finding(
        rule="fuel-balance",
        severity=Gravity.GRAVE,
        message=message(
            "{year} 年 SO2 {emitted} kg，多于{fuel}（{mass} t，含硫 {sulphur}%）中全部硫所能生成的 {most} kg",
            year=year,
            emitted=shown(emitted.value, 6),
            fuel=plant.name(item),
            mass=shown(fuel.high / 1000, 6),
            sulphur=shown(sulphur.value),
            most=shown(most),
        ),
        numbers=(emitted, Number(message("燃料硫全部生成的 SO2"), most, "kg", (*fuel.rows, *sulphur.rows), year, True)),
        settle=message("煤质化验单、燃料台账、烟气监测报告"),
        size=emitted.value / most,
        concerns=("SO2", item),
    )


def _ash(plant: Plant, item: str, fuel: Mass, year: str) -> Iterator[Finding]:
    ash = _property(plant, item, "ash-content", year)
    found = [
        n for w in ("slag", "fly-ash", "boiler-ash") if (n := plant.amount(w, _HANDED, year, unit="t")) is not None
    ]
    if ash is None or not found:
        return
    out = sum(number.value for number in found)
    bound = fuel.high / 1000 * ash.value / 100
    low, high = threshold("fuel-balance", "ash-least"), threshold("fuel-balance", "ash-most")
    if low * bound <= out <= high * bound:
        return
    yield Finding(
        rule="fuel-balance",
        severity=Gravity.SERIOUS,
        message=message(
            "{year} 年灰渣 {out} t，{fuel}带入的灰 {ash} t（{mass} t，灰分 {share}%）",
            year=year,
            out=shown(out, 6),
            fuel=plant.name(item),
            ash=shown(bound),
            mass=shown(fuel.high / 1000, 6),
            share=shown(ash.value),
        ),
        numbers=(
            Number(message("灰渣"), out, "t", tuple(row for n in found for row in n.rows), year, True),
            Number(message("燃料带入的灰"), bound, "t", (*fuel.rows, *ash.rows), year, True),
        ),
        settle=message("煤质化验单、灰渣销售或处置台账"),
        size=times(out, bound),
        concerns=(item, "slag"),
    )

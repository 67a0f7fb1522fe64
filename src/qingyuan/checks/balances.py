"""What goes in must come out (物质守恒): metals, wastes against their inputs, inputs against products, fuel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qingyuan import units
from qingyuan.checks.finding import Finding, Gravity, Number, listed, shown, times
from qingyuan.checks.knowledge import (
    Content,
    WasteOrigin,
    ancestors,
    contents,
    conversions,
    inputs_per_product,
    kilograms,
    strengths,
    threshold,
    waste_origins,
)
from qingyuan.checks.plant import Plant, look
from qingyuan.checks.works import Mass, used_mass
from qingyuan.errors import Location
from qingyuan.facts.model import SITE, UNDATED, Case, State
from qingyuan.figures.ledger import Ledger
from qingyuan.language import message
from qingyuan.reference.items import catalogue

_HANDED = ("generated", "transferred", "disposed")
_ELEMENTS = ("Cu", "Ni", "Zn", "Cr", "Sn", "Pb", "Ag", "Au", "Cd", "Hg", "As", "Co", "Mn")


def fed(plant: Plant, item: str, year: str, place: str = SITE) -> Mass | None:
    """The mass of an item that went in: consumed or bought; of what is treated (waste burnt), the amount treated."""
    found = used_mass(plant, item, year, place)
    known = catalogue()
    if found is None and item in known and known.get(item).kind == "product":
        number = plant.amount(item, ("produced", "consumed", "purchased"), year, place=place)
        if number is not None and units.dimension(number.unit) == "mass":
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
    return Finding(
        rule="waste-against-input",
        severity=Gravity.SERIOUS if ratio > 1.5 * origin.most else Gravity.MINOR,
        message=message(
            "{waste}多于其来源：{items}；一般每吨投入不超过 {most} t",
            waste=worst.waste.what, most=shown(origin.most),
            items=listed(
                message(
                    "{year} 年 {waste} t，投入的{inputs}共 {amount} t（{ratio} 倍）",
                    year=one.year, waste=shown(one.waste.value, 6), amount=shown(one.high, 4),
                    inputs=listed(plant.name(mass.item) for mass in one.masses), ratio=shown(one.waste.value / one.high, 3),
                )
                for one in over
            ),
        ),
        numbers=tuple(number for one in sorted(over, key=lambda o: -o.waste.value / o.high) for number in _sides(plant, one)),
        settle=message("转移联单的重量、相应物料的采购与库存；是否有未列出的物料或混入其他废物、清洗水"),
        size=ratio / origin.most,
        concerns=(*origin.wastes, *(mass.item for mass in worst.masses)),
    )  # fmt: skip


def _light(plant: Plant, origin: WasteOrigin, under: list[_Compared]) -> Finding:
    worst = min(under, key=lambda one: one.waste.value / one.low)
    return Finding(
        rule="waste-against-input",
        severity=Gravity.QUESTION,
        message=message(
            "{waste}远少于其来源：{items}；一般每吨投入不少于 {least} t",
            waste=worst.waste.what, least=shown(origin.least),
            items=listed(
                message(
                    "{year} 年 {waste} t，投入的{inputs}共 {amount} t",
                    year=one.year, waste=shown(one.waste.value, 6), amount=shown(one.low, 4),
                    inputs=listed(plant.name(mass.item) for mass in one.masses),
                )
                for one in under
            ),
        ),
        numbers=tuple(number for one in under for number in _sides(plant, one)),
        settle=message("转移联单或利用台账；废物的去向（贮存、自行利用、并入其他废物）"),
        size=times(worst.low * origin.least, worst.waste.value),
        concerns=(*origin.wastes, *(mass.item for mass in worst.masses)),
    )  # fmt: skip


def wastes_without_input(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Wastes that can only come from an input which nobody bought or used."""
    plant = look(case, ledger)
    for origin in waste_origins():
        if not origin.needed or _exempt(case, origin) or _inputs_of(plant, origin):
            continue
        year = next((year for year in reversed(plant.years) if (w := _waste(plant, origin, year)) and w.value > 0), None)
        waste = _waste(plant, origin, year) if year is not None else None
        if waste is None or not any(fact.kind == "material" for fact in case.facts):
            continue
        sources = listed((plant.name(item) for item in origin.inputs), most=6)
        yield Finding(
            rule="waste-without-input",
            severity=Gravity.SERIOUS,
            message=message(
                "有{waste} {amount} t（{year}），原辅材料里却没有它的来源（{inputs}）",
                waste=waste.what, amount=shown(waste.value, 6), year=waste.period, inputs=sources,
            ),
            numbers=(waste, Number(sources, 0.0, "t", (), waste.period, True)),
            settle=message("补列该物料的用量与采购发票；或说明废物的真实来源"),
            size=1.0 + waste.value,
            concerns=(*origin.wastes, *origin.inputs[:3]),
        )  # fmt: skip


# --- metals ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Share:
    item: str
    low: float
    high: float
    rows: tuple[Location, ...]


def _content(item: str, element: str, unit: str, products: frozenset[str]) -> Content | None:
    found = [one for one in contents() if one.item == item and one.element == element and one.unit == unit]
    special = [one for one in found if one.product and products == {one.product}]
    plain = [one for one in found if not one.product]
    return next(iter((*special, *plain)), None)


def _metal_in(plant: Plant, element: str, year: str) -> Iterator[_Share]:
    known = catalogue()
    for item, facts in plant.inputs.items():
        if item not in known or known.get(item).kind != "material":
            continue
        area = _content(item, element, "kg/m2", frozenset())
        if area is not None:
            yield from _by_area(plant, item, element, year)
            continue
        mass = used_mass(plant, item, year)
        if mass is None:
            continue
        mixture = _content(item, element, "1", frozenset())
        if mixture is not None:
            yield _Share(item, mass.low * mixture.low, mass.high * mixture.high, mass.rows)
            continue
        share = known.get(item).contents.get(element, 0.0)
        if share and any(fact.role in ("consumed", "purchased") for fact in facts):
            strength = strengths().get(item)
            pure = known.get(item).form == "pure"
            low = 0.95 if pure else 0.0
            high = strength.purity_high if strength and not pure else 1.0
            yield _Share(item, mass.low * share * low, mass.high * share * high, mass.rows)


def _by_area(plant: Plant, item: str, element: str, year: str) -> Iterator[_Share]:
    for one in plant.series:
        if one.item != item or one.role not in ("consumed", "purchased") or year not in one.amounts:
            continue
        if units.dimension(one.unit) != "area":
            continue
        products = frozenset(product for output in plant.outputs(one.place) for product in output.items)
        content = _content(item, element, "kg/m2", products)
        if content is not None:
            area = one.amounts[year] * units.factor(one.unit, "m2")
            yield _Share(item, area * content.low, area * content.high, one.rows[year])


def _metal_out(plant: Plant, element: str, year: str) -> Iterator[_Share]:
    known = catalogue()
    for item in plant.wastes:
        content = _content(item, element, "1", frozenset())
        amount = plant.amount(item, _HANDED, year, unit="kg") if content else None
        if content is not None and amount is not None:
            yield _Share(item, amount.value * content.low, amount.value * content.high, amount.rows)
    for output in plant.outputs():
        for item in output.items:
            content = _content(item, element, "kg/m2", frozenset())
            made = plant.amount(item, "produced", year, unit="m2") if content else None
            if content is not None and made is not None:
                yield _Share(item, made.value * content.low, made.value * content.high, made.rows)
    for one in plant.series:
        if one.role == "contained" and year in one.amounts and one.item in known:
            share = known.get(one.item).contents.get(element, 0.0)
            if share and units.dimension(one.unit) == "mass":
                mass = one.amounts[year] * units.factor(one.unit, "kg") * share
                yield _Share(one.item, mass, mass, one.rows[year])


def metal_balance(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """More of a metal in wastes and products than was bought, or bought metal that turns up nowhere."""
    plant = look(case, ledger)
    for element in _ELEMENTS:
        over: list[tuple[str, list[_Share], list[_Share]]] = []
        lost: list[tuple[str, list[_Share], list[_Share], float]] = []
        for year in plant.years:
            inside, out = list(_metal_in(plant, element, year)), list(_metal_out(plant, element, year))
            if not inside or not out or sum(one.high for one in inside) <= 0:
                continue
            if sum(one.low for one in out) > sum(one.high for one in inside) * threshold("metal-balance", "slack"):
                over.append((year, inside, out))
            contained = any(one.item.endswith("-metal") for one in out)
            gap = sum(one.low for one in inside) - sum(one.high for one in out)
            if contained and gap > threshold("metal-balance", "lost") * sum(one.low for one in inside):
                lost.append((year, inside, out, gap))
        if over:
            yield _too_much(plant, element, over)
        if lost:
            yield _vanished(plant, element, lost)


def _listing(plant: Plant, shares: list[_Share], *, high: bool) -> object:
    totals: dict[str, float] = {}
    for one in shares:
        totals[one.item] = totals.get(one.item, 0.0) + (one.high if high else one.low)
    return listed(
        message("{item} {kg} kg", item=plant.name(item), kg=shown(kg, 3)) for item, kg in totals.items() if kg > 0
    )


def _too_much(plant: Plant, element: str, over: list[tuple[str, list[_Share], list[_Share]]]) -> Finding:
    def ratio(one: tuple[str, list[_Share], list[_Share]]) -> float:
        return sum(s.low for s in one[2]) / sum(s.high for s in one[1])

    year, inside, out = max(over, key=ratio)
    worst = ratio((year, inside, out))
    metal = any(share.item.endswith("-metal") for share in out)
    return Finding(
        rule="metal-balance",
        severity=Gravity.GRAVE if metal and worst > 1.1 else Gravity.SERIOUS if worst > 1.3 else Gravity.QUESTION,
        message=message(
            "{element} 平衡不合（{years}）：{year} 年产品和废物中至少有 {out} kg（{outs}），投入最多只含 {inside} kg（{ins}）",
            element=element, years="、".join(one[0] for one in over), year=year, out=shown(sum(s.low for s in out)),
            outs=_listing(plant, out, high=False), inside=shown(sum(s.high for s in inside)),
            ins=_listing(plant, inside, high=True),
        ),
        numbers=(
            Number(message("产品和废物中的 {element}", element=element), sum(s.low for s in out), "kg",
                   tuple(row for s in out for row in s.rows), year, True),
            Number(message("投入中的 {element}", element=element), sum(s.high for s in inside), "kg",
                   tuple(row for s in inside for row in s.rows), year, True),
        ),
        settle=message("各废液、污泥的金属含量化验；阳极、盐类和板料的采购发票与铜箔厚度；联单重量"),
        size=worst,
        concerns=tuple(dict.fromkeys(s.item for s in (*out, *inside))),
    )  # fmt: skip


def _vanished(
    plant: Plant, element: str, lost: list[tuple[str, list[_Share], list[_Share], float]]
) -> Finding:
    year, inside, out, gap = max(lost, key=lambda one: one[3])
    total = sum(s.low for s in inside)
    return Finding(
        rule="metal-balance",
        severity=Gravity.SERIOUS,
        message=message(
            "{element} 平衡不合（{years}）：{year} 年投入至少含 {inside} kg（{ins}），产品和废物最多带走 {out} kg（{outs}），"
            "{gap} kg 没有去向",
            element=element, years="、".join(one[0] for one in lost), year=year, inside=shown(total),
            ins=_listing(plant, inside, high=False), out=shown(sum(s.high for s in out)),
            outs=_listing(plant, out, high=True), gap=shown(gap),
        ),
        numbers=(
            Number(message("投入中的 {element}", element=element), total, "kg",
                   tuple(row for s in inside for row in s.rows), year, True),
            Number(message("产品和废物中的 {element}", element=element), sum(s.high for s in out), "kg",
                   tuple(row for s in out for row in s.rows), year, True),
        ),
        settle=message("镀层厚度与面积的检验记录；污泥和废液的金属含量化验；库存变化"),
        size=times(total, sum(s.high for s in out)),
        concerns=tuple(dict.fromkeys(s.item for s in (*out, *inside))),
    )  # fmt: skip


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
        yield Finding(
            rule="input-per-product",
            severity=Gravity.SERIOUS if ratio < need.low and apart > 1.2 else Gravity.QUESTION,
            message=message(
                "每单位{product}用{input} {ratio} {unit}，应在 {low}～{high} 之间：{items}",
                product=plant.name(need.product), input=plant.name(need.input), ratio=shown(ratio),
                unit=units.display(units.divide(used.unit, made.unit)), low=shown(need.low), high=shown(need.high),
                items=listed(
                    message(
                        "{year} 年 {used} {unit} ÷ {made} {other}",
                        year=one.period, used=shown(one.value, 8), unit=units.display(one.unit),
                        made=shown(other.value, 8), other=units.display(other.unit),
                    )
                    for one, other, _ in hits
                ),
            ),
            numbers=(used, made, *(n for one, other, _ in hits if one is not used for n in (one, other))),
            settle=message("该物料的出入库单；产品的面积或重量是怎样统计的（单面、双面、是否含板边）"),
            size=apart,
            concerns=(need.input, need.product),
        )  # fmt: skip


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
    hits: list[tuple[str, Number, Number, float, float]] = []
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
            hits.append(
                (year, Number(message("板料面积损失"), lost_area, "m2", tuple(dict.fromkeys(rows)), year, True),
                 Number(message("边角料、废板等"), scrap, "t", scrap_rows, year, len(scraps) != 1), lost_low, scrap)
            )  # fmt: skip
    if not hits:
        return
    year, area, scrap_number, low, scrap = max(hits, key=lambda hit: times(hit[3], hit[4]))
    passed = [
        fact for fact in case.facts
        if fact.role == "pass-rate" and fact.period == year and fact.value is not None and fact.state is State.VALUE
    ]  # fmt: skip
    rate = Number(message("合格率"), passed[0].value or 0.0, "%", (passed[0].where,), year) if passed else None
    yield Finding(
        rule="offcuts",
        severity=Gravity.SERIOUS if times(low, scrap) > 3 else Gravity.QUESTION,
        message=message(
            "板料用量与产量之差（{items}）远多于申报的边角料和废板{passed}",
            items=listed(
                message(
                    "{year} 年 {area} m²，至少 {low} t，申报 {scrap} t",
                    year=one, area=shown(number.value, 6), low=shown(mass, 3), scrap=shown(amount),
                )
                for one, number, _, mass, amount in hits
            ),
            passed=message("；合格率 {rate}%", rate=shown(rate.value)) if rate else "",
        ),
        numbers=(
            Number(message("损失的板料（按最薄计）"), low, "t", area.rows, year, True), scrap_number, area,
            *((rate,) if rate else ()),
        ),
        settle=message("开料记录、板边与报废板的称重和去向（出售、委外处置）"),
        size=times(low, scrap),
        concerns=("scrap-offcuts", *(need.input for need in inputs_per_product() if plant.has_input(need.input))),
    )  # fmt: skip


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
        if fact.item == item and fact.role == role and fact.value and fact.period in (year, UNDATED) and fact.unit == "%":
            return Number(fact.label or role, fact.value, "%", (fact.where,), year)
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
            year=year, emitted=shown(emitted.value, 6), fuel=plant.name(item), mass=shown(fuel.high / 1000, 6),
            sulphur=shown(sulphur.value), most=shown(most),
        ),
        numbers=(emitted, Number(message("燃料硫全部生成的 SO2"), most, "kg", (*fuel.rows, *sulphur.rows), year, True)),
        settle=message("煤质化验单、燃料台账、烟气监测报告"),
        size=emitted.value / most,
        concerns=("SO2", item),
    )  # fmt: skip


def _ash(plant: Plant, item: str, fuel: Mass, year: str) -> Iterator[Finding]:
    ash = _property(plant, item, "ash-content", year)
    found = [n for w in ("slag", "fly-ash", "boiler-ash") if (n := plant.amount(w, _HANDED, year, unit="t")) is not None]
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
            year=year, out=shown(out, 6), fuel=plant.name(item), ash=shown(bound), mass=shown(fuel.high / 1000, 6),
            share=shown(ash.value),
        ),
        numbers=(
            Number(message("灰渣"), out, "t", tuple(row for n in found for row in n.rows), year, True),
            Number(message("燃料带入的灰"), bound, "t", (*fuel.rows, *ash.rows), year, True),
        ),
        settle=message("煤质化验单、灰渣销售或处置台账"),
        size=times(out, bound),
        concerns=(item, "slag"),
    )  # fmt: skip

"""Water (水量): waste water against water, discharge and reuse against generation, water per person and product."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qingyuan import units
from qingyuan.checks.finding import Finding, Gravity, Number, listed, shown, times
from qingyuan.checks.knowledge import specific_ranges, threshold
from qingyuan.checks.plant import Plant, called, look
from qingyuan.facts.model import SITE, Basis, Case
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Message, message
from qingyuan.reference.processes import census_wastewater, plant_ratios

_INTAKE = ("taken", "purchased", "consumed")
_METERED = frozenset({Basis.METER, Basis.INVOICE, Basis.MONITORING, Basis.MONITORING_AUTO})


def waste_water_and_water(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """More waste water than water, more discharged or reused than generated."""
    plant = look(case, ledger)
    most = plant_ratios()["waste-water-per-water-intake"].high
    rules = (
        ("process-wastewater", ("generated", "discharged"), ("production-water", "fresh-water"), _INTAKE, most),
        ("wastewater", ("generated", "discharged"), ("fresh-water",), _INTAKE, most),
        ("domestic-wastewater", ("generated", "discharged"), ("domestic-water",), _INTAKE, most),
        ("process-wastewater", ("discharged",), ("process-wastewater",), ("generated",), 1.0),
        ("wastewater", ("discharged",), ("wastewater",), ("generated",), 1.0),
        ("reused-water", ("reused",), ("process-wastewater", "wastewater"), ("generated",), 1.0),
    )
    extra = ("rain-water", "initial-rain-water", "leachate", "reclaimed-water", "reused-water", "ground-water")
    for item, roles, wholes, whole_roles, limit in rules:
        for year in plant.years:
            part = plant.amount(item, roles, year, unit="m3")
            whole = next(
                (found for w in wholes if (found := plant.amount(w, whole_roles, year, unit="m3")) is not None), None
            )
            if part is None or whole is None or whole.value <= 0:
                continue
            further = 0.0
            if item in ("process-wastewater", "wastewater") and limit == most:
                # what was reused passes the works again; rain and leachate come on top
                further = sum(
                    n.value for e in extra if (n := plant.amount(e, (*_INTAKE, "generated", "reused"), year, unit="m3"))
                )
            if part.value <= limit * (whole.value + further) * (1 + threshold("waste-water-and-water", "slack")):
                continue
            yield Finding(
                rule="waste-water-and-water",
                severity=Gravity.GRAVE,
                message=message(
                    "{year} 年{part} {value} m³，多于{whole} {base} m³",
                    year=year,
                    part=_role(plant, item, roles[0]),
                    value=shown(part.value, 8),
                    whole=_role(plant, wholes[0], whole_roles[-1]),
                    base=shown(whole.value, 8),
                ),
                numbers=(part, whole),
                settle=message("水表与废水流量计的记录；有无雨水、原料带水或未计的自备水源"),
                size=times(part.value, whole.value),
                concerns=(item, wholes[0]),
            )


def _role(plant: Plant, item: str, role: str) -> Message:
    words = {
        "generated": message("产生量"),
        "discharged": message("排放量"),
        "reused": message("回用量"),
        "consumed": message("用量"),
    }
    return message("{item}{role}", item=plant.name(item), role=words[role]) if role in words else message("用水")


def water_closure(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Waste water generated that is neither discharged nor reused."""
    plant = look(case, ledger)
    hits: list[tuple[str, Number, Number, float, float]] = []
    for year in plant.years:
        made = plant.amount("process-wastewater", "generated", year, unit="m3")
        out = plant.amount("process-wastewater", "discharged", year, unit="m3")
        if made is None or out is None or made.value <= 0 or made.rows == out.rows:
            continue
        back = (
            plant.amount("reused-water", ("reused", "produced"), year, unit="m3"),
            plant.amount("process-wastewater", ("reused", "recycled"), year, unit="m3"),
            plant.amount("process-wastewater", ("lost", "transferred", "disposed"), year, unit="m3"),
        )
        known = sum(number.value for number in back if number is not None)
        gap = made.value - out.value - known
        if abs(gap) > threshold("water-closure", "gap") * made.value:
            hits.append((year, made, out, known, gap))
    if not hits:
        return
    _, made, out, known, gap = max(hits, key=lambda hit: abs(hit[4]) / hit[1].value)
    items = listed(
        message(
            "{year} 年产生 {made} m³，排放 {out} m³，回用等 {known} m³，差 {gap} m³（{share}%）",
            year=year,
            made=shown(one.value, 8),
            out=shown(other.value, 8),
            known=shown(back_value, 8),
            gap=shown(rest, 6),
            share=shown(100 * rest / one.value, 3),
        )
        for year, one, other, back_value, rest in hits
    )
    yield Finding(
        rule="water-closure",
        severity=Gravity.QUESTION if gap > 0 else Gravity.SERIOUS,
        message=message(
            "生产废水的产生与去向不平：{items}",
            items=items,
        ),
        numbers=(made, out, *(number for _, one, other, _, _ in hits if one is not made for number in (one, other))),
        settle=message("水平衡图；回用水表和排放口流量计的记录"),
        size=times(made.value, out.value + known),
        concerns=("process-wastewater",),
    )


def water_destinations(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Water taken in that turns up neither as waste water, nor as a stated loss, nor in the product."""
    plant = look(case, ledger)
    hits: list[tuple[str, Number, Number, float]] = []
    for year in plant.years:
        water = plant.amount("fresh-water", _INTAKE, year, unit="m3")
        if water is None or water.value <= 0 or year not in plant.waste_water:
            continue
        outs = [plant.waste_water[year]]
        if outs[0].what != plant.name("wastewater"):
            found = (
                plant.amount("domestic-wastewater", ("generated", "discharged"), year, unit="m3"),
                *(
                    plant.amount(item, role, year, unit="m3")
                    for item in (
                        "evaporation-loss",
                        "water-loss",
                        "water-in-product",
                        "fresh-water",
                        "production-water",
                    )
                    for role in ("lost", "contained")
                ),
                plant.amount("blowdown-water", ("generated", "discharged"), year, unit="m3"),
                plant.amount("concentrate-water", ("generated", "discharged"), year, unit="m3"),
            )
            outs += [number for number in found if number is not None]
        reused = plant.amount("reused-water", ("reused", "produced"), year, unit="m3")
        known = sum(number.value for number in outs) - (reused.value if reused is not None else 0.0)
        gap = water.value - known
        if known < 0:
            continue  # more reused than there was: told by the balance of waste water
        if gap > threshold("water-destinations", "gap") * water.value:
            rows = tuple(dict.fromkeys(row for number in outs for row in number.rows))
            hits.append((year, water, Number(message("已知去向"), known, "m3", rows, year, True), gap))
    if not hits:
        return
    _, water, known_number, _ = max(hits, key=lambda hit: hit[3] / hit[1].value)
    domestic = plant.amount("domestic-wastewater", ("generated", "discharged"), hits[-1][0], unit="m3")
    items = listed(
        message(
            "{year} 年取水 {water} m³，已知去向 {known} m³，{gap} m³（{share}%）不知去向",
            year=year,
            water=shown(one.value, 8),
            known=shown(out.value, 8),
            gap=shown(gap, 6),
            share=shown(100 * gap / one.value, 3),
        )
        for year, one, out, gap in hits
    )
    yield Finding(
        rule="water-destinations",
        severity=Gravity.QUESTION,
        message=message(
            "取水的去向不全：{items}{sewage}",
            items=items,
            sewage="" if domestic is not None else message("；没有生活污水量"),
        ),
        numbers=(water, known_number),
        settle=message("水平衡图：蒸发、产品带走、生活污水、浓水和排污水的计量或核算"),
        size=times(water.value, known_number.value),
        concerns=("fresh-water", "domestic-wastewater"),
    )


def discharge_not_metered(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Waste water that is monitored for concentrations but measured nowhere."""
    results = [one for one in case.monitoring if one.medium == "water"]
    if not results or any(one.flow_m3_h for one in results):
        return
    items = ("process-wastewater", "wastewater")
    stated = [fact for fact in case.facts if fact.item in items and fact.kind == "water" and fact.value]
    if not stated or any(fact.basis in _METERED or fact.meter for fact in stated):
        return
    rows = tuple(fact.where for fact in stated)
    top = max(stated, key=lambda fact: fact.value or 0.0)
    values = listed(
        message(
            "{name} {value} {unit}",
            name=called(fact.item, fact.label),
            value=shown(fact.value or 0.0, 8),
            unit=units.UnitText(fact.unit),
        )
        for fact in stated
    )
    yield Finding(
        rule="discharge-not-metered",
        severity=Gravity.QUESTION,
        message=message(
            "废水有 {count} 个浓度监测结果，水量却没有一个是计量的（{values}）：排放量没有依据",
            count=len(results),
            values=values,
        ),
        numbers=(
            Number(called(top.item, top.label), top.value or 0.0, top.unit, (top.where,), top.period),
            Number(message("计量的废水量"), 0.0, "m3", (), "", True),
        ),
        settle=message("排放口流量计的安装与比对记录、抄表记录"),
        size=float(len(stated)),
        concerns=items,
        extra_rows=rows,
    )


def domestic_water(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Domestic water for each person and day."""
    plant = look(case, ledger)
    low, high = threshold("domestic-water", "low"), threshold("domestic-water", "high")
    for year in reversed(plant.years):
        water = plant.amount("domestic-water", _INTAKE, year, unit="L")
        people = plant.amount("employees", "amount", year)
        if water is None or people is None or people.value <= 0 or people.unit != "person":
            continue
        days = plant.amount("operating-days", "amount", year)
        count = days.value if days is not None and days.value > 0 else threshold("domestic-water", "days")
        ratio = water.value / people.value / count
        if not low <= ratio <= high:
            bound = high if ratio > high else low
            yield Finding(
                rule="domestic-water",
                severity=Gravity.QUESTION,
                message=message(
                    "{year} 年生活用水 {water} m³，{people} 人，合每人每天 {ratio} L（通常 {low}～{high} L）",
                    year=year,
                    water=shown(water.value / 1000, 8),
                    people=shown(people.value),
                    ratio=shown(ratio, 3),
                    low=shown(low),
                    high=shown(high),
                ),
                numbers=(
                    Number(water.what, water.value / 1000, "m3", water.rows, year, water.computed),
                    people,
                    Number(message("通常范围的界限"), bound, "L/(person*d)", (), "", True),
                ),
                settle=message("生活用水表覆盖的范围；住宿人数；有无生产用水混入"),
                size=times(ratio, bound),
                concerns=("domestic-water", "employees"),
            )
        return


def specific_use(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Water or electricity for each unit of product far outside the range of the accepted levels."""
    plant = look(case, ledger)
    factor = threshold("specific-use", "factor")
    below: dict[str, tuple[Number, Number, float, float, str]] = {}
    above: dict[str, tuple[Number, Number, float, float, str]] = {}
    made = {item for output in plant.outputs() for item in output.items}
    for band in specific_ranges():
        if band.product not in made and not plant.has_input(band.product):
            continue
        for place in _homes(plant, band.product, alone=len(made)):
            for year in reversed(plant.years):
                used = plant.amount(band.what, _INTAKE, year, place=place)
                if used is None and band.what == "fresh-water":
                    used = plant.amount("production-water", _INTAKE, year, place=place)
                product = plant.amount(band.product, ("produced", "purchased"), year)
                if used is None or product is None or product.value <= 0 or used.value <= 0:
                    continue
                try:
                    ratio = used.value / product.value * units.factor(units.divide(used.unit, product.unit), band.unit)
                except units.DimensionError:
                    continue
                if not band.low / factor <= ratio <= band.high * factor:
                    yield _specific(plant, band.what, used, product, ratio, band.low, band.high, band.unit, year)
                elif ratio < band.low:
                    below[band.what] = (used, product, ratio, band.low, band.unit)
                elif ratio > band.high:
                    above[band.what] = (used, product, ratio, band.high, band.unit)
                break
    for what in below.keys() & above.keys():
        yield _opposite(plant, what, below[what], above[what])


def _opposite(
    plant: Plant,
    what: str,
    low: tuple[Number, Number, float, float, str],
    high: tuple[Number, Number, float, float, str],
) -> Finding:
    """One product better than the best level while another is worse than the poorest: metered in the wrong place."""
    return Finding(
        rule="specific-use",
        severity=Gravity.QUESTION,
        message=message(
            "{product}单位用{what} {low} {unit}，优于最好一级 {best}，"
            "同时{other}用 {high} {unit}，劣于最差一级 {worst}："
            "计量范围可能划错",
            what=plant.name(what),
            product=low[1].what,
            low=shown(low[2]),
            unit=units.UnitText(low[4]),
            best=shown(low[3]),
            other=high[1].what,
            high=shown(high[2]),
            worst=shown(high[3]),
        ),
        numbers=(low[0], low[1], high[0], high[1]),
        settle=message("各车间水表、电表覆盖的范围；公用部分怎样分摊"),
        size=low[3] / low[2] * high[2] / high[3],
        concerns=(what,),
    )


def _homes(plant: Plant, product: str, *, alone: int) -> Iterator[str]:
    """Places that make one product only: the site where it is the only one, else the places of its rows."""
    if alone <= 1:
        yield SITE
        return
    for place in dict.fromkeys(one.place for one in plant.series if one.item == product and one.role == "produced"):
        if place != SITE and all(set(output.items) == {product} for output in plant.outputs(place)):
            yield place


def _specific(
    plant: Plant, what: str, used: Number, product: Number, ratio: float, low: float, high: float, unit: str, year: str
) -> Finding:
    bound = high if ratio > high else low
    return Finding(
        rule="specific-use",
        severity=Gravity.QUESTION,
        message=message(
            "{year} 年每单位{product}用{what} {ratio} {unit}，评价指标体系的各级在 {low}～{high} {unit} 之间",
            year=year,
            product=product.what,
            what=plant.name(what),
            ratio=shown(ratio),
            unit=units.UnitText(unit),
            low=shown(low),
            high=shown(high),
        ),
        numbers=(used, product, Number(message("指标体系的界限"), bound, unit, (), "", True)),
        settle=message("水表、电表的抄表记录和产量统计；计量范围是否一致"),
        size=times(ratio, bound),
        concerns=(what,),
    )


def waste_water_per_product(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Waste water for each unit of output against what the national census found in the industry."""
    plant = look(case, ledger)
    if not plant.waste_water:
        return
    year = max(plant.waste_water)
    water = plant.waste_water[year]
    few, factor = threshold("waste-water-per-product", "few"), threshold("waste-water-per-product", "factor")
    for signature in plant.signatures:
        for output in plant.outputs():
            amount = output.amounts.get(year, 0.0)
            if amount <= 0:
                continue
            rows = [
                row
                for row in census_wastewater(signature.id)
                if not row.of and units.dimension(row.unit) == units.dimension(units.divide("m3", output.unit))
            ]
            if not rows:
                continue
            ratio = water.value / amount
            scale = units.factor(units.divide("m3", output.unit), rows[0].unit)
            stages: dict[str, float] = {}
            for row in rows:
                stages[row.stage] = max(stages.get(row.stage, 0.0), row.high)
            low = min(row.low for row in rows)
            high = sum(stages.values()) if len(stages) > 1 else max(row.high for row in rows)
            wide = factor if sum(row.processes for row in rows) >= 3 else few
            if low / wide <= ratio * scale <= high * wide:
                continue
            made = Number(message("产量"), amount, output.unit, output.rows[year], year, True)
            yield Finding(
                rule="waste-water-per-product",
                severity=Gravity.QUESTION,
                message=message(
                    "{year} 年每单位产品废水 {ratio} {unit}，普查中同行业为 {low}～{high} {unit}",
                    year=year,
                    ratio=shown(ratio * scale),
                    unit=units.UnitText(rows[0].unit),
                    low=shown(low),
                    high=shown(high),
                ),
                numbers=(water, made),
                settle=message("废水流量计的记录、产量的单位、废水统计的范围"),
                size=times(ratio * scale, high if ratio * scale > high else low),
                concerns=("process-wastewater",),
            )

"""Cuts and rates that options claim against what the plant has (方案效果与现状): alone, together, above 100 %."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from qingyuan import units
from qingyuan.checks.effects import WASTE_GROUPS, Claim, air_load, claims, discharged, plant_amount, title
from qingyuan.checks.finding import Finding, Gravity, Number, joined, listed, shown, times
from qingyuan.checks.knowledge import threshold
from qingyuan.checks.plant import Plant, look, property_name
from qingyuan.checks.solvents import rate_of
from qingyuan.errors import Location
from qingyuan.facts.model import Case, OptionRow
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Message, message
from qingyuan.reference.items import catalogue
from qingyuan.reference.processes import treatment_efficiencies


def _exceeding(case: Case, plant: Plant) -> dict[str, list[tuple[Claim, Number]]]:
    """Claims of single options near or above what the plant has, by quantity, with that amount."""
    over = _over_discharge(case, plant)
    hits: dict[str, list[tuple[Claim, Number]]] = defaultdict(list)
    for claim in claims(case, plant):
        if claim.effect is None or claim.sign >= 0 or claim.unit in ("", "%"):
            continue
        amount = plant_amount(plant, claim.effect, claim.unit)
        if amount is None or claim.value <= amount.value * threshold("option-exceeds-plant", "share"):
            continue
        out = over[claim.effect.quantity][1] if claim.effect.quantity in over else None
        if out is not None and set(out.rows) == set(amount.rows):
            continue  # what the plant has is what it discharges: told as exceeding the discharge
        hits[claim.effect.quantity].append((claim, amount))
    return hits


def _out(plant: Plant, quantity: str) -> Number | None:
    """What the plant discharges of the pollutant that an effect names, kg, for the latest year with waste water."""
    kind, _, pollutant = quantity.partition(":")
    year = next((year for year in reversed(plant.years) if year in plant.waste_water), None)
    if kind != "load" or year is None:
        return None
    name = "copper" if pollutant == "metals" else pollutant
    return discharged(plant, name, year) or air_load(plant, name, year)


def _over_discharge(case: Case, plant: Plant) -> dict[str, tuple[list[Claim], Number, float]]:
    """Claims that cut more of a pollutant than is discharged, with the discharge, and all claims together in kg."""
    groups: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims(case, plant):
        if claim.effect is not None and claim.sign < 0 and claim.unit not in ("", "%"):
            groups[claim.effect.quantity].append(claim)
    hits: dict[str, tuple[list[Claim], Number, float]] = {}
    for quantity, found in groups.items():
        out = _out(plant, quantity)
        if out is None:
            continue
        most = out.value * threshold("option-exceeds-discharge", "share")
        over = [c for c in found if c.value * units.factor(c.unit, "kg") > most]
        if over:
            hits[quantity] = over, out, sum(c.value * units.factor(c.unit, "kg") for c in found)
    return hits


def _impossible(case: Case, plant: Plant) -> frozenset[str]:
    """Quantities of which one option alone cuts more than there is: told there, and not again for all together."""
    hits = _exceeding(case, plant)
    alone = {q for q, found in hits.items() if any(claim.value > amount.value for claim, amount in found)}
    for quantity, (over, out, _) in _over_discharge(case, plant).items():
        effect = over[0].effect
        amount = plant_amount(plant, effect, "kg") if effect is not None else None
        if amount is not None and set(amount.rows) == set(out.rows):
            alone.add(quantity)
    return frozenset(alone)


def exceeding(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Options that cut more than the plant has."""
    plant = look(case, ledger)
    for quantity, found in _exceeding(case, plant).items():
        top = max(found, key=lambda hit: hit[0].value / max(hit[1].value, 1e-12))
        ratio = top[0].value / max(top[1].value, 1e-12)
        total = sum(claim.value * units.factor(claim.unit, top[0].unit) for claim, _ in found)
        items = listed(
            message(
                "{option} {value} {unit}（{share}%）",
                option=title(claim.option),
                value=shown(claim.value),
                unit=units.UnitText(claim.unit),
                share=shown(100 * claim.value / max(amount.value, 1e-12), 3),
            )
            for claim, amount in found
        )
        yield Finding(
            rule="option-exceeds-plant",
            severity=Gravity.SERIOUS if ratio > 1 else Gravity.MINOR,
            message=message(
                "方案的削减量超过或接近全厂的总量（{what} {amount} {unit}）：{items}{together}",
                what=top[1].what,
                amount=shown(top[1].value),
                unit=units.UnitText(top[0].unit),
                items=items,
                together=message("；合计 {total} {unit}", total=shown(total), unit=units.UnitText(top[0].unit))
                if len(found) > 1
                else "",
            ),
            numbers=(top[0].number, top[1], *(claim.number for claim, _ in found if claim is not top[0])),
            settle=message("方案效果的计算书和基准年的数据；效果是按年还是按单位产品"),
            size=ratio / threshold("option-exceeds-plant", "share"),
            concerns=(quantity, *(claim.option.id for claim, _ in found)),
        )


def together(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Effects of all options together beyond what the plant has: cubic metres, tonnes, and percentages."""
    plant = look(case, ledger)
    told = _impossible(case, plant)
    groups: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims(case, plant):
        if claim.effect is not None and claim.sign != 0:
            group = "%" if claim.unit == "%" else units.dimension(claim.unit) if claim.unit else ""
            groups[f"{claim.effect.quantity}|{claim.sign}|{group}"].append(claim)
    for key, found in groups.items():
        quantity, sign, group = key.split("|")
        if len(found) < 2:
            continue
        if group == "%":
            yield from _percentages(plant, quantity, int(sign), found)
            continue
        if int(sign) > 0 or quantity in told:
            continue
        unit = found[0].unit
        effect = found[0].effect
        amount = plant_amount(plant, effect, unit) if effect is not None else None
        total = sum(claim.value * units.factor(claim.unit, unit) for claim in found)
        if amount is None or total <= amount.value:
            continue
        yield Finding(
            rule="options-together",
            severity=Gravity.SERIOUS if total > 1.5 * amount.value else Gravity.MINOR,
            message=message(
                "{count} 个方案合计削减{word} {total} {unit}，而全厂只有 {amount} {unit}（{what}，{year}）：方案 {ids}",
                count=len(found),
                word=found[0].word,
                total=shown(total),
                unit=units.UnitText(unit),
                amount=shown(amount.value),
                what=amount.what,
                year=amount.period,
                ids=joined(claim.option.id for claim in found),
            ),
            numbers=(
                Number(message("合计削减"), total, unit, tuple(claim.option.where for claim in found), "", True),
                amount,
            ),
            settle=message("方案之间的重叠；按实施顺序重新计算效果"),
            size=total / max(amount.value, 1e-12),
            concerns=(quantity, *(claim.option.id for claim in found)),
        )


def _percentages(plant: Plant, quantity: str, sign: int, found: list[Claim]) -> Iterable[Finding]:
    total = sum(claim.value for claim in found)
    base = _rate_now(plant, quantity)
    start = base.value if base is not None and sign > 0 else 0.0
    if start + total <= 100:
        return
    if quantity.startswith(("efficiency:",)) or (
        sign > 0 and base is not None and start + min(c.value for c in found) > 100
    ):
        return  # each of them alone is impossible already and stands under its own rule
    yield Finding(
        rule="options-together",
        severity=Gravity.SERIOUS
        if total > threshold("options-together", "serious") * (100 - start)
        else Gravity.QUESTION,
        message=message(
            "{count} 个方案都{verb}{word}，百分数合计 {total}%{start}，超过 100%：{items}",
            count=len(found),
            verb=message("降低") if sign < 0 else message("提高"),
            word=found[0].word,
            total=shown(total),
            start=message("，现状 {rate}%", rate=shown(start)) if start else "",
            items=listed(message("{option} {v}%", option=title(c.option), v=shown(c.value)) for c in found),
        ),
        numbers=(
            Number(message("百分数合计"), total, "%", tuple(claim.option.where for claim in found), "", True),
            Number(message("最多"), 100.0 - start, "%", base.rows if base is not None else (), "", True),
        ),
        settle=message("每个方案的百分数以什么为基数（全厂、单机、单工序）"),
        size=total / max(100.0 - start, 1.0),
        concerns=(quantity, *(claim.option.id for claim in found)),
    )


def _rate_now(plant: Plant, quantity: str) -> Number | None:
    """The present value of a rate that options raise, %."""
    roles = {"rate:pass": ("pass-rate",), "rate:material-use": ("yield",), "rate:copper-use": ("yield",)}
    for fact in sorted(plant.case.facts, key=lambda fact: fact.period, reverse=True):
        if (
            fact.role in roles.get(quantity, ())
            and fact.value is not None
            and fact.unit == "%"
            and fact.period != "undated"
        ):
            return Number(property_name(fact), fact.value, "%", (fact.where,), fact.period)
    return _material_use(plant) if quantity == "rate:material-use" else None


def _material_use(plant: Plant) -> Number | None:
    """Area of product over area of sheet, as the use of material."""
    for year in reversed(plant.years):
        used = plant.amount("copper-clad-laminate", ("consumed", "purchased"), year, unit="m2")
        made = [
            output for output in plant.outputs() if units.dimension(output.unit) == "area" and year in output.amounts
        ]
        if used is not None and used.value > 0 and made:
            area = made[0].amounts[year] * units.factor(made[0].unit, "m2")
            return Number(
                message("产量 ÷ 板料"), 100 * area / used.value, "%", (*used.rows, *made[0].rows[year]), year, True
            )
    return None


def beyond_whole(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Rates that an option would raise above 100 %."""
    plant = look(case, ledger)
    hits: dict[str, list[tuple[Claim, Number]]] = defaultdict(list)
    for claim in claims(case, plant):
        if claim.effect is None or claim.unit != "%":
            continue
        base = _rate_now(plant, claim.effect.quantity) if claim.sign > 0 else None
        if base is not None and base.value + claim.value > 100:
            hits[claim.effect.quantity].append((claim, base))
        elif claim.value > 100:
            hits[claim.effect.quantity].append((claim, Number(message("最多"), 100.0, "%", (), "", True)))
    for quantity, found in hits.items():
        top = max(found, key=lambda hit: hit[0].value)
        items = listed(message("{option} +{v}%", option=title(c.option), v=shown(c.value)) for c, _ in found)
        # The area of product over that of sheet is not the use of material itself: it only asks.
        stands_in = top[1].computed and bool(top[1].rows)
        now = message("{word}现为 {base}%", word=top[0].word, base=shown(top[1].value))
        if stands_in:
            now = message(
                "{word}没有填报，{what}为 {base}%", word=top[0].word, what=top[1].what, base=shown(top[1].value, 4)
            )
        yield Finding(
            rule="option-beyond-whole",
            severity=Gravity.QUESTION if stands_in else Gravity.SERIOUS,
            message=message("{now}，方案却要再提高，结果超过 100%：{items}", now=now, items=items),
            numbers=(top[0].number, top[1], *(claim.number for claim, _ in found if claim is not top[0])),
            settle=message("现状的统计口径；百分数是相对提高还是百分点"),
            size=(top[0].value + top[1].value) / 100,
            concerns=(quantity, *(claim.option.id for claim, _ in found)),
        )


def efficiencies(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Removal efficiencies that no treatment of the census reaches, or far from what was measured at the plant."""
    plant = look(case, ledger)
    measured = _measured_removal(plant)
    if not measured:
        return
    best = max(measured, key=lambda one: one.value)
    hits: list[tuple[Claim, Message]] = []
    for claim in claims(case, plant):
        if (
            claim.effect is None
            or not claim.effect.quantity.startswith("efficiency:")
            or claim.unit != "%"
            or claim.sign
        ):
            continue
        if not ("VOC" in claim.option.effects or "VOC" in str(claim.word) or "有机" in claim.option.name):
            continue
        word = _treatment_word(claim.option)
        rows = treatment_efficiencies("VOCs", treatment=word) if word else ()
        usual = max((row.high_percent for row in rows), default=0.0)
        if claim.value - best.value < threshold("option-efficiency", "gap") and (not usual or claim.value <= usual):
            continue
        text = message("{option} {v}%", option=title(claim.option), v=shown(claim.value))
        if rows:
            middle = sorted(row.median_percent for row in rows)[len(rows) // 2]
            text = message(
                "{text}（普查中含“{word}”的治理中位 {m}%，最高 {h}%）",
                text=text,
                word=word,
                m=shown(middle),
                h=shown(usual),
            )
        hits.append((claim, text))
    if not hits:
        return
    top = max((claim for claim, _ in hits), key=lambda claim: claim.value)
    yield Finding(
        rule="option-efficiency",
        severity=Gravity.QUESTION,
        message=message(
            "方案声称的处理效率远高于本厂同类设施实测的最高 {best}%：{items}",
            best=shown(best.value, 3),
            items=listed(text for _, text in hits),
        ),
        numbers=(top.number, *measured, *(claim.number for claim, _ in hits if claim is not top)),
        settle=message("设计文件与性能保证；治理前后的监测报告"),
        size=times(100 - best.value, max(100 - top.value, 0.1)),
        concerns=("VOCs", *(claim.option.id for claim, _ in hits)),
    )


def _treatment_word(option: OptionRow) -> str:
    text = option.name + option.effects
    return next((word for word in ("活性炭", "催化燃烧", "光催化", "低温等离子", "喷淋", "RTO") if word in text), "")


def _measured_removal(plant: Plant) -> tuple[Number, ...]:
    sides: dict[str, dict[bool, tuple[float, tuple[Location, ...]]]] = defaultdict(dict)
    for series in plant.results:
        if series.pollutant in ("VOCs", "NMHC"):
            rate = rate_of(series)
            if rate is not None:
                sides[series.outlet][series.before] = (rate.value, rate.rows)
    found: list[Number] = []
    for outlet, pair in sides.items():
        if len(pair) == 2 and pair[True][0] > 0:
            value = 100 * (1 - pair[False][0] / pair[True][0])
            found.append(
                Number(
                    message("{outlet}实测去除率", outlet=outlet),
                    value,
                    "%",
                    (*pair[True][1], *pair[False][1]),
                    "",
                    True,
                )
            )
    return tuple(found)


def without_object(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Options that cut a waste which the plant does not report, or save a material that it does not list."""
    plant = look(case, ledger)
    hits: list[tuple[Claim, str]] = []
    inputs = any(fact.kind == "material" for fact in case.facts)
    for claim in claims(case, plant):
        if claim.effect is None or claim.sign >= 0:
            continue
        item = claim.effect.quantity
        if inputs and item in catalogue() and catalogue().get(item).kind == "material" and not plant.has_input(item):
            hits.append((claim, item))
        if not item.startswith("waste:") or not plant.wastes:
            continue
        name = claim.effect.quantity.partition(":")[2]
        wastes = WASTE_GROUPS.get(name, (name,))
        if name == "hazardous-waste" or any(plant.accounted(waste) for waste in wastes):
            continue
        hits.append((claim, wastes[0]))
    if not hits:
        return
    items = listed(
        message(
            "{option}：{word} {value} {unit}",
            option=title(c.option),
            word=c.word,
            value=shown(c.value),
            unit=units.UnitText(c.unit),
        )
        for c, _ in hits
    )
    yield Finding(
        rule="option-without-object",
        severity=Gravity.MINOR,
        message=message(
            "方案要减少的废物或物料，企业的表里没有：{items}",
            items=items,
        ),
        numbers=(
            hits[0][0].number,
            Number(message("表里的数量"), 0.0, "t", (), "", True),
            *(c.number for c, _ in hits[1:]),
        ),
        settle=message("补报该废物的产生量与去向、该物料的用量；或删去不适用的方案"),
        size=1.0 + len(hits),
        concerns=tuple(dict.fromkeys([*(item for _, item in hits), *(c.option.id for c, _ in hits)])),
    )


def against_discharge(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Cuts of a pollutant that exceed what is discharged: nothing would be left to discharge."""
    plant = look(case, ledger)
    for quantity, (over, out, total) in _over_discharge(case, plant).items():
        top = max(over, key=lambda c: c.value * units.factor(c.unit, "kg"))
        ratio = top.value * units.factor(top.unit, "kg") / max(out.value, 1e-12)
        items = listed(
            message(
                "{option} {value} kg",
                option=title(c.option),
                value=shown(c.value * units.factor(c.unit, "kg")),
            )
            for c in over
        )
        yield Finding(
            rule="option-exceeds-discharge",
            severity=Gravity.SERIOUS,
            message=message(
                "方案削减的{word}超过全厂排放量 {out} kg（{what}，{year}）：{items}；同类方案合计 {total} kg",
                word=top.word,
                out=shown(out.value),
                what=out.what,
                year=out.period,
                items=items,
                total=shown(total),
            ),
            numbers=(top.number, out, *(c.number for c in over if c is not top)),
            settle=message("方案削减的是产生量还是排放量；监测浓度与废水量"),
            size=ratio,
            concerns=(quantity.partition(":")[2], *(c.option.id for c in over)),
        )

"""Cleaner production options (方案): pay-back, effects beyond what the plant has, alone and together, gaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from qingyuan import units
from qingyuan.checks.effects import WASTE_GROUPS, Claim, air_load, claims, claims_any, discharged, plant_amount, title
from qingyuan.checks.finding import Finding, Gravity, Number, joined, listed, shown, times
from qingyuan.checks.knowledge import threshold
from qingyuan.checks.plant import Plant, look, property_name
from qingyuan.checks.solvents import rate_of
from qingyuan.errors import Location
from qingyuan.facts.model import Case, OptionRow
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Message, message
from qingyuan.reference.processes import treatment_efficiencies


def paybacks(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Pay-back times that are not investment over saving."""
    slack = threshold("option-payback", "gap")
    hits: list[tuple[OptionRow, float]] = []
    for option in case.options:
        if option.investment and option.annual_saving and option.payback_years:
            expected = option.investment / option.annual_saving
            # the handbook's pay-back counts tax and depreciation, so up to a third longer is no contradiction
            if (
                not expected * (1 - slack)
                <= option.payback_years
                <= expected * (1 + threshold("option-payback", "tax"))
            ):
                hits.append((option, expected))
    if not hits:
        return
    worst = max(hits, key=lambda hit: times(hit[1], hit[0].payback_years or 0.0))
    ordered = sorted(hits, key=lambda hit: -times(hit[1], hit[0].payback_years or 0.0))
    yield Finding(
        rule="option-payback",
        severity=Gravity.SERIOUS,
        message=message(
            "{count} 个方案的投资偿还期与投资、年效益不符：{items}",
            count=len(hits),
            items=listed(
                message(
                    "{option}：{i} 万元 ÷ {s} 万元/年 = {n} 年，写 {p} 年",
                    option=title(option),
                    i=shown(option.investment or 0.0),
                    s=shown(option.annual_saving or 0.0),
                    n=shown(expected, 3),
                    p=shown(option.payback_years or 0.0),
                )
                for option, expected in ordered
            ),
        ),
        numbers=tuple(
            number
            for option, expected in ordered
            for number in (
                Number(message("{id} 写的偿还期", id=option.id), option.payback_years or 0.0, "a", (option.where,)),
                Number(message("{id} 投资 ÷ 年效益", id=option.id), expected, "a", (option.where,), "", True),
            )
        ),
        settle=message("投资概算与效益计算书"),
        size=times(worst[1], worst[0].payback_years or 0.0),
        concerns=tuple(option.id for option, _ in ordered),
    )


def savings_and_turnover(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Savings that are a large part of what the plant earns, alone and together."""
    plant = look(case, ledger)
    savers = [option for option in case.options if option.annual_saving]
    value = next(
        (
            n
            for year in reversed(plant.years)
            for item in ("output-value", "revenue")
            if (n := plant.amount(item, "amount", year, unit="10^4 CNY")) is not None
        ),
        None,
    )
    if value is None or value.value <= 0 or not savers:
        return
    total = sum(option.annual_saving or 0.0 for option in savers)
    if total > threshold("option-savings", "together") * value.value:
        yield Finding(
            rule="option-savings",
            severity=Gravity.SERIOUS
            if total > threshold("option-savings", "serious") * value.value
            else Gravity.QUESTION,
            message=message(
                "{count} 个方案的年效益合计 {total} 万元，占 {year} 年产值 {value} 万元的 {share}%",
                count=len(savers),
                total=shown(total),
                year=value.period,
                value=shown(value.value),
                share=shown(100 * total / value.value, 3),
            ),
            numbers=(
                Number(message("年效益合计"), total, "10^4 CNY", tuple(option.where for option in savers), "", True),
                value,
            ),
            settle=message("效益计算书：每个方案节省的是哪项成本；互相重叠的部分"),
            size=total / value.value / threshold("option-savings", "together"),
            concerns=tuple(option.id for option in savers),
        )
    single = [
        option
        for option in savers
        if (option.annual_saving or 0.0) > threshold("option-savings", "single") * value.value
    ]
    if single:
        top = max(single, key=lambda option: option.annual_saving or 0.0)
        yield Finding(
            rule="option-savings",
            severity=Gravity.QUESTION,
            message=message(
                "{count} 个方案单个年效益超过产值的 {limit}%：{items}",
                count=len(single),
                limit=shown(100 * threshold("option-savings", "single")),
                items=listed(
                    message("{option} {s} 万元", option=title(o), s=shown(o.annual_saving or 0.0)) for o in single
                ),
            ),
            numbers=(Number(title(top), top.annual_saving or 0.0, "10^4 CNY", (top.where,)), value),
            settle=message("效益计算书"),
            size=(top.annual_saving or 0.0) / (threshold("option-savings", "single") * value.value),
            concerns=tuple(option.id for option in single),
            extra_rows=tuple(option.where for option in single),
        )


def incomplete(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Options with a cost class but no investment, or with a saving but no investment, or without any effect."""
    paid = [
        o for o in case.options if o.investment is None and o.kind in ("medium", "high", "中费", "高费", "low-medium")
    ]
    gain = [o for o in case.options if o.investment is None and o.annual_saving and o not in paid]
    bare = [o for o in case.options if o.investment is not None and not o.annual_saving and not claims_any(o)]
    said: list[Message] = []
    if paid:
        said.append(message("列为中、高费而没有投资额：{ids}", ids=joined(o.id for o in paid)))
    if gain:
        said.append(message("有年效益而没有投资额：{ids}", ids=joined(o.id for o in gain)))
    if bare:
        said.append(message("有投资而没有任何效果：{ids}", ids=joined(o.id for o in bare)))
    hits = [*paid, *gain, *bare]
    if not hits:
        return
    yield Finding(
        rule="option-incomplete",
        severity=Gravity.QUESTION,
        message=message("{count} 个方案资料不全：{said}", count=len(hits), said=listed(said)),
        numbers=(
            Number(message("资料不全的方案"), float(len(hits)), "", tuple(option.where for option in hits), "", True),
            Number(message("全部方案"), float(len(case.options)), "", (), "", True),
        ),
        settle=message("方案的投资概算、效益计算书和实施状态"),
        size=float(len(hits)),
        concerns=tuple(option.id for option in hits),
    )


def exceeding(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Options that cut more than the plant has."""
    plant = look(case, ledger)
    hits: dict[str, list[tuple[Claim, Number]]] = defaultdict(list)
    for claim in claims(case, plant):
        if claim.effect is None or claim.sign >= 0 or claim.unit in ("", "%"):
            continue
        amount = plant_amount(plant, claim.effect, claim.unit)
        if amount is not None and claim.value > amount.value * threshold("option-exceeds-plant", "share"):
            hits[claim.effect.quantity].append((claim, amount))
    for quantity, found in hits.items():
        top = max(found, key=lambda hit: hit[0].value / max(hit[1].value, 1e-12))
        ratio = top[0].value / max(top[1].value, 1e-12)
        yield Finding(
            rule="option-exceeds-plant",
            severity=Gravity.GRAVE if ratio > 1 else Gravity.SERIOUS,
            message=message(
                "方案的削减量超过或接近全厂的总量（{what} {amount} {unit}）：{items}",
                what=top[1].what,
                amount=shown(top[1].value),
                unit=units.UnitText(top[0].unit),
                items=listed(
                    message(
                        "{option} {value} {unit}（{share}%）",
                        option=title(claim.option),
                        value=shown(claim.value),
                        unit=units.UnitText(claim.unit),
                        share=shown(100 * claim.value / max(amount.value, 1e-12), 3),
                    )
                    for claim, amount in found
                ),
            ),
            numbers=(top[0].number, top[1], *(claim.number for claim, _ in found if claim is not top[0])),
            settle=message("方案效果的计算书和基准年的数据；效果是按年还是按单位产品"),
            size=ratio / threshold("option-exceeds-plant", "share"),
            concerns=(quantity, *(claim.option.id for claim, _ in found)),
        )


def together(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Effects of all options together beyond what the plant has: cubic metres, tonnes, and percentages."""
    plant = look(case, ledger)
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
        if int(sign) > 0:
            continue
        unit = found[0].unit
        effect = found[0].effect
        amount = plant_amount(plant, effect, unit) if effect is not None else None
        total = sum(claim.value * units.factor(claim.unit, unit) for claim in found)
        if amount is None or total <= amount.value:
            continue
        yield Finding(
            rule="options-together",
            severity=Gravity.GRAVE if total > 1.5 * amount.value else Gravity.SERIOUS,
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
        yield Finding(
            rule="option-beyond-whole",
            severity=Gravity.GRAVE,
            message=message(
                "{word}现为 {base}%，方案却要再提高，结果超过 100%：{items}",
                word=top[0].word,
                base=shown(top[1].value),
                items=listed(message("{option} +{v}%", option=title(c.option), v=shown(c.value)) for c, _ in found),
            ),
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
    """Options that cut a waste which the plant does not report."""
    plant = look(case, ledger)
    hits: list[tuple[Claim, str]] = []
    for claim in claims(case, plant):
        if claim.effect is None or claim.sign >= 0 or not claim.effect.quantity.startswith("waste:"):
            continue
        name = claim.effect.quantity.partition(":")[2]
        items = WASTE_GROUPS.get(name, (name,))
        if name == "hazardous-waste" or any(plant.accounted(item) for item in items):
            continue
        hits.append((claim, items[0]))
    if not hits or not plant.wastes:
        return
    yield Finding(
        rule="option-without-object",
        severity=Gravity.MINOR,
        message=message(
            "方案要削减的废物，企业没有申报：{items}",
            items=listed(
                message(
                    "{option}：{word} {value} {unit}",
                    option=title(c.option),
                    word=c.word,
                    value=shown(c.value),
                    unit=units.UnitText(c.unit),
                )
                for c, _ in hits
            ),
        ),
        numbers=(
            hits[0][0].number,
            Number(message("申报的该废物"), 0.0, "t", (), "", True),
            *(c.number for c, _ in hits[1:]),
        ),
        settle=message("补报该废物的产生量与去向；或删去不适用的方案"),
        size=1.0 + len(hits),
        concerns=tuple(dict.fromkeys([*(item for _, item in hits), *(c.option.id for c, _ in hits)])),
    )


def against_discharge(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Cuts of a water pollutant that exceed what is discharged: nothing would be left to discharge."""
    plant = look(case, ledger)
    groups: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims(case, plant):
        if (
            claim.effect is not None
            and claim.sign < 0
            and claim.effect.quantity.startswith("load:")
            and claim.unit not in ("", "%")
        ):
            groups[claim.effect.quantity.partition(":")[2]].append(claim)
    year = next((year for year in reversed(plant.years) if year in plant.waste_water), None)
    if year is None:
        return
    for pollutant, found in groups.items():
        name = "copper" if pollutant == "metals" else pollutant
        out = discharged(plant, name, year) or air_load(plant, name, year)
        if out is None:
            continue
        over = [
            c
            for c in found
            if c.value * units.factor(c.unit, "kg") > out.value * threshold("option-exceeds-discharge", "share")
        ]
        if not over:
            continue
        top = max(over, key=lambda c: c.value * units.factor(c.unit, "kg"))
        ratio = top.value * units.factor(top.unit, "kg") / max(out.value, 1e-12)
        yield Finding(
            rule="option-exceeds-discharge",
            severity=Gravity.SERIOUS,
            message=message(
                "方案削减的{word}超过全厂排放量 {out} kg（{year}）：{items}",
                word=top.word,
                out=shown(out.value),
                year=year,
                items=listed(
                    message(
                        "{option} {value} kg",
                        option=title(c.option),
                        value=shown(c.value * units.factor(c.unit, "kg")),
                    )
                    for c in over
                ),
            ),
            numbers=(top.number, out, *(c.number for c in over if c is not top)),
            settle=message("方案削减的是产生量还是排放量；监测浓度与废水量"),
            size=ratio,
            concerns=(pollutant, *(c.option.id for c in over)),
        )

"""Cleaner production options (方案): pay-back, effects beyond what the plant has, alone and together, gaps."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qingyuan import units
from qingyuan.checks.finding import Finding, Gravity, Number, listed, shown, times
from qingyuan.checks.knowledge import Effect, effects, threshold
from qingyuan.checks.plant import Plant, look
from qingyuan.checks.solvents import Rate, rate_of
from qingyuan.checks.works import SLUDGES, raw_concentration
from qingyuan.errors import Location, UnknownName
from qingyuan.facts.model import Case, OptionRow, State
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.monitoring import Series, series_of
from qingyuan.language import Message, message
from qingyuan.reference.items import catalogue
from qingyuan.reference.processes import treatment_efficiencies

_EFFECT = re.compile(
    r"(?P<word>[^\d\s;；,，、+\-－=≤≥:：]+[^\d;；,，+\-－=:：]*?)\s*[:：]?\s*(?P<sign>[-－−+＋=]|减少|降低|削减|节约|节省|提高|增加|达到|为)?\s*"
    r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>万?[A-Za-z%％°]*[\d³²]*(?:/a|/年|/y)?|万?(?:吨|立方米|千瓦时|度|公斤|千克|升|米)(?:/a|/年)?)"
)
_SCALE = re.compile(r"per_(?P<number>\d+)(?P<kilo>k?)_(?P<unit>[A-Za-z]+\d?)")
_DOWN = frozenset("-－−") | {"减少", "降低", "削减", "节约", "节省"}
_UP = frozenset("+＋") | {"提高", "增加"}


@dataclass(frozen=True, slots=True)
class Claim:
    """One effect that an option claims (方案效果): the word, the direction (-1, 0 = reaches, +1), the amount a year."""

    option: OptionRow
    word: str
    sign: int
    value: float
    unit: str
    effect: Effect | None

    @property
    def number(self) -> Number:
        """The claim as a side of a finding, for a whole year of the plant."""
        what = message("方案 {id} {name}：{word}", id=self.option.id, name=self.option.name, word=self.word)
        return Number(what, self.value, self.unit, (self.option.where,))


def claims(case: Case, plant: Plant) -> tuple[Claim, ...]:
    """The effects of all options, for the whole plant and a year; effects for each unit of output times the output."""
    found: list[Claim] = []
    for option in case.options:
        scale = _scale(option, plant)
        for match in _EFFECT.finditer(option.effects):
            word, unit = match["word"].strip(), match["unit"].replace("％", "%")
            unit = re.sub(r"/(?:a|年|y)$", "", unit)
            sign = -1 if match["sign"] in _DOWN else 1 if match["sign"] in _UP else 0
            if match["sign"] is None:
                sign = -1
            value = float(match["number"])
            if unit and unit != "%":
                try:
                    unit = units.canonical(unit)
                except UnknownName:
                    continue
                value *= scale
            effect = next((one for one in effects() if one.word == word), None)
            effect = effect or next((one for one in effects() if one.word in word), None)
            found.append(Claim(option, word, sign, value, unit, effect))
    return tuple(found)


def _scale(option: OptionRow, plant: Plant) -> float:
    """What the effects of an option are to be multiplied by: they may be stated for each 10 000 m2 of output."""
    for heading, text in option.details:
        match = _SCALE.search(heading)
        if match is None or text != option.effects:
            continue
        base = float(match["number"]) * (1000 if match["kilo"] else 1)
        for output in plant.outputs():
            try:
                year = max(output.amounts)
                return output.amounts[year] * units.factor(output.unit, units.canonical(match["unit"])) / base
            except (units.DimensionError, UnknownName, ValueError):
                continue
    return 1.0


# --- money -----------------------------------------------------------------------------------------------------------


def paybacks(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Pay-back times that are not investment over saving."""
    slack = threshold("option-payback", "gap")
    hits: list[tuple[OptionRow, float]] = []
    for option in case.options:
        if option.investment and option.annual_saving and option.payback_years:
            expected = option.investment / option.annual_saving
            # the handbook's pay-back counts tax and depreciation, so up to a third longer is no contradiction
            if not expected * (1 - slack) <= option.payback_years <= expected * (1 + threshold("option-payback", "tax")):
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
                    "{id} {name}：{i} 万元 ÷ {s} 万元/年 = {n} 年，写 {p} 年",
                    id=option.id, name=option.name, i=shown(option.investment or 0.0), s=shown(option.annual_saving or 0.0),
                    n=shown(expected, 3), p=shown(option.payback_years or 0.0),
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
    )  # fmt: skip


def savings_and_turnover(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Savings that are a large part of what the plant earns, alone and together."""
    plant = look(case, ledger)
    savers = [option for option in case.options if option.annual_saving]
    value = next(
        (n for year in reversed(plant.years) for item in ("output-value", "revenue")
         if (n := plant.amount(item, "amount", year, unit="10^4 CNY")) is not None),
        None,
    )  # fmt: skip
    if value is None or value.value <= 0 or not savers:
        return
    total = sum(option.annual_saving or 0.0 for option in savers)
    if total > threshold("option-savings", "together") * value.value:
        yield Finding(
            rule="option-savings",
            severity=Gravity.SERIOUS if total > threshold("option-savings", "serious") * value.value else Gravity.QUESTION,
            message=message(
                "{count} 个方案的年效益合计 {total} 万元，占 {year} 年产值 {value} 万元的 {share}%",
                count=len(savers), total=shown(total), year=value.period, value=shown(value.value),
                share=shown(100 * total / value.value, 3),
            ),
            numbers=(
                Number(message("年效益合计"), total, "10^4 CNY", tuple(option.where for option in savers), "", True), value,
            ),
            settle=message("效益计算书：每个方案节省的是哪项成本；互相重叠的部分"),
            size=total / value.value / threshold("option-savings", "together"),
            concerns=tuple(option.id for option in savers),
        )  # fmt: skip
    single = [option for option in savers if (option.annual_saving or 0.0) > threshold("option-savings", "single") * value.value]
    if single:
        top = max(single, key=lambda option: option.annual_saving or 0.0)
        yield Finding(
            rule="option-savings",
            severity=Gravity.QUESTION,
            message=message(
                "{count} 个方案单个年效益超过产值的 {limit}%：{items}",
                count=len(single), limit=shown(100 * threshold("option-savings", "single")),
                items=listed(
                    message("{id} {name} {s} 万元", id=o.id, name=o.name, s=shown(o.annual_saving or 0.0)) for o in single
                ),
            ),
            numbers=(Number(top.name, top.annual_saving or 0.0, "10^4 CNY", (top.where,)), value),
            settle=message("效益计算书"),
            size=(top.annual_saving or 0.0) / (threshold("option-savings", "single") * value.value),
            concerns=tuple(option.id for option in single),
            extra_rows=tuple(option.where for option in single),
        )  # fmt: skip


def incomplete(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Options with a cost class but no investment, or with a saving but no investment, or without any effect."""
    paid = [o for o in case.options if o.investment is None and o.kind in ("medium", "high", "中费", "高费", "low-medium")]
    gain = [o for o in case.options if o.investment is None and o.annual_saving and o not in paid]
    bare = [o for o in case.options if o.investment is not None and not o.annual_saving and not claims_any(o)]
    said: list[Message] = []
    if paid:
        said.append(message("列为中、高费而没有投资额：{ids}", ids="、".join(o.id for o in paid)))
    if gain:
        said.append(message("有年效益而没有投资额：{ids}", ids="、".join(o.id for o in gain)))
    if bare:
        said.append(message("有投资而没有任何效果：{ids}", ids="、".join(o.id for o in bare)))
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


def claims_any(option: OptionRow) -> bool:
    """Whether an option states any effect with a number."""
    return _EFFECT.search(option.effects) is not None


# --- effects against the plant ---------------------------------------------------------------------------------------


def _plant_amount(plant: Plant, effect: Effect, unit: str) -> Number | None:
    """What the plant has of the quantity that an effect changes, for the latest year that knows it."""
    for year in reversed(plant.years):
        number = _in_year(plant, effect, year)
        if number is None:
            continue
        try:
            ratio = units.factor(number.unit, unit)
        except (units.DimensionError, UnknownName):
            return None
        return Number(number.what, number.value * ratio, unit, number.rows, year, number.computed)
    return None


def _in_year(plant: Plant, effect: Effect, year: str) -> Number | None:
    kind, _, name = effect.quantity.partition(":")
    if kind == "waste":
        return _waste(plant, name, year)
    if kind == "load":
        return _load(plant, name, year)
    if kind in ("rate", "efficiency", "share", "co2"):
        return None
    if kind == "wastewater":
        return plant.waste_water.get(year)
    if kind == "electricity":
        return plant.used("electricity", year, unit="kWh")
    if kind == "fresh-water":
        roles = ("taken", "purchased", "consumed")
        return plant.amount("fresh-water", roles, year, unit="m3") or plant.amount("production-water", roles, year, unit="m3")
    return plant.amount(kind, effect.roles or ("consumed", "purchased"), year) if kind in catalogue() else None


_GROUPS: Mapping[str, tuple[str, ...]] = {
    "sludges": SLUDGES,
    "etching": ("etching-waste", "copper-chloride-waste", "cuprammonium-waste", "microetch-waste"),
    "slag": ("slag", "incineration-slag"),
}


def _waste(plant: Plant, name: str, year: str) -> Number | None:
    if name == "hazardous-waste":
        items = [item for item in plant.wastes if item in catalogue() and catalogue().is_a(item, name)]
    else:
        items = list(_GROUPS.get(name, (name,)))
    found = [n for item in items if (n := plant.amount(item, ("generated", "transferred", "disposed"), year, unit="t"))]
    if not found:
        return None
    what = found[0].what if len(found) == 1 else message("相应的废物")
    return Number(what, sum(n.value for n in found), "t", tuple(row for n in found for row in n.rows), year, True)


def _load(plant: Plant, pollutant: str, year: str) -> Number | None:
    """The yearly load of a pollutant, kg: discharged where it can be computed, else generated."""
    if pollutant == "metals":
        if year not in plant.waste_water:
            return None
        found = [n for p in ("copper", "nickel", "zinc", "chromium", "lead", "tin") if (n := _water_load(plant, p, year))]
        if not found:
            return None
        rows = tuple(row for n in found for row in n.rows)
        return Number(message("废水中的重金属"), sum(n.value for n in found), "kg", rows, year, True)
    water = _water_load(plant, pollutant, year)
    return water if water is not None else _air_load(plant, pollutant, year)


def _water_load(plant: Plant, pollutant: str, year: str) -> Number | None:
    """Raw load where the raw concentration is known (an option may cut it before the works), else the discharge."""
    water = plant.waste_water.get(year)
    if water is None:
        return None
    raw = raw_concentration(plant, pollutant, year)
    if raw is not None:
        what = message("废水中的{p}（处理前）", p=plant.name(pollutant))
        return Number(what, raw.value * water.value / 1000, "kg", (*raw.rows, *water.rows), year, True)
    return discharged(plant, pollutant, year)


def discharged(plant: Plant, pollutant: str, year: str) -> Number | None:
    """What left with the waste water of a year, kg: mean of the results at the outlet times the volume; results below
    detection count zero where others were found."""
    volume = plant.amount("process-wastewater", ("discharged", "generated"), year, unit="m3") or plant.waste_water.get(year)
    results = [
        one
        for series in series_of(plant.case)
        if series.pollutant == pollutant and series.medium == "water" and not series.before
        for one in series.results
    ]
    dated = [one for one in results if one.date.startswith(year)] or results
    found = [one.concentration if one.state is State.VALUE else 0.0 for one in dated]
    if volume is None or not found or any(value is None for value in found) or not any(found):
        return None
    mean = sum(value or 0.0 for value in found) / len(found)
    rows = (*volume.rows, *(one.where for one in dated))
    return Number(message("排放的{p}", p=plant.name(pollutant)), mean * volume.value / 1000, "kg", rows, year, True)


def _air_load(plant: Plant, pollutant: str, year: str) -> Number | None:
    """The emission of all outlets over the stated hours, else over the whole year, kg."""
    names = ("VOCs", "NMHC") if pollutant == "VOCs" else (pollutant,)
    best: dict[str, Rate] = {}
    for series in series_of(plant.case):
        inside = Series(
            series.outlet, series.pollutant, series.medium, series.before,
            tuple(one for one in series.results if one.date.startswith(year)),
        )  # fmt: skip
        if series.pollutant not in names or series.medium != "air":
            continue
        rate = rate_of(inside)
        if rate is not None and (rate.outlet not in best or rate.value > best[rate.outlet].value):
            best[rate.outlet] = rate
    total = sum(rate.value for rate in best.values())
    if not best or total <= 0:
        return None
    stated = plant.operating_hours.get(year)
    hours = stated.value if stated is not None else threshold("load-hours", "year")
    rows = tuple(row for rate in best.values() for row in rate.rows)
    what = message("废气中的{p}（治理前后取大，{hours} h）", p=plant.name(pollutant), hours=shown(hours))
    return Number(what, total * hours, "kg", rows, year, True)


def exceeding(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Options that cut more than the plant has."""
    plant = look(case, ledger)
    hits: dict[str, list[tuple[Claim, Number]]] = defaultdict(list)
    for claim in claims(case, plant):
        if claim.effect is None or claim.sign >= 0 or claim.unit in ("", "%"):
            continue
        amount = _plant_amount(plant, claim.effect, claim.unit)
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
                what=top[1].what, amount=shown(top[1].value), unit=units.display(top[0].unit),
                items=listed(
                    message(
                        "{id} {name} {value} {unit}（{share}%）",
                        id=claim.option.id, name=claim.option.name, value=shown(claim.value),
                        unit=units.display(claim.unit), share=shown(100 * claim.value / max(amount.value, 1e-12), 3),
                    )
                    for claim, amount in found
                ),
            ),
            numbers=(top[0].number, top[1], *(claim.number for claim, _ in found if claim is not top[0])),
            settle=message("方案效果的计算书和基准年的数据；效果是按年还是按单位产品"),
            size=ratio / threshold("option-exceeds-plant", "share"),
            concerns=(quantity, *(claim.option.id for claim, _ in found)),
        )  # fmt: skip


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
        amount = _plant_amount(plant, effect, unit) if effect is not None else None
        total = sum(claim.value * units.factor(claim.unit, unit) for claim in found)
        if amount is None or total <= amount.value:
            continue
        yield Finding(
            rule="options-together",
            severity=Gravity.GRAVE if total > 1.5 * amount.value else Gravity.SERIOUS,
            message=message(
                "{count} 个方案合计削减{word} {total} {unit}，而全厂只有 {amount} {unit}（{what}，{year}）：方案 {ids}",
                count=len(found), word=found[0].word, total=shown(total), unit=units.display(unit),
                amount=shown(amount.value), what=amount.what, year=amount.period,
                ids="、".join(claim.option.id for claim in found),
            ),
            numbers=(
                Number(message("合计削减"), total, unit, tuple(claim.option.where for claim in found), "", True), amount,
            ),
            settle=message("方案之间的重叠；按实施顺序重新计算效果"),
            size=total / max(amount.value, 1e-12),
            concerns=(quantity, *(claim.option.id for claim in found)),
        )  # fmt: skip


def _percentages(plant: Plant, quantity: str, sign: int, found: list[Claim]) -> Iterable[Finding]:
    total = sum(claim.value for claim in found)
    base = _rate_now(plant, quantity)
    start = base.value if base is not None and sign > 0 else 0.0
    if start + total <= 100:
        return
    if quantity.startswith(("efficiency:",)) or (sign > 0 and base is not None and start + min(c.value for c in found) > 100):
        return  # each of them alone is impossible already and stands under its own rule
    yield Finding(
        rule="options-together",
        severity=Gravity.SERIOUS,
        message=message(
            "{count} 个方案都{verb}{word}，百分数合计 {total}%{start}，超过 100%：{items}",
            count=len(found), verb=message("降低") if sign < 0 else message("提高"), word=found[0].word,
            total=shown(total), start=message("，现状 {rate}%", rate=shown(start)) if start else "",
            items=listed(
                message("{id} {name} {v}%", id=c.option.id, name=c.option.name, v=shown(c.value)) for c in found
            ),
        ),
        numbers=(
            Number(message("百分数合计"), total, "%", tuple(claim.option.where for claim in found), "", True),
            Number(message("最多"), 100.0 - start, "%", base.rows if base is not None else (), "", True),
        ),
        settle=message("每个方案的百分数以什么为基数（全厂、单机、单工序）"),
        size=total / max(100.0 - start, 1.0),
        concerns=(quantity, *(claim.option.id for claim in found)),
    )  # fmt: skip


def _rate_now(plant: Plant, quantity: str) -> Number | None:
    """The present value of a rate that options raise, %."""
    roles = {"rate:pass": ("pass-rate",), "rate:material-use": ("yield",), "rate:copper-use": ("yield",)}
    for fact in sorted(plant.case.facts, key=lambda fact: fact.period, reverse=True):
        if fact.role in roles.get(quantity, ()) and fact.value is not None and fact.unit == "%" and fact.period != "undated":
            return Number(fact.label or fact.role, fact.value, "%", (fact.where,), fact.period)
    return _material_use(plant) if quantity == "rate:material-use" else None


def _material_use(plant: Plant) -> Number | None:
    """Area of product over area of sheet, as the use of material."""
    for year in reversed(plant.years):
        used = plant.amount("copper-clad-laminate", ("consumed", "purchased"), year, unit="m2")
        made = [output for output in plant.outputs() if units.dimension(output.unit) == "area" and year in output.amounts]
        if used is not None and used.value > 0 and made:
            area = made[0].amounts[year] * units.factor(made[0].unit, "m2")
            return Number(message("产量 ÷ 板料"), 100 * area / used.value, "%", (*used.rows, *made[0].rows[year]), year, True)
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
                word=top[0].word, base=shown(top[1].value),
                items=listed(
                    message("{id} {name} +{v}%", id=c.option.id, name=c.option.name, v=shown(c.value)) for c, _ in found
                ),
            ),
            numbers=(top[0].number, top[1], *(claim.number for claim, _ in found if claim is not top[0])),
            settle=message("现状的统计口径；百分数是相对提高还是百分点"),
            size=(top[0].value + top[1].value) / 100,
            concerns=(quantity, *(claim.option.id for claim, _ in found)),
        )  # fmt: skip


def efficiencies(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Removal efficiencies that no treatment of the census reaches, or far from what was measured at the plant."""
    plant = look(case, ledger)
    measured = _measured_removal(case)
    for claim in claims(case, plant):
        if claim.effect is None or not claim.effect.quantity.startswith("efficiency:") or claim.unit != "%" or claim.sign:
            continue
        voc = "VOC" in claim.option.effects or "VOC" in claim.word or "有机" in claim.option.name
        if not voc or not measured:
            continue
        best = max(measured, key=lambda one: one.value)
        word = _treatment_word(claim.option)
        rows = treatment_efficiencies("VOCs", treatment=word) if word else ()
        usual = max((row.high_percent for row in rows), default=0.0)
        median = sorted(row.median_percent for row in rows)[len(rows) // 2] if rows else 0.0
        if claim.value - best.value < threshold("option-efficiency", "gap") and (not usual or claim.value <= usual):
            continue
        census = message("；普查中含“{word}”的治理去除率中位 {m}%，最高 {h}%", word=word, m=shown(median), h=shown(usual))
        yield Finding(
            rule="option-efficiency",
            severity=Gravity.QUESTION,
            message=message(
                "方案 {id} {name}说处理效率 {claimed}%，本厂同类设施实测最高 {best}%{census}",
                id=claim.option.id, name=claim.option.name, claimed=shown(claim.value), best=shown(best.value, 3),
                census=census if usual else "",
            ),
            numbers=(claim.number, *measured),
            settle=message("设计文件与性能保证；治理前后的监测报告"),
            size=times(100 - best.value, max(100 - claim.value, 0.1)),
            concerns=(claim.option.id, "VOCs"),
        )  # fmt: skip


def _treatment_word(option: OptionRow) -> str:
    text = option.name + option.effects
    return next((word for word in ("活性炭", "催化燃烧", "光催化", "低温等离子", "喷淋", "RTO") if word in text), "")


def _measured_removal(case: Case) -> tuple[Number, ...]:
    sides: dict[str, dict[bool, tuple[float, tuple[Location, ...]]]] = defaultdict(dict)
    for series in series_of(case):
        if series.pollutant in ("VOCs", "NMHC"):
            rate = rate_of(series)
            if rate is not None:
                sides[series.outlet][series.before] = (rate.value, rate.rows)
    found: list[Number] = []
    for outlet, pair in sides.items():
        if len(pair) == 2 and pair[True][0] > 0:
            value = 100 * (1 - pair[False][0] / pair[True][0])
            found.append(Number(message("{outlet}实测去除率", outlet=outlet), value, "%", (*pair[True][1], *pair[False][1]), "", True))
    return tuple(found)


def without_object(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Options that cut a waste which the plant does not report."""
    plant = look(case, ledger)
    hits: list[tuple[Claim, str]] = []
    for claim in claims(case, plant):
        if claim.effect is None or claim.sign >= 0 or not claim.effect.quantity.startswith("waste:"):
            continue
        name = claim.effect.quantity.partition(":")[2]
        items = _GROUPS.get(name, (name,))
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
                    "{id} {name}：{word} {value} {unit}",
                    id=c.option.id, name=c.option.name, word=c.word, value=shown(c.value), unit=units.display(c.unit),
                )
                for c, _ in hits
            ),
        ),
        numbers=(hits[0][0].number, Number(message("申报的该废物"), 0.0, "t", (), "", True), *(c.number for c, _ in hits[1:])),
        settle=message("补报该废物的产生量与去向；或删去不适用的方案"),
        size=1.0 + len(hits),
        concerns=tuple(dict.fromkeys([*(item for _, item in hits), *(c.option.id for c, _ in hits)])),
    )  # fmt: skip


def against_discharge(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Cuts of a water pollutant that exceed what is discharged: nothing would be left to discharge."""
    plant = look(case, ledger)
    groups: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims(case, plant):
        if claim.effect is not None and claim.sign < 0 and claim.effect.quantity.startswith("load:") and claim.unit not in ("", "%"):
            groups[claim.effect.quantity.partition(":")[2]].append(claim)
    year = next((year for year in reversed(plant.years) if year in plant.waste_water), None)
    if year is None:
        return
    for pollutant, found in groups.items():
        out = discharged(plant, pollutant, year) if pollutant in catalogue() else None
        if pollutant == "metals":
            out = discharged(plant, "copper", year)
        if out is None:
            continue
        over = [c for c in found if c.value * units.factor(c.unit, "kg") > out.value * threshold("option-exceeds-discharge", "share")]
        if not over:
            continue
        top = max(over, key=lambda c: c.value * units.factor(c.unit, "kg"))
        ratio = top.value * units.factor(top.unit, "kg") / max(out.value, 1e-12)
        yield Finding(
            rule="option-exceeds-discharge",
            severity=Gravity.SERIOUS,
            message=message(
                "方案削减的{word}超过全厂排放量 {out} kg（{year}）：{items}",
                word=top.word, out=shown(out.value), year=year,
                items=listed(
                    message(
                        "{id} {name} {value} kg",
                        id=c.option.id, name=c.option.name, value=shown(c.value * units.factor(c.unit, "kg")),
                    )
                    for c in over
                ),
            ),
            numbers=(top.number, out, *(c.number for c in over if c is not top)),
            settle=message("方案削减的是产生量还是排放量；监测浓度与废水量"),
            size=ratio,
            concerns=(pollutant, *(c.option.id for c in over)),
        )  # fmt: skip


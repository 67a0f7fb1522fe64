"""Faults injected into the clean plants (注入的错误): each changes rows as a careless or dishonest hand would.

``FAULTS`` lists them with the industries on which they make sense; ``inject`` returns which rows it touched.
"""

from __future__ import annotations

import copy
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from clean_plants import CleanPlant, Row, amount, find, printed

from qingyuan.demo import YEARS

ALL = ("printed-circuit-boards", "electroplating", "hazardous-waste-incineration")
PCB, PLATING, BURNING = ALL
LAST = YEARS[-1]


@dataclass(frozen=True)
class Fault:
    """One kind of fault (错误): what is done, the rule that must find it, where it can be done."""

    id: str
    rule: str
    zh: str
    en: str
    industries: tuple[str, ...]
    change: Callable[[CleanPlant, random.Random, str], None]


FAULTS: list[Fault] = []


def fault(
    id: str, rule: str, zh: str, en: str, *industries: str
) -> Callable[[Callable[[CleanPlant, random.Random, str], None]], Callable[[CleanPlant, random.Random, str], None]]:
    """Register a fault; without industries it applies to all three."""

    def register(
        change: Callable[[CleanPlant, random.Random, str], None],
    ) -> Callable[[CleanPlant, random.Random, str], None]:
        FAULTS.append(Fault(id, rule, zh, en, industries or ALL, change))
        return change

    return register


def inject(plant: CleanPlant, chosen: Fault, industry: str, seed: int) -> tuple[CleanPlant, set[tuple[str, int]]]:
    """The plant with the fault, and the rows (file, number as the user counts) that are not as before."""
    changed = copy.deepcopy(plant)
    chosen.change(changed, random.Random(f"{chosen.id}-{seed}"), industry)
    touched: set[tuple[str, int]] = set()
    for name in ("facts", "monitoring", "equipment", "options"):
        before = [_key(row) for row in getattr(plant, name)]
        for index, row in enumerate(getattr(changed, name)):
            if _key(row) not in before:
                touched.add((f"{name}.csv", index + 2))
    return changed, touched


def _key(row: Row) -> str:
    return repr(sorted(row.items(), key=lambda pair: pair[0]))


# --- helpers ---------------------------------------------------------------------------------------------------------

# Where materials follow an output, by industry: place, its product, materials of it.
DRIVEN = {
    PCB: ("双面车间", "双面板产量", ("退锡水", "过硫酸钠", "硫酸", "碳酸钠", "片碱")),
    PLATING: ("镀镍铬线", "镀镍铬件产量", ("镍板", "硫酸镍", "除油粉", "铬酐")),
    BURNING: ("烟气净化", "入炉危废量", ("尿素", "氢氧化钙", "片碱", "活性炭")),
}
SLUDGE = {PCB: "含铜污泥", PLATING: "电镀污泥"}
WASTE = {PCB: "废油墨渣", PLATING: "废滤芯", BURNING: "炉渣"}
WATER_OUTLET = {PCB: "DW001 生产废水排放口", PLATING: "生产废水排放口", BURNING: "DW001 废水总排口"}
GAS = {PCB: ("DA001", "氯化氢"), PLATING: ("DA001 酸雾排气筒", "氯化氢"), BURNING: ("DA001 焚烧烟囱", "HCl")}
PLACE = {PCB: "双面车间", PLATING: "镀镍铬线", BURNING: "焚烧线"}


def scale(plant: CleanPlant, item: str, factor: float, **which: Any) -> None:
    for row in find(plant, item, **which):
        row["value"] = printed(float(row["value"]) * factor)


def drop(plant: CleanPlant, *items: str) -> None:
    plant.facts[:] = [row for row in plant.facts if row["item"] not in items]


def unmonitor(plant: CleanPlant, *pollutants: str) -> None:
    plant.monitoring[:] = [row for row in plant.monitoring if row["pollutant"] not in pollutants]


def results(plant: CleanPlant, outlet: str, pollutant: str = "") -> list[Row]:
    return [row for row in plant.monitoring if row["outlet"] == outlet and pollutant in ("", row["pollutant"])]


def output(plant: CleanPlant, industry: str, year: int) -> float:
    return amount(plant, DRIVEN[industry][1], year)


def option(plant: CleanPlant, id: str, name: str, **more: Any) -> None:
    plant.options.append({"id": id, "name": name, "aspect": "设备", "kind": "medium", "status": "planned", **more})


# --- computed --------------------------------------------------------------------------------------------------------


@fault("round-factors", "round-factor", "用量 = 产量 × 取整系数", "amounts are output times round factors")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    place, _product, materials = DRIVEN[industry]
    for item in materials:
        for year in YEARS:
            made = output(plant, industry, year)
            for row in find(plant, item, year=year, place=place):
                digits = 2 if float(row["value"]) / made < 1 else 1
                row["value"] = round(float(f"{float(row['value']) / made:.{digits}g}") * made)


@fault("proportional", "proportional-to-output", "用量与产量之比不变", "amounts in one ratio to the output")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    place, _product, materials = DRIVEN[industry]
    for item in materials:
        for row in find(plant, item, place=place):
            made = output(plant, industry, row["period"])
            ratio = 0.12345678 if made > 1000 else 1.2345678
            row["value"] = printed(made * ratio * (1 + materials.index(item)))


@fault(
    "share-as-measurement",
    "ratio-as-measurement",
    "废水回用量恰为产生量的 0.4",
    "reuse is exactly 0.4 of the waste water",
)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for year in YEARS:
        made = amount(plant, "生产废水产生量", year)
        for row in find(plant, "废水回用量", year=year):
            row["value"] = round(0.4 * made)
        for row in find(plant, "生产废水排放量", year=year):
            row["value"] = printed(0.598 * made)


@fault("power-by-key", "constant-shares", "各车间电量按固定比例分摊", "electricity of the places divided by a key")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    first = {row["place"]: float(row["value"]) for row in find(plant, "用电量", year=YEARS[0])}
    total = sum(first.values())
    for year, growth in zip(YEARS, (1.0, 1.07, 1.13), strict=True):
        for row in find(plant, "用电量", year=year):
            row["value"] = printed(growth * first[row["place"]])
        for row in find(plant, "外购电量", year=year):
            row["value"] = printed(growth * total * 1.002)


@fault("rounded-readings", "rounded-meters", "抄表数都是整千", "meter readings are round thousands")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for row in plant.facts:
        if row["basis"] == "meter" and row["kind"] in ("energy", "water") and float(row["value"]) > 1000:
            row["value"] = float(f"{float(row['value']):.2g}")


@fault("frozen-pass-rate", "rate-never-changes", "合格率三年不变", "pass rate frozen for three years", PCB, PLATING)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for row, value in zip(find(plant, "产品合格率"), (99.21, 99.22, 99.20), strict=True):
        row["value"] = value


@fault("round-growth", "round-growth", "产量按整百分数增长", "output grows by whole per cents", PCB, PLATING)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for item in ("单面板产量", "双面板产量", "镀锌件产量", "镀镍铬件产量", "镀铜件产量"):
        rows = sorted(find(plant, item), key=lambda row: row["period"])
        for first, second in itertools.pairwise(rows):
            growth = round(float(second["value"]) / float(first["value"]), 2)
            second["value"] = round((growth if growth != 1 else 1.01) * float(first["value"]))


# --- totals ----------------------------------------------------------------------------------------------------------


@fault("wrong-total", "total-and-parts", "总电量比各处之和多 12%", "site electricity 12 % above its parts")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, "外购电量", 1.12, year=LAST)


@fault("wrong-water-total", "total-and-parts", "新鲜水合计少 15%", "site water 15 % below its parts")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, "新鲜水量", 0.85, year=LAST)


@fault("months-and-year", "total-and-parts", "十二个月之和不等于全年", "twelve months do not make the year")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    place = PLACE[industry]
    year = next(iter(find(plant, "用电量", year=LAST, place=place)))
    for month in range(1, 13):
        value = float(year["value"]) / 12 * rng.uniform(0.9, 1.1) * 1.1
        plant.fact(f"{LAST}-{month:02d}", place, "energy", "用电量", value, "kWh", "meter")


@fault("two-numbers", "two-statements", "废水量有两个数", "waste water stated with two numbers")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    value = amount(plant, "生产废水产生量", LAST)
    plant.fact(LAST, "全厂", "water", "生产废水量", value * 0.87, "m3", "unknown", role="generated")


@fault("row-twice", "same-row-twice", "一行填了两次", "a row entered twice")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    place, _product, materials = DRIVEN[industry]
    plant.facts.append(dict(next(iter(find(plant, materials[0], year=LAST, place=place)))))


@fault("copied-material", "same-amount-of-different-things", "两种物料的数相同", "two materials with one number")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    place, _product, materials = DRIVEN[industry]
    for year in YEARS:
        source = next(iter(find(plant, materials[0], year=year, place=place)))
        for row in find(plant, materials[1], year=year, place=place):
            row["value"] = source["value"]


@fault("copied-year", "same-amount-every-year", "物料照抄上年", "last year's materials copied")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    place, _product, materials = DRIVEN[industry]
    for item in materials:
        old = next(iter(find(plant, item, year=YEARS[1], place=place)))
        for row in find(plant, item, year=LAST, place=place):
            row["value"] = old["value"]


# --- trends ----------------------------------------------------------------------------------------------------------


@fault("kilograms-as-tonnes", "power-of-ten", "物料多写三个零", "a material a thousandfold")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    place, _product, materials = DRIVEN[industry]
    scale(plant, materials[-1], 1000, year=YEARS[1], place=place)


@fault("misplaced-point", "power-of-ten", "电量少一位", "electricity a tenth")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, "用电量", 0.1, year=YEARS[1], place=PLACE[industry])


@fault("result-in-micrograms", "power-of-ten", "监测结果差一千倍", "a result a thousandfold")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    row = results(plant, WATER_OUTLET[industry], "氨氮")[3]
    row["concentration"] = float(row["concentration"]) * 1000


@fault(
    "capacity-in-wrong-unit", "output-and-capacity", "产能单位差一万倍", "capacity with a unit ten thousand times off"
)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    drop(plant, "设计产能")
    unit = "10^4 t" if industry == BURNING else "10^4 m2"
    made = ("单面板产量", "双面板产量", "镀锌件产量", "镀镍铬件产量", "镀铜件产量", "入炉危废量")
    total = sum(amount(plant, item, LAST) for item in made)
    plant.fact("undated", "全厂", "product", "年产能", total, unit, "statistics")


@fault("waste-jumps", "trend-against-output", "废物一年涨五倍", "a waste five times in a year")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for year in YEARS[1:]:
        scale(plant, WASTE[industry], 0.2, year=year)


@fault(
    "falls-while-output-rises",
    "against-output",
    "产量增两成而物料减少",
    "a material falls while the output rises by a fifth",
    PCB,
    PLATING,
)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    place, _product, materials = DRIVEN[industry]
    for row in plant.facts:
        flows = row["kind"] in ("product", "material", "energy", "water", "waste", "money")
        if row["period"] == LAST and flows and row["unit"] != "%":
            row["value"] = printed(1.2 * float(row["value"]))
    scale(plant, materials[0], 0.72, year=LAST, place=place)


@fault("value-jumps", "value-per-product", "产值跳动四成", "output value 40 % up without output")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, "产值", 1.4, year=YEARS[1])


@fault("tax-jumps", "tax-against-value", "纳税占比翻倍", "tax share doubles")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    drop(plant, "纳税")
    for year, share in zip(YEARS, (0.031, 0.062, 0.06), strict=True):
        plant.fact(year, "全厂", "money", "纳税", share * amount(plant, "产值", year), "10^4 CNY", "statistics")


# --- power -----------------------------------------------------------------------------------------------------------


@fault("machines-too-small", "load-hours", "设备功率小到全年也用不了这些电", "machines too small for their electricity")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for row in plant.equipment:
        if row["place"] == PLACE[industry]:
            row["power_kw"] = printed(float(row["power_kw"]) / 8)


@fault("machines-idle", "load-hours", "设备功率大到几乎不运转", "machines that hardly run")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for row in plant.equipment:
        if row["place"] == PLACE[industry]:
            row["power_kw"] = printed(float(row["power_kw"]) * 12)


@fault("no-machines", "power-and-machines", "主要车间没有列设备", "no machines listed for the main workshop")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    plant.equipment[:] = [row for row in plant.equipment if row["place"] != PLACE[industry]]


@fault("works-power", "works-electricity", "废水站电耗高十五倍", "works' electricity fifteenfold", PCB, PLATING)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, "用电量", 15, place="废水处理站")


# --- water -----------------------------------------------------------------------------------------------------------


@fault("more-waste-water", "waste-water-and-water", "废水是用水的一倍半", "half more waste water than water")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for year in YEARS:
        water = amount(plant, "生产用水", year)
        for row in find(plant, "生产废水产生量", year=year):
            row["value"] = printed(1.5 * water + amount(plant, "废水回用量", year))


@fault("more-reuse", "waste-water-and-water", "回用多于产生", "more reused than generated")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, "废水回用量", 4.9, year=LAST)


@fault("water-vanishes", "water-closure", "一半废水没有去向", "half of the waste water goes nowhere")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, "生产废水排放量", 0.4)


@fault("no-destination", "water-destinations", "取水大半没有去向", "most of the water goes nowhere")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    drop(plant, "生活污水产生量", "蒸发损失水", "浓水")
    for item in ("生产废水产生量", "生产废水排放量", "废水回用量"):
        scale(plant, item, 0.5)


@fault("estimated-waste-water", "discharge-not-metered", "废水量只有统计数", "waste water is a statistic only")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for item in ("生产废水产生量", "生产废水排放量"):
        for row in find(plant, item):
            row["basis"] = "statistics"


@fault("domestic-water", "domestic-water", "人均生活用水三千升", "three thousand litres a person and day")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, "生活用水", 30)


@fault("specific-water", "specific-use", "单位产品用水高十倍", "water for each unit of product tenfold", PCB, BURNING)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, "生产用水", 10)
    scale(plant, "新鲜水量", 9.5)


@fault("area-in-hundreds", "waste-water-per-product", "面积单位错一百倍", "areas a hundred times too small", PLATING)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for item in ("镀锌件产量", "镀镍铬件产量", "镀铜件产量"):
        scale(plant, item, 0.01)


# --- works -----------------------------------------------------------------------------------------------------------


@fault("pam-dose", "reagent-dose", "PAM 投加三十倍", "PAM thirtyfold", PCB, PLATING)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, "PAM", 30)


@fault("too-much-alkali", "acid-and-alkali", "碱远多于酸", "alkali far beyond acid", PCB, PLATING)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, "石灰" if industry == PCB else "片碱", 12, place="废水处理站")


@fault(
    "acid-against-alkali",
    "acid-and-alkali",
    "废水站同时大量投酸投碱",
    "acid and alkali dosed against each other",
    PCB,
    PLATING,
)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for year in YEARS:
        water = amount(plant, "生产废水产生量", year)
        plant.fact(year, "废水处理站", "material", "硫酸", water * 12 * rng.uniform(0.97, 1.03), "kg", "statistics")
        plant.fact(year, "废水处理站", "material", "熟石灰", water * 9 * rng.uniform(0.97, 1.03), "kg", "statistics")


@fault("too-much-sulfide", "precipitant-and-metal", "硫化钠过量几十倍", "sulphide many times the metal", PCB)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, "硫化钠", 40)


@fault("glucose", "carbon-source", "碳源多于废水的 COD", "carbon source beyond the raw COD", PCB)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for year in YEARS:
        water = amount(plant, "生产废水产生量", year)
        plant.fact(year, "废水处理站", "material", "葡萄糖", water * 2.1 * rng.uniform(0.95, 1.05), "kg", "statistics")


@fault("no-sludge", "sludge-and-reagents", "污泥少到不可能", "hardly any sludge", PCB, PLATING)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, SLUDGE[industry], 0.0005)


@fault("mountains-of-sludge", "sludge-and-reagents", "污泥多到不可能", "impossible amounts of sludge", PCB, PLATING)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, SLUDGE[industry], 60)


@fault("sludge-without-metal", "sludge-metal", "含铜污泥里几乎没有铜", "copper sludge without copper", PCB)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, "废水总铜产生浓度", 1 / 40)


# --- balances --------------------------------------------------------------------------------------------------------


@fault("metal-from-nowhere", "metal-balance", "产品和废物里的金属多于购入", "more metal out than in", PCB, PLATING)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    if industry == PCB:
        for item in ("氯化铜废液", "铜氨废液"):
            scale(plant, item, 9)
    else:
        for item in ("镍板", "硫酸镍"):
            scale(plant, item, 0.5)


@fault("metal-vanishes", "metal-balance", "购入的金属没有去向", "bought metal that goes nowhere", PLATING)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for item in ("锌锭",):
        scale(plant, item, 12)


@fault("etched-copper", "dissolved-metal", "微蚀溶下的铜没有去向", "micro-etched copper goes nowhere", PCB)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, "微蚀废液", 0.02)
    scale(plant, "废水总铜产生浓度", 0.5)


@fault("waste-beyond-input", "waste-against-input", "废物比来源物料重得多", "a waste far heavier than its input")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, {PCB: "废油墨渣", PLATING: "废活性炭", BURNING: "飞灰"}[industry], 15)


@fault("waste-far-too-light", "waste-against-input", "废物比来源物料轻得多", "a waste far lighter than its input")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, {PCB: "废活性炭", PLATING: "废活性炭", BURNING: "飞灰"}[industry], 0.02)


@fault(
    "carbon-not-bought", "waste-without-input", "有废活性炭而没有购入活性炭", "spent carbon, none bought", PCB, PLATING
)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    drop(plant, "活性炭")


@fault("stripper-not-bought", "waste-without-input", "有废退锡水而没有退锡水", "spent tin stripper, none bought", PCB)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    drop(plant, "退锡水")


@fault(
    "too-little-input",
    "input-per-product",
    "主要物料不够做这些产品",
    "too little of an input for the product",
    PCB,
    BURNING,
)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, "干膜" if industry == PCB else "接收废物量", 0.4)


@fault("no-offcuts", "offcuts", "边角料少报", "offcuts hardly reported", PCB)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    scale(plant, "废边角料", 0.03)


@fault("solvent-vanishes", "voc-balance", "溶剂没有去向", "solvent goes nowhere", PCB)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for item in ("废有机溶剂", "废活性炭", "活性炭"):
        scale(plant, item, 0.05)
    for row in plant.monitoring:
        if row["pollutant"] == "VOCs":
            row["concentration"] = float(f"{float(row['concentration']) * 0.05:.3g}")
            row["rate_kg_h"] = float(f"{row['concentration'] * row['flow_m3_h'] * 1e-6:.3g}")


@fault("little-collected", "voc-collection", "废气几乎没有收集", "hardly any solvent vapour is collected", PCB)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for row in plant.monitoring:
        if row["pollutant"] == "VOCs":
            row["concentration"] = float(f"{float(row['concentration']) * 0.08:.3g}")
            row["rate_kg_h"] = float(f"{row['concentration'] * row['flow_m3_h'] * 1e-6:.3g}")


@fault(
    "water-by-the-wrong-meter",
    "specific-use",
    "双面车间的水记到单面车间之外",
    "water metered for the wrong workshop",
    PCB,
)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for year in YEARS:
        moved = 0.6 * amount(plant, "单面板产量", year) * 0.082
        for place, change in (("单面车间", -moved), ("双面车间", moved + 0.16 * amount(plant, "双面板产量", year))):
            for row in find(plant, "生产用水", year=year, place=place):
                row["value"] = printed(float(row["value"]) + change)


@fault("carbon-took-up-nothing", "carbon-uptake", "废活性炭几乎没有吸附", "spent carbon that took up nothing", PCB)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for item in ("废活性炭", "活性炭"):
        scale(plant, item, 25)


@fault("sulphur-from-nowhere", "fuel-balance", "SO2 多于燃料的硫", "more SO2 than sulphur in the coal")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for year in YEARS:
        plant.fact(
            year, PLACE[industry], "energy", "原煤", 1000 * rng.uniform(0.95, 1.05), "t", "invoice", role="purchased"
        )
        plant.fact(year, "全厂", "energy", "原煤含硫量", 0.6, "%", "statistics", role="sulfur-content")
        plant.fact(year, "全厂", "pollutant", "SO2排放量", 31_000 * rng.uniform(0.95, 1.05), "kg", "monitoring")


# --- sources ---------------------------------------------------------------------------------------------------------


@fault(
    "pollutant-not-monitored",
    "input-without-trace",
    "必有的污染物没有监测",
    "a pollutant that must be there is not monitored",
)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    unmonitor(plant, {PCB: "甲醛", PLATING: "六价铬", BURNING: "氨"}[industry])


@fault("waste-not-reported", "input-without-trace", "必有的废物没有申报", "a waste that must be there is not reported")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    drop(plant, {PCB: "微蚀废液", PLATING: "电镀污泥", BURNING: "废布袋"}[industry])


@fault("step-without-input", "step-without-input", "有工序而没有必需物料", "a step without its material", PCB, PLATING)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    drop(plant, *(("铜球", "硫酸铜") if industry == PCB else ("锌锭",)))


@fault(
    "cyanide-from-nowhere",
    "pollutant-without-source",
    "检出没有来源的氰化物",
    "cyanide found without a source",
    PCB,
    PLATING,
)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    outlet = WATER_OUTLET[industry]
    for date in sorted({row["date"] for row in results(plant, outlet)}):
        plant.monitoring.append(
            {
                "outlet": outlet,
                "pollutant": "总氰化物",
                "date": date,
                "concentration": round(rng.uniform(0.01, 0.05), 3),
                "limit": 0.4,
                "unit": "mg/L",
                "basis": "monitoring",
                "note": "合成",
            }
        )


@fault("treated-not-monitored", "treated-not-monitored", "有治理设施而不监测", "treated and not monitored")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    if industry == PLATING:
        plant.fact(LAST, "全厂", "equipment", "油烟净化器", 1, "套", "statistics")
    else:
        unmonitor(plant, "颗粒物")


@fault("codes-missing", "waste-code-missing", "危险废物没有代码", "hazardous waste without code")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for row in plant.facts:
        if row["kind"] == "waste" and "HW" in str(row["note"]):
            row["note"] = "危险废物，委托处置"


@fault("codes-wrong", "waste-code-wrong", "废物代码不在名录", "a code that the list has not")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for row in plant.facts:
        if row["kind"] == "waste" and "HW" in str(row["note"]):
            row["note"] = "HW08 900-999-08"
            return


# --- monitoring ------------------------------------------------------------------------------------------------------


@fault("over-limit", "over-limit", "结果超过限值", "a result above its limit")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    row = results(plant, WATER_OUTLET[industry], "COD")[2]
    row["concentration"] = float(row["limit"]) * 1.3


@fault("near-limit", "near-limit", "结果紧贴限值", "results just under the limit")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for row in results(plant, WATER_OUTLET[industry], "COD")[1:4]:
        row["concentration"] = round(float(row["limit"]) * rng.uniform(0.975, 0.998), 1)


@fault("unsteady", "unsteady-results", "COD 忽高忽低", "COD swings")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for row in results(plant, WATER_OUTLET[industry], "COD")[::3]:
        row["concentration"] = round(float(row["concentration"]) / 18, 2)


@fault("a-better-year", "yearly-shift", "年均 COD 降到三分之一", "the yearly mean of COD falls to a third")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for row in results(plant, WATER_OUTLET[industry], "COD"):
        if row["date"].startswith(str(LAST)):
            row["concentration"] = float(f"{float(row['concentration']) / 3.3:.3g}")


@fault(
    "outlet-without-treatment",
    "treatment-count",
    "多一个没有设施的酸雾排放口",
    "one more outlet of acid mist than sets",
    PCB,
)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for row in results(plant, "DA001"):
        value = float(f"{float(row['concentration']) * rng.uniform(0.6, 1.5):.3g}")
        rate = float(f"{value * float(row['flow_m3_h']) * 1e-6:.3g}")
        plant.monitoring.append({**row, "outlet": "DA006", "concentration": value, "rate_kg_h": rate})


@fault("clean-before", "clean-before-treatment", "治理前就是干净的", "gas that is clean before its treatment", PCB)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for row in plant.monitoring:
        if row["pollutant"] == "VOCs":
            row["concentration"] = float(f"{float(row['concentration']) * 0.008:.3g}")
            row["rate_kg_h"] = float(f"{row['concentration'] * row['flow_m3_h'] * 1e-6:.3g}")


@fault(
    "organics-from-soldering",
    "organics-elsewhere",
    "有机物主要从喷锡排放口出来",
    "most organics leave where nothing treats them",
    PCB,
)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    top = max(float(row["rate_kg_h"]) for row in plant.monitoring if row["outlet"] == "DA003处理前")
    for row in list(results(plant, "DA004")):
        value = float(f"{3 * top / float(row['flow_m3_h']) * 1e6 * rng.uniform(0.95, 1.05):.3g}")
        rate = float(f"{value * float(row['flow_m3_h']) * 1e-6:.3g}")
        more = {"pollutant": "非甲烷总烃", "limit": 500, "concentration": value, "rate_kg_h": rate}
        plant.monitoring.append({**row, **more})


@fault("wrong-rate", "rate-and-concentration", "速率不等于浓度乘流量", "a rate that is not concentration times flow")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for row in results(plant, *GAS[industry])[:2]:
        row["rate_kg_h"] = float(f"{float(row['concentration']) * float(row['flow_m3_h']) * 3e-6:.3g}")


@fault("copied-results", "same-results-twice", "两次监测结果照抄", "a date's results copied to the next")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    rows = results(plant, WATER_OUTLET[industry])
    first, second = sorted({row["date"] for row in rows})[:2]
    for row in rows:
        if row["date"] == second:
            row["concentration"] = next(
                r["concentration"] for r in rows if r["date"] == first and r["pollutant"] == row["pollutant"]
            )


@fault("stuck-instrument", "same-results-twice", "仪器一直是一个数", "an instrument stuck at one value")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for row in results(plant, *GAS[industry]):
        row["concentration"] = 3.17
        if "rate_kg_h" in row:
            row["rate_kg_h"] = float(f"{3.17 * float(row['flow_m3_h']) * 1e-6:.3g}")


@fault("not-detected", "detection-limit-missing", "未检出没有检出限", "below detection without the limit")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for row in results(plant, WATER_OUTLET[industry], "氨氮")[:3]:
        row["concentration"] = "ND"


@fault("no-limits", "limit-missing", "没有写限值", "no limits written")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for row in results(plant, WATER_OUTLET[industry], "COD"):
        row["limit"] = ""


@fault("year-not-monitored", "monitoring-gaps", "一年没有监测", "a year without monitoring")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    outlet = WATER_OUTLET[industry]
    plant.monitoring[:] = [
        r for r in plant.monitoring if r["outlet"] != outlet or not r["date"].startswith(str(YEARS[0]))
    ]


@fault("part-above-whole", "part-exceeds-whole", "氨氮高于总氮、六价铬高于总铬", "a part above the whole", PCB, PLATING)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    part, whole = ("氨氮", "总氮") if industry == PCB else ("六价铬", "总铬")
    outlet = WATER_OUTLET[industry]
    for a, b in list(zip(results(plant, outlet, part), results(plant, outlet, whole), strict=True))[:2]:
        a["concentration"] = float(f"{float(b['concentration']) * 1.4:.3g}")


@fault("two-flows", "flows-of-one-stack", "同一排气筒两个流量", "two flows of one stack")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    row = results(plant, *GAS[industry])[0]
    row["flow_m3_h"] = round(float(row["flow_m3_h"]) * 1.7)
    if "rate_kg_h" in row:
        row["rate_kg_h"] = float(f"{float(row['concentration']) * row['flow_m3_h'] * 1e-6:.3g}")


@fault("negative-removal", "removal-efficiency", "治理后高于治理前", "more after than before the treatment", PCB)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for row in results(plant, "DA003", "VOCs")[:2]:
        row["concentration"] = float(f"{float(row['concentration']) * 9:.3g}")
        row["rate_kg_h"] = float(f"{row['concentration'] * row['flow_m3_h'] * 1e-6:.3g}")


@fault("same-noise", "noise-uniform", "各测点噪声相同", "noise the same everywhere")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for row in plant.monitoring:
        if row["pollutant"] == "噪声昼间" and row["date"].startswith(str(LAST)):
            row["concentration"] = 57


# --- machines --------------------------------------------------------------------------------------------------------


@fault("machine-twice", "machine-twice", "同一设备列两行", "a machine listed twice")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    plant.equipment.append(dict(next(row for row in plant.equipment if len(row["model"]) >= 5)))


@fault("machine-count", "machine-count", "概况台数与清单不符", "counts of profile and list differ")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    row = plant.equipment[0]
    plant.fact(
        "undated", "全厂", "equipment", f"{row['name']}数量（企业简介）", float(row["count"]) + 7, "台", "unknown"
    )


@fault("unreadable-power", "machine-power", "功率写错", "a power that cannot be read")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    plant.equipment[-1]["power_kw"] = "5Kkw"


# --- options ---------------------------------------------------------------------------------------------------------


@fault("wrong-payback", "option-payback", "偿还期写短", "a pay-back that is too short")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    option(plant, "X1", "更换设备", investment=100, annual_saving=8, payback_years=2.5, effects="废品 -2 %")


@fault("savings-beyond-turnover", "option-savings", "效益占产值四成", "savings of 40 % of the output value")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    value = amount(plant, "产值", LAST)
    option(
        plant, "X1", "综合改造", investment=round(0.6 * value), annual_saving=round(0.4 * value), effects="废品 -2 %"
    )


@fault(
    "cut-beyond-plant",
    "option-exceeds-plant",
    "一个方案的节水多于全厂用水",
    "an option saves more water than the plant uses",
)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    water = amount(plant, "新鲜水量", LAST)
    option(plant, "X1", "冷却水循环", investment=30, annual_saving=9, effects=f"新鲜水 -{round(1.3 * water)} m3")


@fault("cuts-together", "options-together", "方案合计节电多于全厂", "options together save more power than is used")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    power = amount(plant, "用电量", LAST)
    for number in range(3):
        option(
            plant,
            f"X{number}",
            f"节电改造{number}",
            investment=30,
            annual_saving=9,
            effects=f"电 -{round(0.42 * power)} kWh",
        )


@fault(
    "percentages-together",
    "options-together",
    "方案的能耗百分数合计超过 100%",
    "percentages of energy above 100 % together",
)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for number in range(5):
        option(plant, f"X{number}", f"节能改造{number}", investment=30, annual_saving=9, effects="能耗 -28 %")


@fault("cut-beyond-discharge", "option-exceeds-discharge", "削减的 COD 多于排放", "more COD cut than discharged")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    tonnes = amount(plant, "生产废水排放量", LAST) * 300e-6
    option(plant, "X1", "废水处理站提效", investment=30, annual_saving=9, effects=f"COD -{tonnes:.2f} t")


@fault("rate-beyond-whole", "option-beyond-whole", "良率再提高 8%", "pass rate raised above 100 %", PCB, PLATING)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    option(plant, "X1", "更换生产线", investment=30, annual_saving=9, effects="良率 +8 %")


@fault(
    "efficiency-beyond-belief", "option-efficiency", "活性炭声称去除率 99.5%", "carbon claimed to remove 99.5 %", PCB
)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    option(plant, "X1", "有机废气二级活性炭", investment=30, annual_saving=9, effects="VOCs处理效率 =99.5 %")


@fault("object-missing", "option-without-object", "方案削减没有申报的废物", "an option cuts a waste that is not there")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    effects = {PCB: "废酸 -4 t", PLATING: "显影废液 -3 t", BURNING: "废酸 -4 t"}[industry]
    option(plant, "X1", "废液减量", investment=30, annual_saving=9, effects=effects)


@fault("reuse-rate-and-cut", "option-inconsistent", "回用率与废水削减不符", "reuse rate that is not the cut")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    cut = round(0.06 * amount(plant, "生产废水产生量", LAST))
    option(plant, "X1", "废水回用", investment=30, annual_saving=9, effects=f"废水 -{cut} m3; 中水回用率 +40 %")


@fault(
    "share-and-amount",
    "option-inconsistent",
    "减废的百分数与吨数不符",
    "per cent and tonnes of a cut of waste disagree",
    PCB,
)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    option(plant, "X1", "危废减量", investment=30, annual_saving=9, effects="废液 -35 %; 危险废物 -0.9 t")


@fault("one-effect-twice", "options-alike", "两个方案的效果一样", "two options with one effect")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    cut = round(0.12 * amount(plant, "新鲜水量", LAST))
    for number, name in enumerate(("漂洗水循环", "清洗水回用")):
        option(plant, f"X{number}", name, investment=40, annual_saving=5, effects=f"新鲜水 -{cut} m3")


@fault("machine-is-there", "option-already-there", "方案的设备已经有了", "an option's machine is there already")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    plant.equipment.append(
        {"place": PLACE[industry], "name": "自动加药装置", "model": "", "power_kw": 0.55, "count": 1, "note": "合成"}
    )
    option(plant, "X1", "药剂自动加药", investment=20, annual_saving=6, effects="废品 -2 %")


@fault("saving-without-effect", "option-saving-without-effect", "有效益而没有效果", "a saving without an effect")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    option(plant, "X1", "数据平台", investment=30, annual_saving=9, effects="分析效率 +25 %")


@fault("savings-from-nothing", "option-worth", "节水不多而效益很大", "large savings from a little water")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    option(plant, "X1", "清洗水循环", investment=60, annual_saving=25, effects="新鲜水 -300 m3; 废水 -280 m3")


@fault("option-without-investment", "option-incomplete", "中高费方案没有投资", "a paid option without investment")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    option(plant, "X1", "自动化改造", annual_saving=9, effects="废品 -2 %")


# --- what cannot be --------------------------------------------------------------------------------------------------


@fault("staff-tenfold", "power-of-ten", "职工人数多一位", "staff ten times as many in one year")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    usual = float(next(iter(find(plant, "职工人数")))["value"])
    drop(plant, "职工人数")
    for year, value in zip(YEARS, (usual, usual * 10 + 20, usual + 3), strict=True):
        plant.fact(year, "全厂", "staff", "职工人数", round(value), "人", "statistics")


@fault("treated-beyond-whole", "share-out-of-bounds", "去除率高于 100%", "removal above 100 %")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    plant.fact(LAST, "全厂", "pollutant", "COD", 180, "%", "statistics", role="removal-efficiency")


@fault("fraction-typed", "share-out-of-bounds", "去除率填成小数", "removal typed as a fraction")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    plant.fact(LAST, "全厂", "pollutant", "COD", 0.984, "%", "statistics", role="removal-efficiency")


@fault("too-many-hours", "hours-beyond-year", "运行时间超过全年", "more hours than the year has")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    plant.fact(LAST, PLACE[industry], "time", "运行时间", 9700, "h", "statistics")


@fault("waste-from-nowhere", "waste-exceeds-generated", "废物转移多于产生", "more waste handed over than generated")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    made = amount(plant, WASTE[industry], LAST)
    plant.fact(LAST, "全厂", "waste", WASTE[industry], made * 2.4, "t", "invoice", role="transferred")


@fault("pollutant-grows", "discharged-exceeds-generated", "排放多于产生", "more discharged than generated")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    plant.fact(LAST, "全厂", "pollutant", "动植物油", 86, "kg", "statistics", role="generated")
    plant.fact(LAST, "全厂", "pollutant", "动植物油", 99, "kg", "statistics", role="discharged")


@fault("beyond-permit", "discharged-exceeds-permit", "排放多于许可", "more discharged than permitted")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    plant.fact(LAST, "全厂", "pollutant", "动植物油", 0.05, "t", "statistics", role="permitted")
    plant.fact(LAST, "全厂", "pollutant", "动植物油", 99, "kg", "statistics", role="discharged")


@fault(
    "load-too-small",
    "load-and-concentration",
    "COD 排放量是浓度乘水量的十分之一",
    "COD a tenth of concentration times flow",
)
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    found = [
        float(r["concentration"])
        for r in results(plant, WATER_OUTLET[industry], "COD")
        if str(r["date"]).startswith(str(LAST))
    ]
    load = sum(found) / len(found) * amount(plant, "生产废水排放量", LAST) / 1000
    plant.fact(LAST, "全厂", "pollutant", "COD", load / 10, "kg", "statistics", role="discharged")


@fault("cost-classes", "option-cost-class", "无低费方案比高费方案贵", "a low-cost option dearer than a high-cost one")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    option(plant, "X1", "屋顶遮阳", investment=62, effects="废品 -1 %")
    option(plant, "X2", "职工食堂改造", investment=260, effects="废品 -1 %")
    plant.options[-2]["kind"], plant.options[-1]["kind"] = "high", "none-low"


@fault("purchase-left-out", "purchase-gap", "一年没有外购电量", "no purchase of electricity in one year")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    plant.facts[:] = [r for r in plant.facts if r["item"] != "外购电量" or r["period"] != YEARS[1]]


# --- records ---------------------------------------------------------------------------------------------------------


@fault("years-missing", "missing-years", "只有一年的电量", "electricity of one year only")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    plant.facts[:] = [r for r in plant.facts if r["item"] not in ("用电量", "外购电量", "电费") or r["period"] == LAST]


@fault("basics-missing", "missing-basics", "没有人数和工时", "no staff and hours")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    drop(plant, "职工人数", "年工作天数", "年生产时间")


@fault("unknown-origin", "unknown-basis", "数的来源不明", "numbers of unknown origin")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for row in find(plant, "生产废水产生量"):
        row["basis"] = "unknown"


@fault("remark", "remark-of-doubt", "备注说数据存疑", "a remark that doubts the number")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    next(iter(find(plant, "生产废水产生量")))["note"] = "与下一行填错位置，疑为笔误"


@fault("litres", "litres-without-density", "物料以升计而没有密度", "materials in litres without density")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    for item in ("消泡剂", "光亮剂", "调整剂"):
        plant.fact(LAST, PLACE[industry], "material", item, rng.uniform(500, 3000), "L", "statistics")


@fault("cost-in-yuan", "unit-price", "电费单位差一万倍", "electricity cost with a wrong unit")
def _(plant: CleanPlant, rng: random.Random, industry: str) -> None:
    drop(plant, "电费")
    plant.fact(LAST, "全厂", "money", "电费", 0.7 * amount(plant, "用电量", LAST), "10^4 CNY", "invoice")

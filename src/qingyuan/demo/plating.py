"""The books of the demonstration electroplating works (演示电镀厂的账): what is plated decides everything else."""

from __future__ import annotations

import random
from collections.abc import Mapping

from qingyuan.demo.files import NOTE, YEARS, PlantFiles, digits, judge, profile

# Line, product, metal, thickness in micrometres, density in g/cm3, substance bought, metal content of the substance
# (stoichiometric), share of the metal dissolved that reaches the ware.
_PLATING_LINES = (
    ("镀锌线", "镀锌件", "锌", 9.0, 7.14, (("锌锭", 1.0, 1.0),), 0.83),
    ("镀镍铬线", "镀镍铬件", "镍", 12.0, 8.90, (("镍板", 1.0, 0.9), ("硫酸镍", 0.2233, 0.1)), 0.91),
    ("镀铜线", "镀铜件", "铜", 15.0, 8.96, (("电解铜", 1.0, 0.85), ("硫酸铜", 0.2545, 0.15)), 0.86),
)


def electroplating(seed: int = 2026) -> PlantFiles:
    """An electroplating works with zinc, nickel-chromium and copper lines (电镀企业)."""
    rng = random.Random(f"electroplating-{seed}")
    plant = PlantFiles(
        profile(
            plant="demo-electroplating",
            name="演示电镀厂",
            name_en="Demonstration electroplating works",
            code="3360",
            system="electroplating-2015",
            table="general",
            settings={"rinses": 3, "wastewater-receiver": '"water-body"'},
            details={"products": "镀锌件、镀镍铬件、镀铜件", "processes": "前处理、电镀、钝化、烘干、废水处理"},
        )
    )
    for place, kind in (("镀锌线", "workshop"), ("镀镍铬线", "workshop"), ("镀铜线", "workshop")):
        plant.places.append({"place": place, "parent": "", "kind": kind})
    plant.places += [
        {"place": "废水处理站", "parent": "", "kind": "utility"},
        {"place": "办公生活区", "parent": "", "kind": "living"},
    ]
    base = {product: rng.uniform(60_000, 140_000) for _, product, *_ in _PLATING_LINES}
    for index, year in enumerate(YEARS):
        _electroplating_year(plant, rng, year, {k: v * (1 + 0.06 * index) for k, v in base.items()}, progress=index)
    _electroplating_monitoring(plant, rng)
    plant.equipment += [
        {"place": "镀锌线", "name": "全自动滚镀线", "model": "GD-12", "power_kw": 160, "count": 1, "note": NOTE},
        {"place": "镀镍铬线", "name": "全自动挂镀线", "model": "LD-08", "power_kw": 240, "count": 1, "note": NOTE},
        {"place": "镀铜线", "name": "半自动挂镀线", "model": "LD-05", "power_kw": 180, "count": 1, "note": NOTE},
        {"place": "废水处理站", "name": "反渗透回用装置", "model": "RO-10", "power_kw": 30, "count": 1, "note": NOTE},
    ]
    answers: dict[str, tuple[float | str, str]] = {
        "cleaner-process": ("II", "低铬钝化和无氰镀锌工艺说明；铅锡合金未全部取代"),
        "process-control": ("I", "镀液连续过滤记录、补加记录"),
        "plating-line": ("II", "三条线中两条自动、一条半自动"),
        "water-saving-facilities": ("II", "逆流漂洗，水表台账"),
        "gold-utilisation": ("n/a", "无镀金"),
        "silver-utilisation": ("n/a", "无镀银"),
        "hard-chromium-utilisation": ("n/a", "无镀硬铬"),
        "decorative-chromium-utilisation": (32, "铬酐台账与镀层测厚"),
        "wastewater-treatment": (100, "废水处理站台账"),
        "heavy-metal-prevention": ("III", "回收槽、导流板、槽上喷淋三项"),
        "hazardous-waste-prevention": ("I", "转移联单"),
        "quality-assurance": ("II", "镀液化验记录"),
        "law": ("I", "排污许可证执行报告"),
        "policy": ("I", "产业政策对照表"),
        "ems-audit": ("II", "环境管理制度汇编"),
        "chemicals": ("I", "危险化学品台账"),
        "treatment-operation": ("II", "自动加药与在线pH记录"),
        "hazardous-waste-disposal": ("I", "贮存间照片与台账"),
        "metering": ("I", "计量器具一览表"),
        "emergency": ("I", "预案备案与演练记录"),
    }
    judge(plant, answers)
    return plant


def _electroplating_year(
    plant: PlantFiles, rng: random.Random, year: int, areas: Mapping[str, float], *, progress: int
) -> None:
    total_area = sum(areas.values())
    power_total = water_total = 0.0
    for line, product, metal, thickness, density, bought, share in _PLATING_LINES:
        area = areas[product]
        plant.fact(year, line, "product", f"{product}产量", area, "m2", "statistics")
        on_ware = area * thickness * 1e-6 * density * 1000  # kg: m2 · m · kg/dm3 · dm3/m3
        used = on_ware / (share + 0.01 * progress) * rng.uniform(0.995, 1.005)
        for substance, content, part in bought:
            plant.fact(year, line, "material", substance, used * part / content, "kg", "statistics")
        plant.fact(year, line, "material", metal, on_ware, "kg", "balance", role="contained")
        power = area * rng.uniform(3.2, 4.1) * (1 - 0.03 * progress)
        power_total += power
        plant.fact(year, line, "energy", "用电量", power, "kWh", "meter")
        rinses = 3
        water = area * rinses * rng.uniform(20.0, 23.0) / 1000 * (1 - 0.04 * progress)
        water_total += water
        plant.fact(year, line, "water", "生产用水", water, "m3", "meter")
        plant.fact(year, line, "water", "清洗用水", water * 0.92, "m3", "meter", role="consumed")
    works_power, office_power = water_total * 2.4, 86_000 * rng.uniform(0.97, 1.03)
    plant.fact(year, "废水处理站", "energy", "用电量", works_power, "kWh", "meter")
    plant.fact(year, "办公生活区", "energy", "用电量", office_power, "kWh", "meter")
    plant.fact(year, "全厂", "energy", "外购电量", power_total + works_power + office_power, "kWh", "invoice")
    plant.fact(year, "全厂", "energy", "天然气", total_area * 0.21 * (1 - 0.02 * progress), "Nm3", "invoice")
    domestic = 5200 * rng.uniform(0.97, 1.03)
    plant.fact(year, "办公生活区", "water", "生活用水", domestic, "m3", "meter")
    plant.fact(year, "全厂", "water", "新鲜水量", water_total + domestic, "m3", "invoice")
    waste_water = water_total * 0.9
    reused = waste_water * (0.38 + 0.04 * progress)
    plant.fact(year, "全厂", "water", "生产废水产生量", waste_water, "m3", "meter")
    plant.fact(year, "全厂", "water", "废水回用量", reused, "m3", "meter")
    plant.fact(year, "全厂", "water", "生产废水排放量", waste_water - reused, "m3", "meter")
    plant.fact(year, "全厂", "waste", "电镀污泥", waste_water * 0.0042, "t", "statistics")
    plant.fact(year, "全厂", "waste", "废活性炭", 1.6 * rng.uniform(0.9, 1.1), "t", "statistics")
    plant.fact(year, "废水处理站", "material", "硫酸亚铁", waste_water * 0.55, "kg", "statistics")
    plant.fact(year, "废水处理站", "material", "片碱", waste_water * 0.9, "kg", "statistics")
    plant.fact(year, "废水处理站", "material", "PAM", waste_water * 0.02, "kg", "statistics")
    plant.fact(year, "全厂", "product", "产品合格率", 98.6 + 0.2 * progress, "%", "statistics")
    plant.fact(year, "全厂", "money", "产值", total_area * 0.0105 * rng.uniform(0.98, 1.02), "10^4 CNY", "statistics")
    plant.fact(year, "全厂", "water", "蒸发损失水", water_total * 0.1, "m3", "balance", role="lost")
    plant.fact(year, "全厂", "staff", "职工人数", 168 + 4 * progress, "人", "statistics")
    plant.fact(year, "全厂", "time", "年工作天数", 300, "d", "statistics")
    plant.fact(year, "全厂", "time", "年生产时间", 6000, "h", "statistics")


def _electroplating_monitoring(plant: PlantFiles, rng: random.Random) -> None:
    limits = (("总镍", 0.1, 0.02, 0.07), ("总铬", 0.5, 0.08, 0.3), ("总铜", 0.3, 0.05, 0.2), ("总锌", 1.0, 0.2, 0.7))
    water = (*limits, ("COD", 50, 22, 40), ("氨氮", 8, 1.5, 5), ("总磷", 0.5, 0.05, 0.3))
    gas = (("氯化氢", 30, 2, 8), ("铬酸雾", 0.05, 0.006, 0.02), ("硫酸雾", 30, 1, 6))
    for year in YEARS:
        for month in (2, 5, 8, 11):
            date = f"{year}-{month:02d}-{rng.randint(3, 26):02d}"
            for name, limit, low, high in water:
                row = {"outlet": "生产废水排放口", "pollutant": name, "date": date, "limit": limit, "unit": "mg/L"}
                value = digits(float(f"{rng.uniform(low, high):.3g}"))
                plant.monitoring.append({**row, "concentration": value, "basis": "monitoring", "note": NOTE})
            for name, limit, low, high in gas:
                row = {"outlet": "DA001 酸雾排气筒", "pollutant": name, "date": date, "limit": limit, "unit": "mg/m3"}
                value = digits(float(f"{rng.uniform(low, high):.3g}"))
                flow = round(rng.uniform(17_500, 19_500))
                plant.monitoring.append(
                    {**row, "concentration": value, "flow_m3_h": flow, "basis": "monitoring", "note": NOTE}
                )

"""The books of the demonstration incineration plant (演示危险废物焚烧厂的账): what is burnt decides everything else."""

from __future__ import annotations

import random

from qingyuan.demo.files import NOTE, YEARS, PlantFiles, judge, profile


def hazardous_waste_incineration(seed: int = 2026) -> PlantFiles:
    """A rotary-kiln incineration plant for hazardous waste (危险废物焚烧处置企业)."""
    rng = random.Random(f"hazardous-waste-incineration-{seed}")
    plant = PlantFiles(
        profile(
            plant="demo-incineration",
            name="演示危险废物焚烧处置厂",
            name_en="Demonstration hazardous-waste incineration plant",
            code="7724",
            system="hazardous-waste-incineration-draft",
            table="main",
            settings={"wastewater-receiver": '"sewage-works"'},
            details={"products": "危险废物焚烧处置", "processes": "贮存配伍、回转窑焚烧、余热利用、烟气净化"},
        )
    )
    places = (("贮存与配伍", "workshop"), ("焚烧线", "workshop"), ("烟气净化", "workshop"), ("公用工程", "utility"))
    plant.places += [{"place": place, "parent": "", "kind": kind} for place, kind in places]
    first = rng.uniform(26_000, 30_000)
    for index, year in enumerate(YEARS):
        _incineration_year(plant, rng, year, first * (1 + 0.04 * index), progress=index)
    _incineration_monitoring(plant, rng)
    plant.equipment += [
        {"place": "焚烧线", "name": "回转窑", "model": "100 t/d", "power_kw": 132, "count": 1, "note": NOTE},
        {"place": "焚烧线", "name": "余热锅炉", "model": "9 t/h", "power_kw": 55, "count": 1, "note": NOTE},
        {"place": "烟气净化", "name": "引风机", "model": "Y4-73", "power_kw": 315, "count": 1, "note": NOTE},
        {"place": "烟气净化", "name": "布袋除尘器", "model": "LCM-1400", "power_kw": 45, "count": 1, "note": NOTE},
        {"place": "公用工程", "name": "循环水泵", "model": "IS150", "power_kw": 37, "count": 3, "note": NOTE},
    ]
    answers: dict[str, tuple[float | str, str]] = {
        "storage-information": ("II", "电子台账截图"),
        "anti-seepage": ("I", "防渗工程验收资料"),
        "storage-pollution-control": ("I", "巡检记录"),
        "shutdowns": (3, "停炉记录"),
        "other-metals": (0.21, "第三方检测报告（锡、锑、铜、锰、镍、钴合计）"),
        "low-temperature-records": (3, "炉温曲线"),
        "loss-on-ignition": (4.2, "月度热灼减率检测报告"),
        "dcs": ("I", "控制系统说明书"),
        "grade1-equipment": (82, "电机能效清单"),
        "carbon-management": ("III", "碳盘查报告"),
        "cp-audit": ("I", "上轮审核验收意见"),
        "organisation": ("I", "任命文件"),
        "rules": ("I", "制度汇编"),
        "self-monitoring": ("II", "自行监测方案与报告"),
        "emergency": ("I", "预案与演练记录"),
        "energy-management": ("II", "能源管理岗位文件"),
        "alkali-recycling": ("I", "废碱作脱酸剂的批次记录"),
        "fly-ash-use": (0, "飞灰全部填埋"),
        "bottom-ash-use": (25, "炉渣外售合同"),
    }
    judge(plant, answers)
    return plant


def _incineration_year(plant: PlantFiles, rng: random.Random, year: int, received: float, *, progress: int) -> None:
    burnt = received * rng.uniform(0.985, 0.995)
    hours = 7050 + 110 * progress
    plant.fact(year, "贮存与配伍", "product", "接收废物量", received, "t", "meter")
    plant.fact(year, "焚烧线", "product", "入炉危废量", burnt, "t", "meter")
    power = {
        "贮存与配伍": burnt * 14,
        "焚烧线": burnt * 68,
        "烟气净化": burnt * 92,
        "公用工程": burnt * 41,
    }
    for place, amount in power.items():
        plant.fact(year, place, "energy", "用电量", amount * (1 - 0.02 * progress), "kWh", "meter")
    bought = sum(power.values()) * (1 - 0.02 * progress)
    plant.fact(year, "全厂", "energy", "外购电量", bought, "kWh", "invoice")
    plant.fact(
        year, "焚烧线", "energy", "柴油", burnt * 0.0105 * (1 - 0.03 * progress), "t", "invoice", role="purchased"
    )
    water = received * 7.4 * (1 - 0.02 * progress)
    domestic = 3100 * rng.uniform(0.97, 1.03)
    plant.fact(year, "焚烧线", "water", "生产用水", water, "m3", "meter")
    plant.fact(year, "公用工程", "water", "生活用水", domestic, "m3", "meter")
    plant.fact(year, "全厂", "water", "新鲜水量", water + domestic, "m3", "invoice")
    plant.fact(year, "公用工程", "water", "循环水量", water * 16, "m3", "meter")
    plant.fact(year, "全厂", "water", "生产废水产生量", water * 0.22, "m3", "meter")
    plant.fact(year, "全厂", "water", "生产废水排放量", water * 0.12, "m3", "meter")
    plant.fact(year, "烟气净化", "material", "尿素", burnt * 5.1 * (1 - 0.03 * progress), "kg", "statistics")
    plant.fact(year, "烟气净化", "material", "氢氧化钙", burnt * 6.9 * (1 - 0.02 * progress), "kg", "statistics")
    plant.fact(year, "烟气净化", "material", "片碱", burnt * 3.2, "kg", "statistics")
    plant.fact(year, "烟气净化", "material", "活性炭", burnt * 0.9, "kg", "statistics")
    plant.fact(year, "焚烧线", "waste", "炉渣", burnt * 0.235 * rng.uniform(0.98, 1.02), "t", "meter")
    plant.fact(year, "烟气净化", "waste", "飞灰", burnt * 0.043 * rng.uniform(0.98, 1.02), "t", "meter")
    plant.fact(year, "全厂", "money", "产值", received * 0.285, "10^4 CNY", "statistics")
    plant.fact(year, "全厂", "staff", "职工人数", 96 + 2 * progress, "人", "statistics")
    plant.fact(year, "焚烧线", "time", "年生产时间", hours, "h", "meter")


def _incineration_monitoring(plant: PlantFiles, rng: random.Random) -> None:
    automatic: tuple[tuple[str, float, float, float], ...] = (
        ("颗粒物", 20, 6, 9.5),
        ("SO2", 80, 16, 28),
        ("NOx", 250, 120, 148),
        ("HCl", 50, 9, 24),
        ("CO", 80, 18, 34),
        ("HF", 4, 0.4, 1.1),
    )
    manual = (
        ("二噁英", 0.5, 0.06, 0.2, "ngTEQ/Nm3"),
        ("汞及其化合物", 0.05, 0.002, 0.01, "mg/Nm3"),
        ("铊及其化合物", 0.05, 0.001, 0.005, "mg/Nm3"),
        ("镉及其化合物", 0.05, 0.001, 0.01, "mg/Nm3"),
        ("铅及其化合物", 0.5, 0.01, 0.1, "mg/Nm3"),
        ("砷及其化合物", 0.5, 0.005, 0.05, "mg/Nm3"),
        ("铬及其化合物", 0.5, 0.01, 0.1, "mg/Nm3"),
    )
    for year in YEARS:
        for month in range(1, 13):
            date = f"{year}-{month:02d}-{rng.randint(3, 26):02d}"
            flow = round(rng.uniform(31_000, 34_500))
            for name, limit, low, high in automatic:
                _incineration_row(plant, date, name, limit, rng.uniform(low, high), "mg/Nm3", flow, "monitoring-auto")
            if month in (4, 10):
                for name, limit, low, high, unit in manual:
                    _incineration_row(plant, date, name, limit, rng.uniform(low, high), unit, flow, "monitoring")


def _incineration_row(
    plant: PlantFiles, date: str, name: str, limit: float, value: float, unit: str, flow: int, basis: str
) -> None:
    row = {"outlet": "DA001 焚烧烟囱", "pollutant": name, "date": date, "limit": limit, "unit": unit, "basis": basis}
    plant.monitoring.append({**row, "concentration": float(f"{value:.3g}"), "flow_m3_h": flow, "note": NOTE})

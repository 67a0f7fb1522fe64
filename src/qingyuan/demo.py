"""Seeded demonstration plants (演示企业): invented, consistent, and marked demo wherever they appear.

A plant is drawn from a seed and made consistent from the inside out: what is plated decides the metal used, the
metal and the rinse decide water and sludge, and so on. The same seed gives the same files, byte for byte.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

# The cases that ship with the package: the real plant, and demonstration plants written by this module.
SHIPPED_CASES = Path(__file__).parent / "data" / "cases"

YEARS = (2022, 2023, 2024)
NOTE = "演示数据"

Row = Mapping[str, object]


@dataclass
class PlantFiles:
    """The rows of a demonstration case, file by file, in the layout that ``facts.cases`` reads."""

    profile: str
    facts: list[dict[str, object]] = field(default_factory=list)
    monitoring: list[dict[str, object]] = field(default_factory=list)
    equipment: list[dict[str, object]] = field(default_factory=list)
    places: list[dict[str, object]] = field(default_factory=list)
    indicators: list[dict[str, object]] = field(default_factory=list)

    def fact(
        self, period: object, place: str, kind: str, item: str, value: float, unit: str, basis: str, **more: object
    ) -> None:
        """Add a fact; numbers are kept to five significant digits, as a plant's books would print them."""
        row = {"period": period, "place": place, "kind": kind, "item": item, "value": _digits(value), "unit": unit}
        self.facts.append({**row, "basis": basis, "note": NOTE, **more})

    def write(self, folder: Path) -> None:
        """Write the case as CSV files and ``plant.toml`` into a folder, which is made where it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "plant.toml").write_text(self.profile, encoding="utf-8")
        tables = {
            "facts.csv": (
                ("period", "place", "kind", "item", "role", "value", "unit", "basis", "product", "to_place", "note"),
                self.facts,
            ),
            "monitoring.csv": (
                (
                    "outlet",
                    "pollutant",
                    "date",
                    "concentration",
                    "limit",
                    "unit",
                    "flow_m3_h",
                    "rate_kg_h",
                    "basis",
                    "note",
                ),
                self.monitoring,
            ),
            "equipment.csv": (("place", "name", "model", "power_kw", "count", "note"), self.equipment),
            "places.csv": (("place", "parent", "kind"), self.places),
            "indicators.csv": (("indicator", "answer", "evidence", "note"), self.indicators),
        }
        for name, (columns, rows) in tables.items():
            if rows:
                _write(folder / name, columns, rows)


def _digits(value: float) -> float | int:
    rounded = float(f"{value:.5g}")
    return int(rounded) if rounded == int(rounded) else rounded


def _write(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


# ---------------------------------------------------------------- electroplating 电镀

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
        _profile(
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
    _judge(plant, answers)
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
                value = _digits(float(f"{rng.uniform(low, high):.3g}"))
                plant.monitoring.append({**row, "concentration": value, "basis": "monitoring", "note": NOTE})
            for name, limit, low, high in gas:
                row = {"outlet": "DA001 酸雾排气筒", "pollutant": name, "date": date, "limit": limit, "unit": "mg/m3"}
                value = _digits(float(f"{rng.uniform(low, high):.3g}"))
                flow = round(rng.uniform(17_500, 19_500))
                plant.monitoring.append(
                    {**row, "concentration": value, "flow_m3_h": flow, "basis": "monitoring", "note": NOTE}
                )


# ---------------------------------------------------------------- hazardous-waste incineration 危险废物焚烧


def hazardous_waste_incineration(seed: int = 2026) -> PlantFiles:
    """A rotary-kiln incineration plant for hazardous waste (危险废物焚烧处置企业)."""
    rng = random.Random(f"hazardous-waste-incineration-{seed}")
    plant = PlantFiles(
        _profile(
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
    _judge(plant, answers)
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


# ---------------------------------------------------------------- shared


def _judge(plant: PlantFiles, answers: Mapping[str, tuple[float | str, str]]) -> None:
    for indicator, (answer, evidence) in answers.items():
        plant.indicators.append({"indicator": indicator, "answer": answer, "evidence": evidence, "note": NOTE})


def _profile(
    *,
    plant: str,
    name: str,
    name_en: str,
    code: str,
    system: str,
    table: str,
    details: Mapping[str, str],
    settings: Mapping[str, object] | None = None,
) -> str:
    lines = [
        "# 演示数据：由种子生成，不是真实企业。 Demonstration data, generated from a seed; no real plant.",
        f'plant = "{plant}"',
        f'name = "{name}"',
        f'name_en = "{name_en}"',
        f'industry_code = "{code}"',
        'province = "重庆"',
        'city = "重庆"',
        f'system = "{system}"',
        f'table = "{table}"',
        f'audit_period = "{YEARS[0]}-01-01/{YEARS[-1]}-12-31"',
        'grade = "demo"',
        "",
        "[settings]",
        'electricity_factor = "provincial"',
        'gwp_set = "AR6"',
        *(f"{key} = {value}" for key, value in (settings or {}).items()),
        "",
        "[details]",
        *(f'{key} = "{value}"' for key, value in details.items()),
        "",
    ]
    return "\n".join(lines)


PLANTS: Mapping[str, Callable[[int], PlantFiles]] = {
    "electroplating-demo": electroplating,
    "hazardous-waste-incineration-demo": hazardous_waste_incineration,
}

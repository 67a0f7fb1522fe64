"""Seeded plants without contradictions (无矛盾的合成企业): three industries, with the noise that meters and lists have.

``PLANTS`` maps an industry to a function of a seed that gives the files of a case. Two build on the demonstration
plants of ``qingyuan.demo``: what is computed there is given the scatter of a measurement, and what a complete audit
has besides (codes, further wastes, further monitoring, machines that fit the meters) is added.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qingyuan import demo
from qingyuan.demo import YEARS, PlantFiles
from qingyuan.facts.cases import read_case
from qingyuan.facts.model import Case

Row = dict[str, Any]
OPTION_COLUMNS = (
    "id", "name", "aspect", "kind", "investment", "annual_saving", "payback_years", "effects", "status",
)  # fmt: skip


@dataclass
class CleanPlant(PlantFiles):
    """The rows of a case as ``PlantFiles``, with options besides."""

    facts: list[Row] = field(default_factory=list)
    monitoring: list[Row] = field(default_factory=list)
    equipment: list[Row] = field(default_factory=list)
    options: list[Row] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """Write the case as a folder of CSV files and ``plant.toml``."""
        super().write(folder)
        if self.options:
            with (folder / "options.csv").open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, OPTION_COLUMNS, restval="", lineterminator="\n")
                writer.writeheader()
                writer.writerows(self.options)


def read(plant: CleanPlant, folder: Path) -> Case:
    """The plant as the facts room reads it, through files."""
    plant.write(folder)
    return read_case(folder)


# Hazardous wastes and the codes written beside them, as a transfer form would show.
CODES = {
    "电镀污泥": "HW17 336-063-17", "废活性炭": "HW49 900-039-49", "废酸": "HW34 900-300-34",
    "废滤芯": "HW49 900-041-49", "废槽液": "HW17 336-063-17", "飞灰": "HW18 772-003-18", "炉渣": "HW18 772-003-18",
    "微蚀废液": "HW22 398-005-22", "废退锡水": "HW34 900-305-34", "氯化铜废液": "HW22 398-004-22",
    "铜氨废液": "HW22 398-004-22", "含铜污泥": "HW22 398-005-22", "废油墨渣": "HW12 900-253-12",
    "废油墨罐": "HW49 900-041-49", "膜渣": "HW13", "废有机溶剂": "HW06 900-404-06", "废菲林": "HW16 398-001-16",
    "废矿物油": "HW08 900-249-08", "废灯管": "HW29 900-023-29", "废边角料": "HW13 900-451-13",
    "废树脂粉": "HW13 900-451-13", "废抹布": "HW49 900-041-49", "废催化剂": "HW50",
}  # fmt: skip


def noisy(rng: random.Random, value: float, share: float) -> float:
    """A value with the scatter of a measurement, five significant digits as books print them."""
    return printed(value * (1 + max(-3.0, min(3.0, rng.gauss(0, 1))) * share))


def printed(value: float) -> float:
    """Five significant digits."""
    rounded = float(f"{value:.5g}")
    return int(rounded) if rounded == int(rounded) else rounded


def find(plant: CleanPlant, item: str, *, year: int | None = None, place: str | None = None) -> Iterable[Row]:
    """The fact rows of an item."""
    for row in plant.facts:
        if row["item"] == item and year in (None, row["period"]) and place in (None, row["place"]):
            yield row


def amount(plant: CleanPlant, item: str, year: int) -> float:
    """The sum of an item's rows of a year."""
    return sum(float(row["value"]) for row in find(plant, item, year=year))


def _waste(plant: CleanPlant, year: int, name: str, tonnes: float, place: str = "全厂") -> None:
    plant.fact(year, place, "waste", name, tonnes, "t", "statistics", note=CODES.get(name, "一般固废，外售"))


def _codes(plant: CleanPlant) -> None:
    for row in plant.facts:
        if row["kind"] == "waste" and row["item"] in CODES:
            row["note"] = CODES[row["item"]]


def _machine(plant: CleanPlant, place: str, name: str, model: str, kilowatts: float, count: int = 1) -> None:
    plant.equipment.append(
        {"place": place, "name": name, "model": model, "power_kw": printed(kilowatts), "count": count, "note": "合成"}
    )


def _result(
    plant: CleanPlant,
    outlet: str,
    pollutant: str,
    date: str,
    value: float,
    limit: float | str,
    unit: str,
    *,
    flow: float | None = None,
    automatic: bool = False,
) -> None:
    shown = float(f"{value:.3g}")
    row: Row = {
        "outlet": outlet, "pollutant": pollutant, "date": date, "concentration": shown, "limit": limit, "unit": unit,
        "basis": "monitoring-auto" if automatic else "monitoring", "note": "合成",
    }  # fmt: skip
    if flow is not None:
        row["flow_m3_h"] = round(flow)
        row["rate_kg_h"] = float(f"{shown * round(flow) * 1e-6:.3g}")
    plant.monitoring.append(row)


def _dates(rng: random.Random, months: Iterable[int] = (2, 5, 8, 11)) -> list[str]:
    return [f"{year}-{month:02d}-{rng.randint(3, 26):02d}" for year in YEARS for month in months]


def electroplating(seed: int) -> CleanPlant:
    """The demonstration electroplating works, measured and complete."""
    plant = CleanPlant(**vars(demo.electroplating(seed)))
    rng, counted = random.Random(f"clean-electroplating-{seed}"), random.Random(f"counted-electroplating-{seed}")
    for row in plant.facts:
        if row["kind"] == "product" and row["unit"] == "m2" and row["item"] != "设计产能":
            row["value"] = noisy(counted, row["value"], 0.006)  # counted, not grown by a rate
        elif row["kind"] == "material" and row.get("role") != "contained":
            row["value"] = noisy(rng, row["value"], 0.012 if row["place"] != "废水处理站" else 0.04)
        elif row["item"] in ("电镀污泥", "生产废水产生量") or row["item"] == "废水回用量":
            row["value"] = noisy(rng, row["value"], 0.03)
        elif row["item"] == "用电量" and row["place"] == "废水处理站":
            row["value"] = noisy(rng, row["value"], 0.04)
        elif row["item"] in ("外购电量", "新鲜水量"):
            row["value"] = noisy(rng, row["value"], 0.004)  # the main meter errs for itself
        elif row["item"] == "产品合格率":
            row["value"] = round(98.4 + rng.uniform(0.0, 0.9), 2)
    for year in YEARS:
        water = amount(plant, "生产废水产生量", year)
        reused = amount(plant, "废水回用量", year)
        for row in find(plant, "生产废水排放量", year=year):
            row["value"] = noisy(rng, water - reused, 0.008)
        for row in list(find(plant, "用电量", year=year, place="废水处理站")):
            row["value"] = noisy(rng, water * 2.7, 0.03)
        total = amount(plant, "用电量", year)
        for row in find(plant, "外购电量", year=year):
            row["value"] = noisy(rng, total, 0.004)
        area = sum(
            float(row["value"])
            for row in plant.facts
            if row["kind"] == "product" and row["unit"] == "m2" and row["period"] == year
        )
        carbon = next(iter(find(plant, "废活性炭", year=year)))["value"]
        for item, place, value in (
            ("盐酸", "镀锌线", water * 1.9), ("硫酸", "镀铜线", water * 1.0), ("除油粉", "镀镍铬线", area * 0.011),
            ("铬酐", "镀镍铬线", area * 0.0042), ("活性炭", "镀镍铬线", carbon * 1000 / 1.12),
            ("焦亚硫酸钠", "废水处理站", water * 0.11),
        ):  # fmt: skip
            plant.fact(year, place, "material", item, noisy(rng, value, 0.03), "kg", "statistics")
        _waste(plant, year, "废酸", noisy(rng, water * 0.0011, 0.08))
        _waste(plant, year, "废滤芯", noisy(rng, 2.1, 0.1))
        _waste(plant, year, "废槽液", noisy(rng, 6.4, 0.1))
        sewage = 0.85 * amount(plant, "生活用水", year)
        plant.fact(year, "全厂", "water", "生活污水产生量", noisy(rng, sewage, 0.03), "m3", "statistics")
        plant.fact(year, "废水处理站", "water", "浓水", noisy(rng, reused * 0.4, 0.05), "m3", "meter")
    _codes(plant)
    for date in sorted({str(row["date"]) for row in plant.monitoring}):
        for name, limit, low, high in (
            ("六价铬", 0.2, 0.01, 0.06), ("总氮", 20, 7, 14), ("石油类", 3, 0.4, 1.4), ("悬浮物", 30, 6, 18),
            ("阴离子表面活性剂", 5, 0.2, 0.9), ("pH", "6-9", 6.9, 7.9),
        ):  # fmt: skip
            _result(plant, "生产废水排放口", name, date, rng.uniform(low, high), limit, "" if name == "pH" else "mg/L")
        for name, limit, low, high in (("氮氧化物", 200, 6, 18),):
            _result(plant, "DA001 酸雾排气筒", name, date, rng.uniform(low, high), limit, "mg/m3", flow=18_400)
    for row in plant.monitoring:
        if row["outlet"].startswith("DA001") and "flow_m3_h" in row:
            row["rate_kg_h"] = float(f"{row['concentration'] * row['flow_m3_h'] * 1e-6:.3g}")
    _noise(plant, rng)
    _fit_machines(plant, rng, hours=6000)
    return plant


def _fit_machines(plant: CleanPlant, rng: random.Random, *, hours: float) -> None:
    """Scale the listed powers so that the electricity of each place is 55-75 % of them over the hours of production."""
    last = YEARS[-1]
    for place in dict.fromkeys(row["place"] for row in plant.equipment):
        used = sum(float(row["value"]) for row in find(plant, "用电量", year=last, place=place))
        machines = [row for row in plant.equipment if row["place"] == place]
        listed = sum(float(row["power_kw"]) * float(row["count"]) for row in machines)
        if used > 0:
            scale = used / hours / rng.uniform(0.55, 0.75) / listed
            for row in machines:
                row["power_kw"] = printed(float(row["power_kw"]) * scale)


def _noise(plant: CleanPlant, rng: random.Random) -> None:
    for year in YEARS:
        date = f"{year}-06-{rng.randint(3, 26):02d}"
        for point in ("N1厂界东外1m", "N2厂界南外1m", "N3厂界西外1m", "N4厂界北外1m"):
            for name, limit, low, high in (("噪声昼间", 60, 49, 57.9), ("噪声夜间", 50, 40, 48)):
                row = {
                    "outlet": point,
                    "pollutant": name,
                    "date": date,
                    "limit": limit,
                    "unit": "dB(A)",
                    "note": "合成",
                }
                plant.monitoring.append(
                    {**row, "concentration": round(rng.uniform(low, high), 1), "basis": "monitoring"}
                )


def incineration(seed: int) -> CleanPlant:
    """The demonstration incineration plant, measured and complete."""
    plant = CleanPlant(**vars(demo.hazardous_waste_incineration(seed)))
    rng = random.Random(f"clean-incineration-{seed}")
    scatter = {"material": 0.035, "energy": 0.025, "water": 0.02, "waste": 0.03}
    for row in plant.facts:
        if row["item"] not in ("外购电量", "新鲜水量", "生活用水") and row["kind"] in scatter:
            row["value"] = noisy(rng, row["value"], scatter[row["kind"]])
        elif row["item"] == "产值":
            row["value"] = noisy(rng, row["value"], 0.015)
    for year in YEARS:
        for total, part in (("外购电量", "用电量"),):
            for row in find(plant, total, year=year):
                row["value"] = noisy(rng, amount(plant, part, year), 0.004)
        for row in find(plant, "新鲜水量", year=year):
            row["value"] = noisy(rng, amount(plant, "生产用水", year) + amount(plant, "生活用水", year), 0.004)
        generated, discharged = amount(plant, "生产废水产生量", year), amount(plant, "生产废水排放量", year)
        plant.fact(year, "全厂", "water", "废水回用量", noisy(rng, generated - discharged, 0.015), "m3", "meter")
        evaporated = 0.76 * amount(plant, "生产用水", year)
        plant.fact(year, "全厂", "water", "蒸发损失水", noisy(rng, evaporated, 0.02), "m3", "balance", role="lost")
        _waste(plant, year, "废布袋", noisy(rng, 3.2, 0.08))
        plant.fact(year, "全厂", "time", "年工作天数", 318 + rng.randint(0, 9), "d", "statistics")
    _codes(plant)
    for date in sorted({str(row["date"]) for row in plant.monitoring}):
        flow = next(row["flow_m3_h"] for row in plant.monitoring if row["date"] == date)
        _result(plant, "DA001 焚烧烟囱", "氨", date, rng.uniform(0.6, 2.4), 8, "mg/Nm3", flow=flow)
    for date in _dates(rng):
        for name, limit, low, high in (
            ("COD", 100, 31, 62),
            ("氨氮", 15, 3.1, 8.4),
            ("pH", "6-9", 6.8, 8.1),
            ("总汞", 0.05, 0.0006, 0.003),
        ):
            _result(
                plant, "DW001 废水总排口", name, date, rng.uniform(low, high), limit, "" if name == "pH" else "mg/L"
            )
    _machine(plant, "贮存与配伍", "抓斗起重机", "QZ-10", 75)
    _machine(plant, "焚烧线", "一次风机", "9-19", 200)
    _noise(plant, rng)
    _fit_machines(plant, rng, hours=7200)
    return plant


def circuit_boards(seed: int) -> CleanPlant:
    """A works for single- and double-sided circuit boards whose copper, tin, solvents, water and power balance."""
    rng = random.Random(f"clean-circuit-boards-{seed}")
    plant = CleanPlant(
        demo._profile(
            plant="clean-circuit-boards", name="合成印制电路板厂", name_en="Synthetic circuit-board works", code="3982",
            system="printed-circuit-board-undated", table="general",
            details={
                "products": "刚性单面板、双面板",
                "processes": "开料、钻孔、沉铜、图形电镀、干膜、碱性蚀刻、酸性蚀刻、阻焊丝印、喷锡、锣板、测试",
            },
        )
    )  # fmt: skip
    places = (("单面车间", "workshop"), ("双面车间", "workshop"), ("废水处理站", "treatment"), ("办公生活区", "living"))
    plant.places += [{"place": place, "parent": "", "kind": kind} for place, kind in places]
    single, double = rng.uniform(38_000, 60_000), rng.uniform(55_000, 90_000)
    for index, year in enumerate(YEARS):
        growth = 1 + 0.05 * index
        _boards_year(plant, rng, year, noisy(rng, single * growth, 0.02), noisy(rng, double * growth, 0.02), index)
    plant.fact("undated", "全厂", "product", "设计产能", printed((single + double) * 1.35), "m2", "statistics")
    _boards_machines(plant, rng)
    _boards_monitoring(plant, rng)
    _boards_options(plant, rng)
    return plant


def _boards_year(plant: CleanPlant, rng: random.Random, year: int, single: float, double: float, index: int) -> None:
    def material(place: str, item: str, value: float, unit: str = "kg", spread: float = 0.025) -> None:
        plant.fact(year, place, "material", item, noisy(rng, value, spread), unit, "statistics")

    a, b, works = "单面车间", "双面车间", "废水处理站"
    plant.fact(year, a, "product", "单面板产量", round(single), "m2", "statistics")
    plant.fact(year, b, "product", "双面板产量", round(double), "m2", "statistics")
    plant.fact(year, "全厂", "product", "产品合格率", round(97.9 + rng.uniform(0, 1.2), 2), "%", "statistics")
    sheet_a, sheet_b = noisy(rng, single / 0.90, 0.008), noisy(rng, double / 0.85, 0.008)
    plant.fact(year, a, "material", "覆铜板", sheet_a, "m2", "statistics")
    plant.fact(year, b, "material", "覆铜板", sheet_b, "m2", "statistics")
    material(a, "酸性蚀刻液", 1.5 * single)
    material(a, "盐酸", 0.32 * single)
    material(a, "油墨", 0.085 * single)
    material(a, "开油水", 0.006 * single)
    material(b, "碱性蚀刻液", 1.25 * double)
    material(b, "氨水", 0.06 * double)
    material(b, "铜球", 0.27 * double)
    material(b, "硫酸铜", 0.012 * double)
    material(b, "锡球", 0.03 * double)
    material(b, "焊料", 0.055 * double)
    material(b, "助焊剂", 0.04 * double)
    material(b, "退锡水", 0.62 * double)
    material(b, "过硫酸钠", 0.21 * double)
    material(b, "硫酸", 0.62 * double)
    material(b, "干膜", 2.5 * double, "m2")
    material(b, "碳酸钠", 0.17 * double)
    material(b, "片碱", 0.16 * double)
    material(b, "沉铜液", 0.33 * double, "kg")
    material(b, "油墨", 0.17 * double)
    material(b, "洗网水", 0.034 * double)
    material(b, "防白水", 0.012 * double)
    water_a, water_b = noisy(rng, 0.082 * single, 0.03), noisy(rng, 0.29 * double, 0.03)
    plant.fact(year, a, "water", "生产用水", water_a, "m3", "meter")
    plant.fact(year, b, "water", "生产用水", water_b, "m3", "meter")
    domestic = noisy(rng, 9_600, 0.03)
    plant.fact(year, "办公生活区", "water", "生活用水", domestic, "m3", "meter")
    plant.fact(year, "全厂", "water", "新鲜水量", noisy(rng, water_a + water_b + domestic, 0.004), "m3", "invoice")
    plant.fact(year, "全厂", "water", "生活污水产生量", noisy(rng, 0.85 * domestic, 0.03), "m3", "statistics")
    waste_water = noisy(rng, 0.88 * (water_a + water_b), 0.02)
    reused = noisy(rng, 0.21 * waste_water, 0.04)
    plant.fact(year, "全厂", "water", "生产废水产生量", waste_water, "m3", "meter")
    plant.fact(year, "全厂", "water", "废水回用量", reused, "m3", "meter")
    plant.fact(year, "全厂", "water", "生产废水排放量", noisy(rng, waste_water - reused, 0.006), "m3", "meter")
    plant.fact(year, "全厂", "water", "浓水", noisy(rng, 0.05 * (water_a + water_b), 0.05), "m3", "meter")
    plant.fact(year, "全厂", "pollutant", "废水总铜产生浓度", round(rng.uniform(55, 75), 1), "mg/L", "monitoring")
    plant.fact(year, "全厂", "pollutant", "废水COD产生浓度", round(rng.uniform(520, 680)), "mg/L", "monitoring")
    for item, dose in (("石灰", 0.9), ("PAC", 0.31), ("PAM", 0.011), ("硫化钠", 0.06), ("硫酸亚铁", 0.28)):
        material(works, item, dose * waste_water, spread=0.05)
    power = {a: 7.2 * single, b: 29.0 * double, works: 4.6 * waste_water, "办公生活区": 142_000.0}
    metered = {place: noisy(rng, value, 0.025) for place, value in power.items()}
    for place, value in metered.items():
        plant.fact(year, place, "energy", "用电量", value, "kWh", "meter")
    plant.fact(year, "全厂", "energy", "外购电量", noisy(rng, sum(metered.values()), 0.004), "kWh", "invoice")
    _boards_wastes(plant, rng, year, single, double, sheet_a, sheet_b, waste_water)
    value = noisy(rng, 0.031 * single + 0.062 * double, 0.02)
    plant.fact(year, "全厂", "money", "产值", value, "10^4 CNY", "statistics")
    plant.fact(year, "全厂", "money", "纳税", noisy(rng, 0.046 * value, 0.04), "10^4 CNY", "statistics")
    plant.fact(year, "全厂", "money", "电费", noisy(rng, 0.72e-4 * sum(metered.values()), 0.02), "10^4 CNY", "invoice")
    plant.fact(year, "全厂", "staff", "职工人数", 214 + 5 * index, "人", "statistics")
    plant.fact(year, "全厂", "time", "年工作天数", 300 + rng.randint(0, 6), "d", "statistics")
    plant.fact(year, "全厂", "time", "年生产时间", 6000 + rng.randint(0, 220), "h", "statistics")


def _boards_wastes(
    plant: CleanPlant,
    rng: random.Random,
    year: int,
    single: float,
    double: float,
    sheet_a: float,
    sheet_b: float,
    waste_water: float,
) -> None:
    scrap = (sheet_a - single + sheet_b - double) * 2.5 / 1000
    voc = _solvent(plant, year)
    carbon = 0.5 * voc / 0.2
    plant.fact(year, "双面车间", "material", "活性炭", noisy(rng, carbon, 0.03), "kg", "statistics")
    amounts = {
        "氯化铜废液": 1.95e-3 * single, "铜氨废液": 1.5e-3 * double, "废退锡水": 0.7e-3 * double,
        "微蚀废液": 1.2e-3 * double, "含铜污泥": 6.2e-3 * waste_water, "废油墨渣": 0.02e-3 * double + 0.01e-3 * single,
        "废油墨罐": 0.012e-3 * (single + double), "膜渣": 0.2e-3 * double, "废有机溶剂": 0.25 * voc / 1000,
        "废菲林": 0.35, "废矿物油": 0.9, "废灯管": 0.12, "废边角料": scrap, "废树脂粉": 0.03e-3 * double,
        "废抹布": 1.4, "废滤芯": 2.2, "废活性炭": carbon * 1.18 / 1000, "锡渣": 0.016e-3 * double, "废布袋": 0.25,
        "废纸": 0.05e-3 * (single + double),
    }  # fmt: skip
    for name, tonnes in amounts.items():
        _waste(plant, year, name, noisy(rng, tonnes, 0.05))


def _solvent(plant: CleanPlant, year: int) -> float:
    """Volatile compounds bought in a year, kg."""
    shares = {"油墨": 0.16, "开油水": 0.95, "洗网水": 0.95, "防白水": 0.95, "助焊剂": 0.7}
    return sum(share * amount(plant, item, year) for item, share in shares.items())


def _boards_machines(plant: CleanPlant, rng: random.Random) -> None:
    a, b, works = "单面车间", "双面车间", "废水处理站"
    for place, name, model, kilowatts, count in (
        (a, "丝印机", "SP-600", 4, 6), (a, "蚀刻线", "AE-650", 45, 1), (a, "隧道烤炉", "TO-12", 60, 1),
        (a, "冲床", "C-160", 11, 3), (b, "数控钻机", "ZK-6", 15, 8), (b, "沉铜线", "PTH-24", 130, 1),
        (b, "图形电镀线", "PL-30", 190, 1), (b, "曝光机", "EX-10", 12, 4), (b, "蚀刻线", "LE-650", 90, 1),
        (b, "喷锡机", "HAL-25", 55, 1), (b, "锣机", "LJ-4", 14, 5), (b, "飞针测试机", "FZ-8", 2, 6),
        (b, "空压机", "GA-75", 75, 2), (b, "纯水机", "RO-5", 15, 1), (works, "污水泵", "WQ-50", 7.5, 6),
        (works, "鼓风机", "LR-80", 15, 2), (works, "压滤机", "XMY-60", 7.5, 2),
    ):  # fmt: skip
        _machine(plant, place, name, model, kilowatts, count)
    _fit_machines(plant, rng, hours=6000)
    for label, count, unit in (
        ("沉铜线数量（企业简介）", 1, "条"),
        ("数控钻机数量（企业简介）", 8, "台"),
        ("锣机数量（企业简介）", 5, "台"),
    ):
        plant.fact("undated", "全厂", "equipment", label, count, unit, "statistics")
    for name, count in (
        ("碱液喷淋塔（酸性废气）", 1),
        ("酸液喷淋塔（碱性废气）", 1),
        ("二级活性炭吸附（有机废气）", 1),
        ("布袋除尘（钻孔粉尘）", 1),
        ("滤筒过滤（含锡废气）", 1),
    ):
        plant.fact(YEARS[-1], "全厂", "equipment", name, count, "套", "statistics")


def _boards_monitoring(plant: CleanPlant, rng: random.Random) -> None:
    water = (
        ("COD", 160, 55, 110), ("氨氮", 30, 4, 11), ("总氮", 40, 13, 24), ("总磷", 2, 0.1, 0.5), ("总铜", 1, 0.12, 0.5),
        ("硫化物", 1, 0.03, 0.15), ("甲醛", 2, 0.1, 0.6), ("总氰化物", 0.4, 0, 0), ("悬浮物", 100, 12, 40),
    )  # fmt: skip
    for date in _dates(rng):
        for name, limit, low, high in water:
            if name == "硫化物" and rng.random() < 0.25:  # what is not found is stated with its detection limit
                row = {
                    "outlet": "DW001 生产废水排放口",
                    "pollutant": name,
                    "date": date,
                    "limit": limit,
                    "unit": "mg/L",
                }
                plant.monitoring.append({**row, "concentration": "<0.01", "basis": "monitoring", "note": "合成"})
            elif high:
                _result(plant, "DW001 生产废水排放口", name, date, rng.uniform(low, high), limit, "mg/L")
        _result(plant, "DW001 生产废水排放口", "pH", date, rng.uniform(6.9, 7.9), "6-9", "")
    voc = sum(_solvent(plant, year) for year in YEARS) / len(YEARS)
    hours = 6100
    for date in _dates(rng, (3, 9)):
        for outlet, names, flow in (
            ("DA001", (("氯化氢", 30, 1.2, 4), ("硫酸雾", 30, 0.8, 3), ("氮氧化物", 200, 5, 20)), 18_000),
            ("DA002", (("氨", 20, 1, 4),), 9_000),
            ("DA004", (("锡及其化合物", 8.5, 0.01, 0.05),), 11_000),
            ("DA005", (("颗粒物", 120, 3, 9),), 7_000),
        ):  # fmt: skip
            measured = flow * rng.uniform(0.94, 1.06)
            for name, limit, low, high in names:
                _result(plant, outlet, name, date, rng.uniform(low, high), limit, "mg/m3", flow=measured)
        collected = 0.68 * voc / hours * rng.uniform(0.95, 1.05)  # kg/h
        air = 22_000 * rng.uniform(0.97, 1.03)
        _result(plant, "DA003处理前", "VOCs", date, collected / air * 1e6, "", "mg/m3", flow=air)
        after = collected * rng.uniform(0.22, 0.3) / air * 1e6
        _result(plant, "DA003", "VOCs", date, after, 100, "mg/m3", flow=air * rng.uniform(0.99, 1.03))
    _noise(plant, rng)


def _boards_options(plant: CleanPlant, rng: random.Random) -> None:
    water = amount(plant, "生产废水产生量", YEARS[-1])
    power = amount(plant, "用电量", YEARS[-1])
    value = amount(plant, "产值", YEARS[-1])
    etchant = amount(plant, "氯化铜废液", YEARS[-1]) + amount(plant, "铜氨废液", YEARS[-1])
    for number, (name, kind, invest, save, effect) in enumerate(
        (
            (
                "逆流漂洗改造",
                "medium",
                0.012,
                0.004,
                f"新鲜水 -{round(0.06 * water)} m3; 废水 -{round(0.05 * water)} m3",
            ),
            ("空压机变频", "medium", 0.006, 0.003, f"电 -{round(0.03 * power)} kWh"),
            ("钻孔参数优化", "low", 0.0008, 0.0009, "良率 +0.3 %"),
            ("蚀刻液在线再生", "high", 0.03, 0.009, f"蚀刻废液 -{round(0.33 * etchant)} t"),
        ),
        start=1,
    ):
        investment, saving = round(invest * value, 1), round(save * value, 1)
        plant.options.append(
            {
                "id": str(number), "name": name, "aspect": "技术工艺", "kind": kind, "investment": investment,
                "annual_saving": saving, "payback_years": round(investment / saving * rng.uniform(1.0, 1.15), 1),
                "effects": effect, "status": "planned",
            }
        )  # fmt: skip


PLANTS: Mapping[str, Callable[[int], CleanPlant]] = {
    "printed-circuit-boards": circuit_boards,
    "electroplating": electroplating,
    "hazardous-waste-incineration": incineration,
}

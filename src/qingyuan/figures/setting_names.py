"""Every setting that a report may make (报告设置一览): its key, how its value is read, what it means.

A key that is not here is refused, with the nearest ones named: a misspelt setting never stands silently beside the
default. Keys may be written with ``-`` or ``_``. ``suffix`` says what may follow a dot: a period (``year``), any name
(``name``: an item, a fuel, an outlet) or nothing.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Literal

from qingyuan.language import Name

Reader = Literal[
    "factor", "text", "choice", "truth", "fraction", "number", "day", "places", "kgce/kWh", "kgce/MJ", "price"
]
Suffix = Literal["", "year", "name", "name-or-year"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: ``key`` with hyphens, ``reader`` of its value, ``name`` what it means, ``choices`` of a choice.

    ``suffix`` is what may follow a dot; ``required`` whether it must.
    """

    key: str
    reader: Reader
    name: Name
    suffix: Suffix = ""
    choices: tuple[str, ...] = ()
    required: bool = False


def _number(key: str, zh: str, en: str) -> Setting:
    return Setting(key, "number", Name(zh, en), "year")


SETTINGS: tuple[Setting, ...] = (
    Setting("electricity-factor", "factor", Name("电力排放因子：national、provincial 或 kgCO2/kWh 数值",
            "electricity factor: national, provincial or a number in kgCO2/kWh")),
    Setting("electricity-factor-year", "number", Name("电力排放因子的年份", "year of the electricity factor"), "year"),
    Setting("gwp-set", "text", Name("全球增温潜势集", "set of global warming potentials")),
    Setting("province", "text", Name("省份", "province")),
    Setting("allocation", "choice", Name("共用量的分摊方法", "how shared use goes to products"),
            choices=("direct", "output", "output-value", "none")),
    Setting("equal-value-electricity", "kgce/kWh", Name("某年的电力等价折标准煤系数，kgce/kWh",
            "equal value of electricity of a year, kgce/kWh"), "year", required=True),
    Setting("equal-value-heat", "kgce/MJ", Name("某年的热力等价折标准煤系数，kgce/MJ",
            "equal value of heat of a year, kgce/MJ"), "year", required=True),
    Setting("historic-equal-value", "truth", Name("没有当年数时用旧常数 0.4040 kgce/kWh",
            "use the old constant 0.4040 kgce/kWh where the year's value is not given")),
    Setting("range-choice", "choice", Name("印为范围的系数取哪个数", "which number of a printed range"),
            choices=("high", "low", "middle", "statistics")),
    Setting("below-detection", "choice", Name("未检出的计法", "how a result below detection counts"),
            choices=("limit", "half-limit")),
    Setting("feedstock", "choice", Name("原料用能另列或计入", "energy used as raw material apart or inside"),
            choices=("apart", "include")),
    Setting("working-media", "choice", Name("外购耗能工质是否计入", "whether bought working media count"),
            choices=("bought", "exclude")),
    Setting("balance-tolerance", "fraction", Name("平衡残差的限度", "tolerance of balances")),
    Setting("balance-tolerance-toxic", "fraction", Name("贵重和有毒有害物质平衡的限度",
            "tolerance of balances of precious and toxic substances")),
    Setting("editions-as-of", "day", Name("各年都用这一天有效的版本", "compute all years by the editions of this day")),
    Setting("excluded-places", "places", Name("不计入生产的场所，分号隔开", "places outside production, semicolons")),
    Setting("discount-rate", "fraction", Name("折现率", "discount rate")),
    Setting("income-tax-rate", "fraction", Name("所得税率", "income tax rate")),
    Setting("price", "price", Name("某项目的单价，元/该项目的单位", "price of an item, CNY per its unit"), "name",
            required=True),
    Setting("prices", "price", Name("某项目的单价，元/该项目的单位", "price of an item, CNY per its unit"), "name",
            required=True),
    Setting("rinses", "number", Name("清洗次数", "number of rinses")),
    # carbon
    Setting("reporting-date", "text", Name("报告日期", "day of the report")),
    Setting("carbon-fuel-set", "text", Name("燃料碳因子表", "set of fuel factors")),
    Setting("carbon-equipment", "text", Name("燃烧设备，或某燃料的燃烧设备", "equipment that burns the fuels"), "name"),
    Setting("green-electricity-proof", "text", Name("绿电证明", "proof of green electricity")),
    Setting("cement.method", "choice", Name("熟料过程排放的方法", "method of clinker emissions"),
            choices=("ets", "gbt")),
    _number("cement.cao", "熟料CaO含量", "CaO of clinker"),
    _number("cement.mgo", "熟料MgO含量", "MgO of clinker"),
    _number("cement.cao-other", "熟料中非碳酸盐来源的CaO", "CaO of clinker from no carbonate"),
    _number("cement.mgo-other", "熟料中非碳酸盐来源的MgO", "MgO of clinker from no carbonate"),
    _number("cement.raw-meal-carbon", "生料中非燃料碳含量，tC/t", "non-fuel carbon of raw meal, tC/t"),
    Setting("nitric-acid.process", "text", Name("硝酸工艺", "process of nitric acid")),
    Setting("nitric-acid.removal", "text", Name("硝酸尾气处理", "tail-gas treatment of nitric acid")),
    _number("nitric-acid.removal-use", "硝酸尾气处理使用率", "use of the tail-gas treatment of nitric acid"),
    Setting("adipic-acid.process", "text", Name("己二酸工艺", "process of adipic acid")),
    Setting("adipic-acid.removal", "text", Name("己二酸尾气处理", "tail-gas treatment of adipic acid")),
    _number("adipic-acid.removal-use", "己二酸尾气处理使用率", "use of the tail-gas treatment of adipic acid"),
    _number("aluminium.anode-effect-minutes", "阳极效应分钟数", "minutes of anode effects"),
    _number("aluminium.sulfur", "阳极硫分", "sulfur of anodes"),
    _number("aluminium.ash", "阳极灰分", "ash of anodes"),
    _number("glass.carbon", "玻璃碳粉含碳量，tC/t", "carbon of glass carbon powder, tC/t"),
    _number("reformer.before", "重整再生前含碳量", "carbon before regeneration"),
    _number("reformer.after", "重整再生后含碳量", "carbon after regeneration"),
    _number("decoking.flow", "烧焦尾气流量，Nm3/h", "flow of decoking gas, Nm3/h"),
    _number("decoking.hours", "烧焦时间，h", "hours of decoking"),
    _number("decoking.co2", "烧焦尾气CO2体积分数", "CO2 of decoking gas"),
    _number("decoking.co", "烧焦尾气CO体积分数", "CO of decoking gas"),
    _number("flare.carbon", "火炬气含碳量，tC/10^4 Nm3", "carbon of flare gas, tC/10^4 Nm3"),
    _number("flare.co2", "火炬气CO2体积分数", "CO2 of flare gas"),
    _number("flare-accident.flow", "事故火炬流量，10^4 Nm3/h", "flow of accident flaring, 10^4 Nm3/h"),
    _number("flare-accident.hours", "事故火炬时间，h", "hours of accident flaring"),
    _number("flare-accident.atoms", "事故火炬气平均碳原子数", "mean number of carbon atoms of accident flare gas"),
    _number("food.co2-loss", "食品用二氧化碳损耗比例", "loss of carbon dioxide in food"),
    _number("urea.concentration", "尿素溶液浓度", "strength of urea solution"),
    _number("fgd.purity", "脱硫剂纯度", "purity of desulfurisation agent"),
    _number("hcfc22.factor", "HCFC-22副产HFC-23系数，t/t", "HFC-23 by HCFC-22, t/t"),
    Setting("wastewater.treatment", "text", Name("废水厌氧处理方式", "kind of anaerobic treatment")),
    _number("anaerobic.cod-in", "厌氧处理前COD，mg/L", "COD before anaerobic treatment, mg/L"),
    _number("anaerobic.cod-out", "厌氧处理后COD，mg/L", "COD after anaerobic treatment, mg/L"),
    _number("anaerobic.sludge-cod", "污泥带走的COD，kg", "COD that leaves with sludge, kg"),
    _number("anaerobic.recovered-ch4", "回收的甲烷，t", "methane recovered, t"),
    _number("incineration.carbon", "入炉废物含碳量，tC/t", "carbon of burnt waste, tC/t"),
    _number("incineration.fossil-share", "入炉废物化石碳比例", "fossil share of its carbon"),
    _number("incineration.oxidation", "入炉废物燃烧效率", "its oxidation"),
    _number("welding.co2", "混合保护气CO2体积分数", "CO2 of mixed shielding gas"),
    # pollutants and tax
    Setting("operating-rate", "number", Name("治理设施实际运行率，或某污染物的", "operating rate of treatment"),
            "name-or-year"),
    Setting("wastewater-receiver", "choice", Name("废水受纳体：sewage-works 或 water-body，或某排放口的",
            "receiver of waste water: sewage-works or water-body"), "name-or-year",
            choices=("sewage-works", "water-body")),
    Setting("particulate-kind", "choice", Name("颗粒物种类，或某排放口的", "kind of particulate"), "name-or-year",
            choices=("smoke-dust", "dust")),
    Setting("waste-kind", "choice", Name("某种废物是危险废物还是一般固废", "whether a waste is hazardous or general"),
            "name", choices=("hazardous-waste", "general-waste"), required=True),
    Setting("tax-rate-air", "number", Name("大气污染物适用税额，元/当量", "rate of air pollutants, CNY/equivalent")),
    Setting("tax-rate-water", "number", Name("水污染物适用税额，元/当量", "rate of water pollutants, CNY/equivalent")),
    _number("noise-months", "噪声超标月数", "months with noise above the limit"),
    _number("noise-days-over", "噪声超标天数", "days with noise above the limit"),
    _number("boundary-m", "厂界长度，m", "length of the boundary, m"),
)  # fmt: skip

# Settings of single process units, ``<unit>.oxidation`` (装置的碳氧化率).
_UNIT_OXIDATION = re.compile(r"[a-z0-9][a-z0-9-]*\.oxidation(\.\d{4}.*)?")
_PERIOD = re.compile(r"\d{4}([-/].*)?")
_BY_KEY = {setting.key: setting for setting in SETTINGS}
_OXIDATION = Setting("oxidation", "number", Name("装置的碳氧化率", "oxidation of a process unit"), "name-or-year")


def find_setting(key: str) -> tuple[Setting, str] | None:
    """The setting of a key as it was written, with what follows its dot; None for an unknown one."""
    plain = key.strip().replace("_", "-")
    if plain in _BY_KEY:
        setting = _BY_KEY[plain]
        return None if setting.required else (setting, "")
    if _UNIT_OXIDATION.fullmatch(plain):
        return _OXIDATION, ""
    for known in sorted(_BY_KEY, key=len, reverse=True):
        if plain.startswith(known + "."):
            setting, tail = _BY_KEY[known], key.strip()[len(known) + 1 :]
            named = setting.suffix in ("name", "name-or-year")
            dated = setting.suffix in ("year", "name-or-year") and _PERIOD.fullmatch(tail) is not None
            return (setting, tail) if tail and (named or dated) else None
    return None


def near_settings(key: str) -> tuple[str, ...]:
    """The registered keys that are spelt most like one."""
    plain = key.strip().replace("_", "-").casefold()
    shown = {setting.key + (".2022" if setting.suffix == "year" and setting.required else ""): setting.key
             for setting in SETTINGS}  # fmt: skip
    near = difflib.get_close_matches(plain, list(shown), n=3, cutoff=0.6)
    return tuple(near)

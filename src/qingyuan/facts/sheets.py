"""The sheets of the audit workbook (审核工作簿): one definition for the writer and the reader.

A sheet of the template names itself: a hidden row above the headings holds a key for each column
(``energy/value:2022``), so that columns may move, and a hidden sheet names the template and its version.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from qingyuan.facts.columns import TableKey
from qingyuan.facts.words import word_id
from qingyuan.language import Name

TEMPLATE_ID: Final = "qingyuan-audit-workbook"
TEMPLATE_VERSION: Final = 1
HIDDEN_SHEET: Final = "_qingyuan"
LISTS_SHEET: Final = "_lists"
ROWS_SHEET: Final = "_rows"  # what worksheets held when they were written, on a hidden sheet
COVER_MARK: Final = "cover/-"
AUDIT_MARK: Final = "audit:"  # begins the keys of sheets that hold what an audit decides and records, not facts

Layout = Literal["wide", "long", "form"]
_NO_HINT: Final = Name("")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its key, its title in both languages, the table it holds, the kinds of item, how it is laid out.

    ``wide`` sheets have a column of quantities for each year, ``long`` ones a row for each number, a ``form`` a row for
    each field.
    """

    key: str
    title: Name
    table: TableKey
    kinds: tuple[str, ...] = ()
    layout: Layout = "long"
    hint: Name = _NO_HINT


SHEETS: Final[tuple[Sheet, ...]] = (
    Sheet(
        "profile",
        Name("企业概况", "Plant"),
        "profile",
        layout="form",
        hint=Name(
            "企业是谁、适用哪套指标体系、报告怎样取数",
            "Who the plant is, which index system applies, how reports choose",
        ),
    ),
    Sheet(
        "products",
        Name("产品与经营", "Products"),
        "facts",
        ("product", "money", "staff", "land", "time"),
        "wide",
        Name(
            "各种产品的产量、合格率；产值、税收；人员、用地、运行时间",
            "Output and pass rate of each product; output value, tax; staff, land, operating time",
        ),
    ),
    Sheet(
        "energy",
        Name("能源", "Energy"),
        "facts",
        ("energy",),
        "wide",
        Name(
            "购入、外供和各场所消耗；低位发热量等参数也在这里（收支选“低位发热量”）",
            "Purchases, supplies to others and use by place; heating values too (as a role)",
        ),
    ),
    Sheet(
        "water",
        Name("用水与排水", "Water"),
        "facts",
        ("water",),
        "wide",
        Name(
            "取水、各场所用水、循环与回用、废水产生和排放", "Intake, use by place, recirculation and reuse, wastewater"
        ),
    ),
    Sheet(
        "materials",
        Name("原辅材料", "Materials"),
        "facts",
        ("material",),
        "wide",
        Name("各场所消耗；纯度、VOCs 含量、密度也在这里", "Use by place; purity, VOC content and density too"),
    ),
    Sheet(
        "pollutants",
        Name("污染物", "Pollutants"),
        "facts",
        ("pollutant",),
        "wide",
        Name(
            "全年产生量、去除量、排放量、许可量和年均浓度", "Yearly amounts generated, removed, discharged, permitted"
        ),
    ),
    Sheet(
        "monitoring",
        Name("监测数据", "Monitoring"),
        "monitoring",
        hint=Name("每个监测结果一行；未检出写 ND 或 <检出限", "A row for each result; ND or <limit below detection"),
    ),
    Sheet(
        "wastes",
        Name("固体废物", "Wastes"),
        "facts",
        ("waste",),
        "wide",
        Name("产生、利用、处置、转移、贮存；废物代码写在备注", "Generated, utilised, disposed of, handed over, stored"),
    ),
    Sheet(
        "equipment",
        Name("设备", "Equipment"),
        "equipment",
        hint=Name("主要用能、用水和环保设备", "Main machines that use energy or water, and treatment works"),
    ),
    Sheet(
        "places",
        Name("场所", "Places"),
        "places",
        hint=Name("车间、工序、公用与环保设施及其隶属", "Workshops, processes, utilities, and what belongs to what"),
    ),
    Sheet(
        "flows",
        Name("流向", "Flows"),
        "facts",
        ("water", "energy", "material", "product", "pollutant", "waste"),
        hint=Name("从一个场所到另一个场所的水、物料和能量", "Water, materials and energy from one place to another"),
    ),
    Sheet(
        "indicators",
        Name("指标", "Indicators"),
        "indicators",
        hint=Name(
            "能由数据算出的定量指标可以不填；定性指标选达到的级别", "Leave out what the data give; choose a level else"
        ),
    ),
    Sheet(
        "options",
        Name("方案", "Options"),
        "options",
        hint=Name("无低费与中高费清洁生产方案", "Cleaner production options"),
    ),
    Sheet(
        "evidence",
        Name("证据清单", "Evidence"),
        "evidence",
        hint=Name("各表“凭证”列写这里的编号", "The “Source” columns of the other sheets name these"),
    ),
    Sheet(
        "details",
        Name("明细", "Details"),
        "facts",
        hint=Name(
            "按月、按日的数，或别处放不下的数：一行一个数",
            "Monthly and daily numbers, and what fits nowhere else: a row for each number",
        ),
    ),
)


@lru_cache(maxsize=64)
def sheet(key: str) -> Sheet:
    """The sheet of a key; raises KeyError."""
    for found in SHEETS:
        if found.key == key:
            return found
    raise KeyError(key)


def sheet_title(entry: Sheet, language: str) -> str:
    """The name of a sheet in a workbook of one language."""
    return entry.title.en if language == "en" else entry.title.zh


_COLUMN_KEY = re.compile(r"([a-z]+)/(\S+)")
_KEYS: Final = frozenset((*(entry.key for entry in SHEETS), "cover"))


def column_mark(sheet_key: str, column_key: str) -> str:
    """The text of the hidden row above a column."""
    return f"{sheet_key}/{column_key}"


def read_mark(text: object) -> tuple[str, str] | None:
    """The sheet key and column key of a hidden mark; None for any other text."""
    if not isinstance(text, str) or len(text) > 80:
        return None
    match = _COLUMN_KEY.fullmatch(text.strip())
    return (match[1], match[2]) if match and match[1] in _KEYS else None


def is_audit_mark(text: object) -> bool:
    """Whether a cell is the hidden key of a sheet of the audit (settings, worksheets), which holds no facts."""
    return isinstance(text, str) and text.startswith(AUDIT_MARK) and "/" in text


# Words in the names of other people's sheets, and the table and kind that they lead to expect.
_SHEET_WORDS: Final[Mapping[str, tuple[TableKey, str]]] = {
    "监测": ("monitoring", ""), "monitoring": ("monitoring", ""), "设备": ("equipment", ""),
    "equipment": ("equipment", ""), "方案": ("options", ""), "option": ("options", ""), "指标": ("indicators", ""),
    "indicator": ("indicators", ""), "证据": ("evidence", ""), "evidence": ("evidence", ""), "场所": ("places", ""),
    "能源": ("facts", "energy"), "能耗": ("facts", "energy"), "用能": ("facts", "energy"), "用电": ("facts", "energy"),
    "energy": ("facts", "energy"), "水": ("facts", "water"), "water": ("facts", "water"),
    "原辅": ("facts", "material"), "原料": ("facts", "material"), "材料": ("facts", "material"),
    "化学品": ("facts", "material"), "药剂": ("facts", "material"), "material": ("facts", "material"),
    "产品": ("facts", "product"), "产量": ("facts", "product"), "product": ("facts", "product"),
    "污染物": ("facts", "pollutant"), "排放": ("facts", "pollutant"), "pollutant": ("facts", "pollutant"),
    "emission": ("facts", "pollutant"), "固废": ("facts", "waste"), "危废": ("facts", "waste"),
    "废物": ("facts", "waste"), "waste": ("facts", "waste"), "经济": ("facts", "money"), "产值": ("facts", "money"),
}  # fmt: skip


def expectation(name: str) -> tuple[TableKey | None, str]:
    """What the name of a sheet leads to expect: a table, and a kind of item ("" where it says none)."""
    folded = name.casefold()
    if "废水" in folded or "waste water" in folded or "wastewater" in folded:
        return "facts", "water"
    for word, (table, kind) in _SHEET_WORDS.items():
        if word in folded:
            return table, kind
    kind_found = word_id("kind", name)
    return (None, "") if kind_found is None else ("facts", kind_found)

"""What an audit adds to the books of a demonstration plant (演示企业的审核记录): meters that scatter, options, records.

Persons are roles, never names. An option's saving follows from its effects and the plant's own prices, its investment
from the years in which it is to pay back; what was carried out has measured results beside what was expected.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qingyuan.demo.english import ENGLISH_NAMES
from qingyuan.demo.files import NOTE, YEARS, PlantFiles, digits

Effect = tuple[str, float, str, float]  # word of the effect, reduction a year, unit, price in 10^4 CNY a unit
MEDIUM_FROM, HIGH_FROM = 5.0, 30.0  # cost limits of both audits, 10^4 CNY
Entry = dict[str, object]


def noisy(rng: random.Random, value: float, share: float) -> float | int:
    """A value with the scatter of a measurement, five significant digits as books print them."""
    return digits(value * (1 + max(-3.0, min(3.0, rng.gauss(0, 1))) * share))


def number(value: object) -> float:
    """A value of a row as a number."""
    return float(str(value))


def find(plant: PlantFiles, item: str, *, year: int | None = None, place: str | None = None) -> list[Entry]:
    """The fact rows of an item."""
    return [
        row
        for row in plant.facts
        if row["item"] == item and year in (None, row["period"]) and place in (None, row["place"])
    ]


def amount(plant: PlantFiles, item: str, year: int, place: str | None = None) -> float:
    """The sum of an item's rows of a year."""
    return sum(number(row["value"]) for row in find(plant, item, year=year, place=place))


def waste(plant: PlantFiles, year: int, place: str, name: str, tonnes: float, code: str) -> None:
    """A waste of a year with its code, as its transfer form shows it."""
    plant.fact(year, place, "waste", name, tonnes, "t", "statistics", note=f"{code}；{NOTE}")


def result(
    plant: PlantFiles, outlet: str, pollutant: str, date: str, value: float, limit: float | str, unit: str,
    *, flow: float | None = None,
) -> None:  # fmt: skip
    """One monitoring result, with flow and rate where the flow is known (m3/h)."""
    shown = float(f"{value:.3g}")
    row: Entry = {
        "outlet": outlet, "pollutant": pollutant, "date": date, "concentration": shown, "limit": limit, "unit": unit,
        "basis": "monitoring", "note": NOTE,
    }  # fmt: skip
    if flow is not None:
        row["flow_m3_h"] = round(flow)
        row["rate_kg_h"] = float(f"{shown * round(flow) * 1e-6:.3g}")
    plant.monitoring.append(row)


def noise(plant: PlantFiles, rng: random.Random) -> None:
    """Noise at the four sides of the site, once a year."""
    for year in YEARS:
        date = f"{year}-06-{rng.randint(3, 26):02d}"
        for point in ("N1厂界东外1m", "N2厂界南外1m", "N3厂界西外1m", "N4厂界北外1m"):
            for name, limit, low, high in (("噪声昼间", 60, 49, 57.9), ("噪声夜间", 50, 40, 48)):
                row: Entry = {"outlet": point, "pollutant": name, "date": date, "limit": limit, "unit": "dB(A)"}
                value = round(rng.uniform(low, high), 1)
                plant.monitoring.append({**row, "concentration": value, "basis": "monitoring", "note": NOTE})


def machine(plant: PlantFiles, place: str, name: str, model: str, kilowatts: float, count: int = 1) -> None:
    """One kind of machine."""
    row = {"place": place, "name": name, "model": model, "power_kw": digits(kilowatts), "count": count, "note": NOTE}
    plant.equipment.append(dict(row))


def fit_machines(plant: PlantFiles, rng: random.Random, *, hours: float) -> None:
    """Scale the listed powers so that the electricity of each place is 55-75 % of them over the hours of production."""
    for place in dict.fromkeys(str(row["place"]) for row in plant.equipment):
        used = amount(plant, "用电量", YEARS[-1], place)
        machines = [row for row in plant.equipment if row["place"] == place]
        listed = sum(number(row["power_kw"]) * number(row["count"]) for row in machines)
        scale = used / hours / rng.uniform(0.55, 0.75) / listed if used > 0 else 1.0
        for row in machines:
            row["power_kw"] = float(f"{number(row['power_kw']) * scale:.3g}")


def documents(plant: PlantFiles, titles: Sequence[tuple[str, str, str]]) -> None:
    """The documents that show the facts: (id, title, what it shows); each fact names the one that shows it.

    What it shows: a basis (``meter``), a kind of item (``waste``) or both (``energy/invoice``); the first that fits.
    """
    for id, title, _ in titles:
        period = f"{YEARS[0]}—{YEARS[-1]}"
        plant.evidence.append({"id": id, "title": f"{title}（演示）", "kind": "台账", "date": period, "note": NOTE})
    for row in plant.facts:
        said = {str(row["kind"]), str(row["basis"]), f"{row['kind']}/{row['basis']}"}
        row["source"] = next((id for id, _, shows in titles if shows in said), "")


# --- options ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Option:
    """One option of the audit: what it changes a year, in how many years it pays back, when it was done ("" = not)."""

    id: str
    name: str
    aspect: str
    content: str
    effects: tuple[Effect, ...]
    payback: float
    done: str = ""
    department: str = ""
    extra: str = ""  # further effects, in words

    @property
    def saving(self) -> float:
        """What it saves a year, 10^4 CNY."""
        return sum(value * price for _, value, _, price in self.effects)

    @property
    def investment(self) -> float:
        """What it costs, 10^4 CNY."""
        return round(self.saving * self.payback, 1) if self.payback else 0.0

    @property
    def cost_class(self) -> str:
        """Cost class in Chinese."""
        cost = self.investment
        return "无费" if not cost else "低费" if cost < MEDIUM_FROM else "中费" if cost < HIGH_FROM else "高费"

    def told(self, share: float = 1.0) -> str:
        """Its effects in words, times a share of what was expected."""
        parts = [f"{word} -{digits(float(f'{value * share:.3g}'))} {unit}" for word, value, unit, _ in self.effects]
        return "; ".join([*parts, *([self.extra] if self.extra else [])])


def add_options(plant: PlantFiles, rng: random.Random, options: Sequence[Option]) -> None:
    """The options of an audit with their records: what was expected, what was measured, schedule, assessment."""
    for option in options:
        share = rng.uniform(0.92, 1.05) if option.done else 1.0
        saving = round(option.saving * share, 2)
        spent = round(option.investment * rng.uniform(0.96, 1.06), 1) if option.done else option.investment
        plant.options.append(
            {
                "id": option.id, "name": option.name, "aspect": option.aspect, "kind": option.cost_class,
                "investment": spent, "annual_saving": saving,
                "payback_years": round(spent / saving, 1) if spent else "",
                "effects": option.told(share), "status": "已实施" if option.done else "计划实施",
                "note": option.content, "name_en": ENGLISH_NAMES[option.name],
            }
        )  # fmt: skip
        _records_of(plant, option, spent, saving)


def _records_of(plant: PlantFiles, option: Option, spent: float, saving: float) -> None:
    named = {"编号": option.id, "方案名称": option.name}
    costly = option.cost_class in ("中费", "高费")
    sheets = plant.worksheets
    screened = "初步可行的中/高费方案" if costly else "可行的无/低费方案"
    sheets.setdefault("4-4", []).append({"筛选结果": screened, **named})
    checked = "实施前后各三个月的仪表与台账对比"
    if option.done and not costly:
        sheets.setdefault("4-6", []).append({**named, "实施时间": option.done})
        sheets.setdefault("6-2", []).append({**named, "实施时间": option.done, "核定方法": checked})
        before = round(saving * 6.5, 1)
        sheets.setdefault("6-3", []).append(
            {**named, "实施前费用（万元）": before, "实施后费用（万元）": round(before - saving, 2)}
        )
    if not costly:
        return
    verdict = "工艺成熟，场地与公用工程满足，不影响产品质量"
    sheets.setdefault("5-4", []).append({**named, "技术评估结果": verdict, "是否推荐": "推荐"})
    start = f"{option.done[:4]}-09" if option.done else f"{YEARS[-1] + 1}-03"
    finish = option.done[:7] if option.done else f"{YEARS[-1] + 1}-11"
    sheets.setdefault("6-1", []).append(
        {
            **named, "任务": "设计、采购、安装、调试", "开始": start, "完成": finish, "负责部门": option.department,
            "负责人": f"{option.department}负责人", "预算（万元）": option.investment,
        }
    )  # fmt: skip
    if option.done:
        sheets.setdefault("6-4", []).append(
            {**named, "实施时间": option.done, "方案预计效果": option.told(), "核定方法": checked}
        )
        sheets.setdefault("6-5", []).append(
            {**named, "预计投资（万元）": option.investment, "预计年效益（万元）": round(option.saving, 2)}
        )


# --- decisions and records of the team -------------------------------------------------------------------------------

TEAM = (
    ("总经理", "组长", "厂部 / 总经理", "管理", "筹划与组织审核，协调各部门，落实资金", "20 天"),
    ("生产副总", "副组长", "生产部 / 副总", "生产管理", "组织预审核、审核与方案实施", "40 天"),
    ("环保主管", "成员（秘书）", "安全环保部 / 主管", "环境工程", "资料收集、监测、报告编写", "90 天"),
    ("设备工程师", "成员", "设备部 / 工程师", "机械与电气", "设备与用能核查、方案设计", "60 天"),
    ("工艺工程师", "成员", "技术部 / 工程师", "化学工艺", "物料平衡、原因分析、方案提出", "60 天"),
    ("财务主管", "成员", "财务部 / 主管", "会计", "费用核算与经济评估", "25 天"),
    ("车间班组长", "成员", "生产车间 / 班组长", "操作", "现场实测、无低费方案落实", "45 天"),
)
# Stage of the work plan, when it is finished, who is in charge, who checks.
_PLAN = (
    ("1.筹划和组织", "2023-04-30", "厂部 / 总经理", "安全环保部"),
    ("2.预评估", "2023-06-30", "安全环保部 / 环保主管", "厂部"),
    ("3.评估", "2023-08-31", "技术部 / 工艺工程师", "生产部"),
    ("4.方案产生和筛选", "2023-09-30", "技术部 / 工艺工程师", "生产部"),
    ("5.中期审核报告", "2023-10-31", "安全环保部 / 环保主管", "厂部"),
    ("6.可行性分析", "2023-12-15", "财务部 / 财务主管", "厂部"),
    ("7.审核报告（评估稿）", "2024-02-29", "安全环保部 / 环保主管", "厂部"),
    ("8.方案实施", "2024-12-31", "设备部 / 设备工程师", "生产部"),
    ("9.持续清洁生产", "2025-01-31", "安全环保部 / 环保主管", "厂部"),
    ("10.审核报告（验收稿，补入 2023、2024 年数据）", "2025-02-28", "安全环保部 / 环保主管", "厂部"),
)


def team_records(plant: PlantFiles, units: Sequence[tuple[str, str, str]]) -> None:
    """Team, plan, organisation, suggestions, and the continuing plan; ``units``: department, superior, duty."""
    sheets = plant.worksheets
    sheets["1-1"] = [
        dict(zip(("姓名", "审核小组职务", "来自部门及职务职称", "专业", "职责", "应投入的时间"), row, strict=True))
        for row in TEAM
    ]
    sheets["1-2"] = [
        {"阶段": stage, "完成时间": finish, "责任部门及负责人": owner, "考核部门及人员": checker}
        for stage, finish, owner, checker in _PLAN
    ]
    sheets["2-3"] = [dict(zip(("部门", "上级部门", "主要职责"), unit, strict=True)) for unit in units]
    sheets["7-1"] = [
        {
            "组织机构名称": "清洁生产办公室", "负责人": "环保主管", "归口部门": "安全环保部",
            "主要任务及职责": "方案库管理、指标月度统计、新方案研发、员工培训与奖励",
        },
        {
            "组织机构名称": "车间清洁生产小组", "负责人": "车间班组长", "归口部门": "生产部",
            "主要任务及职责": "定额考核、跑冒滴漏巡检、合理化建议收集",
        },
    ]  # fmt: skip


def collected(plant: PlantFiles, names: Sequence[str]) -> None:
    """Documents that the team collected and that no fact shows, for the plant and for the focus."""
    row = {"可否获得": "是", "来源": "档案室", "获取方法": "查阅"}
    for sheet in ("2-2", "3-1"):
        plant.worksheets[sheet] = [{"资料名称": name, **row} for name in names]


def continuing_plan(plant: PlantFiles, rows: Iterable[tuple[str, str, str, str, str]]) -> None:
    """The continuing plan: what, main content, start, finish, department."""
    headings = ("计划内容", "主要内容", "开始时间", "结束时间", "负责部门")
    plant.worksheets["7-2"] = [dict(zip(headings, row, strict=True)) for row in rows]


def suggestions(plant: PlantFiles, rows: Iterable[tuple[str, str, str, str, str]]) -> None:
    """Suggestions of the staff: who (a role), department, content, benefit, input."""
    headings = ("建议人", "部门", "建议的主要内容", "可能产生的效益", "所需投入")
    plant.worksheets["4-1"] = [dict(zip(headings, row, strict=True)) for row in rows]


def settings_text(
    *,
    listed_on: str,
    trigger: str,
    links: Sequence[str],
    candidates: Mapping[str, Mapping[str, int]],
    screening: Mapping[str, Mapping[str, int]],
    economics: Mapping[str, Mapping[str, float]],
    events: Mapping[str, str],
    proofs: Sequence[tuple[str, str, str]],
    near: str,
) -> str:
    """The text of ``audit.toml``: listing, proofs, cost limits, focus, screening, goals, comparison, economics."""
    lines = [
        "# 演示数据：由种子生成，不是真实企业。 Demonstration data, generated from a seed; no real plant.",
        "[case]",
        f"listed_on = {listed_on}",
        f'triggers = ["{trigger}"]',
        'jurisdiction = "cn-chongqing"',
        "",
        "[case.events]",
        *(f"{id} = {day}" for id, day in events.items()),
    ]
    for id, day, document in proofs:
        lines += ["", "[[proofs]]", f'deadline = "{id}"', f"on = {day}", f'document = "{document}"']
    lines += ["", "[cost]", f"medium_from = {MEDIUM_FROM:g}", f"high_from = {HIGH_FROM:g}"]
    lines += ["", "[focus]", 'set = "handbook"', "count = 1"]
    lines += [f"candidates = [{', '.join(_text(name) for name in candidates)}]"]
    lines += ["weights = { waste = 10, consumption = 8, expense = 8, market = 5, willingness = 2 }"]
    lines += ["", "[focus.links]", f"{trigger} = [{', '.join(_text(name) for name in links)}]"]
    lines += _scores("focus.scores", candidates)
    lines += ["", "[screening]", "weights = { environment = 9, economy = 8, technique = 7, implementation = 5 }"]
    lines += _scores("screening.scores", screening)
    first = YEARS[-1]
    lines += ["", "[goals]", f'near = "{near}"', 'far = "I"', f"near_year = {first + 1}", f"far_year = {first + 3}"]
    lines += ["", "[comparison]", f'before = "{YEARS[0]}"', f'after = "{YEARS[-1]}"']
    lines += ["", "[economics]", "discount_rate = 0.08", "life_years = 10", "payback_limit_medium_years = 3"]
    for id, parts in economics.items():
        lines += ["", f"[economics.{id}]", *(f"{key} = {value:g}" for key, value in parts.items())]
    return "\n".join(lines) + "\n"


def _text(name: str) -> str:
    return f'"{name}"'


def _scores(section: str, scores: Mapping[str, Mapping[str, int]]) -> list[str]:
    lines = ["", f"[{section}]"]
    for name, given in scores.items():
        lines.append(f"{_text(name)} = {{ {', '.join(f'{factor} = {value}' for factor, value in given.items())} }}")
    return lines


def screening_of(options: Iterable[Option]) -> dict[str, dict[str, int]]:
    """Scores of the options that cost more than a little: the quicker it pays back, the more for economy."""
    found: dict[str, dict[str, int]] = {}
    for place, option in enumerate(options):
        economy = max(4, 10 - round(option.payback))
        environment = 9 if option.aspect in ("废弃物", "技术工艺") else 7
        given = {"environment": environment, "economy": economy, "technique": 8 - place % 2}
        found[option.id] = {**given, "implementation": 9 if option.done else 7}
    return found


def economics_of(plant: PlantFiles, options: Iterable[Option]) -> dict[str, dict[str, float]]:
    """The parts of investment and saving of the options, as the financial department splits them."""
    printed = {str(row["id"]): row for row in plant.options}
    found: dict[str, dict[str, float]] = {}
    for option in options:
        whole, saving = number(printed[option.id]["investment"]), number(printed[option.id]["annual_saving"])
        found[option.id] = {"fixed": whole, "working": 0.0, "subsidy": 0.0, "income": 0.0, "cost": saving}
    return found

"""The sheets of the audit workbook that hold what an audit decides and records (审核设置与记录): one definition for the
writer and the reader.

``SETTINGS`` is a form with a field for each key of ``audit.toml``; ``TABLES`` are settings with a row for each place,
option or deadline; ``HAND_SHEETS`` are the worksheets that facts cannot fill.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from qingyuan.audit.clocks import ANCHORS, EVENTS
from qingyuan.audit.focus import factor_set, factor_sets
from qingyuan.audit.phases import WorksheetDefinition
from qingyuan.errors import UnknownName
from qingyuan.facts.sheets import AUDIT_MARK
from qingyuan.language import LANGUAGES, Language, Name, language
from qingyuan.options.economics import PARTS
from qingyuan.options.parameters import NAMES

Kind = Literal["text", "list", "date", "number", "integer", "level", "anchor", "factor-set", "json"]

_NO_HINT: Final = Name("")
ROW_KEY: Final = "#row"  # the hidden column with the id of a row
NAME_KEY: Final = "#name"  # the first column of a table of settings
LONGEST_NAME: Final = 31  # characters in the name of a sheet


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of the form: its path in ``audit.toml``, label, what it holds, hint."""

    path: tuple[str, ...]
    label: Name
    kind: Kind = "text"
    hint: Name = _NO_HINT


@dataclass(frozen=True, slots=True)
class Section:
    """Fields under one title; ``free`` is the path of a section whose further keys people name themselves."""

    title: Name
    fields: tuple[Setting, ...]
    free: tuple[str, ...] = ()
    free_kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class SettingTable:
    """Settings with a row for each name: where they stand in ``audit.toml``, the first column, the other columns.

    ``listed``: the setting is a list of records, and the first column is one of their keys.
    """

    key: str
    title: Name
    hint: Name
    path: tuple[str, ...]
    first: Name
    columns: tuple[tuple[str, Name, Kind], ...]
    listed: str = ""


def mark(sheet: str, key: str) -> str:
    """The text of the hidden row above a column of a sheet of the audit."""
    return f"{AUDIT_MARK}{sheet}/{key}"


def read_mark(text: object) -> tuple[str, str] | None:
    """Sheet and key of a hidden mark; None for any other text."""
    if not isinstance(text, str) or not text.startswith(AUDIT_MARK) or len(text) > 400:
        return None
    sheet, slash, key = text[len(AUDIT_MARK) :].partition("/")
    return (sheet, key) if slash and sheet and key else None


def both(value: object) -> Name:
    """A text that is read in the language in force, as a name in both languages."""
    found: dict[Language, str] = {}
    for code in LANGUAGES:
        with language(code):
            found[code] = str(value)
    return Name(found["zh"], found["en"])


def _setting(path: str, zh: str, en: str, kind: Kind = "text", hint_zh: str = "", hint_en: str = "") -> Setting:
    return Setting(tuple(path.split(".")), Name(zh, en), kind, Name(hint_zh, hint_en))


_DATE_ZH, _DATE_EN = "年-月-日，如 2026-08-14", "year-month-day, e.g. 2026-08-14"
_LIST_ZH, _LIST_EN = "几个用分号隔开", "several with semicolons between"
_FRACTION_ZH, _FRACTION_EN = "小数或百分数，如 0.08 或 8%", "a fraction or per cent, e.g. 0.08 or 8%"

_LISTING = Section(
    Name("列入名单与时限", "Listing and deadlines"),
    (
        _setting("case.listed_on", "名单公布日", "Day the list was published", "date", _DATE_ZH, _DATE_EN),
        _setting(
            "case.triggers",
            "列入原因",
            "Reasons of the listing",
            "list",
            "T1 双超、T2 高耗能、T3 双有、T4 国家规定；" + _LIST_ZH,
            "T1 discharges, T2 energy, T3 toxics, T4 prescription; " + _LIST_EN,
        ),
        _setting(
            "case.prescriptions", "国家规定的编号（T4）", "Ids of the prescriptions (T4)", "list", _LIST_ZH, _LIST_EN
        ),
        _setting(
            "case.jurisdiction",
            "适用地区",
            "Jurisdiction",
            "text",
            "空着按企业概况的省市；如 重庆",
            "empty: that of the plant; e.g. cn-chongqing",
        ),
        _setting("case.anchor", "前一次审核从哪天起算", "Day from which the interval runs", "anchor"),
        _setting(
            "case.previous.accepted_on", "前一次审核验收日", "Previous audit accepted on", "date", _DATE_ZH, _DATE_EN
        ),
        _setting(
            "case.previous.reported_on", "前一次审核报告日", "Previous audit reported on", "date", _DATE_ZH, _DATE_EN
        ),
        _setting(
            "case.previous.listed_on", "前一次名单公布日", "Previous list published on", "date", _DATE_ZH, _DATE_EN
        ),
        _setting("case.previous.pilot_passed_on", "试点通过日", "Pilot passed on", "date", _DATE_ZH, _DATE_EN),
    ),
)
_COST = Section(
    Name("方案费用界限（万元）", "Cost classes of options, 10^4 CNY"),
    (
        _setting(
            "cost.medium_from",
            "中费方案：投资不低于",
            "Medium cost from",
            "number",
            "低于此数为无/低费",
            "below: no or low cost",
        ),
        _setting(
            "cost.higher_from",
            "较高费方案：投资不低于",
            "Higher cost from",
            "number",
            "在中费与高费之间；不分这一类就空着",
            "between medium and high; empty: no such class",
        ),
        _setting("cost.high_from", "高费方案：投资不低于", "High cost from", "number"),
    ),
)
_GOALS = Section(
    Name("清洁生产目标", "Goals"),
    (
        _setting(
            "goals.near",
            "近期目标的级别",
            "Level of the near-term goal",
            "level",
            "Ⅰ、Ⅱ、Ⅲ；空着取下一级",
            "I, II, III; empty: the next",
        ),
        _setting("goals.near_year", "近期目标年", "Year of the near-term goal", "integer"),
        _setting("goals.far", "远期目标的级别", "Level of the far goal", "level", "空着为Ⅰ级", "empty: level I"),
        _setting("goals.far_year", "远期目标年", "Year of the far goal", "integer"),
    ),
)
_COMPARISON = Section(
    Name("审核前后对比的时段", "Periods compared"),
    (
        _setting("comparison.before", "审核前", "Before the audit", "text", "如 2022", "e.g. 2022"),
        _setting("comparison.after", "审核后", "After the audit", "text", "如 2023", "e.g. 2023"),
    ),
)
_NOT_NEEDED = Section(
    Name(
        "本轮不需要的工作表（左栏写编号如 4-3，右栏写理由）", "Worksheets not needed (id at the left, then the reason)"
    ),
    (),
    ("not_needed",),
)
_ECONOMY_UNITS: Final[Mapping[str, tuple[str, str]]] = {
    "discount_rate": (_FRACTION_ZH, _FRACTION_EN),
    "life_years": ("年", "years"),
    "depreciation_years": ("年", "years"),
    "income_tax_rate": (_FRACTION_ZH, _FRACTION_EN),
    "benchmark_rate": (_FRACTION_ZH, _FRACTION_EN),
    "payback_limit_years": ("年", "years"),
    "price_escalation": (_FRACTION_ZH, _FRACTION_EN),
    "residual_share": (_FRACTION_ZH, _FRACTION_EN),
}


def _headed(name: Name) -> Name:
    return Name(name.zh, name.en[:1].upper() + name.en[1:])


def sections(settings: Mapping[str, Any]) -> tuple[Section, ...]:
    """The sections of the form; the factors are those of the chosen set of factors."""
    events = Section(
        Name("后来的日期", "Later dates"),
        tuple(
            Setting(("case", "events", id), both(text), "date", Name(_DATE_ZH, _DATE_EN))
            for id, text in EVENTS.items()
            if id not in ("list-published", "previous-audit")
        ),
        ("case", "events"),
        "date",
    )
    focus = settings.get("focus", {})
    wanted = focus.get("set", "handbook") if isinstance(focus, Mapping) else "handbook"
    try:
        factors = factor_set(str(wanted))
    except UnknownName:
        factors = factor_set("handbook")
    ranges = Name("权重 W 在 {low} 到 {high} 之间，空着取中值", "weight W from {low} to {high}, empty: the middle")

    def weight(path: tuple[str, ...], factor: Any) -> Setting:
        numbers = {"low": f"{float(factor.low):g}", "high": f"{float(factor.high):g}"}
        hint = Name(ranges.zh.format(**numbers), ranges.en.format(**numbers))
        label = Name(f"权重：{factor.name.zh}", f"Weight: {factor.name.en}")
        return Setting((*path, factor.id), label, "number", hint)

    choosing = Section(
        Name("确定审核重点", "Choosing the audit focus"),
        (
            _setting(
                "focus.set", "因素组", "Set of factors", "factor-set", "空着用手册的一组", "empty: that of the handbook"
            ),
            _setting("focus.count", "审核重点个数", "Number of focuses", "integer", "空着为 1", "empty: 1"),
            _setting(
                "focus.candidates",
                "备选重点",
                "Candidates",
                "list",
                "场所名，用分号隔开；空着按数据提出",
                "places, semicolons between; empty: as facts suggest",
            ),
            *(weight(("focus", "weights"), factor) for factor in factors.factors),
            *(
                _setting(
                    f"focus.links.{id}", f"{id} 涉及的场所", f"Places that {id} concerns", "list", _LIST_ZH, _LIST_EN
                )
                for id in ("T1", "T2", "T3", "T4")
            ),
        ),
    )
    screening = Section(
        Name("方案筛选的权重", "Weights for screening options"),
        tuple(weight(("screening", "weights"), factor) for factor in factor_set("options").factors),
    )
    economy = Section(
        Name("经济评估参数（全部方案）", "Economic parameters (all options)"),
        tuple(
            Setting(("economics", key), _headed(name), "number", Name(*_ECONOMY_UNITS.get(key, ("", ""))))
            for key, name in NAMES.items()
        ),
    )
    return (_LISTING, events, _COST, choosing, screening, _GOALS, _COMPARISON, economy, _NOT_NEEDED)


SETTINGS_KEY: Final = "settings"
SETTINGS_TITLE: Final = Name("审核设置", "Audit settings")
SETTINGS_HINT: Final = Name(
    "审核小组决定的事：时限、费用界限、重点、目标、经济参数；空着按默认",
    "What the audit team decides: listing, cost classes, focus, goals, economics; empty: default",
)


def tables() -> tuple[SettingTable, ...]:
    """The tables of settings."""
    factors = {factor.id: factor.name for of in factor_sets() if of.id != "options" for factor in of.factors}
    screening = {factor.id: factor.name for factor in factor_set("options").factors}
    named = {
        **{key: Name(f"{name.zh}（万元）", f"{_headed(name).en}, 10^4 CNY") for key, name in PARTS.items()},
        **{key: _headed(name) for key, name in NAMES.items()},
    }
    return (
        SettingTable(
            "focus-scores",
            Name("审核重点打分", "Focus scores"),
            Name(
                "每个备选重点一行，各因素打 1–10 分；空着按数据提出的分",
                "A row for each candidate, scores R from 1 to 10; empty: as the facts propose",
            ),
            ("focus", "scores"),
            Name("备选重点（场所）", "Candidate (place)"),
            tuple((id, name, "number") for id, name in factors.items()),
        ),
        SettingTable(
            "option-scores",
            Name("方案打分", "Option scores"),
            Name("每个方案一行，各因素打 1–10 分", "A row for each option, scores R from 1 to 10"),
            ("screening", "scores"),
            Name("方案编号", "Option id"),
            tuple((id, name, "number") for id, name in screening.items()),
        ),
        SettingTable(
            "option-economics",
            Name("方案经济", "Option economics"),
            Name(
                "投资和年效益写在“方案”表；这里写分项和只属于某方案的参数；I、P 等填了就以所填为准",
                "Investment and saving stand on the sheet of options; here their parts, and parameters of one option",
            ),
            ("economics",),
            Name("方案编号", "Option id"),
            tuple((id, name, "number") for id, name in named.items()),
        ),
        SettingTable(
            "proofs",
            Name("时限凭证", "Proofs of deadlines"),
            Name(
                "哪一项时限在哪天办了，凭哪份文件；编号见 qingyuan deadlines",
                "Which deadline was met on which day, and the document; ids as in qingyuan deadlines",
            ),
            ("proofs",),
            Name("时限编号", "Deadline id"),
            (("on", Name("办理日期", "Met on"), "date"), ("document", Name("文件", "Document"), "text")),
            "deadline",
        ),
    )


# Worksheets with columns that only people can fill; the others stand in the workbook where something is recorded.
HAND_SHEETS: Final = (
    "1-1", "1-2", "2-2", "2-3", "2-9", "3-1", "3-2", "3-3", "3-5", "4-1", "4-5", "4-6", "5-4", "6-1", "6-2", "6-4",
    "6-5", "6-9", "7-1", "7-2",
)  # fmt: skip


def sheet_name(of: WorksheetDefinition, code: Language) -> str:
    """The name of a worksheet's sheet: its number and its name, as much as a sheet's name holds."""
    name = of.name.en if code == "en" and of.name.en else of.name.zh
    plain = "".join("／" if letter in "/\\" else letter for letter in f"{of.id} {name}" if letter not in "[]:*?'")
    if code == "en":
        plain = plain.replace("／", "-")
    return plain if len(plain) <= LONGEST_NAME else f"{plain[: LONGEST_NAME - 1]}…"


def anchor_name(id: str) -> Name:
    """The words for the day from which the interval to the next audit runs."""
    return both(ANCHORS[id])

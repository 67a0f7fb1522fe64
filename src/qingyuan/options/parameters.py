"""What an economic assessment assumes (经济评估参数): discount rate, life, depreciation, income tax, limits.

Each parameter carries its grade and source. What the audit states wins, then the profile's settings, then dated data;
where none of them knows a number, an assumption of this software stands in, marked ``assumed``: it is no rule, and the
audit team has to confirm it.
"""

from __future__ import annotations

import datetime as dt
import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from qingyuan.errors import NOWHERE, InputError, Location, Problem
from qingyuan.figures.settings import Settings
from qingyuan.language import Message, Name, listing, message
from qingyuan.options.classes import COST_CLASSES
from qingyuan.reference.loading import Record, load_toml
from qingyuan.reference.records import Grade


class _IncomeTax(Record):
    rate: float
    valid_from: dt.date
    valid_to: dt.date | None = None
    grade: Grade
    source: str
    source_en: str
    note_zh: str = ""
    note_en: str = ""


class _Depreciation(Record):
    years: float
    grade: Grade
    source: str
    source_en: str
    note_zh: str = ""
    note_en: str = ""


class _PaybackLimit(Record):
    cost_class: str
    low: float
    high: float


class _Sourced(Record):
    grade: Grade
    source: str
    source_en: str


class _Assumed(Record):
    discount_rate: float
    life_years: int
    source: str
    source_en: str


class _File(Record):
    income_tax: tuple[_IncomeTax, ...]
    depreciation: _Depreciation
    payback_limits: tuple[_PaybackLimit, ...]
    payback_source: _Sourced
    assumed: _Assumed


def _file() -> _File:
    return load_toml("options/economics.toml", _File)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number that an assessment rests on (参数): rates are fractions, times in years.

    ``assumed`` is true where neither the audit nor any source gave it: to be confirmed by the audit team.
    """

    id: str
    name: Name
    value: float
    unit: str
    grade: Grade | None
    source: Name | Message
    assumed: bool = False
    note: Name | None = None

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force."""
        return {
            "value": self.value,
            "unit": self.unit,
            "name": str(self.name),
            "grade": "assumed" if self.grade is None else self.grade.value,
            "source": str(self.source),
            "assumed": self.assumed,
            "note": "" if self.note is None else str(self.note),
        }


@dataclass(frozen=True, slots=True)
class Limit:
    """The limit of the pay-back period of a cost class, years: ``low`` = ``high``, or a band that the audit decides."""

    low: float
    high: float
    grade: Grade
    source: Name | Message

    @property
    def text(self) -> Message:
        """The limit as a report prints it."""
        if self.low == self.high:
            return message("{years} 年", years=f"{self.high:g}")
        return message("{low}–{high} 年", low=f"{self.low:g}", high=f"{self.high:g}")


NAMES: Mapping[str, Name] = {
    "discount_rate": Name("贴现率 i", "discount rate i"),
    "life_years": Name("方案寿命 n", "life of the option n"),
    "depreciation_years": Name("折旧年限 Y", "years of depreciation Y"),
    "income_tax_rate": Name("所得税率", "income tax rate"),
    "benchmark_rate": Name("基准收益率", "benchmark rate of return"),
    "payback_limit_years": Name("投资偿还期限度", "limit of the pay-back period"),
    "payback_limit_medium_years": Name("中费方案投资偿还期限度", "limit of the pay-back period, medium cost"),
    "payback_limit_higher_years": Name("较高费方案投资偿还期限度", "limit of the pay-back period, higher cost"),
    "payback_limit_high_years": Name("高费方案投资偿还期限度", "limit of the pay-back period, high cost"),
    "price_escalation": Name("节省额年增长率", "yearly growth of the saving"),
    "residual_share": Name("固定资产残值率", "residual value of fixed assets"),
}
# Which values make sense: lowest, highest, whether the ends are excluded.
_RATES = frozenset({"discount_rate", "income_tax_rate", "benchmark_rate", "residual_share"})
_OWN_LIMIT = re.compile(r"payback_limit_(?P<cost_class>\w+)_years")
_YEARS = frozenset(key for key in NAMES if key.endswith("_years"))


@dataclass(frozen=True, slots=True)
class Terms:
    """The parameters of one assessment (评估条件).

    ``discount_rate``, ``income_tax_rate``, ``benchmark_rate`` are fractions; ``life`` (n, whole) and ``depreciation``
    (Y) years. ``payback_limits`` by cost class. ``escalation``: yearly growth of the saving in the cash-flow table;
    ``residual``: share of the fixed assets that is left at the end. Both are 0 unless stated: the handbook has neither.
    """

    discount_rate: Parameter
    life: Parameter
    depreciation: Parameter
    income_tax_rate: Parameter
    benchmark_rate: Parameter
    payback_limits: Mapping[str, Limit] = field(default_factory=dict)
    escalation: float = 0.0
    residual: float = 0.0

    @property
    def years(self) -> int:
        """n as a whole number."""
        return int(self.life.value)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The five parameters in the order of a report."""
        return (self.discount_rate, self.life, self.depreciation, self.income_tax_rate, self.benchmark_rate)

    @property
    def assumptions(self) -> tuple[Parameter, ...]:
        """Those that nobody stated."""
        return tuple(one for one in self.parameters if one.assumed)

    def as_json(self) -> dict[str, object]:
        """Plain values by parameter id, in the language in force."""
        found: dict[str, object] = {one.id: one.as_json() for one in self.parameters}
        return {**found, "price_escalation": self.escalation, "residual_share": self.residual}


def check_settings(stated: Mapping[str, float], where: Location = NOWHERE) -> tuple[Problem, ...]:
    """What is wrong with stated parameters: unknown keys (with the nearest) and values that make no sense."""
    return tuple(problem for key, value in stated.items() for problem in _check(key, value, where))


def _check(key: str, value: float, where: Location) -> tuple[Problem, ...]:
    where = replace(where, column=key)
    if key not in NAMES:
        near = difflib.get_close_matches(key, NAMES, 3, 0.5) or list(NAMES)
        text = message("经济评估没有“{key}”这个参数", key=key)
        expected = message("{choices} 之一", choices=listing(near))
        return (Problem("economics-setting-unknown", text, where=where, found=key, expected=expected),)
    wrong: Message | None = None
    if not math.isfinite(value):
        wrong = message("一个数")
    elif key in _RATES and not 0 <= value < 1:
        wrong = message("0 到 1 之间的小数")
    elif key == "life_years" and (value < 1 or value > 100 or value != int(value)):
        wrong = message("1 到 100 的整数年")
    elif key in _YEARS and not 0 < value <= 100:
        wrong = message("大于 0、不超过 100 的年数")
    elif key == "price_escalation" and not -0.5 < value < 0.5:
        wrong = message("-0.5 到 0.5 之间的小数")
    if wrong is None:
        return ()
    text = message("{name}的数不合理", name=NAMES[key])
    return (Problem("economics-setting", text, where=where, found=f"{value:g}", expected=wrong),)


def income_tax(day: dt.date) -> Parameter:
    """The general income tax rate on a day; raises InputError where no dated rate is known."""
    for one in _file().income_tax:
        if one.valid_from <= day and (one.valid_to is None or day <= one.valid_to):
            note = Name(one.note_zh, one.note_en) if one.note_zh else None
            return Parameter(
                "income_tax_rate", NAMES["income_tax_rate"], one.rate, "1", one.grade,
                Name(one.source, one.source_en), note=note,
            )  # fmt: skip
    text = message("没有 {day} 的所得税率，请在 income_tax_rate 中填写", day=day.isoformat())
    raise InputError([Problem("economics-tax", text)])


def criteria_source() -> tuple[Grade, Name]:
    """The grade and the source of the handbook's criteria."""
    given = _file().payback_source
    return given.grade, Name(given.source, given.source_en)


@lru_cache(maxsize=1)
def payback_limits() -> Mapping[str, Limit]:
    """The handbook's limits of the pay-back period by cost class: medium, higher, high."""
    grade, source = criteria_source()
    return {one.cost_class: Limit(one.low, one.high, grade, source) for one in _file().payback_limits}


def terms(day: dt.date, *, stated: Mapping[str, float] | None = None, settings: Settings | None = None) -> Terms:
    """The parameters of an assessment on a day.

    ``stated``: what the audit states, keys as in ``NAMES`` (rates as fractions, times in years). ``settings``: those of
    the profile, of which discount rate and income tax rate count. Raises InputError for unknown keys and values that
    make no sense, all of them at once.
    """
    given = dict(stated or {})
    problems = check_settings(given)
    if problems:
        raise InputError(problems)
    origin: dict[str, Message] = dict.fromkeys(given, message("审核小组设定"))
    if settings is not None:
        for key in ("discount_rate", "income_tax_rate"):
            value = getattr(settings, key)
            if value is not None and key not in given:
                given[key] = value
                origin[key] = message("企业概况的报告设置")
    data = _file()
    assumed = Name(data.assumed.source, data.assumed.source_en)

    def user(key: str, unit: str) -> Parameter:
        return Parameter(key, NAMES[key], float(given[key]), unit, Grade.USER, origin[key])

    def assumption(key: str, value: float, unit: str) -> Parameter:
        return Parameter(key, NAMES[key], float(value), unit, None, assumed, assumed=True)

    if "discount_rate" in given:
        rate = user("discount_rate", "1")
    else:
        rate = assumption("discount_rate", data.assumed.discount_rate, "1")
    life = user("life_years", "a") if "life_years" in given else assumption("life_years", data.assumed.life_years, "a")
    if "depreciation_years" in given:
        depreciation = user("depreciation_years", "a")
    else:
        own = data.depreciation
        depreciation = Parameter(
            "depreciation_years", NAMES["depreciation_years"], own.years, "a", own.grade,
            Name(own.source, own.source_en), note=Name(own.note_zh, own.note_en),
        )  # fmt: skip
    tax = user("income_tax_rate", "1") if "income_tax_rate" in given else income_tax(day)
    benchmark = (
        user("benchmark_rate", "1")
        if "benchmark_rate" in given
        else replace(rate, id="benchmark_rate", name=NAMES["benchmark_rate"], source=message("取贴现率"))
    )
    limits: dict[str, Limit] = dict(payback_limits())
    if "payback_limit_years" in given:
        years = given["payback_limit_years"]
        own_limit = Limit(years, years, Grade.USER, origin["payback_limit_years"])
        limits = dict.fromkeys((*COST_CLASSES, ""), own_limit)
    for key, value in given.items():
        if match := _OWN_LIMIT.fullmatch(key):
            limits[match["cost_class"]] = Limit(value, value, Grade.USER, origin[key])
    return Terms(
        rate, life, depreciation, tax, benchmark, limits,
        given.get("price_escalation", 0.0), given.get("residual_share", 0.0),
    )  # fmt: skip

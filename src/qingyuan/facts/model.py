"""Facts (事实): one thing known of a plant, its period, its state, and the case (案例) that holds a plant's facts.

Facts are the only quantities that people enter. Zero is a value; empty, "not applicable" and "below detection" are
three other things, kept apart by ``Fact.state``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from qingyuan.errors import NOWHERE, Location, Problem
from qingyuan.language import Name


class State(StrEnum):
    """What a cell says (数据状态)."""

    VALUE = "value"  # a number, zero included
    EMPTY = "empty"  # nothing was entered: 未填
    NOT_APPLICABLE = "not-applicable"  # the plant has no such thing: 不适用
    BELOW_DETECTION = "below-detection"  # 未检出; ``value`` holds the detection limit where it is given


class Basis(StrEnum):
    """How a fact is known (数据来源方式), from the surest to the least sure."""

    METER = "meter"  # 计量
    INVOICE = "invoice"  # 票据
    MONITORING_AUTO = "monitoring-auto"  # 自动监测
    MONITORING = "monitoring"  # 手工监测
    STATISTICS = "statistics"  # 统计报表
    BALANCE = "balance"  # 物料衡算
    FACTOR = "factor"  # 系数
    ESTIMATE = "estimate"  # 估算
    UNKNOWN = "unknown"  # 来源不明


# Relative standard uncertainty assumed where a fact gives none. An engineering convention of this project, not a
# published number; shown as a default wherever it is used.
DEFAULT_UNCERTAINTY: Mapping[Basis, float] = {
    Basis.METER: 0.02,
    Basis.INVOICE: 0.01,
    Basis.MONITORING_AUTO: 0.10,
    Basis.MONITORING: 0.15,
    Basis.STATISTICS: 0.05,
    Basis.BALANCE: 0.10,
    Basis.FACTOR: 0.30,
    Basis.ESTIMATE: 0.30,
    Basis.UNKNOWN: 0.30,
}

SITE = ""  # the place name of the whole site (全厂)
UNDATED = "undated"

_YEAR = re.compile(r"(\d{4})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A civil period (时段): first and last day, both included, in China Standard Time."""

    start: dt.date
    end: dt.date

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``2022``, ``2022-07``, ``2022-07-14`` or ``2022-01-01/2022-06-30``.

        Raises ValueError where the text is none of these or the days are no dates or run backwards.
        """
        return _parse_period(text.strip())

    def contains(self, other: Period) -> bool:
        """Say whether the other period lies wholly inside this one."""
        return self.start <= other.start and other.end <= self.end

    @property
    def days(self) -> int:
        """The number of days, first and last included."""
        return (self.end - self.start).days + 1

    def __str__(self) -> str:
        first, last = self.start, self.end
        if first == last:
            return first.isoformat()
        if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
            return f"{first.year:04d}"
        if first.day == 1 and (first.year, first.month) == (last.year, last.month) and last == _month_end(first):
            return f"{first.year:04d}-{first.month:02d}"
        return f"{first.isoformat()}/{last.isoformat()}"


def _month_end(day: dt.date) -> dt.date:
    following = day.replace(day=28) + dt.timedelta(days=4)
    return following - dt.timedelta(days=following.day)


@lru_cache(maxsize=4096)
def _parse_period(text: str) -> Period:
    if "/" in text:
        first, last = text.split("/", 1)
        period = Period(_parse_period(first).start, _parse_period(last).end)
        if period.end < period.start:
            raise ValueError(f"period runs backwards: {text}")
        return period
    if match := _DAY.fullmatch(text):
        day = dt.date(*map(int, match.groups()))
        return Period(day, day)
    if match := _MONTH.fullmatch(text):
        start = dt.date(int(match[1]), int(match[2]), 1)
        return Period(start, _month_end(start))
    if match := _YEAR.fullmatch(text):
        year = int(match[1])
        return Period(dt.date(year, 1, 1), dt.date(year, 12, 31))
    raise ValueError(f"not a period: {text}")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known of one plant (事实).

    ``value`` and ``unit`` stand as entered. ``item`` is an id of the item catalogue, or the plant's own name for a
    product, material or machine that the catalogue does not hold (``own_item`` is then true). ``role`` says what
    happened to it (purchased, produced, consumed, generated, discharged …) or which property of it the number is
    (``lower-heating-value``, ``concentration`` …). ``uncertainty`` is a relative standard uncertainty as a fraction;
    none = the default of the basis. ``meter`` names the instrument: facts of one meter err together.
    """

    plant: str
    period: str
    item: str
    role: str
    value: float | None
    unit: str
    place: str = SITE
    to_place: str = ""
    kind: str = ""
    state: State = State.VALUE
    basis: Basis = Basis.UNKNOWN
    uncertainty: float | None = None
    meter: str = ""
    product: str = ""
    source: str = ""
    note: str = ""
    label: str = ""  # the name as the user wrote it
    own_item: bool = False
    where: Location = NOWHERE

    @property
    def relative_uncertainty(self) -> float:
        """Relative standard uncertainty (fraction): as given, else the default of the basis."""
        return DEFAULT_UNCERTAINTY[self.basis] if self.uncertainty is None else self.uncertainty

    @property
    def uncertainty_is_default(self) -> bool:
        """Whether the uncertainty is the default of the basis and not the user's."""
        return self.uncertainty is None


@dataclass(frozen=True, slots=True)
class Monitoring:
    """One monitoring result (监测数据): a concentration, with flow and rate where they were measured."""

    plant: str
    outlet: str
    pollutant: str
    date: str
    state: State
    concentration: float | None
    unit: str
    limit: str = ""
    flow_m3_h: float | None = None
    rate_kg_h: float | None = None
    rate_limit_kg_h: float | None = None
    stack_m: float | None = None
    medium: str = ""
    basis: Basis = Basis.MONITORING
    note: str = ""
    label: str = ""
    where: Location = NOWHERE


@dataclass(frozen=True, slots=True)
class Equipment:
    """One kind of machine at one place (设备); power in kW for one machine."""

    place: str
    name: str
    model: str = ""
    power_kw: float | None = None
    power_kw_high: float | None = None
    count: float | None = None
    list_name: str = ""
    note: str = ""
    where: Location = NOWHERE
    power_printed: str = ""  # the power as the source prints it, where that differs from what was read
    details: tuple[tuple[str, str], ...] = ()  # further columns of the source, heading and text


@dataclass(frozen=True, slots=True)
class Judgement:
    """An answer to one row of an index system (指标判定): a number, a level or "n/a", with its evidence (证据)."""

    indicator: str
    answer: float | str | None
    evidence: str = ""
    note: str = ""
    where: Location = NOWHERE


@dataclass(frozen=True, slots=True)
class OptionRow:
    """A cleaner production option (方案) as entered; money in 10⁴ CNY."""

    id: str
    name: str
    aspect: str = ""
    kind: str = ""
    investment: float | None = None
    annual_saving: float | None = None
    payback_years: float | None = None
    effects: str = ""
    status: str = ""
    note: str = ""
    where: Location = NOWHERE
    details: tuple[tuple[str, str], ...] = ()  # further columns of the source, heading and text

    @property
    def title(self) -> Name | str:
        """The name in both languages where the source has a column ``name_en`` (英文名称), else the name itself."""
        english = next((text for heading, text in self.details if heading.strip().casefold() in _ENGLISH_NAME), "")
        return Name(self.name, english) if english else self.name


_ENGLISH_NAME = ("name_en", "英文名称", "english name")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document that shows something (证据、凭证): facts, judgements and options name it by ``id``."""

    id: str
    title: str = ""
    kind: str = ""
    date: str = ""
    file: str = ""
    pages: str = ""
    note: str = ""
    where: Location = NOWHERE


@dataclass(frozen=True, slots=True)
class Place:
    """A process, workshop or outlet (场所); places form a tree under the site, whose name is empty."""

    name: str
    parent: str = SITE
    kind: str = ""
    products: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """Who the plant is and under which rules the case runs (企业概况与报告设置)."""

    plant: str = ""
    name: str = ""
    name_en: str = ""
    industry_code: str = ""
    province: str = ""
    city: str = ""
    system: str = ""
    table: str = ""
    audit_period: str = ""
    grade: str = ""  # "demo" for demonstration data
    settings: Mapping[str, str | float | bool] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of one plant (案例): profile, places, facts, monitoring, equipment, judgements, options.

    ``problems`` holds the warnings and notes met while reading; an input with errors never becomes a case.
    """

    profile: Profile
    facts: tuple[Fact, ...]
    places: tuple[Place, ...] = ()
    monitoring: tuple[Monitoring, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    options: tuple[OptionRow, ...] = ()
    parameters: Mapping[str, object] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    origin: str = ""
    evidence: tuple[Evidence, ...] = ()

    def years(self) -> tuple[str, ...]:
        """The calendar years that the facts cover, ascending, as text."""
        found: set[str] = set()
        for fact in self.facts:
            if fact.period != UNDATED:
                found.add(f"{Period.parse(fact.period).start.year:04d}")
        return tuple(sorted(found))

    def own_items(self) -> Iterator[str]:
        """The plant's own items: products, materials and machines that the catalogue does not hold."""
        seen: set[str] = set()
        for fact in self.facts:
            if fact.own_item and fact.item not in seen:
                seen.add(fact.item)
                yield fact.item


def place_children(places: Iterable[Place], parent: str) -> tuple[str, ...]:
    """The names of the places directly below one place."""
    return tuple(place.name for place in places if place.parent == parent)

"""The choices that a report makes (报告设置): factors, allocation, conventions; each default is visible as one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Literal, cast, get_args

from qingyuan.errors import InputError, Location, Problem
from qingyuan.facts.model import Profile
from qingyuan.language import listing, message

Allocation = Literal["direct", "output", "output-value", "none"]
BelowDetection = Literal["limit", "half-limit"]
RangeChoice = Literal["high", "low", "middle", "statistics"]
Feedstock = Literal["apart", "include"]
WorkingMedia = Literal["bought", "exclude"]
Value = str | float | bool


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices under which figures are computed.

    ``electricity_factor``: ``"national"``, ``"provincial"`` or a number in kgCO2/kWh (电力排放因子).
    ``gwp_set``: the name of a set of global warming potentials. ``province``: for provincial factors and prices.
    ``allocation``: how shared consumption goes to products (共用能耗分摊): ``"direct"`` = only what is known for a
    product, ``"output"`` = by amount where all products have one unit, ``"output-value"`` = by output value,
    ``"none"`` = all to the one product or to none.
    ``equal_value_electricity``: kgce/kWh by year for 等价值 (上年发电标准煤耗); ``equal_value_heat``: kgce/MJ by year.
    ``historic_equal_value``: use the old constant 0.4040 kgce/kWh where no year value is given.
    ``range_choice``: which end of a printed range of a coefficient stands in where no heat value is given.
    ``below_detection``: how a result below detection is counted. ``feedstock``: energy used as raw material.
    ``working_media``: bought working media (外购耗能工质) in comprehensive energy. ``balance_tolerance``: fraction.
    ``editions_as_of``: a day; all periods are computed with the editions in force on it (comparison of years).
    ``excluded_places``: places whose consumption does not belong to production (生活区等). ``prices``: CNY by item
    and unit as given. ``discount_rate``, ``income_tax_rate``: fractions. ``given`` names what the user set: all else
    is a default. ``extra`` holds settings of other rooms.
    """

    electricity_factor: Literal["national", "provincial"] | float = "national"
    gwp_set: str = ""
    province: str = ""
    allocation: Allocation = "direct"
    equal_value_electricity: Mapping[str, float] = field(default_factory=dict)
    equal_value_heat: Mapping[str, float] = field(default_factory=dict)
    historic_equal_value: bool = False
    range_choice: RangeChoice = "high"
    below_detection: BelowDetection = "limit"
    feedstock: Feedstock = "apart"
    working_media: WorkingMedia = "bought"
    balance_tolerance: float = 0.05
    editions_as_of: dt.date | None = None
    excluded_places: tuple[str, ...] = ()
    prices: Mapping[str, float] = field(default_factory=dict)
    discount_rate: float | None = None
    income_tax_rate: float | None = None
    given: frozenset[str] = frozenset()
    extra: Mapping[str, Value] = field(default_factory=dict)

    def is_default(self, name: str) -> bool:
        """Whether a setting stands at its default because the user did not give it."""
        return name not in self.given

    @classmethod
    def from_profile(cls, profile: Profile) -> Settings:
        """Read the settings of a plant's profile; raises InputError that lists every value that does not fit.

        Keys may be written with ``-`` or ``_``. Values by year are written ``equal-value-electricity.2022``, prices
        ``price.electricity``. Keys that this class does not know are kept in ``extra`` for other rooms.
        """
        values: dict[str, object] = {"province": profile.province}
        given: set[str] = {"province"} if profile.province else set()
        by_key: dict[str, dict[str, float]] = {}
        extra: dict[str, Value] = {}
        problems: list[Problem] = []
        for key, value in profile.settings.items():
            head, _, tail = key.partition(".")
            name = head.replace("-", "_")
            try:
                if tail and name in _BY_KEY:
                    by_key.setdefault(_BY_KEY[name], {})[tail] = _number(value)
                    given.add(_BY_KEY[name])
                elif name in _READERS:
                    values[name] = _READERS[name](value)
                    given.add(name)
                else:
                    extra[key] = value
            except (ValueError, TypeError):
                problems.append(_bad_setting(key, name, value))
        if problems:
            raise InputError(problems)
        return cls(**values, **by_key, given=frozenset(given), extra=extra)  # type: ignore[arg-type]

    def as_json(self) -> dict[str, object]:
        """All settings as plain values, each with whether it is a default."""
        record: dict[str, object] = {}
        for item in fields(self):
            if item.name in ("given", "extra"):
                continue
            value = getattr(self, item.name)
            if isinstance(value, dt.date):
                value = value.isoformat()
            elif isinstance(value, Mapping):
                value = dict(value)
            elif isinstance(value, tuple):
                value = list(value)
            record[item.name] = {"value": value, "default": self.is_default(item.name)}
        return record


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(value)
    return float(value)


def _fraction(value: object) -> float:
    number = _number(value)
    if not 0 <= number < 1:
        raise ValueError(value)
    return number


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    answers = {"true": True, "yes": True, "是": True, "1": True, "false": False, "no": False, "否": False, "0": False}
    return answers[str(value).strip().lower()] if str(value).strip().lower() in answers else _fail(value)


def _fail(value: object) -> bool:
    raise ValueError(value)


def _one_of(choices: tuple[str, ...], value: object) -> str:
    text = str(value).strip()
    if text not in choices:
        raise ValueError(value)
    return text


def _text(value: object) -> str:
    return str(value).strip()


def _factor(value: object) -> str | float:
    text = str(value).strip()
    return text if text in ("national", "provincial") else _number(value)


def _day(value: object) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value).strip())


def _places(value: object) -> tuple[str, ...]:
    return tuple(part.strip() for part in str(value).replace("；", ";").split(";") if part.strip())


_READERS: Mapping[str, Callable[[object], object]] = {
    "electricity_factor": _factor,
    "gwp_set": _text,
    "province": _text,
    "allocation": lambda value: _one_of(get_args(Allocation), value),
    "historic_equal_value": _truth,
    "range_choice": lambda value: _one_of(get_args(RangeChoice), value),
    "below_detection": lambda value: _one_of(get_args(BelowDetection), value),
    "feedstock": lambda value: _one_of(get_args(Feedstock), value),
    "working_media": lambda value: _one_of(get_args(WorkingMedia), value),
    "balance_tolerance": _fraction,
    "editions_as_of": _day,
    "excluded_places": _places,
    "discount_rate": _fraction,
    "income_tax_rate": _fraction,
}
_BY_KEY = {
    "equal_value_electricity": "equal_value_electricity",
    "equal_value_heat": "equal_value_heat",
    "price": "prices",
    "prices": "prices",
}
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "allocation": cast("tuple[str, ...]", get_args(Allocation)),
    "range_choice": cast("tuple[str, ...]", get_args(RangeChoice)),
    "below_detection": cast("tuple[str, ...]", get_args(BelowDetection)),
    "feedstock": cast("tuple[str, ...]", get_args(Feedstock)),
    "working_media": cast("tuple[str, ...]", get_args(WorkingMedia)),
    "electricity_factor": ("national", "provincial", "0.5306"),
}


def _bad_setting(key: str, name: str, value: object) -> Problem:
    if name in _CHOICES:
        expected = message("{choices} 之一", choices=listing(_CHOICES[name]))
    elif name == "editions_as_of":
        expected = message("日期，如 2026-01-01")
    elif name in ("balance_tolerance", "discount_rate", "income_tax_rate"):
        expected = message("0 到 1 之间的小数")
    elif name == "historic_equal_value":
        expected = message("是或否")
    else:
        expected = message("一个数")
    return Problem(
        "setting-not-understood",
        message("报告设置“{key}”无法识别", key=key),
        where=Location(sheet="settings", column=key),
        found=str(value),
        expected=expected,
    )

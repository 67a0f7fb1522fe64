"""The choices that a report makes (报告设置): factors, allocation, conventions; each default is visible as one."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Literal

from qingyuan.errors import InputError, Location, Problem
from qingyuan.facts.model import Profile
from qingyuan.figures.setting_names import Setting, find_setting, near_settings
from qingyuan.language import Message, listing, message
from qingyuan.units import UnitText

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
        ``price.electricity``. Every key stands in ``setting_names``; those of single rooms are kept in ``extra``, an
        unknown one is a problem.
        """
        values: dict[str, object] = {"province": profile.province}
        given: set[str] = {"province"} if profile.province else set()
        by_key: dict[str, dict[str, float]] = {}
        extra: dict[str, Value] = {}
        problems: list[Problem] = []
        for key, value in profile.settings.items():
            found = find_setting(key)
            if found is None:
                problems.append(_unknown_setting(key))
                continue
            known, tail = found
            name = known.key.replace("-", "_")
            try:
                if name in _BY_KEY:
                    by_key.setdefault(_BY_KEY[name], {})[tail] = _read_number(known, value)
                    given.add(_BY_KEY[name])
                elif name in _FIELDS:
                    values[name] = _READERS[known.reader](value, known)
                    given.add(name)
                else:
                    if known.reader == "choice":
                        _one_of(known.choices, value)
                    extra[key] = value
            except _Implausible as error:
                problems.append(_bad_setting(key, value, error.expected))
            except (ValueError, TypeError):
                problems.append(_bad_setting(key, value, _expected(known)))
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


class _Implausible(ValueError):
    """A number that no plant can have in the unit that is meant."""

    def __init__(self, expected: Message) -> None:
        self.expected = expected
        super().__init__(expected)


# The least and the most that a number can be in the unit of the setting, and what a number above it was written in.
# Bounds of plausibility, ours: no power system emits 2 kgCO2/kWh or burns 2 kgce/kWh, no boiler burns 1 kgce/MJ.
_MOST = {"factor": 2.0, "kgce/kWh": 2.0, "kgce/MJ": 1.0}
_UNITS = {"factor": ("kgCO2/kWh", "g/kWh"), "kgce/kWh": ("kgce/kWh", "g/kWh"), "kgce/MJ": ("kgce/MJ", "kgce/GJ")}


def _read_number(known: Setting, value: object) -> float:
    number = _number(value)
    if not math.isfinite(number) or number < 0:
        raise ValueError(value)
    most = _MOST.get(known.reader)
    if most is not None and number > most:
        unit, other = _UNITS[known.reader]
        raise _Implausible(
            message(
                "以 {unit} 计的数（{value} 像是以 {other} 计的，应填 {right}）",
                unit=UnitText(unit), value=f"{number:g}", other=UnitText(other), right=f"{number / 1000:g}",
            )
        )  # fmt: skip
    return number


def _factor(value: object, known: Setting) -> str | float:
    text = str(value).strip()
    return text if text in ("national", "provincial") else _read_number(known, value)


def _day(value: object) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value).strip())


def _places(value: object) -> tuple[str, ...]:
    return tuple(part.strip() for part in str(value).replace("；", ";").split(";") if part.strip())


_READERS: Mapping[str, Callable[[object, Setting], object]] = {
    "factor": _factor,
    "text": lambda value, known: _text(value),
    "choice": lambda value, known: _one_of(known.choices, value),
    "truth": lambda value, known: _truth(value),
    "fraction": lambda value, known: _fraction(value),
    "day": lambda value, known: _day(value),
    "places": lambda value, known: _places(value),
}
_FIELDS = frozenset(
    {
        "electricity_factor", "gwp_set", "province", "allocation", "historic_equal_value", "range_choice",
        "below_detection", "feedstock", "working_media", "balance_tolerance", "editions_as_of", "excluded_places",
        "discount_rate", "income_tax_rate",
    }
)  # fmt: skip
_BY_KEY = {
    "equal_value_electricity": "equal_value_electricity",
    "equal_value_heat": "equal_value_heat",
    "price": "prices",
    "prices": "prices",
}


def _expected(known: Setting) -> Message:
    match known.reader:
        case "choice":
            return message("{choices} 之一", choices=listing(known.choices))
        case "factor":
            return message("{choices} 之一", choices=listing(("national", "provincial", "0.5306")))
        case "day":
            return message("日期，如 2026-01-01")
        case "fraction":
            return message("0 到 1 之间的小数")
        case "truth":
            return message("是或否")
        case _:
            return message("一个数")


def _bad_setting(key: str, value: object, expected: Message) -> Problem:
    return Problem(
        "setting-not-understood",
        message("报告设置“{key}”无法识别", key=key),
        where=Location(sheet="settings", column=key),
        found=str(value),
        expected=expected,
    )


def _unknown_setting(key: str) -> Problem:
    near = near_settings(key)
    return Problem(
        "setting-unknown",
        message("没有报告设置“{key}”", key=key),
        where=Location(sheet="settings", column=key),
        found=key,
        expected=message("{choices} 之一", choices=listing(near)) if near else None,
    )

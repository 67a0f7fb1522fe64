"""Environmental protection tax tables (环境保护税): pollution equivalents, rates, reductions, exact decimals, dated.

All numbers are ``Decimal`` because the tax is computed without binary rounding.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from qingyuan.errors import UnknownName
from qingyuan.language import Name, message
from qingyuan.reference.carbon import SourceRecord, source_title, source_titles
from qingyuan.reference.electricity import province_code
from qingyuan.reference.loading import Record, load_toml
from qingyuan.reference.records import Coefficient, Grade, Validity

EQUIVALENTS = "accounting/pollution-equivalents.toml"
REDUCTION = "accounting/pollutant-reduction.toml"

Medium = Literal["air", "water"]


class _Graded(Record):
    grade: Grade
    source: str


class _Law(_Graded):
    title: Name
    valid_from: dt.date
    jurisdiction: str
    taxed_air: int
    taxed_water_class1: int
    taxed_water_other: int
    note: str


class _StatutoryRate(_Graded):
    medium: Medium
    lowest: Decimal
    highest: Decimal


class _RegionalRate(_Graded):
    region: Name
    code: str
    jurisdiction: str
    valid_from: dt.date
    valid_to: dt.date | None = None
    air: Decimal
    water: Decimal
    note: str = ""


class _SolidWasteRate(_Graded):
    id: str
    name: Name
    per_t: Decimal


class _NoiseRate(_Graded):
    from_db: int
    to_db: int | None = None
    per_month: Decimal


class _NoiseRules(_Graded):
    highest_point_only: bool
    double_above_boundary_m: Decimal
    half_below_days: int
    day_and_night_added: bool
    rounding_grade: Grade
    rounding_source: str


class _Reduction(_Graded):
    id: str
    below_standard: Decimal
    pays: Decimal


class _Conditions(_Graded):
    text: Name


class _WaterPollutant(_Graded):
    pollutant: str
    name: Name
    value_kg: Decimal = Field(gt=0)
    class_: Literal[1, 2] = Field(alias="class")
    only_one_of: str = ""


class _Ph(_Graded):
    from_: Decimal | None = Field(default=None, alias="from")
    below: Decimal | None = None
    above: Decimal | None = None
    to: Decimal | None = None
    wastewater_t: Decimal


class _ByVolume(_Graded):
    pollutant: str
    name: Name
    wastewater_t: Decimal
    times_over_standard: bool = False
    only_one_of: str = ""


class _Small(_Graded):
    id: str
    name: Name
    value: Decimal
    unit: str
    counted_above: int | None = None
    counted_above_unit: str = ""
    note: str = ""


class _AirPollutant(_Graded):
    pollutant: str
    name: Name
    value_kg: Decimal = Field(gt=0)


class _File(Record):
    as_of: dt.date
    law: _Law
    sources: tuple[SourceRecord, ...]
    statutory_rates: tuple[_StatutoryRate, ...]
    regional_rates: tuple[_RegionalRate, ...]
    solid_waste_rates: tuple[_SolidWasteRate, ...]
    noise_rates: tuple[_NoiseRate, ...]
    noise_rules: _NoiseRules
    reductions: tuple[_Reduction, ...]
    reduction_conditions: _Conditions
    water: tuple[_WaterPollutant, ...]
    ph: tuple[_Ph, ...]
    water_by_volume: tuple[_ByVolume, ...]
    small: tuple[_Small, ...]
    air: tuple[_AirPollutant, ...]


@dataclass(frozen=True, slots=True)
class Equivalent:
    """The pollution-equivalent value (污染当量值) of one pollutant.

    ``value``: kg per equivalent; for pH, colour, coliforms and residual chlorine tonnes of waste water (colour: tonnes
    times multiples over the standard). ``water_class`` is 1 or 2 for water, 0 for air. Of the pollutants of one outlet
    that share ``only_one_of`` only one is taxed.
    """

    pollutant: str
    medium: Medium
    name: Name
    value: Decimal
    water_class: int
    grade: Grade
    source: str
    only_one_of: str = ""
    by_volume: bool = False
    times_over_standard: bool = False


@dataclass(frozen=True, slots=True)
class TaxRate:
    """A rate in CNY per equivalent (适用税额) with its place in time and its source."""

    medium: Medium
    value: Decimal
    region: Name
    validity: Validity
    jurisdiction: str
    grade: Grade
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class SmallDischarger:
    """An equivalent of small dischargers (禽畜养殖、小型企业、第三产业) that can be neither measured nor balanced."""

    id: str
    name: Name
    value: Decimal
    unit: str
    counted_above: int | None
    grade: Grade
    source: str


def _file() -> _File:
    data: _File = load_toml(EQUIVALENTS, _File)
    return data


def _source(id: str) -> str:
    return source_title(source_titles(_file().sources), id, EQUIVALENTS)


@lru_cache(maxsize=2)
def equivalents(medium: Medium) -> Mapping[str, Equivalent]:
    """The taxed pollutants of a medium by id, with their equivalent values; pH apart (``ph_equivalent``)."""
    data = _file()
    found: dict[str, Equivalent] = {}
    if medium == "air":
        for row in data.air:
            found[row.pollutant] = Equivalent(
                row.pollutant, medium, row.name, row.value_kg, 0, row.grade, _source(row.source)
            )
        return MappingProxyType(found)
    for one in data.water:
        found[one.pollutant] = Equivalent(
            one.pollutant,
            medium,
            one.name,
            one.value_kg,
            one.class_,
            one.grade,
            _source(one.source),
            one.only_one_of,
        )
    for other in data.water_by_volume:
        found[other.pollutant] = Equivalent(
            other.pollutant,
            medium,
            other.name,
            other.wastewater_t,
            2,
            other.grade,
            _source(other.source),
            other.only_one_of,
            by_volume=True,
            times_over_standard=other.times_over_standard,
        )
    return MappingProxyType(found)


def equivalent(pollutant: str, medium: Medium) -> Equivalent | None:
    """The equivalent of a pollutant by id or Chinese name, or None where the law does not tax it."""
    known = equivalents(medium)
    if pollutant in known:
        return known[pollutant]
    return next((one for one in known.values() if one.name.zh == pollutant), None)


def untaxed_ph() -> tuple[Decimal, Decimal]:
    """The pH values between which waste water has no equivalents of pH: 6 and 9."""
    rows = _file().ph
    acid = max(row.below for row in rows if row.below is not None)
    return acid, min(row.above for row in rows if row.above is not None)


def ph_equivalent(ph: Decimal) -> Equivalent | None:
    """The equivalent of a pH value, tonnes of waste water per equivalent, or None between 6 and 9.

    "5-6" means 5 and more, below 6; "9-10" means above 9, to 10; the others alike. Raises ValueError outside 0 to 14.
    """
    if not 0 <= ph <= 14:
        raise ValueError(f"pH outside 0 to 14: {ph}")
    for row in _file().ph:
        acid = row.from_ is not None and row.below is not None and row.from_ <= ph < row.below
        alkaline = row.above is not None and row.to is not None and row.above < ph <= row.to
        if acid or alkaline:
            return Equivalent(
                "pH",
                "water",
                Name("pH值", "pH"),
                row.wastewater_t,
                2,
                row.grade,
                _source(row.source),
                by_volume=True,
            )
    return None


def tax_rate(medium: Medium, region: str, day: dt.date) -> TaxRate | None:
    """The rate of a province (code or name) on a day; None where none is known: ask, between ``statutory_range``."""
    try:
        code = province_code(region) if region.strip() else ""
    except UnknownName:
        return None
    for row in _file().regional_rates:
        validity = Validity(row.valid_from, row.valid_to)
        if row.code == code and validity.covers(day):
            return TaxRate(
                medium,
                row.air if medium == "air" else row.water,
                row.region,
                validity,
                row.jurisdiction,
                row.grade,
                _source(row.source),
                row.note,
            )
    return None


def statutory_range(medium: Medium) -> tuple[Decimal, Decimal]:
    """The lowest and highest rate that the law allows a province, CNY per equivalent."""
    row = next(one for one in _file().statutory_rates if one.medium == medium)
    return row.lowest, row.highest


def taxed_counts() -> tuple[int, int, int]:
    """How many pollutants of one outlet are taxed: air, water of class 1, other water (3, 5, 3)."""
    law = _file().law
    return law.taxed_air, law.taxed_water_class1, law.taxed_water_other


def reductions() -> tuple[tuple[Decimal, Decimal], ...]:
    """Pairs of (share below the standard, share of the tax that is paid), the largest reduction first (Art. 13)."""
    rows = ((row.below_standard, row.pays) for row in _file().reductions)
    return tuple(sorted(rows, reverse=True))


def reduction_conditions() -> Name:
    """What else must hold for a reduction: monthly mean, no single result above the standard, each pollutant alone."""
    return _file().reduction_conditions.text


def solid_waste_rates() -> Mapping[str, tuple[Name, Decimal]]:
    """Rates of solid waste by kind: name and CNY per tonne."""
    return MappingProxyType({row.id: (row.name, row.per_t) for row in _file().solid_waste_rates})


def solid_waste_rate(id: str) -> Coefficient:
    """The rate of one kind of solid waste as a coefficient, CNY/t, with the grade of its row; raises KeyError."""
    row = next((one for one in _file().solid_waste_rates if one.id == id), None)
    if row is None:
        raise KeyError(id)
    return Coefficient(
        id=f"tax/solid-waste/{row.id}",
        name=row.name,
        value=float(row.per_t),
        unit="CNY/t",
        grade=row.grade,
        source=_source(row.source),
    )


def noise_rates() -> tuple[tuple[int, int | None, Decimal], ...]:
    """Steps of industrial noise: from dB, to dB (None = open), CNY per month."""
    return tuple((row.from_db, row.to_db, row.per_month) for row in _file().noise_rates)


@dataclass(frozen=True, slots=True)
class NoiseRules:
    """How noise above the standard is counted (噪声计税说明)."""

    double_above_boundary_m: Decimal
    half_below_days: int


def noise_rules() -> NoiseRules:
    """Boundary length above which two points count as two units, days below which half is paid."""
    rules = _file().noise_rules
    return NoiseRules(rules.double_above_boundary_m, rules.half_below_days)


def small_dischargers() -> Mapping[str, SmallDischarger]:
    """Equivalents of small dischargers, by id."""
    return MappingProxyType(
        {
            row.id: SmallDischarger(
                row.id, row.name, row.value, row.unit, row.counted_above, row.grade, _source(row.source)
            )
            for row in _file().small
        }
    )


@dataclass(frozen=True, slots=True)
class TaxLaw:
    """The law under which the tax is computed (环境保护税法)."""

    title: Name
    validity: Validity
    grade: Grade
    source: str
    note: str


def tax_law() -> TaxLaw:
    """The law, its validity and its source."""
    law = _file().law
    return TaxLaw(law.title, Validity(law.valid_from), law.grade, _source(law.source), law.note)


# --- pollutant accounting ----------------------------------------------------------------------------------------


class _Constant(_Graded):
    id: str
    name: Name
    value: float
    unit: str


class _ReductionRule(_Graded):
    id: str
    name: Name
    text: str = ""
    formula: str = ""
    note: str = ""
    kinds: tuple[str, ...] = ()
    pollutants: tuple[str, ...] = ()


class _OptionEffect(_Graded):
    formula: str
    note: str


class _ReductionFile(Record):
    as_of: dt.date
    sources: tuple[SourceRecord, ...]
    constants: tuple[_Constant, ...]
    reductions: tuple[_ReductionRule, ...]
    option_effect: _OptionEffect


@dataclass(frozen=True, slots=True)
class ReductionRule:
    """One rule or formula of total-amount reduction (总量减排核算规则)."""

    id: str
    name: Name
    formula: str
    text: str
    note: str
    kinds: tuple[str, ...]
    grade: Grade
    source: str


def _reduction_file() -> _ReductionFile:
    data: _ReductionFile = load_toml(REDUCTION, _ReductionFile)
    return data


def accounting_constant(id: str) -> Coefficient:
    """A number of pollutant accounting by its id (``sulfur-released``, ``sewage-ratio-low``); raises UnknownName."""
    data = _reduction_file()
    for row in data.constants:
        if row.id == id:
            return Coefficient(
                id=f"pollutants/{row.id}",
                name=row.name,
                value=row.value,
                unit=row.unit,
                grade=row.grade,
                source=source_title(source_titles(data.sources), row.source, REDUCTION),
                default=True,
            )
    raise UnknownName(message("未知的污染物核算参数"), id, (row.id for row in data.constants))


def reduction_rules() -> tuple[ReductionRule, ...]:
    """The rules of total-amount reduction; those of grade ``recalled`` must be compared with the guide."""
    data = _reduction_file()
    titles = source_titles(data.sources)
    return tuple(
        ReductionRule(
            row.id,
            row.name,
            row.formula,
            row.text,
            row.note,
            row.kinds,
            row.grade,
            source_title(titles, row.source, REDUCTION),
        )
        for row in data.reductions
    )

"""Limits and quotas (限额、定额): energy of unit products, benchmark levels, water, performance, electricity prices.

Numbers are data with grade and source; nothing here judges a plant. A comparison is made at full precision: actual at
most the value, unless the record says "at least".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from pydantic import Field

from qingyuan.reference.loading import Record, load_csv, load_toml
from qingyuan.reference.records import Grade, Validity
from qingyuan.reference.sources import Graded, Unit, Words

Use = Literal["rule", "comparison"]

# --- energy limits of unit products (单位产品能源消耗限额) -----------------------------------------------


class EnergyQuotaStandard(Graded):
    """A national standard of energy limits (单位产品能源消耗限额标准).

    ``transcription`` says whether the copy that was read had been checked by its maker; ``status`` whether the
    standard is in force, about to be replaced (retiring) or replaced (retired). ``includes`` is its scope in short.
    """

    number: str
    edition: str
    title: str
    issued: dt.date | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    replaces: Words = ()
    includes: str = ""
    transcription: Literal["checked", "draft"]
    status: Literal["in force", "retiring", "retired"]
    jurisdiction: str

    @property
    def validity(self) -> Validity:
        """From when to when the standard holds."""
        return Validity(self.valid_from, self.valid_to)


class EnergyQuota(Graded):
    """One limit: a product or process, a measure (指标), a level and its value.

    Level 1 is the best (先进值 before 2017), 2 access of new plants (准入值), 3 the limit of existing ones (限定值);
    they are not always ordered. ``adjustment`` names the rule that changes the value with plant conditions, ``flags``
    what is doubtful about the row (``energy_quota_anomalies``).
    """

    id: str
    standard: str
    product: str
    measure: str
    level: int = Field(ge=1, le=3)
    value: float
    unit: Unit
    comparison: Literal["at most", "at least"]
    table: str
    adjustment: str = ""
    flags: Words = ()

    @property
    def validity(self) -> Validity:
        """From when to when its standard holds."""
        return energy_quota_standards()[self.standard].validity

    @property
    def jurisdiction(self) -> str:
        """Where its standard holds."""
        return energy_quota_standards()[self.standard].jurisdiction

    def met_by(self, actual: float) -> bool:
        """Whether an actual value, in ``unit`` and after any adjustment, meets the limit."""
        return actual >= self.value if self.comparison == "at least" else actual <= self.value


class EnergyQuotaAdjustment(Graded):
    """How a limit, a scope or the actual value changes with plant conditions (修正), in words."""

    id: str
    applies_to: Literal["limit", "scope", "actual"]
    rule: str


class EnergyQuotaAnomaly(Graded):
    """What is doubtful in a standard or its copy (存疑): compare with the text before a formal use."""

    id: str
    where: str
    kind: str
    text: str
    products: int | None = None


@lru_cache(maxsize=1)
def energy_quota_standards() -> Mapping[str, EnergyQuotaStandard]:
    """Give the standards of energy limits by number (``GB 16780-2021``)."""
    return {record.number: record for record in load_csv("limits/energy-quota-standards.csv", EnergyQuotaStandard)}


def energy_quotas(
    *,
    standard: str = "",
    product: str = "",
    measure: str = "",
    level: int | None = None,
    on: dt.date | None = None,
) -> tuple[EnergyQuota, ...]:
    """Give the energy limits that fit all that is asked.

    ``standard`` is a number with or without its year; ``product`` and ``measure`` are parts of the name; ``on`` keeps
    the standards that hold on that day.
    """
    rows = load_csv("limits/energy-quotas.csv", EnergyQuota)
    known = energy_quota_standards()
    kept = {
        number
        for number, record in known.items()
        if (not standard or number == standard or number.rsplit("-", 1)[0] == standard)
        and (on is None or record.validity.covers(on))
    }
    return tuple(
        row
        for row in rows
        if row.standard in kept
        and product in row.product
        and measure in row.measure
        and (level is None or row.level == level)
    )


def energy_quota_adjustments() -> tuple[EnergyQuotaAdjustment, ...]:
    """Give the rules that change a limit with plant conditions (海拔、品位、负荷 …)."""
    return load_csv("limits/energy-quota-adjustments.csv", EnergyQuotaAdjustment)


def energy_quota_anomalies() -> tuple[EnergyQuotaAnomaly, ...]:
    """Give what is doubtful in the standards as they were read."""
    return load_csv("limits/energy-quota-anomalies.csv", EnergyQuotaAnomaly)


# --- benchmark and baseline levels (标杆水平、基准水平) --------------------------------------------------


class EnergyBenchmark(Graded):
    """Benchmark and baseline level of one product (能效标杆水平、基准水平); at or below the benchmark is best."""

    id: str
    edition: str
    area: str
    product: str
    measure: str
    unit: Unit
    benchmark: float
    baseline: float
    basis_standard: str = ""
    standard_check: str = ""
    jurisdiction: str


class BenchmarkEdition(Graded):
    """An edition of the list of areas with benchmark levels (重点领域目录版次)."""

    edition: str
    title: str
    number: str
    number_grade: Grade
    jurisdiction: str
    areas: int
    new_areas: int | None = None
    valid_from: dt.date | None = None
    published: dt.date | None = None
    deadline_earlier_areas: dt.date | None = None
    deadline_new_areas: dt.date | None = None
    replaced_by: str = ""
    area_names: tuple[str, ...] = ()


class BenchmarkCapacity(Graded):
    """Shares of an area's capacity at the benchmark and below the baseline in one year, percent."""

    area: str
    year: int
    at_or_better_than_benchmark_percent: float
    below_baseline_percent: float


class AreaWithoutBenchmark(Graded):
    """An area whose values were not found, and the standards nearest to it (not its benchmark)."""

    area: str
    editions: tuple[str, ...]
    nearest_standard: tuple[str, ...] = ()


class BenchmarkAnomaly(Graded):
    """What contradicts what among the benchmark levels."""

    id: str
    text: str


class _BenchmarkFile(Record):
    editions: tuple[BenchmarkEdition, ...]
    capacity: tuple[BenchmarkCapacity, ...]
    without_values: tuple[AreaWithoutBenchmark, ...]
    anomalies: tuple[BenchmarkAnomaly, ...]


def energy_benchmarks(*, edition: str = "", area: str = "", product: str = "") -> tuple[EnergyBenchmark, ...]:
    """Give the benchmark and baseline levels; ``area`` and ``product`` are parts of the name."""
    return tuple(
        row
        for row in load_csv("limits/energy-benchmarks.csv", EnergyBenchmark)
        if (not edition or row.edition == edition) and area in row.area and product in row.product
    )


def _benchmark_file() -> _BenchmarkFile:
    return load_toml("limits/energy-benchmark-editions.toml", _BenchmarkFile)


def benchmark_editions() -> tuple[BenchmarkEdition, ...]:
    """Give the editions of the benchmark levels with their areas and deadlines."""
    return _benchmark_file().editions


def benchmark_capacity() -> tuple[BenchmarkCapacity, ...]:
    """Give the shares of capacity at and below the levels that were published."""
    return _benchmark_file().capacity


def areas_without_benchmark() -> tuple[AreaWithoutBenchmark, ...]:
    """Give the areas whose benchmark levels are unknown here."""
    return _benchmark_file().without_values


def benchmark_anomalies() -> tuple[BenchmarkAnomaly, ...]:
    """Give the contradictions met among the benchmark levels."""
    return _benchmark_file().anomalies


# --- resource and environment performance (资源环境绩效水平限值) -----------------------------------------


class PerformanceLimit(Graded):
    """A performance limit (绩效水平限值): ``base`` + ``per_layer`` x number of board layers, in ``unit``."""

    table: int
    sector: str
    indicator: str
    unit: Unit
    zone: str
    zone_name: str
    product_class: str
    base: float
    per_layer: float = 0.0
    jurisdiction: str
    valid_from: dt.date | None = None

    def value(self, layers: int = 0) -> float:
        """The limit for a board of so many layers (0 where layers do not matter)."""
        return self.base + self.per_layer * layers


def performance_limits(
    *, sector: str = "", zone: str = "", product_class: str = "", jurisdiction: str = ""
) -> tuple[PerformanceLimit, ...]:
    """Give the performance limits that fit all that is asked; ``sector`` is a part of the name."""
    return tuple(
        row
        for row in load_csv("limits/performance-limits.csv", PerformanceLimit)
        if sector in row.sector
        and (not zone or row.zone == zone)
        and (not product_class or row.product_class == product_class)
        and (not jurisdiction or row.jurisdiction == jurisdiction)
    )


# --- water (用水定额) ------------------------------------------------------------------------------------


class WaterQuotaSet(Graded):
    """A document of water quotas (用水定额文件); ``complete`` says whether all its values are here."""

    id: str
    title: str
    number: str = ""
    jurisdiction: str
    use: Use
    complete: bool


class WaterQuota(Graded):
    """A quota of water taken per unit of product (取水定额).

    ``kind``: general (通用值), advanced (先进值), existing or new plants, quota (one value). Those with the use
    "comparison" belong to other places and never judge a plant.
    """

    id: str
    set: str
    product: str
    product_en: str = ""
    code: str = ""
    kind: Literal["general", "advanced", "existing", "new", "quota"]
    value: float
    unit: Unit
    standard: str = ""
    use: Use
    jurisdiction: str


class WaterReuseBand(Graded):
    """The usual band of a sector's water reuse rate (重复利用率合理值), percent."""

    sector: str
    low_percent: float
    high_percent: float
    jurisdiction: str


class SurchargeTier(Record):
    """One step of a surcharge: from ``above`` to ``up_to``, as a share over the quota."""

    above: float
    up_to: float | None = None
    add: float
    add_restricted_or_eliminated: float | None = None


class WaterSurcharge(Graded):
    """A surcharge on water taken above the quota (超定额累进加价)."""

    id: str
    jurisdiction: str
    use: Use
    document: str = ""
    principle: str = ""
    min_tiers: int | None = None
    second_tier_min_factor: float | None = None
    third_tier_min_factor: float | None = None
    base: str = ""
    tiers: tuple[SurchargeTier, ...] = ()
    unit: Unit = "CNY/m3"


class _SurchargeFile(Record):
    surcharges: tuple[WaterSurcharge, ...]


def water_quotas(
    *, product: str = "", set: str = "", jurisdiction: str = "", comparison: bool = False
) -> tuple[WaterQuota, ...]:
    """Give the water quotas that fit all that is asked; those of other places only with ``comparison``."""
    return tuple(
        row
        for row in load_csv("limits/water-quotas.csv", WaterQuota)
        if product in row.product
        and (not set or row.set == set)
        and (not jurisdiction or row.jurisdiction == jurisdiction)
        and (comparison or row.use == "rule")
    )


@lru_cache(maxsize=1)
def water_quota_sets() -> Mapping[str, WaterQuotaSet]:
    """Give the documents of water quotas by id, also those whose values have to be entered."""
    return {record.id: record for record in load_csv("limits/water-quota-sets.csv", WaterQuotaSet)}


def water_reuse_bands() -> tuple[WaterReuseBand, ...]:
    """Give the usual bands of water reuse by sector."""
    return load_csv("limits/water-reuse-bands.csv", WaterReuseBand)


def water_surcharges(*, comparison: bool = False) -> tuple[WaterSurcharge, ...]:
    """Give the surcharges on water above the quota; those of other places only with ``comparison``."""
    found = load_toml("limits/water-surcharges.toml", _SurchargeFile).surcharges
    return tuple(record for record in found if comparison or record.use == "rule")


# --- electricity prices (差别电价、阶梯电价) -------------------------------------------------------------


class PriceStep(Record):
    """One step of a tiered price: indicator above ... up to ..., added price."""

    above: float
    up_to: float | None = None
    add: float


class PriceLimit(Record):
    """The limit of the indicator from a day on."""

    valid_from: dt.date
    limit: float
    grade: Grade


class PriceClass(Record):
    """A class of plants with its added price; ``before`` is the earlier one."""

    id: str
    name: str
    add: float
    before: float | None = None


class LatePayment(Record):
    """Who pays late by so many days pays the added price times a factor."""

    days: int
    factor: float


class RenewableRelief(Record):
    """Relief for a share of renewable electricity above a bound, price cut per point."""

    above_share: float
    cut_per_point: float
    condition: str
    grade: Grade


class ReferenceValues(Record):
    """Values of a standard that the tiers refer to."""

    name: str
    values: tuple[float, ...]
    unit: Unit
    grade: Grade


class ElectricityTiers(Graded):
    """Additions to the electricity price of a sector (差别电价、阶梯电价), on all production power of a line.

    ``kind``: steps, per-increment (``add_per_increment`` for each ``increment`` above the limit of the year, a part
    counting as a whole), flat, by-class, steps-by-commissioning-date (values not known here).
    """

    id: str
    sector: str
    document: str = ""
    jurisdiction: str
    unit: Unit
    kind: Literal["steps", "per-increment", "flat", "by-class", "steps-by-commissioning-date"]
    valid_from: dt.date
    valid_to: dt.date | None = None
    indicator: str = ""
    indicator_unit: Unit | None = None
    steps: tuple[PriceStep, ...] = ()
    side_rules: tuple[str, ...] = ()
    increment: float | None = None
    add_per_increment: float | None = None
    rounding: Literal["ceil"] | None = None
    limits: tuple[PriceLimit, ...] = ()
    late_payment: LatePayment | None = None
    preferential_price_allowed: bool | None = None
    renewable_relief: RenewableRelief | None = None
    add: float | None = None
    applies: str = ""
    split_date: dt.date | None = None
    add_range: tuple[float, float] | None = None
    reference_values: tuple[ReferenceValues, ...] = ()
    classes: tuple[PriceClass, ...] = ()

    @property
    def validity(self) -> Validity:
        """From when to when the addition holds."""
        return Validity(self.valid_from, self.valid_to)


class Proceeds(Graded):
    """Who receives the added price (加价电费分配), shares."""

    jurisdiction: str
    sector: str
    grid_share: float
    treasury_share: float
    check_before: str


class _TierFile(Record):
    tier_sets: tuple[ElectricityTiers, ...]
    proceeds: tuple[Proceeds, ...]


def electricity_tiers(
    *, sector: str = "", on: dt.date | None = None, jurisdiction: str = ""
) -> tuple[ElectricityTiers, ...]:
    """Give the additions to the electricity price; ``sector`` is a part of the name."""
    return tuple(
        record
        for record in load_toml("limits/electricity-tiers.toml", _TierFile).tier_sets
        if sector in record.sector
        and (on is None or record.validity.covers(on))
        and (not jurisdiction or record.jurisdiction == jurisdiction)
    )


def added_price_proceeds() -> tuple[Proceeds, ...]:
    """Give who receives the added price, where it was read."""
    return load_toml("limits/electricity-tiers.toml", _TierFile).proceeds

"""What processes do (工艺知识): what they must leave behind, generation and treatment ranges of the national census.

For checks and first estimates: a number outside a range is a reason to ask, never a reason to fail a plant.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from qingyuan.errors import UnknownName
from qingyuan.language import Name, message
from qingyuan.reference.loading import Record, load_csv, load_toml
from qingyuan.reference.sources import Graded, Unit, Words

Medium = Literal["air", "water", "unknown"]


class GenerationRange(Graded):
    """What one unit of product generates of one pollutant over the processes of the census (产污系数范围).

    ``low``, ``median`` and ``high`` are in ``unit`` of pollutant for each ``per_unit`` of product (``basis`` output)
    or of ``basis_flow`` (``basis`` input). ``pollutant`` is an id of the item catalogue. ``processes`` is how many
    processes stand behind the range, ``zeros`` how many of them have none. ``flags``: few, wide, zeros, all-zero,
    unit-inferred, medium-unknown, meaning-unsettled.
    """

    industry_code: str
    industry: str = ""
    product: str
    basis: Literal["output", "input"]
    basis_flow: str = ""
    stage: str = ""
    per_unit: Unit
    pollutant: str
    medium: Medium
    unit: Unit
    processes: int
    zeros: int
    low: float
    median: float
    high: float
    technologies: int
    scales: int
    flags: Words = ()


class GenerationLeftOut(Graded):
    """A row of the census that is no usable generation range, and why (未采用的系数)."""

    industry_code: str
    product: str
    substance: str
    reason: str
    rows: int
    value: float | None = None
    per_unit: Unit | None = None


class TreatmentEfficiency(Graded):
    """Removal efficiencies of one treatment for one pollutant over the census (治理效率), percent."""

    pollutant: str
    medium: Medium
    treatment: str
    rows: int
    processes: int
    zeros: int
    low_percent: float
    median_percent: float
    high_percent: float
    industries: int
    flags: Words = ()


class PlantRatio(Graded):
    """A wide range of a plant ratio (经验区间): full-load hours, electricity of a waste-water works …"""

    id: str
    name: str
    low: float
    high: float
    unit: Unit


class GeneralRule(Graded):
    """What an input must leave behind in any process (物质守恒规则), and the elements to balance."""

    when_input: str
    must_leave: Words
    elements: Words


class HazardousWasteOrigin(Record):
    """A hazardous waste that a process usually has: its category as recalled and where it comes from."""

    name: str
    category: str
    origin: str


class ProcessRule(Record):
    """When one of these goes in or stands there, these must come out."""

    when: tuple[str, ...]
    must_leave: tuple[str, ...]
    note: str = ""


class ProcessSignature(Graded):
    """What a process must leave behind (工艺特征).

    ``census_available`` says whether ``census_pollutants`` and ``census_wastewater`` have rows for it.
    """

    id: str
    name: str
    name_en: str
    industry_codes: tuple[str, ...]
    balance_elements: tuple[str, ...]
    general_wastes: tuple[str, ...]
    monitoring: tuple[str, ...]
    census_available: bool
    census_processes: int | None = None
    census_products: int | None = None
    hazardous_wastes: tuple[HazardousWasteOrigin, ...]
    rules: tuple[ProcessRule, ...]

    @property
    def label(self) -> Name:
        """The name in both languages."""
        return Name(self.name, self.name_en)


class CensusPollutant(Graded):
    """A pollutant that the census gives for a process; ``usable`` is false where its coefficient is a formula."""

    process: str
    pollutant: str
    medium: Medium
    processes: int
    usable: bool


class CensusWastewater(Graded):
    """Waste water of a product by the census (工业废水量), in ``unit``; ``of`` names the input it is counted by."""

    process: str
    product: str
    stage: str = ""
    unit: Unit
    of: str = ""
    processes: int
    low: float
    median: float
    high: float


class _RatioFile(Record):
    ratios: tuple[PlantRatio, ...]


class _SignatureFile(Record):
    processes: tuple[ProcessSignature, ...]


@lru_cache(maxsize=1)
def _by_industry() -> Mapping[str, tuple[GenerationRange, ...]]:
    grouped: dict[str, list[GenerationRange]] = {}
    for row in load_csv("processes/generation-ranges.csv", GenerationRange):
        grouped.setdefault(row.industry_code, []).append(row)
    return {code: tuple(rows) for code, rows in grouped.items()}


def generation_ranges(
    industry_code: str = "", *, product: str = "", pollutant: str = "", medium: Medium | None = None
) -> tuple[GenerationRange, ...]:
    """Give the generation ranges of an industry (GB/T 4754, whole code or its beginning).

    ``product`` is a part of the name, ``pollutant`` an id of the item catalogue.
    """
    return tuple(
        row
        for code, rows in _by_industry().items()
        if code.startswith(industry_code)
        for row in rows
        if product in row.product
        and (not pollutant or row.pollutant == pollutant)
        and (medium is None or row.medium == medium)
    )


def generation_left_out(industry_code: str = "") -> tuple[GenerationLeftOut, ...]:
    """Give the rows of the census that were left out, and why."""
    rows = load_csv("processes/generation-left-out.csv", GenerationLeftOut)
    return tuple(row for row in rows if row.industry_code.startswith(industry_code))


def treatment_efficiencies(pollutant: str = "", *, treatment: str = "") -> tuple[TreatmentEfficiency, ...]:
    """Give the removal efficiencies for a pollutant id; ``treatment`` is a part of the name."""
    rows = load_csv("processes/treatment-efficiency.csv", TreatmentEfficiency)
    return tuple(row for row in rows if (not pollutant or row.pollutant == pollutant) and treatment in row.treatment)


@lru_cache(maxsize=1)
def plant_ratios() -> Mapping[str, PlantRatio]:
    """Give the ranges of plant ratios by id."""
    return {record.id: record for record in load_toml("processes/ratios.toml", _RatioFile).ratios}


def general_rules() -> tuple[GeneralRule, ...]:
    """Give what an input must leave behind in any process."""
    return load_csv("processes/general-rules.csv", GeneralRule)


@lru_cache(maxsize=1)
def process_signatures() -> Mapping[str, ProcessSignature]:
    """Give what each process must leave behind, by id."""
    found = load_toml("processes/process-signatures.toml", _SignatureFile).processes
    return {record.id: record for record in found}


def process_signature(id: str) -> ProcessSignature:
    """Give one process. Raises UnknownName."""
    found = process_signatures()
    if id not in found:
        raise UnknownName(message("未知的工艺"), id, found)
    return found[id]


def signatures_of_industry(industry_code: str) -> tuple[ProcessSignature, ...]:
    """Give the processes of an industry by its GB/T 4754 code; a shorter code of either side fits a longer one."""
    return tuple(
        record
        for record in process_signatures().values()
        if any(code.startswith(industry_code) or industry_code.startswith(code) for code in record.industry_codes)
    )


def census_pollutants(process: str = "") -> tuple[CensusPollutant, ...]:
    """Give the pollutants that the census gives for a process."""
    rows = load_csv("processes/census-pollutants.csv", CensusPollutant)
    return tuple(row for row in rows if not process or row.process == process)


def census_wastewater(process: str = "") -> tuple[CensusWastewater, ...]:
    """Give the waste water of the products of a process by the census."""
    rows = load_csv("processes/census-wastewater.csv", CensusWastewater)
    return tuple(row for row in rows if not process or row.process == process)

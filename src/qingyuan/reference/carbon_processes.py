"""Process factors (过程排放因子): carbonates, cement, steel, chemicals, acids, waste water, electronics gases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from qingyuan.errors import UnknownName
from qingyuan.language import Name, message
from qingyuan.reference.carbon import SourceRecord, source_title, source_titles
from qingyuan.reference.loading import Record, load_toml
from qingyuan.reference.records import Coefficient, Grade

PROCESSES = "accounting/process-carbon.toml"


class _Row(Record):
    id: str
    name: Name
    value: float = Field(ge=0)
    unit: str = ""
    items: tuple[str, ...] = ()
    kind: str = ""
    editions: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    range: tuple[float, float] | None = None
    per: str = ""
    rounded: float | None = None
    grade: Grade
    source: str
    note: str = ""


class _ElectronicsGas(Record):
    gas: str
    used: float = Field(ge=0, le=1)
    collected: float = Field(ge=0, le=1)
    removed: float = Field(ge=0, le=1)
    byproducts: dict[str, float] = Field(default_factory=dict)
    grade: Grade
    source: str


class _FactorEdition(Record):
    method: str
    edition: str
    factors: str


class _NewerEdition(Record):
    methods: tuple[str, ...]
    edition: str
    valid_from: dt.date
    grade: Grade
    source: str


class _ProcessFile(Record):
    as_of: dt.date
    sources: tuple[SourceRecord, ...]
    factor_editions: tuple[_FactorEdition, ...]
    newer_editions: tuple[_NewerEdition, ...]
    carbonates: tuple[_Row, ...]
    clinkers: tuple[_Row, ...]
    clinker_substitutes: tuple[_Row, ...]
    steel_inputs: tuple[_Row, ...]
    steel_products: tuple[_Row, ...]
    chemicals: tuple[_Row, ...]
    nitric_acid: tuple[_Row, ...]
    adipic_acid: tuple[_Row, ...]
    n2o_removal: tuple[_Row, ...]
    reductants: tuple[_Row, ...]
    methane_correction: tuple[_Row, ...]
    electronics_gases: tuple[_ElectronicsGas, ...]
    constants: tuple[_Row, ...]


Table = Literal[
    "carbonates",
    "clinkers",
    "clinker_substitutes",
    "steel_inputs",
    "steel_products",
    "chemicals",
    "nitric_acid",
    "adipic_acid",
    "n2o_removal",
    "reductants",
    "methane_correction",
]

# The unit of a table's values where a row names none; {per} is the row's physical unit.
_UNITS: Mapping[str, str] = {
    "carbonates": "tCO2/t",
    "clinkers": "tCO2/t",
    "clinker_substitutes": "tCO2/t",
    "steel_inputs": "tCO2/t",
    "steel_products": "tCO2/t",
    "chemicals": "tC/t",
    "nitric_acid": "t/t",
    "adipic_acid": "t/t",
    "n2o_removal": "1",
    "reductants": "tCO2/{per}",
    "methane_correction": "1",
}


@dataclass(frozen=True, slots=True)
class ProcessFactor:
    """One row of a table of process factors (过程排放因子).

    ``items`` are the catalogue ids and names under which a plant's facts may carry the substance; ``editions`` the
    guidelines in whose table the value stands (empty = not distinguished); ``sectors`` leading digits of GB/T 4754.
    """

    id: str
    name: Name
    factor: Coefficient
    items: tuple[str, ...] = ()
    kind: str = ""
    editions: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    range: tuple[float, float] | None = None
    rounded: float | None = None


@dataclass(frozen=True, slots=True)
class ElectronicsGas:
    """Default parameters of a gas in etching and vapour deposition (电子气体), fractions; by-products in kg/kg."""

    gas: str
    used: Coefficient
    collected: Coefficient
    removed: Coefficient
    byproducts: Mapping[str, Coefficient]


def _processes() -> _ProcessFile:
    data: _ProcessFile = load_toml(PROCESSES, _ProcessFile)
    return data


def _coefficient(table: str, row: _Row, unit: str) -> Coefficient:
    return Coefficient(
        id=f"process-carbon/{table}/{row.id}",
        name=row.name,
        value=row.value,
        unit=row.unit or unit.format(per=row.per),
        grade=row.grade,
        source=source_title(source_titles(_processes().sources), row.source, PROCESSES),
        edition="; ".join(row.editions),
        default=True,
        note=row.note,
    )


@lru_cache(maxsize=32)
def process_factors(table: Table) -> Mapping[str, ProcessFactor]:
    """One table of process factors, by id.

    Units: tCO2/t for carbonates, clinkers, substitutes and steel, tC/t for chemicals, t of N2O per t for acids,
    fractions for removal and methane correction, tCO2 per t or per 10^4 Nm3 for reductants.
    """
    rows: tuple[_Row, ...] = getattr(_processes(), table)
    return MappingProxyType(
        {
            row.id: ProcessFactor(
                id=row.id,
                name=row.name,
                factor=_coefficient(table, row, _UNITS[table]),
                items=row.items,
                kind=row.kind,
                editions=row.editions,
                sectors=row.sectors,
                range=row.range,
                rounded=row.rounded,
            )
            for row in rows
        }
    )


def factor_edition(method: str, edition: str) -> str:
    """The name by which the tables mark the factors of an edition of a method; raises UnknownName."""
    for one in _processes().factor_editions:
        if one.method == method and one.edition == edition:
            return one.factors
    raise UnknownName(message("未知的方法版本"), edition, (one.edition for one in _processes().factor_editions))


def newer_edition(method: str, day: dt.date) -> str:
    """The edition of a standard in force on a day whose numbers are not among the data of a method; "" for none."""
    found = [one for one in _processes().newer_editions if method in one.methods and one.valid_from <= day]
    return max(found, key=lambda one: one.valid_from).edition if found else ""


@lru_cache(maxsize=128)
def process_constant(id: str) -> Coefficient:
    """A single number of a process method by its id; raises UnknownName."""
    for row in _processes().constants:
        if row.id == id:
            return _coefficient("constants", row, "1")
    raise UnknownName(message("未知的过程排放参数"), id, (row.id for row in _processes().constants))


@lru_cache(maxsize=1)
def electronics_gases() -> Mapping[str, ElectronicsGas]:
    """Default parameters of the electronics gases, by gas."""
    data = _processes()
    titles = source_titles(data.sources)

    def coefficient(row: _ElectronicsGas, what: str, name: Name, value: float, unit: str = "1") -> Coefficient:
        return Coefficient(
            id=f"process-carbon/electronics/{row.gas}/{what}",
            name=name,
            value=value,
            unit=unit,
            grade=row.grade,
            source=source_title(titles, row.source, PROCESSES),
            default=True,
        )

    return MappingProxyType(
        {
            row.gas: ElectronicsGas(
                gas=row.gas,
                used=coefficient(row, "used", Name(f"{row.gas}利用率", f"Use rate of {row.gas}"), row.used),
                collected=coefficient(
                    row, "collected", Name(f"{row.gas}废气收集率", f"Collection of {row.gas}"), row.collected
                ),
                removed=coefficient(row, "removed", Name(f"{row.gas}去除率", f"Removal of {row.gas}"), row.removed),
                byproducts=MappingProxyType(
                    {
                        gas: coefficient(
                            row,
                            f"byproduct-{gas}",
                            Name(f"{row.gas}生成{gas}的系数", f"{gas} made of {row.gas}"),
                            value,
                            "t/t",
                        )
                        for gas, value in row.byproducts.items()
                    }
                ),
            )
            for row in data.electronics_gases
        }
    )

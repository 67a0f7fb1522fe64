"""Fuel parameters and global warming potentials (燃料缺省值、全球变暖潜势): named sets, typed, dated, graded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Literal, TypeVar

from pydantic import Field

from qingyuan.errors import QingyuanError, UnknownName
from qingyuan.language import Message, Name, inside, listing, message
from qingyuan.reference.loading import DataError, Record, load_toml
from qingyuan.reference.records import Coefficient, Grade, Validity, weakest

FUELS = "accounting/fuel-carbon.toml"
GWP = "accounting/gwp.toml"
FUEL_PREFIX = "fuel-carbon/"


class FactorNotFound(QingyuanError):
    """A factor is not in the set that the calculation names; no other set steps in for it."""

    def __init__(self, reason: Message) -> None:
        self.reason = reason
        super().__init__(reason)

    def __str__(self) -> str:
        return str(self.reason)


# --- shapes of the files -----------------------------------------------------------------------------------------


class SourceRecord(Record):
    """Where the numbers of a file come from: the text itself, and where it was read."""

    id: str
    title: str
    url: str = ""
    read_in: str = ""


class _Fuel(Record):
    fuel: str
    name: Name
    per: Literal["t", "10^4 Nm3"]
    heating_value_gj: float = Field(gt=0)
    carbon_tc_per_gj: float = Field(gt=0, lt=0.1)
    oxidation: float | None = Field(default=None, gt=0, le=1)
    grade: Grade | None = None
    note: str = ""


class _Equipment(Record):
    id: str
    name: Name
    oxidation: float = Field(gt=0, le=1)
    note: str = ""


class _FuelSet(Record):
    id: str
    name: Name
    edition: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    jurisdiction: str
    scope: str
    sectors: tuple[str, ...]
    general: bool = False
    grade: Grade
    source: str
    note: str = ""
    fuels: tuple[_Fuel, ...] = ()
    equipment: tuple[_Equipment, ...] = ()


class _FuelFile(Record):
    as_of: dt.date
    sources: tuple[SourceRecord, ...]
    sets: tuple[_FuelSet, ...]


class _Gas(Record):
    gas: str
    gwp: float = Field(gt=0)
    grade: Grade | None = None
    source: str = ""


class _GwpSet(Record):
    id: str
    name: Name
    grade: Grade
    source: str
    use: str = ""
    note: str = ""
    sectors: tuple[str, ...] = ()
    general: bool = False
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    gases: tuple[_Gas, ...]


class _Blend(Record):
    id: str
    grade: Grade
    source: str
    shares: dict[str, float]


class _GwpFile(Record):
    as_of: dt.date
    sources: tuple[SourceRecord, ...]
    sets: tuple[_GwpSet, ...]
    blends: tuple[_Blend, ...]
    items: dict[str, str]


def source_titles(sources: Iterable[SourceRecord]) -> dict[str, str]:
    """Source ids to what a reader can look up."""
    return {source.id: f"{source.title} <{source.url}>" if source.url else source.title for source in sources}


def source_title(titles: Mapping[str, str], source: str, file: str) -> str:
    """What a reader can look up of one source; raises DataError where the file does not list it."""
    try:
        return titles[source]
    except KeyError:
        raise DataError(f"{file}: unknown source {source}") from None


# --- fuels -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FuelRow:
    """Default parameters of one fuel in one set (燃料缺省值).

    ``per`` is the unit of the physical amount (``t`` or ``10^4 Nm3``); ``heating_value`` in GJ per it, ``carbon`` in
    tC/GJ, ``oxidation`` a fraction (None where it depends on the equipment).
    """

    fuel: str
    name: Name
    per: str
    heating_value: Coefficient
    carbon: Coefficient
    oxidation: Coefficient | None


@dataclass(frozen=True, slots=True)
class FuelSet:
    """One table of default fuel parameters (化石燃料缺省值表); a calculation names one set and never mixes rows."""

    id: str
    name: Name
    edition: str
    validity: Validity
    jurisdiction: str
    scope: str
    sectors: tuple[str, ...]
    general: bool
    grade: Grade
    source: str
    note: str
    fuels: Mapping[str, FuelRow] = field(default_factory=dict)
    equipment: Mapping[str, Coefficient] = field(default_factory=dict)

    def row(self, fuel: str) -> FuelRow:
        """The row of a fuel; raises FactorNotFound where the set has none."""
        try:
            return self.fuels[fuel]
        except KeyError:
            raise FactorNotFound(
                message("燃料“{fuel}”不在所用因子表“{set}”中；同一核算不得混用两张表", fuel=fuel, set=self.name)
            ) from None

    def oxidation(self, fuel: str, equipment: str = "") -> Coefficient:
        """The oxidation factor of a fuel, or of the equipment that burns it where the set says so.

        Raises FactorNotFound where the set makes it depend on the equipment and none of its kinds is named.
        """
        row = self.fuels.get(fuel)
        if row is not None and row.oxidation is not None:
            return row.oxidation
        if equipment in self.equipment:
            return self.equipment[equipment]
        if not self.equipment:
            raise FactorNotFound(message("因子表“{set}”没有“{fuel}”的碳氧化率，请给出", set=self.name, fuel=fuel))
        raise FactorNotFound(
            message(
                "因子表“{set}”中“{fuel}”的碳氧化率取决于燃烧设备，须指明：{kinds}",
                set=self.name,
                fuel=row.name if row is not None else fuel,
                kinds=listing(self.equipment or ("—",)),
            )
        )


@lru_cache(maxsize=1)
def fuel_sets() -> Mapping[str, FuelSet]:
    """All sets of default fuel parameters, by id."""
    data = load_toml(FUELS, _FuelFile)
    titles = source_titles(data.sources)
    return MappingProxyType({one.id: _fuel_set(one, titles) for one in data.sets})


def _fuel_set(one: _FuelSet, titles: Mapping[str, str]) -> FuelSet:
    validity = Validity(one.valid_from, one.valid_to)
    source = source_title(titles, one.source, FUELS)

    def coefficient(id: str, name: Name, value: float, unit: str, grade: Grade, note: str) -> Coefficient:
        return Coefficient(
            id=f"{FUEL_PREFIX}{one.id}/{id}",
            name=name,
            value=value,
            unit=unit,
            grade=grade,
            source=source,
            edition=one.edition,
            validity=validity,
            jurisdiction=one.jurisdiction,
            default=True,
            note=note,
        )

    fuels: dict[str, FuelRow] = {}
    for fuel in one.fuels:
        grade = weakest((one.grade, fuel.grade or one.grade))
        zh, en = fuel.name.zh, inside(fuel.name.en)
        fuels[fuel.fuel] = FuelRow(
            fuel=fuel.fuel,
            name=fuel.name,
            per=fuel.per,
            heating_value=coefficient(
                f"{fuel.fuel}/heating-value",
                Name(f"{zh}低位发热量", f"Lower heating value of {en}"),
                fuel.heating_value_gj,
                f"GJ/{fuel.per}",
                grade,
                fuel.note,
            ),
            carbon=coefficient(
                f"{fuel.fuel}/carbon",
                Name(f"{zh}单位热值含碳量", f"Carbon per heat of {en}"),
                fuel.carbon_tc_per_gj,
                "tC/GJ",
                grade,
                fuel.note,
            ),
            oxidation=None
            if fuel.oxidation is None
            else coefficient(
                f"{fuel.fuel}/oxidation",
                Name(f"{zh}碳氧化率", f"Oxidation factor of {en}"),
                fuel.oxidation,
                "1",
                grade,
                fuel.note,
            ),
        )
    equipment = {
        kind.id: coefficient(
            f"equipment/{kind.id}",
            Name(f"{kind.name.zh}碳氧化率", f"Oxidation factor of {inside(kind.name.en)}"),
            kind.oxidation,
            "1",
            one.grade,
            kind.note,
        )
        for kind in one.equipment
    }
    return FuelSet(
        id=one.id,
        name=one.name,
        edition=one.edition,
        validity=validity,
        jurisdiction=one.jurisdiction,
        scope=one.scope,
        sectors=one.sectors,
        general=one.general,
        grade=one.grade,
        source=source,
        note=one.note,
        fuels=MappingProxyType(fuels),
        equipment=MappingProxyType(equipment),
    )


def fuel_set(id: str) -> FuelSet:
    """One set by its id; raises UnknownName."""
    sets = fuel_sets()
    if id not in sets:
        raise UnknownName(message("未知的燃料因子表"), id, sets)
    return sets[id]


def default_fuel_set(industry_code: str, day: dt.date) -> FuelSet:
    """The set that a plant of an industry (GB/T 4754 code) uses on a day.

    Among the sets in force, the one whose sectors fit the code most closely, then the newest; the general set where
    none fits.
    """
    return _closest(fuel_sets().values(), industry_code, day, FUELS)


def default_gwp_set(industry_code: str, day: dt.date) -> GwpSet:
    """The warming potentials that a plant of an industry (GB/T 4754 code) uses on a day, chosen as the fuel set is."""
    return _closest(gwp_sets().values(), industry_code, day, GWP)


S = TypeVar("S", "FuelSet", "GwpSet")


def _closest(sets: Iterable[S], industry_code: str, day: dt.date, file: str) -> S:
    best: tuple[int, dt.date, S] | None = None
    for one in sets:
        if not one.validity.covers(day):
            continue
        fit = max((len(prefix) for prefix in one.sectors if industry_code.startswith(prefix)), default=0)
        if not fit and not one.general:
            continue
        candidate = (fit, one.validity.start or dt.date.min, one)
        if best is None or candidate[:2] > best[:2]:
            best = candidate
    if best is None:
        raise DataError(f"{file}: no general set in force on {day}")
    return best[2]


# --- global warming potentials -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GwpSet:
    """Global warming potentials of one assessment report (全球变暖潜势), 100 years, tCO2e per t of gas."""

    id: str
    name: Name
    grade: Grade
    source: str
    use: str
    note: str
    sectors: tuple[str, ...]
    general: bool
    validity: Validity
    gases: Mapping[str, Coefficient]

    def gas(self, id: str) -> Coefficient:
        """The potential of a gas, or of a refrigerant blend by its composition; raises FactorNotFound."""
        if id in self.gases:
            return self.gases[id]
        blend = _blends().get(id)
        if blend is None or any(part not in self.gases for part in blend.shares):
            raise FactorNotFound(message("气体“{gas}”不在所用全球变暖潜势表“{set}”中", gas=id, set=self.name))
        value = sum(share * self.gases[part].value for part, share in blend.shares.items())
        return Coefficient(
            id=f"gwp/{self.id}/{id}",
            name=Name(f"{id} 全球变暖潜势（{self.id}）", f"GWP of {id} ({self.id})"),
            value=value,
            unit="tCO2e/t",
            grade=weakest((blend.grade, *(self.gases[part].grade for part in blend.shares))),
            source=self.source,
            edition=self.id,
            default=True,
            note="; ".join(f"{part} {share:g}" for part, share in blend.shares.items()),
        )


@lru_cache(maxsize=1)
def _blends() -> Mapping[str, _Blend]:
    return {blend.id: blend for blend in load_toml(GWP, _GwpFile).blends}


@lru_cache(maxsize=1)
def gwp_sets() -> Mapping[str, GwpSet]:
    """All sets of global warming potentials, by id (SAR, AR4, AR5, AR6 …)."""
    data = load_toml(GWP, _GwpFile)
    titles = source_titles(data.sources)
    return MappingProxyType(
        {
            one.id: GwpSet(
                id=one.id,
                name=one.name,
                grade=one.grade,
                source=source_title(titles, one.source, GWP),
                use=one.use,
                note=one.note,
                sectors=one.sectors,
                general=one.general,
                validity=Validity(one.valid_from, one.valid_to),
                gases=MappingProxyType(
                    {
                        gas.gas: Coefficient(
                            id=f"gwp/{one.id}/{gas.gas}",
                            name=Name(f"{gas.gas} 全球变暖潜势（{one.id}）", f"GWP of {gas.gas} ({one.id})"),
                            value=gas.gwp,
                            unit="tCO2e/t",
                            grade=gas.grade or one.grade,
                            source=source_title(titles, gas.source or one.source, GWP),
                            edition=one.id,
                            default=True,
                        )
                        for gas in one.gases
                    }
                ),
            )
            for one in data.sets
        }
    )


def gas_items() -> Mapping[str, str]:
    """Items of the catalogue that are greenhouse gases, with the gas or blend that each is."""
    return MappingProxyType(load_toml(GWP, _GwpFile).items)


def gwp_set(id: str) -> GwpSet:
    """One set by its id; raises UnknownName."""
    sets = gwp_sets()
    if id not in sets:
        raise UnknownName(message("未知的全球变暖潜势表"), id, sets)
    return sets[id]

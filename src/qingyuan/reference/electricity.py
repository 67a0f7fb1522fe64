"""Electricity and heat factors (电力、热力排放因子): official notices, non-fossil power, footprints, old values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal

from qingyuan.errors import QingyuanError, UnknownName
from qingyuan.language import Name, message
from qingyuan.reference.carbon import FactorNotFound, SourceRecord, source_title, source_titles
from qingyuan.reference.loading import Record, load_toml
from qingyuan.reference.records import Coefficient, Grade, Validity

ELECTRICITY = "accounting/electricity-factors.toml"

# Coefficients whose id begins so are life-cycle values of products and never belong into an inventory.
FOOTPRINT_PREFIX = "electricity-footprint/"


class ProofMissing(QingyuanError):
    """Non-fossil electricity was to be counted at zero without proof of its origin (非化石能源电力缺少证明)."""

    def __init__(self, proofs: Name) -> None:
        self.proofs = proofs
        super().__init__(proofs)

    def __str__(self) -> str:
        return str(message("非化石能源电量须有证明：{proofs}", proofs=self.proofs))


class _Area(Record):
    name: Name
    id: str = ""
    code: str = ""


class _Notice(Record):
    id: str
    edition: str
    factor_year: int
    published: dt.date
    jurisdiction: str
    grade: Grade
    source: str
    national: float
    national_without_traded_nonfossil: float
    national_fossil: float
    regions: dict[str, float]
    provinces: dict[str, float]


class _Doubtful(Record):
    notice: str
    code: str
    value: float
    grade: Grade
    note: str


class _NonFossil(Record):
    value: float
    proofs: Name
    grade: Grade
    source: str
    note: str


class _Heat(Record):
    value: float
    unit: str
    edition: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    grade: Grade
    source: str
    note: str


class _Footprint(Record):
    year: int
    unit: str
    national: float
    wind: float | None = None
    solar: float | None = None
    biomass: float | None = None
    grade: Grade
    source: str


class _Historic(Record):
    id: str
    name: Name
    value: float
    grade: Grade
    source: str
    note: str = ""


class _ElectricityFile(Record):
    as_of: dt.date
    sources: tuple[SourceRecord, ...]
    regions: tuple[_Area, ...]
    provinces: tuple[_Area, ...]
    notices: tuple[_Notice, ...]
    doubtful: tuple[_Doubtful, ...]
    nonfossil: _NonFossil
    heat_default: tuple[_Heat, ...]
    footprints: tuple[_Footprint, ...]
    historic: tuple[_Historic, ...]


def _electricity() -> _ElectricityFile:
    data: _ElectricityFile = load_toml(ELECTRICITY, _ElectricityFile)
    return data


def _notice(reporting: dt.date, factor_year: int | None) -> _Notice:
    known = [one for one in _electricity().notices if one.published <= reporting]
    if factor_year is not None:
        known = [one for one in known if one.factor_year == factor_year]
    if not known:
        first = min(one.published for one in _electricity().notices)
        raise FactorNotFound(
            message(
                "报告日 {day} 之前没有可用的电力排放因子公告（最早的公告发布于 {first}）；请给出因子及其出处",
                day=reporting.isoformat(),
                first=first.isoformat(),
            )
            if factor_year is None
            else message(
                "报告日 {day} 之前没有 {year} 年度电力排放因子的公告", day=reporting.isoformat(), year=factor_year
            )
        )
    return max(known, key=lambda one: one.published)


_SUFFIXES = ("特别行政区", "壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市")


def province_name(text: str) -> Name | None:
    """The name of a province in both languages; None for what is none."""
    try:
        code = province_code(text)
    except UnknownName:
        return None
    return next(area.name for area in _electricity().provinces if area.code == code)


def province_code(text: str) -> str:
    """The six-digit code of a province named by code, Chinese or English name (重庆, 重庆市, Chongqing, 500000).

    Raises UnknownName.
    """
    plain = text.strip()
    for suffix in _SUFFIXES:
        if plain.endswith(suffix) and len(plain) > len(suffix) + 1:
            plain = plain.removesuffix(suffix)
            break
    for area in _electricity().provinces:
        if plain in (area.code, area.name.zh) or plain.lower() == area.name.en.lower():
            return area.code
        if len(plain) == 6 and plain.isdigit() and plain[:2] == area.code[:2]:
            return area.code
    raise UnknownName(message("未知的省级行政区"), text, (str(area.name) for area in _electricity().provinces))


def electricity_factor(
    choice: Literal["national", "provincial", "regional", "residual", "fossil"] = "national",
    *,
    reporting: dt.date,
    area: str = "",
    factor_year: int | None = None,
) -> Coefficient:
    """The CO2 factor of bought electricity, tCO2/MWh, of the newest notice published by the reporting date.

    ``choice``: ``national`` average (全国平均), ``provincial`` or ``regional`` average of ``area``, ``residual`` =
    national average without traded non-fossil electricity (only for market-based accounts), ``fossil`` = national
    fossil power. ``factor_year`` asks for the notice of that year instead of the newest.
    Raises FactorNotFound where no notice or no value answers, UnknownName for an unknown area.
    """
    notice = _notice(reporting, factor_year)
    data = _electricity()
    titles = source_titles(data.sources)
    grade, note = notice.grade, ""
    tail: str = choice
    if choice == "national":
        value, name = (
            notice.national,
            Name("全国电力平均二氧化碳排放因子", "National average CO2 factor of electricity"),
        )
    elif choice == "residual":
        value, name = (
            notice.national_without_traded_nonfossil,
            Name(
                "全国电力平均二氧化碳排放因子（不含市场化交易非化石电量）",
                "National factor without traded non-fossil power",
            ),
        )
    elif choice == "fossil":
        value, name = notice.national_fossil, Name("全国化石能源电力排放因子", "National CO2 factor of fossil power")
    elif choice == "regional":
        region = next((one for one in data.regions if area in (one.id, one.name.zh, one.name.en)), None)
        if region is None:
            raise UnknownName(message("未知的区域电网"), area, (str(one.name) for one in data.regions))
        value, tail = notice.regions[region.id], f"region-{region.id}"
        name = Name(f"{region.name.zh}区域电力平均二氧化碳排放因子", f"CO2 factor of electricity, {region.name.en}")
    else:
        code = province_code(area)
        province = next(one for one in data.provinces if one.code == code)
        name = Name(f"{province.name.zh}电力平均二氧化碳排放因子", f"CO2 factor of electricity, {province.name.en}")
        tail = code
        doubtful = next((one for one in data.doubtful if one.notice == notice.id and one.code == code), None)
        if code in notice.provinces:
            value = notice.provinces[code]
        elif doubtful is not None:
            value, grade, note = doubtful.value, doubtful.grade, doubtful.note
        else:
            raise FactorNotFound(
                message("{notice} 没有 {area} 的电力排放因子", notice=notice.edition, area=province.name)
            )
    return Coefficient(
        id=f"electricity/{notice.factor_year}/{tail}",
        name=name,
        value=value,
        unit="tCO2/MWh",
        grade=grade,
        source=source_title(titles, notice.source, ELECTRICITY),
        edition=f"{notice.edition} ({notice.factor_year})",
        validity=Validity(notice.published),
        jurisdiction=notice.jurisdiction,
        default=True,
        note=note,
    )


def nonfossil_factor(proof: str) -> Coefficient:
    """The factor 0 of non-fossil electricity, for which ``proof`` names the document; raises ProofMissing without."""
    data = _electricity()
    if not proof.strip():
        raise ProofMissing(data.nonfossil.proofs)
    return Coefficient(
        id="electricity/non-fossil",
        name=Name("非化石能源电力排放因子", "Factor of non-fossil electricity"),
        value=data.nonfossil.value,
        unit="tCO2/MWh",
        grade=data.nonfossil.grade,
        source=source_title(source_titles(data.sources), data.nonfossil.source, ELECTRICITY),
        note=proof,
    )


def heat_factor_default(day: dt.date | None = None) -> Coefficient:
    """The factor of bought heat where the supplier has none of its own, tCO2/GJ: in force on a day, else the newest.

    Raises FactorNotFound where none was in force on the day.
    """
    data = _electricity()
    known = [one for one in data.heat_default if day is None or Validity(one.valid_from, one.valid_to).covers(day)]
    if not known:
        raise FactorNotFound(message("{day} 没有外购热力的默认排放因子", day="" if day is None else day.isoformat()))
    heat = max(known, key=lambda one: one.valid_from or dt.date.min)
    return Coefficient(
        id="heat/default",
        name=Name("外购热力排放因子缺省值", "Default factor of bought heat"),
        value=heat.value,
        unit=heat.unit,
        grade=heat.grade,
        source=source_title(source_titles(data.sources), heat.source, ELECTRICITY),
        edition=heat.edition,
        validity=Validity(heat.valid_from, heat.valid_to),
        default=True,
        note=heat.note,
    )


def electricity_footprint(year: int, kind: Literal["national", "wind", "solar", "biomass"] = "national") -> Coefficient:
    """The life-cycle footprint of electricity, kgCO2e/kWh, for product footprints only; raises FactorNotFound."""
    data = _electricity()
    for one in data.footprints:
        values = {"national": one.national, "wind": one.wind, "solar": one.solar, "biomass": one.biomass}
        value = values[kind]
        if one.year == year and value is not None:
            return Coefficient(
                id=f"{FOOTPRINT_PREFIX}{year}/{kind}",
                name=Name(f"{year}年电力碳足迹因子", f"Carbon footprint of electricity, {year}"),
                value=value,
                unit=one.unit,
                grade=one.grade,
                source=source_title(source_titles(data.sources), one.source, ELECTRICITY),
                edition=str(year),
                default=True,
            )
    raise FactorNotFound(message("没有 {year} 年“{kind}”的电力碳足迹因子", year=year, kind=kind))


def historic_electricity_factors() -> Mapping[str, Coefficient]:
    """Values met in old audit reports, by id: for reading those, never for new accounts."""
    data = _electricity()
    titles = source_titles(data.sources)
    return {
        one.id: Coefficient(
            id=f"electricity/historic/{one.id}",
            name=one.name,
            value=one.value,
            unit="tCO2/MWh",
            grade=one.grade,
            source=source_title(titles, one.source, ELECTRICITY),
            note=one.note,
        )
        for one in data.historic
    }

"""Standard-coal coefficients (折标准煤系数) of GB/T 2589: fuels, electricity, heat, working media, by edition.

The printed coefficient is used as printed; a range is a range until somebody chooses. A measured heat value is divided
by ``kj_per_kgce`` instead.
"""

from __future__ import annotations

import datetime as dt
import difflib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from qingyuan.errors import UnknownName
from qingyuan.language import Name, inside, message
from qingyuan.reference.loading import DataError, Record, load_toml
from qingyuan.reference.records import Coefficient, Grade, Validity

FILE = "accounting/energy-coefficients.toml"

Kind = Literal["fuel", "energy", "working-medium"]
RangeChoice = Literal["high", "low", "middle", "statistics"]


class _Text(Record):
    zh: str
    en: str


class _Range(Record):
    low: float
    high: float


class _Other(Record):
    kgce: float
    grade: Grade
    source: str
    note: str = ""


class _Source(Record):
    id: str
    title: str
    url: str = ""
    note: str = ""


class _Edition(Record):
    id: str
    name: _Text
    begins: dt.date | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    grade: Grade


class _Row(Record):
    id: str
    kind: Kind
    name: _Text
    unit: str
    kgce: float | _Range
    grade: Grade
    high_grade: Grade | None = None
    source: str
    lhv_kj: float | _Range | None = None
    lhv_grade: Grade | None = None
    mj: float | None = None
    mj_grade: Grade | None = None
    edition: str = ""
    statistics: _Other | None = None
    note: str = ""


class _EqualValue(Record):
    id: str
    name: _Text
    unit: str
    rule: _Text
    historic_kgce: float | None = None
    historic_note: str = ""
    grade: Grade
    source: str


class _ShopValue(Record):
    id: str
    name: _Text
    unit: str
    kgce: float
    grade: Grade
    source: str
    note: str


class _SectorValue(Record):
    id: str
    name: _Text
    unit: str
    mj: float
    edition: str
    grade: Grade
    source: str
    note: str = ""


class _Rule(Record):
    text: _Text
    grade: Grade
    source: str


class _File(Record):
    as_of: dt.date
    kj_per_kgce: float
    kj_per_kgce_source: str
    rounding: _Text
    heat_values_note: str
    sources: tuple[_Source, ...]
    editions: tuple[_Edition, ...]
    coefficients: tuple[_Row, ...]
    equal_values: tuple[_EqualValue, ...]
    shop_values: tuple[_ShopValue, ...]
    working_medium_rule: _Rule
    sector_values: tuple[_SectorValue, ...]


@dataclass(frozen=True, slots=True)
class EnergyCoefficient:
    """One row of the table in one edition (折标准煤系数): kgce per ``unit``, equal ends where it is one number.

    ``lhv_low`` and ``lhv_high`` are the lower heating value in kJ per ``unit`` (None where the row has none);
    ``statistics`` is the number of statistical returns, in kgce per unit.
    """

    id: str
    kind: Kind
    name: Name
    unit: str
    low: float
    high: float
    edition: str
    validity: Validity
    grade: Grade
    source: str
    high_grade: Grade
    lhv_low: float | None = None
    lhv_high: float | None = None
    lhv_grade: Grade | None = None
    statistics: float | None = None
    statistics_grade: Grade | None = None
    note: str = ""

    @property
    def is_range(self) -> bool:
        """Whether the standard prints a range and not a number."""
        return self.low != self.high


def _file() -> _File:
    data: _File = load_toml(FILE, _File)
    return data


@lru_cache(maxsize=1)
def _rows() -> dict[str, tuple[EnergyCoefficient, ...]]:
    data = _file()
    sources = {source.id: source for source in data.sources}
    editions = {edition.id: edition for edition in data.editions}
    found: dict[str, list[EnergyCoefficient]] = {}
    for row in data.coefficients:
        if row.source not in sources or (row.edition and row.edition not in editions):
            raise DataError(f"{FILE}: {row.id}: unknown source or edition")
        for edition in [editions[row.edition]] if row.edition else editions.values():
            found.setdefault(row.id, []).append(_coefficient(row, edition, sources))
    for id, rows in found.items():
        rows.sort(key=lambda row: row.validity.start or dt.date.min)
        if len({row.edition for row in rows}) != len(rows):
            raise DataError(f"{FILE}: {id}: one edition twice")
    return {id: tuple(rows) for id, rows in found.items()}


def _coefficient(row: _Row, edition: _Edition, sources: dict[str, _Source]) -> EnergyCoefficient:
    low, high = (row.kgce.low, row.kgce.high) if isinstance(row.kgce, _Range) else (row.kgce, row.kgce)
    heat = row.lhv_kj
    lhv_low, lhv_high = (heat.low, heat.high) if isinstance(heat, _Range) else (heat, heat)
    if not 0 < low <= high:
        raise DataError(f"{FILE}: {row.id}: range upside down")
    return EnergyCoefficient(
        id=row.id,
        kind=row.kind,
        name=Name(row.name.zh, row.name.en),
        unit=row.unit,
        low=low,
        high=high,
        edition=edition.id,
        validity=Validity(edition.valid_from, edition.valid_to),
        grade=row.grade,
        source=_title(sources[row.source]),
        high_grade=row.high_grade or row.grade,
        lhv_low=lhv_low,
        lhv_high=lhv_high,
        lhv_grade=row.lhv_grade,
        statistics=row.statistics.kgce if row.statistics else None,
        statistics_grade=row.statistics.grade if row.statistics else None,
        note=row.note,
    )


def _title(source: _Source) -> str:
    return f"{source.title} <{source.url}>" if source.url else source.title


def ids() -> tuple[str, ...]:
    """The ids of all rows, in the order of the table."""
    return tuple(_rows())


def kind_of(id: str) -> Kind | None:
    """The kind of a row: fuel, energy or working medium; None for an id without a row."""
    rows = _rows().get(id)
    return rows[0].kind if rows else None


def all_rows() -> Iterator[EnergyCoefficient]:
    """Every row in every edition."""
    for rows in _rows().values():
        yield from rows


def row(id: str, day: dt.date) -> EnergyCoefficient:
    """The row of the edition in force on a day. Raises UnknownName for an id without a row."""
    rows = _rows()
    if id not in rows:
        raise UnknownName(message("未知的折标准煤系数"), id, difflib.get_close_matches(id, rows, n=3))
    for candidate in rows[id]:
        if candidate.validity.covers(day):
            return candidate
    raise UnknownName(message("未知的折标准煤系数"), f"{id} {day.isoformat()}")


def standard_coal(id: str, day: dt.date, choice: RangeChoice = "high") -> Coefficient:
    """The coefficient kgce per unit by the edition in force on a day.

    Of a printed range, ``choice`` takes one end, the middle, or (where there is one) the number of statistical returns;
    the answer is then marked as a default and carries the standard uncertainty of a uniform distribution over the
    range, (high - low)/sqrt(12), as a fraction. Raises UnknownName for an id without a row.
    """
    found = row(id, day)
    value, grade, note = found.high, found.grade, found.note
    if found.is_range:
        if choice == "low":
            value = found.low
        elif choice == "middle":
            value = (found.low + found.high) / 2
        elif choice == "statistics" and found.statistics is not None:
            value, grade = found.statistics, found.statistics_grade or found.grade
        else:
            grade = found.high_grade
        note = f"{found.low:.4f}-{found.high:.4f} kgce/{found.unit}" + (f"; {note}" if note else "")
    return Coefficient(
        id=f"standard-coal/{found.id}/{found.edition}" + (f"/{choice}" if found.is_range else ""),
        name=Name(f"{found.name.zh}折标准煤系数", f"Standard-coal coefficient of {inside(found.name.en)}"),
        value=value,
        unit=f"kgce/{found.unit}",
        grade=grade,
        source=found.source,
        edition=found.edition,
        validity=found.validity,
        relative_uncertainty=(found.high - found.low) / math.sqrt(12) / value if found.is_range else 0.0,
        default=found.is_range,
        note=note,
    )


def heating_value(id: str, day: dt.date) -> Coefficient | None:
    """The printed lower heating value (低位发热量) in kJ per unit, a default; the middle of a printed range.

    None where the row has none (working media). Raises UnknownName for an id without a row.
    """
    found = row(id, day)
    if found.lhv_low is None or found.lhv_high is None:
        return None
    value = (found.lhv_low + found.lhv_high) / 2
    return Coefficient(
        id=f"lower-heating-value/{found.id}/{found.edition}",
        name=Name(f"{found.name.zh}低位发热量", f"Lower heating value of {inside(found.name.en)}"),
        value=value,
        unit=f"kJ/{found.unit}",
        grade=found.lhv_grade or found.grade,
        source=found.source,
        edition=found.edition,
        validity=found.validity,
        relative_uncertainty=(found.lhv_high - found.lhv_low) / math.sqrt(12) / value,
        default=True,
        note=found.note,
    )


def first_edition() -> tuple[str, dt.date]:
    """The oldest edition that is known and the day from which it was in force; before it, it is used all the same."""
    begun = [(edition.begins, edition.id) for edition in _file().editions if edition.begins is not None]
    if not begun:
        raise DataError(f"{FILE}: no edition says when it began")
    day, id = min(begun)
    return id, day


def historic_electricity_equal_value() -> Coefficient:
    """The old constant 0.4040 kgce/kWh for the equal value of electricity: for checking old reports only."""
    for value in _file().equal_values:
        if value.historic_kgce is not None:
            return Coefficient(
                id=f"standard-coal/{value.id}/historic",
                name=Name(f"{value.name.zh}旧统计常数", f"{value.name.en}, old statistical constant"),
                value=value.historic_kgce,
                unit=f"kgce/{value.unit}",
                grade=value.grade,
                source={source.id: _title(source) for source in _file().sources}[value.source],
                default=True,
                note=value.historic_note,
            )
    raise DataError(f"{FILE}: no historic equal value")


def kj_per_kgce() -> Coefficient:
    """29 307.6 kJ per kgce: 7000 kcal of 4.1868 kJ, exact by definition."""
    data = _file()
    return Coefficient(
        id="standard-coal/definition",
        name=Name("标准煤的低位发热量", "lower heating value of standard coal"),
        value=data.kj_per_kgce,
        unit="kJ/kgce",
        grade=Grade.CITED,
        source=data.kj_per_kgce_source,
    )


def shop_values() -> tuple[Coefficient, ...]:
    """Values in use on shop floors that are no rows of the standard (低压蒸汽 0.1286), for recognising old reports."""
    titles = {source.id: _title(source) for source in _file().sources}
    return tuple(
        Coefficient(
            id=f"shop-value/{value.id}",
            name=Name(value.name.zh, value.name.en),
            value=value.kgce,
            unit=f"kgce/{value.unit}",
            grade=value.grade,
            source=titles[value.source],
            note=value.note,
        )
        for value in _file().shop_values
    )


def sector_values() -> tuple[Coefficient, ...]:
    """Energy equivalents that one sector's quota prints for itself (炼油), MJ per unit."""
    titles = {source.id: _title(source) for source in _file().sources}
    return tuple(
        Coefficient(
            id=f"sector-value/{value.id}",
            name=Name(value.name.zh, value.name.en),
            value=value.mj,
            unit=f"MJ/{value.unit}",
            grade=value.grade,
            source=titles[value.source],
            edition=value.edition,
            note=value.note,
        )
        for value in _file().sector_values
    )


def working_medium_rule() -> tuple[Name, Grade]:
    """The rule for bought and own-made working media (耗能工质) with its grade."""
    rule = _file().working_medium_rule
    return Name(rule.text.zh, rule.text.en), rule.grade

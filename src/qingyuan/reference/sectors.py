"""Sectors beyond industry (农业、建筑、交通、服务): coefficients, formulas, worked examples and lists.

Every number is one row: topic, subject, quantity, value or range, unit, grade and source. A method of a sector asks for
``coefficient("uptake", "rice", "n")`` and gets a number that carries where it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from qingyuan.errors import UnknownName
from qingyuan.language import Name, message
from qingyuan.reference.loading import DataError, Record, load_csv, load_toml
from qingyuan.reference.records import Coefficient
from qingyuan.reference.sources import Graded, Unit

FILES = ("livestock", "crops", "buildings", "transport", "services")


class SectorValue(Graded):
    """One number of a sector (行业系数): ``value``, or a range from ``low`` to ``high`` (an open end is None).

    ``id`` is topic/subject/quantity, with the condition behind it where there are several. The use "comparison" marks
    values of other places and past years, which never judge or compute a plant of their own accord.
    """

    id: str
    topic: str
    subject: str
    name_zh: str = ""
    name_en: str = ""
    quantity: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: Unit
    condition: str = ""
    use: Literal["rule", "comparison"]
    jurisdiction: str
    year: int | None = None

    @property
    def name(self) -> Name:
        """The subject's name; its id where a language has none."""
        return Name(self.name_zh or self.subject, self.name_en or self.subject)

    @property
    def coefficient(self) -> Coefficient:
        """The number as a coefficient. Raises ValueError where only a range is known."""
        if self.value is None:
            raise ValueError(f"only a range is known: {self.id}")
        return Coefficient(
            id=self.id,
            name=self.name,
            value=self.value,
            unit=self.unit,
            grade=self.grade,
            source=self.source,
            edition=str(self.year or ""),
            jurisdiction=self.jurisdiction,
            note=self.note,
        )


class SectorMethod(Graded):
    """Formulas of a subject as the source gives them (公式), by name, with their symbols."""

    id: str
    topic: str
    formulas: Mapping[str, str]
    symbols: Mapping[str, str] = {}


class WorkedExample(Graded):
    """A published worked example (算例): what is computed, inputs, results."""

    id: str
    topic: str
    what: str
    inputs: Mapping[str, float | str | bool]
    results: Mapping[str, float | str | bool | tuple[float, ...]]


class SectorList(Graded):
    """Names that a rule enumerates (名录)."""

    id: str
    topic: str
    items: tuple[str, ...]


class _Methods(Record):
    methods: tuple[SectorMethod, ...]


class _Examples(Record):
    examples: tuple[WorkedExample, ...]


class _Lists(Record):
    lists: tuple[SectorList, ...]


@lru_cache(maxsize=1)
def _values() -> Mapping[str, SectorValue]:
    found: dict[str, SectorValue] = {}
    for name in FILES:
        for record in load_csv(f"sectors/{name}.csv", SectorValue):
            if record.id in found:
                raise DataError(f"sector value twice: {record.id}")
            found[record.id] = record
    return found


def values(
    topic: str = "",
    subject: str = "",
    quantity: str = "",
    *,
    condition: str = "",
    jurisdiction: str = "",
    comparison: bool = False,
) -> tuple[SectorValue, ...]:
    """Give the numbers that fit all that is asked; those for comparison only when wanted."""
    return tuple(
        record
        for record in _values().values()
        if (not topic or record.topic == topic)
        and (not subject or record.subject == subject)
        and (not quantity or record.quantity == quantity)
        and (not condition or record.condition == condition)
        and (not jurisdiction or record.jurisdiction == jurisdiction)
        and (comparison or record.use == "rule")
    )


def coefficient(topic: str, subject: str, quantity: str, condition: str = "") -> Coefficient:
    """Give one number as a coefficient.

    Raises UnknownName where there is none, with what the topic has, and ValueError where only a range is known.
    """
    id = "/".join(filter(None, (topic, subject, quantity, condition)))
    found = _values()
    if id not in found:
        near = [known for known in found if known.startswith(f"{topic}/{subject}/")]
        near = near or [known for known in found if known.startswith(topic)]
        raise UnknownName(message("未知的系数"), id, near[:6])
    return found[id].coefficient


def topics() -> tuple[str, ...]:
    """Give the topics that have numbers."""
    return tuple(dict.fromkeys(record.topic for record in _values().values()))


@lru_cache(maxsize=1)
def methods() -> Mapping[str, SectorMethod]:
    """Give the formulas by id."""
    return {record.id: record for record in load_toml("sectors/methods.toml", _Methods).methods}


@lru_cache(maxsize=1)
def worked_examples() -> Mapping[str, WorkedExample]:
    """Give the published worked examples by id."""
    return {record.id: record for record in load_toml("sectors/examples.toml", _Examples).examples}


@lru_cache(maxsize=1)
def lists() -> Mapping[str, SectorList]:
    """Give the enumerations by id."""
    return {record.id: record for record in load_toml("sectors/lists.toml", _Lists).lists}

"""The methods that compute figures, and the list of figures: ids, names, formulas, editions, validity (方法与指标).

Data: ``data/accounting/methods*.toml`` and ``data/accounting/figures*.toml``. One method id may have several editions;
a period is computed with the edition in force on its last day, unless a report sets one day for all periods so that
years can be compared on one edition.
"""

from __future__ import annotations

import datetime as dt
import difflib
import itertools
from dataclasses import dataclass
from functools import lru_cache

from qingyuan.errors import QingyuanError, UnknownName
from qingyuan.facts.model import Period
from qingyuan.figures.derivation import Method
from qingyuan.language import Message, Name, message
from qingyuan.reference.english import translated
from qingyuan.reference.loading import DATA, DataError, Record, load_toml
from qingyuan.reference.records import Grade, Validity


class NoMethodInForce(QingyuanError):
    """No edition of a method is known that was in force on a day (没有适用的版本)."""

    def __init__(self, id: str, day: dt.date) -> None:
        self.id = id
        self.day = day
        super().__init__(id, day)

    def __str__(self) -> str:
        return str(message("{day} 没有已知的适用版本：{id}", day=self.day.isoformat(), id=self.id))


class _MethodRecord(Record):
    id: str
    name_zh: str
    name_en: str
    formula: str
    note_zh: str = ""
    note_en: str = ""
    edition: str = ""
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    source: str
    grade: Grade


class _MethodFile(Record):
    method: tuple[_MethodRecord, ...]


class _FigureRecord(Record):
    id: str
    name_zh: str
    name_en: str
    unit: str = ""
    group: str
    definition_zh: str
    definition_en: str


class _FigureFile(Record):
    figure: tuple[_FigureRecord, ...]


@dataclass(frozen=True, slots=True)
class FigureDefinition:
    """What a figure is (指标定义): stable id, name, unit in which it is given (``""`` = that of its data), group.

    An id that ends in ``.*`` stands for one figure for each item: ``material-consumption.sulfuric-acid``.
    """

    id: str
    name: Name
    unit: str
    group: str
    definition: Name


@lru_cache(maxsize=1)
def _methods() -> dict[str, tuple[Method, ...]]:
    found: dict[str, list[Method]] = {}
    for path in sorted((DATA / "accounting").glob("methods*.toml")):
        for record in load_toml(f"accounting/{path.name}", _MethodFile).method:
            method = Method(
                record.id,
                Name(record.name_zh, record.name_en),
                record.formula,
                record.edition,
                record.source,
                record.grade,
                Validity(record.valid_from, record.valid_to),
                Name(record.note_zh, record.note_en),
            )
            found.setdefault(record.id, []).append(method)
    for id, known in found.items():
        known.sort(key=lambda method: method.validity.start or dt.date.min)
        for earlier, later in itertools.pairwise(known):
            ends, starts = earlier.validity.end, later.validity.start
            if ends is None or starts is None or starts <= ends:
                raise DataError(f"method {id}: editions overlap: {earlier.edition}, {later.edition}")
    return {id: tuple(known) for id, known in found.items()}


@lru_cache(maxsize=1)
def _definitions() -> dict[str, FigureDefinition]:
    found: dict[str, FigureDefinition] = {}
    for path in sorted((DATA / "accounting").glob("figures*.toml")):
        for record in load_toml(f"accounting/{path.name}", _FigureFile).figure:
            if record.id in found:
                raise DataError(f"{path.name}: figure stated twice: {record.id}")
            found[record.id] = FigureDefinition(
                record.id,
                Name(record.name_zh, record.name_en),
                record.unit,
                record.group,
                Name(record.definition_zh, record.definition_en),
            )
    return found


def editions(id: str) -> tuple[Method, ...]:
    """All editions of a method, oldest first. Raises UnknownName."""
    known = _methods()
    if id not in known:
        raise UnknownName(message("未知的方法"), id, difflib.get_close_matches(id, known, n=3))
    return known[id]


def deciding_day(period: str, as_of: dt.date | None = None) -> dt.date:
    """The day whose edition rules a period: its last day, or ``as_of`` where a report sets one day for all."""
    return Period.parse(period).end if as_of is None else as_of


def in_force(id: str, period: str, *, as_of: dt.date | None = None) -> Method:
    """The edition of a method by which a period is computed.

    ``period`` as in facts; ``as_of`` replaces its last day. Raises UnknownName for an unknown id and NoMethodInForce
    where no known edition was in force.
    """
    day = deciding_day(period, as_of)
    for method in editions(id):
        if method.validity.covers(day):
            return method
    raise NoMethodInForce(id, day)


def notices(id: str, period: str, *, as_of: dt.date | None = None) -> tuple[Message, ...]:
    """What a reader must know of the edition used: that it changed within the period, or is not that of the period."""
    used = in_force(id, period, as_of=as_of)
    span = Period.parse(period)
    if as_of is not None:
        own = [method for method in editions(id) if method.validity.covers(span.end)]
        if not own or own[0] is not used:
            day, edition = as_of.isoformat(), translated(used.edition)
            return (message("为便于比较，按 {day} 适用的版本 {edition} 计算", day=day, edition=edition),)
        return ()
    start = used.validity.start
    if start is not None and span.start < start <= span.end:
        return (
            message(
                "{edition} 自 {day} 起适用，本期跨新旧版本，全期按新版本计算",
                edition=translated(used.edition),
                day=start.isoformat(),
            ),
        )
    return ()


def definition(id: str) -> FigureDefinition:
    """The definition of a figure; of ``base.item`` that of ``base.*``. Raises UnknownName."""
    known = _definitions()
    if id in known:
        return known[id]
    base = id
    while "." in base:
        base = base.rpartition(".")[0]
        if f"{base}.*" in known:
            return known[f"{base}.*"]
    raise UnknownName(message("未知的指标"), id, difflib.get_close_matches(id, known, n=3))


def definitions() -> tuple[FigureDefinition, ...]:
    """All figures that Qingyuan computes, in the order of the data."""
    return tuple(_definitions().values())


def all_methods() -> tuple[Method, ...]:
    """All methods with all their editions."""
    return tuple(method for found in _methods().values() for method in found)

"""Which rules hold on a day in a place (适用规则): the books of each jurisdiction, how they load, what is in force.

Shipped files are ``data/law/<jurisdiction>.toml``; the operator's own lie in ``law`` under ``QINGYUAN_HOME`` and have
the same shape. Jurisdictions form a tree by their ids (``cn``, ``cn-hubei``, ``cn-hubei-wuhan``). What the records mean
for a case is in ``law`` and ``clocks``.
"""

from __future__ import annotations

import datetime as dt
import difflib
import itertools
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from qingyuan.audit.calendar import user_law_folder
from qingyuan.audit.rule_records import COUNTRY, TRIGGERS, Act, Clock, Dated, Department, Place, Rulebook
from qingyuan.errors import InputError, Location, Problem, QingyuanError, UnknownName
from qingyuan.facts.model import Profile
from qingyuan.language import Message, Name, current_language, message
from qingyuan.reference.loading import DATA, DataError, Record, load_csv, load_toml
from qingyuan.reference.records import Grade, Validity
from qingyuan.reference.shapes import shape_faults


class NoRuleInForce(QingyuanError):
    """No record of the kind asked for is known that was in force on a day (没有收录当日适用的规则)."""

    def __init__(self, what: Message, day: dt.date, known_from: dt.date | None = None) -> None:
        self.what = what
        self.day = day
        self.known_from = known_from
        super().__init__(what, day, known_from)

    def __str__(self) -> str:
        text = str(message("没有收录 {day} 适用的{what}", day=self.day.isoformat(), what=self.what))
        if self.known_from is not None:
            text += str(message("；已收录的从 {day} 起", day=self.known_from.isoformat()))
        return text


# --- what holds on a day ---------------------------------------------------------------------------------------------

R = TypeVar("R", bound=Dated)


@dataclass(frozen=True, slots=True)
class ArticleText:
    """An article as a reader writes it: 第27条第2款第1项, Art. 27(2)(1)."""

    text: str

    def __str__(self) -> str:
        match = re.fullmatch(r"(\d+(?:[,-] ?\d+)*)((?:\(\d+\))*)", self.text)
        if match is None:
            return self.text
        if current_language() == "en":
            return f"Art. {self.text}"
        head = f"第{match[1].replace(', ', '、')}条"
        parts = re.findall(r"\((\d+)\)", match[2])
        return head + "".join(f"第{part}{unit}" for part, unit in zip(parts, "款项目", strict=False))


@dataclass(frozen=True, slots=True)
class Held(Generic[R]):
    """A rule that holds on a day (适用规则): the record, where it comes from, and what must be said with it."""

    record: R
    jurisdiction: str
    act: Act | None
    notes: tuple[Message | Name, ...] = ()

    @property
    def basis(self) -> Message:
        """Act and article."""
        return self._basis(self.act.name if self.act is not None else self.record.source)

    @property
    def short_basis(self) -> Message:
        """Act by its short name, and article."""
        return self._basis(self.act.short_name if self.act is not None else self.record.source)

    def _basis(self, name: object) -> Message:
        if not self.record.article:
            return message("{act}", act=name)
        return message("{act}{article}", act=name, article=ArticleText(self.record.article))

    @property
    def validity(self) -> Validity:
        """From when to when the rule holds: its own days, else those of its act."""
        return validity_of(self.record, self.act)

    def as_json(self) -> dict[str, object]:
        """The record in the language in force, with basis, jurisdiction and notes."""
        return {
            **plain(self.record),
            "basis": str(self.basis),
            "jurisdiction": self.jurisdiction,
            "notes": [str(note) for note in self.notes],
        }


def validity_of(record: Dated, act: Act | None) -> Validity:
    """From when to when a rule holds: its own days where it states any, else those of its act."""
    if record.valid_from is not None or record.valid_to is not None or act is None:
        return Validity(record.valid_from, record.valid_to)
    return act.validity


def plain(record: Record) -> dict[str, object]:
    """A record as plain values: pairs ``x_zh`` and ``x_en`` become ``x`` in the language in force; nothing is empty."""
    dumped = record.model_dump(mode="json")
    shown: dict[str, object] = {}
    for key, value in dumped.items():
        if key.endswith("_en") and f"{key[:-3]}_zh" in dumped:
            continue
        if key.endswith("_zh"):
            key, value = key[:-3], str(Name(str(value), str(dumped.get(f"{key[:-3]}_en", ""))))
        if value not in ("", None, [], ()):
            shown[key] = value
    return shown


def in_force(kind: Callable[[Rulebook], Sequence[R]], on: dt.date, jurisdiction: str = COUNTRY) -> tuple[Held[R], ...]:
    """The rules of a kind that hold on a day, from the country down to the jurisdiction.

    ``kind`` takes the records of a book: ``in_force(lambda book: book.clocks, day, "cn-hubei-wuhan")``. Records that
    are kept for comparison only are left out. Raises UnknownName for an unknown jurisdiction.
    """
    books = lineage_books(jurisdiction)
    acts = {act.id: act for book in books for act in book.acts}
    found: list[Held[R]] = []
    for book in books:
        for record in kind(book):
            act = acts.get(record.act)
            if record.use == "rule" and validity_of(record, act).covers(on):
                found.append(Held(record, book.jurisdiction, act, notes_on(record, act, on)))
    return tuple(found)


def notes_on(record: Dated, act: Act | None, on: dt.date) -> tuple[Message | Name, ...]:
    """What must be said with a rule: its remark, an act of unknown date or taken to continue, a record from memory."""
    notes: list[Message | Name] = []
    if record.note_zh:
        notes.append(record.remark)
    if act is not None and (act.note_zh or act.undated):
        words = Name(act.note_zh, act.note_en or act.note_zh)
        notes.append(words if act.note_zh else message("{act} 的施行日期没有读到", act=act.name))
    if act is not None and act.continuing_from is not None and on >= act.continuing_from:
        notes.append(Name(act.continuing_zh, act.continuing_en or act.continuing_zh))
    if record.grade is Grade.RECALLED:
        notes.append(message("此项凭记忆录入，须与原文核对"))
    return tuple(notes)


# --- jurisdictions and books -----------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def places() -> Mapping[str, Place]:
    """The jurisdictions that are known by name: the country, its provinces, and places that have rules of their own."""
    return {record.id: record for record in load_csv("law/places.csv", Place)}


def jurisdictions() -> tuple[Rulebook, ...]:
    """The rule books that are loaded, shipped ones first; a jurisdiction with own records of the operator has two."""
    return (*_shipped(), *_own_books())


def find_jurisdiction(text: str) -> str:
    """The id of a jurisdiction by id or by name in Chinese or English (重庆, 重庆市, Chongqing).

    An id below a known province is taken as it is. Raises UnknownName with near ones.
    """
    wanted = text.strip()
    known = places()
    for place in known.values():
        if wanted.casefold() in (place.id, place.short_zh, place.name_zh, place.name_en.casefold()):
            return place.id
    books = {book.jurisdiction for book in jurisdictions()}
    if wanted in books or any(wanted.startswith(f"{id}-") for id in known if id != COUNTRY):
        return wanted
    names = [*known, *(place.short_zh for place in known.values())]
    near = difflib.get_close_matches(wanted, names, n=3, cutoff=0.5)
    raise UnknownName(message("地区"), text, near or [COUNTRY, "cn-chongqing"])


def jurisdiction_of(profile: Profile) -> str:
    """The narrowest known jurisdiction of a plant: its city, else its province, else the country."""
    for name in (profile.city, profile.province):
        if not name:
            continue
        try:
            return find_jurisdiction(name)
        except UnknownName:
            continue
    return COUNTRY


def lineage(jurisdiction: str) -> tuple[str, ...]:
    """A jurisdiction with all above it, the country first. Raises UnknownName."""
    id = find_jurisdiction(jurisdiction)
    known = {*places(), *(book.jurisdiction for book in jurisdictions())}
    above = [other for other in known if id.startswith(f"{other}-")]
    return (*sorted(above, key=len), id)


def lineage_books(jurisdiction: str) -> tuple[Rulebook, ...]:
    """The rule books of a jurisdiction and all above it, the country's first."""
    ids = lineage(jurisdiction)
    return tuple(sorted(
        (book for book in jurisdictions() if book.jurisdiction in ids), key=lambda book: ids.index(book.jurisdiction)
    ))  # fmt: skip


def without_local_rules(jurisdiction: str) -> Message | None:
    """Says that no rules of a jurisdiction itself are held, where that is so; None for the country."""
    id = find_jurisdiction(jurisdiction)
    if id == COUNTRY or any(book.jurisdiction == id and book.clocks for book in jurisdictions()):
        return None
    place = places().get(id)
    name: object = Name(place.name_zh, place.name_en) if place is not None else id
    return message("没有收录{place}的地方时限，只按上级规定计算；地方另有规定的，请装入本地规则", place=name)


def department(id: str, jurisdiction: str = COUNTRY) -> Department:
    """A department as the narrowest jurisdiction names it. Raises UnknownName."""
    known = {record.id: record for book in lineage_books(jurisdiction) for record in book.departments}
    if id not in known:
        raise UnknownName(message("部门"), id, sorted(known))
    return known[id]


@lru_cache(maxsize=1)
def _shipped() -> tuple[Rulebook, ...]:
    names = sorted(path.name for path in (DATA / "law").glob("cn*.toml"))
    books = tuple(load_toml(f"law/{name}", Rulebook) for name in names)
    for book, name in zip(books, names, strict=True):
        if f"{book.jurisdiction}.toml" != name:
            raise DataError(f"law/{name}: jurisdiction {book.jurisdiction}")
    faults = [fault for book in books for fault in faults_of(book, books)]
    if faults:
        raise DataError("; ".join(faults))
    return books


def _own_books() -> tuple[Rulebook, ...]:
    folder = user_law_folder()
    if not folder.is_dir():
        return ()
    stamps = tuple(
        (path, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.toml")) if path.name != "calendar.toml"
    )
    return _read_own(stamps)


@lru_cache(maxsize=8)
def _read_own(files: tuple[tuple[Path, int], ...]) -> tuple[Rulebook, ...]:
    books: list[Rulebook] = []
    problems: list[Problem] = []
    for path, _ in files:
        where = Location(file=path.name)
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
            books.append(Rulebook.model_validate(data))
        except ValidationError as error:
            for wrong in shape_faults(error, data, Rulebook):
                text = message("规则文件的 {place} 不对：{reason}", place=wrong.place, reason=wrong.reason)
                problems.append(Problem("rule-file", text, where=where, found=wrong.found, expected=wrong.expected))
        except (OSError, UnicodeDecodeError, ValueError) as error:
            text = message("规则文件读不出：{reason}", reason=str(error))
            problems.append(Problem("rule-file", text, where=where))
    for book in books:
        for fault in faults_of(book, (*_shipped(), *books)):
            text = message("规则文件有误：{reason}", reason=fault)
            problems.append(Problem("rule-file", text, where=Location(file=book.jurisdiction)))
    if problems:
        raise InputError(problems)
    return tuple(books)


def faults_of(book: Rulebook, all_books: Iterable[Rulebook]) -> list[str]:
    """What is inconsistent in a book: unknown acts, departments, triggers or penalties, versions that overlap."""
    others = tuple(all_books)
    above = [other for other in others if f"{book.jurisdiction}-".startswith(f"{other.jurisdiction}-")]
    acts = {act.id: act for other in above for act in other.acts}
    departments = {record.id for other in above for record in other.departments}
    penalties = {record.id for other in above for record in other.penalties}
    faults: list[str] = []
    for rule in book.rules():
        label = f"{book.jurisdiction} {type(rule).__name__} {getattr(rule, 'id', rule.article)}"
        if rule.act and rule.act not in acts:
            faults.append(f"{label}: unknown act {rule.act}")
        named: list[str] = [*getattr(rule, "lead", ()), *getattr(rule, "departments", ()), *getattr(rule, "by", ())]
        if isinstance(rule, Clock):
            named += [id for group in rule.receivers for id in group.departments]
            if rule.penalty and rule.penalty not in penalties:
                faults.append(f"{label}: unknown penalty {rule.penalty}")
            if rule.unit not in ("year-end", "yearly") and rule.amount <= 0:
                faults.append(f"{label}: no length")
        faults += [f"{label}: unknown department {id}" for id in named if id not in departments]
        triggers: tuple[str, ...] = getattr(rule, "triggers", ())
        faults += [f"{label}: unknown trigger {id}" for id in triggers if id not in TRIGGERS]
    for kind in (book.triggers, book.clocks, book.penalties, book.reviews, book.uses, book.disclosures):
        faults += _overlaps(book.jurisdiction, kind, acts)
    return faults


def _overlaps(jurisdiction: str, records: Sequence[Dated], acts: Mapping[str, Act]) -> list[str]:
    by_id: dict[str, list[Validity]] = {}
    for record in records:
        by_id.setdefault(str(getattr(record, "id", "")), []).append(validity_of(record, acts.get(record.act)))
    faults: list[str] = []
    for id, spans in by_id.items():
        spans.sort(key=lambda span: span.start or dt.date.min)
        for earlier, later in itertools.pairwise(spans):
            if earlier.end is None or later.start is None or later.start <= earlier.end:
                faults.append(f"{jurisdiction} {id}: versions overlap")
    return faults

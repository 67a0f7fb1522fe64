"""Finding and loading index systems: those that ship and those that the operator installed; each is read once.

What a document may hold, and how it is read, is in ``reading``; whether it is consistent, in ``checking``.
"""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from qingyuan.errors import InputError, Location, Problem, UnknownName
from qingyuan.language import Name, message
from qingyuan.reference.records import Grade
from qingyuan.standards.model import IndexSystem, Scheme
from qingyuan.standards.reading import ENGLISH, SHIPPED, data_error, parse_toml, read_system


def user_folder() -> Path:
    """Where the operator's own systems lie: ``index-systems`` under ``QINGYUAN_HOME`` (default ``~/.qingyuan``)."""
    return Path(os.environ.get("QINGYUAN_HOME") or "~/.qingyuan").expanduser() / "index-systems"


@dataclass(frozen=True, slots=True)
class TableSummary:
    """One table in a list of systems: what it is and how many rows it has. ``role``: complete, partial or bonus."""

    id: str
    name: Name
    role: str
    rows: int


@dataclass(frozen=True, slots=True)
class SystemSummary:
    """One system in a list. ``origin``: shipped or user; ``problems`` of a user's file that could not be read."""

    id: str
    title: Name
    origin: str
    path: Path
    scheme: Scheme = "levels"
    scope: str = "enterprise"
    verification: str = ""
    grade: Grade = Grade.READ
    document: str = ""
    located_only: bool = False
    complete: bool = False
    industry_codes: tuple[str, ...] = ()
    seed_industries: tuple[str, ...] = ()
    tables: tuple[TableSummary, ...] = ()
    problems: tuple[Problem, ...] = ()


def systems(folder: Path | None = None) -> tuple[SystemSummary, ...]:
    """Every index system that can be loaded, shipped ones first, each by id.

    ``folder`` takes the place of the operator's folder. A user's file that cannot be read stands in the list with its
    problems, so that one bad file does not hide the others.
    """
    found = [_summary(_shipped(path), "shipped", path) for path in _shipped_paths()]
    taken = {summary.id for summary in found}
    home = user_folder() if folder is None else folder
    for path in sorted(home.glob("*.toml")) if home.is_dir() else ():
        try:
            summary = _summary(load_file(path), "user", path)
        except InputError as error:
            found.append(SystemSummary(path.stem, Name(path.stem, path.stem), "user", path, problems=error.problems))
            continue
        if summary.id in taken:
            clash = Problem(
                "system-id-taken",
                message("编号 {id} 已被另一个指标体系占用，请换一个编号", id=summary.id),
                where=Location(file=path.name),
            )
            found.append(SystemSummary(summary.id, summary.title, "user", path, problems=(clash,)))
            continue
        taken.add(summary.id)
        found.append(summary)
    return tuple(found)


def load(id: str, folder: Path | None = None) -> IndexSystem:
    """The index system of this id, shipped or the operator's own (``folder`` in place of the operator's folder).

    Raises UnknownName with the nearest ids, and InputError with every problem of a user's file.
    """
    path = SHIPPED / f"{id}.toml"
    if path in _shipped_paths():
        return _shipped(path)
    listed = systems(folder)
    for summary in listed:
        if summary.id == id and summary.problems:
            raise InputError(summary.problems)
        if summary.id == id:
            return load_file(summary.path)
    known = [summary.id for summary in listed]
    near = difflib.get_close_matches(id, known, n=5, cutoff=0.4) or [name for name in known if id and id in name]
    raise UnknownName(message("未知的指标体系"), id, near)


def load_file(path: Path | str) -> IndexSystem:
    """The index system in a TOML file; read again only when the file changes.

    Raises InputError with every problem of form: not TOML, an unknown key, a missing key, a wrong type. Whether the
    content is consistent (weights, order of levels, units) is what ``checking.check`` says.
    """
    file = Path(path)
    try:
        stamp = file.stat().st_mtime_ns
    except OSError as error:
        raise InputError(
            [
                Problem(
                    "file-unreadable",
                    message("打不开文件：{reason}", reason=str(error.strerror)),
                    where=Location(file=file.name),
                )
            ]
        ) from None
    return _load(file, stamp)


@lru_cache(maxsize=1)
def _shipped_paths() -> tuple[Path, ...]:
    return tuple(sorted((path for path in SHIPPED.glob("*.toml") if path != ENGLISH), key=lambda path: path.stem))


@lru_cache(maxsize=128)
def _shipped(path: Path) -> IndexSystem:
    try:
        return _load(path, 0)
    except InputError as error:
        raise data_error(str(error)) from error


@lru_cache(maxsize=256)
def _load(path: Path, _stamp: int) -> IndexSystem:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            [
                Problem(
                    "file-unreadable",
                    message("读不出文件（应为 UTF-8）：{reason}", reason=str(error)),
                    where=Location(file=path.name),
                )
            ]
        ) from None
    return read_system(parse_toml(text, path.name), path.name, shipped=path.parent == SHIPPED)


def _summary(system: IndexSystem, origin: str, path: Path) -> SystemSummary:
    bonus = system.grading.bonus
    tables = tuple(
        TableSummary(
            table.id,
            table.name,
            "bonus" if bonus and bonus.table == table.id else "partial" if table.partial else "complete",
            sum(1 for _ in table.indicators()),
        )
        for table in system.all_tables()
    )
    return SystemSummary(
        id=system.id,
        title=system.title,
        origin=origin,
        path=path,
        scheme=system.scheme,
        scope=system.scope,
        verification=system.verification,
        grade=system.grade,
        document=system.document,
        located_only=system.located_only,
        complete=system.complete,
        industry_codes=system.industry_codes,
        seed_industries=system.seed_industries,
        tables=tables,
    )

"""Installing an entered system under the operator's folder, keeping earlier editions, and its second confirmation."""

from __future__ import annotations

import datetime as dt
import os
import re
import tempfile
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

from qingyuan.errors import InputError, Location, Problem, Severity
from qingyuan.language import Message, message
from qingyuan.reference.records import Grade
from qingyuan.standards.authoring.check import prove
from qingyuan.standards.authoring.diff import as_problems, compare_copies
from qingyuan.standards.authoring.read import SYSTEM_ID, FormReading
from qingyuan.standards.authoring.reader import Reader
from qingyuan.standards.loading import SystemSummary, load, load_file, systems, user_folder
from qingyuan.standards.model import Entry, IndexSystem
from qingyuan.standards.reading import parse_toml, read_system
from qingyuan.standards.toml_writer import dumps, to_data

_CHINA = dt.timezone(dt.timedelta(hours=8))
EARLIER = "earlier"  # the folder of replaced editions, inside the operator's folder


@dataclass(frozen=True, slots=True)
class Installed:
    """An installed system: its file, and the edition that it replaced (kept under another name)."""

    system: IndexSystem
    path: Path
    earlier: Path | None = None


def today() -> dt.date:
    """The day in China Standard Time."""
    return dt.datetime.now(_CHINA).date()


def install(
    system: IndexSystem,
    who: str,
    when: dt.date | None = None,
    *,
    replace_earlier: bool = False,
    folder: Path | None = None,
) -> Installed:
    """Write a proved system to the operator's folder, with who entered it and when (default: today).

    It has the grade ``user`` until a second person confirms it. An installed edition of the same id is replaced only
    with ``replace_earlier`` and is kept in the folder ``earlier``. Raises InputError where the system has errors or a
    trial fails, the name is missing, the id is that of a shipped system or taken.
    """
    problems = list(_person(who, message("录入人")))
    if SYSTEM_ID.fullmatch(system.id) is None:
        problems.append(Problem("form-id", message("编号不合规则"), found=system.id))
    proof = prove(system)
    problems += [problem for problem in proof.problems if problem.severity is Severity.ERROR]
    for trial in proof.trials:
        if not trial.passed:
            text = message("表 {table} 的定级试算不通过：{plant}", table=trial.table, plant=trial.plant)
            problems.append(Problem("trial-failed", text, found=trial.found, expected=trial.expected))
    home = user_folder() if folder is None else folder
    existing = _summary(system.id, home)
    if existing is not None and existing.origin == "shipped":
        text = message("编号 {id} 是随软件发布的指标体系，不能覆盖", id=system.id)
        expected = message("换一个编号，如 {id}", id=f"{system.id}-user")
        problems.append(Problem("system-shipped", text, expected=expected))
    elif existing is not None and not replace_earlier:
        text = message("编号 {id} 已经装入（{path}）", id=system.id, path=existing.path)
        expected = message("换一个编号；确要以此替换就加 --replace，原来的一份会保留")
        problems.append(Problem("system-installed", text, expected=expected))
    if problems:
        raise InputError(problems)
    entry = Entry(entered_by=who.strip(), entered_on=when or today())
    path = existing.path if existing is not None else home / f"{system.id}.toml"
    earlier = _keep(path, home, system.id) if existing is not None else None
    _write(replace(system, entry=entry), path)
    return Installed(load_file(path), path, earlier)


def confirm(
    system_id: str,
    who: str,
    when: dt.date | None = None,
    *,
    against: FormReading | IndexSystem | None = None,
    accept_wording: bool = False,
    folder: Path | None = None,
) -> Installed:
    """Record that a second person compared an installed system with its document; that raises its grade to ``read``.

    ``against``: that person's own copy, typed independently; it must agree cell by cell. ``accept_wording`` lets the
    words of qualitative requirements differ (each person's paraphrase), never numbers, weights, marks or spans.
    Raises UnknownName for an unknown system and InputError where the person is the one who entered it, the system ships
    or is confirmed already, or the copies differ (every difference listed).
    """
    home = user_folder() if folder is None else folder
    existing = _summary(system_id, home)
    system = load(system_id, home)
    problems = list(_person(who, message("复核人")))
    if existing is None or existing.origin == "shipped":
        text = message("{id} 随软件发布，不在这里复核", id=system_id)
        raise InputError([Problem("system-shipped", text)])
    entry = system.entry or Entry()
    if _same_person(entry.entered_by, who):
        text = message("录入人不能复核自己录入的内容")
        expected = message("另一个人的姓名")
        problems.append(Problem("same-person", text, found=who, expected=expected))
    if entry.confirmed_by:
        text = message("已由 {who} 于 {day} 复核", who=entry.confirmed_by, day=entry.confirmed_on or "?")
        problems.append(Problem("already-confirmed", text))
    if against is not None:
        problems += _disagreements(system, against, accept_wording)
    if problems:
        raise InputError(problems)
    confirmed = replace(entry, confirmed_by=who.strip(), confirmed_on=when or today())
    _write(replace(system, entry=confirmed), existing.path)
    return Installed(load_file(existing.path), existing.path)


def _disagreements(system: IndexSystem, against: FormReading | IndexSystem, accept_wording: bool) -> list[Problem]:
    if isinstance(against, IndexSystem):
        other, reader, places = against, None, None
    else:
        errors = [problem for problem in against.problems if problem.severity is Severity.ERROR]
        if errors or against.system is None:
            return errors
        other, reader, places = against.system, Reader(against.form), against.places
    changes = compare_copies(system, other)
    return as_problems([each for each in changes if not (accept_wording and each.wording)], reader, places)


def earlier_editions(system_id: str, folder: Path | None = None) -> tuple[Path, ...]:
    """The kept editions of an installed system, oldest first."""
    home = (user_folder() if folder is None else folder) / EARLIER
    return tuple(sorted(home.glob(f"{system_id}.[0-9][0-9][0-9].toml"))) if home.is_dir() else ()


def _summary(id: str, home: Path) -> SystemSummary | None:
    return next((each for each in systems(home) if each.id == id), None)


def _person(who: str, role: Message) -> list[Problem]:
    name = re.sub(r"[\s\W_]+", "", who)
    if name:
        return []
    return [Problem("no-person", message("没有写{role}的姓名", role=role), expected=message("--who 姓名"))]


def _same_person(one: str, other: str) -> bool:
    def plain(name: str) -> str:
        return re.sub(r"[\s\W_]+", "", unicodedata.normalize("NFKC", name)).casefold()

    return bool(plain(one)) and plain(one) == plain(other)


def _keep(path: Path, home: Path, id: str) -> Path:
    """Move the present edition into the folder of earlier ones, numbered."""
    folder = home / EARLIER
    folder.mkdir(parents=True, exist_ok=True)
    number = len(earlier_editions(id, home)) + 1
    while (kept := folder / f"{id}.{number:03d}.toml").exists():
        number += 1
    kept.write_bytes(path.read_bytes())
    return kept


def _write(system: IndexSystem, path: Path) -> None:
    """Write a system's file whole or not at all, after reading back what will be written."""
    data = to_data(system)
    if system.grade not in (Grade.RECALLED, Grade.DEMO):
        del data["grade"]  # follows from the entry: user, and read once a second person has confirmed it
    text = dumps(data)
    read_system(parse_toml(text, path.name), path.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as error:
        reason = message("无法写入文件：{reason}", reason=str(error.strerror))
        raise InputError([Problem("file-unwritable", reason, where=Location(file=str(path)))]) from error

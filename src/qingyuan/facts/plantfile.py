"""``plant.toml``: who the plant is, under which rules its case runs, and the parameters of its index system.

Top-level keys are those of ``Profile``; ``[settings]``, ``[details]`` and ``[parameters]`` are tables of their own.
Settings may be nested; they are held flat with dots (``price.electricity``).
"""

from __future__ import annotations

import datetime as dt
import difflib
import json
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Final

from qingyuan.errors import Location, Problem, Severity
from qingyuan.facts.cells import read_period
from qingyuan.facts.model import Profile
from qingyuan.facts.raw import Problems
from qingyuan.language import listing, message

PROFILE_KEYS: Final = tuple(item.name for item in fields(Profile) if item.name not in {"settings", "details"})
TABLES: Final = ("settings", "details", "parameters")
_GRADES: Final = ("", "demo", "user")


def read_plant_file(text: str, file: str, problems: Problems) -> tuple[Profile, dict[str, object]]:
    """Read the profile and the parameters from TOML; problems are added, with the key as their column."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems.add(
            Problem("plant-file-syntax", message("不是有效的 TOML：{reason}", reason=str(error)), where=Location(file))
        )
        return Profile(), {}
    values: dict[str, str] = {}
    for key, value in document.items():
        if key in TABLES:
            if not isinstance(value, dict):
                _bad(problems, file, key, value, "一节 [{key}]")
            continue
        if key not in PROFILE_KEYS:
            near = difflib.get_close_matches(key, (*PROFILE_KEYS, *TABLES), n=2, cutoff=0.5)
            problems.add(
                Problem(
                    "plant-file-key",
                    message("不认识的键 {key}", key=key),
                    where=Location(file, column=key),
                    expected=message("其中之一：{names}", names=listing(near or (*PROFILE_KEYS, *TABLES))),
                )
            )
        elif isinstance(value, (str, int)) and not isinstance(value, bool):
            values[key] = str(value)
        else:
            _bad(problems, file, key, value, "文字")
    parts: dict[str, dict[str, object]] = {
        key: table if isinstance(table := document.get(key), dict) else {} for key in TABLES
    }
    settings = dict(_flat(parts["settings"], "", problems, file))
    details = {key: _text(value) for key, value in parts["details"].items()}
    profile = check_profile(Profile(**values, settings=settings, details=details), file, problems)
    return profile, dict(parts["parameters"])


def check_profile(profile: Profile, file: str, problems: Problems, sheet: str = "") -> Profile:
    """Check what a profile's fields may hold: the audit period is a period, the grade one of ours."""
    if profile.audit_period:
        reading = read_period(profile.audit_period)
        if reading.issue is not None:
            where = Location(file, sheet, column="audit_period")
            problems.issue(reading.issue, where, profile.audit_period)
    if profile.grade not in _GRADES:
        problems.add(
            Problem(
                "profile-grade",
                message("不认识的数据等级 {grade}", grade=profile.grade),
                where=Location(file, sheet, column="grade"),
                expected=message("留空，或 demo（演示数据）"),
            )
        )
    if profile.industry_code and not re.fullmatch(r"[A-Ta-t]?\d{2,4}", profile.industry_code):
        problems.add(
            Problem(
                "profile-industry",
                message("行业代码不像 GB/T 4754 的代码"),
                Severity.WARNING,
                Location(file, sheet, column="industry_code"),
                profile.industry_code,
                message("二至四位数字，前面可带门类字母，如 3982、C398"),
            )
        )
    return profile


def _bad(problems: Problems, file: str, key: str, value: object, wanted: str) -> None:
    expected = message("文字") if wanted == "文字" else message("一节 [{key}]", key=key)
    problems.add(
        Problem(
            "plant-file-type",
            message("键 {key} 的值类型不对", key=key),
            where=Location(file, column=key),
            found=str(value)[:80],
            expected=expected,
        )
    )


def _flat(
    table: Mapping[str, object], head: str, problems: Problems, file: str
) -> Iterator[tuple[str, str | float | bool]]:
    for key, value in table.items():
        name = f"{head}{key}"
        if isinstance(value, Mapping):
            yield from _flat(value, f"{name}.", problems, file)
        elif isinstance(value, (str, bool, int, float)):
            yield name, value
        elif isinstance(value, (dt.date, dt.datetime)):
            yield name, value.isoformat()
        elif isinstance(value, list) and all(isinstance(entry, (str, int, float)) for entry in value):
            yield name, ";".join(_text(entry) for entry in value)
        else:
            _bad(problems, file, f"settings.{name}", value, "文字")


def _text(value: object) -> str:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return "true" if value is True else "false" if value is False else str(value)


# --- writing ---------------------------------------------------------------------------------------------------------

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def plant_file_text(profile: Profile, parameters: Mapping[str, object]) -> str:
    """Write a profile and parameters as TOML that reads back to the same."""
    lines = [
        f"{key} = {_toml(getattr(profile, key))}" for key in PROFILE_KEYS if getattr(profile, key) not in ("", None)
    ]
    for name, table in (("settings", profile.settings), ("details", profile.details), ("parameters", parameters)):
        if table:
            lines += ["", f"[{name}]", *(f"{_key(key)} = {_toml(value)}" for key, value in table.items())]
    return "\n".join(lines) + "\n"


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _string(key)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if math.isnan(value):
            return "nan"
        return ("inf" if value > 0 else "-inf") if math.isinf(value) else repr(value)
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(str(key))} = {_toml(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(entry) for entry in value) + "]"
    return _string(str(value))


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

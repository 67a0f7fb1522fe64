"""What is wrong with data that do not fit their shape (数据格式), in words that can be read in both languages.

pydantic finds the faults; its reasons are English and name types of Python. Here they become messages, with the place
as people wrote it and what would fit.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from qingyuan.language import Message, Text, listing, message

_QUOTED = re.compile(r"'([^']*)'")
_MOST_FOUND = 80  # signs of what was read

_DATE = message("日期，写成 2026-08-14 这样")
_NUMBER = message("一个数")
_WHOLE = message("一个整数")
_GROUP = message("一组“名称 = 值”")
_LIST = message("一列，写在方括号里")
_EXPECTED: Mapping[str, tuple[Message, Message]] = {
    "missing": (message("没有填写"), message("一个值")),
    **dict.fromkeys(
        ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"),
        (message("不是日期"), _DATE),
    ),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), (message("不是数"), _NUMBER)),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), (message("不是整数"), _WHOLE)),
    **dict.fromkeys(("bool_type", "bool_parsing"), (message("不是“是”或“否”"), message("true 或 false"))),
    **dict.fromkeys(("string_type", "string_sub_type", "string_unicode"), (message("不是文字"), message("文字"))),
    **dict.fromkeys(
        ("dict_type", "mapping_type", "model_type", "model_attributes_type", "dataclass_type"),
        (message("这里要的不是单个的值"), _GROUP),
    ),
    **dict.fromkeys(
        ("list_type", "tuple_type", "set_type", "frozen_set_type", "iterable_type"),
        (message("这里要的不是单个的值"), _LIST),
    ),
}
_BOUNDS: Mapping[str, tuple[str, Message]] = {
    "greater_than": ("gt", message("大于")),
    "greater_than_equal": ("ge", message("不小于")),
    "less_than": ("lt", message("小于")),
    "less_than_equal": ("le", message("不大于")),
}


@dataclass(frozen=True, slots=True)
class ShapeFault:
    """One value that does not fit: its path of keys, why, what would fit, and what was read ("" for whole groups)."""

    path: tuple[str, ...]
    reason: Message
    expected: Text | None = None
    found: str = ""

    @property
    def place(self) -> str:
        """The path as people write it: ``case.listed_on``."""
        return ".".join(self.path)


def shape_faults(error: ValidationError, data: object, model: type[BaseModel]) -> tuple[ShapeFault, ...]:
    """The faults of ``data`` that did not fit ``model``, one for each place, in the order of the data."""
    found: dict[tuple[str, ...], ShapeFault] = {}
    guesses: dict[tuple[str, ...], list[ShapeFault]] = {}
    for detail in error.errors(include_url=False):
        path, guessed = _path(detail["loc"], data, missing=detail["type"] == "missing")
        fault = _fault(path, detail, model)
        if guessed:  # one of several shapes that a value may have
            guesses.setdefault(path, []).append(fault)
        else:
            found.setdefault(path, fault)
    for path, ways in guesses.items():
        deeper = any(len(other) > len(path) and other[: len(path)] == path for other in (*guesses, *found))
        if deeper:
            continue  # it has that shape, and the fault lies inside
        expected = list(dict.fromkeys(str(way.expected) for way in ways))
        same = ways[0] if len(expected) == 1 else None
        either = message("{one}，或{other}", one=ways[0].expected, other=ways[-1].expected)
        found.setdefault(path, same or ShapeFault(path, message("这个值用不了"), either, ways[0].found))
    return tuple(found.values())


def _path(loc: Sequence[str | int], data: object, *, missing: bool) -> tuple[tuple[str, ...], bool]:
    """The keys that really stand in the data; True where pydantic put names of types between or behind them."""
    path: list[str] = []
    guessed = False
    here = data
    for at, part in enumerate(loc):
        if isinstance(here, Mapping) and part in here:
            here = here[part]
            path.append(str(part))
        elif isinstance(here, Sequence) and not isinstance(here, str) and isinstance(part, int) and part < len(here):
            here = here[part]
            path.append(str(part + 1))  # as people count
        elif missing and at == len(loc) - 1:
            path.append(str(part))
        elif part != "[key]":
            guessed = True
    return tuple(path), guessed and not missing


def _fault(path: tuple[str, ...], detail: Any, model: type[BaseModel]) -> ShapeFault:
    kind = str(detail["type"])
    given = detail.get("input")
    found = "" if kind == "missing" or isinstance(given, Mapping | list | tuple) else _said(given)
    context: Mapping[str, Any] = detail.get("ctx") or {}
    if kind == "extra_forbidden":
        known = _fields(model, path[:-1])
        near = difflib.get_close_matches(path[-1], known, 3, 0.5) or known
        expected = message("{choices} 之一", choices=listing(near)) if near else None
        return ShapeFault(path, message("没有这个名称的设置"), expected, path[-1])
    if kind in ("literal_error", "enum"):
        choices = _QUOTED.findall(str(context.get("expected", "")))
        expected = message("{choices} 之一", choices=listing(choices)) if choices else None
        return ShapeFault(path, message("不是可以选的值"), expected, found)
    if kind in _BOUNDS:
        bound, word = _BOUNDS[kind]
        limit = message("{relation} {limit} 的数", relation=word, limit=context.get(bound, ""))
        return ShapeFault(path, message("超出范围"), limit, found)
    if kind in ("too_short", "string_too_short"):
        return ShapeFault(path, message("太少或太短"), None, found)
    if kind in ("too_long", "string_too_long"):
        return ShapeFault(path, message("太多或太长"), None, found)
    if kind in _EXPECTED:
        reason, wanted = _EXPECTED[kind]
        return ShapeFault(path, reason, wanted, found)
    if kind in ("value_error", "assertion_error"):  # said by a shape of this software
        return ShapeFault(path, message("{reason}", reason=str(context.get("error", detail["msg"]))), None, found)
    return ShapeFault(path, message("这个值用不了"), None, found)


def _said(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
    return text[:_MOST_FOUND]


def _fields(model: type[BaseModel], path: Sequence[str]) -> list[str]:
    """The names that the group at a path may hold; empty where it is free to name its own."""
    here: type[BaseModel] | None = model
    for part in path:
        if here is None:
            return []
        if part.isdigit() and part not in here.model_fields:
            continue  # an entry of a list
        field = here.model_fields.get(part)
        here = None if field is None else _model_in(field.annotation)
    return [] if here is None else list(here.model_fields)


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)

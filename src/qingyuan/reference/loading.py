"""Strict reading of the data files that ship with the package: an unknown key is an error, every file is read once."""

from __future__ import annotations

import csv
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from qingyuan.errors import QingyuanError

DATA = Path(__file__).parent.parent / "data"


class DataError(QingyuanError):
    """A shipped data file does not have the shape that its loader expects."""


class Record(BaseModel):
    """Base of every record of shipped data: frozen, and closed to keys that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


R = TypeVar("R", bound=BaseModel)


def load_toml(name: str, shape: type[R]) -> R:
    """Read ``data/<name>`` into a record; the answer is cached.

    Raises DataError where the file is no TOML or does not fit the shape.
    """
    return cast(R, _load_toml(name, shape))


@lru_cache(maxsize=256)
def _load_toml(name: str, shape: type[BaseModel]) -> BaseModel:
    path = DATA / name
    try:
        return shape.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise DataError(f"{name}: {error}") from error


def load_csv(name: str, shape: type[R]) -> tuple[R, ...]:
    """Read ``data/<name>`` into a tuple of records; an empty cell is the default of its field. The answer is cached.

    Raises DataError where a row does not fit the shape, with its line, and for an unknown or doubled column.
    """
    return cast("tuple[R, ...]", _load_csv(name, shape))


@lru_cache(maxsize=64)
def _load_csv(name: str, shape: type[BaseModel]) -> tuple[BaseModel, ...]:
    records: list[BaseModel] = []
    try:
        with (DATA / name).open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            columns = reader.fieldnames or ()
            if len(set(columns)) != len(columns) or not set(columns) <= set(shape.model_fields):
                raise DataError(f"{name}: columns {', '.join(columns)}")
            for row in reader:
                try:
                    records.append(shape.model_validate({key: value for key, value in row.items() if value != ""}))
                except ValidationError as error:
                    raise DataError(f"{name}, line {reader.line_num}: {error}") from error
    except OSError as error:
        raise DataError(f"{name}: {error}") from error
    return tuple(records)

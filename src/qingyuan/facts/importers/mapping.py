"""Mappings (对应表): which columns of a foreign table mean what; TOML files, those that ship under ``data/importers``.

A mapping names for each table the heading of every field. ``fixed`` gives a field one value for all rows, ``only``
keeps the rows with certain values, ``each`` makes one row of every entry of a JSON list in a column. A column is a
heading, or a path into a cell that holds JSON: ``operating/-1/loadFactor``.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from qingyuan.errors import InputError, Location, Problem, UnknownName
from qingyuan.language import listing, message
from qingyuan.reference.shapes import ShapeFault, shape_faults

FOLDER: Final = Path(__file__).parent.parent.parent / "data" / "importers"

Kind = Literal["bills", "production", "equipment", "plants"]
# How a bill finds its month: by the day in the middle of what it bills, by its own date, or as it states itself.
Months = Literal["middle", "date", "stated"]
Places = Literal["auto", "meter", "site"]

_WHEN: Final = frozenset({"period", "date", "year", "month", "day", "start", "end"})
# The fields of each kind of table; the first set is needed (as a column or fixed).
NEEDED: Final[dict[Kind, frozenset[str]]] = {
    "bills": frozenset({"meter", "amount", "unit"}),
    "production": frozenset({"product", "amount"}),
    "equipment": frozenset({"name"}),
    "plants": frozenset({"plant"}),
}
FIELDS: Final[dict[Kind, frozenset[str]]] = {
    "bills": NEEDED["bills"]
    | _WHEN
    | {"plant", "carrier", "role", "place", "document", "note", "cost", "currency", "demand", "demand_unit"}
    | {"power_factor", "volume", "energy", "energy_unit", "heating_value", "heating_value_unit"},
    "production": NEEDED["production"] | _WHEN | {"unit", "plant", "role", "place", "document", "note"},
    "equipment": NEEDED["equipment"] | {"plant", "model", "power", "power_unit", "count", "carrier", "place", "note"},
    "plants": NEEDED["plants"] | {"name", "name_en", "industry_code", "province", "city"},
}


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MeterRule(_Shape):
    """What is special about one meter (计量表的说明): another item, role or place, or that it is left out."""

    item: str = ""
    role: str = ""
    place: str = ""
    skip: str = ""  # the reason why its bills are left out


class ProductRule(_Shape):
    """What a series of production is (产量序列的说明): its unit, or why it is no product and left out."""

    unit: str = ""
    skip: str = ""


class WideMeter(_Shape):
    """One column of a table with a column for each meter."""

    meter: str = ""
    carrier: str = ""
    unit: str = ""


class TableMapping(_Shape):
    """One table (一张表): of what kind, how it is recognised, and the heading of every field."""

    kind: Kind
    file: str = ""  # a pattern of the file's name
    sheet: str = ""
    layout: Literal["long", "months", "meters"] = "long"
    each: str = ""
    columns: dict[str, str] = {}
    fixed: dict[str, str] = {}
    only: dict[str, tuple[str, ...]] = {}
    details: dict[str, str] = {}
    meters: dict[str, WideMeter] = {}

    def has(self, field: str) -> bool:
        """Whether a field has a column or a fixed value."""
        return field in self.columns or field in self.fixed


class ImportMapping(_Shape):
    """A mapping (对应表). ``currency`` holds where no column says it; ``heat`` says what the bills' heat is: gross
    (高位, usual on bills in America) or net (低位)."""

    name: str
    about: str = ""
    currency: str = ""
    heat: Literal["", "gross", "net"] = ""
    months: Months = "middle"
    places: Places = "auto"
    units: dict[str, str] = {}
    carriers: dict[str, str] = {}
    meters: dict[str, MeterRule] = {}
    products: dict[str, ProductRule] = {}
    tables: tuple[TableMapping, ...]


def shipped_mappings() -> tuple[str, ...]:
    """The names of the mappings that ship."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def mapping_text(name: str) -> str:
    """The text of a mapping that ships, to be copied and changed; raises UnknownName."""
    if name not in shipped_mappings():
        raise UnknownName(message("没有这个对应表"), name, shipped_mappings())
    return (FOLDER / f"{name}.toml").read_text(encoding="utf-8")


def read_mapping(source: Path | str) -> ImportMapping:
    """Read a mapping from a TOML file, or one that ships by its name.

    Raises InputError with every problem: unreadable TOML, unknown keys and fields, a table that lacks what it needs.
    """
    path = Path(source)
    file = path.name
    if not path.exists() and str(source) in shipped_mappings():
        path, file = FOLDER / f"{source}.toml", f"{source}.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        found = ImportMapping.model_validate(data)
    except ValidationError as error:
        faults = shape_faults(error, data, ImportMapping)
        raise InputError([_shape_problem(fault, file) for fault in faults]) from error
    except FileNotFoundError as error:
        text = message("找不到对应表 {path}", path=str(source))
        expected = message("一个 TOML 文件，或其中之一：{names}", names=listing(shipped_mappings()))
        raise InputError([Problem("mapping-missing", text, expected=expected)]) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        text = message("对应表读不出：{reason}", reason=str(error))
        raise InputError([Problem("mapping-unreadable", text, where=Location(file=file))]) from error
    problems = [problem for index, table in enumerate(found.tables) for problem in _check(found, table, index, file)]
    if problems:
        raise InputError(problems)
    return found


def _shape_problem(fault: ShapeFault, file: str) -> Problem:
    text = message("对应表的 {place} 不对：{reason}", place=fault.place, reason=fault.reason)
    where = Location(file=file, column=fault.place)
    return Problem("mapping-shape", text, where=where, found=fault.found, expected=fault.expected)


def _check(mapping: ImportMapping, table: TableMapping, index: int, file: str) -> list[Problem]:
    where = Location(file=file, column=f"tables[{index}]")
    fields = FIELDS[table.kind]
    problems = [
        Problem(
            "mapping-field",
            message("{kind} 表没有“{field}”这一项", kind=table.kind, field=field),
            where=where,
            expected=message("其中之一：{names}", names=listing(sorted(fields))),
        )
        for field in dict.fromkeys((*table.columns, *table.fixed))
        if field not in fields
    ]
    given = set(table.columns) | set(table.fixed)
    if table.layout == "months":
        given |= {"amount", "period"}
    if table.layout == "meters":
        given |= {"meter", "amount", *(("unit",) if all(column.unit for column in table.meters.values()) else ())}
    lacking = sorted(NEEDED[table.kind] - given)
    if table.kind in ("bills", "production") and not given & {"period", "date", "year", "start"}:
        lacking.append("period")
    if lacking:
        text = message("{kind} 表缺少：{names}", kind=table.kind, names=listing(lacking))
        expected = message("在 columns 里写列标题，或在 fixed 里写一个值")
        problems.append(Problem("mapping-needs", text, where=where, expected=expected))
    if table.has("cost") and not (table.has("currency") or mapping.currency):
        text = message("有金额而没有写币种")
        expected = message('currency = "CNY" 等，或一列 currency；不写的不会当作人民币')
        problems.append(Problem("mapping-currency", text, where=where, expected=expected))
    if table.layout == "meters" and not table.meters:
        text = message("{kind} 表缺少：{names}", kind=table.kind, names="meters")
        problems.append(Problem("mapping-needs", text, where=where))
    return problems

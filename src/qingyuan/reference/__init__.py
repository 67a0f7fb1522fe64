"""Reference data (参考数据) that ship, typed and graded: items, limits, wastes, processes, technologies, rules.

The names below, modules among them, are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qingyuan.reference import (
        chemistry,
        items,
        limits,
        plan,
        processes,
        sectors,
        technologies,
        wastes,
    )
    from qingyuan.reference.items import (
        AcceptedUnit,
        Item,
        ItemCatalogue,
        ItemMatch,
        Kind,
        Role,
        accept_unit,
        catalogue,
    )
    from qingyuan.reference.loading import DataError
    from qingyuan.reference.records import Coefficient, Grade, Validity, weakest
    from qingyuan.reference.sources import Source

_MODULES = ("chemistry", "items", "limits", "plan", "processes", "sectors", "technologies", "wastes")
_HOMES = {
    "items": ("AcceptedUnit", "Item", "ItemCatalogue", "ItemMatch", "Kind", "Role", "accept_unit", "catalogue"),
    "loading": ("DataError",),
    "records": ("Coefficient", "Grade", "Validity", "weakest"),
    "sources": ("Source",),
}
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "AcceptedUnit",
    "Coefficient",
    "DataError",
    "Grade",
    "Item",
    "ItemCatalogue",
    "ItemMatch",
    "Kind",
    "Role",
    "Source",
    "Validity",
    "accept_unit",
    "catalogue",
    "chemistry",
    "items",
    "limits",
    "plan",
    "processes",
    "sectors",
    "technologies",
    "wastes",
    "weakest",
]


def __getattr__(name: str) -> object:
    if name in _MODULES:
        return import_module(f"qingyuan.reference.{name}")
    if name in _MODULE_OF:
        return getattr(import_module(f"qingyuan.reference.{_MODULE_OF[name]}"), name)
    raise AttributeError(name)

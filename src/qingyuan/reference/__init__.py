"""Reference data (参考数据) that ship, typed and graded: items, limits, wastes, processes, technologies, rules.

The names below are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    from qingyuan.reference.records import Coefficient, Grade, Validity, weakest

_HOMES = {
    "records": ("Coefficient", "Grade", "Validity", "weakest"),
    "items": ("AcceptedUnit", "Item", "ItemCatalogue", "ItemMatch", "Kind", "Role", "accept_unit", "catalogue"),
}
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "AcceptedUnit",
    "Coefficient",
    "Grade",
    "Item",
    "ItemCatalogue",
    "ItemMatch",
    "Kind",
    "Role",
    "Validity",
    "accept_unit",
    "catalogue",
    "weakest",
]


def __getattr__(name: str) -> object:
    if name in _MODULE_OF:
        return getattr(import_module(f"qingyuan.reference.{_MODULE_OF[name]}"), name)
    raise AttributeError(name)

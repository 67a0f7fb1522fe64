"""Facts (事实): what people know of a plant; read from CSV folders and workbooks, checked, written, as rows or a frame.

``read_case`` and ``write_case`` for files, ``read_workbook``, ``write_template`` and ``mark_workbook`` for Excel,
``frame`` and ``facts_of`` for data frames; the model itself is ``facts.model``. Names load what they need when used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qingyuan.facts.cases import read_case, write_case
    from qingyuan.facts.indicatorrow import IndicatorRow
    from qingyuan.facts.marking import mark_workbook
    from qingyuan.facts.model import (
        Basis,
        Case,
        Equipment,
        Evidence,
        Fact,
        Judgement,
        Monitoring,
        OptionRow,
        Period,
        Place,
        Profile,
        State,
    )
    from qingyuan.facts.table import facts_of, frame
    from qingyuan.facts.template import write_template
    from qingyuan.facts.workbook import read_workbook

_HOMES = {
    "read_case": "cases",
    "write_case": "cases",
    "IndicatorRow": "indicatorrow",
    "mark_workbook": "marking",
    "facts_of": "table",
    "frame": "table",
    "write_template": "template",
    "read_workbook": "workbook",
    **dict.fromkeys(
        (
            "Basis",
            "Case",
            "Equipment",
            "Evidence",
            "Fact",
            "Judgement",
            "Monitoring",
            "OptionRow",
            "Period",
            "Place",
            "Profile",
            "State",
        ),
        "model",
    ),
}

__all__ = [
    "Basis",
    "Case",
    "Equipment",
    "Evidence",
    "Fact",
    "IndicatorRow",
    "Judgement",
    "Monitoring",
    "OptionRow",
    "Period",
    "Place",
    "Profile",
    "State",
    "facts_of",
    "frame",
    "mark_workbook",
    "read_case",
    "read_workbook",
    "write_case",
    "write_template",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"qingyuan.facts.{_HOMES[name]}"), name)

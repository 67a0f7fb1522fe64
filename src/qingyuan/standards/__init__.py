"""Evaluation index systems (清洁生产评价指标体系): the model, its files, and the scoring of plants.

``model`` says what a system is, ``loading`` finds and reads the files, ``checking`` proves that a system is consistent,
``scoring`` grades one plant and explains itself row by row, ``distance`` says what is missing to the next level.
"""

from __future__ import annotations

from qingyuan.standards.loading import SystemSummary, load, load_file, systems
from qingyuan.standards.model import LEVELS, Group, Indicator, IndexSystem, Level, Table

__all__ = [
    "LEVELS",
    "Group",
    "IndexSystem",
    "Indicator",
    "Level",
    "SystemSummary",
    "Table",
    "load",
    "load_file",
    "systems",
]

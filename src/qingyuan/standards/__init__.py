"""Evaluation index systems (清洁生产评价指标体系): the model, its files, and the scoring of plants.

``model`` says what a system is, ``reading`` and ``loading`` read and find the files, ``checking`` proves that a system
is consistent, ``scoring`` grades one plant and explains itself row by row, ``distance`` says what is missing to the
next level.
"""

from __future__ import annotations

from qingyuan.standards.checking import check
from qingyuan.standards.loading import SystemSummary, load, load_file, systems
from qingyuan.standards.model import LEVELS, Group, IndexSystem, Indicator, Level, Table
from qingyuan.standards.result import Score
from qingyuan.standards.scoring import score

__all__ = [
    "LEVELS",
    "Group",
    "IndexSystem",
    "Indicator",
    "Level",
    "Score",
    "SystemSummary",
    "Table",
    "check",
    "load",
    "load_file",
    "score",
    "systems",
]

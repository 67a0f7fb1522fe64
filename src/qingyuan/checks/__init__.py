"""Data checks (数据真实性检查): what contradicts what in a plant's data, how grave, and what would settle it.

``run_checks(case)`` gives findings, the gravest first; ``RULES`` holds the single rules by id, each a pure function
``rule(case, ledger)``; ``rule_records`` their documentation and thresholds.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qingyuan.checks.finding import Finding, Gravity, Number, by_weight
    from qingyuan.checks.knowledge import rule_groups, rule_records
    from qingyuan.checks.rules import RULES, Rule, run_checks

_HOMES = {
    "Finding": "finding",
    "Gravity": "finding",
    "Number": "finding",
    "by_weight": "finding",
    "rule_groups": "knowledge",
    "rule_records": "knowledge",
    "RULES": "rules",
    "Rule": "rules",
    "run_checks": "rules",
}

__all__ = [
    "RULES",
    "Finding",
    "Gravity",
    "Number",
    "Rule",
    "by_weight",
    "rule_groups",
    "rule_records",
    "run_checks",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"qingyuan.checks.{_HOMES[name]}"), name)

"""Balances (平衡): flow networks made consistent, their gross errors, substances and the cost of losses.

``network`` holds the model, ``reading`` reads it from JSON, ``reconciliation`` makes it consistent and judges it,
``gross_errors`` names suspects, ``monte_carlo`` treats asymmetrical knowledge.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qingyuan.balance.network import (
        Bound,
        Content,
        Correlation,
        Flow,
        Known,
        Layer,
        Network,
        Process,
        Relation,
        Stock,
        Transfer,
        simple,
    )
    from qingyuan.balance.reconciliation import reconcile
    from qingyuan.balance.result import Estimate, Reconciliation

_HOMES = {
    **dict.fromkeys(
        (
            "Bound",
            "Content",
            "Correlation",
            "Flow",
            "Known",
            "Layer",
            "Network",
            "Process",
            "Relation",
            "Stock",
            "Transfer",
            "simple",
        ),
        "network",
    ),
    "reconcile": "reconciliation",
    "Estimate": "result",
    "Reconciliation": "result",
}

__all__ = [
    "Bound",
    "Content",
    "Correlation",
    "Estimate",
    "Flow",
    "Known",
    "Layer",
    "Network",
    "Process",
    "Reconciliation",
    "Relation",
    "Stock",
    "Transfer",
    "reconcile",
    "simple",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"qingyuan.balance.{_HOMES[name]}"), name)

"""Chapter 5 of the audit report: feasibility (可行性分析)."""

from __future__ import annotations

from qingyuan.audit.result import AuditResult
from qingyuan.report.tree import Block


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """The sections of the chapter."""
    return ()

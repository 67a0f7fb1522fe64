"""Chapter 6 of the audit report: implementation (方案实施)."""

from __future__ import annotations

from qingyuan.audit.result import AuditResult
from qingyuan.report.tree import Block


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """The sections of the chapter."""
    return ()

"""Chapter 7 of the audit report: continuing cleaner production (持续清洁生产)."""

from __future__ import annotations

from qingyuan.audit.result import AuditResult
from qingyuan.report.tree import Block


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """The sections of the chapter."""
    return ()

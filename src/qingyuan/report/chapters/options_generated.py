"""Chapter 4 of the audit report: generation and screening of options (方案产生和筛选)."""

from __future__ import annotations

from qingyuan.audit.result import AuditResult
from qingyuan.report.tree import Block


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """The sections of the chapter."""
    return ()

"""Fixtures of the audit's tests: no rules or sheets of the machine's user, and the shipped cases audited once."""

from __future__ import annotations

from pathlib import Path

import pytest

from qingyuan import demo
from qingyuan.audit.pipeline import run
from qingyuan.audit.result import AuditResult
from qingyuan.reference.loading import DATA


@pytest.fixture(autouse=True)
def own_law(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for the operator's own rules, calendars and sheets."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("QINGYUAN_HOME", str(home))
    folder = home / "law"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(scope="session")
def plating(tmp_path_factory: pytest.TempPathFactory) -> AuditResult:
    """The books of the demonstration plating works, audited: without decisions and records of an audit team."""
    folder = tmp_path_factory.mktemp("plating")
    demo.electroplating(2026).write(folder)
    return run(folder)


@pytest.fixture(scope="session")
def boards() -> AuditResult:
    """The real plant that ships, audited."""
    return run(DATA / "cases" / "pcb-plant-a")

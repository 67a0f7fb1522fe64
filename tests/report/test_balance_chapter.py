"""The balances in the report and in result.json: what the audit found, in both languages, with the same verdicts."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from qingyuan.audit.pipeline import run
from qingyuan.audit.result import AuditResult
from qingyuan.language import language
from qingyuan.reference.loading import DATA
from qingyuan.report.chapters.assessment import balances as section
from qingyuan.report.chapters.balances import blocks
from qingyuan.report.result_json import result_json
from qingyuan.report.tree import Figure, Heading, Missing, Table


@pytest.fixture(scope="module")
def boards() -> AuditResult:
    return run(DATA / "cases" / "pcb-plant-a")


@pytest.fixture(scope="module")
def plating() -> AuditResult:
    return run(DATA / "cases" / "electroplating-demo")


def test_every_balance_has_heading_table_and_picture(plating: AuditResult) -> None:
    found = blocks(plating)
    headings = [one for one in found if isinstance(one, Heading)]
    assert len(headings) == len(plating.balances) + 1  # and the losses
    tables = {one.label for one in found if isinstance(one, Table)}
    pictures = {one.label for one in found if isinstance(one, Figure)}
    for balance in plating.balances:
        assert f"balance-{balance.id}" in tables
        assert f"balance-picture-{balance.id}" in pictures
    assert {"balances-overview", "loss-costs", "balance-links-energy-2024", "balance-rates-water-2024"} <= tables
    assert len(tables) == len([one for one in found if isinstance(one, Table)])


def test_what_cannot_be_closed_is_said(boards: AuditResult) -> None:
    with language("zh"):
        lacking = [str(one.what) for one in blocks(boards) if isinstance(one, Missing)]
    assert any("水平衡" in text for text in lacking)
    assert any("铜" in text for text in lacking)


def test_balances_that_are_not_there_are_asked_for(boards: AuditResult) -> None:
    none = replace(boards, balances=(), losses=None)
    found = section(none)
    assert len(found) == 1
    assert isinstance(found[0], Missing)
    assert len(found[0].needs) == 5
    assert blocks(none) == ()
    last = section(replace(boards, balances=tuple(one for one in boards.balances if one.kind != "energy")))[-1]
    assert isinstance(last, Missing)
    with language("zh"):
        assert any("能量平衡" in str(need) for need in last.needs)


def test_result_json_holds_balances_and_losses(plating: AuditResult, tmp_path: Path) -> None:
    with language("en"):
        record = result_json(plating)
    (tmp_path / "result.json").write_text(json.dumps(record, ensure_ascii=False, allow_nan=False), encoding="utf-8")
    balances = record["balances"]
    assert isinstance(balances, list)
    assert [one["id"] for one in balances] == [one.id for one in plating.balances]
    assert {one["whole"]["verdict"] for one in balances} <= {"closed", "open", "possible", "computed", "unchecked"}
    assert record["losses"]["places"][0]["place"] == plating.losses.places[0].place  # type: ignore[index,union-attr]

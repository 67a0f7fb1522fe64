"""What is missing from a worksheet, and notes on what stands in it: the one is never told as the other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qingyuan.audit.inputs import read_inputs
from qingyuan.audit.phases import plan_rows, worksheet_ids
from qingyuan.audit.pipeline import run
from qingyuan.audit.result import AuditResult
from qingyuan.audit.worksheets import Context, WorksheetTable, worksheet
from qingyuan.demo import SHIPPED_CASES
from qingyuan.language import language
from qingyuan.report.chapters.sheets import sheet_table
from qingyuan.report.resolve import plain_text
from qingyuan.report.tree import Table

CASE = SHIPPED_CASES / "pcb-plant-a"


@pytest.fixture(scope="module")
def result() -> AuditResult:
    return run(CASE)


def context_with(result: AuditResult, id: str, *entries: dict[str, str]) -> Context:
    inputs = replace(read_inputs(CASE), entries={id: entries}, before="2021", after="2022")
    return Context(result, inputs)


def texts(of: WorksheetTable) -> tuple[str, str]:
    with language("zh"):
        return "；".join(map(str, of.missing)), "；".join(map(str, of.notes))


def test_what_people_fill_in_is_missing_only_while_it_is() -> None:
    result = run(CASE)
    with language("zh"):
        stages = [str(stage) for stage, _, _ in plan_rows()]
    filled = [{"stage": one, "finish": "2023-05", "owner": "环保部", "checker": "总经办"} for one in stages]
    asked = "完成时间、责任部门和考核部门由企业填写"
    assert asked in texts(worksheet("1-2", context_with(result, "1-2")))[0]
    assert asked in texts(worksheet("1-2", context_with(result, "1-2", *filled[:-1])))[0]
    assert texts(worksheet("1-2", context_with(result, "1-2", *filled))) == ("", "")


def test_conditions_and_editions_are_notes(result: AuditResult) -> None:
    context = context_with(result, "1-2")
    missing, notes = texts(worksheet("5-3", context))
    assert "计算条件" in notes
    assert "计算条件" not in missing
    for id in ("6-7", "6-8"):
        missing, notes = texts(worksheet(id, context))
        assert notes
        assert not missing
        table = sheet_table(context, id)
        assert isinstance(table, Table)
        below = "".join(plain_text(note) for note in table.notes)
        assert "尚缺" not in below
        assert notes in below


def test_a_complete_sheet_lacks_nothing(result: AuditResult) -> None:
    context = context_with(result, "1-2")
    states = [worksheet(id, context) for id in worksheet_ids()]
    assert any(one.state == "complete" for one in states)
    for one in states:
        assert not (one.state == "complete" and one.missing), one.id
        assert not set(texts(one)[0].split("；")) & set(texts(one)[1].split("；")) - {""}, one.id


def test_every_result_keeps_a_context_of_its_own(result: AuditResult) -> None:
    context = result.context
    assert result.context is context
    other = replace(result, inputs=replace(result.inputs, before="2021", after="2022"))
    assert other.context is not context
    assert context.comparison is None
    assert other.context.comparison is not None
    assert sheet_table(other, "6-7") != sheet_table(result, "6-7")

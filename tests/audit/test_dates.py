"""The days of an audit: read as people write them, and the law and tax chosen by them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from qingyuan.audit.dates import audit_span, span_of
from qingyuan.audit.inputs import NO_INPUTS
from qingyuan.audit.option_economics import assess_options
from qingyuan.audit.pipeline import audit_case
from qingyuan.facts.cases import read_case
from qingyuan.facts.model import Profile
from qingyuan.figures.settings import Settings
from qingyuan.reference.loading import DATA
from qingyuan.report.chapters import legal
from qingyuan.report.tree import Missing, Table

TODAY = dt.date(2026, 11, 1)
PCB = DATA / "cases" / "pcb-plant-a"


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2023年3月至11月", "2023-03-01", "2023-11-30"),
        ("2023-03 至 2023-11", "2023-03-01", "2023-11-30"),
        ("2023-03-05 ~ 2024-01-20", "2023-03-05", "2024-01-20"),
        ("2023.3-2023.11", "2023-03-01", "2023-11-30"),
        ("2023年12月—2024年2月", "2023-12-01", "2024-02-29"),
        ("2023", "2023-01-01", "2023-12-31"),
        ("2023年11月至3月", "2023-11-01", ""),
        ("去年", "", ""),
        ("", "", ""),
    ],
)
def test_spans_are_read_as_people_write_them(text: str, first: str, last: str) -> None:
    found = span_of(text)
    assert (str(found.start or ""), str(found.end or "")) == (first, last)


def test_what_is_recorded_goes_before_what_the_profile_says() -> None:
    profile = Profile(details={"审核时间": "2023年3月至11月"})
    assert audit_span(NO_INPUTS, profile).start == dt.date(2023, 3, 1)
    listed = replace(NO_INPUTS, listed_on=dt.date(2023, 2, 8), events={"audit-finished": dt.date(2024, 1, 5)})
    found = audit_span(listed, profile)
    assert (found.start, found.end) == (dt.date(2023, 2, 8), dt.date(2024, 1, 5))
    assert audit_span(NO_INPUTS, Profile()).start is None


def test_an_audit_of_2023_is_not_judged_by_the_code_of_2026() -> None:
    result = audit_case(read_case(PCB), today=TODAY)
    found = legal.blocks(result)
    table = next(block for block in found if isinstance(block, Table) and block.label == "table-triggers")
    assert "2023-03-01" in str(table.caption)
    assert "生态环境法典" not in "".join(str(row) for row in table.rows)
    assert "清洁生产促进法" in "".join(str(row) for row in table.rows)
    missing = next(block for block in found if isinstance(block, Missing))
    assert "编制日" not in "".join(str(need) for need in missing.needs)
    # without the dates of the audit the law of the day of the report is all there is
    bare = replace(result.case, profile=replace(result.case.profile, details={}))
    table = next(
        block
        for block in legal.blocks(audit_case(bare, today=TODAY))
        if isinstance(block, Table) and block.label == "table-triggers"
    )
    assert TODAY.isoformat() in str(table.caption)


def test_the_tax_is_that_of_the_audit_and_not_of_the_day_of_the_report() -> None:
    case = read_case(PCB)
    before = replace(case, profile=replace(case.profile, details={"审核时间": "2007年3月至2007年11月"}))
    settings = Settings(extra={"reporting-date": TODAY.isoformat()})  # as the pipeline freezes it
    rates = [
        {one.terms.income_tax_rate.value for one in assess_options(of, settings=settings, day=TODAY)[0].values()}
        for of in (before, case)
    ]
    assert rates == [{0.33}, {0.25}]

"""Economics inside the audit: the pipeline, worksheets 5-1 to 5-4, result.json, taxes that cuts avoid."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from qingyuan.audit.inputs import Inputs
from qingyuan.audit.option_economics import assess_options
from qingyuan.audit.pipeline import audit_case, run
from qingyuan.audit.result import AuditResult
from qingyuan.audit.worksheets import worksheet
from qingyuan.errors import InputError, Severity
from qingyuan.facts.cases import read_case
from qingyuan.facts.model import Case, OptionRow
from qingyuan.figures import tax
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.settings import Settings
from qingyuan.options.claims import stated_effects
from qingyuan.reference.loading import DATA
from qingyuan.report.result_json import result_json

DAY = dt.date(2026, 11, 1)
PCB = DATA / "cases" / "pcb-plant-a"


@pytest.fixture(scope="module")
def boards() -> AuditResult:
    return run(PCB, today=DAY)


def with_inputs(result: AuditResult, inputs: Inputs) -> AuditResult:
    found, problems = assess_options(result.case, inputs, result.settings, DAY)
    return replace(result, inputs=inputs, economics=found, problems=(*result.problems, *problems))


def test_every_option_of_the_real_plant_is_assessed_or_says_what_is_missing(boards: AuditResult) -> None:
    assert set(boards.economics) == {option.id for option in boards.case.options}
    for option in boards.case.options:
        found = boards.economics[option.id]
        known = option.investment is not None and option.annual_saving is not None
        assert found.computable is known
        assert bool(found.needs) is not known
    first = boards.economics["1"]
    assert first.cash_flow == pytest.approx((26.3 - 15) * 0.75 + 15)
    assert first.payback_printed == 2.5
    assert any(finding.rule == "option-payback" and "1" in finding.concerns for finding in boards.findings)


def test_pipeline_reads_what_the_audit_decided(tmp_path: Path) -> None:
    for path in PCB.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "plant.toml").write_bytes((PCB / "plant.toml").read_bytes())
    (tmp_path / "audit.toml").write_text(
        '[economics]\ndiscount_rate = 0.06\nlife_years = 12\n[economics."1"]\nsubsidy = 50\n'
        '[economics."404"]\nF = 3\n[cost]\nmedium_from = 10\nhigh_from = 100\n',
        encoding="utf-8",
    )
    (tmp_path / "worksheets").mkdir()
    (tmp_path / "worksheets" / "5-2.csv").write_text("id,income,cost\n1,6.3,20\n2,,\n", encoding="utf-8")
    result = run(tmp_path, today=DAY)
    assert result.inputs.economic_terms == {"discount_rate": 0.06, "life_years": 12}
    first = result.economics["1"]
    assert (first.investment, first.saving) == (100, pytest.approx(26.3))
    assert first.parts == {"subsidy": 50, "income": 6.3, "cost": 20}
    assert first.terms.years == 12
    assert not first.assumed
    assert any(problem.code == "economics-option-unknown" and problem.found == "404" for problem in result.problems)
    assert first.cost_class == "high"
    sheet = worksheet("5-1", result)
    row = next(i for i, cells in enumerate(sheet.rows) if cells[0].value == "1")
    assert (sheet.cell(row, "subsidy").value, sheet.cell(row, "total").value) == (50, 100)
    running = worksheet("5-2", result)
    assert [running.cell(row, key).value for key in ("income", "cost", "saving")] == [6.3, 20, pytest.approx(26.3)]


def test_worksheet_5_3_is_filled_and_says_with_what(boards: AuditResult) -> None:
    sheet = worksheet("5-3", boards)
    rows = {str(cells[0].value): index for index, cells in enumerate(sheet.rows)}
    found = boards.economics["5"]
    assert found.irr is not None
    assert found.npvr is not None
    cell = sheet.cell(rows["5"], "NPV")
    assert (cell.value, cell.origin) == (found.npv, "computed")
    assert sheet.cell(rows["5"], "IRR").value == pytest.approx(100 * found.irr)
    assert sheet.cell(rows["5"], "NPVR").value == pytest.approx(100 * found.npvr)
    assert sheet.cell(rows["5"], "I").origin == "fact"
    assert not sheet.cell(rows["R1"], "NPV").filled
    said = " ".join(str(text) for text in sheet.notes)
    assert any("R1：缺总投资费用" in str(text) for text in sheet.missing)
    assert "i = 8%" in said
    assert "须由审核小组确认" in said


def test_entries_override_and_the_sheets_say_so(boards: AuditResult) -> None:
    changed = with_inputs(boards, Inputs(economics={"5": {"F": 40.0, "NPVR": 67.3}}))
    sheet = worksheet("5-3", changed)
    row = next(i for i, cells in enumerate(sheet.rows) if cells[0].value == "5")
    assert (sheet.cell(row, "F").value, sheet.cell(row, "F").origin) == (40.0, "entered")
    assert sheet.cell(row, "NPVR").value == 67.3
    assert sheet.cell(row, "N").value == pytest.approx(180 / 40)
    assert any("5：F、NPVR" in str(text) for text in sheet.notes)
    words = worksheet("5-4", changed)
    # level flows of 40 for 180 and ten years: the rate at which nothing is left
    assert "经济性尚不能判定（临界贴现率 18%，按寿命 10 年）" in str(words.cell(row, "economic").value)
    assert not words.cell(row, "recommended").filled


def test_feasibility_names_the_criteria_that_fail(boards: AuditResult) -> None:
    sheet = worksheet("5-4", boards)
    row = next(i for i, cells in enumerate(sheet.rows) if cells[0].value == "4")
    text = str(sheet.cell(row, "economic").value)
    assert "经济上不可行" in text
    assert "N < 10 年" in text
    assert "假定" in text


def test_result_json_has_the_symbols_findings_and_places(boards: AuditResult) -> None:
    record = result_json(boards)
    options = {one["id"]: one for one in record["options"]}  # type: ignore[attr-defined]
    best = max(
        (found for found in boards.economics.values() if found.npv is not None), key=lambda found: found.npv or 0.0
    )
    assert options[best.id]["rank_NPV"] == 1
    assert options["R1"]["rank_NPV"] is None
    first = options["1"]
    assert {"I", "P", "D", "T", "E", "F", "N", "NPV", "NPVR", "IRR", "IRR_interpolated", "units", "needs"} <= set(first)
    assert first["NPV"] == boards.economics["1"].npv
    assert "option-payback" in {finding["rule"] for finding in first["findings"]}
    assert record["economics"]["ranking"]["NPV"][0] == best.id  # type: ignore[index]


def test_wrong_settings_stop_and_wrong_entries_are_left_out(boards: AuditResult) -> None:
    with pytest.raises(InputError, match="discount_rate"):
        assess_options(boards.case, Inputs(economic_terms={"discount_rate": 8}), boards.settings, DAY)
    inputs = Inputs(economics={"1": {"I": -3.0, "F": 30.0}}, entries={"5-1": ({"id": "2", "fixed": "八十"},)})
    found, problems = assess_options(boards.case, inputs, boards.settings, DAY)
    assert found["1"].investment == 150
    assert found["1"].cash_flow == 30
    assert {problem.where.file for problem in problems} == {"audit.toml", "worksheets/5-1.csv"}
    assert all(problem.severity is Severity.WARNING for problem in problems)


def test_the_tax_of_the_reporting_date_counts(boards: AuditResult) -> None:
    profile = replace(boards.case.profile, settings={**boards.case.profile.settings, "reporting-date": "2007-06-30"})
    found, _ = assess_options(boards.case, settings=Settings.from_profile(profile), day=DAY)
    assert found["1"].terms.income_tax_rate.value == 0.33


# --- effects with prices, and taxes that cuts avoid ------------------------------------------------------------------


def _settings(case: Case, **more: str | float) -> Case:
    return replace(case, profile=replace(case.profile, settings={**case.profile.settings, **more}))


def test_missing_saving_names_effects_with_the_prices_that_are_known() -> None:
    case = read_case(PCB)
    bare = replace(case, options=tuple(replace(option, annual_saving=None) for option in case.options))
    priced = audit_case(_settings(bare, **{"price.electricity": 0.8}), today=DAY)
    need = " ".join(str(one) for one in priced.economics["44"].needs)
    assert "0.8" in need
    assert "缺单价" in need  # the waste water of the same option has no price
    assert priced.economics["44"].saving is None


def test_avoided_tax_only_where_the_pollutant_is_taxed_and_never_in_the_saving() -> None:
    case = read_case(PCB)
    works = audit_case(case, today=DAY)  # the plant's waste water goes to a sewage works: no tax
    direct = audit_case(_settings(case, **{"wastewater-receiver": "water-body", "tax-rate-water": 2.8}), today=DAY)
    assert all(not found.avoided_tax or "VOC" in case_effects(case, id) for id, found in works.economics.items())
    ledger = Ledger(direct.case, direct.settings)
    stated = stated_effects(direct.case, ledger, direct.settings, direct.period)
    water = [one for taxes in stated.taxes.values() for one in taxes if one.pollutant == "COD"]
    assert water
    due = sum(
        float(row.tax or 0)
        for outlet in tax.assess(ledger, direct.settings, direct.period)
        if outlet.direct
        for row in outlet.tax.rows
        if row.pollutant == "COD" and row.taxed
    )
    for one in water:
        assert one.tax == pytest.approx(due)
        assert 0 < one.avoided <= due + 1e-9
        found = direct.economics[one.option]
        assert found.avoided_tax is not None
        assert found.saving == works.economics[one.option].saving
        assert any("没有计入 P" in str(note) for note in found.notes)


def case_effects(case: Case, id: str) -> str:
    return next(option.effects for option in case.options if option.id == id)


def test_a_case_without_options() -> None:
    case = replace(read_case(PCB), options=())
    result = audit_case(case, today=DAY)
    assert result.economics == {}
    assert worksheet("5-3", result).rows == ()
    assert result_json(result)["economics"] == {"terms": {}, "ranking": {"NPV": [], "NPVR": []}}


def test_free_option_of_a_case(boards: AuditResult) -> None:
    free = OptionRow("F1", "关灯", kind="none", investment=0, annual_saving=2)
    found, _ = assess_options(replace(boards.case, options=(free,)), day=DAY)
    assert found["F1"].payback == 0
    assert found["F1"].verdict == "feasible"


def test_two_options_of_one_id_are_named(boards: AuditResult) -> None:
    twins = (OptionRow("A", "甲", investment=10, annual_saving=3), OptionRow("A", "乙", investment=20, annual_saving=3))
    found, problems = assess_options(replace(boards.case, options=twins), day=DAY)
    assert found["A"].investment == 10
    assert [problem.code for problem in problems] == ["economics-option-twice"]

"""The seven phases, the 41 worksheets filled from facts and records, goals, cost classes, before against after."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from qingyuan.audit.clocks import PreviousAudit, Proof
from qingyuan.audit.goals import (
    CostLimits,
    aspect_of,
    aspects,
    by_aspect,
    compare_cases,
    compare_periods,
    cost_class,
    propose_goals,
)
from qingyuan.audit.inputs import Inputs, column_key, read_inputs
from qingyuan.audit.phases import definition, phases, worksheet_definitions, worksheet_ids
from qingyuan.audit.pipeline import audit_case
from qingyuan.audit.result import AuditResult
from qingyuan.audit.worksheets import Context, phase_status, worksheet
from qingyuan.errors import InputError, UnknownName
from qingyuan.facts.model import OptionRow
from qingyuan.language import language
from qingyuan.reference.loading import DATA
from qingyuan.reference.records import Grade
from qingyuan.standards.model import LEVELS

# --- the data --------------------------------------------------------------------------------------------------------


def test_seven_phases_and_forty_one_worksheets() -> None:
    assert [phase.number for phase in phases()] == [1, 2, 3, 4, 5, 6, 7]
    assert [len(phase.worksheets) for phase in phases()] == [2, 13, 5, 6, 4, 9, 2]
    assert len(worksheet_definitions()) == 41
    assert worksheet_ids(5) == ("5-1", "5-2", "5-3", "5-4")
    for phase in phases():
        assert len(phase.steps) >= 4
        assert all(step.zh and step.en for step in phase.steps)
        assert phase.order_name.zh
        assert phase.output.en
    for sheet in worksheet_definitions().values():
        assert sheet.id.startswith(f"{sheet.phase}-")
        ids = [column.id for column in sheet.columns]
        assert len(set(ids)) == len(ids)
        assert all(column.name.zh and column.name.en for column in sheet.columns)
        assert sheet.source
    grades = Counter(sheet.grade for sheet in worksheet_definitions().values())
    assert grades == {Grade.CITED: 3, Grade.RECALLED: 38}


def test_the_columns_that_were_read() -> None:
    assert [column.name.zh for column in definition("1-1").columns] == [
        "姓名", "审核小组职务", "来自部门及职务职称", "专业", "职责", "应投入的时间",
    ]  # fmt: skip
    assert [column.name.zh for column in definition("1-2").columns] == [
        "阶段", "工作内容", "完成时间", "责任部门及负责人", "考核部门及人员", "产出",
    ]  # fmt: skip
    with pytest.raises(UnknownName):
        definition("8-1")


@pytest.mark.parametrize(
    ("heading", "key"),
    [
        ("单位", "unit"), ("unit", "unit"), ("单台功率（kW）", None), ("年消耗量（2022）", "amount@2022"),
        ("amount@2022", "amount@2022"), ("年消耗量", "amount"), ("定额 ", "quota"), ("单位（2022）", None),
    ],
)  # fmt: skip
def test_headings_of_columns(heading: str, key: str | None) -> None:
    assert column_key(definition("2-6"), heading) == key


# --- worksheets from facts -------------------------------------------------------------------------------------------


def test_every_worksheet_of_every_shipped_plant_can_be_filled(plating: AuditResult, boards: AuditResult) -> None:
    for result in (plating, boards):
        context = Context(result, Inputs(triggers=("T1", "T3"), before=result.years[0], after=result.years[-1]))
        for id in worksheet_ids():
            table = worksheet(id, context)
            assert all(len(row) == len(table.columns) for row in table.rows), id
            keys = [column.key for column in table.columns]
            assert len(set(keys)) == len(keys), id
            assert 0 <= table.share <= 1
            if not table.rows:
                assert table.missing, id
            record = table.as_json()
            assert len(record["rows"]) == len(table.rows)  # type: ignore[arg-type]
            with language("en"):
                assert str(table.definition.name) == table.definition.name.en


def test_numbers_in_worksheets_are_those_of_the_figures(plating: AuditResult) -> None:
    context = Context(plating)
    table = worksheet("2-6", context)
    assert [column.key for column in table.columns if "@" in column.key] == [
        f"{id}@{year}" for id in ("amount", "per_product") for year in ("2022", "2023", "2024")
    ]
    names = [str(row[1].value) for row in table.rows]
    power = names.index("电力")
    assert table.cell(power, "amount@2024").value == 1_367_800
    assert table.cell(power, "amount@2024").origin == "fact"
    figure = plating.figures.find("electricity-per-product", period="2024")
    assert figure is not None
    cell = table.cell(power, "per_product@2024")
    assert cell.ref == figure.key
    assert str(cell.value) == f"{figure.value:.4g} kWh/m²"
    products = worksheet("2-7", context)
    assert {str(row[0].value) for row in products.rows} == {"镀锌件", "镀镍铬件", "镀铜件"}
    assert products.state == "complete"
    with pytest.raises(KeyError):
        table.cell(0, "nothing")


def test_a_year_without_data_stays_empty_and_is_no_zero(boards: AuditResult) -> None:
    table = worksheet("2-6", boards)
    power = [str(row[1].value) for row in table.rows].index("电力")
    assert table.cell(power, "amount@2020").value is None
    assert table.cell(power, "amount@2022").value == 1_997_066
    assert table.state == "partial"


def test_monitoring_against_limits(plating: AuditResult) -> None:
    table = worksheet("2-4", plating)
    row = [str(cells[1].value) for cells in table.rows].index("总镍")
    values = [one.concentration for one in plating.case.monitoring if one.label == "总镍" and one.date[:4] == "2024"]
    assert table.cell(row, "highest").value == max(value for value in values if value is not None)
    assert str(table.cell(row, "within").value) in ("达标", "超标")
    assert str(table.cell(row, "limit").value) == "≤0.1"


def test_the_ranking_sheet_has_a_column_for_each_candidate(plating: AuditResult) -> None:
    scores = {place: {"market": 5.0, "willingness": 5.0, "waste": 5.0, "expense": 5.0} for place in
              ("镀锌线", "镀镍铬线", "镀铜线", "废水处理站")}  # fmt: skip
    inputs = Inputs(scores={**scores, "废水处理站": {**scores["废水处理站"], "consumption": 1.0}})
    context = Context(plating, inputs)
    table = worksheet("2-11", context)
    assert table.state == "complete"
    total = [str(row[0].value) for row in table.rows].index("总分")
    first = context.ranking.rows[0]
    assert first.candidate == "镀镍铬线"
    assert table.cell(total, "weighted@镀镍铬线").value == float(first.low) == 10 * 5 + 8 * 10 + 8 * 5 + 5 * 5 + 2 * 5
    assert table.cell(0, "score@镀镍铬线").origin == "entered"
    assert table.cell(1, "score@镀镍铬线").origin == "computed"
    # without scores the totals are ranges and the sheet is not complete
    open_table = worksheet("2-11", plating)
    assert open_table.state == "partial"
    assert "至" in str(open_table.cell(total, "weighted@镀镍铬线").value)


def test_options_by_class_and_the_audits_own_limits(boards: AuditResult) -> None:
    without = worksheet("2-13", boards)
    assert without.rows == ()
    assert any("没有设定" in str(text) for text in without.notes)
    low = replace(boards.case.options[0], id="N1", name="关灯", investment=0.5, kind="", status="已实施")
    changed = replace(boards, case=replace(boards.case, options=(*boards.case.options, low)))
    inputs = Inputs(cost_limits=CostLimits(10, 100))
    assert [str(row[0].value) for row in worksheet("2-13", changed, inputs).rows] == ["N1"]
    assert [str(row[0].value) for row in worksheet("6-2", changed, inputs).rows] == ["N1"]
    assert len(worksheet("4-2", changed, inputs).rows) == 45
    summary = worksheet("6-6", changed, inputs)
    assert [(str(row[0].value), row[1].value, row[2].value) for row in summary.rows] == [
        ("低费", 1.0, 1.0), ("中费", 4.0, 0.0), ("高费", 4.0, 0.0),
    ]  # fmt: skip
    assert summary.cell(0, "investment").value == 0.5


def test_economic_symbols_come_from_the_assessment(boards: AuditResult) -> None:
    option = next(one for one in boards.case.options if one.investment is not None and one.investment >= 100)
    symbols = {"I": 150.0, "P": 40.0, "D": 15.0, "T": 25.0, "E": 17.5, "F": 32.5, "N": 4.615, "NPV": 100.956,
               "NPVR": 67.3, "IRR": 17.26}  # fmt: skip
    inputs = Inputs(cost_limits=CostLimits(10, 100), economics={option.id: symbols})
    table = worksheet("5-3", boards, inputs)
    row = [str(cells[0].value) for cells in table.rows].index(option.id)
    assert {key: table.cell(row, key).value for key in symbols} == symbols
    assert any("还没有经济评估" in str(text) for text in table.missing)
    result = worksheet("5-4", boards, inputs)
    assert "NPV 101" in str(result.cell(row, "economic").value)


# --- entries ---------------------------------------------------------------------------------------------------------


def test_entries_fill_empty_cells_and_add_rows_but_never_overwrite(plating: AuditResult) -> None:
    entries = {
        "1-1": ({"name": "组长", "team_role": "组长"},),
        "1-2": ({"stage": "1.筹划和组织", "finish": "2026-04-01", "content": "别的内容"},),
        "2-7": ({"name": "新产品", "unit": "件"},),
    }
    inputs = Inputs(entries=entries)
    team = worksheet("1-1", plating, inputs)
    assert [cell.value for cell in team.rows[0]] == ["组长", "组长", None, None, None, None]
    assert team.state == "partial"
    plan = worksheet("1-2", plating, inputs)
    assert len(plan.rows) == 9
    assert plan.cell(0, "finish").value == "2026-04-01"
    assert plan.cell(0, "finish").origin == "entered"
    assert str(plan.cell(0, "content").value).startswith("取得领导支持")
    assert [str(row[0].value) for row in worksheet("2-7", plating, inputs).rows][-1] == "新产品"


def test_completeness_of_phases(plating: AuditResult) -> None:
    status = phase_status(plating)
    assert [one.phase.number for one in status] == list(range(1, 8))
    assert status[6].share == 0
    assert not status[1].complete
    assert 0 < status[1].share < 1
    states = {sheet.id: sheet.state for one in status for sheet in one.sheets}
    assert states["2-5"] == "complete"
    assert states["1-1"] == "empty"
    # an optional sheet without rows does not count, one that is not needed neither
    assert "4-1" not in {sheet.id for sheet in status[3].counted}
    rows = {column.id: "x" for column in definition("7-1").columns}
    plan = {column.id: "x" for column in definition("7-2").columns}
    done = phase_status(plating, Inputs(entries={"7-1": (rows,), "7-2": (plan,)}))[6]
    assert done.complete
    left = phase_status(plating, Inputs(entries={"7-1": (rows,)}, not_needed={"7-2": "并入体系文件"}))[6]
    assert left.complete
    assert left.as_json()["worksheets"][1]["not_needed"] == "并入体系文件"  # type: ignore[index]


def test_inputs_from_a_case_folder(tmp_path: Path) -> None:
    (tmp_path / "audit.toml").write_text(
        '[case]\nlisted_on = 2026-03-10\ntriggers = ["T1", "T3"]\njurisdiction = "重庆"\nanchor = "report"\n'
        "[case.previous]\nreported_on = 2022-05-06\n[case.events]\nassessment-passed = 2026-12-01\n"
        '[[proofs]]\ndeadline = "D1"\non = 2026-04-01\ndocument = "网页"\n[cost]\nmedium_from = 10\nhigh_from = 100\n'
        '[focus]\nset = "textbook"\ncount = 2\n[focus.weights]\npotential = 6\n[focus.scores."镀锌线"]\npotential = 7\n'
        '[goals]\nnear = "II"\nnear_year = 2027\nfar_year = 2030\n[comparison]\nbefore = "2022"\nafter = "2024"\n'
        '[not_needed]\n"3-3" = "已有在线计量"\n[economics.R1]\nI = 10\n',
        encoding="utf-8",
    )
    folder = tmp_path / "worksheets"
    folder.mkdir()
    (folder / "1-1.csv").write_text("姓名,审核小组职务\n张某,组长\n,\n李某,成员\n", encoding="utf-8-sig")
    found = read_inputs(tmp_path)
    assert found.listed_on == dt.date(2026, 3, 10)
    assert found.triggers == ("T1", "T3")
    assert found.previous == PreviousAudit(reported_on=dt.date(2022, 5, 6))
    assert found.proofs == (Proof("D1", dt.date(2026, 4, 1), "网页"),)
    assert found.cost_limits == CostLimits(10, 100)
    assert (found.factor_set, found.focus_count, found.weights) == ("textbook", 2, {"potential": 6.0})
    assert (found.near, found.far, found.goal_years) == ("II", "I", (2027, 2030))
    assert found.entries["1-1"] == ({"name": "张某", "team_role": "组长"}, {"name": "李某", "team_role": "成员"})
    assert found.not_needed == {"3-3": "已有在线计量"}
    assert read_inputs(tmp_path / "nothing") == Inputs()


def test_every_problem_of_the_inputs_is_told(tmp_path: Path) -> None:
    (tmp_path / "audit.toml").write_text(
        '[case]\nlisted_on = "soon"\ntriggers = ["T9"]\n[focus]\ncolour = 1\n', encoding="utf-8"
    )
    folder = tmp_path / "worksheets"
    folder.mkdir()
    (folder / "1-1.csv").write_text("姓名,年龄\n张某,40\n", encoding="utf-8")
    (folder / "9-9.csv").write_text("x\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_inputs(tmp_path)
    assert sorted(problem.code for problem in caught.value.problems) == [
        "audit-file", "audit-file", "audit-file", "column-unknown", "worksheet-unknown",
    ]  # fmt: skip
    (tmp_path / "audit.toml").write_text('[cost]\nmedium_from = 100\nhigh_from = 10\n[not_needed]\n"9-9" = "x"\n')
    (folder / "1-1.csv").unlink()
    (folder / "9-9.csv").unlink()
    with pytest.raises(InputError) as caught:
        read_inputs(tmp_path)
    assert sorted(problem.code for problem in caught.value.problems) == ["cost-limits", "worksheet-unknown"]


# --- goals -----------------------------------------------------------------------------------------------------------


def test_goals_aim_at_the_next_level_and_the_far_one(plating: AuditResult) -> None:
    assert plating.score is not None
    goals = propose_goals(plating.score, years=(2026, 2028))
    assert (goals.near_level, goals.far_level) == ("III", "I")
    assert (goals.near_year, goals.far_year) == (2026, 2028)
    near = [goal for goal in goals.rows if goal.near is not None]
    assert [goal.row for goal in near] == ["water-reuse"]
    reuse = near[0]
    assert reuse.near is not None
    assert reuse.far is not None
    assert (reuse.near.value, reuse.far.value) == (30, 60)
    assert reuse.now is not None
    assert float(reuse.near.change or 0) == pytest.approx((30 - float(reuse.now)) / float(reuse.now))
    assert [goal.limiting for goal in goals.rows] == sorted((goal.limiting for goal in goals.rows), reverse=True)
    assert {goal.row for goal in goals.rows} == {
        row.id for row in plating.score.rows if row.met not in ("I", "n/a", "open", "no-data")
    }


def test_goals_of_listed_plants_name_what_they_must_contain(plating: AuditResult) -> None:
    assert plating.score is not None
    texts = [str(note) for note in propose_goals(plating.score, triggers=("T1", "T3")).notes]
    assert any("Ⅲ级" in text for text in texts)
    assert any("排放标准" in text for text in texts)
    assert any("替代或削减有毒有害" in text for text in texts)
    assert not any("能耗限额" in text for text in texts)
    with pytest.raises(ValueError, match="far level"):
        propose_goals(plating.score, near="I", far="III")
    with pytest.raises(ValueError, match="far year"):
        propose_goals(plating.score, years=(2028, 2026))


@pytest.mark.parametrize("near", LEVELS)
def test_reaching_the_goals_reaches_the_rows(plating: AuditResult, near: str) -> None:
    from qingyuan.standards.scoring import score

    assert plating.score is not None
    goals = propose_goals(plating.score, near=near)  # type: ignore[arg-type]
    changed = dict(plating.score.values)
    for goal in goals.rows:
        if goal.near is not None:
            changed[goal.row] = goal.near.value if goal.near.value is not None else goal.near.level
    again = score(plating.score.system, changed, plating.score.parameters, plating.score.table.id)
    for goal in goals.rows:
        assert again.row(goal.row).membership[goals.near_level] is True


# --- aspects and costs -----------------------------------------------------------------------------------------------


def test_the_eight_aspects() -> None:
    assert [aspect.name.zh for aspect in aspects()] == [
        "原辅材料和能源", "技术工艺", "设备", "过程控制", "产品", "废弃物", "管理", "员工",
    ]  # fmt: skip
    assert all(aspect.causes and aspect.directions for aspect in aspects())
    assert aspect_of("过程优化控制").id == "control"
    assert aspect_of(" Management ").id == "management"
    with pytest.raises(UnknownName):
        aspect_of("天气")


def test_options_by_aspect(boards: AuditResult) -> None:
    found = {aspect.id if aspect is not None else "": len(rows) for aspect, rows in by_aspect(boards.case.options)}
    assert sum(found.values()) == 44
    assert "" not in found
    assert by_aspect((OptionRow("1", "x", aspect="天气"),))[0][0] is None


@pytest.mark.parametrize(
    ("investment", "expected"),
    [(None, None), (0.0, "none"), (0.1, "low"), (9.99, "low"), (10.0, "medium"), (99.9, "medium"), (100.0, "high")],
)
def test_cost_classes_are_the_audits_own(investment: float | None, expected: str | None) -> None:
    limits = CostLimits(10, 100)
    assert limits.class_of(investment) == expected
    assert cost_class(OptionRow("1", "x", investment=investment), limits) == expected
    assert cost_class(OptionRow("1", "x", investment=investment), None) is None
    assert cost_class(OptionRow("1", "x", kind="中费", investment=investment), None) == "medium"
    assert "国家没有统一界限" in str(limits.text)


def test_cost_limits_that_cannot_be() -> None:
    for pair in ((0, 10), (10, 10), (10, 5)):
        with pytest.raises(InputError):
            CostLimits(*pair)
    for between in (10, 100, 5, 200):
        with pytest.raises(InputError):
            CostLimits(10, 100, between)


def test_the_class_between_medium_and_high() -> None:
    limits = CostLimits(10, 100, 50)
    found = [limits.class_of(value) for value in (0, 9, 10, 49, 50, 99, 100)]
    assert found == ["none", "low", "medium", "medium", "higher", "higher", "high"]
    assert "较高费：50 万元及以上、100 万元以下" in str(limits.text)
    for kind in ("较高费", "higher", "较高费方案"):
        assert cost_class(OptionRow("1", "x", kind=kind), None) == "higher"


def test_no_or_low_cost_is_a_class() -> None:
    assert [cost_class(OptionRow("1", "x", kind="none-low", investment=i), None) for i in (None, 0.0, 3.0)] == [
        "low",
        "none",
        "low",
    ]
    assert cost_class(OptionRow("1", "x", kind="unknown"), None) is None


@pytest.mark.parametrize("investment", [-5.0, float("inf"), float("nan")])
def test_an_investment_that_cannot_be_is_a_problem_with_its_place(boards: AuditResult, investment: float) -> None:
    rows = list(boards.case.options)
    rows[1] = replace(rows[1], investment=investment)
    rows[3] = replace(rows[3], investment=investment)
    case = replace(boards.case, options=tuple(rows))
    for inputs in (boards.inputs, Inputs()):
        with pytest.raises(InputError) as caught:
            audit_case(case, inputs=inputs)
        assert [(one.code, one.where) for one in caught.value.problems] == [
            ("option-investment", rows[1].where),
            ("option-investment", rows[3].where),
        ]
    with pytest.raises(InputError) as caught:
        cost_class(rows[1], CostLimits(10, 100))
    assert caught.value.problems[0].where == rows[1].where
    with pytest.raises(InputError):
        CostLimits(10, 100).class_of(investment)


# --- before and after ------------------------------------------------------------------------------------------------


def test_before_and_after_are_computed_on_one_edition(plating: AuditResult) -> None:
    found = compare_periods(plating.case, "2022", "2024")
    assert found.edition_day == dt.date(2024, 12, 31)
    assert "2024-12-31" in str(found.note)
    rows = {(row.id, row.product): row for row in found.rows}
    power = rows["electricity", ""]
    assert power.before is not None
    assert power.after is not None
    assert (power.before.value, power.after.value, power.difference) == (1_279_200, 1_367_800, 88_600)
    assert power.relative == pytest.approx(88_600 / 1_279_200)
    assert power.better is False
    intensity = rows["electricity-per-product", ""]
    assert intensity.better is True
    assert all(row.before.method == row.after.method for row in found.rows if row.before and row.after)
    # the factor of electricity is that of one edition, so carbon moves with the amount only
    carbon = rows["carbon-total", ""]
    assert carbon.before is not None
    assert not any("系数" in str(note) for note in carbon.notes)


def test_a_change_of_nothing_is_neither_better_nor_worse(plating: AuditResult) -> None:
    found = compare_periods(plating.case, "2023", "2023")
    assert {row.difference for row in found.rows} == {0.0}
    assert {row.better for row in found.rows} == {None}
    assert not any(row.significant for row in found.rows)


def test_two_cases_of_one_plant(plating: AuditResult) -> None:
    def halved(case_facts: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(
            replace(one, value=one.value / 2) if one.item == "fresh-water" and one.value else one  # type: ignore[attr-defined,type-var]
            for one in case_facts
        )

    after = replace(plating.case, facts=halved(plating.case.facts))  # type: ignore[arg-type]
    found = compare_cases(plating.case, after, "2024", "2024")
    water = next(row for row in found.rows if row.id == "fresh-water")
    assert water.relative == pytest.approx(-0.5)
    assert water.better is True


def test_the_sheets_before_and_after(plating: AuditResult) -> None:
    inputs = Inputs(before="2022", after="2024")
    per_product = worksheet("6-7", plating, inputs)
    totals = worksheet("6-8", plating, inputs)
    comparison = compare_periods(plating.case, "2022", "2024")
    assert len(per_product.rows) + len(totals.rows) == len(comparison.rows)
    assert totals.cell([str(row[0].value) for row in totals.rows].index("用电量"), "difference").value == 88_600
    assert worksheet("6-7", plating).rows == ()


def test_figures_that_only_one_side_has_are_shown_with_the_gap(boards: AuditResult) -> None:
    found = compare_periods(boards.case, "2020", "2022")
    power = next(row for row in found.rows if row.id == "electricity")
    assert power.before is None
    assert power.better is None
    assert any("缺少审核前" in str(note) for note in power.notes)


def test_shipped_data_of_the_audit_are_read() -> None:
    names = {path.name for path in (DATA / "audit").iterdir()}
    assert names == {"aspects.toml", "comparison.toml", "focus.toml", "phases.toml", "review.toml"}

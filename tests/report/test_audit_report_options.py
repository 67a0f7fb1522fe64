"""Chapters 4-7 of the audit report and the charts of option economics: numbers, marks, what is missing, both files."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from html import unescape
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_samples import HOSTILE, pdf_text, squeezed
from test_charts import SVG, check, labels

from qingyuan.audit.dates import day_of
from qingyuan.audit.focus import factor_set
from qingyuan.audit.goals import CostLimits
from qingyuan.audit.inputs import Inputs
from qingyuan.audit.option_economics import assess_options
from qingyuan.audit.pipeline import audit_case, run
from qingyuan.audit.result import AuditResult
from qingyuan.audit.worksheets import Cell, worksheet
from qingyuan.demo import SHIPPED_CASES
from qingyuan.errors import Location
from qingyuan.facts.cases import read_case
from qingyuan.facts.model import Case, OptionRow
from qingyuan.language import language
from qingyuan.report import economics_charts as charts
from qingyuan.report.audit_report import audit_report
from qingyuan.report.chapters import continuing, feasibility, implementation, options_generated, sheets
from qingyuan.report.chapters.common import GRADE_NAMES
from qingyuan.report.charts import ACCENT, PRIMARY, Chart
from qingyuan.report.docx import docx_bytes
from qingyuan.report.economics_charts import (
    BeforeAfter,
    CountRow,
    MarginalStep,
    PaybackBar,
    Task,
    TornadoBar,
    ValueBar,
)
from qingyuan.report.fonts import ensure_fonts
from qingyuan.report.numbers import Number, unit_text
from qingyuan.report.pdf import pdf_bytes
from qingyuan.report.resolve import plain_text, resolve
from qingyuan.report.tree import (
    Block,
    Callout,
    Document,
    GroupRow,
    Heading,
    LandscapeSection,
    Missing,
    Paragraph,
    Row,
    Table,
)
from qingyuan.report.tree import Figure as Picture

CHAPTERS: tuple[ModuleType, ...] = (options_generated, feasibility, implementation, continuing)
DAY = dt.date(2025, 6, 1)


def option(row: int, id: str, name: str, aspect: str, money: tuple[float | None, float | None], effects: str = "",
           status: str = "拟实施", note: str = "") -> OptionRow:  # fmt: skip
    return OptionRow(
        id, name, aspect, investment=money[0], annual_saving=money[1], effects=effects, status=status, note=note,
        where=Location("options.csv", row=row),
    )  # fmt: skip


OPTIONS = (
    option(2, "L1", "修补漏水阀门", "管理", (0.3, 1.2), "新鲜水 -300 m3", "已实施"),
    option(3, "L2", "空压机余热利用", "设备", (4.0, 2.1), "电 -12000 kWh", "已实施"),
    option(4, "L3", "员工节水培训", "员工", (0.0, 0.4), "新鲜水 -80 m3", "未实施"),
    option(5, "H1", "多级逆流清洗", "技术工艺", (46.0, 18.5), "废水 -900 m3", "已实施", "三级逆流"),
    option(6, "H2", "镀液在线过滤与回收", "原辅材料和能源", (28.0, 7.4), "镍 -20 kg"),
    option(7, "H3", "高频整流器替换可控硅整流器", "设备", (88.0, 9.0), "电 -60000 kWh"),
    option(8, "H4", "中水回用系统", "废弃物", (150.0, 46.0), "新鲜水 -2000 m3", "已实施"),
    option(9, "H5", "自动加药", "过程控制", (None, 6.0), "药剂利用率 +15 %"),
    option(10, "H6", "新镀种产品", "产品", (62.0, 30.0)),
)
ENTRIES = {
    "4-1": ({"name": "甲", "department": "电镀车间", "content": "加装流量计"},),
    "5-4": (
        {"id": "H1", "technical": "成熟，同行业已应用", "recommended": "是"},
        {"id": "H6", "technical": "市场不明", "recommended": "不推荐"},
    ),
    "6-1": (
        {"id": "H1", "start": "2023-03-01", "finish": "2023-08", "department": "设备部", "budget": "46"},
        {"id": "H2", "start": "2024年2月", "finish": "2024-11-30", "department": "生产部"},
    ),
    "6-5": ({"id": "H1", "planned_investment": "44", "planned_saving": "20"},),
    "7-1": ({"unit": "清洁生产办公室", "head": "总经理", "duty": "持续推进"},),
}


@lru_cache(maxsize=1)
def plant() -> Case:
    return replace(read_case(SHIPPED_CASES / "electroplating-demo"), options=OPTIONS)


@lru_cache(maxsize=1)
def full() -> AuditResult:
    """A plant with options of every class, some done, two periods, and what an audit team wrote down."""
    factors = [factor.id for factor in factor_set("options").factors]
    years = plant().years()
    inputs = Inputs(
        triggers=("T3",), cost_limits=CostLimits(5, 50), before=years[0], after=years[-1], near="II", far="I",
        goal_years=(2026, 2028), entries=ENTRIES,
        option_scores={
            id: dict.fromkeys(factors, score) for id, score in (("H1", 6), ("H2", 9), ("H3", 3), ("H4", 9))
        },
        economic_terms={"discount_rate": 0.05, "life_years": 10, "income_tax_rate": 0.15},
        economics={"H4": {"F": 32.5}},
    )  # fmt: skip
    return audit_case(plant(), inputs=inputs, today=DAY)


@lru_cache(maxsize=1)
def bare() -> AuditResult:
    """The same plant without options and without anything that an audit records."""
    profile = replace(plant().profile, details={})
    return audit_case(replace(plant(), options=(), profile=profile), inputs=Inputs(), today=DAY)


@lru_cache(maxsize=1)
def pcb() -> AuditResult:
    return run(SHIPPED_CASES / "pcb-plant-a", today=DAY)


@lru_cache(maxsize=8)
def chapter(name: str, made: Callable[[], AuditResult]) -> Document:
    """One chapter in Chinese, with texts and numbers plain; those that it points to stand before it."""
    with language("zh"):
        result = made()
        blocks: list[Block] = [Heading(1, "疑点")]
        for module in CHAPTERS:
            found = module.blocks(result)
            if module.__name__.endswith(name):
                blocks += found
        if name != "options_generated":  # marks of doubt point to the table there
            every = options_generated.blocks(result)
            blocks += [one for one in every if isinstance(one, Table) and one.label == "table-option-doubts"]
        return resolve(Document("t", "zh", DAY, tuple(blocks)))


def parts(document: Document) -> Iterator[Block]:
    for block in document.blocks:
        yield from block.blocks if isinstance(block, LandscapeSection) else (block,)


def table(document: Document, label: str) -> Table:
    return next(block for block in parts(document) if isinstance(block, Table) and block.label == label)


def cells(found: Table) -> list[list[str]]:
    return [[plain_text(cell) for cell in row.cells] for row in found.rows if isinstance(row, Row)]


def says(document: Document) -> str:
    texts: list[str] = []
    for block in parts(document):
        if isinstance(block, Paragraph):
            texts.append(plain_text(block.content))
        elif isinstance(block, Callout):
            texts.append(plain_text(block.text))
        elif isinstance(block, Missing):
            texts += [str(block.what), *map(str, block.needs)]
        elif isinstance(block, Table):
            texts += [plain_text(note) for note in block.notes]
    return "\n".join(texts)


def test_the_class_between_medium_and_high_is_the_same_everywhere() -> None:
    result = audit_case(plant(), inputs=Inputs(cost_limits=CostLimits(5, 100, 60)), today=DAY)
    wanted = ["H3", "H6"]
    assert [id for id, one in result.economics.items() if one.cost_class == "higher"] == wanted
    assert [one.id for one in options_generated.of_classes(result, ("higher",))] == wanted
    kinds = {str(row[0].value): str(row[2].value) for row in worksheet("5-4", result).rows}
    assert [id for id, kind in kinds.items() if kind == "较高费"] == wanted
    plain = audit_case(plant(), inputs=Inputs(cost_limits=CostLimits(5, 100)), today=DAY)
    for one, there in ((result, True), (plain, False)):
        found = resolve(Document("t", "zh", DAY, (Heading(1, "疑点"), *options_generated.blocks(one))))
        heads = [str(column.header) for column in table(found, "table-option-counts").columns]
        assert ("较高费" in heads) is there


# --- charts ----------------------------------------------------------------------------------------------------------

LONG = "一个名字很长很长很长很长很长很长很长很长很长很长很长很长的方案"
ENGLISH = "Vertical continuous electroplating line for copper with reuse of rinsing water and heat recovery"
NAMES = ("变频", LONG, ENGLISH, "", *HOSTILE)


def every_chart(count: int) -> dict[str, Chart]:
    names = [f"{at} {NAMES[at % len(NAMES)]}" for at in range(count)]
    day = dt.date(2024, 1, 31)
    return {
        "counts": charts.option_counts("方案数", ("无费", "低费", "中费", "高费", "未分类"), [
            CountRow(name, (at, 0, 3, at % 2, 1)) for at, name in enumerate(names[:9])
        ]),
        "payback": charts.payback("偿还期", [
            PaybackBar(name, math.inf if at % 7 == 3 else 0.4 * at, (3, 10, None)[at % 3], (2, None, None)[at % 3])
            for at, name in enumerate(names)
        ]),
        "npv": charts.net_present_values("净现值", [
            ValueBar(name, 150.0 - 11 * at, 20.0 + at, None if at % 5 == 0 else 0.3) for at, name in enumerate(names)
        ]),
        "all losing": charts.net_present_values("净现值", [ValueBar(name, -1234.5, 20.0) for name in names]),
        "marginal": charts.marginal("累计", [MarginalStep(n, 10.0 + 9 * at, 30.0 - 0.6 * at) for at, n in enumerate(names)]),
        "tornado": charts.tornado("敏感性", "10^4 CNY", 32.2, [
            TornadoBar(name, 30.0 - at, 40.0 + 2 * at) for at, name in enumerate(names)
        ]),
        "crossing zero": charts.tornado("敏感性", "10^4 CNY", -5.0, [TornadoBar("P", 40.0, -60.0)]),
        "before": charts.before_after("前后", [
            BeforeAfter(name, 10.0, 0.5 + 7.0 * (at % 5), "kgce/m2", (True, False, None)[at % 3]) for at, name in enumerate(names)
        ]),
        "as planned": charts.as_planned("预计", [BeforeAfter(n, 10.0, 4.0 + at, "10^4 CNY/a", at > 5) for at, n in enumerate(names)]),
        "schedule": charts.schedule("进度", [
            Task(name, day + dt.timedelta(days=37 * at), day + dt.timedelta(days=50 * at), at % 2 == 0)
            for at, name in enumerate(names)
        ]),
    }  # fmt: skip


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("count", [0, 1, 5, 44])
def test_charts_stay_within_their_sheet_and_nothing_overlaps(count: int, code: str) -> None:
    with language(code):  # type: ignore[arg-type]
        for name, chart in every_chart(count).items():
            try:
                check(chart)
            except AssertionError as error:
                raise AssertionError(name) from error
            assert chart.alt


def test_a_chart_of_many_options_says_how_many_are_left_out() -> None:
    found = every_chart(44)
    for name, drawn in (("payback", 15), ("npv", 15), ("tornado", 10), ("before", 10), ("schedule", 18)):
        left = f"另有 {44 - drawn} "
        assert any(box.text.startswith(left) for box in labels(found[name])), name
    assert any(box.text == "其余 32 个在曲线末段" for box in labels(found["marginal"]))


def bars(chart: Chart, *colours: str) -> list[tuple[float, float]]:
    """x and width of the rectangles of some colours, from the top."""
    found = [
        (float(one.attrib["y"]), float(one.attrib["x"]), float(one.attrib["width"]))
        for one in ET.fromstring(chart.svg).iter(f"{SVG}rect")
        if one.attrib["fill"] in colours and float(one.attrib["y"]) > 55
    ]
    return [(x, width) for _, x, width in sorted(found)]


@given(st.lists(st.floats(-500, 500).filter(lambda value: abs(value) > 1), min_size=2, max_size=15))
@settings(deadline=None, max_examples=40)
def test_bars_of_present_value_are_as_long_as_the_values_and_ordered(values: list[float]) -> None:
    chart = charts.net_present_values("净现值", [ValueBar(f"n{at}", value, 10.0) for at, value in enumerate(values)])
    widths = [width for _, width in bars(chart, PRIMARY, ACCENT)]
    ordered = sorted(values, reverse=True)
    scale = max(widths) / max(map(abs, ordered))
    assert widths == pytest.approx([abs(value) * scale for value in ordered], abs=0.05)


@given(st.floats(0.1, 9.0), st.floats(0.5, 9.0))
@settings(deadline=None, max_examples=40)
def test_a_payback_bar_has_the_colour_of_its_side_of_the_limit(years: float, limit: float) -> None:
    chart = charts.payback("偿还期", [PaybackBar("n", years, limit)])
    beyond = bars(chart, ACCENT)
    assert bool(beyond) is (years >= limit)


def test_a_payback_within_the_band_of_its_limit_is_neither_good_nor_bad() -> None:
    chart = charts.payback("偿还期", [PaybackBar("n", 2.5, 3, 2)])
    assert not bars(chart, ACCENT)
    assert bars(chart, charts.AMBER)
    assert "2～3" in chart.alt


def test_the_marginal_view_starts_with_what_pays_back_first_and_adds_everything_up() -> None:
    chart = charts.marginal("累计", [MarginalStep("慢", 100.0, 10.0), MarginalStep("快", 10.0, 10.0)])
    assert "合计投资 110\N{NO-BREAK SPACE}万元，年效益 20\N{NO-BREAK SPACE}万元" in chart.alt
    assert chart.alt.index("① 快") < chart.alt.index("② 慢")


def test_counts_must_fit_the_classes() -> None:
    with pytest.raises(ValueError, match="counts"):
        charts.option_counts("x", ("无费",), [CountRow("管理", (1, 2))])


# --- chapter 4 -------------------------------------------------------------------------------------------------------


def test_options_are_counted_by_aspect_and_class() -> None:
    document = chapter("options_generated", full)
    counted = cells(table(document, "table-option-counts"))
    assert counted[0][0] == "原辅材料和能源"
    assert counted[-1] == ["合计", "1", "2", "2", "3", "1", "9", "100.0%"]
    for column in range(1, 7):
        numbers = [0 if row[column] in ("—", "") else int(row[column]) for row in counted]
        assert sum(numbers[:-1]) == numbers[-1]
    assert "国家没有统一界限" in says(document)
    assert "员工提出合理化建议 1 条" in says(document)


def test_sums_by_class_are_those_of_the_options() -> None:
    found = {row[0]: row[1:] for row in cells(table(chapter("options_generated", full), "table-option-classes"))}
    assert found["中费"] == ["2", "74", "—", "25.9", "—"]
    assert found["高费"] == ["3", "300", "—", "85", "—"]
    assert found["未分类"] == ["1", "—", "1", "6", "—"]


def test_the_ranking_of_options_has_the_greatest_total_first() -> None:
    rows = cells(table(chapter("options_generated", full), "sheet-4-3"))
    totals = [float(row[-2]) for row in rows]
    assert totals == sorted(totals, reverse=True)
    assert [row[0] for row in rows] == ["H2", "H4", "H1", "H3"]
    assert [row[-1] for row in rows] == ["1", "1", "3", "4"]
    weights = sum(float(factor.weight) for factor in factor_set("options").factors)
    assert totals[0] == pytest.approx(9 * weights)


def test_options_without_class_and_aspects_without_options_are_said() -> None:
    text = says(chapter("options_generated", pcb))
    assert "不能归类" in text
    rows = cells(table(chapter("options_generated", pcb), "table-empty-aspects"))
    assert {"产品", "员工"} <= {row[0] for row in rows}


def test_doubts_of_the_data_checks_stand_beside_the_options() -> None:
    result = pcb()
    numbers = options_generated.doubt_numbers(result)
    weighty = options_generated.weighty_doubts(result)
    assert weighty
    assert numbers
    document = chapter("options_generated", pcb)
    listed = cells(table(document, "table-option-doubts"))
    assert len(listed) == len(weighty)
    with language("zh"):
        assert [row[2] for row in listed] == [str(finding.message) for finding, _ in weighty]
    marked = {row[1]: row[2] for row in cells(table(document, "sheet-4-2"))}
    for one in result.case.options:
        own = numbers.get(one.id, ())
        mark = f" 疑{','.join(map(str, own))}" if own else ""
        assert marked[one.id] == one.name + mark
        for number in own:
            finding, options = weighty[number - 1]
            assert one in options
            assert any((row.file, row.row) == (one.where.file, one.where.row) for row in finding.rows)


def test_no_low_cost_effects_are_told_apart_from_what_is_not_done() -> None:
    document = chapter("options_generated", full)
    assert [row[0] for row in cells(table(document, "sheet-4-6"))] == ["L1", "L2"]
    assert "尚未实施：L3 员工节水培训。" in says(document)


# --- chapter 5 -------------------------------------------------------------------------------------------------------


def test_the_published_example_stands_in_the_report() -> None:
    """I = 150, F = 32.5, n = 10, i = 5 %: N 4.615, NPV 100.956, IRR 17.2627 % between 17 and 18 %, exactly 17.2570 %."""
    document = chapter("feasibility", full)
    row = next(row for row in cells(table(document, "table-irr")) if row[0] == "H4")
    assert row[2:] == ["17", "1.4046", "18", "−3.9422", "17.26", "17.26"]
    judged = next(row for row in cells(table(document, "table-criteria")) if row[0] == "H4")
    assert judged[2:6] == ["4.62", "＜ 10 年", "100.96", "17.26"]
    found = full().economics["H4"]
    assert (found.irr, found.irr_interpolated) == pytest.approx((0.172570, 0.172627), abs=5e-7)


def test_ranking_by_value_and_by_ratio_are_both_given() -> None:
    rows = cells(table(chapter("feasibility", full), "table-economic-ranking"))
    known = [one for one in full().economics.values() if one.id.startswith("H") and one.npv is not None]
    by_value = sorted(known, key=lambda one: -(one.npv or 0))
    by_ratio = sorted(known, key=lambda one: -(one.npvr or 0))
    assert [row[2] for row in rows] == [one.id for one in by_value]
    assert [one.id for one in by_ratio] == [row[2] for row in sorted(rows, key=lambda row: int(row[1]))]


@lru_cache(maxsize=1)
def rivals() -> AuditResult:
    """The published ranking case: i = 12 %, n = 10, I 31.67 with F 11.30 against I 73.82 with F 21.50."""
    options = (option(2, "A", "方案甲", "设备", (31.67, None)), option(3, "B", "方案乙", "设备", (73.82, None)))
    inputs = Inputs(
        cost_limits=CostLimits(5, 50),
        economic_terms={"discount_rate": 0.12, "life_years": 10},
        economics={"A": {"F": 11.30}, "B": {"F": 21.50}},
    )
    return audit_case(replace(plant(), options=options), inputs=inputs, today=DAY)


def test_rivals_that_value_and_ratio_rank_differently() -> None:
    document = chapter("feasibility", rivals)
    rows = cells(table(document, "table-economic-ranking"))
    assert [[row[2], row[5], row[6]] for row in rows] == [["B", "47.66", "64.6"], ["A", "32.18", "101.6"]]
    assert [row[:2] for row in rows] == [["1", "2"], ["2", "1"]]
    assert "两种排序不同：净现值最大的是 B 方案乙，每元投资净得最多的是 A 方案甲。" in says(document)


def test_terms_are_listed_with_source_and_grade_and_assumptions_stand_out() -> None:
    stated = cells(table(chapter("feasibility", full), "table-economic-terms"))
    assert stated[0][1:3] == ["5%", "用户录入"]
    assert "没有人写明" not in says(chapter("feasibility", full))
    document = chapter("feasibility", pcb)
    assumed = cells(table(document, "table-economic-terms"))
    assert assumed[0][2] == "假定，须确认"
    assert "须由审核小组确认" in says(document)
    with language("zh"):
        words = {str(name) for name in GRADE_NAMES.values()} | {"假定，须确认"}
    assert all(row[2] in words and row[3] for row in assumed)


def test_every_option_stands_where_its_numbers_and_the_team_put_it() -> None:
    with language("zh"):
        found = {one.option.id: one for one in feasibility.recommendations(full())}
        standing = {id: one.standing for id, one in found.items()}
        assert set(found) == {"H1", "H2", "H3", "H4", "H5", "H6"}
        assert standing["H1"] == "recommended"
        assert standing["H6"] == "rejected"
        assert "审核小组的结论：不推荐" in str(found["H6"].why)
        assert standing["H4"] == "proposed"
        assert standing["H3"] == "rejected"
        assert "不符合" in str(found["H3"].why)
        assert standing["H5"] == "open"
        assert "总投资费用 I" in str(found["H5"].why)


def test_an_option_that_the_data_checks_doubt_is_not_proposed() -> None:
    result = pcb()
    rich = replace(
        result,
        inputs=replace(
            result.inputs,
            cost_limits=CostLimits(5, 50),
            economics={"1": {"P": 80.0}},
            economic_terms={"discount_rate": 0.08, "life_years": 10},
        ),
    )
    rich = replace(rich, economics=assess_options(rich.case, rich.inputs, rich.settings, DAY)[0])
    found = {one.option.id: one for one in feasibility.recommendations(rich)}
    assert rich.economics["1"].verdict == "feasible"
    assert found["1"].standing == "doubtful"


def test_what_an_option_without_investment_may_cost() -> None:
    rows = cells(table(chapter("feasibility", full), "table-bearable"))
    assert [row[0] for row in rows] == ["H5"]
    bearable = full().economics["H5"].affordable
    assert bearable is not None
    assert float(rows[0][3]) == pytest.approx(bearable, abs=0.05)


def test_critical_values_bring_the_present_value_to_zero() -> None:
    rows = {row[0]: row for row in cells(table(chapter("feasibility", full), "table-switching"))}
    first = full().economics["H1"]
    assert first.irr is not None
    assert float(rows["H1"][6]) == pytest.approx(100 * first.irr, abs=0.06)
    saving = float(rows["H1"][3].replace("−", "-"))
    assert saving < 0
    rate, years, tax = 0.05, 10, 0.15
    factor = (1 - (1 + rate) ** -years) / rate
    at_zero = (46 / factor - tax * 46 / years) / (1 - tax)  # P where F = I / factor
    assert saving == pytest.approx(100 * (at_zero / 18.5 - 1), abs=0.06)


def test_assessments_that_people_have_to_make_are_asked_for() -> None:
    text = says(chapter("feasibility", full))
    assert "工作表 5-4" in text
    assert "市场评估：H6 新镀种产品" in text
    assert "技术评估：H2" in text
    assert "环境效果：H6 新镀种产品" in text


# --- chapter 6 -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2025-03-01", "2025-03-01", "2025-03-01"), ("2025-03", "2025-03-01", "2025-03-31"),
        ("2024.2", "2024-02-01", "2024-02-29"), ("2025年12月", "2025-12-01", "2025-12-31"),
        ("2025年3月8日", "2025-03-08", "2025-03-08"), ("2025/3/8", "2025-03-08", "2025-03-08"),
        ("2025", "2025-01-01", "2025-12-31"), ("2025年", "2025-01-01", "2025-12-31"),
        ("2025-13", "", ""), ("三月", "", ""), ("", "", ""), ("2025-02-30", "", ""), ("20250301", "", ""),
    ],
)  # fmt: skip
def test_dates_are_read_as_people_write_them(text: str, first: str, last: str) -> None:
    start, end = day_of(text), day_of(text, end=True)
    assert (str(start or ""), str(end or "")) == (first, last)


def test_the_schedule_shows_what_has_dates() -> None:
    document = chapter("implementation", full)
    picture = next(one for one in parts(document) if isinstance(one, Picture) and one.label == "figure-schedule")
    assert "H1 多级逆流清洗：2023-03-01 – 2023-08-31（已完成）" in str(picture.alt)
    assert "H2 镀液在线过滤与回收：2024-02-01 – 2024-11-30" in str(picture.alt)
    assert "H4" not in str(picture.alt)


def test_results_of_options_done_and_what_is_not_done() -> None:
    document = chapter("implementation", full)
    assert [row[0] for row in cells(table(document, "sheet-6-2"))] == ["L1", "L2"]
    assert [row[0] for row in cells(table(document, "sheet-6-4"))] == ["H1", "H4"]
    assert "共 9 个方案，已实施 4 个，占 44.4%。" in says(document)
    assert "还有 3 个没有标明已实施：H2" in says(document)


def test_what_was_reached_stands_against_what_was_expected() -> None:
    document = chapter("implementation", full)
    picture = next(one for one in parts(document) if isinstance(one, Picture) and one.label == "figure-as-planned")
    filled = worksheet("6-5", full(), full().inputs)
    row = next(at for at in range(len(filled.rows)) if filled.cell(at, "id").value == "H1")
    planned, reached = (float(str(filled.cell(row, key).value)) for key in ("planned_saving", "saving"))
    assert (planned, reached) == (20, 18.5)
    assert "H1 多级逆流清洗：20 → 18.5 万元/a（−7.5%）" in str(picture.alt)
    assert "H4" not in str(picture.alt)
    assert "不能判断是否按预计实现：H4 中水回用系统" in says(document)
    assert "预计投资合计 44\N{NO-BREAK SPACE}万元，实际 46\N{NO-BREAK SPACE}万元" in says(document)


def test_the_level_is_graded_again_as_an_audit_of_that_year_would() -> None:
    result = full()
    years = plant().years()
    before = implementation.period_score(result, years[0]).score
    alone = audit_case(plant(), inputs=result.inputs, period=years[0], today=DAY).score
    assert before is not None
    assert alone is not None
    assert before.indices == alone.indices
    assert before.level == alone.level
    assert implementation.period_score(result, result.period).score is result.score
    rows = {row[0]: row[1:] for row in cells(table(chapter("implementation", full), "table-level-again"))}
    assert result.score is not None
    with language("zh"):
        assert rows["清洁生产水平"] == [str(before.level_name), str(result.score.level_name)]


def test_before_and_after_are_those_of_the_comparison() -> None:
    document = chapter("implementation", full)
    comparison = sheets.context_of(full()).comparison
    assert comparison is not None
    change = next(row for row in comparison.rows if row.id == "fresh-water-per-product" and not row.product)
    assert change.relative is not None
    picture = next(one for one in parts(document) if isinstance(one, Picture) and one.label == "figure-before-after")
    found = re.search(r"单位产品新鲜水耗：[^；]*（([+−][\d.]+)%）", str(picture.alt))
    assert found, picture.alt
    assert float(found[1].replace("−", "-")) == pytest.approx(100 * change.relative, abs=0.06)


# --- chapter 7 -------------------------------------------------------------------------------------------------------


def test_what_is_left_to_do_is_taken_from_the_audit() -> None:
    document = chapter("continuing", full)
    rows = {row[0]: row[1] for row in cells(table(document, "table-next"))}
    assert rows["尚未实施的无/低费方案"] == "L3 员工节水培训"
    assert rows["方案：尚不能判定"] == "H5 自动加药"
    assert not any("H1" in text for text in rows.values())  # recommended and done
    text = says(document)
    assert "不得超过五年" in text
    assert "工作表 7-2" in text
    assert "不表示企业已经做到" in text


# --- without data, and both writers ----------------------------------------------------------------------------------


def test_without_options_every_chapter_says_what_is_missing_and_where_it_goes() -> None:
    for name, places in (
        ("options_generated", ("“方案”表", "工作表 4-1")),
        ("feasibility", ("方案的投资和年经济效益",)),
        ("implementation", ("工作表 6-1", "“审核设置”")),
        ("continuing", ("工作表 7-1", "工作表 7-2", "企业概况")),
    ):
        document = chapter(name, bare)
        assert any(isinstance(block, Missing) for block in parts(document)), name
        for place in places:
            assert place in says(document), (name, place)
        assert not any(isinstance(block, Picture) for block in parts(document)), name


@pytest.mark.parametrize("id", ["4-2", "4-4", "4-6", "5-1", "5-2", "5-3", "6-2", "6-6", "6-7", "6-8", "6-9", "7-1"])
def test_tables_of_the_report_are_the_worksheets_cell_by_cell(id: str) -> None:
    name = {"4": "options_generated", "5": "feasibility", "6": "implementation", "7": "continuing"}[id[0]]
    result = full()
    filled = worksheet(id, result, result.inputs)
    shown = table(chapter(name, full), f"sheet-{id}")
    with language("zh"):
        empty = [not any(row[at].filled for row in filled.rows) for at in range(len(filled.columns))]
        kept = [at for at, column in enumerate(filled.columns) if not (column.optional and empty[at])]
        heads = [squeezed(str(filled.columns[at].name)) for at in kept]
        assert [squeezed(str(column.header)) for column in shown.columns] == heads
        expected = [[said(row[at], filled.columns[at].key) for at in kept] for row in filled.rows]
    assert [[re.sub(r" 疑[\d,]+$", "", cell) for cell in row] for row in cells(shown)] == expected


def said(cell: Cell, key: str) -> str:
    value = cell.value
    if value is None or value == "":
        return "—"
    if isinstance(value, float):
        # what the program computed has four figures, what was entered has its own
        return str(Number(value) if cell.origin in ("figure", "computed") else sheets.cell_number(value))
    if key == "unit":
        return unit_text(str(value)) or "—"
    return str(value)


@pytest.mark.parametrize("code", ["zh", "en"])
def test_both_files_hold_the_same_tables_and_figures(code: str) -> None:
    with language(code):  # type: ignore[arg-type]
        blocks = [part for module in CHAPTERS for part in (Heading(1, module.__name__), *module.blocks(full()))]
    document = Document("t", code, DAY, tuple(blocks))  # type: ignore[arg-type]
    pdf = squeezed("".join(pdf_text(pdf_bytes(document))))
    with zipfile.ZipFile(io.BytesIO(docx_bytes(document, ensure_fonts()))) as package:
        xml = package.read("word/document.xml").decode()
    text = squeezed(unescape(re.sub(r"<[^>]*>", "", xml)))
    for number in ("100.96", "17.26", "−3.9422", "1.4046"):
        assert number in pdf
        assert number in text
    for one in OPTIONS:
        assert squeezed(one.name) in pdf
        assert squeezed(one.name) in text


def test_the_assessment_version_ends_with_the_feasibility_study() -> None:
    headings = _chapters(resolve(audit_report(full(), "zh", "assessment")).blocks)
    assert "可行性分析" in headings
    assert "方案实施" not in headings
    assert "方案实施" in _chapters(resolve(audit_report(full(), "zh", "acceptance")).blocks)


def _chapters(blocks: Sequence[Block]) -> list[str]:
    return [str(block.text) for block in blocks if isinstance(block, Heading) and block.level == 1]


def test_group_rows_of_recommendations_count_their_options() -> None:
    found = table(chapter("feasibility", pcb), "table-recommended")
    counted = 0
    for row in found.rows:
        if isinstance(row, GroupRow):
            counted += int(re.search(r"(\d+) 个$", plain_text(row.text))[1])  # type: ignore[index]
    assert counted == len(pcb().case.options)

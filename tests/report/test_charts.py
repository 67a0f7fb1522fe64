"""Charts: well-formed, nothing overlaps or leaves the sheet, every number is said, readable without colour."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ET
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_samples import HOSTILE

from qingyuan.language import language
from qingyuan.report import charts
from qingyuan.report.charts import BulletRow, Chart, GapRow, Panel, ProfileRow, Series
from qingyuan.report.resolve import clean
from qingyuan.report.textwidth import text_width

SVG = "{http://www.w3.org/2000/svg}"
YEARS = ("2020", "2021", "2022")


@dataclass(frozen=True)
class Label:
    text: str
    left: float
    top: float
    right: float
    bottom: float


def labels(chart: Chart) -> list[Label]:
    """The boxes of all texts of a chart, by the estimate of widths."""
    found = []
    for element in ET.fromstring(chart.svg).iter(f"{SVG}text"):
        size, x, y = (float(element.attrib[name]) for name in ("font-size", "x", "y"))
        width = text_width(element.text or "", size)
        left = {"start": x, "middle": x - width / 2, "end": x - width}[element.attrib["text-anchor"]]
        if (element.text or "").strip():
            found.append(Label(element.text or "", left, y - 0.75 * size, left + width, y + 0.1 * size))
    return found


def check(chart: Chart) -> None:
    root = ET.fromstring(chart.svg)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    boxes = labels(chart)
    for box in boxes:
        assert box.left >= -1, box
        assert box.right <= width + 1, box
        assert box.top >= -1, box
        assert box.bottom <= height + 1, box
    for one, other in itertools.combinations(boxes, 2):
        across = min(one.right, other.right) - max(one.left, other.left)
        down = min(one.bottom, other.bottom) - max(one.top, other.top)
        assert across <= 1.5 or down <= 1.5, (one, other)
    for element in root.iter():
        for name in ("width", "height", "r"):
            if name in element.attrib:
                assert float(element.attrib[name]) >= 0


def all_charts() -> dict[str, Chart]:
    return {
        "trend": charts.trend("三年变化", YEARS, [
            Panel("综合能耗（当量值）", "tce", (None, 240.5, 249.6)),
            Panel("减少量", "t", (-3.0, 2.0, -1.5)),
            Panel("一个名字很长很长很长很长很长很长很长很长很长的指标", "10^4 CNY", (1e6, 2e6, 1234567.0)),
            Panel("全无", "", (None, None, None)),
        ]),
        "stacked": charts.stacked("取水构成", "m3", YEARS, [
            Series("生产用水", (11213.0, 12000.0, 12026.0)), Series("生活用水", (4000.0, None, 4218.0)),
            *(Series(f"很小的第{n}项", (1.0, 2.0, 3.0)) for n in range(9)),
        ]),
        "shares": charts.shares("分场所用电", "kWh", [(f"第{n}车间", float(10**n)) for n in range(11)]),
        "one share": charts.shares("一处", "kWh", [("唯一", 5.0)]),
        "profile": charts.level_profile("各组得分", [
            ProfileRow("生产工艺与装备要求及其他很长的名字", 15, ((2.25, 2.25), (10.0, 15.0), (15.0, 15.0))),
            ProfileRow("能源消耗", 10, ((0.0, 0.0), (0.0, 0.0), (10.0, 10.0))),
        ]),
        "bullets": charts.bullets("监测与限值", [
            BulletRow("COD", 119.0, 160.0, "mg/L", place="总排口"), BulletRow("总铜", 0.82, 0.3, "mg/L"),
            BulletRow("总镍", 0.05, 0.5, "mg/L", below_detection=True), BulletRow("无限值", 12.0, None, "mg/m3"),
        ]),
        "gaps": charts.gaps("差距", [
            GapRow("单位产品电耗", 15.2, (25.0, 10.0, 5.0), "kWh/m2", True, "III"),
            GapRow("远超", 1e6, (0.4, 0.23, 0.14), "m3/m2", True, "none"),
            GapRow("水重复利用率", 99.0, (45.0, 55.0, 65.0), "%", False, "I"),
            GapRow("相等的两级", 2.0, (2.0, 2.0, 1.0), "mg/m3", True, "II"),
            GapRow("三级相等", 5.0, (0.0, 0.0, 0.0), "t", True, "none"),
        ]),
    }  # fmt: skip


@pytest.mark.parametrize("name", all_charts())
def test_labels_neither_overlap_nor_leave_the_sheet(name: str) -> None:
    check(all_charts()[name])
    with language("en"):
        check(all_charts()[name])


def test_empty_data_say_so() -> None:
    for chart in (
        charts.trend("空", (), []),
        charts.stacked("空", "t", YEARS, []),
        charts.shares("空", "t", []),
        charts.level_profile("空", []),
        charts.bullets("空", []),
        charts.gaps("空", []),
    ):
        check(chart)
    assert "无数据" in charts.shares("空", "t", [("零", 0.0)]).alt


def test_every_number_is_in_the_alternative_text() -> None:
    found = all_charts()
    for number in ("240.5", "249.6", "无数据", "−1.5"):
        assert number in found["trend"].alt
    assert "273.3%" in found["bullets"].alt
    assert "总排口" in found["bullets"].alt
    assert "10～15" in found["profile"].alt
    assert "15.2" in found["gaps"].alt
    assert "其他" in found["shares"].alt


def test_missing_values_are_not_drawn_as_zero() -> None:
    drawn = charts.trend("t", YEARS, [Panel("a", "t", (None, 0.0, 5.0))])
    texts = [box.text for box in labels(drawn)]
    assert texts.count("无数据") == 1
    assert "0" in texts


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_stay_text(text: str) -> None:
    for chart in (
        charts.trend(text, (text,), [Panel(text, text, (1.0,))]),
        charts.stacked(text, "t", (text,), [Series(text, (1.0,)), Series("b", (2.0,))]),
        charts.shares(text, text, [(text, 1.0), ("b", 2.0)]),
        charts.level_profile(text, [ProfileRow(text, 10, ((1.0, 1.0), (2.0, 2.0), (3.0, 3.0)))]),
        charts.bullets(text, [BulletRow(text, 1.0, 2.0, text, place=text)]),
        charts.gaps(text, [GapRow(text, 1.0, (3.0, 2.0, 1.0), text, True, "I")]),
    ):
        root = ET.fromstring(chart.svg)  # well-formed
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
            "svg", "title", "text", "rect", "line", "polygon", "circle", "path",
        }  # fmt: skip
        assert clean(text)[:8].split("\n")[0] in "".join(root.itertext()).replace("\r", "")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), min_size=3, max_size=3))
def test_any_values_draw(values: list[float | None]) -> None:
    check(charts.trend("t", YEARS, [Panel("量", "t", tuple(values))]))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.001, 1e9), min_size=1, max_size=14))
def test_any_shares_add_up(values: list[float]) -> None:
    chart = charts.shares("t", "kWh", [(f"第{at}项", value) for at, value in enumerate(values)])
    check(chart)
    percents = [float(box.text[:-1]) for box in labels(chart) if box.text.endswith("%")]
    assert abs(sum(percents) - 100) <= 0.05 * len(percents) + 1e-9


@settings(max_examples=60, deadline=None)
@given(st.floats(-1e6, 1e6), st.tuples(*[st.floats(-1e6, 1e6)] * 3), st.booleans())
def test_better_values_stand_further_to_the_right(value: float, bounds: tuple[float, ...], lower: bool) -> None:
    third, second, first = sorted(bounds, reverse=lower)
    step = (-1 if lower else 1) * max(1.0, abs(value) * 0.01)

    def position(at: float) -> float:
        chart = charts.gaps("t", [GapRow("a", at, (third, second, first), "t", lower, "none")])
        circle = next(ET.fromstring(chart.svg).iter(f"{SVG}circle"))
        return float(circle.attrib["cx"])

    assert position(value + step) >= position(value) - 0.02


def test_neighbouring_colours_differ_in_grey() -> None:
    def grey(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue

    for one, other in itertools.pairwise(charts.PALETTE):
        assert abs(grey(one) - grey(other)) >= 25, (one, other)
    levels = [grey(charts.LEVEL_COLOURS[level]) for level in ("I", "II", "III")]
    assert levels == sorted(levels)
    assert min(b - a for a, b in itertools.pairwise(levels)) >= 40


def test_a_panel_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="2 values for 3 periods"):
        charts.trend("t", YEARS, [Panel("a", "t", (1.0, 2.0))])

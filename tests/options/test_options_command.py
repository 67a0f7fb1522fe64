"""``qingyuan options economics`` as a user types it: one investment, a case, wrong use, both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from qingyuan.cli.main import app
from qingyuan.reference.loading import DATA

PCB = str(DATA / "cases" / "pcb-plant-a")


def economics(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["options", "economics", *arguments])


def data(*arguments: str) -> dict[str, object]:
    result = economics(*arguments, "--json")
    assert result.exit_code == 0, result.output
    record = json.loads(result.stdout)
    assert isinstance(record, dict)
    return record


@pytest.fixture
def ranking_case(tmp_path: Path) -> Path:
    """The published ranking case as a plant's folder: flows entered by the audit, i = 12 %, n = 10."""
    (tmp_path / "plant.toml").write_text('plant = "p"\nname = "甲厂"\nindustry_code = "3982"\n', encoding="utf-8")
    (tmp_path / "facts.csv").write_text(
        "period,place,item,role,value,unit\n2024,,electricity,purchased,1000,kWh\n", encoding="utf-8"
    )
    (tmp_path / "options.csv").write_text(
        "id,name,kind,investment_10k_cny\nA,小方案,medium,31.67\nB,大方案,high,73.82\nC,没有数的方案,high,\n",
        encoding="utf-8",
    )
    (tmp_path / "audit.toml").write_text(
        "[economics]\ndiscount_rate = 0.12\nlife_years = 10\n[economics.A]\nF = 11.30\n[economics.B]\nF = 21.50\n",
        encoding="utf-8",
    )
    return tmp_path


# --- one investment --------------------------------------------------------------------------------------------------


def test_published_example_as_json() -> None:
    found = data("--investment", "150", "--cash-flow", "32.5", "--years", "10", "--rate", "5%")
    assert found["N"] == pytest.approx(4.615, abs=5e-4)
    assert found["NPV"] == pytest.approx(100.956, abs=5e-4)
    assert found["NPVR"] == pytest.approx(0.67304, abs=5e-6)
    assert found["IRR"] == pytest.approx(0.172570, abs=5e-7)
    assert found["IRR_interpolated"] == pytest.approx(0.172627, abs=5e-7)
    assert found["units"]["NPV"] == "10^4 CNY"  # type: ignore[index]
    trial = found["interpolation"]
    assert trial["i1"] == pytest.approx(0.17)  # type: ignore[index]
    assert trial["NPV2"] == pytest.approx(-3.9422, abs=5e-5)  # type: ignore[index]
    rows = found["cash_flow"]
    assert isinstance(rows, list)
    assert [row["year"] for row in rows] == list(range(11))
    assert rows[-1]["cumulative_present_value"] == pytest.approx(found["NPV"])


def test_saving_with_depreciation_tax_working_capital_and_subsidy() -> None:
    found = data(
        "--investment", "90", "--working", "20", "--subsidy", "10", "--saving", "30", "--years", "8", "--rate", "0.06",
        "--tax", "15%", "--depreciation-years", "5", "--class", "high", "--sensitivity",
    )  # fmt: skip
    # I 100, D 20, T 10, tax 1.5, E 8.5, F 28.5
    assert (found["I"], found["D"], found["T"], found["E"], found["F"]) == (100, 20, 10, 8.5, 28.5)
    assert found["N"] == pytest.approx(100 / 28.5)
    assert found["verdict"] == "feasible"
    assert found["NPV_yearly"] != pytest.approx(found["NPV"])  # the tax shield ends after five years
    assert {row["parameter"] for row in found["sensitivity"]} == {  # type: ignore[attr-defined]
        "investment", "saving", "life", "discount_rate",
    }  # fmt: skip
    assert found["monte_carlo"]["samples"] == 20_000  # type: ignore[index]


def test_what_is_printed_and_in_english_nothing_is_chinese() -> None:
    arguments = ("--investment", "150", "--saving", "40", "--sensitivity")
    chinese = economics(*arguments)
    assert chinese.exit_code == 0
    for word in ("投资偿还期", "手册内插法", "逐年现金流量", "假定", "须由审核小组确认", "临界值", "蒙特卡罗"):
        assert word in chinese.stdout
    english = economics(*arguments, "--lang", "en")
    assert english.exit_code == 0
    assert re.findall(r"[\u4e00-\u9fff]+", english.stdout) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--investment"),
        (("--investment", "100"), "--saving"),
        (("--investment", "0", "--saving", "3"), "大于 0"),
        (("--investment", "-5", "--saving", "3"), "不能为负"),
        (("--investment", "abc", "--saving", "3"), "一个数"),
        (("--investment", "100", "--saving", "3", "--cash-flow", "4"), "只给一个"),
        (("--investment", "100", "--saving", "3", "--rate", "5"), "5%"),
        (("--investment", "100", "--saving", "3", "--rate", "150%"), "100%"),
        (("--investment", "100", "--saving", "3", "--rate", "-2%"), "不能为负"),
        (("--investment", "100", "--saving", "3", "--rate", "%"), "一个数"),
        (("--investment", "100", "--saving", "3", "--years", "-3"), "不能为负"),
        (("--investment", "100", "--saving", "3", "--class", "gold"), "gold"),
        (("--investment", "100", "--saving", "3", "--range", "0"), "--range"),
        ((PCB, "--investment", "100"), "单项"),
    ],
)
def test_wrong_use_is_named(arguments: tuple[str, ...], said: str) -> None:
    result = economics(*arguments)
    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.parametrize("years", ["0", "3.5", "500"])
def test_a_life_that_makes_no_sense_is_an_input_error(years: str) -> None:
    result = economics("--investment", "100", "--saving", "3", "--years", years)
    assert result.exit_code == 1
    assert "life_years" in result.output


# --- a case ----------------------------------------------------------------------------------------------------------


def test_published_ranking_case_shows_both_orders(ranking_case: Path) -> None:
    found = data(str(ranking_case))
    assert found["ranking"] == {"NPV": ["B", "A"], "NPVR": ["A", "B"]}
    by_id = {one["id"]: one for one in found["options"]}  # type: ignore[attr-defined]
    assert by_id["A"]["NPV"] == pytest.approx(32.18, abs=5e-3)
    assert by_id["A"]["NPVR"] == pytest.approx(1.016, abs=5e-4)
    assert by_id["B"]["NPV"] == pytest.approx(47.66, abs=5e-3)
    assert by_id["B"]["NPVR"] == pytest.approx(0.646, abs=5e-4)
    assert by_id["C"]["NPV"] is None
    assert len(by_id["C"]["needs"]) == 2
    shown = economics(str(ranking_case)).stdout
    assert shown.index("大方案") < shown.index("小方案")
    assert "(1)" in shown
    assert "(2)" in shown
    assert "还不能评估的方案 1 个" in shown


def test_real_plant_and_one_of_its_options() -> None:
    found = data(PCB)
    assert len(found["options"]) == 44  # type: ignore[arg-type]
    assert found["terms"]["discount_rate"]["assumed"] is True  # type: ignore[index]
    one = data(PCB, "--option", "1", "--discount-rate", "6%", "--years", "12", "--tax", "15%")
    # I 150, P 26.3, D 15, T 11.3, tax 1.695, E 9.605, F 24.605
    assert one["F"] == pytest.approx(24.605)
    assert one["N"] == pytest.approx(150 / 24.605)
    assert one["NPV"] == pytest.approx(24.605 * (1 - 1.06**-12) / 0.06 - 150)
    assert one["payback_printed"] == 2.5
    assert one["terms"]["life_years"]["value"] == 12  # type: ignore[index]
    text = economics(PCB, "--option", "1").stdout
    assert "所写投资偿还期" in text
    missing = economics(PCB, "--option", "999")
    assert missing.exit_code == 1
    assert "999" in missing.output


def test_settings_of_the_audit_that_make_no_sense(ranking_case: Path) -> None:
    (ranking_case / "audit.toml").write_text("[economics]\ndiscount_rate = 12\nlief_years = 3\n", encoding="utf-8")
    result = economics(str(ranking_case))
    assert result.exit_code == 1
    assert "discount_rate" in result.output
    assert "life_years" in result.output  # the key that was probably meant
    (ranking_case / "audit.toml").write_text(
        "[economics.A]\nF = 11.3\nNVP = 3\n[economics.Z]\nF = 1\n", encoding="utf-8"
    )
    again = economics(str(ranking_case), "--lang", "zh")
    assert again.exit_code == 0
    assert "NVP" in again.output
    assert "“Z”" in again.output

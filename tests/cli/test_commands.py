"""The command as a user types it: output, exit status, JSON keys that stay, both languages."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from qingyuan import demo
from qingyuan.cli.main import app

PCB = str(demo.SHIPPED_CASES / "pcb-plant-a")


def qingyuan(*arguments: str, input: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=input)


def data(*arguments: str) -> object:
    result = qingyuan(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_audit_writes_report_and_json_with_the_same_numbers(tmp_path: Path) -> None:
    answer = data("audit", PCB, "--out", str(tmp_path))
    assert isinstance(answer, dict)
    assert {"findings", "figures", "score", "options", "files"} <= answer.keys()
    stored = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    assert stored["figures"] == answer["figures"]
    assert {"id", "value", "unit"} <= answer["figures"][0].keys()
    assert {"Y", "level", "indicators", "limiting_failures", "grade_share"} <= answer["score"].keys()
    for path in answer["files"].values():
        assert Path(path).stat().st_size > 0


def test_audit_prints_a_summary_in_both_languages(tmp_path: Path) -> None:
    chinese = qingyuan("audit", PCB, "--out", str(tmp_path / "zh"), "--lang", "zh")
    english = qingyuan("audit", PCB, "--out", str(tmp_path / "en"), "--lang", "en")
    assert chinese.exit_code == english.exit_code == 0
    assert "印制电路板" in chinese.stdout
    assert "1,997,066" in chinese.stdout
    assert "Printed circuit boards" in english.stdout
    assert "1,997,066" in english.stdout
    own = "".join(path.read_text(encoding="utf-8") for path in Path(PCB).glob("*.csv"))
    left = [word for word in re.findall(r"[\u4e00-\u9fff]+", english.stdout) if word not in own]
    assert not left, english.stdout


def test_demo_runs_the_real_plant(tmp_path: Path) -> None:
    result = qingyuan("demo", "--out", str(tmp_path))
    assert result.exit_code == 0
    assert list(tmp_path.glob("*.docx"))
    assert list(tmp_path.glob("*.pdf"))


def test_explain_reaches_the_row_of_the_file() -> None:
    result = qingyuan("explain", PCB, "carbon-per-output-value", "--lang", "zh")
    assert result.exit_code == 0
    assert "0.5875" in result.stdout
    assert "facts.csv" in result.stdout
    assert "公告2025年第47号" in result.stdout
    tree = data("explain", PCB, ["electricity-per-product@double-sided-board", "2021"][0], "--period", "2022")
    assert isinstance(tree, dict)


def test_explain_suggests_and_tells_what_is_missing() -> None:
    unknown = qingyuan("explain", PCB, "electricty")
    assert unknown.exit_code == 1
    assert "electricity" in unknown.output
    missing = qingyuan("explain", PCB, "comprehensive-energy.equal")
    assert missing.exit_code == 1
    assert "equal-value-electricity" in missing.output


def test_template_is_filled_in_and_audited(tmp_path: Path) -> None:
    book = tmp_path / "plant.xlsx"
    made = qingyuan("template", "--system", "electroplating-2015", "--out", str(book))
    assert made.exit_code == 0, made.output
    again = qingyuan("template", "--system", "electroplating-2015", "--out", str(book))
    assert again.exit_code == 2
    checked = qingyuan("check", str(book))
    assert checked.exit_code == 0, checked.output


def test_convert_there_and_back_keeps_every_fact(tmp_path: Path) -> None:
    book, folder = tmp_path / "plant.xlsx", tmp_path / "plant"
    assert qingyuan("convert", PCB, "--out", str(book)).exit_code == 0
    assert qingyuan("convert", str(book), "--out", str(folder)).exit_code == 0
    before, after = data("figures", PCB), data("figures", str(folder))
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert [(f["key"], f["value"]) for f in before["figures"]] == [(f["key"], f["value"]) for f in after["figures"]]


def test_check_lists_every_problem_and_fails(tmp_path: Path) -> None:
    (tmp_path / "facts.csv").write_text(
        "period,place,kind,item,value,unit\n2022,全厂,energy,用电量,abc,kWh\n2022,全厂,water,用水量,5,kWh\n",
        encoding="utf-8",
    )
    result = qingyuan("check", str(tmp_path), "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["ok"] is False
    assert [problem["where"]["row"] for problem in answer["problems"] if problem["severity"] == "error"] == [2, 3]


def test_items_finds_by_any_name() -> None:
    found = data("items", "用电量")
    assert isinstance(found, list)
    assert found[0]["id"] == "electricity"


def test_figures_by_group_and_period() -> None:
    answer = data("figures", PCB, "--group", "water", "--period", "2022")
    assert isinstance(answer, dict)
    assert {figure["group"] for figure in answer["figures"]} == {"water"}


@pytest.mark.parametrize("arguments", [("audit", "no-such-folder"), ("explain", "no-such-folder", "electricity")])
def test_a_case_that_is_not_there_is_an_error_in_words(arguments: tuple[str, ...]) -> None:
    result = qingyuan(*arguments)
    assert result.exit_code == 1
    assert "no-such-folder" in result.output
    assert "Traceback" not in result.output


def test_wrong_usage_exits_with_two() -> None:
    assert qingyuan("audit").exit_code == 2
    assert qingyuan("audit", PCB, "--no-such-option").exit_code == 2
    assert qingyuan("audit", PCB, "--lang", "fr").exit_code == 2


def test_importing_the_package_is_light() -> None:
    code = (
        "import sys, qingyuan; print([m for m in ('polars', 'pint', 'pydantic', 'docx', 'typst') if m in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_an_edited_report_is_kept(tmp_path: Path) -> None:
    for _ in range(2):
        assert qingyuan("audit", PCB, "--out", str(tmp_path)).exit_code == 0
    assert not list(tmp_path.glob("report-edited-*.docx"))
    report = tmp_path / "report.docx"
    report.write_bytes(report.read_bytes() + b"mine")
    result = qingyuan("audit", PCB, "--out", str(tmp_path))
    kept = tmp_path / "report-edited-1.docx"
    assert kept.read_bytes().endswith(b"mine")
    assert "report-edited-1.docx" in result.stdout


def test_output_that_cannot_be_written_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "afile").write_text("", encoding="utf-8")
    for out in ("afile", "afile/sub"):
        result = qingyuan("audit", PCB, "--out", str(tmp_path / out))
        assert result.exit_code == 1
        assert "afile" in result.output
        assert "Traceback" not in result.output


def test_period_without_data_and_empty_case(tmp_path: Path) -> None:
    wrong = qingyuan("audit", PCB, "--period", "1999", "--out", str(tmp_path))
    assert wrong.exit_code == 1
    assert "2022" in wrong.output
    book = tmp_path / "empty.xlsx"
    assert qingyuan("template", "--system", "electroplating-2015", "--out", str(book)).exit_code == 0
    answer = data("audit", str(book), "--out", str(tmp_path / "empty"))
    assert isinstance(answer, dict)
    assert answer["score"] is None

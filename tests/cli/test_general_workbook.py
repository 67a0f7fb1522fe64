"""Workbooks for industries without an evaluation table, and figures asked for by the names that are printed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qingyuan.cli.main import app
from qingyuan.demo import SHIPPED_CASES

PLATING = SHIPPED_CASES / "electroplating-demo"


def run(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


def test_a_general_workbook_is_audited_without_a_grade(tmp_path: Path) -> None:
    folder = tmp_path / "case"
    shutil.copytree(PLATING, folder)
    plant = folder / "plant.toml"
    kept = [line for line in plant.read_text(encoding="utf-8").splitlines() if not line.startswith(("system", "table"))]
    plant.write_text("\n".join(kept) + "\n", encoding="utf-8")
    (folder / "indicators.csv").unlink()
    book = tmp_path / "general.xlsx"
    code, out, told = run("template", "--case", folder, "--out", book)
    assert code == 0, told
    assert "通用工作簿" in told
    assert str(book) in out.replace("\n", "")
    code, out, told = run("figures", book, "--json")
    assert code == 0, told
    same = json.loads(run("figures", PLATING, "--json")[1])
    assert {one["id"] for one in json.loads(out)["figures"]} == {one["id"] for one in same["figures"]}


def test_an_empty_general_workbook_is_written_in_both_languages(tmp_path: Path) -> None:
    for lang in ("zh", "en"):
        book = tmp_path / f"{lang}.xlsx"
        assert run("template", "--out", book, "--lang", lang)[0] == 0
        assert book.stat().st_size > 10_000


@pytest.mark.parametrize("name", ["用电量", "electricity consumption", "electricity"])
def test_a_figure_is_found_by_its_id_or_its_printed_name(name: str) -> None:
    figures = json.loads(run("figures", PLATING, "--json")[1])["figures"]
    assert any(one["id"] == "electricity" for one in figures)
    code, out, told = run("explain", PLATING, name, "--json")
    assert code == 0, told
    assert out == run("explain", PLATING, "electricity", "--json")[1]


def test_a_part_of_a_name_gives_the_figures_that_hold_it() -> None:
    code, _, told = run("explain", PLATING, "综合能耗")
    assert code != 0
    assert "comprehensive-energy.equivalent" in told


def test_an_unknown_group_is_refused_with_the_groups() -> None:
    code, _, told = run("figures", PLATING, "--group", "nonsense")
    assert code != 0
    assert "energy" in told

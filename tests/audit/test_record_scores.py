"""Scores typed into the ranking worksheets count in the ranking; a score that is none is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from qingyuan.audit.record import read_record
from qingyuan.errors import InputError
from qingyuan.reference.loading import DATA


def _case(folder: Path, score: str) -> Path:
    home = folder / "case"
    shutil.copytree(DATA / "cases" / "electroplating-demo", home)
    (home / "worksheets").mkdir(exist_ok=True)
    text = f"factor,score@电镀车间,score@锅炉房\n市场发展潜力,{score},5\n"
    (home / "worksheets" / "2-11.csv").write_text(text, encoding="utf-8")
    return home


def test_scores_of_the_worksheet_are_those_of_the_ranking(tmp_path: Path) -> None:
    record = read_record(_case(tmp_path, "8"))
    scores = record.settings["focus"]["scores"]
    assert {name: given["market"] for name, given in scores.items() if name in ("电镀车间", "锅炉房")} == {
        "电镀车间": 8.0,
        "锅炉房": 5.0,
    }
    assert "2-11" not in record.entries


@pytest.mark.parametrize("score", ["11", "高", "0", "5 t"])
def test_what_is_no_score_is_refused_with_its_place(tmp_path: Path, score: str) -> None:
    with pytest.raises(InputError) as caught:
        read_record(_case(tmp_path, score))
    (problem,) = caught.value.problems
    assert (problem.code, problem.found) == ("score-range", score)
    assert problem.where.file == "worksheets/2-11.csv"

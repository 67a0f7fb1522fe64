"""Faults of settings in words: the place as it was written, what would fit, no English of the validator."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qingyuan.audit.inputs import read_inputs
from qingyuan.errors import InputError, Problem
from qingyuan.facts.importers.mapping import read_mapping
from qingyuan.language import language

FAULTS = (
    ('[case]\nlisted_on = "2026-13-40"', "case.listed_on", "不是日期", "2026-08-14"),
    ("[case]\nlisted_on = 3.5", "case.listed_on", "不是日期", "2026-08-14"),
    ("[cost]\nmedium_from = '十万'\nhigh_from = 50", "cost.medium_from", "不是数", "一个数"),
    ("[cost]\nmedium_from = 5", "cost.high_from", "没有填写", "一个值"),
    ('[case]\ntriggers = ["T9"]', "case.triggers.1", "不是可以选的值", "T1、T2、T3、T4 之一"),
    ('[case]\ntriggers = "T1"', "case.triggers", "这里要的不是单个的值", "一列，写在方括号里"),
    ("[case]\nlisted = 2026-01-01", "case.listed", "没有这个名称的设置", "listed_on 之一"),
    ("[costs]\nmedium_from = 5", "costs", "没有这个名称的设置", "cost 之一"),
    ("cost = 5", "cost", "这里要的不是单个的值", "一组“名称 = 值”"),
    ("[goals]\nnear_year = 2027.5", "goals.near_year", "不是整数", "一个整数"),
    ('[goals]\nnear = "IV"', "goals.near", "不是可以选的值", "I"),
    ("[comparison]\nbefore = 2024", "comparison.before", "不是文字", "文字"),
    ('[economics]\ndiscount_rate = "八"', "economics.discount_rate", "这个值用不了", "一个数"),
    ('[economics."F1"]\nN = "三"', "economics.F1.N", "不是数", "一个数"),
    ('[[proofs]]\ndeadline = "D1"\non = "某日"', "proofs.1.on", "不是日期", "2026-08-14"),
)


def faults(folder: Path, text: str) -> tuple[Problem, ...]:
    (folder / "audit.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_inputs(folder)
    return caught.value.problems


@pytest.mark.parametrize(("text", "place", "reason", "expected"), FAULTS)
def test_each_kind_of_fault_is_told_in_the_readers_language(
    tmp_path: Path, text: str, place: str, reason: str, expected: str
) -> None:
    (problem,) = faults(tmp_path, text)
    assert problem.code == "audit-file"
    assert str(problem.message) == f"审核设置的 {place} 不对：{reason}"
    assert expected in str(problem.expected)
    assert not re.search(r"[Ii]nput|should|valid|dict\[|float", str(problem))
    with language("en"):
        assert place in str(problem.message)


def test_all_faults_come_at_once_with_what_was_read(tmp_path: Path) -> None:
    found = faults(tmp_path, '[case]\nlisted_on = "昨天"\n[cost]\nmedium_from = true\nhigh_from = "x"\n')
    assert [(one.where.column, str(one.found)) for one in found] == [
        ("case.listed_on", "昨天"),
        ("cost.high_from", "x"),
    ]


def test_a_mapping_says_the_same_way_what_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('[[tables]]\nkind = "bill"\nfile = "x.csv"\ncolums = {}\n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_mapping(path)
    said = {one.where.column: (str(one.message), str(one.expected)) for one in caught.value.problems}
    assert "bills" in said["tables.1.kind"][1]
    assert "columns" in said["tables.1.colums"][1]
    assert not any(re.search(r"[Ii]nput should|permitted", text) for text, _ in said.values())

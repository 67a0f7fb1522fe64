"""Proving a system: each kind of fault is found where it is put, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from qingyuan.errors import InputError, Severity
from qingyuan.standards import check, load, score
from qingyuan.standards.checking import errors
from qingyuan.standards.reading import parse_toml, read_system

DOCUMENT = parse_toml("""
id = "s"
title = "体系"
source = "试验"
verification = "read"
[grading]
I = { index = "Y_I", min = 85.0 }
II = { index = "Y_II", min = 85.0 }
III = { index = "Y_III", min = 100.0 }
bonus = { table = "bonus", weight = 0.1, cap = 100 }
[[tables]]
id = "main"
name = "表"
[[tables.groups]]
id = "g"
name = "组"
weight = 0.6
blocks = [{ id = "metals", weight = 0.5, share = "count" }]
[[tables.groups.indicators]]
id = "zinc"
name = "锌"
kind = "quantitative"
unit = "%"
better = "higher"
weight = "0.5/n"
block = "metals"
levels = { I = 90, II = 80, III = 70 }
[[tables.groups.indicators]]
id = "water"
name = "水"
kind = "quantitative"
unit = "m3/t"
better = "lower"
weight = 0.5
levels = { I = 1, II = 2, III = 2 }
[[tables.groups]]
id = "h"
name = "组二"
weight = 0.4
[[tables.groups.indicators]]
id = "law"
name = "法"
kind = "qualitative"
weight = 1.0
limiting = true
levels = { I = "守法", II = "守法", III = "守法" }
[[tables]]
id = "bonus"
name = "加分"
[[tables.groups]]
id = "b"
name = "组三"
weight = 1
[[tables.groups.indicators]]
id = "steam"
name = "汽"
kind = "qualitative"
weight = 1
levels = { I = "有", II = "有", III = "无" }
no_requirement = ["III"]
""")

Change = Callable[[dict[str, Any]], object]


def row(document: dict[str, Any], id: str) -> dict[str, Any]:
    rows = (r for table in document["tables"] for group in table["groups"] for r in group["indicators"])
    return next(r for r in rows if r["id"] == id)


def group(document: dict[str, Any], position: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = document["tables"][0]["groups"][position]
    return found


def test_the_document_itself_is_sound() -> None:
    assert check(read_system(DOCUMENT)) == ()


FAULTS: list[tuple[str, Change]] = [
    ("weights-sum", lambda d: group(d).update(weight=Decimal("0.5"))),
    ("weights-sum", lambda d: row(d, "water").update(weight=Decimal("0.45"))),
    ("bad-weight", lambda d: (group(d).update(weight=Decimal("-0.6")), group(d, 1).update(weight=Decimal("1.6")))),
    ("bad-weight", lambda d: row(d, "water").update(weight=0)),
    ("no-weight", lambda d: row(d, "law").pop("weight")),
    ("levels-order", lambda d: row(d, "water")["levels"].update(I=3)),
    ("levels-order", lambda d: row(d, "zinc")["levels"].update(III=95)),
    ("no-direction", lambda d: row(d, "water").pop("better")),
    ("no-unit", lambda d: row(d, "water").pop("unit")),
    ("id-twice", lambda d: row(d, "law").update(id="water")),
    ("id-twice", lambda d: row(d, "steam").update(id="water")),
    ("id-twice", lambda d: group(d, 1).update(id="g")),
    ("table-id-twice", lambda d: d["tables"][1].update(id="main")),
    ("no-block", lambda d: row(d, "zinc").update(block="metal")),
    ("no-row", lambda d: group(d)["blocks"].append({"id": "k", "weight": Decimal("0.1"), "share": "equal"})),
    ("unknown-share", lambda d: group(d)["blocks"][0].update(share="unknown")),
    ("no-product", lambda d: group(d)["blocks"][0].update(share="output")),
    ("block-weight", lambda d: row(d, "zinc").update(weight="0.6/n")),
    ("product-outside-block", lambda d: row(d, "water").update(product="板")),
    ("open-with-levels", lambda d: row(d, "water").update(open=True)),
    ("open-limiting", lambda d: (row(d, "law").pop("levels"), row(d, "law").update(open=True))),
    ("no-requirement-order", lambda d: row(d, "water").update(no_requirement=["I"])),
    ("levels-span", lambda d: row(d, "law")["levels"].update(II="基本守法")),
    ("strict-qualitative", lambda d: row(d, "law").update(strict=True)),
    ("wrong-scheme", lambda d: row(d, "water").update(benchmark=3)),
    ("no-bonus-table", lambda d: d["grading"]["bonus"].update(table="extra")),
    ("bad-bonus", lambda d: d["grading"]["bonus"].update(weight=0)),
    ("no-grading", lambda d: d["grading"].pop("II")),
    ("bad-minimum", lambda d: d["grading"]["I"].update(min=Decimal("0"))),
    ("verified-gap", lambda d: row(d, "law").update(verified=True)),
    ("verified-gap", lambda d: d.update(verification="partly read")),
    ("alternatives-single", lambda d: row(d, "water").update(alternatives="w")),
    ("located-yet-tables", lambda d: d.update(status="located-only")),
    ("no-table", lambda d: d.update(tables=[], grading={})),
]


@pytest.mark.parametrize(("code", "change"), FAULTS, ids=[f"{code}-{n}" for n, (code, _) in enumerate(FAULTS)])
def test_a_fault_is_found(code: str, change: Change) -> None:
    document = copy.deepcopy(DOCUMENT)
    change(document)
    system = read_system(document)
    assert code in {problem.code for problem in errors(system)}
    if code != "located-yet-tables":
        with pytest.raises(InputError):
            score(system, {"law": "I"}, table_id="main")


WARNINGS: list[tuple[str, Change]] = [
    ("weights-sum-rounded", lambda d: row(d, "water").update(weight=Decimal("0.49"))),
    ("unknown-unit", lambda d: row(d, "water").update(unit="甲乙/丙丁")),
    ("qualitative-unit", lambda d: row(d, "law").update(unit="%")),
    ("no-parameter", lambda d: row(d, "water")["levels"].update(I="n", II="n+1", III="n+2")),
    ("levels-cross", lambda d: row(d, "water")["levels"].update(I=1, II="n", III="3+n/2")),
]


@pytest.mark.parametrize(("code", "change"), WARNINGS, ids=[code for code, _ in WARNINGS])
def test_a_doubt_is_a_warning_and_does_not_stop(code: str, change: Change) -> None:
    document = copy.deepcopy(DOCUMENT)
    change(document)
    system = read_system(document)
    assert errors(system) == ()
    assert code in {problem.code for problem in check(system) if problem.severity is Severity.WARNING}
    assert score(system, {"law": "I", "zinc": 80}, table_id="main").level == "none"


def test_weights_in_percent_are_no_weights() -> None:
    document = copy.deepcopy(DOCUMENT)
    group(document).update(weight=60)
    group(document, 1).update(weight=40)
    assert "weights-sum" in {problem.code for problem in errors(read_system(document))}


def test_known_doubts_of_the_shipped_tables() -> None:
    """Levels of printed-circuit-board power cross from n = 7 (multilayer) and n = 3 (HDI)."""
    crossing = [
        str(problem) for problem in check(load("printed-circuit-board-undated")) if problem.code == "levels-cross"
    ]
    assert len(crossing) == 4
    assert sum("n=7" in text for text in crossing) == 2
    assert sum("n=3" in text for text in crossing) == 2


def test_alternatives_must_be_alike() -> None:
    document = copy.deepcopy(DOCUMENT)
    row(document, "water").update(alternatives="w")
    second = copy.deepcopy(row(document, "water")) | {"id": "steam-water", "weight": Decimal("0.4"), "limiting": True}
    group(document, 1)["indicators"].append(second)
    codes = {problem.code for problem in errors(read_system(document))}
    assert {"alternatives-groups", "alternatives-weights", "alternatives-limiting"} <= codes


def test_weights_that_were_read_must_leave_something_to_those_that_were_not() -> None:
    document = copy.deepcopy(DOCUMENT)
    document["partial_tables"] = [document["tables"].pop(0) | {"id": "main"}]
    group(document | {"tables": document["partial_tables"]}, 1)["indicators"].append(
        {"id": "late", "name": "迟", "kind": "qualitative", "levels": {"I": "有"}}
    )
    assert "weights-sum" in {problem.code for problem in errors(read_system(document))}


def test_green_factory_points_make_100() -> None:
    assert "points-sum" not in {problem.code for problem in check(load("green-factory-2025"))}

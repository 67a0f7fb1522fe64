"""Long data made wide: a gap stays a gap, nothing drops silently."""

from __future__ import annotations

from typing import Any

import duckdb
import polars as pl
import pytest

from qingyuan.errors import InputError
from qingyuan.standards import score
from qingyuan.standards.columns.frames import score_frame
from qingyuan.standards.columns.long_data import to_wide
from qingyuan.standards.columns.plan import Plan, compile_plan
from qingyuan.standards.model import IndexSystem
from qingyuan.standards.reading import read_system


@pytest.fixture
def system() -> IndexSystem:
    levels = {"I": 1, "II": 2, "III": 3}
    rows: list[dict[str, Any]] = [
        {"id": "star", "name": "限定", "kind": "quantitative", "unit": "1", "better": "lower", "weight": "0.1"},
        {"id": "plain", "name": "定量", "kind": "quantitative", "unit": "1", "better": "lower", "weight": "0.4"},
        {"id": "word", "name": "定性", "kind": "qualitative", "weight": "0.5"},
        {"id": "later", "name": "未定", "kind": "quantitative", "unit": "1", "better": "lower", "weight": "0.1"},
    ]
    rows[0] |= {"levels": levels, "limiting": True}
    rows[1] |= {"levels": levels}
    rows[2] |= {"levels": {"I": "甲", "II": "乙", "III": "丙"}}
    rows[3] |= {"open": True}
    rows[1]["weight"] = "0.3"
    least = {"I": 85, "II": 85, "III": 100}
    grading = {level: {"index": f"Y_{level}", "min": each} for level, each in least.items()}
    table = {"id": "main", "name": "表", "groups": [{"id": "g", "name": "组", "weight": 1, "indicators": rows}]}
    head = {"id": "long", "title": "长表", "source": "test", "verification": "read"}
    return read_system({**head, "grading": grading, "tables": [table]})


@pytest.fixture
def plan(system: IndexSystem) -> Plan:
    return compile_plan(system)


ENTRIES: list[tuple[str, str | None, float | None, str | None]] = [
    ("complete", "star", 1.0, None),
    ("complete", "plain", 1.0, None),
    ("complete", "word", None, "I"),
    ("complete", "later", 7.0, None),
    ("no star", "plain", 1.0, None),
    ("no star", "word", None, "I"),
    ("away", "star", 1.0, None),
    ("away", "plain", None, " N/A "),
    ("away", "word", 1.0, None),
    ("gap", "star", None, None),
    ("gap", "plain", 1.0, "无数据"),
    ("gap", "word", None, "I"),
    ("twice", "star", 1.0, None),
    ("twice", "star", 1.0, None),
    ("twice", "plain", 1.0, None),
    ("twice", "word", None, "I"),
    ("misspelt", "sta", 1.0, None),
    ("misspelt", "plain", 1.0, None),
    ("nameless", None, 1.0, None),
    ("unreadable", "word", None, "maybe"),
    ("unreadable number", "plain", None, "about 3"),
]


def long_frame() -> pl.DataFrame:
    return pl.DataFrame(ENTRIES, schema=["plant", "indicator", "value", "answer"], orient="row")


EXPECTED = {
    "complete": ("I", None, 0),
    "no star": ("none", None, 0),  # the index is 89, yet the limiting row has no data
    "away": ("I", None, 0),
    "gap": ("none", None, 0),
    "twice": (None, "bad-answer", 1),
    "misspelt": (None, "bad-answer", 1),
    "nameless": (None, "bad-answer", 1),
    "unreadable": (None, "bad-answer", 0),
    "unreadable number": (None, "bad-answer", 1),
}


def scored(frame: pl.DataFrame) -> dict[str, tuple[str | None, str | None, int]]:
    return {row["plant"]: (row["level"], row["problem"], row["unplaced"]) for row in frame.to_dicts()}


@pytest.mark.parametrize("lazy", [False, True])
def test_polars(plan: Plan, lazy: bool) -> None:
    frame = long_frame().lazy() if lazy else long_frame()
    found = score_frame(plan, to_wide(plan, frame, answer="answer"))
    assert scored(found.lazy().collect()) == EXPECTED


def test_duckdb(plan: Plan) -> None:
    with duckdb.connect() as connection:
        connection.register("entries", long_frame())
        found = score_frame(plan, to_wide(plan, connection.table("entries"), answer="answer"))
        assert scored(found.pl()) == EXPECTED


def test_what_is_wide_equals_the_scalar_path(system: IndexSystem, plan: Plan) -> None:
    by_plant: dict[str, dict[str, object]] = {}
    for plant, id, value, answer in ENTRIES:
        by_plant.setdefault(plant, {})[str(id)] = answer if answer is not None else value
    found = score_frame(plan, to_wide(plan, long_frame(), answer="answer"), met=True)
    rows = {row["plant"]: row for row in found.to_dicts()}
    for plant in ("complete", "no star", "away"):
        values = {id: 1.0 if id == "word" and value == 1.0 else value for id, value in by_plant[plant].items()}
        values = {id: "I" if id == "word" else value for id, value in values.items()}
        one = score(system, values)
        assert rows[plant]["level"] == one.level
        assert rows[plant]["Y_I"] == pytest.approx(float(one.index("I").low), rel=1e-12)
        assert {row.id: rows[plant][f"met:{row.id}"] for row in one.rows} == {row.id: row.met for row in one.rows}


def test_every_row_of_the_plan_gets_a_column(plan: Plan) -> None:
    """Also where no plant of the data has it."""
    wide = to_wide(plan, long_frame().filter(pl.col("indicator") == "word").drop("answer"))
    assert wide.columns == ["plant", "star", "plain", "word", "unplaced"]
    assert wide["star"].null_count() == wide.height


def test_parameters_stand_among_the_indicators() -> None:
    plan = compile_plan("printed-circuit-board-undated")
    entries = [("甲", "n", 4.0), ("甲", "output:刚性多层板", 10.0), ("甲", "power-rigid-multi", 30.0), ("乙", "n", 2.0)]
    long = pl.DataFrame(entries, schema=["企业", "指标", "数值"], orient="row")
    names = {"plant": "企业", "indicator": "指标", "value": "数值"}
    wide = to_wide(plan, long, parameters=["n", "output:刚性多层板"], **names)
    first = score_frame(plan, wide, met=["power-rigid-multi", "power-rigid-1"]).sort("n").to_dicts()[1]
    assert first["unplaced"] == 0
    assert first["met:power-rigid-multi"] == "I"  # 30 kWh/m2 is the bound of I at n = 4
    assert first["met:power-rigid-1"] == "n/a"  # not made
    without = to_wide(plan, long, **names)
    assert without.sort("企业")["unplaced"].to_list() == [1, 2]


def test_columns_that_are_not_there(plan: Plan) -> None:
    with pytest.raises(InputError, match="indicator"):
        to_wide(plan, long_frame().rename({"indicator": "what"}))
    with pytest.raises(InputError, match="双精度"):
        to_wide(plan, long_frame().with_columns(pl.col("value").cast(pl.String)))

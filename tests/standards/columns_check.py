"""Compares the scores of many plants with the scalar path, plant by plant."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from columns_cases import Plant, as_columns

from qingyuan.errors import InputError
from qingyuan.standards import Score, score
from qingyuan.standards.columns.frames import score_frame
from qingyuan.standards.columns.plan import Plan
from qingyuan.standards.model import IndexSystem


def as_frame(system: IndexSystem, plants: list[Plant]) -> pl.DataFrame:
    """The plants as a Polars frame: missing numbers are null in even rows and NaN in odd ones."""
    data: dict[str, Any] = as_columns(system, plants)
    frame = pl.DataFrame(
        {
            name: pl.Series(name, values.tolist(), dtype=pl.String if values.dtype == object else None)
            for name, values in data.items()
        }
    ).with_row_index("plant")
    floats = [name for name, kind in frame.schema.items() if kind == pl.Float64]
    even = pl.col("plant") % 2 == 0
    return frame.with_columns(
        pl.when(even).then(pl.col(name).fill_nan(None)).otherwise(pl.col(name)) for name in floats
    )


def outcome(system: IndexSystem, plant: Plant) -> Score | set[str]:
    """The scalar path's score of a plant, or the codes of its problems."""
    values, parameters = plant
    try:
        return score(system, values, parameters, "main")
    except InputError as error:
        return {each.code for each in error.problems}


def in_engine(plan: Plan, frame: Any) -> Any:
    """The frame scored; None where the plan cannot be carried out exactly in an expression."""
    try:
        return score_frame(plan, frame, met=True)
    except InputError as error:
        if {each.code for each in error.problems} != {"not-in-frames"}:
            raise
        return None


def check_rows(system: IndexSystem, plan: Plan, plants: list[Plant], rows: list[dict[str, Any]], near: float) -> None:
    """Compare result rows of a frame with the scalar path; ``near``: relative tolerance of an index."""
    for plant, row in zip(plants, rows, strict=True):
        one = outcome(system, plant)
        if isinstance(one, set):
            assert row["problem"] in one
            assert row["level"] is None
            assert row["Y_I"] is None
            continue
        assert row["problem"] is None
        assert row["level"] == one.level
        for name in ("I", "II", "III"):
            interval = one.index(name)
            high = row[f"Y_{name}_high"] if plan.may_be_interval else row[f"Y_{name}"]
            assert row[f"Y_{name}"] == pytest.approx(float(interval.low), rel=near, abs=0)
            assert high == pytest.approx(float(interval.high), rel=near, abs=0)
        assert row["limiting_failures"] == len(one.limiting_failures)
        assert {each.id: row[f"met:{each.id}"] for each in one.rows} == {each.id: each.met for each in one.rows}

"""The fact table as a frame: one row for each fact, nothing lost, canonical columns derived."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_cases import facts

from qingyuan.errors import InputError
from qingyuan.facts import Fact, State, facts_of, frame
from qingyuan.facts.model import Basis
from qingyuan.facts.table import COLUMNS, DERIVED, canonical_unit, schema


@settings(max_examples=60, deadline=None)
@given(st.lists(facts(), max_size=15))
def test_rows_to_frame_and_back(rows: list[Fact]) -> None:
    table = frame(rows)
    assert dict(table.schema) == schema()
    assert facts_of(table) == tuple(rows)
    assert facts_of(table.select(list(COLUMNS)).reverse()) == tuple(reversed(rows))


def fact(**more: object) -> Fact:
    base = {"plant": "", "period": "2022", "item": "electricity", "role": "consumed", "value": 12.0, "unit": "万kWh"}
    return Fact(**{**base, **more})  # type: ignore[arg-type]


def test_canonical_columns() -> None:
    table = frame(
        [
            fact(),
            fact(item="natural-gas", unit="10^4 Nm3", period="2022-07"),
            fact(item="自有材料", own_item=True, unit="吨", value=None, state=State.EMPTY, period="undated"),
            fact(item="自有材料", own_item=True, unit="怪单位"),
            fact(basis=Basis.METER, uncertainty=0.1),
        ]
    )
    assert table["canonical_value"].to_list() == [120_000.0, 120_000.0, None, None, 120_000.0]
    assert table["canonical_unit"].to_list() == ["kWh", "Nm3", "t", None, "kWh"]
    assert table["start"].cast(str).to_list() == ["2022-01-01", "2022-07-01", None, "2022-01-01", "2022-01-01"]
    assert table["relative_uncertainty"].to_list() == [0.3, 0.3, 0.3, 0.3, 0.1]
    assert canonical_unit("electricity", "GJ") == "kWh"  # one dimension: the item's own unit
    assert canonical_unit("hydrochloric-acid", "L") == "L"  # another dimension: litres stay litres


def test_zero_and_nothing_differ() -> None:
    rows = [fact(value=0.0), *(fact(value=None, state=state) for state in State if state is not State.VALUE)]
    table = frame(rows)
    assert table["value"].to_list() == [0.0, None, None, None]
    assert table["state"].to_list() == ["value", "empty", "not-applicable", "below-detection"]


def codes(table: pl.DataFrame) -> set[str]:
    with pytest.raises(InputError) as caught:
        facts_of(table)
    return {problem.code for problem in caught.value.problems}


def test_what_is_no_fact_table_is_refused_with_every_fault() -> None:
    good = frame([fact(), fact()])
    assert codes(good.drop("item", "value")) == {"frame-column-missing"}
    assert codes(good.with_columns(pl.col("value").cast(str))) == {"frame-column-type"}
    bad = good.with_columns(
        state=pl.Series(["value", "maybe"]),
        basis=pl.Series(["guess", "meter"]),
        period=pl.Series(["2022", "July"]),
        value=pl.Series([None, 1.0], dtype=pl.Float64),
        unit=pl.Series([None, "t"], dtype=pl.String),
    )
    assert codes(bad) == {"frame-null", "frame-state", "frame-basis", "frame-value", "frame-period"}
    assert codes(good.with_columns(state=pl.lit("empty"))) == {"frame-value"}


def test_every_column_is_described() -> None:
    assert all(meaning for _, meaning in (*COLUMNS.values(), *DERIVED.values()))
    assert list(schema()) == [*COLUMNS, *DERIVED]

"""Scoring in columns equals the scalar path: random systems with every feature, random plants, exact levels."""

from __future__ import annotations

from typing import Any

import duckdb
import polars as pl
import pytest
from columns_cases import FEATURES, Plant, as_columns, random_plants, random_system
from columns_check import as_frame, check_rows, in_engine, outcome
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from qingyuan.standards import columns
from qingyuan.standards.checking import errors
from qingyuan.standards.columns import ColumnScores, score_columns
from qingyuan.standards.columns.kernel import numba_available
from qingyuan.standards.columns.plan import Plan, compile_plan
from qingyuan.standards.model import IndexSystem

features = st.sets(st.sampled_from(FEATURES), max_size=8)
seeds = st.integers(0, 2**32)
# What the fused pass takes; the other features go through the general one.
GENERAL = {"alternatives", "output-block", "unknown-block", "unread-levels", "unread-weights", "variable-weight"}
FUSED = sorted(set(FEATURES) - GENERAL)


def cases(examples: int) -> Any:
    return settings(max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])


def check_plant(system: IndexSystem, plant: Plant, scores: ColumnScores, index: int) -> None:
    level, problem = scores.level_words()[index], scores.problem_words()[index]
    one = outcome(system, plant)
    if isinstance(one, set):
        assert level is None
        assert problem in one
        return
    assert problem is None
    assert level == one.level
    high = scores.y if scores.y_high is None else scores.y_high
    for place, name in enumerate(("I", "II", "III")):
        interval = one.index(name)
        assert scores.y[place, index] == pytest.approx(float(interval.low), rel=1e-12, abs=0)
        assert high[place, index] == pytest.approx(float(interval.high), rel=1e-12, abs=0)
    assert scores.limiting_failures[index] == len(one.limiting_failures)
    if scores.met is not None:
        assert {row.id: scores.met_words(row.id)[index] for row in one.rows} == {row.id: row.met for row in one.rows}


def draw_case(
    features: set[str], seed: int, plants: int, all_apply: bool = False
) -> tuple[IndexSystem, Plan, list[Plant]]:
    system = random_system(seed, features)
    assume(not errors(system))
    return system, compile_plan(system, "main"), random_plants(system, seed + 1, plants, features, all_apply)


@cases(150)
@given(features, seeds, st.booleans())
def test_arrays(features: set[str], seed: int, met: bool) -> None:
    system, plan, plants = draw_case(features, seed, 30)
    scores = score_columns(plan, as_columns(system, plants), met=met, engine="numpy")
    for index, plant in enumerate(plants):
        check_plant(system, plant, scores, index)


def test_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables whose rows all apply take the fused pass, the others the general one; both are tried below."""
    taken: list[str] = []
    for name in ("_fused", "_general"):
        own = getattr(columns, name)
        monkeypatch.setattr(columns, name, lambda *each, own=own, name=name: (taken.append(name), own(*each)))
    for all_apply, expected in ((True, "_fused"), (False, "_general")):
        system = random_system(1, {"strict", "bonus", "count-block"})
        plan, plants = compile_plan(system, "main"), random_plants(system, 2, 30, (), all_apply)
        score_columns(plan, as_columns(system, plants), engine="numpy")
        assert taken.pop() == expected
        assert not taken


@cases(100)
@given(st.sets(st.sampled_from(FUSED), max_size=6), seeds)
def test_the_fused_passes(features: set[str], seed: int) -> None:
    system, plan, plants = draw_case(features, seed, 30, all_apply=True)
    data = as_columns(system, plants)
    plain = score_columns(plan, data, engine="numpy")
    for index, plant in enumerate(plants):
        check_plant(system, plant, plain, index)
    if numba_available():
        compiled = score_columns(plan, data, engine="numba")
        assert plain.level.tobytes() == compiled.level.tobytes()
        assert plain.problem.tobytes() == compiled.problem.tobytes()
        assert plain.limiting_failures.tobytes() == compiled.limiting_failures.tobytes()
        assert plain.y.tobytes() == compiled.y.tobytes()


@cases(40)
@given(features, seeds, st.booleans())
def test_polars_frames(features: set[str], seed: int, lazy: bool) -> None:
    system, plan, plants = draw_case(features, seed, 25)
    frame = as_frame(system, plants)
    scored = in_engine(plan, frame.lazy() if lazy else frame)
    assert scored is None or isinstance(scored, pl.LazyFrame if lazy else pl.DataFrame)
    if scored is not None:
        check_rows(system, plan, plants, scored.lazy().collect().to_dicts(), near=1e-12)


@cases(12)
@given(features, seeds)
def test_duckdb_relations(features: set[str], seed: int) -> None:
    system, plan, plants = draw_case(features, seed, 25)
    frame = as_frame(system, plants)
    with duckdb.connect() as connection:
        connection.register("plants", frame)
        scored = in_engine(plan, connection.table("plants"))
        assert scored is None or isinstance(scored, duckdb.DuckDBPyRelation)
        if scored is not None:
            check_rows(system, plan, plants, scored.order("plant").pl().to_dicts(), near=1e-12)

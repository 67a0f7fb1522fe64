"""Scoring in columns equals the scalar path: random systems with every feature, random plants, exact levels."""

from __future__ import annotations

import numpy as np
import pytest
from columns_cases import FEATURES, Plant, as_columns, random_plants, random_system
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from qingyuan.errors import InputError
from qingyuan.standards import score
from qingyuan.standards.checking import errors
from qingyuan.standards.columns import ColumnScores, score_columns
from qingyuan.standards.model import IndexSystem
from qingyuan.standards.plan import compile_plan

features = st.sets(st.sampled_from(FEATURES), max_size=8)
seeds = st.integers(0, 2**32)


def check_plant(system: IndexSystem, plant: Plant, scores: ColumnScores, index: int) -> None:
    values, parameters = plant
    level, problem = scores.level_words()[index], scores.problem_words()[index]
    try:
        one = score(system, values, parameters, "main")
    except InputError as error:
        assert level is None
        assert problem in {each.code for each in error.problems}
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


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(features, seeds, st.booleans())
def test_columns_equal_the_scalar_path(features: set[str], seed: int, met: bool) -> None:
    system = random_system(seed, features)
    assume(not errors(system))
    plants = random_plants(system, seed + 1, 30, features)
    scores = score_columns(compile_plan(system, "main"), as_columns(system, plants), met=met, engine="numpy")
    for index, plant in enumerate(plants):
        check_plant(system, plant, scores, index)

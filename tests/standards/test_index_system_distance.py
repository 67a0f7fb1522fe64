"""Distance to the next level: gaps in their own units, exact gains, and the smallest sets against brute force."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from index_system_strategies import documents, plants, system_of

from qingyuan.errors import InputError
from qingyuan.standards import IndexSystem, Score, load, score
from qingyuan.standards.distance import gaps
from qingyuan.standards.model import LEVELS

QUICK = settings(max_examples=40, deadline=None)


def rank(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else 3  # type: ignore[arg-type]


def meets(result: Score, level: str) -> bool:
    """Whether a level's own conditions are met for certain."""
    return next(status.met is True for status in result.statuses if status.level == level)


def scored(system: IndexSystem, values: dict[str, object]) -> Score:
    try:
        return score(system, values)
    except InputError as error:
        assume([problem.code for problem in error.problems] != ["nothing-applies"])
        raise


def test_gaps_in_the_rows_own_unit() -> None:
    values = {"rinse-water": 30, "zinc-utilisation": Decimal("79.5"), "law": "none"}
    found = {row.row.id: row for row in gaps(score("electroplating-2015", values)).rows}
    water = {gap.level: gap for gap in found["rinse-water"].gaps}
    assert {level: gap.change for level, gap in water.items()} == {"II": -6, "I": -22}
    zinc = {gap.level: gap.change for gap in found["zinc-utilisation"].gaps}
    assert zinc == {"II": Fraction(1, 2), "I": Fraction(5, 2)}
    law = found["law"].gaps
    assert [gap.level for gap in law] == ["III", "II", "I"]
    assert law[0].change is None
    assert law[0].gain is not None
    # 0.2 of 0.16: 3.2 points at III; reaching I brings them at every level.
    assert [interval.low for interval in law[0].gain.values] == [0, 0, Fraction(16, 5)]
    assert [interval.low for interval in law[2].gain.values] == [Fraction(16, 5)] * 3


def test_negative_levels_and_strict_bounds() -> None:
    found = {row.row.id: row for row in gaps(score("steel-2014", {"converter-energy": -5})).rows}
    assert {gap.level: gap.change for gap in found["converter-energy"].gaps} == {"II": -3, "I": -15}
    draft = "hazardous-waste-incineration-draft-later"
    run = next(row for row in gaps(score(draft, {"annual-run-hours": 6000})).rows if row.row.id == "annual-run-hours")
    assert [(gap.level, gap.change, gap.strict) for gap in run.gaps] == [("II", 0, True), ("I", 1000, True)]


def test_gains_stop_at_the_cap_of_the_bonus() -> None:
    draft = "hazardous-waste-incineration-draft"
    system = load(draft)
    values: dict[str, object] = {row.id: "I" for table in system.tables for row in table.indicators()}
    values["water-per-tonne"] = "none"  # 6 points, of which the bonus of 10 already covers all
    row = next(row for row in gaps(score(draft, values)).rows if row.row.id == "water-per-tonne")
    assert row.gaps[0].gain is not None
    assert row.gaps[0].gain["III"].low == 0


def test_no_paths_beyond_the_level_reached() -> None:
    system = load("electroplating-2015")
    best = score(system, {row.id: "I" for row in system.table("general").indicators()})
    assert gaps(best).paths == ()
    assert gaps(best).rows == ()
    with pytest.raises(KeyError):
        gaps(best).path("I")


def test_without_weights_only_the_obligatory_rows_are_named() -> None:
    found = gaps(score("steel-2014", {"policy": "none", "fresh-water": 4.0}))
    path = found.path("I")
    assert not path.possible
    assert {"policy", "fresh-water"} <= {step.id for step in path.obligatory}
    assert json.loads(json.dumps(found.as_json()))["paths"]


def test_a_real_table_is_searched_at_once() -> None:
    """64 rows: all smallest sets are counted, the first are listed, and each of them works."""
    system = load("printed-circuit-board-undated")
    values: dict[str, object] = {row.id: "III" for row in system.table("general").indicators()}
    parameters = {"outputs": {"刚性双面板": 24036, "刚性单面板": 43426}}
    before = score(system, values, parameters)
    path = gaps(before).path("II")
    assert path.size == len(path.sets[0].steps) == 12
    assert path.complete
    for found in path.sets:
        after = score(system, values | {step.id: step.to for step in found.steps}, parameters)
        assert after.level == "II"
        assert after.index("II").low == 85 + found.surplus


@QUICK
@given(plants(groups=2), st.data())
def test_gains_are_what_scoring_again_gives(plant: tuple[IndexSystem, dict[str, object]], data: st.DataObject) -> None:
    system, values = plant
    before = scored(system, values)
    open_gaps = [(row, gap) for row in gaps(before).rows for gap in row.gaps]
    assume(open_gaps)
    row, gap = data.draw(st.sampled_from(open_gaps))
    if gap.change is not None and not gap.strict and row.row.answer.number is not None:
        reached: object = row.row.answer.number + gap.change
    else:
        reached = gap.level
    after = scored(system, {**values, row.row.id: reached})
    assert after.row(row.row.id).membership[gap.level]
    assert gap.gain is not None
    bounds = row.row.bounds
    same = row.row.indicator.same_text_as_better(gap.level) == gap.level and all(
        bounds[better] is None or bounds[better] != bounds[gap.level]
        for better in LEVELS[: LEVELS.index(gap.level)]
    )  # fmt: skip
    for level in LEVELS:
        gained = after.index(level).low - before.index(level).low
        assert gap.gain[level].low == gained if same else gap.gain[level].low <= gained


def brute(system: IndexSystem, values: dict[str, object], before: Score, target: str) -> set[frozenset[str]]:
    """Every smallest set of rows which, brought to the target or where that suffices to II, reach the target."""
    rows = [row.id for row in before.rows if row.met not in ("n/a", "open") and row.membership[target] is not True]  # type: ignore[index]
    rows += [
        row.id
        for row in before.rows
        if row.met not in ("n/a", "open", *rows) and row.id not in rows and not row.membership["I"]
    ]
    for size in range(len(rows) + 1):
        found = set()
        for chosen in itertools.combinations(rows, size):
            better = {id: "I" if before.row(id).membership[target] else target for id in chosen}  # type: ignore[index]
            if meets(score(system, {**values, **better}), target):
                found.add(frozenset(chosen))
        if found:
            return found
    return set()


@settings(max_examples=30, deadline=None)
@given(plants(groups=2), st.sampled_from(LEVELS))
def test_smallest_sets_are_those_of_brute_force(plant: tuple[IndexSystem, dict[str, object]], target: str) -> None:
    system, values = plant
    before = scored(system, values)
    assume(rank(before.level) > rank(target) and not meets(before, target))
    assume(sum(1 for row in before.rows if row.met not in ("I", "n/a", "open")) <= 9)
    path = gaps(before, shown=10_000).path(target)  # type: ignore[arg-type]
    expected = brute(system, values, before, target)
    listed = {frozenset(step.id for step in found.steps) for found in path.sets}
    assert listed == expected
    assert path.possible == bool(expected)
    if expected:
        assert path.complete
        assert path.count == len(expected) == len(path.sets)
        assert path.size == len(next(iter(expected)))
        surpluses = [found.surplus for found in path.sets]
        assert surpluses == sorted(surpluses)
    for found in path.sets[:20]:
        after = score(system, {**values, **{step.id: step.to for step in found.steps}})
        assert meets(after, target)


@QUICK
@given(documents(partial=True, bonus=False, shared=("unknown",), groups=2), st.data())
def test_sets_of_a_partial_table_work_whatever_the_split(document: dict[str, object], data: st.DataObject) -> None:
    from index_system_strategies import answered

    system = system_of(document)  # type: ignore[arg-type]
    values = data.draw(answered(system))
    before = scored(system, values)
    for path in gaps(before).paths:
        for found in path.sets[:5]:
            after = score(system, {**values, **{step.id: step.to for step in found.steps}})
            assert meets(after, path.level)

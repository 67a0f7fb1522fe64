"""Quick diagnosis: the questions asked, a band that holds whatever is missing, weak groups, what decides."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingyuan.audit.diagnosis import diagnose, questions
from qingyuan.errors import InputError, UnknownName
from qingyuan.standards.loading import load, systems
from qingyuan.standards.model import IndexSystem, Table
from qingyuan.standards.scoring import score

PLATING, BOARDS = "electroplating-2015", "printed-circuit-board-undated"
RANK = {"I": 3, "II": 2, "III": 1, "none": 0}


def rows(system: str) -> list[str]:
    table = load(system).main_tables()[0]
    return [row.id for row in table.indicators() if not row.open]


def every_table() -> list[tuple[IndexSystem, Table]]:
    loaded = [load(summary.id) for summary in systems() if summary.tables]
    return [(system, table) for system in loaded for table in system.main_tables()]


# --- questions -------------------------------------------------------------------------------------------------------


def test_about_a_dozen_questions_that_show_every_group() -> None:
    for system in (PLATING, BOARDS, "hazardous-waste-incineration-draft-later"):
        asked = questions(system)
        table = load(system).main_tables()[0]
        assert len(asked) == 12
        graded = {group.id for group in table.groups if not all(row.open for row in group.indicators)}
        assert {one.row.group for one in asked} == graded
        order = [row.id for row in table.indicators()]
        assert [one.row.id for one in asked] == sorted((one.row.id for one in asked), key=order.index)


def test_limiting_rows_go_before_others() -> None:
    asked = {one.row.id: one for one in questions(PLATING)}
    left = [row for row in load(PLATING).main_tables()[0].indicators() if row.id not in asked]
    assert sum(one.row.limiting for one in asked.values()) == 9
    assert not any(row.limiting for row in left)
    assert asked["rinse-water"].reasons == ("group", "limiting")
    assert asked["rinse-water"].weight == Fraction(1, 10)
    assert [str(text) for _, text in asked["rinse-water"].choices] == ["≤ 8 L/m²", "≤ 24 L/m²", "≤ 40 L/m²"]
    assert asked["rinse-water"].as_json()["answer"] == "number or level"


def test_more_or_fewer_questions() -> None:
    assert len(questions(PLATING, count=1)) == 1
    assert len(questions(PLATING, count=999)) == len(rows(PLATING))
    with pytest.raises(ValueError, match="at least one"):
        questions(PLATING, count=0)


def test_every_shipped_table_can_be_asked_and_diagnosed() -> None:
    count = 0
    for system, table in every_table():
        asked = questions(system, table.id)
        if not any(not row.open for row in table.indicators()):
            assert asked == ()
            continue
        count += 1
        best = diagnose(system, {one.row.id: "I" for one in asked}, None, table.id)
        assert RANK[best.low] <= RANK[best.high]
        nothing = diagnose(system, {}, None, table.id)
        assert RANK[nothing.low] <= RANK[best.low]
        assert RANK[best.high] <= RANK[nothing.high]
    assert count >= 8


# --- the band --------------------------------------------------------------------------------------------------------


def test_without_answers_everything_is_possible() -> None:
    found = diagnose(PLATING, {})
    assert (found.low, found.high, found.known_weight) == ("none", "I", 0)
    assert [(interval.low, interval.high) for _, interval in found.indices] == [(0, 100)] * 3
    assert found.answered_only is None
    assert found.weak == ()


def test_all_answers_give_the_score_itself() -> None:
    answers = dict.fromkeys(rows(PLATING), "II")
    found = diagnose(PLATING, answers)
    exact = score(PLATING, answers)
    assert found.decided
    assert found.low == exact.level
    assert found.indices == exact.indices
    assert found.known_weight == 1
    assert found.deciding == ()


def test_one_row_that_misses_the_third_level_decides() -> None:
    # level III asks for every row: a row that is known to miss it leaves only II, by the published rule for indices
    found = diagnose(PLATING, {"rinse-water": 50})
    assert found.high == "none"  # it is a limiting row
    assert found.decided
    assert [row.id for row in found.weak[0].missing] == ["rinse-water"]
    assert found.weak[0].lost == 10
    assert not any(one.decides for one in found.deciding)


def test_what_data_would_decide() -> None:
    answers: dict[str, object] = dict.fromkeys(rows(PLATING), "I")
    for id in ("water-reuse", "rinse-water", "emergency"):
        del answers[id]
    found = diagnose(PLATING, answers)
    assert (found.low, found.high) == ("none", "I")
    first = found.deciding[0]
    assert first.row.id == "rinse-water"  # limiting, and the heaviest
    assert first.decides
    assert first.high_if_missed == "none"
    assert {one.row.id for one in found.deciding} == {"water-reuse", "rinse-water", "emergency"}
    assert found.known_weight == 1 - sum(
        (score(PLATING, {}).row(id).weight or 0 for id in ("water-reuse", "rinse-water", "emergency")), Fraction(0)
    )


def test_answered_rows_by_themselves_are_a_hint() -> None:
    found = diagnose(PLATING, {"rinse-water": 5, "plating-line": "II"})
    assert found.answered_only is not None
    assert found.answered_only.level == "II"
    assert found.low == "none"


def test_values_documents_and_problems() -> None:
    document = {"system": PLATING, "values": {"rinse-water": "12"}, "parameters": {}}
    assert diagnose(PLATING, document).known_weight == Fraction(1, 10)
    with pytest.raises(InputError) as caught:
        diagnose(PLATING, {"rinse-wtaer": 1, "metering": "perhaps"})
    assert sorted(problem.code for problem in caught.value.problems) == ["bad-answer", "unknown-indicator"]
    with pytest.raises(UnknownName):
        diagnose("no-such-system", {})


def test_rows_that_are_alternatives_are_tried_one_by_one() -> None:
    system = load("steel-2014")
    table = system.main_tables()[0]
    words = {row.alternatives for row in table.indicators() if row.alternatives}
    assert words
    found = diagnose(system, {}, None, table.id)
    assert found.high == "I"
    assert any("权重没有读到" in str(note) for note in found.notes)


ANSWERS = st.sampled_from(["I", "II", "III", "none", "n/a", None])


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_whatever_the_missing_answers_are_the_grade_lies_in_the_band(data: Any) -> None:
    system = data.draw(st.sampled_from([PLATING, "hazardous-waste-incineration-draft-later"]))
    complete = {id: data.draw(ANSWERS.filter(lambda answer: answer is not None), label=id) for id in rows(system)}
    try:
        exact = score(system, complete)
    except InputError:
        return  # nothing applies at all
    known = {id: answer for id, answer in complete.items() if data.draw(st.booleans(), label=f"know {id}")}
    found = diagnose(system, known)
    possible = [exact.level] if exact.level != "undecided" else list(exact.possible)
    assert all(RANK[found.low] <= RANK[level] <= RANK[found.high] for level in possible)
    for name, interval in found.indices:
        assert interval.low <= exact.index(name).low
        assert exact.index(name).high <= interval.high


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.sampled_from(rows(PLATING)), st.sampled_from(["I", "II", "III", "none"]), max_size=20),
       st.sampled_from(rows(PLATING)), st.sampled_from(["I", "II", "III", "none"]))  # fmt: skip
def test_another_answer_never_widens_the_band(known: dict[str, str], more: str, answer: str) -> None:
    if more in known:
        return
    before, after = diagnose(PLATING, known), diagnose(PLATING, {**known, more: answer})
    assert RANK[before.low] <= RANK[after.low]
    assert RANK[after.high] <= RANK[before.high]
    assert (after.known_weight or 0) > (before.known_weight or 0)
    for (_, wide), (_, narrow) in zip(before.indices, after.indices, strict=True):
        assert wide.low <= narrow.low
        assert narrow.high <= wide.high
    decider = next(one for one in before.deciding if one.row.id == more)
    if answer == "I":
        assert after.low == decider.low_if_met
    if answer == "none":
        assert after.high == decider.high_if_missed

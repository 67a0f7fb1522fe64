"""Audit focus: weighted-sum ranking, scores from facts, toxic substances, what triggers compel, the choice."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.audit.focus import Compelled, choose, compulsory_rules, factor_set, factor_sets, measures, rank
from qingyuan.audit.focus_facts import candidates, compelled, measure_at, propose
from qingyuan.audit.result import AuditResult
from qingyuan.audit.toxics import toxics
from qingyuan.errors import InputError, UnknownName
from qingyuan.facts.model import Basis, Case, Fact, Monitoring, Place, Profile, State
from qingyuan.figures.ledger import Ledger
from qingyuan.language import message

HANDBOOK = factor_set()
DAY = dt.date(2025, 12, 31)


def fact(place: str, kind: str, item: str, role: str, value: float | None, unit: str, period: str = "2024") -> Fact:
    return Fact("p", period, item, role, value, unit, place=place, kind=kind, label=item, basis=Basis.METER)


def plant(*facts: Fact, monitoring: tuple[Monitoring, ...] = ()) -> Ledger:
    places = (*(Place(name, kind="workshop") for name in ("A", "B", "C")), Place("宿舍", kind="living"))
    return Ledger(Case(Profile(plant="p"), facts, places=places, monitoring=monitoring))


# --- factors ---------------------------------------------------------------------------------------------------------


def test_the_handbooks_factors_and_ranges() -> None:
    ranges = {factor.id: (factor.low, factor.high, factor.weight) for factor in HANDBOOK.factors}
    assert ranges == {
        "waste": (10, 10, 10), "consumption": (7, 9, 8), "expense": (7, 9, 8), "market": (4, 6, 5),
        "willingness": (1, 3, 2),
    }  # fmt: skip
    assert [one.id for one in factor_sets()] == ["handbook", "textbook", "options"]
    assert [(factor.low, factor.high) for factor in factor_set("options").factors] == [(8, 10), (7, 10), (6, 8), (4, 6)]
    with pytest.raises(UnknownName):
        factor_set("own")


def test_weights_are_editable() -> None:
    changed = HANDBOOK.with_weights({"market": 9, "willingness": 0})
    weights = {factor.id: factor.weight for factor in changed.factors}
    assert weights["market"] == 9
    assert "willingness" not in weights
    found = rank(("A",), changed, {})
    assert any("市场发展潜力" in str(note) and "通常范围" in str(note) for note in found.notes)
    with pytest.raises(InputError) as caught:
        HANDBOOK.with_weights({"luck": 5, "market": 11})
    assert [problem.code for problem in caught.value.problems] == ["factor-unknown", "factor-weight"]


# --- ranking ---------------------------------------------------------------------------------------------------------

SCORES = {
    "A": {"waste": 6, "consumption": 9, "expense": 5, "market": 8, "willingness": 10},
    "B": {"waste": 10, "consumption": 6, "expense": 8, "market": 5, "willingness": 5},
}


def test_totals_are_sums_of_weight_times_score() -> None:
    found = rank(("A", "B"), HANDBOOK, SCORES)
    totals = {row.candidate: row.low for row in found.rows}
    assert totals == {
        "A": 10 * 6 + 8 * 9 + 8 * 5 + 5 * 8 + 2 * 10,  # 232
        "B": 10 * 10 + 8 * 6 + 8 * 8 + 5 * 5 + 2 * 5,  # 247
    }
    assert [row.candidate for row in found.rows] == ["B", "A"]
    assert (found.decided, found.first) == (True, "B")
    assert found.as_json()["rows"][0]["total"] == 247.0  # type: ignore[index]


def test_equal_totals_share_the_rank() -> None:
    found = rank(("A", "B"), HANDBOOK, {"A": SCORES["A"], "B": SCORES["A"]})
    assert [(row.best_rank, row.worst_rank) for row in found.rows] == [(1, 2), (1, 2)]
    assert not found.decided
    assert any("尚不能确定" in str(note) for note in found.notes)


def test_missing_scores_leave_a_range() -> None:
    open_scores = {"A": {**SCORES["A"]}, "B": {key: value for key, value in SCORES["B"].items() if key != "market"}}
    found = rank(("A", "B"), HANDBOOK, open_scores)
    b = next(row for row in found.rows if row.candidate == "B")
    assert (b.low, b.high) == (247 - 25 + 5, 247 - 25 + 50)
    assert not found.decided  # 227 to 272 against 232
    decided = rank(("A", "B"), HANDBOOK, {**open_scores, "A": dict.fromkeys(SCORES["A"], 1)})
    assert decided.first == "B"


def test_scores_that_do_not_fit() -> None:
    with pytest.raises(InputError) as caught:
        rank(("A", "A"), HANDBOOK, {"A": {"waste": 11, "luck": 1, "market": "high"}, "Z": {}})
    assert sorted(problem.code for problem in caught.value.problems) == [
        "candidate-twice", "candidate-unknown", "factor-unknown", "score-R", "score-R",
    ]  # fmt: skip
    with pytest.raises(InputError, match="没有备选"):
        rank((), HANDBOOK, {})


@given(st.data())
def test_the_order_is_that_of_the_sums(data: Any) -> None:
    names = tuple("ABCDE"[: data.draw(st.integers(1, 5))])
    scores = {name: {factor.id: data.draw(st.integers(1, 10)) for factor in HANDBOOK.factors} for name in names}
    found = rank(names, HANDBOOK, scores)
    sums = {name: sum(factor.weight * scores[name][factor.id] for factor in HANDBOOK.factors) for name in names}
    assert [row.low for row in found.rows] == sorted(sums.values(), reverse=True)
    for row in found.rows:
        assert row.low == row.high == sums[row.candidate]
        assert row.best_rank == 1 + sum(other > row.low for other in sums.values())
        assert row.worst_rank == sum(other >= row.low for other in sums.values())


@given(st.data())
def test_whatever_the_missing_scores_are_the_rank_lies_in_its_range(data: Any) -> None:
    names = ("A", "B", "C")
    every = {name: {factor.id: data.draw(st.integers(1, 10)) for factor in HANDBOOK.factors} for name in names}
    known = {name: {id: value for id, value in own.items() if data.draw(st.booleans())} for name, own in every.items()}
    partial = {row.candidate: row for row in rank(names, HANDBOOK, known).rows}
    for row in rank(names, HANDBOOK, every).rows:
        mine = partial[row.candidate]
        assert mine.low <= row.low <= mine.high
        assert mine.best_rank <= row.best_rank
        assert row.best_rank <= mine.worst_rank


# --- scores from facts -----------------------------------------------------------------------------------------------


def test_candidates_are_the_places_below_the_site_without_living_quarters() -> None:
    assert candidates(plant()) == ("A", "B", "C")
    assert candidates(plant(), excluded=("B",)) == ("A", "C")
    assert candidates(Ledger(Case(Profile(plant="p"), ()))) == ("",)


def test_a_measured_amount_gives_the_share_of_the_largest() -> None:
    ledger = plant(
        fact("A", "water", "process-wastewater", "generated", 100.0, "m3"),
        fact("B", "water", "process-wastewater", "generated", 50.0, "m3"),
        fact("C", "water", "process-wastewater", "generated", 0.0, "m3"),
    )
    found = propose(ledger, HANDBOOK, "2024")
    assert {place: (found[place]["waste"].low, found[place]["waste"].high) for place in "ABC"} == {
        "A": (10, 10), "B": (6, 6), "C": (1, 1),  # 1 + 9/2 = 5.5, halves up
    }  # fmt: skip
    measured = found["B"]["waste"].measured[0]
    assert measured.term is not None
    assert (measured.measure.id, measured.term.value, measured.share) == ("wastewater", 50, Fraction(1, 2))
    assert found["A"]["market"].origin == "open"


def test_a_missing_amount_is_not_zero() -> None:
    ledger = plant(
        fact("A", "water", "process-wastewater", "generated", 100.0, "m3"),
        fact("B", "water", "process-wastewater", "generated", 50.0, "m3"),
    )
    found = propose(ledger, HANDBOOK, "2024")
    assert (found["C"]["waste"].low, found["C"]["waste"].high) == (1, 10)
    assert found["C"]["waste"].measured[0].term is None


def test_energy_is_compared_as_standard_coal() -> None:
    ledger = plant(
        fact("A", "energy", "electricity", "consumed", 10000.0, "kWh"),
        fact("B", "energy", "natural-gas", "consumed", 10000.0, "Nm3"),
    )
    energy = measures()["energy"]
    a, b = (measure_at(ledger, energy, place, "2024").term for place in ("A", "B"))
    assert a is not None
    assert b is not None
    assert a.value == pytest.approx(10000 * 0.1229 / 1000)
    assert b.value > 9 * a.value  # gas carries about ten times the heat of a kilowatt hour


def test_materials_in_other_units_are_named_and_not_added() -> None:
    ledger = plant(
        fact("A", "material", "sulfuric-acid", "consumed", 2000.0, "kg"),
        fact("A", "material", "ink-thinner", "consumed", 500.0, "L"),
    )
    found = measure_at(ledger, measures()["materials"], "A", "2024")
    assert found.term is not None
    assert found.term.value == pytest.approx(2.0)
    assert len(found.left_out) == 1


def test_a_whole_and_its_part_are_not_counted_twice() -> None:
    ledger = plant(
        fact("A", "waste", "hazardous-waste", "generated", 10.0, "t"),
        fact("A", "waste", "electroplating-sludge", "generated", 8.0, "t"),
    )
    found = measure_at(ledger, measures()["hazardous-waste"], "A", "2024")
    assert found.term is not None
    assert found.term.value == 8.0


@given(st.lists(st.floats(0, 1e6), min_size=3, max_size=3).filter(lambda amounts: max(amounts) > 1e-3))
def test_more_of_it_never_scores_less(amounts: list[float]) -> None:
    ledger = plant(*(
        fact(place, "water", "process-wastewater", "generated", amount, "m3")
        for place, amount in zip("ABC", amounts, strict=True)
    ))  # fmt: skip
    found = propose(ledger, HANDBOOK, "2024")
    scored = sorted((amount, found[place]["waste"].low) for place, amount in zip("ABC", amounts, strict=True))
    assert [score for _, score in scored] == sorted(score for _, score in scored)
    assert scored[-1][1] == 10
    assert all(1 <= score <= 10 for _, score in scored)


# --- toxic substances and the compulsory rule ------------------------------------------------------------------------


def test_what_is_toxic_by_formula_code_tree_and_name() -> None:
    ledger = plant(
        fact("A", "material", "chromium-trioxide", "consumed", 5.0, "t"),
        fact("A", "material", "sodium-cyanide", "consumed", 1.0, "t"),
        fact("B", "material", "nickel-sulfate", "consumed", 5.0, "t"),
        fact("B", "material", "sulfuric-acid", "consumed", 5.0, "t"),
        fact("B", "waste", "electroplating-sludge", "generated", 5.0, "t"),
        fact("C", "waste", "waste-paper", "generated", 5.0, "t"),
        fact("C", "material", "lead-metal", "consumed", 0.0, "t"),
    )
    found = {one.item: one for one in toxics(ledger.case, DAY)}
    assert set(found) == {"chromium-trioxide", "sodium-cyanide", "nickel-sulfate", "electroplating-sludge"}
    assert found["chromium-trioxide"].rule.record.id == "heavy-metals"
    assert found["sodium-cyanide"].rule.record.id == "highly-toxic"
    assert found["electroplating-sludge"].rule.record.id == "hazardous-waste"
    assert not found["nickel-sulfate"].certain  # the text says "and other heavy metals": the auditor decides
    assert "由审核人员判断" in str(found["nickel-sulfate"].why)
    assert toxics(ledger.case, dt.date(2016, 6, 30)) == ()


def test_toxic_links_are_compelled_and_cannot_be_ranked_away() -> None:
    ledger = plant(
        fact("A", "water", "process-wastewater", "generated", 100.0, "m3"),
        fact("B", "water", "process-wastewater", "generated", 1.0, "m3"),
        fact("C", "water", "process-wastewater", "generated", 1.0, "m3"),
        fact("C", "material", "chromium-trioxide", "consumed", 0.1, "t"),
    )
    places = candidates(ledger)
    links = compelled(ledger, ("T3",), places)
    assert [(one.trigger, one.place) for one in links] == [("T3", "C")]
    ranking = rank(places, HANDBOOK, {place: dict.fromkeys(SCORES["A"], score) for place, score in
                                      zip(places, (10, 5, 1), strict=True)})  # fmt: skip
    focus = choose(ranking, links)
    assert [(choice.place, choice.ranked, len(choice.compelled)) for choice in focus.choices] == [
        ("A", 1, 0), ("C", None, 1),
    ]  # fmt: skip
    assert focus.open == ()


def test_exceedances_lead_to_their_place_or_ask_for_it() -> None:
    def result(outlet: str, value: float) -> Monitoring:
        return Monitoring("p", outlet, "COD", "2024-05-06", State.VALUE, value, "mg/L", limit="100", label="COD")

    ledger = plant(monitoring=(result("A 车间排放口", 150.0), result("总排口", 90.0)))
    links = compelled(ledger, ("T1",), candidates(ledger))
    assert [one.place for one in links] == ["A"]
    assert "超过限值" in str(links[0].reason)
    unclear = plant(monitoring=(result("总排口", 150.0),))
    assert [one.place for one in compelled(unclear, ("T1",), candidates(unclear))] == [None]
    within = plant(monitoring=(result("总排口", 90.0),))
    asked = compelled(within, ("T1",), candidates(within))
    assert [one.place for one in asked] == [None]
    named = compelled(within, ("T1", "T2"), candidates(within), links={"T1": ("B",), "T2": ("A", "C")})
    assert [(one.trigger, one.place) for one in named] == [("T1", "B"), ("T2", "A"), ("T2", "C")]
    with pytest.raises(UnknownName):
        compelled(within, ("T1",), candidates(within), links={"T1": ("Z",)})
    with pytest.raises(UnknownName):
        compelled(within, ("T7",), candidates(within))


def test_more_than_permitted_compels(plating: AuditResult) -> None:
    permit = Fact("p", "2024", "COD", "permitted", 0.1, "t", kind="pollutant", label="COD")
    case = replace(plating.case, facts=(*plating.case.facts, permit))
    ledger = Ledger(case)
    links = compelled(ledger, ("T1",), candidates(ledger), figures=plating.figures)
    assert any("超过许可量" in str(one.reason) for one in links)


def test_the_choice_says_what_is_open() -> None:
    ranking = rank(("A", "B"), HANDBOOK, {"A": SCORES["A"]})
    rule = compulsory_rules()[0]
    focus = choose(ranking, (Compelled("T1", None, message("总排口超标"), rule),))
    assert len(focus.choices) == 1
    assert len(focus.open) == 2
    assert any("总排口超标" in str(text) for text in focus.open)
    assert choose(ranking, count=2).open == ()
    assert [one.trigger for one in compulsory_rules()] == ["T1", "T2", "T3"]


def test_the_shipped_plants(plating: AuditResult, boards: AuditResult) -> None:
    ledger = Ledger(plating.case)
    places = candidates(ledger)
    assert places == ("镀锌线", "镀镍铬线", "镀铜线", "废水处理站")
    found = propose(ledger, HANDBOOK, "2024")
    assert found["镀镍铬线"]["consumption"].low == found["镀镍铬线"]["consumption"].high == 10
    assert candidates(Ledger(boards.case)) == ("一车间", "二、三车间", "废水处理站")
    hazardous = [one for one in toxics(boards.case, DAY) if one.certain and one.kind == "waste"]
    assert {"copper-sludge", "cuprammonium-waste"} <= {one.item for one in hazardous}
    assert all(one.as_json()["class"] == "hazardous-waste" for one in hazardous)

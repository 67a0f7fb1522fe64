"""The cheapest way to a level: equal to enumeration, verified by the scoring of plants, explained, certain or not."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.audit.linking import link
from qingyuan.errors import InputError
from qingyuan.facts.cases import read_case
from qingyuan.figures import compute
from qingyuan.figures.derivation import Figure
from qingyuan.figures.ledger import Ledger
from qingyuan.options.change import Change, Option, read_options
from qingyuan.options.changed import compile_plant
from qingyuan.options.levels import LevelModel, level_model
from qingyuan.options.path import certainty, find_path, path_with_certainty, plan_over_years
from qingyuan.standards import load, score
from qingyuan.standards.model import Level
from qingyuan.standards.scoring import choose_table

CASES = Path(__file__).parents[2] / "src" / "qingyuan" / "data" / "cases"


def plating(options: tuple[Option, ...]) -> LevelModel:
    """The demonstration plant with its own facts: rows that facts answer follow from changed facts."""
    case = read_case(CASES / "electroplating-demo")
    plant = compile_plant(case, options)
    figures = compute(plant.case, ledger=plant.ledger)
    system = load("electroplating-2015")
    table = choose_table(system, "general")
    answers = link(plant.case, plant.ledger, figures, system, table, period=plant.period)
    linked: Mapping[str, Figure] = {a.indicator: a.figure for a in answers.answers if a.figure is not None}
    scored = score(system, answers.values(), answers.parameters, table.id)
    return level_model(scored, options, plant, linked)


OPTIONS = read_options([
    {"id": "P1", "name": "重金属在线监控", "investment_10k_cny": 30, "annual_saving_10k_cny": 1,
     "changes": [{"indicator": "heavy-metal-prevention", "answer": "II"}]},
    {"id": "P2", "name": "分类预处理与独立回收", "investment_10k_cny": 90, "annual_saving_10k_cny": 8,
     "changes": [{"indicator": "heavy-metal-prevention", "answer": "I"}]},
    {"id": "W1", "name": "清洗水回用", "investment_10k_cny": 60, "annual_saving_10k_cny": 9, "changes": [
        {"item": "wastewater", "role": "reused", "kind": "absolute", "amount": 4000, "unit": "m3", "low": 3000, "high": 4500},
        {"item": "fresh-water", "role": "taken", "kind": "absolute", "amount": -4000, "unit": "m3", "low": -4500, "high": -3000}]},
    {"id": "W2", "name": "膜法浓水再利用", "investment_10k_cny": 45, "requires": ["W1"], "changes": [
        {"item": "wastewater", "role": "reused", "amount": 3000, "unit": "m3"},
        {"item": "fresh-water", "role": "taken", "amount": -3000, "unit": "m3"}]},
    {"id": "R1", "name": "逆流漂洗", "investment_10k_cny": 25,
     "changes": [{"item": "cleaning-water", "role": "consumed", "kind": "relative", "amount": -30, "unit": "%"}]},
    {"id": "N1", "name": "镀液回收", "investment_10k_cny": 18, "excludes": ["P2"],
     "changes": [{"indicator": "nickel-utilisation", "kind": "absolute", "amount": 2}]},
])  # fmt: skip


def test_the_demonstration_plant_reaches_level_two_by_its_limiting_row() -> None:
    model = plating(OPTIONS)
    assert model.score.level == "III"
    path = find_path(model, "II")
    assert path.status == "optimal"
    assert path.options == ("P1",)
    assert path.cost == pytest.approx(30)
    assert path.score is not None
    assert path.score.level == "II"
    assert [(step.id, step.met_before, step.met_after) for step in path.rows] == [
        ("heavy-metal-prevention", "III", "I")
    ]
    assert "限定性指标" in str(path.rows[0].text())
    assert path.certainty is not None
    assert path.certainty > path.certainty_before == 0  # type: ignore[operator]


def test_facts_changed_by_a_path_give_the_same_score_as_the_whole_computation() -> None:
    model = plating(OPTIONS)
    for chosen in (["W1"], ["W1", "W2", "R1"], ["W1", "N1", "P1", "R1"]):
        quick = model.score_after(chosen)
        case = model.plant.apply(chosen)
        ledger = Ledger(case)
        figures = compute(case, ledger=ledger)
        answers = link(case, ledger, figures, model.score.system, model.score.table, period=model.plant.period)
        own = {
            c.indicator: model.answers(chosen)[c.indicator]
            for o in OPTIONS
            if o.id in chosen
            for c in o.changes
            if c.indicator
        }
        slow = score(model.score.system, {**answers.values(), **own}, answers.parameters, model.score.table.id)
        assert dict(quick.indices) == dict(slow.indices)
        assert quick.level == slow.level
        for row in ("water-reuse", "rinse-water"):
            assert quick.row(row).met == slow.row(row).met
            a, b = quick.row(row).answer.number, slow.row(row).answer.number
            assert a is not None
            assert b is not None
            assert float(a) == pytest.approx(float(b), rel=1e-9)


def test_reuse_rises_and_the_row_says_by_which_option() -> None:
    model = plating(OPTIONS)
    after = model.score_after(["W1"])
    before = compute(model.plant.case)
    reused, fresh = (before.find(id, period="2024").value for id in ("reused-water", "fresh-water"))  # type: ignore[union-attr]
    rate = (reused + 4000) / (reused + 4000 + fresh - 4000)
    assert float(after.row("water-reuse").answer.number or 0) == pytest.approx(100 * rate, rel=1e-6)


SYSTEM = load("electroplating-2015")
BEST = {row.id: "I" for row in SYSTEM.table("general").indicators()}


def brute(model: LevelModel, level: Level) -> float | None:
    best: float | None = None
    ids = [option.id for option in model.options]
    for bits in itertools.product([False, True], repeat=len(ids)):
        chosen = {id for id, bit in zip(ids, bits, strict=True) if bit}
        options = [option for option in model.options if option.id in chosen]
        if any(set(o.requires) - chosen or set(o.excludes) & chosen for o in options):
            continue
        status = next(s for s in model.score_after(sorted(chosen)).statuses if s.level == level)
        if status.met:
            cost = sum(o.investment or 0 for o in options)
            best = cost if best is None else min(best, cost)
    return best


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_equal_to_enumeration(data: st.DataObject) -> None:
    """Additive, multiplicative, mixed and level changes on several rows, prerequisites and exclusions."""
    numeric = ["rinse-water", "zinc-utilisation", "copper-utilisation", "nickel-utilisation", "water-reuse"]
    values: dict[str, object] = {**BEST, "rinse-water": data.draw(st.sampled_from([20, 30, 45])), "zinc-utilisation": 70,
        "copper-utilisation": 76, "nickel-utilisation": 79, "water-reuse": data.draw(st.sampled_from([10, 25])),
        "quality-assurance": "III", "heavy-metal-prevention": data.draw(st.sampled_from(["II", "III"])),
        "plating-line": "III", "cleaner-process": "III"}  # fmt: skip
    options = []
    for n in range(data.draw(st.integers(3, 6))):
        changes = []
        for row in data.draw(
            st.lists(
                st.sampled_from([*numeric, "quality-assurance", "heavy-metal-prevention", "plating-line"]),
                min_size=1,
                max_size=3,
                unique=True,
            )
        ):
            if row not in numeric:
                changes.append(Change("answer", indicator=row, answer=data.draw(st.sampled_from(["I", "II"]))))
                continue
            good = -1 if row == "rinse-water" else 1
            kind = data.draw(st.sampled_from(["absolute", "relative"]))
            size = data.draw(st.integers(-2, 15)) * (1 if kind == "absolute" else 0.02)
            changes.append(Change(kind, indicator=row, amount=good * size))  # type: ignore[arg-type]
        others = [str(m) for m in range(n)]
        requires = data.draw(st.lists(st.sampled_from(others), max_size=1)) if others else []
        free = [o for o in others if o not in requires]
        excludes = data.draw(st.lists(st.sampled_from(free), max_size=1)) if free and not requires else []
        options.append(Option(str(n), changes=tuple(changes), requires=tuple(requires), excludes=tuple(excludes),
                              investment=float(data.draw(st.integers(1, 40)))))  # fmt: skip
    scored = score(SYSTEM, values, {}, "general")
    try:
        model = level_model(scored, options)
    except InputError:  # an exclusion against what a prerequisite needs
        return
    for level in ("II", "I"):
        expected, found = brute(model, level), find_path(model, level, draws=0)  # type: ignore[arg-type]
        if expected is None:
            assert found.status == "infeasible"
            assert found.reasons
        else:
            assert found.status == "optimal", found
            assert found.cost == pytest.approx(expected)
            assert found.score is not None


def test_no_way_says_why() -> None:
    scored = score(SYSTEM, {**BEST, "law": "none", "water-reuse": 10}, {}, "general")
    model = level_model(scored, read_options([{"id": "a", "changes": [{"indicator": "water-reuse", "amount": 50}]}]))
    path = find_path(model, "II")
    assert path.status == "infeasible"
    assert "没有方案能改变它" in str(path.reasons[0])


def test_costs_that_are_not_known_are_said() -> None:
    scored = score(SYSTEM, {**BEST, "heavy-metal-prevention": "III"}, {}, "general")
    options = (
        Option("a", changes=(Change("answer", indicator="heavy-metal-prevention", answer="II"),)),
        Option("b", changes=(Change("answer", indicator="heavy-metal-prevention", answer="II"),), investment=80.0),
        Option("c", investment=20.0),
    )
    path = find_path(level_model(scored, options), "II")
    assert path.options == ("a",)
    assert path.assumed_cost == {"a": 50.0}
    assert find_path(level_model(scored, options), "II", unknown_cost=100).options == ("b",)


def test_certainty_falls_with_the_margin_and_can_be_asked_for() -> None:
    values = {**BEST, "rinse-water": 30}
    scored = score(SYSTEM, values, {}, "general")

    def option(id: str, amount: float, cost: float) -> Option:
        return Option(id, changes=(Change("absolute", indicator="rinse-water", amount=amount),), investment=cost)

    model = level_model(scored, (option("just", -6.001, 10.0), option("ample", -16.0, 25.0)))
    cheap = find_path(model, "II")
    assert cheap.options == ("just",)
    assert cheap.certainty == pytest.approx(0.5, abs=0.05)
    sure = path_with_certainty(model, "II", 0.95)
    assert sure.options == ("ample",)
    assert sure.certainty is not None
    assert sure.certainty > 0.95
    assert certainty(model, ["just", "ample"], "II") > sure.certainty
    ranged = replace(
        option("r", -6.001, 5.0), changes=(Change("absolute", indicator="rinse-water", low=-16, high=-6.001),)
    )
    assert certainty(level_model(scored, (ranged,)), ["r"], "II") == 1.0


def test_a_plan_over_years_keeps_budgets_and_order() -> None:
    model = plating(OPTIONS)
    plan = plan_over_years(model, ["W1", "W2", "P1"], years=3, budget=[65, 40, 40])
    at = {choice.project: choice.year for choice in plan.choices}
    assert set(at) == {"W1", "W2", "P1"}
    assert at["W1"] <= at["W2"]
    spent = np.cumsum(plan.used["money"])
    assert (spent <= np.cumsum([65, 40, 40]) + 1e-9).all()
    assert plan_over_years(model, ["W1", "W2", "P1"], years=1, budget=[50]).status == "infeasible"

"""Damaged data are checked too: no rule fails on what a reader may let through."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from clean_plants import PLANTS, read

from qingyuan.checks import run_checks
from qingyuan.facts.model import UNDATED, Basis, Case, Fact, State
from qingyuan.language import language

ROUNDS = 30


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    return [read(make(3), tmp_path_factory.mktemp(name)) for name, make in PLANTS.items()]


def damaged(fact: Fact, rng: random.Random) -> Fact:
    changes: list[Callable[[], Fact]] = [
        lambda: replace(fact, value=0.0),
        lambda: replace(fact, value=None, state=State.EMPTY),
        lambda: replace(fact, value=None, state=State.NOT_APPLICABLE),
        lambda: replace(fact, value=None, state=State.BELOW_DETECTION),
        lambda: replace(fact, value=-(fact.value or 1.0)),
        lambda: replace(fact, value=(fact.value or 1.0) * 1e9),
        lambda: replace(fact, value=1e-12),
        lambda: replace(fact, unit=rng.choice(["kg", "t", "m3", "L", "m2", "kWh", "%", "item", "GJ", ""])),
        lambda: replace(fact, period=rng.choice([UNDATED, "2022-07", "2022-07-14", "2023-01-01/2023-06-30"])),
        lambda: replace(fact, place=rng.choice(["", "无名车间"])),
        lambda: replace(
            fact, role=rng.choice(["consumed", "purchased", "generated", "discharged", "stored", "purity"])
        ),
        lambda: replace(fact, label=""),
        lambda: replace(fact, basis=rng.choice(list(Basis))),
    ]
    return rng.choice(changes)()


@pytest.mark.parametrize("share", [0.02, 0.3, 1.0])
def test_damaged_facts_are_checked(cases: list[Case], share: float) -> None:
    rng = random.Random(f"damaged-{share}")
    for index in range(ROUNDS):
        case = cases[index % len(cases)]
        facts = tuple(damaged(fact, rng) if rng.random() < share else fact for fact in case.facts)
        monitoring = tuple(
            replace(
                one,
                concentration=rng.choice([one.concentration, None, 0.0, 1e9]),
                flow_m3_h=rng.choice([one.flow_m3_h, None, 0.0]),
                state=rng.choice(list(State)),
                date=rng.choice([one.date, "", UNDATED, "2023"]),
                unit=rng.choice([one.unit, "mg/L", ""]),
                limit=rng.choice([one.limit, "", "≤5", "6-9", "无"]),
            )
            if rng.random() < share
            else one
            for one in case.monitoring
        )
        equipment = tuple(replace(one, power_kw=rng.choice([None, 0.0, one.power_kw])) for one in case.equipment)
        broken = replace(case, facts=facts, monitoring=monitoring, equipment=equipment)
        with language("en" if index % 2 else "zh"):
            assert all(str(one.message) and one.as_json() for one in run_checks(broken))


def test_parts_of_a_case_are_checked(cases: list[Case]) -> None:
    for case in cases:
        for part in (
            replace(case, facts=()),
            replace(case, monitoring=(), equipment=()),
            replace(case, facts=case.facts[:5]),
            replace(case, profile=replace(case.profile, industry_code="")),
            replace(case, profile=replace(case.profile, industry_code="9999", details={})),
            replace(case, places=()),
        ):
            assert isinstance(run_checks(part), tuple)


def test_files_with_blank_cells_are_checked(tmp_path: Path) -> None:
    text = "period,place,kind,item,value,unit,basis,note\n2022,,waste,废活性炭,,t,,\n2022,,product,产量,,t,,\n2023,,energy,用电量,0,kWh,,\n"
    (tmp_path / "facts.csv").write_text(text, encoding="utf-8")
    from qingyuan.facts.cases import read_case

    assert {one.rule for one in run_checks(read_case(tmp_path))} >= {"missing-basics"}

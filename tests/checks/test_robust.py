"""Damaged data are checked too: no rule fails on what a reader may let through."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from clean_plants import PLANTS, read
from hypothesis import HealthCheck, given, settings

from qingyuan.checks import Gravity, run_checks
from qingyuan.facts.cases import read_case
from qingyuan.facts.model import UNDATED, Basis, Case, Fact, State
from qingyuan.facts.template import write_template
from qingyuan.language import language

sys.path.append(str(Path(__file__).parent.parent / "facts"))
from random_cases import cases as random_cases

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
    assert {one.rule for one in run_checks(read_case(tmp_path))} >= {"missing-basics"}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(random_cases())
def test_any_case_is_checked_and_every_finding_can_be_read(case: Case) -> None:
    case = replace(case, profile=replace(case.profile, settings={}))  # a wrong setting is refused before any check
    entered = "".join(fact.label + fact.note for fact in case.facts)
    for one in run_checks(case):
        for code in ("zh", "en"):
            with language("zh" if code == "zh" else "en"):
                text = str(one.message)
            assert "nan" not in text.split(), text
            assert "{" not in text or "{" in entered, text
        assert one.size >= 1
        assert one.weight == one.weight  # a number, so that findings can be ordered


# --- small honest plants: what little they say gives questions about gaps and no reproach --------------------------------

HEAD = "period,place,kind,item,value,unit,basis,note\n"


def _kiln(_: random.Random) -> str:
    return HEAD + (
        "2023,,product,水泥,812345,t,statistics,\n2023,,energy,用电量,64123400,kWh,meter,\n"
        "2023,,water,新鲜水量,301233,m3,meter,\n2023,,material,石灰石,1012344,t,statistics,\n"
        "2023,,waste,废矿物油,3.2,t,statistics,HW08 900-249-08\n2023,全厂,staff,职工人数,312,人,statistics,\n"
    )


def _brewery(rng: random.Random) -> str:
    rows: list[str] = []
    for month in (f"{year}-{number:02d}" for year in (2022, 2023) for number in range(1, 13)):
        made = 1230 * rng.uniform(0.8, 1.2)
        rows.append(f"{month},,product,啤酒,{made:.1f},kL,statistics,")
        for kind, item, rate, unit, basis in (
            ("energy", "用电量", 62, "kWh", "meter"), ("energy", "天然气", 31, "m3", "invoice"),
            ("water", "新鲜水量", 3.9, "m3", "meter"), ("material", "麦芽", 0.13, "t", "statistics"),
        ):  # fmt: skip
            rows.append(f"{month},,{kind},{item},{made * rate * rng.uniform(0.95, 1.05):.2f},{unit},{basis},")
    return HEAD + "\n".join(rows) + "\n"


def _paper_mill(rng: random.Random) -> str:
    rows: list[str] = []
    for year, growth in ((2021, 1.0), (2022, 1.0713), (2023, 0.9824)):
        rows.append(f"{year},,product,机制纸,{round(52341 * growth)},t,statistics,")
        for kind, item, amount, unit in (
            ("energy", "用电量", 31e6, "kWh"), ("energy", "外购蒸汽", 112000, "t"), ("water", "新鲜水量", 812000, "m3"),
            ("water", "生产废水排放量", 640000, "m3"), ("material", "废纸", 64000, "t"), ("money", "产值", 24000, "万元"),
        ):  # fmt: skip
            rows.append(f"{year},,{kind},{item},{round(amount * growth * rng.uniform(0.97, 1.03))},{unit},meter,")
    return HEAD + "\n".join(rows) + "\n"


@pytest.mark.parametrize("made", [_kiln, _brewery, _paper_mill])
def test_little_data_gives_no_reproach(made: Callable[[random.Random], str], tmp_path: Path) -> None:
    for seed in range(10):
        text = made(random.Random(f"little-{seed}"))
        (tmp_path / "facts.csv").write_text(text, encoding="utf-8")
        found = run_checks(read_case(tmp_path))
        assert {one.rule for one in found} <= {"missing-basics"}, [str(one.message) for one in found]
        assert all(one.severity is Gravity.QUESTION for one in found)


def test_an_empty_workbook_and_the_same_plant_in_a_workbook(tmp_path: Path) -> None:
    empty = read_case(write_template(tmp_path / "empty.xlsx"))
    assert {one.rule for one in run_checks(empty)} == {"missing-basics"}
    (tmp_path / "facts.csv").write_text(_kiln(random.Random(0)), encoding="utf-8")
    kiln = read_case(tmp_path)
    again = read_case(write_template(tmp_path / "kiln.xlsx", case=kiln))
    assert [one.rule for one in run_checks(again)] == [one.rule for one in run_checks(kiln)]


def test_real_utility_bills_give_no_reproach(shared: Path, tmp_path: Path) -> None:
    from qingyuan.facts.importers import import_bills, read_mapping

    folder = shared / "real-data" / "utility-bills-verifi-example"
    if not folder.is_dir():
        pytest.skip("the utility bills are not on this machine")
    files = [folder / name for name in ("bills.csv", "predictors.csv", "equipment.csv")]
    for index, plant in enumerate(("Peanuts (Average)", "Roasting (Advanced)", "HQ (Simple)")):
        import_bills(files, read_mapping("verifi"), tmp_path / str(index), plant=plant)
        found = run_checks(read_case(tmp_path / str(index)))
        assert {one.rule for one in found} <= {"missing-basics", "machine-power"}, [str(one.message) for one in found]
        assert all(one.severity is Gravity.QUESTION for one in found)

"""The run from a case to a result: the real plant, the demonstration plants, cases that reach less far."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from qingyuan import demo
from qingyuan.audit.pipeline import assessment_period, audit_case, run
from qingyuan.errors import InputError, Severity, UnknownName
from qingyuan.facts.cases import read_case
from qingyuan.facts.model import Case, Fact, Judgement, Monitoring, Profile, State
from qingyuan.figures.ledger import Ledger
from qingyuan.language import language
from qingyuan.reference.loading import DATA

DAY = dt.date(2026, 11, 1)


@pytest.fixture(scope="module")
def pcb(pcb_plant: Path) -> Case:
    return read_case(pcb_plant)


def test_real_plant_reaches_an_interval_with_its_rows_from_facts(pcb: Case) -> None:
    result = audit_case(pcb, today=DAY)
    assert result.period == "2022"
    assert result.score is not None
    assert result.answers is not None
    values = result.answers.values()
    # 311 663 kWh / 43 426 m2 and (829 227 + 508 406) kWh / 24 036 m2
    assert values["power-rigid-1"] == pytest.approx(311663 / 43426)
    assert values["power-rigid-2"] == pytest.approx((829227 + 508406) / 24036)
    assert values["water-1"] == pytest.approx(1660 / 43426)
    assert values["laminate-rigid-2"] == pytest.approx(24036 / 26680 * 100)
    index = result.score.index("III")
    assert not index.exact
    assert index.low < index.high


def test_output_shares_weigh_the_products_of_the_real_plant(pcb: Case) -> None:
    score = audit_case(pcb, today=DAY).score
    assert score is not None
    share = 43426 / (43426 + 24036)
    weight = score.row("power-rigid-1").weight
    assert weight is not None
    assert float(weight) == pytest.approx(0.10 * share)
    assert score.row("power-rigid-2").met == "none"  # 55.65 > 50 kWh/m2
    assert score.row("power-flex-1").met == "n/a"


def test_national_and_provincial_electricity_factor_is_a_choice(pcb: Case) -> None:
    national = audit_case(pcb, today=DAY).figures.find("carbon-electricity", period="2022")
    other = replace(pcb, profile=replace(pcb.profile, settings={**pcb.profile.settings, "electricity-factor": 0.5}))
    chosen = audit_case(other, today=DAY).figures.find("carbon-electricity", period="2022")
    assert national is not None
    assert chosen is not None
    assert national.value == pytest.approx(1997.066 * 0.5306)
    assert chosen.value == pytest.approx(1997.066 * 0.5)


def test_entered_value_that_contradicts_the_facts_is_a_finding(pcb: Case) -> None:
    entered = replace(pcb, judgements=(*pcb.judgements, Judgement("power-rigid-1", 4.9, evidence="自评表")))
    result = audit_case(entered, today=DAY)
    assert result.answers is not None
    assert result.answers.values()["power-rigid-1"] == pytest.approx(311663 / 43426)
    found = [problem for problem in result.problems if problem.code == "indicator-differs"]
    assert len(found) == 1
    assert found[0].severity is Severity.WARNING
    assert "4.9" in found[0].found
    assert "7.177" in str(found[0].expected)


def test_entered_value_stays_where_the_computed_one_may_be_another_quantity() -> None:
    case = read_case(DATA / "cases" / "electroplating-demo")
    others = tuple(one for one in case.judgements if one.indicator != "water-reuse")
    computed = audit_case(replace(case, judgements=others), today=DAY)
    assert computed.answers is not None
    whole = computed.answers.values()["water-reuse"]  # of the whole site, cooling water with it
    assert isinstance(whole, float)
    judged = replace(case, judgements=(*others, Judgement("water-reuse", 43.0, evidence="镀槽水表")))
    result = audit_case(judged, today=DAY)
    assert result.answers is not None
    answer = next(one for one in result.answers.answers if one.indicator == "water-reuse")
    assert (answer.value, answer.origin) == (43.0, "entered")
    (problem,) = (problem for problem in result.problems if problem.code == "indicator-differs")
    assert problem.severity is Severity.WARNING
    with language("zh"):
        assert "43 %" in str(problem.message)
        assert f"{whole:.4g} %" in str(problem.message)
    near = replace(case, judgements=(*others, Judgement("water-reuse", round(whole, 1))))
    assert not [one for one in audit_case(near, today=DAY).problems if one.code == "indicator-differs"]


def test_entered_value_within_rounding_is_no_finding(pcb: Case) -> None:
    entered = replace(pcb, judgements=(*pcb.judgements, Judgement("power-rigid-1", 7.18)))
    assert not [p for p in audit_case(entered, today=DAY).problems if p.code == "indicator-differs"]


def test_judgement_for_a_row_that_the_table_lacks_is_named(pcb: Case) -> None:
    entered = replace(pcb, judgements=(*pcb.judgements, Judgement("no-such-row", "I")))
    assert "no-such-row" in [p.found for p in audit_case(entered, today=DAY).problems if p.code == "indicator-unknown"]


def test_without_a_system_the_result_says_what_would_decide(pcb: Case) -> None:
    bare = replace(pcb, profile=Profile())
    result = audit_case(bare, today=DAY)
    assert result.score is None
    assert "systems list" in str(result.score_needs[0])
    assert result.figures.find("electricity") is not None


def test_industry_code_chooses_the_only_system_that_covers_it() -> None:
    case = read_case(demo.SHIPPED_CASES / "electroplating-demo")
    plating = replace(case, profile=Profile(industry_code="3360"))
    score = audit_case(plating, today=DAY).score
    assert score is not None
    assert score.system.id == "electroplating-2015"


def test_unknown_system_and_table_are_named_with_suggestions(pcb: Case) -> None:
    with pytest.raises(UnknownName) as unknown:
        audit_case(pcb, system="electroplating", today=DAY)
    assert "electroplating-2015" in unknown.value.suggestions
    with pytest.raises(UnknownName):
        audit_case(pcb, system="electroplating-2015", table="nothing", today=DAY)


def test_located_only_system_leaves_the_rest_of_the_audit(pcb: Case) -> None:
    result = audit_case(pcb, system="pulp-paper-2015", today=DAY)
    assert result.score is None
    assert result.score_needs
    assert result.figures.figures


def test_case_with_errors_raises_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "facts.csv").write_text(
        "period,place,kind,item,value,unit\n"
        "2022,全厂,energy,用电量,many,kWh\n"
        "20x2,全厂,energy,用电量,5,kWh\n"
        "2022,全厂,energy,用电量,5,m3\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        run(tmp_path, today=DAY)
    assert {problem.where.row for problem in caught.value.problems if problem.severity is Severity.ERROR} == {2, 3, 4}


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", sorted(demo.PLANTS))
def test_demonstration_plant_is_its_seed_and_says_so(name: str, tmp_path: Path) -> None:
    demo.PLANTS[name](2026).write(tmp_path)
    shipped = demo.SHIPPED_CASES / name
    assert _files(tmp_path) == _files(shipped)
    result = run(shipped, today=DAY)
    assert result.demo
    assert all("演示数据" in fact.note for fact in result.case.facts)
    assert not [problem for problem in result.problems if problem.severity is not Severity.NOTE]


def test_another_seed_gives_another_plant(tmp_path: Path) -> None:
    for seed in (1, 2):
        demo.electroplating(seed).write(tmp_path / str(seed))
    assert (tmp_path / "1" / "facts.csv").read_bytes() != (tmp_path / "2" / "facts.csv").read_bytes()
    for seed in (1, 2):
        assert run(tmp_path / str(seed), today=DAY).score is not None


def test_incinerator_is_graded_by_monitoring_and_amounts(tmp_path: Path) -> None:
    result = run(demo.SHIPPED_CASES / "hazardous-waste-incineration-demo", today=DAY)
    assert result.score is not None
    assert result.answers is not None
    assert result.score.level == "II"
    assert result.score.index("III").exact
    assert result.score.index("III").low == 100
    particulates = [
        row.concentration
        for row in result.case.monitoring
        if row.pollutant == "particulate" and row.date.startswith("2024") and row.concentration is not None
    ]
    assert result.answers.values()["particulates"] == max(particulates)


def test_latest_year_with_production_is_graded(pcb: Case) -> None:
    assert assessment_period(Ledger(pcb)) == "2022"
    assert assessment_period(Ledger(replace(pcb, facts=()))) == ""


def monthly(*months: str, item: str = "board", kind: str = "product", role: str = "produced") -> tuple[Fact, ...]:
    unit = "t" if kind == "product" else "kWh"
    return tuple(Fact("p", month, item, role, 10.0, unit, kind=kind, own_item=item == "board") for month in months)


def year_of(year: int, last: int = 12, leave_out: tuple[int, ...] = ()) -> tuple[str, ...]:
    return tuple(f"{year}-{month:02d}" for month in range(1, last + 1) if month not in leave_out)


POWER = {"item": "electricity", "kind": "energy", "role": "purchased"}


@pytest.mark.parametrize(
    ("facts", "chosen", "said"),
    [
        # a year and half of the next, by months
        ((*monthly(*year_of(2025)), *monthly(*year_of(2026, 6))), "2025", "2026 的数据只有 2026-01-01/2026-06-30"),
        # yearly rows, and bills of half a year with production
        ((*monthly("2024", "2025"), *monthly(*year_of(2026, 6)), *monthly(*year_of(2026, 6), **POWER)), "2025",
         "2026-01-01/2026-06-30"),
        # production of the whole year, bills of half of it
        ((*monthly("2025", "2026"), *monthly(*year_of(2026, 6), **POWER)), "2025", "2026 的数据只有 2026-01-01/2026-06-30"),
        # bills run on, nothing is said to be produced: no question
        ((*monthly("2025"), *monthly(*year_of(2026, 6), **POWER)), "2025", ""),
        # the plant stood still in February
        ((*monthly(*year_of(2026, 12, (2,))), *monthly(*year_of(2026), **POWER), *monthly("2025")), "2026", ""),
        # a month is missing everywhere
        ((*monthly(*year_of(2026, 12, (3,))), *monthly("2025")), "2025", "2026 的数据只有 2026-01-01/2026-02-28、2026-04-01/2026-12-31"),
        # nothing but half a year
        (monthly(*year_of(2026, 6)), "2026", "没有一个完整的生产年度：按 2026 评定，其数据只有 2026-01-01/2026-06-30"),
        # a business year
        ((*monthly("2024-07-01/2025-06-30"), *monthly("2025-07-01/2025-12-31")), "2024-07-01/2025-06-30",
         "2025-07-01/2025-12-31"),
    ],
)  # fmt: skip
def test_a_partial_last_year_is_not_graded(facts: tuple[Fact, ...], chosen: str, said: str) -> None:
    case = Case(Profile(), facts)
    assert assessment_period(Ledger(case)) == chosen
    result = audit_case(case, today=DAY)
    assert result.period == chosen
    notes = [str(one.message) for one in result.problems if one.code == "period-partial"]
    assert (said in notes[0]) if said else not notes
    stated = audit_case(case, period="2026" if chosen == "2025" else chosen, today=DAY)
    assert not [one for one in stated.problems if one.code == "period-partial"]


def test_empty_case_still_gives_a_result() -> None:
    result = audit_case(Case(Profile(), ()), today=DAY)
    assert result.figures.figures == ()
    assert result.score is None


INCINERATOR = demo.SHIPPED_CASES / "hazardous-waste-incineration-demo"


def incinerator_with(*rows: Monitoring) -> dict[str, object]:
    case = read_case(INCINERATOR)
    result = audit_case(replace(case, monitoring=(*case.monitoring, *rows)), today=DAY)
    assert result.answers is not None
    return dict(result.answers.values())


def result_of(pollutant: str, value: float | None, unit: str, **more: object) -> Monitoring:
    fields = {"outlet": "DA001 焚烧烟囱", "date": "2024-07-01", "state": State.VALUE, "medium": "air", **more}
    return Monitoring(plant="", pollutant=pollutant, concentration=value, unit=unit, **fields)  # type: ignore[arg-type]


def test_waste_water_and_silos_do_not_grade_the_stack() -> None:
    before = incinerator_with()
    after = incinerator_with(
        result_of("lead", 400.0, "mg/L", outlet="DW001", medium="water"),
        result_of("particulate", 60.0, "mg/Nm3", outlet="DA009 石灰仓顶"),
    )
    assert after == before


def test_concentration_in_gas_per_m3_is_one_at_normal_state() -> None:
    assert incinerator_with(result_of("particulate", 19.0, "mg/m3"))["particulates"] == 19.0


def test_mean_with_a_result_below_an_unknown_limit_asks_for_the_limit() -> None:
    assert incinerator_with(result_of("dioxins", None, "ngTEQ/Nm3", state=State.BELOW_DETECTION))["dioxin"] is None


def test_level_judged_beside_a_number_differs_only_where_the_level_does() -> None:
    case = read_case(INCINERATOR)
    for level, expected in (("II", 1), ("I", 0)):  # 7 270 h is level I (more than 7 000 h)
        judged = replace(case, judgements=(*case.judgements, Judgement("annual-run-hours", level)))
        found = [problem for problem in audit_case(judged, today=DAY).problems if problem.code == "indicator-differs"]
        assert len(found) == expected, level


def test_amounts_in_units_that_do_not_add_are_asked_for() -> None:
    case = read_case(INCINERATOR)
    litres = tuple(replace(fact, unit="L") if fact.item == "urea" else fact for fact in case.facts)
    result = audit_case(replace(case, facts=litres), today=DAY)
    assert result.answers is not None
    answer = next(one for one in result.answers.answers if one.indicator == "denitration-agent")
    assert answer.value is None
    assert answer.needs

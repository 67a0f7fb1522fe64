"""What cannot be: small plants whose numbers break their own bounds, and neighbours that keep them."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.checks import RULES, Finding, Gravity, run_checks
from qingyuan.checks.plant import look
from qingyuan.checks.works import solids
from qingyuan.errors import Location
from qingyuan.facts.model import Case, Fact, Judgement, Monitoring, OptionRow, Place, Profile, State
from qingyuan.figures.ledger import Ledger

ROWS = iter(range(2, 1_000_000))


def fact(item: str, value: float, unit: str, kind: str, role: str, period: str = "2023", place: str = "") -> Fact:
    where = Location("facts.csv", row=next(ROWS))
    return Fact("p", period, item, role, value, unit, place=place, kind=kind, label=item, where=where)


def case(facts: Iterable[Fact], **more: object) -> Case:
    system = str(more.pop("system", ""))
    return Case(Profile(plant="p", system=system), tuple(facts), **more)  # type: ignore[arg-type]


def check(rule: str, subject: Case) -> list[Finding]:
    return list(RULES[rule](subject, Ledger(subject)))


def sludge(year: str, **amounts: float) -> list[Fact]:
    return [
        fact("electroplating-sludge", value, "t", "waste", role.replace("_", "-"), year)
        for role, value in amounts.items()
    ]


def test_more_sludge_handed_over_than_generated() -> None:
    (found,) = check("waste-exceeds-generated", case(sludge("2023", generated=73, transferred=174)))
    assert found.severity is Gravity.SERIOUS
    assert [number.value for number in found.numbers] == [174, 73]


def test_what_earlier_years_left_may_leave_later() -> None:
    first = sludge("2022", generated=71.4, transferred=50.0)
    assert not check("waste-exceeds-generated", case([*first, *sludge("2023", generated=73.0, transferred=94.0)]))
    (found,) = check("waste-exceeds-generated", case([*first, *sludge("2023", generated=73.0, transferred=105.0)]))
    assert found.severity is Gravity.SERIOUS


def test_without_a_stock_a_little_more_is_asked_and_a_stated_stock_answers() -> None:
    (found,) = check("waste-exceeds-generated", case(sludge("2023", generated=70, transferred=90)))
    assert found.severity is Gravity.QUESTION
    stated = sludge("2023", generated=70, transferred=90, opening_stock=25)
    assert not check("waste-exceeds-generated", case(stated))
    kept = sludge("2023", generated=70, transferred=90, opening_stock=25, closing_stock=40)
    assert check("waste-exceeds-generated", case(kept))


def test_one_lot_told_as_handed_over_and_as_disposed_of_counts_once() -> None:
    assert not check("waste-exceeds-generated", case(sludge("2023", generated=73, transferred=73, disposed=73)))


@given(made=st.floats(1, 1e6), share=st.floats(0, 1))
def test_no_finding_where_less_leaves_than_is_there(made: float, share: float) -> None:
    subject = case(
        [
            *sludge("2023", generated=made, transferred=made * share),
            fact("COD", made, "kg", "pollutant", "generated"),
            fact("COD", made * share, "kg", "pollutant", "discharged"),
        ]
    )
    assert not check("waste-exceeds-generated", subject)
    assert not check("discharged-exceeds-generated", subject)


def test_more_of_a_pollutant_discharged_than_generated() -> None:
    facts = [fact("COD", 8.64, "t", "pollutant", "generated"), fact("COD", 9913, "kg", "pollutant", "discharged")]
    (found,) = check("discharged-exceeds-generated", case(facts))
    assert found.severity is Gravity.GRAVE
    assert [number.value for number in found.numbers] == pytest.approx([9913, 8640])


@pytest.mark.parametrize(
    ("allowed", "period", "years"), [(0.5, "2022", ["2023"]), (1.8, "2023", []), (0.5, "2024", [])]
)
def test_permits_hold_until_the_next(allowed: float, period: str, years: list[str]) -> None:
    facts = [
        fact("COD", 913.5, "kg", "pollutant", "discharged"),
        fact("COD", allowed, "t", "pollutant", "permitted", period),
    ]
    found = check("discharged-exceeds-permit", case(facts))
    assert [number.period for one in found for number in one.numbers[:1]] == years


def _measured(load: float, pollutant: str = "COD") -> Case:
    results = [
        Monitoring("p", "DW001", pollutant, f"2023-0{month}-12", State.VALUE, value, "mg/L", medium="water")
        for month, value in ((3, 43.0), (6, 39.0))
    ]
    facts = [
        fact(pollutant, load, "kg", "pollutant", "discharged"),
        fact("process-wastewater", 21_100, "m3", "water", "discharged"),
    ]
    return case(facts, monitoring=tuple(results))


def test_discharge_against_concentration_and_flow() -> None:
    (found,) = check("load-and-concentration", _measured(90))
    assert found.severity is Gravity.SERIOUS
    assert found.numbers[1].value == pytest.approx(41 * 21_100 / 1000)
    assert not check("load-and-concentration", _measured(865))
    # of a metal only a part of the water may have been measured: less is no contradiction, more is one
    assert not check("load-and-concentration", _measured(90, "nickel"))
    assert check("load-and-concentration", _measured(9000, "nickel"))


def test_shares_of_a_whole() -> None:
    (above,) = check("share-out-of-bounds", case([fact("board", 197, "%", "product", "pass-rate")]))
    assert above.severity is Gravity.GRAVE
    (typed,) = check("share-out-of-bounds", case([fact("board", 0.984, "%", "product", "pass-rate")]))
    assert typed.severity is Gravity.MINOR
    assert typed.numbers[1].value == pytest.approx(98.4)
    fine = [fact("board", 98.4, "%", "product", "pass-rate"), fact("board", 0.984, "1", "product", "pass-rate")]
    assert not check("share-out-of-bounds", case(fine))


def test_a_rate_of_the_index_table_above_the_whole() -> None:
    def judged(answer: float) -> list[Finding]:
        rows = (Judgement("wastewater-treatment", answer), Judgement("rinse-water", 1.2))
        return check("share-out-of-bounds", case((), system="electroplating-2015", judgements=rows))

    assert [one.concerns for one in judged(180)] == [("wastewater-treatment",)]
    assert not judged(100)


@pytest.mark.parametrize(
    ("value", "period", "wrong"),
    [
        (8760, "2023", False),
        (8784, "2023", True),
        (8784, "2024", False),
        (800, "2023-03", True),
        (9700, "undated", True),
    ],
)
def test_no_more_hours_than_there_are(value: float, period: str, wrong: bool) -> None:
    found = check("hours-beyond-year", case([fact("operating-hours", value, "h", "time", "amount", period)]))
    assert bool(found) is wrong


def test_days_of_work() -> None:
    assert check("hours-beyond-year", case([fact("operating-days", 366, "d", "time", "amount")]))
    assert not check("hours-beyond-year", case([fact("operating-days", 366, "d", "time", "amount", "2024")]))


def test_cost_classes_name_the_option_that_fits_no_limits() -> None:
    kinds = (("F1", "none-low", 6.5), ("F5", "medium", 48.0), ("F6", "high", 62.0), ("F7", "none-low", 260.0))
    options = tuple(OptionRow(id, id, kind=kind, investment=cost) for id, kind, cost in kinds)
    (found,) = check("option-cost-class", case((), options=options))
    assert found.concerns == ("F7",)
    assert not check("option-cost-class", case((), options=options[:3]))


def test_a_year_without_the_purchase() -> None:
    bought = [fact("electricity", 1e6, "kWh", "energy", "purchased", year) for year in ("2022", "2024")]
    used = [fact("electricity", 9e5, "kWh", "energy", "consumed", year, "镀槽") for year in ("2022", "2023", "2024")]
    (found,) = check("purchase-gap", case([*bought, *used], places=(Place("镀槽"),)))
    assert found.numbers[0].period == "2023"
    assert not check("purchase-gap", case([*bought[:1], *used], places=(Place("镀槽"),)))


def test_staff_ten_times_as_many_for_one_year() -> None:
    people = [
        fact("employees", value, "person", "staff", "amount", year)
        for year, value in (("2022", 146), ("2023", 1510), ("2024", 148))
    ]
    (found,) = check("power-of-ten", case(people))
    assert found.numbers[0].value == 1510


@pytest.mark.parametrize("acid", ["hydrochloric-acid", "nitric-acid"])
def test_lime_whose_calcium_stays_dissolved_makes_no_solids(acid: str) -> None:
    def least(kg: float) -> float:
        facts = [
            fact("lime", 98_700, "kg", "material", "consumed", place="污水站"),
            fact("process-wastewater", 31_560, "m3", "water", "generated"),
            *([fact(acid, kg, "kg", "material", "consumed", place="酸洗车间")] if kg else []),
        ]
        subject = case(facts, places=(Place("污水站"), Place("酸洗车间")))
        return solids(look(subject, Ledger(subject)), "2023")[0]

    assert least(0) > 50
    assert least(20_000) < least(0)
    assert least(600_000) == 0


# --- one wrong number, one finding -----------------------------------------------------------------------------------


def _works(wrong: float, *more: Fact) -> Case:
    """A plant of three years with one product, whose output of the middle year is multiplied by ``wrong``."""
    years = (("2022", 11_820.4), ("2023", 12_310.7 * wrong), ("2024", 12_043.9))
    facts = [fact("parts", value, "t", "product", "produced", year) for year, value in years]
    for item, kind, unit, values in (
        ("zinc-metal", "material", "t", (612.4, 640.2, 622.8)),
        ("ammonium-chloride", "material", "t", (21.3, 22.1, 21.9)),
        ("natural-gas", "energy", "Nm3", (713_100, 744_200, 720_300)),
        ("electricity", "energy", "kWh", (612_300, 639_200, 607_700)),
        ("fresh-water", "water", "m3", (41_280, 43_150, 42_010)),
    ):
        facts += [fact(item, v, unit, kind, "consumed", year) for (year, _), v in zip(years, values, strict=True)]
    return case([*facts, *more])


def test_what_follows_from_one_misplaced_point_is_told_with_it() -> None:
    clean, wrong = run_checks(_works(1)), run_checks(_works(10))
    (culprit,) = [one for one in wrong if one.rule == "power-of-ten"]
    assert culprit.concerns == ("parts",)
    assert len(check("power-of-ten", _works(10))) == 6  # everything else looks a tenth of what the output says
    assert "另有 " in str(culprit.message)
    assert {one.rule for one in wrong} == {"power-of-ten", *(one.rule for one in clean)}
    assert len(wrong) == len(clean) + 1


def test_findings_of_their_own_cause_stay_beside_the_misplaced_point() -> None:
    more = [*sludge("2023", generated=73, transferred=174), fact("operating-hours", 9700, "h", "time", "amount")]
    found = run_checks(_works(10, *more))
    assert {"waste-exceeds-generated", "hours-beyond-year", "power-of-ten"} <= {one.rule for one in found}


def test_a_misplaced_point_that_explains_little_stands_as_it_is() -> None:
    people = [
        fact("employees", value, "person", "staff", "amount", year)
        for year, value in (("2022", 146), ("2023", 1510), ("2024", 148))
    ]
    (culprit,) = [one for one in run_checks(_works(1, *people)) if one.rule == "power-of-ten"]
    assert not culprit.also

from __future__ import annotations

from pathlib import Path

import pytest
from figure_plants import fact, ledger, run
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.facts.cases import read_case
from qingyuan.facts.model import State
from qingyuan.figures import compute, water
from qingyuan.figures.derivation import FigureSet

FRESH = fact("fresh-water", "taken", 1000, "m3")


def value(id: str, *facts: object, **settings: object) -> float | None:
    figure = run(water, *facts, settings={k.replace("_", "-"): v for k, v in settings.items()}).find(id)
    return None if figure is None else figure.value


def needs(found: FigureSet, id: str) -> str:
    return " ".join(str(need) for need in found.why_missing(id).needs)


# --- quantities ------------------------------------------------------------------------------------------------------


def test_intake_goes_before_use_and_their_difference_is_said() -> None:
    used = fact("fresh-water", "consumed", 900, "m3", place="车间")
    found = run(water, FRESH, used)
    assert found.find("fresh-water").value == 1000
    assert "100" in str(found.find("fresh-water").notes[0])
    assert value("fresh-water", used) == 900
    assert (
        value("fresh-water", fact("tap-water", "purchased", 5, "m3"), fact("ground-water", "purchased", 7, "m3")) == 12
    )


def test_repeated_water_is_circulated_serial_reused_and_condensate() -> None:
    parts = [
        fact("indirect-cooling-water", "recycled", 5000, "m3"), fact("direct-cooling-water", "recycled", 1000, "m3"),
        fact("series-water", "reused", 300, "m3"), fact("reused-water", "reused", 200, "m3"),
        fact("steam-condensate", "recovered", 50, "m3"),
    ]  # fmt: skip
    assert value("reused-water", FRESH, *parts) == 6550
    assert value("total-water", FRESH, *parts) == 7550
    # a total that was stated is the total: its parts are not added to it
    assert value("reused-water", FRESH, *parts, fact("repeated-water", "reused", 6000, "m3")) == 6000
    assert value("reused-water", FRESH, fact("recycled-water", "recycled", 7000, "m3"), *parts[:2]) == 7000


def test_water_in_tonnes_is_cubic_metres() -> None:
    assert value("fresh-water", fact("fresh-water", "taken", 0.1, "10^4 t")) == 1000


def test_production_is_what_is_not_domestic_where_it_is_not_stated() -> None:
    assert value("fresh-water-production", FRESH, fact("domestic-water", "consumed", 200, "m3")) == 800
    stated = fact("production-water", "consumed", 700, "m3"), fact("auxiliary-water", "consumed", 60, "m3")
    assert value("fresh-water-production", FRESH, *stated) == 760
    assert value("fresh-water-production", FRESH) is None


# --- rates with their denominators -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id", "rate", "facts"),
    [
        ("water-reuse-rate", 90, [fact("repeated-water", "reused", 9000, "m3")]),
        (
            "cooling-water-recycle-rate", 98,
            [fact("indirect-cooling-water", "recycled", 4900, "m3"), fact("make-up-water", "consumed", 100, "m3")],
        ),
        (
            "process-water-reuse-rate", 60,
            [fact("recycled-process-water", "reused", 600, "m3"), fact("process-water", "consumed", 400, "m3")],
        ),
        (
            "condensate-reuse-rate", 75,
            [fact("steam-condensate", "recovered", 750, "m3"), fact("steam", "produced", 1000, "t")],
        ),
        (
            "wastewater-reuse-rate", 40,
            [fact("reused-water", "reused", 400, "m3"), fact("wastewater", "discharged", 600, "m3")],
        ),
        (
            "wastewater-treatment-rate", 95,
            [fact("wastewater", "treated", 570, "m3"), fact("wastewater", "generated", 600, "m3")],
        ),
        ("water-leak-rate", 3, [fact("water-loss", "lost", 30, "m3")]),
        ("water-discharge-rate", 65, [fact("wastewater", "discharged", 650, "m3")]),
    ],
)  # fmt: skip
def test_rates_of_the_water_standards(id: str, rate: float, facts: list) -> None:
    found = run(water, FRESH, *facts)
    assert found.find(id).value == pytest.approx(rate)
    assert found.find(id).unit == "%"
    assert str(found.find(id).method.note)  # the denominator is written


def test_no_reuse_is_zero_only_where_the_plant_says_so() -> None:
    assert value("water-reuse-rate", FRESH) is None
    assert "重复利用水量" in needs(run(water, FRESH), "water-reuse-rate")
    assert value("water-reuse-rate", FRESH, fact("repeated-water", "reused", 0, "m3")) == 0
    none = fact("repeated-water", "reused", None, "m3", state=State.NOT_APPLICABLE)
    assert value("water-reuse-rate", FRESH, none) == 0
    empty = fact("repeated-water", "reused", None, "m3", state=State.EMPTY)
    assert value("water-reuse-rate", FRESH, empty) is None


def test_half_of_a_denominator_is_asked_for() -> None:
    found = run(water, FRESH, fact("indirect-cooling-water", "recycled", 4900, "m3"))
    assert "补充新鲜水量" in needs(found, "cooling-water-recycle-rate")


# --- balance ---------------------------------------------------------------------------------------------------------

OUT = fact("wastewater", "discharged", 600, "m3"), fact("evaporation-loss", "lost", 300, "m3")


def test_residue_of_the_balance_stands_by_name() -> None:
    found = run(water, FRESH, *OUT, fact("water-loss", "lost", 30, "m3"))
    assert found.find("water-balance-residue").value == 70
    assert found.find("water-balance-deviation").value == pytest.approx(7)
    assert "7.00%" in " ".join(map(str, found.find("water-balance-residue").notes))
    wider = run(water, FRESH, *OUT, fact("water-loss", "lost", 30, "m3"), settings={"balance-tolerance": 0.1})
    assert "7.00%" not in " ".join(map(str, wider.find("water-balance-residue").notes))


def test_leakage_that_is_not_stated_is_inside_the_residue_and_more_out_than_in_is_said() -> None:
    found = run(water, FRESH, *OUT)
    assert found.find("water-balance-residue").value == 100
    assert "漏失未填" in " ".join(map(str, found.find("water-balance-residue").notes))
    over = run(water, FRESH, *OUT, fact("water-in-product", "lost", 200, "m3"))
    assert over.find("water-balance-residue").value == -100
    assert "排出多于进入" in " ".join(map(str, over.find("water-balance-residue").notes))


def test_reclaimed_water_comes_in_and_a_balance_without_losses_is_missing() -> None:
    assert value("water-balance-residue", FRESH, *OUT, fact("reclaimed-water", "consumed", 50, "m3")) == 150
    assert "耗水量" in needs(run(water, FRESH, OUT[0]), "water-balance-residue")


# --- unit consumption ------------------------------------------------------------------------------------------------


def test_water_per_product_output_value_and_head() -> None:
    found = run(
        water, FRESH, fact("A", "produced", 500, "t"), fact("output-value", "amount", 200, "10^4 CNY"),
        fact("domestic-water", "consumed", 300, "m3"), fact("employees", "amount", 20, "person"),
        fact("operating-days", "amount", 300, "d"),
    )  # fmt: skip
    assert found.find("fresh-water-per-product", product="A").value == 2
    assert found.find("fresh-water-per-output-value").value == 5
    per_head = found.find("domestic-water-per-head-day")
    assert (per_head.value, per_head.unit) == (pytest.approx(50), "L/(person*d)")


def test_rinse_water_per_area_and_rinse_needs_the_number_of_rinses() -> None:
    rows = fact("cleaning-water", "consumed", 60, "m3"), fact("plated-area", "produced", 1000, "m2")
    assert value("rinse-water-per-area-rinse", FRESH, *rows) is None
    assert value("rinse-water-per-area-rinse", FRESH, *rows, rinses=3.0) == pytest.approx(20)


def test_the_shipped_plant(pcb_plant: Path) -> None:
    found = compute(read_case(pcb_plant))
    fresh = [found.find("fresh-water", period=year).value for year in ("2020", "2021", "2022")]
    assert fresh == [11213 + 4079, 13561 + 4563, 16244]
    assert found.find("fresh-water-per-output-value", period="2022").value == pytest.approx(16244 / 1803.6)
    assert found.find("fresh-water-per-product", product="single-sided-board").value == pytest.approx(1660 / 43426)
    assert found.find("water-reuse-rate") is None


# --- laws ------------------------------------------------------------------------------------------------------------

amounts = st.floats(min_value=0.1, max_value=1e7)


@given(amounts, amounts)
def test_reuse_rate_lies_between_nought_and_a_hundred_and_grows_with_reuse(fresh: float, again: float) -> None:
    def rate(repeated: float) -> float:
        rows = fact("fresh-water", "taken", fresh, "m3"), fact("repeated-water", "reused", repeated, "m3")
        return run(water, *rows).find("water-reuse-rate").value

    assert 0 <= rate(again) < 100
    assert rate(again * 1.1) >= rate(again)


@given(amounts, amounts, amounts, amounts)
def test_balance_closes_with_its_residue(fresh: float, drained: float, lost: float, leaked: float) -> None:
    found = run(
        water, fact("fresh-water", "taken", fresh, "m3"), fact("wastewater", "discharged", drained, "m3"),
        fact("evaporation-loss", "lost", lost, "m3"), fact("water-loss", "lost", leaked, "m3"),
    )  # fmt: skip
    residue = found.find("water-balance-residue").value
    assert residue + drained + lost + leaked == pytest.approx(fresh, rel=1e-9, abs=1e-6)


def test_quantities_are_none_where_nothing_is_known() -> None:
    found = water.quantities(ledger(), "2022")
    assert found.fresh is None
    assert found.repeated is None


# --- streams and boundaries ------------------------------------------------------------------------------------------


def test_streams_of_reused_water_are_added() -> None:
    rows = (
        fact("fresh-water", "taken", 100, "m3"), fact("reused-water", "reused", 50, "m3"),
        fact("recycled-process-water", "reused", 100, "m3"),
    )  # fmt: skip
    assert value("water-reuse-rate", *rows) == pytest.approx(60)
    assert value("water-reuse-rate", rows[0], rows[2]) == pytest.approx(50)
    # the wastewater that came back is reused water by another name
    assert value("water-reuse-rate", *rows, fact("wastewater", "reused", 50, "m3")) == pytest.approx(60)


def test_condensate_of_own_and_bought_steam() -> None:
    rows = (
        fact("steam", "produced", 100, "t"), fact("steam", "purchased", 300, "t"),
        fact("condensate", "recovered", 200, "m3"),
    )  # fmt: skip
    assert value("condensate-reuse-rate", *rows) == pytest.approx(50)


@pytest.mark.parametrize(
    ("rate", "rows"),
    [
        ("water-discharge-rate", (fact("wastewater", "discharged", 1500, "m3"),)),
        (
            "wastewater-treatment-rate",
            (fact("wastewater", "treated", 150, "m3"), fact("wastewater", "generated", 100, "m3")),
        ),
        ("water-leak-rate", (fact("water-loss", "lost", 1500, "m3"),)),
        ("condensate-reuse-rate", (fact("condensate", "recovered", 20, "m3"), fact("steam", "produced", 10, "t"))),
    ],
)  # fmt: skip
def test_a_rate_above_a_hundred_is_said(rate: str, rows: tuple) -> None:
    figure = run(water, FRESH, *rows).find(rate)
    assert figure.value > 100
    assert "大于" in " ".join(map(str, figure.notes))

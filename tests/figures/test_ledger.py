from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from figure_plants import fact, ledger, months
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.errors import InputError
from qingyuan.facts.cases import read_case
from qingyuan.facts.model import SITE, Basis, Case, Period, Place, Profile, State
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.settings import Settings
from qingyuan.figures.tiling import merged, tile
from qingyuan.units import DimensionError

E = "electricity"


def codes(book: Ledger) -> list[str]:
    return [problem.code for problem in book.problems]


# --- one amount, many ways to know it --------------------------------------------------------------------------------


def test_fact_of_the_site_and_period_wins_over_its_parts() -> None:
    book = ledger(
        fact(E, "consumed", 100, "kWh"),
        fact(E, "consumed", 60, "kWh", place="一车间"),
        fact(E, "consumed", 40, "kWh", place="二车间"),
        *months(E, "consumed", [100 / 12] * 12, "kWh"),
    )
    assert book.amount(E, "consumed", "2022").value == 100
    assert codes(book) == []


def test_stated_total_and_parts_that_disagree_are_a_problem_and_the_total_is_used() -> None:
    book = ledger(
        fact(E, "consumed", 100, "kWh"),
        fact(E, "consumed", 60, "kWh", place="一车间"),
        fact(E, "consumed", 30, "kWh", place="二车间"),
    )
    assert book.amount(E, "consumed", "2022").value == 100
    assert codes(book) == ["total-and-parts-differ"]
    text = str(book.problems[0])
    assert "100" in text
    assert "90" in text
    assert "相差 10 kWh" in text


def test_places_add_up_through_composite_places() -> None:
    book = ledger(
        fact(E, "consumed", 311663, "kWh", place="一车间"),
        fact(E, "consumed", 829227, "kWh", place="二车间"),
        fact(E, "consumed", 508406, "kWh", place="三车间"),
        fact("fresh-water", "consumed", 5, "m3", place="二、三车间"),
    )
    assert book.amount(E, "consumed", "2022", "二、三车间").value == 829227 + 508406
    assert book.amount(E, "consumed", "2022").value == 311663 + 829227 + 508406
    assert book.amount("fresh-water", "consumed", "2022").value == 5
    assert book.amount("fresh-water", "consumed", "2022", "二车间") is None


def test_composite_that_is_stated_and_whose_members_are_stated_counts_once() -> None:
    book = ledger(
        fact(E, "consumed", 100, "kWh", place="二、三车间"),
        fact(E, "consumed", 60, "kWh", place="二车间"),
        fact(E, "consumed", 40, "kWh", place="三车间"),
        fact(E, "consumed", 10, "kWh", place="一车间"),
    )
    assert book.amount(E, "consumed", "2022").value == 110


def test_twelve_months_make_a_year_and_nine_do_not() -> None:
    whole = ledger(*months(E, "purchased", range(1, 13), "kWh"))
    assert whole.amount(E, "purchased", "2022").value == 78
    assert whole.amount(E, "purchased", "2022").covers == ""
    part = ledger(*months(E, "purchased", range(1, 10), "kWh"))
    term = part.amount(E, "purchased", "2022")
    assert term.value == 45
    assert term.covers == "2022-01-01/2022-09-30"
    assert "2022-01-01/2022-09-30" in str(term.note)
    assert codes(part) == ["period-not-filled"]


def test_a_full_sum_over_places_goes_before_nine_months_of_the_site() -> None:
    book = ledger(*months(E, "consumed", range(1, 10), "kWh"), fact(E, "consumed", 78, "kWh", place="车间"))
    assert book.amount(E, "consumed", "2022").value == 78
    assert book.amount(E, "consumed", "2022").covers == ""


def test_a_year_is_never_split_into_months() -> None:
    book = ledger(fact(E, "consumed", 120, "kWh"))
    assert book.amount(E, "consumed", "2022-03") is None


def test_quarters_and_months_mix_without_overlap() -> None:
    book = ledger(
        fact(E, "consumed", 30, "kWh", "2022-01-01/2022-03-31"),
        *months(E, "consumed", range(1, 13), "kWh"),
    )
    # January to March is known in two ways; the quarter is one piece, so it goes before three months
    assert book.amount(E, "consumed", "2022").value == 30 + sum(range(4, 13))


def test_fresh_water_is_the_sum_of_its_uses_where_it_is_not_stated() -> None:
    book = ledger(
        fact("production-water", "consumed", 12026, "m3"),
        fact("domestic-water", "consumed", 4218, "m3"),
        fact("cleaning-water", "consumed", 9000, "m3"),
    )
    assert book.amount("fresh-water", "consumed", "2022").value == 16244


def test_uses_by_place_and_uses_at_the_site_are_not_added() -> None:
    book = ledger(
        fact("production-water", "consumed", 12026, "m3"),
        fact("domestic-water", "consumed", 4218, "m3"),
        fact("production-water", "consumed", 1660, "m3", place="一车间"),
        fact("production-water", "consumed", 5737, "m3", place="二车间"),
        fact("production-water", "consumed", 4629, "m3", place="三车间"),
    )
    assert book.amount("fresh-water", "consumed", "2022").value == 16244
    assert codes(book) == []


def test_kinds_of_waste_make_up_the_waste() -> None:
    book = ledger(
        fact("copper-sludge", "generated", 706.18, "t"),
        fact("waste-ink-residue", "generated", 16.33, "t"),
        fact("waste-paper", "generated", 3, "t"),
    )
    assert book.amount("hazardous-waste", "generated", "2022").value == pytest.approx(722.51)
    assert book.amount("solid-waste", "generated", "2022").value == pytest.approx(725.51)


def test_roles_are_tried_in_order_and_never_added() -> None:
    book = ledger(fact(E, "consumed", 90, "kWh"), fact(E, "purchased", 100, "kWh"))
    assert book.amount(E, ("purchased", "consumed"), "2022").value == 100
    assert book.amount(E, ("sold", "consumed"), "2022").value == 90
    assert book.amount(E, "sold", "2022") is None


def test_facts_of_products_are_the_parts_of_the_fact_without_product() -> None:
    rows = [fact(E, "consumed", 60, "kWh", product="A"), fact(E, "consumed", 40, "kWh", product="B")]
    assert ledger(*rows).amount(E, "consumed", "2022").value == 100
    book = ledger(*rows, fact(E, "consumed", 120, "kWh"))
    assert book.amount(E, "consumed", "2022").value == 120
    assert book.amount(E, "consumed", "2022", product="A").value == 60
    assert book.amount(E, "consumed", "2022", product="C") is None


# --- several rows ----------------------------------------------------------------------------------------------------


def test_rows_known_in_one_way_are_parts() -> None:
    book = ledger(fact(E, "purchased", 100, "kWh", meter="A"), fact(E, "purchased", 50, "kWh", meter="B"))
    assert book.amount(E, "purchased", "2022").value == 150


def test_rows_known_in_two_ways_are_rivals_and_the_surest_is_used() -> None:
    book = ledger(
        fact(E, "purchased", 110, "kWh", basis=Basis.ESTIMATE), fact(E, "purchased", 100, "kWh", basis=Basis.INVOICE)
    )
    assert book.amount(E, "purchased", "2022").value == 100
    assert codes(book) == ["rival-statements"]


def test_rows_of_two_products_are_parts_however_they_are_known() -> None:
    book = ledger(
        fact(E, "consumed", 60, "kWh", product="A", basis=Basis.METER),
        fact(E, "consumed", 40, "kWh", product="B", basis=Basis.ESTIMATE),
    )
    assert book.amount(E, "consumed", "2022").value == 100
    assert codes(book) == []


def test_the_same_row_twice_is_counted_and_reported() -> None:
    book = ledger(fact(E, "purchased", 100, "kWh"), fact(E, "purchased", 100, "kWh"))
    assert book.amount(E, "purchased", "2022").value == 200
    assert "row-stated-twice" in codes(book)


# --- zero, empty, not applicable, below detection ---------------------------------------------------------------------


def test_zero_is_an_amount_and_empty_and_not_applicable_are_none() -> None:
    assert ledger(fact(E, "purchased", 0, "kWh")).amount(E, "purchased", "2022").value == 0
    for state in (State.EMPTY, State.NOT_APPLICABLE):
        book = ledger(fact(E, "purchased", None, "kWh", state=state))
        assert book.amount(E, "purchased", "2022") is None
        assert book.state(E, "purchased", "2022") is state
    assert ledger().state(E, "purchased", "2022") is None


def test_a_place_that_was_not_filled_makes_the_sum_a_lower_bound() -> None:
    book = ledger(
        fact(E, "consumed", 100, "kWh", place="一车间"),
        fact(E, "consumed", None, "kWh", place="二车间", state=State.EMPTY),
        fact(E, "consumed", None, "kWh", place="三车间", state=State.NOT_APPLICABLE),
    )
    term = book.amount(E, "consumed", "2022")
    assert term.value == 100
    assert term.lower_bound
    assert "二车间" in str(term.note)
    assert "三车间" not in str(term.note)
    assert "part-not-filled" in codes(book)


def test_below_detection_counts_at_its_limit_as_an_upper_bound_or_at_half_of_it() -> None:
    row = fact("COD", "discharged", 4, "kg", state=State.BELOW_DETECTION)
    term = ledger(row).amount("COD", "discharged", "2022")
    assert (term.value, term.upper_bound) == (4, True)
    half = ledger(row, settings={"below-detection": "half-limit"}).amount("COD", "discharged", "2022")
    assert (half.value, half.upper_bound) == (2, False)
    assert half.sd == pytest.approx(4 / 12**0.5)
    unknown = fact("COD", "discharged", None, "kg", state=State.BELOW_DETECTION)
    assert ledger(unknown).amount("COD", "discharged", "2022") is None


# --- units -----------------------------------------------------------------------------------------------------------


def test_amounts_come_in_the_unit_of_the_item_and_convert() -> None:
    book = ledger(fact(E, "purchased", 1.5, "10^4 kWh"))
    assert (book.amount(E, "purchased", "2022").value, book.amount(E, "purchased", "2022").unit) == (15000, "kWh")
    assert book.amount(E, "purchased", "2022", unit="MWh").value == 15
    with pytest.raises(DimensionError):
        book.amount(E, "purchased", "2022", unit="t")


def test_gas_in_plain_cubic_metres_is_taken_at_normal_conditions_and_says_so() -> None:
    term = ledger(fact("natural-gas", "purchased", 2, "10^4 m3")).amount("natural-gas", "purchased", "2022")
    assert (term.value, term.unit) == (20000, "Nm3")
    assert any("Nm" in str(node.note) for node in term.walk())


def test_litres_and_kilograms_of_one_material_do_not_add_without_a_density() -> None:
    rows = [
        fact("sulfuric-acid", "consumed", 100, "kg", place="一车间"),
        fact("sulfuric-acid", "consumed", 50, "L", place="二车间"),
    ]
    book = ledger(*rows)
    assert book.amount("sulfuric-acid", "consumed", "2022") is None
    assert codes(book) == ["units-do-not-add"]
    with_density = ledger(*rows, fact("sulfuric-acid", "density", 1.84, "kg/L", "undated"))
    assert with_density.amount("sulfuric-acid", "consumed", "2022").value == pytest.approx(192)


def test_flows_between_places_are_no_second_amount() -> None:
    flow = fact("steam", "consumed", 100, "t", place="锅炉房", to_place="一车间")
    book = ledger(fact("steam", "consumed", 100, "t", place="一车间"), flow)
    assert book.amount("steam", "consumed", "2022").value == 100
    assert book.flows("steam") == (flow,)
    alone = ledger(flow)
    assert alone.amount("steam", "consumed", "2022", "一车间").value == 100
    assert alone.amount("steam", "consumed", "2022", "锅炉房") is None
    assert codes(alone) == ["amount-from-flows"]


# --- consumption, properties, years ----------------------------------------------------------------------------------


def test_consumption_is_purchase_with_stock_change_less_sales() -> None:
    book = ledger(
        fact("raw-coal", "purchased", 1000, "t"),
        fact("raw-coal", "opening-stock", 200, "t"),
        fact("raw-coal", "closing-stock", 150, "t"),
        fact("raw-coal", "sold", 30, "t"),
    )
    assert book.consumption("raw-coal", "2022").value == 1020


def test_half_a_stock_change_is_reported_and_not_counted() -> None:
    book = ledger(fact("raw-coal", "purchased", 1000, "t"), fact("raw-coal", "opening-stock", 200, "t"))
    assert book.consumption("raw-coal", "2022").value == 1000
    assert "stock-incomplete" in codes(book)


def test_supply_and_use_that_disagree_are_a_problem() -> None:
    book = ledger(fact(E, "purchased", 100, "kWh", basis=Basis.INVOICE), fact(E, "consumed", 90, "kWh", place="车间"))
    assert book.consumption(E, "2022").value == 100
    assert book.consumption(E, "2022", "车间").value == 90
    assert "supply-and-use-differ" in codes(book)


def test_property_of_the_period_before_around_before_undated() -> None:
    item, role = "raw-coal", "lower-heating-value"
    undated = fact(item, role, 20000, "kJ/kg", "undated")
    around = fact(item, role, 21000, "kJ/kg", "2020-01-01/2022-12-31")
    exact = fact(item, role, 22000, "kJ/kg")
    assert ledger(undated, around, exact).property_of(item, role, "2022").value == 22000
    assert ledger(undated, around).property_of(item, role, "2022").value == 21000
    assert ledger(undated).property_of(item, role, "2022").value == 20000
    assert ledger(exact).property_of(item, role, "2021") is None
    assert ledger(exact).property_of(item, role).value == 22000
    assert ledger(exact).property_of(item, role, "2022", unit="MJ/kg").value == 22


def test_monthly_heating_values_are_weighted_by_what_was_burnt() -> None:
    item = "raw-coal"
    values = [
        fact(item, "lower-heating-value", 20000, "kJ/kg", "2022-01"),
        fact(item, "lower-heating-value", 23000, "kJ/kg", "2022-02"),
    ]
    burnt = [fact(item, "consumed", 100, "t", "2022-01"), fact(item, "consumed", 200, "t", "2022-02")]
    assert ledger(*values, *burnt).property_of(item, "lower-heating-value", "2022").value == pytest.approx(22000)
    assert ledger(*values).property_of(item, "lower-heating-value", "2022").value == pytest.approx(21500)


def test_property_of_a_place_is_its_own_else_that_of_the_place_above() -> None:
    rows = [fact(E, "price", 0.6, "CNY/kWh"), fact(E, "price", 0.8, "CNY/kWh", place="车间")]
    book = ledger(*rows, fact(E, "consumed", 1, "kWh", place="办公室"))
    assert book.property_of(E, "price", "2022", "车间").value == 0.8
    assert book.property_of(E, "price", "2022", "办公室").value == 0.6


def test_years_are_those_of_account() -> None:
    book = ledger(fact(E, "consumed", 1, "kWh", "2021"), fact("employees", "amount", 9, "person", "2023"))
    assert book.years == ("2021",)


def test_products_are_those_that_were_made() -> None:
    book = ledger(
        fact("单面板", "produced", 10, "m2", label="单面板产量"),
        fact("双面板", "produced", 0, "m2"),
        fact("多层板", "capacity", 5, "m2"),
    )
    assert book.products("2022") == ("单面板",)
    assert str(book.label("单面板")) == "单面板"
    assert str(book.label(E)) == "电力"


def test_tree_of_places_can_be_walked() -> None:
    book = Ledger(Case(Profile(), (), (Place("A"), Place("B", "A"), Place("C", "B"), Place("D"))), Settings())
    assert book.below(SITE) == ("A", "D", "B", "C")
    assert book.above("C") == ("C", "B", "A", SITE)
    assert book.children("A") == ("B",)


# --- settings --------------------------------------------------------------------------------------------------------


def test_settings_are_read_from_the_profile_and_defaults_show_as_such() -> None:
    settings = Settings.from_profile(
        Profile(
            province="重庆",
            settings={
                "electricity_factor": "provincial",
                "allocation": "output",
                "equal-value-electricity.2022": 0.3,
                "price.electricity": "0.65",
                "excluded-places": "宿舍；食堂",
                "historic-equal-value": "是",
                "editions-as-of": "2026-01-01",
                "rinses": 3,
            },
        )
    )
    assert settings.electricity_factor == "provincial"
    assert settings.equal_value_electricity == {"2022": 0.3}
    assert settings.prices == {"electricity": 0.65}
    assert settings.excluded_places == ("宿舍", "食堂")
    assert settings.historic_equal_value is True
    assert settings.extra == {"rinses": 3}
    assert not settings.is_default("allocation")
    assert settings.is_default("below_detection")
    shown = settings.as_json()
    assert shown["below_detection"] == {"value": "limit", "default": True}
    assert shown["allocation"] == {"value": "output", "default": False}
    assert shown["editions_as_of"]["value"] == "2026-01-01"


def test_all_bad_settings_are_reported_at_once() -> None:
    bad = {"allocation": "by-feeling", "balance-tolerance": "5", "price.electricity": "cheap", "editions-as-of": "soon"}
    with pytest.raises(InputError) as caught:
        Settings.from_profile(Profile(settings=bad))
    assert [problem.where.column for problem in caught.value.problems] == list(bad)
    assert all(problem.expected is not None for problem in caught.value.problems)


# --- laws ------------------------------------------------------------------------------------------------------------

values = st.lists(st.decimals(min_value=0, max_value=10**6, places=2), min_size=12, max_size=12)


@given(values)
def test_months_add_up_to_the_year_exactly(numbers: list) -> None:
    book = ledger(*months(E, "purchased", [float(number) for number in numbers], "kWh"))
    assert book.amount(E, "purchased", "2022").exact == sum(numbers)


@given(values, st.permutations(range(12)), st.sampled_from(["kWh", "MWh", "10^4 kWh"]))
def test_order_of_rows_and_their_units_are_irrelevant(numbers: list, order: list[int], unit: str) -> None:
    rows = months(E, "purchased", [float(number) for number in numbers], unit)
    here = ledger(*rows).amount(E, "purchased", "2022")
    there = ledger(*(rows[index] for index in order)).amount(E, "purchased", "2022")
    assert there.exact == here.exact
    assert there.sd == pytest.approx(here.sd)


@given(st.sets(st.integers(1, 12)))
def test_months_tile_a_year_only_together(present: set[int]) -> None:
    known = {Period.parse(f"2022-{month:02d}"): month for month in present}
    tiles, complete = tile(Period.parse("2022"), known)
    assert complete == (len(present) == 12)
    assert set(tiles) == set(known)
    assert list(tiles) == sorted(tiles)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), max_size=12))
def test_tiles_never_overlap_and_lie_inside(raw: list[tuple[int, int]]) -> None:
    import datetime as dt

    first = dt.date(2022, 1, 1)
    span = Period(first, first + dt.timedelta(days=40))
    known = {
        Period(first + dt.timedelta(days=start), first + dt.timedelta(days=start + length)): 0
        for start, length in raw
        if start + length <= 40
    }
    tiles, complete = tile(span, known)
    assert all(one.end < two.start for one, two in pairwise(tiles))
    assert all(span.contains(piece) for piece in tiles)
    assert complete == (sum(piece.days for piece in tiles) == span.days and bool(tiles))


def test_neighbouring_periods_are_named_together() -> None:
    months_ = [Period.parse(text) for text in ("2022-01", "2022-02", "2022-04", "2022-12")]
    assert merged(months_) == "2022-01-01/2022-02-28,2022-04,2022-12"


def test_one_amount_under_two_names_of_its_item_is_warned(tmp_path: Path) -> None:
    (tmp_path / "facts.csv").write_text(
        "period,place,kind,item,value,unit\n2024,全厂,energy,电,1000,kWh\n2024,全厂,energy,用电量,1000,度\n",
        encoding="utf-8",
    )
    ledger = Ledger(read_case(tmp_path))
    assert "row-stated-twice" in [problem.code for problem in ledger.problems]

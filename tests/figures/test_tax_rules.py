"""The environmental protection tax: published exercises with their answers, the law's rules, and properties."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.figures import tax_rules as tax
from qingyuan.figures.tax_rules import Discharge, NegativeDischarge, assess_outlet, to_fen
from qingyuan.reference import pollutants as tables


def d(pollutant: str, kg: str | int, **more: object) -> Discharge:
    return Discharge(pollutant, D(kg), **more)  # type: ignore[arg-type]


# --- published exercises -----------------------------------------------------------------------------------------


def test_four_air_pollutants_of_march_2018() -> None:
    """SO2 100, fluoride 100, CO 200, HCl 80 kg at 1.2: answer 278.62 (ti.zuoweng.com/ti/fC6sKKKQ)."""
    outlet = assess_outlet("1", "air", [d("SO2", 100), d("fluoride", 100), d("CO", 200), d("HCl", 80)], D("1.2"))
    assert [row.pollutant for row in outlet.rows if row.taxed] == ["fluoride", "SO2", "CO"]
    assert outlet.tax is not None
    assert to_fen(outlet.tax) == D("278.62")


def test_rounded_equivalents_reproduce_old_answers() -> None:
    """160, 228, 45, 20 t at 1.2: answer 514 875.90, rounded on the way (360docs.net/doc/6b12777291)."""
    load = [d("SO2", 160_000), d("NOx", 228_000), d("smoke-dust", 45_000), d("CO", 20_000)]
    exact, printed = (assess_outlet("1", "air", load, D("1.2"), equivalent_digits=n).tax for n in (None, 2))
    assert exact is not None
    assert printed is not None
    assert to_fen(printed) == D("514875.90")
    assert to_fen(exact) == D("514875.91")


def test_a_chemical_works_of_december_2018() -> None:
    """SO2 14, NOx 12, HCl 60, CO 120 kg at 3: answer 103.68 with rounded equivalents (jikaoti.com/ti/rqU2FFFM)."""
    load = [d("SO2", 14), d("NOx", 12), d("HCl", 60), d("CO", 120)]
    printed = assess_outlet("1", "air", load, D(3), equivalent_digits=2).tax
    assert printed is not None
    assert to_fen(printed) == D("103.68")


def test_six_metals_of_class_one() -> None:
    """Hg, Cd, Cr, As, Pb, Ag, 10 kg each, at 1.5: answer 35 100 (jikaoti.com/ti/HqU2FFFM)."""
    load = [d(metal, 10) for metal in ("mercury", "cadmium", "chromium", "arsenic", "lead", "silver")]
    outlet = assess_outlet("1", "water", load, D("1.5"))
    assert outlet.tax == D("35100.0")
    assert [row.pollutant for row in outlet.rows if not row.taxed] == ["chromium"]


def test_both_classes_of_one_outlet() -> None:
    """The same metals with SS, TOC, phenol and ammonia, 10 kg each, at 1.4 (qiqiwenku.com/doc/621171)."""
    metals = [d(metal, 10) for metal in ("mercury", "cadmium", "chromium", "arsenic", "lead", "silver")]
    others = [d("suspended-solids", 10), d("TOC", 10), d("volatile-phenol", 10), d("ammonia-nitrogen", 10)]
    outlet = assess_outlet("1", "water", metals + others, D("1.4"))
    by_pollutant = {row.pollutant: row.tax for row in outlet.rows}
    expected = {"mercury": "28000", "cadmium": "2800", "arsenic": "700", "silver": "700", "lead": "560",
                "volatile-phenol": "175", "TOC": "28.57", "ammonia-nitrogen": "17.5"}  # fmt: skip
    for pollutant, answer in expected.items():
        value = by_pollutant[pollutant]
        assert value is not None
        assert to_fen(value) == D(answer).quantize(D("0.01"))
    assert by_pollutant["suspended-solids"] is None
    assert by_pollutant["chromium"] is None


def test_colour_and_ph_of_a_dyeing_works() -> None:
    """24 000 t, colour 320 against 80, pH 4, at 3: 43 200 and 72 000 (beiyun.cn/article/78380)."""
    water = D(24_000)
    colour = Discharge("colour", wastewater_t=water, times_over=(D(320) - 80) / 80)
    ph = Discharge("pH", wastewater_t=water, ph=D(4))
    outlet = assess_outlet("1", "water", [colour, ph], D(3))
    assert {row.pollutant: row.tax for row in outlet.rows} == {"colour": D(43_200), "pH": D(72_000)}


def test_tailings_of_january_2018() -> None:
    """1000 t, 300 t used, 200 t stored, 15 a tonne: 7500 (qiqiwenku.com/doc/621171)."""
    assert tax.solid_waste_tax("tailings", D(1000), stored_t=D(200), utilised_t=D(300)) == (D(500), D(7500))


def test_medical_waste_of_may_2020() -> None:
    """90 t, 20 stored, 10 disposed, 15 used: 45 t of hazardous waste (ti.zuoweng.com/ti/CNMKKKKQ)."""
    assert tax.solid_waste_tax("hazardous-waste", D(90), D(20), D(10), D(15)) == (D(45), D(45_000))


@pytest.mark.parametrize(
    ("day", "day_limit", "night", "night_limit", "days", "boundary", "answer"),
    [
        # dongao.com/mftk/zckjs_sf_3554027: 7 and 5 dB over on ten days, half
        (["72"], "65", ["60"], "55", 10, None, 1050),
        # dongao.com/mftk/shuiwushi_sf1_2032750: day only, 5 dB over
        (["60"], "55", [], None, 18, None, 700),
        # ti.zuoweng.com/ti/0ZEKKKKQ: 20 and 6 dB over
        (["88"], "68", ["64"], "58", 20, None, 11_900),
        # ti.zuoweng.com/ti/CNMKKKKQ: 12.6 rounds to 13, 5; boundary above 100 m, two points
        (["77.6", "70"], "65", ["60", "57"], "55", 16, "120", 12_600),
    ],
)
def test_noise(
    day: list[str],
    day_limit: str,
    night: list[str],
    night_limit: str | None,
    days: int,
    boundary: str | None,
    answer: int,
) -> None:
    assert tax.noise_tax(
        [(D(level), D(day_limit)) for level in day],
        [(D(level), D(night_limit or "0")) for level in night],
        days_over=days,
        boundary_m=None if boundary is None else D(boundary),
    ) == D(answer)


# --- the rules ---------------------------------------------------------------------------------------------------


def test_only_one_of_cod_bod_and_toc() -> None:
    outlet = assess_outlet("1", "water", [d("COD", 100), d("BOD5", 60), d("TOC", 10)], D(3))
    taxed = [row for row in outlet.rows if row.taxed]
    assert [row.pollutant for row in taxed] == ["BOD5"]
    assert outlet.tax == D(360)
    assert "只征收一项" in str(next(row for row in outlet.rows if row.pollutant == "COD").reason)


def test_the_excluded_one_frees_its_place() -> None:
    load = [d("COD", 100), d("BOD5", 90), d("ammonia-nitrogen", 8), d("total-phosphorus", 1), d("copper", "0.1")]
    outlet = assess_outlet("1", "water", load, D(3))
    assert [row.pollutant for row in outlet.rows if row.taxed] == ["BOD5", "ammonia-nitrogen", "total-phosphorus"]


@pytest.mark.parametrize(
    ("concentration", "limit", "within", "pays"),
    [
        ("70", "100", True, "0.75"),
        ("70.0001", "100", True, "1"),
        ("50", "100", True, "0.50"),
        ("50.01", "100", True, "0.75"),
        ("0.7", "1.0", True, "0.75"),
        ("0", "100", True, "0.50"),
        ("50", "100", False, "1"),
        ("50", "100", None, "1"),
        ("120", "100", False, "1"),
    ],
)
def test_reductions_at_their_edges(concentration: str, limit: str, within: bool | None, pays: str) -> None:
    one = d("SO2", 95, concentration=D(concentration), limit=D(limit), all_within_limit=within)
    outlet = assess_outlet("1", "air", [one], D(1))
    assert outlet.rows[0].pays == D(pays)
    assert outlet.tax == D(100) * D(pays)


def test_without_concentration_nothing_is_reduced() -> None:
    outlet = assess_outlet("1", "air", [d("SO2", 95)], D(1))
    assert outlet.rows[0].pays == 1
    assert "不减征" in str(outlet.rows[0].reduction)


def test_indirect_discharge_is_not_taxed() -> None:
    outlet = assess_outlet("1", "water", [d("COD", 1000), d("copper", 10)], D(3), direct=False)
    assert outlet.tax == 0
    assert outlet.taxed_equivalents == 0
    assert all("不征税" in str(row.reason) for row in outlet.rows)
    assert {row.pollutant: row.equivalents for row in outlet.rows} == {"COD": D(1000), "copper": D(100)}


def test_what_the_table_does_not_hold_is_not_taxed() -> None:
    outlet = assess_outlet("1", "air", [d("VOCs", 1000), d("toluene", "1.8")], D("3.5"))
    assert outlet.tax == D(35)
    assert "不在" in str(next(row for row in outlet.rows if row.pollutant == "VOCs").reason)


def test_without_a_rate_the_tax_is_unknown_and_the_equivalents_are_not() -> None:
    outlet = assess_outlet("1", "air", [d("SO2", 95)], None)
    assert outlet.tax is None
    assert outlet.taxed_equivalents == 100
    assert assess_outlet("1", "air", [], None).tax == 0


def test_rates_of_the_provinces_have_dates() -> None:
    import datetime as dt

    def rate(region: str, day: str) -> D | None:
        found = tables.tax_rate("air", region, dt.date.fromisoformat(day))
        return None if found is None else found.value

    assert rate("重庆", "2019-06-01") == D("2.4")
    assert rate("重庆", "2020-12-31") == D("2.4")
    assert rate("500000", "2021-01-01") == D("3.5")
    assert rate("四川", "2022-01-01") == D("3.9")
    assert rate("广东", "2022-01-01") is None
    assert rate("重庆", "2017-12-31") is None
    assert tables.statutory_range("air") == (D("1.2"), D("12.0"))


@pytest.mark.parametrize(
    ("ph", "tonnes"),
    [
        ("4", "1"),
        ("4.99", "1"),
        ("5", "5"),
        ("9.01", "1"),
        ("10", "1"),
        ("10.01", "0.5"),
        ("0", "0.06"),
        ("14", "0.06"),
        ("13", "0.125"),
    ],
)
def test_ph_steps(ph: str, tonnes: str) -> None:
    row = tables.ph_equivalent(D(ph))
    assert row is not None
    assert row.value == D(tonnes)


@pytest.mark.parametrize("ph", ["6", "7.3", "9"])
def test_neutral_water_has_no_equivalent(ph: str) -> None:
    assert tables.ph_equivalent(D(ph)) is None


def test_more_handled_than_generated_is_an_error() -> None:
    with pytest.raises(NegativeDischarge):
        tax.solid_waste_tax("tailings", D(10), disposed_t=D(11))


def test_small_dischargers() -> None:
    assert tax.small_discharger_equivalents("pigs", D(500))[0] == 0
    assert tax.small_discharger_equivalents("pigs", D(501))[0] == 501
    assert tax.small_discharger_equivalents("cattle", D(60))[0] == 600
    assert tax.small_discharger_equivalents("small-enterprise", D(18))[0] == 10


def test_rounding_is_half_up() -> None:
    assert to_fen(D("0.125")) == D("0.13")
    assert to_fen(D("2.675")) == D("2.68")


def test_no_binary_dust() -> None:
    """0.1 + 0.2 of a pollutant at a value of 0.1 kg are exactly three equivalents."""
    outlet = assess_outlet("1", "water", [d("copper", D("0.1") + D("0.2"))], D("1.4"))
    assert outlet.tax == D("4.2")


# --- properties --------------------------------------------------------------------------------------------------

_AIR = sorted(tables.equivalents("air"))
_WATER = sorted(id for id, row in tables.equivalents("water").items() if not row.by_volume)
_kg = st.decimals(min_value=0, max_value=10**6, places=3)


def loads(pollutants: list[str]) -> st.SearchStrategy[list[Discharge]]:
    return st.lists(st.tuples(st.sampled_from(pollutants), _kg), max_size=12, unique_by=lambda pair: pair[0]).map(
        lambda pairs: [Discharge(pollutant, kg) for pollutant, kg in pairs]
    )


@given(loads(_WATER), st.sampled_from(_WATER), _kg)
def test_another_pollutant_never_lowers_the_tax(load: list[Discharge], pollutant: str, kg: D) -> None:
    if pollutant in {one.pollutant for one in load}:
        return
    before = assess_outlet("1", "water", load, D(3)).tax
    after = assess_outlet("1", "water", [*load, Discharge(pollutant, kg)], D(3)).tax
    assert before is not None
    assert after is not None
    assert after >= before


@given(loads(_AIR), st.randoms(use_true_random=False))
def test_the_order_of_pollutants_changes_nothing(load: list[Discharge], random: object) -> None:
    mixed = list(load)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert assess_outlet("1", "air", mixed, D("3.5")) == assess_outlet("1", "air", load, D("3.5"))


@given(loads(_AIR), st.integers(0, 11), _kg)
def test_more_of_a_pollutant_never_lowers_the_tax(load: list[Discharge], index: int, more: D) -> None:
    if not load:
        return
    one = load[index % len(load)]
    assert one.kg is not None
    raised = [replace(one, kg=one.kg + more) if other is one else other for other in load]
    before, after = (assess_outlet("1", "air", each, D("3.5")).tax for each in (load, raised))
    assert before is not None
    assert after is not None
    assert after >= before


@given(loads(_WATER))
def test_counts_of_the_law_are_kept(load: list[Discharge]) -> None:
    rows = assess_outlet("1", "water", load, D(3)).rows
    taxed = [row for row in rows if row.taxed]
    assert sum(row.water_class == 1 for row in taxed) <= 5
    assert sum(row.water_class == 2 for row in taxed) <= 3
    assert sum(row.pollutant in ("COD", "BOD5", "TOC") for row in taxed) <= 1
    assert len(rows) == len(load)


@given(loads(_AIR), st.decimals(min_value="0.01", max_value=1000, places=2))
def test_splitting_the_rate_or_scaling_the_amounts_is_the_same(load: list[Discharge], times: D) -> None:
    whole = assess_outlet("1", "air", load, D("1.2") * times).tax
    scaled = [replace(one, kg=(one.kg or D(0)) * times) for one in load]
    other = assess_outlet("1", "air", scaled, D("1.2")).tax
    assert whole is not None
    assert other is not None
    assert abs(whole - other) <= D("1e-12") * max(whole, D(1))

"""The environmental protection tax of plants: outlets, receivers, rates, reductions, solid waste, noise, the total."""

from __future__ import annotations

from decimal import Decimal

import pytest
from emission_plants import fact, plant, result, run

from qingyuan.errors import InputError
from qingyuan.figures import tax
from qingyuan.figures.derivation import FigureSet
from qingyuan.reference.records import Grade

STACK = "DA001 锅炉烟囱"
OUT = "废水总排口"
HOURS = fact("operating-hours", "amount", 1000, "h")
WATER = fact("process-wastewater", "discharged", 10_000, "m3")


def value(found: FigureSet, id: str, **where: str) -> float:
    figure = found.find(id, **where)
    assert figure is not None, [(gap.key, [str(need) for need in gap.needs]) for gap in found.missing]
    return figure.value


def needs(found: FigureSet, id: str, **where: str) -> str:
    gap = found.why_missing(id, **where)
    assert gap is not None
    return "；".join(str(need) for need in gap.needs)


def air(pollutant: str, mg: float, limit: str = "", date: str = "2022-06-01", outlet: str = STACK) -> object:
    return result(outlet, pollutant, mg, "mg/m3", date, flow=10_000, limit=limit)


def test_air_in_chongqing() -> None:
    found = run(
        tax,
        HOURS,
        monitoring=[air("SO2", 95, "100"), air("NOx", 190, "200"), air("CO", 16.7), air("particulate", 21.8, "30")],
        province="重庆",
    )
    # 950/0.95 + 1900/0.95 + 218/2.18; CO stands fourth; dust 27.3 % below its limit pays in full
    assert value(found, "environmental-tax-air") == pytest.approx(3.5 * (1000 + 2000 + 100))
    assert value(found, "tax-equivalents", place=STACK) == pytest.approx(3100)
    assert value(found, "environmental-tax") == 10_850.0
    figure = found.find("tax-equivalents.CO", place=STACK)
    assert figure is not None
    assert any("排第 4" in str(note) for note in figure.notes)
    smoke = found.find("tax-equivalents.smoke-dust", place=STACK)
    assert smoke is not None


def test_reductions_by_the_mean_of_the_year() -> None:
    half = run(tax, HOURS, monitoring=[air("SO2", 50, "100")], province="重庆")
    assert value(half, "environmental-tax-air") == pytest.approx(500 / 0.95 * 3.5 * 0.5)
    edge = run(tax, HOURS, monitoring=[air("SO2", 70, "100")], province="重庆")
    assert value(edge, "environmental-tax-air") == pytest.approx(700 / 0.95 * 3.5 * 0.75)
    spoilt = run(
        tax,
        HOURS,
        monitoring=[air("SO2", 10, "100"), air("SO2", 101, "100", "2022-09-01")],
        province="重庆",
    )
    assert value(spoilt, "environmental-tax-air") == pytest.approx(555 / 0.95 * 3.5)
    unlimited = run(tax, HOURS, monitoring=[air("SO2", 10)], province="重庆")
    assert value(unlimited, "environmental-tax-air") == pytest.approx(100 / 0.95 * 3.5)


def test_rates_have_dates_and_grades() -> None:
    hours = [fact("operating-hours", "amount", 1000, "h", year) for year in ("2017", "2019", "2022")]
    results = [air("SO2", 95, date=f"{year}-06-01") for year in ("2017", "2019", "2022")]
    found = run(tax, *hours, monitoring=results, province="重庆")
    assert value(found, "environmental-tax-air", period="2019") == pytest.approx(2400)
    assert value(found, "environmental-tax-air", period="2022") == pytest.approx(3500)
    assert found.find("environmental-tax-air", period="2022").grade is Grade.CITED  # type: ignore[union-attr]
    assert found.find("environmental-tax-air", period="2017") is None
    assert found.why_missing("environmental-tax-air", period="2017") is not None


def test_an_unknown_region_is_asked_with_the_statutory_range() -> None:
    found = run(tax, HOURS, monitoring=[air("SO2", 95)], province="广东")
    text = needs(found, "environmental-tax-air")
    assert "1.2" in text
    assert "12.0" in text
    assert value(found, "tax-equivalents", place=STACK) == pytest.approx(1000)
    own = run(tax, HOURS, monitoring=[air("SO2", 95)], province="广东", tax_rate_air=1.8)
    assert value(own, "environmental-tax-air") == pytest.approx(1800)
    assert own.find("environmental-tax-air").grade is not Grade.RECALLED  # type: ignore[union-attr]


def test_a_rate_that_is_no_number_is_an_input_error() -> None:
    with pytest.raises(InputError, match="tax-rate-air"):
        run(tax, HOURS, monitoring=[air("SO2", 95)], tax_rate_air="三块五")


def test_water_by_its_receiver() -> None:
    measured = [result(OUT, "COD", 100, "mg/L"), result(OUT, "copper", 0.5, "mg/L")]
    asked = run(tax, WATER, monitoring=measured, province="重庆")
    assert "wastewater-receiver" in needs(asked, "environmental-tax-water")
    direct = run(tax, WATER, monitoring=measured, province="重庆", wastewater_receiver="water-body")
    assert value(direct, "environmental-tax-water") == pytest.approx(3 * (1000 + 50))
    sewer = run(tax, WATER, monitoring=measured, province="重庆", wastewater_receiver="sewage-works")
    assert value(sewer, "environmental-tax-water") == 0
    figure = sewer.find("environmental-tax-water")
    assert figure is not None
    assert any("不征税" in str(note) for note in figure.notes)
    per_outlet = plant(WATER, monitoring=measured, province="重庆", **{f"wastewater_receiver__{OUT}": "sewage-works"})
    assert value(tax.figures(per_outlet), "environmental-tax-water") == 0


def test_ph_and_colour_of_an_outlet() -> None:
    found = run(
        tax,
        fact("process-wastewater", "discharged", 24_000, "m3"),
        monitoring=[
            result(OUT, "colour", 320, "1", limit="80", medium="water"),
            result(OUT, "pH", 4, "", limit="6-9"),
            result(OUT, "suspended-solids", 1, "mg/L"),
        ],
        province="重庆",
        wastewater_receiver="water-body",
    )
    assert value(found, "tax-equivalents.colour", place=OUT) == pytest.approx(14_400)
    assert value(found, "tax-equivalents.pH", place=OUT) == pytest.approx(24_000)
    assert value(found, "environmental-tax-water") == pytest.approx(3 * (14_400 + 24_000 + 6))


def test_amounts_that_are_not_known_are_not_zero() -> None:
    measured = [air("SO2", 95), air("NOx", 95)]
    without = run(tax, fact("electricity", "consumed", 1, "kWh"), monitoring=measured, province="重庆")
    assert without.find("environmental-tax-air") is None
    assert "排放量" in needs(without, "environmental-tax-air")
    partly = run(tax, HOURS, monitoring=[air("SO2", 95), result(STACK, "NOx", 95, "mg/m3")], province="重庆").find(
        "environmental-tax-air"
    )
    assert partly is not None
    assert partly.term.lower_bound


def test_particulates_are_smoke_or_dust() -> None:
    drill = "DA002 钻孔"
    dust = run(tax, HOURS, monitoring=[air("particulate", 40, outlet=drill)], province="重庆")
    assert value(dust, "environmental-tax-air") == pytest.approx(400 / 4 * 3.5)
    said = run(
        tax, HOURS, monitoring=[air("particulate", 40, outlet=drill)], province="重庆", particulate_kind="smoke-dust"
    )
    assert value(said, "environmental-tax-air") == pytest.approx(400 / 2.18 * 3.5)


def test_hydrogen_fluoride_is_fluoride_and_counts_once() -> None:
    alone = run(tax, HOURS, monitoring=[air("HF", 0.87)], province="重庆")
    assert value(alone, "tax-equivalents.fluoride", place=STACK) == pytest.approx(10)
    both = run(tax, HOURS, monitoring=[air("HF", 0.87), air("fluoride", 1.74)], province="重庆")
    assert value(both, "tax-equivalents.fluoride", place=STACK) == pytest.approx(20)
    assert value(both, "environmental-tax-air") == pytest.approx(70)


def test_solid_waste_that_was_dumped() -> None:
    found = run(
        tax,
        fact("tailings", "generated", 1000, "t"),
        fact("tailings", "utilised", 300, "t"),
        fact("tailings", "stored", 200, "t"),
        fact("tailings", "discharged", 500, "t"),
        fact("copper-sludge", "generated", 10, "t"),
        fact("copper-sludge", "transferred", 9, "t"),
        fact("copper-sludge", "discharged", 1000, "kg"),
    )
    assert value(found, "environmental-tax-solid-waste") == pytest.approx(500 * 15 + 1 * 1000)
    handled = run(tax, fact("tailings", "generated", 10, "t"), fact("tailings", "disposed", 10, "t"))
    assert handled.find("environmental-tax-solid-waste") is None


def test_a_remainder_of_waste_in_the_store_is_asked_for_and_not_taxed() -> None:
    rows = (fact("copper-sludge", "generated", 71.4, "t"), fact("copper-sludge", "transferred", 70.9, "t"))
    found = run(tax, *rows, HOURS, monitoring=[air("SO2", 1)], province="重庆")
    assert found.find("environmental-tax-solid-waste") is None
    whole = found.find("environmental-tax")
    assert whole is not None
    assert any("去向或库存待说明" in str(note) and "铜" in str(note) for note in whole.notes)
    assert "去向或库存待说明" in needs(run(tax, *rows), "environmental-tax")


def test_noise_above_the_limit() -> None:
    rows = [
        result("N1厂界东", "noise-day", 72, "dB(A)", limit="65", medium="noise"),
        result("N1厂界东", "noise-night", 60, "dB(A)", limit="55", medium="noise"),
    ]
    power = fact("electricity", "consumed", 1, "kWh")
    asked = run(tax, power, monitoring=rows)
    assert "noise-months" in needs(asked, "environmental-tax-noise")
    known = run(tax, power, monitoring=rows, noise_months=3, noise_days_over=10)
    assert value(known, "environmental-tax-noise") == pytest.approx(3 * 1050)


def test_the_total_is_rounded_once_and_names_what_is_open() -> None:
    found = run(
        tax,
        HOURS,
        fact("waste-paper", "generated", 1, "t"),
        monitoring=[air("SO2", 1), air("NOx", 1)],
        province="重庆",
    )
    whole = found.find("environmental-tax")
    assert whole is not None
    assert whole.term.exact == Decimal("73.68")  # 2 · 10/0.95 · 3.5 = 73.684…
    assert any("废纸" in str(note) for note in whole.notes)
    assert whole.term.lower_bound


def test_every_row_says_why() -> None:
    book = plant(HOURS, monitoring=[air("SO2", 95), air("VOCs", 5), air("NMHC", 5)], province="重庆")  # type: ignore[arg-type]
    (outlet,) = tax.assess(book, book.settings, "2022")
    assert {row.pollutant: row.taxed for row in outlet.tax.rows} == {"SO2": True, "VOCs": False, "NMHC": False}
    assert all(str(row.reason) for row in outlet.tax.rows)


@pytest.mark.parametrize(
    "words",
    ["经自建污水处理厂处理后排入长江", "direct discharge to municipal sewage works", "不得直排，纳管", "indirect"],
)
def test_words_about_the_receiver_are_refused_with_the_two_values(words: str) -> None:
    with pytest.raises(InputError, match=r"sewage-works.*water-body"):
        run(tax, WATER, monitoring=[result(OUT, "COD", 100, "mg/L")], province="重庆", wastewater_receiver=words)


def test_each_point_of_noise_has_its_own_limit() -> None:
    rows = [
        result("北厂界", "noise-day", 69, "dB(A)", limit="70", medium="noise"),
        result("South boundary", "noise-day", 66, "dB(A)", limit="65", medium="noise"),
    ]
    power = fact("electricity", "purchased", 1, "MWh")
    found = run(tax, power, monitoring=rows, noise_months=12, noise_days_over=20)
    assert value(found, "environmental-tax-noise") == pytest.approx(12 * 350)
    longer = run(tax, power, monitoring=rows, noise_months=12, noise_days_over=20, boundary_m=200)
    assert value(longer, "environmental-tax-noise") == pytest.approx(12 * 350)


def ph(values: list[float]) -> list[object]:
    return [
        result("DW001", "pH", one, "", f"2022-{number:02d}-10", limit="6-9")
        for number, one in enumerate(values, start=1)
    ]


def test_ph_is_assessed_by_month() -> None:
    cod = [result("DW001", "COD", 10, "mg/L")]
    settings = {"province": "重庆", "wastewater_receiver": "water-body"}
    year = fact("wastewater", "discharged", 12_000, "m3")
    once = run(tax, year, monitoring=[*cod, *ph([2.5, *[7.2] * 11])], **settings)
    # of January's days only
    january = value(once, "tax-equivalents.pH", place="DW001")
    always = value(run(tax, year, monitoring=[*cod, *ph([2.5] * 12)], **settings), "tax-equivalents.pH", place="DW001")
    assert january == pytest.approx(always * 31 / 365)
    stated = [fact("wastewater", "discharged", 100 + number, "m3", f"2022-{number:02d}") for number in range(1, 13)]
    own = run(tax, *stated, monitoring=[*cod, *ph([2.5, *[7.2] * 11])], **settings)
    assert value(own, "tax-equivalents.pH", place="DW001") == pytest.approx(always * 101 / 12_000)
    mixed = run(tax, *stated, monitoring=[*cod, *ph([2.5, 5.5, *[7.2] * 10])], **settings)
    alone = run(tax, *stated, monitoring=[*cod, *ph([7.2, 5.5, *[7.2] * 10])], **settings)
    both = value(own, "tax-equivalents.pH", place="DW001") + value(alone, "tax-equivalents.pH", place="DW001")
    assert value(mixed, "tax-equivalents.pH", place="DW001") == pytest.approx(both)


def test_an_outlet_with_nothing_but_ph_is_taxed_and_its_volume_asked_for() -> None:
    settings = {"province": "重庆", "wastewater_receiver": "water-body"}
    found = run(tax, fact("wastewater", "discharged", 12_000, "m3"), monitoring=ph([2.5]), **settings)
    assert value(found, "environmental-tax-water") > 0
    asked = run(tax, fact("electricity", "purchased", 1, "MWh"), monitoring=ph([2.5]), **settings)
    assert "DW001的废水排放量" in needs(asked, "environmental-tax-water")


def test_at_least_zero_is_a_gap() -> None:
    found = run(
        tax,
        WATER,
        fact("electroplating-sludge", "generated", 10, "t"),
        monitoring=[result(OUT, "COD", 100, "mg/L")],
        province="重庆",
        wastewater_receiver="sewage-works",
    )
    assert found.find("environmental-tax") is None
    assert "去向或库存待说明" in needs(found, "environmental-tax")


@pytest.mark.parametrize(("name", "kind"), [("DA001 boiler stack", "smoke-dust"), ("锅炉房粮仓", "dust")])
def test_particulate_is_smoke_where_so2_is_measured(name: str, kind: str) -> None:
    more = [air("SO2", 10, outlet=name)] if kind == "smoke-dust" else []
    found = run(tax, HOURS, monitoring=[air("particulate", 20, outlet=name), *more], province="重庆")
    assert found.find(f"tax-equivalents.{kind}", place=name) is not None


def test_the_rate_of_solid_waste_keeps_its_own_grade() -> None:
    from qingyuan.reference.pollutants import solid_waste_rate

    rows = (
        fact("electroplating-sludge", "generated", 10, "t", note="危险废物"),
        fact("electroplating-sludge", "transferred", 5, "t"),
        fact("electroplating-sludge", "discharged", 5, "t"),
    )
    found = run(tax, *rows)
    figure = found.find("environmental-tax-solid-waste")
    assert figure is not None
    assert figure.value == pytest.approx(5000)
    assert figure.term.grade == solid_waste_rate("hazardous-waste").grade

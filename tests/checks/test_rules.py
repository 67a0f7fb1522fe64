"""The rules themselves: documented, fed by data that resolve, pure, and right on small worked examples."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qingyuan.checks
from qingyuan.checks import RULES, Finding, Gravity, Number, by_weight, rule_groups, rule_records
from qingyuan.checks import knowledge as known
from qingyuan.checks.computed import round_factor
from qingyuan.checks.effects import claims
from qingyuan.checks.finding import shown, times
from qingyuan.checks.plant import look, waste_codes_in
from qingyuan.checks.works import solids, used_mass
from qingyuan.errors import Location
from qingyuan.facts.model import Basis, Case, Equipment, Fact, Monitoring, OptionRow, Place, Profile, State
from qingyuan.figures.ledger import Ledger
from qingyuan.language import message
from qingyuan.reference.items import catalogue
from qingyuan.reference.processes import general_rules, process_signatures

SOURCE = Path(qingyuan.checks.__file__).parent


# --- small plants ----------------------------------------------------------------------------------------------------


def fact(item: str, value: float, unit: str, *, kind: str = "material", role: str = "consumed", **more: object) -> Fact:
    row = {"period": "2022", "basis": Basis.STATISTICS, "label": item, "where": Location("facts.csv", row=2), **more}
    return Fact(plant="p", item=item, role=role, value=value, unit=unit, kind=kind, **row)  # type: ignore[arg-type]


def case(facts: Iterable[Fact], **more: object) -> Case:
    profile = Profile(plant="p", industry_code=str(more.pop("industry", "")))
    return Case(profile, tuple(facts), **more)  # type: ignore[arg-type]


def check(rule: str, subject: Case) -> list[Finding]:
    return list(RULES[rule](subject, Ledger(subject)))


# --- documentation and data ------------------------------------------------------------------------------------------


def test_rules_and_their_documentation_are_the_same() -> None:
    assert len(RULES) > 60
    assert set(RULES) == set(rule_records())
    groups = {group.id for group in rule_groups()}
    for record in rule_records().values():
        assert record.group in groups
        for text in (record.title, record.title_en, record.looks_for, record.looks_for_en, record.why, record.why_en):
            assert text.strip(), record.id
        for name in record.data:
            assert (SOURCE.parent / "data" / name).is_file(), name
        for one in record.thresholds:
            assert one.source, (record.id, one.id)
            assert one.zh, (record.id, one.id)
            assert one.en, (record.id, one.id)


def test_every_threshold_is_used_and_every_used_one_is_data() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCE.glob("*.py"))
    used = set(re.findall(r'threshold\(\s*"([a-z-]+)",\s*"([a-z-]+)"\s*\)', code))
    in_data = {(record.id, one.id) for record in rule_records().values() for one in record.thresholds}
    by_name = {
        pair for pair in in_data if pair[0] in ("unit-price", "precipitant-and-metal", "option-worth")
    }  # by tables
    assert used | by_name == in_data


def test_items_of_the_knowledge_are_in_the_catalogue() -> None:
    items: set[str] = set()
    for origin in known.waste_origins():
        items |= {*origin.wastes, *origin.inputs}
        assert 0 <= origin.least < origin.most
    items |= {item for item, _ in known.conversions() if item != "*"}
    items |= {row.item for row in known.contents()} | {row.product for row in known.contents() if row.product}
    items |= set(known.strengths()) | set(known.voc_contents()) | set(known.carbon_sources())
    for need in known.inputs_per_product():
        items |= {need.input, need.product}
    for band in known.specific_ranges():
        items |= {band.product, band.what}
    for pair in known.parts_of_whole():
        items |= {pair.part, pair.whole}
    for term in known.terms().values():
        items |= {*term.items, *term.with_items}
    for step in known.step_needs():
        items |= {item for item in step.items if not item.startswith("@")}
    for source in known.pollutant_sources().values():
        items |= {source.pollutant, *source.items}
    for trace in known.traces():
        items |= {*trace.items, *trace.leaves}
    for treatment in known.treatments():
        items |= set(treatment.pollutants)
    assert {item for item in items if item not in catalogue()} == set()


def test_acids_and_alkalis_have_formulae() -> None:
    for strength in known.strengths().values():
        assert catalogue().get(strength.item).formula, strength.item
        assert 0 < strength.purity_low <= strength.purity_high <= 1


def test_what_processes_must_leave_is_an_item_or_said_to_be_uncheckable() -> None:
    leaves = {text for rule in general_rules() for text in rule.must_leave}
    leaves |= {text for one in process_signatures().values() for rule in one.rules for text in rule.must_leave}
    lost = [
        text
        for text in leaves
        if ("leave", text) not in known.terms()
        and not any(catalogue().match(text, kind) for kind in ("pollutant", "waste", "energy"))
    ]
    assert not lost


def test_rules_change_nothing_and_repeat_themselves() -> None:
    subject = case([fact("lime", 100.0, "kg"), fact("electricity", 5.0, "kWh", kind="energy")])
    before = repr(subject)
    ledger = Ledger(subject)
    first = [str(one.message) for rule in RULES.values() for one in rule(subject, ledger)]
    second = [str(one.message) for rule in RULES.values() for one in rule(subject, ledger)]
    assert first == second
    assert repr(subject) == before


# --- numbers ---------------------------------------------------------------------------------------------------------


@given(st.integers(1, 999), st.integers(10_000, 900_000))
def test_a_product_with_a_round_factor_is_recognised(thousandths: int, base: int) -> None:
    value = round(thousandths / 1000 * base)
    found = round_factor([value], [base], [1])
    assert found is not None
    assert abs(found.factors[0] * base - value) <= 0.5001


def test_unrelated_numbers_are_rarely_taken_for_products() -> None:
    rng = random.Random(7)
    hits = 0
    for _ in range(2000):
        bases = [rng.uniform(2e4, 9e4) for _ in range(3)]
        found = round_factor([round(rng.uniform(1e3, 1e5)) for _ in bases], bases, [1, 1, 1])
        hits += found is not None and found.chance < 1e-3
    assert hits <= 8  # two expected at this chance


def test_published_shares_are_recognised() -> None:
    assert round_factor([10823], [12026], [1]).factors == (0.9,)  # type: ignore[union-attr]
    assert round_factor([22416, 27797, 24517], [21763, 26987, 24036], [1, 1, 1]).factors == (1.03, 1.03, 1.02)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("value", "text"), [(1997066, "1997066"), (0.0123456, "0.01235"), (12345.678, "12346"), (0, "0"), (-2.5, "-2.5")]
)
def test_numbers_are_shown_without_exponents(value: float, text: str) -> None:
    assert shown(value) == text


def test_times_is_symmetric_and_knows_zero() -> None:
    assert times(2, 8) == times(8, 2) == 4
    assert times(0, 5) == float("inf")
    assert times(0, 0) == 1


def test_order_is_severity_then_size() -> None:
    def one(severity: Gravity, size: float) -> Finding:
        return Finding("x", severity, message("x"), (Number("a", 1.0),), message("y"), size)

    given = [one(Gravity.QUESTION, 1e6), one(Gravity.GRAVE, 1.1), one(Gravity.SERIOUS, 3), one(Gravity.SERIOUS, 300)]
    ordered = [(found.severity, found.size) for found in by_weight(given)]
    assert [size for _, size in ordered] == [1.1, 300, 3, 1e6]


def test_within_a_severity_what_more_rests_on_comes_first() -> None:
    def one(rule: str, size: float) -> Finding:
        return Finding(rule, Gravity.SERIOUS, message("x"), (Number("a", 1.0),), message("y"), size)

    given = [one("option-payback", 1e8), one("trend-against-output", 50), one("round-factor", 2), one("offcuts", 7)]
    assert [found.rule for found in by_weight(given)] == [
        "round-factor", "offcuts", "trend-against-output", "option-payback",
    ]  # fmt: skip
    assert {known.reach(rule) for rule in RULES} == {1, 2, 3, 4}


def test_waste_codes_are_read_from_text() -> None:
    assert waste_codes_in("HW49 900-041-49，委托处置") == ("HW49", "900-041-49")
    assert waste_codes_in("一般固废") == ()


# --- worked examples -------------------------------------------------------------------------------------------------


def test_numbers_that_say_they_are_computed_are_not_blamed() -> None:
    made = [fact("product", value, "t", kind="product", role="produced", period=year)
            for year, value in (("2020", 41357.0), ("2021", 48211.0), ("2022", 45903.0))]  # fmt: skip
    used = [0.25 * 41357, 0.25 * 48211, 0.25 * 45903]
    for basis, expected in ((Basis.STATISTICS, 1), (Basis.FACTOR, 0)):
        facts = [fact("lime", round(v), "kg", period=str(2020 + i), basis=basis) for i, v in enumerate(used)]
        assert len(check("round-factor", case([*made, *facts]))) == expected


def test_main_and_sub_meters_may_differ_by_their_errors() -> None:
    def plant(total: float, basis: Basis) -> Case:
        parts = [fact("electricity", v, "kWh", kind="energy", place=p, basis=basis)
                 for p, v in (("A", 60_000.0), ("B", 40_000.0))]  # fmt: skip
        return case([*parts, fact("electricity", total, "kWh", kind="energy", basis=basis)])

    assert not check("total-and-parts", plant(101_500.0, Basis.METER))
    assert check("total-and-parts", plant(101_500.0, Basis.STATISTICS))[0].severity is Gravity.MINOR
    assert check("total-and-parts", plant(120_000.0, Basis.METER))[0].severity is Gravity.SERIOUS


def test_more_hours_than_the_year_has() -> None:
    power = Equipment("A", "机", power_kw=10, count=1, where=Location("equipment.csv", row=2))
    facts = [fact("electricity", 100_000.0, "kWh", kind="energy", place="A")]
    (found,) = check("load-hours", case(facts, equipment=(power,)))
    assert found.severity is Gravity.SERIOUS
    assert "10000" in str(found.message)
    assert "8760" in str(found.message)
    assert [number.value for number in found.numbers] == [100_000, 10]
    assert not check(
        "load-hours", case([fact("electricity", 40_000.0, "kWh", kind="energy", place="A")], equipment=(power,))
    )


def test_gypsum_and_hydroxide_by_stoichiometry() -> None:
    """1 t of lime at 70 % is 12.48 kmol; 1 t of acid at 50 % is 5.10 kmol: 878 kg of gypsum, 2.4 kg/m3 dissolved."""
    facts = [
        fact("lime", 1000.0, "kg", place="废水处理站"),
        fact("sulfuric-acid", 1000.0, "kg", place="废水处理站"),
        fact("process-wastewater", 10.0, "m3", kind="water", role="generated"),
    ]
    subject = case(facts, places=(Place("废水处理站"),))
    plant = look(subject, Ledger(subject))
    mass, used = solids(plant, "2022")
    gypsum = 500 / 98.078 * 172.17 - 24
    lime = (700 / 56.077 - 500 / 98.078) * 74.09 * 0.9
    assert mass == pytest.approx((gypsum + lime) / 1000, rel=1e-3)
    assert {one.item for one in used} == {"lime", "sulfuric-acid"}


def test_litres_weigh_what_the_table_says() -> None:
    subject = case([fact("ink-thinner", 100.0, "L")])
    mass = used_mass(look(subject, Ledger(subject)), "ink-thinner", "2022")
    assert mass is not None
    assert (mass.low, mass.high) == pytest.approx((75, 100))


def test_copper_plated_out_of_nothing() -> None:
    facts = [
        fact("copper-anode", 1000.0, "kg"),
        fact("copper-metal", 1500.0, "kg", role="contained"),
    ]
    (found,) = check("metal-balance", case(facts))
    assert found.severity is Gravity.GRAVE
    assert [round(number.value) for number in found.numbers] == [1500, 1000]


def test_sulphur_dioxide_is_at_most_twice_the_sulphur() -> None:
    coal = fact("raw-coal", 100.0, "t", kind="energy", role="purchased")
    sulphur = fact("raw-coal", 1.0, "%", kind="energy", role="sulfur-content")

    def plant(kilograms: float) -> Case:
        return case([coal, sulphur, fact("SO2", kilograms, "kg", kind="pollutant", role="discharged")])

    assert not check("fuel-balance", plant(1990.0))
    assert check("fuel-balance", plant(2500.0))[0].severity is Gravity.GRAVE


def test_rate_is_concentration_times_flow_within_its_digits() -> None:
    def result(rate: float) -> Monitoring:
        where = Location("monitoring.csv", row=2)
        day, value = "2022-03-01", State.VALUE
        return Monitoring("p", "DA001", "HCl", day, value, 0.83, "mg/m3", "30", 1502.0, rate, medium="air", where=where)

    assert not check("rate-and-concentration", case([], monitoring=(result(1.25e-3),)))
    (found,) = check("rate-and-concentration", case([], monitoring=(result(1.25e-2),)))
    assert found.size == pytest.approx(10, rel=0.02)


def test_pay_back_may_be_longer_by_tax_but_not_shorter() -> None:
    def option(years: float) -> OptionRow:
        return OptionRow(
            "1", "x", investment=100.0, annual_saving=25.0, payback_years=years, where=Location("o", row=2)
        )

    for years, expected in ((4.0, 0), (5.2, 0), (2.0, 1), (9.0, 1)):
        assert len(check("option-payback", case([], options=(option(years),)))) == expected


def test_effects_for_each_unit_of_output_are_scaled() -> None:
    heading = ("effects_per_10k_m2", "废水 -850 m3")
    option = OptionRow("1", "x", effects="废水 -850 m3", details=(heading,), where=Location("options.csv", row=2))
    facts = [
        fact("printed-circuit-board", 67_462.0, "m2", kind="product", role="produced"),
        fact("process-wastewater", 5_000.0, "m3", kind="water", role="generated"),
    ]
    (found,) = check("option-exceeds-plant", case(facts, options=(option,)))
    assert found.numbers[0].value == pytest.approx(5734.27)
    assert found.severity is Gravity.SERIOUS  # a plan, and no statement of what is


def test_a_pollutant_of_treated_waste_needs_no_listed_source() -> None:
    result = Monitoring("p", "DW001", "cyanide", "2022-03-01", State.VALUE, 0.02, "mg/L", "0.4", medium="water",
                        where=Location("monitoring.csv", row=2))  # fmt: skip
    facts = [fact("lime", 10.0, "kg")]
    assert check("pollutant-without-source", case(facts, monitoring=(result,), industry="3982"))
    assert not check("pollutant-without-source", case(facts, monitoring=(result,), industry="7724"))


def test_industries_given_as_ranges_of_divisions() -> None:
    subject = case([], industry="3360", places=(Place("电镀线"),))
    assert "electroplating" in {one.id for one in look(subject, Ledger(subject)).signatures}
    other = case([], industry="2710", places=(Place("电镀线"),))
    assert "electroplating" not in {one.id for one in look(other, Ledger(other)).signatures}


def test_growth_by_a_whole_per_cent_needs_more_than_one() -> None:
    def plant(*outputs: tuple[float, float]) -> Case:
        rows = [
            fact(
                "product",
                value,
                "t",
                kind="product",
                role="produced",
                period=period,
                label=f"p{index}",
                place=f"w{index}",
            )
            for index, pair in enumerate(outputs)
            for period, value in zip(("2021", "2022"), pair, strict=True)
        ]
        return case(rows)

    assert not check("round-growth", plant((37094, 44512)))  # one in a hundred: chance
    (found,) = check("round-growth", plant((37094, 44512), (21763, 26987)))
    assert [number.value for number in found.numbers] == [44512, 37094, 26987, 21763]
    assert not check("round-growth", plant((37094, 44512), (21763, 26887), (50123, 52777)))
    assert not check("round-growth", plant((120, 132), (50, 55)))  # short numbers prove nothing


@given(st.integers(1, 6), st.integers(0, 6), st.floats(0.001, 0.5))
def test_the_chance_of_coincidences_is_a_probability(tried: int, near: int, each: float) -> None:
    from qingyuan.checks.growth import chance_of

    assert 0 <= chance_of(near, tried, each) <= 1 + 1e-12
    assert chance_of(0, tried, each) == pytest.approx(1)
    assert chance_of(near + 1, tried, each) <= chance_of(near, tried, each) + 1e-12


def test_a_pollutant_never_found_is_bounded_by_the_highest_ever_found() -> None:
    where = Location("monitoring.csv", row=2)
    older = Monitoring(
        "p", "DW001", "copper", "2021-03-01", State.VALUE, 0.11, "mg/L", "1.0", medium="water", where=where
    )
    newer = Monitoring("p", "DW001", "copper", "2022-03-01", State.BELOW_DETECTION, None, "mg/L", "1.0", medium="water",
                       where=where)  # fmt: skip
    water = fact("process-wastewater", 10_000.0, "m3", kind="water", role="discharged")
    option = OptionRow("1", "x", effects="总铜 -6 kg", where=Location("options.csv", row=2))
    (found,) = check("option-exceeds-discharge", case([water], monitoring=(older, newer), options=(option,)))
    assert found.numbers[1].value == pytest.approx(1.1)


def test_copper_that_persulphate_dissolves() -> None:
    """1 t of persulphate of at least 95 % dissolves 253 kg of copper, half of which is 127 kg."""
    facts = [
        fact("sodium-persulfate", 1000.0, "kg"),
        fact("process-wastewater", 1000.0, "m3", kind="water", role="generated"),
        fact("copper", 50.0, "mg/L", kind="pollutant", role="generated-concentration"),
    ]
    (found,) = check("dissolved-metal", case(facts))
    assert found.numbers[0].value == pytest.approx(127, rel=0.04)
    assert found.numbers[1].value == pytest.approx(50)
    spent = fact("microetch-waste", 5.0, "t", kind="waste", role="generated")
    assert not check("dissolved-metal", case([*facts, spent]))


def test_hazardous_waste_of_the_industry_called_general() -> None:
    waste = fact("waste-film", 2.0, "t", kind="waste", role="generated", label="废膜", note="一般固废，外售")
    (found,) = check("waste-code-wrong", case([waste], industry="3982"))
    assert "HW13" in str(found.message)
    assert not check("waste-code-wrong", case([waste], industry="1713"))


def test_an_input_of_desmear_without_the_oxidiser() -> None:
    sweller = fact("sweller", 421.0, "L", label="膨松剂")
    found = [str(one.message) for one in check("step-without-input", case([sweller]))]
    assert any("高锰酸钾" in text for text in found)
    oxidiser = fact("potassium-permanganate", 300.0, "kg")
    assert not check("step-without-input", case([sweller, oxidiser]))


def test_a_machine_without_a_power_may_be_what_used_the_electricity() -> None:
    machines = tuple(
        Equipment("A", name, power_kw=power, count=1, where=Location("equipment.csv", row=2))
        for name, power in (("机", 10.0), ("炉", None))
    )
    facts = [fact("electricity", 100_000.0, "kWh", kind="energy", place="A")]
    assert not check("load-hours", case(facts, equipment=machines))


@pytest.mark.parametrize(
    ("details", "asked"),
    [
        ((), True),
        ((("能源", "天然气"), ("额定容量", "4 t/h")), False),
        ((("燃料", "柴油"),), False),
        ((("能源", "蒸汽"),), False),
        ((("额定容量", "2.8 MW"),), False),
        ((("能源", "电"),), True),
        ((("能源", "电、天然气"),), True),
        ((("备注", "天然气"),), True),
        ((("能源", "没听说过的"),), True),
        ((("能源", "没听说过的"), ("额定容量", "4 t/h")), False),
    ],
)
def test_a_machine_that_burns_a_fuel_needs_no_electric_power(details: tuple[tuple[str, str], ...], asked: bool) -> None:
    others = tuple(Equipment("一车间", f"水泵{number}", power_kw=5.0) for number in range(3))
    boiler = Equipment("一车间", "锅炉", details=details)
    found = check("machine-power", case([], equipment=(*others, boiler)))
    assert [one.concerns for one in found] == ([("锅炉",)] if asked else [])
    # and the hours of the place are judged without it
    used = fact("electricity", 1_000_000.0, "kWh", kind="energy", place="一车间")
    assert bool(check("load-hours", case([used], equipment=(*others, boiler)))) is not asked


def test_machines_under_another_word_for_the_same_are_counted() -> None:
    def machines(*names: str) -> tuple[Equipment, ...]:
        return tuple(Equipment("A", name, count=2, where=Location("equipment.csv", row=2)) for name in names)

    def profile(count: float) -> Fact:
        return fact("drilling-machine", count, "台", kind="equipment", role="count", label="数控钻孔机数量（企业简介）")

    (found,) = check("machine-count", case([profile(18)], equipment=machines("钻孔机", "钻机")))
    assert [number.value for number in found.numbers] == [18, 4]
    assert not check("machine-count", case([profile(4)], equipment=machines("钻孔机", "钻机")))
    assert not check("machine-count", case([profile(2)], equipment=machines("钻孔机", "锣机")))


def test_the_digit_of_a_formula_is_no_amount() -> None:
    option = OptionRow("1", "x", effects="能耗 -20 %; CO2 -6 t", where=Location("options.csv", row=2))
    power = fact("electricity", 1_000_000.0, "kWh", kind="energy")
    plain = case([power], options=(option,))
    assert [(claim.value, claim.unit) for claim in claims(plain, look(plain, Ledger(plain)))] == [(20, "%"), (6, "t")]
    # a percentage of energy may be that of one machine: it is no share of the whole plant's carbon dioxide
    assert check("option-inconsistent", plain) == []


def test_effects_after_a_text_of_any_length_are_read_as_they_are() -> None:
    def read(effects: str) -> list[tuple[str, int, float, str]]:
        plain = case([], options=(OptionRow("1", "x", effects=effects),))
        return [
            (str(one.word)[-4:], one.sign, one.value, one.unit) for one in claims(plain, look(plain, Ledger(plain)))
        ]

    assert read("节电 -5 kWh; 废水 -3 t") == [("节电", -1, 5.0, "kWh"), ("废水", -1, 3.0, "t")]
    for long in ("中" * 10_000, "W" * 10_000, "中 文" * 5_000, "a-" * 5_000):
        assert read(f"{long}；节电 -5 kWh {long}，废水 -3 t") == [("节电", -1, 5.0, "kWh"), ("废水", -1, 3.0, "t")], (
            long[:4]
        )
        assert read(long) == []
    assert read("中" * 10_000 + "节约用电 -5 kWh")[-1] == ("节约用电", -1, 5.0, "kWh")


def test_a_material_that_is_saved_must_be_used() -> None:
    option = OptionRow("1", "x", effects="活性炭 -2 t", where=Location("options.csv", row=2))
    assert check("option-without-object", case([fact("lime", 10.0, "kg")], options=(option,)))
    assert not check("option-without-object", case([fact("activated-carbon", 9.0, "t")], options=(option,)))
    assert not check("option-without-object", case([], options=(option,)))  # nothing is said of materials at all


def test_a_case_without_anything_gives_no_error() -> None:
    assert {one.rule for one in qingyuan.checks.run_checks(case([]))} == {"missing-basics"}

"""Options change facts: streams, figures and shares follow from the changed case, whatever the order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.errors import InputError, UnknownName
from qingyuan.facts.cases import read_case
from qingyuan.facts.model import Case, Fact, OptionRow, Place, Profile
from qingyuan.figures import compute
from qingyuan.figures.ledger import Ledger
from qingyuan.options.change import Change, Option, read_options
from qingyuan.options.changed import LEAST_WATER, compile_plant
from qingyuan.options.effects import changes_of_technology, options_of
from qingyuan.options.figure_arrays import FigureArrays
from qingyuan.options.option_sets import set_effects
from qingyuan.reference.technologies import technologies

CASES = Path(__file__).parents[2] / "src" / "qingyuan" / "data" / "cases"


@pytest.fixture(scope="module")
def plating() -> Case:
    return read_case(CASES / "electroplating-demo")


@pytest.fixture(scope="module")
def boards() -> Case:
    return read_case(CASES / "pcb-plant-a")


def power(id: str, kind: str, amount: float, place: str = "", **more: object) -> Option:
    unit = "1" if kind == "relative" else "kWh"
    return Option(id, changes=(Change(kind, "electricity", "consumed", place, amount=amount, unit=unit, **more),))  # type: ignore[arg-type]


def bought(case: Case) -> float:
    figure = compute(case).find("electricity", period="2024")
    assert figure is not None
    return figure.value


def amount(case: Case, item: str, role: str, place: str = "", unit: str = "kWh") -> float:
    term = Ledger(case).amount(item, role, "2024", place)
    assert term is not None
    return term.to(unit).value


def test_relative_changes_on_one_scope_multiply(plating: Case) -> None:
    model = compile_plant(plating, [power("a", "relative", -0.2), power("b", "relative", -0.25)])
    before = bought(plating)
    assert bought(model.apply(["a", "b"])) == pytest.approx(before * 0.8 * 0.75)


def test_what_a_place_saves_is_not_bought(plating: Case) -> None:
    model = compile_plant(plating, [power("a", "absolute", -100_000, "镀锌线")])
    after = model.apply(["a"])
    assert bought(plating) - bought(after) == pytest.approx(100_000)
    line = amount(plating, "electricity", "consumed", "镀锌线")
    assert amount(after, "electricity", "consumed", "镀锌线") == pytest.approx(line - 100_000)
    other = amount(plating, "electricity", "consumed", "镀铜线")
    assert amount(after, "electricity", "consumed", "镀铜线") == pytest.approx(other)


def test_no_option_saves_more_than_the_stream(plating: Case) -> None:
    model = compile_plant(plating, [power("a", "absolute", -9e9, "镀锌线"), power("b", "relative", -0.5, "镀锌线")])
    state = model.state(model.sets([["a"], ["a", "b"]]))
    assert state.after.tolist() == [[0.0], [0.0]]
    assert bought(plating) - bought(model.apply(["a", "b"])) == pytest.approx(
        amount(plating, "electricity", "consumed", "镀锌线")
    )


def test_a_level_reached_does_not_touch_a_plant_that_is_there(plating: Case) -> None:
    water = {"item": "fresh-water", "role": "taken", "kind": "level-after", "unit": "m3"}
    now = compute(plating).find("fresh-water", period="2024").value  # type: ignore[union-attr]
    assert 20_000 < now < 30_000
    model = compile_plant(plating, read_options([
        {"id": "there", "changes": [{**water, "amount": 30_000}]},
        {"id": "lower", "changes": [{**water, "amount": 20_000}]},
    ]))  # fmt: skip
    after = model.state(model.sets([["there"], ["lower"], ["there", "lower"]])).after[:, 0]
    assert after.tolist() == [now, 20_000, 20_000]


def test_per_product_change_times_output(plating: Case) -> None:
    change = Change("per-product", "fresh-water", "taken", amount=-100, unit="t/10^4 m2")
    model = compile_plant(plating, [Option("a", changes=(change,))])
    ledger = Ledger(plating)
    terms = [ledger.amount(product, "produced", "2024") for product in ledger.products("2024")]
    output = sum(term.to("m2").value for term in terms if term is not None)
    now = compute(plating).find("fresh-water", period="2024").value  # type: ignore[union-attr]
    assert model.state(model.sets([["a"]])).after[0, 0] == pytest.approx(now - 100 * output / 1e4)


def test_a_yearly_effect_of_another_plant_needs_a_scale(plating: Case) -> None:
    change = Change("per-year", "electricity", "consumed", amount=-1e6, unit="kWh")
    model = compile_plant(plating, [Option("a", changes=(change,)), Option("b", changes=(replace(change, scale=0.1),))])
    assert not [each for each in model.applied if each.option == 0]
    assert len(model.unapplied["a"]) == 1
    assert bought(plating) - bought(model.apply(["a", "b"])) == pytest.approx(1e5)


def test_less_waste_water_carries_the_same_load(boards: Case) -> None:
    change = Change("absolute", "wastewater", "generated", amount=-5411.5, unit="m3")
    model = compile_plant(boards, [Option("a", changes=(change,))])
    before, after = compute(boards), compute(model.apply(["a"]))
    for id, factor in (("wastewater-generated", 0.5), ("generation.copper", 1), ("concentration.COD", 2)):
        old, new = before.find(id, period="2022"), after.find(id, period="2022")
        assert old is not None
        assert new is not None
        assert new.value == pytest.approx(old.value * factor)
    dry = compile_plant(boards, [Option("a", changes=(replace(change, amount=-1e9),))])
    lot, old = compute(dry.apply(["a"])).find("concentration.COD", period="2022"), before.find("concentration.COD")
    assert lot is not None
    assert old is not None
    assert lot.value == pytest.approx(old.value / LEAST_WATER)


def test_reused_water_that_no_fact_states_yet(boards: Case) -> None:
    change = Change("absolute", "wastewater", "reused", amount=4000, unit="m3")
    model = compile_plant(
        boards, [Option("a", changes=(change,)), Option("b", changes=(replace(change, amount=99999.0),))]
    )
    reuse = compute(model.apply(["a"])).find("reused-water", period="2022")
    assert reuse is not None
    assert reuse.value == pytest.approx(4000)
    assert model.state(model.sets([["b"]])).after[0, 0] == pytest.approx(10_823)  # no more than arises


def test_own_generation_lowers_purchases_and_never_below_zero(plating: Case) -> None:
    change = Change("absolute", "electricity", "produced", amount=300_000, unit="kWh")
    more = replace(change, amount=1e9)
    model = compile_plant(plating, [Option("sun", changes=(change,)), Option("much", changes=(more,))])
    assert bought(plating) - bought(model.apply(["sun"])) == pytest.approx(300_000)
    assert bought(model.apply(["much"])) == 0


def test_heat_saved_is_not_saved_twice() -> None:
    """Steam is made from gas in the boiler house: less steam in the workshop and a better boiler multiply."""

    def fact(item: str, role: str, value: float, unit: str, place: str = "", to: str = "") -> Fact:
        return Fact("p", "2024", item, role, value, unit, place=place, to_place=to, kind="energy")

    facts = (
        fact("natural-gas", "purchased", 1_000_000, "Nm3"), fact("natural-gas", "consumed", 900_000, "Nm3", "锅炉房"),
        fact("natural-gas", "consumed", 100_000, "Nm3", "食堂"), fact("steam", "produced", 10_000, "t", "锅炉房"),
        fact("steam", "consumed", 6_000, "t", "染色"), fact("steam", "consumed", 4_000, "t", "烘干"),
        Fact("p", "2024", "cloth", "produced", 5_000, "t", kind="product", own_item=True),
    )  # fmt: skip
    case = Case(Profile(plant="p"), facts, places=(Place("锅炉房"), Place("食堂"), Place("染色"), Place("烘干")))
    steam = Option("heat", changes=(Change("relative", "steam", "consumed", "染色", amount=-0.5),))
    boiler = Option("boiler", changes=(Change("relative", "natural-gas", "consumed", "锅炉房", amount=-0.1),))
    recovered = Option("back", changes=(Change("absolute", "steam", "recovered", amount=1_000, unit="t"),))
    model = compile_plant(case, [steam, boiler, recovered])

    def gas(*chosen: str) -> float:
        term = Ledger(model.apply(chosen)).consumption("natural-gas", "2024")
        assert term is not None
        return term.to("Nm3").value

    assert gas() == pytest.approx(1_000_000)
    assert gas("heat") == pytest.approx(1_000_000 - 0.3 * 900_000)
    assert gas("boiler") == pytest.approx(1_000_000 - 0.1 * 900_000)
    assert gas("heat", "boiler") == pytest.approx(100_000 + 900_000 * 0.7 * 0.9)
    made = Ledger(model.apply(["heat"])).amount("steam", "produced", "2024", "锅炉房")
    assert made is not None
    assert made.to("t").value == pytest.approx(7_000)
    assert gas("back") == pytest.approx(1_000_000 - 0.1 * 900_000)
    both = set_effects(model, ["heat", "boiler"]).quantity("natural-gas.use@锅炉房")
    assert sum(option.share for option in both.options) == pytest.approx(both.change)
    assert both.sum_alone < both.change < 0


def test_prerequisites_and_exclusions(plating: Case) -> None:
    a, b = power("a", "relative", -0.1), replace(power("b", "relative", -0.5), requires=("a",))
    c = replace(power("c", "relative", -0.3), excludes=("a",))
    model = compile_plant(plating, [a, b, c])
    sets = model.sets([["b"], ["a", "b"], ["a", "c"], ["b", "c"]])
    assert model.state(sets).ratio[:, 0] == pytest.approx([1, 0.45, 0.63, 0.7])
    assert model.allowed(sets).tolist() == [True, True, False, True]
    with pytest.raises(InputError, match="互相排斥"):
        set_effects(model, ["a", "c"])
    with pytest.raises(UnknownName):
        model.apply(["z"])
    circle = [replace(a, requires=("b",)), b]
    with pytest.raises(InputError):
        compile_plant(plating, circle)


@pytest.mark.parametrize("plant", ["boards", "plating"])
def test_arrays_give_the_figures_of_the_changed_case(plant: str, request: pytest.FixtureRequest) -> None:
    case = request.getfixturevalue(plant)
    if plant == "boards":
        options = options_of(case)
    else:
        text = "电@镀锌线 -20 %;电 -50000 kWh;天然气 -12 %;新鲜水@镀铜线 -300 m3;废水 -2000 m3;镍 -9 kg;污泥 -10 %"
        rows = [OptionRow(str(n), f"方案{n}", effects=piece) for n, piece in enumerate(text.split(";"))]
        options = options_of(replace(case, options=tuple(rows)))
    model = compile_plant(case, options)
    figures = [figure for figure in compute(model.case, ledger=model.ledger) if figure.period == model.period]
    arrays = FigureArrays(model, figures)
    assert len(arrays.figures) > 0.9 * len(figures)
    random = np.random.default_rng(7)
    sets = random.random((6, len(options))) < 0.4
    fast = arrays.values(sets)
    for row, values in zip(sets, fast, strict=True):
        slow = compute(model.apply([options[n].id for n in np.flatnonzero(row)]))
        for figure, value in zip(arrays.figures, values, strict=True):
            again = slow.get(figure.key)
            if again is None:
                assert not np.isfinite(value), figure.key
            else:
                assert again.value == pytest.approx(value, rel=1e-9, abs=1e-9), figure.key


def test_shares_of_a_real_set_add_up_and_saturate(boards: Case) -> None:
    model = compile_plant(boards, options_of(boards))
    effects = set_effects(model, orders=40)
    for quantity in effects.streams:
        assert sum(option.share for option in quantity.options) == pytest.approx(quantity.change)
        assert quantity.after >= 0
    water = effects.quantity("wastewater.generated")
    assert water.saturated
    assert water.sum_alone < water.change == -10_823


def test_share_of_an_unclear_effect_is_said_not_dropped(boards: Case) -> None:
    model = compile_plant(boards, options_of(boards))
    reasons = {each.reason.template for found in model.unapplied.values() for each in found}
    assert any("率是方案自身" in reason for reason in reasons)
    assert any("写明范围" in reason for reason in reasons)
    rows = sum(bool(option.effects) for option in boards.options)
    touched = {model.options[each.option].id for each in model.applied}
    assert len(touched | {id for id, found in model.unapplied.items() if found}) == rows


def test_exact_shares_of_two_saturating_options(plating: Case) -> None:
    # each alone saves 300 000 of the line, both together all of it; by symmetry half each
    whole = amount(plating, "electricity", "consumed", "镀锌线")
    assert 300_000 < whole < 600_000
    model = compile_plant(plating, [power(id, "absolute", -300_000, "镀锌线") for id in "ab"])
    line = set_effects(model).streams[0]
    for option in line.options:
        assert option.alone == pytest.approx(-300_000)
        assert option.last == pytest.approx(-(whole - 300_000))
        assert option.share == pytest.approx(-whole / 2)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_sets_do_not_depend_on_order_and_sampling_agrees(plating: Case, data: st.DataObject) -> None:
    kinds = st.sampled_from(["relative", "absolute"])
    options = []
    for number in range(data.draw(st.integers(2, 5))):
        kind = data.draw(kinds)
        amount = data.draw(st.floats(-0.9, 0.2)) if kind == "relative" else data.draw(st.floats(-5e5, 1e5))
        options.append(power(str(number), kind, amount, data.draw(st.sampled_from(["", "镀锌线"]))))
    one, other = compile_plant(plating, options), compile_plant(plating, options[::-1])
    ids = [option.id for option in options]
    first = {s.key: v for s, v in zip(one.streams, one.state(one.sets([ids])).after[0], strict=True)}
    second = {s.key: v for s, v in zip(other.streams, other.state(other.sets([ids])).after[0], strict=True)}
    assert first.keys() == second.keys()
    for key, value in first.items():
        assert value == pytest.approx(second[key], rel=1e-9, abs=1e-6)
        assert value >= 0
    for quantity in set_effects(one).streams:
        assert sum(option.share for option in quantity.options) == pytest.approx(quantity.change, rel=1e-9, abs=1e-6)


def test_every_technology_reads_as_changes_or_says_why() -> None:
    count = 0
    for record in technologies().values():
        changes, lost = changes_of_technology(record, place="某工序", scale=0.5)
        assert len(changes) + len(lost) == len(record.effects)
        assert all(str(each.reason) and str(each.stated) for each in lost)
        count += len(changes)
    assert count > 150


def test_bad_options_are_all_named() -> None:
    with pytest.raises(InputError) as caught:
        read_options({"options": [
            {"name": "no id"},
            {"id": "a", "changes": [{"item": "electricity", "kind": "sideways", "amount": 1}], "colour": 1},
            {"id": "b", "requires": "a", "changes": [{"kind": "relative", "item": "electricity", "amount": -150, "unit": "%"}]},
            {"id": "c", "changes": [{"amount": "x", "item": "electricity", "unit": "furlong"}, {"amount": 1}]},
        ]})  # fmt: skip
    codes = {problem.code for problem in caught.value.problems}
    assert codes >= {"option-without-id", "change-kind", "key-unknown", "change-number", "unit-unknown", "change-scope"}


def site(*facts: tuple[str, str, str, float, str]) -> Case:
    """A plant of one year from (place, item, role, value, unit), with workshops A and B."""
    rows = tuple(
        Fact("p", "2024", item, role, value, unit, place=place, kind="energy" if item == "electricity" else "water")
        for place, item, role, value, unit in facts
    )
    return Case(profile=Profile("p", "厂"), places=(Place("A"), Place("B")), facts=rows)


POWER = site(
    ("", "electricity", "purchased", 1000, "kWh"), ("", "electricity", "consumed", 1000, "kWh"),
    ("A", "electricity", "consumed", 600, "kWh"), ("B", "electricity", "consumed", 400, "kWh"),
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(
    kinds=st.tuples(*[st.sampled_from(["relative", "absolute", "level-after"])] * 3),
    sizes=st.tuples(*[st.floats(0.05, 0.9)] * 3),
)
def test_what_happens_to_the_whole_happens_to_its_parts(kinds: tuple[str, ...], sizes: tuple[float, ...]) -> None:
    options = []
    for id, place, kind, size in zip("abc", ("A", "B", ""), kinds, sizes, strict=True):
        whole = {"A": 600, "B": 400, "": 1000}[place]
        number = {"relative": -size, "absolute": -size * whole, "level-after": size * whole}[kind]
        options.append(power(id, kind, number, place))
    model = compile_plant(POWER, options)
    at = {stream.place: number for number, stream in enumerate(model.streams)}
    chosen = [[], ["a"], ["c"], ["a", "c"], ["a", "b", "c"]]
    state = model.state(model.sets(chosen))
    for ids, row in zip(chosen, state.after, strict=True):
        assert row[at["A"]] + row[at["B"]] == pytest.approx(row[at[""]])
        after = model.apply(ids)
        for place in ("A", "B", ""):
            assert amount(after, "electricity", "consumed", place) == pytest.approx(row[at[place]])


def test_parts_of_two_thirds_and_a_share_of_the_whole() -> None:
    model = compile_plant(POWER, [power("a", "relative", -0.2, "A"), power("b", "relative", -0.1)])
    found = set_effects(model)
    assert [(each.before, each.after) for each in found.streams] == [
        (600, pytest.approx(432)), (1000, pytest.approx(792)),
    ]  # fmt: skip


def test_what_is_not_used_is_not_bought_once() -> None:
    sun = Option("s", changes=(Change("absolute", "electricity", "produced", amount=100, unit="kWh"),))
    model = compile_plant(POWER, [power("u", "relative", -0.1), sun, power("a", "relative", -0.5, "A")])
    for ids, left in (["u"], 900), (["u", "s"], 800), (["a", "u"], 630), (["a", "u", "s"], 530):
        assert bought(model.apply(ids)) == pytest.approx(left)
        figures = [figure for figure in compute(model.case).figures if figure.id == "electricity"]
        arrays = FigureArrays(model, figures)
        assert arrays.values(model.sets([ids]))[0, 0] == pytest.approx(left)


def test_more_claimed_than_there_is_is_said() -> None:
    model = compile_plant(POWER, [
        power("x", "absolute", -900, "B"), power("y", "absolute", -300, "A"), power("z", "absolute", -300, "A"),
    ])  # fmt: skip
    [alone] = [each for each in set_effects(model, ["x"]).streams if each.id.endswith("@B")]
    assert (alone.before, alone.after, alone.saturated) == (400, 0, True)
    [all_of_it] = [each for each in set_effects(model, ["y", "z"]).streams if each.id.endswith("@A")]
    assert (all_of_it.after, all_of_it.saturated) == (0, False)  # exactly what there is


def test_a_prerequisite_counts_once_in_the_sum() -> None:
    model = compile_plant(POWER, [
        power("c", "absolute", -500, "A"), replace(power("d", "absolute", -100, "A"), requires=("c",)),
    ])  # fmt: skip
    [line] = [each for each in set_effects(model).streams if each.id.endswith("@A")]
    assert line.change == line.sum_alone == -600
    assert [option.alone for option in line.options] == [-500, -600]


def test_no_more_waste_water_than_water() -> None:
    plant = site(("", "fresh-water", "taken", 10_000, "m3"), ("", "wastewater", "discharged", 8_000, "m3"))
    options = read_options([
        {"id": id, "changes": [{"item": item, "role": role, "kind": "absolute", "amount": amount, "unit": "m3"}]}
        for id, item, role, amount in [
            ("w1", "fresh-water", "taken", -6000), ("w2", "fresh-water", "taken", -1500),
            ("d", "wastewater", "discharged", -6000),
        ]
    ])  # fmt: skip
    model = compile_plant(plant, options)
    [warning] = set_effects(model, ["w1"]).warnings
    assert "8000" in str(warning)
    assert "4000" in str(warning)
    assert set_effects(model, ["w2"]).warnings == set_effects(model, ["w1", "d"]).warnings == ()

"""Scoring one plant on three levels: the method's own examples, the published tables, and every trap."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from qingyuan.errors import InputError, UnknownName
from qingyuan.language import language
from qingyuan.reference.records import Grade
from qingyuan.standards import Score, load, score
from qingyuan.standards.model import LEVELS
from qingyuan.standards.reading import read_system

HUNDRED = Fraction(100)

RULES = {
    "I": {"index": "Y_I", "min": 85, "limiting": "I"},
    "II": {"index": "Y_II", "min": 85, "limiting": "II"},
    "III": {"index": "Y_III", "min": 100, "limiting": "III"},
}


def lower(id: str, weight: object, first: object, second: object, third: object, **more: object) -> dict[str, Any]:
    levels = dict(zip(LEVELS, (first, second, third), strict=True))
    row = {"id": id, "name": id, "kind": "quantitative", "unit": "kg/t", "better": "lower", "levels": levels}
    return row | ({} if weight is None else {"weight": weight}) | more


def judged(id: str, weight: object, texts: str = "甲乙丙", **more: object) -> dict[str, Any]:
    levels = dict(zip(LEVELS, texts, strict=True))
    return {"id": id, "name": id, "kind": "qualitative", "weight": weight, "levels": levels} | more


def system(*groups: dict[str, Any], grading: Mapping[str, Any] = RULES, partial: bool = False, **more: Any) -> Any:
    table = {"id": "main", "name": "表", "groups": list(groups)}
    document = {"id": "s", "title": "体系", "source": "试验", "verification": "read", "grading": dict(grading)}
    tables = {"tables": [], "partial_tables": [table]} if partial else {"tables": [table]}
    return read_system(document | tables | more)


def group(id: str, weight: object, *rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    weights = {} if weight is None else {"weight": weight}
    return {"id": id, "name": id, "indicators": list(rows)} | weights | more


def Y(result: Score) -> tuple[Fraction, ...]:
    assert all(interval.exact for _, interval in result.indices)
    return tuple(interval.low for _, interval in result.indices)


def everywhere(id: str, answer: object) -> dict[str, object]:
    loaded = load(id)
    rows = [row for table in loaded.all_tables() for row in table.indicators()]
    return {row.id: answer for row in rows}


# --- membership ------------------------------------------------------------------------------------------------------


def test_trap_membership_is_nested_not_the_exact_level() -> None:
    """Public programs that take the exact level give such a row nothing at III."""
    plain = system(group("g", 1, judged("a", 1)))
    assert Y(score(plain, {"a": "I"})) == (100, 100, 100)
    assert Y(score(plain, {"a": "II"})) == (0, 100, 100)
    assert Y(score(plain, {"a": "III"})) == (0, 0, 100)
    assert Y(score(plain, {"a": "none"})) == (0, 0, 0)


def test_bounds_count_as_met_unless_they_are_strict() -> None:
    row = lower("a", 1, 8, 24, 40)
    assert Y(score(system(group("g", 1, row)), {"a": 8})) == (100, 100, 100)
    assert Y(score(system(group("g", 1, row | {"strict": True})), {"a": 8})) == (0, 100, 100)
    up = lower("a", 1, 90, 80, 70, better="higher")
    assert Y(score(system(group("g", 1, up)), {"a": 80})) == (0, 100, 100)
    assert Y(score(system(group("g", 1, up | {"strict": True})), {"a": 80})) == (0, 0, 100)


@pytest.mark.parametrize("value", [0.3, "0.3", Decimal("0.3"), Fraction(3, 10), "０.３", " 0.30 "])
def test_values_are_decimals(value: object) -> None:
    plain = system(group("g", 1, lower("a", 1, Decimal("0.1"), Decimal("0.2"), Decimal("0.3"))))
    assert Y(score(plain, {"a": value})) == (0, 0, 100)
    assert Y(score(plain, {"a": 0.1 + 0.2})) == (0, 0, 0)  # prints as 0.30000000000000004


def test_negative_levels() -> None:
    """Converter energy of steel: -20, -8, 0."""
    plain = system(group("g", 1, lower("a", 1, -20, -8, 0)))
    assert [Y(score(plain, {"a": value})) for value in (-25, -8, 0, 1)] == [
        (100, 100, 100),
        (0, 100, 100),
        (0, 0, 100),
        (0, 0, 0),
    ]


def test_trap_two_levels_of_one_number() -> None:
    """HF of the later hazardous-waste draft: 1, 2, 2; a value of 2 is level II."""
    result = score("hazardous-waste-incineration-draft-later", {"hf": 2})
    assert result.row("hf").met == "II"
    assert score("hazardous-waste-incineration-draft-later", {"hf": "III"}).row("hf").met == "II"


def test_cells_that_span_levels_are_one_requirement() -> None:
    """Whoever meets the text of II, which is that of I, has I; this is said in the row."""
    plain = system(group("g", 1, judged("a", 1, "甲甲乙")))
    result = score(plain, {"a": "II"})
    assert result.row("a").met == "I"
    assert result.row("a").notes
    assert score(plain, {"a": "III"}).row("a").met == "III"


def test_trap_no_requirement() -> None:
    """Steam recycling at III: a plant without any recycling still has 0.2 of the bonus, so 2 points."""
    nothing = score(
        "hazardous-waste-incineration-draft-later", everywhere("hazardous-waste-incineration-draft-later", "none")
    )
    assert Y(nothing) == (0, 0, 2)
    dropped = {**everywhere("hazardous-waste-incineration-draft-later", "none"), "steam-recycling": "n/a"}
    assert Y(score("hazardous-waste-incineration-draft-later", dropped)) == (0, 0, 2)
    assert Y(score("hazardous-waste-incineration-draft-later", {"hf": "none"})) == (0, 0, 2)


# --- weights ---------------------------------------------------------------------------------------------------------


def test_trap_dynamic_weight_is_not_multiplied_twice() -> None:
    """0.8/3 of a group of 0.18, with the group's other 0.2 met: 18 points and not less."""
    dropped = ("zinc-utilisation", "gold-utilisation", "silver-utilisation", "hard-chromium-utilisation")
    values = everywhere("electroplating-2015", "I") | dict.fromkeys(dropped, "n/a")
    result = score("electroplating-2015", values, {"n": 3})
    assert result.row("copper-utilisation").weight == Fraction(18, 100) * Fraction(8, 10) / 3
    assert Y(result) == (100, 100, 100)
    assert result.level == "I"


def test_dropped_metals_never_raise_the_other_rows_of_the_group() -> None:
    for dropped in range(7):
        metals = [
            row.id for row in load("electroplating-2015").table("general").group("resource-use").in_block("metals")
        ]
        values: dict[str, object] = dict.fromkeys(metals[:dropped], "n/a")
        result = score("electroplating-2015", values)
        assert result.row("water-reuse").weight == Fraction(36, 1000)
        assert sum(result.row(id).weight or 0 for id in metals) == Fraction(144, 1000)


def test_trap_electroplating_with_one_metal_and_with_none() -> None:
    metals = [row.id for row in load("electroplating-2015").table("general").group("resource-use").in_block("metals")]
    one = score("electroplating-2015", dict.fromkeys(metals[1:], "n/a"), {"n": 1})
    assert one.row(metals[0]).weight == Fraction(144, 1000)
    none = score("electroplating-2015", dict.fromkeys(metals, "n/a"), {"n": 0})
    assert none.row("water-reuse").weight == Fraction(18, 100)
    assert any("同组其他指标" in str(note) for note in none.notes)


def test_n_that_contradicts_the_answers_is_a_problem() -> None:
    values = {"zinc-utilisation": 80, "copper-utilisation": 80, "gold-utilisation": "n/a"}
    with pytest.raises(InputError) as caught:
        score("electroplating-2015", values, {"n": 3})
    assert [problem.code for problem in caught.value.problems] == ["count-mismatch"]


def test_n_that_counts_the_answered_rows_drops_the_unanswered() -> None:
    result = score("electroplating-2015", {"zinc-utilisation": 80, "copper-utilisation": 80}, {"n": 2})
    assert result.row("gold-utilisation").met == "n/a"
    assert result.row("zinc-utilisation").weight == Fraction(72, 1000)


def test_rows_that_do_not_apply_leave_their_weight_in_the_group() -> None:
    plain = system(
        group(
            "g", Decimal("0.6"), judged("a", Decimal("0.5")), judged("b", Decimal("0.3")), judged("c", Decimal("0.2"))
        ),
        group("h", Decimal("0.4"), judged("d", 1)),
    )
    result = score(plain, {"a": "n/a", "b": "I", "c": "I", "d": "I"})
    assert result.row("b").weight == Fraction(36, 100)
    assert result.row("c").weight == Fraction(24, 100)
    assert result.row("d").weight == Fraction(40, 100)


def test_weights_as_shares_of_the_whole_are_recognised() -> None:
    """The antimony system of 2015 prints second-level weights that sum to the group's weight."""
    whole = system(
        group("g", Decimal("0.6"), judged("a", Decimal("0.4")), judged("b", Decimal("0.2"))),
        group("h", Decimal("0.4"), judged("d", Decimal("0.4"))),
    )
    inside = system(
        group("g", Decimal("0.6"), judged("a", "2/3"), judged("b", "1/3")),
        group("h", Decimal("0.4"), judged("d", 1)),
    )
    from qingyuan.standards.weights import weights_form

    assert weights_form(whole.table("main")) == "of-whole"
    assert weights_form(inside.table("main")) == "inside-group"
    for values in ({"a": "I", "b": "II", "d": "III"}, {"a": "n/a", "b": "I", "d": "none"}):
        assert Y(score(whole, values)) == Y(score(inside, values))


def test_rounded_published_weights_can_still_reach_100() -> None:
    third = Decimal("0.33")
    plain = system(group("g", 1, judged("a", third), judged("b", third), judged("c", third)))
    assert Y(score(plain, {"a": "III", "b": "III", "c": "III"}))[2] == 100


def test_trap_weights_of_a_third_reach_exactly_100() -> None:
    """0.8/3 in binary floats misses 100."""
    values = everywhere("electroplating-2015", "III")
    metals = [row.id for row in load("electroplating-2015").table("general").group("resource-use").in_block("metals")]
    for count in range(1, 8):
        result = score("electroplating-2015", values | dict.fromkeys(metals[count:], "n/a"), {"n": count})
        assert result.index("III").low == HUNDRED
        assert result.level == "III"


def test_an_empty_group_is_spread_and_reported() -> None:
    plain = system(
        group("g", Decimal("0.5"), judged("a", 1)), group("h", Decimal("0.3"), judged("b", 1)),
        group("i", Decimal("0.2"), judged("c", 1)),
    )  # fmt: skip
    result = score(plain, {"a": "I", "b": "II", "c": "n/a"})
    assert result.row("a").weight == Fraction(5, 8)
    assert Y(result) == (Fraction(500, 8), 100, 100)
    assert any("没有适用的指标" in str(note) for note in result.notes)


def test_trap_open_row_alone_in_its_group() -> None:
    """Later hazardous-waste draft: if the greenhouse group's 0.05 were lost, Y_III could never be 100."""
    result = score(
        "hazardous-waste-incineration-draft-later",
        everywhere("hazardous-waste-incineration-draft-later", "III")
        | {"steam-recycling": "none", "fly-ash-use": "none", "bottom-ash-use": "none"},
    )
    assert result.row("co2-per-tonne").met == "open"
    assert sum(row.weight or 0 for row in result.rows if not row.bonus) == 1
    assert result.index("III").low == 100
    assert result.level == "III"


def test_trap_a_group_split_for_display_counts_once() -> None:
    """A group of 0.2 shown in four parts, each given the whole 0.2, would raise Y above 100: weights are checked."""
    parts = [group(name, Decimal("0.2"), judged(name + "1", 1)) for name in ("water", "gas", "waste", "noise")]
    rest = group("rest", Decimal("0.8"), judged("r", 1))
    with pytest.raises(InputError) as caught:
        score(system(*parts, rest), {"r": "I"})
    assert {problem.code for problem in caught.value.problems} == {"weights-sum"}


def test_no_data_scores_zero_and_is_listed_not_renormalised() -> None:
    plain = system(group("g", 1, judged("a", Decimal("0.6")), judged("b", Decimal("0.4"))))
    result = score(plain, {"a": "I"})
    assert Y(result) == (60, 60, 60)
    assert result.no_data == ("b",)
    assert score(plain, {"a": "I", "b": "n/a"}).index("I").low == 100


def test_nothing_applies() -> None:
    plain = system(group("g", 1, judged("a", 1)))
    with pytest.raises(InputError):
        score(plain, {"a": "n/a"})


# --- blocks by output, formula levels, alternatives ------------------------------------------------------------------

PCB_OUTPUTS = {"刚性单面板": 43426, "刚性双面板": 24036}


def test_blocks_share_their_weight_by_output() -> None:
    result = score("printed-circuit-board-undated", {}, {"outputs": PCB_OUTPUTS})
    single = Fraction(43426, 43426 + 24036)
    assert result.row("power-rigid-1").weight == Fraction(1, 10) * single
    assert result.row("water-2").weight == Fraction(1, 10) * Fraction(1, 2) * (1 - single)
    assert result.row("power-flex-1").met == "n/a"
    assert "刚性单面板" in " ".join(str(note) for note in result.row("water-1").notes)


def test_several_products_of_one_row_are_added() -> None:
    outputs = {"刚性双面板": 1, "挠性双面板": 2, "HDI板": 5}
    with pytest.raises(InputError) as caught:
        score("printed-circuit-board-undated", {}, {"outputs": outputs})
    assert {problem.code for problem in caught.value.problems} == {"product-ambiguous"}
    clear = score("printed-circuit-board-undated", {}, {"outputs": {"刚性双面板": 1, "挠性双面板": 2, "刚性HDI板": 5}})
    assert clear.row("water-2").weight == Fraction(1, 10) / 2 * Fraction(3, 8)


def test_an_ambiguous_product_is_settled_by_the_rows_that_apply() -> None:
    values = {"power-flex-2": "n/a", "laminate-flex-2": "n/a"}
    result = score("printed-circuit-board-undated", values, {"outputs": {"双面板": 10}})
    assert result.row("power-rigid-2").weight == Fraction(1, 10)


def test_an_unknown_product_is_a_problem() -> None:
    with pytest.raises(InputError) as caught:
        score("printed-circuit-board-undated", {}, {"outputs": {"陶瓷板": 1}})
    assert {problem.code for problem in caught.value.problems} == {"product-unknown"}


def test_english_product_names() -> None:
    result = score("printed-circuit-board-undated", {}, {"outputs": {"Rigid double-sided board": 3}})
    assert result.row("power-rigid-2").weight == Fraction(1, 10)


def test_formula_levels_at_the_plants_n() -> None:
    """Power of rigid multilayer boards, 10+5n, 25+10n, 55+5n, of six layers (n = 4): 30, 65, 75."""
    outputs = {"刚性多层板": 1}
    for n in (4, {"多层板": 4}, {"刚性多层板": 4, "HDI板": 9}, {"power-rigid-multi": 4}, {"power": 4}):
        result = score("printed-circuit-board-undated", {"power-rigid-multi": 65}, {"outputs": outputs, "n": n})
        row = result.row("power-rigid-multi")
        assert row.bounds.values == (30, 65, 75)
        assert row.met == "II"


def test_formula_levels_need_n() -> None:
    with pytest.raises(InputError) as caught:
        score("printed-circuit-board-undated", {"power-rigid-multi": 65}, {"outputs": {"刚性多层板": 1}})
    assert [problem.code for problem in caught.value.problems] == ["needs-n"]
    assert score("printed-circuit-board-undated", {"power-rigid-multi": "II"}).row("power-rigid-multi").met == "II"


def test_levels_that_cross_stay_nested() -> None:
    """At n = 10 the bounds are 60, 125, 105: 120 meets II, and so III."""
    parameters = {"outputs": {"刚性多层板": 1}, "n": 10}
    result = score("printed-circuit-board-undated", {"power-rigid-multi": 120}, parameters)
    assert result.row("power-rigid-multi").met == "II"
    assert result.row("power-rigid-multi").membership.values == (False, True, True)
    assert any("颠倒" in str(note) for note in result.row("power-rigid-multi").notes)


CHAINS = [lower("hot", 1, 99, 98, 97, better="higher", alternatives="chain"),
          lower("cold", 1, 98, 96, 94, better="higher", alternatives="chain")]  # fmt: skip


def test_alternatives_the_answered_row_applies() -> None:
    plain = system(group("g", 1, *CHAINS))
    result = score(plain, {"cold": 97})
    assert Y(result) == (0, 100, 100)
    assert result.row("hot").met == "n/a"
    assert result.row("cold").weight == 1


def test_alternatives_two_answers_are_an_error_unless_one_is_chosen() -> None:
    plain = system(group("g", 1, *CHAINS))
    with pytest.raises(InputError) as caught:
        score(plain, {"hot": 99, "cold": 97})
    assert [problem.code for problem in caught.value.problems] == ["alternatives-answered"]
    assert score(plain, {"hot": 99, "cold": 97}, {"alternatives": {"chain": "hot"}}).level == "I"
    with pytest.raises(InputError):
        score(plain, {}, {"alternatives": {"chain": "x", "y": "hot"}})


def test_alternatives_without_an_answer_are_one_row_without_data() -> None:
    plain = system(group("g", 1, *CHAINS))
    assert score(plain, {}).no_data == ("hot",)
    assert score(plain, {"hot": "n/a"}).no_data == ("cold",)


def test_alternatives_count_once_beside_weights_that_were_not_read() -> None:
    rows = [row | {"weight": Decimal("0.6")} for row in CHAINS]
    late = judged("late", 1)
    del late["weight"]
    result = score(system(group("g", 1, *rows, late), partial=True), {"cold": 97, "late": "I"})
    assert result.row("late").weight == Fraction(4, 10)
    assert (
        score(system(group("g", 1, *rows, late), partial=True), {"late": "I", "hot": "n/a", "cold": "n/a"}).level == "I"
    )


# --- the level -------------------------------------------------------------------------------------------------------


def test_trap_percentages_are_not_rounded_before_the_comparison() -> None:
    """88.50 % shown, and compared, as 88 % would miss a bound of 88.5."""
    plain = system(group("g", 1, lower("a", 1, Decimal("88.5"), 80, 70, better="higher")))
    assert score(plain, {"a": 88.50}).level == "I"
    assert score(plain, {"a": 88.4999}).row("a").met == "II"


def test_85_is_an_equality() -> None:
    rows = [judged(f"r{number}", Decimal("0.05")) for number in range(20)]
    plain = system(group("g", 1, *rows))
    best = {f"r{number}": "I" if number < 17 else "III" for number in range(20)}
    assert Y(score(plain, best)) == (85, 85, 100)
    assert score(plain, best).level == "I"
    assert score(plain, best | {"r16": "III"}).level == "III"


def test_a_limiting_row_decides() -> None:
    plain = system(group("g", 1, judged("a", Decimal("0.1"), limiting=True), judged("b", Decimal("0.9"))))
    result = score(plain, {"a": "II", "b": "I"})
    assert Y(result)[0] == 90
    assert result.level == "II"
    failure = result.limiting_failures[0]
    assert (failure.id, failure.level, failure.required, failure.reached) == ("a", "I", "I", "II")
    assert score(plain, {"a": "I", "b": "I"}).limiting_failures == ()


def test_a_limiting_row_without_data_fails() -> None:
    plain = system(group("g", 1, judged("a", Decimal("0.1"), limiting=True), judged("b", Decimal("0.9"))))
    result = score(plain, {"b": "I"})
    assert result.level == "none"
    assert result.limiting_failures[0].reached == "no-data"


def test_a_limiting_row_that_does_not_apply_withholds_nothing() -> None:
    plain = system(group("g", 1, judged("a", Decimal("0.1"), limiting=True), judged("b", Decimal("0.9"))))
    assert score(plain, {"a": "n/a", "b": "I"}).level == "I"


def test_other_rows_must_reach_level_two_in_the_newest_systems() -> None:
    newest = RULES | {"I": RULES["I"] | {"others": "II"}}
    rows = (judged("a", Decimal("0.1"), limiting=True), judged("b", Decimal("0.8")), judged("c", Decimal("0.1")))
    values = {"a": "I", "b": "I", "c": "III"}
    assert score(system(group("g", 1, *rows)), values).level == "I"
    result = score(system(group("g", 1, *rows), grading=newest), values)
    assert result.level == "II"
    assert [failure.id for failure in result.other_failures] == ["c"]
    assert result.limiting_failures == ()
    assert score(system(group("g", 1, *rows), grading=newest), values | {"c": "II"}).level == "I"


def test_level_three_asks_for_every_row() -> None:
    plain = system(group("g", 1, judged("a", Decimal("0.999")), judged("b", Decimal("0.001"))))
    assert score(plain, {"a": "III", "b": "none"}).level == "none"
    assert score(plain, {"a": "III", "b": "III"}).level == "III"


def test_level_names_come_from_the_data() -> None:
    names = {"level_names": {"I": "领先", "II": "先进", "III": "一般"}}
    plain = system(group("g", 1, judged("a", 1)), grading=RULES | names)
    assert str(score(plain, {"a": "III"}).level_name) == "一般"
    assert str(score(system(group("g", 1, judged("a", 1))), {"a": "III"}).level_name) == "Ⅲ级"
    best = score("printed-circuit-board-undated", everywhere("printed-circuit-board-undated", "I"))
    with language("en"):
        assert str(best.level_name) == "Advanced (benchmark) level of cleaner production"


# --- bonus -----------------------------------------------------------------------------------------------------------

DRAFT = "hazardous-waste-incineration-draft"


def test_bonus_is_added_and_capped() -> None:
    full = score(DRAFT, everywhere(DRAFT, "I"))
    assert Y(full) == (100, 100, 100)
    assert dict(full.uncapped)["I"].low == 110
    values = everywhere(DRAFT, "I") | {"energy-per-tonne": "none"}
    assert Y(score(DRAFT, values))[0] == 98
    without = values | dict.fromkeys(("alkali-recycling", "fly-ash-use", "bottom-ash-use"), "none")
    assert Y(score(DRAFT, without))[0] == 88


def test_a_bonus_row_that_does_not_apply_keeps_its_weight() -> None:
    values = everywhere(DRAFT, "I") | {"energy-per-tonne": "none", "fly-ash-use": "n/a", "bottom-ash-use": "n/a"}
    result = score(DRAFT, values)
    assert Y(result)[0] == 90
    assert result.row("alkali-recycling").weight == Fraction(2, 100)
    assert result.row("fly-ash-use").met == "n/a"


def test_bonus_does_not_hide_a_limiting_row_at_level_three() -> None:
    """Level III is not implied by 100 once points come from outside the table."""
    values = everywhere(DRAFT, "I") | {"so2": "none"}
    result = score(DRAFT, values)
    assert result.index("III").low == 100
    assert result.level == "none"


# --- partial tables --------------------------------------------------------------------------------------------------


def partial(values: Mapping[str, object], weight: object = 1) -> Score:
    rows = [judged(id, None, block="k") for id in "abc"]
    for row in rows:
        del row["weight"]
    block = {"blocks": [{"id": "k", "weight": Decimal("0.6"), "share": "unknown"}]}
    return score(system(group("g", weight, *rows, judged("d", Decimal("0.4")), **block), partial=True), values)


def test_an_unknown_split_counts_exactly_where_its_rows_agree() -> None:
    result = partial(dict.fromkeys("abcd", "II"))
    assert [interval.as_json() for _, interval in result.indices] == [0.0, 100.0, 100.0]
    assert result.level == "II"


def test_trap_a_partial_table_never_gives_one_number_for_a_mixed_block() -> None:
    result = partial({"a": "I", "b": "II", "c": "I", "d": "I"})
    assert result.index("I").as_json() == [40.0, 100.0]
    assert result.index("II").as_json() == 100.0
    assert result.level == "undecided"
    assert result.possible == ("I", "II")
    assert result.row("a").weight is None


def test_open_ends_decide() -> None:
    """Y_III = 100 is missed as soon as one row misses III; a low end of exactly 85 is above it."""
    missed = partial({"a": "III", "b": "none", "c": "III", "d": "III"})
    assert missed.index("III").as_json() == [40.0, 100.0]
    assert missed.level == "none"
    rows = [judged("a", None, block="k"), judged("b", None, block="k"), judged("c", Decimal("0.85"))]
    for row in rows[:2]:
        del row["weight"]
    block = {"blocks": [{"id": "k", "weight": Decimal("0.15"), "share": "unknown"}]}
    table = system(group("g", 1, *rows, **block), partial=True)
    assert score(table, {"a": "I", "b": "II", "c": "I"}).level == "I"


def test_without_group_weights_membership_stands_and_the_index_does_not() -> None:
    result = score("steel-2014", {"fresh-water": 3.6, "converter-energy": -21, "policy": "none"})
    assert not result.scored
    assert result.row("fresh-water").met == "II"
    assert result.row("converter-energy").met == "I"
    assert result.index("I").as_json() == [0.0, 100.0]
    assert result.level == "none"  # a limiting row misses every level, whatever the weights
    assert result.as_json()["grade_share"] == {"below_read": None, "by_grade": {}}
    fine = score("steel-2014", everywhere("steel-2014", "I") | {"yield-hot": None, "yield-cold": None})
    assert fine.level == "undecided"


def test_a_level_that_was_not_read_is_not_guessed() -> None:
    result = score("steel-2014", {"hot-charging": "none"})
    assert result.row("hot-charging").met == "none"
    row = lower("a", 1, 8, 24, 40)
    del row["levels"]["II"]
    unread = system(group("g", 1, row), partial=True)
    assert score(unread, {"a": 20}).row("a").membership.values == (False, None, True)
    assert score(unread, {"a": 8}).row("a").membership.values == (True, True, True)
    assert score(unread, {"a": 41}).row("a").membership.values == (False, False, False)
    assert score(unread, {"a": 20}).index("II").as_json() == [0.0, 100.0]


# --- input and output ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "met"),
    [("I", "I"), ("Ⅱ", "II"), ("2", "II"), ("三级", "III"), ("II级", "II"), ("level iii", "III"), (" ｉ ", "I"),
     ("none", "none"), ("不达标", "none"), ("N/A", "n/a"), ("不适用", "n/a"), (None, "no-data"), ("", "no-data")],
)  # fmt: skip
def test_spellings_of_a_level(given: object, met: str) -> None:
    plain = system(group("g", 1, judged("a", Decimal("0.5")), judged("b", Decimal("0.5"))))
    assert score(plain, {"a": given}).row("a").met == met


@pytest.mark.parametrize(("given", "met"), [(True, "I"), ("是", "I"), ("no", "none"), (False, "none"), ("符合", "I")])
def test_yes_and_no(given: object, met: str) -> None:
    assert score("electroplating-2015", {"law": given}).row("law").met == met
    assert (
        score("hazardous-waste-incineration-draft-later", {"steam-recycling": True}).row("steam-recycling").met == "I"
    )


def test_an_assessors_level_for_a_number_is_marked() -> None:
    row = score("electroplating-2015", {"rinse-water": "II"}).row("rinse-water")
    assert row.met == "II"
    assert row.notes
    assert score("electroplating-2015", {"zinc-utilisation": "81%"}).row("zinc-utilisation").met == "II"
    assert score("electroplating-2015", {"rinse-water": "2"}).row("rinse-water").met == "I"


def test_all_problems_of_the_answers_come_at_once() -> None:
    values = {
        "rinse-water": "about 8",
        "law": 2,
        "cleaner-process": True,
        "zinc-utilisation": float("nan"),
        "copper": 80,
        "process-control": "IV",
        "metering": [1],
    }
    with pytest.raises(InputError) as caught:
        score("electroplating-2015", values, {"m": 2, "outputs": {"x": -1}})
    codes = sorted(problem.code for problem in caught.value.problems)
    assert codes == sorted(["bad-answer"] * 6 + ["unknown-indicator", "unknown-parameter", "bad-output"])
    assert "copper-utilisation" in str(caught.value)


def test_both_forms_of_a_values_document() -> None:
    flat = {"zinc-utilisation": 83, "copper-utilisation": 83, "parameters": {"n": 2}}
    nested = {"values": {"zinc-utilisation": 83, "copper-utilisation": 83}, "parameters": {"n": 2}, "table": "general"}
    first, second = score("electroplating-2015", flat), score("electroplating-2015", nested)
    assert first.as_json() == second.as_json()


def test_tables_must_be_chosen_and_known() -> None:
    with pytest.raises(InputError):
        score("zero-carbon-park-2025", {})
    with pytest.raises(UnknownName):
        score("electroplating-2015", {}, table_id="anodising")
    with pytest.raises(UnknownName):
        score(DRAFT, {}, table_id="bonus")


def test_a_system_that_was_only_located_is_refused_with_its_source() -> None:
    with pytest.raises(InputError) as caught:
        score("pulp-paper-2015", {})
    assert "wanglu.net" in str(caught.value)
    assert "systems template" in str(caught.value)


def test_the_keys_of_the_result() -> None:
    record = score("electroplating-2015", {"rinse-water": 10}).as_json()
    assert list(record) == [
        "system", "table", "scheme", "Y", "level", "level_name", "indicators", "limiting_failures", "no_data",
        "grade_share", "verification", "grading_verified", "notes",
    ]  # fmt: skip
    assert list(record["Y"]) == ["I", "II", "III"]
    assert json.loads(json.dumps(record)) == record
    row = next(row for row in record["indicators"] if row["id"] == "rinse-water")
    assert (row["value"], row["met"], row["weight"], row["bounds"]["II"]) == (10, "II", 0.1, 24.0)
    assert row["levels"]["I"] == "≤ 8 L/m²"
    assert row["points"] == {"I": 0.0, "II": 10.0, "III": 10.0}


def test_what_a_result_rests_on_is_stated() -> None:
    """Electroplating: water reuse 0.036, pollutants 0.16, product 0.07 and management 0.16 are recalled."""
    result = score("electroplating-2015", everywhere("electroplating-2015", "I"))
    assert dict(result.grade_shares) == {Grade.READ: Fraction(574, 1000), Grade.RECALLED: Fraction(426, 1000)}
    assert result.below_read == Fraction(426, 1000)
    assert result.as_json()["grading_verified"] is False
    assert any("凭记忆" in str(note) for note in result.notes)


def test_points_of_the_rows_make_the_index() -> None:
    for id in ("electroplating-2015", DRAFT):
        result = score(id, everywhere(id, "II"))
        for level in LEVELS:
            assert sum(row.points[level].low for row in result.rows) == dict(result.uncapped)[level].low


def test_english_results_hold_no_chinese() -> None:
    def chinese(value: object) -> list[str]:
        if isinstance(value, str):
            return [value] if any("\u4e00" <= character <= "\u9fff" for character in value) else []
        if isinstance(value, dict):
            return [text for item in value.values() for text in chinese(item)]
        return [text for item in value for text in chinese(item)] if isinstance(value, list) else []

    with language("en"):
        for id in ("electroplating-2015", "printed-circuit-board-undated", DRAFT):
            rows = score(id, everywhere(id, "II")).as_json()["indicators"]
            for row in rows:  # type: ignore[attr-defined]
                names = {key: row[key] for key in ("name", "group_name", "product", "levels")}
                own = [text for text in chinese(names) if text not in ("尚无基准值", "无要求", "未读到")]
                assert own == []

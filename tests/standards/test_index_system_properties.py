"""What holds for every index system and every plant (the invariants of the scoring method)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from index_system_strategies import answer_for, answered, documents, plants, system_of

from qingyuan.errors import InputError
from qingyuan.standards import IndexSystem, Score, load, score
from qingyuan.standards.distance import gaps
from qingyuan.standards.model import LEVELS, Formula, Indicator

QUICK = settings(max_examples=40, deadline=None)
RANK = {"I": 0, "II": 1, "III": 2, "none": 3}


def try_score(system: IndexSystem, values: Mapping[str, object], **more: Any) -> Score:
    """Score, or give the example up where no row applies."""
    try:
        return score(system, values, **more)
    except InputError as error:
        assume([problem.code for problem in error.problems] != ["nothing-applies"])
        raise


def numbers(result: Score) -> list[Fraction]:
    assert all(interval.exact for _, interval in result.indices)
    return [interval.low for _, interval in result.indices]


def met(row: Indicator, answer: object, level: str) -> bool:
    """The membership function, written down once more in its plainest form."""
    position = LEVELS.index(level)  # type: ignore[arg-type]
    if level in row.no_requirement:
        return True
    if answer in (None, "none", "n/a"):
        return False
    for better in LEVELS[: position + 1]:
        if isinstance(answer, str):
            assert row.texts is not None
            meant = [each for each in LEVELS if row.texts[each] == row.texts[answer]]  # type: ignore[index]
            if better in meant and better not in row.no_requirement:
                return True
            if better == answer:
                return True
            continue
        assert row.bounds is not None
        bound = row.bounds[better]
        assert isinstance(bound, Fraction)
        value = Fraction(str(answer))
        if value == bound and not row.strict:
            return True
        if (value < bound) == (row.better == "lower") and value != bound:
            return True
    return False


def plain_indices(system: IndexSystem, values: Mapping[str, object]) -> list[Fraction]:
    """Y_k = sum_i w_i sum_j w_ij Y_gk(x_ij), computed directly over a table without output blocks."""
    table = system.main_tables()[0]
    groups: list[tuple[Fraction, list[tuple[Fraction, Indicator]]]] = []
    for group in table.groups:
        rows = [row for row in group.indicators if not row.open and values[row.id] != "n/a"]
        parts: list[tuple[Fraction, Indicator]] = []
        for row in rows:
            if not row.block:
                assert isinstance(row.weight, Fraction)
                parts.append((row.weight, row))
            else:
                weight = group.block(row.block).weight
                assert not isinstance(weight, Formula)
                parts.append((weight / sum(1 for other in rows if other.block), row))
        if parts:
            groups.append((group.weight or Fraction(0), parts))
    whole = sum(weight for weight, _ in groups)
    found = []
    for level in LEVELS:
        total = Fraction(0)
        for weight, parts in groups:
            inside = sum(part for part, _ in parts)
            reached = sum((part for part, row in parts if met(row, values[row.id], level)), Fraction(0))
            total += 100 * weight / whole * reached / inside
        found.append(total)
    bonus = system.grading.bonus
    if bonus is not None:
        (group,) = system.table(bonus.table).groups
        rows = [row for row in group.indicators if not row.open]
        inside = sum((row.weight for row in rows if isinstance(row.weight, Fraction)), Fraction(0))
        for position, level in enumerate(LEVELS):
            reached = sum(
                (row.weight for row in rows if isinstance(row.weight, Fraction) and met(row, values[row.id], level)),
                Fraction(0),
            )
            extra = 100 * bonus.weight * reached / inside if inside else Fraction(0)
            found[position] = min(bonus.cap, found[position] + extra)
    return found


@QUICK
@given(plants())
def test_indices_are_those_of_the_plain_formula(plant: tuple[IndexSystem, dict[str, object]]) -> None:
    system, values = plant
    assert numbers(try_score(system, values)) == plain_indices(system, values)


@QUICK
@given(plants())
def test_indices_are_nested_and_within_0_and_100(plant: tuple[IndexSystem, dict[str, object]]) -> None:
    system, values = plant
    first, second, third = numbers(try_score(system, values))
    assert 0 <= first <= second <= third <= 100


@QUICK
@given(plants(), st.data())
def test_improving_a_value_never_lowers_an_index_or_the_level(
    plant: tuple[IndexSystem, dict[str, object]], data: st.DataObject
) -> None:
    system, values = plant
    rows = [row for row in system.main_tables()[0].indicators() if values[row.id] != "n/a" and not row.open]
    row = data.draw(st.sampled_from(rows))
    answer = values[row.id]
    if isinstance(answer, (Decimal, Fraction)):
        step = Fraction(data.draw(st.integers(0, 80)), 4)
        answer = Fraction(answer)
        better: object = answer - step if row.better == "lower" else answer + step
    else:
        start = RANK[answer] if isinstance(answer, str) and answer in RANK else 3
        better = data.draw(st.sampled_from(("I", "II", "III", "none")[: start + 1]))
    before, after = try_score(system, values), try_score(system, {**values, row.id: better})
    assert all(now >= then for now, then in zip(numbers(after), numbers(before), strict=True))
    assert RANK[after.level] <= RANK[before.level]


@QUICK
@given(documents(), st.data())
def test_the_order_of_rows_and_groups_is_irrelevant(document: dict[str, Any], data: st.DataObject) -> None:
    values = data.draw(answered(system_of(document)))
    shuffled = copy.deepcopy(document)
    for table in shuffled["tables"]:
        table["groups"] = data.draw(st.permutations(table["groups"]))
        for group in table["groups"]:
            group["indicators"] = data.draw(st.permutations(group["indicators"]))
    first, second = try_score(system_of(document), values), try_score(system_of(shuffled), values)
    assert first.indices == second.indices
    assert first.level == second.level
    assert {row.id: row.weight for row in first.rows} == {row.id: row.weight for row in second.rows}


@QUICK
@given(documents(), st.data(), st.integers(1, 2000).map(lambda number: Decimal(number) / 8))
def test_the_scale_of_units_is_irrelevant(document: dict[str, Any], data: st.DataObject, factor: Decimal) -> None:
    values = data.draw(answered(system_of(document)))
    scaled = copy.deepcopy(document)
    for table in scaled["tables"]:
        for group in table["groups"]:
            for row in group["indicators"]:
                if row["kind"] == "quantitative" and "levels" in row:
                    row["levels"] = {level: bound * factor for level, bound in row["levels"].items()}
    other = {
        id: Fraction(value) * Fraction(factor) if isinstance(value, (Decimal, Fraction)) else value
        for id, value in values.items()
    }
    first, second = try_score(system_of(document), values), try_score(system_of(scaled), other)
    assert first.indices == second.indices
    assert first.level == second.level


@QUICK
@given(plants())
def test_weights_of_a_group_stay_in_the_group(plant: tuple[IndexSystem, dict[str, object]]) -> None:
    system, values = plant
    result = try_score(system, values)
    table = result.table
    own = [row for row in result.rows if not row.bonus]
    assert sum(row.weight or 0 for row in own) == 1
    filled = [group for group in table.groups if any(row.weight for row in own if row.indicator.group == group.id)]
    whole = sum(group.weight or 0 for group in filled)
    for group in filled:
        inside = sum(row.weight or 0 for row in own if row.indicator.group == group.id)
        assert inside == (group.weight or 0) / whole


@QUICK
@given(plants(), st.data())
def test_no_data_never_raises_an_index(plant: tuple[IndexSystem, dict[str, object]], data: st.DataObject) -> None:
    """Leaving an answer out never helps: neither against any answer that applies, nor the level."""
    system, values = plant
    rows = [row for row in system.main_tables()[0].indicators() if not row.open and values[row.id] != "n/a"]
    row = data.draw(st.sampled_from(rows))
    answer = data.draw(answer_for(row).filter(lambda value: value != "n/a"))
    with_answer = try_score(system, {**values, row.id: answer})
    without = try_score(system, {**values, row.id: None})
    assert all(left <= right for left, right in zip(numbers(without), numbers(with_answer), strict=True))
    assert RANK[without.level] >= RANK[with_answer.level]


@QUICK
@given(documents(partial=True, bonus=False, shared=("unknown",)), st.data())
def test_the_interval_of_a_partial_table_holds_the_score_of_every_split(
    document: dict[str, Any], data: st.DataObject
) -> None:
    system = system_of(document)
    values = data.draw(answered(system))
    wide = try_score(system, values)
    settled = copy.deepcopy(document)
    (table,) = settled["partial_tables"]
    for group in table["groups"]:
        for block in group.pop("blocks", []):
            rows = [row for row in group["indicators"] if row.get("block")]
            part = [row for row in rows if not row.get("open") and values[row["id"]] != "n/a"]
            split = [data.draw(st.integers(1, 20)) for _ in part]
            for row in rows:
                del row["block"]
            for row, share in zip(part, split, strict=True):
                row["weight"] = f"({block['weight']})*{share}/{sum(split)}"
            group["indicators"] = [row for row in group["indicators"] if "weight" in row]
    table["groups"] = [group for group in table["groups"] if group["indicators"]]
    settled["tables"], settled["partial_tables"] = [table], []
    exact_system = system_of(settled)
    kept = {row.id for row in exact_system.table("main").indicators()}
    # A block without rows leaves its weight to the group: the settled weights make less than 1 then, in proportion.
    from qingyuan.standards.weights import spread

    exact_rows = {row.id for row in exact_system.table("main").indicators() if not row.open and values[row.id] != "n/a"}
    assume(exact_rows)
    weights = spread(exact_system.table("main"), exact_rows)
    assert weights is not None
    assert kept >= exact_rows
    levels = []
    for level in LEVELS:
        total = sum(
            (
                100 * (weights.of(row.id) or Fraction(0))
                for row in wide.rows
                if row.id in exact_rows and row.membership[level]
            ),
            Fraction(0),
        )
        assert wide.index(level).contains(total)
        levels.append(total)
    for status, rule_total in zip(wide.statuses, levels, strict=True):
        if status.index is not None:
            rule = system.grading.rule(status.level)
            assert rule is not None
            assert status.index == (rule_total >= rule.minimum)


@QUICK
@given(documents(bonus=False, shared=("output",)), st.data())
def test_output_shares(document: dict[str, Any], data: st.DataObject) -> None:
    """A row weighs by its share of output; products that are not made drop out; scaling all outputs changes nothing."""
    system = system_of(document)
    values = data.draw(answered(system))
    outputs = {f"产品{number}号": data.draw(st.integers(0, 9)) for number in range(4)}
    blocks = [group for group in system.table("main").groups if group.blocks]
    products = {row.product.zh for group in blocks for row in group.indicators if row.product}
    outputs = {product: amount for product, amount in outputs.items() if product in products}
    assume(all({row.product.zh for row in group.indicators if row.product} >= set(outputs) for group in blocks))
    assume(any(outputs.values()))
    first = try_score(system, values, parameters={"outputs": outputs})
    second = try_score(system, values, parameters={"outputs": {key: value * 7 for key, value in outputs.items()}})
    assert first.indices == second.indices
    for group in blocks:
        rows = {row.id: row for row in group.indicators if row.block}
        part = {id: outputs[row.product.zh] for id, row in rows.items() if row.product and row.product.zh in outputs
                and outputs[row.product.zh] and not row.open and values[id] != "n/a"}  # fmt: skip
        weights = {id: first.row(id).weight or 0 for id in rows}
        assert {id for id, weight in weights.items() if weight} == set(part)
        for id, amount in part.items():
            assert weights[id] == sum(weights.values()) * amount / sum(part.values())


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["I", "n/a", "是", "12%"]),
)
PARAMETERS = st.dictionaries(
    st.sampled_from(["n", "outputs", "output", "alternatives", "lead", "base", "pass_mark", "prerequisites", "x"]),
    JUNK
    | st.dictionaries(
        st.sampled_from(["刚性单面板", "板", "多层板", "power", "yield", "yield-hot", "x"]), JUNK, max_size=3
    ),
    max_size=3,
)
TABLES = [
    ("electroplating-2015", "general"),
    ("printed-circuit-board-undated", "general"),
    ("steel-2014", "integrated"),
    ("hazardous-waste-incineration-draft-later", "main"),
    ("green-factory-2025", "table-c1"),
    ("zero-carbon-park-2025", "scale-1m-up"),
]


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(TABLES), st.data())
def test_any_document_gives_a_result_or_an_input_error(table: tuple[str, str], data: st.DataObject) -> None:
    system = load(table[0])
    ids = [row.id for row in system.table(table[1]).indicators()]
    document: dict[str, object] = data.draw(st.dictionaries(st.sampled_from([*ids, "x", "values"]), JUNK, max_size=8))
    if data.draw(st.booleans()):
        document["parameters"] = data.draw(PARAMETERS | JUNK)
    try:
        result = score(system, document, table_id=table[1])
    except InputError as error:
        if not all(str(problem) for problem in error.problems) or not error.problems:
            raise
        return
    record = result.as_json()
    assert record["level"] in ("I", "II", "III", "none", "undecided")
    gaps(result).as_json()

"""Scoring in columns at its edges: bounds, minima, gaps, encodings, refusals, the shipped systems."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
import pytest

from qingyuan.errors import InputError, UnknownName
from qingyuan.standards import Score, load, score, systems
from qingyuan.standards.columns import ColumnScores, score_columns
from qingyuan.standards.columns.frame_terms import Whole, polynomial, rational
from qingyuan.standards.columns.frames import score_frame
from qingyuan.standards.columns.plan import PROBLEMS, compile_plan, float_bound, problem_message
from qingyuan.standards.formula import parse_formula
from qingyuan.standards.model import IndexSystem
from qingyuan.standards.reading import read_system

GRADING: dict[str, Any] = {
    "I": {"index": "Y_I", "min": 85},
    "II": {"index": "Y_II", "min": 85},
    "III": {"index": "Y_III", "min": 100},
}


def number(id: str, weight: str, bounds: tuple[object, object, object], **more: Any) -> dict[str, Any]:
    levels = dict(zip(("I", "II", "III"), bounds, strict=True))
    row = {"id": id, "name": id, "kind": "quantitative", "unit": "1", "better": "lower", "weight": weight}
    return {**row, "levels": levels, **more}


def words(id: str, weight: str, texts: tuple[str, str, str] = ("甲", "乙", "丙"), **more: Any) -> dict[str, Any]:
    levels = dict(zip(("I", "II", "III"), texts, strict=True))
    return {"id": id, "name": id, "kind": "qualitative", "weight": weight, "levels": levels, **more}


def system_of(*rows: dict[str, Any], grading: dict[str, Any] | None = None, **group: Any) -> IndexSystem:
    only = {"id": "g", "name": "组", "weight": 1, "indicators": [*rows]} | group
    table = {"id": "main", "name": "主表", "groups": [only]}
    head = {"id": "made", "title": "体系", "source": "test", "verification": "read"}
    return read_system({**head, "grading": grading or GRADING, "tables": [table]})


def both(system: IndexSystem, data: dict[str, Any], **more: Any) -> tuple[ColumnScores, list[dict[str, Any]]]:
    """The same plants by arrays and by a Polars frame; levels are held equal."""
    plan = compile_plan(system, "main")
    arrays = score_columns(plan, data, **more)
    frame = score_frame(plan, pl.DataFrame(data, strict=False), **more)
    rows = frame.to_dicts()
    assert [row["level"] for row in rows] == arrays.level_words().tolist()
    assert [row["problem"] for row in rows] == arrays.problem_words().tolist()
    return arrays, rows


# --- bounds ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["0.3", "0.1", "1.1", "24", "1/3", "0.07", "1e-7", "123456.789", "-20", "0"])
@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("lower", [False, True])
def test_float_bounds_are_the_last_that_meet(text: str, strict: bool, lower: bool) -> None:
    bound = Fraction(text)
    at = float_bound(bound, strict, lower)
    beyond = math.nextafter(at, math.inf if lower else -math.inf)

    def meets(value: float) -> bool:
        exact = Fraction(repr(value))
        if exact == bound:
            return not strict
        return exact < bound if lower else exact > bound

    assert meets(at)
    assert not meets(beyond)


def test_a_value_on_its_bound() -> None:
    rows = [number(f"r{index}", "1/4", ("0.1", "0.3", "0.7")) for index in range(2)]
    rows += [number(f"s{index}", "1/4", ("0.1", "0.3", "0.7"), strict=True) for index in range(2)]
    values = [0.1, 0.3, 0.7, 0.1 + 0.2, math.nextafter(0.3, 0), math.nextafter(0.3, 1)]
    scores, _ = both(system_of(*rows), {row["id"]: np.array(values) for row in rows})
    # Not strict rows meet II at 0.3, strict ones only below; 0.1 + 0.2 is 0.30000000000000004 and meets neither.
    assert scores.y[1].tolist() == [100.0, 50.0, 0.0, 0.0, 100.0, 0.0]
    assert scores.y[0].tolist() == [50.0, 0.0, 0.0, 0.0, 0.0, 0.0]


def test_formula_bounds_of_whole_n_are_exact() -> None:
    row = number("r", "1", ("0.14+0.08*n", "0.23+0.12*n", "0.39+0.15*n"), parameter="n")
    n = np.repeat(np.arange(1.0, 40.0), 3)
    levels = [parse_formula(text) for text in ("0.14+0.08*n", "0.23+0.12*n", "0.39+0.15*n")]
    values = np.array([float(formula.at(int(each))) for each in range(1, 40) for formula in levels])
    _, rows = both(system_of(row), {"r": values, "n": n})
    assert [row["level"] for row in rows] == ["I", "II", "III"] * 39
    beyond, _ = both(system_of(row), {"r": np.nextafter(values, 1e9), "n": n})
    assert beyond.level_words().tolist() == ["II", "III", "none"] * 39


def test_negative_bounds_and_higher_is_better() -> None:
    rows = [number("a", "1/2", (-20, -8, 0)), number("b", "1/2", (95, 85, 80), better="higher")]
    scores, _ = both(system_of(*rows), {"a": np.array([-20.0, -19.9, 0, 0.1]), "b": np.array([95.0, 94.9, 80, 79.9])})
    assert scores.level_words().tolist() == ["I", "II", "III", "none"]


# --- minima ----------------------------------------------------------------------------------------------------------


def test_85_and_100_are_equalities() -> None:
    # 0.8/3 in floats does not add up to 0.8; 17 of 20 twentieths are 85 exactly.
    thirds = [number(f"m{index}", "0.8/3", (1, 2, 3)) for index in range(3)] + [number("fixed", "0.2", (1, 2, 3))]
    scores, _ = both(system_of(*thirds), {row["id"]: np.array([3.0, 1.0]) for row in thirds})
    assert scores.y[:, 0].tolist() == [0.0, 0.0, 100.0]
    assert scores.level_words().tolist() == ["III", "I"]

    weights = [1] * 14 + [3, 3]
    twentieths = [number(f"r{index}", f"{weight}/20", (1, 2, 3)) for index, weight in enumerate(weights)]
    answers = {f"r{index}": np.array([2.0 if index != 15 else 3.0] * 2) for index in range(16)}
    answers["r0"] = np.array([2.0, 3.0])
    scores, rows = both(system_of(*twentieths), answers)
    assert scores.y[1].tolist() == [85.0, 80.0]
    assert scores.level_words().tolist() == ["II", "III"]
    assert [row["Y_II"] for row in rows] == [85.0, 80.0]


def test_85_after_renormalisation() -> None:
    # Without the row of 3/20 the others make 17: 289 / 340 of them are 85 exactly.
    rows = [number("away", "3/20", (1, 2, 3))]
    rows += [number("most", "289/400", (1, 2, 3)), number("rest", "51/400", (1, 2, 3))]
    data = {
        "away": np.array([np.nan, 3.0]),
        "na:away": np.array([True, False]),
        "most": np.array([1.0, 1.0]),
        "rest": np.array([3.0, 3.0]),
    }
    scores, frame = both(system_of(*rows), data)
    assert scores.y[0].tolist() == [85.0, 72.25]
    assert scores.level_words()[0] == "I"
    assert frame[0]["Y_I"] == pytest.approx(85.0, rel=1e-14)


def test_weights_too_fine_for_floats_are_left_to_fractions() -> None:
    # Twelve primes as denominators: the common one is far above 2^53.
    primes = (101, 103, 107, 109, 113, 127, 131, 137, 139, 149)
    rows = [number(f"r{index}", f"1/{prime}", (1, 2, 3)) for index, prime in enumerate(primes)]
    rest = Fraction(85, 100) - sum(Fraction(1, prime) for prime in primes[:5])
    rows.append(number("big", f"{rest.numerator}/{rest.denominator}", (1, 2, 3)))
    left = 1 - sum(Fraction(1, prime) for prime in primes) - rest
    rows.append(number("last", f"{left.numerator}/{left.denominator}", (1, 2, 3)))
    system = system_of(*rows)
    plan = compile_plan(system, "main")
    assert plan.pattern(0).total > 2**53
    values = {row["id"]: 3.0 for row in rows} | {f"r{index}": 1.0 for index in range(5)} | {"big": 1.0}
    scores = score_columns(plan, {id: np.array([value, 3.0]) for id, value in values.items()})
    assert score(system, values).index("I").low == 85
    assert scores.level_words().tolist() == ["I", "III"]
    assert scores.y[0, 0] == 85.0
    with pytest.raises(InputError, match="精确"):
        score_frame(plan, pl.DataFrame({id: [value] for id, value in values.items()}))


# --- gaps ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("better", ["lower", "higher"])
def test_a_missing_limiting_value_fails(better: str) -> None:
    bounds = (1, 2, 3) if better == "lower" else (3, 2, 1)
    rows = [number("star", "0.1", bounds, better=better, limiting=True), words("rest", "0.9")]
    data = {"star": [2.0, None, math.nan], "rest": ["I", "I", "I"]}
    scores, frame = both(system_of(*rows), data)
    assert scores.y[0].tolist() == [90.0] * 3
    assert scores.level_words().tolist() == ["II", "none", "none"]
    assert scores.limiting_failures.tolist() == [1, 1, 1]
    assert [row["limiting_failures"] for row in frame] == [1, 1, 1]


def test_no_data_scores_nothing_and_not_applicable_renormalises() -> None:
    rows = [words("a", "0.5"), words("b", "0.5")]
    scores, _ = both(system_of(*rows), {"a": ["I", "I", None], "b": [None, "n/a", "n/a"]})
    assert scores.y[0].tolist() == [50.0, 100.0, 0.0]


def test_nothing_applies_is_refused() -> None:
    scores, frame = both(system_of(words("a", "1")), {"a": ["n/a", "I"]})
    assert scores.problem_words().tolist() == ["nothing-applies", None]
    assert np.isnan(scores.y[:, 0]).all()
    assert scores.limiting_failures.tolist() == [-1, 0]
    assert frame[0]["Y_I"] is None
    assert scores.counts() == {"none": 0, "I": 1, "II": 0, "III": 0, "undecided": 0, "refused": 1}


def test_every_refusal_has_words() -> None:
    assert len({str(problem_message(code)) for code in PROBLEMS[1:]}) == len(PROBLEMS) - 1


def test_infinite_numbers_are_refused() -> None:
    rows = [number("a", "1/2", (1, 2, 3)), number("b", "1/2", (3, 2, 1), better="higher")]
    data = {"a": np.array([-math.inf, 1.0, 1.0]), "b": np.array([3.0, math.inf, 3.0])}
    scores, _ = both(system_of(*rows), data)
    assert scores.problem_words().tolist() == ["bad-answer", "bad-answer", None]
    compiled = score_columns(compile_plan(system_of(*rows)), data, engine="numba")
    assert compiled.problem.tolist() == scores.problem.tolist()


# --- encodings -------------------------------------------------------------------------------------------------------


def test_answers_as_words_and_as_numbers() -> None:
    spelt = ["I", "Ⅱ", "iii", "none", "n/a", None, "二级", "不达标", " ii ", "perhaps"]
    coded = [1, 2, 3, 0, -1, None, 2, 0, 2, 7]
    rest = ["I"] * len(spelt)
    system = system_of(words("a", "0.5"), words("b", "0.5"))
    by_word, _ = both(system, {"a": spelt, "b": rest}, met=["a"])
    by_code, _ = both(system, {"a": np.array([math.nan if c is None else c for c in coded]), "b": rest}, met=True)
    expected = ["I", "II", "III", "none", "n/a", "no-data", "II", "none", "II"]
    assert by_word.met_words("a").tolist()[:-1] == expected
    assert by_code.met_words("a").tolist()[:-1] == expected
    assert by_word.problem_words().tolist() == [None] * 9 + ["bad-answer"]
    assert by_code.problem_words().tolist() == [None] * 9 + ["bad-answer"]


def test_cells_that_span_levels_are_one_requirement() -> None:
    rows = [words("span", "0.5", ("甲", "乙", "乙")), words("yes", "0.5", ("有", "有", "有"))]
    scores, _ = both(system_of(*rows), {"span": ["III", "II", "I"], "yes": ["III", "yes", "否"]}, met=True)
    assert scores.met_words("span").tolist() == ["II", "II", "I"]
    assert scores.met_words("yes").tolist() == ["I", "I", "none"]


def test_other_kinds_of_columns() -> None:
    rows = [number("a", "0.5", (1, 2, 3)), words("b", "0.5", ("有", "有", "有"))]
    plan = compile_plan(system_of(*rows))
    masked = np.ma.array([1, 2, 9], mask=[False, False, True])
    scores = score_columns(plan, {"a": masked, "b": np.array([True, False, True])}, met=True)
    assert scores.met_words("a").tolist() == ["I", "II", "no-data"]
    assert scores.met_words("b").tolist() == ["I", "none", "I"]
    frame = pl.DataFrame({"a": pl.Series([1, 2, None], dtype=pl.Int32), "b": [True, False, True]})
    wide = score_frame(plan, nw.from_native(frame), met=True)
    assert isinstance(wide, nw.DataFrame)
    assert wide["met:a"].to_list() == ["I", "II", "no-data"]
    assert wide["level"].to_list() == scores.level_words().tolist()
    marks = score_columns(plan, {"a": [1, 1, 9], "b": [1, 1, 1], "na:a": [None, False, True]}, met=True)
    assert marks.met_words("a").tolist() == ["I", "I", "n/a"]


def test_own_names_of_columns() -> None:
    system = system_of(number("water", "1", (1, 2, 3)))
    data = {"取水量": np.array([1.0, 9.0]), "免": np.array([False, True]), "name": ["甲", "乙"]}
    scores, _ = both(system, data, columns={"water": "取水量", "na:water": "免"})
    assert scores.level_words().tolist() == ["I", None]


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["arrays", "frame"])
def test_every_problem_of_the_columns_at_once(way: str) -> None:
    plan = compile_plan("electroplating-2015")
    given = [row.id for row in plan.rows if row.id not in ("rinse-water", "zinc-utilisation")]
    data: dict[str, Any] = {id: [1.0] for id in given} | {"na:zinc": [True], "rinse_water": [1.0]}
    with pytest.raises(InputError) as caught:
        score_columns(plan, data) if way == "arrays" else score_frame(plan, pl.DataFrame(data))
    text = str(caught.value)
    assert "rinse-water" in text
    assert "rinse_water" in text  # the near name
    assert "na:zinc" in text
    assert "na:zinc-utilisation" in text
    del data["na:zinc"]
    assert len(score_columns(plan, data, absent="no-data")) == 1


def test_single_precision_is_refused() -> None:
    plan = compile_plan(system_of(number("a", "1", ("0.1", "0.3", "0.7"))))
    with pytest.raises(InputError, match="单精度"):
        score_columns(plan, {"a": np.array([0.3], np.float32)})
    with pytest.raises(InputError, match="单精度"):
        score_frame(plan, pl.DataFrame({"a": pl.Series([0.3], dtype=pl.Float32)}))


def test_wrong_types_lengths_and_names() -> None:
    plan = compile_plan(system_of(number("a", "0.5", (1, 2, 3)), number("b", "0.5", (1, 2, 3))))
    with pytest.raises(InputError, match="na:a"):
        score_columns(plan, {"a": ["x"], "b": [1.0]})
    with pytest.raises(InputError, match="长度"):
        score_columns(plan, {"a": [1.0], "b": [1.0, 2.0]})
    with pytest.raises(InputError, match="level"):
        score_frame(plan, pl.DataFrame({"a": [1.0], "b": [1.0], "level": ["old"]}))
    with pytest.raises(InputError, match="没有这个指标"):
        score_frame(plan, pl.DataFrame({"a": [1.0], "b": [1.0]}), met=["c"])
    with pytest.raises(ValueError, match="engine"):
        score_columns(plan, {"a": [1.0], "b": [1.0]}, engine="gpu")  # type: ignore[arg-type]


def test_schemes_without_levels_are_refused() -> None:
    with pytest.raises(InputError, match="逐家评价"):
        compile_plan("green-factory-2025")
    with pytest.raises(UnknownName):
        compile_plan("electroplating-2015", "nothing")


def test_weights_that_depend_on_n_stay_out_of_frames() -> None:
    rows = [number("a", "0.5/n", (1, 2, 3)), number("b", "0.5", (1, 2, 3))]
    system = system_of(*rows)
    plan = compile_plan(system, "main")
    data = {"a": np.array([1.0, 1.0, 1.0]), "b": np.array([9.0, 9.0, 9.0]), "n": np.array([1.0, 2.0, math.nan])}
    scores = score_columns(plan, data)
    assert scores.y[0, :2].tolist() == [50.0, pytest.approx(100 / 3, rel=1e-15)]
    assert scores.problem_words().tolist() == [None, None, "needs-n"]
    with pytest.raises(InputError, match="随 n 变化"):
        score_frame(plan, pl.DataFrame(data))


# --- numbers in expressions ------------------------------------------------------------------------------------------


def test_whole_numbers_know_when_they_do_not_fit() -> None:
    big = Whole(nw.col("x"), 2**40)
    assert (big + big).fits
    assert not (big * big).fits
    assert (Whole.known(3) * Whole.known(0)).value == 0


def test_formulas_as_quotients_of_whole_polynomials() -> None:
    assert rational(parse_formula("0.14+0.08*n")) == ((7, 4), (50,))
    assert rational(parse_formula("(2+n)/(4*n)")) == ((2, 1), (0, 4))
    assert rational(Fraction(3, 10)) == ((3,), (10,))
    frame = nw.from_native(pl.DataFrame({"n": [1.0, 2.0]}))
    value = polynomial((1, 0, 3), nw.col("n"))
    assert not isinstance(value, float)
    assert frame.select(y=value)["y"].to_list() == [4.0, 13.0]


# --- the shipped systems ---------------------------------------------------------------------------------------------

SHIPPED = [
    (summary.id, table.id)
    for summary in systems()
    if summary.scheme == "levels" and summary.origin == "shipped"
    for table in summary.tables
    if table.role != "bonus"
]


def around(draw: random.Random, row: Any) -> object:
    """An answer around the bounds of a shipped row."""
    if not row.quantitative:
        return draw.choice(["I", "I", "II", "III", "none"])
    known = [] if row.bounds is None else [bound for bound in row.bounds.values if isinstance(bound, Fraction)]
    numbers = [float(bound) for bound in known] or [0.1, 1.0, 20.0]
    return draw.choice(numbers) * draw.choice([1, 1, 1, 0.99, 1.01])


@pytest.mark.parametrize(("id", "table"), SHIPPED)
def test_the_shipped_systems_equal_the_scalar_path(id: str, table: str) -> None:
    system, draw = load(id), random.Random(7)
    plan = compile_plan(system, table)
    pcb = id.startswith("printed-circuit")
    products = ("刚性双面板", "刚性多层板", "挠性HDI板")
    plants: list[tuple[dict[str, object], dict[str, object]]] = []
    for _ in range(30):
        seen: set[str] = set()
        values: dict[str, object] = {}
        for row in plan.rows:
            word = row.indicator.alternatives
            values[row.id] = None if word in seen and word else around(draw, row.indicator)
            if draw.random() < 0.08:
                values[row.id] = draw.choice([None, "n/a"])
            if word and values[row.id] not in (None, "n/a"):
                seen.add(word)
        parameters: dict[str, object] = {"n": draw.choice([2, 4, 6])} if pcb else {}
        if pcb and draw.random() < 0.8:
            parameters["outputs"] = {name: draw.choice([0, 100, 250.5]) for name in products} | {"刚性单面板": 10}
        plants.append((values, parameters))
    data = _columns(system, table, plants)
    scores = score_columns(plan, data, met=True)
    frame = score_frame(plan, pl.DataFrame(data, strict=False), met=True).to_dicts()
    for index, (values, parameters) in enumerate(plants):
        _equal(score(system, values, parameters, table), scores, frame[index], index)


def _columns(system: IndexSystem, table: str, plants: list[Any]) -> dict[str, Any]:
    rows = [row for each in (system.table(table), system.bonus_table()) if each for row in each.indicators()]
    data: dict[str, Any] = {}
    for row in rows:
        given = [values[row.id] for values, _ in plants]
        data[row.id] = [None if value == "n/a" and row.quantitative else value for value in given]
        if row.quantitative:
            data[f"na:{row.id}"] = [value == "n/a" for value in given]
            data[row.id] = [float("nan") if value is None else value for value in data[row.id]]
    parameters = [each for _, each in plants]
    if any("n" in each for each in parameters):
        data["n"] = [float(each["n"]) for each in parameters]
    products = {name for each in parameters for name in each.get("outputs", {})}
    for name in sorted(products):
        data[f"output:{name}"] = [float(each.get("outputs", {}).get(name, "nan")) for each in parameters]
    return data


def _equal(one: Score, scores: ColumnScores, row: dict[str, Any], index: int) -> None:
    assert scores.level_words()[index] == row["level"] == one.level
    assert scores.limiting_failures[index] == row["limiting_failures"] == len(one.limiting_failures)
    for place, name in enumerate(("I", "II", "III")):
        interval = one.index(name)
        high = scores.y if scores.y_high is None else scores.y_high
        assert scores.y[place, index] == pytest.approx(float(interval.low), rel=1e-12, abs=0)
        assert high[place, index] == pytest.approx(float(interval.high), rel=1e-12, abs=0)
        assert row[f"Y_{name}"] == pytest.approx(float(interval.low), rel=1e-12, abs=0)
        assert row.get(f"Y_{name}_high", row[f"Y_{name}"]) == pytest.approx(float(interval.high), rel=1e-12, abs=0)
    for each in one.rows:
        assert scores.met_words(each.id)[index] == row[f"met:{each.id}"] == each.met


# --- many plants -----------------------------------------------------------------------------------------------------


def test_blocks_of_every_kind_join_without_a_seam() -> None:
    """More plants than one block holds; n/a in some blocks only, so both passes run in one call."""
    rows = [number("a", "0.5", (1, 2, 3), limiting=True), words("b", "0.3"), words("c", "0.2", limiting=True)]
    system = system_of(*rows)
    size = 70_000
    draw = np.random.default_rng(1)
    a = draw.choice([1.0, 2.0, 3.0, 4.0, np.nan], size)
    b = draw.choice([0, 1, 2, 3], size).astype(float)
    c = draw.choice([1, 2], size).astype(float)
    b[40_000:40_010] = -1
    plan = compile_plan(system, "main")
    whole = score_columns(plan, {"a": a, "b": b, "c": c})
    general = score_columns(plan, {"a": a, "b": b, "c": c}, met=True)
    assert whole.level.tobytes() == general.level.tobytes()
    assert whole.limiting_failures.tobytes() == general.limiting_failures.tobytes()
    assert np.allclose(whole.y, general.y, rtol=1e-14, atol=0)
    for index in [0, 39_999, 40_000, 40_009, 40_010, size - 1]:
        values = {"a": None if np.isnan(a[index]) else a[index]}
        values |= {id: ("n/a", "none", "I", "II", "III")[int(each[index]) + 1] for id, each in (("b", b), ("c", c))}
        assert score(system, values).level == whole.level_words()[index]


def test_no_plant_and_one_plant() -> None:
    plan = compile_plan(system_of(number("a", "1", (1, 2, 3))))
    assert len(score_columns(plan, {"a": np.zeros(0)})) == 0
    assert score_columns(plan, {"a": [1]}).level_words().tolist() == ["I"]
    assert score_frame(plan, pl.DataFrame({"a": pl.Series([], dtype=pl.Float64)})).height == 0

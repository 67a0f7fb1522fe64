"""Index scores of many plants: arrays, compiled kernel, data frames and files against a plain loop and plain Polars.

    python benchmarks/scoring.py [--sizes 10000 100000 1000000] [--rounds 5]

25 quantitative indicators in 5 groups, three levels, 4 limiting rows, 2 % of the values missing. Levels must agree in
every plant. Peers, written by hand for this table: a Python loop over rows, and one Polars expression with float
weights that takes 1e-9 for equality. Targets: numpy blocks 7 million plants a second without a compiler on a quiet
core; the compiled kernel 15 times the Polars expression.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

from _harness import Contender, Run, Timing, print_growth, print_memory, print_timings, tell_memory, time_all
from qingyuan.standards import IndexSystem, load, score
from qingyuan.standards.columns import ColumnScores, score_columns
from qingyuan.standards.columns.files import score_parquet
from qingyuan.standards.columns.frames import score_frame
from qingyuan.standards.columns.kernel import numba_available
from qingyuan.standards.columns.plan import Plan, compile_plan
from qingyuan.standards.reading import read_system

SIZES = (10_000, 100_000, 1_000_000)
GROUP_WEIGHTS = ("0.22", "0.18", "0.25", "0.15", "0.2")
ROW_WEIGHTS = ("0.3", "0.25", "0.2", "0.15", "0.1")
LIMITING = (2, 7, 13, 24)
LEVELS = ("I", "II", "III")


def bounds(row: int) -> tuple[float, float, float]:
    """The bounds of I, II, III of one row."""
    step = (row % 7 + 3) / 10
    ordered = (round(8 * step, 1), round(9 * step, 1), round(10 * step, 1))
    return ordered if row % 2 == 0 else (ordered[2], ordered[1], ordered[0])


def system() -> IndexSystem:
    """An index system of 25 quantitative rows, every second one better when higher."""
    groups: list[dict[str, Any]] = []
    for group, weight in enumerate(GROUP_WEIGHTS):
        rows = []
        for place, share in enumerate(ROW_WEIGHTS):
            number = 5 * group + place
            levels = {level: Decimal(str(bound)) for level, bound in zip(LEVELS, bounds(number), strict=True)}
            row = {"id": f"i{number}", "name": f"指标{number}", "kind": "quantitative", "unit": "1", "levels": levels}
            better = "lower" if number % 2 == 0 else "higher"
            row |= {"better": better, "weight": share, "limiting": number in LIMITING}
            rows.append(row)
        groups.append({"id": f"g{group}", "name": f"组{group}", "weight": weight, "indicators": rows})
    least = {"I": 85, "II": 85, "III": 100}
    return read_system(
        {
            "id": "benchmark-25",
            "title": "25项指标",
            "source": "invented for this benchmark",
            "verification": "read",
            "grading": {level: {"index": f"Y_{level}", "min": minimum} for level, minimum in least.items()},
            "tables": [{"id": "main", "name": "主表", "groups": groups}],
        }
    )


def write(folder: Path, size: int) -> None:
    """Plants of every level, as Parquet: a third of them good, a third fair, a third poor."""
    draw = np.random.default_rng(size)
    kind = draw.integers(0, 3, size)
    data: dict[str, np.ndarray] = {}  # type: ignore[type-arg]
    for row in range(25):
        best, _, worst = bounds(row)
        centre = np.choose(kind, [best, (best + worst) / 2, worst])
        spread = abs(worst - best)
        values = np.round(centre - np.sign(worst - best) * draw.uniform(-0.4, 1.2, size) * spread, 2)
        values[draw.random(size) < 0.02 * (kind + 1) / 2] = np.nan
        data[f"i{row}"] = values
    frame = pl.DataFrame(data).with_columns(pl.all().fill_nan(None)).with_row_index("plant")
    folder.mkdir()
    frame.write_parquet(folder / "plants.parquet")


# --- peers -----------------------------------------------------------------------------------------------------------


def loop(rows: Sequence[tuple[float | None, ...]]) -> list[str]:
    """The plain way: plant by plant, row by row."""
    table = []
    for number in range(25):
        weight = round(float(GROUP_WEIGHTS[number // 5]) * float(ROW_WEIGHTS[number % 5]), 6)
        table.append((bounds(number), number % 2 == 0, weight, number in LIMITING))
    found = []
    for plant in rows:
        index = [0.0, 0.0, 0.0]
        reached = [True, True, True]
        for value, (limits, lower, weight, limiting) in zip(plant, table, strict=True):
            for level in range(3):
                if value is not None and (value <= limits[level] if lower else value >= limits[level]):
                    index[level] += weight
                elif limiting:
                    reached[level] = False
        if index[0] >= 0.85 - 1e-9 and reached[0]:
            found.append("I")
        elif index[1] >= 0.85 - 1e-9 and reached[1]:
            found.append("II")
        elif index[2] >= 1 - 1e-9 and reached[2]:
            found.append("III")
        else:
            found.append("none")
    return found


def plain_polars(frame: pl.DataFrame) -> pl.DataFrame:
    """One Polars expression, as somebody who knows Polars writes it for this one table."""
    met = [[] for _ in LEVELS]  # type: ignore[var-annotated]
    star = [[] for _ in LEVELS]  # type: ignore[var-annotated]
    for number in range(25):
        weight = float(GROUP_WEIGHTS[number // 5]) * float(ROW_WEIGHTS[number % 5]) * 100
        column = pl.col(f"i{number}")
        for level, bound in enumerate(bounds(number)):
            test = (column <= bound if number % 2 == 0 else column >= bound).fill_null(False)
            met[level].append(test.cast(pl.Float64) * weight)
            if number in LIMITING:
                star[level].append(test)
    scored = frame.select(
        *(pl.sum_horizontal(met[level]).alias(f"Y_{name}") for level, name in enumerate(LEVELS)),
        *(pl.all_horizontal(star[level]).alias(f"star_{name}") for level, name in enumerate(LEVELS)),
    )
    least = {"I": 85 - 1e-9, "II": 85 - 1e-9, "III": 100 - 1e-9}
    level = pl.lit("none")
    for name in reversed(LEVELS):
        reached = (pl.col(f"Y_{name}") >= least[name]) & pl.col(f"star_{name}")
        level = pl.when(reached).then(pl.lit(name)).otherwise(level)
    return scored.select("Y_I", "Y_II", "Y_III", level.alias("level"))


# --- contenders ------------------------------------------------------------------------------------------------------


def plan() -> Plan:
    return compile_plan(system())


def frame_of(folder: Path, size: int) -> pl.DataFrame:
    return pl.read_parquet(folder / "plants.parquet", n_rows=size)


def arrays_of(folder: Path, size: int) -> dict[str, Any]:
    frame = frame_of(folder, size)
    return {f"i{row}": frame[f"i{row}"].to_numpy() for row in range(25)}


def run_loop(folder: Path, size: int) -> Run:
    rows = frame_of(folder, size).drop("plant").rows()
    return lambda: loop(rows)


def run_scalar(folder: Path, size: int) -> Run:
    rows = frame_of(folder, size).drop("plant").to_dicts()
    one = system()
    return lambda: [score(one, row).level for row in rows]


def run_plain_polars(folder: Path, size: int) -> Run:
    frame = frame_of(folder, size)
    return lambda: plain_polars(frame)


def run_numpy(folder: Path, size: int) -> Run:
    data, compiled = arrays_of(folder, size), plan()
    return lambda: score_columns(compiled, data, engine="numpy")


def run_numba(folder: Path, size: int) -> Run:
    data, compiled = arrays_of(folder, size), plan()
    return lambda: score_columns(compiled, data, engine="numba")


def run_polars(folder: Path, size: int) -> Run:
    frame, compiled = frame_of(folder, size), plan()
    return lambda: score_frame(compiled, frame)


def run_duckdb(folder: Path, size: int) -> Run:
    """The expression over Parquet inside DuckDB, counted by level: nothing but the counts leaves the engine."""
    path, compiled = folder / "plants.parquet", plan()

    def run() -> dict[str, int]:
        with duckdb.connect(config={"memory_limit": "512MB"}) as connection:
            scored = score_frame(compiled, connection.read_parquet(str(path)))
            return dict(scored.aggregate("level, count(*) AS plants").fetchall())

    return run


def run_file(folder: Path, size: int) -> Run:
    path, compiled = folder / "plants.parquet", plan()
    return lambda: score_parquet(compiled, path, folder / "scored.parquet", engine="numpy")


def count(levels: Sequence[str]) -> dict[str, int]:
    return {level: levels.count(level) for level in sorted(set(levels))}


def words(scores: ColumnScores) -> list[str]:
    found: list[str] = scores.level_words().tolist()
    return found


CONTENDERS = (
    Contender("python loop", run_loop, sample=20_000),
    Contender("scalar path (explains itself)", run_scalar, sample=300),
    Contender("polars by hand", run_plain_polars, lambda frame: frame["level"].to_list()),
    Contender("numpy blocks", run_numpy, words),
    Contender("numba kernel", run_numba, words),
    Contender("expression on polars", run_polars, lambda frame: frame["level"].to_list()),
    Contender("expression on duckdb, from parquet", run_duckdb),
    Contender("file to file, parquet", run_file, lambda found: {k: v for k, v in found.levels.items() if v}),
)


def contenders() -> tuple[Contender, ...]:
    return tuple(each for each in CONTENDERS if each.name != "numba kernel" or numba_available())


def check(timings: Sequence[Timing]) -> None:
    """Levels equal plant by plant; where only counts are there, the counts."""
    reference = next(each for each in timings if each.contender.name == "numpy blocks").answer
    for each in timings:
        if isinstance(each.answer, dict):
            right = each.answer == count(reference)
        else:
            right = each.answer == reference[: len(each.answer)]
        if not right:
            raise SystemExit(f"levels differ: {each.contender.name}")


# --- a shipped system in which rows do not apply ---------------------------------------------------------------------


def run_shipped(size: int) -> tuple[Run, int]:
    """The electroplating table with levels as codes, 15 % of the metal rows n/a; and how many patterns that makes."""
    shipped = compile_plan(load("electroplating-2015"))
    draw = np.random.default_rng(1)
    data: dict[str, Any] = {}
    for row in shipped.rows:
        if row.quantitative:
            known = [float(bound) for bound in row.indicator.bounds.values]  # type: ignore[union-attr, arg-type]
            data[row.id] = draw.choice(known, size) * draw.choice([0.99, 1.0, 1.01], size)
            if row.indicator.block:
                data[f"na:{row.id}"] = draw.random(size) < 0.15
        else:
            data[row.id] = draw.choice(np.array([0, 1, 2, 3], np.int8), size)
    metals = np.stack([values for name, values in data.items() if name.startswith("na:")])
    return lambda: score_columns(shipped, data, engine="numpy"), len(np.unique(metals, axis=1).T)


def print_shipped(size: int, rounds: int) -> None:
    run, patterns = run_shipped(size)
    work = Contender(f"numpy, {patterns} patterns of n/a", lambda _folder, _size: run)
    (timing,) = time_all([work], Path(), size, rounds)
    print(f"\nelectroplating-2015 as shipped, rows that do not apply: {size / timing.median:,.0f} plants/s "
          f"({timing.median:.3f} s, {patterns} patterns)")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--memory", nargs=3, metavar=("WHICH", "FOLDER", "ITEMS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.memory:
        which, folder, items = given.memory
        tell_memory(contenders()[int(which)], Path(folder), int(items))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        by_size: list[list[Timing]] = []
        for size in sorted(given.sizes):
            write(folder / str(size), size)
            timings = time_all(contenders(), folder / str(size), size, given.rounds)
            check(timings)
            print_timings(timings, ("python loop", "polars by hand"), "plants")
            sys.stdout.flush()
            by_size.append(timings)
        found = count(next(each for each in by_size[-1] if each.contender.name == "numpy blocks").answer)
        print("levels equal in every plant: " + ", ".join(f"{level} {number:,}" for level, number in found.items()))
        print_growth(by_size)
        last = [timings[0].size for timings in by_size[-2:]]
        print_memory(__file__, contenders(), {size: folder / str(size) for size in last})
    print_shipped(max(given.sizes), given.rounds)


if __name__ == "__main__":
    main()

"""Effects of option sets on one plant: arrays against computing the changed case of each set.

    python benchmarks/option_sets.py

Ours evaluates all streams and figures of the real board plant (44 options) for many sets at once; the peer applies each
set to the facts and computes all figures by the usual functions. The peer runs on a few sets and is extrapolated; the
figures of those sets are compared.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from _harness import Contender, print_growth, print_timings, time_all
from qingyuan.demo import SHIPPED_CASES
from qingyuan.facts.cases import read_case
from qingyuan.figures import compute
from qingyuan.figures.ledger import Ledger
from qingyuan.options.changed import compile_plant
from qingyuan.options.effects import options_of
from qingyuan.options.figure_arrays import FigureArrays

SIZES = (100, 1_000, 10_000)
SAMPLE = 5


def prepared() -> tuple[Any, FigureArrays]:
    case = read_case(SHIPPED_CASES / "pcb-plant-a")
    ledger = Ledger(case)
    model = compile_plant(case, options_of(case, ledger), ledger=ledger)
    figures = [figure for figure in compute(model.case, ledger=model.ledger) if figure.period == model.period]
    return model, FigureArrays(model, figures)


def sets_of(model: Any, size: int) -> Any:
    return np.random.default_rng(1).random((size, len(model.options))) < 0.3


def ours(_: Path, size: int) -> Any:
    model, arrays = prepared()
    sets = sets_of(model, size)
    return lambda: arrays.values(sets)


def changed_cases(_: Path, size: int) -> Any:
    model, arrays = prepared()
    sets = sets_of(model, size)

    def run() -> Any:
        rows = []
        for chosen in sets:
            found = compute(model.apply([model.options[at].id for at in np.flatnonzero(chosen)]))
            values = (found.get(figure.key) for figure in arrays.figures)
            rows.append([np.nan if value is None else value.value for value in values])
        return np.array(rows)

    return run


def main() -> None:
    contenders = [
        Contender("ours: compiled streams and figures", ours),
        Contender("changed case", changed_cases, sample=SAMPLE),
    ]
    model, arrays = prepared()
    print(f"{len(model.options)} options, {len(model.streams)} streams, {len(arrays.figures)} figures")
    found = []
    for size in SIZES:
        timings = time_all(contenders, Path(), size, 3)
        one, other = (timing.answer[:SAMPLE] for timing in timings)
        same = np.isclose(one, other, rtol=1e-9, atol=1e-9) | ~np.isfinite(one)
        assert same.all(), "figures differ"
        print_timings(timings, ["changed case"], "sets")
        found.append(timings)
    print_growth(found)
    print("figures of the sampled sets are equal")


if __name__ == "__main__":
    main()

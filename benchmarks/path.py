"""Path to a level: ours against trying all sets (small) and against leaving out options one by one (any size).

    python benchmarks/path.py

Random options on the index system of hazardous waste incineration: answers, amounts, shares, prerequisites. Enumeration
scores every set by the scoring of plants; thinning starts from all options and leaves out what is dear while the level
holds. Ours must equal enumeration and never cost more than thinning.
"""

from __future__ import annotations

import itertools
import sys
import time

import numpy as np

from qingyuan.options.change import Change, Option
from qingyuan.options.levels import LevelModel, level_model
from qingyuan.options.path import find_path
from qingyuan.options.path_search import Search
from qingyuan.standards import load, score

SYSTEM = load("hazardous-waste-incineration-draft")
ROWS = list(SYSTEM.table("main").indicators())
SIZES = (12, 50, 200)


def model_of(size: int, seed: int, *, mixed: bool, near: bool) -> LevelModel:
    """A plant at level III or below with ``size`` options; ``near``: only a few rows are missed."""
    random = np.random.default_rng(seed)
    values: dict[str, object] = {}
    count = len(ROWS) if not near else 4 if size <= 12 else 10
    open_rows = set(random.choice(len(ROWS), size=count, replace=False).tolist())
    for at, row in enumerate(ROWS):
        bounds = None if row.bounds is None else [float(b) for b in row.bounds.values if b is not None]  # type: ignore[arg-type]
        if not bounds or len(bounds) < 3:
            values[row.id] = "III" if at in open_rows else "I"
        elif at in open_rows:
            values[row.id] = bounds[2] * (1.15 if row.better == "lower" else 0.85) or 1.0
        else:
            values[row.id] = bounds[0]
    options = []
    targets = sorted(open_rows)
    for n in range(size):
        changes = []
        for at in random.choice(targets, size=min(len(targets), int(random.integers(1, 4))), replace=False):
            row = ROWS[int(at)]
            if isinstance(values[row.id], str):
                changes.append(Change("answer", indicator=row.id, answer=str(random.choice(["I", "II"]))))
                continue
            sign = -1 if row.better == "lower" else 1
            kind = "relative" if mixed and random.random() < 0.5 else "absolute"
            size_of = float(random.uniform(0.04, 0.25)) * (1 if kind == "relative" else float(values[row.id]))  # type: ignore[arg-type]
            changes.append(Change(kind, indicator=row.id, amount=sign * size_of))  # type: ignore[arg-type]
        options.append(Option(
            str(n), changes=tuple(changes), investment=float(random.integers(5, 200)),
            requires=(str(n - 1),) if n % 13 == 5 else (),
        ))  # fmt: skip
    return level_model(score(SYSTEM, values, {}, "main"), options)


def enumerated(model: LevelModel) -> float | None:
    best: float | None = None
    ids = [option.id for option in model.options]
    for bits in itertools.product([False, True], repeat=len(ids)):
        chosen = {id for id, bit in zip(ids, bits, strict=True) if bit}
        cost = sum(option.investment or 0 for option in model.options if option.id in chosen)
        if best is not None and cost >= best:
            continue
        if any(set(option.requires) - chosen for option in model.options if option.id in chosen):
            continue
        status = next(each for each in model.score_after(sorted(chosen)).statuses if each.level == "II")
        if status.met:
            best = cost
    return best


def main() -> None:
    print(
        f"{'options':>8} {'kind':<30}{'ours s':>8}{'status':>11}{'cost':>7}{'gap':>7}{'cuts':>6}"
        f"{'peer':>10}{'s':>7}{'cost':>7}{'ratio':>7}"
    )
    for size in [int(each) for each in sys.argv[1:]] or SIZES:
        for mixed, near in ((False, True), (True, True), (False, False), (True, False)):
            if size < 50 and not near:
                continue
            model = model_of(size, 1, mixed=mixed, near=near)
            begun = time.perf_counter()
            path = find_path(model, "II", draws=0)
            seconds = time.perf_counter() - begun
            costs = np.array([option.investment or 0.0 for option in model.options])
            begun = time.perf_counter()
            if size <= 12:
                name, other = "all sets", enumerated(model)
                assert other == path.cost, (other, path.cost)
            else:
                chosen = Search(model, "II", costs, None, None).thinned()
                name, other = "thinning", None if chosen is None else float(costs[chosen].sum())
                assert other is None or path.cost is None or path.cost <= other + 1e-9
            took = time.perf_counter() - begun
            kind = f"{'amounts and shares' if mixed else 'amounts'}, {'few rows' if near else 'all rows'}"
            gap = "" if path.gap is None else f"{path.gap:.2%}"
            cost, peer = ("—" if value is None else f"{value:.0f}" for value in (path.cost, other))
            print(
                f"{size:>8} {kind:<30}{seconds:>8.2f}{path.status:>11}{cost:>7}{gap:>7}{path.cuts:>6}"
                f"{name:>10}{took:>7.2f}{peer:>7}{took / seconds:>7.1f}"
            )
    print("equal to enumeration; never dearer than thinning")


if __name__ == "__main__":
    main()

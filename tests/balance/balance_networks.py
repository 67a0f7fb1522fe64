"""Random flow networks with known true flows, for the tests of balances."""

from __future__ import annotations

import itertools

import numpy as np

from qingyuan.balance.network import Network, simple

Row = tuple[str, str, str, float | None, float | None]


def published(edges: str, values: str, sds: str | float, unmeasured: tuple[int, ...] = ()) -> Network:
    """A network as the literature lists it: ``0>1 1>2 …``, values, standard deviations (one or a list)."""
    numbers = [float(value) for value in values.split()]
    spreads = [float(sd) for sd in sds.split()] if isinstance(sds, str) else [sds] * len(numbers)
    rows: list[Row] = []
    for number, (edge, value, sd) in enumerate(zip(edges.split(), numbers, spreads, strict=True), start=1):
        source, target = edge.split(">")
        known = number not in unmeasured
        rows.append((str(number), source, target, value if known else None, sd if known else None))
    return simple(rows)


def random_rows(
    seed: int, nodes: int, extra: int, *, measured: float = 0.7, exact: float = 0.0, noise: bool = True
) -> tuple[list[Row], np.ndarray]:  # type: ignore[type-arg]
    """Rows of a random network and its true flows: closed walks through outside, so that true balances hold."""
    draw = np.random.default_rng(seed)
    edges: list[tuple[int, int]] = []
    flows: list[float] = []

    def walk(path: list[int], amount: float) -> None:
        for tail, head in itertools.pairwise(path):
            same = [at for at, edge in enumerate(edges) if edge == (tail, head)]
            if same and draw.random() < 0.7:
                flows[same[0]] += amount
            else:
                edges.append((tail, head))
                flows.append(amount)

    order = [int(node) + 1 for node in draw.permutation(nodes)]
    start = 0
    while start < nodes:
        length = int(draw.integers(1, 5))
        walk([0, *order[start : start + length], 0], float(draw.uniform(5, 50)))
        start += length
    for _ in range(extra):
        count = int(draw.integers(1, min(4, nodes) + 1))
        inner = [int(node) + 1 for node in draw.permutation(nodes)[:count]]
        closed = draw.random() < 0.3 and count > 1
        walk([*inner, inner[0]] if closed else [0, *inner, 0], float(draw.uniform(1, 30)))
    true = np.array(flows)
    sd = true * draw.uniform(0.01, 0.1, len(true))
    rows: list[Row] = []
    for at, (tail, head) in enumerate(edges):
        kind = draw.random()
        value = float(true[at] + (draw.normal() * sd[at] if noise else 0))
        if kind < exact:
            rows.append((f"F{at}", str(tail), str(head), float(true[at]), 0.0))
        elif kind < exact + measured:
            rows.append((f"F{at}", str(tail), str(head), value, float(sd[at])))
        else:
            rows.append((f"F{at}", str(tail), str(head), None, None))
    return rows, true

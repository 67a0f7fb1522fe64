"""Gross errors put into random networks: how many are found, how often rightly located, how often a false alarm.

    python benchmarks/detection.py [--networks 300]

Networks of 12 units with closed walks as true flows, every flow metered with 1 to 10 % standard deviation, normal
noise. Into each goes a bias in one meter or a leak at one unit, its size in multiples of the standard deviation with
which the balances can estimate it (so 5 is equally hard to see in every network). Found: the search names anything.
Located: its first suspect, or one of the set that cannot be told from it, is the true one; "in two readings" counts
the alternative reading as well. Prints a table in the form of the documentation.
"""

from __future__ import annotations

import argparse
import random
from itertools import pairwise

import numpy as np

from qingyuan.balance.gross_errors import GrossError, testable
from qingyuan.balance.network import Network, simple
from qingyuan.balance.reconciliation import reconcile

Row = tuple[str, str, str, float, float]
UNITS = 12


def network(seed: int) -> list[Row]:
    """Rows of one random network with noise."""
    draw = np.random.default_rng(seed)
    flows: dict[tuple[int, int, int], float] = {}

    def walk(path: list[int], amount: float) -> None:
        for tail, head in pairwise(path):
            copy = int(draw.random() < 0.1)  # now and then a second flow beside the first
            flows[tail, head, copy] = flows.get((tail, head, copy), 0.0) + amount

    order = (draw.permutation(UNITS) + 1).tolist()
    for start in range(0, UNITS, 4):
        walk([0, *order[start : start + 4], 0], float(draw.uniform(20, 80)))
    for _ in range(14):
        inner = (draw.permutation(UNITS)[: int(draw.integers(2, 5))] + 1).tolist()
        closed = draw.random() < 0.3
        walk([*inner, inner[0]] if closed else [0, *inner, 0], float(draw.uniform(2, 30)))
    rows: list[Row] = []
    for at, ((tail, head, _), amount) in enumerate(flows.items()):
        sd = amount * float(draw.uniform(0.01, 0.1))
        rows.append((f"F{at}", str(tail), str(head), amount + sd * float(draw.normal()), sd))
    return rows


def made(rows: list[Row]) -> Network:
    return simple(rows, non_negative=False)


def names(error: GrossError) -> set[tuple[str, str]]:
    """What a finding names: the suspect and those that cannot be told from it."""
    found = set()
    for suspect in (error.suspect, *error.equivalent):
        if suspect.kind == "leak":
            found |= {("leak", process) for process in suspect.processes}
        else:
            found.add(("measurement", suspect.id))
    return found


def put(rows: list[Row], kind: str, multiple: float, choose: random.Random) -> tuple[list[Row], tuple[str, str]] | None:
    """Rows with one error, and what it is; None where nothing could see it."""
    clean = reconcile(made(rows), suspects=0)
    statistics = clean.solution.statistics
    meters, leaks = testable(clean.system, clean.solution)
    if kind == "bias":
        number = int(choose.choice(meters.tolist()))
        size = multiple / float(np.sqrt(statistics.spread[number])) * choose.choice((-1, 1))
        key = rows[number][0]
        return [(*row[:3], row[3] + size * (row[0] == key), row[4]) for row in rows], ("measurement", key)
    number = int(choose.choice(leaks.tolist()))
    group = number - statistics.size
    node = next(at for at in np.flatnonzero(statistics.group == group) if at)
    process = clean.system.nodes[int(node)].process
    size = multiple / float(np.sqrt(statistics.spread[number]))
    # What leaks does not arrive behind the unit: one way to the outside carries less.
    path = way_out(rows, process)
    if path is None:
        return None
    return [(*row[:3], row[3] - size * (row[0] in path), row[4]) for row in rows], ("leak", process)


def way_out(rows: list[Row], process: str) -> set[str] | None:
    """Flows of a shortest way from a unit to the outside."""
    seen: dict[str, set[str]] = {process: set()}
    queue = [process]
    for at in queue:
        for key, tail, head, *_ in rows:
            if tail == at and head not in seen:
                seen[head] = seen[at] | {key}
                if head == "0":
                    return seen[head]
                queue.append(head)
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--networks", type=int, default=300)
    count = parser.parse_args().networks
    choose = random.Random(1)
    listed = [network(seed) for seed in range(count)]
    flows = sum(map(len, listed)) / count
    print(f"{count} networks, {UNITS} units, {flows:.0f} flows on average, level 5 %, Sidak\n")
    clean = [reconcile(made(rows), suspects=3) for rows in listed]
    no_error = [bool(result.gross_errors) for result in clean]
    meter = [any(error.suspect.kind == "measurement" for error in result.gross_errors) for result in clean]
    overall = [result.consistent is False for result in clean]
    print("| error | size | found | located | located in two readings | named together | global test |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    alarms = f"{np.mean(no_error):.1%} (meters {np.mean(meter):.1%})"
    print(f"| none (false alarms) | 0 | {alarms} | | | | {np.mean(overall):.1%} |")
    for kind in ("bias", "leak"):
        for multiple in (3.0, 4.0, 5.0, 7.0, 10.0):
            found = located = either = together = rejected = tried = 0
            for rows in listed:
                changed = put(rows, kind, multiple, choose)
                if changed is None:
                    continue
                tried += 1
                result = reconcile(made(changed[0]), suspects=1)
                rejected += result.consistent is False
                if not result.gross_errors:
                    continue
                found += 1
                first = names(result.gross_errors[0])
                located += changed[1] in first
                either += any(changed[1] in names(error) for error in result.gross_errors)
                together += len(first)
            shown = [found / tried, located / tried, either / tried]
            cells = " | ".join(f"{share:.0%}" for share in shown)
            print(
                f"| {kind} | {multiple:g} | {cells} | {together / max(found, 1):.1f} | {rejected / tried:.0%} |",
                flush=True,
            )


if __name__ == "__main__":
    main()

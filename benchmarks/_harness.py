"""What a benchmark of several contenders needs: interleaved runs, medians, ratios, growth over sizes, peak memory.

A contender is prepared once for a size and then run several times, in turn with the others, so that a busy moment of
the machine hits all of them. Peak memory is taken in a process of its own, above what its data take.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

Run = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to do the work.

    ``prepare(folder, size)`` loads what lies in ``folder`` and gives the function that is timed; ``answer`` turns its
    result into something comparable. ``sample``: the most items that it is run on; the rest is extrapolated.
    """

    name: str
    prepare: Callable[[Path, int], Run]
    answer: Callable[[Any], Any] = lambda result: result
    sample: int | None = None
    note: str = ""

    def items(self, size: int) -> int:
        """How many items it is run on."""
        return size if self.sample is None else min(size, self.sample)


@dataclass(frozen=True, slots=True)
class Timing:
    """The runs of one contender at one size: seconds for ``size`` items, extrapolated where it ran on fewer."""

    contender: Contender
    size: int
    seconds: tuple[float, ...]
    answer: Any

    @property
    def median(self) -> float:
        """Median seconds."""
        return statistics.median(self.seconds)


def time_all(contenders: Sequence[Contender], folder: Path, size: int, rounds: int) -> list[Timing]:
    """Run all contenders in turn, ``rounds`` times; the first run of each warms it up and is not counted."""
    runs = [each.prepare(folder, each.items(size)) for each in contenders]
    answers = [each.answer(run()) for each, run in zip(contenders, runs, strict=True)]
    seconds: list[list[float]] = [[] for _ in contenders]
    for _ in range(rounds):
        for index, run in enumerate(runs):
            start = time.perf_counter()
            run()
            seconds[index].append((time.perf_counter() - start) * size / contenders[index].items(size))
    found = zip(contenders, seconds, answers, strict=True)
    return [Timing(each, size, tuple(taken), answer) for each, taken, answer in found]


def print_timings(timings: Sequence[Timing], peers: Sequence[str], unit: str) -> None:
    """One line per contender: median, spread, items per second, how many times faster than each peer."""
    by_name = {each.contender.name: each for each in timings}
    head = "".join(f"{'x ' + name:>18}" for name in peers)
    print(f"\n{timings[0].size:>10,} {unit:<44}{'median s':>10}{'spread':>8}{unit + '/s':>14}{head}")
    for each in timings:
        spread = (max(each.seconds) - min(each.seconds)) / each.median
        ratios = "".join(f"{_short(by_name[name].median / each.median):>18}" for name in peers)
        mark = "" if each.contender.items(each.size) == each.size else f" ({each.contender.items(each.size):,} run)"
        rate = each.size / each.median
        print(f"           {each.contender.name + mark:<44}{each.median:>10.4f}{spread:>8.0%}{rate:>14,.0f}{ratios}")


def _short(ratio: float) -> str:
    return f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.1g}"


def print_growth(by_size: Sequence[Sequence[Timing]]) -> None:
    """How many times longer each step of sizes takes; 10 for a decade is linear."""
    sizes = [timings[0].size for timings in by_size]
    print(f"\n{'growth of time':<55}" + "".join(f"{f'{a:,} -> {b:,}':>24}" for a, b in pairwise(sizes)))
    for position, first in enumerate(by_size[0]):
        medians = [timings[position].median for timings in by_size]
        print(f"           {first.contender.name:<44}" + "".join(f"{b / a:>24.1f}" for a, b in pairwise(medians)))


def print_memory(script: str, contenders: Sequence[Contender], folders: Mapping[int, Path]) -> None:
    """Peak memory of one run in a fresh process, by size and folder: what is held before it, the peak above that."""
    print("\npeak memory (MB: held before the run, peak above it)" + "".join(f"{size:>18,}" for size in folders))
    for position, each in enumerate(contenders):
        cells = []
        for size, folder in folders.items():
            command = [sys.executable, script, "--memory", str(position), str(folder), str(each.items(size))]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            held, peak = json.loads(done.stdout.splitlines()[-1])
            cells.append(f"{held:>10.0f} {'+' + format(peak - held, '.0f'):>7}")
        print(f"           {each.name:<43}" + "".join(cells), flush=True)


def tell_memory(contender: Contender, folder: Path, items: int) -> None:
    """What ``print_memory`` runs in the fresh process: one run, and two numbers on the last line."""
    run = contender.prepare(folder, items)
    reset = Path("/proc/self/clear_refs")
    if reset.exists():
        reset.write_text("5")  # forget the peak of loading
    held = _status("VmRSS")
    run()
    print(json.dumps([held, _status("VmHWM")]))


def _status(key: str) -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith(key))
    return int(line.split()[1]) / 1024

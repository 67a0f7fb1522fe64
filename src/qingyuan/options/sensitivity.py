"""How sure a present value is (敏感性分析、风险分析): one parameter at a time, and all at once by Monte Carlo.

Both stand on the yearly flows of ``cash_flow``. Ranges are what the caller gives, else ± 20 % of each parameter: a
convention to see what matters, no statement about how uncertain the parameter is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qingyuan.language import Name
from qingyuan.options.cash_flow import Floats, Project, present_values

# What is varied, in the order of a report.
PARAMETERS: Mapping[str, Name] = {
    "investment": Name("总投资费用 I", "total investment I"),
    "saving": Name("年节省额 P", "yearly saving P"),
    "life": Name("方案寿命 n", "life of the option n"),
    "discount_rate": Name("贴现率 i", "discount rate i"),
    "tax_rate": Name("所得税率", "income tax rate"),
    "escalation": Name("节省额年增长率", "yearly growth of the saving"),
}
NET_SAVING = Name("年净现金流量 F", "yearly net cash flow F")
VARIED = ("investment", "saving", "life", "discount_rate")
DEFAULT_SHARE = 0.2
Ranges = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Swing:
    """One bar of the tornado (敏感性): the parameter at its low and its high value, and the NPV at each.

    ``switch``: the value of the parameter at which NPV is 0 (临界值), the others unchanged; None where there is none
    between 0 and ten times the base value.
    """

    parameter: str
    name: Name
    base: float
    low: float
    high: float
    npv_low: float
    npv_high: float
    switch: float | None

    @property
    def width(self) -> float:
        """How far the NPV moves over the range."""
        return abs(self.npv_high - self.npv_low)

    def as_json(self) -> dict[str, object]:
        """Plain values; ``NPV_low`` is the NPV at the parameter's low value."""
        return {
            "parameter": self.parameter,
            "name": str(self.name),
            "base": self.base,
            "low": self.low,
            "high": self.high,
            "NPV_low": self.npv_low,
            "NPV_high": self.npv_high,
            "switching_value": self.switch,
        }


def _values(project: Project, **changed: npt.ArrayLike) -> Floats:
    arguments: dict[str, npt.ArrayLike] = {
        "investment": project.investment,
        "saving": project.saving,
        "life": project.life,
        "discount_rate": project.discount_rate,
        "depreciation_years": project.depreciation_years,
        "tax_rate": project.tax_rate,
        "escalation": project.escalation,
        "residual": project.residual,
    }
    return present_values(**{**arguments, **changed}, net=project.net)


def base_value(project: Project) -> float:
    """The NPV of the yearly flows as they stand."""
    return float(_values(project))


def ranges_of(project: Project, share: float = DEFAULT_SHARE) -> dict[str, tuple[float, float]]:
    """The default ranges: each parameter less and more by a share of it; a life in whole years, at least one apart.

    Raises ValueError for a share outside 0 … 1.
    """
    if not 0 < share < 1:
        raise ValueError("share must lie between 0 and 1")
    found: dict[str, tuple[float, float]] = {}
    for parameter in VARIED:
        base = float(getattr(project, parameter))
        low, high = sorted((base * (1 - share), base * (1 + share)))
        if parameter == "life":
            low, high = max(1.0, min(math.floor(low + 0.5), base - 1)), max(math.floor(high + 0.5), base + 1)
        found[parameter] = (low, high)
    return found


def tornado(project: Project, ranges: Ranges | None = None, *, share: float = DEFAULT_SHARE) -> tuple[Swing, ...]:
    """The NPV with each parameter at the ends of its range, the others at their base; the widest first.

    ``ranges``: low and high value by parameter (a name of ``PARAMETERS``); default: ± ``share`` of investment, saving,
    life and discount rate. Raises ValueError for an unknown parameter or a range that runs backwards.
    """
    chosen = ranges_of(project, share) if ranges is None else dict(ranges)
    _check_ranges(chosen)
    found: list[Swing] = []
    for parameter, (low, high) in chosen.items():
        at_low, at_high = _values(project, **{parameter: np.array([low, high])})
        found.append(
            Swing(
                parameter,
                NET_SAVING if project.net and parameter == "saving" else PARAMETERS[parameter],
                float(getattr(project, parameter)),
                low,
                high,
                float(at_low),
                float(at_high),
                switching_value(project, parameter),
            )
        )
    return tuple(sorted(found, key=lambda swing: -swing.width))


def _check_ranges(ranges: Ranges) -> None:
    for parameter, (low, high) in ranges.items():
        if parameter not in PARAMETERS:
            raise ValueError(f"unknown parameter: {parameter}")
        if not (math.isfinite(low) and math.isfinite(high)) or low > high:
            raise ValueError(f"range of {parameter} runs backwards")
        if (parameter == "life" and low < 1) or (parameter == "discount_rate" and low <= -1):
            raise ValueError(f"range of {parameter} makes no sense")


def switching_value(project: Project, parameter: str) -> float | None:
    """The value of a parameter at which NPV is 0, the others unchanged; a life is the first whole year with NPV >= 0.

    None where NPV does not change its sign between 0 (a life: 1) and ten times the base value (a rate: 1000 %).
    """
    base = float(getattr(project, parameter))
    if parameter == "life":
        years = np.arange(1, 10 * max(project.life, 1) + 1)
        reached = np.flatnonzero(_values(project, life=years) >= 0)
        return float(years[reached[0]]) if reached.size else None
    top = 10.0 if parameter == "discount_rate" else 0.999 if parameter == "tax_rate" else 10 * abs(base)
    low, high = 0.0, top
    at_low, at_high = _values(project, **{parameter: np.array([low, high])})
    if at_low * at_high > 0 or at_low == at_high:
        return None
    # Bisection with 64 points a step: the interval shrinks to the last digits within ten array calls.
    for _ in range(10):
        grid = np.linspace(low, high, 64)
        signs = _values(project, **{parameter: grid}) >= 0
        change = int(np.flatnonzero(signs != signs[0])[0])
        low, high = float(grid[change - 1]), float(grid[change])
    return (low + high) / 2


@dataclass(frozen=True, slots=True)
class Simulation:
    """The spread of the NPV under all ranges at once (蒙特卡罗模拟).

    ``mean``, ``sd`` and ``percentiles`` (5, 25, 50, 75, 95) in the currency unit of the project; ``positive`` the share
    of samples with NPV >= 0; ``edges`` and ``counts`` a histogram; ``values`` all samples.
    """

    samples: int
    seed: int
    mean: float
    sd: float
    percentiles: Mapping[int, float]
    positive: float
    edges: Floats
    counts: npt.NDArray[np.int64]
    values: Floats
    ranges: Ranges

    def as_json(self) -> dict[str, object]:
        """Plain values, without the samples themselves."""
        return {
            "samples": self.samples,
            "seed": self.seed,
            "NPV_mean": self.mean,
            "NPV_sd": self.sd,
            "NPV_percentiles": {str(key): value for key, value in self.percentiles.items()},
            "probability_NPV_not_negative": self.positive,
            "histogram": {"edges": self.edges.tolist(), "counts": self.counts.tolist()},
            "ranges": {key: list(ends) for key, ends in self.ranges.items()},
        }


def simulate(
    project: Project,
    ranges: Ranges | None = None,
    *,
    share: float = DEFAULT_SHARE,
    samples: int = 20_000,
    seed: int = 1,
    bins: int = 40,
) -> Simulation:
    """Draw every parameter from a triangle over its range with the peak at its base, and compute each NPV.

    The draws are independent and fixed by ``seed``; a life is rounded to whole years. Raises ValueError as ``tornado``,
    for a base outside its range and for fewer than 100 samples.
    """
    if samples < 100:
        raise ValueError("at least 100 samples")
    chosen = ranges_of(project, share) if ranges is None else dict(ranges)
    _check_ranges(chosen)
    draw = np.random.default_rng(seed)
    drawn: dict[str, npt.ArrayLike] = {}
    for parameter in PARAMETERS:
        if parameter not in chosen:
            continue
        low, high = chosen[parameter]
        base = float(getattr(project, parameter))
        if not low <= base <= high:
            raise ValueError(f"{parameter}: the base value lies outside its range")
        if low == high:
            continue
        sample = draw.triangular(low, base, high, samples)
        drawn[parameter] = np.maximum(np.rint(sample), 1) if parameter == "life" else sample
    values = np.broadcast_to(_values(project, **drawn), (samples,))
    marks = (5, 25, 50, 75, 95)
    counts, edges = np.histogram(values, bins=bins)
    return Simulation(
        samples=samples,
        seed=seed,
        mean=float(values.mean()),
        sd=float(values.std(ddof=1)),
        percentiles=dict(zip(marks, (float(one) for one in np.percentile(values, marks)), strict=True)),
        positive=float((values >= 0).mean()),
        edges=edges,
        counts=counts.astype(np.int64),
        values=values,
        ranges=chosen,
    )

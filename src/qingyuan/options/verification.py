"""Verified savings after implementation (节能减排量验证): a baseline with drivers, the adjusted saving, uncertainty.

The consumption before is fitted by ordinary least squares to drivers such as production and degree days,
``y = b0 + sum(b_k x_k)``. In the reporting period the baseline is adjusted to the drivers of that period; the saving
is adjusted baseline less consumption. With X of the baseline periods, z the sum of the reporting rows (1, x …), m
their number and s^2 the residual variance, the variance of the adjusted baseline is ``s^2 (z' (X'X)^-1 z + m)``;
residuals that follow one another (lag-1 correlation rho > 0) leave n (1 - rho)/(1 + rho) independent ones, and the
variance grows by that ratio. Limits of a good fit are conventions of measurement and verification practice, recalled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qingyuan import units
from qingyuan.errors import InputError, Problem
from qingyuan.facts.model import SITE, UNDATED, Case, Fact, Period, State
from qingyuan.language import Message, listing, message
from qingyuan.options.changed import Array

# Conventions of measurement and verification practice, recalled: a fit below them is said, not refused.
LEAST_R2 = 0.75
MOST_CV = 0.25
LEAST_T = 2.0
LEAST_POINTS = 12


@dataclass(frozen=True, slots=True)
class Point:
    """One period (时段数据): what was consumed, and the drivers by name (production, degree days …)."""

    period: str
    consumption: float
    drivers: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Baseline:
    """A fitted baseline (基准线): constant and coefficients, in units of consumption and of consumption per driver.

    ``covariance`` of the coefficients (constant first), ``s`` the residual standard deviation, ``autocorrelation`` of
    the residuals with their predecessors, ``ranges`` of the drivers that were seen.
    """

    drivers: tuple[str, ...]
    coefficients: tuple[float, ...]
    t_values: tuple[float, ...]
    covariance: Array
    count: int
    s: float
    r2: float
    cv: float
    autocorrelation: float
    ranges: tuple[tuple[float, float], ...]
    notes: tuple[Message, ...]

    @property
    def inflation(self) -> float:
        """By how much the variance grows because residuals follow one another."""
        rho = max(0.0, self.autocorrelation)
        return (1 + rho) / (1 - rho) if rho < 1 else float("inf")

    def at(self, drivers: Mapping[str, float]) -> float:
        """The baseline's consumption for given drivers."""
        pairs = zip(self.coefficients[1:], self.drivers, strict=True)
        return self.coefficients[0] + sum(b * drivers[name] for b, name in pairs)


@dataclass(frozen=True, slots=True)
class VerifiedSaving:
    """A saving of a reporting period (核定节约量) with its interval; relative to the adjusted baseline."""

    adjusted_baseline: float
    consumption: float
    saving: float
    sd: float
    low: float
    high: float
    confidence: float
    periods: tuple[tuple[str, float, float], ...]
    notes: tuple[Message, ...]

    @property
    def relative(self) -> float:
        """The saving as a fraction of the adjusted baseline."""
        return self.saving / self.adjusted_baseline if self.adjusted_baseline else 0.0

    @property
    def significant(self) -> bool:
        """Whether the interval excludes zero."""
        return self.low > 0 or self.high < 0

    def as_json(self) -> dict[str, object]:
        """The saving as plain values."""
        return {
            "adjusted_baseline": self.adjusted_baseline,
            "consumption": self.consumption,
            "saving": self.saving,
            "relative": self.relative,
            "sd": self.sd,
            "interval": [self.low, self.high],
            "confidence": self.confidence,
            "significant": self.significant,
            "periods": [{"period": p, "baseline": b, "consumption": c} for p, b, c in self.periods],
            "notes": [str(note) for note in self.notes],
        }


def fit_baseline(points: Sequence[Point], drivers: Sequence[str] = ()) -> Baseline:
    """Fit the consumption before the measure to drivers (default: all that the points have).

    Raises InputError where drivers are missing, numbers are not finite, or there are too few periods or no variation
    for the coefficients to be known.
    """
    names = tuple(drivers) or tuple(dict.fromkeys(name for point in points for name in point.drivers))
    problems = _check(points, names)
    if not problems and len(points) < len(names) + 3:
        text = message("基准期只有 {count} 个时段，{drivers} 个驱动因素至少要 {needed} 个", count=len(points),
                       drivers=len(names), needed=len(names) + 3)  # fmt: skip
        problems.append(Problem("baseline-short", text))
    if problems:
        raise InputError(problems)
    y = np.array([point.consumption for point in points])
    matrix = np.array([[1.0, *(point.drivers[name] for name in names)] for point in points])
    scale = np.maximum(np.abs(matrix).max(axis=0), 1e-300)
    scaled = matrix / scale
    if np.linalg.matrix_rank(scaled) < scaled.shape[1]:
        text = message("驱动因素没有变化或相互成比例，系数不能确定：{names}", names=listing(names))
        raise InputError([Problem("baseline-singular", text)])
    inverse = np.linalg.inv(scaled.T @ scaled) / np.outer(scale, scale)
    b = np.linalg.lstsq(scaled, y, rcond=None)[0] / scale
    residuals = y - matrix @ b
    free = len(y) - len(b)
    s2 = float(residuals @ residuals) / free
    spread = float(((y - y.mean()) ** 2).sum())
    r2 = 1.0 - float(residuals @ residuals) / spread if spread > 0 else 1.0
    cv = s2**0.5 / abs(float(y.mean())) if y.mean() else float("inf")
    rho = float(residuals[1:] @ residuals[:-1]) / float(residuals @ residuals) if s2 > 0 else 0.0
    covariance = s2 * inverse
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(np.diag(covariance) > 0, b / np.sqrt(np.diag(covariance)), np.inf)
    ranges = tuple((float(column.min()), float(column.max())) for column in matrix[:, 1:].T)
    return Baseline(
        names, tuple(map(float, b)), tuple(map(float, t)), covariance, len(y), s2**0.5, r2, cv, rho, ranges,
        _fit_notes(names, t, len(y), r2, cv, rho),
    )  # fmt: skip


def _check(points: Sequence[Point], names: Sequence[str]) -> list[Problem]:
    problems: list[Problem] = []
    for point in points:
        missing = [name for name in names if name not in point.drivers]
        if missing:
            text = message("{period} 缺驱动因素：{names}", period=point.period, names=listing(missing))
            problems.append(Problem("driver-missing", text))
        numbers = [point.consumption, *(point.drivers[name] for name in names if name in point.drivers)]
        if not np.isfinite(numbers).all():
            problems.append(Problem("not-a-number", message("{period} 的数不是有限的数", period=point.period)))
    return problems


def _fit_notes(names: Sequence[str], t: Array, count: int, r2: float, cv: float, rho: float) -> tuple[Message, ...]:
    notes: list[Message] = []
    if count < LEAST_POINTS:
        notes.append(message("基准期不足 {least} 个时段，可能没有覆盖一个完整周期", least=LEAST_POINTS))
    if names and r2 < LEAST_R2:
        notes.append(message("拟合优度 R² 为 {r2}，低于 {least}：驱动因素解释得不够", r2=f"{r2:.2f}", least=LEAST_R2))
    if cv > MOST_CV:
        notes.append(message("残差变异系数 {cv}，高于 {most}", cv=f"{cv:.0%}", most=f"{MOST_CV:.0%}"))
    weak = [name for name, value in zip(names, t[1:], strict=True) if abs(value) < LEAST_T]
    if weak:
        notes.append(message("t 值小于 {least}、影响不显著的驱动因素：{names}", least=LEAST_T, names=listing(weak)))
    if rho > 0.3:
        notes.append(message("残差前后相关（{rho}），不确定度已相应放大", rho=f"{rho:.2f}"))
    return tuple(notes)


def verified_saving(
    baseline: Baseline, reporting: Sequence[Point], *, confidence: float = 0.90, meter_sd: float = 0.0
) -> VerifiedSaving:
    """The adjusted saving of the reporting periods with its interval (Student's t, two-sided).

    ``meter_sd``: standard uncertainty of the sum of the reporting consumption, in its unit. Raises InputError for
    missing drivers or no period; ValueError for a confidence outside (0, 1).
    """
    if not 0 < confidence < 1:
        raise ValueError("confidence must lie between 0 and 1")
    problems = _check(reporting, baseline.drivers)
    if not reporting:
        problems.append(Problem("reporting-empty", message("报告期没有数据")))
    if problems:
        raise InputError(problems)
    from scipy.stats import t as student

    rows = np.array([[1.0, *(point.drivers[name] for name in baseline.drivers)] for point in reporting])
    expected = rows @ np.array(baseline.coefficients)
    z = rows.sum(axis=0)
    variance = (float(z @ baseline.covariance @ z) + len(rows) * baseline.s**2) * baseline.inflation + meter_sd**2
    sd = variance**0.5
    used = sum(point.consumption for point in reporting)
    saving = float(expected.sum()) - used
    free = baseline.count - len(baseline.coefficients)
    half = float(student.ppf(0.5 + confidence / 2, free)) * sd
    notes = list(baseline.notes)
    for name, (low, high) in zip(baseline.drivers, baseline.ranges, strict=True):
        outside = [point.period for point in reporting if not low <= point.drivers[name] <= high]
        if outside:
            notes.append(
                message(
                    "{name}在 {periods} 超出基准期的范围（{low}–{high}），为外推",
                    name=name, periods=listing(outside), low=f"{low:g}", high=f"{high:g}",
                )
            )  # fmt: skip
    if saving - half <= 0 <= saving + half:
        notes.append(message("节约量与零的差别在不确定度之内，不能算作已证实"))
    periods = tuple(
        (point.period, float(value), point.consumption) for point, value in zip(reporting, expected, strict=True)
    )
    return VerifiedSaving(
        float(expected.sum()), used, saving, sd, saving - half, saving + half, confidence, periods, tuple(notes)
    )


def points_of(
    case: Case, item: str, unit: str, drivers: Mapping[str, tuple[str, str]], period: str, *, place: str = SITE
) -> tuple[Point, ...]:
    """The monthly points of a case within a period: consumption of an item in a unit, drivers by name.

    ``drivers``: name -> (item, unit): what was produced or, of other items, stated in the month, as degree days are.
    Months that lack any of them are left out.
    """
    span = Period.parse(period)
    months: dict[str, dict[str, dict[str, float]]] = {}
    wanted = {"": (item, unit), **drivers}
    for fact in case.facts:
        if fact.period == UNDATED or fact.value is None or fact.state is not State.VALUE or fact.to_place:
            continue
        when = Period.parse(fact.period)
        if len(str(when)) != 7 or not span.contains(when):
            continue
        for name, (id, own) in wanted.items():
            if fact.item == id and _counts(fact, name, place):
                by_place = months.setdefault(str(when), {}).setdefault(name, {})
                amount = fact.value * units.factor(units.canonical(fact.unit), own)
                where = fact.place if name else fact.role
                by_place[where] = by_place.get(where, 0.0) + amount
    found: list[Point] = []
    for month, known in sorted(months.items()):
        if known.keys() == wanted.keys():
            # what is stated for the whole site is not added to its parts, nor what is bought to what is used
            sums = {name: rows.get(SITE, sum(rows.values())) for name, rows in known.items()}
            used = next(known[""][role] for role in _USED if role in known[""])
            found.append(Point(month, used, {name: sums[name] for name in drivers}))
    return tuple(found)


_USED = ("consumed", "purchased", "taken")
_STOCKS = ("opening-stock", "closing-stock", "stored", "sold", "price")


def _counts(fact: Fact, name: str, place: str) -> bool:
    if name:
        return fact.role not in _STOCKS
    return fact.place == place and fact.role in _USED

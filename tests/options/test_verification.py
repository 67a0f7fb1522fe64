"""Verified savings: the regression against closed forms, intervals that cover, what a bad baseline says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.errors import InputError
from qingyuan.facts.model import Case, Fact, Profile
from qingyuan.options.verification import Point, fit_baseline, points_of, verified_saving


def months(count: int, seed: int, noise: float, saved: float = 0.0) -> list[Point]:
    random = np.random.default_rng(seed)
    found = []
    for n in range(count):
        output, degrees = random.uniform(80, 120), max(0.0, 200 * np.cos(2 * np.pi * n / 12))
        energy = (500 + 3 * output + 0.8 * degrees) * (1 - saved) + noise * random.standard_normal()
        found.append(Point(f"m{n}", float(energy), {"output": float(output), "degree-days": float(degrees)}))
    return found


def test_without_noise_the_saving_is_exact() -> None:
    baseline = fit_baseline(months(12, 1, 0.0))
    assert baseline.coefficients == pytest.approx((500, 3, 0.8))
    after = months(12, 2, 0.0, saved=0.1)
    found = verified_saving(baseline, after)
    assert found.relative == pytest.approx(0.1)
    assert found.sd == pytest.approx(0, abs=1e-6)
    assert found.significant


def test_standard_deviation_of_one_prediction_is_the_textbook_formula() -> None:
    """s^2 (1 + 1/n + (x - mean)^2 / Sxx) for one driver and one period."""
    random = np.random.default_rng(4)
    x = random.uniform(50, 150, 15)
    y = 20 + 2 * x + random.standard_normal(15) * 5
    # residuals in an order without positive correlation, so that nothing is inflated
    b1, b0 = np.polyfit(x, y, 1)
    order = np.argsort(y - b0 - b1 * x)
    order = np.array([order[n // 2] if n % 2 == 0 else order[-(n // 2) - 1] for n in range(15)])
    x, y = x[order], y[order]
    baseline = fit_baseline(
        [Point(str(n), float(v), {"x": float(u)}) for n, (u, v) in enumerate(zip(x, y, strict=True))]
    )
    assert baseline.inflation == 1
    assert baseline.coefficients == pytest.approx((b0, b1))
    s2 = ((y - b0 - b1 * x) ** 2).sum() / 13
    sxx = ((x - x.mean()) ** 2).sum()
    found = verified_saving(baseline, [Point("r", 0.0, {"x": 130.0})])
    assert found.sd**2 == pytest.approx(s2 * (1 + 1 / 15 + (130 - x.mean()) ** 2 / sxx))
    assert baseline.r2 == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2)


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    inside, truth = 0, 0.05
    for seed in range(300):
        baseline = fit_baseline(months(24, seed, 20.0))
        after = months(12, 10_000 + seed, 20.0, saved=truth)
        real = sum((500 + 3 * p.drivers["output"] + 0.8 * p.drivers["degree-days"]) * truth for p in after)
        found = verified_saving(baseline, after, confidence=0.90)
        inside += found.low <= real <= found.high
    assert 0.86 <= inside / 300 <= 0.97  # never below what it says by more than chance


@settings(max_examples=30, deadline=None)
@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3), st.integers(0, 99))
def test_units_do_not_matter(of_energy: float, of_output: float, seed: int) -> None:
    def scaled(points: list[Point]) -> list[Point]:
        return [
            Point(p.period, p.consumption * of_energy, {**p.drivers, "output": p.drivers["output"] * of_output})
            for p in points
        ]

    before, after = months(14, seed, 15.0), months(6, seed + 1, 15.0, saved=0.1)
    one = verified_saving(fit_baseline(before), after)
    other = verified_saving(fit_baseline(scaled(before)), scaled(after))
    assert other.saving == pytest.approx(one.saving * of_energy, rel=1e-6)
    assert other.sd == pytest.approx(one.sd * of_energy, rel=1e-6)


def test_what_cannot_be_relied_on_is_said() -> None:
    weak = fit_baseline(months(8, 3, 400.0))
    said = " ".join(str(note) for note in weak.notes)
    assert "不足" in said
    assert "R²" in said
    far = [Point("r", 900.0, {"output": 300.0, "degree-days": 0.0})]
    found = verified_saving(weak, far)
    assert any("外推" in str(note) for note in found.notes)
    assert not found.significant
    assert any("不能算作已证实" in str(note) for note in found.notes)


def test_bad_input_is_named() -> None:
    with pytest.raises(InputError, match="至少"):
        fit_baseline(months(3, 1, 1.0))
    same = [Point(str(n), float(n), {"a": 1.0}) for n in range(9)]
    with pytest.raises(InputError, match="不能确定"):
        fit_baseline(same)
    baseline = fit_baseline(months(12, 1, 1.0))
    with pytest.raises(InputError, match="degree-days"):
        verified_saving(baseline, [Point("r", 1.0, {"output": 1.0})])
    with pytest.raises(InputError):
        verified_saving(baseline, [])


def test_points_come_from_the_monthly_facts_of_a_case() -> None:
    facts = []
    for month in range(1, 13):
        when = f"2023-{month:02d}"
        facts.append(Fact("p", when, "electricity", "consumed", 1.0 + month, "10^4 kWh", kind="energy"))
        if month != 6:
            facts.append(Fact("p", when, "cloth", "produced", 100.0 + month, "t", kind="product", own_item=True))
    facts.append(Fact("p", "2023", "electricity", "consumed", 90.0, "10^4 kWh", kind="energy"))
    points = points_of(Case(Profile(), tuple(facts)), "electricity", "kWh", {"output": ("cloth", "kg")}, "2023")
    assert len(points) == 11
    assert points[0] == Point("2023-01", 20_000.0, {"output": 101_000.0})

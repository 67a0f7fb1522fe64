"""Limits and quotas: which hold on a day, for which product, and how a value is met."""

from __future__ import annotations

import datetime as dt

import pytest

from qingyuan.reference import Grade, limits


def test_quotas_of_a_standard_on_a_day() -> None:
    before = limits.energy_quotas(standard="GB 29141", on=dt.date(2025, 5, 31))
    after = limits.energy_quotas(standard="GB 29141", on=dt.date(2025, 6, 1))
    assert {row.standard for row in before} == {"GB 29141-2012"}
    assert {row.standard for row in after} == {"GB 29141-2024"}
    assert limits.energy_quotas(standard="GB 29141", on=dt.date(2012, 1, 1)) == ()
    assert limits.energy_quotas(standard="GB 29141-2024") == after


def test_quotas_of_a_product() -> None:
    found = limits.energy_quotas(standard="GB 16780", product="水泥熟料", measure="综合能耗")
    assert [(row.level, row.value, row.unit) for row in found] == [
        (1, 100, "kgce/t"),
        (2, 107, "kgce/t"),
        (3, 117, "kgce/t"),
    ]
    assert {row.adjustment for row in found} == {"cement-altitude"}
    assert found[0].jurisdiction == "cn"
    assert found[0].grade is Grade.CITED
    assert found[2].met_by(117)
    assert not found[2].met_by(117.1)
    efficiency = next(row for row in limits.energy_quotas() if row.comparison == "at least")
    assert efficiency.met_by(efficiency.value)
    assert not efficiency.met_by(efficiency.value - 0.01)


def test_every_adjustment_and_flag_is_explained() -> None:
    known = {rule.id for rule in limits.energy_quota_adjustments()}
    explained = {anomaly.id for anomaly in limits.energy_quota_anomalies()}
    general = {"negative", "missing-level", "not-ordered", "equal-levels"}
    for row in limits.energy_quotas():
        assert not row.adjustment or row.adjustment in known
        assert set(row.flags) <= explained | general


def test_benchmarks() -> None:
    glass = limits.energy_benchmarks(edition="2023", product="硅铁")
    assert glass
    assert all(row.benchmark <= row.baseline for row in limits.energy_benchmarks())
    assert len(limits.energy_benchmarks()) == 56
    editions = {edition.edition: edition for edition in limits.benchmark_editions()}
    assert (editions["2021"].areas, editions["2023"].areas) == (25, 36)
    assert len(editions["2021"].area_names) == 25
    assert len(limits.areas_without_benchmark()) == 13
    assert len(limits.benchmark_capacity()) == 3
    assert limits.benchmark_anomalies()


def test_performance_limits_grow_with_layers() -> None:
    found = limits.performance_limits(sector="电路板", zone="yuzui-above", product_class="多层板")
    water = next(row for row in found if row.indicator == "单位产品新鲜用水量")
    assert [water.value(4), water.value(6)] == pytest.approx([1.7, 2.3])
    assert len(limits.performance_limits()) == 54
    assert limits.performance_limits(jurisdiction="cn-beijing") == ()


def test_water_quotas_of_other_places_stay_out() -> None:
    assert {row.use for row in limits.water_quotas()} == {"rule"}
    assert {row.use for row in limits.water_quotas(comparison=True)} == {"rule", "comparison"}
    steel = limits.water_quotas(product="粗钢，含焦化、含冷轧")
    assert {row.kind: row.value for row in steel} == {"general": 4.8, "advanced": 3.1}
    sets = limits.water_quota_sets()
    for row in limits.water_quotas(comparison=True):
        assert sets[row.set].jurisdiction == row.jurisdiction
        assert sets[row.set].use == row.use
    assert limits.water_quotas(jurisdiction="cn-chongqing", comparison=True) == ()
    assert "录入" in sets["chongqing-industry-service-2020"].note


def test_surcharges_and_bands() -> None:
    assert {record.id for record in limits.water_surcharges()} == {"national-2017", "chongqing"}
    city = next(record for record in limits.water_surcharges(comparison=True) if record.tiers)
    assert [tier.above for tier in city.tiers] == [0.0, 0.3, 0.5]
    for band in limits.water_reuse_bands():
        assert 0 < band.low_percent <= band.high_percent <= 100


def test_electricity_tiers_are_dated() -> None:
    assert [record.id for record in limits.electricity_tiers(sector="电解铝", on=dt.date(2021, 6, 1))] == [
        "aluminium-2014"
    ]
    now = limits.electricity_tiers(sector="电解铝", on=dt.date(2024, 6, 1))[0]
    assert [(limit.valid_from.year, limit.limit) for limit in now.limits] == [
        (2022, 13650),
        (2023, 13450),
        (2025, 13300),
    ]
    assert (now.increment, now.add_per_increment, now.rounding) == (20, 0.01, "ceil")
    assert {record.id for record in limits.electricity_tiers(jurisdiction="cn-hebei")} == {"steel-2017-hebei"}
    for share in limits.added_price_proceeds():
        assert share.grid_share + share.treasury_share == pytest.approx(1.0)

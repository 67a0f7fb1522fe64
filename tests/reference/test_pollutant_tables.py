"""Tables of the tax law and of pollutant accounting: complete, exact, graded."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from qingyuan.errors import UnknownName
from qingyuan.reference import pollutants as tables
from qingyuan.reference.items import catalogue
from qingyuan.reference.records import Grade


def test_the_table_is_that_of_the_law(shared: Path) -> None:
    read = tomllib.loads((shared / "domain/data/pollution-equivalents.toml").read_text(encoding="utf-8"))
    for medium, rows in (("air", read["air"]), ("water", read["water"])):
        ours = {row.name.zh: row for row in tables.equivalents(medium).values()}  # type: ignore[arg-type]
        for row in rows:
            one = ours[row["name_zh"]]
            assert one.value == Decimal(str(row["value_kg"])), row["name_zh"]
            if medium == "water":
                assert one.water_class == row["class"]
    assert len(tables.equivalents("air")) == 44
    assert len([row for row in tables.equivalents("water").values() if not row.by_volume]) == 61


def test_every_taxed_pollutant_is_an_item_of_its_medium() -> None:
    for medium in ("air", "water"):
        for pollutant in tables.equivalents(medium):  # type: ignore[arg-type]
            assert pollutant in catalogue(), pollutant
            assert medium in catalogue().get(pollutant).media, pollutant


def test_values_are_decimals_as_printed() -> None:
    assert tables.equivalents("water")["benzo-a-pyrene"].value == Decimal("0.0000003")
    assert tables.equivalents("air")["benzo-a-pyrene"].value == Decimal("0.000002")
    assert tables.equivalents("water")["mercury"].value == Decimal("0.0005")
    assert {row.water_class for row in tables.equivalents("water").values()} == {1, 2}


def test_names_find_their_row() -> None:
    assert tables.equivalent("氨氮", "water") is tables.equivalents("water")["ammonia-nitrogen"]
    assert tables.equivalent("total-nitrogen", "water") is None
    assert tables.equivalent("VOCs", "air") is None


def test_counts_and_reductions() -> None:
    assert tables.taxed_counts() == (3, 5, 3)
    assert tables.reductions() == ((Decimal("0.50"), Decimal("0.50")), (Decimal("0.30"), Decimal("0.75")))
    assert tables.tax_law().grade is Grade.READ


def test_noise_steps_leave_no_gap() -> None:
    steps = tables.noise_rates()
    for (_, last, _), (first, _, _) in pairwise(steps):
        assert last is not None
        assert first == last + 1
    assert steps[-1][1] is None


def test_reduction_rules_that_were_not_read_are_marked() -> None:
    rules = {rule.id: rule for rule in tables.reduction_rules()}
    assert rules["nox-retrofit"].grade is Grade.RECALLED
    assert rules["offset-deduction"].grade is Grade.CITED
    assert "再生水循环利用" in rules["water-project-kinds"].kinds
    assert tables.accounting_constant("sulfur-released").value == 0.85
    with pytest.raises(UnknownName):
        tables.accounting_constant("sulphur")

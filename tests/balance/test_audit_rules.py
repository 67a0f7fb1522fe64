"""The audit's rules for balances: deviation, verdicts, printed totals recomputed, measuring time."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.balance.rules import Entry, Printed, UnitBalance, balance_rules, contradictions, measuring_time
from qingyuan.language import language


def balance(inside: list[float | None], out: list[float | None], limit: float = 0.05) -> UnitBalance:
    rows = [Entry(f"i{n}", "in", value, value) for n, value in enumerate(inside)]
    rows += [Entry(f"o{n}", "out", value, value) for n, value in enumerate(out)]
    return UnitBalance("u", "u", "kg", tuple(rows), limit)


def test_published_totals_are_contradicted() -> None:
    """A published audit prints in 4,746,025, out 4,646,377, difference 43,088, deviation 0.91 %; it is 2.10 %."""
    printed = Printed(4_746_025, 4_646_377, 43_088, 0.0091)
    with language("zh"):
        found = [str(one) for one in contradictions(printed)]
    assert len(found) == 2
    assert "43088" in found[0]
    assert "99648" in found[0]
    assert "0.91" in found[1]
    assert "2.10" in found[1]


def test_right_totals_are_not_contradicted() -> None:
    assert contradictions(Printed(4_746_025, 4_646_377, 99_648, 0.0210)) == ()
    assert contradictions(Printed(100.0, 98.0, 2.0, 0.02), balance([60, 40], [98])) == ()


def test_total_against_its_rows() -> None:
    found = contradictions(Printed(total_in=110.0), balance([60, 40], [98]))
    assert len(found) == 1
    with language("zh"):
        assert "110" in str(found[0])
        assert "100" in str(found[0])


def test_verdicts() -> None:
    assert balance([100], [96]).verdict == "closed"
    assert balance([100], [94]).verdict == "open"
    assert balance([100], [94], limit=0.1).verdict == "closed"
    assert balance([100], []).verdict == "unchecked"
    assert balance([100], [50, None]).verdict == "unchecked"
    # an unknown output cannot mend an output that is too large already
    assert balance([100], [120, None]).verdict == "open"
    assert balance([100, None], [120]).verdict == "unchecked"


def test_a_computed_row_checks_nothing() -> None:
    rows = (Entry("in", "in", 100, 100), Entry("out", "out", 90, 90), Entry("lost", "out", 10, 10, computed=True))
    assert UnitBalance("u", "u", "kg", rows, 0.05).verdict == "computed"


def test_ranges() -> None:
    wide = UnitBalance("u", "u", "kg", (Entry("a", "in", 80, 120), Entry("b", "out", 90, 150)), 0.05)
    assert wide.verdict == "possible"
    assert wide.gap == (-70, 30)
    apart = UnitBalance("u", "u", "kg", (Entry("a", "in", 80, 90), Entry("b", "out", 100, 150)), 0.05)
    assert apart.verdict == "open"
    assert apart.deviation is not None
    assert apart.deviation[0] == pytest.approx(10 / 90)


@given(
    st.lists(st.floats(0.1, 1e6), min_size=1, max_size=6),
    st.lists(st.floats(0.1, 1e6), min_size=1, max_size=6),
    st.floats(1e-3, 1e3),
)
def test_deviation_does_not_depend_on_the_unit_or_order(inside: list[float], out: list[float], scale: float) -> None:
    first = balance([*inside], [*out]).deviation
    other = balance([scale * x for x in reversed(inside)], [scale * x for x in reversed(out)]).deviation
    assert first is not None
    assert other is not None
    assert first == pytest.approx(other, rel=1e-9, abs=1e-12)
    assert first[0] == pytest.approx(abs(sum(inside) - sum(out)) / sum(inside), rel=1e-9, abs=1e-9)


def test_measuring_time() -> None:
    assert measuring_time("batch", cycles=3) is None
    assert measuring_time("batch", cycles=2) is not None
    assert measuring_time("batch") is not None
    assert measuring_time("continuous", hours=72) is None
    assert measuring_time("continuous", hours=48) is not None


def test_rules_say_where_they_come_from() -> None:
    for rule in balance_rules().values():
        assert rule.source
        assert rule.grade.value == "recalled"


def test_closed_inventories_are_closed(shared: Path) -> None:
    """Unit processes of a public inventory database whose stored masses agree within 5 %: none is called open."""
    path = shared / "real-data" / "tiangong-lca" / "closed_mass_balances.csv"
    if not path.exists():
        pytest.skip("no inventory balances")
    with path.open(encoding="utf-8") as file:
        rows = [(float(row["kg_in"]), float(row["kg_out"])) for row in csv.DictReader(file)]
    assert len(rows) > 40
    for inside, out in rows:
        found = balance([inside], [out])
        # the collection measures the gap by the larger side, the audit by the input
        assert found.verdict == ("closed" if abs(inside - out) <= 0.05 * inside else "open")
        assert abs(inside - out) / max(inside, out) <= 0.0501
    assert sum(balance([inside], [out]).verdict == "closed" for inside, out in rows) >= 0.95 * len(rows)


def test_unit_error_of_an_inventory_is_an_open_balance(shared: Path) -> None:
    """Fresh water stored as 1100 m3 for 1131 kg of sinter: the input exceeds the product a thousand times."""
    path = shared / "real-data" / "tiangong-lca" / "known_anomalies.csv"
    if not path.exists():
        pytest.skip("no list of anomalies")
    with path.open(encoding="utf-8") as file:
        stored = next(row["stored"] for row in csv.DictReader(file) if row["process"].startswith("sinter"))
    water, product = re.fullmatch(r"(\d+) m3 per (\d+) kg", stored).groups()  # type: ignore[union-attr]
    assert balance([1000.0 * float(water)], [float(product)]).verdict == "open"
    assert balance([float(water)], [float(product)]).verdict == "closed"  # as it was likely meant

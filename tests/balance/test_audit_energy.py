"""The energy balance in four links and the carbon balance, from facts."""

from __future__ import annotations

from pathlib import Path

import pytest
from plants import DEMOS, opened, plant

from qingyuan.balance.carbon import carbon_balance
from qingyuan.balance.energy import energy_balance, whole_efficiency
from qingyuan.balance.plant import plant_balances
from qingyuan.language import language

ROWS = """
2023,全厂,energy,外购电量,purchased,{bought},kWh,invoice,,
2023,一车间,energy,用电量,consumed,600000,kWh,meter,,
2023,二车间,energy,用电量,consumed,380000,kWh,meter,,
2023,一车间,energy,用电效率,efficiency,80,%,estimate,,
2023,二车间,energy,用电效率,efficiency,50,%,estimate,,
"""
PLACES = "一车间,,workshop\n二车间,,workshop"


def test_four_links(tmp_path: Path) -> None:
    """1 GWh bought, 980 MWh at the places, 480 + 190 effective; 0.1229 kgce/kWh (equivalent value)."""
    _, ledger, _ = plant(tmp_path, ROWS.format(bought=1_000_000), PLACES)
    found = energy_balance(ledger, ledger.settings, "2023", 0.05)
    assert found is not None
    links = {link.id: link for link in found.links}
    assert links["storage"].supplied == pytest.approx(122.9)
    assert links["storage"].efficiency == 1
    assert links["conversion"].supplied is None
    assert links["conversion"].needs
    assert links["distribution"].lost == pytest.approx(0.02 * 122.9)
    assert links["distribution"].efficiency == pytest.approx(0.98)
    assert links["use"].efficiency == pytest.approx((480 + 190) / 980)
    assert whole_efficiency(found) == pytest.approx(0.67)
    assert found.units[0].verdict == "closed"


def test_a_gap_above_the_limit_is_named(tmp_path: Path) -> None:
    _, ledger, _ = plant(tmp_path, ROWS.format(bought=1_200_000), PLACES)
    found = energy_balance(ledger, ledger.settings, "2023", 0.05)
    assert found is not None
    assert found.units[0].verdict == "open"
    with language("zh"):
        words = " ".join(str(one) for one in found.remarks)
    assert "18.33" in words  # 220 of 1200 MWh
    assert found.reconciliation is not None
    loss = found.reconciliation.flows["loss:electricity"].value
    assert loss == pytest.approx(0.1229 * 220, rel=1e-6)


def test_places_that_use_more_than_was_given(tmp_path: Path) -> None:
    _, ledger, _ = plant(tmp_path, ROWS.format(bought=800_000), PLACES)
    found = energy_balance(ledger, ledger.settings, "2023", 0.05)
    assert found is not None
    with language("zh"):
        assert any("多于供入" in str(one) for one in found.remarks)


def test_real_plant_whose_total_is_a_sum() -> None:
    _, ledger, _ = opened(DEMOS / "pcb-plant-a")
    found = energy_balance(ledger, ledger.settings, "2022", 0.05)
    assert found is not None
    with language("zh"):
        assert any("完全相等" in str(one) for one in found.remarks)


def test_carbon(tmp_path: Path) -> None:
    """Soda ash holds 11.33 % of carbon: 100 t bring 11.3 t; an ink of unknown content keeps the balance open."""
    rows = "2023,全厂,material,碳酸钠,consumed,100,t,invoice,,"
    _, ledger, figures = plant(tmp_path / "a", rows)
    found = carbon_balance(ledger, figures, "2023", 0.05)
    assert found is not None
    low, high = found.whole.total("in")
    assert (low + high) / 2 == pytest.approx(11.33, abs=0.2)
    _, ledger, figures = plant(tmp_path / "b", rows + "\n2023,全厂,material,油墨,consumed,1,t,invoice,,")
    found = carbon_balance(ledger, figures, "2023", 0.05)
    assert found is not None
    assert any(row.side == "in" for row in found.whole.unknown)
    with language("zh"):
        assert any("油墨" in str(one) for one in found.remarks)


def test_all_balances_of_the_plants_read_in_both_languages() -> None:
    for name in ("pcb-plant-a", "electroplating-demo", "hazardous-waste-incineration-demo"):
        _, ledger, figures = opened(DEMOS / name)
        found = plant_balances(ledger, figures, ledger.settings, "2022")
        assert {one.kind for one in found} >= {"water", "energy", "carbon"}
        for code in ("zh", "en"):
            with language(code):  # type: ignore[arg-type]
                records = [one.as_json() for one in found]
            assert all(record["whole"] for record in records)
            assert len({str(record["id"]) for record in records}) == len(records)
    assert plant_balances(ledger, figures, ledger.settings, "") == ()

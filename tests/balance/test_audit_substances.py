"""Balances of elements, groups of materials and solvents: contents from formulae, stated contents, ranges."""

from __future__ import annotations

from pathlib import Path

import pytest
from plants import DEMOS, opened, plant

from qingyuan.balance.account import Balance
from qingyuan.balance.substances import element_balances, group_balances, solvent_balance
from qingyuan.language import language


def elements(folder: Path, rows: str, limit: float = 0.01) -> dict[str, Balance]:
    _, ledger, figures = plant(folder, rows)
    return {one.id.split("-")[0]: one for one in element_balances(ledger, figures, "2023", limit)}


def test_nickel_from_the_formula_closes(tmp_path: Path) -> None:
    """1000 kg NiSO4·6H2O of stated purity 98 % hold 218.8 kg of nickel (0.2233 by stoichiometry)."""
    rows = """
    2023,全厂,material,硫酸镍,consumed,1000,kg,invoice,,
    2023,全厂,material,硫酸镍纯度,purity,98,%,invoice,,
    2023,全厂,material,镍,contained,200,kg,meter,,
    2023,全厂,waste,含镍污泥,generated,0.2,t,meter,,
    2023,全厂,waste,含镍污泥含镍量,content,9.4,%,monitoring,,
    """
    found = elements(tmp_path, rows)["Ni"]
    inside, out = found.whole.total("in"), found.whole.total("out")
    assert inside[0] == inside[1] == pytest.approx(218.8, abs=0.1)
    assert out[0] == out[1] == pytest.approx(218.8, abs=0.01)
    assert found.whole.verdict == "closed"
    assert found.reconciliation is not None
    assert found.reconciliation.consistent


def test_missing_nickel_is_open(tmp_path: Path) -> None:
    rows = """
    2023,全厂,material,镍板,consumed,1000,kg,invoice,,
    2023,全厂,material,镍,contained,900,kg,meter,,
    """
    found = elements(tmp_path, rows)["Ni"]
    assert found.whole.verdict == "open"
    with language("zh"):
        words = " ".join(str(one) for one in found.remarks)
    assert "1000" in words
    assert "900" in words
    assert "100" in words
    assert elements(tmp_path, rows, limit=0.2)["Ni"].whole.verdict == "closed"


def test_contents_by_range_are_not_called_closed(tmp_path: Path) -> None:
    rows = """
    2023,全厂,material,铜,consumed,1000,kg,invoice,,
    2023,全厂,material,铜,contained,800,kg,meter,,
    2023,全厂,waste,含铜污泥,generated,10,t,meter,,
    """
    found = elements(tmp_path, rows)["Cu"]
    assert found.whole.verdict == "possible"
    assert found.whole.total("out") == pytest.approx((830, 3300))
    assert found.needs


def test_real_plant_copper_and_ink() -> None:
    _, ledger, figures = opened(DEMOS / "pcb-plant-a")
    copper = next(one for one in element_balances(ledger, figures, "2022", 0.01) if one.id == "Cu-2022")
    assert copper.whole.verdict in ("open", "possible")
    with language("zh"):
        words = " ".join(str(one) for one in copper.remarks)
    low, high = copper.whole.total("in")[1], copper.whole.total("out")[0]
    assert f"{low:.0f}" in words
    assert f"{high:.0f}" in words
    assert "含铜污泥" in words
    assert "541" in words
    ink = next(one for one in group_balances(ledger, "2022", 0.05) if one.id == "ink-2022")
    with language("zh"):
        words = " ".join(str(one) for one in ink.remarks)
    assert "16330" in words
    assert "8230" in words
    solvent = solvent_balance(ledger, figures, "2022", 0.05)
    assert solvent is not None
    assert solvent.whole.verdict == "unchecked"
    assert 0 < solvent.whole.total("in")[0] < solvent.whole.total("in")[1]


@pytest.mark.parametrize("year", ["2022", "2023", "2024"])
def test_demonstration_metals_do_not_contradict(year: str) -> None:
    _, ledger, figures = opened(DEMOS / "electroplating-demo")
    found = element_balances(ledger, figures, year, 0.01)
    assert {one.id.split("-")[0] for one in found} == {"Cu", "Ni", "Zn", "Cr"}
    for one in found:
        assert one.whole.verdict in ("computed", "possible", "closed")
        if one.reconciliation is not None:
            inside = sum(one.reconciliation.flows[s.id].value or 0 for s in one.streams if s.source == "0")
            out = sum(one.reconciliation.flows[s.id].value or 0 for s in one.streams if s.target == "0")
            assert inside == pytest.approx(out, rel=1e-8)


def test_solvent_balance_of_a_plant_without_solvents(tmp_path: Path) -> None:
    _, ledger, figures = plant(tmp_path, "2023,全厂,material,盐酸,consumed,10,t,invoice,,")
    assert solvent_balance(ledger, figures, "2023", 0.05) is None

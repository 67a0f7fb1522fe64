"""Water balances from facts: units, works, whole, rates; flows between places; what cannot be closed, in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from plants import DEMOS, opened, plant

from qingyuan.balance.account import Balance
from qingyuan.balance.water import water_balance
from qingyuan.language import language

PLACES = """
一车间,,workshop
二车间,,workshop
废水站,,treatment
"""
ROWS = """
2023,全厂,water,新鲜水量,consumed,1000,m3,invoice,,
2023,一车间,water,生产用水,consumed,600,m3,meter,,
2023,二车间,water,生产用水,consumed,400,m3,meter,,
2023,一车间,water,生产废水,generated,560,m3,meter,,
2023,二车间,water,生产废水,generated,390,m3,meter,,
2023,一车间,water,蒸发损失水,lost,40,m3,meter,,
2023,二车间,water,蒸发损失水,lost,10,m3,meter,,
2023,一车间,water,回用水,reused,{reused},m3,meter,,
2023,全厂,water,生产废水,discharged,{discharged},m3,meter,,
"""


def water(folder: Path, rows: str, places: str = PLACES) -> Balance:
    _, ledger, figures = plant(folder, rows, places)
    found = water_balance(ledger, figures, "2023", 0.05)
    assert found is not None
    return found


def verdicts(balance: Balance) -> dict[str, str]:
    return {one.id: one.verdict for one in balance.units}


def test_closed_balance(tmp_path: Path) -> None:
    found = water(tmp_path, ROWS.format(reused=0.0001, discharged=950))
    assert verdicts(found) == dict.fromkeys(("supply", "一车间", "二车间", "废水站"), "closed")
    assert found.whole.verdict == "closed"
    assert found.reconciliation is not None
    assert found.reconciliation.consistent
    assert found.whole.total("in") == (1000, 1000)
    assert found.whole.total("out") == pytest.approx((1000, 1000))
    assert found.remarks == ()


def test_open_unit_is_named_with_both_numbers(tmp_path: Path) -> None:
    found = water(tmp_path, ROWS.format(reused=0.0001, discharged=700))
    assert verdicts(found)["废水站"] == "open"
    with language("zh"):
        words = " ".join(str(one) for one in found.remarks)
    assert "950" in words
    assert "700" in words
    assert "废水站" in words
    assert found.reconciliation is not None
    assert found.reconciliation.consistent is False
    assert {error.id for error in found.reconciliation.gross_errors} & {"discharged", "废水站"}


def test_reuse_passes_the_works_once_more(tmp_path: Path) -> None:
    rows = ROWS.format(reused=200, discharged=950).replace("generated,560", "generated,760")
    found = water(tmp_path, rows)
    assert verdicts(found)["一车间"] == "closed"
    assert verdicts(found)["废水站"] == "closed"
    rates = {one.id: one.value for one in found.rates}
    assert rates["water-reuse-rate"] == pytest.approx(200 / 1200)
    assert rates["wastewater-reuse-rate"] == pytest.approx(200 / 1150)
    assert rates["water-discharge-rate"] == pytest.approx(0.95)


def test_stated_difference_is_no_check(tmp_path: Path) -> None:
    rows = ROWS.format(reused=0.0001, discharged=950).replace("lost,40,m3,meter", "lost,40,m3,balance")
    found = water(tmp_path, rows)
    assert verdicts(found)["一车间"] == "computed"
    with language("zh"):
        assert any("差额" in str(one) and "一车间" in str(one) for one in found.remarks)


def test_flows_between_places_stand_before_roles(tmp_path: Path) -> None:
    rows = """
    2023,供水站,water,新鲜水,consumed,100,m3,meter,一车间,
    2023,一车间,water,生产废水,discharged,70,m3,meter,市政管网,
    2023,一车间,water,蒸发损失水,lost,28,m3,meter,大气,
    2023,市政管网,water,新鲜水,purchased,100,m3,invoice,供水站,
    """
    found = water(tmp_path, rows, "供水站,,utility\n一车间,,workshop")
    by_id = {one.id: one for one in found.units}
    assert by_id["一车间"].total("in") == (100, 100)
    assert by_id["一车间"].total("out") == (98, 98)
    assert by_id["一车间"].verdict == "closed"
    assert found.whole.total("in") == (100, 100)
    assert found.whole.total("out") == (98, 98)


def test_two_numbers_for_one_amount_make_a_range(tmp_path: Path) -> None:
    rows = """
    2023,全厂,water,生产用水,consumed,1000,m3,statistics,,
    2023,一车间,water,生产用水,consumed,1000,m3,statistics,,
    2023,全厂,water,生产废水产生量,generated,900,m3,unknown,,
    2023,全厂,water,生产废水量,generated,800,m3,unknown,,
    """
    found = water(tmp_path, rows)
    production = next(one for one in found.units if one.id == "production")
    assert production.gap == (100, 200)
    with language("zh"):
        words = " ".join(str(one) for one in found.remarks)
    assert "900、800" in words
    assert "100～200" in words


def test_real_plant_says_what_cannot_be_closed() -> None:
    """The real boards plant: 12 026 m3 for production, 10 823 or 9 741 m3 of waste water, no evaporation stated."""
    _, ledger, figures = opened(DEMOS / "pcb-plant-a")
    found = water_balance(ledger, figures, "2022", 0.05)
    assert found is not None
    with language("zh"):
        words = " ".join(str(one) for one in found.remarks)
    assert "12026" in words
    assert "10823" in words
    assert "9741" in words
    assert "1203～2285" in words
    assert found.whole.verdict == "unchecked"


@pytest.mark.parametrize("name", ["electroplating-demo", "hazardous-waste-incineration-demo"])
@pytest.mark.parametrize("year", ["2022", "2023", "2024"])
def test_demonstration_plants_close(name: str, year: str) -> None:
    _, ledger, figures = opened(DEMOS / name)
    found = water_balance(ledger, figures, year, 0.05)
    assert found is not None
    assert {one.verdict for one in (*found.units, found.whole)} <= {"closed", "computed", "unchecked"}
    assert found.reconciliation is not None
    assert found.reconciliation.consistent
    flows = found.reconciliation.flows
    for process in {one.target for one in found.streams} - {"0"}:
        inside = sum(flows[one.id].value or 0 for one in found.streams if one.target == process)
        out = sum(flows[one.id].value or 0 for one in found.streams if one.source == process)
        assert inside == pytest.approx(out, rel=1e-9)


def test_no_water_no_balance(tmp_path: Path) -> None:
    _, ledger, figures = plant(tmp_path, "2023,全厂,energy,外购电量,purchased,1000,kWh,invoice,,")
    assert water_balance(ledger, figures, "2023", 0.05) is None

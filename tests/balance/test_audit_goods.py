"""The balance of goods from flows between places, with the measuring time and what cannot be added."""

from __future__ import annotations

from pathlib import Path

from plants import plant

from qingyuan.balance.goods import goods_balance
from qingyuan.language import language

ROWS = """
{when},供应商,material,盐酸,purchased,1000,kg,meter,酸洗,
{when},酸洗,material,盐酸,consumed,{passed},kg,meter,中和,
{when},酸洗,waste,废酸,transferred,280,kg,meter,委外处置,
{when},中和,material,盐酸,lost,700,kg,meter,市政管网,
"""
PLACES = "酸洗,,workshop\n中和,,workshop"


def test_closed_goods(tmp_path: Path) -> None:
    _, ledger, _ = plant(tmp_path, ROWS.format(when="2023", passed=700), PLACES)
    found = goods_balance(ledger, "2023", 0.05)
    assert found is not None
    assert {one.id: one.verdict for one in found.units} == {"酸洗": "closed", "中和": "closed"}
    assert found.whole.total("in") == (1000, 1000)
    assert found.whole.total("out") == (980, 980)
    assert found.remarks == ()


def test_open_goods_and_short_measurement(tmp_path: Path) -> None:
    _, ledger, _ = plant(tmp_path, ROWS.format(when="2023-03-01", passed=500), PLACES)
    found = goods_balance(ledger, "2023", 0.05)
    assert found is not None
    assert {one.verdict for one in found.units} == {"open"}
    with language("zh"):
        words = " ".join(str(one) for one in found.remarks)
    assert "24 小时" in words
    assert "780" in words
    assert "偏差最大的单元是中和" in words
    assert found.reconciliation is not None
    assert found.reconciliation.consistent is False


def test_no_flows_no_balance(tmp_path: Path) -> None:
    _, ledger, _ = plant(tmp_path, "2023,酸洗,material,盐酸,consumed,1000,kg,meter,,", PLACES)
    assert goods_balance(ledger, "2023", 0.05) is None

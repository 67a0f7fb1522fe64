"""Material flow cost accounting: one centre, chains, recycles, conservation; the losses of a plant from its facts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plants import DEMOS, opened, plant

from qingyuan.balance.losses import Centre, CostFlow, flow_costs, loss_costs
from qingyuan.errors import InputError


def test_one_centre() -> None:
    """100 kg for 1000, energy 50, system 800, waste 80; 70 kg of product and 30 kg of loss: the loss costs 635."""
    found = flow_costs(
        [Centre("a", energy=50, system=800, waste=80)],
        [
            CostFlow("in", "0", "a", 100, material_cost=1000),
            CostFlow("product", "a", "0", 70),
            CostFlow("loss", "a", "0", 30, loss=True),
        ],
    )
    product, loss = found["product"], found["loss"]
    assert (product.material, product.energy, product.system, product.waste) == pytest.approx((700, 35, 560, 0))
    assert (loss.material, loss.energy, loss.system, loss.waste) == pytest.approx((300, 15, 240, 80))
    assert product.total == pytest.approx(1295)
    assert loss.total == pytest.approx(635)


def test_costs_of_earlier_centres_are_lost_later() -> None:
    found = flow_costs(
        [Centre("a", energy=100), Centre("b", energy=50)],
        [
            CostFlow("in", "0", "a", 100, material_cost=200),
            CostFlow("ab", "a", "b", 100),
            CostFlow("out", "b", "0", 50),
            CostFlow("loss", "b", "0", 50, loss=True),
        ],
    )
    assert found["loss"].energy == pytest.approx(75)
    assert found["loss"].material == pytest.approx(100)


masses = st.floats(0.1, 1e4)


@given(masses, masses, masses, masses, st.lists(st.floats(0, 1e5), min_size=7, max_size=7))
def test_with_a_recycle_nothing_is_created_or_lost(
    ab: float, back: float, product: float, loss: float, costs: list[float]
) -> None:
    flows = [
        CostFlow("in", "0", "a", 1, material_cost=costs[0]),
        CostFlow("ab", "a", "b", ab),
        CostFlow("a-loss", "a", "0", loss, loss=True),
        CostFlow("back", "b", "a", back),
        CostFlow("product", "b", "0", product),
        CostFlow("b-loss", "b", "0", loss, loss=True),
    ]
    found = flow_costs([Centre("a", *costs[1:4]), Centre("b", *costs[4:7])], flows)
    out = sum(found[flow.id].total for flow in flows if flow.target == "0")
    assert out == pytest.approx(sum(costs), rel=1e-9, abs=1e-6)


def test_bad_input_is_named_all_at_once() -> None:
    with pytest.raises(InputError) as caught:
        flow_costs(
            [Centre("a", waste=5), Centre("b")],
            [CostFlow("x", "a", "0", 1), CostFlow("y", "nowhere", "a", 1), CostFlow("z", "a", "0", -1)],
        )
    codes = {problem.code for problem in caught.value.problems}
    assert codes >= {"centre-unknown", "mass-negative", "centre-without-output"}


ROWS = """
2023,一线,material,镍板,consumed,1000,kg,invoice,,
2023,一线,material,镍,contained,900,kg,meter,,
2023,一线,material,盐酸,consumed,2000,kg,invoice,,
2023,全厂,material,镍板单价,price,150,CNY/kg,invoice,,
2023,全厂,material,盐酸单价,price,1,CNY/kg,invoice,,
2023,一线,energy,用电量,consumed,3000,kWh,meter,,
2023,二线,energy,用电量,consumed,1000,kWh,meter,,
2023,全厂,money,电费,amount,0.4,10^4 CNY,invoice,,
2023,一线,money,废水处理费,amount,1,10^4 CNY,invoice,,
2023,二线,money,废水处理费,amount,0.5,10^4 CNY,invoice,,
"""


def test_losses_from_facts(tmp_path: Path) -> None:
    """A tenth of the nickel and all the acid are lost; 3000 of 4000 kWh for 4000 CNY, of which a tenth."""
    case, ledger, _ = plant(tmp_path, ROWS, "一线,,workshop\n二线,,workshop")
    assert case.facts
    found = loss_costs(ledger, ledger.settings, "2023")
    assert found is not None
    assert list(found.ranking()) == ["一线", "二线"]
    first = found.places[0]
    assert first.share == pytest.approx(0.1)
    assert first.material == pytest.approx(0.1 * 150_000 + 2000)
    assert first.energy == pytest.approx(300)
    assert first.waste == pytest.approx(10_000)
    assert first.system is None
    assert not first.complete
    assert found.places[1].waste == pytest.approx(5000)


def test_losses_of_the_demonstration_plant() -> None:
    _, ledger, _ = opened(DEMOS / "electroplating-demo")
    found = loss_costs(ledger, ledger.settings, "2024")
    assert found is not None
    assert {one.place for one in found.places} == {"镀锌线", "镀镍铬线", "镀铜线"}
    costs = [one.total for one in found.places]
    assert costs == sorted(costs, reverse=True)
    stated = 10_000 * (15.014 + 23.358 + 10.283 + 24.93)
    assert sum(one.waste or 0 for one in found.places) == pytest.approx(stated, rel=1e-6)
    assert all(0 < (one.share or 0) < 0.3 for one in found.places)


def test_no_costs_no_losses(tmp_path: Path) -> None:
    _, ledger, _ = plant(tmp_path, "2023,一线,material,镍板,consumed,1000,kg,invoice,,", "一线,,workshop")
    assert loss_costs(ledger, ledger.settings, "2023") is None

"""Sankey diagrams: recycles, no overlap, amounts kept, page option without cycles, pictures in both languages."""

from __future__ import annotations

import csv
import itertools
import json
import random
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plants import DEMOS, opened

from qingyuan.balance.sankey import Link, back_links, echarts_option, layers_of, layout
from qingyuan.balance.water import water_balance
from qingyuan.language import language
from qingyuan.report.sankey_chart import balance_links, balance_sankey, sankey


def network(seed: int, flows: int = 60, nodes: int = 20) -> list[Link]:
    rnd = random.Random(seed)
    found = []
    for number in range(flows):
        source, target = rnd.sample(range(nodes), 2)
        found.append(Link(f"F{number}", f"U{source}", f"U{target}", rnd.lognormvariate(2, 1)))
    return found


def acyclic(links: list[Link]) -> bool:
    layer = layers_of(links, frozenset())
    return all(layer[link.source] < layer[link.target] for link in links)


@given(st.integers(0, 10_000), st.integers(2, 40), st.integers(3, 15))
@settings(max_examples=60, deadline=None)
def test_forward_flows_have_no_cycle(seed: int, flows: int, nodes: int) -> None:
    links = network(seed, flows, nodes)
    back = back_links(links)
    assert acyclic([link for number, link in enumerate(links) if number not in back])


def test_a_light_recycle_is_turned_back_and_not_the_main_stream() -> None:
    links = [Link("in", "s", "a", 10), Link("ab", "a", "b", 12), Link("back", "b", "a", 2), Link("out", "b", "t", 10)]
    assert back_links(links) == frozenset({2})
    assert layers_of(links, frozenset({2})) == {"s": 0, "a": 1, "b": 2, "t": 3}


@pytest.mark.parametrize("seed", range(5))
def test_sixty_flows_with_recycles_do_not_overlap(seed: int) -> None:
    diagram = layout(network(seed), {}, gap=20)
    assert len(diagram.ribbons) == 60
    by_layer: dict[int, list[tuple[float, float]]] = {}
    for box in diagram.boxes:
        by_layer.setdefault(box.layer, []).append((box.y, box.y + box.height))
        assert 0 <= box.x <= diagram.width
        assert box.y + box.height <= diagram.height
    for spans in by_layer.values():
        spans.sort()
        for (_, end), (begin, _) in itertools.pairwise(spans):
            assert begin >= end + 10  # room for a name


def test_widths_are_the_amounts() -> None:
    links = [Link("a", "s", "u", 30), Link("b", "s2", "u", 10), Link("c", "u", "t", 40)]
    diagram = layout(links, {})
    thick = {ribbon.link.id: ribbon.thickness for ribbon in diagram.ribbons}
    assert thick["a"] == pytest.approx(3 * thick["b"])
    assert thick["c"] == pytest.approx(thick["a"] + thick["b"])
    heights = {box.id: box.height for box in diagram.boxes}
    assert heights["u"] == pytest.approx(thick["c"])


def test_page_option_keeps_amounts_and_has_no_cycle() -> None:
    links = network(1)
    option = json.loads(json.dumps(echarts_option(links, {}, title="t", unit="t")))
    series = option["series"][0]
    names = {node["name"] for node in series["data"]}
    assert all(link["source"] in names and link["target"] in names for link in series["links"])
    assert len(names) == len(series["data"])
    assert acyclic([Link(str(n), one["source"], one["target"], one["value"]) for n, one in enumerate(series["links"])])
    for unit in {link.source for link in links}:
        drawn = sum(one["value"] for one in series["links"] if one["source"] == unit)
        assert drawn == pytest.approx(sum(link.value or 0 for link in links if link.source == unit))


@pytest.mark.parametrize("code", ["zh", "en"])
def test_picture_of_the_demonstration_water(code: str) -> None:
    _, ledger, figures = opened(DEMOS / "electroplating-demo")
    balance = water_balance(ledger, figures, "2024", 0.05)
    assert balance is not None
    with language(code):  # type: ignore[arg-type]
        chart = balance_sankey(balance)
    assert chart is not None
    root = ElementTree.fromstring(chart.svg)
    words = [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert any("镀镍铬线" in word for word in words)
    assert sum("回用水" in word or "eused water" in word for word in words) >= 3
    assert "20,432" in " ".join(words)
    links, _ = balance_links(balance)
    unknown = next(link for link in links if link.id == "loss:办公生活区")
    assert not unknown.sure
    assert unknown.value == pytest.approx(3687.9 - 3125.4, rel=0.05)


def test_unknown_and_zero_flows_are_drawn() -> None:
    chart = sankey("t", [Link("a", "s", "u", None), Link("b", "u", "t", 0.0), Link("c", "s", "t", 5)], {}, "t")
    assert "stroke-dasharray" in chart.svg


def test_published_symbiosis(shared: Path) -> None:
    """Flows of an industrial symbiosis, with whatever amounts they have in tonnes or cubic metres: all are placed."""
    path = shared / "real-data" / "kalundborg-flows" / "flows.csv"
    if not path.exists():
        pytest.skip("no flows of the symbiosis")
    with path.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["from"] != row["to"]]
    links = [
        Link(str(number), row["from"], row["to"], float(row["amount"]) if row["amount"] else None, row["resource"])
        for number, row in enumerate(rows)
        if row["unit"].startswith(("t/", "m3/"))
    ]
    assert len(links) > 3
    diagram = layout(links, {})
    assert {ribbon.link.id for ribbon in diagram.ribbons} == {link.id for link in links}


def test_published_material_flow_network(shared: Path) -> None:
    """Stocks and flows of a published country study: flows between its processes, recycles among them."""
    path = shared / "real-data" / "mfa-england-aggregates-2019" / "Aggregate_Flow_Prior_Simple_V8.txt"
    if not path.exists():
        pytest.skip("no material flow study")
    links = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines()[1:]:
        cells = line.lstrip("#").split(",")
        if len(cells) > 2 and cells[0] and cells[1] and cells[0] != cells[1]:
            try:
                amount = float(cells[2])
            except ValueError:
                continue
            links.append(Link(str(len(links)), cells[0], cells[1], amount))
    assert len(links) > 20
    diagram = layout(links, {}, gap=14)
    assert len(diagram.ribbons) == len(links)
    chart = sankey("aggregates", links, {}, "kt")
    assert ElementTree.fromstring(chart.svg).tag.endswith("svg")

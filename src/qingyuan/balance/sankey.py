"""Sankey diagrams (桑基图、物流图): a layout of our own for networks with recycles, and the option for pages.

Layering: a small set of flows is turned back (heuristic of Eades, Lin and Smyth), the others run from left to right by
longest paths; long ones pass through place holders, so that no ribbon crosses a node. Order within a layer by sweeps of
weighted barycentres with the fewest weighted crossings kept; heights by relaxation (as in d3-sankey). Flows that turn
back run in lanes below the diagram. Drawing is left to whoever shows it; lengths are in the unit of the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Tone = Literal["in", "internal", "product", "waste", "loss", "recycle"]


@dataclass(frozen=True, slots=True)
class Link:
    """A flow to be drawn: ``value`` None = not known (drawn thin); ``sure`` False = computed, not stated."""

    id: str
    source: str
    target: str
    value: float | None
    name: str = ""
    tone: Tone = "internal"
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Box:
    """A node as laid out: left edge, top, height; ``value``: the greater of what enters and what leaves."""

    id: str
    name: str
    layer: int
    x: float
    y: float
    height: float
    value: float
    first: bool  # nothing enters
    last: bool  # nothing leaves


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A flow as laid out: the middle line through ``points`` (x, y), its thickness, whether it turns back."""

    link: Link
    points: tuple[tuple[float, float], ...]
    thickness: float
    back: bool


@dataclass(frozen=True, slots=True)
class Diagram:
    """A laid out diagram: its size, boxes and ribbons; ``width`` of a box in ``box``."""

    width: float
    height: float
    box: float
    boxes: tuple[Box, ...]
    ribbons: tuple[Ribbon, ...]
    layers: int


@dataclass
class _Node:
    id: str
    layer: int = 0
    value: float = 0.0
    y: float = 0.0
    height: float = 0.0
    dummy: bool = False
    ins: list[int] = field(default_factory=list)
    outs: list[int] = field(default_factory=list)


# --- cycles and layers -----------------------------------------------------------------------------------------------


def back_links(links: Sequence[Link]) -> frozenset[int]:
    """Numbers of the links that are turned back so that the rest has no cycle; light ones are preferred.

    Heuristic of Eades, Lin and Smyth (1993) with weights, then every turned link is tried again, heaviest first.
    """
    nodes = list(dict.fromkeys(end for link in links for end in (link.source, link.target)))
    weight = [max(link.value or 0.0, 1e-12) for link in links]
    left: list[str] = []
    right: list[str] = []
    rest = set(nodes)
    out = dict.fromkeys(nodes, 0.0)
    inside = dict.fromkeys(nodes, 0.0)
    for link, w in zip(links, weight, strict=True):
        if link.source != link.target:
            out[link.source] += w
            inside[link.target] += w

    def remove(node: str) -> None:
        rest.discard(node)
        for link, w in zip(links, weight, strict=True):
            if link.source == node and link.target in rest:
                inside[link.target] -= w
            if link.target == node and link.source in rest:
                out[link.source] -= w

    tiny = 1e-12 * max(sum(weight), 1e-300)
    while rest:
        sinks = [node for node in nodes if node in rest and out[node] <= tiny]
        for node in sinks:
            right.append(node)
            remove(node)
        sources = [node for node in nodes if node in rest and inside[node] <= tiny]
        for node in sources:
            left.append(node)
            remove(node)
        if rest and not sinks and not sources:
            best = max((node for node in nodes if node in rest), key=lambda node: out[node] - inside[node])
            left.append(best)
            remove(best)
    order = {node: number for number, node in enumerate([*left, *reversed(right)])}
    back = {
        number
        for number, link in enumerate(links)
        if order[link.source] > order[link.target] or link.source == link.target
    }
    for number in sorted(back, key=lambda number: -weight[number]):
        kept = [link for at, link in enumerate(links) if at not in back or at == number]
        if links[number].source != links[number].target and not _cyclic(kept):
            back.discard(number)
    return frozenset(back)


def _cyclic(links: Sequence[Link]) -> bool:
    below: dict[str, set[str]] = {}
    degree: dict[str, int] = {}
    for link in links:
        degree.setdefault(link.source, 0)
        degree.setdefault(link.target, 0)
        if link.target not in below.setdefault(link.source, set()):
            below[link.source].add(link.target)
            degree[link.target] += 1
    free = [node for node, count in degree.items() if count == 0]
    seen = 0
    while free:
        node = free.pop()
        seen += 1
        for other in below.get(node, ()):
            degree[other] -= 1
            if degree[other] == 0:
                free.append(other)
    return seen < len(degree)


def layers_of(links: Sequence[Link], back: frozenset[int]) -> dict[str, int]:
    """The layer of every node: longest path over the links that run forward; sources stand next to their targets."""
    nodes = list(dict.fromkeys(end for link in links for end in (link.source, link.target)))
    layer = dict.fromkeys(nodes, 0)
    forward = [link for number, link in enumerate(links) if number not in back]
    for _ in range(len(nodes)):
        moved = False
        for link in forward:
            if layer[link.target] < layer[link.source] + 1:
                layer[link.target] = layer[link.source] + 1
                moved = True
        if not moved:
            break
    fed = {link.target for link in forward}
    for node in nodes:
        if node not in fed:
            targets = [layer[link.target] for link in forward if link.source == node]
            if targets:
                layer[node] = min(targets) - 1
    return layer


# --- layout ----------------------------------------------------------------------------------------------------------

_SWEEPS = 24


def layout(
    links: Sequence[Link],
    names: Mapping[str, str],
    *,
    width: float = 640.0,
    left: float = 120.0,
    right: float = 120.0,
    top: float = 44.0,
    box: float = 10.0,
    gap: float = 26.0,
    ribbon_height: float = 240.0,
) -> Diagram:
    """Lay out a diagram in ``width``; ``left`` and ``right`` margins are for the names of the ends.

    ``gap``: between boxes of a layer (room for a name above each). ``ribbon_height``: how high the fullest layer is
    drawn without its gaps; the height of the diagram follows. Raises ValueError without links.
    """
    if not links:
        raise ValueError("a diagram needs a flow")
    back = back_links(links)
    layer = layers_of(links, back)
    count = max(layer.values()) + 1
    nodes: dict[str, _Node] = {id: _Node(id, at) for id, at in layer.items()}
    pieces: list[tuple[str, str, int]] = []  # of forward links, through place holders
    for number, link in enumerate(links):
        if number in back:
            continue
        previous = link.source
        for at in range(layer[link.source] + 1, layer[link.target]):
            holder = f"\x00{number}:{at}"
            nodes[holder] = _Node(holder, at, dummy=True)
            pieces.append((previous, holder, number))
            previous = holder
        pieces.append((previous, link.target, number))
    value = [link.value or 0.0 for link in links]
    for piece, (source, target, _) in enumerate(pieces):
        nodes[source].outs.append(piece)
        nodes[target].ins.append(piece)
    for node in nodes.values():
        entering = sum(value[pieces[piece][2]] for piece in node.ins)
        leaving = sum(value[pieces[piece][2]] for piece in node.outs)
        for number in back:
            entering += value[number] if links[number].target == node.id else 0.0
            leaving += value[number] if links[number].source == node.id else 0.0
        node.value = max(entering, leaving)
    rows: list[list[_Node]] = [[] for _ in range(count)]
    for node in nodes.values():
        rows[node.layer].append(node)
    _order(rows, nodes, pieces, value)
    fullest = max(sum(node.value for node in row) for row in rows)
    scale = ribbon_height / fullest if fullest > 0 else 0.0
    for node in nodes.values():
        node.height = max(node.value * scale, 2.0)
    _heights(rows, nodes, pieces, value, gap, top)
    shift = top - min(node.y for node in nodes.values())
    for node in nodes.values():
        node.y += shift
    return _draw(links, names, nodes, pieces, value, back, count, scale, (width, left, right, box))


def _order(rows: list[list[_Node]], nodes: Mapping[str, _Node], pieces: Sequence[tuple[str, str, int]],
           value: Sequence[float]) -> None:  # fmt: skip
    """Order the nodes of every layer: sweeps of weighted barycentres, the order with the least crossings is kept."""

    def places() -> dict[str, int]:
        return {node.id: at for row in rows for at, node in enumerate(row)}

    def crossings() -> float:
        place = places()
        total = 0.0
        by_layer: dict[int, list[tuple[int, int, float]]] = {}
        for source, target, number in pieces:
            by_layer.setdefault(nodes[source].layer, []).append((place[source], place[target], value[number]))
        for edges in by_layer.values():
            edges.sort()
            for at, (s, t, w) in enumerate(edges):
                for s2, t2, w2 in edges[at + 1 :]:
                    if s2 > s and t2 < t:
                        total += min(w, w2) + 1e-9
        return total

    best = [list(row) for row in rows]
    least = crossings()
    for sweep in range(_SWEEPS):
        downward = sweep % 2 == 0
        for at in range(len(rows)) if downward else reversed(range(len(rows))):
            place = places()

            def centre(node: _Node, downward: bool = downward, place: dict[str, int] = place) -> float:
                mine = node.ins if downward else node.outs
                around = [
                    (place[pieces[piece][0] if downward else pieces[piece][1]], value[pieces[piece][2]] + 1e-9)
                    for piece in mine
                ]
                whole = sum(weight for _, weight in around)
                return sum(p * weight for p, weight in around) / whole if around else float(place[node.id])

            rows[at].sort(key=centre)
        now = crossings()
        if now < least - 1e-15:
            least, best = now, [list(row) for row in rows]
    for at, row in enumerate(best):
        rows[at] = row


def _heights(rows: list[list[_Node]], nodes: Mapping[str, _Node], pieces: Sequence[tuple[str, str, int]],
             value: Sequence[float], gap: float, top: float) -> None:  # fmt: skip
    """Give every node its top: stacked, then drawn towards the middle of its neighbours without overlap."""
    tallest = max(sum(node.height for node in row) + gap * (len(row) - 1) for row in rows)
    for row in rows:
        y = top + (tallest - sum(node.height for node in row) - gap * (len(row) - 1)) / 2
        for node in row:
            node.y = y
            y += node.height + gap

    def middle(id: str) -> float:
        return nodes[id].y + nodes[id].height / 2

    def pulls(node: _Node, end: int, around: list[int]) -> list[tuple[float, float]]:
        """Neighbours with their weights; long flows pull at their place holders, so that they run straight."""
        found = []
        for piece in around:
            other = nodes[pieces[piece][0] if end == 0 else pieces[piece][1]]
            stiff = 8.0 if node.dummy and other.dummy else 2.0 if node.dummy or other.dummy else 1.0
            found.append((middle(other.id), (value[pieces[piece][2]] + 1e-9) * stiff))
        return found

    for step in range(40):
        pull = 0.99**step * 0.6
        for row in rows if step % 2 == 0 else reversed(rows):
            for node in row:
                around = [*pulls(node, 0, node.ins), *pulls(node, 1, node.outs)]
                if around:
                    aim = sum(y * weight for y, weight in around) / sum(weight for _, weight in around)
                    node.y += (aim - node.y - node.height / 2) * pull
            _apart(row, gap, top, top + tallest)


def _apart(row: list[_Node], gap: float, top: float, bottom: float) -> None:
    """Push nodes of a layer apart in their order, first down, then up from the bottom."""
    y = top
    for node in row:
        node.y = max(node.y, y)
        y = node.y + node.height + (gap / 2 if node.dummy else gap)
    y = bottom
    for node in reversed(row):
        node.y = min(node.y, y - node.height)
        y = node.y - (gap / 2 if node.dummy else gap)


def _draw(
    links: Sequence[Link],
    names: Mapping[str, str],
    nodes: Mapping[str, _Node],
    pieces: Sequence[tuple[str, str, int]],
    value: Sequence[float],
    back: frozenset[int],
    count: int,
    scale: float,
    page: tuple[float, float, float, float],
) -> Diagram:
    width, left, right, box = page
    step = (width - left - right - box) / max(count - 1, 1)

    def x(node: _Node) -> float:
        return left + node.layer * step

    ends_out: dict[int, float] = {}
    ends_in: dict[int, float] = {}
    lane_out: dict[int, float] = {}
    lane_in: dict[int, float] = {}
    for node in nodes.values():
        y = node.y
        for piece in sorted(node.outs, key=lambda piece: nodes[pieces[piece][1]].y):
            thick = value[pieces[piece][2]] * scale
            ends_out[piece] = y + thick / 2
            y += thick
        for number in sorted(back):
            if links[number].source == node.id:
                lane_out[number] = y + value[number] * scale / 2
                y += value[number] * scale
        y = node.y
        for piece in sorted(node.ins, key=lambda piece: nodes[pieces[piece][0]].y):
            thick = value[pieces[piece][2]] * scale
            ends_in[piece] = y + thick / 2
            y += thick
        for number in sorted(back):
            if links[number].target == node.id:
                lane_in[number] = y + value[number] * scale / 2
                y += value[number] * scale
    ribbons: list[Ribbon] = []
    runs: dict[int, list[tuple[float, float]]] = {}
    for piece, (source, target, number) in enumerate(pieces):
        points = runs.setdefault(number, [])
        points.append((x(nodes[source]) + (0.0 if nodes[source].dummy else box), ends_out[piece]))
        points.append((x(nodes[target]) + (box if nodes[target].dummy else 0.0), ends_in[piece]))
    for number, points in runs.items():
        ribbons.append(Ribbon(links[number], tuple(points), max(value[number] * scale, 1.0), False))
    floor = max(node.y + node.height for node in nodes.values()) + 22
    spans = sorted(back, key=lambda number: nodes[links[number].source].layer - nodes[links[number].target].layer)
    for number in spans:
        thick = max(value[number] * scale, 1.0)
        lane = floor + thick / 2
        floor += thick + 20  # room for the name above the lane
        begin = (x(nodes[links[number].source]) + box, lane_out[number])
        end = (x(nodes[links[number].target]), lane_in[number])
        ribbons.append(Ribbon(links[number], (begin, (begin[0], lane), (end[0], lane), end), thick, True))
    fed = {link.target for link in links}
    drained = {link.source for link in links}
    boxes = tuple(
        Box(node.id, names.get(node.id, node.id), node.layer, x(node), node.y, node.height, node.value,
            node.id not in fed, node.id not in drained)
        for node in nodes.values()
        if not node.dummy
    )  # fmt: skip
    height = max(floor, max(node.y + node.height for node in nodes.values()) + 22)
    return Diagram(width, height, box, boxes, tuple(ribbons), count)


# --- for pages -------------------------------------------------------------------------------------------------------

TONES: Mapping[Tone, str] = {
    "in": "#4f88ba",
    "internal": "#8fb3d3",
    "product": "#2a8c82",
    "waste": "#b4472e",
    "loss": "#9aa3ad",
    "recycle": "#e3a63b",
}


def echarts_option(
    links: Sequence[Link], names: Mapping[str, str], *, title: str = "", unit: str = ""
) -> dict[str, object]:
    """The option of an interactive Sankey for Apache ECharts (plain values, ready for JSON).

    Its series knows no cycles: a flow that turns back ends in a node of its own (``↺``), and another of this name
    feeds its target, so that all amounts stand. Flows of unknown amount are left out.
    """
    known = [link for link in links if link.value is not None and link.value > 0]
    back = back_links(known)
    layer = layers_of(known, back) if known else {}
    used: dict[str, None] = {}
    data: list[dict[str, object]] = []
    drawn: list[dict[str, object]] = []

    def node(id: str, name: str, depth: int) -> None:
        if id not in used:
            used[id] = None
            data.append({"name": id, "depth": max(depth, 0), "label": {"formatter": name}})

    for number, link in enumerate(known):
        source, target = link.source, link.target
        ends = [(source, target)]
        if number in back:
            mark = f"{link.id} ↺"
            label = f"{link.name or names.get(target, target)} ↺"
            node(f"{mark} →", label, layer[source] + 1)
            node(f"→ {mark}", label, layer[target] - 1)
            ends = [(source, f"{mark} →"), (f"→ {mark}", target)]
        for first, second in ends:
            for end in (first, second):
                if end in layer:
                    node(end, names.get(end, end), layer[end])
            drawn.append(
                {
                    "source": first,
                    "target": second,
                    "value": link.value,
                    "name": link.name,
                    "lineStyle": {"color": TONES["recycle" if number in back else link.tone]},
                }
            )
    return {
        "title": {"text": title, "subtext": unit},
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "type": "sankey",
                "nodeAlign": "left",
                "emphasis": {"focus": "adjacency"},
                "lineStyle": {"opacity": 0.55, "curveness": 0.5},
                "data": data,
                "links": drawn,
            }
        ],
    }

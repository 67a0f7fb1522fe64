"""The network as arrays (方程组): quantities, balances as a graph, further equations; what is wrong with it, by name.

Every quantity (flow in a layer, concentration, stock, coefficient) is one variable. A flow or stock is an edge between
nodes; a node is a process in a layer and a period; node 0 is outside. A stock is an edge from its process in one
period to the same process in the next. What is no balance stands in ``rows`` (linear) and ``products`` (p = k q r).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from qingyuan.balance.network import Flow, Known, Layer, Network, Relation, Transfer
from qingyuan.errors import Location, Problem, Severity
from qingyuan.language import Message, Text, listing, message

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LARGEST = 1e60  # of a number that is a quantity; products of two and their squares must not overflow
SMALLEST = 1e-60  # the same for squares that vanish
FLOW, CONCENTRATION, STOCK, TRANSFER, RELATION, HELPER = "flow", "concentration", "stock", "transfer", "relation", "sum"


class Quantity(NamedTuple):
    """The name of a variable: its kind, the key of its record, its layer."""

    kind: str
    key: str
    layer: str


class Node(NamedTuple):
    """A place of balance: process, layer, period."""

    process: str
    layer: str
    period: str


@dataclass(frozen=True)
class System:
    """All variables and equations of a network.

    Arrays by variable: ``value`` (NaN unmeasured), ``sd``, ``low``, ``high``, ``tail``, ``head`` (node, -1 for what is
    no edge), ``exact``. ``rows`` (equations x variables) @ x = ``right``. ``products``: x[p] = factor x[q] x[r].
    ``correlated``: (i, j, coefficient). ``nodes``: names by node, 0 is outside.
    """

    names: tuple[Quantity, ...]
    index: dict[Quantity, int]
    nodes: tuple[Node, ...]
    value: Floats
    sd: Floats
    low: Floats
    high: Floats
    tail: Ints
    head: Ints
    exact: Bools
    rows: sp.csr_array
    right: Floats
    row_names: tuple[str, ...]
    products: Ints  # (count, 3)
    factors: Floats
    correlated: tuple[tuple[int, int, float], ...]
    known: tuple[Known, ...]

    @property
    def size(self) -> int:
        """Number of variables."""
        return len(self.names)

    @property
    def measured(self) -> Bools:
        """Variables with a measurement that is not exact."""
        return ~np.isnan(self.value) & ~self.exact

    @property
    def plain(self) -> bool:
        """Whether balances of a graph and uncorrelated measurements are all there is."""
        return not (self.rows.shape[0] or len(self.products) or self.correlated)


def place(*names: Text) -> Location:
    """A place in a network: the path of keys that leads there."""
    return Location(path=".".join(str(name) for name in names if str(name)))


class _Build:
    """Variables and equations while they are collected."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.problems: list[Problem] = []
        self.names: list[Quantity] = []
        self.index: dict[Quantity, int] = {}
        self.known: list[Known] = []
        self.bounds: list[tuple[float, float]] = []
        self.tail: list[int] = []
        self.head: list[int] = []
        self.nodes: dict[Node, int] = {Node("", "", ""): 0}
        self.rows: list[tuple[str, dict[int, float], float]] = []
        self.products: list[tuple[int, int, int]] = []
        self.factors: list[float] = []
        self.lowest = 0.0 if network.non_negative else -np.inf

    def problem(
        self, code: str, text: Message, *path: Text, severity: Severity = Severity.ERROR, found: Text = ""
    ) -> None:
        self.problems.append(Problem(code, text, severity, place(*path), found))

    def add(self, name: Quantity, known: Known, low: float, high: float, tail: int = -1, head: int = -1) -> int:
        self.index[name] = at = len(self.names)
        self.names.append(name)
        self.known.append(known)
        self.bounds.append((low, high))
        self.tail.append(tail)
        self.head.append(head)
        return at


def compile_network(network: Network) -> tuple[System, list[Problem]]:
    """Turn a network into arrays; what is wrong is left out and named, so that the rest can be computed.

    The problems name flows with one id, unknown references, impossible concentrations and uncertainties, processes
    that can never balance, correlations that no covariance can have; and, as warnings, parts without connection.
    """
    build = _Build(network)
    flows = _flows(build)
    _stocks(build)
    _contents(build, flows)
    _sums_of_shares(build, flows)
    by_id: dict[str, list[Flow]] = {}
    for flow in flows:
        by_id.setdefault(flow.id, []).append(flow)
        if flow.period:
            by_id.setdefault(flow.key, []).append(flow)
    for transfer in _possible_shares(build):
        _transfer(build, transfer, by_id)
    for relation in network.relations:
        _relation(build, relation, by_id)
    _bounds(build, by_id)
    correlated = _correlations(build, by_id)
    return _finish(build, correlated), build.problems


# --- flows and layers ------------------------------------------------------------------------------------------------


def _checked(build: _Build, known: Known, *path: Text) -> Known:
    """A knowledge that can be used; impossible ones are named and count as unmeasured."""
    if not known.measured:
        return known
    mean, sd = known.mean, known.deviation
    if known.shape in ("uniform", "triangular") and not _ordered(known):
        text = message("范围的下限、最可能值、上限次序不对，按未测处理")
        build.problem("bad-range", text, *path, found=f"{known.low}, {known.high}")
        return Known()
    if 0 < max(abs(mean), sd) < SMALLEST:
        text = message("数值太小，算不准：请换用较小的单位；按未测处理")
        build.problem("too-small", text, *path, found=f"{mean:g}")
        return Known()
    if known.shape == "normal" and 0 <= sd < LARGEST and abs(mean) < LARGEST:
        # Beyond what double precision can weigh, a measurement is exact.
        return Known(mean, 0.0) if 0 < sd <= max(1e-13 * abs(mean), 1 / LARGEST) else known
    if not abs(mean) < LARGEST:
        build.problem("not-finite", message("数值不是有限的数，按未测处理"), *path, found=str(mean))
    elif math.isnan(sd):
        build.problem("no-uncertainty", message("有数值而没有不确定度（sd），按未测处理"), *path)
    elif not 0 <= sd < LARGEST:
        text = message("不确定度（sd）应为正数，0 表示准确值；按未测处理")
        build.problem("bad-uncertainty", text, *path, found=f"{sd:g}")
    elif known.shape == "lognormal" and mean <= 0:
        build.problem("bad-lognormal", message("对数正态分布的数值应为正数，按未测处理"), *path, found=f"{mean:g}")
    else:
        return known
    return Known()


def _ordered(known: Known) -> bool:
    low, high = known.low, known.high
    if low is None or high is None or not low < high:
        return False
    return known.shape == "uniform" or known.value is None or low <= known.value <= high


def _node(build: _Build, process: str, layer: str, period: str, free: dict[str, frozenset[str] | None]) -> int:
    """The node of a process in a layer and a period; 0 where no balance is asked."""
    if process in build.network.environment:
        return 0
    if process in free:
        exempt = free[process]
        if exempt is None or layer in exempt:
            return 0
    return build.nodes.setdefault(Node(process, layer, period), len(build.nodes))


def _free(network: Network) -> dict[str, frozenset[str] | None]:
    """Processes without balance: None for all layers, or the layers."""
    free: dict[str, frozenset[str] | None] = {}
    for process in network.processes:
        if not process.balanced:
            free[process.id] = None
        elif process.unbalanced_layers:
            free[process.id] = process.unbalanced_layers
    return free


def _flows(build: _Build) -> list[Flow]:
    """Variables of the flows in their own layers; the flows that could be used, under keys of their own."""
    network = build.network
    layers = {layer.id for layer in network.layers}
    free = _free(network)
    listed = {process.id for process in network.processes} | network.environment
    unlisted: set[str] = set()
    found: list[Flow] = []
    seen: set[tuple[str, str]] = set()
    for flow in network.flows:
        used = flow
        if not flow.source or not flow.target:
            build.problem("no-ends", message("流没有写明 from 和 to，已略去"), "flows", flow.key)
            continue
        if flow.source == flow.target:
            build.problem("loop", message("流的 from 与 to 相同，不进入任何平衡，已略去"), "flows", flow.key)
            continue
        if flow.layer not in layers:
            text = message("未知的层，流已略去")
            build.problem("unknown-layer", text, "flows", flow.key, "layer", found=flow.layer)
            continue
        if network.periods and flow.period not in network.periods:
            text = message("流的时段不在 periods 中，流已略去")
            build.problem("unknown-period", text, "flows", flow.key, "period", found=flow.period)
            continue
        if (flow.id, flow.period) in seen:
            count = 2
            while (f"{flow.id}#{count}", flow.period) in seen:
                count += 1
            new = f"{flow.id}#{count}"
            text = message("两条流用了同一个编号；这一条在结果中记作 {new}", new=new)
            build.problem("duplicate-id", text, "flows", flow.key)
            used = Flow(
                new, flow.source, flow.target, flow.known, flow.layer, flow.contents, flow.period, flow.name, flow.meter
            )
        seen.add((used.id, used.period))
        if network.processes:
            unlisted.update(end for end in (used.source, used.target) if end not in listed)
        known = _checked(build, used.known, "flows", used.key)
        tail = _node(build, used.source, used.layer, used.period, free)
        head = _node(build, used.target, used.layer, used.period, free)
        build.add(Quantity(FLOW, used.key, used.layer), known, build.lowest, np.inf, tail, head)
        found.append(used)
    for process in sorted(unlisted):
        text = message("过程没有列在 processes 中，按有平衡的过程处理")
        build.problem("unlisted-process", text, "processes", process, severity=Severity.WARNING)
    return found


def _stocks(build: _Build) -> None:
    """Stocks as edges from their process in one period to the same process in the next."""
    network = build.network
    if not network.stocks:
        return
    free = _free(network)
    periods = network.periods or ("",)
    ends = ("", *network.periods) if network.periods else ("", "end")
    stored: dict[tuple[str, str], dict[str, Known]] = {}
    for stock in network.stocks:
        if stock.period not in ends and not (stock.period == "start" and not network.periods):
            build.problem("unknown-period", message("库存的时段不在 periods 中，已略去"), "stocks", stock.key)
            continue
        period = "" if stock.period == "start" else stock.period
        place_known = stored.setdefault((stock.process, stock.layer), {})
        if period in place_known:
            build.problem("duplicate-stock", message("同一库存写了两次，用第一次的"), "stocks", stock.key)
            continue
        place_known[period] = _checked(build, stock.known, "stocks", stock.key)
    for (process, layer), known in stored.items():
        if layer not in {each.id for each in network.layers}:
            build.problem("unknown-layer", message("未知的层，库存已略去"), "stocks", process, found=layer)
            continue
        nodes = [_node(build, process, layer, period, free) for period in periods]
        for place_at, period in enumerate(ends):
            tail = 0 if place_at == 0 else nodes[place_at - 1]
            head = nodes[place_at] if place_at < len(nodes) else 0
            name = Quantity(STOCK, f"{process}@{period or 'start'}", layer)
            build.add(name, known.get(period, Known()), build.lowest, np.inf, tail, head)


def _contents(build: _Build, flows: list[Flow]) -> None:
    """Amounts and concentrations in the layers that are carried by another."""
    network = build.network
    free = _free(network)
    ordered, circular = _carriers_first(build)
    for layer in ordered:
        for flow in flows:
            if flow.layer == layer.id:
                continue
            content = flow.contents.get(layer.id)
            # The carrier may be carried itself (copper in the dry matter of a sludge).
            carried = layer.id not in circular and Quantity(FLOW, flow.key, layer.of) in build.index
            if content is None and (not carried or layer.absent_is_zero):
                continue
            path = ("flows", flow.key, "layers", layer.id)
            amount = _checked(build, content.amount, *path) if content else Known()
            concentration = content.concentration if content else None
            name = Quantity(FLOW, flow.key, layer.id)
            tail = _node(build, flow.source, layer.id, flow.period, free)
            head = _node(build, flow.target, layer.id, flow.period, free)
            at = build.add(name, amount, build.lowest, np.inf, tail, head)
            if not carried:
                if concentration is not None and layer.id not in circular:
                    text = message("这一层不由该流所在的层承载，浓度不能用，已略去")
                    build.problem("no-carrier", text, *path)
                continue
            known = _concentration(build, concentration, layer.highest, *path)
            base = build.index[Quantity(FLOW, flow.key, layer.of)]
            if known.exact and known.value is not None:
                build.rows.append((f"{flow.key}:{layer.id}", {at: 1.0, base: -known.value * layer.factor}, 0.0))
                build.add(Quantity(CONCENTRATION, flow.key, layer.id), known, -np.inf, np.inf)
                continue
            highest = np.inf if layer.highest is None else layer.highest
            ratio = build.add(Quantity(CONCENTRATION, flow.key, layer.id), known, 0.0, highest)
            build.products.append((at, base, ratio))
            build.factors.append(layer.factor)


def _carriers_first(build: _Build) -> tuple[list[Layer], frozenset[str]]:
    """The layers, each after the layer that carries it; those that carry each other in a circle, which are named."""
    layers = {layer.id: layer for layer in build.network.layers}
    depth: dict[str, int] = {}
    circular: set[str] = set()
    for id in layers:
        chain = [id]
        while (above := layers[chain[-1]].of) in layers and above not in chain:
            chain.append(above)
        depth[id] = len(chain)
        if above == id:
            circular.add(id)
    if circular:
        names = listing(id for id in layers if id in circular)
        text = message("这些层互相承载，成了圈；它们的浓度没有使用：{names}", names=names)
        build.problem("circular-layers", text, "layers", next(id for id in layers if id in circular), "of")
    return sorted(layers.values(), key=lambda layer: depth[layer.id]), frozenset(circular)


def _sums_of_shares(build: _Build, flows: list[Flow]) -> None:
    """Name flows whose mass fractions sum to more than 1 beyond their uncertainty, as warnings.

    Only layers of the same carrier in its unit whose contents are at most 1 count. A warning, for one layer may contain
    another (an element and its compound).
    """
    shares = {
        layer.id: layer.of for layer in build.network.layers if layer.of and layer.highest == 1 and layer.factor == 1
    }
    if len(shares) < 2:
        return
    for flow in flows:
        given = [
            (id, content.concentration)
            for id, content in flow.contents.items()
            if shares.get(id) == flow.layer and content.concentration is not None and content.concentration.measured
        ]
        fractions = [(id, known) for id, known in given if 0 <= known.mean <= 1 and known.deviation >= 0]
        total = sum(known.mean for _, known in fractions)
        sd = math.sqrt(sum(known.deviation**2 for _, known in fractions))
        if total - 2 * sd > 1 + 1e-9:
            names = listing(id for id, _ in fractions)
            text = message("这条流中各物质的浓度之和大于 1：{names}；除非其中一种包含另一种，否则不可能", names=names)
            build.problem("shares-above-one", text, "flows", flow.key, found=f"{total:g}", severity=Severity.WARNING)


def _concentration(build: _Build, known: Known | None, highest: float | None, *path: Text) -> Known:
    if known is None or not known.measured:
        return Known()
    value = known.mean
    if value < 0 or (highest is not None and value > highest):
        limit = "∞" if highest is None else f"{highest:g}"
        text = message("浓度不可能：应在 0 与 {limit} 之间；按未测处理", limit=limit)
        build.problem("impossible-concentration", text, *path, found=f"{value:g}")
        return Known()
    return _checked(build, known, *path)


# --- further equations -----------------------------------------------------------------------------------------------


def _find(
    build: _Build, by_id: dict[str, list[Flow]], id: str, layer: str, *path: Text
) -> list[tuple[str, int]] | None:
    """Variables of a flow id or key in a layer ("" for its own), by period; None, with a problem, if there is none."""
    flows = by_id.get(id)
    if not flows:
        build.problem("unknown-flow", message("没有这条流，此项已略去"), *path, found=id)
        return None
    found = []
    for flow in flows:
        name = Quantity(FLOW, flow.key, layer or flow.layer)
        if name not in build.index:
            text = message("流 {flow} 不在这一层，此项已略去", flow=id)
            build.problem("unknown-layer", text, *path, found=layer)
            return None
        found.append((flow.period, build.index[name]))
    return found


def _possible_shares(build: _Build) -> list[Transfer]:
    """The coefficients; shares of one process that together exceed 1 are named and count as unknown."""
    transfers = list(build.network.transfers)
    if build.lowest < 0:
        return transfers  # flows that may turn round can carry more than what enters
    groups: dict[tuple[str, str], dict[str, int]] = {}
    for at, transfer in enumerate(transfers):
        known = transfer.known
        if transfer.of_process and known.measured and known.mean >= 0 and known.deviation >= 0:
            groups.setdefault((transfer.of_process, transfer.layer), {}).setdefault(transfer.to_flow, at)
    for (process, _), flows in groups.items():
        members = [transfers[at] for at in flows.values()]
        total = sum(member.known.mean for member in members)
        sd = math.sqrt(sum(member.known.deviation**2 for member in members))
        if total - 2 * sd <= 1 + 1e-9:
            continue
        names = listing(member.key for member in members)
        text = message("过程 {process} 的转移系数之和大于 1，不可能；按未知处理：{names}", process=process, names=names)
        build.problem("bad-transfer", text, "transfer", process, found=f"{total:g}")
        for at in flows.values():
            transfers[at] = replace(transfers[at], known=Known())
    return transfers


def _transfer(build: _Build, transfer: Transfer, by_id: dict[str, list[Flow]]) -> None:
    path = ("transfer", transfer.key)
    goal = _find(build, by_id, transfer.to_flow, transfer.layer, *path)
    if goal is None:
        return
    if transfer.from_flow and transfer.from_flow == transfer.to_flow:
        text = message("转移系数的起点和终点是同一条流，此项已略去")
        build.problem("bad-transfer", text, *path, found=transfer.to_flow)
        return
    known = _checked(build, transfer.known, *path)
    if known.measured and known.mean < 0:
        build.problem("bad-transfer", message("转移系数不能为负，按未知处理"), *path, found=f"{known.mean:g}")
        known = Known()
    if transfer.from_flow:
        origin = _find(build, by_id, transfer.from_flow, transfer.layer, *path)
        if origin is None:
            return
    else:
        origin = [(period, _entering(build, transfer.of_process, transfer, at)) for period, at in goal]
        if any(at < 0 for _, at in origin):
            build.problem(
                "unknown-process", message("没有流进入这个过程，此项已略去"), *path, found=transfer.of_process
            )
            return
    starts = dict(origin)
    key = transfer.key
    if known.exact and known.value is not None:
        build.add(Quantity(TRANSFER, key, ""), known, -np.inf, np.inf)
        for period, at in goal:
            start = starts.get(period, origin[0][1])
            build.rows.append((key, {at: 1.0, start: -known.value}, 0.0))
        return
    if Quantity(TRANSFER, key, "") in build.index:
        build.problem("duplicate-id", message("两个转移系数用了同一个编号，后一个已略去"), *path)
        return
    highest = 1.0 if transfer.of_process and build.lowest >= 0 else np.inf
    ratio = build.add(Quantity(TRANSFER, key, ""), known, 0.0, highest)
    for period, at in goal:
        build.products.append((at, starts.get(period, origin[0][1]), ratio))
        build.factors.append(1.0)


def _entering(build: _Build, process: str, transfer: Transfer, goal: int) -> int:
    """A helping variable: everything that enters a process in the layer and period of the goal; -1 if nothing does."""
    name = build.names[goal]
    period = name.key.partition("@")[2] if build.network.periods else ""
    node = build.nodes.get(Node(process, name.layer, period))
    entering = [at for at, head in enumerate(build.head) if node is not None and head == node]
    if not entering:
        return -1
    helper = Quantity(HELPER, f"{process}@{period}" if period else process, name.layer)
    if helper not in build.index:
        at = build.add(helper, Known(), build.lowest, np.inf)
        build.rows.append((helper.key, {at: 1.0, **dict.fromkeys(entering, -1.0)}, 0.0))
    return build.index[helper]


def _relation(build: _Build, relation: Relation, by_id: dict[str, list[Flow]]) -> None:
    key = relation.id or " ".join(f"{value:+g} {flow}" for flow, value in relation.terms)
    path = ("relations", key)
    if not relation.terms:
        build.problem("empty-relation", message("关系式没有任何项，已略去"), *path)
        return
    if relation.sd < 0 or not np.isfinite(relation.sd) or not np.isfinite(relation.equals):
        build.problem("bad-uncertainty", message("关系式的数值或不确定度不对，已略去"), *path)
        return
    parts = [(_find(build, by_id, flow, relation.layer, *path), value) for flow, value in relation.terms]
    if any(found is None for found, _ in parts):
        return
    lists = [(dict(found), value) for found, value in parts if found is not None]
    periods = sorted({period for found, _ in lists for period in found})
    shared = [period for period in periods if all(period in found for found, _ in lists)]
    wanted: list[str | None] = [*shared] or [None]
    for period in wanted:
        row: dict[int, float] = {}
        for found, value in lists:
            at = found[period] if period is not None else next(iter(found.values()))
            row[at] = row.get(at, 0.0) + value
        full = f"{key}@{period}" if period else key
        if relation.sd == 0:
            build.rows.append((full, row, relation.equals))
        else:
            rest = build.add(Quantity(RELATION, full, ""), Known(relation.equals, relation.sd), -np.inf, np.inf)
            build.rows.append((full, {**row, rest: -1.0}, 0.0))


def _bounds(build: _Build, by_id: dict[str, list[Flow]]) -> None:
    for bound in build.network.bounds:
        path = ("bounds", bound.flow)
        found = _find(build, by_id, bound.flow, bound.layer, *path)
        if found is None:
            continue
        low = -np.inf if bound.low is None else bound.low
        high = np.inf if bound.high is None else bound.high
        if not low <= high:
            text = message("下限大于上限，此界已略去")
            build.problem("bad-bounds", text, *path, found=str(listing((bound.low, bound.high))))
            continue
        for _, at in found:
            old = build.bounds[at]
            build.bounds[at] = (low if bound.low is not None else old[0], high)
            if bound.low is None and bound.high is not None and bound.high < old[0]:
                build.bounds[at] = (-np.inf, high)


def _correlations(build: _Build, by_id: dict[str, list[Flow]]) -> list[tuple[int, int, float]]:
    found: list[tuple[int, int, float]] = []
    for entry in build.network.correlations:
        path = ("correlations", f"{entry.first}-{entry.second}")
        if not -1 <= entry.coefficient <= 1:
            text = message("相关系数应在 -1 与 1 之间，已略去")
            build.problem("bad-correlation", text, *path, found=f"{entry.coefficient:g}")
            continue
        first = _find(build, by_id, entry.first, entry.layer, *path)
        second = _find(build, by_id, entry.second, entry.layer, *path)
        if first is None or second is None:
            continue
        mates = dict(second)
        for period, at in first:
            other = mates.get(period, second[0][1])
            usable = all(build.known[each].measured and not build.known[each].exact for each in (at, other))
            if at == other or not usable:
                build.problem("bad-correlation", message("只有两个不同的、非准确的测量值可以相关，已略去"), *path)
                continue
            if entry.coefficient:
                found.append((at, other, entry.coefficient))
    return found


# --- the whole -------------------------------------------------------------------------------------------------------


def _finish(build: _Build, correlated: list[tuple[int, int, float]]) -> System:
    size = len(build.names)
    value = np.array([known.mean for known in build.known], float).reshape(size)
    sd = np.array([known.deviation for known in build.known], float).reshape(size)
    exact = np.array([known.exact for known in build.known], bool).reshape(size)
    limits = np.array(build.bounds, float).reshape(size, 2)
    for at in np.flatnonzero(exact & ((value < limits[:, 0]) | (value > limits[:, 1]))):
        name = build.names[int(at)]
        text = message("准确值在它的界之外，界已略去")
        build.problem("exact-outside", text, name.kind, name.key, found=f"{value[at]:g}", severity=Severity.WARNING)
        limits[at] = (-np.inf, np.inf)
    tail, head = np.array(build.tail, np.int64).reshape(size), np.array(build.head, np.int64).reshape(size)
    nodes = list(build.nodes)
    tail, head = _dead_ends(build, nodes, tail, head, exact, limits[:, 0])
    _parts(build, nodes, tail, head)
    triplets = [(row, at, weight) for row, (_, terms, _) in enumerate(build.rows) for at, weight in terms.items()]
    body = np.array(triplets, float).reshape(len(triplets), 3)
    rows = sp.csr_array(
        (body[:, 2], (body[:, 0].astype(np.int64), body[:, 1].astype(np.int64))), shape=(len(build.rows), size)
    )
    return System(
        names=tuple(build.names),
        index=build.index,
        nodes=tuple(nodes),
        value=np.where(exact | ~np.isnan(sd), value, np.nan),
        sd=np.where(exact, 0.0, sd),
        low=limits[:, 0],
        high=limits[:, 1],
        tail=tail,
        head=head,
        exact=exact,
        rows=rows,
        right=np.array([right for _, _, right in build.rows], float),
        row_names=tuple(name for name, _, _ in build.rows),
        products=np.array(build.products, np.int64).reshape(len(build.products), 3),
        factors=np.array(build.factors, float),
        correlated=_possible(build, correlated),
        known=tuple(build.known),
    )


def _dead_ends(
    build: _Build, nodes: list[Node], tail: Ints, head: Ints, exact: Bools, low: Floats
) -> tuple[Ints, Ints]:
    """Name processes that flows only enter or only leave; their balance is not asked, so that the rest stands."""
    edge = (tail >= 0) & (tail != head)
    count = len(nodes)
    goes_in = np.bincount(head[edge], minlength=count)
    goes_out = np.bincount(tail[edge], minlength=count)
    one_way = (goes_in == 0) | (goes_out == 0)
    # Where flows may be negative, several of them can balance although all point one way.
    signed = np.bincount(head[edge & (low < 0)], minlength=count) + np.bincount(tail[edge & (low < 0)], minlength=count)
    wrong = one_way & ((signed == 0) | (goes_in + goes_out == 1)) & (goes_in + goes_out > 0)
    wrong[0] = False
    for at in np.flatnonzero(wrong):
        node = nodes[at]
        texts = {
            True: message("过程 {process} 只有流入、没有流出，不可能平衡；未对它列平衡式", process=node.process),
            False: message("过程 {process} 只有流出、没有流入，不可能平衡；未对它列平衡式", process=node.process),
        }
        text = texts[bool(goes_in[at])]
        build.problem("unbalanced-by-construction", text, "processes", node.process, _where(build, node))
    if wrong.any():
        tail, head = np.where((tail >= 0) & wrong[tail], 0, tail), np.where((head >= 0) & wrong[head], 0, head)
    return tail, head


def _where(build: _Build, node: Node) -> str:
    """Layer and period of a node, where the network has several."""
    layer = node.layer if len(build.network.layers) > 1 else ""
    return ".".join(each for each in (layer, node.period) if each)


def _parts(build: _Build, nodes: list[Node], tail: Ints, head: Ints) -> None:
    """Name the parts of each layer that no flow connects with the rest, as a warning."""
    from qingyuan.balance.classify import components

    if len(nodes) < 3:
        return
    edge = (tail > 0) & (head > 0)  # connections over outside do not count
    count, label = components(tail[edge], head[edge], len(nodes))
    if count <= 2:
        return
    groups: dict[tuple[str, str], dict[int, list[str]]] = {}
    for at, node in enumerate(nodes[1:], start=1):
        groups.setdefault((node.layer, node.period), {}).setdefault(int(label[at]), []).append(node.process)
    for (layer, period), parts in groups.items():
        if len(parts) < 2 or layer != build.network.base.id:
            continue
        ordered = sorted(parts.values(), key=len, reverse=True)
        shown = [listing((*part[:6], "…") if len(part) > 6 else part) for part in ordered[1:4]]
        for names in shown:
            text = message("网络分成 {count} 个互不相连的部分，各自平衡；其一：{names}", count=len(parts), names=names)
            build.problem("disconnected", text, "processes", period, severity=Severity.WARNING)


def _possible(build: _Build, correlated: list[tuple[int, int, float]]) -> tuple[tuple[int, int, float], ...]:
    """Correlations that a covariance can have; groups that are not positive definite are named and left out."""
    groups = correlated_groups(correlated)
    kept: list[tuple[int, int, float]] = []
    for members in groups:
        at = {member: place_at for place_at, member in enumerate(members)}
        matrix = np.eye(len(members))
        own = [entry for entry in correlated if entry[0] in at]
        for first, second, coefficient in own:
            matrix[at[first], at[second]] = matrix[at[second], at[first]] = coefficient
        if np.linalg.eigvalsh(matrix)[0] <= 1e-10:
            names = listing(build.names[member].key for member in members)
            text = message("这些测量的相关系数不能同时成立（协方差不正定），已略去：{names}", names=names)
            build.problem("bad-correlation", text, "correlations")
            continue
        kept += own
    return tuple(kept)


def correlated_groups(correlated: list[tuple[int, int, float]] | tuple[tuple[int, int, float], ...]) -> list[list[int]]:
    """Groups of variables that correlations connect, each sorted."""
    group: dict[int, set[int]] = {}
    for first, second, _ in correlated:
        joined = group.get(first, {first}) | group.get(second, {second})
        for member in joined:
            group[member] = joined
    unique = {id(members): sorted(members) for members in group.values()}
    return sorted(unique.values())

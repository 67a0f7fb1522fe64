"""Which flows the balances determine (可观测性与冗余性): by search in the graph of unmeasured flows.

An unmeasured flow is observable (可观测) exactly where it is a bridge of the graph of the unmeasured flows: cutting it
parts the graph, so the balance around one part gives it. A measured flow is redundant (冗余) exactly where its ends
lie in different parts of that graph, so that some balance checks it. Two unmeasured flows that only together cut the
graph determine each other: a meter on either makes both observable. Kretsovalis and Mavrovouniotis 1987; Vaclavek 1969.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import breadth_first_order, connected_components

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Forest:
    """The graph of some edges, searched (图的搜索): nodes in preorder of a spanning forest.

    ``part``: connected part of each node; node 0 (outside) lies in part 0 and is its root. ``position``: place of
    each node in ``order``; the nodes below ``order[i]`` are ``order[i : last[i] + 1]``. ``above``: parent node or -1.
    ``tree_edge``: by node the index of the edge to its parent, or -1. ``bridge``: by edge. ``mates``: by edge a
    number that two edges share exactly where they lie on the same cycles (they cut the graph together); 0 for bridges.
    """

    parts: int
    part: Ints
    order: Ints
    position: Ints
    last: Ints
    above: Ints
    tree_edge: Ints
    bridge: Bools
    mates: NDArray[np.uint64]


def components(tail: Ints, head: Ints, nodes: int) -> tuple[int, Ints]:
    """Connected parts of a graph: their number and the part of each node, with node 0 in part 0."""
    graph = sp.coo_array((np.ones(len(tail), np.int8), (tail, head)), shape=(nodes, nodes)).tocsr()
    count, label = connected_components(graph, directed=False)
    label = label.astype(np.int64)
    if nodes and label[0] != 0:
        first = label[0]
        label = np.where(label == first, 0, np.where(label == 0, first, label))
    return int(count), label


def search(tail: Ints, head: Ints, nodes: int) -> Forest:
    """Search the graph of edges tail-head: parts, spanning forest, bridges, pairs that cut together.

    Loops (tail equal to head) belong to no tree and are no bridges. Time and memory grow with nodes + edges.
    """
    edges = len(tail)
    count, part = components(tail, head, nodes)
    # One more node joins the parts, so that a single search in compiled code reaches them all.
    roots = np.full(count, -1, np.int64)
    roots[part[::-1]] = np.arange(nodes)[::-1]  # the first node of each part; node 0 for part 0
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    proper = low != high
    joined = sp.coo_array(
        (
            np.ones(int(proper.sum()) + count, np.int8),
            (np.r_[low[proper], roots], np.r_[high[proper], np.full(count, nodes)]),
        ),
        shape=(nodes + 1, nodes + 1),
    ).tocsr()
    joined.data[:] = 1
    sequence, parent = breadth_first_order(joined, nodes, directed=False)
    sequence, above = sequence.astype(np.int64), parent.astype(np.int64)
    above[nodes] = -1

    # Preorder: sizes from the leaves up, places from the root down.
    sizes = [1] * (nodes + 1)
    up, downwards = above.tolist(), sequence.tolist()
    for node in reversed(downwards[1:]):
        sizes[up[node]] += sizes[node]
    places = [0] * (nodes + 1)
    free = [1] * (nodes + 1)
    for node in downwards[1:]:
        over = up[node]
        places[node] = places[over] + free[over]
        free[over] += sizes[node]
    position = np.array(places, np.int64)
    size = np.array(sizes, np.int64)
    order = np.empty(nodes + 1, np.int64)
    order[position] = np.arange(nodes + 1)

    # For each node below another: the edge that joins them (one of several parallel ones).
    tree_edge = np.full(nodes + 1, -1, np.int64)
    down_tail = np.where(above[tail] == head, tail, -1)
    down_head = np.where(above[head] == tail, head, -1)
    child = np.where(proper, np.maximum(down_tail, down_head), -1)
    useful = np.flatnonzero(child >= 0)[::-1]
    tree_edge[child[useful]] = useful  # the first edge of a parallel group stays
    other = np.ones(edges, bool)
    other[tree_edge[tree_edge >= 0]] = False
    other &= proper

    # Ends of the other edges, reduced over subtrees: a tree edge that none of them leaves is a bridge.
    reach_low, reach_high = position.copy(), position.copy()
    np.minimum.at(reach_low, tail[other], position[head[other]])
    np.minimum.at(reach_low, head[other], position[tail[other]])
    np.maximum.at(reach_high, tail[other], position[head[other]])
    np.maximum.at(reach_high, head[other], position[tail[other]])
    lows, highs = reach_low.tolist(), reach_high.tolist()
    for node in reversed(downwards[1:]):
        over = up[node]
        if lows[node] < lows[over]:
            lows[over] = lows[node]
        if highs[node] > highs[over]:
            highs[over] = highs[node]
    last = position + size - 1
    closed = (np.array(lows) >= position) & (np.array(highs) <= last)
    bridge = np.zeros(edges, bool)
    real = np.flatnonzero(tree_edge >= 0)
    bridge[tree_edge[real]] = closed[real]

    # Random labels of the other edges; the sum (by exclusive or) over a subtree labels its tree edge.
    labels = np.zeros(edges, np.uint64)
    drawn = np.random.default_rng(20_260_815).integers(1, 2**63, int(other.sum()), dtype=np.uint64)
    labels[other] = drawn
    at_node = np.zeros(nodes + 2, np.uint64)
    np.bitwise_xor.at(at_node, position[tail[other]] + 1, drawn)
    np.bitwise_xor.at(at_node, position[head[other]] + 1, drawn)
    running = np.bitwise_xor.accumulate(at_node)
    labels[tree_edge[real]] = running[last[real] + 1] ^ running[position[real]]
    labels[bridge] = 0

    above[above == nodes] = -1
    return Forest(
        count,
        part,
        order[1:],
        position[:nodes] - 1,
        last[:nodes] - 1,
        above[:nodes],
        tree_edge[:nodes],
        bridge,
        labels,
    )

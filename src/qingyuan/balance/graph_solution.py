"""Weighted least squares on the balances of a graph, exactly (图上的加权最小二乘).

Minimise sum ((x - y) / s)^2 over the measured flows while every node balances; unmeasured flows are free. Nodes that
unmeasured flows connect become one group; the balances of the groups over the measured flows have the residual
r = A y + c (c: exact flows) and the covariance V = A S A', a grounded weighted Laplacian, factorised once. Then
x = y - S A' V^-1 r, var(x_j) = s_j^2 - s_j^4 a_j' V^-1 a_j, and an observable unmeasured flow is the surplus of the
part of the network that it alone leaves. All that is asked of V^-1 lies on the pattern of its factor.
Narasimhan and Jordache, Data Reconciliation and Gross Error Detection (2000), chapters 3 and 7.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from qingyuan.balance.classify import Forest, components, search
from qingyuan.balance.solution import Bools, Floats, Ints, Solution, Statistics
from qingyuan.balance.sparse import Engine, Entries, Factor, factorise, selected_inverse
from qingyuan.balance.system import System

_CLIQUE = 24  # groups around an observable flow up to which its variance is read from the selected inverse
_CANCELLED = 1e-7  # of a variance, from which the difference that gives it is worked out another way
_CHUNK = 2_000_000  # entries of subtree indicators at a time


@dataclass(frozen=True)
class _Reduced:
    """The network of groups: what the factor stands for."""

    free: Ints  # unmeasured edges
    kept: Ints  # measured edges, all
    fixed: Ints  # edges of known value
    forest: Forest
    label: Ints  # group by node
    groups: int
    row: Ints  # row of the Laplacian by group, -1 for grounded ones
    count: int
    span: Ints  # connected part of the measured graph by group
    spans: int


def solve_graph(system: System, fixed: Bools, at: Floats, engine: Engine = "auto", *, full: bool = True) -> Solution:
    """Solve a network of balances; ``fixed`` variables stand at the values ``at`` (exact ones, active bounds).

    ``full`` False: values, classes and scores only; variances and spreads stay empty.
    """
    size = system.size
    edge = (system.tail >= 0) & (system.tail != system.head)
    usable = ~np.isnan(system.value) & ~fixed
    net = _reduce(system, edge, usable, fixed)
    nodes = len(system.nodes)
    variance0 = np.where(usable, system.sd, 0.0) ** 2

    constant = _surplus(system, net.fixed, np.where(fixed, at, 0.0), nodes)
    incidence = _incidence(system, net)
    weight = variance0[net.kept]
    laplacian = (incidence * weight) @ incidence.T
    bridges = net.free[net.forest.bridge]
    children = _children(system, net.forest, net.free)
    if full:
        own, quadratic = _around(system, net, variance0, children)
        factor = factorise(_with_cliques(laplacian, quadratic))
        entries = selected_inverse(factor, engine, positive=factor.matrix.nnz == laplacian.nnz)
    else:
        factor = factorise(laplacian)

    measured = np.zeros(size)
    measured[usable] = system.value[usable]
    surplus = _surplus(system, net.kept, measured, nodes) + constant
    residual = np.asarray(np.bincount(net.label, surplus, net.groups), np.float64)
    multipliers = _rows(net, factor.solve(_to_rows(net, residual)))

    score = np.zeros(size)
    ends_tail, ends_head = net.label[system.tail[net.kept]], net.label[system.head[net.kept]]
    score[net.kept] = multipliers[ends_head] - multipliers[ends_tail]
    spread = np.zeros(size)
    if full:
        spread[net.kept] = _resistance(net, entries, ends_tail, ends_head)

    value = np.full(size, np.nan)
    value[usable] = measured[usable] - variance0[usable] * score[usable]
    value[fixed] = at[fixed]
    variance = np.full(size, np.nan)
    variance[fixed] = 0.0
    left = 1 - variance0[usable] * spread[usable]
    variance[usable] = variance0[usable] * np.maximum(left, 0.0)

    value[bridges] = _without_rounding(system, edge, bridges, value, _bridge_values(system, net, value, children))
    if full:
        variance[bridges] = own - _quadratic(net, entries, factor, quadratic)
        _small_variances(system, net, factor, variance, variance0, bridges, children, own)
    np.maximum(variance, 0.0, out=variance, where=~np.isnan(variance))

    observable = usable | fixed
    observable[bridges] = True
    redundant = np.zeros(size, bool)
    redundant[net.kept] = ends_tail != ends_head
    mates = np.zeros(size, np.uint64)
    mates[net.free] = net.forest.mates

    leak_score = multipliers
    leak_spread = _leak_spread(net, entries) if full else np.zeros(net.groups)
    diagonal = np.zeros(net.groups)
    np.add.at(diagonal, ends_head[ends_tail != ends_head], weight[ends_tail != ends_head])
    np.add.at(diagonal, ends_tail[ends_tail != ends_head], weight[ends_tail != ends_head])

    def all_scores(by_group: Floats) -> Floats:
        scores = np.zeros(size + net.groups)
        scores[net.kept] = by_group[ends_head] - by_group[ends_tail]
        scores[size:] = by_group
        return scores

    def column(number: int) -> Floats:
        direction = np.zeros(net.groups)
        if number < size:
            direction[net.label[system.head[number]]] += 1
            direction[net.label[system.tail[number]]] -= 1
        else:
            direction[number - size] = 1
        return all_scores(_rows(net, factor.solve(_to_rows(net, direction))))

    def respond(change: Floats, extra: Floats) -> Floats:
        moved = np.where(usable, change, 0.0)
        first = np.zeros(nodes)
        if len(extra):
            homes = np.full(net.groups, -1, np.int64)
            homes[net.label[::-1]] = np.arange(nodes)[::-1]
            np.add.at(first, homes, extra)
        by_node = _surplus(system, net.kept, moved, nodes) + first
        total = np.asarray(np.bincount(net.label, by_node, net.groups), np.float64)
        answers = _rows(net, factor.solve(_to_rows(net, total)))
        moved[net.kept] -= variance0[net.kept] * (answers[ends_head] - answers[ends_tail])
        moved[bridges] = _bridge_values(system, net, np.where(observable, moved, np.nan), children, first)
        return moved

    contradictions = _contradictions(system, net, residual, np.abs(surplus).max(initial=0.0), constant)
    solvable = net.row >= 0
    gamma = float(residual[solvable] @ multipliers[solvable])
    group = net.label.copy()
    statistics = Statistics(
        size,
        net.groups,
        group,
        np.r_[score, leak_score],
        np.r_[spread, leak_spread],
        residual,
        np.where(solvable | (diagonal > 0), diagonal, 0.0),
        column,
        respond,
    )
    return Solution(
        value,
        variance,
        observable,
        redundant,
        np.zeros(size, np.int8),
        mates,
        gamma,
        net.count,
        1,
        contradictions,
        statistics,
    )


def _reduce(system: System, edge: Bools, usable: Bools, fixed: Bools) -> _Reduced:
    """Join nodes over unmeasured flows, and ground one group of each part that measured flows connect."""
    nodes = len(system.nodes)
    free = np.flatnonzero(edge & ~usable & ~fixed)
    kept = np.flatnonzero(edge & usable)
    forest = search(system.tail[free], system.head[free], nodes)
    label = forest.part
    groups = forest.parts
    spans, span = components(label[system.tail[kept]], label[system.head[kept]], groups)
    grounded = np.full(spans, -1, np.int64)
    grounded[span[::-1]] = np.arange(groups)[::-1]  # the first group of each part; outside for its own
    row = np.arange(groups)
    row[grounded] = -1
    row[row >= 0] = np.arange(groups - spans)
    return _Reduced(free, kept, np.flatnonzero(edge & fixed), forest, label, groups, row, groups - spans, span, spans)


def _incidence(system: System, net: _Reduced) -> sp.csc_array:
    """Groups (rows of the Laplacian) by measured edges: 1 where it enters, -1 where it leaves."""
    columns = np.arange(len(net.kept))
    heads, tails = net.row[net.label[system.head[net.kept]]], net.row[net.label[system.tail[net.kept]]]
    inner = net.label[system.head[net.kept]] != net.label[system.tail[net.kept]]
    enters, leaves = inner & (heads >= 0), inner & (tails >= 0)
    data = np.r_[np.ones(int(enters.sum())), -np.ones(int(leaves.sum()))]
    place = (np.r_[heads[enters], tails[leaves]], np.r_[columns[enters], columns[leaves]])
    return sp.csc_array((data, place), shape=(net.count, len(net.kept)))


def _surplus(system: System, edges: Ints, values: Floats, nodes: int) -> Floats:
    """What enters less what leaves, by node, over some edges."""
    amounts = values[edges]
    enters = np.bincount(system.head[edges], amounts, nodes)
    return np.asarray(enters - np.bincount(system.tail[edges], amounts, nodes), np.float64)


def _to_rows(net: _Reduced, by_group: Floats) -> Floats:
    return np.asarray(by_group[net.row >= 0])


def _rows(net: _Reduced, by_row: Floats) -> Floats:
    out = np.zeros(net.groups)
    out[net.row >= 0] = by_row
    return out


def _inverse_at(net: _Reduced, entries: Entries, first: Ints, second: Ints) -> Floats:
    """Entries of V^-1 by groups; zero where one is grounded."""
    rows, columns = net.row[first], net.row[second]
    out = np.zeros(len(rows))
    inner = (rows >= 0) & (columns >= 0)
    out[inner] = entries.at(rows[inner], columns[inner])
    return out


def _resistance(net: _Reduced, entries: Entries, tails: Ints, heads: Ints) -> Floats:
    """The spread a' V^-1 a of edges between groups; 0 for loops."""
    found = np.zeros(len(tails))
    proper = np.flatnonzero(tails != heads)
    tail, head = tails[proper], heads[proper]
    found[proper] = (
        _inverse_at(net, entries, tail, tail)
        + _inverse_at(net, entries, head, head)
        - 2 * _inverse_at(net, entries, tail, head)
    )
    return found


def _leak_spread(net: _Reduced, entries: Entries) -> Floats:
    """The spread of a leak at each group; 0 at outside and where the part does not reach outside."""
    everything = np.arange(net.groups)
    spread = _inverse_at(net, entries, everything, everything)
    spread[net.span != net.span[0]] = 0.0
    return spread


# --- observable unmeasured flows ------------------------------------------------------------------------------------


def _children(system: System, forest: Forest, free: Ints) -> Ints:
    """The node below each bridge, in the order of the bridges."""
    below = np.full(len(free), -1, np.int64)
    nodes = np.flatnonzero(forest.tree_edge >= 0)
    below[forest.tree_edge[nodes]] = nodes
    return below[forest.bridge]


def _bridge_values(system: System, net: _Reduced, value: Floats, children: Ints, extra: Floats | None = None) -> Floats:
    """Each observable flow as the surplus of the nodes below it; positive from below to above."""
    nodes = len(system.nodes)
    others = np.r_[net.kept, net.fixed]
    surplus = _surplus(system, others, np.nan_to_num(value), nodes)
    if extra is not None:
        surplus = surplus + extra
    # Sums over subtrees within each part, so that rounding of one part does not reach another.
    ordered = surplus[net.forest.order]
    running = np.r_[0.0, np.cumsum(ordered)]
    total = running[net.forest.last[children] + 1] - running[net.forest.position[children]]
    bridges = net.free[net.forest.bridge]
    return np.asarray(np.where(system.tail[bridges] == children, total, -total))


def _without_rounding(system: System, edge: Bools, bridges: Ints, value: Floats, found: Floats) -> Floats:
    """Observable flows without what rounding leaves of a zero, beside the flows that they were the surplus of."""
    size = np.zeros(len(system.nodes))
    known = np.flatnonzero(edge & ~np.isnan(value))
    np.maximum.at(size, system.tail[known], np.abs(value[known]))
    np.maximum.at(size, system.head[known], np.abs(value[known]))
    size[0] = 0.0
    beside = np.maximum(size[system.tail[bridges]], size[system.head[bridges]])
    return np.where(np.abs(found) < 1e-14 * beside, 0.0, found)


def _around(system: System, net: _Reduced, variance: Floats, children: Ints) -> tuple[Floats, sp.csr_array]:
    """For each bridge: the variance of the surplus below it as measured, and its covariance with the groups.

    With t the indicator of the nodes below and W the Laplacian of all measured flows on nodes: t'Wt, and C W t by
    groups C.
    """
    nodes = len(system.nodes)
    tails, heads, weight = system.tail[net.kept], system.head[net.kept], variance[net.kept]
    place = (np.r_[tails, heads, tails, heads], np.r_[tails, heads, heads, tails])
    full = sp.csr_array((np.r_[weight, weight, -weight, -weight], place), shape=(nodes, nodes))
    joined = sp.csr_array((np.ones(nodes), (np.arange(nodes), net.label)), shape=(nodes, net.groups))
    by_group = (full @ joined).tocsr()
    begin, end = net.forest.position[children], net.forest.last[children] + 1
    own = np.zeros(len(children))
    pieces: list[sp.csr_array] = []
    start = 0
    lengths = end - begin
    while start < len(children):
        stop = start + max(1, int(np.searchsorted(np.cumsum(lengths[start:]), _CHUNK)))
        indptr = np.r_[0, np.cumsum(lengths[start:stop])]
        inside = np.arange(indptr[-1]) - np.repeat(indptr[:-1] - begin[start:stop], lengths[start:stop])
        below = sp.csr_array((np.ones(len(inside)), net.forest.order[inside], indptr), shape=(stop - start, nodes))
        own[start:stop] = np.asarray((below @ full).multiply(below).sum(axis=1)).ravel()
        pieces.append((below @ by_group).tocsr())
        start = stop
    quadratic = sp.csr_array(sp.vstack(pieces)) if pieces else sp.csr_array((0, net.groups))
    quadratic = sp.csr_array(quadratic[:, net.row >= 0])
    scale = np.abs(quadratic.data).max(initial=0.0)
    quadratic.data[np.abs(quadratic.data) < 1e-15 * scale] = 0.0
    quadratic.eliminate_zeros()
    return own, quadratic


def _pairs(vectors: sp.csr_array) -> Iterator[tuple[Ints, Ints, Ints, Floats]]:
    """Rows of equal length up to the limit, together: their numbers, all pairs of their columns, their values."""
    lengths = np.diff(vectors.indptr)
    small = np.flatnonzero((lengths > 0) & (lengths <= _CLIQUE))
    for length in np.unique(lengths[small]).tolist():
        rows = small[lengths[small] == length]
        take = vectors.indptr[rows][:, None] + np.arange(length)
        columns = vectors.indices[take].astype(np.int64)
        yield (
            rows,
            np.repeat(columns, length, axis=1).ravel(),
            np.tile(columns, (1, length)).ravel(),
            vectors.data[take],
        )


def _with_cliques(laplacian: sp.csc_array, vectors: sp.csr_array) -> sp.csc_array:
    """The matrix with explicit zeros between all groups around an observable flow, so that the factor covers them."""
    out = sp.csc_array(laplacian)
    found = [(first, second) for _, first, second, _ in _pairs(vectors)]
    if not found:
        return out
    size = out.shape[0]
    old = out.tocoo()
    present = old.col.astype(np.int64) * size + old.row
    wanted = np.concatenate([second * size + first for first, second in found])
    keys = np.sort(np.r_[wanted, present])
    keys = keys[np.r_[True, keys[1:] != keys[:-1]]]
    data = np.zeros(len(keys))
    data[np.searchsorted(keys, present)] = old.data
    counts = np.bincount(keys // size, minlength=size)
    return sp.csc_array((data, keys % size, np.r_[0, np.cumsum(counts)]), shape=out.shape)


def _quadratic(net: _Reduced, entries: Entries, factor: Factor, vectors: sp.csr_array) -> Floats:
    """u' V^-1 u for each row u: from the entries where these suffice, else by solving."""
    count = vectors.shape[0]
    found = np.zeros(count)
    lengths = np.diff(vectors.indptr)
    for rows, first, second, values in _pairs(vectors):
        width = values.shape[1]
        inverse = entries.at(first, second).reshape(len(rows), width, width)
        found[rows] = np.einsum("bi,bij,bj->b", values, inverse, values)
    large = np.flatnonzero(lengths > _CLIQUE)
    for start in range(0, len(large), 64):
        rows = large[start : start + 64]
        dense = vectors[rows].toarray()
        found[rows] = np.einsum("bi,ib->b", dense, factor.solve(dense.T.copy(), refined=False))
    return found


def _small_variances(
    system: System,
    net: _Reduced,
    factor: Factor,
    variance: Floats,
    variance0: Floats,
    bridges: Ints,
    children: Ints,
    own: Floats,
) -> None:
    """Work out anew, in place, the variances of which a difference of large numbers has left no digits.

    Rough meters between precise ones: x = c'y with c = e - A' V^-1 A S e for a measured flow, and with the surplus of
    the nodes below for an observable one; the variance is the sum of c_i^2 s_i^2, where nothing cancels.
    """
    weight = variance0[net.kept]
    nodes = len(system.nodes)
    place = np.full(system.size, -1, np.int64)
    place[net.kept] = np.arange(len(net.kept))
    measured = net.kept[variance[net.kept] < _CANCELLED * weight]
    below = np.flatnonzero(variance[bridges] < _CANCELLED * own)
    rank = np.empty(nodes, np.int64)
    rank[net.forest.order] = np.arange(nodes)
    heads, tails = net.label[system.head[net.kept]], net.label[system.tail[net.kept]]
    head_rank, tail_rank = rank[system.head[net.kept]], rank[system.tail[net.kept]]
    for number in (*measured.tolist(), *(-1 - below).tolist()):
        if number >= 0:
            direction = np.zeros(len(net.kept))
            direction[place[number]] = 1.0
        else:
            child = children[-1 - number]
            begin, end = net.forest.position[child], net.forest.last[child]
            direction = ((head_rank >= begin) & (head_rank <= end)).astype(float)
            direction -= (tail_rank >= begin) & (tail_rank <= end)
        moved = np.bincount(heads, weight * direction, net.groups) - np.bincount(tails, weight * direction, net.groups)
        answers = _rows(net, factor.solve(_to_rows(net, np.asarray(moved, np.float64))))
        share = direction - (answers[heads] - answers[tails])
        share[np.abs(share) < 1e-13] = 0.0  # rounding
        variance[number if number >= 0 else bridges[-1 - number]] = float(share**2 @ weight)


def _contradictions(
    system: System, net: _Reduced, residual: Floats, scale: float, constant: Floats
) -> tuple[tuple[str, ...], ...]:
    """Parts that exact values or bounds alone put out of balance: the names of their processes."""
    total = np.bincount(net.span, residual, net.spans)
    size = np.bincount(net.span[net.label], np.abs(constant), net.spans) + 1e-300
    wrong = np.flatnonzero(np.abs(total) > 1e-9 * np.maximum(size, scale))
    wrong = wrong[wrong != net.span[0]]
    found = []
    for part in wrong:
        members = np.flatnonzero(net.span[net.label] == part)
        found.append(tuple(dict.fromkeys(system.nodes[at].process for at in members if at)))
    return tuple(found)

"""Flows of a plant from its facts (由事实得到的流): stated between places, or told by what happened at each place.

A fact with ``to_place`` is a flow. Other facts say what a place took in, made, lost or gave away: their role tells the
direction. Amounts come from the ledger, so that nothing is counted twice; several numbers stated for one thing are kept
as rivals and make a range, never a sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from qingyuan import units
from qingyuan.balance.network import OUTSIDE, Flow, Known, Layer, Network, Process
from qingyuan.balance.rules import Entry, UnitBalance
from qingyuan.facts.model import SITE, Basis, Fact, Period, State
from qingyuan.figures.derivation import Term
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Text, message
from qingyuan.reference.items import catalogue

# Names of what lies outside, as people write them in the column of destinations.
_OUTSIDE = frozenset(
    {"厂外", "外部", "外界", "环境", "外环境", "大气", "市政管网", "市政", "供应商", "客户", "用户", "外委", "委外处置"}
    | {"outside", "environment", "atmosphere", "sewer", "supplier", "customer", "off site", "off-site"}
)
_OUTSIDE_KINDS = frozenset({"outlet", "outside", "environment"})
_COMPUTED = frozenset({Basis.BALANCE})


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as stated (已知量): value, its range where it has rivals, standard uncertainty, basis, facts."""

    value: float
    low: float
    high: float
    sd: float
    unit: str
    basis: Basis
    facts: tuple[Fact, ...]
    rivals: tuple[float, ...] = ()

    @property
    def computed(self) -> bool:
        """Whether the number was stated as a balance of others (物料衡算): it checks nothing."""
        return bool(self.facts) and all(fact.basis in _COMPUTED for fact in self.facts)


@dataclass(frozen=True, slots=True)
class Stream:
    """One flow of the plant (一条流): from a place to another (``OUTSIDE`` for the world), with its amount or None."""

    id: str
    source: str
    target: str
    name: Text
    amount: Amount | None
    unit: str

    def as_json(self) -> dict[str, object]:
        """The flow as plain values."""
        known = self.amount
        return {
            "id": self.id,
            "from": self.source,
            "to": self.target,
            "name": str(self.name),
            "unit": self.unit,
            "value": None if known is None else known.value,
            "sd": None if known is None else known.sd,
            "rivals": [] if known is None else list(known.rivals),
            "facts": [] if known is None else [str(fact.where) for fact in known.facts],
        }


# --- amounts ---------------------------------------------------------------------------------------------------------


def amount_of(
    ledger: Ledger, item: str, roles: str | Sequence[str], period: str, place: str = SITE, unit: str = ""
) -> Amount | None:
    """The amount of an item in the first role that has one, with rival statements as a range; None where none is.

    Rows whose names are both general names of the item itself (生产废水量 and 生产废水产生量) state one amount: they
    are rivals and not parts. Converted to ``unit`` where it is given; None where that does not fit.
    """
    term = ledger.amount(item, roles, period, place)
    if term is None:
        return None
    if unit:
        try:
            term = term.to(unit)
        except units.DimensionError:
            return None
    return from_term(term)


def from_term(term: Term) -> Amount:
    """A term as an amount, with rival statements among its facts as a range."""
    facts = term.facts()
    value = low = high = term.value
    rivals: tuple[float, ...] = ()
    groups: dict[tuple[str, str, str, str], list[Fact]] = {}
    for fact in facts:
        if not fact.to_place and fact.state is State.VALUE and fact.value is not None and _general(fact):
            groups.setdefault((fact.item, fact.role, fact.place, fact.period), []).append(fact)
    for rows in groups.values():
        if len({row.label for row in rows}) < 2 or len(rows) < 2:
            continue
        try:
            numbers = [(row.value or 0.0) * units.factor(row.unit, term.unit) for row in rows]
        except units.DimensionError:
            continue
        rest = term.value - sum(numbers)
        if rest < -1e-9 * abs(term.value):  # the term is no sum of these rows
            continue
        value += numbers[0] - sum(numbers)
        low += min(numbers) - sum(numbers)
        high += max(numbers) - sum(numbers)
        rivals = tuple(dict.fromkeys((*rivals, *numbers)))
    sd = term.sd * abs(value / term.value) if term.value else term.sd
    basis = max((fact.basis for fact in facts), key=list(Basis).index, default=Basis.UNKNOWN)
    return Amount(value, low, high, sd, term.unit, basis, facts, rivals if high > low else ())


def _general(fact: Fact) -> bool:
    """Whether a row is named by a general name of its item."""
    match = catalogue().match(fact.label) if fact.label else None
    return match is not None and match.item.id == fact.item


# --- explicit flows --------------------------------------------------------------------------------------------------


def is_outside(ledger: Ledger, place: str) -> bool:
    """Whether a name stands for the world outside the plant."""
    if place == SITE or place.casefold() in _OUTSIDE:
        return True
    return any(one.name == place and one.kind in _OUTSIDE_KINDS for one in ledger.places)


def explicit_streams(ledger: Ledger, period: str, items: Iterable[str], unit: str) -> tuple[Stream, ...]:
    """The flows stated between places (去向场所) of some items in a period, in one unit; several rows are added.

    Rows of several parts of the period are added; what does not fit the unit is left out.
    """
    wanted = set(items)
    sums: dict[tuple[str, str, str], list[tuple[float, float, Fact]]] = {}
    for fact in ledger.flows(period=period):
        if fact.item not in wanted or fact.state is not State.VALUE or fact.value is None:
            continue
        try:
            value = fact.value * units.factor(fact.unit, unit)
        except units.DimensionError:
            continue
        ends = tuple(OUTSIDE if is_outside(ledger, end) else end for end in (fact.place, fact.to_place))
        sums.setdefault((ends[0], ends[1], fact.item), []).append((value, value * fact.relative_uncertainty, fact))
    found: list[Stream] = []
    for (source, target, item), rows in sums.items():
        rows = _distinct(rows, period)
        value = sum(row[0] for row in rows)
        sd = sum(row[1] ** 2 for row in rows) ** 0.5
        facts = tuple(row[2] for row in rows)
        basis = max((fact.basis for fact in facts), key=list(Basis).index)
        known = Amount(value, value, value, sd, unit, basis, facts)
        found.append(Stream(f"{item}:{source}>{target}", source, target, ledger.label(item), known, unit))
    return tuple(found)


def _distinct(rows: list[tuple[float, float, Fact]], period: str) -> list[tuple[float, float, Fact]]:
    """The rows of the whole period where there are any, else all (months of a year)."""
    whole = str(Period.parse(period))
    exact = [row for row in rows if str(Period.parse(row[2].period)) == whole]
    return exact or rows


# --- places ----------------------------------------------------------------------------------------------------------


def frontier(ledger: Ledger, items: Sequence[tuple[str, str | Sequence[str]]], period: str) -> tuple[str, ...]:
    """The places at which amounts are known, as deep as they are complete: a place stands for itself where those below
    it do not make up its number (within 2 %).
    """

    def total(place: str) -> float | None:
        known = [term.value for item, roles in items if (term := ledger.amount(item, roles, period, place)) is not None]
        return sum(known) if known else None

    def at(place: str) -> list[str]:
        own = total(place)
        if own is None:
            return []
        below = [name for child in ledger.children(place) for name in at(child)]
        made = sum(total(name) or 0.0 for name in below)
        return below if below and made >= 0.98 * own else [place]

    return tuple(dict.fromkeys(name for child in ledger.children(SITE) for name in at(child)))


# --- networks --------------------------------------------------------------------------------------------------------


def network_of(
    streams: Sequence[Stream],
    *,
    layer: Layer,
    names: Mapping[str, str],
    unbalanced: Iterable[str] = (),
    title: str = "",
) -> Network:
    """The flow network of streams of one layer; ``names`` by process, ``unbalanced``: of which no balance is asked.

    Rivals make a uniform range; an amount of zero uncertainty keeps it; unknown ones are unmeasured.
    """
    flows = tuple(
        Flow(one.id, one.source, one.target, _known(one.amount), layer.id, name=str(one.name), meter=_meter(one))
        for one in streams
    )
    ends = {end for one in streams for end in (one.source, one.target)} - {OUTSIDE}
    fed = {one.target for one in streams}
    drained = {one.source for one in streams}
    loose = set(unbalanced) | {end for end in ends if end not in fed or end not in drained}
    processes = tuple(Process(end, names.get(end, end), end not in loose) for end in sorted(ends))
    return Network(flows, processes=processes, layers=(layer,), name=title)


def _known(amount: Amount | None) -> Known:
    if amount is None:
        return Known()
    if amount.high > amount.low:
        return Known(None, None, "uniform", amount.low, amount.high)
    return Known(amount.value, amount.sd)


def _meter(stream: Stream) -> str:
    facts = () if stream.amount is None else stream.amount.facts
    ends = "→".join("" if end == OUTSIDE else end for end in (stream.source, stream.target))
    return next((fact.meter for fact in facts if fact.meter), f"{stream.name} {ends.strip('→') or ends}")


# --- balances of units -----------------------------------------------------------------------------------------------


def unit_balances(
    streams: Sequence[Stream], names: Mapping[str, Text], limit: float, unit: str
) -> tuple[UnitBalance, ...]:
    """The balance of each place that flows meet at, from what was stated, in the order of the flows."""
    ends = dict.fromkeys(end for one in streams for end in (one.target, one.source) if end != OUTSIDE)
    found: list[UnitBalance] = []
    for end in ends:
        rows = [entry(one, "in") for one in streams if one.target == end and one.source != end]
        rows += [entry(one, "out") for one in streams if one.source == end and one.target != end]
        found.append(UnitBalance(end, names.get(end, end), unit, tuple(rows), limit))
    return tuple(found)


def whole_balance(streams: Sequence[Stream], limit: float, unit: str) -> UnitBalance:
    """The balance of the whole plant: what crosses its border."""
    crossing = [one for one in streams if (one.source == OUTSIDE) != (one.target == OUTSIDE)]
    rows = [replace(entry(one, "in"), partner=one.target) for one in crossing if one.source == OUTSIDE]
    rows += [replace(entry(one, "out"), partner=one.source) for one in crossing if one.target == OUTSIDE]
    return UnitBalance("whole", message("全厂"), unit, tuple(rows), limit)


def entry(stream: Stream, side: str) -> Entry:
    """A flow as a row of a balance."""
    known = stream.amount
    partner = stream.source if side == "in" else stream.target
    row = Entry(stream.name, "in" if side == "in" else "out", None, None, partner=partner)
    if known is None:
        return row
    return replace(
        row, low=known.low, high=known.high, sd=known.sd, basis=known.basis, computed=known.computed,
        facts=known.facts, rivals=known.rivals,
    )  # fmt: skip

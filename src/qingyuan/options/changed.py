"""A plant after options (方案后的企业): streams under any set of options at once, and the case with changed facts.

The order of options in a set does not matter. On one stream amounts that are added or taken away come first (never
below zero), then shares multiply, then levels that are reached bound the rest. A stream of one place that falls lowers
what the places and items above it state by the same amount; what happens to a whole stream happens to every stream
inside it in proportion, so that parts never exceed the whole; what becomes of a stream (discharge, purchase) falls in
proportion.
Less waste water carries the same load: concentrations rise as the volume falls, and fall with the load itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qingyuan import units
from qingyuan.errors import UnknownName
from qingyuan.facts.model import SITE, Case, Fact, Monitoring, State
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.monitoring import fact_of
from qingyuan.language import Message, message
from qingyuan.options.change import Change, Option, Unapplied, check_options, exclusions
from qingyuan.options.streams import CONCENTRATIONS, Stream, find_stream, has_value, in_period, in_unit_of, output_in

Sets = NDArray[np.bool_]
Array = NDArray[np.float64]

# Concentrations rise as the volume falls, down to this part of it: below, what is left over leaves with sludge or brine
# and not with water. Ours, no rule; without it the last cubic metre would carry everything.
LEAST_WATER = 0.05

_WASTE_WATER = ("wastewater", "process-wastewater")


@dataclass(frozen=True, slots=True)
class Applied:
    """One change on its way (已计入的变化): option and stream by position, kind, number in the stream's unit."""

    option: int
    stream: int
    kind: str
    value: float
    bound: str = "max"
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """How much a fact becomes (事实变化式), as a factor of its value.

    The product of what happens to the streams that hold it, of the fall of streams inside it as a part of its amount,
    divided by the ratio of streams that dilute it. ``becomes``: a stream whose amount the fact is, times a factor.
    """

    own: tuple[int, ...] = ()
    inside: tuple[tuple[int, float], ...] = ()
    over: tuple[int, ...] = ()
    becomes: tuple[int, float] | None = None

    @property
    def idle(self) -> bool:
        """Whether nothing happens to the fact."""
        return not (self.own or self.inside or self.over or self.becomes)


@dataclass(frozen=True, slots=True)
class StreamState:
    """All streams under S sets of options: amounts ``after`` (S x K), ``own`` and ``ratio`` factors (S x K).

    ``own`` is what the changes of the stream itself do; ``ratio`` that together with streams inside it and before it,
    without the wholes that it is a part of; ``after`` holds all of them.
    """

    after: Array
    own: Array
    ratio: Array

    def factor(self, rule: Rule) -> Array:
        """What a fact of this rule is multiplied by in each set (S)."""
        found = np.ones(len(self.after))
        if rule.inside:
            for stream, weight in rule.inside:
                found += weight * (self.ratio[:, stream] - 1)
            np.maximum(found, 0.0, out=found)
        for stream in rule.own:
            found *= self.own[:, stream]
        for stream in rule.over:
            found /= np.maximum(self.ratio[:, stream], LEAST_WATER)
        return found


class PlantModel:
    """One plant and its options, compiled for a period (企业方案模型); made by ``compile_plant``.

    ``case`` is the case as given, with a zero row for every stream that only an option brings. ``options`` in order;
    ``streams`` with their amounts before; ``applied`` what acts on them; ``unapplied`` per option what does not.
    """

    def __init__(
        self,
        case: Case,
        ledger: Ledger,
        period: str,
        options: tuple[Option, ...],
        streams: tuple[Stream, ...],
        applied: tuple[Applied, ...],
        unapplied: Mapping[str, tuple[Unapplied, ...]],
        made_from: Mapping[int, int] | None = None,
    ) -> None:
        self.case = case
        self.ledger = ledger
        self.period = period
        self.options = options
        self.streams = streams
        self.applied = applied
        self.unapplied = unapplied
        self.index = {option.id: position for position, option in enumerate(options)}
        self._requires = [
            (position, [self.index[other] for other in option.requires])
            for position, option in enumerate(options)
            if option.requires
        ]
        self._parents = [_parent(stream, streams) for stream in streams]
        self.made_from = dict(made_from or {})
        fuels = {top for at in self.made_from for top in streams[at].tops}
        ranks = [_rank(stream) + (0.5 if set(stream.tops) & fuels else 0.0) for stream in streams]
        self._order = sorted(range(len(streams)), key=lambda at: (ranks[at], -_depth(at, self._parents)))
        self._before = [_upstream(stream, streams) for stream in streams]
        self._rules: dict[Fact, Rule] = {}

    # --- sets --------------------------------------------------------------------------------------------------------

    def sets(self, chosen: Iterable[Iterable[str]]) -> Sets:
        """Sets of option ids as rows of a boolean matrix (S x options). Raises UnknownName."""
        rows = [list(ids) for ids in chosen]
        found = np.zeros((len(rows), len(self.options)), dtype=bool)
        for number, ids in enumerate(rows):
            for id in ids:
                if id not in self.index:
                    raise UnknownName(message("未知的方案"), id, self.index)
                found[number, self.index[id]] = True
        return found

    def at_work(self, sets: Sets) -> Sets:
        """The sets without the options whose prerequisites are not in them: those do nothing."""
        found = np.array(sets, dtype=bool, copy=True)
        for _ in range(len(self._requires)):
            before = found.sum()
            for option, needed in self._requires:
                found[:, option] &= found[:, needed].all(axis=1)
            if found.sum() == before:
                break
        return found

    def allowed(self, sets: Sets) -> NDArray[np.bool_]:
        """Which sets hold no two options that exclude each other (S)."""
        found = np.ones(len(sets), dtype=bool)
        for id, others in exclusions(self.options).items():
            for other in others:
                if self.index[id] < self.index[other]:
                    found &= ~(sets[:, self.index[id]] & sets[:, self.index[other]])
        return found

    # --- streams -----------------------------------------------------------------------------------------------------

    @cached_property
    def before(self) -> Array:
        """The amounts of the streams without any option (K)."""
        return np.array([stream.amount for stream in self.streams], dtype=float)

    def state(self, sets: Sets, values: Array | None = None) -> StreamState:
        """The streams under sets of options (S x options).

        ``values``: other numbers for the changes (one for each of ``applied``; or S x changes, one row for each set),
        for ranges and Monte Carlo.
        """
        working = self.at_work(sets)
        count, size = len(working), len(self.streams)
        after, own, ratio = np.zeros((count, size)), np.ones((count, size)), np.ones((count, size))
        numbers = np.array([each.value for each in self.applied], dtype=float) if values is None else values
        changes: dict[int, list[int]] = {}
        for position, each in enumerate(self.applied):
            changes.setdefault(each.stream, []).append(position)
        for at in self._order:
            stream = self.streams[at]
            flow = np.full(count, float(stream.amount))
            for child, parent in enumerate(self._parents):
                if parent == at:
                    weight = units.factor(self.streams[child].unit, stream.unit)
                    flow += weight * (after[:, child] - self.streams[child].amount)
            np.maximum(flow, 0.0, out=flow)
            # The facts of what is bought (or leaves) belong to the stream before it too: its fall is not told twice.
            before = np.ones(count)
            for source in self._before[at]:
                before *= ratio[:, source]
            pushed = before.copy()
            if at in self.made_from:
                pushed *= ratio[:, self.made_from[at]]
            result = _on_stream(flow * pushed, working, [self.applied[p] for p in changes.get(at, ())],
                                [numbers[..., p] for p in changes.get(at, ())])  # fmt: skip
            if stream.most is not None:
                np.minimum(result, stream.most, out=result)
            after[:, at] = result
            told = flow * before
            own[:, at] = np.divide(result, told, out=np.ones(count), where=told > 0)
            if stream.amount > 0:
                ratio[:, at] = result / stream.amount
        for at in range(size):
            for whole in _all_parents(at, self._parents):
                after[:, at] *= own[:, whole]
        return StreamState(after, own, ratio)

    # --- facts -------------------------------------------------------------------------------------------------------

    def rule(self, fact: Fact) -> Rule:
        """How a fact of the period changes with the streams; an idle rule for all others."""
        if fact not in self._rules:
            self._rules[fact] = self._find_rule(fact)
        return self._rules[fact]

    def _find_rule(self, fact: Fact) -> Rule:
        if not has_value(fact) or not in_period(fact, self.period):
            return Rule()
        if fact.role == "produced" and fact.kind == "energy":
            made = [at for at in self.made_from.values() if fact.item in self.streams[at].tops]
            return Rule(inside=((made[0], 1.0),)) if made else Rule()
        holding = [at for at, stream in enumerate(self.streams) if stream.states(fact) and self._inside(fact, stream)]
        for at in holding:
            stream = self.streams[at]
            if stream.added and fact.place == stream.place:
                return Rule(becomes=(at, units.factor(stream.unit, fact.unit)))
        over: tuple[int, ...] = ()
        if fact.role in CONCENTRATIONS and units.canonical(fact.unit).endswith("/L") and fact.kind != "material":
            over = tuple(
                at for at, stream in enumerate(self.streams)
                if stream.group == "generated" and stream.place == "" and stream.tops[0] in _WASTE_WATER
            )[:1]  # fmt: skip
        return Rule(own=tuple(holding), inside=self._inner(fact, holding), over=over)

    def _inside(self, fact: Fact, stream: Stream) -> bool:
        if not stream.place or fact.role in CONCENTRATIONS:
            return True
        return stream.place in self.ledger.above(fact.place)

    def _inner(self, fact: Fact, holding: Sequence[int]) -> tuple[tuple[int, float], ...]:
        """The largest streams that are a part of what a fact states, each with its share in the fact's amount."""
        if fact.role in CONCENTRATIONS:
            return ()
        parts = [
            at
            for at, stream in enumerate(self.streams)
            if at not in holding and stream.amount > 0 and self._is_part(fact, stream)
        ]
        largest = [at for at in parts if not any(other in parts for other in _all_parents(at, self._parents))]
        if not largest:
            return ()
        whole = self.ledger.amount(fact.item, fact.role, self.period, fact.place)
        if whole is None or whole.value <= 0:
            return ()
        found = []
        for at in largest:
            stream = self.streams[at]
            if units.dimension(stream.unit) == units.dimension(whole.unit):
                found.append((at, stream.amount * units.factor(stream.unit, whole.unit) / whole.value))
        return tuple(found)

    def _is_part(self, fact: Fact, stream: Stream) -> bool:
        """Whether a stream lies inside what a fact states: same roles, an item of its family, a place at or below."""
        from qingyuan.reference.items import catalogue

        if fact.place not in self.ledger.above(stream.place) or stream.group == "other":
            return False
        known = catalogue()
        if fact.item not in known:
            return fact.item in stream.items and stream.states(fact)
        if not all(top in known and known.is_a(top, fact.item) for top in stream.tops):
            return False
        return stream.states(replace(fact, item=stream.tops[0]))

    def apply(self, chosen: Iterable[str], *, values: Array | None = None) -> Case:
        """The case with changed facts under a set of option ids: figures and scores follow by the usual functions.

        Facts of other periods stay. Raises UnknownName.
        """
        state = self.state(self.sets([chosen]), values)
        facts = tuple(self._changed(fact, state) for fact in self.case.facts)
        monitoring = tuple(self._changed_result(one, state) for one in self.case.monitoring)
        return replace(self.case, facts=facts, monitoring=monitoring)

    def _changed(self, fact: Fact, state: StreamState) -> Fact:
        rule = self.rule(fact)
        if rule.idle or fact.value is None:
            return fact
        if rule.becomes is not None:
            stream, factor = rule.becomes
            return replace(fact, value=float(state.after[0, stream]) * factor)
        return replace(fact, value=fact.value * float(state.factor(rule)[0]))

    def _changed_result(self, one: Monitoring, state: StreamState) -> Monitoring:
        if one.concentration is None or one.state is not State.VALUE or not one.date:
            return one
        rule = self.rule(fact_of(one, one.concentration, units.canonical(one.unit), "discharged-concentration"))
        if rule.idle:
            return one
        factor = float(state.factor(rule)[0])
        rate = None if one.rate_kg_h is None else one.rate_kg_h * factor
        return replace(one, concentration=one.concentration * factor, rate_kg_h=rate)


def compile_plant(
    case: Case, options: Sequence[Option], *, period: str = "", ledger: Ledger | None = None
) -> PlantModel:
    """Find the streams that the options' changes act on and their amounts in a period (default: the latest year with
    production).

    A change that finds no stream, or whose unit does not fit, is kept as unapplied with the reason. Raises InputError
    where options contradict each other (``change.check_options``).
    """
    check_options(options)
    first = Ledger(case) if ledger is None else ledger
    when = period or latest_period(first)
    streams: dict[tuple[object, ...], int] = {}
    found: list[Stream] = []
    applied: list[Applied] = []
    unapplied: dict[str, tuple[Unapplied, ...]] = {}
    cache: dict[tuple[str, str, str], Stream | Message] = {}
    for number, option in enumerate(options):
        lost = list(option.unapplied)
        for change in option.changes:
            if change.indicator:
                continue
            if not when:
                lost.append(Unapplied(_stated(change, first), message("没有企业数据，不能计入物料与能源的变化")))
                continue
            where = (change.item, change.role, change.place)
            if where not in cache:
                cache[where] = find_stream(change, first, when)
            stream = cache[where]
            if isinstance(stream, Message):
                lost.append(Unapplied(_stated(change, first), stream))
                continue
            prepared = _prepare(change, stream, first, when)
            if isinstance(prepared, Message):
                lost.append(Unapplied(_stated(change, first), prepared))
                continue
            key = (stream.tops, stream.group, stream.role, stream.place)
            if key not in streams:
                streams[key] = len(found)
                found.append(stream)
            value, low, high = prepared
            kind = "absolute" if change.kind in ("per-product", "per-year") else change.kind
            applied.append(Applied(number, streams[key], kind, value, change.bound, low, high))
        unapplied[option.id] = tuple(lost)
    _name_waste_water(found)
    made_from = _conversions(found, first, when)
    own = [_zero(stream, case, when) for stream in found if stream.added]
    whole = replace(case, facts=(*case.facts, *(fact for fact in own if fact is not None))) if own else case
    return PlantModel(
        whole, Ledger(whole, first.settings) if own else first, when, tuple(options), tuple(found), tuple(applied),
        unapplied, made_from,
    )  # fmt: skip


def latest_period(ledger: Ledger) -> str:
    """The latest year in which something was produced, else the latest year of facts."""
    for year in reversed(ledger.years):
        if ledger.products(year):
            return year
    return ledger.years[-1] if ledger.years else ""


def _stated(change: Change, ledger: Ledger) -> Message:
    return message(
        "{item} {amount} {unit}", item=ledger.label(change.item), amount=f"{change.central:+g}".replace("-", "−"),
        unit=units.UnitText(change.unit),
    )  # fmt: skip


def _prepare(
    change: Change, stream: Stream, ledger: Ledger, period: str
) -> tuple[float, float | None, float | None] | Message:
    """The number of a change and its bounds in the unit of its stream."""

    def scaled(value: float | None, factor: float) -> float | None:
        return None if value is None else value * factor

    sign = -1.0 if stream.group in ("supply", "use") and change.role in ("produced", "recovered") else 1.0
    try:
        if change.kind == "relative":
            low, high = (None if bound is None else max(-1.0, bound) for bound in (change.low, change.high))
            return max(-1.0, change.central), low, high
        if change.kind == "per-year":
            if change.scale is None:
                return message("别的企业的年数据，只说明量级，未按产量折算，不计入")
            factor = in_unit_of(1.0, change.unit, stream) * change.scale * sign
        elif change.kind == "per-product" or _per_output(change, stream):
            base = change.unit.rpartition("/")[2]
            output = output_in(ledger, period, base, change.product)
            if output is None:
                return message("没有以 {unit} 计的产量，不能折算", unit=units.UnitText(base))
            factor = in_unit_of(1.0, change.unit.rpartition("/")[0] or "1", stream) * output * sign
        else:
            factor = in_unit_of(1.0, change.unit, stream) * sign
    except (units.DimensionError, UnknownName) as error:
        return message("{reason}", reason=error)
    low, high = scaled(change.low, factor), scaled(change.high, factor)
    if low is not None and high is not None and low > high:
        low, high = high, low
    return change.central * factor, low, high


def _per_output(change: Change, stream: Stream) -> bool:
    """Whether a level is stated for each unit of output: its unit is a quotient, and that of the stream is none."""
    return change.kind == "level-after" and "/" in change.unit and "/" not in stream.unit


def _name_waste_water(found: list[Stream]) -> None:
    """Waste water of production and of the whole site are stated under either name where a plant has one of them."""
    for at, stream in enumerate(found):
        if stream.tops[0] in _WASTE_WATER and stream.group == "generated" and not stream.place:
            found[at] = replace(stream, items=stream.items | frozenset(_WASTE_WATER))


def _conversions(found: list[Stream], ledger: Ledger, period: str) -> dict[int, int]:
    """Which fuel is burnt for which energy that options save (加工转换): fuel stream -> stream of the energy's use.

    Where a plant makes steam, heat, compressed air or cold itself, what is saved of it is saved of the fuel (or the
    power) that goes in at the place where it is made, in proportion. So heat that is saved in a workshop and a better
    boiler multiply, and nothing is saved twice. The streams that this needs are added to ``found``.
    """
    links: dict[int, int] = {}
    for top in dict.fromkeys(t for stream in found if stream.group in ("use", "supply") for t in stream.tops):
        places = dict.fromkeys(
            fact.place
            for fact in ledger.case.facts
            if fact.item == top and fact.role == "produced" and fact.kind == "energy" and in_period(fact, period)
        )
        if not places or top == "electricity":
            continue
        use = _stream_at(found, Change("absolute", top, "consumed"), ledger, period)
        inputs = {
            (fact.item, fact.place)
            for fact in ledger.case.facts
            if fact.place in places and fact.item != top and fact.kind == "energy" and in_period(fact, period)
            and fact.role in ("converted", "consumed", "purchased")
        }  # fmt: skip
        for item, place in sorted(inputs):
            burnt = _stream_at(found, Change("absolute", item, "consumed", place), ledger, period)
            if use is not None and burnt is not None and place != SITE:
                links[burnt] = use
    return links


def _stream_at(found: list[Stream], change: Change, ledger: Ledger, period: str) -> int | None:
    """The position of the stream that a change would act on, added where it is new; None where there is none."""
    stream = find_stream(change, ledger, period)
    if isinstance(stream, Message):
        return None
    for at, other in enumerate(found):
        if (other.tops, other.group, other.role, other.place) == (stream.tops, stream.group, stream.role, stream.place):
            return at
    found.append(stream)
    return len(found) - 1


def _zero(stream: Stream, case: Case, period: str) -> Fact | None:
    for fact in case.facts:
        if (
            fact.item == stream.tops[0]
            and fact.role == stream.role
            and fact.place == stream.place
            and fact.period == period
        ):
            return None
    from qingyuan.reference.items import catalogue

    item = catalogue().get(stream.tops[0])
    return Fact(
        plant=case.profile.plant, period=period, item=stream.tops[0], role=stream.role, value=0.0, unit=stream.unit,
        place=stream.place, kind=item.kind, label=item.name.zh,
    )  # fmt: skip


# --- streams among each other ----------------------------------------------------------------------------------------


def _on_stream(flow: Array, working: Sets, changes: Sequence[Applied], numbers: Sequence[Array]) -> Array:
    """One stream under all sets: amounts, then shares, then levels."""
    found = flow.copy()
    for change, value in zip(changes, numbers, strict=True):
        if change.kind == "absolute":
            found += np.where(working[:, change.option], value, 0.0)
    np.maximum(found, 0.0, out=found)
    for change, value in zip(changes, numbers, strict=True):
        if change.kind == "relative":
            found *= np.where(working[:, change.option], 1.0 + value, 1.0)
    np.maximum(found, 0.0, out=found)
    for change, value in zip(changes, numbers, strict=True):
        if change.kind == "level-after":
            chosen = working[:, change.option]
            if change.bound == "min":
                found = np.where(chosen, np.maximum(found, value), found)
            elif change.bound == "max":
                found = np.where(chosen, np.minimum(found, value), found)
    for change, value in zip(changes, numbers, strict=True):
        if change.kind == "level-after" and change.bound == "typical":
            # several typical levels: the lowest stays, whatever their order
            found = np.where(working[:, change.option], np.minimum(found, value), found)
    return found


def _rank(stream: Stream) -> int:
    """Use before supply, what arises before what leaves."""
    return {"use": 0, "supply": 1, "generated": 0, "discharged": 1, "other": 2}[stream.group]


def _is_within(inner: Stream, outer: Stream) -> bool:
    if inner is outer or inner.group != outer.group or inner.role != outer.role or not inner.items <= outer.items:
        return False
    if units.dimension(inner.unit) != units.dimension(outer.unit):
        return False
    if inner.place == outer.place:
        return inner.items < outer.items
    return outer.place == ""


def _parent(stream: Stream, streams: Sequence[Stream]) -> int | None:
    """The smallest stream that holds another one whole."""
    holding = [at for at, other in enumerate(streams) if _is_within(stream, other)]
    return min(holding, key=lambda at: (streams[at].place == "", len(streams[at].items)), default=None)


def _all_parents(at: int, parents: Sequence[int | None]) -> list[int]:
    found: list[int] = []
    above = parents[at]
    while above is not None and above not in found:
        found.append(above)
        above = parents[above]
    return found


def _depth(at: int, parents: Sequence[int | None]) -> int:
    return len(_all_parents(at, parents))


def _upstream(stream: Stream, streams: Sequence[Stream]) -> tuple[int, ...]:
    """The streams that a stream follows in proportion: what is bought follows use, what leaves follows what arises."""
    source = {"supply": "use", "discharged": "generated"}.get(stream.group)
    return tuple(
        at
        for at, other in enumerate(streams)
        if other.group == source and stream.items <= other.items and other.place in (stream.place, "")
    )[:1]

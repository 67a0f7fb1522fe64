"""The streams that changes act on (变化作用的流): their amounts in the plant's facts, and which facts state them.

A stream is an item (or a group of items) in a group of roles at a place over one period, with its amount. Groups of
roles go together: what is saved in use is not bought, what does not arise is not discharged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from qingyuan import units
from qingyuan.checks.effects import WASTE_GROUPS, plant_amount
from qingyuan.checks.knowledge import Effect
from qingyuan.checks.plant import look
from qingyuan.errors import UnknownName
from qingyuan.facts.model import SITE, UNDATED, Fact, Period, State
from qingyuan.figures.derivation import Term
from qingyuan.figures.discharges import generated_wastewater
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.monitoring import outlet_of
from qingyuan.language import Message, Name, message
from qingyuan.options.change import Change
from qingyuan.reference.items import accept_unit, catalogue

# use: what goes in; supply: what is bought of it (own generation and heat recovered lower this); generated: what arises
# and all that becomes of it; discharged: what leaves; other: one role by itself, as reused water.
Group: TypeAlias = Literal["use", "supply", "generated", "discharged", "other"]

METALS = ("copper", "nickel", "zinc", "chromium", "lead", "tin")
_USE = frozenset({"consumed", "consumed-pure", "purchased", "taken", "converted", "feedstock"})
_SUPPLY = frozenset({"purchased"})
_DISCHARGED = frozenset({"discharged", "transferred", "disposed", "discharged-concentration", "concentration"})
_GENERATED = _DISCHARGED | {"generated", "treated", "utilised", "stored", "generated-concentration", "removed"}
CONCENTRATIONS = frozenset({"concentration", "discharged-concentration", "generated-concentration"})
# Reused water goes by three names; a change of it acts on the one that the plant's facts use.
_REUSED = ("reused-water", "wastewater", "process-wastewater")
_MADE = frozenset({"produced", "recovered"})
_ENERGY = ("consumed", "purchased", "taken")


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream with its amount in the period (流): ``amount`` in ``unit`` a year; ``items`` are all that belong to it.

    ``most`` bounds what it can become (reused water: all that arises). ``medium`` is air or water for a pollutant.
    ``added`` where no fact states it yet: a fact of that amount is added to the changed case.
    """

    name: Name
    tops: tuple[str, ...]
    items: frozenset[str]
    group: Group
    role: str
    place: str
    amount: float
    unit: str
    medium: str = ""
    most: float | None = None
    added: bool = False

    @property
    def key(self) -> str:
        """``item.role`` with ``@place`` where it is not the site."""
        text = f"{'+'.join(self.tops)}.{self.role or self.group}"
        return f"{text}@{self.place}" if self.place else text

    def states(self, fact: Fact) -> bool:
        """Whether a fact of the period is one of this stream's items and roles, wherever it stands."""
        if fact.item not in self.items:
            return False
        if self.group == "other":
            return fact.role == self.role
        if self.medium and fact.role in CONCENTRATIONS and self.medium != medium_of(fact.unit):
            return False
        if self.group == "discharged" and fact.role in CONCENTRATIONS:
            return fact.role != "generated-concentration" and not outlet_of(fact.place)[1]
        roles = {"use": _USE, "supply": _SUPPLY, "generated": _GENERATED, "discharged": _DISCHARGED}[self.group]
        return fact.role in roles


def medium_of(unit: str) -> str:
    """Water for mass per litre, air for mass per cubic metre: how concentrations are written."""
    return "water" if units.canonical(unit).endswith("/L") else "air"


def group_of(item: str, role: str) -> tuple[Group, str]:
    """The group of roles that a change of an item in a role acts on, and the role itself where it stands alone."""
    if role in _MADE:
        return "supply", ""
    if role == "generated":
        return "generated", ""
    if role in ("discharged", "transferred", "disposed"):
        return "discharged", ""
    if role in _USE:
        return "use", ""
    if role:
        return "other", role
    known = catalogue()
    kind = known.get(item).kind if item in known else "material"
    if kind in ("waste", "pollutant") or (item in known and known.default_role(known.get(item)) == "generated"):
        return "generated", ""
    return "use", ""


def in_period(fact: Fact, period: str) -> bool:
    """Whether a dated fact lies in a period."""
    return fact.period != UNDATED and Period.parse(period).contains(Period.parse(fact.period))


def find_stream(change: Change, ledger: Ledger, period: str) -> Stream | Message:
    """The stream that a change acts on, with its amount in the period; a message where the facts do not hold it."""
    tops = members(change.item)
    known = catalogue()
    items = frozenset(item.id for top in tops if top in known for item in known.family(top)) | frozenset(tops)
    group, role = group_of(tops[0], change.role)
    place = change.place
    if place and place not in {one.name for one in ledger.places}:
        return message("没有叫“{place}”的场所", place=place)
    name = _label(change.item, ledger)
    if role:
        return _single(change, ledger, period, tops, items, role, name)
    medium = ""
    if _is_pollutant(tops[0]):
        found = _load(change, ledger, period, group)
        if isinstance(found, Message):
            return found
        amount, unit, medium = found
    else:
        term = _amount(tops, group, ledger, period, place)
        if term is None:
            return message("数据里没有{name}在 {period} 的量", name=name, period=period)
        amount, unit = term.value, term.unit
    if group == "supply" and not any(
        fact.role == "purchased" and fact.item in items and in_period(fact, period) for fact in ledger.case.facts
    ):
        group = "use"
    return Stream(name, tops, items, group, "", place, amount, unit, medium)


def members(item: str) -> tuple[str, ...]:
    """The items of a group of effect words (``group:sludges``), else the item itself."""
    if not item.startswith("group:"):
        return (item,)
    name = item.removeprefix("group:")
    if name == "metals":
        return METALS
    if name not in WASTE_GROUPS:
        raise UnknownName(message("未知的项目"), item, [f"group:{known}" for known in (*WASTE_GROUPS, "metals")])
    return WASTE_GROUPS[name]


def _label(item: str, ledger: Ledger) -> Name:
    if not item.startswith("group:"):
        return ledger.label(item)
    words = {
        "group:metals": Name("重金属", "heavy metals"), "group:sludges": Name("污泥", "sludge"),
        "group:etching": Name("蚀刻废液", "spent etchant"), "group:slag": Name("炉渣", "slag"),
    }  # fmt: skip
    return words.get(item, Name(item, item))


def _is_pollutant(item: str) -> bool:
    return item in catalogue() and catalogue().get(item).kind == "pollutant"


def _single(
    change: Change, ledger: Ledger, period: str, tops: tuple[str, ...], items: frozenset[str], role: str, name: Name
) -> Stream | Message:
    """A role by itself, as reused water: zero and added where no fact states it; at most what arises."""
    if role == "reused" and tops[0] in _REUSED:
        stated = (one for one in _REUSED if ledger.amount(one, role, period, change.place) is not None)
        tops = (next(stated, _REUSED[0]),)
        items = frozenset(tops)
    item = catalogue().get(tops[0]) if tops[0] in catalogue() else None
    term = ledger.amount(tops[0], role, period, change.place)
    if term is None and (item is None or not item.unit):
        return message("数据里没有{name}在 {period} 的量", name=name, period=period)
    amount, unit = (term.value, term.unit) if term is not None else (0.0, item.unit if item is not None else "1")
    most = None
    if role == "reused" and item is not None and item.kind == "water":
        made = generated_wastewater(ledger, period).term
        most = None if made is None else max(made.to(unit).value, amount)
    return Stream(name, tops, items, "other", role, change.place, amount, unit, "", most, term is None or amount == 0)


def _amount(tops: Iterable[str], group: Group, ledger: Ledger, period: str, place: str) -> Term | None:
    found: list[Term] = []
    for top in tops:
        if group == "supply":
            term = ledger.amount(top, ("purchased", *_ENERGY), period, place)
        elif group == "use":
            term = ledger.consumption(top, period, place) if place == SITE else None
            term = term or ledger.amount(
                top, ("taken", "purchased", "consumed", "converted", "feedstock"), period, place
            )
            if top in catalogue() and catalogue().get(top).kind == "water":
                term = ledger.amount(top, ("taken", "purchased", "consumed"), period, place)
        elif top == "wastewater" and place == SITE and group == "generated":
            term = generated_wastewater(ledger, period).term or ledger.amount(top, _GONE, period, place)
        else:
            roles = _GONE if group == "discharged" else ("generated", *_GONE)
            term = ledger.amount(top, roles, period, place)
        if term is not None and (not found or units.dimension(term.unit) == units.dimension(found[0].unit)):
            found.append(term)
    if not found:
        return None
    whole = found[0]
    for term in found[1:]:
        whole = whole + term
    return whole


_GONE = ("discharged", "transferred", "disposed", "treated")


def _load(change: Change, ledger: Ledger, period: str, group: Group) -> tuple[float, str, str] | Message:
    """The yearly load of a pollutant in kg and its medium."""
    word = "metals" if change.item == "group:metals" else change.item
    name = _label(change.item, ledger)
    tops = members(change.item)
    stated = [term for top in tops if (term := ledger.amount(top, group, period, change.place)) is not None]
    if stated and all(units.dimension(term.unit) == "mass" for term in stated):
        return sum(term.to("kg").value for term in stated), "kg", ""
    if change.place:
        return message("数据里没有{name}在 {period} 的量", name=name, period=period)
    effect = Effect.model_construct(word=word, word_en=word, quantity=f"load:{word}", roles=())
    number = plant_amount(look(ledger.case, ledger), effect, "kg")
    if number is None or number.period not in ("", period):
        return message("数据里没有{name}在 {period} 的量", name=name, period=period)
    inside = [fact for fact in ledger.case.facts if fact.item in tops and fact.role in CONCENTRATIONS]
    water = any(medium_of(fact.unit) == "water" for fact in inside) or any(
        one.pollutant in tops and one.medium == "water" for one in ledger.case.monitoring
    )
    return number.value, "kg", "water" if water else "air"


def in_unit_of(value: float, unit: str, stream: Stream) -> float:
    """An amount in the unit of a stream; water by 1 t/m3, gas and liquids as their items are entered.

    Raises ``units.DimensionError`` where the unit does not fit.
    """
    own = units.canonical(unit)
    try:
        return value * units.factor(own, stream.unit)
    except units.DimensionError:
        top = stream.tops[0]
        if top not in catalogue():
            raise
        accepted = accept_unit(catalogue().get(top), own)
        return value * accepted.factor * units.factor(accepted.unit, stream.unit)


def output_in(ledger: Ledger, period: str, unit: str, product: str = "") -> float | None:
    """The output of the period in a unit, over all products (or one) that are counted in such a unit; None for none."""
    total, any_found = 0.0, False
    for item in (product,) if product else ledger.products(period):
        term = ledger.amount(item, "produced", period)
        try:
            if term is not None:
                total += term.value * units.factor(term.unit, unit)
                any_found = True
        except units.DimensionError:
            continue
    return total if any_found else None


def has_value(fact: Fact) -> bool:
    """Whether a fact says a number."""
    return fact.value is not None and fact.state in (State.VALUE, State.BELOW_DETECTION)

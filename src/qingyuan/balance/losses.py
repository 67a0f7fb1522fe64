"""The cost of losses (损失的成本): material flow cost accounting (物质流成本会计, ISO 14051, GB/T 31714).

``flow_costs`` carries the costs of quantity centres (物量中心) along their flows: material, energy and system costs
go to products and losses by mass, waste management to losses alone; recycles are solved as one linear system.
``loss_costs`` says what the losses of a plant cost place by place, as far as its facts reach, and ranks the places.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from qingyuan import units
from qingyuan.balance.contents import ELEMENT_NAMES, kilograms
from qingyuan.balance.from_facts import amount_of
from qingyuan.balance.network import OUTSIDE
from qingyuan.errors import InputError, Problem
from qingyuan.facts.model import SITE
from qingyuan.figures.derivation import Term
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.settings import Settings
from qingyuan.language import Message, Text, listing, message
from qingyuan.reference.items import catalogue

# --- the accounting itself -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Centre:
    """A quantity centre (物量中心) with the costs that arise in it, in one currency unit."""

    id: str
    energy: float = 0.0
    system: float = 0.0
    waste: float = 0.0  # waste management: borne by the losses of this centre alone


@dataclass(frozen=True, slots=True)
class CostFlow:
    """A flow between centres or to and from outside; ``material_cost`` of what is bought; ``loss`` to be lost."""

    id: str
    source: str
    target: str
    mass: float
    material_cost: float = 0.0
    loss: bool = False


@dataclass(frozen=True, slots=True)
class Carried:
    """The costs that a flow carries (流的成本): material, energy, system, waste management, in the currency unit."""

    material: float = 0.0
    energy: float = 0.0
    system: float = 0.0
    waste: float = 0.0

    @property
    def total(self) -> float:
        """All four together."""
        return self.material + self.energy + self.system + self.waste

    def as_json(self) -> dict[str, float]:
        """The costs as plain values."""
        return {
            "material": self.material,
            "energy": self.energy,
            "system": self.system,
            "waste": self.waste,
            "total": self.total,
        }


def flow_costs(centres: Sequence[Centre], flows: Sequence[CostFlow]) -> Mapping[str, Carried]:
    """The costs that each flow carries, by its id.

    Each centre passes what enters it (material, and the energy and system costs of the centres before) with its own
    energy and system costs on to all that leaves it, by mass; its waste management goes to its losses by mass. What
    all flows to the outside carry is what was spent in all centres and on all materials. Source: ISO 14051:2011, 5.4.

    Raises InputError for negative masses, unknown centres, and centres that something enters and nothing leaves, or
    that have waste management costs and no loss.
    """
    import numpy as np

    index = {centre.id: number for number, centre in enumerate(centres)}
    out = np.zeros(len(centres))
    lost = np.zeros(len(centres))
    problems: list[Problem] = []
    for flow in flows:
        for end in (flow.source, flow.target):
            if end != OUTSIDE and end not in index:
                problems.append(Problem("centre-unknown", message("没有物量中心“{id}”", id=end), found=flow.id))
        if flow.mass < 0:
            problems.append(Problem("mass-negative", message("流“{id}”的质量是负数", id=flow.id)))
        if flow.source in index:
            out[index[flow.source]] += flow.mass
            lost[index[flow.source]] += flow.mass if flow.loss else 0.0
    for centre in centres:
        number = index[centre.id]
        if out[number] <= 0:
            problems.append(Problem("centre-without-output", message("物量中心“{id}”没有产出", id=centre.id)))
        elif centre.waste and lost[number] <= 0:
            text = message("物量中心“{id}”有废弃物管理成本，却没有损失流", id=centre.id)
            problems.append(Problem("waste-without-loss", text))
    if problems:
        raise InputError(problems)
    # through[c] = own[c] + sum over flows p -> c of through[p] * mass / out[p], for material, energy, system.
    matrix = np.eye(len(centres))
    own = np.array([[0.0, centre.energy, centre.system] for centre in centres])
    for flow in flows:
        if flow.target in index:
            if flow.source in index:
                matrix[index[flow.target], index[flow.source]] -= flow.mass / out[index[flow.source]]
            own[index[flow.target], 0] += flow.material_cost
    through = np.linalg.solve(matrix, own) if len(centres) else own
    found: dict[str, Carried] = {}
    for flow in flows:
        if flow.source not in index:
            found[flow.id] = Carried(material=flow.material_cost)
            continue
        number = index[flow.source]
        share = flow.mass / out[number]
        waste = centres[number].waste * flow.mass / lost[number] if flow.loss and lost[number] > 0 else 0.0
        material, energy, system = (float(value) * share for value in through[number])
        found[flow.id] = Carried(material, energy, system, waste)
    return found


# --- the losses of a plant -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlaceLoss:
    """What the losses of one place cost in a period (一个场所的损失成本), CNY; None where it is not known.

    ``share``: the part of the product materials that was lost (fraction), by which energy and system costs go to the
    losses. ``parts``: what the sums are made of. ``needs``: what is lacking.
    """

    place: str
    material: float | None
    energy: float | None
    system: float | None
    waste: float | None
    share: float | None
    parts: tuple[tuple[Text, float], ...] = ()
    needs: tuple[Message, ...] = ()

    @property
    def total(self) -> float:
        """The sum of what is known: at least so much."""
        return sum(value for value in (self.material, self.energy, self.system, self.waste) if value is not None)

    @property
    def complete(self) -> bool:
        """Whether all four parts are known."""
        return None not in (self.material, self.energy, self.system, self.waste)

    def as_json(self) -> dict[str, object]:
        """The losses as plain values."""
        return {
            "place": self.place,
            "material": self.material,
            "energy": self.energy,
            "system": self.system,
            "waste": self.waste,
            "total": self.total,
            "complete": self.complete,
            "share": self.share,
            "parts": [{"name": str(name), "cost": cost} for name, cost in self.parts],
            "needs": [str(need) for need in self.needs],
        }


@dataclass(frozen=True, slots=True)
class LossCosts:
    """What the losses of a plant cost (损失成本), CNY over a period, the dearest place first."""

    period: str
    places: tuple[PlaceLoss, ...]
    needs: tuple[Message, ...] = field(default=())

    def as_json(self) -> dict[str, object]:
        """The costs as plain values."""
        return {
            "period": self.period,
            "unit": "CNY",
            "places": [one.as_json() for one in self.places],
            "needs": [str(need) for need in self.needs],
        }

    def ranking(self) -> Mapping[str, float]:
        """Cost of losses by place, the dearest first: a factor for the choice of the audit focus (审核重点)."""
        return {one.place: one.total for one in self.places}


_USED = ("consumed", "purchased")
_HANDED = ("generated", "transferred", "disposed")
_NOT_CENTRES = ("outlet", "living", "treatment")
_ENERGY_COSTS = (("electricity-cost", "electricity"), ("gas-cost", "natural-gas"), ("steam-cost", "steam"))


def loss_costs(ledger: Ledger, settings: Settings, period: str) -> LossCosts | None:
    """The cost of losses of every place of production in a period; None where nothing can be said of any.

    Material: what of the priced materials did not go into products (a metal of which the products hold some: the rest;
    a material that cannot go into a product: all) and the water, at the place's share of the water cost. Energy: the
    place's share of the energy cost times the lost share of its product materials. Waste management: the cost stated
    at the place, and its share of the disposal cost by the mass of hazardous waste. System costs (labour, depreciation)
    count where they are stated at the place.
    """
    kinds = {place.name: place.kind for place in ledger.places}
    places = [name for name in ledger.children(SITE) if kinds.get(name) not in _NOT_CENTRES]
    rows = [_place(ledger, settings, place, period) for place in places]
    known = [row for row in rows if row.parts]
    if not known:
        return None
    ordered = sorted(known, key=lambda row: -row.total)
    return LossCosts(period, tuple(ordered), tuple(dict.fromkeys(need for row in ordered for need in row.needs)))


def _place(ledger: Ledger, settings: Settings, place: str, period: str) -> PlaceLoss:
    parts: list[tuple[Text, float]] = []
    needs: list[Message] = []
    material, share = _materials(ledger, settings, place, period, parts, needs)
    water = _by_share(ledger, settings, "water-cost", ("fresh-water",), _USED, place, period)
    if water is not None:
        parts.append((message("水费"), water))
        material = water if material is None else material + water
    energy: float | None = None
    spent = [
        cost
        for account, item in _ENERGY_COSTS
        if (cost := _by_share(ledger, settings, account, (item,), ("consumed",), place, period)) is not None
    ]
    if spent and share is not None:
        energy = sum(spent) * share
        parts.append((message("能源费按损失率 {share}% 分摊", share=f"{100 * share:.2f}"), energy))
    elif spent:
        needs.append(message("{place}：产品带走的原料量（能源成本按损失率分摊）", place=place))
    system = _stated(ledger, ("labour-cost", "operating-cost"), place, period)
    if system is not None and share is not None:
        system *= share
        parts.append((message("系统成本按损失率分摊"), system))
    else:
        system = None
    waste = _waste(ledger, settings, place, period, parts)
    if system is None:
        needs.append(message("{place}：人工、折旧等系统成本", place=place))
    if waste is None:
        needs.append(message("{place}：废水处理费和危险废物处置费", place=place))
    return PlaceLoss(place, material, energy, system, waste, share, tuple(parts), tuple(needs))


def _materials(
    ledger: Ledger, settings: Settings, place: str, period: str, parts: list[tuple[Text, float]], needs: list[Message]
) -> tuple[float | None, float | None]:
    """The cost of lost materials (None where none is priced), and the lost share of the product materials."""
    inside: dict[str, float] = {}
    held: dict[str, float] = {}
    for item in ledger.items(role="contained"):
        content = _contents(item)
        amount = amount_of(ledger, item, "contained", period, place, "kg")
        for element, part in content.items():
            if amount is not None:
                held[element] = held.get(element, 0.0) + amount.value * part
    found: float | None = None
    unpriced: list[Text] = []
    masses: list[tuple[str, float, Mapping[str, float]]] = []
    for item in ledger.items(kind="material"):
        amount = amount_of(ledger, item, _USED, period, place)
        mass = None if amount is None else kilograms(item, amount)
        if amount is None or mass is None:
            continue
        content = {element: part for element, part in _contents(item).items() if element in held}
        for element, part in content.items():
            inside[element] = inside.get(element, 0.0) + (mass[0] + mass[1]) / 2 * part
        price = _price(ledger, settings, item, period)
        if price is None:
            unpriced.append(ledger.label(item))
            continue
        try:
            cost = amount.value * units.factor(amount.unit, price.unit.partition("/")[2]) * price.value
        except units.DimensionError:
            unpriced.append(ledger.label(item))
            continue
        masses.append((item, cost, content))
    lost = {element: max(0.0, 1 - held[element] / inside[element]) for element in inside if inside[element] > 0}
    for item, cost, content in masses:
        part = max((lost[element] for element in content if element in lost), default=1.0)
        found = (found or 0.0) + cost * part
        parts.append(
            (message("{item}（损失 {share}%）", item=ledger.label(item), share=f"{100 * part:.1f}"), cost * part)
        )
    if unpriced:
        needs.append(message("{place}：{items}的单价", place=place, items=listing(dict.fromkeys(unpriced))))
    whole = sum(inside.values())
    share = None if not whole else sum(lost[element] * inside[element] for element in lost) / whole
    return found, share


def _contents(item: str) -> Mapping[str, float]:
    known = catalogue()
    if item not in known or not known.get(item).formula:
        return {}
    return {element: part for element, part in known.get(item).contents.items() if element in ELEMENT_NAMES}


def _price(ledger: Ledger, settings: Settings, item: str, period: str) -> Term | None:
    """The price of an item: as stated for the plant, else of the settings."""
    price = ledger.property_of(item, "price", period)
    if price is None and item in settings.prices and item in catalogue():
        from qingyuan.figures.derivation import constant

        unit = f"CNY/{catalogue().get(item).unit}"
        price = constant(message("单价（设置）"), settings.prices[item], unit)
    return price


def _money(ledger: Ledger, account: str, period: str, place: str = SITE) -> float | None:
    term = ledger.amount(account, "amount", period, place)
    return None if term is None else term.to("CNY").value


def _stated(ledger: Ledger, accounts: Iterable[str], place: str, period: str) -> float | None:
    known = [cost for account in accounts if (cost := _money(ledger, account, period, place)) is not None]
    return sum(known) if known else None


def _by_share(
    ledger: Ledger,
    settings: Settings,
    account: str,
    items: Sequence[str],
    roles: Sequence[str],
    place: str,
    period: str,
) -> float | None:
    """A cost at a place: as stated there, else amount x price, else its share of the plant's cost by amount."""
    own = _money(ledger, account, period, place)
    if own is not None:
        return own
    for item in items:
        here = ledger.amount(item, roles, period, place)
        if here is None:
            continue
        price = _price(ledger, settings, item, period)
        if price is not None:
            try:
                return here.to(price.unit.partition("/")[2]).value * price.value
            except units.DimensionError:
                return None
        cost = _money(ledger, account, period)
        whole = [
            term.value
            for child in ledger.children(SITE)
            if (term := ledger.amount(item, roles, period, child)) is not None
        ]
        if cost is not None and sum(whole) > 0:
            return cost * here.value / sum(whole)
    return None


def _waste(
    ledger: Ledger, settings: Settings, place: str, period: str, parts: list[tuple[Text, float]]
) -> float | None:
    """The waste management of a place: treatment of its waste water and disposal of its hazardous waste."""
    del settings
    found: float | None = None
    treatment = _money(ledger, "wastewater-treatment-cost", period, place)
    if treatment is None:
        site = _money(ledger, "wastewater-treatment-cost", period)
        treatment = None if site is None else _share(ledger, ("process-wastewater",), place, period, site, "m3")
    if treatment is not None:
        parts.append((message("废水处理费"), treatment))
        found = treatment
    disposal = _money(ledger, "waste-disposal-cost", period, place)
    if disposal is None:
        site = _money(ledger, "waste-disposal-cost", period)
        disposal = None if site is None else _share(ledger, _hazardous(ledger), place, period, site, "t")
    if disposal is not None:
        parts.append((message("危险废物处置费"), disposal))
        found = (found or 0.0) + disposal
    return found


def _hazardous(ledger: Ledger) -> tuple[str, ...]:
    known = catalogue()
    return tuple(item for item in ledger.items(kind="waste") if item in known and known.is_a(item, "hazardous-waste"))


def _share(ledger: Ledger, items: Sequence[str], place: str, period: str, cost: float, unit: str) -> float | None:
    """A cost of the plant by the place's share of an amount; what arises in common (sludge of the works) by water.

    The whole is the sum over all places, the waste-water works among them; its part stays there.
    """

    def amount(where: str) -> float:
        found = 0.0
        for item in items:
            known = amount_of(ledger, item, _HANDED, period, where, unit)
            found += 0.0 if known is None else known.value
        return found

    whole = sum(amount(child) for child in ledger.children(SITE))
    works = [one.name for one in ledger.places if one.kind == "treatment" and one.parent == SITE]
    here = amount(place)
    water = {
        child: known.value
        for child in ledger.children(SITE)
        if (known := amount_of(ledger, "process-wastewater", "generated", period, child, "m3")) is not None
    }
    if place in water and sum(water.values()) > 0:
        here += sum(amount(name) for name in works) * water[place] / sum(water.values())
    return cost * here / whole if whole > 0 and here > 0 else None

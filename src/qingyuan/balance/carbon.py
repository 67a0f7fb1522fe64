"""The carbon balance (碳平衡): carbon in fuels and materials against carbon that leaves as CO2 and otherwise.

Carbon of fuels is what their account of emissions rests on: it checks nothing and the words say so. What products,
wastes and waste water hold is unknown unless the plant states it.
"""

from __future__ import annotations

from qingyuan import units
from qingyuan.balance.account import Balance
from qingyuan.balance.contents import kilograms, voc_share
from qingyuan.balance.from_facts import Amount, Stream, amount_of, entry
from qingyuan.balance.network import OUTSIDE
from qingyuan.balance.rules import UnitBalance, spread
from qingyuan.facts.model import Basis
from qingyuan.figures.derivation import Figure, FigureSet
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Text, listing, message
from qingyuan.reference.chemistry import molar_mass
from qingyuan.reference.items import catalogue

CARBON_IN_CO2 = molar_mass("C") / molar_mass("CO2")  # 12/44 by atomic weights
_USED = ("consumed", "purchased")
_UNIT = "t"
_BURNT = ("incinerated-waste",)  # a works of disposal states it as what it made (处置量)


def carbon_balance(ledger: Ledger, figures: FigureSet, period: str, limit: float) -> Balance | None:
    """The carbon balance of a period, t of carbon; None where neither a fuel nor a carbon material was used.

    Electricity and heat bring no carbon into the plant. Carbon contents of materials follow from their formulae, or
    from the content that the plant states (含碳量).
    """
    streams: list[Stream] = []
    for figure in figures:
        if figure.period == period and figure.id.startswith("carbon-fuel.") and not figure.product and not figure.place:
            item = figure.id.partition(".")[2]
            streams.append(Stream(f"fuel:{item}", OUTSIDE, "plant", ledger.label(item), _carbon(figure), _UNIT))
    known = catalogue()
    for item in ledger.items(kind="material"):
        amount = amount_of(ledger, item, _USED, period)
        mass = None if amount is None else kilograms(item, amount)
        if amount is None or mass is None:
            continue
        stated = ledger.property_of(item, "carbon-content", period)
        if stated is not None and units.dimension(stated.unit) == units.dimension("1"):
            share = stated.to("1").value
        else:
            share = known.get(item).contents.get("C", 0.0) if item in known and known.get(item).form == "pure" else 0.0
        if share > 0:
            low, high = mass[0] * share / 1000, mass[1] * share / 1000
            relative = amount.sd / abs(amount.value) if amount.value else 0.0
            middle = (low + high) / 2
            carbon = Amount(middle, low, high, middle * relative, _UNIT, amount.basis, amount.facts)
            streams.append(Stream(f"material:{item}", OUTSIDE, "plant", ledger.label(item), carbon, _UNIT))
    if not streams:
        return None
    streams += _unknown(ledger, period, {one.id.partition(":")[2] for one in streams})
    for id, name in (
        ("carbon-fuel", message("燃料燃烧的二氧化碳中的碳")),
        ("carbon-process", message("过程排放的二氧化碳中的碳")),
    ):
        found = figures.find(id, period=period)
        if found is not None:
            streams.append(Stream(f"emitted:{id}", "plant", OUTSIDE, name, _carbon(found), _UNIT))
    streams.append(Stream("rest", "plant", OUTSIDE, message("产品、废物与废水中的碳"), None, _UNIT))
    rows = tuple(entry(one, "in" if one.source == OUTSIDE else "out") for one in streams)
    whole = UnitBalance("whole", message("全厂"), _UNIT, rows, limit)
    names: dict[str, Text] = {"plant": message("全厂"), OUTSIDE: message("厂外")}
    remarks = []
    missing = [row.name for row in whole.unknown if row.side == "in"]
    if missing:
        remarks.append(
            message(
                "碳：{items}的含碳量未知，已知投入 {inside}，按核算以二氧化碳排出 {out}，不能平衡",
                items=listing(missing), inside=spread(*whole.total("in"), _UNIT),
                out=spread(*whole.total("out"), _UNIT),
            )
        )  # fmt: skip
    elif whole.gap is not None:
        remarks.append(
            message(
                "碳：投入 {inside}，按核算以二氧化碳排出 {out}，其余 {gap} 在产品、废物和废水中，没有测量；"
                "燃料的碳由排放核算得出，不构成核对",
                inside=spread(*whole.total("in"), _UNIT), out=spread(*whole.total("out"), _UNIT),
                gap=spread(*whole.gap, _UNIT),
            )
        )  # fmt: skip
    wanted = [row.name for row in whole.unknown]
    return Balance(
        id=f"carbon-{period}",
        kind="carbon",
        name=message("碳平衡"),
        period=period,
        unit=_UNIT,
        units=(),
        whole=whole,
        remarks=tuple(remarks),
        needs=(message("{items}的含碳量", items=listing(wanted)),) if wanted else (),
        streams=tuple(streams),
        names=names,
    )


def _unknown(ledger: Ledger, period: str, known: set[str]) -> list[Stream]:
    """Inputs that surely hold carbon and of which nobody says how much: waste burnt, inks, solvents, coatings."""
    burnt = [item for item in ledger.items(kind="product") if item in _BURNT]
    organic = [item for item in ledger.items(kind="material") if item not in known and voc_share(item) is not None]
    return [
        Stream(f"material:{item}", OUTSIDE, "plant", ledger.label(item), None, _UNIT)
        for item in (*burnt, *organic)
        if ledger.amount(item, (*_USED, "produced") if item in _BURNT else _USED, period) is not None
    ]


def _carbon(figure: Figure) -> Amount:
    """The carbon in an emission of carbon dioxide, t; as computed."""
    factor = CARBON_IN_CO2
    value = figure.value * factor
    return Amount(value, value, value, figure.sd * factor, _UNIT, Basis.FACTOR, ())

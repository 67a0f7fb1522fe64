"""What the stated effects of options bear on money (方案效果与费用): prices at hand, and environmental tax avoided.

Effects are read from the option's text as the data checks read them. They are never turned into a saving: with its
price an effect is named as something to reckon with, and a tax that falls away stands apart as an upper bound.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qingyuan import units
from qingyuan.checks.effects import Claim, claims
from qingyuan.checks.plant import look
from qingyuan.errors import UnknownName
from qingyuan.facts.model import Case
from qingyuan.figures import tax
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.methods import deciding_day
from qingyuan.figures.settings import Settings
from qingyuan.language import Message, Name, message
from qingyuan.reference.items import catalogue
from qingyuan.units import UnitText

_LOAD = "load:"
# What a cut of these quantities saves is priced by another item than the quantity itself.
_PRICED_BY = {"wastewater": ("wastewater", "fresh-water")}


@dataclass(frozen=True, slots=True)
class AvoidedTax:
    """The environmental tax that one stated cut avoids (少缴的环境保护税), CNY a year, at most.

    ``pollutant`` with the ``cut`` and what the taxed outlets ``discharge`` in the period, kg a year. The cut may happen
    before the treatment, and which pollutants of an outlet are taxed may change with it: hence at most.
    """

    option: str
    pollutant: str
    name: Name
    cut: float
    discharged: float
    tax: float

    @property
    def avoided(self) -> float:
        """The share of the pollutant's tax that the cut is of its discharge, CNY a year."""
        return self.tax * min(1.0, self.cut / self.discharged) if self.discharged > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Stated:
    """What the texts of options state in numbers, by option id: effects worth reckoning, and taxes avoided."""

    effects: Mapping[str, tuple[Message, ...]]
    taxes: Mapping[str, tuple[AvoidedTax, ...]]


def stated_effects(case: Case, ledger: Ledger, settings: Settings, period: str) -> Stated:
    """Read the effects of all options of a case for a period (a year of the ledger, or "" where there is none)."""
    groups: dict[str, list[Claim]] = defaultdict(list)
    if any(option.effects for option in case.options):
        for claim in claims(case, look(case, ledger)):
            groups[claim.option.id].append(claim)
    taxed = _taxed(ledger, settings, period) if period and _any_load(groups) else {}
    effects: dict[str, tuple[Message, ...]] = {}
    taxes: dict[str, tuple[AvoidedTax, ...]] = {}
    for id, found in groups.items():
        effects[id] = tuple(_worth(claim, ledger, settings, period) for claim in found)
        avoided = (_avoided(id, claim, ledger, taxed) for claim in found)
        taxes[id] = tuple(one for one in avoided if one is not None)
    return Stated(effects, taxes)


def _any_load(groups: Mapping[str, Sequence[Claim]]) -> bool:
    return any(_pollutant(claim) for found in groups.values() for claim in found)


def _pollutant(claim: Claim) -> str:
    """The pollutant whose load a claim cuts by an amount; "" for any other claim."""
    if claim.effect is None or claim.sign >= 0 or not claim.effect.quantity.startswith(_LOAD):
        return ""
    if claim.unit in ("", "%") or units.dimension(claim.unit) != "mass":
        return ""
    return claim.effect.quantity.removeprefix(_LOAD)


def _taxed(ledger: Ledger, settings: Settings, period: str) -> Mapping[str, tuple[float, float]]:
    """By pollutant: what the outlets that pay for it discharge, kg, and its tax, CNY, in a period.

    Outlets to a sewage works pay nothing, and one whose receiver nobody stated is left out.
    """
    found: dict[str, tuple[float, float]] = {}
    for outlet in tax.assess(ledger, settings, period):
        rate = tax.tax_rate(settings, outlet.medium, deciding_day(period, settings.editions_as_of)).coefficient
        if outlet.direct is not True or rate is None:
            continue
        for row in outlet.tax.rows:
            term = outlet.terms.get(row.pollutant)
            if not row.taxed or row.equivalents is None or term is None or units.dimension(term.unit) != "mass":
                continue
            kg, money = found.get(row.pollutant, (0.0, 0.0))
            due = float(row.equivalents) * rate.value * float(row.pays)
            found[row.pollutant] = (kg + term.to("kg").value, money + due)
    return found


def _avoided(id: str, claim: Claim, ledger: Ledger, taxed: Mapping[str, tuple[float, float]]) -> AvoidedTax | None:
    pollutant = _pollutant(claim)
    if pollutant not in taxed:
        return None
    discharged, due = taxed[pollutant]
    cut = claim.value * float(units.factor(claim.unit, "kg"))
    return AvoidedTax(id, pollutant, ledger.label(pollutant), cut, discharged, due)


def _worth(claim: Claim, ledger: Ledger, settings: Settings, period: str) -> Message:
    """An effect with the price that belongs to it, or that the price is not known."""
    amount = f"{claim.sign * claim.value if claim.sign else claim.value:+.6g}" if claim.sign else f"{claim.value:.6g}"
    unit = claim.unit if claim.unit in ("", "%") else UnitText(claim.unit)
    quantity = claim.effect.quantity if claim.effect is not None else ""
    for item in _PRICED_BY.get(quantity, (quantity,)):
        price = _price(item, ledger, settings, period)
        if price:
            return message(
                "{word} {amount} {unit}（单价 {price}）", word=claim.word, amount=amount, unit=unit, price=price
            )
    return message("{word} {amount} {unit}（缺单价）", word=claim.word, amount=amount, unit=unit)


def _price(item: str, ledger: Ledger, settings: Settings, period: str) -> Message | None:
    if item not in catalogue():
        return None
    if item in settings.prices:
        unit = UnitText(f"CNY/{catalogue().get(item).unit}")
        return message("{value} {unit}", value=f"{settings.prices[item]:g}", unit=unit)
    try:
        price = ledger.property_of(item, "price", period)
    except UnknownName:
        return None
    return None if price is None else message("{value} {unit}", value=f"{price.value:g}", unit=UnitText(price.unit))

"""What became of a waste (固体废物去向): stored, disposed of, handed over, used, discharged; what nobody said yet."""

from __future__ import annotations

from dataclasses import dataclass

from qingyuan import units
from qingyuan.errors import QingyuanError
from qingyuan.figures import pollutant_methods as formula
from qingyuan.figures.derivation import Term, total
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Message, message

_HANDLED = ("stored", "disposed", "transferred", "utilised", "reused")
# A remainder below this share of what was generated is the rounding of weighings. Ours, no rule.
_ROUNDING = 0.001


@dataclass(frozen=True, slots=True)
class WasteWays:
    """The ways of one waste in a period (一种固体废物的去向).

    ``discharged``: what the plant states as discharged [t], None where it states none; ``question``: what has to be
    said still, None where the ways hold all that was generated; ``known``: whether any way was stated.
    """

    discharged: Term | None = None
    question: Message | None = None
    known: bool = True


def waste_ways(ledger: Ledger, item: str, period: str) -> WasteWays:
    """What became of one waste of the site in a period.

    By the implementing rules of the environmental protection tax law (Art. 5) the discharge of solid waste is what was
    generated less what was lawfully stored, disposed of and used. The books of a plant seldom hold its stock at the
    end of the year, so that the remainder of those that were stated is no discharge here but a question:
    a discharge is only what the plant states as one.
    """
    label = ledger.label(item)
    stated = ledger.amount(item, "discharged", period)
    if stated is not None and units.dimension(stated.unit) != "mass":
        return WasteWays(question=message("{item}的质量（t）", item=label))
    discharged = None if stated is None else stated.to("t")
    made = ledger.amount(item, "generated", period)
    if made is None or units.dimension(made.unit) != "mass":
        return WasteWays(discharged)
    ways = [way for role in _HANDLED if (way := ledger.amount(item, role, period)) is not None]
    if discharged is not None:
        ways.append(discharged)
    if not ways:
        return WasteWays(question=message("{item}的去向", item=label), known=False)
    try:
        known = total(ways, unit="t")
        left = formula.solid_waste_remainder(made, known)
    except QingyuanError as error:
        return WasteWays(discharged, message("{problem}", problem=error))
    if left.value <= _ROUNDING * made.to("t").value:
        return WasteWays(discharged)
    question = message(
        "{item}去向或库存待说明：产生 {made} t，已说明去向 {known} t，余 {left} t（年末贮存的填贮存量）",
        item=label,
        made=f"{made.to('t').value:.6g}",
        known=f"{known.value:.6g}",
        left=f"{left.value:.4g}",
    )
    return WasteWays(discharged, question)

"""One balance of an audit (一项平衡): its units, the whole, rates, what was found and what is lacking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from qingyuan.balance.from_facts import Stream
from qingyuan.balance.rules import UnitBalance
from qingyuan.language import Message, Text

if TYPE_CHECKING:
    from qingyuan.balance.result import Reconciliation

Kind = Literal["material", "water", "energy", "substance", "solvent", "carbon"]


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of a balance (率): value as a fraction or None, with its formula and what is lacking."""

    id: str
    name: Text
    formula: str
    value: float | None
    needs: tuple[Text, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The rate as plain values."""
        return {
            "id": self.id,
            "name": str(self.name),
            "formula": self.formula,
            "value": self.value,
            "needs": [str(need) for need in self.needs],
        }


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the energy balance (能量平衡的一个环节): supplied, effective, lost in ``unit``; None = not known."""

    id: str
    name: Text
    unit: str
    supplied: float | None
    effective: float | None
    lost: float | None
    needs: tuple[Text, ...] = ()

    @property
    def efficiency(self) -> float | None:
        """Effective over supplied (效率); None where one of them is not known."""
        if self.effective is None or not self.supplied:
            return None
        return self.effective / self.supplied

    def as_json(self) -> dict[str, object]:
        """The link as plain values."""
        return {
            "id": self.id,
            "name": str(self.name),
            "unit": self.unit,
            "supplied": self.supplied,
            "effective": self.effective,
            "lost": self.lost,
            "efficiency": self.efficiency,
            "needs": [str(need) for need in self.needs],
        }


@dataclass(frozen=True)
class Balance:
    """One balance of a plant over a period.

    ``units``: of the places; ``whole``: of the plant. ``remarks``: what the numbers say, in words; ``needs``: what is
    lacking to close it. ``streams``: the flows that it was made from; ``names`` of their places. ``reconciliation``:
    the flows made consistent, None where nothing can be.
    """

    id: str
    kind: Kind
    name: Text
    period: str
    unit: str
    units: tuple[UnitBalance, ...]
    whole: UnitBalance
    rates: tuple[Rate, ...] = ()
    links: tuple[Link, ...] = ()
    remarks: tuple[Message, ...] = ()
    needs: tuple[Message, ...] = ()
    streams: tuple[Stream, ...] = ()
    names: Mapping[str, Text] = field(default_factory=dict)
    reconciliation: Reconciliation | None = None

    def as_json(self) -> dict[str, object]:
        """The balance as plain values, with the reconciled flows where there are any."""
        found = self.reconciliation
        record: dict[str, object] = {
            "id": self.id,
            "kind": self.kind,
            "name": str(self.name),
            "period": self.period,
            "unit": self.unit,
            "whole": self.whole.as_json(),
            "units": [one.as_json() for one in self.units],
            "rates": [one.as_json() for one in self.rates],
            "links": [one.as_json() for one in self.links],
            "remarks": [str(one) for one in self.remarks],
            "needs": [str(one) for one in self.needs],
            "flows": [one.as_json() for one in self.streams],
        }
        if found is not None:
            record["reconciliation"] = {
                "chi2": found.chi2,
                "dof": found.dof,
                "consistent": found.consistent,
                "flows": {key: estimate.as_json() for key, estimate in found.flows.items()},
                "gross_errors": [error.as_json() for error in found.gross_errors],
            }
        return record

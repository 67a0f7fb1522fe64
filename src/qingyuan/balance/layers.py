"""Contents of flows in further layers (各层含量): elements from formulae, heating values, moisture."""

from __future__ import annotations

from qingyuan.balance.network import Content, Known
from qingyuan.reference.chemistry import element_contents


def of_formula(formula: str, element: str, purity: float = 1.0, purity_sd: float = 0.0) -> Content:
    """Content of an element in a substance by stoichiometry; ``purity`` is its mass fraction in the flow.

    ``of_formula("NiSO4·6H2O", "Ni", 0.98, 0.01)`` is 0.2188 with 0.0022. Raises UnknownName for an unknown formula.
    """
    share = element_contents(formula).get(element, 0.0)
    return Content(concentration=Known(share * purity, share * purity_sd))


def of_heating_value(value: float, sd: float) -> Content:
    """Energy carried by a fuel (低位发热量): in the unit of the energy layer per unit of the base layer."""
    return Content(concentration=Known(value, sd))


def of_moisture(share: float, sd: float, *, dry: bool = False) -> Content:
    """Water (or with ``dry`` dry matter) in a moist flow; ``share`` is the mass fraction of water (含水率), 0 to 1."""
    return Content(concentration=Known(1 - share if dry else share, sd))

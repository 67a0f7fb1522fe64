"""Carbon dioxide of fuels, electricity and heat (燃料、电力、热力的二氧化碳): one plain function for one formula.

``E = Σ FC·NCV·CC·OF·44/12`` for fuels, ``E = (bought − sold)·EF`` for electricity and heat (NDRC guidelines 2013-2015,
GB/T 32150). A calculation names one set of fuel parameters and one set of warming potentials and never mixes rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from qingyuan.errors import QingyuanError
from qingyuan.figures.carbon_processes import CO2, CO2_OF_CARBON
from qingyuan.figures.derivation import Term, apply, from_coefficient, total
from qingyuan.figures.guards import share
from qingyuan.language import Name, listing, message
from qingyuan.reference.carbon import FUEL_PREFIX, GwpSet
from qingyuan.reference.electricity import FOOTPRINT_PREFIX, nonfossil_factor

CO2E = "tCO2e"


class MixedFuelSets(QingyuanError):
    """Default parameters of two tables met in one account (混用两张缺省值表)."""

    def __init__(self, sets: Sequence[str]) -> None:
        self.sets = tuple(sets)
        super().__init__(self.sets)

    def __str__(self) -> str:
        return str(message("同一核算混用了燃料因子表：{sets}", sets=listing(self.sets)))


class FootprintInInventory(QingyuanError):
    """A product-footprint factor of electricity was used in an inventory (碳足迹因子不得用于排放核算)."""

    def __str__(self) -> str:
        return str(message("电力碳足迹因子是全生命周期值，只能用于产品碳足迹，不得用于排放核算"))


# --- fuels -------------------------------------------------------------------------------------------------------


def fuel_co2(amount: Term, heating_value: Term, carbon: Term, oxidation: Term) -> Term:
    """CO2 of a fuel by its heat (化石燃料燃烧), tCO2: ``E = FC · NCV · CC · OF · 44/12``.

    ``amount`` FC [t or 10^4 Nm3]; ``heating_value`` NCV [GJ per it]; ``carbon`` CC [tC/GJ]; ``oxidation`` OF [1].
    Natural gas, 389.31 GJ/10^4 Nm3, 0.0153, 0.99: 21.622 tCO2 per 10^4 Nm3.
    """
    return (amount * heating_value * carbon * share(oxidation) * CO2_OF_CARBON).to(CO2)


def fuel_co2_measured(amount: Term, carbon_content: Term, oxidation: Term) -> Term:
    """CO2 of a fuel by measured element carbon (实测元素碳), tCO2: ``E = FC · C · OF · 44/12``.

    ``carbon_content`` [tC/t or tC/10^4 Nm3] on the same (received) basis as ``amount``.
    """
    return (amount * carbon_content * share(oxidation) * CO2_OF_CARBON).to(CO2)


def weighted_mean(values: Sequence[Term], weights: Sequence[Term], unit: str) -> Term:
    """Mean weighted by mass (加权平均), in ``unit``: ``Σ v·w / Σ w``.

    Raises ValueError for no values or zero weight.
    """
    if not values or sum(weight.value for weight in weights) == 0:
        raise ValueError("a weighted mean needs values and a positive weight")
    count = len(values)
    same = weights[0].unit
    return apply(
        message("按数量加权平均"),
        lambda *numbers: (
            sum(value * weight for value, weight in zip(numbers[:count], numbers[count:], strict=True))
            / sum(numbers[count:])
        ),
        [*(value.to(unit) for value in values), *(weight.to(same) for weight in weights)],
        unit,
    )


def sum_of_fuels(emissions: Iterable[Term]) -> Term:
    """Add the emissions of fuels, tCO2; raises MixedFuelSets where defaults of two sets meet."""
    parts = tuple(emissions)
    sets = {
        coefficient.id.removeprefix(FUEL_PREFIX).partition("/")[0]
        for part in parts
        for coefficient in part.coefficients()
        if coefficient.id.startswith(FUEL_PREFIX)
    }
    if len(sets) > 1:
        raise MixedFuelSets(sorted(sets))
    return total(parts, label=Name("化石燃料燃烧排放", "Fossil fuels"), unit=CO2)


# --- electricity and heat ----------------------------------------------------------------------------------------


def electricity_co2(bought: Term, factor: Term, sold: Term | None = None) -> Term:
    """CO2 of net bought electricity (净购入电力), tCO2: ``E = (bought − sold) · EF``.

    ``factor`` [tCO2/MWh]. Raises FootprintInInventory for a product-footprint factor. 1000 MWh at 0.5306: 530.6.
    """
    if any(coefficient.id.startswith(FOOTPRINT_PREFIX) for coefficient in factor.coefficients()):
        raise FootprintInInventory
    net = bought if sold is None else bought - sold
    return (net.to("MWh") * factor).to(CO2).named(Name("净购入电力排放", "Net bought electricity"))


def nonfossil_electricity_co2(amount: Term, proof: str) -> Term:
    """CO2 of non-fossil electricity with proof (有证明的非化石能源电力), 0 tCO2; raises ``ProofMissing`` without."""
    return (amount.to("MWh") * from_coefficient(nonfossil_factor(proof))).to(CO2)


def heat_co2(bought: Term, factor: Term, sold: Term | None = None) -> Term:
    """CO2 of net bought heat (净购入热力), tCO2: ``E = (bought − sold) · EF``.

    ``factor`` [tCO2/GJ], 0.11 by default.
    """
    net = bought if sold is None else bought - sold
    return (net.to("GJ") * factor).to(CO2).named(Name("净购入热力排放", "Net bought heat"))


# --- gases together ----------------------------------------------------------------------------------------------


def co2_equivalent(gas: str, amount: Term, potentials: GwpSet) -> Term:
    """An emission as CO2e by a named set (二氧化碳当量), tCO2e; CO2 [tCO2] passes as it is, other gases [t] by GWP.

    Raises ``FactorNotFound`` where the set has no value for the gas.
    """
    if gas == "CO2":
        return amount.to(CO2E)
    return (
        (amount * from_coefficient(potentials.gas(gas)))
        .to(CO2E)
        .named(Name(f"{gas}（{potentials.id}）", f"{gas} ({potentials.id})"))
    )


def by_gas(emissions: Iterable[tuple[str, Term]]) -> Mapping[str, Term]:
    """Sums by gas (分气体合计): tCO2 of CO2, t of the others."""
    groups: dict[str, list[Term]] = {}
    for gas, term in emissions:
        groups.setdefault(gas, []).append(term)
    return {gas: terms[0] if len(terms) == 1 else total(terms) for gas, terms in groups.items()}

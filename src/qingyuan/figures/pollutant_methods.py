"""Pollutant amounts (污染物产生、去除与排放核算): one plain function for one formula, terms in, terms out.

Amounts come out in kg unless said otherwise. Fractions are given in ``1`` or ``%``. Which of them is used for a
pollutant at an outlet, by the legal order of methods, stands in ``pollutants``.
"""

from __future__ import annotations

from collections.abc import Sequence

from qingyuan.figures.derivation import Term, constant, total
from qingyuan.figures.guards import ONE, positive_balance, share
from qingyuan.language import Name, message

# --- measured ----------------------------------------------------------------------------------------------------


def water_load(volume: Term, concentration: Term) -> Term:
    """Load in waste water (实测法，废水), kg: ``E[t] = Q[m3] · C[mg/L] · 10⁻⁶``.

    ``volume`` [m3]; ``concentration`` [mg/L or alike]. 10 000 m3 at 50 mg/L: 500 kg.
    """
    return (volume * concentration).to("kg")


def air_load(concentration: Term, flow: Term, hours: Term) -> Term:
    """Load in waste gas by concentration (实测法，废气浓度), kg: ``E[t] = C[mg/m3] · Q[m3/h] · h · 10⁻⁹``.

    ``concentration`` as measured (not converted to a reference oxygen content) and ``flow`` at the same state, both
    per m3 or both per Nm3; ``hours`` of discharge [h]. 20 mg/m3 · 10 000 m3/h · 4000 h: 800 kg.
    """
    return (concentration * flow * hours).to("kg")


def rate_load(rate: Term, hours: Term) -> Term:
    """Load in waste gas by rate (实测法，排放速率), kg: ``E = rate[kg/h] · h``."""
    return (rate * hours).to("kg")


# --- factors -----------------------------------------------------------------------------------------------------


def factor_generation(pairs: Sequence[tuple[Term, Term]]) -> Term:
    """Generation by factors (产污系数法), kg: ``G = Σ P_i · M_i``; ``P`` per unit of product or raw material ``M``."""
    return total([(amount * factor).to("kg") for amount, factor in pairs], label=message("系数法产生量"), unit="kg")


def removal(generation: Term, efficiency: Term, operation: Term = ONE) -> Term:
    """What end-of-pipe treatment takes out (去除量): ``R = G · η · k``; ``operation`` k = actual operating rate."""
    return generation * share(efficiency) * share(operation)


def discharge(generation: Term, stages: Sequence[tuple[Term, Term]]) -> Term:
    """Discharge after treatment stages in series (排放量): ``E = G · Π (1 − η_i · k_i)``.

    ``stages``: efficiency η and actual operating rate k of each. 1000 kg, η 0.9, k 0.8: 280 kg.
    """
    left = generation
    for efficiency, operation in stages:
        left = left * (ONE - share(efficiency) * share(operation))
    return left.to(generation.unit)


def operating_rate(electricity: Term, rated_power: Term, hours: Term) -> Term:
    """Actual operating rate by power use (治理设施实际运行率): ``k = electricity / (rated power · running time)``.

    ``electricity`` [kWh]; ``rated_power`` [kW]; ``hours`` [h]. Raises NotAShare above 1.
    """
    return share((electricity / (rated_power * hours)).to("1")).named(Name("治理设施实际运行率", "Operating rate"))


def coal_so2(coal: Term, sulfur: Term, released: Term) -> Term:
    """SO2 of burnt coal without a factor (物料衡算), kg: ``Q[t] · S[%] · 0.85 · 2 · 10``.

    ``coal`` [t]; ``sulfur`` share [% or 1]; ``released`` share of the sulphur, 0.85; 2 = 64/32. 100 t at 1 %: 1700 kg.
    """
    ratio = constant(message("64/32，硫折二氧化硫"), 2.0, "1")
    return (coal * share(sulfur) * share(released) * ratio).to("kg").named(Name("燃煤二氧化硫", "SO2 of coal"))


def sewage_volume(water: Term, ratio: Term) -> Term:
    """Sewage of units that meter water only (按用水量折算): ``W = water · c``, c 0.7-0.9."""
    return (water * share(ratio)).to("m3").named(Name("污水量（按用水量折算）", "Sewage by water use"))


# --- solvents ----------------------------------------------------------------------------------------------------


def solvent_balance(
    bought: Term,
    *,
    opening: Term | None = None,
    closing: Term | None = None,
    sold: Sequence[Term] = (),
    in_waste: Sequence[Term] = (),
    in_product: Sequence[Term] = (),
    destroyed: Sequence[Term] = (),
) -> Term:
    """VOC emitted by a solvent balance (溶剂平衡), kg.

    ``E = bought + opening stock − closing stock − recovered and sold − in waste − in product − destroyed``. Recovery
    inside the plant cancels. Never added to a factor estimate of the same source. Raises ImpossibleBalance for a
    negative result: an error to be looked for.
    """
    term = bought.to("kg")
    if opening is not None:
        term = term + opening.to("kg")
    for part in (*(() if closing is None else (closing,)), *sold, *in_waste, *in_product, *destroyed):
        term = term - part.to("kg")
    return positive_balance(term, Name("挥发性有机物排放量（溶剂平衡）", "VOC emissions by solvent balance"))


def captured_and_removed(load: Term, capture: Term, efficiency: Term, operation: Term = ONE) -> tuple[Term, Term]:
    """Organised and fugitive emission of a load (有组织、无组织排放): ``L·a·(1 − η·k)`` and ``L·(1 − a)``.

    Collection ``capture`` a and removal ``efficiency`` η are two factors and multiply.
    """
    organised = load * share(capture) * (ONE - share(efficiency) * share(operation))
    fugitive = load * (ONE - share(capture))
    return organised.to(load.unit), fugitive.to(load.unit)


# --- solid waste -------------------------------------------------------------------------------------------------


def solid_waste_remainder(generated: Term, known: Term) -> Term:
    """What is left of a solid waste (固体废物余量), t: generated − stored − disposed − utilised (− discharged).

    The balance of the implementing rules of the tax law, Art. 5. Raises ImpossibleBalance.
    """
    return positive_balance(generated.to("t") - known.to("t"), Name("固体废物余量", "Solid waste not accounted for"))


# --- total-amount reduction --------------------------------------------------------------------------------------
# The detailed formulas of the guide's revision of 2022 were not readable; these are recalled and marked so in their
# method records. They are capabilities before and after a project, not measured differences.


def water_upgrade_reduction(daily_volume: Term, days: Term, before: Term, after: Term) -> Term:
    """Reduction by a better treatment (废水治理提标), t/a: ``Q · days · (C_before − C_after) · 10⁻⁶``."""
    return (daily_volume * days * (before - after)).to("t")


def reclaimed_water_reduction(volume: Term, effluent: Term) -> Term:
    """Reduction by reuse of treated water (再生水利用), t/a: ``Q_reused · C_effluent · 10⁻⁶``."""
    return (volume * effluent).to("t")


def nox_retrofit_reduction(amount: Term, factor: Term, before: tuple[Term, Term], after: tuple[Term, Term]) -> Term:
    """Reduction of NOx by a retrofit (脱硝改造), t/a: ``M · P · (η_after·k_after − η_before·k_before)``.

    Pairs are (η, k).
    """
    gained = share(after[0]) * share(after[1]) - share(before[0]) * share(before[1])
    return (amount * factor * gained).to("t")


def voc_end_of_pipe_reduction(load: Term, before: tuple[Term, Term, Term], after: tuple[Term, Term, Term]) -> Term:
    """Reduction of VOC at the end of the pipe: ``L · (a·η·k after − a·η·k before)``; triples are (a, η, k)."""
    taken = [share(capture) * share(efficiency) * share(rate) for capture, efficiency, rate in (after, before)]
    return (load * (taken[0] - taken[1])).to("t")


# --- co-benefits -------------------------------------------------------------------------------------------------


def air_pollutant_equivalent(reductions: Sequence[tuple[Term, Term]]) -> Term:
    """Air-pollutant equivalents avoided (大气污染物协同减排当量): ``Σ α_p · ΔE_p``.

    ``reductions``: amount [kg] and weight α [equivalent/kg]; the transparent weights are 1 over the equivalent value of
    the tax law (SO2, NOx 1/0.95; smoke dust 1/2.18; dust 1/4). CO2 is shown apart, never inside this sum.
    """
    return total(
        [(amount * weight).to("equivalent") for amount, weight in reductions],
        label=Name("大气污染物协同减排当量", "Air-pollutant equivalents"),
        unit="equivalent",
    )


def cross_elasticity(ghg_change: Term, ghg: Term, pollutant_change: Term, pollutant: Term) -> Term:
    """Cross elasticity of carbon on pollutants (交叉弹性系数): ``(ΔGHG/GHG) / (ΔAP/AP)``.

    Above 1 carbon gains more; below 0 the two conflict. Raises ZeroDivisionError where nothing changed.
    """
    return ((ghg_change / ghg).to("1") / (pollutant_change / pollutant).to("1")).named(
        Name("交叉弹性系数", "Cross elasticity")
    )

"""The rules by id (规则表): each a pure function of a case and its ledger, documented in ``data/checks/rules.toml``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from qingyuan.checks import (
    balances,
    bounds,
    computed,
    copied,
    cuts,
    growth,
    machines,
    metals,
    monitoring,
    option_sense,
    options,
    outlets,
    power,
    records,
    solvents,
    sources,
    stacks,
    totals,
    trends,
    water,
    works,
)
from qingyuan.checks.finding import Finding, by_weight
from qingyuan.checks.folding import folded
from qingyuan.checks.merging import merged
from qingyuan.facts.model import Case
from qingyuan.figures.ledger import Ledger

Rule = Callable[[Case, Ledger], Iterable[Finding]]

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "round-factor": computed.round_factors,
        "proportional-to-output": computed.proportional,
        "ratio-as-measurement": computed.ratios_as_measurements,
        "constant-shares": computed.constant_shares,
        "rounded-meters": records.rounded_meters,
        "rate-never-changes": copied.unchanging_rates,
        "round-growth": growth.round_growth,
        "total-and-parts": totals.totals_and_parts,
        "two-statements": totals.rival_statements,
        "same-row-twice": totals.rows_twice,
        "same-amount-of-different-things": copied.same_amounts,
        "same-amount-every-year": copied.repeated_years,
        "power-of-ten": trends.powers_of_ten,
        "share-out-of-bounds": bounds.shares,
        "hours-beyond-year": bounds.hours,
        "output-and-capacity": trends.output_and_capacity,
        "trend-against-output": trends.trends,
        "against-output": growth.against_output,
        "value-per-product": trends.value_per_product,
        "tax-against-value": trends.tax_against_value,
        "load-hours": power.load_hours,
        "power-and-machines": power.power_and_machines,
        "works-electricity": power.works_electricity,
        "waste-water-and-water": water.waste_water_and_water,
        "water-closure": water.water_closure,
        "water-destinations": water.water_destinations,
        "discharge-not-metered": water.discharge_not_metered,
        "domestic-water": water.domestic_water,
        "specific-use": water.specific_use,
        "waste-water-per-product": water.waste_water_per_product,
        "reagent-dose": works.reagent_doses,
        "acid-and-alkali": works.acid_and_alkali,
        "precipitant-and-metal": works.precipitant_and_metal,
        "carbon-source": works.carbon_source,
        "sludge-and-reagents": works.sludge_and_reagents,
        "sludge-metal": works.sludge_metal,
        "metal-balance": metals.metal_balance,
        "dissolved-metal": metals.dissolved_metal,
        "waste-against-input": balances.wastes_and_inputs,
        "waste-without-input": balances.wastes_without_input,
        "input-per-product": balances.inputs_and_products,
        "offcuts": balances.offcuts,
        "waste-exceeds-generated": bounds.waste_gone,
        "discharged-exceeds-generated": bounds.pollutant_out,
        "voc-balance": solvents.voc_balance,
        "voc-collection": solvents.voc_collection,
        "carbon-uptake": solvents.carbon_uptake,
        "fuel-balance": balances.fuel_balance,
        "input-without-trace": sources.inputs_without_trace,
        "step-without-input": sources.steps_without_input,
        "pollutant-without-source": sources.pollutants_without_source,
        "treated-not-monitored": sources.treated_not_monitored,
        "waste-code-missing": sources.waste_codes_missing,
        "waste-code-wrong": sources.waste_codes_wrong,
        "discharged-exceeds-permit": bounds.over_permit,
        "load-and-concentration": bounds.load_and_concentration,
        "over-limit": monitoring.over_limit,
        "near-limit": monitoring.near_limit,
        "unsteady-results": monitoring.unsteady_results,
        "yearly-shift": growth.yearly_shift,
        "rate-and-concentration": monitoring.rates_and_concentrations,
        "same-results-twice": monitoring.copied_results,
        "detection-limit-missing": monitoring.detection_limits_missing,
        "limit-missing": monitoring.limits_missing,
        "monitoring-gaps": monitoring.monitoring_gaps,
        "part-exceeds-whole": monitoring.parts_and_wholes,
        "flows-of-one-stack": stacks.flows_of_stacks,
        "treatment-count": outlets.treatment_count,
        "clean-before-treatment": outlets.clean_before_treatment,
        "organics-elsewhere": outlets.organics_elsewhere,
        "removal-efficiency": stacks.removal,
        "noise-uniform": stacks.noise_uniform,
        "machine-twice": machines.machines_twice,
        "machine-count": machines.machine_counts,
        "machine-power": machines.machine_power,
        "option-cost-class": bounds.cost_classes,
        "option-payback": options.paybacks,
        "option-savings": options.savings_and_turnover,
        "option-exceeds-plant": cuts.exceeding,
        "options-together": cuts.together,
        "option-exceeds-discharge": cuts.against_discharge,
        "option-beyond-whole": cuts.beyond_whole,
        "option-efficiency": cuts.efficiencies,
        "option-without-object": cuts.without_object,
        "option-inconsistent": option_sense.inconsistent,
        "option-worth": options.worth,
        "option-saving-without-effect": option_sense.savings_without_effect,
        "options-alike": option_sense.alike,
        "option-already-there": option_sense.already_there,
        "option-incomplete": options.incomplete,
        "purchase-gap": bounds.purchase_gaps,
        "missing-years": records.missing_years,
        "missing-basics": records.missing_basics,
        "unknown-basis": records.unknown_basis,
        "remark-of-doubt": records.remarks_of_doubt,
        "litres-without-density": records.litres_without_density,
        "unit-price": records.unit_prices,
    }
)


def run_checks(case: Case, ledger: Ledger | None = None) -> tuple[Finding, ...]:
    """All findings of all rules on a case (数据检查), the gravest first; within a severity by what rests on the number,
    then by size. What two rules say of one contradiction stands in one finding, and what follows from a number wrong by
    a power of ten is told with it.

    ``ledger``: the one of the case where it was made already.
    """
    used = Ledger(case) if ledger is None else ledger
    return by_weight(folded(case, used, _all_rules(case, used), _all_rules))


def _all_rules(case: Case, ledger: Ledger) -> tuple[Finding, ...]:
    return merged(finding for rule in RULES.values() for finding in rule(case, ledger))

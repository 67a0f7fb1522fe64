"""Greenhouse gases of a plant (温室气体): fuels, electricity, heat, processes; gases apart, then CO2e by a named set.

``E = E_fuel + E_process + E_electricity + E_heat − R`` (NDRC guidelines 2013-2015, GB/T 32150). Settings of a report:
``electricity-factor`` (national, provincial or a number), ``gwp-set``, ``carbon-fuel-set``, ``reporting-date``,
``electricity-factor-year``, ``carbon-equipment``, ``green-electricity-proof``, and those of the processes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from qingyuan import units
from qingyuan.errors import QingyuanError
from qingyuan.facts.model import SITE
from qingyuan.figures import allocation
from qingyuan.figures.carbon_accounts import (
    ELECTRICITY,
    HEAT,
    Account,
    Choices,
    biomass_account,
    choices,
    electricity_account,
    fuel_account,
    fuel_once,
    heat_account,
    heat_factor,
    is_fossil,
    recovered_account,
)
from qingyuan.figures.carbon_terms import CO2E, by_gas, co2_equivalent, electricity_co2, heat_co2
from qingyuan.figures.collect import Collector
from qingyuan.figures.derivation import FigureSet, Term, constant, from_coefficient, total
from qingyuan.figures.energy import entries
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.methods import deciding_day
from qingyuan.figures.process_emissions import process_emissions
from qingyuan.figures.process_inputs import Emission, Gap, Plant
from qingyuan.figures.settings import Settings
from qingyuan.figures.steam import heat_of
from qingyuan.language import Message, Name, message
from qingyuan.reference.items import catalogue


def figures(ledger: Ledger, settings: Settings | None = None) -> FigureSet:
    """All greenhouse-gas figures of all years of a case, and what is missing for the others."""
    used = ledger.settings if settings is None else settings
    collector = Collector(ledger, used)
    for period in ledger.years:
        _of_period(collector, ledger, used, period)
    return collector.result()


@dataclass(frozen=True, slots=True)
class SiteAccount:
    """The account of a site in a period: what each part gave, and the total where nothing is missing."""

    fuel: Account
    electricity: Account
    heat: Account
    recovered: Account
    emissions: tuple[Emission, ...]
    gaps: tuple[Gap, ...]
    process: Term | None
    direct: Term | None
    total: Term | None
    needs: tuple[Message, ...]


def site_account(ledger: Ledger, settings: Settings, period: str, used: Choices) -> SiteAccount:
    """All parts of the account of a site (全厂碳核算), in tCO2e; a part with gaps makes the totals missing."""
    plant = Plant(ledger, settings, period, deciding_day(period, settings.editions_as_of))
    fuel = fuel_account(ledger, settings, period, used)
    electricity = electricity_account(ledger, settings, period, used)
    heat = heat_account(ledger, settings, period)
    recovered = recovered_account(ledger, period)
    found = process_emissions(plant)
    needs = [*fuel.needs, *(need for gap in found.gaps if gap.blocking for need in gap.needs)]
    process: Term | None = None
    try:
        joined = [
            co2_equivalent(one.gas, one.term, used.potentials).named(one.name)
            for one in found.emissions
            if not one.deducted
        ]
        process = total(joined, label=Name("过程排放", "Process emissions"), unit=CO2E) if joined else None
    except QingyuanError as error:
        needs.append(message("{problem}", problem=error))
    added = [term for term in (fuel.term, process) if term is not None]
    taken = [one.term for one in found.emissions if one.deducted]
    taken += [recovered.term] if recovered.term is not None else []
    direct: Term | None = None
    if not needs and (added or taken):
        direct = total(added, unit=CO2E) if added else constant(message("没有直接排放源"), 0.0, CO2E)
        for term in taken:
            direct = direct - term.to(CO2E)
    left_out = [gap for gap in found.gaps if not gap.blocking]
    if left_out and direct is not None:
        direct = replace(direct.named(direct.label), lower_bound=True)
    later = [*electricity.needs, *heat.needs]
    parts = [term for term in (direct, electricity.term, heat.term) if term is not None]
    whole = total(parts, unit=CO2E) if parts and not needs and not later else None
    return SiteAccount(
        fuel,
        electricity,
        heat,
        recovered,
        found.emissions,
        found.gaps,
        process,
        direct,
        whole,
        (*needs, *later),
    )


def _of_period(collector: Collector, ledger: Ledger, settings: Settings, period: str) -> None:
    try:
        used = choices(ledger, settings, period)
    except QingyuanError as error:
        collector.lack("carbon-total", period, message("{problem}", problem=error))
        return
    account = site_account(ledger, settings, period, used)
    for item, term in account.fuel.parts:
        name = ledger.item(item)
        shown = None if name is None else Name(f"{name.name.zh}燃烧排放", f"Emissions of {name.name.en}")
        collector.add(f"carbon-fuel.{item}", period, term, "carbon.fuel", name=shown)
    _add(collector, "carbon-fuel", period, account.fuel, "carbon.fuel", _fuel_notes(account.fuel, used))
    _add(collector, "carbon-electricity", period, account.electricity, "carbon.electricity")
    _add(collector, "carbon-heat", period, account.heat, "carbon.heat")
    _add(collector, "carbon-biomass", period, biomass_account(ledger, settings, period), "carbon.biomass")
    _add(collector, "carbon-recovered", period, account.recovered, "carbon.recovered")
    _processes(collector, period, used, account)
    left_out = tuple(message("未计入：{name}", name=gap.name) for gap in account.gaps if not gap.blocking)
    if not ledger.case.profile.industry_code:
        left_out = (*left_out, message("未给出行业代码，行业特有的过程排放未判别"))
    if account.direct is not None:
        collector.add("carbon-direct", period, account.direct, "carbon.direct", notes=left_out)
    elif account.fuel.needs or account.emissions:
        collector.lack("carbon-direct", period, *account.needs)
    if account.total is None and not account.needs:
        collector.lack("carbon-total", period, message("燃料、电力或热力的用量"))
        return
    collector.add("carbon-total", period, account.total, "carbon.total", needs=account.needs, notes=left_out)
    _intensities(collector, ledger, settings, period, used, account.total, account.needs)


def _fuel_notes(account: Account, used: Choices) -> tuple[Message, ...]:
    if account.term is None:
        return ()
    return (message("燃料因子表：{set}", set=used.fuels.name),)


def _add(
    collector: Collector,
    id: str,
    period: str,
    account: Account,
    method: str,
    notes: tuple[Message, ...] = (),
) -> None:
    if account.term is None and not account.needs:
        return
    collector.add(id, period, account.term, method, needs=account.needs, notes=(*account.notes, *notes))


def _processes(collector: Collector, period: str, used: Choices, account: SiteAccount) -> None:
    names = {one.process: one.name for one in account.emissions}
    for process in names:
        ones = [one for one in account.emissions if one.process == process]
        try:
            terms = [co2_equivalent(one.gas, one.term, used.potentials) for one in ones]
        except QingyuanError as error:
            need = message("{problem}（可在设置 gwp-set 中选择）", problem=error)
            collector.lack(f"carbon-process.{process}", period, need, name=names[process])
            continue
        notes = tuple(note for one in ones for note in one.notes)
        if any(one.deducted for one in ones):
            notes = (*notes, message("从直接排放中扣除"))
        collector.add(
            f"carbon-process.{process}",
            period,
            terms[0] if len(terms) == 1 else total(terms, unit=CO2E),
            ones[0].method,
            name=names[process],
            notes=notes,
        )
    for gap in account.gaps:
        collector.lack(f"carbon-process.{gap.process}", period, *gap.needs, name=gap.name)
    gases = by_gas((one.gas, one.term) for one in account.emissions if not one.deducted)
    for gas, term in gases.items():
        if gas != "CO2":
            name = Name(f"{gas}排放量", f"Emissions of {gas}")
            collector.add(f"carbon-gas.{gas}", period, term, "carbon.gas", name=name)
    if account.process is not None:
        note = message("全球变暖潜势：{set}", set=used.potentials.name)
        collector.add(
            "carbon-process", period, account.process, "carbon.process", notes=(note,) if len(gases) > 1 else ()
        )


def _intensities(
    collector: Collector,
    ledger: Ledger,
    settings: Settings,
    period: str,
    used: Choices,
    whole: Term | None,
    needs: tuple[Message, ...],
) -> None:
    lacking = needs[0] if needs else message("温室气体排放总量")
    collector.ratio(
        "carbon-per-output-value",
        period,
        whole,
        ledger.amount("output-value", "amount", period),
        "carbon.per-output-value",
        above_needs=lacking,
        below_needs=message("产值"),
    )
    allocation.per_product(
        collector,
        ledger,
        settings,
        period,
        "carbon-per-product",
        "carbon.per-product",
        whole,
        _at(ledger, settings, period, used),
        lacking,
    )


def _at(ledger: Ledger, settings: Settings, period: str, used: Choices) -> Callable[[str, str], Term | None]:
    """What a place or product emits by its own stated electricity, heat and fuels; None where nothing is stated."""

    def at(place: str, product: str) -> Term | None:
        terms: list[Term] = []
        for entry in entries(ledger, settings, period):
            amount = ledger.amount(entry.item, "consumed", period, place, product=product)
            if amount is None or (place == SITE and not product):
                continue
            if entry.item == ELECTRICITY and used.electricity is not None:
                terms.append(electricity_co2(amount, from_coefficient(used.electricity)))
            elif catalogue().is_a(entry.item, HEAT):
                energy: Term | None = amount
                if units.dimension(amount.unit) != "energy":
                    energy, _ = heat_of(ledger, entry.item, amount, period, place)
                if energy is not None:
                    terms.append(heat_co2(energy, heat_factor(ledger, entry.item, period)))
            elif is_fossil(entry.item):
                term, _ = fuel_once(ledger, entry.item, amount, period, used, place)
                if term is not None:
                    terms.append(term)
        return total(terms, unit=CO2E) if terms else None

    return at

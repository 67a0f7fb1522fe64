"""Greenhouse gases of a plant (温室气体): fuels, electricity, heat, processes; gases apart, then CO2e by a named set.

``E = E_fuel + E_process + E_electricity + E_heat − R`` (NDRC guidelines 2013-2015, GB/T 32150). Settings of a report:
``electricity-factor`` (national, provincial or a number), ``gwp-set``, ``carbon-fuel-set``, ``reporting-date``,
``electricity-factor-year``, ``carbon-equipment``, ``green-electricity-proof``, and those of the processes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from qingyuan import units
from qingyuan.errors import QingyuanError
from qingyuan.facts.model import SITE, Fact
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
from qingyuan.figures.carbon_terms import CO2E, by_gas, co2_equivalent, heat_co2
from qingyuan.figures.collect import Collector
from qingyuan.figures.derivation import FigureSet, Term, constant, from_coefficient, total
from qingyuan.figures.energy import OWN_RECOVERED, OWN_RENEWABLE, Entry, entries
from qingyuan.figures.energy import electricity as site_electricity
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.methods import deciding_day
from qingyuan.figures.process_emissions import process_emissions
from qingyuan.figures.process_inputs import Emission, Gap, Plant
from qingyuan.figures.settings import Settings
from qingyuan.figures.steam import heat_of
from qingyuan.language import Message, Name, inside, message
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
        if direct.value < -1e-9 * max(sum(term.value for term in added), 1.0):
            needs.append(message("扣除量（回收外供的二氧化碳、产品固碳）大于直接排放量，请核对"))
            direct = None
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
        shown = None if name is None else Name(f"{name.name.zh}燃烧排放", f"Emissions of {inside(name.name.en)}")
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
    elif account.fuel.needs or account.emissions or account.recovered.term is not None:
        collector.lack("carbon-direct", period, *account.needs)
    if account.total is None and not account.needs:
        collector.lack("carbon-total", period, message("燃料、电力或热力的用量"))
        return
    collector.add("carbon-total", period, account.total, "carbon.total", needs=account.needs, notes=left_out)
    _intensities(collector, ledger, settings, period, used, account)


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
    collector: Collector, ledger: Ledger, settings: Settings, period: str, used: Choices, account: SiteAccount
) -> None:
    lacking = account.needs[0] if account.needs else message("温室气体排放总量")
    collector.ratio(
        "carbon-per-output-value",
        period,
        account.total,
        ledger.amount("output-value", "amount", period),
        "carbon.per-output-value",
        above_needs=lacking,
        below_needs=message("产值"),
    )
    figure = "carbon-per-product"
    kinds = allocation.kinds_of(ledger, period)
    if account.total is None and len(kinds) > 1:
        # what the site lacks may belong to any of its products
        for item in kinds:
            collector.lack(figure, period, *(account.needs or (lacking,)), product=item)
        return
    at = _Parts(ledger, settings, period, used, account).at
    allocation.per_product(
        collector, ledger, settings, period, figure, "carbon.per-product", account.total, at, lacking
    )


class _Parts:
    """What places and products of a site emit by themselves, and what of it is not known (各场所、各产品的排放).

    ``at`` gives it in the form that ``allocation.allot`` asks for. Electricity and heat count with the mean factor of
    the site, so that what was generated on site of waste heat or sun is no grid power; process emissions count where
    the facts behind them name one product or one place.
    """

    def __init__(self, ledger: Ledger, settings: Settings, period: str, used: Choices, account: SiteAccount) -> None:
        self._ledger, self._settings, self._period, self._used = ledger, settings, period, used
        self._entries = entries(ledger, settings, period)
        self._power = _mean_power_factor(ledger, settings, period, used, account, self._entries)
        self._processes: dict[str, list[Term]] = {}
        self._open: list[Name] = []
        kinds = allocation.kinds_of(ledger, period)
        self._places = {item: allocation.places_of(ledger, item, period) for item in kinds}
        makes = {
            inner: item for item, found in self._places.items() for place in found for inner in _inside(ledger, place)
        }
        for one in account.emissions:
            owners = {_owner(fact, kinds, makes) for fact in one.term.facts() if _is_amount(fact)}
            try:
                term = co2_equivalent(one.gas, one.term, used.potentials).to(CO2E)
            except QingyuanError:
                continue
            if len(owners) == 1 and (owner := owners.pop()):
                self._processes.setdefault(owner, []).append(_minus(term) if one.deducted else term)
            else:
                self._open.append(one.name)
        if account.recovered.term is not None:
            self._open.append(Name("回收外供的二氧化碳", "CO2 recovered and supplied"))

    def at(self, place: str, product: str) -> Term | None:
        """What a place (product "") or a product emits by its own energy and processes; None where nothing is known.

        Raises NotKnown where something of it cannot be computed, and where only stated use makes a product's account
        although some process belongs to no product.
        """
        if place == SITE and not product:
            return None
        if self._open and self._settings.allocation == "direct":
            raise allocation.NotKnown(self.unallotted())
        terms: list[Term] = []
        for entry in self._entries:
            amount = self._ledger.amount(entry.item, "consumed", self._period, place, product=product)
            if amount is None:
                continue
            term, needs = self._of_entry(entry, amount, place)
            if needs:
                raise allocation.NotKnown(needs)
            if term is not None:
                terms.append(term)
        # processes of a product stand with its tagged use, else with the first of the places that make it
        if product and (terms or not self._places.get(product)):
            terms.extend(self._processes.get(product, ()))
        for item, places in self._places.items():
            if not product and places and place == places[0]:
                terms.extend(self._processes.get(item, ()))
        return total(terms, unit=CO2E) if terms else None

    def _of_entry(self, entry: Entry, amount: Term, place: str) -> tuple[Term | None, tuple[Message, ...]]:
        if entry.item == ELECTRICITY:
            if self._power is None:
                return None, (message("外购电量与用电总量"),)
            return (amount.to("MWh") * self._power).to(CO2E), ()
        if catalogue().is_a(entry.item, HEAT):
            return self._of_heat(entry, amount, place)
        if not is_fossil(entry.item) or entry.burnt is None or entry.use is None:
            # made of fuel that is counted already
            return None, ()
        term, needs = fuel_once(self._ledger, entry.item, amount, self._period, self._used, place)
        return term, () if term is not None else needs

    def _of_heat(self, entry: Entry, amount: Term, place: str) -> tuple[Term | None, tuple[Message, ...]]:
        if entry.bought is None:
            return None, ()
        energy = amount
        if units.dimension(amount.unit) != "energy":
            heat, needs = heat_of(self._ledger, entry.item, amount, self._period, place)
            if heat is None:
                return None, needs
            energy = heat
        term = heat_co2(energy, heat_factor(self._ledger, self._settings, entry.item, self._period))
        made = entry.made
        if made is not None and units.dimension(made.unit) == units.dimension(entry.bought.unit) and made.value > 0:
            term = (term * (entry.bought / (entry.bought + made))).to(term.unit)
        return term.to(CO2E), ()

    def unallotted(self) -> tuple[Message, ...]:
        """What must be known before a product has an account of its own: to which product each process belongs."""
        return tuple(
            message("{process}归入哪个产品（按产品或只生产它的车间填报），或选定分摊方法", process=name)
            for name in dict.fromkeys(self._open)
        )


def _inside(ledger: Ledger, place: str) -> tuple[str, ...]:
    return place, *ledger.below(place)


def _owner(fact: Fact, kinds: Sequence[str], makes: Mapping[str, str]) -> str:
    """The product that a fact belongs to by itself or by the place that makes only this product; "" for none."""
    for product in (fact.product, fact.item):
        if product in kinds:
            return product
    return makes.get(fact.place, "")


def _is_amount(fact: Fact) -> bool:
    return any(role.id == fact.role and role.group == "flow" for role in catalogue().all_roles)


def _minus(term: Term) -> Term:
    return constant(message("零"), 0.0, term.unit) - term


def _mean_power_factor(
    ledger: Ledger,
    settings: Settings,
    period: str,
    used: Choices,
    account: SiteAccount,
    found: Sequence[Entry],
) -> Term | None:
    """CO2 per MWh that the site uses: the factor of the grid, less where it generates power itself or buys green power.

    None where it generates power itself and its use is not known.
    """
    entry = next((one for one in found if one.item == ELECTRICITY), None)
    own = any(ledger.amount(item, "produced", period) for item in (ELECTRICITY, *OWN_RENEWABLE, *OWN_RECOVERED))
    green = any(item == "green-electricity" for item, _ in account.electricity.parts)
    if entry is not None and not own and not green:
        return None if used.electricity is None else from_coefficient(used.electricity)
    whole, emitted = site_electricity(ledger, period, settings), account.electricity.term
    if whole is None or emitted is None or whole.value <= 0 or emitted.value < 0:
        return None
    return (emitted / whole.to("MWh")).named(message("用电的平均排放因子"))

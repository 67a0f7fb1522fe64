"""Money (经济): economics of one investment as the audit handbook reckons them, and the money figures of a plant.

Symbols as in the handbook: I total investment (总投资费用), P yearly saving (年运行费用总节省), D depreciation, T
taxable profit, E net profit, F yearly net cash flow (年净现金流量), N pay-back period (投资偿还期), NPV 净现值, NPVR
净现值率, IRR 内部收益率. Rates are fractions (0.05 = 5 %), money in any one currency unit, time in years.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from qingyuan import units
from qingyuan.errors import QingyuanError
from qingyuan.figures.collect import Collector
from qingyuan.figures.derivation import FigureSet, Term, from_coefficient, total
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.settings import Settings
from qingyuan.figures.standard_coal import is_medium
from qingyuan.language import Message, Name, listing, message
from qingyuan.reference.items import catalogue
from qingyuan.reference.records import Coefficient, Grade

# --- one investment --------------------------------------------------------------------------------------------------


class NoRate(QingyuanError):
    """A cash flow has no internal rate of return, or more than one (内部收益率不存在或不唯一)."""

    def __init__(self, why: Message) -> None:
        self.why = why
        super().__init__(why)

    def __str__(self) -> str:
        return str(self.why)


@dataclass(frozen=True, slots=True)
class CashFlow:
    """The handbook's table of one option (年净现金流量表): all in the currency unit of the arguments, per year."""

    saving: float  # P
    depreciation: float  # D = I / Y
    taxable_profit: float  # T = P - D
    tax: float
    net_profit: float  # E = T - tax
    net_cash_flow: float  # F = E + D


def cash_flow(investment: float, saving: float, depreciation_years: float, income_tax_rate: float) -> CashFlow:
    """F = E + D with D = I/Y, T = P - D, E = T·(1 - tax rate); no tax on a loss.

    ``investment`` and ``saving`` in one currency unit (saving per year), ``depreciation_years`` Y in years,
    ``income_tax_rate`` a fraction. Raises ValueError for Y <= 0 or a rate outside 0..1.

    Source: audit handbook (dybbs8.com/doc/5056910.html).

    >>> cash_flow(150, 40, 10, 0.25).net_cash_flow
    33.75
    """
    if depreciation_years <= 0:
        raise ValueError("depreciation years must be positive")
    if not 0 <= income_tax_rate < 1:
        raise ValueError("income tax rate must be a fraction of 1")
    depreciation = investment / depreciation_years
    taxable = saving - depreciation
    tax = max(taxable, 0.0) * income_tax_rate
    return CashFlow(saving, depreciation, taxable, tax, taxable - tax, taxable - tax + depreciation)


# Beyond so many years an exact power has too many digits to be worth it; a term that late decides nothing.
_EXACT_YEARS = 200


def _exact(value: float) -> Fraction:
    """A number as it was written: 12 significant digits, so that the noise of binary fractions decides nothing."""
    return Fraction(f"{value:.12g}")


def sign_of_net_present_value(investment: float, net_cash_flow: float, rate: float, years: int) -> int:
    """1, 0 or -1: the sign of Σ F/(1+i)^j - I, j = 1..n, in exact fractions of the numbers as written.

    12 significant digits of each number count. Money in one unit, rate a fraction above -1; ValueError otherwise.

    >>> sign_of_net_present_value(33.1, 13.31, 0.1, 3)
    0
    """
    if rate <= -1 or years < 0:
        raise ValueError("rate must be above -1 and years not negative")
    if years > _EXACT_YEARS or not all(map(math.isfinite, (investment, net_cash_flow, rate))):
        value = net_present_value(investment, net_cash_flow, rate, years)
        return (value > 0) - (value < 0)
    factor = 1 / (1 + _exact(rate))
    present = Fraction(0)
    for _ in range(years):
        present = (present + 1) * factor
    left = _exact(net_cash_flow) * present - _exact(investment)
    return (left > 0) - (left < 0)


def payback_years(investment: float, net_cash_flow: float) -> float:
    """N = I/F in years; infinite where F is not positive. Raises ValueError for a negative investment.

    A whole or short number of years comes out as such: 0.3/0.1 is 3.

    >>> round(payback_years(150, 32.5), 3)
    4.615
    """
    if investment < 0:
        raise ValueError("investment must not be negative")
    if net_cash_flow <= 0:
        return math.inf
    years = investment / net_cash_flow
    if not math.isfinite(years):
        return years
    plain = float(f"{years:.10g}")
    return plain if _exact(plain) * _exact(net_cash_flow) == _exact(investment) else years


def annuity_factor(rate: float, years: int) -> float:
    """Σ 1/(1+i)^j for j = 1..n (贴现系数): the present value of 1 per year. ValueError for rate <= -1 or years < 0.

    Infinite where a rate just above -1 makes it larger than a number can be.

    >>> round(annuity_factor(0.05, 10), 4)
    7.7217
    """
    if rate <= -1 or years < 0:
        raise ValueError("rate must be above -1 and years not negative")
    if rate == 0:
        return float(years)
    try:
        return -math.expm1(-years * math.log1p(rate)) / rate
    except OverflowError:
        return math.inf


def net_present_value(investment: float, net_cash_flow: float, rate: float, years: int) -> float:
    """NPV = Σ F/(1+i)^j - I for j = 1..n, in the currency unit of I and F. Raises ValueError as ``annuity_factor``.

    >>> round(net_present_value(150, 32.5, 0.05, 10), 3)
    100.956
    """
    return net_cash_flow * annuity_factor(rate, years) - investment


def net_present_value_of(flows: Sequence[float], rate: float) -> float:
    """Σ c_j/(1+i)^j of yearly flows, c_0 today (so an investment stands first, negative). ValueError for rate <= -1."""
    if rate <= -1:
        raise ValueError("rate must be above -1")
    return math.fsum(flow / (1 + rate) ** year for year, flow in enumerate(flows))


def net_present_value_ratio(npv: float, investment: float) -> float:
    """NPVR = NPV/I as a fraction. Raises ZeroDivisionError without an investment.

    >>> round(net_present_value_ratio(net_present_value(31.67, 11.30, 0.12, 10), 31.67), 3)
    1.016
    """
    return npv / investment


def internal_rate_of_return(investment: float, net_cash_flow: float, years: int) -> float:
    """IRR, exact: the rate at which I = Σ F/(1+i)^j for j = 1..n, as a fraction; above -1, negative where n·F < I.

    A rate of up to 10 digits that leaves exactly nothing is returned as such (10 % and not 9.999… %). Raises NoRate
    where F is not positive or there is no investment.

    >>> round(internal_rate_of_return(150, 32.5, 10), 6)
    0.17257
    """
    if investment <= 0:
        raise NoRate(message("没有投资，内部收益率无意义"))
    if net_cash_flow <= 0 or years < 1:
        raise NoRate(message("年净现金流量不为正，内部收益率不存在"))
    found = _root(lambda rate: net_present_value(investment, net_cash_flow, rate, years))
    plain = round(found, 10) + 0.0
    exact = sign_of_net_present_value(investment, net_cash_flow, plain, years) == 0
    return plain if exact else found


def internal_rate_of_return_of(flows: Sequence[float]) -> float:
    """IRR of yearly flows, c_0 today, as a fraction. Raises NoRate unless the flows change sign exactly once."""
    signs = [flow > 0 for flow in flows if flow != 0]
    changes = sum(first != second for first, second in itertools.pairwise(signs))
    if changes == 0:
        raise NoRate(message("现金流不变号，内部收益率不存在"))
    if changes > 1:
        raise NoRate(message("现金流多次变号，内部收益率可能不唯一"))
    orientation = -1.0 if signs[0] else 1.0
    return _root(lambda rate: orientation * net_present_value_of(flows, rate))


def _root(falling: Callable[[float], float]) -> float:
    """The zero of a falling function of the rate on (-1, inf), by bracketing and bisection to the last digit."""
    low, high = -0.5, 0.5
    while falling(low) < 0:
        low = (low - 1) / 2
        if low < -1 + 1e-9:
            raise NoRate(message("内部收益率接近 -100%，没有意义"))
    while falling(high) > 0:
        high = high * 2 + 1
        if high > 1e9:
            raise NoRate(message("内部收益率过大，没有意义"))
    while low < (middle := (low + high) / 2) < high:
        if falling(middle) > 0:
            low = middle
        else:
            high = middle
    return high


@dataclass(frozen=True, slots=True)
class Interpolation:
    """The handbook's interpolation of the IRR: both trial rates (fractions) with their NPV, and the rate between."""

    low_rate: float
    low_npv: float
    high_rate: float
    high_npv: float
    rate: float


def handbook_internal_rate_of_return(
    investment: float, net_cash_flow: float, years: int, *, step: float = 0.01
) -> Interpolation:
    """IRR by the handbook: i1 + NPV1·(i2 - i1)/(NPV1 + |NPV2|), i1 and i2 = i1 + ``step`` on whole steps.

    NPV1 >= 0 at i1 and NPV2 < 0 at i2. The result lies slightly above the exact rate because NPV is convex. Raises
    NoRate where there is no rate, or where it is negative (the handbook starts at 0).

    >>> round(handbook_internal_rate_of_return(150, 32.5, 10).rate, 6)
    0.172627
    """
    if step <= 0:
        raise ValueError("step must be positive")
    exact = internal_rate_of_return(investment, net_cash_flow, years)
    if exact < 0:
        raise NoRate(message("收益不足以收回投资，内部收益率为负"))
    index = max(math.floor(exact / step) - 1, 0)
    while sign_of_net_present_value(investment, net_cash_flow, (index + 1) * step, years) >= 0:
        index += 1
    low, high = index * step, (index + 1) * step
    above = net_present_value(investment, net_cash_flow, low, years)
    below = net_present_value(investment, net_cash_flow, high, years)
    span = above + abs(below)  # 0 where amounts are too small to be told from nothing
    return Interpolation(low, above, high, below, low + above * (high - low) / span if span else low)


# --- figures of a plant ----------------------------------------------------------------------------------------------

# Money as the plant states it, in the order of a report.
_STATED = ("output-value", "value-added", "revenue", "tax", "profit")
# Costs, with the items of which they are made where only those were stated.
_COSTS: dict[str, tuple[str, ...]] = {
    "energy-cost": ("electricity-cost", "gas-cost", "steam-cost"),
    "electricity-cost": (),
    "gas-cost": (),
    "steam-cost": (),
    "water-cost": (),
    "material-cost": (),
    "waste-disposal-cost": (),
    "wastewater-treatment-cost": (),
    "environmental-tax": (),
    "labour-cost": (),
    "production-cost": (),
}
# Costs that follow from an amount and a price where they were not stated.
_PRICED = {
    "electricity-cost": "electricity",
    "gas-cost": "natural-gas",
    "steam-cost": "steam",
    "water-cost": "fresh-water",
}
_ENVIRONMENTAL = ("waste-disposal-cost", "wastewater-treatment-cost", "environmental-tax")


def figures(ledger: Ledger, settings: Settings) -> FigureSet:
    """All money figures of all years of a case, and what is missing for the others."""
    collector = Collector(ledger, settings)
    for period in ledger.years:
        output = ledger.amount("output-value", "amount", period)
        for item in _STATED:
            term = ledger.amount(item, "amount", period)
            if term is not None or item == "output-value":
                collector.add(item, period, term, "money.statement", needs=[message("产值")])
        costs = {item: term for item in _COSTS if (term := cost(ledger, settings, item, period)) is not None}
        for item, term in costs.items():
            known = catalogue().get(item)
            stated = ledger.amount(item, "amount", period) is not None
            method = "money.statement" if stated else "money.cost"
            unpriced = _unpriced(ledger, settings, period) if item == "energy-cost" and not stated else ()
            notes = [message("未填、未计入：{name}", name=name) for name in unpriced]
            collector.add(f"cost.{item}", period, term, method, name=known.name, notes=notes)
            name = Name(f"{known.name.zh}占产值比例", f"{known.name.en} in output value")
            _ratio(collector, f"cost-share.{item}", period, term, output, message("产值"), name, notes)
        _environment(collector, period, costs, output)
        for id, item in (("output-value-per-head", "employees"), ("output-value-per-area", "site-area")):
            below = ledger.amount(item, ("amount", "count"), period) or ledger.property_of(item, "amount", period)
            if below is not None and output is not None:
                _ratio(collector, id, period, output, below, message("{item}", item=catalogue().get(item).name), None)
    return collector.result()


def cost(ledger: Ledger, settings: Settings, item: str, period: str) -> Term | None:
    """A cost of a period: as stated, else the sum of its stated parts, else amount times price; None otherwise.

    A price is a property of the item (单价) or stands in the settings (``price.electricity``, CNY per unit of item).
    The cost of energy that is added up is a lower bound where the cost of an energy that was bought is not known.
    """
    stated = ledger.amount(item, "amount", period)
    if stated is not None:
        return stated
    parts = [term for part in _COSTS[item] if (term := cost(ledger, settings, part, period)) is not None]
    if item == "energy-cost":
        others = (energy for energy in _bought_energies(ledger, period) if not _cost_item(energy))
        parts.extend(term for energy in others if (term := _priced(ledger, settings, energy, period)) is not None)
    if parts:
        whole = total(parts)
        unknown = _unpriced(ledger, settings, period) if item == "energy-cost" else ()
        if not unknown:
            return whole
        note = message("未填、未计入：{names}", names=listing(unknown))
        return replace(whole.named(whole.label, note=note), lower_bound=True)
    bought = _PRICED.get(item)
    return None if bought is None else _priced(ledger, settings, bought, period)


def _bought_energies(ledger: Ledger, period: str) -> tuple[str, ...]:
    """The energies that were bought in a period, working media apart."""
    found = dict.fromkeys(fact.item for fact in ledger.select(roles="purchased", kind="energy", period=period))
    known = catalogue()
    return tuple(
        item
        for item in found
        if item in known and not is_medium(item) and (term := ledger.amount(item, "purchased", period)) and term.value
    )


def _cost_item(energy: str) -> str:
    """The cost under which an energy is accounted: electricity, gas, steam and what lies below them; else ""."""
    known = catalogue()
    return next((cost for cost, item in _PRICED.items() if item != "fresh-water" and known.is_a(energy, item)), "")


def _unpriced(ledger: Ledger, settings: Settings, period: str) -> tuple[Name, ...]:
    """The energies that were bought and whose cost is not known."""
    names: list[Name] = []
    for energy in _bought_energies(ledger, period):
        account = _cost_item(energy)
        known = cost(ledger, settings, account, period) if account else _priced(ledger, settings, energy, period)
        if known is None:
            names.append(ledger.label(energy))
    return tuple(names)


def _priced(ledger: Ledger, settings: Settings, bought: str, period: str) -> Term | None:
    """The amount of an item times its price; None where one of them is not known."""
    amount = ledger.consumption(bought, period) or ledger.amount(bought, ("taken", "purchased"), period)
    if amount is None:
        return None
    price = ledger.property_of(bought, "price", period)
    if price is None and bought in settings.prices:
        known = catalogue().get(bought)
        price = from_coefficient(
            Coefficient(
                id=f"setting/price/{bought}",
                name=Name(f"{known.name.zh}单价", f"price of {known.name.en}"),
                value=settings.prices[bought],
                unit=f"CNY/{known.unit}",
                grade=Grade.USER,
                source=f"price.{bought}",
            )
        )
    if price is None:
        return None
    try:
        return amount.to(price.unit.partition("/")[2]) * price
    except units.DimensionError:
        return None


def _environment(collector: Collector, period: str, costs: dict[str, Term], output: Term | None) -> None:
    """Disposal, wastewater treatment and environmental tax over output value; says which of them are not known."""
    known = [costs[item] for item in _ENVIRONMENTAL if item in costs]
    if not known:
        return
    unknown = [catalogue().get(item).name for item in _ENVIRONMENTAL if item not in costs]
    notes = [message("未填、未计入：{name}", name=name) for name in unknown]
    _ratio(collector, "environmental-cost-share", period, total(known), output, message("产值"), None, notes)


def _ratio(
    collector: Collector,
    id: str,
    period: str,
    above: Term,
    below: Term | None,
    below_needs: Message,
    name: Name | None,
    notes: Sequence[Message] = (),
) -> None:
    collector.ratio(
        id, period, above, below, "money.ratio", above_needs=message("费用"), below_needs=below_needs, name=name,
        notes=notes,
    )  # fmt: skip

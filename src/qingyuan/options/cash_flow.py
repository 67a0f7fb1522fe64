"""Cash flows of an option year by year (逐年现金流量表), and present values of many variants at once.

The investment stands in year 0. Each year brings the saving, grown by the escalation of prices; straight-line
depreciation as long as there is some left; income tax on a taxable profit, none on a loss; the residual share of the
investment comes back in the last year. As in the handbook's D = I / Y the whole investment is depreciated, working
capital with it, which therefore does not come back at the end: a simplification that errs on the low side. With level
savings and a life equal to the years of depreciation this is the handbook's F in every year, and the present value is
the handbook's NPV. Money in one currency unit, rates as fractions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qingyuan.options.economics import OptionEconomics

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Project:
    """One investment as its yearly flows need it.

    ``saving`` P in the first year; where ``net`` is true it is the net cash flow F itself, after tax, and depreciation
    and tax are left out. ``life`` n whole years, ``depreciation_years`` Y; ``discount_rate``, ``tax_rate``,
    ``escalation`` (yearly growth of the saving) and ``residual`` (share of the investment left at the end) fractions.
    """

    investment: float
    saving: float
    life: int
    discount_rate: float
    depreciation_years: float
    tax_rate: float
    escalation: float = 0.0
    residual: float = 0.0
    net: bool = False


@dataclass(frozen=True, slots=True)
class CashFlowTable:
    """The table of one option: arrays over the years 0 … n, in the currency unit of the investment.

    ``cash_flow`` is the net cash flow of the year, ``present`` its present value; ``cumulative`` and
    ``cumulative_present`` add them up from year 0.
    """

    year: npt.NDArray[np.int64]
    investment: Floats
    saving: Floats
    depreciation: Floats
    taxable: Floats
    tax: Floats
    net_profit: Floats
    residual: Floats
    cash_flow: Floats
    discount_factor: Floats
    present: Floats
    cumulative: Floats
    cumulative_present: Floats

    @property
    def npv(self) -> float:
        """The net present value of the table."""
        return float(self.cumulative_present[-1])

    @property
    def payback(self) -> float | None:
        """The year in which the investment is back, not discounted (静态投资回收期); None if not within the life."""
        return _crossing(self.cumulative)

    @property
    def discounted_payback(self) -> float | None:
        """The year in which it is back with interest (动态投资回收期); None if not within the life."""
        return _crossing(self.cumulative_present)

    def as_json(self) -> list[dict[str, float]]:
        """A mapping for each year."""
        columns = {
            "investment": self.investment, "saving": self.saving, "depreciation": self.depreciation,
            "taxable": self.taxable, "tax": self.tax, "net_profit": self.net_profit, "residual": self.residual,
            "cash_flow": self.cash_flow, "discount_factor": self.discount_factor, "present_value": self.present,
            "cumulative": self.cumulative, "cumulative_present_value": self.cumulative_present,
        }  # fmt: skip
        return [
            {"year": int(year), **{key: float(values[index]) for key, values in columns.items()}}
            for index, year in enumerate(self.year)
        ]


def _crossing(cumulative: Floats) -> float | None:
    """Where a cumulative row first reaches zero, linear within the year."""
    # A remnant of binary fractions below nothing is nothing.
    reached = np.flatnonzero(cumulative >= -1e-13 * np.abs(cumulative).max())
    if reached.size == 0:
        return None
    first = int(reached[0])
    if first == 0:
        return 0.0
    before, after = float(cumulative[first - 1]), float(cumulative[first])
    return first - 1 + before / (before - after)


def project_of(found: OptionEconomics) -> Project | None:
    """The yearly project of an assessed option; None where its investment or its cash flow is not known.

    What the audit entered counts: an entered D sets the years of depreciation; where T, E or F was entered, F stands in
    every year after tax.
    """
    terms = found.terms
    if found.investment is None or found.cash_flow is None:
        return None
    net = found.saving is None or bool(found.entered & {"T", "E", "F"})
    years = terms.depreciation.value
    if not net and "D" in found.entered and found.depreciation:
        years = found.investment / found.depreciation
    return Project(
        investment=found.investment,
        saving=found.cash_flow if net or found.saving is None else found.saving,
        life=terms.years,
        discount_rate=terms.discount_rate.value,
        depreciation_years=years,
        tax_rate=terms.income_tax_rate.value,
        escalation=terms.escalation,
        residual=terms.residual,
        net=net,
    )


def _check(project: Project) -> None:
    if project.life < 1 or project.depreciation_years <= 0:
        raise ValueError("life and depreciation years must be positive")
    if project.discount_rate <= -1 or not 0 <= project.tax_rate < 1 or not 0 <= project.residual <= 1:
        raise ValueError("rates must be fractions of 1")


def cash_flow_table(project: Project) -> CashFlowTable:
    """The flows of every year of one investment; raises ValueError for a life or rates that make no sense."""
    _check(project)
    year = np.arange(project.life + 1)
    later = year > 0
    investment = np.where(later, 0.0, -project.investment)
    saving = np.where(later, project.saving * (1 + project.escalation) ** np.maximum(year - 1, 0), 0.0)
    left = project.residual * project.investment
    base = 0.0 if project.net else project.investment - left
    share = np.clip(project.depreciation_years - (year - 1), 0.0, 1.0)
    depreciation = np.where(later, base / project.depreciation_years * share, 0.0)
    taxable = saving - depreciation
    rate = 0.0 if project.net else project.tax_rate
    tax = np.maximum(taxable, 0.0) * rate
    profit = taxable - tax
    residual = np.where(year == project.life, left, 0.0)
    flow = investment + profit + depreciation + residual
    factor = (1 + project.discount_rate) ** -year.astype(np.float64)
    present = flow * factor
    return CashFlowTable(
        year, investment, saving, depreciation, taxable, tax, profit, residual, flow, factor, present,
        np.cumsum(flow), np.cumsum(present),
    )  # fmt: skip


def present_values(
    investment: npt.ArrayLike,
    saving: npt.ArrayLike,
    life: npt.ArrayLike,
    discount_rate: npt.ArrayLike,
    depreciation_years: npt.ArrayLike,
    tax_rate: npt.ArrayLike,
    escalation: npt.ArrayLike = 0.0,
    residual: npt.ArrayLike = 0.0,
    *,
    net: bool = False,
) -> Floats:
    """NPV of many variants at once, as ``cash_flow_table`` computes each: the arguments broadcast against each other.

    Money in one unit; ``life`` whole years from 1, ``depreciation_years`` above 0; fractions for the rest.
    """
    cost, gain, years, rate, spread, tax, growth, left = np.broadcast_arrays(
        *(
            np.asarray(one, dtype=np.float64)
            for one in (investment, saving, life, discount_rate, depreciation_years, tax_rate, escalation, residual)
        )
    )
    back = left * cost
    yearly = np.zeros_like(cost) if net else (cost - back) / spread
    levy = np.zeros_like(tax) if net else tax
    value = -cost
    factor = np.ones_like(rate)
    current = gain.copy()
    for year in range(1, int(years.max(initial=0)) + 1):
        factor = factor / (1 + rate)
        depreciation = yearly * np.clip(spread - (year - 1), 0.0, 1.0)
        taxable = current - depreciation
        flow = current - np.maximum(taxable, 0.0) * levy
        flow = flow + np.where(years == year, back, 0.0)
        value = value + np.where(years >= year, flow * factor, 0.0)
        current = current * (1 + growth)
    return np.asarray(value, dtype=np.float64)

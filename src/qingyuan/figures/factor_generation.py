"""Generation by factors, operating rate of treatment, out of a plant's facts (产污系数法取数、治理设施实际运行率)."""

from __future__ import annotations

from qingyuan import units
from qingyuan.errors import QingyuanError
from qingyuan.facts.model import SITE, UNDATED, Fact, Period
from qingyuan.figures import pollutant_methods as formula
from qingyuan.figures.allocation import kinds_of, output_of
from qingyuan.figures.derivation import Term, constant, from_fact
from qingyuan.figures.ledger import Ledger
from qingyuan.language import message

FACTOR_ROLE = "generation-factor"


def factor_rows(ledger: Ledger, period: str, pollutant: str = "") -> tuple[Fact, ...]:
    """The generation factors (产污系数) that hold in a period: of it, of a longer one around it, or undated."""
    span = Period.parse(period)
    return tuple(
        fact
        for fact in ledger.select(item=pollutant, roles=FACTOR_ROLE, kind="pollutant", place=SITE)
        if fact.value is not None and (fact.period == UNDATED or Period.parse(fact.period).contains(span))
    )


def generation_by_factors(ledger: Ledger, period: str, pollutant: str) -> Term | None:
    """``G = Σ P·M`` in kg over the plant's own or the census's factors and the outputs of the products they name.

    A factor without a product belongs to the only product. None where there is no factor, or where the output of one
    is not known or does not fit its unit.
    """
    kinds = kinds_of(ledger, period)
    pairs: list[tuple[Term, Term]] = []
    for fact in factor_rows(ledger, period, pollutant):
        product = fact.product or (kinds[0] if len(kinds) == 1 else "")
        amount = output_of(ledger, product, period) if product else None
        if amount is None:
            return None
        factor = from_fact(fact)
        if units.dimension((amount * factor).unit) != "mass":
            return None
        pairs.append((amount, factor))
    return formula.factor_generation(pairs) if pairs else None


def treatment_operating_rate(ledger: Ledger, period: str) -> Term | None:
    """``k = electricity / (rated power · hours)`` of the only treatment works whose three numbers are known; else None.

    The rated power is that of the machines listed at the place. None also where the rate would be above one.
    """
    found: list[Term] = []
    for place in ledger.places:
        if place.kind != "treatment":
            continue
        electricity = ledger.amount("electricity", "consumed", period, place.name)
        hours = ledger.amount("operating-hours", ("amount", "hours"), period, place.name)
        power = sum(
            (one.power_kw or 0.0) * (one.count or 1.0) for one in ledger.case.equipment if one.place == place.name
        )
        if electricity is None or hours is None or not power or not hours.value:
            continue
        rated = constant(message("{place}设备额定功率合计", place=place.name), power, "kW")
        try:
            found.append(formula.operating_rate(electricity.to("kWh"), rated, hours.to("h")))
        except QingyuanError:
            return None
    return found[0] if len(found) == 1 else None

"""Water pollutants taxed by volume (按水量计税的污染物): pH, colour, coliforms, residual chlorine, month by month."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from qingyuan.facts.model import SITE, Period, State
from qingyuan.figures import tax_rules as rules
from qingyuan.figures.derivation import Term, constant, total
from qingyuan.figures.discharges import discharged_wastewater
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.limits import read_limit
from qingyuan.figures.monitoring import Series, series_of
from qingyuan.language import Message, Name, message
from qingyuan.reference import pollutants as tables
from qingyuan.reference.items import catalogue


def by_volume_series(ledger: Ledger, period: str) -> tuple[Series, ...]:
    """The results of a period for pH, colour, coliforms and residual chlorine, which are taxed by volume."""
    found: list[Series] = []
    for series in series_of(ledger.case):
        known = tables.equivalent(series.pollutant, "water")
        by_volume = series.pollutant == "pH" or (known is not None and known.by_volume)
        if by_volume and series.medium == "water" and not series.before and (inside := series.within(period)).results:
            found.append(inside)
    return tuple(found)


def by_volume(
    ledger: Ledger, period: str, outlet: str, alone: bool
) -> dict[str, tuple[rules.Discharge, Term | None, tuple[Message, ...]]]:
    """pH, colour, coliforms and residual chlorine of an outlet, each month by its own results and its own water.

    One row for each with the tonnes that count; None instead of the tonnes where the volume is not known.
    """
    found: dict[str, tuple[rules.Discharge, Term | None, tuple[Message, ...]]] = {}
    for series in by_volume_series(ledger, period):
        if series.outlet != outlet:
            continue
        months, said = _of_months(series)
        worst = _worst(series.pollutant, months)
        if worst is None:
            continue
        parts: list[Term] = []
        for month, measure in months.items():
            weight = _weight(series.pollutant, measure, worst)
            tonnes = _tonnes(ledger, period, month, tuple(months), outlet, alone) if weight else None
            if weight and tonnes is None:
                parts = []
                break
            if weight and tonnes is not None:
                one = constant(message("与计税档次之比"), float(weight), "1")
                parts.append(tonnes if weight == 1 else (tonnes * one).to("t"))
        term = None if not parts else parts[0] if len(parts) == 1 else total(parts, label=message("各月计税水量"))
        known = tables.equivalent(series.pollutant, "water")
        name = Name("pH值", "pH") if known is None else known.name
        tonnes_counted = None if term is None else term.exact if term.exact is not None else Decimal(repr(term.value))
        ph, over = (worst, None) if series.pollutant == "pH" else (None, worst)
        row = rules.Discharge(series.pollutant, name=name, wastewater_t=tonnes_counted, ph=ph, times_over=over)
        found[series.pollutant] = (row, term, said)
    return found


def _of_months(series: Series) -> tuple[dict[str, Decimal], tuple[Message, ...]]:
    """The worst result of each month that has any: pH furthest from 7.5, multiples over the standard of the others.

    Months without results are taken to be like the measured ones, as everywhere in the account of a year.
    """
    months: dict[str, Decimal] = {}
    for one in series.results:
        if one.state is not State.VALUE or one.concentration is None:
            continue
        value = Decimal(repr(one.concentration))
        if series.pollutant != "pH":
            limit = read_limit(one.limit)
            if limit is None or not limit.high:
                continue
            value = max(value / limit.high - 1, Decimal(0))
        number = Period.parse(one.date).start.isoformat()[:7]
        key = _from_neutral if series.pollutant == "pH" else _itself
        months[number] = max(months[number], value, key=key) if number in months else value
    note = message(
        "{outlet}的{what}有 {n} 个月的监测结果，代表全年", outlet=series.outlet, n=len(months), what=_label_of(series)
    )
    return dict(sorted(months.items())), (note,) if 0 < len(months) < 12 else ()


def _label_of(series: Series) -> Name | str:
    known = catalogue()
    return known.get(series.pollutant).name if series.pollutant in known else series.pollutant


def _from_neutral(ph: Decimal) -> Decimal:
    return abs(ph - Decimal("7.5"))


def _itself(value: Decimal) -> Decimal:
    return value


def _worst(pollutant: str, months: dict[str, Decimal]) -> Decimal | None:
    """The value whose row of the table the year is counted in; None where nothing was found or nothing exceeds."""
    if pollutant == "pH":
        return max(months.values(), key=_from_neutral, default=None)
    worst = max(months.values(), default=Decimal(0))
    return worst if worst > 0 else None


def _weight(pollutant: str, measure: Decimal, worst: Decimal) -> Decimal:
    """How much of a month's water counts at the row of the worst month."""
    if pollutant == "pH":
        row, own = tables.ph_equivalent(worst), tables.ph_equivalent(measure)
        return Decimal(0) if own is None or row is None else row.value / own.value
    known = tables.equivalent(pollutant, "water")
    if known is not None and known.times_over_standard:
        return measure / worst
    return Decimal(1 if measure > 0 else 0)


def _tonnes(ledger: Ledger, period: str, month: str, months: Sequence[str], outlet: str, alone: bool) -> Term | None:
    """The waste water that a month stands for, t: as stated for it, else its part of the year's by days.

    ``months`` are those with results; together they stand for the year.
    """
    density = constant(message("水的密度取 1 t/m³"), 1.0, "t/m3")
    for place in (outlet, SITE) if alone else (outlet,):
        own = discharged_wastewater(ledger, month, place).term if len(months) == 12 else None
        if own is not None and not own.covers:
            return (own * density).to("t")
        year = discharged_wastewater(ledger, period, place).term
        if year is None:
            continue
        if len(months) == 1:
            return (year * density).to("t")
        days = constant(message("{month}的天数", month=month), float(Period.parse(month).days), "1")
        every = sum(Period.parse(one).days for one in months)
        of = constant(message("有监测结果各月的天数"), float(every), "1")
        return (year * days / of * density).to("t")
    return None

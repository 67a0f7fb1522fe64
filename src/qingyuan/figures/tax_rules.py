"""The environmental protection tax of one outlet, of solid waste and of noise (环境保护税计税规则), in exact decimals.

Pollution equivalents ``N = kg / value``; per outlet the first three of air, of water the first five of class 1 and the
first three of the others are taxed; of COD, BOD5 and TOC only one. Every row says why it is taxed or not. Nothing is
rounded before ``to_fen``. Environmental Protection Tax Law, Arts. 3-14 and annexes; implementing rules Arts. 5, 10.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from qingyuan.errors import QingyuanError
from qingyuan.language import Message, Name, message
from qingyuan.reference import pollutants as tables
from qingyuan.reference.pollutants import Equivalent, Medium
from qingyuan.units import UnitText

ZERO = Decimal(0)
ONE = Decimal(1)
_FEN = Decimal("0.01")


class NegativeDischarge(QingyuanError):
    """More solid waste was stored, disposed and used than came about (固体废物排放量为负)."""

    def __init__(self, kind: Name, amount: Decimal) -> None:
        self.kind = kind
        self.amount = amount
        super().__init__(kind, amount)

    def __str__(self) -> str:
        return str(
            message(
                "{kind}：贮存、处置和综合利用之和超过产生量，差 {amount} t，请核对", kind=self.kind, amount=-self.amount
            )
        )


def to_fen(amount: Decimal) -> Decimal:
    """An amount of money to the fen, half up: the only rounding of the tax."""
    return amount.quantize(_FEN, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Discharge:
    """What one outlet discharged of one pollutant in a month or longer (一个排放口一种污染物的排放).

    ``kg`` for pollutants with a mass; ``wastewater_t`` [t] for pH, colour, coliforms and residual chlorine, with ``ph``
    or ``times_over`` (multiples over the standard). ``concentration`` and ``limit`` share one unit and give the
    reduction; ``all_within_limit`` says whether every single result kept the limit (None = not known).
    """

    pollutant: str
    kg: Decimal | None = None
    name: Name | str = ""
    concentration: Decimal | None = None
    limit: Decimal | None = None
    all_within_limit: bool | None = None
    wastewater_t: Decimal | None = None
    ph: Decimal | None = None
    times_over: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TaxRow:
    """One pollutant of one outlet: its equivalents, whether it is taxed, what share is paid, and why."""

    pollutant: str
    name: Name | str
    equivalents: Decimal | None
    water_class: int
    rank: int | None
    taxed: bool
    pays: Decimal
    tax: Decimal | None
    reason: Message
    reduction: Message
    table: Equivalent | None = None


@dataclass(frozen=True, slots=True)
class OutletTax:
    """The tax of one outlet (一个排放口的应纳税额), unrounded; None where the rate is not known."""

    outlet: str
    medium: Medium
    rows: tuple[TaxRow, ...]
    rate: Decimal | None

    @property
    def taxed_equivalents(self) -> Decimal:
        """The equivalents of the taxed pollutants before any reduction."""
        return sum((row.equivalents or ZERO for row in self.rows if row.taxed), ZERO)

    @property
    def tax(self) -> Decimal | None:
        """The tax in CNY, unrounded; None where it is not zero and the rate is not known."""
        taxes = [row.tax for row in self.rows if row.taxed]
        return None if any(tax is None for tax in taxes) else sum((tax for tax in taxes if tax is not None), ZERO)


def equivalents_of(discharge: Discharge, medium: Medium) -> tuple[Equivalent | None, Decimal | None]:
    """The table row and the number of equivalents of a discharge; None where the law does not tax it or it is unknown.

    ``N = kg / value``; pH, coliforms, residual chlorine ``t / value``; colour ``t · times over / value``.
    """
    if discharge.pollutant == "pH":
        row = None if discharge.ph is None else tables.ph_equivalent(discharge.ph)
        amount = discharge.wastewater_t
    else:
        row = tables.equivalent(discharge.pollutant, medium)
        amount = discharge.kg
        if row is not None and row.by_volume:
            amount = discharge.wastewater_t
            if row.times_over_standard and amount is not None:
                amount = None if discharge.times_over is None else amount * discharge.times_over
    if row is None or amount is None:
        return row, None
    return row, amount / row.value


def share_paid(discharge: Discharge) -> tuple[Decimal, Message]:
    """The share of the tax that is paid (1, 0.75 or 0.50) and why (Art. 13).

    The concentration must stand at least 30 % (50 %) below the standard, and every single result must keep it.
    """
    if discharge.concentration is None or not discharge.limit:
        return ONE, message("未给出浓度或排放标准，不减征")
    below = ONE - discharge.concentration / discharge.limit
    for needed, pays in tables.reductions():
        if below >= needed:
            if discharge.all_within_limit is None:
                return ONE, message("不知各次监测是否均达标，不减征")
            if not discharge.all_within_limit:
                return ONE, message("有监测值超过排放标准，不减征")
            return pays, message(
                "浓度低于标准 {below}%，减按 {pays}% 征收",
                below=f"{below * 100:.1f}",
                pays=f"{pays * 100:.0f}",
            )
    if below < 0:
        return ONE, message("浓度超过排放标准，不减征")
    least = min(needed for needed, _ in tables.reductions())
    return ONE, message("浓度低于标准不足 {least}%，不减征", least=f"{least * 100:.0f}")


def assess_outlet(
    outlet: str,
    medium: Medium,
    discharges: Iterable[Discharge],
    rate: Decimal | None,
    *,
    direct: bool = True,
    equivalent_digits: int | None = None,
) -> OutletTax:
    """Rank the pollutants of one outlet and tax the first of them (环境保护税法第九条、第十三条).

    ``rate``: CNY per equivalent, None where the region's rate is not known. ``direct``: whether the outlet discharges
    into the environment; to a lawful central sewage works it is no direct discharge (Art. 4). ``equivalent_digits``
    rounds the equivalents as some exercises and old reports do; None = exact.
    The order in which pollutants are given changes nothing.
    """
    rows = [_row(discharge, medium, direct, equivalent_digits) for discharge in discharges]
    rows.sort(key=lambda row: (-(row.equivalents or ZERO), -row.pays, row.pollutant))
    counts = {0: tables.taxed_counts()[0], 1: tables.taxed_counts()[1], 2: tables.taxed_counts()[2]}
    used: dict[int, int] = {}
    groups: dict[str, TaxRow] = {}
    result: list[TaxRow] = []
    for row in rows:
        if row.table is None or row.equivalents is None or not direct:
            result.append(row)
            continue
        group = row.table.only_one_of
        if group and group in groups:
            other = groups[group]
            result.append(replace(row, reason=message("同一排放口只征收一项，已计 {other}", other=other.name)))
            continue
        if not row.equivalents:
            result.append(replace(row, reason=message("排放量为零")))
            continue
        if group:
            groups[group] = row
        place = used.get(row.water_class, 0) + 1
        used[row.water_class] = place
        result.append(_ranked(row, place, counts[row.water_class], rate))
    return OutletTax(outlet, medium, tuple(result), rate)


def _row(discharge: Discharge, medium: Medium, direct: bool, digits: int | None) -> TaxRow:
    table, amount = equivalents_of(discharge, medium)
    if amount is not None and digits is not None:
        amount = amount.quantize(ONE.scaleb(-digits), rounding=ROUND_HALF_UP)
    pays, why = share_paid(discharge)
    if table is None:
        normal = discharge.pollutant == "pH" and discharge.ph is not None
        reason = message("不在应税污染物和当量值表中")
        if normal:
            low, high = tables.untaxed_ph()
            reason = message("pH值在 {low} 至 {high} 之间，不计税", low=low, high=high)
    elif amount is None:
        reason = message("没有排放量，无法计算污染当量数")
    elif not direct:
        reason = message("排入依法设立的污水集中处理设施，不属直接排放，不征税")
    else:
        reason = message("待排序")
    name = discharge.name or (table.name if table is not None else discharge.pollutant)
    water_class = table.water_class if table is not None else 0
    return TaxRow(discharge.pollutant, name, amount, water_class, None, False, pays, None, reason, why, table)


def _ranked(row: TaxRow, place: int, count: int, rate: Decimal | None) -> TaxRow:
    kinds = {
        0: message("大气污染物"),
        1: message("第一类水污染物"),
        2: message("其他类水污染物"),
    }
    kind = kinds[row.water_class]
    if place > count:
        reason = message("{kind}中排第 {place}，只对前 {count} 项征税", kind=kind, place=place, count=count)
        return replace(row, rank=place, reason=reason)
    tax = None if rate is None or row.equivalents is None else row.equivalents * rate * row.pays
    reason = message("{kind}中排第 {place}，属前 {count} 项", kind=kind, place=place, count=count)
    return replace(row, rank=place, taxed=True, tax=tax, reason=reason)


# --- solid waste -------------------------------------------------------------------------------------------------


def solid_waste_tax(
    kind: str,
    generated_t: Decimal,
    stored_t: Decimal = ZERO,
    disposed_t: Decimal = ZERO,
    utilised_t: Decimal = ZERO,
) -> tuple[Decimal, Decimal]:
    """Discharged tonnes and tax in CNY of solid waste: generated − stored − disposed − utilised (Rules Art. 5).

    ``kind``: ``coal-gangue``, ``tailings``, ``hazardous-waste`` or ``other-solid-waste``. Raises NegativeDischarge and
    KeyError for an unknown kind. Tailings 1000 t, 300 t used, 200 t stored: 500 t, 7500 CNY.
    """
    name, per_t = tables.solid_waste_rates()[kind]
    discharged = generated_t - stored_t - disposed_t - utilised_t
    if discharged < 0:
        raise NegativeDischarge(name, discharged)
    return discharged, discharged * per_t


# --- noise -------------------------------------------------------------------------------------------------------


def decibels_over(level: Decimal, limit: Decimal) -> int:
    """Whole decibels over the limit, rounded half up; 0 where the level keeps it."""
    over = (level - limit).quantize(ONE, rounding=ROUND_HALF_UP)
    return max(0, int(over))


def noise_tax(
    day: Sequence[tuple[Decimal, Decimal]],
    night: Sequence[tuple[Decimal, Decimal]] = (),
    *,
    days_over: int,
    boundary_m: Decimal | None = None,
) -> Decimal:
    """Tax of industrial noise in one month, CNY (工业噪声).

    ``day`` and ``night``: level and limit of each point, dB(A). The point furthest over its own limit counts; day and
    night are taxed apart and added; fewer than 15 days over the limit: half; a boundary longer than 100 m with two or
    more points over the limit counts as two units. ``days_over``: days of the month over the limit; ``boundary_m``:
    length of the boundary, None where it is not known (one unit).
    """
    rules = tables.noise_rules()
    tax = ZERO
    for points in (day, night):
        over = [decibels_over(level, limit) for level, limit in points]
        if not over:
            continue
        units = 2 if boundary_m is not None and boundary_m > rules.double_above_boundary_m and _several(over) else 1
        tax += noise_rate(max(over)) * units
    return tax / 2 if days_over < rules.half_below_days else tax


def _several(over: Sequence[int]) -> bool:
    return sum(1 for one in over if one > 0) >= 2


def noise_rate(over_db: int) -> Decimal:
    """CNY per month for whole decibels over the limit; 0 for none."""
    for first, last, rate in tables.noise_rates():
        if over_db >= first and (last is None or over_db <= last):
            return rate
    return ZERO


def small_discharger_equivalents(id: str, count: Decimal) -> tuple[Decimal, Message]:
    """Equivalents per month of a small discharger (禽畜养殖、小型企业、第三产业), and why.

    ``count``: head, birds, beds or tonnes of waste water. Herds and hospitals at or below the size of the table are
    not counted. Raises KeyError for an unknown kind.
    """
    row = tables.small_dischargers()[id]
    if row.counted_above is not None and row.unit != "t" and count <= row.counted_above:
        return ZERO, message("规模不大于 {size}，不计税", size=row.counted_above)
    return count / row.value, message("按 {value} {unit} 折一污染当量", value=row.value, unit=UnitText(row.unit))

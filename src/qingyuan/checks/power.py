"""Electricity against machines (用电与设备): load hours, places with one but not the other, the waste-water works."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from qingyuan.checks.finding import Finding, Gravity, Number, listed, shown, times
from qingyuan.checks.knowledge import threshold
from qingyuan.checks.machines import electric
from qingyuan.checks.plant import Plant, look
from qingyuan.errors import Location
from qingyuan.facts.model import SITE, Case, Equipment
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Message, Name, message
from qingyuan.reference.processes import plant_ratios

_WORKS = ("废水", "污水")


@dataclass(frozen=True, slots=True)
class Installed:
    """Installed power of the machines listed for a place (装机功率), kW, at least and at most."""

    low: float
    high: float
    machines: tuple[Equipment, ...]
    unknown: int  # rows without a power that need one

    @property
    def rows(self) -> tuple[Location, ...]:
        """The rows of the machines."""
        return tuple(machine.where for machine in self.machines)


def installed_power(plant: Plant) -> Mapping[str, Installed]:
    """Installed power of each place from its own rows of the machine list; places below it are not in it."""
    rows: dict[str, list[Equipment]] = {}
    for machine in plant.case.equipment:
        rows.setdefault(machine.place, []).append(machine)
    found: dict[str, Installed] = {}
    for place, machines in rows.items():
        counted = [machine for machine in machines if machine.power_kw is not None]
        unknown = sum(machine.power_kw is None and electric(machine) for machine in machines)
        low = sum((machine.power_kw or 0.0) * (machine.count or 1.0) for machine in counted)
        high = sum((machine.power_kw_high or machine.power_kw or 0.0) * (machine.count or 1.0) for machine in counted)
        found[place] = Installed(low, high, tuple(counted), unknown)
    return found


def _electricity(plant: Plant, place: str, year: str) -> Number | None:
    what = message("{place}用电量", place=plant.place_name(place))
    return plant.amount("electricity", "consumed", year, place=place, unit="kWh", what=what)


def _places(plant: Plant) -> Iterator[tuple[str, str, Number]]:
    """Places that state electricity of their own, with their latest year."""
    for place in dict.fromkeys(one.place for one in plant.series if one.item == "electricity" and one.place != SITE):
        for year in reversed(plant.years):
            number = _electricity(plant, place, year)
            if number is not None and number.value > 0:
                yield place, year, number
                break


def load_hours(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Electricity of a place over the power of its machines: more hours than a year has, or very few."""
    plant = look(case, ledger)
    installed = installed_power(plant)
    least = plant_ratios()["full-load-hours"].low
    idle: list[tuple[str, Number, Number, float]] = []
    for place, year, used in _places(plant):
        inside = [place, *ledger.below(place)]
        machines = [installed[name] for name in inside if name in installed]
        high, low = sum(one.high for one in machines), sum(one.low for one in machines)
        if high <= 0:
            continue
        rows = tuple(row for one in machines for row in one.rows)
        power = Number(message("{place}设备功率合计", place=place), high, "kW", rows, "", True)
        stated = plant.operating_hours.get(year)
        most = threshold("load-hours", "year") if stated is None else stated.value
        hours = used.value / high
        if hours > most * threshold("load-hours", "slack"):
            if any(one.unknown for one in machines):
                continue  # a machine without a power may be what used it
            yield Finding(
                rule="load-hours",
                severity=Gravity.SERIOUS,
                message=message(
                    "{place} {year} 年用电 {used} kWh，所列设备共 {power} kW，"
                    "全部满负荷也要 {hours} 小时，而{limit}只有 {most} 小时",
                    place=place,
                    year=year,
                    used=shown(used.value, 8),
                    power=shown(high),
                    hours=shown(hours),
                    limit=message("一年") if stated is None else message("生产时间"),
                    most=shown(most),
                ),
                numbers=(used, power, *((stated,) if stated else ())),
                settle=message("设备清单是否完整、电表覆盖的范围、运行班次"),
                size=hours / most,
                concerns=(place, "electricity"),
            )
        elif used.value / low < min(least, most / 2 if stated else least):
            idle.append((place, used, Number(power.what, low, "kW", rows, "", True), used.value / low))
    if idle:
        items = listed(
            message(
                "{place} {used} kWh ÷ {power} kW = {hours} h",
                place=place,
                used=shown(used.value, 8),
                power=shown(power.value, 5),
                hours=shown(hours, 3),
            )
            for place, used, power, hours in idle
        )
        yield Finding(
            rule="load-hours",
            severity=Gravity.SERIOUS
            if min(hours for *_, hours in idle) < threshold("load-hours", "serious") * least
            else Gravity.QUESTION,
            message=message(
                "用电量只合所列设备很少的满负荷小时（低于 {least} 小时）：{items}",
                least=shown(least),
                items=items,
            ),
            numbers=tuple(number for _, used, power, _ in idle for number in (used, power)),
            settle=message("各车间的班次与开工天数、设备是否在用、电表覆盖的范围"),
            size=max(least / hours for *_, hours in idle),
            concerns=(*(place for place, *_ in idle), "electricity"),
        )


def power_and_machines(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Places with machines but no electricity, or with electricity but no machines, where others have both."""
    plant = look(case, ledger)
    installed = installed_power(plant)
    used = {place: number for place, _, number in _places(plant)}
    if not used or not installed:
        return
    metered = set(used) | {name for place in used for name in ledger.below(place)}
    without = [
        (place, one)
        for place, one in installed.items()
        if one.low >= threshold("power-and-machines", "power")
        and place not in metered
        and place != SITE
        and not any(name in used for name in (*ledger.above(place)[:-1], *ledger.below(place)))
    ]
    for place, one in without:
        yield Finding(
            rule="power-and-machines",
            severity=Gravity.QUESTION,
            message=message(
                "{place}列有设备 {power} kW，却没有用电量；其他场所都有", place=place, power=shown(one.low)
            ),
            numbers=(
                Number(message("{place}设备功率合计", place=place), one.low, "kW", one.rows, "", True),
                Number(message("{place}用电量", place=place), 0.0, "kWh", (), "", True),
            ),
            settle=message("这些设备的电由哪块表计量，算在哪个场所"),
            size=one.low / threshold("power-and-machines", "power"),
            concerns=(place, "electricity"),
        )
    total = sum(number.value for number in used.values())
    living = {place.name for place in ledger.places if place.kind == "living"}
    for place, number in used.items():
        has = any(name in installed for name in (place, *ledger.below(place), *ledger.above(place)[:-1]))
        if has or place in living or number.value < threshold("power-and-machines", "share") * total:
            continue
        if any(word in place for word in ("办公", "宿舍", "食堂", "生活")):
            continue
        yield Finding(
            rule="power-and-machines",
            severity=Gravity.QUESTION,
            message=message(
                "{place}用电 {used} kWh（占 {share}%），设备清单里却没有它的设备",
                place=place,
                used=shown(number.value, 8),
                share=shown(100 * number.value / total, 3),
            ),
            numbers=(number, Number(message("{place}设备功率合计", place=place), 0.0, "kW", (), "", True)),
            settle=message("该场所的设备清单（名称、功率、台数）"),
            size=1 + number.value / total,
            concerns=(place, "electricity"),
        )


def works_electricity(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Electricity of the waste-water works for each cubic metre that it treats."""
    plant = look(case, ledger)
    band = plant_ratios()["wastewater-works-electricity"]
    for place, year, used in _places(plant):
        water = plant.waste_water.get(year)
        if water is None or not any(word in place for word in _WORKS):
            continue
        ratio = used.value / water.value
        if band.low <= ratio <= band.high:
            continue
        yield _outside(
            "works-electricity",
            used,
            water,
            ratio,
            band.low,
            band.high,
            "kWh/m3",
            message("{place}每处理 1 m³ 废水用电", place=place),
            message("废水站电表与废水流量计的记录；废水量是否漏计，或电表还带着别的用户"),
            (place, "electricity", "process-wastewater"),
            Gravity.SERIOUS if ratio > 3 * band.high else Gravity.MINOR,
        )


def _outside(
    rule: str,
    above: Number,
    below: Number,
    ratio: float,
    low: float,
    high: float,
    unit: str,
    what: Message | Name,
    settle: Message,
    concerns: tuple[str, ...],
    severity: Gravity = Gravity.QUESTION,
) -> Finding:
    """A ratio outside its usual range, as a finding."""
    bound = high if ratio > high else low
    return Finding(
        rule=rule,
        severity=severity,
        message=message(
            "{what} {ratio} {unit}，通常 {low}～{high} {unit}（{above} {a} {a_unit}，{below} {b} {b_unit}）",
            what=what,
            ratio=shown(ratio),
            unit=unit.replace("m3", "m³"),
            low=shown(low),
            high=shown(high),
            above=above.what,
            a=shown(above.value, 8),
            a_unit=above.unit,
            below=below.what,
            b=shown(below.value, 8),
            b_unit=below.unit.replace("m3", "m³"),
        ),
        numbers=(above, below, Number(message("通常范围的界限"), bound, unit, (), "", True)),
        settle=settle,
        size=times(ratio, bound),
        concerns=concerns,
    )

"""Stacks and noise (排气筒与噪声): flows that disagree, removal that cannot be, noise that is the same everywhere."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from qingyuan import units
from qingyuan.checks.finding import Finding, Gravity, Number, joined, listed, shown, times
from qingyuan.checks.knowledge import threshold
from qingyuan.checks.monitoring import found_in, is_noise, label_of
from qingyuan.checks.plant import look
from qingyuan.checks.solvents import result_rate
from qingyuan.errors import Location
from qingyuan.facts.model import Case, Monitoring
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.monitoring import Series, outlet_of
from qingyuan.language import message
from qingyuan.reference.items import catalogue
from qingyuan.reference.processes import treatment_efficiencies


def flows_of_stacks(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Flows of one stack that disagree: between pollutants of one sampling, before and after the treatment; or none."""
    groups: dict[tuple[str, str], list[Monitoring]] = defaultdict(list)
    for one in case.monitoring:
        if one.medium == "air" and one.flow_m3_h:
            groups[one.outlet, one.date].append(one)
    for (outlet, date), results in groups.items():
        low, high = (pick(results, key=lambda one: one.flow_m3_h or 0.0) for pick in (min, max))
        apart = times(low.flow_m3_h or 0.0, high.flow_m3_h or 0.0)
        if apart > 1 + threshold("flows-of-one-stack", "sampling"):
            yield Finding(
                rule="flows-of-one-stack",
                severity=Gravity.QUESTION,
                message=message(
                    "{outlet}（{date}）同一排气筒有两个流量：{one} 按 {low} m³/h，{other} 按 {high} m³/h",
                    outlet=outlet,
                    date=date,
                    one=label_of(low),
                    low=shown(low.flow_m3_h or 0.0, 8),
                    other=label_of(high),
                    high=shown(high.flow_m3_h or 0.0, 8),
                ),
                numbers=(
                    Number(label_of(high), high.flow_m3_h or 0.0, "m3/h", (high.where,), date),
                    Number(label_of(low), low.flow_m3_h or 0.0, "m3/h", (low.where,), date),
                ),
                settle=message("检测报告的采样时间与工况；风机频率"),
                size=apart,
                concerns=(outlet,),
            )
    yield from _before_and_after(groups)
    yield from _without_flow(case)


def _before_and_after(groups: dict[tuple[str, str], list[Monitoring]]) -> Iterator[Finding]:
    sides: dict[tuple[str, str], dict[bool, Monitoring]] = defaultdict(dict)
    for (name, date), results in groups.items():
        outlet, before = outlet_of(name)
        sides[outlet, date][before] = results[0]
    hits: list[tuple[str, str, float, float, Monitoring, Monitoring]] = []
    limit, leak = threshold("flows-of-one-stack", "treatment"), threshold("flows-of-one-stack", "leak")
    for (outlet, date), pair in sides.items():
        if len(pair) == 2:
            first, last = pair[True].flow_m3_h or 0.0, pair[False].flow_m3_h or 0.0
            if not -limit <= last / first - 1.0 <= leak:
                hits.append((outlet, date, first, last, pair[True], pair[False]))
    if not hits:
        return
    items = listed(
        message(
            "{outlet}（{date}）{before}→{after} m³/h（{apart}%）",
            outlet=outlet,
            date=date,
            before=shown(first, 8),
            after=shown(last, 8),
            apart=shown(100 * (last / first - 1.0), 3),
        )
        for outlet, date, first, last, _, _ in hits
    )
    yield Finding(
        rule="flows-of-one-stack",
        severity=Gravity.QUESTION,
        message=message(
            "治理前后流量不等（漏风、旁路，或不是同时测的）：{items}",
            items=items,
        ),
        numbers=tuple(
            number
            for _, date, first, last, before, after in hits
            for number in (
                Number(message("治理前流量"), first, "m3/h", (before.where,), date),
                Number(message("治理后流量"), last, "m3/h", (after.where,), date),
            )
        ),
        settle=message("检测报告的采样位置与时间；管道有无旁路、漏风"),
        size=max(times(first, last) for _, _, first, last, _, _ in hits),
        concerns=tuple(dict.fromkeys(outlet for outlet, *_ in hits)),
    )


def _without_flow(case: Case) -> Iterator[Finding]:
    """Outlets whose load cannot be computed because no flow was measured and no rate given."""
    bare = [
        one
        for one in case.monitoring
        if one.medium == "air"
        and one.flow_m3_h is None
        and one.rate_kg_h is None
        and found_in(one) is not None
        and one.unit.startswith("mg/")
    ]
    if not bare:
        return
    yield Finding(
        rule="flows-of-one-stack",
        severity=Gravity.QUESTION,
        message=message(
            "{count} 个废气结果没有流量，不能计算排放量：{outlets}",
            count=len(bare),
            outlets=listed(dict.fromkeys(one.outlet for one in bare)),
        ),
        numbers=(
            Number(message("没有流量的结果"), float(len(bare)), "", tuple(one.where for one in bare), "", True),
            Number(message("全部结果"), float(len(case.monitoring)), "", (), "", True),
        ),
        settle=message("检测报告的标干流量"),
        size=float(len(bare)),
        concerns=tuple(dict.fromkeys(one.outlet for one in bare)),
    )


def removal(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """More of a pollutant after the treatment than before, or an efficiency that such treatments do not have."""
    plant = look(case, ledger)
    pairs: dict[tuple[str, str, str], dict[bool, Series]] = defaultdict(dict)
    for series in look(case, ledger).results:
        for date in {one.date for one in series.results}:
            inside = tuple(one for one in series.results if one.date == date)
            pairs[series.outlet, series.pollutant, date][series.before] = Series(
                series.outlet, series.pollutant, series.medium, series.before, inside
            )
    weak: list[tuple[str, Number, Number, float]] = []
    for (outlet, pollutant, date), pair in pairs.items():
        if len(pair) < 2:
            continue
        into, out = _level(pair[True]), _level(pair[False])
        if into is None or out is None:
            continue
        (first, unit, first_rows), (second, _, second_rows) = into, out
        before = Number(message("{p}治理前", p=plant.name(pollutant)), first, unit, first_rows, date)
        after = Number(message("{p}治理后", p=plant.name(pollutant)), second, unit, second_rows, date)
        if first <= 0:
            continue
        efficiency = 1 - second / first
        if efficiency < -threshold("removal-efficiency", "slack"):
            yield Finding(
                rule="removal-efficiency",
                severity=Gravity.SERIOUS,
                message=message(
                    "{outlet}（{date}）{pollutant}治理后 {after} {unit}，高于治理前 {before} {unit}",
                    outlet=outlet,
                    date=date,
                    pollutant=plant.name(pollutant),
                    after=shown(second),
                    before=shown(first),
                    unit=units.UnitText(unit),
                ),
                numbers=(after, before),
                settle=message("检测报告原件；治理设施的运行记录；前后是否同时采样"),
                size=times(first, second),
                concerns=(outlet, pollutant),
            )
        elif pollutant in ("VOCs", "NMHC") and efficiency < threshold("removal-efficiency", "voc-least"):
            weak.append((outlet, before, after, efficiency))
        elif efficiency > _best(pollutant) and second > 0:
            yield Finding(
                rule="removal-efficiency",
                severity=Gravity.QUESTION,
                message=message(
                    "{outlet}（{date}）{pollutant}去除率 {efficiency}%，高于普查中任何治理技术（最高 {best}%）",
                    outlet=outlet,
                    date=date,
                    pollutant=plant.name(pollutant),
                    efficiency=shown(100 * efficiency, 5),
                    best=shown(100 * _best(pollutant), 5),
                ),
                numbers=(before, after),
                settle=message("检测报告原件"),
                size=times(1 - _best(pollutant), max(1 - efficiency, 1e-9)),
                concerns=(outlet, pollutant),
            )
    if weak:
        items = listed(
            message(
                "{outlet} {before}→{after} {unit}（{efficiency}%）",
                outlet=outlet,
                before=shown(before.value, 3),
                after=shown(after.value, 3),
                unit=units.UnitText(before.unit),
                efficiency=shown(100 * efficiency, 3),
            )
            for outlet, before, after, efficiency in weak
        )
        yield Finding(
            rule="removal-efficiency",
            severity=Gravity.QUESTION,
            message=message(
                "有机废气治理的去除率偏低：{items}；进口浓度低时要核对收集系统是否把废气收进来了",
                items=items,
            ),
            numbers=tuple(number for _, before, after, _ in weak for number in (before, after)),
            settle=message("集气罩风速与收集效率；活性炭更换记录；监测时的生产负荷"),
            size=max(threshold("removal-efficiency", "voc-least") / max(efficiency, 0.01) for *_, efficiency in weak),
            concerns=("VOCs", *(outlet for outlet, *_ in weak)),
        )


def _level(series: Series) -> tuple[float, str, tuple[Location, ...]] | None:
    """The mean rate of a side in kg/h, else its mean concentration; None where something was below detection."""
    if any(found_in(one) is None for one in series.results):
        return None
    rows = tuple(one.where for one in series.results)
    rates = [rate for one in series.results if (rate := result_rate(one)) is not None]
    if len(rates) == len(series.results):
        return sum(rates) / len(rates), "kg/h", rows
    values = [found_in(one) or 0.0 for one in series.results]
    return sum(values) / len(values), series.results[0].unit, rows


def _best(pollutant: str) -> float:
    rows = treatment_efficiencies(pollutant) if pollutant in catalogue() else ()
    return max((row.high_percent for row in rows), default=100.0) / 100


def noise_uniform(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Noise at many points with almost the same level."""
    span = threshold("noise-uniform", "range")
    groups: dict[tuple[str, str], list[Monitoring]] = defaultdict(list)
    for one in case.monitoring:
        if is_noise(one.pollutant) and found_in(one) is not None:
            groups[one.pollutant, one.date].append(one)
    for (pollutant, date), results in groups.items():
        values = [found_in(one) or 0.0 for one in results]
        if len(values) < 4 or max(values) - min(values) > span:
            continue
        count = max(Counter(values).values())
        if count < 3:
            continue
        yield Finding(
            rule="noise-uniform",
            severity=Gravity.QUESTION,
            message=message(
                "{name}（{date}）{count} 个测点几乎一样：{values} dB(A)",
                name=label_of(results[0]),
                date=date,
                count=len(values),
                values=joined(shown(value) for value in values),
            ),
            numbers=tuple(Number(one.outlet, found_in(one) or 0.0, one.unit, (one.where,), date) for one in results),
            settle=message("检测报告原件：各测点的位置、时间、工况与背景值"),
            size=1.0 + span / max(max(values) - min(values), 0.1),
            concerns=(pollutant,),
        )

"""Monitoring results (监测数据): limits, rates, copied results, detection limits, gaps, parts and wholes, stacks, noise."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from qingyuan import units
from qingyuan.checks.finding import Finding, Gravity, Number, listed, shown, times
from qingyuan.checks.knowledge import parts_of_whole, threshold
from qingyuan.checks.plant import Plant, digits_of, look
from qingyuan.checks.solvents import result_rate
from qingyuan.errors import Location
from qingyuan.facts.model import UNDATED, Case, Monitoring, Period, State
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.limits import read_limit
from qingyuan.figures.monitoring import Series, outlet_of, series_of
from qingyuan.language import message
from qingyuan.reference.items import catalogue
from qingyuan.reference.processes import treatment_efficiencies


def _found(one: Monitoring) -> float | None:
    return one.concentration if one.state is State.VALUE else None


def _name(one: Monitoring) -> str:
    return one.label or one.pollutant


def _noise(pollutant: str) -> bool:
    return pollutant in ("noise", "noise-day", "noise-night")


def over_limit(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Results above the limit that stands beside them, rates above theirs."""
    for series in series_of(case):
        if series.before:
            continue
        hits: list[tuple[Monitoring, float, float, str]] = []
        for one in series.results:
            limit, value = read_limit(one.limit), _found(one)
            if limit is not None and value is not None:
                high = float(limit.high) if limit.high is not None else None
                low = float(limit.low) if limit.low is not None else None
                if high is not None and value > high:
                    hits.append((one, value, high, one.unit))
                elif low is not None and value < low:
                    hits.append((one, value, low, one.unit))
            if one.rate_kg_h is not None and one.rate_limit_kg_h is not None and one.rate_kg_h > one.rate_limit_kg_h:
                hits.append((one, one.rate_kg_h, one.rate_limit_kg_h, "kg/h"))
        if not hits:
            continue
        worst = max(hits, key=lambda hit: times(hit[1], hit[2]))
        yield Finding(
            rule="over-limit",
            severity=Gravity.SERIOUS,
            message=message(
                "{outlet}的{pollutant}有 {count} 次超过限值，最高 {value} {unit}（{date}），限值 {limit}",
                outlet=series.outlet, pollutant=_name(worst[0]), count=len(hits), value=shown(worst[1]),
                unit=units.display(worst[3]), date=worst[0].date, limit=worst[0].limit or shown(worst[2]),
            ),
            numbers=(
                Number(_name(worst[0]), worst[1], worst[3], (worst[0].where,), worst[0].date),
                Number(message("限值"), worst[2], worst[3], (worst[0].where,)),
            ),
            settle=message("检测报告原件；超标的原因与处理记录；执行的排放标准"),
            size=times(worst[1], worst[2]),
            concerns=(series.outlet, series.pollutant),
            extra_rows=tuple(hit[0].where for hit in hits),
        )  # fmt: skip


def rates_and_concentrations(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Rates that are not concentration times flow."""
    slack = threshold("rate-and-concentration", "gap")
    for one in case.monitoring:
        value = _found(one)
        if value is None or one.flow_m3_h is None or one.rate_kg_h is None or not one.unit.startswith("mg/"):
            continue
        expected = value * one.flow_m3_h * 1e-6
        digits = min(digits_of(value), digits_of(one.rate_kg_h), digits_of(one.flow_m3_h))
        allowed = max(slack, 0.6 * 10.0 ** (1 - digits))
        if expected <= 0 or abs(one.rate_kg_h - expected) <= allowed * expected:
            continue
        yield Finding(
            rule="rate-and-concentration",
            severity=Gravity.SERIOUS if times(one.rate_kg_h, expected) > 2 else Gravity.MINOR,
            message=message(
                "{outlet}的{pollutant}（{date}）：浓度 {value} {unit} × 流量 {flow} m³/h = {expected} kg/h，报告的速率是 {rate} kg/h",
                outlet=one.outlet, pollutant=_name(one), date=one.date, value=shown(value), unit=units.display(one.unit),
                flow=shown(one.flow_m3_h, 8), expected=shown(expected, 3), rate=shown(one.rate_kg_h, 3),
            ),
            numbers=(
                Number(message("报告的速率"), one.rate_kg_h, "kg/h", (one.where,), one.date),
                Number(message("浓度 × 流量"), expected, "kg/h", (one.where,), one.date, True),
            ),
            settle=message("检测报告原件（标干流量与折算浓度）"),
            size=times(one.rate_kg_h, expected),
            concerns=(one.outlet, one.pollutant),
        )  # fmt: skip


def copied_results(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Two dates whose results agree in pollutant after pollutant; one pollutant with one value again and again."""
    plant = look(case, ledger)
    least = int(threshold("same-results-twice", "pollutants"))
    by_date: dict[tuple[str, str], dict[str, Monitoring]] = defaultdict(dict)
    for one in case.monitoring:
        if _found(one) is not None and one.date not in ("", UNDATED) and not _noise(one.pollutant):
            by_date[one.outlet, one.date][one.pollutant] = one
    dates: dict[str, list[str]] = defaultdict(list)
    for outlet, date in by_date:
        dates[outlet].append(date)
    for outlet, known in dates.items():
        known.sort()
        for index, first in enumerate(known):
            for second in known[index + 1 :]:
                a, b = by_date[outlet, first], by_date[outlet, second]
                same = [p for p in a if p in b and _found(a[p]) == _found(b[p]) and digits_of(_found(a[p]) or 0.0) >= 2]
                both = sum(p in b for p in a)
                if len(same) < least or len(same) < both / 2:
                    continue
                yield Finding(
                    rule="same-results-twice",
                    severity=Gravity.SERIOUS,
                    message=message(
                        "{outlet} {first} 与 {second} 两次监测有 {count} 项结果完全相同（共 {both} 项）：{items}",
                        outlet=outlet, first=first, second=second, count=len(same), both=both,
                        items=listed(message("{p} {v}", p=_name(a[p]), v=shown(_found(a[p]) or 0.0)) for p in same),
                    ),
                    numbers=tuple(
                        Number(_name(one), _found(one) or 0.0, one.unit, (one.where,), one.date)
                        for p in same for one in (a[p], b[p])
                    ),
                    settle=message("两次检测报告原件（报告编号、采样记录）"),
                    size=10.0 ** len(same),
                    concerns=(outlet, *same),
                )  # fmt: skip
    yield from _stuck(plant)


def _stuck(plant: Plant) -> Iterator[Finding]:
    """One value for most of the dates, with at least two digits."""
    share = threshold("same-results-twice", "share")
    for series in series_of(plant.case):
        values = [(one, value) for one in series.results if (value := _found(one)) is not None]
        if len(values) < 5 or series.pollutant == "pH" or _noise(series.pollutant):
            continue
        value, count = Counter(value for _, value in values).most_common(1)[0]
        if digits_of(value) < 2 or count < share * len(values):
            continue
        rows = [one for one, found in values if found == value]
        yield Finding(
            rule="same-results-twice",
            severity=Gravity.SERIOUS,
            message=message(
                "{outlet}的{pollutant} {all} 次监测中有 {count} 次都是 {value} {unit}",
                outlet=series.outlet, pollutant=_name(rows[0]), all=len(values), count=count, value=shown(value),
                unit=units.display(rows[0].unit),
            ),
            numbers=tuple(Number(_name(one), value, one.unit, (one.where,), one.date) for one in rows),
            settle=message("各次检测报告原件；在线监测仪的校准与运行记录"),
            size=10.0 ** count,
            concerns=(series.outlet, series.pollutant),
        )  # fmt: skip


def detection_limits_missing(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Results below detection without the detection limit."""
    plant = look(case, ledger)
    hits = [one for one in case.monitoring if one.state is State.BELOW_DETECTION and one.concentration is None]
    if not hits:
        return
    names = Counter(one.pollutant for one in hits)
    twins = _all_alike(case, set(names))
    yield Finding(
        rule="detection-limit-missing",
        severity=Gravity.QUESTION,
        message=message(
            "{count} 个未检出结果没有给检出限，不能计算排放量的上限：{items}{twins}",
            count=len(hits),
            items=listed(message("{pollutant} {n} 次", pollutant=plant.name(p), n=n) for p, n in names.items()),
            twins=message("；而检出的结果又彼此相同：{items}", items=listed(twins)) if twins else "",
        ),
        numbers=(
            Number(message("未给检出限的结果"), float(len(hits)), "", tuple(one.where for one in hits), "", True),
            Number(message("全部结果"), float(len(case.monitoring)), "", (), "", True),
        ),
        settle=message("检测报告中的方法检出限"),
        size=float(len(hits)),
        concerns=tuple(names),
    )  # fmt: skip


def _all_alike(case: Case, pollutants: set[str]) -> list[object]:
    alike: list[object] = []
    for series in series_of(case):
        values = [value for one in series.results if (value := _found(one)) is not None]
        if series.pollutant in pollutants and len(values) >= 2 and len(set(values)) == 1 and digits_of(values[0]) >= 2:
            alike.append(
                message("{outlet}{pollutant} {count} 次都是 {value}", outlet=series.outlet,
                        pollutant=_name(series.results[0]), count=len(values), value=shown(values[0]))
            )  # fmt: skip
    return alike


# Readings that accompany a result and have no limit of their own.
_UNLIMITED = frozenset(
    ("oxygen-content", "flue-temperature", "flue-pressure", "flue-humidity", "flue-velocity", "flue-dynamic-pressure",
     "furnace-temperature", "exhaust-gas", "water-temperature", "conductivity")
)  # fmt: skip


def limits_missing(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Results at an outlet without a limit of concentration or rate."""
    plant = look(case, ledger)
    hits = [
        one
        for one in case.monitoring
        if not one.limit.strip()
        and one.rate_limit_kg_h is None
        and not outlet_of(one.outlet)[1]
        and one.pollutant not in _UNLIMITED
    ]
    limited = {(outlet_of(one.outlet)[0], one.pollutant) for one in case.monitoring if one.limit.strip()}
    hits = [one for one in hits if (outlet_of(one.outlet)[0], one.pollutant) not in limited]
    if not hits:
        return
    groups: dict[str, list[Monitoring]] = defaultdict(list)
    for one in hits:
        groups[one.pollutant].append(one)
    yield Finding(
        rule="limit-missing",
        severity=Gravity.QUESTION,
        message=message(
            "{count} 个监测结果没有写限值，不能判断是否达标：{items}",
            count=len(hits),
            items=listed(
                message("{pollutant}（{outlets}）", pollutant=plant.name(p), outlets=listed(one.outlet for one in rows))
                for p, rows in groups.items()
            ),
        ),
        numbers=(
            Number(message("没有限值的结果"), float(len(hits)), "", tuple(one.where for one in hits), "", True),
            Number(message("全部结果"), float(len(case.monitoring)), "", (), "", True),
        ),
        settle=message("排污许可证和执行的排放标准"),
        size=float(len(hits)),
        concerns=tuple(groups),
    )  # fmt: skip


def monitoring_gaps(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Years of the audit period without monitoring, results without a sampling date, results of other years."""
    plant = look(case, ledger)
    if not case.monitoring:
        return
    media: dict[str, list[Monitoring]] = defaultdict(list)
    for one in case.monitoring:
        media[one.medium or "other"].append(one)
    words = {
        "water": message("废水"), "air": message("废气"), "noise": message("噪声"), "other": message("其他"),
    }  # fmt: skip
    for medium, results in media.items():
        years = Counter(_year(one) for one in results)
        absent = [year for year in plant.years if year not in years]
        outside = sorted(year for year in years if year and year not in plant.years)
        undated = [one for one in results if len(one.date) == 4 or one.date in ("", UNDATED)]
        said: list[object] = []
        if absent:
            said.append(message("{years} 年没有监测", years="、".join(absent)))
        if undated:
            said.append(message("{count} 个结果没有采样日期", count=len(undated)))
        if outside:
            said.append(message("{years} 年的 {n} 个结果在审核年份之外", years="、".join(outside), n=sum(years[y] for y in outside)))
        if not said:
            continue
        rows = [one.where for one in undated] + [one.where for one in results if _year(one) in outside]
        yield Finding(
            rule="monitoring-gaps",
            severity=Gravity.QUESTION,
            message=message("{medium}监测：{said}", medium=words.get(medium, words["other"]), said=listed(said)),
            numbers=(
                Number(message("有监测的年份"), float(len([y for y in years if y in plant.years])), "a",
                       tuple(one.where for one in results[:1]), "", True),
                Number(message("审核年份"), float(len(plant.years)), "a", (), "", True),
            ),
            settle=message("各年的检测报告；自行监测方案规定的频次"),
            size=1.0 + len(absent) + len(outside) + min(len(undated), 1),
            concerns=(medium,),
            extra_rows=tuple(dict.fromkeys(rows)),
        )  # fmt: skip


def _year(one: Monitoring) -> str:
    return str(Period.parse(one.date).start.year) if one.date and one.date != UNDATED else ""


def parts_and_wholes(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """A part of a pollutant above the whole: ammonia nitrogen above total nitrogen, benzene above VOC."""
    plant = look(case, ledger)
    groups: dict[tuple[str, str], dict[str, Monitoring]] = defaultdict(dict)
    for one in case.monitoring:
        if _found(one) is not None:
            groups[one.outlet, one.date][one.pollutant] = one
    for (outlet, date), results in groups.items():
        for pair in parts_of_whole():
            part, whole = results.get(pair.part), results.get(pair.whole)
            if part is None or whole is None or part.unit != whole.unit:
                continue
            a, b = _found(part) or 0.0, _found(whole) or 0.0
            if a <= b * pair.factor * (1 + threshold("part-exceeds-whole", "slack")):
                continue
            yield Finding(
                rule="part-exceeds-whole",
                severity=Gravity.GRAVE,
                message=message(
                    "{outlet} {date}：{part} {a} {unit}，高于{whole} {b} {unit}",
                    outlet=outlet, date=date, part=plant.name(pair.part), a=shown(a), whole=plant.name(pair.whole),
                    b=shown(b), unit=units.display(part.unit),
                ),
                numbers=(
                    Number(_name(part), a, part.unit, (part.where,), date),
                    Number(_name(whole), b, whole.unit, (whole.where,), date),
                ),
                settle=message("检测报告原件；两项是否同时采样"),
                size=times(a, b),
                concerns=(outlet, pair.part, pair.whole),
            )  # fmt: skip


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
                    outlet=outlet, date=date, one=_name(low), low=shown(low.flow_m3_h or 0.0, 8), other=_name(high),
                    high=shown(high.flow_m3_h or 0.0, 8),
                ),
                numbers=(
                    Number(_name(high), high.flow_m3_h or 0.0, "m3/h", (high.where,), date),
                    Number(_name(low), low.flow_m3_h or 0.0, "m3/h", (low.where,), date),
                ),
                settle=message("检测报告的采样时间与工况；风机频率"),
                size=apart,
                concerns=(outlet,),
            )  # fmt: skip
    yield from _before_and_after(groups)
    yield from _without_flow(case)


def _before_and_after(groups: dict[tuple[str, str], list[Monitoring]]) -> Iterator[Finding]:
    sides: dict[tuple[str, str], dict[bool, Monitoring]] = defaultdict(dict)
    for (name, date), results in groups.items():
        outlet, before = outlet_of(name)
        sides[outlet, date][before] = results[0]
    for (outlet, date), pair in sides.items():
        if len(pair) < 2:
            continue
        before, after = pair[True], pair[False]
        apart = (after.flow_m3_h or 0.0) / (before.flow_m3_h or 1.0) - 1.0
        limit = threshold("flows-of-one-stack", "treatment")
        if -limit <= apart <= threshold("flows-of-one-stack", "leak"):
            continue
        yield Finding(
            rule="flows-of-one-stack",
            severity=Gravity.QUESTION,
            message=message(
                "{outlet}（{date}）治理前流量 {before} m³/h，治理后 {after} m³/h，相差 {apart}%：漏风、旁路，或不是同时测的",
                outlet=outlet, date=date, before=shown(before.flow_m3_h or 0.0, 8), after=shown(after.flow_m3_h or 0.0, 8),
                apart=shown(100 * apart, 3),
            ),
            numbers=(
                Number(message("治理前流量"), before.flow_m3_h or 0.0, "m3/h", (before.where,), date),
                Number(message("治理后流量"), after.flow_m3_h or 0.0, "m3/h", (after.where,), date),
            ),
            settle=message("检测报告的采样位置与时间；管道有无旁路、漏风"),
            size=times(before.flow_m3_h or 0.0, after.flow_m3_h or 0.0),
            concerns=(outlet,),
        )  # fmt: skip


def _without_flow(case: Case) -> Iterator[Finding]:
    """Outlets whose load cannot be computed because no flow was measured and no rate given."""
    bare = [
        one
        for one in case.monitoring
        if one.medium == "air" and one.flow_m3_h is None and one.rate_kg_h is None and _found(one) is not None
        and one.unit.startswith("mg/")
    ]  # fmt: skip
    if not bare:
        return
    yield Finding(
        rule="flows-of-one-stack",
        severity=Gravity.QUESTION,
        message=message(
            "{count} 个废气结果没有流量，不能计算排放量：{outlets}",
            count=len(bare), outlets=listed(dict.fromkeys(one.outlet for one in bare)),
        ),
        numbers=(
            Number(message("没有流量的结果"), float(len(bare)), "", tuple(one.where for one in bare), "", True),
            Number(message("全部结果"), float(len(case.monitoring)), "", (), "", True),
        ),
        settle=message("检测报告的标干流量"),
        size=float(len(bare)),
        concerns=tuple(dict.fromkeys(one.outlet for one in bare)),
    )  # fmt: skip


def removal(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """More of a pollutant after the treatment than before, or an efficiency below or above what such a treatment has."""
    plant = look(case, ledger)
    pairs: dict[tuple[str, str, str], dict[bool, Series]] = defaultdict(dict)
    for series in series_of(case):
        for date in {one.date for one in series.results}:
            inside = tuple(one for one in series.results if one.date == date)
            pairs[series.outlet, series.pollutant, date][series.before] = Series(
                series.outlet, series.pollutant, series.medium, series.before, inside
            )
    weak: list[tuple[str, Number, Number, float]] = []
    for (outlet, pollutant, date), pair in pairs.items():
        if len(pair) < 2:
            continue
        sides = [_level(pair[before]) for before in (True, False)]
        if sides[0] is None or sides[1] is None:
            continue
        (first, unit, first_rows), (second, _, second_rows) = sides
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
                    outlet=outlet, date=date, pollutant=plant.name(pollutant), after=shown(second), before=shown(first),
                    unit=units.display(unit),
                ),
                numbers=(after, before),
                settle=message("检测报告原件；治理设施的运行记录；前后是否同时采样"),
                size=times(first, second),
                concerns=(outlet, pollutant),
            )  # fmt: skip
        elif pollutant in ("VOCs", "NMHC") and efficiency < threshold("removal-efficiency", "voc-least"):
            weak.append((outlet, before, after, efficiency))
        elif efficiency > _best(pollutant) and second > 0:
            yield Finding(
                rule="removal-efficiency",
                severity=Gravity.QUESTION,
                message=message(
                    "{outlet}（{date}）{pollutant}去除率 {efficiency}%，高于普查中任何治理技术（最高 {best}%）",
                    outlet=outlet, date=date, pollutant=plant.name(pollutant), efficiency=shown(100 * efficiency, 5),
                    best=shown(100 * _best(pollutant), 5),
                ),
                numbers=(before, after),
                settle=message("检测报告原件"),
                size=times(1 - _best(pollutant), max(1 - efficiency, 1e-9)),
                concerns=(outlet, pollutant),
            )  # fmt: skip
    if weak:
        yield Finding(
            rule="removal-efficiency",
            severity=Gravity.QUESTION,
            message=message(
                "有机废气治理的去除率偏低：{items}；进口浓度低时要核对收集系统是否把废气收进来了",
                items=listed(
                    message(
                        "{outlet} {before}→{after} {unit}（{efficiency}%）",
                        outlet=outlet, before=shown(before.value, 3), after=shown(after.value, 3),
                        unit=units.display(before.unit), efficiency=shown(100 * efficiency, 3),
                    )
                    for outlet, before, after, efficiency in weak
                ),
            ),
            numbers=tuple(number for _, before, after, _ in weak for number in (before, after)),
            settle=message("集气罩风速与收集效率；活性炭更换记录；监测时的生产负荷"),
            size=max(threshold("removal-efficiency", "voc-least") / max(efficiency, 0.01) for *_, efficiency in weak),
            concerns=("VOCs", *(outlet for outlet, *_ in weak)),
        )  # fmt: skip


def _level(series: Series) -> tuple[float, str, tuple[Location, ...]] | None:
    """The mean rate of a side in kg/h, else its mean concentration; None where something was below detection."""
    if any(_found(one) is None for one in series.results):
        return None
    rows = tuple(one.where for one in series.results)
    rates = [rate for one in series.results if (rate := result_rate(one)) is not None]
    if len(rates) == len(series.results):
        return sum(rates) / len(rates), "kg/h", rows
    values = [_found(one) or 0.0 for one in series.results]
    return sum(values) / len(values), series.results[0].unit, rows


def _best(pollutant: str) -> float:
    rows = treatment_efficiencies(pollutant) if pollutant in catalogue() else ()
    return max((row.high_percent for row in rows), default=100.0) / 100


def noise_uniform(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Noise at many points with almost the same level."""
    span = threshold("noise-uniform", "range")
    groups: dict[tuple[str, str], list[Monitoring]] = defaultdict(list)
    for one in case.monitoring:
        if _noise(one.pollutant) and _found(one) is not None:
            groups[one.pollutant, one.date].append(one)
    for (pollutant, date), results in groups.items():
        values = [_found(one) or 0.0 for one in results]
        if len(values) < 4 or max(values) - min(values) > span:
            continue
        common, count = Counter(values).most_common(1)[0]
        if count < 3:
            continue
        yield Finding(
            rule="noise-uniform",
            severity=Gravity.QUESTION,
            message=message(
                "{name}（{date}）{count} 个测点几乎一样：{values} dB(A)",
                name=_name(results[0]), date=date, count=len(values), values="、".join(shown(value) for value in values),
            ),
            numbers=tuple(Number(one.outlet, _found(one) or 0.0, one.unit, (one.where,), date) for one in results),
            settle=message("检测报告原件：各测点的位置、时间、工况与背景值"),
            size=1.0 + span / max(max(values) - min(values), 0.1),
            concerns=(pollutant,),
        )  # fmt: skip


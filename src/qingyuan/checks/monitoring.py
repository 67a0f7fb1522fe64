"""Monitoring results (监测数据): limits, rates, copied results, detection limits, gaps, parts and wholes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from qingyuan import units
from qingyuan.checks.finding import Finding, Gravity, Number, joined, listed, shown, times
from qingyuan.checks.knowledge import parts_of_whole, threshold
from qingyuan.checks.plant import Plant, called, digits_of, look
from qingyuan.facts.model import UNDATED, Case, Monitoring, Period, State
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.limits import read_limit
from qingyuan.figures.monitoring import Series, outlet_of
from qingyuan.language import Name, message


def found_in(one: Monitoring) -> float | None:
    """The concentration of a result that found something; None otherwise."""
    return one.concentration if one.state is State.VALUE else None


def label_of(one: Monitoring) -> Name | str:
    """The pollutant as the source writes it."""
    return called(one.pollutant, one.label)


def is_noise(pollutant: str) -> bool:
    """Whether a pollutant is noise."""
    return pollutant in ("noise", "noise-day", "noise-night")


def over_limit(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Results above the limit that stands beside them, rates above theirs."""
    for series in look(case, ledger).results:
        if series.before:
            continue
        hits: list[tuple[Monitoring, float, float, str]] = []
        for one in series.results:
            limit, value = read_limit(one.limit), found_in(one)
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
                outlet=series.outlet,
                pollutant=label_of(worst[0]),
                count=len(hits),
                value=shown(worst[1]),
                unit=units.UnitText(worst[3]),
                date=worst[0].date,
                limit=worst[0].limit or shown(worst[2]),
            ),
            numbers=(
                Number(label_of(worst[0]), worst[1], worst[3], (worst[0].where,), worst[0].date),
                Number(message("限值"), worst[2], worst[3], (worst[0].where,)),
            ),
            settle=message("检测报告原件；超标的原因与处理记录；执行的排放标准"),
            size=times(worst[1], worst[2]),
            concerns=(series.outlet, series.pollutant),
            extra_rows=tuple(hit[0].where for hit in hits),
        )


def near_limit(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Results that keep their limit by a hair."""
    share = threshold("near-limit", "share")
    for series in look(case, ledger).results:
        if series.before or is_noise(series.pollutant):
            continue
        hits: list[tuple[Monitoring, float, float]] = []
        for one in series.results:
            limit, value = read_limit(one.limit), found_in(one)
            if limit is None or value is None or limit.high is None or limit.low is not None:
                continue
            if share * float(limit.high) <= value <= float(limit.high):
                hits.append((one, value, float(limit.high)))
        if not hits:
            continue
        top = max(hits, key=lambda hit: hit[1] / hit[2])
        yield Finding(
            rule="near-limit",
            severity=Gravity.QUESTION,
            message=message(
                "{outlet}的{pollutant}有 {count} 次紧贴限值：{value} {unit}（{date}），限值 {limit}",
                outlet=series.outlet,
                pollutant=label_of(top[0]),
                count=len(hits),
                value=shown(top[1]),
                unit=units.UnitText(top[0].unit),
                date=top[0].date,
                limit=top[0].limit,
            ),
            numbers=(
                Number(label_of(top[0]), top[1], top[0].unit, (top[0].where,), top[0].date),
                Number(message("限值"), top[2], top[0].unit, (top[0].where,)),
            ),
            settle=message("检测报告原件；该期间的在线或内部监测数据"),
            size=1.0 + len(hits),
            concerns=(series.outlet, series.pollutant),
            extra_rows=tuple(hit[0].where for hit in hits),
        )


# The pollutants of waste water by which the running of a works is judged.
SWINGING = ("COD", "ammonia-nitrogen", "total-nitrogen")


def unsteady_results(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Main pollutants of waste water whose results swing from date to date."""
    hits: list[tuple[Series, Monitoring, Monitoring]] = []
    for series in look(case, ledger).results:
        if series.before or series.medium != "water" or series.pollutant not in SWINGING:
            continue
        found = sorted((one for one in series.results if found_in(one)), key=lambda one: found_in(one) or 0.0)
        if len(found) < threshold("unsteady-results", "results"):
            continue
        if times(found_in(found[0]) or 0.0, found_in(found[-1]) or 0.0) >= threshold("unsteady-results", "ratio"):
            hits.append((series, found[0], found[-1]))
    if not hits:
        return
    items = listed(
        message(
            "{outlet} {pollutant} {low}（{first}）～{high}（{second}）{unit}",
            outlet=series.outlet,
            pollutant=label_of(low),
            low=shown(found_in(low) or 0.0),
            first=low.date,
            high=shown(found_in(high) or 0.0),
            second=high.date,
            unit=units.UnitText(low.unit),
        )
        for series, low, high in hits
    )
    yield Finding(
        rule="unsteady-results",
        severity=Gravity.QUESTION,
        message=message(
            "废水监测结果忽高忽低：{items}",
            items=items,
        ),
        numbers=tuple(
            Number(label_of(one), found_in(one) or 0.0, one.unit, (one.where,), one.date)
            for _, low, high in hits
            for one in (high, low)
        ),
        settle=message("废水站运行记录、采样时的生产负荷、在线监测数据"),
        size=max(times(found_in(low) or 0.0, found_in(high) or 0.0) for _, low, high in hits),
        concerns=tuple(dict.fromkeys(series.pollutant for series, _, _ in hits)),
    )


def rates_and_concentrations(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Rates that are not concentration times flow."""
    slack = threshold("rate-and-concentration", "gap")
    for one in case.monitoring:
        value = found_in(one)
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
                "{outlet}的{pollutant}（{date}）："
                "浓度 {value} {unit} × 流量 {flow} m³/h = {expected} kg/h，报告的速率是 {rate} kg/h",
                outlet=one.outlet,
                pollutant=label_of(one),
                date=one.date,
                value=shown(value),
                unit=units.UnitText(one.unit),
                flow=shown(one.flow_m3_h, 8),
                expected=shown(expected, 3),
                rate=shown(one.rate_kg_h, 3),
            ),
            numbers=(
                Number(message("报告的速率"), one.rate_kg_h, "kg/h", (one.where,), one.date),
                Number(message("浓度 × 流量"), expected, "kg/h", (one.where,), one.date, True),
            ),
            settle=message("检测报告原件（标干流量与折算浓度）"),
            size=times(one.rate_kg_h, expected),
            concerns=(one.outlet, one.pollutant),
        )


def copied_results(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Two dates whose results agree in pollutant after pollutant; one pollutant with one value again and again."""
    plant = look(case, ledger)
    least = int(threshold("same-results-twice", "pollutants"))
    by_date: dict[tuple[str, str], dict[str, Monitoring]] = defaultdict(dict)
    for one in case.monitoring:
        if found_in(one) is not None and one.date not in ("", UNDATED) and not is_noise(one.pollutant):
            by_date[one.outlet, one.date][one.pollutant] = one
    dates: dict[str, list[str]] = defaultdict(list)
    for outlet, date in by_date:
        dates[outlet].append(date)
    for outlet, known in dates.items():
        known.sort()
        for index, first in enumerate(known):
            for second in known[index + 1 :]:
                a, b = by_date[outlet, first], by_date[outlet, second]
                same = [
                    p
                    for p in a
                    if p in b and found_in(a[p]) == found_in(b[p]) and digits_of(found_in(a[p]) or 0.0) >= 2
                ]
                both = sum(p in b for p in a)
                if len(same) < least or len(same) < both / 2:
                    continue
                items = listed(message("{p} {v}", p=label_of(a[p]), v=shown(found_in(a[p]) or 0.0)) for p in same)
                yield Finding(
                    rule="same-results-twice",
                    severity=Gravity.SERIOUS,
                    message=message(
                        "{outlet} {first} 与 {second} 两次监测有 {count} 项结果完全相同（共 {both} 项）：{items}",
                        outlet=outlet,
                        first=first,
                        second=second,
                        count=len(same),
                        both=both,
                        items=items,
                    ),
                    numbers=tuple(
                        Number(label_of(one), found_in(one) or 0.0, one.unit, (one.where,), one.date)
                        for p in same
                        for one in (a[p], b[p])
                    ),
                    settle=message("两次检测报告原件（报告编号、采样记录）"),
                    size=10.0 ** len(same),
                    concerns=(outlet, *same),
                )
    yield from _stuck(plant)


def _stuck(plant: Plant) -> Iterator[Finding]:
    """One value for most of the dates, with at least two digits."""
    share = threshold("same-results-twice", "share")
    for series in plant.results:
        values = [(one, value) for one in series.results if (value := found_in(one)) is not None]
        if len(values) < 5 or series.pollutant == "pH" or is_noise(series.pollutant):
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
                outlet=series.outlet,
                pollutant=label_of(rows[0]),
                all=len(values),
                count=count,
                value=shown(value),
                unit=units.UnitText(rows[0].unit),
            ),
            numbers=tuple(Number(label_of(one), value, one.unit, (one.where,), one.date) for one in rows),
            settle=message("各次检测报告原件；在线监测仪的校准与运行记录"),
            size=10.0**count,
            concerns=(series.outlet, series.pollutant),
        )


def detection_limits_missing(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Results below detection without the detection limit."""
    plant = look(case, ledger)
    hits = [one for one in case.monitoring if one.state is State.BELOW_DETECTION and one.concentration is None]
    if not hits:
        return
    names = Counter(one.pollutant for one in hits)
    twins = _all_alike(plant, set(names))
    items = listed(message("{pollutant} {n} 次", pollutant=plant.name(p), n=n) for p, n in names.items())
    yield Finding(
        rule="detection-limit-missing",
        severity=Gravity.QUESTION,
        message=message(
            "{count} 个未检出结果没有给检出限，不能计算排放量的上限：{items}{twins}",
            count=len(hits),
            items=items,
            twins=message("；而检出的结果又彼此相同：{items}", items=listed(twins)) if twins else "",
        ),
        numbers=(
            Number(message("未给检出限的结果"), float(len(hits)), "", tuple(one.where for one in hits), "", True),
            Number(message("全部结果"), float(len(case.monitoring)), "", (), "", True),
        ),
        settle=message("检测报告中的方法检出限"),
        size=float(len(hits)),
        concerns=tuple(names),
    )


def _all_alike(plant: Plant, pollutants: set[str]) -> list[object]:
    alike: list[object] = []
    for series in plant.results:
        values = [value for one in series.results if (value := found_in(one)) is not None]
        if series.pollutant in pollutants and len(values) >= 2 and len(set(values)) == 1 and digits_of(values[0]) >= 2:
            alike.append(
                message(
                    "{outlet}{pollutant} {count} 次都是 {value}",
                    outlet=series.outlet,
                    pollutant=label_of(series.results[0]),
                    count=len(values),
                    value=shown(values[0]),
                )
            )
    return alike


# Readings that accompany a result and have no limit of their own.
READINGS = frozenset(
    (
        "oxygen-content",
        "flue-temperature",
        "flue-pressure",
        "flue-humidity",
        "flue-velocity",
        "flue-dynamic-pressure",
        "furnace-temperature",
        "exhaust-gas",
        "water-temperature",
        "conductivity",
    )
)


def limits_missing(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Results at an outlet without a limit of concentration or rate."""
    plant = look(case, ledger)
    hits = [
        one
        for one in case.monitoring
        if not one.limit.strip()
        and one.rate_limit_kg_h is None
        and not outlet_of(one.outlet)[1]
        and one.pollutant not in READINGS
    ]
    limited = {(outlet_of(one.outlet)[0], one.pollutant) for one in case.monitoring if one.limit.strip()}
    hits = [one for one in hits if (outlet_of(one.outlet)[0], one.pollutant) not in limited]
    if not hits:
        return
    groups: dict[str, list[Monitoring]] = defaultdict(list)
    for one in hits:
        groups[one.pollutant].append(one)
    items = listed(
        message("{pollutant}（{outlets}）", pollutant=plant.name(p), outlets=listed(one.outlet for one in rows))
        for p, rows in groups.items()
    )
    yield Finding(
        rule="limit-missing",
        severity=Gravity.QUESTION,
        message=message(
            "{count} 个监测结果没有写限值，不能判断是否达标：{items}",
            count=len(hits),
            items=items,
        ),
        numbers=(
            Number(message("没有限值的结果"), float(len(hits)), "", tuple(one.where for one in hits), "", True),
            Number(message("全部结果"), float(len(case.monitoring)), "", (), "", True),
        ),
        settle=message("排污许可证和执行的排放标准"),
        size=float(len(hits)),
        concerns=tuple(groups),
    )


def monitoring_gaps(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Years of the audit period without monitoring, results without a sampling date, results of other years."""
    plant = look(case, ledger)
    if not case.monitoring:
        return
    media: dict[str, list[Monitoring]] = defaultdict(list)
    for one in case.monitoring:
        media[one.medium or "other"].append(one)
    words = {
        "water": message("废水"),
        "air": message("废气"),
        "noise": message("噪声"),
        "other": message("其他"),
    }
    for medium, results in media.items():
        years = Counter(_year(one) for one in results)
        absent = [year for year in plant.years if year not in years]
        outside = sorted(year for year in years if year and year not in plant.years)
        undated = [one for one in results if len(one.date) == 4 or one.date in ("", UNDATED)]
        said: list[object] = []
        if absent:
            said.append(message("{years} 年没有监测", years=joined(absent)))
        if undated:
            said.append(message("{count} 个结果没有采样日期", count=len(undated)))
        if outside:
            said.append(
                message(
                    "{years} 年的 {n} 个结果在审核年份之外", years=joined(outside), n=sum(years[y] for y in outside)
                )
            )
        if not said:
            continue
        rows = [one.where for one in undated] + [one.where for one in results if _year(one) in outside]
        yield Finding(
            rule="monitoring-gaps",
            severity=Gravity.QUESTION,
            message=message("{medium}监测：{said}", medium=words.get(medium, words["other"]), said=listed(said)),
            numbers=(
                Number(
                    message("有监测的年份"),
                    float(len([y for y in years if y in plant.years])),
                    "a",
                    tuple(one.where for one in results[:1]),
                    "",
                    True,
                ),
                Number(message("审核年份"), float(len(plant.years)), "a", (), "", True),
            ),
            settle=message("各年的检测报告；自行监测方案规定的频次"),
            size=1.0 + len(absent) + len(outside) + min(len(undated), 1),
            concerns=(medium,),
            extra_rows=tuple(dict.fromkeys(rows)),
        )


def _year(one: Monitoring) -> str:
    return str(Period.parse(one.date).start.year) if one.date and one.date != UNDATED else ""


def parts_and_wholes(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """A part of a pollutant above the whole: ammonia nitrogen above total nitrogen, benzene above VOC."""
    plant = look(case, ledger)
    groups: dict[tuple[str, str], dict[str, Monitoring]] = defaultdict(dict)
    for one in case.monitoring:
        if found_in(one) is not None:
            groups[one.outlet, one.date][one.pollutant] = one
    for (outlet, date), results in groups.items():
        for pair in parts_of_whole():
            part, whole = results.get(pair.part), results.get(pair.whole)
            if part is None or whole is None or part.unit != whole.unit:
                continue
            a, b = found_in(part) or 0.0, found_in(whole) or 0.0
            if a <= b * pair.factor * (1 + threshold("part-exceeds-whole", "slack")):
                continue
            yield Finding(
                rule="part-exceeds-whole",
                severity=Gravity.GRAVE,
                message=message(
                    "{outlet} {date}：{part} {a} {unit}，高于{whole} {b} {unit}",
                    outlet=outlet,
                    date=date,
                    part=plant.name(pair.part),
                    a=shown(a),
                    whole=plant.name(pair.whole),
                    b=shown(b),
                    unit=units.UnitText(part.unit),
                ),
                numbers=(
                    Number(label_of(part), a, part.unit, (part.where,), date),
                    Number(label_of(whole), b, whole.unit, (whole.where,), date),
                ),
                settle=message("检测报告原件；两项是否同时采样"),
                size=times(a, b),
                concerns=(outlet, pair.part, pair.whole),
            )

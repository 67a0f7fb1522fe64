"""What cannot be, by its own bounds (自身界限): more gone than was there, shares above 100 %, hours beyond a year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from qingyuan import units
from qingyuan.checks.finding import Finding, Gravity, Number, joined, listed, shown, times
from qingyuan.checks.knowledge import threshold
from qingyuan.checks.plant import Plant, called, look, property_name, stated_name
from qingyuan.errors import UnknownName
from qingyuan.facts.model import SITE, UNDATED, Case, Fact, Judgement, OptionRow, Period, State
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Message, Name, message

# A leap year has the most hours; used where a number says no period.
_LONGEST_YEAR = Period.parse("2024")
# Shares of a whole: nothing of them can be above 100 %. A yield by mass can, where water or air is taken up.
_SHARES = frozenset(
    {"pass-rate", "yield", "removal-efficiency", "oxidation", "power-factor", "purity", "moisture", "ash-content"}
)
# Shares that plants report near the whole, so that a number near 1 is a typed fraction.
_HIGH_SHARES = frozenset({"pass-rate", "yield", "removal-efficiency", "oxidation", "power-factor"})
# Pollutants that are measured at the outlet of a workshop, where only a part of the water flows.
_AT_WORKSHOPS = frozenset(
    {"chromium", "chromium-vi", "nickel", "cadmium", "lead", "silver", "mercury", "arsenic", "beryllium"}
)
_CLASSES: Mapping[str, int] = {
    "none": 0,
    "low": 1,
    "none-low": 1,
    "medium": 2,
    "higher": 3,
    "medium-high": 3,
    "high": 4,
}


@dataclass(frozen=True, slots=True)
class _Over:
    """One year in which the part is above the whole: both, and how many times."""

    year: str
    part: Number
    whole: Number

    @property
    def ratio(self) -> float:
        return times(self.part.value, self.whole.value)


def _years_of(facts: Iterable[Fact]) -> frozenset[str]:
    return frozenset(
        str(Period.parse(fact.period).start.year)
        for fact in facts
        if fact.period != UNDATED and fact.value is not None and fact.state is State.VALUE
    )


def _by_role(case: Case, kind: str) -> Mapping[str, Mapping[str, tuple[Fact, ...]]]:
    """The facts of a kind by item and role."""
    found: dict[str, dict[str, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for fact in case.facts:
        if fact.kind == kind:
            found[fact.item][fact.role].append(fact)
    return {item: {role: tuple(facts) for role, facts in roles.items()} for item, roles in found.items()}


def _comparisons(hits: Sequence[_Over], unit: str) -> object:
    return listed(
        message(
            "{year} 年 {part} {unit}，高于 {whole} {unit}",
            year=one.year,
            part=shown(one.part.value, 6),
            whole=shown(one.whole.value, 6),
            unit=units.UnitText(unit),
        )
        for one in hits
    )


# --- more gone than was there ----------------------------------------------------------------------------------------


def waste_gone(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """More of a waste handed over, used, disposed of or kept than was generated and lay there from before."""
    plant = look(case, ledger)
    for item, roles in _by_role(case, "waste").items():
        years = sorted(_years_of(roles.get("generated", ())))
        carried: float | None = None
        sure: list[_Over] = []
        asked: list[_Over] = []
        for year in years:
            made = plant.amount(item, "generated", year, unit="t")
            gone = _gone(plant, item, roles, year)
            if made is None or gone is None or made.value <= 0 or _stated_twice(made, gone):
                carried = None
                continue
            opening = _stock(plant, item, roles, "opening-stock", year)
            closing = _stock(plant, item, roles, "closing-stock", year) or 0.0
            before = opening if opening is not None else carried
            there = made.value + (before or 0.0)
            excess = (gone.value + closing) / there
            over = _Over(year, gone, made)
            if excess > threshold("waste-exceeds-generated", "sure"):
                sure.append(over)
            elif excess > threshold("waste-exceeds-generated", "slack"):
                (asked if before is None else sure).append(over)
            carried = max(there - gone.value, 0.0)
        for hits, severity in ((sure, Gravity.SERIOUS), (asked, Gravity.QUESTION)):
            if hits:
                worst = max(hits, key=lambda one: one.ratio)
                yield Finding(
                    rule="waste-exceeds-generated",
                    severity=severity,
                    message=message(
                        "{item}转移、利用和处置的多于产生的，连同以前年度的结余也不够：{years}",
                        item=plant.name(item),
                        years=_comparisons(hits, "t"),
                    ),
                    numbers=(worst.part, worst.whole),
                    settle=message("转移联单与产生台账；年初、年末的贮存量"),
                    size=worst.ratio,
                    concerns=(item,),
                    extra_rows=tuple(row for one in hits for row in (*one.part.rows, *one.whole.rows)),
                )


def _stated_twice(one: Number, other: Number) -> bool:
    return bool(one.rows) and one.rows == other.rows


def _gone(plant: Plant, item: str, roles: Mapping[str, Sequence[Fact]], year: str) -> Number | None:
    """What left a waste's store in a year, t: the larger of what was handed over and of what was used, disposed of and
    dumped, since both may tell of the same tonnes."""

    def stated(role: str) -> Number | None:
        known = year in _years_of(roles.get(role, ()))
        return plant.amount(item, role, year, unit="t", what=_gone_name(plant, item)) if known else None

    handed = stated("transferred")
    own = [number for role in ("utilised", "disposed", "discharged") if (number := stated(role)) is not None]
    ends = (
        Number(
            _gone_name(plant, item),
            sum(number.value for number in own),
            "t",
            tuple(row for number in own for row in number.rows),
            year,
            len(own) > 1 or own[0].computed,
        )
        if own
        else None
    )
    found = [number for number in (handed, ends) if number is not None]
    return max(found, key=lambda number: number.value, default=None)


def _gone_name(plant: Plant, item: str) -> Message:
    return message("{item}的转移、利用和处置量", item=plant.name(item))


def _stock(plant: Plant, item: str, roles: Mapping[str, Sequence[Fact]], role: str, year: str) -> float | None:
    if year not in _years_of(roles.get(role, ())):
        return None
    number = plant.amount(item, role, year, unit="t")
    return None if number is None else number.value


def pollutant_out(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """More of a pollutant discharged than generated."""
    plant = look(case, ledger)
    for item, roles in _by_role(case, "pollutant").items():
        made, out = roles.get("generated", ()), roles.get("discharged", ())
        places = {fact.place for fact in made}
        if SITE not in places and not {fact.place for fact in out} <= places:
            continue
        hits: list[_Over] = []
        for year in sorted(_years_of(made) & _years_of(out)):
            whole = plant.amount(item, "generated", year, unit="kg", what=_generated(plant, item))
            part = plant.amount(item, "discharged", year, unit="kg", what=_discharged(plant, item))
            if whole is None or part is None or _stated_twice(whole, part):
                continue
            if part.value > whole.value * threshold("discharged-exceeds-generated", "slack"):
                hits.append(_Over(year, part, whole))
        if hits:
            worst = max(hits, key=lambda one: one.ratio)
            yield Finding(
                rule="discharged-exceeds-generated",
                severity=Gravity.GRAVE,
                message=message(
                    "{item}排放量高于产生量：{years}", item=plant.name(item), years=_comparisons(hits, "kg")
                ),
                numbers=(worst.part, worst.whole),
                settle=message("产生量和排放量的核算表；处理前后的监测报告；计量单位"),
                size=worst.ratio,
                concerns=(item,),
                extra_rows=tuple(row for one in hits for row in (*one.part.rows, *one.whole.rows)),
            )


def _generated(plant: Plant, item: str) -> Message:
    return message("{item}产生量", item=plant.name(item))


def _discharged(plant: Plant, item: str) -> Message:
    return message("{item}排放量", item=plant.name(item))


def over_permit(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """More discharged in a year than the permit allows."""
    plant = look(case, ledger)
    for kind, unit in (("pollutant", "kg"), ("water", "m3")):
        for item, roles in _by_role(case, kind).items():
            allowed = [fact for fact in roles.get("permitted", ()) if fact.place == SITE and fact.value is not None]
            hits: list[_Over] = []
            for year in sorted(_years_of(roles.get("discharged", ()))) if allowed else ():
                out = plant.amount(item, "discharged", year, unit=unit, what=_discharged(plant, item))
                whole = _permitted(plant, item, allowed, year, unit)
                if out is not None and whole is not None and out.value > whole.value * 1.0000001:
                    hits.append(_Over(year, out, whole))
            if hits:
                worst = max(hits, key=lambda one: one.ratio)
                yield Finding(
                    rule="discharged-exceeds-permit",
                    severity=Gravity.SERIOUS,
                    message=message(
                        "{item}排放量高于许可量：{years}", item=plant.name(item), years=_comparisons(hits, unit)
                    ),
                    numbers=(worst.part, worst.whole),
                    settle=message("排污许可证副本的许可排放量；执行报告；排放量的核算表"),
                    size=worst.ratio,
                    concerns=(item,),
                    extra_rows=tuple(row for one in hits for row in (*one.part.rows, *one.whole.rows)),
                )


def _permitted(plant: Plant, item: str, allowed: Sequence[Fact], year: str, unit: str) -> Number | None:
    """What the permit allows in a year: as stated for it, else by the latest year before, else without a year."""
    by_year: dict[str, list[Fact]] = defaultdict(list)
    for fact in allowed:
        known = "" if fact.period == UNDATED else str(Period.parse(fact.period).start.year)
        if known <= year:
            by_year[known].append(fact)
    amounts: list[tuple[float, Fact]] = []
    for fact in by_year[max(by_year)] if by_year else ():
        try:
            amounts.append((units.convert(fact.value or 0.0, fact.unit.removesuffix("/a"), unit), fact))
        except (units.DimensionError, UnknownName):
            continue
    if not amounts:
        return None
    value, fact = max(amounts, key=lambda one: one[0])
    return Number(message("{item}许可量", item=plant.name(item)), value, unit, (fact.where,), year)


def load_and_concentration(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """A pollutant's discharge as stated against what the results of its outlets and the water discharged make of it."""
    plant = look(case, ledger)
    for item, roles in _by_role(case, "pollutant").items():
        hits: list[tuple[str, Number, Number]] = []
        for year in sorted(_years_of(roles.get("discharged", ()))):
            out = plant.amount(item, "discharged", year, unit="kg", what=_discharged(plant, item))
            water = [
                number
                for kind in ("wastewater", "process-wastewater")
                if (number := plant.amount(kind, "discharged", year, unit="m3")) is not None and number.value > 0
            ]
            means = _mean_results(plant, item, year)
            if out is None or out.value <= 0 or not water or not means:
                continue
            low = min(one.value for one in means) * min(one.value for one in water) / 1000
            high = max(one.value for one in means) * max(one.value for one in water) / 1000
            factor = threshold("load-and-concentration", "ask")
            bound = high if out.value > high * factor else low
            if out.value <= high * factor and (out.value * factor >= low or item in _AT_WORKSHOPS):
                continue
            rows = tuple(dict.fromkeys(row for one in (*means, *water) for row in one.rows))
            hits.append((year, out, Number(message("浓度 × 废水量"), bound, "kg", rows, year, True)))
        if not hits:
            continue
        _, out, computed = max(hits, key=lambda hit: times(hit[1].value, hit[2].value))
        size = times(out.value, computed.value)
        yield Finding(
            rule="load-and-concentration",
            severity=Gravity.SERIOUS if size >= threshold("load-and-concentration", "serious") else Gravity.QUESTION,
            message=message(
                "{item}排放量与监测浓度乘废水排放量不符：{years}",
                item=plant.name(item),
                years=listed(
                    message(
                        "{year} 年填报 {stated} kg，浓度乘水量为 {computed} kg（相差 {ratio} 倍）",
                        year=year,
                        stated=shown(one.value, 6),
                        computed=shown(other.value),
                        ratio=shown(times(one.value, other.value), 3),
                    )
                    for year, one, other in hits
                ),
            ),
            numbers=(out, computed),
            settle=message("排放量的核算表与口径（出厂还是污水厂处理后排入环境）；监测报告；废水流量计的记录"),
            size=size,
            concerns=(item,),
            extra_rows=tuple(row for _, one, other in hits for row in (*one.rows, *other.rows)),
        )


def _mean_results(plant: Plant, item: str, year: str) -> tuple[Number, ...]:
    """The mean concentration of each waste-water outlet in a year, mg/L, where every result is a value."""
    found: list[Number] = []
    for series in plant.results:
        if series.pollutant != item or series.medium != "water" or series.before:
            continue
        values: list[float] = []
        results = series.within(year).results
        for one in results:
            if one.state is State.VALUE and one.concentration is not None:
                try:
                    values.append(units.convert(one.concentration, one.unit, "mg/L"))
                except (units.DimensionError, UnknownName):
                    continue
        if values and len(values) == len(results) and min(values) > 0:
            rows = tuple(one.where for one in results)
            found.append(Number(plant.name(item), sum(values) / len(values), "mg/L", rows, year, True))
    return tuple(found)


# --- shares and hours ------------------------------------------------------------------------------------------------


def shares(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Shares of a whole above 100 %, and fractions typed where a percentage belongs."""
    plant = look(case, ledger)
    low = threshold("share-out-of-bounds", "fraction")
    for fact in case.facts:
        if fact.role not in _SHARES or fact.value is None or fact.state is not State.VALUE:
            continue
        if fact.unit not in ("%", "1"):
            continue
        value = fact.value * (100 if fact.unit == "1" else 1)
        number = Number(property_name(fact), fact.value, fact.unit, (fact.where,), _year(fact))
        name = message("{place}{item}的{what}", place=plant.place_name(fact.place), item=called(fact.item, fact.label),
                       what=_role_name(fact))  # fmt: skip
        if value > 100 + 1e-9:
            severity = Gravity.SERIOUS if fact.role == "yield" else Gravity.GRAVE
            yield _above(name, number, value, severity, (fact.item,))
        elif fact.role in _HIGH_SHARES and fact.unit == "%" and 0 < value < low:
            yield _typed_fraction(name, number, value, (fact.item,))
    yield from _judged(case)


def _year(fact: Fact) -> str:
    return "" if fact.period == UNDATED else fact.period


def _role_name(fact: Fact) -> Name:
    from qingyuan.reference.items import catalogue

    return catalogue().role(fact.role).name


def _above(name: Message, number: Number, value: float, severity: Gravity, concerns: tuple[str, ...]) -> Finding:
    return Finding(
        rule="share-out-of-bounds",
        severity=severity,
        message=message(
            "{name} {period}为 {value}%，不可能高于 100%", name=name, period=_when(number), value=shown(value)
        ),
        numbers=(number, Number(message("全部"), 100.0, "%")),
        settle=message("该比率的分子和分母；原始记录"),
        size=value / 100,
        concerns=concerns,
    )


def _typed_fraction(name: Message, number: Number, value: float, concerns: tuple[str, ...]) -> Finding:
    return Finding(
        rule="share-out-of-bounds",
        severity=Gravity.MINOR,
        message=message(
            "{name} {period}为 {value}%，疑为把小数当百分数填写（{percent}%）",
            name=name,
            period=_when(number),
            value=shown(value),
            percent=shown(100 * value),
        ),
        numbers=(number, Number(message("按小数折算"), 100 * value, "%", computed=True)),
        settle=message("原始记录；该列的单位是 %"),
        size=100.0,
        concerns=concerns,
    )


def _when(number: Number) -> Message | str:
    return message("{period} ", period=number.period) if number.period else ""


def _judged(case: Case) -> Iterable[Finding]:
    """Answers to the rows of the index system that are rates in % and cannot be."""
    low = threshold("share-out-of-bounds", "fraction")
    doubtful = [
        one
        for one in case.judgements
        if isinstance(one.answer, float | int) and (one.answer > 100 or 0 < one.answer < low)
    ]
    for one, name, usual in _rates(case, doubtful):
        value = float(one.answer or 0.0)
        number = Number(name, value, "%", (one.where,))
        if value > 100:
            yield _above(message("指标“{name}”", name=name), number, value, Gravity.GRAVE, (one.indicator,))
        elif value <= 1 and usual >= 50:
            yield _typed_fraction(message("指标“{name}”", name=name), number, value, (one.indicator,))


def _rates(case: Case, judgements: Sequence[Judgement]) -> Iterable[tuple[Judgement, Name, float]]:
    """The judgements of rows that are a rate in %, with the name of the row and its highest bound."""
    from qingyuan.standards.loading import load

    if not judgements or not case.profile.system:
        return
    try:
        system = load(case.profile.system)
    except (UnknownName, KeyError, OSError):
        return
    rows = {row.id: row for table in system.all_tables() for row in table.indicators()}
    for one in judgements:
        row = rows.get(one.indicator)
        if row is None or not row.quantitative or row.unit != "%" or row.better != "higher":
            continue
        if not row.name.zh.endswith(("率", "率*")) or "增长" in row.name.zh:
            continue
        bounds = [float(bound) for bound in (row.bounds.values if row.bounds else ()) if isinstance(bound, Fraction)]
        yield one, row.name, max(bounds, default=0.0)


def hours(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """More hours or days of work than the period has (8760 h, in a leap year 8784 h)."""
    del ledger
    found: dict[tuple[str, str, str], list[tuple[Fact, float, float, str]]] = defaultdict(list)
    for fact in case.facts:
        kind = fact.item if fact.kind == "time" else fact.role
        if kind not in ("operating-hours", "operating-days", "hours") or not fact.value or "台时" in fact.label:
            continue
        unit = "d" if kind == "operating-days" else "h"
        try:
            value = units.convert(fact.value, fact.unit.removesuffix("/a"), unit)
        except (units.DimensionError, UnknownName):
            continue
        span = _LONGEST_YEAR if fact.period == UNDATED else Period.parse(fact.period)
        most = span.days * (1.0 if unit == "d" else 24.0)
        if value > most:
            found[fact.place, fact.item, fact.label].append((fact, value, most, unit))
    for hits in found.values():
        fact, value, most, unit = max(hits, key=lambda hit: hit[1] / hit[2])
        yield Finding(
            rule="hours-beyond-year",
            severity=Gravity.GRAVE,
            message=message(
                "{name}超过日历时间：{periods}",
                name=stated_name(fact),
                periods=listed(
                    message(
                        "{period} 为 {value} {unit}，最多 {most} {unit}",
                        period=message("一年") if one.period == UNDATED else one.period,
                        value=shown(amount, 6),
                        most=shown(bound, 6),
                        unit=units.UnitText(unit),
                    )
                    for one, amount, bound, _ in hits
                ),
            ),
            numbers=(
                Number(stated_name(fact), value, unit, (fact.where,), _year(fact)),
                Number(message("日历时间"), most, unit, (), _year(fact), True),
            ),
            settle=message("班次安排与运行记录；是否把几台设备的台时相加"),
            size=value / most,
            concerns=(fact.item,),
            extra_rows=tuple(one.where for one, *_ in hits),
        )


# --- options and the record ------------------------------------------------------------------------------------------


def cost_classes(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """An option of a low cost class that is dearer than one of a higher class: no limits fit both."""
    del ledger
    left = [one for one in case.options if one.kind in _CLASSES and one.investment is not None and one.investment >= 0]
    wrong: list[tuple[OptionRow, OptionRow]] = []
    while True:
        against = {one.id: [other for other in left if _inverted(one, other)] for one in left}
        most = max(against.values(), key=len, default=[])
        if not most:
            break
        # of two that contradict each other alone, the dearer one is named
        culprit = max(left, key=lambda one: (len(against[one.id]), one.investment or 0.0))
        other = min(against[culprit.id], key=lambda one: abs((one.investment or 0) - (culprit.investment or 0)))
        wrong.append((culprit, other))
        left = [one for one in left if one is not culprit]
    if not wrong:
        return
    first, other = max(wrong, key=lambda pair: times(pair[0].investment or 0.0, pair[1].investment or 0.0))
    yield Finding(
        rule="option-cost-class",
        severity=Gravity.MINOR,
        message=message(
            "方案的费用类别与投资不合，没有哪条费用界限能同时成立：{options}",
            options=listed(
                message(
                    "{id} 标为{kind}，投资 {investment} 万元，"
                    "而 {other} 标为{other_kind}，投资 {other_investment} 万元",
                    id=one.id,
                    kind=_class_name(one.kind),
                    investment=shown(one.investment or 0.0),
                    other=against_it.id,
                    other_kind=_class_name(against_it.kind),
                    other_investment=shown(against_it.investment or 0.0),
                )
                for one, against_it in wrong
            ),
        ),
        numbers=tuple(
            Number(message("{id} 的投资", id=one.id), one.investment or 0.0, "10^4 CNY", (one.where,))
            for one in (first, other)
        ),
        settle=message("本次审核的费用分类界限；方案的投资和费用类别"),
        size=times(first.investment or 0.0, other.investment or 0.0),
        concerns=tuple(one.id for one, _ in wrong),
        extra_rows=tuple(row for pair in wrong for row in (pair[0].where, pair[1].where)),
    )


def _inverted(one: OptionRow, other: OptionRow) -> bool:
    classes = _CLASSES[one.kind] - _CLASSES[other.kind]
    gap = (one.investment or 0.0) - (other.investment or 0.0)
    return classes * gap < 0


def _class_name(kind: str) -> Message:
    names = {
        "none": message("无费"),
        "low": message("低费"),
        "none-low": message("无低费"),
        "medium": message("中费"),
        "higher": message("较高费"),
        "medium-high": message("中高费"),
    }
    return names.get(kind, message("高费"))


def purchase_gaps(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """A year without the purchase of an energy or water that was bought in the years before and after and was used."""
    plant = look(case, ledger)
    for one in plant.series:
        if one.kind not in ("energy", "water") or one.role not in ("purchased", "taken") or len(one.amounts) < 2:
            continue
        first, last = one.years[0], one.years[-1]
        empty = [year for year in plant.years if first < year < last and not one.amounts.get(year)]
        used = [(year, number) for year in empty if (number := _used(plant, one.item, year)) is not None]
        if not used:
            continue  # where nothing else is known of the year, the missing years are asked for together
        year, number = used[0]
        nearest = max(known for known in one.years if known < year)
        name = called(one.item, one.label)
        yield Finding(
            rule="purchase-gap",
            severity=Gravity.MINOR,
            message=message(
                "{item}（{place}）{years} 年没有购入量，前后年度都有，而 {year} 年用了 {value} {unit}",
                item=name,
                place=plant.place_name(one.place),
                years=joined(known for known, _ in used),
                year=year,
                value=shown(number.value, 6),
                unit=units.UnitText(number.unit),
            ),
            numbers=(number, one.number(nearest, name)),
            settle=message("该年的发票和结算单"),
            size=1.0,
            concerns=(one.item,),
        )


def _used(plant: Plant, item: str, year: str) -> Number | None:
    number = plant.amount(item, "consumed", year)
    return number if number is not None and number.value > 0 else None

"""The water balance (水平衡): units of use, waste-water works and the whole, with the rates of the standards.

Per unit: fresh + reused in = waste water + evaporated, taken along, leaked (GB/T 12452 in sense). Circulated water
passes no border and stands in the rates alone. The residue is shown by name and never spread over the rows.
"""

from __future__ import annotations

from dataclasses import replace

from qingyuan.balance.account import Balance, Rate
from qingyuan.balance.from_facts import (
    Amount,
    Stream,
    amount_of,
    explicit_streams,
    frontier,
    network_of,
    unit_balances,
    whole_balance,
)
from qingyuan.balance.network import OUTSIDE, Layer
from qingyuan.balance.rules import Entry, UnitBalance, number, spread
from qingyuan.facts.model import SITE
from qingyuan.figures.derivation import FigureSet
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Message, Text, listing, message
from qingyuan.reference.items import catalogue

SUPPLY, WORKS, COLLECTED = "supply", "works", "collected"
_FRESH = "fresh-water"
_INTAKE = ("taken", "purchased", "consumed")
_LOSSES = ("evaporation-loss", "water-in-product", "water-loss")
_OTHER_SOURCES = ("rain-water", "reclaimed-water", "sea-water")
_REUSED = (("reused-water", ("reused",)), ("process-wastewater", ("reused",)), ("wastewater", ("reused",)))
_CONDENSATE = ("condensate", "steam-condensate")

# The rates of the standards, by the id of their figure: formula with V_f fresh, V_r repeated, V_d discharged, V_l lost.
RATES: tuple[tuple[str, Message, str], ...] = (
    ("water-reuse-rate", message("重复利用率"), "R = V_r / (V_r + V_f)"),
    ("cooling-water-recycle-rate", message("间接冷却水循环率"), "r_c = V_cr / (V_cr + V_cf)"),
    ("process-water-reuse-rate", message("工艺水回用率"), "r_g = V_gr / (V_gr + V_gf)"),
    ("condensate-reuse-rate", message("蒸汽冷凝水回用率"), "r_b = V_br·ρ / (D·h)"),
    ("wastewater-reuse-rate", message("废水回用率"), "V_w / (V_w + V_d)"),
    ("water-leak-rate", message("漏失率"), "V_l / V_f"),
    ("water-discharge-rate", message("排水率"), "V_d / V_f"),
)


def water_balance(ledger: Ledger, figures: FigureSet, period: str, limit: float) -> Balance | None:
    """The water balance of a period, m3; None where the plant states no water. ``limit``: deviation accepted."""
    streams = _streams(ledger, period)
    if not streams:
        return None
    names = _names(streams)
    units_ = list(unit_balances(streams, names, limit, "m3"))
    production = _production(ledger, period, streams, limit)
    if production is not None:
        units_.append(production)
    whole = whole_balance(streams, limit, "m3")
    plain = {key: str(name) for key, name in names.items()}
    from qingyuan.balance.reconciliation import reconcile

    network = network_of(streams, layer=Layer("water", "", "m3"), names=plain)
    reconciled = reconcile(network) if any(one.amount is not None for one in streams) else None
    return Balance(
        id=f"water-{period}",
        kind="water",
        name=message("水平衡"),
        period=period,
        unit="m3",
        units=tuple(units_),
        whole=whole,
        rates=_rates(figures, period),
        remarks=_remarks(units_, whole, production),
        needs=_needs(units_),
        streams=streams,
        names=names,
        reconciliation=reconciled,
    )


def _names(streams: tuple[Stream, ...]) -> dict[str, Text]:
    names: dict[str, Text] = {SUPPLY: message("取水"), WORKS: message("废水处理"), COLLECTED: message("废水汇集")}
    for one in streams:
        for end in (one.source, one.target):
            names.setdefault(end, message("厂外") if end == OUTSIDE else end)
    return names


def _water_items() -> tuple[str, ...]:
    return tuple(item.id for item in catalogue().of_kind("water"))


def _streams(ledger: Ledger, period: str) -> tuple[Stream, ...]:
    explicit = [one for one in explicit_streams(ledger, period, _water_items(), "m3") if one.source != one.target]
    fed = {one.target for one in explicit}
    drained = {one.source for one in explicit}
    derived = [one for one in _derived(ledger, period) if one.target not in fed and one.source not in drained]
    if explicit:
        # what is derived may only add to places of which the flows say nothing
        touched = fed | drained
        derived = [one for one in derived if one.source not in touched and one.target not in touched]
    return (*explicit, *derived)


def _derived(ledger: Ledger, period: str) -> list[Stream]:
    places = frontier(ledger, ((_FRESH, ("consumed",)), ("wastewater", ("generated",))), period)
    places = tuple(place for place in places if not _is_works(ledger, place))
    site = amount_of(ledger, _FRESH, _INTAKE, period, unit="m3")
    if site is None and not places:
        return []
    found: list[Stream] = []

    def add(id: str, source: str, target: str, name: Text, known: Amount | None) -> None:
        found.append(Stream(id, source, target, name, known, "m3"))

    works = next((one.name for one in ledger.places if _is_works(ledger, one.name)), WORKS)
    stated = site is not None and any(fact.place == SITE for fact in site.facts)
    add("intake", OUTSIDE, SUPPLY, message("新鲜水"), site if stated else None)
    for item in _OTHER_SOURCES:
        other = amount_of(ledger, item, _INTAKE, period, unit="m3")
        if other is not None:
            add(item, OUTSIDE, SUPPLY, ledger.label(item), other)
    drained: list[str] = []
    treated_apart = ledger.amount("process-wastewater", "discharged", period) is not None
    waste = amount_of(ledger, "wastewater", "generated", period, unit="m3")
    by_place = 0.0
    for place in places:
        fresh = amount_of(ledger, _FRESH, ("consumed",), period, place, "m3")
        if fresh is not None:
            add(f"fresh:{place}", SUPPLY, place, message("新鲜水"), fresh)
        for item, roles in _REUSED:
            reused = amount_of(ledger, item, roles, period, place, "m3")
            if reused is not None:
                add(f"reused:{place}", works, place, message("回用水"), reused)
                break
        domestic = amount_of(ledger, "domestic-wastewater", "generated", period, place, "m3")
        process = amount_of(ledger, "process-wastewater", "generated", period, place, "m3")
        total = amount_of(ledger, "wastewater", "generated", period, place, "m3")
        if process is None and domestic is None and total is not None:
            process = total
        if process is not None:
            add(f"waste:{place}", place, works, message("生产废水"), process)
            by_place += process.value
        if domestic is not None:
            apart = treated_apart or process is None
            target = OUTSIDE if apart else works
            add(f"sewage:{place}", place, target, message("生活污水"), domestic)
            by_place += domestic.value
        lost = False
        for item in _LOSSES:
            loss = amount_of(ledger, item, ("lost", "contained"), period, place, "m3")
            if loss is not None:
                lost = True
                add(f"{item}:{place}", place, OUTSIDE, ledger.label(item), loss)
        if process is None and domestic is None:
            drained.append(place)
        if not lost:
            add(f"loss:{place}", place, OUTSIDE, message("蒸发、带走与漏失"), None)
    if drained and waste is not None and waste.value > by_place * (1 + 1e-9):
        for place in drained:
            if _is_living(ledger, place):
                add(f"sewage:{place}", place, OUTSIDE, message("生活污水"), None)
            else:
                add(f"waste:{place}", place, COLLECTED, message("生产废水"), None)
        rest = _less(waste, by_place)
        add("waste", COLLECTED, works, message("生产废水"), rest)
    elif drained:
        for place in drained:
            target = OUTSIDE if _is_living(ledger, place) else works
            add(f"waste:{place}", place, target, message("废水"), None)
    if any(one.target == works for one in found):
        reuse = amount_of(ledger, "reused-water", ("reused",), period, unit="m3")
        if reuse is not None and not any(one.id.startswith("reused:") for one in found):
            add("reused", works, SUPPLY, message("回用水"), reuse)
        out = amount_of(ledger, "wastewater", ("discharged",), period, unit="m3")
        add("discharged", works, OUTSIDE, message("外排废水"), out)
    return found


def _less(amount: Amount, part: float) -> Amount:
    """An amount less a part of it that is known apart."""
    if not part:
        return amount
    return replace(
        amount,
        value=amount.value - part,
        low=amount.low - part,
        high=amount.high - part,
        rivals=tuple(one - part for one in amount.rivals),
    )


def _is_works(ledger: Ledger, place: str) -> bool:
    return any(one.name == place and one.kind == "treatment" for one in ledger.places)


def _is_living(ledger: Ledger, place: str) -> bool:
    return any(one.name == place and one.kind == "living" for one in ledger.places)


def _production(ledger: Ledger, period: str, streams: tuple[Stream, ...], limit: float) -> UnitBalance | None:
    """Production as a whole: its water against its waste water, where these are not known place by place."""
    if not any(one.target == COLLECTED for one in streams):
        return None
    fresh = amount_of(ledger, "production-water", _INTAKE, period, unit="m3")
    waste = amount_of(ledger, "process-wastewater", "generated", period, unit="m3")
    if fresh is None or waste is None:
        return None
    rows = [
        Entry(message("生产用新鲜水"), "in", fresh.low, fresh.high, fresh.sd, fresh.basis, fresh.computed, fresh.facts,
              fresh.rivals),
        Entry(message("生产废水"), "out", waste.low, waste.high, waste.sd, waste.basis, waste.computed, waste.facts,
              waste.rivals),
    ]  # fmt: skip
    for one in streams:
        if one.id == "reused" and one.amount is not None:
            rows.append(Entry(one.name, "in", one.amount.low, one.amount.high, one.amount.sd, one.amount.basis))
    rows.append(Entry(message("蒸发、带走与漏失"), "out", None, None))
    return UnitBalance("production", message("生产合计"), "m3", tuple(rows), limit)


# --- words -----------------------------------------------------------------------------------------------------------


def _rates(figures: FigureSet, period: str) -> tuple[Rate, ...]:
    found: list[Rate] = []
    for id, name, formula in RATES:
        figure = figures.find(id, period=period)
        if figure is not None:
            value = figure.value / 100 if figure.unit == "%" else figure.value
            found.append(Rate(id, name, formula, value))
            continue
        missing = figures.why_missing(id, period=period)
        if missing is not None:
            found.append(Rate(id, name, formula, None, missing.needs))
    return tuple(found)


def _remarks(units_: list[UnitBalance], whole: UnitBalance, production: UnitBalance | None) -> tuple[Message, ...]:
    found: list[Message] = []
    for one in (*units_, whole):
        found += rivals_in_words(one)
        if one is not production:
            found += gap_in_words(one)
    computed = [one for one in units_ if one.verdict == "computed"]
    if computed:
        rows = {str(row.name): row.name for one in computed for row in one.entries if row.computed}
        found.append(
            message(
                "{units}的{rows}是由衡算（差额）得出的数：投入与产出相等不说明数据可靠，须另行测量",
                units=listing(one.name for one in computed),
                rows=listing(rows.values()),
            )
        )
    if production is not None and production.gap is not None and production.deviation is not None:
        inside, out = production.total("in"), production.total("out")
        share = spread(100 * production.deviation[0], 100 * production.deviation[1])
        found.append(
            message(
                "生产用水 {inside}，生产废水 {out}，差 {gap}（占用水的 {share}%）；没有蒸发、带走和漏失的数，"
                "这个差额是真实的损失还是计量误差无法判定",
                inside=spread(*inside, "m3"), out=spread(*out, "m3"),
                gap=spread(production.gap[0], production.gap[1], "m3"), share=share,
            )
        )  # fmt: skip
    return tuple(dict.fromkeys(found))


def rivals_in_words(balance: UnitBalance) -> list[Message]:
    """What is stated with several numbers in a balance."""
    return [
        message(
            "{name}有 {count} 个数：{numbers} {unit}，须确定哪一个是对的",
            name=row.name, count=len(row.rivals), numbers=listing(number(one) for one in row.rivals),
            unit=balance.unit if balance.unit != "m3" else "m³",
        )
        for row in balance.entries
        if len(row.rivals) > 1 and row.side == "out"
    ]  # fmt: skip


def gap_in_words(balance: UnitBalance) -> list[Message]:
    """Both totals and the difference of a balance that does not close."""
    if balance.verdict != "open" or balance.gap is None or balance.deviation is None:
        return []
    return [
        message(
            "{unit}不平：投入 {inside}，产出 {out}，差 {gap}，偏差 {share}%，超过 {limit}%",
            unit=balance.name, inside=spread(*balance.total("in"), balance.unit),
            out=spread(*balance.total("out"), balance.unit), gap=spread(*balance.gap, balance.unit),
            share=spread(100 * balance.deviation[0], 100 * balance.deviation[1]), limit=f"{100 * balance.limit:g}",
        )
    ]  # fmt: skip


def _needs(units_: list[UnitBalance]) -> tuple[Message, ...]:
    wanted: dict[str, list[Text]] = {}
    names: dict[str, Text] = {}
    for one in units_:
        if one.id in (COLLECTED, "production"):
            continue
        for row in one.unknown:
            wanted.setdefault(str(row.name), []).append(one.name)
            names[str(row.name)] = row.name
    return tuple(
        message("{places}：{what}", places=listing(dict.fromkeys(places)), what=names[key])
        for key, places in wanted.items()
    )

"""Water (水): quantities, rates with their denominators, the balance with its residue by name, and unit consumption.

Symbols: V_f fresh, V_r repeated (循环、串联、回用), V_t = V_f + V_r, V_co consumed (耗水), V_d discharged, V_l leaked.
Intake (取水量) is what was taken or bought; use (用水量) is what was consumed in the places: a quota compares intake.
"""

from __future__ import annotations

from dataclasses import dataclass

from qingyuan import units
from qingyuan.facts.model import State
from qingyuan.figures.allocation import kinds_of, per_product, without_excluded
from qingyuan.figures.collect import Collector
from qingyuan.figures.derivation import FigureSet, Term, constant, total
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.settings import Settings
from qingyuan.language import Message, message

FRESH = "fresh-water"
_CIRCULATED = ("indirect-cooling-water", "direct-cooling-water")
_REUSED_WATER = (("reused-water", ("reused", "consumed")), ("wastewater", "reused"), ("process-wastewater", "reused"))
_CONDENSATE = ("condensate", "steam-condensate")
# Water that leaves otherwise than by a drain.
_CONSUMED = ("evaporation-loss", "water-in-product")
# Other water that comes in and is not fresh water in the sense of intake.
_OTHER_INTAKE = ("reclaimed-water", "rain-water", "sea-water")


@dataclass(frozen=True, slots=True)
class Quantities:
    """The water quantities of one period (水量), m3; None where they are not known."""

    fresh: Term | None
    production: Term | None
    domestic: Term | None
    repeated: Term | None
    circulated: Term | None
    reused: Term | None
    consumed: Term | None
    leaked: Term | None
    discharged: Term | None
    generated: Term | None
    treated: Term | None
    other_intake: Term | None


def figures(ledger: Ledger, settings: Settings) -> FigureSet:
    """All water figures of all years of a case, and what is missing for the others."""
    collector = Collector(ledger, settings)
    for period in ledger.years:
        found = quantities(ledger, period, settings)
        _amounts(collector, ledger, period, found)
        _rates(collector, ledger, period, found)
        _balance(collector, settings, period, found)
        _unit_consumption(collector, ledger, settings, period, found)
    return collector.result()


def quantities(ledger: Ledger, period: str, settings: Settings | None = None) -> Quantities:
    """The water quantities of a period at the site, from what was stated (m3)."""
    fresh = intake(ledger, period, settings)
    domestic = ledger.amount("domestic-water", ("consumed", "taken", "purchased"), period)
    circulated = _first(ledger, period, ("recycled-water", ("recycled", "consumed")))
    if circulated is None:
        circulated = _sum(ledger, period, [(item, "recycled") for item in _CIRCULATED], message("循环水量合计"))
    process = ledger.amount("recycled-process-water", "reused", period)
    reused = _first(ledger, period, *_REUSED_WATER)
    reused, process = (process, None) if reused is None else (reused, process)
    return Quantities(
        fresh=fresh,
        production=_production(ledger, period, fresh, domestic),
        domestic=domestic,
        repeated=_repeated(ledger, period, (circulated, reused, process)),
        circulated=circulated,
        reused=reused,
        consumed=_sum(ledger, period, [(item, "lost") for item in _CONSUMED], message("耗水量合计")),
        leaked=ledger.amount("water-loss", "lost", period),
        discharged=ledger.amount("wastewater", "discharged", period),
        generated=ledger.amount("wastewater", "generated", period),
        treated=_first(ledger, period, ("wastewater", "treated"), ("process-wastewater", "treated")),
        other_intake=_sum(
            ledger, period, [(item, ("taken", "purchased", "consumed")) for item in _OTHER_INTAKE], message("其他来水")
        ),
    )


def intake(ledger: Ledger, period: str, settings: Settings | None = None) -> Term | None:
    """Fresh water intake (取水量, m3): taken or bought, else the sum of fresh water used in all places.

    Without the places that the report leaves out; ``settings`` default to those of the ledger.
    """
    term = ledger.amount(FRESH, ("taken", "purchased", "consumed"), period)
    chosen = ledger.settings if settings is None else settings
    return None if term is None else without_excluded(ledger, chosen, FRESH, period, term)


Roles = str | tuple[str, ...]


def _first(ledger: Ledger, period: str, *ways: tuple[str, Roles]) -> Term | None:
    return next((term for item, roles in ways if (term := ledger.amount(item, roles, period)) is not None), None)


def _sum(ledger: Ledger, period: str, ways: list[tuple[str, Roles]], label: Message) -> Term | None:
    terms = [term for item, roles in ways if (term := ledger.amount(item, roles, period)) is not None]
    return total(terms, label=label) if len(terms) > 1 else next(iter(terms), None)


def _production(ledger: Ledger, period: str, fresh: Term | None, domestic: Term | None) -> Term | None:
    """Fresh water for production: as stated, else all fresh water less the domestic."""
    roles = ("consumed", "taken", "purchased")
    ways: list[tuple[str, Roles]] = [("production-water", roles), ("auxiliary-water", roles)]
    stated = _sum(ledger, period, ways, message("生产用新鲜水合计"))
    if stated is not None or fresh is None:
        return stated
    if domestic is not None:
        return (fresh - domestic).named(message("新鲜水量减生活用水"))
    return None


def _repeated(ledger: Ledger, period: str, streams: tuple[Term | None, ...]) -> Term | None:
    """V_r: as stated, else circulated + in series + reused + recycled in the process + condensate: streams apart."""
    stated = ledger.amount("repeated-water", "reused", period)
    if stated is not None:
        return stated
    series = ledger.amount("series-water", ("reused", "consumed"), period)
    condensate = _condensate(ledger, period)
    terms = [term for term in (*streams, series, condensate) if term is not None]
    return total(terms, label=message("循环、串联、回用水量合计")) if terms else None


def _condensate(ledger: Ledger, period: str) -> Term | None:
    return _first(ledger, period, *((item, ("recovered", "reused")) for item in _CONDENSATE))


# --- figures ---------------------------------------------------------------------------------------------------------


def _amounts(collector: Collector, ledger: Ledger, period: str, found: Quantities) -> None:
    used = ledger.amount(FRESH, "consumed", period)
    notes: list[Message] = []
    if found.fresh is not None and used is not None and found.fresh is not used:
        gap = found.fresh - used
        if abs(gap.value) > 0.001 * abs(found.fresh.value):
            notes.append(
                message(
                    "取水量与各处用水量之和相差 {gap} m³（{share}%）",
                    gap=f"{gap.value:.6g}",
                    share=f"{100 * gap.value / found.fresh.value:.1f}" if found.fresh.value else "—",
                )
            )
    fresh_need = message("新鲜水量（取水、购水或各处用水）")
    collector.add("fresh-water", period, found.fresh, "water.quantity", needs=[fresh_need], notes=notes)
    for id, term in (
        ("fresh-water-production", found.production),
        ("fresh-water-domestic", found.domestic),
        ("reused-water", found.repeated),
        ("water-consumed", found.consumed),
        ("water-leaked", found.leaked),
        ("wastewater-discharged", found.discharged),
    ):
        if term is not None:
            collector.add(id, period, term, "water.quantity")
    if found.fresh is not None and found.repeated is not None:
        collector.add("total-water", period, found.fresh + found.repeated, "water.quantity")


def _rates(collector: Collector, ledger: Ledger, period: str, found: Quantities) -> None:
    """The rates; each needs its numerator and the two parts of its denominator. Rates of what the plant has not are
    left out; those that every plant should know are asked for.
    """
    fresh_need = message("新鲜水量")
    repeated = found.repeated
    if repeated is None and _states_none(ledger, period, ("repeated-water", "recycled-water", "reused-water")):
        repeated = constant(message("无重复利用水（不适用）"), 0.0, "m3")
    below = None if repeated is None or found.fresh is None else repeated + found.fresh
    needs = message("重复利用水量（循环、串联、回用；没有则填 0）")
    collector.ratio(
        "water-reuse-rate", period, repeated, below, "water.reuse-rate",
        above_needs=needs, below_needs=fresh_need if found.fresh is None else needs,
    )  # fmt: skip
    cooling = ledger.amount("indirect-cooling-water", ("recycled", "consumed"), period)
    if cooling is not None:
        make_up = ledger.amount("make-up-water", ("consumed", "taken"), period)
        collector.ratio(
            "cooling-water-recycle-rate", period, cooling, None if make_up is None else cooling + make_up,
            "water.cooling-recycle-rate", above_needs=message("间接冷却水循环量"),
            below_needs=message("间接冷却水的补充新鲜水量"),
        )  # fmt: skip
    process = ledger.amount("recycled-process-water", "reused", period)
    if process is not None:
        fresh = ledger.amount("process-water", ("consumed", "taken"), period)
        collector.ratio(
            "process-water-reuse-rate", period, process, None if fresh is None else process + fresh,
            "water.process-reuse-rate", above_needs=message("工艺水回用量"), below_needs=message("工艺用新鲜水量"),
        )  # fmt: skip
    condensate = _condensate(ledger, period)
    if condensate is not None:
        density = constant(message("水的密度取 1 t/m³"), 1.0, "t/m3")
        steam = _sum(ledger, period, [("steam", "produced"), ("steam", "purchased")], message("自产与外购蒸汽合计"))
        if steam is None:
            steam = ledger.amount("steam", "consumed", period)
        collector.ratio(
            "condensate-reuse-rate", period, (condensate * density).to("t"), steam, "water.condensate-rate",
            above_needs=message("冷凝水回用量"), below_needs=message("同期蒸汽量（t）"),
            notes=_above_one(condensate * density, steam, message("冷凝水回用量"), message("蒸汽量")),
        )  # fmt: skip
    if found.reused is not None:
        below = None if found.discharged is None else found.reused + found.discharged
        collector.ratio(
            "wastewater-reuse-rate", period, found.reused, below, "water.wastewater-reuse-rate",
            above_needs=message("废水回用量"), below_needs=message("废水排放量"),
        )  # fmt: skip
    if found.treated is not None:
        collector.ratio(
            "wastewater-treatment-rate", period, found.treated, found.generated, "water.treatment-rate",
            above_needs=message("废水处理量"), below_needs=message("废水产生量"),
            notes=_above_one(found.treated, found.generated, message("废水处理量"), message("废水产生量")),
        )  # fmt: skip
    if found.leaked is not None:
        collector.ratio(
            "water-leak-rate", period, found.leaked, found.fresh, "water.leak-rate",
            above_needs=message("漏失水量"), below_needs=fresh_need,
            notes=_above_one(found.leaked, found.fresh, message("漏失水量"), fresh_need),
        )  # fmt: skip
    if found.discharged is not None:
        collector.ratio(
            "water-discharge-rate", period, found.discharged, found.fresh, "water.discharge-rate",
            above_needs=message("排水量"), below_needs=fresh_need,
            notes=_above_one(found.discharged, found.fresh, message("排水量"), fresh_need),
        )  # fmt: skip


def _above_one(above: Term, below: Term | None, part: Message, whole: Message) -> tuple[Message, ...]:
    """What must be said of a rate above 100 %: a meter or a boundary is wrong, or the water comes from elsewhere."""
    if below is None or units.dimension(above.unit) != units.dimension(below.unit):
        return ()
    if above.to(below.unit).value <= below.value * (1 + 1e-9):
        return ()
    return (message("{part}大于{whole}，请核对统计范围", part=part, whole=whole),)


def _states_none(ledger: Ledger, period: str, items: tuple[str, ...]) -> bool:
    """Whether the plant says that it has no such water: not applicable, which is not the same as an empty cell."""
    roles = ("reused", "recycled", "consumed")
    return any(ledger.state(item, roles, period) is State.NOT_APPLICABLE for item in items)


def _balance(collector: Collector, settings: Settings, period: str, found: Quantities) -> None:
    """r = V_f + V_s - V_d - V_co - V_l: the residue is a number of its own, never spread over the others."""
    needs: list[Message] = []
    if found.fresh is None:
        needs.append(message("新鲜水量"))
    if found.discharged is None:
        needs.append(message("废水排放量"))
    if found.consumed is None:
        needs.append(message("耗水量（蒸发、带入产品等）"))
    residue = deviation = None
    notes: list[Message] = []
    if found.fresh is not None and found.discharged is not None and found.consumed is not None:
        inflow = found.fresh if found.other_intake is None else found.fresh + found.other_intake
        out = [found.discharged, found.consumed, *([] if found.leaked is None else [found.leaked])]
        if found.leaked is None:
            notes.append(message("漏失未填，含在残差内"))
        residue = inflow - total(out, label=message("排出、耗用与漏失合计"))
        if inflow.value:
            deviation = residue / inflow
            if abs(deviation.value) > settings.balance_tolerance:
                notes.append(
                    message(
                        "残差 {share}% 超过 {limit}%，须查明原因",
                        share=f"{100 * deviation.value:.2f}",
                        limit=f"{100 * settings.balance_tolerance:g}",
                    )
                )
        if residue.value < 0:
            notes.append(message("排出多于进入，计量或统计有误"))
    collector.add("water-balance-residue", period, residue, "water.balance", needs=needs, notes=notes)
    if deviation is not None:
        collector.add("water-balance-deviation", period, deviation, "water.balance", notes=notes)


def _unit_consumption(collector: Collector, ledger: Ledger, settings: Settings, period: str, found: Quantities) -> None:
    need = message("新鲜水量")

    def at(place: str, product: str) -> Term | None:
        return ledger.amount(FRESH, ("consumed", "taken", "purchased"), period, place, product=product)

    per_product(
        collector, ledger, settings, period, "fresh-water-per-product", "water.per-product", found.fresh, at, need
    )
    collector.ratio(
        "fresh-water-per-output-value", period, found.fresh, ledger.amount("output-value", "amount", period),
        "water.per-output-value", above_needs=need, below_needs=message("产值"),
    )  # fmt: skip
    if found.domestic is not None:
        staff = ledger.amount("employees", ("amount", "count"), period)
        days = ledger.amount("operating-days", "amount", period)
        needs = [need for term, need in ((staff, message("职工人数")), (days, message("年工作天数"))) if term is None]
        per_head = None
        if staff is not None and days is not None and staff.value and days.value:
            per_head = found.domestic / (staff * days)
        collector.add("domestic-water-per-head-day", period, per_head, "water.per-head", needs=needs)
    _rinsing(collector, ledger, settings, period)


def _rinsing(collector: Collector, ledger: Ledger, settings: Settings, period: str) -> None:
    """Rinse water per area and rinse; the number of rinses is a parameter of the case or a setting (``rinses``)."""
    rinse = ledger.amount("cleaning-water", ("consumed", "taken"), period)
    if rinse is None:
        return
    areas = [
        term
        for item in kinds_of(ledger, period)
        if (term := ledger.amount(item, "produced", period)) is not None and term.unit.endswith("m2")
    ]
    stated = ledger.case.parameters.get("rinses", settings.extra.get("rinses"))
    needs: list[Message] = []
    if not areas:
        needs.append(message("产品面积（m²）"))
    if not isinstance(stated, int | float) or isinstance(stated, bool) or stated <= 0:
        needs.append(message("清洗次数（设置 rinses）"))
    term = None
    if not needs and isinstance(stated, int | float):
        term = rinse / (total(areas, label=message("产品面积合计")) * constant(message("清洗次数"), float(stated), "1"))
    collector.add("rinse-water-per-area-rinse", period, term, "water.rinse", needs=needs)

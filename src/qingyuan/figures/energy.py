"""Comprehensive energy consumption (综合能耗) by GB/T 2589: both values, per product and output value, structure, heat.

Equivalent value (当量值) and equal value (等价值) are two accounts and are never added. What the plant makes itself of
fuel that is counted already (own steam, own power, by-product gas, compressed air) is not counted again; what it
supplies to others is subtracted at the same kind of value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from qingyuan import units
from qingyuan.facts.model import State
from qingyuan.figures.allocation import NotKnown, kinds_of, output_of_all, per_product, without_excluded
from qingyuan.figures.collect import Collector
from qingyuan.figures.derivation import EnergyValue, FigureSet, Term, constant, total
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.methods import deciding_day
from qingyuan.figures.settings import Settings
from qingyuan.figures.standard_coal import BY_PRODUCT_GASES, ELECTRICITY, is_fuel, is_heat, is_medium, standard_coal
from qingyuan.figures.steam import HEAT, heat_of
from qingyuan.figures.water import intake
from qingyuan.language import Message, Name, message
from qingyuan.reference import energy as reference
from qingyuan.reference.items import catalogue

OWN_RENEWABLE = ("photovoltaic-electricity",)
# Recovered inside the plant from energy that is counted already (余热、余压).
OWN_RECOVERED = ("waste-heat-electricity", "waste-heat")
# Families in which the head, where it is stated, is the total of the others (其中).
_TOTALS = (ELECTRICITY, HEAT, "raw-coal")
_STATED_TOTAL = "total-energy"
_WATER_SOURCES = ("tap-water", "purchased-water")
_FLOWS = ("purchased", "consumed", "produced", "sold", "feedstock", "taken")


@dataclass(frozen=True, slots=True)
class Entry:
    """What one kind of energy adds to the energy of the plant (一种能源的收支), physical amounts.

    ``use`` came from outside (or from own renewable sources) and was used, raw material included, before ``sold`` and
    ``feedstock`` are taken off. ``feedstock`` is the part of it that became raw material. ``burnt`` is what remains as
    fuel (燃烧量): ``use - sold - feedstock``; negative where only energy that the plant made was supplied to others,
    for its carbon left the plant. ``bought`` came from outside (外购), before ``sold``: what was bought, or, where only
    the use is known, the use less all that was generated on site, own renewable power too. ``made`` was generated or
    produced on site (自产). Any of them may be None: not known, or none. ``notes`` is what must be said, ``needs``
    what must be known before the entry may be counted.
    """

    item: str
    use: Term | None = None
    sold: Term | None = None
    feedstock: Term | None = None
    burnt: Term | None = None
    bought: Term | None = None
    made: Term | None = None
    notes: tuple[Message, ...] = ()
    needs: tuple[Message, ...] = ()
    renewable: bool = False


def _balanced(
    item: str,
    use: Term | None,
    *,
    sold: Term | None = None,
    feedstock: Term | None = None,
    bought: Term | None = None,
    made: Term | None = None,
    notes: tuple[Message, ...] = (),
    needs: tuple[Message, ...] = (),
) -> Entry:
    """An entry with what was burnt of it; ``use`` holds the feedstock."""
    burnt = use
    if burnt is not None and sold is not None:
        burnt = (burnt - sold).named(message("扣除外供后的净用量"))
    elif sold is not None:
        burnt = (constant(message("零"), 0.0, sold.unit) - sold).named(message("外供扣减"))
    if burnt is not None and feedstock is not None:
        burnt = (burnt - feedstock).named(message("扣除原料用后的燃烧量"))
    return Entry(item, use, sold, feedstock, burnt, bought, made, notes, needs)


def figures(ledger: Ledger, settings: Settings) -> FigureSet:
    """All energy figures of all years of a case, and what is missing for the others."""
    collector = Collector(ledger, settings)
    for period in ledger.years:
        _of_period(collector, ledger, settings, period)
    return collector.result()


# --- what is counted -------------------------------------------------------------------------------------------------


def energy_items(ledger: Ledger, period: str) -> tuple[str, ...]:
    """The energies and working media that have amounts in a period, in the order of the case, fresh water last."""
    found: dict[str, None] = {}
    for fact in ledger.select(roles=_FLOWS, period=period):
        known = ledger.item(fact.item)
        if known is None or known.id == _STATED_TOTAL:
            continue
        if catalogue().is_a(known.id, "fresh-water"):
            found.setdefault("fresh-water")
        elif known.kind == "energy" or (known.kind == "water" and known.energy_coefficient):
            found.setdefault(known.id)
    return tuple(sorted(found, key=lambda item: item == "fresh-water"))


def entries(ledger: Ledger, settings: Settings, period: str) -> tuple[Entry, ...]:
    """The kinds of energy that count in the energy of the site, each once (不重计、不漏计)."""
    items = energy_items(ledger, period)
    burns_fuel = any(is_fuel(item) and ledger.amount(item, ("purchased", "consumed"), period) for item in items)
    found = [_entry(ledger, settings, item, period, items, burns_fuel) for item in items]
    return tuple(entry for entry in found if entry.use or entry.sold or entry.feedstock or entry.notes)


def _entry(ledger: Ledger, settings: Settings, item: str, period: str, items: Sequence[str], burns_fuel: bool) -> Entry:
    label = ledger.label(item)
    head = _head(ledger, item, period, items)
    if head:
        note = message("{item}是{head}的其中数，不另计", item=label, head=ledger.label(head))
        return Entry(item, notes=(note,))
    entry = _alone(ledger, settings, item, period, burns_fuel)
    if entry.use is not None and (other := _family(item, period, items, ledger)):
        note = message(
            "{item}与{head}分别填报，各自计入；若{item}是{head}的其中数，请在{head}中填全部的量",
            item=label, head=ledger.label(other),
        )  # fmt: skip
        return replace(entry, notes=(*entry.notes, note))
    return entry


def _family(item: str, period: str, items: Sequence[str], ledger: Ledger) -> str:
    """The head of the family of an item that is counted beside it, or ""."""
    if item in OWN_RENEWABLE or item in OWN_RECOVERED:
        return ""
    known = catalogue()
    heads = [head for head in _TOTALS if head != item and head in items and known.is_a(item, head)]
    return next((head for head in heads if ledger.amount(head, ("purchased", "consumed"), period) is not None), "")


def _alone(ledger: Ledger, settings: Settings, item: str, period: str, burns_fuel: bool) -> Entry:
    """The entry of an energy that is no part of another."""
    label = ledger.label(item)
    if is_medium(item):
        return _medium(ledger, settings, item, period)
    made = ledger.amount(item, "produced", period)
    sold = ledger.amount(item, "sold", period)
    if item in OWN_RENEWABLE:
        power_bought = ledger.amount(ELECTRICITY, "purchased", period)
        if power_bought is None and ledger.amount(ELECTRICITY, "consumed", period) is not None:
            return Entry(item, notes=(message("{item}已含在用电量中", item=label),))
        return Entry(item, made, sold, made=made, renewable=True)
    if item in OWN_RECOVERED:
        own = made if made is not None else ledger.amount(item, "recovered", period)
        notes = (message("{item}由已计的能源回收，不重计", item=label),) if own is not None else ()
        bought = ledger.amount(item, "purchased", period)
        return Entry(item, bought, sold, bought=bought, made=own, notes=notes)
    feedstock = ledger.amount(item, "feedstock", period)
    bought = _with_stock(ledger, item, period)
    if bought is not None:
        use = without_excluded(ledger, settings, item, period, bought)
        needs = _oversold(ledger, item, period, use, sold, made)
        outside = None if needs else use  # what was bought is in doubt where more went out than came in
        return _balanced(item, use, sold=sold, feedstock=feedstock, bought=outside, made=made, needs=needs)
    used = ledger.amount(item, "consumed", period)
    if used is None:
        # raw material that nobody says was bought came from outside all the same
        return _balanced(item, feedstock, sold=sold, feedstock=feedstock, bought=feedstock, made=made)
    if feedstock is not None and units.dimension(feedstock.unit) == units.dimension(used.unit):
        used = (used + feedstock).named(message("燃料用与原料用之和"))
    if item == ELECTRICITY:
        recovered = ledger.amount("waste-heat-electricity", "produced", period)
        made = recovered if made is None else made if recovered is None else made + recovered
    if made is not None and units.dimension(made.unit) == units.dimension(used.unit):
        # bought + made = used + sold, so bought - sold = used - made
        if made.to(used.unit).value >= used.value:
            note = message("自产{item}由已计的能源生产，不重计", item=label)
            return _balanced(item, None, sold=sold, made=made, notes=(note,))
        net = (used - made).named(message("{item}消耗量减自产量", item=label))
        use = without_excluded(ledger, settings, item, period, net)
        outside = _without_renewable(ledger, item, period, use)
        return _balanced(item, use, feedstock=feedstock, bought=outside, made=made)
    if item in BY_PRODUCT_GASES or (is_heat(item) and burns_fuel):
        note = message("{item}没有外购量，按自产（由已计的燃料生产）不重计；若为外购请填外购量", item=label)
        return _balanced(item, None, sold=sold, notes=(note,))
    use = without_excluded(ledger, settings, item, period, used)
    return _balanced(item, use, feedstock=feedstock, bought=_without_renewable(ledger, item, period, use), made=made)


def _oversold(
    ledger: Ledger, item: str, period: str, use: Term, sold: Term | None, made: Term | None
) -> tuple[Message, ...]:
    """What must be known where more was supplied to others than came in: how much the plant made itself."""
    if sold is None or units.dimension(sold.unit) != units.dimension(use.unit):
        return ()
    names = (item, *OWN_RENEWABLE, "waste-heat-electricity") if item == ELECTRICITY else (item,)
    own = [term for name in names if (term := ledger.amount(name, "produced", period)) is not None]
    if any(units.dimension(term.unit) != units.dimension(use.unit) for term in own):
        return ()
    there = total([use, *own])
    if sold.to(there.unit).value <= there.value * (1 + 1e-9):
        return ()
    label = ledger.label(item)
    if made is None and not own:
        return (message("{item}的自产量（外供大于外购）", item=label),)
    return (message("{item}的外购、自产、外供各数（外供大于外购与自产之和，请核对）", item=label),)


def _without_renewable(ledger: Ledger, item: str, period: str, use: Term) -> Term | None:
    """Of electricity that is known by its use alone, what came from the grid: own renewable power lies inside the use.

    None where more was generated than was used.
    """
    if item != ELECTRICITY:
        return use
    own = [term for name in OWN_RENEWABLE if (term := ledger.amount(name, "produced", period)) is not None]
    if not own:
        return use
    grid = (use - total(own)).named(message("用电量减自发可再生电量"))
    return grid if grid.value >= 0 else None


def _medium(ledger: Ledger, settings: Settings, item: str, period: str) -> Entry:
    """Working media: only what was bought (外购耗能工质)."""
    label = ledger.label(item)
    if settings.working_media == "exclude":
        return Entry(item, notes=(message("按设置，耗能工质{item}不计入", item=label),))
    bought = ledger.amount(item, "purchased", period)
    if bought is not None:
        bought = without_excluded(ledger, settings, item, period, bought)
        return Entry(item, bought, ledger.amount(item, "sold", period), bought=bought)
    if item != "fresh-water":
        note = message("{item}没有外购量，按自产不计入；若为外购请填外购量", item=label)
        return Entry(item, notes=(note,) if ledger.amount(item, "consumed", period) else ())
    tapped = [term for source in _WATER_SOURCES if (term := ledger.amount(source, ("taken", "consumed"), period))]
    own = [term for source in ("surface-water", "ground-water") if (term := ledger.amount(source, "taken", period))]
    if tapped:
        tap = total(tapped)
        return Entry(item, tap, bought=tap)
    if own:
        return Entry(item, notes=(message("自取的地表水、地下水不是外购耗能工质，不计入"),))
    used = intake(ledger, period, settings)
    note = message("未说明水源，新鲜水按外购耗能工质计入")
    return Entry(item, used, bought=used, notes=(note,) if used is not None else ())


def _with_stock(ledger: Ledger, item: str, period: str) -> Term | None:
    bought = ledger.amount(item, "purchased", period)
    if bought is None:
        return None
    opening, closing = (ledger.amount(item, role, period) for role in ("opening-stock", "closing-stock"))
    if opening is None or closing is None:
        return bought
    return (bought + opening - closing).named(message("购入量加库存变化"))


def _head(ledger: Ledger, item: str, period: str, items: Sequence[str]) -> str:
    """The stated total that an item is a part of, or "" (绿电 of 电力, 烟煤 of 原煤, 蒸汽 of 热力).

    A part was stated in the same way as its total (bought, or consumed; or consumed of what was bought), and all parts
    together are no more than it. Else they are two energies of one family that stand side by side.
    """
    if item in OWN_RENEWABLE or item in OWN_RECOVERED:
        return ""
    known = catalogue()
    current = known.get(item).parent
    while current:
        in_family = any(known.is_a(current, head) for head in _TOTALS)
        if in_family and current in items and _holds(ledger, current, item, period, items):
            return current
        current = known.get(current).parent
    return ""


def _holds(ledger: Ledger, head: str, item: str, period: str, items: Sequence[str]) -> bool:
    """Whether the amount of ``head`` can be the total that holds ``item`` and the others of its family."""
    role = next((role for role in ("purchased", "consumed") if ledger.amount(head, role, period) is not None), "")
    whole = ledger.amount(head, role, period) if role else None
    if whole is None:
        return False
    known = catalogue()
    parts: list[Term] = []
    for other in items:
        inside = other != head and known.is_a(other, head) and known.get(other).parent in (head, known.get(item).parent)
        if not inside or other in OWN_RENEWABLE or other in OWN_RECOVERED:
            continue
        bought = ledger.amount(other, "purchased", period)
        if role == "consumed" and bought is not None and ledger.amount(other, "consumed", period) is None:
            part = None  # what was bought is no part of what was consumed
        else:
            part = bought if role == "purchased" and bought is not None else ledger.amount(other, "consumed", period)
        if part is not None and units.dimension(part.unit) != units.dimension(whole.unit) and is_heat(other):
            part, _ = heat_of(ledger, other, part, period)
        if part is None or units.dimension(part.unit) != units.dimension(whole.unit):
            if other == item:
                return False
            continue
        parts.append(part)
    return bool(parts) and total(parts, unit=whole.unit).value <= whole.value * (1 + 1e-9)


# --- the figures of one period ---------------------------------------------------------------------------------------


def _of_period(collector: Collector, ledger: Ledger, settings: Settings, period: str) -> None:
    found = entries(ledger, settings, period)
    notes = tuple(dict.fromkeys(note for entry in found for note in entry.notes))
    for entry in found:
        known = catalogue().get(entry.item)
        if entry.use is not None and known.kind == "energy":
            name = Name(f"{known.name.zh}消费量", f"consumption of {known.name.en}")
            collector.add(f"energy-use.{entry.item}", period, entry.use, "energy.physical", name=name)
    _electricity(collector, ledger, settings, period)
    _heat(collector, ledger, period, found)
    for kind in _KINDS:
        _account(collector, ledger, settings, period, found, kind, notes)


_KINDS: tuple[EnergyValue, ...] = ("equivalent", "equal")


def _account(
    collector: Collector,
    ledger: Ledger,
    settings: Settings,
    period: str,
    found: Sequence[Entry],
    kind: EnergyValue,
    notes: tuple[Message, ...],
) -> None:
    """Everything in one of the two accounts (当量值 or 等价值)."""
    method = f"energy.comprehensive.{kind}"
    needs: list[Message] = []

    def coal(item: str, physical: Term | None) -> Term | None:
        if physical is None:
            return None
        term, missing = standard_coal(ledger, settings, item, physical, period, kind)
        needs.extend(missing)
        return term

    used = {entry.item: term for entry in found if (term := coal(entry.item, entry.use)) is not None}
    sold = {entry.item: term for entry in found if (term := coal(entry.item, entry.sold)) is not None}
    fed = {entry.item: term for entry in found if (term := coal(entry.item, entry.feedstock)) is not None}
    open_items = {entry.item for entry in found if entry.needs}
    for item, term in used.items():
        if item in open_items:
            continue
        known = catalogue().get(item)
        value = Name("当量值", "equivalent value") if kind == "equivalent" else Name("等价值", "equal value")
        name = Name(f"{known.name.zh}折标准煤（{value.zh}）", f"{known.name.en} in standard coal, {value.en}")
        net = term - sold[item] if item in sold else term
        collector.add(f"energy-coal.{kind}.{item}", period, net, "energy.quantity", name=name)
    whole: Term | None = None
    needs.extend(need for entry in found for need in entry.needs)
    needs.extend(_unknown(ledger, period, found))
    if used and not needs:
        whole = total(used.values(), label=message("各种能源折标准煤合计"))
        if sold:
            whole = whole - total(sold.values(), label=message("外供能源折标准煤"))
        if fed and settings.feedstock == "apart":
            whole = whole - total(fed.values(), label=message("原料用能折标准煤"))
            notes = (*notes, message("原料用能另列，未计入综合能耗"))
    said = [*notes, *_stated_total(ledger, period, whole)]
    if fed and settings.feedstock == "include":
        said.append(message("按设置，原料用能计入综合能耗"))
    if any(is_medium(item) for item in used):
        said.append(message("含外购耗能工质，按 GB/T 2589-2020 附录B 的系数，当量值与等价值同数"))
    edition, begun = reference.first_edition()
    if deciding_day(period, settings.editions_as_of) < begun:
        early = message("{edition} 自 {day} 起适用，本期在此之前，仍按它计算", edition=edition, day=begun.isoformat())
        said.append(early)
    unique = tuple(dict.fromkeys(needs))
    collector.add(f"comprehensive-energy.{kind}", period, whole, method, needs=unique, notes=said)
    if kind == "equivalent":
        _parts(collector, period, found, used, sold, fed, whole, unique)
    counted = [entry.item for entry in found if entry.use is not None]
    _ratios(collector, ledger, settings, period, whole, unique, kind, counted)


def _unknown(ledger: Ledger, period: str, found: Sequence[Entry]) -> Iterator[Message]:
    """What must be known before there is a total: some energy at all, and each that other years have."""
    carriers = [entry for entry in found if not is_medium(entry.item)]
    if not any(entry.use for entry in carriers):
        yield message("外购或消耗的能源（电力、热力、燃料）的数量")
    stated = {entry.item for entry in carriers}
    for year in ledger.years:
        for item in energy_items(ledger, year) if year != period else ():
            if item not in stated and not is_medium(item) and item not in OWN_RECOVERED:
                stated.add(item)
                rows = [fact for fact in ledger.select(item=item, period=period) if fact.state is State.NOT_APPLICABLE]
                if not rows:
                    yield message("{item}的数量（其他年份有；没有则填 0 或“不适用”）", item=ledger.label(item))


def _parts(
    collector: Collector,
    period: str,
    found: Sequence[Entry],
    used: dict[str, Term],
    sold: dict[str, Term],
    fed: dict[str, Term],
    whole: Term | None,
    needs: tuple[Message, ...],
) -> None:
    """Structure, working media, renewable energy, exports and feedstock, all at equivalent value.

    There is no structure of a part: while something of the whole is missing, every share of it is.
    """
    carriers = {item: term for item, term in used.items() if not is_medium(item)}
    every = total(carriers.values(), label=message("各种能源折标准煤合计")) if carriers else None
    for item, term in carriers.items():
        known = catalogue().get(item)
        name = Name(f"{known.name.zh}占能源消费比例", f"share of {known.name.en} in energy consumption")
        if needs:
            collector.lack(f"energy-share.{item}", period, *needs, name=name)
        elif every is not None and every.value:
            collector.add(f"energy-share.{item}", period, term / every, "energy.share", name=name)
    media = [term for item, term in used.items() if is_medium(item)]
    renewable = [used[entry.item] for entry in found if entry.renewable and entry.item in used]
    for id, terms in (
        ("working-media-energy", media),
        ("renewable-energy.equivalent", renewable),
        ("exported-energy.equivalent", list(sold.values())),
        ("feedstock-energy.equivalent", list(fed.values())),
    ):
        if terms:
            collector.add(id, period, total(terms), "energy.quantity")
    if renewable and whole is not None and whole.value > 0:
        collector.add("renewable-share", period, total(renewable) / whole, "energy.share")


def _stated_total(ledger: Ledger, period: str, whole: Term | None) -> tuple[Message, ...]:
    """What the plant states as its comprehensive energy, where it differs by more than rounding."""
    stated = ledger.amount(_STATED_TOTAL, ("consumed", "amount"), period)
    if stated is None or whole is None or units.dimension(stated.unit) != "standard coal":
        return ()
    gap = whole.to("tce").value - stated.to("tce").value
    if abs(gap) <= 0.005 * abs(stated.to("tce").value):
        return ()
    said, more = f"{stated.to('tce').value:.6g}", f"{abs(gap):.4g}"
    if gap > 0:
        return (message("计算值比企业填报的综合能耗 {stated} tce 多 {gap} tce", stated=said, gap=more),)
    return (message("计算值比企业填报的综合能耗 {stated} tce 少 {gap} tce", stated=said, gap=more),)


def _ratios(
    collector: Collector,
    ledger: Ledger,
    settings: Settings,
    period: str,
    whole: Term | None,
    needs: tuple[Message, ...],
    kind: EnergyValue,
    counted: Sequence[str],
) -> None:
    """Energy per product and per output value; ``counted`` are the energies that came in, convertible or not."""

    def at(place: str, product: str) -> Term | None:
        terms = []
        for item in counted:
            physical = ledger.amount(item, ("consumed", "purchased"), period, place, product=product)
            if physical is not None:
                term, missing = standard_coal(ledger, settings, item, physical, period, kind, place)
                if term is None:
                    raise NotKnown(missing)
                terms.append(term)
        return total(terms, label=message("各种能源折标准煤合计")) if terms else None

    figure = f"energy-per-product.{kind}"
    base = None if whole is None else whole.to("kgce")
    if whole is None:
        # an energy that is not known may belong to any product; the total says what it needs
        for item in kinds_of(ledger, period):
            collector.lack(figure, period, *needs, product=item)
        if output_of_all(ledger, period) is not None:
            collector.lack(figure, period, *needs)
    else:
        per_product(collector, ledger, settings, period, figure, "energy.per-product", base, at, message("能耗"))
    value = ledger.amount("output-value", "amount", period)
    collector.ratio(
        f"energy-per-output-value.{kind}", period, whole, value, "energy.per-output-value",
        above_needs=message("综合能耗"), below_needs=message("产值"),
    )  # fmt: skip
    added = ledger.amount("value-added", "amount", period)
    if kind == "equivalent" and added is not None:
        collector.ratio(
            "energy-per-value-added.equivalent", period, whole, added, "energy.per-output-value",
            above_needs=message("综合能耗"), below_needs=message("工业增加值"),
        )  # fmt: skip


def electricity(ledger: Ledger, period: str, settings: Settings | None = None) -> Term | None:
    """Electricity consumed (用电量), kWh: bought plus generated less supplied; else what was consumed in all places.

    Without the places that the report leaves out. None also where more was supplied than there was.
    """
    settings = ledger.settings if settings is None else settings
    bought = ledger.amount(ELECTRICITY, "purchased", period, unit="kWh")
    if bought is None:
        used = ledger.amount(ELECTRICITY, "consumed", period, unit="kWh")
        return None if used is None else without_excluded(ledger, settings, ELECTRICITY, period, used)
    own = [
        term
        for item in (ELECTRICITY, *OWN_RENEWABLE, "waste-heat-electricity")
        if (term := ledger.amount(item, "produced", period, unit="kWh")) is not None
    ]
    whole = total([bought, *own], label=message("外购与自发电量")) if own else bought
    sold = ledger.amount(ELECTRICITY, "sold", period, unit="kWh")
    whole = whole if sold is None else whole - sold
    return without_excluded(ledger, settings, ELECTRICITY, period, whole) if whole.value >= 0 else None


def _electricity(collector: Collector, ledger: Ledger, settings: Settings, period: str) -> None:
    whole = electricity(ledger, period, settings)
    need = message("用电量")
    collector.add("electricity", period, whole, "energy.physical", needs=[need])

    def at(place: str, product: str) -> Term | None:
        return ledger.amount(ELECTRICITY, "consumed", period, place, product=product, unit="kWh")

    per_product(collector, ledger, settings, period, "electricity-per-product", "energy.per-product", whole, at, need)
    value = ledger.amount("output-value", "amount", period)
    collector.ratio(
        "electricity-per-output-value", period, whole, value, "energy.per-output-value",
        above_needs=need, below_needs=message("产值"),
    )  # fmt: skip


def _heat(collector: Collector, ledger: Ledger, period: str, found: Sequence[Entry]) -> None:
    """Heat bought, in GJ: as heat, steam by its enthalpy, hot water by its temperature."""
    terms: list[Term] = []
    needs: list[Message] = []
    bought = [entry for entry in found if entry.use is not None and is_heat(entry.item)]
    for entry in bought:
        if entry.use is None:
            continue
        term, missing = heat_of(ledger, entry.item, entry.use, period)
        needs.extend(missing)
        if term is not None:
            terms.append(term)
    if bought:
        term = total(terms, unit="GJ") if terms and not needs else None
        collector.add("heat", period, term, "energy.heat", needs=needs)

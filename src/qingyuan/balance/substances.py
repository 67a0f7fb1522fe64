"""Balances of substances (物质平衡): toxic and precious elements, groups of materials, solvents (VOCs).

What the inputs hold against what products, wastes and discharges hold. Contents follow from formulae, from what the
plant states, else from the usual range of the trade; then the balance is one of ranges and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qingyuan import units
from qingyuan.balance.account import Balance
from qingyuan.balance.contents import (
    ELEMENT_NAMES,
    Group,
    Share,
    ancestors,
    element_share,
    groups,
    kilograms,
    voc_share,
)
from qingyuan.balance.from_facts import Amount, Stream, amount_of, entry, frontier, network_of
from qingyuan.balance.network import OUTSIDE, Layer
from qingyuan.balance.rules import Entry, Side, Spread, UnitBalance, number, spread
from qingyuan.facts.model import SITE, Basis
from qingyuan.figures.derivation import FigureSet
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Message, Name, Text, listing, message
from qingyuan.reference.items import catalogue

_USED = ("consumed", "purchased")
_HANDED = ("generated", "transferred", "disposed")


def element_balances(ledger: Ledger, figures: FigureSet, period: str, limit: float) -> tuple[Balance, ...]:
    """The balance of every toxic or precious element that the inputs of a period are known to hold, kg.

    An element of which only a possible trace is known (content from 0) in the inputs and nothing in the products or
    wastes gets no balance.
    """
    found: list[Balance] = []
    for element in ELEMENT_NAMES:
        rows_in = list(_inputs(ledger, element, period))
        if sum(stream.amount.low for stream in rows_in if stream.amount is not None) <= 0:
            continue
        rows_out = [*_products(ledger, element, period), *_wastes(ledger, element, period)]
        rows_out += _water(ledger, figures, element, period)
        found.append(_element(ledger, figures, element, period, limit, rows_in, rows_out))
    return tuple(found)


def element_name(element: str) -> Name:
    """An element in both languages with its symbol."""
    zh, en = ELEMENT_NAMES[element]
    return Name(f"{zh}（{element}）", f"{en} ({element})")


def _element(
    ledger: Ledger,
    figures: FigureSet,
    element: str,
    period: str,
    limit: float,
    rows_in: list[Stream],
    rows_out: list[Stream],
) -> Balance:
    if not rows_out:
        rows_out = [Stream("unknown", "plant", OUTSIDE, message("产品、废物和废水中的量"), None, "kg")]
    whole = UnitBalance(
        "whole",
        message("全厂"),
        "kg",
        (*(entry(one, "in") for one in rows_in), *(entry(one, "out") for one in rows_out)),
        limit,
    )
    streams = tuple(rows_in) + tuple(rows_out)
    remarks = [*_in_words(element_name(element), whole), *_sludge(figures, element, period, whole, rows_out)]
    vague = [row.name for row in whole.entries if row.low is not None and row.high is not None and row.high > row.low]
    needs = (
        [message("{items}中{element}含量的化验结果", items=listing(vague), element=element_name(element))]
        if vague
        else []
    )
    needs += [message("{what}", what=row.name) for row in whole.unknown]
    names: dict[str, Text] = {"plant": message("全厂"), OUTSIDE: message("厂外")}
    result = None
    if whole.verdict in ("closed", "possible", "computed") and not whole.unknown:
        from qingyuan.balance.reconciliation import reconcile

        network = network_of(streams, layer=Layer(element, element, "kg", element=element), names={"plant": "plant"})
        result = reconcile(network, suspects=0)
        if whole.verdict == "possible" and result.consistent is False:
            remarks.append(
                message(
                    "{name}：范围虽然重叠，但须多项含量同时取到端点才能平，统计上不一致（p = {p}）；"
                    "按中值，投入 {inside} kg，产出 {out} kg",
                    name=element_name(element), p=f"{result.p_value or 0.0:.2g}", inside=_middle(whole, "in"),
                    out=_middle(whole, "out"),
                )
            )  # fmt: skip
    return Balance(
        id=f"{element}-{period}",
        kind="substance",
        name=message("{element}平衡", element=element_name(element)),
        period=period,
        unit="kg",
        units=(),
        whole=whole,
        remarks=tuple(remarks),
        needs=tuple(needs),
        streams=streams,
        names=names,
        reconciliation=result,
    )


def _middle(whole: UnitBalance, side: Side) -> Spread:
    low, high = whole.total(side)
    return spread((low + high) / 2, (low + high) / 2)


def _share_of(amount: Amount, mass: tuple[float, float], share: Share) -> Amount:
    """What an amount of so much mass holds, kg."""
    low, high = mass[0] * share.low, mass[1] * share.high
    value = low if low == high else (low + high) / 2
    relative = amount.sd / abs(amount.value) if amount.value else 0.0
    return Amount(value, low, high, value * relative, "kg", amount.basis, amount.facts)


def _held(ledger: Ledger, item: str, element: str, amount: Amount, period: str, place: str) -> Amount | None:
    products = _products_at(ledger, place, period)
    share = element_share(ledger, item, element, period, place, products)
    if share is None:
        return None
    if share.unit == "kg/m2":
        if units.dimension(amount.unit) != "area":
            return None
        factor = units.factor(amount.unit, "m2")
        return _share_of(amount, (amount.low * factor, amount.high * factor), share)
    mass = kilograms(item, amount)
    return None if mass is None else _share_of(amount, mass, share)


def _products_at(ledger: Ledger, place: str, period: str) -> frozenset[str]:
    if place == SITE:
        return frozenset(ledger.products(period))
    places = (place, *ledger.below(place))
    return frozenset(
        fact.item for fact in ledger.select(kind="product", roles="produced", period=period) if fact.place in places
    )


def _places(ledger: Ledger, item: str, roles: Sequence[str], period: str) -> tuple[str, ...]:
    """Where an item is known in a role: place by place, else the whole plant."""
    at = frontier(ledger, ((item, tuple(roles)),), period)
    whole = ledger.amount(item, roles, period)
    made = sum(term.value for place in at if (term := ledger.amount(item, roles, period, place)) is not None)
    return at if at and whole is not None and made >= 0.98 * whole.value else (SITE,)


def _inputs(ledger: Ledger, element: str, period: str) -> Iterator[Stream]:
    for item in ledger.items(kind="material"):
        if ledger.amount(item, _USED, period) is None:
            continue
        for place in _places(ledger, item, _USED, period):
            amount = amount_of(ledger, item, _USED, period, place)
            held = None if amount is None else _held(ledger, item, element, amount, period, place)
            if held is not None and held.high > 0:
                yield Stream(f"{item}:{place}", OUTSIDE, "plant", _at(ledger, item, place), held, "kg")


def _at(ledger: Ledger, item: str, place: str) -> Text:
    label = ledger.label(item)
    return label if place == SITE else message("{item}（{place}）", item=label, place=place)


def _products(ledger: Ledger, element: str, period: str) -> list[Stream]:
    known = catalogue()
    contained: list[Stream] = []
    for item in ledger.items(role="contained"):
        share = known.get(item).contents.get(element, 0.0) if item in known else 0.0
        if not share:
            continue
        for place in _places(ledger, item, ("contained",), period):
            amount = amount_of(ledger, item, "contained", period, place, "kg")
            if amount is not None:
                held = _share_of(amount, (amount.low, amount.high), Share(share, share, stated=True))
                name = message("产品中的{item}（{place}）", item=ledger.label(item), place=place or message("全厂"))
                contained.append(Stream(f"contained:{item}:{place}", "plant", OUTSIDE, name, held, "kg"))
    if contained:
        return contained
    found: list[Stream] = []
    for item in ledger.products(period):
        made = amount_of(ledger, item, "produced", period)
        inside = None if made is None else _held(ledger, item, element, made, period, SITE)
        if inside is not None and inside.high > 0:
            found.append(Stream(f"product:{item}", "plant", OUTSIDE, ledger.label(item), inside, "kg"))
    return found


def _wastes(ledger: Ledger, element: str, period: str) -> list[Stream]:
    found: list[Stream] = []
    for item in ledger.items(kind="waste"):
        amount = amount_of(ledger, item, _HANDED, period)
        held = None if amount is None else _held(ledger, item, element, amount, period, SITE)
        if held is not None and held.high > 0:
            found.append(Stream(f"waste:{item}", "plant", OUTSIDE, ledger.label(item), held, "kg"))
    return found


def _pollutant(element: str) -> str:
    return ELEMENT_NAMES[element][1]


def _water(ledger: Ledger, figures: FigureSet, element: str, period: str) -> list[Stream]:
    """What leaves with the discharged water: as computed for the plant, else at most the highest result x volume."""
    pollutant = _pollutant(element)
    name = message("外排废水中的{element}", element=element_name(element))
    figure = figures.find(f"discharge.{pollutant}", period=period)
    if figure is not None:
        value = figure.value * units.factor(figure.unit, "kg")
        low = 0.0 if figure.term.upper_bound else value
        known = Amount(value, low, value, figure.sd * units.factor(figure.unit, "kg"), "kg", Basis.MONITORING,
                       figure.term.facts())  # fmt: skip
        return [Stream("water", "plant", OUTSIDE, name, known, "kg")]
    highest = figures.find(f"concentration-highest.{pollutant}", period=period)
    volume = amount_of(ledger, "wastewater", ("discharged", "generated"), period, unit="m3")
    if highest is None or volume is None:
        return []
    try:
        most = highest.value * units.factor(highest.unit, "kg/m3") * volume.high
    except units.DimensionError:
        return []
    known = Amount(most / 2, 0.0, most, 0.0, "kg", Basis.MONITORING, (*highest.term.facts(), *volume.facts))
    return [Stream("water", "plant", OUTSIDE, name, known, "kg")]


def _sludge(
    figures: FigureSet, element: str, period: str, whole: UnitBalance, rows_out: Sequence[Stream]
) -> Iterator[Message]:
    """What waste water brings to the works against what the sludge should hold of it."""
    generated = figures.find(f"generation.{_pollutant(element)}", period=period)
    sludges = [one for one in rows_out if one.id.startswith("waste:") and "sludge" in one.id and one.amount is not None]
    if generated is None or not sludges:
        return
    brought = generated.value * units.factor(generated.unit, "kg")
    low = sum(one.amount.low for one in sludges if one.amount is not None)
    high = sum(one.amount.high for one in sludges if one.amount is not None)
    if low <= brought <= high and low > 0:
        return
    if brought < low:
        yield message(
            "{sludge}至少含{element} {low} kg，废水却只带来 {brought} kg：污泥量、含量或废水浓度有误",
            sludge=listing(one.name for one in sludges), element=element_name(element), low=number(low),
            brought=number(brought),
        )  # fmt: skip
    else:
        yield message(
            "废水带到处理站的{element}按浓度和水量计算为 {brought} kg，{sludge}按通常含量为 {range}：以化验确定",
            element=element_name(element), brought=number(brought), sludge=listing(one.name for one in sludges),
            range=spread(low, high, "kg"),
        )  # fmt: skip
        inside, out = whole.total("in"), whole.total("out")
        rest = inside[0] - (out[1] - high) - brought
        if rest > whole.limit * inside[0]:
            yield message(
                "若污泥中的{element}只是废水带来的量，至少还有 {rest} kg（投入的 {share}%）没有去向",
                element=element_name(element), rest=number(rest), share=f"{100 * rest / inside[0]:.1f}",
            )  # fmt: skip


def _in_words(name: Text, whole: UnitBalance) -> list[Message]:
    """Both sides of a balance in words: what was found, and how far it lies apart."""
    inside, out = spread(*whole.total("in"), whole.unit), spread(*whole.total("out"), whole.unit)
    rows = [row.name for row in whole.entries if row.low is not None and row.high is not None and row.high > row.low]
    if whole.gap is None:
        return [message("{name}：投入 {inside}，产出没有数据，不能平衡", name=name, inside=inside)]
    gap = spread(*whole.gap, whole.unit)
    if whole.verdict == "open":
        more = message("产出多于投入") if whole.gap[1] < 0 else message("投入多于产出")
        return [
            message(
                "{name}不平：投入 {inside}，产出 {out}，差 {gap}，{more}；含量取遍可能的范围也不能平",
                name=name, inside=inside, out=out, gap=gap, more=more,
            )
        ]  # fmt: skip
    if whole.verdict == "possible":
        return [
            message(
                "{name}：投入 {inside}，产出 {out}，范围重叠；{rows}的含量没有化验，不能证明平衡也不能证明不平",
                name=name, inside=inside, out=out, rows=listing(rows),
            )
        ]  # fmt: skip
    if whole.verdict == "computed":
        return [
            message(
                "{name}：投入 {inside}，产出 {out}，差 {gap}；产品带走的量是衡算得出的，差额还须用镀层厚度或化验核对",
                name=name, inside=inside, out=out, gap=gap,
            )
        ]  # fmt: skip
    if whole.verdict == "closed":
        return [message("{name}平衡：投入 {inside}，产出 {out}，差 {gap}", name=name, inside=inside, out=out, gap=gap)]
    rest = listing(row.name for row in whole.unknown)
    if whole.gap[0] < 0:
        most = spread(max(whole.gap[1], 0.0), max(whole.gap[1], 0.0), whole.unit)
        return [
            message(
                "{name}：投入 {inside}，已知产出 {out}，留给{rest}的最多 {most}，没有测量",
                name=name, inside=inside, out=out, most=most, rest=rest,
            )
        ]  # fmt: skip
    return [
        message(
            "{name}：投入 {inside}，已知产出 {out}，其余 {gap} 归于{rest}，没有测量",
            name=name, inside=inside, out=out, gap=gap, rest=rest,
        )
    ]  # fmt: skip


# --- groups of materials ---------------------------------------------------------------------------------------------


def group_balances(ledger: Ledger, period: str, limit: float) -> tuple[Balance, ...]:
    """The balances of groups of materials against the wastes that can only come from them (油墨、涂料), kg."""
    found = (_group(ledger, group, period, limit) for group in groups())
    return tuple(one for one in found if one is not None)


def _group(ledger: Ledger, group: Group, period: str, limit: float) -> Balance | None:
    streams: list[Stream] = []
    for item in ledger.items(kind="material"):
        if not any(name in group.inputs for name in ancestors(item)):
            continue
        amount = amount_of(ledger, item, _USED, period)
        mass = None if amount is None else kilograms(item, amount)
        if amount is not None and mass is not None:
            held = _share_of(amount, mass, Share(1.0, 1.0))
            streams.append(Stream(f"{item}:", OUTSIDE, "plant", ledger.label(item), held, "kg"))
    if not streams:
        return None
    outs: list[Stream] = []
    heavier: list[Message] = []
    bought = sum(one.amount.high for one in streams if one.amount is not None)
    for output in group.outputs:
        amount = amount_of(ledger, output.item, _HANDED, period, unit="kg")
        if amount is not None:
            if amount.low > bought:
                heavier.append(
                    message(
                        "{waste} {amount} kg 多于购入的全部{inputs} {bought} kg：混入了其他物料或水，或数据有误",
                        waste=ledger.label(output.item), amount=number(amount.low),
                        inputs=listing(one.name for one in streams), bought=number(bought),
                    )
                )  # fmt: skip
            held = _share_of(amount, (amount.low, amount.high), Share(output.low, output.high))
            outs.append(Stream(f"waste:{output.item}", "plant", OUTSIDE, ledger.label(output.item), held, "kg"))
    if not outs:
        return None
    name = Name(group.zh, group.en)
    outs.append(Stream("rest", "plant", OUTSIDE, Name(group.rest_zh, group.rest_en), None, "kg"))
    rows = (*(entry(one, "in") for one in streams), *(entry(one, "out") for one in outs))
    whole = UnitBalance("whole", message("全厂"), "kg", rows, limit)
    return Balance(
        id=f"{group.id}-{period}",
        kind="material",
        name=message("{item}平衡", item=name),
        period=period,
        unit="kg",
        units=(),
        whole=whole,
        remarks=(*_in_words(name, whole), *heavier),
        needs=(message("{what}", what=Name(group.rest_zh, group.rest_en)),),
        streams=(*streams, *outs),
        names={"plant": message("全厂"), OUTSIDE: message("厂外")},
    )


# --- solvents --------------------------------------------------------------------------------------------------------


def solvent_balance(ledger: Ledger, figures: FigureSet, period: str, limit: float) -> Balance | None:
    """The balance of volatile organic compounds (溶剂平衡), kg; None where no input holds any.

    Bought - recovered and sold - in waste - in product - destroyed = emitted, of which what the outlets measure is
    collected and the rest escapes unorganised (无组织). Internal recovery cancels.
    """
    streams: list[Stream] = []
    for item in ledger.items(kind="material"):
        share = voc_share(item)
        amount = None if share is None else amount_of(ledger, item, _USED, period)
        mass = None if amount is None else kilograms(item, amount)
        if share is not None and amount is not None and mass is not None:
            held = _share_of(amount, mass, share)
            streams.append(Stream(f"{item}:", OUTSIDE, "plant", ledger.label(item), held, "kg"))
    if not any(one.amount is not None and one.amount.low > 0 for one in streams):
        return None
    outs: list[Stream] = []
    waste = amount_of(ledger, "waste-organic-solvent", _HANDED, period, unit="kg")
    if waste is not None:
        outs.append(Stream("waste", "plant", OUTSIDE, ledger.label("waste-organic-solvent"), waste, "kg"))
    for item, role in (("organic-solvent", "recovered"), ("organic-solvent", "sold")):
        back = amount_of(ledger, item, role, period)
        mass = None if back is None else kilograms(item, back)
        if back is not None and mass is not None and role == "sold":
            held = _share_of(back, mass, Share(1.0, 1.0))
            outs.append(Stream("sold", "plant", OUTSIDE, message("回收后外售的溶剂"), held, "kg"))
    emitted = _figure(figures, ("discharge.VOCs", "discharge.NMHC"), period)
    removed = _figure(figures, ("removal.VOCs", "removal.NMHC"), period)
    outs.append(Stream("emitted", "plant", OUTSIDE, message("排放口排放的挥发性有机物"), emitted, "kg"))
    if removed is not None:
        outs.append(Stream("destroyed", "plant", OUTSIDE, message("治理设施去除的挥发性有机物"), removed, "kg"))
    outs.append(Stream("fugitive", "plant", OUTSIDE, message("无组织散失"), None, "kg"))
    rows: tuple[Entry, ...] = (*(entry(one, "in") for one in streams), *(entry(one, "out") for one in outs))
    whole = UnitBalance("whole", message("全厂"), "kg", rows, limit)
    name = message("挥发性有机物")
    return Balance(
        id=f"solvent-{period}",
        kind="solvent",
        name=message("溶剂（挥发性有机物）平衡"),
        period=period,
        unit="kg",
        units=(),
        whole=whole,
        remarks=tuple(_in_words(name, whole)),
        needs=tuple(message("{what}", what=row.name) for row in whole.unknown),
        streams=(*streams, *outs),
        names={"plant": message("全厂"), OUTSIDE: message("厂外")},
    )


def _figure(figures: FigureSet, ids: Sequence[str], period: str) -> Amount | None:
    for id in ids:
        figure = figures.find(id, period=period)
        if figure is None:
            continue
        factor = units.factor(figure.unit, "kg")
        value = figure.value * factor
        low = 0.0 if figure.term.upper_bound else value
        return Amount(value, low, value, figure.sd * factor, "kg", Basis.MONITORING, figure.term.facts())
    return None

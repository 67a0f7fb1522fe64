"""The energy balance (企业能量平衡): four links in a row, each with what was given, effective, lost.

购入贮存 (bought and stored) → 加工转换 (converted) → 输送分配 (distributed) → 最终使用 (used); efficiency of each is
effective over supplied, of the enterprise the effective of the last over the supplied of the first (GB/T 3484 family).
All in tce by equivalent value (当量值); energy recovered inside the plant stands outside the sums.
"""

from __future__ import annotations

from qingyuan.balance.account import Balance, Link
from qingyuan.balance.from_facts import Amount, Stream, entry, from_term, frontier, network_of
from qingyuan.balance.network import OUTSIDE, Layer
from qingyuan.balance.rules import UnitBalance, number, spread
from qingyuan.figures.derivation import Term
from qingyuan.figures.energy import Entry as EnergyEntry
from qingyuan.figures.energy import entries
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.settings import Settings
from qingyuan.figures.standard_coal import is_heat, is_medium, standard_coal
from qingyuan.language import Message, Name, Text, listing, message
from qingyuan.reference.items import catalogue

UNIT = "tce"


def energy_balance(ledger: Ledger, settings: Settings, period: str, limit: float) -> Balance | None:
    """The energy balance of a period, tce; None where no energy is stated. Working media and water are left out.

    Of each carrier what was given to the plant is set against what its places used; the difference is the loss of
    distribution (or what no meter counts), shown by name.
    """
    carriers = [one for one in entries(ledger, settings, period) if one.use is not None and not _left_out(one.item)]
    if not carriers:
        return None
    streams: list[Stream] = []
    units_: list[UnitBalance] = []
    names: dict[str, Text] = {OUTSIDE: message("厂外")}
    unmeasured: list[Text] = []
    remarks: list[Message] = []
    for one in carriers:
        given = _coal(ledger, settings, one.item, one.use, period)
        if given is None:
            continue
        label = ledger.label(one.item)
        names[one.item] = label
        own = [Stream(f"in:{one.item}", OUTSIDE, one.item, label, given, UNIT)]
        used = _uses(ledger, settings, one.item, period)
        own += used
        sold = _coal(ledger, settings, one.item, one.sold, period)
        if sold is not None:
            own.append(Stream(f"sold:{one.item}", one.item, OUTSIDE, message("外供{item}", item=label), sold, UNIT))
        if used:
            rows = tuple(entry(stream, "in" if stream.source == OUTSIDE else "out") for stream in own)
            unit = UnitBalance(one.item, label, UNIT, rows, limit)
            units_.append(unit)
            remarks += _distribution(unit, label)
            loss = Stream(f"loss:{one.item}", one.item, OUTSIDE, message("输送分配损失与未计量"), None, UNIT)
            own.append(loss)
        else:
            unmeasured.append(label)
            own.append(Stream(f"use:{one.item}", one.item, OUTSIDE, message("未分场所计量"), None, UNIT))
        streams += own
    if not streams:
        return None
    needs = [message("{items}：各场所的用量", items=listing(unmeasured))] if unmeasured else []
    whole_rows = tuple(
        entry(stream, "in" if stream.source == OUTSIDE else "out")
        for stream in streams
        if not stream.id.startswith("loss:")
    )
    whole = UnitBalance("whole", message("全厂"), UNIT, whole_rows, limit)
    links = _links(ledger, settings, carriers, period)
    from qingyuan.balance.reconciliation import reconcile

    plain = {key: str(name) for key, name in names.items()}
    result = reconcile(network_of(streams, layer=Layer("energy", "", UNIT), names=plain), suspects=0)
    return Balance(
        id=f"energy-{period}",
        kind="energy",
        name=message("能量平衡"),
        period=period,
        unit=UNIT,
        units=tuple(units_),
        whole=whole,
        links=links,
        remarks=tuple(remarks),
        needs=tuple(needs),
        streams=tuple(streams),
        names=names,
        reconciliation=result,
    )


def _left_out(item: str) -> bool:
    return item not in catalogue() or catalogue().get(item).kind != "energy" or is_medium(item)


def _coal(ledger: Ledger, settings: Settings, item: str, term: Term | None, period: str) -> Amount | None:
    """An amount of energy in tce by equivalent value; None where it or its coefficient is not known."""
    if term is None:
        return None
    coal, _ = standard_coal(ledger, settings, item, term, period, "equivalent")
    return None if coal is None else from_term(coal.to(UNIT))


def _uses(ledger: Ledger, settings: Settings, item: str, period: str) -> list[Stream]:
    """What each place used of a carrier, in tce; empty where it is known for the whole plant only."""
    found: list[Stream] = []
    for place in frontier(ledger, ((item, ("consumed",)),), period):
        amount = _coal(ledger, settings, item, ledger.amount(item, "consumed", period, place), period)
        if amount is not None:
            found.append(Stream(f"use:{item}:{place}", item, OUTSIDE, Name(place, place), amount, UNIT))
    return found


def _distribution(unit: UnitBalance, label: Text) -> list[Message]:
    if unit.gap is None or unit.deviation is None:
        return []
    inside, out = unit.total("in"), unit.total("out")
    if abs(unit.gap[0]) <= 1e-9 * inside[1]:
        return [
            message("{item}：供入与各场所用量之和完全相等，总量可能由分项相加得出，不是总表与分表的核对", item=label)
        ]
    if unit.gap[1] < -unit.limit * inside[1]:
        return [
            message(
                "{item}：各场所用量之和 {out} 多于供入 {inside}：计量或统计有误",
                item=label, out=spread(*out, UNIT), inside=spread(*inside, UNIT),
            )
        ]  # fmt: skip
    if unit.verdict == "open":
        return [
            message(
                "{item}：供入 {inside}，各场所用量之和 {out}，差 {gap}（{share}%）是输送分配损失与未计量的用量，"
                "超过 {limit}%",
                item=label, inside=spread(*inside, UNIT), out=spread(*out, UNIT), gap=spread(*unit.gap, UNIT),
                share=number(round(100 * unit.deviation[0], 2)), limit=f"{100 * unit.limit:g}",
            )
        ]  # fmt: skip
    return []


# --- the four links --------------------------------------------------------------------------------------------------


def _links(ledger: Ledger, settings: Settings, carriers: list[EnergyEntry], period: str) -> tuple[Link, ...]:
    return (
        _storage(ledger, settings, carriers, period),
        _conversion(ledger, settings, period),
        _network(ledger, settings, carriers, period),
        _final(ledger, settings, carriers, period),
    )


def _stored(item: str) -> bool:
    """Whether a carrier lies in a store: coal, oil … , not what comes by wire or pipe."""
    known = catalogue()
    return known.get(item).dimension == "mass" and not is_heat(item)


def _storage(ledger: Ledger, settings: Settings, carriers: list[EnergyEntry], period: str) -> Link:
    """Bought and stored: supplied is what was used after the change of stock; lost what was lost in the store."""
    supplied = lost = 0.0
    needs: list[Text] = []
    for one in carriers:
        given = _coal(ledger, settings, one.item, one.use, period)
        if given is None:
            needs.append(message("{item}的折标准煤系数", item=ledger.label(one.item)))
            continue
        supplied += given.value
        loss = _coal(ledger, settings, one.item, ledger.amount(one.item, "lost", period), period)
        if loss is not None:
            lost += loss.value
        elif _stored(one.item):
            needs.append(message("{item}的贮存损失量", item=ledger.label(one.item)))
    known = not needs
    return Link(
        "storage", message("购入贮存"), UNIT, supplied, supplied - lost if known else None, lost if known else None,
        tuple(needs),
    )  # fmt: skip


def _conversion(ledger: Ledger, settings: Settings, period: str) -> Link:
    """Converted: what went into boilers, generators, compressors against the energy that they made."""
    supplied = effective = 0.0
    given = made = False
    for item in ledger.items(kind="energy"):
        if item not in catalogue() or is_medium(item):
            continue
        into = _coal(ledger, settings, item, ledger.amount(item, "converted", period), period)
        out = _coal(ledger, settings, item, ledger.amount(item, "produced", period), period)
        if into is not None:
            supplied, given = supplied + into.value, True
        if out is not None:
            effective, made = effective + out.value, True
    needs: list[Text] = []
    if not given and not made:
        needs.append(message("没有填报加工转换（锅炉、自发电等）的投入与产出；没有这一环节的不需要"))
    elif not given:
        needs.append(message("加工转换投入量"))
    elif not made:
        needs.append(message("加工转换产出的能源量"))
    return Link(
        "conversion", message("加工转换"), UNIT, supplied if given else None, effective if made else None,
        supplied - effective if given and made else None, tuple(needs),
    )  # fmt: skip


def _network(ledger: Ledger, settings: Settings, carriers: list[EnergyEntry], period: str) -> Link:
    """Distributed: of the carriers whose use is known place by place, what was given against what the places used."""
    supplied = effective = 0.0
    unknown: list[Text] = []
    known = False
    for one in carriers:
        given = _coal(ledger, settings, one.item, one.use, period)
        uses = _uses(ledger, settings, one.item, period)
        if given is None or not uses:
            unknown.append(ledger.label(one.item))
            continue
        known = True
        sold = _coal(ledger, settings, one.item, one.sold, period)
        supplied += given.value
        effective += sum(stream.amount.value for stream in uses if stream.amount is not None)
        effective += 0.0 if sold is None else sold.value
    needs: tuple[Text, ...] = (message("{items}：各场所的用量", items=listing(unknown)),) if unknown else ()
    if not known:
        return Link("distribution", message("输送分配"), UNIT, None, None, None, needs)
    lost = supplied - effective
    if abs(lost) <= 1e-9 * supplied:  # the noise of sums
        effective, lost = supplied, 0.0
    return Link("distribution", message("输送分配"), UNIT, supplied, effective, lost, needs)


def _final(ledger: Ledger, settings: Settings, carriers: list[EnergyEntry], period: str) -> Link:
    """Used: what the places took, times the efficiency (效率) that is stated for their use of the carrier."""
    supplied = effective = 0.0
    unknown: list[Text] = []
    for one in carriers:
        for stream in _uses(ledger, settings, one.item, period):
            if stream.amount is None:
                continue
            place = str(stream.name)
            supplied += stream.amount.value
            rate = ledger.property_of(one.item, "efficiency", period, place)
            if rate is None:
                unknown.append(message("{place}（{item}）", place=place, item=ledger.label(one.item)))
            else:
                effective += stream.amount.value * rate.to("1").value
    if not supplied:
        return Link("use", message("最终使用"), UNIT, None, None, None, (message("各场所的用能量"),))
    needs: tuple[Text, ...] = (message("用能设备的效率：{places}", places=listing(unknown)),) if unknown else ()
    known = not unknown
    return Link(
        "use", message("最终使用"), UNIT, supplied, effective if known else None,
        supplied - effective if known else None, needs,
    )  # fmt: skip


def whole_efficiency(balance: Balance) -> float | None:
    """The efficiency of the enterprise (企业能量利用率): effective in the last link over supplied in the first."""
    by_id = {link.id: link for link in balance.links}
    first, last = by_id.get("storage"), by_id.get("use")
    if first is None or last is None or last.effective is None or not first.supplied:
        return None
    return last.effective / first.supplied

"""The balance of goods (物料平衡): materials, products and wastes that flow between places, in mass, unit by unit."""

from __future__ import annotations

from qingyuan.balance.account import Balance
from qingyuan.balance.from_facts import explicit_streams, network_of, unit_balances, whole_balance
from qingyuan.balance.network import OUTSIDE, Layer
from qingyuan.balance.rules import balance_rules, number, worst
from qingyuan.balance.water import gap_in_words
from qingyuan.facts.model import Period
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Message, Text, listing, message

_KINDS = ("material", "product", "waste")
_UNIT = "kg"


def goods_balance(ledger: Ledger, period: str, limit: float) -> Balance | None:
    """The balance of goods from the flows stated between places in a period, kg; None where none is stated.

    Flows that are stated in something else than mass are left out and named.
    """
    items = [item for kind in _KINDS for item in ledger.items(kind=kind)]
    streams = tuple(one for one in explicit_streams(ledger, period, items, _UNIT) if one.source != one.target)
    if not streams:
        return None
    names: dict[str, Text] = {OUTSIDE: message("厂外")}
    for one in streams:
        names.setdefault(one.source, one.source)
        names.setdefault(one.target, one.target)
    units_ = unit_balances(streams, names, limit, _UNIT)
    whole = whole_balance(streams, limit, _UNIT)
    from qingyuan.balance.reconciliation import reconcile

    network = network_of(
        streams, layer=Layer("goods", "", _UNIT), names={key: str(name) for key, name in names.items()}
    )
    remarks: list[Message] = []
    for unit in (*units_, whole):
        remarks += gap_in_words(unit)
    remarks += _measuring(ledger, period, set(items))
    first = worst(units_)
    if first is not None and sum(1 for unit in units_ if unit.verdict == "open") > 1:
        remarks.append(message("偏差最大的单元是{unit}", unit=first.name))
    left = [
        item
        for item in _flowing(ledger, period, set(items))
        if not any(one.id.startswith(f"{item}:") for one in streams)
    ]
    needs = [message("{items}的质量（kg 或 t）", items=listing(ledger.label(item) for item in left))] if left else []
    one_sided = [unit.name for unit in units_ if unit.gap is None]
    if one_sided:
        needs.append(message("{places}：只有投入或只有产出的数", places=listing(one_sided)))
    return Balance(
        id=f"goods-{period}",
        kind="material",
        name=message("物料平衡"),
        period=period,
        unit=_UNIT,
        units=units_,
        whole=whole,
        remarks=tuple(remarks),
        needs=tuple(needs),
        streams=streams,
        names=names,
        reconciliation=reconcile(network),
    )


def _flowing(ledger: Ledger, period: str, items: set[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.item for fact in ledger.flows(period=period) if fact.item in items))


def _measuring(ledger: Ledger, period: str, items: set[str]) -> list[Message]:
    """What was measured for less than the hours that a continuous process takes (the kind of process is not stated)."""
    hours = balance_rules()["continuous-hours"].value
    cycles = balance_rules()["batch-cycles"].value
    short = {
        24 * Period.parse(fact.period).days
        for fact in ledger.flows(period=period)
        if fact.item in items and 24 * Period.parse(fact.period).days < hours
    }
    if not short:
        return []
    return [
        message(
            "实测时段只有 {hours} 小时：连续过程至少应连续 {least} 小时，间歇过程至少 {cycles} 个完整生产周期",
            hours=number(min(short)), least=number(hours), cycles=number(cycles),
        )
    ]  # fmt: skip

"""The list of machines (设备清单): the same machine twice, counts against the profile, powers that cannot be."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from qingyuan.checks.finding import Finding, Gravity, Listed, Number, joined, listed, shown, times
from qingyuan.checks.knowledge import machine_words, threshold
from qingyuan.facts.model import Case, Equipment, Fact
from qingyuan.facts.naming import named_item
from qingyuan.figures.ledger import Ledger
from qingyuan.language import message
from qingyuan.reference.items import catalogue

_REMARK = re.compile(r"[（(].*?[）)]")
_ENERGY = ("能源", "能源种类", "能源品种", "燃料", "燃料种类", "energy", "fuel", "carrier")  # headings of details
_CAPACITY = ("额定容量", "额定蒸发量", "额定热功率", "rated capacity")
_SEVERAL = re.compile(r"[、，,;；/＋+和]")
_COUNTED = re.compile(r"(?:数量|台数|套数|条数)$")


def machines_twice(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """One machine listed in two rows: the same place, name, model and power."""
    groups: dict[tuple[str, str, str], list[Equipment]] = defaultdict(list)
    for machine in case.equipment:
        if any(sign.isdigit() for sign in machine.model) and len(machine.model) >= 4:
            groups[machine.place, machine.name, machine.model].append(machine)
    for (place, name, model), machines in groups.items():
        if len(machines) < 2:
            continue
        alike = len({machine.count for machine in machines}) == 1
        counts = joined(shown(machine.count or 1.0) for machine in machines)
        yield Finding(
            rule="machine-twice",
            severity=Gravity.MINOR if alike else Gravity.QUESTION,
            message=message(
                "{place}的{name}（型号 {model}）列了 {rows} 行，台数分别为 {counts}：是否重复",
                place=place,
                name=name,
                model=model,
                rows=len(machines),
                counts=counts,
            ),
            numbers=tuple(
                Number(
                    message("{name} {model} 台数", name=name, model=model), machine.count or 1.0, "", (machine.where,)
                )
                for machine in machines
            ),
            settle=message("设备台账的资产编号与铭牌"),
            size=float(len(machines)),
            concerns=(name, model),
        )


def _base(name: str) -> str:
    return _COUNTED.sub("", _REMARK.sub("", name)).strip()


def _suffixes(name: str) -> Iterator[str]:
    for start in range(len(name) - 1):
        yield name[start:]


def _listed(name: str, machines: Sequence[Equipment]) -> tuple[str, list[Equipment]]:
    """The machines of the list that a name of the profile means: by the longest ending that both share."""
    for ending in _suffixes(name):
        hits = [machine for machine in machines if _base(machine.name).endswith(ending)]
        if hits:
            return ending, hits
    return "", []


def _also(ending: str, hits: list[Equipment], machines: Sequence[Equipment]) -> list[Equipment]:
    """The machines that were found and those of the list that another word for the same calls."""
    words = next((record.words for record in machine_words() if any(ending.endswith(w) for w in record.words)), ())
    more = [
        machine for machine in machines if machine not in hits and any(_base(machine.name).endswith(w) for w in words)
    ]
    return [*hits, *more]


def _count(machines: Sequence[Equipment]) -> float:
    return sum(machine.count or 1.0 for machine in machines)


def _where(machines: Sequence[Equipment]) -> Listed:
    return listed(
        message("{place} {name} {n}", place=one.place, name=one.name, n=shown(one.count or 1.0)) for one in machines
    )


def machine_counts(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """How many machines the profile says, against the list."""
    hits: list[tuple[Fact, float, list[Equipment], str]] = []
    for fact in case.facts:
        if fact.kind != "equipment" or fact.role != "count" or not fact.value or not case.equipment:
            continue
        ending, machines = _listed(_base(fact.label or fact.item), case.equipment)
        if not machines:
            continue
        wider = _also(ending, machines, case.equipment)
        # who counts by one word only is believed, unless the other words make it far more
        if _count(machines) != fact.value or _count(wider) > threshold("machine-count", "other-words") * fact.value:
            machines = wider
        count = _count(machines)
        if count != fact.value:
            hits.append((fact, count, machines, ending))
    if not hits:
        return
    hits.sort(key=lambda hit: -times(hit[1], hit[0].value or 0.0))
    largest = times(hits[0][1], hits[0][0].value or 0.0)
    items = listed(
        message(
            "{name} {stated}，清单中“{ending}”共 {count}（{machines}）",
            name=_base(fact.label or fact.item),
            stated=shown(fact.value or 0.0),
            ending=ending,
            count=shown(count),
            machines=_where(machines),
        )
        for fact, count, machines, ending in hits
    )
    yield Finding(
        rule="machine-count",
        severity=Gravity.QUESTION if largest < 2 else Gravity.MINOR,
        message=message(
            "企业概况的台数与设备清单不符：{items}",
            items=items,
        ),
        numbers=tuple(
            number
            for fact, count, machines, ending in hits
            for number in (
                Number(
                    message("概况中的{name}", name=_base(fact.label or fact.item)),
                    fact.value or 0.0,
                    fact.unit,
                    (fact.where,),
                ),
                Number(
                    message("清单中的{name}", name=ending), count, fact.unit, tuple(m.where for m in machines), "", True
                ),
            )
        ),
        settle=message("设备台账与现场清点"),
        size=largest,
        concerns=tuple(_base(fact.label or fact.item) for fact, *_ in hits),
    )


def electric(machine: Equipment) -> bool:
    """Whether a machine needs an electric power: not where its details name a fuel or steam as its energy, or give a
    rated capacity (额定容量) in place of a power. One that says nothing counts as electric.
    """
    told = {title.strip().casefold(): text for title, text in machine.details if text.strip()}
    words = [word.strip() for title in _ENERGY for word in _SEVERAL.split(told.get(title, "")) if word.strip()]
    items = [named.item for named in (named_item(word, "energy") for word in words) if not named.own]
    items = [item for item in items if item in catalogue()]  # a word that nobody knows decides nothing
    if items:
        return any(catalogue().is_a(item, "electricity") for item in items)
    return not any(title.startswith(_CAPACITY) for title in told)


def machine_power(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Powers that are missing or unreadable, and machines of one name with very different powers."""
    unread = [machine for machine in case.equipment if machine.power_kw is None and machine.power_printed]
    blank = [
        machine
        for machine in case.equipment
        if machine.power_kw is None and not machine.power_printed and electric(machine)
    ]
    ratio = threshold("machine-power", "ratio")
    if unread:
        items = listed(
            message("{place} {name} “{text}”", place=m.place, name=m.name, text=m.power_printed) for m in unread
        )
        yield Finding(
            rule="machine-power",
            severity=Gravity.MINOR,
            message=message(
                "设备功率写法有误，读不出：{items}",
                items=items,
            ),
            numbers=(
                Number(message("读不出功率的设备"), float(len(unread)), "", tuple(m.where for m in unread), "", True),
                Number(message("设备清单的行数"), float(len(case.equipment)), "", (), "", True),
            ),
            settle=message("设备铭牌"),
            size=float(len(unread)),
            concerns=tuple(machine.name for machine in unread),
        )
    if blank and len(blank) < len(case.equipment) / 2:
        yield Finding(
            rule="machine-power",
            severity=Gravity.QUESTION,
            message=message("{count} 行设备没有功率：{items}", count=len(blank), items=listed(m.name for m in blank)),
            numbers=(
                Number(message("没有功率的设备"), float(len(blank)), "", tuple(m.where for m in blank), "", True),
            ),
            settle=message("设备铭牌"),
            size=float(len(blank)),
            concerns=tuple(machine.name for machine in blank),
        )
    groups: dict[tuple[str, str, str], list[Equipment]] = defaultdict(list)
    for machine in case.equipment:
        if machine.power_kw:
            groups[machine.place, machine.name, machine.model].append(machine)
    hits: list[tuple[Equipment, Equipment, float]] = []
    for machines in groups.values():
        ordered = sorted(machines, key=lambda machine: machine.power_kw or 0.0)
        apart = times(ordered[0].power_kw or 0.0, ordered[-1].power_kw or 0.0)
        if len(machines) > 1 and apart >= ratio:
            hits.append((ordered[0], ordered[-1], apart))
    if hits:
        items = listed(
            message(
                "{place} {name} {low} kW 与 {high} kW",
                place=low.place,
                name=low.name,
                low=shown(low.power_kw or 0.0),
                high=shown(high.power_kw or 0.0),
            )
            for low, high, _ in hits
        )
        yield Finding(
            rule="machine-power",
            severity=Gravity.QUESTION,
            message=message(
                "同名设备的功率相差悬殊：{items}",
                items=items,
            ),
            numbers=tuple(
                Number(one.name, one.power_kw or 0.0, "kW", (one.where,))
                for low, high, _ in hits
                for one in (high, low)
            ),
            settle=message("设备铭牌；是否不同的设备写成了同名"),
            size=max(apart for *_, apart in hits),
            concerns=tuple(low.name for low, *_ in hits),
        )

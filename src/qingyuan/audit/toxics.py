"""What in a plant is toxic in the sense of trigger T3 (有毒有害原料、物质): facts against the classes of the law.

The classes are data (``rules.Substance``). Elements come from the formulae of the item catalogue, hazardous waste from
its tree and codes, names from the plant's own words. What the text's "and other" may include, and substances of which
only the catalogue of the State can tell, are marked as to be decided by the auditor.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from qingyuan.audit import law
from qingyuan.audit.rule_records import COUNTRY, Substance
from qingyuan.audit.rules import Held
from qingyuan.facts.model import Case, Fact
from qingyuan.language import Message, Name, listing, message
from qingyuan.reference.items import Item, catalogue

_ROLES = {
    "material": ("consumed", "purchased", "feedstock"),
    "waste": ("generated",),
    "pollutant": ("generated", "discharged", "generated-concentration", "discharged-concentration", "concentration"),
}


@dataclass(frozen=True, slots=True)
class Toxic:
    """One thing of a plant that belongs to a class of toxic substances.

    ``certain``: the class names it; otherwise the auditor must decide. ``places``: where facts have it, the site as "".
    """

    item: str
    label: str
    kind: str
    rule: Held[Substance]
    certain: bool
    why: Message
    places: tuple[str, ...]

    @property
    def substance_class(self) -> Name:
        """The class of the law."""
        return self.rule.record.name

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force."""
        return {
            "item": self.item,
            "label": self.label,
            "kind": self.kind,
            "class": self.rule.record.id,
            "class_name": str(self.substance_class),
            "certain": self.certain,
            "why": str(self.why),
            "places": list(self.places),
            "basis": str(self.rule.basis),
            "grade": self.rule.record.grade.value,
        }


def toxics(case: Case, on: dt.date, jurisdiction: str = COUNTRY) -> tuple[Toxic, ...]:
    """The toxic raw materials, wastes and pollutants of a plant, by the classes in force on a day, certain ones first.

    Only things with an amount or a concentration above zero count. One thing may belong to several classes; the first
    certain one is given, else the first.
    """
    rules = law.substances(on, jurisdiction)
    by_item: dict[tuple[str, str], list[Fact]] = {}
    for fact in case.facts:
        if fact.role in _ROLES.get(fact.kind, ()) and fact.value:
            by_item.setdefault((fact.kind, fact.item), []).append(fact)
    found: list[Toxic] = []
    for (kind, item), facts in by_item.items():
        label = next((fact.label for fact in facts if fact.label), item)
        hit = _classify(item, label, rules)
        if hit is not None:
            rule, certain, why = hit
            places = tuple(dict.fromkeys(fact.place for fact in facts))
            found.append(Toxic(item, label, kind, rule, certain, why, places))
    for pollutant, label, outlets in _monitored(case):
        if any(one.item == pollutant for one in found):
            continue
        hit = _classify(pollutant, label, rules)
        if hit is not None:
            rule, certain, why = hit
            found.append(Toxic(pollutant, label, "pollutant", rule, certain, why, outlets))
    return tuple(sorted(found, key=lambda one: (not one.certain, one.kind, one.label)))


def _monitored(case: Case) -> list[tuple[str, str, tuple[str, ...]]]:
    """Pollutants that monitoring found: id, label, outlets."""
    found: dict[str, tuple[str, list[str]]] = {}
    for one in case.monitoring:
        if one.concentration and one.state.value == "value":
            _, outlets = found.setdefault(one.pollutant, (one.label or one.pollutant, []))
            if one.outlet not in outlets:
                outlets.append(one.outlet)
    return [(id, label, tuple(outlets)) for id, (label, outlets) in found.items()]


def _classify(
    item: str, label: str, rules: tuple[Held[Substance], ...]
) -> tuple[Held[Substance], bool, Message] | None:
    known = catalogue().get(item) if item in catalogue() else None
    doubtful: tuple[Held[Substance], bool, Message] | None = None
    for rule in rules:
        verdict = _verdict(item, label, known, rule.record)
        if verdict is None:
            continue
        certain, why = verdict
        if certain:
            return rule, True, why
        doubtful = doubtful or (rule, False, why)
    return doubtful


def _verdict(item: str, label: str, known: Item | None, of: Substance) -> tuple[bool, Message] | None:
    """Whether a thing is in a class (certain or to be decided) and why; None where nothing tells so."""
    for id in of.items:
        if item == id or (known is not None and catalogue().is_a(item, id)):
            return True, message("属于{name}", name=catalogue().get(id).name)
    if "hazardous-waste" in of.items and known is not None and any(code.startswith("HW") for code in known.waste_codes):
        codes = listing(code for code in known.waste_codes if code.startswith("HW"))
        return True, message("常见废物代码 {codes}，须按名录核对", codes=codes)
    word = next((word for word in of.words if word in label or (known is not None and word in known.name.zh)), None)
    if word is not None:
        return True, message("名称含“{word}”", word=word)
    contents = known.contents if known is not None else {}
    named = [element for element in of.elements if element in contents]
    if named:
        return True, message("含有 {elements}", elements=listing(named))
    for id in of.items_asked:
        if item == id:
            return False, message("条文没有逐一列明，由审核人员判断")
    asked = [element for element in of.elements_asked if element in contents]
    if asked:
        return False, message("含有 {elements}，条文没有逐一列明，由审核人员判断", elements=listing(asked))
    return None

"""From the model to rows of files: what a CSV file or a worksheet shows for a fact, a result, a machine, an option."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from qingyuan.facts.cells import BELOW_DETECTION_TOKEN, NOT_APPLICABLE_TOKEN, number_text
from qingyuan.facts.model import (
    SITE,
    UNDATED,
    Basis,
    Equipment,
    Evidence,
    Fact,
    Judgement,
    Monitoring,
    OptionRow,
    Place,
    State,
)
from qingyuan.facts.naming import named_item
from qingyuan.facts.places import SITE_TOKEN
from qingyuan.reference.items import catalogue

Entry = str | float | None  # what a cell of a row holds; None is a blank
Row = Mapping[str, Entry]


def quantity_cell(state: State, value: float | None, *, blank: str = "") -> Entry:
    """Show a quantity: the number, 不适用, ND, <limit; ``blank`` for "empty"."""
    match state:
        case State.VALUE:
            return value
        case State.NOT_APPLICABLE:
            return NOT_APPLICABLE_TOKEN
        case State.BELOW_DETECTION:
            return BELOW_DETECTION_TOKEN if value is None else f"<{number_text(value)}"
        case State.EMPTY:
            return blank


@lru_cache(maxsize=16384)
def shown_item(label: str, item: str, kind: str, own: bool, firm: bool = True) -> tuple[str, str]:
    """The name to show for an item, and the code to write beside it where the name alone would not lead back to it.

    ``firm``: whether the kind is written in the row as well.
    """
    name = label or (catalogue().get(item).name.zh if not own and item in catalogue() else item)
    read = named_item(name, kind, firm=firm)
    same = (read.item, read.kind, read.own) == (item, kind, own)
    return name, "" if same else item


def fact_row(fact: Fact, *, blank: str = "", with_kind: bool = True) -> dict[str, Entry]:
    """The cells of one fact by column key; ids for kind, role and basis. ``with_kind``: the kind will be shown."""
    name, code = shown_item(fact.label, fact.item, fact.kind, fact.own_item, with_kind)
    return {
        "period": fact.period,
        "place": fact.place if fact.place != SITE else SITE_TOKEN,
        "kind": fact.kind,
        "item": name,
        "value": quantity_cell(fact.state, fact.value, blank=blank),
        "unit": fact.unit,
        "basis": fact.basis.value,
        "note": fact.note,
        "role": fact.role,
        "to_place": fact.to_place,
        "uncertainty": fact.uncertainty,
        "meter": fact.meter,
        "source": fact.source,
        "product": fact.product,
        "plant": fact.plant,
        "item_id": code,
    }


def monitoring_row(result: Monitoring) -> dict[str, Entry]:
    """The cells of one monitoring result by column key."""
    return {
        "outlet": result.outlet,
        "pollutant": result.label or result.pollutant,
        "date": result.date if result.date != UNDATED else UNDATED,
        "concentration": quantity_cell(result.state, result.concentration),
        "limit": result.limit,
        "unit": result.unit,
        "flow_m3_h": result.flow_m3_h,
        "rate_kg_h": result.rate_kg_h,
        "rate_limit_kg_h": result.rate_limit_kg_h,
        "stack_m": result.stack_m,
        "medium": result.medium,
        "basis": result.basis.value if result.basis is not Basis.MONITORING else "",
        "note": result.note,
        "plant": result.plant,
    }


def equipment_row(machine: Equipment) -> dict[str, Entry]:
    """The cells of one machine by column key, further columns by their heading."""
    return {
        "place": machine.place if machine.place != SITE else SITE_TOKEN,
        "name": machine.name,
        "model": machine.model,
        "power_kw": machine.power_kw,
        "power_kw_high": machine.power_kw_high,
        "count": machine.count,
        "list": machine.list_name,
        "note": machine.note,
        "power_printed": machine.power_printed,
        **dict(machine.details),
    }


def option_row(option: OptionRow) -> dict[str, Entry]:
    """The cells of one option by column key, further columns by their heading."""
    return {
        "id": option.id,
        "name": option.name,
        "aspect": option.aspect,
        "kind": option.kind,
        "investment": option.investment,
        "annual_saving": option.annual_saving,
        "payback_years": option.payback_years,
        "effects": option.effects,
        "status": option.status,
        "note": option.note,
        **dict(option.details),
    }


def place_row(place: Place) -> dict[str, Entry]:
    """The cells of one place by column key."""
    return {
        "name": place.name,
        "parent": place.parent,
        "kind": place.kind,
        "products": "；".join(place.products),
    }


def judgement_row(judgement: Judgement) -> dict[str, Entry]:
    """The cells of one answer by column key."""
    answer = judgement.answer
    return {
        "indicator": judgement.indicator,
        "answer": "" if answer is None else answer,
        "evidence": judgement.evidence,
        "note": judgement.note,
    }


def evidence_row(evidence: Evidence) -> dict[str, Entry]:
    """The cells of one piece of evidence by column key."""
    return {
        "id": evidence.id,
        "title": evidence.title,
        "kind": evidence.kind,
        "date": evidence.date,
        "file": evidence.file,
        "pages": evidence.pages,
        "note": evidence.note,
    }

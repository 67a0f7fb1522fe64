"""Effects as changes (效果转为变化): from the text of an option's row, and from the records of the technology library.

Text: ``废水 -100 m3; 电@二车间 -20 %; 指标 water-reuse =45; 指标 quality-assurance =II``. A word is one that the data
checks know (``data/checks/effects.csv``); ``@`` narrows it to a place; ``=`` states what is reached. What cannot be
applied to the plant's facts is kept with the reason, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from qingyuan import units
from qingyuan.checks.effects import Claim, claims
from qingyuan.checks.plant import Plant, look
from qingyuan.facts.model import SITE, Case, OptionRow
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Message, Name, message
from qingyuan.options.change import Change, Kind, Option, Unapplied
from qingyuan.reference.items import catalogue
from qingyuan.reference.technologies import Effect, Technology

_PIECES = re.compile(r"[;；\n]+")
_PLACE = re.compile(r"@\s*(?P<place>[^\s@+\-－−=<>＝:：]+)")
_INDICATOR = re.compile(
    r"^\s*(?:指标|indicator)\s*[:：]?\s*(?P<id>[A-Za-z][\w.-]*?)\s*(?P<sign>[=＝]|[+\-＋－−](?=\s*\d))\s*"
    r"(?P<value>[^%％]+?)\s*(?P<percent>[%％])?\s*$"
)
_CARBON = re.compile(r"CO[2₂]|碳排|二氧化碳")
_NAMES = re.compile(r"[;；,，、|\s]+")
# Items of the library that stand for a group of wastes: a plant names the single ones.
_WIDER = {"sludge": "group:sludges", "etching-waste": "group:etching"}
_REQUIRES = ("前置", "先决", "requires", "prerequisite")
_EXCLUDES = ("互斥", "排斥", "excludes", "conflict")

_REASONS = {
    "rate": message("所说的率是方案自身设备或工序的，数据里没有它的范围，不能按全厂计"),
    "efficiency": message("处理效率是某一设施的，没有写明设施和污染物的前后浓度，不能折算成排放量"),
    "share": message("百分比没有写明范围；写成“能耗@场所 -20 %”后按该场所计"),
    "co2": message("碳排放由能源等数据算出，不另计"),
    "unknown": message("没有与之对应的数据项"),
    "unit": message("没有单位"),
}


def options_of(case: Case, ledger: Ledger | None = None) -> tuple[Option, ...]:
    """The options of a case with their effects as changes; prerequisites and exclusions from the row's own columns.

    Columns whose heading holds 前置 or requires, 互斥 or excludes name other options by id. Names of options that are
    not in the case are left out and said.
    """
    ledger = Ledger(case) if ledger is None else ledger
    plant = look(case, ledger)
    known = {option.id for option in case.options}
    return tuple(_option(row, case, plant, known) for row in case.options)


def _option(row: OptionRow, case: Case, plant: Plant, known: set[str]) -> Option:
    changes, lost = changes_of(row, case, plant)
    requires, excludes = (_others(row, words) for words in (_REQUIRES, _EXCLUDES))
    for other in (*requires, *excludes):
        if other not in known:
            lost = (*lost, Unapplied(other, message("所指的方案不在表里")))
    return Option(
        id=row.id,
        name=row.name,
        changes=changes,
        requires=tuple(other for other in requires if other in known),
        excludes=tuple(other for other in excludes if other in known),
        investment=row.investment,
        annual_saving=row.annual_saving,
        aspect=row.aspect,
        unapplied=lost,
        where=row.where,
    )


def _others(row: OptionRow, words: Iterable[str]) -> tuple[str, ...]:
    found: list[str] = []
    for heading, text in row.details:
        if any(word in heading.casefold() for word in words):
            found.extend(part for part in _NAMES.split(text) if part)
    return tuple(dict.fromkeys(found))


def changes_of(row: OptionRow, case: Case, plant: Plant) -> tuple[tuple[Change, ...], tuple[Unapplied, ...]]:
    """The changes that the text of one option states, and what is not applied of it."""
    changes: list[Change] = []
    lost: list[Unapplied] = []
    for piece in _PIECES.split(row.effects):
        if not piece.strip():
            continue
        indicator = _INDICATOR.match(piece)
        if indicator is not None:
            changes.append(_of_indicator(indicator))
            continue
        if _CARBON.search(piece):
            lost.append(Unapplied(piece.strip(), _REASONS["co2"]))
            continue
        placed = _PLACE.search(piece)
        place = placed["place"] if placed else SITE
        plain = _PLACE.sub(" ", piece)
        details = tuple((head, plain if text == row.effects else text) for head, text in row.details)
        one = replace(case, options=(replace(row, effects=plain, details=details),))
        found = claims(one, plant)
        for claim in found:
            read = _of_claim(claim, place, plant)
            if isinstance(read, Message):
                lost.append(Unapplied(piece.strip(), read))
            else:
                changes.extend(read)
        if not found:
            lost.append(Unapplied(piece.strip(), message("没有带数字的效果")))
    return tuple(changes), tuple(lost)


def _of_indicator(found: re.Match[str]) -> Change:
    text, sign = found["value"].strip(), found["sign"]
    try:
        number = float(text)
    except ValueError:
        return Change("answer", indicator=found["id"], answer=text)
    if sign in "=＝":
        return Change("answer", indicator=found["id"], answer=number)
    number = -number if sign in "-－−" else number
    if found["percent"]:
        return Change("relative", indicator=found["id"], amount=number / 100)
    return Change("absolute", indicator=found["id"], amount=number)


def _of_claim(claim: Claim, place: str, plant: Plant) -> tuple[Change, ...] | Message:
    if claim.effect is None:
        return _REASONS["unknown"]
    if not claim.unit:
        return _REASONS["unit"]
    kind, _, name = claim.effect.quantity.partition(":")
    if kind == "share" and place and claim.unit == "%" and claim.sign < 0:
        return tuple(
            Change("relative", item=item, role="consumed", place=place, amount=-claim.value / 100)
            for item in energy_at(plant, place)
        ) or message("{place} 没有能源消耗数据", place=place)
    if kind in _REASONS:
        return _REASONS[kind]
    role = "generated" if kind in ("load", "waste", "wastewater") else ""
    item = name if kind in ("load", "waste") else kind
    if item in ("metals", "sludges", "etching", "slag"):
        item = f"group:{item}"
    elif item not in catalogue():
        return _REASONS["unknown"]
    if claim.unit == "%":
        if claim.sign == 0:
            return _REASONS["rate"]
        return (Change("relative", item=item, role=role, place=place, amount=claim.sign * claim.value / 100),)
    if claim.sign == 0:
        return (Change("level-after", item, role, place, amount=claim.value, unit=claim.unit),)
    return (Change("absolute", item, role, place, amount=claim.sign * claim.value, unit=claim.unit),)


def energy_at(plant: Plant, place: str) -> tuple[str, ...]:
    """The energies that are used at a place or below it."""
    places = {place, *plant.ledger.below(place)} if place else None
    found = {
        fact.item: None
        for fact in plant.case.facts
        if fact.kind == "energy" and fact.role in ("consumed", "purchased", "converted")
        and (places is None or fact.place in places)
    }  # fmt: skip
    return tuple(found)


# --- technologies ----------------------------------------------------------------------------------------------------


def changes_of_technology(
    technology: Technology, *, share: float = 1.0, place: str = SITE, scale: float | None = None
) -> tuple[tuple[Change, ...], tuple[Unapplied, ...]]:
    """The changes that a record of the library stands for, on the part ``share`` (0-1) of the plant that it fits.

    ``place``: the process where it is used: relative effects hold "on that scope only", so without a place those that
    name a scope of their own (``of``) are not applied. ``scale``: this plant's output over that of the case, for
    effects of another plant's year. Effects without an item of the catalogue are not applied.
    """
    changes: list[Change] = []
    lost: list[Unapplied] = []
    for effect in technology.effects:
        read = _of_effect(effect, technology, share, place, scale)
        if isinstance(read, Change):
            changes.append(read)
        else:
            lost.append(Unapplied(effect_text(effect), read))
    return tuple(changes), tuple(lost)


def _of_effect(
    effect: Effect, technology: Technology, share: float, place: str, scale: float | None
) -> Change | Message:
    grade = effect.grade or technology.grade
    if effect.item in _WIDER:
        effect = effect.model_copy(update={"item": _WIDER[effect.item]})
    if not effect.item:
        return message("效果所说的量不在品目表里，需自行换算")
    if effect.item == "CO2" and effect.quantity == "CO2":
        return _REASONS["co2"]
    if effect.item == "total-energy" and effect.basis == "relative":
        return _REASONS["share"]
    if effect.basis == "relative":
        if not place:
            return message("效果只适用于“{of}”，须写明场所", of=effect.of)
        central, low, high = (
            None if value is None else value / 100 * share for value in (effect.change_percent, effect.low, effect.high)
        )
        return Change("relative", effect.item, effect.role, place, "", central, low, high, grade=grade, note=effect.of)
    unit = effect.unit or "1"
    kinds: dict[str, Kind] = {"per-product": "per-product", "level-after": "level-after", "per-year": "per-year"}
    kind = kinds[effect.basis]
    if kind == "level-after" and share < 1:
        return message("达到的水平只对全部适用时有意义")
    numbers = (effect.value_after if kind == "level-after" else effect.change, effect.low, effect.high)
    central, low, high = (
        None if value is None else value * (1.0 if kind == "level-after" else share) for value in numbers
    )
    return Change(
        kind, effect.item, effect.role, place, "", central, low, high, unit, effect.bound or "max", scale,
        grade=grade, note=effect.note,
    )  # fmt: skip


def effect_text(effect: Effect) -> Message:
    """An effect of a record as a reader has it: quantity, number or bounds, unit, of what."""
    item = catalogue().get(effect.item).name if effect.item in catalogue() else Name(effect.quantity, effect.quantity)
    if effect.basis == "relative":
        unit: object = "%"
        central = effect.change_percent
    else:
        unit = units.UnitText(effect.unit or "1")
        central = effect.value_after if effect.basis == "level-after" else effect.change
    if central is not None:
        number = f"{central:+g}" if effect.basis != "level-after" else f"{central:g}"
    elif effect.low is not None and effect.high is not None:
        number = f"{effect.low:g} … {effect.high:g}"
    elif effect.low is not None:
        number = f"≥ {effect.low:g}"
    else:
        number = f"≤ {effect.high:g}"
    if effect.of:
        return message("{item} {number} {unit}（{of}）", item=item, number=number, unit=unit, of=effect.of)
    return message("{item} {number} {unit}", item=item, number=number, unit=unit)

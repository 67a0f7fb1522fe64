"""Sources and traces (有源必有汇): inputs without their emissions and wastes, steps without inputs, pollutants from
nowhere, facilities without monitoring, waste codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from qingyuan import units
from qingyuan.checks.finding import Finding, Gravity, Number, joined, listed, shown
from qingyuan.checks.knowledge import (
    Term,
    Treatment,
    ancestors,
    contents,
    pollutant_sources,
    step_needs,
    terms,
    threshold,
    traces,
    treatments,
    waste_classes,
    waste_origins,
)
from qingyuan.checks.monitoring import READINGS
from qingyuan.checks.plant import Plant, called, look, waste_codes_in
from qingyuan.errors import Location
from qingyuan.facts.model import Case, Fact, State
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Message, Name, message
from qingyuan.reference.items import catalogue
from qingyuan.reference.processes import (
    census_pollutants,
    general_rules,
)
from qingyuan.reference.wastes import waste_codes


@lru_cache(maxsize=512)
def term_of(side: str, text: str) -> Term:
    """A term of the process knowledge: as the table says, else as the item catalogue knows the word."""
    known = terms().get((side, text))
    if known is not None:
        return known
    kinds = ("material", "energy", "product") if side == "when" else ("pollutant", "waste", "energy")
    for kind in kinds:
        match = catalogue().match(text, kind)
        if match is not None:
            return _plain_term(side, text, items=(match.item.id,))
    return _plain_term(side, text, words=(text,))


def _plain_term(side: str, text: str, *, items: tuple[str, ...] = (), words: tuple[str, ...] = ()) -> Term:
    return Term.model_construct(
        side=side, term=text, items=items, words=words, with_items=(), with_words=(), not_in=(), note=""
    )


@dataclass
class _Missing:
    """Something that must come out and is not accounted for, with what it must come from."""

    items: tuple[str, ...]
    causes: dict[object, None] = field(default_factory=dict)
    numbers: list[Number] = field(default_factory=list)
    rows: list[Location] = field(default_factory=list)
    concerns: dict[str, None] = field(default_factory=dict)


def inputs_without_trace(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Inputs and steps whose necessary emissions and wastes are nowhere in the data."""
    plant = look(case, ledger)
    missing: dict[tuple[str, ...], _Missing] = {}
    rules: list[tuple[tuple[str, ...], tuple[str, ...]]] = [
        ((rule.when_input,), rule.must_leave) for rule in general_rules()
    ]
    for signature in plant.signatures:
        rules += [(rule.when, rule.must_leave) for rule in signature.rules]
    for whens, leaves in rules:
        facts, rows, said = _met(plant, whens)
        if not facts and not said:
            continue
        for text in leaves:
            term = term_of("leave", text)
            if not term.items or any(plant.accounted(item) for item in term.items):
                continue
            if not term.with_items and not term.with_words:
                _note(plant, missing, term.items, facts, rows, said)
                continue
            # what holds under a condition only is asked for because of the condition
            given = [fact for item in term.with_items for fact in plant.has_input(item)]
            words = [word for word in term.with_words if plant.says(word) is not None]
            if given or words:
                _note(
                    plant, missing, term.items, given, [row for word in words for row in plant.says(word) or ()], words
                )
    for trace in traces():
        code = case.profile.industry_code
        if any(code.startswith(industry) for industry in trace.not_in):
            continue
        facts = [fact for item in trace.items for fact in plant.has_input(item)]
        found = [(word, where) for word in trace.words if (where := plant.says(word)) is not None]
        if (facts or found) and not any(plant.accounted(item) for item in trace.leaves):
            rows = [row for _, where in found for row in where]
            _note(plant, missing, trace.leaves, facts, rows, [word for word, _ in found])
    _census(plant, missing)
    _usual_monitoring(plant, missing)
    kept = _merged(missing.values())
    told = {pollutant for treatment, _ in _untold(plant) for pollutant in treatment.pollutants}
    for one in kept:  # what has a treatment and no monitoring stands under its own rule
        one.items = tuple(item for item in one.items if item not in told)
    kept = [one for one in kept if one.items]
    # what the plant's own inputs or steps must leave stands alone, the usual of the industry together
    alone = [one for one in kept if _alone(one)]
    by_cause: dict[object, list[_Missing]] = {}
    for one in alone:
        inputs = tuple(row for number in one.numbers for row in number.rows)
        by_cause.setdefault((_kind(one), inputs, tuple(one.rows)), []).append(one)
    for group in by_cause.values():
        yield from _untraced(plant, group, waste=_kind(group[0]) == "waste", own=True)
    rest = [part for one in kept if one not in alone for part in _by_kind(one)]
    yield from _untraced(plant, [one for one in rest if _kind(one) == "waste"], waste=True)
    yield from _untraced(plant, [one for one in rest if _kind(one) != "waste"], waste=False)


def _by_kind(one: _Missing) -> list[_Missing]:
    """Pollutants and wastes of one cause apart: a kitchen leaves fume to be measured and waste to be disposed of."""
    known = catalogue()
    wastes = tuple(item for item in one.items if item in known and known.get(item).kind == "waste")
    others = tuple(item for item in one.items if item not in wastes)
    return [
        _Missing(items, dict(one.causes), list(one.numbers), list(one.rows), dict(one.concerns))
        for items in (others, wastes)
        if items
    ]


def _alone(one: _Missing) -> bool:
    kinds = {catalogue().get(item).kind for item in one.items if item in catalogue()}
    if kinds == {"pollutant"}:
        return bool(one.numbers or one.rows) and not set(one.items) & _COMMON
    return kinds == {"waste"} and bool(one.numbers)


# Pollutants of kitchens and yards, and silver, of which a solder or film need not leave any in the water: asked for
# together with the usual ones.
_COMMON = frozenset({"cooking-fume", "odour", "SS", "pH", "COD", "silver"})


def _kind(one: _Missing) -> str:
    known = catalogue()
    return known.get(one.items[0]).kind if one.items[0] in known else ""


def _met(plant: Plant, whens: Iterable[str]) -> tuple[list[Fact], list[Location], list[str]]:
    """The inputs and the words that meet a condition: facts, rows of words, words."""
    facts: list[Fact] = []
    rows: list[Location] = []
    said: list[str] = []
    code = plant.case.profile.industry_code
    for text in whens:
        term = term_of("when", text)
        if any(code.startswith(industry) for industry in term.not_in):
            continue
        for item in term.items:
            facts += plant.has_input(item)
        for word in term.words:
            where = plant.says(word)
            if where is not None:
                rows += where
                said.append(word)
    return facts, rows, said


def _note(
    plant: Plant,
    missing: dict[tuple[str, ...], _Missing],
    items: tuple[str, ...],
    facts: list[Fact],
    rows: list[Location],
    said: list[str],
) -> None:
    one = missing.setdefault(items, _Missing(items))
    latest: dict[tuple[str, str], Fact] = {}
    for fact in facts:
        key = (fact.item, fact.place)
        if key not in latest or fact.period > latest[key].period:
            latest[key] = fact
    for fact in latest.values():
        cause = message(
            "{item} {value} {unit}",
            item=called(fact.item, fact.label),
            value=shown(fact.value or 0.0, 6),
            unit=units.UnitText(fact.unit),
        )
        if cause not in one.causes:
            one.numbers.append(
                Number(called(fact.item, fact.label), fact.value or 0.0, fact.unit, (fact.where,), fact.period)
            )
        one.causes[cause] = None
        one.concerns[fact.item] = None
    for word in said:
        if not any(word != other and word in other for other in said):  # the longer word says it
            one.causes[message("工序或设备“{word}”", word=word)] = None
    one.rows += rows


def _census(plant: Plant, missing: dict[tuple[str, ...], _Missing]) -> None:
    """Pollutants that most processes of the industry have in the national census."""
    share = threshold("input-without-trace", "census-share")
    for signature in plant.signatures:
        count = signature.census_processes
        if not count:
            continue
        for row in census_pollutants(signature.id):
            if row.processes < share * count or plant.accounted(row.pollutant) or row.pollutant == "VOCs":
                continue
            one = missing.setdefault((row.pollutant,), _Missing((row.pollutant,)))
            one.causes[message("普查中同行业 {count} 个工艺里 {n} 个有", count=count, n=row.processes)] = None


def _usual_monitoring(plant: Plant, missing: dict[tuple[str, ...], _Missing]) -> None:
    """Pollutants that the industry usually monitors, where the plant has no monitoring and may have a source."""
    if not plant.case.monitoring:
        return
    media = {one.medium for one in plant.case.monitoring}
    for signature in plant.signatures:
        for text in signature.monitoring:
            for word in _MONITORED.split(_ASIDE.sub("", text)):
                match = catalogue().match(word.strip(), "pollutant") if word.strip() else None
                if match is None or not media & set(match.item.media) or match.item.id in READINGS:
                    continue
                if any(plant.accounted(item) for item in _ALIKE.get(match.item.id, (match.item.id,))):
                    continue
                known = match.item.id in pollutant_sources()
                if known and not _source_known(plant, match.item.id, industries=False):
                    continue
                one = missing.setdefault((match.item.id,), _Missing((match.item.id,)))
                one.causes[message("同行业通常监测")] = None


# Lists of pollutants in the knowledge of processes: what parts them, and remarks beside them.
_MONITORED = re.compile(r"[、，,：:；;]|自动监测")
_ASIDE = re.compile(r"[（(].*?[）)]")
_ALIKE = {"VOCs": ("VOCs", "NMHC"), "NMHC": ("VOCs", "NMHC"), "particulate": ("particulate", "smoke-dust", "dust")}


def _merged(found: Iterable[_Missing]) -> list[_Missing]:
    """One entry for things that answer each other: ammonia asked for by two rules, VOC, and VOC or NMHC."""
    kept: list[_Missing] = []
    for one in sorted(found, key=lambda entry: len(entry.items)):
        same = next((other for other in kept if set(other.items) <= set(one.items)), None)
        if same is None:
            kept.append(one)
            continue
        same.items = tuple(dict.fromkeys((*same.items, *one.items)))
        known = {(number.what, number.rows) for number in same.numbers}
        same.numbers += [number for number in one.numbers if (number.what, number.rows) not in known]
        same.causes |= one.causes
        same.rows += one.rows
        same.concerns |= one.concerns
    return kept


def _untraced(plant: Plant, found: list[_Missing], *, waste: bool, own: bool = False) -> Iterator[Finding]:
    if not found:
        return
    entries = listed(
        message(
            "{names}（依据：{causes}）",
            names=listed((plant.name(item) for item in one.items), most=4),
            causes=listed(one.causes, most=6),
        )
        for one in found
    )
    if own:
        text = message(
            "应有{names}而没有{way}，依据：{causes}",
            names=listed((plant.name(item) for one in found for item in one.items), most=8),
            way=message("产生量或去向") if waste else message("监测或核算"),
            causes=listed(found[0].causes, most=6),
        )
        settle = (
            message("该废物的台账与转移联单；若并入其他废物或没有产生，写明理由")
            if waste
            else message("排污许可证和自行监测方案的因子；监测报告；若确不产生，写明理由")
        )
    elif waste:
        count = len({item for one in found for item in one.items})
        text = message("{count} 种按投入和工序应有的废物没有产生量或去向：{entries}", count=count, entries=entries)
        settle = message("各废物的台账与转移联单；若并入其他废物或没有产生，逐项写明理由")
    else:
        count = len({item for one in found for item in one.items})
        text = message(
            "{count} 种按投入、工序或同行业情况可能有的污染物没有监测或核算：{entries}", count=count, entries=entries
        )
        settle = message("自行监测方案和监测报告；若确不产生，逐项写明理由")
    numbers = list(dict.fromkeys(number for one in found for number in one.numbers))
    said = tuple(dict.fromkeys(row for one in found for row in one.rows))
    if not numbers and said:
        numbers = [Number(message("写有该工序的行"), float(len(said)), "", said, "", True)]
    yield Finding(
        rule="input-without-trace",
        severity=Gravity.MINOR if own else Gravity.QUESTION,
        message=text,
        numbers=(*numbers[:20], Number(message("有去向或监测的"), 0.0, "", (), "", True)),
        settle=settle,
        size=1.0 + sum(len(one.causes) for one in found),
        concerns=tuple(
            dict.fromkeys([*(i for one in found for i in one.items), *(c for one in found for c in one.concerns)])
        ),
        extra_rows=tuple(dict.fromkeys(row for one in found for row in one.rows)),
    )


def steps_without_input(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Steps that the plant says it has, and none of the inputs that such a step needs."""
    plant = look(case, ledger)
    if not any(fact.kind == "material" for fact in case.facts):
        return
    labels = [(fact.label, fact.where) for facts in plant.wastes.values() for fact in facts]
    for need in step_needs():
        words = [word for word in need.words if plant.says(word) is not None]
        rows = [row for word in words for row in plant.says(word) or ()]
        from_wastes = [(word, row) for word in need.words for label, row in labels if word in label]
        from_wastes += [
            (word[1:], facts[-1].where)
            for word in need.words
            if word.startswith("@")
            for facts in plant.inputs.values()
            if any(word[1:] in fact.label for fact in facts)
        ]
        if not words and not from_wastes:
            continue
        if any(_has(plant, item) for item in need.items) or _told(plant, need.items):
            continue
        items = [item for item in need.items if not item.startswith("@")]
        named = Name(need.needs_zh, need.needs_en) if need.needs_zh else None
        names = listed([named] if named is not None else [plant.name(item) for item in items], most=6)
        where = tuple(dict.fromkeys([*rows, *(row for _, row in from_wastes)]))
        said = listed([*words, *(word for word, _ in from_wastes)])
        yield Finding(
            rule="step-without-input",
            severity=Gravity.SERIOUS if need.firm else Gravity.QUESTION,
            message=message("有“{words}”，投入里却没有{names}中的任何一种", words=said, names=names)
            if named is None
            else message("有“{words}”，投入里却没有{names}", words=said, names=names),
            numbers=(
                Number(message("写有该工序的行"), float(len(where)), "", where, "", True),
                Number(names, 0.0, "kg", (), "", True),
            ),
            settle=message("补列食堂所用的燃料；厨房全部用电的，注明即可")
            if need.step == "canteen"
            else message("补列该物料的用量；或说明该工序已停用、由别的物料代替"),
            size=2.0,
            concerns=(need.step, *items[:4]),
        )


def _told(plant: Plant, items: Iterable[str]) -> bool:
    """Whether the missing input is told already by the waste that it leaves (``waste-without-input``)."""
    return any(
        origin.needed and set(items) <= set(origin.inputs) and any(waste in plant.wastes for waste in origin.wastes)
        for origin in waste_origins()
    )


def _has(plant: Plant, item: str) -> bool:
    if item.startswith("@"):
        return any(item[1:] in fact.label and fact.value for fact in plant.case.facts if fact.kind == "material")
    return bool(plant.has_input(item))


def pollutants_without_source(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Pollutants that were found, or are monitored, although nothing that goes in could hold them."""
    plant = look(case, ledger)
    if not any(fact.kind == "material" for fact in case.facts):
        return
    asked: list[str] = []
    for pollutant, results in plant.monitored.items():
        source = pollutant_sources().get(pollutant)
        if source is None or _source_known(plant, pollutant):
            continue
        found = [one for one in results if one.state is State.VALUE and one.concentration]
        if not found:
            asked.append(pollutant)
            continue
        top = max(found, key=lambda one: one.concentration or 0.0)
        yield Finding(
            rule="pollutant-without-source",
            severity=Gravity.MINOR,
            message=message(
                "{pollutant}在{outlets}检出 {count} 次（最高 {value} {unit}，{date}），投入和工序中却没有它的来源",
                pollutant=plant.name(pollutant),
                count=len(found),
                value=shown(top.concentration or 0.0),
                outlets=listed(dict.fromkeys(one.outlet for one in found)),
                unit=units.UnitText(top.unit),
                date=top.date,
            ),
            numbers=(
                Number(plant.name(pollutant), top.concentration or 0.0, top.unit, (top.where,), top.date),
                Number(message("含有它的投入"), 0.0, "kg", (), "", True),
            ),
            settle=message("物料的安全技术说明书；检测报告原件；有无未列出的工序或物料"),
            size=1.0 + len(found),
            concerns=(pollutant,),
            extra_rows=tuple(one.where for one in found),
        )
    if asked:
        listing = [one for pollutant in asked for one in plant.monitored[pollutant]]
        yield Finding(
            rule="pollutant-without-source",
            severity=Gravity.QUESTION,
            message=message(
                "监测了{pollutants}（均未检出），投入和工序中却没有来源：为何监测，或哪种物料没有列出",
                pollutants=listed(plant.name(pollutant) for pollutant in asked),
            ),
            numbers=(
                Number(message("监测次数"), float(len(listing)), "", tuple(one.where for one in listing), "", True),
                Number(message("含有它们的投入"), 0.0, "kg", (), "", True),
            ),
            settle=message("物料的安全技术说明书；监测方案的依据"),
            size=1.0 + len(asked),
            concerns=tuple(asked),
        )


def _source_known(plant: Plant, pollutant: str, *, industries: bool = True) -> bool:
    source = pollutant_sources()[pollutant]
    code = plant.case.profile.industry_code
    if industries and any(code.startswith(industry) for industry in source.industries):
        return True
    if any(plant.has_input(item) for item in source.items):
        return True
    if any(plant.says(word) is not None for word in source.words):
        return True
    known = catalogue()
    for item, facts in plant.inputs.items():
        if any(word in fact.label for fact in facts for word in source.words):
            return True
        own = known.get(item).contents if item in known else {}
        mixed = {one.element for one in contents() if one.item == item and (one.high if industries else one.low) > 0}
        if any(element in own or element in mixed for element in source.elements):
            return True
    return False


def _untold(plant: Plant) -> Iterator[tuple[Treatment, list[tuple[Message | str, Location]]]]:
    """Kinds of treatment whose pollutants are monitored nowhere, with the facilities."""
    case = plant.case
    if not case.monitoring:
        return
    facilities: list[tuple[str, Message | str, Location]] = [
        (
            fact.label,
            message("{name} {count} 套", name=fact.label, count=shown(fact.value))
            if fact.role == "count" and fact.value
            else fact.label,
            fact.where,
        )
        for fact in case.facts
        if fact.kind == "equipment" and fact.label
    ]
    facilities += [(machine.name, machine.name, machine.where) for machine in case.equipment]
    for treatment in treatments():
        hits = [(told, row) for name, told, row in facilities if any(word in name for word in treatment.words)]
        if hits and not any(plant.accounted(pollutant) for pollutant in treatment.pollutants):
            yield treatment, hits


def treated_not_monitored(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Treatment facilities for a pollutant that is monitored nowhere."""
    plant = look(case, ledger)
    for treatment, hits in _untold(plant):
        names = listed(plant.name(pollutant) for pollutant in treatment.pollutants)
        yield Finding(
            rule="treated-not-monitored",
            severity=Gravity.MINOR,
            message=message(
                "有治理设施{names}，却没有一个排放口监测{pollutants}",
                names=listed(name for name, _ in hits),
                pollutants=names,
            ),
            numbers=(
                Number(message("治理设施"), float(len(hits)), "", tuple(row for _, row in hits), "", True),
                Number(message("监测结果"), 0.0, "", (), "", True),
            ),
            settle=message("排污许可证的监测要求与监测报告；设施对应的排放口"),
            size=1.0 + len(hits),
            concerns=treatment.pollutants,
        )


# --- codes of wastes -------------------------------------------------------------------------------------------------


def _hazardous(fact: Fact) -> bool:
    return "hazardous-waste" in ancestors(fact.item) or "危险废物" in fact.note or "危废" in fact.note


def _text(fact: Fact) -> str:
    return " ".join((fact.label, fact.note, fact.source))


def waste_codes_missing(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Hazardous wastes without the code of the national list."""
    plant = look(case, ledger)
    without = {
        item: facts
        for item, facts in plant.wastes.items()
        if item != "hazardous-waste"
        and any(_hazardous(f) and f.value for f in facts)
        and not any(waste_codes_in(_text(f)) for f in facts)
    }
    if not without:
        return
    hazardous = sum(any(map(_hazardous, facts)) for item, facts in plant.wastes.items() if item != "hazardous-waste")
    year = max((fact.period for facts in without.values() for fact in facts), default="")
    numbers = tuple(
        Number(plant.name(item), fact.value, fact.unit, (fact.where,), fact.period)
        for item, facts in without.items()
        for fact in facts
        if fact.value is not None and fact.period == year
    )
    yield Finding(
        rule="waste-code-missing",
        severity=Gravity.MINOR,
        message=message(
            "{count} 种危险废物没有废物代码：{names}",
            count=len(without),
            names=listed(plant.name(item) for item in without),
        ),
        numbers=(
            Number(message("没有代码的危险废物"), float(len(without)), "", (), "", True),
            Number(message("危险废物"), float(hazardous), "", (), "", True),
            *numbers,
        ),
        settle=message("危险废物管理计划、转移联单上的废物代码，按现行国家危险废物名录"),
        size=float(len(without)),
        concerns=tuple(without),
        extra_rows=tuple(fact.where for facts in without.values() for fact in facts),
    )


def waste_codes_wrong(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Codes that the list does not hold or that belong to another kind of waste; hazardous waste called general."""
    plant = look(case, ledger)
    known = catalogue()
    for item, facts in plant.wastes.items():
        said: dict[object, Location] = {}
        for fact in facts:
            usual = {code.partition("|")[0] for code in known.get(item).waste_codes} if item in known else set()
            # who calls hazardous what is usually general is on the safe side
            classes = {name for name in map(_class, usual) if name.startswith("HW")}
            for code in waste_codes_in(_text(fact)):
                if code.startswith(("HW", "SW")) or "S" in code:
                    if classes and code.startswith("HW") and code not in classes:
                        said[
                            message(
                                "{code} 不是这种废物常见的类别（{usual}）", code=code, usual=joined(sorted(classes))
                            )
                        ] = fact.where
                elif code not in waste_codes():
                    said[message("名录里没有代码 {code}", code=code)] = fact.where
                elif classes and _class(code) not in classes:
                    said[
                        message("{code} 不是这种废物常见的类别（{usual}）", code=code, usual=joined(sorted(classes)))
                    ] = fact.where
            if "hazardous-waste" in ancestors(item) and "一般固" in fact.note:
                said[message("按一般固废处理，而这种废物通常是危险废物")] = fact.where
            elif "一般固" in fact.note:
                for record in waste_classes():
                    code = case.profile.industry_code
                    if any(word in fact.label for word in record.words) and any(
                        code.startswith(industry) for industry in record.industries
                    ):
                        said[
                            message(
                                "写作一般固废，而这一行业的这种废物多为危险废物（{classes}）",
                                classes=joined(record.classes),
                            )
                        ] = fact.where
        if not said:
            continue
        value = next((fact for fact in facts if fact.value is not None), facts[0])
        yield Finding(
            rule="waste-code-wrong",
            severity=Gravity.QUESTION,
            message=message("{waste}：{said}", waste=plant.name(item), said=listed(said)),
            numbers=(Number(plant.name(item), value.value or 0.0, value.unit, (value.where,), value.period),),
            settle=message("现行国家危险废物名录；危险特性鉴别报告；转移联单"),
            size=1.0 + len(said),
            concerns=(item,),
            extra_rows=tuple(dict.fromkeys(said.values())),
        )


def _class(code: str) -> str:
    return code if code.startswith(("HW", "SW")) else f"HW{code[-2:]}" if "S" not in code else code[-3:]

"""Random cases for property tests, over the whole catalogue and the plant's own names."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import strategies as st

from qingyuan.errors import NOWHERE
from qingyuan.facts.model import (
    Basis,
    Case,
    Equipment,
    Evidence,
    Fact,
    Judgement,
    Monitoring,
    OptionRow,
    Place,
    Profile,
    State,
)
from qingyuan.facts.naming import named_item
from qingyuan.reference.items import catalogue

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)
# Beginnings that a spreadsheet would take for formulas, full-width forms, signs, astral characters, lines.
WORDS = st.text(alphabet="=+-@甲乙油墨车间ABcd0 19（）()/·＝，、;；\"'<>&%\n𠮷é", min_size=1, max_size=12).map(
    lambda text: text.strip()
)
PERIODS = st.sampled_from(
    ["2020", "2021", "2022", "2023", "2022-07", "2022-07-14", "2022-01-01/2022-06-30", "undated", "1999"]
)
PLACES = st.sampled_from(["", "", "一车间", "二车间", "二、三车间", "废水处理站", "=1+1", "101"])


@st.composite
def quantities(draw: st.DrawFn) -> tuple[State, float | None]:
    state = draw(st.sampled_from([State.VALUE, State.VALUE, State.VALUE, *State]))
    if state is State.VALUE:
        return state, draw(NUMBERS | st.integers(0, 10**9).map(float))
    if state is State.BELOW_DETECTION:
        return state, draw(st.none() | st.floats(1e-9, 1e3))
    return state, None


def _note(text: str) -> str:
    """A dash says that there is nothing to say."""
    return "" if text in {"-", "/", "--", "—", "－"} else text


@st.composite
def facts(draw: st.DrawFn) -> Fact:
    """A fact as a reader would make it: its label leads to its item, its unit is one that the item takes."""
    known = catalogue()
    kind = draw(st.sampled_from([kind.id for kind in known.kinds]))
    if kind not in {"energy", "water"} and draw(st.booleans()):
        label = draw(WORDS.filter(lambda text: bool(text) and text.casefold() not in {"合计", "total"}))
        named = named_item(label, kind)
        unit = "t"
    else:
        item = draw(st.sampled_from(known.of_kind(kind)))
        label = draw(st.sampled_from([item.name.zh, item.name.en, *item.aliases, *item.role_aliases]))
        named = named_item(label, kind)
        unit = item.unit
    role = draw(st.sampled_from(known.roles(named.kind)))
    if role.group == "property" and not named.own:
        unit = role.units[0] if role.units else "1"
    elif not named.own:
        unit = known.get(named.item).unit
    state, value = draw(quantities())
    return Fact(
        plant="plant-1",
        period=draw(PERIODS),
        item=named.item,
        role=role.id,
        value=value,
        unit=unit,
        place=draw(PLACES),
        to_place=draw(st.sampled_from(["", "", "", "三车间", "废水处理站"])),
        kind=named.kind,
        state=state,
        basis=draw(st.sampled_from(Basis)),
        uncertainty=draw(st.none() | st.floats(0, 1)),
        meter=_note(draw(st.just("") | WORDS)),
        product=draw(st.sampled_from(["", "single-sided-board", "自有产品"])),
        source=_note(draw(st.just("") | WORDS)),
        note=draw(st.just("") | WORDS),
        label=label,
        own_item=named.own,
    )


@st.composite
def results(draw: st.DrawFn) -> Monitoring:
    label = draw(st.sampled_from(["COD", "总铜", "氨氮", "怪因子", "VOCs"]))
    state, value = draw(quantities())
    optional = st.none() | st.floats(0, 1e6)
    return Monitoring(
        plant="plant-1",
        outlet=draw(WORDS.filter(bool)),
        pollutant=named_item(label, "pollutant").item,
        date=draw(PERIODS.filter(lambda period: period != "1999")),
        state=state,
        concentration=value,
        unit=draw(st.sampled_from(["mg/L", "mg/m3"])),
        limit=_note(draw(st.sampled_from(["", "6-9", "160"]))),
        flow_m3_h=draw(optional),
        rate_kg_h=draw(optional),
        rate_limit_kg_h=draw(optional),
        stack_m=draw(optional),
        medium=draw(st.sampled_from(["water", "air"])),
        basis=draw(st.sampled_from([Basis.MONITORING, Basis.MONITORING_AUTO])),
        note=draw(st.just("") | WORDS),
        label=label,
    )


ANSWERS = st.none() | st.sampled_from(["I", "II", "III", "none", "yes", "no", "n/a"]) | NUMBERS
SCALARS = st.booleans() | NUMBERS | WORDS.filter(bool)
KEYS = st.text(alphabet="abc甲·._/ -", min_size=1, max_size=6).map(lambda text: text.strip()).filter(bool)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A whole case: every table, settings, details and nested parameters."""
    named = draw(st.lists(st.sampled_from(["一车间", "二车间", "x 线", "1#"]), unique=True, max_size=3))
    indicators = draw(st.lists(st.sampled_from("abcdef"), unique=True, max_size=4))
    optional = st.none() | st.floats(0, 1e6)
    return Case(
        profile=Profile(
            plant="plant-1",
            name=draw(st.just("") | WORDS),
            industry_code="3982",
            grade=draw(st.sampled_from(["", "demo"])),
            settings=draw(st.dictionaries(KEYS, SCALARS, max_size=3)),
            details=draw(st.dictionaries(KEYS, WORDS.filter(bool), max_size=3)),
        ),
        facts=tuple(draw(st.lists(facts(), min_size=1, max_size=25))),
        places=tuple(Place(name, "", draw(st.sampled_from(["", "workshop", "living", "别的"])), ()) for name in named),
        monitoring=tuple(draw(st.lists(results(), max_size=4))),
        equipment=tuple(
            Equipment(
                place=draw(st.sampled_from(["", *named])),
                name=draw(WORDS.filter(bool)),
                model=_note(draw(WORDS)),
                power_kw=draw(optional),
                count=draw(optional),
                power_printed=draw(st.sampled_from(["", "5Kkw"])),
                details=tuple(
                    sorted(draw(st.dictionaries(st.sampled_from(["产地", "=x"]), WORDS.filter(bool))).items())
                ),
            )
            for _ in range(draw(st.integers(0, 3)))
        ),
        judgements=tuple(
            Judgement(id, draw(ANSWERS), draw(WORDS.filter(bool)), draw(st.just("") | WORDS)) for id in indicators
        ),
        options=tuple(
            OptionRow(
                id=f"F{number}",
                name=draw(WORDS.filter(bool)),
                kind=draw(st.sampled_from(["", "medium", "none-low", "自定"])),
                investment=draw(optional),
                annual_saving=draw(st.none() | NUMBERS),
                effects=_note(draw(WORDS)),
            )
            for number in range(draw(st.integers(0, 3)))
        ),
        parameters=draw(
            st.dictionaries(
                KEYS,
                SCALARS
                | st.lists(st.integers(0, 9), max_size=3)
                | st.dictionaries(KEYS, SCALARS, min_size=1, max_size=3),
                max_size=3,
            )
        ),
        evidence=tuple(
            Evidence(f"E{number}", draw(WORDS), date=draw(st.sampled_from(["", "2022-07-14"])))
            for number in range(draw(st.integers(0, 2)))
        ),
    )


def content(case: Case) -> dict[str, object]:
    """What a case says, without where it was read and in what order its facts stood."""

    def bag(rows: tuple[object, ...]) -> Counter[object]:
        return Counter(replace(row, where=NOWHERE) for row in rows)  # type: ignore[type-var]

    return {
        "profile": case.profile,
        "facts": bag(case.facts),
        "places": {place.name: place for place in case.places},
        "monitoring": bag(case.monitoring),
        "equipment": bag(case.equipment),
        "judgements": bag(case.judgements),
        "options": bag(case.options),
        "parameters": dict(case.parameters),
        "evidence": bag(case.evidence),
    }


def normal(case: Case) -> Case:
    """The case with the places that its facts mention, as any reader adds them."""
    from qingyuan.facts.places import place_tree

    mentioned = [name for fact in case.facts for name in (fact.place, fact.to_place)]
    places, _ = place_tree((*mentioned, *(machine.place for machine in case.equipment)), case.places)
    return replace(case, places=places)

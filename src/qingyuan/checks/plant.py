"""The plant as the checks look at it: yearly series as stated, outputs, inputs, words of its processes, monitoring.

Everything here is read off the case and its ledger once and shared by all rules (``look``).
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from qingyuan import units
from qingyuan.checks.finding import Number, What
from qingyuan.errors import Location, UnknownName
from qingyuan.facts.model import SITE, UNDATED, Basis, Case, Fact, Monitoring, Period, State
from qingyuan.figures.derivation import Term
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.monitoring import Series as Results
from qingyuan.figures.monitoring import series_of
from qingyuan.language import Message, Name, message
from qingyuan.reference.items import catalogue
from qingyuan.reference.processes import ProcessSignature, process_signatures

# Ways of knowing that say themselves that a number was not measured.
COMPUTED_BASES = frozenset({Basis.BALANCE, Basis.FACTOR, Basis.ESTIMATE})
FLOW_KINDS = ("material", "energy", "water", "waste")


@dataclass(frozen=True, slots=True)
class Series:
    """What was stated of one thing at one place, year by year (逐年数列).

    ``amounts`` by year in ``unit`` (sums of the rows of a year, or of its twelve months), ``months`` by month where
    months were stated, ``rows`` by year, ``steps`` the smallest step that the printed digits of a year show.
    """

    item: str
    role: str
    kind: str
    place: str
    label: str
    unit: str
    amounts: Mapping[str, float]
    months: Mapping[str, float]
    rows: Mapping[str, tuple[Location, ...]]
    steps: Mapping[str, float]
    bases: frozenset[Basis]

    @property
    def years(self) -> tuple[str, ...]:
        """The years with an amount, ascending."""
        return tuple(sorted(self.amounts))

    @property
    def honest(self) -> bool:
        """Whether the source itself says that the numbers are no measurements."""
        return bool(self.bases) and self.bases <= COMPUTED_BASES

    def number(self, year: str, what: What) -> Number:
        """The amount of one year as a side of a finding."""
        return Number(what, self.amounts[year], self.unit, self.rows[year], year)


@dataclass(frozen=True, slots=True)
class Output:
    """Products made at a place, added up where they share a unit (产量): year to amount, with the rows."""

    place: str
    unit: str
    amounts: Mapping[str, float]
    rows: Mapping[str, tuple[Location, ...]]
    items: tuple[str, ...]


def step_of(value: float) -> float:
    """The smallest step that a number as printed shows: 0.01 for 27.93, 1 for 10823."""
    text = f"{value:.12g}"
    if "e" in text:
        return 1.0
    return 10.0 ** -len(text.partition(".")[2])


def digits_of(value: float) -> int:
    """Significant digits of a number as printed, zeros at the end of a whole number left out."""
    text = f"{abs(value):.12g}".partition("e")[0].replace(".", "").strip("0")
    return len(text)


class Plant:
    """One case as the rules see it (检查视角); made by ``look``."""

    def __init__(self, case: Case, ledger: Ledger) -> None:
        self.case = case
        self.ledger = ledger
        self.years = ledger.years
        self._outputs: dict[str, tuple[Output, ...]] = {}

    # --- names -------------------------------------------------------------------------------------------------------

    def name(self, item: str) -> Name | str:
        """The name of an item: the catalogue's, else the plant's own."""
        known = catalogue()
        if item in known:
            return known.get(item).name
        return next((fact.label for fact in self.case.facts if fact.item == item and fact.label), item)

    @staticmethod
    def place_name(place: str) -> Message | str:
        """The name of a place; the whole site by its word."""
        return place or message("全厂")

    # --- amounts as stated -------------------------------------------------------------------------------------------

    @cached_property
    def series(self) -> tuple[Series, ...]:
        """What was stated year by year, of everything that flows or is earned, at every place."""
        groups: dict[tuple[str, str, str, str, str], list[Fact]] = defaultdict(list)
        known = {role.id: role.group for role in catalogue().all_roles}
        for fact in self.case.facts:
            stated = fact.period != UNDATED and fact.value is not None and fact.state is State.VALUE
            if stated and known.get(fact.role, "flow") == "flow":
                groups[fact.place, fact.item, fact.role, fact.label, fact.product].append(fact)
        found = (self._series(*key[:4], facts) for key, facts in groups.items())
        return tuple(one for one in found if one is not None)

    def _series(self, place: str, item: str, role: str, label: str, facts: Sequence[Fact]) -> Series | None:
        unit = units.canonical(facts[0].unit) if facts[0].unit else ""
        amounts: dict[str, float] = {}
        months: dict[str, float] = {}
        rows: dict[str, list[Location]] = defaultdict(list)
        steps: dict[str, float] = {}
        bases: set[Basis] = set()
        for fact in facts:
            ratio = _ratio(fact.unit, unit)
            if ratio is None or fact.value is None:
                continue
            period = str(Period.parse(fact.period))
            target = amounts if len(period) == 4 else months
            if len(period) not in (4, 7):
                continue
            target[period] = target.get(period, 0.0) + fact.value * ratio
            rows[period].append(fact.where)
            steps[period] = max(steps.get(period, 0.0), step_of(fact.value) * ratio)
            bases.add(fact.basis)
        for year in {month[:4] for month in months} - set(amounts):
            parts = [month for month in months if month.startswith(year)]
            if len(parts) == 12:
                amounts[year] = sum(months[month] for month in parts)
                rows[year] = [row for month in parts for row in rows[month]]
                steps[year] = max(steps[month] for month in parts)
        if not amounts and not months:
            return None
        return Series(
            item,
            role,
            facts[0].kind,
            place,
            label,
            unit,
            amounts,
            months,
            {key: tuple(value) for key, value in rows.items()},
            steps,
            frozenset(bases),
        )

    # --- amounts of the ledger ---------------------------------------------------------------------------------------

    def amount(
        self,
        item: str,
        roles: str | Sequence[str],
        year: str,
        *,
        unit: str | None = None,
        place: str = SITE,
        what: What | None = None,
    ) -> Number | None:
        """An amount as the ledger adds it up, as a side of a finding; None where nothing or another unit is known."""
        try:
            term = self.ledger.amount(item, roles, year, place, unit=unit)
        except units.DimensionError:
            return None
        return None if term is None or term.covers else self.number(term, what or self.name(item), year)

    def used(
        self, item: str, year: str, *, unit: str | None = None, place: str = SITE, what: What | None = None
    ) -> Number | None:
        """What was consumed of an input, as the ledger knows it."""
        try:
            term = self.ledger.consumption(item, year, place, unit=unit)
        except units.DimensionError:
            return None
        return None if term is None or term.covers else self.number(term, what or self.name(item), year)

    def number(self, term: Term, what: What, period: str) -> Number:
        """A term as a side of a finding, with the rows of its facts; of rival statements the largest alone."""
        facts = term.facts()
        rival = next((group for group in self.rivals if len(facts) > 1 and set(facts) <= set(group)), None)
        if rival is not None:
            top = max(facts, key=lambda fact: fact.value or 0.0)
            ratio = _ratio(top.unit, term.unit)
            if ratio is not None:
                return Number(what, (top.value or 0.0) * ratio, term.unit, (top.where,), period)
        rows = tuple(dict.fromkeys(fact.where for fact in facts))
        return Number(what, term.value, term.unit, rows, period, computed=len(facts) != 1)

    @cached_property
    def rivals(self) -> tuple[tuple[Fact, ...], ...]:
        """Facts that state one amount of one place and period with different numbers."""
        groups: dict[tuple[str, str, str, str, str], list[Fact]] = defaultdict(list)
        for fact in self.case.facts:
            stated = fact.period != UNDATED and fact.value is not None and fact.state is State.VALUE
            if stated and not fact.to_place and fact.kind not in ("equipment", "staff"):
                groups[fact.item, fact.role, fact.period, fact.place, fact.product].append(fact)
        return tuple(tuple(facts) for facts in groups.values() if len(facts) > 1 and _rival(facts))

    # --- output ------------------------------------------------------------------------------------------------------

    @cached_property
    def _products(self) -> tuple[Series, ...]:
        made = [one for one in self.series if one.kind == "product" and one.role == "produced"]
        known = catalogue()
        names = {one.item for one in made}
        totals = {
            one.item
            for one in made
            if one.item in known
            and any(other != one.item and other in known and known.is_a(other, one.item) for other in names)
        }
        return tuple(one for one in made if one.item not in totals and one.item not in ("rejects", "by-product"))

    def outputs(self, place: str = SITE) -> tuple[Output, ...]:
        """What was made at a place and below it, by unit; at the places above it where nothing is said of it."""
        if place not in self._outputs:
            self._outputs[place] = tuple(self._add_up(place, self._made_at(place)))
        return self._outputs[place]

    def _made_at(self, place: str) -> Sequence[Series]:
        for where in self.ledger.above(place):
            inside = {where, *self.ledger.below(where)}
            made = [one for one in self._products if where == SITE or one.place in inside]
            if made:
                return made
        return ()

    @staticmethod
    def _add_up(place: str, made: Sequence[Series]) -> Iterable[Output]:
        by_unit: dict[str, list[Series]] = defaultdict(list)
        for one in made:
            unit = next((unit for unit in by_unit if units.dimension(unit) == units.dimension(one.unit)), one.unit)
            by_unit[unit].append(one)
        for unit, group in by_unit.items():
            years = set.intersection(*(set(one.amounts) for one in group))
            yield Output(
                place,
                unit,
                {
                    year: sum(one.amounts[year] * units.factor(one.unit, unit) for one in group)
                    for year in sorted(years)
                },
                {year: tuple(row for one in group for row in one.rows[year]) for year in years},
                tuple(dict.fromkeys(one.item for one in group)),
            )

    def output(self, place: str = SITE) -> Output | None:
        """The output of a place by the unit that most of its years have; None where none is known."""
        found = self.outputs(place)
        return max(found, key=lambda one: len(one.amounts), default=None)

    # --- what goes in, what is said ----------------------------------------------------------------------------------

    @cached_property
    def inputs(self) -> Mapping[str, tuple[Fact, ...]]:
        """Materials and energy that went in: item to its facts with a positive amount."""
        found: dict[str, list[Fact]] = defaultdict(list)
        for fact in self.case.facts:
            used = fact.role in ("consumed", "purchased", "feedstock")
            if used and fact.kind in ("material", "energy", "product") and fact.value:
                found[fact.item].append(fact)
        return {item: tuple(facts) for item, facts in found.items()}

    def has_input(self, item: str) -> tuple[Fact, ...]:
        """The facts of an input or of a kind of it."""
        return tuple(fact for own, facts in self.inputs.items() if own == item or _is_a(own, item) for fact in facts)

    @cached_property
    def wastes(self) -> Mapping[str, tuple[Fact, ...]]:
        """Wastes with a row, whatever it says: item to its facts."""
        found: dict[str, list[Fact]] = defaultdict(list)
        for fact in self.case.facts:
            if fact.kind == "waste":
                found[fact.item].append(fact)
        return {item: tuple(facts) for item, facts in found.items()}

    @cached_property
    def monitored(self) -> Mapping[str, tuple[Monitoring, ...]]:
        """Results of monitoring by pollutant."""
        found: dict[str, list[Monitoring]] = defaultdict(list)
        for one in self.case.monitoring:
            found[one.pollutant].append(one)
        return {pollutant: tuple(results) for pollutant, results in found.items()}

    def accounted(self, item: str) -> bool:
        """Whether anything is said of a pollutant, waste or water: monitored, stated, or stated to be none."""
        if any(_same(pollutant, item) for pollutant in self.monitored):
            return True
        return any(
            _same(fact.item, item)
            for fact in self.case.facts
            if fact.kind in ("pollutant", "waste", "water", "energy", "product") and fact.state is not State.EMPTY
        )

    @cached_property
    def words(self) -> tuple[tuple[str, Location], ...]:
        """Texts that name processes and machines, with their rows: the profile, places, machines, facilities."""
        found: list[tuple[str, Location]] = []
        for key in ("processes", "products", "process", "工艺", "产品"):
            if key in self.case.profile.details:
                found.append((self.case.profile.details[key], Location("plant.toml", column=key)))
        at: dict[str, Location] = {}  # a place is where it is first spoken of
        for fact in self.case.facts:
            at.setdefault(fact.place, fact.where)
        for machine in self.case.equipment:
            at.setdefault(machine.place, machine.where)
        found += [(place.name, at.get(place.name, Location())) for place in self.ledger.places]
        found += [(machine.name, machine.where) for machine in self.case.equipment]
        found += [(fact.label, fact.where) for fact in self.case.facts if fact.kind == "equipment"]
        return tuple(found)

    def says(self, word: str) -> tuple[Location, ...] | None:
        """The rows whose text names a word, () where only a place does; None where nothing does."""
        hits = [where for text, where in self.words if word in text]
        return tuple(where for where in dict.fromkeys(hits) if where != Location()) if hits else None

    @cached_property
    def signatures(self) -> tuple[ProcessSignature, ...]:
        """The process signatures of the plant's industry; of whole divisions only those whose process it names."""
        code = self.case.profile.industry_code
        if len(code) < 2:
            return ()
        return tuple(
            one
            for one in process_signatures().values()
            if any(_of_industry(code, entry) for entry in one.industry_codes)
            and (not any("-" in entry for entry in one.industry_codes) or self.says(one.name) is not None)
        )

    @cached_property
    def results(self) -> tuple[Results, ...]:
        """The results of monitoring by outlet, side of the treatment and pollutant."""
        return series_of(self.case)

    @cached_property
    def waste_water(self) -> Mapping[str, Number]:
        """Waste water of production generated, m3 a year; all waste water where no other is known."""
        found: dict[str, Number] = {}
        for year in self.years:
            for item in ("process-wastewater", "wastewater"):
                number = self.amount(item, ("generated", "discharged", "treated"), year, unit="m3")
                if number is not None and number.value > 0:
                    found[year] = number
                    break
        return found

    @cached_property
    def operating_hours(self) -> Mapping[str, Number]:
        """Hours of production a year, as stated; from days and shifts it is not guessed."""
        found: dict[str, Number] = {}
        for fact in self.case.facts:
            if fact.item == "operating-hours" and fact.value and fact.period != UNDATED and fact.role == "amount":
                year = str(Period.parse(fact.period).start.year)
                if year not in found or fact.value > found[year].value:
                    found[year] = Number(self.name(fact.item), fact.value, "h", (fact.where,), year)
        return found


def _rival(facts: Sequence[Fact]) -> bool:
    """Rows known in different ways, or by different names of one thing, are rivals; parts of one list are not."""
    if len({fact.label for fact in facts}) == 1 and len({fact.basis for fact in facts}) == 1:
        return False
    if len({(fact.value, fact.unit) for fact in facts}) == 1 or len({fact.unit for fact in facts}) > 1:
        return False
    if len({fact.basis for fact in facts}) > 1:
        return True
    if any(fact.meter for fact in facts) or len({fact.source for fact in facts}) > 1:
        return False
    one_thing = facts[0].kind in ("water", "energy", "product", "money") and len(facts) == 2
    return one_thing and facts[0].basis not in COMPUTED_BASES


def _of_industry(code: str, entry: str) -> bool:
    """Whether an industry code lies under an entry: a code, or ranges of divisions and groups (33-37、431-434)."""
    for part in re.split("[、,，]", entry):
        first, _, last = part.partition("-")
        if not last:
            if first and (code.startswith(first) or first.startswith(code)):
                return True
        elif first <= code[: len(first)] <= last:
            return True
    return False


def called(item: str, label: str) -> Name | str:
    """An item as the source calls it; for an English reader by the name of the catalogue where it is known."""
    known = catalogue()
    return Name(label or known.get(item).name.zh, known.get(item).name.en) if item in known else label or item


def property_name(fact: Fact) -> Name:
    """A property as the source calls it (产品合格率); for an English reader by the name of the role."""
    role = catalogue().role(fact.role)
    return Name(fact.label or role.name.zh, role.name.en)


def stated_name(fact: Fact) -> Name | str:
    """A fact as the source calls it; for an English reader the item with what is said of it: product, capacity."""
    found = called(fact.item, fact.label)
    known = catalogue()
    if not isinstance(found, Name) or fact.role not in {role.id for role in known.all_roles}:
        return found
    return Name(found.zh, f"{found.en}, {known.role(fact.role).name.en}")


_last = threading.local()


def look(case: Case, ledger: Ledger) -> Plant:
    """The plant of a case and its ledger; the same object while one case is looked at."""
    found: Plant | None = getattr(_last, "plant", None)
    if found is None or found.case is not case or found.ledger is not ledger:
        found = _last.plant = Plant(case, ledger)
    return found


def _ratio(unit: str, to: str) -> float | None:
    try:
        own = units.canonical(unit) if unit else ""
        return 1.0 if own == to else units.factor(own, to)
    except (units.DimensionError, UnknownName):
        return None


def _is_a(item: str, ancestor: str) -> bool:
    known = catalogue()
    return item in known and ancestor in known and known.is_a(item, ancestor)


def _same(item: str, wanted: str) -> bool:
    """Whether a record of one item answers for another: the same, or a part or the whole of it."""
    return item == wanted or _is_a(item, wanted)


_NUMBERED = re.compile(r"(?:HW|SW)\d{2}|\d{3}-\d{3}-(?:\d{2}|S\d{2})", re.IGNORECASE)


def waste_codes_in(text: str) -> tuple[str, ...]:
    """The waste classes and codes that a text names: HW49, 900-041-49, SW17."""
    return tuple(code.upper() for code in _NUMBERED.findall(text))

"""Finding what a process method needs among a plant's facts, the report's settings and the defaults (过程排放取数)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from qingyuan import units
from qingyuan.errors import InputError, Location, Problem
from qingyuan.facts.model import Fact
from qingyuan.figures.derivation import Term, constant, from_coefficient, from_fact, total
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.settings import Settings
from qingyuan.language import Message, Name, listing, message
from qingyuan.reference.carbon_processes import process_constant
from qingyuan.reference.items import catalogue
from qingyuan.reference.loading import Record, load_toml
from qingyuan.reference.records import Coefficient, Grade

FILE = "accounting/process-inputs.toml"


class _Argument(Record):
    name: str
    items: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    property: str = ""
    parameter: str = ""
    constant: str = ""
    zero: bool = False
    whole: bool = False
    unit: str


class _Amount(Record):
    argument: str
    items: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    parameter: str = ""
    unit: str


class _Otherwise(Record):
    product: str
    constant: str


class ProcessInput(Record):
    """One process method of single amounts and where its arguments are found (一种过程的取数规则)."""

    id: str
    name: Name
    method: str
    function: str
    gas: str
    needed: tuple[str, ...]
    sectors: tuple[str, ...]
    amount: _Amount
    otherwise: tuple[_Otherwise, ...] = ()
    arguments: tuple[_Argument, ...]


class _File(Record):
    process: tuple[ProcessInput, ...]


def process_inputs() -> tuple[ProcessInput, ...]:
    """The methods of single amounts, as the data list them."""
    data: _File = load_toml(FILE, _File)
    return data.process


@dataclass(frozen=True, slots=True)
class Plant:
    """One plant in one period, as the process methods ask for it.

    ``day`` decides editions and default sets; ``industry`` is the GB/T 4754 code.
    """

    ledger: Ledger
    settings: Settings
    period: str
    day: dt.date

    @property
    def industry(self) -> str:
        """The plant's industry code; empty where it is not given."""
        return self.ledger.case.profile.industry_code.lstrip("ABCDEFGHIJKLMNOPQRST")

    def is_in(self, sectors: Iterable[str]) -> bool:
        """Whether the plant belongs to one of some sectors."""
        return any(self.industry.startswith(prefix) for prefix in sectors)

    def amount(self, names: Sequence[str], roles: Sequence[str], unit: str) -> Term | None:
        """The amount of an item known under any of some ids and names, over all rows that carry one of them.

        None where nothing is known, or where the unit does not fit (litres of a gas balance kept in tonnes).
        """
        found: list[Term] = []
        spelled = spellings(names)
        for item in self.items_named(names, roles):
            term = self._of_item(item, spelled, roles)
            if term is not None and units.dimension(term.unit) == units.dimension(unit):
                found.append(term.to(unit))
        if not found:
            return None
        return found[0] if len(found) == 1 else total(found, unit=unit)

    def items_named(self, names: Sequence[str], roles: Sequence[str]) -> tuple[str, ...]:
        """The items of the case that are, or were written as, one of some names, in a role."""
        found: dict[str, None] = {}
        spelled = spellings(names)
        for fact in self.ledger.select(roles=roles, period=self.period):
            if _is_named(fact, spelled):
                found.setdefault(fact.item)
        return tuple(found)

    def _of_item(self, item: str, names: Collection[str], roles: Sequence[str]) -> Term | None:
        if item.casefold() in names:
            return self.ledger.amount(item, roles, self.period)
        # Known to the catalogue under a wider item (钢渣 as 冶炼废渣): only the rows written so belong here.
        rows = [
            fact
            for fact in self.ledger.select(item=item, roles=roles, period=self.period)
            if _is_named(fact, names) and fact.value is not None
        ]
        whole = [fact for fact in rows if fact.period == self.period]
        used = whole or rows
        return total([from_fact(fact) for fact in used]) if used else None

    def property_of(self, names: Sequence[str], roles: Sequence[str], property: str, unit: str) -> Term | None:
        """A property stated for the item of an amount; None where it is not stated or in another kind of unit."""
        for item in (*self.items_named(names, roles), *names):
            term = self.ledger.property_of(item, property, self.period)
            if term is not None and (fitted := fit(term, unit)) is not None:
                return fitted
        return None

    def parameter(self, name: str, unit: str) -> Term | None:
        """A number set for the report: ``name.2022`` for one period or ``name`` for all; None where it is not set.

        Raises InputError where the setting is no number.
        """
        for key in (f"{name}.{self.period}", name):
            for spelling in (key, key.replace("-", "_")):
                if spelling in self.settings.extra:
                    return from_coefficient(
                        Coefficient(
                            id=f"setting/{key}",
                            name=Name(key, key),
                            value=setting_number(key, self.settings.extra[spelling]),
                            unit=unit,
                            grade=Grade.USER,
                            source="report settings",
                        )
                    )
        return None

    def choice(self, name: str) -> str:
        """A word set for the report; empty where it is not set."""
        for spelling in (name, name.replace("-", "_")):
            if spelling in self.settings.extra:
                return str(self.settings.extra[spelling]).strip()
        return ""

    def one_of(self, name: str, choices: Collection[str]) -> str:
        """A choice set for the report, empty where it is not set; raises InputError with the list for another word."""
        said = self.choice(name)
        if said and said not in choices:
            raise bad_setting(name, said, message("{choices} 之一", choices=listing(choices)))
        return said


def setting_number(key: str, value: str | float | bool) -> float:
    """A number as it was set, ``%`` understood; raises InputError that names the setting."""
    try:
        if isinstance(value, bool):
            raise ValueError(value)
        if isinstance(value, str) and value.strip().endswith("%"):
            return float(value.strip().removesuffix("%")) / 100
        return float(value)
    except ValueError:
        raise bad_setting(key, value, message("一个数")) from None


def bad_setting(key: str, value: object, expected: Message) -> InputError:
    """The error of a setting that cannot be understood."""
    return InputError(
        [
            Problem(
                "setting-not-understood",
                message("报告设置“{key}”无法识别", key=key),
                where=Location(sheet="settings", column=key),
                found=str(value),
                expected=expected,
            )
        ]
    )


def spellings(names: Iterable[str]) -> frozenset[str]:
    """Ids and names, and of what the catalogue knows its names in both languages, without regard to case."""
    known = catalogue()
    found: set[str] = set()
    for name in names:
        found.add(name)
        if name in known:
            item = known.get(name)
            found.update((item.name.zh, item.name.en, *item.aliases, *item.role_aliases))
    return frozenset(name.casefold() for name in found if name)


def _is_named(fact: Fact, spelled: Collection[str]) -> bool:
    return fact.item.casefold() in spelled or fact.label.strip().casefold() in spelled


def fit(term: Term, unit: str) -> Term | None:
    """A term in a unit; a share of carbon (``%``) is taken as tC/t where a content is asked; None where it differs."""
    if units.dimension(term.unit) == units.dimension(unit):
        return term.to(unit)
    if units.dimension(term.unit) == "dimensionless" and units.dimension(unit) == "carbon/mass":
        return (term * constant(message("碳的质量分数"), 1.0, "tC/t")).to(unit)
    return None


@dataclass(frozen=True, slots=True)
class Gathered:
    """The arguments of a process method, or what is missing of them; ``concerned`` = the plant has the process."""

    concerned: bool
    arguments: dict[str, Term]
    needs: tuple[Message, ...] = ()


def gather(plant: Plant, process: ProcessInput) -> Gathered:
    """Find all arguments of one method: facts first, then properties, settings, defaults."""
    amount = process.amount
    key = plant.amount(amount.items, amount.roles, amount.unit) if amount.items else None
    if key is None and amount.parameter:
        key = plant.parameter(amount.parameter, amount.unit)
    if key is None:
        for other in process.otherwise:
            made = plant.ledger.amount(other.product, "produced", plant.period)
            if made is not None:
                key = (made * from_coefficient(process_constant(other.constant))).to(amount.unit)
                break
    if key is None:
        if plant.industry and plant.is_in(process.needed):
            return Gathered(True, {}, (message("{what}的用量或产量", what=process.name),))
        return Gathered(False, {})
    if process.sectors and not plant.is_in(process.sectors):
        return Gathered(False, {})
    arguments = {amount.argument: key}
    needs: list[Message] = []
    for argument in process.arguments:
        term = _argument(plant, process, argument)
        if term is None:
            asked = argument.parameter or argument.property or listing(_labels(argument.items))
            needs.append(
                message(
                    "{process}：请给出“{key}”（{unit}）",
                    process=process.name,
                    key=asked,
                    unit=units.UnitText(argument.unit, argument.unit),
                )
            )
        else:
            arguments[argument.name] = term
    return Gathered(True, arguments, tuple(needs))


def _argument(plant: Plant, process: ProcessInput, argument: _Argument) -> Term | None:
    term = None
    if argument.items:
        term = plant.amount(argument.items, argument.roles, argument.unit)
    if term is None and argument.property:
        term = plant.property_of(process.amount.items, process.amount.roles, argument.property, argument.unit)
    if term is None and argument.parameter:
        term = plant.parameter(argument.parameter, argument.unit)
    if term is None and argument.constant:
        term = from_coefficient(process_constant(argument.constant)).to(argument.unit)
    if term is None and argument.whole:
        term = constant(message("{process}：纯度未给出，按100%计，为上限", process=process.name), 1.0, argument.unit)
    if term is None and argument.zero:
        named = argument.parameter or listing(_labels(argument.items))
        term = constant(message("没有“{what}”的数据，按零计", what=named), 0.0, argument.unit)
    return term


def _labels(items: Iterable[str]) -> list[Name | str]:
    known = catalogue()
    return [known.get(item).name if item in known else item for item in items]


# --- what a method gives -------------------------------------------------------------------------------------------

USED = ("consumed", "purchased")


@dataclass(frozen=True, slots=True)
class Emission:
    """One gas of one process: CO2 in tCO2, another gas in t; ``deducted`` = carbon held in products, subtracted."""

    process: str
    name: Name
    gas: str
    term: Term
    method: str
    notes: tuple[Message, ...] = ()
    deducted: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """A process that the plant has and whose emission could not be computed, with what is missing.

    ``blocking``: the account has no total without it; otherwise the total is a lower bound that says so.
    """

    process: str
    name: Name
    needs: tuple[Message, ...]
    blocking: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """What one process method gave."""

    emissions: tuple[Emission, ...] = ()
    gaps: tuple[Gap, ...] = ()


NOTHING = Found()

"""What the checks know (检查所用的知识): rules with their thresholds, and the tables of ``data/checks/``, typed.

Every number has source and grade; most are recalled engineering knowledge, wide on purpose, and raise questions only.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from qingyuan.language import Name
from qingyuan.reference.items import catalogue
from qingyuan.reference.loading import Record, load_csv, load_toml
from qingyuan.reference.records import Grade
from qingyuan.reference.sources import Graded, SourceText, Unit, Words


class Threshold(Record):
    """A number that a rule decides by (阈值), with what it means, its source and its grade."""

    id: str
    value: float
    unit: Unit = "1"
    zh: str
    en: str
    grade: Grade
    source: SourceText


class RuleRecord(Record):
    """The documentation of one rule (规则说明) in both languages, and its thresholds.

    ``reach`` as in the group, where the rule's own differs.
    """

    id: str
    group: str
    title: str
    title_en: str
    looks_for: str
    looks_for_en: str
    why: str
    why_en: str
    data: tuple[str, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    reach: Literal[0, 1, 2, 3, 4] = 0

    @property
    def label(self) -> Name:
        """The title in both languages."""
        return Name(self.title, self.title_en)


class GroupRecord(Record):
    """A group of rules (规则组) in the documentation.

    ``reach`` (牵涉面): 4 = amounts on which every figure of the plant rests, 3 = balances of the plant, 2 = one waste,
    outlet or machine, 1 = options and gaps in the record.
    """

    id: str
    title: str
    title_en: str
    reach: Literal[1, 2, 3, 4]


class _RuleFile(Record):
    groups: tuple[GroupRecord, ...]
    rules: tuple[RuleRecord, ...]


class WasteOrigin(Graded):
    """What a waste can weigh for each tonne of its inputs (废物来源), wet as handed over.

    ``needed``: without any of the inputs there can be no such waste. ``except_industries``: GB/T 4754 beginnings where
    the entry does not hold.
    """

    id: str
    wastes: tuple[str, ...]
    inputs: tuple[str, ...]
    least: float
    most: float
    needed: bool
    except_industries: tuple[str, ...] = ()


class _OriginFile(Record):
    origins: tuple[WasteOrigin, ...]


class Conversion(Graded):
    """What one unit of an item weighs (单位质量), kg, at least and at most; item ``*`` is any other liquid."""

    item: str
    unit: Unit
    kg_low: float
    kg_high: float


class Strength(Graded):
    """An acid or alkali as sold (酸碱): purity (fraction) and acid or base equivalents for each mole of formula."""

    item: str
    purity_low: float
    purity_high: float
    equivalents: float
    acid: bool


class Content(Graded):
    """Content of an element in a mixture or waste (元素含量): fraction of mass, or kg for each m2.

    ``product`` restricts a row to what was used for one product.
    """

    item: str
    element: str
    unit: Unit
    low: float
    high: float
    product: str = ""


class VocContent(Graded):
    """Share of an input that is volatile organic compound (VOC含量), fraction of mass."""

    item: str
    low: float
    high: float


class InputPerProduct(Graded):
    """An input that a product must contain or pass through (单位产品用料), in ``unit``."""

    input: str
    product: str
    low: float
    high: float
    unit: Unit


class SpecificRange(Graded):
    """Consumption for each unit of a product from the best to the poorest accepted level (单耗范围)."""

    product: str
    what: str
    unit: Unit
    low: float
    high: float


class CarbonSource(Graded):
    """Chemical oxygen demand of a dosed carbon source (碳源), kg O2 for each kg of pure substance."""

    item: str
    cod_per_kg: float
    purity_low: float


class PartOfWhole(Graded):
    """A pollutant that is a part of another (包含关系): its concentration cannot be higher."""

    part: str
    whole: str
    medium: Literal["water", "air"]
    factor: float


class Term(Graded):
    """A term of the process knowledge as items and words (工艺知识用语).

    ``side`` is ``when`` (what goes in or is done) or ``leave`` (what must come out). Empty items and words: cannot be
    checked. ``with_items`` and ``with_words``: holds only where one of these is used or said. ``not_in``: beginnings of
    industry codes where it does not hold.
    """

    side: Literal["when", "leave"]
    term: str
    items: Words = ()
    words: Words = ()
    with_items: Words = ()
    with_words: Words = ()
    not_in: Words = ()


class Trace(Graded):
    """What inputs or words of processes and machines leave behind in any industry (通用踪迹), beside the signatures."""

    id: str
    items: Words = ()
    words: Words = ()
    leaves: Words
    not_in: Words = ()


class StepNeed(Graded):
    """A step, by the words that name it, and the inputs of which it needs at least one (工序必需投入).

    A word ``@word`` is met by the label of a material, an input ``@word`` by any fact whose label holds it. ``firm``:
    the step cannot do without any of them; otherwise it usually has one. ``needs_zh``, ``needs_en``: what the words of
    ``items`` look for, where these are no items of the catalogue.
    """

    step: str
    words: Words
    items: Words
    firm: bool
    needs_zh: str = ""
    needs_en: str = ""


class PollutantSource(Graded):
    """Where a pollutant can come from (污染物来源): elements, items, words of processes, whole industries."""

    pollutant: str
    elements: Words = ()
    items: Words = ()
    words: Words = ()
    industries: Words = ()


class Treatment(Graded):
    """What a treatment facility is for (治理设施): words in its name, pollutants of which one must be monitored."""

    words: Words
    pollutants: Words


class OptionPresent(Graded):
    """Words of an option that brings a machine, and words by which the plant's lists would name it (已有设备)."""

    words: Words
    machines: Words


class MachineWords(Graded):
    """Words that call the same kind of machine (设备同义词)."""

    words: Words


class DoubtWord(Graded):
    """A word by which who entered a row says that its number is doubtful (存疑用语)."""

    word: str


class Dissolver(Graded):
    """A reagent that dissolves a metal (溶解金属的药剂): kg of metal for each kg of pure reagent by stoichiometry, the
    lowest share of it that does so in practice, and the pollutant and the wastes in which the metal must be found."""

    item: str
    pollutant: str
    element: str
    metal_per_kg: float
    used_low: float
    wastes: Words


class WasteClass(Graded):
    """Wastes by the words of their label that are usually hazardous in an industry (应核对类别的废物)."""

    words: Words
    industries: Words
    classes: Words


class Effect(Graded):
    """A word of an option's effects (方案效果用语) and the quantity of the plant that it changes."""

    word: str
    word_en: str
    quantity: str
    roles: Words = ()


@lru_cache(maxsize=1)
def rule_records() -> Mapping[str, RuleRecord]:
    """Give the documentation of the rules by id, in the order of the file."""
    return {record.id: record for record in load_toml("checks/rules.toml", _RuleFile).rules}


def rule_groups() -> tuple[GroupRecord, ...]:
    """Give the groups of rules in the order of the documentation."""
    return load_toml("checks/rules.toml", _RuleFile).groups


@lru_cache(maxsize=256)
def reach(rule: str) -> int:
    """Give how much of the audit rests on what a rule looks at, 1 to 4; 1 for a rule that is not documented."""
    record = rule_records().get(rule)
    if record is None:
        return 1
    return record.reach or next(group.reach for group in rule_groups() if group.id == record.group)


@lru_cache(maxsize=512)
def threshold(rule: str, id: str) -> float:
    """Give a threshold of a rule, in its unit. Raises KeyError for one that is not in the data: a program error."""
    for found in rule_records()[rule].thresholds:
        if found.id == id:
            return found.value
    raise KeyError(f"{rule}.{id}")


def waste_origins() -> tuple[WasteOrigin, ...]:
    """Give what wastes can weigh for each tonne of their inputs."""
    return load_toml("checks/waste-from-inputs.toml", _OriginFile).origins


@lru_cache(maxsize=1)
def conversions() -> Mapping[tuple[str, str], Conversion]:
    """Give what a litre or a square metre of an item weighs, by item and unit."""
    return {(record.item, record.unit): record for record in load_csv("checks/conversions.csv", Conversion)}


@lru_cache(maxsize=1)
def strengths() -> Mapping[str, Strength]:
    """Give acids and alkalis by item."""
    return {record.item: record for record in load_csv("checks/strengths.csv", Strength)}


def contents() -> tuple[Content, ...]:
    """Give contents of elements in mixtures and wastes."""
    return load_csv("checks/contents.csv", Content)


@lru_cache(maxsize=1)
def voc_contents() -> Mapping[str, VocContent]:
    """Give the volatile share of inputs by item."""
    return {record.item: record for record in load_csv("checks/voc-contents.csv", VocContent)}


def inputs_per_product() -> tuple[InputPerProduct, ...]:
    """Give the inputs that products need for each unit."""
    return load_csv("checks/input-per-product.csv", InputPerProduct)


def specific_ranges() -> tuple[SpecificRange, ...]:
    """Give ranges of consumption for each unit of product."""
    return load_csv("checks/specific-ranges.csv", SpecificRange)


@lru_cache(maxsize=1)
def carbon_sources() -> Mapping[str, CarbonSource]:
    """Give dosed carbon sources by item."""
    return {record.item: record for record in load_csv("checks/carbon-sources.csv", CarbonSource)}


def parts_of_whole() -> tuple[PartOfWhole, ...]:
    """Give pollutants that are parts of others."""
    return load_csv("checks/parts-of-whole.csv", PartOfWhole)


@lru_cache(maxsize=1)
def terms() -> Mapping[tuple[str, str], Term]:
    """Give the terms of the process knowledge that the item catalogue does not settle, by side and term."""
    return {(record.side, record.term): record for record in load_csv("checks/terms.csv", Term)}


def traces() -> tuple[Trace, ...]:
    """Give what inputs and machines leave behind in any industry."""
    return load_csv("checks/traces.csv", Trace)


def step_needs() -> tuple[StepNeed, ...]:
    """Give steps with the inputs that they need."""
    return load_csv("checks/steps-need.csv", StepNeed)


@lru_cache(maxsize=1)
def pollutant_sources() -> Mapping[str, PollutantSource]:
    """Give where pollutants can come from, by pollutant."""
    return {record.pollutant: record for record in load_csv("checks/pollutant-sources.csv", PollutantSource)}


def treatments() -> tuple[Treatment, ...]:
    """Give what treatment facilities are there for."""
    return load_csv("checks/treatments.csv", Treatment)


def options_present() -> tuple[OptionPresent, ...]:
    """Give the machines that options bring, by the words of both."""
    return load_csv("checks/option-present.csv", OptionPresent)


def machine_words() -> tuple[MachineWords, ...]:
    """Give the words that call the same kind of machine."""
    return load_csv("checks/machine-words.csv", MachineWords)


def doubt_words() -> tuple[DoubtWord, ...]:
    """Give the words of remarks that doubt their own number."""
    return load_csv("checks/doubt-words.csv", DoubtWord)


def dissolvers() -> tuple[Dissolver, ...]:
    """Give the reagents that dissolve metals."""
    return load_csv("checks/dissolvers.csv", Dissolver)


def waste_classes() -> tuple[WasteClass, ...]:
    """Give the wastes that are usually hazardous although they may be called general."""
    return load_csv("checks/waste-classes.csv", WasteClass)


@lru_cache(maxsize=1)
def effects() -> tuple[Effect, ...]:
    """Give the words of options' effects, the longest first, so that the nearest word is met first."""
    return tuple(sorted(load_csv("checks/effects.csv", Effect), key=lambda one: -len(one.word)))


@lru_cache(maxsize=256)
def ancestors(item: str) -> tuple[str, ...]:
    """An item and all above it in the catalogue, nearest first; only itself where the catalogue has it not."""
    known = catalogue()
    chain = [item]
    while chain[-1] in known and known.get(chain[-1]).parent:
        chain.append(known.get(chain[-1]).parent)
    return tuple(chain)


def kilograms(item: str, value: float, unit: str) -> tuple[float, float] | None:
    """What an amount in L, m3 or m2 weighs, at least and at most, in kg; None where nothing is known of it."""
    for name in (*ancestors(item), "*"):
        if (name, unit) in conversions():
            found = conversions()[name, unit]
            return value * found.kg_low, value * found.kg_high
    return None

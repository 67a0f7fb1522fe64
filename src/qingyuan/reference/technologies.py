"""The technology library (技术库): what technologies change, what they cost, where they fit, how surely it is known.

An effect is the difference "with the technology minus without it": negative saves. Statistics of real outcomes stand
beside it as a prior: a portfolio that claims far more from single measures should be doubted.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from qingyuan.errors import UnknownName
from qingyuan.language import Name, message
from qingyuan.reference.loading import DATA, DataError, Record, load_csv, load_toml
from qingyuan.reference.records import Grade
from qingyuan.reference.sources import Graded, Unit, Words

Aspect = Literal[
    "raw-material", "technology", "equipment", "process-control", "product", "waste", "management", "staff"
]
Media = Literal["energy", "water", "air", "waste", "carbon", "raw-material"]
Maturity = Literal["pilot", "early", "widely-used", "eliminated-baseline"]

# The eight aspects of an audit (八个方面).
ASPECTS: Mapping[str, Name] = {
    "raw-material": Name("原辅材料和能源", "raw materials and energy"),
    "technology": Name("技术工艺", "technology"),
    "equipment": Name("设备", "equipment"),
    "process-control": Name("过程控制", "process control"),
    "product": Name("产品", "product"),
    "waste": Name("废弃物", "waste"),
    "management": Name("管理", "management"),
    "staff": Name("员工", "staff"),
}


class Effect(Record):
    """What a technology changes (效果); how to apply it depends on ``basis``.

    - per-product: ``change`` in ``unit``; the new specific value is the old one plus the change.
    - relative: ``change_percent`` of ``of``, on that scope only.
    - level-after: ``value_after`` with ``bound`` (max, min, typical): no effect on a plant that is already there.
    - per-year: ``change`` in ``unit`` for the plant of ``case``: evidence of size only.

    ``low`` and ``high`` are bounds in the same unit (percent where relative); one bound alone means at least or at
    most. ``quantity`` names what changes, ``item`` and ``role`` the fact where the item catalogue has it, ``per`` says
    of which product or stream the unit speaks. ``grade`` is set where it is weaker than that of the technology.
    """

    quantity: str
    item: str = ""
    role: str = ""
    basis: Literal["per-product", "relative", "level-after", "per-year"]
    change: float | None = None
    change_percent: float | None = None
    value_after: float | None = None
    low: float | None = None
    high: float | None = None
    unit: Unit | None = None
    per: str = ""
    bound: Literal["max", "min", "typical"] | None = None
    of: str = ""
    case: str = ""
    note: str = ""
    grade: Grade | None = None


class Cost(Record):
    """What a technology costs and saves (投资、运行费、节约); money a year for ``opex`` and ``saving``.

    ``capex_per``, ``opex_per`` and ``saving_per`` say for what size or plant the money is meant.
    """

    capex: float | None = None
    capex_low: float | None = None
    capex_high: float | None = None
    capex_unit: Unit | None = None
    capex_per: str = ""
    year: int | None = None
    opex: float | None = None
    opex_low: float | None = None
    opex_high: float | None = None
    opex_unit: Unit | None = None
    opex_per: str = ""
    saving: float | None = None
    saving_low: float | None = None
    saving_high: float | None = None
    saving_unit: Unit | None = None
    saving_per: str = ""
    payback_years: float | None = None
    payback_bound: Literal["max", "min"] | None = None
    case: str = ""
    note: str = ""
    grade: Grade | None = None


class Technology(Graded):
    """A cleaner production technology (清洁生产技术).

    ``maturity`` and ``prerequisites`` are engineering judgement; ``conflicts`` are ids that exclude or largely
    duplicate this one, always both ways; ``plan_section`` is where a plan names it; ``statistics`` the row of the
    outcome statistics (main resource and code range).
    """

    id: str
    name: str
    name_en: str
    industries: tuple[str, ...]
    process: str
    aspect: Aspect
    media: tuple[Media, ...]
    summary: str = ""
    summary_en: str = ""
    effects: tuple[Effect, ...] = ()
    cost: Cost | None = None
    life_years: float | None = None
    maturity: Maturity
    prerequisites: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    plan_section: str = ""
    statistics: str = ""

    @property
    def label(self) -> Name:
        """The name in both languages."""
        return Name(self.name, self.name_en)


class Industry(Graded):
    """An industry of the library (行业) with its GB/T 4754 codes; ``key_industry`` where a plan names it as one."""

    id: str
    name: str
    codes: Words = ()
    key_industry: bool


class OutcomeStatistics(Graded):
    """Outcomes of audit recommendations (建议实施统计) by main resource and code range, dollars of the year."""

    period: str
    arc_range: str
    main_resource: str
    description_zh: str
    description_en: str
    count: int
    status_known: int
    implementation_rate: float | None = None
    median_saving_usd: float | None = None
    p25_saving_usd: float | None = None
    p75_saving_usd: float | None = None
    median_saving_percent_of_stream_cost: float | None = None
    percent_count: int | None = None
    median_cost_usd: float | None = None
    share_without_cost: float | None = None
    median_payback_years: float | None = None
    p25_payback_years: float | None = None
    p75_payback_years: float | None = None
    median_conserved: float | None = None
    conserved_unit: Unit | None = None


class IndustryOutcomeStatistics(Graded):
    """The same by three-digit NAICS industry, 2010 on."""

    naics3: str
    industry_zh: str
    main_resource: str
    arc_range: str
    count: int
    implementation_rate: float | None = None
    median_saving_usd: float | None = None
    median_saving_percent_of_stream_cost: float | None = None
    median_cost_usd: float | None = None
    median_payback_years: float | None = None
    median_conserved: float | None = None
    conserved_unit: Unit | None = None


class _TechnologyFile(Record):
    technologies: tuple[Technology, ...]


def library_files() -> tuple[str, ...]:
    """Give the names of the files of the library, one for each sector."""
    return tuple(sorted(path.stem for path in (DATA / "technologies").glob("*.toml")))


@lru_cache(maxsize=1)
def technologies() -> Mapping[str, Technology]:
    """Give all technologies by id. Raises DataError for an id that stands twice or a conflict that is one-sided."""
    found: dict[str, Technology] = {}
    for name in library_files():
        for record in load_toml(f"technologies/{name}.toml", _TechnologyFile).technologies:
            if record.id in found:
                raise DataError(f"technology twice: {record.id}")
            found[record.id] = record
    for record in found.values():
        for other in record.conflicts:
            if other not in found or record.id not in found[other].conflicts:
                raise DataError(f"conflict of one side: {record.id}, {other}")
    return found


def technology(id: str) -> Technology:
    """Give one technology. Raises UnknownName with near ids."""
    found = technologies()
    if id not in found:
        parts = set(id.split("-"))
        near = sorted(found, key=lambda known: -len(parts & set(known.split("-"))))
        raise UnknownName(message("未知的技术"), id, near[:4])
    return found[id]


def search(
    *,
    industry: str = "",
    aspect: str = "",
    medium: str = "",
    process: str = "",
    item: str = "",
    text: str = "",
    with_effects: bool = False,
) -> tuple[Technology, ...]:
    """Give the technologies that fit all that is asked.

    ``industry`` is an id of the library (those for any industry are included) or a GB/T 4754 code; ``item`` an item
    that an effect changes; ``process`` and ``text`` parts of process, name or summary. Raises UnknownName for an
    unknown industry.
    """
    wanted = _industry_ids(industry) if industry else frozenset[str]()
    return tuple(
        record
        for record in technologies().values()
        if (not industry or wanted & set(record.industries) or "any" in record.industries)
        and (not aspect or record.aspect == aspect)
        and (not medium or medium in record.media)
        and process in record.process
        and (not item or any(effect.item == item for effect in record.effects))
        and any(text.lower() in field.lower() for field in (record.name, record.name_en, record.summary))
        and (not with_effects or record.effects)
    )


def _industry_ids(text: str) -> frozenset[str]:
    known = industries()
    if text in known:
        return frozenset({text})
    if text.isdigit():
        return frozenset(
            record.id
            for record in known.values()
            if any(text.startswith(code) or code.startswith(text) for code in record.codes)
        )
    raise UnknownName(message("未知的行业"), text, known)


@lru_cache(maxsize=1)
def industries() -> Mapping[str, Industry]:
    """Give the industries of the library by id."""
    return {record.id: record for record in load_csv("technologies/industries.csv", Industry)}


def outcome_statistics(main_resource: str = "", *, period: str = "") -> tuple[OutcomeStatistics, ...]:
    """Give the outcomes of real recommendations; ``main_resource`` is EC (power), E2 (natural gas), W1 (water) …"""
    return tuple(
        row
        for row in load_csv("technologies/iac-statistics.csv", OutcomeStatistics)
        if (not main_resource or row.main_resource == main_resource) and (not period or row.period == period)
    )


def industry_outcome_statistics(naics3: str = "") -> tuple[IndustryOutcomeStatistics, ...]:
    """Give the outcomes by industry (three-digit NAICS)."""
    rows = load_csv("technologies/iac-statistics-by-industry.csv", IndustryOutcomeStatistics)
    return tuple(row for row in rows if not naics3 or row.naics3 == naics3)

"""The item catalogue (项目目录): what facts can be about, its names and aliases, its units, and the roles facts have.

An item is an energy carrier, a water, a material, a product, a pollutant, a waste, money, staff, land, time or
equipment. ``catalogue().find("用电量（原表合计）")`` gives electricity with the role ``consumed``; an unknown name
raises UnknownName with the nearest known ones.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from qingyuan import units
from qingyuan.errors import UnknownName
from qingyuan.language import Message, Name, message
from qingyuan.reference.chemistry import element_contents, molar_mass
from qingyuan.reference.loading import DataError, Record, load_csv
from qingyuan.reference.records import Grade
from qingyuan.units import DimensionError

RoleGroup = Literal["flow", "property"]
Form = Literal["pure", "solution", "mixture"]

FILES = ("energy", "water", "materials", "pollutants", "wastes", "general")

# Where one name belongs to items of several kinds and the caller names none, the earlier kind is meant.
KIND_ORDER = (
    "energy",
    "water",
    "product",
    "material",
    "pollutant",
    "waste",
    "money",
    "staff",
    "land",
    "time",
    "equipment",
)

# Molar volume of an ideal gas at 273.15 K and 101.325 kPa, Nm3/kmol (CODATA).
MOLAR_VOLUME = 22.414

_NO_CONTENTS: Mapping[str, float] = MappingProxyType({})
_AMOUNTS = frozenset({"mass", "volume", "area", "length", "count", "normal gas volume", "air-dry mass"})
_LENIENT = frozenset({"material", "product", "waste", "equipment"})
_CONCENTRATIONS = frozenset(
    {
        "mass/volume",
        "mass/normal gas volume",
        "toxic equivalent/volume",
        "toxic equivalent/normal gas volume",
        "count/volume",
        "carbon/volume",
        "dimensionless",
    }
)


class _ItemRow(Record):
    id: str
    kind: str
    name_zh: str
    name_en: str
    unit: str
    other_units: str | None = None
    aliases: str | None = None
    parent: str | None = None
    role: str | None = None
    media: str | None = None
    formula: str | None = None
    form: Form | None = None
    density_kg_l: float | None = None
    density_grade: Grade | None = None
    density_source: str | None = None
    energy_coefficient: str | None = None
    equal_value_coefficient: str | None = None
    fuel: str | None = None
    waste_codes: str | None = None
    grade: Grade
    source: str
    note: str | None = None


class _RoleRow(Record):
    id: str
    group: RoleGroup
    name_zh: str
    name_en: str
    kinds: str
    units: str | None = None
    words: str | None = None
    source: str
    grade: Grade


class _KindRow(Record):
    id: str
    name_zh: str
    name_en: str
    default_role: str
    grade: Grade
    source: str


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that facts are about (项目).

    ``aliases`` are other spellings; ``role_aliases`` maps a spelling to the role that it implies (用电量 -> consumed).
    ``role`` is the role of a fact that names none, where it differs from the one of the kind. ``density`` is in kg/L;
    ``form`` says whether ``formula`` is the whole substance or what is dissolved in it. The links name records of other
    tables: ``energy_coefficient`` and ``equal_value_coefficient`` a standard-coal coefficient (当量, 等价), ``fuel`` a
    fuel of the carbon sets, ``waste_codes`` classes and codes that such a waste usually has.
    """

    id: str
    name: Name
    kind: str
    unit: str
    other_units: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    role_aliases: Mapping[str, str] = field(default_factory=dict)
    parent: str = ""
    role: str = ""
    media: tuple[str, ...] = ()
    formula: str = ""
    form: Form | None = None
    density: float | None = None
    density_grade: Grade | None = None
    density_source: str = ""
    energy_coefficient: str = ""
    equal_value_coefficient: str = ""
    fuel: str = ""
    waste_codes: tuple[str, ...] = ()
    grade: Grade = Grade.READ
    source: str = ""
    note: str = ""

    @property
    def dimension(self) -> str:
        """What the default unit measures (``units.dimension``)."""
        return units.dimension(self.unit)

    @property
    def contents(self) -> Mapping[str, float]:
        """Mass fractions of the elements in the pure substance, by stoichiometry; empty without a formula.

        Of a solution (``form``) they hold for what is dissolved: multiply by its strength.
        """
        return element_contents(self.formula) if self.formula else _NO_CONTENTS


@dataclass(frozen=True, slots=True)
class Role:
    """What happened to an item, or which property of it a number is (角色); ``units`` are those of a property."""

    id: str
    name: Name
    group: RoleGroup
    kinds: tuple[str, ...]
    units: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    grade: Grade = Grade.READ
    source: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of item (类别) with the role that a fact of it has when none is named."""

    id: str
    name: Name
    default_role: str
    grade: Grade
    source: str


@dataclass(frozen=True, slots=True)
class ItemMatch:
    """An item found by name: the role that the name implies (or None), and the words that said something else.

    ``others`` are items of other kinds that own the same name.
    """

    item: Item
    role: str | None
    remainder: str = ""
    others: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class AcceptedUnit:
    """How a unit is taken for an item: multiply the entered number by ``factor`` and call it ``unit``."""

    unit: str
    factor: float = 1.0
    note: Message | None = None


# --- names -----------------------------------------------------------------------------------------------------------

_BRACKETS = re.compile(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)|\[([^\[\]]*)\]")
_DASHES = str.maketrans({"—": "-", "–": "-", "－": "-", "_": "-", "【": "[", "】": "]", "〔": "(", "〕": ")"})
# Words before a name that imply a role, say where, or say nothing.
_ROLE_PREFIXES = {
    "外购": "purchased",
    "购入": "purchased",
    "自产": "produced",
    "外供": "sold",
    "外售": "sold",
    "回收": "recovered",
    "回用": "reused",
    "循环": "recycled",
}
_PLAIN_PREFIXES = (
    *("全厂", "全年", "全公司", "年度", "年均", "合计", "其中", "总计"),
    *("企业", "本厂", "年", "总", "工业用", "工业"),
)
_PLACE_PREFIXES = (
    *("生产废水", "综合废水", "外排废水", "废水中", "废水", "污水"),
    *("废气中", "废气", "烟气", "水污染物", "大气污染物"),
)


def _compact(text: str) -> str:
    """One spelling for full width, blanks and dashes."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).translate(_DASHES)).strip(":、,。;*")


def _plain(text: str) -> str:
    """One spelling for full width, blanks, dashes and case."""
    return _compact(text).lower()


_FAR = 300  # code points between characters that no longer share a radical


@dataclass(frozen=True, slots=True)
class _Owner:
    item: str
    role: str | None


@dataclass(frozen=True)
class ItemCatalogue:
    """All items, roles and kinds (项目目录); made by ``catalogue()``."""

    items: tuple[Item, ...]
    all_roles: tuple[Role, ...]
    kinds: tuple[Kind, ...]
    _by_id: Mapping[str, Item] = field(init=False, repr=False)
    _by_name: Mapping[str, Mapping[str, _Owner]] = field(init=False, repr=False)  # kind -> name -> owner
    _words: tuple[tuple[str, str], ...] = field(init=False, repr=False)  # (word, role), longest first
    _children: Mapping[str, tuple[str, ...]] = field(init=False, repr=False)
    _spelled: Mapping[str, str] = field(init=False, repr=False)  # plain name -> as the catalogue writes it

    def __post_init__(self) -> None:
        by_id: dict[str, Item] = {}
        by_name: dict[str, dict[str, _Owner]] = {kind.id: {} for kind in self.kinds}
        children: dict[str, list[str]] = {}
        spelled: dict[str, str] = {}
        for item in self.items:
            if item.id in by_id:
                raise DataError(f"item twice: {item.id}")
            by_id[item.id] = item
            for name, role in _names(item):
                owner = _Owner(item.id, role)
                spelled.setdefault(_plain(name), name)
                previous = by_name[item.kind].setdefault(_plain(name), owner)
                if previous.item != item.id:
                    raise DataError(f"name of two items: {name} ({previous.item}, {item.id})")
                if previous.role is None and role is not None and previous != owner:
                    by_name[item.kind][_plain(name)] = owner
            if item.parent:
                children.setdefault(item.parent, []).append(item.id)
        words = [(_plain(word), role.id) for role in self.all_roles for word in role.words]
        object.__setattr__(self, "_by_id", by_id)
        object.__setattr__(self, "_by_name", by_name)
        object.__setattr__(self, "_words", tuple(sorted(words, key=lambda pair: -len(pair[0]))))
        object.__setattr__(self, "_spelled", spelled)
        object.__setattr__(self, "_children", {key: tuple(value) for key, value in children.items()})

    def get(self, id: str) -> Item:
        """The item of an id. Raises UnknownName."""
        if id not in self._by_id:
            raise UnknownName(message("未知的项目"), id, difflib.get_close_matches(id, self._by_id, n=4, cutoff=0.5))
        return self._by_id[id]

    def __contains__(self, id: str) -> bool:
        return id in self._by_id

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def of_kind(self, kind: str) -> tuple[Item, ...]:
        """The items of one kind, in the order of the files."""
        return tuple(item for item in self.items if item.kind == kind)

    def children(self, id: str) -> tuple[Item, ...]:
        """The items directly below one item. Raises UnknownName for an unknown id."""
        return tuple(self._by_id[child] for child in self._children.get(self.get(id).id, ()))

    def family(self, id: str) -> tuple[Item, ...]:
        """An item and all that lie below it. Raises UnknownName for an unknown id."""
        found = [self.get(id)]
        for item in found:
            found.extend(self.children(item.id))
        return tuple(found)

    def is_a(self, id: str, ancestor: str) -> bool:
        """Whether an item is another one or lies below it. Raises UnknownName for an unknown id."""
        current = self.get(id)
        while current.id != ancestor:
            if not current.parent:
                return False
            current = self._by_id[current.parent]
        return True

    def kind(self, id: str) -> Kind:
        """The kind of an id. Raises UnknownName."""
        for kind in self.kinds:
            if kind.id == id:
                return kind
        raise UnknownName(message("未知的类别"), id, [kind.id for kind in self.kinds])

    def roles(self, kind: str) -> tuple[Role, ...]:
        """The roles that a fact of one kind may have, flows first. Raises UnknownName for an unknown kind."""
        self.kind(kind)
        allowed = [role for role in self.all_roles if kind in role.kinds]
        return tuple(sorted(allowed, key=lambda role: role.group != "flow"))

    def role(self, id: str) -> Role:
        """The role of an id. Raises UnknownName."""
        for role in self.all_roles:
            if role.id == id:
                return role
        near = difflib.get_close_matches(id, [role.id for role in self.all_roles])
        raise UnknownName(message("未知的角色"), id, near)

    def default_role(self, item: Item) -> str:
        """The role of a fact about an item that names none: the item's own, else the one of its kind."""
        return item.role or self.kind(item.kind).default_role

    def find(self, text: str, kind: str | None = None) -> ItemMatch:
        """Find an item by any of its names, with the role that the wording implies.

        Blanks, full width and case do not matter; remarks in brackets, a unit after a slash, and words such as 用量,
        产生浓度, 外购, 废水 around the name are understood or handed back as ``remainder``. Raises UnknownName with the
        nearest names, of the kind where one is given.
        """
        kinds = KIND_ORDER if kind is None else (self.kind(kind).id,)
        found = _find(self, text, kinds)
        if found is None:
            raise UnknownName(message("未知的项目"), text.strip(), _suggestions(self, _plain(text), kinds, 5))
        return found

    def match(self, text: str, kind: str | None = None) -> ItemMatch | None:
        """Find an item as ``find`` does; None, at once, where no item has the name (many unknown names in a row)."""
        return _find(self, text, KIND_ORDER if kind is None else (self.kind(kind).id,))

    def suggestions(self, text: str, kind: str | None = None, n: int = 5) -> tuple[str, ...]:
        """Names of items near a text, best first, by shared characters and edit distance."""
        kinds = KIND_ORDER if kind is None else (kind,)
        return _suggestions(self, _plain(text), kinds, n)


def _names(item: Item) -> Iterable[tuple[str, str | None]]:
    yield item.id, None
    yield item.name.zh, None
    if item.name.en:
        yield item.name.en, None
    for alias in item.aliases:
        yield alias, None
    yield from item.role_aliases.items()


def _stems(catalogue: ItemCatalogue, text: str) -> Iterator[tuple[str, str | None, str]]:
    """Readings of a text, the plainest first: what may be a name, the role that the rest implies, the rest."""
    compact = _compact(text)
    yield compact.lower(), None, ""
    base = _compact(_BRACKETS.sub("", compact))
    remarks = [first or second for first, second in _BRACKETS.findall(compact)]
    head, _, tail = base.replace(",", "/").partition("/")
    if tail and _is_unit(tail):
        base, remarks = head, [*remarks, tail]
    starts: list[tuple[str, str | None, str]] = [(base.lower(), None, "；".join(remarks))]
    seen = {compact.lower()}
    while starts:
        following: list[tuple[str, str | None, str]] = []
        for stem, role, rest in starts:
            if stem and stem not in seen:
                seen.add(stem)
                yield stem, role, rest
        for stem, role, rest in starts:
            for word, implied in catalogue._words:
                if stem.endswith(word) and len(stem) > len(word) and role is None:
                    following.append((stem[: -len(word)].rstrip("的"), implied, rest))
            if stem.endswith("量") and len(stem) > 1:
                following.append((stem[:-1], role, rest))
            for word, implied in _ROLE_PREFIXES.items():
                if stem.startswith(word) and len(stem) > len(word):
                    following.append((stem[len(word) :], role or implied, rest))
            for word in _PLAIN_PREFIXES:
                if stem.startswith(word) and len(stem) > len(word):
                    following.append((stem[len(word) :], role, rest))
            for word in _PLACE_PREFIXES:
                if stem.startswith(word) and len(stem) > len(word):
                    following.append((stem[len(word) :], role, "；".join(filter(None, (word, rest)))))
        starts = following


def _is_unit(text: str) -> bool:
    try:
        units.canonical(text)
    except UnknownName:
        return False
    return bool(text)


def _find(catalogue: ItemCatalogue, text: str, kinds: Iterable[str]) -> ItemMatch | None:
    kinds = tuple(kinds)
    for stem, implied, rest in _stems(catalogue, text):
        owners: list[tuple[Item, str | None]] = []
        for kind in kinds:
            owner = catalogue._by_name[kind].get(stem)
            if owner is None:
                continue
            role = implied or owner.role
            if implied is not None and kind not in catalogue.role(implied).kinds:
                continue
            owners.append((catalogue._by_id[owner.item], role))
        if owners:
            item, role = owners[0]
            return ItemMatch(item, role, rest, tuple(other for other, _ in owners[1:]))
    return None


def _suggestions(catalogue: ItemCatalogue, plain: str, kinds: Iterable[str], n: int) -> tuple[str, ...]:
    """Names by shared characters and edit distance; of equals, the look-alikes first, then the order of the catalogue.

    Characters with one radical stand together in Unicode, so that 硫酸镊 leads to 硫酸镍 before 硫酸铜.
    """
    wanted = set(plain)
    best: dict[str, tuple[float, int, int, str]] = {}
    for kind in kinds:
        for position, (name, owner) in enumerate(catalogue._by_name[kind].items()):
            shared = len(wanted & set(name))
            if not shared:
                continue
            score = 2 * shared / (len(wanted) + len(set(name)))
            if score < 0.3:
                continue
            score += difflib.SequenceMatcher(None, plain, name, autojunk=False).ratio()
            apart = _FAR
            if len(plain) == len(name):
                apart = min(_FAR, sum(abs(ord(one) - ord(two)) for one, two in zip(plain, name, strict=True)))
            rating = (-score, apart, position, catalogue._spelled[name])
            best[owner.item] = min(rating, best.get(owner.item, rating))
    ranked = sorted(rating for rating in best.values() if rating[0] < -0.75)
    return tuple(dict.fromkeys(rating[-1] for rating in ranked))[:n]


# --- units -----------------------------------------------------------------------------------------------------------


def accept_unit(item: Item, unit: str, role: str = "", *, density: float | None = None) -> AcceptedUnit:
    """Say how a unit is taken for an item in a role, or raise DimensionError where it cannot be.

    A gas in plain m3 is taken as Nm3 with a note; a gas in kg or t needs ``density`` (kg/Nm3) unless its formula
    gives it. Water in t is taken as m3 at 1 t/m3. A liquid in L becomes kg, with a note, where the caller gives its
    ``density`` (kg/L) or, of a fuel, the catalogue has one; a material without it keeps its litres. An amount a year
    (``t/a``) is the amount of the period. A property role takes the units of
    its list. Raises UnknownName for an unknown unit or role.
    """
    wanted = units.canonical(unit)
    if role:
        found = catalogue().role(role)
        if found.group == "property":
            return _accept_property(item, found, wanted)
    return _accept_flow(item, wanted, role, density)


def _accept_property(item: Item, role: Role, unit: str) -> AcceptedUnit:
    dimension = units.dimension(unit)
    if not role.units or dimension in {units.dimension(known) for known in role.units}:
        return AcceptedUnit(unit)
    gas_form = _gas_form(unit) if item.dimension == "normal gas volume" else None
    if gas_form and units.dimension(gas_form) in {units.dimension(known) for known in role.units}:
        return AcceptedUnit(gas_form, 1.0, message("{item}的体积按标准状态（Nm³）理解", item=item.name))
    raise DimensionError(unit, role.units[0])


def _gas_form(unit: str) -> str | None:
    """The same unit with Nm3 for m3, or None."""
    if not re.search(r"(?<![A-Za-z])m3\b", unit):
        return None
    return units.canonical(re.sub(r"(?<![A-Za-z])m3\b", "Nm3", unit))


def _accept_flow(item: Item, unit: str, role: str, density: float | None) -> AcceptedUnit:
    dimension = units.dimension(unit)
    if dimension == item.dimension:
        return AcceptedUnit(unit)
    if unit.endswith("/a"):
        yearly = _accept_flow(item, unit.removesuffix("/a"), role, density)
        return AcceptedUnit(yearly.unit, yearly.factor, yearly.note or message("“每年”的量按本时段的量理解"))
    if item.dimension == "normal gas volume":
        return _accept_gas(item, unit, dimension, density)
    if item.kind == "water" and dimension == "mass":
        return _replace(unit, "t", "m3", message("水按 1 t/m³ 折算体积"))
    others = {units.dimension(other) for other in item.other_units}
    if {dimension, item.dimension} == {"mass", "volume"} and item.kind != "water":
        return _accept_liquid(item, unit, dimension, density, dimension in others)
    if dimension in others:
        return AcceptedUnit(unit)
    if item.kind == "pollutant" and dimension in _CONCENTRATIONS and not role:
        return AcceptedUnit(unit)
    if item.kind == "pollutant" and dimension == "carbon":
        return AcceptedUnit(unit, 1.0, message("以碳计"))
    if item.kind in _LENIENT and dimension in _AMOUNTS:
        return AcceptedUnit(
            unit,
            1.0,
            message("{item}通常以{unit}计；单位不同的量不能相加", item=item.name, unit=units.UnitText(item.unit)),
        )
    raise DimensionError(unit, item.unit)


def _accept_gas(item: Item, unit: str, dimension: str, density: float | None) -> AcceptedUnit:
    if dimension == "volume":
        note = message("{item}的体积按标准状态（Nm³）理解", item=item.name)
        gas_form = _gas_form(unit)
        if gas_form:
            return AcceptedUnit(gas_form, 1.0, note)
        return AcceptedUnit("Nm3", units.factor(unit, "m3"), note)
    if dimension == "mass":
        if density is not None:
            note = message("按密度 {density} kg/Nm³ 折算标准体积", density=density)
            return AcceptedUnit("Nm3", units.factor(unit, "kg") / density, note)
        if item.form == "pure":
            note = message("按摩尔体积 22.414 L/mol 折算标准体积")
            return AcceptedUnit("Nm3", units.factor(unit, "kg") * MOLAR_VOLUME / molar_mass(item.formula), note)
    if dimension in {units.dimension(other) for other in item.other_units}:
        return AcceptedUnit(unit)
    hint = message("{item}以质量计时须给出密度", item=item.name) if dimension == "mass" else None
    raise DimensionError(unit, item.unit, hint)


def _accept_liquid(item: Item, unit: str, dimension: str, density: float | None, usual: bool) -> AcceptedUnit:
    """Mass where volume is usual, or the other way round: everything is brought to mass."""
    if dimension == "mass":
        return AcceptedUnit(unit)
    # A material keeps its litres unless the caller knows the density of what the plant uses.
    used = density if density is not None or item.kind != "energy" else item.density
    if used is not None:
        note = message("按密度 {density} kg/L 折算质量", density=used)
        return AcceptedUnit("kg", units.factor(unit, "L") * used, note)
    if item.kind in _LENIENT or usual:
        return AcceptedUnit(unit, 1.0, message("没有给出{item}的密度，体积不能与质量相加", item=item.name))
    raise DimensionError(unit, item.unit, message("质量与体积之间要有密度"))


def _replace(unit: str, old: str, new: str, note: Message) -> AcceptedUnit:
    swapped = units.multiply(units.divide(unit, old), new)
    if units.dimension(swapped) == units.dimension(new) and "/" not in swapped:
        return AcceptedUnit(swapped, 1.0, note)
    return AcceptedUnit(new, units.factor(unit, old), note)


# --- loading ---------------------------------------------------------------------------------------------------------


def _split(text: str | None) -> tuple[str, ...]:
    return tuple(part for part in (text or "").split("|") if part)


def _item(row: _ItemRow) -> Item:
    plain: list[str] = []
    with_role: dict[str, str] = {}
    for alias in _split(row.aliases):
        name, _, role = alias.partition("=")
        if role:
            with_role[name] = role
        else:
            plain.append(name)
    return Item(
        id=row.id,
        name=Name(row.name_zh, row.name_en),
        kind=row.kind,
        unit=units.canonical(row.unit),
        other_units=tuple(units.canonical(unit) for unit in _split(row.other_units)),
        aliases=tuple(plain),
        role_aliases=MappingProxyType(with_role),
        parent=row.parent or "",
        role=row.role or "",
        media=_split(row.media),
        formula=row.formula or "",
        form=row.form,
        density=row.density_kg_l,
        density_grade=row.density_grade,
        density_source=row.density_source or "",
        energy_coefficient=row.energy_coefficient or "",
        equal_value_coefficient=row.equal_value_coefficient or "",
        fuel=row.fuel or "",
        waste_codes=_split(row.waste_codes),
        grade=row.grade,
        source=row.source,
        note=row.note or "",
    )


@lru_cache(maxsize=1)
def catalogue() -> ItemCatalogue:
    """Load the item catalogue; the answer is cached. Raises DataError where the shipped files contradict themselves."""
    roles = tuple(
        Role(
            id=row.id,
            name=Name(row.name_zh, row.name_en),
            group=row.group,
            kinds=_split(row.kinds),
            units=tuple(units.canonical(unit) for unit in _split(row.units)),
            words=_split(row.words),
            grade=row.grade,
            source=row.source,
        )
        for row in load_csv("items/roles.csv", _RoleRow)
    )
    kinds = tuple(
        Kind(row.id, Name(row.name_zh, row.name_en), row.default_role, row.grade, row.source)
        for row in load_csv("items/kinds.csv", _KindRow)
    )
    items = tuple(_item(row) for name in FILES for row in load_csv(f"items/{name}.csv", _ItemRow))
    return ItemCatalogue(items, roles, kinds)

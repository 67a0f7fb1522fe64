"""From the words of a row to the model: kind, item, role and unit, with what is wrong about them.

The catalogue knows energies and waters completely: an unknown one is an error. Products, materials, wastes, machines
and the like are often the plant's own; an unknown one is taken under the plant's own name and said so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from qingyuan import units
from qingyuan.errors import Severity, UnknownName
from qingyuan.facts.cells import Issue, number_text, plain
from qingyuan.facts.words import word_id
from qingyuan.language import Listing, Message, listing, message
from qingyuan.reference.items import Item, Role, accept_unit, catalogue

_MOST_SUGGESTIONS: Final = 2_000
CLOSED_KINDS: Final = frozenset({"energy", "water"})  # kinds whose items the catalogue knows all

# Kinds that say something of the company and are no flows: a name of one under another is merely filed wrongly.
_COMPANY_KINDS: Final = frozenset({"money", "staff", "land", "time", "equipment"})

_BRACKETS = re.compile(r"[（(\[【〔].*?[）)\]】〕]")
_CONCENTRATIONS: Final = frozenset({"mass/volume", "mass/normal gas volume"})


@dataclass(frozen=True, slots=True)
class NamedItem:
    """What a name means: the item (id, or the plant's own name), its kind, the role that the wording implies."""

    item: str
    kind: str
    role: str = ""
    own: bool = False
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Meaning:
    """A row's item, role and unit, ready for a fact: multiply the number by ``factor`` and call it ``unit``."""

    item: str
    kind: str
    role: str
    unit: str
    factor: float = 1.0
    own: bool = False
    issues: tuple[Issue, ...] = ()
    stated: str = ""  # the unit as written, where it was changed

    @property
    def failed(self) -> bool:
        """Whether the row cannot become a fact."""
        return any(issue.severity is Severity.ERROR for issue in self.issues)


def _error(code: str, text: Message, expected: Message | None = None) -> Issue:
    return Issue(code, text, Severity.ERROR, expected)


@lru_cache(maxsize=256)
def kind_id(text: str) -> str | None:
    """The id of the kind of item that a text means; None where it means none."""
    found = word_id("kind", text)
    if found is not None:
        return found
    folded = plain(text).casefold()
    return next(
        (
            kind.id
            for kind in catalogue().kinds
            if folded in {kind.id, kind.name.zh.casefold(), kind.name.en.casefold()}
        ),
        None,
    )


def kind_names() -> Listing:
    """The kinds of item, for messages."""
    return listing(kind.name for kind in catalogue().kinds)


@lru_cache(maxsize=65536)
def named_item(label: str, kind: str = "", item_id: str = "", firm: bool = True) -> NamedItem:
    """Find what a name means; ``kind`` is an id or "", ``item_id`` a code of the catalogue that overrules the name.

    ``firm`` is false where nobody wrote the kind, and only the sheet leads to expect it: then a name that the catalogue
    knows as another kind is that other kind.
    """
    known = catalogue()
    if item_id:
        if item_id in known:
            item = known.get(item_id)
            implied = _implied_role(label, item.kind)
            return NamedItem(item_id, item.kind, implied)
        if not kind:
            text = message("目录中没有编码“{code}”", code=item_id)
            issue = _error("item-unknown", text, message("目录中的编码；本企业自己的项目请在“类别”列写明类别"))
            return NamedItem("", "", issues=(issue,))
        return NamedItem(item_id, kind, _implied_role(label, kind), own=True)
    match = known.match(label, kind or None)
    issues: tuple[Issue, ...] = ()
    if match is None and kind and not firm and (match := known.match(label)) is not None:
        text = message("“{name}”按{other}读入", name=label, other=known.kind(match.item.kind).name)
        issues = (Issue("item-other-kind", text, Severity.NOTE),)
    if match is None:
        return _unknown(label, kind)
    if not kind and match.others:
        names = listing(known.kind(other.kind).name for other in match.others)
        issues = (
            Issue(
                "item-several-kinds",
                message(
                    "“{name}”也是{others}的名称，按{kind}读入",
                    name=label,
                    others=names,
                    kind=known.kind(match.item.kind).name,
                ),
                Severity.NOTE,
                message("在“类别”列写明"),
            ),
        )
    return NamedItem(match.item.id, match.item.kind, match.role or "", issues=issues)


_suggested: dict[tuple[str, str], tuple[str, ...]] = {}


def _suggestions(label: str, kind: str) -> tuple[str, ...]:
    """Names near a label; a search through the catalogue, so not for more than some thousand names."""
    key = (label, kind)
    if key not in _suggested:
        if len(_suggested) >= _MOST_SUGGESTIONS or len(label) > 60:
            return ()
        _suggested[key] = catalogue().suggestions(label, kind or None)
    return _suggested[key]


def _unknown(label: str, kind: str) -> NamedItem:
    known = catalogue()
    suggestions = _suggestions(label, kind)
    near = message("可能是 {names}", names=listing(suggestions)) if suggestions else None
    if not kind:
        expected = near or message("目录中的项目；本企业自己的产品、材料、设备请在“类别”列写明类别")
        return NamedItem(
            "", "", issues=(_error("item-unknown", message("不认识的项目“{name}”", name=label), expected),)
        )
    kind_name = known.kind(kind).name
    elsewhere = _elsewhere(label)
    if kind in CLOSED_KINDS:
        if elsewhere is not None:
            text = message(
                "“{name}”在目录中是{other}，不是{kind}",
                name=label,
                other=known.kind(elsewhere.kind).name,
                kind=kind_name,
            )
            return NamedItem("", kind, issues=(_error("item-other-kind", text, message("改“类别”列")),))
        text = message("{kind}中没有“{name}”", kind=kind_name, name=label)
        return NamedItem(
            "", kind, issues=(_error("item-unknown", text, near or message("目录中的{kind}", kind=kind_name)),)
        )
    if elsewhere is not None and kind in _COMPANY_KINDS and elsewhere.kind in _COMPANY_KINDS:
        text = message("“{name}”按{other}读入", name=label, other=known.kind(elsewhere.kind).name)
        issue = Issue("item-other-kind", text, Severity.NOTE, message("改“类别”列"))
        return NamedItem(elsewhere.id, elsewhere.kind, known.find(label).role or "", issues=(issue,))
    item, role = own_name(label, kind)
    if elsewhere is not None:
        issue = Issue(
            "item-other-kind",
            message(
                "“{name}”在目录中是{other}；按本企业自己的{kind}读入",
                name=label,
                other=known.kind(elsewhere.kind).name,
                kind=kind_name,
            ),
            Severity.WARNING,
            message("若就是目录中的那一种，改“类别”列"),
        )
    else:
        text = message("目录中没有{kind}“{name}”，按本企业自己的项目读入", kind=kind_name, name=label)
        issue = Issue("item-own", text, Severity.NOTE, near)
    return NamedItem(item, kind, role, own=True, issues=(issue,))


def _elsewhere(label: str) -> Item | None:
    match = catalogue().match(label)
    return None if match is None else match.item


@lru_cache(maxsize=16384)
def own_name(label: str, kind: str) -> tuple[str, str]:
    """The name and role of an item that the catalogue does not know: 网版清洗剂用量 is 网版清洗剂, consumed."""
    shown = plain(label)
    bare = _BRACKETS.sub("", shown).strip()
    for role in _roles(kind):
        for word in sorted(role.words, key=len, reverse=True):
            if bare.endswith(word) and len(bare) > len(word):
                return bare[: -len(word)].rstrip("的"), role.id
    return shown, ""


def own_label(item: str, label: str) -> str:
    """The name of the plant's own item for a reader: as written, without the word of its role (镀锌件产量: 镀锌件)."""
    return item if item and plain(label).startswith(item) and len(plain(label)) > len(item) else label


@lru_cache(maxsize=4096)
def product_id(text: str) -> str:
    """The item that the name of a product means: the catalogue's id, or the plant's own name; "" for no name."""
    return named_item(text, "product").item if text else ""


def _implied_role(label: str, kind: str) -> str:
    match = catalogue().match(label, kind or None)
    if match is not None:
        return match.role or ""
    return own_name(label, kind)[1] if kind else ""


@lru_cache(maxsize=32)
def _roles(kind: str) -> tuple[Role, ...]:
    try:
        return catalogue().roles(kind)
    except UnknownName:
        return ()


@lru_cache(maxsize=1024)
def role_id(text: str, kind: str) -> str | None:
    """The id of the role that a text means for a kind of item; None where it means none that the kind may have."""
    folded = plain(text).casefold()
    roles = _roles(kind)
    for role in roles:
        if folded in {role.id, role.name.zh.casefold(), role.name.en.casefold()}:
            return role.id
    spellings = {text, folded, f"{folded}量", folded.removesuffix("量")}
    return next((role.id for role in roles if not spellings.isdisjoint(role.words)), None)


@lru_cache(maxsize=131072)
def meaning(
    label: str,
    kind: str,
    role: str,
    unit: str,
    item_id: str = "",
    heading_role: str = "",
    valued: bool = True,
    firm: bool = True,
) -> Meaning:
    """Read the words of a row: item name, kind id or "", role and unit as written.

    ``heading_role`` is a role that the heading of the column implies (消耗量), used where the row and the name imply
    none. ``valued`` is false where the row has no number, so that its unit does not matter; ``firm`` as in
    ``named_item``.
    """
    named = named_item(label, kind, item_id, firm)
    if not named.item:
        return Meaning("", named.kind, "", unit, issues=named.issues)
    issues = list(named.issues)
    known = catalogue()
    item = known.get(named.item) if not named.own else None
    chosen = _chosen_role(named, role, heading_role, issues)
    default = not chosen
    if default:
        if item is not None:
            chosen = known.default_role(item)
        elif named.kind:
            chosen = known.kind(named.kind).default_role
    if not valued:
        return Meaning(named.item, named.kind, chosen, unit, own=named.own, issues=tuple(issues))
    try:
        canonical = units.canonical(unit)
    except UnknownName as error:
        near = listing(units.UnitText(near, near) for near in error.suggestions)
        expected = message("例如 {names}", names=near) if error.suggestions else message("常用的计量单位")
        issues.append(_error("unit-unknown", message("不认识的单位“{unit}”", unit=unit), expected))
        return Meaning(named.item, named.kind, chosen, unit, own=named.own, issues=tuple(issues))
    if default and named.kind == "pollutant" and units.dimension(canonical) in _CONCENTRATIONS:
        chosen = "concentration"
    if item is None:
        return Meaning(named.item, named.kind, chosen, unit, own=True, issues=tuple(issues))
    return _accepted(item, named, chosen, unit, canonical, issues)


def _chosen_role(named: NamedItem, role: str, heading_role: str, issues: list[Issue]) -> str:
    if role:
        found = role_id(role, named.kind)
        if found is None:
            allowed = listing(known.name for known in _roles(named.kind) if known.group == "flow")
            issues.append(
                _error(
                    "role-unknown",
                    message("{kind}没有“{role}”这种收支", kind=catalogue().kind(named.kind).name, role=role),
                    message("{names}，或参数名（如单价）", names=allowed),
                )
            )
        return found or ""
    if named.role:
        return named.role
    return heading_role if heading_role and any(known.id == heading_role for known in _roles(named.kind)) else ""


def _accepted(item: Item, named: NamedItem, role: str, unit: str, canonical: str, issues: list[Issue]) -> Meaning:
    base = Meaning(item.id, item.kind, role, unit, issues=tuple(issues))
    record = catalogue().role(role) if role else None
    if not unit.strip():
        wanted = record.units[0] if record is not None and record.units else item.unit
        if record is not None and record.group == "property" and not record.units:
            return base
        if units.dimension(wanted) != "dimensionless" or wanted == "%":
            issue = _error("unit-missing", message("没有写单位"), message("{unit}", unit=units.UnitText(wanted)))
            return Meaning(item.id, item.kind, role, unit, issues=(*issues, issue))
    try:
        accepted = accept_unit(item, canonical, role)
    except units.DimensionError as error:
        issue = _error(
            "unit-dimension",
            message("“{item}”不能用单位“{unit}”：{why}", item=item.name, unit=unit, why=error.with_traceback(None)),
            message("{unit} 一类的单位", unit=units.UnitText(error.to_unit, error.to_unit)),
        )
        return Meaning(item.id, item.kind, role, unit, issues=(*issues, issue))
    if accepted.note is not None:
        issues.append(Issue("unit-taken-as", accepted.note, Severity.NOTE))
    shown = unit if accepted.unit == canonical else accepted.unit
    return Meaning(item.id, item.kind, role, shown, accepted.factor, issues=tuple(issues), stated=unit)


def original(number: float, unit: str) -> str:
    """How a number stood before its unit was changed, for the note of its fact: “1200 L”."""
    return f"“{number_text(number)} {unit}”".replace(" ”", "”")


@lru_cache(maxsize=1024)
def role_of_heading(words: str) -> tuple[str, bool]:
    """The role that the heading of a quantity implies, and whether it is a property: 处置量 is ("disposed", False).

    Words that may head a total or any number (合计, 数量) imply none: ("", False).
    """
    if words in _NO_ROLE:
        return "", False
    for role in catalogue().all_roles:
        if words in role.words and role.id not in {"amount", "count"}:
            return role.id, role.group == "property"
    return "", False


_NO_ROLE: Final = frozenset({"用量", "面积", "效率", "含量"})  # too general to say what happened

"""A change (变化): what an option does to one stream or indicator of a plant; an option (方案) is a list of changes.

A change is the difference "with the option minus without it": negative saves. Kinds, and how each is applied to a
stream of amount x:

- ``absolute``: x + amount, in ``unit`` a year; never below zero: no option saves more than the stream.
- ``relative``: x * (1 + amount), ``amount`` a fraction; relative changes of one scope multiply.
- ``per-product``: x + amount * output of the year, ``unit`` an amount for each unit of output.
- ``level-after``: the state afterwards: min(x, amount) for ``bound`` max, max(x, amount) for min, amount for typical;
  a plant that is already there is not changed.
- ``per-year``: the amount of another plant's case: evidence of size, applied only with a ``scale``.
- ``answer``: an indicator is answered by a level or a number afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from qingyuan import units
from qingyuan.errors import NOWHERE, InputError, Location, Problem, UnknownName
from qingyuan.facts.model import SITE
from qingyuan.language import Message, Text, listing, message
from qingyuan.reference.records import Grade
from qingyuan.standards.answers import Answer, read_answer
from qingyuan.standards.model import Indicator

Kind: TypeAlias = Literal["absolute", "relative", "per-product", "level-after", "per-year", "answer"]
KINDS: tuple[Kind, ...] = ("absolute", "relative", "per-product", "level-after", "per-year", "answer")
Bound: TypeAlias = Literal["max", "min", "typical"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change to one scope (变化): a stream of an item in a role at a place, or the value of an indicator.

    ``item`` is an item id or a group of the effects' words (``group:sludges``); ``role`` as in facts; ``place`` narrows
    the scope to one place and all below it; ``product`` names the output of a per-product change ("" = all).
    ``amount`` in ``unit`` (a fraction for relative), ``low`` <= ``high`` its bounds in the same unit; one bound alone
    means at least or at most. ``indicator`` in place of ``item``: the change is one of that indicator's own value, and
    ``answer`` what it is answered afterwards. ``grade`` says how surely the number is known.
    """

    kind: Kind
    item: str = ""
    role: str = ""
    place: str = SITE
    product: str = ""
    amount: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = "1"
    bound: Bound = "max"
    scale: float | None = None
    indicator: str = ""
    answer: float | str | None = None
    grade: Grade = Grade.USER
    note: Text = ""

    @property
    def central(self) -> float:
        """The number to compute with: as stated, else the middle of the bounds (a choice, not a finding), else the one
        bound that is known.
        """
        if self.amount is not None:
            return self.amount
        known = [bound for bound in (self.low, self.high) if bound is not None]
        return sum(known) / len(known) if known else 0.0

    @property
    def has_range(self) -> bool:
        """Whether both bounds are known."""
        return self.low is not None and self.high is not None

    def as_json(self) -> dict[str, object]:
        """The change as plain values; keys that say nothing are left out."""
        record: dict[str, object] = {
            "kind": self.kind, "item": self.item, "role": self.role, "place": self.place, "product": self.product,
            "amount": self.amount, "low": self.low, "high": self.high, "unit": self.unit,
            "bound": self.bound if self.kind == "level-after" else "", "scale": self.scale,
            "indicator": self.indicator, "answer": self.answer, "grade": self.grade.value, "note": str(self.note),
        }  # fmt: skip
        return {key: value for key, value in record.items() if value not in ("", None)}


@dataclass(frozen=True, slots=True)
class Unapplied:
    """An effect that an option states and that is not applied to the plant's facts, and why (未计入的效果)."""

    stated: Text
    reason: Message

    def as_json(self) -> dict[str, str]:
        """Both as text."""
        return {"stated": str(self.stated), "reason": str(self.reason)}


@dataclass(frozen=True, slots=True)
class Option:
    """An option with typed changes (方案). Money in 10^4 CNY, savings and costs a year, ``life`` in years.

    ``requires``: options without which this one does nothing; ``excludes``: options that cannot be done beside it
    (one-sided statements count for both). ``unapplied``: effects that were stated and do not reach the facts.
    """

    id: str
    name: str = ""
    changes: tuple[Change, ...] = ()
    requires: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    investment: float | None = None
    annual_saving: float | None = None
    annual_cost: float = 0.0
    life: float | None = None
    aspect: str = ""
    technology: str = ""
    unapplied: tuple[Unapplied, ...] = ()
    where: Location = NOWHERE

    def as_json(self) -> dict[str, object]:
        """The option as plain values."""
        return {
            "id": self.id,
            "name": self.name,
            "changes": [change.as_json() for change in self.changes],
            "requires": list(self.requires),
            "excludes": list(self.excludes),
            "investment_10k_cny": self.investment,
            "annual_saving_10k_cny": self.annual_saving,
            "annual_cost_10k_cny": self.annual_cost,
            "life_years": self.life,
            "aspect": self.aspect,
            "technology": self.technology,
            "unapplied": [each.as_json() for each in self.unapplied],
        }


def check_options(options: Sequence[Option]) -> None:
    """Raise InputError where an id stands twice, or an option requires or excludes one that is not there, requires
    itself over others, or both requires and excludes another.
    """
    problems: list[Problem] = []
    known: dict[str, Option] = {}
    for option in options:
        if option.id in known:
            problems.append(Problem("option-twice", message("方案编号写了两次"), where=option.where, found=option.id))
        known[option.id] = option
    for option in known.values():
        for other in (*option.requires, *option.excludes):
            if other not in known:
                text = message("方案 {id} 所指的方案不存在", id=option.id)
                problems.append(Problem("option-unknown", text, where=option.where, found=other))
        both = sorted(_all_required(option.id, known) & {option.id, *exclusions(tuple(known.values()))[option.id]})
        if both:
            text = message("方案 {id} 的前置与互斥自相矛盾：{others}", id=option.id, others=listing(both))
            problems.append(Problem("option-contradiction", text, where=option.where))
    if problems:
        raise InputError(problems)


def exclusions(options: Sequence[Option]) -> dict[str, frozenset[str]]:
    """Which options exclude which, in both directions."""
    found: dict[str, set[str]] = {option.id: set() for option in options}
    for option in options:
        for other in option.excludes:
            if other in found:
                found[option.id].add(other)
                found[other].add(option.id)
    return {id: frozenset(others) for id, others in found.items()}


def _all_required(id: str, known: Mapping[str, Option]) -> set[str]:
    """All options that one needs, over others too; itself is in it where they run in a circle."""
    found: set[str] = set()
    stack = list(known[id].requires)
    while stack:
        other = stack.pop()
        if other in known and other not in found:
            found.add(other)
            stack.extend(known[other].requires)
    return found


# --- from JSON -------------------------------------------------------------------------------------------------------

_OPTION_KEYS = {
    "id", "name", "changes", "requires", "excludes", "investment_10k_cny", "annual_saving_10k_cny",
    "annual_cost_10k_cny", "life_years", "aspect", "technology",
}  # fmt: skip
_CHANGE_KEYS = {
    "kind", "item", "role", "place", "product", "amount", "low", "high", "unit", "bound", "scale", "indicator",
    "answer", "note", "grade",
}  # fmt: skip


def read_options(document: object, *, file: str = "") -> tuple[Option, ...]:
    """Read ``{"options": [{"id", "name", "changes": [{"kind", "item", "role", "amount", "unit", …}], …}]}``.

    A change on an indicator has ``indicator`` in place of ``item``. Percentages are fractions with unit "1" or numbers
    with unit "%". Raises InputError with every problem.
    """
    where = Location(file=file)
    rows = document.get("options") if isinstance(document, Mapping) else document
    if not isinstance(rows, list):
        expected = message('{{"options": [{{"id": …, "changes": […]}}]}}')
        raise InputError([Problem("options-shape", message("不是方案文件"), where=where, expected=expected)])
    problems: list[Problem] = []
    found = [_read_option(row, number, file, problems) for number, row in enumerate(rows, start=1)]
    if problems:
        raise InputError(problems)
    options = tuple(option for option in found if option is not None)
    check_options(options)
    return options


def _read_option(row: object, number: int, file: str, problems: list[Problem]) -> Option | None:
    where = Location(file=file, row=number)
    if not isinstance(row, Mapping) or not str(row.get("id", "")).strip():
        problems.append(Problem("option-without-id", message("方案没有编号"), where=where))
        return None
    _unknown_keys(row, _OPTION_KEYS, where, problems)
    money = {
        key: _number(row, key, where, problems)
        for key in ("investment_10k_cny", "annual_saving_10k_cny", "annual_cost_10k_cny", "life_years")
    }
    changes = row.get("changes", [])
    if not isinstance(changes, list):
        problems.append(Problem("options-shape", message("changes 应为列表"), where=where))
        changes = []
    read = [_read_change(each, where, problems) for each in changes]
    return Option(
        id=str(row["id"]),
        name=str(row.get("name", "")),
        changes=tuple(change for change in read if change is not None),
        requires=_ids(row, "requires", where, problems),
        excludes=_ids(row, "excludes", where, problems),
        investment=money["investment_10k_cny"],
        annual_saving=money["annual_saving_10k_cny"],
        annual_cost=money["annual_cost_10k_cny"] or 0.0,
        life=money["life_years"],
        aspect=str(row.get("aspect", "")),
        technology=str(row.get("technology", "")),
        where=where,
    )


def _read_change(row: object, where: Location, problems: list[Problem]) -> Change | None:
    if not isinstance(row, Mapping):
        problems.append(Problem("change-shape", message("变化应为 {{…}}"), where=where, found=str(row)[:60]))
        return None
    _unknown_keys(row, _CHANGE_KEYS, where, problems)
    kind = row.get("kind", "answer" if "answer" in row else "absolute")
    if kind not in KINDS:
        expected = message("{options} 之一", options=listing(KINDS))
        problems.append(
            Problem("change-kind", message("不认识的变化方式"), where=where, found=str(kind), expected=expected)
        )
        return None
    if not row.get("item") and not row.get("indicator"):
        problems.append(
            Problem("change-scope", message("变化没有写物料或能源（item）或指标（indicator）"), where=where)
        )
        return None
    amount, low, high = (_number(row, key, where, problems) for key in ("amount", "low", "high"))
    unit = str(row.get("unit", "1"))
    if kind == "relative" and unit in ("%", "％"):
        amount, low, high = (None if value is None else value / 100 for value in (amount, low, high))
        unit = "1"
    if kind != "answer" and amount is None and low is None and high is None:
        problems.append(Problem("change-number", message("变化没有写数值（amount）"), where=where))
    if kind == "relative" and any(value is not None and value < -1 for value in (amount, low, high)):
        problems.append(Problem("change-number", message("减少不能超过 100 %"), where=where, found=f"{amount}"))
    if low is not None and high is not None and low > high:
        problems.append(Problem("change-range", message("下限大于上限"), where=where, found=f"{low} > {high}"))
    try:
        unit = unit if row.get("indicator") else units.canonical(unit)
    except UnknownName as error:
        problems.append(Problem("unit-unknown", message("{reason}", reason=error), where=where, found=unit))
    bound = row.get("bound", "max")
    if bound not in ("max", "min", "typical"):
        problems.append(
            Problem("change-bound", message("bound 应为 max、min 或 typical"), where=where, found=str(bound))
        )
    grade = str(row.get("grade", Grade.USER.value))
    return Change(
        kind=cast(Kind, kind),
        item=str(row.get("item", "")),
        role=str(row.get("role", "")),
        place=str(row.get("place", SITE)),
        product=str(row.get("product", "")),
        amount=amount,
        low=low,
        high=high,
        unit=unit,
        bound=cast(Bound, bound),
        scale=_number(row, "scale", where, problems),
        indicator=str(row.get("indicator", "")),
        answer=cast("float | str | None", row.get("answer")),
        grade=Grade(grade) if grade in set(Grade) else Grade.USER,
        note=str(row.get("note", "")),
    )


def _unknown_keys(row: Mapping[str, object], known: set[str], where: Location, problems: list[Problem]) -> None:
    for key in row:
        if key not in known:
            expected = message("{options} 之一", options=listing(sorted(known)))
            problems.append(
                Problem("key-unknown", message("不认识的键"), where=where, found=str(key), expected=expected)
            )


def _number(row: Mapping[str, object], key: str, where: Location, problems: list[Problem]) -> float | None:
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == float("inf"):
        text = message("{key} 应为数字", key=key)
        problems.append(Problem("not-a-number", text, where=where, found=str(value)[:60]))
        return None
    return float(value)


def _ids(row: Mapping[str, object], key: str, where: Location, problems: list[Problem]) -> tuple[str, ...]:
    value = row.get(key, [])
    if not isinstance(value, list):
        problems.append(Problem("options-shape", message("{key} 应为方案编号的列表", key=key), where=where))
        return ()
    return tuple(str(each) for each in value)


def answer_after(row: Indicator, change: Change) -> Answer | Problem:
    """What an ``answer`` change makes of an indicator, read as the row reads its answers."""
    return read_answer(row, change.answer)

"""The fact table as a data frame (事实表): one row for each fact, the same columns for one plant and for a country.

``frame`` gives a Polars frame of the columns in ``COLUMNS``; ``facts_of`` gives the rows back. Nothing is lost either
way. The canonical columns are derived and never typed: they are dropped and made anew, not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from qingyuan import units
from qingyuan.errors import InputError, Location, Problem, UnknownName
from qingyuan.facts.model import UNDATED, Basis, Case, Fact, Period, State
from qingyuan.language import Message, message

if TYPE_CHECKING:
    import polars as pl

# Column, type, meaning. Types: text, number, flag, day, count.
COLUMNS: Final[Mapping[str, tuple[str, str]]] = {
    "plant": ("text", "id of the plant (企业代码)"),
    "period": ("text", "2022, 2022-07, 2022-07-14, from/to, or undated (时段)"),
    "place": ("text", 'process, workshop or outlet; "" is the site (场所)'),
    "to_place": ("text", "where a flow goes (去往场所)"),
    "kind": ("text", "kind of item: energy, water, material … (类别)"),
    "item": ("text", "id of the item catalogue, or the plant's own name (项目)"),
    "role": ("text", "what happened to it, or which property the number is (收支)"),
    "value": ("number", "number as entered; null where there is none (数值)"),
    "unit": ("text", "unit as entered (单位)"),
    "state": ("text", "value, empty, not-applicable, below-detection (数据状态)"),
    "basis": ("text", "meter, invoice … unknown (数据来源)"),
    "uncertainty": ("number", "relative standard uncertainty as given; null = default of the basis (不确定度)"),
    "meter": ("text", "instrument (计量器具)"),
    "product": ("text", "the product it belongs to (对应产品)"),
    "source": ("text", "document (凭证)"),
    "note": ("text", "remark (备注)"),
    "label": ("text", "name as the user wrote it"),
    "own_item": ("flag", "whether the item is the plant's own and not the catalogue's"),
    "file": ("text", "file it was read from"),
    "sheet": ("text", "worksheet it was read from"),
    "row": ("count", "row there, from 1"),
    "column": ("text", "heading of the column there"),
    "cell": ("text", "address there"),
}
DERIVED: Final[Mapping[str, tuple[str, str]]] = {
    "canonical_value": ("number", "value in canonical_unit; null where there is no value or the unit is not known"),
    "canonical_unit": (
        "text",
        "the item's default unit where it converts, else the canonical spelling; null = unknown unit",
    ),
    "relative_uncertainty": ("number", "as given, else the default of the basis"),
    "start": ("day", "first day of the period; null = undated"),
    "end": ("day", "last day of the period; null = undated"),
}
_STATES: Final = frozenset(State)
_BASES: Final = frozenset(Basis)


def schema(*, derived: bool = True) -> dict[str, pl.DataType]:
    """The columns of the frame with their Polars types."""
    import polars as pl

    types = {"text": pl.String(), "number": pl.Float64(), "flag": pl.Boolean(), "day": pl.Date(), "count": pl.Int64()}
    columns = {**COLUMNS, **DERIVED} if derived else COLUMNS
    return {name: types[kind] for name, (kind, _) in columns.items()}


def frame(facts: Case | Iterable[Fact]) -> pl.DataFrame:
    """Give facts as a frame of ``COLUMNS`` and ``DERIVED``, in their order."""
    import polars as pl

    rows = facts.facts if isinstance(facts, Case) else tuple(facts)
    data: dict[str, list[Any]] = {name: [] for name in (*COLUMNS, *DERIVED)}
    for fact in rows:
        where = fact.where
        number, unit = _canonical(fact)
        start, end = _days(fact.period)
        for name, value in zip(
            data,
            (
                fact.plant, fact.period, fact.place, fact.to_place, fact.kind, fact.item, fact.role, fact.value,
                fact.unit, fact.state.value, fact.basis.value, fact.uncertainty, fact.meter, fact.product,
                fact.source, fact.note, fact.label, fact.own_item, where.file, where.sheet, where.row,
                where.column, where.cell, number, unit, fact.relative_uncertainty, start, end,
            ),
            strict=True,
        ):  # fmt: skip
            data[name].append(value)
    return pl.DataFrame(data, schema=schema())


def facts_of(table: pl.DataFrame) -> tuple[Fact, ...]:
    """Give the facts of a frame that has ``COLUMNS``; other columns are passed over.

    Raises InputError that lists every column that is missing or of another type, and every row that is no fact.
    """
    validate(table)
    names = list(COLUMNS)
    facts: list[Fact] = []
    for row in table.select(names).iter_rows():
        (
            plant, period, place, to_place, kind, item, role, value, unit, state, basis, uncertainty, meter, product,
            source, note, label, own_item, file, sheet, line, column, cell,
        ) = row  # fmt: skip
        facts.append(
            Fact(
                plant=plant, period=period, item=item, role=role, value=value, unit=unit, place=place,
                to_place=to_place, kind=kind, state=State(state), basis=Basis(basis), uncertainty=uncertainty,
                meter=meter, product=product, source=source, note=note, label=label, own_item=own_item,
                where=Location(file, sheet, line, column, cell),
            )
        )  # fmt: skip
    return tuple(facts)


def validate(table: pl.DataFrame) -> None:
    """Check that a frame is a fact table; raises InputError with every fault.

    Text columns may not be null; ``state``, ``basis`` and ``period`` hold what the model knows; a row has a value
    exactly if its state is "value" (below detection may have one).
    """
    import polars as pl

    problems: list[Problem] = []
    for name, kind in schema(derived=False).items():
        if name not in table.columns:
            problems.append(_fault("frame-column-missing", message("缺少列 {name}", name=name), name))
        elif table.schema[name] != kind:
            problems.append(
                _fault("frame-column-type", message("列 {name} 的类型不对", name=name), name, str(table.schema[name]))
            )
    if problems:
        raise InputError(problems)
    numbered = table.with_row_index("_row", offset=1)
    text = [name for name, (kind, _) in COLUMNS.items() if kind in {"text", "flag"}]
    faults = (
        ("frame-null", message("文字列不能为空值"), pl.any_horizontal(pl.col(name).is_null() for name in text)),
        ("frame-state", message("数据状态不认识"), ~pl.col("state").is_in(sorted(_STATES))),
        ("frame-basis", message("数据来源不认识"), ~pl.col("basis").is_in(sorted(_BASES))),
        (
            "frame-value",
            message("状态与数值不符"),
            ((pl.col("state") == State.VALUE.value) & (pl.col("value").is_null() | ~pl.col("value").is_finite()))
            | (pl.col("state").is_in([State.EMPTY.value, State.NOT_APPLICABLE.value]) & pl.col("value").is_not_null()),
        ),
    )
    for code, words, wrong in faults:
        for line in numbered.filter(wrong)["_row"].to_list():
            problems.append(Problem(code, words, where=Location(row=line)))
    for line, period in numbered.select("_row", "period").iter_rows():
        if period is not None and period != UNDATED and not _is_period(period):
            problems.append(Problem("frame-period", message("时段写法不对"), where=Location(row=line), found=period))
    if problems:
        raise InputError(problems)


def _fault(code: str, words: Message, column: str, found: str = "") -> Problem:
    return Problem(code, words, where=Location(column=column), found=found)


@lru_cache(maxsize=16384)
def _is_period(text: str) -> bool:
    try:
        Period.parse(text)
    except ValueError:
        return False
    return True


def _days(period: str) -> tuple[Any, Any]:
    if period == UNDATED or not _is_period(period):
        return None, None
    found = Period.parse(period)
    return found.start, found.end


def _canonical(fact: Fact) -> tuple[float | None, str | None]:
    try:
        unit = canonical_unit(fact.item, fact.unit)
    except UnknownName:
        return None, None
    return (None if fact.value is None else units.convert(fact.value, fact.unit, unit)), unit


@lru_cache(maxsize=16384)
def canonical_unit(item: str, unit: str) -> str:
    """The unit in which amounts of an item add up: its default unit where ``unit`` converts to it, else ``unit`` itself
    in canonical spelling. Raises UnknownName for a unit that is not known.
    """
    from qingyuan.reference.items import catalogue

    known = catalogue().get(item) if item in catalogue() else None
    if known is not None:
        try:
            if units.dimension(unit) == units.dimension(known.unit):
                return units.canonical(known.unit)
        except UnknownName:
            pass
    return units.canonical(unit)

"""Rows of facts: the hot path of an import. A hundred thousand rows share few words, so words are read once each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from qingyuan import units
from qingyuan.errors import Problem, Severity, UnknownName
from qingyuan.facts import naming
from qingyuan.facts.cells import Cell, Issue, Reading, cell_text, read_period, read_quantity, scaled_once
from qingyuan.facts.model import UNDATED, Basis, Fact, Period, State
from qingyuan.facts.naming import Meaning
from qingyuan.facts.places import is_subtotal, place_name
from qingyuan.facts.raw import UNKNOWN_BASIS, Problems, RawTable, Row, ValueColumn, joined, rows_of
from qingyuan.facts.words import word_id
from qingyuan.language import message

_FIRST, _LAST = 1980, 2060  # years outside are read, with a warning
# Numbers below zero that need no remark: profit and loss, degrees, what went out of stock.
_MAY_BE_NEGATIVE: Final = frozenset({"amount", "temperature", "return-temperature"})
_TOTALS: Final = frozenset({"合计", "小计", "总计", "共计", "累计", "total", "subtotal", "sum"})
_DASHES: Final = frozenset({"-", "—", "/", "--", "——", "－"})


def read_facts(table: RawTable, plant: str, problems: Problems) -> Iterator[Fact]:
    """The facts of a table, one for each filled quantity of each row.

    A blank quantity in a long table (one quantity column) is a fact that says "empty"; in a table with a column for
    each year a blank says nothing at all, and the word 未填 says "empty".
    """
    reader = _Reader(table, plant, problems)
    for row in rows_of(table, problems):
        yield from reader.facts(row)
    reader.close()


@dataclass(frozen=True, slots=True, eq=False)
class _Words:
    """The words of a row that many rows share, as read once; ``kind`` is None for an unknown one.

    Compared by identity: the same words are the same object, and a key of them costs nothing.
    """

    label: str
    place: str
    to_place: str
    kind: str | None
    firm: bool  # whether the row itself says the kind
    role: str
    unit: str
    basis: Basis
    odd_basis: str
    meter: str
    product: str
    item_id: str
    total: bool  # whether the row adds up others


_SHARED: Final = ("item", "place", "to_place", "kind", "role", "unit", "basis", "meter", "product", "item_id")
_MOST_SHARED: Final = 50_000  # combinations that are remembered


class _Reader:
    """What is the same for all rows of one table, and what was read before."""

    def __init__(self, table: RawTable, plant: str, problems: Problems) -> None:
        self.table, self.plant, self.problems = table, plant, problems
        self.wide = len(table.values) != 1 or bool(table.values[0].period or table.values[0].item)
        self.by_item = any(column.item for column in table.values)
        self.blank_rows = 0
        self.shared: dict[object, _Words] = {}
        self.meanings: dict[tuple[_Words, int, str, bool], Meaning] = {}
        self.periods: dict[str, str] = {}
        self.usual_periods: set[str] = set()
        columns = table.columns
        self.keys = tuple(key for key in _SHARED if key in columns)
        self.positions = tuple(columns[key] for key in self.keys)
        self.last = max(self.positions, default=-1)
        self.pick = itemgetter(*self.positions) if len(self.positions) > 1 else self._pick_one
        self.source, self.note, self.plant_column, self.period, self.uncertainty = (
            columns.get(key, -1) for key in ("source", "note", "plant", "period", "uncertainty")
        )

    def _pick_one(self, cells: Sequence[Cell]) -> tuple[Cell, ...]:
        return tuple(cells[position] for position in self.positions)

    def _words(self, row: Row) -> _Words:
        """The shared words of a row, read once for all rows that hold the same cells."""
        cells = row.cells
        if self.last >= len(cells):
            cells = [*cells, *[""] * (self.last + 1 - len(cells))]
        raw: tuple[Cell, ...] = self.pick(cells)
        key: object = raw
        try:
            "".join(raw)  # type: ignore[arg-type]
        except TypeError:  # numbers among them: 1, 1.0 and True are one key to a dictionary, so the types belong to it
            key = (raw, tuple(map(type, raw)))
        found = self.shared.get(key)
        if found is None:
            if len(self.shared) >= _MOST_SHARED:
                self.shared.clear()
                self.meanings.clear()
            texts = dict(zip(self.keys, map(_text, raw), strict=True))
            found = self.shared[key] = self._read_words([texts.get(name, "") for name in _SHARED])
        return found

    def _read_words(self, texts: Sequence[str]) -> _Words:
        label, place, to_place, kind, role, unit, basis, meter, product, item_id = texts
        basis_id = "unknown" if not basis or basis in _DASHES else word_id("basis", basis)
        return _Words(
            label=label,
            place=place_name(place),
            to_place=place_name(_words(to_place)) if to_place else "",
            kind=naming.kind_id(kind) if kind else self.table.kind,
            firm=bool(kind),
            role=role,
            unit=unit,
            basis=Basis.UNKNOWN if basis_id is None else Basis(basis_id),
            odd_basis=f"“{basis}”" if basis_id is None else "",
            meter=_words(meter),
            product=naming.product_id(_words(product)),
            item_id=item_id,
            total=label.replace(" ", "").casefold() in _TOTALS or is_subtotal(place),
        )

    def facts(self, row: Row) -> Iterator[Fact]:
        """The facts of one row."""
        cells, width = row.cells, len(row.cells)
        if self.table.faults:
            for key in ("place", "kind", "item", "role", "unit", "basis", "product", "note"):
                row.text(key)  # error values in any column that is read
        words = self._words(row)
        label, kind = words.label, words.kind
        if not label and not self.by_item:
            self._nameless(row)
            return
        if words.total:
            self._total(row)
            return
        period = self._period(row)
        if kind is None:
            row.problem(
                "kind", "kind-unknown", message("不认识的类别"), message("其中之一：{names}", names=naming.kind_names())
            )
        if words.odd_basis:
            row.problem("basis", *UNKNOWN_BASIS)
        uncertainty = self._uncertainty(row) if self.uncertainty >= 0 else None
        note = _text(cells[self.note]) if 0 <= self.note < width else ""
        source = _words(_text(cells[self.source])) if 0 <= self.source < width else ""
        plant = (_words(_text(cells[self.plant_column])) if 0 <= self.plant_column < width else "") or self.plant
        filled = 0
        for column in self.table.values:
            cell = cells[column.index] if column.index < width else None
            if self.wide and cell in ("", None) and (row.number, column.index) not in self.table.faults:
                continue
            filled += 1
            reading = self._quantity(row, column, cell)
            when = self._when(row, column, period)
            name = column.item or label
            meaning = self._meaning(row, name, words, column, reading)
            if reading.scale and not meaning.failed:
                reading = scaled_once(reading, meaning.stated or meaning.unit)
                for issue in reading.issues:
                    self.problems.issue(issue, self.table.where(row.number, column.index), cell_text(cell)[:80])
            if (
                (reading.issues and reading.failed)
                or (meaning.issues and meaning.failed)
                or when is None
                or kind is None
            ):
                continue
            number, remark = reading.number, reading.remark
            if number is not None and meaning.factor != 1.0:
                remark = joined(remark, naming.original(number, meaning.stated))
                number = number * meaning.factor
            if number is not None and number < 0 and meaning.role not in _MAY_BE_NEGATIVE:
                self._negative(row, column, number)
            yield Fact(
                plant=plant,
                period=when,
                item=meaning.item,
                role=meaning.role,
                value=number,
                unit=meaning.unit,
                place=words.place,
                to_place=words.to_place,
                kind=meaning.kind,
                state=reading.state,
                basis=words.basis,
                uncertainty=uncertainty,
                meter=words.meter,
                product=words.product,
                source=source,
                note=joined(note, remark, words.odd_basis) if remark or words.odd_basis else note,
                label=name,
                own_item=meaning.own,
                where=self.table.where(row.number, column.index),
            )
        if not filled:
            self.blank_rows += 1

    def close(self) -> None:
        """Say how many rows had a name and no number, unless the table came with such rows."""
        if self.blank_rows and not self.table.prelisted:
            self.problems.add(
                Problem(
                    "rows-without-number",
                    message("有 {count} 行只有名称没有数，未读入", count=self.blank_rows),
                    Severity.NOTE,
                    self.table.where(1),
                    expected=message("没有数据而要写明的，填“未填”；没有这件事的，填“不适用”"),
                )
            )

    # --- parts of a row ---

    def _total(self, row: Row) -> None:
        key = "place" if is_subtotal(row.text("place")) else "item"
        self.problems.add(
            Problem(
                "total-row",
                message("合计行没有读入；各行之和由软件计算"),
                Severity.NOTE,
                row.where(key),
                row.text(key),
            )
        )

    def _nameless(self, row: Row) -> None:
        cells = row.cells
        if any(column.index < len(cells) and cells[column.index] not in ("", None) for column in self.table.values):
            row.problem("item", "item-missing", message("有数值而没有项目名称"), message("项目名称"))

    def _period(self, row: Row) -> str | None:
        """The period of the row: "" where the table has none, None where it cannot be read (then it was reported)."""
        position = self.period
        if position < 0:
            return ""
        cell = row.cells[position] if position < len(row.cells) else None
        if type(cell) is str and (known := self.periods.get(cell)) is not None:
            return known
        if self.table.faults and (row.number, position) in self.table.faults:
            row.period("period")
            return None
        reading = read_period(cell)
        if reading.issue is None:
            if type(cell) is str and cell and len(self.periods) < _MOST_SHARED:
                self.periods[cell] = reading.period
            return reading.period
        self.problems.issue(reading.issue, row.where("period"), cell_text(cell)[:80])
        return None

    def _when(self, row: Row, column: ValueColumn, period: str | None) -> str | None:
        if period is None:
            return None
        when = column.period or period
        if when in self.usual_periods and not column.month:
            return when
        if column.month:
            when = self._month(row, column, period)
        if not when:
            row.problem(
                "period",
                "period-missing",
                message("没有写时段"),
                message("年份（2022）、月份（2022-07）或日期；不属于任何时段的写 undated"),
            )
            return None
        if when != UNDATED and not _FIRST <= int(when[:4]) <= _LAST:
            self.problems.add(
                Problem(
                    "period-far",
                    message("年份 {year} 不像审核时段", year=when[:4]),
                    Severity.WARNING,
                    row.where("period"),
                    when,
                ),
                once=("period-far", when[:4]),
            )
        elif len(self.usual_periods) < _MOST_SHARED:
            self.usual_periods.add(when)
        return when

    def _month(self, row: Row, column: ValueColumn, period: str) -> str:
        if period and period != UNDATED:
            span = Period.parse(period)
            if span.start.year == span.end.year:
                return f"{span.start.year:04d}-{column.month:02d}"
        row.problem(
            "period", "period-missing", message("列标题是月份，行里没有年份"), message("每行写年份，或标题写 2022年7月")
        )
        return ""

    def _uncertainty(self, row: Row) -> float | None:
        """Relative standard uncertainty as a fraction: 2% and 0.02 are the same; above 1 is an error."""
        reading = row.quantity("uncertainty")
        if reading.failed or reading.number is None:
            return None
        unit = reading.unit or self.table.unit_of_column.get(self.uncertainty, "")
        cell = row.cell("uncertainty")
        if isinstance(cell, (int, float)) and reading.unit == "%":
            value = float(cell)  # shown as per cent, held as a fraction: taken as it is held
        else:
            value = reading.number / 100 if unit in {"%", "％"} else reading.number
        if unit not in {"", "%", "％", "1"} or not 0 <= value <= 1:
            row.problem(
                "uncertainty", "uncertainty-range", message("相对不确定度应在 0 与 100% 之间"), message("如 2%")
            )
            return None
        return value

    def _quantity(self, row: Row, column: ValueColumn, cell: Cell) -> Reading:
        table = self.table
        if table.faults and (issue := table.faults.get((row.number, column.index))) is not None:
            self.problems.issue(issue, table.where(row.number, column.index))
            return Reading(State.EMPTY, issues=(issue,))
        percent = bool(table.percent) and (row.number, column.index) in table.percent
        reading = read_quantity(cell, percent_format=percent)
        for issue in reading.issues:
            self.problems.issue(issue, table.where(row.number, column.index), cell_text(cell)[:80])
        return reading

    def _meaning(self, row: Row, label: str, words: _Words, column: ValueColumn, reading: Reading) -> Meaning:
        valued = reading.number is not None
        key = (words, column.index, reading.unit, valued)
        meaning = self.meanings.get(key)
        stated = column.unit if column.own_unit else words.unit or column.unit
        if meaning is None:
            meaning = self.meanings[key] = naming.meaning(
                label,
                words.kind or "",
                words.role,
                reading.unit or stated,
                words.item_id,
                column.role,
                valued,
                words.firm,
            )
        if words.kind is not None and meaning.issues:
            for issue in meaning.issues:
                self._report(row, label, words, reading, issue, column)
        if reading.unit and stated and reading.number is not None and not meaning.failed:
            self._compare_units(row, reading.unit, stated, column)
        return meaning

    def _report(self, row: Row, label: str, words: _Words, reading: Reading, issue: Issue, column: ValueColumn) -> None:
        """Add an issue of a row's words at the cell that it is about; notes once for each word, errors once a row."""
        here = self.table.where(row.number, column.index)
        if issue.code.startswith("unit-"):
            found = reading.unit or words.unit or column.unit
            where = row.where("unit") if words.unit and not reading.unit and not column.own_unit else here
        elif issue.code.startswith("role-"):
            found, where = words.role, row.where("role")
        else:
            found, where = label, here if column.item else row.where("item")
        once = (issue.code, where) if issue.severity is Severity.ERROR else (issue.code, label, found)
        self.problems.issue(issue, where, found, once=once)

    def _compare_units(self, row: Row, in_cell: str, stated: str, column: ValueColumn) -> None:
        try:
            same = units.dimension(in_cell) == units.dimension(stated)
        except UnknownName:
            same = True  # reported with the unit
        if not same:
            self.problems.add(
                Problem(
                    "unit-contradiction",
                    message("单元格里的单位“{one}”与单位列的“{other}”不是一回事", one=in_cell, other=stated),
                    Severity.ERROR,
                    self.table.where(row.number, column.index),
                    in_cell,
                    message("{unit}", unit=stated),
                )
            )

    def _negative(self, row: Row, column: ValueColumn, number: float) -> None:
        self.problems.add(
            Problem(
                "value-negative",
                message("数量是负的"),
                Severity.WARNING,
                self.table.where(row.number, column.index),
                f"{number:g}",
                message("零或正数；外供、减少用“收支”列表示"),
            )
        )


def _text(cell: Cell) -> str:
    return cell.strip() if type(cell) is str and cell.isprintable() else cell_text(cell)


def _words(text: str) -> str:
    return "" if text in _DASHES else text

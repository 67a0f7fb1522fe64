"""Tables of raw cells as found in files, the problems met while reading them, and one row read column by column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from qingyuan import units
from qingyuan.errors import Location, Problem, Severity, UnknownName
from qingyuan.facts.cells import Cell, Issue, Reading, cell_text, read_period, read_quantity, scaled_once
from qingyuan.facts.columns import TableKey
from qingyuan.facts.model import Basis, Profile, State
from qingyuan.facts.words import word_id
from qingyuan.language import Message, message

MOST_OF_A_KIND: Final = 2_000  # problems of one code that are listed one by one; the rest are counted


class Problems:
    """Problems met so far, without end of one kind: after ``MOST_OF_A_KIND`` of one code the rest are counted."""

    def __init__(self) -> None:
        self._listed: list[Problem] = []
        self._counts: Counter[str] = Counter()
        self._once: set[object] = set()
        self.failed = False

    def add(self, problem: Problem, *, once: object = None) -> None:
        """Add a problem; ``once`` is a key under which only the first is kept (notes that would repeat by row)."""
        self.failed = self.failed or problem.severity is Severity.ERROR
        if once is not None:
            if once in self._once:
                return
            self._once.add(once)
        self._counts[problem.code] += 1
        if self._counts[problem.code] <= MOST_OF_A_KIND:
            self._listed.append(problem)

    def issue(self, issue: Issue, where: Location, found: str = "", *, once: object = None) -> None:
        """Add what is wrong with one cell."""
        self.add(issue.at(where, found), once=once)

    def all(self) -> tuple[Problem, ...]:
        """Every listed problem, and a closing one for each code that has more."""
        more = [
            Problem(
                code,
                message("同类问题还有 {count} 处，未逐一列出", count=count - MOST_OF_A_KIND),
                next(problem.severity for problem in self._listed if problem.code == code),
            )
            for code, count in self._counts.items()
            if count > MOST_OF_A_KIND
        ]
        return (*self._listed, *more)


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """A column that holds quantities, and what its heading says of them: period, month, role, unit, item."""

    index: int
    period: str = ""
    month: int = 0
    role: str = ""
    unit: str = ""
    item: str = ""
    own_unit: bool = False  # the row's unit is not this column's: a price beside an amount


@dataclass(slots=True)
class RawTable:
    """A table as found in a file: where its columns are, and its rows with their numbers (the first is 1).

    ``columns`` maps column keys to positions in a row; ``values`` are the columns of quantities of a fact table;
    ``extra`` are columns that the model does not know, by position with their heading. ``percent`` holds the places
    (row number, position) of cells that a spreadsheet shows as per cent. ``faults`` maps places to issues that the
    file format itself shows (error values, formulas without result).
    """

    key: TableKey
    file: str
    columns: Mapping[str, int]
    rows: Iterable[tuple[int, Sequence[Cell]]]
    sheet: str = ""
    headings: Mapping[int, str] = field(default_factory=dict)
    values: Sequence[ValueColumn] = ()
    extra: Mapping[int, str] = field(default_factory=dict)
    kind: str = ""
    header_row: int = 1
    prelisted: bool = False  # rows with a name and no number are places to fill in, not facts
    percent: frozenset[tuple[int, int]] = frozenset()
    faults: Mapping[tuple[int, int], Issue] = field(default_factory=dict)
    unit_of_column: Mapping[int, str] = field(default_factory=dict)
    address: Callable[[int, int], str] | None = None  # the name of a cell (C7) from row number and position

    def where(self, row: int, index: int | None = None) -> Location:
        """The location of a cell, or of a row."""
        if index is None:
            return Location(self.file, self.sheet, row)
        cell = self.address(row, index) if self.address is not None else ""
        return Location(self.file, self.sheet, row, self.headings.get(index, ""), cell)


@dataclass(slots=True)
class RawCase:
    """Everything read from files, before it is understood."""

    origin: str
    tables: list[RawTable] = field(default_factory=list)
    profile: Profile = field(default_factory=Profile)
    parameters: Mapping[str, object] = field(default_factory=dict)
    problems: Problems = field(default_factory=Problems)


class Row:
    """One row of a table, read column by column; problems go to the collector with their places."""

    __slots__ = ("cells", "number", "problems", "table")

    def __init__(self, table: RawTable, number: int, cells: Sequence[Cell], problems: Problems) -> None:
        self.table, self.number, self.cells, self.problems = table, number, cells, problems

    def cell(self, key: str) -> Cell:
        """The raw cell of a column; None where the table has no such column."""
        index = self.table.columns.get(key)
        return self.cells[index] if index is not None and index < len(self.cells) else None

    def where(self, key: str) -> Location:
        """The location of a column's cell in this row."""
        return self.table.where(self.number, self.table.columns.get(key))

    def text(self, key: str) -> str:
        """The text of a column."""
        self._fault(key)
        return cell_text(self.cell(key))

    def words(self, key: str) -> str:
        """The text of a column where a dash or "n/a" means nothing was to be said."""
        text = self.text(key)
        return "" if text in {"-", "—", "/", "--", "——", "－"} else text

    def quantity(self, key: str, *, limit_suffix: bool = False) -> Reading:
        """The reading of a column as a quantity; issues are added."""
        index = self.table.columns.get(key)
        if index is None:
            return Reading(State.EMPTY)
        if self._fault(key):
            return Reading(State.EMPTY)
        percent = (self.number, index) in self.table.percent
        reading = read_quantity(self.cell(key), percent_format=percent, limit_suffix=limit_suffix)
        for issue in reading.issues:
            self.problems.issue(issue, self.where(key), cell_text(self.cell(key))[:80])
        return reading

    def number_in(self, key: str, unit: str = "") -> float | None:
        """The number of a column in a unit, or None for empty and not applicable; a wrong unit is an error."""
        reading = self.quantity(key)
        if reading.number is None or reading.failed:
            return None
        index = self.table.columns[key]
        stated = self.table.unit_of_column.get(index, "")
        reading = scaled_once(reading, stated or unit)
        for issue in reading.issues:
            self.problems.issue(issue, self.where(key), cell_text(self.cell(key))[:80])
        if reading.number is None:
            return None
        given = reading.unit or stated
        if not given or not unit:
            return reading.number
        for wanted in (unit, f"{unit}/a"):  # what a year brings may be written by the year
            try:
                return units.convert(reading.number, given, wanted)
            except (UnknownName, units.DimensionError):
                continue
        else:
            self.problem(
                key, "unit-dimension", message("单位“{unit}”用不到这一列", unit=given), message("{unit}", unit=unit)
            )
            return None

    def period(self, key: str) -> str:
        """The period of a column, "" where it is empty; an unreadable one is an error."""
        if self._fault(key):
            return ""
        reading = read_period(self.cell(key))
        if reading.issue is not None:
            self.problems.issue(reading.issue, self.where(key), cell_text(self.cell(key))[:80])
        return reading.period

    def problem(
        self, key: str, code: str, text: Message, expected: Message | None = None, severity: Severity = Severity.ERROR
    ) -> None:
        """Add a problem of a column's cell."""
        found = cell_text(self.cell(key))[:80]
        self.problems.add(Problem(code, text, severity, self.where(key), found, expected))

    def extras(self) -> tuple[tuple[str, str], ...]:
        """The filled cells of columns that the model does not know, with their headings."""
        cells = self.cells
        return tuple(
            (heading, text)
            for index, heading in self.table.extra.items()
            if index < len(cells) and (text := cell_text(cells[index]))
        )

    def _fault(self, key: str) -> bool:
        index = self.table.columns.get(key)
        if index is None or not self.table.faults:
            return False
        issue = self.table.faults.get((self.number, index))
        if issue is not None:
            self.problems.issue(issue, self.where(key), once=(self.table.sheet, self.number, index))
        return issue is not None


def rows_of(table: RawTable, problems: Problems) -> Iterator[Row]:
    """The rows of a table that hold anything."""
    first = table.columns.get("item", -1)
    used = (*table.columns.values(), *(column.index for column in table.values))
    for number, cells in table.rows:
        width = len(cells)
        if 0 <= first < width and cells[first] not in _BLANK:
            yield Row(table, number, cells, problems)
            continue
        for index in used:
            if index < width and cells[index] not in _BLANK:
                yield Row(table, number, cells, problems)
                break
        else:
            for index in used if table.faults else ():
                if issue := table.faults.get((number, index)):
                    problems.issue(issue, table.where(number, index))


_BLANK: Final = ("", None)


def joined(*parts: str) -> str:
    """Join the parts of a note, each once."""
    return "；".join(dict.fromkeys(part for part in parts if part))


def basis_of(row: Row, default: Basis) -> tuple[Basis, str]:
    """The basis of a row, and text to keep in the note where the word is not known (a warning)."""
    text = row.words("basis")
    if not text:
        return default, ""
    found = word_id("basis", text)
    if found is not None:
        return Basis(found), ""
    row.problem("basis", *UNKNOWN_BASIS)
    return Basis.UNKNOWN, f"“{text}”"


UNKNOWN_BASIS: Final = (
    "basis-unknown",
    message("不认识的数据来源，按“来源不明”读入"),
    message("计量、票据、自动监测、手工监测、统计、衡算、系数、估算"),
    Severity.WARNING,
)

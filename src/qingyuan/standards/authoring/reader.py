"""What the reading of a form collects: problems with their cells, and where every group and row stands."""

from __future__ import annotations

from dataclasses import dataclass, field

from qingyuan.errors import Location, Problem, Severity
from qingyuan.facts.cells import Cell, Issue, cell_text
from qingyuan.language import Listing, Message, Text, listing, message
from qingyuan.standards.authoring.cells import flag_cell, text_of
from qingyuan.standards.authoring.form import Area, Form
from qingyuan.standards.authoring.layout import COLUMN, match_choice
from qingyuan.standards.model import IndexSystem, Scheme

DOCUMENT, ENGLISH = -1, -2  # areas beside the tables, which count from 0


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell of a form: the area (a table's number, ``DOCUMENT`` or ``ENGLISH``), its row and its key."""

    area: int
    row: int
    key: str


class KnownIds:
    """Ids of an earlier edition by name, so that a row keeps its id when lines are added before it."""

    def __init__(self, earlier: IndexSystem | None) -> None:
        self.tables: dict[str, str] = {}
        self.groups: dict[tuple[str, str], str] = {}
        self.rows: dict[tuple[str, str, str, str], list[str]] = {}
        self.taken: set[str] = set()
        for table in earlier.all_tables() if earlier is not None else ():
            self.tables[table.name.zh] = table.id
            for group in table.groups:
                self.groups[table.id, group.name.zh] = group.id
                self.taken |= {group.id, *(row.id for row in group.indicators)}
                for row in group.indicators:
                    product = row.product.zh if row.product is not None else ""
                    self.rows.setdefault((table.id, group.name.zh, row.name.zh, product), []).append(row.id)

    def row(self, table: str, group: str, name: str, product: str) -> str:
        """The id that a row had, "" where it is new; rows of one name take theirs in order."""
        found = self.rows.get((table, group, name, product))
        return found.pop(0) if found else ""


@dataclass(slots=True)
class Reader:
    """Collects the document, the problems, and the spot of every group and row by its path."""

    form: Form
    problems: list[Problem] = field(default_factory=list)
    spots: list[tuple[Spot, Problem]] = field(default_factory=list)
    places: dict[str, Spot] = field(default_factory=dict)
    known: KnownIds = field(default_factory=lambda: KnownIds(None))

    def area(self, number: int) -> Area:
        """One area of the form."""
        if number == DOCUMENT:
            return self.form.document
        return self.form.english if number == ENGLISH else self.form.tables[number]

    def location(self, spot: Spot) -> Location:
        """Where a spot stands in the workbook."""
        area = self.area(spot.area)
        return Location(self.form.file, area.sheet, cell=area.places.get((spot.row, spot.key), ""))

    def put(
        self,
        spot: Spot,
        code: str,
        text: Message,
        *,
        found: object = "",
        expected: Message | None = None,
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Add a problem of one cell."""
        shown: Text = found if isinstance(found, Listing) else ""
        if found is not None and not shown:
            shown = " ".join(cell_text(found).split())[:120]  # type: ignore[arg-type]
        problem = Problem(code, text, severity, self.location(spot), shown, expected)
        self.problems.append(problem)
        self.spots.append((spot, problem))

    def issue(self, spot: Spot, issue: Issue, found: object) -> None:
        """Add the issue of a cell."""
        self.put(spot, issue.code, issue.message, found=found, expected=issue.expected, severity=issue.severity)

    def faulty(self) -> None:
        """Report the cells that hold a spreadsheet's error value."""
        for number in (DOCUMENT, *range(len(self.form.tables))):
            for (row, key), value in self.area(number).faulty.items():
                self.put(Spot(number, row, key), "form-error-value", message("单元格是公式的错误值"), found=value)


@dataclass(slots=True)
class TableSheet:
    """One table sheet on its way: the reader, its area, and weights read with their scale."""

    reader: Reader
    number: int
    area: Area
    scheme: Scheme
    partial: bool
    table: str

    def spot(self, row: int, key: str) -> Spot:
        """A cell of this sheet."""
        return Spot(self.number, row, key)

        return Spot(self.number, row, key)

    def cell(self, row: int, key: str) -> Cell:
        """A cell with what merging gives it; None where the spreadsheet has an error there."""
        value, at, typed = self.area.value(row, key)
        return None if (at, typed) in self.area.faulty else value

    def text(self, row: int, key: str) -> str:
        """The text of a cell on one line."""
        return text_of(self.cell(row, key))

    def percent(self, row: int, key: str) -> bool:
        """Whether the spreadsheet shows the cell as per cent."""
        _, at, typed = self.area.value(row, key)
        return (at, typed) in self.area.percent

    def typed_here(self, row: int, key: str) -> bool:
        """Whether the cell was typed in this row and not inherited by merging."""
        _, at, _ = self.area.value(row, key)
        return at == row

    def error(
        self, row: int, key: str, code: str, text: Message, expected: Message | None = None, found: object = ...
    ) -> None:
        """Add an error of a cell; ``found`` takes the place of what the cell holds."""
        shown = self.cell(row, key) if found is ... else found
        self.reader.put(self.spot(row, key), code, text, found=shown, expected=expected)

    def remark(self, row: int, key: str, code: str, text: Message, severity: Severity = Severity.WARNING) -> None:
        """Add a warning or note of a cell."""
        self.reader.put(self.spot(row, key), code, text, found=self.cell(row, key), severity=severity)

    def flag(self, row: int, key: str) -> bool | None:
        """A yes or no, None where the cell is empty or says neither (reported)."""
        try:
            return flag_cell(self.cell(row, key))
        except ValueError:
            self.error(row, key, "form-flag", message("应填“是”或“否”"), message("是、否"))
            return None

    def choice(self, row: int, key: str) -> str | None:
        """The chosen value, None where the cell is empty or names none (reported)."""
        text = self.text(row, key)
        if not text:
            return None
        value = match_choice(COLUMN[key].choices, text)
        if value is None:
            options = listing(choice.name for choice in COLUMN[key].choices)
            self.error(row, key, "form-choice", message("不认识的选项"), message("{x} 之一", x=options))
        return value

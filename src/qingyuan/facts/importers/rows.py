"""One foreign row through a mapping (一行数据): fields as texts, numbers, units, dates; what is wrong with them.

``Taken`` says of each row what became of it: the lines of the lasting import report.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from qingyuan import units
from qingyuan.errors import Problem, Severity, UnknownName
from qingyuan.facts.cells import Reading, cell_text, number_text, plain, read_period, read_quantity
from qingyuan.facts.importers.mapping import ImportMapping, Kind, TableMapping
from qingyuan.facts.importers.reading import ForeignRow, ForeignTable, cell_at
from qingyuan.facts.model import Fact, Period
from qingyuan.language import Message, listing, message

Status = Literal["taken", "left-out", "refused"]


@dataclass(slots=True)
class Taken:
    """What became of one row: what was made of it, or why it was left out or refused."""

    file: str
    sheet: str
    row: int
    kind: Kind
    status: Status = "taken"
    made: list[str] = field(default_factory=list)
    reasons: list[Message | str] = field(default_factory=list)

    def leave(self, reason: Message | str) -> None:
        """Leave the row out for a reason that is no error."""
        self.status = "left-out"
        self.reasons.append(reason)


@dataclass(slots=True)
class ReadRow:
    """A row with its mapping: reads fields and collects problems."""

    mapping: ImportMapping
    of: TableMapping
    table: ForeignTable
    row: ForeignRow
    taken: Taken
    problems: list[Problem]

    def heading(self, name: str) -> str:
        """The heading of a field, or the field itself where it is fixed."""
        return self.of.columns.get(name, name)

    def cell(self, name: str) -> object:
        """What stands in the column of a field, else its fixed value."""
        if name in self.of.columns:
            found = cell_at(self.row.cells, self.of.columns[name])
            if found not in ("", None):
                return found
        return self.of.fixed.get(name)

    def text(self, name: str) -> str:
        """A field as a text without blanks around it."""
        return as_text(self.cell(name))

    def problem(self, name: str, code: str, text: Message, expected: Message | None = None) -> None:
        """Refuse the row for what is wrong with a field."""
        where = self.table.where(self.row.number, self.heading(name))
        self.problems.append(Problem(code, text, where=where, found=self.text(name)[:80], expected=expected))
        self.taken.status = "refused"
        self.taken.reasons.append(text)

    def warn(self, name: str, code: str, text: Message) -> None:
        """Remark on a field of a row that is taken."""
        where = self.table.where(self.row.number, self.heading(name))
        self.problems.append(Problem(code, text, Severity.WARNING, where, self.text(name)[:80]))
        self.taken.reasons.append(text)

    def number(self, name: str) -> Reading | None:
        """A field as a number, with the unit that the cell itself holds; None where it is blank or no number."""
        cell = self.cell(name)
        if cell in ("", None):
            return None
        if not isinstance(cell, (str, int, float)) or isinstance(cell, bool):
            self.problem(name, "import-not-a-number", message("不是数"))
            return None
        reading = read_quantity(cell)
        if reading.failed:
            for issue in reading.issues:
                self.problem(name, issue.code, issue.message, issue.expected)
            return None
        return reading if reading.number is not None else None

    def unit(self, name: str, in_cell: str = "") -> str | None:
        """The unit of a field, in the spelling of the file; None where it is unknown (then it was reported)."""
        written = in_cell or self.text(name)
        spelled = self.mapping.units.get(written, written)
        try:
            units.canonical(spelled)
        except UnknownName as error:
            near = listing(error.suggestions) if error.suggestions else message("常用的计量单位")
            text = message("不认识的单位“{unit}”", unit=written)
            self.problem(name, "unit-unknown", text, message("{names}，或在对应表的 units 里写明", names=near))
            return None
        return spelled

    def day(self) -> dt.date | None:
        """The date of a bill: from ``date``, or from year, month and day."""
        if self.of.has("date"):
            return self._date("date")
        if not (self.of.has("year") and self.of.has("month") and self.of.has("day")):
            return None
        parts = [as_text(self.cell(name)) for name in ("year", "month", "day")]
        try:
            year, month, day = (int(float(part)) for part in parts)
            return dt.date(year, month, day)
        except (ValueError, OverflowError):
            self.problem("day", "import-date", message("“{text}”不是日期", text="-".join(parts)), _A_DATE)
            return None

    def _date(self, name: str) -> dt.date | None:
        reading = read_period(self._plain(name))
        if reading.issue is None and reading.period:
            try:
                span = Period.parse(reading.period)
            except ValueError:
                span = None
            if span is not None and span.days == 1:
                return span.start
        self.problem(name, "import-date", message("“{text}”不是日期", text=self.text(name)), _A_DATE)
        return None

    def _plain(self, name: str) -> str | int | float | dt.date | None:
        cell = self.cell(name)
        return cell if isinstance(cell, (str, int, float, dt.date)) else None

    def stated_period(self) -> Period | None:
        """The period that the row states: ``period``, ``start`` and ``end``, or year and month; None otherwise."""
        if self.of.has("start") and self.of.has("end"):
            first, last = self._date("start"), self._date("end")
            if first is None or last is None:
                return None
            if last < first:
                self.problem("end", "import-backwards", message("止日在起日之前"))
                return None
            return Period(first, last)
        if self.of.has("period"):
            reading = read_period(self._plain("period"))
            if reading.issue is None and reading.period and reading.period != "undated":
                return Period.parse(reading.period)
            self.problem("period", "import-period", message("“{text}”不是时段", text=self.text("period")), _A_PERIOD)
            return None
        year, month = as_text(self.cell("year")), as_text(self.cell("month"))
        try:
            if not month:
                return Period.parse(f"{int(float(year)):04d}")
            return Period.parse(f"{int(float(year)):04d}-{int(float(month)):02d}")
        except (ValueError, OverflowError):
            text = message("“{text}”不是时段", text=f"{year}-{month}".strip("-"))
            self.problem("year", "import-period", text, _A_PERIOD)
            return None


_A_DATE = message("日期，如 2022-01-28")
_A_PERIOD = message("月份（2022-01）或年份（2022）")


def as_text(cell: object) -> str:
    """A cell as a text, whole numbers without a point."""
    if cell is None or isinstance(cell, (list, dict)):
        return ""
    if isinstance(cell, (str, int, float, dt.date, dt.datetime)):
        return plain(cell_text(cell))
    return str(cell)


def selects(of: TableMapping, row: ForeignRow) -> bool:
    """Whether a row has the values that the mapping keeps."""
    return all(as_text(cell_at(row.cells, heading)) in kept for heading, kept in of.only.items())


def missing_headings(of: TableMapping, headings: Sequence[str]) -> tuple[str, ...]:
    """The headings that a mapping's table wants and a file lacks; paths count by their first part."""
    wanted = [*of.columns.values(), *of.only, *of.details.values(), *of.meters, *([of.each] if of.each else [])]
    known = set(headings)
    return tuple(dict.fromkeys(h for h in wanted if h not in known and h.split("/")[0] not in known))


def told(fact: Fact) -> str:
    """A fact in one line of the report: 电力 purchased 2022-01 1395361 kWh."""
    number = "" if fact.value is None else number_text(fact.value)
    unit = "" if fact.unit == "1" else fact.unit
    return " ".join(filter(None, (fact.label, fact.role, fact.period, number, unit)))

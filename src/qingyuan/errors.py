"""Problems found in input, each with its place, and the exceptions that carry them.

Engine functions collect every problem of an input before they raise; the faces (command, platform) print them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from qingyuan.language import Message, Text, listing, message


class Severity(StrEnum):
    """How grave a problem is (严重程度): an error stops the work, a warning and a note do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Location:
    """Where in an input a problem stands (位置): as much of file, sheet, row, column as is known.

    ``row`` counts as the user counts (the first line is 1); ``column`` is the heading, ``cell`` the address (``C7``);
    ``path`` the keys that lead to a place in JSON (``flows.W4.sd``).
    """

    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    cell: str = ""
    path: str = ""

    def __str__(self) -> str:
        parts: list[str] = []
        if self.file:
            parts.append(self.file)
        if self.sheet:
            parts.append(str(message("工作表“{sheet}”", sheet=self.sheet)))
        if self.cell:
            parts.append(str(message("单元格 {cell}", cell=self.cell)))
        elif self.row is not None:
            parts.append(str(message("第 {row} 行", row=self.row)))
        if self.column:
            parts.append(str(message("“{column}”列", column=self.column)))
        if self.path:
            parts.append(self.path)
        return " ".join(parts)

    def as_json(self) -> dict[str, object]:
        """Give the known fields as a plain mapping."""
        fields: dict[str, object] = {
            "file": self.file,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "cell": self.cell,
            "path": self.path,
        }
        return {key: value for key, value in fields.items() if value not in ("", None)}


NOWHERE = Location()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input (问题): a stable code, a message, the place, what was read, what is expected."""

    code: str
    message: Message
    severity: Severity = Severity.ERROR
    where: Location = NOWHERE
    found: Text = ""
    expected: Text | None = None

    def __str__(self) -> str:
        place = str(self.where)
        text = f"{place}: {self.message}" if place else str(self.message)
        if self.found:
            text += str(message("；读到：{found}", found=self.found))
        if self.expected is not None:
            text += str(message("；应为：{expected}", expected=self.expected))
        return text

    def as_json(self) -> dict[str, object]:
        """Give code, severity, message, place, found and expected as plain values, in the language in force."""
        record: dict[str, object] = {
            "code": self.code,
            "severity": self.severity.value,
            "message": str(self.message),
            "where": self.where.as_json(),
        }
        if self.found:
            record["found"] = str(self.found)
        if self.expected is not None:
            record["expected"] = str(self.expected)
        return record


class QingyuanError(Exception):
    """Base of every exception that the engine raises on purpose."""


class InputError(QingyuanError):
    """The input has errors; ``problems`` lists all of them (and the warnings found with them)."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class UnknownName(QingyuanError):
    """A name that is not known, with the nearest known ones; ``kind`` says what is unknown (未知的单位, 未知的项目)."""

    def __init__(self, kind: Message, name: str, suggestions: Iterable[str] = ()) -> None:
        self.kind = kind
        self.name = name
        self.suggestions = tuple(suggestions)
        super().__init__(kind, name, self.suggestions)

    def __str__(self) -> str:
        text = str(message("{what}：{name}", what=self.kind, name=self.name))
        if self.suggestions:
            text += str(message("；是否指：{names}", names=listing(self.suggestions)))
        return text

"""A look at one worksheet's XML before it is loaded: extent, error values, formulas without result, per-cent cells.

The spreadsheet reader (calamine) allots a cell for every place between the outermost filled cells, gives error values
as empty cells and does not know formats. So the XML is read first, in pieces. Files as the usual programs write them
(``<c r="A1" …>``) go through byte searches; everything else goes through a full XML parser, slower and as strict.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

CellAddress = tuple[int, int]  # row and column, both counted from 0

MAX_MARKED = 1_000_000  # cells of one kind (error, percent, formula without result) that are remembered


class NotSheetXml(Exception):
    """The part is not well-formed XML, or holds something that no worksheet holds."""


@dataclass(slots=True)
class SheetScan:
    """What a worksheet's XML says about its cells; addresses are (row, column) from 0."""

    cells: int = 0
    string_cells: int = 0
    rows: int = 0  # number of the last row with a filled cell
    columns: int = 0  # number of the last column with a filled cell
    formulas: bool = False
    remote_formula: bool = False  # a formula that calls another program (DDE)
    errors: dict[CellAddress, str] = field(default_factory=dict)
    uncached: set[CellAddress] = field(default_factory=set)
    percent: set[CellAddress] = field(default_factory=set)
    unplaced: bool = False  # an error or formula in a cell that does not say where it stands

    @property
    def area(self) -> int:
        """Cells that a reader would allot."""
        return self.rows * self.columns

    @property
    def overflow(self) -> bool:
        """Whether more cells need a mark than are kept."""
        return max(len(self.errors), len(self.uncached), len(self.percent)) >= MAX_MARKED


_COARSE_COLUMNS: Final = 26  # a sheet without any two-letter column
_COARSE_ROWS: Final = 99_999  # a sheet without any six-digit row

_WIDE = re.compile(rb'<c r="([A-Za-z]{2,})\d+"[^>/]*>')
_DEEP = re.compile(rb'<c r="[A-Za-z]+(\d{6,})"[^>/]*>')
_ERROR = re.compile(
    rb'<c r="([A-Za-z]+)(\d+)"[^>/]*\bt="e"[^>/]*>(?:<f\b[^>]*/>|<f\b[^>]*>[^<]*</f>)?\s*(?:<v>([^<]*)</v>)?'
)
_UNCACHED = re.compile(
    rb'<c r="([A-Za-z]+)(\d+)"([^>/]*)>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)
_PIPE = re.compile(rb"<f\b[^>]*>[^<]*\|[^<]*![^<]*</f>")
_PREFIXED_CELL = re.compile(rb":c[\s>/]")
# A cell written in any other way than <c r="A1": other elements whose names begin with c go on with a letter.
_UNUSUAL_CELL = re.compile(rb'<c(?! r="|[A-Za-z])')
_STRING_INDEX = re.compile(rb'<(?:\w+:)?c\s[^>]*\bt=["\']s["\'][^>]*>\s*<(?:\w+:)?v>\s*(\d{1,9})\s*<')


def column_number(letters: str) -> int:
    """Give the number of a column from its letters: A is 1, Z 26, AA 27; letters beyond four count as 10^6."""
    if len(letters) > 4:
        return 1_000_000
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def cell_name(row: int, column: int) -> str:
    """Give the address of a cell, C7, from its row and column counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def scan(pieces: Iterable[bytes], percent_styles: frozenset[int]) -> SheetScan | None:
    """Search one worksheet's XML, given in pieces; None where it is not written in the usual way.

    ``percent_styles`` are the numbers of the cell formats that show per cent. ``rows`` and ``columns`` of the answer
    are upper bounds; use ``parse`` where they matter.
    """
    found = SheetScan(columns=_COARSE_COLUMNS, rows=_COARSE_ROWS)
    percent = _percent_pattern(percent_styles)
    wide: set[bytes] = set()
    deep: set[bytes] = set()
    tail = b""
    first = True
    for piece in pieces:
        if first:
            if re.search(rb"<\w+:worksheet\b", piece[:4096]):
                return None
            first = False
        text = tail + piece
        # Cut before the last cell, so that no cell is searched in halves.
        cut = text.rfind(b"<c ")
        if cut < 0 or (len(text) - cut > 1_000_000 and b"</c>" in text[cut:]):
            cut = len(text) - 64
        if len(tail) > 40_000_000:
            raise NotSheetXml
        text, tail = text[: max(cut, 0)], text[max(cut, 0) :]
        if not _search(text, found, percent, wide, deep):
            return None
    if not _search(tail, found, percent, wide, deep):
        return None
    if wide:
        found.columns = max(column_number(letters.decode("ascii")) for letters in wide)
    if deep:
        found.rows = max(min(int(digits), 10**9) for digits in deep)
    return found


def _percent_pattern(styles: frozenset[int]) -> re.Pattern[bytes] | None:
    if not styles:
        return None
    numbers = "|".join(str(style) for style in sorted(styles))
    return re.compile(rf'<c r="([A-Za-z]+)(\d+)" s="(?:{numbers})"(?: t="n")?>'.encode("ascii"))


def _search(
    text: bytes, found: SheetScan, percent: re.Pattern[bytes] | None, wide: set[bytes], deep: set[bytes]
) -> bool:
    if _UNUSUAL_CELL.search(text) or (b":c" in text and _PREFIXED_CELL.search(text)):
        return False
    found.cells += text.count(b'<c r="')
    found.string_cells += text.count(b't="s"')
    wide.update(_WIDE.findall(text))
    deep.update(_DEEP.findall(text))
    if b't="e"' in text:
        for letters, digits, value in _ERROR.findall(text):
            if len(found.errors) < MAX_MARKED:
                found.errors[_address(letters, digits)] = value.decode("utf-8", "replace")
    if b"<f" in text:
        _search_formulas(text, found)
    if percent is not None and len(found.percent) < MAX_MARKED:
        found.percent.update(_address(letters, digits) for letters, digits in percent.findall(text))
    return True


def _search_formulas(text: bytes, found: SheetScan) -> None:
    found.formulas = True
    if b"|" in text and _PIPE.search(text):
        found.remote_formula = True
    for letters, digits, attributes in _UNCACHED.findall(text):
        # t="str" with an empty value is a formula whose result is the empty text.
        if b't="str"' not in attributes and len(found.uncached) < MAX_MARKED:
            found.uncached.add(_address(letters, digits))


def _address(letters: bytes, digits: bytes) -> CellAddress:
    return min(int(digits[:9]), 10**9) - 1, column_number(letters.decode("ascii")) - 1


_REFERENCE = re.compile(r"([A-Za-z]+)(\d+)")


def parse(pieces: Iterable[bytes], percent_styles: frozenset[int]) -> SheetScan:
    """Parse one worksheet's XML, given in pieces, with exact extents.

    Raises NotSheetXml where the XML is not well-formed or declares entities.
    """
    found = SheetScan()
    row = column = -1  # the last cell's place, for cells that do not say theirs
    cell: CellAddress | None = None
    placed = filled = False
    kind = ""
    formula: list[str] | None = None
    value: list[str] | None = None
    has_formula = has_value = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, cell, placed, filled, kind, formula, value, has_formula, has_value
        local = name.rpartition(":")[2]
        if local == "row":
            digits = attributes.get("r", "")
            row = min(int(digits), 10**9) - 1 if digits.isdecimal() else row + 1
            column = -1
        elif local == "c":
            match = _REFERENCE.fullmatch(attributes.get("r", ""))
            placed = match is not None
            if match is not None:
                row, column = min(int(match[2][:10]), 10**9) - 1, column_number(match[1]) - 1
            else:
                column += 1
            cell = (max(row, 0), column)
            found.cells += 1
            kind = attributes.get("t", "")
            found.string_cells += kind == "s"
            filled = has_formula = has_value = False
            value = None
            style = attributes.get("s", "")
            if style.isdecimal() and int(style) in percent_styles and len(found.percent) < MAX_MARKED:
                found.percent.add(cell)
        elif cell is not None and local == "f":
            formula, has_formula, filled = [], True, True
        elif cell is not None and local in {"v", "is", "t"}:
            filled = True
            if local == "v":
                value = []

    def end(name: str) -> None:
        nonlocal cell, formula, has_value
        local = name.rpartition(":")[2]
        if local == "f" and formula is not None:
            found.formulas = True
            text = "".join(formula)
            found.remote_formula = found.remote_formula or ("|" in text and "!" in text)
            formula = None
        elif local == "v" and value is not None:
            has_value = bool("".join(value).strip())
        elif local == "c" and cell is not None:
            if filled:
                found.rows, found.columns = max(found.rows, cell[0] + 1), max(found.columns, cell[1] + 1)
            missing = has_formula and not has_value and kind != "str"
            if (kind == "e" or missing) and not placed:
                found.unplaced = True
            if kind == "e" and len(found.errors) < MAX_MARKED:
                found.errors[cell] = "".join(value or ())
            elif missing and len(found.uncached) < MAX_MARKED:
                found.uncached.add(cell)
            cell = None

    def text(data: str) -> None:
        target = formula if formula is not None else value
        if target is not None and len(target) < 10_000:
            target.append(data)

    _run(pieces, start, end, text)
    return found


def _run(pieces: Iterable[bytes], start: object, end: object, text: object) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler = start  # type: ignore[assignment]
    parser.EndElementHandler = end  # type: ignore[assignment]
    parser.CharacterDataHandler = text  # type: ignore[assignment]
    parser.StartDoctypeDeclHandler = _refuse
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError) as error:
        raise NotSheetXml from error


def _refuse(*_arguments: object) -> None:
    raise NotSheetXml


def string_references(pieces: Iterable[bytes]) -> Counter[int]:
    """Count how often each shared string is used by the cells of one worksheet."""
    counts: Counter[int] = Counter()
    tail = b""
    for piece in pieces:
        text = tail + piece
        cut = max(text.rfind(b"<c "), 0)
        counts.update(map(int, _STRING_INDEX.findall(text[:cut])))
        tail = text[cut:]
    counts.update(map(int, _STRING_INDEX.findall(tail)))
    return counts

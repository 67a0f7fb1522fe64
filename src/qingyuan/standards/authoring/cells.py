"""Reading the cells of a published table as people type them: levels with their signs, weights, dates, lists, marks.

Nothing here raises: a reading holds what was understood, and an ``Issue`` says what was not. The caller adds the place.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from qingyuan.errors import Severity, UnknownName
from qingyuan.facts.cells import Cell, Issue, cell_text, plain, read_period
from qingyuan.facts.model import Period
from qingyuan.language import message
from qingyuan.standards.authoring.layout import LEVEL_CHOICES, YES_NO, Choice, match_choice
from qingyuan.standards.formula import FormulaError, exact, parse_formula
from qingyuan.standards.model import LEVELS, Direction, Level, Number

_DASHES = frozenset({"-", "--", "---", "----", "/", "\\"})
_NO_REQUIREMENT = frozenset(
    {"无要求", "不要求", "不作要求", "不做要求", "未规定", "不规定", "norequirement", "notrequired", "none"}
)

# What stands before a bound: direction and whether the bound itself counts. 以上, 以下 and 以内 include the number,
# 不满, 不足, 超过 and 以外 do not (民法典 art. 1259).
_BEFORE: tuple[tuple[str, Direction, bool], ...] = (
    (r"≤|<=|=<|不大于|不高于|不超过|不多于|小于等于|小于或等于|至多|最多", "lower", False),
    (r"≥|>=|=>|不小于|不低于|不少于|大于等于|大于或等于|至少|最少", "higher", False),
    (r"<|小于|低于|少于|不足|不满", "lower", True),
    (r">|大于|高于|多于|超过", "higher", True),
)
_AFTER: tuple[tuple[str, Direction, bool], ...] = (
    (r"(?:及其?)?以上|\(含\)以上", "higher", False),
    (r"(?:及其?)?以下|以内|\(含\)以下|之内", "lower", False),
    (r"以外", "higher", True),
)
_NUMBER = r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?"
_AMOUNT = re.compile(rf"(?P<number>{_NUMBER})(?P<power>(?:[eE]|[×xX*]10\^?)[-+]?\d{{1,2}})?(?P<rest>.*)", re.DOTALL)
_RANGE = re.compile(rf"(?P<low>{_NUMBER})(?P<unit>%?)(?:-|~|至|到)(?P<high>{_NUMBER})(?P<rest>[^-~\d].*)?", re.DOTALL)
_IMPLIED = re.compile(r"(?<=[\d)])(?=[A-Za-z(])|(?<=[A-Za-z])(?=\()")
_SHARED = re.compile(r"(?P<total>\d+(?:\.\d+)?%?)/(?P<variable>[A-Za-z])")
_QUOTIENT = re.compile(rf"{_NUMBER}/{_NUMBER}")
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_STAR = re.compile(r"^[*★☆●]+|[*★☆●]+$|^\(\*\)|\(\*\)$")


@dataclass(frozen=True, slots=True)
class LevelCell:
    """What one level's cell says.

    ``number`` is None where it is no bound; then ``text`` is a requirement in words. ``dash``: nothing is required or
    nothing was published. ``low`` and ``high`` hold the ends of a range (8～24); which of them is the bound follows
    from the direction.
    """

    text: str = ""
    number: Number | None = None
    direction: Direction | None = None
    strict: bool | None = None
    unit: str = ""
    dash: bool = False
    ends: tuple[Fraction, Fraction] | None = None
    issue: Issue | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing was typed."""
        return not self.text

    @property
    def numeric(self) -> bool:
        """Whether the cell is a bound: one number, a formula, or a range."""
        return self.number is not None or self.ends is not None


def text_of(cell: Cell) -> str:
    """One line of text: blanks around it gone, breaks inside closed up (a narrow column breaks Chinese names)."""
    text = cell_text(cell).replace("\r", "")
    text = re.sub(r"(?<=[^\x00-\x7f])\s*\n\s*|\s*\n\s*(?=[^\x00-\x7f])", "", text)
    return re.sub(r"\s*\n\s*", " ", text).strip()


def long_text(cell: Cell) -> str:
    """Text as typed, breaks kept; a cell of blanks is empty."""
    text = cell.replace("\r\n", "\n").replace("\r", "\n") if isinstance(cell, str) else cell_text(cell)
    return text if text.strip() else ""


def squeezed(text: str) -> str:
    """Full-width letters and signs as ASCII, without blanks."""
    return re.sub(r"\s+", "", plain(text).replace("～", "~").replace("〜", "~"))


def unit_of(text: str) -> str:
    """A unit as it is stored: SI symbols in ASCII (m³ as m3, ％ as %); a dash is no unit."""
    unit = unicodedata.normalize("NFKC", text.strip())
    return "" if squeezed(unit) in _DASHES else unit


def known_unit(text: str) -> str | None:
    """The canonical spelling of a unit, or None where it is not known."""
    from qingyuan import units

    try:
        return units.canonical(text)
    except UnknownName:
        return None


def same_unit(one: str, other: str) -> bool:
    """Whether two spellings name one unit."""
    if squeezed(one) == squeezed(other):
        return True
    known = known_unit(one)
    return known is not None and known == known_unit(other)


def number_of(cell: Cell, percent: bool = False) -> Fraction | None:
    """A plain number; a cell shown as per cent counts as what it shows (85 % is 85). None for anything else."""
    if isinstance(cell, bool):
        return None
    if isinstance(cell, (int, float)):
        shown = exact(float(f"{cell:.15g}"))
        return None if shown is None else shown * (100 if percent else 1)
    if isinstance(cell, str):
        return exact(squeezed(cell))
    return None


def level_cell(cell: Cell, percent: bool = False, unit: str = "") -> LevelCell:
    """Read a cell of a level: ``≤8``, ``≥85%``, ``<30``, ``10+5n``, ``8～24``, ``300以上``, ``--``, or words.

    ``percent``: the spreadsheet shows the cell as per cent. ``unit``: the row's unit, which may follow the number.
    """
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        number = number_of(cell, percent)
        return LevelCell(cell_text(cell), number, unit="%" if percent else "")
    whole = long_text(cell).strip()
    if not whole:
        return LevelCell()
    text = squeezed(whole)
    if text in _DASHES or text.casefold() in _NO_REQUIREMENT:
        return LevelCell(whole, dash=True)
    body, direction, strict = text, None, None
    for pattern, sense, tight in _BEFORE:
        if match := re.match(pattern, body):
            body, direction, strict = body[match.end() :], sense, tight
            break
    else:
        for pattern, sense, tight in _AFTER:
            if match := re.search(rf"(?:{pattern})$", body):
                body, direction, strict = body[: match.start()], sense, tight
                break
    if direction is None and (match := _RANGE.fullmatch(body)) and match["low"] and match["high"]:
        low, high = exact(match["low"]), exact(match["high"])
        rest = (match["rest"] or "") or match["unit"]
        if low is not None and high is not None and low <= high and _is_unit(rest, unit):
            return LevelCell(whole, unit=rest, ends=(low, high))
    found = _amount(body, unit)
    if found is None:
        return LevelCell(whole)
    return LevelCell(whole, found[0], direction, strict, found[1])


def _is_unit(rest: str, unit: str) -> bool:
    return not rest or rest == "%" or bool(unit and same_unit(rest, unit)) or known_unit(rest) is not None


def _amount(body: str, unit: str) -> tuple[Number, str] | None:
    """A number with the unit behind it, or a formula with it; None where the text is neither."""
    match = _AMOUNT.fullmatch(body)
    if match is None:
        return None
    number = exact(match["number"]) if match["number"] not in ("", "-", "+") else None
    if number is not None and match["power"]:
        number *= Fraction(10) ** int(re.sub(r"^(?:[eE]|[×xX*]10\^?)", "", match["power"]).translate(_SUPERSCRIPT))
    if number is not None and _is_unit(match["rest"], unit):
        return number, match["rest"]
    for rest in dict.fromkeys((unit and squeezed(unit), "%", "")):
        if rest and not body.endswith(rest):
            continue
        formula = formula_of(body[: len(body) - len(rest)] if rest else body)
        if formula is not None:
            return formula, rest
    return None


def formula_of(text: str) -> Number | None:
    """A formula in one variable, also with implied products (10+5n), or None; a constant gives its value."""
    plainly = squeezed(text)
    if not re.search(r"\d", plainly):
        return None
    written = _IMPLIED.sub("*", plainly)
    try:
        formula = parse_formula(written)
    except FormulaError:
        return None
    if not formula.variable:
        return formula.at() if _QUOTIENT.fullmatch(plainly) else None  # "24-8" is no sixteen
    if written != plainly and len(formula.variable) > 1:
        return None  # "8kgce" is a unit that nobody knows, not eight times kgce
    return formula


@dataclass(frozen=True, slots=True)
class WeightCell:
    """What a weight's cell says: the number or formula; ``hundredths`` where it was written with a per-cent sign.

    ``shared``: the total of ``0.8/n``, a weight shared by n rows.
    """

    number: Number | None = None
    hundredths: bool = False
    shared: Fraction | None = None
    issue: Issue | None = None


_A_WEIGHT = message("0.15、15、15% 或 0.8/n 这样的权重")


def weight_cell(cell: Cell, percent: bool = False) -> WeightCell:
    """Read a weight: ``0.15``, ``15``, ``15%``, ``8/30`` or ``0.8/n``; a cell shown as 15 % holds 0.15."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return WeightCell(number_of(cell), percent)
    text = squeezed(long_text(cell))
    if not text or text in _DASHES:
        return WeightCell()
    number = exact(text)
    if number is not None:
        return WeightCell(number)
    if text.endswith("%") and (number := exact(text[:-1])) is not None:
        return WeightCell(number / 100, True)
    if match := _SHARED.fullmatch(text):
        total = match["total"]
        amount = exact(total.rstrip("%"))
        assert amount is not None
        if total.endswith("%"):
            amount /= 100
            text = f"{_decimal(amount)}/{match['variable']}"
        return WeightCell(parse_formula(text), total.endswith("%"), amount)
    formula = formula_of(text)
    if formula is None:
        issue = Issue("form-weight", message("不是权重"), Severity.ERROR, _A_WEIGHT)
        return WeightCell(issue=issue)
    return WeightCell(formula)


def _decimal(value: Fraction) -> str:
    return f"{Decimal(value.numerator) / Decimal(value.denominator):f}"


def flag_cell(cell: Cell, choices: tuple[Choice, ...] = YES_NO) -> bool | None:
    """A mark: yes, no, or None where the cell is empty. Raises ValueError for anything else."""
    if isinstance(cell, bool):
        return cell
    text = text_of(cell)
    if not text:
        return None
    value = match_choice(choices, text)
    if value is None:
        raise ValueError(text)
    return value == "true"


def limiting_cell(cell: Cell) -> bool | None:
    """Whether a cell marks a limiting row: any star or yes; no, a dash or nothing do not. Raises ValueError."""
    text = squeezed(text_of(cell)) if not isinstance(cell, bool) else cell_text(cell)
    if text and not text.strip("*★☆●"):
        return True
    if match_choice((Choice("true", YES_NO[0].name, ("限定", "限定性", "限定性指标", "limiting")),), text):
        return True
    return flag_cell(cell)


def starred_name(text: str) -> tuple[str, bool]:
    """A row's name without the star that marks it as limiting, and whether there was one."""
    half = text.replace("＊", "*").replace("（*）", "(*)").strip()
    bare = _STAR.sub("", half).strip()
    if bare == half:
        return text.strip(), False
    return bare, True


def levels_list(cell: Cell) -> tuple[Level, ...] | None:
    """Levels named in a cell (``Ⅲ``, ``Ⅱ、Ⅲ``); None where something else stands there."""
    text = text_of(cell)
    if not text:
        return ()
    found: set[str] = set()
    for part in re.split(r"[、,，;；\s]+", text):
        value = match_choice(LEVEL_CHOICES, part) if part else None
        if part and value is None:
            return None
        if value:
            found.add(value)
    return tuple(level for level in LEVELS if level in found)


def list_cell(cell: Cell) -> list[str]:
    """Entries of a list: one on each line, else parted by ; else by 、"""
    text = long_text(cell)
    for separator in (r"\n", r"[;；]", r"、"):
        if re.search(separator, text):
            return [part.strip() for part in re.split(separator, text) if part.strip()]
    return [text.strip()] if text.strip() else []


def list_text(entries: list[str]) -> str:
    """A list as ``list_cell`` reads it back."""
    text = "\n".join(entries)
    return f"{text}\n" if len(entries) == 1 and re.search(r"[;；、]", text) else text


def date_cell(cell: Cell) -> dt.date | Issue | None:
    """A day: 2015-10-28, 2015年10月28日, a date of the spreadsheet; an issue where it is none."""
    if isinstance(cell, str) and not cell.strip():
        return None
    expected = message("年月日齐全的日期，如 2015-10-28；只知道年月就不填，写进说明")
    reading = read_period(cell)
    if not reading.period:
        return None if cell is None else Issue("form-date", message("不是日期"), Severity.ERROR, expected)
    try:
        period = Period.parse(reading.period)
    except ValueError:
        return Issue("form-date", message("不是日期"), Severity.ERROR, expected)
    if period.start != period.end:
        return Issue("form-date", message("不是一个日子"), Severity.ERROR, expected)
    return period.start


def number_cell(value: Any) -> Cell:
    """A number of the document as a cell: a float where that is exact enough to read back, else its text."""
    if isinstance(value, int) and abs(value) < 10**15:
        return value
    if isinstance(value, Decimal):
        shown = float(value)
        return shown if exact(float(f"{shown:.15g}")) == Fraction(value) else f"{value:f}"
    return str(value)

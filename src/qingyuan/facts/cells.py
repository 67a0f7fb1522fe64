"""Reading one cell (单元格): what a person typed, as state, number and unit; as text; as a period.

Nothing here raises for what a cell holds: every reading says what it understood and what is wrong with it, and the
caller adds the place. Zero, empty, "not applicable" and "below detection" stay four different things.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from qingyuan.errors import NOWHERE, Location, Problem, Severity, UnknownName
from qingyuan.facts.model import UNDATED, Period, State
from qingyuan.language import Message, message
from qingyuan.units import UnitText, canonical

# What a reader of files hands over for one cell: calamine gives these types, a CSV file gives text alone.
Cell = str | float | int | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None

FIRST_YEAR, LAST_YEAR = 1900, 2100  # years outside are no audit periods
_SERIAL_START = dt.date(1899, 12, 30)  # day 0 of spreadsheet dates
_MOST = 1e250  # no plant has such a quantity, and the product of two still is a number
_SERIALS = range(25569, 73051)  # 1970-01-01 to 2100-01-01: numbers that a date column may hold as serials

# Full-width forms (！ to ～), ideographic space and look-alikes to ASCII. Not NFKC, which turns 10³ into 103.
_PLAIN = str.maketrans(
    {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys("\u3000\u00a0\u2007\u2009\u200a\u202f\t\r\n", " ")
    | dict.fromkeys("\u2212\u2010\u2011\u2012\u2013\u2014\u2015", "-")
    | dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff", None)
    | {"〈": "<", "‹": "<", "﹤": "<", "﹥": ">", "≦": "≤", "≧": "≥", "⩽": "≤", "⩾": "≥"}
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")

_EMPTY = frozenset(
    {"", "未填", "未填写", "待填", "待补", "缺", "缺失", "暂缺", "无数据", "暂无数据", "未知", "不详", "未统计", "?"}
    | {"missing", "not filled", "no data", "unknown", "tbd"}
)
_NOT_APPLICABLE = frozenset(
    {"/", "\\", "-", "--", "---", "无", "不适用", "不涉及", "n/a", "na", "n.a.", "not applicable", "none", "nil"}
)
_BELOW_DETECTION = frozenset(
    {"nd", "n.d.", "n.d", "未检出", "未检测出", "低于检出限", "小于检出限", "<检出限", "<dl", "<lod", "<mdl", "bdl"}
    | {"not detected", "below detection", "below detection limit"}
)
_ERROR_VALUES = frozenset(
    {"#ref!", "#div/0!", "#n/a", "#name?", "#null!", "#num!", "#value!", "#spill!", "#calc!", "#getting_data"}
)
EMPTY_TOKEN = "未填"  # written for "asked, not answered" where a blank cell would mean "no such fact"
NOT_APPLICABLE_TOKEN = "不适用"
BELOW_DETECTION_TOKEN = "ND"

_DIGITS = r"(?:\d{1,3}(?:[, ']\d{3})+(?!\d)|\d+)"
_NUMBER = re.compile(
    rf"(?P<sign>[+-]?) ?(?P<digits>{_DIGITS}(?:\.\d*)?|\.\d+)"
    r"(?:[eE](?P<exponent>[+-]?\d{1,3})(?![\d.])"
    r"| ?[×xX*] ?10(?:(?P<superscript>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    r"|\^\(?(?P<caret>[+-]?\d{1,3})\)?|(?P<bare>[+-]\d{1,3})(?!\d)))?"
)
_POWER_OF_TEN = re.compile(r"(?P<sign>[+-]?)10(?:(?P<superscript>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)|\^\(?(?P<caret>[+-]?\d{1,3})\)?)")
_ABOUT_BEFORE = re.compile(r"(?:大约|约为|约|近|≈|~|ca\.?|approx\.?|about) ?", re.IGNORECASE)
_ABOUT_AFTER = re.compile(r" ?(?:左右|上下|余|多)")
_REMARK_AFTER = re.compile(r"[(\[【（](?P<remark>[^()\[\]【】（）]*)[)\]】）]|\*+")
_ACCOUNTING = re.compile(r"\( ?(\d[\d, ]*(?:\.\d+)?) ?\)")
_RANGE = re.compile(rf"[+-]?{_DIGITS}(?:\.\d+)? ?\S{{0,8}}? ?(?:-|~|至|到|\.\.) ?{_DIGITS}(?:\.\d+)?")
_LIMIT = re.compile(r"(?:nd|未检出|未检测出)? ?[(]? ?(?:<|小于|低于) ?(?P<rest>[^()]+?) ?[)]?", re.IGNORECASE)
_ND_WITH_LIMIT = re.compile(
    r"(?:nd|n\.d\.|未检出|未检测出) ?[(] ?(?:<|检出限:?|dl:?|lod:?|mdl:?)? ?(?P<rest>[^()]+?) ?[)]", re.IGNORECASE
)
_LIMIT_L = re.compile(r"(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?) ?L")
_UNIT_LIKE = re.compile(r"[A-Za-z%‰°℃℉µμΩ¥￥$€\u3400-\u9fff㎡㎥㎏㎎㎞㎝㎜][^;；。!?？<>=~]{0,23}")
_MULTIPLIERS = {"万": 4, "亿": 8, "千": 3, "百万": 6}
_SCALED_UNIT = re.compile(r"10\^(\d+) ")  # as the canonical spelling of a unit begins


@dataclass(frozen=True, slots=True)
class Issue:
    """Something wrong or worth saying about one cell, without its place: code, message, severity, what is expected."""

    code: str
    message: Message
    severity: Severity = Severity.ERROR
    expected: Message | None = None

    def at(self, where: Location = NOWHERE, found: str = "") -> Problem:
        """Give the problem with its place and what was read there."""
        return Problem(self.code, self.message, self.severity, where, found, self.expected)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell says as a quantity.

    ``number`` is None unless ``state`` is VALUE, or BELOW_DETECTION with a known limit (then it is the limit).
    ``unit`` is what stood behind the number, unjudged. ``remark`` is the cell's own text where a part of it would be
    lost otherwise ("约100"). ``scale`` is the power of ten of a multiplier without a unit that ``number`` holds already
    (48万: 4); see ``scaled_once``. A reading with an issue of severity ERROR is not to be used.
    """

    state: State
    number: float | None = None
    unit: str = ""
    remark: str = ""
    issues: tuple[Issue, ...] = ()
    scale: int = 0

    @property
    def failed(self) -> bool:
        """Whether the cell could not be understood."""
        return any(issue.severity is Severity.ERROR for issue in self.issues)


_A_NUMBER = message("一个数，“不适用”，“ND”，或“<”加检出限（如 <0.05）；没有数据时留空")
_A_PERIOD = message("年份（2022）、月份（2022-07）、日期（2022-07-14）或起止日期（2022-01-01/2022-06-30）")


def plain(text: str) -> str:
    """Give text with full-width letters, digits and signs as ASCII, odd spaces as one space, and no invisible marks."""
    return re.sub(r" {2,}", " ", text.translate(_PLAIN)).strip()


def cell_text(cell: Cell) -> str:
    """Give the text of a cell: stripped, without control characters; 101.0 becomes ``101``, a date its ISO form."""
    if isinstance(cell, str):
        return _CONTROL.sub("", cell).strip()
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(sep=" ")
    if isinstance(cell, (dt.date, dt.time)):
        return cell.isoformat()
    return str(cell)


def number_text(number: float) -> str:
    """Write a number so that it reads back exactly: the shortest digits, no ``.0``."""
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    return repr(number)


def read_quantity(cell: Cell, *, percent_format: bool = False, limit_suffix: bool = False) -> Reading:
    """Read a cell as a quantity.

    ``percent_format``: the spreadsheet shows the cell as per cent (it holds 0.12 where the user typed 12%).
    ``limit_suffix``: the column holds monitoring results, where ``0.05L`` is the laboratories' way to write
    "below the detection limit 0.05" and not litres.
    """
    if isinstance(cell, bool):
        return _failed("cell-not-a-number", message("此处应是数，却是逻辑值"), _A_NUMBER)
    if isinstance(cell, (int, float)):
        try:
            number = float(cell)
        except OverflowError:
            number = math.inf
        if not abs(number) < _MOST:
            return _failed("cell-not-a-number", message("数大得不像一个数量"), _A_NUMBER)
        if percent_format:
            return Reading(State.VALUE, float(Decimal(repr(number)) * 100), "%")
        return Reading(State.VALUE, number)
    if cell is None:
        return _BLANK
    if isinstance(cell, str):
        return _read_text_quantity(cell, limit_suffix)
    return _failed(
        "cell-date-for-number", message("此处应是数，却是日期或时间（单元格可能被设成了日期格式）"), _A_NUMBER
    )


_BLANK = Reading(State.EMPTY)


@lru_cache(maxsize=65536)
def _read_text_quantity(raw: str, limit_suffix: bool) -> Reading:
    if len(raw) > 400:
        return _failed("cell-not-a-number", message("此处应是数，却是一段文字"), _A_NUMBER)
    text = plain(_CONTROL.sub("", raw))
    key = text.casefold()
    if key in _EMPTY:
        return _BLANK
    if key in _NOT_APPLICABLE:
        if key == "无":
            note = Issue(
                "cell-none-word",
                message("“无”按“不适用”读入；若是数量为零，请填 0"),
                Severity.NOTE,
            )
            return Reading(State.NOT_APPLICABLE, issues=(note,))
        return Reading(State.NOT_APPLICABLE)
    if key in _BELOW_DETECTION:
        return Reading(State.BELOW_DETECTION)
    if key in _ERROR_VALUES:
        return _failed("cell-error-value", message("单元格是公式的错误值"), _A_NUMBER)
    if limit_suffix and (match := _LIMIT_L.fullmatch(text)):
        return Reading(State.BELOW_DETECTION, float(match["number"]))
    if match := (_ND_WITH_LIMIT.fullmatch(text) or _LIMIT.fullmatch(text)):
        limit = _amount(match["rest"])
        if limit is None or limit.number is None or limit.number < 0:
            return _failed("cell-not-a-number", message("“<”后面不是检出限"), _A_NUMBER)
        return Reading(State.BELOW_DETECTION, limit.number, limit.unit)
    return _read_value(raw.strip(), text)


def _read_value(raw: str, text: str) -> Reading:
    if text[:1] in "<>≤≥":
        inner = _amount(text[1:].lstrip("="))
        if inner is None:
            return _failed("cell-not-a-number", message("不是一个数"), _A_NUMBER)
        issue = Issue(
            "cell-bound",
            message("给出的是界限而不是数值，按界限值读入"),
            Severity.WARNING,
            message("实际数值；低于检出限时写“<”加检出限，如 <0.05"),
        )
        return replace(inner, remark=raw, issues=(*inner.issues, issue))
    if match := _ACCOUNTING.fullmatch(text):
        inner = _amount(match[1])
        if inner is not None and inner.number is not None:
            issue = Issue("cell-parenthesis", message("括号中的数按负数读入"), Severity.WARNING, message("写负号"))
            return replace(inner, number=-inner.number, remark=raw, issues=(issue,))
    remark = ""
    if match := _ABOUT_BEFORE.match(text):
        text, remark = text[match.end() :], raw
    reading = _amount(text)
    if reading is None:
        if _RANGE.match(text):
            return _failed("cell-range", message("给出的是范围而不是一个数"), _A_NUMBER)
        return _failed("cell-not-a-number", message("不是一个数"), _A_NUMBER)
    if remark and not reading.remark:
        return replace(reading, remark=remark)
    return replace(reading, remark=raw if reading.remark else "")


def _amount(text: str) -> Reading | None:
    """Read ``number [unit]`` with nothing before it; None where there is no such thing."""
    text = text.strip()
    match, power = _NUMBER.match(text), _POWER_OF_TEN.match(text)
    if power is not None and (match is None or power.end() > match.end()):
        match = power
    if match is None:
        return None
    issues: list[Issue] = []
    parts = match.groupdict()
    digits = (parts.get("digits") or "1").translate({ord(c): None for c in ", '"})
    exponent = parts.get("exponent") or parts.get("caret") or parts.get("bare")
    if parts.get("superscript"):
        exponent = parts["superscript"].translate(_SUPERSCRIPTS)
    if match.re is _POWER_OF_TEN:
        digits = "1"
    if parts.get("bare"):
        issues.append(
            Issue("cell-lost-superscript", message("“10{power}”按 10 的幂读入", power=exponent), Severity.NOTE)
        )
    rest = text[match.end() :]
    if rest[:1] in {".", ",", "'"} or re.match(r" ?[×xX*^/:=+-] ?\d|\d", rest) or re.match(r" ?[-~] ", rest):
        return None  # 1.2.3, 12,5, 1.2×103, 3-5, 1/2: more than one reading, so none
    remark = False
    if about := _ABOUT_AFTER.match(rest):
        rest, remark = rest[about.end() :], True
    rest = rest.strip()
    if trailing := _REMARK_AFTER.search(rest):
        bare = rest[: trailing.start()].strip()
        if trailing.end() == len(rest):
            rest, remark = bare, True
    if (about := _ABOUT_AFTER.search(rest)) and about.end() == len(rest):
        rest, remark = rest[: about.start()].strip(), True
    shift = 0
    if rest in _MULTIPLIERS:
        shift, rest = _MULTIPLIERS[rest], ""
    elif rest and _UNIT_LIKE.fullmatch(rest) is None:
        return None
    try:
        value = Decimal(f"{parts.get('sign') or ''}{digits}").scaleb(int(exponent or 0) + shift)
    except (InvalidOperation, ValueError):
        return None
    number = float(value)
    if not abs(number) < _MOST:
        return None
    return Reading(State.VALUE, number, rest, "…" if remark else "", tuple(issues), shift)


def scaled_once(reading: Reading, unit: str) -> Reading:
    """A reading whose multiplier the unit of the column has already (48万 under 万元): it is meant once.

    ``unit`` is the unit in which the number is to be taken. Another multiplier than that of the unit (48万 under 亿元)
    has more than one reading, so none: the result has an error. The issues of the result are only the new ones.
    """
    if not reading.scale or reading.number is None or reading.unit:
        return replace(reading, issues=())
    try:
        power = _SCALED_UNIT.match(canonical(unit))
    except UnknownName:
        power = None
    if power is None:
        return replace(reading, issues=())
    word = next(word for word, scale in _MULTIPLIERS.items() if scale == reading.scale)
    if int(power[1]) != reading.scale:
        text = message("数后面的“{word}”与单位“{unit}”里的不同，不知是哪一个", word=word, unit=UnitText(unit))
        return _failed("cell-scale-twice", text, message("以 {unit} 计的数", unit=UnitText(unit)))
    number = float(Decimal(repr(reading.number)).scaleb(-reading.scale))
    text = message("数后面的“{word}”与单位“{unit}”里的重复，只计一次", word=word, unit=UnitText(unit))
    return replace(reading, number=number, scale=0, issues=(Issue("cell-scale-twice", text, Severity.NOTE),))


def _failed(code: str, text: Message, expected: Message) -> Reading:
    return Reading(State.EMPTY, issues=(Issue(code, text, Severity.ERROR, expected),))


# --- periods ---------------------------------------------------------------------------------------------------------

_YEAR = r"(?P<y>\d{4}|'?\d{2})"
_DATE_FORMS = (
    re.compile(r"(?P<y>\d{4}) ?(?:年度?|-|/|\.) ?(?P<m>\d{1,2}) ?(?:月|-|/|\.) ?(?P<d>\d{1,2}) ?(?:日|号)?"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"),
    re.compile(r"(?P<y>\d{4}) ?(?:年度?|-|/|\.) ?(?P<m>\d{1,2}) ?(?:月份?)?"),
    re.compile(r"(?P<y>\d{4})(?P<m>0[1-9]|1[0-2])"),
    re.compile(r"(?:fy)? ?(?P<y>\d{4}) ?(?:年度?|全年|year)?", re.IGNORECASE),
)
_QUARTER = re.compile(r"(?P<y>\d{4}) ?(?:年度?)?[- ]?(?:第? ?(?P<zh>[一二三四1-4]) ?季度?|[Qq](?P<q>[1-4]))")
_HALF = re.compile(r"(?P<y>\d{4}) ?(?:年度?)? ?(?P<h>上半年|下半年|[Hh][12])")
_MONTHS = re.compile(r"(?P<y>\d{4}) ?(?:年|[./-]) ?(?P<m>\d{1,2}) ?月? ?(?:-|~|至|到) ?(?P<n>\d{1,2}) ?月(?:份)?")
_BETWEEN = re.compile(r" ?(?:/|~|-|至|到|to) ?")
_UNDATED = frozenset({"undated", "未注明", "不限", "无日期", "年份不明", "n/a", "不适用"})
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}


@dataclass(frozen=True, slots=True)
class PeriodReading:
    """What a cell says as a period: the text of ``Fact.period`` ("" where the cell is empty), or an issue."""

    period: str
    issue: Issue | None = None


def read_period(cell: Cell) -> PeriodReading:
    """Read a cell as a period: 2022, 2022年7月, 2022/7/14, 2022.7, 2022Q1, 2022年上半年, a date, a date's serial."""
    if isinstance(cell, dt.datetime):
        return PeriodReading(cell.date().isoformat())
    if isinstance(cell, dt.date):
        return PeriodReading(cell.isoformat())
    if isinstance(cell, (bool, dt.time, dt.timedelta)):
        return _no_period()
    if isinstance(cell, (int, float)):
        return _number_period(cell)
    if cell is None:
        return PeriodReading("")
    return _text_period(cell)


def _no_period() -> PeriodReading:
    return PeriodReading("", Issue("cell-not-a-period", message("不是时段"), Severity.ERROR, _A_PERIOD))


def _number_period(number: float) -> PeriodReading:
    if not math.isfinite(number):
        return _no_period()
    if number == int(number):
        whole = int(number)
        if FIRST_YEAR <= whole <= LAST_YEAR:
            return PeriodReading(f"{whole:04d}")
        if whole in _SERIALS:
            return PeriodReading((_SERIAL_START + dt.timedelta(days=whole)).isoformat())
        return _text_period(str(whole))
    # 2022.7 typed as a number is July; 2022.1 may have been 2022.10, whose zero a spreadsheet drops.
    hundredths = Decimal(repr(float(number))) * 100
    year, month = divmod(int(hundredths), 100)
    if hundredths != int(hundredths) or not FIRST_YEAR <= year <= LAST_YEAR:
        if int(number) in _SERIALS:
            return PeriodReading((_SERIAL_START + dt.timedelta(days=int(number))).isoformat())
        return _no_period()
    if month == 10:
        issue = Issue(
            "cell-period-ambiguous",
            message("数 {number} 可能是 1 月，也可能是 10 月", number=repr(float(number))),
            Severity.ERROR,
            message("{year}-01 或 {year}-10", year=year),
        )
        return PeriodReading("", issue)
    return _text_period(f"{year}-{month if month <= 12 else month // 10:02d}")


@lru_cache(maxsize=16384)
def _text_period(raw: str) -> PeriodReading:
    text = plain(_CONTROL.sub("", raw))[:60]
    if not text:
        return PeriodReading("")
    if text.casefold() in _UNDATED:
        return PeriodReading(UNDATED)
    text = re.sub(r" \d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$", "", text)
    period = _single_period(text) or _between(text)
    if period is None and text.isdecimal() and text.isascii() and len(text) == 5 and int(text) in _SERIALS:
        day = _SERIAL_START + dt.timedelta(days=int(text))
        period = Period(day, day)
    return _no_period() if period is None else PeriodReading(str(period))


def _between(text: str) -> Period | None:
    """Read "from - to" at the one sign that leaves a period on either side."""
    for sign in _BETWEEN.finditer(text):
        first, last = _single_period(text[: sign.start()]), _single_period(text[sign.end() :])
        if first is not None and last is not None and first.start <= last.end:
            return Period(first.start, last.end)
    return None


def _single_period(text: str) -> Period | None:
    text = text.strip()
    if not text.isascii() and re.search(r"[^\x00-\x7f年度月份日号第季全上下半一二三四至到—]", text):
        return None
    try:
        if match := _QUARTER.fullmatch(text):
            quarter = _QUARTERS.get(match["zh"] or "", 0) or int(match["zh"] or match["q"])
            return _month_span(int(match["y"]), 3 * quarter - 2, 3 * quarter)
        if match := _HALF.fullmatch(text):
            first = 1 if match["h"] in {"上半年", "H1", "h1"} else 7
            return _month_span(int(match["y"]), first, first + 5)
        if match := _MONTHS.fullmatch(text):
            return _month_span(int(match["y"]), int(match["m"]), int(match["n"]))
        for form in _DATE_FORMS:
            if match := form.fullmatch(text):
                groups = match.groupdict()
                year = int(groups["y"])
                if not FIRST_YEAR <= year <= LAST_YEAR:
                    return None
                parts = [f"{year:04d}"]
                parts += [f"{int(groups[key]):02d}" for key in ("m", "d") if groups.get(key)]
                return Period.parse("-".join(parts))
    except ValueError:
        return None
    return None


def _month_span(year: int, first: int, last: int) -> Period | None:
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= first <= last <= 12):
        return None
    return Period(Period.parse(f"{year:04d}-{first:02d}").start, Period.parse(f"{year:04d}-{last:02d}").end)

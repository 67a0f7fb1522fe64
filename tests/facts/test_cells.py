"""What a cell says: every way of writing a number, a period, nothing, not applicable and below detection."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qingyuan.errors import Severity
from qingyuan.facts.cells import cell_text, number_text, plain, read_period, read_quantity
from qingyuan.facts.model import Period, State

VALUE, EMPTY, NA, BELOW = State.VALUE, State.EMPTY, State.NOT_APPLICABLE, State.BELOW_DETECTION


@pytest.mark.parametrize(
    ("cell", "state", "number", "unit"),
    [
        (0, VALUE, 0.0, ""), ("0", VALUE, 0.0, ""), ("0.0", VALUE, 0.0, ""), (12.5, VALUE, 12.5, ""),
        ("１２３４", VALUE, 1234.0, ""), ("1,234.5", VALUE, 1234.5, ""), ("１，２３４", VALUE, 1234.0, ""),
        ("1 234", VALUE, 1234.0, ""), ("1\u00a0234\u2009567", VALUE, 1234567.0, ""), ("1'234", VALUE, 1234.0, ""),
        ("12%", VALUE, 12.0, "%"), ("99.20％", VALUE, 99.2, "%"), ("3‰", VALUE, 3.0, "‰"),
        ("1.2e-3", VALUE, 0.0012, ""), ("1.2×10³", VALUE, 1200.0, ""), ("1.2*10^-3", VALUE, 0.0012, ""),
        ("10⁴", VALUE, 1e4, ""), ("-5", VALUE, -5.0, ""), ("－５", VALUE, -5.0, ""), ("−5", VALUE, -5.0, ""),
        ("12.5 t", VALUE, 12.5, "t"), ("12.5吨", VALUE, 12.5, "吨"), ("1,234万kWh", VALUE, 1234.0, "万kWh"),
        ("1.2万", VALUE, 12000.0, ""), ("3亿", VALUE, 3e8, ""), ("5 m³/h", VALUE, 5.0, "m³/h"),
        ("10^4 m2", VALUE, 10000.0, "m2"), (".5", VALUE, 0.5, ""), ("5.", VALUE, 5.0, ""), ("+3", VALUE, 3.0, ""),
        ("", EMPTY, None, ""), (None, EMPTY, None, ""), ("  ", EMPTY, None, ""), ("未填", EMPTY, None, ""),
        ("?", EMPTY, None, ""), ("missing", EMPTY, None, ""),
        ("/", NA, None, ""), ("—", NA, None, ""), ("——", NA, None, ""), ("-", NA, None, ""), ("－", NA, None, ""),
        ("无", NA, None, ""), ("不适用", NA, None, ""), ("N/A", NA, None, ""), ("n.a.", NA, None, ""),
        ("ND", BELOW, None, ""), ("nd", BELOW, None, ""), ("未检出", BELOW, None, ""), ("N.D.", BELOW, None, ""),
        ("<0.05", BELOW, 0.05, ""), ("＜0.05", BELOW, 0.05, ""), ("＜ ０．０５", BELOW, 0.05, ""),
        ("<0.05mg/L", BELOW, 0.05, "mg/L"), ("ND(0.05)", BELOW, 0.05, ""), ("未检出（<0.05）", BELOW, 0.05, ""),
        ("小于0.05", BELOW, 0.05, ""),
    ],
)  # fmt: skip
def test_quantities(cell: object, state: State, number: float | None, unit: str) -> None:
    reading = read_quantity(cell)  # type: ignore[arg-type]
    assert not reading.failed
    assert (reading.state, reading.number, reading.unit) == (state, number, unit)


@pytest.mark.parametrize(
    "cell",
    ["abc", "1.2.3", "12,5", "1234567,890", "1.2×103", "3-5", "50-60", "6~8", "1/2", "#DIV/0!", "#REF!", "1e400",
     "①", "½", "<", "<abc", "2022-01", "t", "1,23,456", True, dt.date(2022, 1, 1), dt.time(1), float("nan"),
     float("inf"), 10**400, "一千", "x" * 500],
)  # fmt: skip
def test_what_is_no_number_is_an_error_with_what_is_expected(cell: object) -> None:
    reading = read_quantity(cell)  # type: ignore[arg-type]
    assert reading.failed
    (issue,) = reading.issues
    assert issue.expected is not None
    assert str(issue.message)


def test_about_and_remarks_keep_the_words_as_a_remark() -> None:
    for text in ("约100", "约 100", "100左右", "100（估）", "≈100", "100余"):
        reading = read_quantity(text)
        assert (reading.number, reading.remark) == (100.0, text)
    assert read_quantity("100").remark == ""


def test_bounds_and_brackets_are_read_with_a_warning() -> None:
    for text, number in ((">24000", 24000.0), ("≤5", 5.0), ("(1,234)", -1234.0)):
        reading = read_quantity(text)
        assert reading.number == number
        assert [issue.severity for issue in reading.issues] == [Severity.WARNING]


def test_laboratories_write_l_for_below_the_limit() -> None:
    assert read_quantity("0.05L", limit_suffix=True).state is BELOW
    assert read_quantity("0.05L", limit_suffix=True).number == 0.05
    assert (read_quantity("0.05L").state, read_quantity("0.05L").unit) == (VALUE, "L")


def test_a_cell_shown_as_percent_holds_a_hundredth() -> None:
    for held, shown in ((0.29, 29.0), (0.9921, 99.21), (1.1, 110.0)):
        assert (read_quantity(held, percent_format=True).number, read_quantity(held, percent_format=True).unit) == (
            shown,
            "%",
        )


def test_nothing_is_none_and_zero_is_zero() -> None:
    states = [read_quantity(cell).state for cell in (0, "", "不适用", "ND")]
    assert len(set(states)) == 4
    assert read_quantity("无").issues[0].severity is Severity.NOTE


NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=64).filter(lambda x: abs(x) < 1e100)
FULL_WIDTH = {**{ord(c): ord(c) + 0xFEE0 for c in "0123456789.,-+"}}


@given(NUMBERS)
def test_every_number_reads_back_exactly(number: float) -> None:
    assert read_quantity(number).number == number
    assert read_quantity(number_text(number)).number == number
    assert read_quantity(number_text(number).translate(FULL_WIDTH)).number == number


@given(st.integers(-(10**12), 10**12), st.integers(0, 6))
def test_thousands_separators_change_nothing(whole: int, places: int) -> None:
    number = whole / 10**places
    for shown in (f"{number:,.{places}f}", f"{number:,.{places}f}".replace(",", " ")):
        assert read_quantity(shown).number == pytest.approx(number, rel=1e-12)
        assert read_quantity(shown.translate(FULL_WIDTH)).number == pytest.approx(number, rel=1e-12)


@given(
    NUMBERS, st.sampled_from(["t", "kWh", "万m³", "m3/h", "%", "kgce/t", "吨", "台"]), st.sampled_from(["", " ", "　"])
)
def test_a_unit_behind_the_number(number: float, unit: str, blank: str) -> None:
    reading = read_quantity(f"{number_text(number)}{blank}{unit}")
    assert (reading.number, reading.unit) == (number, unit)


ANYTHING = (
    st.text(max_size=60)
    | st.text(alphabet="0123456789.,eE+-×*^⁻³<>≤≥() %‰万亿约左右NDnd/—无tkWh年月日Qq至~", max_size=25)
    | st.floats()
    | st.integers()
    | st.booleans()
    | st.none()
    | st.datetimes()
    | st.dates()
    | st.times()
    | st.timedeltas()
)


@settings(max_examples=600)
@given(ANYTHING, st.booleans(), st.booleans())
@example("(" * 200, False, False)
@example("１" * 390, False, False)
def test_no_cell_raises(cell: object, percent: bool, suffix: bool) -> None:
    reading = read_quantity(cell, percent_format=percent, limit_suffix=suffix)  # type: ignore[arg-type]
    assert reading.number is None or math.isfinite(reading.number)
    if not reading.failed:
        assert (reading.number is None) == (reading.state in {EMPTY, NA}) or reading.state is BELOW
    period = read_period(cell)  # type: ignore[arg-type]
    if period.period not in {"", "undated"}:
        assert str(Period.parse(period.period)) == period.period
    assert isinstance(cell_text(cell), str)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cell", "period"),
    [
        (2022, "2022"), (2022.0, "2022"), ("2022", "2022"), ("2022年", "2022"), ("２０２２年度", "2022"),
        ("FY2022", "2022"), ("2022年7月", "2022-07"), ("2022年07月份", "2022-07"), ("2022.7", "2022-07"),
        ("2022.10", "2022-10"), (2022.7, "2022-07"), (2022.12, "2022-12"), ("2022/7", "2022-07"), ("202207", "2022-07"),
        ("2022/7/14", "2022-07-14"), ("2022年7月14日", "2022-07-14"), ("2022-07-14 00:00:00", "2022-07-14"),
        ("20220714", "2022-07-14"), (44756, "2022-07-14"), ("44756", "2022-07-14"), (20220714, "2022-07-14"),
        (dt.date(2022, 7, 14), "2022-07-14"), (dt.datetime(2022, 7, 14, 8, 30), "2022-07-14"),
        ("2022Q1", "2022-01-01/2022-03-31"), ("2022年第一季度", "2022-01-01/2022-03-31"),
        ("2022年下半年", "2022-07-01/2022-12-31"), ("2022年1-6月", "2022-01-01/2022-06-30"),
        ("2022-01-01/2022-06-30", "2022-01-01/2022-06-30"), ("2022/1/1-2022/6/30", "2022-01-01/2022-06-30"),
        ("2020-2022", "2020-01-01/2022-12-31"), ("2020～2022年", "2020-01-01/2022-12-31"),
        ("2022年1月至2022年6月", "2022-01-01/2022-06-30"), ("undated", "undated"), ("", ""), (None, ""),
    ],
)  # fmt: skip
def test_periods(cell: object, period: str) -> None:
    reading = read_period(cell)  # type: ignore[arg-type]
    assert (reading.period, reading.issue) == (period, None)


@pytest.mark.parametrize(
    "cell", ["7月", "2022-13", "2022-02-30", "x", "9999", "0000", True, float("nan"), 1e300, "12.5 t"]
)
def test_what_is_no_period(cell: object) -> None:
    reading = read_period(cell)  # type: ignore[arg-type]
    assert reading.issue is not None
    assert reading.issue.expected is not None


def test_a_typed_2022_1_may_be_january_or_october() -> None:
    issue = read_period(2022.1).issue
    assert issue is not None
    assert issue.code == "cell-period-ambiguous"
    assert read_period("2022.1").period == "2022-01"  # as text there is no doubt


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)), st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)))
def test_periods_read_back(one: dt.date, other: dt.date) -> None:
    first, last = sorted((one, other))
    period = str(Period(first, last))
    assert read_period(period).period == period
    assert read_period(first).period == first.isoformat()


def test_text_of_cells() -> None:
    assert cell_text(101.0) == "101"
    assert cell_text(" a\x01b\u0007 ") == "ab"
    assert cell_text(dt.datetime(2022, 1, 1)) == "2022-01-01"
    assert cell_text(0.1) == "0.1"
    assert plain("（１２．５）　ａ") == "(12.5) a"

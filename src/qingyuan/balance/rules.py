"""The rules by which an audit judges balances (平衡的判定): deviation, measuring time, printed totals recomputed.

A balance of the audit is a table of what goes into a unit and what comes out, as stated: nothing is adjusted and no
residue is spread over the rows. Amounts may be ranges where contents are only known as such.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from qingyuan import units
from qingyuan.facts.model import Basis, Fact
from qingyuan.language import Message, Text, current_language, message
from qingyuan.reference.loading import Record, load_toml
from qingyuan.reference.records import Grade
from qingyuan.reference.sources import SourceText, Unit

Verdict = Literal["closed", "open", "possible", "computed", "unchecked"]
Side = Literal["in", "out"]

VERDICTS: Mapping[Verdict, Message] = {
    "closed": message("平衡"),
    "open": message("不平"),
    "possible": message("范围重叠，不能判定"),
    "computed": message("有一项由差额得出，不构成核对"),
    "unchecked": message("缺数，不能核对"),
}


class BalanceRule(Record):
    """One number by which balances are judged, with its meaning, source and grade."""

    id: str
    value: float
    unit: Unit = "1"
    zh: str
    en: str
    grade: Grade
    source: SourceText


class _RuleFile(Record):
    rules: tuple[BalanceRule, ...]


@lru_cache(maxsize=1)
def balance_rules() -> Mapping[str, BalanceRule]:
    """The rules by id (``data/balance/rules.toml``)."""
    return {rule.id: rule for rule in load_toml("balance/rules.toml", _RuleFile).rules}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a balance (平衡表的一行): what, how much at least and at most, how surely, from which facts.

    ``low`` and ``high`` are equal for a number; both None where nothing is known. ``sd``: standard uncertainty of a
    number. ``computed``: the number was stated as a difference or balance of others and checks nothing. ``rivals``:
    the several numbers that are stated for one thing.
    """

    name: Text
    side: Side
    low: float | None
    high: float | None
    sd: float = 0.0
    basis: Basis | None = None
    computed: bool = False
    facts: tuple[Fact, ...] = ()
    rivals: tuple[float, ...] = ()
    partner: str = ""  # where it comes from or goes to

    @property
    def known(self) -> bool:
        """Whether anything is known of the amount."""
        return self.low is not None and self.high is not None

    def as_json(self) -> dict[str, object]:
        """The row as plain values."""
        return {
            "name": str(self.name),
            "side": self.side,
            "low": self.low,
            "high": self.high,
            "sd": self.sd,
            "basis": "" if self.basis is None else self.basis.value,
            "computed": self.computed,
            "rivals": list(self.rivals),
            "facts": [str(fact.where) for fact in self.facts],
        }


@dataclass(frozen=True, slots=True)
class UnitBalance:
    """The balance of one unit or of the whole (单元平衡), in ``unit``; ``limit`` is the deviation that is accepted."""

    id: str
    name: Text
    unit: str
    entries: tuple[Entry, ...]
    limit: float

    def total(self, side: Side) -> tuple[float, float]:
        """The sum of the known rows of a side, at least and at most."""
        known = [row for row in self.entries if row.side == side and row.low is not None and row.high is not None]
        return sum(row.low or 0.0 for row in known), sum(row.high or 0.0 for row in known)

    @property
    def unknown(self) -> tuple[Entry, ...]:
        """The rows that belong here and of which nothing is known."""
        return tuple(row for row in self.entries if not row.known)

    @property
    def gap(self) -> tuple[float, float] | None:
        """Input less output, at least and at most (差额); None where a side has no number."""
        sides = {row.side for row in self.entries if row.known}
        if sides != {"in", "out"}:
            return None
        (in_low, in_high), (out_low, out_high) = self.total("in"), self.total("out")
        return in_low - out_high, in_high - out_low

    @property
    def deviation(self) -> tuple[float, float] | None:
        """The least and the greatest |in - out| / in (偏差) that the numbers allow; None where a side is missing."""
        gap = self.gap
        if gap is None:
            return None
        (in_low, in_high), (out_low, out_high) = self.total("in"), self.total("out")
        if in_high <= 0:
            return None
        ends = [abs(i - o) / i for i in (in_low, in_high) if i > 0 for o in (out_low, out_high)]
        least = 0.0 if gap[0] <= 0 <= gap[1] else min(ends)
        return least, max(ends)

    @property
    def verdict(self) -> Verdict:
        """Closed, open, possible (ranges overlap), computed (a row is a difference) or unchecked.

        Where a row is unknown, more output than input is an open balance all the same: a further output cannot mend it.
        """
        deviation, gap = self.deviation, self.gap
        if deviation is None or gap is None:
            return "unchecked"
        least, most = deviation
        short = [row.side for row in self.unknown]
        if short:
            (in_low, in_high), (out_low, out_high) = self.total("in"), self.total("out")
            if "in" not in short and out_low > in_high * (1 + self.limit):
                return "open"
            if "out" not in short and in_low * (1 - self.limit) > out_high:
                return "open"
            return "unchecked"
        if least > self.limit:
            return "open"
        if any(row.computed for row in self.entries):
            return "computed"
        return "closed" if most <= self.limit else "possible"

    def as_json(self) -> dict[str, object]:
        """The balance as plain values."""
        deviation = self.deviation
        return {
            "id": self.id,
            "name": str(self.name),
            "unit": self.unit,
            "in": list(self.total("in")),
            "out": list(self.total("out")),
            "gap": None if self.gap is None else list(self.gap),
            "deviation": None if deviation is None else list(deviation),
            "limit": self.limit,
            "verdict": self.verdict,
            "rows": [row.as_json() for row in self.entries],
        }


# --- printed totals --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Printed:
    """What a table prints below its rows (表上印的合计): totals, difference, deviation (fraction); None = not there."""

    total_in: float | None = None
    total_out: float | None = None
    difference: float | None = None
    deviation: float | None = None


def contradictions(printed: Printed, rows: UnitBalance | None = None, *, rounding: float = 5e-3) -> tuple[Message, ...]:
    """What printed totals contradict: the rows above them, and each other; every number is computed again.

    ``rounding``: relative difference of totals that is taken for rounding of the printed digits (0.5 %); a printed
    deviation may differ by half its last usual digit (0.005 percentage points).
    """
    found: list[Message] = []

    def differs(first: float, second: float, slack: float = rounding) -> bool:
        return abs(first - second) > slack * max(abs(first), abs(second))

    if rows is not None:
        sides: tuple[tuple[Side, float | None, Message], ...] = (
            ("in", printed.total_in, message("输入")),
            ("out", printed.total_out, message("输出")),
        )
        for side, stated, word in sides:
            known = [row for row in rows.entries if row.side == side and row.known]
            low, high = rows.total(side)
            if stated is not None and known and low == high and differs(stated, low, 1e-4):
                found.append(
                    message(
                        "印出的{side}合计为 {stated}，各行相加为 {sum}，差 {gap}",
                        side=word, stated=number(stated), sum=number(low), gap=number(stated - low),
                    )
                )  # fmt: skip
    if printed.total_in is None or printed.total_out is None:
        return tuple(found)
    gap = printed.total_in - printed.total_out
    if printed.difference is not None and differs(abs(printed.difference), abs(gap)):
        found.append(
            message(
                "印出的差额为 {stated}，输入 {inside} 与输出 {out} 之差为 {gap}",
                stated=number(printed.difference), inside=number(printed.total_in), out=number(printed.total_out),
                gap=number(gap),
            )
        )  # fmt: skip
    if printed.deviation is not None and printed.total_in:
        real = abs(gap) / printed.total_in
        if abs(abs(printed.deviation) - real) > 5.1e-5:
            found.append(
                message(
                    "印出的偏差为 {stated}%，由印出的合计计算为 {real}%",
                    stated=f"{100 * printed.deviation:.2f}", real=f"{100 * real:.2f}",
                )
            )  # fmt: skip
    return tuple(found)


# --- measuring time --------------------------------------------------------------------------------------------------


def measuring_time(
    process: Literal["batch", "continuous"], *, cycles: float | None = None, hours: float | None = None
) -> Message | None:
    """What is wrong with how long a process was measured (实测时间); None where it is long enough.

    Batch (间歇): at least three complete cycles; continuous (连续): at least 72 hours in a row. Unknown is wrong too.
    """
    if process == "batch":
        least = balance_rules()["batch-cycles"].value
        if cycles is None:
            return message("间歇过程没有写明实测了几个生产周期，至少应为 {least} 个", least=f"{least:g}")
        if cycles < least:
            return message(
                "间歇过程只实测了 {cycles} 个生产周期，至少应为 {least} 个", cycles=f"{cycles:g}", least=f"{least:g}"
            )
        return None
    least = balance_rules()["continuous-hours"].value
    if hours is None:
        return message("连续过程没有写明实测了多少小时，至少应连续 {least} 小时", least=f"{least:g}")
    if hours < least:
        return message("连续过程只实测了 {hours} 小时，至少应连续 {least} 小时", hours=f"{hours:g}", least=f"{least:g}")
    return None


# --- numbers in words ------------------------------------------------------------------------------------------------


def number(value: float) -> str:
    """A number for a sentence: digits as they are where they are few, else six significant ones, without exponent."""
    if value == int(value) and abs(value) < 1e15:
        return f"{value:.0f}"
    text = f"{value:.6g}"
    return f"{value:.0f}" if "e+" in text else text


@dataclass(frozen=True, slots=True)
class Spread:
    """A number or a range for a sentence, read in the language in force: 1203～2285 m³."""

    low: float
    high: float
    unit: str = ""

    def __str__(self) -> str:
        tail = f" {units.UnitText(self.unit)}" if self.unit else ""
        if _short(self.low) == _short(self.high):
            return number(self.low) + tail
        return f"{_short(self.low)}{'～' if current_language() == 'zh' else '–'}{_short(self.high)}{tail}"


def spread(low: float, high: float, unit: str = "") -> Spread:
    """A number or a range for a sentence, the ends of a range with three significant digits or whole units."""
    return Spread(low, high, unit)


def _short(value: float) -> str:
    if 1000 <= abs(value) < 100000:
        return f"{value:.0f}"
    text = f"{value:.3g}"
    return f"{float(text):.0f}" if "e+" in text else text


def worst(balances: Sequence[UnitBalance]) -> UnitBalance | None:
    """The open balance with the greatest certain deviation; None where none is open."""
    open_ = [one for one in balances if one.verdict == "open" and one.deviation is not None]
    return max(open_, key=lambda one: one.deviation[0] if one.deviation else 0.0, default=None)

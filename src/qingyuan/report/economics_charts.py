"""Charts of options for those who decide (方案经济图): pay-back, net present value, marginal view, before and after.

Pure SVG from plain data in the style of ``charts``. Of many options the most important are drawn, and the chart says
how many are left out. Money in 10⁴ CNY, time in years; texts are read in the language in force.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from qingyuan.language import tr
from qingyuan.report.charts import ACCENT, INK, PALETTE, PRIMARY, RULE, SIZE, SMALL, SOFT, TITLE, TRACK, WIDTH, Chart
from qingyuan.report.numbers import Number, format_number, format_quantity, unit_text
from qingyuan.report.svg import Sheet
from qingyuan.report.textwidth import shortened, text_width, wrapped

MONEY = "10^4 CNY"
MOST_BARS = 15  # options drawn in one chart
LIGHT, AMBER = "#8fb0cf", "#e3a63b"
GOOD = "#2a8c82"
_NAMES = 200.0  # width of the column of names
_ROW = 30.0


@dataclass(frozen=True, slots=True)
class PaybackBar:
    """One option's pay-back (投资偿还期), in years: infinite where it never pays back; ``limit`` None = none known.

    ``from_``: where the limit is a band that the audit decides in, its lower end.
    """

    name: str
    years: float
    limit: float | None = None
    from_: float | None = None


@dataclass(frozen=True, slots=True)
class ValueBar:
    """One option's net present value and investment, both in 10⁴ CNY, and NPVR as a fraction."""

    name: str
    npv: float
    investment: float
    ratio: float | None = None


@dataclass(frozen=True, slots=True)
class MarginalStep:
    """One option of the marginal view (累计投资与累计年效益): investment and what it saves a year, in 10⁴ CNY."""

    name: str
    investment: float
    saving: float


@dataclass(frozen=True, slots=True)
class TornadoBar:
    """What one assumption does to a result (敏感性): the result at its low and high end, in words what was changed."""

    name: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """A quantity before and after (前后对比), both in ``unit``; ``better`` None = neither better nor worse."""

    name: str
    before: float
    after: float
    unit: str
    better: bool | None


@dataclass(frozen=True, slots=True)
class Task:
    """One line of the schedule (实施进度): first and last day, and whether it is done."""

    name: str
    start: dt.date
    finish: dt.date
    done: bool = False


@dataclass(frozen=True, slots=True)
class CountRow:
    """How many options an aspect has, by cost class (方案数)."""

    name: str
    counts: tuple[int, ...]


def option_counts(title: str, classes: Sequence[str], rows: Sequence[CountRow]) -> Chart:
    """Options by aspect (各方面方案数): a bar for each aspect, its parts the cost classes, the sum behind it.

    Raises ValueError for a row whose counts are not those of the classes.
    """
    top = 62.0
    sheet = Sheet(WIDTH, top + _ROW * len(rows) + 6)
    _title(sheet, title)
    _legend(sheet, 42.0, [(name, PALETTE[at % len(PALETTE)]) for at, name in enumerate(classes)])
    highest = max((sum(row.counts) for row in rows), default=0)
    scale = (WIDTH - _NAMES - 44) / highest if highest else 0.0
    said: list[str] = []
    for at, row in enumerate(rows):
        if len(row.counts) != len(classes):
            raise ValueError(f"{row.name}: {len(row.counts)} counts for {len(classes)} classes")
        y, x = top + _ROW * at, _NAMES
        _name(sheet, y, row.name)
        for index, count in enumerate(row.counts):
            colour = PALETTE[index % len(PALETTE)]
            sheet.rect(x, y + 5, count * scale, 20, colour, stroke="#ffffff")
            text = str(count)
            if count and count * scale >= text_width(text, SMALL) + 6:
                fill = "#ffffff" if index in (0, 2, 4, 6) else INK
                sheet.text(x + count * scale / 2, y + 19.5, text, size=SMALL, anchor="middle", fill=fill)
            x += count * scale
        sheet.text(x + 8, y + 20, str(sum(row.counts)), size=SIZE, bold=True, fill=INK if sum(row.counts) else SOFT)
        parts = [f"{name} {count}" for name, count in zip(classes, row.counts, strict=True) if count]
        said.append(f"{row.name}{tr('：')}{tr('，').join(parts) if parts else 0}")
    return _chart(sheet, title, said)


def payback(title: str, rows: Sequence[PaybackBar], *, most: int = MOST_BARS) -> Chart:
    """Pay-back of options against the limit of their cost class (投资偿还期与界限), the shortest first, in years.

    A dark line on each bar's track is its limit; a bar beyond it has another colour and says so.
    """
    ordered = sorted(rows, key=lambda row: row.years)
    kept, left_out = ordered[:most], len(ordered) - min(most, len(ordered))
    top, right = 62.0, 150.0
    sheet = Sheet(WIDTH, top + _ROW * max(1, len(kept)) + (26 if left_out else 8))
    _title(sheet, _in_years(title))
    known = [row.years for row in kept if math.isfinite(row.years)]
    limits = [row.limit for row in kept if row.limit is not None]
    reach = max([1.0, *(1.1 * limit for limit in limits), *(min(years, 12.0) for years in known)])
    scale = (WIDTH - _NAMES - right) / reach
    within, beyond = tr("界限以内"), tr("超过界限或不能收回")
    legend = [(within, PRIMARY), (beyond, ACCENT)]
    if any(_between(row) for row in kept):
        legend.insert(1, (tr("由审核小组定"), AMBER))
    if any(row.limit is None for row in kept):
        legend.append((tr("没有界限"), LIGHT))
    word = tr("界限")
    end = _legend(sheet, 42.0, legend, room=WIDTH - (12 + text_width(word, SMALL) if limits else 0))
    if limits:
        sheet.rect(end, 36 - 2, 3, 16, INK)
        sheet.text(end + 10, 46.5, word, size=SMALL, fill=SOFT)
    said: list[str] = []
    for at, row in enumerate(kept):
        y = top + _ROW * at
        _name(sheet, y, row.name)
        sheet.rect(_NAMES, y + 6, reach * scale, 18, TRACK)
        over = not math.isfinite(row.years) or (row.limit is not None and row.years >= row.limit)
        colour = ACCENT if over else LIGHT if row.limit is None else AMBER if _between(row) else PRIMARY
        sheet.rect(_NAMES, y + 6, min(row.years, reach) * scale, 18, colour)
        if row.years > reach:
            end_x = _NAMES + reach * scale
            sheet.polygon([(end_x - 9, y + 3), (end_x + 5, y + 15), (end_x - 9, y + 27)], colour, stroke="#ffffff")
        if row.limit is not None:
            sheet.rect(_NAMES + row.limit * scale - 1.5, y + 3, 3, 24, INK)
        text = _years(row.years) if math.isfinite(row.years) else tr("不能收回")
        if row.limit is not None:
            sheet.rect(_NAMES + (row.from_ or row.limit) * scale, y + 3, 1, 24, INK)
            low = row.limit if row.from_ is None else row.from_
            limit = format_number(Number(low, high=row.limit, exact=True))
            text = tr("{years}，界限 {limit}").format(years=text, limit=limit)
        _value(sheet, _NAMES + reach * scale + 10, y + 20, text, right - 14, bold=over, fill=ACCENT if over else INK)
        said.append(f"{row.name}{tr('：')}{text}")
    _left_out(sheet, left_out, said, tr("另有 {count} 个偿还期更长的方案没有画出").format(count=left_out))
    return _chart(sheet, _in_years(title), said)


def _between(row: PaybackBar) -> bool:
    """Whether a pay-back lies within the band in which the audit sets its limit."""
    return row.from_ is not None and row.limit is not None and row.from_ <= row.years < row.limit


def net_present_values(title: str, rows: Sequence[ValueBar], *, most: int = MOST_BARS) -> Chart:
    """Net present values of options, the greatest first (净现值排序), with NPVR and investment beside the bars."""
    ordered = sorted(rows, key=lambda row: -row.npv)
    kept = ordered
    if len(ordered) > most:  # the best, and the worst of those that lose money
        losing = [row for row in ordered if row.npv < 0][-(most // 3) :]
        kept = [*[row for row in ordered if row not in losing][: most - len(losing)], *losing]
    left_out = len(ordered) - len(kept)
    top, right = 64.0, 150.0
    sheet = Sheet(WIDTH, top + _ROW * max(1, len(kept)) + (26 if left_out else 8))
    _title(sheet, _with_unit(title, MONEY))
    sheet.text(WIDTH - 72, 50, tr("NPVR"), size=SMALL, anchor="end", fill=SOFT)
    sheet.text(WIDTH - 2, 50, tr("投资"), size=SMALL, anchor="end", fill=SOFT)
    high = max([0.0, *(row.npv for row in kept)])
    low = min([0.0, *(row.npv for row in kept)])
    texts = [format_number(Number(row.npv, digits=1)) for row in kept]
    widest = max((text_width(text, SIZE) for text in texts), default=0.0) + 10
    room = WIDTH - _NAMES - right - widest * (2 if low < 0 else 1)
    scale = room / (high - low) if high - low > 0 else 0.0
    zero = _NAMES + (widest if low < 0 else 0.0) - low * scale
    said: list[str] = []
    for at, (row, text) in enumerate(zip(kept, texts, strict=True)):
        y = top + _ROW * at
        _name(sheet, y, row.name)
        wide = abs(row.npv) * scale
        if row.npv >= 0:
            sheet.rect(zero, y + 6, wide, 18, PRIMARY)
            sheet.text(zero + wide + 6, y + 20, text, size=SIZE, bold=True)
        else:
            sheet.rect(zero - wide, y + 6, wide, 18, ACCENT)
            sheet.text(zero - wide - 6, y + 20, text, size=SIZE, anchor="end", bold=True, fill=ACCENT)
        ratio = "—" if row.ratio is None else _percent(row.ratio)
        investment = format_number(Number(row.investment))
        sheet.text(WIDTH - 72, y + 20, ratio, size=SMALL, anchor="end")
        sheet.text(WIDTH - 2, y + 20, investment, size=SMALL, anchor="end", fill=SOFT)
        said.append(f"{row.name}{tr('：')}{text}{tr('，')}{tr('NPVR')} {ratio}{tr('，')}{tr('投资')} {investment}")
    sheet.line(zero, top - 2, zero, top + _ROW * len(kept) + 2, INK)
    _left_out(sheet, left_out, said, tr("另有 {count} 个居中的方案没有画出").format(count=left_out))
    return _chart(sheet, _with_unit(title, MONEY), said)


def marginal(title: str, steps: Sequence[MarginalStep], *, most: int = 12) -> Chart:
    """Cumulative investment against cumulative yearly saving (累计投资与累计年效益), the quickest to pay back first.

    The steep part comes first: where the line bends, further money saves less. All options are drawn; the list beside
    the line names the first ``most``.
    """
    ordered = sorted(
        steps, key=lambda step: (step.investment / step.saving if step.saving > 0 else math.inf, step.name)
    )
    spent = [0.0, *accumulate(step.investment for step in ordered)]
    saved = [0.0, *accumulate(step.saving for step in ordered)]
    height, left, bottom, list_at = 360.0, 58.0, 306.0, 424.0
    top = 58.0
    sheet = Sheet(WIDTH, height)
    _title(sheet, title)
    sheet.text(0, 44, _with_unit(tr("累计年效益"), MONEY), size=SMALL, fill=SOFT)
    plot = list_at - left - 24
    wide = plot / spent[-1] if spent[-1] > 0 else 0.0
    most_saved = max(saved)
    tall = (bottom - top - 12) / most_saved if most_saved > 0 else 0.0
    for tick in _ticks(most_saved):
        y = bottom - tick * tall
        sheet.line(left, y, left + plot, y, RULE)
        _value(sheet, left - 6, y + 4, format_number(Number(tick)), left - 8, anchor="end", fill=SOFT)
    for tick in _ticks(spent[-1]):
        x = left + tick * wide
        sheet.line(x, bottom, x, bottom + 4, SOFT)
        sheet.text(x, bottom + 18, format_number(Number(tick)), size=SMALL, anchor="middle", fill=SOFT)
    sheet.text(left + plot, bottom + 38, _with_unit(tr("累计投资"), MONEY), size=SMALL, anchor="end", fill=SOFT)
    sheet.line(left, bottom, left + plot, bottom, SOFT)
    sheet.line(left, top, left, bottom, SOFT)
    points = [(left + x * wide, bottom - max(0.0, y) * tall) for x, y in zip(spent, saved, strict=True)]
    for (x1, y1), (x2, y2) in pairwise(points):
        sheet.line(x1, y1, x2, y2, PRIMARY, 2.2)
    last: tuple[float, float] = (-100.0, -100.0)
    for number, (x, y) in enumerate(points[1:], start=1):
        sheet.circle(x, y, 3.5, PRIMARY, stroke="#ffffff")
        if number <= most and math.dist((x, y), last) >= 17 and x - 5 > left + 8:
            sheet.text(x - 5, y - 7, _ring(number), size=SIZE, anchor="end", bold=True)
            last = (x, y)
    said: list[str] = []
    sheet.text(WIDTH - 2, top - 14, tr("投资÷年效益"), size=SMALL, anchor="end", fill=SOFT)
    for number, step in enumerate(ordered[:most], start=1):
        y = top + 8 + 21.0 * (number - 1)
        years = step.investment / step.saving if step.saving > 0 else math.inf
        text = _years(years) if math.isfinite(years) else "—"
        sheet.text(list_at + 18, y + 4, _ring(number), size=SIZE, anchor="end", bold=True)
        room = WIDTH - list_at - 24 - text_width(text, SMALL) - 8
        sheet.text(list_at + 24, y + 4, shortened(step.name, SMALL, room), size=SMALL)
        sheet.text(WIDTH - 2, y + 4, text, size=SMALL, anchor="end", fill=SOFT)
        said.append(f"{_ring(number)} {step.name}{tr('，')}{text}")
    more = len(ordered) - most
    if more > 0:
        text = tr("其余 {count} 个在曲线末段").format(count=more)
        for at, line in enumerate(wrapped(text, SMALL, WIDTH - list_at - 24, 2)):
            sheet.text(list_at + 24, top + 12 + 21.0 * most + 14 * at, line, size=SMALL, fill=SOFT)
        said.append(text)
    whole = tr("合计投资 {investment}，年效益 {saving}").format(
        investment=format_quantity(Number(spent[-1], MONEY)), saving=format_quantity(Number(saved[-1], MONEY))
    )
    return _chart(sheet, title, [whole, *said])


def tornado(title: str, unit: str, base: float, rows: Sequence[TornadoBar], *, most: int = 10) -> Chart:
    """What each assumption does to a result (敏感性分析): bars from the low to the high end about the base value.

    The assumption that matters most stands on top; where a bar crosses zero the decision may change.
    """
    ordered = sorted(rows, key=lambda row: -abs(row.high - row.low))
    kept, left_out = ordered[:most], len(ordered) - min(most, len(ordered))
    top, row_height = 66.0, 34.0
    sheet = Sheet(WIDTH, top + row_height * max(1, len(kept)) + (26 if left_out else 8))
    _title(sheet, _with_unit(title, unit))
    ends = [end for row in kept for end in (row.low, row.high)]
    low, high = min([base, *ends]), max([base, *ends])
    if low < 0 < high or abs(low) < (high - low) * 0.4:
        low = min(0.0, low)
    texts = [(format_number(Number(row.low)), format_number(Number(row.high))) for row in kept]
    widest = max((text_width(text, SMALL) for pair in texts for text in pair), default=0.0) + 8
    scale = (WIDTH - _NAMES - 2 * widest) / (high - low) if high > low else 0.0
    left = _NAMES + widest

    def place(value: float) -> float:
        return left + (value - low) * scale

    said: list[str] = [f"{tr('基准')} {format_quantity(Number(base, unit))}"]
    shown = f"{tr('基准')} {format_number(Number(base))}"
    at_base = place(base)
    half = text_width(shown, SMALL) / 2
    sheet.text(min(max(at_base, half), WIDTH - half), top - 10, shown, size=SMALL, anchor="middle", fill=SOFT)
    for at, (row, (low_text, high_text)) in enumerate(zip(kept, texts, strict=True)):
        y = top + row_height * at
        _name(sheet, y + 1, row.name)
        first, last = sorted((place(row.low), place(row.high)))
        sheet.rect(first, y + 7, min(last, max(first, at_base)) - first, 18, LIGHT)
        start = max(first, min(last, at_base))
        sheet.rect(start, y + 7, last - start, 18, PRIMARY)
        first_text, last_text = (low_text, high_text) if row.low <= row.high else (high_text, low_text)
        sheet.text(first - 5, y + 21, first_text, size=SMALL, anchor="end")
        sheet.text(last + 5, y + 21, last_text, size=SMALL)
        said.append(f"{row.name}{tr('：')}{low_text} – {high_text}")
    sheet.line(at_base, top - 4, at_base, top + row_height * len(kept) + 2, INK)
    if low <= 0 <= high and abs(place(0.0) - at_base) > 1:
        sheet.line(place(0.0), top - 4, place(0.0), top + row_height * len(kept) + 2, ACCENT, 1, "4 3")
    _left_out(sheet, left_out, said, tr("另有 {count} 项影响更小的没有画出").format(count=left_out))
    return _chart(sheet, _with_unit(title, unit), said)


def before_after(title: str, rows: Sequence[BeforeAfter], *, most: int = 10) -> Chart:
    """Quantities before and after the audit (审核前后对比): each as a share of its own value before, which is 100 %.

    The first ``most`` rows that have a positive value before are drawn, in their order; the number of the others is
    said.
    """
    words = (tr("审核前"), tr("审核后，改善"), tr("审核后，变差"), tr("审核后，未变或不评"))
    return _pairs(title, rows, words, most)


def as_planned(title: str, rows: Sequence[BeforeAfter], *, most: int = 10) -> Chart:
    """What was expected and what was reached (预计与实际): each as a share of what was expected, which is 100 %."""
    words = (tr("预计"), tr("实际，达到预计"), tr("实际，低于预计"), tr("实际"))
    return _pairs(title, rows, words, most)


def _pairs(title: str, rows: Sequence[BeforeAfter], words: tuple[str, str, str, str], most: int) -> Chart:
    """Pairs of bars; ``words`` name the first bar and the second where it is better, worse, neither."""
    usable = [row for row in rows if row.before > 0 and row.after >= 0]
    kept = usable[:most]
    left_out = len(rows) - len(kept)
    top, row_height, right = 64.0, 46.0, 176.0
    sheet = Sheet(WIDTH, top + row_height * max(1, len(kept)) + (26 if left_out else 8))
    _title(sheet, title)
    end = _legend(sheet, 42.0, [(words[0], "#c3c8cf"), (words[1], GOOD), (words[2], ACCENT)])
    if any(row.better is None for row in kept):
        _legend(sheet, 42.0, [(words[3], LIGHT)], left=end)
    reach = min(2.0, max([1.0, *(row.after / row.before for row in kept)]))
    scale = (WIDTH - _NAMES - right) / reach
    said: list[str] = []
    for at, row in enumerate(kept):
        y = top + row_height * at
        ratio = row.after / row.before
        lines = wrapped(row.name, SIZE, _NAMES - 14, 2)
        for number, line in enumerate(lines):
            sheet.text(0, y + (25 if len(lines) == 1 else 17) + 16 * number, line, size=SIZE)
        colour = LIGHT if row.better is None else GOOD if row.better else ACCENT
        sheet.rect(_NAMES, y + 5, scale, 14, "#c3c8cf")
        sheet.rect(_NAMES, y + 21, min(ratio, reach) * scale, 14, colour)
        if ratio > reach:
            edge = _NAMES + reach * scale
            sheet.polygon([(edge - 8, y + 18), (edge + 5, y + 28), (edge - 8, y + 38)], colour, stroke="#ffffff")
        change = format_quantity(Number(100 * (ratio - 1), "%", digits=1, signed=True))
        before, after = format_number(Number(row.before)), format_number(Number(row.after))
        text = f"{before} → {after} {unit_text(row.unit)}".rstrip()
        sheet.text(
            WIDTH - 2, y + 17, change, size=SIZE, anchor="end", bold=True,
            fill=ACCENT if row.better is False else GOOD if row.better else INK,
        )  # fmt: skip
        _value(sheet, WIDTH - 2, y + 33, text, right - 8, anchor="end", fill=SOFT)
        said.append(f"{row.name}{tr('：')}{text}{tr('（')}{change}{tr('）')}")
    _left_out(sheet, left_out, said, tr("另有 {count} 项没有画出，见表").format(count=left_out))
    return _chart(sheet, title, said)


def schedule(title: str, tasks: Sequence[Task], *, most: int = 18) -> Chart:
    """The schedule of options (实施进度, Gantt): a bar from the first to the last day; what is done is dark.

    Tasks by their first day; a task that ends before it starts is drawn as its first day.
    """
    ordered = sorted(tasks, key=lambda task: (task.start, task.finish, task.name))
    kept, left_out = ordered[:most], len(ordered) - min(most, len(ordered))
    top, row_height = 70.0, 28.0
    bottom = top + row_height * max(1, len(kept)) + 2
    sheet = Sheet(WIDTH, bottom + (24 if left_out else 6))
    _title(sheet, title)
    _legend(sheet, 40.0, [(tr("计划"), LIGHT), (tr("已完成"), PRIMARY)])
    said: list[str] = []
    if kept:
        first = min(task.start for task in kept).replace(day=1)
        last = max(max(task.finish, task.start) for task in kept) + dt.timedelta(days=1)
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        step = next(step for step in (1, 2, 3, 6, 12, 24, 60, 120, 1200) if months / step <= 9)
        if step >= 12:
            first = first.replace(month=1)
        days = max(1, (last - first).days)
        scale = (WIDTH - _NAMES - 16) / days
        for at in range(0, months + 1, step):
            mark = dt.date(min(9999, first.year + (first.month - 1 + at) // 12), (first.month - 1 + at) % 12 + 1, 1)
            x = _NAMES + (mark - first).days * scale
            label = f"{mark.year}" if step >= 12 else f"{mark.year}-{mark.month:02d}"
            if x + text_width(label, 10.5) > WIDTH:
                break
            sheet.line(x, top - 4, x, bottom, RULE)
            sheet.text(x + 1, top - 8, label, size=10.5, fill=SOFT)
        for at, task in enumerate(kept):
            y = top + row_height * at
            _name(sheet, y - 2, task.name)
            start = _NAMES + (task.start - first).days * scale
            wide = max(4.0, ((task.finish - task.start).days + 1) * scale)
            sheet.rect(start, y + 5, min(wide, WIDTH - start), 15, PRIMARY if task.done else LIGHT, radius=2)
            span = f"{task.start.isoformat()} – {task.finish.isoformat()}"
            said.append(f"{task.name}{tr('：')}{span}{tr('（已完成）') if task.done else ''}")
    _left_out(sheet, left_out, said, tr("另有 {count} 个更晚开始的没有画出").format(count=left_out))
    return _chart(sheet, title, said)


def _ring(number: int) -> str:
    """A number in a ring (①), which nobody takes for the number of an option; from 21 on in brackets."""
    return chr(0x2460 + number - 1) if number <= 20 else f"({number})"


def _ticks(highest: float, count: int = 4) -> list[float]:
    """Round values from 0 to at most ``highest``: steps of 1, 2, 2.5 or 5 times a power of ten."""
    if not highest > 0 or not math.isfinite(highest):
        return [0.0]
    power = 10.0 ** math.floor(math.log10(highest / count))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power * count >= highest * 0.999)
    return [index * step for index in range(int(highest / step + 1e-9) + 1)]


def _name(sheet: Sheet, y: float, name: str) -> None:
    """A name in the column of names, on two small lines where it is long."""
    if text_width(name, SIZE) <= _NAMES - 12:
        sheet.text(0, y + 20, name, size=SIZE)
        return
    for at, line in enumerate(wrapped(name, SMALL, _NAMES - 12, 2)):
        sheet.text(0, y + 13 + 13 * at, line, size=SMALL)


def _value(
    sheet: Sheet, x: float, y: float, text: str, room: float, *, anchor: str = "start", bold: bool = False,
    fill: str = INK,
) -> None:  # fmt: skip
    """A text made smaller where its room is too narrow."""
    size = min(SMALL, SMALL * room / max(1.0, text_width(text, SMALL)))
    sheet.text(x, y, text, size=size, anchor="end" if anchor == "end" else "start", bold=bold, fill=fill)


def _legend(
    sheet: Sheet, y: float, entries: Sequence[tuple[str, str]], *, left: float = 0.0, room: float = math.inf
) -> float:
    """Coloured squares with their meaning, in one line; gives where the line ends.

    Where the line would be longer than ``room``, gaps and then letters are made smaller.
    """
    words = sum(text_width(name, SMALL) for name, _ in entries)
    gap = min(20.0, max(8.0, (room - left - words) / max(1, len(entries)) - 18))
    size = min(SMALL, SMALL * (room - left - (18 + gap) * len(entries)) / words) if words else SMALL
    for name, colour in entries:
        sheet.rect(left, y - 6, 12, 12, colour)
        sheet.text(left + 18, y + 4.5, name, size=size, fill=SOFT)
        left += 18 + text_width(name, size) + gap
    return left


def _left_out(sheet: Sheet, count: int, said: list[str], text: str) -> None:
    if count > 0:
        sheet.text(0, sheet.height - 7, text, size=SMALL, fill=SOFT)
        said.append(text)


def _years(years: float) -> str:
    return tr("{years} 年").format(years=format_number(Number(years, digits=1)))


def _in_years(name: str) -> str:
    return tr("{name}（年）").format(name=name)


def _percent(share: float) -> str:
    return format_quantity(Number(100 * share, "%", digits=1))


def _with_unit(name: str, unit: str) -> str:
    shown = unit_text(unit)
    return f"{name}{tr('（')}{shown}{tr('）')}" if shown else name


def _title(sheet: Sheet, title: str) -> None:
    sheet.text(0, 17, shortened(title, TITLE, WIDTH), size=TITLE, bold=True, fill=PRIMARY)


def _chart(sheet: Sheet, title: str, said: Sequence[str]) -> Chart:
    text = f"{title}{tr('：')}{tr('；').join(said)}"
    return Chart(sheet.finish(title), text if len(text) <= 900 else text[:899] + "…")

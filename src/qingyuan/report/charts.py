"""Charts for reports (图表): pure SVG from plain data, readable at a glance, in print and without colour.

Every function returns a ``Chart``: the picture and a sentence that says the same. Units stand in the titles, numbers at
the bars; colours differ in lightness as well as in hue, so that they survive a grey copier and colour blindness.
Texts are read in the language in force.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qingyuan.language import tr
from qingyuan.report.numbers import Number, format_number, format_quantity, unit_text
from qingyuan.report.svg import Sheet
from qingyuan.report.textwidth import shortened, text_width, wrapped

WIDTH = 640.0
SIZE = 13.0  # type size of labels; 640 units over 160 mm make it 9.2 points in print
SMALL = 11.5
TITLE = 14.0
INK, SOFT, RULE, TRACK = "#222222", "#5b6470", "#c9ced6", "#eceff3"
PRIMARY, ACCENT = "#1f4e79", "#b4472e"
# Neighbours differ strongly in lightness.
PALETTE = ("#1f4e79", "#e3a63b", "#2a8c82", "#a9c9e6", "#b4472e", "#c3c8cf", "#5d4a86", "#94ad5a")
LEVEL_COLOURS = {"I": "#0b3d75", "II": "#4f88ba", "III": "#b3cfe6"}
LEVEL_MARKS = {"I": "Ⅰ", "II": "Ⅱ", "III": "Ⅲ"}
_LEAST = 1e-100  # amounts below this are drawn as nothing
MAX_PARTS = 8  # further parts of a whole are added up as others


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture (SVG) and the text for those who cannot see it."""

    svg: str
    alt: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One small chart of a trend (分图): name, unit, a value for each period (None = no data)."""

    name: str
    unit: str
    values: tuple[float | None, ...]
    digits: int | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """One part of stacked bars (系列): a value for each category (None = no data)."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A group of indicators (指标组): its weight in percent, and points reached at each level (low, high)."""

    name: str
    weight: float
    points: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class BulletRow:
    """A value against its limit (限值对照), both in ``unit``; ``limit`` None = there is none."""

    name: str
    value: float
    limit: float | None
    unit: str
    below_detection: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True)
class GapRow:
    """An indicator's value between the bounds of the levels III, II, I (差距), all in ``unit``."""

    name: str
    value: float
    bounds: tuple[float, float, float]
    unit: str
    lower_is_better: bool
    met: Literal["I", "II", "III", "none"]


def trend(title: str, periods: Sequence[str], panels: Sequence[Panel]) -> Chart:
    """Bars over the years (逐年变化): one panel for each quantity, each with its own scale and its numbers on the bars.

    Raises ValueError for a panel whose number of values is not that of the periods.
    """
    columns = min(3, max(1, len(panels)))
    lines = math.ceil(len(panels) / columns) if panels else 1
    gap, top, height = 24.0, 34.0, 200.0
    panel_width = (WIDTH - gap * (columns - 1)) / columns
    sheet = Sheet(WIDTH, top + lines * height)
    _title(sheet, title)
    said: list[str] = []
    for at, panel in enumerate(panels):
        if len(panel.values) != len(periods):
            raise ValueError(f"{panel.name}: {len(panel.values)} values for {len(periods)} periods")
        x = (at % columns) * (panel_width + gap)
        y = top + (at // columns) * height
        _panel(sheet, x, y, panel_width, height - 14, panel, periods)
        numbers = tr("，").join(
            f"{period} {format_number(Number(value, digits=panel.digits))}"
            if value is not None
            else f"{period} {tr('无数据')}"
            for period, value in zip(periods, panel.values, strict=True)
        )
        said.append(f"{_with_unit(panel.name, panel.unit)}{tr('：')}{numbers}")
    return _chart(sheet, title, said)


def _panel(sheet: Sheet, x: float, y: float, width: float, height: float, panel: Panel, periods: Sequence[str]) -> None:
    lines = wrapped(panel.name, SIZE, width, 2)
    for at, line in enumerate(lines):
        sheet.text(x, y + 13 + 16 * at, line, size=SIZE, fill=INK, bold=True)
    if unit := unit_text(panel.unit):
        sheet.text(x, y + 13 + 16 * len(lines), unit, size=SMALL, fill=SOFT)
    known = [value for value in panel.values if value is not None and math.isfinite(value)]
    high, low = max([0.0, *known]), min([0.0, *known])
    base_top, base = y + 78, y + height - (36 if low < 0 else 20)
    scale = (base - base_top) / (high - low) if high - low > _LEAST else 0.0
    zero = base + low * scale
    step = width / max(1, len(periods))
    bar = min(46.0, step * 0.56)
    labels = [
        None if v is None or not math.isfinite(v) else format_number(Number(v, digits=panel.digits))
        for v in panel.values
    ]
    widest = max((text_width(label, SIZE) for label in labels if label), default=0)
    size = SIZE if widest <= step - 4 else max(8.0, SIZE * (step - 4) / widest)
    latest = max((at for at, label in enumerate(labels) if label), default=-1)
    for at, (period, value) in enumerate(zip(periods, panel.values, strict=True)):
        middle = x + step * (at + 0.5)
        label = labels[at]
        if value is None or label is None:
            sheet.text(middle, zero - 6, tr("无数据"), size=SMALL, anchor="middle", fill=SOFT)
        else:
            tall = abs(value) * scale
            last = at == latest
            sheet.rect(middle - bar / 2, zero - tall if value >= 0 else zero, bar, tall, PRIMARY if last else "#8fb0cf")
            above = zero - tall - 5 if value >= 0 else zero + tall + size
            sheet.text(middle, above, label, size=size, anchor="middle", bold=last)
        sheet.text(middle, y + height - 4, shortened(period, SMALL, step), size=SMALL, anchor="middle", fill=SOFT)
    sheet.line(x, zero, x + width, zero, SOFT)


def stacked(title: str, unit: str, categories: Sequence[str], series: Sequence[Series]) -> Chart:
    """Stacked bars (构成): parts of a whole for each category, named beside the last bar, total on top.

    Negative and missing parts are left out of the picture and said in the text.
    """
    series = _with_others(series, len(categories))
    height, top, base = 300.0, 58.0, 270.0
    sheet = Sheet(WIDTH, height)
    _title(sheet, _with_unit(title, unit))
    names_width = min(220.0, max([80.0, *(text_width(part.name, SIZE) + 26 for part in series)]))
    plot = WIDTH - names_width - 12
    step = plot / max(1, len(categories))
    bar = min(90.0, step * 0.55)
    totals = [sum(max(0.0, part.values[at] or 0.0) for part in series) for at in range(len(categories))]
    highest = max(totals, default=0.0)
    scale = (base - top) / highest if highest > _LEAST else 0.0
    anchors: list[tuple[float, int]] = []
    for at, category in enumerate(categories):
        left, y = step * (at + 0.5) - bar / 2, base
        for index, part in enumerate(series):
            value = part.values[at]
            if value is None or value <= 0:
                continue
            tall = value * scale
            colour = PALETTE[index % len(PALETTE)]
            sheet.rect(left, y - tall, bar, tall, colour, stroke="#ffffff")
            label = format_number(Number(value))
            if tall >= SMALL + 4 and text_width(label, SMALL) <= bar - 4:
                sheet.text(left + bar / 2, y - tall / 2 + 4, label, size=SMALL, anchor="middle", fill=_on(colour))
            if at == len(categories) - 1:
                anchors.append((y - tall / 2, index))
            y -= tall
        text = format_number(Number(totals[at])) if totals[at] > 0 else tr("无数据")
        sheet.text(left + bar / 2, y - 6, text, size=SIZE, anchor="middle", bold=totals[at] > 0)
        sheet.text(
            left + bar / 2, base + 18, shortened(category, SIZE, step - 6), size=SIZE, anchor="middle", fill=SOFT
        )
    sheet.line(0, base, plot, base, SOFT)
    shown = {index for _, index in anchors}
    anchors += [(top, index) for index in range(len(series)) if index not in shown]
    right = step * (len(categories) - 0.5) + bar / 2 if categories else plot
    for (wanted, index), y in zip(anchors, _spread([y for y, _ in anchors], 18.0, top - 4, base - 4), strict=True):
        colour = PALETTE[index % len(PALETTE)]
        if index in shown:
            sheet.line(right + 2, wanted, plot + 8, y, RULE)
        sheet.rect(plot + 12, y - 6, 12, 12, colour)
        sheet.text(plot + 28, y + 4.5, shortened(series[index].name, SIZE, names_width - 26), size=SIZE)
    said = [
        f"{category}{tr('：')}"
        + tr("，").join(
            f"{part.name} {format_number(Number(part.values[at]))}" for part in series if part.values[at] is not None
        )
        for at, category in enumerate(categories)
    ]
    return _chart(sheet, _with_unit(title, unit), said)


def shares(title: str, unit: str, parts: Sequence[tuple[str, float]]) -> Chart:
    """A ring of shares (占比) with a list beside it: name, amount, percent; the least parts are added up."""
    kept = sorted(((name, value) for name, value in parts if value > 0), key=lambda part: -part[1])
    if len(kept) > MAX_PARTS:
        rest = sum(value for _, value in kept[MAX_PARTS - 1 :])
        kept = [*kept[: MAX_PARTS - 1], (tr("其他"), rest)]
    whole = math.fsum(value for _, value in kept)
    line = 25.0
    height = max(230.0, 60 + line * len(kept))
    sheet = Sheet(WIDTH, height)
    _title(sheet, _with_unit(title, unit))
    middle, radius, x = 36 + (height - 46) / 2, 88.0, 110.0
    start = 0.0
    if whole <= 0:
        sheet.text(WIDTH / 2, height / 2, tr("无数据"), size=SIZE, anchor="middle", fill=SOFT)
        return _chart(sheet, _with_unit(title, unit), [tr("无数据")])
    for index, (_, value) in enumerate(kept):
        sheet.ring(x, middle, radius, 52, start, start + value / whole, PALETTE[index % len(PALETTE)])
        start += value / whole
    total = format_number(Number(whole))
    size = min(16.0, 16.0 * 92 / max(92.0, text_width(total, 16.0)))
    sheet.text(x, middle + 2, total, size=size, anchor="middle", bold=True)
    sheet.text(x, middle + 20, shortened(unit_text(unit), SMALL, 88), size=SMALL, anchor="middle", fill=SOFT)
    top = middle - line * len(kept) / 2
    for index, (name, value) in enumerate(kept):
        y = top + line * (index + 0.5)
        sheet.rect(236, y - 7, 14, 14, PALETTE[index % len(PALETTE)])
        sheet.text(260, y + 5, shortened(name, SIZE, 210), size=SIZE)
        sheet.text(560, y + 5, format_number(Number(value)), size=SIZE, anchor="end")
        sheet.text(WIDTH - 4, y + 5, _percent(value / whole), size=SIZE, anchor="end", bold=True)
    said = [
        f"{name} {format_quantity(Number(value, unit))}{tr('（')}{_percent(value / whole)}{tr('）')}"
        for name, value in kept
    ]
    return _chart(sheet, _with_unit(title, unit), said)


def level_profile(title: str, rows: Sequence[ProfileRow]) -> Chart:
    """How far each group of indicators gets (各级得分): points at the levels I, II, III against the group's weight.

    Three thin bars for a group, each on a track as long as the group's full points; where the points are known only
    within an interval, the part between its ends is paler.
    """
    top, row_height, left, right = 66.0, 62.0, 170.0, 140.0
    sheet = Sheet(WIDTH, top + row_height * len(rows) + 6)
    _title(sheet, title)
    x = left
    for level in ("I", "II", "III"):
        text = tr("达到 {level} 级要求的得分").format(level=LEVEL_MARKS[level])
        sheet.rect(x - left, 36, 12, 12, LEVEL_COLOURS[level])
        sheet.text(x - left + 18, 46.5, text, size=SMALL, fill=SOFT)
        x += 18 + text_width(text, SMALL) + 22
    if any(low != high for row in rows for low, high in row.points):
        sheet.rect(x - left, 36, 12, 12, _pale(LEVEL_COLOURS["II"]))
        sheet.text(
            x - left + 18,
            46.5,
            shortened(tr("浅色：尚未定的部分"), SMALL, WIDTH - x + left - 18),
            size=SMALL,
            fill=SOFT,
        )
    scale = (WIDTH - left - right) / max((row.weight for row in rows), default=1.0)
    for at, row in enumerate(rows):
        y = top + row_height * at
        lines = wrapped(row.name, SIZE, left - 14, 2)
        for number, line in enumerate(lines):
            sheet.text(0, y + 20 + 16 * number, line, size=SIZE, bold=True)
        weight = tr("满分 {points}").format(points=format_number(Number(row.weight)))
        sheet.text(0, y + 20 + 16 * len(lines), weight, size=SMALL, fill=SOFT)
        for number, (level, (low, high)) in enumerate(zip(("I", "II", "III"), row.points, strict=True)):
            bar_y = y + 5 + 17 * number
            sheet.rect(left, bar_y, row.weight * scale, 13, TRACK)
            sheet.rect(left, bar_y, high * scale, 13, _pale(LEVEL_COLOURS[level]))
            sheet.rect(left, bar_y, low * scale, 13, LEVEL_COLOURS[level])
            text = f"{LEVEL_MARKS[level]} {format_number(Number(low, high=high))}"
            sheet.text(left + row.weight * scale + 8, bar_y + 11, text, size=SMALL)
    said = [
        f"{row.name}{tr('：')}"
        + tr("，").join(
            f"{LEVEL_MARKS[level]} {format_number(Number(low, high=high))}"
            for level, (low, high) in zip(("I", "II", "III"), row.points, strict=True)
        )
        + f"{tr('，')}{tr('满分 {points}').format(points=format_number(Number(row.weight)))}"
        for row in rows
    ]
    return _chart(sheet, title, said)


def bullets(title: str, rows: Sequence[BulletRow]) -> Chart:
    """Values against their limits (限值对照): each bar as a share of its own limit, which is one common line."""
    top, row_height, left, right = 58.0, 38.0, 190.0, 175.0
    sheet = Sheet(WIDTH, top + row_height * len(rows) + 12)
    _title(sheet, title)
    limited = [row.value / row.limit for row in rows if row.limit]
    reach = min(2.0, max([1.15, *(ratio * 1.05 for ratio in limited)]))
    scale = (WIDTH - left - right) / reach
    at_limit = left + scale
    sheet.text(at_limit, top - 8, tr("限值 = 100%"), size=SMALL, anchor="middle", fill=SOFT)
    said: list[str] = []
    for at, row in enumerate(rows):
        y = top + row_height * at
        name_y = y + (15 if row.place else 20)
        sheet.text(left - 10, name_y, shortened(row.name, SIZE, left - 14), size=SIZE, anchor="end")
        sheet.text(left - 10, y + 29, shortened(row.place, 10.5, left - 14), size=10.5, anchor="end", fill=SOFT)
        value = format_number(Number(row.value, row.unit, bound="<" if row.below_detection else ""))
        if not row.limit:
            text = f"{value} {unit_text(row.unit)}{tr('（无限值）')}"
            sheet.text(left + scale * reach + 10, y + 20, shortened(text, SMALL, right - 12), size=SMALL, fill=SOFT)
            said.append(f"{_of(row)}{tr('：')}{text}")
            continue
        ratio = row.value / row.limit
        over = ratio > 1
        sheet.rect(left, y + 7, scale * reach, 18, TRACK)
        sheet.rect(left, y + 7, scale * min(ratio, reach), 18, ACCENT if over else "#6f9cc4")
        if ratio > reach:
            end = left + scale * reach
            sheet.polygon([(end - 9, y + 4), (end + 5, y + 16), (end - 9, y + 28)], ACCENT, stroke="#ffffff")
        limit = format_number(Number(row.limit, exact=True))
        text = f"{_percent(ratio)}{tr('（')}{value} / {limit} {unit_text(row.unit)}{tr('）')}"
        size = min(SMALL, SMALL * (right - 12) / max(1.0, text_width(text, SMALL)))
        sheet.text(left + scale * reach + 10, y + 20, text, size=size, bold=over, fill=ACCENT if over else INK)
        said.append(f"{_of(row)}{tr('：')}{text}")
    sheet.line(at_limit, top - 3, at_limit, top + row_height * len(rows) + 2, INK, 1.5)
    return _chart(sheet, title, said)


def gaps(title: str, rows: Sequence[GapRow]) -> Chart:
    """Where each indicator stands between the levels III, II and I (指标差距), the best at the right."""
    top, row_height, left, right = 62.0, 46.0, 205.0, 12.0
    sheet = Sheet(WIDTH, top + row_height * len(rows) + 8)
    _title(sheet, title)
    width = WIDTH - left - right - 26
    third = width / 3.6
    places = {"III": left + third * 1.0, "II": left + third * 2.0, "I": left + third * 3.0}
    bottom = top + row_height * len(rows)
    edges = [left, places["III"], places["II"], places["I"], left + width]
    for start, end, colour in zip(edges, edges[1:], ("#f6ece9", "#eef3f8", "#dfe9f3", "#cddff0"), strict=False):
        sheet.rect(start, top - 6, end - start, bottom - top + 6, colour)
    for level, x in places.items():
        sheet.line(x, top - 6, x, bottom, "#ffffff", 2)
        sheet.text(
            x, top - 14, tr("{level} 级").format(level=LEVEL_MARKS[level]), size=SMALL, anchor="middle", fill=SOFT
        )
    said: list[str] = []
    for at, row in enumerate(rows):
        y = top + row_height * at
        name = wrapped(row.name, SIZE, left - 12, 2)
        for number, line in enumerate(name):
            sheet.text(0, y + (25 if len(name) == 1 else 17) + 16 * number, line, size=SIZE)
        third_, second, first = row.bounds
        value = format_quantity(Number(row.value, row.unit))
        for level, bound in zip(("III", "II", "I"), row.bounds, strict=True):
            label = format_number(Number(bound, exact=True))
            sheet.text(places[level] + 4, y + 38, label, size=10, fill=SOFT)
        x = _level_position(row, left + 8, left + width - 8, places)
        fill = ACCENT if row.met == "none" else PRIMARY
        sheet.circle(x, y + 16, 6, fill, stroke="#ffffff")
        wide = text_width(value, SIZE)
        if x + 12 + wide <= WIDTH - 2:
            sheet.text(x + 11, y + 20.5, value, size=SIZE, bold=True, fill=fill)
        else:
            sheet.text(x - 11, y + 20.5, value, size=SIZE, anchor="end", bold=True, fill=fill)
        bounds = tr("，").join(
            f"{LEVEL_MARKS[level]} {format_number(Number(bound, exact=True))}"
            for level, bound in zip(("III", "II", "I"), (third_, second, first), strict=True)
        )
        said.append(f"{row.name}{tr('：')}{value}{tr('（')}{bounds}{tr('）')}")
    return _chart(sheet, title, said)


def _level_position(row: GapRow, left: float, right: float, places: dict[str, float]) -> float:
    """Where a value lies on the axis of levels: linear between two bounds, within the worst and best field beyond."""
    sign = -1.0 if row.lower_is_better else 1.0
    value = sign * row.value
    third, second, first = (sign * bound for bound in row.bounds)
    spans = [abs(second - third), abs(first - second), abs(first - third), abs(third), 1e-12]
    unit = next(span for span in spans if span > 0)
    if value < third:
        return max(left, places["III"] - (third - value) / unit * (places["II"] - places["III"]))
    if value >= first:
        return min(right, places["I"] + (value - first) / unit * (places["I"] - places["II"]))
    if value >= second:
        share = (value - second) / (first - second) if first > second else 0.0
        return places["II"] + share * (places["I"] - places["II"])
    share = (value - third) / (second - third) if second > third else 0.0
    return places["III"] + share * (places["II"] - places["III"])


def _with_others(series: Sequence[Series], count: int) -> list[Series]:
    """At most ``MAX_PARTS`` series, the greatest first; the rest added up."""
    kept = sorted(
        (part for part in series if any(value for value in part.values)),
        key=lambda part: -max(value or 0.0 for value in part.values),
    )
    if len(kept) <= MAX_PARTS:
        return kept
    rest = kept[MAX_PARTS - 1 :]
    values = tuple(math.fsum(part.values[at] or 0.0 for part in rest) for at in range(count))
    return [*kept[: MAX_PARTS - 1], Series(tr("其他"), values)]


def _spread(wanted: Sequence[float], apart: float, top: float, bottom: float) -> list[float]:
    """Positions as near to the wanted ones as a distance of ``apart`` allows, between ``top`` and ``bottom``."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    placed = [0.0] * len(wanted)
    last = top - apart
    for index in order:
        last = placed[index] = max(wanted[index], last + apart)
    limit = bottom
    for index in reversed(order):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - apart
    return placed


def _on(colour: str) -> str:
    """Black or white, whichever is readable on a colour."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#ffffff" if 0.299 * red + 0.587 * green + 0.114 * blue < 140 else INK


def _pale(colour: str) -> str:
    return "#" + "".join(f"{int(int(colour[at : at + 2], 16) * 0.4 + 255 * 0.6):02x}" for at in (1, 3, 5))


def _of(row: BulletRow) -> str:
    return f"{row.name}{tr('，')}{row.place}" if row.place else row.name


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

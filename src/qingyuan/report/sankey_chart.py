"""Sankey diagrams as pictures (桑基图): the layout of ``balance.sankey`` drawn as SVG in the style of the charts."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from qingyuan.balance.account import Balance
from qingyuan.balance.network import OUTSIDE
from qingyuan.balance.sankey import TONES, Box, Diagram, Link, Ribbon, Tone, layout
from qingyuan.language import Message, message, tr
from qingyuan.report.charts import INK, SMALL, SOFT, TITLE, WIDTH, Chart
from qingyuan.report.numbers import Number, format_number, unit_text
from qingyuan.report.svg import Sheet
from qingyuan.report.textwidth import shortened, text_width, wrapped

_LEGEND: tuple[tuple[Tone, Message], ...] = (
    ("in", message("投入")),
    ("internal", message("内部流动")),
    ("product", message("产品")),
    ("waste", message("废物与排放")),
    ("loss", message("损失或未知")),
    ("recycle", message("回用")),
)
_MANY = 28  # flows above which names are set smaller and boxes closer


def balance_links(balance: Balance) -> tuple[tuple[Link, ...], dict[str, str]]:
    """The flows of a balance as links with the names of their ends; outside is one end for each kind of flow.

    A flow that is not stated takes its reconciled value where the balances determine it, else it is unknown.
    """
    names = {key: str(name) for key, name in balance.names.items()}
    found: list[Link] = []
    result = balance.reconciliation
    for one in balance.streams:
        value = None if one.amount is None else one.amount.value
        sure = value is not None
        if value is None and result is not None and one.id in result.flows:
            value = result.flows[one.id].value
        source, target = one.source, one.target
        label = str(one.name)
        if source == OUTSIDE:
            source = f"in:{label}"
            names[source] = label
        if target == OUTSIDE:
            target = f"out:{label}"
            names[target] = label
        found.append(Link(one.id, source, target, value, label, _tone(one.id, one.source, one.target), sure))
    return tuple(found), names


def _tone(id: str, source: str, target: str) -> Tone:
    if source == OUTSIDE:
        return "in"
    if target != OUTSIDE:
        return "recycle" if id.startswith("reused") else "internal"
    if id.startswith("use:"):
        return "internal"
    if id.startswith(("contained", "product", "effective", "sold")):
        return "product"
    if id.startswith(("loss", "evaporation", "water-loss", "water-in-product", "rest", "fugitive", "lost")):
        return "loss"
    return "waste"


def sankey(title: str, links: Sequence[Link], names: Mapping[str, str], unit: str) -> Chart:
    """A Sankey diagram with the names and amounts of its ends, places and flows; the sentence lists the largest flows.

    Widths are the amounts as stated: what a place takes in beyond what leaves it stays visible as the bare part of its
    bar. Flows of unknown amount are thin broken lines, computed ones are paler.
    """
    many = len(links) > _MANY
    size = 9.5 if many else SMALL
    fed, drained = {link.target for link in links}, {link.source for link in links}
    shown_unit = unit_text(unit)
    firsts = [names.get(end, end) for end in drained - fed]
    lasts = [names.get(end, end) for end in fed - drained]
    left = min(185.0, max([60.0, *(text_width(name, size) for name in firsts)]) + 12)
    right = min(185.0, max([60.0, *(text_width(name, size) for name in lasts)]) + 12)
    diagram = layout(
        links, names, width=WIDTH, left=left, right=right, top=62.0 if many else 78.0, gap=20.0 if many else 40.0,
        ribbon_height=300.0 if many else 220.0,
    )  # fmt: skip
    sheet = Sheet(WIDTH, diagram.height + 14)
    sheet.text(0, 16, f"{title} ({shown_unit})" if shown_unit else title, size=TITLE, fill=INK, bold=True)
    _legend(sheet, {_drawn_tone(ribbon) for ribbon in diagram.ribbons})
    for ribbon in sorted(diagram.ribbons, key=lambda ribbon: -ribbon.thickness):
        _ribbon(sheet, ribbon)
    for ribbon in diagram.ribbons:
        if ribbon.back:
            (x1, _), (_, lane), (x2, _), _ = ribbon.points
            label = f"{ribbon.link.name} {_amount(ribbon.link)}"
            sheet.text((x1 + x2) / 2, lane - ribbon.thickness / 2 - 4, label, size=size, anchor="middle", fill=SOFT)
    for box in diagram.boxes:
        _box(sheet, box, diagram, size, roomless=many)
    known = sorted((link for link in links if link.value), key=lambda link: -(link.value or 0.0))[:6]
    said = tr("；").join(
        f"{names.get(link.source, link.source)} → {names.get(link.target, link.target)} {_amount(link)}"
        for link in known
    )
    return Chart(sheet.finish(title), tr("{title}：{flows}").format(title=title, flows=said))


def balance_sankey(balance: Balance) -> Chart | None:
    """The Sankey diagram of a balance; None where it has fewer than two flows with an amount."""
    links, names = balance_links(balance)
    if sum(1 for link in links if link.value) < 2:
        return None
    return sankey(str(balance.name), links, names, balance.unit)


def _drawn_tone(ribbon: Ribbon) -> Tone:
    return "recycle" if ribbon.back else ribbon.link.tone


def _legend(sheet: Sheet, tones: set[Tone]) -> None:
    x = 0.0
    for tone, word in _LEGEND:
        if tone in tones:
            sheet.rect(x, 26, 14, 9, TONES[tone])
            sheet.text(x + 18, 34.5, str(word), size=SMALL, fill=SOFT)
            x += 30 + text_width(str(word), SMALL)


def _amount(link: Link) -> str:
    return "?" if link.value is None else _number(link.value)


def _number(value: float) -> str:
    return "0" if abs(value) < 1e-9 else format_number(Number(value))


def _ribbon(sheet: Sheet, ribbon: Ribbon) -> None:
    colour = TONES[_drawn_tone(ribbon)]
    unknown = ribbon.link.value is None
    opacity = 0.6 if ribbon.link.sure else 0.35
    dash = "5 4" if unknown else ""
    thick = 1.4 if unknown else ribbon.thickness
    if ribbon.back:
        (x1, y1), (_, lane), (x2, _), (_, y2) = ribbon.points
        out = 14 + thick / 2
        path = (
            f"M{x1:.1f} {y1:.1f} C{x1 + 2 * out:.1f} {y1:.1f} {x1 + 2 * out:.1f} {lane:.1f} {x1 - 4:.1f} {lane:.1f} "
            f"L{x2 + 4:.1f} {lane:.1f} C{x2 - 2 * out:.1f} {lane:.1f} {x2 - 2 * out:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
        )
    else:
        path = ""
        for (xa, ya), (xb, yb) in zip(ribbon.points[::2], ribbon.points[1::2], strict=True):
            middle = (xa + xb) / 2
            start = f"L{xa:.1f} {ya:.1f}" if path else f"M{xa:.1f} {ya:.1f}"
            path += f"{start} C{middle:.1f} {ya:.1f} {middle:.1f} {yb:.1f} {xb:.1f} {yb:.1f} "
    sheet.path(path.strip(), stroke=colour, width=thick, opacity=opacity, dash=dash)


def _box(sheet: Sheet, box: Box, diagram: Diagram, size: float, *, roomless: bool) -> None:
    sheet.rect(box.x, box.y, diagram.box, box.height, INK)
    value = _number(box.value) if box.value else "?"
    across = sorted({round(one.x, 3) for one in diagram.boxes})
    step = min((b - a for a, b in itertools.pairwise(across)), default=diagram.width / 2)
    middle = box.y + box.height / 2
    if box.first and box.layer == 0:
        lines = wrapped(box.name, size, box.x - 8, 1 if roomless else 2)
        for row, part in enumerate(lines):
            y = middle - 1 - (len(lines) - 1 - row) * (size + 1)
            sheet.text(box.x - 6, y, part, size=size, anchor="end", fill=INK)
        sheet.text(box.x - 6, middle + size, value, size=size, anchor="end", fill=SOFT)
    elif box.last and box.layer == diagram.layers - 1:
        x = box.x + diagram.box + 6
        lines = wrapped(box.name, size, diagram.width - x, 1 if roomless else 2)
        for row, part in enumerate(lines):
            sheet.text(x, middle - 1 - (len(lines) - 1 - row) * (size + 1), part, size=size, fill=INK)
        sheet.text(x, middle + size, value, size=size, fill=SOFT)
    else:
        at = min(max(box.x + diagram.box / 2, 40.0), diagram.width - 40.0)
        line = f"{box.name} {value}"
        if text_width(line, size) <= max(step - 6, 70) or roomless:
            room = max(step - text_width(value, size) - 8, 56)
            sheet.text(
                at, box.y - 4, f"{shortened(box.name, size, room)} {value}", size=size, anchor="middle", fill=INK
            )
        else:
            lines = wrapped(box.name, size, max(step - 4, 70), 2)
            for row, part in enumerate(lines):
                y = box.y - 4 - (len(lines) - row) * (size + 0.5)
                sheet.text(at, y, part, size=size, anchor="middle", fill=INK)
            sheet.text(at, box.y - 4, value, size=size, anchor="middle", fill=SOFT)

"""Drawing primitives for charts (SVG): a sheet that collects shapes and escapes every text."""

from __future__ import annotations

import math
from html import escape
from typing import Literal

from qingyuan.report.resolve import clean

FONTS = (
    "'Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC','PingFang SC','Microsoft YaHei','SimHei',"
    "'WenQuanYi Zen Hei',sans-serif"
)
Anchor = Literal["start", "middle", "end"]


class Sheet:
    """An SVG under construction; lengths in its own units (a width of 640 fills the text width of a page)."""

    def __init__(self, width: float, height: float) -> None:
        self.width = width
        self.height = height
        self._parts: list[str] = []

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float,
        anchor: Anchor = "start",
        fill: str = "#222222",
        bold: bool = False,
    ) -> None:
        """Write a text; ``y`` is its base line."""
        weight = ' font-weight="700"' if bold else ""
        self._parts.append(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" text-anchor="{anchor}" fill="{fill}"{weight}>'
            f"{escape(clean(text))}</text>"
        )

    def rect(
        self, x: float, y: float, width: float, height: float, fill: str, *, stroke: str = "", radius: float = 0
    ) -> None:
        """Draw a rectangle; one of no or negative size is left out."""
        if width <= 0 or height <= 0:
            return
        line = f' stroke="{stroke}" stroke-width="1"' if stroke else ""
        round_ = f' rx="{_n(radius)}"' if radius else ""
        self._parts.append(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" fill="{fill}"{line}{round_}/>'
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, stroke: str, width: float = 1, dash: str = "") -> None:
        """Draw a line."""
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" stroke="{stroke}" '
            f'stroke-width="{_n(width)}"{dashes}/>'
        )

    def polygon(self, points: list[tuple[float, float]], fill: str, *, stroke: str = "") -> None:
        """Draw a filled polygon."""
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        line = f' stroke="{stroke}" stroke-width="1"' if stroke else ""
        self._parts.append(f'<polygon points="{path}" fill="{fill}"{line}/>')

    def circle(self, x: float, y: float, radius: float, fill: str, *, stroke: str = "") -> None:
        """Draw a filled circle."""
        line = f' stroke="{stroke}" stroke-width="1.5"' if stroke else ""
        self._parts.append(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{fill}"{line}/>')

    def path(self, path: str, *, stroke: str, width: float, opacity: float = 1.0, dash: str = "") -> None:
        """Draw a curve: ``path`` in the notation of SVG, unfilled, ``width`` thick."""
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self._parts.append(
            f'<path d="{path}" fill="none" stroke="{stroke}" stroke-width="{_n(width)}" '
            f'stroke-opacity="{_n(opacity)}"{dashes}/>'
        )

    def ring(self, x: float, y: float, outer: float, inner: float, start: float, end: float, fill: str) -> None:
        """Draw a piece of a ring from ``start`` to ``end`` (fractions of the round, from the top, clockwise)."""
        if end - start >= 0.9999:  # an arc that ends where it starts is no arc: draw two halves
            self.ring(x, y, outer, inner, start, start + 0.5, fill)
            self.ring(x, y, outer, inner, start + 0.5, start + 0.9999, fill)
            return
        points = [
            (x + radius * math.sin(math.tau * at), y - radius * math.cos(math.tau * at))
            for radius, at in ((outer, start), (outer, end), (inner, end), (inner, start))
        ]
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = points
        large = int(end - start > 0.5)
        self._parts.append(
            f'<path d="M{_n(ax)} {_n(ay)} A{_n(outer)} {_n(outer)} 0 {large} 1 {_n(bx)} {_n(by)} '
            f'L{_n(cx)} {_n(cy)} A{_n(inner)} {_n(inner)} 0 {large} 0 {_n(dx)} {_n(dy)} Z" '
            f'fill="{fill}" stroke="#ffffff" stroke-width="1.5"/>'
        )

    def finish(self, title: str) -> str:
        """The SVG as text; ``title`` is read aloud by programs for the blind."""
        body = "".join(self._parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_n(self.width)}" height="{_n(self.height)}" '
            f'viewBox="0 0 {_n(self.width)} {_n(self.height)}" role="img" font-family="{FONTS}">'
            f"<title>{escape(clean(title))}</title>{body}</svg>"
        )


def _n(value: float) -> str:
    """A coordinate with two decimals at most."""
    return f"{value:.2f}".rstrip("0").rstrip(".")

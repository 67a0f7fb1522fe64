"""Cells of worksheets made from texts, numbers, facts and figures (单元格)."""

from __future__ import annotations

from fractions import Fraction

from qingyuan.audit.worksheets import EMPTY, Cell, Context, Origin
from qingyuan.figures.derivation import Figure, Term
from qingyuan.language import Message, Name, message

SITE_NAME = message("全厂")


def text_cell(value: Message | Name | str | None, origin: Origin = "fact", ref: str = "") -> Cell:
    """A text; nothing stays an empty cell."""
    return EMPTY if value is None or value == "" else Cell(value, origin, ref)


def number_cell(value: float | Fraction | None, origin: Origin = "fact", ref: str = "") -> Cell:
    """A number; None stays an empty cell."""
    return EMPTY if value is None else Cell(float(value), origin, ref)


def term_cell(term: Term | None, unit: str = "") -> Cell:
    """A term as a number, in another unit where one is given."""
    if term is None:
        return EMPTY
    shown = term.to(unit) if unit else term
    first = next(iter(term.facts()), None)
    return Cell(shown.value, "fact", str(first.where) if first is not None else "")


def figure_cell(figure: Figure | None) -> Cell:
    """A figure as a number, with its key."""
    return EMPTY if figure is None else Cell(figure.value, "figure", figure.key)


def item_name(context: Context, item: str) -> Name:
    """The catalogue's name of an item, else the plant's own."""
    return context.ledger.label(item)


def place_name(name: str) -> Message | str:
    """A place's name; the site's where it is empty."""
    return name or SITE_NAME


def yes_no(known: bool) -> Cell:
    """Yes or no."""
    return Cell(message("是") if known else message("否"), "computed")


def no_period(context: Context) -> tuple[Message, ...]:
    """What is missing where no period can be used."""
    return () if context.result.period else (message("没有可用的年度数据"),)


def signed_percent(share: float) -> str:
    """A relative change in per cent with its sign, as numbers of a report have it: −14.5%."""
    return f"{share:+.1%}".replace("-", "−")


def range_cell(low: Fraction, high: Fraction) -> Cell:
    """A number, or from low to high in words."""
    if low == high:
        return number_cell(low, "computed")
    return text_cell(message("{low} 至 {high}", low=f"{float(low):g}", high=f"{float(high):g}"), "computed")


def score_cell(low: Fraction, high: Fraction, origin: Origin) -> Cell:
    """A score; one that is not given yet as the span that the totals count it with, and as missing."""
    if low == high:
        return number_cell(low, origin)
    return Cell(range_cell(low, high).value, "missing")

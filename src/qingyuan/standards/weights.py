"""Weights of the rows that take part, as exact shares of the whole: renormalisation, blocks, empty groups.

Source: 清洁生产评价指标体系编制通则 (joint announcement 2013 No. 33) for rows that do not apply. What happens to groups
without any row and to unknown shares is this project's choice and is reported with every result.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from qingyuan.language import Name
from qingyuan.standards.formula import Formula, FormulaError
from qingyuan.standards.model import Block, Group, Indicator, Number, Table, value_at

# Published weights are rounded (three rows of 0.33): a sum this near to 1 is taken for 1 and said so.
ROUNDING = Fraction(11, 1000)

WeightsForm = Literal["inside-group", "of-whole"]


@dataclass(frozen=True, slots=True)
class Piece:
    """Weight that belongs to one row, or to several rows together in a split that is not known.

    ``share`` is a share of the whole (all pieces make 1).
    """

    rows: tuple[str, ...]
    share: Fraction

    @property
    def known(self) -> bool:
        """Whether one row has it alone."""
        return len(self.rows) == 1


@dataclass(frozen=True, slots=True)
class Weights:
    """The pieces of a table for one plant.

    ``empty_groups`` lost their weight to the other groups; in ``empty_blocks`` (named by their group) a block lost its
    weight to the other rows of the group.
    """

    pieces: tuple[Piece, ...]
    empty_groups: tuple[Name, ...] = ()
    empty_blocks: tuple[Name, ...] = ()

    def of(self, row: str) -> Fraction | None:
        """The row's share of the whole: 0 where it takes no part, None where its block's split is unknown."""
        for piece in self.pieces:
            if row in piece.rows:
                return piece.share if piece.known else None
        return Fraction(0)

    def shared(self, row: str) -> Fraction:
        """The share of the piece that the row is in: its own weight, or the weight of its block."""
        return next((piece.share for piece in self.pieces if row in piece.rows), Fraction(0))


def published_total(group: Group, n: Fraction | None = None) -> Fraction | None:
    """Sum of the published second-level weights of a group: rows outside blocks, and each block once.

    Of rows that are alternatives to each other one counts. None where a weight was not read or depends on a number
    that is not given.
    """
    total = Fraction(0)
    seen: set[str] = set()
    for row in group.loose():
        if row.alternatives:
            if row.alternatives in seen:
                continue
            seen.add(row.alternatives)
        if row.weight is None:
            return None
        value = _value(row.weight, n)
        if value is None:
            return None
        total += value
    for block in group.blocks:
        value = _value(block.weight, n)
        if value is None:
            return None
        total += value
    return total


def _value(number: Number, n: Fraction | None) -> Fraction | None:
    try:
        return value_at(number, n)
    except FormulaError:
        return None


def weights_form(table: Table) -> WeightsForm | None:
    """How the table prints its second-level weights: inside each group (sum 1) or as shares of the whole (sum w_i).

    None where neither form fits all groups, or where no group says enough.
    """
    fits: dict[WeightsForm, bool] = {"inside-group": True, "of-whole": True}
    any_known = False
    for group in table.groups:
        total = published_total(group)
        if total is None:
            continue
        any_known = True
        fits["inside-group"] &= abs(total - 1) <= ROUNDING
        fits["of-whole"] &= group.weight is not None and abs(total - group.weight) <= ROUNDING
    if not any_known:
        return None
    if fits["inside-group"]:
        return "inside-group"
    return "of-whole" if fits["of-whole"] else None


def spread(
    table: Table,
    taking_part: Collection[str],
    *,
    outputs: Mapping[str, Fraction] | None = None,
    n: Fraction | None = None,
) -> Weights | None:
    """Share the weight of the whole over the rows that take part.

    A group's weight goes to its rows in proportion to their weights, a block's to its rows by its own rule; a block
    without rows leaves its weight to the other rows of the group, a group without rows to the other groups, both in
    proportion. Since everything is in proportion, both published forms of weights (``weights_form``) give the same.

    ``taking_part``: ids of rows that apply and have a benchmark. ``outputs``: amount of output behind each row of a
    block of share "output", by row id; a row of such a block that is absent leaves the split unknown. ``n``: the
    variable of weights outside blocks. None is returned where a group's weight was not read: then nothing can be
    shared. Raises FormulaError where a weight needs ``n``, ValueError where no row takes part.
    """
    groups = [(group, _inside(group, taking_part, outputs, n)) for group in table.groups]
    filled = [(group, pieces) for group, pieces in groups if pieces]
    if not filled:
        raise ValueError("no row takes part")
    total = Fraction(0)
    for group, _ in filled:
        if group.weight is None:
            return None
        total += group.weight
    found: list[Piece] = []
    for group, pieces in filled:
        share = (group.weight or Fraction(0)) / total
        inside = sum((piece.share for piece in pieces), Fraction(0))
        found.extend(Piece(piece.rows, share * piece.share / inside) for piece in pieces)
    empty = tuple(group.name for group, pieces in groups if not pieces and group.weight)
    blocks = tuple(
        group.name
        for group, _ in filled
        for block in group.blocks
        if not any(row.id in taking_part for row in group.in_block(block.id))
    )
    return Weights(tuple(found), empty, blocks)


def _inside(
    group: Group,
    taking_part: Collection[str],
    outputs: Mapping[str, Fraction] | None,
    n: Fraction | None,
) -> list[Piece]:
    """The pieces of one group with weights as published (not yet in proportion)."""
    pieces: list[Piece] = []
    unread = [row for row in group.loose() if row.weight is None]
    for row in group.loose():
        if row.id in taking_part and row.weight is not None:
            pieces.append(Piece((row.id,), value_at(row.weight, n)))
    for block in group.blocks:
        rows = [row for row in group.in_block(block.id) if row.id in taking_part]
        if rows:
            pieces.extend(_block(block, rows, outputs, n))
    applying = tuple(row.id for row in unread if row.id in taking_part)
    if applying:
        rest = _unread_weight(group, n)
        if rest > 0:
            pieces.append(Piece(applying, rest))
    return [piece for piece in pieces if piece.share > 0]


def _unread_weight(group: Group, n: Fraction | None) -> Fraction:
    """What the weights that were read leave to the rows whose weight was not: 1 less their sum.

    Of rows that are alternatives to each other one counts.
    """
    seen: set[str] = set()
    rest = Fraction(1)
    for row in group.loose():
        if row.weight is None or (row.alternatives and row.alternatives in seen):
            continue
        seen.add(row.alternatives)
        rest -= value_at(row.weight, n)
    return rest - sum((value_at(block.weight, n) for block in group.blocks), Fraction(0))


def unread_weight(group: Group) -> Fraction | None:
    """The weight left to rows of a group whose weight was not read; None where every weight was, or depends on n."""
    if all(row.weight is not None for row in group.loose()):
        return None
    try:
        return _unread_weight(group, None)
    except FormulaError:
        return None


def _block(
    block: Block, rows: list[Indicator], outputs: Mapping[str, Fraction] | None, n: Fraction | None
) -> list[Piece]:
    weight = block_weight(block, rows, n)
    ids = tuple(row.id for row in rows)
    if len(rows) == 1:
        return [Piece(ids, weight)]
    if block.share in ("count", "equal"):
        return [Piece((id,), weight / len(ids)) for id in ids]
    if block.share == "output" and outputs is not None and all(id in outputs for id in ids):
        total = sum((outputs[id] for id in ids), Fraction(0))
        return [Piece((id,), weight * outputs[id] / total) for id in ids]
    return [Piece(ids, weight)]


def block_weight(block: Block, rows: Collection[Indicator], n: Fraction | None) -> Fraction:
    """A block's weight inside its group; a formula of a block that is shared by count takes the number of rows."""
    if isinstance(block.weight, Formula) and block.weight.variable and block.share == "count":
        return block.weight.at(len(rows))
    return value_at(block.weight, n)

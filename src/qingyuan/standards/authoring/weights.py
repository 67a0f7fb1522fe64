"""Weights of an entered table on one scale, and the blocks of rows that share a weight."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from qingyuan.errors import Severity
from qingyuan.language import Message, listing, message
from qingyuan.standards.authoring.cells import WeightCell, weight_cell
from qingyuan.standards.authoring.layout import COLUMN
from qingyuan.standards.authoring.reader import TableSheet
from qingyuan.standards.formula import Formula, decimal_text, parse_formula
from qingyuan.standards.model import Number
from qingyuan.standards.toml_writer import number_data

_PERCENT_FROM = Fraction(3, 2)  # a weight above this is no share of 1


class Weights:
    """The weights of a sheet on one scale: shares of 1, whatever was typed (0.15, 15, 15%)."""

    def __init__(self, sheet: TableSheet, rows: set[int]) -> None:
        self.sheet = sheet
        self.cells: dict[tuple[int, str], WeightCell] = {}
        for key in ("group_weight", "weight", "block_weight"):
            for row in sorted(rows):
                self._read(row, key)
        self.scale = {
            "group_weight": self._scale("group_weight"),
            "weight": self._scale("weight", "block_weight"),
        }
        self.scale["block_weight"] = self.scale["weight"]

    def _read(self, row: int, key: str) -> None:
        if not self.sheet.typed_here(row, key):
            return
        cell = self.sheet.cell(row, key)
        if cell is None:
            return
        found = weight_cell(cell, self.sheet.percent(row, key))
        if found.issue is not None:
            self.sheet.reader.issue(self.sheet.spot(row, key), found.issue, cell)
        self.cells[row, key] = found

    def _scale(self, *keys: str) -> Fraction:
        plain = [
            (row, key, found.shared or found.number)
            for (row, key), found in self.cells.items()
            if key in keys and not found.hundredths and (found.shared or isinstance(found.number, Fraction))
        ]
        above = [(row, key) for row, key, number in plain if isinstance(number, Fraction) and number > _PERCENT_FROM]
        if not above:
            return Fraction(1)
        text = message("权重大于 1，整列按百分数读入（15 即 0.15）")
        self.sheet.remark(*above[0], "form-weight-percent", text, Severity.NOTE)
        return Fraction(1, 100)

    def of(self, row: int, key: str) -> Number | None:
        """One weight as a share of 1; None where there is none."""
        found = self.cells.get((row, key))
        if found is None or found.number is None:
            return None
        scale = Fraction(1) if found.hundredths else self.scale[key]
        if isinstance(found.number, Fraction):
            return found.number * scale
        if scale == 1:
            return found.number
        if found.shared is not None:
            return parse_formula(f"{decimal_text(found.shared * scale, 12)}/{found.number.variable}")
        text = message("这一列是百分数，公式的刻度不明")
        self.sheet.error(row, key, "form-weight", text, message("整列改为小数"))
        return found.number

    def shared(self, row: int) -> Fraction | None:
        """The total of a weight typed as 0.8/n."""
        found = self.cells.get((row, "weight"))
        if found is None or found.shared is None:
            return None
        return found.shared * (Fraction(1) if found.hundredths else self.scale["weight"])

    def group(self, rows: list[int]) -> Fraction | None:
        """A group's weight, from whichever of its rows has it."""
        found: dict[Fraction, int] = {}
        for row in rows:
            weight = self.of(row, "group_weight")
            if isinstance(weight, Formula):
                self.sheet.error(row, "group_weight", "form-weight", message("一级权重不能含变量"))
            elif weight is not None:
                found.setdefault(weight, row)
        if len(found) > 1:
            text = message("同一组有几个一级权重")
            shown = listing(decimal_text(weight) for weight in found)
            self.sheet.error(list(found.values())[1], "group_weight", "form-group-differs", text, found=shown)
        return next(iter(found), None)


@dataclass(slots=True)
class _Block:
    id: str
    weight: Number | None
    share: str | None
    first: int


class Blocks:
    """The blocks of one group, in the order of their first rows."""

    def __init__(self, sheet: TableSheet, weights: Weights, where: str) -> None:
        self.sheet = sheet
        self.weights = weights
        self.where = where
        self.found: dict[str, _Block] = {}
        self.running: tuple[str, str] = ("", "")  # what joins consecutive rows of a block without a name, and its id

    def of(self, row: int) -> str:
        """The block of a row, "" for none; what the row says of the block is added to it."""
        sheet = self.sheet
        name = sheet.text(row, "block")
        share = sheet.choice(row, "block_share")
        merged = sheet.area.merged(row, "weight")
        tall = merged is not None and merged.rows > 1
        weight = self.weights.of(self._typed_at(row, "block_weight"), "block_weight")
        shared = self.weights.shared(self._typed_at(row, "weight"))
        if weight is None and tall:
            weight = shared if shared is not None else self.weights.of(self._typed_at(row, "weight"), "weight")
        if not name:
            name = self._unnamed(row, share, tall, shared)
        if not name:
            self.running = ("", "")
            if sheet.cell(row, "block_weight") is not None:
                text = message("有块权重，却没有块名也没有块内分法")
                sheet.error(row, "block_weight", "form-block", text, message("在“共用权重的块”填同一个名称"))
            return ""
        block = self.found.setdefault(name, _Block(name, None, None, row))
        if shared is not None and weight is None:
            weight = shared
        if shared is not None and share is None and block.share is None:
            share = "count"
        self._add(block, row, weight, share)
        self.sheet.reader.places.setdefault(f"{self.where}/{name}", sheet.spot(block.first, "block"))
        return name

    def _typed_at(self, row: int, key: str) -> int:
        return self.sheet.area.value(row, key)[1]

    def _unnamed(self, row: int, share: str | None, tall: bool, shared: Fraction | None) -> str:
        """An id for a block that has no name: rows that follow each other and share a cell, a way or 0.8/n."""
        sheet = self.sheet
        if tall:
            mark = f"merged {self._typed_at(row, 'weight')}"
            if share is None and shared is None and self.running[0] != mark:
                text = message("二级权重的格子跨了几行：几行共用一份权重，要写明怎样分")
                sheet.error(row, "block_share", "form-block-share", text, _share_options(), sheet.cell(row, "weight"))
        elif shared is not None:
            mark = f"shared {decimal_text(shared, 12)}"
        elif share is not None:
            mark = (
                f"{share} {self._typed_at(row, 'block_share')}" if not sheet.typed_here(row, "block_share") else share
            )
        else:
            return ""
        if self.running[0] != mark:
            self.running = (mark, f"b{len(self.found) + 1}")
            if shared is not None:
                text = message("“{x}/n”按几行共用一份权重 {x} 读入，参评几项就除以几", x=decimal_text(shared))
                sheet.remark(row, "weight", "form-shared-weight", text, Severity.NOTE)
        return self.running[1]

    def _add(self, block: _Block, row: int, weight: Number | None, share: str | None) -> None:
        if weight is not None:
            if block.weight is not None and block.weight != weight:
                self.sheet.error(row, "block_weight", "form-block-differs", message("同一块有几个块权重"))
            block.weight = weight
        if share is not None:
            if block.share is not None and block.share != share:
                self.sheet.error(row, "block_share", "form-block-differs", message("同一块有几种分法"))
            block.share = share

    def data(self) -> list[dict[str, Any]]:
        """The blocks as the document declares them."""
        for block in self.found.values():
            if block.weight is None:
                text = message("块“{id}”没有块权重", id=block.id)
                self.sheet.error(block.first, "block_weight", "form-block", text, message("这几行合计的权重，如 0.5"))
            if block.share is None:
                text = message("块“{id}”没有写块内分法", id=block.id)
                self.sheet.error(block.first, "block_share", "form-block-share", text, _share_options())
        return [
            {"id": block.id, "weight": number_data(block.weight), "share": block.share}
            for block in self.found.values()
            if block.weight is not None and block.share is not None
        ]


def _share_options() -> Message:
    return message("{x} 之一", x=listing(choice.name for choice in COLUMN["block_share"].choices))

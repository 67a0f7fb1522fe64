"""What one row of an entered table asks: kind, unit, direction, strictness, levels or benchmark."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from qingyuan.errors import Severity
from qingyuan.language import Name, message
from qingyuan.standards.answers import level_word
from qingyuan.standards.authoring.cells import (
    LevelCell,
    known_unit,
    level_cell,
    levels_list,
    long_text,
    same_unit,
    text_of,
    unit_of,
)
from qingyuan.standards.authoring.reader import TableSheet
from qingyuan.standards.formula import decimal_text
from qingyuan.standards.model import LEVELS, Level, Number
from qingyuan.standards.toml_writer import number_data

_UNIT_IN_NAME = re.compile(r"[(（,，/]\s*(?P<unit>[^()（）,，]{1,20})[)）]?\s*$")


class Requirements:
    """What one row asks: kind, unit, direction, levels or benchmark, from the cells as they are printed."""

    def __init__(self, sheet: TableSheet, row: int, data: dict[str, Any]) -> None:
        self.sheet = sheet
        self.row = row
        self.data = data
        self.unit = unit_of(sheet.text(row, "unit"))
        keys = LEVELS if sheet.scheme == "levels" else ("benchmark", "base")
        self.cells: dict[str, LevelCell] = {
            key: level_cell(sheet.cell(row, key), sheet.percent(row, key), self.unit) for key in keys
        }

    def read(self) -> None:
        """Add kind, unit, better, strict, levels, no_requirement, open, benchmark and base to the row's data."""
        self._dashes()
        kind = self._kind()
        self.data["kind"] = kind
        if kind == "quantitative":
            self._quantitative()
        else:
            if self.unit:
                self.data["unit"] = self.unit
            better = self.sheet.choice(self.row, "better")
            if better is not None:
                self.data["better"] = better
        if self.sheet.scheme == "levels":
            self._levels(kind)
        else:
            self._benchmarks(kind)
        self.data = self.data

    def _filled(self) -> dict[str, LevelCell]:
        return {key: cell for key, cell in self.cells.items() if not cell.empty and not cell.dash}

    def _dashes(self) -> None:
        """Read "--": at every level, the row has no benchmark yet; at some, nothing is required there."""
        if self.sheet.scheme != "levels":
            return
        named = levels_list(self.sheet.cell(self.row, "no_requirement"))
        if named is None:
            expected = message("Ⅲ，或 Ⅱ、Ⅲ")
            self.sheet.error(self.row, "no_requirement", "form-choice", message("不是级别"), expected)
            named = ()
        free = set(named)
        dashed = [level for level in LEVELS if self.cells[level].dash]
        if len(dashed) == len(LEVELS) and not named and not self.data.get("open"):
            self.data["open"] = True
            text = message("三级都是“--”，按尚无基准值（不参评）读入")
            self.sheet.remark(self.row, "I", "form-open", text)
        elif dashed and not self.data.get("open"):
            for level in dashed:
                if level not in free:
                    text = message("“--”按这一级不作要求读入，请与原文核对")
                    self.sheet.remark(self.row, level, "form-no-requirement", text)
                free.add(level)
        if free:
            self.data["no_requirement"] = [level for level in LEVELS if level in free]

    def _kind(self) -> str:
        stated = self.sheet.choice(self.row, "kind")
        if stated is not None:
            return stated
        filled = self._filled()
        numeric = {key: cell for key, cell in filled.items() if cell.numeric}
        if self.unit:
            return "quantitative"
        if filled and len(numeric) == len(filled):
            return "quantitative"
        if numeric and self.sheet.scheme == "levels":
            text = message("有的级是数、有的是文字，按定性指标读入；是定量指标就填单位")
            self.sheet.remark(self.row, next(iter(numeric)), "form-kind", text)
        return "qualitative"

    # --- quantitative ---

    def _quantitative(self) -> None:
        self._find_unit()
        if self.unit:
            self.data["unit"] = self.unit
        self._direction()
        self._strictness()

    def _find_unit(self) -> None:
        """The row's unit: of its column, of its cells (85%), or of its name; they must not contradict each other."""
        for key, cell in self._filled().items():
            if not cell.unit or not cell.numeric:
                continue
            if not self.unit:
                self.unit = unit_of(cell.unit)
            elif not same_unit(cell.unit, self.unit):
                text = message("这一格的单位“{a}”与单位栏“{b}”不同", a=cell.unit, b=self.unit)
                self.sheet.error(self.row, key, "form-unit", text)
        if self.unit:
            return
        match = _UNIT_IN_NAME.search(self.sheet.text(self.row, "name"))
        if match and known_unit(match["unit"]) not in (None, "1"):
            self.unit = unit_of(match["unit"])
            text = message("单位栏空着，取名称里的“{unit}”", unit=self.unit)
            self.sheet.remark(self.row, "unit", "form-unit-from-name", text, Severity.NOTE)
            return
        expected = message("单位，如 kgce/t、%；没有量纲写 1；若是定性指标，在“定量/定性”里选“定性”")
        self.sheet.error(self.row, "unit", "form-no-unit", message("定量指标没有写单位"), expected)

    def _direction(self) -> None:
        stated = self.sheet.choice(self.row, "better")
        signs = {cell.direction for cell in self._filled().values() if cell.direction is not None}
        if len(signs) > 1:
            text = message("同一行的基准值有的写“≤”，有的写“≥”")
            first = next(key for key, cell in self._filled().items() if cell.direction)
            self.sheet.error(self.row, first, "form-direction", text, message("各级同一方向"))
        elif stated and signs and stated not in signs:
            self.sheet.error(self.row, "better", "form-direction", message("方向与基准值前的符号相反"))
        better = stated or next(iter(signs), None) or self._direction_of_order()
        if better is not None:
            self.data["better"] = better
        elif self._filled() and not self.sheet.partial:
            expected = message("基准值写成 ≤8 或 ≥85%，或在“方向”里选")
            text = message("看不出越大越好还是越小越好")
            self.sheet.error(self.row, "better", "form-no-direction", text, expected)

    def _direction_of_order(self) -> str | None:
        numbers = [cell.number for cell in self._filled().values() if isinstance(cell.number, Fraction)]
        if len(numbers) < 2 or numbers[0] == numbers[-1]:
            return None
        better = "lower" if numbers[0] < numbers[-1] else "higher"
        word = Name("越小越好", "lower is better") if better == "lower" else Name("越大越好", "higher is better")
        text = message("基准值没有“≤”“≥”，按次序判为{word}", word=word)
        self.sheet.remark(self.row, "I", "form-direction-guessed", text)
        return better

    def _strictness(self) -> None:
        stated = self.sheet.flag(self.row, "strict")
        signs = {key: cell.strict for key, cell in self._filled().items() if cell.strict is not None}
        if len(set(signs.values())) > 1:
            odd = next(key for key, strict in signs.items() if strict)
            text = message("同一行有的级含界限值（≤），有的不含（<），一行只能是一种")
            self.sheet.error(self.row, odd, "form-strict", text, message("全行都用“≤”“≥”，或都用“<”“>”"))
        elif stated is not None and signs and stated is not next(iter(signs.values())):
            self.sheet.error(self.row, "strict", "form-strict", message("“严格不等”与基准值前的符号矛盾"))
        if stated or (stated is None and True in signs.values()):
            self.data["strict"] = True

    def _bound(self, key: str, cell: LevelCell) -> Number | None:
        """The bound of a cell: of a range the end on the worse side."""
        if cell.ends is None:
            return cell.number
        better = self.data.get("better")
        if better is None:
            return None
        bound = cell.ends[1] if better == "lower" else cell.ends[0]
        text = message("给出的是范围，取 {bound} 为这一级的界限", bound=decimal_text(bound))
        self.sheet.remark(self.row, key, "form-range", text)
        return bound

    # --- levels and benchmarks ---

    def _levels(self, kind: str) -> None:
        if self.data.get("open"):
            for key, cell in self._filled().items():
                if not cell.dash:
                    self.sheet.error(self.row, key, "form-open", message("标为尚无基准值，却写了基准值"))
            return
        levels: dict[str, Any] = {}
        for position, level in enumerate(LEVELS):
            cell = self.cells[level]
            if cell.dash and kind == "quantitative":
                better = next((levels[key] for key in reversed(LEVELS[:position]) if key in levels), None)
                if better is not None:
                    levels[level] = better
                continue
            if cell.empty:
                self._missing(level, kind)
            elif kind == "qualitative":
                levels[level] = long_text(self.sheet.cell(self.row, level)).strip()
            elif not cell.numeric:
                expected = message("≤8、≥85%、<30、10+5*n 这样的界限；若这一格是文字，把此行改为定性、单位留空")
                self.sheet.error(self.row, level, "form-level", message("不是数"), expected)
            elif (bound := self._bound(level, cell)) is not None:
                levels[level] = number_data(bound)
        if levels:
            self.data["levels"] = levels
        self._percent_lost(kind)

    def _missing(self, level: Level, kind: str) -> None:
        if self.sheet.partial:
            return
        text = message("{level}没有填", level=level_word(level))
        expected = (
            message("与相邻级相同时合并单元格或重复内容；原文为“--”就照写")
            if kind == "qualitative"
            else message("这一级的基准值；原文为“--”就照写")
        )
        self.sheet.error(self.row, level, "form-no-level", text, expected)

    def _percent_lost(self, kind: str) -> None:
        """A level of 0.85 in % is most often 85 % that the spreadsheet turned into a fraction."""
        if kind != "quantitative" or self.unit != "%" or self.data.get("better") != "higher":
            return
        numbers = [cell.number for cell in self._filled().values() if isinstance(cell.number, Fraction)]
        if numbers and all(0 < number <= 1 for number in numbers):
            text = message("单位是 %，各级却都不超过 1：若原文是 85%，请写 85")
            self.sheet.remark(self.row, "I", "form-percent-lost", text)

    def _benchmarks(self, kind: str) -> None:
        for key, cell in self.cells.items():
            if cell.empty:
                continue
            typed = self.sheet.cell(self.row, key)
            if isinstance(typed, (int, float)) and not isinstance(typed, bool) and cell.number is not None:
                self.data[key] = number_data(cell.number)
            elif (
                kind == "quantitative" and (bound := self._bound(key, cell)) is not None and isinstance(bound, Fraction)
            ):
                self.data[key] = number_data(bound)
            else:
                self.data[key] = text_of(typed)

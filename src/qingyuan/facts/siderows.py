"""Rows of every table but the facts: monitoring, machines, options, places, answers to indicators, evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from qingyuan import units
from qingyuan.errors import Severity, UnknownName
from qingyuan.facts import naming
from qingyuan.facts.cells import Cell, cell_text, plain, read_quantity
from qingyuan.facts.model import Basis, Equipment, Evidence, Judgement, Monitoring, OptionRow, Place
from qingyuan.facts.places import place_name
from qingyuan.facts.raw import Problems, RawTable, Row, basis_of, joined, rows_of
from qingyuan.facts.words import word_id
from qingyuan.language import listing, message
from qingyuan.reference.items import catalogue

_LEVELS: Final = ("I", "II", "III", "none", "yes", "no", "n/a")
# Headings that say more than their column: kept with their text among the details of an option.
_QUALIFIED = re.compile(r"_(?:per|at)_")
_POWER_RANGE = re.compile(r"(\d+(?:\.\d+)?) ?(?:-|~|至|到) ?(\d+(?:\.\d+)?)(.*)")


def read_monitoring(table: RawTable, plant: str, problems: Problems) -> Iterator[Monitoring]:
    """The monitoring results of a table; rows without an outlet or pollutant are errors."""
    for row in rows_of(table, problems):
        outlet, label = row.text("outlet"), row.text("pollutant")
        if not outlet or not label:
            key = "pollutant" if outlet else "outlet"
            row.problem(key, "monitoring-incomplete", message("缺监测点或污染物"), message("监测点和污染物的名称"))
            continue
        reading = row.quantity("concentration", limit_suffix=True)
        unit = _monitoring_unit(row, reading.unit)
        pollutant = _pollutant(row, label)
        basis, odd = basis_of(row, Basis.MONITORING)
        yield Monitoring(
            plant=row.words("plant") or plant,
            outlet=outlet,
            pollutant=pollutant,
            date=row.period("date"),
            state=reading.state,
            concentration=reading.number,
            unit=unit,
            limit=row.words("limit"),
            flow_m3_h=row.number_in("flow_m3_h", "m3/h"),
            rate_kg_h=row.number_in("rate_kg_h", "kg/h"),
            rate_limit_kg_h=row.number_in("rate_limit_kg_h", "kg/h"),
            stack_m=row.number_in("stack_m", "m"),
            medium=_medium(row.words("medium"), unit, pollutant),
            basis=basis,
            note=joined(row.text("note"), reading.remark, odd),
            label=label,
            where=row.where("concentration"),
        )


def _monitoring_unit(row: Row, in_cell: str) -> str:
    index = row.table.columns.get("concentration", -1)
    unit = in_cell or row.words("unit") or row.table.unit_of_column.get(index, "")
    try:
        units.canonical(unit)
    except UnknownName as error:
        near = listing(units.UnitText(name) for name in error.suggestions or ("mg/L",))
        row.problem(
            "unit", "unit-unknown", message("不认识的单位“{unit}”", unit=unit), message("例如 {names}", names=near)
        )
    return unit


def _pollutant(row: Row, label: str) -> str:
    named = naming.named_item(label, "pollutant")
    for issue in named.issues:
        row.problems.issue(issue, row.where("pollutant"), label, once=("pollutant", label))
    return named.item


@lru_cache(maxsize=4096)
def _medium(text: str, unit: str, pollutant: str) -> str:
    """The medium as written, else as the unit or the pollutant shows it: water, air, noise."""
    if text:
        return word_id("medium", text) or text
    try:
        dimension = units.dimension(unit) if unit else ""
    except UnknownName:
        return ""
    if dimension == "sound level":
        return "noise"
    if dimension in {"mass/normal gas volume", "toxic equivalent/normal gas volume"}:
        return "air"
    canonical = units.canonical(unit) if unit else ""
    if dimension == "mass/volume":
        return "air" if canonical.endswith("/m3") else "water"
    media = catalogue().get(pollutant).media if pollutant in catalogue() else ()
    return media[0] if len(media) == 1 and media[0] in {"water", "air", "noise"} else ""


def read_equipment(table: RawTable, problems: Problems) -> Iterator[Equipment]:
    """The machines of a table. A power that cannot be read is a warning and stays as printed."""
    for row in rows_of(table, problems):
        name = row.text("name")
        if not name:
            row.problem("name", "equipment-unnamed", message("没有写设备名称"), message("设备名称"))
            continue
        power, high, printed = _power(row)
        yield Equipment(
            place=place_name(row.words("place")),
            name=name,
            model=row.words("model"),
            power_kw=power,
            power_kw_high=high,
            count=row.number_in("count"),
            list_name=row.text("list"),
            note=row.text("note"),
            where=row.where("name"),
            power_printed=printed,
            details=tuple(sorted(row.extras())),
        )


def _power(row: Row) -> tuple[float | None, float | None, str]:
    """Power and upper power in kW, and the printed text: 3KW, 220W, 50-60, 5Kkw."""
    printed = row.text("power_printed")
    cell, high = row.cell("power_kw"), row.number_in("power_kw_high", "kW")
    if cell in ("", None) and printed and "power_kw" not in row.table.columns:
        cell = printed
    if not isinstance(cell, str):
        return row.number_in("power_kw", "kW"), high, printed
    text = plain(cell)
    if match := _POWER_RANGE.fullmatch(text):
        low, top = (_kilowatts(f"{match[group]}{match[3]}") for group in (1, 2))
        if low is not None and top is not None:
            return low, high if high is not None else top, printed or cell.strip()
    reading = read_quantity(text)
    if reading.number is None and not reading.failed:
        return None, high, printed
    kilowatts = _kilowatts(text)
    if kilowatts is None:
        row.problem(
            "power_kw",
            "power-unreadable",
            message("功率读不出，只保留原文"),
            message("以 kW 计的数"),
            Severity.WARNING,
        )
        return None, high, printed or cell.strip()
    return kilowatts, high, printed


def _kilowatts(text: str) -> float | None:
    reading = read_quantity(text)
    if reading.number is None or reading.failed:
        return None
    try:
        return units.convert(reading.number, reading.unit or "kW", "kW")
    except (UnknownName, units.DimensionError):
        return None


def read_options(table: RawTable, problems: Problems) -> Iterator[OptionRow]:
    """The options of a table; an option without a number is numbered by its row."""
    qualified = [
        key
        for key in ("annual_saving", "effects", "investment", "payback_years")
        if _QUALIFIED.search(table.headings.get(table.columns.get(key, -1), ""))
    ]
    for row in rows_of(table, problems):
        name = row.text("name")
        if not name:
            row.problem("name", "option-unnamed", message("没有写方案名称"), message("方案名称"))
            continue
        kind = row.words("kind")
        said = tuple((table.headings[table.columns[key]], text) for key in qualified if (text := row.text(key)))
        details = tuple(sorted(row.extras() + said))
        investment = row.number_in("investment", "10^4 CNY")
        if investment is not None and investment < 0:
            row.problem("investment", "option-investment", message("投资额不能是负数"), message("0 或正数（万元）"))
        yield OptionRow(
            id=row.text("id") or str(row.number),
            name=name,
            aspect=row.words("aspect"),
            kind=word_id("cost", kind) or kind,
            investment=investment,
            annual_saving=row.number_in("annual_saving", "10^4 CNY"),
            payback_years=row.number_in("payback_years", "a"),
            effects=row.words("effects"),
            status=row.words("status"),
            note=row.text("note"),
            where=row.where("name"),
            details=details,
        )


def read_places(table: RawTable, problems: Problems) -> Iterator[Place]:
    """The places of a table, with their parents, kinds and products."""
    seen: set[str] = set()
    for row in rows_of(table, problems):
        name = place_name(row.text("name"))
        if not name:
            continue  # the site itself may be listed and needs no row
        if name in seen:
            row.problem("name", "place-twice", message("场所“{name}”写了两次", name=name), message("一个场所一行"))
            continue
        seen.add(name)
        kind = row.words("kind")
        products = re.split(r"[；;|]", row.words("products"))
        yield Place(
            name=name,
            parent=place_name(row.words("parent")),
            kind=word_id("place_kind", kind) or kind,
            products=tuple(naming.product_id(product.strip()) for product in products if product.strip()),
        )


def read_judgements(table: RawTable, problems: Problems) -> Iterator[Judgement]:
    """The answers to indicators; rows without any answer, evidence or note are places to fill in and are left out."""
    for row in rows_of(table, problems):
        indicator = row.text("indicator")
        raw = row.cell("answer")
        evidence, note = row.text("evidence"), row.text("note")
        blank = raw in ("", None) and ("answer" not in row.table.columns or not row.text("answer"))
        if not indicator:
            if not blank:
                row.problem("indicator", "indicator-unnamed", message("回答没有指标编号"), message("指标编号"))
            continue
        if blank and not evidence and not note:
            continue
        answer = _answer(row, raw)
        yield Judgement(indicator, answer, evidence, note, row.where("answer"))


def _answer(row: Row, raw: Cell) -> float | str | None:
    """A number, "I", "II", "III", "none", "yes", "no", "n/a", or None where nothing was answered."""
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    if isinstance(raw, str):
        word = word_id("level", raw) if not _is_number(raw) else None
        if word in _LEVELS:
            return word
    reading = row.quantity("answer")
    if reading.failed or reading.number is None:
        return None
    if reading.unit and reading.unit != "%":
        row.problem(
            "answer",
            "answer-unit",
            message("回答里不要写单位，按该指标的单位填数"),
            message("一个数，或级别"),
        )
    return reading.number


def _is_number(text: str) -> bool:
    reading = read_quantity(text)
    return reading.number is not None and not reading.unit


def read_evidence(table: RawTable, problems: Problems) -> Iterator[Evidence]:
    """The list of evidence."""
    seen: set[str] = set()
    for row in rows_of(table, problems):
        id, title = row.text("id"), row.text("title")
        if not id:
            row.problem("id", "evidence-unnumbered", message("证据没有编号"), message("证据编号，如 E1"))
            continue
        if id in seen:
            row.problem("id", "evidence-twice", message("证据编号“{id}”写了两次", id=id), message("一个编号一份证据"))
            continue
        seen.add(id)
        kind = row.words("kind")
        yield Evidence(
            id=id,
            title=title,
            kind=kind,
            date=row.period("date"),
            file=row.words("file"),
            pages=cell_text(row.cell("pages")),
            note=row.text("note"),
            where=row.where("id"),
        )

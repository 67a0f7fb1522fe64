"""What options claim and what the plant has of it (方案效果与全厂总量): effects read from text, amounts to compare."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from qingyuan import units
from qingyuan.checks.finding import Number, shown
from qingyuan.checks.knowledge import Effect, effects, threshold
from qingyuan.checks.plant import Plant
from qingyuan.checks.solvents import Rate, rate_of
from qingyuan.checks.works import SLUDGES, raw_concentration
from qingyuan.errors import UnknownName
from qingyuan.facts.effects import stated_per
from qingyuan.facts.model import Case, OptionRow, State
from qingyuan.figures.monitoring import Series
from qingyuan.language import Name, message
from qingyuan.reference.items import catalogue

_EFFECT = re.compile(
    # bounded and possessive: a hostile text of thousands of signs is read in linear time
    r"(?P<word>[^\d\s;；,，、+\-－=≤≥:：]{1,200}+[^\d;；,，+\-－=:：]{0,200}?)\s*[:：]?\s*(?P<sign>[-－−+＋=]|减少|降低|削减|节约|节省|提高|增加|达到|为)?\s*"
    r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>万?[A-Za-z%％°]*[\d³²]*(?:/a|/年|/y)?|万?(?:吨|立方米|千瓦时|度|公斤|千克|升|米)(?:/a|/年)?)"
)
# Of a long run without a number only its begin can be the unit of the last one, and only its end the word before the
# next: to try every start of it costs seconds.
_REACH, _UNIT = 402, 40
_LONG_RUN = re.compile(rf"[^\d;；,，]{{{_REACH + _UNIT + 1},}}")
_FORMULA = re.compile(r"(CO|SO|NO)2(?!\d)")
_DOWN = frozenset("-－−") | {"减少", "降低", "削减", "节约", "节省"}
_UP = frozenset("+＋") | {"提高", "增加"}


def title(option: OptionRow) -> Name:
    """Number and name of an option; in English "option" and the number, with the name where there is an English one."""
    named = option.title
    english = named.en if isinstance(named, Name) else named
    chinese = any("\u4e00" <= sign <= "\u9fff" for sign in english)
    return Name(f"{option.id} {option.name}", f"option {option.id}" + ("" if chinese else f" ({english})"))


@dataclass(frozen=True, slots=True)
class Claim:
    """One effect that an option claims (方案效果): its word, the direction (-1, 0 = reaches, +1), the amount a year."""

    option: OptionRow
    word: Name | str
    sign: int
    value: float
    unit: str
    effect: Effect | None

    @property
    def number(self) -> Number:
        """The claim as a side of a finding, for a whole year of the plant."""
        what = message("方案 {option}：{word}", option=title(self.option), word=self.word)
        return Number(what, self.value, self.unit, (self.option.where,))


def claims(case: Case, plant: Plant) -> tuple[Claim, ...]:
    """The effects of all options, for the whole plant and a year; effects for each unit of output times the output."""
    found: list[Claim] = []
    for option in case.options:
        scale = _scale(option, plant)
        # the digit of a formula is no amount
        text = _LONG_RUN.sub(lambda run: f"{run[0][:_UNIT]};{run[0][-_REACH:]}", _FORMULA.sub(r"\1₂", option.effects))
        for match in _EFFECT.finditer(text):
            word, unit = match["word"].strip().replace("₂", "2"), match["unit"].replace("％", "%")
            unit = re.sub(r"/(?:a|年|y)$", "", unit)
            sign = -1 if match["sign"] in _DOWN else 1 if match["sign"] in _UP else 0
            if match["sign"] is None:
                sign = -1
            value = float(match["number"])
            if unit and unit != "%":
                try:
                    unit = units.canonical(unit)
                except UnknownName:
                    continue
                value *= scale
            effect = next((one for one in effects() if one.word == word), None)
            effect = effect or next((one for one in effects() if one.word in word), None)
            called = word if effect is None else Name(word, effect.word_en)
            found.append(Claim(option, called, sign, value, unit, effect))
    return tuple(found)


def _scale(option: OptionRow, plant: Plant) -> float:
    """What the effects of an option are to be multiplied by: they may be stated for each 10 000 m2 of output."""
    per = stated_per(option)
    if per is None:
        return 1.0
    for output in plant.outputs():
        try:
            year = max(output.amounts)
            return output.amounts[year] * units.factor(output.unit, per.unit) / per.amount
        except (units.DimensionError, UnknownName, ValueError):
            continue
    return 1.0


def plant_amount(plant: Plant, effect: Effect, unit: str) -> Number | None:
    """What the plant has of the quantity that an effect changes, for the latest year that knows it."""
    for year in reversed(plant.years):
        number = _in_year(plant, effect, year)
        if number is None:
            continue
        try:
            ratio = units.factor(number.unit, unit)
        except (units.DimensionError, UnknownName):
            return None
        return Number(number.what, number.value * ratio, unit, number.rows, year, number.computed)
    return None


def _in_year(plant: Plant, effect: Effect, year: str) -> Number | None:
    kind, _, name = effect.quantity.partition(":")
    if kind == "waste":
        return _waste(plant, name, year)
    if kind == "load":
        return _load(plant, name, year)
    if kind in ("rate", "efficiency", "share", "co2"):
        return None
    if kind == "wastewater":
        return plant.waste_water.get(year)
    if kind == "electricity":
        return plant.used("electricity", year, unit="kWh")
    if kind == "fresh-water":
        roles = ("taken", "purchased", "consumed")
        return plant.amount("fresh-water", roles, year, unit="m3") or plant.amount(
            "production-water", roles, year, unit="m3"
        )
    return plant.amount(kind, effect.roles or ("consumed", "purchased"), year) if kind in catalogue() else None


WASTE_GROUPS: Mapping[str, tuple[str, ...]] = {
    "sludges": SLUDGES,
    "etching": ("etching-waste", "copper-chloride-waste", "cuprammonium-waste", "microetch-waste"),
    "liquors": (
        "etching-waste",
        "copper-chloride-waste",
        "cuprammonium-waste",
        "microetch-waste",
        "waste-tin-stripper",
        "plating-bath-waste",
        "nickel-bath-waste",
        "waste-acid",
        "developing-waste",
    ),
    "slag": ("slag", "incineration-slag"),
}


def _waste(plant: Plant, name: str, year: str) -> Number | None:
    if name == "hazardous-waste":
        items = [item for item in plant.wastes if item in catalogue() and catalogue().is_a(item, name)]
    else:
        items = list(WASTE_GROUPS.get(name, (name,)))
    found = [n for item in items if (n := plant.amount(item, ("generated", "transferred", "disposed"), year, unit="t"))]
    if not found:
        return None
    what = found[0].what if len(found) == 1 else message("相应的废物")
    return Number(what, sum(n.value for n in found), "t", tuple(row for n in found for row in n.rows), year, True)


def _load(plant: Plant, pollutant: str, year: str) -> Number | None:
    """The yearly load of a pollutant, kg: discharged where it can be computed, else generated."""
    if pollutant == "metals":
        if year not in plant.waste_water:
            return None
        found = [
            n for p in ("copper", "nickel", "zinc", "chromium", "lead", "tin") if (n := _water_load(plant, p, year))
        ]
        if not found:
            return None
        rows = tuple(row for n in found for row in n.rows)
        return Number(message("废水中的重金属"), sum(n.value for n in found), "kg", rows, year, True)
    water = _water_load(plant, pollutant, year)
    return water if water is not None else air_load(plant, pollutant, year)


def _water_load(plant: Plant, pollutant: str, year: str) -> Number | None:
    """Raw load where the raw concentration is known (an option may cut it before the works), else the discharge."""
    water = plant.waste_water.get(year)
    if water is None:
        return None
    raw = raw_concentration(plant, pollutant, year)
    if raw is not None:
        what = message("废水中的{p}（处理前）", p=plant.name(pollutant))
        return Number(what, raw.value * water.value / 1000, "kg", (*raw.rows, *water.rows), year, True)
    return discharged(plant, pollutant, year)


def discharged(plant: Plant, pollutant: str, year: str) -> Number | None:
    """What left with the waste water of a year, kg: mean of the results at the outlet times the volume; results below
    detection count zero where others were found."""
    volume = plant.amount("process-wastewater", ("discharged", "generated"), year, unit="m3") or plant.waste_water.get(
        year
    )
    results = [
        one
        for series in plant.results
        if series.pollutant == pollutant and series.medium == "water" and not series.before
        for one in series.results
    ]
    dated = [one for one in results if one.date.startswith(year)] or results
    found = [one.concentration if one.state is State.VALUE else 0.0 for one in dated]
    if volume is None or not found or any(value is None for value in found):
        return None
    if not any(found):
        # nothing was found in the year: what was ever found bounds what can have been there
        highest = max(
            (one for one in results if one.concentration), key=lambda one: one.concentration or 0.0, default=None
        )
        if highest is None:
            return None
        most = (highest.concentration or 0.0) * volume.value / 1000
        rows = (*volume.rows, highest.where)
        what = message(
            "排放的{p}（按历次最高 {c} mg/L）", p=plant.name(pollutant), c=shown(highest.concentration or 0.0)
        )
        return Number(what, most, "kg", rows, year, True)
    mean = sum(value or 0.0 for value in found) / len(found)
    rows = (*volume.rows, *(one.where for one in dated))
    return Number(message("排放的{p}", p=plant.name(pollutant)), mean * volume.value / 1000, "kg", rows, year, True)


def air_load(plant: Plant, pollutant: str, year: str) -> Number | None:
    """The emission of all outlets over the stated hours, else over the whole year, kg."""
    names: tuple[str, ...] = (pollutant,)
    if pollutant == "VOCs" and pollutant not in plant.monitored:
        names = ("NMHC",)
    best: dict[str, Rate] = {}
    for series in plant.results:
        inside = Series(
            series.outlet,
            series.pollutant,
            series.medium,
            series.before,
            tuple(one for one in series.results if one.date.startswith(year)),
        )
        if series.pollutant not in names or series.medium != "air":
            continue
        rate = rate_of(inside)
        if rate is not None and (rate.outlet not in best or rate.value > best[rate.outlet].value):
            best[rate.outlet] = rate
    total = sum(rate.value for rate in best.values())
    if not best or total <= 0:
        return None
    stated = plant.operating_hours.get(year)
    hours = stated.value if stated is not None else threshold("load-hours", "year")
    rows = tuple(row for rate in best.values() for row in rate.rows)
    what = message("废气中的{p}（治理前后取大，{hours} h）", p=plant.name(pollutant), hours=shown(hours))
    return Number(what, total * hours, "kg", rows, year, True)


def claims_any(option: OptionRow) -> bool:
    """Whether an option states any effect with a number."""
    return _EFFECT.search(option.effects) is not None

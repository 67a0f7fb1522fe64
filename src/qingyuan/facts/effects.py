"""Effects of options as they are written (方案效果的写法): the output they hold for, and how they are printed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qingyuan import units
from qingyuan.errors import UnknownName
from qingyuan.facts.model import OptionRow
from qingyuan.language import Message, message

# A column such as effects_per_10k_m2 states effects for 10 000 m2 of output.
_PER = re.compile(r"per_(?P<number>\d+)(?P<kilo>k?)_(?P<unit>[A-Za-z]+\d?)")
_POWER = re.compile(r"(?<![A-Za-z])(?P<unit>[cdk]?m)(?P<power>[23])(?![\w.])")
_MINUS = re.compile(r"(?<![\w.])[-－](?=\d)")
_REACHES = re.compile(r"(?<![<>≤≥=\w])=\s*(?=\d)")
_FORMULA = re.compile(r"\b(?P<formula>(?:CO|SO|NO)[23])\b")
_AMOUNT = re.compile(r"(?<![\d.])\d+(?:\.\d+)?(?![\d.])(?!\s*[%％])")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LOW = str.maketrans("23", "₂₃")
_HIGH = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_UNIT_SIGNS = str.maketrans("23", "²³")


@dataclass(frozen=True, slots=True)
class Per:
    """The output that the effects of an option hold for (效果所对应的产量), as 10 000 m2."""

    amount: float
    unit: str

    @property
    def text(self) -> str:
        """As a reader sees it: 10⁴ m², 1 t."""
        power = len(f"{self.amount:.0f}") - 1
        amount = f"10{str(power).translate(_HIGH)}" if power > 2 and self.amount == 10**power else f"{self.amount:g}"
        return f"{amount} {units.display(self.unit)}"


def stated_per(option: OptionRow) -> Per | None:
    """The output that the effects of an option are stated for; None where they hold for the plant and a year."""
    for heading, text in option.details:
        match = _PER.search(heading)
        if match is None or text != option.effects:
            continue
        try:
            unit = units.canonical(match["unit"])
        except UnknownName:
            continue
        return Per(float(match["number"]) * (1000 if match["kilo"] else 1), unit)
    return None


def effects_text(option: OptionRow) -> Message | str:
    """The effects of an option as a report and a worksheet print them, with the output that they hold for.

    The numbers are those that were entered: "每 10⁴ m² 产量：废水 −850 m³；COD −0.09 t". Effects that name
    no amount but a percentage or none stand as they are; the empty text where there are none.
    """
    text = typeset(option.effects)
    per = stated_per(option)
    if per is None or not _AMOUNT.search(text):
        return text
    return message("每 {per} 产量：{effects}", per=per.text, effects=text)


def typeset(text: str) -> str:
    """The same text with real signs: m³ for m3, − for the hyphen before a number, ≥ for "=" (an effect is reached).

    The digits of formulas are lowered (CO₂ for CO2); a Chinese text is parted by Chinese signs.
    """
    if _CHINESE.search(text):
        text = re.sub(r"\s*;\s*", "；", text)
    text = _FORMULA.sub(lambda found: found["formula"].translate(_LOW), text)
    text = _POWER.sub(lambda found: found["unit"] + found["power"].translate(_UNIT_SIGNS), text)
    return _REACHES.sub("≥", _MINUS.sub("−", text))

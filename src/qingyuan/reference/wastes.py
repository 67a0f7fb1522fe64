"""Wastes (固体废物): codes of the national lists, exemptions, and the uses of by-products by other industries."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from qingyuan.errors import UnknownName
from qingyuan.language import message
from qingyuan.reference.loading import load_csv
from qingyuan.reference.records import Grade
from qingyuan.reference.sources import Graded, Words


class WasteCode(Graded):
    """A class or a code of a national waste list (废物类别或代码).

    ``waste_class`` is HW01-HW50 (hazardous, 国家危险废物名录) or SW01-SW99 (固体废物分类与代码目录). ``hazards`` are
    the letters of the list (T toxic, C corrosive, I ignitable, R reactive, In infectious). ``in_2025_list`` says "not
    checked" where only the edition of 2021 was read.
    """

    code: str
    waste_class: str
    name: str
    industry: str = ""
    industry_code: str = ""
    hazards: Words = ()
    level: Literal["class", "code"]
    edition: str
    in_2025_list: str = ""
    exempt_stages: Words = ()
    jurisdiction: str

    @property
    def hazardous(self) -> bool:
        """Whether the code is one of the hazardous-waste list."""
        return self.waste_class.startswith("HW")


class WasteExemption(Graded):
    """A row of the exemption list (豁免管理清单): in which stages a hazardous waste is exempt, on which condition.

    ``stages``: collect, transport, use, dispose or all.
    """

    item: int
    codes: Words
    waste: str
    stages: Words
    condition: str
    edition: str
    jurisdiction: str


class ByproductUse(Graded):
    """A use of one industry's waste or by-product in another (副产物利用途径).

    ``replaces`` is what it stands in for, ``ratio`` in which proportion (words), ``co2_deduction_t_per_t`` the process
    carbon dioxide that it saves (tCO2 for each t used) where a rule gives one. ``check_hazardous_list`` asks for a look
    at the list in force. Conditions, standards and ratio have grades of their own.
    """

    id: str
    giver_industry: str
    giver_code: Words = ()
    waste: str
    waste_code: str = ""
    taker_industry: str
    taker_code: str = ""
    use: str
    conditions: str = ""
    conditions_grade: Grade | None = None
    standard: Words = ()
    standard_grade: Grade | None = None
    replaces: str = ""
    ratio: str = ""
    ratio_grade: Grade | None = None
    co2_deduction_t_per_t: float | None = None
    maturity: Literal["widely used", "demonstrated"]
    legal_class: str
    check_hazardous_list: bool


@lru_cache(maxsize=1)
def waste_codes() -> Mapping[str, WasteCode]:
    """Give the classes and codes by code."""
    return {record.code: record for record in load_csv("wastes/waste-codes.csv", WasteCode)}


def waste_code(code: str) -> WasteCode:
    """Give one class or code. Raises UnknownName with the codes of the same class."""
    wanted = code.strip().upper()
    found = waste_codes()
    if wanted not in found:
        raise UnknownName(message("未知的废物代码"), code, difflib.get_close_matches(wanted, found, n=5, cutoff=0.7))
    return found[wanted]


def find_code(text: str = "", *, waste_class: str = "", industry_code: str = "") -> tuple[WasteCode, ...]:
    """Give the codes whose name holds every word of a text, of one class or one industry of origin.

    Words are parted by blanks; the industry matches by the beginning of its GB/T 4754 code.
    """
    words = text.split()
    return tuple(
        record
        for record in waste_codes().values()
        if all(word in record.name for word in words)
        and (not waste_class or record.waste_class == waste_class)
        and (not industry_code or (record.industry_code and industry_code.startswith(record.industry_code)))
    )


def exemptions(code: str = "") -> tuple[WasteExemption, ...]:
    """Give the exemptions of a code, its class included; all of them without a code. Raises UnknownName."""
    rows = load_csv("wastes/waste-exemptions.csv", WasteExemption)
    if not code:
        return rows
    names = {code, waste_code(code).waste_class}
    return tuple(row for row in rows if names & set(row.codes))


def byproduct_uses(*, waste: str = "", giver_code: str = "", taker_code: str = "") -> tuple[ByproductUse, ...]:
    """Give the uses of a waste (part of its name or its code), from one industry or into one (GB/T 4754)."""
    return tuple(
        row
        for row in load_csv("wastes/byproduct-uses.csv", ByproductUse)
        if (waste in row.waste or waste == row.waste_code)
        and (not giver_code or any(giver_code.startswith(code) for code in row.giver_code))
        and (not taker_code or taker_code.startswith(row.taker_code))
    )

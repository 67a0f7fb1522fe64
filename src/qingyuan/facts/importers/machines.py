"""Rows of foreign equipment lists as machines (设备清单导入).

Only the power of what runs on electricity is a machine's power: the heat of a burner is no electric load, and stands
among the further columns with its unit.
"""

from __future__ import annotations

from qingyuan import units
from qingyuan.facts.cells import number_text
from qingyuan.facts.importers.reading import cell_at
from qingyuan.facts.importers.rows import ReadRow, as_text
from qingyuan.facts.model import SITE, Equipment
from qingyuan.facts.naming import named_item
from qingyuan.facts.places import place_name
from qingyuan.language import message
from qingyuan.reference.items import catalogue


def machine_of(row: ReadRow) -> Equipment | None:
    """One machine with its power in kW for one; None where the row has no name or a problem (then it was reported)."""
    name = row.text("name")
    if not name:
        row.problem("name", "import-nameless", message("没有写设备名称"))
        return None
    details = {title: as_text(cell_at(row.row.cells, path)) for title, path in row.of.details.items()}
    size = row.number("power")
    kilowatts: float | None = None
    printed = ""
    if size is not None and size.number is not None:
        unit = row.unit("power_unit", size.unit)
        if unit is None:
            return None
        printed = f"{number_text(size.number)} {row.text('power_unit') or unit}".strip()
        carrier = row.text("carrier")
        if units.dimension(unit) == "power" and _electric(row, carrier):
            kilowatts = float(f"{units.convert(size.number, unit, 'kW'):.6g}")
        else:
            details["额定容量"] = printed
            printed = ""
    count = row.number("count")
    if row.taken.status == "refused":
        return None
    if carrier := row.text("carrier"):
        details["能源"] = str(row.mapping.carriers.get(carrier, carrier))
    place = row.text("place")
    return Equipment(
        place=place_name(place) if place else SITE,
        name=name,
        model=row.text("model"),
        power_kw=kilowatts,
        count=None if count is None else count.number,
        note=row.text("note"),
        where=row.table.where(row.row.number),
        power_printed=printed if printed and not printed.endswith(" kW") else "",
        details=tuple((title, text) for title, text in details.items() if text),
    )


def _electric(row: ReadRow, carrier: str) -> bool:
    """Whether a machine runs on electricity; one that does not say counts as electric."""
    if not carrier:
        return True
    named = named_item(row.mapping.carriers.get(carrier, carrier), "energy")
    return not named.own and named.item in catalogue() and catalogue().is_a(named.item, "electricity")

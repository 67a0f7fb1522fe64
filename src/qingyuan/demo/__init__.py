"""Seeded demonstration plants (演示企业): invented, consistent, and marked demo wherever they appear.

A plant is drawn from a seed and made consistent from the inside out: what is plated decides the metal used, the
metal and the rinse decide water and sludge, and so on. ``electroplating`` and ``hazardous_waste_incineration`` are the
bare books; ``PLANTS`` are the whole audits that ship: measured data, options, decisions and records of the audit team.
The same seed gives the same files, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from qingyuan.demo.files import NOTE, YEARS, PlantFiles
from qingyuan.demo.files import profile as _profile
from qingyuan.demo.kiln import hazardous_waste_incineration
from qingyuan.demo.kiln_audit import audited_incineration
from qingyuan.demo.plating import electroplating
from qingyuan.demo.plating_audit import audited_electroplating

__all__ = [
    "NOTE",
    "PLANTS",
    "SHIPPED_CASES",
    "YEARS",
    "PlantFiles",
    "_profile",
    "audited_electroplating",
    "audited_incineration",
    "electroplating",
    "hazardous_waste_incineration",
]

# The cases that ship with the package: the real plant, and the demonstration plants written by this package.
SHIPPED_CASES = Path(__file__).parent.parent / "data" / "cases"

PLANTS: Mapping[str, Callable[[int], PlantFiles]] = {
    "electroplating-demo": audited_electroplating,
    "hazardous-waste-incineration-demo": audited_incineration,
}

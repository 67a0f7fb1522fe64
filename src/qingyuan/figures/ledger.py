"""One plant's facts in canonical units, added up by item, role, place and period without double counting (台账)."""

from __future__ import annotations

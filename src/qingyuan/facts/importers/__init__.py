"""Importers of other programs' data (导入): utility bills, production series and equipment lists into a case folder."""

from __future__ import annotations

from qingyuan.facts.importers.bills import Import, Outcome, import_bills
from qingyuan.facts.importers.mapping import ImportMapping, mapping_text, read_mapping, shipped_mappings

__all__ = ["Import", "ImportMapping", "Outcome", "import_bills", "mapping_text", "read_mapping", "shipped_mappings"]

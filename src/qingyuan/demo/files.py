"""The files of a demonstration plant (演示企业的文件): rows of every table, and how they are written."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

YEARS = (2022, 2023, 2024)
NOTE = "演示数据"

Row = Mapping[str, object]
_ALWAYS = ("period", "place", "kind", "item", "role", "value", "unit", "basis", "product", "to_place", "note")
FACT_COLUMNS = (*_ALWAYS, "source")
OPTION_COLUMNS = (
    "id", "name", "aspect", "kind", "investment", "annual_saving", "payback_years", "effects", "status", "note",
    "name_en",
)  # fmt: skip


@dataclass
class PlantFiles:
    """The rows of a demonstration case, file by file, in the layout that ``facts.cases`` reads."""

    profile: str
    facts: list[dict[str, object]] = field(default_factory=list)
    monitoring: list[dict[str, object]] = field(default_factory=list)
    equipment: list[dict[str, object]] = field(default_factory=list)
    places: list[dict[str, object]] = field(default_factory=list)
    indicators: list[dict[str, object]] = field(default_factory=list)
    options: list[dict[str, object]] = field(default_factory=list)
    evidence: list[dict[str, object]] = field(default_factory=list)
    audit: str = ""
    worksheets: dict[str, list[dict[str, object]]] = field(default_factory=dict)

    def fact(
        self, period: object, place: str, kind: str, item: str, value: float, unit: str, basis: str, **more: object
    ) -> None:
        """Add a fact; numbers are kept to five significant digits, as a plant's books would print them."""
        row = {"period": period, "place": place, "kind": kind, "item": item, "value": digits(value), "unit": unit}
        self.facts.append({**row, "basis": basis, "note": NOTE, **more})

    def write(self, folder: Path) -> None:
        """Write the case as CSV files and ``plant.toml`` into a folder, which is made where it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "plant.toml").write_text(self.profile, encoding="utf-8")
        tables = {
            "facts.csv": (
                FACT_COLUMNS,
                self.facts,
            ),
            "monitoring.csv": (
                (
                    "outlet",
                    "pollutant",
                    "date",
                    "concentration",
                    "limit",
                    "unit",
                    "flow_m3_h",
                    "rate_kg_h",
                    "basis",
                    "note",
                ),
                self.monitoring,
            ),
            "equipment.csv": (("place", "name", "model", "power_kw", "count", "note"), self.equipment),
            "places.csv": (("place", "parent", "kind"), self.places),
            "indicators.csv": (("indicator", "answer", "evidence", "note"), self.indicators),
            "options.csv": (OPTION_COLUMNS, self.options),
            "evidence.csv": (("id", "title", "kind", "date", "file", "pages", "note"), self.evidence),
        }
        for name, (columns, rows) in tables.items():
            if rows:
                used = [key for key in columns if key in _ALWAYS or any(row.get(key) for row in rows)]
                _write(folder / name, used if name == "facts.csv" else columns, rows)
        if self.audit:
            (folder / "audit.toml").write_text(self.audit, encoding="utf-8")
        for id, rows in self.worksheets.items():
            (folder / "worksheets").mkdir(exist_ok=True)
            headings = dict.fromkeys(key for row in rows for key in row)
            _write(folder / "worksheets" / f"{id}.csv", tuple(headings), rows)


def digits(value: float) -> float | int:
    """Five significant digits, as a plant's books would print them."""
    rounded = float(f"{value:.5g}")
    return int(rounded) if rounded == int(rounded) else rounded


def _write(path: Path, columns: Sequence[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def judge(plant: PlantFiles, answers: Mapping[str, tuple[float | str, str]]) -> None:
    """The plant's answers to rows of the index system, each with its evidence."""
    for indicator, (answer, evidence) in answers.items():
        plant.indicators.append({"indicator": indicator, "answer": answer, "evidence": evidence, "note": NOTE})


def profile(
    *,
    plant: str,
    name: str,
    name_en: str,
    code: str,
    system: str,
    table: str,
    details: Mapping[str, str],
    settings: Mapping[str, object] | None = None,
) -> str:
    """The text of ``plant.toml``; ``settings`` are written as they stand, so strings with their quotation marks."""
    lines = [
        "# 演示数据：由种子生成，不是真实企业。 Demonstration data, generated from a seed; no real plant.",
        f'plant = "{plant}"',
        f'name = "{name}"',
        f'name_en = "{name_en}"',
        f'industry_code = "{code}"',
        'province = "重庆"',
        'city = "重庆"',
        f'system = "{system}"',
        f'table = "{table}"',
        f'audit_period = "{YEARS[0]}-01-01/{YEARS[-1]}-12-31"',
        'grade = "demo"',
        "",
        "[settings]",
        'electricity_factor = "provincial"',
        'gwp_set = "AR6"',
        *(f"{key} = {value}" for key, value in (settings or {}).items()),
        "",
        "[details]",
        *(f'{key} = "{value}"' for key, value in details.items()),
        "",
    ]
    return "\n".join(lines)

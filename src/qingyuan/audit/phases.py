"""The seven phases of an audit (七个阶段) as data: steps, outputs, and the 41 worksheets (工作用表) with their columns.

Names, counts and the columns of 1-1 and 1-2 were read in copies of the forms; the other columns are recalled, and
their order may differ between editions. What fills the worksheets is in ``worksheets``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from qingyuan.errors import UnknownName
from qingyuan.language import Name, headed, message
from qingyuan.reference.loading import DataError, Record, load_toml
from qingyuan.reference.records import Grade
from qingyuan.reference.sources import Graded, SourceText


class _Words(Record):
    zh: str
    en: str


class _ColumnRecord(Record):
    id: str
    zh: str
    en: str
    optional: bool = False
    per_year: bool = False
    per_candidate: bool = False


class _WorksheetRecord(Graded):
    id: str
    phase: int
    name_zh: str
    name_en: str
    filled_by: str
    optional: bool = False
    columns: tuple[_ColumnRecord, ...]


class _PhaseRecord(Graded):
    number: int
    id: str
    name_zh: str
    name_en: str
    order_name_zh: str
    order_name_en: str
    output_zh: str
    output_en: str
    steps: tuple[_Words, ...]


class _DataListRecord(Record):
    zh: str
    en: str
    shown_by: str = ""


class _PlanRecord(Record):
    stage_zh: str
    stage_en: str
    content_zh: str
    content_en: str
    output_zh: str
    output_en: str


class _PhaseFile(Record):
    grade: Grade
    source: SourceText
    phases: tuple[_PhaseRecord, ...]
    worksheets: tuple[_WorksheetRecord, ...]
    data_list: tuple[_DataListRecord, ...]
    plan_rows: tuple[_PlanRecord, ...]


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """A column of a worksheet (栏目): ``per_year`` and ``per_candidate`` columns stand once for each."""

    id: str
    name: Name
    optional: bool = False
    per_year: bool = False
    per_candidate: bool = False


@dataclass(frozen=True, slots=True)
class WorksheetDefinition:
    """One of the 41 worksheets (工作表). ``filled_by`` names what fills it; "entry" = only people do."""

    id: str
    phase: int
    name: Name
    columns: tuple[ColumnDefinition, ...]
    filled_by: str
    optional: bool
    grade: Grade
    source: str


@dataclass(frozen=True, slots=True)
class Phase:
    """One of the seven phases (阶段): the handbook's name, that of Order 38 and GB/T 25973, steps, output, sheets."""

    number: int
    id: str
    name: Name
    order_name: Name
    steps: tuple[Name, ...]
    output: Name
    worksheets: tuple[WorksheetDefinition, ...]
    grade: Grade
    source: str


@lru_cache(maxsize=1)
def _phase_file() -> _PhaseFile:
    found = load_toml("audit/phases.toml", _PhaseFile)
    ids = [record.id for record in found.worksheets]
    if len(set(ids)) != len(ids):
        raise DataError("audit/phases.toml: a worksheet stands twice")
    return found


@lru_cache(maxsize=1)
def worksheet_definitions() -> Mapping[str, WorksheetDefinition]:
    """The 41 worksheets by id (1-1 … 7-2), in their order."""
    return {
        record.id: WorksheetDefinition(
            record.id,
            record.phase,
            headed(Name(record.name_zh, record.name_en)),
            tuple(
                ColumnDefinition(
                    each.id, headed(Name(each.zh, each.en)), each.optional, each.per_year, each.per_candidate
                )
                for each in record.columns
            ),
            record.filled_by,
            record.optional,
            record.grade,
            record.source,
        )
        for record in _phase_file().worksheets
    }


@lru_cache(maxsize=1)
def phases() -> tuple[Phase, ...]:
    """The seven phases in their order."""
    sheets = worksheet_definitions().values()
    return tuple(
        Phase(
            record.number,
            record.id,
            headed(Name(record.name_zh, record.name_en)),
            headed(Name(record.order_name_zh, record.order_name_en)),
            tuple(Name(step.zh, step.en) for step in record.steps),
            Name(record.output_zh, record.output_en),
            tuple(sheet for sheet in sheets if sheet.phase == record.number),
            record.grade,
            record.source,
        )
        for record in _phase_file().phases
    )


def plan_rows() -> tuple[tuple[Name, Name, Name], ...]:
    """The nine rows of the work plan (1-2): stage, content, output."""
    return tuple(
        (
            headed(Name(row.stage_zh, row.stage_en)),
            headed(Name(row.content_zh, row.content_en)),
            headed(Name(row.output_zh, row.output_en)),
        )
        for row in _phase_file().plan_rows
    )


def data_list() -> tuple[tuple[Name, str], ...]:
    """The data that an audit collects (2-2, 3-1), each with what shows that it is there (``kind:water`` …)."""
    return tuple((headed(Name(row.zh, row.en)), row.shown_by) for row in _phase_file().data_list)


def definition(id: str) -> WorksheetDefinition:
    """One worksheet's definition. Raises UnknownName."""
    known = worksheet_definitions()
    if id not in known:
        raise UnknownName(message("工作表"), id, list(known))
    return known[id]


def worksheet_ids(phase: int | None = None) -> tuple[str, ...]:
    """The ids of all worksheets, or of one phase."""
    return tuple(sheet.id for sheet in worksheet_definitions().values() if phase in (None, sheet.phase))

"""Worksheets filled as tables (工作表), and how complete each phase is (阶段完成情况).

``worksheet`` gives one of the 41 sheets for an audit result: rows from facts and figures wherever possible
(``worksheet_plant``, ``worksheet_options``), what people recorded (``Inputs.entries``) beside and below them, and what
is still missing. A cell that facts fill is never overwritten by an entry; an entry that names the same row fills its
empty cells, and replaces what the software only proposes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from qingyuan.audit.focus import Focus, Ranking, choose, factor_set, rank
from qingyuan.audit.focus_facts import candidates, compelled, propose
from qingyuan.audit.goals import Comparison, Goals, compare_periods, propose_goals
from qingyuan.audit.inputs import Inputs
from qingyuan.audit.option_economics import assess_options
from qingyuan.audit.phases import ColumnDefinition, Phase, WorksheetDefinition, definition, phases
from qingyuan.audit.result import AuditResult
from qingyuan.figures.ledger import Ledger
from qingyuan.language import LANGUAGES, Message, Name, language, message
from qingyuan.options.economics import OptionEconomics

Origin = Literal["fact", "figure", "computed", "proposed", "entered", "fixed", "missing"]
SheetState = Literal["complete", "partial", "empty", "not-needed"]
CellValue = float | str | Message | Name | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell (单元格): a number in the unit of its row or column, a text, or nothing.

    ``origin`` says where it comes from ("proposed": what people decide, until they do); ``ref`` is the key of the
    figure or the place of the fact behind it.
    """

    value: CellValue = None
    origin: Origin = "missing"
    ref: str = ""

    @property
    def filled(self) -> bool:
        """Whether there is something in it."""
        return self.value is not None and self.value != ""

    @property
    def proposed(self) -> bool:
        """Whether it only proposes what people decide: an entry replaces it."""
        return self.origin == "proposed"

    def as_json(self) -> object:
        """A number, a text in the language in force, or None."""
        return self.value if isinstance(self.value, float | None) else str(self.value)


EMPTY = Cell()


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a filled worksheet; ``key`` is the definition's id, with ``@`` and the year or candidate."""

    key: str
    name: Message | Name
    optional: bool


Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Filling:
    """What facts give for a worksheet: rows by column key, what they could not give, and notes on what they gave.

    ``asked``: what people fill in, with the keys of its columns; it is missing only while a cell of these is empty.
    """

    rows: tuple[Row, ...] = ()
    missing: tuple[Message, ...] = ()
    spread: tuple[str, ...] = ()  # what the per-candidate columns stand for
    notes: tuple[Message, ...] = ()
    asked: tuple[tuple[tuple[str, ...], Message], ...] = ()


@dataclass(frozen=True, slots=True)
class WorksheetTable:
    """One worksheet, filled (填好的工作表): rows have a cell for each column.

    ``missing`` says what facts and records lack; ``reason`` why the audit does without the sheet. ``entries``: what
    people recorded for each row, by column key, as it was entered. ``notes``: how to read what stands in it; nothing is
    missing from a complete sheet.
    """

    definition: WorksheetDefinition
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    missing: tuple[Message, ...] = ()
    reason: str = ""
    entries: tuple[Mapping[str, str], ...] = ()
    notes: tuple[Message, ...] = ()

    @property
    def id(self) -> str:
        """Its number, as 2-6."""
        return self.definition.id

    @property
    def share(self) -> float:
        """The share of the required cells that is filled; 0 without rows."""
        needed = [index for index, column in enumerate(self.columns) if not column.optional]
        cells = [row[index] for row in self.rows for index in needed]
        return sum(cell.filled and cell.origin != "missing" for cell in cells) / len(cells) if cells else 0.0

    @property
    def state(self) -> SheetState:
        """Complete where every required cell is filled, partial, empty, or not needed in this audit."""
        if self.reason:
            return "not-needed"
        if not self.rows or self.share == 0:
            return "empty"
        return "complete" if self.share == 1 else "partial"

    def cell(self, row: int, key: str) -> Cell:
        """One cell by row number (from 0) and column key; raises KeyError for an unknown key."""
        for index, column in enumerate(self.columns):
            if column.key == key:
                return self.rows[row][index]
        raise KeyError(key)

    def as_json(self) -> dict[str, object]:
        """Plain values: ``columns[]`` and ``rows[][]`` in the language in force."""
        return {
            "id": self.id,
            "name": str(self.definition.name),
            "phase": self.definition.phase,
            "state": self.state,
            "share": self.share,
            "columns": [
                {"key": column.key, "name": str(column.name), "optional": column.optional} for column in self.columns
            ],
            "rows": [[cell.as_json() for cell in row] for row in self.rows],
            "missing": [str(text) for text in self.missing],
            "notes": [str(text) for text in self.notes],
            "not_needed": self.reason,
            "grade": self.definition.grade.value,
            "source": self.definition.source,
        }


class Context:
    """All that worksheets are filled from, computed once when first asked for."""

    def __init__(self, result: AuditResult, inputs: Inputs | None = None) -> None:
        self.result = result
        self.inputs = result.inputs if inputs is None else inputs
        self.years = result.years or ((result.period,) if result.period else ())

    @cached_property
    def ledger(self) -> Ledger:
        """The plant's ledger."""
        return Ledger(self.result.case, self.result.settings)

    @cached_property
    def jurisdiction(self) -> str:
        """Where the case is."""
        return self.inputs.place(self.result.case.profile)

    @cached_property
    def candidates(self) -> tuple[str, ...]:
        """The candidates for the focus: as stated, else as facts suggest."""
        return self.inputs.candidates or candidates(self.ledger)

    @cached_property
    def ranking(self) -> Ranking:
        """The ranking of the candidates."""
        factors = factor_set(self.inputs.factor_set).with_weights(self.inputs.weights)
        proposed = (
            propose(self.ledger, factors, self.result.period, self.candidates, jurisdiction=self.jurisdiction)
            if self.result.period
            else {}
        )
        return rank(self.candidates, factors, self.inputs.scores, proposed)

    @cached_property
    def focus(self) -> Focus:
        """The audit focus: by rank and by what triggers compel."""
        links = compelled(
            self.ledger,
            self.inputs.triggers,
            self.candidates,
            figures=self.result.figures,
            links=self.inputs.links,
            jurisdiction=self.jurisdiction,
        )
        return choose(self.ranking, links, count=self.inputs.focus_count)

    @cached_property
    def goals(self) -> Goals | None:
        """The goals against levels; None where nothing is graded in levels."""
        score = self.result.score
        if score is None or score.system.scheme != "levels":
            return None
        return propose_goals(
            score,
            near=self.inputs.near,
            far=self.inputs.far,
            years=self.inputs.goal_years,
            triggers=self.inputs.triggers,
        )

    @cached_property
    def economics(self) -> Mapping[str, OptionEconomics]:
        """The economic assessment of the options by id: the result's, computed again where other inputs were given."""
        result = self.result
        assessed = all(option.id in result.economics for option in result.case.options)
        if assessed and self.inputs is result.inputs:
            return result.economics
        return assess_options(
            result.case, self.inputs, result.settings, result.generated_on, ledger=self.ledger, period=result.period
        )[0]

    @cached_property
    def comparison(self) -> Comparison | None:
        """The periods before and after the audit on one edition; None where they are not stated."""
        if not self.inputs.before or not self.inputs.after:
            return None
        return compare_periods(self.result.case, self.inputs.before, self.inputs.after)


def context_of(result: AuditResult | Context, inputs: Inputs | None = None) -> Context:
    """The context of a result; a context is given back as it is."""
    if isinstance(result, Context):
        return result
    return Context(result, inputs)


def worksheet(id: str, result: AuditResult | Context, inputs: Inputs | None = None) -> WorksheetTable:
    """Fill one worksheet.

    ``result``: an audit result, or a ``Context`` where many sheets are filled. Raises UnknownName for an unknown id,
    and InputError where the inputs (weights, scores, candidates) do not fit.
    """
    # What fills worksheets stands on the tables and the context of this module.
    from qingyuan.audit import worksheet_options, worksheet_plant

    context = context_of(result, inputs)
    of = definition(id)
    filler = {**worksheet_plant.FILLERS, **worksheet_options.FILLERS}.get(of.filled_by)
    filling = filler(context) if filler is not None else Filling()
    columns = _columns(of, context.years, filling.spread)
    rows, own = _with_entries(columns, filling.rows, context.inputs.entries.get(id, ()))
    asked = (text for keys, text in filling.asked if not rows or _open(columns, rows, keys))
    missing = (*filling.missing, *asked)
    if not rows and of.filled_by == "entry":
        missing = (*missing, message("由企业或审核小组填写"))
    table = WorksheetTable(of, columns, rows, missing, context.inputs.not_needed.get(id, ""), own, filling.notes)
    if table.state == "complete":
        table = replace(table, missing=(), notes=(*missing, *filling.notes))
    return table


def _open(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], keys: Collection[str]) -> bool:
    """Whether a cell of some columns is empty."""
    places = [at for at, column in enumerate(columns) if column.key in keys]
    return any(not row[at].filled for row in rows for at in places)


def _columns(of: WorksheetDefinition, years: Sequence[str], spread: Sequence[str]) -> tuple[Column, ...]:
    found: list[Column] = []
    for column in of.columns:
        if column.per_year:
            found += [_column(column, year) for year in years]
        elif column.per_candidate:
            continue
        else:
            found.append(Column(column.id, column.name, column.optional))
    each = [column for column in of.columns if column.per_candidate]
    found += [_column(column, name) for name in spread for column in each]
    return tuple(found)


def _column(column: ColumnDefinition, tail: str) -> Column:
    name = message("{name}（{of}）", name=column.name, of=tail or message("全厂"))
    return Column(f"{column.id}@{tail}", name, column.optional)


def _with_entries(
    columns: Sequence[Column], filled: Sequence[Row], entries: Iterable[Mapping[str, str]]
) -> tuple[tuple[tuple[Cell, ...], ...], tuple[Mapping[str, str], ...]]:
    """Computed rows with their empty cells filled from the entries that name them, then the other entries.

    Also what was entered for each row. An entry names a row by its first cell that is no proposal; where several rows
    begin alike, or that cell is what is still to be entered, by whatever else it repeats of the row.
    """
    own: dict[int, Mapping[str, str]] = {}
    left: list[Mapping[str, str]] = []
    proposed = {key for row in filled for key, cell in row.items() if cell.proposed}
    first = next((column.key for column in columns if column.key not in proposed), "")
    heads = [row.get(first, EMPTY) for row in filled]
    for entry in entries:
        named = [at for at, head in enumerate(heads) if _says(head, entry.get(first, ""))]
        certain = len(named) == 1
        if not named:
            named = [at for at, head in enumerate(heads) if not head.filled and _agreement(filled[at], entry)]
        free = [at for at in named if at not in own]
        if not certain:
            free = [at for at in free if not _differs(filled[at], entry)]
        if free:
            own[max(free, key=lambda at: _agreement(filled[at], entry))] = entry
        else:
            left.append(entry)
    found = [
        tuple(_cell(row.get(column.key, EMPTY), own.get(at), column.key) for column in columns)
        for at, row in enumerate(filled)
    ]
    found += [tuple(_cell(EMPTY, entry, column.key) for column in columns) for entry in left]
    return tuple(found), (*(own.get(at, {}) for at in range(len(filled))), *left)


def _agreement(row: Row, entry: Mapping[str, str]) -> int:
    return sum(_says(row.get(key, EMPTY), text) for key, text in entry.items())


def _differs(row: Row, entry: Mapping[str, str]) -> bool:
    cells = ((row.get(key, EMPTY), text) for key, text in entry.items())
    return any(cell.filled and not cell.proposed and not _says(cell, text) for cell, text in cells)


def _says(cell: Cell, text: str) -> bool:
    """Whether a cell holds what a text says, in either language: a record is read again in the other one."""
    if not cell.filled or not text:
        return False
    if isinstance(cell.value, float):
        try:
            return float(text) == cell.value or text == f"{cell.value:g}"
        except ValueError:
            return False
    if isinstance(cell.value, str):
        return cell.value.strip() == text
    plain = text.casefold()  # how a word begins says nothing
    for code in LANGUAGES:
        with language(code):
            if str(cell.value).strip().casefold() == plain:
                return True
    return False


def _cell(cell: Cell, entry: Mapping[str, str] | None, key: str) -> Cell:
    if (cell.filled and not cell.proposed) or entry is None or not entry.get(key):
        return cell
    return Cell(entry[key], "entered")


# --- phases ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PhaseStatus:
    """How complete a phase is: its worksheets, and what each lacks.

    An optional sheet counts only once it has rows; one that the audit does without does not count.
    """

    phase: Phase
    sheets: tuple[WorksheetTable, ...]

    @property
    def counted(self) -> tuple[WorksheetTable, ...]:
        """The sheets that count."""
        return tuple(
            sheet
            for sheet in self.sheets
            if sheet.state != "not-needed" and not (sheet.definition.optional and sheet.state == "empty")
        )

    @property
    def share(self) -> float:
        """The mean share of the counted sheets; 1 where none counts."""
        counted = self.counted
        return sum(sheet.share for sheet in counted) / len(counted) if counted else 1.0

    @property
    def complete(self) -> bool:
        """Whether every counted sheet is complete."""
        return all(sheet.state == "complete" for sheet in self.counted)

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force; ``worksheets[]`` without their rows."""
        return {
            "number": self.phase.number,
            "id": self.phase.id,
            "name": str(self.phase.name),
            "order_name": str(self.phase.order_name),
            "steps": [str(step) for step in self.phase.steps],
            "output": str(self.phase.output),
            "share": self.share,
            "complete": self.complete,
            "worksheets": [
                {
                    "id": sheet.id,
                    "name": str(sheet.definition.name),
                    "state": sheet.state,
                    "share": sheet.share,
                    "rows": len(sheet.rows),
                    "missing": [str(text) for text in sheet.missing],
                    "not_needed": sheet.reason,
                    "optional": sheet.definition.optional,
                }
                for sheet in self.sheets
            ],
        }


def phase_status(result: AuditResult | Context, inputs: Inputs | None = None) -> tuple[PhaseStatus, ...]:
    """How complete the seven phases are. Phases overlap: no- and low-cost options are done from the second on.

    Raises InputError where the inputs do not fit.
    """
    context = context_of(result, inputs)
    return tuple(
        PhaseStatus(phase, tuple(worksheet(sheet.id, context) for sheet in phase.worksheets)) for phase in phases()
    )

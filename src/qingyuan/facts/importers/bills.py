"""Utility bills, production and equipment into a case folder (能源账单导入): all or nothing, with a lasting report.

A bill becomes a fact of its month at its meter, basis invoice, with the value and unit as billed, and beside it facts
of its cost, demand, power factor and heating value. Nothing is converted but gas volumes to the catalogue's form. A
cost in another currency is kept as such, under an item of its own, and enters no figure in yuan.
"""

from __future__ import annotations

import csv
import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from qingyuan.errors import InputError, Problem, Severity
from qingyuan.facts.cases import read_case, write_case
from qingyuan.facts.columns import read_heading
from qingyuan.facts.importers.machines import machine_of
from qingyuan.facts.importers.mapping import ImportMapping, TableMapping
from qingyuan.facts.importers.meters import Bill, bill_of, bills_to_facts, production_fact
from qingyuan.facts.importers.reading import ForeignRow, ForeignTable, entries_of, read_tables
from qingyuan.facts.importers.rows import ReadRow, Taken, as_text, missing_headings, selects, told
from qingyuan.facts.model import Case, Equipment, Evidence, Fact, Place, Profile
from qingyuan.language import Message, Text, listing, message, tr

REPORTS = "imports"  # the folder of the lasting reports inside the case folder


@dataclass(frozen=True, slots=True)
class Import:
    """What an import makes of its files: facts, machines, places, documents, and what became of each row."""

    profile: Profile
    facts: tuple[Fact, ...]
    equipment: tuple[Equipment, ...]
    places: tuple[Place, ...]
    evidence: tuple[Evidence, ...]
    rows: tuple[Taken, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished import: the case folder, the report of its rows, and counts."""

    folder: Path
    report: Path
    result: Import

    def count(self, status: str) -> int:
        """How many rows were ``taken`` or ``left-out``."""
        return sum(row.status == status for row in self.result.rows)

    def as_json(self) -> dict[str, object]:
        """Plain values with stable keys."""
        return {
            "case": str(self.folder),
            "report": str(self.report),
            "facts": len(self.result.facts),
            "equipment": len(self.result.equipment),
            "rows": {"taken": self.count("taken"), "left_out": self.count("left-out")},
            "problems": [problem.as_json() for problem in self.result.problems],
        }


@dataclass(slots=True)
class _Work:
    mapping: ImportMapping
    plant: str
    problems: list[Problem] = field(default_factory=list)
    rows: list[Taken] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    equipment: list[Equipment] = field(default_factory=list)
    details: dict[str, str] = field(default_factory=dict)
    profile: dict[str, str] = field(default_factory=dict)
    plants: dict[str, None] = field(default_factory=dict)


def import_bills(
    files: Sequence[Path], mapping: ImportMapping, out: Path, *, plant: str = "", add: bool = False
) -> Outcome:
    """Import bills, production and equipment of one plant into a case folder.

    ``plant`` names the plant where the files hold several. ``add`` puts the facts beside those of a case that is there
    already. All or nothing: with one error no file of the case is written, and InputError tells every problem; the
    report of the rows is written either way, under ``imports/`` of the folder, and is never overwritten.
    """
    existing: Case | None = None
    if (out / "facts.csv").exists():
        if not add:
            text = message("案例文件夹里已有数据：{path}", path=str(out))
            expected = message("另一个文件夹；要并入已有的案例请加 --add")
            raise InputError([Problem("import-case-exists", text, expected=expected)])
        existing = read_case(out)
    result = read_import(files, mapping, plant=plant, known=() if existing is None else existing.facts)
    failed = [problem for problem in result.problems if problem.severity is Severity.ERROR]
    report = _write_report(out, result, refused=bool(failed))
    if failed:
        note = message("没有导入任何一行；逐行说明见 {path}", path=str(report))
        raise InputError([*result.problems, Problem("import-nothing-taken", note, Severity.NOTE)])
    write_case(_case(result, existing), out)
    read_case(out)  # what was written must read back; anything else is an error of ours and shows at once
    return Outcome(out, report, result)


def read_import(
    files: Sequence[Path], mapping: ImportMapping, *, plant: str = "", known: Iterable[Fact] = ()
) -> Import:
    """Read files through a mapping; problems, errors among them, stand in the result. ``known``: facts that are there
    already and must not be imported again. Raises InputError where a file cannot be read at all, where nothing in the
    files fits the mapping, or where they hold several plants and none is chosen."""
    tables: list[tuple[TableMapping, ForeignTable]] = []
    problems: list[Problem] = []
    for path in files:
        try:
            found = read_tables(path)
        except InputError as error:
            problems.extend(error.problems)
            continue
        for table in found:
            problems.extend(_fit(mapping, table, tables))
    if any(problem.severity is Severity.ERROR for problem in problems) or not tables:
        if not problems:
            problems = [Problem("import-nothing", message("文件里没有一张表合对应表"))]
        raise InputError(problems)
    work = _Work(mapping, plant, problems)
    work.plant = _choose_plant(tables, plant)
    for of, table in tables:
        _read_table(work, of, table)
    facts, places = bills_to_facts(work.bills, mapping, work.problems)
    facts = (*facts, *work.facts)
    _refuse_known(facts, known, work)
    if not facts and not work.equipment:
        work.problems.append(Problem("import-nothing", message("没有一行可以导入")))
    documents = dict.fromkeys(fact.source for fact in facts if fact.source)
    evidence = tuple(Evidence(id=name, title=name, kind="invoice", file=name) for name in documents)
    said = work.profile
    name = said.get("name") or work.plant
    profile = Profile(
        plant=work.plant or name,
        name=name,
        name_en=said.get("name_en", ""),
        industry_code=said.get("industry_code", ""),
        province=said.get("province", ""),
        city=said.get("city", ""),
        details=work.details,
    )
    facts = tuple(replace(fact, plant=profile.plant) for fact in facts)
    return Import(
        profile, facts, tuple(work.equipment), places, evidence, tuple(work.rows), tuple(work.problems)
    )  # fmt: skip


# --- tables ----------------------------------------------------------------------------------------------------------


def _fit(
    mapping: ImportMapping, table: ForeignTable, fitting: list[tuple[TableMapping, ForeignTable]]
) -> Iterable[Problem]:
    """Put a table beside the mapping that it fits; else say what the nearest one lacks."""
    candidates = [
        of
        for of in mapping.tables
        if (not of.file or fnmatch.fnmatch(table.file, of.file)) and (not of.sheet or of.sheet == table.sheet)
    ]
    lacking = {index: missing_headings(of, table.headings) for index, of in enumerate(candidates)}
    fits = [index for index, names in lacking.items() if not names]
    if fits:
        best = max(fits, key=lambda index: len(candidates[index].columns))
        fitting.append((candidates[best], table))
        return
    named = [index for index in lacking if candidates[index].file or candidates[index].sheet]
    nearest = min(named or lacking, key=lambda index: len(lacking[index]), default=None)
    text: Message = message("表头不合对应表里的任何一张表，没有读入")
    severity = Severity.WARNING if len(table.sheet) and not named else Severity.ERROR
    expected = None
    if nearest is not None:
        of = candidates[nearest]
        expected = message("{kind} 表还要有列：{names}", kind=of.kind, names=listing(lacking[nearest]))
    found = str(listing(table.headings[:12]))
    yield Problem("import-table-unknown", text, severity, table.where(), found, expected)


def _choose_plant(tables: Sequence[tuple[TableMapping, ForeignTable]], wanted: str) -> str:
    names: dict[str, None] = {}
    for of, table in tables:
        column = of.columns.get("plant")
        if column:
            names.update(dict.fromkeys(as_text(row.cells.get(column)) for row in table.rows))
        elif "plant" in of.fixed:
            names.setdefault(of.fixed["plant"])
    names.pop("", None)
    if wanted:
        if names and wanted not in names:
            text = message("文件里没有企业“{name}”", name=wanted)
            expected = message("其中之一：{names}", names=listing(names))
            raise InputError([Problem("import-plant-unknown", text, expected=expected)])
        return wanted
    if len(names) > 1:
        text = message("文件里有 {count} 家企业，请用 --plant 选一家", count=len(names))
        raise InputError([Problem("import-plants", text, expected=message("{names}", names=listing(names)))])
    return next(iter(names), "")


def _read_table(work: _Work, of: TableMapping, table: ForeignTable) -> None:
    for row in table.rows:
        taken = Taken(table.file, table.sheet, row.number, of.kind)
        work.rows.append(taken)
        plant = as_text(row.cells.get(of.columns["plant"])) if "plant" in of.columns else ""
        if plant and plant != work.plant:
            taken.leave(message("属于另一家企业：{name}", name=plant))
            continue
        if not selects(of, row):
            taken.leave(message("不在对应表所选之列"))
            continue
        for part_of, part in _parts(of, table, row):
            _read_row(work, ReadRow(work.mapping, part_of, table, part, taken, work.problems))


def _parts(of: TableMapping, table: ForeignTable, row: ForeignRow) -> Iterable[tuple[TableMapping, ForeignRow]]:
    """The single records of a row: entries of a list, months across, meters across; else the row itself."""
    if of.each:
        for entry in entries_of(row, of.each):
            yield of, entry
    elif of.layout == "months":
        taken = set(of.columns.values())
        for heading in table.headings:
            period = read_heading(heading).period
            if period and heading not in taken and row.cells.get(heading) not in ("", None):
                yield _with(of, {"amount": heading}, {"period": period}), row
    elif of.layout == "meters":
        for heading, meter in of.meters.items():
            if row.cells.get(heading) in ("", None):
                continue
            said = {"meter": meter.meter or heading, "carrier": meter.carrier, "unit": meter.unit}
            yield _with(of, {"amount": heading}, {key: value for key, value in said.items() if value}), row
    else:
        yield of, row


def _with(of: TableMapping, columns: dict[str, str], fixed: dict[str, str]) -> TableMapping:
    return of.model_copy(update={"columns": {**of.columns, **columns}, "fixed": {**of.fixed, **fixed}})


def _read_row(work: _Work, row: ReadRow) -> None:
    if row.of.kind == "bills":
        bill = bill_of(row)
        if bill is not None:
            work.bills.append(bill)
    elif row.of.kind == "production":
        fact = production_fact(row)
        if fact is not None:
            work.facts.append(fact)
            row.taken.made.append(told(fact))
    elif row.of.kind == "equipment":
        machine = machine_of(row)
        if machine is not None:
            work.equipment.append(machine)
            row.taken.made.append(machine.name)
    else:
        for name in ("name", "name_en", "industry_code", "province", "city"):
            if text := row.text(name):
                work.profile[name] = text
        for title, heading in row.of.details.items():
            if text := as_text(row.row.cells.get(heading)):
                work.details[title] = text
        row.taken.made.append(row.text("plant"))


def _refuse_known(facts: Sequence[Fact], known: Iterable[Fact], work: _Work) -> None:
    """Refuse what the case holds already, meter by meter and period by period."""
    there = {(fact.item, fact.role, fact.period, fact.place, fact.meter) for fact in known}
    again = [fact for fact in facts if (fact.item, fact.role, fact.period, fact.place, fact.meter) in there]
    for fact in again:
        text = message("案例里已有这一项：{name} {period}", name=fact.label, period=fact.period)
        work.problems.append(Problem("import-again", text, where=fact.where))


# --- writing ---------------------------------------------------------------------------------------------------------


def _case(result: Import, existing: Case | None) -> Case:
    if existing is None:
        return Case(
            profile=result.profile,
            facts=result.facts,
            places=result.places,
            equipment=result.equipment,
            evidence=result.evidence,
        )
    own = existing.profile.plant or result.profile.plant
    known = {place.name for place in existing.places}
    documents = {document.id for document in existing.evidence}
    return replace(
        existing,
        profile=replace(existing.profile, plant=own),
        facts=(*existing.facts, *(replace(fact, plant=own) for fact in result.facts)),
        places=(*existing.places, *(place for place in result.places if place.name not in known)),
        equipment=(*existing.equipment, *result.equipment),
        evidence=(*existing.evidence, *(one for one in result.evidence if one.id not in documents)),
    )


def _write_report(out: Path, result: Import, *, refused: bool) -> Path:
    """Write what became of every row as the next numbered CSV file; rows of a refused import say so."""
    folder = out / REPORTS
    folder.mkdir(parents=True, exist_ok=True)
    number = 1 + max((int(path.name[:3]) for path in folder.glob("[0-9][0-9][0-9]-*.csv")), default=0)
    path = folder / f"{number:03d}-bills{'-refused' if refused else ''}.csv"
    words = {"taken": tr("读入"), "left-out": tr("未读入"), "refused": tr("有误")}
    if refused:
        words["taken"] = tr("无误，但整批未导入")
    headings = [tr("文件"), tr("工作表"), tr("行"), tr("表的种类"), tr("结果"), tr("成为"), tr("说明")]
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(headings)
        for row in result.rows:
            reasons: list[Text] = list(row.reasons)
            texts = ("; ".join(row.made), "; ".join(str(reason) for reason in reasons))
            cells = (row.file, row.sheet, row.row, row.kind, words[row.status], *texts)
            writer.writerow([_safe(cell) for cell in cells])
    return path


def _safe(cell: object) -> object:
    """A text that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t") else cell

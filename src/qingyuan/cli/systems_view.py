"""Printing index systems: the list, one system, a table as published, proofs and differences; and all as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from qingyuan.cli.common import console, print_problems, print_table
from qingyuan.errors import Severity
from qingyuan.language import clauses, listing, message, tr
from qingyuan.standards.answers import level_word
from qingyuan.standards.model import translated

if TYPE_CHECKING:
    from qingyuan.standards.authoring import Change, FormReading, Proof
    from qingyuan.standards.loading import SystemSummary
    from qingyuan.standards.model import Entry, IndexSystem, Table


def print_systems(found: Sequence[SystemSummary]) -> None:
    """Print the list of systems: those that can be scored first, then those of which only the source is known."""
    from rich import box
    from rich.table import Table as Grid
    from rich.text import Text

    for title, each in (
        (tr("可以评价"), [summary for summary in found if not summary.located_only]),
        (tr("只知出处，可用 qingyuan systems template 录入"), [summary for summary in found if summary.located_only]),
    ):
        if not each:
            continue
        grid = Grid(title=title, box=box.SIMPLE_HEAD, title_justify="left")
        grid.add_column(tr("编号"), no_wrap=True)
        grid.add_column(tr("名称"), overflow="fold", ratio=1)
        if any(summary.tables for summary in each):
            grid.add_column(tr("评价表"), overflow="fold")
        grid.add_column(tr("读到程度"), no_wrap=True)
        for summary in each:
            cells = [summary.id, str(summary.title), _state_text(summary)]
            if len(grid.columns) == 4:
                cells.insert(2, _tables_text(summary))
            grid.add_row(*map(Text, cells))
        console().print(grid)
    print_problems([problem for summary in found for problem in summary.problems])


def _tables_text(summary: SystemSummary) -> str:
    words = {"complete": message("完整"), "partial": message("有缺漏"), "bonus": message("加分")}
    return "\n".join(
        str(message("{id}：{rows} 项，{role}", id=table.id, rows=table.rows, role=words.get(table.role, table.role)))
        for table in summary.tables
    )


def _state_text(summary: SystemSummary) -> str:
    if summary.problems:
        return tr("文件有错误")
    if summary.located_only:
        return tr("只知出处")
    words = {"read": message("全文"), "partly read": message("部分"), "recalled": message("凭记忆")}
    read = str(words.get(summary.verification, summary.verification))
    return read if summary.origin == "shipped" else str(message("{read}，自行录入", read=read))


def summary_json(each: SystemSummary) -> dict[str, object]:
    """One system of the list as plain values."""
    return {
        "id": each.id,
        "title": str(each.title),
        "origin": each.origin,
        "scheme": each.scheme,
        "scope": each.scope,
        "document": each.document,
        "verification": each.verification,
        "grade": each.grade.value,
        "complete": each.complete,
        "located_only": each.located_only,
        "industry_codes": list(each.industry_codes),
        "seed_industries": list(each.seed_industries),
        "tables": [
            {"id": table.id, "name": str(table.name), "role": table.role, "rows": table.rows} for table in each.tables
        ],
        "file": str(each.path),
        "problems": [problem.as_json() for problem in each.problems],
    }


def system_json(system: IndexSystem) -> dict[str, Any]:
    """A whole system as plain values: the keys of its TOML file, numbers as numbers, formulas as texts."""
    from qingyuan.standards.toml_writer import to_data

    found: dict[str, Any] = _plain(to_data(system))
    found["grade"] = system.grade.value
    found["confirmed"] = system.entry is not None and bool(system.entry.confirmed_by)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def entry_json(entry: Entry | None) -> dict[str, str]:
    """Who entered and confirmed a system, and when."""
    if entry is None:
        return {}
    days = {"entered_on": entry.entered_on, "confirmed_on": entry.confirmed_on}
    return {
        "entered_by": entry.entered_by,
        "confirmed_by": entry.confirmed_by,
        **{key: "" if day is None else day.isoformat() for key, day in days.items()},
    }


# --- one system ------------------------------------------------------------------------------------------------------


def print_system(system: IndexSystem) -> None:
    """Print what a system is: title, document, source, grading, who entered it."""
    out = console()
    out.print(str(message("{title}（{id}）", title=system.title, id=system.id)), style="bold", markup=False)
    lines: list[tuple[str, object]] = [
        (tr("文号"), system.document_name),
        (tr("发布"), listing(system.issuers) if system.issuers else ""),
        (tr("发布日期"), system.issued or ""),
        (tr("施行日期"), system.effective or ""),
        (tr("代替"), listing(map(translated, system.replaces)) if system.replaces else ""),
        (tr("依据"), system.source_name),
        (tr("录入"), _entry_text(system)),
        (tr("定级"), _grading_text(system)),
        (tr("说明"), str(system.note or "").strip()),
    ]
    for label, value in lines:
        if str(value):
            out.print(f"{label}  {value}", markup=False)


def _entry_text(system: IndexSystem) -> str:
    entry = system.entry
    if entry is None:
        return ""
    text = str(message("{who} {day}", who=entry.entered_by, day=entry.entered_on or ""))
    if entry.confirmed_by:
        return text + str(message("；{who} {day} 复核", who=entry.confirmed_by, day=entry.confirmed_on or ""))
    return text + str(message("；尚未复核"))


def _grading_text(system: IndexSystem) -> str:
    from qingyuan.standards.formula import decimal_text

    parts: list[str] = []
    for level, rule in system.grading.rules:
        text = message(
            "{level}：{index} ≥ {minimum}，限定性指标达{limiting}",
            level=system.grading.level_name(level) or level_word(level),
            index=rule.index,
            minimum=decimal_text(rule.minimum),
            limiting=level_word(rule.limiting),
        )
        others = str(message("，其余达{others}", others=level_word(rule.others))) if rule.others else ""
        parts.append(f"{text}{others}")
    bonus = system.grading.bonus
    if bonus is not None:
        parts.append(
            str(
                message(
                    "加分表 {table} 权重 {weight}，封顶 {cap}",
                    table=bonus.table,
                    weight=decimal_text(bonus.weight),
                    cap=decimal_text(bonus.cap),
                )
            )
        )
    if not system.grading.verified:
        parts.append(tr("定级条件未见原文"))
    return str(clauses(parts))


def print_published(system: IndexSystem, table: Table, reading: FormReading | None = None) -> None:
    """Print a table as published, for comparing line by line; with a form, the line of its sheet in front."""
    from rich import box
    from rich.table import Table as Grid
    from rich.text import Text

    from qingyuan.standards.authoring import view

    lines = _lines(table, reading)
    title = message("{name}［{id}］", name=table.name, id=table.id)
    grid = Grid(title=str(title), box=box.SQUARE, title_justify="left", show_lines=False, pad_edge=False)
    if lines:
        grid.add_column(tr("行"), justify="right", style="dim")
    grid.add_column(tr("一级指标"), overflow="fold", width=12)
    grid.add_column(tr("权重"), justify="right")
    # The id, which answers name, stands below the name and is never broken: it is there to be copied.
    widest = max((len(row.id) for row in table.indicators()), default=0)
    grid.add_column(tr("二级指标、编号"), overflow="fold", width=max(widest, 20))
    grid.add_column(tr("单位"), overflow="fold")
    grid.add_column(tr("权重"), justify="right", overflow="fold")
    for heading in view.value_headings(system.scheme):
        grid.add_column(str(heading), overflow="fold", ratio=5)
    rows = list(view.published_rows(table, system.scheme, lines))
    remarked = any(row.remarks for row in rows)
    if remarked:
        grid.add_column(tr("备注"), overflow="fold", ratio=3)
    for row in rows:
        if row.group is not None and grid.row_count:
            grid.add_section()
        cells = [("←" if cell is None else str(cell)) for cell in row.cells]
        texts = [
            "" if row.group is None else str(row.group),
            row.group_weight,
            f"{row.name}{' *' if row.limiting else ''}\n{row.id}",
            row.unit,
            row.weight,
            *cells,
        ]
        if remarked:
            texts.append(str(clauses(row.remarks)))
        if lines:
            texts.insert(0, "" if row.line is None else str(row.line))
        bold = row.limiting
        grid.add_row(*(Text(text, style="bold" if bold and text.endswith(f"\n{row.id}") else "") for text in texts))
    out = console()
    out.print(grid)
    notes = [view.weights_text(table)] if system.scheme == "levels" else []
    notes += [view.block_text(block, len(group.in_block(block.id))) for group in table.groups for block in group.blocks]
    parameters = dict.fromkeys(str(row.parameter) for row in table.indicators() if row.parameter is not None)
    out.print(str(message("* 限定性指标；← 与左格相同（跨级）；-- 不作要求")), style="dim", markup=False)
    for note in (*notes, *parameters):
        out.print(str(note), style="dim", markup=False)
    if table.note is not None:
        out.print(str(table.note), markup=False)


def _lines(table: Table, reading: FormReading | None) -> dict[str, int]:
    """The line of the form's sheet by row id."""
    from qingyuan.standards.authoring.view import form_lines

    if reading is None:
        return {}
    found = reading.places.get(table.id)
    if found is None or found.area < 0:
        return {}
    return form_lines(reading.places, reading.form.tables[found.area].places, table)


def print_proof(proof: Proof) -> None:
    """Print trials and problems; what is right is said too."""
    out = console()
    if proof.trials:
        columns = [tr("表"), tr("试算的企业"), tr("应得"), tr("算得"), ""]
        rows = [
            (trial.table, trial.plant, trial.expected, trial.found, "✓" if trial.passed else "✗")
            for trial in proof.trials
        ]
        print_table(tr("定级试算"), columns, rows)
    print_problems(proof.problems)
    errors = sum(1 for problem in proof.problems if problem.severity is Severity.ERROR)
    warnings = sum(1 for problem in proof.problems if problem.severity is Severity.WARNING)
    failed = sum(1 for trial in proof.trials if not trial.passed)
    if proof.ok and warnings:
        out.print(str(message("可以装入；{count} 处请与原文核对", count=warnings)), style="yellow")
    elif proof.ok:
        out.print(tr("可以装入：没有发现问题"), style="green")
    else:
        text = message("有 {errors} 处错误、{failed} 项试算不通过，改正后再核对", errors=errors, failed=failed)
        out.print(str(text), style="red")


def print_changes(changes: Iterable[Change]) -> None:
    """Print the differences of two systems."""
    found = list(changes)
    if not found:
        console().print(tr("没有差别"), style="green")
        return
    words = {"changed": message("改"), "added": message("增"), "removed": message("删")}
    columns = ["", tr("表"), tr("一级指标"), tr("二级指标"), tr("内容"), tr("前"), tr("后")]
    rows = [
        (words[each.kind], each.table, each.group, each.row, each.field, _short(each.before), _short(each.after))
        for each in found
    ]
    print_table(str(message("共 {count} 处差别", count=len(found))), columns, rows)


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 80 else f"{flat[:79]}…"

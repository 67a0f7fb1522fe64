"""The sub-command ``worksheets``: the filled worksheets of a case as a workbook, and entries back into the case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qingyuan.cli.common import (
    EXIT_USAGE,
    JsonOption,
    LangOption,
    console,
    print_json,
    print_table,
    speaking,
)
from qingyuan.language import clauses, message, tr

if TYPE_CHECKING:
    from qingyuan.audit.worksheets import Context, PhaseStatus

CaseArgument = Annotated[Path, typer.Argument(help="案例：文件夹或工作簿 .xlsx / a case: folder or workbook")]


def worksheets(
    case: CaseArgument,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", help="写入的 .xlsx（用 --take 时为新的案例） / the .xlsx to write (with --take: the new case)"
        ),
    ] = None,
    sheet: Annotated[list[str] | None, typer.Option("--sheet", help="只要这张，如 2-6 / this sheet alone")] = None,
    take: Annotated[
        Path | None, typer.Option("--take", help="填好的工作表，并入案例 / filled worksheets to take into the case")
    ] = None,
    system: Annotated[str, typer.Option("--system", help="评价指标体系编号 / id of the index system")] = "",
    table: Annotated[str, typer.Option("--table", help="评价表编号 / id of the table")] = "",
    period: Annotated[str, typer.Option("--period", help="时段，如 2022 / period, such as 2022")] = "",
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """审核的 41 张工作表：生成、填写、并回案例 / the 41 worksheets of the audit: write, fill in, take back."""
    with speaking(lang) as language:
        if take is not None:
            if out is None:
                console(stderr=True).print(tr("用 --out 写明并入后的案例放在哪里"), style="red")
                raise typer.Exit(EXIT_USAGE)
            _take(case, take, out)
            return
        from qingyuan.audit.phases import definition
        from qingyuan.audit.pipeline import run
        from qingyuan.audit.worksheets import Context, phase_status

        wanted = tuple(sheet or ())
        for id in wanted:
            definition(id)
        context = Context(run(case, system=system, table=table, period=period))
        if out is not None:
            from qingyuan.report.worksheet_book import write_worksheets

            out.parent.mkdir(parents=True, exist_ok=True)
            write_worksheets(context, out, language, only=wanted)
        if as_json:
            print_json(_json(context, wanted, out))
            return
        if wanted:
            _print_sheets(context, wanted)
        else:
            _print_states(phase_status(context))
        if out is not None:
            console().print(str(message("已写入 {path}", path=out)), markup=False, soft_wrap=True)


def _json(context: Context, wanted: tuple[str, ...], out: Path | None) -> dict[str, object]:
    from qingyuan.audit.phases import worksheet_ids
    from qingyuan.audit.worksheets import worksheet

    tables = [worksheet(id, context).as_json() for id in (wanted or worksheet_ids())]
    return {"worksheets": tables, "file": None if out is None else str(out)}


def _print_sheets(context: Context, wanted: tuple[str, ...]) -> None:
    from qingyuan.audit.worksheets import worksheet
    from qingyuan.report.worksheet_book import shown_text

    for id in wanted:
        filled = worksheet(id, context)
        rows = [[shown_text(c, cell) for c, cell in zip(filled.columns, row, strict=True)] for row in filled.rows]
        print_table(f"{id} {filled.definition.name}", [str(column.name) for column in filled.columns], rows)
        if filled.missing:
            console().print(str(message("缺：{texts}", texts=clauses(filled.missing))), style="yellow", markup=False)
        if filled.notes:
            console().print(str(message("注：{texts}", texts=clauses(filled.notes))), style="dim", markup=False)


def _print_states(found: tuple[PhaseStatus, ...]) -> None:
    from qingyuan.report.worksheet_book import STATES

    rows = [
        (one.id, one.definition.name, STATES[one.state], f"{int(one.share * 100 + 1e-9)}%", len(one.rows))
        for status in found
        for one in status.sheets
    ]
    columns = [tr("编号"), tr("工作表"), tr("状态"), tr("完成度"), tr("行数")]
    print_table("", columns, rows, right=(3, 4))


def _take(case: Path, filled: Path, out: Path) -> None:
    """Write the case anew with the entries of filled worksheets; nothing is written where they have errors."""
    from qingyuan.audit.inputs import inputs_of
    from qingyuan.audit.record import read_record, taken
    from qingyuan.audit.record_writing import write_case_record
    from qingyuan.facts import read_case

    loaded = read_case(case)
    record = taken(read_record(case), filled)
    inputs_of(record)
    if out.exists() and out.resolve() == filled.resolve():
        console(stderr=True).print(tr("--out 不能是填好的工作表本身"), style="red")
        raise typer.Exit(EXIT_USAGE)
    write_case_record(loaded, record, out)
    count = sum(len(rows) for rows in record.entries.values())
    text = message("已并入 {count} 行填写，写入 {path}", count=count, path=out)
    console().print(str(text), markup=False, soft_wrap=True)

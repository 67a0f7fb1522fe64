"""The sub-commands ``import``: bills of other programs into a case folder, and the mappings that ship."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qingyuan.cli.common import EXIT_USAGE, JsonOption, LangOption, console, print_json, print_problems, speaking
from qingyuan.language import message, tr

app = typer.Typer(
    help="从其他程序的数据导入：能源账单、产量、设备 / import other programs' data: bills, production, equipment",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def bills(
    files: Annotated[
        list[Path],
        typer.Argument(help="账单、产量、设备的文件：CSV、xlsx、JSON / files of bills, production, equipment"),
    ],
    mapping: Annotated[
        str,
        typer.Option("--mapping", help="对应表 MAP.toml，或随软件发布的名称 / a mapping file, or one that ships"),
    ],
    out: Annotated[Path, typer.Option("--out", help="案例文件夹 / the case folder")],
    plant: Annotated[str, typer.Option("--plant", help="文件里有几家企业时选一家 / which plant of several")] = "",
    add: Annotated[bool, typer.Option("--add", help="并入已有的案例 / add to a case that is there already")] = False,
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """导入能源账单（各计量表逐月）：有一行不对就一行也不写，逐行说明留在 imports/ / import utility bills."""
    with speaking(lang):
        from qingyuan.cli.score import problems_as_json
        from qingyuan.facts.importers import import_bills, read_mapping

        with problems_as_json(as_json):
            done = import_bills(files, read_mapping(mapping), out, plant=plant, add=add)
        if as_json:
            print_json(done.as_json())
            return
        print_problems(done.result.problems, limit=30)
        text = message(
            "已导入 {facts} 条数据、{machines} 种设备：读入 {taken} 行，未读入 {left} 行",
            facts=len(done.result.facts),
            machines=len(done.result.equipment),
            taken=done.count("taken"),
            left=done.count("left-out"),
        )
        out_console = console()
        out_console.print(str(text), markup=False, soft_wrap=True)
        out_console.print(str(message("逐行说明：{path}", path=done.report)), markup=False, soft_wrap=True)
        out_console.print(str(message("已写入 {path}", path=done.folder)), markup=False, soft_wrap=True)


@app.command()
def mapping(
    name: Annotated[str, typer.Argument(help="对应表的名称；不写则列出 / a name; without it all are listed")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="写入的文件，供改写 / the file to write")] = None,
    lang: LangOption = "",
) -> None:
    """随软件发布的对应表：列出，或写出一份供改写 / the mappings that ship: list them, or write one to change it."""
    with speaking(lang):
        from qingyuan.facts.importers import mapping_text, read_mapping, shipped_mappings

        if not name:
            for known in shipped_mappings():
                console().print(f"{known}  {read_mapping(known).about}", markup=False, soft_wrap=True)
            return
        text = mapping_text(name)
        if out is None:
            typer.echo(text, nl=False)
            return
        if out.exists():
            console(stderr=True).print(tr("文件已存在，未覆盖"), style="red", markup=False)
            raise typer.Exit(EXIT_USAGE)
        out.write_text(text, encoding="utf-8")
        console().print(str(message("已写入 {path}", path=out)), markup=False, soft_wrap=True)

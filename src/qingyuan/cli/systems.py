"""Sub-commands about index systems: list, show, check, template, import, confirm, diff, export; and ``score``."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from qingyuan.cli.common import (
    EXIT_INPUT,
    EXIT_USAGE,
    JsonOption,
    LangOption,
    console,
    print_json,
    print_problems,
    speaking,
)
from qingyuan.cli.score import problems_as_json, score
from qingyuan.errors import InputError, UnknownName
from qingyuan.language import listing, message, tr

if TYPE_CHECKING:
    from qingyuan.standards.authoring import FormReading, Proof
    from qingyuan.standards.model import IndexSystem

__all__ = ["app", "score"]

app = typer.Typer(
    help="评价指标体系：查看、录入、核对、装入、复核 / index systems: look at, enter, check, import, confirm",
    no_args_is_help=True,
    rich_markup_mode=None,
)

SourceArgument = Annotated[
    str,
    typer.Argument(
        metavar="SYSTEM", help="编号，或录入表 .xlsx、文件 .toml / an id, an entry form .xlsx or a file .toml"
    ),
]
WhoOption = Annotated[str, typer.Option("--who", help="姓名 / the person's name")]
WhenOption = Annotated[
    str, typer.Option("--when", help="日期，默认今天 / date, today by default", metavar="YYYY-MM-DD")
]
ForceOption = Annotated[bool, typer.Option("--force", help="覆盖已有文件 / overwrite an existing file")]


@app.command("list")
def list_systems(
    text: Annotated[str, typer.Argument(help="编号或名称的一部分 / part of an id or title")] = "",
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """列出全部指标体系：能否评价、读到多少 / list the systems: which can be scored, how much of them was read."""
    with speaking(lang):
        from qingyuan.cli.systems_view import print_systems, summary_json
        from qingyuan.standards import systems

        needle = text.casefold()
        found = [
            each
            for each in systems()
            if needle in each.id or needle in each.title.zh or needle in each.title.en.casefold()
        ]
        if as_json:
            print_json([summary_json(each) for each in found])
        else:
            print_systems(found)


@app.command()
def show(
    source: SourceArgument,
    table: Annotated[str, typer.Option("--table", help="只看一张表 / one table only")] = "",
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """照公布的样子打印指标体系 / print a system as it was published."""
    with speaking(lang), _usage():
        from qingyuan.cli.systems_view import print_published, print_system, system_json

        system = _load(source)
        if as_json:
            print_json(system_json(system))
            return
        print_system(system)
        tables = [system.table(table)] if _known_table(system, table) else list(system.all_tables())
        for each in tables:
            print_published(system, each)


@app.command()
def check(
    source: SourceArgument,
    out: Annotated[
        Path | None, typer.Option("--out", help="标红并加批注的副本 .xlsx / a copy with red cells and comments")
    ] = None,
    force: ForceOption = False,
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """核对权重、次序、单位、编号、跨级，试算定级，照原表打印 / prove a system and print it as published."""
    with speaking(lang), _usage():
        from qingyuan.cli.systems_view import print_proof, print_published, print_system
        from qingyuan.standards import authoring

        _may_write(out, force)
        if out is not None and out.suffix.lower() != ".xlsx":
            _wrong(tr("--out 的文件名应以 .xlsx 结尾"))
        reading: FormReading | None = None
        proof: Proof
        if _is_form(source):
            reading = authoring.read_form(Path(source))
            proof = authoring.prove_form(reading)
        else:
            system = _load_or_problems(source, as_json)
            proof = authoring.prove(system)
        if out is not None:
            out.parent.mkdir(parents=True, exist_ok=True)
            if reading is None:
                authoring.write_form(out, system=_load(source))
            else:
                authoring.mark_form(reading, proof, out)
        if as_json:
            print_json({**proof.as_json(), "file": "" if out is None else str(out)})
        else:
            if proof.system is not None:
                print_system(proof.system)
                for each in proof.system.all_tables():
                    print_published(proof.system, each, reading)
            print_proof(proof)
            if out is not None:
                console().print(str(message("已写入 {path}", path=out)), markup=False, soft_wrap=True)
        if not proof.ok:
            raise typer.Exit(EXIT_INPUT)


@app.command()
def template(
    out: Annotated[Path, typer.Option("--out", help="写入的 .xlsx 文件 / the .xlsx file to write")],
    system: Annotated[
        str, typer.Option("--system", help="用已有体系填写（编号或 .toml）/ fill it from a system (id or .toml)")
    ] = "",
    tables: Annotated[int, typer.Option("--tables", min=1, max=40, help="评价表张数 / number of tables")] = 1,
    scheme: Annotated[str, typer.Option("--scheme", help="levels, benchmark, lead-base-linear, pass-fail")] = "levels",
    force: ForceOption = False,
    lang: LangOption = "",
) -> None:
    """生成录入表（Excel）/ write the entry form (Excel)."""
    with speaking(lang) as language, _usage():
        from qingyuan.standards import authoring
        from qingyuan.standards.model import SCHEMES

        if scheme not in SCHEMES:
            _wrong(str(message("--scheme 应为 {options} 之一", options=listing(SCHEMES))))
        _may_write(out, force)
        known = _load(system) if system else None
        out.parent.mkdir(parents=True, exist_ok=True)
        authoring.write_form(out, system=known, language=language, tables=tables, scheme=scheme)
        console().print(str(message("已写入 {path}", path=out)), markup=False, soft_wrap=True)


@app.command("import")
def import_system(
    file: Annotated[Path, typer.Argument(help="录入表 .xlsx 或 .toml / an entry form .xlsx or a .toml")],
    who: WhoOption,
    when: WhenOption = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="替换已装入的同编号体系，旧的保留 / replace, keeping the earlier edition")
    ] = False,
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """核对后装入，记下何人何时录入 / check a system and install it, with who and when."""
    with speaking(lang), _usage():
        from qingyuan.cli.systems_view import entry_json
        from qingyuan.standards import authoring

        day = _day(when)
        if _is_form(str(file)):
            reading = authoring.read_form(file)
            if replace and reading.system is not None and (earlier := _installed(reading.system.id)) is not None:
                reading = authoring.read_form(file, earlier)
            proof = authoring.prove_form(reading)
            if reading.system is None or not proof.ok:
                _fail(proof, as_json)
            system = reading.system
            problems = proof.problems
        else:
            system = _load_or_problems(str(file), as_json)
            problems = ()
        with problems_as_json(as_json):
            installed = authoring.install(system, who, day, replace_earlier=replace)
        if as_json:
            print_json(
                {
                    "ok": True,
                    "system": installed.system.id,
                    "grade": installed.system.grade.value,
                    "file": str(installed.path),
                    "earlier": "" if installed.earlier is None else str(installed.earlier),
                    "entry": entry_json(installed.system.entry),
                    "problems": [problem.as_json() for problem in problems],
                }
            )
            return
        print_problems(problems)
        out = console()
        out.print(str(message("已装入 {id}：{path}", id=installed.system.id, path=installed.path)), soft_wrap=True)
        if installed.earlier is not None:
            out.print(str(message("旧版保留在 {path}", path=installed.earlier)), soft_wrap=True)
        out.print(
            str(
                message(
                    "等级为“用户录入”，结果会注明尚未复核。请另一人对照原文：qingyuan systems confirm {id} --who 姓名",
                    id=installed.system.id,
                )
            ),
            soft_wrap=True,
        )


@app.command()
def confirm(
    system: Annotated[str, typer.Argument(help="已装入的体系编号 / id of an installed system")],
    who: WhoOption,
    against: Annotated[
        Path | None,
        typer.Option("--against", help="复核人独立录入的另一份 .xlsx，须逐格一致 / the second person's own copy"),
    ] = None,
    accept_wording: Annotated[
        bool, typer.Option("--accept-wording", help="定性要求的措辞可以不同 / words of requirements may differ")
    ] = False,
    when: WhenOption = "",
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """第二个人复核：对照原文，或比对独立录入的一份 / a second person confirms an installed system."""
    with speaking(lang), _usage():
        from qingyuan.cli.systems_view import entry_json
        from qingyuan.standards import authoring

        day = _day(when)
        with problems_as_json(as_json):
            copy = None
            if against is not None:
                copy = authoring.read_form(against) if _is_form(str(against)) else _load(str(against))
            done = authoring.confirm(system, who, day, against=copy, accept_wording=accept_wording)
        if as_json:
            print_json(
                {
                    "ok": True,
                    "system": done.system.id,
                    "grade": done.system.grade.value,
                    "verification": done.system.verification,
                    "entry": entry_json(done.system.entry),
                }
            )
            return
        entry = done.system.entry
        assert entry is not None
        console().print(
            str(
                message(
                    "{id}：{one} 录入，{two} 复核，等级升为“已读原文”",
                    id=system,
                    one=entry.entered_by,
                    two=entry.confirmed_by,
                )
            ),
            soft_wrap=True,
        )
        if done.system.verification != "read":
            console().print(tr("其中标为未见原文的行仍按“凭记忆”计"), style="yellow")


@app.command()
def diff(
    before: SourceArgument,
    after: SourceArgument,
    copies: Annotated[
        bool, typer.Option("--copies", help="当作同一文件的两份录入来比 / compare as two copies of one document")
    ] = False,
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """两份指标体系逐行比较 / compare two systems row by row."""
    with speaking(lang), _usage():
        from qingyuan.cli.systems_view import print_changes
        from qingyuan.standards import authoring

        one, two = _load(before), _load(after)
        found = authoring.compare_copies(one, two) if copies else authoring.diff(one, two)
        if as_json:
            print_json([change.as_json() for change in found])
        else:
            print_changes(found)


@app.command()
def export(
    source: SourceArgument,
    out: Annotated[
        Path | None, typer.Option("--out", help=".toml 或 .xlsx；不写则打印 TOML / without it TOML is printed")
    ] = None,
    force: ForceOption = False,
    lang: LangOption = "",
) -> None:
    """导出为 TOML 或录入表 / export as TOML or as an entry form."""
    with speaking(lang) as language, _usage():
        from qingyuan.standards import authoring

        system = _load(source)
        if out is None:
            sys.stdout.write(authoring.to_toml(system))
            return
        _may_write(out, force)
        suffix = out.suffix.lower()
        if suffix not in (".toml", ".xlsx"):
            _wrong(tr("--out 的文件名应以 .toml 或 .xlsx 结尾"))
        out.parent.mkdir(parents=True, exist_ok=True)
        if suffix == ".toml":
            out.write_text(authoring.to_toml(system), encoding="utf-8")
        else:
            authoring.write_form(out, system=system, language=language)
        console().print(str(message("已写入 {path}", path=out)), markup=False, soft_wrap=True)


# --- what the sub-commands share -------------------------------------------------------------------------------------


@contextmanager
def _usage() -> Iterator[None]:
    """Turn an unknown id of a system or table into wrong usage, with the nearest known ones."""
    try:
        yield
    except UnknownName as error:
        _wrong(str(error))


def _wrong(text: str) -> NoReturn:
    console(stderr=True).print(str(message("错误：{text}", text=text)), style="red", markup=False, soft_wrap=True)
    raise typer.Exit(EXIT_USAGE)


def _fail(proof: Proof, as_json: bool) -> NoReturn:
    from qingyuan.cli.systems_view import print_proof

    if as_json:
        print_json(proof.as_json())
    else:
        print_proof(proof)
        console(stderr=True).print(tr("有错误，没有装入"), style="red")
    raise typer.Exit(EXIT_INPUT)


def _is_form(source: str) -> bool:
    return Path(source).suffix.lower() in (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")


def _load(source: str) -> IndexSystem:
    """The system of an id, of a TOML file, or of a form that holds no error."""
    if _is_form(source):
        from qingyuan.standards import authoring

        reading = authoring.read_form(Path(source))
        if reading.system is None or not reading.ok:
            raise InputError(reading.problems)
        return reading.system
    from qingyuan.standards import load, load_file

    return load_file(source) if Path(source).suffix.lower() == ".toml" else load(source)


def _load_or_problems(source: str, as_json: bool) -> IndexSystem:
    """As ``_load``; with ``--json`` the problems of the file are printed as JSON too."""
    with problems_as_json(as_json):
        return _load(source)


def _installed(id: str) -> IndexSystem | None:
    """The installed system of an id, None where there is none that can be read."""
    from qingyuan.standards import load

    try:
        return load(id)
    except (UnknownName, InputError):
        return None


def _known_table(system: IndexSystem, table: str) -> bool:
    if not table:
        return False
    import difflib

    known = [each.id for each in system.all_tables()]
    if table not in known:
        raise UnknownName(message("未知的评价表"), table, difflib.get_close_matches(table, known, cutoff=0.3) or known)
    return True


def _day(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        _wrong(str(message("--when 应为日期，如 2026-08-15；读到 {text}", text=text)))


def _may_write(out: Path | None, force: bool) -> None:
    if out is not None and out.exists() and not force:
        _wrong(str(message("文件已存在，未覆盖（要覆盖请加 --force）：{path}", path=out)))

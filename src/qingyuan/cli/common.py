"""What every sub-command shares: language, printing of tables and JSON, errors and exit status."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from qingyuan.errors import InputError, Problem, QingyuanError, Severity
from qingyuan.language import LANGUAGES, Language, language, message

if TYPE_CHECKING:
    from rich.console import Console

EXIT_INPUT, EXIT_USAGE = 1, 2

JsonOption = Annotated[bool, typer.Option("--json", help="机器可读的 JSON / machine-readable JSON")]
LangOption = Annotated[
    str,
    typer.Option("--lang", help="zh 或 en：界面与报告的语言 / language of output and reports", envvar="QINGYUAN_LANG"),
]


def console(*, stderr: bool = False) -> Console:
    """A rich console; 110 columns where the output is no terminal, so that piped tables stay readable."""
    from rich.console import Console

    terminal = (sys.stderr if stderr else sys.stdout).isatty()
    return Console(stderr=stderr, width=None if terminal else 110, highlight=False)


def chosen_language(code: str) -> Language:
    """Check a ``--lang`` value; an empty one means the environment, and Chinese where that says nothing."""
    if not code:
        code = "en" if os.environ.get("LC_ALL", os.environ.get("LANG", "")).startswith("en") else "zh"
    for known in LANGUAGES:
        if code.lower().replace("_", "-").split("-")[0] == known:
            return known
    raise typer.BadParameter(f"{code}: zh | en")


@contextmanager
def speaking(code: str) -> Iterator[Language]:
    """Run a sub-command in a language; turn engine errors into printed ones and exit status 1."""
    known = chosen_language(code)
    with language(known):
        try:
            yield known
        except InputError as error:
            print_problems(error.problems)
            raise typer.Exit(EXIT_INPUT) from error
        except OSError as error:
            reason = error.strerror or str(error)
            text = message("不能读写 {path}：{reason}", path=error.filename or "", reason=reason)
            console(stderr=True).print(str(message("错误：{text}", text=text)), style="red", markup=False)
            raise typer.Exit(EXIT_INPUT) from error
        except QingyuanError as error:
            console(stderr=True).print(
                str(message("错误：{text}", text=error)), style="red", markup=False, soft_wrap=True
            )
            raise typer.Exit(EXIT_INPUT) from error


def print_json(value: object) -> None:
    """Print a value as JSON, Chinese unescaped; NaN and infinity never leave as numbers."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def read_json(path: Path) -> object:
    """Read a JSON file; a file that is none is an input error with its line and column."""
    from qingyuan.errors import Location

    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        row = error.lineno if isinstance(error, json.JSONDecodeError) else None
        where = Location(file=path.name, row=row)
        raise InputError(
            [Problem("not-json", message("不是有效的 JSON：{text}", text=str(error)), where=where)]
        ) from error
    except OSError as error:
        raise InputError(
            [Problem("unreadable", message("无法读取文件 {path}：{text}", path=path, text=str(error)))]
        ) from error


_STYLE: dict[Severity, Literal["red", "yellow", "dim"]] = {
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.NOTE: "dim",
}


def print_problems(problems: Iterable[Problem], *, limit: int = 200) -> None:
    """List problems on standard error, errors first; what exceeds ``limit`` is counted, not dropped silently."""
    order = list(Severity)
    listed = sorted(problems, key=lambda problem: order.index(problem.severity))
    out = console(stderr=True)
    names = {
        Severity.ERROR: str(message("错误")),
        Severity.WARNING: str(message("警告")),
        Severity.NOTE: str(message("提示")),
    }
    for problem in listed[:limit]:
        out.print(f"{names[problem.severity]}  {problem}", style=_STYLE[problem.severity], markup=False)
    if len(listed) > limit:
        out.print(str(message("……另有 {count} 条，用 --json 查看全部", count=len(listed) - limit)))


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Iterable[int] = ()
) -> None:
    """Print a plain table; ``right`` names the columns (from 0) that hold numbers."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    numeric = set(right)
    table = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left")
    for index, heading in enumerate(columns):
        table.add_column(heading, justify="right" if index in numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    console().print(table)

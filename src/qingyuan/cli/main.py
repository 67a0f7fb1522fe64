"""The command's entry: the tree of sub-commands. Each imports what it needs only when it runs."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from qingyuan import __version__
from qingyuan.cli import balance, cases, importing, law, options, options_engine, review, systems, worksheets

app = typer.Typer(
    name="qingyuan",
    help="清源：清洁生产审核 / Qingyuan: cleaner production audits, from data to figures, grades and reports",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(systems.app, name="systems")
options_engine.register(options.app)
app.add_typer(options.app, name="options")
app.add_typer(importing.app, name="import")
for command in (cases.demo, cases.template, cases.check, cases.convert, cases.audit, cases.figures, cases.explain):
    app.command()(command)
app.command()(systems.score)
app.command()(cases.items)
for legal in (law.deadlines, law.diagnose, law.phases, law.focus):
    app.command()(legal)
app.command()(review.review)
app.command()(worksheets.worksheets)
app.command()(balance.balance)


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="版本 / version")] = False
) -> None:
    if version:
        typer.echo(f"qingyuan {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit


def main() -> None:
    """Run the command; output is UTF-8 whatever the terminal says."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
    app()


if __name__ == "__main__":
    main()

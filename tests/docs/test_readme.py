"""The first commands of a newcomer: every command of both README files runs as it is printed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qingyuan.cli.main import app

ROOT = Path(__file__).parents[2]
_COMMAND = re.compile(r"^\$ (?:\.venv/bin/)?qingyuan (.*?)(?:\s+#.*)?$", re.MULTILINE)


def commands(name: str) -> list[str]:
    return _COMMAND.findall((ROOT / name).read_text(encoding="utf-8"))


def test_both_languages_print_the_same_commands() -> None:
    assert len(commands("README.md")) >= 10
    assert commands("README.md") == commands("README.zh.md")


def test_every_command_runs_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    for command in commands("README.md"):
        done = CliRunner().invoke(app, shlex.split(command))
        assert done.exit_code == 0, (command, done.output)
        out = re.search(r"--out (\S+)", command)
        if out is not None:
            assert (tmp_path / out[1]).exists(), command


def test_the_library_example_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (source,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    monkeypatch.chdir(ROOT)
    exec(compile(source, "README.md", "exec"), {})
    assert float(capsys.readouterr().out.split()[0]) > 0

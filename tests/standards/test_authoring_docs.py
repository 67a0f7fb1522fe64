"""The pages on entering a system: every command in them runs, in order, and the program in them too."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from authoring_typing import Typed
from typer.testing import CliRunner

from qingyuan.cli.main import app

PAGES = [Path(__file__).parents[2] / "docs" / language / "authoring.md" for language in ("zh", "en")]


@pytest.mark.parametrize("page", PAGES, ids=["zh", "en"])
def test_the_commands_of_the_page(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QINGYUAN_HOME", str(tmp_path / "home"))
    text = page.read_text(encoding="utf-8")
    commands = re.findall(r"^\$ qingyuan (.+)$", text, re.MULTILINE)
    assert len(commands) == 8
    alone = "confirm own-industry-2019"
    for command in commands:
        if alone in command and "--against" in command:
            (tmp_path / "home" / "index-systems" / "own-industry-2019.toml").unlink()
            assert CliRunner().invoke(app, ["systems", "import", "zinc.xlsx", "--who", "王五"]).exit_code == 0
            Typed().write(tmp_path / "second.xlsx")
        result = CliRunner().invoke(app, shlex.split(command))
        assert result.exit_code == 0, (command, result.output)
        if "--out zinc.xlsx" in command:  # here the reader of the page fills the form
            Typed().write(tmp_path / "zinc.xlsx")
    assert (tmp_path / "zinc-check.xlsx").exists()
    program = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert program is not None
    (tmp_path / "home" / "index-systems" / "own-industry-2019.toml").unlink()
    exec(compile(program[1], page.name, "exec"), {})
    assert (tmp_path / "home" / "index-systems" / "own-industry-2019.toml").exists()

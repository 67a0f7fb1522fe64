"""The page about economics says what the command prints, and the settings it shows are settings that exist."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from qingyuan.cli.main import app
from qingyuan.errors import Location
from qingyuan.options.economics import check_entries
from qingyuan.options.parameters import check_settings

DOCS = Path(__file__).parent.parent.parent / "docs"
FENCES = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(language: str, kind: str) -> list[str]:
    text = (DOCS / language / "economics.md").read_text(encoding="utf-8")
    return [body for name, body in FENCES.findall(text) if name == kind]


def run(line: str) -> str:
    result = CliRunner().invoke(app, shlex.split(line)[1:])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_example_prints_what_the_page_shows(language: str) -> None:
    shown, as_json = blocks(language, "console")
    first, _, expected = shown.partition("\n")
    printed = run(first.removeprefix("$ "))
    assert [line.rstrip() for line in printed.strip("\n").splitlines() if line.strip()] == [
        line.rstrip() for line in expected.strip("\n").splitlines() if line.strip()
    ]
    record = json.loads(run(as_json.strip().removeprefix("$ ")))
    text = (DOCS / language / "economics.md").read_text(encoding="utf-8")
    said = text[text.rindex("```") :]
    for key in re.findall(r"`(\w+)(?:\[\])?`", said.partition("--sensitivity")[0]):
        assert key in record or key in record["interpolation"], key


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_settings_of_the_page_exist(language: str) -> None:
    (block,) = blocks(language, "toml")
    economics = tomllib.loads(block)["economics"]
    common = {key: value for key, value in economics.items() if not isinstance(value, dict)}
    assert len(common) >= 8
    assert not check_settings(common)
    for entries in (value for value in economics.values() if isinstance(value, dict)):
        assert not check_entries(entries, Location())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_other_commands_of_the_page_work(language: str) -> None:
    lines = [line for block in blocks(language, "bash") for line in block.splitlines() if line]
    assert len(lines) == 2
    for line in lines:
        assert "NPV" in run(line.replace("examples/", str(DOCS.parent / "examples") + "/"))

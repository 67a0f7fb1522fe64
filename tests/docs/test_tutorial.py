"""The tutorial as a newcomer runs it: every command of both languages, in order, in a copy of the examples."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def commands(page: Path) -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    return [line.removeprefix("$ ") for block in blocks for line in block.splitlines() if line.startswith("$ ")]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_command_of_the_tutorial_works(language: str, tmp_path: Path) -> None:
    page = ROOT / "docs" / language / "tutorial.md"
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    lines = commands(page)
    assert len(lines) >= 10
    for line in lines:
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"$ {line}\n{done.stdout}\n{done.stderr}"
        # explanations cite official documents by their Chinese titles
        if language == "en" and line.startswith("qingyuan") and not line.startswith("qingyuan explain"):
            left = re.findall(r"[\u4e00-\u9fff]+", done.stdout)
            assert not [text for text in left if text not in own_words()], f"$ {line}\nChinese left: {left[:20]}"


def own_words() -> str:
    """The plant's own texts: an English reader meets them rightly, also broken over two lines of a table."""
    return "".join(path.read_text(encoding="utf-8") for path in (ROOT / "examples" / "pcb-plant-a").glob("*.csv"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_numbers_that_the_tutorial_states(language: str) -> None:
    """The tutorial quotes these; a change of them needs a change of the text."""
    from qingyuan.audit.pipeline import run

    text = (ROOT / "docs" / language / "tutorial.md").read_text(encoding="utf-8")
    result = run(ROOT / "examples" / "pcb-plant-a")
    assert result.score is not None
    index = result.score.index("I")
    assert f"{float(index.low):.2f} … {float(index.high):.2f}" in text
    assert f" {len(result.score.no_data)} " in text
    power = result.figures.find("electricity-per-product", period="2022", product="double-sided-board")
    assert power is not None
    assert f"{power.value:.2f} kWh/m²" in text

"""The tutorial as a newcomer runs it: every command and every step in Excel, of both languages, in the page's order."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tutorial_steps import Step, fill, steps

ROOT = Path(__file__).parent.parent.parent
OPENED = re.compile(r"(?:打开|Open) `([^`]+\.xlsx)`")
MOST_STEPS = 90  # rows that a newcomer types in fifteen minutes


def parts(page: Path) -> list[str]:
    """The page in pieces: console blocks, and what stands between them."""
    return re.split(r"(```console\n.*?```)", page.read_text(encoding="utf-8"), flags=re.DOTALL)


def commands(block: str) -> list[tuple[str, list[str]]]:
    """The commands of a console block, each with the lines that the page prints below it."""
    found: list[tuple[str, list[str]]] = []
    for line in block.splitlines()[1:-1]:
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.strip():
            found[-1][1].append(line)
    return found


def squeezed(text: str) -> str:
    """A text without its spaces and line ends: tables are as wide as the terminal."""
    return re.sub(r"\s+", "", text)


def run(line: str, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"$ {line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_tutorial_leads_to_a_report(language: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    opened = ""
    ran, typed = 0, 0
    for part in parts(ROOT / "docs" / language / "tutorial.md"):
        if not part.startswith("```console"):
            opened = ([opened, *OPENED.findall(part)])[-1]
            todo = steps(part)
            if todo:
                fill(tmp_path / opened, todo)
                typed += len(todo)
            continue
        for line, printed in commands(part):
            output = run(line, tmp_path)
            ran += 1
            for expected in printed:
                assert squeezed(expected) in squeezed(output), f"$ {line}\nnot printed: {expected}\n{output}"
            if language == "en" and line.startswith("qingyuan") and not line.startswith("qingyuan explain"):
                # explanations cite official documents by their Chinese titles
                left = re.findall(r"[\u4e00-\u9fff]+", output)
                assert not [text for text in left if text not in own_words()], f"$ {line}\nChinese left: {left[:20]}"
    assert ran >= 15
    assert 40 <= typed <= MOST_STEPS
    for folder in ("plant", "plant-2", "plant-first"):
        names = {path.name for path in (tmp_path / "out" / folder).iterdir()}
        assert names >= {"report.docx", "report.pdf", "worksheets.xlsx", "result.json"}
    from qingyuan.audit.inputs import read_inputs

    of_book, of_folder = read_inputs(tmp_path / "out" / "plant-2.xlsx"), read_inputs(tmp_path / "out" / "plant-folder")
    assert of_book == of_folder
    assert {"1-1", "1-2", "6-1", "7-2"} == set(of_book.entries)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_tables_of_the_tutorial_are_understood(language: str) -> None:
    """A table that the test above would pass over silently is found here."""
    text = (ROOT / "docs" / language / "tutorial.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and line.count(" | ") == 2 and "=" in line]
    found: tuple[Step, ...] = steps(text)
    assert len(found) == len(rows)
    assert all(heading and value for step in found for heading, value in step.values)


def own_words() -> str:
    """The plant's own texts: an English reader meets them rightly, also broken over two lines of a table."""
    return "".join(path.read_text(encoding="utf-8") for path in (ROOT / "examples" / "pcb-plant-a").glob("*.csv"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_numbers_that_the_tutorial_states(language: str) -> None:
    """The tutorial quotes these; a change of them needs a change of the text."""
    from qingyuan.audit.pipeline import run as audit

    text = (ROOT / "docs" / language / "tutorial.md").read_text(encoding="utf-8")
    result = audit(ROOT / "examples" / "pcb-plant-a")
    assert result.score is not None
    index = result.score.index("I")
    assert f"{float(index.low):.2f} … {float(index.high):.2f}" in text
    assert f" {len(result.score.no_data)} " in text
    power = result.figures.find("electricity-per-product", period="2022", product="double-sided-board")
    assert power is not None
    assert f"{power.value:.2f} kWh/m²" in text

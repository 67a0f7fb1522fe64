"""Fixtures that every room's tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material that is not shipped; QINGYUAN_SHARED, else ``shared`` beside the checkout."""
    folder = Path(os.environ.get("QINGYUAN_SHARED", ROOT.parent / "shared"))
    if not (folder / "README.md").exists():
        pytest.skip("the shared reference material is absent: set QINGYUAN_SHARED to its folder")
    return folder


@pytest.fixture(scope="session")
def pcb_plant() -> Path:
    """The real plant that ships as an example."""
    return ROOT / "examples" / "pcb-plant-a"

"""Small plants from rows of facts, for the tests of an audit's balances."""

from __future__ import annotations

from pathlib import Path

from qingyuan import figures
from qingyuan.facts.cases import read_case
from qingyuan.facts.model import Case
from qingyuan.figures.derivation import FigureSet
from qingyuan.figures.ledger import Ledger

HEAD = "period,place,kind,item,role,value,unit,basis,to_place,note"
DEMOS = Path(__file__).parents[2] / "src" / "qingyuan" / "data" / "cases"


def plant(folder: Path, rows: str, places: str = "") -> tuple[Case, Ledger, FigureSet]:
    """A case folder with these rows of facts (and places: name,parent,kind), read; its ledger and figures."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [line.strip() for line in rows.strip().splitlines()]
    (folder / "facts.csv").write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")
    (folder / "plant.toml").write_text('plant = "p"\nname = "测试厂"\n', encoding="utf-8")
    if places:
        listed = [line.strip() for line in places.strip().splitlines()]
        (folder / "places.csv").write_text("\n".join(["name,parent,kind", *listed]) + "\n", encoding="utf-8")
    return opened(folder)


def opened(folder: Path) -> tuple[Case, Ledger, FigureSet]:
    """A case folder read, with its ledger and figures."""
    case = read_case(folder)
    ledger = Ledger(case)
    return case, ledger, figures.compute(case, ledger=ledger)

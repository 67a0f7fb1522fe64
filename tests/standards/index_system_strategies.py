"""Random index systems and answers, built as documents and read the way a file is read."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from qingyuan.standards.model import LEVELS, IndexSystem
from qingyuan.standards.reading import read_system

NUMBERS = st.integers(-40, 40).map(lambda number: Decimal(number) / 4)


@st.composite
def shares(draw: st.DrawFn, count: int) -> list[str]:
    """Weights that make exactly 1, as constant formulas."""
    parts = draw(st.lists(st.integers(1, 9), min_size=count, max_size=count))
    return [f"{part}/{sum(parts)}" for part in parts]


@st.composite
def row_bodies(draw: st.DrawFn, *, allow_open: bool = True, limiting: bool = True) -> dict[str, Any]:
    """A row without id, weight and block."""
    body: dict[str, Any] = {"name": "指标", "limiting": limiting and draw(st.integers(0, 3)) == 0}
    if allow_open and draw(st.integers(0, 9)) == 0:
        return {"name": "指标", "kind": "quantitative", "unit": "%", "better": "lower", "open": True}
    if draw(st.booleans()):
        lower = draw(st.booleans())
        bounds = sorted((draw(NUMBERS) for _ in LEVELS), reverse=not lower)
        body |= {"kind": "quantitative", "unit": "kg/t", "better": "lower" if lower else "higher"}
        body |= {"levels": dict(zip(LEVELS, bounds, strict=True)), "strict": draw(st.booleans())}
    else:
        texts = draw(st.sampled_from([("甲", "乙", "丙"), ("甲", "乙", "乙"), ("甲", "甲", "丙"), ("甲", "甲", "甲")]))
        body |= {"kind": "qualitative", "levels": dict(zip(LEVELS, texts, strict=True))}
    free = draw(st.sampled_from([(), (), (), (), ("III",), ("II", "III")]))
    if free:
        body["no_requirement"] = list(free)
    return body


@st.composite
def group_bodies(draw: st.DrawFn, prefix: str, *, shared: tuple[str, ...], limiting: bool = True) -> dict[str, Any]:
    """A group with rows outside blocks and, at times, one block of the kinds allowed."""
    loose = draw(st.integers(1, 4))
    with_block = bool(shared) and draw(st.booleans())
    weights = draw(shares(loose + with_block))
    rows = []
    for number in range(loose):
        rows.append(draw(row_bodies(limiting=limiting)) | {"id": f"{prefix}r{number}", "weight": weights[number]})
    group: dict[str, Any] = {"id": prefix, "name": "组", "indicators": rows}
    if with_block:
        share = draw(st.sampled_from(shared))
        group["blocks"] = [{"id": "block", "weight": weights[-1], "share": share}]
        for number in range(draw(st.integers(1, 4))):
            row = draw(row_bodies(limiting=limiting)) | {"id": f"{prefix}b{number}", "block": "block"}
            if share == "output":
                row["product"] = f"产品{number}号"
            rows.append(row)
    return group


@st.composite
def documents(
    draw: st.DrawFn,
    *,
    partial: bool = False,
    bonus: bool = True,
    shared: tuple[str, ...] = ("count", "equal"),
    groups: int = 4,
) -> dict[str, Any]:
    """A whole document of the three-level kind."""
    count = draw(st.integers(1, groups))
    weights = draw(shares(count))
    table = {"id": "main", "name": "主表", "groups": []}
    for number in range(count):
        group = draw(group_bodies(f"g{number}", shared=shared))
        table["groups"].append(group | {"weight": weights[number]})
    grading: dict[str, Any] = {
        "I": {"index": "Y_I", "min": draw(st.sampled_from([60, 85, 90])), "limiting": "I"},
        "II": {"index": "Y_II", "min": draw(st.sampled_from([60, 85])), "limiting": "II"},
        "III": {"index": "Y_III", "min": draw(st.sampled_from([85, 100, 100])), "limiting": "III"},
    }
    if draw(st.booleans()):
        grading["I"]["others"] = "II"
    document: dict[str, Any] = {
        "id": "random",
        "title": "随机体系",
        "source": "test",
        "verification": "read",
        "grading": grading,
        "tables": [] if partial else [table],
    }
    if partial:
        document["partial_tables"] = [table]
    if bonus and draw(st.booleans()):
        extra = draw(group_bodies("extra", shared=(), limiting=False))
        document["tables"].append({"id": "bonus", "name": "加分", "groups": [extra | {"weight": 1}]})
        grading["bonus"] = {"table": "bonus", "weight": Decimal("0.1"), "cap": 100}
    return document


def system_of(document: dict[str, Any]) -> IndexSystem:
    """The system of a document."""
    return read_system(document)


def answer_for(row: Any) -> st.SearchStrategy[object]:
    """Any answer that a row can take."""
    words: list[object] = [None, "n/a", "none", "I", "II", "III"]
    if not row.quantitative:
        return st.sampled_from(words)
    near = [NUMBERS]
    if row.bounds is not None:
        near += [st.just(bound) for bound in row.bounds.values if isinstance(bound, Fraction)]
    return st.one_of(*near, st.sampled_from([None, "n/a"]))


@st.composite
def answered(draw: st.DrawFn, system: IndexSystem) -> dict[str, object]:
    """An answer for every row of a system."""
    return {row.id: draw(answer_for(row)) for table in system.all_tables() for row in table.indicators()}


@st.composite
def plants(draw: st.DrawFn, **options: Any) -> tuple[IndexSystem, dict[str, object]]:
    """A random system and a plant in which at least one row applies."""
    system = system_of(draw(documents(**options)))
    values = draw(answered(system))
    table = system.main_tables()[0]
    if all(row.open or values[row.id] == "n/a" for row in table.indicators()):
        closed = next((row for row in table.indicators() if not row.open), None)
        if closed is None:
            return draw(plants(**options))
        values[closed.id] = None
    return system, values

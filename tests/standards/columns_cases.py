"""Random index systems with every feature, and random plants for them: for tests of scoring in columns."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from fractions import Fraction

import numpy as np

from qingyuan.language import Name
from qingyuan.reference.records import Grade
from qingyuan.standards.formula import parse_formula
from qingyuan.standards.model import (
    LEVELS,
    Block,
    Bonus,
    ByLevel,
    Grading,
    Group,
    IndexSystem,
    Indicator,
    LevelRule,
    Number,
    Share,
    Table,
)

FEATURES = (
    "strict",
    "equal-levels",
    "free-levels",
    "open",
    "count-block",
    "equal-block",
    "output-block",
    "unknown-block",
    "formula",
    "alternatives",
    "bonus",
    "others",
    "unread-levels",
    "unread-weights",
    "odd-rules",
    "of-whole",
    "spans",
    "variable-weight",
)
PARTIAL = {"unknown-block", "unread-levels", "unread-weights"}

GRID = [Fraction(k, 10) for k in range(-3, 12)]  # bounds and values: equalities happen often
PRODUCTS = ("单面板", "双面板", "多层板")


def random_system(seed: int, features: Collection[str]) -> IndexSystem:
    """A system with one table (and a bonus table), which has the features that the draw of ``seed`` gives it."""
    draw = random.Random(seed)
    has = set(features)
    counter = iter(range(1000))
    groups = [_group(draw, has, f"g{index}", counter) for index in range(draw.randint(1, 4))]
    shares = _shares(draw, len(groups))
    if "unread-weights" in has and draw.random() < 0.3:
        shares[draw.randrange(len(shares))] = None
    groups = [_weighted(group, share) for group, share in zip(groups, shares, strict=True)]
    if "of-whole" in has and None not in shares and not has & {"unread-weights", "variable-weight"}:
        groups = [_of_whole(group) for group in groups]
    partial = bool(has & PARTIAL)
    table = Table("main", Name("主表", "Main"), tuple(groups), partial=partial)
    bonus = Bonus("bonus", draw.choice([Fraction(1, 10), Fraction(1, 5)]), Fraction(100)) if "bonus" in has else None
    tables = [] if partial else [table]
    if bonus:
        extra = _weighted(_group(draw, has & {"strict", "free-levels", "open"}, "b", counter), Fraction(1))
        tables.append(Table("bonus", Name("加分", "Bonus"), (extra,)))
    return IndexSystem(
        id=f"random-{seed}",
        title=Name("随机体系", "Random"),
        verification="read",
        grade=Grade.DEMO,
        source="test",
        grading=Grading(rules=_rules(draw, has), bonus=bonus),
        tables=tuple(tables),
        partial_tables=(table,) if partial else (),
        complete=True,
    )


def _rules(draw: random.Random, has: set[str]) -> tuple[tuple[str, LevelRule], ...]:  # type: ignore[type-arg]
    odd = "odd-rules" in has
    found = []
    for level, minimum in zip(LEVELS, (85, 85, 100), strict=True):
        least = Fraction(draw.choice([minimum, 50, 60, 75, 99])) if odd else Fraction(minimum)
        limiting = draw.choice(LEVELS) if odd else level
        others = draw.choice([None, "II", "III"]) if "others" in has and level == "I" else None
        found.append((level, LevelRule(f"Y_{level}", least, limiting, others)))
    return tuple(found)  # type: ignore[return-value]


def _shares(draw: random.Random, count: int) -> list[Fraction | None]:
    parts = [draw.choice([1, 1, 2, 3, 4, 5]) for _ in range(count)]
    return [Fraction(part, sum(parts)) for part in parts]


def _group(draw: random.Random, has: set[str], id: str, counter) -> Group:  # type: ignore[no-untyped-def]
    blocks: list[Block] = []
    rows: list[Indicator] = []
    kinds = [kind for kind in ("count", "equal", "output", "unknown") if f"{kind}-block" in has and draw.random() < 0.5]
    loose = draw.randint(0 if kinds else 1, 3)
    shares = _shares(draw, loose + len(kinds))
    for share in shares[:loose]:
        weight: Number | None = share
        if "unread-weights" in has and draw.random() < 0.3:
            weight = None
        elif "variable-weight" in has and draw.random() < 0.3:
            weight = parse_formula("(1+n)/10")
        count = draw.randint(2, 3) if "alternatives" in has and draw.random() < 0.3 else 1
        word = f"word-{id}-{len(rows)}" if count > 1 else ""
        alike = [_row(draw, has, id, next(counter), weight, alternatives=word) for _ in range(count)]
        limiting = alike[0].limiting and not any(row.open for row in alike)
        rows.extend(_with(row, limiting=limiting) if count > 1 else row for row in alike)
    for kind, share in zip(kinds, shares[loose:], strict=True):
        block = f"{id}-{kind}"
        assert share is not None
        blocks.append(Block(block, share, _share(kind)))
        for product in PRODUCTS[: 3 if kind == "output" else draw.randint(1, 3)]:
            row = _row(draw, has, id, next(counter), None, block=block)
            rows.append(_with(row, product=Name(product, product)) if kind == "output" else row)
    if draw.random() < 0.5:
        rows.reverse()
    return Group(id, Name(id, id), None, tuple(rows), tuple(blocks))


def _share(kind: str) -> Share:
    for share in ("output", "count", "equal", "unknown"):
        if share == kind:
            return share  # type: ignore[return-value]
    raise ValueError(kind)


def _with(row: Indicator, **changes: object) -> Indicator:
    from dataclasses import replace

    return replace(row, **changes)  # type: ignore[arg-type]


def _weighted(group: Group, weight: Fraction | None) -> Group:
    return Group(group.id, group.name, weight, group.indicators, group.blocks)


def _of_whole(group: Group) -> Group:
    factor = group.weight
    assert factor is not None
    rows = tuple(
        _with(row, weight=row.weight * factor) if isinstance(row.weight, Fraction) else row for row in group.indicators
    )
    blocks = tuple(Block(block.id, block.weight * factor, block.share) for block in group.blocks)  # type: ignore[operator]
    return Group(group.id, group.name, group.weight, rows, blocks)


def _row(
    draw: random.Random,
    has: set[str],
    group: str,
    number: int,
    weight: Number | None,
    block: str = "",
    alternatives: str = "",
) -> Indicator:
    id = f"row-{number}"
    name = Name(id, id)
    common = {"weight": weight, "block": block, "alternatives": alternatives}
    if "open" in has and draw.random() < 0.15:
        kind = draw.choice(["quantitative", "qualitative"])
        unit = "1" if kind == "quantitative" else ""
        return Indicator(id, name, kind, group, open=True, unit=unit, better=None, **common)  # type: ignore[arg-type]
    limiting = draw.random() < 0.3
    free = frozenset(draw.choice([("III",), ("II", "III")]) if "free-levels" in has and draw.random() < 0.25 else ())
    if draw.random() < 0.35:
        texts = ("甲", "乙", "丙")
        if "spans" in has:
            texts = draw.choice([texts, ("甲", "乙", "乙"), ("甲", "甲", "乙"), ("甲", "甲", "甲")])
        words = ByLevel(tuple(Name(text, text) for text in texts))  # type: ignore[arg-type]
        return Indicator(
            id,
            name,
            "qualitative",
            group,
            limiting=limiting,
            texts=words,
            no_requirement=free,
            **common,  # type: ignore[arg-type]
        )
    better = draw.choice(["lower", "higher"])
    bounds: list[Number | None] = sorted(draw.sample(GRID, 3), reverse=better == "higher")  # type: ignore[type-var]
    if "equal-levels" in has and draw.random() < 0.5:
        bounds[1] = draw.choice([bounds[0], bounds[2]])
    if "formula" in has and draw.random() < 0.4:
        sign = "+" if better == "lower" else "-"
        bounds = [parse_formula(f"{k}/10{sign}{k}*n/10") for k in (1, 2, 3)]
        if draw.random() < 0.5:
            bounds = [parse_formula(text) for text in (f"0.4{sign}0.07*n", f"0.5{sign}0.07*n", f"0.55{sign}0.05*n")]
            if better == "higher":
                bounds = [parse_formula(text) for text in ("0.55-0.05*n", "0.5-0.07*n", "0.4-0.07*n")]
        elif better == "higher":
            bounds = [parse_formula(f"{4 - k}/10-{k}*n/10") for k in (1, 2, 3)]
    if "unread-levels" in has and draw.random() < 0.4:
        for index in draw.sample(range(3), draw.randint(1, 3)):
            bounds[index] = None
    return Indicator(
        id,
        name,
        "quantitative",
        group,
        unit="1",
        better=better,  # type: ignore[arg-type]
        limiting=limiting,
        bounds=ByLevel(tuple(bounds)),  # type: ignore[arg-type]
        strict="strict" in has and draw.random() < 0.4,
        no_requirement=free,
        parameter=Name("n", "n") if any(hasattr(bound, "variable") for bound in bounds) else None,
        **common,  # type: ignore[arg-type]
    )


# --- plants ----------------------------------------------------------------------------------------------------------

Plant = tuple[dict[str, object], dict[str, object]]  # answers and parameters of the scalar path


def random_plants(
    system: IndexSystem, seed: int, count: int, features: Collection[str], all_apply: bool = False
) -> list[Plant]:
    """Plants with answers around the bounds, gaps and rows that do not apply; now and then against the rules.

    ``all_apply``: every row applies to every plant, which takes the fused pass where the table allows it.
    """
    draw = random.Random(seed)
    rows = [row for table in system.all_tables() for row in table.indicators()]
    blocks = [block for table in system.all_tables() for group in table.groups for block in group.blocks]
    made = any(block.share == "output" for block in blocks)
    needs_n = any(row.has_formula for row in rows) or "variable-weight" in features
    plants: list[Plant] = []
    for _ in range(count):
        good, away = draw.choice([0.2, 0.5, 0.9, 1.0]), draw.choice([0.0, 0.0, 0.1, 0.5]) * (not all_apply)
        seen: set[str] = set()
        values: dict[str, object] = {}
        for row in rows:
            chance = draw.random()
            if row.alternatives and row.alternatives in seen and draw.random() < 0.97:
                values[row.id] = None if all_apply else draw.choice([None, "n/a"])
                continue
            if chance < away:
                values[row.id] = "n/a"
            elif chance > 0.95:
                values[row.id] = None
            else:
                values[row.id] = _answer(draw, row, draw.random() < good)
                if row.alternatives:
                    seen.add(row.alternatives)
        parameters: dict[str, object] = {}
        if made and draw.random() < 0.85:
            amounts = {product: draw.choice([0, 1, 2, 3, 0.1, 0.2, 0.3]) for product in PRODUCTS}
            if any(amounts.values()) or draw.random() < 0.2:
                parameters["outputs"] = amounts
        if needs_n and draw.random() < 0.9:
            parameters["n"] = draw.choice([1, 2, 3, 4])
        plants.append((values, parameters))
    return plants


def _answer(draw: random.Random, row: Indicator, good: bool) -> object:
    if not row.quantitative:
        return draw.choice(["I", "I", "II"]) if good else draw.choice(["I", "II", "III", "none"])
    value = draw.choice(GRID[:4] if row.better == "lower" else GRID[-4:]) if good else draw.choice(GRID)
    return float(value)


def as_columns(system: IndexSystem, plants: list[Plant]) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
    """The same plants as columns for ``score_columns``: numbers, words, marks of n/a, n, outputs."""
    rows = [row for table in system.all_tables() for row in table.indicators()]
    data: dict[str, np.ndarray] = {}  # type: ignore[type-arg]
    for row in rows:
        given = [values[row.id] for values, _ in plants]
        if row.quantitative:
            data[row.id] = np.array([value if isinstance(value, float) else np.nan for value in given], np.float64)
            data[f"na:{row.id}"] = np.array([value == "n/a" for value in given])
        else:
            data[row.id] = np.array(given, dtype=object)
    parameters = [each for _, each in plants]
    if any("n" in each for each in parameters):
        data["n"] = np.array([each.get("n", np.nan) for each in parameters], np.float64)
    if any("outputs" in each for each in parameters):
        for product in PRODUCTS:
            amounts = [_amount(each.get("outputs"), product) for each in parameters]
            data[f"output:{product}"] = np.array(amounts, np.float64)
    return data


def _amount(outputs: object, product: str) -> float:
    return float(outputs[product]) if isinstance(outputs, Mapping) and product in outputs else np.nan

"""What a plant says beside its answers: n, outputs by product, which alternative applies; resolved to the rows.

Products are matched by exact name (Chinese or English), else by the one row whose name contains the other or is
contained in it; such a match is stated in the result, several candidates are a problem.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from qingyuan.errors import Problem
from qingyuan.language import Listing, Message, listing, message
from qingyuan.standards.answers import Answer
from qingyuan.standards.formula import Formula, decimal_text, exact
from qingyuan.standards.model import Block, Group, Indicator, Table

KNOWN = ("n", "outputs", "output", "alternatives", "lead", "base", "pass_mark", "prerequisites")


@dataclass(slots=True)
class Resolved:
    """Parameters by row, and the rows that they take out, each with the reason.

    ``n``: the variable of the row's bounds; ``weight_n``: that of weights outside blocks; ``amounts``: output behind
    each row of a block by output, absent for blocks whose outputs were not given.
    """

    n: dict[str, Fraction] = field(default_factory=dict)
    weight_n: Fraction | None = None
    amounts: dict[str, Fraction] = field(default_factory=dict)
    dropped: dict[str, Message] = field(default_factory=dict)
    row_notes: dict[str, list[Message]] = field(default_factory=dict)
    notes: list[Message] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, code: str, text: Message, found: object = "", expected: Message | None = None) -> None:
        """Add a problem of the parameters."""
        shown = found if isinstance(found, Listing) else str(found)[:120]
        self.problems.append(Problem(code, text, found=shown, expected=expected))


def resolve(table: Table, answers: Mapping[str, Answer], parameters: Mapping[str, object]) -> Resolved:
    """Bring the parameters to the rows of one table; problems are collected in the result."""
    found = Resolved()
    _unknown(table, parameters, found)
    _alternatives(table, answers, parameters.get("alternatives"), found)
    if "outputs" in parameters and "output" in parameters:
        found.problem("outputs-twice", message("参数 outputs 与 output 只能写一个"))
    _outputs(table, answers, parameters.get("outputs", parameters.get("output")), found)
    _variables(table, answers, parameters.get("n"), found)
    return found


def _unknown(table: Table, parameters: Mapping[str, object], found: Resolved) -> None:
    named = {row.parameter.zh for row in table.indicators() if row.parameter is not None}
    for key in parameters:
        if key in KNOWN:
            continue
        if key in named:
            found.notes.append(message("参数 {key} 只用于选表，是否选对了表请自行核对", key=key))
            continue
        near = difflib.get_close_matches(str(key), KNOWN, n=1)
        expected = message("{near}？", near=near[0]) if near else message("{options} 之一", options=listing(KNOWN))
        found.problem("unknown-parameter", message("不认识的参数"), key, expected)


def _alternatives(table: Table, answers: Mapping[str, Answer], given: object, found: Resolved) -> None:
    sets: dict[str, list[Indicator]] = {}
    for row in table.indicators():
        if row.alternatives:
            sets.setdefault(row.alternatives, []).append(row)
    chosen: Mapping[object, object] = {}
    if isinstance(given, Mapping):
        chosen = given
    elif given is not None:
        found.problem("bad-parameter", message("参数 alternatives 应为 {{词: 指标编号}}"), given)
    for word in chosen:
        if word not in sets:
            found.problem("unknown-alternative", message("没有这样的多选一指标"), word)
    for word, rows in sets.items():
        _one_of(word, rows, answers, chosen.get(word), found)


def _one_of(word: str, rows: list[Indicator], answers: Mapping[str, Answer], chosen: object, found: Resolved) -> None:
    if chosen is not None:
        keep = next((row for row in rows if row.id == chosen), None)
        if keep is None:
            options = listing(row.id for row in rows)
            text = message("多选一 {word} 没有这个指标", word=word)
            found.problem("unknown-alternative", text, chosen, message("{options} 之一", options=options))
            return
    else:
        answered = [row for row in rows if answers[row.id].given]
        if len(answered) > 1:
            ids = listing(row.id for row in answered)
            text = message("多选一 {word} 有几项同时作了回答；只留适用的一项，或用参数 alternatives 指明", word=word)
            found.problem("alternatives-answered", text, ids)
            return
        open_ended = [row for row in rows if answers[row.id].kind != "not-applicable"]
        if not answered and not open_ended:
            return
        keep = (answered or open_ended)[0]
        if not answered and len(open_ended) > 1:
            note = message("多选一 {word} 没有任何回答，按此项无数据计", word=word)
            found.row_notes.setdefault(keep.id, []).append(note)
    for row in rows:
        if row is not keep:
            found.dropped[row.id] = message("多选一：适用的是“{name}”", name=keep.name)


def _outputs(table: Table, answers: Mapping[str, Answer], given: object, found: Resolved) -> None:
    blocks = [(group, block) for group in table.groups for block in group.blocks if block.share == "output"]
    if given is None:
        return
    if not isinstance(given, Mapping):
        found.problem("bad-parameter", message("参数 outputs 应为 {{产品: 产量}}"), given)
        return
    amounts: dict[str, Fraction] = {}
    for product, amount in given.items():
        number = exact(amount)
        if number is None or number < 0:
            text = message("产品“{product}”的产量应为不小于0的数", product=product)
            found.problem("bad-output", text, amount)
        else:
            amounts[str(product)] = number
    if not blocks:
        found.notes.append(message("此表没有按产量分担的权重，产量未用"))
        return
    if amounts and not any(amounts.values()):
        found.problem("no-output", message("各产品的产量都是0"))
        return
    for group, block in blocks:
        _block_outputs(group, block, answers, amounts, found)


def _block_outputs(
    group: Group, block: Block, answers: Mapping[str, Answer], amounts: Mapping[str, Fraction], found: Resolved
) -> None:
    rows = [row for row in group.in_block(block.id) if row.product is not None]
    made: dict[str, Fraction] = {row.id: Fraction(0) for row in rows}
    for product, amount in amounts.items():
        candidates = match_product(product, rows)
        if len(candidates) > 1:
            candidates = _narrow(candidates, answers)
        if len(candidates) != 1:
            names = listing(row.product for row in candidates or rows)
            if candidates:
                text = message("产品“{product}”在{group}中对应几行，请写明是哪一种", product=product, group=group.name)
                found.problem("product-ambiguous", text, product, message("{names} 之一", names=names))
            else:
                text = message("产品“{product}”在{group}中没有对应的行", product=product, group=group.name)
                found.problem("product-unknown", text, product, message("{names} 之一", names=names))
            continue
        row = candidates[0]
        made[row.id] += amount
        if not _same(product, row):
            note = message("产量“{product}”按“{name}”计", product=product, name=row.product)
            found.row_notes.setdefault(row.id, []).append(note)
    for row in rows:
        if made[row.id] > 0:
            found.amounts[row.id] = made[row.id]
            continue
        found.dropped[row.id] = message("不生产此产品")
        if answers[row.id].given:
            note = message("指标 {id} 作了回答，但产量中没有产品“{product}”，未计入", id=row.id, product=row.product)
            found.notes.append(note)


def match_product(product: str, rows: Iterable[Indicator]) -> list[Indicator]:
    """The rows for a product: those of exactly this name, else those whose name contains it or lies in it."""
    named = [row for row in rows if row.product is not None]
    same = [row for row in named if _same(product, row)]
    return same or [row for row in named if _related(product, row)]


def _names(row: Indicator) -> tuple[str, ...]:
    product = row.product
    return () if product is None else tuple(name.casefold() for name in (product.zh, product.en) if name)


def _same(product: str, row: Indicator) -> bool:
    return product.strip().casefold() in _names(row)


def _related(product: str, row: Indicator) -> bool:
    text = product.strip().casefold()
    return bool(text) and any(text in name or name in text for name in _names(row))


def _narrow(candidates: list[Indicator], answers: Mapping[str, Answer]) -> list[Indicator]:
    """Of several rows that fit a product: those that apply, and of these the one that was answered."""
    applying = [row for row in candidates if answers[row.id].kind != "not-applicable"]
    answered = [row for row in applying if answers[row.id].given]
    return answered if len(answered) == 1 else applying


def _variables(table: Table, answers: Mapping[str, Answer], given: object, found: Resolved) -> None:
    counted = [(group, block) for group in table.groups for block in group.blocks if block.share == "count"]
    formulas = [row for row in table.indicators() if row.has_formula]
    loose = [
        row
        for group in table.groups
        for row in group.loose()
        if isinstance(row.weight, Formula) and row.weight.variable
    ]
    named: dict[str, Fraction] = {}
    plain: Fraction | None = None
    if isinstance(given, Mapping):
        for key, value in given.items():
            number = _variable(str(key), value, found)
            if number is not None:
                named[str(key)] = number
    elif given is not None:
        plain = _variable("n", given, found)
    if given is not None and not (counted or formulas or loose):
        found.notes.append(message("此表没有用到变量 n"))
    used: set[str] = set()
    for row in formulas:
        value, keys = _for_row(row, named)
        used |= keys
        if value is not None or plain is not None:
            found.n[row.id] = plain if value is None and plain is not None else value or Fraction(0)
    for group, block in counted:
        key = next((key for key in (block.id, group.id) if key in named), None)
        stated = named[key] if key else plain if not formulas else None
        used |= {key} if key else set()
        if stated is not None:
            _count(group, block, answers, stated, found)
    found.weight_n = plain
    for key in sorted(set(named) - used):
        options = listing(dict.fromkeys(row.product or row.id for row in formulas))
        expected = message("{options} 之一", options=options) if options.items else None
        found.problem("unknown-parameter", message("参数 n 中没有对应的产品或指标"), key, expected)


def _variable(key: str, value: object, found: Resolved) -> Fraction | None:
    number = exact(value)
    if number is None or number < 0:
        found.problem("bad-parameter", message("参数 {key} 应为不小于0的数", key=key), value)
        return None
    return number


def _for_row(row: Indicator, named: Mapping[str, Fraction]) -> tuple[Fraction | None, set[str]]:
    """The row's n of a mapping by indicator, product, block or group; and the keys that speak of the row."""
    keys = {key for key in named if key in (row.id, row.block, row.group) or _same(key, row) or _related(key, row)}
    for key in (row.id, *(key for key in named if _same(key, row))):
        if key in named:
            return named[key], keys
    related = sorted((key for key in keys if _related(key, row)), key=len)
    if related:
        return named[related[-1]], keys
    for key in (row.block, row.group):
        if key and key in named:
            return named[key], keys
    return None, keys


def _count(group: Group, block: Block, answers: Mapping[str, Answer], stated: Fraction, found: Resolved) -> None:
    """Hold the stated number of rows of a block against the answers (n 个镀种).

    A plant that states n and answers n rows has said that the others do not apply.
    """
    rows = [row for row in group.in_block(block.id) if row.id not in found.dropped and not row.open]
    applying = [row for row in rows if answers[row.id].kind != "not-applicable"]
    answered = [row for row in applying if answers[row.id].given]
    if stated == len(applying):
        return
    if stated == len(answered):
        for row in applying:
            if row not in answered:
                found.dropped[row.id] = message("未作回答，且申报的 n={n}，按不适用计", n=decimal_text(stated))
        return
    text = message(
        "{group}：n={n}，但适用的指标有 {applying} 项（其中作了回答的 {answered} 项）；不适用的写 n/a",
        group=group.name,
        n=decimal_text(stated),
        applying=len(applying),
        answered=len(answered),
    )
    found.problem("count-mismatch", text, decimal_text(stated))

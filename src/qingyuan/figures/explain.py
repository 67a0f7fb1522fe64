"""Where a number comes from (推导): the tree of a figure as plain data and as lines, down to facts and sources."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from qingyuan import units
from qingyuan.facts.model import Basis, Fact, State
from qingyuan.figures.derivation import Figure, Method, MissingFigure, Operation, Term
from qingyuan.figures.tiling import periods
from qingyuan.language import Message, Name, bracketed, clauses, message, phrases
from qingyuan.reference.english import translated
from qingyuan.reference.records import Coefficient, Grade, Validity

Kind = Literal["figure", "method", "note", "term", "fact", "coefficient", "constant", "see", "need"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation: how deep it stands (0 = the figure), what it is, its text."""

    depth: int
    kind: Kind
    text: str


def basis_name(basis: Basis) -> Message:
    """How a fact is known (数据来源方式), for a reader."""
    names = {
        Basis.METER: message("计量"),
        Basis.INVOICE: message("票据"),
        Basis.MONITORING_AUTO: message("自动监测"),
        Basis.MONITORING: message("手工监测"),
        Basis.STATISTICS: message("统计报表"),
        Basis.BALANCE: message("物料衡算"),
        Basis.FACTOR: message("系数法"),
        Basis.ESTIMATE: message("估算"),
        Basis.UNKNOWN: message("来源不明"),
    }
    return names[basis]


def grade_name(grade: Grade) -> Message:
    """How a record is known (可信等级), for a reader."""
    names = {
        Grade.READ: message("已读原文"),
        Grade.CITED: message("转引"),
        Grade.RECALLED: message("凭记忆，须核对"),
        Grade.USER: message("用户录入"),
        Grade.DEMO: message("演示"),
    }
    return names[grade]


def operation_name(operation: Operation) -> Message:
    """What a term is or how it was made, for a reader."""
    names: dict[Operation, Message] = {
        "fact": message("数据"),
        "coefficient": message("系数"),
        "constant": message("常数"),
        "sum": message("相加"),
        "difference": message("相减"),
        "product": message("相乘"),
        "quotient": message("相除"),
        "function": message("函数"),
        "named": message("即"),
    }
    return names[operation]


# --- plain data ------------------------------------------------------------------------------------------------------


def as_json(figure: Figure) -> dict[str, object]:
    """The figure with its method and its derivation as plain values, in the language in force.

    ``tree`` is a node: label, operation, value, unit, sd and, where they are set, fact, coefficient, bounds, note and
    ``parts``. A node that is used more than once carries ``n`` and stands afterwards as ``{"see": n, "label": …}``.
    """
    record: dict[str, object] = {
        "key": figure.key,
        "id": figure.id,
        "name": str(figure.name),
        "group": figure.group,
        "period": figure.period,
        "value": figure.value,
        "unit": figure.unit,
        "sd": figure.sd,
        "grade": figure.grade.value,
        "method": _method_json(figure.method),
    }
    if figure.product:
        record["product"] = figure.product
    if figure.place:
        record["place"] = figure.place
    if figure.term.exact is not None:
        record["exact"] = format(figure.term.exact.normalize(), "f")
    if figure.notes:
        record["notes"] = [str(note) for note in figure.notes]
    shared = _shared(figure.term)
    record["tree"] = _node_json(figure.term, shared, {})
    return record


def _method_json(method: Method) -> dict[str, object]:
    record: dict[str, object] = {
        "id": method.id,
        "name": str(method.name),
        "formula": str(translated(method.formula)),
        "source": str(translated(method.source)),
        "grade": method.grade.value,
    }
    if method.edition:
        record["edition"] = str(translated(method.edition))
    record.update(_validity_json(method.validity))
    if str(method.note):
        record["note"] = str(method.note)
    return record


def _validity_json(validity: Validity) -> dict[str, object]:
    record: dict[str, object] = {}
    if validity.start is not None:
        record["valid_from"] = validity.start.isoformat()
    if validity.end is not None:
        record["valid_to"] = validity.end.isoformat()
    return record


def _node_json(term: Term, shared: frozenset[int], seen: dict[int, int]) -> dict[str, object]:
    outer = term
    term, label, notes = _merged(term)
    if id(term) in seen:
        return {"see": seen[id(term)], "label": label, "value": outer.value, "unit": outer.unit}
    node: dict[str, object] = {}
    if id(term) in shared:
        seen[id(term)] = len(seen) + 1
        node["n"] = seen[id(term)]
    node.update(label=label, operation=term.operation, value=outer.value, unit=outer.unit, sd=outer.sd)
    if outer.energy_value is not None:
        node["energy_value"] = outer.energy_value
    for flag in ("upper_bound", "lower_bound"):
        if getattr(outer, flag):
            node[flag] = True
    if outer.covers:
        node["covers"] = str(periods(outer.covers))
    if notes:
        node["note"] = str(clauses(notes))
    if term.fact is not None:
        node["fact"] = _fact_json(term.fact)
    if term.coefficient is not None:
        node["coefficient"] = _coefficient_json(term.coefficient)
    if term.parts:
        node["parts"] = [_node_json(part, shared, seen) for part in term.parts]
    return node


def _fact_json(fact: Fact) -> dict[str, object]:
    record: dict[str, object] = {
        "item": fact.item,
        "role": fact.role,
        "period": fact.period,
        "place": fact.place,
        "value": fact.value,
        "unit": fact.unit,
        "state": fact.state.value,
        "basis": fact.basis.value,
        "relative_uncertainty": fact.relative_uncertainty,
        "uncertainty_is_default": fact.uncertainty_is_default,
    }
    for name in ("label", "product", "meter", "source", "note"):
        if text := getattr(fact, name):
            record[name] = text
    where = fact.where.as_json()
    if where:
        record["where"] = where
    return record


def _coefficient_json(coefficient: Coefficient) -> dict[str, object]:
    record: dict[str, object] = {
        "id": coefficient.id,
        "name": str(coefficient.name),
        "value": coefficient.value,
        "unit": coefficient.unit,
        "grade": coefficient.grade.value,
        "source": str(translated(coefficient.source)),
        "default": coefficient.default,
    }
    if coefficient.edition:
        record["edition"] = str(translated(coefficient.edition))
    record.update(_validity_json(coefficient.validity))
    if coefficient.note:
        record["note"] = str(translated(coefficient.note))
    return record


# --- readable lines --------------------------------------------------------------------------------------------------


def lines(figure: Figure) -> tuple[Line, ...]:
    """The explanation of a figure as lines, the figure first, each part below what is made of it."""
    return tuple(_lines(figure))


def lines_of_missing(gap: MissingFigure) -> tuple[Line, ...]:
    """What a figure that could not be computed needs, as lines."""
    name = _titled(gap.name, gap.product, gap.place)
    head = message("{name}（{period}）没有算出，需要：", name=name, period=gap.period)
    return (Line(0, "figure", str(head)), *(Line(1, "need", str(need)) for need in gap.needs))


def as_text(figure: Figure) -> str:
    """The explanation of a figure as indented text."""
    return "\n".join("  " * line.depth + line.text for line in lines(figure))


def _lines(figure: Figure) -> Iterator[Line]:
    name = _titled(figure.name, figure.product, figure.place)
    value = amount(figure.term)
    yield Line(0, "figure", str(message("{name}（{period}）：{value}", name=name, period=figure.period, value=value)))
    method = figure.method
    formula = translated(method.formula)
    yield Line(1, "method", str(message("方法：{name}，{formula}", name=method.name, formula=formula)))
    if str(method.note):
        yield Line(2, "method", str(method.note))
    if method.edition:
        edition, validity = translated(method.edition), _validity(method.validity)
        yield Line(2, "method", str(message("版本：{edition}{validity}", edition=edition, validity=validity)))
    grade = grade_name(method.grade)
    yield Line(2, "method", str(message("依据：{source}（{grade}）", source=translated(method.source), grade=grade)))
    for note in figure.notes:
        yield Line(1, "note", str(message("说明：{note}", note=note)))
    shared = _shared(figure.term)
    top, _, _ = _merged(figure.term)
    if top.operation in ("fact", "coefficient", "constant"):
        yield from _term_lines(top, 1, shared, {})
        return
    yield Line(1, "term", str(message("由以下各项{operation}：", operation=operation_name(top.operation))))
    seen: dict[int, int] = {}
    for part in top.parts:
        yield from _term_lines(part, 2, shared, seen)


def _term_lines(term: Term, depth: int, shared: frozenset[int], seen: dict[int, int]) -> Iterator[Line]:
    outer = term
    term, label, notes = _merged(term)
    label = label or str(operation_name(term.operation))
    value = amount(outer)
    if id(term) in seen:
        text = message("{label} {value}（见上 [{n}]）", label=label, value=value, n=seen[id(term)])
        yield Line(depth, "see", str(text))
        return
    mark = ""
    if id(term) in shared:
        seen[id(term)] = len(seen) + 1
        mark = f" [{seen[id(term)]}]"
    said = [*notes, *_bounds(outer)]
    tail = str(bracketed(clauses(said))) if said else ""
    if term.fact is not None:
        yield Line(depth, "fact", f"{label} {value}{mark}{tail}")
        yield from (Line(depth + 1, "fact", text) for text in _fact_lines(term.fact, term))
    elif term.coefficient is not None:
        yield Line(depth, "coefficient", f"{label} {value}{mark}{tail}")
        yield from (Line(depth + 1, "coefficient", text) for text in _coefficient_lines(term.coefficient))
    elif not term.parts:
        yield Line(depth, "constant", f"{label} {value}{mark}{tail}")
    else:
        how = operation_name(term.operation)
        yield Line(depth, "term", f"{label} {value}{mark} = {how}{tail}")
        for part in term.parts:
            yield from _term_lines(part, depth + 1, shared, seen)


def _fact_lines(fact: Fact, term: Term) -> Iterator[str]:
    uncertainty = f"{100 * fact.relative_uncertainty:.3g}"
    known = message("{basis}，标准不确定度 {u}%", basis=basis_name(fact.basis), u=uncertainty)
    if fact.uncertainty_is_default:
        known = message("{basis}，标准不确定度 {u}%（默认）", basis=basis_name(fact.basis), u=uncertainty)
    place = fact.place or message("全厂")
    yield str(message("{place}，{period}；{known}", place=place, period=fact.period, known=known))
    if fact.value is not None and units.canonical(fact.unit) != term.unit:
        yield str(message("填报：{value}", value=units.quantity(number(fact.value), fact.unit)))
    if fact.state is State.BELOW_DETECTION:
        yield str(message("未检出"))
    where = [text for text in (str(fact.where), fact.source, fact.note) if text]
    if where:
        yield str(message("见：{where}", where=clauses(where)))


def _coefficient_lines(coefficient: Coefficient) -> Iterator[str]:
    edition = f"{translated(coefficient.edition)}{_validity(coefficient.validity)}" if coefficient.edition else ""
    grade = grade_name(coefficient.grade)
    source = clauses(part for part in (edition, translated(coefficient.source)) if part)
    yield str(message("依据：{source}（{grade}）", source=source, grade=grade))
    if coefficient.default:
        yield str(message("默认值，不是本企业的数"))
    if coefficient.note:
        yield str(message("备注：{note}", note=translated(coefficient.note)))


def _bounds(term: Term) -> Iterator[str]:
    if term.upper_bound:
        yield str(message("上限"))
    if term.lower_bound:
        yield str(message("下限"))


def _validity(validity: Validity) -> str:
    if validity.start is not None and validity.end is not None:
        return str(message("（{a} 至 {b} 适用）", a=validity.start.isoformat(), b=validity.end.isoformat()))
    if validity.start is not None:
        return str(message("（{a} 起适用）", a=validity.start.isoformat()))
    if validity.end is not None:
        return str(message("（至 {b} 适用）", b=validity.end.isoformat()))
    return ""


def _titled(name: Name, product: str, place: str) -> str:
    return str(phrases(part for part in (name, product, place) if part))


# --- numbers and nodes -----------------------------------------------------------------------------------------------


def amount(term: Term) -> str:
    """Value, standard uncertainty and unit of a term: ``245.44 ± 12.3 tce``."""
    text = number(term.value)
    if term.sd > 0:
        # decimals for the second digit of the uncertainty, and at least five digits of the value to compare with others
        wanted = 1 - math.floor(math.log10(term.sd))
        shown = 4 - math.floor(math.log10(abs(term.value))) if term.value else 0
        decimals = min(max(0, wanted, shown), 12)
        spread = f"{float(f'{term.sd:.2g}'):.{min(max(0, wanted), 12)}f}"
        text = f"{term.value:.{decimals}f} ± {spread}"
    bound = "≤" if term.upper_bound else "≥" if term.lower_bound else ""
    unit = units.display(term.unit)
    return f"{bound}{text} {unit}".rstrip()


def number(value: float) -> str:
    """A number for a reader: up to eight significant digits, no exponent where that is readable."""
    if value == 0 or 1e-4 <= abs(value) < 1e12:
        return f"{value:.8g}" if abs(value) < 1e7 else f"{value:.0f}"
    return f"{value:.6g}"


def _merged(term: Term) -> tuple[Term, str, tuple[str, ...]]:
    """A named node together with what it names: the inner term, the label to show, the notes of both."""
    notes: list[str] = []
    label = str(term.label)
    while True:
        if str(term.note):
            notes.append(str(term.note))
        if term.operation != "named" or len(term.parts) != 1:
            break
        term = term.parts[0]
    if term.fact is not None or term.coefficient is not None or not label:
        label = str(term.label)
    return term, label, tuple(dict.fromkeys(notes))


def _shared(term: Term) -> frozenset[int]:
    """The identities of the inner terms that stand in more than one place of the tree, leaves apart."""
    uses: Counter[int] = Counter()
    for node in term.walk():
        if node.operation == "named":
            continue
        uses.update(id(_merged(part)[0]) for part in node.parts if _merged(part)[0].parts)
    return frozenset(node for node, count in uses.items() if count > 1)

"""One wrong number, one finding (一数之误并为一条): what a power of ten explains is told with it and not again.

The number is set right and all rules run again. What is still found then has a cause of its own and stays as it is
found then; what is gone followed from the number. So nothing of independent cause can be lost.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from qingyuan import units
from qingyuan.checks.finding import Finding, listed, shown
from qingyuan.checks.knowledge import rule_records
from qingyuan.errors import UnknownName
from qingyuan.facts.model import Case, Fact
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Name, message

Check = Callable[[Case, Ledger], tuple[Finding, ...]]

LEAST = 3  # findings that must follow from a number before they are folded under it
_MOST_NUMBERS = 10  # that are tried; beyond it the record is wrong in kind, not in one number
_ROUNDS = 3  # wrong numbers that are set right one after another


@dataclass(frozen=True, slots=True)
class _Corrected:
    """A case with one number set right (更正一数后的案例), what is found then, and what is no longer found."""

    culprit: Finding
    value: float
    unit: str
    case: Case
    left: tuple[Finding, ...]
    gone: tuple[Finding, ...]


def folded(case: Case, ledger: Ledger, found: tuple[Finding, ...], check: Check) -> tuple[Finding, ...]:
    """Fold what follows from a number wrong by a power of ten under its finding; ``check`` runs all rules on a case.

    The finding of the number says how many others followed and of which rules (``Finding.also``). Findings of which
    fewer than ``LEAST`` follow from one number stay as they are.
    """
    culprits: list[Finding] = []
    for _ in range(_ROUNDS):
        tried = max(_tried(case, ledger, found, check), key=lambda one: len(one.gone), default=None)
        if tried is None or len(tried.gone) < LEAST:
            break
        culprits.append(_told(tried))
        case, found = tried.case, tried.left
        ledger = Ledger(case, ledger.settings)
    return (*culprits, *found)


def _tried(case: Case, ledger: Ledger, found: tuple[Finding, ...], check: Check) -> Iterator[_Corrected]:
    doubtful = [one for one in found if one.rule == "power-of-ten"]
    if len(doubtful) > _MOST_NUMBERS or len(found) <= LEAST:
        return
    for one in doubtful:
        fact = _fact_of(case, one)
        if fact is None or fact.value is None:
            continue
        power = round(math.log10(one.numbers[0].value / one.numbers[1].value))
        right = fact.value / 10.0**power
        corrected = replace(
            case, facts=tuple(replace(other, value=right) if other is fact else other for other in case.facts)
        )
        left = check(corrected, Ledger(corrected, ledger.settings))
        if _key(one) in {_key(other) for other in left}:
            continue
        still = {_key(other) for other in left}
        gone = tuple(other for other in found if other is not one and _key(other) not in still)
        # a number that is only set to agree with the wrong one brings new findings instead of explaining old ones
        if len(left) + len(gone) // 2 < len(found):
            yield _Corrected(one, right, fact.unit, corrected, left, gone)


def _key(finding: Finding) -> tuple[str, frozenset[str]]:
    """What a finding is about; its text may change with the number."""
    return finding.rule, frozenset(finding.concerns)


def _fact_of(case: Case, finding: Finding) -> Fact | None:
    """The one fact that a finding about a misplaced point stands on; None where it is a sum or a result."""
    number = finding.numbers[0]
    hits: list[Fact] = []
    for fact in case.facts:
        if fact.where in number.rows and fact.period == number.period and fact.value:
            try:
                same = math.isclose(units.convert(fact.value, fact.unit, number.unit), number.value, rel_tol=1e-9)
            except (units.DimensionError, UnknownName):
                same = False
            if same:
                hits.append(fact)
    return hits[0] if len(hits) == 1 and len(number.rows) == 1 else None


def _told(tried: _Corrected) -> Finding:
    one = tried.culprit
    rules = tuple(dict.fromkeys(rule for other in tried.gone for rule in (other.rule, *other.also)))
    records = rule_records()
    return replace(
        one,
        message=message(
            "{text}。按 {right} {unit} 计算，另有 {count} 条疑点不再成立，不单列：{rules}",
            text=one.message,
            right=shown(tried.value, 8),
            unit=units.UnitText(tried.unit),
            count=len(tried.gone),
            rules=listed(Name(records[rule].title, records[rule].title_en) for rule in rules),
        ),
        also=tuple(rule for rule in dict.fromkeys((*one.also, *rules)) if rule != one.rule),
    )

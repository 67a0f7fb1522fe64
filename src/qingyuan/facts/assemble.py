"""From tables of raw cells to a case: the one reading that CSV files and workbooks share.

A table keeps its cells as they were; this module has them read, collects every problem with its place, and makes the
case or raises with all problems at once. An input with errors never becomes a case: all or nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qingyuan.errors import InputError, Location, Problem, Severity
from qingyuan.facts.factrows import read_facts
from qingyuan.facts.model import Case, Equipment, Evidence, Fact, Judgement, Monitoring, OptionRow, Place, State
from qingyuan.facts.places import place_tree
from qingyuan.facts.raw import Problems, RawCase
from qingyuan.facts.siderows import (
    read_equipment,
    read_evidence,
    read_judgements,
    read_monitoring,
    read_options,
    read_places,
)
from qingyuan.language import message


def assemble(raw: RawCase) -> Case:
    """Read every table and make the case. Raises InputError with all problems where any of them is an error."""
    problems = raw.problems
    plant = raw.profile.plant
    facts: list[Fact] = []
    monitoring: list[Monitoring] = []
    equipment: list[Equipment] = []
    judgements: list[Judgement] = []
    options: list[OptionRow] = []
    evidence: list[Evidence] = []
    places: list[Place] = []
    for table in raw.tables:
        match table.key:
            case "facts":
                facts.extend(read_facts(table, plant, problems))
            case "monitoring":
                monitoring.extend(read_monitoring(table, plant, problems))
            case "equipment":
                equipment.extend(read_equipment(table, problems))
            case "indicators":
                judgements.extend(read_judgements(table, problems))
            case "options":
                options.extend(read_options(table, problems))
            case "evidence":
                evidence.extend(read_evidence(table, problems))
            case "places":
                places.extend(read_places(table, problems))
    mentioned = [name for fact in facts for name in (fact.place, fact.to_place)]
    tree, doubts = place_tree((*mentioned, *(machine.place for machine in equipment)), places)
    for problem in doubts:
        problems.add(replace(problem, where=Location(file=raw.origin)) if not str(problem.where) else problem)
    _check_doubles(facts, judgements, problems)
    if problems.failed:
        raise InputError(problems.all())
    return Case(
        profile=raw.profile,
        facts=tuple(facts),
        places=tree,
        monitoring=tuple(monitoring),
        equipment=tuple(equipment),
        judgements=tuple(judgements),
        options=tuple(options),
        parameters=dict(raw.parameters),
        problems=problems.all(),
        origin=raw.origin,
        evidence=tuple(evidence),
    )


def _check_doubles(facts: Sequence[Fact], judgements: Sequence[Judgement], problems: Problems) -> None:
    """Warn of rows that say the same twice, and refuse two different answers to one indicator."""
    seen: dict[tuple[object, ...], Fact] = {}
    for fact in facts:
        key: tuple[object, ...] = (
            fact.item,
            fact.role,
            fact.period,
            fact.place,
            fact.to_place,
            fact.product,
            fact.value,
            fact.unit,
        )
        key += (fact.state, fact.basis, fact.label, fact.meter, fact.source, fact.note)
        first = seen.setdefault(key, fact)
        if first is not fact and fact.state is not State.EMPTY:
            problems.add(
                Problem(
                    "row-twice",
                    message("与 {where} 完全相同的一行，数量会重复计算", where=str(first.where)),
                    Severity.WARNING,
                    fact.where,
                    fact.label,
                )
            )
    answers: dict[str, Judgement] = {}
    for judgement in judgements:
        first_answer = answers.setdefault(judgement.indicator, judgement)
        if first_answer is not judgement and first_answer.answer != judgement.answer:
            problems.add(
                Problem(
                    "indicator-twice",
                    message("指标 {id} 有两个不同的回答", id=judgement.indicator),
                    Severity.ERROR,
                    judgement.where,
                    str(judgement.answer),
                    message("与 {where} 一致，或删去一行", where=str(first_answer.where)),
                )
            )

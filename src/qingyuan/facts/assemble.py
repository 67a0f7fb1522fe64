"""From tables of raw cells to a case: the one reading that CSV files and workbooks share.

A table keeps its cells as they were; this module has them read, collects every problem with its place, and makes the
case or raises with all problems at once. An input with errors never becomes a case: all or nothing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from qingyuan.errors import NOWHERE, InputError, Location, Problem, Severity
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


@contextmanager
def _without_collector() -> Iterator[None]:
    """Put the cyclic garbage collector aside: rows make no cycles, and walking all of them again and again is dear."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def assemble(raw: RawCase) -> Case:
    """Read every table and make the case. Raises InputError with all problems where any of them is an error."""
    with _without_collector():
        return _assembled(raw)


def _assembled(raw: RawCase) -> Case:
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
    _check_options(options, problems)
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
    seen: dict[tuple[object, ...], list[Fact]] = {}
    for fact in facts:
        rows = seen.setdefault((fact.item, fact.role, fact.period, fact.place, fact.value), [])
        if rows and fact.state is not State.EMPTY:
            first = next((row for row in rows if _same(row, fact)), None)
            if first is not None:
                text = message("与 {where} 完全相同的一行，数量会重复计算", where=first.where)
                problems.add(Problem("row-twice", text, Severity.WARNING, fact.where, fact.label))
        if len(rows) < 50:
            rows.append(fact)
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
                    message("与 {where} 一致，或删去一行", where=first_answer.where),
                )
            )


def _check_options(options: Sequence[OptionRow], problems: Problems) -> None:
    """Refuse two options with one number: what is decided of an option is kept by its number."""
    numbered: dict[str, OptionRow] = {}
    for option in options:
        first = numbered.setdefault(option.id, option)
        if first is not option:
            text = message(
                "方案编号“{id}”写了两次：“{one}”和“{other}”", id=option.id, one=first.name, other=option.name
            )
            expected = message("一个编号一个方案；另一个在 {where}", where=first.where)
            problems.add(Problem("option-twice", text, Severity.ERROR, option.where, option.id, expected))


def _same(one: Fact, other: Fact) -> bool:
    """Whether two facts of one item, role, period, place and value are the same but for where they stand."""
    return (
        one.source == other.source
        and one.note == other.note
        and one.meter == other.meter
        and replace(one, where=NOWHERE) == replace(other, where=NOWHERE)
    )

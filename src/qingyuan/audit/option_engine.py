"""The options engine on an audited case (审核中的方案引擎): effects as a set, ways to the next levels, candidates.

Options that have been done are in the data of the graded period already, unless the audit compares this period, or a
later one, as the one before; they are not counted a second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from qingyuan import figures as figure_room
from qingyuan.audit.option_levels import plant_level_model
from qingyuan.audit.option_results import NextLevel, Obstacle, OptionResults, Shortfall, StreamClaims
from qingyuan.audit.result import AuditResult
from qingyuan.errors import InputError, Problem
from qingyuan.figures.ledger import Ledger
from qingyuan.options.change import Option, exclusions
from qingyuan.options.changed import PlantModel, compile_plant
from qingyuan.options.classes import is_done
from qingyuan.options.effects import options_of
from qingyuan.options.levels import LevelModel, required_rows, rule_of
from qingyuan.options.match import Candidate, match
from qingyuan.options.option_sets import SetEffects, set_effects
from qingyuan.options.path import find_path
from qingyuan.standards.model import LEVELS, Level
from qingyuan.standards.result import RowScore

CANDIDATES = 15  # technologies that are kept with a result
_SECONDS = 10.0  # for one search; an audit's own options take milliseconds

# Columns of the worksheets of causes by the aspect of the library that they speak of.
_CAUSE_SHEETS = ("2-9", "3-5")
_CAUSE_COLUMNS: Mapping[str, str] = {
    "materials": "raw-material", "technology": "technology", "equipment": "equipment", "control": "process-control",
    "product": "product", "waste_traits": "waste", "management": "management", "staff": "staff",
}  # fmt: skip


def option_results(result: AuditResult, ledger: Ledger | None = None) -> tuple[OptionResults, tuple[Problem, ...]]:
    """What the case's options do together, the ways to the levels above, and technologies that fit; with problems.

    ``result``: figures and, where there is one, the score. Options that contradict each other give problems and no
    effects; everything else is still found.
    """
    case = result.case
    own = Ledger(case, result.settings) if ledger is None else ledger
    candidates, known, matched = _candidates(result, own)
    found = OptionResults(result.period, candidates=candidates, known=known, matched=matched)
    if not case.options or not result.period:
        return found, ()
    done = done_options(result)
    try:
        options = pending_options(result, own)
        level = None if result.score is None else plant_level_model(result, options)[0]
        plant = compile_plant(case, options, period=result.period, ledger=own) if level is None else level.plant
    except InputError as error:
        return found, tuple(error.problems)
    chosen, left_out = _together(options)
    effects = _effects(result, plant, chosen) if chosen else None
    return (
        OptionResults(
            period=result.period,
            done=done,
            left_out=left_out,
            effects=effects,
            streams=() if effects is None else _claims(plant, effects),
            unapplied=plant.unapplied,
            levels=() if level is None else _levels(level, chosen),
            candidates=candidates,
            matched=matched,
            known=known,
        ),
        (),
    )


def done_options(result: AuditResult) -> tuple[str, ...]:
    """The ids of options whose effects are in the data of the graded period already."""
    return tuple(row.id for row in result.case.options if is_done(row)) if _holds_done(result) else ()


def pending_options(result: AuditResult, ledger: Ledger | None = None) -> tuple[Option, ...]:
    """The case's options that are still to be done, with their changes."""
    return _without(options_of(result.case, ledger), frozenset(done_options(result)))


def _holds_done(result: AuditResult) -> bool:
    """Whether the data of the graded period hold what was done: not where it is the comparison's period before."""
    before = result.inputs.before
    return not before or result.period > before


def _without(options: Sequence[Option], done: frozenset[str]) -> tuple[Option, ...]:
    """The options that are still to be done; what they require and has been done needs no mention any more."""
    return tuple(
        replace(
            option,
            requires=tuple(other for other in option.requires if other not in done),
            excludes=tuple(other for other in option.excludes if other not in done),
        )
        for option in options
        if option.id not in done
    )


def _together(options: Sequence[Option]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The options that can stand together, in their order, and those left out with the one that excludes them."""
    barred = exclusions(options)
    kept: list[str] = []
    left: list[tuple[str, str]] = []
    for option in options:
        other = next((id for id in kept if id in barred[option.id]), None)
        if other is None:
            kept.append(option.id)
        else:
            left.append((option.id, other))
    return tuple(kept), tuple(left)


def _effects(result: AuditResult, plant: PlantModel, chosen: Sequence[str]) -> SetEffects:
    # a plant with streams that only options bring has rows more than the case
    figures = result.figures
    if plant.case is not result.case:
        figures = figure_room.compute(plant.case, ledger=plant.ledger)
    return set_effects(
        plant, chosen, [each for each in figures.figures if each.period == plant.period and not each.place]
    )


def _claims(plant: PlantModel, effects: SetEffects) -> tuple[StreamClaims, ...]:
    """What options state of each stream, beside what the set brings; where one acts through another stream, its effect
    alone.
    """
    at_of = {stream.key: at for at, stream in enumerate(plant.streams)}
    wanted = {plant.index[id]: id for id in effects.options}
    stated: dict[tuple[int, str], float] = {}
    for each in plant.applied:
        if each.option not in wanted:
            continue
        amount = plant.streams[each.stream].amount
        value = each.value
        if each.kind == "relative":
            value *= amount
        elif each.kind == "level-after":
            limit = {"max": min, "min": max}.get(each.bound)
            value = (limit(amount, value) if limit else value) - amount
        key = (each.stream, wanted[each.option])
        stated[key] = stated.get(key, 0.0) + value
    return tuple(
        StreamClaims(
            quantity,
            {each.option: stated.get((at_of[quantity.id], each.option), each.alone) for each in quantity.options},
        )
        for quantity in effects.streams
    )


# --- levels ----------------------------------------------------------------------------------------------------------


def _levels(model: LevelModel, chosen: Sequence[str]) -> tuple[NextLevel, ...]:
    """The ways to the levels above the present one, the nearest first."""
    reached = model.score.level
    above = LEVELS[: LEVELS.index(reached)] if reached in LEVELS else LEVELS
    found: list[NextLevel] = []
    for level in reversed(above):
        try:
            found.append(_level(model, level, chosen))
        except InputError:  # the document was read without a rule for this level
            continue
    return tuple(found)


def _level(model: LevelModel, level: Level, chosen: Sequence[str]) -> NextLevel:
    rule = rule_of(model.score, level)
    path = find_path(model, level, seconds=_SECONDS)
    sets = model.plant.sets([[], chosen])
    values = model.values(sets)
    meets = model.meets(values, sets)
    before, best = (float(points) for points in model.index(meets, level))
    at_of = {row.id: at for at, row in enumerate(model.rows)}
    required = required_rows(model.score, rule)
    obstacles: list[Obstacle] = []
    for row in model.score.rows:
        if not row.takes_part or row.met in ("n/a", "open"):
            continue
        at = at_of.get(row.id)

        def misses(asked: Level, row: RowScore = row, at: int | None = at) -> bool:
            now = row.membership[asked] is True
            return not (now or (at is not None and bool(meets[1, at, LEVELS.index(asked)])))

        obliged = row.id in required and misses(required[row.id])
        if not obliged and not misses(level):
            continue
        moved = at is not None and bool(abs(values[1, at] - values[0, at]) > 1e-12 * abs(values[0, at]))
        why: Shortfall = "no-data" if row.met == "no-data" else "not-enough" if moved else "no-option"
        obstacles.append(
            Obstacle(
                row.id, row.indicator.name, row.indicator.unit, obliged, row.answer.as_json(),
                float(values[1, at]) if moved and at is not None else None,
                row.requirement(required[row.id] if obliged else level),
                float(100 * (row.weight if row.weight is not None else row.shared_weight)), row.weight is None, why,
            )
        )  # fmt: skip
    obstacles.sort(key=lambda each: (not each.obliged, -each.points))
    return NextLevel(path, tuple(obstacles), before, best, float(rule.minimum))


# --- candidates ------------------------------------------------------------------------------------------------------


def _candidates(result: AuditResult, ledger: Ledger) -> tuple[tuple[Candidate, ...], tuple[Candidate, ...], int]:
    """The best technologies that no option resembles, those among the best that one does, and how many fit."""
    found = match(result.case, ledger=ledger, score=result.score, causes=_causes(result), losses=_losses(result))
    new = tuple(each for each in found if not each.already)[:CANDIDATES]
    last = new[-1].points if new else 0.0
    known = tuple(each for each in found if each.already and each.points >= last)
    return new, known, len(found)


def _causes(result: AuditResult) -> frozenset[str]:
    """The aspects in which the audit wrote down causes."""
    return frozenset(
        aspect
        for sheet in _CAUSE_SHEETS
        for entry in result.inputs.entries.get(sheet, ())
        for column, aspect in _CAUSE_COLUMNS.items()
        if str(entry.get(column) or "").strip()
    )


def _losses(result: AuditResult) -> dict[str, float]:
    """What leaves as waste at the places whose losses cost money: item ids with the cost of the places (CNY a year)."""
    if result.losses is None:
        return {}
    cost = {place.place: place.total for place in result.losses.places if place.total > 0}
    found: dict[str, float] = {}
    for fact in result.case.facts:
        if fact.role == "generated" and fact.place in cost and fact.value and fact.period.startswith(result.period):
            found[fact.item] = max(found.get(fact.item, 0.0), cost[fact.place])
    return found

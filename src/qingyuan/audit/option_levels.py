"""The level model of an audited plant (达级模型): its options against the rows that facts answer, and scoring anew.

Here the options engine meets the linking of figures to rows: the plant after a set of options is computed again from
its changed facts by the same functions as any plant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qingyuan import figures as figure_room
from qingyuan.audit.linking import LinkedAnswers, link
from qingyuan.audit.result import AuditResult
from qingyuan.errors import InputError, Problem
from qingyuan.facts.model import Case
from qingyuan.figures.derivation import Figure
from qingyuan.figures.ledger import Ledger
from qingyuan.language import message
from qingyuan.options.change import Option
from qingyuan.options.changed import compile_plant
from qingyuan.options.effects import options_of
from qingyuan.options.levels import LevelModel, level_model
from qingyuan.standards.result import Score
from qingyuan.standards.scoring import score


def plant_level_model(result: AuditResult, options: Sequence[Option] | None = None) -> tuple[LevelModel, LinkedAnswers]:
    """The level model of an audited case: its options (or ``options``) against the rows that facts answer.

    Raises InputError where the case could not be scored.
    """
    if result.score is None:
        needs = [Problem("not-scored", need) for need in result.score_needs]
        raise InputError(needs or [Problem("not-scored", message("没有可以评定的指标体系"))])
    case, table = result.case, result.score.table
    ledger = Ledger(case, result.settings)
    chosen = options_of(case, ledger) if options is None else options
    plant = compile_plant(case, chosen, period=result.period, ledger=ledger)
    answers = _answers(plant.case, plant.ledger, result.score, plant.period)
    scored = score(result.score.system, answers.values(), answers.parameters, table.id)
    linked: Mapping[str, Figure] = {a.indicator: a.figure for a in answers.answers if a.figure is not None}
    return level_model(scored, chosen, plant, linked), answers


def _answers(case: Case, ledger: Ledger, scored: Score, period: str) -> LinkedAnswers:
    found = figure_room.compute(case, ledger=ledger)
    return link(case, ledger, found, scored.system, scored.table, period=period)


def recomputed(model: LevelModel, chosen: Sequence[str]) -> Score:
    """The plant scored again after a set: changed facts, figures and links anew, then what options answer directly."""
    case = model.plant.apply(chosen)
    answers = _answers(case, Ledger(case, model.plant.ledger.settings), model.score, model.plant.period)
    after = model.answers(chosen)
    direct = {row.id: after[row.id] for row in model.rows if (row.direct or row.given) and row.id in after}
    return score(model.score.system, {**answers.values(), **direct}, answers.parameters, model.score.table.id)

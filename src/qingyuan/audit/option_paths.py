"""A case's options taken together (案例的方案组合): effects, portfolio, the way to a level, verified by recomputation.

Here the options engine meets the linking of figures to rows: the plant after a set of options is computed again from
its changed facts by the same functions as any plant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from qingyuan import figures as figure_room
from qingyuan.audit.option_engine import pending_options
from qingyuan.audit.option_levels import plant_level_model, recomputed
from qingyuan.audit.pipeline import run
from qingyuan.errors import InputError, Problem
from qingyuan.facts.cases import read_case
from qingyuan.figures.ledger import Ledger
from qingyuan.language import message
from qingyuan.options.change import Option
from qingyuan.options.changed import PlantModel, compile_plant
from qingyuan.options.effects import options_of
from qingyuan.options.levels import LevelModel, level_model
from qingyuan.options.option_sets import SetEffects, set_effects
from qingyuan.options.path import CostBasis, LevelPath, find_path, path_with_certainty, plan_over_years
from qingyuan.options.portfolio import Budget, Portfolio, PortfolioProblem, Project
from qingyuan.standards.answers import split_values
from qingyuan.standards.model import Level
from qingyuan.standards.result import Score
from qingyuan.standards.scoring import score


@dataclass(frozen=True, slots=True)
class PlantPath:
    """A path to a level (达级路径), its plan over years where one was asked for, and the plant scored again from its
    changed facts (None without a case or without a path).
    """

    path: LevelPath
    plan: Portfolio | None = None
    verified: Score | None = None

    def as_json(self) -> dict[str, object]:
        """Everything as plain values."""
        record = self.path.as_json()
        record["plan"] = None if self.plan is None else self.plan.as_json()
        record["verified_level"] = None if self.verified is None else self.verified.level
        return record


def plant_effects(
    path: Path | str, options: Sequence[Option] | None = None, chosen: Sequence[str] | None = None, *, period: str = ""
) -> tuple[SetEffects, PlantModel]:
    """What a set of options changes in a case's streams and figures; ``options`` default to those of the case.

    Raises InputError for a case that cannot be read, options that contradict each other or exclude each other in the
    set; UnknownName for an id.
    """
    case = read_case(path)
    ledger = Ledger(case)
    model = compile_plant(case, options_of(case, ledger) if options is None else options, period=period, ledger=ledger)
    found = figure_room.compute(model.case, ledger=model.ledger)
    figures = [figure for figure in found if figure.period == model.period]
    return set_effects(model, chosen, figures), model


def plant_portfolio(
    path: Path | str, limits: Sequence[float], *, years: int, rate: float
) -> tuple[PortfolioProblem, tuple[str, ...]]:
    """A portfolio problem of a case's options that have investment and saving, and the ids of the others.

    ``limits``: what may be invested in each year (10^4 CNY, what is left carries over); empty = no limit.
    """
    case = read_case(path)
    options = options_of(case)
    known = [o for o in options if o.investment is not None and o.annual_saving is not None]
    ids = {option.id for option in known}
    projects = tuple(
        Project(
            id=option.id,
            name=option.name,
            investment=option.investment or 0.0,
            annual_saving=option.annual_saving or 0.0,
            annual_cost=option.annual_cost,
            life=max(1, round(option.life or 10)),
            uses={"money": (option.investment or 0.0,)},
            requires=tuple(other for other in option.requires if other in ids),
            excludes=tuple(other for other in option.excludes if other in ids),
        )
        for option in known
        if all(other in ids for other in option.requires)
    )
    taken = {project.id for project in projects}
    budgets = (Budget("money", tuple(limits), carry_over=True),) if limits else ()
    problem = PortfolioProblem(projects, years, budgets, discount_rate=rate)
    return problem, tuple(option.id for option in options if option.id not in taken)


def path_of_plant(
    path: Path | str,
    options: Sequence[Option] | None = None,
    *,
    level: Level,
    system: str = "",
    table: str = "",
    period: str = "",
    basis: CostBasis = "investment",
    certainty: float | None = None,
    years: int = 0,
    budget: Sequence[float] = (),
    seconds: float = 60.0,
) -> PlantPath:
    """The cheapest set of a case's options still to be done (or of ``options``) that brings the plant to a level.

    The set that is found is applied to the facts and the plant is scored again from them. Raises InputError where the
    case cannot be scored, with what it needs.
    """
    result = run(path, system=system, table=table, period=period)
    model, _ = plant_level_model(result, pending_options(result) if options is None else options)
    found = _search(model, level, basis, certainty, seconds)
    plan = _plan(model, found, years, budget)
    return PlantPath(found, plan, recomputed(model, found.options) if found.score is not None else None)


def path_of_answers(
    document: object,
    options: Sequence[Option],
    *,
    level: Level,
    system: str = "",
    table: str = "",
    basis: CostBasis = "investment",
    certainty: float | None = None,
    years: int = 0,
    budget: Sequence[float] = (),
    seconds: float = 60.0,
) -> PlantPath:
    """The cheapest set of options from answers alone (VALUES.json as ``score`` reads it): options change indicators.

    Raises InputError where the document cannot be read or names no system.
    """
    if not isinstance(document, Mapping):
        raise InputError([Problem("values-shape", message("VALUES 应为 {{指标编号: 回答}}"))])
    wanted = system or split_values(document).system
    if not wanted:
        raise InputError([Problem("no-system", message("没有给出 --system；用 qingyuan systems list 查编号"))])
    model = level_model(score(wanted, document, {}, table or None), options)
    found = _search(model, level, basis, certainty, seconds)
    return PlantPath(found, _plan(model, found, years, budget))


def _search(model: LevelModel, level: Level, basis: CostBasis, certainty: float | None, seconds: float) -> LevelPath:
    if certainty is None:
        return find_path(model, level, basis=basis, seconds=seconds)
    return path_with_certainty(model, level, certainty, basis=basis, seconds=seconds)


def _plan(model: LevelModel, found: LevelPath, years: int, budget: Sequence[float]) -> Portfolio | None:
    if years < 1 or not found.options:
        return None
    return plan_over_years(model, found.options, years=years, budget=budget)

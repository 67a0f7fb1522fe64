"""The run from a case to a result (审核流程): facts, checks of form and of truth, figures, grade, distance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import qingyuan
from qingyuan import figures as figure_room
from qingyuan.audit.goals import check_investments
from qingyuan.audit.inputs import NO_INPUTS, Inputs, read_inputs
from qingyuan.audit.linking import assessment_period, link, period_notes
from qingyuan.audit.option_economics import assess_options
from qingyuan.audit.option_engine import option_results
from qingyuan.audit.result import AuditResult
from qingyuan.balance.losses import loss_costs
from qingyuan.balance.plant import plant_balances
from qingyuan.checks import run_checks
from qingyuan.errors import InputError, Problem
from qingyuan.facts.cases import read_case
from qingyuan.facts.model import Case, Period
from qingyuan.figures.derivation import FigureSet
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.settings import Settings
from qingyuan.language import Message, listing, message
from qingyuan.reference.loading import DATA
from qingyuan.standards.distance import gaps
from qingyuan.standards.loading import load, systems
from qingyuan.standards.model import IndexSystem, Table
from qingyuan.standards.result import Score
from qingyuan.standards.scoring import choose_table, score


def compute_figures(path: Path | str) -> tuple[Ledger, FigureSet]:
    """Read a case and compute its figures; raises InputError where the input has errors."""
    case = read_case(Path(path))
    ledger = Ledger(case)
    return ledger, figure_room.compute(case, ledger=ledger)


def run(
    path: Path | str, *, system: str = "", table: str = "", period: str = "", today: dt.date | None = None
) -> AuditResult:
    """Audit a case as far as its data reach.

    ``system`` and ``table`` choose the evaluation index system; empty ones are taken from the case's profile, and
    where that says nothing from its industry code, if exactly one system with a readable table covers it. ``period``
    is the period to grade (default: the latest whole year with production). ``today`` dates the result.

    What the audit decided beside the facts (``audit.toml``, worksheets) is read from the same place.

    Raises InputError with every problem where the input has errors, UnknownName for an unknown system or table.
    """
    case = read_case(Path(path))
    inputs = read_inputs(path)
    return audit_case(case, inputs=inputs, system=system, table=table, period=period, today=today)


def audit_case(
    case: Case,
    *,
    inputs: Inputs = NO_INPUTS,
    system: str = "",
    table: str = "",
    period: str = "",
    today: dt.date | None = None,
) -> AuditResult:
    """Audit a case that was read already, with what the audit decided beside it; see ``run``."""
    result, ledger = _graded(case, inputs, system, table, period, today)
    found, wrong = option_results(result, ledger)
    return replace(result, option_results=found, problems=(*result.problems, *wrong))


def _graded(
    case: Case, inputs: Inputs, system: str, table: str, period: str, today: dt.date | None
) -> tuple[AuditResult, Ledger]:
    """Everything up to the score and the distance: what the options are then measured against."""
    if period:
        _check_period(case, period)
    wrong = check_investments(case.options)
    if wrong:
        raise InputError(wrong)
    day = today or dt.datetime.now(tz=CHINA).date()
    settings = Settings.from_profile(case.profile)
    if "reporting-date" not in settings.extra:
        # The factors of the newest notice on this day are used, and frozen with the result.
        settings = replace(settings, extra={**settings.extra, "reporting-date": day.isoformat()})
    ledger = Ledger(case, settings)
    figures = figure_room.compute(case, ledger=ledger)
    graded_period = period or assessment_period(ledger)
    economics, doubts = assess_options(case, inputs, settings, day, ledger=ledger, period=graded_period)
    problems: list[Problem] = [*case.problems, *ledger.problems, *doubts]
    if not period:
        problems += period_notes(ledger, graded_period)
    result = AuditResult(
        case=case,
        figures=figures,
        settings=settings,
        generated_on=day,
        period=graded_period,
        findings=run_checks(case, ledger),
        versions=versions(),
        inputs=inputs,
        economics=economics,
        balances=plant_balances(ledger, figures, settings, graded_period),
        losses=loss_costs(ledger, settings, graded_period) if graded_period else None,
    )
    chosen, needs = _choose_system(case, system)
    if chosen is None:
        return replace(result, problems=tuple(problems), score_needs=needs), ledger
    graded, needs = _choose_table(chosen, table or (case.profile.table if chosen.id == case.profile.system else ""))
    if graded is None:
        return replace(result, problems=tuple(problems), score_needs=needs), ledger
    answers = link(case, ledger, figures, chosen, graded, period=result.period)
    problems.extend(answers.problems)
    if all(answer.origin == "none" for answer in answers.answers):
        need = message("“{title}”的指标都没有数据，不能评定等级", title=chosen.title)
        return replace(result, answers=answers, problems=tuple(problems), score_needs=(need,)), ledger
    scored = score(chosen, answers.values(), answers.parameters, graded.id)
    graded_result = replace(
        result,
        figures=figures + answers.figures(),
        score=scored,
        answers=answers,
        distance=gaps(scored),
        ceiling=_ceiling(scored),
        problems=tuple(problems),
    )
    return graded_result, ledger


def _ceiling(scored: Score) -> Score | None:
    """The score if every row without data reached level I; None where no row lacks data or no levels are graded."""
    if not scored.no_data or scored.system.scheme != "levels":
        return None
    filled = {**scored.values, **dict.fromkeys(scored.no_data, "I")}
    return score(scored.system, filled, scored.parameters, scored.table.id)


def _check_period(case: Case, period: str) -> None:
    """Refuse a period that is none, or that the case has no data of."""
    stated = {fact.period for fact in case.facts if "/" in fact.period}  # business years cross calendar years
    years = (*case.years(), *sorted(stated))
    try:
        known = any(Period.parse(period).contains(Period.parse(year)) for year in years) or any(
            Period.parse(year).contains(Period.parse(period)) for year in years
        )
    except ValueError:
        known = False
    if not known:
        expected = message("{names} 之一", names=listing(years))
        raise InputError([Problem("period-unknown", message("没有这个时段的数据"), found=period, expected=expected)])


# Civil dates are in China Standard Time, which has had no summer time since 1991.
CHINA = dt.timezone(dt.timedelta(hours=8), "CST")


def _choose_system(case: Case, wanted: str) -> tuple[IndexSystem | None, tuple[Message, ...]]:
    """The system that was asked for, or that the profile or the industry code names; else what would decide it."""
    id = wanted or case.profile.system
    if id:
        return load(id), ()
    code = case.profile.industry_code
    fitting = [
        known
        for known in systems()
        if code and any(code.startswith(covered) for covered in known.industry_codes) and known.tables
    ]
    if len(fitting) == 1:
        return load(fitting[0].id), ()
    if fitting:
        names = listing(known.id for known in fitting)
        need = message("行业代码 {code} 有多个评价指标体系，请选择一个（--system）：{names}", code=code, names=names)
        return None, (need,)
    return None, (message("未选择评价指标体系：用 --system 指定，或在企业概况里填写；一览：qingyuan systems list"),)


def _choose_table(system: IndexSystem, wanted: str) -> tuple[Table | None, tuple[Message, ...]]:
    """The table that was asked for, or the only one; else what would decide it."""
    try:
        return choose_table(system, wanted or None), ()
    except InputError as error:
        if wanted:
            raise
        return None, tuple(problem.message for problem in error.problems)


@lru_cache(maxsize=1)
def versions() -> Mapping[str, str]:
    """The version of the program and a fingerprint of the data that it ships, as a stored result keeps them."""
    digest = sha256()
    for path in sorted(DATA.rglob("*")):
        if path.is_file() and path.suffix in (".toml", ".csv") and "cases" not in path.parts:
            digest.update(path.relative_to(DATA).as_posix().encode())
            digest.update(path.read_bytes())
    return {"qingyuan": qingyuan.__version__, "data": digest.hexdigest()[:16]}

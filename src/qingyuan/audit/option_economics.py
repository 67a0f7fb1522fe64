"""The economic assessment of a case's options (方案经济评估) with what the audit recorded beside the facts."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from qingyuan.audit.dates import audit_span
from qingyuan.audit.goals import cost_class
from qingyuan.audit.inputs import AUDIT_FILE, FOLDER, NO_INPUTS, Inputs
from qingyuan.errors import InputError, Location, Problem, Severity
from qingyuan.facts.model import Case, OptionRow
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.settings import Settings
from qingyuan.language import message
from qingyuan.options.claims import AvoidedTax, Stated, stated_effects
from qingyuan.options.economics import OptionEconomics, assess, check_entries
from qingyuan.options.parameters import NAMES, Terms, check_settings, terms

_WHERE = Location(file=AUDIT_FILE, sheet="economics")
# Worksheets whose hand-filled columns are parts of investment and saving.
_SHEETS = {"5-1": ("fixed", "working", "subsidy"), "5-2": ("income", "cost")}


def assess_options(
    case: Case,
    inputs: Inputs = NO_INPUTS,
    settings: Settings | None = None,
    day: dt.date | None = None,
    *,
    ledger: Ledger | None = None,
    period: str = "",
) -> tuple[Mapping[str, OptionEconomics], tuple[Problem, ...]]:
    """Assess every option of a case: results by option id, and what was wrong with entries (these are left out).

    The income tax is that of a stated reporting date, else of the last day of the audit, else of ``day`` (default:
    today in China); a reporting date in ``settings`` that is ``day`` itself is no statement. ``ledger`` and ``period``
    tell what stated effects are worth: prices, and the environmental tax of the period. Raises InputError where the
    parameters of the audit (``[economics]`` in audit.toml) make no sense.
    """
    where = _WHERE
    problems = list(check_terms(inputs))
    if problems:
        raise InputError(problems)
    tax_day = _tax_day(case, inputs, settings, day)
    common = terms(tax_day, stated=inputs.economic_terms, settings=settings)
    stated = Stated({}, {})
    if ledger is not None:
        stated = stated_effects(case, ledger, ledger.settings if settings is None else settings, period)
    found: dict[str, OptionEconomics] = {}
    known = {option.id for option in case.options}
    for id in inputs.economics:
        if id not in known:
            text = message("没有编号为“{id}”的方案，其经济评估没有用上", id=id)
            problems.append(Problem("economics-option-unknown", text, Severity.WARNING, where, id))
    for option in case.options:
        if option.id in found:
            text = message("有几个方案的编号是“{id}”，经济评估只用了第一个", id=option.id)
            problems.append(Problem("economics-option-twice", text, Severity.WARNING, option.where, option.id))
            continue
        entries = _entries(option, inputs, problems)
        wrong = check_entries(entries, replace(where, sheet=f"economics.{option.id}"))
        problems.extend(replace(problem, severity=Severity.WARNING) for problem in wrong)
        dropped = {problem.where.column for problem in wrong}
        entries = {key: value for key, value in entries.items() if key not in dropped}
        own = {key: value for key, value in entries.items() if key in NAMES and value is not None}
        kind = cost_class(option, inputs.cost_limits) or ""
        found[option.id] = assess(
            option,
            _with(common, own, settings, tax_day, inputs),
            cost_class=kind,
            entries=entries,
            claims=stated.effects.get(option.id, ()),
            avoided_tax=_tax(stated.taxes.get(option.id, ())),
        )
    return found, tuple(problems)


def check_terms(inputs: Inputs) -> tuple[Problem, ...]:
    """What is wrong with the parameters that all options are assessed with (``[economics]`` in audit.toml)."""
    return check_settings(inputs.economic_terms, _WHERE)


def _tax(avoided: Sequence[AvoidedTax]) -> float | None:
    """The taxes avoided together, 10^4 CNY a year; None where no taxed pollutant is cut."""
    return sum(one.avoided for one in avoided) / 1e4 if avoided else None


def _tax_day(case: Case, inputs: Inputs, settings: Settings | None, day: dt.date | None) -> dt.date:
    """The day whose income tax counts: an audit of the past is not judged by the law of today."""
    today = day or dt.datetime.now(tz=dt.timezone(dt.timedelta(hours=8))).date()
    frozen = None if settings is None else _date(settings.extra.get("reporting-date"))
    own = _date(Settings.from_profile(case.profile).extra.get("reporting-date"))
    if frozen == today:
        frozen = None  # what the pipeline puts in where nothing is stated
    return frozen or own or audit_span(inputs, case.profile).end or today


def _date(value: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(value or ""))
    except ValueError:
        return None


def _with(
    common: Terms, own: Mapping[str, float], settings: Settings | None, tax_day: dt.date, inputs: Inputs
) -> Terms:
    if not own:
        return common
    return terms(tax_day, stated={**inputs.economic_terms, **own}, settings=settings)


def _entries(option: OptionRow, inputs: Inputs, problems: list[Problem]) -> dict[str, float | None]:
    """What the audit recorded for one option: hand-filled worksheets, and audit.toml over them."""
    found: dict[str, float | None] = {}
    for sheet, columns in _SHEETS.items():
        for row in inputs.entries.get(sheet, ()):
            if row.get("id", "").strip() != option.id:
                continue
            for column in columns:
                text = row.get(column, "").strip().replace(",", "")
                if not text:
                    continue
                try:
                    value = float(text)
                except ValueError:
                    value = math.nan
                if math.isfinite(value):
                    found[column] = value
                    continue
                where = Location(file=f"{FOLDER}/{sheet}.csv", column=column)
                wrong = message("方案 {id} 的金额不是数", id=option.id)
                problems.append(Problem("economics-entry", wrong, Severity.WARNING, where, text, message("一个数")))
    return found | dict(inputs.economics.get(option.id, {}))

"""An audit result as plain values (result.json), with keys that stay and the same digits as the report."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qingyuan.audit.linking import LinkedAnswer
from qingyuan.audit.result import AuditResult
from qingyuan.facts.effects import stated_per
from qingyuan.facts.model import Fact, OptionRow
from qingyuan.figures.derivation import Figure, MissingFigure
from qingyuan.options.economics import by_present_value, by_present_value_ratio
from qingyuan.reference.english import translated
from qingyuan.report.numbers import figure_number, format_quantity
from qingyuan.standards.result import Score

if TYPE_CHECKING:
    from qingyuan.report.first_report import ReportFiles


def result_json(result: AuditResult, files: ReportFiles | None = None) -> dict[str, object]:
    """Everything that an audit found, texts in the language in force.

    ``findings[]`` what contradicts what in the data; ``problems[]`` of form, units and settings; ``figures[]`` with
    id, value, unit, text …; ``missing[]``; ``score`` and ``distance`` (None where nothing was graded); ``ceiling``
    the best that is possible where rows lack data; ``answers[]`` where each indicator's value came from;
    ``options[]`` with their economic symbols, findings and places by NPV and NPVR; ``economics`` the parameters and
    both rankings; ``balances[]`` water, energy, substances with units, whole, rates, flows;
    ``losses`` their cost by place; ``option_effects`` what the options bring as a set beside claims, ``path[]`` the
    ways to the levels above, ``candidates`` technologies that fit; ``settings``, ``versions``; ``files``.
    """
    profile = result.case.profile
    return {
        "plant": {"id": profile.plant, "name": profile.name, "industry_code": profile.industry_code},
        "period": result.period,
        "years": list(result.case.years()),
        "generated_on": result.generated_on.isoformat(),
        "demo": result.demo,
        "findings": [finding.as_json() for finding in result.findings],
        "problems": [problem.as_json() for problem in result.problems],
        "figures": [figure_json(figure) for figure in result.figures.figures],
        "missing": [missing_json(gap) for gap in result.figures.missing],
        "score": None if result.score is None else result.score.as_json(),
        "score_needs": [str(need) for need in result.score_needs],
        "ceiling": None if result.ceiling is None else _ceiling(result.ceiling),
        "answers": [] if result.answers is None else [_answer(answer) for answer in result.answers.answers],
        "distance": None if result.distance is None else result.distance.as_json(),
        "options": [option_json(result, option) for option in result.case.options],
        "economics": economics_json(result),
        "balances": [balance.as_json() for balance in result.balances],
        "losses": None if result.losses is None else result.losses.as_json(),
        **_engine(result),
        "settings": result.settings.as_json(),
        "versions": dict(result.versions),
        "files": {} if files is None else files.as_json(),
    }


def _engine(result: AuditResult) -> dict[str, object]:
    found = result.option_results
    return {
        "option_effects": None if found is None else found.effects_json(),
        "path": [] if found is None else [level.as_json() for level in found.levels],
        "candidates": None if found is None else found.candidates_json(),
    }


def _ceiling(score: Score) -> dict[str, object]:
    """The best that the plant could have: its indices and level if every row without data reached level I."""
    return {"Y": {name: interval.as_json() for name, interval in score.indices}, "level": score.level}


def figure_json(figure: Figure) -> dict[str, object]:
    """One figure: full value, unit, standard uncertainty, the text that the report prints, and what it came from."""
    return {
        "id": figure.id,
        "key": figure.key,
        "name": str(figure.name),
        "value": _finite(figure.value),
        "unit": figure.unit,
        "text": format_quantity(figure_number(figure)),
        "sd": _finite(figure.sd),
        "period": figure.period,
        "product": figure.product,
        "place": figure.place,
        "group": figure.group,
        "method": figure.method.id,
        "edition": str(translated(figure.method.edition)),
        "grade": figure.grade.value,
        "bound": figure_number(figure).bound,
        "notes": [str(note) for note in figure.notes],
        "coefficients": [one.id for one in figure.term.coefficients()],
        "facts": [_place_of(fact) for fact in figure.term.facts()],
    }


def _finite(value: float) -> float | None:
    """A number that JSON can hold; None for infinities and what is no number."""
    return value if math.isfinite(value) else None


def _place_of(fact: Fact) -> str:
    """Where a fact stands: "facts.csv:12", or sheet and cell of a workbook."""
    where = fact.where
    return ":".join(str(part) for part in (where.file, where.sheet, where.cell or where.row) if part)


def missing_json(gap: MissingFigure) -> dict[str, object]:
    """One figure that could not be computed, and what it needs."""
    return {
        "id": gap.id,
        "name": str(gap.name),
        "period": gap.period,
        "product": gap.product,
        "place": gap.place,
        "group": gap.group,
        "needs": [str(need) for need in gap.needs],
    }


def _answer(answer: LinkedAnswer) -> dict[str, object]:
    return {
        "indicator": answer.indicator,
        "value": answer.value,
        "origin": answer.origin,
        "figure": answer.figure.key if answer.figure is not None else "",
        "entered": answer.judgement.answer if answer.judgement is not None else None,
        "evidence": answer.judgement.evidence if answer.judgement is not None else "",
        "needs": [str(need) for need in answer.needs],
    }


def option_json(result: AuditResult, option: OptionRow) -> dict[str, object]:
    """An option as entered, its economic assessment, and what the data checks say of it; money in 10^4 CNY.

    ``N`` in years, ``NPVR``, ``IRR`` and ``IRR_interpolated`` as fractions; ``units`` stands beside.
    ``effects_per``: the output that the effects hold for, None where that is the plant's in a year. ``rank_NPV`` and
    ``rank_NPVR`` count from 1, None without a value.
    """
    found, per = result.economics.get(option.id), stated_per(option)
    worth = [one.id for one in by_present_value(result.economics.values())]
    ratio = [one.id for one in by_present_value_ratio(result.economics.values())]
    return {
        "id": option.id,
        "name": option.name,
        "aspect": option.aspect,
        "kind": option.kind,
        "investment_10k_cny": option.investment,
        "annual_saving_10k_cny": option.annual_saving,
        "payback_years": option.payback_years,
        "effects": option.effects,
        "effects_per": None if per is None else {"amount": per.amount, "unit": per.unit},
        "status": option.status,
        **({} if found is None else found.as_json()),
        "rank_NPV": worth.index(option.id) + 1 if option.id in worth else None,
        "rank_NPVR": ratio.index(option.id) + 1 if option.id in ratio else None,
        "findings": [
            {"rule": finding.rule, "severity": finding.severity.value, "message": str(finding.message)}
            for finding in result.findings
            if finding.rule.startswith("option-") and option.id in finding.concerns
        ],
    }


def economics_json(result: AuditResult) -> dict[str, object]:
    """With what the options were assessed, and their order by NPV and by NPVR (ids, the best first)."""
    found = list(result.economics.values())
    return {
        "terms": found[0].terms.as_json() if found else {},
        "ranking": {
            "NPV": [one.id for one in by_present_value(found)],
            "NPVR": [one.id for one in by_present_value_ratio(found)],
        },
    }

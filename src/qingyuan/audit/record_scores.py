"""Scores that the audit team typed into the ranking worksheets (权重总和计分排序), as settings of the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qingyuan.audit.focus import FactorSet, factor_set
from qingyuan.audit.phases import worksheet_definitions
from qingyuan.errors import Location, Problem
from qingyuan.facts.cells import read_quantity
from qingyuan.language import message

Entry = Mapping[str, str]

_SCORE = "score@"
# The section of the settings that holds the scores of a ranking, by what fills the worksheet.
_SECTIONS = {"ranking": "focus", "option-ranking": "screening"}


def with_scores(
    settings: Mapping[str, Any],
    entries: Mapping[str, Sequence[Entry]],
    sheets: Mapping[str, Location],
    problems: list[Problem],
) -> tuple[dict[str, Any], dict[str, tuple[Entry, ...]]]:
    """Settings and entries with the scores of ranking worksheets among the settings, where the ranking looks for them.

    ``sheets``: where the entries of a worksheet stand. A score is a number from 1 to 10; anything else is a problem,
    as is a factor that the ranking does not have. The scores of a worksheet go before those of the settings.
    """
    changed: dict[str, Any] = dict(settings)
    kept: dict[str, tuple[Entry, ...]] = {id: tuple(rows) for id, rows in entries.items()}
    for id, rows in entries.items():
        section = _SECTIONS.get(worksheet_definitions()[id].filled_by)
        if section is None or not any(key.startswith(_SCORE) for row in rows for key in row):
            continue
        own = changed.get(section, {})
        if not isinstance(own, Mapping) or not isinstance(own.get("scores", {}), Mapping):
            continue  # reported with the settings
        factors = factor_set(str(own.get("set", "handbook")) if section == "focus" else "options")
        scores = {str(name): dict(given) for name, given in own.get("scores", {}).items()}
        where = sheets.get(id, Location(sheet=id))
        for row in rows:
            factor = _factor(factors, row.get("factor", ""))
            for key, text in row.items():
                if not key.startswith(_SCORE):
                    continue
                number = read_quantity(text)
                if factor is None:
                    said = message("工作表 {id} 的得分没有对应的因素", id=id)
                    problems.append(Problem("score-factor", said, where=where, found=row.get("factor", "")))
                elif number.number is None or number.failed or number.unit or not 1 <= number.number <= 10:
                    said = message("“{name}”的得分不是 1 到 10 的数", name=key.removeprefix(_SCORE))
                    problems.append(Problem("score-range", said, where=where, found=text))
                else:
                    scores.setdefault(key.removeprefix(_SCORE), {})[factor] = number.number
        changed[section] = {**own, "scores": scores}
        left = [{key: text for key, text in row.items() if not key.startswith(_SCORE)} for row in rows]
        kept[id] = tuple(row for row in left if set(row) - {"factor"})
        if not kept[id]:
            del kept[id]
    return changed, kept


def _factor(factors: FactorSet, written: str) -> str | None:
    wanted = written.strip().casefold()
    for factor in factors.factors:
        if wanted in (factor.id, factor.name.zh.casefold(), factor.name.en.casefold()):
            return factor.id
    return None

"""What an audit run found (审核结果): the case, its figures, the grade, the distance to the next level, the problems.

Neutral in language: texts are messages and names, read in the language of whoever shows them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from qingyuan.audit.inputs import NO_INPUTS, Inputs
from qingyuan.audit.linking import LinkedAnswers
from qingyuan.audit.option_results import OptionResults
from qingyuan.balance.account import Balance
from qingyuan.balance.losses import LossCosts
from qingyuan.checks import Finding
from qingyuan.errors import Problem
from qingyuan.facts.model import Case
from qingyuan.figures.derivation import FigureSet
from qingyuan.figures.settings import Settings
from qingyuan.language import Message
from qingyuan.options.economics import OptionEconomics
from qingyuan.reference.records import Grade
from qingyuan.standards.distance import Distance
from qingyuan.standards.result import Score

if TYPE_CHECKING:
    from qingyuan.audit.worksheets import Context


@dataclass(frozen=True)  # without slots: its context is kept with it
class AuditResult:
    """All that one run of the pipeline found.

    ``period``: the period that was graded. ``score`` is None where no table was chosen or nothing could be scored;
    ``score_needs`` then says what it would take. ``answers``: where the value of every row of the table came from.
    ``problems``: those of reading, linking and computing, in this order. ``findings``: what contradicts what in the
    data, the gravest first. ``versions``: name and version of the
    program and of the data it used. ``inputs``: what the audit decided and recorded beside the facts. ``economics``:
    the economic assessment of each option, by its id. ``balances``: water, energy, substances … of the graded period.
    ``losses``: what the losses of each place cost in it, None where nothing is known of any. ``option_results``:
    what the options do together, the ways to the levels above, technologies that fit; None before it was computed.
    """

    case: Case
    figures: FigureSet
    settings: Settings
    generated_on: dt.date
    period: str = ""
    score: Score | None = None
    answers: LinkedAnswers | None = None
    distance: Distance | None = None
    ceiling: Score | None = None
    score_needs: tuple[Message, ...] = ()
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    inputs: Inputs = NO_INPUTS
    economics: Mapping[str, OptionEconomics] = field(default_factory=dict)
    balances: tuple[Balance, ...] = ()
    losses: LossCosts | None = None
    option_results: OptionResults | None = None

    @property
    def demo(self) -> bool:
        """Whether anything in the result was invented for demonstration (演示数据)."""
        return self.case.profile.grade == Grade.DEMO.value or any(
            figure.grade is Grade.DEMO for figure in self.figures.figures
        )

    @cached_property
    def context(self) -> Context:
        """What the worksheets of this result are filled from, computed once when first asked for."""
        from qingyuan.audit.worksheets import Context  # which stands on this module

        return Context(self, self.inputs)

    @property
    def years(self) -> tuple[str, ...]:
        """The last three calendar years of facts up to the graded one, ascending (近三年)."""
        last = self.period[:4] if self.period[:4].isdigit() else "9999"
        return tuple(year for year in self.case.years() if year <= last)[-3:]

"""Economic assessment of options (方案经济评估): I, P, D, T, E, F, N, NPV, NPVR, IRR, and what decides with them.

Formulas and symbols of the audit handbook; the numbers come from ``figures.money``, whose published examples are
tests. Money in 10^4 CNY, rates and NPVR as fractions, times in years. Nothing is guessed: an option without investment
or saving says what is missing, and a saving that could follow from its effects and the prices is asked for.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from qingyuan.errors import Location, Problem
from qingyuan.facts.model import OptionRow
from qingyuan.figures import money
from qingyuan.language import Message, Name, listing, message
from qingyuan.options.parameters import NAMES, Terms, check_settings, criteria_source
from qingyuan.reference.records import Grade

State = Literal["met", "not-met", "undecided"]
Verdict = Literal["feasible", "not-feasible", "undecided"]

SYMBOLS = ("I", "P", "D", "T", "E", "F", "N", "NPV", "NPVR", "IRR")
SYMBOL_NAMES: Mapping[str, Name] = {
    "I": Name("总投资费用 I", "total investment I"),
    "P": Name("年运行费用总节省 P", "yearly saving P"),
    "D": Name("年折旧费 D", "yearly depreciation D"),
    "T": Name("应税利润 T", "taxable profit T"),
    "E": Name("净利润 E", "net profit E"),
    "F": Name("年净现金流量 F", "yearly net cash flow F"),
    "N": Name("投资偿还期 N", "pay-back period N"),
    "NPV": Name("净现值 NPV", "net present value NPV"),
    "NPVR": Name("净现值率 NPVR", "net present value ratio NPVR"),
    "IRR": Name("内部收益率 IRR", "internal rate of return IRR"),
}
PARTS: Mapping[str, Name] = {
    "fixed": Name("固定资产投资", "fixed assets"),
    "working": Name("流动资金", "working capital"),
    "subsidy": Name("补贴", "subsidy"),
    "income": Name("年收入增加额", "increase of income"),
    "cost": Name("年运行费用减少额", "decrease of running cost"),
}
# What an entry of the audit may hold for one option.
KEYS = (*SYMBOLS, *PARTS, *NAMES)


@dataclass(frozen=True, slots=True)
class Decision:
    """One criterion (判据): the measure N, NPV or IRR against its limit.

    ``grade``: how the limit is known; None where it is an assumption, which has no original to be checked against.

    ``value`` in years, 10^4 CNY or as a fraction; ``reason`` says why it is undecided. ``assumed``: the parameters it
    rests on that nobody stated, to be confirmed by the audit team.
    """

    measure: Literal["N", "NPV", "IRR"]
    state: State
    value: float | None
    limit: Message
    grade: Grade | None
    source: Name | Message
    reason: Message | None = None
    assumed: tuple[str, ...] = ()

    @property
    def word(self) -> Message:
        """The state in words."""
        return STATE_WORDS[self.state]

    def as_json(self) -> dict[str, object]:
        """Plain values in the language in force."""
        return {
            "measure": self.measure,
            "state": self.state,
            "value": self.value,
            "limit": str(self.limit),
            "grade": "assumed" if self.grade is None else self.grade.value,
            "source": str(self.source),
            "reason": "" if self.reason is None else str(self.reason),
            "assumed": list(self.assumed),
        }


STATE_WORDS: Mapping[State, Message] = {
    "met": message("符合"),
    "not-met": message("不符合"),
    "undecided": message("不能判定"),
}
VERDICT_WORDS: Mapping[Verdict, Message] = {
    "feasible": message("经济可行"),
    "not-feasible": message("经济上不可行"),
    "undecided": message("经济性尚不能判定"),
}


@dataclass(frozen=True, slots=True)
class OptionEconomics:
    """The economic assessment of one option; what cannot be computed is None and ``needs`` says what it takes.

    ``investment`` I, ``saving`` P, ``depreciation`` D, ``taxable`` T, ``tax``, ``net_profit`` E, ``cash_flow`` F and
    ``npv`` in 10^4 CNY (yearly but I and NPV); ``payback`` N in years (None where F is not positive); ``npvr``, ``irr``
    (exact) and ``irr_interpolated`` fractions, ``interpolation`` the handbook's trial rates i1 and i2 with their NPV.
    ``parts``: fixed assets, working capital, subsidy, increase of income, decrease of cost, as far as stated.
    ``entered``: the symbols that the audit stated itself. ``payback_printed``: as the option's source prints it.
    ``affordable``: the investment at which NPV is 0, where only the saving is known. ``avoided_tax``: environmental tax
    that the stated cuts avoid at most, 10^4 CNY a year, never part of P; None where no cut of a taxed pollutant is
    stated. ``cost_class``: one of ``classes.COST_CLASSES``, or "" where it is not known.
    """

    id: str
    name: str
    terms: Terms
    cost_class: str = ""
    investment: float | None = None
    saving: float | None = None
    depreciation: float | None = None
    taxable: float | None = None
    tax: float | None = None
    net_profit: float | None = None
    cash_flow: float | None = None
    payback: float | None = None
    npv: float | None = None
    npvr: float | None = None
    irr: float | None = None
    irr_interpolated: float | None = None
    interpolation: money.Interpolation | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    needs: tuple[Message, ...] = ()
    notes: tuple[Message, ...] = ()
    entered: frozenset[str] = frozenset()
    payback_printed: float | None = None
    affordable: float | None = None
    avoided_tax: float | None = None

    @property
    def computable(self) -> bool:
        """Whether there is a present value."""
        return self.npv is not None

    @property
    def verdict(self) -> Verdict:
        """Feasible where every criterion is met, not feasible where one is not, else undecided.

        Nothing is decided on a rate or a life that nobody stated, unless it holds for all of them.
        """
        states = [decision.state for decision in self.decisions]
        if "not-met" in states:
            return "not-feasible"
        return "feasible" if states and all(state == "met" for state in states) else "undecided"

    @property
    def assumed(self) -> bool:
        """Whether a criterion rests on parameters that nobody stated."""
        return any(decision.assumed for decision in self.decisions)

    @property
    def verdict_text(self) -> Message:
        """The verdict in words, with the rate or the life at which it turns where that is not stated."""
        word = VERDICT_WORDS[self.verdict]
        critical = critical_text(self) if self.verdict == "undecided" else None
        return word if critical is None else message("{verdict}（{critical}）", verdict=word, critical=critical)

    @property
    def symbols(self) -> Mapping[str, float | None]:
        """The symbols as fractions and 10^4 CNY: I, P, D, T, E, F, N, NPV, NPVR, IRR."""
        values = (
            self.investment, self.saving, self.depreciation, self.taxable, self.net_profit, self.cash_flow,
            self.payback, self.npv, self.npvr, self.irr,
        )  # fmt: skip
        return dict(zip(SYMBOLS, values, strict=True))

    def as_json(self) -> dict[str, object]:
        """Plain values with the symbols as keys and their ``units`` beside, in the language in force."""
        trial = self.interpolation
        return {
            **self.symbols,
            "IRR_interpolated": self.irr_interpolated,
            "interpolation": None
            if trial is None
            else {"i1": trial.low_rate, "NPV1": trial.low_npv, "i2": trial.high_rate, "NPV2": trial.high_npv},
            "tax": self.tax,
            "units": UNITS,
            "parts": dict(self.parts),
            "cost_class": self.cost_class,
            "decisions": [decision.as_json() for decision in self.decisions],
            "verdict": self.verdict,
            "needs": [str(need) for need in self.needs],
            "notes": [str(note) for note in self.notes],
            "entered": sorted(self.entered),
            "payback_printed": self.payback_printed,
            "affordable_investment": self.affordable,
            "avoided_tax": self.avoided_tax,
        }


UNITS: Mapping[str, str] = {
    **dict.fromkeys(("I", "NPV", "affordable_investment"), "10^4 CNY"),
    **dict.fromkeys(("P", "D", "T", "E", "F", "tax", "avoided_tax"), "10^4 CNY/a"),
    **dict.fromkeys(("N", "payback_printed"), "a"),
    **dict.fromkeys(("NPVR", "IRR", "IRR_interpolated"), "1"),
}


def check_entries(entries: Mapping[str, float | None], where: Location) -> tuple[Problem, ...]:
    """What is wrong with the entries of one option: unknown keys with the nearest ones, values that make no sense."""
    found: list[Problem] = []
    for key, value in entries.items():
        place = replace(where, column=key)
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, 3, 0.5) or list(SYMBOLS)
            text = message("方案经济评估没有“{key}”这一项", key=key)
            expected = message("{choices} 之一", choices=listing(near))
            found.append(Problem("economics-entry-unknown", text, where=place, found=key, expected=expected))
        elif value is not None and key in NAMES:
            found.extend(check_settings({key: value}, where))
        elif value is not None and (not math.isfinite(value) or (value < 0 and key in ("I", *PARTS) and key != "cost")):
            text = message("{name}的数不合理", name=PARTS.get(key) or SYMBOL_NAMES[key])
            expected = message("不小于 0 的数")
            found.append(Problem("economics-entry", text, where=place, found=f"{value:g}", expected=expected))
    return tuple(found)


def assess(
    option: OptionRow,
    terms: Terms,
    *,
    cost_class: str = "",
    entries: Mapping[str, float | None] | None = None,
    claims: Sequence[Message] = (),
    avoided_tax: float | None = None,
) -> OptionEconomics:
    """Assess one option; see ``OptionEconomics``.

    ``entries``: what the audit states itself, money in 10^4 CNY: parts of the investment and of the saving (``PARTS``)
    and symbols, which win over what is computed, with NPVR and IRR in %. ``cost_class`` chooses the limit of N.
    ``claims``: effects with their prices, named in the need where the saving is missing. ``avoided_tax``: environmental
    tax that falls away at most, 10^4 CNY a year; it stands apart, since the stated saving may hold it already.
    """
    given = {key: value for key, value in (entries or {}).items() if value is not None}
    parts = {key: given[key] for key in PARTS if key in given}
    notes: list[Message] = []
    needs: list[Message] = []
    lacking: list[Message] = []
    investment = _investment(option, given, parts, needs)
    saving = _saving(option, given, parts, lacking, notes, claims)
    base = OptionEconomics(
        option.id, option.name, terms, cost_class, investment, saving, parts=parts,
        payback_printed=option.payback_years, entered=frozenset(key for key in given if key in SYMBOLS),
    )  # fmt: skip
    found = _computed(base, given, notes)
    if found.cash_flow is None:
        # An entered F makes the saving needless.
        needs += lacking
    if investment is None and saving is not None and saving > 0:
        bearable = affordable_investment(saving, terms)
        found = replace(found, affordable=bearable if math.isfinite(bearable) else None)
    if avoided_tax:
        notes.append(
            message(
                "写明的减排每年至多少缴环境保护税 {tax} 万元，没有计入 P；是否已含在节省额里由审核小组确认",
                tax=f"{avoided_tax:.4g}",
            )
        )
    return replace(found, avoided_tax=avoided_tax, decisions=_decisions(found), needs=tuple(needs), notes=tuple(notes))


def _investment(
    option: OptionRow, given: Mapping[str, float], parts: Mapping[str, float], needs: list[Message]
) -> float | None:
    """I = fixed assets + working capital - subsidy; the option's own number stands for the fixed assets."""
    if "I" in given:
        return given["I"]
    fixed = parts.get("fixed", option.investment)
    if fixed is None:
        needs.append(message("总投资费用 I"))
        return None
    return fixed + parts.get("working", 0.0) - parts.get("subsidy", 0.0)


def _saving(
    option: OptionRow,
    given: Mapping[str, float],
    parts: Mapping[str, float],
    needs: list[Message],
    notes: list[Message],
    claims: Sequence[Message],
) -> float | None:
    """P = increase of income + decrease of cost, both stated; else the option's own number."""
    if "P" in given:
        return given["P"]
    if "income" in parts and "cost" in parts:
        whole = parts["income"] + parts["cost"]
        if option.annual_saving is not None and not math.isclose(whole, option.annual_saving, rel_tol=0.01):
            notes.append(
                message(
                    "年收入增加与运行费用减少合计 {whole} 万元，方案另写年效益 {own} 万元；按合计计算",
                    whole=f"{whole:.6g}", own=f"{option.annual_saving:.6g}",
                )
            )  # fmt: skip
        return whole
    if option.annual_saving is not None:
        return option.annual_saving
    for key, other in (("income", "cost"), ("cost", "income")):
        if key in parts:
            text = message("{other}（没有则填 0）；{name}已有", other=PARTS[other], name=PARTS[key])
            needs.append(text)
            return None
    needs.append(message("年运行费用总节省 P"))
    if claims:
        needs.append(message("由写明的效果按数量和单价测算：{claims}", claims=listing(claims)))
    if option.investment and option.payback_years:
        implied = option.investment / option.payback_years
        notes.append(
            message(
                "所写偿还期 {years} 年、投资 {investment} 万元，相当于年净现金流量 {flow} 万元；"
                "没有节省额的依据，不据此计算",
                years=f"{option.payback_years:g}", investment=f"{option.investment:g}", flow=f"{implied:.4g}",
            )
        )  # fmt: skip
    return None


def _computed(base: OptionEconomics, given: Mapping[str, float], notes: list[Message]) -> OptionEconomics:
    """Fill in the symbols, each as entered or from those before it."""
    terms = base.terms
    investment, saving = base.investment, base.saving
    rate = terms.income_tax_rate.value
    worthless = investment is not None and investment < 0  # nothing to write off: what follows from it stays blank
    spread = None if investment is None or worthless else investment / terms.depreciation.value
    depreciation = given.get("D", spread)
    own_taxable = None if saving is None or depreciation is None else saving - depreciation
    taxable = _stated("T", own_taxable, given, notes)
    tax = None if taxable is None else max(taxable, 0.0) * rate
    profit = _stated("E", None if taxable is None or tax is None else taxable - tax, given, notes)
    if "E" in given and taxable is not None and profit is not None:
        tax = taxable - profit if profit <= taxable else None  # the tax that the entered profit leaves
    flow = _stated("F", None if profit is None or depreciation is None else profit + depreciation, given, notes)
    found = replace(base, depreciation=depreciation, taxable=taxable, tax=tax, net_profit=profit, cash_flow=flow)
    if worthless:
        notes.append(message("总投资费用为负（补贴大于投资，或投资填错）；折旧、现金流量、偿还期和收益率无意义"))
    elif investment is not None and flow is not None:
        found = _valued(found, investment, flow, notes)
    return _overridden(found, given, notes)


def _stated(symbol: str, own: float | None, given: Mapping[str, float], notes: list[Message]) -> float | None:
    """A symbol as entered, else as computed; a note where the two differ by more than 1 %."""
    if symbol not in given:
        return own
    if own is not None and not math.isclose(own, given[symbol], rel_tol=0.01):
        notes.append(_differs(symbol, given[symbol], own))
    return given[symbol]


def _differs(symbol: str, value: float, own: float) -> Message:
    return message(
        "录入的 {name} 为 {value}，按其余各数计算为 {own}；采用录入值",
        name=SYMBOL_NAMES[symbol], value=f"{value:.6g}", own=f"{own:.6g}",
    )  # fmt: skip


def _valued(found: OptionEconomics, investment: float, flow: float, notes: list[Message]) -> OptionEconomics:
    """N, NPV, NPVR and both rates of return of one investment with level yearly flows."""
    terms = found.terms
    years, rate = terms.years, terms.discount_rate.value
    payback = money.payback_years(investment, flow)
    # Exactly nothing left is 0 and no remnant of binary fractions; the criteria go by the same sign.
    even = money.sign_of_net_present_value(investment, flow, rate, years) == 0
    npv = 0.0 if even else money.net_present_value(investment, flow, rate, years)
    npvr = _finite(money.net_present_value_ratio(npv, investment)) if investment > 0 else None
    irr: float | None = None
    trial: money.Interpolation | None = None
    try:
        irr = money.internal_rate_of_return(investment, flow, years)
        trial = money.handbook_internal_rate_of_return(investment, flow, years)
    except money.NoRate as none:
        notes.append(none.why)
    if not math.isfinite(payback):
        notes.append(message("年净现金流量不为正，投资不能收回"))
    if found.parts.get("working"):
        notes.append(
            message("手册公式把流动资金与固定资产一并折旧，期末也不收回流动资金；占用流动资金多的方案，净现值偏低")
        )
    if not math.isclose(terms.depreciation.value, years) and found.tax:
        notes.append(
            message(
                "折旧年限 {depreciation} 年与寿命 {life} 年不同：手册公式各年取同一 F，逐年现金流量表按年计税，"
                "两者的净现值不同",
                depreciation=f"{terms.depreciation.value:g}", life=years,
            )
        )  # fmt: skip
    return replace(
        found,
        payback=_finite(payback),
        npv=_finite(npv),
        npvr=npvr,
        irr=irr,
        irr_interpolated=None if trial is None else _finite(trial.rate),
        interpolation=trial,
    )


def _finite(value: float) -> float | None:
    """A number; None for infinities and what is none, which absurd amounts lead to."""
    return value if math.isfinite(value) else None


def _overridden(found: OptionEconomics, given: Mapping[str, float], notes: list[Message]) -> OptionEconomics:
    """N, NPV, NPVR and IRR as entered; a note where what was computed differs by more than 1 %."""
    stated: dict[str, float] = {}
    for symbol, name, scale in (
        ("N", "payback", 1.0),
        ("NPV", "npv", 1.0),
        ("NPVR", "npvr", 0.01),
        ("IRR", "irr", 0.01),
    ):
        if symbol not in given:
            continue
        value = given[symbol] * scale
        own: float | None = getattr(found, name)
        if own is not None and not math.isclose(own, value, rel_tol=0.01):
            notes.append(_differs(symbol, given[symbol], own / scale))
        stated[name] = value
    if "irr" in stated and found.interpolation is not None:
        stated_rate = stated["irr"]
        # A rate as entered may be the interpolated one: the trial rates stay only where they hold it.
        if not found.interpolation.low_rate <= stated_rate <= found.interpolation.high_rate:
            found = replace(found, irr_interpolated=None, interpolation=None)
    return replace(found, **stated)  # type: ignore[arg-type]


def _decisions(found: OptionEconomics) -> tuple[Decision, ...]:
    """N against the limit of the cost class, NPV >= 0, IRR >= benchmark; nothing without a present value."""
    if found.npv is None and found.payback is None and found.irr is None:
        return ()
    terms = found.terms
    benchmark = terms.benchmark_rate
    grade, source = criteria_source()
    decisions = [_payback_decision(found)]
    npv_state: State = "undecided" if found.npv is None else "met" if found.npv >= 0 else "not-met"
    # Without an investment the sign of NPV does not turn on rate or life.
    unsure = {one.id for one in terms.assumptions} if found.investment else set()
    rests = tuple(
        one.id for one in (terms.discount_rate, terms.life) if one.id in unsure and "NPV" not in found.entered
    )
    reason: Message | None = None
    if rests:
        npv_state, reason = _on_assumptions(found, npv_state, rests)
    decisions.append(Decision("NPV", npv_state, found.npv, message("NPV ≥ 0"), grade, source, reason, rests))
    reason = None
    irr_state: State = "undecided"
    if found.irr is not None:
        irr_state = "met" if _reaches(found, benchmark.value) else "not-met"
    elif found.investment == 0:
        reason = message("没有投资，内部收益率无意义")
    elif found.cash_flow is not None and found.cash_flow <= 0:
        irr_state, reason = "not-met", message("年净现金流量不为正，内部收益率不存在")
    limit = message("IRR ≥ {rate}", rate=f"{100 * benchmark.value:.4g}%")
    if benchmark.assumed:
        limit = message("IRR ≥ 基准收益率")
    rests = tuple(
        one.id
        for one in (terms.life, benchmark)
        if one.id in unsure and not (one is terms.life and "IRR" in found.entered)
    )
    if rests and found.irr is not None:
        irr_state, reason = _on_assumptions(found, irr_state, rests)
    decisions.append(Decision("IRR", irr_state, found.irr, limit, benchmark.grade, benchmark.source, reason, rests))
    if found.investment == 0 and found.irr is None:
        decisions = decisions[:-1]
    return tuple(decisions)


def _reaches(found: OptionEconomics, benchmark: float) -> bool:
    """Whether IRR >= benchmark (a fraction): by the sign of NPV at the benchmark; an entered rate by its digits."""
    assert found.irr is not None
    if "IRR" in found.entered or not found.investment or found.cash_flow is None:
        return float(f"{found.irr:.12g}") >= float(f"{benchmark:.12g}")
    years = found.terms.years
    return money.sign_of_net_present_value(found.investment, found.cash_flow, benchmark, years) >= 0


def _on_assumptions(found: OptionEconomics, state: State, rests: Sequence[str]) -> tuple[State, Message | None]:
    """What can be decided where rate or life are nobody's: only what holds for every rate from 0 and every life.

    Else undecided, with the parameters to be stated.
    """
    names = listing(NAMES[id] for id in rests)
    asked = message("{names}没有设定", names=names)
    investment, flow = found.investment, found.cash_flow
    if state == "undecided" or investment is None or flow is None:
        return "undecided", asked
    if flow <= 0 and investment > 0:
        return "not-met", None
    life, rate = found.terms.life, found.terms.discount_rate
    years = found.terms.years
    # Lost at a rate of 0 too.
    if not life.assumed and money.sign_of_net_present_value(investment, flow, 0.0, years) < 0:
        return "not-met", None
    if not rate.assumed and flow < investment * rate.value:  # lost in a life without end too
        return "not-met", None
    return "undecided", asked


def critical_text(found: OptionEconomics) -> Message | None:
    """Where the verdict turns while rate or life are assumed: the rate, or the life, at which NPV is 0.

    None where nothing is assumed or there is no such value.
    """
    terms = found.terms
    if not found.assumed:
        return None
    if terms.discount_rate.assumed or terms.benchmark_rate.assumed:
        if found.irr is None or found.irr < 0:
            return None
        rate = f"{100 * found.irr:.3g}%"
        if terms.life.assumed and "IRR" not in found.entered:
            return message("临界贴现率 {rate}，按寿命 {life} 年", rate=rate, life=terms.years)
        return message("临界贴现率 {rate}", rate=rate)
    investment, flow, rate_stated = found.investment, found.cash_flow, terms.discount_rate.value
    if not investment or investment < 0 or flow is None or flow <= investment * rate_stated:
        return None
    years = (
        investment / flow
        if not rate_stated
        else -math.log1p(-investment * rate_stated / flow) / math.log1p(rate_stated)
    )
    return message("临界寿命 {life} 年", life=f"{years:.3g}")


def _payback_decision(found: OptionEconomics) -> Decision:
    limit = found.terms.payback_limits.get(found.cost_class)
    never = found.payback is None and found.cash_flow is not None and found.cash_flow <= 0
    if limit is None:
        grade, source = criteria_source()
        reason: Message = (
            message("费用类别未定，没有可比的限度")
            if not found.cost_class
            else message("手册对无/低费方案没有规定偿还期限度")
        )
        if found.investment == 0 or found.cost_class in ("none", "low"):
            # What costs next to nothing needs no limit of time, but it has to bring its cost back.
            state: State = "not-met" if never else "met" if found.payback is not None else "undecided"
            return Decision("N", state, found.payback, message("无/低费，不设限度"), grade, source, reason)
        if never:
            return Decision("N", "not-met", None, message("能收回投资"), grade, source)
        return Decision("N", "undecided", found.payback, message("按费用类别"), grade, source, reason)
    text = message("N < {limit}", limit=limit.text)
    if never:
        return Decision("N", "not-met", None, text, limit.grade, limit.source)
    if found.payback is None:
        return Decision("N", "undecided", None, text, limit.grade, limit.source)
    if found.payback < limit.low:
        return Decision("N", "met", found.payback, text, limit.grade, limit.source)
    if found.payback >= limit.high:
        return Decision("N", "not-met", found.payback, text, limit.grade, limit.source)
    key = f"payback_limit_{found.cost_class}_years"
    reason = message("在手册给出的限度之间，由审核小组定出限度（设置 {key}）", key=key)
    return Decision("N", "undecided", found.payback, text, limit.grade, limit.source, reason)


def affordable_investment(saving: float, terms: Terms) -> float:
    """The investment at which NPV is 0 for a yearly saving: a·P·(1 - t)/(1 - a·t/Y), a the annuity factor.

    In the unit of ``saving``; infinite where depreciation alone pays for the investment. Derived from F = P·(1 - t) +
    t·I/Y and NPV = a·F - I; a saving that does not cover depreciation is not taxed, and then it is a·P.
    """
    factor = money.annuity_factor(terms.discount_rate.value, terms.years)
    tax, years = terms.income_tax_rate.value, terms.depreciation.value
    below = 1 - factor * tax / years
    taxed = factor * saving * (1 - tax) / below if below > 0 else math.inf
    # Beyond I = P·Y there is no taxable profit left.
    return taxed if taxed <= saving * years else factor * saving


def by_present_value(found: Iterable[OptionEconomics]) -> tuple[OptionEconomics, ...]:
    """The options that have a present value, the largest NPV first; equal ones keep their order."""
    known = [one for one in found if one.npv is not None]
    return tuple(sorted(known, key=lambda one: -(one.npv or 0.0)))


def by_present_value_ratio(found: Iterable[OptionEconomics]) -> tuple[OptionEconomics, ...]:
    """The options that have one, the largest NPVR first: what each yuan of a short budget brings."""
    known = [one for one in found if one.npvr is not None]
    return tuple(sorted(known, key=lambda one: -(one.npvr or 0.0)))

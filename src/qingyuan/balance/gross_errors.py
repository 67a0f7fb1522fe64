"""Gross errors (显著误差): which meter is wrong or where it leaks, ranked, in words, and what would decide.

Global test, measurement test of maximum power and nodal test (Mah and Tamhane 1982), the generalised likelihood ratio
with serial compensation (Narasimhan and Mah 1987), correction for many tests (Sidak 1967; Bonferroni; Benjamini and
Hochberg 1995). A bias in a meter and a leak at a node are both directions in the space of residuals; suspects whose
directions coincide cannot be told apart by the present measurements and are named as one set.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.special import chdtrc, ndtr, ndtri

from qingyuan.balance.network import Network
from qingyuan.balance.solution import Bools, Floats, Ints, Solution
from qingyuan.balance.system import CONCENTRATION, FLOW, RELATION, STOCK, TRANSFER, System
from qingyuan.language import Message, Text, listing, message, sentences

Correction = Literal["sidak", "bonferroni", "benjamini", "none"]

LEAK_ODDS = 20.0  # how many times more often a meter errs than a balance leaks: our assumption, orders like fits only
_SAME = 1 - 1e-9  # correlation of two scores from which their directions count as one
_CHECKED = 1e-9  # share of a measurement's variance that balances must remove before it counts as checked
_BEYOND = 2.0  # standard deviations of its estimate by which a corrected value may miss its bounds
_DECIDING = 3  # measurements named that would decide
_LISTED = 200  # nodal tests listed in full up to this number


@dataclass(frozen=True, slots=True)
class Suspect:
    """A possible error (嫌疑): ``kind`` "measurement" or "leak"; ``size`` of it in the unit of its layer.

    A measurement reads ``size`` too high and should be ``corrected``; ``relative`` = size / corrected. A leak is an
    outflow ``size`` that nobody counts (negative: an inflow) at ``processes`` that unmeasured flows join.
    ``statistic``: what it takes off the weighted sum of squares; ``z`` its root.
    """

    kind: str
    id: str
    layer: str
    quantity: str
    size: float
    size_sd: float
    statistic: float
    corrected: float | None = None
    relative: float | None = None
    processes: tuple[str, ...] = ()
    number: int = -1

    @property
    def z(self) -> float:
        """The root of the statistic: a standard normal number where there is no error."""
        return math.sqrt(self.statistic)

    def as_json(self) -> dict[str, object]:
        """Give the stable keys; those that do not apply are left out."""
        record: dict[str, object] = {"kind": self.kind, "id": self.id, "quantity": self.quantity, "layer": self.layer}
        record |= {"size": self.size, "size_sd": self.size_sd, "statistic": self.statistic, "z": self.z}
        if self.corrected is not None:
            record["corrected"] = self.corrected
        if self.relative is not None:
            record["relative"] = self.relative
        if self.processes:
            record["processes"] = list(self.processes)
        return record


@dataclass(frozen=True, slots=True)
class Deciding:
    """A measurement that would decide between two suspects (可判别的补充测量).

    The suspects differ by ``difference`` in this quantity, ``power`` times the standard deviation of that difference
    with a meter of standard uncertainty ``meter_sd``.
    """

    id: str
    layer: str
    quantity: str
    difference: float
    meter_sd: float
    power: float
    new: bool

    def as_json(self) -> dict[str, object]:
        """Give the stable keys."""
        return {
            "id": self.id,
            "layer": self.layer,
            "quantity": self.quantity,
            "difference": self.difference,
            "meter_sd": self.meter_sd,
            "power": self.power,
            "new_meter": self.new,
        }


@dataclass(frozen=True, slots=True)
class GrossError:
    """One finding (显著误差): a suspect, those that cannot be told from it, the next best reading, what decides.

    ``role``: "suspect" for the errors found one after the other, "alternative" for another reading of the first.
    ``critical``: the limit of z. ``chi2_after``: weighted sum of squares with this and the suspects before it taken as
    true. ``text``: the finding in words.
    """

    suspect: Suspect
    role: str
    critical: float
    p_value: float
    chi2_before: float
    chi2_after: float
    equivalent: tuple[Suspect, ...]
    alternative: Suspect | None
    deciding: tuple[Deciding, ...]
    text: Text

    @property
    def id(self) -> str:
        """The flow (or process) under suspicion."""
        return self.suspect.id

    def as_json(self) -> dict[str, object]:
        """Give the stable keys with the words in the language in force."""
        record = self.suspect.as_json()
        record |= {"role": self.role, "critical": self.critical, "p_value": self.p_value}
        record |= {"chi2_before": self.chi2_before, "chi2_after": self.chi2_after}
        record["equivalent"] = [suspect.as_json() for suspect in self.equivalent]
        record["alternative"] = self.alternative.as_json() if self.alternative else None
        record["deciding"] = [each.as_json() for each in self.deciding]
        record["text"] = str(self.text)
        return record


@dataclass(frozen=True, slots=True)
class NodalTest:
    """The test of one balance (节点检验): surplus of what enters as measured, its standard deviation, z."""

    processes: tuple[str, ...]
    layer: str
    period: str
    surplus: float
    sd: float
    z: float
    suspicious: bool

    def as_json(self) -> dict[str, object]:
        """Give the stable keys."""
        return {
            "processes": list(self.processes),
            "layer": self.layer,
            "period": self.period,
            "surplus": self.surplus,
            "sd": self.sd,
            "z": self.z,
            "suspicious": self.suspicious,
        }


def critical_value(alpha: float, count: int, correction: Correction = "sidak") -> float:
    """The two-sided limit of |z| for ``count`` tests at level ``alpha`` in all.

    Sidak: level of each test 1 - (1 - alpha)^(1/count); Bonferroni: alpha / count; ``benjamini`` starts there (its
    limit depends on the data, see ``limit_of``); ``none``: alpha each. ``critical_value(0.05, 6)`` is 2.6310.
    """
    if correction == "sidak":
        level = -math.expm1(math.log1p(-alpha) / count)
    elif correction in ("bonferroni", "benjamini"):
        level = alpha / count
    else:
        level = alpha
    return float(-ndtri(level / 2))


def limit_of(z: Floats, alpha: float, correction: Correction) -> float:
    """The limit of |z| for a set of tests; by Benjamini and Hochberg the one that their ordered p-values allow."""
    count = len(z)
    if correction != "benjamini" or not count:
        return critical_value(alpha, max(count, 1), correction)
    ordered = np.sort(2 * ndtr(-np.abs(z)))
    allowed = np.flatnonzero(ordered <= alpha * np.arange(1, count + 1) / count)
    rank = int(allowed[-1]) + 1 if len(allowed) else 1
    return float(-ndtri(alpha * rank / count / 2))


# --- search ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Case:
    """What the search needs at hand."""

    network: Network
    system: System
    solution: Solution
    meters: Ints
    leaks: Ints
    processes: dict[int, tuple[str, ...]]
    first_node: dict[int, int]


def testable(system: System, solution: Solution) -> tuple[Ints, Ints]:
    """Numbers of the directions that something checks: measurements, and leaks (numbers from ``size`` on)."""
    statistics = solution.statistics
    size = statistics.size
    checked = system.measured & solution.redundant
    own = np.where(checked, system.sd, 0.0) ** 2 * statistics.spread[:size]
    meters = np.flatnonzero(checked & (own > _CHECKED))
    spread = statistics.spread[size:]
    if not len(meters) or not len(spread):
        return meters, np.zeros(0, np.int64)
    scale = float(np.median(np.where(checked, system.sd, 0.0)[meters])) ** 2
    open_groups = np.zeros(statistics.groups, bool)
    open_groups[statistics.group[0]] = True  # outside may gain and lose
    leaks = np.flatnonzero((spread * scale > _CHECKED) & ~open_groups) + size
    return meters, leaks


def find_gross_errors(
    network: Network,
    system: System,
    solution: Solution,
    alpha: float = 0.05,
    correction: Correction = "sidak",
    most: int = 5,
    leak_odds: float = LEAK_ODDS,
) -> tuple[GrossError, ...]:
    """Find gross errors one after the other (serial compensation), each with its alternatives.

    The direction that takes most off the weighted sum of squares is taken as an error and estimated with all others;
    the remaining scores are corrected by one rank-one update; until no score passes the limit. A leak must take off
    2 ln ``leak_odds`` more than the best meter to come first.
    """
    meters, leaks = testable(system, solution)
    overruled = _overruled(network, system, solution, alpha, correction, len(meters))[:most]
    if not len(meters) or not solution.dof:
        return overruled
    statistics = solution.statistics
    groups: dict[int, list[int]] = {}
    wanted = {int(leak) - statistics.size for leak in leaks}
    for node in np.flatnonzero(np.isin(statistics.group, np.array(sorted(wanted), np.int64))):
        groups.setdefault(int(statistics.group[node]), []).append(int(node))
    processes = {
        group: tuple(dict.fromkeys(system.nodes[node].process for node in nodes if node))
        for group, nodes in groups.items()
    }
    first = {group: next((node for node in nodes if node), 0) for group, nodes in groups.items()}
    case = _Case(network, system, solution, meters, leaks, processes, first)
    score, spread = statistics.score.copy(), statistics.spread.copy()
    start_spread = statistics.spread
    columns: list[tuple[Floats, float]] = []
    raw: list[Floats] = []
    found: list[GrossError] = []
    before = overruled[-1].chi2_after if overruled else solution.gamma
    alternative_of_first: GrossError | None = None
    while len(found) + len(overruled) < most and before > 0:
        z = _z(score, spread, start_spread)
        limit_meters = limit_of(z[meters], alpha, correction)
        # Leaks are looked for besides the meters: their limit counts both, so the meter leads of two equal readings.
        limit_leaks = limit_of(z[np.r_[meters, leaks]], alpha, correction) if len(leaks) else np.inf
        # A reading that would have to be impossible (beyond its own bounds) explains nothing while another one does.
        able = meters[_can_be_true(system, score, spread, meters)]
        lead = able if len(able) and z[able].max() > limit_meters else meters
        if lead is meters and len(leaks) and z[leaks].max() > limit_leaks:
            lead = able
        best = int(lead[np.argmax(z[lead])]) if len(lead) else int(meters[np.argmax(z[meters])])
        leak = int(leaks[np.argmax(z[leaks])]) if len(leaks) else -1
        passes_meter, passes_leak = len(lead) > 0 and z[best] > limit_meters, leak >= 0 and z[leak] > limit_leaks
        if not passes_meter and not passes_leak:
            break
        handicap = 2 * math.log(leak_odds)
        chosen, other = best, leak
        if passes_leak and (not passes_meter or z[leak] ** 2 > z[best] ** 2 + handicap):
            chosen, other = leak, best
        raw.append(solution.statistics.column(chosen))
        column = _projected(raw[-1], chosen, columns)
        correlation = _correlation(column, spread, chosen, start_spread)
        alike = [int(each) for each in np.r_[able, leaks][correlation[np.r_[able, leaks]] > _SAME]]
        suspect = _suspect(case, chosen, score, spread)
        mates = tuple(_suspect(case, each, score, spread) for each in alike if each != chosen)[:20]
        rivals = _rivals(z, able, leaks, limit_meters, limit_leaks, set(alike) | {chosen})
        rival = _suspect(case, rivals[0], score, spread) if rivals else None
        limit = limit_leaks if suspect.kind == "leak" else limit_meters
        against = (*mates, rival) if rival else mates
        deciding = _deciding(case, suspect, against[0], score, spread, found) if against else ()
        after = max(before - suspect.statistic, 0.0)
        error = GrossError(
            suspect=suspect,
            role="suspect",
            critical=limit,
            p_value=float(chdtrc(1, suspect.statistic)),
            chi2_before=before,
            chi2_after=after,
            equivalent=mates,
            alternative=rival,
            deciding=deciding,
            text="",
        )
        found.append(replace(error, text=_words(case, error)))
        if len(found) == 1 and other >= 0 and other not in alike and (passes_leak and passes_meter):
            reading = _suspect(case, other, score, spread)
            second = replace(
                error,
                suspect=reading,
                role="alternative",
                critical=limit_leaks if reading.kind == "leak" else limit_meters,
                p_value=float(chdtrc(1, reading.statistic)),
                chi2_after=max(before - reading.statistic, 0.0),
                equivalent=(),
                alternative=suspect,
            )
            alternative_of_first = replace(second, text=_words(case, second))
        share = float(spread[chosen])
        score = score - column * (score[chosen] / share)
        spread = spread - column**2 / share
        columns.append((column, share))
        before = after
    if len(found) > 1:
        found = _together(case, found, raw)
    last = (alternative_of_first,) if alternative_of_first else ()
    return (*overruled, *found, *last)


def _overruled(
    network: Network, system: System, solution: Solution, alpha: float, correction: Correction, tested: int
) -> tuple[GrossError, ...]:
    """Readings that a bound overrules (界推翻的读数): each its own suspect by y - bound, where that is significant.

    The bound stands, so that nothing else can explain the part of the reading beyond it; the largest comes first.
    """
    held = np.flatnonzero((solution.active != 0) & system.measured)
    if not len(held):
        return ()
    bound = np.where(solution.active < 0, system.low, system.high)[held]
    sizes = system.value[held] - bound
    z = np.abs(sizes) / system.sd[held]
    outside = np.where(solution.active[held] < 0, sizes < 0, sizes > 0)
    limit = critical_value(alpha, tested + len(held), correction)
    before = solution.gamma
    found = []
    for at in np.argsort(-z, kind="stable"):
        if not outside[at] or z[at] <= limit:
            continue
        number, corrected, size = int(held[at]), float(bound[at]), float(sizes[at])
        name, spread = system.names[number], float(system.sd[number])
        relative = size / corrected if abs(corrected) > 1e-9 * abs(size) else None
        suspect = Suspect(
            "measurement",
            name.key,
            name.layer,
            name.kind,
            size,
            spread,
            float(z[at]) ** 2,
            corrected,
            relative,
            (),
            number,
        )
        after = max(before - suspect.statistic, 0.0)
        parts = {"limit": _g(corrected), "reading": _g(float(system.value[number])), "z": _g(float(z[at]), 3)}
        template = {
            True: message(
                "{meter} 的读数 {reading} 低于下限 {limit}，相差 {z} 倍标准差。",
                meter=_meter(network, suspect),
                **parts,
            ),
            False: message(
                "{meter} 的读数 {reading} 超过上限 {limit}，相差 {z} 倍标准差。",
                meter=_meter(network, suspect),
                **parts,
            ),
        }
        p_value = float(chdtrc(1, suspect.statistic))
        found.append(GrossError(suspect, "suspect", limit, p_value, before, after, (), None, (), template[size < 0]))
        before = after
    return tuple(found)


def _together(case: _Case, found: list[GrossError], raw: list[Floats]) -> list[GrossError]:
    """The sizes of all suspects estimated together (collective estimation), as if every one of them were true."""
    numbers = [error.suspect.number for error in found]
    covariance = np.array([[column[number] for number in numbers] for column in raw])
    inverse = np.linalg.inv(covariance)
    sizes = inverse @ case.solution.statistics.score[numbers]
    spreads = np.sqrt(np.maximum(np.diag(inverse), 0.0))
    out = []
    for error, size, spread in zip(found, sizes.tolist(), spreads.tolist(), strict=True):
        ratio = size / error.suspect.size if error.suspect.size else 1.0
        mates = tuple(_resized(case, mate, mate.size * ratio, mate.size_sd) for mate in error.equivalent)
        new = replace(error, suspect=_resized(case, error.suspect, size, spread), equivalent=mates)
        out.append(replace(new, text=_words(case, new)))
    return out


def _resized(case: _Case, suspect: Suspect, size: float, size_sd: float) -> Suspect:
    if suspect.kind == "leak":
        return replace(suspect, size=size, size_sd=size_sd)
    corrected = _within(case.system, suspect.number, float(case.system.value[suspect.number]) - size, size_sd)
    relative = size / corrected if abs(corrected) > 1e-9 * abs(size) else None
    return replace(suspect, size=size, size_sd=size_sd, corrected=corrected, relative=relative)


def _z(score: Floats, spread: Floats, start: Floats) -> Floats:
    """|z| of all directions; 0 for those that are explained already or that nothing checks."""
    alive = spread > 1e-9 * np.maximum(start, 1e-300)
    out = np.zeros(len(score))
    out[alive] = np.abs(score[alive]) / np.sqrt(spread[alive])
    return out


def _projected(column: Floats, number: int, columns: list[tuple[Floats, float]]) -> Floats:
    """Covariance of one score with all, after the errors that are taken as true."""
    for earlier, share in columns:
        column = column - earlier * (earlier[number] / share)
    return column


def _correlation(column: Floats, spread: Floats, number: int, start: Floats) -> Floats:
    alive = spread > 1e-9 * np.maximum(start, 1e-300)
    out = np.zeros(len(column))
    out[alive] = np.abs(column[alive]) / np.sqrt(spread[alive] * spread[number])
    return out


def _rivals(
    z: Floats, meters: Ints, leaks: Ints, limit_meters: float, limit_leaks: float, taken: set[int]
) -> list[int]:
    """Other directions that pass their limits too, the best first."""
    passing = [int(each) for each in meters[z[meters] > limit_meters]]
    passing += [int(each) for each in leaks[z[leaks] > limit_leaks]]
    return sorted((each for each in passing if each not in taken), key=lambda each: -float(z[each]))


def _can_be_true(system: System, score: Floats, spread: Floats, meters: Ints) -> Bools:
    """Whether the corrected value of each measurement can lie within its bounds, as far as it is known."""
    alive = spread[meters] > 0
    share = np.where(alive, spread[meters], 1.0)
    corrected = system.value[meters] - score[meters] / share
    margin = _BEYOND / np.sqrt(share)
    low, high = system.low[meters] - margin, system.high[meters] + margin
    return np.asarray(~alive | ((corrected >= low) & (corrected <= high)))


def _within(system: System, number: int, corrected: float, size_sd: float) -> float:
    """A corrected value that only its own uncertainty puts beyond a bound stands at the bound."""
    low, high = float(system.low[number]), float(system.high[number])
    inside = min(max(corrected, low), high)
    return inside if abs(corrected - inside) <= _BEYOND * size_sd else corrected


def _suspect(case: _Case, number: int, score: Floats, spread: Floats) -> Suspect:
    system = case.system
    size = float(score[number] / spread[number])
    spread_sd = float(1 / math.sqrt(spread[number]))
    statistic = float(score[number] ** 2 / spread[number])
    if number >= system.size:
        group = number - system.size
        node = system.nodes[case.first_node[group]]
        names = case.processes[group]
        return Suspect(
            "leak", names[0], node.layer, "balance", size, spread_sd, statistic, processes=names, number=number
        )
    name = system.names[number]
    corrected = _within(system, number, float(system.value[number]) - size, spread_sd)
    relative = size / corrected if abs(corrected) > 1e-9 * abs(size) else None
    return Suspect(
        "measurement", name.key, name.layer, name.kind, size, spread_sd, statistic, corrected, relative, (), number
    )


def _hypothesis(case: _Case, suspect: Suspect, spread: Floats) -> tuple[Floats, Floats]:
    """Values, and their variances, of all variables if the suspect is true."""
    system, solution = case.system, case.solution
    change, extra = np.zeros(system.size), np.zeros(solution.statistics.groups)
    if suspect.kind == "leak":
        extra[suspect.number - system.size] = -1.0
    else:
        change[suspect.number] = -1.0
    moved = solution.statistics.respond(change, extra)
    share = float(spread[suspect.number])
    return solution.value + suspect.size * moved, solution.variance + moved**2 / share


def _deciding(
    case: _Case, first: Suspect, second: Suspect, score: Floats, spread: Floats, before: list[GrossError]
) -> tuple[Deciding, ...]:
    """The measurements that would best decide between two suspects; a new meter is as good as the present ones."""
    if before:
        return ()  # later suspects stand on the earlier ones; what decides these comes first
    system = case.system
    one, one_variance = _hypothesis(case, first, spread)
    two, two_variance = _hypothesis(case, second, spread)
    kinds = np.array([name.kind in (FLOW, STOCK) for name in system.names])
    usable = kinds & ~np.isnan(one) & ~np.isnan(two) & ~system.exact
    measured = usable & system.measured
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.abs(system.sd[measured] / system.value[measured])
    relative = relative[np.isfinite(relative)]
    typical = float(np.median(relative)) if len(relative) else 0.05
    meter = np.where(measured, system.sd, typical * np.abs(np.where(usable, (one + two) / 2, 0.0)))
    spread_of = np.sqrt(np.maximum(np.fmax(one_variance, two_variance), 0) + meter**2)
    power = np.zeros(system.size)
    sure = usable & (spread_of > 0)
    power[sure] = np.abs(one - two)[sure] / spread_of[sure]
    best = np.argsort(-power, kind="stable")[:_DECIDING]
    return tuple(
        Deciding(
            system.names[at].key,
            system.names[at].layer,
            system.names[at].kind,
            float(one[at] - two[at]),
            float(meter[at]),
            float(power[at]),
            not bool(system.measured[at]),
        )
        for at in best
        if power[at] > 1e-6
    )


# --- words -----------------------------------------------------------------------------------------------------------


def _unit(case: _Case, layer: str) -> str:
    try:
        unit = case.network.layer(layer).unit
    except KeyError:
        unit = ""
    return f" {unit}" if unit else ""


def _meter(network: Network, suspect: Suspect) -> Text:
    """How a measurement is called."""
    if suspect.quantity == CONCENTRATION:
        return message("{flow} 的{layer}浓度", flow=suspect.id, layer=suspect.layer)
    if suspect.quantity == STOCK:
        return message("库存 {stock}", stock=suspect.id)
    if suspect.quantity == TRANSFER:
        return message("转移系数 {name}", name=suspect.id)
    if suspect.quantity == RELATION:
        return message("关系式 {name}", name=suspect.id)
    flow = next((flow for flow in network.flows if flow.key == suspect.id), None)
    name = flow.meter if flow is not None and flow.meter else suspect.id
    if suspect.layer != network.base.id:
        return message("流量计 {meter}（{layer}）", meter=name, layer=suspect.layer)
    return message("流量计 {meter}", meter=name)


def describe(case: _Case, suspect: Suspect) -> Message:
    """One suspect in words: what is wrong and by how much."""
    unit = _unit(case, suspect.layer)
    if suspect.quantity in (CONCENTRATION, TRANSFER, RELATION):
        unit = ""
    if suspect.kind == "leak":
        names = listing((*suspect.processes[:6], "…") if len(suspect.processes) > 6 else suspect.processes)
        if suspect.size > 0:
            return message(
                "过程 {names} 有未计入的流出，约 {size}{unit}", names=names, size=_g(suspect.size), unit=unit
            )
        return message("过程 {names} 有未计入的流入，约 {size}{unit}", names=names, size=_g(-suspect.size), unit=unit)
    meter = _meter(case.network, suspect)
    assert suspect.corrected is not None
    value = _g(suspect.corrected)
    if suspect.relative is not None and abs(suspect.relative) < 10:
        percent = _g(abs(suspect.relative) * 100, 2)
        if suspect.size * suspect.corrected > 0:
            return message(
                "{meter} 偏高约 {percent} %，若为真则应为 {value}{unit}",
                meter=meter,
                percent=percent,
                value=value,
                unit=unit,
            )
        return message(
            "{meter} 偏低约 {percent} %，若为真则应为 {value}{unit}",
            meter=meter,
            percent=percent,
            value=value,
            unit=unit,
        )
    amount = _g(abs(suspect.size))
    if suspect.size > 0:
        return message(
            "{meter} 偏高约 {amount}{unit}，若为真则应为 {value}{unit}",
            meter=meter,
            amount=amount,
            value=value,
            unit=unit,
        )
    return message(
        "{meter} 偏低约 {amount}{unit}，若为真则应为 {value}{unit}", meter=meter, amount=amount, value=value, unit=unit
    )


def _words(case: _Case, error: GrossError) -> Text:
    """The finding in sentences: the suspect, what it explains, who cannot be told from it, what would decide."""
    parts: list[object] = [
        message(
            "{what}，加权平方和由 {before} 降到 {after}。",
            what=describe(case, error.suspect),
            before=_g(error.chi2_before),
            after=_g(error.chi2_after),
        )
    ]
    suspect, system = error.suspect, case.system
    if suspect.corrected is not None:
        low, high = system.low[suspect.number], system.high[suspect.number]
        if not low <= suspect.corrected <= high:
            parts.append(message("改正后的值在它的界之外，所以单凭它解释不了。"))
    if error.equivalent:
        others = listing(_short(case, each) for each in error.equivalent)
        parts.append(message("凭现有测量与它分不开的还有：{others}。", others=others))
    if error.alternative is not None:
        parts.append(message("另一种可能：{what}。", what=describe(case, error.alternative)))
    if error.deciding:
        best = error.deciding[0]
        template = {
            True: message("在 {flow} 上加一只表即可判别", flow=best.id),
            False: message("用另一只表复测 {flow} 即可判别", flow=best.id),
        }[best.new]
        if best.power < 2:
            template = message("最有助于判别的是复测 {flow}，但仍未必能判定", flow=best.id)
        parts.append(
            message(
                "{what}（两种解释相差 {difference}，为标准差的 {power} 倍）。",
                what=template,
                difference=_g(abs(best.difference)),
                power=_g(best.power, 2),
            )
        )
    return sentences(parts)


def _short(case: _Case, suspect: Suspect) -> Text:
    if suspect.kind == "leak":
        return message("过程 {names} 的漏计", names=listing(suspect.processes[:6]))
    return _meter(case.network, suspect)


def _g(value: float, digits: int = 4) -> str:
    """A number with some significant digits, without an exponent where that is readable."""
    text = f"{value:.{digits}g}"
    return f"{value:.0f}" if "e" in text and 1 <= abs(value) < 1e15 else text


# --- nodal test ------------------------------------------------------------------------------------------------------


def nodal_tests(
    system: System, solution: Solution, alpha: float = 0.05, correction: Correction = "sidak"
) -> tuple[NodalTest, ...]:
    """The test of each balance: all of them up to 200, beyond that those that are suspicious."""
    statistics = solution.statistics
    usable = np.flatnonzero(statistics.residual_variance > 0)
    usable = usable[usable != statistics.group[0]] if len(statistics.group) else usable
    if not len(usable):
        return ()
    deviation = np.sqrt(statistics.residual_variance[usable])
    z = statistics.residual[usable] / deviation
    limit = limit_of(z, alpha, correction)
    wanted = np.abs(z) > limit if len(usable) > _LISTED else np.ones(len(usable), bool)
    shown = usable[wanted]
    members: dict[int, list[int]] = {int(group): [] for group in shown}
    for node in np.flatnonzero(np.isin(statistics.group, shown)):
        members[int(statistics.group[node])].append(int(node))
    found = []
    for group, deviation_of, z_of in zip(shown, deviation[wanted], z[wanted], strict=True):
        nodes = [system.nodes[node] for node in members[int(group)] if node]
        names = tuple(dict.fromkeys(node.process for node in nodes))
        surplus = float(statistics.residual[group])
        found.append(
            NodalTest(
                names,
                nodes[0].layer,
                nodes[0].period,
                surplus,
                float(deviation_of),
                abs(float(z_of)),
                bool(abs(z_of) > limit),
            )
        )
    return tuple(found)

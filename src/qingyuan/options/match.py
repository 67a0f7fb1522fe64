"""Technologies that fit a plant (技术匹配): ranked, each with its reasons in words and what it would change here.

A reason gives points (table ``POINTS``): the industry, the process found among the plant's places, machines and process
names, rows of the index that miss a level in the same medium, items that the plant has, causes by the eight aspects,
losses of the balance. Points rank only; they are no probability. Adoption odds come from counts of real outcomes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qingyuan import units
from qingyuan.facts.model import SITE, Case, Place
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Message, Name, Text, listing, message
from qingyuan.options.change import Option, Unapplied
from qingyuan.options.changed import PlantModel, compile_plant
from qingyuan.options.effects import changes_of_technology
from qingyuan.options.odds import Odds, technology_odds, typical_payback
from qingyuan.reference.records import Grade
from qingyuan.reference.technologies import ASPECTS, Technology, industries, technologies
from qingyuan.standards.distance import gaps
from qingyuan.standards.result import Score

# What a reason is worth in the ranking. Ours: the industry decides whether a record is looked at, a gap of the index or
# a loss is worth more than a word that fits.
POINTS: Mapping[str, float] = {
    "industry": 30.0, "any-industry": 6.0, "process": 20.0, "gap": 25.0, "limiting": 10.0, "item": 8.0, "loss": 15.0,
    "cause": 10.0, "numbers": 6.0, "cost": 3.0, "pilot": -8.0, "eliminated": -4.0,
}  # fmt: skip

# Words in the name of an index row that say which medium it is about.
_MEDIA_WORDS: Mapping[str, tuple[str, ...]] = {
    "water": ("水", "water"),
    "energy": ("能耗", "电耗", "用电", "耗电", "能源", "综合能", "汽耗", "热耗", "energy", "electricity"),
    "carbon": ("碳", "carbon", "CO2"),
    "air": ("废气", "烟", "颗粒物", "粉尘", "VOC", "挥发性", "SO2", "NOx", "二氧化硫", "氮氧化物", "酸雾", "emission"),
    "waste": ("固体废物", "固废", "危险废物", "废渣", "污泥", "灰", "废物", "waste"),
    "raw-material": ("利用率", "单耗", "原料", "原辅", "消耗", "材料", "utilisation", "material"),
}
_WORDS = re.compile(r"[、，,；;：:（）()/／\s与和及]+")
_GENERAL = frozenset({"生产", "工艺", "全厂", "车间", "设备", "其他", "各工序", "公用", "处理", "系统", "回收"})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a technology fits (匹配理由): a kind, points, words."""

    kind: str
    points: float
    text: Message


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a technology would change here (估计效果): a stream with its amount, the change and its range, a year."""

    stream: Name
    before: float
    change: float
    low: float
    high: float
    unit: str

    def as_json(self) -> dict[str, object]:
        """The estimate as plain values."""
        return {
            "stream": str(self.stream), "before": self.before, "change": self.change, "low": self.low,
            "high": self.high, "unit": self.unit,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """A technology that fits (候选方案).

    ``place``: the process of the plant where it fits, "" where none was named; ``share``: the part of the plant's
    stream that this place uses (1 where unknown). ``estimates``: on this plant's facts; ``unapplied``: effects that
    need more. ``payback`` in years: the record's or that of its kind. ``already``: options of the case that seem to be
    the same.
    """

    technology: Technology
    points: float
    reasons: tuple[Reason, ...]
    place: str
    share: float
    estimates: tuple[Estimate, ...]
    unapplied: tuple[Unapplied, ...]
    odds: Odds
    payback: float | None
    conflicts: tuple[str, ...]
    already: tuple[str, ...]

    def why(self) -> Text:
        """The reasons in words."""
        return listing(reason.text for reason in self.reasons if reason.points > 0)

    def as_option(self) -> Option:
        """The candidate as an option with its changes, to be combined with others."""
        changes, lost = changes_of_technology(self.technology, place=self.place)
        return Option(
            id=self.technology.id, name=self.technology.name, changes=changes, aspect=self.technology.aspect,
            excludes=self.conflicts, life=self.technology.life_years, technology=self.technology.id, unapplied=lost,
        )  # fmt: skip

    def as_json(self) -> dict[str, object]:
        """The candidate as plain values with stable keys."""
        record = self.technology
        return {
            "id": record.id,
            "name": str(record.label),
            "points": self.points,
            "reasons": [{"kind": r.kind, "points": r.points, "text": str(r.text)} for r in self.reasons],
            "aspect": record.aspect,
            "process": record.process,
            "place": self.place,
            "share": self.share,
            "estimates": [estimate.as_json() for estimate in self.estimates],
            "unapplied": [each.as_json() for each in self.unapplied],
            "cost": None if record.cost is None else record.cost.model_dump(exclude_none=True, exclude_defaults=True),
            "payback_years": self.payback,
            "odds": self.odds.as_json(),
            "prerequisites": list(record.prerequisites),
            "conflicts": list(self.conflicts),
            "already": list(self.already),
            "maturity": record.maturity,
            "grade": record.grade.value,
            "source": record.source,
        }


def match(
    case: Case,
    *,
    ledger: Ledger | None = None,
    score: Score | None = None,
    causes: Iterable[str] = (),
    losses: Mapping[str, float] | None = None,
    industry: str = "",
    limit: int | None = None,
) -> tuple[Candidate, ...]:
    """Technologies of the library that fit a plant, the best first.

    ``score``: the plant's score, for the gaps of its index; ``causes``: aspects (ids of the eight aspects) in which the
    audit found causes; ``losses``: item ids of loss streams with what they cost a year (any unit), from the balance;
    ``industry``: an id of the library in place of the profile's code. Records of other industries are left out. Raises
    UnknownName for an unknown industry.
    """
    ledger = Ledger(case) if ledger is None else ledger
    plant = _Look(case, ledger, score, frozenset(causes), dict(losses or {}), industry)
    found = [each for record in technologies().values() if (each := plant.candidate(record)) is not None]
    model = compile_plant(case, [candidate.as_option_alone() for candidate in found], ledger=ledger)
    estimated = _estimates(model)
    chosen: list[Candidate] = []
    ids = {each.technology.id for each in found}
    for number, each in enumerate(found):
        estimates = estimated.get(number, ())
        reasons = list(each.reasons)
        if estimates:
            names = listing(estimate.stream for estimate in estimates)
            reasons.append(_reason("item", message("本企业有{names}的数据，可以估算效果", names=names)))
        conflicts = tuple(other for other in each.technology.conflicts if other in ids)
        chosen.append(
            Candidate(
                each.technology, sum(reason.points for reason in reasons), tuple(reasons), each.place,
                plant.share(each), estimates, model.unapplied[each.technology.id], technology_odds(each.technology),
                typical_payback(each.technology), conflicts, plant.already(each.technology),
            )
        )  # fmt: skip
    chosen.sort(key=lambda one: (-one.points, -one.odds.rate, one.technology.id))
    return tuple(chosen if limit is None else chosen[:limit])


@dataclass(frozen=True, slots=True)
class _Draft:
    technology: Technology
    reasons: tuple[Reason, ...]
    place: str

    def as_option_alone(self) -> Option:
        changes, lost = changes_of_technology(self.technology, place=self.place)
        return Option(self.technology.id, changes=changes, unapplied=lost)


class _Look:
    """What of the plant the matching looks at."""

    def __init__(
        self, case: Case, ledger: Ledger, score: Score | None, causes: frozenset[str], losses: Mapping[str, float],
        industry: str,
    ) -> None:  # fmt: skip
        self.case, self.ledger, self.causes, self.losses = case, ledger, causes, losses
        self.industries = _industries_of(industry or case.profile.industry_code)
        said = [case.profile.details.get("processes", ""), case.profile.details.get("products", "")]
        said += [machine.name for machine in case.equipment] + [machine.place for machine in case.equipment]
        self.text = " ".join([*said, *(place.name for place in ledger.places)])
        self.media = _gap_media(score)

    def candidate(self, record: Technology) -> _Draft | None:
        reasons: list[Reason] = []
        if self.industries & set(record.industries):
            names = listing(_industry(id) for id in sorted(self.industries & set(record.industries)))
            reasons.append(_reason("industry", message("适用行业：{names}", names=names)))
        elif "any" in record.industries:
            reasons.append(_reason("any-industry", message("各行业通用")))
        else:
            return None
        words = [word for word in _WORDS.split(record.process) if len(word) > 1 and word not in _GENERAL]
        hits = [word for word in words if word in self.text]
        place = _place_of(hits, self.ledger.places)
        if hits:
            reasons.append(_reason("process", message("企业有该工序：{names}", names=listing(hits))))
        for medium in record.media:
            if medium in self.media:
                share, limiting, rows = self.media[medium]
                text = message("指标有差距：{rows}", rows=listing(rows))
                reasons.append(Reason("gap", POINTS["gap"] * share, text))
                if limiting:
                    reasons.append(_reason("limiting", message("其中有限定性指标")))
                break
        lost = [effect.item for effect in record.effects if effect.item in self.losses]
        if lost:
            names = listing(self.ledger.label(item) for item in dict.fromkeys(lost))
            reasons.append(_reason("loss", message("平衡中有损失：{names}", names=names)))
        if record.aspect in self.causes:
            reasons.append(_reason("cause", message("原因分析指向：{aspect}", aspect=ASPECTS[record.aspect])))
        if record.effects and record.grade in (Grade.READ, Grade.CITED):
            reasons.append(_reason("numbers", message("效果有出处")))
        if record.cost is not None:
            reasons.append(_reason("cost", message("有费用数据")))
        if record.maturity == "pilot":
            reasons.append(_reason("pilot", message("尚在试点")))
        if record.maturity == "eliminated-baseline":
            reasons.append(_reason("eliminated", message("替代的是已淘汰的旧工艺，多数企业已经做到")))
        return _Draft(record, tuple(reasons), place)

    def share(self, draft: _Draft) -> float:
        """The part of the first stream it changes that its place uses; 1 without a place or a number."""
        if not draft.place:
            return 1.0
        for effect in draft.technology.effects:
            year = self.ledger.years[-1] if self.ledger.years else ""
            if not effect.item or not year:
                continue
            roles = (effect.role, "consumed", "purchased") if effect.role else ("consumed", "purchased")
            inside = self.ledger.amount(effect.item, roles, year, draft.place)
            whole = self.ledger.amount(effect.item, roles, year)
            try:
                if inside is not None and whole is not None and whole.value > 0:
                    return min(1.0, inside.to(whole.unit).value / whole.value)
            except units.DimensionError:
                continue
        return 1.0

    def already(self, record: Technology) -> tuple[str, ...]:
        """Options of the case whose name shares most of its word pairs with the record's."""
        own = _pairs(record.name)
        found = []
        for option in self.case.options:
            other = _pairs(option.name)
            if own and other and len(own & other) / min(len(own), len(other)) >= 0.5:
                found.append(option.id)
        return tuple(found)


def _industry(id: str) -> Name:
    """An industry's name; the library names them in Chinese, their ids are English words."""
    return Name(industries()[id].name, id.replace("-", " "))


def _reason(kind: str, text: Message) -> Reason:
    return Reason(kind, POINTS[kind], text)


def _pairs(text: str) -> frozenset[str]:
    plain = re.sub(r"[^\w]", "", text)
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1))


def _industries_of(code: str) -> frozenset[str]:
    known = industries()
    if code in known:
        return frozenset({code})
    if not code:
        return frozenset()
    return frozenset(
        record.id
        for record in known.values()
        if any(code.startswith(prefix) or prefix.startswith(code) for prefix in record.codes)
    )


def _place_of(words: Sequence[str], places: Sequence[Place]) -> str:
    for word in words:
        for place in places:
            if word in place.name:
                return place.name
    return SITE


def _gap_media(score: Score | None) -> dict[str, tuple[float, bool, tuple[Name, ...]]]:
    """For each medium the share of the missing points that its rows hold, whether one is limiting, the rows' names."""
    if score is None:
        return {}
    points: dict[str, float] = {}
    rows: dict[str, list[Name]] = {}
    limiting: set[str] = set()
    for gap in gaps(score).rows:
        name = gap.row.indicator.name
        text = f"{name.zh} {name.en}"
        missing = float(gap.row.weight if gap.row.weight is not None else gap.row.shared_weight)
        for medium, words in _MEDIA_WORDS.items():
            if any(word in text for word in words):
                points[medium] = points.get(medium, 0.0) + missing
                rows.setdefault(medium, []).append(name)
                if gap.row.withholds:
                    limiting.add(medium)
                break
    most = max(points.values(), default=0.0)
    return {
        medium: (0.4 + 0.6 * value / most if most else 0.4, medium in limiting, tuple(rows[medium][:3]))
        for medium, value in points.items()
    }


def _estimates(model: PlantModel) -> dict[int, tuple[Estimate, ...]]:
    """What each option alone changes in each stream, with the range of its numbers."""
    count = len(model.options)
    if not model.applied:
        return {}
    sets = np.eye(count, dtype=bool)
    # a bound that is not known is the number itself; "at least" and "at most" keep the one bound as the number
    low = np.array([each.value if each.low is None else each.low for each in model.applied])
    high = np.array([each.value if each.high is None else each.high for each in model.applied])
    central = model.state(sets).after - model.before
    one, other = (model.state(sets, numbers).after - model.before for numbers in (low, high))
    found: dict[int, list[Estimate]] = {}
    for change in model.applied:
        stream, at = model.streams[change.stream], change.option
        if abs(central[at, change.stream]) <= 1e-12 * max(1.0, abs(stream.amount)):
            continue
        ends = sorted((float(one[at, change.stream]), float(other[at, change.stream])))
        estimate = Estimate(
            stream.name, stream.amount, float(central[at, change.stream]), ends[0], ends[1], stream.unit
        )
        if estimate not in found.setdefault(at, []):
            found[at].append(estimate)
    return {at: tuple(each) for at, each in found.items()}

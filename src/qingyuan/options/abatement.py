"""Abatement cost (减排成本): cost per tonne, the curve with its limits said, and the Pareto order that stays honest.

``cost per tonne = (annual cost of capital + running cost - saving) / yearly abatement``, the annual cost of capital by
the annuity ``i / (1 - (1+i)^-n)``. For measures that save money the ratio ranks wrongly: of two measures with the same
saving the one that abates less looks better. No other ratio mends that; such measures are ordered by dominance in
saving and tonnes, and shown side by side. (Taylor, Energy Policy 48 (2012) 430.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qingyuan.errors import InputError, Location, Problem
from qingyuan.language import Message, listing, message


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure on an abatement curve (减排措施): net cost a year (negative saves) and tonnes a year."""

    id: str
    net_cost: float
    abatement: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A measure at its place (曲线上的一段): cost per tonne, tonnes up to and with it, its Pareto layer from 1.

    ``layer`` 1 is dominated by none: no other saves at least as much money and tonnes and more of one. ``sound`` says
    whether cost per tonne may rank it (it costs money).
    """

    measure: Measure
    cost_per_tonne: float
    cumulated: float
    layer: int
    sound: bool

    def as_json(self) -> dict[str, object]:
        """The step as plain values."""
        return {
            "id": self.measure.id,
            "name": self.measure.name,
            "net_cost": self.measure.net_cost,
            "abatement": self.measure.abatement,
            "cost_per_tonne": self.cost_per_tonne,
            "cumulated": self.cumulated,
            "layer": self.layer,
            "sound": self.sound,
        }


@dataclass(frozen=True, slots=True)
class AbatementCurve:
    """An abatement curve (边际减排成本曲线): steps in order, and what must be said with it."""

    steps: tuple[Step, ...]
    warnings: tuple[Message, ...]

    @property
    def order(self) -> tuple[str, ...]:
        """The ids from the first to the last."""
        return tuple(step.measure.id for step in self.steps)

    def as_json(self) -> dict[str, object]:
        """The curve as plain values."""
        return {
            "steps": [step.as_json() for step in self.steps],
            "order": list(self.order),
            "warnings": [str(text) for text in self.warnings],
        }


def annuity(rate: float, years: float) -> float:
    """The yearly payment for one unit of money over ``years`` at ``rate`` (fraction): i / (1 - (1+i)^-n)."""
    if years <= 0 or rate <= -1:
        raise ValueError("annuity needs years > 0 and rate > -1")
    return 1 / years if rate == 0 else rate / (1 - (1 + rate) ** -years)


def measure(
    id: str, investment: float, annual_saving: float, annual_cost: float, abatement: float, life: float, rate: float
) -> Measure:
    """A measure with its net cost a year: investment by the annuity over its life, running cost less saving."""
    return Measure(id, investment * annuity(rate, life) + annual_cost - annual_saving, abatement)


_NO_ABATEMENT = message("没有减排量，不能排入曲线")


def abatement_curve(measures: Sequence[Measure], *, interacting: bool = True) -> AbatementCurve:
    """Order measures: first those that save money, by Pareto layer (more saving before more tonnes inside one), then
    those that cost money, by cost per tonne.

    ``interacting``: whether the amounts were taken each alone, so that they must not be summed without a run of the
    set. Raises InputError where a measure abates nothing or more than one has an id.
    """
    problems = [Problem("abatement-none", _NO_ABATEMENT, found=each.id) for each in measures if not each.abatement > 0]
    ids = [each.id for each in measures]
    problems += [
        Problem("measure-twice", message("措施编号写了两次"), found=id)
        for id in dict.fromkeys(ids)
        if ids.count(id) > 1
    ]
    if problems:
        raise InputError(problems)
    layers = pareto_layers([(-each.net_cost, each.abatement) for each in measures])
    layer_of = {each.id: layer for each, layer in zip(measures, layers, strict=True)}
    gaining = [each for each in measures if each.net_cost < 0]
    costing = [each for each in measures if each.net_cost >= 0]
    gaining.sort(key=lambda each: (layer_of[each.id], each.net_cost, -each.abatement))
    costing.sort(key=lambda each: (each.net_cost / each.abatement, -each.abatement))
    steps: list[Step] = []
    total = 0.0
    for each in (*gaining, *costing):
        total += each.abatement
        steps.append(Step(each, each.net_cost / each.abatement, total, layer_of[each.id], each.net_cost >= 0))
    warnings: list[Message] = []
    if gaining:
        warnings.append(
            message(
                "{count} 项措施净收益为正（成本为负）：单位减排成本对它们没有排序意义，按收益与减排量的帕累托层次排列",
                count=len(gaining),
            )
        )
    warnings.append(message("曲线不是供给曲线：不含时间次序、实施率与成本的不确定性"))
    if interacting:
        warnings.append(message("各措施单独计算；作用于同一股流的措施不能相加，须按组合重新计算"))
    return AbatementCurve(tuple(steps), tuple(warnings))


def pareto_layers(points: Sequence[tuple[float, ...]]) -> list[int]:
    """The layer of each point, from 1: those that no other left point dominates (at least as good in all, better in
    one; more is better). Equal points share a layer.
    """
    layers = [0] * len(points)
    left = set(range(len(points)))
    layer = 0
    while left:
        layer += 1
        front = [at for at in left if not any(_dominates(points[other], points[at]) for other in left)]
        for at in front:
            layers[at] = layer
        left.difference_update(front)
    return layers


def _dominates(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(a >= b for a, b in zip(one, other, strict=True)) and one != other


_KEYS = {"id", "name", "net_cost", "abatement", "investment", "annual_saving", "annual_cost", "life"}


def read_measures(document: object, *, rate: float, file: str = "") -> tuple[Measure, ...]:
    """Read ``{"measures": [{"id", "net_cost", "abatement"} or {"id", "investment", "annual_saving", "annual_cost",
    "abatement", "life"}]}``; the net cost a year then follows by the annuity at ``rate``.

    Raises InputError with every problem.
    """
    rows = document.get("measures") if isinstance(document, Mapping) else document
    problems: list[Problem] = []
    found: list[Measure] = []
    if not isinstance(rows, list):
        raise InputError([Problem("measures-shape", message("不是措施文件：应有 measures 列表"))])
    for number, row in enumerate(rows, start=1):
        where = Location(file=file, row=number)
        if not isinstance(row, Mapping) or not str(row.get("id", "")).strip():
            problems.append(Problem("measure-without-id", message("措施没有编号"), where=where))
            continue
        for key in row:
            if key not in _KEYS:
                problems.append(Problem("key-unknown", message("不认识的键"), where=where, found=str(key)))
        numbers: dict[str, float] = {}
        for key in _KEYS - {"id", "name"}:
            value = row.get(key)
            if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300:
                numbers[key] = float(value)
            elif value is not None:
                text = message("{key} 应为数字", key=key)
                problems.append(Problem("not-a-number", text, where=where, found=str(value)[:60]))
        if "abatement" not in numbers or not {"net_cost", "investment"} & numbers.keys():
            text = message("措施应有 abatement，以及 net_cost 或 investment")
            problems.append(Problem("measure-incomplete", text, where=where, found=str(row["id"])))
            continue
        id, name = str(row["id"]), str(row.get("name", ""))
        if not numbers["abatement"] > 0:
            problems.append(Problem("abatement-none", _NO_ABATEMENT, where=where, found=id))
        both = [key for key in ("investment", "annual_saving", "annual_cost") if key in numbers]
        if "net_cost" in numbers and both:
            text = message("net_cost 已含投资、节省和费用，不能同时写 {keys}", keys=listing(both))
            problems.append(Problem("measure-twice-costed", text, where=where, found=id))
        if "net_cost" in numbers:
            found.append(Measure(id, numbers["net_cost"], numbers["abatement"], name))
            continue
        life = numbers.get("life", 10.0)
        if life <= 0:
            problems.append(Problem("life", message("life 应大于 0 年"), where=where, found=str(life)))
            continue
        yearly = numbers.get("annual_saving", 0.0), numbers.get("annual_cost", 0.0)
        found.append(measure(id, numbers["investment"], *yearly, numbers["abatement"], life, rate))
    if problems:
        raise InputError(problems)
    return tuple(found)

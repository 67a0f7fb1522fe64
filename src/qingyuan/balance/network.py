"""The flow network (物质流网络): flows, processes, layers, stocks, relations, as plain records of what is known.

A ``Network`` says what somebody knows and how surely; it computes nothing. ``reading`` makes one from JSON,
``reconciliation`` makes its quantities consistent. Every number is in the unit of its layer; one network has one time
span or several periods.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

OUTSIDE = "0"  # the process that stands for everything outside (环境) unless the network names others
GOODS = "goods"  # the layer of a network that names none (物料)

Shape = Literal["normal", "lognormal", "uniform", "triangular"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one quantity (已知量): a value with its standard uncertainty, a range, or nothing.

    ``value`` None: unmeasured. ``sd``: standard uncertainty in the unit of the value, 0 for an exact value; None
    with a ``shape`` other than normal means that it follows from the range. ``low``, ``high``: ends of a uniform or
    triangular range (``value`` is the mode of the triangular one). ``shape``: the form of the knowledge; linear
    reconciliation uses its mean and standard deviation, Monte Carlo the form itself.
    """

    value: float | None = None
    sd: float | None = None
    shape: Shape = "normal"
    low: float | None = None
    high: float | None = None

    @property
    def measured(self) -> bool:
        """Whether anything but bounds is known of the quantity."""
        return self.value is not None or (self.low is not None and self.high is not None)

    @property
    def exact(self) -> bool:
        """Whether the value is taken as exact (准确值): it stands and is not adjusted."""
        return self.value is not None and self.sd == 0 and self.shape == "normal"

    @property
    def mean(self) -> float:
        """The expected value; NaN for an unmeasured quantity."""
        if self.shape in ("uniform", "triangular") and self.low is not None and self.high is not None:
            if self.shape == "uniform" or self.value is None:
                return (self.low + self.high) / 2
            return (self.low + self.value + self.high) / 3
        return float("nan") if self.value is None else self.value

    @property
    def deviation(self) -> float:
        """The standard deviation; NaN for an unmeasured quantity."""
        if self.shape in ("uniform", "triangular") and self.low is not None and self.high is not None:
            low, high = self.low, self.high
            if self.shape == "uniform" or self.value is None:
                return float((high - low) / 12**0.5)
            mode = self.value
            return float(((low**2 + mode**2 + high**2 - low * mode - low * high - mode * high) / 18) ** 0.5)
        return float("nan") if self.value is None or self.sd is None else self.sd


UNKNOWN = Known()


@dataclass(frozen=True, slots=True)
class Content:
    """What one flow has in one further layer (含量): an amount of its own, or a concentration in the base layer.

    Amount in the layer = concentration x amount in the base layer x ``Layer.factor``. At most one of both is needed;
    both may be measured. A concentration is a mass fraction for substances, a heating value for energy.
    """

    amount: Known = UNKNOWN
    concentration: Known | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer (层): goods, water, energy, a substance.

    ``of``: the base layer whose flows carry it (concentrations link the two); empty for a layer of its own.
    ``factor``: unit of this layer per unit of concentration x unit of the base (1000 for kg in t). ``highest``: the
    largest possible concentration (1 for a mass fraction). ``absent_is_zero``: flows that say nothing of this layer
    carry none of it; otherwise their content is unknown. ``element``: symbol, to compute contents from formulae.
    """

    id: str = GOODS
    name: str = ""
    unit: str = ""
    of: str = ""
    factor: float = 1.0
    highest: float | None = None
    absent_is_zero: bool = False
    element: str = ""


@dataclass(frozen=True, slots=True)
class Process:
    """One place where flows meet (过程): unit, workshop, storage. ``balanced`` False: no balance is asked of it.

    ``unbalanced_layers``: layers that are not conserved here (a reaction makes or destroys the substance).
    """

    id: str
    name: str = ""
    balanced: bool = True
    unbalanced_layers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Flow:
    """One flow (流): from one process to another, in one layer, with what is known of it.

    ``layer``: the layer of ``known``. ``contents``: what it carries in the layers of this base, by layer id.
    ``period``: the period that it belongs to; empty where the network has none. ``meter``: how its measurement is
    called in words (default: the id).
    """

    id: str
    source: str
    target: str
    known: Known = UNKNOWN
    layer: str = GOODS
    contents: Mapping[str, Content] = field(default_factory=dict)
    period: str = ""
    name: str = ""
    meter: str = ""

    @property
    def key(self) -> str:
        """The name of this flow in results: the id, with the period where there are several (``F1@2022-07``)."""
        return f"{self.id}@{self.period}" if self.period else self.id


@dataclass(frozen=True, slots=True)
class Stock:
    """The stock (库存) of a process in a layer at the end of a period; ``period`` "" is the start of the first one."""

    process: str
    period: str = ""
    known: Known = UNKNOWN
    layer: str = GOODS

    @property
    def key(self) -> str:
        """The name of this stock in results."""
        return f"{self.process}@{self.period or 'start'}"


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer coefficient (转移系数): ``to_flow`` = coefficient x ``from_flow``, in one layer.

    With ``of_process`` instead of ``from_flow`` the coefficient is the share of everything that enters the process.
    """

    to_flow: str
    from_flow: str = ""
    of_process: str = ""
    known: Known = UNKNOWN
    layer: str = ""
    id: str = ""

    @property
    def key(self) -> str:
        """The name of this coefficient in results."""
        return self.id or f"{self.to_flow}/{self.from_flow or self.of_process}"


@dataclass(frozen=True, slots=True)
class Relation:
    """A linear relation (关系式) between flows of one layer: sum of coefficient x flow = ``equals``, with ``sd``."""

    terms: tuple[tuple[str, float], ...]
    equals: float = 0.0
    sd: float = 0.0
    layer: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """Bounds (界) of one flow in one layer; None leaves that side open."""

    flow: str
    low: float | None = None
    high: float | None = None
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Correlation:
    """Two measurements that err together (相关测量): coefficient of correlation between -1 and 1."""

    first: str
    second: str
    coefficient: float
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Network:
    """A flow network with all that is known of it (物质流网络).

    ``environment``: processes outside, without balance. ``processes``: those that need more than their name; others
    are made by the flows that name them. ``layers``: the first is the base unless a layer says otherwise.
    ``periods``: in their order in time; empty for one time span. ``non_negative``: flows and stocks cannot be
    negative unless a bound of their own says so.
    """

    flows: tuple[Flow, ...]
    environment: frozenset[str] = frozenset({OUTSIDE})
    processes: tuple[Process, ...] = ()
    layers: tuple[Layer, ...] = (Layer(),)
    stocks: tuple[Stock, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    relations: tuple[Relation, ...] = ()
    bounds: tuple[Bound, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    periods: tuple[str, ...] = ()
    non_negative: bool = True
    name: str = ""

    @property
    def base(self) -> Layer:
        """The base layer (基础层): the first."""
        return self.layers[0]

    def layer(self, id: str) -> Layer:
        """The layer of an id; "" means the base. Raises KeyError for an unknown one."""
        for layer in self.layers:
            if layer.id == (id or self.base.id):
                return layer
        raise KeyError(id)


def simple(
    flows: Iterable[tuple[str, str, str, float | None, float | None]],
    *,
    environment: Iterable[str] = (OUTSIDE,),
    non_negative: bool = True,
) -> Network:
    """Make a one-layer network from (id, from, to, value, sd) rows; value None is unmeasured, sd 0 exact."""
    rows = tuple(Flow(id, source, target, Known(value, sd)) for id, source, target, value, sd in flows)
    return Network(rows, environment=frozenset(environment), non_negative=non_negative)

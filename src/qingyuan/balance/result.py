"""The result of a reconciliation (调和结果): each quantity with value, uncertainty, adjustment and class; tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from qingyuan.balance.network import Network
from qingyuan.balance.solution import Solution
from qingyuan.balance.system import CONCENTRATION, FLOW, RELATION, STOCK, TRANSFER, Quantity, System
from qingyuan.errors import Problem, Severity

if TYPE_CHECKING:
    from qingyuan.balance.gross_errors import GrossError, NodalTest


@dataclass(frozen=True, slots=True)
class Estimate:
    """One quantity after reconciliation (调和后的量), in the unit of its layer.

    ``value`` and ``sd``: None where the balances do not determine it. ``adjustment``: value less measurement, None
    where there is none. ``redundant``: a measurement that some balance checks. ``bound``: "low" or "high" where the
    value stands at a bound that holds it there. ``test``: the two-sided measurement test |z|, None where nothing
    checks it. ``meters``: for an unobservable flow, the flows of which one more meter would make it observable.
    """

    key: str
    kind: str
    layer: str
    value: float | None
    sd: float | None
    measured: bool
    observable: bool
    redundant: bool
    exact: bool
    measurement: float | None = None
    measurement_sd: float | None = None
    adjustment: float | None = None
    bound: str = ""
    test: float | None = None
    meters: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Give the stable keys, with those that are empty left out (``value`` … ``observable`` always stand)."""
        record: dict[str, object] = {
            "value": self.value,
            "sd": self.sd,
            "adjustment": self.adjustment,
            "redundant": self.redundant,
            "observable": self.observable,
            "measured": self.measured,
        }
        if self.measured:
            record["measurement"] = self.measurement
            record["measurement_sd"] = self.measurement_sd
        if self.exact:
            record["exact"] = True
        if self.test is not None:
            record["test"] = self.test
        if self.bound:
            record["bound"] = self.bound
        if self.meters:
            record["meters"] = list(self.meters)
        return record


class Estimates(Mapping[str, Estimate]):
    """Estimates of one kind and layer by key; each is made when it is asked for."""

    def __init__(self, result: Reconciliation, numbers: Mapping[str, int]) -> None:
        self._result = result
        self._numbers = numbers

    def __getitem__(self, key: str) -> Estimate:
        return self._result.estimate(self._numbers[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


@dataclass(frozen=True)
class Reconciliation:
    """A reconciled network (调和后的网络).

    ``flows``: estimates of the base layer by flow; ``layer(id)`` those of another layer, ``concentrations(id)`` its
    concentrations; ``stocks(id)``, ``transfers``, ``relations``. ``chi2``: weighted sum of squared adjustments with
    ``dof`` degrees of freedom; ``critical``: its limit at ``alpha``, None without degrees of freedom. ``test_critical``
    : the limit of the single tests, corrected for their number by ``correction``. ``gross_errors``: ranked suspects.
    ``problems``: what was wrong with the input and left out.
    """

    network: Network
    system: System = field(repr=False)
    solution: Solution = field(repr=False)
    alpha: float
    correction: str
    critical: float | None
    p_value: float | None
    test_critical: float | None
    gross_errors: tuple[GrossError, ...]
    nodal_tests: tuple[NodalTest, ...]
    problems: tuple[Problem, ...]

    @property
    def chi2(self) -> float:
        """The weighted sum of squared adjustments (gamma of the global test)."""
        return self.solution.gamma

    @property
    def dof(self) -> int:
        """Degrees of freedom: how many independent balances check the measurements."""
        return self.solution.dof

    @property
    def consistent(self) -> bool | None:
        """Whether the global test finds no contradiction; None where nothing is checked."""
        return None if self.critical is None else self.chi2 <= self.critical

    @property
    def has_errors(self) -> bool:
        """Whether the input has errors (not only warnings)."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    @cached_property
    def _numbers(self) -> dict[tuple[str, str], dict[str, int]]:
        found: dict[tuple[str, str], dict[str, int]] = {}
        for number, name in enumerate(self.system.names):
            found.setdefault((name.kind, name.layer), {})[name.key] = number
        return found

    def _of(self, kind: str, layer: str = "") -> Estimates:
        return Estimates(self, self._numbers.get((kind, layer), {}))

    @property
    def flows(self) -> Mapping[str, Estimate]:
        """Estimates of the flows of the base layer, by key."""
        return self._of(FLOW, self.network.base.id)

    def layer(self, id: str) -> Mapping[str, Estimate]:
        """Estimates of the amounts of the flows in a layer, by key."""
        return self._of(FLOW, id or self.network.base.id)

    def concentrations(self, id: str) -> Mapping[str, Estimate]:
        """Estimates of the concentrations of a layer, by flow."""
        return self._of(CONCENTRATION, id)

    def stocks(self, id: str = "") -> Mapping[str, Estimate]:
        """Estimates of the stocks of a layer, by ``process@period``."""
        return self._of(STOCK, id or self.network.base.id)

    @property
    def transfers(self) -> Mapping[str, Estimate]:
        """Estimates of the transfer coefficients."""
        return self._of(TRANSFER)

    @property
    def relations(self) -> Mapping[str, Estimate]:
        """Estimates of the right-hand sides of uncertain relations."""
        return self._of(RELATION)

    @cached_property
    def _mates(self) -> dict[int, list[int]]:
        groups: dict[int, list[int]] = {}
        for number in np.flatnonzero(self.solution.mates):
            groups.setdefault(int(self.solution.mates[number]), []).append(int(number))
        return groups

    def name(self, number: int) -> Quantity:
        """The name of a variable by its number."""
        return self.system.names[number]

    def estimate(self, number: int) -> Estimate:
        """The estimate of a variable by its number."""
        system, solution = self.system, self.solution
        name = system.names[number]
        exact = bool(system.exact[number])
        measured = exact or not bool(np.isnan(system.value[number]))
        observable = bool(solution.observable[number])
        value = float(solution.value[number]) if observable else None
        measurement = float(system.value[number]) if measured else None
        spread = float(solution.statistics.spread[number])
        test = None
        if measured and not exact and solution.redundant[number] and spread > 0:
            test = abs(float(solution.statistics.score[number])) / spread**0.5
        meters: tuple[str, ...] = ()
        if not observable:
            mates = self._mates.get(int(solution.mates[number]), [number])
            meters = tuple(system.names[mate].key for mate in mates[:20])
        return Estimate(
            key=name.key,
            kind=name.kind,
            layer=name.layer,
            value=value,
            sd=float(solution.variance[number]) ** 0.5 if observable else None,
            measured=measured,
            observable=observable,
            redundant=bool(solution.redundant[number]),
            exact=exact,
            measurement=measurement,
            measurement_sd=float(system.sd[number]) if measured else None,
            adjustment=value - measurement if value is not None and measurement is not None else None,
            bound={-1: "low", 0: "", 1: "high"}[int(solution.active[number])],
            test=test,
            meters=meters,
        )

    def as_json(self) -> dict[str, Any]:
        """Give the result with stable keys; ``flows`` are those of the base layer."""
        base = self.network.base.id
        record: dict[str, Any] = {
            "flows": _json(self.flows),
            "chi2": self.chi2,
            "dof": self.dof,
            "critical": self.critical,
            "p_value": self.p_value,
            "consistent": self.consistent,
            "converged": self.solution.converged,
            "alpha": self.alpha,
            "test_critical": self.test_critical,
            "correction": self.correction,
            "gross_errors": [error.as_json() for error in self.gross_errors],
            "nodal_tests": [test.as_json() for test in self.nodal_tests],
        }
        others = [layer.id for layer in self.network.layers if layer.id != base]
        if others:
            record["layers"] = {
                id: {"flows": _json(self.layer(id)), "concentrations": _json(self.concentrations(id))} for id in others
            }
        stocks = {layer.id: _json(self.stocks(layer.id)) for layer in self.network.layers if self.stocks(layer.id)}
        if stocks:
            record["stocks"] = stocks
        if self.transfers:
            record["transfer"] = _json(self.transfers)
        if self.relations:
            record["relations"] = _json(self.relations)
        record["active_bounds"] = [
            {"kind": self.name(int(at)).kind, "id": self.name(int(at)).key, "layer": self.name(int(at)).layer}
            | {"bound": self.estimate(int(at)).bound}
            for at in np.flatnonzero(self.solution.active)
        ]
        record["problems"] = [problem.as_json() for problem in self.problems]
        return record


def _json(estimates: Mapping[str, Estimate]) -> dict[str, object]:
    return {key: estimate.as_json() for key, estimate in estimates.items()}

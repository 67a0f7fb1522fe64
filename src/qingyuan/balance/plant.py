"""The balances of a plant for its audit (企业的各项平衡): all that its facts allow, over one period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from qingyuan.balance.account import Balance
from qingyuan.balance.carbon import carbon_balance
from qingyuan.balance.energy import energy_balance
from qingyuan.balance.goods import goods_balance
from qingyuan.balance.network import Flow, Layer, Network, Process
from qingyuan.balance.rules import balance_rules
from qingyuan.balance.substances import element_balances, group_balances, solvent_balance
from qingyuan.balance.water import water_balance
from qingyuan.figures.derivation import FigureSet
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.settings import Settings


def plant_balances(ledger: Ledger, figures: FigureSet, settings: Settings, period: str) -> tuple[Balance, ...]:
    """The balances of a period: goods, water, energy, elements, groups of materials, solvents, carbon.

    Those without data are not there.

    Settings: ``balance-tolerance`` (5 %) for water, energy and goods; ``balance-tolerance-toxic`` for toxic and
    precious substances. No period, no balances.
    """
    if not period:
        return ()
    limit, strict = limits(settings)
    found = [
        goods_balance(ledger, period, limit),
        water_balance(ledger, figures, period, limit),
        energy_balance(ledger, settings, period, limit),
        *element_balances(ledger, figures, period, strict),
        *group_balances(ledger, period, limit),
        solvent_balance(ledger, figures, period, limit),
        carbon_balance(ledger, figures, period, limit),
    ]
    return tuple(one for one in found if one is not None)


def plant_network(balances: Iterable[Balance], name: str = "") -> Network:
    """The flow network of a plant: each balance that was made from flows is a layer of its own.

    Flows of the first layer keep their ids, those of others have the layer's before them (``energy/use:…``).
    """
    layers: list[Layer] = []
    flows: list[Flow] = []
    loose: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    for balance in balances:
        if balance.reconciliation is None:
            continue
        made = balance.reconciliation.network
        layer = balance.id.rpartition("-")[0]
        layers.append(replace(made.base, id=layer, name=str(balance.name)))
        prefix = "" if len(layers) == 1 else f"{layer}/"
        flows += [replace(flow, id=f"{prefix}{flow.id}", layer=layer) for flow in made.flows]
        for process in made.processes:
            names.setdefault(process.id, process.name)
            loose.setdefault(process.id, set())
            if not process.balanced:
                loose[process.id].add(layer)
    processes = tuple(Process(id, names[id], True, frozenset(found)) for id, found in loose.items())
    return Network(tuple(flows), processes=processes, layers=tuple(layers) or (Layer(),), name=name)


def limits(settings: Settings) -> tuple[float, float]:
    """The accepted deviation of ordinary balances and of those of toxic and precious substances, as fractions."""
    rules = balance_rules()
    limit = rules["deviation"].value if settings.is_default("balance_tolerance") else settings.balance_tolerance
    stated = settings.extra.get("balance-tolerance-toxic", settings.extra.get("balance_tolerance_toxic"))
    strict = rules["deviation-precious"].value
    if isinstance(stated, int | float) and not isinstance(stated, bool):
        strict = float(stated)
    return limit, strict

"""Reading a network from JSON (网络文件): every key checked, every mistake named at once, the rest read all the same.

The shape is described in the documentation (``docs/en/balance.md``). What is wrong is left out and becomes a problem
with its place; nothing stops the reading but a document that is no network at all.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from qingyuan.balance.layers import of_formula
from qingyuan.balance.network import (
    GOODS,
    OUTSIDE,
    UNKNOWN,
    Bound,
    Content,
    Correlation,
    Flow,
    Known,
    Layer,
    Network,
    Process,
    Relation,
    Shape,
    Stock,
    Transfer,
)
from qingyuan.balance.system import LARGEST, place
from qingyuan.errors import InputError, Location, Problem, Severity, UnknownName
from qingyuan.language import Message, Text, listing, message

_SHAPES: tuple[Shape, ...] = ("normal", "lognormal", "uniform", "triangular")
_KNOWN = {"value", "sd", "relative_sd", "distribution", "low", "high"}
_TOP = {
    "name", "processes", "flows", "environment", "layers", "stocks", "transfer", "relations", "bounds", "correlations",
    "periods", "non_negative", "default_relative_sd", "note",
}  # fmt: skip
_FLOW = _KNOWN | {
    "id", "from", "to", "layer", "layers", "period", "periods", "name", "meter", "min", "max", "note"
}  # fmt: skip


class _Reader:
    """The problems that were found so far, and helpers that add to them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.default_relative: float | None = None

    def wrong(
        self, code: str, text: Message, *path: Text, found: object = "", severity: Severity = Severity.ERROR
    ) -> None:
        shown = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False, default=str)[:80]
        self.problems.append(Problem(code, text, severity, place(*path), shown))

    def keys(self, record: Mapping[str, Any], allowed: set[str], *path: Text) -> None:
        for key in record:
            if key not in allowed and not key.startswith("_"):
                self.wrong("unknown-key", message("未知的键，已略去"), *path, key, severity=Severity.WARNING)

    def number(self, record: Mapping[str, Any], key: str, *path: Text) -> float | None:
        value = record.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong("not-a-number", message("应为数字，已略去"), *path, key, found=value)
            return None
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not abs(number) < LARGEST:
            self.wrong("not-finite", message("数值不是有限的数，按未测处理"), *path, key, found=str(value))
            return None
        return number

    def text(self, record: Mapping[str, Any], key: str, *path: Text) -> str:
        value = record.get(key)
        if value is None:
            return ""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            self.wrong("not-a-text", message("应为文字，已略去"), *path, key, found=value)
            return ""
        return str(value)

    def records(self, holder: Mapping[str, Any], key: str) -> list[tuple[str, Mapping[str, Any]]]:
        """The records of a list, each with its place."""
        value = holder.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.wrong("not-a-list", message("应为列表，已略去"), key, found=value)
            return []
        found: list[tuple[str, Mapping[str, Any]]] = []
        for number, record in enumerate(value):
            if isinstance(record, dict):
                found.append((str(number + 1), record))
            else:
                self.wrong("not-an-object", message("应为 JSON 对象，已略去"), key, str(number + 1), found=record)
        return found

    def known(self, record: Mapping[str, Any], *path: Text) -> Known:
        """What a record knows of a quantity."""
        value, sd = self.number(record, "value", *path), self.number(record, "sd", *path)
        low, high = self.number(record, "low", *path), self.number(record, "high", *path)
        relative = self.number(record, "relative_sd", *path)
        shape = record.get("distribution", "normal")
        if shape not in _SHAPES:
            text = message("未知的分布，按正态分布处理；可用：{shapes}", shapes=listing(_SHAPES))
            self.wrong("unknown-distribution", text, *path, "distribution", found=shape)
            shape = "normal"
        if sd is not None and relative is not None:
            self.wrong("two-uncertainties", message("sd 与 relative_sd 只能写一个，用了 sd"), *path)
        elif relative is not None and value is not None:
            if relative < 0:
                text = message("不确定度（sd）应为正数，0 表示准确值；按未测处理")
                self.wrong("bad-uncertainty", text, *path, "relative_sd", found=relative)
                return UNKNOWN
            if value == 0 and relative > 0:
                return self.zero(*path)
            sd = relative * abs(value)
        bare = record.get("value") is None and shape in ("normal", "lognormal")
        if bare and (sd is not None or relative is not None):
            text = message("有不确定度而没有数值，按未测处理")
            self.wrong("no-value", text, *path, severity=Severity.WARNING)
            return UNKNOWN
        if value is not None and sd is None and shape in ("normal", "lognormal") and self.default_relative is not None:
            if value == 0 and self.default_relative > 0:
                return self.zero(*path)
            sd = self.default_relative * abs(value)
        if shape in ("uniform", "triangular") and (low is None or high is None):
            self.wrong("bad-range", message("均匀分布和三角分布要写 low 与 high，按未测处理"), *path)
            return UNKNOWN
        return Known(value, sd, shape, low, high)

    def zero(self, *path: Text) -> Known:
        """A reading of zero whose uncertainty is a share of it: unmeasured, for it would count as exact."""
        text = message("读数为 0 而不确定度是相对的，算不出它有多准；按未测处理。请写 sd（确实为零时写 0）")
        self.wrong("zero-relative", text, *path, found="0", severity=Severity.WARNING)
        return UNKNOWN


def read_network(document: object, file: str = "") -> tuple[Network, tuple[Problem, ...]]:
    """Read a network from a parsed JSON document: the network of all that could be read, and the problems.

    Problems that the network as a whole has (two flows with one id, unknown references, balances that cannot close)
    are found when it is compiled. Raises InputError for a document that holds no flow at all.
    """
    reader = _Reader()
    if not isinstance(document, dict):
        raise InputError([Problem("no-network", message("网络文件应为含有 flows 列表的 JSON 对象"))])
    reader.keys(document, _TOP)
    default = reader.number(document, "default_relative_sd")
    if default is not None and default < 0:
        reader.wrong("bad-uncertainty", message("默认的相对不确定度不能为负，已略去"), "default_relative_sd")
        default = None
    reader.default_relative = default
    flow_records = reader.records(document, "flows")
    if not flow_records:
        problem = Problem("no-flows", message("网络里没有流（flows）"), where=place("flows"))
        raise InputError(_placed([*reader.problems, problem], file))
    layers = _layers(reader, document, flow_records)
    periods = tuple(str(period) for period in _list(reader, document, "periods"))
    bounds: list[Bound] = []
    flows = tuple(flow for record in flow_records for flow in _flow(reader, *record, layers, periods, bounds))
    if not flows:
        raise InputError(_placed(reader.problems, file))
    environment = frozenset(str(name) for name in _list(reader, document, "environment"))
    network = Network(
        flows=flows,
        environment=environment or frozenset({OUTSIDE}),
        processes=_processes(reader, document),
        layers=layers,
        stocks=_stocks(reader, document, layers),
        transfers=_transfers(reader, document),
        relations=_relations(reader, document),
        bounds=(*bounds, *_bounds(reader, document)),
        correlations=_correlations(reader, document),
        periods=periods,
        non_negative=_flag(reader, document, "non_negative", True),
        name=reader.text(document, "name"),
    )
    if OUTSIDE not in network.environment and any(OUTSIDE in (flow.source, flow.target) for flow in flows):
        network = replace(network, environment=network.environment | {OUTSIDE})
    return network, _placed(reader.problems, file)


def read_network_file(path: Path) -> tuple[Network, tuple[Problem, ...]]:
    """Read a network from a JSON file. Raises InputError for a file that is no JSON or holds no flow, OSError."""
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        text = message("不是有效的 JSON：{text}", text=str(error))
        raise InputError([Problem("not-json", text, where=Location(file=path.name))]) from error
    return read_network(document, path.name)


def _placed(problems: Iterable[Problem], file: str) -> tuple[Problem, ...]:
    return tuple(replace(problem, where=replace(problem.where, file=file)) for problem in problems)


def _list(reader: _Reader, document: Mapping[str, Any], key: str) -> list[Any]:
    value = document.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or any(isinstance(each, dict | list) for each in value):
        reader.wrong("not-a-list", message("应为名称的列表，已略去"), key, found=value)
        return []
    return value


def _flag(reader: _Reader, record: Mapping[str, Any], key: str, default: bool, *path: Text) -> bool:
    value = record.get(key, default)
    if isinstance(value, bool):
        return value
    reader.wrong("not-a-flag", message("应为 true 或 false，已略去"), *path, key, found=value)
    return default


def _layers(
    reader: _Reader, document: Mapping[str, Any], flows: list[tuple[str, Mapping[str, Any]]]
) -> tuple[Layer, ...]:
    """The layers as listed; without a list those that the flows name, after the base layer."""
    carried: set[str] = set()
    named: dict[str, None] = {}
    for _, record in flows:
        contents = record.get("layers")
        for id, content in contents.items() if isinstance(contents, dict) else ():
            named[id] = None
            if isinstance(content, dict) and ("concentration" in content or "formula" in content):
                carried.add(id)
    listed = document.get("layers")
    if listed is None:
        base = GOODS
        return (Layer(base), *(Layer(id, of=base if id in carried else "") for id in named if id != base))
    if not isinstance(listed, list) or not listed:
        reader.wrong("not-a-list", message("应为列表，已略去"), "layers", found=listed)
        return (Layer(),)
    allowed = {"id", "name", "unit", "of", "factor", "highest", "absent", "element"}
    found: list[Layer] = []
    for number, entry in enumerate(listed):
        path = ("layers", str(number + 1))
        record = {"id": entry} if isinstance(entry, str) else entry
        if not isinstance(record, dict) or not reader.text(record, "id", *path):
            reader.wrong("no-id", message("层没有编号（id），已略去"), *path)
            continue
        reader.keys(record, allowed, *path)
        id = reader.text(record, "id")
        if id in {layer.id for layer in found}:
            reader.wrong("duplicate-id", message("两个层用了同一个编号，后一个已略去"), *path, found=id)
            continue
        of = reader.text(record, "of", *path)
        if not of and id in carried and found:
            of = found[0].id
        factor = reader.number(record, "factor", *path)
        if factor is not None and factor <= 0:
            reader.wrong("bad-factor", message("换算系数应为正数，按 1 处理"), *path, "factor", found=factor)
            factor = None
        absent = record.get("absent", "unknown")
        if absent not in ("unknown", "zero"):
            reader.wrong("bad-absent", message("absent 应为 unknown 或 zero"), *path, "absent", found=absent)
        highest = reader.number(record, "highest", *path)
        element = reader.text(record, "element", *path)
        if highest is None and element:
            highest = 1.0
        found.append(
            Layer(
                id=id,
                name=reader.text(record, "name", *path),
                unit=reader.text(record, "unit", *path),
                of=of,
                factor=1.0 if factor is None else factor,
                highest=highest,
                absent_is_zero=absent == "zero",
                element=element,
            )
        )
    ids = {layer.id for layer in found}
    for layer in found:
        if layer.of and (layer.of not in ids or layer.of == layer.id):
            reader.wrong("unknown-layer", message("承载层不存在"), "layers", layer.id, "of", found=layer.of)
    return tuple(replace(layer, of="") if layer.of not in ids - {layer.id} else layer for layer in found) or (Layer(),)


def _flow(
    reader: _Reader,
    number: str,
    record: Mapping[str, Any],
    layers: tuple[Layer, ...],
    periods: tuple[str, ...],
    bounds: list[Bound],
) -> list[Flow]:
    """One record as flows: one for each period that it names."""
    id = reader.text(record, "id", "flows", number)
    if not id:
        reader.wrong("no-id", message("流没有编号（id），记作 {id}", id=f"#{number}"), "flows", number)
        id = f"#{number}"
    path = ("flows", id)
    reader.keys(record, _FLOW, *path)
    source, target = reader.text(record, "from", *path), reader.text(record, "to", *path)
    base = reader.text(record, "layer", *path) or layers[0].id
    flow = Flow(
        id=id,
        source=source,
        target=target,
        known=UNKNOWN,
        layer=base,
        contents=_contents(reader, record, layers, *path),
        period=reader.text(record, "period", *path),
        name=reader.text(record, "name", *path),
        meter=reader.text(record, "meter", *path),
    )
    low, high = reader.number(record, "min", *path), reader.number(record, "max", *path)
    if low is not None or high is not None:
        bounds.append(Bound(id, low, high))
    by_period = record.get("periods")
    if by_period is None:
        known = reader.known(record, *path)
        if periods and not flow.period:
            if known.measured:
                text = message("有多个时段时，流要写 period 或 periods；数值未用")
                reader.wrong("no-period", text, *path)
            return [replace(flow, period=period) for period in periods]
        return [replace(flow, known=known)]
    if not isinstance(by_period, dict):
        reader.wrong("not-an-object", message("应为 JSON 对象，已略去"), *path, "periods", found=by_period)
        by_period = {}
    found = []
    for period in periods:
        entry = by_period.get(period, {})
        if not isinstance(entry, dict):
            entry = {"value": entry, "sd": None}
        reader.keys(entry, _KNOWN | {"layers"}, *path, "periods", period)
        contents = _contents(reader, entry, layers, *path, period) if "layers" in entry else flow.contents
        known = reader.known(entry, *path, period)
        found.append(replace(flow, period=period, known=known, contents=contents))
    for period in by_period:
        if period not in periods:
            text = message("流的时段不在 periods 中，已略去")
            reader.wrong("unknown-period", text, *path, "periods", found=period)
    return found


def _contents(reader: _Reader, record: Mapping[str, Any], layers: tuple[Layer, ...], *path: Text) -> dict[str, Content]:
    entries = record.get("layers")
    if entries is None:
        return {}
    if not isinstance(entries, dict):
        reader.wrong("not-an-object", message("应为 JSON 对象，已略去"), *path, "layers", found=entries)
        return {}
    known_layers = {layer.id: layer for layer in layers}
    allowed = _KNOWN | {"concentration", "relative_sd", "formula", "purity", "purity_sd", "amount"}
    found: dict[str, Content] = {}
    for id, entry in entries.items():
        here = (*path, "layers", id)
        layer = known_layers.get(id)
        if layer is None:
            reader.wrong("unknown-layer", message("未知的层，已略去"), *here)
            continue
        if not isinstance(entry, dict):
            reader.wrong("not-an-object", message("应为 JSON 对象，已略去"), *here, found=entry)
            continue
        reader.keys(entry, allowed, *here)
        if "formula" in entry:
            content = _formula(reader, entry, layer, *here)
            if content is not None:
                found[id] = content
            continue
        if "concentration" not in entry:
            found[id] = Content(amount=reader.known(entry, *here))
            continue
        # The uncertainty beside a plain number is that of the concentration; an amount has a record of its own.
        given = entry["concentration"]
        own = (
            dict(given) if isinstance(given, dict) else {key: entry[key] for key in entry if key in _KNOWN - {"value"}}
        )
        if not isinstance(given, dict):
            own["value"] = given
        concentration = reader.known(own, *here, "concentration")
        amount = entry.get("amount")
        if amount is None and "value" in entry:
            amount = {key: entry[key] for key in entry if key in _KNOWN} if isinstance(given, dict) else None
            if amount is None:
                text = message("同时有数值和浓度时，数值写在 amount 里；数值已略去")
                reader.wrong("two-values", text, *here)
        known = reader.known(amount, *here, "amount") if isinstance(amount, dict) else UNKNOWN
        found[id] = Content(known, concentration)
    return found


def _formula(reader: _Reader, entry: Mapping[str, Any], layer: Layer, *path: Text) -> Content | None:
    if not layer.element:
        text = message("用化学式要在层里写明元素（element），已略去")
        reader.wrong("no-element", text, *path, "formula")
        return None
    purity, purity_sd = reader.number(entry, "purity", *path), reader.number(entry, "purity_sd", *path)
    if purity is not None and not 0 <= purity <= 1:
        reader.wrong("impossible-concentration", message("纯度应在 0 与 1 之间，已略去"), *path, "purity", found=purity)
        return None
    try:
        return of_formula(
            reader.text(entry, "formula", *path), layer.element, 1.0 if purity is None else purity, purity_sd or 0.0
        )
    except UnknownName as error:
        reader.wrong("unknown-formula", message("不能由化学式算含量：{text}", text=error), *path, "formula")
        return None


def _processes(reader: _Reader, document: Mapping[str, Any]) -> tuple[Process, ...]:
    listed = document.get("processes")
    if listed is None:
        return ()
    if not isinstance(listed, list):
        reader.wrong("not-a-list", message("应为列表，已略去"), "processes", found=listed)
        return ()
    found: dict[str, Process] = {}
    for number, entry in enumerate(listed):
        path = ("processes", str(number + 1))
        record = entry if isinstance(entry, dict) else {"id": entry}
        id = reader.text(record, "id", *path)
        if not id:
            reader.wrong("no-id", message("过程没有编号（id），已略去"), *path)
            continue
        if id in found:
            reader.wrong("duplicate-id", message("两个过程用了同一个编号，后一个已略去"), *path, found=id)
            continue
        reader.keys(record, {"id", "name", "balanced", "unbalanced_layers", "note"}, *path)
        layers = _list(reader, record, "unbalanced_layers")
        found[id] = Process(
            id,
            reader.text(record, "name", *path),
            _flag(reader, record, "balanced", True, *path),
            frozenset(str(layer) for layer in layers),
        )
    return tuple(found.values())


def _stocks(reader: _Reader, document: Mapping[str, Any], layers: tuple[Layer, ...]) -> tuple[Stock, ...]:
    found = []
    for number, record in reader.records(document, "stocks"):
        path = ("stocks", number)
        reader.keys(record, _KNOWN | {"process", "period", "layer", "note"}, *path)
        process = reader.text(record, "process", *path)
        if not process:
            reader.wrong("no-process", message("库存没有写明过程（process），已略去"), *path)
            continue
        period = reader.text(record, "period", *path)
        period = "" if period == "start" else period
        layer = reader.text(record, "layer", *path) or layers[0].id
        found.append(Stock(process, period, reader.known(record, *path), layer))
    return tuple(found)


def _transfers(reader: _Reader, document: Mapping[str, Any]) -> tuple[Transfer, ...]:
    found = []
    for number, record in reader.records(document, "transfer"):
        path = ("transfer", number)
        reader.keys(record, _KNOWN | {"from_flow", "to_flow", "of_process", "layer", "id", "note"}, *path)
        goal, origin = reader.text(record, "to_flow", *path), reader.text(record, "from_flow", *path)
        process = reader.text(record, "of_process", *path)
        if not goal or bool(origin) == bool(process):
            text = message("转移系数要写 to_flow，并在 from_flow 与 of_process 中写一个；已略去")
            reader.wrong("bad-transfer", text, *path)
            continue
        known = reader.known(record, *path)
        layer, id = reader.text(record, "layer", *path), reader.text(record, "id", *path)
        found.append(Transfer(goal, origin, process, known, layer, id))
    return tuple(found)


def _relations(reader: _Reader, document: Mapping[str, Any]) -> tuple[Relation, ...]:
    found = []
    for number, record in reader.records(document, "relations"):
        path = ("relations", number)
        reader.keys(record, {"id", "terms", "equals", "sd", "layer", "note"}, *path)
        terms = record.get("terms")
        if not isinstance(terms, dict) or not terms:
            text = message("关系式要写 terms（流与系数的对照），已略去")
            reader.wrong("bad-relation", text, *path)
            continue
        numbers = {str(flow): reader.number(terms, flow, *path, "terms") for flow in terms}
        if any(value is None for value in numbers.values()):
            if not any(problem.where == place(*path, "terms", flow) for problem in reader.problems for flow in numbers):
                reader.wrong("bad-relation", message("关系式的系数应为数字，已略去"), *path)
            continue
        equals, sd = reader.number(record, "equals", *path), reader.number(record, "sd", *path)
        found.append(
            Relation(
                tuple((flow, value) for flow, value in numbers.items() if value is not None),
                equals or 0.0,
                sd or 0.0,
                reader.text(record, "layer", *path),
                reader.text(record, "id", *path),
            )
        )
    return tuple(found)


def _bounds(reader: _Reader, document: Mapping[str, Any]) -> list[Bound]:
    listed = document.get("bounds")
    if isinstance(listed, dict):
        # The short form: {"F1": [0, 100]} or {"F1": {"min": 0}}.
        records: list[Mapping[str, Any]] = []
        for flow, limits in listed.items():
            if isinstance(limits, list) and len(limits) == 2:
                records.append({"flow": flow, "min": limits[0], "max": limits[1]})
            elif isinstance(limits, dict):
                records.append({"flow": flow, **limits})
            else:
                reader.wrong("bad-bounds", message("界应为 [下限, 上限]，已略去"), "bounds", flow, found=limits)
        entries = [(str(record["flow"]), record) for record in records]
    else:
        entries = reader.records(document, "bounds")
    found = []
    for number, record in entries:
        path = ("bounds", number)
        reader.keys(record, {"flow", "min", "max", "layer", "note"}, *path)
        flow = reader.text(record, "flow", *path)
        if not flow:
            reader.wrong("bad-bounds", message("界没有写明流（flow），已略去"), *path)
            continue
        low, high = reader.number(record, "min", *path), reader.number(record, "max", *path)
        found.append(Bound(flow, low, high, reader.text(record, "layer", *path)))
    return found


def _correlations(reader: _Reader, document: Mapping[str, Any]) -> tuple[Correlation, ...]:
    found = []
    for number, record in reader.records(document, "correlations"):
        path = ("correlations", number)
        reader.keys(record, {"flows", "coefficient", "layer", "note"}, *path)
        flows = record.get("flows")
        coefficient = reader.number(record, "coefficient", *path)
        if not isinstance(flows, list) or len(flows) != 2 or coefficient is None:
            reader.wrong("bad-correlation", message("相关要写 flows 中的两条流和 coefficient，已略去"), *path)
            continue
        found.append(Correlation(str(flows[0]), str(flows[1]), coefficient, reader.text(record, "layer", *path)))
    return tuple(found)

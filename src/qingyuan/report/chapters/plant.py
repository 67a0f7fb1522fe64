"""Chapter: the plant (企业概况): who it is, what it makes, its places and machines."""

from __future__ import annotations

from qingyuan.audit.result import AuditResult
from qingyuan.audit.worksheet_plant import DETAIL_NAMES
from qingyuan.language import message, tr
from qingyuan.report.chapters.common import (
    figures_table,
    item_name,
    place_name,
    plant_name,
    present,
    region_name,
    select,
)
from qingyuan.report.numbers import Number
from qingyuan.report.tree import (
    Block,
    Column,
    Heading,
    Inlines,
    KeyValue,
    Missing,
    Paragraph,
    Reference,
    Row,
    Table,
    Text,
)


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """Profile, products, places with their machines and power."""
    return (
        Heading(2, message("基本情况")),
        *_profile(result),
        Heading(2, message("产品与规模")),
        *_products(result),
        Heading(2, message("场所与设备")),
        *places(result),
    )


def _profile(result: AuditResult) -> tuple[Block, ...]:
    profile = result.case.profile
    known: list[tuple[Text, Text]] = [
        (message("企业名称"), plant_name(result) if profile.name or profile.name_en else ""),
        (message("统一社会信用代码或编号"), profile.plant),
        (message("行业代码（GB/T 4754）"), profile.industry_code),
        (message("所在地区"), region_name(profile.province, profile.city)),
        (message("审核期"), profile.audit_period or result.period),
    ]
    rows: list[tuple[Text, Inlines]] = [(name, value) for name, value in known if str(value)]
    rows += [(DETAIL_NAMES.get(name, name), value) for name, value in profile.details.items() if value]
    rows.append((message("数据覆盖年份"), tr("、").join(result.case.years()) or tr("无")))
    lacking = tuple(name for name, value in known if not str(value))
    missing = Missing(message("企业概况中没有填写的内容"), lacking) if lacking else None
    return present(KeyValue(tuple(rows)), missing)


def products(result: AuditResult) -> Table | None:
    """Output, output value and pass rate over the years; None where none is known."""
    return figures_table(
        result,
        message("产品产量与产值"),
        select(result, "product-output", "output-value", "value-added", "revenue", "pass-rate", site=True),
        label="table-products",
    )


def _products(result: AuditResult) -> tuple[Block, ...]:
    table = products(result)
    capacity = [fact for fact in result.case.facts if fact.role == "capacity" and fact.value is not None]
    stated = [
        Paragraph(
            message(
                "填报的生产能力：{product} {amount}。",
                product=item_name(result, fact.item),
                amount=Number(fact.value, fact.unit, exact=True),
            )
        )
        for fact in capacity
    ]
    if table is None and not stated:
        return (Missing(message("产品产量"), (message("facts 表中角色为“produced”的产品行"),)),)
    return (*present(table), *stated)


def places(result: AuditResult) -> tuple[Block, ...]:
    """The places with their machines and installed power."""
    equipment = result.case.equipment
    if not result.case.places and not equipment:
        return (Missing(message("场所与设备清单"), (message("equipment 表：场所、设备名称、功率、台数"),)),)
    names = list(
        dict.fromkeys([*(place.name for place in result.case.places), *(machine.place for machine in equipment)])
    )
    parents = {place.name: place.parent for place in result.case.places}
    rows: list[Row] = []
    total_power = total_count = 0.0
    for name in names:
        machines = [machine for machine in equipment if machine.place == name]
        count = sum(machine.count or 0 for machine in machines)
        power = sum((machine.power_kw or 0) * (machine.count or 0) for machine in machines)
        without = sum(1 for machine in machines if machine.power_kw is None or machine.count is None)
        total_power += power
        total_count += count
        rows.append(
            Row(
                (
                    place_name(name),
                    place_name(parents.get(name, "")) if name else None,
                    Number(len(machines), digits=0) if machines else None,
                    Number(count, exact=True) if machines else None,
                    Number(power, digits=1) if power else None,
                    Number(without, digits=0) if without else None,
                )
            )
        )
    if equipment:
        rows.append(
            Row(
                (
                    message("合计"),
                    None,
                    Number(len(equipment), digits=0),
                    Number(total_count, exact=True),
                    Number(total_power, digits=1),
                    None,
                ),
                emphasis="bold",
            )
        )
    columns = (
        Column(message("场所")),
        Column(message("上级")),
        Column(message("设备种数"), align="right"),
        Column(message("台数"), align="right"),
        Column(message("装机功率"), "kW", align="right"),
        Column(message("缺功率或台数的种数"), align="right"),
    )
    note = message("装机功率按“单台功率×台数”合计；标为范围的功率取低值；缺功率或台数的设备没有计入。")
    table = Table(message("场所与设备"), columns, tuple(rows), notes=(note,), label="table-places")
    return (Paragraph((message("各场所的设备种数、台数与装机功率见"), Reference("table-places"), message("。"))), table)

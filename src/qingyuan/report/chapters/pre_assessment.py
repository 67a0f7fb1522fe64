"""Chapter 2 of the audit report: pre-assessment (预评估): the plant as it is, its level, the focus, the goals."""

from __future__ import annotations

from qingyuan.audit.result import AuditResult
from qingyuan.facts.model import State
from qingyuan.language import Message, listing, message
from qingyuan.report.chapters import emissions, gaps, grade, plant, years
from qingyuan.report.chapters.common import deeper, narrative, present
from qingyuan.report.chapters.sheets import context_of, sheet_table, turned
from qingyuan.report.tree import (
    Block,
    BulletList,
    Callout,
    Heading,
    Inlines,
    Missing,
    Paragraph,
    Reference,
    Table,
    Text,
    Tone,
)


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """The enterprise, its processes and consumption, pollution, management, level, focus, goals, first options."""
    return (
        Heading(2, message("企业概况")),
        *_enterprise(result),
        Heading(2, message("生产工艺与设备")),
        *_processes(result),
        Heading(2, message("原辅材料、能源和水的消耗")),
        *_consumption(result),
        Heading(2, message("废水、废气、噪声与固体废物"), label="section-pollution"),
        *_pollution(result),
        Heading(2, message("温室气体排放")),
        *emissions.carbon(result),
        Heading(2, message("环境管理")),
        *_management(result),
        Heading(2, message("清洁生产水平评价"), label="chapter-grade"),
        *_level(result),
        Heading(2, message("差距与清洁生产潜力"), label="chapter-gaps"),
        *deeper(gaps.blocks(result)),
        *_wastes_causes(result),
        Heading(2, message("确定审核重点"), label="section-focus"),
        *_focus(result),
        Heading(2, message("设置清洁生产目标"), label="section-goals"),
        *_goals(result),
        Heading(2, message("提出和实施无/低费方案")),
        *_options(result),
    )


def _said(text: Message, block: Block, heading: Heading | None = None) -> tuple[Block, ...]:
    """A sentence that leads to a table, and the table; without a table what stands in its place."""
    head = () if heading is None else (heading,)
    if isinstance(block, Table):
        return turned(*head, Paragraph((text, Reference(block.label), message("。"))), block)
    return (*head, block)


def _enterprise(result: AuditResult) -> tuple[Block, ...]:
    return (
        Heading(3, message("基本情况")),
        *_said(message("企业的基本情况见"), sheet_table(result, "2-1")),
        Heading(3, message("组织机构")),
        *_said(message("企业的组织机构与职责见"), sheet_table(result, "2-3")),
        Heading(3, message("产品与产量")),
        *_said(message("近三年的产品见"), sheet_table(result, "2-7")),
        *years.production(result),
        *present(plant.products(result)),
        Heading(3, message("资料收集")),
        *_said(message("审核收集的资料见"), sheet_table(result, "2-2")),
    )


def _processes(result: AuditResult) -> tuple[Block, ...]:
    return (
        Heading(3, message("生产工艺")),
        *narrative(
            result,
            ("processes", "主要工序"),
            message("生产工艺"),
            message("各产品的工艺流程（含主要设备、物料进出点和产污环节）"),
        ),
        Heading(3, message("场所与设备")),
        *plant.places(result),
        *_said(message("主要设备见"), sheet_table(result, "2-5")),
    )


def _consumption(result: AuditResult) -> tuple[Block, ...]:
    return (
        Heading(3, message("能源")),
        *years.energy(result),
        Heading(3, message("水")),
        *years.water(result),
        Heading(3, message("原辅材料的利用")),
        *years.materials(result, amounts=False),
        *_said(
            message("近三年各种原辅材料和能源的消耗见"),
            sheet_table(result, "2-6"),
            Heading(3, message("各种原辅材料和能源的消耗")),
        ),
    )


def _pollution(result: AuditResult) -> tuple[Block, ...]:
    noise = [row for row in result.case.monitoring if row.unit.startswith("dB") and row.state is State.VALUE]
    quiet: tuple[Block, ...] = ()
    if not noise:
        quiet = (
            Missing(message("厂界噪声"), (message("monitoring 表：厂界昼间、夜间噪声的监测结果与限值（dB(A)）"),)),
        )
    return (
        Heading(3, message("监测结果与限值")),
        *emissions.chart_of_limits(result),
        *_said(message("各排放口的监测结果与达标情况见"), sheet_table(result, "2-4")),
        *quiet,
        Heading(3, message("污染物产生与排放")),
        *emissions.pollutants(result),
        Heading(3, message("固体废物")),
        *years.wastes(result),
        *_said(
            message("废弃物的特性与近三年的产生量见"),
            sheet_table(result, "2-8"),
            Heading(3, message("废弃物的特性与历年产生量")),
        ),
    )


def _management(result: AuditResult) -> tuple[Block, ...]:
    return (
        *narrative(
            result,
            ("environmental_management", "环境管理"),
            message("环境管理"),
            message("环评批复与“三同时”验收、排污许可证、应急预案、环境管理制度与人员、近三年的守法情况和处罚"),
        ),
        *_certificates(result),
    )


def _certificates(result: AuditResult) -> tuple[Block, ...]:
    details = result.case.profile.details
    text = details.get("certificates", "")
    return (Paragraph(message("取得的管理体系和产品认证：{text}。", text=text)),) if text else ()


def _level(result: AuditResult) -> tuple[Block, ...]:
    return (
        Heading(3, message("已采取的清洁生产措施")),
        *narrative(
            result,
            ("measures_done", "已采取的清洁生产措施"),
            message("已采取的清洁生产措施"),
            message("近三年已经实施的节能、节水、减污、降碳措施及其效果"),
        ),
        *deeper(grade.blocks(result)),
    )


def _wastes_causes(result: AuditResult) -> tuple[Block, ...]:
    return (
        Heading(3, message("主要废弃物的产生源与原因")),
        *_said(message("主要废弃物的产生源和初步查明的原因见"), sheet_table(result, "2-9")),
    )


def _focus(result: AuditResult) -> tuple[Block, ...]:
    context = context_of(result)
    found: list[Block] = []
    if context.candidates:
        found += _said(message("备选审核重点的废物产生与消耗见"), sheet_table(result, "2-10"))
        found.append(
            Paragraph(
                message(
                    "各备选重点按因素打分（1～10 分），乘以因素的权重后求和，总分最高的作为审核重点；"
                    "没有人打分的因素，有数据的按数据比例折算，没有数据的空着，不猜。"
                )
            )
        )
        found.append(sheet_table(result, "2-11"))
    else:
        needs = (message("划分到车间或工序的用量、产生量（数据表的“场所”）"), message("审核设置中的备选重点与打分"))
        found.append(Missing(message("备选审核重点"), needs))
    focus = context.focus
    if focus.compelled:
        found.append(Paragraph(message("列入名单的情形必须纳入审核重点的环节：")))
        points: list[Inlines] = []
        for link in focus.compelled:
            place: Text = message("（待审核人员指定）") if link.place is None else link.place or message("全厂")
            points.append(message("{trigger} {place}：{reason}", trigger=link.trigger, place=place, reason=link.reason))
        found.append(BulletList(tuple(points)))
    if focus.choices:
        names = listing(choice.name for choice in focus.choices)
        tone: Tone = "warning" if focus.open else "note"
        text: Inlines = message("本轮审核的重点：{names}。", names=names)
        if focus.open:
            text = message(
                "按现有数据暂定的审核重点：{names}。{open}。", names=names, open=listing(dict.fromkeys(focus.open))
            )
        found.append(Callout(text, tone=tone, title=message("审核重点")))
    elif context.candidates:
        found.append(Missing(message("审核重点没有确定"), tuple(dict.fromkeys(focus.open))))
    return tuple(found)


def _goals(result: AuditResult) -> tuple[Block, ...]:
    goals = context_of(result).goals
    if goals is None:
        needs = result.score_needs or (message("按级别评定的评价指标体系和评价表"),)
        return (Missing(message("清洁生产目标"), needs),)
    return tuple(_said(message("对照评价指标体系提出的近期和远期目标见"), sheet_table(result, "2-12")))


def _options(result: AuditResult) -> tuple[Block, ...]:
    lead = Paragraph(message("无/低费方案边审核边实施，不等可行性分析。"))
    return (lead, *_said(message("已提出的无/低费方案及其实施情况见"), sheet_table(result, "2-13")))

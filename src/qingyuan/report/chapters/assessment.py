"""Chapter 3 of the audit report: assessment (评估): the focus measured, its balances, the causes of its wastes."""

from __future__ import annotations

from qingyuan.audit.result import AuditResult
from qingyuan.facts.model import State
from qingyuan.language import Message, listing, message
from qingyuan.report.chapters.balances import blocks as balance_blocks
from qingyuan.report.chapters.common import present
from qingyuan.report.chapters.sheets import context_of, sheet_table
from qingyuan.report.tree import Block, Heading, Missing, Paragraph, Reference, Table


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """The focus and its data, unit operations, measured flows, balances, causes by the eight aspects, options."""
    return (
        Heading(2, message("审核重点概况")),
        *_focus(result),
        Heading(2, message("输入输出物流的实测")),
        *_measured(result),
        Heading(2, message("物料、水、能量与有毒有害元素平衡"), label="section-balances"),
        *balances(result),
        Heading(2, message("废弃物产生原因分析")),
        *_causes(result),
        Heading(2, message("本阶段的无/低费方案")),
        *_options(result),
    )


def _focus(result: AuditResult) -> tuple[Block, ...]:
    choices = context_of(result).focus.choices
    if not choices:
        return (Missing(message("审核重点"), (message("见第二章：备选审核重点的打分，或触发情形必须纳入的环节"),)),)
    names = listing(choice.name for choice in choices)
    return (
        Paragraph(message("本轮审核的重点是：{names}。", names=names)),
        sheet_table(result, "3-2"),
        sheet_table(result, "3-1"),
    )


def _measured(result: AuditResult) -> tuple[Block, ...]:
    rule = Paragraph(
        message(
            "间歇过程至少实测三个完整的生产周期，连续过程连续实测 72 小时；输入与输出总量之差一般不超过输入的 5 %，"
            "超过的要查明原因或者重新测定；贵重和有毒有害物质的要求更严。"
        )
    )
    return (rule, sheet_table(result, "3-3"), sheet_table(result, "3-4"))


# --- balances --------------------------------------------------------------------------------------------------------

_KINDS: tuple[tuple[Message, Message, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        message("物料平衡"),
        message("审核重点各单元操作物料的投入、产出与去向（实测，注明时段）"),
        ("material",),
        ("material",),
    ),
    (message("水平衡"), message("各用水单元的取水、重复利用、耗水与排水"), ("water",), ("water",)),
    (message("能量平衡"), message("各用能单元的供入、有效利用与损失"), ("energy",), ("energy",)),
    (
        message("有毒有害元素平衡"),
        message("含该元素的原料用量与含量、产品带出、废水、废气、固体废物中的量"),
        ("material", "pollutant", "waste"),
        ("substance",),
    ),
)


def balances(result: AuditResult) -> tuple[Block, ...]:
    """The balances of the plant as far as its facts allow, and what the others take."""
    made = {balance.kind for balance in result.balances}
    flows = [fact for fact in result.case.facts if fact.to_place and fact.state is State.VALUE]
    needs: list[Message] = []
    for name, need, kinds, of in _KINDS:
        if made & set(of):
            continue
        count = sum(1 for fact in flows if fact.kind in kinds)
        have = message("已有 {count} 条场所之间的流量", count=count) if count else message("还没有场所之间的流量")
        needs.append(message("{name}：{need}（{have}）", name=name, need=need, have=have))
    found = balance_blocks(result)
    if not needs:
        return found
    where = message("在数据表的“去向场所”一列填写场所之间的流量；平衡的偏差由流量计算，不接受填写的偏差")
    what = message("以下平衡没有建立") if found else message("审核重点的平衡没有建立")
    return (*found, Missing(what, (*needs, where)))


def _causes(result: AuditResult) -> tuple[Block, ...]:
    lead = Paragraph(
        message(
            "原因按八个方面查找：原辅材料和能源、技术工艺、设备、过程控制、产品、废弃物、管理、员工。"
            "没有量化的产生源不能从数据中判断原因，须由审核小组在现场查清。"
        )
    )
    return present(lead, sheet_table(result, "3-5"))


def _options(result: AuditResult) -> tuple[Block, ...]:
    sheet = sheet_table(result, "2-13")
    if isinstance(sheet, Table):
        text = message("评估阶段提出并实施的无/低费方案并入无/低费方案一览，见")
        return (Paragraph((text, Reference("sheet-2-13"), message("。"))),)
    text = message("由原因分析得出的方案汇总在")
    return (Paragraph((text, Reference("chapter-options"), message("。"))),)

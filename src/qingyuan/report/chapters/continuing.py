"""Chapter 7 of the audit report: continuing cleaner production (持续清洁生产), for the acceptance (验收)."""

from __future__ import annotations

from qingyuan.audit.result import AuditResult
from qingyuan.checks import Gravity
from qingyuan.language import Message, listing, message
from qingyuan.report.chapters.common import LEVEL_SIGNS, present
from qingyuan.report.chapters.feasibility import STANDING_NAMES, recommendations
from qingyuan.report.chapters.options_generated import MOST_NAMES, option_name, option_names
from qingyuan.report.chapters.sheets import context_of, entry_place, sheet, sheet_table
from qingyuan.report.tree import Block, BulletList, Column, Heading, Inlines, Missing, Paragraph, Row, Table, Text

# What the audit handbook asks of a plant that goes on: rules, in our own words.
_RULES: tuple[tuple[Message, Message], ...] = (
    (message("把审核成果纳入日常管理"), message("有效的操作、维护、管理措施写进岗位操作规程、设备维护规程和管理制度")),
    (message("建立激励机制"), message("节约和减排的成绩与奖励、考核挂钩，合理化建议有奖")),
    (message("保证稳定的资金来源"), message("方案产生的效益单独核算，按比例用于后续的清洁生产")),
    (message("计量和台账"), message("分车间、分工序计量水、电、气和主要物料，按月核对，供下一轮审核使用")),
    (message("培训"), message("新员工和转岗员工接受清洁生产培训，并有记录")),
)


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """Organisation, rules, plan, and what to bring on next."""
    return (
        Heading(2, message("清洁生产组织")),
        Paragraph(message("清洁生产是动态的、相对的，须有固定的机构、人员和任务，长期做下去。")),
        sheet_table(result, "7-1"),
        Heading(2, message("清洁生产管理制度")),
        *_rules(result),
        Heading(2, message("持续清洁生产计划")),
        sheet_table(result, "7-2"),
        *_next_audit(result),
        Heading(2, message("下一步应推进的工作")),
        *_next(result),
    )


def _rules(result: AuditResult) -> tuple[Block, ...]:
    columns = (Column(message("制度"), share=0.28), Column(message("要求"), share=0.72))
    table = Table(
        message("应建立和完善的制度"),
        columns,
        tuple(Row(rule) for rule in _RULES),
        notes=(message("按企业清洁生产审核手册的要求归纳；这里列出要求，不表示企业已经做到。"),),
        label="table-rules",
    )
    written = result.case.profile.details.get("清洁生产管理制度", "") or result.case.profile.details.get(
        "cleaner production rules", ""
    )
    if written:
        return (table, Paragraph(message("企业已建立的制度：{text}", text=written)))
    need = message("制度名称、编号、发布日期：写在企业概况的“清洁生产管理制度”一行")
    return (table, Missing(message("企业已经建立哪些制度，没有记录"), (need,)))


def _next_audit(result: AuditResult) -> tuple[Block, ...]:
    """When the next audit falls due, where the plant is listed for toxic substances."""
    inputs = context_of(result).inputs
    if "T3" in inputs.triggers:
        text = message("企业因使用或排放有毒有害物质列入名单（T3），两次审核的间隔不得超过五年，下一轮审核应列入计划。")
    elif inputs.triggers:
        text = message("企业在强制性审核名单中，以后是否再列入以当年公布的名单为准；计划中应留出下一轮审核的时间。")
    else:
        text = message("没有记录企业是否列入强制性审核名单；自愿性审核的间隔由企业自定。")
    return (Paragraph(text),)


def _next(result: AuditResult) -> tuple[Block, ...]:
    """What the audit leaves to do: options not done, goals missed, data that are doubtful or lacking."""
    rows: list[Row] = []

    def add(kind: Text, what: Inlines, how: Text) -> None:
        rows.append(Row((kind, what, how)))

    done = {str(row[0].value) for id in ("6-2", "6-4") for row in sheet(result, id).rows}
    pending: dict[str, list[str]] = {}
    for one in recommendations(result):
        if one.option.id not in done:
            pending.setdefault(one.standing, []).append(str(option_name(one.option)))
    actions: tuple[tuple[str, Message], ...] = (
        ("recommended", message("落实资金和责任人，按进度实施")),
        ("proposed", message("完成技术和环境评估，由审核小组确认后列入计划")),
        ("doubtful", message("先核实数据疑点，再决定是否实施")),
        ("open", message("补齐所缺的投资、效益数据，再作评估")),
    )
    for standing, how in actions:
        names = pending.get(standing, [])
        if names:
            name = next(text for key, text in STANDING_NAMES.items() if key == standing)
            add(message("方案：{standing}", standing=name), _some(names), how)
    low = [
        option
        for option in result.case.options
        if option.id not in done and option.id not in {one.option.id for one in recommendations(result)}
    ]
    if low:
        add(message("尚未实施的无/低费方案"), option_names(low), message("无/低费方案应随时实施"))
    goals = context_of(result).goals
    missed = [] if goals is None else [goal for goal in goals.rows if goal.near is not None]
    if goals is not None and missed:
        names = [str(goal.name) for goal in missed]
        kind = message("没有达到 {level} 级的指标", level=LEVEL_SIGNS[goals.near_level])
        add(kind, _some(names), message("列入下一轮审核重点的目标，围绕它们再征集方案"))
    if result.score is not None and result.score.no_data:
        names = [str(result.score.row(id).indicator.name) for id in result.score.no_data]
        add(message("没有数据的评价指标"), _some(names), message("安排计量、监测或统计，使它们可以评价"))
    grave = [finding for finding in result.findings if finding.severity in (Gravity.GRAVE, Gravity.SERIOUS)]
    if grave:
        what = message("{count} 条严重或较重的数据疑点", count=len(grave))
        add(message("数据真实性"), what, message("按数据检查一节逐条核实，必要时补测"))
    if not rows:
        return (Paragraph(message("没有留待以后的方案、目标和数据问题。")),)
    columns = (
        Column(message("类别"), share=0.24),
        Column(message("内容"), share=0.46),
        Column(message("怎样推进"), share=0.3),
    )
    table = Table(message("留待推进的工作"), columns, tuple(rows), label="table-next")
    lead = message("由本次审核的数据列出，供编制持续清洁生产计划（工作表 7-2）时采用：")
    found: list[Block] = [Paragraph(lead), table]
    if not sheet(result, "7-2").rows:
        found.append(BulletList((message("上表各项还没有列入持续清洁生产计划"), entry_place("7-2"))))
    return present(*found)


def _some(names: list[str]) -> Text:
    """Names in a cell; of many the first ones and their number."""
    shown = listing(names[:MOST_NAMES])
    if len(names) <= MOST_NAMES:
        return shown
    return message("{names} 等 {count} 个", names=shown, count=len(names))

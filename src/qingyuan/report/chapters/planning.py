"""Chapter 1 of the audit report: planning and organisation (筹划与组织)."""

from __future__ import annotations

from qingyuan.audit.result import AuditResult
from qingyuan.language import message
from qingyuan.report.chapters.common import narrative
from qingyuan.report.chapters.sheets import sheet_table
from qingyuan.report.tree import Block, Heading, Missing, Paragraph, Reference, Table


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """Leaders, team, plan, training, obstacles."""
    return (
        Heading(2, message("取得领导支持")),
        *narrative(
            result,
            ("leadership", "领导支持"),
            message("领导的支持"),
            message("企业开展审核的决定（文件名称、日期）、主管领导及其职责、经费和人员安排"),
        ),
        Heading(2, message("审核小组")),
        *_team(result),
        Heading(2, message("审核工作计划")),
        *_plan(result),
        Heading(2, message("宣传、教育与培训")),
        *narrative(
            result,
            ("training", "宣传和培训"),
            message("宣传、教育与培训"),
            message("培训的时间、内容、对象、人数和考核情况"),
        ),
        Heading(2, message("障碍及其克服")),
        *narrative(
            result,
            ("obstacles", "障碍与对策"),
            message("障碍及其克服"),
            message("思想、技术、资金、管理等方面遇到的障碍和解决办法"),
        ),
    )


def _team(result: AuditResult) -> tuple[Block, ...]:
    table = sheet_table(result, "1-1")
    if isinstance(table, Table):
        lead = message("审核小组由企业和咨询机构的人员组成，成员、分工和投入时间见")
        return (Paragraph((lead, Reference(table.label), message("。"))), table)
    return (table,)


def _plan(result: AuditResult) -> tuple[Block, ...]:
    table = sheet_table(result, "1-2")
    if isinstance(table, Missing):
        return (table,)
    lead = message("审核按七个阶段进行。各阶段的工作内容、完成时间、责任部门和产出见")
    label = table.label if isinstance(table, Table) else ""
    return (Paragraph((lead, Reference(label), message("。"))), table) if label else (table,)

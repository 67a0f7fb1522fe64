"""Pages before the contents: the consultant and the auditors (咨询机构与审核人员), and who signs (签署页)."""

from __future__ import annotations

from qingyuan.audit.result import AuditResult
from qingyuan.language import Message, message
from qingyuan.report.chapters.common import plant_name
from qingyuan.report.tree import Block, Form, KeyValue, PageTitle, Paragraph, Run, Text

# Entries of the profile that name the consultant: id, Chinese label that the profile may use instead, row of the page.
CONSULTANT: tuple[tuple[str, str, Message], ...] = (
    ("consultant", "咨询服务机构", message("咨询服务机构（盖章）")),
    ("consultant_code", "咨询服务机构信用代码", message("统一社会信用代码")),
    ("consultant_representative", "咨询服务机构法定代表人", message("法定代表人")),
    ("consultant_address", "咨询服务机构地址", message("地址")),
    ("consultant_contact", "咨询服务机构联系人", message("联系人及电话")),
)
_SIGN_ROWS = (message("编写"), message("校核"), message("审核"), message("批准"))
_AUDITOR_LINES = 4


def consultant_blocks(result: AuditResult) -> tuple[Block, ...]:
    """The page of the consultant: who it is, and lines on which its auditors sign."""
    details = result.case.profile.details
    rows: list[tuple[Text, Text]] = []
    for key, label, name in CONSULTANT:
        value = details.get(key, "") or details.get(label, "")
        if not value and key == "consultant":
            value = details.get("auditor", "")  # as the profile sheet of the audit workbook names it
        rows.append((name, value or "\N{NO-BREAK SPACE}"))
    lines = (("", "", "", ""),) * _AUDITOR_LINES
    auditors = Form(
        (message("审核人员"), message("职称或专业"), message("培训或资格证明"), message("签名")),
        lines,
        (0.24, 0.26, 0.28, 0.22),
    )
    own = message("企业自行开展审核的，本页由企业审核小组填写。机构与人员条件的证明材料附在报告之后。")
    return (
        PageTitle(message("咨询服务机构与审核人员")),
        KeyValue(tuple(rows)),
        Paragraph(Run(message("审核人员"), bold=True)),
        auditors,
        Paragraph(own),
    )


def signature_blocks(result: AuditResult) -> tuple[Block, ...]:
    """The page that is signed: writer, checker, reviewer and approver, and the enterprise with its seal."""
    signs = Form(
        (message("职责"), message("姓名"), message("职务、职称"), message("签名"), message("日期")),
        tuple((name, "", "", "", "") for name in _SIGN_ROWS),
        (0.16, 0.2, 0.24, 0.22, 0.18),
        height=44.0,
    )
    enterprise = Form(
        (message("企业意见"),),
        (
            (
                message(
                    "{plant}已核对本报告及所附数据。\n\n\n法定代表人（签名）：\n\n企业（盖章）："
                    "\n\n日期：        年    月    日",
                    plant=plant_name(result),
                ),
            ),
        ),
        (1.0,),
        height=150.0,
    )
    return (PageTitle(message("报告编写与审批")), signs, enterprise)

"""Draw the pages that the program knows itself: methods, figures, columns, commands (``check`` or ``write``)."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from qingyuan import units
from qingyuan.cli.main import app
from qingyuan.figures.methods import all_methods, definitions
from qingyuan.language import Language, language
from qingyuan.reference.english import translated
from qingyuan.reference.items import catalogue
from qingyuan.reference.loading import DATA

DOCS = Path(__file__).parent.parent / "docs"

GROUPS = {
    "energy": ("能源", "Energy"),
    "water": ("水", "Water"),
    "materials": ("物料", "Materials"),
    "pollutants": ("污染物", "Pollutants"),
    "tax": ("环境保护税", "Environmental protection tax"),
    "carbon": ("温室气体", "Greenhouse gases"),
    "money": ("经济", "Money"),
}
GRADES = {
    "read": ("已读原文", "read"),
    "cited": ("转引", "cited"),
    "recalled": ("凭记忆，须核对", "recalled, compare"),
    "user": ("企业填报", "as stated by the plant"),
}


def cell(text: object) -> str:
    """A text as the cell of a Markdown table."""
    return str(text).replace("|", "\\|").replace("\n", " ").strip()


def table(headings: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> Iterator[str]:
    """A Markdown table."""
    yield "| " + " | ".join(headings) + " |"
    yield "| " + " | ".join("---" for _ in headings) + " |"
    for row in rows:
        yield "| " + " | ".join(cell(value) for value in row) + " |"
    yield ""


def methods_page(code: Language) -> str:
    """All figures and methods in one language."""
    second = code == "en"
    with language(code):
        lines = ["# Methods and editions" if second else "# 方法与版本", ""]
        lines += [
            "What Qingyuan computes and how. A period is computed with the edition in force on its last day. "
            "`qingyuan explain CASE FIGURE` shows the derivation of one number."
            if second
            else "清源算什么、怎样算。一个时段按其最后一天有效的版本计算。"
            "`qingyuan explain 案例 指标` 显示一个数的推导。",
            "",
            "## Figures" if second else "## 指标值",
            "",
        ]
        groups = dict.fromkeys(definition.group for definition in definitions())
        for group in groups:
            lines += [f"### {GROUPS[group][second]}", ""]
            headings = ("id", "Figure", "Unit", "Definition") if second else ("编号", "指标值", "单位", "定义")
            rows = (
                (f"`{one.id}`", one.name, units.display(one.unit) if one.unit else "—", one.definition)
                for one in definitions()
                if one.group == group
            )
            lines += table(headings, rows)
        lines += ["## Methods" if second else "## 方法", ""]
        headings = (
            ("id", "Method", "Formula", "Edition", "In force", "Grade", "Source")
            if second
            else ("编号", "方法", "公式", "版本", "适用期", "可信等级", "出处")
        )
        rows = (
            (
                f"`{one.id}`",
                one.name,
                f"`{translated(one.formula)}`" if one.formula else "",
                translated(one.edition),
                f"{one.validity.start or '…'} – {one.validity.end or '…'}" if one.edition else "",
                GRADES[one.grade.value][second],
                translated(one.source),
            )
            for one in all_methods()
        )
        lines += table(headings, rows)
    return "\n".join(lines).rstrip() + "\n"


def commands_page(code: Language) -> str:
    """Every command with its options, as the program itself says it."""
    second = code == "en"
    lines = ["# Commands" if second else "# 命令", ""]
    lines += [
        "Every command prints a readable answer, or JSON with `--json`. Exit status: 0 done, 1 the input has errors "
        "(all are listed), 2 wrong usage. `--lang en` or `QINGYUAN_LANG=en` for English."
        if second
        else "每条命令打印可读的结果，加 `--json` 输出 JSON。退出状态：0 完成，1 输入有错误（全部列出），2 用法不对。"
        "`--lang en` 或环境变量 `QINGYUAN_LANG=en` 输出英文。",
        "",
    ]
    root = typer.main.get_command(app)
    for path, command in _walk(root, "qingyuan"):
        help_text = (command.help or "").strip()
        chinese, _, english = help_text.partition(" / ")
        lines += [f"## `{path}`", "", (english or chinese) if second else chinese, ""]
        rows = []
        for parameter in command.params:
            argument = parameter.param_type_name == "argument"
            names = (parameter.name or "").upper() if argument else " ".join(parameter.opts)
            if names == "--help":
                continue
            text = str(getattr(parameter, "help", "") or "")
            chinese, _, english = text.partition(" / ")
            rows.append((f"`{names}`", (english or chinese) if second else chinese))
        if rows:
            lines += table(("Option", "Meaning") if second else ("选项", "含义"), iter(rows))
    return "\n".join(lines).rstrip() + "\n"


SHEETS = {
    "facts": ("facts.csv：事实", "facts.csv: facts"),
    "monitoring": ("monitoring.csv：监测", "monitoring.csv: monitoring"),
    "equipment": ("equipment.csv：设备", "equipment.csv: machines"),
    "places": ("places.csv：场所", "places.csv: places"),
    "indicators": ("indicators.csv：指标判定", "indicators.csv: answers to an index system"),
    "options": ("options.csv：方案", "options.csv: options"),
    "evidence": ("evidence.csv：证据", "evidence.csv: evidence"),
}


def columns_page(code: Language) -> str:
    """Every column of a case's tables, with the headings that are understood."""
    second = code == "en"
    with (DATA / "workbook" / "columns.csv").open(encoding="utf-8", newline="") as stream:
        columns = list(csv.DictReader(stream))
    lines = ["# Columns of a case" if second else "# 案例的列", ""]
    lines += [
        "A CSV file uses the key or any heading listed here; the workbook carries the keys hidden. * = must be there."
        if second
        else "CSV 的表头可以写键，也可以写这里列出的任何一种叫法；工作簿里藏着键。* = 必须有。",
        "",
    ]
    for sheet, titles in SHEETS.items():
        lines += [f"## {titles[second]}", ""]
        headings = ("Key", "Heading", "Also understood", "Meaning") if second else ("键", "列名", "也认得", "含义")
        rows = (
            (
                f"`{one['key']}`" + (" *" if one["required"] else ""),
                one["en"] if second else one["zh"],
                (one["aliases"] or "").replace("|", "、" if not second else ", "),
                one["help_en"] if second else one["help_zh"],
            )
            for one in columns
            if one["table"] == sheet
        )
        lines += table(headings, rows)
    with language(code):
        lines += ["## Kinds and roles" if second else "## 类别与收支", ""]
        known = catalogue()
        headings = ("Kind", "Roles") if second else ("类别", "收支（数说的是什么）")
        kinds = dict.fromkeys(item.kind for item in known)
        rows = (
            (f"{known.kind(kind).name} `{kind}`", "; ".join(f"{role.name} `{role.id}`" for role in known.roles(kind)))
            for kind in kinds
        )
        lines += table(headings, rows)
    return "\n".join(lines).rstrip() + "\n"


def _walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if children:
        for name, child in children.items():
            yield from _walk(child, f"{path} {name}")
    else:
        yield path, command


def pages() -> dict[Path, str]:
    """Every page that is drawn, with its text."""
    drawn: dict[Path, str] = {}
    codes: tuple[Language, ...] = ("zh", "en")
    for code in codes:
        drawn[DOCS / code / "methods.md"] = methods_page(code)
        drawn[DOCS / code / "commands.md"] = commands_page(code)
        drawn[DOCS / code / "columns.md"] = columns_page(code)
    return drawn


def main(action: str) -> int:
    """Write the pages, or say which are out of date."""
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if action == "write":
        for path, text in pages().items():
            path.write_text(text, encoding="utf-8")
        return 0
    for path in stale:
        print(f"out of date: {path.relative_to(DOCS.parent)} (run tools/make_docs.py write)")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

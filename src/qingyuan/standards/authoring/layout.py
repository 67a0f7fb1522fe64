"""The form for entering an index system (录入表): its sheets, fields, columns and choices, with their words.

The writer puts these words into the workbook and the reader looks for them again (in either language, wherever they
have moved); the keys are those of the TOML document, so that form and file say the same thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from qingyuan.facts.cells import plain
from qingyuan.language import Name
from qingyuan.standards.model import LEVELS, Level, Scheme

FORM = "qingyuan-index-system-form"  # what the hidden sheet says that this workbook is
FORM_VERSION = 1

# Cells of the hidden first column (or row) begin with this; a moved row or column keeps its key.
MARK = "qy:"

NO_HINT = Name("")

FieldKind = Literal["text", "long", "list", "date", "flag", "number", "choice", "level", "number-or-text"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a drop-down: the value in the file, its words, and other ways to write it."""

    value: str
    name: Name
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the document sheet, or one fact at the head of a table sheet."""

    key: str
    name: Name
    kind: FieldKind
    hint: Name = NO_HINT
    choices: tuple[Choice, ...] = ()
    required: bool = False
    default: str = ""
    height: int = 1  # lines of text that the cell shows


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table sheet. ``advanced`` columns stand to the right, grouped and folded."""

    key: str
    name: Name
    width: float
    hint: Name = NO_HINT
    choices: tuple[Choice, ...] = ()
    advanced: bool = False
    also: tuple[str, ...] = ()  # other headings by which published tables call it
    computed: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the document sheet under its own heading."""

    name: Name
    fields: tuple[Field, ...]


YES_NO = (
    Choice("true", Name("是", "yes"), ("√", "✓", "✔", "y", "true", "1", "对", "有", "*", "★", "☆", "●")),
    Choice("false", Name("否", "no"), ("×", "✗", "✘", "n", "false", "0", "x", "-", "--", "/", "无", "非")),
)
LEVEL_CHOICES = (
    Choice("I", Name("Ⅰ", "I"), ("一级", "ⅰ", "1", "Ⅰ级", "level i", "i级")),
    Choice("II", Name("Ⅱ", "II"), ("二级", "ⅱ", "2", "Ⅱ级", "level ii", "ii级")),
    Choice("III", Name("Ⅲ", "III"), ("三级", "ⅲ", "3", "Ⅲ级", "level iii", "iii级")),
)
KIND_CHOICES = (
    Choice("quantitative", Name("定量", "quantitative"), ("定量指标", "数值")),
    Choice("qualitative", Name("定性", "qualitative"), ("定性指标", "文字")),
)
BETTER_CHOICES = (
    Choice(
        "lower", Name("越小越好 ≤", "lower is better ≤"), ("越小越好", "≤", "<", "<=", "逆向", "负向", "小", "lower")
    ),
    Choice("higher", Name("越大越好 ≥", "higher is better ≥"), ("越大越好", "≥", ">", ">=", "正向", "大", "higher")),
)
SHARE_CHOICES = (
    Choice("output", Name("按产量", "by output"), ("产量", "按产品产量", "output")),
    Choice("count", Name("按参评项数", "by rows that apply"), ("按项数", "按个数", "count", "0.8/n")),
    Choice("equal", Name("平均分", "equally"), ("平均", "均分", "equal")),
    Choice("unknown", Name("未读到", "not read"), ("未知", "不详", "unknown")),
)
WEIGHTS_CHOICES = (
    Choice("read", Name("原文读到", "read"), ("读到",)),
    Choice("deduced", Name("推算", "deduced"), ("推得",)),
    Choice("partly read", Name("部分读到", "partly read"), ("部分",)),
    Choice("not read", Name("未读到", "not read"), ("未读",)),
)
VERIFICATION_CHOICES = (
    Choice("read", Name("逐行对照原文", "every row read in the source"), ("读到", "read", "全部读到")),
    Choice("partly read", Name("部分行未见原文", "some rows not seen"), ("部分读到", "partly read")),
    Choice("recalled", Name("凭记忆", "from memory"), ("回忆", "recalled")),
)
GRADE_CHOICES = (
    Choice("user", Name("用户录入", "entered by the user"), ("user",)),
    Choice("read", Name("已读原文", "read"), ("read",)),
    Choice("cited", Name("转引", "cited"), ("cited",)),
    Choice("recalled", Name("凭记忆", "recalled"), ("recalled",)),
    Choice("demo", Name("演示", "demonstration"), ("demo",)),
)
SCOPE_CHOICES = (
    Choice("enterprise", Name("企业", "enterprise"), ("工厂", "enterprise")),
    Choice("park", Name("园区", "park"), ("park",)),
)
SCHEME_CHOICES = (
    Choice("levels", Name("三级基准值", "three levels"), ("levels", "三级", "综合评价指数")),
    Choice("benchmark", Name("单一基准值（P1、P2）", "one benchmark (P1 and P2)"), ("benchmark", "p1p2", "单一基准值")),
    Choice("lead-base-linear", Name("引领值与基准值之间线性", "linear between base and lead"), ("lead-base-linear",)),
    Choice("pass-fail", Name("逐项达标", "pass or fail"), ("pass-fail", "达标")),
)
FAMILY_COMMON = Name("通用：85／85／100，限定性指标达相应级", "common: 85 / 85 / 100; limiting rows at the level")
FAMILY_NEWEST = Name("新版：同上，且Ⅰ级要求其余指标达Ⅱ级", "newest: the same; for I all other rows at II")
FAMILY_CHOICES = (Choice("common", FAMILY_COMMON, ("通用",)), Choice("newest", FAMILY_NEWEST, ("新版",)))

_LIST = Name("多项时一行一项，或用“；”隔开", "several: one on each line, or separated by ;")

DOCUMENT_SECTIONS: tuple[Section, ...] = (
    Section(
        Name("一、文件", "1. The document"),
        (
            Field(
                "id",
                Name("编号", "Id"),
                "text",
                Name(
                    "小写英文字母、数字和连字符，行业-年份，如 zinc-smelting-2019；命令中用它",
                    "lower-case letters, digits and hyphens, industry-year, e.g. zinc-smelting-2019; commands use it",
                ),
                required=True,
            ),
            Field(
                "title",
                Name("名称", "Title"),
                "text",
                Name("文件的全称", "the document's full title"),
                required=True,
            ),
            Field("title_en", Name("英文名称", "English title"), "text", Name("可不填", "optional")),
            Field(
                "document",
                Name("文号", "Document number"),
                "text",
                Name("如 公告2019年第8号；DB50/T 123-2020", "as printed"),
            ),
            Field("issued_by", Name("发布机关", "Issued by"), "list", _LIST, height=2),
            Field(
                "issued", Name("发布日期", "Issued on"), "date", Name("如 2019-08-28；不知道就不填", "e.g. 2019-08-28")
            ),
            Field("effective", Name("施行日期", "In force from"), "date", Name("如 2019-09-01", "e.g. 2019-09-01")),
            Field("replaces", Name("代替的文件", "Replaces"), "list", _LIST),
            Field(
                "source",
                Name("依据", "Source"),
                "text",
                Name(
                    "录入时看的是哪份文件：网址，或文件名与页码；别人要凭它复核",
                    "what was in front of you: address, or file name and pages; another person will compare with it",
                ),
                required=True,
                height=2,
            ),
            Field(
                "scope", Name("评价对象", "What is evaluated"), "choice", choices=SCOPE_CHOICES, default="enterprise"
            ),
            Field(
                "industry_codes",
                Name("行业代码", "Industry codes"),
                "list",
                Name("GB/T 4754—2017 的代码，如 3360", "codes of GB/T 4754-2017, e.g. 3360"),
            ),
            Field(
                "complete",
                Name("全部行已录入", "All rows entered"),
                "flag",
                Name("缺行时选“否”，并在说明里写缺什么", "no: say in the note what is missing"),
                choices=YES_NO,
                default="true",
            ),
            Field(
                "verification",
                Name("核对程度", "Verification"),
                "choice",
                Name(
                    "对照原文逐行录入选第一项；否则每行的“已见原文”都要填",
                    "otherwise every row must say whether it was seen",
                ),
                choices=VERIFICATION_CHOICES,
                required=True,
                default="read",
            ),
            Field("note", Name("说明", "Note"), "long", Name("版本、缺漏、疑点", "edition, gaps, doubts"), height=4),
        ),
    ),
    Section(
        Name("二、定级条件", "2. Grading"),
        (
            Field(
                "scheme",
                Name("计分方式", "Scheme"),
                "choice",
                Name("2014年以来的体系都是“三级基准值”", "systems since 2014 have three levels"),
                choices=SCHEME_CHOICES,
                required=True,
                default="levels",
            ),
            Field(
                "family",
                Name("规则类型", "Family of rules"),
                "choice",
                Name(
                    "选定后下面三行自动填入，再与原文核对",
                    "fills the three lines below; compare them with the document",
                ),
                choices=FAMILY_CHOICES,
            ),
            Field(
                "grading.verified",
                Name("定级条件见于原文", "Grading seen in the source"),
                "flag",
                Name("没有读到时选“否”", "no: it was not read"),
                choices=YES_NO,
            ),
        ),
    ),
    Section(
        Name("三、加分项（没有就不填）", "3. Bonus (if any)"),
        (
            Field(
                "bonus.table",
                Name("加分表编号", "Bonus table"),
                "text",
                Name("那张表的表编号", "the id of that table"),
            ),
            Field(
                "bonus.weight",
                Name("加分权重", "Bonus weight"),
                "number",
                Name("如 0.1：在权重和 1 之外", "e.g. 0.1, outside the sum of 1"),
            ),
            Field("bonus.cap", Name("总分上限", "Cap"), "number", Name("通常 100", "usually 100")),
        ),
    ),
    Section(
        Name("四、适用规则（原文有规定才填）", "4. How it applies (if the document says)"),
        (
            Field("applicability.table", Name("怎样选表", "Choosing the table"), "text"),
            Field("applicability.not_applicable", Name("不适用的指标", "Rows that do not apply"), "text"),
            Field("applicability.empty_group", Name("整组都不适用", "A group without rows"), "text"),
            Field("applicability.no_data", Name("没有数据的指标", "Rows without data"), "text"),
            Field("applicability.no_benchmark", Name("没有基准值的指标", "Rows without benchmark"), "text"),
            Field(
                "applicability.report_valid_years",
                Name("结果有效年数", "Years a result holds"),
                "number",
                Name("整数", "whole number"),
            ),
        ),
    ),
    Section(
        Name("五、其他计分方式（三级基准值的体系不填）", "5. Other schemes (not for three levels)"),
        (
            Field("grading.weights.P1", Name("P1（定量）的份额", "Share of P1"), "number"),
            Field("grading.weights.P2", Name("P2（定性）的份额", "Share of P2"), "number"),
            Field("grading.cap", Name("单项指数上限", "Greatest ratio of one row"), "number"),
            Field("pass.index", Name("达标指数", "Index to pass"), "text"),
            Field(
                "pass.min",
                Name("达标线", "Pass mark"),
                "number-or-text",
                Name("数，或原文的说法", "a number, or the document's words"),
            ),
            Field("pass.prerequisite", Name("前置条件", "Prerequisite"), "text"),
            Field("pass.core", Name("核心指标的要求", "Core rows"), "text"),
            Field("pass.guiding", Name("引导性指标的要求", "Guiding rows"), "text"),
            Field("pass.required", Name("必选项的要求", "Required rows"), "text"),
            Field("pass.optional", Name("可选项的要求", "Optional rows"), "text"),
            Field("score_rule", Name("给分规则", "Rule of points"), "text"),
        ),
    ),
    Section(
        Name("六、录入与复核（由导入和复核命令填写）", "6. Entry and confirmation (filled by the commands)"),
        (
            Field("entry.entered_by", Name("录入人", "Entered by"), "text"),
            Field("entry.entered_on", Name("录入日期", "Entered on"), "date"),
            Field("entry.confirmed_by", Name("复核人", "Confirmed by"), "text"),
            Field("entry.confirmed_on", Name("复核日期", "Confirmed on"), "date"),
        ),
    ),
    Section(
        Name("七、少用的项", "7. Seldom needed"),
        (
            Field("seed_industries", Name("对应的重点行业", "Key industries"), "list", _LIST),
            Field(
                "industry_codes_by",
                Name("行业代码由谁给出", "Who gives the codes"),
                "text",
                Name("文件没给时注明", "if the document gives none"),
            ),
            Field(
                "grade",
                Name("可信等级", "Grade"),
                "choice",
                Name("导入时一律记为“用户录入”", "an imported system always has the grade of a user's entry"),
                choices=GRADE_CHOICES,
                default="user",
            ),
            Field(
                "status",
                Name("只知有此文件", "Only located"),
                "flag",
                Name("表格一行也没有读到时选“是”", "yes: nothing of the tables was read"),
                choices=YES_NO,
            ),
            Field(
                "groups_seen", Name("所见一级指标名", "Groups seen"), "list", Name("只知有此文件时", "if only located")
            ),
            Field(
                "indicators_seen",
                Name("所见二级指标名", "Indicators seen"),
                "list",
                Name("只知有此文件时", "if only located"),
            ),
        ),
    ),
)

# One line for each level, four cells beside each other: threshold, limiting rows, other rows, the document's name.
RULE_KEYS = ("min", "limiting", "others", "name")
RULE_LABELS: dict[Level, Name] = {
    "I": Name("Ⅰ级", "Level I"),
    "II": Name("Ⅱ级", "Level II"),
    "III": Name("Ⅲ级", "Level III"),
}
RULE_HEADINGS = (
    Name("综合评价指数不低于", "index at least"),
    Name("限定性指标达到", "limiting rows at"),
    Name("其余指标达到", "all other rows at"),
    Name("原文的等级名称", "the document's name of the level"),
)
FAMILY_DEFAULTS: dict[str, dict[Level, tuple[str, str, str]]] = {
    "common": {"I": ("85", "I", ""), "II": ("85", "II", ""), "III": ("100", "III", "")},
    "newest": {"I": ("85", "I", "II"), "II": ("85", "II", ""), "III": ("100", "III", "")},
}

HEAD_FIELDS: tuple[Field, ...] = (
    Field(
        "table.id",
        Name("表编号", "Table id"),
        "text",
        Name("小写英文，如 general；只有一张表可不填", "lower-case, e.g. general; may stay empty for a single table"),
    ),
    Field(
        "table.name", Name("表名", "Table"), "text", Name("原文的表名或适用的工艺、产品", "as printed"), required=True
    ),
    Field("table.applies_to", Name("谁用这张表", "Who uses it"), "text"),
    Field("table.edition", Name("版本", "Edition"), "text"),
    Field(
        "table.partial",
        Name("有缺漏", "Has gaps"),
        "flag",
        Name("权重或基准值没有读全时选“是”，只能给出区间", "yes: weights or levels are missing; results are intervals"),
        choices=YES_NO,
    ),
    Field("table.note", Name("表注", "Notes"), "long"),
)

_LEVEL_HINT = Name(
    "照原表录入：≤8、≥85%、<30、10+5n、--；跨级的格子合并，或各级重复同一内容",
    "as printed: ≤8, ≥85%, <30, 10+5n, --; merge a cell that spans levels, or repeat it",
)

COLUMNS: tuple[Column, ...] = (
    Column("group", Name("一级指标", "Group"), 15, Name("写在该组第一行，或合并单元格", "once, on its first row")),
    Column(
        "group_weight",
        Name("一级权重", "Group weight"),
        8,
        also=("一级指标权重", "一级指标权重值"),
        hint=Name("0.15、15 或 15%", "0.15, 15 or 15%"),
    ),
    Column("name", Name("二级指标", "Indicator"), 26, also=("指标", "指标项", "二级指标名称")),
    Column("unit", Name("单位", "Unit"), 10, Name("定性指标不填", "none for a qualitative row"), also=("计量单位",)),
    Column(
        "weight",
        Name("二级权重", "Weight"),
        8,
        also=("二级指标权重", "二级指标权重值", "分权重", "权重", "权重值"),
        hint=Name("0.15、15、15% 或 0.8/n", "0.15, 15, 15% or 0.8/n"),
    ),
    Column(
        "limiting",
        Name("限定性", "Limiting"),
        7,
        Name("限定性指标填 *", "* for a limiting row"),
        (Choice("true", Name("*", "*")),),
        also=("限定性指标",),
    ),
    Column("I", Name("Ⅰ级基准值", "Level I"), 22, _LEVEL_HINT, also=("ⅰ级", "一级", "i级", "i级基准值", "一级基准值")),
    Column(
        "II", Name("Ⅱ级基准值", "Level II"), 22, _LEVEL_HINT, also=("ⅱ级", "二级", "ii级", "ii级基准值", "二级基准值")
    ),
    Column(
        "III",
        Name("Ⅲ级基准值", "Level III"),
        22,
        _LEVEL_HINT,
        also=("ⅲ级", "三级", "iii级", "iii级基准值", "三级基准值"),
    ),
    Column(
        "benchmark",
        Name("基准值", "Benchmark"),
        24,
        Name("数，或原文的说法", "a number, or the document's words"),
        also=("评价基准值", "引领值", "参考值"),
    ),
    Column(
        "base",
        Name("起点值", "Base"),
        24,
        Name("线性给分时得 0 分的值", "the value that scores 0"),
        also=("基准值（0分）",),
    ),
    Column("points", Name("分值", "Points"), 7, also=("满分",)),
    Column(
        "better",
        Name("方向", "Direction"),
        17,
        Name("基准值写了 ≤ 或 ≥ 就不用填", "not needed where levels say ≤ or ≥"),
        BETTER_CHOICES,
        also=("指标方向",),
    ),
    Column("check", Name("即时核对", "Check"), 24, Name("自动计算", "computed"), computed=True),
    Column("definition", Name("计算方法、脚注", "Definition, footnotes"), 26, advanced=True, also=("说明", "计算方法")),
    Column(
        "kind",
        Name("定量/定性", "Kind"),
        10,
        Name("自动判断，可改", "found by itself; may be set"),
        KIND_CHOICES,
        advanced=True,
        also=("指标类型", "定量定性"),
    ),
    Column(
        "strict",
        Name("严格不等", "Strict"),
        8,
        Name("基准值写 < 或 > 就不用填", "not needed with < or >"),
        YES_NO,
        advanced=True,
    ),
    Column(
        "verified",
        Name("已见原文", "Seen"),
        8,
        Name("该行对照过原文", "compared with the source"),
        YES_NO,
        advanced=True,
        also=("已核对",),
    ),
    Column(
        "open",
        Name("尚无基准值", "Open"),
        9,
        Name("有此行而没有基准值，不参评", "no benchmark was published"),
        YES_NO,
        advanced=True,
    ),
    Column("no_requirement", Name("不作要求的级", "No requirement at"), 10, Name("如 Ⅲ", "e.g. III"), advanced=True),
    Column(
        "block",
        Name("共用权重的块", "Block"),
        12,
        Name("同名的行共用一份权重", "rows of one name share one weight"),
        advanced=True,
    ),
    Column(
        "block_weight",
        Name("块权重", "Block weight"),
        8,
        Name("写在块的第一行", "once, on its first row"),
        advanced=True,
    ),
    Column("block_share", Name("块内分法", "Shared"), 11, choices=SHARE_CHOICES, advanced=True),
    Column("product", Name("产品", "Product"), 14, Name("按产量分权重时", "if shared by output"), advanced=True),
    Column(
        "alternatives",
        Name("多选一", "Alternatives"),
        10,
        Name("同一个词的行只有一行适用", "of rows of one word one applies"),
        advanced=True,
    ),
    Column(
        "parameter", Name("参数的含义", "Parameter"), 16, Name("公式里的 n 是什么", "what n stands for"), advanced=True
    ),
    Column("note", Name("备注", "Note"), 18, advanced=True),
    Column("id", Name("行编号", "Row id"), 20, Name("不填则自动编号", "made if empty"), advanced=True),
    Column("group_id", Name("组编号", "Group id"), 16, Name("不填则自动编号", "made if empty"), advanced=True),
    Column("group_weights", Name("组内权重来源", "Weights from"), 11, choices=WEIGHTS_CHOICES, advanced=True),
    Column("group_verified", Name("组已见原文", "Group seen"), 9, choices=YES_NO, advanced=True),
    Column("group_note", Name("组备注", "Group note"), 16, advanced=True),
)
COLUMN = {column.key: column for column in COLUMNS}
LEVEL_KEYS: tuple[Level, ...] = LEVELS
GROUP_KEYS = ("group", "group_weight", "group_id", "group_weights", "group_verified", "group_note")

_BENCHMARK_KEYS = ("benchmark", "base", "points")
# What a scheme's table shows in front; the other value columns stand among the advanced ones.
_FRONT: dict[Scheme, tuple[str, ...]] = {
    "levels": LEVELS,
    "benchmark": ("benchmark",),
    "lead-base-linear": ("benchmark", "base", "points"),
    "pass-fail": ("benchmark",),
}

# Points between a base and a leading value: the same columns under the names that such standards print.
_LINEAR = {
    "benchmark": replace(COLUMN["benchmark"], name=Name("引领值", "Leading value")),
    "base": replace(COLUMN["base"], name=Name("基准值（0分）", "Base value (0 points)")),
}

SHEETS = {
    "cover": Name("填写说明", "Instructions"),
    "document": Name("文件", "Document"),
    "check": Name("核对", "Check"),
    "english": Name("英文", "English"),
    "table": Name("表", "Table "),
}
ENGLISH_COLUMNS = (
    ("zh", Name("中文", "Chinese"), 60.0),
    ("en", Name("英文", "English"), 60.0),
    ("only", Name("只用于（一般不填）", "only at (usually empty)"), 40.0),
)


def layout(scheme: Scheme) -> tuple[tuple[Column, ...], tuple[Column, ...]]:
    """The columns in front and the advanced ones, in order, for a scheme."""
    front_values = _FRONT[scheme]
    hidden_values = tuple(key for key in (*LEVELS, *_BENCHMARK_KEYS) if key not in front_values)
    named = {**COLUMN, **_LINEAR} if scheme == "lead-base-linear" else COLUMN
    front: list[Column] = []
    for column in COLUMNS:
        if column.advanced or column.key in _BENCHMARK_KEYS or column.key == "II" or column.key == "III":
            continue
        if column.key == "I":
            front += [named[key] for key in front_values]
        else:
            front.append(column)
    advanced = [column for column in COLUMNS if column.advanced]
    return tuple(front), (*advanced, *(COLUMN[key] for key in hidden_values))


def document_fields() -> tuple[Field, ...]:
    """Every field of the document sheet, in order."""
    return tuple(field for section in DOCUMENT_SECTIONS for field in section.fields)


def norm(text: str) -> str:
    """A heading for comparison: full-width as ASCII, lower case, numerals as letters, no blanks or punctuation."""
    folded = plain(text).translate(_ROMAN).casefold()
    return re.sub(r"[\s::*()（）\[\]、,。.]+", "", folded)


_ROMAN = str.maketrans({"Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "ⅰ": "i", "ⅱ": "ii", "ⅲ": "iii"})


def match_choice(choices: Iterable[Choice], text: str) -> str | None:
    """The value of the choice that a text names, in either language or another usual spelling, or None."""
    folded = _loose(text)
    for choice in choices:
        spellings = (choice.value, choice.name.zh, choice.name.en, *choice.also)
        if any(_loose(spelling) == folded for spelling in spellings if spelling):
            return choice.value
    return None


def _loose(text: str) -> str:
    return re.sub(r"\s+", "", plain(text).translate(_ROMAN).casefold())


@lru_cache(maxsize=1)
def headings() -> dict[str, str]:
    """Column key by normalised heading, in both languages and as published tables print them."""
    found: dict[str, str] = {}
    for column in COLUMNS:
        for text in (column.name.zh, column.name.en, *column.also):
            found.setdefault(norm(text), column.key)
    return found


@lru_cache(maxsize=1)
def labels() -> dict[str, str]:
    """Field key by normalised label of the document sheet and of the heads of tables."""
    found: dict[str, str] = {}
    for field in (*document_fields(), *HEAD_FIELDS):
        for text in (field.name.zh, field.name.en):
            found.setdefault(norm(text), field.key)
    return found

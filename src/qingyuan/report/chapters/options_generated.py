"""Chapter 4 of the audit report: generation and screening of options (方案产生和筛选)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import fsum

from qingyuan.audit.goals import aspects, by_aspect, cost_class
from qingyuan.audit.result import AuditResult
from qingyuan.audit.worksheets import CellValue, Context
from qingyuan.audit.worksheets import Column as SheetColumn
from qingyuan.checks import Finding, Gravity
from qingyuan.facts.model import OptionRow
from qingyuan.language import Message, Name, clauses, headed, listing, message, tr
from qingyuan.options.classes import COST_CLASSES, HIGH, LOW, CostClass
from qingyuan.report.chapters.common import picture
from qingyuan.report.chapters.options_engine import candidate_blocks, effect_blocks
from qingyuan.report.chapters.quality import GRAVITY_NAMES
from qingyuan.report.chapters.sheets import cell_content, cell_number, context_of, entry_place, sheet, sheet_table
from qingyuan.report.economics_charts import CountRow, option_counts
from qingyuan.report.numbers import Number
from qingyuan.report.tree import (
    Block,
    Callout,
    Column,
    Heading,
    Inlines,
    Missing,
    Paragraph,
    Reference,
    Row,
    Run,
    Table,
    Text,
)

UNCLASSED = message("未分类")
# Heads of tables, as worksheets have them.
HEAD_ID = Name("编号", "Id")
HEAD_NAME = Name("方案名称", "Option")
HEAD_ASPECT = Name("方面", "Aspect")
MOST_NAMES = 12  # options named in one sentence
MOST_RANKED = 40  # options in the table of the ranking
WEIGHTY = (Gravity.GRAVE, Gravity.SERIOUS)


def blocks(result: AuditResult) -> tuple[Block, ...]:
    """How options were collected, all of them by aspect and class, their screening, and the no- and low-cost ones."""
    if not result.case.options:
        return (
            Missing(
                message("清洁生产方案"),
                (
                    message("方案的编号、名称、方面、投资、年经济效益、环境效果（工作簿的“方案”表）"),
                    entry_place("4-1"),
                ),
            ),
            *_directions(result),
            *candidate_blocks(result),
        )
    return (
        Heading(2, message("方案的产生")),
        *_generated(result),
        *candidate_blocks(result),
        Heading(2, message("方案汇总")),
        *_listed(result),
        *effect_blocks(result),
        Heading(2, message("方案筛选")),
        *_screened(result),
        Heading(2, message("中/高费方案说明")),
        *_described(result),
        Heading(2, message("无/低费方案的实施效果")),
        *_low_cost(result),
    )


# --- what other chapters ask too -------------------------------------------------------------------------------------


def class_of(result: AuditResult, option: OptionRow) -> CostClass | None:
    """The cost class of an option under the audit's limits; None where nothing says it."""
    return cost_class(option, context_of(result).inputs.cost_limits)


def of_classes(result: AuditResult, classes: Sequence[CostClass]) -> tuple[OptionRow, ...]:
    """The options of some cost classes, in the order of the case."""
    return tuple(option for option in result.case.options if class_of(result, option) in classes)


def option_name(option: OptionRow) -> Text:
    """Number and name of an option, as charts and sentences name it."""
    named = option.title
    english = named.en if isinstance(named, Name) else named
    return Name(f"{option.id} {option.name}".strip(), f"{option.id} {english}".strip())


def option_names(options: Sequence[OptionRow], most: int = MOST_NAMES) -> Text:
    """Several options in a sentence; of many the first ones and their number."""
    shown = listing(option_name(option) for option in options[:most])
    if len(options) <= most:
        return shown
    return message("{names} 等 {count} 个", names=shown, count=len(options))


def doubts(result: AuditResult) -> tuple[tuple[Finding, tuple[OptionRow, ...]], ...]:
    """The findings of the data checks that stand on rows of options, with these options; the gravest first."""
    places: dict[tuple[str, str, int | None], OptionRow] = {
        (option.where.file, option.where.sheet, option.where.row): option
        for option in result.case.options
        if option.where.row is not None
    }
    found: list[tuple[Finding, tuple[OptionRow, ...]]] = []
    for finding in result.findings:
        rows = dict.fromkeys((row.file, row.sheet, row.row) for row in finding.rows)
        concerned = {id(places[row]): places[row] for row in rows if row in places}
        if concerned:
            order = {id(option): at for at, option in enumerate(result.case.options)}
            found.append((finding, tuple(sorted(concerned.values(), key=lambda option: order[id(option)]))))
    return tuple(found)


def weighty_doubts(result: AuditResult) -> tuple[tuple[Finding, tuple[OptionRow, ...]], ...]:
    """The grave and serious ones of ``doubts``; their places in this list are the numbers beside the options."""
    return tuple((finding, options) for finding, options in doubts(result) if finding.severity in WEIGHTY)


def doubt_numbers(result: AuditResult) -> Mapping[str, tuple[int, ...]]:
    """The numbers (from 1) of the grave and serious doubts of each option, by option id.

    A doubt about more than half of all options is about their list, not about one of them, and is not counted here.
    """
    most = max(3.0, len(result.case.options) / 2)
    found: dict[str, tuple[int, ...]] = {}
    for number, (_, options) in enumerate(weighty_doubts(result), start=1):
        if len(options) <= most:
            for option in options:
                found[option.id] = (*found.get(option.id, ()), number)
    return found


def doubt_mark(numbers: Sequence[int]) -> Run:
    """The raised mark beside an option: the numbers of its doubts."""
    return Run(message(" 疑{numbers}", numbers=",".join(map(str, numbers))), script="sup")


def marked_table(result: AuditResult, id: str, *, label: str = "", leave_out: Sequence[str] = ()) -> Block:
    """A worksheet whose first columns name an option, with the numbers of its doubts raised beside the name."""
    table = sheet_table(result, id, label=label, leave_out=leave_out)
    marks = doubt_numbers(result)
    if not isinstance(table, Table) or not marks:
        return table
    filled = sheet(result, id)
    keys = [column.key for column in filled.columns]
    names = [at for at, column in enumerate(table.columns) if str(column.header) == _header(filled.columns, "name")]
    if "id" not in keys or not names:
        return table
    rows = []
    for row, cells in zip(table.rows, filled.rows, strict=False):
        own = marks.get(str(cells[keys.index("id")].value), ())
        content = row.cells[names[0]] if isinstance(row, Row) else None
        if isinstance(row, Row) and own and content is not None:
            inlines = content if isinstance(content, tuple) else (content,)
            marked: Inlines = (*inlines, doubt_mark(own))
            row = replace(row, cells=(*row.cells[: names[0]], marked, *row.cells[names[0] + 1 :]))
        rows.append(row)
    note: Inlines = (
        message("“疑”后的数字是数据检查对该方案提出的疑点，见"),
        Reference("table-option-doubts"),
        message("；核实以前，其效果和效益不能作为依据。"),
    )
    return replace(table, rows=(*rows, *table.rows[len(rows) :]), notes=(note, *table.notes))


def _header(columns: Sequence[SheetColumn], key: str) -> str:
    return next((str(column.name) for column in columns if column.key == key), "")


# --- 4.1 -------------------------------------------------------------------------------------------------------------


def _generated(result: AuditResult) -> tuple[Block, ...]:
    options = result.case.options
    suggested = sheet(result, "4-1")
    sorted_options = by_aspect(options)
    found: list[Block] = [
        Paragraph(
            message(
                "审核小组围绕影响废弃物产生的八个方面征集和整理方案，共得到 {count} 个，涉及 {aspects} 个方面；"
                "各方面、各费用类别的方案数见下。",
                count=len(options),
                aspects=sum(aspect is not None for aspect, _ in sorted_options),
            )
        )
    ]
    if suggested.rows:
        departments = {str(row[1].value) for row in suggested.rows if len(row) > 1 and row[1].filled}
        text = message(
            "员工提出合理化建议 {count} 条，来自 {departments} 个部门：", count=len(suggested.rows),
            departments=len(departments),
        )  # fmt: skip
        found += [Paragraph(text), sheet_table(result, "4-1")]
    else:
        found.append(Paragraph(message("没有登记员工的合理化建议（工作表 4-1）。")))
    found += _by_aspect(result)
    return (*found, *_directions(result))


def _by_aspect(result: AuditResult) -> tuple[Block, ...]:
    limits = context_of(result).inputs.cost_limits
    classes: list[tuple[CostClass | None, Text]] = [
        (kind, COST_CLASSES[kind])
        for kind in COST_CLASSES
        # few audits have the class between medium and high: the others need no empty column for it
        if kind != "higher" or (limits is not None and limits.higher_from is not None) or of_classes(result, (kind,))
    ]
    if any(class_of(result, option) is None for option in result.case.options):
        classes.append((None, UNCLASSED))
    by = dict(by_aspect(result.case.options))
    known: list[tuple[Text, tuple[OptionRow, ...]]] = []
    for aspect in aspects():
        known.append((headed(aspect.name), next((rows for key, rows in by.items() if key == aspect), ())))
    if None in by:
        known.append((message("方面未写明"), by[None]))
    rows: list[Row] = []
    bars: list[CountRow] = []
    for name, options in known:
        counts = tuple(sum(class_of(result, option) == kind for option in options) for kind, _ in classes)
        share = 100 * len(options) / len(result.case.options)
        cells = (name, *(_count(count) for count in counts), _count(len(options)), Number(share, "%", digits=1))
        rows.append(Row(cells))
        bars.append(CountRow(str(name), counts))
    sums = tuple(sum(bar.counts[at] for bar in bars) for at in range(len(classes)))
    whole = len(result.case.options)
    total = (message("合计"), *(_count(one) for one in sums), _count(whole), Number(100.0, "%", digits=1))
    rows.append(Row(total, emphasis="bold"))
    columns = (
        Column(HEAD_ASPECT),
        *(Column(name, align="right") for _, name in classes),
        Column(message("合计"), align="right"),
        Column(message("占比"), align="right"),
    )
    note = (
        limits.text
        if limits is not None
        else message("费用分类界限没有设定，按方案自带的分类；国家没有统一界限，请在“审核设置”里填写。")
    )
    title = tr("各方面的方案数")
    chart = option_counts(title, [str(name) for _, name in classes], bars)
    return (
        Table(message("各方面和各费用类别的方案数"), columns, tuple(rows), notes=(note,), label="table-option-counts"),
        picture(message("各方面的方案数"), chart, label="figure-option-counts"),
    )


def _count(count: int) -> Number | None:
    return Number(float(count), digits=0) if count else None


def _directions(result: AuditResult) -> tuple[Block, ...]:
    """The aspects that nobody has an option for, with the usual directions to look into."""
    have = {aspect.id for aspect, _ in by_aspect(result.case.options) if aspect is not None}
    empty = [aspect for aspect in aspects() if aspect.id not in have]
    if not empty:
        return ()
    rows = tuple(Row((headed(aspect.name), listing(aspect.directions))) for aspect in empty)
    lead = message("以下 {count} 个方面还没有方案，可从常见的方向再查一遍：", count=len(empty))
    columns = (Column(HEAD_ASPECT, share=0.25), Column(message("可查的方向"), share=0.75))
    return (
        Paragraph(lead),
        Table(message("还没有方案的方面"), columns, rows, label="table-empty-aspects"),
    )


# --- 4.2 -------------------------------------------------------------------------------------------------------------


def _listed(result: AuditResult) -> tuple[Block, ...]:
    rows: list[Row] = []
    kinds: list[tuple[CostClass | None, Text]] = [*COST_CLASSES.items(), (None, UNCLASSED)]
    for kind, name in kinds:
        options = [option for option in result.case.options if class_of(result, option) == kind]
        if options:
            rows.append(
                Row(
                    (
                        name,
                        Number(float(len(options)), digits=0),
                        *_sum([option.investment for option in options]),
                        *_sum([option.annual_saving for option in options]),
                    )
                )
            )
    columns = (
        Column(message("费用类别")),
        Column(message("方案数"), align="right"),
        Column(message("投资合计"), "10^4 CNY", align="right"),
        Column(message("没有投资额的"), align="right"),
        Column(message("年经济效益合计"), "10^4 CNY", align="right"),
        Column(message("没有效益数的"), align="right"),
    )
    note = message("合计只含写明数额的方案；“—”表示没有。")
    summary = Table(message("按费用类别汇总"), columns, tuple(rows), notes=(note,), label="table-option-classes")
    return (summary, *_doubt_blocks(result), marked_table(result, "4-2"))


def _sum(values: Sequence[float | None]) -> tuple[Inlines | None, Number | None]:
    """The sum of the known ones, and how many are not known."""
    known = [value for value in values if value is not None]
    return (cell_number(fsum(known)) if known else None), _count(len(values) - len(known))


def _doubt_blocks(result: AuditResult) -> tuple[Block, ...]:
    """The grave and serious doubts of the data checks about options, numbered."""
    found = weighty_doubts(result)
    others = len(doubts(result)) - len(found)
    if not found:
        if not others:
            return (Paragraph(message("数据检查没有发现方案数据的矛盾。")),)
        return (Paragraph(message("数据检查对方案提出 {count} 条轻微疑点或询问，见数据检查一节。", count=others)),)
    rows = tuple(
        Row(
            (Number(float(number), digits=0), GRAVITY_NAMES[finding.severity], finding.message, finding.settle),
            emphasis="alert" if finding.severity is Gravity.GRAVE else "",
        )
        for number, (finding, _) in enumerate(found, start=1)
    )
    columns = (
        Column(message("疑点"), align="center", share=0.07),
        Column(message("程度"), align="center", share=0.1),
        Column(message("矛盾所在"), share=0.53),
        Column(message("怎样核实"), share=0.3),
    )
    concerned = {option.id for _, options in found for option in options}
    text = message(
        "数据检查发现 {count} 条严重或较重的疑点，涉及 {options} 个方案。有疑点的方案在各表中标出序号；"
        "核实以前，其环境效果和经济效益不能作为筛选和推荐的依据。",
        count=len(found),
        options=len(concerned),
    )
    notes: tuple[Inlines, ...] = ()
    if others:
        notes = (message("另有 {count} 条轻微疑点或询问，见数据检查一节。", count=others),)
    table = Table(message("方案数据的疑点"), columns, rows, notes=notes, dense=True, label="table-option-doubts")
    return (Callout(text, tone="warning"), table)


# --- 4.3 -------------------------------------------------------------------------------------------------------------


def _screened(result: AuditResult) -> tuple[Block, ...]:
    context = context_of(result)
    unclassed = [option for option in result.case.options if class_of(result, option) is None]
    found: list[Block] = [
        Paragraph(
            message("先按技术是否可行、环境是否有利、经济是否合理、是否易于实施作初步筛选，再对中/高费方案计分排序。")
        )
    ]
    if unclassed:
        text = message(
            "{count} 个方案没有投资额也没有写明费用类别，不能归类，因此没有筛选结论：{names}。补上投资额即可归类。",
            count=len(unclassed),
            names=option_names(unclassed),
        )
        found.append(Callout(text, tone="warning"))
    found += _ranking(context)
    found.append(sheet_table(result, "4-4"))
    return tuple(found)


def _ranking(context: Context) -> tuple[Block, ...]:
    """Worksheet 4-3 with its options as rows: R and R x W of every factor, the total and the place."""
    filled = sheet(context, "4-3")
    if filled.reason or not filled.rows:
        return (sheet_table(context, "4-3"),)
    chosen = list(dict.fromkeys(column.key.partition("@")[2] for column in filled.columns if "@" in column.key))
    *factors, total = range(len(filled.rows))
    options = {option.id: option for option in context.result.case.options}

    def value(row: int, key: str) -> Inlines | None:
        return cell_content(filled.cell(row, key))

    places = _places(filled.cell(total, f"weighted@{id}").value for id in chosen)
    rows: list[Row] = []
    for id, place in sorted(zip(chosen, places, strict=True), key=lambda one: one[1] or len(chosen) + 1):
        cells: list[Inlines | None] = [id, options[id].name if id in options else ""]
        for at in factors:
            score, weighted = value(at, f"score@{id}"), value(at, f"weighted@{id}")
            cells.append(None if score is None or weighted is None else _pair(score, weighted))
        cells += [value(total, f"weighted@{id}"), None if place is None else Number(float(place), digits=0)]
        rows.append(Row(tuple(cells)))
    columns = (
        Column(HEAD_ID, align="center"),
        Column(HEAD_NAME),
        *(
            Column(
                message(
                    "{name}（W = {weight}）",
                    name=_text(filled.cell(at, "factor").value),
                    weight=_text(cell_content(filled.cell(at, "weight"))),
                ),
                align="right",
            )
            for at in factors
        ),
        Column(message("总分"), align="right"),
        Column(message("名次"), align="right"),
    )
    notes: list[Inlines] = [message("各因素栏为得分 R / 加权得分 R×W；总分为各因素 R×W 之和。")]
    if filled.notes:
        notes.append(message("{notes}。", notes=clauses(filled.notes)))
    if filled.missing:
        notes.append(message("尚缺：{missing}。", missing=listing(filled.missing)))
    notes.append(message("审核工作表 {id}。", id="4-3"))
    if len(rows) > MOST_RANKED:
        notes.insert(0, message("共 {count} 个方案，这里列出前 {shown} 名。", count=len(rows), shown=MOST_RANKED))
    table = Table(
        filled.definition.name, columns, tuple(rows[:MOST_RANKED]), notes=tuple(notes), dense=True, label="sheet-4-3"
    )
    return (table,)


def _places(totals: Iterable[CellValue]) -> list[int | None]:
    """The place of each total, 1 for the greatest; equal totals share one, a range has none."""
    values = [total if isinstance(total, float) else None for total in totals]
    known = [value for value in values if value is not None]
    return [None if value is None else 1 + sum(other > value for other in known) for value in values]


def _pair(score: Inlines, weighted: Inlines) -> Inlines:
    first = score if isinstance(score, tuple) else (score,)
    second = weighted if isinstance(weighted, tuple) else (weighted,)
    return (*first, " / ", *second)


def _text(value: object) -> Text | Number:
    return value if isinstance(value, Message | Name | str | Number) else str(value)


# --- 4.4 and 4.5 -----------------------------------------------------------------------------------------------------


def _described(result: AuditResult) -> tuple[Block, ...]:
    options = of_classes(result, HIGH)
    if not options:
        text = message("没有中/高费方案；费用类别由投资额和本次审核的分类界限决定，见上。")
        return (Paragraph(text),)
    found: list[Block] = [marked_table(result, "4-5")]
    bare = [option for option in options if not option.note and not _entered(result, "4-5", option.id, "content")]
    if bare:
        text = message(
            "{count} 个中/高费方案没有写明要点（技术原理、主要设备、实施部位）：{names}。",
            count=len(bare),
            names=option_names(bare),
        )
        found.append(Missing(text, (entry_place("4-5"),)))
    if len(options) < 3:
        text = message(
            "经筛选的中/高费方案只有 {count} 个；一般应研制 3 个以上，供可行性分析比较。", count=len(options)
        )
        found.append(Callout(text))
    return tuple(found)


def _entered(result: AuditResult, id: str, option: str, key: str) -> bool:
    return any(entry.get("id") == option and entry.get(key) for entry in context_of(result).inputs.entries.get(id, ()))


def _low_cost(result: AuditResult) -> tuple[Block, ...]:
    options = of_classes(result, LOW)
    if not options:
        text = message("没有无/低费方案；没有投资额也没有写明类别的方案不能归类，其中可能有无/低费方案。")
        return (Paragraph(text),)
    effects = sheet(result, "4-6")
    done = {str(row[0].value) for row in effects.rows}
    left = [option for option in options if option.id not in done]
    text = message(
        "无/低费方案边审核边实施：共 {count} 个（工作表 2-13），已实施 {done} 个。",
        count=len(options), done=len(options) - len(left),
    )  # fmt: skip
    found: list[Block] = [Paragraph(text)]
    if effects.rows:
        found.append(marked_table(result, "4-6"))
    else:
        need = message("标明已实施的方案：在方案的“状态”一栏写“已实施”，并给出投资和年经济效益")
        found.append(Missing(message("无/低费方案的实施效果"), (need, entry_place("4-6"))))
    if left:
        found.append(Paragraph(message("尚未实施：{names}。", names=option_names(left))))
    return tuple(found)

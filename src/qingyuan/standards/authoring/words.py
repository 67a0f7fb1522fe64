"""The instructions that the form carries: what to do, how to type what is printed, what the colours mean."""

from __future__ import annotations

from qingyuan.language import Name

TITLE = Name("清洁生产评价指标体系 录入表", "Evaluation index system: entry form")
SUBTITLE = Name(
    "把公布的评价指标表照原样录入。录完由命令核对、导入，再由第二个人对照原文复核。",
    "Type the published table as it is printed. Commands then check and import it; a second person compares it "
    "with the document.",
)

STEPS_HEADING = Name("怎样做", "What to do")
STEPS: tuple[tuple[Name, Name], ...] = (
    (
        Name("1  填“文件”", "1  Fill “Document”"),
        Name(
            "名称、文号、依据照抄；定级条件与原文核对。红色星号是必填项。",
            "Copy title, number and source; compare the grading with the document. A red star marks what is required.",
        ),
    ),
    (
        Name("2  填各“表”", "2  Fill each table"),
        Name(
            "一张公布的表一个工作表，行的次序照原表。也可以从网页、Word 或 PDF 整块粘贴，再补空缺。"
            "表多时复制工作表。右侧折叠的列只在需要时填。",
            "One sheet for each published table, rows in printed order. Blocks may be pasted from a page, Word or PDF. "
            "Copy the sheet for more tables. The folded columns to the right are for special cases.",
        ),
    ),
    (
        Name("3  看“即时核对”", "3  Look at “Check”"),
        Name("权重合计、三级次序随录随算；有 ✗ 就对照原文改。", "Sums and order are computed while you type."),
    ),
    (
        Name("4  核对", "4  Check"),
        Name(
            "qingyuan systems check 文件.xlsx    列出全部问题，并照原表样式打印，供逐格对照；"
            "加 --out 核对.xlsx 得到标红并加批注的副本。",
            "qingyuan systems check FILE.xlsx    lists every problem and prints the table as published; "
            "with --out check.xlsx a copy with red cells and comments.",
        ),
    ),
    (
        Name("5  导入", "5  Import"),
        Name(
            'qingyuan systems import 文件.xlsx --who "姓名"    导入后即可评价，等级记为“用户录入”，结果注明尚未复核。',
            'qingyuan systems import FILE.xlsx --who "NAME"    ready for use; results say that it is unconfirmed.',
        ),
    ),
    (
        Name("6  复核", "6  Confirm"),
        Name(
            '第二个人对照原文：qingyuan systems confirm 编号 --who "姓名"；'
            "或独立再录一份，加 --against 第二份.xlsx 逐格比对。",
            'A second person: qingyuan systems confirm ID --who "NAME"; or types it again and adds '
            "--against SECOND.xlsx, which must agree cell by cell.",
        ),
    ),
)

TYPING_HEADING = Name("怎样录入", "How to type")
TYPING_COLUMNS = (Name("原表印作", "Printed"), Name("录入", "Type"), Name("读作", "Read as"))
TYPING: tuple[tuple[Name, Name, Name], ...] = (
    (
        Name("≤8　≤24　≤40", "≤8  ≤24  ≤40"),
        Name("照录，或只录 8、24、40", "as printed, or 8, 24, 40"),
        Name("越小越好，等于 8 也达到Ⅰ级", "lower is better; 8 itself meets level I"),
    ),
    (
        Name("<30　>7000", "<30  >7000"),
        Name("照录", "as printed"),
        Name("严格不等：等于界限值不达到该级", "strict: the bound itself does not meet the level"),
    ),
    (
        Name("≥85%，单位栏为 %", "≥85%, unit %"),
        Name("≥85 或 ≥85%", "≥85 or ≥85%"),
        Name("85（不是 0.85）", "85, not 0.85"),
    ),
    (
        Name("一格横跨Ⅱ、Ⅲ级", "a cell that spans II and III"),
        Name("合并这两格，或两格写同样的内容", "merge both cells, or repeat the text"),
        Name("同一要求：达到它的得较高的Ⅱ级", "one requirement: whoever meets it has level II"),
    ),
    (
        Name("名称带 *", "a name with *"),
        Name("照录，或在“限定性”填 *", "as printed, or * under “Limiting”"),
        Name("限定性指标", "a limiting row"),
    ),
    (
        Name("“--”", "“--”"),
        Name("照录；三级都是“--”的行不参评", "as printed; a row of three “--” takes no part"),
        Name("这一级不作要求，会提示核对", "nothing required at that level; compare it"),
    ),
    (
        Name("权重 0.8/n（几行共用）", "weight 0.8/n (shared)"),
        Name("每行录 0.8/n，或合并后录一次", "0.8/n in every row, or once in a merged cell"),
        Name("0.8 由参评的 n 行均分", "0.8 shared by the n rows that apply"),
    ),
    (
        Name("一个权重跨几行", "one weight over several rows"),
        Name("合并权重格，并在“块内分法”选按产量、平均分……", "merge the cells and choose how it is shared"),
        Name("几行共用这份权重", "the rows share that weight"),
    ),
    (
        Name("10+5n", "10+5n"),
        Name("照录，并在“参数的含义”写明 n", "as printed; say under “Parameter” what n is"),
        Name("随 n 变化的基准值", "a level that depends on n"),
    ),
    (
        Name("8～24", "8～24"),
        Name("照录", "as printed"),
        Name("取差的一端为界限，会提示", "the worse end is the bound; a warning says so"),
    ),
    (
        Name("权重 0.15、15 或 15%", "weight 0.15, 15 or 15%"),
        Name("照录，一列用一种", "as printed, one way for a column"),
        Name("0.15", "0.15"),
    ),
)

LEGEND_HEADING = Name("颜色", "Colours")
LEGEND: tuple[tuple[str, Name], ...] = (
    ("input", Name("白格：录入", "white: type here")),
    ("required", Name("浅黄：必填，尚空", "pale yellow: required, still empty")),
    ("computed", Name("浅灰：自动计算，不用填", "grey: computed")),
    ("error", Name("红格：有错误，见批注（核对后的副本）", "red: an error, see the comment (checked copy)")),
    ("warning", Name("橙格：请与原文核对，见批注", "orange: compare with the document, see the comment")),
)

CHECK_TITLE = Name("核对总表（自动计算）", "Summary of checks (computed)")
CHECK_COLUMNS = (
    Name("工作表", "Sheet"),
    Name("一级权重合计", "Sum of group weights"),
    Name("组数", "Groups"),
    Name("指标数", "Indicators"),
    Name("限定性", "Limiting"),
    Name("待改处", "To mend"),
    Name("结论", "Result"),
)
CHECK_NOTE = Name(
    "完整的核对（单位、编号、跨级、定级试算）由 qingyuan systems check 完成。",
    "The whole proof (units, ids, spans, trial scoring) is made by: qingyuan systems check",
)
CHECK_REQUIRED = Name("必填项未填", "Required and empty")

TABLE_TITLE = Name("评价指标项目、权重及基准值", "Indicators, weights and levels")
SUMMARY = Name("核对", "Check")
ENGLISH_TITLE = Name(
    "英文（可不填）：表中出现过的中文，每条一行；英文界面用它",
    "English (optional): one line for each Chinese text of the tables, for the English interface",
)
CONFIRMED_ONLY = Name("自动计算，不必填写", "computed; nothing to type here")

LIVE = {
    "no_level": Name("✗ 缺基准值", "✗ no level"),
    "open": Name("△ 不参评", "△ open"),
    "words": Name("文字或公式", "words or formula"),
    "ordered": Name("✓ 次序", "✓ order"),
    "disordered": Name("✗ 三级次序", "✗ order of levels"),
    "group_sum": Name("组内权重 ", "weights "),
    "formula": Name("△ 权重含公式", "△ weight formula"),
    "top_sum": Name("一级权重合计 ", "group weights "),
    "rows": Name("指标 ", "indicators "),
    "limiting": Name("限定性 ", "limiting "),
    "to_mend": Name("待改 ", "to mend "),
    "good": Name("✓ 未见问题", "✓ nothing found"),
    "bad": Name("✗ 待改", "✗ mend"),
    "empty": Name("未录入", "empty"),
}

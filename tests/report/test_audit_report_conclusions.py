"""What the report concludes about options and levels: never more than the data and the assumptions bear."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from qingyuan.audit.inputs import Inputs, read_inputs
from qingyuan.audit.pipeline import audit_case, run
from qingyuan.audit.result import AuditResult
from qingyuan.audit.worksheets import worksheet
from qingyuan.checks import Gravity
from qingyuan.demo import SHIPPED_CASES
from qingyuan.facts.cases import read_case
from qingyuan.language import language
from qingyuan.reference.records import Grade
from qingyuan.report.audit_report import audit_report
from qingyuan.report.chapters import feasibility, grade, implementation, pre_assessment, provenance
from qingyuan.report.chapters.quality import by_gravity
from qingyuan.report.chapters.sheets import sheet_table
from qingyuan.report.resolve import plain_text, resolve
from qingyuan.report.tree import Block, BulletList, Callout, LandscapeSection, Missing, Paragraph, Row, Table

DAY = dt.date(2025, 6, 1)


@lru_cache(maxsize=1)
def pcb() -> AuditResult:
    return run(SHIPPED_CASES / "pcb-plant-a", today=DAY)


def table(blocks: tuple[Block, ...], label: str) -> Table:
    for block in blocks:
        if isinstance(block, Table) and block.label == label:
            return block
        if isinstance(block, LandscapeSection):
            for inner in block.blocks:
                if isinstance(inner, Table) and inner.label == label:
                    return inner
    raise AssertionError(label)


def cells(of: Table) -> list[list[str]]:
    return [["" if cell is None else plain_text(cell) for cell in row.cells] for row in of.rows if isinstance(row, Row)]


def test_no_contradiction_is_said_only_where_no_finding_stands_on_the_option() -> None:
    result = pcb()
    with language("zh"):
        said = {row[0]: row[3] for row in cells(table(feasibility.blocks(result), "table-environmental"))}
        options = {option.id: option for option in result.case.options if option.id in said}
        assert len(options) == len(said) >= 8
        places = {id: (one.where.file, one.where.sheet, one.where.row) for id, one in options.items()}
        numbered = list(enumerate(by_gravity(result.findings), start=1))
        for id, text in said.items():
            mine = [
                (number, finding)
                for number, finding in numbered
                if places[id] in {(row.file, row.sheet, row.row) for row in finding.rows}
            ]
            if text == "没有写明效果":
                continue
            assert (text == "数据检查没有发现矛盾") == (not mine), id
            if "数据真实性疑点第" in text:
                lesser = [n for n, one in mine if one.severity in (Gravity.MINOR, Gravity.QUESTION)]
                told = re.findall(r"\d+", text.partition("数据真实性疑点第")[2])
                assert list(map(int, told)) == lesser
        assert "另有 2 条" in said["R3"]
        assert "多数方案" in said["R3"]


def test_a_bare_list_of_findings_gives_a_clean_word() -> None:
    result = replace(pcb(), findings=())
    option = next(one for one in result.case.options if one.id == "R3")
    assert str(feasibility.checked_text(result, option)) == "数据检查没有发现矛盾"


def test_limiting_rows_are_counted_for_the_level_that_they_keep_away() -> None:
    case = SHIPPED_CASES / "electroplating-demo"
    inputs = replace(read_inputs(case), before="2022", after="2024")
    result = audit_case(read_case(case), inputs=inputs, today=DAY)
    with language("zh"):
        rows = {row[0]: row[1:] for row in cells(table(implementation.blocks(result), "table-level-again"))}
    assert "不达标的限定性指标数" not in rows
    found = [implementation.period_score(result, period).score for period in ("2022", "2024")]
    for level, sign in (("I", "Ⅰ"), ("II", "Ⅱ"), ("III", "Ⅲ")):
        counts = [
            sum(level in failure.withholds for failure in score.limiting_failures)
            for score in found
            if score is not None
        ]
        name = f"使等级达不到{sign}级的限定性指标数"
        assert rows.get(name, ["0", "0"]) == [str(count) for count in counts]
        for score, count in zip(found, counts, strict=True):
            assert score is not None
            # who reached a level has no limiting row that keeps it away
            assert not (count and score.level == level)
    assert any(name.startswith("使等级达不到") for name in rows)


def test_no_option_is_judged_on_a_rate_that_the_software_assumed() -> None:
    result = pcb()
    with language("zh"):
        blocks = feasibility.blocks(result)
        criteria = table(blocks, "table-criteria")
        rows = cells(criteria)
        assert len(rows) >= 3
        for row in rows:
            if row[0] in ("2", "4"):  # 7.5 years where 3 are allowed, 19.7 where 10 are: the limit of N needs no rate
                assert row[6] == "经济上不可行"
                assert "不符合" in row[2]
            else:
                assert row[6].startswith("经济性尚不能判定（临界贴现率 ")
        notes = "".join(plain_text(note) for note in criteria.notes)
        assert "▲" not in notes
        assert "IRR ≥ 基准收益率（没有设定）" in notes
        found = feasibility.recommendations(result)
        assessed = [one for one in found if result.economics[one.option.id].npv is not None]
        assert assessed
        for one in assessed:
            if one.option.id in ("2", "4"):
                assert one.standing == "rejected"
                continue
            assert one.standing == "open"
            assert re.search(r"没有设定（临界贴现率 [\d.]+%，按寿命 10 年）", str(one.why))


def test_the_report_names_no_files_and_no_settings_by_their_keys() -> None:
    """Where data stand is told in the tables of problems and findings; a reader of the report fills in a workbook."""
    for result in (pcb(), replace(pcb(), score=None, distance=None, answers=None, inputs=Inputs())):
        document = resolve(audit_report(result, "zh", "acceptance"))
        with language("zh"):
            said = texts(document.blocks)
        assert len(said) > 500
        for text in said:
            assert not re.search(
                r"result\.json|plant\.toml|audit\.toml|worksheets/|案例文件夹|的 (?:cost|economics) 中", text
            )
            assert "其中 0 个" not in text
            assert "》 第" not in text


def texts(blocks: Iterable[Block]) -> list[str]:
    """What stands in paragraphs, call-outs, gaps and tables, but not where data stand (problems, findings)."""
    found: list[str] = []
    for block in blocks:
        if isinstance(block, LandscapeSection):
            found += texts(block.blocks)
        elif isinstance(block, Paragraph):
            found.append(plain_text(block.content))
        elif isinstance(block, Callout):
            found.append(plain_text(block.text))
        elif isinstance(block, Missing):
            found += [str(block.what), *map(str, block.needs)]
        elif isinstance(block, BulletList):
            found += [plain_text(item) for item in block.items]
        elif isinstance(block, Table) and "problems" not in block.label and "findings" not in block.label:
            found += [cell for row in cells(block) for cell in row]
            found += [plain_text(note) for note in block.notes]
    return found


def test_money_as_stated_needs_no_original() -> None:
    case = SHIPPED_CASES / "electroplating-demo"
    result = audit_case(read_case(case), inputs=read_inputs(case), today=DAY)
    value = next(figure for figure in result.figures.figures if figure.id == "output-value")
    assert value.method.id == "money.statement"
    assert value.method.grade is Grade.USER
    with language("zh"):
        text = "".join(texts(provenance.recalled_blocks(result)))
    assert "经营数据" not in text


def test_a_level_is_named_once() -> None:
    result = pcb()
    assert result.score is not None
    with language("zh"):
        for level, word in (("I", "Ⅰ"), ("II", "Ⅱ"), ("III", "Ⅲ")):
            said = str(grade.outcome(replace(result.score, level=level), "2022")[0])  # type: ignore[arg-type]
            assert said.count(word) == 1, said


def test_a_long_text_that_rows_repeat_stands_once_below_them() -> None:
    result = pcb()
    with language("zh"):
        filled = worksheet("2-8", result.context)
        table_ = sheet_table(result, "2-8")
        assert isinstance(table_, Table)
        long = [str(cell.value) for row in filled.rows for cell in row if len(str(cell.value)) > 16 and cell.filled]
        text = max(set(long), key=long.count)
        assert long.count(text) >= 3
        printed = [cell for row in cells(table_) for cell in row]
        assert text not in printed
        assert printed.count("注 1") == long.count(text)
        assert f"注 1：{text}。" in [plain_text(note) for note in table_.notes]


def test_many_options_with_one_reason_are_given_by_their_numbers() -> None:
    with language("zh"):
        rows = cells(table(feasibility.blocks(pcb()), "table-recommended"))
        many = [row for row in rows if re.fullmatch(r"\d+ 个", row[0]) and int(row[0].split()[0]) > 6]
        assert many
        for row in many:
            assert len(row[1].split("、")) == int(row[0].split()[0])
            assert len(row[1]) < 200


def test_english_names_what_the_catalogue_knows() -> None:
    case = SHIPPED_CASES / "electroplating-demo"
    result = audit_case(read_case(case), inputs=read_inputs(case), today=DAY)
    with language("en"):
        rows = cells(sheet_table(result, "2-1"))  # type: ignore[arg-type]
        one = worksheet("2-4", result.context)
        names = {str(one.cell(at, "pollutant").value).casefold() for at in range(len(one.rows))}
        assert {"hydrogen chloride", "chromic acid mist", "nickel"} <= names, names
        assert not any("\u4e00" <= sign <= "\u9fff" for name in names for sign in name)
    with language("zh"):
        assert "总镍" in {str(one.cell(at, "pollutant").value) for at in range(len(one.rows))}
    with language("en"):
        assert ["Chongqing"] in [row[1:] for row in rows]


def test_notes_on_the_goals_are_said_once() -> None:
    with language("zh"):
        said = "".join(texts(pre_assessment.blocks(pcb())))
        notes = [str(note) for note in worksheet("2-12", pcb().context).notes]
        assert notes
        for note in notes:
            assert said.count(note) == 1, note

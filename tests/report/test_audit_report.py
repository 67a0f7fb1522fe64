"""The audit report: national chapter order, the same numbers in all files, what is missing said, pages that hold."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import docx
import pytest
from pypdf import PdfReader
from report_samples import made_result, pdf_text, squeezed, words_of
from typer.testing import CliRunner

from qingyuan.audit.inputs import Inputs
from qingyuan.audit.pipeline import run
from qingyuan.audit.result import AuditResult
from qingyuan.audit.worksheets import worksheet
from qingyuan.cli.main import app
from qingyuan.demo import SHIPPED_CASES
from qingyuan.facts.model import Profile
from qingyuan.language import Language, language
from qingyuan.report.audit_report import Version, audit_report
from qingyuan.report.chapters.sheets import context_of, sheet_table, turned
from qingyuan.report.numbers import figure_text, unit_text
from qingyuan.report.resolve import TABLE_PT, headings, least_width, plain_text, resolve, type_size
from qingyuan.report.tree import (
    Block,
    Column,
    Document,
    Form,
    Heading,
    LandscapeSection,
    Missing,
    PageTitle,
    Row,
    Table,
)
from qingyuan.report.writing import ReportFiles, write_files

TODAY = dt.date(2026, 11, 22)
NATIONAL = ("筹划与组织", "预评估", "评估", "方案产生和筛选", "可行性分析", "方案实施", "持续清洁生产")
PRE_ASSESSMENT = (
    "企业概况", "生产工艺与设备", "原辅材料、能源和水的消耗", "废水、废气、噪声与固体废物", "温室气体排放", "环境管理",
    "清洁生产水平评价", "差距与清洁生产潜力", "确定审核重点", "设置清洁生产目标", "提出和实施无/低费方案",
)  # fmt: skip


@pytest.fixture(scope="module")
def real() -> AuditResult:
    return run(SHIPPED_CASES / "pcb-plant-a", today=TODAY)


@pytest.fixture(scope="module")
def demo() -> AuditResult:
    return run(SHIPPED_CASES / "electroplating-demo", today=TODAY)


@pytest.fixture(scope="module")
def written(real: AuditResult, tmp_path_factory: pytest.TempPathFactory) -> ReportFiles:
    """The assessment version of the real plant's report: the one that is set and written."""
    return write_files(real, tmp_path_factory.mktemp("audit-report"), "zh", "assessment")


@pytest.fixture(scope="module")
def pages(written: ReportFiles) -> list[str]:
    """The words of its pages."""
    return [squeezed(page) for page in pdf_text(written.pdf.read_bytes())]


@pytest.fixture(scope="module")
def tree(real: AuditResult) -> Document:
    """The resolved tree of the same report."""
    return resolve(audit_report(real, "zh", "assessment"))


def blocks_of(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """All blocks, those on turned pages too."""
    for block in blocks:
        if isinstance(block, LandscapeSection):
            yield from blocks_of(block.blocks)
        else:
            yield block


def word_text(data: bytes) -> str:
    """All words of the body of a Word file."""
    body = docx.Document(io.BytesIO(data)).element.body
    return squeezed("".join(node.text or "" for node in body.iter() if node.tag.endswith("}t")))


# --- structure -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "count"), [("assessment", 5), ("acceptance", 7)])
def test_chapters_stand_in_the_national_order(real: AuditResult, version: Version, count: int) -> None:
    document = resolve(audit_report(real, "zh", version))
    chapters = [heading for heading in headings(document.blocks) if heading.level == 1]
    numbered = [str(heading.text) for heading in chapters if heading.number.startswith("第")]
    assert numbered == list(NATIONAL[:count])
    assert [str(heading.text) for heading in chapters if not heading.number] == ["前言", "摘要"]
    appendices = [heading.number for heading in chapters if heading.number.startswith("附录")]
    assert appendices == [f"附录 {letter}" for letter in "ABCDE"]
    assert str(document.edition) == ("（评估稿）" if version == "assessment" else "（验收稿）")


def test_pre_assessment_has_its_sections(tree: Document) -> None:
    sections = [str(one.text) for one in headings(tree.blocks) if re.fullmatch(r"2\.\d+", one.number)]
    assert sections == list(PRE_ASSESSMENT)


def test_pages_to_sign_stand_before_the_contents(tree: Document, pages: list[str]) -> None:
    titles = [str(block.text) for block in tree.blocks if isinstance(block, PageTitle)]
    assert titles == ["咨询服务机构与审核人员", "报告编写与审批"]
    signs = [block for block in tree.blocks if isinstance(block, Form)]
    assert [row[0] for row in signs[1].rows] == ["编写", "校核", "审核", "批准"]
    assert all(not any(row[1:]) for row in signs[1].rows)
    assert "清洁生产审核报告（评估稿）" in pages[0]
    assert "印制电路板厂A（匿名）（盖章）2026年11月" in pages[0]
    assert "编写" in pages[2]
    assert pages[3].find("目录") >= 0
    assert "咨询服务机构与审核人员" not in pages[3]  # pages to sign are not in the contents


def test_tables_and_figures_are_numbered_by_chapter(tree: Document) -> None:
    chapter, wrong = "", []
    for block in blocks_of(tree.blocks):
        if isinstance(block, Heading) and block.level == 1:
            found = NATIONAL.index(str(block.text)) + 1 if str(block.text) in NATIONAL else 0
            chapter = str(found) if block.number.startswith("第") else block.number[-1:]
        number = getattr(block, "number", "")
        if isinstance(block, Table) and chapter and not number.split("\N{NO-BREAK SPACE}")[1].startswith(f"{chapter}-"):
            wrong.append(number)
    assert not wrong


def test_tables_of_chapters_are_set_in_the_size_asked_for(tree: Document) -> None:
    """五号 wherever the words of a table fit its page, smaller only where they would break."""
    checked = 0
    for block in tree.blocks:
        if isinstance(block, Heading) and block.number.startswith("附录"):
            break
        if isinstance(block, Table) and block.number and "-" in block.number:
            fits = least_width(block, TABLE_PT) <= 453.5
            assert (type_size(block) == TABLE_PT) == fits, block.number
            checked += fits
    assert checked > 15


# --- the numbers -----------------------------------------------------------------------------------------------------


def test_figures_are_the_same_in_all_files(real: AuditResult, written: ReportFiles, pages: list[str]) -> None:
    pdf, word = "".join(pages), word_text(written.docx.read_bytes())
    record = json.loads(written.json.read_text(encoding="utf-8"))
    listed = {entry["key"]: entry for entry in record["figures"]}
    assert record["report"] == "assessment"
    checked = 0
    for figure in real.figures.figures:
        assert listed[figure.key]["value"] == figure.value
        if figure.period in real.years:
            text = squeezed(figure_text(figure))
            assert text in pdf, figure.key
            assert text in word, figure.key
            checked += 1
    assert checked > 100


def test_worksheets_stand_in_the_files_cell_by_cell(
    real: AuditResult, tree: Document, written: ReportFiles, pages: list[str]
) -> None:
    pdf, word = "".join(pages), word_text(written.docx.read_bytes())
    tables = {block.label: block for block in blocks_of(tree.blocks) if isinstance(block, Table)}
    compared = 0
    for id in ("1-2", "2-1", "2-2", "2-4", "2-5", "2-6", "2-7", "2-8", "2-10", "2-11", "2-12", "3-3", "3-4"):
        filled, table = worksheet(id, context_of(real)), tables[f"sheet-{id}"]
        assert len(table.rows) == len(filled.rows), id
        names = [squeezed(str(column.name)) for column in filled.columns]
        kept = [names.index(squeezed(str(column.header))) for column in table.columns]
        below = [plain_text(note).partition("：") for note in table.notes]
        noted = {mark: text.removesuffix("。") for mark, _, text in below if mark.startswith("注 ")}
        for row, cells in zip(table.rows, filled.rows, strict=True):
            assert isinstance(row, Row)
            for at, shown in zip(kept, row.cells, strict=True):
                text = plain_text(shown)
                value, key = cells[at].value, filled.columns[at].key
                nothing = not cells[at].filled or str(value) == "—" or (key == "unit" and not unit_text(str(value)))
                assert (text == "—") == nothing, (id, key, text)
                if cells[at].filled and not isinstance(value, float) and key != "unit":
                    printed_text = noted.get(text, text)  # a long text that many rows repeat stands once, below
                    assert squeezed(printed_text) == squeezed(str(value)), (id, key, text)
                if isinstance(value, float):
                    shown_value = float(text.replace(",", "").replace("−", "-").split("×")[0])
                    exponent = unicodedata.normalize("NFKC", text.split("×10")[1]) if "×10" in text else "0"
                    printed = shown_value * 10 ** int(exponent.replace("−", "-"))
                    assert printed == pytest.approx(value, rel=6e-4), id
                    compared += 1
                assert squeezed(text) in word, (id, text)
        assert squeezed(plain_text(table.rows[0].cells[0])) in pdf  # type: ignore[union-attr]
    assert compared > 300


def test_findings_stand_with_both_numbers_and_what_settles_them(real: AuditResult, tree: Document) -> None:
    table = next(one for one in blocks_of(tree.blocks) if isinstance(one, Table) and one.label == "table-findings")
    rows = [row for row in table.rows if isinstance(row, Row)]
    assert len(rows) == len(real.findings) > 20
    with language("zh"):
        for row, finding in zip(rows, real.findings, strict=True):
            assert squeezed(plain_text(row.cells[1])) == squeezed(str(finding.message))
            assert squeezed(plain_text(row.cells[4])) == squeezed(str(finding.settle))
            for side, cell in zip(finding.numbers[:2], row.cells[2:4], strict=False):
                assert squeezed(str(side.what)) in squeezed(plain_text(cell))
                for place in side.rows[:1]:
                    assert str(place.sheet or place.file) in plain_text(cell)
    order = [real.findings[at].weight for at in range(len(real.findings))]
    assert order == sorted(order, reverse=True)


# --- pages -----------------------------------------------------------------------------------------------------------


def test_the_report_has_a_sane_size(written: ReportFiles) -> None:
    reader = PdfReader(written.pdf)
    assert 60 <= len(reader.pages) <= 140
    assert written.pdf.stat().st_size < 8_000_000
    assert written.docx.stat().st_size < 3_000_000


def test_no_page_is_empty_and_nothing_leaves_its_margins(
    written: ReportFiles, tmp_path: Path, pages: list[str]
) -> None:
    for at, (width, height, words) in enumerate(words_of(written.pdf.read_bytes(), tmp_path), start=1):
        assert len(words) > 8, at
        left, right = min(word.left for word in words), max(word.right for word in words)
        assert left >= 25 * 72 / 25.4 - 7, (at, left)
        assert right <= width - 25 * 72 / 25.4 + 7, (at, right)
        assert max(word.bottom for word in words) < height - 20, at


def test_no_heading_stands_at_the_foot_of_a_page(written: ReportFiles, tmp_path: Path, tree: Document) -> None:
    texts = {squeezed(f"{one.number}{one.text}") for one in headings(tree.blocks) if one.level > 1}
    for at, (_, height, words) in enumerate(words_of(written.pdf.read_bytes(), tmp_path), start=1):
        body = [word for word in words if word.bottom < height - 60]
        lowest = max(body, key=lambda word: word.bottom, default=None)
        line = [word for word in body if lowest is not None and abs(word.bottom - lowest.bottom) < 2]
        assert squeezed("".join(word.text for word in line)) not in texts, (at, line)


def test_all_fonts_are_embedded(written: ReportFiles) -> None:
    checked = set()
    for page in PdfReader(written.pdf).pages:
        for reference in page["/Resources"].get("/Font", {}).values():
            font = reference.get_object()
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            descriptor = inner["/FontDescriptor"].get_object()
            assert any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")), font["/BaseFont"]
            checked.add(str(font["/BaseFont"]))
    assert len(checked) >= 2


def test_lines_of_the_body_stand_24_points_apart(written: ReportFiles, tmp_path: Path, pages: list[str]) -> None:
    at = next(at for at, page in enumerate(pages) if page.startswith(pages[5][:10]) and "本报告记录" in page)
    _, _, words = words_of(written.pdf.read_bytes(), tmp_path)[at]
    first = next(at for at, word in enumerate(words) if word.text.startswith("本报告记录"))
    tops = sorted({round(word.top, 1) for word in words[first : first + 40]})
    steps = [b - a for a, b in pairwise(tops) if b - a > 5]
    assert min(steps[:2]) >= 23.9


def test_word_styles_follow_the_official_sizes(written: ReportFiles) -> None:
    styles = docx.Document(io.BytesIO(written.docx.read_bytes())).styles
    wanted = {"heading 1": (16, True), "heading 2": (14, True), "heading 3": (14, True), "Table Text": (10.5, None)}
    for name, (size, bold) in wanted.items():
        style = next(one for one in styles if one.name.lower() == name.lower())
        assert style.font.size.pt == size, name
        assert style.font.bold == bold, name
    body = next(one for one in styles if one.name.lower() == "body text")
    assert body.paragraph_format.line_spacing.pt >= 24


# --- what is missing -------------------------------------------------------------------------------------------------


def test_empty_sections_say_what_is_missing_and_where_it_goes(tree: Document) -> None:
    missing = {str(block.what): block for block in blocks_of(tree.blocks) if isinstance(block, Missing)}
    assert any("工作表 1-1" in str(need) for need in missing["审核小组成员表"].needs)
    assert any("企业概况表" in str(need) for need in missing["宣传、教育与培训"].needs)
    assert any("“审核设置”" in str(need) for need in missing["审核的由来：强制性还是自愿性"].needs)
    assert any("生产废水" in str(need) for need in missing["使水平衡闭合还需要"].needs)
    for block in blocks_of(tree.blocks):
        if isinstance(block, Table):
            assert block.rows, block.caption
            assert any(plain_text(cell) != "—" for row in block.rows if isinstance(row, Row) for cell in row.cells)


def test_what_the_enterprise_wrote_stands_in_its_section(real: AuditResult) -> None:
    profile = replace(
        real.case.profile,
        details={**real.case.profile.details, "training": "三月培训两次。\n参加八十人。", "障碍与对策": "缺少计量表。"},
    )
    result = replace(real, case=replace(real.case, profile=profile))
    document = resolve(audit_report(result, "zh"))
    text = "".join(plain_text(getattr(block, "content", None)) for block in document.blocks)
    assert "三月培训两次。" in text
    assert "缺少计量表。" in text
    missing = [str(block.what) for block in document.blocks if isinstance(block, Missing)]
    assert "宣传、教育与培训" not in missing
    sheet = next(block for block in blocks_of(document.blocks) if getattr(block, "label", "") == "sheet-2-1")
    assert isinstance(sheet, Table)
    cells = [plain_text(row.cells[0]) for row in sheet.rows if isinstance(row, Row)]
    assert "training" not in cells
    assert "认证" in cells


def test_a_listed_case_shows_its_deadlines_and_duties(real: AuditResult) -> None:
    inputs = Inputs(listed_on=dt.date(2026, 3, 2), triggers=("T1",), jurisdiction="cn")
    document = resolve(audit_report(replace(real, inputs=inputs), "zh"))
    tables = {block.label: block for block in blocks_of(document.blocks) if isinstance(block, Table)}
    assert {"table-triggers", "table-deadlines", "table-disclosures"} <= set(tables)
    states = [plain_text(row.cells[4]) for row in tables["table-deadlines"].rows if isinstance(row, Row)]
    assert any("逾期" in state for state in states)
    later = replace(real, inputs=replace(inputs, listed_on=dt.date(2026, 9, 1)))
    words = [plain_text(row.cells[3]) for row in tables["table-triggers"].rows if isinstance(row, Row)]
    fresh = resolve(audit_report(later, "zh"))
    other = next(block for block in blocks_of(fresh.blocks) if getattr(block, "label", "") == "table-triggers")
    assert isinstance(other, Table)
    assert [plain_text(row.cells[3]) for row in other.rows if isinstance(row, Row)] != words  # the law changed


def test_a_result_without_anything_still_has_all_chapters() -> None:
    made = made_result()
    empty = replace(made, case=replace(made.case, facts=(), equipment=(), monitoring=(), options=(), places=(),
                                       profile=Profile()), score=None, answers=None, distance=None)  # fmt: skip
    for version in ("assessment", "acceptance"):
        document = resolve(audit_report(empty, "zh", version))
        chapters = [one for one in headings(document.blocks) if one.level == 1 and one.number.startswith("第")]
        assert len(chapters) == (5 if version == "assessment" else 7)
        assert sum(isinstance(block, Missing) for block in blocks_of(document.blocks)) > 8


def test_a_worksheet_that_is_not_needed_gives_its_reason(real: AuditResult) -> None:
    result = replace(real, inputs=Inputs(not_needed={"3-3": "没有实测"}))
    with language("zh"):
        assert "没有实测" in plain_text(str(sheet_table(result, "3-3").content))  # type: ignore[union-attr]


def test_only_wide_and_long_tables_are_turned() -> None:
    wide = Table("t", tuple(Column(str(n)) for n in range(10)), tuple(Row(("x",) * 10) for _ in range(30)))
    assert isinstance(turned(Heading(3, "h"), wide)[0], LandscapeSection)
    short = replace(wide, rows=wide.rows[:3])
    assert turned(Heading(3, "h"), short) == (Heading(3, "h"), short)


# --- English, demonstration, the command -----------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["assessment", "acceptance"])
def test_english_has_no_chinese_but_what_the_plant_wrote(demo: AuditResult, version: Version) -> None:
    document = resolve(audit_report(demo, "en", version))
    folder = SHIPPED_CASES / "electroplating-demo"
    own = "".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*")) if path.is_file())
    found = set()
    for block in blocks_of(document.blocks):
        texts = [getattr(block, name, "") for name in ("text", "caption", "what")]
        texts += [plain_text(getattr(block, "content", None))]
        texts += [str(need) for need in getattr(block, "needs", ())]
        if isinstance(block, Table):
            texts += [str(column.header) for column in block.columns]
            texts += [plain_text(note) for note in block.notes]
        for text in texts:
            left = text if isinstance(text, str) else plain_text(text)
            found |= {run for run in re.findall(r"[\u4e00-\u9fff]+", left) if run not in own}
    assert not found


@pytest.mark.parametrize("code", ["zh", "en"])
def test_a_demonstration_says_so(demo: AuditResult, code: Language) -> None:
    document = resolve(audit_report(demo, code))
    assert document.banner
    assert document.watermark


@pytest.mark.parametrize("kind", ["acceptance"])
def test_the_command_writes_the_report_that_is_asked_for(kind: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["audit", str(SHIPPED_CASES / "electroplating-demo"), "--report", kind, "--out", str(tmp_path), "--json"]
    )
    assert done.exit_code == 0, done.output
    text = "".join(squeezed(page) for page in pdf_text((tmp_path / "report.pdf").read_bytes())[:2])
    assert ("初步分析报告" if kind == "first" else "（验收稿）") in text
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))["report"] == kind


def test_an_unknown_report_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["audit", str(SHIPPED_CASES / "electroplating-demo"), "--report", "final"])
    assert done.exit_code == 2
    assert "assessment" in done.output

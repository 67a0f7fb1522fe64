"""A rich document and an audit result made by hand, and ways to read back what was written."""

from __future__ import annotations

import datetime as dt
import io
import re
import shutil
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from html import unescape
from pathlib import Path

import pytest
from pypdf import PdfReader

from qingyuan.audit.result import AuditResult
from qingyuan.errors import Location, Problem, Severity
from qingyuan.facts.model import (
    Basis,
    Case,
    Equipment,
    Fact,
    Monitoring,
    OptionRow,
    Place,
    Profile,
    State,
)
from qingyuan.figures.derivation import (
    Figure,
    FigureSet,
    Method,
    MissingFigure,
    from_coefficient,
    from_fact,
    total,
)
from qingyuan.figures.settings import Settings
from qingyuan.language import Name, message
from qingyuan.reference.records import Coefficient, Grade, Validity
from qingyuan.report import charts
from qingyuan.report.docx import docx_bytes
from qingyuan.report.numbers import Number
from qingyuan.report.pdf import pdf_bytes
from qingyuan.report.tree import (
    Appendices,
    BulletList,
    Callout,
    Column,
    Contents,
    Document,
    Formula,
    GroupRow,
    Heading,
    KeyValue,
    LandscapeSection,
    Missing,
    Paragraph,
    Reference,
    Row,
    Run,
    Table,
)
from qingyuan.report.tree import Figure as Picture
from qingyuan.standards.distance import gaps
from qingyuan.standards.loading import load
from qingyuan.standards.scoring import choose_table, score

HOSTILE = (
    '#eval("1+1") #panic() $x^2$ \\begin{a} *b* _c_ `d` @e <f> // g',
    "</w:t></w:r><w:r><w:t>x &amp; <script>alert(1)</script> ]]> &#0;",
    '</text><image href="file:///etc/passwd"/><text>',
    "https://example.org/" + "averyveryverylongpathwithoutanyplacetobreak" * 8,
    "W" * 400,
    "中" * 10_000,
    "x\u0000y\u0007z\u001b[31m\ud800\ufffe",
    "😀👨‍👩‍👧 ﷽ שלום עולם مرحبا \u202e12345\u202c",
    "line one\nline two\r\nline three\ttab",
    '{"json": [1, 2]} %s %d {0} {name} ${HOME}',
    "= heading\n- item\n+ item\n/ term: x",
)


def squeezed(text: str) -> str:
    """A text without blanks and soft breaks, for comparison of what was extracted."""
    return re.sub(r"[\s\u200b\u00ad]+", "", text)


def pdf_text(data: bytes) -> list[str]:
    """The text of each page of a PDF."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


@dataclass(frozen=True)
class Word:
    """A word of a page and its box in points."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def words_of(data: bytes, tmp_path: Path) -> list[tuple[float, float, list[Word]]]:
    """Width, height and words with their boxes of every page of a PDF; skips the test where poppler is absent."""
    if shutil.which("pdftotext") is None:
        pytest.skip("poppler-utils is not installed: no boxes of words")
    source = tmp_path / "boxes.pdf"
    source.write_bytes(data)
    done = subprocess.run(["pdftotext", "-bbox", str(source), "-"], capture_output=True, check=True)
    text = done.stdout.decode("utf-8", "replace")
    word_box = re.compile(r'<word xMin="(-?[\d.]+)" yMin="(-?[\d.]+)" xMax="(-?[\d.]+)" yMax="(-?[\d.]+)">(.*?)</word>')
    pages = []
    for found in re.finditer(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', text, re.DOTALL):
        words = [
            Word(unescape(word[5]), float(word[1]), float(word[2]), float(word[3]), float(word[4]))
            for word in word_box.finditer(found[3])
        ]
        pages.append((float(found[1]), float(found[2]), words))
    return pages


def sample_table(rows: int = 6, *, label: str = "table-sample", dense: bool = False) -> Table:
    """A table with every kind of column and row."""
    columns = (
        Column(message("序号"), align="center"),
        Column(Name("指标", "Indicator")),
        Column(message("数值"), "kWh/m2", align="decimal"),
        Column(message("限值"), "mg/L", align="right"),
        Column("Note"),
    )
    lines: list[Row | GroupRow] = [GroupRow(Name("生产工艺", "Process"))]
    lines += [
        Row(
            (
                str(number),
                ("单位产品电耗", Run("①", script="sup")),
                Number(number * 1.2345, digits=number % 4),
                Number(25, exact=True),
                None if number % 3 else Run("row-note", emphasis=True),
            ),
            emphasis=("", "bold", "muted", "alert")[number % 4],
        )
        for number in range(1, rows + 1)
    ]
    return Table("样表", columns, tuple(lines), notes=("第一条注。", "第二条注。"), dense=dense, label=label)


def sample_document(language: str = "zh", **changes: object) -> Document:
    """A document with every kind of block."""
    chart = charts.shares("分场所用电", "kWh", [("一车间", 311663.0), ("二车间", 829227.0)])
    blocks = (
        Heading(1, message("摘要"), numbered=False),
        Callout("结论。", tone="good", title="达到Ⅱ级"),
        Contents(),
        Heading(1, Name("企业概况", "The plant"), label="chapter-plant"),
        Heading(2, Name("基本情况", "Profile")),
        Paragraph(
            (
                "本厂见",
                Reference("table-sample"),
                "、",
                Reference("figure-sample"),
                "和",
                Reference("chapter-b"),
                "；CO",
                Run("2", script="sub"),
                "排放",
                Number(1060.123, "tCO2"),
                "。",
            )
        ),
        KeyValue((("企业", "某厂"), ("体系", ("甲", Run("乙", bold=True))))),
        BulletList(("一", "二")),
        BulletList(("first", "second"), ordered=True),
        BulletList(("again",), ordered=True),
        Missing("单位产品综合能耗", ("2022 年用电量", "分摊方法")),
        Formula("Y_k = sum_i w_i * x_i / n", (("w_i", "权重"),), label="formula-sample"),
        Heading(3, "小节"),
        Picture(message("分场所用电"), chart.svg, chart.alt, label="figure-sample"),
        sample_table(),
        LandscapeSection((Heading(2, "横向"), sample_table(4, label="table-wide", dense=True))),
        Heading(1, "第二个", label="chapter-b"),
        Paragraph("末段。"),
        Appendices(),
        Heading(1, "来源", label="appendix-a"),
        Heading(2, "方法"),
        sample_table(2, label="table-appendix"),
    )
    values: dict[str, object] = {
        "title": Name("测试报告", "Test report"),
        "subtitle": Name("某某厂", "Some plant"),
        "language": language,
        "date": dt.date(2026, 11, 22),
        "blocks": blocks,
        "cover": (("评价时段", "2022"),),
        "header": Name("测试报告", "Test report"),
        "subject": "subject",
        "keywords": ("清洁生产",),
        "publisher": "Qingyuan 清源",
        "notice": "小字。",
    }
    return Document(**{**values, **changes})  # type: ignore[arg-type]


@lru_cache(maxsize=1)
def sample_pdf() -> bytes:
    """The sample document as PDF."""
    return pdf_bytes(sample_document())


@lru_cache(maxsize=1)
def sample_docx() -> bytes:
    """The sample document as DOCX."""
    return docx_bytes(sample_document())


# --- an audit result made by hand ------------------------------------------------------------------------------------

ELECTRICITY = Coefficient(
    "test-electricity", Name("电力折标准煤系数", "Electricity coefficient"), 0.1229, "kgce/kWh", Grade.READ,
    "GB/T 2589-2020", "GB/T 2589-2020", Validity(dt.date(2021, 4, 1)),
)  # fmt: skip
FACTOR = Coefficient(
    "test-factor", Name("电力排放因子", "Grid factor"), 0.5366, "kgCO2/kWh", Grade.RECALLED, "remembered source",
    default=True,
)  # fmt: skip
METHOD = Method("test-energy", Name("综合能耗计算", "Comprehensive energy"), "E = sum e_i * k_i", "GB/T 2589-2020",
                "GB/T 2589-2020, 5.2", Grade.CITED, Validity(dt.date(2021, 4, 1)))  # fmt: skip
REMEMBERED = Method(
    "test-carbon", Name("碳核算", "Carbon account"), "C = A * F", "", "memory of a guide", Grade.RECALLED
)


def make_fact(item: str, year: str, value: float, unit: str, row: int, **more: object) -> Fact:
    """A fact of the plant, in row ``row`` of facts.csv."""
    values: dict[str, object] = {
        "plant": "p", "period": year, "item": item, "role": "consumed", "value": value, "unit": unit, "kind": "energy",
        "basis": Basis.STATISTICS, "label": item, "where": Location("facts.csv", row=row), "source": "台账",
    }  # fmt: skip
    return Fact(**{**values, **more})  # type: ignore[arg-type]


def make_case(**changes: object) -> Case:
    """A plant of three years with every kind of row."""
    facts = []
    for at, year in enumerate(("2020", "2021", "2022")):
        facts.append(make_fact("electricity", year, 1_000_000 + 33_333 * at, "kWh", 2 + 3 * at))
        facts.append(make_fact("electricity", year, 400_000.0, "kWh", 3 + 3 * at, place="一车间"))
        product = {"role": "produced", "kind": "product", "own_item": True, "label": "线路板"}
        facts.append(make_fact("board", year, 5_000.0 + at, "m2", 4 + 3 * at, **product))
    facts.append(make_fact("electricity", "2022", 600_000.0, "kWh", 12, place="二车间"))
    facts.append(make_fact("steam", "2022", None, "t", 13, state=State.NOT_APPLICABLE))  # type: ignore[arg-type]
    outlets = [
        Monitoring("p", "总排口", "COD", f"2022-0{month}-04", State.VALUE, 50.0 + 60 * month, "mg/L", "160")
        for month in (1, 2)
    ]
    outlets.append(Monitoring("p", "总排口", "pH", "2022-01-04", State.VALUE, 7.3, "", "6-9"))
    outlets.append(Monitoring("p", "总排口", "nickel", "2022-01-04", State.BELOW_DETECTION, 0.05, "mg/L", "0.5"))
    values: dict[str, object] = {
        "profile": Profile(
            plant="p", name="测试电路板厂", name_en="Test board plant", province="某省", industry_code="3982"
        ),
        "facts": tuple(facts),
        "places": (Place("一车间"), Place("二车间")),
        "monitoring": tuple(outlets),
        "equipment": (Equipment("一车间", "钻机", power_kw=5.5, count=4.0), Equipment("二车间", "烘箱", count=1.0)),
        "options": (OptionRow("R1", "逆流漂洗", investment=12.0, annual_saving=3.4),),
        "problems": (
            Problem("unit", message("没有密度"), Severity.WARNING, Location("facts.csv", row=7), "L", message("kg")),
            Problem("item", message("目录中没有“{name}”", name="某设备"), Severity.NOTE, Location("facts.csv", row=9)),
        ),
    }
    return Case(**{**values, **changes})  # type: ignore[arg-type]


def make_figures(case: Case) -> FigureSet:
    """Energy and carbon of three years, output by product, and what is missing."""
    figures = []
    for year in ("2020", "2021", "2022"):
        facts = [fact for fact in case.facts if fact.period == year and fact.value is not None]
        power = from_fact(next(fact for fact in facts if fact.item == "electricity" and not fact.place))
        coal = (power * from_coefficient(ELECTRICITY)).to("tce")
        carbon = (power * from_coefficient(FACTOR)).to("tCO2")
        output = from_fact(next(fact for fact in facts if fact.item == "board"))
        names = {
            "comprehensive-energy.equivalent": (
                Name("综合能耗（当量值）", "Comprehensive energy"),
                coal,
                METHOD,
                "energy",
                "",
            ),
            "electricity": (Name("用电量", "Electricity"), total([power]), METHOD, "energy", ""),
            "carbon-total": (Name("温室气体排放总量", "Greenhouse gases"), carbon, REMEMBERED, "carbon", ""),
            "product-output": (Name("产品产量", "Output"), output, METHOD, "materials", "board"),
        }
        figures += [
            Figure(id, name, year, term, method, group, product=product)
            for id, (name, term, method, group, product) in names.items()
        ]
    missing = tuple(
        MissingFigure(
            "water-reuse-rate", Name("水重复利用率", "Water reuse rate"), year, (message("重复利用水量"),), "water"
        )
        for year in ("2020", "2021", "2022")
    )
    return FigureSet(tuple(figures), missing)


@lru_cache(maxsize=1)
def made_result() -> AuditResult:
    """An audit result made by hand, graded on a complete table with limiting rows."""
    case = make_case()
    system = load("hazardous-waste-incineration-draft")
    table = choose_table(system)
    values: dict[str, object] = {}
    for at, row in enumerate(table.indicators()):
        bound = row.bounds.values[at % 3] if row.bounds is not None else None
        if row.quantitative:
            values[row.id] = float(bound) if isinstance(bound, Fraction) else 1.0
        else:
            values[row.id] = ("I", "II", "III", "none")[at % 4]
    graded = score(system, values, {}, table.id)
    return AuditResult(
        case=case,
        figures=make_figures(case),
        settings=Settings.from_profile(case.profile),
        generated_on=dt.date(2026, 11, 22),
        period="2022",
        score=graded,
        distance=gaps(graded),
        problems=case.problems,
        versions={"qingyuan": "0.1.0", "data": "abc"},
    )

"""The first report: what a reader finds in it, the same numbers in all three files, empty and odd cases."""

from __future__ import annotations

import ast
import datetime as dt
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import docx
import pytest
from pypdf import PdfReader
from report_samples import HOSTILE, made_result, make_case, make_fact, make_figures, pdf_text, squeezed

import qingyuan.report
from qingyuan.audit.pipeline import run
from qingyuan.audit.result import AuditResult
from qingyuan.errors import Location, Problem, Severity
from qingyuan.facts.model import Case, Monitoring, Place, Profile, State
from qingyuan.figures.derivation import FigureSet
from qingyuan.figures.settings import Settings
from qingyuan.language import Language, language, message
from qingyuan.report.docx import docx_bytes
from qingyuan.report.first_report import ReportFiles, figure_json, first_report, missing_json, result_json, write_report
from qingyuan.report.fonts import FontMissing
from qingyuan.report.numbers import figure_text
from qingyuan.report.pdf import pdf_bytes
from qingyuan.report.resolve import headings, resolve
from qingyuan.report.tree import Document, LandscapeSection, Missing, Table
from qingyuan.standards.distance import gaps
from qingyuan.standards.loading import load, systems
from qingyuan.standards.model import IndexSystem
from qingyuan.standards.reading import parse_toml, read_system
from qingyuan.standards.scoring import score


def docx_text(data: bytes) -> str:
    """All words of a Word file, heads and feet included."""
    document = docx.Document(io.BytesIO(data))
    pieces = ["".join(node.text or "" for node in document.element.body.iter() if node.tag.endswith("}t"))]
    for section in document.sections:
        for part in (section.header, section.footer, section.first_page_header):
            pieces.append("".join(node.text or "" for node in part._element.iter() if node.tag.endswith("}t")))
    return squeezed("".join(pieces))


@pytest.fixture(scope="module")
def real(pcb_plant: Path) -> AuditResult:
    return run(pcb_plant, today=dt.date(2026, 11, 22))


@pytest.fixture(scope="module")
def written(
    real: AuditResult, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ReportFiles, str, str, dict[str, object]]:
    """Files, words of the PDF, words of the Word file and the record of the real plant's report."""
    files = write_report(real, tmp_path_factory.mktemp("report") / "new" / "folder", "zh")
    pdf = squeezed("".join(pdf_text(files.pdf.read_bytes())))
    return files, pdf, docx_text(files.docx.read_bytes()), json.loads(files.json.read_text(encoding="utf-8"))


# --- the real plant --------------------------------------------------------------------------------------------------


def test_the_real_plant_has_a_report_of_a_sane_size(written: tuple[ReportFiles, str, str, dict[str, object]]) -> None:
    files = written[0]
    reader = PdfReader(files.pdf)
    assert 40 <= len(reader.pages) <= 110
    assert files.pdf.stat().st_size < 6_000_000
    assert files.docx.stat().st_size < 3_000_000


def test_key_figures_are_the_same_in_all_three_files(
    real: AuditResult, written: tuple[ReportFiles, str, str, dict[str, object]]
) -> None:
    _, pdf, word, record = written
    listed = {entry["key"]: entry for entry in record["figures"]}  # type: ignore[attr-defined,index]
    assert len(listed) == len(real.figures.figures)
    checked = 0
    for id in ("comprehensive-energy.equivalent", "electricity", "fresh-water", "carbon-total", "output-value"):
        figure = real.figures.find(id, period="2022")
        assert figure is not None, id
        text = squeezed(str(listed[figure.key]["text"]))
        assert text in pdf, (id, text)
        assert text in word, (id, text)
        assert listed[figure.key]["value"] == figure.value
        checked += 1
    assert checked == 5


def test_every_figure_of_the_graded_years_stands_in_both_files(
    real: AuditResult, written: tuple[ReportFiles, str, str, dict[str, object]]
) -> None:
    _, pdf, word, _ = written
    for figure in real.figures.figures:
        if figure.period in real.years:
            assert squeezed(figure_text(figure)) in pdf, figure.key
            assert squeezed(figure_text(figure)) in word, figure.key


def test_the_grade_and_its_indices_are_the_same_everywhere(
    real: AuditResult, written: tuple[ReportFiles, str, str, dict[str, object]]
) -> None:
    _, pdf, word, record = written
    assert real.score is not None
    assert record["score"]["level"] == real.score.level  # type: ignore[index]
    with language("zh"):
        name = squeezed(str(real.score.level_name))
    assert name in pdf
    assert name in word
    for row in real.score.rows:
        assert squeezed(str(row.indicator.name)) in word


def test_it_says_what_is_missing(real: AuditResult, written: tuple[ReportFiles, str, str, dict[str, object]]) -> None:
    _, pdf, _, record = written
    assert len(record["missing"]) == len(real.figures.missing) > 0  # type: ignore[arg-type]
    assert f"有{len(real.figures.missing)}个指标值因缺数据没有给出" in pdf
    assert real.score is not None
    assert real.score.no_data
    assert f"{len(real.score.no_data)}个指标没有数据" in pdf


def test_sources_reach_down_to_rows_of_the_file(written: tuple[ReportFiles, str, str, dict[str, object]]) -> None:
    _, pdf, word, record = written
    for text in ("facts.csv第2行", "GB/T2589-2020", "M1", "K1", "F1", "附录A每个数值的来源"):
        assert text in pdf, text
        assert text.replace("附录A", "") in word
    entry = next(one for one in record["figures"] if one["id"] == "electricity" and one["period"] == "2022")  # type: ignore[attr-defined,index]
    assert any(place.startswith("facts.csv:") for place in entry["facts"])


def test_the_real_plant_is_not_called_a_demonstration(written: tuple[ReportFiles, str, str, dict[str, object]]) -> None:
    assert "演示数据" not in written[1]
    assert written[3]["demo"] is False


def test_a_report_is_the_same_when_written_again(real: AuditResult) -> None:
    assert first_report(real, "zh") == first_report(real, "zh")


# --- a result made by hand -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["zh", "en"])
def test_chapters_stand_in_order(code: Language) -> None:
    found = [
        heading.number for heading in headings(resolve(first_report(made_result(), code)).blocks) if heading.level == 1
    ]
    if code == "zh":
        assert found == ["", "第一章", "第二章", "第三章", "第四章", "第五章", "第六章", "附录 A", "附录 B", "附录 C"]
    else:
        assert found[:3] == ["", "Chapter 1", "Chapter 2"]


def test_remembered_values_are_listed_for_comparison() -> None:
    text = squeezed("".join(pdf_text(pdf_bytes(first_report(made_result(), "zh")))))
    appendix = text[text.rindex("附录B须与原文核对的内容") :]
    assert "系数“电力排放因子”" in appendix
    assert "数值0.5366kgCO₂/kWh" in appendix
    assert "rememberedsource" in appendix
    assert "方法“碳核算”" in appendix
    assert "系数“电力折标准煤系数”" not in appendix  # read in the official text


def test_problems_are_listed_with_place_and_expectation() -> None:
    text = docx_text(docx_bytes(first_report(made_result(), "zh")))
    for words in ("没有密度", "facts.csv第7行", "目录中没有“某设备”"):
        assert words in text


def test_every_indicator_has_value_levels_and_points() -> None:
    result = made_result()
    assert result.score is not None
    document = resolve(first_report(result, "zh"))
    table = next(table for table in tables(document) if table.label == "table-indicators")
    rows = [row for row in table.rows if hasattr(row, "cells")]
    part = [row for row in result.score.rows if row.met not in ("n/a", "open")]
    assert len(rows) == len(part)
    for shown, row in zip(rows, part, strict=True):
        cells = ["".join(str(run.text) for run in cell) for cell in shown.cells]  # type: ignore[union-attr]
        assert cells[0].startswith(str(row.indicator.name))
        assert ("★" in cells[0]) == row.indicator.limiting
        for at, level in enumerate(("I", "II", "III")):
            points = row.points[level]  # type: ignore[index]
            if row.takes_part and points.exact:
                assert float(cells[8 + at]) == pytest.approx(float(points.low), abs=0.005)


def tables(document: Document) -> list[Table]:
    found = []
    for block in document.blocks:
        for inner in block.blocks if isinstance(block, LandscapeSection) else (block,):
            if isinstance(inner, Table):
                found.append(inner)
    return found


def test_demonstration_data_have_a_banner_on_every_page(tmp_path: Path) -> None:
    result = replace(made_result(), case=make_case(profile=Profile(name="演示厂", grade="demo")))
    files = write_report(result, tmp_path, "zh")
    for page in pdf_text(files.pdf.read_bytes()):
        assert "演示数据：不得用于申报或评审" in squeezed(page)
    word = docx.Document(str(files.docx))
    assert all("演示数据" in "".join(p.text for p in head.paragraphs) for head in (
        word.sections[0].header, word.sections[0].first_page_header,
    ))  # fmt: skip
    assert json.loads(files.json.read_text(encoding="utf-8"))["demo"] is True


def test_an_empty_case_says_what_is_missing(tmp_path: Path) -> None:
    case = Case(Profile(), ())
    result = AuditResult(case, FigureSet(()), Settings(), dt.date(2026, 11, 22))
    files = write_report(result, tmp_path, "zh")
    text = squeezed("".join(pdf_text(files.pdf.read_bytes())))
    for words in (
        "没有评定清洁生产水平",
        "产量与产值",
        "监测结果",
        "未填写企业名称",
        "没有算出指标值",
        "温室气体排放量",
    ):
        assert words in text, words
    missing = [block for block in first_report(result, "zh").blocks if isinstance(block, Missing)]
    assert len(missing) >= 8
    assert all(block.needs for block in missing)
    assert json.loads(files.json.read_text(encoding="utf-8"))["figures"] == []


OLDER = """
id = "older"
title = "旧体系"
source = "试验"
verification = "read"
scheme = "benchmark"
[grading]
I = { index = "P", min = 90 }
II = { index = "P", min = 80 }
weights = { P1 = 0.6, P2 = 0.4 }
cap = 1.2
[[tables]]
id = "t"
name = "表"
[[tables.groups]]
id = "q"
name = "定量"
weight = 0.5
[[tables.groups.indicators]]
id = "energy"
name = "能耗"
kind = "quantitative"
unit = "kgce/t"
better = "lower"
weight = 1
benchmark = 100
[[tables.groups]]
id = "f"
name = "定性"
weight = 0.5
[[tables.groups.indicators]]
id = "ems"
name = "体系"
kind = "qualitative"
weight = 1
benchmark = "建立"
"""


def system_of(scheme: str) -> IndexSystem:
    if scheme == "benchmark":
        return read_system(parse_toml(OLDER))
    return load(next(one.id for one in systems() if one.scheme == scheme and one.tables))


@pytest.mark.parametrize("scheme", ["levels", "benchmark", "lead-base-linear", "pass-fail"])
def test_every_scheme_of_scoring_has_its_report(scheme: str) -> None:
    system = system_of(scheme)
    table = system.main_tables()[0]
    values: dict[str, object] = {}
    for at, row in enumerate(table.indicators()):
        values[row.id] = (80.0 if row.quantitative else "I", None, "n/a")[at % 3]
    graded = score(system, values, {}, table.id)
    result = replace(made_result(), score=graded, distance=gaps(graded), answers=None)
    shown = squeezed("".join(pdf_text(pdf_bytes(first_report(result, "zh")))))
    for row in graded.rows:
        assert squeezed(str(row.indicator.name)) in shown
    json.dumps(result_json(result), allow_nan=False)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_data_of_a_plant(text: str, tmp_path: Path) -> None:
    case = make_case(
        profile=Profile(name=text[:300], name_en=text[:300], details={text[:40]: text}),
        facts=tuple(
            make_fact(text[:80], "2022", 1.0, "kWh", row, label=text, source=text, note=text, place=text[:60])
            for row in range(2, 5)
        ),
        places=(Place(text[:60]),),
        monitoring=(Monitoring("p", text[:60], text[:60], "2022-01-01", State.VALUE, 1.0, "mg/L", text[:60]),),
    )
    problems = (
        Problem("x", message("{text}", text=text), Severity.ERROR, Location(text[:60]), text, message("{a}", a=text)),
    )
    result = replace(
        made_result(), case=case, figures=make_figures(make_case()), problems=problems, score=None, distance=None
    )
    files = write_report(result, tmp_path, "zh")
    assert len(PdfReader(files.pdf).pages) > 5
    assert docx.Document(str(files.docx)).paragraphs
    json.loads(files.json.read_text(encoding="utf-8"))


def test_nothing_is_written_without_a_font(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from qingyuan.report import writing as module

    def fail() -> None:
        raise FontMissing

    monkeypatch.setattr(module, "ensure_fonts", fail)
    with pytest.raises(FontMissing):
        write_report(made_result(), tmp_path / "out", "zh")
    assert not (tmp_path / "out").exists()


def test_keys_of_the_record_that_stay() -> None:
    record = result_json(made_result())
    assert {"findings", "figures", "missing", "score", "distance", "options", "files", "period", "years"} <= set(record)
    figure = figure_json(made_result().figures.figures[0])
    assert {
        "id",
        "value",
        "unit",
        "sd",
        "period",
        "product",
        "place",
        "method",
        "edition",
        "grade",
        "key",
        "text",
    } <= set(figure)
    assert {"id", "name", "period", "needs"} <= set(missing_json(made_result().figures.missing[0]))
    option = record["options"][0]  # type: ignore[index]
    assert option["investment_10k_cny"] == 12.0


def test_what_is_no_number_is_nothing_in_the_record() -> None:
    figure = made_result().figures.figures[0]
    broken = replace(figure, term=replace(figure.term, value=float("inf"), spread={"a": float("nan")}))
    record = figure_json(broken)
    assert record["value"] is None
    assert record["sd"] is None
    assert record["text"] == "无法计算"


def test_the_record_is_in_the_language_asked_for(tmp_path: Path) -> None:
    files = write_report(made_result(), tmp_path, "en")
    names = {entry["name"] for entry in json.loads(files.json.read_text(encoding="utf-8"))["figures"]}
    assert "Comprehensive energy" in names


def test_figures_print_with_one_function() -> None:
    """No chapter and no writer formats numbers of its own."""
    folder = Path(next(iter(qingyuan.report.__path__)))
    # svg, sankey_chart: coordinates of paths; docx_parts: sizes of type
    allowed = {"numbers.py", "svg.py", "sankey_chart.py", "docx_parts.py"}
    wanted = re.compile(r"^[^a-zA-Z]*[,.]?\d*\.?\d*[fgeEGn%]$")
    for path in sorted(folder.rglob("*.py")):
        if path.name in allowed:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FormattedValue) and node.format_spec is not None:
                spec = "".join(str(part.value) for part in node.format_spec.values if isinstance(part, ast.Constant))  # type: ignore[attr-defined]
                assert not wanted.match(spec), (path.name, spec)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "round" or path.name in ("docx.py", "docx_xml.py", "pdf.py"), path.name

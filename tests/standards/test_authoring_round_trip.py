"""Nothing is lost between a system, its TOML text and its Excel form: every shipped system, and random ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from index_system_strategies import documents

from qingyuan.language import LANGUAGES, Language, language
from qingyuan.standards import IndexSystem, load, systems
from qingyuan.standards.authoring import read_form, to_toml, write_form
from qingyuan.standards.authoring.form import form_of
from qingyuan.standards.authoring.layout import COLUMNS, DOCUMENT_SECTIONS, HEAD_FIELDS
from qingyuan.standards.authoring.read import understand
from qingyuan.standards.reading import parse_toml, read_system
from qingyuan.standards.toml_writer import to_data

SHIPPED = [summary.id for summary in systems(Path("/nonexistent"))]
# Text that a file or a cell may spoil: quotes, backslashes, line ends, formula signs, leading blanks.
AWKWARD = st.sampled_from(
    [
        '引号"与\\反斜杠',
        "第一行\n第二行\n",
        "=1+1",
        "+86",
        "-20",
        "@x",
        "'单引号",
        "a;b；c、d",
        '"""',
        "tab\there",
        "  缩进",
        "é漢😀",
    ]
)


def bare(system: IndexSystem) -> IndexSystem:
    return replace(system, file="")


@pytest.mark.parametrize("id", SHIPPED)
def test_a_shipped_system_as_toml(id: str) -> None:
    system = load(id)
    again = read_system(parse_toml(to_toml(system)), shipped=True)
    assert again == bare(system)


IN_ENGLISH = ["printed-circuit-board-undated", "green-factory-2025", "eco-industrial-park-2015"]


@pytest.mark.parametrize(("id", "code"), [*((id, "zh") for id in SHIPPED), *((id, "en") for id in IN_ENGLISH)])
def test_a_shipped_system_through_the_form_and_toml(id: str, code: Language, tmp_path: Path) -> None:
    system = load(id)
    path = tmp_path / "form.xlsx"
    write_form(path, system=system, language=code)
    reading = read_form(path)
    assert reading.problems == ()
    assert reading.system is not None
    assert bare(reading.system) == bare(system)
    assert read_system(parse_toml(to_toml(reading.system)), shipped=True) == bare(system)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(documents(shared=("count", "equal", "output")), st.data())
def test_random_systems_through_form_and_toml(document: dict[str, Any], data: st.DataObject) -> None:
    _decorate(document, data)
    system = read_system(document, shipped=True)
    assert read_system(parse_toml(to_toml(system)), shipped=True) == system
    with language(data.draw(st.sampled_from(LANGUAGES))):
        reading = understand(form_of(system))
    assert [str(problem) for problem in reading.problems] == []
    assert reading.system == system


def _decorate(document: dict[str, Any], data: st.DataObject) -> None:
    """Give a random document awkward texts, English that differs by place, entries and the rarer keys."""
    document["note"] = data.draw(AWKWARD)
    document["issued_by"] = data.draw(
        st.lists(AWKWARD.map(str.strip).filter(lambda text: "\n" not in text), max_size=2)
    )
    document["entry"] = {"entered_by": "甲"}
    document["scope"] = "park"
    if data.draw(st.booleans()):
        document["grading"]["level_names"] = {"I": "先进", "II": "准入", "II_en": "Access"}
    for table in document["tables"]:
        table["note"] = data.draw(AWKWARD)
        for group in table["groups"]:
            group["note"] = data.draw(AWKWARD)
            for row in group["indicators"]:
                row["definition"] = data.draw(AWKWARD)
                row["name_en"] = data.draw(st.sampled_from(["Row", "Line"]))
                if row["kind"] == "qualitative" and data.draw(st.booleans()):
                    row["levels_en"] = {"I": data.draw(st.sampled_from(["first", "best"]))}


def test_a_form_written_twice_is_read_the_same(tmp_path: Path) -> None:
    first, second = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    write_form(first, system=load("electroplating-2015"))
    once = read_form(first).system
    assert once is not None
    write_form(second, system=once, language="en")
    again = read_form(second).system
    assert again is not None
    assert bare(again) == bare(once)


def test_published_signs_and_merged_cells_stand_in_the_form(tmp_path: Path) -> None:
    path = tmp_path / "form.xlsx"
    write_form(path, system=load("electroplating-2015"))
    sheet = openpyxl.load_workbook(path)["表1 综合电镀"]
    values = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert {"≤8", "≤24", "≤40", "≥82", "0.8/n", "*"} <= values
    merged = {str(area) for area in sheet.merged_cells.ranges}
    headings = {sheet.cell(8 + 2, column).value: column for column in range(1, 20)}
    assert {"一级指标", "二级权重", "Ⅰ级基准值", "即时核对"} <= set(headings)
    assert "B11:B14" in merged  # the first group spans its four rows
    assert "I11:J11" in merged  # one requirement for levels II and III


def test_toml_of_a_system_reads_like_the_shipped_files() -> None:
    text = to_toml(load("zero-carbon-park-2025"))
    assert text.startswith('id = "zero-carbon-park-2025"\n')
    assert "\n[[tables.groups.indicators]]\n" in text
    assert 'scheme = "benchmark"\nscoring = "pass-fail"\n' in text
    assert "benchmark = 0.2\n" in text


def test_every_word_of_the_form_has_both_languages_and_choices_fit_a_drop_down() -> None:
    columns = [(column.name, column.hint, column.choices) for column in COLUMNS]
    fields = [(field.name, field.hint, field.choices) for part in DOCUMENT_SECTIONS for field in part.fields]
    fields += [(field.name, field.hint, field.choices) for field in HEAD_FIELDS]
    for name, hint, choices in (*columns, *fields):
        assert name.zh
        assert name.en
        assert bool(hint.zh) == bool(hint.en), name
        for code in LANGUAGES:
            with language(code):
                words = [str(choice.name) for choice in choices]
            assert not any("," in word for word in words), "a comma parts the entries of a drop-down"
            assert len(",".join(words)) <= 255


def test_all_keys_of_the_document_have_a_place_in_the_form() -> None:
    """A key that the writer of TOML knows and the form does not would be lost silently."""
    data = to_data(load("hazardous-waste-incineration-draft-later"))
    assert data["applicability"]["report_valid_years"] == 2
    reading = understand(form_of(load("hazardous-waste-incineration-draft-later")))
    assert reading.system is not None
    assert to_data(reading.system) == data

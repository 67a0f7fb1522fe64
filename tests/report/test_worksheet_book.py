"""The workbook of worksheets: cell by cell what the report prints, typed, safe, printable, and it says where from."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.cell.cell import Cell as ExcelCell

from qingyuan.audit.phases import worksheet_ids
from qingyuan.audit.pipeline import audit_case, run
from qingyuan.audit.record import AuditRecord
from qingyuan.audit.record_sheets import read_mark
from qingyuan.audit.result import AuditResult
from qingyuan.audit.worksheets import worksheet
from qingyuan.demo import SHIPPED_CASES
from qingyuan.errors import UnknownName
from qingyuan.facts import read_case
from qingyuan.language import Language, language
from qingyuan.report.chapters.sheets import sheet_table
from qingyuan.report.numbers import Number, format_number
from qingyuan.report.tree import Missing, Paragraph, Table
from qingyuan.report.worksheet_book import number_format, write_worksheets

LANGUAGES: tuple[Language, ...] = ("zh", "en")
CASES = ("pcb-plant-a", "electroplating-demo", "hazardous-waste-incineration-demo")
Shown = dict[str, list[list[str]]]


@pytest.fixture(scope="module", params=CASES)
def result(request: pytest.FixtureRequest) -> AuditResult:
    return run(SHIPPED_CASES / request.param)


@pytest.fixture(scope="module")
def zh(result: AuditResult, tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    return opened(write_worksheets(result, tmp_path_factory.mktemp("book") / "w.xlsx", "zh"))


def opened(path: Path) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return openpyxl.load_workbook(path)


def displayed(cell: ExcelCell) -> str:
    """A cell as Excel shows it, for the number formats that the workbook uses; an unknown one fails."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    form = cell.number_format.partition(";")[0]
    sign = "−" if value < 0 else ""
    if match := re.fullmatch(r"0(\.(0+))?E\+00", form):
        mantissa, exponent = f"{abs(value):.{len(match[2] or '')}e}".split("e")
        return f"{sign}{mantissa}E{int(exponent)}"
    match = re.fullmatch(r"(#,##)?0(\.(0+))?", form)
    assert match, cell.number_format
    # Excel rounds half away from zero, on the fifteen digits that it keeps
    kept = Decimal(f"{abs(value):.15g}").quantize(Decimal(1).scaleb(-len(match[3] or "")), ROUND_HALF_UP)
    text = f"{kept:{',' if match[1] else ''}f}"
    return f"{sign}{text}"


def printed(content: object) -> str:
    """A cell as the report prints it; a power of ten as the workbook writes it."""
    if content is None:
        return ""
    text = format_number(content) if isinstance(content, Number) else str(content)
    if isinstance(content, Number) and "×10" in text:
        mantissa, _, power = text.partition("×10")
        return f"{mantissa}E{int(power.translate(str.maketrans('⁰¹²³⁴⁵⁶⁷⁸⁹⁻', '0123456789-')))}"
    return text


def marks_below(table: Table) -> dict[str, str]:
    """What the marks in a table stand for: a long text that many cells repeat is printed once, below it."""
    found = (re.fullmatch(r"((?:注|Note) \d+)[：:] ?(.+)[。.]", str(note)) for note in table.notes)
    return {match[1]: match[2] for match in found if match}


def rows_of(book: openpyxl.Workbook, id: str) -> tuple[list[str], list[list[ExcelCell]]]:
    """The headings and the filled rows of one worksheet."""
    for page in book.worksheets:
        marks = {c.column: m[1] for c in page[4] if (m := read_mark(c.value)) and m[0] == id}
        if marks:
            columns = [column for column, key in marks.items() if not key.startswith("#")]
            heads = [str(page.cell(5, column).value) for column in columns]
            rows = [
                [page.cell(row, column) for column in columns]
                for row in range(6, page.max_row + 1)
                if page.cell(row, 1).value
            ]
            return heads, rows
    raise KeyError(id)


@pytest.mark.parametrize("code", LANGUAGES)
def test_workbook_and_report_agree_cell_by_cell(
    result: AuditResult, zh: openpyxl.Workbook, code: Language, tmp_path: Path
) -> None:
    book = zh if code == "zh" else opened(write_worksheets(result, tmp_path / "w.xlsx", code))
    compared = 0
    with language(code):
        for id in worksheet_ids():
            table = sheet_table(result, id)
            heads, rows = rows_of(book, id)
            if isinstance(table, Missing | Paragraph):
                assert not rows or worksheet(id, result).reason
                continue
            assert isinstance(table, Table)
            names = [str(column.header) for column in table.columns]
            kept = [at for at, head in enumerate(heads) if head in names]
            assert [heads[at] for at in kept] == names
            left_out = [at for at in range(len(heads)) if at not in kept]
            assert len(rows) >= len(table.rows)
            below = marks_below(table)
            for row, of_report in zip(rows, table.rows, strict=False):
                cells = [printed(content) for content in of_report.cells]
                assert [displayed(row[at]) for at in kept] == [below.get(cell, cell) for cell in cells]
                compared += len(kept)
            assert all(displayed(row[at]) == "" for row in rows[: len(table.rows)] for at in left_out)
    assert compared > 300


def test_numbers_are_numbers_and_keep_their_digits(result: AuditResult, zh: openpyxl.Workbook) -> None:
    count = 0
    for id in worksheet_ids():
        filled = worksheet(id, result)
        for row, cells in zip(rows_of(zh, id)[1], filled.rows, strict=True):
            for shown, cell in zip(row, cells, strict=True):
                if isinstance(cell.value, float):
                    if shown.value != cell.value:  # half a last digit, which Excel would round the other way
                        half = Decimal(1).scaleb(Decimal(str(shown.value)).as_tuple().exponent) / 2
                        assert abs(Decimal(str(shown.value)) - Decimal(format(cell.value, ".15g"))) == half
                    assert shown.data_type == "n"
                    count += 1
    assert count > 30


def test_the_index_names_every_sheet_and_what_it_lacks(result: AuditResult, zh: openpyxl.Workbook) -> None:
    for code, book in (("zh", zh),):
        index = book.worksheets[0]
        listed = {str(row[0].value): row for row in index.iter_rows(min_row=5) if row[0].value}
        for id in worksheet_ids():
            row = listed[id]
            assert row[1].hyperlink is not None
            target = row[1].hyperlink.location.partition("!")[0].strip("'").replace("''", "'")
            assert target in book.sheetnames
            with language(code):
                filled = worksheet(id, result)
                assert (row[3].value == 1) == (filled.share == 1)
                if filled.missing:
                    assert str(filled.missing[0]) in str(row[4].value)
        assert len([name for name in book.sheetnames if not name.startswith("_")]) == 42


def test_print_set_up_panes_and_protection(zh: openpyxl.Workbook) -> None:
    for page in zh.worksheets[1:42]:
        assert page.page_setup.paperSize == 9
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert page.page_setup.fitToHeight == 0
        assert page.print_title_rows == "$5:$5"
        assert page.freeze_panes == "C6"
        assert page.protection.sheet
        assert page.cell(5, 2).font.name == "Microsoft YaHei"
        assert page.column_dimensions["A"].hidden
        assert page.row_dimensions[4].hidden
    team = next(page for page in zh.worksheets if page.title.startswith("1-1"))
    assert not team["B7"].protection.locked


def test_invented_data_say_so_on_every_sheet(result: AuditResult, zh: openpyxl.Workbook) -> None:
    assert result.demo == (result.case.profile.plant != "pcb-plant-a")
    for page in zh.worksheets[:42]:
        words = "演示数据" in str(page.oddHeader.center.text)
        assert words == result.demo
        assert any("演示数据" in str(c.value) for row in page["A1:E6"] for c in row) == result.demo


def test_every_cell_says_where_it_comes_from(result: AuditResult, zh: openpyxl.Workbook) -> None:
    """Colours differ by origin; figures name their key and the grade of what they rest on, facts their row."""
    colours: dict[str, set[str]] = {}
    for id in worksheet_ids():
        filled = worksheet(id, result)
        for row, cells in zip(rows_of(zh, id)[1], filled.rows, strict=True):
            for at, (shown, cell) in enumerate(zip(row, cells, strict=True)):
                origin = cell.origin if cell.filled else ("missing" if not filled.columns[at].optional else "blank")
                colours.setdefault(origin, set()).add(shown.fill.fgColor.rgb)
                if cell.origin in ("fact", "figure") and cell.ref and cell.filled:
                    assert cell.ref in shown.comment.text
    assert all(len(found) == 1 for found in colours.values())
    assert len({next(iter(colours[key])) for key in ("fact", "figure", "computed", "fixed", "missing")}) == 5


HOSTILE = ("=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", '=HYPERLINK("http://x","y")', "http://example.org")


def test_hostile_text_is_never_a_formula(tmp_path: Path) -> None:
    case = read_case(SHIPPED_CASES / "pcb-plant-a")
    case = replace(
        case,
        profile=replace(case.profile, name=HOSTILE[0], details={"address": HOSTILE[4]}),
        equipment=tuple(replace(machine, name=HOSTILE[at % 6]) for at, machine in enumerate(case.equipment)),
    )
    from qingyuan.audit.inputs import inputs_of

    record = AuditRecord({}, {"1-1": tuple({"name": text} for text in HOSTILE)})
    result = audit_case(case, inputs=inputs_of(record))
    book = opened(write_worksheets(result, tmp_path / "w.xlsx", "zh"))
    cells: Iterator[ExcelCell] = (cell for page in book.worksheets for row in page.iter_rows() for cell in row)
    seen = [cell for cell in cells if cell.value in HOSTILE]
    assert len(seen) > 20
    assert all(cell.data_type == "s" for cell in seen)
    assert all(cell.hyperlink is None or cell.hyperlink.location for page in book for row in page for cell in row)


def test_one_sheet_alone_and_unknown_ones(tmp_path: Path) -> None:
    result = run(SHIPPED_CASES / "electroplating-demo")
    book = opened(write_worksheets(result, tmp_path / "w.xlsx", "zh", only=("2-6",)))
    assert len([name for name in book.sheetnames if not name.startswith("_")]) == 2
    with pytest.raises(UnknownName):
        write_worksheets(result, tmp_path / "w.xlsx", "zh", only=("9-9",))


@pytest.mark.parametrize(
    ("text", "form"),
    [("1,234.50", "#,##0.00"), ("12", "0"), ("0.012", "0.000"), ("−1,234", "#,##0"), ("1.235×10⁻⁵", "0.000E+00")],
)
def test_number_formats(text: str, form: str) -> None:
    assert number_format(text) == f'{form};"−"{form}'

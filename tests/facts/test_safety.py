"""Hostile and broken workbooks are refused with a word, quickly, without being loaded."""

from __future__ import annotations

import io
import random
import re
import zipfile
import zlib

import hostile
import pytest
import xlsxwriter

from qingyuan.errors import InputError
from qingyuan.facts import safety, sheetscan
from qingyuan.facts.safety import inspect


def refused(data: bytes) -> str:
    with pytest.raises(InputError) as caught:
        inspect(data, "plant.xlsx")
    (problem,) = caught.value.problems
    assert problem.where.file == "plant.xlsx"
    assert str(problem)
    return problem.code


def test_an_ordinary_workbook_passes() -> None:
    found = inspect(hostile.workbook(), "plant.xlsx")
    assert [sheet.name for sheet in found.sheets] == ["明细"]
    assert found.sheets[0].scan.cells == 10
    assert not found.stale


def test_files_that_are_no_workbook() -> None:
    assert refused(b"") == "workbook-empty"
    assert refused("时段,项目\n".encode()) == "workbook-not-a-workbook"
    assert refused(b"<html><table></table></html>") == "workbook-not-a-workbook"
    assert refused(hostile.pack({"a.txt": "x"})) == "workbook-not-a-workbook"
    assert refused(b"PK\x03\x04 then nothing") == "workbook-damaged"


def test_other_formats_are_named() -> None:
    assert refused(hostile.pack({"mimetype": "x", "content.xml": "<x/>"})) == "workbook-old-format"
    assert refused(hostile.workbook(**{"xl__workbook.bin": b"x"})) == "workbook-old-format"
    assert refused(safety._OLE + b"\x00" * 600) == "workbook-old-format"


def test_encrypted() -> None:
    assert refused(safety._OLE + "EncryptedPackage".encode("utf-16-le")) == "workbook-encrypted"
    data = bytearray(hostile.workbook())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.find(mark)
        while start >= 0:
            data[start + offset] |= 1
            start = data.find(mark, start + 4)
    assert refused(bytes(data)) == "workbook-encrypted"


def test_macros_and_active_content() -> None:
    assert refused(hostile.workbook(xl__vbaProject_bin=b"x", **{"xl__vbaProject.bin": b"x"})) == "workbook-macros"
    assert refused(hostile.workbook(**{"xl__macrosheets__sheet1.xml": "<x/>"})) == "workbook-macros"
    assert refused(hostile.workbook(**{"xl__activeX__activeX1.bin": b"x"})) == "workbook-active-content"
    assert refused(safety._OLE + "_VBA_PROJECT".encode("utf-16-le")) == "workbook-macros"
    types = hostile.CONTENT_TYPES.replace("spreadsheetml.sheet.main", "ms-excel.sheet.macroEnabled.main")
    assert refused(hostile.workbook(**{"[Content_Types].xml": types})) == "workbook-macros"


def test_links_to_other_files_and_programs() -> None:
    link = '<externalLink xmlns="x"><externalBook/></externalLink>'
    dde = '<externalLink xmlns="x"><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
    assert refused(hostile.workbook(**{"xl__externalLinks__externalLink1.xml": link})) == "workbook-external-links"
    assert refused(hostile.workbook(**{"xl__externalLinks__externalLink1.xml": dde})) == "workbook-dde"
    row = '<row r="1"><c r="A1"><f>cmd|\'/c calc\'!A0</f><v>0</v></c></row>'
    assert refused(hostile.workbook(row)) == "workbook-dde"
    assert refused(hostile.workbook(row.replace("<c ", "<c\t"))) == "workbook-dde"


@pytest.mark.parametrize("damage", ["truncated", "flipped", "missing sheet", "not xml"])
def test_damage(damage: str) -> None:
    whole = hostile.workbook()
    data = {
        "truncated": whole[: len(whole) // 2],
        "flipped": whole.replace(b"PK\x05\x06", b"PK\x00\x00"),
        "missing sheet": hostile.pack({k: v for k, v in hostile.parts("x").items() if k != "xl/worksheets/sheet1.xml"}),
        "not xml": hostile.workbook("<row><c r='A1'><v>1</row>"),
    }[damage]
    assert refused(data) == "workbook-damaged"


def test_crc_and_doubled_entries() -> None:
    stored = hostile.pack(hostile.parts(hostile.sheet(hostile.PLAIN_ROWS)), zipfile.ZIP_STORED)
    assert refused(stored.replace(b"<v>12.5</v>", b"<v>99.5</v>")) == "workbook-damaged"
    stream = io.BytesIO(hostile.workbook())
    with zipfile.ZipFile(stream, "a") as package, pytest.warns(UserWarning, match="Duplicate"):
        package.writestr("xl/worksheets/sheet1.xml", hostile.sheet(""))
    assert refused(stream.getvalue()) == "workbook-damaged"


def test_zip_bombs() -> None:
    zeros = hostile.sheet("<row>" + " " * 30_000_000 + "</row>")
    assert refused(hostile.pack(hostile.parts(zeros))) == "workbook-zip-bomb"
    many = {f"x{index}": b"" for index in range(safety.MAX_ENTRIES + 1)}
    assert refused(hostile.pack(hostile.parts(hostile.sheet(""), **many))) == "workbook-zip-bomb"


def test_a_zip_that_lies_about_its_size() -> None:
    name = "xl/worksheets/sheet1.xml"
    real = hostile.sheet("<row>" + " " * 8_000_000 + "</row>").encode()
    lie = hostile.lying_zip(name, real, 100, zlib.crc32(real[:100]), hostile.parts(""))
    with zipfile.ZipFile(io.BytesIO(lie)) as package:
        assert package.getinfo(name).file_size == 100
    assert refused(lie) == "workbook-zip-bomb"


def test_overlapping_entries() -> None:
    # One packed body that many entries of the directory point at, as in the known "flat" bombs.
    data = hostile.workbook(**{"xl__media__a.bin": random.Random(1).randbytes(200_000)})
    end = data.rfind(b"PK\x05\x06")
    start = hostile._directory_start(data)
    central = data[start:end]
    entry = central[central.find(b"xl/media/a.bin") - 46 :]
    copies = b"".join(entry.replace(b"a.bin", f"{index:05d}"[:5].encode()) for index in range(60))
    tail = bytearray(data[end:])
    tail[8:12] = (6 + 60).to_bytes(2, "little") * 2
    tail[12:16] = (len(central) + len(copies)).to_bytes(4, "little")
    assert refused(data[:end] + copies + bytes(tail)) == "workbook-zip-bomb"


@pytest.mark.parametrize(
    "sheet",
    [
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>',
        '<?xml version="1.0"?>' + " " * 5_000_000 + "<!DOCTYPE x><worksheet/>",
    ],
)
def test_entities(sheet: str) -> None:
    assert refused(hostile.pack(hostile.parts(sheet), zipfile.ZIP_STORED)) == "workbook-entities"


def test_encodings_that_hide_text() -> None:
    text = hostile.sheet(hostile.PLAIN_ROWS)
    assert refused(hostile.pack(hostile.parts(text.encode("utf-16")))) == "workbook-damaged"
    assert refused(hostile.pack(hostile.parts(text.replace("UTF-8", "UTF-7")))) == "workbook-damaged"


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="BDWGN1"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="ZZZZZZZZZ99999999999"><v>1</v></c></row>',
        "<row r='1'><c r='A1'><v>1</v></c></row><row r='999999'><c r='ZZ999999'><v>1</v></c></row>",
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="900000"><c r="xfd900000"><v>1</v></c></row>',
    ],
)
def test_cells_at_the_far_corner(rows: str) -> None:
    assert refused(hostile.workbook(rows)) == "workbook-sheet-too-large"


def test_many_sheets_that_are_each_nearly_too_large() -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="7000"><c r="ALL7000"><v>1</v></c></row>'
    files = hostile.parts(hostile.sheet(rows))
    sheets = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="rId{n}"/>' for n in range(1, 5))
    files["xl/workbook.xml"] = re.sub("<sheets>.*</sheets>", f"<sheets>{sheets}</sheets>", hostile.WORKBOOK)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
    files["xl/_rels/workbook.xml.rels"] = re.sub(
        "<Relationship .*/>",
        "".join(f'<Relationship Id="rId{n}" Type="{kind}" Target="worksheets/sheet{n}.xml"/>' for n in range(1, 5)),
        hostile.WORKBOOK_RELS,
    )
    files |= {f"xl/worksheets/sheet{n}.xml": hostile.sheet(rows) for n in range(2, 5)}
    assert refused(hostile.pack(files)) == "workbook-too-large"


def test_empty_formatted_cells_far_away_do_no_harm() -> None:
    rows = hostile.PLAIN_ROWS + '<row r="1048576"><c r="XFD1048576" s="3"/></row>'
    assert inspect(hostile.workbook(rows), "a.xlsx").sheets[0].scan.area < safety.MAX_AREA
    # a title far to the right is wide but small
    rows = hostile.PLAIN_ROWS + '<row r="3"><c r="XFD3"><v>1</v></c></row>'
    assert inspect(hostile.workbook(rows), "a.xlsx").sheets[0].scan.columns == 16_384


def test_one_long_text_used_a_million_times() -> None:
    long = "长" * 30_000
    strings = f'<sst xmlns="x"><si><t>短</t></si><si><t>{long}</t></si></sst>'
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>1</v></c></row>' for n in range(1, 9_000))
    assert refused(hostile.workbook(rows, **{"xl__sharedStrings.xml": strings})) == "workbook-zip-bomb"
    harmless = rows.replace("<v>1</v>", "<v>0</v>")
    inspect(hostile.workbook(harmless, **{"xl__sharedStrings.xml": strings}), "a.xlsx")


ODD = {
    "usual": lambda xml: xml,
    "tabs": lambda xml: xml.replace("<c r=", "<c\tr="),
    "style first": lambda xml: xml.replace('<c r="B2" s="1"', '<c s="1" r="B2"'),
    "quotes": lambda xml: xml.replace('"', "'"),
    "prefix": lambda xml: xml.replace("<c ", "<x:c ").replace("</c>", "</x:c>").replace("<f", "<x:f")
    .replace("</f", "</x:f").replace("<v", "<x:v").replace("</v", "</x:v").replace("<row", "<x:row")
    .replace("</row", "</x:row").replace("<x:row r=", '<x:row xmlns:x="m" r='),
}  # fmt: skip


@pytest.mark.parametrize("way", ODD)
def test_what_the_scan_finds_in_every_way_of_writing(way: str) -> None:
    rows = (
        '<row r="1"><c r="A1" t="e"><v>#REF!</v></c><c r="B1"><f>A1+1</f></c>'
        '<c r="C1" t="str"><f>"x"</f><v></v></c></row>'
        '<row r="2"><c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="B2" s="1"><v>0.12</v></c>'
        '<c r="C2"><f>1+1</f><v>2</v></c><c r="AA2"><f>1+1</f><v/></c></row>'
    )
    styles = '<styleSheet xmlns="x"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="10"/></cellXfs></styleSheet>'
    found = inspect(hostile.workbook(ODD[way](rows), **{"xl__styles.xml": styles}), "a.xlsx").sheets[0].scan
    assert found.errors == {(0, 0): "#REF!", (1, 0): "#DIV/0!"}
    assert found.uncached == {(0, 1), (1, 26)}
    assert found.percent == {(1, 1)}
    assert found.cells == 7
    assert found.formulas


def test_fast_and_careful_scan_agree_on_a_real_workbook() -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    page = book.add_worksheet()
    percent = book.add_format({"num_format": "0.0%"})
    words = book.add_format({"num_format": '0.0"%"'})  # shows a sign, multiplies nothing
    rng = random.Random(5)
    for row in range(400):
        for column in range(40):
            match rng.randrange(7):
                case 0:
                    page.write_number(row, column, rng.random(), percent)
                case 1:
                    page.write_formula(row, column, "=1+1", None, rng.choice([2, "", "#DIV/0!"]))
                case 2:
                    page.write_string(row, column, '<c r="A1">&')
                case 3:
                    page.write_blank(row, column, None, percent)
                case 4:
                    page.write_number(row, column, 3, words)
                case 5:
                    page.write_boolean(row, column, True)
    page.write_number(0, 0, 0.5, percent)  # the first format in the file is number 1
    page.conditional_format("A1:D9", {"type": "data_bar"})
    book.close()
    with zipfile.ZipFile(stream) as package:
        xml = package.read("xl/worksheets/sheet1.xml")
    info = inspect(stream.getvalue(), "a.xlsx")
    pieces = [xml[start : start + 1000] for start in range(0, len(xml), 1000)]
    careful = sheetscan.parse(pieces, frozenset({1}))
    for quick in (info.sheets[0].scan, sheetscan.scan(pieces, frozenset({1})), sheetscan.scan([xml], frozenset({1}))):
        assert quick is not None
        assert (quick.cells, quick.errors, quick.uncached, quick.string_cells) == (
            careful.cells,
            careful.errors,
            careful.uncached,
            careful.string_cells,
        )
        assert quick.rows >= careful.rows
        assert quick.columns >= careful.columns
        assert {(0, 0)} < quick.percent <= careful.percent  # the careful one counts blank cells as well
    assert careful.rows == 400
    assert careful.columns == 40
    assert careful.errors
    assert info.stale  # XlsxWriter asks for recalculation


def test_addresses() -> None:
    assert sheetscan.cell_name(6, 2) == "C7"
    assert sheetscan.cell_name(0, 26) == "AA1"
    assert sheetscan.column_number("XFD") == 16_384
    assert all(sheetscan.column_number(sheetscan.cell_name(0, c)[:-1]) == c + 1 for c in range(0, 16_384, 37))

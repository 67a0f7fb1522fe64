"""Workbooks made by hand, byte by byte where need be: what a careless or hostile sender may hand in."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
ROOT_RELS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="xl/workbook.xml"/>'
    "</Relationships>"
)
WORKBOOK = (
    '<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="明细" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
WORKBOOK_RELS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/>'
    "</Relationships>"
)
SHEET_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
SHEET_TAIL = "</sheetData></worksheet>"


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def sheet(rows: str) -> str:
    return SHEET_HEAD + rows + SHEET_TAIL


PLAIN_ROWS = (
    '<row r="1">'
    + "".join(text_cell(f"{c}1", t) for c, t in zip("ABCDE", ("时段", "类别", "项目", "数值", "单位"), strict=True))
    + '</row><row r="2"><c r="A2"><v>2022</v></c>'
    + text_cell("B2", "能源")
    + text_cell("C2", "电力")
    + '<c r="D2"><v>12.5</v></c>'
    + text_cell("E2", "kWh")
    + "</row>"
)


def parts(sheet_xml: str | bytes, **more: str | bytes) -> dict[str, str | bytes]:
    """The parts of a workbook with one worksheet; ``more`` adds or replaces parts (``__`` stands for ``/``)."""
    base: dict[str, str | bytes] = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": ROOT_RELS,
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": WORKBOOK_RELS,
        "xl/worksheets/sheet1.xml": sheet_xml,
    }
    return {**base, **more}


def pack(files: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of the parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as package:
        for name, content in files.items():
            package.writestr(name, content)
    return stream.getvalue()


def workbook(rows: str = PLAIN_ROWS, **more: str | bytes) -> bytes:
    """A workbook whose one worksheet has these rows."""
    return pack(parts(sheet(rows), **{key.replace("__", "/"): value for key, value in more.items()}))


def lying_zip(name: str, real: bytes, said_size: int, said_crc: int, others: Mapping[str, str | bytes]) -> bytes:
    """A zip whose entry ``name`` unpacks to more than its headers say."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packed.compress(real) + packed.flush()
    stream = io.BytesIO(pack({key: value for key, value in others.items() if key != name}))
    with zipfile.ZipFile(stream, "a") as package:
        package.writestr(name, b"x")
    data = stream.getvalue()
    central = data.rfind(b"PK\x01\x02")
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        entry = package.getinfo(name)
    local_head = 30 + len(entry.filename.encode("utf-8"))
    before, directory = data[: entry.header_offset], data[_directory_start(data) : central]
    local = bytearray(data[entry.header_offset : entry.header_offset + local_head])
    struct.pack_into("<H", local, 8, 8)
    struct.pack_into("<III", local, 14, said_crc, len(body), said_size)
    head = bytearray(data[central : data.rfind(b"PK\x05\x06")])
    struct.pack_into("<H", head, 10, 8)
    struct.pack_into("<III", head, 16, said_crc, len(body), said_size)
    start = len(before) + len(local) + len(body)
    end = bytearray(data[data.rfind(b"PK\x05\x06") :])
    struct.pack_into("<II", end, 12, len(directory) + len(head), start)
    return bytes(before + bytes(local) + body + directory + bytes(head) + bytes(end))


def _directory_start(data: bytes) -> int:
    end = data.rfind(b"PK\x05\x06")
    (start,) = struct.unpack_from("<I", data, end + 16)
    return int(start)

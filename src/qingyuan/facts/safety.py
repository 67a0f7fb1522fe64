"""Guards before a workbook is opened: what is refused, with a clear word and without loading it.

A workbook comes from outside. It may be damaged, encrypted, full of macros, or made to exhaust memory (a zip bomb, a
cell at the far corner of the sheet, one long text used a million times, entities in XML). Every guard works on the
packed file or on a stream with a limit; nothing is unpacked to disk, no link is followed, no formula is computed.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree

from qingyuan.errors import InputError, Location, Problem, Severity
from qingyuan.facts.sheetscan import NotSheetXml, SheetScan, parse, scan, string_references
from qingyuan.language import Message, message

MAX_FILE: Final = 100_000_000  # bytes as packed
MAX_PART: Final = 400_000_000  # bytes of one part, unpacked
MAX_TOTAL: Final = 600_000_000  # bytes of all parts, unpacked
MAX_SMALL_PART: Final = 20_000_000  # bytes of parts that are read whole (workbook, styles, relations)
MAX_STRINGS: Final = 150_000_000  # bytes of the shared texts
MAX_TEXT: Final = (
    500_000_000  # characters in the cells of one worksheet, shared texts counted as often as they are used
)
MAX_RATIO: Final = 400  # unpacked to packed, for parts above MIN_RATIO_SIZE; sheets of equal rows reach about 150
MIN_RATIO_SIZE: Final = 4_000_000
MAX_ENTRIES: Final = 5_000
MAX_SHEETS: Final = 250
MAX_AREA: Final = 8_000_000  # cells between the outermost filled cells of one worksheet
MAX_TOTAL_AREA: Final = 16_000_000  # the same for all worksheets together
SMALL_SHEET: Final = 50_000  # cells up to which a worksheet's XML is parsed in full, for its exact extent
MAX_COLUMNS: Final = 16_384
MAX_ROWS: Final = 1_048_576
_PIECE: Final = 4_000_000

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE_AS = message("在 Excel 或 WPS 中打开，另存为“Excel 工作簿（*.xlsx）”")


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """A worksheet as the workbook lists it: its name, whether it is hidden, and what its XML says."""

    name: str
    hidden: bool
    scan: SheetScan


@dataclass(frozen=True, slots=True)
class WorkbookInfo:
    """A workbook that passed every guard, with its worksheets in order.

    ``stale`` is true where the file asks to be recalculated on opening: the stored results of formulas may be old.
    """

    data: bytes = field(repr=False)
    sheets: tuple[SheetInfo, ...] = ()
    stale: bool = False
    notes: tuple[Problem, ...] = ()


def refuse(code: str, text: Message, file: str, *, expected: Message | None = None, sheet: str = "") -> InputError:
    """Make the exception that refuses a whole file."""
    return InputError([Problem(code, text, Severity.ERROR, Location(file=file, sheet=sheet), "", expected)])


def inspect(data: bytes, file: str) -> WorkbookInfo:
    """Pass a workbook's bytes through every guard; ``file`` is the name shown in messages.

    Raises InputError with one of the codes ``workbook-…`` where the file is not to be opened.
    """
    if len(data) > MAX_FILE:
        raise refuse(
            "workbook-too-large",
            message("文件有 {size} MB，超过 {limit} MB", size=len(data) // 1_000_000, limit=MAX_FILE // 1_000_000),
            file,
            expected=message("拆成几个文件，或用 CSV"),
        )
    if data.startswith(_OLE):
        raise _refuse_ole(data, file)
    if not data.startswith(b"PK"):
        raise _refuse_unknown(data, file)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = package.infolist()
    except (
        zipfile.BadZipFile,
        ValueError,
        OSError,
        EOFError,
        struct.error,
        NotImplementedError,
        RecursionError,
    ) as error:
        raise _damaged(file) from error
    parts = _check_directory(entries, data, file)
    _check_names(parts, file)
    return _Package(data, parts, file).inspect()


def _damaged(file: str) -> InputError:
    return refuse("workbook-damaged", message("文件已损坏，打不开"), file, expected=_SAVE_AS)


def _bomb(file: str) -> InputError:
    return refuse(
        "workbook-zip-bomb",
        message("压缩包解开后大得异常，拒绝打开"),
        file,
        expected=message("由 Excel 或 WPS 正常保存的工作簿"),
    )


def _refuse_ole(data: bytes, file: str) -> InputError:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return refuse("workbook-encrypted", message("工作簿有打开密码"), file, expected=message("去掉打开密码后另存"))
    if "_VBA_PROJECT".encode("utf-16-le") in data:
        return refuse("workbook-macros", message("工作簿含有宏"), file, expected=_SAVE_AS)
    return refuse("workbook-old-format", message("旧格式的工作簿（.xls）"), file, expected=_SAVE_AS)


def _refuse_unknown(data: bytes, file: str) -> InputError:
    head = data[:2048].lstrip().lower()
    if not data:
        return refuse("workbook-empty", message("文件是空的"), file, expected=_SAVE_AS)
    if head.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml")):
        return refuse("workbook-not-a-workbook", message("文件其实是网页或 XML，不是工作簿"), file, expected=_SAVE_AS)
    return refuse("workbook-not-a-workbook", message("文件不是 Excel 工作簿"), file, expected=_SAVE_AS)


def _check_directory(entries: list[zipfile.ZipInfo], data: bytes, file: str) -> dict[str, zipfile.ZipInfo]:
    """Check the central directory: count, sizes, ratios, doubles, ways of packing."""
    if len(entries) > MAX_ENTRIES:
        raise _bomb(file)
    parts: dict[str, zipfile.ZipInfo] = {}
    total = packed = 0
    for entry in entries:
        name = entry.filename.replace("\\", "/").lstrip("/").casefold()
        if entry.flag_bits & 0x1:
            raise refuse("workbook-encrypted", message("压缩包有密码"), file, expected=message("去掉密码后另存"))
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _damaged(file)
        if name in parts:
            raise refuse("workbook-damaged", message("压缩包里有同名的两个部件"), file, expected=_SAVE_AS)
        total += entry.file_size
        packed += entry.compress_size
        if entry.file_size > MAX_PART or total > MAX_TOTAL:
            raise _bomb(file)
        if entry.file_size > MIN_RATIO_SIZE and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise _bomb(file)
        parts[name] = entry
    if packed > len(data):
        raise _bomb(file)  # entries that overlap
    return parts


def _check_names(parts: Mapping[str, zipfile.ZipInfo], file: str) -> None:
    """Refuse by the names of the parts: other formats, macros, links to other files, active content."""
    if "xl/workbook.bin" in parts:
        raise refuse("workbook-old-format", message("二进制工作簿（.xlsb）"), file, expected=_SAVE_AS)
    if "mimetype" in parts and "content.xml" in parts:
        raise refuse("workbook-old-format", message("OpenDocument 表格（.ods）"), file, expected=_SAVE_AS)
    for name in parts:
        if name.endswith("vbaproject.bin") or name.startswith(("xl/macrosheets/", "xl/dialogsheets/")):
            raise refuse("workbook-macros", message("工作簿含有宏"), file, expected=_SAVE_AS)
        if name.startswith(("xl/activex/", "xl/ctrlprops/")) and name.endswith(".bin"):
            raise refuse("workbook-active-content", message("工作簿含有 ActiveX 控件"), file, expected=_SAVE_AS)
    if "[content_types].xml" not in parts or "xl/workbook.xml" not in parts:
        raise refuse("workbook-not-a-workbook", message("压缩包里没有工作簿"), file, expected=_SAVE_AS)


@dataclass(slots=True)
class _Package:
    """The parts of a package, read one by one with limits."""

    data: bytes
    parts: dict[str, zipfile.ZipInfo]
    file: str

    def inspect(self) -> WorkbookInfo:
        if b"macroenabled" in self._read("[content_types].xml").lower():
            raise refuse("workbook-macros", message("工作簿含有宏"), self.file, expected=_SAVE_AS)
        self._check_links()
        workbook = self._tree("xl/workbook.xml")
        targets = self._targets()
        stale = any(
            element.get("fullCalcOnLoad") in {"1", "true"} for element in workbook.iter() if _local(element) == "calcPr"
        )
        percent = self._percent_styles()
        lengths = self._string_lengths()
        sheets: list[SheetInfo] = []
        for element in workbook.iter():
            if _local(element) != "sheet":
                continue
            relation = next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == "id"), "")
            part = targets.get(relation, "")
            hidden = element.get("state", "visible") != "visible"
            name = element.get("name", "")
            if "chartsheets/" in part:
                continue
            if part not in self.parts:
                raise _damaged(self.file)
            sheets.append(SheetInfo(name, hidden, self._scan(name, part, percent, lengths)))
            if len(sheets) > MAX_SHEETS:
                raise refuse("workbook-too-large", message("工作表超过 {limit} 张", limit=MAX_SHEETS), self.file)
            if sum(known.scan.area for known in sheets) > MAX_TOTAL_AREA:
                raise refuse("workbook-too-large", message("各工作表合起来铺得太大"), self.file)
        if not sheets:
            raise refuse("workbook-empty", message("工作簿里没有工作表"), self.file, expected=_SAVE_AS)
        if len({sheet.name for sheet in sheets}) != len(sheets):
            raise _damaged(self.file)
        return WorkbookInfo(self.data, tuple(sheets), stale, tuple(self._notes()))

    def _notes(self) -> Iterator[Problem]:
        where = Location(file=self.file)
        if any(name.startswith("xl/embeddings/") for name in self.parts):
            yield Problem("workbook-embedded", message("工作簿里嵌入的文件没有读入"), Severity.NOTE, where)
        if "xl/connections.xml" in self.parts:
            yield Problem("workbook-connections", message("工作簿的数据连接没有使用"), Severity.NOTE, where)

    # --- reading parts ---

    def _pieces(self, name: str, limit: int = MAX_PART) -> Iterator[bytes]:
        """Unpack one part in pieces; refuse where it is longer than it says, damaged, or above the limit."""
        entry = self.parts[name]
        header = self.data[entry.header_offset : entry.header_offset + 30]
        if len(header) < 30 or header[:4] != b"PK\x03\x04":
            raise _damaged(self.file)
        name_length, extra_length = struct.unpack("<HH", header[26:30])
        start = entry.header_offset + 30 + name_length + extra_length
        packed = memoryview(self.data)[start : start + entry.compress_size]
        if len(packed) != entry.compress_size:
            raise _damaged(self.file)
        unpacked, check = 0, 0
        for piece in self._unpack(packed, entry.compress_type):
            unpacked += len(piece)
            if unpacked > entry.file_size or unpacked > limit:
                raise _bomb(self.file)
            check = zlib.crc32(piece, check)
            yield piece
        if unpacked != entry.file_size or check != entry.CRC:
            raise _damaged(self.file)

    def _unpack(self, packed: memoryview, method: int) -> Iterator[bytes]:
        if method == zipfile.ZIP_STORED:
            for start in range(0, len(packed), _PIECE):
                yield bytes(packed[start : start + _PIECE])
            return
        inflater = zlib.decompressobj(-15)
        rest: bytes | memoryview = packed
        try:
            while not inflater.eof:
                piece = inflater.decompress(rest, _PIECE)
                rest = inflater.unconsumed_tail
                if not piece and not rest:
                    break
                yield piece
        except zlib.error as error:
            raise _damaged(self.file) from error
        if not inflater.eof or inflater.unused_data:
            raise _damaged(self.file)

    def _read(self, name: str) -> bytes:
        if name not in self.parts:
            return b""
        return b"".join(self._xml(name, MAX_SMALL_PART))

    def _tree(self, name: str) -> ElementTree.Element:
        try:
            return ElementTree.fromstring(self._read(name))
        except (ElementTree.ParseError, ValueError) as error:
            raise _damaged(self.file) from error

    def _xml(self, name: str, limit: int = MAX_PART) -> Iterator[bytes]:
        """Give an XML part in pieces; refuse document types (entities) and encodings that hide text from the guards."""
        tail = b""
        for index, piece in enumerate(self._pieces(name, limit)):
            if index == 0 and not _is_plain_utf8(piece):
                raise _damaged(self.file)
            text = tail + piece
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                raise refuse(
                    "workbook-entities",
                    message("工作簿的 XML 里有文档类型或实体声明，拒绝打开"),
                    self.file,
                    expected=message("由 Excel 或 WPS 正常保存的工作簿"),
                )
            tail = piece[-16:]
            yield piece

    def _check_links(self) -> None:
        links = [name for name in self.parts if name.startswith("xl/externallinks/")]
        if not links:
            return
        if any(
            b"<ddeLink" in self._read(name) or b":ddeLink" in self._read(name)
            for name in links
            if name.endswith(".xml")
        ):
            raise self._remote()
        raise refuse(
            "workbook-external-links",
            message("工作簿引用了别的文件，那些数在别处会变，也查不到来源"),
            self.file,
            expected=message("在“数据→编辑链接”中断开链接（公式变成数值）后保存"),
        )

    def _remote(self) -> InputError:
        return refuse(
            "workbook-dde",
            message("工作簿的公式会调用别的程序（DDE），拒绝打开"),
            self.file,
            expected=message("把这些单元格改成数值后保存"),
        )

    def _targets(self) -> dict[str, str]:
        """Relation id to the (folded) name of the part."""
        targets: dict[str, str] = {}
        for element in self._tree("xl/_rels/workbook.xml.rels").iter():
            if _local(element) != "Relationship":
                continue
            key, target = element.get("Id", ""), element.get("Target", "").replace("\\", "/").casefold()
            if key in targets:
                raise _damaged(self.file)
            targets[key] = target.lstrip("/") if target.startswith("/") else _join("xl", target)
        return targets

    def _percent_styles(self) -> frozenset[int]:
        """The cell formats that show a number as per cent."""
        if "xl/styles.xml" not in self.parts:
            return frozenset()
        root = self._tree("xl/styles.xml")
        formats = {9, 10}  # 0% and 0.00% of the built-in formats
        for element in root.iter():
            if _local(element) == "numFmt" and _shows_percent(element.get("formatCode", "")):
                number = element.get("numFmtId", "")
                if number.isdecimal():
                    formats.add(int(number))
        cells = next((element for element in root if _local(element) == "cellXfs"), None)
        if cells is None:
            return frozenset()
        return frozenset(
            index for index, element in enumerate(cells) if element.get("numFmtId", "") in {str(f) for f in formats}
        )

    def _string_lengths(self) -> list[int]:
        """The length of each shared text, in bytes of XML."""
        name = "xl/sharedstrings.xml"
        if name not in self.parts:
            return []
        lengths: list[int] = []
        tail = b""
        for piece in self._xml(name, MAX_STRINGS):
            *whole, tail = re.split(rb"</(?:\w+:)?si>|<(?:\w+:)?si\s*/>", tail + piece)
            lengths.extend(map(len, whole))
        return lengths

    def _scan(self, sheet: str, part: str, percent: frozenset[int], lengths: list[int]) -> SheetScan:
        """Read one worksheet's XML and refuse what could not be held in memory."""
        try:
            found = scan(self._xml(part), percent)
            if found is None or found.area > MAX_AREA or found.cells <= SMALL_SHEET:
                found = parse(self._xml(part), percent)
        except NotSheetXml as error:
            raise _damaged(self.file) from error
        if found.columns > MAX_COLUMNS or found.rows > MAX_ROWS or found.area > MAX_AREA:
            raise refuse(
                "workbook-sheet-too-large",
                message("工作表铺得太大（{rows} 行 × {columns} 列）", rows=found.rows, columns=found.columns),
                self.file,
                sheet=sheet,
                expected=message("删去远处的零星单元格；数据很多时拆表或用 CSV"),
            )
        if found.remote_formula:
            raise self._remote()
        if found.overflow:
            raise refuse("workbook-too-large", message("错误值或无结果的公式太多"), self.file, sheet=sheet)
        if found.unplaced:
            raise _damaged(self.file)
        if lengths and found.string_cells * max(lengths) > MAX_TEXT:
            used = string_references(self._xml(part))
            total = sum(count * lengths[index] for index, count in used.items() if index < len(lengths))
            if total > MAX_TEXT:
                raise _bomb(self.file)
        return found


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _join(folder: str, target: str) -> str:
    steps = folder.split("/")
    for step in target.split("/"):
        if step == "..":
            steps = steps[:-1]
        elif step not in {"", "."}:
            steps.append(step)
    return "/".join(steps)


def _shows_percent(code: str) -> bool:
    """Whether a number format multiplies by 100: a % outside quotes, brackets and escapes."""
    return "%" in re.sub(r'"[^"]*"|\\.|\[[^\]]*\]|_.', "", code)


def _is_plain_utf8(start: bytes) -> bool:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in start[:200]:
        return False
    match = re.match(rb"\s*(?:\xef\xbb\xbf)?<\?xml[^>]*\bencoding\s*=\s*[\"']([^\"']*)", start)
    return match is None or match[1].lower() in {b"utf-8", b"utf8", b"us-ascii", b"ascii"}

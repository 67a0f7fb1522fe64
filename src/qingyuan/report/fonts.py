"""Fonts for Chinese documents (中文字体): which are there, whether they have weight, which characters they can draw.

Debian's ``fonts-noto-cjk`` calls its faces "Noto Sans CJK SC", other packagings say "Noto Sans SC"; the package
``pylopdf-fonts-zh-cn`` from the Python index is the fall-back and has one weight only. A missing font is an error that
says what to install: no document is written with empty boxes.
"""

from __future__ import annotations

import os
import re
import struct
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from qingyuan.errors import QingyuanError
from qingyuan.language import message

if TYPE_CHECKING:
    import typst

BOLD_FROM = 600  # a face of this weight or more is a bold one
# Families in order of preference. The serif ones set the body, the sans ones headings, tables and charts.
# 仿宋, which official reports ask for, where the system brings it or somebody put it into QINGYUAN_FONTS; else a Song.
SANS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "SimHei", "STHeiti", "FandolHei",
    "Microsoft YaHei", "WenQuanYi Zen Hei",
)  # fmt: skip
SERIF = (
    "FangSong", "FangSong_GB2312", "STFangsong", "FandolFang R", "FandolFang", "Noto Serif CJK SC", "Noto Serif SC",
    "Source Han Serif SC", "Source Han Serif CN", "SimSun", "STSong", "FandolSong",
)  # fmt: skip
# Faces inside typst itself: they draw Latin, Greek, Cyrillic, signs and formulae where the Chinese face cannot.
EMBEDDED_FALLBACK = ("Libertinus Serif", "New Computer Modern Math", "DejaVu Sans Mono")
_EMBEDDED_RANGES = ((0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x3FF), (0x400, 0x45F), (0x2070, 0x208E))


class FontMissing(QingyuanError):
    """No font for Chinese was found (缺少中文字体)."""

    def __str__(self) -> str:
        return str(
            message(
                "没有找到中文字体，无法生成报告。请以管理员身份运行 {apt}，或在当前环境运行 {pip}，然后重试。",
                apt="apt-get install fonts-noto-cjk",
                pip="pip install pylopdf-fonts-zh-cn",
            )
        )


@dataclass(frozen=True, slots=True)
class FontFace:
    """One face (字面): family, weight (400 regular, 700 bold), file and its place in the file."""

    family: str
    weight: int = 400
    path: str | None = None
    index: int = 0
    italic: bool = False


@dataclass(frozen=True, slots=True)
class FontChoice:
    """The families that a document is set in, and where they are.

    ``faces``: one of each file, the chosen families first; the others stand in for single characters.
    ``sans_bold``/``serif_bold`` say whether a bold face exists: without one, headings stand out by size and rule, as a
    false bold would smear Chinese characters. ``folders`` are searched besides the system's fonts.
    """

    sans: str
    serif: str
    sans_bold: bool
    serif_bold: bool
    faces: tuple[FontFace, ...]
    folders: tuple[str, ...] = ()

    def drawable(self, character: str) -> bool:
        """Whether some face of the machine, or one inside typst, draws the character."""
        code = ord(character)
        if character in "\n\u200b\u200c\u200d\ufe0e\ufe0f" or any(
            low <= code <= high for low, high in _EMBEDDED_RANGES
        ):
            return True
        return any(face.path is not None and coverage(face.path, face.index).has(code) for face in self.faces)

    def readable(self, text: str) -> str:
        """Replace every character that no face draws by its code (〔U+1F600〕), so that no empty box is printed."""
        unknown = {character for character in set(text) if character > "~" and not self.drawable(character)}
        if not unknown:
            return text
        return _UNDRAWN_MARKS.sub(
            "", "".join(f"〔U+{ord(character):04X}〕" if character in unknown else character for character in text)
        )


# Joiners and variation selectors mean nothing once the picture that they belong to is written as a code.
_UNDRAWN_MARKS = re.compile("(?<=〕)[\u200d\ufe0e\ufe0f]+")


def choose(faces: Iterable[FontFace], folders: Sequence[str] = ()) -> FontChoice:
    """Choose families among the faces that are there; one of the two kinds stands in for the other.

    Raises FontMissing where there is neither.
    """
    known: dict[str, list[FontFace]] = {}
    upright = [face for face in faces if not face.italic]
    for face in upright:
        known.setdefault(face.family, []).append(face)
    sans = next((family for family in SANS if family in known), "")
    serif = next((family for family in SERIF if family in known), "")
    sans, serif = sans or serif, serif or sans
    if not sans:
        raise FontMissing
    return FontChoice(
        sans=sans,
        serif=serif,
        sans_bold=any(face.weight >= BOLD_FROM for face in known[sans]),
        serif_bold=any(face.weight >= BOLD_FROM for face in known[serif]),
        faces=tuple({face.path: face for face in reversed([*known[serif], *known[sans], *upright])}.values())[::-1],
        folders=tuple(folders),
    )


@lru_cache(maxsize=1)
def ensure_fonts() -> FontChoice:
    """The fonts of this machine: the system's, else those of the package ``pylopdf-fonts-zh-cn``.

    Raises FontMissing, which says what to install. The folder named by the environment variable ``QINGYUAN_FONTS`` is
    searched first. The Word file names 仿宋_GB2312, 黑体 and 小标宋, which the reader's machine brings.
    """
    own = os.environ.get("QINGYUAN_FONTS", "")
    folders = (own,) if own else ()
    try:
        return choose(_faces(folders), folders)
    except FontMissing:
        folders = (*folders, *package_folders())
        return choose(_faces(folders), folders)


def package_folders() -> tuple[str, ...]:
    """The folder of the fall-back package's fonts; empty where it is not installed."""
    try:
        import pylopdf_fonts_zh_cn as package
    except ImportError:
        return ()
    return (str(Path(package.sans_path()).parent),)


@lru_cache(maxsize=4)
def typst_fonts(folders: tuple[str, ...] = (), system: bool = True) -> typst.Fonts:
    """All fonts that typst sees: its own, the system's and those in ``folders``."""
    import typst

    return typst.Fonts(include_system_fonts=system, include_embedded_fonts=True, font_paths=list(folders))


def _faces(folders: tuple[str, ...]) -> tuple[FontFace, ...]:
    return tuple(
        FontFace(info.family, int(info.weight), info.path, info.index, info.style != "normal")
        for info in typst_fonts(folders).fonts()
    )


# --- which characters a font file draws ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Coverage:
    """The characters that a face draws, as sorted ranges of code points."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def has(self, code: int) -> bool:
        """Whether a code point is among them."""
        at = bisect_right(self.starts, code) - 1
        return at >= 0 and code <= self.ends[at]


@lru_cache(maxsize=64)
def coverage(path: str, index: int = 0) -> Coverage:
    """Read the character map (``cmap``, formats 4 and 12) of a face in an OpenType file or collection.

    A file that cannot be read covers nothing.
    """
    try:
        with Path(path).open("rb") as stream:
            return _ranges(_cmap(stream, index))
    except (OSError, struct.error, ValueError, IndexError):
        return Coverage((), ())


def _cmap(file: BinaryIO, index: int) -> bytes:
    head = file.read(4)
    start = 0
    if head == b"ttcf":
        file.seek(12 + 4 * index)
        (start,) = struct.unpack(">I", file.read(4))
    file.seek(start + 4)
    (count,) = struct.unpack(">H", file.read(2))
    file.seek(start + 12)
    directory = file.read(16 * count)
    for at in range(0, len(directory), 16):
        tag, _, offset, length = struct.unpack(">4sIII", directory[at : at + 16])
        if tag == b"cmap":
            file.seek(offset)
            return file.read(length)
    raise ValueError("no cmap table")


def _ranges(cmap: bytes) -> Coverage:
    (count,) = struct.unpack(">H", cmap[2:4])
    tables = [struct.unpack(">HHI", cmap[4 + 8 * at : 12 + 8 * at]) for at in range(count)]
    spans: set[tuple[int, int]] = set()
    for platform, _, offset in tables:
        (kind,) = struct.unpack(">H", cmap[offset : offset + 2])
        if platform not in (0, 3):
            continue
        if kind == 12:
            (groups,) = struct.unpack(">I", cmap[offset + 12 : offset + 16])
            for start, end, glyph in struct.iter_unpack(">III", cmap[offset + 16 : offset + 16 + 12 * groups]):
                spans.add((start + (1 if glyph == 0 else 0), end))
        elif kind == 4:
            (twice,) = struct.unpack(">H", cmap[offset + 6 : offset + 8])
            ends = struct.unpack(f">{twice // 2}H", cmap[offset + 14 : offset + 14 + twice])
            starts = struct.unpack(f">{twice // 2}H", cmap[offset + 16 + twice : offset + 16 + 2 * twice])
            spans.update((start, end) for start, end in zip(starts, ends, strict=True) if start != 0xFFFF)
    merged: list[tuple[int, int]] = []
    for start, end in sorted(span for span in spans if span[0] <= span[1]):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return Coverage(tuple(start for start, _ in merged), tuple(end for _, end in merged))

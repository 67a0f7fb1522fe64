"""Fonts: each situation of a machine, weight, coverage."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from pypdf import PdfReader
from report_samples import sample_document

from qingyuan.report import fonts
from qingyuan.report.fonts import FontFace, FontMissing, choose, coverage, ensure_fonts, package_folders
from qingyuan.report.pdf import pdf_bytes

LATIN = (FontFace("DejaVu Sans"), FontFace("Libertinus Serif", 700))


def test_debian_names_are_taken_first() -> None:
    faces = [*LATIN, FontFace("Noto Sans CJK SC", 400), FontFace("Noto Sans CJK SC", 700),
             FontFace("Noto Serif CJK SC", 400), FontFace("Noto Sans SC", 400)]  # fmt: skip
    choice = choose(faces)
    assert (choice.sans, choice.serif) == ("Noto Sans CJK SC", "Noto Serif CJK SC")
    assert choice.sans_bold
    assert not choice.serif_bold


def test_other_packagings_have_shorter_names() -> None:
    choice = choose([FontFace("Noto Sans SC", 400), FontFace("Noto Serif SC", 400), FontFace("Noto Serif SC", 600)])
    assert (choice.sans, choice.serif, choice.sans_bold, choice.serif_bold) == (
        "Noto Sans SC",
        "Noto Serif SC",
        False,
        True,
    )


def test_one_family_stands_in_for_both() -> None:
    assert choose([FontFace("Noto Sans CJK SC", 400)]).serif == "Noto Sans CJK SC"
    assert choose([FontFace("Noto Serif SC", 400)]).sans == "Noto Serif SC"


def test_italics_alone_are_no_font() -> None:
    with pytest.raises(FontMissing):
        choose([FontFace("Noto Sans CJK SC", 400, italic=True)])


def test_no_chinese_font_is_an_error_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "_faces", lambda folders: LATIN)
    monkeypatch.setattr(fonts, "package_folders", lambda: ())
    ensure_fonts.cache_clear()
    try:
        with pytest.raises(FontMissing) as caught:
            ensure_fonts()
    finally:
        ensure_fonts.cache_clear()
    assert "apt-get install fonts-noto-cjk" in str(caught.value)
    assert "pip install pylopdf-fonts-zh-cn" in str(caught.value)


def test_the_package_is_the_fall_back(monkeypatch: pytest.MonkeyPatch) -> None:
    folders = package_folders()
    if not folders:
        pytest.skip("pylopdf-fonts-zh-cn is not installed")
    real = fonts._faces
    only = {face.path for face in real(folders)} - {face.path for face in real(())}
    monkeypatch.setattr(
        fonts, "_faces", lambda asked: tuple(face for face in real(asked) if face.path in only) if asked else LATIN
    )
    ensure_fonts.cache_clear()
    try:
        choice = ensure_fonts()
    finally:
        ensure_fonts.cache_clear()
    assert choice.folders == folders
    assert (choice.sans, choice.serif) == ("Noto Sans SC", "Noto Serif SC")
    assert not choice.sans_bold
    assert not choice.serif_bold

    # A document in it: embedded, without a false bold, with every character.
    reader = PdfReader(io.BytesIO(pdf_bytes(sample_document(), choice)))
    names = {
        str(font.get_object()["/BaseFont"])
        for page in reader.pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    assert any("NotoSansSC-Regular" in name for name in names)
    assert not any("CJK" in name for name in names)
    assert not any("Bold" in name and "Noto" in name for name in names)


def test_a_folder_of_own_fonts_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    folders = package_folders()
    if not folders:
        pytest.skip("pylopdf-fonts-zh-cn is not installed")
    monkeypatch.setenv("QINGYUAN_FONTS", folders[0])
    ensure_fonts.cache_clear()
    try:
        choice = ensure_fonts()
    finally:
        ensure_fonts.cache_clear()
    assert folders[0] in choice.folders
    assert any(face.family == "Noto Sans SC" for face in choice.faces)


def test_coverage_knows_what_a_face_draws() -> None:
    choice = ensure_fonts()
    face = next(face for face in choice.faces if face.family == choice.sans and face.path)
    known = coverage(face.path or "", face.index)
    assert all(known.has(ord(character)) for character in "清洁生产审核鿃㎡Ⅰ①，。“”a1")
    assert not known.has(0x0041_0000)
    assert not known.has(0xE123)  # private use
    assert list(known.starts) == sorted(known.starts)


def test_characters_that_no_face_draws_become_codes() -> None:
    choice = choose([FontFace("Noto Sans CJK SC", 400, next(
        face.path for face in ensure_fonts().faces if face.family == ensure_fonts().sans
    ), next(face.index for face in ensure_fonts().faces if face.family == ensure_fonts().sans))])  # fmt: skip
    assert choice.readable("清洁 abc μ ≤ ⁻⁷") == "清洁 abc μ ≤ ⁻⁷"
    assert choice.readable("a\ue123b") == "a〔U+E123〕b"
    assert choice.readable("👨\u200d👩") == "〔U+1F468〕〔U+1F469〕"


def test_a_file_that_is_no_font_covers_nothing(tmp_path: Path) -> None:
    broken = tmp_path / "broken.otf"
    broken.write_bytes(b"ttcf" + b"\x00" * 40)
    assert not coverage(str(broken), 3).has(ord("a"))
    assert not coverage(str(tmp_path / "absent.otf")).has(ord("a"))


def test_the_official_face_sets_the_body_where_it_is_there() -> None:
    faces = [FontFace("Noto Sans CJK SC", 700), FontFace("Noto Serif CJK SC", 700), FontFace("FangSong")]
    choice = choose(faces)
    assert (choice.sans, choice.serif) == ("Noto Sans CJK SC", "FangSong")
    assert not choice.serif_bold
    windows = choose([FontFace("SimHei"), FontFace("SimSun")])
    assert (windows.sans, windows.serif) == ("SimHei", "SimSun")

"""The parts of a Word package that carry no words of the report: styles, fonts, numbering, settings.

Chinese official typography names 小标宋, 仿宋_GB2312, 黑体 and 楷体_GB2312; the font table names what stands in where
they are not installed. Sizes follow one local standard for audit reports: body 小四 with lines of at least 24 points,
first headings 黑体 三号 bold, others 四号, tables and captions 五号.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from qingyuan.language import Language

TITLE_FONT, BODY_FONT, HEADING_FONT, EMPHASIS_FONT = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
LATIN_FONT = "Times New Roman"
# Font -> what Word takes where it is absent, family, pitch.
FONT_TABLE = (
    (LATIN_FONT, "Liberation Serif", "roman"),
    (TITLE_FONT, "方正小标宋_GBK;黑体;SimHei", "script"),
    (BODY_FONT, "仿宋;FangSong;STFangsong", "modern"),
    (HEADING_FONT, "SimHei;Noto Sans CJK SC", "modern"),
    (EMPHASIS_FONT, "楷体;KaiTi;STKaiti", "modern"),
    ("Cambria Math", "", "roman"),
)
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
CHAPTERS, APPENDICES, BULLETS, ORDERED = 1, 2, 3, 4  # ids of the list definitions
HAIR, INK, SOFT, RED, BLUE, PALE = "C9CED6", "1A1A1A", "5B6470", "B4472E", "1F4E79", "F3F6FA"


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style: id, name in Word, look; lengths in points, indents in hundredths of a character."""

    id: str
    name: str
    east: str = ""
    size: float = 0
    bold: bool = False
    colour: str = ""
    align: str = ""
    before: float = 0
    after: float = 0
    line: float = 0  # at least so many points; 0 = single
    indent_chars: int = 0
    keep_next: bool = False
    page_break: bool = False
    outline: int | None = None
    based: str = "Normal"
    following: str = ""
    list_level: tuple[int, int] | None = None
    borders: str = ""
    shade: str = ""
    tabs: str = ""
    left: float = 0
    quick: bool = True


def _callout(colour: str) -> str:
    return f'<w:left w:val="single" w:sz="24" w:space="8" w:color="{colour}"/>'


_DASHED = "".join(
    f'<w:{side} w:val="dashed" w:sz="6" w:space="4" w:color="{HAIR}"/>' for side in ("top", "left", "bottom", "right")
)
_TOC_TAB = '<w:tab w:val="right" w:leader="dot" w:pos="9070"/>'


def styles(language: Language) -> tuple[Style, ...]:
    """The paragraph styles of a report."""
    chinese = language == "zh"
    indent = 200 if chinese else 0
    line = 24 if chinese else 18
    after = 0 if chinese else 8
    return (
        Style("BodyText", "Body Text", line=line, after=after, indent_chars=indent, align="both"),
        Style("Heading1", "heading 1", HEADING_FONT, 16, True, before=0, after=14, keep_next=True, page_break=True,
              outline=0, following="BodyText", list_level=(CHAPTERS, 0)),
        Style("Heading2", "heading 2", BODY_FONT, 14, True, before=14, after=8, keep_next=True, outline=1,
              following="BodyText", list_level=(CHAPTERS, 1)),
        Style("Heading3", "heading 3", BODY_FONT, 14, True, before=12, after=6, keep_next=True, outline=2,
              following="BodyText", list_level=(CHAPTERS, 2)),
        Style("Title", "Title", TITLE_FONT, 26, True, align="center", before=120, after=14, following="Subtitle"),
        Style("Subtitle", "Subtitle", HEADING_FONT, 15, False, SOFT, align="center", after=110),
        Style("Edition", "Edition", HEADING_FONT, 18, align="center", after=6, quick=False),
        Style("SealFirst", "Seal First", BODY_FONT, 14, align="center", before=70, after=8, quick=False),
        Style("Seal", "Seal", BODY_FONT, 14, align="center", after=8, quick=False),
        Style("PageTitle", "Page Title", HEADING_FONT, 16, True, align="center", before=18, after=22, page_break=True),
        Style("CoverLine", "Cover Line", BODY_FONT, 14, align="left", before=4, after=4),
        Style("CoverNotice", "Cover Notice", BODY_FONT, 9, False, SOFT, align="center", before=50),
        Style("TOCHeading", "TOC Heading", HEADING_FONT, 16, True, align="center", after=14, page_break=True),
        Style("TOC1", "toc 1", HEADING_FONT, 11, True, before=4, after=1, tabs=_TOC_TAB, quick=False),
        Style("TOC2", "toc 2", BODY_FONT, 10.5, before=0, after=0, tabs=_TOC_TAB, left=18, quick=False),
        Style("TOC3", "toc 3", BODY_FONT, 10.5, before=1, after=1, tabs=_TOC_TAB, left=36, quick=False),
        Style("Caption", "caption", HEADING_FONT, 10.5, True, align="center", before=10, after=5),
        Style("TableText", "Table Text", BODY_FONT, 10.5, align="left", before=1.5, after=1.5),
        Style("TableTextDense", "Table Text Dense", BODY_FONT, 9, align="left", before=1, after=1),
        Style("TableTextFine", "Table Text Fine", BODY_FONT, 7.5, align="left", before=0.5, after=0.5),
        Style("TableNote", "Table Note", BODY_FONT, 9, False, SOFT, before=3, after=3),
        Style("Picture", "Picture", align="center", before=10, after=2, keep_next=True),
        Style("Formula", "Formula", align="center", before=8, after=8),
        Style("FormulaSymbol", "Formula Symbol", size=10.5, before=1, after=1, left=24),
        Style("ListBullet", "List Bullet", line=line, list_level=(BULLETS, 0)),
        Style("ListNumber", "List Number", line=line),
        Style("Callout", "Callout", HEADING_FONT, 10.5, before=4, after=6, line=18, borders=_callout(BLUE), shade=PALE,
              left=12),
        Style("CalloutTitle", "Callout Title", HEADING_FONT, 11.5, True, before=8, after=0, line=20, keep_next=True,
              borders=_callout(BLUE), shade=PALE, left=12, following="Callout"),
        Style("Missing", "Missing", BODY_FONT, 10.5, before=4, after=4, line=17, borders=_DASHED, left=6),
        Style("Header", "header", HEADING_FONT, 9, False, SOFT, align="center", quick=False,
              borders=f'<w:bottom w:val="single" w:sz="4" w:space="3" w:color="{HAIR}"/>'),
        Style("Footer", "footer", HEADING_FONT, 9, False, SOFT, align="center", quick=False),
        Style("Banner", "Banner", HEADING_FONT, 9, True, RED, align="center", after=2, quick=False),
    )  # fmt: skip


def styles_xml(language: Language) -> str:
    """The styles part."""
    lang = f'<w:lang w:val="{"en-US" if language == "en" else "zh-CN"}" w:eastAsia="zh-CN" w:bidi="ar-SA"/>'
    defaults = (
        f'<w:docDefaults><w:rPrDefault><w:rPr>{_fonts(BODY_FONT)}<w:color w:val="{INK}"/>'
        '<w:kern w:val="2"/><w:sz w:val="24"/>'
        f'<w:szCs w:val="24"/>{lang}</w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>'
    )
    fixed = (
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>'
        '<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">'
        '<w:name w:val="Default Paragraph Font"/><w:semiHidden/></w:style>'
        '<w:style w:type="numbering" w:default="1" w:styleId="NoList"><w:name w:val="No List"/>'
        "<w:semiHidden/></w:style>"
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/>'
        "<w:semiHidden/><w:tblPr>"
        '<w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="80" w:type="dxa"/>'
        '<w:bottom w:w="0" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>'
        '<w:style w:type="table" w:customStyle="1" w:styleId="ThreeLineTable"><w:name w:val="Three-Line Table"/>'
        '<w:basedOn w:val="TableNormal"/><w:qFormat/><w:tblPr><w:tblBorders>'
        f'<w:top w:val="single" w:sz="9" w:space="0" w:color="{INK}"/>'
        f'<w:bottom w:val="single" w:sz="9" w:space="0" w:color="{INK}"/>'
        f'<w:insideH w:val="single" w:sz="4" w:space="0" w:color="{HAIR}"/></w:tblBorders></w:tblPr>'
        '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders>'
        f'<w:bottom w:val="single" w:sz="6" w:space="0" w:color="{INK}"/></w:tcBorders>'
        f'<w:shd w:val="clear" w:color="auto" w:fill="{PALE}"/></w:tcPr></w:tblStylePr></w:style>'
        '<w:style w:type="table" w:customStyle="1" w:styleId="PairsTable"><w:name w:val="Pairs Table"/>'
        '<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>'
        + "".join(
            f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="{HAIR}"/>' for side in ("top", "bottom", "insideH")
        )
        + "</w:tblBorders></w:tblPr></w:style>"
        '<w:style w:type="table" w:customStyle="1" w:styleId="FormTable"><w:name w:val="Form Table"/>'
        '<w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>'
        + "".join(
            f'<w:{side} w:val="single" w:sz="5" w:space="0" w:color="{INK}"/>'
            for side in ("top", "left", "bottom", "right", "insideH", "insideV")
        )
        + "</w:tblBorders></w:tblPr></w:style>"
        f'<w:style w:type="character" w:styleId="Emphasis"><w:name w:val="Emphasis"/>'
        f"<w:qFormat/><w:rPr>{_emphasis(language)}</w:rPr></w:style>"
    )
    return f'<w:styles xmlns:w="{W}">{defaults}{fixed}{"".join(_style(style) for style in styles(language))}</w:styles>'


def _emphasis(language: Language) -> str:
    return "<w:i/><w:iCs/>" if language == "en" else f'{_fonts(EMPHASIS_FONT)}<w:color w:val="{SOFT}"/>'


def _fonts(east: str) -> str:
    latin = quoteattr(LATIN_FONT)
    return f"<w:rFonts w:ascii={latin} w:hAnsi={latin} w:cs={latin} w:eastAsia={quoteattr(east)}/>"


def _style(style: Style) -> str:
    custom = "" if style.id in _BUILT_IN else ' w:customStyle="1"'
    following = f'<w:next w:val="{style.following}"/>' if style.following else ""
    quick = "<w:qFormat/>" if style.quick else ""
    paragraph = [
        "<w:keepNext/><w:keepLines/>" if style.keep_next else "",
        "<w:pageBreakBefore/>" if style.page_break else "",
        f'<w:numPr><w:ilvl w:val="{style.list_level[1]}"/><w:numId w:val="{style.list_level[0]}"/></w:numPr>'
        if style.list_level
        else "",
        f"<w:pBdr>{style.borders}</w:pBdr>" if style.borders else "",
        f'<w:shd w:val="clear" w:color="auto" w:fill="{style.shade}"/>' if style.shade else "",
        f"<w:tabs>{style.tabs}</w:tabs>" if style.tabs else "",
        f'<w:spacing w:before="{_twips(style.before)}" w:after="{_twips(style.after)}"'
        + (
            f' w:line="{_twips(style.line)}" w:lineRule="atLeast"/>'
            if style.line
            else ' w:line="240" w:lineRule="auto"/>'
        ),
        _indent(style),
        f'<w:jc w:val="{style.align}"/>' if style.align else "",
        f'<w:outlineLvl w:val="{style.outline}"/>' if style.outline is not None else "",
    ]
    run = [
        _fonts(style.east) if style.east else "",
        "<w:b/><w:bCs/>" if style.bold else "",
        f'<w:color w:val="{style.colour}"/>' if style.colour else "",
        f'<w:sz w:val="{round(2 * style.size)}"/><w:szCs w:val="{round(2 * style.size)}"/>' if style.size else "",
    ]
    return (
        f'<w:style w:type="paragraph"{custom} w:styleId="{style.id}"><w:name w:val="{style.name}"/>'
        f'<w:basedOn w:val="{style.based}"/>{following}{quick}'
        f"<w:pPr>{''.join(paragraph)}</w:pPr><w:rPr>{''.join(run)}</w:rPr></w:style>"
    )


def _indent(style: Style) -> str:
    if style.indent_chars:
        return f'<w:ind w:firstLineChars="{style.indent_chars}" w:firstLine="480"/>'
    return f'<w:ind w:left="{_twips(style.left)}"/>' if style.left else ""


_BUILT_IN = frozenset(
    ("BodyText", "Heading1", "Heading2", "Heading3", "Title", "Subtitle", "TOCHeading", "TOC1", "TOC2", "TOC3",
     "Caption", "ListBullet", "ListNumber", "Header", "Footer")
)  # fmt: skip


def _twips(points: float) -> int:
    return round(points * 20)


def numbering_xml(language: Language, ordered_lists: int) -> str:
    """The numbering part: chapters, appendices, points, and a fresh numbered list for each of ``ordered_lists``."""
    chinese = language == "zh"
    chapter = ("chineseCountingThousand", "第%1章") if chinese else ("decimal", "Chapter %1")
    appendix = ("upperLetter", "附录 %1" if chinese else "Appendix %1")
    heads = "".join(
        f'<w:abstractNum w:abstractNumId="{id}"><w:multiLevelType w:val="multilevel"/>'
        + _level(0, kind, text, style="Heading1" if id == CHAPTERS else "")
        + _level(1, "decimal", "%1.%2", legal=id == CHAPTERS, style="Heading2" if id == CHAPTERS else "")
        + _level(2, "decimal", "%1.%2.%3", legal=id == CHAPTERS, style="Heading3" if id == CHAPTERS else "")
        + "</w:abstractNum>"
        for id, (kind, text) in ((CHAPTERS, chapter), (APPENDICES, appendix))
    )
    lists = (
        f'<w:abstractNum w:abstractNumId="{BULLETS}"><w:multiLevelType w:val="hybridMultilevel"/>'
        f"{_level(0, 'bullet', '•', hanging=14)}</w:abstractNum>"
        f'<w:abstractNum w:abstractNumId="{ORDERED}"><w:multiLevelType w:val="hybridMultilevel"/>'
        f"{_level(0, 'decimal', '%1.', hanging=20)}</w:abstractNum>"
    )
    numbers = "".join(
        f'<w:num w:numId="{id}"><w:abstractNumId w:val="{id}"/></w:num>'
        for id in (CHAPTERS, APPENDICES, BULLETS, ORDERED)
    ) + "".join(
        f'<w:num w:numId="{ORDERED + 1 + at}"><w:abstractNumId w:val="{ORDERED}"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
        for at in range(ordered_lists)
    )
    return f'<w:numbering xmlns:w="{W}">{heads}{lists}{numbers}</w:numbering>'


def _level(level: int, kind: str, text: str, *, legal: bool = False, style: str = "", hanging: float = 0) -> str:
    indent = f'<w:pPr><w:ind w:left="{_twips(hanging + 8)}" w:hanging="{_twips(hanging)}"/></w:pPr>' if hanging else ""
    suffix = "" if hanging else '<w:suff w:val="space"/>'
    return (
        f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        + (f'<w:pStyle w:val="{style}"/>' if style else "")
        + ("<w:isLgl/>" if legal else "")
        + f'{suffix}<w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/>{indent}</w:lvl>'
    )


def settings_xml(language: Language) -> str:
    """The settings part: fields are brought up to date when the file is opened; no compatibility mode."""
    return (
        f'<w:settings xmlns:w="{W}"><w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/><w:updateFields w:val="true"/><w:compat>'
        '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
        f'</w:compat><w:themeFontLang w:val="{"en-US" if language == "en" else "zh-CN"}" w:eastAsia="zh-CN"/>'
        '<w:decimalSymbol w:val="."/><w:listSeparator w:val=","/></w:settings>'
    )


def font_table_xml() -> str:
    """The font table, with what stands in for a font that is absent."""
    fonts = "".join(
        f"<w:font w:name={quoteattr(name)}>"
        + (f"<w:altName w:val={quoteattr(instead)}/>" if instead else "")
        + f'<w:charset w:val="{"86" if any(sign > "⺀" for sign in name) else "00"}"/><w:family w:val="{family}"/>'
        + '<w:pitch w:val="variable"/></w:font>'
        for name, instead, family in FONT_TABLE
    )
    return f'<w:fonts xmlns:w="{W}">{fonts}</w:fonts>'


def app_xml() -> str:
    """The extended properties: nothing of a template."""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        "<Application>Qingyuan</Application><DocSecurity>0</DocSecurity></Properties>"
    )


def watermark_xml(text: str) -> str:
    """A run with a pale slanted text behind the page, as Word makes it itself."""
    return (
        f'<w:r xmlns:w="{W}" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">'
        "<w:rPr><w:noProof/></w:rPr>"
        '<w:pict><v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" '
        'path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/>'
        '<v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/>'
        '<v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/></v:formulas>'
        '<v:path textpathok="t" o:connecttype="rect"/><v:textpath on="t" fitshape="t"/></v:shapetype>'
        '<v:shape type="#_x0000_t136" style="position:absolute;margin-left:0;margin-top:0;width:330pt;height:82pt;'
        "rotation:315;z-index:-251658752;mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
        'mso-position-vertical:center;mso-position-vertical-relative:margin" fillcolor="#f4e9e6" stroked="f" '
        'o:allowincell="f">'
        f"<v:textpath style=\"font-family:'{HEADING_FONT}';font-size:1pt\" string={quoteattr(text)}/>"
        "</v:shape></w:pict></w:r>"
    )

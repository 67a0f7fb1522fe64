"""Units: every way of writing them, exact factors, dimensions that stay apart, display, and the check against pint."""

from __future__ import annotations

import csv
import gzip
import tomllib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan import units
from qingyuan.errors import UnknownName
from qingyuan.language import language
from qingyuan.unit_table import RARE, SYMBOLS
from qingyuan.units import DimensionError, NotAQuantity

DATA = Path(units.__file__).parent / "data"

SPELLINGS = {
    "t": ["t", "吨", "公吨", "Ｔ", "T", " 吨 "],
    "10^4 t": ["万吨", "万t", "10^4t", "10^4 t", "10⁴ t", "1e4t", "10000 t", "10^4·t", "万 吨"],
    "kg": ["kg", "公斤", "千克", "KG", "㎏", "ｋｇ"],
    "m3": ["m3", "m³", "立方米", "方", "㎥", "M3", "m^3", "立方"],
    "10^4 m3": ["万m³", "万立方米", "万方", "10^4m3", "10⁴m³"],
    "Nm3": ["Nm3", "Nm³", "标方", "标准立方米", "NM3", "标立方米", "m3(标)", "m³（标态）"],
    "10^4 Nm3": ["万Nm³", "万标方", "10^4 Nm3", "1e4Nm3", "万标准立方米"],
    "kWh": ["kWh", "千瓦时", "度", "KW·h", "kW*h", "KWH", "kw.h", "千瓦·时", "kW h"],
    "10^4 kWh": ["万kWh", "万度", "万千瓦时", "10⁴kWh"],
    "10^8 kWh": ["亿kWh", "亿千瓦时", "亿度"],
    "MWh": ["MWh", "兆瓦时"],
    "tce": ["tce", "吨标准煤", "吨标煤", "t标煤", "TCE"],
    "10^4 tce": ["万tce", "万吨标准煤", "万吨标煤"],
    "kgce": ["kgce", "千克标准煤", "公斤标煤", "kg标准煤"],
    "GJ": ["GJ", "吉焦", "百万千焦"],
    "kcal": ["kcal", "大卡", "千卡", "Kcal"],
    "mu": ["亩", "市亩"],
    "ha": ["公顷", "hm2", "ha"],
    "m2": ["m2", "㎡", "平方米", "m²", "平米"],
    "10^4 m2": ["万m²", "万平方米", "10^4 m2", "10000 m2"],
    "CNY": ["元", "CNY", "人民币", "￥", "yuan"],
    "10^4 CNY": ["万元", "10^4 CNY", "10k CNY", "万CNY"],
    "10^8 CNY": ["亿元"],
    "%": ["%", "％", "百分比"],
    "permil": ["‰"],
    "ppm": ["ppm", "PPM"],
    "mg/L": ["mg/L", "mg/l", "毫克/升", "毫克每升", "mg／L"],
    "mg/m3": ["mg/m3", "mg/m³", "毫克/立方米"],
    "mg/Nm3": ["mg/Nm3", "mg/Nm³", "毫克/标准立方米"],
    "ngTEQ/Nm3": ["ng TEQ/Nm3", "ngTEQ/Nm³", "ng-TEQ/Nm3", "ng I-TEQ/Nm3"],
    "ug/m3": ["ug/m3", "μg/m³", "µg/m3", "微克/立方米"],
    "L": ["L", "升", "l"],
    "kL": ["kL", "千升"],
    "times/a": ["次/年", "次/a"],
    "machine": ["台"],
    "person*d": ["人·d", "人·天", "人*天", "人 d", "人·日"],
    "d": ["d", "天", "日"],
    "h": ["h", "小时", "时"],
    "a": ["a", "年", "yr"],
    "degC": ["℃", "°C", "摄氏度", "degC"],
    "dB(A)": ["dB(A)", "dB（A）", "分贝(A)"],
    "1": ["", "1", "无量纲", "pH", "无", "—", "倍", "t/t", "kg/kg"],
    "t/a": ["t/a", "吨/年", "t/yr"],
    "L/m2": ["L/m2", "升/平方米"],
    "kgce/t": ["kgce/t", "kgce/吨", "千克标准煤/吨", "kgce/t产品", "kgce/吨(产品)"],
    "tce/10^4 CNY": ["tce/万元", "吨标煤/万元", "tce/万元产值", "tce/万元工业增加值"],
    "tCO2": ["tCO2", "tCO₂", "吨CO2", "吨二氧化碳", "t CO2"],
    "tCO2e": ["tCO2e", "tCO₂e", "吨二氧化碳当量", "tCO2eq", "tCO2-eq"],
    "kgCO2e": ["kgCO2e", "公斤二氧化碳当量", "kgCO2当量", "千克二氧化碳当量"],
    "tCO2/MWh": ["tCO2/MWh", "tCO₂/MWh"],
    "GJ/10^4 Nm3": ["GJ/10^4Nm3", "GJ/万Nm³", "GJ/万标方"],
    "tC/GJ": ["tC/GJ"],
    "kWh/(m2*a)": ["kWh/(m2 a)", "kWh/(m²·a)", "kWh/m2·a", "kWh/m2/a"],
    "L/(person*d)": ["L/(person d)", "L/人·d", "升/(人·天)", "L/(人·日)"],
    "10^4 CNY/person": ["万元/人"],
    "10^6 sheet": ["百万片"],
    "weightcase": ["重箱", "重量箱"],
    "t/h": ["t/h", "蒸吨", "吨/小时", "蒸吨/小时"],
    "uS/cm": ["us/cm", "μS/cm"],
    "RT": ["冷吨"],
    "acre": ["acre", "英亩"],
}


@pytest.mark.parametrize(("canonical", "text"), [(key, text) for key, texts in SPELLINGS.items() for text in texts])
def test_every_usual_spelling_has_one_canonical_form(canonical: str, text: str) -> None:
    assert units.canonical(text) == canonical
    assert units.canonical(canonical) == canonical


@pytest.mark.parametrize("text", ["kwg", "公金", "mg//L", "吨吨每", "tce/产品单位", "()", "m3/t of coal", "x" * 5000])
def test_an_unknown_unit_is_refused(text: str) -> None:
    with pytest.raises(UnknownName):
        units.canonical(text)


def test_an_unknown_unit_has_near_suggestions() -> None:
    with pytest.raises(UnknownName) as caught:
        units.canonical("kgec")
    assert "kgce" in caught.value.suggestions


# Texts of unit fields that name no unit: an evaluation index system that leaves the choice to the assessor.
CHOICES = {
    "tce/产品单位 或 tce/万元",
    "tCO2/产品单位 或 tCO2/万元",
    "原材料单位/产品单位 或 原材料单位/万元",
    "m3/产品单位 或 m3/万元",
    "污染物单位/产品单位 或 污染物单位/万元",
    "产品单位/m2 或 万元/m2",
}


def unit_fields(root: Path) -> Iterator[tuple[str, str]]:
    """Every text of a field that holds a unit, with its file."""

    def is_unit(key: str | None) -> bool:
        return key is not None and (key in ("unit", "units") or key.endswith(("_unit", "_units")))

    def walk(value: object, key: str | None) -> Iterator[str]:
        if isinstance(value, dict):
            for inner_key, inner in value.items():
                yield from walk(inner, inner_key)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner, key)
        elif isinstance(value, str) and is_unit(key):
            yield value

    for path in sorted(root.rglob("*.toml")):
        for text in walk(tomllib.loads(path.read_text(encoding="utf-8")), None):
            yield text, str(path.relative_to(root))
    for path in sorted([*root.rglob("*.csv"), *root.rglob("*.csv.gz")]):
        with (
            gzip.open(path, "rt", encoding="utf-8")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8-sig") as stream
        ):
            reader = csv.DictReader(stream)
            columns = [name for name in reader.fieldnames or () if is_unit(name)]
            found = (
                {part for row in reader for name in columns for part in (row[name] or "").split("|")} if columns else ()
            )
            for text in found:
                if text:
                    yield text, str(path.relative_to(root))


def test_every_unit_of_the_shipped_data_is_known() -> None:
    # the law counts time in its own words (months, working days); mappings of importers name columns, not units
    found = {text: place for text, place in unit_fields(DATA) if not place.startswith(("law/", "importers/"))}
    assert len(found) > 150
    unknown = {}
    for text, place in found.items():
        if text in CHOICES:
            continue
        try:
            units.canonical(text)
        except UnknownName:
            unknown[text] = place
    assert not unknown


# Words behind a unit in the reference material: "kWh/t cement", "m3/t of 原油", "CNY for 100 t/d". Shipped, such a text
# is a unit and a second field that says of what.
OF_WHAT = (" of ", " per ", " for ", " at ", " cement", " clinker", " sinter", " coke", " steel", " paper", " board")


def test_every_unit_of_the_reference_material_is_known(shared: Path) -> None:
    unknown = set()
    for text, place in unit_fields(shared):
        if place.startswith("real-data/ghgrp") or text in CHOICES:
            continue
        try:
            units.canonical(text)
        except UnknownName:
            unknown.add((text, place))
    not_units = {text for text, place in unknown if any(word in text for word in OF_WHAT)}
    rest = {(text, place) for text, place in unknown if text not in not_units}
    assert {text for text, _ in rest} == {
        "1:x",
        "CNY (one works)",
        "CNY/m3 concrete",
        "CNY/t PVC",
        "CNY/t ore",
        "GJ/t alumina",
        "MMBtu source",
        "as recorded",
        "bed, t wastewater",
        "kWh/t Al",
        "kWh/t NaOH",
        "kWh/t coal",
        "kWh/t hot metal",
        "kWh/t raw material",
        "kWh/t wastewater",
        "kWh/t water evaporated",
        "kg VOC/kg",
        "kg, t, ha, 亩 (15 亩 = 1 ha)",
        "kg/t material",
        "kgce/tSO2",
        "kgoe/(t·能量因数)",
        "t fish/y",
        "t wastewater",
        "t water x times over the standard",
        "t/ha left on the field",
        "t/t pulp",
        "t/t water evaporated",
    }


# --- factors ---------------------------------------------------------------------------------------------------------

SIMPLE = sorted(set(SYMBOLS) - {"1"})


@pytest.mark.parametrize(
    ("from_unit", "to_unit", "factor"),
    [
        ("t", "kg", 1000.0),
        ("kg", "t", 0.001),
        ("万kWh", "kWh", 10000.0),
        ("GJ", "kWh", 1e6 / 3600),
        ("亩", "m2", 2000 / 3),
        ("ha", "亩", 15.0),
        ("tce", "kgce", 1000.0),
        ("重箱", "t", 0.05),
        ("kgoe", "kgce", 10 / 7),
        ("万元", "元", 10000.0),
        ("%", "1", 0.01),
        ("kg/t", "%", 0.1),
        ("mg/L", "kg/m3", 0.001),
        ("tC", "kgC", 1000.0),
        ("tCO2e", "kgCO2", 1000.0),
        ("kgce/t", "tce/万吨", 10.0),
        ("kg*kgce/t", "kgce", 0.001),
        ("kcal", "kJ", 4.1868),
        ("a", "h", 8760.0),
        ("kWh/(m2*a)", "kWh/(m2*d)", 1 / 365),
        ("L/m2", "mm", 1.0),
    ],
)
def test_factors_are_exact(from_unit: str, to_unit: str, factor: float) -> None:
    assert units.factor(from_unit, to_unit) == factor


@pytest.mark.parametrize(
    ("from_unit", "to_unit"),
    [
        ("kWh", "kgce"),
        ("GJ", "tce"),
        ("m3", "Nm3"),
        ("t", "tCO2"),
        ("tC", "tCO2"),
        ("t", "m3"),
        ("t", "tce"),
        ("元", "USD"),
        ("台", "人"),
        ("kgce/t", "kgce"),
        ("mg/m3", "mg/Nm3"),
        ("ng", "ngTEQ"),
        ("kW", "kVA"),
        ("m3", "1"),
    ],
)
def test_different_things_never_convert(from_unit: str, to_unit: str) -> None:
    assert units.dimension(from_unit) != units.dimension(to_unit)
    with pytest.raises(DimensionError) as caught:
        units.factor(from_unit, to_unit)
    with pytest.raises(DimensionError):
        units.convert(1.0, to_unit, from_unit)
    for code in ("zh", "en"):
        with language(code):
            assert units.display(from_unit) in str(caught.value)


def test_energy_to_standard_coal_says_what_is_missing() -> None:
    with pytest.raises(DimensionError) as caught:
        units.convert(1.0, "kWh", "kgce")
    assert "折标准煤系数" in str(caught.value)


@given(st.integers(min_value=-(10**9), max_value=10**9), st.sampled_from(["kg", "g", "mg"]))
def test_decimal_conversion_gives_the_nearest_number(value: int, unit: str) -> None:
    exact = Fraction(value) * SYMBOLS[unit].size / 1000
    assert units.convert(value, unit, "t") == float(exact)


@given(st.sampled_from(SIMPLE), st.sampled_from(SIMPLE), st.sampled_from(SIMPLE))
def test_factors_are_consistent(a: str, b: str, c: str) -> None:
    if {a, b, c} & {"degC", "degF", "K"} or len({units.dimension(unit) for unit in (a, b, c)}) > 1:
        return
    assert units.factor(a, b) * units.factor(b, a) == pytest.approx(1.0, rel=1e-14)
    assert units.factor(a, b) * units.factor(b, c) == pytest.approx(units.factor(a, c), rel=1e-14)


def test_temperatures_convert_with_their_zero() -> None:
    assert units.convert(20, "℃", "K") == 293.15
    assert units.convert(68, "degF", "degC") == 20.0
    assert units.convert(5, "kJ/(kg*degC)", "kJ/(kg*K)") == 5
    with pytest.raises(DimensionError):
        units.factor("degC", "K")


def test_a_second_conversion_does_not_compute_again() -> None:
    units.factor("万tce", "kgce")
    before = units.factor.cache_info()
    for _ in range(10):
        units.factor("万tce", "kgce")
    after = units.factor.cache_info()
    assert after.misses == before.misses
    assert after.hits == before.hits + 10


def test_everyday_use_does_not_import_pint() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from qingyuan import units; units.convert(1, '万kWh', 'GJ'); units.display('kgce/t');"
        "units.parse_quantity('3 t'); assert 'pint' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# --- the table against pint ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("symbol", [*SIMPLE, *RARE])
def test_the_table_agrees_with_pint(symbol: str) -> None:
    registry = units.registry()
    base = "*".join(
        f"{units._SI_BASES.get(name, units._pint_base(name))}**({power})" for name, power in units._size(symbol)[1]
    )
    there = registry.Quantity(Fraction(1), units.pint_name(symbol)).to(base or "dimensionless").magnitude
    assert Fraction(there) == units._size(symbol)[0]


def test_pint_itself_defines_most_physical_units() -> None:
    assert len(units._PINT_NAMES) > 60
    assert not set(units._PINT_NAMES) - set(SYMBOLS)


def test_pint_keeps_our_dimensions_apart() -> None:
    registry = units.registry()
    for one, other in (("kWh", "kgce"), ("m3", "Nm3"), ("kg", "kgCO2"), ("CNY", "USD"), ("machine", "person")):
        left = registry.Quantity(1, units.pint_name(one))
        assert not left.is_compatible_with(units.pint_name(other))


# --- compounds -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "product", "quotient"),
    [
        ("kWh", "kgce/kWh", "kgce", "kWh*kWh/kgce"),
        ("kgce", "t", "kgce*t", "kgce/t"),
        ("t", "t", "t*t", "1"),
        ("10^4 m3", "kgCO2/m3", "10^4 kgCO2", "10^4 m3*m3/kgCO2"),
        ("kW", "h", "kWh", "kW/h"),
        ("tce", "10^4 CNY", "10^4 CNY*tce", "tce/10^4 CNY"),
        ("1", "t", "t", "1/t"),
        ("m3/t", "t", "m3", "m3/(t*t)"),
    ],
)
def test_products_and_quotients(a: str, b: str, product: str, quotient: str) -> None:
    assert units.multiply(a, b) == product
    assert units.divide(a, b) == quotient


@given(st.sampled_from(SIMPLE), st.sampled_from(SIMPLE), st.integers(min_value=-3, max_value=8))
def test_a_product_has_the_product_of_the_sizes(a: str, b: str, power: int) -> None:
    scaled = units.canonical(f"10^{power} {a}") if power else a
    for made, size in (
        (units.multiply(scaled, b), units._size(scaled)[0] * units._size(b)[0]),
        (units.divide(scaled, b), units._size(scaled)[0] / units._size(b)[0]),
    ):
        assert units._size(made)[0] == size
        assert units.canonical(made) == made
    assert units.multiply(units.divide(scaled, b), b) in (scaled, units.canonical(scaled))


# --- showing and reading ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "zh", "en"),
    [
        ("10^4 m3", "万m³", "10⁴ m³"),
        ("10^4 CNY", "万元", "10⁴ CNY"),
        ("10^8 kWh", "亿kWh", "10⁸ kWh"),
        ("tCO2", "tCO₂", "tCO₂"),
        ("kgce/t", "kgce/t", "kgce/t"),
        ("L/(person*d)", "L/(人·d)", "L/(person·d)"),
        ("degC", "℃", "°C"),
        ("mu", "亩", "mu"),
        ("machine", "台", "machines"),
        ("ug/m3", "μg/m³", "μg/m³"),
        ("1", "", ""),
        ("1/t", "1/t", "1/t"),
    ],
)
def test_display(unit: str, zh: str, en: str) -> None:
    assert units.display(unit) == zh
    with language("en"):
        assert units.display(unit) == en


@given(
    st.sampled_from(SIMPLE),
    st.sampled_from(["", "10^4 ", "10^8 "]),
    st.sampled_from(["", "t", "(person*d)", "10^4 CNY"]),
)
def test_what_is_shown_in_chinese_is_understood_again(symbol: str, scale: str, below: str) -> None:
    unit = units.canonical(f"{scale}{symbol}" + (f"/{below}" if below else ""))
    shown = units.display(unit)
    assert units._size(shown) == units._size(unit) or symbol in ("unit",)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1 234.5 万kWh", 1234.5, "10^4 kWh"),
        ("３.５吨", 3.5, "t"),
        ("1,234,567.8 元", 1234567.8, "CNY"),
        ("12%", 12.0, "%"),
        ("-3.2e3 t", -3200.0, "t"),
        ("5×10^4 m3", 50000.0, "m3"),
        ("5×10⁴ m³", 50000.0, "m3"),
        ("1.5万", 1.5, "10^4"),
        ("42", 42.0, "1"),
        (".5 L", 0.5, "L"),
        ("0.05mg/L", 0.05, "mg/L"),
    ],
)
def test_a_quantity_is_read(text: str, value: float, unit: str) -> None:
    assert units.parse_quantity(text) == (value, unit)


@pytest.mark.parametrize("text", ["", "abc", "吨 5", "1 23 t", "--5 t"])
def test_no_quantity(text: str) -> None:
    with pytest.raises((NotAQuantity, UnknownName)):
        units.parse_quantity(text)


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        unit = units.canonical(text)
    except UnknownName:
        return
    assert units.canonical(unit) == unit
    assert units.dimension(unit)

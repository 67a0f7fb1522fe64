"""The item catalogue: names, aliases with roles, suggestions, accepted units, links to the coefficient tables."""

from __future__ import annotations

import csv
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan import units
from qingyuan.errors import UnknownName
from qingyuan.reference import accept_unit, catalogue, wastes
from qingyuan.reference.items import FILES, KIND_ORDER, _plain
from qingyuan.reference.loading import DATA
from qingyuan.units import DimensionError

ITEMS = catalogue().items


def test_the_catalogue_is_consistent() -> None:
    known = catalogue()
    kinds = {kind.id for kind in known.kinds}
    roles = {role.id for role in known.all_roles}
    assert kinds == set(KIND_ORDER)
    for item in known:
        assert item.kind in kinds
        assert item.name.zh
        assert item.name.en
        assert units.canonical(item.unit) == item.unit
        assert not item.parent or item.parent in known
        assert set(item.role_aliases.values()) <= roles
        assert known.default_role(item) in {role.id for role in known.roles(item.kind)}
        for implied in item.role_aliases.values():
            assert item.kind in known.role(implied).kinds, (item.id, implied)
        if item.density is not None:
            assert item.density_grade
            assert item.density_source
    for role in known.all_roles:
        assert set(role.kinds) <= kinds
        assert (role.group == "property") == bool(role.units), role.id


def test_no_two_items_of_a_kind_own_one_name() -> None:
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name in FILES:
        with (DATA / f"items/{name}.csv").open(encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                spelled = [row["id"], row["name_zh"], row["name_en"]]
                spelled += [alias.partition("=")[0] for alias in row["aliases"].split("|") if alias]
                for text in spelled:
                    owners[row["kind"], _plain(text)].add(row["id"])
    assert len(owners) > 1500
    assert {key: ids for key, ids in owners.items() if len(ids) > 1} == {}


def test_ids_are_unique_over_all_kinds() -> None:
    ids = [item.id for item in ITEMS]
    assert len(ids) == len(set(ids)) > 600


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
def test_every_name_finds_its_item(item: object) -> None:
    from qingyuan.reference import Item

    assert isinstance(item, Item)
    for name in (item.id, item.name.zh, item.name.en, *item.aliases):
        assert catalogue().find(name, item.kind).item.id == item.id
    for name, role in item.role_aliases.items():
        match = catalogue().find(name, item.kind)
        assert (match.item.id, match.role) == (item.id, role)


@pytest.mark.parametrize(
    ("text", "item", "role", "remainder"),
    [
        ("电", "electricity", None, ""),
        ("用电量", "electricity", "consumed", ""),
        ("electricity", "electricity", None, ""),
        ("Electricity", "electricity", None, ""),
        ("外购 电量", "electricity", "purchased", ""),
        ("外购电", "electricity", "purchased", ""),
        ("用电量（原表合计）", "electricity", "consumed", "原表合计"),
        ("用电量（万kWh）", "electricity", "consumed", "万kWh"),
        ("用电量/万kWh", "electricity", "consumed", "万kWh"),
        ("全厂年用电量", "electricity", "consumed", ""),
        ("电力单价", "electricity", "price", ""),
        ("天然气用量", "natural-gas", "consumed", ""),
        ("天然气低位发热量", "natural-gas", "lower-heating-value", ""),
        ("外购蒸汽量", "steam", "purchased", ""),
        ("蒸汽温度", "steam", "temperature", ""),
        ("废水产生量", "wastewater", "generated", ""),
        ("废水排放量", "wastewater", "discharged", ""),
        ("新鲜水用量", "fresh-water", "consumed", ""),
        ("取水量", "fresh-water", "taken", ""),
        ("间接冷却水循环量", "indirect-cooling-water", "recycled", ""),
        ("废水回用量", "reused-water", "reused", ""),
        ("单面板产量", "single-sided-board", "produced", ""),
        ("产品合格率", "product", "pass-rate", ""),
        ("废水COD产生浓度", "COD", "generated-concentration", "废水"),
        ("废气中VOCs排放量", "VOCs", "discharged", "废气中"),
        ("二氧化硫折", "SO2", "discharged-concentration", ""),
        ("PAC", "PAC", None, ""),
        ("ｐａｃ", "PAC", None, ""),
        ("片碱消耗量", "sodium-hydroxide", "consumed", ""),
        ("含铜污泥产生量", "copper-sludge", "generated", ""),
        ("危险废物转移量", "hazardous-waste", "transferred", ""),
        ("产值", "output-value", None, ""),
        ("年工作时间", "operating-hours", None, ""),
    ],
)
def test_a_name_is_understood(text: str, item: str, role: str | None, remainder: str) -> None:
    match = catalogue().find(text)
    assert (match.item.id, match.role, match.remainder) == (item, role, remainder)


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [("片减", "片碱"), ("硫酸镊", "硫酸镍"), ("用店量", "用电量"), ("elektricity", "electricity"), ("氨旦", "氨氮")],
)
def test_a_mistyped_name_is_suggested(text: str, suggestion: str) -> None:
    with pytest.raises(UnknownName) as caught:
        catalogue().find(text)
    assert suggestion in caught.value.suggestions


@pytest.mark.parametrize("text", ["", "  ", "消耗量", "量", "（备注）", "某某", "/", "??"])
def test_nothing_is_found_in_words_that_name_nothing(text: str) -> None:
    with pytest.raises(UnknownName):
        catalogue().find(text)


def test_a_kind_keeps_to_itself() -> None:
    assert catalogue().find("甲苯", "pollutant").item.id == "toluene"
    assert catalogue().find("甲苯", "material").item.id == "toluene-solvent"
    assert {other.kind for other in catalogue().find("甲苯").others} == {"pollutant"}
    with pytest.raises(UnknownName):
        catalogue().find("用电量", "material")
    with pytest.raises(UnknownName):
        catalogue().find("用电量", "no-kind")


@given(st.text(max_size=30))
def test_any_text_finds_an_item_or_is_refused(text: str) -> None:
    try:
        match = catalogue().find(text)
    except UnknownName:
        assert catalogue().match(text) is None
        return
    assert match.item in ITEMS


def test_the_tree_of_waters() -> None:
    known = catalogue()
    children = {item.id for item in known.children("fresh-water")}
    assert {"production-water", "domestic-water", "make-up-water", "tap-water", "ground-water"} <= children
    assert known.is_a("cleaning-water", "fresh-water")
    assert not known.is_a("recycled-water", "fresh-water")
    assert "cleaning-water" in {item.id for item in known.family("fresh-water")}


def test_properties_are_listed() -> None:
    wanted = {"lower-heating-value", "carbon-content", "oxidation", "temperature", "pressure", "density", "price"}
    assert wanted <= {role.id for role in catalogue().roles("energy")}
    assert {"concentration", "discharged-concentration"} <= {role.id for role in catalogue().roles("pollutant")}


# --- the real plant ------------------------------------------------------------------------------------------------


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_the_names_of_the_real_plant(pcb_plant: Path) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    missed: dict[str, set[str]] = defaultdict(set)
    for row in _rows(pcb_plant / "facts.csv"):
        match = catalogue().match(row["item"], row["kind"])
        (missed if match is None else found)[row["kind"]].add(row["item"])
    for row in _rows(pcb_plant / "monitoring.csv"):
        assert catalogue().find(row["pollutant"], "pollutant").item.kind == "pollutant"
    assert set(missed) <= {"equipment"}
    assert len(found["material"]) > 35
    assert len(found["waste"]) == 11


def test_the_units_of_the_real_plant(pcb_plant: Path) -> None:
    for row in _rows(pcb_plant / "facts.csv"):
        match = catalogue().match(row["item"], row["kind"])
        if match is not None:
            accepted = accept_unit(match.item, row["unit"], match.role or "")
            assert accepted.factor == 1.0
            assert accepted.unit == units.canonical(row["unit"])


# --- units of items ------------------------------------------------------------------------------------------------


def test_gas_in_plain_cubic_metres_is_taken_at_normal_conditions() -> None:
    gas = catalogue().get("natural-gas")
    accepted = accept_unit(gas, "万m3", "consumed")
    assert (accepted.unit, accepted.factor) == ("10^4 Nm3", 1.0)
    assert "Nm³" in str(accepted.note)
    assert accept_unit(gas, "万Nm³").note is None
    assert accept_unit(gas, "kcal/m3", "lower-heating-value").unit == "kcal/Nm3"
    assert accept_unit(gas, "元/m3", "price").unit == "CNY/m3"


def test_gas_by_mass_needs_a_density() -> None:
    gas = catalogue().get("natural-gas")
    with pytest.raises(DimensionError) as caught:
        accept_unit(gas, "t")
    assert "密度" in str(caught.value)
    accepted = accept_unit(gas, "t", density=0.72)
    assert accepted.unit == "Nm3"
    assert accepted.factor == pytest.approx(1000 / 0.72)
    # Pure oxygen needs none: 31.998 kg/kmol in 22.414 Nm3/kmol.
    assert accept_unit(catalogue().get("oxygen"), "t").factor == pytest.approx(1000 * 22.414 / 31.998)


def test_water_by_mass_and_liquids_by_volume() -> None:
    known = catalogue()
    assert accept_unit(known.get("fresh-water"), "万吨").unit == "10^4 m3"
    assert accept_unit(known.get("fresh-water"), "kg").factor == 0.001
    assert accept_unit(known.get("diesel"), "L").unit == "kg"
    assert accept_unit(known.get("diesel"), "L", density=0.835).factor == 0.835
    plain = accept_unit(known.get("hydrochloric-acid"), "L")
    assert (plain.unit, plain.factor) == ("L", 1.0)
    assert plain.note is not None
    assert accept_unit(known.get("hydrochloric-acid"), "L", density=1.155).unit == "kg"


def test_amounts_a_year_and_other_dimensions() -> None:
    known = catalogue()
    assert accept_unit(known.get("electricity"), "万kWh/a").unit == "10^4 kWh"
    assert accept_unit(known.get("COD"), "t/a", "discharged").unit == "t"
    assert accept_unit(known.get("COD"), "mg/L", "concentration").unit == "mg/L"
    assert accept_unit(known.get("steam"), "GJ").unit == "GJ"
    for item, unit in (("electricity", "t"), ("fresh-water", "kWh"), ("output-value", "t"), ("raw-coal", "Nm3")):
        with pytest.raises(DimensionError):
            accept_unit(known.get(item), unit)
    with pytest.raises(DimensionError):
        accept_unit(known.get("steam"), "t", "temperature")
    with pytest.raises(UnknownName):
        accept_unit(known.get("steam"), "t", "no-role")


# --- links and contents --------------------------------------------------------------------------------------------


def _ids(table: str, keys: tuple[str, ...]) -> set[str]:
    found: set[str] = set()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key in keys and isinstance(inner, str):
                    found.add(inner)
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(tomllib.loads((DATA / f"accounting/{table}.toml").read_text(encoding="utf-8")))
    return found


def test_every_link_leads_somewhere() -> None:
    coefficients = _ids("energy-coefficients", ("id",))
    fuels = _ids("fuel-carbon", ("fuel",))
    for item in ITEMS:
        assert not item.energy_coefficient or item.energy_coefficient in coefficients, item.id
        assert not item.equal_value_coefficient or item.equal_value_coefficient in coefficients, item.id
        for code in item.waste_codes:
            assert code in wastes.waste_codes(), (item.id, code)
    linked = {item.fuel for item in ITEMS}
    assert fuels <= linked
    assert {"raw-coal", "diesel", "natural-gas", "electricity-equivalent"} <= {
        item.energy_coefficient for item in ITEMS
    }


def test_every_pollutant_of_the_tables_is_an_item() -> None:
    for pollutant in _ids("pollution-equivalents", ("pollutant",)):
        assert catalogue().get(pollutant).kind == "pollutant"


def test_every_energy_coefficient_is_linked() -> None:
    data = tomllib.loads((DATA / "accounting/energy-coefficients.toml").read_text(encoding="utf-8"))
    ids = {record["id"] for table in ("fuel", "energy", "working_medium") for record in data.get(table, ())}
    linked = {item.energy_coefficient for item in ITEMS} | {item.equal_value_coefficient for item in ITEMS}
    assert ids - linked == set()


def test_census_pollutant_names_resolve(shared: Path) -> None:
    for row in _rows(shared / "domain/data/generation-ranges.csv"):
        if row["pollutant"] == "waste-water":
            assert catalogue().find(row["pollutant_zh"], "water").item.id == "wastewater"
        elif row["pollutant"] != "flue-dust":
            assert catalogue().find(row["pollutant_zh"], "pollutant").item.kind == "pollutant"


# Of the transmission standard: flows, states of instruments and weather, which are no pollutants.
STATES = ("流量", "累计", "状态", "门禁", "UPS", "风", "气压", "湿度", "制冷温度", "截面积", "污水", "侧烟气温度")


@pytest.mark.parametrize("edition", ["2005", "2017"])
def test_names_of_the_transmission_standard_resolve(shared: Path, edition: str) -> None:
    missed = [
        row["name_zh"]
        for row in _rows(shared / f"real-data/hj212-pollutant-codes/codes_{edition}.csv")
        if catalogue().match(row["name_zh"], "pollutant") is None
    ]
    assert [name for name in missed if not any(word in name for word in STATES)] in (
        ["DCS温度", "温度"],
        ["温度", "温度"],
    )


def test_contents_by_stoichiometry() -> None:
    known = catalogue()
    assert known.get("nickel-sulfate").contents["Ni"] == pytest.approx(0.2233, abs=2e-4)
    assert known.get("chromium-trioxide").contents["Cr"] == pytest.approx(0.5200, abs=2e-4)
    assert known.get("copper-sulfate").contents["Cu"] == pytest.approx(0.2545, abs=2e-4)
    assert known.get("sodium-cyanide").contents["N"] == pytest.approx(14.007 / 49.008, abs=2e-4)
    assert not known.get("ink").contents
    for item in ITEMS:
        if item.formula:
            assert sum(item.contents.values()) == pytest.approx(1.0)
            assert item.form is not None

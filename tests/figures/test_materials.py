from __future__ import annotations

import csv
import doctest
from pathlib import Path

import pytest
from figure_plants import fact, ledger, run
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.errors import UnknownName
from qingyuan.facts.cases import read_case
from qingyuan.figures import compute, materials
from qingyuan.figures.methods import all_methods
from qingyuan.reference.records import Grade


def texts(figure: object) -> str:
    return " ".join(str(note) for note in figure.notes)  # type: ignore[attr-defined]


# --- contents and rates ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "element", "share"),
    [
        ("NiSO4·6H2O", "Ni", 0.2233), ("NiCl2·6H2O", "Ni", 0.2469), ("CrO3", "Cr", 0.5200), ("NaCl", "Cl", 0.6066),
        ("CuSO4·5H2O", "Cu", 0.2545), ("ZnO", "Zn", 0.8034),
    ],
)  # fmt: skip
def test_published_contents(formula: str, element: str, share: float) -> None:
    assert materials.content(formula, element).value == pytest.approx(share, abs=5e-5)


def test_content_has_a_source_and_no_content_is_nought() -> None:
    coefficient = materials.content("NaCl", "Cl")
    assert "IUPAC" in coefficient.source
    assert coefficient.grade in (Grade.CITED, Grade.RECALLED)
    assert materials.content("NaCl", "Ni").value == 0
    with pytest.raises(UnknownName):
        materials.content("Xx2", "Ni")


@pytest.mark.parametrize(("density", "kilograms"), [(8.9, 89.0), (7.2, 72.0), (8.96, 89.6), (7.14, 71.4)])
def test_metal_on_ware(density: float, kilograms: float) -> None:
    # 1000 m2, 10 um of nickel, chromium, copper, zinc
    assert materials.metal_on_ware(1000, 10, density) == pytest.approx(kilograms)
    assert materials.metal_on_ware(1000, 10, density, 0.5) == pytest.approx(kilograms / 2)


def test_published_balance_that_does_not_add_up(shared: Path) -> None:
    rows = list(csv.DictReader((shared / "real-data/published-audit-figures/figures.csv").open(encoding="utf-8")))
    number = {row["item"]: float(row["value"]) for row in rows if row["case"] == "light chemical enterprise"}
    inputs, outputs = number["material in"], number["material out"]
    assert inputs - outputs == 99_648
    assert number["printed difference"] == 43_088
    assert materials.balance_deviation(inputs, outputs) == pytest.approx(0.0210, abs=5e-5)
    assert number["printed difference"] / inputs == pytest.approx(0.0091, abs=5e-5)


def test_rates_as_functions() -> None:
    assert materials.utilisation(95, 105, 5) == 0.95
    assert materials.product_yield(90, 100) == 0.9
    assert materials.pass_rate(992, 1000) == 0.992
    assert materials.recovery(30, 10) == 0.75
    assert materials.solid_waste_utilisation(90, 100) == 0.9
    assert materials.solid_waste_utilisation(120, 100, 20) == 1
    assert materials.solvent_recovery(80, 100) == 0.8


@pytest.mark.parametrize(
    "call",
    [
        lambda: materials.utilisation(1, 5, 5), lambda: materials.utilisation(-1, 5), lambda: materials.pass_rate(2, 1),
        lambda: materials.recovery(0, 0), lambda: materials.balance_deviation(0, 1),
        lambda: materials.metal_on_ware(-1, 1, 1), lambda: materials.metal_on_ware(1, 1, 1, 1.5),
    ],
)  # fmt: skip
def test_rates_that_mean_nothing_are_refused(call: object) -> None:
    with pytest.raises(materials.MassBalanceError) as caught:
        call()  # type: ignore[operator]
    assert str(caught.value)


@given(st.floats(0, 1e6), st.floats(0.001, 1e6))
def test_recovery_is_a_share(recovered: float, lost: float) -> None:
    assert 0 <= materials.recovery(recovered, lost) <= 1


def test_every_rate_has_its_denominator_written() -> None:
    for method in all_methods():
        if method.id.startswith("materials.") and "/" in method.formula and "per-product" not in method.id:
            assert "分母" in method.note.zh or method.id == "materials.balance", method.id
            assert method.note.en


def test_examples_in_the_documentation() -> None:
    assert doctest.testmod(materials).failed == 0


# --- figures ---------------------------------------------------------------------------------------------------------


def test_consumption_per_product_of_each_material() -> None:
    found = run(
        materials, fact("A", "produced", 100, "t", place="一车间"), fact("B", "produced", 50, "t", place="二车间"),
        fact("sulfuric-acid", "consumed", 300, "kg", place="一车间"),
        fact("sulfuric-acid", "consumed", 100, "kg", place="二车间"),
        fact("lime", "consumed", 600, "kg", place="废水站"),
    )  # fmt: skip
    assert found.find("material-consumption.sulfuric-acid").value == 400
    assert found.find("material-per-product.sulfuric-acid", product="A").value == 3
    assert found.find("material-per-product.sulfuric-acid", product="B").value == 2
    assert found.find("material-per-product.lime", product="A") is None
    assert found.find("material-per-product.lime").value == 4
    assert str(found.find("material-consumption.lime").name) == "石灰消耗量"


def test_a_material_of_the_plants_own_has_figures_too() -> None:
    found = run(
        materials, fact("药水.A", "consumed", 5, "L", kind="material", label="药水A"), fact("P", "produced", 10, "m2")
    )
    figure = next(f for f in found if f.id.startswith("material-consumption."))
    assert str(figure.name) == "药水A消耗量"
    assert figure.value == 5


def test_litres_and_kilograms_are_asked_for_in_one_unit() -> None:
    rows = fact("ink", "consumed", 5, "L", place="甲"), fact("ink", "consumed", 5, "kg", place="乙")
    found = run(materials, *rows, fact("P", "produced", 1, "t"))
    assert found.find("material-consumption.ink") is None
    assert "同一计量单位" in str(found.why_missing("material-consumption.ink").needs)


def test_pass_rate_as_stated_or_from_amounts() -> None:
    stated = run(materials, fact("product", "pass-rate", 99.2, "%"), fact("P", "produced", 1, "t"))
    assert stated.find("pass-rate").value == 99.2
    assert "未给" in texts(stated.find("pass-rate"))
    made = run(materials, fact("product", "produced", 1000, "t"), fact("qualified-product", "produced", 985, "t"))
    assert made.find("pass-rate").value == pytest.approx(98.5)


def test_sheet_utilisation_by_product_and_in_all(pcb_plant: Path) -> None:
    found = compute(read_case(pcb_plant))
    id = "sheet-utilisation.copper-clad-laminate"
    assert found.find(id, product="single-sided-board", period="2022").value == pytest.approx(100 * 43426 / 49071)
    assert found.find(id, product="double-sided-board", period="2022").value == pytest.approx(100 * 24036 / 26680)
    assert found.find(id, period="2022").value == pytest.approx(100 * 67462 / 75751)
    assert found.find("pass-rate", period="2022").value == 99.2


NICKEL = (
    fact("nickel-metal", "consumed", 1000, "kg", uncertainty=0.0),
    fact("nickel-sulfate", "consumed", 500, "kg", uncertainty=0.0),
    fact("nickel-chloride", "consumed", 100, "kg", uncertainty=0.0),
    fact("plated-area", "produced", 10_000, "m2", place="镀镍线"),
)
IN = 1000 + 500 * 0.22330 + 100 * 0.24692


def test_metal_in_all_materials_by_stoichiometry() -> None:
    found = run(materials, *NICKEL)
    assert found.find("metal-input.Ni").value == pytest.approx(IN, rel=1e-4)
    assert "按纯品" in texts(found.find("metal-input.Ni"))
    pure = run(materials, *NICKEL, fact("nickel-sulfate", "purity", 98, "%", "undated"))
    assert pure.find("metal-input.Ni").value == pytest.approx(IN - 0.02 * 500 * 0.2233, rel=1e-4)
    assert pure.find("metal-input.Cu") is None


def test_metal_utilisation_by_stated_metal_or_by_thickness() -> None:
    found = run(materials, *NICKEL, fact("nickel-metal", "contained", 1000, "kg"))
    assert found.find("metal-utilisation.Ni").value == pytest.approx(100 * 1000 / IN, rel=1e-4)
    back = run(
        materials, *NICKEL, fact("nickel-metal", "contained", 1000, "kg"), fact("nickel-metal", "recovered", 36, "kg")
    )
    assert back.find("metal-utilisation.Ni").value == pytest.approx(100 * 1000 / (IN - 36), rel=1e-4)
    layer = run(
        materials, *NICKEL, fact("nickel-metal", "thickness", 12, "um", place="镀镍线"),
        fact("nickel-metal", "density", 8.9, "g/cm3", "undated"),
    )  # fmt: skip
    assert layer.find("metal-in-product.Ni").value == pytest.approx(10_000 * 12e-6 * 8900)
    assert layer.find("metal-utilisation.Ni").value == pytest.approx(100 * 1068 / IN, rel=1e-4)


def test_metal_stated_as_pure_goes_before_the_sum_over_compounds() -> None:
    pure = fact("nickel-metal", "consumed", 1136, "kg", label="镍消耗量（折纯）", basis="balance")
    found = run(materials, *NICKEL, pure)
    assert found.find("metal-input.Ni").value == 1136
    assert found.find("material-consumption.nickel-metal").value == 1000


def test_more_metal_on_the_ware_than_was_used_is_said() -> None:
    found = run(materials, *NICKEL, fact("nickel-metal", "contained", 1500, "kg"))
    assert found.find("metal-utilisation.Ni").value > 100
    assert "数据有误" in texts(found.find("metal-utilisation.Ni"))


def test_recovery_and_balance_of_a_metal() -> None:
    rows = [
        *NICKEL, fact("nickel-metal", "contained", 900, "kg"), fact("nickel-metal", "recovered", 60, "kg"),
        fact("nickel-metal", "lost", 40, "kg"), fact("nickel", "discharged", 2, "kg"),
        fact("electroplating-sludge", "generated", 10, "t"),
        fact("electroplating-sludge", "content", 1.0, "%", label="电镀污泥含镍量"),
    ]  # fmt: skip
    found = run(materials, *rows)
    assert found.find("metal-recovery.Ni").value == pytest.approx(60)
    out = 900 + 60 + 40 + 2 + 100
    figure = found.find("substance-balance-deviation.Ni")
    assert figure.value == pytest.approx(100 * (IN - out) / IN, rel=1e-3)
    assert not figure.notes


def test_solvent_recovery_has_what_entered_below_the_line() -> None:
    rows = fact("toluene-solvent", "recovered", 80, "kg"), fact("toluene-solvent", "lost", 20, "kg")
    assert run(materials, *rows).find("solvent-recovery").value == pytest.approx(80)
    found = run(materials, rows[0])
    assert found.find("solvent-recovery") is None
    assert "进入回收装置" in str(found.why_missing("solvent-recovery").needs)


def test_waste_utilisation_with_and_without_old_stock() -> None:
    made = fact("general-waste", "generated", 100, "t")
    id = "solid-waste-utilisation.general-waste"
    assert run(materials, made, fact("general-waste", "utilised", 60, "t")).find(id).value == 60
    old = run(materials, made, fact("general-waste", "utilised", 130, "t")).find(id)
    assert old.value == 100
    assert "往年" in texts(old)
    assert run(materials, made).find(id) is None


def test_mass_balance_of_a_plant_whose_all_is_weighed() -> None:
    rows = (
        fact("resin", "consumed", 1000, "kg"), fact("P", "produced", 900, "kg"),
        fact("waste-plastic", "generated", 0.06, "t"),
    )  # fmt: skip
    figure = run(materials, *rows).find("material-balance-deviation")
    assert figure.value == pytest.approx(4)
    assert not figure.notes
    wide = run(materials, rows[0], rows[1]).find("material-balance-deviation")
    assert wide.value == pytest.approx(10)
    assert "5%" in texts(wide)
    area = run(materials, rows[0], fact("P", "produced", 900, "m2"))
    assert "质量" in str(area.why_missing("material-balance-deviation").needs)
    thin = run(materials, rows[0], fact("P", "produced", 9000, "kg"))
    assert "主要原料" in str(thin.why_missing("material-balance-deviation").needs)


def test_solution_without_strength_is_named_and_not_counted() -> None:
    book = ledger(fact("copper-sulfate", "consumed", 100, "kg"), fact("hydrochloric-acid", "consumed", 100, "kg"))
    term, notes = materials.metal_input(book, "Cu", "2022")
    assert term.value == pytest.approx(25.45, abs=0.01)
    assert "按纯品" in str(notes[0])


@pytest.mark.parametrize("name", ["镀层含镍量", "产品含镍量", "nickel in the layer", "nickel in product"])
def test_the_metal_in_the_product_is_a_catalogue_name_in_both_languages(name: str) -> None:
    from qingyuan.reference.items import catalogue

    found = catalogue().find(name)
    assert (found.item.id, found.role) == ("nickel-metal", "contained")


@pytest.mark.parametrize("words", [("含铜量", "含锡量"), ("copper content", "tin content")])
def test_each_metal_of_a_waste_has_its_own_content(words: tuple[str, str]) -> None:
    from qingyuan.figures.materials import _METAL_NAMES, _in_wastes

    rows = (
        fact("sludge", "generated", 1000, "kg", kind="waste"),
        fact("sludge", "content", 1, "%", kind="waste", label=words[1], note="containing water"),
        fact("sludge", "content", 5, "%", kind="waste", label=words[0]),
    )  # fmt: skip
    book = ledger(*rows)
    assert [term.value for term in _in_wastes(book, _METAL_NAMES["Cu"], "2022")] == pytest.approx([50])
    assert [term.value for term in _in_wastes(book, _METAL_NAMES["Sn"], "2022")] == pytest.approx([10])


def test_pure_metal_by_label_in_both_languages_or_by_role() -> None:
    for row in (
        fact("nickel-metal", "consumed", 100, "kg", label="镍（折纯）"),
        fact("nickel-metal", "consumed", 100, "kg", label="nickel, as pure metal"),
        fact("nickel-metal", "consumed-pure", 100, "kg"),
    ):
        assert ledger(row).amount("nickel-metal", "consumed-pure", "2022").value == 100

"""Chemical formulae: atoms, molar masses and contents against textbook values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.errors import UnknownName
from qingyuan.reference import chemistry


@pytest.mark.parametrize(
    ("formula", "mass"),
    [
        ("H2O", 18.015),
        ("CO2", 44.009),
        ("CaCO3", 100.086),
        ("Ca(OH)2", 74.092),
        ("CuSO4·5H2O", 249.68),
        ("Ni(NH2SO3)2·4H2O", 322.93),
        ("(NH4)2S2O8", 228.19),
        ("KAu(CN)2", 288.10),
        ("C12", 144.132),
    ],
)
def test_molar_masses(formula: str, mass: float) -> None:
    assert chemistry.molar_mass(formula) == pytest.approx(mass, rel=2e-4)


def test_carbonate_factors_follow_from_stoichiometry() -> None:
    # The printed process factors of carbonates are molar ratios: 0.4397, 0.4149 (GB/T 32151).
    assert chemistry.molar_mass("CO2") / chemistry.molar_mass("CaCO3") == pytest.approx(0.4397, abs=5e-5)
    assert chemistry.molar_mass("CO2") / chemistry.molar_mass("Na2CO3") == pytest.approx(0.4152, abs=5e-4)


def test_atoms() -> None:
    assert dict(chemistry.atoms("NiSO4·6H2O")) == {"Ni": 1, "S": 1, "O": 10, "H": 12}
    assert dict(chemistry.atoms("Fe2(SO4)3")) == {"Fe": 2, "S": 3, "O": 12}


@pytest.mark.parametrize("text", ["", "Xx2", "CaCO3)", "(CaCO3", "2", "h2o", "Ca CO3", "·"])
def test_no_formula(text: str) -> None:
    with pytest.raises(UnknownName):
        chemistry.atoms(text)


@given(st.dictionaries(st.sampled_from(["C", "H", "O", "Cu", "Ni"]), st.integers(1, 40), min_size=1))
def test_contents_add_up(counts: dict[str, int]) -> None:
    formula = "".join(f"{symbol}{number}" for symbol, number in counts.items())
    assert dict(chemistry.atoms(formula)) == counts
    assert sum(chemistry.element_contents(formula).values()) == pytest.approx(1.0)

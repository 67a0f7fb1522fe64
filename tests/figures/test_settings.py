from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import qingyuan
from qingyuan.errors import InputError
from qingyuan.facts.model import Profile
from qingyuan.figures.setting_names import SETTINGS, find_setting
from qingyuan.figures.settings import Settings

ROOT = Path(qingyuan.__file__).parent


def read(**settings: object) -> Settings:
    return Settings.from_profile(Profile(settings=settings))  # type: ignore[arg-type]


def refused(key: str, value: object = 1) -> str:
    with pytest.raises(InputError) as caught:
        read(**{key: value})
    return " ".join(str(problem) for problem in caught.value.problems)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("alocation", "allocation"), ("electricty-factor", "electricity-factor"), ("gwp_sett", "gwp-set"),
        ("excluded_place", "excluded-places"), ("equal-value-electricty.2022", "equal-value-electricity.2022"),
        ("cement.methd", "cement.method"), ("wastewater-reciever", "wastewater-receiver"),
    ],
)  # fmt: skip
def test_an_unknown_setting_is_refused_with_the_nearest(wrong: str, right: str) -> None:
    assert right in refused(wrong)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(InputError) as caught:
        read(**{"alocation": "direct", "feedstock": "outside", "balance-tolerance": 5})
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("key", "value", "unit", "right"),
    [
        ("electricity-factor", 558.1, "g/kWh", "0.5581"), ("electricity_factor", "558.1", "g/kWh", "0.5581"),
        ("equal-value-electricity.2022", 299.8, "g/kWh", "0.2998"), ("equal-value-heat.2022", 40, "GJ", "0.04"),
    ],
)  # fmt: skip
def test_a_number_in_another_unit_is_refused_with_the_unit(key: str, value: object, unit: str, right: str) -> None:
    text = refused(key, value)
    assert unit in text
    assert right in text


def test_choices_are_named_where_a_value_is_none_of_them() -> None:
    assert "ets" in refused("cement.method", "GBT")
    assert "output-value" in refused("allocation", "by-output")
    refused("electricity-factor", "-0.5")
    refused("equal-value-electricity.2022", float("nan"))
    refused("equal-value-electricity", 0.3)
    refused("price", 0.3)


def test_settings_that_are_understood() -> None:
    found = read(
        **{
            "electricity_factor": 0.5366, "equal_value_electricity.2022": 0.2998, "price.electricity": 0.7,
            "carbon-equipment.natural-gas": "boiler", "operating-rate.COD": 0.9, "cement.cao.2022": 0.65,
            "wastewater-receiver.DW001": "water-body", "rinses": 3, "boiler-1.oxidation": 0.98,
        }
    )  # fmt: skip
    assert found.electricity_factor == 0.5366
    assert found.equal_value_electricity == {"2022": 0.2998}
    assert found.prices == {"electricity": 0.7}
    assert found.extra["operating-rate.COD"] == 0.9
    assert not found.is_default("electricity_factor")


def test_every_setting_that_the_figures_read_is_registered() -> None:
    asked: set[str] = set()
    pattern = re.compile(r"\.(?:choice|parameter)\(\s*f?\"([a-z][^\"]*)\"")
    for path in sorted((ROOT / "figures").glob("*.py")):
        asked |= set(pattern.findall(path.read_text(encoding="utf-8")))
    inputs = tomllib.loads((ROOT / "data/accounting/process-inputs.toml").read_text(encoding="utf-8"))

    def parameters(value: object) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("parameter"), str):
                asked.add(value["parameter"])
            for inner in value.values():
                parameters(inner)
        elif isinstance(value, list):
            for inner in value:
                parameters(inner)

    parameters(inputs)
    assert len(asked) > 30
    keys = {
        re.sub(r"\{id\}", "nitric-acid", re.sub(r"\{key\}", "cao", re.sub(r"\{(?!id|key)[^}]*\}", "x", key)))
        for key in asked
    }
    assert [key for key in sorted(keys) if find_setting(key) is None] == []


def test_every_setting_says_what_it_means_in_both_languages() -> None:
    assert len({setting.key for setting in SETTINGS}) == len(SETTINGS)
    for setting in SETTINGS:
        assert setting.name.zh
        assert setting.name.en.isascii() or "³" in setting.name.en

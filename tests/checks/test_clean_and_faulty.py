"""Clean plants stay quiet, every injected fault is found, and the documentation says what really happens."""

from __future__ import annotations

import pytest
from fault_tables import CLEAN_SEEDS, Injected, on_clean, on_faulty, page, precision, with_sections
from faults import FAULTS

from qingyuan.checks import RULES
from qingyuan.language import Language


def test_clean_plants_give_almost_no_findings() -> None:
    assert len(CLEAN_SEEDS) >= 30
    for industry, found in on_clean().items():
        shown = [f"seed {seed}: {one.rule} {one.message}" for seed, one in found]
        assert len(found) <= 0.1 * len(CLEAN_SEEDS), (industry, shown)


def test_every_rule_has_a_fault() -> None:
    assert {fault.rule for fault in FAULTS} == set(RULES)


@pytest.mark.parametrize("fault", [fault.id for fault in FAULTS])
def test_fault_is_found(fault: str) -> None:
    tried: list[Injected] = [one for one in on_faulty() if one.fault.id == fault]
    assert tried
    missed = [
        (one.industry, [f"{f.rule}: {f.message}" for f in one.about + one.others]) for one in tried if not one.found
    ]
    assert not missed


def test_nine_findings_in_ten_are_about_the_fault() -> None:
    about, every = precision()
    strangers = [
        f"{one.fault.id} on {one.industry}: {other.rule} {other.message}" for one in on_faulty() for other in one.others
    ]
    assert about > 0.9 * every, strangers


@pytest.mark.parametrize("code", ["zh", "en"])
def test_documentation_is_what_a_run_gives(code: Language) -> None:
    text = page(code).read_text(encoding="utf-8")
    assert with_sections(text, code) == text, "renew it: python tests/checks/fault_tables.py"

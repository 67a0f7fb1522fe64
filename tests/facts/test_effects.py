"""Effects of options as printed: the output that they hold for, real signs, and every number as entered."""

from __future__ import annotations

import re

import pytest

from qingyuan.audit.pipeline import run
from qingyuan.audit.worksheets import Context, worksheet
from qingyuan.demo import SHIPPED_CASES
from qingyuan.facts.effects import Per, effects_text, stated_per, typeset
from qingyuan.facts.model import OptionRow
from qingyuan.language import language
from qingyuan.report.chapters import feasibility
from qingyuan.report.resolve import plain_text
from qingyuan.report.result_json import option_json
from qingyuan.report.tree import Table


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("废水 -850 m3; COD -0.09 t", "废水 −850 m³；COD −0.09 t"),
        ("收集效率 =90 %", "收集效率 ≥90 %"),
        ("CO2 -20 t; PM2.5 -3 kg", "CO₂ −20 t; PM2.5 −3 kg"),
        ("water ≥90 m3/a, 6-12 h, H2SO4", "water ≥90 m³/a, 6-12 h, H2SO4"),
        ("无量化效果", "无量化效果"),
        ("", ""),
    ],
)
def test_signs(written: str, printed: str) -> None:
    assert typeset(written) == printed


def test_output_that_effects_hold_for() -> None:
    text = "废水 -850 m3"
    option = OptionRow("1", "回用", effects=text, details=(("effects_per_10k_m2", text),))
    assert stated_per(option) == Per(10_000, "m2")
    with language("zh"):
        assert str(effects_text(option)) == "每 10⁴ m² 产量：废水 −850 m³"
    other = OptionRow("1", "回用", effects=text, details=(("effects_per_2_t", text), ("annual_saving_per_2_t", "3")))
    assert stated_per(other) == Per(2, "t")
    assert stated_per(OptionRow("1", "回用", effects=text, details=(("investment_per_2_t", "3"),))) is None
    share = OptionRow("1", "回用", effects="效率 +25 %", details=(("effects_per_10k_m2", "效率 +25 %"),))
    assert effects_text(share) == "效率 +25 %"
    assert str(effects_text(OptionRow("1", "回用", effects=text))) == "废水 −850 m³"


def test_worksheets_report_and_result_name_the_output() -> None:
    result = run(SHIPPED_CASES / "pcb-plant-a")
    context = Context(result)
    with language("zh"):
        cells = [
            str(sheet.cell(row, key).value)
            for id, key in (("4-2", "effects"), ("4-5", "effects"), ("5-4", "environmental"))
            for sheet in (worksheet(id, context),)
            for row in range(len(sheet.rows))
            if sheet.cell(row, "id").value == "1"
        ]
        assert len(cells) == 3
        assert set(cells) == {"每 10⁴ m² 产量：废水 −850 m³；COD −0.09 t；总铜 −0.001 t；污泥 −1.4 t"}
        table = next(
            one for one in feasibility.blocks(result) if isinstance(one, Table) and one.label == "table-environmental"
        )
        for row in table.rows:
            text = plain_text(row.cells[2]) if row.cells[2] is not None else ""
            named = text.startswith("每 10⁴ m² 产量：")
            assert named == bool(re.search(r"\d (?:m³|kg|t|kWh)\b", text)), text
    one = next(option for option in result.case.options if option.id == "1")
    assert option_json(result, one)["effects_per"] == {"amount": 10_000.0, "unit": "m2"}

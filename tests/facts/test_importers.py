"""Importers of utility bills: a seeded synthetic plant in three layouts, errors all at once, and a real example."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from qingyuan import units
from qingyuan.cli.main import app
from qingyuan.errors import InputError, UnknownName
from qingyuan.facts import read_case
from qingyuan.facts.importers import import_bills, mapping_text, read_mapping, shipped_mappings
from qingyuan.facts.model import Basis, Case

Row = Mapping[str, object]
MAPPING = """
name = "test"
currency = "CNY"
heat = "net"
[carriers]
power = "电力"
gas = "天然气"
city = "新鲜水"
[[tables]]
kind = "bills"
[tables.columns]
meter = "meter"
carrier = "what"
date = "read"
amount = "amount"
unit = "unit"
cost = "cost"
currency = "currency"
demand = "demand"
power_factor = "pf"
heating_value = "heat"
heating_value_unit = "heat_unit"
[tables.fixed]
demand_unit = "kW"
"""
HEADINGS = ("meter", "what", "read", "amount", "unit", "cost", "currency", "demand", "pf", "heat", "heat_unit")


def write_csv(path: Path, headings: Sequence[str], rows: Iterable[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, headings, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def synthetic_bills(seed: int) -> list[dict[str, Any]]:
    """Three meters over two years; the day of reading wanders around the turn of the month."""
    rng = random.Random(f"bills-{seed}")
    rows: list[dict[str, Any]] = []
    for meter, what, unit, low, high, price in (
        ("E1", "power", "MWh", 80, 140, 690),
        ("G1", "gas", "CCF", 900, 2600, 9.5),
        ("W1", "city", "m3", 300, 700, 4.1),
    ):
        for month in range(24):
            first_of_next = dt.date(2023 + (month + 1) // 12, (month + 1) % 12 + 1, 1)
            amount = round(rng.uniform(low, high), 2)
            row = {
                "meter": meter, "what": what, "unit": unit, "amount": amount, "cost": round(amount * price, 2),
                "read": (first_of_next + dt.timedelta(days=rng.randint(-3, 3))).isoformat(),
            }  # fmt: skip
            if what == "power":
                row |= {"demand": round(amount * 2.4), "pf": round(rng.uniform(0.88, 0.98), 2)}
            if what == "gas":
                row |= {"heat": 35.2, "heat_unit": "MJ/m3"}
            rows.append(row)
    rng.shuffle(rows)
    return rows


def total(case: Case, item: str, role: str, year: str = "") -> float:
    return sum(f.value or 0 for f in case.facts if (f.item, f.role) == (item, role) and f.period.startswith(year))


def imported(tmp_path: Path, rows: Iterable[Row], mapping: str = MAPPING) -> Case:
    source = write_csv(tmp_path / "bills.csv", HEADINGS, rows)
    import_bills([source], read_mapping(written(tmp_path / "map.toml", mapping)), tmp_path / "case")
    return read_case(tmp_path / "case")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_bills_become_facts_of_their_months(tmp_path: Path, seed: int) -> None:
    rows = synthetic_bills(seed)
    case = imported(tmp_path, rows)
    for meter, item, role in (("E1", "electricity", "purchased"), ("W1", "fresh-water", "taken")):
        facts = [fact for fact in case.facts if (fact.item, fact.role) == (item, role)]
        assert sorted(fact.period for fact in facts) == [f"{2023 + m // 12}-{m % 12 + 1:02d}" for m in range(24)]
        assert sum(f.value or 0 for f in facts) == pytest.approx(sum(r["amount"] for r in rows if r["meter"] == meter))
        assert all(fact.basis is Basis.INVOICE and fact.meter == meter and fact.source == "bills.csv" for fact in facts)
    assert {f.unit for f in case.facts if f.item == "electricity" and f.role == "purchased"} == {"MWh"}  # as billed
    gas = sum(row["amount"] for row in rows if row["meter"] == "G1")
    assert total(case, "natural-gas", "purchased") == pytest.approx(gas * 2.8316846592)
    assert total(case, "natural-gas", "lower-heating-value") == pytest.approx(24 * 35.2)
    assert total(case, "gas-cost", "amount") == pytest.approx(sum(r["cost"] for r in rows if r["meter"] == "G1"))
    assert total(case, "electricity", "maximum-demand") == sum(row.get("demand", 0) for row in rows)
    assert case.evidence[0].id == "bills.csv"
    assert not [problem for problem in case.problems if problem.severity == "error"]


def test_units_of_american_bills_are_exact() -> None:
    foot = Fraction(3048, 10000)
    assert units.convert(1, "CCF", "m3") == pytest.approx(float(100 * foot**3), rel=1e-15)
    assert units.convert(1, "MMBtu", "kJ") == pytest.approx(1055055.85262, rel=1e-15)
    assert units.dimension("CCF") == "volume"
    assert units.dimension("MMBtu") == "energy"


def test_read_on_the_first_and_on_the_last_of_a_month(tmp_path: Path) -> None:
    days = ["2023-03-31", "2023-05-01", "2023-05-31", "2023-07-01"]
    rows = [
        {"meter": "E1", "what": "power", "read": day, "amount": 10 + i, "unit": "kWh"} for i, day in enumerate(days)
    ]
    case = imported(tmp_path, rows)
    assert [(fact.period, fact.value) for fact in case.facts] == [
        ("2023-03", 10), ("2023-04", 11), ("2023-05", 12), ("2023-06", 13),
    ]  # fmt: skip


def test_another_currency_is_kept_as_such_and_enters_no_figure(tmp_path: Path) -> None:
    from qingyuan.audit.pipeline import compute_figures

    rows = [{**row, "currency": "USD"} for row in synthetic_bills(5)]
    case = imported(tmp_path, rows)
    costs = [fact for fact in case.facts if fact.kind == "money"]
    assert costs
    assert {fact.unit for fact in costs} == {"USD"}
    assert {fact.item for fact in costs} == {"electricity-cost-USD", "gas-cost-USD", "water-cost-USD"}
    _, figures = compute_figures(tmp_path / "case")
    assert not [figure for figure in figures.figures if figure.id.startswith("cost.")]
    assert [f for f in figures.figures if f.id == "electricity"]


def test_a_currency_that_is_unknown_or_unsaid_is_refused(tmp_path: Path) -> None:
    rows = [{**row, "currency": "XYZ"} for row in synthetic_bills(5)[:3]]
    with pytest.raises(InputError) as caught:
        imported(tmp_path, rows)
    assert [problem.code for problem in caught.value.problems].count("import-currency") == 3
    unsaid = MAPPING.replace('currency = "CNY"\n', "").replace('currency = "currency"\n', "")
    with pytest.raises(InputError) as caught:
        read_mapping(written(tmp_path / "unsaid.toml", unsaid))
    assert [problem.code for problem in caught.value.problems] == ["mapping-currency"]


def test_errors_come_all_at_once_and_nothing_is_written_but_the_report(tmp_path: Path) -> None:
    rows = synthetic_bills(7)[:6]
    faults = [
        ({"amount": "twelve"}, "amount"), ({"unit": "kWhh"}, "unit"), ({"read": "2023-02-30"}, "read"),
        ({"what": "phlogiston"}, "what"), ({"unit": "kg", "what": "power", "heat": ""}, "unit"),
    ]  # fmt: skip
    bad = [{**row, **fault} for row, (fault, _) in zip(rows, faults, strict=False)]
    with pytest.raises(InputError) as caught:
        imported(tmp_path, [*bad, rows[5]])
    errors = [problem for problem in caught.value.problems if problem.severity == "error"]
    assert [(p.where.row, p.where.column) for p in errors] == [(i + 2, c) for i, (_, c) in enumerate(faults)]
    assert not (tmp_path / "case" / "facts.csv").exists()
    (report,) = (tmp_path / "case" / "imports").iterdir()
    assert report.name == "001-bills-refused.csv"
    lines = list(csv.reader(report.open(encoding="utf-8-sig")))
    assert [line[4] for line in lines[1:]] == ["有误"] * 5 + ["无误，但整批未导入"]
    imported(tmp_path, rows)
    assert sorted(path.name for path in (tmp_path / "case" / "imports").iterdir()) == [
        "001-bills-refused.csv", "002-bills.csv",
    ]  # fmt: skip


def test_the_same_bill_twice_is_refused_and_a_missing_month_is_said(tmp_path: Path) -> None:
    rows = [row for row in synthetic_bills(9) if row["meter"] == "E1"]
    with pytest.raises(InputError) as caught:
        imported(tmp_path, [*rows, rows[4]])
    assert "import-bill-twice" in {problem.code for problem in caught.value.problems}
    rows.sort(key=lambda row: str(row["read"]))
    source = write_csv(tmp_path / "gap.csv", HEADINGS, rows[:5] + rows[6:])
    done = import_bills([source], read_mapping(tmp_path / "map.toml"), tmp_path / "gap")
    (warning,) = done.result.problems
    assert warning.code == "import-months-missing"
    assert "2023-06" in str(warning)


def test_a_blank_amount_is_no_zero(tmp_path: Path) -> None:
    rows = sorted((row for row in synthetic_bills(2) if row["meter"] == "W1"), key=lambda row: str(row["read"]))
    rows[0] = {**rows[0], "amount": ""}
    case = imported(tmp_path, rows)
    assert len([fact for fact in case.facts if fact.role == "taken"]) == 23
    report = (tmp_path / "case" / "imports" / "001-bills.csv").read_text(encoding="utf-8-sig")
    assert "没有数量" in report


def test_bills_are_added_to_a_case_once(tmp_path: Path) -> None:
    rows = synthetic_bills(3)
    imported(tmp_path, [row for row in rows if row["meter"] == "E1"])
    mapping = read_mapping(tmp_path / "map.toml")
    with pytest.raises(InputError) as caught:
        import_bills([tmp_path / "bills.csv"], mapping, tmp_path / "case")
    assert caught.value.problems[0].code == "import-case-exists"
    with pytest.raises(InputError) as caught:
        import_bills([tmp_path / "bills.csv"], mapping, tmp_path / "case", add=True)
    assert {problem.code for problem in caught.value.problems} >= {"import-again"}
    water = write_csv(tmp_path / "water.csv", HEADINGS, [row for row in rows if row["meter"] == "W1"])
    before = len(read_case(tmp_path / "case").facts)
    import_bills([water], mapping, tmp_path / "case", add=True)
    case = read_case(tmp_path / "case")
    assert len(case.facts) == before + 48
    assert {one.id for one in case.evidence} == {"bills.csv", "water.csv"}


def test_months_across_in_a_workbook_and_meters_across_in_json(tmp_path: Path) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(tmp_path / "year.xlsx"))
    page = book.add_worksheet("电费")
    page.write_row(0, 0, ["某某公司 2023 年用电"])
    page.write_row(1, 0, ["表号", "单位", *(f"2023年{month}月" for month in range(1, 13))])
    page.write_row(2, 0, ["1号表", "万kWh", *(10 + month for month in range(12))])
    page.write_row(3, 0, ["2号表", "万kWh", *(1 + month for month in range(12))])
    book.close()
    mapping = """
        name = "wide"
        [[tables]]
        kind = "bills"
        layout = "months"
        sheet = "电费"
        columns = { meter = "表号", unit = "单位" }
        fixed = { carrier = "电力" }
        [[tables]]
        kind = "bills"
        layout = "meters"
        file = "*.json"
        columns = { period = "month" }
        [tables.meters]
        "gas main" = { carrier = "天然气", unit = "Nm3" }
        "boiler house" = { meter = "H1", carrier = "蒸汽", unit = "t" }
    """
    months = [{"month": f"2023-{m:02d}", "gas main": 100 + m, "boiler house": 20 + m} for m in range(1, 13)]
    source = written(tmp_path / "rest.json", json.dumps({"bills": months}))
    chosen = read_mapping(written(tmp_path / "wide.toml", mapping))
    import_bills([tmp_path / "year.xlsx", source], chosen, tmp_path / "case")
    case = read_case(tmp_path / "case")
    assert total(case, "electricity", "purchased") == sum(range(10, 22)) + sum(range(1, 13))
    assert {fact.place for fact in case.facts if fact.item == "electricity"} == {"1号表", "2号表"}
    assert {fact.place for fact in case.facts if fact.item == "natural-gas"} == {""}  # its only meter is the site's
    assert total(case, "steam", "purchased") == sum(20 + m for m in range(1, 13))


def test_a_mapping_with_mistakes_names_them_all(tmp_path: Path) -> None:
    text = 'name = "x"\n[[tables]]\nkind = "bills"\ncolumns = { meter = "m", colour = "c", cost = "cost" }\n'
    with pytest.raises(InputError) as caught:
        read_mapping(written(tmp_path / "x.toml", text))
    assert {p.code for p in caught.value.problems} == {"mapping-field", "mapping-needs", "mapping-currency"}
    with pytest.raises(InputError):
        read_mapping(tmp_path / "nothing.toml")
    with pytest.raises(UnknownName):
        mapping_text("nothing")


@pytest.mark.parametrize("name", shipped_mappings())
def test_shipped_mappings_read_and_their_carriers_are_known(name: str) -> None:
    from qingyuan.facts.naming import named_item

    found = read_mapping(name)
    assert found.about
    for word in found.carriers.values():
        assert not named_item(word, "").own, word


def test_an_electric_machine_has_its_power_in_kw_and_a_burner_has_none(tmp_path: Path) -> None:
    rows = [
        {"name": "风机", "kw": 30, "unit": "hp", "fuel": "电力", "n": 2},
        {"name": "燃烧器", "kw": 5, "unit": "MMBtu/h", "fuel": "天然气", "n": 1},
    ]
    mapping = """
        name = "machines"
        [[tables]]
        kind = "equipment"
        columns = { name = "name", power = "kw", power_unit = "unit", carrier = "fuel", count = "n" }
    """
    source = write_csv(tmp_path / "list.csv", ("name", "kw", "unit", "fuel", "n"), rows)
    import_bills([source], read_mapping(written(tmp_path / "m.toml", mapping)), tmp_path / "case")
    fan, burner = read_case(tmp_path / "case").equipment
    assert fan.power_kw == pytest.approx(22.371, abs=1e-3)
    assert fan.count == 2
    assert burner.power_kw is None
    assert ("额定容量", "5 MMBtu/h") in burner.details


# --- the example of three plants -----------------------------------------------------------------------------------


@pytest.fixture
def example(shared: Path) -> Path:
    folder = shared / "real-data" / "utility-bills-verifi-example"
    if not folder.is_dir():
        pytest.skip("no example of utility bills")
    return folder


def test_one_plant_of_the_example_is_imported_and_audited(example: Path, tmp_path: Path) -> None:
    from qingyuan.audit.pipeline import run

    case_folder = tmp_path / "peanuts"
    plant = "Peanuts (Average)"
    run_command = CliRunner().invoke(
        app,
        ["import", "bills", *map(str, sorted(example.glob("*.csv"))), "--mapping", "verifi", "--plant", plant,
         "--out", str(case_folder), "--json"],
    )  # fmt: skip
    assert run_command.exit_code == 0, run_command.output
    answer = json.loads(run_command.output)
    # The export says neither what its predictors are counted in nor which of them is the product.
    assert {problem["code"] for problem in answer["problems"]} == {"import-product-unit"}
    assert {problem["found"] for problem in answer["problems"]} == {"Production", "Peanuts"}
    with (example / "bills.csv").open(encoding="utf-8") as stream:
        bills = [row for row in csv.DictReader(stream) if row["facility"] == plant]
    case = read_case(case_folder)
    power = sum(float(row["energy_use"]) for row in bills if row["source"] == "Electricity")
    gas = sum(float(row["volume"]) for row in bills if row["source"] == "Natural Gas")
    assert total(case, "electricity", "purchased") == pytest.approx(power)
    assert total(case, "natural-gas", "purchased") == pytest.approx(gas * 2.8316846592)
    dollars = sum(fact.value or 0 for fact in case.facts if fact.unit == "USD")
    assert dollars == pytest.approx(sum(float(row["cost"]) for row in bills))
    months = [fact.period for fact in case.facts if (fact.item, fact.role) == ("electricity", "purchased")]
    assert len(set(months)) == len(months) == 52
    result = run(case_folder, period="2024")
    figures = {figure.id: figure.value for figure in result.figures.figures if figure.period == "2024"}
    of_2024 = [fact for fact in case.facts if fact.period.startswith("2024") and fact.role == "purchased"]
    assert figures["electricity"] == pytest.approx(sum(f.value or 0 for f in of_2024 if f.item == "electricity"))
    assert figures["comprehensive-energy.equivalent"] > 0
    assert figures["carbon-total"] > figures["carbon-direct"] > 0
    assert not any(fact.kind == "product" for fact in case.facts)
    assert not any(figure.product for figure in result.figures.figures)
    # Nothing is wrong with these bills; what is asked for is what they do not hold.
    assert {finding.rule for finding in result.findings} <= {"missing-basics"}
    assert all(finding.severity == "question" for finding in result.findings)


PREDICTORS = [
    {"facility": "P", "predictor": name, "type": "Standard", "unit": "", "year": 2024, "month": month, "amount": amount}
    for name, amount in (("Production", 3570), ("Peanuts", 374.85))
    for month in (1, 2)
]


def predictors(tmp_path: Path, said: str) -> tuple[Case, list[Any]]:
    rows = write_csv(tmp_path / "predictors.csv", list(PREDICTORS[0]), PREDICTORS)
    bill = {"facility": "P", "meter": "E", "source": "Electricity", "unit": "kWh", "energy_use": 9}
    days = {"year": 2024, "month": 2, "day": 1}
    rest = dict.fromkeys(("volume", "cost", "demand", "power_factor"), "")
    bills = write_csv(tmp_path / "bills.csv", [*bill, *days, *rest], [{**bill, **days, **rest}])
    mapping = read_mapping(written(tmp_path / "mapping.toml", mapping_text("verifi") + said))
    done = import_bills([rows, bills], mapping, tmp_path / "case")
    return read_case(tmp_path / "case"), list(done.result.problems)


def test_output_without_a_unit_is_asked_for_and_not_invented(tmp_path: Path) -> None:
    case, problems = predictors(tmp_path, "")
    assert [fact for fact in case.facts if fact.kind == "product"] == []
    assert [problem.found for problem in problems] == ["Production", "Peanuts"]  # once a series, not once a month
    assert all('[products."' in str(problem.expected) for problem in problems)


def test_the_mapping_says_which_series_is_the_product(tmp_path: Path) -> None:
    said = '\n[products.Production]\nskip = "all plants"\n[products.Peanuts]\nunit = "t"\n'
    case, problems = predictors(tmp_path, said)
    made = [fact for fact in case.facts if fact.kind == "product"]
    assert {(fact.label, fact.unit, fact.value) for fact in made} == {("Peanuts", "t", 374.85)}
    assert problems == []


def test_the_plant_must_be_chosen_where_the_files_hold_several(example: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        import_bills([example / "bills.csv"], read_mapping("verifi"), tmp_path / "case")
    assert [problem.code for problem in caught.value.problems] == ["import-plants"]
    assert "HQ (Simple)" in str(caught.value)


def test_solar_power_is_own_generation_where_the_mapping_says_so(example: Path, tmp_path: Path) -> None:
    text = mapping_text("verifi") + '\n[meters."Electricity - Solar"]\nitem = "光伏发电"\nrole = "produced"\n'
    mapping = read_mapping(written(tmp_path / "solar.toml", text))
    import_bills(sorted(example.glob("*.csv")), mapping, tmp_path / "case", plant="Roasting (Advanced)")
    case = read_case(tmp_path / "case")
    assert total(case, "photovoltaic-electricity", "produced") > 0
    assert len(case.equipment) == 51
    assert sum(machine.power_kw is None for machine in case.equipment) == 7  # burners and boilers on gas
    assert {fact.place for fact in case.facts if fact.item == "electricity"} == {"Electricity", "Electricity - Roast"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_mapping_of_the_page_on_importing_reads(language: str, tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / language / "importing.md"
    example = page.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    found = read_mapping(written(tmp_path / "page.toml", example))
    assert found.tables[0].columns["amount"]
    assert found.meters

"""Cases as folders of CSV files: the real plant, every encoding, every error at once, and back without loss."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from random_cases import cases, content, normal

from qingyuan.errors import InputError, Problem, Severity
from qingyuan.facts import Case, Fact, Profile, State, read_case, write_case
from qingyuan.facts.model import OptionRow
from qingyuan.facts.raw import MOST_OF_A_KIND
from qingyuan.facts.template import write_template

HEAD = "period,place,kind,item,value,unit,basis,note"


def folder(path: Path, facts: str, **files: str) -> Path:
    path.mkdir(exist_ok=True)
    (path / "facts.csv").write_text(facts, encoding="utf-8")
    for name, text in files.items():
        (path / name.replace("_toml", ".toml").replace("_csv", ".csv")).write_text(text, encoding="utf-8")
    return path


def one(tmp_path: Path, row: str, head: str = HEAD) -> Fact:
    (fact,) = read_case(folder(tmp_path / "case", f"{head}\n{row}\n")).facts
    return fact


def problems(path: Path) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        read_case(path)
    return caught.value.problems


def errors(path: Path) -> list[str]:
    return [problem.code for problem in problems(path) if problem.severity is Severity.ERROR]


# --- the real plant --------------------------------------------------------------------------------------------------


def test_the_real_plant_without_a_profile(shared: Path) -> None:
    case = read_case(shared / "cases" / "pcb-plant-a")
    assert (len(case.facts), len(case.monitoring), len(case.equipment), len(case.options)) == (230, 110, 100, 44)
    assert case.years() == ("2020", "2021", "2022", "2023")
    assert not [problem for problem in case.problems if problem.severity is Severity.ERROR]
    parents = {place.name: place.parent for place in case.places}
    assert parents["二车间"] == parents["三车间"] == "二、三车间"


def test_the_shipped_plant_is_the_real_one(pcb_plant: Path, shared: Path) -> None:
    source = shared / "cases" / "pcb-plant-a"
    for name in ("facts.csv", "monitoring.csv", "equipment.csv", "options.csv"):
        assert (pcb_plant / name).read_bytes() == (source / name).read_bytes()


def test_what_the_real_plant_says(pcb_plant: Path) -> None:
    case = read_case(pcb_plant)
    assert (case.profile.industry_code, case.profile.province) == ("3982", "广东")
    assert (case.profile.system, case.profile.table) == ("printed-circuit-board-undated", "general")
    power = [fact for fact in case.facts if fact.item == "electricity"]
    assert {fact.role for fact in power} == {"consumed"}
    assert {fact.place: fact.value for fact in power}["三车间"] == 508_406
    assert {fact.place: fact.value for fact in power}[""] == 1_997_066
    with (pcb_plant / "monitoring.csv").open(encoding="utf-8") as stream:
        printed = Counter(row["concentration"] for row in csv.DictReader(stream))
    states = Counter(result.state for result in case.monitoring)
    assert states == {State.BELOW_DETECTION: printed["ND"], State.VALUE: 110 - printed["ND"]}
    furnace = next(machine for machine in case.equipment if machine.name == "无铅熔锡炉")
    assert (furnace.power_kw, furnace.power_printed) == (None, "5Kkw")
    leveller = next(machine for machine in case.equipment if machine.name == "无铅喷锡机")
    assert (leveller.power_kw, leveller.power_kw_high, leveller.count) == (50, 60, 3)
    empty = [fact for fact in case.facts if fact.state is State.EMPTY]
    assert [fact.label for fact in empty] == ["布袋除尘（钻孔、V割粉尘）"]
    first = case.options[3]
    assert (first.investment, first.annual_saving, first.payback_years, first.kind) == (150, 26.3, 2.5, "high")
    assert ("annual_saving_10k_cny_per_10k_m2", "3.9") in first.details
    place = {place.name: place for place in case.places}
    assert place["二车间"].products == ("double-sided-board",)
    assert case.parameters["products"] == {"刚性单面板": "单面板", "刚性双面板": "双面板"}


def test_the_demonstration_plants_are_marked(pcb_plant: Path) -> None:
    for name in ("electroplating-demo", "hazardous-waste-incineration-demo"):
        assert read_case(pcb_plant.parent / name).profile.grade == "demo"


# --- what rows may look like -----------------------------------------------------------------------------------------


def test_four_different_things(tmp_path: Path) -> None:
    rows = "\n".join(f"2022,全厂,energy,柴油,{cell},t,meter," for cell in ("0", "", "不适用", "ND", "<0.5"))
    case = read_case(folder(tmp_path / "case", f"{HEAD}\n{rows}\n"))
    assert [(fact.state, fact.value) for fact in case.facts] == [
        (State.VALUE, 0.0),
        (State.EMPTY, None),
        (State.NOT_APPLICABLE, None),
        (State.BELOW_DETECTION, None),
        (State.BELOW_DETECTION, 0.5),
    ]


def test_units_in_cells_headings_and_columns(tmp_path: Path) -> None:
    assert one(tmp_path, "2022,,energy,电,１２.5万kWh,,,").unit == "万kWh"
    assert one(tmp_path, "2022,电,12.5,x", "年份,项目,用量（万kWh）,备注").unit == "万kWh"
    gas = one(tmp_path, "2022,,energy,天然气,3,万m3,,")
    assert (gas.value, gas.unit) == (3.0, "10^4 Nm3")
    water = one(tmp_path, "2022,,water,新鲜水,5,t,,")
    assert (water.value, water.unit) == (5.0, "m3")
    yearly = one(tmp_path, "2022,,energy,柴油,5,吨/年,,")
    assert yearly.unit == "t"


def test_a_multiplier_that_the_unit_holds_already_counts_once(tmp_path: Path) -> None:
    for cell, unit, value, written in (
        ("171.86万", "万kWh", 171.86, "万kWh"),
        ("约171.86万", "万kWh", 171.86, "万kWh"),
        ("171.86万", "kWh", 1_718_600.0, "kWh"),
        ("171.86万kWh", "kWh", 171.86, "万kWh"),
    ):
        power = one(tmp_path, f"2022,,energy,电,{cell},{unit},,")
        assert (power.value, power.unit) == (value, written), cell
    output = one(tmp_path, "2022,产值,10055万,x", "年份,项目,数量（万元）,备注")
    assert (output.value, output.unit) == (10_055.0, "万元")
    twice = read_case(folder(tmp_path / "case", f"{HEAD}\n2022,,energy,电,171.86万,万kWh,,\n"))
    assert [problem.code for problem in twice.problems] == ["cell-scale-twice"]
    unsure = folder(tmp_path / "case", f"{HEAD}\n2022,,money,产值,10055万,亿元,,\n")
    assert errors(unsure) == ["cell-scale-twice"]
    for heading, cell in (
        ("投资（万元）", "48万"),
        ("投资", "48万"),
        ("投资（万元）", "48万元"),
        ("投资（万元）", "480000元"),
    ):
        made = folder(tmp_path / "case", f"{HEAD}\n2022,,energy,电,5,kWh,,\n")
        (made / "options.csv").write_text(f"编号,方案名称,{heading}\nF1,换泵,{cell}\n", encoding="utf-8")
        assert [option.investment for option in read_case(made).options] == [48.0], (heading, cell)


def test_sums_in_the_column_of_places_are_no_places(tmp_path: Path) -> None:
    rows = "2022,一车间,energy,电,5,kWh,,\n2022,小 计,energy,电,5,kWh,,\n2022,合 计,energy,电,9,kWh,,\n"
    case = read_case(folder(tmp_path / "case", f"{HEAD}\n{rows}"))
    assert [(fact.place, fact.value) for fact in case.facts] == [("一车间", 5.0), ("", 9.0)]
    assert [place.name for place in case.places] == ["一车间"]
    assert [(problem.code, problem.found) for problem in case.problems] == [("total-row", "小 计")]


def test_two_options_with_one_number_are_refused(tmp_path: Path) -> None:
    made = folder(tmp_path / "case", f"{HEAD}\n2022,,energy,电,5,kWh,,\n")
    (made / "options.csv").write_text("编号,方案名称,投资（万元）\nF1,换泵,4\nF2,变频,5\nF1,余热,6\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_case(made)
    (problem,) = caught.value.problems
    assert (problem.code, problem.found, problem.where.row) == ("option-twice", "F1", 4)
    assert "换泵" in str(problem.message)
    assert "余热" in str(problem.message)


def test_units_that_do_not_fit(tmp_path: Path) -> None:
    for row, code in (
        ("2022,,energy,电,5,t,,", "unit-dimension"),
        ("2022,,energy,电,5,,,", "unit-missing"),
        ("2022,,energy,电,5,怪单位,,", "unit-unknown"),
        ("2022,,energy,柴油,5 L/h,t,,", "unit-dimension"),
        ("2022,,product,产品合格率,99.2,,,", "unit-missing"),
        ("2022,,material,自有材料,5 m3,t,,", "unit-contradiction"),
    ):
        assert errors(folder(tmp_path / "case", f"{HEAD}\n{row}\n")) == [code], row


def test_names_of_items(tmp_path: Path) -> None:
    for name in ("电", "用电量", "electricity", "用电量（原表合计）", "电力", "Electricity"):
        assert one(tmp_path, f"2022,,energy,{name},5,kWh,,").item == "electricity"
    own = one(tmp_path, "2022,,material,网版清洗剂用量,5,kg,,")
    assert (own.item, own.role, own.own_item, own.label) == ("网版清洗剂", "consumed", True, "网版清洗剂用量")
    (problem,) = problems(folder(tmp_path / "case", f"{HEAD}\n2022,,energy,煤碳,5,t,,\n"))
    assert problem.code == "item-unknown"
    assert "煤" in str(problem.expected)
    (problem,) = problems(folder(tmp_path / "case", f"{HEAD}\n2022,,energy,新鲜水,5,m3,,\n"))
    assert problem.code == "item-other-kind"
    coded = one(tmp_path, "2022,energy,咱们的气,3,Nm3,natural-gas", "period,kind,item,value,unit,item_id")
    assert (coded.item, coded.label, coded.own_item) == ("natural-gas", "咱们的气", False)


def test_roles(tmp_path: Path) -> None:
    head = "period,kind,item,role,value,unit"
    assert one(tmp_path, "2022,energy,电,外购,5,kWh", head).role == "purchased"
    assert one(tmp_path, "2022,energy,电,购入,5,kWh", head).role == "purchased"
    assert one(tmp_path, "2022,energy,外购电量,,5,kWh", head).role == "purchased"
    assert one(tmp_path, "2022,energy,天然气,低位发热量,35.5,MJ/m3", head).unit == "MJ/Nm3"
    assert one(tmp_path, "2022,pollutant,COD,,50,mg/L", head).role == "concentration"
    assert errors(folder(tmp_path / "case", f"{head}\n2022,energy,电,倒掉,5,kWh\n")) == ["role-unknown"]


def test_basis_words_and_unknown_ones(tmp_path: Path) -> None:
    assert one(tmp_path, "2022,,energy,电,5,kWh,抄表,").basis.value == "meter"
    case = read_case(folder(tmp_path / "case", f"{HEAD}\n2022,,energy,电,5,kWh,听说的,表1\n"))
    assert [(problem.code, problem.severity) for problem in case.problems] == [("basis-unknown", Severity.WARNING)]
    assert case.facts[0].note == "表1；“听说的”"


def test_uncertainty(tmp_path: Path) -> None:
    head = "period,kind,item,value,unit,uncertainty"
    for cell in ("2%", "0.02", "２％"):
        assert one(tmp_path, f"2022,energy,电,5,kWh,{cell}", head).uncertainty == pytest.approx(0.02)
    assert one(tmp_path, "2022,energy,电,5,kWh,2", head.replace("uncertainty", "不确定度（%）")).uncertainty == 0.02
    assert errors(folder(tmp_path / "case", f"{head}\n2022,energy,电,5,kWh,200%\n")) == ["uncertainty-range"]


def test_negative_amounts_and_doubled_rows_are_warned_of(tmp_path: Path) -> None:
    rows = "2022,,energy,电,-5,kWh,,\n2022,,energy,柴油,5,t,,\n2022,,energy,柴油,5,t,,\n2022,,money,利润,-3,万元,,\n"
    case = read_case(folder(tmp_path / "case", f"{HEAD}\n{rows}"))
    assert [problem.code for problem in case.problems] == ["value-negative", "row-twice"]
    assert len(case.facts) == 4


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "facts.csv"
    path.write_bytes(f"{HEAD}\n2022,一车间,能源,用电量,1 234.5,千瓦时,计量,表\n".encode(encoding))
    (fact,) = read_case(path).facts
    assert (fact.place, fact.item, fact.value, fact.unit) == ("一车间", "electricity", 1234.5, "千瓦时")


def test_tabs_and_semicolons(tmp_path: Path) -> None:
    for sign in "\t;":
        path = tmp_path / "facts.csv"
        path.write_text(f"{HEAD}\n2022,,energy,电,5,kWh,,\n".replace(",", sign), encoding="utf-8")
        assert read_case(path).facts[0].value == 5


def test_every_problem_at_once_with_its_place(tmp_path: Path) -> None:
    rows = [
        "2022,,energy,电,5,kWh,meter,",
        "20x2,,energy,电,abc,kWh,,",
        ",,energy,煤碳,5,t,,",
        "2022,,nothing,电,5,kWh,,",
    ]
    found = problems(folder(tmp_path / "case", "\n".join([HEAD, *rows])))
    assert [(problem.code, problem.where.row, problem.where.column) for problem in found] == [
        ("cell-not-a-period", 3, "period"),
        ("cell-not-a-number", 3, "value"),
        ("period-missing", 4, "period"),
        ("item-unknown", 4, "item"),
        ("kind-unknown", 5, "kind"),
    ]
    assert all(problem.where.file == "facts.csv" for problem in found)
    assert found[1].found == "abc"


def test_many_problems_of_one_kind_are_counted(tmp_path: Path) -> None:
    rows = "\n".join(f"2022,,energy,电,x{number},kWh,," for number in range(MOST_OF_A_KIND + 7))
    found = problems(folder(tmp_path / "case", f"{HEAD}\n{rows}\n"))
    assert len(found) == MOST_OF_A_KIND + 1
    assert "7" in str(found[-1].message)


def test_files_that_are_not_what_they_should_be(tmp_path: Path) -> None:
    assert errors(tmp_path / "nowhere") == ["file-not-found"]
    (tmp_path / "empty").mkdir()
    assert errors(tmp_path / "empty") == ["facts-file-missing"]
    assert errors(folder(tmp_path / "a", "a,b\n1,2\n")) == ["column-missing"] * 3
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "facts.csv").write_bytes(b"PK\x03\x04 zip")
    assert errors(tmp_path / "b") == ["csv-is-a-workbook"]
    (tmp_path / "b" / "facts.csv").write_bytes(b"\xff\xff\xff\x81\x00")
    assert errors(tmp_path / "b") == ["file-encoding"]
    huge = '"' + "x" * 200_000 + '"'
    assert errors(folder(tmp_path / "c", f"{HEAD}\n2022,,energy,电,5,kWh,,{huge}\n")) == ["csv-damaged"]


def test_unknown_columns_and_files_are_noted(tmp_path: Path) -> None:
    path = folder(tmp_path / "case", f"{HEAD},颜色\n2022,,energy,电,5,kWh,,,红\n", other_csv="x\n")
    case = read_case(path)
    assert sorted(problem.code for problem in case.problems) == ["column-unknown", "file-ignored"]
    assert all(problem.severity is Severity.NOTE for problem in case.problems)


def test_plant_file(tmp_path: Path) -> None:
    text = (
        'plant = "x"\nindustry_code = 3982\n[settings]\nelectricity_factor = 0.5\nexcluded_places = ["食堂", "宿舍"]\n'
        "price.electricity = 0.7\n[settings.equal-value-electricity]\n2022 = 0.3\n[details]\nstaff = 120\n"
        "[parameters]\nn = 4\noutputs = {a = 1, b = 2}\n"
    )
    case = read_case(folder(tmp_path / "case", f"{HEAD}\n2022,,energy,电,5,kWh,,\n", plant_toml=text))
    assert case.profile.settings == {
        "electricity_factor": 0.5,
        "excluded_places": "食堂;宿舍",
        "price.electricity": 0.7,
        "equal-value-electricity.2022": 0.3,
    }
    assert case.profile.details == {"staff": "120"}
    assert case.profile.industry_code == "3982"
    assert case.parameters == {"n": 4, "outputs": {"a": 1, "b": 2}}
    assert case.facts[0].plant == "x"
    for bad, code in (
        ("plant = ", "plant-file-syntax"),
        ("plantt = 1", "plant-file-key"),
        ("plant = [1]", "plant-file-type"),
        ("settings = 3", "plant-file-type"),
        ('grade = "gold"', "profile-grade"),
        ('audit_period = "soon"', "cell-not-a-period"),
    ):
        assert errors(folder(tmp_path / "case", f"{HEAD}\n2022,,energy,电,5,kWh,,\n", plant_toml=bad)) == [code]


def test_indicators_and_evidence(tmp_path: Path) -> None:
    answers = "indicator,answer,evidence,note\na,Ⅱ级,台账,\nb,12.5%,,\nc,是,,\nd,不适用,,\ne,,,\nf,,照片,\ng,2,,\n"
    evidence = "id,title,date\nE1,电费单,2022年7月\n"
    path = folder(
        tmp_path / "case", f"{HEAD}\n2022,,energy,电,5,kWh,,\n", indicators_csv=answers, evidence_csv=evidence
    )
    case = read_case(path)
    assert {j.indicator: j.answer for j in case.judgements} == {
        "a": "II", "b": 12.5, "c": "yes", "d": "n/a", "f": None, "g": 2.0,
    }  # fmt: skip
    assert case.evidence[0].date == "2022-07"
    (path / "indicators.csv").write_text("indicator,answer\na,II\na,III\nb,也许\n", encoding="utf-8")
    assert errors(path) == ["cell-not-a-number", "indicator-twice"]


def test_a_negative_investment_is_refused_with_its_place(tmp_path: Path) -> None:
    options = "id,name,kind,investment,annual_saving\nA,甲,中费,-5,1\nB,乙,低费,2,-1\n"
    found = [one for one in problems(folder(tmp_path / "case", HEAD, options_csv=options)) if one.severity == "error"]
    assert [(one.code, one.where.file, one.where.row, one.where.column, one.found) for one in found] == [
        ("option-investment", "options.csv", 2, "investment", "-5")
    ]
    book = write_template(
        tmp_path / "plant.xlsx", case=Case(Profile(), (), options=(OptionRow("A", "甲", investment=-5.0),))
    )
    (wrong,) = [one for one in problems(book) if one.severity == "error"]
    assert (wrong.code, wrong.where.file, bool(wrong.where.sheet), bool(wrong.where.cell)) == (
        "option-investment",
        "plant.xlsx",
        True,
        True,
    )


def test_powers_of_machines(tmp_path: Path) -> None:
    equipment = "name,power_kw,count\na,3KW,2\nb,220W,1台\nc,50-60,\nd,5Kkw,\ne,,\nf,/,1\n"
    case = read_case(folder(tmp_path / "case", f"{HEAD}\n2022,,energy,电,5,kWh,,\n", equipment_csv=equipment))
    assert [(m.power_kw, m.power_kw_high, m.count, m.power_printed) for m in case.equipment] == [
        (3, None, 2, ""),
        (0.22, None, 1, ""),
        (50, 60, None, "50-60"),
        (None, None, None, "5Kkw"),
        (None, None, None, ""),
        (None, None, 1, ""),
    ]
    assert [problem.code for problem in case.problems] == ["power-unreadable"]


# --- and back --------------------------------------------------------------------------------------------------------


def test_the_real_plant_written_and_read(pcb_plant: Path, tmp_path: Path) -> None:
    case = read_case(pcb_plant)
    written = write_case(case, tmp_path / "copy")
    assert {path.name for path in written} >= {"facts.csv", "plant.toml", "places.csv"}
    again = read_case(tmp_path / "copy")
    assert content(again) == content(case)
    assert [fact.label for fact in again.facts] == [fact.label for fact in case.facts]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(case=cases())
def test_any_case_written_and_read(case: Case, tmp_path_factory: pytest.TempPathFactory) -> None:
    target = tmp_path_factory.mktemp("case")
    try:
        write_case(case, target)
        assert content(read_case(target)) == content(normal(case))
    finally:
        shutil.rmtree(target)


def test_a_case_made_by_a_program(tmp_path: Path) -> None:
    """Facts without labels, and items whose label does not lead to them, come back as the same items."""
    base = {"plant": "", "period": "2022", "role": "consumed", "value": 1.0, "kind": "energy"}
    facts = (
        Fact(item="electricity", unit="kWh", **base),  # type: ignore[arg-type]
        Fact(item="natural-gas", unit="Nm3", label="咱们的气", **base),  # type: ignore[arg-type]
        Fact(item="天然气", unit="t", own_item=True, **{**base, "kind": "material"}),  # type: ignore[arg-type]
    )
    write_case(Case(Profile(), facts), tmp_path / "made")
    again = read_case(tmp_path / "made").facts
    assert [(fact.item, fact.own_item, fact.kind) for fact in again] == [
        ("electricity", False, "energy"),
        ("natural-gas", False, "energy"),
        ("天然气", True, "material"),
    ]

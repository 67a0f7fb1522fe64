"""The checks on the real plant that ships: what an auditor found by hand in its tables, the rules find too."""

from __future__ import annotations

import json

import pytest

from qingyuan.checks import Finding, Gravity, run_checks
from qingyuan.demo import SHIPPED_CASES
from qingyuan.facts.cases import read_case
from qingyuan.language import language


@pytest.fixture(scope="module")
def found() -> tuple[Finding, ...]:
    return run_checks(read_case(SHIPPED_CASES / "pcb-plant-a"))


# Rule, and words that its message must hold: numbers and names as they stand in the plant's tables.
BY_HAND = (
    ("round-factor", ("一车间", "1.14", "1.83")),
    ("round-factor", ("二、三车间", "干膜", "化学铜 = 1.76")),
    ("round-factor", ("废水处理站", "石灰 = 3", "硫化钠 = 0.18", "PAC = 0.26", "硫酸亚铁")),
    ("proportional-to-output", ("二、三车间", "调整剂", "中和剂", "消泡剂", "铜光亮剂")),
    ("ratio-as-measurement", ("10823", "12026", "0.9")),
    ("ratio-as-measurement", ("9741", "10823", "0.9")),
    ("two-statements", ("10823", "9741")),
    ("same-amount-of-different-things", ("过硫酸钠", "碳酸钠", "5223", "6477", "5769")),
    ("same-amount-of-different-things", ("硫酸", "沉铜液", "16825")),
    ("same-amount-of-different-things", ("PAC", "葡萄糖", "15303")),
    ("output-and-capacity", ("67462 万m²", "71498", "2022 年产量相同", "也小于 2021 年产量 71498")),
    ("rate-never-changes", ("99.21%", "99.22%", "99.2%")),
    ("trend-against-output", ("废手套抹布", "0.07", "10.31", "0.07→4.39，为 62.7 倍", "产量为 1.215 倍")),
    ("trend-against-output", ("废油墨渣", "23.43")),
    ("trend-against-output", ("废膜", "废退锡水", "氯化铜废液", "铜氨废液", "废边角料")),
    ("value-per-product", ("0.03251",)),
    ("tax-against-value", ("3.44", "4.99")),
    ("load-hours", ("一车间", "841", "371")),
    ("power-and-machines", ("二、三车间共用", "166")),
    ("power-and-machines", ("废水处理站", "250347")),
    ("works-electricity", ("23.13",)),
    ("reagent-dose", ("聚丙烯酰胺", "0.374")),
    ("acid-and-alkali", ("彼此中和", "15.6")),
    ("acid-and-alkali", ("强碱性", "7.4")),
    ("precipitant-and-metal", ("硫化钠",)),
    ("precipitant-and-metal", ("硫酸亚铁",)),
    ("carbon-source", ("葡萄糖", "615", "51.4 倍，脱氮一般不超过 10 倍")),
    ("sludge-metal", ("706.18", "541")),
    ("metal-balance", ("Cu", "覆铜板", "铜氨废液")),
    ("metal-balance", ("Sn", "废退锡水")),
    ("waste-against-input", ("废油墨渣", "23.43")),
    ("waste-against-input", ("废油墨罐",)),
    ("waste-against-input", ("氯化铜废液", "441.15")),
    ("waste-against-input", ("铜氨废液", "361.6")),
    ("waste-against-input", ("废退锡水", "65.57")),
    ("waste-against-input", ("废膜",)),
    ("waste-without-input", ("废活性炭",)),
    ("input-per-product", ("干膜 1.02，应在", "24517", "24036")),
    ("offcuts", ("8289", "1.8 t", "99.2%")),
    ("voc-balance", ("防白水", "活性炭")),
    ("carbon-uptake", ("3730",)),
    ("input-without-trace", ("锡渣", "废矿物油", "废灯管", "废菲林")),
    ("input-without-trace", ("应有微蚀废液", "过硫酸钠 5769 kg")),
    ("input-without-trace", ("废有机溶剂", "油墨 4326 kg")),
    ("input-without-trace", ("应有总铅", "有铅喷锡")),
    ("input-without-trace", ("应有甲醛", "沉铜")),
    ("input-without-trace", ("总银", "锡银铜")),
    ("input-without-trace", ("应有硫化物", "硫化钠 12143 kg")),
    ("step-without-input", ("膨松剂", "高锰酸钾")),
    ("step-without-input", ("纯锡添加剂", "硫酸亚锡")),
    ("step-without-input", ("光绘", "菲林")),
    ("step-without-input", ("OSP", "抗氧化")),
    ("dissolved-metal", ("过硫酸钠 5769", "541")),
    ("round-growth", ("37094", "44511", "+20%", "21763", "26987", "+24%")),
    ("against-output", ("酒精", "653", "621", "+24%")),
    ("yearly-shift", ("105", "36.5")),
    ("treatment-count", ("碱液喷淋塔（酸性废气） 3 套", "5 个排放口", "DA010")),
    ("clean-before-treatment", ("DA007", "0.34", "80")),
    ("organics-elsewhere", ("DA003", "0.0688", "0.0109")),
    ("waste-code-wrong", ("废膜", "一般固废", "HW13")),
    ("options-alike", ("1 废水处理站提效和中水回用", "8 废水深度处理回用", "5734")),
    ("option-already-there", ("文字改喷印", "文字喷墨机")),
    ("option-saving-without-effect", ("R3", "8.1", "20.2")),
    ("option-inconsistent", ("10 危废减量", "-35%", "178.4", "6.072")),
    ("remark-of-doubt", ("10823", "把产量67462填在废水栏")),
    ("remark-of-doubt", ("疑为5 kW",)),
    ("option-exceeds-discharge", ("铜排放", "0.11 mg/L", "6.746")),
    ("sludge-metal", ("65.2 kg 污泥",)),
    ("step-without-input", ("图形电镀", "铜球")),
    ("step-without-input", ("喷锡", "焊料")),
    ("pollutant-without-source", ("总氰化物", "0.029")),
    ("pollutant-without-source", ("氟化物",)),
    ("treated-not-monitored", ("酸液喷淋塔", "氨")),
    ("treated-not-monitored", ("布袋除尘", "颗粒物")),
    ("waste-code-missing", ("9 种",)),
    ("detection-limit-missing", ("总铜 7 次", "0.11")),
    ("limit-missing", ("氟化物", "非甲烷总烃")),
    ("monitoring-gaps", ("废水", "2020", "2023")),
    ("monitoring-gaps", ("废气", "采样日期")),
    ("near-limit", ("158", "160")),
    ("unsteady-results", ("COD", "14", "158")),
    ("flows-of-one-stack", ("DA002", "2511", "3115")),
    ("flows-of-one-stack", ("DA008", "9271", "7668")),
    ("removal-efficiency", ("DA007", "DA008", "52%")),
    ("noise-uniform", ("57",)),
    ("machine-twice", ("磨板线", "CT002316")),
    ("machine-twice", ("丝印机", "CD-6575")),
    ("machine-count", ("CNC钻孔机 18", "共 6", "沉铜线", "AOI", "锣机")),
    ("machine-count", ("自动测试机 7", "共 16", "自动电镀线 1", "图电线")),
    ("option-without-object", ("30 有机废气设施更新", "活性炭")),
    ("machine-power", ("5Kkw",)),
    ("machine-power", ("扫描机", "修板机")),
    ("option-payback", ("5 个方案", "19.7 年，写 2.8 年")),
    ("option-savings", ("917.7", "50.9%")),
    ("options-together", ("废水", "26142", "10823")),
    ("options-together", ("能耗", "151%")),
    ("options-together", ("中水回用率", "315%")),
    ("option-exceeds-discharge", ("VOCs", "134.9", "合计 418.3")),
    ("option-exceeds-plant", ("总铜",)),
    ("option-exceeds-discharge", ("COD", "395")),
    ("option-beyond-whole", ("良率", "99.2%", "+15%")),
    ("option-beyond-whole", ("原料利用率没有填报", "89.06%", "+35%")),
    ("option-efficiency", ("56.3%", "95%")),
    ("option-without-object", ("废酸", "显影废液", "膜渣")),
    ("option-incomplete", ("R1、R2、R3",)),
    ("option-worth", ("文字改喷印", "64.8")),
    ("option-inconsistent", ("53%", "25%")),
    ("voc-collection", ("698.6",)),
    ("discharge-not-metered", ("10823", "9741")),
    ("water-destinations", ("16244", "5421")),
    ("specific-use", ("0.03823", "0.4313")),
    ("missing-years", ("电力", "2020、2021")),
    ("missing-basics", ("职工人数", "生产时间")),
    ("unknown-basis", ("年产能", "产生浓度")),
    ("litres-without-density", ("化学铜", "防白水")),
)  # fmt: skip


@pytest.mark.parametrize(("rule", "words"), BY_HAND, ids=[f"{rule}-{words[0]}" for rule, words in BY_HAND])
def test_contradiction_is_found(found: tuple[Finding, ...], rule: str, words: tuple[str, ...]) -> None:
    messages = [str(one.message) for one in found if rule in (one.rule, *one.also)]
    assert any(all(word in text for word in words) for text in messages), messages


def test_findings_come_by_weight(found: tuple[Finding, ...]) -> None:
    weights = [one.weight for one in found]
    assert weights == sorted(weights, reverse=True)
    assert found[0].severity is Gravity.GRAVE
    # in the auditor's letter the plant's own amounts come first and its plans last
    rank = {one.rule: index for index, one in reversed(list(enumerate(found)))}
    for first in ("round-factor", "output-and-capacity", "ratio-as-measurement", "metal-balance", "load-hours"):
        assert rank[first] < 20, first
        assert all(rank[first] < rank[rule] for rule in rank if rule.startswith("option")), first
    assert found[-1].severity is Gravity.QUESTION


def test_a_cause_in_many_rows_is_one_finding(found: tuple[Finding, ...]) -> None:
    factors = [one for one in found if one.rule == "round-factor"]
    assert len(factors) == 3  # one for each place, together more than fifteen materials
    assert sum(len(one.concerns) for one in factors) > 15


def test_a_capacity_of_the_wrong_size_is_one_finding(found: tuple[Finding, ...]) -> None:
    assert len([one for one in found if one.rule == "output-and-capacity"]) == 1


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        (("ratio-as-measurement", "two-statements"), ("9741", "10823", "0.9", "2 个不同的数")),
        (("option-exceeds-discharge", "options-together", "option-exceeds-plant"), ("1.191", "0.877 t", "74.8%")),
        (("option-exceeds-discharge", "option-exceeds-plant"), ("6.746", "0.5412", "62.3%")),
        (("voc-collection", "voc-balance"), ("2884", "698.6", "24.2%", "1666")),
    ],
)
def test_what_two_rules_say_of_one_contradiction_is_one_finding(
    found: tuple[Finding, ...], rules: tuple[str, ...], words: tuple[str, ...]
) -> None:
    one = [each for each in found if all(word in str(each.message) for word in words)]
    assert len(one) == 1
    assert (one[0].rule, *one[0].also) == rules
    assert one[0].as_json()["also"] == list(rules[1:])


def test_a_scrubber_whose_gas_nobody_measures_is_told_once(found: tuple[Finding, ...]) -> None:
    told = [one for one in found if "酸液喷淋塔" in str(one.message)]
    assert [one.rule for one in told] == ["treated-not-monitored"]
    assert "2 套" in str(told[0].message)


def test_pollutants_and_wastes_that_may_be_lacking_are_counted_apart(found: tuple[Finding, ...]) -> None:
    asked = [str(one.message) for one in found if one.rule == "input-without-trace" and one.severity == "question"]
    pollutants = next(text for text in asked if "污染物" in text)
    assert "油烟" in pollutants
    assert not any(waste in pollutants for waste in ("厨余垃圾", "废离子交换树脂"))
    assert any("厨余垃圾" in text for text in asked if "废物" in text)
    assert not any("因为有" in text for text in asked)


def test_equal_amounts_by_one_factor_are_not_called_copied(found: tuple[Finding, ...]) -> None:
    same = [one for one in found if one.rule == "same-amount-of-different-things"]
    assert len(same) == 3
    assert all("同一系数" in str(one.settle) for one in same)
    assert not any("很可能是抄录错误" in str(one.settle) for one in same)


def test_what_is_only_compared_by_a_stand_in_is_asked(found: tuple[Finding, ...]) -> None:
    beyond = {str(one.message)[:2]: one.severity for one in found if one.rule == "option-beyond-whole"}
    assert beyond == {"良率": "serious", "原料": "question"}
    silver = next(one for one in found if "总银" in str(one.message))
    assert silver.severity == "question"
    unequal = next(one for one in found if one.rule == "option-inconsistent")
    assert "铜回收率" not in str(unequal.message)
    assert "二氧化碳" not in str(unequal.message)


def test_english_says_which_number_is_the_option_and_what_is_stated(found: tuple[Finding, ...]) -> None:
    with language("en"):
        said = {one.rule: str(one.message) for one in found}
        together = next(
            str(one.message) for one in found if one.rule == "options-together" and "151" in str(one.message)
        )
        asked = [str(one.message) for one in found if one.rule == "step-without-input"]
    assert "product, capacity" in said["unknown-basis"]
    assert "copper, concentration before treatment" in said["unknown-basis"]
    assert "option 12" in together
    assert not any(word in text for text in asked for word in ("菲林", "抗氧化"))


def test_one_contradiction_is_told_once(found: tuple[Finding, ...]) -> None:
    about_vocs = [one.rule for one in found if one.rule.startswith("option") and "VOCs" in one.concerns]
    assert "options-together" not in about_vocs
    told = [str(one.message) for one in found if one.rule == "input-without-trace"]
    assert not any("应有氨" in text or "颗粒物" in text for text in told)  # stands under its treatment
    assert len({str(one.message) for one in found}) == len(found)


def test_findings_name_both_numbers_and_their_rows(found: tuple[Finding, ...]) -> None:
    for one in found:
        assert one.numbers, one.rule
        if one.severity is not Gravity.QUESTION:
            assert len(one.numbers) >= 2, one.rule
        if one.rule != "missing-basics":
            assert one.rows, one.rule
            assert all(row.file and (row.row or row.column) for row in one.rows), one.rule
        assert str(one.settle), one.rule
        assert one.concerns or one.rule == "missing-basics", one.rule
        assert one.size >= 1, one.rule


@pytest.mark.parametrize("code", ["zh", "en"])
def test_findings_as_json(found: tuple[Finding, ...], code: str) -> None:
    with language("zh" if code == "zh" else "en"):
        records = json.loads(json.dumps([one.as_json() for one in found], ensure_ascii=False))
    for record in records:
        assert set(record) == {"rule", "severity", "message", "numbers", "rows", "settle", "size", "concerns", "also"}
        assert record["severity"] in ("grave", "serious", "minor", "question")
        assert "{" not in record["message"]
        assert "{" not in record["settle"]
        for number in record["numbers"]:
            assert set(number) == {"what", "value", "unit", "period", "computed", "rows"}


def test_waste_water_stated_twice_is_not_added_up(found: tuple[Finding, ...]) -> None:
    assert not [one for one in found if any(number.value == 10823 + 9741 for number in one.numbers)]

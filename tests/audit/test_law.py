"""What the law asks on a day: triggers, leads, publication, penalties, conditions, reviews, and the data behind it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest
from pydantic import ValidationError

from qingyuan.audit import law
from qingyuan.audit.rule_records import Clock, Rulebook, Trigger
from qingyuan.audit.rules import (
    ArticleText,
    NoRuleInForce,
    department,
    faults_of,
    find_jurisdiction,
    in_force,
    jurisdiction_of,
    jurisdictions,
    lineage,
)
from qingyuan.errors import InputError, UnknownName
from qingyuan.facts.model import Profile
from qingyuan.language import language
from qingyuan.reference.records import Grade

OLD, NEW = dt.date(2026, 8, 14), dt.date(2026, 8, 15)


# --- mandatory or voluntary ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "triggers", "kinds"),
    [
        (OLD, ("T1", "T2", "T3"), ("mandatory", "mandatory", "mandatory")),
        (NEW, ("T1", "T2", "T3"), ("mandatory", "voluntary", "mandatory")),
        (OLD, ("T4",), ("voluntary",)),
        (NEW, ("T4",), ("voluntary",)),  # T4 needs a prescription that is named
    ],
)
def test_kinds_by_day(on: dt.date, triggers: tuple[str, ...], kinds: tuple[str, ...]) -> None:
    assert tuple(one.kind for one in law.standing(triggers, on).triggers) == kinds


def test_the_reason_why_high_energy_use_is_voluntary_names_both_laws() -> None:
    one = law.standing(("T2",), NEW)
    assert one.kind == "voluntary"
    text = str(one.triggers[0].reason)
    for word in ("清洁生产促进法", "2026-08-14", "生态环境法典", "自愿性审核", "另有规定"):
        assert word in text
    with language("en"):
        assert one.as_json()["kind"] == "voluntary"


def test_no_trigger_at_all_is_voluntary() -> None:
    case = law.standing((), NEW)
    assert (case.kind, case.binding, case.lead) == ("voluntary", (), ())


def test_the_strictest_trigger_decides_and_all_leads_show() -> None:
    case = law.standing(("T2", "T1"), OLD)
    assert case.kind == "mandatory"
    assert [one.id for one in case.lead] == ["energy-saving", "ecology"]
    after = law.standing(("T2", "T1"), NEW)
    assert after.binding == ("T1",)
    assert [one.id for one in after.lead] == ["ecology"]


def test_other_cases_that_the_state_prescribes() -> None:
    named = law.standing(("T4",), NEW, prescriptions=("yellow-river-basin",)).triggers[0]
    assert named.kind == "mandatory"
    assert "黄河保护法" in str(named.reason)
    assert any("依法实施" in str(note) for note in named.notes)
    # before the Code the river's own law stood alone, and before it there was nothing
    assert law.standing(("T4",), OLD, prescriptions=("yellow-river-basin",)).kind == "mandatory"
    assert law.standing(("T4",), dt.date(2023, 3, 31), prescriptions=("yellow-river-basin",)).kind == "voluntary"
    unnamed = law.standing(("T4",), NEW).triggers[0]
    assert "yellow-river-basin" in str(unnamed.reason)


def test_a_local_regulation_that_still_names_a_trigger_is_to_be_confirmed() -> None:
    case = law.standing(("T2",), NEW, "山东")
    assert case.kind == "confirm"
    assert "山东省清洁生产促进条例" in str(case.triggers[0].reason)
    assert case.binding == ("T2",)
    # where the national law names it too, both bases show
    both = law.standing(("T3",), NEW, "北京").triggers[0]
    assert both.kind == "mandatory"
    assert [base.jurisdiction for base in both.bases] == ["cn", "cn-beijing"]


def test_days_before_the_law_and_unknown_names() -> None:
    with pytest.raises(NoRuleInForce, match="2012-07-01"):
        law.standing(("T1",), dt.date(2012, 6, 30))
    assert law.standing(("T1",), dt.date(2012, 7, 1)).kind == "mandatory"
    for arguments in ((("T5",), NEW), (("T1",), NEW, "火星"), (("T4",), NEW, "cn", ("none",))):
        with pytest.raises(UnknownName):
            law.standing(*arguments)  # type: ignore[arg-type]


def test_versions_of_a_trigger_follow_each_other() -> None:
    for day, article in ((OLD, "27(2)(1)"), (NEW, "967(1)(1)")):
        assert [rule.record.article for rule in law.standing(("T1",), day).triggers[0].bases] == [article]
    assert law.standing(("T2",), OLD).triggers[0].bases
    assert not law.standing(("T2",), NEW).triggers[0].bases


# --- duties ----------------------------------------------------------------------------------------------------------


def test_what_a_listed_enterprise_publishes() -> None:
    common = {"name", "legal-representative", "address"}
    ids = {trigger: {one.id for one in law.disclosures((trigger,), OLD)} - common for trigger in ("T1", "T2", "T3")}
    assert ids["T1"] == {"pollutants", "way", "amounts", "excess"}
    assert ids["T2"] == {"energy", "per-value", "per-product", "excess"}
    assert ids["T3"] == {"toxic-materials", "toxic-discharges", "hazardous-waste", "risk-prevention"}
    every = law.disclosures(("T1", "T2", "T3"), OLD)
    assert len(every) == len(common) + 12  # both excesses are things of their own
    assert [one.triggers for one in every if one.id == "name"] == [("T1", "T2", "T3")]
    assert {one.grade for one in every} == {Grade.CITED, Grade.RECALLED}
    assert law.disclosures((), OLD) == ()
    annual = law.disclosures(("T3",), OLD, duty="annual-report")
    assert [one.id for one in annual] == ["reason", "course"]
    assert law.disclosures(("T2",), OLD, duty="annual-report") == ()


def test_penalties_of_both_laws() -> None:
    old = {rule.record.id: rule for rule in law.penalties(OLD)}
    new = {rule.record.id: rule for rule in law.penalties(NEW)}
    assert "publication" in old
    assert "publication" not in new
    assert old["publication"].record.maximum_cny == 100_000
    assert old["publication"].record.minimum_cny is None
    assert str(old["publication"].basis).endswith("第36条")
    for held, basis in ((old, "第39条第1款"), (new, "第1221条第1款")):
        audit = held["audit"]
        assert str(audit.basis).endswith(basis)
        assert (audit.record.minimum_cny, audit.record.maximum_cny) == (50_000, 500_000)
        assert [str(step) for step in law.penalty_text(audit.record)] == [
            "责令限期改正", "拒不改正的，处 50,000 元以上 500,000 元以下罚款",
        ]  # fmt: skip
    assert "eliminated" not in old
    assert [str(step) for step in law.penalty_text(new["eliminated"].record)][2] == "处货值金额 1 倍以上 5 倍以下罚款"
    assert [str(step) for step in law.penalty_text(new["packaging"].record)][-1].startswith("情节严重的，处 20,000")
    assert [rule.record.id for rule in law.penalties(NEW, "山东", ("sd-consultant",))] == ["sd-consultant"]


def test_conditions_on_whoever_audits() -> None:
    assert [rule.record.id for rule in law.conditions("consultant", NEW)] == ["a", "b", "c", "d"]
    assert [rule.record.id for rule in law.conditions("enterprise", NEW)] == ["b", "c"]
    assert law.conditions("consultant", dt.date(2016, 6, 30)) == ()


def test_when_assessment_and_acceptance_are_due() -> None:
    assert law.review_duty(OLD).required is False
    assert [str(rule.basis) for rule in law.review_duty(NEW).rules] == ["《生态环境法典》第967条第4款"]
    assert law.review_duty(NEW, circumstances=("applies-for-money",)).required
    assert law.review_duty(NEW, circumstances=("in-assessed-plan",)).required
    # Shandong assesses every mandatory audit, Chongqing wants a pass for an eco-county
    assert law.review_duty(OLD, "山东", mandatory=True).required
    assert not law.review_duty(OLD, "重庆", mandatory=True).required
    assert law.review_duty(OLD, "重庆", circumstances=("eco-county",)).required
    with pytest.raises(UnknownName):
        law.review_duty(OLD, circumstances=("rain",))


def test_channels_agreements_and_uses_change_with_the_code() -> None:
    assert law.channels("result", OLD)[0].record.ways == ("local-media",)
    assert "platform" in law.channels("result", NEW)[0].record.ways
    assert law.channels("listed-info", OLD)[0].record.ways == ("local-media", "website", "other")
    assert law.agreements(OLD)[0].record.departments == ("coordination", "ecology")
    assert law.agreements(NEW)[0].record.departments == ("development-reform", "ecology", "industry")
    assert {rule.record.id: rule.record.force for rule in law.uses(NEW)} == {
        "differentiated-policies": "law", "backward-capacity": "reference", "operating-cost": "law",
    }  # fmt: skip
    assert "differentiated-policies" not in {rule.record.id for rule in law.uses(OLD)}
    advisory = {rule.record.id: rule.record.force for rule in law.uses(dt.date(2024, 1, 1), "重庆")}
    assert advisory["cq-price-and-quota"] == "explore"


def test_local_names_of_departments() -> None:
    assert department("development-reform", "重庆").name.zh == "市发展改革委"
    assert department("development-reform").name.zh == "发展改革部门"
    with pytest.raises(UnknownName):
        department("weather")


def test_gates_by_place() -> None:
    assert law.gate("acceptance", OLD, "重庆").record.sheet == "cn-2018-acceptance"
    assert law.gate("acceptance", OLD, "北京").record.sheet == "beijing-2009-acceptance"
    assert [paper.id for paper in law.gate("assessment", OLD).record.papers] == ["report", "ability"]
    with pytest.raises(NoRuleInForce):
        law.gate("assessment", dt.date(2017, 12, 31))
    with pytest.raises(NoRuleInForce):
        law.gate("consultant-review", OLD)


# --- places ----------------------------------------------------------------------------------------------------------


def test_jurisdictions_by_name_and_tree() -> None:
    for text in ("重庆", "重庆市", "Chongqing", "cn-chongqing"):
        assert find_jurisdiction(text) == "cn-chongqing"
    assert lineage("武汉") == ("cn", "cn-hubei", "cn-hubei-wuhan")
    assert lineage("cn-yunnan-kunming") == ("cn", "cn-yunnan", "cn-yunnan-kunming")
    assert lineage("cn-inner-mongolia") == ("cn", "cn-inner-mongolia")
    assert jurisdiction_of(Profile(province="湖北", city="武汉")) == "cn-hubei-wuhan"
    assert jurisdiction_of(Profile(province="湖北", city="宜昌")) == "cn-hubei"
    assert jurisdiction_of(Profile()) == "cn"
    with pytest.raises(UnknownName, match="cn-chongqing"):
        find_jurisdiction("cn-chonqing")


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("27(2)(1)", "第27条第2款第1项", "Art. 27(2)(1)"),
        ("36", "第36条", "Art. 36"),
        ("15, 16", "第15、16条", "Art. 15, 16"),
        ("附表1", "附表1", "附表1"),
    ],
)
def test_articles_as_people_write_them(text: str, zh: str, en: str) -> None:
    assert str(ArticleText(text)) == zh
    with language("en"):
        assert str(ArticleText(text)) == en


# --- the data --------------------------------------------------------------------------------------------------------


def test_every_rule_has_source_grade_and_basis() -> None:
    grades: Counter[str] = Counter()
    for book in jurisdictions():
        for act in book.acts:
            assert act.undated or act.valid_from or act.valid_to, act.id
            assert act.name_zh, act.id
            assert act.name_en, act.id
        for rule in book.rules():
            grades[rule.grade.value] += 1
            assert rule.source.strip()
            assert rule.act, rule
            if rule.note_zh:
                assert rule.note_en, rule
    # nothing that was not read may pass for read
    assert set(grades) == {"read", "cited", "recalled"}
    assert grades["recalled"] < grades["read"]


def test_everything_is_named_in_both_languages() -> None:
    for book in jurisdictions():
        for rule in (*book.rules(), *book.departments):
            for key, value in rule.model_dump().items():
                if key.endswith("_zh") and value:
                    assert getattr(rule, f"{key[:-3]}_en"), (book.jurisdiction, key, value)


def test_rules_of_memory_and_of_continuing_orders_say_so() -> None:
    held = {rule.record.id: rule for rule in in_force(lambda book: book.clocks, NEW)}
    assert any("凭记忆" in str(note) for note in held["D5"].notes)
    assert any("本软件的理解" in str(note) for note in held["D1"].notes)
    before = {rule.record.id: rule for rule in in_force(lambda book: book.clocks, OLD)}
    assert not any("本软件的理解" in str(note) for note in before["D1"].notes)


def _clock(**changes: object) -> Clock:
    base = {
        "id": "X", "name_zh": "x", "name_en": "x", "action_zh": "x", "action_en": "x", "event": "list-published",
        "unit": "months", "amount": 1, "bearer": "enterprise", "grade": "read", "source": "x",
    }  # fmt: skip
    return Clock.model_validate({**base, **changes})


def test_faults_of_a_book_are_found() -> None:
    national = next(book for book in jurisdictions() if book.jurisdiction == "cn")
    versions = (_clock(valid_from=dt.date(2020, 1, 1)), _clock(valid_from=dt.date(2021, 1, 1)))
    overlapping = Rulebook(jurisdiction="cn-tibet", name_zh="x", name_en="x", clocks=versions)
    assert any("overlap" in fault for fault in faults_of(overlapping, (national, overlapping)))
    wrong = Rulebook(
        jurisdiction="cn-tibet",
        name_zh="x",
        name_en="x",
        clocks=(_clock(act="nowhere", lead=("moon",), triggers=("T9",), penalty="none", amount=0),),
    )
    found = " ".join(faults_of(wrong, (national, wrong)))
    for word in ("unknown act nowhere", "unknown department moon", "unknown trigger T9", "unknown penalty none",
                 "no length"):  # fmt: skip
        assert word in found
    assert faults_of(national, (national,)) == []


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(ValidationError):
        Trigger.model_validate({"id": "T1", "colour": "red"})


def test_rule_files_of_the_operator(own_law: Path) -> None:
    (own_law / "kunming.toml").write_text(
        'jurisdiction = "cn-yunnan-kunming"\nname_zh = "昆明市"\nname_en = "Kunming"\n\n[[acts]]\nid = "km"\n'
        'name_zh = "昆明通知"\nname_en = "Kunming notice"\nvalid_from = 2026-01-01\ngrade = "user"\n'
        'source = "某人 2026-02-01 录入"\n\n[[clocks]]\nid = "KM1"\nname_zh = "备案"\nname_en = "file"\n'
        'action_zh = "备案"\naction_en = "file"\nevent = "list-published"\nunit = "days"\namount = 15\n'
        'bearer = "enterprise"\ntriggers = ["T1"]\nact = "km"\ngrade = "user"\nsource = "某人 2026-02-01 录入"\n',
        encoding="utf-8",
    )
    held = [rule.record.id for rule in in_force(lambda book: book.clocks, OLD, "cn-yunnan-kunming")]
    assert held[-1] == "KM1"
    assert "KM1" not in [rule.record.id for rule in in_force(lambda book: book.clocks, OLD, "cn-yunnan")]


def test_problems_of_a_rule_file_are_all_told(own_law: Path) -> None:
    (own_law / "bad.toml").write_text('jurisdiction = "cn-tibet"\nname_zh = "x"\ncolour = 1\n', encoding="utf-8")
    (own_law / "worse.toml").write_text("this is no toml", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        jurisdictions()
    places = {problem.where.file for problem in caught.value.problems}
    assert places == {"bad.toml", "worse.toml"}
    assert len(caught.value.problems) == 3

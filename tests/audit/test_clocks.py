"""Every clock under both laws, the boundary day, anchors, local clocks, and the status over time."""

from __future__ import annotations

import datetime as dt
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.audit.clocks import Deadline, PreviousAudit, Proof, deadlines, track
from qingyuan.audit.law import standing
from qingyuan.audit.rules import NoRuleInForce
from qingyuan.errors import InputError, UnknownName
from qingyuan.language import language
from qingyuan.reference.records import Grade

OLD, NEW = dt.date(2026, 8, 14), dt.date(2026, 8, 15)
ALL = ("T1", "T2", "T3")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def by_id(found: tuple[Deadline, ...]) -> dict[str, Deadline]:
    return {one.id: one for one in found}


def dues(found: tuple[Deadline, ...]) -> dict[str, str | None]:
    return {one.id: None if one.due is None else one.due.isoformat() for one in found}


# --- the two laws ----------------------------------------------------------------------------------------------------


def test_every_clock_under_the_law_of_2012() -> None:
    found = deadlines(day("2025-03-10"), ALL, previous_audit=day("2021-02-28"))
    assert dues(found) == {
        "D1": "2025-04-10",
        "D2": "2025-05-12",  # 10 May 2025 is a Saturday
        "D3": "2026-03-10",
        "D4": "2026-02-28",  # a Saturday that is worked
        "D5": None,
        "D6": "2026-03-15",  # a Sunday: a fixed date does not move
    }
    one = by_id(found)
    assert one["D2"].nominal == day("2025-05-10")
    assert one["D2"].moved
    assert not one["D6"].moved
    assert one["D1"].triggers == one["D2"].triggers == one["D3"].triggers == ALL
    assert one["D4"].triggers == ("T3",)
    assert one["D6"].triggers == ("T1", "T3")
    assert {item.id for item in one["D3"].receivers} == {"ecology", "coordination", "energy-saving"}
    assert [rule.record.article for rule in one["D1"].penalties] == ["36"]
    assert [rule.record.article for rule in one["D3"].penalties] == ["39(1)"]
    assert {key: item.bearer for key, item in one.items()} == {
        "D1": "enterprise", "D2": "enterprise", "D3": "enterprise", "D4": "enterprise", "D5": "authority",
        "D6": "enterprise",
    }  # fmt: skip


def test_every_clock_under_the_code() -> None:
    found = deadlines(day("2026-09-10"), ("T1", "T3"), previous_audit=day("2023-05-31"))
    assert dues(found) == {
        "D1": "2026-10-10",  # a Saturday that is worked
        "D2": "2026-11-10",
        "D3": "2027-09-10",
        "D4": "2028-05-31",
        "D5": None,
        "D6": "2027-03-15",
    }
    one = by_id(found)
    assert [item.id for item in one["D3"].receivers] == ["development-reform", "ecology"]
    assert one["D1"].penalties == ()  # the fine of Art. 36 has gone
    assert [rule.record.article for rule in one["D3"].penalties] == ["1221(1)"]
    # Order 38 is taken to continue, and every deadline that rests on it says that this is our reading
    for id in ("D1", "D2", "D3", "D4"):
        assert any("第38号令" in str(note) for note in one[id].notes), id


def test_the_boundary_day() -> None:
    before, after = deadlines(OLD, ALL), deadlines(NEW, ALL)
    # one month, two months and a year from both days; 14 and 15 August 2027 are a weekend
    assert dues(before) == {
        "D1": "2026-09-14", "D2": "2026-10-14", "D3": "2027-08-16", "D4": None, "D5": None, "D6": "2027-03-15",
    }  # fmt: skip
    assert dues(after) == {
        "D1": "2026-09-15", "D2": "2026-10-15", "D3": "2027-08-16", "D4": None, "D5": None, "D6": "2027-03-15",
    }  # fmt: skip
    assert by_id(before)["D1"].triggers == ALL
    assert by_id(after)["D1"].triggers == ("T1", "T3")
    assert {item.id for item in by_id(before)["D3"].receivers} == {"ecology", "coordination", "energy-saving"}
    assert {item.id for item in by_id(after)["D3"].receivers} == {"development-reform", "ecology"}
    # a fine that has gone by the day of the breach is not shown for a case of the day before either
    assert by_id(before)["D1"].penalties == ()
    assert any("2026-08-15" in str(note) and "高耗能" in str(note) for note in by_id(before)["D1"].notes)
    assert not any("高耗能" in str(note) for note in by_id(after)["D1"].notes)


def test_a_case_of_high_energy_use_alone_falls_away() -> None:
    assert dues(deadlines(OLD, ("T2",))) == {"D1": "2026-09-14", "D2": "2026-10-14", "D3": "2027-08-16", "D5": None}
    assert deadlines(NEW, ("T2",)) == ()
    assert standing(("T2",), NEW).kind == "voluntary"


def test_a_prescription_of_the_state_keeps_it(own_law: Path) -> None:
    (own_law / "prescription.toml").write_text(
        'jurisdiction = "cn"\nname_zh = "全国"\nname_en = "China"\n\n[[acts]]\nid = "new-order"\nname_zh = "新办法"\n'
        'name_en = "new order"\nvalid_from = 2026-10-01\ngrade = "user"\nsource = "录入"\n\n[[prescriptions]]\n'
        'id = "energy"\ntrigger = "T2"\nname_zh = "高耗能"\nname_en = "high energy use"\ntext_zh = "应当审核"\n'
        'text_en = "must audit"\nact = "new-order"\narticle = "3"\ngrade = "user"\nsource = "录入"\n',
        encoding="utf-8",
    )
    assert standing(("T2",), day("2026-09-30")).kind == "voluntary"
    now = standing(("T2",), day("2026-10-08"))
    assert now.kind == "mandatory"
    assert "新办法" in str(now.triggers[0].reason)
    assert [item.id for item in now.lead] == ["energy-saving"]
    assert set(dues(deadlines(day("2026-10-08"), ("T2",)))) == {"D1", "D2", "D3", "D5"}


def test_no_rules_are_known_before_the_first_law() -> None:
    with pytest.raises(NoRuleInForce, match="2012-07-01"):
        deadlines(day("2012-06-30"), ("T1",))
    # the law of 2012 is held, its clocks only from Order 38 of 2016 on
    assert deadlines(day("2016-06-30"), ("T1",)) == ()
    assert set(dues(deadlines(day("2016-07-01"), ("T1",)))) == {"D1", "D2", "D3", "D5"}
    assert "D6" in dues(deadlines(day("2022-02-08"), ("T1",)))
    assert "D6" not in dues(deadlines(day("2022-02-07"), ("T1",)))


# --- anchors and events ----------------------------------------------------------------------------------------------


def test_the_anchor_of_the_next_audit_is_a_setting() -> None:
    previous = PreviousAudit(accepted_on=day("2023-11-20"), reported_on=day("2022-11-18"), listed_on=day("2021-12-01"))
    listed = day("2026-03-10")
    found = {
        anchor: by_id(deadlines(listed, ("T3",), previous_audit=previous, anchor=anchor))["D4"]  # type: ignore[arg-type]
        for anchor in ("acceptance", "report", "list")
    }
    assert found["acceptance"].due == day("2028-11-20")
    assert found["report"].due == day("2027-11-18")
    assert found["list"].due == day("2026-12-01")
    assert any("验收日" in str(note) for note in found["acceptance"].notes)
    assert any("名单公布日" in str(note) for note in found["list"].notes)


def test_without_a_previous_audit_the_interval_waits() -> None:
    one = by_id(deadlines(NEW, ("T3",)))["D4"]
    assert one.due is None
    assert "验收日" in str(one.waits_for)
    missing_anchor = by_id(deadlines(NEW, ("T3",), previous_audit=PreviousAudit(reported_on=day("2024-01-05"))))["D4"]
    assert missing_anchor.due is None
    assert "D4" not in by_id(deadlines(NEW, ("T1",), previous_audit=day("2024-01-05")))


def test_a_passed_pilot_counts_as_an_audit() -> None:
    previous = PreviousAudit(accepted_on=day("2022-05-10"), pilot_passed_on=day("2024-08-30"))
    one = by_id(deadlines(NEW, ("T3",), previous_audit=previous))["D4"]
    assert (one.start, one.due) == (day("2024-08-30"), day("2029-08-30"))
    assert any("试点" in str(note) for note in one.notes)
    earlier = PreviousAudit(accepted_on=day("2025-05-12"), pilot_passed_on=day("2024-08-30"))
    assert by_id(deadlines(NEW, ("T3",), previous_audit=earlier))["D4"].start == day("2025-05-12")


def test_yearly_duties_up_to_a_day() -> None:
    found = deadlines(day("2024-05-06"), ("T1",), until=day("2027-12-31"))
    assert [one.key for one in found if one.id == "D6"] == ["D6@2025", "D6@2026", "D6@2027"]
    assert [one.due for one in found if one.id == "D6"] == [day("2025-03-15"), day("2026-03-15"), day("2027-03-15")]


# --- local clocks ----------------------------------------------------------------------------------------------------


def test_wuhan_adds_its_clocks_to_those_of_the_country() -> None:
    found = by_id(deadlines(day("2026-03-10"), ("T3",), "武汉", events={"assessment-passed": day("2026-10-31")}))
    assert {"D1", "D2", "D3", "D4", "D5", "D6"} < set(found)
    assert found["WH1"].due == day("2026-04-10")
    assert found["WH2"].due == day("2026-05-11")  # 10 May is a Sunday
    assert found["WH3"].due == day("2026-12-31")  # the same calendar year, a fixed date
    assert found["WH4"].due == day("2027-11-01")  # 31 October 2027 is a Sunday
    assert found["WH5"].due == day("2027-01-31")
    assert found["WH5"].bearer == "authority"
    assert found["HB1"].due == day("2026-06-30")
    assert found["HB2"].due == day("2026-12-15")
    assert found["HB3"].due == day("2027-03-15")
    assert found["WH3"].rule.jurisdiction == "cn-hubei-wuhan"
    assert any("施行日期没有读到" in str(note) for note in found["WH1"].notes)
    # a listing for energy use is not the guide's
    assert not any(id.startswith("WH") for id in by_id(deadlines(day("2026-03-10"), ("T2",), "武汉")))


def test_a_clock_whose_event_has_not_come_waits_and_one_that_has_passed_is_not_shown() -> None:
    found = by_id(deadlines(day("2026-09-10"), ("T1",), "cn-hubei-wuhan"))
    assert found["WH4"].due is None
    assert "通过评估" in str(found["WH4"].waits_for)
    assert "HB1" not in found  # 30 June had passed when the list came
    assert found["HB2"].due == day("2026-12-15")


def test_shandong_by_regulation_and_by_the_list_of_2015() -> None:
    found = by_id(deadlines(day("2025-06-03"), ("T1", "T2"), "山东"))
    assert found["SD1"].due == day("2026-06-03")
    assert [rule.record.id for rule in found["SD1"].penalties] == ["sd-audit"]
    assert "SD2" not in found
    old = by_id(deadlines(day("2015-03-20"), ("T3",), "cn-shandong"))
    assert dues(tuple(old.values())) == {"SD2": "2015-05-26", "SD3": "2015-10-31"}
    # after the Code a listing for energy use rests on the regulation alone: ask
    left = deadlines(day("2026-09-01"), ("T2",), "山东")
    assert {one.kind for one in left} == {"confirm"}
    assert "SD1" in by_id(left)
    assert all(any("请向主管部门确认" in str(note) for note in one.notes) for one in left)


def test_voluntary_audits_have_only_local_clocks() -> None:
    assert deadlines(day("2023-05-10"), ()) == ()
    events = {"audit-finished": day("2023-09-28"), "report-received": day("2023-10-31")}
    found = by_id(deadlines(day("2023-05-10"), (), "cn-fujian-yunxiao", events=events))
    assert found["YX1"].due == day("2023-10-30")  # 28 October 2023 is a Saturday
    assert found["YX2"].due == day("2023-11-30")  # no 31 November
    assert found["YX1"].kind == "voluntary"
    meeting = by_id(deadlines(day("2026-01-05"), (), "湖南", events={"review-meeting": day("2026-02-26")}))
    assert meeting["HN1"].due == day("2026-02-14")
    assert "至少" in str(meeting["HN1"].limit)


def test_rules_of_comparison_only_are_not_applied() -> None:
    assert not any(one.id.startswith("SC") for one in deadlines(day("2026-03-10"), ALL, "四川"))


def test_a_place_without_rules_of_its_own_says_so() -> None:
    found = deadlines(day("2026-03-10"), ("T1",), "重庆")
    assert all(any("没有收录重庆市" in str(note) for note in one.notes) for one in found)
    for place in ("武汉", "cn"):
        notes = [str(note) for one in deadlines(day("2026-03-10"), ("T1",), place) for note in one.notes]
        assert not any("地方时限" in note for note in notes)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"triggers": ("T9",)}, "T9"),
        ({"jurisdiction": "重亲"}, "重亲"),
        ({"events": {"list-published": OLD}}, "list-published"),
        ({"anchor": "birth"}, "birth"),
        ({"prescriptions": ("nothing",)}, "nothing"),
    ],
)
def test_unknown_names(arguments: dict[str, object], named: str) -> None:
    given = {"triggers": ("T1",), "jurisdiction": "cn", **arguments}
    triggers, place = given.pop("triggers"), given.pop("jurisdiction")
    with pytest.raises(UnknownName, match=named):
        deadlines(OLD, triggers, place, **given)  # type: ignore[arg-type]


# --- what a deadline says of itself ----------------------------------------------------------------------------------


def test_a_deadline_as_json_and_in_words() -> None:
    one = by_id(deadlines(day("2026-05-10"), ("T1",), "重庆"))["D2"]
    record = one.as_json()
    assert record["due"] == "2026-07-10"
    assert record["basis"] == "《清洁生产审核办法》（国家发展改革委、环境保护部令第38号）第12条"
    assert record["limit"] == "自名单公布起 2 个月内"
    assert record["grade"] == "cited"
    assert str(record["source"]).startswith("潮州")
    with language("en"):
        assert by_id(deadlines(day("2026-05-10"), ("T1",)))["D2"].as_json()["name"] == "start the audit"


def test_the_grade_of_a_deadline_falls_with_a_notice_that_moved_it() -> None:
    assert by_id(deadlines(day("2026-06-11"), ("T1",)))["D1"].grade is Grade.CITED
    # moved by a weekend of 2027, whose notice is not known
    assert by_id(deadlines(NEW, ("T1",)))["D3"].grade is Grade.RECALLED
    assert by_id(deadlines(NEW, ("T1",)))["D5"].grade is Grade.RECALLED


# --- status ----------------------------------------------------------------------------------------------------------


def test_status_over_time() -> None:
    found = deadlines(day("2026-03-10"), ("T1",))
    states = {one.deadline.id: one for one in track(found, (), day("2026-05-11"))}
    assert (states["D1"].state, states["D1"].days) == ("overdue", 31)
    assert (states["D2"].state, states["D2"].days) == ("due", 0)
    assert str(states["D2"].text) == "今日到期"
    assert (states["D3"].state, states["D3"].days) == ("due", 303)
    assert states["D5"].state == "waiting"
    assert str(states["D1"].text) == "已逾期 31 天"


def test_dated_evidence() -> None:
    found = deadlines(day("2026-03-10"), ("T1",))
    proofs = (
        Proof("D1", day("2026-04-10"), "日报第3版"),
        Proof("D2", day("2026-05-20"), "会议纪要"),
        Proof("D2", day("2026-05-13"), "启动通知"),
        Proof("D6@2027", day("2027-03-01"), "披露系统"),
    )
    states = {one.deadline.id: one for one in track(found, proofs, day("2027-04-01"))}
    assert (states["D1"].state, states["D1"].days) == ("done", None)
    assert (states["D2"].state, states["D2"].days) == ("done-late", 2)
    assert states["D2"].proof == Proof("D2", day("2026-05-13"), "启动通知")
    assert states["D6"].state == "done"
    assert states["D3"].state == "overdue"
    assert states["D1"].as_json()["evidence"] == {"on": "2026-04-10", "document": "日报第3版"}


def test_evidence_that_cannot_be() -> None:
    found = deadlines(day("2026-03-10"), ("T1",))
    proofs = (
        Proof("D9", day("2026-04-01")),
        Proof("D1", day("2026-03-01"), "早于名单"),
        Proof("D2", day("2026-06-01"), "将来"),
    )
    with pytest.raises(InputError) as caught:
        track(found, proofs, day("2026-05-01"))
    assert [problem.code for problem in caught.value.problems] == [
        "proof-unknown", "proof-before-event", "proof-in-future",
    ]  # fmt: skip


# --- what holds of every case ----------------------------------------------------------------------------------------

PLACES = st.sampled_from(["cn", "cn-chongqing", "cn-hubei-wuhan", "cn-shandong", "cn-guangdong-zhongshan"])
LISTS = st.dates(dt.date(2016, 7, 1), dt.date(2032, 12, 31))
SUBSETS = st.sampled_from([set(chosen) for size in range(1, 4) for chosen in combinations(ALL, size)])
AGES = st.integers(0, 2500)


@settings(max_examples=60)
@given(LISTS, SUBSETS, PLACES, AGES)
def test_no_deadline_lies_before_its_event(listed: dt.date, chosen: set[str], place: str, age: int) -> None:
    found = deadlines(listed, sorted(chosen), place, listed - dt.timedelta(days=age), until=listed.replace(day=1))
    for one in found:
        assert (one.due is None) is (one.waits_for is not None)
        assert one.due is None or (one.start is not None and one.due >= one.start)
        assert one.rule.validity.covers(listed)
        assert set(one.triggers) <= chosen
        assert one.rule.record.source
    keys = [one.key for one in found]
    assert len(set(keys)) == len(keys)


@settings(max_examples=60)
@given(LISTS, SUBSETS, st.sampled_from(ALL), PLACES)
def test_another_trigger_never_removes_a_duty(listed: dt.date, chosen: set[str], more: str, place: str) -> None:
    fewer = {one.key: one for one in deadlines(listed, sorted(chosen), place) if one.kind != "voluntary"}
    greater = {one.key: one for one in deadlines(listed, sorted(chosen | {more}), place)}
    assert set(fewer) <= set(greater)
    for key, one in fewer.items():
        assert greater[key].due == one.due
        assert {item.id for item in one.receivers} <= {item.id for item in greater[key].receivers}


@settings(max_examples=40)
@given(LISTS, st.sampled_from(ALL), st.dates(dt.date(2016, 7, 1), dt.date(2034, 12, 31)))
def test_every_status_is_one_of_five(listed: dt.date, trigger: str, today: dt.date) -> None:
    for one in track(deadlines(listed, (trigger,)), (), today):
        due = one.deadline.due
        if due is None:
            assert one.state == "waiting"
        elif today <= due:
            assert (one.state, one.days) == ("due", (due - today).days)
        else:
            assert (one.state, one.days) == ("overdue", (today - due).days)


def test_a_breach_begins_on_the_day_after_the_last_day() -> None:
    # one month from 2026-07-14 ends on the last day of the old law; the earliest breach is the day after, under the Code
    found = by_id(deadlines(day("2026-07-14"), ("T1",)))["D1"]
    assert found.due == OLD
    assert found.penalties == ()
    assert any("2026-08-15" in str(note) for note in found.notes)
    earlier = by_id(deadlines(day("2026-07-13"), ("T1",)))["D1"]
    assert earlier.due == day("2026-08-13")
    assert [rule.record.article for rule in earlier.penalties] == ["36"]


def test_a_duty_whose_ground_has_gone_by_the_breach_is_to_be_confirmed() -> None:
    found = by_id(deadlines(OLD, ("T2",)))
    for id in ("D1", "D2", "D3"):
        assert (found[id].kind, found[id].penalties) == ("confirm", ()), id
    both = by_id(deadlines(OLD, ("T1", "T2")))["D3"]  # the other ground stays
    assert both.kind == "mandatory"
    assert [rule.record.article for rule in both.penalties] == ["1221(1)"]

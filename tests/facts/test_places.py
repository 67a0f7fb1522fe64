"""Composite places become parents of their members; the tree has no loops."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.errors import Severity
from qingyuan.facts.model import SITE, Place
from qingyuan.facts.places import members, parents_of, place_name, place_tree


@pytest.mark.parametrize("text", ["", "全厂", "全 厂", " 全厂 ", "site", "Site", "合计"])
def test_the_site(text: str) -> None:
    assert place_name(text) == (SITE if text != "全 厂" else "全 厂")


@pytest.mark.parametrize(
    "text", ["合 计", "合计：", "全厂 合计", "合计（吨）", "共计", "累计", "Total:", "Grand total"]
)
def test_sums_of_all_places_are_the_site(text: str) -> None:
    assert place_name(text) == SITE


@pytest.mark.parametrize("text", ["合计车间", "总计量站", "公司（老厂）", "小计"])
def test_names_that_hold_such_words_are_names(text: str) -> None:
    assert place_name(text) == text


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("二、三车间", ("二车间", "三车间")),
        ("第一、第二车间", ("第一车间", "第二车间")),
        ("1#、2#锅炉", ("1#锅炉", "2#锅炉")),
        ("一、二、三车间", ("一车间", "二车间", "三车间")),
        ("A线和B线", ("A线", "B线")),
        ("办公室、宿舍、食堂", ("办公室", "宿舍", "食堂")),
        ("一车间/二车间", ("一车间", "二车间")),
        ("浸出与净化工段", ("浸出工段", "净化工段")),
        ("东、西区", ("东区", "西区")),
        ("二、三车间共用", ()),
        ("废水处理站", ()),
        ("和平车间", ()),
        ("、", ()),
    ],
)
def test_members(name: str, parts: tuple[str, ...]) -> None:
    assert members(name) == parts


def test_members_that_exist_go_below_the_composite() -> None:
    mentioned = [
        "一车间",
        "二、三车间",
        "二车间",
        "三车间",
        "办公室",
        "食堂宿舍",
        "办公室、宿舍、食堂",
        "二、三车间共用",
    ]
    places, problems = place_tree(mentioned)
    parents = parents_of(places)
    assert parents["二车间"] == parents["三车间"] == parents["二、三车间共用"] == "二、三车间"
    assert parents["办公室"] == parents["食堂宿舍"] == "办公室、宿舍、食堂"
    assert parents["一车间"] == parents["二、三车间"] == SITE
    assert not problems
    assert [place.name for place in places if place.kind == "composite"] == ["二、三车间", "办公室、宿舍、食堂"]


def test_what_the_user_lists_goes_before() -> None:
    given = [Place("三车间", "东区", "workshop", ("double-sided-board",)), Place("东区")]
    places, _ = place_tree(["二、三车间", "二车间", "三车间"], given)
    assert parents_of(places) == {"三车间": "东区", "东区": SITE, "二、三车间": SITE, "二车间": "二、三车间"}
    assert places[0] == given[0]


def test_nested_and_rival_composites() -> None:
    places, problems = place_tree(["一、二、三车间", "二、三车间", "一、二车间", "二车间", "三车间", "一车间"])
    parents = parents_of(places)
    assert parents["二、三车间"] == "一、二、三车间"
    assert parents["二车间"] == "二、三车间"
    assert [(problem.code, problem.severity) for problem in problems] == [("place-in-several", Severity.NOTE)]


def test_loops_are_cut_with_a_warning() -> None:
    places, problems = place_tree([], [Place("a", "b"), Place("b", "a")])
    assert [problem.code for problem in problems] == ["place-loop"]
    assert SITE in parents_of(places).values()


NAMES = st.text(alphabet="一二三车间线、和AB#12共用食堂宿舍", min_size=1, max_size=8)


@given(st.lists(NAMES, max_size=12), st.lists(st.tuples(NAMES, NAMES), max_size=5))
def test_every_tree_ends_at_the_site(mentioned: list[str], listed: list[tuple[str, str]]) -> None:
    names = [place_name(name) for name in mentioned]
    places, _ = place_tree(names, [Place(place_name(a), place_name(b)) for a, b in listed])
    parents = parents_of(places)
    assert len(parents) == len(places)
    assert {name for name in names if name} <= set(parents)
    for name in parents:
        steps = 0
        while name != SITE:
            name = parents[name]
            steps += 1
            assert steps <= len(parents)
    again, problems = place_tree(names, places)  # a tree that was written and read is the same tree
    assert again == places
    assert not [problem for problem in problems if problem.severity is not Severity.NOTE]

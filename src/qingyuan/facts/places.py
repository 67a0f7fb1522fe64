"""Places as people write them (场所): the site, composite places such as 二、三车间, and the tree they make.

A composite place (合并场所) names several places at once. It becomes the parent of its members, so that what is known
of 二、三车间 together stands above what is known of 二车间 and of 三车间.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from qingyuan.errors import Problem, Severity
from qingyuan.facts.cells import plain
from qingyuan.facts.model import SITE, Place
from qingyuan.language import message

_SITE_NAMES = frozenset(
    {"", "全厂", "全公司", "全企业", "企业", "公司", "总厂", "全厂合计", "合计", "总计", "厂区", "整个企业", "/"}
    | {"site", "whole site", "whole plant", "plant", "total", "company"}
)
# Rows of sums, as they stand in the column of places: the sum of all is the site; a subtotal is no place at all.
_TOTAL = re.compile(r"(?:全厂|全公司|各车间)?(?:合计|总计|共计|累计)(?::|\(.*\))?|(?:grand)?total:?")
_SUBTOTAL = re.compile(r"(?:小计|分计|sub-?total)(?::|\(.*\))?")
SITE_TOKEN = "全厂"  # how the site is written in files
COMPOSITE = "composite"  # Place.kind of a composite place

_SEPARATORS = re.compile(r"[、/,;]|和|及|与|&|\+| and ")
# Words after a composite that say "shared by": 二、三车间共用 lies in 二、三车间 and is not the same.
_SHARED = re.compile(r"(?:共用|公用|公共|合用|共享| shared)$")
# The part of a name that its neighbours leave out: 二、三车间, 1#、2#锅炉, A、B线.
_HEAD = re.compile(
    r"(?P<head>(?:第?[一二三四五六七八九十百零〇]+|第?\d+|[A-Za-z]\d*|[东西南北中新老前后上下左右甲乙丙丁])[#号]?)(?P<tail>\D.*)"
)
_KIND_OF_PLACE = re.compile(r"(?:车间|工段|工序|生产线|线|站|区|楼|厂房|锅炉|炉|窑|机组)$")
_BARE_HEAD = re.compile(
    r"(?:第?[一二三四五六七八九十百零〇]+|第?\d+|[A-Za-z]\d*|[东西南北中新老前后上下左右甲乙丙丁])[#号]?"
)


@lru_cache(maxsize=16384)
def place_name(text: str) -> str:
    """Give the name of a place as it is stored: SITE for 全厂 and 合计, else the text without odd blanks."""
    name = re.sub(r"\s+", " ", text.strip())
    known = plain(name).casefold()
    return SITE if known in _SITE_NAMES or _TOTAL.fullmatch(known.replace(" ", "")) else name


def is_subtotal(text: str) -> bool:
    """Whether the words in a column of places mark a sum of the rows above (小计)."""
    return _SUBTOTAL.fullmatch(plain(text).casefold().replace(" ", "")) is not None


@lru_cache(maxsize=4096)
def members(name: str) -> tuple[str, ...]:
    """The places that a composite name puts together; empty where the name is no composite.

    二、三车间 gives 二车间 and 三车间; 办公室、宿舍、食堂 gives the three; 1#、2#锅炉 gives 1#锅炉 and 2#锅炉.
    """
    base = _SHARED.sub("", re.sub(r"[（(].*?[)）]", "", plain(name))).strip()
    if base != plain(name) and _SHARED.search(plain(name)):
        return ()
    parts = [part.strip() for part in _SEPARATORS.split(base)]
    if len(parts) < 2 or any(not part or len(part) > 20 for part in parts):
        return ()
    *others, last = parts
    tail = ""
    if (head := _HEAD.fullmatch(last)) and all(_BARE_HEAD.fullmatch(part) for part in others):
        tail = head["tail"]
    elif (kind := _KIND_OF_PLACE.search(last)) and kind.start() and not any(part.endswith(kind[0]) for part in others):
        tail = kind[0]
    return (*(part + tail for part in others), last)


def _shared_base(name: str) -> str:
    """The composite that a shared place belongs to: 二、三车间 of 二、三车间共用; "" for other names."""
    match = _SHARED.search(name)
    return name[: match.start()].strip() if match else ""


def _made_of(name: str, words: frozenset[str]) -> frozenset[str]:
    """The members that a name puts together without separators: 食堂宿舍 of 食堂 and 宿舍; empty where it does not."""

    def cut(rest: str) -> tuple[str, ...] | None:
        if not rest:
            return ()
        for word in sorted(words, key=len, reverse=True):
            if rest.startswith(word) and (tail := cut(rest[len(word) :])) is not None:
                return (word, *tail)
        return None

    return frozenset(cut(name) or ()) if len(name) <= 40 else frozenset()


def place_tree(mentioned: Iterable[str], given: Sequence[Place] = ()) -> tuple[tuple[Place, ...], tuple[Problem, ...]]:
    """Build the tree of places from the names that the facts mention and the places that the user listed.

    Listed places keep their order, parent and kind; places that are mentioned and not listed follow in the order of
    mention. Only members that exist (are mentioned or listed) are put under a composite. A place that fits several
    composites goes under the smallest, with a note. A parent that is no place, or a loop, is a warning and is cut.
    """
    problems: list[Problem] = []
    listed: dict[str, Place] = {}
    for place in given:
        if place.name != SITE:
            listed.setdefault(place.name, place)
    names = list(listed)
    known = set(names)
    for name in mentioned:
        if name not in known and name != SITE:
            known.add(name)
            names.append(name)
    for place in given:
        if place.parent not in known and place.parent != SITE:
            known.add(place.parent)
            names.append(place.parent)
    derived = _derived_parents(names, problems, frozenset(listed))
    parents = {name: listed[name].parent if name in listed else derived.get(name, SITE) for name in names}
    _cut_loops(parents, problems)
    composites = set(derived.values())
    places = [
        Place(
            name,
            parents[name],
            listed[name].kind if name in listed else COMPOSITE if name in composites else "",
            listed[name].products if name in listed else (),
        )
        for name in names
    ]
    return tuple(places), tuple(problems)


def _derived_parents(names: Sequence[str], problems: list[Problem], listed: frozenset[str]) -> dict[str, str]:
    composites = {name: frozenset(members(name)) for name in names if members(name)}
    by_size = sorted(composites, key=lambda name: (len(composites[name]), names.index(name)))
    parents: dict[str, str] = {}
    for name in names:
        base = _shared_base(name)
        own = composites.get(name)
        fitting: list[str] = []
        for composite in by_size:
            inside = composites[composite]
            if composite == name:
                continue
            if own is not None:
                if own < inside:
                    fitting.append(composite)
            elif name in inside or base == composite or (_made_of(name, inside) if name not in inside else False):
                fitting.append(composite)
        if not fitting:
            continue
        parents[name] = fitting[0]
        rivals = [other for other in fitting[1:] if not composites[fitting[0]] <= composites[other]]
        if rivals and name not in listed:
            problems.append(
                Problem(
                    "place-in-several",
                    message(
                        "场所“{name}”同时属于“{first}”和“{second}”，归在前者之下",
                        name=name, first=fitting[0], second=rivals[0],
                    ),
                    Severity.NOTE,
                    expected=message("在场所表里写明上级场所"),
                )
            )  # fmt: skip
    return parents


def _cut_loops(parents: dict[str, str], problems: list[Problem]) -> None:
    for name in list(parents):
        seen = [name]
        while (above := parents.get(seen[-1], SITE)) != SITE:
            if above in seen:
                problems.append(
                    Problem(
                        "place-loop",
                        message("场所的上级绕成了圈：{names}", names=" → ".join([*seen, above])),
                        Severity.WARNING,
                        expected=message("上级场所最后通到全厂"),
                    )
                )
                parents[seen[-1]] = SITE
                break
            seen.append(above)


def parents_of(places: Iterable[Place]) -> Mapping[str, str]:
    """The parent of every place, by name."""
    return {place.name: place.parent for place in places}

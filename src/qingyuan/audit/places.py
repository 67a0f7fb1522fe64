"""Whether a plant's province and city are places that the rules know (企业所在地核对)."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from qingyuan.audit.rule_records import COUNTRY
from qingyuan.audit.rules import places
from qingyuan.errors import Location, Problem, Severity
from qingyuan.facts.model import Profile
from qingyuan.language import Message, listing, message


def place_problems(profile: Profile, file: str = "plant.toml") -> tuple[Problem, ...]:
    """What is wrong with where a plant says it lies.

    An unknown province is an error, and so is a city of another province. Of cities only those with rules of their own
    are known: another one is taken as it is, with a warning where its name is nearly that of a known one.
    """
    return tuple(_problems(profile, file))


def _problems(profile: Profile, file: str) -> Iterator[Problem]:
    provinces = {id for id in places() if id.count("-") == 1 or id in _TWO_WORDS}
    province, city = _known(profile.province), _known(profile.city)
    if profile.province and province not in provinces:
        names = [places()[id].short_zh for id in provinces]
        text = message("没有这个省级行政区")
        yield _problem("province-unknown", text, file, "province", profile.province, _near(profile.province, names))
    elif province and city and city != province and not city.startswith(f"{province}-"):
        text = message("{city}不在{province}", city=places()[city].name_zh, province=places()[province].name_zh)
        yield _problem("city-elsewhere", text, file, "city", profile.city, (places()[province].short_zh,))
    elif profile.city and not city:
        below = [place.short_zh for id, place in places().items() if id not in provinces and id != COUNTRY]
        near = difflib.get_close_matches(profile.city.strip(), below, n=2, cutoff=0.5)
        if near:
            text = message("没有收录这个城市的规定，按省级规定计算")
            yield _problem("city-unknown", text, file, "city", profile.city, tuple(near), Severity.WARNING)


_TWO_WORDS = frozenset({"cn-inner-mongolia"})


def _known(text: str) -> str:
    """The id of a place by its names in Chinese or English or its id; "" where it is none."""
    wanted = text.strip().casefold()
    for place in places().values():
        if wanted and wanted in (place.id, place.short_zh, place.name_zh, place.name_en.casefold()):
            return place.id
    return ""


def _near(text: str, names: list[str]) -> tuple[str, ...]:
    """The nearest names; all of them where none is near."""
    bare = text.strip().removesuffix("省").removesuffix("市")
    return tuple(difflib.get_close_matches(bare, names, n=3, cutoff=0.4) or sorted(names))


def _problem(
    code: str,
    text: Message,
    file: str,
    field: str,
    found: str,
    near: tuple[str, ...],
    severity: Severity = Severity.ERROR,
) -> Problem:
    expected = message("{names}", names=listing(near))
    return Problem(code, text, severity, Location(file=file, column=field), found, expected)

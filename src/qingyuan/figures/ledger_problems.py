"""What the ledger finds wrong with a plant's facts, as problems with their places (台账发现的问题)."""

from __future__ import annotations

from qingyuan import units
from qingyuan.errors import NOWHERE, Location, Problem, Severity
from qingyuan.facts.model import Fact
from qingyuan.figures.derivation import Term
from qingyuan.figures.tiling import periods
from qingyuan.language import Listing, Message, Name, Text, message


def _warning(code: str, text: Message, where: Location = NOWHERE, found: Text = "") -> Problem:
    return Problem(code, text, Severity.WARNING, where, found)


def place_name(place: str) -> object:
    """A place for a message: 全厂 for the site."""
    return place or message("全厂")


def difference(code: str, label: Name, period: str, place: str, used: Term, other: Term) -> Problem:
    """Two statements of one amount that disagree; ``other`` is in the unit of ``used``, which is the one counted."""
    parameters: dict[str, object] = {
        "item": label,
        "place": place_name(place),
        "period": period,
        "used": f"{used.value:.10g}",
        "other": f"{other.value:.10g}",
        "gap": units.quantity(f"{abs(used.value - other.value):.6g}", used.unit),
    }
    match code:
        case "total-and-parts-differ":
            text = message(
                "{item}（{place}，{period}）：合计 {used}，分项之和 {other}，相差 {gap}；按合计计算",
                **parameters,
            )
        case "rival-statements":
            text = message(
                "{item}（{place}，{period}）有不同来源的两个数：{used} 与 {other}，相差 {gap}；按更可靠的来源计算",
                **parameters,
            )
        case "supply-and-use-differ":
            text = message(
                "{item}（{place}，{period}）：购入并计库存、外供后 {used}，各处消耗之和 {other}，"
                "相差 {gap}；按前者计算",
                **parameters,
            )
        case _:
            text = message(
                "{item}（{place}，{period}）：两种加法结果不同，{used} 与 {other}，相差 {gap}；按前者计算",
                **parameters,
            )
    return _warning(code, text, used.facts()[0].where)


def stock_incomplete(label: Name, period: str) -> Problem:
    """Only the opening or only the closing stock is known."""
    text = message("{item}：{period} 只有期初或期末库存之一，库存变化未计入", item=label, period=period)
    return _warning("stock-incomplete", text)


def period_not_filled(
    label: Name, place: str, period: str, covers: str, days: int, of_days: int, where: Location
) -> Problem:
    """Shorter periods that leave gaps in a longer one."""
    text = message(
        "{item}（{place}）：{period} 只有 {covers} 的数据（{days}/{all} 天），不能当作全期",
        item=label,
        place=place_name(place),
        period=period,
        covers=periods(covers),
        days=days,
        all=of_days,
    )
    return _warning("period-not-filled", text, where)


def property_of_a_part(note: Message, where: Location) -> Problem:
    """A fuel's quality that is known of a part of the period or amount only, or in several numbers."""
    return _warning("property-of-a-part", note, where)


def crosses_years(fact: Fact) -> Problem:
    """A period across calendar years that is no year: no figure can stand for it."""
    text = message(
        "时段 {period} 跨日历年而不是整一年，不归入任何年度，不参与计算；请按年或按月填报", period=fact.period
    )
    return _warning("period-crosses-years", text, fact.where, fact.period)


def part_not_filled(label: Name, period: str, names: Listing) -> Problem:
    """Places whose cell is empty beside others that are filled."""
    text = message("{item} {period}：{names} 未填，合计不含这些场所", item=label, period=period, names=names)
    return _warning("part-not-filled", text)


def units_do_not_add(label: Name, fact: Fact, shown: Listing) -> Problem:
    """Litres and kilograms of one material."""
    text = message(
        "{item} 在 {period} 以不同量纲的单位填报（{units}），不能相加；请给出密度或统一单位",
        item=label,
        period=fact.period,
        units=shown,
    )
    return _warning("units-do-not-add", text, fact.where)


def row_twice(label: Name, fact: Fact) -> Problem:
    """Two rows that are the same in all that they say."""
    text = message(
        "{item}（{place}，{period}）有两行完全相同，两行都已计入；若是重复请删去一行",
        item=label,
        place=place_name(fact.place),
        period=fact.period,
    )
    value = "" if fact.value is None else units.quantity(f"{fact.value:.10g}", fact.unit)
    return _warning("row-stated-twice", text, fact.where, value)


def amount_from_flows(label: Name, fact: Fact) -> Problem:
    """An amount that is known only as flows between places."""
    text = message("{item}的数量只见于流向表，按流向合计；如有转送会重复，请另填总量", item=label)
    return _warning("amount-from-flows", text, fact.where)

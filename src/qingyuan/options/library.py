"""The technology library as a reader sees it (技术库): one record or a list of them, with effects and cost in words."""

from __future__ import annotations

from collections.abc import Sequence

from qingyuan.language import Message, Name, Text, clauses, listing, message
from qingyuan.options.effects import effect_text
from qingyuan.options.odds import Odds, technology_odds, typical_payback
from qingyuan.reference.technologies import ASPECTS, Cost, Technology, industries
from qingyuan.units import UnitText

MATURITY = {
    "pilot": Name("试点", "pilot"),
    "early": Name("推广初期", "early"),
    "widely-used": Name("广泛应用", "widely used"),
    "eliminated-baseline": Name("旧工艺已淘汰", "old way eliminated"),
}
MEDIA = {
    "energy": Name("能源", "energy"), "water": Name("水", "water"), "air": Name("废气", "air"),
    "waste": Name("固废", "waste"), "carbon": Name("碳", "carbon"), "raw-material": Name("原辅材料", "raw material"),
}  # fmt: skip


def effects_text(record: Technology) -> Text:
    """All effects of a record in one line; says so where no number was read."""
    if not record.effects:
        return message("没有读到数值")
    return clauses(effect_text(effect) for effect in record.effects)


def cost_text(cost: Cost | None) -> Text:
    """Investment, running cost, saving and pay-back in one line; "" without any."""
    if cost is None:
        return ""
    parts: list[Message] = []
    for label, value, low, high, unit, per in (
        (message("投资"), cost.capex, cost.capex_low, cost.capex_high, cost.capex_unit, cost.capex_per),
        (message("运行费"), cost.opex, cost.opex_low, cost.opex_high, cost.opex_unit, cost.opex_per),
        (message("节约"), cost.saving, cost.saving_low, cost.saving_high, cost.saving_unit, cost.saving_per),
    ):
        if value is None and low is None and high is None:
            continue
        number = f"{value:g}" if value is not None else f"{_bound(low)}–{_bound(high)}"
        text = message("{label} {number} {unit}", label=label, number=number, unit=UnitText(unit or "CNY"))
        parts.append(message("{text}（{per}）", text=text, per=per) if per else text)
    if cost.payback_years is not None:
        parts.append(message("回收期 {years} 年", years=f"{cost.payback_years:g}"))
    return clauses(parts)


def _bound(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def details(record: Technology) -> tuple[tuple[Text, Text], ...]:
    """A record as pairs of label and text, in the order in which people read it."""
    known: Odds = technology_odds(record)
    payback = typical_payback(record)
    names = listing(message("各行业") if id == "any" else industries()[id].name for id in record.industries)
    pairs: list[tuple[Text, Text]] = [
        (message("编号"), record.id),
        (message("名称"), record.label),
        (message("行业"), names),
        (message("工序"), record.process),
        (message("方面"), ASPECTS[record.aspect]),
        (message("影响"), listing(MEDIA[medium] for medium in record.media)),
        (message("简介"), Name(record.summary, record.summary_en)),
        (message("效果"), effects_text(record)),
        (message("费用"), cost_text(record.cost)),
        (message("典型回收期（年）"), "" if payback is None else f"{payback:g}"),
        (message("采纳情况"), known.text()),
        (message("成熟度"), MATURITY[record.maturity]),
        (message("前提"), clauses(record.prerequisites)),
        (message("冲突"), listing(record.conflicts)),
        (message("来源"), record.source),
        (message("可信等级"), record.grade.value),
        (message("备注"), record.note),
    ]
    return tuple((label, text) for label, text in pairs if str(text))


def record_json(record: Technology) -> dict[str, object]:
    """A record as plain values, with its odds and typical pay-back."""
    values: dict[str, object] = record.model_dump(mode="json", exclude_none=True)
    values["odds"] = technology_odds(record).as_json()
    values["typical_payback_years"] = typical_payback(record)
    return values


def table_rows(records: Sequence[Technology]) -> list[tuple[str, ...]]:
    """Id, name, process, media, effects: one row for each record."""
    rows: list[tuple[str, ...]] = []
    for record in records:
        media = listing(MEDIA[medium] for medium in record.media)
        rows.append((record.id, str(record.label), record.process, str(media), str(effects_text(record))))
    return rows

"""What options say beside their numbers (方案是否合理): the same effect twice, what the plant has already, effects of
one option that disagree, savings without an effect."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qingyuan import units
from qingyuan.checks.effects import Claim, claims, plant_amount, title
from qingyuan.checks.finding import Finding, Gravity, Number, listed, shown, times
from qingyuan.checks.knowledge import options_present, threshold
from qingyuan.checks.plant import Plant, look
from qingyuan.errors import Location
from qingyuan.facts.model import Case, OptionRow
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Message, message


def alike(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Different options that claim exactly the same cut of the same thing."""
    plant = look(case, ledger)
    groups: dict[tuple[str, float, str], list[Claim]] = defaultdict(list)
    for claim in claims(case, plant):
        if claim.effect is not None and claim.sign < 0 and claim.unit not in ("", "%"):
            groups[claim.effect.quantity, claim.value, claim.unit].append(claim)
    hits: list[tuple[list[Claim], Number]] = []
    for found in groups.values():
        effect = found[0].effect
        if len({claim.option.id for claim in found}) < 2 or effect is None:
            continue
        amount = plant_amount(plant, effect, found[0].unit)
        if (
            amount is not None
            and amount.value > 0
            and found[0].value >= threshold("options-alike", "share") * amount.value
        ):
            hits.append((found, amount))
    if not hits:
        return
    hits.sort(key=lambda hit: -hit[0][0].value / hit[1].value)
    items = listed(
        message(
            "方案 {options} 都减少{word} {value} {unit}（全厂的 {share}%）",
            options=listed(title(claim.option) for claim in found),
            word=found[0].word,
            value=shown(found[0].value),
            unit=units.UnitText(found[0].unit),
            share=shown(100 * found[0].value / amount.value, 3),
        )
        for found, amount in hits
    )
    yield Finding(
        rule="options-alike",
        severity=Gravity.QUESTION,
        message=message("不同方案的效果一模一样，可能是同一件事算了两遍：{items}", items=items),
        numbers=tuple(claim.number for found, _ in hits for claim in found),
        settle=message("各方案的计算书：作用的设备、水量和前提；重复的合并"),
        size=1.0 + max(found[0].value / amount.value for found, amount in hits),
        concerns=tuple(dict.fromkeys(claim.option.id for found, _ in hits for claim in found)),
    )


def already_there(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Options that bring a machine or facility which the plant's own lists show already."""
    plant = look(case, ledger)
    hits: list[tuple[OptionRow, str, tuple[Location, ...]]] = []
    for option in case.options:
        text = f"{option.name} {option.note}"
        for record in options_present():
            if not any(word in text for word in record.words):
                continue
            names = [
                (name, row) for name, row in plant.words if any(word in name for word in record.machines) and row.file
            ]
            if names:
                hits.append((option, names[0][0], tuple(row for _, row in names)))
                break
    if not hits:
        return
    items = listed(message("{option}：清单里已有“{name}”", option=title(option), name=name) for option, name, _ in hits)
    yield Finding(
        rule="option-already-there",
        severity=Gravity.QUESTION,
        message=message("方案要上的设备，企业的清单里已经有了：{items}", items=items),
        numbers=tuple(
            number
            for option, name, rows in hits
            for number in (
                Number(title(option), option.annual_saving or 0.0, "10^4 CNY", (option.where,)),
                Number(message("已列的{name}", name=name), float(len(rows)), "", rows, "", True),
            )
        ),
        settle=message("现场核对现有设备的用途和产能；方案是替换、扩充还是重复"),
        size=1.0 + len(hits),
        concerns=tuple(option.id for option, *_ in hits),
    )


@dataclass(frozen=True, slots=True)
class Clash:
    """Two effects of one option of which one implies another size of the other (效果相互矛盾)."""

    option: OptionRow
    text: Message
    numbers: tuple[Number, ...]
    size: float


def inconsistent(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Options whose own effects disagree: the percentage that they state against the amount that they state."""
    plant = look(case, ledger)
    groups: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims(case, plant):
        groups[claim.option.id].append(claim)
    clashes = [clash for found in groups.values() for clash in (*_reuse(plant, found), *_shares(plant, found))]
    if not clashes:
        return
    clashes.sort(key=lambda clash: -clash.size)
    yield Finding(
        rule="option-inconsistent",
        severity=Gravity.QUESTION,
        message=message(
            "{count} 个方案自己写的百分数与数量对不上：{items}",
            count=len({clash.option.id for clash in clashes}),
            items=listed(clash.text for clash in clashes),
        ),
        numbers=tuple(number for clash in clashes for number in clash.numbers),
        settle=message("方案的水平衡、物料平衡和用能计算；百分数以哪股水、哪台设备为基数"),
        size=clashes[0].size,
        concerns=tuple(dict.fromkeys(clash.option.id for clash in clashes)),
    )


def _reuse(plant: Plant, found: Sequence[Claim]) -> Iterable[Clash]:
    """A reuse rate is the waste water that is no longer discharged, as a share of it."""
    year = next((year for year in reversed(plant.years) if year in plant.waste_water), None)
    rate = next((c for c in found if c.effect and c.effect.quantity == "rate:reuse" and c.sign > 0), None)
    cut = next((c for c in found if c.effect and c.effect.quantity == "wastewater" and c.sign < 0), None)
    if year is None or rate is None or cut is None or units.dimension(cut.unit) != "volume" or rate.value <= 0:
        return
    water = plant.waste_water[year]
    volume = cut.value * units.factor(cut.unit, "m3")
    implied = 100 * volume / water.value
    apart = times(implied, rate.value)
    if apart < threshold("option-inconsistent", "ratio"):
        return
    yield Clash(
        rate.option,
        message(
            "{option}：废水减少 {cut} m³，占全厂废水 {water} m³ 的 {implied}%，却说回用率提高 {rate}%",
            option=title(rate.option),
            cut=shown(volume),
            water=shown(water.value, 8),
            implied=shown(implied, 3),
            rate=shown(rate.value),
        ),
        (rate.number, Number(message("削减量占废水"), implied, "%", (cut.option.where, *water.rows), year, True)),
        apart,
    )


def _shares(plant: Plant, found: Sequence[Claim]) -> Iterable[Clash]:
    """Percentages of a waste against the amounts of waste that the option states.

    A recovery of metal takes no equal share of the liquid away, and a percentage of energy may be that of one machine:
    neither is compared.
    """
    for share in found:
        if share.effect is None or share.unit != "%" or share.value <= 0:
            continue
        for cut in found:
            if cut.effect is None or cut.sign >= 0 or cut.unit in ("", "%"):
                continue
            whole = _whole(plant, share, cut)
            if whole is None or whole.value <= 0:
                continue
            implied = share.value / 100 * whole.value
            apart = times(implied, cut.value)
            if implied <= cut.value or apart < threshold("option-inconsistent", "amounts"):
                continue
            yield Clash(
                share.option,
                message(
                    "{option}：{word} {share}% 合 {implied} {unit}（{what} {whole} {unit}），"
                    "而写的{other}只减少 {cut} {unit}",
                    option=title(share.option),
                    word=share.word,
                    share=f"{share.sign * share.value:+g}",
                    implied=shown(implied),
                    what=whole.what,
                    whole=shown(whole.value, 6),
                    other=cut.word,
                    cut=shown(cut.value),
                    unit=units.UnitText(cut.unit),
                ),
                (cut.number, Number(whole.what, implied, cut.unit, whole.rows, whole.period, True)),
                apart,
            )


def _whole(plant: Plant, share: Claim, cut: Claim) -> Number | None:
    """The amount of which a percentage is taken, in the unit of the cut, where the two effects mean the same thing."""
    if share.effect is None or cut.effect is None or units.dimension(cut.unit) != "mass":
        return None
    of, amount = share.effect.quantity, cut.effect.quantity
    if of.startswith("waste:") and share.sign < 0 and amount.startswith("waste:"):
        return plant_amount(plant, share.effect, cut.unit)
    return None


def savings_without_effect(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Savings of options that state no effect on anything of the plant."""
    plant = look(case, ledger)
    known = {claim.option.id for claim in claims(case, plant) if claim.effect is not None}
    hits = [one for one in case.options if one.annual_saving and one.id not in known and one.effects.strip()]
    if not hits:
        return
    items = listed(
        message(
            "{option} {saving} 万元（{effects}）",
            option=title(o),
            saving=shown(o.annual_saving or 0.0),
            effects=o.effects,
        )
        for o in hits
    )
    yield Finding(
        rule="option-saving-without-effect",
        severity=Gravity.QUESTION,
        message=message("方案有年效益，却没有写明节省了企业的什么：{items}", items=items),
        numbers=tuple(
            number
            for o in hits
            for number in (
                Number(title(o), o.annual_saving or 0.0, "10^4 CNY", (o.where,)),
                Number(message("可核对的效果"), 0.0, "", (o.where,), "", True),
            )
        ),
        settle=message("效益计算书：节省的物料、能源、水或人工各多少，单价多少"),
        size=1.0 + len(hits),
        concerns=tuple(o.id for o in hits),
    )

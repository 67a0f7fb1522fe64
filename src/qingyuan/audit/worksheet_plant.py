"""What facts and decisions put into the worksheets of phases 1 to 3 (筹划、预评估、评估): plant, focus, goals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from qingyuan import units
from qingyuan.audit.focus import measures
from qingyuan.audit.focus_facts import measure_at
from qingyuan.audit.goals import Target
from qingyuan.audit.phases import data_list, plan_rows
from qingyuan.audit.toxics import Toxic, toxics
from qingyuan.audit.worksheet_cells import (
    figure_cell,
    item_name,
    no_period,
    number_cell,
    place_name,
    range_cell,
    score_cell,
    signed_percent,
    term_cell,
    text_cell,
    yes_no,
)
from qingyuan.audit.worksheets import EMPTY, Cell, Context, Filling, Origin, Row
from qingyuan.facts.model import SITE, UNDATED, Basis, Fact, Period
from qingyuan.facts.profileform import DETAIL_LABELS
from qingyuan.figures.derivation import Term
from qingyuan.figures.limits import Limit, LimitCheck, limit_checks
from qingyuan.language import Message, Name, listing, message
from qingyuan.reference.electricity import province_name
from qingyuan.reference.items import catalogue
from qingyuan.standards.answers import level_word

_BASES: Mapping[Basis, Message] = {
    Basis.METER: message("计量"),
    Basis.INVOICE: message("票据"),
    Basis.MONITORING_AUTO: message("自动监测"),
    Basis.MONITORING: message("手工监测"),
    Basis.STATISTICS: message("统计报表"),
    Basis.BALANCE: message("物料衡算"),
    Basis.FACTOR: message("系数"),
    Basis.ESTIMATE: message("估算"),
    Basis.UNKNOWN: message("来源不明"),
}


# --- phases 1 and 2 --------------------------------------------------------------------------------------------------


def _plan(context: Context) -> Filling:
    rows = tuple(
        {
            "stage": text_cell(stage, "fixed"),
            "content": text_cell(content, "fixed"),
            "output": text_cell(output, "fixed"),
        }
        for stage, content, output in plan_rows()
    )
    text = message("完成时间、责任部门和考核部门由企业填写")
    return Filling(rows, asked=((("finish", "owner", "checker"), text),))


_PROFILE: tuple[tuple[Message, str], ...] = (
    (message("企业名称"), "name"),
    (message("统一社会信用代码或编号"), "plant"),
    (message("所属行业代码（GB/T 4754）"), "industry_code"),
    (message("省（自治区、直辖市）"), "province"),
    (message("法定代表人"), "details:legal_representative"),
    (message("地址及邮政编码"), "details:address"),
    (message("联系人及电话"), "details:contact"),
    (message("投产时间"), "details:established"),
    (message("主要产品"), "details:products"),
    (message("主要工艺"), "details:processes"),
    (message("排污许可证编号"), "details:permit"),
)

# Further entries of the profile by their ids; others stand under the name that the enterprise gave them.
DETAIL_NAMES: Mapping[str, Message] = {
    "region": message("区域"),
    "products": message("主要产品"),
    "processes": message("主要工序"),
    "certificates": message("认证"),
    "wastewater": message("废水去向"),
    "energy": message("能源"),
    "audit": message("审核时间"),
    "staff": message("职工人数"),
    "shifts": message("班制"),
    "address": message("地址"),
    "contact": message("联系人"),
    "founded": message("建厂时间"),
}
# Entries that a report prints elsewhere: the text of a section, the page of the consultant. By id and Chinese label.
ELSEWHERE = frozenset((
    "leadership", "领导支持", "training", "宣传和培训", "obstacles", "障碍与对策", "environmental_management",
    "环境管理", "measures_done", "已采取的清洁生产措施", "consultant", "咨询服务机构", "consultant_code",
    "咨询服务机构信用代码", "consultant_representative", "咨询服务机构法定代表人", "consultant_address",
    "咨询服务机构地址", "consultant_contact", "咨询服务机构联系人", "auditor",
))  # fmt: skip


def _profile(context: Context) -> Filling:
    profile = context.result.case.profile
    rows: list[Row] = []
    used: set[str] = set()
    for label, key in _PROFILE:
        section, _, name = key.rpartition(":")
        value = profile.details.get(name, "") if section else str(getattr(profile, name))
        used.add(name)
        shown: Name | str = Name(profile.name, profile.name_en) if key == "name" and value else value
        if key == "province":
            shown = province_name(value) or value
        rows.append({"item": text_cell(label, "fixed"), "content": text_cell(shown)})
    period = context.result.period
    for label, cell in (
        (message("职工人数（人）"), _staff(context, period)),
        (message("年总产值（万元）"), figure_cell(context.result.figures.find("output-value", period=period))),
    ):
        rows.append({"item": text_cell(label, "fixed"), "content": cell})
    rest = {key: value for key, value in profile.details.items() if key not in used | ELSEWHERE and value}
    rows += [
        {"item": text_cell(DETAIL_NAMES.get(key) or DETAIL_LABELS.get(key, key)), "content": text_cell(value)}
        for key, value in rest.items()
    ]
    lacking = [row["item"].value for row in rows if not row["content"].filled]
    missing = (message("没有填写：{names}", names=listing(lacking)),) if lacking else ()
    return Filling(tuple(rows), missing)


def _staff(context: Context, period: str) -> Cell:
    return term_cell(context.ledger.amount("employees", ("amount", "count"), period)) if period else EMPTY


def _data(context: Context, place: str | None) -> Filling:
    rows: list[Row] = []
    for name, shown_by in data_list():
        known = _has(context, shown_by, place)
        rows.append({"item": text_cell(name, "fixed"), "available": EMPTY if known is None else yes_no(known)})
    lacking = [row["item"].value for row in rows if row["available"].value == message("否")]
    missing = (message("数据里没有：{names}", names=listing(lacking)),) if lacking else ()
    return Filling(tuple(rows), missing)


def _has(context: Context, shown_by: str, place: str | None) -> bool | None:
    """Whether the case holds a kind of data; None where only people know."""
    case = context.result.case
    head, _, tail = shown_by.partition(":")
    inside = None if place is None else {place, *context.ledger.below(place)}
    facts = [fact for fact in case.facts if fact.value is not None and (inside is None or fact.place in inside)]
    if head == "kind":
        return any(fact.kind == tail for fact in facts)
    if head == "role":
        kind, _, role = tail.partition(":")
        return any(fact.kind == kind and fact.role == role for fact in facts)
    if head == "monitoring":
        return bool(case.monitoring)
    if head == "equipment":
        return any(inside is None or machine.place in inside for machine in case.equipment)
    if head == "worksheet":
        return True if context.inputs.entries.get(tail) else None
    return None


def _data_list(context: Context) -> Filling:
    return _data(context, None)


def _environment(context: Context) -> Filling:
    checks = limit_checks(context.result.case)
    years = sorted({check.period for check in checks if check.period != UNDATED})
    last = context.result.period[:4] if context.result.period[:4] in years else (years[-1] if years else "")
    rows = tuple(_limit_row(context, check) for check in checks if check.period in (last, UNDATED))
    if not rows:
        return Filling((), (message("没有监测数据"),))
    without = sum(check.kept is None for check in checks if check.period == last)
    missing = (message("{count} 项监测没有写明限值", count=without),) if without else ()
    return Filling(rows, missing)


def _limit_row(context: Context, check: LimitCheck) -> Row:
    highest = check.highest
    above = len(check.exceeding)
    words = {True: message("达标"), False: message("超标"), None: None}[check.kept]
    if highest is not None:
        shown = number_cell(highest.concentration, "fact", str(highest.where))
    else:
        shown = Cell(message("未检出"), "fact") if check.below_detection else EMPTY
    return {
        "outlet": text_cell(check.outlet),
        "pollutant": text_cell(_measured_name(context, check)),
        "count": number_cell(float(check.count), "computed"),
        "highest": shown,
        "unit": text_cell(units.display(check.unit) if check.unit else ""),
        "limit": text_cell(_limit_text(check.limit)),
        "within": text_cell(words, "computed"),
        "note": text_cell(message("{count} 次超过限值", count=above), "computed") if above else EMPTY,
    }


def _measured_name(context: Context, check: LimitCheck) -> Name | str:
    """What was measured: as the plant wrote it, in English by the catalogue's name."""
    if check.pollutant not in catalogue():
        return check.label
    return Name(check.label, item_name(context, check.pollutant).en)


def _limit_text(limit: Limit | None) -> str:
    if limit is None:
        return ""
    if limit.low is not None and limit.high is not None:
        return f"{limit.low}–{limit.high}"
    return f"≤{limit.high}" if limit.high is not None else f"≥{limit.low}"


def _equipment(context: Context) -> Filling:
    rows = tuple(
        {
            "place": text_cell(place_name(machine.place)),
            "name": text_cell(machine.name, "fact", str(machine.where)),
            "model": text_cell(machine.model),
            "count": number_cell(machine.count),
            "power": number_cell(machine.power_kw)
            if machine.power_kw_high is None
            else text_cell(f"{machine.power_kw:g}–{machine.power_kw_high:g}"),
            "note": text_cell(machine.note),
        }
        for machine in context.result.case.equipment
    )
    return Filling(rows, () if rows else (message("没有设备数据"),))


def _consumption(context: Context) -> Filling:
    rows: list[Row] = []
    for kind, label in (("energy", message("能源")), ("water", message("水")), ("material", message("原辅材料"))):
        for item in _top_items(context, kind):
            rows += _consumption_row(context, kind, label, item)
    return Filling(tuple(rows), () if rows else (message("没有原辅料和能源消耗数据"),))


def _top_items(context: Context, kind: str) -> tuple[str, ...]:
    """The items of a kind that stand for themselves: not what is part of another one in the facts."""
    known = catalogue()
    items = [item for item in context.ledger.items(kind=kind) if _consumed(context, item)]
    return tuple(
        item
        for item in items
        if not (item in known and any(other != item and other in known and known.is_a(item, other) for other in items))
    )


def _consumed(context: Context, item: str) -> bool:
    return any(context.ledger.consumption(item, year) is not None for year in context.years)


def _consumption_row(context: Context, kind: str, label: Message, item: str) -> list[Row]:
    amounts = {year: context.ledger.consumption(item, year) for year in context.years}
    unit = next((term.unit for term in amounts.values() if term is not None), "")
    places = dict.fromkeys(
        fact.place for fact in context.result.case.facts if fact.item == item and fact.place and fact.role == "consumed"
    )
    row: dict[str, Cell] = {
        "kind": text_cell(label, "fixed"),
        "name": text_cell(item_name(context, item)),
        "place": text_cell(message("{names}", names=listing(places))) if places else EMPTY,
        "unit": text_cell(units.display(unit)),
    }
    for year, term in amounts.items():
        row[f"amount@{year}"] = term_cell(term, unit) if _same(term, unit) else EMPTY
        figure = context.result.figures.find(f"material-per-product.{item}", period=year)
        if item == "electricity":
            figure = context.result.figures.find("electricity-per-product", period=year)
        if item == "fresh-water":
            figure = context.result.figures.find("fresh-water-per-product", period=year)
        if figure is not None:
            shown = message("{value} {unit}", value=f"{figure.value:.4g}", unit=units.display(figure.unit))
            row[f"per_product@{year}"] = Cell(shown, "figure", figure.key)
    return [row]


def _same(term: Term | None, unit: str) -> bool:
    return term is not None and units.dimension(term.unit) == units.dimension(unit)


def _products(context: Context) -> Filling:
    made = dict.fromkeys(item for year in context.years for item in context.ledger.products(year))
    rows: list[Row] = []
    for item in made:
        amounts = {year: context.ledger.amount(item, "produced", year) for year in context.years}
        unit = next((term.unit for term in amounts.values() if term is not None), "")
        facts = [fact for fact in context.result.case.facts if fact.item == item]
        places = dict.fromkeys(fact.place for fact in facts if fact.place and fact.role == "produced")
        capacity = next((fact for fact in facts if fact.role == "capacity" and fact.value is not None), None)
        row: dict[str, Cell] = {
            "name": text_cell(item_name(context, item)),
            "place": text_cell(message("{names}", names=listing(places))) if places else EMPTY,
            "unit": text_cell(units.display(unit)),
            "capacity": EMPTY if capacity is None else text_cell(f"{capacity.value:g} {units.display(capacity.unit)}"),
        }
        for year, term in amounts.items():
            row[f"amount@{year}"] = term_cell(term, unit) if _same(term, unit) else EMPTY
            rate = context.result.figures.find("pass-rate", period=year, product=item)
            row[f"pass_rate@{year}"] = figure_cell(rate)
        rows.append(row)
    return Filling(tuple(rows), () if rows else (message("没有产量数据"),))


def _wastes(context: Context) -> Filling:
    rows: list[Row] = []
    toxic = _toxic_by_item(context)
    for item in _waste_items(context):
        rows.append(_waste_row(context, message("固体废物"), item, toxic.get(item)))
    for id, label in (("wastewater", message("废水")),):
        row = _amount_row(context, label, item_name(context, id), "wastewater-generated", "wastewater-discharged")
        if row is not None:
            rows.append(row)
    pollutants = dict.fromkeys(
        figure.id.partition(".")[2]
        for figure in context.result.figures
        if figure.id.startswith(("generation.", "discharge.")) and not figure.place and not figure.product
    )
    for item in pollutants:
        row = _amount_row(
            context, message("污染物"), _pollutant_name(context, item), f"generation.{item}", f"discharge.{item}"
        )
        if row is not None:
            hit = toxic.get(item.partition(".")[0])
            rows.append({**row, "toxic": EMPTY if hit is None else text_cell(hit.substance_class, "computed")})
    return Filling(tuple(rows), () if rows else (message("没有废弃物和污染物数据"),))


def _toxic_by_item(context: Context) -> dict[str, Toxic]:
    period = context.result.period
    if not period:
        return {}
    found = toxics(context.result.case, Period.parse(period).end, context.jurisdiction)
    return {one.item: one for one in found if one.certain}


def _waste_items(context: Context) -> tuple[str, ...]:
    known = catalogue()
    items = context.ledger.items(kind="waste", role="generated")
    return tuple(
        item
        for item in items
        if not (item in known and any(other != item and other in known and known.is_a(other, item) for other in items))
    )


def _waste_row(context: Context, label: Message, item: str, hit: Toxic | None) -> Row:
    ledger = context.ledger
    amounts = {year: ledger.amount(item, "generated", year) for year in context.years}
    unit = next((term.unit for term in amounts.values() if term is not None), "")
    row: dict[str, Cell] = {
        "kind": text_cell(label, "fixed"),
        "name": text_cell(item_name(context, item)),
        "toxic": EMPTY if hit is None else text_cell(hit.substance_class, "computed"),
        "unit": text_cell(units.display(unit)),
    }
    for year, term in amounts.items():
        row[f"generated@{year}"] = term_cell(term, unit) if _same(term, unit) else EMPTY
        left = ledger.amount(item, ("transferred", "disposed", "discharged"), year)
        row[f"discharged@{year}"] = term_cell(left, unit) if _same(left, unit) else EMPTY
    return row


_MEDIA = {"air": message("废气"), "water": message("废水")}


def _pollutant_name(context: Context, key: str) -> Message | Name | str:
    """The name of a pollutant; of one that stands for one medium only (``mercury.air``) with the medium."""
    item, _, medium = key.partition(".")
    name = item_name(context, item)
    return message("{name}（{medium}）", name=name, medium=_MEDIA[medium]) if medium in _MEDIA else name


def _amount_row(
    context: Context, label: Message, name: Message | Name | str, generated: str, discharged: str
) -> Row | None:
    figures = context.result.figures
    found = {
        key: [figures.find(id, period=year) for year in context.years]
        for key, id in (("generated", generated), ("discharged", discharged))
    }
    first = next((figure for row in found.values() for figure in row if figure is not None), None)
    if first is None:
        return None
    row: dict[str, Cell] = {
        "kind": text_cell(label, "fixed"),
        "name": text_cell(name),
        "unit": text_cell(units.display(first.unit)),
    }
    for key, values in found.items():
        for year, figure in zip(context.years, values, strict=True):
            if figure is not None and units.dimension(figure.unit) == units.dimension(first.unit):
                row[f"{key}@{year}"] = Cell(figure.term.to(first.unit).value, "figure", figure.key)
    return row


def _causes(context: Context) -> Filling:
    return _cause_rows(context, None)


def _focus_causes(context: Context) -> Filling:
    return _cause_rows(context, _focus_places(context))


def _cause_rows(context: Context, places: Sequence[str] | None) -> Filling:
    """One row for each place and what it leaves behind; the causes are the team's to enter."""
    inside = None if places is None else {name for place in places for name in (place, *context.ledger.below(place))}
    found: dict[str, dict[str, None]] = {}
    for fact in context.result.case.facts:
        left = fact.role == "generated" and fact.kind in ("waste", "pollutant", "water")
        if left and fact.value and (inside is None or fact.place in inside or SITE in (places or ())):
            found.setdefault(fact.place, {}).setdefault(str(item_name(context, fact.item)))
    rows = tuple(
        {"source": text_cell(place_name(place)), "waste": text_cell(message("{names}", names=listing(names)))}
        for place, names in found.items()
    )
    return Filling(rows, asked=((("cause",), message("原因由审核小组按八个方面填写")),))


def _focus_places(context: Context) -> tuple[str, ...]:
    return tuple(choice.place for choice in context.focus.choices)


_CANDIDATE_COLUMNS = {
    "wastewater": "wastewater",
    "hazardous_waste": "hazardous-waste",
    "other_waste": "other-waste",
    "energy": "energy",
    "water": "fresh-water",
    "materials": "materials",
    "toxic": "toxic",
    "cost": "environmental-cost",
}


def _candidates(context: Context) -> Filling:
    period = context.result.period
    if not period:
        return Filling((), no_period(context))
    harmful = [item for item, hit in _toxic_by_item(context).items() if hit.kind != "pollutant"]
    known = measures()
    rows: list[Row] = []
    for place in context.candidates:
        row: dict[str, Cell] = {"name": text_cell(place_name(place))}
        for column, id in _CANDIDATE_COLUMNS.items():
            measured = measure_at(context.ledger, known[id], place, period, harmful)
            row[column] = term_cell(measured.term)
        rows.append(row)
    unknown = [
        known[id].name for column, id in _CANDIDATE_COLUMNS.items() if not any(row[column].filled for row in rows)
    ]
    missing = (message("数据没有分到各备选重点：{names}", names=listing(unknown)),) if unknown else ()
    return Filling(tuple(rows), missing)


def _ranking(context: Context) -> Filling:
    ranking = context.ranking
    names = tuple(row.candidate for row in ranking.rows)
    rows: list[Row] = []
    for factor in ranking.factors.factors:
        row: dict[str, Cell] = {
            "factor": text_cell(factor.name, "fixed"),
            "weight": number_cell(factor.weight, "entered" if factor.id in context.inputs.weights else "fixed"),
        }
        for one in ranking.rows:
            given = dict(one.scores)[factor.id]
            origin: Origin = "entered" if given.origin == "entered" else "computed"
            # what is not known lies somewhere on the scale, as the total counts it
            row[f"score@{one.candidate}"] = score_cell(given.low, given.high, origin)
            row[f"weighted@{one.candidate}"] = score_cell(given.low * factor.weight, given.high * factor.weight, origin)
        rows.append(row)
    total: dict[str, Cell] = {"factor": text_cell(message("总分"), "fixed"), "weight": text_cell("—", "fixed")}
    place: dict[str, Cell] = {"factor": text_cell(message("排序"), "fixed"), "weight": text_cell("—", "fixed")}
    for one in ranking.rows:
        total[f"score@{one.candidate}"] = text_cell("—", "fixed")
        total[f"weighted@{one.candidate}"] = range_cell(one.low, one.high)
        place[f"score@{one.candidate}"] = text_cell("—", "fixed")
        place[f"weighted@{one.candidate}"] = range_cell(Fraction(one.best_rank), Fraction(one.worst_rank))
    return Filling((*rows, total, place), (*ranking.notes, *context.focus.open), names)


def _goals(context: Context) -> Filling:
    goals = context.goals
    if goals is None:
        return Filling((), (message("没有按三级指标体系评价，目标须另行设定"),))
    rows: list[Row] = []
    for number, goal in enumerate(goals.rows, start=1):
        now = level_word(goal.met) if goal.met in ("I", "II", "III") else message("未达到Ⅲ级")  # type: ignore[arg-type]
        rows.append(
            {
                "no": number_cell(float(number), "fixed"),
                "item": text_cell(goal.name),
                "unit": text_cell(units.display(goal.unit)) if goal.unit and goal.now is not None else EMPTY,
                "now": number_cell(goal.now, "figure", goal.row)
                if goal.now is not None
                else text_cell(now, "computed"),
                **_target_cells("near", goal.near),
                **_target_cells("far", goal.far),
            }
        )
    return Filling(tuple(rows), notes=goals.notes)


def _target_cells(key: str, target: Target | None) -> dict[str, Cell]:
    if target is None:
        return {key: text_cell(message("保持"), "computed")}
    cells = {key: text_cell(target.requirement, "computed")}
    if target.change is not None:
        cells[f"{key}_change"] = text_cell(signed_percent(float(target.change)), "computed")
    return cells


# --- phase 3 ---------------------------------------------------------------------------------------------------------


def _focus_data(context: Context) -> Filling:
    places = _focus_places(context)
    return _data(context, places[0] if places and places[0] else None)


def _units(context: Context) -> Filling:
    rows: list[Row] = []
    for place in _focus_places(context):
        for name in context.ledger.below(place) or (place,):
            rows.append({"unit": text_cell(place_name(name))})
    return Filling(tuple(rows), asked=((("function",), message("各单元操作的功能由审核小组填写")),))


def _focus_facts(context: Context) -> list[Fact]:
    period = context.result.period
    if not period:
        return []
    span = Period.parse(period)
    inside = {name for place in _focus_places(context) for name in (place, *context.ledger.below(place))}
    return [
        fact
        for fact in context.result.case.facts
        if fact.place in inside
        and fact.value is not None
        and fact.period != UNDATED
        and span.contains(Period.parse(fact.period))
        and fact.kind in ("energy", "water", "material", "product", "waste", "pollutant")
    ]


def _measuring(context: Context) -> Filling:
    found: dict[tuple[str, str], Fact] = {}
    for fact in _focus_facts(context):
        found.setdefault((fact.place, fact.item), fact)
    rows = tuple(
        {
            "point": text_cell(place_name(fact.place)),
            "item": text_cell(item_name(context, fact.item)),
            "method": text_cell(_BASES[fact.basis]) if fact.basis is not Basis.UNKNOWN else EMPTY,
        }
        for fact in found.values()
    )
    asked = message("实测时段、频次和负责人由审核小组填写：间歇过程至少三个完整周期，连续过程连续 72 小时")
    return Filling(rows, asked=((("period", "frequency", "method", "person"), asked),))


def _flows(context: Context) -> Filling:
    roles = {role.id: role.name for role in catalogue().all_roles}
    rows = tuple(
        {
            "place": text_cell(place_name(fact.place)),
            "item": text_cell(item_name(context, fact.item)),
            "role": text_cell(roles.get(fact.role, fact.role)),
            "period": text_cell(fact.period),
            "value": number_cell(fact.value, "fact", str(fact.where)),
            "unit": text_cell(units.display(fact.unit)),
            "basis": text_cell(_BASES[fact.basis]),
        }
        for fact in _focus_facts(context)
    )
    measured = sum(row["basis"].value == _BASES[Basis.METER] for row in rows)
    notes = () if measured else (message("审核重点没有计量数据；平衡须用实测数据建立"),)
    return Filling(rows, notes=notes) if rows else Filling((), (message("审核重点没有物流数据"),))


FILLERS: Mapping[str, Callable[[Context], Filling]] = {
    "plan": _plan,
    "profile": _profile,
    "data-list": _data_list,
    "environment": _environment,
    "equipment": _equipment,
    "consumption": _consumption,
    "products": _products,
    "wastes": _wastes,
    "causes": _causes,
    "candidates": _candidates,
    "ranking": _ranking,
    "goals": _goals,
    "focus-data": _focus_data,
    "units": _units,
    "measuring": _measuring,
    "flows": _flows,
    "focus-causes": _focus_causes,
}

"""What facts and decisions put into the worksheets of phases 4 to 7 (方案、可行性、实施): options, before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from qingyuan import units
from qingyuan.audit.focus import factor_set, rank
from qingyuan.audit.goals import Change, aspect_of, cost_class
from qingyuan.audit.inputs import AUDIT_FILE
from qingyuan.audit.worksheet_cells import item_name, number_cell, range_cell, score_cell, signed_percent, text_cell
from qingyuan.audit.worksheets import EMPTY, Cell, Context, Filling, Row
from qingyuan.errors import UnknownName
from qingyuan.facts.effects import effects_text
from qingyuan.facts.model import OptionRow
from qingyuan.language import Message, Name, clauses, listing, message
from qingyuan.options.classes import COST_CLASSES, HIGH, LOW, CostClass, is_done
from qingyuan.options.economics import SYMBOLS, OptionEconomics
from qingyuan.options.parameters import Terms
from qingyuan.standards.answers import level_word


def _class(context: Context, option: OptionRow) -> CostClass | None:
    return cost_class(option, context.inputs.cost_limits)


def _options(context: Context, classes: Iterable[CostClass] = (), *, done: bool | None = None) -> tuple[OptionRow, ...]:
    wanted = tuple(classes)
    return tuple(
        option
        for option in context.result.case.options
        if (not wanted or _class(context, option) in wanted) and (done is None or is_done(option) is done)
    )


def _option_cells(option: OptionRow) -> dict[str, Cell]:
    return {
        "id": text_cell(option.id, "fact", str(option.where)),
        "name": text_cell(option.title),
        "aspect": text_cell(_aspect(option)),
        "content": text_cell(option.note),
        "investment": number_cell(option.investment),
        "saving": number_cell(option.annual_saving),
        "effects": text_cell(effects_text(option)),
        "status": text_cell(option.status),
    }


def _aspect(option: OptionRow) -> Name | str:
    try:
        return aspect_of(option.aspect).name
    except UnknownName:
        return option.aspect


def _unclassed(context: Context) -> tuple[Message, ...]:
    """What is missing to class the options."""
    if not context.result.case.options:
        return (message("没有方案"),)
    unknown = sum(_class(context, option) is None for option in context.result.case.options)
    return (message("{count} 个方案没有投资额，不能归入费用类别", count=unknown),) if unknown else ()


def _class_notes(context: Context) -> tuple[Message, ...]:
    """By what the options are classed where the audit set no limits."""
    if context.inputs.cost_limits is not None or not context.result.case.options:
        return ()
    return (message("费用分类界限没有设定，按方案自带的分类"),)


def _listed(classes: Iterable[CostClass] = (), *, done: bool | None = None) -> Callable[[Context], Filling]:
    def rows(context: Context) -> Filling:
        chosen = _options(context, classes, done=done)
        missing = list(_unclassed(context))
        if done and not chosen and context.result.case.options:
            missing.append(message("没有标明已实施的方案"))
        cells = tuple(_option_cells(option) for option in chosen)
        return Filling(cells, tuple(missing), notes=_class_notes(context))

    return rows


def _option_ranking(context: Context) -> Filling:
    options = [option for option in _options(context) if option.id in context.inputs.option_scores]
    if not options:
        return Filling((), (message("没有方案打分"),))
    factors = factor_set("options").with_weights(context.inputs.option_weights)
    names = {option.id: option.name for option in options}
    ranking = rank(tuple(names), factors, context.inputs.option_scores)
    rows: list[Row] = []
    for factor in factors.factors:
        row: dict[str, Cell] = {
            "factor": text_cell(factor.name, "fixed"),
            "weight": number_cell(factor.weight, "fixed"),
        }
        for one in ranking.rows:
            given = dict(one.scores)[factor.id]
            row[f"score@{one.candidate}"] = score_cell(given.low, given.high, "entered")
            row[f"weighted@{one.candidate}"] = score_cell(
                given.low * factor.weight, given.high * factor.weight, "computed"
            )
        rows.append(row)
    total: dict[str, Cell] = {"factor": text_cell(message("总分"), "fixed"), "weight": text_cell("—", "fixed")}
    for one in ranking.rows:
        total[f"score@{one.candidate}"] = text_cell("—", "fixed")
        total[f"weighted@{one.candidate}"] = range_cell(one.low, one.high)
    return Filling((*rows, total), ranking.notes, tuple(row.candidate for row in ranking.rows))


def _screening(context: Context) -> Filling:
    """The result of screening: the team's; until it says otherwise, the cost class proposes one."""
    words = {
        **dict.fromkeys(LOW, message("可行的无/低费方案（建议）")),
        **dict.fromkeys(HIGH, message("初步可行的中/高费方案（建议）")),
    }
    rows = tuple(
        {
            **_option_cells(option),
            "class": EMPTY if (kind := _class(context, option)) is None else text_cell(words[kind], "proposed"),
        }
        for option in _options(context)
    )
    decided = {entry.get("id", "") for entry in context.inputs.entries.get("4-4", ()) if entry.get("class")}
    open_ = sum(str(row["id"].value) not in decided for row in rows)
    missing = list(_unclassed(context))
    if open_:
        missing.append(
            message(
                "{count} 个方案的筛选结果由审核小组确认：填可行或不可行，“（建议）”是软件按费用类别提出的", count=open_
            )
        )
    return Filling(rows, tuple(missing), notes=_class_notes(context))


def _assessed(context: Context) -> Iterator[tuple[OptionRow, OptionEconomics]]:
    """The medium- and high-cost options with their economic assessment."""
    for option in _options(context, HIGH):
        yield option, context.economics[option.id]


def _symbol_cell(context: Context, option: OptionRow, found: OptionEconomics, symbol: str) -> Cell:
    """A symbol in the unit of its column (NPVR and IRR in %); what the audit entered stands as it was entered."""
    if symbol in found.entered:
        return number_cell(context.inputs.economics.get(option.id, {}).get(symbol), "entered", AUDIT_FILE)
    value = found.symbols[symbol]
    if value is None:
        return EMPTY
    own = {"I": option.investment, "P": option.annual_saving}.get(symbol)
    if own is not None and own == value:
        return number_cell(value, "fact", str(option.where))
    return number_cell(100 * value if symbol in ("NPVR", "IRR") else value, "computed")


def _entered_notes(context: Context, symbols: Iterable[str]) -> list[Message]:
    """Which numbers the audit entered itself."""
    wanted = tuple(symbols)
    said: list[Message] = []
    for option, found in _assessed(context):
        mine = [symbol for symbol in wanted if symbol in found.entered]
        if mine:
            said.append(message("{id}：{symbols}", id=option.id, symbols=listing(mine)))
    return [message("审核小组录入、代替计算值的数：{said}", said=clauses(said))] if said else []


def _economics(context: Context) -> Filling:
    rows: list[Row] = []
    assessed = list(_assessed(context))
    for option, found in assessed:
        cells: dict[str, Cell] = {"id": text_cell(option.id), "name": text_cell(option.title)}
        cells |= {symbol: _symbol_cell(context, option, found, symbol) for symbol in SYMBOLS}
        rows.append(cells)
    notes = [*_class_notes(context), *_entered_notes(context, SYMBOLS)]
    missing = list(_unclassed(context))
    lacking = [found for _, found in assessed if not found.computable]
    if lacking:
        missing.append(message("{count} 个中/高费方案还没有经济评估", count=len(lacking)))
        missing += [message("{id}：缺{needs}", id=found.id, needs=clauses(found.needs)) for found in lacking]
    notes += terms_notes(next((found.terms for _, found in assessed), None))
    return Filling(tuple(rows), tuple(missing), notes=tuple(notes))


def terms_notes(used: Terms | None) -> list[Message]:
    """With what the indicators were computed, and which of it is an assumption."""
    if used is None:
        return []
    notes = [
        message(
            "计算条件：i = {rate}%，n = {life} 年，折旧 {depreciation} 年，所得税率 {tax}%；IRR 为精确解",
            rate=f"{100 * used.discount_rate.value:g}",
            life=used.years,
            depreciation=f"{used.depreciation.value:g}",
            tax=f"{100 * used.income_tax_rate.value:g}",
        )
    ]
    assumed = [one.name for one in used.assumptions]
    if assumed:
        notes.append(message("{names}没有设定，取本软件的假定，须由审核小组确认", names=listing(assumed)))
    return notes


def _investment(context: Context) -> Filling:
    rows: list[Row] = []
    for option, found in _assessed(context):
        cells: dict[str, Cell] = {"id": text_cell(option.id), "name": text_cell(option.title)}
        cells |= {part: number_cell(found.parts.get(part), "entered") for part in ("fixed", "working", "subsidy")}
        cells["total"] = _symbol_cell(context, option, found, "I")
        rows.append(cells)
    return Filling(tuple(rows), _unclassed(context), notes=(*_class_notes(context), *_entered_notes(context, ("I",))))


def _running(context: Context) -> Filling:
    rows: list[Row] = []
    for option, found in _assessed(context):
        cells: dict[str, Cell] = {"id": text_cell(option.id), "name": text_cell(option.title)}
        cells |= {part: number_cell(found.parts.get(part), "entered") for part in ("income", "cost")}
        cells["saving"] = _symbol_cell(context, option, found, "P")
        rows.append(cells)
    return Filling(tuple(rows), _unclassed(context), notes=(*_class_notes(context), *_entered_notes(context, ("P",))))


_RESULT_UNITS = {"N": message("年"), "NPV": message("万元"), "NPVR": "%", "IRR": "%"}


def _economic_words(found: OptionEconomics) -> Cell:
    """The assessment in words: the four indicators, and whether the criteria are met; else what is missing."""
    parts: list[Message] = []
    for symbol, unit in _RESULT_UNITS.items():
        value = found.symbols[symbol]
        if value is not None:
            shown = 100 * value if unit == "%" else value
            parts.append(message("{symbol} {value} {unit}", symbol=symbol, value=f"{shown:.4g}", unit=unit))
    if not parts:
        return EMPTY
    verdict = found.verdict_text
    failed = [one.limit for one in found.decisions if one.state == "not-met"]
    if failed:
        verdict = message("{verdict}，不符合 {limits}", verdict=verdict, limits=listing(failed))
    text = message("{verdict}：{parts}", verdict=verdict, parts=listing(parts))
    if found.assumed:
        names = listing(one.name for one in found.terms.assumptions)
        text = message("{text}（{names}为假定）", text=text, names=names)
    return text_cell(text, "computed")


def _feasibility(context: Context) -> Filling:
    rows: list[Row] = []
    for option, found in _assessed(context):
        kind = _class(context, option)
        rows.append(
            {
                **_option_cells(option),
                "kind": EMPTY if kind is None else text_cell(COST_CLASSES[kind], "computed"),
                "environmental": text_cell(effects_text(option)),
                "economic": _economic_words(found),
            }
        )
    asked = (("technical", "recommended"), message("技术评估和是否推荐由审核小组填写"))
    return Filling(tuple(rows), _unclassed(context), notes=_class_notes(context), asked=(asked,))


def _done_summary(context: Context) -> Filling:
    rows: list[Row] = []
    for kind, word in COST_CLASSES.items():
        mine = _options(context, (kind,))
        done = [option for option in mine if is_done(option)]
        if not mine:
            continue
        rows.append(
            {
                "class": text_cell(word, "fixed"),
                "count": number_cell(float(len(mine)), "computed"),
                "done": number_cell(float(len(done)), "computed"),
                "investment": _sum(option.investment for option in done),
                "saving": _sum(option.annual_saving for option in done),
            }
        )
    return Filling(tuple(rows), _unclassed(context), notes=_class_notes(context))


def _sum(values: Iterable[float | None]) -> Cell:
    """A sum; nothing where one of the parts is not known."""
    listed = list(values)
    known = [value for value in listed if value is not None]
    return number_cell(sum(known), "computed") if len(known) == len(listed) else EMPTY


# --- phase 6 ---------------------------------------------------------------------------------------------------------


def _compared(per_unit: bool) -> Callable[[Context], Filling]:
    def rows(context: Context) -> Filling:
        comparison = context.comparison
        if comparison is None:
            return Filling((), (message("没有设定审核前、后的时段"),))
        chosen = [row for row in comparison.rows if _is_per_unit(row) is per_unit]
        return Filling(tuple(_change_row(context, row) for row in chosen), notes=(comparison.note,))

    return rows


def _is_per_unit(row: Change) -> bool:
    return "per-" in row.id or row.id.startswith(("pass-rate", "metal-utilisation", "water-reuse", "wastewater-reuse"))


def _change_row(context: Context, row: Change) -> Row:
    name: Message | Name = row.name
    if row.product:
        name = message("{name}（{of}）", name=row.name, of=item_name(context, row.product))
    elif row.place:
        name = message("{name}（{of}）", name=row.name, of=row.place)
    return {
        "item": text_cell(name),
        "unit": text_cell(units.display(row.unit)),
        "before": EMPTY if row.before is None else Cell(row.before.term.to(row.unit).value, "figure", row.before.key),
        "after": EMPTY if row.after is None else Cell(row.after.term.to(row.unit).value, "figure", row.after.key),
        "difference": number_cell(row.difference, "computed"),
        "relative": EMPTY if row.relative is None else text_cell(signed_percent(row.relative), "computed"),
    }


def _overall(context: Context) -> Filling:
    score = context.result.score
    goals = context.goals
    rows: list[Row] = []
    if score is not None:
        rows.append(
            {
                "item": text_cell(message("清洁生产水平"), "fixed"),
                "goal": text_cell(level_word(goals.near_level), "computed") if goals is not None else EMPTY,
                "reached": text_cell(score.level_name, "computed"),
            }
        )
    if goals is not None and score is not None:
        for goal in goals.rows:
            if goal.near is None:
                continue
            reached = score.row(goal.row).membership[goal.near.level]
            word = {True: message("达到"), False: message("未达到"), None: None}[reached]
            rows.append(
                {
                    "item": text_cell(goal.name),
                    "goal": text_cell(goal.near.requirement, "computed"),
                    "reached": text_cell(word, "computed"),
                }
            )
    return Filling(tuple(rows), () if rows else (message("没有评价结果"),))


FILLERS: Mapping[str, Callable[[Context], Filling]] = {
    "low-cost": _listed(LOW),
    "options": _listed(),
    "option-ranking": _option_ranking,
    "screening": _screening,
    "option-notes": _listed(HIGH),
    "low-cost-effects": _listed(LOW, done=True),
    "investment": _investment,
    "running": _running,
    "economics": _economics,
    "feasibility": _feasibility,
    "schedule": _listed(HIGH),
    "done-low-environment": _listed(LOW, done=True),
    "done-low-economy": _listed(LOW, done=True),
    "done-high-environment": _listed(HIGH, done=True),
    "done-high-economy": _listed(HIGH, done=True),
    "done-summary": _done_summary,
    "per-product": _compared(True),
    "totals": _compared(False),
    "overall": _overall,
}

"""Materials (物料): consumption, yields, utilisation and recovery with written denominators, metals, balances.

A rate without a written denominator may not be stored: every rate here has its denominator in its method
(``data/accounting/methods.toml``), and the pure functions state theirs. Contents of substances come from formulas by
stoichiometry (``reference.chemistry``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qingyuan import units
from qingyuan.errors import QingyuanError
from qingyuan.facts.model import Fact, State
from qingyuan.figures.allocation import kinds_of, output_of, per_product, places_of, products_of
from qingyuan.figures.collect import Collector
from qingyuan.figures.derivation import FigureSet, Term, apply, from_coefficient, total
from qingyuan.figures.ledger import PURE, Ledger
from qingyuan.figures.settings import Settings
from qingyuan.language import Message, Name, message
from qingyuan.reference.chemistry import atomic_weights, atoms, element_contents
from qingyuan.reference.items import Item, catalogue
from qingyuan.reference.records import Coefficient, Grade, weakest

# Elements whose way through a plant is followed, with the item of the metal and the pollutant of its discharge.
METALS: dict[str, tuple[str, str]] = {
    "Cu": ("copper-metal", "copper"),
    "Ni": ("nickel-metal", "nickel"),
    "Zn": ("zinc-metal", "zinc"),
    "Cr": ("chromium-metal", "chromium"),
    "Sn": ("tin-metal", "tin"),
    "Pb": ("lead-metal", "lead"),
    "Ag": ("silver-metal", "silver"),
    "Au": ("gold-metal", "gold"),
}
_METAL_NAMES: dict[str, Name] = {
    "Cu": Name("铜", "copper"), "Ni": Name("镍", "nickel"), "Zn": Name("锌", "zinc"), "Cr": Name("铬", "chromium"),
    "Sn": Name("锡", "tin"), "Pb": Name("铅", "lead"), "Ag": Name("银", "silver"), "Au": Name("金", "gold"),
}  # fmt: skip
# Materials that come as sheet and leave as product area (板材).
SHEETS = ("copper-clad-laminate",)
_WASTES = ("general-waste", "hazardous-waste", "solid-waste")


class MassBalanceError(QingyuanError):
    """A quantity of a material rate is negative, or its denominator is zero (数量不合理)."""

    def __init__(self, why: Message) -> None:
        self.why = why
        super().__init__(why)

    def __str__(self) -> str:
        return str(self.why)


# --- rates as functions ----------------------------------------------------------------------------------------------


def _share(above: float, below: float) -> float:
    if above < 0 or below < 0:
        raise MassBalanceError(message("分子或分母为负：{a}，{b}", a=above, b=below))
    if below == 0:
        raise MassBalanceError(message("分母为零"))
    return above / below


def utilisation(in_product: float, consumed: float, returned: float = 0.0) -> float:
    """原料（金属）利用率, a fraction: substance in qualified product / (substance consumed - recovered and returned).

    All in one unit of mass. Raises MassBalanceError for a negative amount or a denominator that is not positive.

    >>> utilisation(95, 102, 2)
    0.95
    """
    return _share(in_product, consumed - returned)


def product_yield(actual: float, theoretical: float) -> float:
    """产品得率, a fraction: actual product / theoretical product from the limiting raw material. MassBalanceError."""
    return _share(actual, theoretical)


def pass_rate(qualified: float, made: float) -> float:
    """合格率, a fraction: qualified / made. Raises MassBalanceError, also where more passed than was made."""
    if qualified > made:
        raise MassBalanceError(message("合格品多于生产总量"))
    return _share(qualified, made)


def recovery(recovered: float, lost: float) -> float:
    """回收率, a fraction: recovered / (recovered + lost). Raises MassBalanceError."""
    return _share(recovered, recovered + lost)


def solid_waste_utilisation(utilised: float, generated: float, old_stock_utilised: float = 0.0) -> float:
    """固体废物综合利用率, a fraction: utilised (old stock included) / (generated + utilised old stock)."""
    return _share(utilised, generated + old_stock_utilised)


def solvent_recovery(recovered: float, entering: float) -> float:
    """溶剂回收率, a fraction: recovered solvent / solvent entering the recovery unit. MassBalanceError."""
    return _share(recovered, entering)


def balance_deviation(inputs: float, outputs: float) -> float:
    """物料衡算偏差, a fraction: |in - out| / in. Raises MassBalanceError.

    >>> round(balance_deviation(4_746_025, 4_646_377), 4)
    0.021
    """
    return _share(abs(inputs - outputs), inputs)


def metal_on_ware(area: float, thickness: float, density: float, share: float = 1.0) -> float:
    """镀层金属量, kg: area (m2) x thickness (um) x density (g/cm3) x mass share of the metal in the layer.

    >>> round(metal_on_ware(1000, 10, 8.9), 3)
    89.0
    """
    if min(area, thickness, density) < 0 or not 0 <= share <= 1:
        raise MassBalanceError(message("面积、厚度、密度不能为负，份额在 0 到 1 之间"))
    return area * thickness * 1e-6 * density * 1000 * share


def content(formula: str, element: str) -> Coefficient:
    """The mass fraction of an element in a pure substance by stoichiometry, with the grade of the atomic weights.

    ``content("NiSO4·6H2O", "Ni").value`` is 0.2233. 0 for an element that is not in it. Raises UnknownName for what is
    no formula.
    """
    used = set(atoms(formula)) | {element}
    grades = [weight.grade for weight in atomic_weights() if weight.symbol in used]
    return Coefficient(
        id=f"content/{formula}/{element}",
        name=Name(f"{formula} 中 {element} 的质量分数", f"mass fraction of {element} in {formula}"),
        value=element_contents(formula).get(element, 0.0),
        unit="1",
        grade=weakest([Grade.CITED, *grades]),
        source="IUPAC 2021 standard atomic weights; stoichiometry",
    )


# --- figures of a plant ----------------------------------------------------------------------------------------------


def figures(ledger: Ledger, settings: Settings) -> FigureSet:
    """All material figures of all years of a case, and what is missing for the others."""
    collector = Collector(ledger, settings)
    for period in ledger.years:
        _outputs(collector, ledger, period)
        for item in material_items(ledger, period):
            _consumption(collector, ledger, settings, period, item)
        _sheets(collector, ledger, period)
        for element in METALS:
            _metal(collector, ledger, settings, period, element)
        _solvents(collector, ledger, period)
        _wastes(collector, ledger, period)
        _balance(collector, ledger, settings, period)
    return collector.result()


def material_items(ledger: Ledger, period: str) -> tuple[str, ...]:
    """The materials with amounts consumed or purchased in a period, in the order of the case."""
    found: dict[str, None] = {}
    for fact in ledger.select(kind="material", roles=("consumed", "purchased"), period=period):
        found.setdefault(fact.item)
    return tuple(found)


def _outputs(collector: Collector, ledger: Ledger, period: str) -> None:
    for product in products_of(ledger, period):
        name = Name(f"{ledger.label(product).zh}产量", f"output of {ledger.label(product).en}")
        output = output_of(ledger, product, period)
        collector.add("product-output", period, output, "materials.quantity", product=product, name=name)
        rate = ledger.property_of(product, "pass-rate", period)
        if rate is not None:
            collector.add("pass-rate", period, rate, "materials.pass-rate", product=product, notes=[_AS_STATED])
        gain = ledger.property_of(product, "yield", period)
        if gain is not None:
            collector.add("product-yield", period, gain, "materials.yield", product=product, notes=[_AS_STATED])
    stated = ledger.property_of("product", "pass-rate", period)
    if stated is not None:
        collector.add("pass-rate", period, stated, "materials.pass-rate", notes=[_AS_STATED])
        return
    passed, made = (ledger.amount(item, "produced", period) for item in ("qualified-product", "product"))
    if passed is not None and made is not None and units.dimension(passed.unit) == units.dimension(made.unit):
        notes = [message("合格品多于生产总量，数据有误")] if passed.to(made.unit).value > made.value else []
        collector.ratio(
            "pass-rate", period, passed, made, "materials.pass-rate",
            above_needs=message("合格品量"), below_needs=message("生产总量"), notes=notes,
        )  # fmt: skip


_AS_STATED = message("企业填报的比率，分子分母未给")


def _consumption(collector: Collector, ledger: Ledger, settings: Settings, period: str, item: str) -> None:
    """What was consumed of one material, in all and per product (by the rule of the settings)."""
    known = ledger.label(item)
    need = message("{item}的消耗量（同一计量单位）", item=known)
    name = Name(f"{known.zh}消耗量", f"consumption of {known.en}")
    whole = ledger.consumption(item, period)
    slug = _slug(item)
    collector.add(f"material-consumption.{slug}", period, whole, "materials.quantity", needs=[need], name=name)

    def at(place: str, product: str) -> Term | None:
        return ledger.amount(item, "consumed", period, place, product=product)

    what = message("{item}消耗量", item=known)
    name = Name(f"单位产品{known.zh}消耗", f"{known.en} per unit of product")
    per_product(
        collector, ledger, settings, period, f"material-per-product.{slug}", "materials.per-product", whole, at, what,
        name=name, quiet=True,
    )  # fmt: skip


def _slug(item: str) -> str:
    """An item as a part of a figure id; dots would end it."""
    return item.replace(".", "·")


def _sheets(collector: Collector, ledger: Ledger, period: str) -> None:
    """Product area over sheet area, for each product with its own places, and in all."""
    for sheet in SHEETS:
        known = catalogue().get(sheet)
        name = Name(f"{known.name.zh}利用率", f"utilisation of {known.name.en}")
        whole = ledger.consumption(sheet, period)
        areas: list[Term] = []
        for product in kinds_of(ledger, period):
            output = output_of(ledger, product, period)
            if output is None or units.dimension(output.unit) != "area":
                continue
            areas.append(output)
            places = places_of(ledger, product, period)
            used = [term for place in places if (term := ledger.amount(sheet, "consumed", period, place)) is not None]
            if used and all(units.dimension(term.unit) == "area" for term in used):
                _rate(collector, ledger, f"sheet-utilisation.{sheet}", period, output, total(used), product, name)
        if areas and whole is not None and units.dimension(whole.unit) == "area":
            made = total(areas, label=message("产品面积合计"))
            _rate(collector, ledger, f"sheet-utilisation.{sheet}", period, made, whole, "", name)


def _rate(
    collector: Collector, ledger: Ledger, id: str, period: str, made: Term, used: Term, product: str, name: Name
) -> None:
    notes = [message("产品面积大于板材面积，数据有误")] if made.to(used.unit).value > used.value else []
    collector.ratio(
        id, period, made, used, "materials.area-utilisation", above_needs=message("产品面积"),
        below_needs=message("板材消耗面积"), product=product, name=name, notes=notes,
    )  # fmt: skip


# --- metals ----------------------------------------------------------------------------------------------------------


def metal_input(ledger: Ledger, element: str, period: str) -> tuple[Term | None, tuple[Message, ...]]:
    """The mass of an element in all materials consumed, kg: Σ consumption x content x purity; with what must be said.

    An amount that the plant states as pure metal (折纯) goes before. Else only materials that are what their formula
    says; a purity (纯度) that the plant states is used, else they are taken as pure, and of a solution the strength
    must be stated. None where no such material is consumed.
    """
    stated = ledger.amount(METALS[element][0], "consumed" + PURE, period)
    if stated is not None:
        return stated.to("kg"), ()
    terms: list[Term] = []
    notes: list[Message] = []
    pure = False
    for item in material_items(ledger, period):
        known = ledger.item(item)
        if known is None or not known.formula or element not in atoms(known.formula):
            continue
        used = ledger.consumption(item, period)
        if used is None:
            continue
        if units.dimension(used.unit) != "mass":
            notes.append(message("{item}以体积计且无密度，未计入", item=known.name))
            continue
        purity = ledger.property_of(item, "purity", period)
        if purity is None and known.form == "solution":
            notes.append(message("{item}的浓度未给，未计入", item=known.name))
            continue
        mass = used.to("kg") * from_coefficient(content(known.formula, element))
        if purity is not None:
            mass = (mass * purity).to("kg")
        else:
            pure = True
        terms.append(mass.named(message("{item}中的{metal}", item=known.name, metal=_METAL_NAMES[element])))
    if pure:
        notes.append(message("未给纯度的物料按纯品计"))
    label = message("各物料中的{metal}合计", metal=_METAL_NAMES[element])
    return (total(terms, label=label) if terms else None), tuple(notes)


def metal_in_product(ledger: Ledger, element: str, period: str) -> Term | None:
    """The mass of an element in the product, kg: as stated (进入产品), else area x thickness x density of the layer."""
    item = METALS[element][0]
    stated = ledger.amount(item, "contained", period)
    if stated is not None:
        return stated.to("kg")
    known = catalogue().get(item)
    terms: list[Term] = []
    for product in kinds_of(ledger, period):
        output = output_of(ledger, product, period)
        if output is None or units.dimension(output.unit) != "area":
            continue
        for place in places_of(ledger, product, period):
            thickness = next(iter(_own_thickness(ledger, item, period, place)), None)
            if thickness is not None:
                terms.append(_layer(known, output, thickness, ledger, period, place))
                break
    return total(terms, label=message("镀层中的{metal}合计", metal=_METAL_NAMES[element])) if terms else None


def _own_thickness(ledger: Ledger, item: str, period: str, place: str) -> Iterator[Term]:
    """The thickness of a layer stated at a place itself or below it."""
    for where in (place, *ledger.below(place)):
        for fact in ledger.select(item=item, roles="thickness", place=where):
            term = ledger.property_of(item, "thickness", period, where)
            if term is not None and fact.value is not None:
                yield term
                break


def _layer(known: Item, area: Term, thickness: Term, ledger: Ledger, period: str, place: str) -> Term:
    density = ledger.property_of(known.id, "density", period, place)
    if density is None:
        density = from_coefficient(
            Coefficient(
                id=f"density/{known.id}",
                name=Name(f"{known.name.zh}密度", f"density of {known.name.en}"),
                value=known.density or 0.0,
                unit="kg/L",
                grade=known.density_grade or Grade.RECALLED,
                source=known.density_source,
                default=True,
            )
        )
    arguments = [area.to("m2"), thickness.to("um"), density.to("g/cm3")]
    share = ledger.property_of(known.id, "content", period, place)
    if share is not None and units.dimension(share.unit) == "dimensionless":
        arguments.append(share.to("1"))
    return apply(message("面积×厚度×密度×份额"), metal_on_ware, arguments, "kg")


def _metal(collector: Collector, ledger: Ledger, settings: Settings, period: str, element: str) -> None:
    item = METALS[element][0]
    metal = _METAL_NAMES[element]
    used, notes = metal_input(ledger, element, period)
    product = metal_in_product(ledger, element, period)
    recovered = ledger.amount(item, "recovered", period)
    lost = ledger.amount(item, "lost", period)
    name = Name(f"{metal.zh}投入量", f"{metal.en} input")
    if used is not None:
        collector.add(f"metal-input.{element}", period, used, "materials.quantity", name=name, notes=notes)
    if product is not None:
        name = Name(f"产品中的{metal.zh}", f"{metal.en} in the product")
        collector.add(f"metal-in-product.{element}", period, product, "materials.quantity", name=name)
        below = used if used is None or recovered is None else used - recovered
        said = list(notes)
        if below is not None and 0 < below.to("kg").value < product.value:
            said.append(message("产品中的金属多于净消耗，数据有误"))
        name = Name(f"{metal.zh}利用率", f"{metal.en} utilisation")
        collector.ratio(
            f"metal-utilisation.{element}", period, product, below, "materials.utilisation", name=name, notes=said,
            above_needs=message("产品中的{metal}", metal=metal), below_needs=message("{metal}消耗量", metal=metal),
        )  # fmt: skip
    if recovered is not None and lost is not None:
        name = Name(f"{metal.zh}回收率", f"{metal.en} recovery")
        collector.ratio(
            f"metal-recovery.{element}", period, recovered, recovered + lost, "materials.recovery", name=name,
            above_needs=message("回收量"), below_needs=message("回收量与损失量"),
        )  # fmt: skip
    if used is not None and product is not None:
        _substance_balance(collector, ledger, settings, period, element, used, product)


def _substance_balance(
    collector: Collector, ledger: Ledger, settings: Settings, period: str, element: str, used: Term, product: Term
) -> None:
    """In (consumed) against out (product, recovered, in wastes by their content, discharged, lost) of an element."""
    item, pollutant = METALS[element]
    metal = _METAL_NAMES[element]
    out = [product]
    for term in (
        ledger.amount(item, "recovered", period),
        ledger.amount(item, "lost", period),
        ledger.amount(pollutant, "discharged", period) if pollutant in catalogue() else None,
        *_in_wastes(ledger, metal, period),
    ):
        if term is not None and units.dimension(term.unit) == "mass":
            out.append(term.to("kg"))
    if len(out) == 1:
        return
    name = Name(f"{metal.zh}元素衡算偏差", f"deviation of the {metal.en} balance")
    deviation, notes = _deviation(used.to("kg"), total(out, label=message("{metal}去向合计", metal=metal)), settings)
    collector.add(
        f"substance-balance-deviation.{element}", period, deviation, "materials.balance",
        needs=[message("{metal}投入量", metal=metal)], name=name, notes=notes,
    )  # fmt: skip


def _in_wastes(ledger: Ledger, metal: Name, period: str) -> Iterator[Term]:
    """The metal in wastes whose content of it was stated, named in either language (含铜量, copper content …)."""
    named = re.compile(rf"{metal.zh}|(?<![a-z]){metal.en}(?![a-z])", re.IGNORECASE)

    def of_metal(fact: Fact) -> bool:
        return named.search(f"{fact.label} {fact.note}") is not None

    for item in dict.fromkeys(fact.item for fact in ledger.select(kind="waste", roles="content")):
        amount = ledger.amount(item, "generated", period)
        share = ledger.property_of(item, "content", period, keep=of_metal)
        if amount is not None and share is not None and units.dimension(amount.unit) == "mass":
            yield (amount.to("kg") * share).to("kg")


def _deviation(inputs: Term, outputs: Term, settings: Settings) -> tuple[Term | None, list[Message]]:
    if inputs.value <= 0:
        return None, []
    gap = inputs - outputs
    if gap.value < 0:
        gap = outputs - inputs
    deviation = gap / inputs
    notes: list[Message] = []
    if outputs.to(inputs.unit).value > inputs.value:
        notes.append(message("出多于入"))
    if deviation.value > settings.balance_tolerance:
        limit = f"{100 * settings.balance_tolerance:g}"
        notes.append(message("偏差 {share}% 超过 {limit}%", share=f"{100 * deviation.value:.2f}", limit=limit))
    return deviation, notes


# --- solvents, wastes, the whole -------------------------------------------------------------------------------------


def _solvents(collector: Collector, ledger: Ledger, period: str) -> None:
    """Recovered solvent over solvent entering the recovery unit (recovered and lost there)."""
    facts = ledger.select(kind="material", roles="recovered", period=period)
    solvents = [item for item in dict.fromkeys(fact.item for fact in facts) if item.endswith("solvent")]
    recovered = [term for item in solvents if (term := ledger.amount(item, "recovered", period)) is not None]
    if not recovered:
        return
    lost = [term for item in solvents if (term := ledger.amount(item, "lost", period)) is not None]
    if len({units.dimension(term.unit) for term in (*recovered, *lost)}) > 1:
        lost = []
    back = total(recovered, label=message("回收溶剂量"))
    entering = back + total(lost, label=message("回收装置的损失")) if lost else None
    collector.ratio(
        "solvent-recovery", period, back, entering, "materials.solvent-recovery",
        above_needs=message("回收溶剂量"), below_needs=message("进入回收装置的溶剂量（回收量与损失量，同一计量单位）"),
    )  # fmt: skip


def _wastes(collector: Collector, ledger: Ledger, period: str) -> None:
    for waste in _WASTES:
        generated = ledger.amount(waste, "generated", period, unit="t")
        if generated is None or (waste == "solid-waste" and not _stated(ledger, waste, period)):
            continue
        known = catalogue().get(waste)
        name = Name(f"{known.name.zh}综合利用率", f"utilisation of {known.name.en}")
        used = ledger.amount(waste, "utilised", period, unit="t")
        if used is None and waste != "general-waste":
            continue
        notes: list[Message] = []
        below: Term | None = generated
        if used is not None and used.value > generated.value:
            # more was used than arose: the rest came from old stock, which stands above and below the line
            below = used
            notes.append(message("综合利用量大于产生量，差额按往年贮存量计"))
        elif used is not None:
            notes.append(message("往年贮存量的利用未另填，按零计"))
        collector.ratio(
            f"solid-waste-utilisation.{waste}", period, used, below, "materials.solid-waste-utilisation", name=name,
            above_needs=message("{waste}综合利用量", waste=known.name),
            below_needs=message("{waste}产生量", waste=known.name), notes=notes,
        )  # fmt: skip


def _stated(ledger: Ledger, item: str, period: str) -> bool:
    return any(True for _ in ledger.select(item=item, period=period))


def _balance(collector: Collector, ledger: Ledger, settings: Settings, period: str) -> None:
    """The plant's balance of mass: only where all materials and products are weighed and something leaves as waste."""
    materials = [(item, ledger.consumption(item, period)) for item in material_items(ledger, period)]
    products = [(item, output_of(ledger, item, period)) for item in kinds_of(ledger, period)]
    if not materials or not products:
        return
    needs = [
        message("{item}以质量计的数量", item=ledger.label(item))
        for item, term in (*materials, *products)
        if term is None or units.dimension(term.unit) != "mass"
    ]
    if len(needs) > 3:
        needs = [message("物料和产品都以质量计的数量（{n} 种不是）", n=len(needs))]
    deviation, notes = None, list[Message]()
    if not needs:
        inputs = total([term for _, term in materials if term is not None], label=message("投入合计"), unit="kg")
        out = [term for _, term in products if term is not None]
        out += [term for term in _other_outputs(ledger, period) if units.dimension(term.unit) == "mass"]
        outputs = total(out, label=message("产出合计"), unit="kg")
        if outputs.value > 2 * inputs.value:
            needs.append(message("主要原料的投入量（产出远多于所填的投入）"))
        else:
            deviation, notes = _deviation(inputs, outputs, settings)
    collector.add("material-balance-deviation", period, deviation, "materials.balance", needs=needs, notes=notes)


def _other_outputs(ledger: Ledger, period: str) -> Iterator[Term]:
    waste = ledger.amount("solid-waste", "generated", period)
    if waste is not None:
        yield waste
    moved: Sequence[tuple[str, str]] = [
        (fact.item, fact.role)
        for fact in ledger.select(roles=("recovered", "lost"), kind="material", period=period)
        if fact.state is not State.EMPTY
    ]
    for item, role in dict.fromkeys(moved):
        term = ledger.amount(item, role, period)
        if term is not None:
            yield term

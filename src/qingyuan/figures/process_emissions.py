"""Which processes of a plant emit greenhouse gases, and how much (过程排放识别与计算): the registry of process methods.

Each entry of ``PROCESSES`` looks at a plant's facts and gives emissions by gas, or what it lacks; a process that the
plant does not have gives neither. A method counts as concerning a plant by its industry code or by the items present.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from qingyuan import units
from qingyuan.errors import QingyuanError
from qingyuan.figures import carbon_processes as formula
from qingyuan.figures.carbon_processes import OxideStream, Stream
from qingyuan.figures.derivation import Term, constant, from_coefficient, total
from qingyuan.figures.guards import ONE
from qingyuan.figures.process_inputs import Plant, ProcessInput, fit, gather, process_inputs
from qingyuan.language import Message, Name, message
from qingyuan.reference.carbon import gas_items
from qingyuan.reference.carbon_processes import (
    ProcessFactor,
    electronics_gases,
    process_constant,
    process_factors,
)
from qingyuan.reference.records import Grade

USED = ("consumed", "purchased")
# Codes of GB/T 4754 (leading digits) where carbonates are calcined as raw material or flux and no method of the sector
# counts them already: chemicals, building materials but clinker, non-ferrous metals, paper (lime kilns).
_CARBONATE_SECTORS = ("22", "26", "302", "303", "304", "305", "306", "307", "308", "309", "32")
_STEEL = ("311", "312", "313")
_CEMENT = ("3011",)
_ALUMINIUM = ("3216",)
_NON_FERROUS = ("32",)
_CHEMICALS = ("26",)
_ETS_STEEL_FROM = "2024-09-13"


@dataclass(frozen=True, slots=True)
class Emission:
    """One gas of one process: CO2 in tCO2, another gas in t; ``deducted`` = carbon held in products, subtracted."""

    process: str
    name: Name
    gas: str
    term: Term
    method: str
    notes: tuple[Message, ...] = ()
    deducted: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """A process that the plant has and whose emission could not be computed, with what is missing.

    ``blocking``: the account has no total without it; otherwise the total is a lower bound that says so.
    """

    process: str
    name: Name
    needs: tuple[Message, ...]
    blocking: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """What one process method gave."""

    emissions: tuple[Emission, ...] = ()
    gaps: tuple[Gap, ...] = ()


NOTHING = Found()


@dataclass(frozen=True, slots=True)
class Process:
    """One entry of the registry: id, name, methods (of ``methods-carbon.toml``), and how it looks at a plant."""

    id: str
    name: Name
    methods: tuple[str, ...]
    find: Callable[[Plant], Found] = field(compare=False)


def process_emissions(plant: Plant) -> Found:
    """All process emissions of a plant in a period and all gaps, in the order of the registry."""
    emissions: list[Emission] = []
    gaps: list[Gap] = []
    for process in PROCESSES:
        try:
            found = process.find(plant)
        except QingyuanError as error:  # an impossible balance, a share above one, a unit that does not fit
            gaps.append(Gap(process.id, process.name, (message("{problem}", problem=error),)))
            continue
        emissions.extend(found.emissions)
        gaps.extend(found.gaps)
    return Found(tuple(emissions), tuple(gaps))


# --- methods of single amounts -----------------------------------------------------------------------------------

_FUNCTIONS: dict[str, Callable[..., Term]] = {
    "carbon_powder": formula.carbon_powder,
    "aluminium_anode": formula.aluminium_anode,
    "magnesium_ferrosilicon": formula.magnesium_ferrosilicon,
    "fcc_coke_burn": formula.fcc_coke_burn,
    "reformer_regeneration": formula.reformer_regeneration,
    "ethylene_oxide": formula.ethylene_oxide,
    "cracker_decoking": formula.cracker_decoking,
    "flare": formula.flare,
    "flare_accident": formula.flare_accident,
    "asphalt_oxidation": formula.asphalt_oxidation,
    "oxalic_acid": formula.oxalic_acid,
    "food_co2_loss": formula.food_co2_loss,
    "urea_denitration": formula.urea_denitration,
    "limestone_desulfurisation": formula.limestone_desulfurisation,
    "hcfc22_hfc23": formula.hcfc22_hfc23,
}


def _single(process: ProcessInput) -> Process:
    def find(plant: Plant) -> Found:
        found = gather(plant, process)
        if not found.concerned:
            return NOTHING
        if found.needs:
            return Found(gaps=(Gap(process.id, process.name, found.needs),))
        term = _FUNCTIONS[process.function](**found.arguments)
        emissions = [Emission(process.id, process.name, process.gas, term, process.method)]
        if process.id == "hcfc22" and found.arguments["destroyed"].value:
            burnt = formula.hfc23_destruction(found.arguments["destroyed"])
            emissions.append(Emission(process.id, process.name, "CO2", burnt, process.method))
        return Found(tuple(emissions))

    return Process(process.id, process.name, (process.method,), find)


# --- tables of materials -----------------------------------------------------------------------------------------


def _streams(plant: Plant, rows: Sequence[ProcessFactor], roles: Sequence[str]) -> list[tuple[ProcessFactor, Stream]]:
    """The rows of a table that the plant has, each with its amount and the plant's own factor or the table's."""
    found: list[tuple[ProcessFactor, Stream]] = []
    for row in rows:
        unit = row.factor.unit.partition("/")[2]
        amount = plant.amount(row.items, roles, unit)
        if amount is None:
            continue
        wanted = "carbon-content" if row.factor.unit.startswith("tC/") else "emission-factor"
        own = plant.property_of(row.items, roles, wanted, row.factor.unit)
        found.append((row, Stream(amount, from_coefficient(row.factor) if own is None else own)))
    return found


def _carbonates(plant: Plant) -> Found:
    name = Name("碳酸盐分解", "Calcination of carbonates")
    if not plant.is_in(_CARBONATE_SECTORS):
        return NOTHING
    parts: list[Term] = []
    assumed: list[Message] = []
    for row, stream in _streams(plant, tuple(process_factors("carbonates").values()), USED):
        purity = plant.property_of(row.items, USED, "purity", "1")
        if purity is None:
            purity = constant(message("{what}纯度未给出，按100%计", what=row.name), 1.0, "1")
            assumed.append(message("{what}纯度未给出，按100%计，为上限", what=row.name))
        parts.append(formula.carbonate(stream.mass, purity, stream.factor).named(row.name))
    if not parts:
        return NOTHING
    term = total(parts, label=name, unit="tCO2")
    return Found((Emission("carbonates", name, "CO2", term, "carbon.carbonate", tuple(assumed)),))


def _cement(plant: Plant) -> Found:
    """Both clinker methods; the total takes the one that the report chooses (``cement.method``: ``ets`` or ``gbt``).

    Without a choice the national standard is used where the oxides are known, else the ETS method.
    """
    name = Name("熟料生产过程", "Clinker making")
    clinkers = _streams(plant, tuple(process_factors("clinkers").values()), ("produced",))
    if not clinkers:
        if plant.is_in(_CEMENT):
            return Found(gaps=(Gap("clinker", name, (message("熟料产量"),)),))
        return NOTHING
    choice = plant.choice("cement.method")
    oxides = {key: plant.parameter(f"cement.{key}", "1") for key in ("cao", "mgo", "cao-other", "mgo-other")}
    cao, mgo = oxides["cao"], oxides["mgo"]
    if choice == "gbt" or (not choice and cao is not None and mgo is not None):
        if cao is None or mgo is None:
            need = message("熟料的CaO和MgO含量（设置 cement.cao、cement.mgo）")
            return Found(gaps=(Gap("clinker", name, (need,)),))
        return Found((_clinker_by_oxides(plant, name, clinkers, cao, mgo, oxides),))
    if not choice and plant.day.isoformat() < _ETS_STEEL_FROM:
        need = message("熟料的CaO和MgO含量（设置 cement.cao、cement.mgo）；碳市场方法自2024-09-13起适用")
        return Found(gaps=(Gap("clinker", name, (need,)),))
    substitutes = _streams(plant, tuple(process_factors("clinker_substitutes").values()), USED)
    term = formula.cement_clinker_ets([one for _, one in clinkers], [one for _, one in substitutes])
    return Found((Emission("clinker", name, "CO2", term, "carbon.cement-ets"),))


def _clinker_by_oxides(
    plant: Plant,
    name: Name,
    clinkers: Sequence[tuple[ProcessFactor, Stream]],
    cao: Term,
    mgo: Term,
    oxides: dict[str, Term | None],
) -> Emission:
    none = constant(message("没有非碳酸盐来源的氧化物数据，按零计，为上限"), 0.0, "1")
    notes: list[Message] = []
    others = [oxides["cao-other"], oxides["mgo-other"]]
    if None in others:
        notes.append(message("没有非碳酸盐来源的氧化物数据，按零计，为上限"))
    used = [none if other is None else other for other in others]
    masses = [stream.mass for _, stream in clinkers]
    for names in (("窑头粉尘",), ("旁路放风粉尘",)):
        dust = plant.amount(names, ("generated", "discharged", "produced"), "t")
        if dust is not None:
            masses.append(dust)
    streams = [OxideStream(mass, cao, mgo, used[0], used[1]) for mass in masses]
    meal = plant.amount(("生料",), USED, "t")
    carbon = plant.parameter("cement.raw-meal-carbon", "tC/t")
    if meal is not None and carbon is None:
        notes.append(message("生料中非燃料碳含量未给出（设置 cement.raw-meal-carbon），未计入"))
    term = formula.cement_clinker_gbt(streams, meal, carbon)
    return Emission("clinker", name, "CO2", term, "carbon.cement-gbt", tuple(notes))


def _steel(plant: Plant) -> Found:
    if not plant.is_in(_STEEL):
        return NOTHING
    edition = "ets-2024" if plant.day.isoformat() >= _ETS_STEEL_FROM else "ndrc-2013"
    inputs = [row for row in process_factors("steel_inputs").values() if edition in row.editions]
    products = [row for row in process_factors("steel_products").values() if edition in row.editions]
    name = Name("熔剂、电极和外购含碳原料", "Fluxes, electrodes, bought carbon-bearing materials")
    held = Name("固碳产品", "Carbon held in products")
    emissions: list[Emission] = []
    used = _streams(plant, [row for row in inputs if row.kind != "material"], ("consumed", "purchased"))
    bought = _streams(plant, [row for row in inputs if row.kind == "material"], ("purchased", "consumed"))
    if used or bought:
        term = formula.steel_process([stream for _, stream in (*used, *bought)])
        emissions.append(Emission("steel", name, "CO2", term, "carbon.steel"))
    made = _streams(plant, products, ("sold", "produced"))
    if made:
        term = formula.steel_products([stream for _, stream in made])
        emissions.append(Emission("steel-products", held, "CO2", term, "carbon.steel-products", deducted=True))
    if emissions:
        return Found(tuple(emissions))
    return Found(gaps=(Gap("steel", name, (message("石灰石、白云石、电极、外购生铁等的用量"),)),))


def _reductants(plant: Plant) -> Found:
    name = Name("能源作还原剂", "Reductants")
    if not plant.is_in(_NON_FERROUS):
        return NOTHING
    found = _streams(plant, tuple(process_factors("reductants").values()), ("feedstock",))
    if not found:
        return NOTHING
    term = total([formula.reductant(one.mass, one.factor).named(row.name) for row, one in found], label=name)
    return Found((Emission("reductants", name, "CO2", term, "carbon.reductant"),))


def _chemical_balance(plant: Plant) -> Found:
    name = Name("化石原料碳平衡", "Carbon balance of raw materials")
    if not plant.is_in(_CHEMICALS):
        return NOTHING
    rows = tuple(process_factors("chemicals").values())
    inputs = [stream for _, stream in _streams(plant, rows, ("consumed", "purchased"))]
    unknown: list[Message] = []
    for item in plant.ledger.items(kind="energy", role="feedstock"):
        stream = _carbon_stream(plant, item, ("feedstock",))
        if stream is not None:
            inputs.append(stream)
        else:
            unknown.append(message("{what}的含碳量", what=plant.ledger.label(item)))
    if not inputs and not unknown:
        return NOTHING
    products = [stream for _, stream in _streams(plant, rows, ("produced",))]
    wastes: list[Stream] = []
    for product in plant.ledger.products(plant.period):
        known = any(product in row.items for row in rows)
        stream = None if known else _carbon_stream(plant, product, ("produced",))
        if stream is not None:
            products.append(stream)
        elif not known:
            unknown.append(message("产品{what}的含碳量（不含碳填0）", what=plant.ledger.label(product)))
    for waste in plant.ledger.items(kind="waste", role="generated"):
        stream = _carbon_stream(plant, waste, ("generated",))
        if stream is not None:
            wastes.append(stream)
    if unknown:
        return Found(gaps=(Gap("chemical-balance", name, tuple(unknown)),))
    term = formula.carbon_balance(inputs, products, wastes)
    return Found((Emission("chemical-balance", name, "CO2", term, "carbon.chemical-balance"),))


def _carbon_stream(plant: Plant, item: str, roles: Sequence[str]) -> Stream | None:
    """An item with the plant's own carbon content, per mass or per normal volume."""
    amount = plant.ledger.amount(item, roles, plant.period)
    content = plant.ledger.property_of(item, "carbon-content", plant.period)
    if amount is None or content is None:
        return None
    fitted = fit(content, "tC/10^4 Nm3" if units.dimension(amount.unit) == "normal gas volume" else "tC/t")
    return None if fitted is None else Stream(amount, fitted)


# --- acids, aluminium, petrochemical balances --------------------------------------------------------------------


def _acids(plant: Plant) -> Found:
    emissions: list[Emission] = []
    gaps: list[Gap] = []
    cases = (
        ("nitric-acid", Name("硝酸N2O", "N2O of nitric acid"), ("nitric-acid", "硝酸"), "nitric_acid"),
        ("adipic-acid", Name("己二酸N2O", "N2O of adipic acid"), ("己二酸",), "adipic_acid"),
    )
    for id, name, items, table in cases:
        made = plant.amount(items, ("produced",), "t")
        if made is None:
            continue
        rows = process_factors("nitric_acid" if table == "nitric_acid" else "adipic_acid")
        kind, unit = plant.choice(f"{id}.process"), plant.choice(f"{id}.removal")
        if kind not in rows:
            need = message(
                "{what}的工艺（设置 {key}：{choices}）", what=name, key=f"{id}.process", choices="、".join(rows)
            )
            gaps.append(Gap(id, name, (need,)))
            continue
        removal, use = constant(message("没有尾气去除装置"), 0.0, "1"), ONE
        if unit:
            removals = process_factors("n2o_removal")
            if unit not in removals:
                need = message("尾气处理（设置 {key}：{choices}）", key=f"{id}.removal", choices="、".join(removals))
                gaps.append(Gap(id, name, (need,)))
                continue
            removal = from_coefficient(removals[unit].factor)
            given = plant.parameter(f"{id}.removal-use", "1")
            if given is None:
                gaps.append(Gap(id, name, (message("尾气处理装置使用率（设置 {key}）", key=f"{id}.removal-use"),)))
                continue
            use = given
        term = formula.acid_n2o(made, from_coefficient(rows[kind].factor), removal, use)
        emissions.append(Emission(id, name, "N2O", term, "carbon.n2o-acid"))
    return Found(tuple(emissions), tuple(gaps))


def _aluminium_pfc(plant: Plant) -> Found:
    name = Name("阳极效应", "Anode effects")
    made = plant.amount(("electrolytic-aluminium", "电解铝", "原铝"), ("produced",), "t")
    if made is None or not plant.is_in(_ALUMINIUM):
        return NOTHING
    minutes = plant.parameter("aluminium.anode-effect-minutes", "1")
    if minutes is None:
        method = "carbon.aluminium-pfc"
        cf4 = formula.aluminium_pfc(made, from_coefficient(process_constant("aluminium-cf4")))
        c2f6 = formula.aluminium_pfc(made, from_coefficient(process_constant("aluminium-c2f6")))
    else:
        method = "carbon.aluminium-pfc-slope"
        cf4 = formula.aluminium_pfc_slope(made, minutes, from_coefficient(process_constant("aluminium-slope-cf4")))
        c2f6 = cf4 * from_coefficient(process_constant("aluminium-c2f6-share"))
    return Found(
        (
            Emission("anode-effects", name, "CF4", cf4.named(Name("阳极效应CF4", "CF4 of anode effects")), method),
            Emission("anode-effects", name, "C2F6", c2f6.named(Name("阳极效应C2F6", "C2F6 of anode effects")), method),
        )
    )


def _magnesium_dolomite(plant: Plant) -> Found:
    """Dolomite of magnesium smelting stands with the carbonates; without ferrosilicon or dolomite it is a gap."""
    name = Name("镁冶炼白云石", "Dolomite of magnesium smelting")
    if not plant.is_in(("3217",)):
        return NOTHING
    if plant.amount(("dolomite", "白云石"), USED, "t") is None:
        return Found(gaps=(Gap("magnesium-dolomite", name, (message("白云石用量"),)),))
    return NOTHING


@dataclass(frozen=True, slots=True)
class _Unit:
    id: str
    name: Name
    method: str
    feeds: tuple[str, ...]
    products: tuple[str, ...]


_UNITS = (
    _Unit(
        "hydrogen",
        Name("制氢装置", "Hydrogen plant"),
        "carbon.hydrogen",
        ("制氢原料",),
        ("制氢合成气", "制氢装置合成气", "制氢残渣"),
    ),
    _Unit(
        "coke-calcining",
        Name("石油焦煅烧", "Coke calcining"),
        "carbon.coke-calcining",
        ("生焦", "生石油焦"),
        ("煅后焦", "煅烧石油焦", "石油焦粉尘"),
    ),
)


def _carbon_units(plant: Plant) -> Found:
    emissions: list[Emission] = []
    gaps: list[Gap] = []
    for unit in _UNITS:
        fed = plant.items_named(unit.feeds, USED)
        if not fed:
            continue
        out = plant.items_named(unit.products, ("produced", "generated"))
        streams = [_carbon_stream(plant, item, USED) for item in fed]
        leaving = [_carbon_stream(plant, item, ("produced", "generated")) for item in out]
        lacking = [
            message("{what}的含碳量", what=plant.ledger.label(item))
            for item, stream in zip((*fed, *out), (*streams, *leaving), strict=True)
            if stream is None
        ]
        if lacking:
            gaps.append(Gap(unit.id, unit.name, tuple(lacking)))
            continue
        oxidation = plant.parameter(f"{unit.id}.oxidation", "1") or ONE
        term = formula.carbon_loss(
            [one for one in streams if one is not None], [one for one in leaving if one is not None], oxidation
        )
        emissions.append(Emission(unit.id, unit.name, "CO2", term.named(unit.name), unit.method))
    return Found(tuple(emissions), tuple(gaps))


# --- waste water -------------------------------------------------------------------------------------------------


def _wastewater(plant: Plant) -> Found:
    """CH4 of anaerobic treatment; the kind of treatment is a setting (``wastewater.treatment``), else the sector's."""
    name = Name("废水厌氧处理CH4", "CH4 of waste-water treatment")
    rows = process_factors("methane_correction")
    choice = plant.choice("wastewater.treatment")
    row = rows.get(choice) or next((one for one in rows.values() if one.sectors and plant.is_in(one.sectors)), None)
    if row is None:
        return NOTHING
    volume = plant.amount(("厌氧处理废水",), ("treated", "generated"), "m3")
    for item in ("process-wastewater", "wastewater"):
        volume = volume or plant.ledger.amount(item, ("treated", "generated"), plant.period)
    before = _cod(plant, ("generated-concentration",), "anaerobic.cod-in")
    after = _cod(plant, (), "anaerobic.cod-out") or _cod(plant, ("discharged-concentration",), "")
    needs = [
        need
        for term, need in (
            (volume, message("厌氧处理的废水量")),
            (before, message("厌氧处理前COD浓度（COD产生浓度，或设置 anaerobic.cod-in，mg/L）")),
            (after, message("厌氧处理后COD浓度（COD排放浓度，或设置 anaerobic.cod-out，mg/L）")),
        )
        if term is None
    ]
    if volume is None or before is None or after is None:
        return Found(gaps=(Gap("wastewater-ch4", name, tuple(needs)),))
    none = message("没有数据，按零计")
    term = formula.wastewater_methane(
        volume,
        before,
        after,
        plant.parameter("anaerobic.sludge-cod", "kg") or constant(none, 0.0, "kg"),
        from_coefficient(process_constant("wastewater-bo")),
        from_coefficient(row.factor),
        plant.parameter("anaerobic.recovered-ch4", "t") or constant(none, 0.0, "t"),
    )
    return Found((Emission("wastewater-ch4", name, "CH4", term, "carbon.wastewater-ch4"),))


def _cod(plant: Plant, properties: Sequence[str], parameter: str) -> Term | None:
    for property in properties:
        term = plant.ledger.property_of("COD", property, plant.period)
        if term is not None:
            return fit(term, "mg/L")
    return plant.parameter(parameter, "mg/L") if parameter else None


def _waste_incineration(plant: Plant) -> Found:
    """Fossil CO2 of burnt waste, where the report gives the waste's carbon; the total says where it is left out."""
    name = Name("入炉废物燃烧", "Burnt waste")
    burnt = plant.ledger.amount("incinerated-waste", ("consumed", "produced", "purchased"), plant.period)
    if burnt is None:
        return NOTHING
    carbon = plant.parameter("incineration.carbon", "tC/t")
    fossil = plant.parameter("incineration.fossil-share", "1")
    oxidation = plant.parameter("incineration.oxidation", "1")
    if carbon is None or fossil is None or oxidation is None:
        need = message(
            "入炉废物的含碳量、化石碳比例和燃烧效率（设置 incineration.carbon、incineration.fossil-share、"
            "incineration.oxidation）"
        )
        return Found(gaps=(Gap("waste-incineration", name, (need,), blocking=False),))
    term = formula.waste_incineration(burnt, carbon, fossil, oxidation)
    return Found((Emission("waste-incineration", name, "CO2", term, "carbon.waste-incineration"),))


# --- fluorinated gases, welding ----------------------------------------------------------------------------------


def _electronics(plant: Plant) -> Found:
    """Etching and vapour deposition: electronics gases consumed by an electronics plant."""
    name = Name("刻蚀与气相沉积", "Etching and vapour deposition")
    if not plant.is_in(("39", "38")):
        return NOTHING
    heel = from_coefficient(process_constant("electronics-heel"))
    emissions: list[Emission] = []
    for item, gas in gas_items().items():
        row = electronics_gases().get(gas)
        used = plant.amount((item, gas), USED, "t") if row is not None else None
        if row is None or used is None:
            continue
        collected, removed = from_coefficient(row.collected), from_coefficient(row.removed)
        term = formula.electronics_gas(used, heel, from_coefficient(row.used), collected, removed)
        emissions.append(Emission("electronics", name, gas, term, "carbon.electronics"))
        for other, factor in row.byproducts.items():
            same = electronics_gases()[other]
            made = formula.electronics_byproduct(
                used,
                heel,
                from_coefficient(factor),
                from_coefficient(same.collected),
                from_coefficient(same.removed),
            )
            emissions.append(Emission("electronics", name, other, made, "carbon.electronics"))
    return Found(tuple(emissions))


def _refrigerants(plant: Plant) -> Found:
    """Refrigerants and SF6 of equipment by stock balance; in electronics plants only gases that no process uses."""
    name = Name("制冷剂、绝缘气体泄漏", "Refrigerants and insulating gas")
    zero = message("没有库存或外供数据，按零计")
    emissions: list[Emission] = []
    for item, gas in gas_items().items():
        if gas in electronics_gases() and plant.is_in(("39", "38")):
            continue
        bought = plant.amount((item,), ("purchased",), "t")
        if bought is None:
            used = plant.amount((item,), ("consumed",), "t")
            if used is not None:
                emissions.append(Emission("refrigerants", name, gas, used, "carbon.refrigerant"))
            continue
        stock = [plant.amount((item,), (role,), "t") for role in ("opening-stock", "closing-stock", "sold")]
        opening, closing, sold = (constant(zero, 0.0, "t") if term is None else term for term in stock)
        term = formula.gas_balance(opening, closing, bought, sold)
        emissions.append(Emission("refrigerants", name, gas, term, "carbon.refrigerant"))
    return Found(tuple(emissions))


def _welding(plant: Plant) -> Found:
    name = Name("二氧化碳保护焊", "Gas-shielded welding")
    pure = plant.amount(("焊接用二氧化碳", "保护焊用二氧化碳", "二氧化碳保护气"), USED, "t")
    mixed = plant.amount(("混合保护气", "氩气二氧化碳混合气"), USED, "t")
    emissions: list[Emission] = []
    if pure is not None:
        emissions.append(Emission("welding", name, "CO2", formula.welding_gas(pure, {"CO2": ONE}), "carbon.welding"))
    if mixed is not None:
        part = plant.parameter("welding.co2", "1")
        if part is None:
            need = message("混合保护气中CO2的体积分数（设置 welding.co2），其余按氩气")
            return Found(tuple(emissions), (Gap("welding", name, (need,)),))
        term = formula.welding_gas(mixed, {"CO2": part, "Ar": ONE - part})
        emissions.append(Emission("welding", name, "CO2", term, "carbon.welding"))
    return Found(tuple(emissions))


PROCESSES: tuple[Process, ...] = (
    Process("carbonates", Name("碳酸盐分解", "Carbonates"), ("carbon.carbonate",), _carbonates),
    Process("clinker", Name("熟料生产过程", "Clinker"), ("carbon.cement-ets", "carbon.cement-gbt"), _cement),
    Process("steel", Name("钢铁生产过程", "Steel"), ("carbon.steel", "carbon.steel-products"), _steel),
    Process("reductants", Name("能源作还原剂", "Reductants"), ("carbon.reductant",), _reductants),
    Process(
        "chemical-balance", Name("化石原料碳平衡", "Carbon balance"), ("carbon.chemical-balance",), _chemical_balance
    ),
    Process("acids", Name("硝酸、己二酸", "Nitric and adipic acid"), ("carbon.n2o-acid",), _acids),
    Process(
        "anode-effects",
        Name("阳极效应", "Anode effects"),
        ("carbon.aluminium-pfc", "carbon.aluminium-pfc-slope"),
        _aluminium_pfc,
    ),
    Process("magnesium-dolomite", Name("镁冶炼白云石", "Dolomite"), ("carbon.carbonate",), _magnesium_dolomite),
    Process(
        "carbon-units",
        Name("石化装置", "Petrochemical units"),
        ("carbon.hydrogen", "carbon.coke-calcining"),
        _carbon_units,
    ),
    Process("wastewater-ch4", Name("废水厌氧处理", "Waste water"), ("carbon.wastewater-ch4",), _wastewater),
    Process(
        "waste-incineration",
        Name("入炉废物燃烧", "Burnt waste"),
        ("carbon.waste-incineration",),
        _waste_incineration,
    ),
    Process("electronics", Name("刻蚀与气相沉积", "Etching and CVD"), ("carbon.electronics",), _electronics),
    Process("refrigerants", Name("制冷剂", "Refrigerants"), ("carbon.refrigerant",), _refrigerants),
    Process("welding", Name("保护焊", "Welding"), ("carbon.welding",), _welding),
    *(_single(process) for process in process_inputs()),
)


def recalled_methods() -> tuple[str, ...]:
    """The process methods whose numbers are only recalled: a formal report lists them (须核对的方法)."""
    from qingyuan.figures.methods import editions

    return tuple(
        id
        for process in PROCESSES
        for id in process.methods
        if any(method.grade is Grade.RECALLED for method in editions(id))
    )

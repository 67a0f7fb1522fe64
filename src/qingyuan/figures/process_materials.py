"""CO2 of materials in a plant's processes (物料的过程排放): carbonates, clinker, steel, reductants, carbon balances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qingyuan import units
from qingyuan.figures import carbon_processes as formula
from qingyuan.figures.carbon_processes import OxideStream, Stream
from qingyuan.figures.derivation import Term, constant, from_coefficient, total
from qingyuan.figures.guards import ONE
from qingyuan.figures.methods import NoMethodInForce, in_force
from qingyuan.figures.process_inputs import NOTHING, USED, Emission, Found, Gap, Plant, fit, spellings
from qingyuan.language import Message, Name, message
from qingyuan.reference.carbon_processes import ProcessFactor, factor_edition, process_factors
from qingyuan.reference.items import catalogue

# Codes of GB/T 4754 (leading digits) where carbonates are calcined as raw material or flux and no method of the sector
# counts them already: chemicals, building materials but clinker, non-ferrous metals, paper (lime kilns).
_CARBONATE_SECTORS = ("22", "26", "302", "303", "304", "305", "306", "307", "308", "309", "32")
_STEEL = ("311", "312", "313")
_CEMENT = ("3011",)
_NON_FERROUS = ("32",)
_CHEMICALS = ("26",)


# --- tables of materials -----------------------------------------------------------------------------------------


def _names(row: ProcessFactor) -> tuple[str, ...]:
    return *row.items, row.name.zh, row.name.en


def _streams(plant: Plant, rows: Sequence[ProcessFactor], roles: Sequence[str]) -> list[tuple[ProcessFactor, Stream]]:
    """The rows of a table that the plant has, each with its amount and the plant's own factor or the table's."""
    found: list[tuple[ProcessFactor, Stream]] = []
    for row in rows:
        unit = row.factor.unit.partition("/")[2]
        names = _names(row)
        amount = plant.amount(names, roles, unit)
        if amount is None:
            continue
        wanted = "carbon-content" if row.factor.unit.startswith("tC/") else "emission-factor"
        own = plant.property_of(names, roles, wanted, row.factor.unit)
        found.append((row, Stream(amount, from_coefficient(row.factor) if own is None else own)))
    return found


def carbonates(plant: Plant) -> Found:
    """Carbonates calcined as raw material or flux in sectors whose own method does not count them already."""
    name = Name("碳酸盐分解", "Calcination of carbonates")
    if not plant.is_in(_CARBONATE_SECTORS):
        return NOTHING
    parts: list[Term] = []
    assumed: list[Message] = []
    for row, stream in _streams(plant, tuple(process_factors("carbonates").values()), USED):
        purity = plant.property_of(_names(row), USED, "purity", "1")
        if purity is None:
            purity = constant(message("{what}纯度未给出，按100%计", what=row.name), 1.0, "1")
            assumed.append(message("{what}纯度未给出，按100%计，为上限", what=row.name))
        parts.append(formula.carbonate(stream.mass, purity, stream.factor).named(row.name))
    if not parts:
        return NOTHING
    term = total(parts, label=name, unit="tCO2")
    return Found((Emission("carbonates", name, "CO2", term, "carbon.carbonate", tuple(assumed)),))


def cement(plant: Plant) -> Found:
    """Both clinker methods; the total takes the one that the report chooses (``cement.method``: ``ets`` or ``gbt``).

    Without a choice the national standard is used where the oxides are known, else the ETS method.
    """
    name = Name("熟料生产过程", "Clinker making")
    clinkers = _streams(plant, tuple(process_factors("clinkers").values()), ("produced",))
    if not clinkers:
        if plant.is_in(_CEMENT):
            return Found(gaps=(Gap("clinker", name, (message("熟料产量"),)),))
        return NOTHING
    choice = plant.one_of("cement.method", ("ets", "gbt"))
    oxides = {key: plant.parameter(f"cement.{key}", "1") for key in ("cao", "mgo", "cao-other", "mgo-other")}
    cao, mgo = oxides["cao"], oxides["mgo"]
    if choice == "gbt" or (not choice and cao is not None and mgo is not None):
        if cao is None or mgo is None:
            need = message("熟料的CaO和MgO含量（设置 cement.cao、cement.mgo）")
            return Found(gaps=(Gap("clinker", name, (need,)),))
        return Found((_clinker_by_oxides(plant, name, clinkers, cao, mgo, oxides),))
    try:
        in_force("carbon.cement-ets", plant.period, as_of=plant.day)
    except NoMethodInForce:
        need = message("熟料的CaO和MgO含量（设置 cement.cao、cement.mgo）；碳市场方法当时尚未适用")
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
    for names in (("kiln-head-dust",), ("bypass-dust",)):
        dust = plant.amount(names, ("generated", "discharged", "produced"), "t")
        if dust is not None:
            masses.append(dust)
    streams = [OxideStream(mass, cao, mgo, used[0], used[1]) for mass in masses]
    meal = plant.amount(("raw-meal",), USED, "t")
    carbon = plant.parameter("cement.raw-meal-carbon", "tC/t")
    if meal is not None and carbon is None:
        notes.append(message("生料中非燃料碳含量未给出（设置 cement.raw-meal-carbon），未计入"))
    term = formula.cement_clinker_gbt(streams, meal, carbon)
    return Emission("clinker", name, "CO2", term, "carbon.cement-gbt", tuple(notes))


def steel(plant: Plant) -> Found:
    """Fluxes, electrodes, bought carbon-bearing materials; carbon in crude steel and sold pig iron is subtracted."""
    if not plant.is_in(_STEEL):
        return NOTHING
    dated = in_force("carbon.steel", plant.period, as_of=plant.day)
    edition = factor_edition("carbon.steel", dated.edition)
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
    # Pig iron counts where it is sold; what becomes steel in the works stands in the crude steel. Fuels among the
    # by-products (tar, benzene) are subtracted with the fuels.
    made = _streams(plant, [row for row in products if row.id.startswith("crude-steel")], ("produced", "sold"))
    others = [row for row in products if not row.id.startswith("crude-steel") and not _is_fuel(row)]
    made += _streams(plant, others, ("sold",))
    if made:
        term = formula.steel_products([stream for _, stream in made])
        emissions.append(Emission("steel-products", held, "CO2", term, "carbon.steel-products", deducted=True))
    if emissions:
        return Found(tuple(emissions))
    return Found(gaps=(Gap("steel", name, (message("石灰石、白云石、电极、外购生铁等的用量"),)),))


def _is_fuel(row: ProcessFactor) -> bool:
    known = catalogue()
    return any(item in known and known.get(item).fuel for item in row.items)


def reductants(plant: Plant) -> Found:
    """Energy used as a reductant in non-ferrous metals: what was stated as used for raw material (作原料)."""
    name = Name("能源作还原剂", "Reductants")
    if not plant.is_in(_NON_FERROUS):
        return NOTHING
    found = _streams(plant, tuple(process_factors("reductants").values()), ("feedstock",))
    if not found:
        return NOTHING
    term = total([formula.reductant(one.mass, one.factor).named(row.name) for row, one in found], label=name)
    return Found((Emission("reductants", name, "CO2", term, "carbon.reductant"),))


def chemical_balance(plant: Plant) -> Found:
    """Carbon balance of raw materials, products and wastes of a chemical plant; every product needs its carbon."""
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
    listed = spellings(name for row in rows for name in _names(row))
    for product in plant.ledger.products(plant.period):
        known = product.casefold() in listed
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


def magnesium_dolomite(plant: Plant) -> Found:
    """Dolomite of magnesium smelting stands with the carbonates; without ferrosilicon or dolomite it is a gap."""
    name = Name("镁冶炼白云石", "Dolomite of magnesium smelting")
    if not plant.is_in(("3217",)):
        return NOTHING
    if plant.amount(("dolomite",), USED, "t") is None:
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
        ("hydrogen-plant-feed",),
        ("hydrogen-plant-syngas", "hydrogen-plant-residue"),
    ),
    _Unit(
        "coke-calcining",
        Name("石油焦煅烧", "Coke calcining"),
        "carbon.coke-calcining",
        ("green-petroleum-coke",),
        ("calcined-petroleum-coke", "petroleum-coke-dust"),
    ),
)


def carbon_units(plant: Plant) -> Found:
    """Hydrogen plant and coke calcining, balanced by the plant's own carbon contents."""
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

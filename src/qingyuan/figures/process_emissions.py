"""Which processes of a plant emit greenhouse gases, and how much (过程排放识别与计算): the registry of process methods.

Each entry of ``PROCESSES`` looks at a plant's facts and gives emissions by gas, or what it lacks; a process that the
plant does not have gives neither. A method counts as concerning a plant by its industry code or by the items present.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from qingyuan.errors import QingyuanError
from qingyuan.figures import carbon_processes as formula
from qingyuan.figures import process_gases as gases
from qingyuan.figures import process_materials as materials
from qingyuan.figures.derivation import Term
from qingyuan.figures.methods import editions
from qingyuan.figures.process_inputs import (
    NOTHING,
    Emission,
    Found,
    Gap,
    Plant,
    ProcessInput,
    gather,
    process_inputs,
)
from qingyuan.language import Name, message
from qingyuan.reference.carbon_processes import newer_edition
from qingyuan.reference.records import Grade


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
        emissions.extend(_with_newer_edition(plant, one) for one in found.emissions)
        gaps.extend(found.gaps)
    return Found(tuple(emissions), tuple(gaps))


def _with_newer_edition(plant: Plant, emission: Emission) -> Emission:
    """The emission with a note where an edition is in force on the deciding day whose numbers are not in the data."""
    edition = newer_edition(emission.method, plant.day)
    if not edition:
        return emission
    note = message("{edition} 已施行，其数值不在数据中，按此前版本计算", edition=edition)
    return replace(emission, notes=(*emission.notes, note))


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


PROCESSES: tuple[Process, ...] = (
    Process("carbonates", Name("碳酸盐分解", "Carbonates"), ("carbon.carbonate",), materials.carbonates),
    Process("clinker", Name("熟料生产过程", "Clinker"), ("carbon.cement-ets", "carbon.cement-gbt"), materials.cement),
    Process("steel", Name("钢铁生产过程", "Steel"), ("carbon.steel", "carbon.steel-products"), materials.steel),
    Process("reductants", Name("能源作还原剂", "Reductants"), ("carbon.reductant",), materials.reductants),
    Process(
        "chemical-balance",
        Name("化石原料碳平衡", "Carbon balance"),
        ("carbon.chemical-balance",),
        materials.chemical_balance,
    ),
    Process("acids", Name("硝酸、己二酸", "Nitric and adipic acid"), ("carbon.n2o-acid",), gases.acids),
    Process(
        "anode-effects",
        Name("阳极效应", "Anode effects"),
        ("carbon.aluminium-pfc", "carbon.aluminium-pfc-slope"),
        gases.aluminium_pfc,
    ),
    Process(
        "magnesium-dolomite",
        Name("镁冶炼白云石", "Dolomite of magnesium smelting"),
        ("carbon.carbonate",),
        materials.magnesium_dolomite,
    ),
    Process(
        "carbon-units",
        Name("石化装置", "Petrochemical units"),
        ("carbon.hydrogen", "carbon.coke-calcining"),
        materials.carbon_units,
    ),
    Process("wastewater-ch4", Name("废水厌氧处理", "Wastewater"), ("carbon.wastewater-ch4",), gases.wastewater),
    Process(
        "waste-incineration",
        Name("入炉废物燃烧", "Burnt waste"),
        ("carbon.waste-incineration",),
        gases.waste_incineration,
    ),
    Process("electronics", Name("刻蚀与气相沉积", "Etching and CVD"), ("carbon.electronics",), gases.electronics),
    Process("refrigerants", Name("制冷剂", "Refrigerants"), ("carbon.refrigerant",), gases.refrigerants),
    Process("welding", Name("保护焊", "Welding"), ("carbon.welding",), gases.welding),
    *(_single(process) for process in process_inputs()),
)


def recalled_methods() -> tuple[str, ...]:
    """The process methods whose numbers are only recalled: a formal report lists them (须核对的方法)."""
    return tuple(
        id
        for process in PROCESSES
        for id in process.methods
        if any(method.grade is Grade.RECALLED for method in editions(id))
    )

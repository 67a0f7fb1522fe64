"""Gases of a plant's processes (过程气体): N2O, PFC, CH4, electronics gases, refrigerants, welding, burnt waste."""

from __future__ import annotations

from collections.abc import Sequence

from qingyuan.figures import carbon_processes as formula
from qingyuan.figures.derivation import Term, constant, from_coefficient
from qingyuan.figures.guards import ONE
from qingyuan.figures.process_inputs import NOTHING, USED, Emission, Found, Gap, Plant, fit
from qingyuan.language import Name, listing, message
from qingyuan.reference.carbon import gas_items
from qingyuan.reference.carbon_processes import electronics_gases, process_constant, process_factors

_ALUMINIUM = ("3216",)


# --- acids, aluminium, petrochemical balances --------------------------------------------------------------------


def acids(plant: Plant) -> Found:
    """N2O of nitric and adipic acid; the process and the tail-gas unit are settings (``nitric-acid.process`` …)."""
    emissions: list[Emission] = []
    gaps: list[Gap] = []
    cases = (
        ("nitric-acid", Name("硝酸N2O", "N2O of nitric acid"), ("nitric-acid",), "nitric_acid"),
        ("adipic-acid", Name("己二酸N2O", "N2O of adipic acid"), ("adipic-acid",), "adipic_acid"),
    )
    for id, name, items, table in cases:
        made = plant.amount(items, ("produced",), "t")
        if made is None:
            continue
        rows = process_factors("nitric_acid" if table == "nitric_acid" else "adipic_acid")
        kind, unit = plant.choice(f"{id}.process"), plant.choice(f"{id}.removal")
        if kind not in rows:
            need = message(
                "{what}的工艺（设置 {key}：{choices}）", what=name, key=f"{id}.process", choices=listing(rows)
            )
            gaps.append(Gap(id, name, (need,)))
            continue
        removal, use = constant(message("没有尾气去除装置"), 0.0, "1"), ONE
        if unit:
            removals = process_factors("n2o_removal")
            if unit not in removals:
                need = message("尾气处理（设置 {key}：{choices}）", key=f"{id}.removal", choices=listing(removals))
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


def aluminium_pfc(plant: Plant) -> Found:
    """CF4 and C2F6 of anode effects: by the slope where the minutes are set, else by default factors."""
    name = Name("阳极效应", "Anode effects")
    made = plant.amount(("electrolytic-aluminium",), ("produced",), "t")
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


# --- waste water -------------------------------------------------------------------------------------------------


def wastewater(plant: Plant) -> Found:
    """CH4 of anaerobic treatment; the kind of treatment is a setting (``wastewater.treatment``), else the sector's."""
    name = Name("废水厌氧处理CH4", "CH4 of wastewater treatment")
    rows = process_factors("methane_correction")
    choice = plant.one_of("wastewater.treatment", rows)
    row = rows.get(choice) or next((one for one in rows.values() if one.sectors and plant.is_in(one.sectors)), None)
    if row is None:
        return NOTHING
    volume = plant.amount(("anaerobic-wastewater",), ("treated", "generated"), "m3")
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


def waste_incineration(plant: Plant) -> Found:
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


def electronics(plant: Plant) -> Found:
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


def refrigerants(plant: Plant) -> Found:
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


def welding(plant: Plant) -> Found:
    """CO2 of shielding gas; of a mixture the share of CO2 is a setting (``welding.co2``), the rest is argon."""
    name = Name("二氧化碳保护焊", "Gas-shielded welding")
    pure = plant.amount(("welding-co2",), USED, "t")
    mixed = plant.amount(("mixed-shielding-gas",), USED, "t")
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

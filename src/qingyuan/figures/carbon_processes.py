"""Process emissions of greenhouse gases (过程排放): one plain function for one formula of a guideline.

Terms come in, terms go out: CO2 in tCO2, any other gas in t of that gas, so that gases stay apart until a named set of
warming potentials joins them. Fractions are given in ``1`` or ``%``. Which facts feed which function stands in
``process_emissions``, the factors in ``data/accounting/process-carbon.toml``, the editions in ``methods-carbon.toml``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qingyuan.figures.derivation import Term, constant, total
from qingyuan.figures.guards import ONE, positive_balance, share
from qingyuan.language import Message, Name, message

CO2 = "tCO2"
# Molar masses as the guidelines round them; carbon 12, oxygen 16, nitrogen 14, fluorine 19.
CO2_OF_CARBON = constant(message("44/12，碳折二氧化碳"), 44 / 12, "tCO2/tC")
CO2_OF_MASS = constant(message("二氧化碳质量"), 1.0, "tCO2/t")


@dataclass(frozen=True, slots=True)
class Stream:
    """A mass and the factor or content that belongs to it (一项物料及其因子)."""

    mass: Term
    factor: Term


def _weighted(streams: Sequence[Stream], label: Message, unit: str) -> Term:
    if not streams:
        return constant(label, 0.0, unit)
    return total([(stream.mass * stream.factor).to(unit) for stream in streams], label=label, unit=unit)


# --- carbonates, any sector --------------------------------------------------------------------------------------


def carbonate(mass: Term, purity: Term, factor: Term, calcined: Term = ONE) -> Term:
    """CO2 of calcined carbonates (碳酸盐分解), tCO2: ``E = M · w · EF · F``.

    ``mass`` M [t]; ``purity`` w [1]; ``factor`` EF [tCO2/t], by stoichiometry 0.4397 for CaCO3; ``calcined`` F [1].
    NDRC guidelines 2013-2015, GB/T 32150. One tonne of pure CaCO3 gives 0.4397 tCO2.
    """
    term = mass * share(purity) * factor * share(calcined)
    return term.to(CO2).named(Name("碳酸盐分解排放", "Calcination of carbonates"))


# --- cement 水泥 -------------------------------------------------------------------------------------------------


def cement_clinker_ets(clinkers: Sequence[Stream], substitutes: Sequence[Stream] = ()) -> Term:
    """CO2 of clinker, tCO2: ``E = Σ Q · EF_clinker − Σ M_substitute · D`` (MEE CETS-AG-02.01-V01-2024).

    ``clinkers``: mass [t] and factor [tCO2/t] (0.535 Portland). ``substitutes``: mass of raw materials without
    carbonate [t] and deduction [tCO2/t]. 1000 t of clinker with 100 t of carbide slag (0.480): 535 − 48 = 487 tCO2.
    Raises ImpossibleBalance where the deductions exceed the clinker.
    """
    made = _weighted(clinkers, message("熟料基准排放"), CO2)
    if not substitutes:
        return made.named(Name("熟料过程排放（碳市场方法）", "Clinker process emissions (ETS)"))
    less = _weighted(substitutes, message("替代原料扣减"), CO2)
    return positive_balance(made - less, Name("熟料过程排放（碳市场方法）", "Clinker process emissions (ETS)"))


@dataclass(frozen=True, slots=True)
class OxideStream:
    """Clinker, kiln-head dust or bypass dust with its oxides (熟料、窑头粉尘、旁路放风粉尘).

    ``mass`` [t]; ``cao``, ``mgo`` mass fractions; ``cao_other``, ``mgo_other`` the parts that do not come from
    carbonates (FR10, FR20).
    """

    mass: Term
    cao: Term
    mgo: Term
    cao_other: Term
    mgo_other: Term


def cement_clinker_gbt(
    streams: Sequence[OxideStream], raw_meal: Term | None = None, raw_meal_carbon: Term | None = None
) -> Term:
    """CO2 of clinker by its oxides, tCO2 (GB/T 32151.8, NDRC 2013).

    ``E = Σ Q_i·[(FR1−FR10)·44/56 + (FR2−FR20)·44/40] + Q_meal·FR0·44/12``; FR1 CaO, FR2 MgO of clinker and dusts,
    FR10 and FR20 what is not from carbonates, FR0 non-fuel carbon of the raw meal [tC/t].
    1000 t with 65 % CaO and 1.5 % MgO: 510.714 + 16.5 = 527.214 tCO2. Raises ImpossibleBalance.
    """
    of_cao = constant(message("44/56，氧化钙折二氧化碳"), 44 / 56, "tCO2/t")
    of_mgo = constant(message("44/40，氧化镁折二氧化碳"), 44 / 40, "tCO2/t")
    parts: list[Term] = []
    for stream in streams:
        lime = positive_balance(share(stream.cao) - share(stream.cao_other), message("碳酸盐来源的氧化钙"))
        magnesia = positive_balance(share(stream.mgo) - share(stream.mgo_other), message("碳酸盐来源的氧化镁"))
        parts.append((stream.mass * lime * of_cao).to(CO2))
        parts.append((stream.mass * magnesia * of_mgo).to(CO2))
    if raw_meal is not None and raw_meal_carbon is not None:
        parts.append((raw_meal * raw_meal_carbon * CO2_OF_CARBON).to(CO2))
    return total(parts, label=Name("熟料过程排放（国家标准方法）", "Clinker process emissions (GB/T)"), unit=CO2)


# --- steel 钢铁 --------------------------------------------------------------------------------------------------


def steel_process(inputs: Sequence[Stream]) -> Term:
    """CO2 of fluxes, electrodes and bought carbon-bearing materials, tCO2: ``E = Σ M · EF`` (NDRC 2013; ETS).

    ``inputs``: mass [t] and factor [tCO2/t], for instance limestone 0.440, dolomite 0.471, electrodes 3.663.
    """
    return _weighted(inputs, message("熔剂、电极和外购含碳原料排放"), CO2)


def steel_products(products: Sequence[Stream]) -> Term:
    """CO2 held in sold products, tCO2, to be subtracted: ``R = Σ M · EF`` (pig iron 0.172; crude steel by edition)."""
    return _weighted(products, message("固碳产品隐含的排放"), CO2)


# --- flat glass 平板玻璃 -----------------------------------------------------------------------------------------


def carbon_powder(mass: Term, carbon: Term) -> Term:
    """CO2 of the carbon powder in glass batch (碳粉氧化), tCO2: ``E = M · C · 44/12`` (GB/T 32151.7).

    ``mass`` [t]; ``carbon`` [tC/t], default 1.00. One tonne gives 3.667 tCO2.
    """
    return (mass * carbon * CO2_OF_CARBON).to(CO2).named(Name("碳粉氧化排放", "Oxidation of carbon powder"))


# --- primary aluminium 铝冶炼 ------------------------------------------------------------------------------------


def net_anode(gross: Term, butt_rate: Term) -> Term:
    """Net anode consumption [t]: gross consumption [t] · (1 − share of butts) (阳极净耗)."""
    return (gross * (ONE - share(butt_rate))).to("t").named(Name("炭阳极净耗", "Net anode consumption"))


def aluminium_anode(net: Term, sulfur: Term, ash: Term) -> Term:
    """CO2 of anodes (炭阳极消耗), tCO2: ``E = NetAnode · (1 − S − A) · 44/12`` (CETS-AG-04.01-V01-2024).

    ``net`` [t]; ``sulfur`` S and ``ash`` A [1], defaults 0.02 and 0.004. One tonne of net anode: 3.5787 tCO2.
    """
    carbon = share(ONE - share(sulfur) - share(ash)) * constant(message("含碳质量"), 1.0, "tC/t")
    return (net * carbon * CO2_OF_CARBON).to(CO2).named(Name("炭阳极消耗排放", "Anode consumption"))


def aluminium_pfc(production: Term, factor: Term) -> Term:
    """CF4 or C2F6 of anode effects (阳极效应), t of gas: ``P · EF`` with EF [kg/t] (0.034 and 0.0034)."""
    return (production * factor).to("t")


def aluminium_pfc_slope(production: Term, minutes: Term, slope: Term) -> Term:
    """CF4 by the slope method (斜率法), t of CF4: ``P · slope · AEM``.

    ``production`` [t Al]; ``minutes`` AEM anode-effect minutes per cell-day [min/d, given as a number in 1]; ``slope``
    [kg/t], 0.143. C2F6 is a tenth of it by default.
    """
    return (production * slope * minutes.to("1")).to("t").named(Name("阳极效应CF4", "CF4 of anode effects"))


# --- magnesium 镁冶炼 --------------------------------------------------------------------------------------------


def magnesium_ferrosilicon(mass: Term, factor: Term) -> Term:
    """CO2 of ferrosilicon made in the enterprise (自产硅铁), tCO2: ``E = Q · 2.79`` (NDRC 2013)."""
    return (mass * factor).to(CO2).named(Name("自产硅铁排放", "Own ferrosilicon"))


# --- chemicals 化工 ----------------------------------------------------------------------------------------------


def carbon_balance(inputs: Sequence[Stream], products: Sequence[Stream], wastes: Sequence[Stream] = ()) -> Term:
    """CO2 by carbon balance (碳质量平衡), tCO2: ``E = (Σ in·C − Σ product·C − Σ waste·C) · 44/12``.

    Each stream: mass [t or 10^4 Nm3] and carbon content [tC per it]. NDRC 2013 (chemicals) and others.
    Raises ImpossibleBalance where more carbon goes out than in.
    """
    entering = _weighted(inputs, message("原料含碳量"), "tC")
    leaving = _weighted([*products, *wastes], message("产品和废物含碳量"), "tC")
    balance = positive_balance(
        entering - leaving, Name("原料用途的碳排放量（以碳计）", "Carbon lost from raw materials")
    )
    return (balance * CO2_OF_CARBON).to(CO2).named(Name("化石原料过程排放", "Process use of fossil raw materials"))


def acid_n2o(production: Term, factor: Term, removal: Term, use: Term) -> Term:
    """N2O of nitric or adipic acid, t N2O: ``E = P · EF · (1 − η · μ)`` (NDRC 2013, chemicals).

    ``production`` [t]; ``factor`` [t N2O/t]; ``removal`` η of the tail-gas unit and ``use`` μ its use rate [1].
    1000 t of nitric acid, high pressure (0.0139), NSCR 0.85 in use all the time: 2.085 t N2O.
    """
    return (production * factor * (ONE - share(removal) * share(use))).to("t").named(Name("N2O排放", "N2O emissions"))


# --- fluorochemicals 氟化工 --------------------------------------------------------------------------------------


def hcfc22_hfc23(production: Term, factor: Term, recovered: Term, destroyed: Term) -> Term:
    """HFC-23 of HCFC-22 making, t HFC-23: ``P · EF − recovered − destroyed`` (NDRC 2015), EF 0.015.

    Raises ImpossibleBalance where more is recovered and destroyed than made.
    """
    made = (production * factor).to("t")
    return positive_balance(made - recovered.to("t") - destroyed.to("t"), Name("HFC-23排放", "HFC-23 emissions"))


def hfc23_destruction(destroyed: Term) -> Term:
    """CO2 of burnt HFC-23, tCO2: ``destroyed · 44/70``."""
    ratio = constant(message("44/70，HFC-23折二氧化碳"), 44 / 70, "tCO2/t")
    return (destroyed * ratio).to(CO2).named(Name("HFC-23销毁排放", "Destruction of HFC-23"))


# --- petrochemical 石油化工 --------------------------------------------------------------------------------------


def fcc_coke_burn(coke: Term, carbon: Term, oxidation: Term) -> Term:
    """CO2 of coke burnt off catalyst (催化裂化烧焦), tCO2: ``E = M · C · OF · 44/12``; C 1.00 tC/t, OF 0.98."""
    return (coke * carbon * share(oxidation) * CO2_OF_CARBON).to(CO2).named(Name("催化裂化烧焦排放", "FCC coke burn"))


def reformer_regeneration(catalyst: Term, before: Term, after: Term, oxidation: Term) -> Term:
    """CO2 of reformer catalyst regeneration (催化重整再生), tCO2.

    ``E = M · (1−C1) · (C1/(1−C1) − C2/(1−C2)) · OF · 44/12``; ``catalyst`` M [t] to be regenerated, ``before`` C1 and
    ``after`` C2 its carbon shares. 100 t, 5 % to 0.1 %: 17.59 tCO2 at OF 0.98.
    """
    first, second = share(before), share(after)
    burnt = (ONE - first) * (first / (ONE - first) - second / (ONE - second))
    carbon = positive_balance(burnt, message("再生烧去的碳")) * constant(message("含碳质量"), 1.0, "tC/t")
    term = catalyst * carbon * share(oxidation) * CO2_OF_CARBON
    return term.to(CO2).named(Name("催化重整再生排放", "Reformer regeneration"))


def carbon_loss(inputs: Sequence[Stream], outputs: Sequence[Stream], oxidation: Term = ONE) -> Term:
    """CO2 of units balanced by carbon (制氢、石油焦煅烧等), tCO2: ``E = (Σ in·C − Σ out·C) · OF · 44/12``.

    Hydrogen plant: feed − synthesis gas − residue. Calcining: green coke − (product + dust). Raises ImpossibleBalance.
    """
    entering = _weighted(inputs, message("进入装置的碳"), "tC")
    leaving = _weighted(outputs, message("离开装置的碳"), "tC")
    balance = positive_balance(entering - leaving, message("装置损失的碳"))
    return (balance * share(oxidation) * CO2_OF_CARBON).to(CO2)


def ethylene_oxide(ethylene: Term, ethylene_carbon: Term, oxide: Term, oxide_carbon: Term) -> Term:
    """CO2 of ethylene oxide making (环氧乙烷), tCO2: ``E = (M_ethylene·0.85 − P_EO·0.545) · 44/12``.

    Raises ImpossibleBalance.
    """
    term = carbon_loss([Stream(ethylene, ethylene_carbon)], [Stream(oxide, oxide_carbon)])
    return term.named(Name("环氧乙烷装置排放", "Ethylene oxide unit"))


def cracker_decoking(flow: Term, hours: Term, co2: Term, co: Term, density: Term) -> Term:
    """CO2 of cracker decoking (乙烯裂解炉烧焦), tCO2: ``E = Q · h · (CO2% + CO%) · 19.7 · 10⁻⁴``.

    ``flow`` Q of the gas [Nm3/h]; ``hours`` [h]; ``co2``, ``co`` volume shares; ``density`` 19.7 t CO2 per 10^4 Nm3.
    """
    term = flow * hours * share(share(co2) + share(co)) * density * CO2_OF_MASS
    return term.to(CO2).named(Name("裂解炉烧焦排放", "Cracker decoking"))


def gas_carbon(components: Sequence[tuple[Term, int]]) -> Term:
    """Carbon content of a gas, tC/10^4 Nm3: ``Σ 12 · n · V / 22.4 · 10`` over volume shares V and carbon atoms n.

    Pure methane: 5.357 tC/10^4 Nm3.
    """
    parts = [
        share(volume) * constant(message("每分子碳原子数与摩尔体积"), 12 * atoms / 22.4 * 10, "tC/10^4 Nm3")
        for volume, atoms in components
    ]
    return total(parts, label=message("气体含碳量"), unit="tC/10^4 Nm3")


def flare(volume: Term, carbon: Term, oxidation: Term, co2: Term, density: Term) -> Term:
    """CO2 of a flare in normal running (火炬，正常工况), tCO2: ``E = Q · (CC_nonCO2·OF·44/12 + V_CO2·19.7)``.

    ``volume`` Q [10^4 Nm3]; ``carbon`` of the components other than CO2 [tC/10^4 Nm3]; ``oxidation`` 0.98; ``co2``
    volume share; ``density`` 19.7 t/10^4 Nm3.
    """
    burnt = (volume * carbon * share(oxidation) * CO2_OF_CARBON).to(CO2)
    passed = (volume * share(co2) * density * CO2_OF_MASS).to(CO2)
    return total([burnt, passed], label=Name("火炬燃烧排放", "Flare"), unit=CO2)


def flare_accident(flow: Term, hours: Term, atoms: Term, oxidation: Term) -> Term:
    """CO2 of a flare in an accident (火炬，事故), tCO2: ``E = GF · T · CN · OF · 44/22.4 · 10``.

    ``flow`` GF [10^4 Nm3/h]; ``hours`` T; ``atoms`` CN mean carbon atoms per molecule [1]; ``oxidation`` 0.98.
    """
    volume = constant(message("44/22.4×10"), 44 / 22.4 * 10, "tCO2/10^4 Nm3")
    term = flow * hours * atoms.to("1") * share(oxidation) * volume
    return term.to(CO2).named(Name("火炬事故排放", "Flare, accident"))


def asphalt_oxidation(production: Term, factor: Term) -> Term:
    """CO2 of blown asphalt (氧化沥青), tCO2: ``E = P · EF``."""
    return (production * factor).to(CO2).named(Name("氧化沥青排放", "Asphalt oxidation"))


# --- non-ferrous metals 有色 -------------------------------------------------------------------------------------


def reductant(amount: Term, factor: Term) -> Term:
    """CO2 of a reductant (能源作为还原剂), tCO2: ``E = AD · EF``; coke 2.862, anthracite 1.924 tCO2/t (NDRC 2015)."""
    return (amount * factor).to(CO2).named(Name("还原剂排放", "Reductants"))


def oxalic_acid(mass: Term, purity: Term, factor: Term) -> Term:
    """CO2 of calcined oxalates (草酸), tCO2: ``E = M · w · 0.349``; purity 0.996 by default."""
    return (mass * share(purity) * factor).to(CO2).named(Name("草酸分解排放", "Oxalic acid"))


# --- waste water, food -------------------------------------------------------------------------------------------


def wastewater_methane(
    volume: Term, cod_in: Term, cod_out: Term, sludge_cod: Term, yield_: Term, correction: Term, recovered: Term
) -> Term:
    """CH4 of anaerobic waste-water treatment (废水厌氧处理), t CH4: ``[W·(COD_in − COD_out) − S]·Bo·MCF − R``.

    ``volume`` W [m3]; ``cod_in``, ``cod_out`` [mg/L or kg/m3]; ``sludge_cod`` S [kg COD]; ``yield_`` Bo
    [kgCH4/kgCOD], 0.25; ``correction`` MCF [1]; ``recovered`` R [t CH4]. NDRC 2015 (paper, food, other).
    Raises ImpossibleBalance where the COD or the methane becomes negative.
    """
    removed = positive_balance((volume * (cod_in - cod_out)).to("t"), message("去除的COD"))
    degraded = positive_balance(removed - sludge_cod.to("t"), message("扣除污泥后的COD"))
    made = (degraded * yield_ * share(correction)).to("t")
    return positive_balance(made - recovered.to("t"), Name("废水处理CH4排放", "CH4 of wastewater treatment"))


def waste_incineration(mass: Term, carbon: Term, fossil: Term, oxidation: Term) -> Term:
    """Fossil CO2 of burnt waste (废物焚烧), tCO2: ``E = M · C · FCF · EF · 44/12``.

    ``mass`` [t]; ``carbon`` C [tC/t]; ``fossil`` FCF share of fossil carbon; ``oxidation`` EF burning efficiency [1].
    """
    term = mass * carbon * share(fossil) * share(oxidation) * CO2_OF_CARBON
    return term.to(CO2).named(Name("入炉废物燃烧排放", "Burnt waste"))


def food_co2_loss(bought: Term, loss: Term) -> Term:
    """CO2 of bought industrial CO2 that escapes (外购工业生产的CO2损耗), tCO2: ``E = M · loss``, 0.50 by default."""
    return (bought * share(loss) * CO2_OF_MASS).to(CO2).named(Name("外购二氧化碳损耗", "Loss of bought CO2"))


# --- electronics 电子 --------------------------------------------------------------------------------------------


def electronics_gas(used: Term, heel: Term, utilisation: Term, collected: Term, removed: Term) -> Term:
    """Emission of an etching or CVD gas (刻蚀与气相沉积), t of gas: ``(1−h)·FC·(1−U)·(1−a·d)`` (NDRC 2015).

    ``used`` FC [t]; ``heel`` h left in the cylinder, 0.10; ``utilisation`` U; ``collected`` a; ``removed`` d [1].
    1 t of NF3 with U 0.8, a 0.9, d 0.95: 0.0261 t.
    """
    entered = used * (ONE - share(heel))
    term = entered * (ONE - share(utilisation)) * (ONE - share(collected) * share(removed))
    return term.to("t").named(Name("刻蚀与沉积气体排放", "Etching and CVD gases"))


def electronics_byproduct(used: Term, heel: Term, factor: Term, collected: Term, removed: Term) -> Term:
    """Emission of a by-product of a process gas, t of by-product: ``(1−h)·FC·B·(1−a·d)``; ``factor`` B [t/t]."""
    term = used * (ONE - share(heel)) * factor * (ONE - share(collected) * share(removed))
    return term.to("t").named(Name("刻蚀与沉积副产物排放", "By-products of etching and CVD"))


# --- refrigerants, insulating gas, welding 机械 ------------------------------------------------------------------


def gas_balance(opening: Term, closing: Term, bought: Term, sold: Term) -> Term:
    """Emission of a refrigerant or SF6 by stock balance (存量平衡), t of gas: ``opening − closing + bought − sold``.

    NDRC 2015 (machinery). A public program writes closing − opening, which would turn the loss into a gain.
    Raises ImpossibleBalance.
    """
    term = opening.to("t") - closing.to("t") + bought.to("t") - sold.to("t")
    return positive_balance(term, Name("制冷剂或绝缘气体泄漏", "Leak of refrigerant or insulating gas"))


def filling_leak(fillings: Term, molar_mass: Term, per_filling: Term) -> Term:
    """Leak at the connections when filling (充注连接泄漏), t of gas: ``n · 0.342 mol · M``; ``molar_mass`` [g/mol]."""
    return (fillings.to("1") * per_filling * molar_mass).to("t").named(Name("充注连接泄漏", "Filling leaks"))


def retired_equipment_sf6(capacity: Sequence[Term], recovered: Sequence[Term]) -> Term:
    """SF6 of repaired and retired equipment (设备修理与退役), t: ``Σ (capacity − recovered)``.

    Raises ImpossibleBalance.
    """
    term = total([one.to("t") for one in capacity], unit="t")
    if recovered:
        term = term - total([one.to("t") for one in recovered], unit="t")
    return positive_balance(term, Name("SF6设备排放", "SF6 of equipment"))


# Molar masses of shielding-gas components, g/mol.
_SHIELDING_GASES: Mapping[str, float] = {"CO2": 44.0, "Ar": 40.0, "O2": 32.0, "He": 4.0, "N2": 28.0, "H2": 2.0}


def welding_gas(mass: Term, volume_shares: Mapping[str, Term]) -> Term:
    """CO2 of shielding gas (二氧化碳气体保护焊), tCO2: ``E = W · P_CO2·44 / Σ P_k·M_k``.

    ``mass`` W of the mixed gas [t]; ``volume_shares`` P_k by component (CO2, Ar, O2, He, N2, H2). 20 % CO2 in argon:
    0.2157 tCO2/t. Raises NotAShare for shares outside 0 to 1 and KeyError for another component.
    """
    weights = {
        name: share(volume) * constant(message("摩尔质量 {gas}", gas=name), _SHIELDING_GASES[name], "g/mol")
        for name, volume in volume_shares.items()
    }
    part = weights["CO2"] / total(list(weights.values()))
    return (mass * part * CO2_OF_MASS).to(CO2).named(Name("保护焊排放", "Gas-shielded welding"))


# --- end-of-pipe reagents ----------------------------------------------------------------------------------------


def urea_denitration(solution: Term, concentration: Term) -> Term:
    """CO2 of urea for denitration (尿素脱硝), tCO2: ``E = M · 12/60 · P · 44/12``; ``concentration`` P by mass.

    One tonne of pure urea gives 0.7333 tCO2.
    """
    carbon = constant(message("12/60，尿素含碳量"), 12 / 60, "tC/t")
    term = solution * share(concentration) * carbon * CO2_OF_CARBON
    return term.to(CO2).named(Name("尿素脱硝排放", "Urea denitration"))


def limestone_desulfurisation(limestone: Term, purity: Term, factor: Term) -> Term:
    """CO2 of limestone for desulfurisation (石灰石脱硫), tCO2: ``E = M · w · 0.44``."""
    return (limestone * share(purity) * factor).to(CO2).named(Name("石灰石脱硫排放", "Limestone desulfurisation"))


def desulfurised_so2(so2: Term) -> Term:
    """CO2 set free by absorbing SO2 with limestone, tCO2: ``44/64`` = 0.6875 tCO2 per t of SO2 (stoichiometry)."""
    ratio = constant(message("44/64，每吨二氧化硫"), 44 / 64, "tCO2/t")
    return (so2 * ratio).to(CO2).named(Name("脱硫伴生二氧化碳", "CO2 of desulfurisation"))

"""The chemistry of the waste-water works (废水站的化学): doses, acid and alkali, precipitants, carbon, sludge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qingyuan import units
from qingyuan.checks.finding import Finding, Gravity, Number, What, listed, shown, times
from qingyuan.checks.knowledge import Strength, carbon_sources, kilograms, strengths, threshold
from qingyuan.checks.plant import Plant, called, look
from qingyuan.errors import Location
from qingyuan.facts.model import SITE, UNDATED, Case, State
from qingyuan.figures.ledger import Ledger
from qingyuan.language import Message, message
from qingyuan.reference.chemistry import molar_mass
from qingyuan.reference.items import catalogue
from qingyuan.reference.processes import plant_ratios

# Metals that are precipitated as hydroxide or sulphide: pollutant, element.
METALS = {
    "copper": "Cu",
    "nickel": "Ni",
    "zinc": "Zn",
    "chromium": "Cr",
    "cadmium": "Cd",
    "lead": "Pb",
    "silver": "Ag",
    "tin": "Sn",
    "cobalt": "Co",
    "manganese": "Mn",
}
SLUDGES = (
    "sludge",
    "copper-sludge",
    "electroplating-sludge",
    "nickel-sludge",
    "chromium-sludge",
    "zinc-sludge",
    "chemical-sludge",
    "calcium-fluoride-sludge",
    "pickling-sludge",
    "dyeing-sludge",
    "paper-sludge",
    "excess-sludge",
)


@dataclass(frozen=True, slots=True)
class Mass:
    """What was used of a substance in a year (用量), kg as sold, at least and at most, and its rows."""

    item: str
    low: float
    high: float
    rows: tuple[Location, ...]


def used_mass(plant: Plant, item: str, year: str, place: str = SITE) -> Mass | None:
    """The mass used of an item at a place in a year; litres by the densities of the conversion table."""
    number = plant.used(item, year) if place == SITE else plant.amount(item, "consumed", year, place=place)
    if number is None or number.value <= 0:
        return None
    if units.dimension(number.unit) == "mass":
        mass = number.value * units.factor(number.unit, "kg")
        return Mass(item, mass, mass, number.rows)
    for unit in ("L", "m2"):
        if units.dimension(number.unit) == units.dimension(unit):
            found = kilograms(item, number.value * units.factor(number.unit, unit), unit)
            if found is not None:
                return Mass(item, found[0], found[1], number.rows)
    return None


def works_place(plant: Plant) -> str | None:
    """The place of the waste-water works, where reagents are stated for it; None where there is none."""
    named = [place for place in plant.ledger.places if any(word in place.name for word in ("废水", "污水"))]
    kinds = [place for place in plant.ledger.places if place.kind == "treatment"]
    return next((place.name for place in (*named, *kinds)), None)


def _reagents(plant: Plant, year: str) -> Mapping[str, Mass]:
    """What the works dosed in a year, by item."""
    place = works_place(plant)
    found: dict[str, Mass] = {}
    if place is None:
        return found
    for one in plant.series:
        if one.kind == "material" and one.place == place and one.role == "consumed" and year in one.amounts:
            mass = used_mass(plant, one.item, year, place)
            if mass is not None:
                found[one.item] = mass
    return found


def _year(plant: Plant) -> str | None:
    """The latest year with waste water and reagents of the works."""
    return next((year for year in reversed(plant.years) if year in plant.waste_water and _reagents(plant, year)), None)


def _dosed(plant: Plant, mass: Mass, year: str) -> Number:
    return Number(plant.name(mass.item), mass.high, "kg", mass.rows, year)


_DOSES = (
    ("coagulant-dose", ("PAC", "ferric-sulfate", "ferric-chloride", "aluminium-sulfate", "flocculant")),
    ("pam-dose", ("PAM",)),
    ("alkali-dose", ("lime", "slaked-lime", "sodium-hydroxide")),
)


def reagent_doses(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Reagents for each cubic metre of waste water outside any usual dose."""
    plant = look(case, ledger)
    year = _year(plant)
    if year is None:
        return
    water = plant.waste_water[year]
    reagents = _reagents(plant, year)
    for ratio, items in _DOSES:
        band = plant_ratios()[ratio]
        masses = [reagents[item] for item in items if item in reagents]
        if not masses:
            continue
        dose = sum(mass.high for mass in masses) / water.value
        if band.low <= dose <= band.high:
            continue
        bound = band.high if dose > band.high else band.low
        yield Finding(
            rule="reagent-dose",
            severity=Gravity.MINOR if dose > band.high else Gravity.QUESTION,
            message=message(
                "{year} 年废水站每立方米废水投加{items} {dose} kg，通常 {low}～{high} kg",
                year=year,
                items=listed(plant.name(mass.item) for mass in masses),
                dose=shown(dose),
                low=shown(band.low),
                high=shown(band.high),
            ),
            numbers=(
                *(_dosed(plant, mass, year) for mass in masses),
                water,
                Number(message("通常剂量的界限"), bound, "kg/m3", (), "", True),
            ),
            settle=message("加药台账与药剂采购发票；废水量是否漏计；药剂浓度（固体或稀释液）"),
            size=times(dose, bound),
            concerns=tuple(mass.item for mass in masses),
        )


@dataclass(frozen=True, slots=True)
class Equivalents:
    """Acid or alkali in equivalents (当量), keq, at least and at most, with the amounts behind it."""

    low: float
    high: float
    masses: tuple[Mass, ...]


def _equivalents(plant: Plant, masses: Iterable[Mass], *, acid: bool) -> Equivalents:
    low = high = 0.0
    used: list[Mass] = []
    for mass in masses:
        strength = strengths().get(mass.item)
        if strength is None or strength.acid != acid:
            continue
        per_kg = strength.equivalents / molar_mass(catalogue().get(mass.item).formula)
        first, last = purity(plant, mass.item, strength)
        low += mass.low * first * per_kg
        high += mass.high * last * per_kg
        used.append(mass)
    return Equivalents(low, high, tuple(used))


def purity(plant: Plant, item: str, strength: Strength) -> tuple[float, float]:
    """The purity of an acid or alkali: as the label or a fact says (98%硫酸, 片碱), else the range of the table."""
    for fact in plant.case.facts:
        if fact.item == item:
            if fact.role == "purity" and fact.value and fact.unit == "%":
                return fact.value / 100, fact.value / 100
            if "片碱" in fact.label or "固碱" in fact.label:
                return 0.95, 0.99
            if "浓硫酸" in fact.label or "98%" in fact.label:
                return 0.93, 0.98
    return strength.purity_low, strength.purity_high


def acid_and_alkali(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Alkali far beyond all acid of the plant although the effluent is neutral; acid and alkali dosed against each
    other at one place."""
    plant = look(case, ledger)
    year = _year(plant)
    if year is None:
        return
    water = plant.waste_water[year]
    masses = [mass for item in plant.inputs if (mass := used_mass(plant, item, year)) is not None]
    acids, alkalis = _equivalents(plant, masses, acid=True), _equivalents(plant, masses, acid=False)
    unknown = any(item in plant.inputs for item in ("etchant", "microetchant", "neutraliser", "acid-degreaser"))
    excess = (alkalis.low - acids.high) / water.value * 1000  # eq/m3
    ratio = alkalis.low / acids.high if acids.high else float("inf")
    if (
        excess > threshold("acid-and-alkali", "excess")
        and ratio > threshold("acid-and-alkali", "ratio")
        and acids.masses
    ):
        ph = _effluent_ph(plant)
        yield Finding(
            rule="acid-and-alkali",
            severity=Gravity.QUESTION if unknown else Gravity.SERIOUS,
            message=message(
                "{year} 年投加的碱（{alkalis}）至少 {base} keq，全厂购入的酸和水解性盐（{acids}）最多 {acid} keq；"
                "多出的碱合每立方米废水 {excess} eq，出水应呈强碱性{ph}",
                year=year,
                alkalis=listed(plant.name(mass.item) for mass in alkalis.masses),
                base=shown(alkalis.low),
                acids=listed(plant.name(mass.item) for mass in acids.masses),
                acid=shown(acids.high),
                excess=shown(excess, 3),
                ph=message("，监测的 pH 却是 {ph}", ph=shown(ph.value, 3)) if ph else "",
            ),
            numbers=(
                Number(message("碱"), alkalis.low, "keq", _rows(alkalis.masses), year, True),
                Number(message("酸"), acids.high, "keq", _rows(acids.masses), year, True),
                *((ph,) if ph else ()),
            ),
            settle=message("加药台账、药剂的采购发票与浓度；是否还有未列出的酸（蚀刻液、废酸）进入废水站"),
            size=ratio,
            concerns=tuple(mass.item for mass in (*alkalis.masses, *acids.masses)),
        )
    reagents = _reagents(plant, year)
    own_acid = _equivalents(plant, [m for m in reagents.values() if m.item in _PLAIN_ACIDS], acid=True)
    own_alkali = _equivalents(plant, reagents.values(), acid=False)
    against = min(own_acid.low, own_alkali.low) / water.value * 1000
    if against > threshold("acid-and-alkali", "against"):
        elsewhere = sum(mass.high for mass in masses if mass.item in _PLAIN_ACIDS) - sum(
            m.high for m in own_acid.masses
        )
        yield Finding(
            rule="acid-and-alkali",
            severity=Gravity.MINOR,
            message=message(
                "{year} 年废水站同时大量投加酸（{acids}，"
                "每立方米废水 {acid} kg）和碱（{alkalis}，{base} kg），彼此中和；"
                "废水站用酸 {own} kg，生产用酸 {other} kg",
                year=year,
                acids=listed(plant.name(mass.item) for mass in own_acid.masses),
                acid=shown(sum(m.high for m in own_acid.masses) / water.value, 3),
                alkalis=listed(plant.name(mass.item) for mass in own_alkali.masses),
                base=shown(sum(m.high for m in own_alkali.masses) / water.value, 3),
                own=shown(sum(m.high for m in own_acid.masses), 8),
                other=shown(max(elsewhere, 0.0), 8),
            ),
            numbers=(
                *(_dosed(plant, mass, year) for mass in own_acid.masses),
                *(_dosed(plant, mass, year) for mass in own_alkali.masses),
                water,
            ),
            settle=message("各股废水的酸碱度与加药点；加药台账；药剂浓度"),
            size=against / threshold("acid-and-alkali", "against"),
            concerns=tuple(mass.item for mass in (*own_acid.masses, *own_alkali.masses)),
        )


_PLAIN_ACIDS = ("sulfuric-acid", "hydrochloric-acid", "nitric-acid", "phosphoric-acid")


def _rows(masses: Iterable[Mass]) -> tuple[Location, ...]:
    return tuple(row for mass in masses for row in mass.rows)


def _effluent_ph(plant: Plant) -> Number | None:
    results = [
        one for one in plant.monitored.get("pH", ()) if one.concentration is not None and one.state is State.VALUE
    ]
    if not results:
        return None
    top = max(results, key=lambda one: one.concentration or 0.0)
    return Number("pH", top.concentration or 0.0, "", (top.where,), top.date)


def metal_load(plant: Plant, year: str) -> tuple[float, tuple[Number, ...]]:
    """Metals in the raw waste water of a year, kmol, from concentrations before treatment; with the concentrations."""
    water = plant.waste_water[year]
    moles = 0.0
    numbers: list[Number] = []
    for pollutant, element in METALS.items():
        number = raw_concentration(plant, pollutant, year)
        if number is not None:
            moles += number.value * water.value / 1000 / molar_mass(element)  # g/m3 · m3 / 1000 = kg; kg / (kg/kmol)
            numbers.append(number)
    return moles, tuple(numbers)


def raw_concentration(plant: Plant, pollutant: str, year: str) -> Number | None:
    """The concentration of a pollutant in the waste water before treatment, mg/L, as stated or monitored."""
    for fact in plant.case.facts:
        if fact.item != pollutant or fact.role != "generated-concentration" or not fact.value:
            continue
        unit = units.canonical(fact.unit)
        if fact.period in (year, UNDATED) and units.dimension(unit) == units.dimension("mg/L"):
            value = fact.value * units.factor(unit, "mg/L")
            return Number(called(pollutant, fact.label), value, "mg/L", (fact.where,), year)
    for series in plant.results:
        if series.pollutant == pollutant and series.before and series.medium == "water":
            found = [one for one in series.results if one.concentration is not None and one.state is State.VALUE]
            if found:
                mean = sum(one.concentration or 0.0 for one in found) / len(found)
                rows = tuple(one.where for one in found)
                return Number(
                    message("处理前{pollutant}", pollutant=plant.name(pollutant)), mean, "mg/L", rows, year, True
                )
    return None


# Precipitants: item, formula that counts, its moles in the catalogue's formula, threshold of the rule.
_PRECIPITANTS = (
    ("sodium-sulfide", "Na2S", "sulfide"),
    ("ferrous-sulfate", "FeSO4·7H2O", "ferrous"),
    ("ferric-chloride", "FeCl3", "ferrous"),
)


def precipitant_and_metal(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Sulphide or iron dosed far beyond the metals that it is to precipitate."""
    plant = look(case, ledger)
    year = _year(plant)
    if year is None:
        return
    moles, concentrations = metal_load(plant, year)
    if moles <= 0:
        return
    reagents = _reagents(plant, year)
    for item, formula, limit in _PRECIPITANTS:
        if item not in reagents:
            continue
        low = strengths()[item].purity_low
        dosed = reagents[item].low * low / molar_mass(formula)
        ratio = dosed / moles
        if ratio <= threshold("precipitant-and-metal", limit):
            continue
        metals = listed(message("{name} {value} mg/L", name=n.what, value=shown(n.value)) for n in concentrations)
        yield Finding(
            rule="precipitant-and-metal",
            severity=Gravity.MINOR
            if ratio >= threshold("precipitant-and-metal", "minor") * threshold("precipitant-and-metal", limit)
            else Gravity.QUESTION,
            message=message(
                "{year} 年废水站投加{item} {mass} kg，至少合 {dosed} kmol，"
                "而废水中金属只有 {moles} kmol（{metals}）：为 {ratio} 倍",
                year=year,
                item=plant.name(item),
                mass=shown(reagents[item].high, 8),
                dosed=shown(dosed, 3),
                moles=shown(moles, 3),
                ratio=shown(ratio, 3),
                metals=metals,
            ),
            numbers=(_dosed(plant, reagents[item], year), *concentrations, plant.waste_water[year]),
            settle=message("加药台账与采购发票；废水处理前金属浓度的监测报告"),
            size=ratio,
            concerns=(item, *(pollutant for pollutant in METALS if raw_concentration(plant, pollutant, year))),
        )


def carbon_source(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """A carbon source dosed beyond the organic load that the waste water has, or beyond any nitrogen to remove."""
    plant = look(case, ledger)
    year = _year(plant)
    if year is None:
        return
    water = plant.waste_water[year]
    for item, mass in _reagents(plant, year).items():
        source = carbon_sources().get(item)
        if source is None:
            continue
        cod = mass.low * source.purity_low * source.cod_per_kg
        per_m3 = cod / water.value * 1000  # mg/L
        raw = raw_concentration(plant, "COD", year)
        nitrogen, rows = _nitrogen(plant, year)
        reasons: list[Message] = []
        size = 1.0
        if raw is not None and per_m3 > raw.value:
            reasons.append(message("高于废水自身的产生浓度 {raw} mg/L", raw=shown(raw.value)))
            size = per_m3 / raw.value
        ratio = cod / nitrogen if nitrogen else None
        if ratio is not None and ratio > threshold("carbon-source", "cod-per-nitrogen"):
            reasons.append(
                message(
                    "为购入物料含氮量（最多 {n} kg）的 {ratio} 倍，脱氮一般不超过 {most} 倍",
                    n=shown(nitrogen, 3),
                    ratio=shown(ratio, 3),
                    most=shown(threshold("carbon-source", "cod-per-nitrogen")),
                )
            )
            size = max(size, ratio / threshold("carbon-source", "cod-per-nitrogen"))
        if not reasons:
            continue
        yield Finding(
            rule="carbon-source",
            severity=Gravity.QUESTION if raw is None else Gravity.MINOR,
            message=message(
                "{year} 年废水站投加{item} {mass} kg，合 COD {cod} mg/L：{reasons}",
                year=year,
                item=plant.name(item),
                mass=shown(mass.high, 8),
                cod=shown(per_m3),
                reasons=listed(reasons),
            ),
            numbers=(
                Number(message("投加碳源折 COD"), per_m3, "mg/L", mass.rows, year, True),
                *((raw,) if raw else ()),
                *((Number(message("购入物料含氮"), nitrogen, "kg", rows, year, True),) if nitrogen else ()),
            ),
            settle=message("加药台账与采购发票；生化段的进出水总氮和 COD；碳源是否另有用途"),
            size=size,
            concerns=(item, "COD", "total-nitrogen"),
        )


def _nitrogen(plant: Plant, year: str) -> tuple[float, tuple[Location, ...]]:
    """Nitrogen in the materials of a year, kg, at most; 0 where a mixture may hold it unseen."""
    total = 0.0
    rows: list[Location] = []
    for item in plant.inputs:
        known = catalogue()
        if item not in known or known.get(item).kind != "material":
            continue
        content = known.get(item).contents.get("N", 0.0)
        mass = used_mass(plant, item, year)
        if content and mass is not None:
            strength = strengths().get(item)
            total += mass.high * content * (strength.purity_high if strength else 1.0)
            rows += mass.rows
    return total, tuple(rows)


def sludge_amount(plant: Plant, year: str) -> Number | None:
    """Sludge of a year as handed over, t, all kinds of sludge together."""
    found = [
        n for item in SLUDGES if (n := plant.amount(item, ("generated", "transferred", "disposed"), year, unit="t"))
    ]
    if not found:
        return None
    rows = tuple(dict.fromkeys(row for number in found for row in number.rows))
    what: What = found[0].what if len(found) == 1 else message("污泥")
    return Number(what, sum(n.value for n in found), "t", rows, year, len(found) > 1)


def solids(plant: Plant, year: str) -> tuple[float, tuple[Mass, ...]]:
    """Dry solids that the reagents of the works must make at least, t: gypsum beyond its solubility, the rest of the
    lime as hydroxide, iron and aluminium hydroxide. By stoichiometry from the purities at the low end; lime that the
    plant's hydrochloric and nitric acid may have taken up stays dissolved as their calcium salt and counts nothing."""
    reagents = _reagents(plant, year)
    water = plant.waste_water[year]

    def kmol(item: str, *, low: bool = True) -> float:
        mass = reagents.get(item)
        if mass is None:
            return 0.0
        first, last = purity(plant, item, strengths()[item])
        return (mass.low * first if low else mass.high * last) / molar_mass(catalogue().get(item).formula)

    calcium = max(kmol("lime") + kmol("slaked-lime") - _soluble_calcium(plant, year), 0.0)
    sulfate = kmol("sulfuric-acid") + kmol("ferrous-sulfate")
    gypsum = min(calcium, sulfate)
    dissolved = threshold("sludge-and-reagents", "gypsum-solubility") * water.value / molar_mass("CaSO4·2H2O")
    mass = max(gypsum - dissolved, 0.0) * molar_mass("CaSO4·2H2O")
    mass += max(calcium - gypsum, 0.0) * molar_mass("Ca(OH)2") * threshold("sludge-and-reagents", "lime-left")
    mass += (kmol("ferrous-sulfate") + kmol("ferric-chloride")) * molar_mass("Fe(OH)3")
    used = tuple(
        m
        for item, m in reagents.items()
        if item in ("lime", "slaked-lime", "sulfuric-acid", "ferrous-sulfate", "ferric-chloride")
    )
    return mass / 1000, used


def _soluble_calcium(plant: Plant, year: str) -> float:
    """Calcium that the acids of the whole plant with a soluble calcium salt can hold in solution at most, kmol."""
    total = 0.0
    for item in ("hydrochloric-acid", "nitric-acid"):
        mass = used_mass(plant, item, year)
        if mass is not None:
            high = purity(plant, item, strengths()[item])[1]
            total += mass.high * high / molar_mass(catalogue().get(item).formula) / 2
    return total


def sludge_and_reagents(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Sludge against the solids that the reagents must make, and against all that could become sludge."""
    plant = look(case, ledger)
    moist = plant_ratios()["sludge-moisture"]
    dry = plant_ratios()["sludge-dry-per-m3"]
    year = _year(plant)
    if year is None:
        return
    sludge, water = sludge_amount(plant, year), plant.waste_water[year]
    if sludge is None or sludge.value <= 0:
        return
    least, used = solids(plant, year)
    reagents = _reagents(plant, year)
    moisture = 100 * (1 - least / sludge.value)
    if least > 0 and moisture < moist.low:
        yield Finding(
            rule="sludge-and-reagents",
            severity=Gravity.SERIOUS if moisture < 0 else Gravity.QUESTION,
            message=message(
                "{year} 年药剂（{items}）至少生成干固体 {solids} t，污泥只有 {sludge} t，"
                "合含水率不超过 {moisture}%，而压滤污泥一般在 {low}%～{high}%",
                year=year,
                items=listed(plant.name(m.item) for m in used),
                solids=shown(least),
                sludge=shown(sludge.value, 8),
                moisture=shown(max(moisture, 0.0), 3),
                low=shown(moist.low),
                high=shown(moist.high),
            ),
            numbers=(sludge, Number(message("药剂生成的干固体"), least, "t", _rows(used), year, True)),
            settle=message("污泥的转移联单与含水率化验；加药台账与采购发票"),
            size=times(100 - moist.low, 100 - moisture),
            concerns=("sludge", *(m.item for m in used)),
        )
    organic = dry.high * water.value / 1000
    # everything dosed, with water of crystallisation, and what the water brings
    most = 1.8 * sum(m.high for m in reagents.values()) / 1000 + organic
    wet = most / (1 - moist.high / 100)
    if sludge.value > wet:
        yield Finding(
            rule="sludge-and-reagents",
            severity=Gravity.SERIOUS,
            message=message(
                "{year} 年污泥 {sludge} t，多于药剂和废水悬浮物全部成泥时的 {wet} t（含水率 {high}%）",
                year=year,
                sludge=shown(sludge.value, 8),
                wet=shown(wet),
                high=shown(moist.high),
            ),
            numbers=(sludge, Number(message("最多可能的污泥"), wet, "t", _rows(reagents.values()), year, True), water),
            settle=message("污泥的转移联单与含水率化验；废水量、加药量是否漏计"),
            size=sludge.value / wet,
            concerns=("sludge",),
        )
    floor = dry.low * water.value / 1000
    if sludge.value < floor:
        yield Finding(
            rule="sludge-and-reagents",
            severity=Gravity.QUESTION,
            message=message(
                "{year} 年污泥 {sludge} t，按废水量 {water} m³ 最少也应有干泥 {floor} t",
                year=year,
                sludge=shown(sludge.value, 8),
                water=shown(water.value, 8),
                floor=shown(floor),
            ),
            numbers=(sludge, Number(message("最少的干泥"), floor, "t", water.rows, year, True)),
            settle=message("污泥的转移联单；污泥的去向"),
            size=times(floor, sludge.value),
            concerns=("sludge",),
        )


_METAL_SLUDGES = {
    "copper-sludge": "copper",
    "nickel-sludge": "nickel",
    "chromium-sludge": "chromium",
    "zinc-sludge": "zinc",
}


def sludge_metal(case: Case, ledger: Ledger) -> Iterable[Finding]:
    """Sludge named after a metal that the waste water hardly holds."""
    plant = look(case, ledger)
    for year in reversed(plant.years):
        if year not in plant.waste_water:
            continue
        for item, pollutant in _METAL_SLUDGES.items():
            sludge = plant.amount(item, ("generated", "transferred"), year, unit="kg")
            raw = raw_concentration(plant, pollutant, year)
            if sludge is None or raw is None or sludge.value <= 0:
                continue
            metal = raw.value * plant.waste_water[year].value / 1000  # g/m3 · m3 -> kg
            share = 100 * metal / sludge.value
            least = threshold("sludge-metal", "least")
            if share >= least:
                continue
            yield Finding(
                rule="sludge-metal",
                severity=Gravity.MINOR if share < threshold("sludge-metal", "minor") * least else Gravity.QUESTION,
                message=message(
                    "{year} 年{sludge} {mass} t，而废水里的{metal}"
                    "（{raw} mg/L × {water} m³）只有 {kg} kg，污泥含量不到 {share}%"
                    "（一般不低于 {least}%）；合每立方米废水 {each} kg 污泥",
                    year=year,
                    sludge=plant.name(item),
                    mass=shown(sludge.value / 1000, 8),
                    metal=plant.name(pollutant),
                    raw=shown(raw.value),
                    water=shown(plant.waste_water[year].value, 8),
                    kg=shown(metal),
                    share=shown(share, 2),
                    least=shown(least),
                    each=shown(sludge.value / plant.waste_water[year].value, 3),
                ),
                numbers=(
                    Number(sludge.what, sludge.value / 1000, "t", sludge.rows, year, sludge.computed),
                    Number(message("废水带入的金属"), metal, "kg", raw.rows, year, True),
                    raw,
                ),
                settle=message("污泥的金属含量化验；废水处理前浓度的监测报告；是否有高浓度废液进入废水站"),
                size=least / max(share, 1e-9),
                concerns=(item, pollutant),
            )
        return

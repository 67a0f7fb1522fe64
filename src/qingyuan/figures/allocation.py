"""What of a plant's use belongs to which product (分摊): stated use first, shared use by a named rule, never silently.

The rule is a setting of the report; the method of the figure names the rule that was used (``….direct``, ``….output``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from qingyuan import units
from qingyuan.errors import QingyuanError
from qingyuan.facts.model import SITE, UNDATED, Period
from qingyuan.figures.collect import Collector
from qingyuan.figures.derivation import Term, total
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.settings import Settings
from qingyuan.figures.standard_coal import ENERGY_BY_PRODUCTS, is_fuel, is_medium
from qingyuan.language import Message, Name, clauses, message
from qingyuan.reference.items import catalogue

Rule = Literal["direct", "single", "output", "output-value", "all-products"]

# Wastes that a plant treats: one stream counted at two points, so their amounts are never added (入厂, 入炉).
THROUGHPUT = ("received-waste", "incinerated-waste")
# The same product counted twice: all that was made, and what passed.
_STATES_OF_PRODUCT = ("qualified-product",)


@dataclass(frozen=True, slots=True)
class Share:
    """The use that belongs to a product (产品用量) by a rule, with what must be said of it."""

    product: str
    output: Term
    use: Term
    rule: Rule
    notes: tuple[Message, ...] = ()


class NotKnown(QingyuanError):
    """Something was used at a place or for a product, but how much it counts cannot be said (用量已知而无法折算).

    Raised by the function that tells the use of a place or product; its ``needs`` become those of the products.
    """

    def __init__(self, needs: Sequence[Message]) -> None:
        self.needs = tuple(needs)
        super().__init__(self.needs)

    def __str__(self) -> str:
        return str(clauses(self.needs))


@dataclass(frozen=True, slots=True)
class Lack:
    """A product whose use is not known, and what is needed."""

    product: str
    needs: tuple[Message, ...]


def output_of(ledger: Ledger, product: str, period: str) -> Term | None:
    """The amount of a product: made, or (of waste that is treated) taken in or burnt; None where it is not known."""
    return ledger.amount(
        product, ("produced", "purchased", "consumed") if product in THROUGHPUT else "produced", period
    )


def products_of(ledger: Ledger, period: str) -> tuple[str, ...]:
    """The products of a period: what was made as a product; of a plant without one the wastes that it treats; of a
    plant without these the energies that it makes to supply to others (coke of a coking works).
    """
    found = [*ledger.products(period)]
    declared = {item for place in ledger.places for item in place.products}
    if declared:
        found.extend(item for item in energy_products(ledger, period) if item in declared and item not in found)
    others = [item for item in found if item not in THROUGHPUT]
    if others:
        found = others
    else:
        treated = [item for item in THROUGHPUT if output_of(ledger, item, period) is not None]
        found = list(dict.fromkeys([*found, *treated]))
    if not found:
        found = [*energy_products(ledger, period)]
    return tuple([item for item in found if item not in _STATES_OF_PRODUCT] or found)


def energy_products(ledger: Ledger, period: str) -> tuple[str, ...]:
    """The energies that were made and supplied to others (焦炭、型煤 …), or that a place is said to make.

    By-products of the making of others are none. Electricity and heat are products only where nothing else is and most
    of them was supplied: what a works sends out beside its trade is not its product.
    """
    declared = {item for place in ledger.places for item in place.products}
    fuels: list[str] = []
    others: list[str] = []
    for item in dict.fromkeys(fact.item for fact in ledger.select(roles="produced", kind="energy", period=period)):
        if item not in catalogue() or (item in ENERGY_BY_PRODUCTS and item not in declared):
            continue
        made, sold = ledger.amount(item, "produced", period), ledger.amount(item, "sold", period)
        if made is None or made.value <= 0 or is_medium(item):
            continue
        supplied = sold is not None and units.dimension(sold.unit) == units.dimension(made.unit) and sold.value > 0
        if item in declared or (is_fuel(item) and supplied):
            fuels.append(item)
        elif supplied and sold is not None and sold.to(made.unit).value >= made.value / 2:
            others.append(item)
    return tuple(fuels or others)


def kinds_of(ledger: Ledger, period: str) -> tuple[str, ...]:
    """The products among which use is divided: those of ``products_of`` that are not the total of others."""
    products = products_of(ledger, period)
    known = catalogue()
    totals = {
        other
        for item in products
        if item in known
        for other in products
        if other != item and other in known and known.is_a(item, other)
    }
    return tuple(item for item in products if item not in totals)


def output_of_all(ledger: Ledger, period: str) -> Term | None:
    """The output of all products together where they have one dimension and are no successive streams; else None."""
    kinds = kinds_of(ledger, period)
    if len(kinds) < 2 or any(item in THROUGHPUT for item in kinds):
        return None
    terms = [term for item in kinds if (term := output_of(ledger, item, period)) is not None]
    if len(terms) < 2 or len({units.dimension(term.unit) for term in terms}) != 1:
        return None
    return total(terms, label=message("各产品产量合计"))


def without_excluded(ledger: Ledger, settings: Settings, item: str, period: str, use: Term) -> Term:
    """A use of the site less that of the places which the report leaves out (生活区): one boundary for all figures."""
    outside = [
        place
        for place in dict.fromkeys(settings.excluded_places)
        if not set(ledger.above(place)[1:]) & set(settings.excluded_places)
    ]
    terms = [term for place in outside if (term := ledger.amount(item, "consumed", period, place)) is not None]
    terms = [term for term in terms if units.dimension(term.unit) == units.dimension(use.unit)]
    if not terms:
        return use
    return (use - total(terms, label=message("不计入的场所"))).named(message("扣除不计入场所后的用量"))


def places_of(ledger: Ledger, product: str, period: str) -> tuple[str, ...]:
    """The places that make this product and no other, the largest first (只生产该产品的场所); the site is none."""
    made = _made_at(ledger, period)

    def search(place: str) -> list[str]:
        inside = set().union(*(made.get(name, set()) for name in (place, *ledger.below(place))))
        if place != SITE and inside == {product}:
            return [place]
        if product not in inside:
            return []
        found: list[str] = []
        for child in ledger.children(place):
            found.extend(search(child))
        return found

    return tuple(search(SITE))


def _made_at(ledger: Ledger, period: str) -> dict[str, set[str]]:
    kinds = set(kinds_of(ledger, period))
    span = Period.parse(period)
    made: dict[str, set[str]] = {}
    for place in ledger.places:
        if listed := kinds & set(place.products):
            made.setdefault(place.name, set()).update(listed)
    for fact in ledger.case.facts:
        if fact.role == "produced" and fact.item in kinds and fact.value and fact.period != UNDATED:
            when = Period.parse(fact.period)
            if span.contains(when) or when.contains(span):
                made.setdefault(fact.place, set()).add(fact.item)
    return made


def allot(
    ledger: Ledger,
    settings: Settings,
    period: str,
    whole: Term | None,
    at: Callable[[str, str], Term | None],
    what: Message,
) -> tuple[tuple[Share, ...], tuple[Lack, ...]]:
    """Divide a use among the products of a period by the rule of the settings.

    ``whole`` is the use of the whole site; ``at(place, product)`` gives what was stated for a place (product ``""``) or
    a product, and raises NotKnown where something was stated that it cannot count; ``what`` names the use in messages.
    A plant with one product gives it all, whatever the rule.
    """
    kinds = kinds_of(ledger, period)
    shares: list[Share] = []
    lacks: list[Lack] = []
    outputs = {item: output for item in kinds if (output := output_of(ledger, item, period)) is not None}
    if len(kinds) == 1 or any(item in THROUGHPUT for item in kinds):
        for item, output in outputs.items():
            if whole is None:
                lacks.append(Lack(item, (what,)))
            else:
                shares.append(Share(item, output, whole, "single"))
        return tuple(shares), tuple(lacks)
    stated: dict[str, Term | None] = {}
    unknown: dict[str, tuple[Message, ...]] = {}
    for item in outputs:
        try:
            stated[item] = _stated(ledger, item, period, at)
        except NotKnown as error:
            unknown[item] = error.needs
    rule = settings.allocation
    if unknown and rule in ("output", "output-value"):
        # what one product used is taken off what the others share
        all_needs = tuple(dict.fromkeys(need for needs in unknown.values() for need in needs))
        return (), tuple(Lack(item, all_needs) for item in outputs)
    lacks.extend(Lack(item, needs) for item, needs in unknown.items())
    if rule in ("output", "output-value"):
        keys, why_not = _keys(ledger, outputs, stated, period, rule)
        if keys is not None and whole is not None:
            divided = _shared_out(outputs, stated, keys, whole, rule, what)
            if isinstance(divided, Message):
                return (), tuple(Lack(item, (divided,)) for item in outputs)
            return divided, ()
        needs = why_not if keys is None else (what,)
        return (), tuple(Lack(item, needs) for item in outputs)
    known = [term for term in stated.values() if term is not None]
    for item, use in stated.items():
        output = outputs[item]
        if use is None and whole is None:
            lacks.append(Lack(item, (what,)))
        elif use is None or rule == "none":
            need = message(
                "{product}单独的{what}（按产品或只生产它的车间填报），或选定分摊方法",
                product=ledger.label(item),
                what=what,
            )
            lacks.append(Lack(item, (need,)))
        else:
            shares.append(Share(item, output, use, "direct", _left_over(whole, known, what)))
    return tuple(shares), tuple(lacks)


def _stated(ledger: Ledger, product: str, period: str, at: Callable[[str, str], Term | None]) -> Term | None:
    tagged = at(SITE, product)
    if tagged is not None:
        return tagged
    terms = [term for place in places_of(ledger, product, period) if (term := at(place, "")) is not None]
    if not terms:
        return None
    return terms[0] if len(terms) == 1 else total(terms, label=message("只生产该产品的各场所合计"))


def _keys(
    ledger: Ledger, outputs: dict[str, Term], stated: dict[str, Term | None], period: str, rule: str
) -> tuple[dict[str, Term] | None, tuple[Message, ...]]:
    """The amounts by which shared use is divided."""
    if rule == "output":
        if len({units.dimension(term.unit) for term in outputs.values()}) != 1:
            return None, (message("各产品产量单位相同，才能按产量分摊；可改按产值"),)
        return outputs, ()
    values: dict[str, Term] = {}
    for item in outputs:
        value = ledger.amount("output-value", "amount", period, product=item)
        if value is None:
            places = places_of(ledger, item, period)
            parts = [term for place in places if (term := ledger.amount("output-value", "amount", period, place))]
            value = total(parts) if parts else None
        if value is None:
            return None, (message("各产品的产值（{product}缺）", product=ledger.label(item)),)
        values[item] = value
    return values, ()


def _shared_out(
    outputs: dict[str, Term],
    stated: dict[str, Term | None],
    keys: dict[str, Term],
    whole: Term,
    rule: Literal["output", "output-value"],
    what: Message,
) -> tuple[Share, ...] | Message:
    """The shares; or what is wrong, where more was stated for single products than the whole plant used."""
    known = [term for term in stated.values() if term is not None]
    shared = whole - total(known) if known else whole
    if shared.value < -1e-9 * abs(whole.value):
        return message(
            "单独填报的各产品的{what}之和不大于全厂（现多 {value}），请核对",
            what=what,
            value=units.quantity(f"{-shared.value:.6g}", shared.unit),
        )
    shared = shared.named(message("共用部分"))
    every = total(keys.values(), label=message("分摊基数合计"))
    shares: list[Share] = []
    note = message("共用的{what} {value} 已分摊", what=what, value=_short(shared))
    for item, output in outputs.items():
        part = (shared * (keys[item] / every)).to(whole.unit)
        own = stated[item]
        shares.append(Share(item, output, part if own is None else own + part, rule, (note,)))
    return tuple(shares)


def _left_over(whole: Term | None, known: Sequence[Term], what: Message) -> tuple[Message, ...]:
    if whole is None or not known:
        return ()
    rest = whole - total(known)
    if abs(rest.value) <= 1e-9 * abs(whole.value):
        return ()
    if rest.value < 0:
        more = units.quantity(f"{-rest.value:.6g}", rest.unit)
        return (message("各产品的{what}之和比全厂多 {value}", what=what, value=more),)
    return (
        message(
            "共用的{what} {value}（{share}%）未分摊到产品",
            what=what,
            value=_short(rest),
            share=f"{100 * rest.value / whole.value:.1f}",
        ),
    )


def _short(term: Term) -> Message | str:
    return units.quantity(f"{term.value:.6g}", term.unit)


def per_product(
    collector: Collector,
    ledger: Ledger,
    settings: Settings,
    period: str,
    figure: str,
    method: str,
    whole: Term | None,
    at: Callable[[str, str], Term | None],
    what: Message,
    *,
    name: Name | None = None,
    quiet: bool = False,
) -> None:
    """A use per unit of each product, and of all together: ``method`` is the stem to which the rule is added.

    ``quiet`` leaves out what is missing for single products.
    """
    shares, lacks = allot(ledger, settings, period, whole, at, what)
    for share in shares:
        collector.ratio(
            figure, period, share.use, share.output, f"{method}.{share.rule}",
            above_needs=what, below_needs=message("产量"), product=share.product, notes=share.notes, name=name,
        )  # fmt: skip
    for lack in () if quiet else lacks:
        collector.lack(figure, period, *lack.needs, product=lack.product, name=name)
    together = output_of_all(ledger, period)
    if together is not None:
        collector.ratio(
            figure, period, whole, together, f"{method}.all-products",
            above_needs=what, below_needs=message("产量"), name=name,
        )  # fmt: skip

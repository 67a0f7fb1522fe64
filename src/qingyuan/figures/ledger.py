"""One plant's facts in canonical units, added up by item, role, place and period without double counting (台账).

The rule of ``Ledger.amount``, from the surest to the least sure way of knowing an amount:

1. facts at the place itself for exactly the period (several rows of it are parts and are added; rows that differ in how
   they are known are rival statements of one amount: the surest is used and the difference is a problem);
2. facts at the place itself for shorter periods that tile the period without gap (twelve months);
3. the sum over the places below it, or over the items that make up the item, whichever was stated nearer to the place;
4. shorter periods that do not fill the period: the number is given with what it covers, never silently as the whole.

Empty and "not applicable" are not zero. What was stated twice and disagrees stands in ``Ledger.problems``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from qingyuan import units
from qingyuan.errors import Problem
from qingyuan.facts.model import SITE, UNDATED, Basis, Case, Fact, Period, Place, State
from qingyuan.facts.naming import own_label
from qingyuan.figures import ledger_problems as wrong
from qingyuan.figures.amounts import property_term, term_of
from qingyuan.figures.derivation import Term, apply, total
from qingyuan.figures.settings import Settings
from qingyuan.figures.tiling import merged, periods, tile
from qingyuan.language import Message, Name, listing, message
from qingyuan.reference.items import Item, catalogue

# A stated total and its parts may differ by this much (relative) before it is called a contradiction: rounding of
# printed numbers. Ours, not a rule.
_ROUNDING = 1e-3
# Kinds whose facts alone do not make a year of account: the audit team of the year after, machines, land.
_NO_FLOW = frozenset({"staff", "land", "time", "equipment"})
# Properties of a fuel that are a mean of what was burnt: known by place and by month, and added up with the amounts.
_QUALITIES = frozenset({"lower-heating-value", "carbon-content", "coal-coefficient", "emission-factor", "oxidation"})
# The part of an amount whose quality may be unknown without a word. Ours, not a rule.
_UNKNOWN_PART = 0.01
# From the surest basis to the least sure, as the facts model orders them.
_SURENESS = {basis: rank for rank, basis in enumerate(Basis)}


class Ledger:
    """The facts of one case, ready to be asked for amounts (台账).

    ``case`` and ``settings`` are as given; ``settings`` default to those of the case's profile.
    """

    def __init__(self, case: Case, settings: Settings | None = None) -> None:
        self.case = case
        self.settings = Settings.from_profile(case.profile) if settings is None else settings
        self.places: tuple[Place, ...] = _all_places(case)
        self._children: dict[str, list[str]] = {}
        self._parent: dict[str, str] = {}
        for place in self.places:
            self._children.setdefault(place.parent, []).append(place.name)
            self._parent[place.name] = place.parent
        self._met: dict[tuple[object, ...], Problem] = {}
        self._dated: dict[tuple[str, str, str], dict[Period, list[Fact]]] = {}
        self._of_item: dict[str, list[Fact]] = {}
        self._of_year: dict[int, list[Fact]] = {}
        for fact in case.facts:
            self._of_item.setdefault(fact.item, []).append(fact)
            if fact.period != UNDATED:
                self._of_year.setdefault(Period.parse(fact.period).start.year, []).append(fact)
        self._rows: dict[tuple[str, str], dict[str, list[Fact]]] = {}
        for fact in case.facts:
            if not fact.to_place:
                self._rows.setdefault((fact.item, _role(fact)), {}).setdefault(fact.place, []).append(fact)
        self._add_flows()
        self._amounts: dict[tuple[str, str, str, str, str], Term | None] = {}
        self._somewhere: dict[tuple[str, str, str], bool] = {}
        self._own: dict[tuple[str, str, str, str, str], Term | None] = {}

    # --- what is there -----------------------------------------------------------------------------------------------

    @cached_property
    def years(self) -> tuple[str, ...]:
        """The years with facts of what flows through the plant or is earned, ascending: calendar years, and periods of
        twelve months that begin within one (a business year of July to June, written as the facts write it).
        """
        found: set[str] = set()
        for fact in self.case.facts:
            if fact.period == UNDATED or fact.kind in _NO_FLOW or fact.value is None:
                continue
            span = Period.parse(fact.period)
            if span.start.year == span.end.year:
                found.add(str(span.start.year))
            elif _is_a_year(span):
                found.add(str(span))
            elif any(known.id == fact.role and known.group == "flow" for known in catalogue().all_roles):
                self._meet(("crosses", fact.period), wrong.crosses_years(fact))
        return tuple(sorted(found))

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What was stated twice and disagrees, what could not be added, what was counted with a doubt."""
        for (item, role), by_place in self._rows.items():
            if _role_adds_up(role):
                for place in by_place:
                    for span in self._spans(item, role, place):
                        self.amount(item, role, str(span), place)
                        self._compare(item, role, str(span), place)
        for item in {item for item, role in self._rows if role == "purchased"}:
            for year in self.years:
                self.consumption(item, year)
        return tuple(self._met.values())

    def items(self, *, kind: str = "", role: str = "") -> tuple[str, ...]:
        """The item ids that have facts, in the order of the case; of one kind or role only where given."""
        found: dict[str, None] = {}
        for fact in self.case.facts:
            if (not kind or fact.kind == kind) and (not role or fact.role == role):
                found.setdefault(fact.item)
        return tuple(found)

    def select(
        self,
        *,
        item: str = "",
        roles: str | Sequence[str] = (),
        kind: str = "",
        period: str = "",
        place: str | None = None,
        product: str | None = None,
    ) -> Iterator[Fact]:
        """The facts that fit all that is given; a period fits what lies wholly inside it."""
        wanted = (roles,) if isinstance(roles, str) else tuple(roles)
        span = Period.parse(period) if period else None
        facts: Iterable[Fact] = self.case.facts
        if item:
            facts = self._of_item.get(item, ())
        elif span is not None and span.start.year == span.end.year:
            facts = self._of_year.get(span.start.year, ())
        for fact in facts:
            if (item and fact.item != item) or (kind and fact.kind != kind) or (wanted and fact.role not in wanted):
                continue
            if (place is not None and fact.place != place) or (product is not None and fact.product != product):
                continue
            if span is not None and (fact.period == UNDATED or not span.contains(Period.parse(fact.period))):
                continue
            yield fact

    def children(self, place: str) -> tuple[str, ...]:
        """The places directly below one."""
        return tuple(self._children.get(place, ()))

    def below(self, place: str) -> tuple[str, ...]:
        """All places below one, nearest first."""
        found: list[str] = []
        queue = list(self._children.get(place, ()))
        while queue:
            name = queue.pop(0)
            if name not in found:
                found.append(name)
                queue.extend(self._children.get(name, ()))
        return tuple(found)

    def above(self, place: str) -> tuple[str, ...]:
        """The place itself and all above it, up to the site."""
        chain = [place]
        while chain[-1] != SITE:
            parent = self._parent.get(chain[-1], SITE)
            if parent in chain:
                break
            chain.append(parent)
        return tuple(chain)

    def products(self, period: str) -> tuple[str, ...]:
        """The products with a positive amount produced in the period, in the order of the case."""
        found: dict[str, None] = {}
        for fact in self.case.facts:
            if fact.role == "produced" and fact.kind == "product" and fact.item not in found:
                amount = self.amount(fact.item, "produced", period)
                if amount is not None and amount.value > 0:
                    found.setdefault(fact.item)
        return tuple(found)

    def item(self, id: str) -> Item | None:
        """The catalogue's record of an item; None for the plant's own items."""
        known = catalogue()
        return known.get(id) if id in known else None

    def label(self, id: str) -> Name:
        """The name of an item as a reader knows it: the catalogue's, else the one that the plant uses."""
        known = self.item(id)
        if known is not None:
            return known.name
        written = own_label(id, next((fact.label for fact in self._of_item.get(id, ()) if fact.label), id))
        return Name(written, written)

    # --- amounts -----------------------------------------------------------------------------------------------------

    def amount(
        self,
        item: str,
        roles: str | Sequence[str],
        period: str,
        place: str = SITE,
        *,
        product: str = "",
        unit: str | None = None,
    ) -> Term | None:
        """The amount of an item in a role at a place over a period; None where nothing is known of it.

        Several ``roles`` are alternatives: the first that has an answer gives it. ``product`` selects what was stated
        for one product. ``unit`` converts; without it the item's canonical unit is used, or the facts' own where the
        catalogue does not know the item. Raises ``units.DimensionError`` where ``unit`` does not fit the item.
        """
        for role in (roles,) if isinstance(roles, str) else roles:
            term = self._amount(item, role, str(Period.parse(period)), place, product)
            if term is not None:
                return term if unit is None else term.to(unit)
        return None

    def consumption(self, item: str, period: str, place: str = SITE, *, unit: str | None = None) -> Term | None:
        """What was consumed of an energy or material (消费量) at a place over a period; None where it is not known.

        For the site: purchased + opening stock - closing stock - sold, where purchases are given; else what was stated
        as consumed, at the site or summed over its places. Below the site: consumed. A difference of more than
        rounding between both ways at the site is a problem. What the plant makes itself (own generation) is not in it.
        """
        consumed = self.amount(item, "consumed", period, place)
        supplied = self._supplied(item, period) if place == SITE else None
        if supplied is None:
            term = consumed
        else:
            term = supplied
            if consumed is not None and not consumed.covers and not supplied.covers:
                self._differ("supply-and-use-differ", item, period, place, supplied, consumed)
        return term if term is None or unit is None else term.to(unit)

    def _supplied(self, item: str, period: str) -> Term | None:
        purchased = self.amount(item, "purchased", period)
        if purchased is None:
            return None
        term = purchased
        opening, closing = (self.amount(item, role, period) for role in ("opening-stock", "closing-stock"))
        if opening is not None and closing is not None:
            term = (term + opening - closing).named(message("购入量加库存变化"))
        elif opening is not None or closing is not None:
            self._meet(("stock", item, period), wrong.stock_incomplete(self.label(item), period))
        sold = self.amount(item, "sold", period)
        if sold is not None:
            term = term - sold
        return term if term is purchased else term.named(message("消费量"))

    def state(self, item: str, roles: str | Sequence[str], period: str, place: str = SITE) -> State | None:
        """What the rows of a period say: a value, below detection, empty, not applicable; None for no row at all."""
        span = Period.parse(period)
        wanted = (roles,) if isinstance(roles, str) else roles
        states = [
            fact.state
            for role in wanted
            for fact in self._rows.get((item, role), {}).get(place, ())
            if fact.period == UNDATED or Period.parse(fact.period) == span
        ]
        for state in (State.VALUE, State.BELOW_DETECTION, State.EMPTY, State.NOT_APPLICABLE):
            if state in states:
                return state
        return None

    def property_of(
        self,
        item: str,
        property: str,
        period: str = "",
        place: str = SITE,
        *,
        unit: str | None = None,
        keep: Callable[[Fact], bool] | None = None,
    ) -> Term | None:
        """A property of an item (低位发热量, 密度, 浓度, 单价 …): a fact whose role is the property's name.

        Taken for the period itself, else for shorter periods inside it (mean weighted by the amounts consumed or
        purchased in them where these are known, plain mean otherwise), else for a longer period around it, else
        undated; at the place, else (of a fuel's quality) the mean of the places below it weighted by what they
        consumed, else at the places above it. Rows of one period and basis that differ give their mean and a problem;
        so does a quality that is known of a part of the period or of the amount only. ``keep`` selects facts. None
        where nothing is known. Raises ``units.DimensionError``.
        """
        span = Period.parse(period) if period else None
        for where in self.above(place):
            term = self._property_at(item, property, span, where, keep)
            if term is None and where == place and property in _QUALITIES:
                term = self._property_below(item, property, span, place, keep)
            if term is not None:
                return term if unit is None else term.to(unit)
        return None

    def _property_at(
        self, item: str, property: str, span: Period | None, place: str, keep: Callable[[Fact], bool] | None
    ) -> Term | None:
        rows = [
            fact
            for fact in self._rows.get((item, property), {}).get(place, ())
            if fact.value is not None and fact.state is State.VALUE and (keep is None or keep(fact))
        ]
        return self._property(item, property, rows, span, place) if rows else None

    def _property_below(
        self, item: str, property: str, span: Period | None, place: str, keep: Callable[[Fact], bool] | None
    ) -> Term | None:
        """The mean over the nearest places below one that state a property, weighted by what they consumed."""
        stated_at = self._rows.get((item, property), {})
        if span is None or not any(where != SITE for where in stated_at):
            return None
        found: list[tuple[Term, Term]] = []
        queue = list(self.children(place))
        while queue:
            where = queue.pop(0)
            term = self._property_at(item, property, span, where, keep) if where in stated_at else None
            if term is None:
                queue.extend(self.children(where))
                continue
            used = self.amount(item, ("consumed", "purchased"), str(span), where)
            if used is not None and used.value > 0:
                found.append((term, used))
        if not found:
            return None
        first, weight = found[0]
        alike = [pair for pair in found if units.dimension(pair[0].unit) == units.dimension(first.unit)]
        weights = [used.to(weight.unit) for _, used in alike]
        known = sum(used.value for used in weights)
        whole = self.amount(item, ("consumed", "purchased"), str(span), place)
        note: Message | str = ""
        if whole is not None and units.dimension(whole.unit) == units.dimension(weight.unit):
            part = known / whole.to(weight.unit).value if whole.value else 1.0
            if part < 1 - _UNKNOWN_PART:
                label = self._property_name(property)
                note = message(
                    "{item}的{property}只知 {share}% 用量的，按其平均值用于全部",
                    item=self.label(item), property=label, share=f"{100 * part:.0f}",
                )  # fmt: skip
                facts = first.facts()
                self._meet((property, "part", item, str(span), place), wrong.property_of_a_part(note, facts[0].where))
        if len(alike) == 1 and not note:
            return first
        return _mean([term for term, _ in alike], weights, message("按各场所用量加权平均"), note)

    def _property_name(self, property: str) -> Name:
        return next((role.name for role in catalogue().all_roles if role.id == property), Name(property, property))

    def flows(self, item: str = "", period: str = "") -> tuple[Fact, ...]:
        """The facts that say where something went (流向), for balances; of one item or within one period."""
        return tuple(fact for fact in self.select(item=item, period=period) if fact.to_place)

    # --- inner -------------------------------------------------------------------------------------------------------

    def _add_flows(self) -> None:
        """Flows between places count as amounts only where nothing else is known of the item in this role.

        What 锅炉房 sends to 一车间 is the same steam that 一车间 uses; consumption is then that of the receiving place.
        """
        stated = set(self._rows)
        for fact in self.case.facts:
            key = (fact.item, _role(fact))
            if not fact.to_place or key in stated:
                continue
            where = fact.to_place if fact.role == "consumed" else fact.place
            self._rows.setdefault(key, {}).setdefault(where, []).append(fact)
            self._meet(("flow", *key), wrong.amount_from_flows(self.label(fact.item), fact))

    def _amount(self, item: str, role: str, period: str, place: str, product: str) -> Term | None:
        key = (item, role, period, place, product)
        if key not in self._amounts:
            self._amounts[key] = None  # a loop in the place tree or the catalogue ends here
            self._amounts[key] = self._find_amount(item, role, period, place, product)
        return self._amounts[key]

    def _find_amount(self, item: str, role: str, period: str, place: str, product: str) -> Term | None:
        if not self._known_at_all(item, role, product):
            return None
        own = self._stated(item, role, period, place, product)
        if own is not None and not own.covers:
            return own
        by_place = self._over_places(item, role, period, place, product)
        by_item = self._over_items(item, role, period, place, product)
        ways = [by_place, by_item]
        if by_item is not None and self._any_part_stated(item, role, period, place, product):
            ways.reverse()
        found = [way for way in ways if way is not None]
        if len(found) == 2 and not found[0].covers and not found[1].covers:
            # less by the other way is no contradiction: not every use need be known by place
            used, other = found
            if units.dimension(used.unit) == units.dimension(other.unit) and other.to(used.unit).value > used.value:
                self._differ("sums-differ", item, period, place, used, other)
        complete = next((way for way in found if not way.covers), None)
        return complete or own or next(iter(found), None)

    def _known_at_all(self, item: str, role: str, product: str) -> bool:
        """Whether any row states an item or its parts in a role, for a product where one is named.

        Asked before the places are walked: with many products and places most questions have no answer anywhere.
        """
        key = (item, role, product)
        if key not in self._somewhere:
            self._somewhere[key] = False  # a loop in the catalogue ends here
            rows = self._rows.get((item, role), {}).values()
            self._somewhere[key] = any(
                not product or fact.product == product for facts in rows for fact in facts
            ) or any(self._known_at_all(part, role, product) for parts in parts_of(item, role) for part in parts)
        return self._somewhere[key]

    def _stated(self, item: str, role: str, period: str, place: str, product: str) -> Term | None:
        """What was stated at the place itself, for the period or tiled from shorter ones."""
        key = (item, role, period, place, product)
        if key not in self._own:
            self._own[key] = self._find_stated(item, role, period, place, product)
        return self._own[key]

    def _find_stated(self, item: str, role: str, period: str, place: str, product: str) -> Term | None:
        span = Period.parse(period)
        by_span = self._spans(item, role, place)
        exact = self._rows_as_term(item, _of_product(by_span.get(span, ()), product), period, place)
        if exact is not None:
            return exact
        known = self._inside(item, role, span, place, product)
        tiles, complete = tile(span, known)
        if not tiles:
            return None
        terms = [known[piece] for piece in tiles]
        label = self._sum_label(item)
        if complete:
            return terms[0] if len(terms) == 1 else self._sum(terms, label)
        covers = merged(tiles)
        days = sum(piece.days for piece in tiles)
        where = terms[0].facts()[0].where
        problem = wrong.period_not_filled(self.label(item), place, period, covers, days, span.days, where)
        self._meet(("partial", item, role, period, place), problem)
        partial = self._sum(terms, label) if len(terms) > 1 else terms[0].named(label)
        if partial is None:
            return None
        return replace(partial, covers=covers, note=message("仅含 {covers}", covers=periods(covers)))

    def _inside(self, item: str, role: str, span: Period, place: str, product: str) -> dict[Period, Term]:
        """What was stated at the place itself for periods shorter than one and inside it."""
        found: dict[Period, Term] = {}
        spans = self._spans(item, role, place)
        first, last = span.start, span.end
        for when, rows in spans.items():
            if first <= when.start and when.end <= last and when != span:
                term = self._rows_as_term(item, _of_product(rows, product), str(when), place)
                if term is not None:
                    found[when] = term
        return found

    def _spans(self, item: str, role: str, place: str) -> dict[Period, list[Fact]]:
        """The dated rows of an item, role and place by their period."""
        key = (item, role, place)
        if key not in self._dated:
            spans: dict[Period, list[Fact]] = {}
            for fact in self._rows.get((item, role), {}).get(place, ()):
                if fact.period != UNDATED:
                    spans.setdefault(Period.parse(fact.period), []).append(fact)
            self._dated[key] = spans
        return self._dated[key]

    def _rows_as_term(self, item: str, rows: Sequence[Fact], period: str, place: str) -> Term | None:
        """Rows of one item, role, place and period as one term; None where none of them has a number."""
        usable = [
            fact for fact in rows if fact.value is not None and fact.state in (State.VALUE, State.BELOW_DETECTION)
        ]
        if not usable:
            return None
        self._same_rows(usable, period, place)
        by_product: dict[str, list[Fact]] = {}
        for fact in usable:
            by_product.setdefault(fact.product, []).append(fact)
        parts = [self._surest(item, facts, period, place) for facts in by_product.values()]
        terms = [term for term in parts if term is not None]
        return self._sum(terms, self._sum_label(item)) if len(terms) == len(parts) else None

    def _surest(self, item: str, rows: Sequence[Fact], period: str, place: str) -> Term | None:
        """Rows known in one way are parts; of rows known in several ways the surest way counts."""
        groups: dict[Basis, list[Fact]] = {}
        for fact in rows:
            groups.setdefault(fact.basis, []).append(fact)
        ordered = sorted(groups, key=_SURENESS.__getitem__)
        ways = [self._sum([self._leaf(item, fact) for fact in groups[basis]]) for basis in ordered]
        chosen = ways[0]
        for rival in ways[1:] if chosen is not None else ():
            if chosen is not None and rival is not None:
                self._differ("rival-statements", item, period, place, chosen, rival)
        return chosen

    def _leaf(self, item: str, fact: Fact) -> Term:
        return term_of(
            fact,
            self.item(item),
            half_limit=self.settings.below_detection == "half-limit",
            density=lambda: self.property_of(item, "density", fact.period, fact.place),
        )

    def _sum(self, terms: Sequence[Term], label: Message | None = None) -> Term | None:
        """Add; None and a problem where dimensions differ (litres and kilograms of one material)."""
        if len(terms) == 1:
            return terms[0]
        dimensions = {units.dimension(term.unit) for term in terms}
        if len(dimensions) > 1:
            fact = terms[0].facts()[0]
            shown = listing(units.UnitText(unit) for unit in dict.fromkeys(term.unit for term in terms))
            problem = wrong.units_do_not_add(self.label(fact.item), fact, shown)
            self._meet(("dimensions", fact.item, fact.role, fact.period), problem)
            return None
        return total(terms, label=label)

    def _sum_label(self, item: str) -> Message:
        return message("{item}合计", item=self.label(item))

    def _over_places(self, item: str, role: str, period: str, place: str, product: str) -> Term | None:
        found: list[Term] = []
        unfilled: list[str] = []
        for child in self._children.get(place, ()):
            term = self._amount(item, role, period, child, product)
            if term is not None:
                found.append(term)
            elif self.state(item, role, period, child) is State.EMPTY:
                unfilled.append(child)
        if not found:
            return None
        term = self._sum(found, message("各场所{item}合计", item=self.label(item)))
        if term is None or not unfilled:
            return term
        names = listing(unfilled)
        self._meet(("unfilled", item, role, period, place), wrong.part_not_filled(self.label(item), period, names))
        return replace(term.named(term.label), lower_bound=True, note=message("未填、未计入：{names}", names=names))

    def _any_part_stated(self, item: str, role: str, period: str, place: str, product: str) -> bool:
        return any(
            self._stated(part, role, period, place, product) is not None
            for parts in parts_of(item, role)
            for part in parts
        )

    def _over_items(self, item: str, role: str, period: str, place: str, product: str) -> Term | None:
        """The sum over the items that make up an item; of several ways to divide it, the first that has numbers."""
        for parts in parts_of(item, role):
            found = [term for part in parts if (term := self._amount(part, role, period, place, product)) is not None]
            if found:
                return self._sum(found, self._sum_label(item))
        return None

    def _property(self, item: str, property: str, rows: Sequence[Fact], span: Period | None, place: str) -> Term | None:
        dated = [(Period.parse(fact.period), fact) for fact in rows if fact.period != UNDATED]
        known = self.item(item)
        if span is not None:
            exact = [fact for when, fact in dated if when == span]
            if exact:
                return self._one_property(item, property, exact)
            inside = sorted(((when, fact) for when, fact in dated if span.contains(when)), key=lambda pair: pair[0])
            if inside:
                return self._weighted(item, property, inside, span, place)
            around = sorted((pair for pair in dated if pair[0].contains(span)), key=lambda pair: pair[0].days)
            if around:
                return property_term(around[0][1], known)
        undated = [fact for fact in rows if fact.period == UNDATED]
        if span is None and not undated and dated:
            undated = [max(dated, key=lambda pair: pair[0])[1]]
        return self._one_property(item, property, undated) if undated else None

    def _one_property(self, item: str, property: str, rows: Sequence[Fact]) -> Term:
        """Rows of one period as one number: those of the surest basis; where a fuel's quality differs, their mean."""
        known = self.item(item)
        surest = min(rows, key=lambda fact: _SURENESS[fact.basis])
        first = property_term(surest, known)
        if property not in _QUALITIES:
            return first
        rivals = [fact for fact in rows if fact.basis is surest.basis and fact.product == surest.product]
        terms = [
            term
            for fact in rivals
            if units.dimension((term := property_term(fact, known)).unit) == units.dimension(first.unit)
        ]
        values = [first, *(term.to(first.unit) for term in terms[1:])]
        if max(abs(term.value - first.value) for term in values) <= _ROUNDING * abs(first.value):
            return first
        note = message(
            "{item}的{property}在同一时段有 {count} 个不同的数，取算术平均",
            item=self.label(item), property=self._property_name(property), count=len(values),
        )  # fmt: skip
        self._meet(
            (property, "several", item, surest.period, surest.place), wrong.property_of_a_part(note, surest.where)
        )
        return _mean(values, None, message("算术平均"), note)

    def _weighted(
        self, item: str, property: str, rows: Sequence[tuple[Period, Fact]], span: Period, place: str
    ) -> Term:
        by_period: dict[Period, list[Fact]] = {}
        for when, fact in rows:
            by_period.setdefault(when, []).append(fact)
        if property in _QUALITIES:
            first, *others = (self._one_property(item, property, facts) for facts in by_period.values())
            spans = list(by_period)
        else:
            first, *others = (property_term(fact, self.item(item)) for _, fact in rows)
            spans = [when for when, _ in rows]
        values = [first, *(term.to(first.unit) for term in others)]
        note = self._part_of_period(item, property, by_period, span, rows[0][1]) if property in _QUALITIES else ""
        if len(values) == 1:
            return _mean(values, None, message("取所测时段的值"), note) if note else first
        weights = [self.amount(item, ("consumed", "purchased"), str(when), place) for when in spans]
        known = [weight for weight in weights if weight is not None]
        if len(known) == len(values) and sum(weight.value for weight in known) > 0:
            return _mean(values, [weight.to(known[0].unit) for weight in known], message("按用量加权平均"), note)
        return _mean(values, None, message("算术平均（各期用量不全）"), note)

    def _part_of_period(
        self, item: str, property: str, known: Iterable[Period], span: Period, fact: Fact
    ) -> Message | str:
        """What must be said of a quality that was measured in a part of a period only; "" where it fills it."""
        tiles, complete = tile(span, known)
        if complete:
            return ""
        note = message(
            "{item}的{property}只有 {covers} 的数，按其平均值用于 {period}",
            item=self.label(item), property=self._property_name(property), covers=periods(merged(tiles)),
            period=str(span),
        )  # fmt: skip
        self._meet((property, "months", item, str(span), fact.place), wrong.property_of_a_part(note, fact.where))
        return note

    # --- contradictions ----------------------------------------------------------------------------------------------

    def _compare(self, item: str, role: str, period: str, place: str) -> None:
        """A stated total against the sums of its parts: shorter periods, places below, component items."""
        stated = self._stated(item, role, period, place, "")
        if stated is None or stated.covers:
            return
        parts = (self._over_places(item, role, period, place, ""), self._over_items(item, role, period, place, ""))
        for part in (*parts, self._from_tiles(item, role, period, place)):
            if part is not None and not part.covers:
                self._differ("total-and-parts-differ", item, period, place, stated, part)

    def _from_tiles(self, item: str, role: str, period: str, place: str) -> Term | None:
        span = Period.parse(period)
        known = self._inside(item, role, span, place, "")
        tiles, complete = tile(span, known)
        return self._sum([known[piece] for piece in tiles]) if complete else None

    def _differ(self, code: str, item: str, period: str, place: str, used: Term, other: Term) -> None:
        if units.dimension(used.unit) != units.dimension(other.unit):
            return
        rival = other.to(used.unit)
        gap = used.value - rival.value
        if abs(gap) <= _ROUNDING * max(abs(used.value), abs(rival.value)):
            return
        key = (code, item, period, place, round(used.value, 6), round(rival.value, 6))
        self._meet(key, wrong.difference(code, self.label(item), period, place, used, rival))

    def _same_rows(self, rows: Sequence[Fact], period: str, place: str) -> None:
        seen: dict[tuple[object, ...], Fact] = {}
        for fact in rows:
            # not the label: one amount under two names of its item (电, 用电量) is the usual double entry
            unit = units.canonical(fact.unit)
            key = (fact.value, unit, fact.meter, fact.product, fact.to_place, fact.source, fact.basis)
            if key in seen and fact.value:
                known = ("twice", fact.item, fact.role, period, place, fact.value)
                self._meet(known, wrong.row_twice(self.label(fact.item), fact))
            seen[key] = fact

    def _meet(self, key: tuple[object, ...], problem: Problem) -> None:
        self._met.setdefault(key, problem)


# Ways in which an item is divided without rest (用途, 水源). Parts that need not fill the whole (其中) are not here.
_DIVISIONS: dict[str, tuple[tuple[str, ...], ...]] = {
    "fresh-water": (
        ("production-water", "auxiliary-water", "domestic-water", "greening-water"),
        ("tap-water", "surface-water", "ground-water", "purchased-water"),
    ),
    "wastewater": (("process-wastewater", "domestic-wastewater", "leachate", "initial-rain-water", "blowdown-water"),),
}


def parts_of(item: str, role: str) -> tuple[tuple[str, ...], ...]:
    """The ways in which an item is the sum of other items: uses or sources of water, kinds of waste."""
    known = catalogue()
    if item in _DIVISIONS:
        return _DIVISIONS[item] if role == "consumed" or len(_DIVISIONS[item]) == 1 else _DIVISIONS[item][::-1]
    if item in known and known.get(item).kind == "waste":
        children = tuple(child.id for child in known.children(item))
        return (children,) if children else ()
    return ()


def _is_a_year(span: Period) -> bool:
    """Whether a period is twelve whole months that begin at any day."""
    after = span.end + dt.timedelta(days=1)
    return (after.year, after.month, after.day) == (span.start.year + 1, span.start.month, span.start.day)


def _of_product(rows: Sequence[Fact], product: str) -> Sequence[Fact]:
    """The rows of a product; without one, the rows of no product where there are any, else all (its parts)."""
    if product:
        return [fact for fact in rows if fact.product == product]
    whole = [fact for fact in rows if not fact.product]
    return whole or rows


def _mean(values: Sequence[Term], weights: Sequence[Term] | None, label: Message, note: Message | str) -> Term:
    """The mean of terms of one dimension, weighted or plain, in the unit of the first."""
    count = len(values)
    alike = [values[0], *(term.to(values[0].unit) for term in values[1:])]
    if weights is None:
        return apply(label, lambda *numbers: sum(numbers) / count, alike, alike[0].unit, note=note)
    return apply(
        label,
        lambda *numbers: (
            sum(v * w for v, w in zip(numbers[:count], numbers[count:], strict=True)) / sum(numbers[count:])
        ),
        [*alike, *weights],
        alike[0].unit,
        note=note,
    )


PURE = "-pure"
# What the amount of a metal is called where it is that of all its compounds and the role does not say so.
_PURE_WORDS = ("折纯", "as pure metal", "pure metal content")


def _role(fact: Fact) -> str:
    """The role under which a fact is kept: 折纯 of a metal is the amount in all its compounds, not of the metal."""
    if fact.role.endswith(PURE) or not fact.item.endswith("-metal"):
        return fact.role
    said = f"{fact.label} {fact.note}".casefold()
    return fact.role + PURE if any(word in said for word in _PURE_WORDS) else fact.role


def _role_adds_up(role: str) -> bool:
    return any(known.id == role and known.group == "flow" for known in catalogue().all_roles)


def _all_places(case: Case) -> tuple[Place, ...]:
    """The places of a case, and those that only facts name, as children of the site."""
    known = {place.name for place in case.places}
    named = dict.fromkeys(fact.place for fact in case.facts if fact.place != SITE and fact.place not in known)
    return (*(place for place in case.places if place.name != SITE), *(Place(name) for name in named))

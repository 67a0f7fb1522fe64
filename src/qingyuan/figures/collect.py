"""Gathering the figures of one room: each with definition, method, edition and notes, or what it lacks (指标汇集)."""

from __future__ import annotations

from collections.abc import Iterable

from qingyuan.facts.model import State
from qingyuan.figures.derivation import Figure, FigureSet, MissingFigure, Term
from qingyuan.figures.ledger import Ledger
from qingyuan.figures.methods import NoMethodInForce, definition, editions, in_force, notices
from qingyuan.figures.monitoring import UNSTATED_LIMIT
from qingyuan.figures.settings import Settings
from qingyuan.figures.tiling import periods
from qingyuan.language import Message, Name, headed, message
from qingyuan.reference.english import translated
from qingyuan.units import quantity


class Collector:
    """Gathers figures and gaps for one ledger, in order (收集器).

    ``add`` gives a figure or, where its term is None, the gap with what it needs; ``ratio`` divides and explains why it
    cannot.
    """

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self.ledger = ledger
        self.settings = settings
        self._figures: list[Figure] = []
        self._missing: list[MissingFigure] = []

    def add(
        self,
        id: str,
        period: str,
        term: Term | None,
        method: str,
        *,
        needs: Iterable[Message] = (),
        product: str = "",
        place: str = "",
        name: Name | None = None,
        notes: Iterable[Message] = (),
    ) -> Figure | None:
        """Keep a figure in the unit of its definition; without a term, or without an edition in force, keep the gap.

        Raises ``units.DimensionError`` where the term does not fit the definition: a mistake in the program.
        """
        known = definition(id)
        shown = headed(name or known.name)
        if term is None:
            self.lack(id, period, *needs, product=product, place=place, name=shown)
            return None
        try:
            used = in_force(method, period, as_of=self.settings.editions_as_of)
        except NoMethodInForce as error:
            which = editions(method)[-1].name
            need = message("{method}：{day} 适用的版本", method=which, day=error.day.isoformat())
            self.lack(id, period, need, product=product, place=place, name=shown)
            return None
        final = term.to(known.unit) if known.unit else term
        said = [*notes, *notices(method, period, as_of=self.settings.editions_as_of), *reservations(final)]
        figure = Figure(
            id=id,
            name=shown,
            period=period,
            term=final.named(shown),
            method=used,
            group=known.group,
            place=place,
            product=product,
            notes=tuple(dict.fromkeys(said)),
        )
        self._figures.append(figure)
        return figure

    def lack(
        self, id: str, period: str, *needs: Message, product: str = "", place: str = "", name: Name | None = None
    ) -> None:
        """Keep what a figure needs that is not there."""
        known = definition(id)
        shown, wanted = headed(name or known.name), tuple(dict.fromkeys(needs))
        self._missing.append(MissingFigure(id, shown, period, wanted, known.group, place, product))

    def ratio(
        self,
        id: str,
        period: str,
        above: Term | None,
        below: Term | None,
        method: str,
        *,
        above_needs: Message,
        below_needs: Message,
        product: str = "",
        place: str = "",
        name: Name | None = None,
        notes: Iterable[Message] = (),
    ) -> Figure | None:
        """Keep the quotient of two terms, or what is missing of it: either one, a zero below, a period not alike."""
        needs: list[Message] = []
        if above is None:
            needs.append(above_needs)
        if below is None:
            needs.append(below_needs)
        if above is not None and below is not None:
            if below.value == 0:
                needs.append(message("{what} 不为零的数", what=below_needs))
            elif above.covers != below.covers:
                needs.append(
                    message(
                        "同一时段的数据（分子：{above}，分母：{below}）",
                        above=periods(above.covers or period), below=periods(below.covers or period),
                    )
                )  # fmt: skip
        term = None if needs or above is None or below is None else above / below
        return self.add(id, period, term, method, needs=needs, product=product, place=place, name=name, notes=notes)

    def result(self) -> FigureSet:
        """All that was gathered."""
        return FigureSet(tuple(self._figures), tuple(self._missing))


def reservations(term: Term) -> tuple[Message, ...]:
    """What must be said with a number: a part of the period only, a bound, a coefficient that is a default."""
    said: list[Message] = []
    if "*" in term.covers:
        said.append(message("一部分数据仅含 {covers}", covers=periods(term.covers)))
    elif term.covers:
        said.append(message("仅含 {covers} 的数据", covers=periods(term.covers)))
    if term.upper_bound:
        leaves = [part for part in term.walk() if part.fact is not None and part.fact.state is State.BELOW_DETECTION]
        unstated = any(part.note == UNSTATED_LIMIT for part in leaves)
        if unstated:
            said.append(UNSTATED_LIMIT)
        if any(part.note != UNSTATED_LIMIT for part in leaves):
            said.append(message("含未检出项，按检出限计，为上限"))
        if not leaves:
            said.append(message("为上限，依据见推导"))
    if term.lower_bound:
        unfilled = any(part.lower_bound and part.operation == "named" and part.note for part in term.walk())
        said.append(message("有未填项，为下限") if unfilled else message("为下限，依据见推导"))
    # what a function of numbers assumed: a heat value of some months for the year, saturated steam, gauge pressure
    said.extend(message("{note}", note=part.note) for part in term.walk() if part.operation == "function" and part.note)
    for coefficient in term.coefficients():
        if coefficient.default:
            used = quantity(f"{coefficient.value:.6g}", coefficient.unit)
            edition = translated(coefficient.edition or coefficient.source)
            said.append(
                message(
                    "{name}采用默认值 {value}（{edition}），不是本企业的数",
                    name=coefficient.name, value=used, edition=edition,
                )
            )  # fmt: skip
    return tuple(said)

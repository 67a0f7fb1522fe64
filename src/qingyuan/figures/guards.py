"""Checks on terms that formulas share: a share lies between 0 and 1, a balance is not negative (计算中的检查)."""

from __future__ import annotations

from qingyuan.errors import QingyuanError
from qingyuan.figures.derivation import Term, constant
from qingyuan.language import Message, Name, message
from qingyuan.units import quantity

ONE = constant("1", 1.0, "1")


class ImpossibleBalance(QingyuanError):
    """A balance gave less than nothing (物料平衡为负): an error of the data that has to be looked for, not a zero."""

    def __init__(self, what: Message | Name, result: Term) -> None:
        self.what = what
        self.result = result
        super().__init__(what, result)

    def __str__(self) -> str:
        return str(
            message(
                "{what}的平衡结果为负（{value}），请核对各项数据",
                what=self.what,
                value=quantity(f"{self.result.value:.6g}", self.result.unit),
            )
        )


class NotAShare(QingyuanError):
    """A share, rate or content lies outside 0 to 1 (0-100 %)."""

    def __init__(self, term: Term) -> None:
        self.term = term
        super().__init__(term)

    def __str__(self) -> str:
        return str(
            message("“{what}”应在 0 到 100% 之间，读到 {value}", what=self.term.label, value=f"{self.term.value:.6g}")
        )


def share(term: Term) -> Term:
    """A term as a fraction in ``1``; raises NotAShare outside 0 to 1 and ``units.DimensionError`` for no fraction."""
    fraction = term.to("1")
    if not 0.0 <= fraction.value <= 1.0:
        raise NotAShare(fraction)
    return fraction


def positive_balance(term: Term, what: Message | Name) -> Term:
    """The term, named; raises ImpossibleBalance where it is negative by more than rounding."""
    scale = max((abs(part.value) for part in term.parts), default=0.0)
    if term.value < -1e-9 * max(scale, 1.0):
        raise ImpossibleBalance(what, term)
    return term.named(what)

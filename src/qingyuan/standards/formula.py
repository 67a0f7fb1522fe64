"""Formulas in one variable, as published weights and levels use them (``0.8/n``, ``10+5*n``): parsed and exact.

The grammar is closed: numbers, one variable, ``+ - * /`` and parentheses. Nothing is ever handed to ``eval``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache

from qingyuan.errors import QingyuanError
from qingyuan.language import Message, listing, message

# A node is a number, a variable's name, or (operator, left, right).
Node = Fraction | str | tuple[str, "Node", "Node"]

LONGEST = 100  # characters; published formulas have about ten

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d*)?|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|([-+*/()]))")
_SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", "–": "-"})
# Numbers beyond this many digits are typing errors, and exact arithmetic on them would never end.
_LARGEST_EXPONENT = 60


class FormulaError(QingyuanError):
    """A text is no formula in one variable, or has no value at the number given."""

    def __init__(self, reason: Message) -> None:
        self.reason = reason
        super().__init__(reason)

    def __str__(self) -> str:
        return str(self.reason)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in at most one variable (公式); ``variable`` is empty for a constant."""

    text: str
    variable: str
    node: Node

    def at(self, n: Fraction | int | None = None) -> Fraction:
        """The exact value where the variable is ``n``.

        Raises FormulaError where a variable has no value or a division by zero arises.
        """
        if self.variable and n is None:
            raise FormulaError(message("公式 {text} 需要 {variable} 的值", text=self.text, variable=self.variable))
        try:
            return _value(self.node, Fraction(0) if n is None else Fraction(n))
        except ZeroDivisionError:
            raise FormulaError(
                message("公式 {text} 在 {variable}={n} 时除以零", text=self.text, variable=self.variable, n=str(n))
            ) from None

    def __str__(self) -> str:
        return self.text


def _value(node: Node, n: Fraction) -> Fraction:
    if isinstance(node, Fraction):
        return node
    if isinstance(node, str):
        return n
    operator, left, right = node
    a, b = _value(left, n), _value(right, n)
    if operator == "+":
        return a + b
    if operator == "-":
        return a - b
    if operator == "*":
        return a * b
    return a / b


@lru_cache(maxsize=1024)
def parse_formula(text: str) -> Formula:
    """Read a formula such as ``0.8/n``, ``10+5*n``, ``(2+n)/4`` or ``8/30``.

    Full-width digits and the signs × and ÷ are read as well. Raises FormulaError, with the reason, for anything else:
    two variables, an implied product (``5n``), powers, function calls.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_SIGNS).strip()
    if not plain:
        raise FormulaError(message("公式是空的"))
    if len(plain) > LONGEST:
        raise FormulaError(message("公式太长（超过 {longest} 个字符）", longest=LONGEST))
    tokens: list[str] = []
    position = 0
    while position < len(plain):
        match = _TOKEN.match(plain, position)
        if match is None:
            raise FormulaError(message("公式 {text} 中有不认识的字符：{found}", text=text, found=plain[position:]))
        tokens.append(match.group(match.lastindex or 0))
        position = match.end()
    variables = {token for token in tokens if token[0].isalpha() or token[0] == "_"}
    if len(variables) > 1:
        raise FormulaError(
            message("公式 {text} 有多个变量：{names}；只能有一个", text=text, names=listing(sorted(variables)))
        )
    node, rest = _sum(tokens, 0, text)
    if rest != len(tokens):
        raise FormulaError(
            message("公式 {text} 在“{found}”处读不下去（乘号不能省略，写作 5*n）", text=text, found=tokens[rest])
        )
    formula = Formula(plain, next(iter(variables), ""), node)
    if not formula.variable:
        formula.at()  # 1/0 is refused here and not at the first use
    return formula


def _sum(tokens: list[str], at: int, text: str) -> tuple[Node, int]:
    left, at = _product(tokens, at, text)
    while at < len(tokens) and tokens[at] in "+-":
        operator = tokens[at]
        right, at = _product(tokens, at + 1, text)
        left = (operator, left, right)
    return left, at


def _product(tokens: list[str], at: int, text: str) -> tuple[Node, int]:
    left, at = _atom(tokens, at, text)
    while at < len(tokens) and tokens[at] in "*/":
        operator = tokens[at]
        right, at = _atom(tokens, at + 1, text)
        left = (operator, left, right)
    return left, at


def _atom(tokens: list[str], at: int, text: str) -> tuple[Node, int]:
    if at >= len(tokens):
        raise FormulaError(message("公式 {text} 没有写完", text=text))
    token = tokens[at]
    if token in "+-":
        node, at = _atom(tokens, at + 1, text)
        return (node, at) if token == "+" else (("-", Fraction(0), node), at)
    if token == "(":
        node, at = _sum(tokens, at + 1, text)
        if at >= len(tokens) or tokens[at] != ")":
            raise FormulaError(message("公式 {text} 的括号不成对", text=text))
        return node, at + 1
    if token[0].isdigit() or token[0] == ".":
        return Fraction(Decimal(token)), at + 1
    if token[0].isalpha() or token[0] == "_":
        return token, at + 1
    raise FormulaError(message("公式 {text} 在“{found}”处读不下去", text=text, found=token))


def exact(value: object) -> Fraction | None:
    """The exact decimal value of a number or of a number written as text; None for anything else.

    A float counts as the decimal that it prints (0.3 is 3/10), so that it meets a bound printed as 0.3. Booleans, NaN
    and infinities are no numbers. Full-width digits, thousands separators (12,345.6) and a leading sign are read.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, Fraction)):
        return Fraction(value)
    if isinstance(value, str):
        text = unicodedata.normalize("NFKC", value).translate(_SIGNS).strip()
        if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?", text):
            text = text.replace(",", "")
        if "_" in text:
            return None
    elif isinstance(value, Decimal):
        text = str(value)
    else:
        try:
            text = repr(float(value))  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return None
    try:
        decimal = Decimal(text)
    except InvalidOperation:
        return None
    if not decimal.is_finite() or abs(decimal.adjusted()) > _LARGEST_EXPONENT:
        return None
    return Fraction(decimal)


def decimal_text(value: Fraction, places: int = 6) -> str:
    """A fraction as people write it: 0.8, 24, 0.266667 (rounded to ``places`` where it does not end)."""
    if value.denominator == 1:
        return str(value.numerator)
    text = f"{Decimal(round(value * 10**places)).scaleb(-places):f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text

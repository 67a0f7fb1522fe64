"""Cleaner production options (清洁生产方案): what they change, economics, which set to choose, the way to a level."""

from qingyuan.options.economics import (
    Decision,
    OptionEconomics,
    assess,
    by_present_value,
    by_present_value_ratio,
)
from qingyuan.options.parameters import Limit, Parameter, Terms, terms

__all__ = [
    "Decision",
    "Limit",
    "OptionEconomics",
    "Parameter",
    "Terms",
    "assess",
    "by_present_value",
    "by_present_value_ratio",
    "terms",
]

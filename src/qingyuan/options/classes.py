"""Cost classes of options (费用分类) and their status: one definition for limits, worksheets, criteria and report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from qingyuan.facts.model import OptionRow
from qingyuan.facts.words import word_id
from qingyuan.language import Message, message

CostClass = Literal["none", "low", "medium", "higher", "high"]
COST_CLASSES: Mapping[CostClass, Message] = {
    "none": message("无费"),
    "low": message("低费"),
    "medium": message("中费"),
    "higher": message("较高费"),
    "high": message("高费"),
}
# The two halves of an audit: done at once (边审核边实施), and only after the feasibility study.
LOW: tuple[CostClass, ...] = ("none", "low")
HIGH: tuple[CostClass, ...] = ("medium", "higher", "high")

_WORDS: Mapping[str, CostClass] = {
    **dict.fromkeys(("none", "无费", "no-cost"), "none"),
    **dict.fromkeys(("low", "低费", "low-cost", "无/低费", "无低费", "none-low"), "low"),
    **dict.fromkeys(("medium", "中费", "medium-cost"), "medium"),
    **dict.fromkeys(("higher", "较高费", "higher-cost"), "higher"),
    **dict.fromkeys(("high", "高费", "high-cost"), "high"),
}

# Words of the column of status. What is not said to be done is not.
_DONE_WORDS = ("已实施", "已完成", "完成", "implemented", "done", "completed")
_NOT_DONE_WORDS = ("未", "不", "not ", "拟", "计划")


def is_done(option: OptionRow) -> bool:
    """Whether an option's status says that it has been done (已实施)."""
    status = option.status.strip().casefold()
    return any(word in status for word in _DONE_WORDS) and not any(word in status for word in _NOT_DONE_WORDS)


def stated_class(option: OptionRow) -> CostClass | None:
    """The class that an option states itself (``kind``); None where it states none of them.

    "No or low cost" (无/低费) is no cost where the investment is stated as 0, else low cost.
    """
    kind = option.kind.strip().casefold()
    found = _WORDS.get(kind) or _WORDS.get(word_id("cost", kind) or "")
    return "none" if found == "low" and option.investment == 0 else found

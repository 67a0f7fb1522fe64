"""One row of an evaluation index system as the audit workbook shows it; whoever knows the systems makes it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One row of an index system (二级指标); all texts are ready to read.

    ``levels`` are the requirements of I, II and III; ``choices`` the ids that may be answered (``I``, ``II``, ``III``,
    ``none``, ``yes``, ``no``, ``n/a``), empty for a row that takes a number; ``product`` the product it belongs to.
    """

    id: str
    group: str
    name: str
    unit: str = ""
    kind: str = "quantitative"
    levels: tuple[str, str, str] = ("", "", "")
    weight_text: str = ""
    limiting: bool = False
    definition: str = ""
    choices: tuple[str, ...] = ()
    product: str = ""

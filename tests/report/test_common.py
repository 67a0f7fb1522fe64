"""What chapters of the report share: the legend of the marks, names, tables."""

from __future__ import annotations

from itertools import combinations

from qingyuan.language import language
from qingyuan.reference.records import Grade
from qingyuan.report.chapters.common import GRADE_MARKS, mark_note


def test_legend_names_every_mark_that_occurs_whatever_the_iterable() -> None:
    marked = [grade for grade in Grade if GRADE_MARKS[grade]]
    assert len(marked) == 3
    with language("zh"):
        for count in range(len(Grade) + 1):
            for grades in combinations(Grade, count):
                told = "".join(map(str, mark_note(grade for grade in grades)))
                assert [GRADE_MARKS[grade] in told for grade in marked] == [grade in grades for grade in marked]
                assert mark_note(list(grades)) == mark_note(iter(grades))

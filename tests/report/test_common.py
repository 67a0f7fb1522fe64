"""What chapters of the report share: the legend of the marks, names, tables."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

from report_samples import made_result

from qingyuan.figures.derivation import Figure, FigureSet, Method, constant
from qingyuan.language import Name, language
from qingyuan.reference.records import Grade
from qingyuan.report.chapters.common import GRADE_MARKS, mark_note, per_product_table
from qingyuan.report.numbers import Number
from qingyuan.report.tree import Row


def test_legend_names_every_mark_that_occurs_whatever_the_iterable() -> None:
    marked = [grade for grade in Grade if GRADE_MARKS[grade]]
    assert len(marked) == 3
    with language("zh"):
        for count in range(len(Grade) + 1):
            for grades in combinations(Grade, count):
                told = "".join(map(str, mark_note(grade for grade in grades)))
                assert [GRADE_MARKS[grade] in told for grade in marked] == [grade in grades for grade in marked]
                assert mark_note(list(grades)) == mark_note(iter(grades))


def test_products_counted_in_units_of_different_kinds_have_each_a_row_in_their_own_unit() -> None:
    method = Method("m", Name("用量/产量", "use / output"), "", "", "", Grade.CITED)
    ratios = [("galvanised", 0.05, "kg/t"), ("wire", 80.0, "g/t"), ("plated", 0.3, "kg/m2")]
    figures = tuple(
        Figure(
            "material-per-product.zinc", Name("单位产品锌耗", "Zinc per product"), "2022",
            constant("zinc", value, unit), method, "materials", product=product,
        )
        for product, value, unit in ratios
    )  # fmt: skip
    result = replace(made_result(), figures=FigureSet(figures))
    table = per_product_table(result, "t", ("material-per-product",), label="t")
    assert table is not None
    cells = [
        [cell.value if isinstance(cell, Number) else cell for cell in row.cells[1:]]
        for row in table.rows
        if isinstance(row, Row)
    ]
    assert cells == [["kg/t", 0.05, 0.08, None], ["kg/m²", None, None, 0.3]]

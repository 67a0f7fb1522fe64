"""Columns of many plants as the passes read them: numbers, answers, marks of n/a, outputs, the variable n."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qingyuan.errors import InputError, Problem
from qingyuan.language import message
from qingyuan.standards.answers import read_answer
from qingyuan.standards.columns import kernel
from qingyuan.standards.columns.kernel import Codes, Floats
from qingyuan.standards.columns.plan import PROBLEMS, UNPLACED, Binding, Plan, PlanRow, thresholds
from qingyuan.standards.formula import FormulaError, exact

Bools = NDArray[np.bool_]

# Answers of qualitative rows as bytes: 1, 2, 3 for I, II, III, 0 for none, and these.
NOT_APPLICABLE, NO_DATA, UNREADABLE = -1, -2, -3


@dataclass(slots=True)
class Source:
    """One row's column.

    ``numbers`` of a quantitative row; ``answers`` of a qualitative one, as bytes; ``marked``: its column ``na:``, where
    any plant is marked; ``coded_absent``: whether any answer is n/a; ``lookup``: by the byte of an answer, how many
    levels it meets.
    """

    row: PlanRow
    numbers: NDArray[Any] | None = None
    answers: NDArray[np.int8] | None = None
    marked: Bools | None = None
    coded_absent: bool = False
    lookup: Codes = field(default_factory=lambda: np.zeros(256, np.uint8))

    def absent(self, at: slice) -> Bools | None:
        """Which plants of a block the row does not apply to; None where it applies to all."""
        found: Bools | None = None
        if self.marked is not None and self.marked[at].any():
            found = self.marked[at]
        if self.coded_absent and self.answers is not None:
            coded = self.answers[at] == NOT_APPLICABLE
            if coded.any():
                found = coded if found is None else found | coded
        return found

    def given(self, at: slice) -> Bools | None:
        """Which plants of a block answered the row, those marked n/a aside; None where it has no column."""
        if self.answers is not None:
            found = self.answers[at] >= 0
        elif self.numbers is not None:
            found = ~np.isnan(self.floats(at))
        else:
            return None
        absent = self.absent(at)
        return found if absent is None else found & ~absent

    def floats(self, at: slice) -> Floats:
        """The numbers of a block as float64."""
        assert self.numbers is not None
        return floats(self.numbers, at)


def floats(values: NDArray[Any], at: slice) -> Floats:
    """Part of a column of numbers as float64; no copy where it is that already."""
    return values[at].astype(np.float64, copy=False)


@dataclass(slots=True)
class Inputs:
    """All columns of one call, and the problem of each plant (index into ``plan.PROBLEMS``; 0: none)."""

    plan: Plan
    binding: Binding
    sources: list[Source]
    variables: dict[str, NDArray[Any]]
    outputs: dict[str, NDArray[Any]]
    plants: int
    problem: Codes
    known_bounds: dict[tuple[int, float], tuple[float | None, ...] | None] = field(default_factory=dict)

    def refuse(self, at: slice, which: Bools, code: str) -> None:
        """Note why some plants of a block cannot be scored; the first reason stays."""
        problem = self.problem[at]
        problem[which & (problem == 0)] = PROBLEMS.index(code)

    def block_variables(self, at: slice) -> Variables:
        """The variable n of a block; negative and infinite ones are refused."""
        columns = {column: floats(values, at) for column, values in self.variables.items()}
        for x in columns.values():
            self.refuse(at, (x < 0) | np.isinf(x), "bad-parameter")
        return Variables(self.plan, self.binding, columns, self.known_bounds, at.stop - at.start)

    def coder(self, source: Source, at: slice, variables: Variables, flags: Bools) -> Callable[[Codes], None] | None:
        """What writes how many levels each plant of a block meets (0-3); None where the row meets nothing anywhere.

        Not for rows of which a level was not read. Answers that cannot be read refuse their plants. ``flags``: scratch.
        """
        row = source.row
        if row.open:
            return None
        if source.answers is not None:
            answers = source.answers[at]

            def words(out: Codes) -> None:
                np.take(source.lookup, answers.view(np.uint8), out=out, mode="clip")
                np.equal(answers, UNREADABLE, out=flags)
                if flags.any():
                    self.refuse(at, flags, "bad-answer")

            return words
        if source.numbers is None:
            if row.formula:
                self.refuse(at, variables.undefined(row), "bad-parameter")
            return None
        x = source.floats(at)

        def numbers(out: Codes) -> None:
            np.isinf(x, out=flags)
            if flags.any():
                self.refuse(at, flags, "bad-answer")
            if not row.formula:
                first, second, third = (limit for limit in row.thresholds if limit is not None)
                kernel.code_numbers(x, (first, second, third), row.lower, out, flags)
                return
            self.refuse(at, variables.missing(row) & ~np.isnan(x), "needs-n")
            self.refuse(at, variables.undefined(row), "bad-parameter")
            out[:] = 0
            for limit in variables.limits(row):
                out += np.less_equal(x, limit) if row.lower else np.greater_equal(x, limit)

        return numbers

    def plant(self, index: int) -> tuple[dict[str, object], dict[str, object]]:
        """Answers and parameters of one plant as the scalar path takes them."""
        at = slice(index, index + 1)
        values: dict[str, object] = {}
        for source in self.sources:
            gone = source.absent(at)
            if gone is not None and gone[0]:
                values[source.row.id] = "n/a"
            elif source.answers is not None:
                answer = int(source.answers[index])
                values[source.row.id] = ("none", "I", "II", "III")[answer] if answer >= 0 else None
            elif source.numbers is not None:
                values[source.row.id] = _present(source.numbers, index)
        parameters: dict[str, object] = {}
        outputs = {product: _present(self.outputs[column], index) for column, product in self.binding.products}
        if given := {product: amount for product, amount in outputs.items() if amount is not None}:
            parameters["outputs"] = given
        named = {
            key: value
            for column, key in self.binding.named_n
            if (value := _present(self.variables[column], index)) is not None
        }
        plain = named.pop("", None)
        if named and plain is not None:
            # A document holds a plain n or named ones, never both: written out by row.
            named = {row.id: value for row in self.plan.rows if (value := self._n_of(row, index)) is not None}
        if named or plain is not None:
            parameters["n"] = named or plain
        return values, parameters

    def _n_of(self, row: PlanRow, index: int) -> object:
        found = (_present(self.variables[column], index) for column in self.binding.variables[row.position])
        return next((value for value in found if value is not None), None)


def _present(values: NDArray[Any], index: int) -> object:
    value = values[index].item()
    return value if value == value else None


def read_inputs(plan: Plan, binding: Binding, data: Mapping[str, ArrayLike]) -> Inputs:
    """Read the columns of a binding. Raises InputError with every problem of type and length."""
    problems: list[Problem] = []
    sources = [Source(row) for row in plan.rows]
    for source, column, marks in zip(sources, binding.values, binding.not_applicable, strict=True):
        if column is not None and not source.row.quantitative:
            source.answers = _answers(column, source.row, data[column], problems)
            source.coded_absent = bool((source.answers == NOT_APPLICABLE).any())
            source.lookup = _lookup(source.row)
        elif column is not None:
            source.numbers = _numbers(column, data[column], problems)
        if marks is not None:
            marked = _marks(marks, data[marks], problems)
            source.marked = marked if marked.any() else None
    variables = {column: _numbers(column, data[column], problems) for column, _ in binding.named_n}
    outputs = {column: _numbers(column, data[column], problems) for column, _ in binding.outputs}
    lengths = {column: int(np.shape(data[column])[0]) if np.ndim(data[column]) else 1 for column in binding.used}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{column}: {length}" for column, length in lengths.items())
        problems.append(Problem("bad-column", message("各列的长度不同"), found=shown[:200]))
    if not lengths:
        problems.append(Problem("no-column", message("数据中没有任何指标的列")))
    if problems:
        raise InputError(problems)
    plants = next(iter(lengths.values()))
    problem = np.zeros(plants, np.uint8)
    if UNPLACED in data:
        problem[_plain(UNPLACED, data[UNPLACED], problems) > 0] = PROBLEMS.index("bad-answer")
    return Inputs(plan, binding, sources, variables, outputs, plants, problem)


def _plain(name: str, given: ArrayLike, problems: list[Problem]) -> NDArray[Any]:
    array: NDArray[Any]
    if isinstance(given, np.ma.MaskedArray):
        masked: Any = given
        array = np.array([None if hidden else value for value, hidden in _masked(masked)], dtype=object)
    else:
        array = np.asarray(given)
    if array.ndim != 1:
        problems.append(Problem("bad-column", message("列 {name} 应是一维的", name=name)))
        return np.zeros(0, np.float64)
    return array


def _masked(given: Any) -> list[tuple[object, bool]]:
    return list(zip(given.data.tolist(), np.ma.getmaskarray(given).tolist(), strict=True))


def _numbers(name: str, given: ArrayLike, problems: list[Problem]) -> NDArray[Any]:
    """A column of numbers: float64 or integers."""
    array = _plain(name, given, problems)
    if array.dtype == object and all(value is None or type(value) in (int, float) for value in array):
        array = np.array([np.nan if value is None else value for value in array], np.float64)
    if array.dtype == np.float64 or array.dtype.kind in "iu":
        return array
    if array.dtype.kind == "f":
        text = message("列 {name} 是单精度，0.3 会与界限值 0.3 不相等，请存为双精度", name=name)
    else:
        text = message("列 {name} 应是数；不适用请写在 na:{name} 列", name=name)
    problems.append(Problem("bad-column", text, found=str(array.dtype)))
    return np.zeros(array.shape[0], np.float64)


def _marks(name: str, given: ArrayLike, problems: list[Problem]) -> Bools:
    """A column of yes and no; nothing counts as no."""
    array = _plain(name, given, problems)
    if array.dtype == object and all(value is None or isinstance(value, (bool, int)) for value in array):
        array = np.array([np.nan if value is None else value for value in array], np.float64)
    if array.dtype.kind == "b":
        return array.astype(np.bool_, copy=False)
    if array.dtype.kind in "iuf" and bool((np.isin(array, (0, 1)) | (array != array)).all()):
        found: Bools = np.equal(array, 1)
        return found
    problems.append(Problem("bad-column", message("列 {name} 应是 true 或 false", name=name), found=str(array.dtype)))
    return np.zeros(array.shape[0], np.bool_)


def _answers(name: str, row: PlanRow, given: ArrayLike, problems: list[Problem]) -> NDArray[np.int8]:
    """A column of levels, as numbers or as words."""
    array = _plain(name, given, problems)
    if array.dtype.kind in "iuf":
        missing = array != array
        readable = np.isin(array, (-1, 0, 1, 2, 3))
        safe = np.where(readable, array, 0)
        return np.where(missing, NO_DATA, np.where(readable, safe, UNREADABLE)).astype(np.int8)
    values = array.tolist()
    distinct = set(values)
    if all(value is None or isinstance(value, str) for value in distinct):
        codes = {value: answer_code(row, value) for value in distinct}
        return np.fromiter(map(codes.__getitem__, values), np.int8, len(values))
    # Mixed kinds one by one: True equals 1 as a key, and means something else.
    return np.fromiter((answer_code(row, value) for value in values), np.int8, len(values))


def answer_code(row: PlanRow, value: object) -> int:
    """A word of a qualitative row as a number: 1-3 for I-III, 0 none, -1 n/a, -2 no data, -3 unreadable."""
    if value is None or value != value:
        return NO_DATA
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return int(value) if value in (-1, 0, 1, 2, 3) else UNREADABLE
    read = read_answer(row.indicator, value)
    if isinstance(read, Problem):
        return UNREADABLE
    if read.kind == "level":
        return 0 if read.level is None else ("I", "II", "III").index(read.level) + 1
    return NOT_APPLICABLE if read.kind == "not-applicable" else NO_DATA


def _lookup(row: PlanRow) -> Codes:
    table = np.zeros(256, np.uint8)
    for answer, best in enumerate(row.best, start=1):
        table[answer] = 3 - best
    return table


class Variables:
    """The variable n of one block: by formula row its bounds, and where n is missing or has no bounds."""

    def __init__(
        self,
        plan: Plan,
        binding: Binding,
        columns: Mapping[str, Floats],
        known: dict[tuple[int, float], tuple[float | None, ...] | None],
        size: int,
    ) -> None:
        self.plan = plan
        self.binding = binding
        self.columns = columns
        self.known = known
        self.size = size
        self._distinct: dict[tuple[str, ...], tuple[Floats, NDArray[np.intp]]] = {}
        self._limits: dict[int, tuple[Floats, Bools]] = {}

    def _of(self, names: tuple[str, ...]) -> tuple[Floats, NDArray[np.intp]]:
        """Distinct values of n and, for each plant, which one; several columns in order of precedence."""
        if names not in self._distinct:
            values, inverse = np.unique(self.coalesce(names), return_inverse=True)
            self._distinct[names] = (values, inverse.reshape(-1))
        return self._distinct[names]

    def coalesce(self, names: tuple[str, ...]) -> Floats:
        """The first of several columns that has a value, by plant; NaN where none has."""
        n = np.full(self.size, np.nan)
        for name in reversed(names):
            n = np.where(np.isnan(self.columns[name]), n, self.columns[name])
        return n

    def _row(self, row: PlanRow) -> tuple[Floats, Bools]:
        if row.position not in self._limits:
            values, inverse = self._of(self.binding.variables[row.position])
            table = np.full((3, values.shape[0]), np.nan)
            undefined = np.zeros(values.shape[0], np.bool_)
            for index, value in enumerate(values.tolist()):
                if value != value:
                    continue
                found = self._bounds(row, value)
                if found is None:
                    undefined[index] = True
                else:
                    table[:, index] = [np.nan if each is None else each for each in found]
            self._limits[row.position] = (table[:, inverse], undefined[inverse])
        return self._limits[row.position]

    def _bounds(self, row: PlanRow, value: float) -> tuple[float | None, ...] | None:
        key = (row.position, value)
        if key not in self.known:
            n = exact(value)
            assert row.indicator.bounds is not None
            try:
                self.known[key] = None if n is None else thresholds(row.indicator, row.indicator.bounds.values, n)
            except FormulaError:
                self.known[key] = None
        return self.known[key]

    def limits(self, row: PlanRow) -> Floats:
        """The bounds of I, II, III by plant, shape (3, plants); NaN where n is missing or a level was not read."""
        return self._row(row)[0]

    def missing(self, row: PlanRow) -> Bools:
        """Which plants give no n for the row."""
        values, inverse = self._of(self.binding.variables[row.position])
        found: Bools = np.isnan(values)[inverse]
        return found

    def undefined(self, row: PlanRow) -> Bools:
        """Which plants give an n at which the row has no bounds."""
        return self._row(row)[1]

    def plain(self) -> tuple[list[Fraction | None], NDArray[np.int64]]:
        """The distinct values of the plain n (None where it is missing), and for each plant which one."""
        column = next((column for column, key in self.binding.named_n if not key), None)
        if column is None:
            return [None], np.zeros(self.size, np.int64)
        values, inverse = self._of((column,))
        return [None if value != value else exact(value) for value in values.tolist()], inverse.astype(np.int64)

"""A small mixed-integer programme in arrays (混合整数规划), solved by HiGHS; bound and gap always with the answer.

Rows and columns are added in blocks of numpy arrays and handed over at once; nothing is built element by element.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

Array: TypeAlias = NDArray[np.float64]
Status: TypeAlias = Literal["optimal", "feasible", "infeasible", "unbounded", "no-answer"]

INFINITY = float("inf")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the solver found (求解结果).

    ``status``: optimal within the gap asked for; feasible where time ran out with an answer; no-answer without one.
    ``objective`` and ``bound`` in the direction of the problem; ``gap`` is |objective - bound| / |objective| (0 where
    both are 0). ``x``: values of the columns; ``duals`` of the rows, for linear programmes only.
    """

    status: Status
    objective: float | None
    bound: float | None
    gap: float | None
    x: Array
    duals: Array
    seconds: float
    nodes: int = 0

    @property
    def solved(self) -> bool:
        """Whether there is an answer."""
        return self.status in ("optimal", "feasible")


class Programme:
    """Columns, rows and an objective to be maximised or minimised (规划模型)."""

    def __init__(self, *, maximise: bool) -> None:
        self.maximise = maximise
        self._cost: list[Array] = []
        self._lower: list[Array] = []
        self._upper: list[Array] = []
        self._whole: list[NDArray[np.bool_]] = []
        self._row_lower: list[Array] = []
        self._row_upper: list[Array] = []
        self._rows: list[NDArray[np.int64]] = []
        self._columns: list[NDArray[np.int64]] = []
        self._values: list[Array] = []
        self.columns = 0
        self.rows = 0

    def add_columns(
        self, cost: ArrayLike, *, lower: ArrayLike = 0.0, upper: ArrayLike = 1.0, whole: bool = True
    ) -> NDArray[np.int64]:
        """Add a block of columns; returns their numbers."""
        costs = np.atleast_1d(np.asarray(cost, dtype=float))
        count = len(costs)
        self._cost.append(costs)
        self._lower.append(np.broadcast_to(np.asarray(lower, dtype=float), count).copy())
        self._upper.append(np.broadcast_to(np.asarray(upper, dtype=float), count).copy())
        self._whole.append(np.full(count, whole))
        found = np.arange(self.columns, self.columns + count)
        self.columns += count
        return found

    def set_objective(self, cost: ArrayLike, *, maximise: bool) -> None:
        """Replace the objective: one coefficient for each column."""
        self._cost = [np.asarray(cost, dtype=float)]
        self.maximise = maximise

    def add_rows(
        self,
        rows: ArrayLike,
        columns: ArrayLike,
        values: ArrayLike,
        *,
        count: int,
        lower: ArrayLike = -INFINITY,
        upper: ArrayLike = INFINITY,
    ) -> NDArray[np.int64]:
        """Add ``count`` rows ``lower <= A x <= upper``; A as triplets, rows counted from 0 in the block."""
        at = np.atleast_1d(np.asarray(rows, dtype=np.int64))
        self._rows.append(at + self.rows)
        self._columns.append(np.broadcast_to(np.asarray(columns, dtype=np.int64), at.shape))
        self._values.append(np.broadcast_to(np.asarray(values, dtype=float), at.shape))
        self._row_lower.append(np.broadcast_to(np.asarray(lower, dtype=float), count).copy())
        self._row_upper.append(np.broadcast_to(np.asarray(upper, dtype=float), count).copy())
        found = np.arange(self.rows, self.rows + count)
        self.rows += count
        return found

    def solve(
        self,
        *,
        relaxed: bool = False,
        gap: float = 1e-6,
        seconds: float = 60.0,
        start: Array | None = None,
    ) -> Answer:
        """Solve by HiGHS; ``relaxed``: as a linear programme, with duals of the rows.

        ``gap``: relative gap at which the search stops; ``seconds``: time limit; ``start``: a first answer.
        """
        import highspy

        begun = time.perf_counter()
        starts, indices, values = self._by_column()
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self.columns, self.rows
        model.sense_ = highspy.ObjSense.kMaximize if self.maximise else highspy.ObjSense.kMinimize
        model.col_cost_, model.col_lower_ = _joined(self._cost), _joined(self._lower)
        model.col_upper_ = _joined(self._upper)
        model.row_lower_, model.row_upper_ = _joined(self._row_lower), _joined(self._row_upper)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = starts, indices, values
        whole = not relaxed and bool(self._whole) and bool(np.concatenate(self._whole).any())
        if whole:
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            model.integrality_ = [kinds[int(each)] for each in np.concatenate(self._whole)]
        solver = highspy.Highs()  # type: ignore[no-untyped-call]
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("mip_rel_gap", gap)
        solver.setOptionValue("mip_abs_gap", 1e-9)
        solver.setOptionValue("time_limit", seconds)
        solver.setOptionValue("random_seed", 1)
        solver.passModel(model)
        if start is not None and whole:
            first = highspy.HighsSolution()
            first.col_value = list(start)
            solver.setSolution(first)
        solver.run()
        return self._read(solver, whole, time.perf_counter() - begun)

    def matrix(self) -> tuple[csc_matrix, Array, Array]:
        """The rows as a sparse matrix (rows x columns), with their lower and upper bounds."""
        from scipy.sparse import csc_matrix

        starts, indices, values = self._by_column()
        shape = (self.rows, self.columns)
        return csc_matrix((values, indices, starts), shape=shape), _joined(self._row_lower), _joined(self._row_upper)

    def _by_column(self) -> tuple[NDArray[np.int32], NDArray[np.int32], Array]:
        """The triplets column by column, those of one place added up."""
        if not self._rows:
            return np.zeros(self.columns + 1, np.int32), np.zeros(0, np.int32), np.zeros(0)
        place = np.concatenate(self._columns) * self.rows + np.concatenate(self._rows)
        unique, inverse = np.unique(place, return_inverse=True)
        values = np.zeros(len(unique))
        np.add.at(values, inverse, np.concatenate(self._values))
        counts = np.bincount(unique // self.rows, minlength=self.columns)
        starts = np.concatenate([[0], np.cumsum(counts)])
        return starts.astype(np.int32), (unique % self.rows).astype(np.int32), values

    def _read(self, solver: object, whole: bool, seconds: float) -> Answer:
        import highspy

        assert isinstance(solver, highspy.Highs)
        status, info, solution = solver.getModelStatus(), solver.getInfo(), solver.getSolution()
        nothing = np.zeros(0)
        words: dict[object, Status] = {
            highspy.HighsModelStatus.kOptimal: "optimal",
            highspy.HighsModelStatus.kInfeasible: "infeasible",
            highspy.HighsModelStatus.kUnbounded: "unbounded",
            highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible",
        }
        answered = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        word: Status = words.get(status, "feasible" if answered else "no-answer")
        if word not in ("optimal", "feasible"):
            bound = float(info.mip_dual_bound) if whole and np.isfinite(info.mip_dual_bound) else None
            return Answer(word, None, bound, None, nothing, nothing, seconds)
        objective = float(info.objective_function_value)
        bound = float(info.mip_dual_bound) if whole else objective
        if not np.isfinite(bound):
            bound = None
        distance = None if bound is None else abs(objective - bound)
        relative = None if distance is None else 0.0 if distance == 0 else distance / max(abs(objective), 1e-12)
        x = np.array(solution.col_value)
        if whole:
            integral = np.concatenate(self._whole)
            x[integral] = np.round(x[integral])
        duals = nothing if whole else np.array(solution.row_dual)
        return Answer(word, objective, bound, relative, x, duals, seconds, int(info.mip_node_count) if whole else 0)


def _joined(blocks: list[Array]) -> Array:
    return np.concatenate(blocks) if blocks else np.zeros(0)

"""Scoring plants of a Parquet or CSV file in constant memory: DuckDB reads, ``columns`` scores, Arrow writes.

The file passes through in batches, so one larger than memory is scored like a small one. CSV is what people save from a
spreadsheet: UTF-8 or GB18030, every cell a text; numbers, "n/a", levels and gaps are read as the scalar path reads
them, and a cell that cannot be read refuses its plant and is counted.
"""

from __future__ import annotations

import codecs
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from qingyuan.errors import InputError, Location, Problem
from qingyuan.language import listing, message
from qingyuan.standards.answers import read_answer
from qingyuan.standards.columns import ColumnScores, score_columns
from qingyuan.standards.columns.inputs import NOT_APPLICABLE, UNREADABLE, answer_code
from qingyuan.standards.columns.kernel import Engine
from qingyuan.standards.columns.plan import (
    LEVEL_WORDS,
    PROBLEMS,
    UNPLACED,
    AbsentColumns,
    Plan,
    PlanRow,
    bind,
    compile_plan,
)
from qingyuan.standards.model import IndexSystem

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

BATCH = 2**16  # plants read and written at a time
MEMORY = "512MB"  # what DuckDB may use; the rest is one batch in and one out
MOST_WORDS = 10_000  # distinct texts of one column that are looked at one by one

RESULTS = ("Y_I", "Y_II", "Y_III", "Y_I_high", "Y_II_high", "Y_III_high", "level", "limiting_failures", "problem")


@dataclass(frozen=True, slots=True)
class FileScores:
    """What became of a file (成批评价汇总): plants by level, refused plants by problem code, where the results lie."""

    plants: int
    levels: Mapping[str, int]
    problems: Mapping[str, int]
    target: Path

    def as_json(self) -> dict[str, object]:
        """The summary as plain values."""
        return {
            "plants": self.plants,
            "levels": dict(self.levels),
            "problems": dict(self.problems),
            "file": str(self.target),
        }


def score_file(
    system: IndexSystem | str,
    table: str | None,
    source: Path | str,
    target: Path | str,
    *,
    columns: Mapping[str, str] | None = None,
    absent: AbsentColumns = "refuse",
    keep: Iterable[str] | None = None,
    engine: Engine = "auto",
) -> FileScores:
    """Score every plant of a Parquet or CSV file on one table of a system, into another such file.

    ``source``, ``target``: ``.parquet`` or ``.csv``; a first line of the CSV names the columns (see ``plan``). Other
    arguments and errors as in ``score_parquet``, and those of ``compile_plan``.
    """
    return score_parquet(
        compile_plan(system, table), source, target, columns=columns, absent=absent, keep=keep, engine=engine
    )


def score_parquet(
    plan: Plan,
    source: Path | str,
    target: Path | str,
    *,
    columns: Mapping[str, str] | None = None,
    absent: AbsentColumns = "refuse",
    keep: Iterable[str] | None = None,
    engine: Engine = "auto",
) -> FileScores:
    """Score every plant of a file into another file, in constant memory and in the order of the file.

    ``keep``: columns to carry over; by default all that the plan does not read. Added: ``Y_I``, ``Y_II``, ``Y_III``
    (and their high ends where indices may be intervals), ``level``, ``limiting_failures``, ``problem``. A text column
    of a quantitative row may hold numbers and "n/a". ``columns``, ``absent``, ``engine``: as in ``score_columns``.

    Raises InputError: a file that cannot be read or written, columns that are missing or of the wrong type, names of
    results that are taken.
    """
    source, target = Path(source), Path(target)
    _check_paths(source, target)
    with _relation(source) as (connection, relation):
        reader = _Reader(plan, connection, relation, source, columns, absent, keep)
        levels: Counter[str] = Counter()
        problems: Counter[str] = Counter()
        plants = 0
        with _writer(target, reader) as write:
            for data, kept in reader.batches():
                scores = score_columns(
                    plan, data, columns=reader.names, absent=absent, engine=_engine(engine, reader.plants)
                )
                plants += len(scores)
                levels.update(scores.counts())
                codes = np.bincount(scores.problem, minlength=len(PROBLEMS))
                problems.update({PROBLEMS[code]: int(codes[code]) for code in np.flatnonzero(codes) if code})
                write(kept, scores)
    order = (*LEVEL_WORDS.values(), "refused")
    return FileScores(plants, {word: levels[word] for word in order}, dict(problems), target)


def _engine(engine: Engine, plants: int) -> Engine:
    """The choice for the whole file, not for one batch."""
    from qingyuan.standards.columns import NUMBA_PAYS_FROM
    from qingyuan.standards.columns.kernel import numba_available

    if engine != "auto":
        return engine
    return "numba" if plants >= NUMBA_PAYS_FROM and numba_available() else "auto"


def _file_error(path: Path, code: str, text: Any) -> InputError:
    return InputError([Problem(code, text, where=Location(file=path.name))])


def _check_paths(source: Path, target: Path) -> None:
    for path in (source, target):
        if path.suffix.lower() not in (".parquet", ".csv"):
            raise _file_error(path, "file-kind", message("只读写 .parquet 和 .csv 文件"))
    if not source.is_file():
        raise _file_error(source, "file-unreadable", message("没有这个文件"))
    if target.exists() and target.samefile(source):
        raise _file_error(target, "file-unwritable", message("结果不能写在来源文件上"))
    if not target.parent.is_dir():
        raise _file_error(target, "file-unwritable", message("没有文件夹 {folder}", folder=str(target.parent)))


# --- reading ---------------------------------------------------------------------------------------------------------


@contextmanager
def _relation(source: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, duckdb.DuckDBPyRelation]]:
    import duckdb

    connection = duckdb.connect(config={"memory_limit": MEMORY, "threads": 2})
    with tempfile.TemporaryDirectory() as folder:
        connection.execute("SET temp_directory = ?", [folder])
        try:
            if source.suffix.lower() == ".parquet":
                relation = connection.read_parquet(str(source))
            else:
                readable = _utf8(source, Path(folder))
                relation = connection.read_csv(str(readable), all_varchar=True, header=True)
            yield connection, relation
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise _file_error(source, "file-unreadable", message("读不出文件：{reason}", reason=reason)) from None
        finally:
            connection.close()


def _utf8(source: Path, folder: Path) -> Path:
    """The file itself where it is UTF-8, else a copy of it, taken for GB18030."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with source.open("rb") as file:
            while part := file.read(2**20):
                decoder.decode(part)
            decoder.decode(b"", final=True)
        return source
    except UnicodeDecodeError:
        pass
    copy = folder / "utf-8.csv"
    try:
        with source.open(encoding="gb18030", newline="") as old, copy.open("w", encoding="utf-8", newline="") as new:
            while text := old.read(2**20):
                new.write(text)
    except UnicodeDecodeError:
        raise _file_error(source, "file-unreadable", message("文件既不是 UTF-8，也不是 GB18030 编码")) from None
    return copy


class _Reader:
    """The file as batches of columns that ``score_columns`` takes, and of columns to carry over."""

    def __init__(
        self,
        plan: Plan,
        connection: duckdb.DuckDBPyConnection,
        relation: duckdb.DuckDBPyRelation,
        source: Path,
        columns: Mapping[str, str] | None,
        absent: AbsentColumns,
        keep: Iterable[str] | None,
    ) -> None:
        self.plan = plan
        self.connection = connection
        self.relation = relation
        self.kinds = {name: str(kind) for name, kind in zip(relation.columns, relation.types, strict=True)}
        self.binding = bind(plan, self.kinds, columns, absent)
        self.names = dict(columns or {})
        self.plants = int(relation.aggregate("count(*)").fetchall()[0][0])
        used = {*self.binding.used, UNPLACED}
        self.keep = [name for name in self.kinds if name not in used] if keep is None else list(keep)
        unknown = [name for name in self.keep if name not in self.kinds]
        problems = [Problem("no-column", message("数据中没有列 {name}", name=name)) for name in unknown]
        results = [name for name in RESULTS if plan.may_be_interval or not name.endswith("_high")]
        taken = [name for name in self.keep if name in results]
        if taken:
            text = message("数据中已有名为 {names} 的列，结果无处可写，请先改名", names=listing(taken))
            problems.append(Problem("column-taken", text))
        self.selected: list[tuple[str, str]] = []  # name and SQL of what is scored
        self.marks: dict[str, str] = {}  # marks of n/a that a text column holds: of which column
        for row, column, mark in zip(plan.rows, self.binding.values, self.binding.not_applicable, strict=True):
            if column is not None:
                self._select_row(row, column, mark, problems)
            if mark is not None and f"na:{row.id}" not in self.marks:
                self.selected.append((mark, self._mark(mark)))
        for column, _ in (*self.binding.outputs, *self.binding.named_n):
            self.selected.append((column, self._number(column, None, problems)[0]))
        if UNPLACED in self.kinds:
            self.selected.append((UNPLACED, _quoted(UNPLACED)))
        if problems:
            where = Location(file=source.name)
            raise InputError(
                Problem(each.code, each.message, where=where, found=each.found, expected=each.expected)
                for each in problems
            )

    def _select_row(self, row: PlanRow, column: str, mark: str | None, problems: list[Problem]) -> None:
        if not row.quantitative:
            self.selected.append((column, self._answer(row, column)))
            return
        number, away = self._number(column, row, problems)
        self.selected.append((column, number))
        if away:
            # A text column that holds "n/a" marks its row, beside a column of marks of its own.
            name = f"na:{row.id}"
            self.marks[name] = mark or name
            self.selected.append((mark or name, f"({away}) OR {self._mark(mark)}" if mark else away))

    def _mark(self, column: str) -> str:
        if self.kinds[column] != "VARCHAR":
            return f"coalesce(TRY_CAST({_quoted(column)} AS BOOLEAN), false)"
        words = ("true", "1", "yes", "y", "t", "是", "n/a", "不适用", "√")
        return f"coalesce(lower(trim({_quoted(column)})) IN ({', '.join(map(_text, words))}), false)"

    def _answer(self, row: PlanRow, column: str) -> str:
        if self.kinds[column] not in ("VARCHAR", "BOOLEAN") and not self.kinds[column].startswith("ENUM"):
            return _quoted(column)
        words = self._distinct(column, "true")
        cases = " ".join(f"WHEN {_text(word)} THEN {answer_code(row, self._typed(column, word))}" for word in words)
        value = f"CAST({_quoted(column)} AS VARCHAR)"
        found = f"CASE {value} {cases} ELSE {UNREADABLE} END" if cases else str(UNREADABLE)
        return f"CASE WHEN {value} IS NULL THEN NULL ELSE {found} END"

    def _typed(self, column: str, word: str) -> object:
        return word == "true" if self.kinds[column] == "BOOLEAN" else word

    def _number(self, column: str, row: PlanRow | None, problems: list[Problem]) -> tuple[str, str]:
        """SQL of a column as DOUBLE (an unreadable cell is infinite, which is refused), and of where it is n/a."""
        kind = self.kinds[column]
        name = _quoted(column)
        if kind == "FLOAT":
            text = message("列 {name} 是单精度，0.3 会与界限值 0.3 不相等，请存为双精度", name=column)
            problems.append(Problem("bad-column", text, found=kind))
        if kind != "VARCHAR":
            if kind in ("BOOLEAN", "DATE", "BLOB") or kind.startswith(("TIMESTAMP", "ENUM", "STRUCT", "TIME")):
                text = message("列 {name} 应是数；不适用请写在 na:{name} 列", name=column)
                problems.append(Problem("bad-column", text, found=kind))
            return f"CAST({name} AS DOUBLE)", ""
        plain = f"isfinite(TRY_CAST({name} AS DOUBLE))"
        odd = self._distinct(column, f"{plain} IS NOT TRUE")
        away: list[str] = []
        cases: list[str] = []
        for word in odd:
            number = _odd_number(row, word)
            if number is NOT_APPLICABLE:
                away.append(word)
            cases.append(f"WHEN {_text(word)} THEN {_sql_number(number)}")
        otherwise = f"CASE {name} {' '.join(cases)} END" if cases else "NULL"
        number_sql = f"CASE WHEN {plain} THEN CAST({name} AS DOUBLE) ELSE CAST({otherwise} AS DOUBLE) END"
        return number_sql, f"coalesce({name} IN ({', '.join(map(_text, away))}), false)" if away else ""

    def _distinct(self, column: str, condition: str) -> list[str]:
        """The distinct texts of a column. Raises InputError where they are too many to be answers."""
        name = _quoted(column)
        query = f"SELECT DISTINCT CAST({name} AS VARCHAR) FROM data WHERE {name} IS NOT NULL AND {condition}"
        found = self._query(f"{query} LIMIT {MOST_WORDS + 1}").fetchall()
        if len(found) > MOST_WORDS:
            text = message("列 {name} 中读不懂的内容太多", name=column)
            raise InputError([Problem("bad-column", text, found=str(found[0][0])[:80])])
        return sorted(str(each[0]) for each in found)

    def _query(self, text: str) -> duckdb.DuckDBPyRelation:
        found = self.relation.query("data", text)
        assert found is not None
        return found

    def batches(self) -> Iterator[tuple[dict[str, Any], pa.RecordBatch]]:
        """Columns to score by name, and the columns to carry over."""
        scored = dict(self.selected)
        parts = [f"{sql} AS {_quoted(f'score {name}')}" for name, sql in scored.items()]
        parts += [f"{_quoted(name)} AS {_quoted(f'keep {name}')}" for name in self.keep]
        for batch in self._query(f"SELECT {', '.join(parts)} FROM data").to_arrow_reader(BATCH):
            data = {name: _array(batch.column(f"score {name}")) for name in scored}
            yield data, batch.select([f"keep {name}" for name in self.keep]).rename_columns(self.keep)


def _odd_number(row: PlanRow | None, word: str) -> float | int | None:
    """A text that is no plain number, as the scalar path reads it: a number, n/a, no data (None) or unreadable."""
    if row is None:
        from qingyuan.standards.formula import exact

        number = exact(word)
        return None if not word.strip() else float("inf") if number is None else float(number)
    read = read_answer(row.indicator, word)
    if isinstance(read, Problem) or read.kind == "level":
        return float("inf")
    if read.kind == "number" and read.number is not None:
        return float(read.number)
    return NOT_APPLICABLE if read.kind == "not-applicable" else None


def _sql_number(number: float | int | None) -> str:
    if number is None or number is NOT_APPLICABLE:
        return "NULL"
    return "'inf'::DOUBLE" if number == float("inf") else f"{number!r}::DOUBLE"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


def _array(column: pa.Array) -> Any:
    import pyarrow as pa

    if pa.types.is_boolean(column.type):
        return column.fill_null(False).to_numpy(zero_copy_only=False)
    if pa.types.is_decimal(column.type):
        column = column.cast(pa.float64())
    return column.to_numpy(zero_copy_only=False)


# --- writing ---------------------------------------------------------------------------------------------------------


@contextmanager
def _writer(target: Path, reader: _Reader) -> Iterator[Any]:
    """A function that writes a batch; the file takes its name only when all of it is written."""
    from pyarrow import csv, parquet

    unfinished = target.with_name(f".{target.name}.unfinished")
    sink: Any = None
    try:
        with unfinished.open("wb") as file:

            def write(kept: pa.RecordBatch, scores: ColumnScores) -> None:
                nonlocal sink
                batch = _results(kept, scores)
                if sink is None and target.suffix.lower() == ".parquet":
                    sink = parquet.ParquetWriter(file, batch.schema)
                elif sink is None:
                    file.write(codecs.BOM_UTF8)  # without it Excel takes the file for another encoding
                    sink = csv.CSVWriter(file, batch.schema)
                sink.write_batch(batch)

            yield write
            if sink is None:
                raise _file_error(target, "no-plant", message("来源文件中没有任何企业"))
            sink.close()
        unfinished.replace(target)
    except OSError as error:
        reason = str(error.strerror or error)
        raise _file_error(target, "file-unwritable", message("写不出文件：{reason}", reason=reason)) from None
    finally:
        unfinished.unlink(missing_ok=True)


def _results(kept: pa.RecordBatch, scores: ColumnScores) -> pa.RecordBatch:
    import pyarrow as pa

    names = list(kept.schema.names)
    arrays = list(kept.columns)
    refused = scores.problem != 0

    def add(name: str, array: pa.Array) -> None:
        names.append(name)
        arrays.append(array)

    for place, level in enumerate(("I", "II", "III")):
        add(f"Y_{level}", pa.array(scores.y[place], mask=refused))
    if scores.y_high is not None:
        for place, level in enumerate(("I", "II", "III")):
            add(f"Y_{level}_high", pa.array(scores.y_high[place], mask=refused))
    levels = pa.array(np.where(refused, 0, scores.level).astype(np.int8), mask=refused)
    add("level", pa.DictionaryArray.from_arrays(levels, pa.array(list(LEVEL_WORDS.values()))).cast(pa.string()))
    add("limiting_failures", pa.array(scores.limiting_failures, mask=refused))
    codes = pa.array(scores.problem.astype(np.int8), mask=~refused)
    add("problem", pa.DictionaryArray.from_arrays(codes, pa.array(list(PROBLEMS))).cast(pa.string()))
    return pa.RecordBatch.from_arrays(arrays, names=names)


__all__ = ["FileScores", "score_file", "score_parquet"]

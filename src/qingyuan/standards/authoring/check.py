"""Proving an entered system: consistency, trial plants that are scored for real, and every finding at its cell.

``checking`` says what does not fit together; here imaginary plants are scored as well, because a table whose rows are
each right may still be unable to give level I. A form's findings are brought to their cells and can be written into a
marked copy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from qingyuan.errors import InputError, Location, Problem, QingyuanError, Severity
from qingyuan.language import Message, Name, Text, listing, message
from qingyuan.standards.answers import level_word
from qingyuan.standards.authoring.form import HEAD
from qingyuan.standards.authoring.layout import COLUMN
from qingyuan.standards.authoring.paper import Mark, mark_of
from qingyuan.standards.authoring.read import FormReading
from qingyuan.standards.authoring.reader import DOCUMENT, Spot
from qingyuan.standards.checking import check
from qingyuan.standards.formula import FormulaError, decimal_text
from qingyuan.standards.model import LEVELS, IndexSystem, Indicator, Level, Table, value_at
from qingyuan.standards.result import HUNDRED, Score
from qingyuan.standards.scoring import score
from qingyuan.standards.weights import weights_form

TRIAL_N = Fraction(2)  # the variable of formula levels in a trial


@dataclass(frozen=True, slots=True)
class Trial:
    """An imaginary plant (定级试算): what it is, what it must come to, what it came to."""

    table: str
    plant: Message
    expected: Message
    found: Text
    passed: bool

    def as_json(self) -> dict[str, object]:
        """The trial as plain values."""
        return {
            "table": self.table,
            "plant": str(self.plant),
            "expected": str(self.expected),
            "found": str(self.found),
            "passed": self.passed,
        }


@dataclass(frozen=True, slots=True)
class Proof:
    """Everything found about a system, and the trials; ``located`` has the problems of a form that stand in a cell."""

    system: IndexSystem | None
    problems: tuple[Problem, ...]
    trials: tuple[Trial, ...]
    located: tuple[tuple[Spot, Problem], ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the system may be used: no error, no failed trial."""
        return (
            self.system is not None
            and not any(problem.severity is Severity.ERROR for problem in self.problems)
            and all(trial.passed for trial in self.trials)
        )

    def as_json(self) -> dict[str, object]:
        """The proof as plain values."""
        return {
            "ok": self.ok,
            "system": None if self.system is None else self.system.id,
            "problems": [problem.as_json() for problem in self.problems],
            "trials": [trial.as_json() for trial in self.trials],
            "weights": {table.id: weights_form(table) for table in (self.system.all_tables() if self.system else ())},
        }


def prove(system: IndexSystem) -> Proof:
    """Check a system and score trial plants on each of its tables."""
    problems = check(system)
    return Proof(system, problems, _trials(system, problems))


def prove_form(reading: FormReading) -> Proof:
    """Check what a form says: the reader's problems and those of the system, each at its cell."""
    spots = list(reading.spots)
    problems = list(reading.problems)
    trials: tuple[Trial, ...] = ()
    if reading.system is not None:
        found = check(reading.system)
        faulty = {(spot.area, spot.row) for spot, problem in spots if problem.severity is Severity.ERROR}
        for problem in found:
            spot, placed = _placed(reading, problem)
            if not reading.ok and (problem.code not in _SURE or (spot and (spot.area, spot.row) in faulty)):
                continue  # may only follow from an error that is listed already
            problems.append(placed)
            if spot is not None:
                spots.append((spot, placed))
        if reading.ok:
            trials = _trials(reading.system, found)
    order = list(Severity)
    problems.sort(key=lambda problem: order.index(problem.severity))
    return Proof(reading.system, tuple(problems), trials, tuple(spots))


def mark_form(reading: FormReading, proof: Proof, path: Path | str) -> None:
    """Write a copy of a form in which every finding colours its cell and stands in its comment.

    Raises InputError where the file cannot be written.
    """
    from qingyuan.standards.authoring.write import write_cells

    by_spot: dict[Spot, list[Problem]] = {}
    for spot, problem in proof.located:
        by_spot.setdefault(spot, []).append(problem)
    marks: dict[tuple[int, int, str], Mark] = {}
    for spot, problems in by_spot.items():
        area = reading.form.tables[spot.area] if spot.area >= 0 else None
        row, key = spot.row, spot.key
        if area is not None and row != HEAD:
            _, row, key = area.value(row, key)  # a comment belongs to the first of merged cells
        mark = mark_of(problems)
        earlier = marks.get((spot.area, row, key))
        if earlier is not None:
            fills = ("error", "warning", "note")
            worst = min(earlier.fill, mark.fill, key=fills.index)
            mark = Mark(worst, f"{earlier.text}\n\n{mark.text}")
        marks[spot.area, row, key] = mark
    write_cells(path, reading.form, marks)


# Findings that hold even where other cells of the form could not be read.
_SURE = frozenset(
    {"weights-sum", "weights-sum-rounded", "levels-order", "levels-cross", "levels-span", "unknown-unit", "bad-weight"}
    | {"block-weight", "id-twice", "points-weight", "no-requirement-order", "bad-minimum", "verified-conflict"}
    | {"alternatives-single", "alternatives-groups", "alternatives-weights", "alternatives-limiting", "product-twice"}
)

# Column of a table sheet at which a finding of ``checking`` is shown.
_SHOWN_AT = {
    "weights-sum": "weight",
    "weights-sum-rounded": "weight",
    "no-weight": "weight",
    "bad-weight": "weight",
    "block-weight": "weight",
    "points-weight": "points",
    "no-points": "points",
    "points-sum": "points",
    "verified-gap": "verified",
    "verified-conflict": "verified",
    "no-block": "block",
    "product-outside-block": "product",
    "no-product": "product",
    "product-twice": "product",
    "unknown-share": "block_share",
    "open-with-levels": "open",
    "open-limiting": "limiting",
    "no-requirement-order": "no_requirement",
    "no-direction": "better",
    "no-level": "I",
    "levels-order": "I",
    "levels-cross": "I",
    "levels-span": "I",
    "no-parameter": "parameter",
    "no-benchmark": "benchmark",
    "zero-benchmark": "benchmark",
    "wrong-scheme": "benchmark",
    "no-unit": "unit",
    "unknown-unit": "unit",
    "qualitative-unit": "unit",
    "strict-qualitative": "strict",
}


def _placed(reading: FormReading, problem: Problem) -> tuple[Spot | None, Problem]:
    """A problem of the checker at its cell in the form, its place in words taken off."""
    parameters = dict(problem.message.parameters)
    path, text = str(parameters.get("at", "")), parameters.get("text", problem.message)
    spot = _spot(reading, problem.code, path)
    if spot is None or not isinstance(text, Message):
        return None, problem
    area = reading.form.document if spot.area == DOCUMENT else reading.form.tables[spot.area]
    where = Location(reading.form.file, area.sheet, cell=area.places.get((spot.row, spot.key), ""))
    return spot, Problem(problem.code, text, problem.severity, where, problem.found, problem.expected)


def _spot(reading: FormReading, code: str, path: str) -> Spot | None:
    if path.startswith(f"{reading.system.id}/grading" if reading.system else "?"):
        level = path.rpartition("/")[2]
        key = f"rule.{level}.min" if level in LEVELS else "bonus.table" if level == "bonus" else "grading.weights.P1"
        return Spot(DOCUMENT, HEAD, key)
    found = reading.places.get(path)
    if found is None:
        return Spot(DOCUMENT, HEAD, "rule.I.min") if code == "no-grading" else None
    key = _SHOWN_AT.get(code, "")
    if found.row == HEAD:
        if code in ("weights-sum", "weights-sum-rounded", "no-weight") and reading.form.tables[found.area].rows:
            return Spot(found.area, 0, "group_weight")
        return found
    if found.key == "group" and code in ("bad-weight",):
        return Spot(found.area, found.row, "group_weight")
    return Spot(found.area, found.row, key) if key in COLUMN else found


# --- trials ----------------------------------------------------------------------------------------------------------


def _trials(system: IndexSystem, problems: Iterable[Problem]) -> tuple[Trial, ...]:
    if system.located_only or any(problem.severity is Severity.ERROR for problem in problems):
        return ()
    found: list[Trial] = []
    for table in system.main_tables():
        if system.scheme == "levels":
            found += _level_trials(system, table)
        else:
            found += _scheme_trials(system, table)
    return tuple(found)


def _score(system: IndexSystem, table: Table, answers: Mapping[str, object]) -> Score | str:
    """Score a trial plant; the reasons where it cannot be scored."""
    n = {row.id: TRIAL_N for row in table.indicators() if row.has_formula}
    try:
        return score(system, answers, {"n": n} if n else {}, table.id)
    except InputError as error:
        return str(error)
    except QingyuanError as error:
        return str(error)


def _answers(system: IndexSystem, table: Table, level: Level | None) -> dict[str, object]:
    """The answers of a plant all of whose rows just reach a level, or miss all."""
    rows = list(table.indicators())
    bonus = system.bonus_table()
    if bonus is not None:
        rows += bonus.indicators()
    seen: set[str] = set()
    answers: dict[str, object] = {}
    for row in rows:
        if row.open:
            continue
        if row.alternatives and row.alternatives in seen:
            answers[row.id] = "n/a"
            continue
        seen.add(row.alternatives)
        answers[row.id] = _answer(row, level)
    return answers


def _answer(row: Indicator, level: Level | None) -> object:
    if not row.quantitative or row.bounds is None:
        return level or "none"
    bounds: list[Fraction] = []
    for each, bound in row.bounds.items():
        if bound is None or each in row.no_requirement:
            continue
        try:
            bounds.append(value_at(bound, TRIAL_N))
        except FormulaError:
            return level or "none"
    target = row.bounds[level] if level is not None else None
    worse = Fraction(1) if row.better == "lower" else Fraction(-1)
    if level is None:
        if not bounds:
            return "none"
        return (max(bounds) if row.better == "lower" else min(bounds)) + worse
    if target is None:
        return level
    bound = value_at(target, TRIAL_N)
    return bound - worse * Fraction(1, 10**6) if row.strict else bound


def _level_trials(system: IndexSystem, table: Table) -> list[Trial]:
    found: list[Trial] = []
    bonus = system.grading.bonus
    full = HUNDRED if bonus is None else min(bonus.cap, HUNDRED * (1 + bonus.weight))
    for level in LEVELS:
        found += _reaching(system, table, level, full)
    found += _missing(system, table)
    if not table.partial:
        found += _limiting(system, table)
    return found


def _reaching(system: IndexSystem, table: Table, level: Level, full: Fraction) -> list[Trial]:
    plant = message("各项都恰好达到{level}", level=level_word(level))
    result = _score(system, table, _answers(system, table, level))
    expected = message("Y_{index} = {full}，达到{level}", index=level, full=decimal_text(full), level=level_word(level))
    if isinstance(result, str):
        return [Trial(table.id, plant, expected, result, False)]
    if not result.scored:
        return []
    index = result.index(level)
    text = _came_to(f"Y_{level}", _shown(result, level), result)
    reached = result.level in LEVELS and LEVELS.index(result.level) <= LEVELS.index(level)
    if table.partial or not system.grading.rules:
        expected = message("Y_{level} 可以是 {full}", level=level, full=decimal_text(full))
        return [Trial(table.id, plant, expected, text, index.contains(full))]
    return [Trial(table.id, plant, expected, text, index.exact and index.low == full and reached)]


def _came_to(index: str, value: str, result: Score) -> Message:
    """What a trial came to: the index and the level, in words as the trials ask for it."""
    level = result.level_name
    if result.system.scheme == "levels" and result.level in LEVELS:
        level = level_word(result.level)
    return message("{index} = {value}，{level}", index=index, value=value, level=level)


def _shown(result: Score, level: Level) -> str:
    index = result.index(level)
    if index.exact:
        return decimal_text(index.low)
    return f"{decimal_text(index.low)}–{decimal_text(index.high)}"


def _missing(system: IndexSystem, table: Table) -> list[Trial]:
    plant = message("各项都达不到Ⅲ级")
    expected = message("Y_III < 100，不达标")
    result = _score(system, table, _answers(system, table, None))
    if isinstance(result, str):
        return [Trial(table.id, plant, expected, result, False)]
    if not result.scored or not system.grading.rules:
        return []
    passed = result.level == "none" and result.index("III").high < HUNDRED
    return [Trial(table.id, plant, expected, _came_to("Y_III", _shown(result, "III"), result), passed)]


def _limiting(system: IndexSystem, table: Table) -> list[Trial]:
    """Every limiting row alone, missing all levels, keeps a plant that is otherwise at I from every level."""
    rows = [row for row in table.indicators() if row.limiting and len(row.no_requirement) < len(LEVELS)]
    if not rows or system.grading.rule("I") is None:
        return []
    best = _answers(system, table, "I")
    failed: list[Name] = []
    for row in rows:
        if best.get(row.id) == "n/a":
            continue
        result = _score(system, table, {**best, row.id: _answer(row, None)})
        if isinstance(result, str) or "I" not in {
            level for failure in result.limiting_failures if failure.id == row.id for level in failure.withholds
        }:
            failed.append(row.name)
    plant = message("其余都达Ⅰ级，逐一让 {count} 项限定性指标达不到", count=len(rows))
    expected = message("每一项都使企业达不到Ⅰ级")
    found = listing(failed) if failed else message("{count} 项都起作用", count=len(rows))
    return [Trial(table.id, plant, expected, found, not failed)]


def _scheme_trials(system: IndexSystem, table: Table) -> list[Trial]:
    best, worst = ({row.id: word for row in table.indicators() if not row.open} for word in ("I", "none"))
    found: list[Trial] = []
    name = {"lead-base-linear": "score", "pass-fail": "passed"}.get(system.scheme, "P")
    for plant, answers, good in (
        (message("各项都达到最好的要求"), best, True),
        (message("各项都达不到"), worst, False),
    ):
        result = _score(system, table, answers)
        if isinstance(result, str):
            found.append(Trial(table.id, plant, message("能够计分"), result, False))
            continue
        indices = dict(result.indices)
        if name not in indices:
            continue
        full = indices.get("applicable", indices[name]) if system.scheme == "pass-fail" else None
        top = full.low if full is not None else HUNDRED
        value = indices[name]
        if system.scheme == "benchmark":
            passed = value.high > 0 if good else value.low == 0
            expected = message("大于 0") if good else message("等于 0")
        else:
            wanted = top if good else Fraction(0)
            passed = value.contains(wanted)
            expected = message("{wanted}", wanted=decimal_text(wanted))
        shown = decimal_text(value.low) if value.exact else f"{decimal_text(value.low)}–{decimal_text(value.high)}"
        found.append(Trial(table.id, plant, expected, _came_to(name, shown, result), passed))
    return found

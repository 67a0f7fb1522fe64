"""Assessment and acceptance sheets (评估、验收评分表): which sheet rules, its rows, a score with vetoes and an outcome.

The row points of the national sheets (环办科技〔2018〕5号, 附表1, 附表3) were not found; a sheet whose points are not
complete refuses any result and says what to load. ``write_sheet_form`` writes a form to fill in from the official
annex, ``install_sheet`` checks it (the points must add up) and keeps it for this installation, with who and when.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import operator
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from qingyuan.audit import law
from qingyuan.audit.calendar import user_law_folder
from qingyuan.audit.rule_records import COUNTRY, Condition, Gate
from qingyuan.audit.rules import Held, lineage
from qingyuan.errors import InputError, Location, Problem, UnknownName
from qingyuan.language import Message, listing, message
from qingyuan.reference.plan import ScoringSheet, SheetOutcome, SheetRow, SheetSection, scoring_sheets
from qingyuan.reference.records import Grade
from qingyuan.standards.formula import decimal_text, exact

GateKind = Literal["assessment", "acceptance", "consultant-review"]
_COLUMNS = ("部分 section", "评分项 row", "要求 asks", "分值 points")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet: its key (section and number, ``B.3``), and its points, None where they are not known."""

    key: str
    section: str
    name: str
    asks: str
    points: Fraction | None


@dataclass(frozen=True, slots=True)
class SheetScore:
    """A scored sheet (评分结果).

    ``total``: the sum of the rows; ``bonus`` what is added outside them; ``vetoes``: ids of those that apply;
    ``outcome``: what the score leads to, None where the sheet names none for it. ``official`` is false for a sheet that
    is kept for comparison, or of another place.
    """

    sheet: ScoringSheet
    total: Fraction
    bonus: Fraction
    points: tuple[tuple[Row, Fraction], ...]
    vetoes: tuple[str, ...]
    outcome: SheetOutcome | None
    official: bool
    notes: tuple[Message, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Plain values; points as numbers."""
        return {
            "sheet": self.sheet.id,
            "title": self.sheet.title,
            "document": self.sheet.document,
            "max_score": self.sheet.max_score,
            "score": float(self.total),
            "bonus": float(self.bonus),
            "rows": [
                {"key": row.key, "name": row.name, "points": float(given), "of": float(row.points or 0)}
                for row, given in self.points
            ],
            "vetoes": list(self.vetoes),
            "outcome": None if self.outcome is None else {"id": self.outcome.id, "name": self.outcome.name},
            "official": self.official,
            "grade": self.sheet.grade.value,
            "source": self.sheet.source,
            "notes": [str(note) for note in self.notes],
        }


def sheets() -> Mapping[str, ScoringSheet]:
    """Every sheet by id: those that ship, and in their place those that the operator installed.

    Raises InputError for an installed file that cannot be read.
    """
    return {**scoring_sheets(), **{id: _read_installed(path) for id, path in _installed().items()}}


def sheet(id: str) -> ScoringSheet:
    """One sheet. Raises UnknownName."""
    known = sheets()
    if id not in known:
        raise UnknownName(message("评分表"), id, sorted(known))
    return known[id]


def sheet_for(kind: GateKind, on: dt.date, jurisdiction: str = COUNTRY) -> tuple[ScoringSheet, Held[Gate]]:
    """The sheet that rules an assessment or acceptance on a day in a place, and the rule that names it.

    Raises NoRuleInForce where no rule is held.
    """
    rule = law.gate(kind, on, jurisdiction)
    return sheet(rule.record.sheet), rule


def rows(of: ScoringSheet) -> tuple[Row, ...]:
    """The rows of a sheet in their order."""
    return tuple(
        Row(f"{section.id}.{number}", section.name, row.name, row.asks, exact(row.points))
        for section in of.sections
        for number, row in enumerate(section.rows, start=1)
    )


def refusal(of: ScoringSheet) -> Message | None:
    """Why a sheet gives no result, and what to load; None where it can be scored."""
    if of.points == "complete" and exact(of.known_points) == exact(of.max_score):
        return None
    return message(
        "“{title}”的分值没有收录完整（已知 {known} 分，满分 {full} 分），不能给出评分结果。"
        "请从 {document} 的原表录入各行分值：先导出录入表，填好后装入；各行之和须为 {full}",
        title=of.title,
        known=decimal_text(exact(of.known_points) or Fraction(0)),
        full=decimal_text(exact(of.max_score) or Fraction(0)),
        document=of.document or of.source,
    )


def score_sheet(
    of: ScoringSheet | str,
    points: Mapping[str, object],
    vetoes: Mapping[str, bool] | None = None,
    *,
    bonus: object = 0,
    jurisdiction: str = COUNTRY,
) -> SheetScore:
    """Score an assessment or acceptance.

    ``points``: for each row's key (``rows``) the points given, a number from 0 to the row's points. ``vetoes``: for
    each veto of the sheet whether it applies; all must be judged. ``bonus``: points of a bonus table. ``jurisdiction``:
    where the case is; a sheet of another place gives no official result.

    Raises InputError with every problem, and where the sheet's points are not complete (code ``points-unknown``).
    """
    used = sheet(of) if isinstance(of, str) else of
    reason = refusal(used)
    if reason is not None:
        raise InputError([Problem("points-unknown", reason)])
    listed = rows(used)
    problems: list[Problem] = []
    given: list[tuple[Row, Fraction]] = []
    for row in listed:
        value = exact(points.get(row.key))
        if points.get(row.key) is None:
            problems.append(Problem("row-not-scored", message("{key} {name} 没有打分", key=row.key, name=row.name)))
        elif value is None or not 0 <= value <= (row.points or 0):
            problems.append(
                Problem(
                    "row-points",
                    message("{key} {name} 的打分不对", key=row.key, name=row.name),
                    found=str(points[row.key]),
                    expected=message("0 到 {full} 之间的数", full=decimal_text(row.points or Fraction(0))),
                )
            )
        else:
            given.append((row, value))
    keys = {row.key for row in listed}
    problems += [
        Problem("row-unknown", message("评分表没有这一行"), found=str(key)) for key in points if key not in keys
    ]
    extra = exact(bonus)
    if extra is None or extra < 0:
        problems.append(Problem("bonus", message("加分应为不小于 0 的数"), found=str(bonus)))
    applying = _vetoes(used, vetoes or {}, problems)
    if problems:
        raise InputError(problems)
    total = sum((value for _, value in given), Fraction(0))
    added = extra or Fraction(0)
    outcome = outcome_of(used, total, bool(applying), added)
    official, notes = _standing_of(used, jurisdiction, outcome)
    return SheetScore(used, total, added, tuple(given), applying, outcome, official, notes)


def _vetoes(of: ScoringSheet, given: Mapping[str, bool], problems: list[Problem]) -> tuple[str, ...]:
    known = [veto.id for veto in of.vetoes]
    for id in given:
        if id not in known:
            expected = message("{ids} 之一", ids=listing(known)) if known else None
            problems.append(Problem("veto-unknown", message("评分表没有这个否决项"), found=id, expected=expected))
    for veto in of.vetoes:
        if not isinstance(given.get(veto.id), bool):
            text = message("否决项“{name}”没有判定", name=veto.name)
            problems.append(Problem("veto-not-judged", text, expected=message("是或否")))
    return tuple(id for id in known if given.get(id) is True)


def _standing_of(of: ScoringSheet, jurisdiction: str, outcome: SheetOutcome | None) -> tuple[bool, tuple[Message, ...]]:
    notes: list[Message] = []
    here = of.jurisdiction in lineage(jurisdiction)
    if of.use == "comparison":
        notes.append(message("这张表只供比较，结果不是正式结果"))
    elif not here:
        place = of.jurisdiction
        notes.append(message("这张表是 {place} 的，不适用于 {here}，结果不是正式结果", place=place, here=jurisdiction))
    if of.grade is Grade.USER:
        notes.append(message("分值由用户录入（{source}），须与原表核对", source=of.source))
    if outcome is not None and outcome.grade is Grade.RECALLED:
        notes.append(message("分数线凭记忆录入，须与原文核对"))
    if not of.outcomes:
        notes.append(message("这张表没有收录结论的分数线，只给出得分"))
    return here and of.use == "rule", tuple(notes)


# --- outcomes --------------------------------------------------------------------------------------------------------

_COMPARE: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def outcome_of(of: ScoringSheet, total: Fraction, vetoed: bool, bonus: Fraction = Fraction(0)) -> SheetOutcome | None:
    """The outcome that a score leads to: the first whose test holds, None where none does.

    Tests are comparisons of ``score`` and ``score_with_bonus`` with numbers, "any veto" and "no veto", joined by "and"
    and "or" ("or" binds last). A test with other names is left out.
    """
    values = {"score": total, "score_with_bonus": total + bonus}
    for outcome in of.outcomes:
        if _holds(outcome.test, values, vetoed):
            return outcome
    return None


def _holds(test: str, values: Mapping[str, Fraction], vetoed: bool) -> bool:
    return any(
        all(_atom(atom.strip(), values, vetoed) is True for atom in clause.split(" and "))
        for clause in test.split(" or ")
    )


def _atom(text: str, values: Mapping[str, Fraction], vetoed: bool) -> bool | None:
    if text in ("any veto", "no veto"):
        return vetoed is (text == "any veto")
    parts = re.split(r"\s*(<=|>=|<|>)\s*", text)
    operands = [values.get(part, exact(part)) for part in parts[::2]]
    if len(parts) < 3 or any(operand is None for operand in operands):
        return None
    return all(
        _COMPARE[sign](left, right)
        for left, sign, right in zip(operands[:-1], parts[1::2], operands[1:], strict=True)
        if left is not None and right is not None
    )


# --- forms and the operator's own sheets -----------------------------------------------------------------------------


def write_sheet_form(of: ScoringSheet, path: Path) -> None:
    """Write a CSV form with the sheet's rows, to be filled in from the official annex (opens in Excel)."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(_COLUMNS)
        for row in rows(of):
            points = "" if row.points is None else decimal_text(row.points)
            writer.writerow((row.section, row.name, row.asks, points))


def read_sheet_form(of: ScoringSheet, path: Path, *, source: str) -> ScoringSheet:
    """Read a filled form into a complete sheet; its rows replace those of the shipped sheet.

    ``source``: who entered it, when, from which document. Raises InputError with every problem: a row without section,
    name or points, points that are no positive number, a sum that is not the sheet's full score.
    """
    where = Location(file=path.name)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            table = list(csv.reader(stream))
    except (OSError, UnicodeDecodeError) as error:
        reason = message("打不开文件：{reason}", reason=str(error))
        raise InputError([Problem("file-unreadable", reason, where=where)]) from None
    problems: list[Problem] = []
    sections: dict[str, list[SheetRow]] = {}
    for number, cells in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        section, name, asks, text = ([cell.strip() for cell in cells] + [""] * 4)[:4]
        points = exact(text)
        place = Location(file=path.name, row=number)
        if not section or not name:
            problems.append(Problem("row-incomplete", message("缺少部分或评分项的名称"), where=place))
        elif points is None or points <= 0:
            expected = message("大于 0 的数")
            problems.append(Problem("row-points", message("分值不对"), where=place, found=text, expected=expected))
        else:
            sections.setdefault(section, []).append(SheetRow(name=name, asks=asks, points=float(points)))
    total = sum((exact(row.points) or Fraction(0) for found in sections.values() for row in found), Fraction(0))
    if not problems and total != exact(of.max_score):
        text_sum = message("各行分值之和不等于满分")
        expected = message("{full}", full=decimal_text(exact(of.max_score) or Fraction(0)))
        problems.append(Problem("points-sum", text_sum, where=where, found=decimal_text(total), expected=expected))
    if problems:
        raise InputError(problems)
    ids = {section.name: section.id for section in of.sections}
    return of.model_copy(
        update={
            "points": "complete",
            "grade": Grade.USER,
            "source": source,
            "sections": tuple(
                SheetSection(id=ids.get(name, str(number)), name=name, grade=Grade.USER, rows=tuple(found))
                for number, (name, found) in enumerate(sections.items(), start=1)
            ),
        }
    )


def install_sheet(id: str, path: Path, *, by: str, on: dt.date) -> Path:
    """Read a filled form and keep it for this installation; returns the file that was written.

    ``by`` and ``on`` (who entered it and when) stand in every result that uses it. Raises as ``read_sheet_form``, and
    UnknownName for an unknown sheet.
    """
    source = f"{by}，{on.isoformat()}，{path.name}"
    filled = read_sheet_form(sheet(id), path, source=source)
    target = user_law_folder() / "sheets" / f"{id}.toml"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(_toml(filled), encoding="utf-8")
    return target


def _installed() -> Mapping[str, Path]:
    folder = user_law_folder() / "sheets"
    return {path.stem: path for path in sorted(folder.glob("*.toml"))} if folder.is_dir() else {}


def _read_installed(path: Path) -> ScoringSheet:
    try:
        return ScoringSheet.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, ValueError, ValidationError) as error:
        text = message("评分表文件读不出：{reason}", reason=str(error))
        raise InputError([Problem("sheet-file", text, where=Location(file=path.name))]) from error


def _toml(of: ScoringSheet) -> str:
    """The sheet as TOML: plain keys first, then its lists of tables."""

    def pairs(record: Mapping[str, object]) -> list[str]:
        return [
            f"{key} = {json.dumps(value, ensure_ascii=False)}"
            for key, value in record.items()
            if not isinstance(value, list) and value is not None and value != ""
        ]

    dumped = of.model_dump(mode="json")
    lines = pairs(dumped)
    for name in ("outcomes", "vetoes"):
        for record in dumped[name]:
            lines += ["", f"[[{name}]]", *pairs(record)]
    for section in dumped["sections"]:
        lines += ["", "[[sections]]", *pairs(section)]
        for row in section["rows"]:
            lines += ["", "[[sections.rows]]", *pairs(row)]
    return "\n".join(lines) + "\n"


# --- who may audit ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ability:
    """One condition on whoever audits, and the evidence that was recorded for it (审核能力证明)."""

    condition: Held[Condition]
    evidence: str

    @property
    def shown(self) -> bool:
        """Whether evidence was recorded."""
        return bool(self.evidence.strip())


def abilities(
    who: Literal["consultant", "enterprise"], evidence: Mapping[str, str], on: dt.date, jurisdiction: str = COUNTRY
) -> tuple[Ability, ...]:
    """The conditions a-d on a consultant (b, c on an enterprise that audits alone) with the evidence recorded.

    There is no national licence to look up: evidence is recorded for each condition by its id. Raises UnknownName for
    evidence of a condition that does not apply.
    """
    held: Sequence[Held[Condition]] = law.conditions(who, on, jurisdiction)
    known = [rule.record.id for rule in held]
    for id in evidence:
        if id not in known:
            raise UnknownName(message("审核能力条件"), id, known)
    return tuple(Ability(rule, evidence.get(rule.record.id, "")) for rule in held)

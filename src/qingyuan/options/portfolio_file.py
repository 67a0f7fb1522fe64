"""PORTFOLIO.json: a portfolio problem as a plain file (组合问题文件), written by hand or by other programs.

``{"projects": [{"id", "value" or "investment", "annual_saving", "annual_cost", "life", "uses": {resource: amount or
[by year after start]}, "results": {name: amount a year}, "requires", "excludes", "earliest", "latest", "shutdown"}],
"budgets": {resource: limit or [by year] or {"limits", "carry_over"}}, "years", "discount_rate", "targets":
[{"result", "minimum", "year"}], "groups": [{"projects", "at_most", "at_least"}], "objective": "npv" | "cost" |
"investment", "fractional", "shutdown_years"}``.

Without ``years`` nothing is put off: every project begins in period 1, and there are as many periods as the longest
list has. ``money`` is used by the investment where a budget of that name stands and the project says no other use.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from qingyuan.errors import InputError, Location, Problem
from qingyuan.language import listing, message
from qingyuan.options.portfolio import OBJECTIVES, Budget, Group, Objective, PortfolioProblem, Project, Target

_TOP = {
    "projects", "budgets", "years", "discount_rate", "targets", "groups", "objective", "fractional", "shutdown_years",
    "name", "note",
}  # fmt: skip
_PROJECT = {
    "id", "name", "value", "investment", "annual_saving", "annual_cost", "life", "uses", "results", "requires",
    "excludes", "earliest", "latest", "shutdown", "note",
}  # fmt: skip


class _Reader:
    """Reads plain values and collects what is wrong."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def wrong(self, code: str, text: object, where: int | None = None, found: object = "") -> None:
        place = Location(file=self.file, row=where)
        self.problems.append(Problem(code, message("{text}", text=text), where=place, found=str(found)[:80]))

    def keys(self, row: Mapping[str, object], known: set[str], where: int | None = None) -> None:
        for key in row:
            if key not in known:
                expected = message("不认识的键；可用：{known}", known=listing(sorted(known)))
                self.wrong("key-unknown", expected, where, key)

    def number(self, row: Mapping[str, object], key: str, default: float, where: int | None = None) -> float:
        value = row.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not -1e300 < value < 1e300:
            self.wrong("not-a-number", message("{key} 应为数字", key=key), where, value)
            return default
        return float(value)

    def whole(self, row: Mapping[str, object], key: str, default: int, where: int | None = None) -> int:
        value = self.number(row, key, default, where)
        if value != int(value):
            self.wrong("not-whole", message("{key} 应为整数", key=key), where, value)
        return int(value)

    def amounts(self, value: object, key: str, where: int | None = None) -> tuple[float, ...]:
        listed = value if isinstance(value, list) else [value]
        if any(isinstance(e, bool) or not isinstance(e, int | float) or not -1e300 < e < 1e300 for e in listed):
            self.wrong("not-a-number", message("{key} 应为数字或数字的列表", key=key), where, value)
            return ()
        return tuple(float(cast(float, each)) for each in listed)

    def ids(self, row: Mapping[str, object], key: str, where: int | None = None) -> tuple[str, ...]:
        value = row.get(key, [])
        if not isinstance(value, list):
            self.wrong("not-a-list", message("{key} 应为编号的列表", key=key), where, value)
            return ()
        return tuple(str(each) for each in value)

    def table(self, row: Mapping[str, object], key: str, where: int | None = None) -> Mapping[str, object]:
        value = row.get(key) or {}
        if not isinstance(value, Mapping):
            self.wrong("not-a-table", message("{key} 应为 {{名称: 数}}", key=key), where, value)
            return {}
        return value

    def rows(self, document: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
        value = document.get(key, [])
        if not isinstance(value, list) or any(not isinstance(each, Mapping) for each in value):
            self.wrong("not-a-list", message("{key} 应为 {{…}} 的列表", key=key), None, value)
            return []
        return cast("list[Mapping[str, object]]", value)


def read_portfolio(document: object, *, file: str = "") -> PortfolioProblem:
    """Read a portfolio problem from the plain values of its JSON. Raises InputError with everything that is wrong."""
    reader = _Reader(file)
    if not isinstance(document, Mapping) or not isinstance(document.get("projects"), list):
        reader.wrong("portfolio-shape", message("不是组合问题文件：应有 projects 列表"))
        raise InputError(reader.problems)
    reader.keys(document, _TOP)
    budgets = {
        str(name): _limits(reader, str(name), given) for name, given in reader.table(document, "budgets").items()
    }
    rows = reader.rows(document, "projects")
    uses = [_uses(reader, row, number, set(budgets)) for number, row in enumerate(rows, start=1)]
    timed = "years" in document
    longest = max((len(a) for use in uses for a in use.values()), default=1)
    longest = max([longest, *(len(limits) for limits, _ in budgets.values())])
    years = reader.whole(document, "years", longest)
    if years < 1:
        reader.wrong("years", message("years 应不小于 1"), None, years)
        years = 1
    projects = tuple(
        _project(reader, row, number, use, timed) for (number, row), use in zip(enumerate(rows, 1), uses, strict=True)
    )
    shared = tuple(
        Budget(name, limits * years if len(limits) == 1 else limits, carry) for name, (limits, carry) in budgets.items()
    )
    for project, number in zip(projects, range(1, len(projects) + 1), strict=True):
        for name in project.uses:
            if name not in budgets:
                reader.wrong("resource-unknown", message("没有这种资源的限额（budgets）"), number, name)
    objective = document.get("objective", "npv")
    if objective not in OBJECTIVES:
        reader.wrong("objective", message("objective 应为 {known} 之一", known=listing(OBJECTIVES)), None, objective)
        objective = "npv"
    problem = PortfolioProblem(
        projects=projects,
        years=years,
        budgets=shared,
        targets=tuple(
            _target(reader, row, number, years) for number, row in enumerate(reader.rows(document, "targets"), 1)
        ),
        groups=tuple(_group(reader, row, number) for number, row in enumerate(reader.rows(document, "groups"), 1)),
        discount_rate=reader.number(document, "discount_rate", 0.0),
        objective=cast(Objective, objective),
        fractional=document.get("fractional") is True,
        shutdown_years=tuple(
            int(year) for year in reader.amounts(document.get("shutdown_years", []), "shutdown_years")
        ),
    )
    try:
        problem.check()
    except InputError as error:
        reader.problems.extend(error.problems)
    if reader.problems:
        raise InputError(reader.problems)
    return problem


def _limits(reader: _Reader, name: str, given: object) -> tuple[tuple[float, ...], bool]:
    if isinstance(given, Mapping):
        reader.keys(given, {"limits", "carry_over"})
        return reader.amounts(given.get("limits", []), name), given.get("carry_over") is True
    return reader.amounts(given, name), False


def _uses(reader: _Reader, row: Mapping[str, object], where: int, budgets: set[str]) -> dict[str, tuple[float, ...]]:
    found = {
        str(key): reader.amounts(value, str(key), where) for key, value in reader.table(row, "uses", where).items()
    }
    investment = row.get("investment")
    if "money" in budgets and "money" not in found and isinstance(investment, int | float):
        found["money"] = (float(investment),)
    return found


def _project(
    reader: _Reader, row: Mapping[str, object], where: int, uses: Mapping[str, tuple[float, ...]], timed: bool
) -> Project:
    reader.keys(row, _PROJECT, where)
    id = str(row.get("id", "")).strip()
    if not id:
        reader.wrong("project-without-id", message("项目没有编号"), where)
    if row.get("value") is None and row.get("investment") is None and row.get("annual_saving") is None:
        reader.wrong("project-without-value", message("项目没有 value，也没有 investment 与 annual_saving"), where, id)
    results = reader.table(row, "results", where)
    life = reader.whole(row, "life", 10, where)
    if life < 1:
        reader.wrong("life", message("life 应不小于 1 年"), where, life)
    return Project(
        id=id,
        name=str(row.get("name", "")),
        value=None if row.get("value") is None else reader.number(row, "value", 0.0, where),
        investment=reader.number(row, "investment", 0.0, where),
        annual_saving=reader.number(row, "annual_saving", 0.0, where),
        annual_cost=reader.number(row, "annual_cost", 0.0, where),
        life=max(life, 1),
        uses=uses,
        results={str(key): reader.number(results, str(key), 0.0, where) for key in results},
        requires=reader.ids(row, "requires", where),
        excludes=reader.ids(row, "excludes", where),
        earliest=reader.whole(row, "earliest", 1, where),
        latest=(reader.whole(row, "latest", 1, where) if "latest" in row else None) if timed else 1,
        shutdown=row.get("shutdown") is True,
    )


def _target(reader: _Reader, row: Mapping[str, object], where: int, years: int) -> Target:
    reader.keys(row, {"result", "minimum", "year"}, where)
    if not row.get("result") or "minimum" not in row:
        reader.wrong("target-shape", message("目标应有 result 和 minimum"), where)
    return Target(
        str(row.get("result", "")), reader.number(row, "minimum", 0.0, where), reader.whole(row, "year", years, where)
    )


def _group(reader: _Reader, row: Mapping[str, object], where: int) -> Group:
    reader.keys(row, {"projects", "at_most", "at_least"}, where)
    most = reader.number(row, "at_most", 0.0, where) if "at_most" in row else None
    return Group(reader.ids(row, "projects", where), most, reader.number(row, "at_least", 0.0, where))

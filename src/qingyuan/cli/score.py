"""The sub-command ``score``: one plant's answers against a table, explained row by row; or many plants from a file."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from qingyuan.cli.common import EXIT_USAGE, JsonOption, LangOption, console, print_json, print_table, speaking
from qingyuan.errors import InputError, Location, Problem, UnknownName
from qingyuan.language import bracketed, clauses, listing, message, phrases, tr

if TYPE_CHECKING:
    from qingyuan.standards.distance import Distance
    from qingyuan.standards.result import RowScore, Score

_LARGEST = 50_000_000  # bytes of answers; a plant has a few kilobytes


def score(
    values: Annotated[
        str,
        typer.Argument(
            metavar="[VALUES.json]", help="各指标的回答，JSON；- 为标准输入 / answers as JSON, - for standard input"
        ),
    ] = "",
    system: Annotated[str, typer.Option("--system", help="指标体系编号 / id of the index system")] = "",
    table: Annotated[str, typer.Option("--table", help="评价表编号 / id of the table")] = "",
    param: Annotated[
        list[str] | None,
        typer.Option("--param", metavar="KEY=VALUE", help="参数，如 n=4、n.多层板=6 / a parameter, may be repeated"),
    ] = None,
    gaps: Annotated[
        bool, typer.Option("--gaps", help="差距与最少改进组合 / gaps and the smallest sets of improvements")
    ] = False,
    many: Annotated[
        Path | None, typer.Option("--many", help="许多企业：Parquet 或 CSV / many plants: Parquet or CSV")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="成批结果的文件 / file of the results of --many")] = None,
    absent: Annotated[
        str, typer.Option("--absent", help="--many 缺列时：refuse 或 no-data / a column that --many lacks")
    ] = "refuse",
    lang: LangOption = "",
    as_json: JsonOption = False,
) -> None:
    """按指标体系评价：综合评价指数、等级、每一项 / score a plant: indices, level and every row."""
    with speaking(lang):
        given = _parameters(param or [])
        if many is not None:
            _score_many(system, table, many, out, given, absent, as_json)
            return
        if not values:
            _wrong(tr("没有给出 VALUES.json（标准输入写 -）"))
        with problems_as_json(as_json):
            document = _read(values)
            from qingyuan.standards.answers import split_values

            wanted = system or split_values(document).system
            if not wanted:
                _wrong(tr("没有给出 --system；用 qingyuan systems list 查编号"))
            result = _scored(wanted, table, document, given)
        distance = None
        if gaps:
            from qingyuan.standards.distance import gaps as measure

            distance = measure(result)
        if as_json:
            record = result.as_json()
            if distance is not None:
                record["distance"] = distance.as_json()
            print_json(record)
            return
        _print_score(result)
        if distance is not None:
            _print_distance(distance)


@contextmanager
def problems_as_json(as_json: bool) -> Iterator[None]:
    """With ``--json`` give the problems of the input as JSON on standard output too, before they end the command."""
    try:
        yield
    except InputError as error:
        if as_json:
            print_json({"ok": False, "problems": [problem.as_json() for problem in error.problems]})
        raise


def _wrong(text: str) -> NoReturn:
    console(stderr=True).print(str(message("错误：{text}", text=text)), style="red", markup=False, soft_wrap=True)
    raise typer.Exit(EXIT_USAGE)


def _scored(system: str, table: str, document: Mapping[str, object], given: Mapping[str, object]) -> Score:
    """Score; an unknown system or table, or a choice that was not made, is wrong usage."""
    from qingyuan.standards.loading import load
    from qingyuan.standards.scoring import implausible_answers
    from qingyuan.standards.scoring import score as engine

    try:
        known = load(system)
        impossible = implausible_answers(known, document, table or None)
        try:
            found = engine(known, document, given, table or None)
        except InputError as error:
            raise InputError([*error.problems, *impossible]) from error
        if impossible:
            raise InputError(impossible)
        return found
    except UnknownName as error:
        _wrong(str(error))
    except InputError as error:
        if [problem.code for problem in error.problems] == ["choose-table"]:
            _wrong(f"{error}{bracketed('--table')}")
        raise


# --- reading ---------------------------------------------------------------------------------------------------------


def _read(source: str) -> Mapping[str, object]:
    """Read the answers; raises InputError where they are no JSON object or a key stands twice."""
    name = tr("标准输入") if source == "-" else Path(source).name
    try:
        data = sys.stdin.buffer.read(_LARGEST + 1) if source == "-" else _file(Path(source))
        if len(data) > _LARGEST:
            raise InputError([Problem("too-large", message("文件过大"), where=Location(file=name))])
        twice: list[str] = []
        document = json.loads(data.decode("utf-8-sig"), object_pairs_hook=lambda pairs: _object(pairs, twice))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        row = error.lineno if isinstance(error, json.JSONDecodeError) else None
        text = message("不是有效的 JSON：{text}", text=str(error))
        raise InputError([Problem("not-json", text, where=Location(file=name, row=row))]) from error
    except OSError as error:
        text = message("无法读取文件 {path}：{text}", path=source, text=str(error.strerror))
        raise InputError([Problem("unreadable", text)]) from error
    if twice:
        raise InputError(
            [Problem("key-twice", message("同一个键写了两次"), where=Location(file=name), found=key) for key in twice]
        )
    if not isinstance(document, dict):
        text = message("应为一个 JSON 对象：{{指标编号: 回答}}")
        raise InputError([Problem("not-an-object", text, where=Location(file=name))])
    return document


def _file(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_LARGEST + 1)


def _object(pairs: list[tuple[str, Any]], twice: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            twice.append(key)
        found[key] = value
    return found


def _parameters(given: list[str]) -> dict[str, Any]:
    """Parameters of the command line: ``n=4``, ``outputs.单面板=1000``, values as JSON where they are that."""
    found: dict[str, Any] = {}
    for entry in given:
        key, equals, text = entry.partition("=")
        path = [step for step in key.split(".") if step]
        if not equals or not path:
            _wrong(str(message("--param 应写作 KEY=VALUE；读到 {entry}", entry=entry)))
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        holder = found
        for step in path[:-1]:
            inner = holder.setdefault(step, {})
            if not isinstance(inner, dict):
                _wrong(str(message("--param {key} 与前面的参数矛盾", key=key)))
            holder = inner
        holder[path[-1]] = value
    return found


# --- many plants -----------------------------------------------------------------------------------------------------


def _score_many(
    system: str, table: str, many: Path, out: Path | None, given: Mapping[str, object], absent: str, as_json: bool
) -> None:
    """Score a file of plants into another file; the summary counts levels and what was refused."""
    if not system:
        _wrong(tr("没有给出 --system；用 qingyuan systems list 查编号"))
    if out is None:
        _wrong(tr("--many 要同时给出 --out"))
    if given:
        _wrong(tr("--many 的参数是文件里的列（n:指标、output:产品），不用 --param"))
    if absent not in ("refuse", "no-data"):
        _wrong(str(message("--absent 应为 {options} 之一", options=listing(("refuse", "no-data")))))
    from qingyuan.standards.columns.files import score_file

    try:
        with problems_as_json(as_json):
            summary = score_file(
                system, table or None, many, out, absent="no-data" if absent == "no-data" else "refuse"
            )
    except UnknownName as error:
        _wrong(str(error))
    except InputError as error:
        if [problem.code for problem in error.problems] == ["choose-table"]:
            _wrong(f"{error}{bracketed('--table')}")
        raise
    if as_json:
        print_json(summary.as_json())
        return
    words = {"none": tr("不达标"), "undecided": tr("无法判定"), "refused": tr("数据有误，未评")}
    rows = [(words.get(level) or _met(level), count) for level, count in summary.levels.items() if count]
    print_table(str(message("{count} 家企业", count=summary.plants)), [tr("等级"), tr("家数")], rows, right=(1,))
    for code, count in summary.problems.items():
        console().print(str(message("未评 {count} 家：{code}", count=count, code=code)), style="yellow", markup=False)
    console().print(str(message("已写入 {path}", path=summary.target)), markup=False, soft_wrap=True)


# --- printing --------------------------------------------------------------------------------------------------------


def _print_score(result: Score) -> None:
    """Print the result: the rows by groups, the indices, the level, what keeps the plant from better ones."""
    from qingyuan.standards.answers import level_word
    from qingyuan.standards.formula import decimal_text

    out = console()
    title = message("{system} · {table}", system=result.system.title, table=result.table.name)
    out.print(str(title), style="bold", markup=False)
    if result.system.grade.value == "demo":
        out.print(tr("演示数据"), style="bold red")
    rows = []
    group = ""
    for row in result.rows:
        name = str(row.group_name)
        rows.append(_row(row, "" if name == group else name, result.system.scheme))
        group = name
    columns = [tr("一级指标"), tr("二级指标"), tr("权重"), tr("企业值"), tr("要求"), tr("达到"), tr("说明")]
    print_table("", columns, rows, right=(2,))
    marks = phrases(_index_text(name, interval, result) for name, interval in result.indices)
    out.print(str(marks), style="bold", markup=False)
    out.print(str(message("等级：{level}", level=result.level_name)), style="bold", markup=False)
    if result.level == "undecided":
        words = listing(result.name_of(level) for level in result.possible)
        out.print(str(message("可能是：{levels}", levels=words)), markup=False)
    for failure in (*result.limiting_failures, *result.other_failures):
        kind = message("限定性指标") if failure in result.limiting_failures else message("其余指标")
        text = message(
            "{kind}“{name}”：{level}要求达到{required}，现为{reached}",
            kind=kind,
            name=failure.name,
            level=level_word(failure.level),
            required=level_word(failure.required),
            reached=_met(failure.reached),
        )
        out.print(str(text), style="red", markup=False)
    if result.no_data:
        names = [result.row(id).indicator.name for id in result.no_data]
        listed = clauses((*names[:8], *("…" for _ in names[8:9])))
        text = message("没有数据、按 0 分计的 {count} 项：{names}", count=len(names), names=listed)
        out.print(str(text), style="yellow", markup=False)
    below = result.below_read
    if below is not None:
        text = message("依据低于“已读原文”的权重占 {share}%", share=decimal_text(below * 100, 2))
        out.print(str(text), style="yellow" if below else "", markup=False)
    for note in result.notes:
        out.print(f"· {note}", style="dim", markup=False)


def _index_text(name: str, interval: Any, result: Score) -> str:
    from qingyuan.standards.formula import decimal_text

    label = f"Y_{name}" if result.system.scheme == "levels" else name
    if interval.exact:
        return f"{label} = {decimal_text(interval.low, 4)}"
    return f"{label} = {decimal_text(interval.low, 4)} … {decimal_text(interval.high, 4)}"


def _row(row: RowScore, group: str, scheme: str) -> list[str]:
    from qingyuan.standards.formula import decimal_text

    weight = "" if row.weight is None else decimal_text(row.weight, 4)
    if row.weight is None and row.shared_weight:
        weight = f"({decimal_text(row.shared_weight, 4)})"
    if scheme == "levels":
        wanted = _wanted(row)
    else:
        wanted = _benchmark(row)
    value = "" if row.answer.as_json() is None else str(row.answer)
    met = _met(row.met)
    if scheme != "levels" and row.met in ("I", "none"):
        met = tr("达到") if row.met == "I" else tr("未达到")
    name = f"{row.indicator.name}{' *' if row.indicator.limiting else ''}"
    if row.bonus:
        name = f"+ {name}"
    return [group, name, weight, value, wanted, met, str(clauses(row.notes))]


def _benchmark(row: RowScore) -> str:
    """The benchmark of a row in the schemes without levels, with its direction and unit where it is a number."""
    from fractions import Fraction

    from qingyuan.standards.formula import decimal_text
    from qingyuan.standards.wording import sign, unit_label

    value = row.indicator.benchmark
    if not isinstance(value, Fraction):
        return "" if value is None else str(value)
    mark = f"{sign(row.indicator)} " if row.indicator.better else ""
    return f"{mark}{decimal_text(value)} {unit_label(row.indicator)}".strip()


def _wanted(row: RowScore) -> str:
    """The three bounds of a quantitative row on one line; of a qualitative one what the next better level asks."""
    from qingyuan.standards.answers import level_word
    from qingyuan.standards.formula import decimal_text
    from qingyuan.standards.model import LEVELS
    from qingyuan.standards.wording import sign, unit_label

    if row.indicator.quantitative and all(bound is not None for bound in row.bounds.values):
        numbers = [decimal_text(bound) for bound in row.bounds.values if bound is not None]
        shown = numbers[:1] if len(set(numbers)) == 1 else numbers
        return f"{sign(row.indicator)} {' / '.join(shown)} {unit_label(row.indicator)}"
    missed = [level for level in reversed(LEVELS) if row.membership[level] is not True]
    if row.met in ("n/a", "open") or not missed:
        return ""
    return str(message("{what}：{text}", what=level_word(missed[0]), text=row.requirement(missed[0])))


def _met(met: str) -> str:
    words = {
        "n/a": message("不适用"),
        "no-data": message("无数据"),
        "open": message("不参评"),
        "unknown": message("不能判定"),
        "none": message("未达Ⅲ级"),
        "I": message("Ⅰ级"),
        "II": message("Ⅱ级"),
        "III": message("Ⅲ级"),
    }
    return str(words.get(met, met))


def _print_distance(distance: Distance) -> None:
    """Print what each row lacks to each level, and the smallest sets of rows that lead up."""
    from qingyuan.standards.answers import level_word
    from qingyuan.standards.model import LEVELS

    upward = tuple(reversed(LEVELS))
    rows = []
    for gap in distance.rows:
        by_level = {each.level: each for each in gap.gaps}
        cells: list[str] = []
        before = None
        for level in upward:
            each = by_level.get(level)
            wanted = "" if each is None else str(each.requirement)
            if each is not None and each.change is not None:
                wanted += str(bracketed(f"{float(each.change):+.6g}"))
            cells.append("←" if wanted and wanted == before else wanted)
            before = wanted
        rows.append((gap.row.indicator.name, _met(gap.row.met), *cells))
    columns = [tr("指标"), tr("现在"), *(str(message("到{level}", level=level_word(level))) for level in upward)]
    print_table(tr("差距（括号内为还差多少）"), columns, rows)
    names = {gap.row.id: str(gap.row.indicator.name) for gap in distance.rows}
    out = console()
    for path in distance.paths:
        if not path.possible:
            text = message("{level}：达不到。{reason}", level=level_word(path.level), reason=path.reason or "")
            out.print(str(text), markup=False)
            continue
        count = "?" if path.count is None else path.count
        text = message(
            "{level}：最少改进 {size} 项，有 {count} 种组合", level=level_word(path.level), size=path.size, count=count
        )
        out.print(str(text), style="bold", markup=False)
        for choice in path.sets[:5]:
            steps = clauses(f"{names.get(step.id, step.id)} → {_met(step.to)}" for step in choice.steps)
            out.print(f"  {steps}", markup=False)
        if len(path.sets) > 5 or not path.complete:
            out.print(tr("  ……全部组合见 --json"), style="dim", markup=False)

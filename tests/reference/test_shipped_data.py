"""The data that ship: no orphan file, every record graded and sourced, strict shapes, complete tables."""

from __future__ import annotations

import csv
import dataclasses
import importlib
import inspect
import json
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import BaseModel

from qingyuan.reference import catalogue, limits, plan, processes, sectors, sources, technologies, wastes
from qingyuan.reference.items import Item, Kind, Role
from qingyuan.reference.loading import DATA, DataError, Record, load_csv, load_toml
from qingyuan.reference.records import Grade
from qingyuan.reference.sources import Graded, Source, source_text

ROOMS = ("chemistry", "items", "limits", "plan", "processes", "sectors", "sources", "technologies", "wastes")
OWN_FOLDERS = ("items", "limits", "plan", "processes", "sectors", "technologies", "wastes")


def loaders(module: ModuleType) -> Iterator[str]:
    """The public functions of a module that can be called without arguments."""
    for name, function in vars(module).items():
        if name.startswith("_") or getattr(function, "__module__", "") != module.__name__ or inspect.isclass(function):
            continue
        if not callable(function):
            continue
        parameters = inspect.signature(function).parameters.values()
        if all(parameter.default is not parameter.empty for parameter in parameters):
            yield name


def everything() -> Iterator[tuple[str, object]]:
    """What every loader gives when it is asked for all."""
    for room in ROOMS:
        module = importlib.import_module(f"qingyuan.reference.{room}")
        for name in loaders(module):
            wanted = inspect.signature(getattr(module, name)).parameters
            options = {"comparison": True} if "comparison" in wanted else {}
            yield f"{room}.{name}", getattr(module, name)(**options)


def test_no_file_is_an_orphan() -> None:
    code = """
import json, sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
sys.path.insert(0, sys.argv[1])
from test_shipped_data import everything
for name, answer in everything():
    pass
print(json.dumps(opened))
"""
    command = [sys.executable, "-c", code, str(Path(__file__).parent)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, encoding="utf-8")
    opened = {Path(name) for name in json.loads(done.stdout.splitlines()[-1]) if name.startswith(str(DATA))}
    shipped = {DATA / "sources.csv"}
    for folder in OWN_FOLDERS:
        shipped |= {path for path in (DATA / folder).rglob("*") if path.is_file()}
    assert len(shipped) > 50
    assert shipped - opened == set()


def test_every_other_file_is_named_by_code() -> None:
    """Files of the other rooms: the file or its folder stands in the text of a module that reads it."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in DATA.parent.rglob("*.py"))
    orphans = []
    for path in DATA.rglob("*"):
        place = path.relative_to(DATA)
        if path.is_dir() or place.parts[0] in OWN_FOLDERS or path.suffix == ".md":
            continue
        folder = place.parts[0] if len(place.parts) > 1 else ""
        if path.name not in code and not (folder and f'"{folder}' in code):
            orphans.append(str(place))
    assert not orphans


def records(value: object) -> Iterator[object]:
    if isinstance(value, Mapping):
        yield from (inner for item in value.values() for inner in records(item))
    elif isinstance(value, BaseModel) or dataclasses.is_dataclass(value):
        yield value
    elif isinstance(value, Iterable) and not isinstance(value, str):
        yield from (inner for item in value for inner in records(item))


def test_every_record_has_source_and_grade() -> None:
    count: Counter[str] = Counter()
    for name, answer in everything():
        for record in records(answer):
            if isinstance(record, Source) or name == "items.catalogue":
                continue
            assert hasattr(record, "grade"), name
            assert hasattr(record, "source"), name
            assert record.grade in (Grade.READ, Grade.CITED, Grade.RECALLED), (name, record)
            assert str(record.source).strip(), (name, record)
            assert "@" not in str(record.source).split("<")[0], (name, record)
            count[name] += 1
    assert sum(count.values()) > 13_000
    known = catalogue()
    graded: list[Item | Role | Kind] = [*known.items, *known.all_roles, *known.kinds]
    for record in graded:
        assert record.grade in (Grade.READ, Grade.CITED, Grade.RECALLED)
        assert record.source


def nested(value: object) -> Iterator[BaseModel]:
    """A record and all records inside it."""
    if isinstance(value, BaseModel):
        yield value
        for name in type(value).model_fields:
            yield from nested(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from nested(item)


def test_no_inner_grade_is_surer_than_its_record_by_mistake() -> None:
    for name, answer in everything():
        for outer in records(answer):
            for record in nested(outer):
                grade = getattr(record, "grade", None)
                assert grade in (None, Grade.READ, Grade.CITED, Grade.RECALLED), (name, record)


def test_every_source_of_the_register_is_used() -> None:
    text = "".join(
        path.read_text(encoding="utf-8")
        for folder in OWN_FOLDERS
        for path in (DATA / folder).rglob("*")
        if path.suffix in (".csv", ".toml")
    )
    assert [id for id in sources.sources() if f"@{id}" not in text] == []


def test_sources_resolve() -> None:
    assert source_text("任意文字") == "任意文字"
    assert source_text("@iac-doe").endswith("<https://iac.university/>")
    for text in ("@no-such-source", "", "  "):
        with pytest.raises(ValueError, match="source"):
            source_text(text)


def test_loaders_are_strict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Row(Graded):
        id: str
        value: float = 0.0

    class File(Record):
        rows: tuple[Row, ...]

    monkeypatch.setattr("qingyuan.reference.loading.DATA", tmp_path)
    good = 'id = "a"\ngrade = "read"\nsource = "x"\n'
    cases = {
        "unknown-key.toml": f'[[rows]]\n{good}colour = "red"\n',
        "no-grade.toml": '[[rows]]\nid = "a"\nsource = "x"\n',
        "wrong-grade.toml": '[[rows]]\nid = "a"\nsource = "x"\ngrade = "sure"\n',
        "no-toml.toml": "[[rows\n",
        "no-rows.toml": "rows = 3\n",
    }
    for name, text in cases.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match=name):
            load_toml(name, File)
    with pytest.raises(DataError):
        load_toml("absent.toml", File)
    (tmp_path / "good.toml").write_text(f"[[rows]]\n{good}", encoding="utf-8")
    assert load_toml("good.toml", File).rows[0].id == "a"
    tables = {
        "unknown-column.csv": "id,grade,source,colour\na,read,x,red\n",
        "twice.csv": "id,id,grade,source\na,a,read,x\n",
        "no-number.csv": "id,value,grade,source\na,many,read,x\n",
        "no-source.csv": "id,value,grade,source\na,1,read,\n",
        "long-row.csv": "id,value,grade,source\na,1,read,x,y\n",
    }
    for name, text in tables.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match=name):
            load_csv(name, Row)
    with pytest.raises(DataError):
        load_csv("absent.csv", Row)
    (tmp_path / "good.csv").write_text("id,value,grade,source\na,,read,x\n", encoding="utf-8")
    assert load_csv("good.csv", Row) == (Row(id="a", grade=Grade.READ, source="x"),)


# --- against the reference material --------------------------------------------------------------------------------


def _toml(path: Path) -> dict[str, object]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_energy_quotas_are_those_that_were_collected(shared: Path) -> None:
    there = _toml(shared / "domain/data/energy-quotas.toml")
    rows = there["limits"]["rows"]  # type: ignore[index]
    ours = {row.id: row for row in limits.energy_quotas()}
    assert len(ours) == len(rows) == 2627
    assert len({(row.standard, row.id.rsplit(".", 1)[0]) for row in ours.values()}) == 881
    assert len(limits.energy_quota_standards()) == 67
    for row in rows:
        record = ours[row["id"]]
        assert (record.standard, record.product, record.measure) == (row["std"], row["product"], row["metric"])
        assert (record.level, record.value, record.grade.value) == (row["level"], row["value"], row["grade"])
        assert record.comparison == ("at least" if row.get("op") == ">=" else "at most")
    standards = {row["number"]: row for row in there["standard"]}  # type: ignore[attr-defined]
    for number, standard in limits.energy_quota_standards().items():
        assert standard.valid_from == standards[number].get("valid_from")
        assert standard.valid_to == standards[number].get("valid_to")


def test_technologies_are_those_that_were_collected(shared: Path) -> None:
    there: dict[str, dict[str, object]] = {}
    for path in (shared / "technologies").glob("*.toml"):
        there |= {record["id"]: record for record in _toml(path).get("technology", ())}  # type: ignore[attr-defined]
    ours = technologies.technologies()
    assert set(ours) == set(there)
    assert len(ours) == 355
    effects = [effect for record in ours.values() for effect in record.effects]
    assert len(effects) == 297
    assert sum(bool(record.effects) for record in ours.values()) == 171
    assert sum(record.cost is not None for record in ours.values()) == 91
    assert sum(bool(record.plan_section) for record in ours.values()) == 144
    for id, record in ours.items():
        source = there[id]
        for effect, other in zip(record.effects, source["effects"], strict=True):  # type: ignore[call-overload]
            for key in ("change", "change_percent", "value_after", "low", "high"):
                assert getattr(effect, key) == other.get(key)
            assert (effect.grade == Grade.RECALLED) == bool(other.get("recalled"))
        cost = source.get("cost", {})
        for key in ("capex", "capex_low", "capex_high", "opex", "saving", "payback_years"):
            assert (getattr(record.cost, key) if record.cost else None) == cost.get(key)  # type: ignore[attr-defined]
        if record.grade == Grade.READ:
            assert source["source_grade"] == "A"
            assert source["verified"]


COUNTS = (
    ("waste-codes.csv", 560, lambda: wastes.waste_codes()),
    ("byproduct-uses.csv", 137, lambda: wastes.byproduct_uses()),
    ("waste-exemptions-2021.csv", 45, lambda: wastes.exemptions()),
    ("generation-ranges.csv", 6121, lambda: processes.generation_ranges()),
    ("generation-dropped.csv", 212, lambda: processes.generation_left_out()),
    ("treatment-efficiency.csv", 1871, lambda: processes.treatment_efficiencies()),
)


@pytest.mark.parametrize(("name", "count", "loader"), COUNTS, ids=[name for name, _, _ in COUNTS])
def test_tables_are_complete(shared: Path, name: str, count: int, loader: object) -> None:
    assert callable(loader)
    assert len(_csv(shared / "domain/data" / name)) == len(loader()) == count


def test_generation_ranges_are_unchanged(shared: Path) -> None:
    for row, record in zip(_csv(shared / "domain/data/generation-ranges.csv"), processes_in_file_order(), strict=True):
        assert (row["gb4754"], row["product"], row["medium"]) == (record.industry_code, record.product, record.medium)
        assert [float(row[f"generation_{name}"]) for name in ("min", "median", "max")] == [
            record.low,
            record.median,
            record.high,
        ]


def processes_in_file_order() -> tuple[processes.GenerationRange, ...]:
    return load_csv("processes/generation-ranges.csv", processes.GenerationRange)


def numbers(value: object, skip: frozenset[str] = frozenset()) -> Counter[float]:
    """Every number of a tree, tables of the given names left out."""
    if isinstance(value, Mapping):
        return sum((numbers(inner, skip) for key, inner in value.items() if key not in skip), Counter())
    if isinstance(value, (list, tuple)):
        return sum((numbers(inner, skip) for inner in value), Counter())
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Counter({float(value): 1})
    return Counter()


# Tables of the material that are not numbers of a sector: counts of the surveys and own timings; transport factors that
# stand in two files; axes that became part of a name.
LEFT_OUT = frozenset({"meta", "source", "validation", "network_benchmark", "schema", "counties", "market_users"}) | {
    "households_sampled",
    "crops",
    "v_km_h",
    "t",
}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("livestock", ["manure-land-capacity"]),
        ("crops", ["crop-nutrients", "straw-ratios"]),
        ("buildings", ["building-energy", "building-materials-carbon", "construction-waste"]),
        ("transport", ["transport-factors"]),
        ("services", ["service-water"]),
    ],
)
def test_no_number_of_a_sector_was_lost(shared: Path, ours: str, theirs: list[str]) -> None:
    there: Counter[float] = Counter()
    for name in theirs:
        skip = LEFT_OUT | {"transport"} if name == "building-materials-carbon" else LEFT_OUT
        there += numbers(_toml(shared / f"domain/data/{name}.toml"), frozenset(skip))
    here: Counter[float] = Counter()
    for record in load_csv(f"sectors/{ours}.csv", sectors.SectorValue):
        here += Counter(
            {float(value): 1 for value in (record.value, record.low, record.high, record.year) if value is not None}
        )
        # A range whose ends are equal, or a value equal to an end, counts each time.
        values = [value for value in (record.value, record.low, record.high, record.year) if value is not None]
        here += Counter(float(value) for value in values) - Counter({float(value): 1 for value in set(values)})
    assert not there - here


def test_unverified_numbers_of_sectors_are_recalled(shared: Path) -> None:
    wanted = {
        f"crop-removal/{record['id'].replace('_', '-')}/n"
        for record in _toml(shared / "domain/data/manure-land-capacity.toml")["crop"]  # type: ignore[attr-defined]
        if record.get("unverified")
    }
    found = {record.id: record.grade for record in sectors.values("crop-removal")}
    assert len(wanted) == 30
    assert {found[id] for id in wanted} == {Grade.RECALLED}


def test_the_plan_is_complete(shared: Path) -> None:
    there = _toml(shared / "domain/data/plan-targets.toml")
    ours = plan.plan()
    assert [record.id for record in ours.targets] == [record["id"] for record in there["target"]]  # type: ignore[attr-defined]
    assert len(ours.targets) == 22
    assert [record.id for record in ours.scopes] == [record["id"] for record in there["scope"]]  # type: ignore[attr-defined]
    for record, source in zip(ours.targets, there["target"], strict=True):  # type: ignore[call-overload]
        assert (record.value, record.value_min, record.value_max) == (
            source.get("target"),
            source.get("target_min"),
            source.get("target_max"),
        )
        assert record.grade == Grade.READ

"""Chinese and English are both complete: the catalogue, what commands print, reports; one result is read in both."""

from __future__ import annotations

import csv
import importlib.util
import io
import json
import re
import shutil
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import openpyxl
import pytest
import rich.console
from pypdf import PdfReader
from typer.testing import CliRunner, Result

from qingyuan.audit.pipeline import run
from qingyuan.audit.result import AuditResult
from qingyuan.cli.main import app
from qingyuan.demo import SHIPPED_CASES
from qingyuan.facts import read_case
from qingyuan.language import Name, bracketed, clauses, headed, inside, language, listing, message, phrases, sentences
from qingyuan.reference.english import english, translated
from qingyuan.reference.items import catalogue
from qingyuan.reference.loading import DATA
from qingyuan.report.first_report import first_report
from qingyuan.report.pdf import pdf_bytes
from qingyuan.report.resolve import resolve
from qingyuan.report.result_json import result_json
from qingyuan.report.tree import Figure, Formula
from qingyuan.standards import load

ROOT = Path(__file__).parent.parent
TODAY = date(2026, 8, 20)
CASES = ("pcb-plant-a", "electroplating-demo", "hazardous-waste-incineration-demo")
DEMOS = CASES[1:]

HAN = re.compile(r"[\u3400-\u9fff]+")
WIDE = re.compile(r"[\u3000-\u303f\uff00-\uffef]")  # punctuation and letters of full width
QUOTED = re.compile(r"“([^“”]+)”")
TITLE = re.compile(r"《[^》]*》")  # official titles stay as they are, so that they can be found


# --- what may stay Chinese: the plant's own words --------------------------------------------------------------------


def texts(value: object) -> Iterator[str]:
    """Every string inside plain values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)


@dataclass(frozen=True)
class Words:
    """What may stand Chinese in an English text: all of it, and its unbroken runs of characters."""

    text: str = ""
    runs: frozenset[str] = frozenset()

    @classmethod
    def of(cls, words: Iterable[str]) -> Words:
        text = "\n".join(words)
        return cls(text, frozenset(HAN.findall(text)))


NOTHING = Words()


@lru_cache(maxsize=8)
def words_of(folder: Path) -> tuple[str, ...]:
    """What the plant wrote: every cell of its files."""
    cells: list[str] = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            cells += [cell for row in csv.reader(stream) for cell in row]
    for path in sorted(folder.glob("*.toml")):
        cells += texts(tomllib.loads(path.read_text(encoding="utf-8")))
    return tuple(dict.fromkeys(cells))


@lru_cache(maxsize=1)
def aliases() -> tuple[str, ...]:
    return tuple(name for item in catalogue() for name in (item.name.zh, *item.aliases, *item.role_aliases))


@lru_cache(maxsize=8)
def allowed_in(folder: Path) -> Words:
    """What the plant wrote, the names of its own items, the program's name, and names suggested for Chinese ones."""
    case = read_case(folder)
    own = dict.fromkeys((*(fact.item for fact in case.facts), *case.profile.details))  # details: headings of its own
    return Words.of((*words_of(folder), *own, *aliases(), "清源"))


def foreign(text: str, allowed: Words = NOTHING, *, broken: bool = False) -> list[str]:
    """The pieces of Chinese in an English text that are no words of the plant.

    A run of characters must stand whole in what the plant wrote; in a text that is ``broken`` over lines, and where the
    program quotes, it may be a piece of that. A sign of full width must stand there beside the same sign.
    """
    if not HAN.search(text) and not WIDE.search(text):
        return []
    plain = TITLE.sub("", text)
    plain = QUOTED.sub(lambda quoted: "" if quoted[1] in allowed.text else quoted[0], plain)
    found = [piece for piece in HAN.findall(plain) if piece not in allowed.runs]
    if broken:
        found = [piece for piece in found if piece not in allowed.text]
    for sign in WIDE.finditer(plain):
        if plain[max(0, sign.start() - 1) : sign.end()].lstrip() not in allowed.text:
            found.append(plain[max(0, sign.start() - 20) : sign.end() + 20])
    return found


# --- the catalogue ---------------------------------------------------------------------------------------------------


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_message_has_its_english() -> None:
    assert tool("messages").faults() == []


def test_the_check_of_the_catalogue_finds_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    messages = tool("messages")
    before = messages.faults()
    catalogue_ = messages.current()
    known = [str(entry.id) for entry in catalogue_ if entry.id and "{" in str(entry.id)]
    for text, wrong in zip(known, ("", "lost", "{unknown}", "中文", "，"), strict=False):
        catalogue_.get(text).string = wrong
    monkeypatch.setattr(messages, "current", lambda: catalogue_)
    found = [fault for fault in messages.faults() if fault not in before]
    assert len(found) == 6  # the five, and the compiled file that does not agree with them


# What the accounting data say in Chinese that no reader of figures sees.
_NOT_SHOWN = {"items", "kinds", "words", "read_in", "url", "text", "zh"}


def chinese_texts(value: object, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for inner_key, inner in value.items():
            yield from chinese_texts(inner, inner_key)
    elif isinstance(value, list):
        for inner in value:
            yield from chinese_texts(inner, key)
    elif (
        isinstance(value, str)
        and key not in _NOT_SHOWN
        and not key.endswith("_zh")
        and (HAN.search(value) or WIDE.search(value))
    ):
        yield value


def test_every_source_edition_and_remark_of_the_accounting_data_has_english() -> None:
    used = {
        text
        for path in sorted((DATA / "accounting").glob("*.toml"))
        for text in chinese_texts(tomllib.loads(path.read_text(encoding="utf-8")))
    }
    assert sorted(used - set(english())) == []
    assert sorted(set(english()) - used) == []
    assert [text for text in english().values() if foreign(text)] == []


def test_a_source_keeps_its_address_and_an_edition_its_year() -> None:
    with language("en"):
        assert str(translated("公告2024年第12号 (2021)")) == "Announcement No. 12 of 2024 (2021)"
        assert str(translated("两个公开程序 <https://example.org>")) == "two public programs <https://example.org>"
        assert str(translated("没有收录的出处")) == "没有收录的出处"
        assert str(translated(Name("甲", "A"))) == "A"
    assert str(translated("公告2024年第12号 (2021)")) == "公告2024年第12号 (2021)"


def test_names_of_items_have_english() -> None:
    with language("en"):
        assert [item.id for item in catalogue() if foreign(str(item.name))] == []


# --- joining ---------------------------------------------------------------------------------------------------------


def test_lists_join_as_each_language_joins_them() -> None:
    parts = (Name("甲", "A"), Name("乙", "B"))
    made = (
        listing(parts),
        clauses(parts),
        phrases(parts),
        sentences(parts),
        message("{a}{b}", a="x", b=bracketed("y")),
    )
    assert [str(one) for one in made] == ["甲、乙", "甲；乙", "甲，乙", "甲乙", "x（y）"]
    with language("en"):
        assert [str(one) for one in made] == ["A, B", "A; B", "A, B", "A B", "x (y)"]


def test_names_as_heads_and_inside_phrases() -> None:
    assert headed(Name("用电量", "electricity consumption")).en == "Electricity consumption"
    assert headed(Name("酸碱度", "pH")).en == "pH"
    assert (inside("Natural gas"), inside("LPG"), inside("pH")) == ("natural gas", "LPG", "pH")


# --- commands --------------------------------------------------------------------------------------------------------

runner = CliRunner()


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Consoles so wide that no cell is broken; no systems of the operator's own."""
    made = rich.console.Console.__init__

    def wider(self: rich.console.Console, *args: Any, **options: Any) -> None:
        made(self, *args, **{**options, "width": 20_000})

    monkeypatch.setattr(rich.console.Console, "__init__", wider)
    monkeypatch.setenv("QINGYUAN_HOME", str(tmp_path / "home"))


def english_of(*arguments: object, stdin: str = "") -> Result:
    return runner.invoke(app, [*map(str, arguments), "--lang", "en"], input=stdin, env={"COLUMNS": "20000"})


@pytest.mark.parametrize("case", CASES)
def test_checks_and_figures_in_english(case: str) -> None:
    folder = SHIPPED_CASES / case
    allowed = allowed_in(folder)
    checked = english_of("check", folder)
    assert checked.exit_code == 0
    assert "Usable; facts:" in checked.output
    assert foreign(checked.output, allowed) == []
    shown = english_of("figures", folder, "--missing")
    assert shown.exit_code == 0
    assert "Greenhouse gas emissions" in shown.output
    assert foreign(shown.output, allowed) == []
    assert "  ," not in shown.output
    assert " ;" not in shown.output


@pytest.mark.parametrize(
    ("case", "figure"),
    [
        ("pcb-plant-a", "comprehensive-energy.equivalent"),
        ("pcb-plant-a", "concentration.copper"),
        ("electroplating-demo", "carbon-total"),
        ("electroplating-demo", "environmental-tax"),
        ("hazardous-waste-incineration-demo", "water-reuse-rate"),
    ],
)
def test_derivations_in_english(case: str, figure: str) -> None:
    folder = SHIPPED_CASES / case
    why = english_of("explain", folder, figure)
    assert why.exit_code == 0, why.output
    assert "Method: " in why.output
    assert "Source: " in why.output
    assert foreign(why.output, allowed_in(folder)) == []
    assert "  " not in "".join(line.lstrip() for line in why.output.splitlines())
    record = english_of("explain", folder, figure, "--json")
    assert foreign(" ".join(texts(json.loads(record.stdout))), allowed_in(folder)) == []


def faulty(folder: Path) -> Path:
    """A copy of the real plant in which many cells are wrong."""
    target = folder / "faulty"
    shutil.copytree(SHIPPED_CASES / "pcb-plant-a", target)
    path = target / "facts.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    wrong = [
        {"value": "abc"}, {"unit": "foo"}, {"period": "20x2"}, {"item": "unobtainium", "kind": ""}, {"value": "1~2"},
        {"unit": "kg"}, {"kind": "nonsense"}, {"value": "<"}, {"value": "-5"}, {"unit": ""}, {"item": ""},
        {"value": "#DIV/0!"}, {"period": ""}, {"basis": "hearsay"}, {"value": "ND"}, {"value": ">5"},
    ]  # fmt: skip
    for row, change in zip(rows, wrong, strict=False):
        row.update(change)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (target / "monitoring.csv").write_text("outlet,result\nA,1\n", encoding="utf-8")
    (target / "plant.toml").write_text('unknown = 1\nindustry_code = "x"\n', encoding="utf-8")
    return target


def test_problems_of_a_faulty_case_in_english(tmp_path: Path) -> None:
    folder = faulty(tmp_path)
    checked = english_of("check", folder)
    assert checked.exit_code == 1
    assert checked.output.count("Error") >= 10
    assert foreign(checked.output, Words.of((*words_of(folder), *aliases()))) == []


def test_wrong_use_in_english(tmp_path: Path) -> None:
    case = SHIPPED_CASES / "electroplating-demo"
    allowed = allowed_in(case)
    for arguments in (
        ("explain", case, "nonsense"),
        ("explain", case, "electricity-per-product", "--product", "nobody"),
        ("explain", case, "comprehensive-energy.equal"),
        ("audit", tmp_path / "nowhere"),
        ("check", tmp_path),
        ("systems", "show", "electroplating"),
        ("systems", "show", "electroplating-2015", "--table", "x"),
        ("score", "--system", "electroplating-2015"),
        ("score", "--system", "hazardous-waste-incineration-draft", "-"),
        ("template", "--system", "nothing", "--out", tmp_path / "x.xlsx"),
    ):
        answer = english_of(*arguments, stdin='{"values": {}}')
        assert foreign(answer.output, allowed if "explain" in arguments else NOTHING) == [], arguments


ELECTROPLATING = {
    "values": {"zinc-utilisation": 79, "copper-utilisation": 95, "plating-line": "II", "metering": "none"},
}


def test_scores_in_english() -> None:
    scored = english_of("score", "--system", "electroplating-2015", "--gaps", "-", stdin=json.dumps(ELECTROPLATING))
    assert scored.exit_code == 0, scored.output
    assert "Level III" in scored.output
    assert "No level reached" in scored.output
    assert foreign(scored.output) == []
    as_json = english_of("score", "--system", "electroplating-2015", "--json", "-", stdin=json.dumps(ELECTROPLATING))
    assert foreign(" ".join(texts(json.loads(as_json.stdout)))) == []
    wrong = {"values": {"zinc": 5, "plating-line": "maybe"}, "parameters": {"n": -1, "foo": 2}}
    refused = english_of("score", "--system", "electroplating-2015", "-", stdin=json.dumps(wrong))
    assert refused.exit_code == 1
    assert "zinc-utilisation" in refused.output
    assert foreign(refused.output) == []


def test_index_systems_in_english() -> None:
    listed = english_of("systems", "list")
    assert "Electroplating" in listed.output
    assert foreign(listed.output) == []
    for id in ("electroplating-2015", "printed-circuit-board-undated", "green-factory-2025", "pulp-paper-2015"):
        assert foreign(english_of("systems", "show", id).output) == [], id
        assert foreign(english_of("systems", "check", id).output) == [], id


def test_items_in_english() -> None:
    found = english_of("items", "electr")
    assert "green electricity" in found.output
    assert foreign(found.output, Words.of(aliases())) == []
    assert not HAN.search(found.output.splitlines()[1])  # the headings


def test_an_english_workbook_holds_no_chinese(tmp_path: Path) -> None:
    path = tmp_path / "plant.xlsx"
    answer = english_of("template", "--system", "electroplating-2015", "--out", path)
    assert answer.exit_code == 0
    assert foreign(answer.output) == []
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    said = [sheet.title for sheet in book]
    for sheet in book:
        said += [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]
        said += [cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment is not None]
    assert len(said) > 300
    assert foreign("\n".join(said)) == []


# --- reports ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def results() -> dict[str, AuditResult]:
    """The plants that ship, audited in Chinese."""
    return {case: run(SHIPPED_CASES / case, today=TODAY) for case in CASES}


def said(block: object) -> Iterator[str]:
    """Every text of a resolved report, pictures left out."""
    if isinstance(block, str):
        yield block
    elif isinstance(block, tuple):
        for inner in block:
            yield from said(inner)
    elif isinstance(block, Formula | Figure):
        yield str(getattr(block, "caption", ""))
    elif is_dataclass(block) and not isinstance(block, type):
        for field in fields(block):
            if field.name not in ("label", "link", "svg", "language", "align", "tone", "emphasis", "script"):
                yield from said(getattr(block, field.name))


@pytest.mark.parametrize("case", DEMOS)
def test_an_english_report_holds_no_chinese_but_the_plants_words(case: str, results: dict[str, AuditResult]) -> None:
    allowed = allowed_in(SHIPPED_CASES / case)
    document = first_report(results[case], "en")
    lines = list(said(resolve(document)))
    assert len(lines) > 1000
    assert [found for line in lines if (found := foreign(line, allowed))] == []
    assert [line for line in lines if "  " in line.strip() or " ." in line or " ," in line] == []
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf_bytes(document))).pages)
    assert "Preliminary analysis report" in text
    assert "Page 2 of" in text
    assert foreign(text, allowed, broken=True) == []


@pytest.mark.parametrize("case", CASES)
def test_one_result_is_read_in_both_languages(case: str, results: dict[str, AuditResult]) -> None:
    """A result that was computed under one language says in the other what one computed there says."""
    chinese = results[case]
    with language("en"):
        english_ = run(SHIPPED_CASES / case, today=TODAY)
        assert result_json(chinese) == result_json(english_)
        assert resolve(first_report(chinese, "en")) == resolve(first_report(english_, "en"))
    assert result_json(chinese) == result_json(english_)
    assert "综合能耗（当量值）" in " ".join(texts(result_json(english_)))


def test_levels_and_systems_are_named_in_both_languages() -> None:
    system = load("electroplating-2015")
    with language("en"):
        assert str(system.title) == "Electroplating"
        assert foreign(str(system.source_name)) == []
    assert "综合电镀" in str(system.source_name)

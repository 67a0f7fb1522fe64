"""Runs the checks on clean and on faulty plants and writes what is found into the documentation.

``python tests/checks/fault_tables.py`` renews the marked sections of ``docs/zh/checks.md`` and ``docs/en/checks.md``;
a test compares them with a fresh run.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from clean_plants import PLANTS, CleanPlant, read
from faults import FAULTS, Fault, inject

from qingyuan import units
from qingyuan.checks import Finding, Gravity, rule_groups, rule_records, run_checks
from qingyuan.checks.knowledge import RuleRecord
from qingyuan.language import Language, language
from qingyuan.reference.records import Grade

DOCS = Path(__file__).parent.parent.parent / "docs"
CLEAN_SEEDS = range(30)
FAULT_SEED = 0

INDUSTRIES = {
    "printed-circuit-boards": ("印制电路板", "circuit boards"),
    "electroplating": ("电镀", "electroplating"),
    "hazardous-waste-incineration": ("危险废物焚烧", "hazardous-waste incineration"),
}
GRAVITIES = {
    Gravity.GRAVE: ("严重", "grave"),
    Gravity.SERIOUS: ("较重", "serious"),
    Gravity.MINOR: ("轻微", "minor"),
    Gravity.QUESTION: ("询问", "question"),
}
GRADES = {Grade.READ: ("已读原文", "read"), Grade.CITED: ("转引", "cited"), Grade.RECALLED: ("凭记忆", "recalled")}


SOURCES_EN = {
    "本项目约定": "a convention of this project",
    "工程常识": "engineering knowledge",
    "定义": "by definition",
}


@dataclass(frozen=True)
class Injected:
    """What was found on one plant with one fault: the finding that names it, those about it, and all others."""

    fault: Fault
    industry: str
    found: Finding | None
    about: tuple[Finding, ...]
    others: tuple[Finding, ...]


def findings(plant: CleanPlant) -> tuple[Finding, ...]:
    """Read a plant from files, as a user's would be, and check it."""
    with tempfile.TemporaryDirectory() as folder:
        return run_checks(read(plant, Path(folder)))


@lru_cache(maxsize=1)
def on_clean() -> Mapping[str, tuple[tuple[int, Finding], ...]]:
    """Findings on the clean plants by industry, with the seed: every one is a false alarm."""
    return {
        industry: tuple((seed, one) for seed in CLEAN_SEEDS for one in findings(make(seed)))
        for industry, make in PLANTS.items()
    }


@lru_cache(maxsize=1)
def on_faulty() -> tuple[Injected, ...]:
    """Every fault on every industry where it applies."""
    return tuple(_one(fault, industry) for fault in FAULTS for industry in fault.industries)


def _one(fault: Fault, industry: str) -> Injected:
    plant, touched = inject(PLANTS[industry](FAULT_SEED), fault, industry, FAULT_SEED)
    found = findings(plant)
    about = tuple(
        one
        for one in found
        if fault.rule in (one.rule, *one.also) or touched & {(row.file, row.row) for row in one.rows}
    )
    others = tuple(one for one in found if one not in about)
    return Injected(
        fault, industry, next((one for one in found if fault.rule in (one.rule, *one.also)), None), about, others
    )


def precision() -> tuple[int, int]:
    """Findings on the faulty plants: those about the fault, and all."""
    about = sum(len(one.about) for one in on_faulty())
    return about, about + sum(len(one.others) for one in on_faulty())


# --- the sections ----------------------------------------------------------------------------------------------------


def rules_section(code: Language) -> str:
    """All rules by group: what each looks for, why, its data and thresholds with grade and source."""
    lines: list[str] = []
    english = code == "en"
    for group in rule_groups():
        lines += [f"### {group.title_en if english else group.title}", ""]
        for record in rule_records().values():
            if record.group == group.id:
                lines += [*_rule(record, english=english), ""]
    return "\n".join(lines).rstrip()


def _rule(record: RuleRecord, *, english: bool) -> Iterable[str]:
    title, looks, why = (
        (record.title_en, record.looks_for_en, record.why_en)
        if english
        else (record.title, record.looks_for, record.why)
    )
    yield f"**`{record.id}`** {title}"
    yield ""
    yield f"{looks} {why}" if english else f"{looks}{why}"
    if record.thresholds or record.data:
        yield ""
    pick = 1 if english else 0
    with language("en" if english else "zh"):
        for one in record.thresholds:
            unit = units.display(one.unit)
            value = f"{one.value:g}" + (f" {unit}" if unit and one.unit != "1" else "")
            source = SOURCES_EN.get(one.source, one.source) if english else one.source
            yield f"- {one.en if english else one.zh}: {value} ({GRADES[one.grade][pick]}, {source})"
    if record.data:
        yield f"- {'data' if english else '数据'}: " + ", ".join(f"`data/{name}`" for name in record.data)


def faults_section(code: Language) -> str:
    """The table of injected faults, and the counts of false alarms."""
    pick = 1 if code == "en" else 0
    words = ("注入的错误", "应发现它的规则") if code == "zh" else ("injected fault", "rule that must find it")
    heads = [*words, *(names[pick] for names in INDUSTRIES.values())]
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    by_fault: dict[str, dict[str, Injected]] = {}
    for one in on_faulty():
        by_fault.setdefault(one.fault.id, {})[one.industry] = one
    for fault in FAULTS:
        cells = [_cell(by_fault[fault.id].get(industry), pick) for industry in INDUSTRIES]
        lines.append(f"| {fault.en if pick else fault.zh} | `{fault.rule}` | " + " | ".join(cells) + " |")
    missed = sum(one.found is None for one in on_faulty())
    about, every = precision()
    clean = sum(len(found) for found in on_clean().values())
    plants = len(CLEAN_SEEDS) * len(PLANTS)
    share, rate = f"{100 * about / every:.1f} %", f"{clean / plants:.3f}"
    many = "" if clean == 1 else "s"
    alarms = f"{clean} finding{many}, every one a false alarm: {rate} a plant" if clean else "no finding"
    if pick:
        said = (
            f"{len(FAULTS)} faults on {len(on_faulty())} plants, {missed} missed. Of {every} findings on "
            f"these plants {about} name the fault or a row that it changed ({share}). {plants} clean plants "
            f"({len(CLEAN_SEEDS)} seeds, three industries) gave {alarms}."
        )
    else:
        reported = f"共报 {clean} 条，都是误报，平均每个企业 {rate} 条。" if clean else "没有报出疑点。"
        said = (
            f"{len(FAULTS)} 类错误、{len(on_faulty())} 个企业，漏检 {missed} 个。这些企业的 {every} 条疑点中，"
            f"{about} 条指出了错误本身或它改动的行（{share}）。"
            f"{plants} 个无错企业（{len(CLEAN_SEEDS)} 个种子、三个行业）"
            f"{reported}"
        )
    lines += ["", said]
    return "\n".join(lines)


def _cell(one: Injected | None, pick: int) -> str:
    if one is None:
        return "–"
    if one.found is None:
        return ("漏检", "missed")[pick]
    return GRAVITIES[one.found.severity][pick]


SECTIONS = {"rules": rules_section, "faults": faults_section}


def with_sections(text: str, code: Language) -> str:
    """A page with its marked sections as they should be."""
    for name, make in SECTIONS.items():
        pattern = re.compile(rf"(<!-- {name}:begin -->\n).*?(\n<!-- {name}:end -->)", re.DOTALL)
        if not pattern.search(text):
            raise ValueError(f"no section {name}")
        body = make(code)
        text = pattern.sub(lambda match, body=body: f"{match[1]}\n{body}\n{match[2]}", text)  # type: ignore[misc]
    return text


def page(code: Language) -> Path:
    """Where the page of a language lies."""
    return DOCS / code / "checks.md"


if __name__ == "__main__":
    for used in ("zh", "en"):
        path = page(used)
        path.write_text(with_sections(path.read_text(encoding="utf-8"), used), encoding="utf-8")

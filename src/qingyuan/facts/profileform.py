"""The form of the sheet 企业概况 (Plant): one row for each field of the profile, setting, detail or parameter.

The hidden first column names the field: ``name``, ``settings:price.electricity``, ``details:address``, and for
parameters the path as JSON, ``parameters:["outputs", "board"]``. A row without a name of its own takes its label.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from qingyuan.facts.cells import Cell, cell_text
from qingyuan.facts.plantfile import PROFILE_KEYS, check_profile
from qingyuan.facts.raw import RawCase, RawTable, Row, rows_of
from qingyuan.language import Name, message

PROFILE_LABELS: Final[Mapping[str, Name]] = {
    "plant": Name("企业代码（统一社会信用代码）", "Plant id (unified social credit code)"),
    "name": Name("企业名称", "Name"),
    "name_en": Name("英文名称", "English name"),
    "industry_code": Name("行业代码（GB/T 4754）", "Industry class (GB/T 4754)"),
    "province": Name("省（自治区、直辖市）", "Province"),
    "city": Name("市", "City"),
    "system": Name("评价指标体系", "Evaluation index system"),
    "table": Name("指标表", "Table of the system"),
    "audit_period": Name("审核时段", "Audit period"),
    "grade": Name("数据等级", "Grade of the data"),
}
DETAIL_LABELS: Final[Mapping[str, Name]] = {
    "address": Name("地址", "Address"),
    "legal_representative": Name("法定代表人", "Legal representative"),
    "contact": Name("联系人及电话", "Contact"),
    "established": Name("投产时间", "In operation since"),
    "permit": Name("排污许可证编号", "Discharge permit"),
    "products": Name("主要产品", "Main products"),
    "processes": Name("主要工艺", "Main processes"),
    "auditor": Name("审核咨询单位", "Audit consultant"),
    "last_audit": Name("上一轮审核时间", "Last audit"),
}
SETTING_LABELS: Final[Mapping[str, Name]] = {
    "electricity_factor": Name("电力排放因子（national、provincial 或数值 kgCO2/kWh）", "Electricity factor"),
    "gwp_set": Name("温室气体潜势集（如 AR6）", "GWP set (e.g. AR6)"),
    "allocation": Name(
        "共用能耗分摊（direct、output、output-value、none）", "Allocation (direct, output, output-value, none)"
    ),
    "below_detection": Name("未检出计法（limit、half-limit）", "Below detection (limit, half-limit)"),
    "excluded_places": Name("不计入生产的场所（分号隔开）", "Places outside production (semicolons)"),
}
SECTIONS: Final = ("settings", "details", "parameters")


@dataclass(frozen=True, slots=True)
class Field:
    """A row of the form: hidden name, label, value."""

    field: str
    label: str
    value: object


def parameter_fields(parameters: Mapping[str, object]) -> Iterator[Field]:
    """The rows of the parameters: one for each scalar, nested ones under their path; other values as JSON."""

    def walk(value: object, path: tuple[str, ...]) -> Iterator[Field]:
        if isinstance(value, Mapping) and value:
            for key, entry in value.items():
                yield from walk(entry, (*path, str(key)))
            return
        mark = json.dumps(list(path), ensure_ascii=False)
        if isinstance(value, (bool, int, float, str)):
            yield Field(f"parameters:{mark}", " / ".join(path), value)
        else:
            shown = json.dumps(value, ensure_ascii=False, default=str)
            yield Field(f"parameters!json:{mark}", " / ".join(path), shown)

    for key, value in parameters.items():
        yield from walk(value, (key,))


def read_profile_form(table: RawTable, raw: RawCase) -> None:
    """Read the form into the profile and the parameters of a raw case; problems are added."""
    values: dict[str, str] = {}
    settings: dict[str, str | float | bool] = {}
    details: dict[str, str] = {}
    parameters: dict[str, object] = {}
    for row in rows_of(table, raw.problems):
        field, label = row.text("field"), row.text("label")
        cell = row.cell("value")
        if cell in ("", None) and not row.text("value"):
            continue
        section, _, name = field.partition(":")
        if field in PROFILE_KEYS:
            values[field] = row.text("value")
        elif section == "settings":
            settings[name or label] = _scalar(cell)
        elif section == "details":
            details[name or label] = row.text("value")
        elif section in {"parameters", "parameters!json"}:
            _put(parameters, _path(name, label), _parameter(cell, section, row), row)
        elif label:
            details[label] = row.text("value")
    profile = replace(raw.profile, **values, settings=settings, details=details)
    raw.profile = check_profile(profile, table.file, raw.problems, table.sheet)
    raw.parameters = parameters


def _scalar(cell: Cell) -> str | float | bool:
    if isinstance(cell, (bool, float)):
        return cell
    return float(cell) if isinstance(cell, int) else cell_text(cell)


def _path(name: str, label: str) -> tuple[str, ...]:
    if name:
        try:
            path = json.loads(name)
        except json.JSONDecodeError:
            return (name,)
        if isinstance(path, list) and path and all(isinstance(step, str) for step in path):
            return tuple(path)
        return (name,)
    return tuple(step.strip() for step in label.split(" / ") if step.strip()) or (label,)


def _parameter(cell: Cell, section: str, row: Row) -> object:
    if section == "parameters":
        return _scalar(cell)
    try:
        return json.loads(cell_text(cell))
    except (json.JSONDecodeError, RecursionError):
        row.problem("value", "parameter-json", message("参数读不出"), message("JSON，如 [1, 2]"))
        return None


def _put(parameters: dict[str, object], path: tuple[str, ...], value: object, row: Row) -> None:
    table = parameters
    for step in path[:-1]:
        below = table.setdefault(step, {})
        if not isinstance(below, dict):
            row.problem("value", "parameter-twice", message("参数“{name}”既是数又是一组数", name=step))
            return
        table = below
    table[path[-1]] = value

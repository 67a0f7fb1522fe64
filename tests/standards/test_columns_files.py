"""Files of plants: Parquet and CSV in, Parquet and CSV out, in the order of the file, faults counted."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from qingyuan.errors import InputError
from qingyuan.standards import score
from qingyuan.standards.columns.files import score_file, score_parquet
from qingyuan.standards.columns.plan import Plan, compile_plan

SYSTEM = "hazardous-waste-incineration-draft-later"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return compile_plan(SYSTEM)


@pytest.fixture(scope="module")
def plants(plan: Plan) -> list[dict[str, Any]]:
    """Answers of some plants as the scalar path takes them."""
    draw = random.Random(3)
    found: list[dict[str, Any]] = []
    for _ in range(300):
        values: dict[str, Any] = {}
        for row in plan.rows:
            if row.open:
                continue
            if row.quantitative:
                known = [float(bound) for bound in row.indicator.bounds.values]  # type: ignore[union-attr, arg-type]
                values[row.id] = round(draw.choice(known) * draw.choice([1, 1, 0.9, 1.1]), 4)
            else:
                values[row.id] = draw.choice(["I", "I", "II", "III", "none"])
            values[row.id] = draw.choice([None, "n/a"]) if draw.random() < 0.05 else values[row.id]
        found.append(values)
    return found


def parquet_of(plants: list[dict[str, Any]], plan: Plan, path: Path) -> Path:
    """Numbers as doubles with columns of marks, words as texts."""
    data: dict[str, Any] = {"plant": [f"企业{index}" for index in range(len(plants))]}
    for row in plan.rows:
        if row.open:
            continue
        given = [values[row.id] for values in plants]
        if row.quantitative:
            data[row.id] = pl.Series([None if value == "n/a" else value for value in given], dtype=pl.Float64)
            data[f"na:{row.id}"] = [value == "n/a" for value in given]
        else:
            data[row.id] = pl.Series(given, dtype=pl.String)
    pl.DataFrame(data).write_parquet(path, row_group_size=64)
    return path


def csv_of(plants: list[dict[str, Any]], path: Path, encoding: str = "utf-8") -> Path:
    """Every cell a text: numbers, words, n/a, gaps."""
    names = list(plants[0])
    lines = [",".join(["企业", *names])]
    for index, values in enumerate(plants):
        lines.append(",".join([f"第{index}家", *("" if values[id] is None else str(values[id]) for id in names)]))
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def check(result: pl.DataFrame, plants: list[dict[str, Any]]) -> None:
    rows = result.to_dicts()
    assert len(rows) == len(plants)
    for values, row in zip(plants, rows, strict=True):
        one = score(SYSTEM, values)
        assert row["level"] == one.level
        assert row["problem"] is None
        assert row["limiting_failures"] == len(one.limiting_failures)
        for name in ("I", "II", "III"):
            assert row[f"Y_{name}"] == pytest.approx(float(one.index(name).low), rel=1e-12, abs=0)


def test_parquet_to_parquet(plan: Plan, plants: list[dict[str, Any]], tmp_path: Path) -> None:
    source = parquet_of(plants, plan, tmp_path / "in.parquet")
    found = score_parquet(plan, source, tmp_path / "out.parquet")
    result = pl.read_parquet(tmp_path / "out.parquet")
    assert result.columns == ["plant", "Y_I", "Y_II", "Y_III", "level", "limiting_failures", "problem"]
    assert result["plant"].to_list() == [f"企业{index}" for index in range(len(plants))]
    check(result, plants)
    assert found.plants == len(plants)
    assert sum(found.levels.values()) == len(plants)
    assert found.levels["II"] == (result["level"] == "II").sum()
    assert json.loads(json.dumps(found.as_json()))["levels"] == dict(found.levels)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.parquet", "out.parquet"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_to_csv(plants: list[dict[str, Any]], tmp_path: Path, encoding: str) -> None:
    source = csv_of(plants, tmp_path / "in.csv", encoding)
    score_file(SYSTEM, None, source, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes().startswith("\ufeff".encode())  # for Excel
    result = pl.read_csv(tmp_path / "out.csv", schema_overrides={"problem": pl.String})
    assert result["企业"].to_list() == [f"第{index}家" for index in range(len(plants))]
    check(result, plants)


def test_cells_as_people_write_them(plants: list[dict[str, Any]], tmp_path: Path) -> None:
    """Full-width digits, thousands separators, percent signs, other words; and cells that say nothing readable."""
    good = next(values for values in plants if score(SYSTEM, values).level in ("I", "II", "III"))
    written = [dict(good) for _ in range(6)]
    quantity = next(id for id, value in good.items() if isinstance(value, float))
    percent = "fly-ash-use"
    written[0][quantity] = f" {good[quantity]} "
    written[1][quantity] = str(good[quantity]).translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
    written[2][percent] = "75%"
    written[3][percent] = "不适用"
    written[4][quantity] = "约三百"
    written[5]["cp-audit"] = "还行"
    score_file(SYSTEM, "main", csv_of(written, tmp_path / "in.csv"), tmp_path / "out.parquet")
    rows = pl.read_parquet(tmp_path / "out.parquet").to_dicts()
    for values, row in zip(written[:4], rows, strict=False):
        assert row["problem"] is None
        assert row["level"] == score(SYSTEM, values).level
        assert row["Y_I"] == pytest.approx(float(score(SYSTEM, values).index("I").low), rel=1e-12)
    for row in rows[4:]:
        assert (row["level"], row["problem"], row["Y_I"]) == (None, "bad-answer", None)


def test_own_names_kept_columns_and_summary(plan: Plan, tmp_path: Path) -> None:
    ids = [row.id for row in plan.rows if not row.open]
    names = {id: f"列 {index}\"'" for index, id in enumerate(ids)}
    frame = pl.DataFrame({names[id]: pl.Series([1, 1, 9]) for id in ids})
    frame = frame.with_columns(pl.Series("区县", ["甲", "乙", "丙"]), pl.Series("rest", [1, 2, 3]))
    frame.write_parquet(tmp_path / "in.parquet")
    found = score_parquet(plan, tmp_path / "in.parquet", tmp_path / "out.parquet", columns=names, keep=["区县"])
    result = pl.read_parquet(tmp_path / "out.parquet")
    assert result.columns[:2] == ["区县", "Y_I"]
    assert dict(found.problems) == {"bad-answer": 1}  # 9 is no answer of a qualitative row
    assert found.levels["refused"] == 1
    assert result["level"].null_count() == 1


def test_rows_that_are_kept_out(plan: Plan, plants: list[dict[str, Any]], tmp_path: Path) -> None:
    source = parquet_of(plants, plan, tmp_path / "in.parquet")
    with pytest.raises(InputError, match=r"parquet.*csv"):
        score_parquet(plan, source, tmp_path / "out.xlsx")
    with pytest.raises(InputError, match="来源文件"):
        score_parquet(plan, source, source)
    with pytest.raises(InputError, match="没有文件夹"):
        score_parquet(plan, source, tmp_path / "no" / "out.parquet")
    with pytest.raises(InputError, match="没有这个文件"):
        score_parquet(plan, tmp_path / "no.parquet", tmp_path / "out.parquet")
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(InputError, match="读不出文件"):
        score_parquet(plan, tmp_path / "bad.parquet", tmp_path / "out.parquet")
    (tmp_path / "bytes.csv").write_bytes(b"a,b\n\xff\xff\xff\xff\n")
    with pytest.raises(InputError, match="GB18030"):
        score_file(SYSTEM, None, tmp_path / "bytes.csv", tmp_path / "out.csv")
    pl.read_parquet(source).drop("anti-seepage").write_parquet(tmp_path / "less.parquet")
    with pytest.raises(InputError, match="anti-seepage"):
        score_parquet(plan, tmp_path / "less.parquet", tmp_path / "out.parquet")
    pl.read_parquet(source).head(0).write_parquet(tmp_path / "none.parquet")
    with pytest.raises(InputError, match="没有任何企业"):
        score_parquet(plan, tmp_path / "none.parquet", tmp_path / "out.parquet")
    pl.read_parquet(source).with_columns(level=1).write_parquet(tmp_path / "taken.parquet")
    with pytest.raises(InputError, match="level"):
        score_parquet(plan, tmp_path / "taken.parquet", tmp_path / "out.parquet")
    first = next(row.id for row in plan.rows if row.quantitative and not row.open)
    pl.read_parquet(source).with_columns(pl.col(first).cast(pl.Float32)).write_parquet(tmp_path / "single.parquet")
    with pytest.raises(InputError, match="单精度"):
        score_parquet(plan, tmp_path / "single.parquet", tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()
    assert not [path for path in tmp_path.iterdir() if "unfinished" in path.name]


def test_outputs_and_n_from_a_text_file(tmp_path: Path) -> None:
    plan = compile_plan("printed-circuit-board-undated")
    ids = [row.id for row in plan.rows if not row.open]
    head = ["企业", "n", "output:刚性双面板", "output:刚性多层板", *ids]
    answers = ["0.2" if plan.rows[plan.position(id)].quantitative else "I" for id in ids]
    lines = [head, ["甲", "4", "1,000", "500", *answers], ["乙", "4", "", "", *answers]]
    lines.append(["丙", "x", "1", "-1", *answers])
    text = "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines)
    (tmp_path / "in.csv").write_text(text, encoding="utf-8")
    score_parquet(plan, tmp_path / "in.csv", tmp_path / "out.parquet")
    rows = pl.read_parquet(tmp_path / "out.parquet").to_dicts()
    values = {id: 0.2 if plan.rows[plan.position(id)].quantitative else "I" for id in ids}
    for row, parameters in zip(
        rows, ({"n": 4, "outputs": {"刚性双面板": 1000, "刚性多层板": 500}}, {"n": 4}), strict=False
    ):
        one = score("printed-circuit-board-undated", values, parameters)
        assert row["level"] == one.level
        assert row["Y_II"] == pytest.approx(float(one.index("II").low), rel=1e-12)
        assert row["Y_II_high"] == pytest.approx(float(one.index("II").high), rel=1e-12)
    assert rows[2]["level"] is None
    assert rows[2]["problem"] in ("bad-parameter", "bad-output")

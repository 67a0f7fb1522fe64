"""``qingyuan systems`` and ``qingyuan score`` as a user types them: exit status, JSON keys, files, both languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from authoring_typing import ROWS, Typed, place, table_sheet
from typer.testing import CliRunner, Result

from qingyuan.cli.main import app
from qingyuan.standards import load_file
from qingyuan.standards.authoring import read_form


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("QINGYUAN_HOME", str(folder))
    monkeypatch.setenv("COLUMNS", "160")
    return folder


def qingyuan(*arguments: object, input: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=input)


def data(*arguments: object, status: int = 0, input: str | None = None) -> Any:
    result = qingyuan(*arguments, "--json", input=input)
    assert result.exit_code == status, result.output
    return json.loads(result.stdout)


@pytest.fixture
def form(tmp_path: Path) -> Path:
    return Typed().write(tmp_path / "form.xlsx")


# --- systems ---------------------------------------------------------------------------------------------------------


def test_list() -> None:
    found = data("systems", "list")
    plating = next(each for each in found if each["id"] == "electroplating-2015")
    assert plating["tables"] == [{"id": "general", "name": "综合电镀", "role": "complete", "rows": 25}]
    assert plating["origin"] == "shipped"
    assert [each["id"] for each in data("systems", "list", "电镀")] == ["electroplating-2015"]
    text = qingyuan("systems", "list").stdout
    assert "hazardous-waste-incineration-draft-later" in text
    assert "只知出处" in text
    assert "Electroplating" in qingyuan("systems", "list", "--lang", "en").stdout


def test_show_prints_the_published_table() -> None:
    text = qingyuan("systems", "show", "electroplating-2015").stdout
    for part in ("公告2015年第25号", "资源消耗指标", "≤8", "0.8/n", "锌利用率", "←"):
        assert part in text
    found = data("systems", "show", "electroplating-2015")
    assert found["tables"][0]["groups"][1]["indicators"][0]["levels"] == {"I": 8, "II": 24, "III": 40}
    assert found["confirmed"] is False
    assert qingyuan("systems", "show", "zero-carbon-park-2025", "--table", "scale-1m-up").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("systems", "show", "electroplatin"),
        ("systems", "show", "electroplating-2015", "--table", "genral"),
        ("systems", "check", "steel-2013"),
        ("systems", "export", "steel-2013"),
        ("systems", "confirm", "steel-2013", "--who", "李四"),
        ("systems", "template", "--out", "x.xlsx", "--scheme", "三级"),
        ("systems", "export", "electroplating-2015", "--out", "x.docx"),
        ("score", "--system", "electroplatin", "-"),
        ("score", "--system", "electroplating-2015", "--table", "genral", "-"),
        ("score", "--system", "zero-carbon-park-2025", "-"),
        ("score", "-"),
        ("score", "--system", "electroplating-2015"),
        ("score", "--system", "electroplating-2015", "-", "--param", "n"),
        ("score", "--many", "plants.csv"),
    ],
)
def test_wrong_usage_ends_with_two_and_says_what_would_be_right(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = qingyuan(*arguments, input="{}")
    assert result.exit_code == 2
    assert result.stderr.strip()
    assert "Traceback" not in result.output


def test_unknown_names_come_with_the_nearest_known() -> None:
    assert "electroplating-2015" in qingyuan("systems", "show", "electroplatin").stderr
    assert (
        "general" in qingyuan("score", "--system", "electroplating-2015", "--table", "genral", "-", input="{}").stderr
    )


def test_template_check_import_confirm(tmp_path: Path, home: Path) -> None:
    """The whole way of a table, from an empty form to a confirmed system that scores a plant."""
    empty = tmp_path / "new" / "form.xlsx"
    assert qingyuan("systems", "template", "--out", empty).exit_code == 0
    assert qingyuan("systems", "template", "--out", empty).exit_code == 2  # not overwritten
    assert data("systems", "check", empty, status=1)["ok"] is False
    form = Typed().write(empty)
    proof = data("systems", "check", form)
    assert proof["ok"] is True
    assert len(proof["trials"]) == 5
    shown = qingyuan("systems", "check", form).stdout
    for part in ("某行业", "全自动", "≤120", "单位产品综合能耗 *", "定级试算", "✓", "可以装入"):
        assert part in shown
    done = data("systems", "import", form, "--who", "张三", "--when", "2026-09-01")
    assert done["grade"] == "user"
    assert done["entry"]["entered_by"] == "张三"
    assert done["entry"]["entered_on"] == "2026-09-01"
    assert Path(done["file"]).parent == home / "index-systems"
    again = qingyuan("systems", "import", form, "--who", "张三")
    assert again.exit_code == 1
    assert "--replace" in again.stderr
    values = dict.fromkeys(("g1-01", "g1-02", "g2-01", "g2-02", "g3-01", "g3-02"), "I")
    scored = data("score", "--system", "own-industry-2019", "-", input=json.dumps(values))
    assert scored["Y"] == {"I": 100, "II": 100, "III": 100}
    assert any("复核" in note for note in scored["notes"])
    assert data("systems", "confirm", "own-industry-2019", "--who", "张三", status=1)["ok"] is False
    confirmed = data("systems", "confirm", "own-industry-2019", "--who", "李四", "--against", form)
    assert confirmed["entry"]["confirmed_by"] == "李四"
    assert data("systems", "show", "own-industry-2019")["confirmed"] is True
    assert "李四" in qingyuan("systems", "show", "own-industry-2019").stdout
    replaced = data("systems", "import", form, "--who", "王五", "--replace")
    assert Path(replaced["earlier"]).exists()
    assert data("systems", "show", "own-industry-2019")["confirmed"] is False


def test_check_writes_a_marked_copy(tmp_path: Path) -> None:
    rows = [dict(row) for row in ROWS]
    rows[1]["II"] = "较高"
    form = Typed(rows=rows).write(tmp_path / "form.xlsx")
    result = qingyuan("systems", "check", form, "--out", tmp_path / "marked.xlsx")
    assert result.exit_code == 1
    assert "form-level" in json.dumps(data("systems", "check", form, status=1))
    sheet = table_sheet(openpyxl.load_workbook(tmp_path / "marked.xlsx"))
    assert any(cell.comment for row in sheet.iter_rows() for cell in row)


def test_import_of_a_faulty_form_installs_nothing(tmp_path: Path, home: Path) -> None:
    rows = [dict(row) for row in ROWS]
    rows[0]["weight"] = 0.9
    form = Typed(rows=rows).write(tmp_path / "form.xlsx")
    assert data("systems", "import", form, "--who", "张三", status=1)["ok"] is False
    assert qingyuan("systems", "import", form, "--who", "张三").exit_code == 1
    assert qingyuan("systems", "import", tmp_path / "missing.xlsx", "--who", "张三").exit_code == 1
    assert qingyuan("systems", "import", form).exit_code == 2
    assert not home.exists()


def test_import_keeps_the_ids_of_the_edition_that_it_replaces(tmp_path: Path, form: Path) -> None:
    data("systems", "import", form, "--who", "张三")
    rows = [dict(row) for row in ROWS]
    rows.insert(
        0,
        {
            "group": "生产工艺及装备",
            "group_weight": 0.3,
            "name": "新行",
            "weight": 0.1,
            "I": "有",
            "II": "有",
            "III": "有",
        },
    )
    rows[1] |= {"weight": 0.5}
    del rows[1]["group"], rows[1]["group_weight"]
    longer = Typed(rows=rows, merges=((1, "II", 1, "III"), (6, "I", 6, "III"))).write(tmp_path / "longer.xlsx")
    data("systems", "import", longer, "--who", "张三", "--replace")
    shown = data("systems", "show", "own-industry-2019")
    ids = {row["name"]: row["id"] for row in shown["tables"][0]["groups"][0]["indicators"]}
    assert ids["工艺水平"] == "g1-01"
    assert ids["设备能效达标率"] == "g1-02"
    assert ids["新行"] not in ("g1-01", "g1-02")


def test_export_and_diff(tmp_path: Path, form: Path) -> None:
    printed = qingyuan("systems", "export", "electroplating-2015").stdout
    assert printed.startswith('id = "electroplating-2015"')
    toml, excel = tmp_path / "own.toml", tmp_path / "plating.xlsx"
    assert qingyuan("systems", "export", form, "--out", toml).exit_code == 0
    assert load_file(toml).tables[0].groups[0].name.zh == "生产工艺及装备"
    assert qingyuan("systems", "export", "electroplating-2015", "--out", excel, "--lang", "en").exit_code == 0
    assert "Document" in openpyxl.load_workbook(excel).sheetnames
    reading = read_form(excel)
    assert reading.ok
    assert data("systems", "diff", excel, "electroplating-2015") == []
    assert "没有差别" in qingyuan("systems", "diff", form, toml, "--copies").stdout
    changes = data("systems", "diff", "hazardous-waste-incineration-draft", "hazardous-waste-incineration-draft-later")
    assert {"kind", "table", "group", "row", "field", "before", "after", "wording"} == set(changes[0])
    assert data("systems", "check", toml)["ok"] is True


def test_a_form_filled_from_a_system(tmp_path: Path) -> None:
    path = tmp_path / "filled.xlsx"
    assert qingyuan("systems", "template", "--system", "steel-2014", "--out", path).exit_code == 0
    book = openpyxl.load_workbook(path)
    assert place(book["文件"], "id", 3).value == "steel-2014"


# --- score -----------------------------------------------------------------------------------------------------------

PLATING = {"rinse-water": 20, "zinc-utilisation": 83, "wastewater-treatment": 100, "law": "是", "cleaner-process": "I"}


def test_score_gives_the_keys_that_stay(tmp_path: Path) -> None:
    path = tmp_path / "values.json"
    path.write_text(json.dumps(PLATING, ensure_ascii=False), encoding="utf-8")
    result = data("score", "--system", "electroplating-2015", "--table", "general", path)
    assert {"Y", "level", "indicators", "limiting_failures", "grade_share"} <= result.keys()
    assert set(result["Y"]) == {"I", "II", "III"}
    assert result["level"] == "none"
    water = next(row for row in result["indicators"] if row["id"] == "rinse-water")
    assert water["met"] == "II"
    same = data("score", "--system", "electroplating-2015", "-", input=path.read_text(encoding="utf-8"))
    assert same == result
    named = data("score", "-", input=json.dumps({"system": "electroplating-2015", "values": PLATING}))
    assert named == result


def test_score_prints_a_table_that_is_read_at_a_glance() -> None:
    result = qingyuan("score", "--system", "electroplating-2015", "-", "--gaps", input=json.dumps(PLATING))
    assert result.exit_code == 0
    for part in (
        "电镀",
        "资源消耗指标",
        "≤ 8 / 24 / 40 L/m²",
        "Y_I = ",
        "等级：不达标",
        "限定性指标",
        "已读原文",
        "差距",
        "最少改进",
    ):
        assert part in result.stdout
    english = qingyuan("score", "--system", "electroplating-2015", "-", "--lang", "en", input=json.dumps(PLATING))
    assert "Electroplating" in english.stdout


def test_score_takes_parameters_from_the_command() -> None:
    boards = {"power-rigid-multi": 20, "basic": "I"}
    result = data(
        *("score", "--system", "printed-circuit-board-undated", "-"),
        *("--param", "n=2", "--param", "outputs.刚性多层板=100"),
        input=json.dumps(boards),
    )
    row = next(row for row in result["indicators"] if row["id"] == "power-rigid-multi")
    assert row["met"] == "I"
    assert row["bounds"]["I"] == 20
    single = next(row for row in result["indicators"] if row["id"] == "power-rigid-1")
    assert single["met"] == "n/a"


def test_score_with_gaps_as_json() -> None:
    result = data("score", "--system", "electroplating-2015", "-", "--gaps", input=json.dumps(PLATING))
    assert result["distance"]["paths"]
    assert result["distance"]["indicators"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"a": 1', "not-json"),
        ("[1]", "not-an-object"),
        ('{"law": "I", "law": "II"}', "key-twice"),
        ('{"no-such-row": 1}', "unknown-indicator"),
        ('{"rinse-water": "much"}', None),
        ('{"rinse-water": NaN}', None),
        ("\udcff", "not-json"),
    ],
)
def test_bad_answers_end_with_one_and_list_the_problems(text: str, code: str | None, tmp_path: Path) -> None:
    path = tmp_path / "values.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    found = data("score", "--system", "electroplating-2015", path, status=1)
    assert found["problems"]
    if code is not None:
        assert [problem["code"] for problem in found["problems"]] == [code]
    plain = qingyuan("score", "--system", "electroplating-2015", path)
    assert plain.exit_code == 1
    assert "错误" in plain.stderr
    assert qingyuan("score", "--system", "electroplating-2015", tmp_path / "missing.json").exit_code == 1


def test_located_systems_say_where_the_document_is() -> None:
    result = qingyuan("score", "--system", "coating-2016", "-", input="{}")
    assert result.exit_code == 1
    assert "systems template" in result.stderr


def test_score_many_plants_from_a_file(tmp_path: Path) -> None:
    """The file's answers are those of the scalar path, plant by plant."""
    import polars as pl

    best = {
        row["id"]: row["levels"]["I"] if row["kind"] == "quantitative" else "I"
        for group in _shown("electroplating-2015")
        for row in group["indicators"]
    }
    plants = [best, {**best, "rinse-water": 20.5}, {**best, "zinc-utilisation": "n/a", "law": "none"}]
    source, target = tmp_path / "plants.csv", tmp_path / "result.parquet"
    frame = pl.DataFrame([{"plant": f"P{number}", **plant} for number, plant in enumerate(plants)])
    frame.write_csv(source)
    summary = data("score", "--system", "electroplating-2015", "--many", source, "--out", target)
    assert summary["plants"] == 3
    found = pl.read_parquet(target)
    for number, plant in enumerate(plants):
        single = data("score", "--system", "electroplating-2015", "-", input=json.dumps(plant))
        line = found.row(by_predicate=pl.col("plant") == f"P{number}", named=True)
        assert line["level"] == single["level"]
        assert line["Y_I"] == single["Y"]["I"]
    printed = qingyuan("score", "--system", "electroplating-2015", "--many", source, "--out", tmp_path / "r.csv")
    assert printed.exit_code == 0
    assert "3 家企业" in printed.stdout
    missing = qingyuan("score", "--system", "electroplating-2015", "--many", tmp_path / "no.csv", "--out", target)
    assert missing.exit_code == 1


def _shown(system: str) -> list[Any]:
    groups = data("systems", "show", system)["tables"][0]["groups"]
    assert isinstance(groups, list)
    return groups

"""The same expression on Spark: two systems with many features, one session on the loopback address."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from columns_cases import random_plants, random_system
from columns_check import as_frame, check_rows

from qingyuan.standards.checking import errors
from qingyuan.standards.columns.frames import score_frame
from qingyuan.standards.columns.plan import compile_plan

pyspark = pytest.importorskip("pyspark", reason="pyspark is not installed: pip install qingyuan[spark]")

pytestmark = [
    pytest.mark.spark,
    pytest.mark.skipif(shutil.which("java") is None, reason="no Java runtime: Spark needs one"),
]


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.driver.memory", "1g")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.mark.parametrize(
    ("seed", "features"),
    [
        (7, {"count-block", "strict", "others", "bonus", "free-levels"}),
        (39, {"formula", "alternatives", "unknown-block", "unread-levels", "spans"}),
    ],
)
def test_spark_frames(spark: Any, tmp_path: Path, seed: int, features: set[str]) -> None:
    system = random_system(seed, features)
    assert not errors(system)
    plan, plants = compile_plan(system, "main"), random_plants(system, seed + 1, 40, features)
    as_frame(system, plants).with_columns(pl.col("plant").cast(pl.Int64)).write_parquet(tmp_path / "plants.parquet")
    frame = spark.read.parquet(str(tmp_path / "plants.parquet"))
    scored = score_frame(plan, frame, met=True).orderBy("plant")
    check_rows(system, plan, plants, [row.asDict() for row in scored.collect()], near=1e-12)

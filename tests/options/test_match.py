"""Matching technologies to plants with reasons; the library in print; odds against the real outcomes they were counted from."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from qingyuan.audit.pipeline import audit_case
from qingyuan.facts.cases import read_case
from qingyuan.language import language
from qingyuan.options.library import details, record_json, table_rows
from qingyuan.options.match import match
from qingyuan.options.odds import adoption_counts, class_of, count_outcomes, interval, odds, technology_odds
from qingyuan.reference.technologies import technologies

CASES = Path(__file__).parents[2] / "src" / "qingyuan" / "data" / "cases"


def test_a_board_plant_gets_board_technologies_with_estimates() -> None:
    case = read_case(CASES / "pcb-plant-a")
    result = audit_case(case)
    found = match(case, score=result.score)
    assert len(found) > 30
    assert all({"pcb", "any"} & set(candidate.technology.industries) for candidate in found)
    top = found[:8]
    assert sum("pcb" in candidate.technology.industries for candidate in top) >= 6
    estimated = [candidate for candidate in found if candidate.estimates]
    assert len(estimated) >= 5
    for candidate in estimated:
        for estimate in candidate.estimates:
            assert estimate.before + estimate.change >= -1e-9  # never more than the plant has
            assert estimate.low <= estimate.change <= estimate.high
    plating = next(candidate for candidate in found if candidate.technology.id == "pcb-vcp-plating")
    water = next(estimate for estimate in plating.estimates if estimate.unit == "m3")
    assert water.change == pytest.approx(-100 * 6.7462, rel=1e-3)  # 100 t for each 10 000 m2 of 67 462 m2
    assert str(plating.why())
    assert plating.already  # option 3 of the plant is the same


def test_gaps_causes_and_losses_raise_what_answers_them() -> None:
    case = read_case(CASES / "electroplating-demo")
    plain = {candidate.technology.id: candidate for candidate in match(case)}
    scored = {
        c.technology.id: c
        for c in match(case, score=audit_case(case).score, causes=["process-control"], losses={"fresh-water": 9.0})
    }
    water = [id for id, c in scored.items() if any(e.item == "fresh-water" for e in c.technology.effects)]
    assert water
    for id in water:
        assert {"loss"} <= {reason.kind for reason in scored[id].reasons}
        assert scored[id].points > plain[id].points
    control = [c for c in scored.values() if c.technology.aspect == "process-control"]
    assert all("cause" in {reason.kind for reason in c.reasons} for c in control)
    assert any("gap" in {reason.kind for reason in c.reasons} for c in scored.values())


def test_a_candidate_becomes_an_option() -> None:
    case = read_case(CASES / "pcb-plant-a")
    option = next(c for c in match(case) if c.technology.id == "pcb-etching-online").as_option()
    assert option.changes
    assert option.excludes == ("pcb-etchant-regeneration",)


def test_every_record_prints_in_both_languages() -> None:
    for code in ("zh", "en"):
        with language(code):  # type: ignore[arg-type]
            rows = table_rows(tuple(technologies().values()))
            assert len(rows) == 355
            for record in technologies().values():
                assert all(str(label) and str(text) for label, text in details(record))
                assert record_json(record)["odds"]


def test_odds_fall_with_payback() -> None:
    for resource in ("electricity", "fuel"):
        rates = [odds(resource, payback).rate for payback in (0.2, 0.7, 1.5, 3)]  # type: ignore[arg-type]
        assert rates == sorted(rates, reverse=True)
    all_of = odds("electricity")
    assert all_of.low < all_of.rate < all_of.high
    assert interval(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)  # Wilson 1927, textbook value
    assert all(0 < technology_odds(record).rate < 1 for record in technologies().values())


@pytest.fixture(scope="module")
def outcomes(shared: Path) -> list[dict[str, str]]:
    with gzip.open(shared / "real-data" / "iac-doe" / "recommendations.csv.gz", "rt", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_shipped_counts_are_those_of_the_real_recommendations(outcomes: list[dict[str, str]]) -> None:
    counted = count_outcomes(outcomes)
    assert {
        (row.resource, class_of(row.payback_from)): (row.count, row.implemented) for row in adoption_counts()
    } == counted


def test_odds_counted_before_2013_rank_what_was_done_after(outcomes: list[dict[str, str]]) -> None:
    """A ranking by odds must do better than chance on later years, which it has not seen."""
    before = count_outcomes(outcomes, last=2012)
    rate = {key: done / count for key, (count, done) in before.items()}
    after = count_outcomes(outcomes, first=2013)
    keys = sorted(after, key=lambda key: rate[key])
    done = np.array([after[key][1] for key in keys], dtype=float)
    left = np.array([after[key][0] for key in keys], dtype=float) - done
    below = np.concatenate([[0.0], np.cumsum(left)[:-1]])
    area = float((done * (below + left / 2)).sum() / (done.sum() * left.sum()))
    assert done.sum() + left.sum() > 20_000
    assert area > 0.54  # chance is 0.5; outcomes of single recommendations depend on much else
    order = np.array([after[key][1] / after[key][0] for key in keys])
    weights = np.array([after[key][0] for key in keys], dtype=float)
    assert np.average(order[len(order) // 2 :], weights=weights[len(order) // 2 :]) > np.average(
        order[: len(order) // 2], weights=weights[: len(order) // 2]
    )

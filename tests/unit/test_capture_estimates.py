"""The estimate of capture as statistics: intervals that hold, bias in the direction that is claimed, no paradox.

Strata are simulated here and estimated by the product's own models, all in one query.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbt_like_sql.project import compile_sql
from tests.unit.capture_chain import NOTHING
from tests.unit.capture_rows import AS_OF, Row, day, fill
from tests.unit.sql_on_rows import PROJECT

STRATA = 1000
SIZES = (40, 100, 400, 2000)
LEAST_COVERAGE = 0.935


def estimates(
    groups: Iterable[Row], units: Iterable[Row] = (), declaration_errors: Iterable[Row] = ()
) -> dict[str, Row]:
    """Estimate groups given by their counts, sampled ones with their units."""
    engine = duckdb.connect()
    seed = PROJECT.seeds["capture_thresholds"]
    types = ", ".join(f"'{c}': '{PROJECT.fields[c].type}'" for c in seed.columns)
    thresholds = f"read_csv({[str(path) for path in seed.paths]}, columns = {{{types}}}, header = true)"
    engine.execute(f"create table capture_thresholds as select * from {thresholds}")
    no_units = [{"group_id": "none", "frame_unit_id": "none", "weighted_works": 1, "weighted_linked": 0}]
    fill(engine, "int_capture_groups", list(groups))
    fill(engine, "int_capture_group_units", [*units, *no_units])
    for table, nothing in NOTHING.items():
        fill(engine, table, [nothing, *(declaration_errors if table == "int_tax_declaration_link_errors" else ())])
    for name in ("int_capture_replicates", "int_capture_estimates"):
        sql = compile_sql(PROJECT.models[name], lambda layer, table: f'"{table}"', day(AS_OF))
        engine.execute(f'create table "{name}" as {sql}')
    cursor = engine.execute('select * from "int_capture_estimates"')
    names = [column[0] for column in cursor.description]
    return {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}


def take_all(name: str, n1: int, n2: int, m: int) -> Row:
    return {
        "group_id": name, "selection": "take_all", "n_permits": n1, "n_survey": n2, "n_matched": m,
        "n_not_begun": 0, "n_open": n1 - m, "n_links_keyed": m, "n_declared": 0, "n_declared_seen": 0,
        "n_declared_keyed": 0, "weighted_survey": n2, "weighted_matched": m,
        "area_code": "94", "quarter": "2024-Q3", "stratum": "S",
    }  # fmt: skip


def share_that_holds(
    found: dict[str, Row], truth: dict[str, tuple[int, float]], column: str, few_units: Collection[str] = ()
) -> float:
    """How often the truth, works or coverage, lies between its limits, of the strata that have an estimate.

    Those of which too few units were drawn have no limits.
    """
    held = []
    expected = [name for name, row in found.items() if row["is_estimated"] and name not in few_units]
    for name, row in found.items():
        if name not in expected:
            assert row[f"{column}_low"] is None
            continue
        works, coverage = truth[name]
        value, grain = (works, 0.0) if column == "works" else (coverage, 0.00005)
        held.append(float(row[f"{column}_low"]) - grain <= value <= float(row[f"{column}_high"]) + grain)
    assert len(held) > 0.6 * (len(found) - len(few_units))
    return sum(held) / len(held)


# ── intervals ────────────────────────────────────────────────────────────────────────────────────────────────


def two_lists(size: int, draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Works on the first and on the second list, independently, with chances that differ between strata."""
    return draw.random(size) < draw.choice((0.5, 0.7, 0.9)), draw.random(size) < draw.choice((0.5, 0.75, 0.95))


@pytest.mark.parametrize("size", SIZES)
def test_the_interval_of_a_take_all_stratum_holds_with_independent_lists(size: int) -> None:
    draw = np.random.default_rng(size)
    groups, truth = [], {}
    for i in range(STRATA):
        permits, returns = two_lists(size, draw)
        groups.append(take_all(str(i), int(permits.sum()), int(returns.sum()), int((permits & returns).sum())))
        truth[str(i)] = (size, returns.sum() / size)
    found = estimates(groups)
    assert share_that_holds(found, truth, "works") >= LEAST_COVERAGE
    assert share_that_holds(found, truth, "coverage") >= LEAST_COVERAGE


def three_lists(name: str, draw: np.random.Generator, if_unseen: float) -> tuple[Row, float]:
    """600 works: the survey finds 92 % of the listed and 35 % of the others, declarations a half of those seen."""
    permits = draw.random(600) < 0.8
    returns = np.where(permits, draw.random(600) < 0.92, draw.random(600) < 0.35)
    declared = np.where(permits | returns, draw.random(600) < 0.5, draw.random(600) < if_unseen)
    group = take_all(name, int(permits.sum()), int(returns.sum()), int((permits & returns).sum()))
    seen = int((declared & (permits | returns)).sum())
    return group | {
        "n_declared": int(declared.sum()),
        "n_declared_seen": seen,
        "n_declared_keyed": seen,
    }, returns.sum() / 600


def drawn_three_lists(if_unseen: float) -> tuple[dict[str, Row], dict[str, tuple[int, float]]]:
    draw = np.random.default_rng(2724)
    drawn = {str(i): three_lists(str(i), draw, if_unseen) for i in range(2000)}
    return estimates(group for group, _ in drawn.values()), {name: (600, true) for name, (_, true) in drawn.items()}


def test_the_interval_of_three_lists_holds_where_survey_and_permits_depend_on_each_other() -> None:
    found, truth = drawn_three_lists(0.5)
    assert share_that_holds(found, truth, "works") >= 0.93
    assert share_that_holds(found, truth, "coverage") >= 0.93
    said = np.mean([float(row["coverage"]) for row in found.values()])
    two_lists = np.mean([float(row["two_list_coverage"]) for row in found.values()])
    true = np.mean([share for _, share in truth.values()])
    assert abs(said - true) < 0.01
    assert two_lists > true + 0.1


def test_the_interval_of_three_lists_holds_where_links_of_declarations_are_missed_and_wrong() -> None:
    """Four in ten quote the number; of the others 15 % of the links are missed and 3 % of those without are wrong."""
    draw = np.random.default_rng(2724)
    groups, errors, truth = [], [], {}
    for i in range(2000):
        permits = draw.random(600) < 0.8
        returns = np.where(permits, draw.random(600) < 0.92, draw.random(600) < 0.35)
        known, is_declared = permits | returns, draw.random(600) < 0.5
        keyed = known & is_declared & (draw.random(600) < 0.4)
        others = is_declared & ~keyed
        linked = others & np.where(known, draw.random(600) < 0.85, draw.random(600) < 0.03)
        tried = int(keyed.sum())
        counts = {
            "n_declared": int(is_declared.sum()), "n_declared_seen": int((keyed | linked).sum()),
            "n_declared_keyed": tried, "stratum": f"S{i}",
        }  # fmt: skip
        groups.append(take_all(str(i), *(int(n.sum()) for n in (permits, returns, permits & returns))) | counts)
        recall, false_share = draw.binomial(tried, 0.85) / tried, draw.binomial(tried, 0.03) / tried
        errors.append(
            {
                "area_code": "94", "stratum": f"S{i}", "link_recall": round(recall, 8),
                "link_false_share": round(false_share, 8), "n_links_tried": tried,
            }
        )  # fmt: skip
        truth[str(i)] = (600, returns.sum() / 600)
    found, blind = estimates(groups, declaration_errors=errors), estimates(groups)
    assert share_that_holds(found, truth, "works") >= 0.93
    assert share_that_holds(found, truth, "coverage") >= 0.93
    true = np.mean([share for _, share in truth.values()])
    assert abs(np.mean([float(row["coverage"]) for row in found.values()]) - true) < 0.01
    assert np.mean([float(row["coverage"]) for row in blind.values()]) < true - 0.04, "links stand as they are"


def test_declarations_that_depend_on_the_others_leave_a_bias_that_the_odds_ratio_takes_out() -> None:
    found, truth = drawn_three_lists(1 / 3)
    true = np.mean([share for _, share in truth.values()])
    said = np.mean([float(row["coverage"]) for row in found.values()])
    at_odds_2 = np.mean([float(row["works_recorded"]) / float(row["works_if_odds_ratio_2"]) for row in found.values()])
    assert said > true + 0.02
    assert abs(at_odds_2 - true) < 0.015


def sampled(name: str, size: int, draw: np.random.Generator) -> tuple[Row, list[Row], float]:
    """A stratum whose frame holds units of one or two works, of which every third, or every tenth, is drawn."""
    permits = draw.random(size) < draw.choice((0.5, 0.7, 0.9))
    frame = np.flatnonzero(draw.random(size) < draw.choice((0.6, 0.8, 0.95)))
    sizes = np.cumsum(draw.choice((1, 1, 1, 2), size=len(frame)))
    units = [part for part in np.split(frame, sizes[sizes < len(frame)]) if len(part)]
    count = max(1, round(len(units) / (3 if size <= 100 else 10)))
    weight = round(len(units) / count, 6)
    drawn = [units[i] for i in draw.choice(len(units), count, replace=False)]
    linked = [int(permits[part].sum()) for part in drawn]
    rows = [
        {
            "group_id": name, "frame_unit_id": str(i), "weighted_works": weight * len(part),
            "weighted_linked": weight * found,
        }
        for i, (part, found) in enumerate(zip(drawn, linked, strict=True))
    ]  # fmt: skip
    works, matched = sum(len(part) for part in drawn), sum(linked)
    group = take_all(name, int(permits.sum()), works, matched)
    group |= {"selection": "sample", "weighted_survey": weight * works, "weighted_matched": weight * matched}
    return group, rows, len(frame) / size


@pytest.mark.parametrize("size", SIZES)
def test_the_bootstrap_of_a_sampled_stratum_holds_with_independent_lists(size: int) -> None:
    draw = np.random.default_rng(size)
    groups, units, truth = [], [], {}
    for i in range(STRATA):
        group, rows, coverage = sampled(str(i), size, draw)
        groups.append(group)
        units += rows
        truth[str(i)] = (size, coverage)
    drawn = Counter(row["group_id"] for row in units)
    few_units = {name for name, count in drawn.items() if count < 8}
    found = estimates(groups, units)
    assert share_that_holds(found, truth, "works", few_units) >= LEAST_COVERAGE
    assert share_that_holds(found, truth, "coverage", few_units) >= LEAST_COVERAGE


def test_the_same_units_give_the_same_interval_whatever_their_order() -> None:
    group, rows, _ = sampled("S", 100, np.random.default_rng(1))
    assert estimates([group], rows) == estimates([group], reversed(rows))


# ── bias ─────────────────────────────────────────────────────────────────────────────────────────────────────


def mean_coverage(kind: str) -> tuple[float, float]:
    """Mean estimated and true coverage of 200 strata of 400 works whose lists or links have one fault."""
    draw = np.random.default_rng(7)
    groups, true = [], []
    for i in range(200):
        permits, returns = draw.random(400) < 0.7, draw.random(400) < 0.8
        if kind == "dependent":
            returns &= permits | (draw.random(400) < 0.6)
        n1, n2, m = int(permits.sum()), int(returns.sum()), int((permits & returns).sum())
        true.append(n2 / 400)
        if kind == "never_started":
            n1 = round(n1 * 1.08)
        if kind == "missed_links":
            m = round(m * 0.94)
        groups.append(take_all(str(i), n1, n2, m))
    found = estimates(groups)
    return float(np.mean([float(row["coverage"]) for row in found.values()])), float(np.mean(true))


def test_independent_lists_are_hardly_biased() -> None:
    said, true = mean_coverage("independent")
    assert abs(said - true) < 0.005


def test_lists_that_depend_on_each_other_make_coverage_look_better() -> None:
    said, true = mean_coverage("dependent")
    assert said > true + 0.05


@pytest.mark.parametrize("kind", ["never_started", "missed_links"])
def test_permits_never_started_and_missed_links_make_coverage_look_worse(kind: str) -> None:
    said, true = mean_coverage(kind)
    assert said < true - 0.03


# ── no paradox ───────────────────────────────────────────────────────────────────────────────────────────────


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int, int]:
    m = draw(st.integers(0, 500))
    return m + draw(st.integers(0, 300)), m + draw(st.integers(0, 300)), m


@settings(max_examples=25, deadline=None)
@given(st.lists(counts(), min_size=1, max_size=60))
def test_coverage_is_a_share_and_lies_between_its_limits(strata: list[tuple[int, int, int]]) -> None:
    for row in estimates(take_all(str(i), *of) for i, of in enumerate(strata)).values():
        if row["is_estimated"]:
            assert 0 <= row["coverage_low"] <= row["coverage"] <= row["coverage_high"] <= 1
            assert row["works_low"] <= row["works_estimated"] <= row["works_high"]
            assert row["works_estimated"] >= max(row["n_permits"], row["n_survey"])
        else:
            assert row["n_matched"] < 7
            assert (row["coverage"], row["works_estimated"], row["works_high"]) == (None, None, None)


@settings(max_examples=25, deadline=None)
@given(st.lists(counts(), min_size=1, max_size=60))
def test_one_more_linked_pair_never_lowers_coverage(strata: list[tuple[int, int, int]]) -> None:
    def both() -> Iterator[Row]:
        for i, (n1, n2, m) in enumerate(strata):
            yield take_all(f"{i} before", n1, n2, m)
            yield take_all(f"{i} after", n1 + 1, n2 + 1, m + 1)

    found = estimates(both())
    for i in range(len(strata)):
        before, after = found[f"{i} before"], found[f"{i} after"]
        if before["is_estimated"]:
            assert after["coverage"] >= before["coverage"]


def test_full_capture_of_a_large_stratum_is_no_overflow() -> None:
    row = estimates([take_all("full", 200_000, 200_000, 200_000)])["full"]
    assert (row["works_estimated"], row["works_variance"], row["coverage"]) == (200_000, 0, 1)


@pytest.mark.parametrize(("links", "is_estimated"), [(6, False), (7, True)])
def test_seven_links_are_the_least_for_an_estimate(links: int, is_estimated: bool) -> None:
    row = estimates([take_all("few", 20, 20, links)])["few"]
    assert row["is_estimated"] is is_estimated
    assert (row["works_estimated"] is not None) is is_estimated


def test_no_permits_are_no_estimate() -> None:
    row: dict[str, Any] = estimates([take_all("none", 0, 30, 0)])["none"]
    assert (row["is_estimated"], row["coverage"]) == (False, None)


def test_the_worked_example_by_hand() -> None:
    """60 permits, 52 returns, 43 links; and 15, 20, 12."""
    found = estimates([take_all("one", 60, 52, 43), take_all("two", 15, 20, 12)])
    one, two = found["one"], found["two"]
    assert one["works_estimated"] == Decimal("72.47727273")  # 61 x 53 / 44 - 1
    assert one["works_variance"] == Decimal("5.67778926")  # 61 x 53 x 17 x 9 / (44^2 x 45)
    assert (round(one["works_low"], 4), round(one["works_high"], 4)) == (Decimal("69.5307"), Decimal("82.6713"))
    assert (two["works_estimated"], two["works_variance"]) == (Decimal("24.84615385"), Decimal("3.40828402"))

"""The examples on revisions and capture in docs/formulas.md: read from the page, they come out of the models again."""

from __future__ import annotations

from tests.unit.capture_rows import SEAT, answer, feeds, permit, unit
from tests.unit.sql_on_rows import Tables
from tests.unit.test_capture_sql import domains, effect
from tests.unit.test_formulas import Example
from tests.unit.test_growth_revisions import vintage


def test_revisions() -> None:
    example = Example("revisions")
    quarters = ("Q1", "Q2", "Q3")
    base = {f"2023-{quarter}": "100" for quarter in quarters}
    released = (("2024-10-01", "estimate_1", "first"), ("2024-12-01", "preliminary", "later"))
    rows = [
        row
        for day, stage, which in released
        for row in vintage(day, stage, {**base, **{f"2024-{q}": str(example[f"{which}_{q}"]) for q in quarters}})
    ]
    (summary,) = [
        row
        for row in Tables(validated={"grdp": rows}).compute("growth_revision_summary", "2025-01-01")
        if (row["area_code"], row["period_type"], row["revision_horizon"]) == ("94", "quarter", "first_to_latest")
    ]
    assert summary["mean_revision_pp"] == example["mean_revision"]
    assert summary["mean_absolute_revision_pp"] == example["mean_absolute_revision"]
    assert summary["relative_absolute_revision_ratio"] == example["relative"]
    assert example.all_asked()


def test_capture() -> None:
    example = Example("capture")
    permits, returns, links = (int(example[name]) for name in ("permits", "returns", "links"))
    elsewhere = range(100, 100 + returns - links)
    tables = feeds(
        permits=[permit(n) for n in range(1, permits + 1)],
        answers=[
            *(answer(n) for n in range(1, links + 1)),
            *(answer(n, permit_no=None, commune_code="31516") for n in elsewhere),
        ],
        frame=[unit(n) for n in range(1, links + 1)],
    )
    row = domains(tables)[SEAT, "enterprises_large"]
    assert (row["n_permits"], row["n_survey"], row["n_matched"]) == (permits, returns, links)
    assert row["chapman_estimate"] == example["estimate"]
    assert row["chapman_variance"] == example["variance"]
    assert row["coverage"] == example["coverage"]
    assert example.all_asked()


def test_what_under_coverage_costs_growth() -> None:
    example = Example("growth_effect")
    # The helper's area has these outputs; the page says them too.
    assert (example["output_before_mn"], example["output_now_mn"]) == (900_000, 1_080_000)
    row = effect(str(example["missing_before_mn"]), str(example["missing_now_mn"]))
    assert row["value_added_coverage_year_before"] == example["coverage_before"]
    assert row["value_added_coverage"] == example["coverage_now"]
    assert row["growth_effect_construction_pp"] == example["effect"]
    assert example.all_asked()

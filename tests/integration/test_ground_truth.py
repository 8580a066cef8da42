"""A night on the samples against what their simulator knows: no mart may say anything else than the truth."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal

import pytest

from pipeline.settings import PROJECT_ROOT
from tests.house import House

SAMPLES = PROJECT_ROOT / "samples"
COMPONENTS = {
    "pm_assigned": {"pm_assigned"},
    "year_plan_without_carried_over": {"pm_assigned", "province_supplement"},
    "all_components": {"pm_assigned", "province_supplement", "carried_over"},
}

pytestmark = pytest.mark.slow


def truth(name: str) -> list[dict[str, str]]:
    with (SAMPLES / "ground_truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_sample_is_accepted_but_the_one_withdrawn(samples_house: House) -> None:
    status = {row["source_file"]: row["status"] for row in samples_house.mart("delivery_quality")}
    withdrawn = {defect["file"] for defect in truth("planted_defects") if defect["defect_id"] == "D1"}
    assert {name for name, what in status.items() if what == "withdrawn"} == withdrawn
    assert {what for name, what in status.items() if name not in withdrawn} <= {"accepted", "superseded"}


def test_boards_disbursed_what_the_simulator_paid(samples_house: House) -> None:
    rows = {
        (r["board_code"], r["budget_year"], r["on_date"].isoformat(), r["denominator"]): r
        for r in samples_house.mart("disbursement_vs_target")
    }
    wanted: dict[tuple[str, int, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for r in truth("disbursement_by_board"):
        for denominator, components in COMPONENTS.items():
            if r["plan_component"] in components:
                sums = wanted[r["board_code"], int(r["budget_year"]), r["on_date"], denominator]
                for i, name in enumerate(("plan_in_force_vnd", "plan_at_2024_08_26_vnd", "disbursed_vnd")):
                    sums[i] += int(r[name])
    assert len(wanted) > 100
    for key, (plan, at_letter, disbursed) in wanted.items():
        assert (rows[key]["plan_vnd"] or 0, rows[key]["disbursed_vnd"] or 0) == (plan, disbursed), key
        if key[1] == 2024:
            assert (rows[key]["plan_at_directive_vnd"] or 0) == at_letter, key


def test_levels_are_those_of_the_last_release(samples_house: House) -> None:
    rows = {
        (r["sector_code"], r["period"]): r
        for r in samples_house.mart("sector_growth_vs_target")
        if r["area_code"] == "94"
    }
    # Of 2023 and 2024 the last release is what the simulator knows; older years were restated as official since.
    known = [r for r in truth("sector_levels") if r["period"][:4] in ("2023", "2024")]
    assert len(known) == 2 * 5 * 24
    published = 0
    for r in known:
        row = rows[r["sector_code"], r["period"]]
        if row["is_simulated"]:
            assert row["level_constant_bn"] == Decimal(r["value_constant_bn"]), r
        else:
            # A figure that was really published stands before a simulated one, even without a level.
            assert row["published_growth_pct"] is not None, r
            published += 1
    assert published < 20


def test_products_and_index_are_what_was_made(samples_house: House) -> None:
    rows = {(r["series_code"], r["month"]): r for r in samples_house.mart("industry_output_monthly")}
    for r in truth("industry_output"):
        assert rows[r["product_code"], r["month"]]["quantity"] == Decimal(r["quantity"])
    for r in truth("industrial_production_index"):
        assert rows["BTE", r["month"]]["index_level_100"] == Decimal(r["index_level"])


def test_national_tables_are_what_was_made_and_a_month_that_names_no_province_has_no_figure_of_it(
    samples_house: House,
) -> None:
    rows = samples_house.mart("national_monthly")
    thousandth = {"investment": Decimal("0.001"), "retail": Decimal("0.001"), "visitors": Decimal(1)}
    made = [
        (
            r["national_table"], r["label"], r["month"],
            thousandth[r["national_table"]] * int(r["level"]) if r["national_table"] in thousandth else None,
            rounded(rounded(Decimal(r["index_yoy"]), 6) - 100, 4) if r["national_table"] != "investment" else None,
        )
        for r in truth("national_monthly")
    ]  # fmt: skip
    said = [
        (
            r["national_table"], r["row_label"], r["month"],
            r["international_visits"] if r["value_bn"] is None else r["value_bn"], r["national_yoy_pct"],
        )
        for r in rows
    ]  # fmt: skip
    assert Counter(said) == Counter(made)
    assert {r["area_code"] for r in rows if r["national_table"] != "investment"} == {"VN"}
    assert {r["month"] for r in rows if r["area_code"] == "94"} == {"2024-11"}
    assert all(row["is_simulated"] for row in rows)


def rounded(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def test_rows_built_on_simulated_deliveries_say_so(samples_house: House) -> None:
    names = {row["delivery_id"]: row["is_simulated"] for row in samples_house.mart("delivery_quality")}
    for row in samples_house.mart("sector_growth_vs_target"):
        if row["delivery_id"] is not None:
            assert row["is_simulated"] or not names[row["delivery_id"]], row
    assert all(row["is_simulated"] for row in samples_house.mart("project_disbursement"))

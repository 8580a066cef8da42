"""Aquaculture, seafood exports and wind farms: figures worked by hand on the rows of one office each."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.disbursement_rows import Row, delivered
from tests.unit.sql_on_rows import PROJECT, compute

AS_OF = "2025-02-10"
EVIDENCE_COLUMNS = (
    "directive", "item", "evidence_basis", "evidence_period", "covers_target_period", "actual", "value_year_before",
    "progress_ratio", "sign_exact_difference", "detail_en", "detail_vi", "released_on", "publisher", "delivery_id",
    "is_simulated",
)  # fmt: skip
ROW_COLUMNS = {
    "directive", "item", "feed", "delivery_id", "source_file", "source_sheet", "source_row", "evidence_role",
    "is_simulated",
}  # fmt: skip


def pond(month: str, stocked: Any, damaged: Any, species: str = "whiteleg_shrimp", **more: Any) -> Row:
    row = {"district_code": "950", "species": species, "month": month, "stocked_ha": stocked, "damaged_ha": damaged}
    return {**row, **more}


def farm(plant: str, month: str, mw: Any, stage: str, since: str | None, mwh: Any) -> Row:
    day = dt.date.fromisoformat(since) if since else None
    row = {"plant_code": plant, "month": month, "capacity_mw": mw, "dossier_stage": stage}
    return {**row, "commercial_operation_on": day, "generation_mwh": mwh}


def export(month: str, usd: int, tonnes: int | None, market: str = "US") -> Row:
    return {"month": month, "market": market, "product_code": "frozen_shrimp", "value_usd": usd, "tonnes": tonnes}


def processed(month: str, value_mn: int | None) -> Row:
    row = {"enterprise_code": "E1", "product_code": "frozen_shrimp", "unit": "t", "quantity": 1}
    return {**row, "month": month, "value_mn": value_mn}


def items(model: str, **validated: list[Row]) -> dict[str, Row]:
    return {row["item"]: row for row in compute(model, AS_OF, validated=validated)}


def ponds(*rows: Row, released_on: str = "2025-01-15", **extra: Any) -> list[Row]:
    return delivered(rows, "aquaculture", "2024", released_on, **extra)


# --- aquaculture ----------------------------------------------------------------------------------------------------


def test_the_damaged_share_is_of_shrimp_in_the_items_year_and_says_its_warnings_and_months() -> None:
    rows = ponds(
        pond("2023-12", 1000, 900),
        pond("2024-01", 100, 4, warnings_issued=2),
        pond("2024-02", 300, 20, "black_tiger_shrimp", warnings_issued=1),
        pond("2024-02", 500, 500, "pangasius", warnings_issued=9),
        pond("2025-01", 10, 10),
    )
    row = items("int_aquaculture_item_evidence", aquaculture=rows)["KV1-ENV"]
    # (4 + 20) of (100 + 300) hectares
    assert (row["actual"], row["evidence_period"], row["covers_target_period"]) == (6, "2024-01..2024-02", False)
    assert row["detail_en"] == "24 ha damaged of 400 ha stocked with shrimp, 3 warnings issued, 2 of 12 months"
    assert row["detail_vi"] == "thiệt hại 24 ha trên 400 ha tôm thả nuôi, 3 bản tin cảnh báo, 2/12 tháng"
    assert (row["released_on"], row["publisher"]) == (dt.date(2025, 1, 15), PROJECT.contracts["aquaculture"].supplier)


def test_a_figure_that_is_missing_is_no_zero_and_its_row_counts_in_neither_sum() -> None:
    rows = ponds(pond("2024-01", 100, 10), pond("2024-02", 900, None), pond("2024-03", 100, 0))
    row = items("int_aquaculture_item_evidence", aquaculture=rows)["KV1-ENV"]
    assert row["actual"] == 5
    assert "2 of 12 months; rows left out because a figure is missing: 1" in row["detail_en"]
    assert "không tính 1 dòng" in row["detail_vi"]


def test_shares_of_high_technology_and_of_failed_seed() -> None:
    rows = ponds(
        pond("2024-01", 300, 0, of_which_high_tech_ha=60, seed_lots_checked=20, seed_lots_failed=1),
        pond("2024-01", 100, 0, "pangasius", of_which_high_tech_ha=0, seed_lots_checked=5, seed_lots_failed=5),
        pond("2024-02", 0, 0, of_which_high_tech_ha=0, seed_lots_checked=12, seed_lots_failed=1),
    )
    found = items("int_aquaculture_item_evidence", aquaculture=rows)
    assert found["KV1-MODEL"]["actual"] == 15  # 60 of 400 hectares of all species
    assert found["KV1-SEED"]["actual"] == Decimal("6.25")  # 2 of 32 lots of shrimp seed
    assert found["KV1-SEED"]["evidence_basis"] == "computed_from_counts"


def test_nothing_stocked_is_no_share() -> None:
    assert items("int_aquaculture_item_evidence", aquaculture=ponds(pond("2024-01", 0, 0))) == {}


def test_a_later_vintage_counts_and_a_simulated_one_never_displaces_a_real_one() -> None:
    real = ponds(pond("2024-01", 100, 10), released_on="2024-02-15")
    restated = ponds(pond("2024-01", 100, 30), released_on="2024-03-15")
    simulated = ponds(pond("2024-01", 100, 90), released_on="2024-04-15", is_simulated=True)
    row = items("int_aquaculture_item_evidence", aquaculture=[*real, *restated, *simulated])["KV1-ENV"]
    assert (row["actual"], row["is_simulated"], row["delivery_id"]) == (30, False, restated[0]["delivery_id"])


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(1, 12), st.integers(0, 5000), st.integers(0, 100), st.integers(0, 50), st.integers(0, 100)
        ),
        min_size=1,
        max_size=12,
        unique_by=lambda drawn: drawn[0],
    )
)
def test_shares_lie_between_0_and_100_and_parts_and_wholes_add_up(
    drawn: list[tuple[int, int, int, int, int]],
) -> None:
    rows = [
        pond(
            f"2024-{month:02d}", stocked, stocked * part // 100, of_which_high_tech_ha=stocked * part // 100,
            seed_lots_checked=lots, seed_lots_failed=lots * failed // 100,
        )
        for month, stocked, part, lots, failed in drawn
    ]  # fmt: skip
    found = items("int_aquaculture_item_evidence", aquaculture=ponds(*rows))
    for item, part, whole in (
        ("KV1-ENV", "damaged_ha", "stocked_ha"),
        ("KV1-MODEL", "of_which_high_tech_ha", "stocked_ha"),
        ("KV1-SEED", "seed_lots_failed", "seed_lots_checked"),
    ):
        total = sum(row[whole] for row in rows)
        assert (item in found) == (total > 0)
        if total:
            assert 0 <= found[item]["actual"] <= 100
            exact = Decimal(100 * sum(row[part] for row in rows)) / Decimal(total)
            assert abs(found[item]["actual"] - exact) <= Decimal("0.00005")


def test_the_mart_sums_only_years_that_begin_in_january() -> None:
    rows = ponds(pond("2024-01", 100, 5), pond("2024-02", 100, 15), pond("2023-02", 50, 1))
    found = {row["month"]: row for row in compute("aquaculture_monthly", AS_OF, validated={"aquaculture": rows})}
    assert (found["2024-02"]["stocked_so_far_ha"], found["2024-02"]["damaged_of_stocked_so_far_pct"]) == (200, 10)
    assert found["2023-02"]["stocked_so_far_ha"] is None
    assert found["2024-02"]["is_distorted_by_tet"]


def test_damage_above_all_that_was_stocked_is_seen_over_the_months_known() -> None:
    early = delivered([pond(f"2024-{m:02d}", 10, 2) for m in range(1, 6)], "aquaculture", "2024-5M", "2024-06-15")
    late = delivered([pond("2024-06", 10, 80)], "aquaculture", "2024-06", "2024-07-15")
    found = compute("aquaculture_damaged_within_stocked", AS_OF, candidates={"aquaculture": [*early, *late]})
    row = next(row for row in found if row["month"] == "2024-06")
    # (5 × 2 + 80) over (6 × 10)
    assert (row["months_known"], row["damaged_of_stocked_ratio"]) == (6, Decimal("1.5"))
    assert max(r["damaged_of_stocked_ratio"] for r in found if r["month"] != "2024-06") == Decimal("0.2")


def test_a_delivery_is_not_blamed_for_the_damage_that_another_one_misreported() -> None:
    bad = delivered([pond(f"2024-{m:02d}", 10, 90) for m in range(1, 8)], "aquaculture", "2024-7M", "2024-08-15")
    good = delivered([pond("2024-08", 10, 1)], "aquaculture", "2024-08", "2024-09-15")
    found = compute("aquaculture_damaged_within_stocked", AS_OF, candidates={"aquaculture": [*bad, *good]})
    (row,) = (row for row in found if row["delivery_id"] == good[0]["delivery_id"])
    assert (row["months_known"], row["damaged_of_stocked_ratio"], row["source_row"]) == (1, Decimal("0.1"), 2)


def test_an_impossible_generation_is_no_yardstick_for_the_next_delivery() -> None:
    bad = delivered(
        [farm("A", "2024-01", 72, "commercial_operation", None, 19_950_000)], "wind_power", "2024-01", AS_OF
    )
    good = delivered([farm("A", "2024-01", 72, "commercial_operation", None, 19_950)], "wind_power", "2024", AS_OF)
    found = compute("wind_power_magnitude", AS_OF, candidates={"wind_power": [*bad, *good]})
    assert {row["figure_name"] for row in found} == {"capacity_mw"}


# --- the peak season ------------------------------------------------------------------------------------------------


def exported(*rows: Row, **extra: Any) -> list[Row]:
    return delivered(rows, "seafood_exports", "2024", "2024-11-15", **extra)


def made(*rows: Row, **extra: Any) -> list[Row]:
    return delivered(rows, "industry_output", "2024", "2024-10-10", **extra)


PROCESSED = (processed("2023-07", 100), processed("2024-07", 120))


def test_exports_speak_where_they_are_known_and_processing_is_told_beside_them() -> None:
    rows = exported(
        export("2023-07", 10_000_000, 1000), export("2023-08", 10_000_000, 1000),
        export("2024-07", 9_000_000, 1000), export("2024-08", 12_000_000, 1200), export("2024-09", 99_000_000, 9000),
        export("2024-06", 1, 1), export("2023-06", 99_000_000, 1),
    )  # fmt: skip
    row = items("int_seafood_item_evidence", seafood_exports=rows, industry_output=made(*PROCESSED))["IND-SEA"]
    # 21 against 20 million dollars, 2200 against 2000 tonnes: September has no year before
    assert (row["actual"], row["evidence_basis"]) == (5, "computed_from_exports")
    assert (row["evidence_period"], row["covers_target_period"]) == ("2024-07..2024-08", False)
    assert "exports 21.0 mn USD from July to August 2024 against 20.0, tonnage up 10.0 %" in row["detail_en"]
    assert "value processed up 20.0 % in July 2024" in row["detail_en"]
    assert "xuất khẩu 21,0 triệu USD từ tháng 7 đến tháng 8/2024, cùng kỳ 20,0 triệu USD" in row["detail_vi"]
    assert "giá trị chế biến tăng 20,0%" in row["detail_vi"]
    assert row["publisher"] == PROJECT.contracts["seafood_exports"].supplier


def test_without_exports_processing_speaks_and_exports_are_said_to_be_unknown() -> None:
    row = items("int_seafood_item_evidence", industry_output=made(*PROCESSED))["IND-SEA"]
    assert (row["actual"], row["evidence_basis"]) == (20, "computed_from_output")
    assert "exports not known" in row["detail_en"]


def test_simulated_exports_do_not_stand_beside_real_processing() -> None:
    rows = exported(export("2023-07", 100, 1), export("2024-07", 300, 1), is_simulated=True)
    row = items("int_seafood_item_evidence", seafood_exports=rows, industry_output=made(*PROCESSED))["IND-SEA"]
    assert (row["actual"], row["is_simulated"]) == (20, False)
    assert "exports not known" in row["detail_en"]


def test_a_month_of_processing_without_one_value_is_not_compared() -> None:
    rows = made(*PROCESSED, processed("2023-08", 100), {**processed("2024-08", None), "enterprise_code": "E2"})
    row = items("int_seafood_item_evidence", industry_output=rows)["IND-SEA"]
    assert (row["actual"], row["evidence_period"]) == (20, "2024-07")


def test_exports_by_month_stand_beside_the_year_before_with_season_and_tet() -> None:
    rows = exported(export("2023-02", 100, 10), export("2024-02", 50, None), export("2024-10", 900, 3))
    found = {
        row["month"]: row for row in compute("seafood_exports_monthly", AS_OF, validated={"seafood_exports": rows})
    }
    assert (found["2024-02"]["export_value_yoy_pct"], found["2024-02"]["export_tonnes_yoy_pct"]) == (-50, None)
    assert (found["2024-02"]["is_distorted_by_tet"], found["2024-10"]["is_distorted_by_tet"]) == (True, False)
    assert (found["2024-02"]["is_peak_season"], found["2024-10"]["is_peak_season"]) == (False, True)
    assert found["2024-10"]["export_price_usd_per_t"] == 300


# --- wind farms -----------------------------------------------------------------------------------------------------


def test_wind_farms_in_operation_are_counted_at_the_last_month_known() -> None:
    operating, waiting = "commercial_operation", "awaiting_recognition"
    rows = delivered(
        [
            farm("A", "2023-12", 72, operating, "2021-10-30", 99_000),
            farm("A", "2024-01", 72, operating, "2021-10-30", 20_000),
            farm("A", "2024-02", 72, operating, "2021-10-30", None),
            farm("B", "2024-01", 30.5, waiting, None, 0),
            farm("B", "2024-02", 30.5, operating, "2024-02-29", 1500),
            farm("C", "2024-02", 48, "under_construction", None, 0),
        ],
        "wind_power",
        "2024-02",
        "2024-03-10",
    )
    row = items("int_wind_item_evidence", wind_power=rows)["IND-WIND"]
    assert (row["actual"], row["evidence_period"], row["covers_target_period"]) == (2, "2024-02", False)
    assert row["detail_en"] == (
        "of 3 wind farms, 1 of them recognised in the period; 102.5 of 150.5 MW in operation, 21.5 GWh generated in "
        "the months known, months of farms without a figure: 1; the rest: 1 under construction"
    )
    assert "102,5/150,5 MW" in row["detail_vi"]
    assert "còn lại: 1 đang xây dựng" in row["detail_vi"]


def test_a_farm_makes_at_most_its_capacity_times_the_hours_of_the_month() -> None:
    rows = delivered(
        [
            farm("A", "2024-02", 72, "commercial_operation", "2021-10-30", 72 * 24 * 29),
            farm("A", "2024-03", 72, "commercial_operation", "2021-10-30", 19_950_000),
            farm("A", "2024-04", 72, "under_construction", "2021-10-30", None),
        ],
        "wind_power",
        "2024",
        "2024-05-10",
    )
    found = {r["month"]: r for r in compute("wind_power_possible", AS_OF, candidates={"wind_power": rows})}
    assert found["2024-02"]["capacity_ratio"] == 1
    assert found["2024-03"]["capacity_ratio"] > 300
    assert (found["2024-04"]["is_silent_in_operation"], found["2024-04"]["is_stage_against_date"]) == (True, True)
    assert not found["2024-02"]["is_silent_in_operation"]
    mart = {r["month"]: r for r in compute("wind_power_monthly", AS_OF, validated={"wind_power": rows})}
    assert (mart["2024-02"]["possible_generation_mwh"], mart["2024-02"]["capacity_factor_pct"]) == (50_112, 100)
    assert mart["2024-04"]["capacity_factor_pct"] is None
    assert mart["2024-04"]["possible_generation_mwh"] is None, "its generation is not known"


def test_a_farm_that_is_not_in_operation_could_have_made_nothing() -> None:
    rows = delivered(
        [
            farm("A", "2024-02", 72, "under_construction", None, 0),
            farm("A", "2024-03", 72, "commercial_operation", "2024-03-10", 9_000),
        ],
        "wind_power",
        "2024",
        "2024-05-10",
    )
    mart = {r["month"]: r for r in compute("wind_power_monthly", AS_OF, validated={"wind_power": rows})}
    assert mart["2024-02"]["possible_generation_mwh"] is None
    assert (mart["2024-03"]["is_in_operation"], mart["2024-03"]["possible_generation_mwh"]) == (True, 72 * 24 * 31)


# --- the common forms -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", ["aquaculture", "seafood", "wind"])
def test_evidence_has_the_common_columns_and_its_rows_name_where_they_stand(subject: str) -> None:
    validated = {
        "aquaculture": ponds(pond("2024-01", 100, 10)),
        "seafood_exports": exported(export("2023-07", 100, 1), export("2024-07", 300, 1)),
        "wind_power": delivered([farm("A", "2024-01", 72, "under_construction", None, 0)], "wind_power", "2024", AS_OF),
    }
    (evidence, *_) = compute(f"int_{subject}_item_evidence", AS_OF, validated=validated)
    assert tuple(evidence) == EVIDENCE_COLUMNS
    rows = [
        row
        for row in compute(f"int_{subject}_evidence_rows", AS_OF, validated=validated)
        if row["item"] == evidence["item"]
    ]
    assert set(rows[0]) == ROW_COLUMNS
    assert {row["source_row"] for row in rows} == ({2, 3} if subject == "seafood" else {2})
    assert evidence["delivery_id"] in {row["delivery_id"] for row in rows}


FARM = farm("A", "2024-01", 72, "commercial_operation", None, 10_000)


@pytest.mark.parametrize(
    ("feed", "row", "wrong", "measure", "ratio"),
    [
        ("aquaculture", pond("2024-01", 20, 10), {"stocked_ha": 20_000}, "stocked_ha", "1000"),
        # both in thousandths, so that the price of a tonne is right
        ("seafood_exports", export("2024-01", 90_000, 10), {"value_usd": 9 * 10**7, "tonnes": 10**4}, "tonnes", "1000"),
        # in GWh, which no capacity forbids
        ("wind_power", FARM, {"generation_mwh": 10}, "generation_mwh", "0.001"),
    ],
)
def test_a_unit_wrong_by_a_thousand_differs_from_the_year_before(
    feed: str, row: Row, wrong: Row, measure: str, ratio: str
) -> None:
    first = delivered([row], feed, "2024-01", "2024-02-10")
    later = delivered([{**row, "month": "2025-01", **wrong}], feed, "2025-01", AS_OF)
    (found,) = [
        r
        for r in compute(f"{feed}_magnitude", AS_OF, candidates={feed: [*first, *later]})
        if r["figure_name"] == measure
    ]
    assert (found["magnitude_ratio"], found["reference_period"]) == (Decimal(ratio), "2024-01")
    assert found["delivery_id"] == later[0]["delivery_id"]

"""A forecast is no verdict: what a growth target stands on before and after its period is over, worked by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.sql_on_rows import Row, compute
from tests.unit.test_growth_sql import LINEAGE, Models, level, said

DIRECTIVE = "2724-UBND-TH"
JULY, OCTOBER = dt.date(2024, 7, 1), dt.date(2024, 10, 1)

PUBLISHED = [
    said("grdp_growth", "2023-9M", "5.14", "2023-10-09"),
    said("grdp_growth", "2023-Q4", "8.13", "2024-01-12"),
    said("grdp_growth", "2023", "5.77", "2024-01-12"),
    said("grdp_growth", "2024-6M", "6.54", "2024-07-01"),
    said("grdp_growth", "2024-9M", "6.55", "2024-10-11"),
    said("grdp_growth", "2024", "7.0", "2024-12-02"),
    said("grdp_growth", "2024", "7.07", "2025-01-15"),
    said("sector_i_growth", "2024", "3.94", "2024-12-02"),
    said("sector_ii_growth", "2024", "10.3", "2024-12-02"),
    said("sector_iii_growth", "2024", "8.96", "2024-12-02"),
]


def card(item: str, as_of: str, *, seeds: dict[str, list[Row]] | None = None, **feeds: list[Row]) -> Row:
    """The row of an item in the scorecard, as of a day."""
    validated = {
        feed: [{**LINEAGE, "source_row": number, **row} for number, row in enumerate(rows, start=2)]
        for feed, rows in feeds.items()
    }
    cards = compute("directive_scorecard", as_of, validated=validated, **({"seeds": seeds} if seeds else {}))
    (row,) = [row for row in cards if (row["directive"], row["item"]) == (DIRECTIVE, item)]
    return row


def accounts() -> list[Row]:
    """Levels of sector I: quarters of 2023 at 100, the year 2024 forecast on 1 July, nine months known on 1 October."""
    quarters = [level("I", f"2023-Q{q}", 100, released_on=dt.date(2024, 4, 1)) for q in (1, 2, 3, 4)]
    quarters.append(level("I", "2023", 400, released_on=dt.date(2024, 4, 1)))
    now = [level("I", f"2024-Q{q}", value, released_on=JULY, delivery_id="july") for q, value in ((1, 103), (2, 104))]
    forecast = [level("I", "2024", 414, released_on=JULY, delivery_id="july", estimate_stage="estimate_1")]
    third = [level("I", "2024-Q3", 105, released_on=OCTOBER, delivery_id="october")]
    return [*quarters, *now, *forecast, *third]


@pytest.mark.parametrize(
    ("as_of", "period", "actual", "needed"),
    [
        ("2024-08-31", "2024-6M", "3.5", "4.5"),  # (416 - 207) / 200
        ("2024-09-30", "2024-6M", "3.5", "4.5"),
        ("2024-10-31", "2024-9M", "4", "4"),  # (416 - 312) / 100
        ("2024-12-31", "2024-9M", "4", "4"),
    ],
)
def test_until_its_year_is_over_a_target_stands_on_the_newest_part_and_the_forecast_beside_it(
    as_of: str, period: str, actual: str, needed: str
) -> None:
    row = card("KV1", as_of, grdp=accounts())
    assert row["status"] == "at_risk"
    assert (row["evidence_period"], row["actual"]) == (period, Decimal(actual))
    assert row["required_growth_rest_pct"] == Decimal(needed)
    assert (row["office_forecast"], row["office_forecast_released_on"]) == (Decimal("3.5"), JULY)
    assert "ước tính của Cục Thống kê tỉnh Sóc Trăng công bố ngày 01/07/2024: 3,5%" in row["status_reason_vi"]
    assert "dự báo" not in row["status_reason_vi"]


def test_when_the_year_is_over_its_newest_figure_decides_and_says_when_it_came_early() -> None:
    row = card("KV1", "2025-01-01", grdp=accounts())
    assert (row["status"], row["evidence_period"], row["actual"]) == ("missed", "2024", Decimal("3.5"))
    assert (row["office_forecast"], row["office_forecast_released_on"]) == (None, None)
    assert "theo số ước công bố ngày 01/07/2024, trước khi kết thúc năm" in row["status_reason_vi"]
    assert "released on 2024-07-01, before the year ended" in row["status_reason_en"]


def test_a_part_is_a_forecast_while_it_is_not_over() -> None:
    early = [{**row, "released_on": dt.date(2024, 9, 29)} if row["delivery_id"] == "october" else row
             for row in ({**LINEAGE, **row} for row in accounts())]  # fmt: skip
    assert card("KV1", "2024-09-29", grdp=early)["evidence_period"] == "2024-6M"
    assert card("KV1", "2024-09-30", grdp=early)["evidence_period"] == "2024-6M"
    assert card("KV1", "2024-10-01", grdp=early)["evidence_period"] == "2024-9M"


def test_a_first_quarter_gives_way_to_six_months() -> None:
    figures = [said("grdp_growth", "2024-Q1", "5", "2024-04-01"), said("grdp_growth", "2024-6M", "6", "2024-07-01")]
    assert card("GRDP", "2024-08-26", published_figures=figures)["evidence_period"] == "2024-6M"


def test_the_figures_table_meets_no_target_before_the_period_is_over() -> None:
    def year_on(day: str) -> dict[str, Any]:
        return Models({"grdp": accounts()}, day).row("sector_growth_vs_target", period="2024")

    assert (year_on("2024-12-31")["is_target_met"], year_on("2024-12-31")["is_forecast"]) == (None, True)
    assert (year_on("2025-01-01")["is_target_met"], year_on("2025-01-01")["is_forecast"]) == (False, False)
    part = Models({"grdp": accounts()}, "2024-10-31").row("sector_growth_vs_target", period="2024-9M")
    assert (part["office_forecast"], part["office_forecast_released_on"]) == (Decimal("3.5"), JULY)


# ── published figures alone ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("as_of", "period", "low", "high"),
    [
        ("2024-08-26", "2024-6M", "7.40", "7.43"),
        ("2024-10-05", "2024-6M", "7.40", "7.43"),
        ("2024-12-05", "2024-9M", "8.14", "8.69"),
    ],
)
def test_what_the_rest_needs_is_bounded_where_only_growth_is_published(
    as_of: str, period: str, low: str, high: str
) -> None:
    row = card("GRDP", as_of, published_figures=PUBLISHED)
    assert (row["evidence_period"], row["status"]) == (period, "at_risk")
    assert row["required_growth_rest_pct"] is None
    needs = [row["required_growth_rest_low_pct"], row["required_growth_rest_high_pct"]]
    assert [round(need, 2) for need in needs] == [Decimal(low), Decimal(high)]
    for share, need in (("part_share_low_pct", needs[0]), ("part_share_high_pct", needs[1])):
        w = float(row[share]) / 100
        assert w * float(row["actual"]) + (1 - w) * float(need) == pytest.approx(7, abs=1e-4), "put back, it is 7 %"
    assert "giả định" in row["status_reason_vi"]
    rest = {"2024-6M": "6 tháng cuối năm", "2024-9M": "quý IV"}[period]
    assert f"{rest} cần tăng từ {low}% đến {high}%".replace(".", ",") in row["status_reason_vi"]


def test_the_greatest_share_is_the_one_that_the_own_published_year_implies() -> None:
    row = card("GRDP", "2024-12-05", published_figures=PUBLISHED)
    assert float(row["part_share_high_pct"]) == pytest.approx(100 * 2.36 / 2.99, abs=1e-4)
    assert float(row["required_growth_rest_high_pct"]) == pytest.approx(8.685718, abs=1e-4)
    assert row["part_share_sources"] == "own_published national_accounts"


def test_own_accounts_widen_the_range_unless_they_are_simulated() -> None:
    own = [level("GRDP", "2023-6M", 44), level("GRDP", "2023", 100)]
    row = card("GRDP", "2024-08-26", published_figures=PUBLISHED, grdp=own)
    assert row["part_share_low_pct"] == 44
    assert row["part_share_sources"] == "own_accounts national_accounts"
    simulated = [{**one, "is_simulated": True} for one in own]
    row = card("GRDP", "2024-08-26", published_figures=PUBLISHED, grdp=simulated)
    assert (row["part_share_low_pct"], row["is_simulated"]) == (Decimal("46.66"), False)


@pytest.mark.parametrize(
    ("item", "status", "actual", "is_early"),
    [("KV1", "missed", "3.94", True), ("KV3", "missed", "8.96", True), ("GRDP", "achieved", "7.07", False)],
)
def test_after_the_year_the_published_figures_decide(item: str, status: str, actual: str, is_early: bool) -> None:
    row = card(item, "2025-02-10", published_figures=PUBLISHED)
    assert (row["status"], row["actual"]) == (status, Decimal(actual))
    assert ("theo số ước công bố ngày 02/12/2024, trước khi kết thúc năm" in row["status_reason_vi"]) is is_early


@pytest.mark.parametrize("item", ["KV1", "KV3"])
def test_a_forecast_alone_is_no_data(item: str) -> None:
    row = card(item, "2024-12-05", published_figures=PUBLISHED)
    assert (row["status"], row["actual"], row["gap"]) == ("no_data", None, None)
    assert row["office_forecast_released_on"] == dt.date(2024, 12, 2)
    # the estimate is that of the Provincial Party Committee, and no statistics office's
    assert row["office_forecast_publisher"] == "Tỉnh ủy Sóc Trăng"
    assert "ước tính của Tỉnh ủy Sóc Trăng công bố ngày 02/12/2024" in row["status_reason_vi"]
    assert "the estimate that Tỉnh ủy Sóc Trăng released on 2024-12-02" in row["status_reason_en"]


@pytest.mark.parametrize("item", ["IND", "CON"])
def test_the_sentence_on_sector_ii_says_that_it_was_published_before_the_year_ended(item: str) -> None:
    after = card(item, "2025-02-10", published_figures=PUBLISHED)["status_reason_vi"]
    assert "10,3%" in after
    assert "theo số ước công bố ngày 02/12/2024, trước khi kết thúc năm" in after
    before = card(item, "2024-12-05", published_figures=PUBLISHED)
    assert before["status"] == "no_data"
    assert "ước tính của Tỉnh ủy Sóc Trăng công bố ngày 02/12/2024" in before["status_reason_vi"]
    assert "trước khi kết thúc năm" not in before["status_reason_vi"]


# ── industry and construction follow from each other ─────────────────────────────────────────────────────────


def test_one_part_of_sector_ii_follows_from_the_other_where_their_shares_are_known() -> None:
    shares = [level("II", "2023", 200), level("IND", "2023", 150)]  # a = 0.75
    industry = [*PUBLISHED, said("industry_growth", "2024", "10.5", "2024-12-02")]
    row = card("CON", "2025-02-10", published_figures=industry, grdp=shares)
    assert (row["status"], row["actual"]) == ("no_data", None), "what follows is said, and is no figure of the office"
    assert (row["implied_growth_low_pct"], row["implied_growth_high_pct"]) == (Decimal("9.7"), Decimal("9.7"))
    assert "suy ra xây dựng tăng 9,7%" in row["status_reason_vi"]
    assert "chưa đạt chỉ tiêu giao 25,61%" in row["status_reason_vi"]
    assert "mới công bố khu vực II" not in row["status_reason_vi"], "industry is published too"
    construction = [*PUBLISHED, said("construction_growth", "2024", "9.7", "2024-12-02")]
    row = card("IND", "2025-02-10", published_figures=construction, grdp=shares)
    assert row["implied_growth_low_pct"] == Decimal("10.5")
    assert "suy ra công nghiệp tăng 10,5%" in row["status_reason_vi"]
    assert "chưa đạt chỉ tiêu giao 10,5%" in row["status_reason_vi"], "the target is to be exceeded"


def test_over_an_unknown_share_one_part_follows_within_a_range_that_is_shown() -> None:
    industry = [*PUBLISHED, said("industry_growth", "2024", "6", "2024-12-02")]
    row = card("CON", "2025-02-10", published_figures=industry)
    # (10.3 - 0.60 * 6) / 0.40 = 16.75 and (10.3 - 0.85 * 6) / 0.15 = 34.6667
    assert (row["implied_growth_low_pct"], row["implied_growth_high_pct"]) == (Decimal("16.75"), Decimal("34.6667"))
    assert "suy ra xây dựng tăng từ 16,75 đến 34,67%" in row["status_reason_vi"]
    assert "giả định" in row["status_reason_vi"]
    assert "chưa đủ để kết luận so với chỉ tiêu giao 25,61%" in row["status_reason_vi"]


def test_sector_ii_alone_shows_its_relation_over_a_range() -> None:
    row = card("IND", "2025-02-10", published_figures=PUBLISHED)
    # (10.3 - 0.60 * 10.5) / 0.40 = 10 and (10.3 - 0.85 * 10.5) / 0.15 = 9.1667
    assert "xây dựng tăng từ 9,17 đến 10% (giả định a từ 0,6 đến 0,85)" in row["status_reason_vi"]
    assert (row["implied_growth_low_pct"], row["implied_growth_high_pct"]) == (None, None)


def test_a_part_of_the_year_decides_on_neither_target() -> None:
    row = card("IND", "2024-10-20", published_figures=[said("sector_ii_growth", "2024-9M", "9", "2024-10-11")])
    assert "trong kỳ này ít nhất một trong hai ngành" in row["status_reason_vi"]
    assert "không đạt" not in row["status_reason_vi"]


# ── targets of a quarter and of the first months ─────────────────────────────────────────────────────────────


def register_of(period: str, threshold: str = "7") -> dict[str, list[Row]]:
    item: Row = {
        "directive": DIRECTIVE, "item": "PART", "item_order": 1, "clause": "1", "item_kind": "target",
        "indicator": "grdp_growth", "area_code": "94", "sector_code": "GRDP", "comparator": ">=",
        "threshold": Decimal(threshold), "unit": "percent", "period": period, "deadline_on": dt.date(2024, 9, 30),
        "basis": "directive", "title_vi": "Tăng trưởng GRDP", "title_en": "Growth of GRDP", "source_note": "test",
    }  # fmt: skip
    directive = {
        "directive": DIRECTIVE, "title_vi": "Văn bản", "title_en": "Letter", "issuer_code": "UBNDT",
        "issued_on": dt.date(2024, 6, 1), "area_code": "94", "source_note": "test",
    }  # fmt: skip
    return {"directive_items": [item], "directives": [directive]}


QUARTERS = {"2023-Q1": 20, "2023-Q2": 30, "2023-Q3": 24, "2023-Q4": 26, "2024-Q1": 21, "2024-Q2": 32, "2024-Q3": 26}


def quarters(until: str) -> list[Row]:
    """Levels of GRDP by quarter, each year's released on 1 October."""
    return [level("GRDP", period, value, released_on=JULY) for period, value in QUARTERS.items() if period <= until]


def test_a_target_of_nine_months_stands_on_six_until_they_are_over() -> None:
    seeds = register_of("2024-9M")
    row = card("PART", "2024-08-31", seeds=seeds, grdp=quarters("2024-Q2"))
    assert (row["status"], row["evidence_period"], row["actual"]) == ("at_risk", "2024-6M", 6)
    # 74 * 1.07 = 79.18; less 53 is 26.18 where the third quarter had 24
    assert row["required_growth_rest_pct"] == Decimal("9.0833")
    assert "chỉ tiêu giao 7% trở lên 9 tháng đầu năm 2024" in row["status_reason_vi"]
    assert "phần còn lại của kỳ cần tăng 9,08%" in row["status_reason_vi"]
    row = card("PART", "2024-10-02", seeds=seeds, grdp=quarters("2024-Q3"))
    # 79 / 74
    assert (row["status"], row["evidence_period"], row["actual"]) == ("missed", "2024-9M", Decimal("6.7568"))


def test_a_target_of_nine_months_is_held_against_its_own_rests() -> None:
    older = {"2022-Q1": 19, "2022-Q2": 29, "2022-Q3": 20}
    levels = [*quarters("2024-Q2"), *(level("GRDP", p, v, released_on=JULY) for p, v in older.items())]
    row = card("PART", "2024-08-31", seeds=register_of("2024-9M"), grdp=levels)
    assert "mức đã đạt ở 1/1 năm trước" in row["status_reason_vi"], "the third quarter of 2023 grew by 20 %"


def test_a_published_part_bounds_what_nine_months_need() -> None:
    row = card("PART", "2024-08-31", seeds=register_of("2024-9M"), published_figures=PUBLISHED)
    shares = [float(row["part_share_low_pct"]) / 100, float(row["part_share_high_pct"]) / 100]
    needs = [(7 - w * 6.54) / (1 - w) for w in shares]
    assert 0.64 < shares[0] < shares[1] < 0.68, "six months of nine"
    assert float(row["required_growth_rest_low_pct"]) == pytest.approx(needs[0], abs=1e-3)
    assert float(row["required_growth_rest_high_pct"]) == pytest.approx(needs[1], abs=1e-3)


@pytest.mark.parametrize(
    ("as_of", "status", "actual"),
    [("2024-09-20", "not_yet_due", None), ("2024-10-02", "achieved", Decimal("8.3333"))],
)
def test_a_target_of_a_quarter_waits_for_its_quarter(as_of: str, status: str, actual: Decimal | None) -> None:
    row = card("PART", as_of, seeds=register_of("2024-Q3"), grdp=quarters("2024-Q3"))
    assert (row["status"], row["actual"]) == (status, actual)
    assert row["office_forecast"] == (None if actual else Decimal("8.3333"))


def test_a_target_of_a_quarter_stands_beside_its_quarter_in_the_table_of_figures() -> None:
    rows = compute(
        "sector_growth_vs_target", "2024-10-02", seeds=register_of("2024-Q3"),
        validated={"grdp": [{**LINEAGE, "source_row": n, **row} for n, row in enumerate(quarters("2024-Q3"))]},
    )  # fmt: skip
    targets = {row["period"]: (row["target_growth_pct"], row["is_target_met"]) for row in rows}
    assert targets["2024-Q3"] == (7, True)
    assert {period for period, (target, _) in targets.items() if target is not None} == {"2024-Q3"}

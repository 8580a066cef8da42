"""The scorecard: a status only with evidence, a reason always, and every item of the directive."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from dbt_like_sql.fields import HERE
from dbt_like_sql.indicators import ROW_COLUMNS, VALUE_COLUMNS
from tests.unit.disbursement_rows import Row, delivered, worked_example
from tests.unit.sql_on_rows import PROJECT, Tables, compute

REGISTER = HERE / "seeds" / "directives" / "2724-UBND-TH" / "directive_items__2724_ubnd_th.csv"
LETTER = {line.split(",")[1] for line in REGISTER.read_text(encoding="utf-8").splitlines()[1:]}
"""The items of the letter itself, whatever is followed beside them."""

ISSUE_COLUMNS = [
    "directive", "item", "clause", "title_vi", "title_en", "indicator", "period", "comparator", "threshold", "unit",
    "actual", "gap", "status", "status_reason", "provisional", "within_revision_error", "evidence_released_on",
    "evidence_publisher", "evidence_delivery_id", "deadline_on", "days_left", "lead_agency_code", "is_simulated",
]  # fmt: skip

SAID = [
    ("grdp_growth", "2024-9M", "growth_yoy", "6.55", "2024-10-11", "estimate_1", "Sở Kế hoạch và Đầu tư", None),
    ("grdp_growth", "2024", "growth_yoy", "7.0", "2024-12-02", "estimate_2", "Tỉnh ủy Sóc Trăng", None),
    ("grdp_growth", "2024", "growth_yoy", "7.07", "2025-01-15", "estimate_2", "UBND tỉnh Sóc Trăng", None),
    ("sector_i_growth", "2024", "growth_yoy", "3.94", "2024-12-02", "estimate_2", "Tỉnh ủy Sóc Trăng", None),
    ("sector_ii_growth", "2024", "growth_yoy", "10.3", "2024-12-02", "estimate_2", "Tỉnh ủy Sóc Trăng", None),
    ("sector_iii_growth", "2024", "growth_yoy", "8.96", "2024-12-02", "estimate_2", "Tỉnh ủy Sóc Trăng", None),
    ("iip", "2024", "growth_yoy", "5.5", "2024-12-02", "estimate_2", "Tỉnh ủy Sóc Trăng", None),
    (
        "public_investment_disbursed_rate", "2024-10-31", "ratio", "53.4", "2024-12-02", None, "Tỉnh ủy Sóc Trăng",
        "denominator: plan assigned by the Prime Minister",
    ),
    ("public_investment_disbursed_rate", "2025-04-30", "ratio", "11.01", "2025-05-15", None, "UBND tỉnh", None),
]  # fmt: skip


def published() -> list[Row]:
    """What was published of the province, as one collection."""
    names = ("indicator", "period", "measure", "value", "said_on", "estimate_stage", "publisher", "note")
    rows = []
    for values in SAID:
        row: Row = dict(zip(names, values, strict=True))
        row |= {"value": Decimal(row["value"]), "said_on": dt.date.fromisoformat(row["said_on"])}
        rows.append(row | {"area_code": "94", "unit": "percent", "source_url": "https://example.vn", "trust": "press"})
    return delivered(rows, "published_figures", "2024", "2025-05-20")


def levels(year: int, released_on: str, **sectors: int) -> list[Row]:
    rows = [
        {
            "area_code": "94",
            "sector_code": code,
            "period": str(year),
            "value_constant_bn": value,
            "estimate_stage": "official",
        }
        for code, value in sectors.items()
    ]
    return delivered(rows, "grdp", str(year), released_on)


def scorecard(as_of: str = "2025-02-10", **validated: list[Row]) -> dict[str, Row]:
    cards = compute("directive_scorecard", as_of, validated=validated)
    return {row["item"]: row for row in cards if row["item"] in LETTER and row["directive"] == "2724-UBND-TH"}


@pytest.fixture(scope="module")
def on_published() -> dict[str, Row]:
    return scorecard(published_figures=published())


def test_columns_begin_as_the_mart_promises(on_published: dict[str, Row]) -> None:
    assert list(on_published["KV1"])[: len(ISSUE_COLUMNS)] == ISSUE_COLUMNS


@pytest.mark.parametrize(
    ("item", "actual", "status", "is_within"),
    [("KV1", "3.94", "missed", True), ("KV3", "8.96", "missed", False), ("GRDP", "7.07", "achieved", True)],
)
def test_published_growth_is_judged(
    on_published: dict[str, Row], item: str, actual: str, status: str, is_within: bool
) -> None:
    row = on_published[item]
    assert (row["actual"], row["status"], row["within_revision_error"]) == (Decimal(actual), status, is_within)
    assert row["provisional"]
    assert not row["is_simulated"]


def test_the_published_rate_stands_with_its_denominator(on_published: dict[str, Row]) -> None:
    row = on_published["INV-DIS"]
    assert (row["actual"], row["status"], row["denominator"]) == (Decimal("53.4"), "monitored", "pm_assigned")
    assert (row["threshold"], row["gap"], row["within_revision_error"]) == (None, None, False)


@pytest.mark.parametrize("item", ["IND", "CON"])
def test_sector_ii_says_that_one_of_its_two_targets_is_missed(on_published: dict[str, Row], item: str) -> None:
    row = on_published[item]
    assert (row["status"], row["actual"]) == ("no_data", None)
    assert "10.3 %" in row["status_reason_en"]
    assert "at least one of the two targets" in row["status_reason_en"]
    assert "10,3%" in row["status_reason_vi"]


@pytest.mark.parametrize("is_simulated", [True, False])
def test_published_sector_ii_stands_beside_a_part_that_is_known_from_simulated_levels_only(is_simulated: bool) -> None:
    """Simulated industry at 111 after 100 achieves its target; published, sector II is below both."""
    rows = [*levels(2023, "2024-10-01", IND=100, GRDP=1000), *levels(2024, "2025-01-10", IND=111, GRDP=1070)]
    grdp = [{**row, "is_simulated": is_simulated} for row in rows]
    row = scorecard(published_figures=published(), grdp=grdp)["IND"]
    assert (row["status"], row["actual"], row["is_simulated"]) == ("achieved", 11, is_simulated)
    said = (
        "; tham khảo: khu vực II tăng 10,3% theo số công bố (năm 2024); mức này thấp hơn cả hai ngưỡng nên theo số ước "
        "đó ít nhất một trong hai chỉ tiêu công nghiệp, xây dựng không đạt"
    )
    assert (said in row["status_reason_vi"]) is is_simulated
    assert (
        "; beside it: sector II grew by 10.3 % as published in 2024. That" in row["status_reason_en"]
    ) is is_simulated


def test_the_relation_of_the_parts_is_worked_out_where_their_share_is_known() -> None:
    cards = scorecard(published_figures=published(), grdp=levels(2023, "2024-10-01", II=200, IND=150, GRDP=1000))
    assert cards["IND"]["status"] == "no_data"
    assert "a = 0.75" in cards["CON"]["status_reason_en"]
    assert "construction would have grown by 9.7 %" in cards["CON"]["status_reason_en"]


def test_everything_else_is_no_data_and_never_zero(on_published: dict[str, Row]) -> None:
    known = {"KV1", "KV3", "GRDP", "INV-DIS"}
    others = [row for item, row in on_published.items() if item not in known]
    assert len(others) == 29
    for row in others:
        nothing = (row["actual"], row["gap"], row["evidence_released_on"], row["evidence_publisher"])
        status = "no_indicator" if row["item"] in ("PLAN32", "CON-PROJ") else "no_data"
        assert (row["status"], nothing) == (status, (None, None, None, None)), row["item"]
        assert (row["provisional"], row["within_revision_error"]) == (False, False)
        assert row["status_reason_en"]
        assert row["status_reason_vi"]


def test_without_any_delivery_every_item_is_still_there() -> None:
    cards = scorecard()
    assert len(cards) == 33
    assert {row["status"] for row in cards.values()} == {"no_data", "no_indicator"}


def test_days_left_are_signed(on_published: dict[str, Row]) -> None:
    assert (on_published["KV1"]["days_left"], on_published["DIS-FY-1"]["days_left"]) == (-41, -10)


def test_a_statement_of_later_days_is_not_known_yet() -> None:
    row = scorecard("2025-01-10", published_figures=published())["GRDP"]
    assert (row["actual"], row["gap"], row["status"]) == (7, 0, "achieved")
    early = scorecard("2024-10-20", published_figures=published())["GRDP"]
    assert (early["actual"], early["status"], early["evidence_period"]) == (Decimal("6.55"), "at_risk", "2024-9M")
    assert early["progress_ratio"] == Decimal("0.9357")


def test_growth_a_hair_above_its_threshold_is_above_it() -> None:
    grdp = [
        *levels(2023, "2024-10-01", I=10_000_000, GRDP=20_000_000),
        *levels(2024, "2025-01-10", I=10_400_001, GRDP=21_000_000),
    ]
    row = scorecard(grdp=grdp)["KV1"]
    assert (row["gap"], row["status"], row["provisional"]) == (0, "achieved", False)
    grdp[2]["value_constant_bn"] = 10_400_000
    assert scorecard(grdp=grdp)["KV1"]["status"] == "missed"


@pytest.mark.parametrize(
    ("item", "actual", "status"),
    [
        ("DIS-Q3-1", 73, "achieved"),
        ("DIS-FY-1", 95, "missed"),
        ("DIS-KEY-1", 95, "monitored"),
        ("DIS-LARGE", 95, "monitored"),
    ],
)
def test_disbursement_items_follow_the_worked_example(item: str, actual: int, status: str) -> None:
    row = scorecard(**worked_example())[item]
    assert (row["actual"], row["status"]) == (actual, status)
    assert row["evidence_publisher"] == PROJECT.contracts["treasury_disbursement"].supplier
    assert row["evidence_released_on"] == dt.date(2025, 2, 6)


def test_before_its_day_a_milestone_is_on_track_at_risk_or_off() -> None:
    row = scorecard("2024-12-31", **_by("2024-11-30"))["DIS-FY-1"]
    assert (row["status"], row["progress_ratio"]) == ("at_risk", Decimal("0.9437"))


def _by(day: str) -> dict[str, list[Row]]:
    rows = worked_example()
    last = dt.date.fromisoformat(day)
    kept = [row for row in rows["treasury_disbursement"] if row["posted_on"] <= last]
    name = {
        "source_file": f"treasury_disbursement__2023-11..{day[:7]}__2024-12-05.csv",
        "released_on": dt.date(2024, 12, 5),
    }
    return {**rows, "treasury_disbursement": [{**row, **name} for row in kept]}


@pytest.mark.parametrize(
    ("is_simulated", "actual", "basis"), [(True, "53.4", "published_rate"), (False, "95", "computed_from_vouchers")]
)
def test_vouchers_displace_a_published_rate_unless_they_are_simulated(
    is_simulated: bool, actual: str, basis: str
) -> None:
    rows = worked_example()
    rows["treasury_disbursement"] = [{**row, "is_simulated": is_simulated} for row in rows["treasury_disbursement"]]
    row = scorecard(published_figures=published(), **rows)["INV-DIS"]
    assert (row["actual"], row["evidence_basis"], row["is_simulated"]) == (Decimal(actual), basis, False)


def test_simulated_evidence_says_so() -> None:
    rows = {feed: [{**row, "is_simulated": True} for row in given] for feed, given in worked_example().items()}
    row = scorecard(**rows)["DIS-Q3-1"]
    assert row["is_simulated"]
    assert row["status_reason_en"].endswith("on simulated data")


@pytest.mark.parametrize(
    ("rejected", "en", "vi"),
    [
        (1, "not counted: 1 row quarantined of ", "chưa tính 1 dòng bị tách riêng của tệp "),
        (3, "not counted: 3 rows quarantined of ", "chưa tính 3 dòng bị tách riêng của tệp "),
    ],
)
def test_quarantined_rows_of_its_evidence_are_said_in_the_reason_of_an_item_and_of_no_other(
    rejected: int, en: str, vi: str
) -> None:
    tables = Tables(validated={**worked_example(), "published_figures": published()})
    (vouchers,) = [row for row in tables.deliveries if row["feed"] == "treasury_disbursement"]
    vouchers |= {"status": "accepted_in_part", "rows_rejected": rejected, "rows_in": vouchers["rows_in"] + rejected}
    cards = {row["item"]: row for row in tables.compute("directive_scorecard", "2025-02-10")}
    assert f"; {en}{vouchers['source_file']}" in cards["DIS-FY-1"]["status_reason_en"]
    assert f"; {vi}{vouchers['source_file']}" in cards["DIS-FY-1"]["status_reason_vi"]
    assert (
        "quarantined"
        not in cards["KV1"]["status_reason_en"] + scorecard(**worked_example())["DIS-FY-1"]["status_reason_en"]
    )


def test_the_peak_season_compares_months_known_in_both_years() -> None:
    def output(year: int, month: int, value: int) -> Row:
        return {
            "enterprise_code": "E1",
            "product_code": "frozen_shrimp",
            "month": f"{year}-{month:02}",
            "quantity": value,
            "unit": "t",
            "value_mn": value,
        }

    rows = delivered(
        [output(2023, 7, 100), output(2023, 8, 100), output(2024, 7, 110), output(2024, 8, 120), output(2024, 9, 900)],
        "industry_output",
        "2024-09",
        "2024-10-10",
    )
    row = scorecard(industry_output=rows)["IND-SEA"]
    assert (row["actual"], row["status"], row["evidence_period"]) == (15, "monitored", "2024-07..2024-08")


def test_another_directive_of_another_year_is_only_data() -> None:
    item: dict[str, Any] = {
        "directive": "1-TEST", "item": "GRDP", "item_order": 1, "clause": "1", "item_kind": "target",
        "indicator": "grdp_growth",
        "area_code": "94", "sector_code": "GRDP", "comparator": ">=", "threshold": 8, "unit": "percent",
        "period": "2025",
        "deadline_on": dt.date(2025, 12, 31), "basis": "directive", "title_vi": "Tăng trưởng", "title_en": "Growth",
        "source_note": "test",
    }  # fmt: skip
    directive = {
        "directive": "1-TEST", "title_vi": "Văn bản", "title_en": "Letter", "issuer_code": "UBNDT",
        "issued_on": dt.date(2025, 2, 1), "area_code": "94", "source_note": "test",
    }  # fmt: skip
    seeds = {"directive_items": [item], "directives": [directive]}
    rows = compute("directive_scorecard", "2025-02-10", validated={"published_figures": published()}, seeds=seeds)
    assert [(r["directive"], r["status"], r["days_left"]) for r in rows] == [("1-TEST", "not_yet_due", 324)]


VALUES = [model for model, said in PROJECT.evidence.items() if said.indicators]
ROWS = [model for model, said in PROJECT.evidence.items() if said.source_rows_of]


@pytest.mark.parametrize(("models", "form"), [(VALUES, VALUE_COLUMNS), (ROWS, ROW_COLUMNS)], ids=["values", "rows"])
def test_every_subject_says_its_evidence_in_the_same_form(models: list[str], form: tuple[str, ...]) -> None:
    tables = Tables()
    tables.build(models, "2025-02-10")
    columns = {model: {name for name, _ in tables.columns(model)} for model in models}
    assert {model for model in models if not set(form) <= columns[model]} == set()
    assert len(models) >= 10

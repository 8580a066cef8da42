"""The verdict on full capture: of the whole period, with an interval, and never domain by domain."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.capture_rows import AS_OF, WARD, Row, answer, computed_on, declaration, feeds, permit, unit
from tests.unit.sql_on_rows import compute

QUARTERS = ("2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4")
CELL: Row = {
    "is_total": False, "district_code": "941", "stratum": "investors", "selection": "take_all", "n_permits": 2,
    "n_matched": 1, "released_on": dt.date(2025, 1, 20), "is_simulated": False,
}  # fmt: skip
NO_RETURN: Row = {"quarter": "1900-Q1", "return_id": ""}


def total(quarter: str, district: str = "total", stratum: str = "total", **more: Any) -> Row:
    """One quarter of which 960 of a true 1,000 are recorded, with a standard error of `missing`'s own size."""
    return {
        "area_code": "94", "quarter": quarter, "district_code": district, "stratum": stratum, "is_total": True,
        "n_units_drawn": 100, "n_units_answered": 97, "value_recorded_mn": 960, "value_set_aside_imputed_mn": 0,
        "value_estimated_mn": 960,
        "value_not_found_mn": 25, "value_unseen_mn": 15, "value_missing_variance": 4, "chapman_estimate": 100,
        "value_not_begun_error_mn": 0, "value_perhaps_not_begun_mn": 0, "has_too_few_answers": False,
        "n_cases_answered": None,
        "works_recorded": 96, **more,
    }  # fmt: skip


def verdict(rows: list[Row], wrong: int = 0, silent: int = 0, as_of: str = AS_OF) -> Row:
    """The verdict on 800 returns of which some are wrong, and on districts of which some are silent."""
    returns = [{"quarter": QUARTERS[n % 4], "return_id": f"PH{n}", "area_code": "94"} for n in range(800)]
    lists: dict[str, list[Row]] = {
        "int_capture_items": [
            {
                "directive": "D", "item": "COV", "area_code": "94",
                "indicator": "construction_coverage", "first_quarter": "2024-Q1", "last_quarter": "2024-Q4",
            }
        ],
        "capture_thresholds": [
            {"threshold_name": name, "threshold_value": value}
            for name, value in (
                ("minimum_value_coverage", "0.95"), ("minimum_response_rate", "0.95"),
                ("maximum_wrong_share", "0.005"), ("maximum_unestimated_share", "0.2"),
                ("maximum_unestimated_share_to_rank", "0.05"),
            )
        ],
        "int_capture_strata": [{**row, **CELL} for row in rows[:1]] + rows,
        "int_capture_totals": rows,
        "admin_units": [
            {"admin_unit_code": code, "name_vi": vi, "name_en": en, "admin_level": "district"}
            for code, vi, en in (
                ("942", "Huyện Châu Thành", "Chau Thanh district"), ("950", "Thị xã Vĩnh Châu", "Vinh Chau town"),
            )
        ],
        "construction_strata": [{"stratum": "investors", "label_en": "investors", "label_vi": "chủ đầu tư"}],
    }  # fmt: skip
    least = computed_on("int_item_least_covered", lists, as_of)
    (row,) = computed_on(
        "int_coverage_item_evidence",
        {
            **lists,
            "int_item_least_covered": least,
            "int_capture_findings": [
                {"quarter": "1900-Q1", "area_code": "94", "family": "complete", "n_failed": 0},
            ],
            "stg_deliveries": [
                {
                    "feed": "construction_survey", "released_on": dt.date(2025, 1, 20), "delivery_id": "survey",
                    "supplier": "CTK", "status": "accepted",
                }
            ],
            "int_capture_quarters": [{"quarter": "2024-Q4", "due_on": dt.date(2025, 1, 20)}],
            "int_item_silent_districts": [
                {
                    "directive": "D" if silent else "none", "item": "COV", "n_silent": silent,
                    "silent_district_en": "Long Phu district",
                    "silent_district_vi": "Huyện Long Phú", "silent_quarter": "2024-Q3",
                }
            ],
            "int_item_contracts_without_site": [
                {"directive": "none", "item": "COV", "n_contracts": 1, "contract_turnover_mn": Decimal("900.000")}
            ],
            "int_survey_works": returns,
            "int_wrong_returns": [
                NO_RETURN, *({"quarter": r["quarter"], "return_id": r["return_id"]} for r in returns[:wrong])
            ],
        },
        as_of,
    )  # fmt: skip
    return row


def limits(recorded: float, missing: float, variance: float) -> tuple[float, float]:
    spread = math.exp(1.96 * math.sqrt(math.log(1 + variance / missing**2)))
    return recorded / (recorded + missing * spread), recorded / (recorded + missing / spread)


YEAR = [total(quarter) for quarter in QUARTERS]


def test_quarters_add_up_and_the_lower_limit_must_reach_the_threshold() -> None:
    row = verdict(YEAR)
    low, high = limits(3840, 160, 16)
    assert low > 0.95
    assert (row["status"], row["value_coverage"], row["coverage"]) == (
        "achieved", Decimal("0.96"), Decimal("0.96"),
    )  # fmt: skip
    assert float(row["value_coverage_low"]) == pytest.approx(low, abs=0.0001)
    assert float(row["value_coverage_high"]) == pytest.approx(high, abs=0.0001)
    assert (row["value_to_find_mn"], row["n_works_to_find"]) == (0, 0)


def test_an_interval_that_holds_the_threshold_decides_nothing_and_says_what_would() -> None:
    row = verdict([total(quarter, value_missing_variance=400) for quarter in QUARTERS])
    low, high = limits(3840, 160, 1600)
    assert low < 0.95 < high
    assert row["status"] == "undecided"
    spread = math.exp(1.96 * math.sqrt(math.log(1 + 1600 / 160**2)))
    to_find = 0.95 * (3840 + 160 * spread) - 3840
    assert float(row["value_to_find_mn"]) == pytest.approx(to_find, abs=0.001)
    # 160 mn are missing in 16 works.
    assert row["n_works_to_find"] == math.ceil(to_find / 10)
    # Found and recorded, they bring the lower limit to the threshold.
    assert (3840 + to_find) / (3840 + 160 * spread) == pytest.approx(0.95)


def test_an_upper_limit_below_the_threshold_is_missed() -> None:
    row = verdict([total(quarter, value_not_found_mn=85) for quarter in QUARTERS])
    assert float(row["value_coverage_high"]) < 0.95
    assert row["status"] == "missed"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"wrong": 4}, "achieved"),  # exactly 0.5 %
        ({"wrong": 5}, "missed"),
        ({"silent": 1}, "missed"),
    ],
)
def test_wrong_returns_and_silent_districts_decide_whatever_the_coverage(more: dict[str, int], expected: str) -> None:
    assert verdict(YEAR, **more)["status"] == expected


def test_response_is_that_of_the_whole_period() -> None:
    rows = [total(quarter, n_units_answered=94 if quarter == "2024-Q1" else 97) for quarter in QUARTERS]
    assert (verdict(rows)["status"], verdict(rows)["unit_response_rate"]) == ("achieved", Decimal("0.9625"))
    rows = [total(quarter, n_units_answered=94) for quarter in QUARTERS]
    assert verdict(rows)["status"] == "missed"


def test_strata_without_an_estimate_weigh_at_most_a_fifth_and_are_named() -> None:
    def of(unestimated: int) -> Row:
        recorded = 960 + unestimated
        names = ("value_estimated_mn", "value_not_found_mn", "value_unseen_mn", "value_missing_variance")
        nothing = dict.fromkeys(names, None)
        parts = [total(q, stratum="investors", value_recorded_mn=unestimated, **nothing) for q in QUARTERS]
        return verdict([*(total(q, value_recorded_mn=recorded) for q in QUARTERS), *parts])

    assert of(240)["status"] == "achieved"
    row = of(241)
    assert (row["status"], row["unestimated_strata_vi"]) == ("undecided", "chủ đầu tư")


def test_nothing_is_decided_before_the_last_returns_are_due() -> None:
    row = verdict(YEAR, as_of="2025-01-20")
    assert (row["status"], row["is_period_due"]) == ("undecided", False)


def test_the_district_and_the_stratum_of_which_the_least_is_recorded_are_named() -> None:
    rows = [
        *YEAR,
        *(total(q, district="941") for q in QUARTERS),
        *(total(q, district="942", value_not_found_mn=100) for q in QUARTERS),
        *(total(q, stratum="investors") for q in QUARTERS),
        *(total(q, stratum="enterprises_large", value_not_found_mn=5) for q in QUARTERS),
    ]
    row = verdict(rows)
    assert (row["worst_district_vi"], row["worst_stratum_vi"]) == ("Huyện Châu Thành", "chủ đầu tư")
    assert float(row["worst_district_coverage"]) == pytest.approx(960 / 1075, abs=0.0001)


def of_district(code: str, listed: int, found: int, **more: Any) -> list[Row]:
    """A district in the four quarters: its own row, and listed works of a take-all stratum in the first quarter."""
    cell = {**total("2024-Q1", district=code, stratum="investors"), **CELL, "district_code": code}
    return [*(total(q, district=code, **more) for q in QUARTERS), {**cell, "n_permits": listed, "n_matched": found}]


NOT_VALUED = {"value_estimated_mn": None, "value_not_found_mn": None, "value_unseen_mn": None}


def test_where_districts_are_not_valued_the_worst_is_that_of_which_the_fewest_listed_works_were_found() -> None:
    """One of three is valued, at 475 of 960 recorded and low: it is not said to be the worst."""
    rows = [
        *YEAR,
        *of_district("941", 20, 17, value_estimated_mn=475, value_not_found_mn=300),
        *of_district("942", 10, 8, **NOT_VALUED),
        *of_district("950", 26, 16, **NOT_VALUED),
    ]
    row = verdict(rows)
    assert (row["worst_district_vi"], row["worst_district_coverage"], row["worst_district_capture_rate"]) == (
        "Thị xã Vĩnh Châu", None, Decimal("0.6154"),
    )  # fmt: skip
    assert (
        "; huyện thấp nhất theo tỷ lệ tìm thấy ở tầng điều tra toàn bộ: Thị xã Vĩnh Châu (61,5%, 16/26), vì "
        "2/3 huyện chưa ước lượng được theo giá trị, 1/3 huyện mới ước lượng được một phần giá trị"
    ) in row["capture_reason_vi"]
    assert (
        "; least by works found in take-all strata: Vinh Chau town (61.5 %, 16 of 26), because 2 of 3 districts have "
        "no estimate by value and 1 of 3 have one of a part of their value"
    ) in row["capture_reason_en"]


@pytest.mark.parametrize(("estimated", "by_value"), [(912, True), (911, False)])
def test_districts_are_compared_by_value_where_the_estimate_of_each_covers_95_percent(
    estimated: int, by_value: bool
) -> None:
    """912 of 960 are 95 %. By value 942 is the worst, by listed works 950."""
    rows = [
        *YEAR,
        *of_district("942", 10, 9, value_not_found_mn=100),
        *of_district("950", 10, 8, value_estimated_mn=estimated),
    ]
    row = verdict(rows)
    assert row["worst_district_vi"] == ("Huyện Châu Thành" if by_value else "Thị xã Vĩnh Châu")
    assert (row["worst_district_coverage"] is not None) is by_value
    assert ("huyện thấp nhất theo giá trị: Huyện Châu Thành (89,3%)" in row["capture_reason_vi"]) is by_value


@pytest.mark.parametrize("districts", [("941",), ("941", "942")])
@pytest.mark.parametrize("missing", [{}, {"value_not_found_mn": 0, "value_unseen_mn": 0, "value_missing_variance": 0}])
def test_no_district_has_the_least_where_none_has_more(districts: tuple[str, ...], missing: dict[str, int]) -> None:
    """One that is alone valued, and districts of which all is recorded or the same share."""
    rows = [*YEAR, *(total(q, district=d, **missing) for d in districts for q in QUARTERS)]
    row = verdict(rows)
    assert (row["worst_district_vi"], row["worst_district_coverage"], row["worst_stratum_vi"]) == (None, None, None)


# --- works never begun ------------------------------------------------------------------------------------------


def test_the_error_of_the_share_never_begun_adds_up_over_quarters_without_squares() -> None:
    """Four quarters, each with 40 missing and a variance of 4 + 6² of which 6 are those of one share."""
    row = verdict([total(q, value_missing_variance=40, value_not_begun_error_mn=6) for q in QUARTERS])
    low, high = limits(3840, 160, 4 * 4 + 24**2)
    assert abs(float(row["value_coverage_low"]) - low) < 0.0001
    assert abs(float(row["value_coverage_high"]) - high) < 0.0001


def test_too_few_answers_are_told_and_only_the_upper_limit_allows_for_them() -> None:
    few = {"has_too_few_answers": True, "n_cases_answered": 11, "value_perhaps_not_begun_mn": 30}
    row, known = verdict([total(q, **few) for q in QUARTERS]), verdict([total(q) for q in QUARTERS])
    assert (row["actual"], row["value_coverage_low"]) == (known["actual"], known["value_coverage_low"])
    spread = 40 * 4 / ((1 / limits(3840, 160, 16)[1] - 1) * 3840)
    assert abs(float(row["value_coverage_high"]) - 3840 / (3840 + 10 * 4 / spread)) < 0.0001
    assert "chỉ có 11 trả lời, chưa đủ để trừ công trình chưa khởi công" in row["capture_reason_vi"]
    assert "99,0%" in row["capture_reason_vi"]  # 3840 of 3880


def test_a_silent_district_is_named_with_its_quarter() -> None:
    row = verdict([total(q) for q in QUARTERS], silent=1)
    assert "quý III/2024, Huyện Long Phú không có phiếu nào" in row["capture_reason_vi"]
    assert "in Q3 2024, Long Phu district returned nothing" in row["capture_reason_en"]
    assert "complete: 388 of 400 units answered, 1 district and quarter without any return" in row["capture_reason_en"]


def test_the_weakest_answers_are_those_of_a_quarter_that_fails() -> None:
    """One of 40 was silent in the first quarter, which passes; ten of 40 in the second, which does not."""

    def domain(quarter: str, answered: int, drawn: int, **more: Any) -> Row:
        return {
            "area_code": "94", "quarter": quarter, "district_code": "942", "stratum": "investors", "is_total": False,
            "n_units_answered": answered, "n_units_drawn": drawn, "unit_response_rate": answered / drawn,
            "item_response_rate": 1, "value_left_out_mn": 0, "released_on": dt.date(2025, 1, 20),
            "is_simulated": False, **more,
        }  # fmt: skip

    whole = {"district_code": "total", "stratum": "total", "is_total": True}
    rows = [
        domain("2024-Q1", 0, 1), domain("2024-Q1", 39, 39, district_code="941"), domain("2024-Q1", 39, 40, **whole),
        domain("2024-Q2", 30, 40), domain("2024-Q2", 30, 40, **whole),
    ]  # fmt: skip
    (row,) = computed_on(
        "int_survey_response_item_evidence",
        {
            "int_capture_items": [
                {
                    "directive": "D", "item": "S", "area_code": "94",
                    "indicator": "survey_response_rate", "first_quarter": "2024-Q1", "last_quarter": "2024-Q4",
                }
            ],
            "capture_thresholds": [
                {"threshold_name": "minimum_response_rate", "threshold_value": "0.95"},
                {"threshold_name": "minimum_item_response_rate", "threshold_value": "0.95"},
            ],
            "int_capture_strata": rows,
            "admin_units": [
                {"admin_unit_code": "942", "name_vi": "Huyện Châu Thành", "name_en": None, "admin_level": "district"}
            ],
            "construction_strata": [{"stratum": "investors", "label_en": "investors", "label_vi": "chủ đầu tư"}],
            "int_item_silent_districts": [
                {
                    "directive": "D", "item": "S", "n_silent": 1, "n_units_unheard": 3,
                    "silent_districts_en": "Long Phu district in Q2 2024",
                    "silent_districts_vi": "Huyện Long Phú quý II/2024",
                }
            ],
            "stg_deliveries": [
                {
                    "feed": "construction_survey", "released_on": dt.date(2025, 1, 20), "delivery_id": "survey",
                    "supplier": "CTK", "status": "accepted",
                }
            ],
        },
        AS_OF,
    )  # fmt: skip
    assert "yếu nhất: quý II/2024, Huyện Châu Thành, chủ đầu tư, 30/40 đơn vị trả lời" in row["capture_reason_vi"]
    assert "; không có phiếu nào: Huyện Long Phú quý II/2024; số đơn vị trên chưa gồm" in row["capture_reason_vi"]
    assert "(3 units of take-all strata by the frame, units of samples not known)" in row["capture_reason_en"]


def listed(case: int, quarter: str, status: str, answer: str | None, kind: str = "permit") -> Row:
    return {
        "area_code": "94", "quarter": quarter, "listed_id": f"{kind}:{case}", "list_kind": kind,
        "district_code": "941", "capture_status": status, "answer": answer,
    }  # fmt: skip


def shares(rows: list[Row]) -> dict[str, Row]:
    thresholds = [{"threshold_name": "minimum_cases_answered", "threshold_value": "20"}]
    found = computed_on("int_capture_never_begun", {"int_listed_status": rows, "capture_thresholds": thresholds}, AS_OF)
    return {row["quarter"]: row for row in found}


def test_the_share_never_begun_is_that_of_all_quarters_where_one_has_too_few_answers() -> None:
    """Twenty cases, the same in two quarters, seven of them not begun: 8 of 22. One more is answered in the third."""
    rows = [
        listed(n, quarter, *(("not_begun", "not_begun") if n < 7 else ("omitted", "added")))
        for quarter in QUARTERS[:2] for n in range(20)
    ]  # fmt: skip
    rows += [listed(20, QUARTERS[2], "omitted", "added"), listed(21, QUARTERS[3], "omitted", None)]
    found = shares(rows)
    assert (found[QUARTERS[0]]["n_cases_answered"], found[QUARTERS[0]]["is_of_quarter"]) == (20, True)
    assert found[QUARTERS[0]]["not_begun_share"] == round(Decimal(8) / 22, 8)
    error = (8 * 14 / (22**2 * 23)) ** 0.5
    assert float(found[QUARTERS[0]]["not_begun_share_error"]) == pytest.approx(error, abs=1e-8)
    for quarter in QUARTERS[2:]:
        assert (found[quarter]["n_cases_answered"], found[quarter]["is_of_quarter"]) == (21, False)
        assert found[quarter]["not_begun_share"] == round(Decimal(8) / 23, 8)


def test_two_cases_of_many_quarters_are_two_answers_and_no_share() -> None:
    rows = [listed(n, quarter, "not_begun", "not_begun") for quarter in QUARTERS for n in range(2)]
    rows += [listed(2, "2024-Q4", "matched", "added"), listed(3, "2024-Q4", "not_begun", "not_begun", kind="contract")]
    # Not begun when the office answered, it may have been begun in a later quarter: no answer for that one.
    rows.append(listed(0, "2025-Q1", "omitted", "not_begun"))
    for row in shares(rows).values():
        assert (row["n_cases_answered"], row["n_cases_not_begun"]) == (2, 2)
        assert (row["not_begun_share"], row["answered_not_begun_share"]) == (None, 1)


def test_of_silent_districts_the_newest_is_named_and_all_are_counted() -> None:
    rows = [
        {"area_code": "94", "quarter": q, "district_code": d, "stratum": "total", "has_returned": returned}
        for q, d, returned in (
            ("2024-Q1", "942", False), ("2024-Q3", "949", False), ("2024-Q4", "942", True), ("2023-Q4", "942", False),
        )
    ]  # fmt: skip
    (row,) = computed_on(
        "int_item_silent_districts",
        {
            "int_capture_items": [
                {
                    "directive": "D", "item": "COV", "area_code": "94",
                    "indicator": "construction_coverage", "first_quarter": "2024-Q1", "last_quarter": "2024-Q4",
                }
            ],
            "complete__districts_return": rows,
            "int_frame_units": [
                {"quarter": q, "frame_unit_id": f"{d}-{n}", "district_code": d, "selection": s, "is_drawn": drawn}
                for n, (q, d, s, drawn) in enumerate((
                    ("2024-Q1", "942", "take_all", False), ("2024-Q3", "949", "take_all", False),
                    ("2024-Q3", "949", "take_all", True), ("2024-Q3", "949", "sample", False),
                    ("2024-Q4", "949", "take_all", False),
                ))
            ],
            "admin_units": [
                {"admin_unit_code": "949", "name_vi": "Huyện Trần Đề", "name_en": None, "admin_level": "district"}
            ],
        },
        AS_OF,
    )  # fmt: skip
    assert (row["n_silent"], row["silent_district_vi"], row["silent_quarter"]) == (2, "Huyện Trần Đề", "2024-Q3")
    assert (row["silent_districts_vi"], row["n_units_unheard"]) == ("942 quý I/2024; Huyện Trần Đề quý III/2024", 2)


def test_contracts_without_a_site_are_said_to_be_left_out_and_whose_it_is_to_name_the_site() -> None:
    """A firm that no frame knows declares a contract; another one names its site."""
    told = feeds(
        permits=[permit(n) for n in range(1, 6)],
        answers=[answer(n) for n in range(1, 6)],
        frame=[unit(n) for n in range(1, 6)],
        declarations=[declaration(9), declaration(10, commune_code=WARD, permit_no="GPXD số 0001/2024")],
    )
    (row,) = [r for r in compute("directive_scorecard", "2025-02-10", validated=told) if r["item"] == "COV"]
    assert (
        "; chưa gồm 1 hợp đồng khai thuế chưa tìm thấy trong kết quả điều tra (doanh thu khai 0,9 tỷ đồng), "
        "vì tờ khai không ghi địa điểm công trình và giá trị hợp đồng: Cục Thuế cần bổ sung" in row["status_reason_vi"]
    )
    assert "without 1 contract declared for tax" in row["status_reason_en"]

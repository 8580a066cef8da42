"""Full capture of construction outside the state budget: linkage, classes, estimates and marts, case by case."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

import pytest

from dbt_like_sql.project import load_project
from tests.unit.capture_rows import (
    AS_OF,
    QUARTER,
    SEAT,
    WARD,
    Row,
    answer,
    appraisal,
    computed_on,
    day,
    declaration,
    feeds,
    office_answer,
    permit,
    silence,
    tax_code,
    unit,
)
from tests.unit.disbursement_rows import delivered
from tests.unit.sql_on_rows import Tables, compute

CAPTURE, OMISSIONS = "nonstate_construction_capture", "int_construction_work_list"


def domains(tables: dict[str, list[Row]], as_of: str = AS_OF) -> dict[tuple[str, str], Row]:
    """The mart's rows of the third quarter by district and stratum."""
    rows = compute(CAPTURE, as_of, validated=tables)
    return {(r["district_code"], r["stratum"]): r for r in rows if r["quarter"] == QUARTER}


def statuses(tables: dict[str, list[Row]], **more: Any) -> dict[str, tuple[str, str | None]]:
    rows = compute("int_listed_status", AS_OF, validated=tables, **more)
    return {r["listed_id"]: (r["capture_status"], r["omission_reason"]) for r in rows if r["quarter"] == QUARTER}


def links(tables: dict[str, list[Row]]) -> list[tuple[str, str, str, bool]]:
    rows = compute("int_permit_survey_links", AS_OF, validated=tables)
    found = [(r["works_id"], r["return_id"], r["link_rule"], r["is_counted"]) for r in rows if r["quarter"] == QUARTER]
    return sorted(found)


# ── the worked example ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def worked() -> dict[str, list[Row]]:
    """60 permits, 52 returns and 43 links in one take-all stratum; 15, 20 and 12 in another."""
    investors = {"stratum": "investors", "permit_no": None}
    return feeds(
        permits=[permit(n) for n in range(1, 61)],
        answers=[
            *(answer(n) for n in range(1, 44)),
            *(answer(n, permit_no=None, commune_code="31516") for n in range(100, 109)),
            *(answer(n, owner_tax_code=tax_code(n, "98"), **investors) for n in range(200, 212)),
            *(answer(n, commune_code="31516", **investors) for n in range(300, 308)),
        ],
        appraisals=[appraisal(n) for n in range(200, 215)],
        frame=[unit(n) for n in range(1, 44)],
    )


def test_capture_of_a_take_all_stratum_follows_the_worked_example(worked: dict[str, list[Row]]) -> None:
    row = domains(worked)[SEAT, "enterprises_large"]
    assert (row["n_permits"], row["n_survey"], row["n_matched"], row["n_omitted"]) == (60, 52, 43, 17)
    assert (row["selection"], row["estimate_method"], row["is_total"]) == ("take_all", "chapman", False)
    assert row["chapman_estimate"] == Decimal("72.4773")
    assert row["chapman_variance"] == Decimal("5.6778")
    assert (row["chapman_low"], row["chapman_high"]) == (Decimal("69.5307"), Decimal("82.6713"))
    assert (row["coverage"], row["capture_rate"]) == (Decimal("0.7175"), Decimal("0.7167"))
    assert (row["coverage_low"], row["coverage_high"]) == (Decimal("0.6290"), Decimal("0.7479"))


def test_a_total_is_the_sum_of_its_strata_and_never_an_estimate_on_pooled_counts(worked: dict[str, list[Row]]) -> None:
    rows = domains(worked)
    second = rows[SEAT, "investors"]
    assert (second["chapman_estimate"], second["chapman_variance"]) == (Decimal("24.8462"), Decimal("3.4083"))
    for key in ((SEAT, "total"), ("total", "total")):
        total = rows[key]
        assert total["is_total"]
        assert (total["n_permits"], total["n_survey"], total["n_matched"]) == (75, 72, 55)
        assert (total["chapman_estimate"], total["chapman_variance"]) == (Decimal("97.3234"), Decimal("9.0861"))
        assert total["estimate_method"] == "sum_of_strata"


def test_every_omission_is_one_row_of_the_work_list(worked: dict[str, list[Row]]) -> None:
    rows = compute(OMISSIONS, AS_OF, validated=worked)
    assert len(rows) == 17 + 3
    first = next(row for row in rows if row["list_no"] == "HS00044")
    assert (first["permit_no"], first["district_name_vi"], first["commune_name_vi"]) == (
        "44/2024/GPXD-UBND", "Thành phố Sóc Trăng", "Phường 2",
    )  # fmt: skip
    assert (first["value_left_out_mn"], first["omission_reason"], first["agency_code"]) == (1000, "not_in_frame", "CTK")
    assert (first["due_on"], first["days_overdue"]) == (dt.date(2024, 10, 20), 113)
    assert first["task_vi"]
    assert first["source_row"] == 45


def test_anyone_may_read_the_work_list_row_by_row_but_for_its_internal_columns(worked: dict[str, list[Row]]) -> None:
    whole, public = (compute(name, AS_OF, validated=worked) for name in (OMISSIONS, "nonstate_construction_omissions"))
    fields = load_project().fields
    stripped = [{name: cell for name, cell in row.items() if fields[name].is_public} for row in whole]
    assert 0 < len(stripped[0]) < len(whole[0])
    places = [(row["delivery_id"], row["source_row"]) for row in public]
    assert len(set(places)) == len(public)
    by_place = {(row["delivery_id"], row["source_row"]): row for row in stripped}
    named = {"district_name_en", "commune_name_en", "agency_name_en"}  # the office's list is in Vietnamese
    assert named <= public[0].keys()
    assert [by_place[place] for place in places] == [
        {name: value for name, value in row.items() if name not in named} for row in public
    ]


def test_a_sampled_stratum_follows_the_worked_example() -> None:
    household = {"owner_type": "household", "contractor_tax_code": None, "funding_source": "household"}
    drawn = {"stratum": "households_urban", "selection": "sample", "weight": 5, "selection_probability": "0.2"}
    sampled = {"stratum": "households_urban", "selection": "sample"}
    tables = feeds(
        permits=[permit(n, owner_tax_code=tax_code(n, "98"), **household) for n in range(1, 41)],
        answers=[
            *(answer(n, **drawn) for n in range(1, 6)),
            *(answer(n, permit_no=None, commune_code="31516", **drawn) for n in range(100, 103)),
        ],
        frame=[unit(n, tax_code=tax_code(n, "98"), **sampled) for n in range(1, 41)],
    )
    row = domains(tables)[SEAT, "households_urban"]
    assert (row["n_permits"], row["n_survey"], row["n_matched"], row["n_omitted"]) == (40, 8, 5, 0)
    assert row["n_not_sampled"] == 35
    assert (row["chapman_estimate"], row["coverage"]) == (64, Decimal("0.6250"))
    assert row["coverage_low"] < row["coverage"] < row["coverage_high"]
    assert (row["estimate_method"], row["capture_rate"]) == ("weighted", None)
    assert "not drawn is no omission" in row["capture_rate_reason_en"]
    assert compute(OMISSIONS, AS_OF, validated=tables) == []


# ── what becomes of listed works ─────────────────────────────────────────────────────────────────────────────


def test_each_listed_works_has_one_of_four_ends() -> None:
    sampled = {"stratum": "enterprises_small", "selection": "sample"}
    tables = feeds(
        permits=[permit(n) for n in range(1, 7)],
        answers=[
            answer(1),
            silence(2),
            answer(5, permit_no="77/2024", contractor_tax_code=tax_code(5), commune_code="31516"),
            answer(90, permit_no=None),
        ],
        frame=[unit(1), unit(2), unit(3, **sampled), unit(4), unit(5)],
    )
    assert statuses(tables) == {
        "permit:HS00001": ("matched", None),
        "permit:HS00002": ("non_response", None),
        "permit:HS00003": ("not_sampled", None),
        "permit:HS00004": ("omitted", "no_return"),
        "permit:HS00005": ("omitted", "works_not_in_return"),
        "permit:HS00006": ("omitted", "not_in_frame"),
    }
    listed = {row["listed_id"] for row in compute(OMISSIONS, AS_OF, validated=tables)}
    assert listed == {"permit:HS00004", "permit:HS00005", "permit:HS00006"}


@pytest.mark.parametrize(
    "more",
    [
        {"outcome": "refused"},
        {"outcome": "withdrawn"},
        {"outcome": "pending", "answered_on": None, "issued_on": None},
        {"funding_source": "state_budget"},
        {"owner_type": "state_agency", "funding_source": None},
        {"start_on": day("2024-10-01"), "completed_on": day("2024-12-31")},
    ],
    ids=["refused", "withdrawn", "pending", "budget", "agency", "later"],
)
def test_what_is_not_ours_to_find_is_not_missed(more: Row) -> None:
    assert statuses(feeds(permits=[permit(1, **more)], answers=[answer(9)])) == {}


def test_own_capital_of_a_state_enterprise_is_outside_the_budget() -> None:
    tables = feeds(permits=[permit(1, funding_source="state_enterprise")], answers=[answer(9)], frame=[unit(9)])
    assert statuses(tables) == {"permit:HS00001": ("omitted", "not_in_frame")}


def test_a_unit_that_left_the_frame_no_longer_holds_its_works() -> None:
    ceased = [unit(1), unit(1, valid_from=day("2024-04-01"), status="ceased")]
    assert statuses(feeds(permits=[permit(1)], answers=[answer(9)], frame=ceased))["permit:HS00001"] == (
        "omitted", "not_in_frame",
    )  # fmt: skip


HOUSEHOLD = {"owner_type": "household", "contractor_tax_code": None, "funding_source": "household"}


def test_a_household_that_was_not_drawn_is_never_on_the_work_list() -> None:
    sampled = {"stratum": "households_urban", "selection": "sample"}
    tables = feeds(
        permits=[
            permit(1, owner_tax_code=tax_code(1, "98"), **HOUSEHOLD),
            permit(2, owner_tax_code=None, **HOUSEHOLD),
            permit(3, owner_tax_code=tax_code(3, "98"), **HOUSEHOLD),
            permit(4, owner_tax_code=tax_code(4, "98"), **HOUSEHOLD),
        ],
        answers=[answer(3, weight=5, **sampled), silence(4, weight=5, **sampled)],
        frame=[unit(n, tax_code=tax_code(n, "98"), **sampled) for n in (3, 4, 5)],
    )
    assert statuses(tables) == {
        "permit:HS00001": ("not_sampled", None),
        "permit:HS00002": ("not_sampled", None),
        "permit:HS00003": ("matched", None),
        "permit:HS00004": ("non_response", None),
    }
    assert compute(OMISSIONS, AS_OF, validated=tables) == []


def test_a_sampled_firm_that_answered_without_the_works_left_nothing_out() -> None:
    sampled = {"stratum": "enterprises_small", "selection": "sample"}
    tables = feeds(
        permits=[permit(1), permit(2)],
        answers=[answer(2, weight=3, **sampled), answer(1, permit_no="77/2024", commune_code="31516", **sampled)],
        frame=[unit(1, **sampled), unit(2, **sampled)],
    )
    assert statuses(tables)["permit:HS00001"] == ("not_reported", None)
    row = domains(tables)[SEAT, "enterprises_small"]
    assert (row["n_not_reported"], row["n_omitted"], row["n_not_sampled"]) == (1, 0, 0)


def test_without_the_quarters_frame_no_omission_is_known_and_the_row_says_why() -> None:
    tables = feeds(permits=[permit(1), permit(2)], answers=[answer(1)])
    assert statuses(tables) == {"permit:HS00001": ("matched", None), "permit:HS00002": ("not_known", None)}
    assert compute(OMISSIONS, AS_OF, validated=tables) == []
    row = domains(tables)[SEAT, "enterprises_large"]
    assert (row["n_matched"], row["n_omitted"], row["value_left_out_mn"]) == (1, None, None)
    assert row["omissions_reason_en"].startswith("the survey's frame of the quarter is not known")
    assert row["omissions_reason_vi"].startswith("chưa có dàn mẫu của quý")
    # With a frame that does not hold the second works it is left out, and there is nothing to explain.
    known = {**tables, "construction_frame": feeds(frame=[unit(1)])["construction_frame"]}
    assert statuses(known)["permit:HS00002"] == ("omitted", "not_in_frame")
    assert domains(known)[SEAT, "enterprises_large"]["omissions_reason_en"] is None


def test_without_the_quarters_answers_no_omission_is_known() -> None:
    works = [permit(1), permit(5, owner_tax_code=None, **HOUSEHOLD)]
    tables = feeds(permits=works, answers=[answer(2, quarter="2024-Q4"), silence(3)], frame=[unit(1), unit(3)])
    assert statuses(tables) == {"permit:HS00001": ("not_known", None), "permit:HS00005": ("not_known", None)}
    row = domains(tables)[SEAT, "enterprises_large"]
    assert (row["n_permits"], row["n_matched"], row["n_omitted"], row["capture_rate"]) == (1, None, None, None)
    assert row["omissions_reason_vi"].startswith("chưa có phiếu điều tra của quý")
    assert row["capture_rate_reason_en"] == "no answer of the quarter is known"
    assert domains(tables)["total", "total"]["capture_rate"] is None


def test_a_quarters_value_is_the_share_of_its_days_and_an_imputed_value_says_so() -> None:
    half = permit(1, start_on=day("2024-07-01"), completed_on=day("2024-12-31"), declared_value_mn=1840)
    guessed = permit(
        2, start_on=None, completed_on=None, issued_on=day("2024-07-01"), declared_value_mn=None, floor_area_m2=100
    )
    rows = compute("int_running_works", AS_OF, validated=feeds(permits=[half, guessed], answers=[answer(9)]))
    by_id = {row["works_id"]: row for row in rows if row["quarter"] == QUARTER}
    known, imputed = by_id["permit:HS00001"], by_id["permit:HS00002"]
    assert (known["days_in_quarter"], known["days_in_all"], known["quarter_value_mn"]) == (92, 184, 920)
    assert (known["is_value_imputed"], known["is_time_imputed"]) == (False, False)
    # 100 m2 at an assumed 7 mn a m2 and 240 days
    assert imputed["quarter_value_mn"] == Decimal("268.333")
    assert (imputed["is_value_imputed"], imputed["is_time_imputed"]) == (True, True)


def test_a_declared_contract_is_told_once_and_public_ones_are_not_ours() -> None:
    project = {
        "project_code": "7123456", "name": "Đường", "board_code": "BQLDA1", "total_investment_bn": 10,
        "valid_from": day("2024-01-01"),
    }  # fmt: skip
    tables = feeds(
        permits=[permit(1), permit(2)],
        answers=[answer(1)],
        frame=[unit(1)],
        declarations=[
            declaration(2),
            declaration(3),
            declaration(4, contract_no="HD 12/2024-7123456"),
            declaration(5, tax_period="2024-07", turnover_ex_vat_mn=300),
            declaration(6, taxpayer_tax_code=tax_code(5), contract_no="HD-00005", tax_period="2024-09"),
        ],
    ) | {"investment_projects": delivered([project], "investment_projects", "2024", "2024-08-01")}
    assert statuses(tables) == {
        "permit:HS00001": ("matched", None),
        "permit:HS00002": ("omitted", "not_in_frame"),
        f"contract:{tax_code(3)}:HD-00003": ("omitted", "not_in_frame"),
        f"contract:{tax_code(5)}:HD-00005": ("omitted", "not_in_frame"),
    }
    values = {row["listed_id"]: row["value_left_out_mn"] for row in compute(OMISSIONS, AS_OF, validated=tables)}
    assert values[f"contract:{tax_code(5)}:HD-00005"] == 1200


@pytest.mark.parametrize("tax_period", ["2024-9M", "2024", "2024-07..2024-09", "2024-09-30"])
def test_turnover_of_another_stretch_than_a_month_or_a_quarter_is_of_no_quarter(tax_period):
    declared = [declaration(1), declaration(2, tax_period=tax_period, turnover_ex_vat_mn=5000)]
    rows = compute("int_tax_declarations", AS_OF, validated=feeds(declarations=declared))
    assert [(row["declaration_id"], row["quarter"]) for row in rows] == [("TK00001", QUARTER)]


# ── linkage ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "spelling", ["0001/2024/GPXD-UBND", "GPXD 1/2024", "Số 1 / 2024 / GPXD–UBND", "Giấy phép số 1/2024/gpxd"]
)
def test_a_permit_number_is_one_number_however_it_is_spelled(spelling: str) -> None:
    tables = feeds(permits=[permit(1)], answers=[answer(1, permit_no=spelling)])
    assert links(tables) == [("permit:HS00001", "PH00001", "permit_number", True)]


def test_a_number_of_another_district_is_another_permit() -> None:
    tables = feeds(permits=[permit(1, district_code="943", commune_code="31534")], answers=[answer(1)])
    assert links(tables) == []


def test_tax_code_commune_and_time_link_what_quotes_no_number() -> None:
    nameless = {"permit_no": None, "contractor_tax_code": f"{tax_code(1)}-001"}
    assert links(feeds(permits=[permit(1)], answers=[answer(1, **nameless)])) == [
        ("permit:HS00001", "PH00001", "tax_code_place_time", True)
    ]
    earlier = permit(1, start_on=day("2024-01-02"), completed_on=day("2024-06-29"))
    assert links(feeds(permits=[earlier], answers=[answer(1, **nameless)])) == []
    elsewhere = answer(1, **nameless, commune_code="31516")
    assert links(feeds(permits=[permit(1)], answers=[elsewhere])) == []


def test_one_contractor_for_two_owners_in_one_ward_is_told_apart_by_the_owner() -> None:
    same = {"contractor_tax_code": tax_code(7), "permit_no": None}
    tables = feeds(
        permits=[permit(1, contractor_tax_code=tax_code(7)), permit(2, contractor_tax_code=tax_code(7))],
        answers=[answer(5, owner_tax_code=tax_code(2, "96"), **same)],
    )
    assert links(tables) == [("permit:HS00002", "PH00005", "tax_code_place_time", True)]


def test_mistyped_codes_are_linked_by_their_score_and_place_alone_never() -> None:
    mistyped = {
        "permit_no": None, "contractor_tax_code": "9900000009", "owner_tax_code": "9600000009", "floor_area_m2": 210,
    }  # fmt: skip
    area = {"floor_area_m2": 210}
    assert links(feeds(permits=[permit(1, **area)], answers=[answer(1, **mistyped)])) == [
        ("permit:HS00001", "PH00001", "score", True)
    ]
    assert links(feeds(permits=[permit(1, **area)], answers=[answer(1, permit_no=None, **area)])) == []


def checked(nine: str) -> str:
    """A tax code with its check digit, by the tax office's weights."""
    return nine + str(10 - sum(w * int(d) for w, d in zip((31, 29, 23, 19, 17, 13, 7, 5, 3), nine, strict=True)) % 11)


def test_one_keystroke_is_the_same_firm_and_two_codes_whose_check_digits_hold_are_two() -> None:
    mine, others = checked("180010910"), checked("180010919")
    assert (mine, others) == ("1800109103", "1800109199")
    at = {"owner_tax_code": None, "floor_area_m2": 500}

    def score(typed: str) -> tuple[Decimal, str | None]:
        tables = feeds(
            permits=[permit(1, contractor_tax_code=mine, **at)],
            answers=[answer(1, permit_no=None, contractor_tax_code=typed, **at)],
        )
        rows = compute("int_link_candidates", AS_OF, validated=tables)
        (row,) = [row for row in rows if row["quarter"] == QUARTER]
        return row["link_score"], row["link_rule"]

    # A digit replaced, doubled or left out is one keystroke, whatever a spreadsheet did to leading zeros.
    same = {score(typed) for typed in ("1800109193", "18001091033", "180010903", "01800109103")}
    assert [rule for _, rule in same] == ["score"]
    ((near, _),) = same
    (apart, no_rule), (unsure, _) = score(others), score("1800109098")
    assert no_rule is None
    assert apart < unsure < near


@pytest.mark.parametrize(
    ("typed", "is_linked"),
    [
        ("7/224/GPXD", True),
        ("7/20244/GPXD", True),
        ("7/3024/GPXD", True),
        ("7/2023/GPXD", False),
        ("17/2024/GPXD", False),
    ],
)
def test_a_keystroke_that_shows_in_the_year_leaves_the_number_as_it_was(typed: str, *, is_linked: bool) -> None:
    """2023 may be another permit's year and 17 another's number; 224 is nobody's year. No tax code helps."""
    others = [permit(n, floor_area_m2=100 * n) for n in range(20, 260)]
    tables = feeds(permits=[permit(7, floor_area_m2=2000), *others],
                   answers=[answer(7, permit_no=typed, floor_area_m2=2080, value_mn=1700)])  # fmt: skip
    found = [link for link in links(tables) if link[3]]
    assert bool(found) is is_linked
    assert all(link[0].endswith("HS00007") for link in found)


def test_a_mistyped_number_that_is_another_permits_goes_to_the_works_it_tells_of() -> None:
    """Numbers run on: 12/2024 with one digit wrong is 13/2024, which another firm built on."""
    tables = feeds(
        permits=[permit(12, floor_area_m2=900), permit(13, floor_area_m2=4000)],
        answers=[answer(13, contractor_tax_code=tax_code(12), floor_area_m2=895)],
    )
    assert links(tables) == [("permit:HS00012", "PH00013", "tax_code_place_time", True)]


def test_the_frame_names_the_firm_whose_return_does_not() -> None:
    tables = feeds(permits=[permit(1), permit(2)], answers=[answer(1, permit_no=None)], frame=[unit(1)])
    assert links(tables) == [("permit:HS00001", "PH00001", "tax_code_place_time", True)]


def test_households_without_tax_codes_are_linked_by_commune_plot_and_floor_area() -> None:
    house = {"owner_tax_code": None, "floor_area_m2": 120, **HOUSEHOLD}
    drawn = {"stratum": "households_urban", "selection": "sample", "weight": 5, "permit_no": None}
    tables = feeds(
        permits=[permit(1, plot_no="thửa 012, tờ 5", **house), permit(2, plot_no="thửa 99, tờ 5", **house)],
        answers=[answer(7, plot_no="Thửa 12; tờ 05", floor_area_m2=121, **drawn)],
    )
    assert links(tables) == [("permit:HS00001", "PH00007", "score", True)]
    # One size in one ward is not one house.
    tables["construction_survey"][0]["plot_no"] = None
    assert links(tables) == []


def test_a_case_names_its_best_candidate_and_what_is_doubtful_stands_apart() -> None:
    tables = feeds(
        permits=[permit(1, floor_area_m2=900), permit(2, floor_area_m2=5000, commune_code="31516")],
        answers=[answer(9, permit_no=None, floor_area_m2=890)],
        frame=[unit(3)],
    )
    rows = {row["case_id"]: row for row in compute(OMISSIONS, AS_OF, validated=tables)}
    near, far = rows["permit:HS00001"], rows["permit:HS00002"]
    assert (near["case_part"], near["candidate_return_id"]) == ("to_compare", "PH00009")
    assert Decimal("0.5") < near["link_probability"] < 1
    assert (near["case_part_vi"], far["case_part_vi"]) == ("cần đối chiếu", "chưa tìm thấy trong kết quả điều tra")
    assert (far["case_part"], far["candidate_return_id"]) == ("not_found", None)


# ── what offices answer ──────────────────────────────────────────────────────────────────────────────────────


def test_answers_of_offices_change_the_list_the_next_night() -> None:
    asked = feeds(
        permits=[permit(n) for n in range(1, 7)],
        answers=[answer(1), answer(40, permit_no=None, commune_code="31516")],
        frame=[unit(1)],
    )
    names = {n: f"permit:HS{n:05d}" for n in range(1, 7)}
    assert {row["case_id"] for row in compute(OMISSIONS, AS_OF, validated=asked)} == {names[n] for n in range(2, 7)}
    answered = asked | {
        "omission_answers": feeds(
            office_answers=[
                office_answer(names[2], "not_begun"),
                office_answer(names[3], "counted_as", counted_as="PH00040"),
                office_answer(names[4], "out_of_scope"),
                office_answer(names[5], "added"),
            ]
        )["omission_answers"]
    }
    assert statuses(answered) == {
        names[1]: ("matched", None),
        names[2]: ("not_begun", None),
        names[3]: ("matched", None),
        names[5]: ("omitted", "not_in_frame"),
        names[6]: ("omitted", "not_in_frame"),
    }
    rows = {row["case_id"]: row for row in compute(OMISSIONS, AS_OF, validated=answered)}
    assert {case: (row["answer"], row["answer_vi"]) for case, row in rows.items()} == {
        names[5]: ("added", "đã bổ sung"), names[6]: (None, None),
    }  # fmt: skip
    row = domains(answered)[SEAT, "enterprises_large"]
    assert (row["n_permits"], row["n_matched"], row["n_omitted"]) == (5, 2, 2)
    assert (row["n_not_begun"], row["n_answered"]) == (1, 2)
    # Before the answers came, the list was what it was.
    assert len(compute(OMISSIONS, "2025-01-04", validated=answered)) == 5


def test_works_not_begun_when_asked_may_have_begun_since() -> None:
    later = {"start_on": day("2024-07-01"), "completed_on": day("2024-12-31")}
    tables = feeds(
        permits=[permit(1, **later)],
        answers=[answer(9), answer(9, quarter="2024-Q4")],
        frame=[unit(9)],
        office_answers=[office_answer("permit:HS00001", "not_begun", answered_on=day("2024-09-15"))],
    )
    rows = compute("int_listed_status", AS_OF, validated=tables)
    assert {r["quarter"]: r["capture_status"] for r in rows} == {"2024-Q3": "not_begun", "2024-Q4": "omitted"}


def test_a_wrong_link_is_parted_and_stays_parted() -> None:
    tables = feeds(permits=[permit(1)], answers=[answer(1)], frame=[unit(1)])
    assert statuses(tables) == {"permit:HS00001": ("matched", None)}
    wrong = office_answer("permit:HS00001", "wrong_link", counted_as="PH00001")
    tables["omission_answers"] = feeds(office_answers=[wrong])["omission_answers"]
    assert statuses(tables) == {"permit:HS00001": ("omitted", "works_not_in_return")}
    (row,) = compute(OMISSIONS, AS_OF, validated=tables)
    assert row["answer_vi"] == "ghép nhầm với phiếu số PH00001"


def test_a_case_keeps_its_id_from_quarter_to_quarter() -> None:
    long = {"start_on": day("2024-07-01"), "completed_on": day("2024-12-31")}
    tables = feeds(permits=[permit(1, **long)], answers=[answer(9), answer(9, quarter="2024-Q4")], frame=[unit(9)])
    (row,) = compute(OMISSIONS, AS_OF, validated=tables)
    assert (row["case_id"], row["first_quarter"], row["last_quarter"]) == ("permit:HS00001", "2024-Q3", "2024-Q4")


def test_a_ward_that_was_merged_is_one_place_on_both_sides_of_the_day() -> None:
    nameless = {"permit_no": None, "contractor_tax_code": tax_code(1)}
    before = permit(1, commune_code="31513")
    assert links(feeds(permits=[before], answers=[answer(1, commune_code="31522", **nameless)])) == [
        ("permit:HS00001", "PH00001", "tax_code_place_time", True)
    ]
    # The old code in a return of a quarter that it did not live to see is still read as the same place, and shown.
    late = feeds(permits=[before], answers=[answer(1, commune_code="31513", **nameless)])
    assert len(links(late)) == 1
    codes = {
        r["commune_code"]: r["is_code_in_force"]
        for r in compute("correct__commune_codes_in_force", AS_OF, validated=late)
    }
    assert codes == {"31513": False}


def test_two_returns_of_one_works_count_once() -> None:
    other = answer(2, permit_no="1/2024", value_mn=500, frame_unit_id="DN00009")
    tables = feeds(permits=[permit(1)], answers=[answer(1), other], frame=[unit(1)])
    assert [(r, counted) for _, r, _, counted in links(tables)] == [("PH00001", True), ("PH00002", False)]
    row = domains(tables)[SEAT, "enterprises_large"]
    assert (row["n_permits"], row["n_survey"], row["n_matched"], row["value_recorded_mn"]) == (1, 1, 1, 900)
    told = compute("correct__no_works_counted_twice", AS_OF, validated=tables)
    assert {r["return_id"]: r["is_counted_once"] for r in told} == {"PH00001": True, "PH00002": False}


def test_one_return_takes_one_works_however_many_suit_it() -> None:
    same = {"contractor_tax_code": tax_code(7), "owner_tax_code": None, "permit_no": None}
    tables = feeds(
        permits=[permit(n, **same) for n in (1, 2, 3)],
        answers=[answer(1, **same), answer(2, value_mn=800, **same)],
        frame=[unit(7)],
    )
    made = links(tables)
    assert len({works for works, *_ in made}) == len({returned for _, returned, *_ in made}) == len(made) == 2


# ── correct ──────────────────────────────────────────────────────────────────────────────────────────────────


def failing(audit: str, column: str, tables: dict[str, list[Row]]) -> set[str]:
    return {row["return_id"] for row in compute(audit, AS_OF, validated=tables) if not row[column]}


def test_the_same_row_twice_is_a_repeat_whoever_sends_it() -> None:
    owner = {"owner_tax_code": tax_code(1, "96"), "floor_area_m2": 300, "permit_no": None}
    tables = feeds(
        permits=[permit(1)],
        answers=[
            answer(1, contractor_tax_code=tax_code(1), **owner),
            answer(2, contractor_tax_code=tax_code(2), **owner),
            answer(3),
            answer(4, permit_no="3/2024"),
        ],
    )
    assert failing("correct__no_works_counted_twice", "is_counted_once", tables) == {"PH00002", "PH00004"}


def test_who_pays_decides_and_not_who_builds() -> None:
    public = {"funding_source": "state_budget", "owner_type": "state_agency"}
    tables = feeds(
        permits=[permit(1, **public), permit(2, **public), permit(3)],
        answers=[answer(1), answer(2, funding_source="state_budget", contractor_ownership="non_state"), answer(3)],
    )
    rows = compute("correct__nothing_funded_by_the_budget", AS_OF, validated=tables)
    assert {r["return_id"]: r["budget_evidence"] for r in rows} == {
        "PH00001": "listed_as_budget_funded", "PH00003": None,
    }  # fmt: skip
    row = domains(tables)[SEAT, "enterprises_large"]
    assert (row["n_permits"], row["n_survey"], row["n_matched"], row["value_recorded_mn"]) == (1, 1, 1, 900)


@pytest.mark.parametrize(("value", "is_in_range"), [(900, True), (900_000, False), ("0.9", False), (0, False)])
def test_a_value_in_the_wrong_unit_shows_in_its_value_per_m2(value: object, is_in_range: bool) -> None:
    tables = feeds(permits=[permit(1)], answers=[answer(1, value_mn=value, floor_area_m2=150)])
    (row,) = compute("correct__value_per_m2_in_range", AS_OF, validated=tables)
    assert row["is_in_range"] is is_in_range


def test_a_value_set_aside_is_imputed_from_its_own_quarters_else_from_linked_works() -> None:
    sizes, values = {1: 100, 2: 200, 3: 300, 4: 150, 5: 250}, {1: 700, 2: 1500, 3: 2000, 4: 1100, 5: 1800}
    elsewhere = {"permit_no": None, "commune_code": "31516"}
    tables = feeds(
        permits=[permit(n, floor_area_m2=sizes.get(n, 400)) for n in (*sizes, 6)],
        answers=[
            *(answer(n, floor_area_m2=sizes[n], value_mn=values[n]) for n in sizes),
            answer(6, floor_area_m2=400, value_mn=3_000_000),
            *(
                answer(7, quarter=quarter, floor_area_m2=80, value_mn=value, **elsewhere)
                for quarter, value in (("2024-Q2", 500), (QUARTER, 600_000), ("2024-Q4", 700))
            ),
        ],
        frame=[unit(n) for n in (*sizes, 6, 7)],
    )
    rows = {row["return_id"]: row for row in compute("int_imputed_returns", AS_OF, validated=tables)}
    assert {name: row["imputation_basis"] for name, row in rows.items()} == {
        "PH00006": "linked_works", "PH00007": "own_quarters",
    }  # fmt: skip
    assert rows["PH00007"]["imputed_value_mn"] == 600
    # 7,100 mn for 1,000 m2, of 400 m2; all of them run through the whole quarter and no longer
    assert rows["PH00006"]["imputed_value_mn"] == 2840
    # The same way is tried on the seven returns that stand, two of which link to nothing: 91 of assumed 365 days.
    tried = [(7.1 * sizes[n], values[n]) for n in sizes] + [(7.1 * 80 * 91 / 365, v) for v in (500, 700)]
    error = (sum((said - value) ** 2 for said, value in tried) / len(tried)) ** 0.5
    assert abs(float(rows["PH00006"]["imputation_error_mn"]) - error) < 0.001
    row = domains(tables)[SEAT, "enterprises_large"]
    assert (row["n_matched"], row["n_omitted"], row["n_returns_set_aside"]) == (6, 0, 2)
    assert (row["value_set_aside_mn"], row["value_set_aside_imputed_mn"]) == (3_600_000, 3440)


def test_survey_and_tax_are_compared_on_the_same_works() -> None:
    builds = {"contractor_tax_code": tax_code(7), "permit_no": None}
    declares = {"taxpayer_tax_code": tax_code(7)}
    quarters = ("2024-Q1", "2024-Q2", QUARTER)
    worth = {1: 900, 2: 2000, 3: 400}
    answers = [
        answer(n, quarter=quarter, value_mn=worth[n], owner_tax_code=tax_code(n), **builds)
        for n in worth for quarter in quarters
    ]  # fmt: skip
    declared = [
        declaration(
            10 * n + i, contract_no=f"HD-{n}", tax_period=quarter, turnover_ex_vat_mn=worth[n] * 103 // 100, **declares
        )
        for n in worth for i, quarter in enumerate(quarters)
    ]  # fmt: skip
    rows = compute("correct__survey_against_tax", AS_OF, validated=feeds(answers=answers, declarations=declared))
    assert len(rows) == 9
    assert all(row["survey_to_tax_ratio"] <= row["tolerance_ratio"] for row in rows)
    answers[5]["value_mn"] = 800  # 2,000 were declared
    rows = compute("correct__survey_against_tax", AS_OF, validated=feeds(answers=answers, declarations=declared))
    wrong = [(r["return_id"], r["quarter"]) for r in rows if r["survey_to_tax_ratio"] > r["tolerance_ratio"]]
    assert wrong == [("PH00002", QUARTER)]


def test_a_component_restated_under_a_still_total_is_noticed() -> None:
    def book(released_on: str, **parts: int) -> list[Row]:
        rows = [
            {"area_code": "40", "district_code": "412", "period": "2015", "ownership": owner, "work_type": "total",
             "value_current_mn": value}
            for owner, value in parts.items()
        ]  # fmt: skip
        return delivered(rows, "construction_output", "2015", released_on)

    rows = compute(
        "correct__components_hold_against_previous_vintage",
        AS_OF,
        validated={
            "construction_output": [
                *book("2016-06-30", total=34_171_892, state=3_518_964, non_state=30_652_928),
                *book("2017-06-30", total=34_182_938, state=827_008, non_state=33_221_200),
            ]
        },
    )
    state = next(row for row in rows if row["ownership"] == "state")
    assert (round(state["restatement_pct"], 1), round(state["total_restatement_pct"], 2)) == (
        Decimal("-76.5"), Decimal("0.03"),
    )  # fmt: skip
    assert {row["ownership"]: row["is_within_tolerance"] for row in rows} == {
        "total": True, "state": False, "non_state": True,
    }  # fmt: skip


# ── complete, and what cannot be estimated ───────────────────────────────────────────────────────────────────


def test_a_silent_district_is_seen_although_it_has_no_row() -> None:
    other = permit(2, district_code="943", commune_code="31534")
    tables = feeds(permits=[permit(1), other], answers=[answer(1)], frame=[unit(1), unit(2, district_code="943")])
    rows = compute("complete__districts_return", AS_OF, validated=tables)
    silent = {(r["district_code"], r["stratum"]) for r in rows if r["quarter"] == QUARTER and not r["has_returned"]}
    assert silent == {("943", "total"), ("943", "enterprises_large")}
    for key in (("943", "enterprises_large"), ("943", "total")):
        row = domains(tables)[key]
        said = ("n_permits", "n_survey", "n_matched", "n_matched_take_all", "capture_rate", "value_recorded_mn")
        assert [row[column] for column in said] == [1, None, None, None, None, None], "not known, and not 0"
        assert (row["capture_rate_reason_en"], row["capture_rate_reason_vi"]) == (
            "nothing was returned", "không có phiếu nào gửi về",
        )  # fmt: skip
    total = domains(tables)["total", "total"]
    assert (total["n_matched"], total["capture_rate"]) == (1, Decimal("0.5"))
    low = compute("nothing_left_out__capture_rate_above_threshold", AS_OF, validated=tables)
    assert "943" not in {row["district_code"] for row in low}


def test_units_of_a_stratum_that_were_asked_in_vain_found_no_share_of_it() -> None:
    """A district that returns elsewhere: of its investors the one unit asked kept silent, and 0 of 1 is not known."""
    tables = feeds(
        permits=[permit(1), permit(2)],
        appraisals=[appraisal(200)],
        answers=[answer(1), silence(200, stratum="investors")],
        frame=[unit(1), unit(2), unit(200, stratum="investors", tax_code=tax_code(200, "98"))],
    )
    rows = domains(tables)
    assert (rows[SEAT, "investors"]["n_permits"], rows[SEAT, "investors"]["capture_rate"]) == (1, None)
    assert rows[SEAT, "investors"]["capture_rate_reason_en"] == "nothing was returned"
    assert rows[SEAT, "enterprises_large"]["capture_rate"] == Decimal("0.5")


def test_of_a_quarter_without_returns_no_recorded_value_is_known() -> None:
    tables = feeds(permits=[permit(1)], answers=[answer(2, quarter="2024-Q4"), silence(3)], frame=[unit(1), unit(3)])
    row = domains(tables)[SEAT, "enterprises_large"]
    said = ("n_survey", "n_matched", "value_recorded_mn", "n_returns_set_aside", "value_set_aside_mn")
    assert [row[column] for column in said] == [None] * 5
    assert (row["n_units_drawn"], row["n_units_answered"]) == (1, 0), "one was asked and kept silent"
    house = permit(5, owner_tax_code=None, **HOUSEHOLD)
    rows = domains(tables | {"building_permits": feeds(permits=[permit(1), house])["building_permits"]})
    never_asked = next(row for (district, stratum), row in rows.items() if district == SEAT and "household" in stratum)
    assert (never_asked["n_units_drawn"], never_asked["n_units_answered"]) == (None, None)


def test_response_rates_count_units_and_cells() -> None:
    tables = feeds(answers=[answer(1), answer(2, value_mn=None, response_status="partial"), silence(3), silence(4)])
    row = domains(tables)[SEAT, "enterprises_large"]
    assert (row["n_units_drawn"], row["n_units_answered"], row["unit_response_rate"]) == (4, 2, Decimal("0.5"))
    assert row["item_response_rate"] == Decimal("0.8333")


def test_a_unit_answers_once_wherever_its_works_stand() -> None:
    elsewhere = {"frame_unit_id": "DN00001", "district_code": "943", "commune_code": "31534"}
    tables = feeds(
        answers=[answer(1), answer(2, **elsewhere), answer(3, **elsewhere), silence(4)], frame=[unit(1), unit(4)]
    )
    rows = domains(tables)
    assert (rows["total", "total"]["n_units_drawn"], rows["total", "total"]["n_units_answered"]) == (2, 1)
    assert rows[SEAT, "enterprises_large"]["unit_response_rate"] == Decimal("0.5")
    assert rows["943", "enterprises_large"]["n_units_drawn"] == 0
    silent = compute("complete__districts_return", AS_OF, validated=tables)
    assert all(row["has_returned"] for row in silent if row["quarter"] == QUARTER)


def test_weights_are_raised_for_silent_units_of_sampled_strata_only() -> None:
    sampled = {"stratum": "enterprises_small", "selection": "sample", "weight": 3}
    tables = feeds(
        answers=[
            *(answer(n, permit_no=None, **sampled) for n in (1, 2, 3)),
            silence(4, **{**sampled, "weight": 6}),
            answer(5, permit_no=None, response_status="out_of_scope", **sampled),
            answer(6, permit_no=None), silence(7),
        ]
    )  # fmt: skip
    works = {r["return_id"]: r["survey_weight"] for r in compute("int_survey_works", AS_OF, validated=tables)}
    # (3 + 3 + 3 + 6) / (3 + 3 + 3) of 3; what is out of scope was not to be asked
    assert works == {"PH00001": 5, "PH00002": 5, "PH00003": 5, "PH00006": 1}


def test_a_link_counts_in_the_stratum_of_its_permit_for_both_lists() -> None:
    told = {"stratum": "enterprises_small", "selection": "sample", "weight": 3}
    tables = feeds(
        permits=[permit(n) for n in range(1, 11)],
        answers=[*(answer(n, frame_unit_id=None) for n in range(1, 9)), answer(9, frame_unit_id=None, **told)],
        frame=[unit(n) for n in range(1, 11)],
    )
    rows = domains(tables)
    row = rows[SEAT, "enterprises_large"]
    assert (row["n_permits"], row["n_survey"], row["n_matched"], row["n_links_across"]) == (10, 9, 9, 1)
    # (10 + 1)(9 + 1) / (9 + 1) - 1: counted apart, nine links and ten permits would have made more works than there are
    assert row["chapman_estimate"] == 10
    assert rows[SEAT, "enterprises_small"]["n_survey"] == 0


def test_a_unit_that_had_nothing_to_build_answered() -> None:
    nothing = answer(1, permit_no=None, commune_code=None, funding_source=None, value_mn=0)
    row = domains(feeds(answers=[nothing]))[SEAT, "enterprises_large"]
    assert (row["unit_response_rate"], row["n_survey"], row["item_response_rate"]) == (1, 0, None)


def test_the_frame_is_held_against_permits_and_declarations() -> None:
    tables = feeds(
        permits=[permit(1), permit(2)],
        answers=[answer(1)],
        frame=[unit(1)],
        declarations=[declaration(1), declaration(3)],
    )
    rows = compute("complete__frame_holds_active_enterprises", AS_OF, validated=tables)
    unknown = {r["tax_code"] for r in rows if r["quarter"] == QUARTER and not r["is_in_frame"]}
    assert unknown == {tax_code(2), tax_code(3)}


def test_without_permits_there_is_no_capture_and_no_hundred_percent() -> None:
    row = domains(feeds(answers=[answer(n) for n in range(1, 10)]))[SEAT, "enterprises_large"]
    assert (row["capture_rate"], row["coverage"], row["chapman_estimate"]) == (None, None, None)
    assert row["capture_rate_reason_en"] == "no permits"
    assert row["estimate_reason_en"].startswith("no permits")


def test_rural_houses_that_need_no_permit_stand_on_their_own() -> None:
    rural = {"stratum": "households_rural", "selection": "sample", "weight": 8, "permit_no": None}
    tables = feeds(
        permits=[permit(n) for n in range(1, 10)], answers=[*(answer(n) for n in range(1, 10)), answer(20, **rural)]
    )
    rows = domains(tables)
    assert rows[SEAT, "households_rural"]["estimate_reason_en"] == (
        "works here need no permit: the lists do not speak of them"
    )
    assert rows[SEAT, "total"]["chapman_estimate"] == 9


def test_below_seven_links_small_strata_are_estimated_together() -> None:
    places = (("941", "31510"), ("943", "31534"), ("944", "31579"))
    tables = feeds(
        permits=[
            permit(100 * i + n, district_code=d, commune_code=c) for i, (d, c) in enumerate(places) for n in range(1, 7)
        ],
        answers=[
            answer(100 * i + n, district_code=d, commune_code=c) for i, (d, c) in enumerate(places) for n in range(1, 5)
        ],
    )
    rows = domains(tables)
    for district, _ in places:
        row = rows[district, "enterprises_large"]
        assert (row["chapman_estimate"], row["estimate_method"]) == (None, "none")
        assert (
            row["estimate_reason_en"]
            == "too few links (4): estimated with 2 other small cells, together 66.7 % covered"
        )
        reason = rows[district, "total"]["estimate_reason_en"]
        assert reason == "no sum: too few links in larger construction enterprises"
    # (18 + 1)(12 + 1) / (12 + 1) - 1
    assert rows["total", "enterprises_large"]["chapman_estimate"] == 18
    assert rows["total", "total"]["chapman_estimate"] == 18


def test_too_few_links_everywhere_is_no_estimate_anywhere() -> None:
    rows = domains(feeds(permits=[permit(n) for n in range(1, 6)], answers=[answer(n) for n in range(1, 4)]))
    assert rows[SEAT, "enterprises_large"]["estimate_reason_en"] == (
        "too few links (3), also together with other small cells"
    )
    row = rows["total", "total"]
    assert row["estimate_reason_en"] == "no sum: too few links in the take-all strata together"
    assert row["estimate_reason_vi"] == "không cộng được: quá ít liên kết ở các tầng điều tra toàn bộ gộp lại"


# ── what it does to growth ───────────────────────────────────────────────────────────────────────────────────


def effect(
    missing_before: str | None,
    missing_now: str,
    ratio: str | None = "1",
    output: dict[str, int] | None = None,
    errors: tuple[float | None, float] = (0, 0),
    imputed: str = "0",
) -> Row:
    """The effect in 2024-Q3: construction 900 bn a year before and 1,080 now, sector II 3,000 and GRDP 9,000.

    The area has two districts, 941 and 942; `output` gives theirs, in mn VND a quarter. `errors` are the standard
    errors of what is missing, in mn VND, a year before and now, `imputed` what stands in the place of values beside
    1,000 mn that are recorded.
    """

    def total(quarter: str, missing: str | None, error: float | None) -> Row:
        return {
            "area_code": "94", "quarter": quarter, "district_code": "total", "stratum": "total",
            "value_not_found_mn": missing, "value_unseen_mn": 0, "n_returns_set_aside": 0, "chapman_estimate": 1,
            "is_valued": True, "value_recorded_mn": 1000, "value_set_aside_imputed_mn": imputed,
            "value_missing_variance": None if error is None else f"{error**2:.6f}",
        }  # fmt: skip

    def level(sector: str, quarter: str, now: int, before: int | None) -> Row:
        return {
            "area_code": "94", "sector_code": sector, "period": quarter, "value_constant_bn": now,
            "value_year_before_constant_bn": before, "grdp_year_before_constant_bn": 9000,
            "is_simulated": False,
        }  # fmt: skip

    quarters = [("2023-Q3", "2022-Q3"), ("2024-Q3", "2023-Q3")]
    source = {"source_url": "https://example.vn", "source_note": "test"}
    districts = [
        {"admin_unit_code": code, "parent_admin_unit_code": "94", "admin_level": "district"} for code in ("941", "942")
    ]
    nowhere = {"area_code": "00", "district_code": "001"}
    outputs = [
        {"area_code": "94", "district_code": code, "value_current_mn": value} for code, value in (output or {}).items()
    ]
    rows = computed_on(
        "int_capture_growth_effect",
        {
            "value_added_ratios": [
                {
                    "area_code": "94" if ratio else "00",
                    "from_period": "2023-Q1",
                    "value_added_of_output_ratio": ratio or 1,
                }
                | source
            ],
            "int_capture_quarters": [
                {"quarter": q, "quarter_year_before": before, "last_day_on": f"{q[:4]}-09-30"} for q, before in quarters
            ],
            "admin_units": [{**unit, "valid_from": None, "valid_to": None} for unit in districts],
            "stg_construction_output": [
                {**row, "period": q, "ownership": "total", "work_type": "total", "is_simulated": False}
                for row in [*outputs, {**nowhere, "value_current_mn": 1}]
                for q, _ in quarters
            ],
            "capture_thresholds": [{"threshold_name": "maximum_imputed_share", "threshold_value": "0.05"}],
            "int_capture_strata": [
                *([total("2023-Q3", missing_before, errors[0])] if missing_before else []),
                total("2024-Q3", missing_now, errors[1]),
            ],
            "int_sector_growth": [
                level("CON", "2023-Q3", 900, None),
                level("CON", "2024-Q3", 1080, 900),
                level("II", "2024-Q3", 3300, 3000),
            ],
        },
    )
    return next(row for row in rows if row["quarter"] == "2024-Q3")


def test_counting_less_than_a_year_before_hides_growth() -> None:
    row = effect("100000", "270000")
    assert (row["value_added_coverage_year_before"], row["value_added_coverage"]) == (Decimal("0.9"), Decimal("0.8"))
    assert row["growth_effect_construction_pp"] == 15
    assert (row["growth_effect_sector_ii_pp"], row["growth_effect_grdp_pp"]) == (Decimal("4.5"), Decimal("1.5"))
    assert not row["is_growth_manufactured"]
    assert "15.00 pp higher" in row["growth_effect_reason_en"]
    assert row["level_effect_pct"] == 25


def test_counting_better_only_this_year_is_called_manufactured_growth() -> None:
    row = effect("100000", "56842.105")
    assert row["growth_effect_construction_pp"] == Decimal("-6.3158")
    assert row["is_growth_manufactured"]
    assert "6.32 pp of the growth of construction are manufactured" in row["growth_effect_reason_en"]
    assert (
        "cao hơn thực tế khoảng 6,32 điểm phần trăm do năm nay thu thập đầy đủ hơn năm trước"
        in row["growth_effect_reason_vi"]
    )


def test_the_effect_on_growth_has_an_interval() -> None:
    """Coverage 0.90 and 0.80, standard errors 0.02 each: what is missing is uncertain by 0.02 L / c squared."""
    row = effect("100000", "270000", errors=(0.02 * 900_000 / 0.81, 0.02 * 1_080_000 / 0.64))
    spread = 1.96 * math.hypot(0.02 / 0.9, 0.02 / 0.8)
    limits = [120 * (0.9 / 0.8 * math.exp(sign * spread) - 1) for sign in (-1, 1)]
    assert [round(limit, 1) for limit in limits] == [6.4, 24.1]
    assert row["growth_effect_construction_pp"] == 15
    found = (row["growth_effect_construction_low_pp"], row["growth_effect_construction_high_pp"])
    assert [float(limit) for limit in found] == pytest.approx(limits, abs=0.0001)
    assert (
        "thấp hơn thực tế khoảng 15,00 điểm phần trăm do năm nay thu thập kém đầy đủ hơn năm trước"
        in (row["growth_effect_reason_vi"])
    )


def test_growth_is_manufactured_only_if_the_whole_interval_says_so() -> None:
    surely = effect("100000", "56842.105", errors=(5000, 5000))
    assert surely["growth_effect_construction_high_pp"] < 0
    assert surely["is_growth_manufactured"]
    perhaps = effect("100000", "56842.105", errors=(50_000, 50_000))
    assert perhaps["growth_effect_construction_pp"] == Decimal("-6.3158")
    assert perhaps["growth_effect_construction_high_pp"] > 0
    assert not perhaps["is_growth_manufactured"]
    assert "chưa đủ căn cứ kết luận" in perhaps["growth_effect_reason_vi"]


def test_an_effect_without_an_interval_concludes_nothing() -> None:
    row = effect("100000", "56842.105", errors=(None, 5000))
    assert (row["growth_effect_construction_pp"], row["growth_effect_construction_low_pp"]) == (
        Decimal("-6.3158"),
        None,
    )
    assert not row["is_growth_manufactured"]


def test_where_too_much_is_imputed_no_effect_is_given() -> None:
    assert effect("100000", "270000", imputed="52")["growth_effect_construction_pp"] == 15  # 4.9 %
    row = effect("100000", "270000", imputed="53")  # 5.03 %
    assert (row["growth_effect_construction_pp"], row["is_growth_manufactured"]) == (None, False)
    assert "too much is imputed in their place" in row["growth_effect_reason_en"]


def test_steady_under_coverage_changes_the_level_and_not_the_growth() -> None:
    row = effect("100000", "120000")
    assert (row["growth_effect_construction_pp"], row["is_growth_manufactured"]) == (0, False)
    assert row["level_effect_pct"] == Decimal("11.1111")
    assert row["growth_effect_reason_en"] == "coverage is as it was a year before: growth is not moved"


def test_without_a_year_before_only_the_level_is_given() -> None:
    row = effect(None, "270000")
    assert (row["growth_effect_construction_pp"], row["level_effect_pct"]) == (None, 25)
    assert "only the effect on the level" in row["growth_effect_reason_en"]


def test_without_a_sourced_ratio_there_is_no_effect_and_a_reason() -> None:
    row = effect("100000", "270000", ratio=None)
    assert (row["growth_effect_construction_pp"], row["level_effect_pct"]) == (None, None)
    assert (row["value_added_of_output_pct"], row["value_added_ratio_basis"]) == (None, None)
    assert row["growth_effect_reason_en"].startswith("no sourced ratio")


def test_without_a_register_the_accounts_of_the_quarter_give_the_ratio() -> None:
    # 1,080 bn on output of 4,320 bn are 25 %; a year before 900 on the same output 20.8333 %
    row = effect("480000", "1080000", ratio=None, output={"941": 1_320_000, "942": 3_000_000})
    assert (row["value_added_of_output_pct"], row["value_added_ratio_basis"]) == (25, "own_accounts")
    assert (row["value_added_coverage_year_before"], row["value_added_coverage"]) == (Decimal("0.9"), Decimal("0.8"))
    assert row["growth_effect_construction_pp"] == 15
    assert row["growth_effect_reason_en"].endswith(
        "; output is turned into value added as in the accounts of the quarter"
    )


def test_a_ratio_with_a_source_of_its_own_goes_before_the_accounts() -> None:
    row = effect("100000", "270000", output={"941": 1_320_000, "942": 3_000_000})
    assert (row["value_added_of_output_pct"], row["value_added_ratio_basis"]) == (100, "register")
    assert row["growth_effect_construction_pp"] == 15


def test_output_of_some_districts_is_no_ratio_of_the_area() -> None:
    row = effect("100000", "270000", ratio=None, output={"941": 1_320_000})
    assert (row["growth_effect_construction_pp"], row["value_added_ratio_basis"]) == (None, None)


# ── the item of the directive ────────────────────────────────────────────────────────────────────────────────


def year(faults: bool = False) -> dict[str, list[Row]]:
    """Four quarters of 2024 in which every running permit is found, or one unit says that it has nothing to build."""
    nothing = {"permit_no": None, "commune_code": None, "funding_source": None, "value_mn": 0} if faults else {}
    spans = {"start_on": day("2024-01-01"), "completed_on": day("2024-12-31"), "issued_on": day("2023-12-10")}
    quarters = [f"2024-Q{q}" for q in range(1, 5)]
    return feeds(
        permits=[permit(n, answered_on=day("2023-12-10"), **spans) for n in range(1, 11)],
        answers=[answer(n, quarter=q, **(nothing if n == 10 else {})) for n in range(1, 11) for q in quarters],
        frame=[unit(n) for n in range(1, 11)],
    )


def item(name: str, tables: dict[str, list[Row]], as_of: str = AS_OF) -> Row:
    rows = compute("directive_scorecard", as_of, validated=tables)
    return next(row for row in rows if row["item"] == name)


WHAT = "Xây dựng ngoài ngân sách nhà nước được tính đủ, tính đúng, không bỏ sót"


def test_full_capture_is_achieved_when_what_there_is_is_recorded() -> None:
    row = item("COV", year())
    assert (row["status"], row["actual"], row["evidence_period"]) == ("achieved", 100, "2024-Q1..2024-Q4")
    assert row["status_reason_en"].startswith(
        "100.0 % of the value is recorded (95 %: 100.0 to 100.0 %, threshold 95 %)"
    )
    assert f"{WHAT}: ghi nhận 100,0% giá trị (khoảng 95%: 100,0% đến 100,0%, ngưỡng 95%)" in row["status_reason_vi"]
    assert "tìm thấy 40/40 giấy phép" in row["status_reason_vi"]
    assert (row["evidence_basis"], row["evidence_publisher"]) == ("computed_from_lists", "Cục Thống kê")


def test_full_capture_is_missed_where_even_the_upper_limit_lies_below_the_threshold() -> None:
    """One of ten works is left out of each quarter: 900 of 9,000 mn, and the other nine leave no doubt of its value."""
    row = item("COV", year(faults=True))
    assert (row["status"], row["actual"]) == ("missed", 90)
    assert "36 of 40 running permits and appraisals found" in row["status_reason_en"]
    # 0.95 x 36,000 - 32,400 = 1,800 mn are two works of 900.
    assert "about 2 works worth 1.8 bn VND more would reach the threshold" in row["status_reason_en"]
    assert "cần ghi nhận thêm khoảng 2 công trình, 1,8 tỷ đồng" in row["status_reason_vi"]
    # One district and one stratum alone are valued: neither has the least of several.
    assert "thấp nhất" not in row["status_reason_vi"]


def test_before_its_end_full_capture_is_not_decided() -> None:
    tables = year(faults=True)
    tables["construction_survey"] = [r for r in tables["construction_survey"] if r["quarter"] < "2024-Q4"]
    row = item("COV", tables, "2024-12-20")
    assert (row["status"], row["evidence_period"]) == ("undecided", "2024-Q1..2024-Q3")
    assert row["status_reason_vi"].startswith(f"{WHAT}: chưa đủ căn cứ kết luận: ghi nhận 90,0% giá trị")
    assert "the period is not over" in row["status_reason_en"]


def test_a_quarter_that_nobody_returned_is_missed_once_it_was_due() -> None:
    tables = year()
    tables["construction_survey"] = [r for r in tables["construction_survey"] if r["quarter"] < "2024-Q4"]
    row = item("COV", tables)
    assert (row["status"], row["evidence_period"]) == ("missed", "2024-Q1..2024-Q4")
    assert "not complete" in row["status_reason_en"]
    assert "no unit has answered in Q4 2024" in row["status_reason_en"]
    assert "chưa có phiếu trả lời nào của quý IV/2024" in row["status_reason_vi"]


def test_the_quality_of_surveys_is_judged_by_response_alone() -> None:
    good = item("COV-SURVEY", year(faults=True))
    assert (good["status"], good["actual"]) == ("achieved", 100)
    tables = year()
    for row in tables["construction_survey"][:8]:
        row |= {"response_status": "non_response", "value_mn": None, "permit_no": None, "commune_code": None}
    poor = item("COV-SURVEY", tables)
    assert (poor["status"], poor["actual"]) == ("missed", 80)
    assert "8 of 10 units answered" in poor["status_reason_en"]


def test_a_quarter_without_answers_is_told_as_such_and_not_as_units_that_all_answered() -> None:
    tables = year()
    tables["construction_survey"] = [r for r in tables["construction_survey"] if r["quarter"] < "2024-Q4"]
    row = item("COV-SURVEY", tables)
    assert (row["status"], row["actual"]) == ("missed", 100)
    assert "no unit has answered in Q4 2024" in row["status_reason_en"]
    assert "chưa có phiếu trả lời nào của quý IV/2024" in row["status_reason_vi"]
    assert "units answered" not in row["status_reason_en"]


@pytest.mark.parametrize("name", ["COV", "COV-SURVEY"])
def test_without_returns_there_is_no_verdict(name: str) -> None:
    row = item(name, feeds(permits=[permit(1)]))
    assert (row["status"], row["actual"]) == ("no_data", None)


def test_simulated_lists_say_so_in_every_row() -> None:
    tables = {feed: [{**row, "is_simulated": True} for row in rows] for feed, rows in year(faults=True).items()}
    engine = Tables(validated=tables)
    assert all(row["is_simulated"] for row in engine.compute(CAPTURE, AS_OF))
    assert all(row["is_simulated"] for row in engine.compute(OMISSIONS, AS_OF))


# ── evidence ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_figures_of_full_capture_name_the_rows_they_rest_on() -> None:
    tables = year(faults=True)
    tables["construction_tax"] = delivered(
        [declaration(n, contract_no=f"HD-{n}") for n in (1, 2, 99)], "construction_tax", "2024-Q3", "2024-11-09"
    )
    (first,) = [r for r in tables["construction_survey"] if (r["return_id"], r["quarter"]) == ("PH00001", QUARTER)]
    first["contractor_tax_code"] = tax_code(1)
    rows = [
        row
        for model in ("int_coverage_evidence_rows", "int_survey_response_evidence_rows")
        for row in compute(model, AS_OF, validated=tables)
    ]
    held: dict[tuple[str, str, str], set[int]] = {}
    for row in rows:
        held.setdefault((row["item"], row["feed"], row["evidence_role"]), set()).add(row["source_row"])
    asked = {row["source_row"] for row in tables["construction_survey"]}
    nothing_to_build = {row["source_row"] for row in tables["construction_survey"] if row["value_mn"] == 0}
    assert len(nothing_to_build) == 4
    assert held == {
        ("COV", "construction_tax", "cross_check"): {tables["construction_tax"][0]["source_row"]},
        ("COV", "building_permits", "denominator"): {row["source_row"] for row in tables["building_permits"]},
        ("COV", "construction_survey", "numerator"): asked - nothing_to_build,
        ("COV-SURVEY", "construction_survey", "denominator"): asked,
        ("COV-SURVEY", "construction_survey", "numerator"): asked,
    }
    assert len(rows) == len({tuple(row.values()) for row in rows})


# ── errors of links ──────────────────────────────────────────────────────────────────────────────────────────


def test_errors_of_links_without_a_number_are_tried_on_links_that_have_one() -> None:
    """Of 25 pairs that a number links five bear no tax code; one return would fit works that no return names."""
    permits = [permit(n) for n in range(1, 26)] + [permit(26, contractor_tax_code=tax_code(1))]
    answers = [answer(n, contractor_tax_code=tax_code(n) if n <= 20 else None) for n in range(1, 26)]
    rows = compute("int_link_errors", AS_OF, validated=feeds(permits=permits, answers=answers))
    errors = {row["stratum"]: row for row in rows if row["area_code"] == "94"}
    assert set(errors) == {"enterprises_large", "total"}
    for row in errors.values():
        assert (row["n_links_tried"], row["link_recall"], row["link_false_share"]) == (
            25, Decimal("0.8"), Decimal("0.04"),
        )  # fmt: skip


def test_with_few_pairs_to_try_the_errors_of_links_are_not_known() -> None:
    tables = feeds(permits=[permit(n) for n in range(1, 20)], answers=[answer(n) for n in range(1, 20)])
    assert compute("int_link_errors", AS_OF, validated=tables) == []


def declared(number: int, **more: Any) -> Row:
    """A declaration that quotes the permit of the same number and names the ward of its site."""
    quoted = {"form": "05/GTGT", "commune_code": WARD, "permit_no": f"{number}/2024/GPXD-UBND"}
    return declaration(number, **quoted | more)


def test_errors_of_declarations_without_a_number_are_tried_on_those_that_quote_one() -> None:
    """Of 25 five are of works whose contractor nobody names; one firm builds another works there."""
    nameless = {n: {"contractor_tax_code": None} for n in range(21, 26)}
    permits = [permit(n, **nameless.get(n, {})) for n in range(1, 26)]
    permits.append(permit(26, contractor_tax_code=tax_code(1), declared_value_mn=3000))
    tables = feeds(
        permits=permits,
        answers=[answer(n) for n in range(1, 11)],
        declarations=[declared(n) for n in range(1, 26)],
    )
    rows = compute("int_tax_declaration_link_errors", AS_OF, validated=tables)
    found = {row["stratum"]: row for row in rows if row["area_code"] == "94"}
    assert set(found) == {"enterprises_large", "total"}
    for row in found.values():
        assert (row["n_links_tried"], row["link_recall"], row["link_false_share"]) == (
            25, Decimal("0.8"), Decimal("0.04"),
        )  # fmt: skip


def test_where_few_declarations_quote_a_number_their_errors_are_not_known() -> None:
    tables = feeds(
        permits=[permit(n) for n in range(1, 26)],
        answers=[answer(n) for n in range(1, 26)],
        declarations=[*(declared(n) for n in range(1, 20)), *(declared(n, permit_no=None) for n in range(20, 26))],
    )
    assert compute("int_tax_declaration_link_errors", AS_OF, validated=tables) == []
    row = domains(tables)[SEAT, "enterprises_large"]
    assert row["estimate_method"] == "three_lists"
    assert "how many links of tax declarations without a permit number" in row["estimate_reason_en"]

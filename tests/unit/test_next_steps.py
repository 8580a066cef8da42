"""What is to be done next: how much by when, whose it is, and what was due and has not come."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tests.unit.capture_rows import answer, feeds, permit, silence, unit
from tests.unit.disbursement_rows import Row, delivered, plan, register, vouchers
from tests.unit.sql_on_rows import compute

LETTER = "2724-UBND-TH"
SEPTEMBER = "2024-09-20"
KEY_PROJECT = "Dự án thành phần 4, cao tốc Châu Đốc - Cần Thơ - Sóc Trăng"


def steps(as_of: str, **validated: list[Row]) -> dict[str, Row]:
    rows = compute("directive_scorecard", as_of, validated=validated)
    return {row["item"]: row for row in rows if row["directive"] == LETTER}


def of_boards(*projects: tuple[str, str]) -> dict[str, list[Row]]:
    """Two projects with a plan of 100 bn VND each, of which 20 are disbursed, known to the end of August."""
    money = [vouchers("2024-05-15 2024 payment 20", "2024-01..2024-08", "2024-09-05", project=p) for p, _ in projects]
    return {
        "treasury_disbursement": [row for rows in money for row in rows],
        "investment_plan": plan(
            *((p, "pm_assigned", 2024, 100, "2023-12-20") for p, _ in projects), released_on="2024-01-05"
        ),
        "investment_projects": register(*projects),
    }


def test_a_board_behind_its_milestone_is_told_how_much_by_when_and_which_project_first() -> None:
    """60 of 100 asked for, 20 known: 40 bn VND in the six working days from 20 to 30 September."""
    row = steps(SEPTEMBER, **of_boards(("7000001", "BQLDA1")))["DIS-Q3-1"]
    assert row["status"] == "off_track"
    a_day = (Decimal(40) / 6).quantize(Decimal("0.01"))
    assert row["next_step_vi"].startswith(
        f"Giải ngân thêm 40 tỷ đồng đến hết ngày 30/09/2024, mỗi ngày làm việc {str(a_day).replace('.', ',')} tỷ đồng"
    )
    # on a straight line 60 % of 274 days on 31 August, the 244th day: 53.43 of 100
    short = (Decimal(60) * 244 / 274 - 20).quantize(Decimal("0.01"))
    assert f"(chậm {str(short).replace('.', ',')} tỷ đồng so với mức cần có)" in row["next_step_vi"]
    assert row["next_step_en"].startswith("Disburse 40 bn VND more by 2024-09-30, 6.67 bn VND each working day")


def test_a_milestone_that_has_passed_asks_for_no_more_money_a_day() -> None:
    row = steps("2024-10-10", **of_boards(("7000001", "BQLDA1")))["DIS-Q3-1"]
    assert "mỗi ngày làm việc" not in row["next_step_vi"]


def test_what_was_due_and_has_not_come_is_asked_for_by_period_and_day() -> None:
    pond = {
        "district_code": "941", "species": "brackish_shrimp",
        "stocked_ha": Decimal(100), "damaged_ha": Decimal(1),
    }  # fmt: skip
    told = delivered([pond | {"month": "2023-07"}, pond | {"month": "2023-08"}], "aquaculture", "2023-8M", "2023-09-15")
    row = steps(SEPTEMBER, aquaculture=told)["KV1-ENV"]
    assert (row["status"], row["next_step_agency"]) == ("no_data", "SNNPTNT")
    assert row["next_step_vi"] == "Gửi số liệu tháng 08/2024: hạn 16/09/2024, đã chậm 4 ngày"
    assert row["next_step_en"] == "Deliver the figures of August 2024, which were due on 2024-09-16, 4 days ago"


def said(indicator: str, period: str, value: str, on: dt.date) -> Row:
    return {
        "indicator": indicator, "area_code": "94", "period": period, "measure": "growth_yoy", "value": Decimal(value),
        "unit": "percent", "said_on": on, "trust": "press", "source_url": "https://example.vn", "publisher": "UBND",
        "estimate_stage": "estimate_2",
    }  # fmt: skip


def test_growth_that_is_missing_is_asked_for_by_period_and_day() -> None:
    """Accounts of the third quarter were due on 1 October; until then they are due."""
    missing = steps("2024-10-05")["KV1"]
    assert (missing["status"], missing["next_step_agency"]) == ("no_data", "CTK")
    assert missing["next_step_vi"] == "Công bố tốc độ tăng quý III/2024: hạn 01/10/2024, đã chậm 4 ngày"
    assert missing["next_step_en"] == "Publish the growth of Q3 2024, which was due on 2024-10-01, 4 days ago"
    coming = steps(SEPTEMBER)["KV1"]
    assert coming["next_step_vi"] == "Công bố tốc độ tăng quý III/2024 chậm nhất ngày 01/10/2024"


def test_a_gap_within_the_revision_error_waits_for_the_day_of_the_preliminary_figure() -> None:
    """3.94 against more than 4; the law has the preliminary year on 1 October 2025, the official one a year later."""
    published = delivered(
        [said("sector_i_growth", "2024", "3.94", dt.date(2024, 12, 2))], "published_figures", "2024", "2024-12-02"
    )
    row = steps("2025-02-10", published_figures=published)["KV1"]
    assert (row["status"], row["within_revision_error"]) == ("missed", True)
    assert row["next_step_vi"].startswith("Rà soát, công bố số sơ bộ năm 2024 vào ngày 01/10/2025 theo lịch")
    assert row["next_step_en"].startswith("Review, and release the preliminary figure of 2024 on 2025-10-01")
    later = steps("2025-10-02", published_figures=published)["KV1"]
    assert later["next_step_vi"].startswith("Rà soát, công bố số chính thức năm 2024 vào ngày 01/10/2026 theo lịch")


def test_a_target_that_is_not_yet_due_says_which_figures_come_when() -> None:
    (row,) = [
        row
        for row in compute("directive_scorecard", "2025-02-10")
        if (row["indicator"], row["period"], row["status"]) == ("grdp_growth", "2025", "not_yet_due")
    ]
    assert row["next_step_vi"] == "Chờ số liệu quý I/2025, theo lịch có vào ngày 01/04/2025"


def test_what_goes_on_says_which_figures_are_to_follow_by_when() -> None:
    """59 of 100 by the end of August; money of September is due on 7 October, a Monday."""
    on_track = of_boards(("7000001", "BQLDA1"))
    on_track["treasury_disbursement"] = [{**r, "amount_vnd": 59 * 10**9} for r in on_track["treasury_disbursement"]]
    row = steps(SEPTEMBER, **on_track)["DIS-Q3-1"]
    assert (
        row["next_step_vi"] == "Duy trì tiến độ; Kho bạc Nhà nước gửi số liệu tháng 09/2024 chậm nhất ngày 07/10/2024"
    )


def plan_of(*done: str | None) -> list[Row]:
    """Tasks of plan 32 due on 31 May 2024, told on 12 July."""
    rows = [
        {"task_no": str(n), "title": f"Việc {n}", "agency_code": "SXD", "due_on": dt.date(2024, 5, 31),
         "done_on": None if day is None else dt.date.fromisoformat(day)}
        for n, day in enumerate(done)
    ]  # fmt: skip
    return delivered(rows, "plan_tasks", "2024-6M", "2024-07-12")


def test_tasks_are_to_be_finished_only_where_some_are_overdue() -> None:
    late = steps("2024-08-30", plan_tasks=plan_of("2024-05-20", None, None))["PLAN32"]
    assert late["next_step_vi"].startswith("Hoàn thành 2 nhiệm vụ quá hạn của kế hoạch: Sở Xây dựng (1, 2)")
    done = steps("2024-08-30", plan_tasks=plan_of("2024-05-20", "2024-06-20"))["PLAN32"]
    assert (done["status"], done["actual"]) == ("monitored", 50)
    assert (
        done["next_step_vi"]
        == "Tiếp tục thực hiện; Sở Kế hoạch và Đầu tư gửi số liệu quý III/2024 chậm nhất ngày 15/10/2024"
    )


def test_units_that_have_not_answered_are_counted() -> None:
    """Of five units in one quarter of 2024 two did not answer."""
    told = feeds(
        permits=[permit(n) for n in range(1, 6)],
        answers=[*(answer(n) for n in range(1, 4)), *(silence(n) for n in (4, 5))],
        frame=[unit(n) for n in range(1, 6)],
    )
    row = steps("2024-10-30", **told)["COV-SURVEY"]
    assert row["next_step_vi"].startswith("Thu phiếu của 2 đơn vị chưa trả lời trong 5 đơn vị được hỏi")
    assert row["next_step_en"].startswith("Collect the returns of 2 units that did not answer, of 5 asked")
    assert "3/5 đơn vị trả lời (60,00%), 1 quý có tỷ lệ trả lời dưới ngưỡng" in row["status_reason_vi"]


def test_units_of_a_silent_district_are_none_of_those_asked_and_are_called_for() -> None:
    """A firm of the seat is the only one of Long Phú in the frame that answers; two more of the frame say nothing."""
    elsewhere = {"district_code": "946", "commune_code": None}
    told = feeds(
        permits=[*(permit(n) for n in range(1, 4)), *(permit(n, **elsewhere) for n in (4, 5, 6))],
        answers=[answer(n) for n in range(1, 5)],
        frame=[*(unit(n) for n in range(1, 4)), *(unit(n, district_code="946") for n in (4, 5, 6))],
    )
    row = steps("2024-10-30", **told)["COV-SURVEY"]
    assert "4/4 đơn vị trả lời (100,00%)" in row["status_reason_vi"]
    assert (
        "; không có phiếu nào: Huyện Long Phú quý III/2024; số đơn vị trên chưa gồm các đơn vị ở đó chưa có dòng phiếu "
        "nào (2 đơn vị thuộc tầng điều tra toàn bộ theo dàn mẫu, chưa rõ số đơn vị mẫu)" in row["status_reason_vi"]
    )
    assert row["next_step_vi"].startswith(
        "Thu phiếu của các đơn vị chưa trả lời; thu phiếu của Huyện Long Phú quý III/2024, nơi không có phiếu nào"
    )
    assert "collect the returns of Long Phu district in Q3 2024" in row["next_step_en"]
    rows = compute("nonstate_construction_capture", "2024-10-30", validated=told)
    quarter = {r["district_code"]: r for r in rows if r["stratum"] == "total" and r["quarter"] == "2024-Q3"}
    assert (quarter["946"]["unit_response_rate"], quarter["total"]["unit_response_rate"]) == (None, 1)
    assert quarter["946"]["unit_response_reason_vi"] == (
        "huyện không có phiếu nào gửi về: đơn vị trả lời chỉ khai công trình ở huyện khác"
    )


def test_the_end_of_the_budget_year_is_told_how_much_by_when_too() -> None:
    """95 of 100 and one đồng asked for, 20 known to the end of August: 75 bn VND by 31 January."""
    row = steps(SEPTEMBER, **of_boards(("7000001", "BQLDA1")))["DIS-FY-1"]
    assert row["next_step_vi"].startswith("Giải ngân thêm 75 tỷ đồng đến hết ngày 31/01/2025, mỗi ngày làm việc ")


def test_a_task_of_disbursement_says_which_project_lags_and_whose_it_is() -> None:
    """On 31 August 53.43 of 100 are expected of each project on a straight line, and 20 are paid."""
    money = of_boards(("7000001", "BQLDA1"), ("7000002", "BQLDA2"))
    money["investment_projects"] = register(("7000001", "BQLDA1", "DIS-KEY-1"), ("7000002", "BQLDA2"))
    short = str((Decimal(60) * 244 / 274 - 20).quantize(Decimal("0.01"))).replace(".", ",")
    rows = steps(SEPTEMBER, **money)
    assert rows["DIS-KEY-1"]["next_step_vi"].startswith(
        f"Đẩy nhanh giải ngân dự án, đang chậm {short} tỷ đồng so với mức cần có"
    )
    assert (
        f"trước hết: {KEY_PROJECT} (Ban Quản lý dự án 1, chậm {short} tỷ đồng so với mức cần có)"
        in rows["INV-DIS"]["next_step_vi"]
    )
    assert f"trước hết: {KEY_PROJECT} (chậm {short} tỷ đồng" in rows["DIS-LARGE"]["next_step_vi"]


def test_a_count_says_how_many_more_by_when_and_to_which_day_it_is_known() -> None:
    built = {
        "project_id": "P1", "dwellings": 100, "approved_on": dt.date(2024, 1, 5), "started_on": dt.date(2024, 3, 1),
        "completed_on": None,
    }  # fmt: skip
    planned = {**built, "project_id": "P2", "started_on": None}
    row = steps(SEPTEMBER, social_housing=delivered([built, planned], "social_housing", "2024", "2024-07-12"))[
        "CON-HOUSE"
    ]
    assert row["evidence_period"] == "2024-07-12"
    assert "1 (đến ngày 12/07/2024)" in row["status_reason_vi"]
    assert row["next_step_vi"].startswith("Khởi công thêm 1 dự án chậm nhất ngày 31/12/2024")


def test_growth_that_is_behind_says_which_figures_come_when() -> None:
    figures = delivered(
        [said("grdp_growth", "2024-6M", "6.54", dt.date(2024, 7, 1))], "published_figures", "2024", "2024-07-02"
    )
    row = steps(SEPTEMBER, published_figures=figures)["GRDP"]
    assert row["next_step_vi"].endswith("; Cục Thống kê gửi số liệu quý III/2024 chậm nhất ngày 01/10/2024")


def test_sectors_below_the_scenario_are_named_in_the_step_of_the_plan() -> None:
    scenario = [
        {"area_code": "94", "sector_code": sector, "period": "2024-6M", "growth_pct": Decimal(4)}
        for sector in ("I", "III")
    ]
    figures = [
        said(f"sector_{code}_growth", "2024-6M", value, dt.date(2024, 7, 1))
        for code, value in (("i", "3"), ("iii", "5"))
    ]
    row = steps(
        "2024-08-30",
        plan_tasks=plan_of("2024-05-20"),
        growth_scenario=delivered(scenario, "growth_scenario", "2024", "2024-03-01"),
        published_figures=delivered(figures, "published_figures", "2024", "2024-07-02"),
    )["PLAN32"]
    assert "thấp hơn kịch bản (Khu vực I: Nông, lâm nghiệp và thủy sản);" in row["next_step_vi"]


def answered_of(quarter_in_time: int, year: int) -> list[Row]:
    """Of 200 applications due in March of a year so many were answered in time, the others late."""
    due = dt.date(year, 3, 20)
    return [
        permit(
            1000 * (year - 2020) + n, received_on=dt.date(year, 3, 1), due_on=due,
            answered_on=due if n < quarter_in_time else dt.date(year, 3, 25),
        )
        for n in range(200)
    ]  # fmt: skip


@pytest.mark.parametrize(("in_time", "asked"), [(190, False), (188, False), (187, True)])
def test_why_a_share_is_worse_than_a_year_before_is_asked_beyond_a_point_of_noise(in_time: int, asked: bool) -> None:
    """A year before 190 of 200 in time, 95 %: 94 % is one point less, 93.5 % is more than that."""
    told = delivered(
        [*answered_of(190, 2023), *answered_of(in_time, 2024)], "building_permits", "2024-Q1", "2024-08-20"
    )
    row = steps("2024-08-30", building_permits=told)["CON-PERMIT"]
    assert (row["actual"], row["value_year_before"]) == (Decimal(in_time) / 2, 95)
    assert ("làm rõ vì sao kém hơn cùng kỳ năm trước" in row["next_step_vi"]) is asked


def test_overdue_cases_are_counted_by_the_agency_whose_they_are() -> None:
    """Of obstacles due in 2024 three are open, two of them with a district; one that is due later is not."""
    rows = [
        {"case_id": f"V{n}", "agency_code": agency, "kind": "thuế", "raised_on": dt.date(2023, 12, 1),
         "due_on": due, "resolved_on": resolved}
        for n, (agency, due, resolved) in enumerate((
            ("UBND-950", dt.date(2024, 2, 1), None), ("SXD", dt.date(2024, 3, 1), None),
            ("UBND-950", dt.date(2024, 4, 1), None), ("SCT", dt.date(2024, 5, 1), dt.date(2024, 6, 1)),
            ("SCT", dt.date(2024, 12, 1), None),
        ))
    ]  # fmt: skip
    row = steps("2024-08-30", obstacles=delivered(rows, "obstacles", "2024-6M", "2024-08-20"))["INV-HELP"]
    assert row["next_step_vi"].startswith(
        "Giải quyết 3 vướng mắc quá hạn, đặt hạn cho vướng mắc chưa có hạn: "
        "Ủy ban nhân dân thị xã Vĩnh Châu (2), Sở Xây dựng (1)"
    )
    assert row["next_step_en"].startswith("Resolve 3 overdue obstacles, and set days for those without one: ")


def test_events_that_were_due_and_not_held_are_to_be_held_when_the_year_is_over() -> None:
    rows = [
        {"event_id": f"S{n}", "item": "KV3-TRADE", "kind": "fair", "planned_on": dt.date(2024, 5, 1 + n),
         "held_on": dt.date(2024, 5, 1 + n) if n < 2 else None, "district_code": "941"}
        for n in range(5)
    ]  # fmt: skip
    row = steps("2025-02-10", promotion_events=delivered(rows, "promotion_events", "2024", "2025-01-10"))["KV3-TRADE"]
    assert row["next_step_vi"].startswith("Tổ chức hoặc báo cáo lý do chưa tổ chức 3 hoạt động đến hạn")


def test_an_overdue_review_of_a_planning_scheme_is_its_districts() -> None:
    rows = [
        {"review_id": f"R{n}", "district_code": code, "kind": "quy hoạch chung", "due_on": dt.date(2024, 3, 1),
         "reviewed_on": done}
        for n, (code, done) in enumerate((("949", None), ("941", dt.date(2024, 2, 1))))
    ]  # fmt: skip
    row = steps("2024-08-30", planning_reviews=delivered(rows, "planning_reviews", "2024-6M", "2024-08-20"))["CON-PLAN"]
    assert row["next_step_en"].startswith("Finish 1 overdue review of planning schemes: ")
    assert row["next_step_vi"].startswith(
        "Hoàn thành rà soát 1 đồ án quy hoạch quá hạn: Ủy ban nhân dân huyện Thạnh Trị (1)"
    )

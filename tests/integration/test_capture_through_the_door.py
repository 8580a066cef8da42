"""Full capture worked by hand, delivered as files: lists, returns, frame, output and accounts in, two marts out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from resources.home import SIMULATED_MARK
from tests.house import House, Unpublished, csv_text
from tests.unit.capture_rows import Row, answer, appraisal, permit, tax_code, unit

SHOWN = ("nonstate_construction_capture", "nonstate_construction_omissions")
QUARTER, BEFORE = "2024-Q3", "2023-Q3"
GROWTH: dict[str, tuple[str, str]] = {
    "91": ("100000", "270000"),
    "96": ("100000", "56842.105"),
    "93": ("100000", "120000"),
    "92": ("100000", "120000"),
    "97": ("100000", "120000"),
}
"""What is left out of construction a year before and now, in mn VND, beside output of 900,000 and 1,080,000."""
IN_ANOTHER_UNIT: dict[str, dict[int, tuple[int, ...]]] = {"92": {2024: (0, 1)}, "97": {2023: (0,)}}
"""Returns of these areas, by year, that say a thousand times their value."""
URBAN = {"stratum": "households_urban", "selection": "sample"}


def delivered(house: House, name: str, rows: Iterable[Row]) -> None:
    rows = list(rows)
    header = list(dict.fromkeys(column for row in rows for column in row))
    house.deliver(f"{name}.csv", csv_text(header, *([row.get(column) for column in header] for row in rows)))


def lists_of_a_growing_area(area: str) -> tuple[list[Row], list[Row], list[Row]]:
    """Permits, returns and frame of a district in which seven works are found and one is left out, twice."""
    place = {"district_code": f"{area}1", "commune_code": f"{area}001"}
    permits, answers, frame = [], [], []
    for year, left_out in zip((2023, 2024), GROWTH[area], strict=True):
        dates = {
            "start_on": f"{year}-07-01", "completed_on": f"{year}-09-30", "received_on": f"{year}-05-02",
            "due_on": f"{year}-06-02", "answered_on": f"{year}-06-01", "issued_on": f"{year}-06-01",
        }  # fmt: skip
        for i in range(8):
            number = int(area) * 1000 + (year - 2023) * 100 + i
            value = left_out if i == 7 else 500
            number_text = {"permit_no": f"{number}/{year}/GPXD"}
            permits.append(permit(number, **dates, **place, **number_text, declared_value_mn=value))
            frame.append(unit(number, district_code=place["district_code"]))
            if i < 7:
                answers.append(answer(number, quarter=f"{year}-Q3", value_mn=500, **place, **number_text))
        if area in IN_ANOTHER_UNIT:
            returned = answers[-7:]
            # One works that no list knows, so that the mean value of returns reaches what is left out.
            nowhere = {**place, "commune_code": f"{area}002", "permit_no": None}
            answers.append(answer(int(area) * 1000 + (year - 2023) * 100 + 50, quarter=f"{year}-Q3", **nowhere))
            answers[-1]["value_mn"] = 500
            # The first gives its floor area, the second none, but is of a unit that answered in both years.
            returned[0]["floor_area_m2"] = 100
            returned[1]["frame_unit_id"] = f"DN{area}-A"
            for i in IN_ANOTHER_UNIT[area].get(year, ()):
                returned[i]["value_mn"] = 500_000
    return permits, answers, frame


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Unpublished:
    """A house after one night: the worked strata in Sóc Trăng, three other areas whose growth is worked by hand."""
    built = Unpublished(tmp_path_factory.mktemp("worked"))
    built.deliver(SIMULATED_MARK, "", folder="")  # a home of several areas
    household = {"owner_type": "household", "contractor_tax_code": None, "funding_source": "household"}
    investors = {"stratum": "investors", "permit_no": None}
    drawn = {**URBAN, "weight": 5, "selection_probability": "0.2", "funding_source": "household"}
    permits = [
        *(permit(n) for n in range(1, 61)),
        *(permit(n, owner_tax_code=tax_code(n, "98"), **household) for n in range(401, 441)),
    ]
    answers = [
        *(answer(n) for n in range(1, 44)),
        *(answer(n, permit_no=None, commune_code="31516") for n in range(100, 109)),
        *(answer(n, owner_tax_code=tax_code(n, "98"), **investors) for n in range(200, 212)),
        *(answer(n, commune_code="31516", **investors) for n in range(300, 308)),
        *(answer(n, **drawn) for n in range(401, 406)),
        *(answer(n, **{**drawn, "permit_no": None, "commune_code": "31516"}) for n in range(500, 503)),
    ]
    frame = [
        *(unit(n) for n in range(1, 51)),
        *(unit(n, tax_code=tax_code(n, "98"), **URBAN) for n in range(401, 441)),
    ]
    for area in GROWTH:
        more = lists_of_a_growing_area(area)
        for rows, added in zip((permits, answers, frame), more, strict=True):
            rows += added
    delivered(built, "building_permits__2023-Q2..2024-Q3__2024-10-15", permits)
    delivered(built, "design_appraisals__2024-9M__2024-10-15", [appraisal(n) for n in range(200, 215)])
    delivered(built, "construction_survey__2023-Q3..2024-Q3__2024-10-20", answers)
    delivered(built, "construction_frame__2024__2024-10-01", frame)
    delivered(built, "construction_output__2023-Q3..2024-Q3__2024-10-20", outputs())
    delivered(built, "grdp__2024-Q3__2024-10-01", accounts())
    outcome = built.part_night(*SHOWN)
    assert (outcome.failures, outcome.refused) == ((), ())
    return built


def outputs() -> Iterable[Row]:
    """Output of construction of the growing areas, each of one district, and of its parts."""
    for area in GROWTH:
        for period, whole in ((BEFORE, 900_000), (QUARTER, 1_080_000)):
            for ownership, value in (("total", whole), ("state", 0), ("non_state", whole), ("fdi", 0)):
                yield {
                    "area_code": area, "district_code": f"{area}1", "period": period, "ownership": ownership,
                    "work_type": "total", "value_current_mn": value, "value_constant_mn": None,
                }  # fmt: skip


def accounts() -> Iterable[Row]:
    """Construction grows from 225 to 270 bn at 2010 prices, by 20 %; sector II was 750 and GRDP 2,250."""
    levels = {
        BEFORE: {"I": 700, "IND": 525, "CON": 225, "II": 750, "III": 700, "TAX": 100, "GRDP": 2250},
        QUARTER: {"I": 730, "IND": 560, "CON": 270, "II": 830, "III": 740, "TAX": 110, "GRDP": 2410},
    }
    for area in GROWTH:
        for period, of in levels.items():
            for sector, level in of.items():
                yield {
                    "area_code": area, "sector_code": sector, "period": period, "value_constant_bn": level,
                    "value_current_bn": None, "estimate_stage": "estimate_1",
                }  # fmt: skip


def cell(house: House, district: str, stratum: str, area: str = "94") -> dict[str, Any]:
    """The mart's row of the third quarter of 2024."""
    (row,) = [
        row
        for row in house.mart("nonstate_construction_capture")
        if (row["area_code"], row["quarter"], row["district_code"], row["stratum"])
        == (area, QUARTER, district, stratum)
    ]
    return row


def test_a_stratum_that_is_surveyed_whole(house: House) -> None:
    row = cell(house, "941", "enterprises_large")
    assert (row["n_permits"], row["n_survey"], row["n_matched"], row["n_omitted"]) == (60, 52, 43, 17)
    assert (row["selection"], row["is_total"]) == ("take_all", False)
    assert (row["chapman_estimate"], row["chapman_variance"]) == (Decimal("72.4773"), Decimal("5.6778"))
    assert (row["chapman_low"], row["chapman_high"]) == (Decimal("69.5307"), Decimal("82.6713"))
    assert (row["coverage"], row["coverage_low"], row["coverage_high"]) == (
        Decimal("0.7175"), Decimal("0.6290"), Decimal("0.7479"),
    )  # fmt: skip
    assert row["capture_rate"] == Decimal("0.7167")
    # 52 returns of 900 mn; 17 permits of 1,000 mn, linked ones are worth 900; 72.477273 - 69 works on no list.
    assert (row["value_recorded_mn"], row["value_left_out_mn"]) == (46_800, 17_000)
    assert (row["value_not_found_mn"], row["value_unseen_mn"]) == (15_300, Decimal("3129.545"))
    assert row["value_coverage"] == Decimal("0.7175")


def test_a_stratum_that_is_drawn(house: House) -> None:
    row = cell(house, "941", "households_urban")
    assert (row["n_permits"], row["n_survey"], row["n_matched"], row["n_omitted"]) == (40, 8, 5, 0)
    assert (row["chapman_estimate"], row["coverage"], row["n_not_sampled"]) == (64, Decimal("0.625"), 35)
    assert row["coverage_low"] < row["coverage"] < row["coverage_high"]
    assert (row["selection"], row["capture_rate"]) == ("sample", None)


def test_totals_are_sums_of_estimates_and_variances(house: House) -> None:
    parts = [cell(house, "941", s) for s in ("enterprises_large", "investors", "households_urban")]
    two = parts[:2]
    assert abs(sum(row["chapman_estimate"] for row in two) - Decimal("97.323427")) < Decimal("0.0001")
    assert abs(sum(row["chapman_variance"] for row in two) - Decimal("9.086073")) < Decimal("0.0001")
    for key in (("941", "total"), ("total", "total")):
        total = cell(house, *key)
        assert total["is_total"]
        for column in ("n_permits", "n_survey", "n_matched", "value_recorded_mn"):
            assert total[column] == sum(row[column] for row in parts), column
        for column in ("chapman_estimate", "chapman_variance", "value_not_found_mn", "value_unseen_mn"):
            assert abs(total[column] - sum(row[column] for row in parts)) <= Decimal("0.001"), column


def test_the_work_list_names_every_omission_once(house: House) -> None:
    rows = [row for row in house.table("intermediate", "int_construction_work_list") if row["area_code"] == "94"]
    kinds = [row["list_kind"] for row in rows]
    assert (len(rows), kinds.count("permit"), kinds.count("appraisal")) == (20, 17, 3)
    assert len({row["listed_id"] for row in rows}) == 20
    assert {row["list_no"] for row in rows if row["list_kind"] == "permit"} == {f"HS{n:05d}" for n in range(44, 61)}
    first = next(row for row in rows if row["list_no"] == "HS00044")
    assert (first["district_name_vi"], first["commune_name_vi"]) == ("Thành phố Sóc Trăng", "Phường 2")
    assert (first["value_left_out_mn"], first["agency_code"], first["source_row"]) == (1000, "UBND-HTT", 45)
    assert (first["due_on"], first["days_overdue"]) == (dt.date(2024, 10, 20), 113)


def test_what_offices_answer_changes_the_list_the_next_night(house: Unpublished, tmp_path: Path) -> None:
    later = house.copied_to(tmp_path / "later")
    names = ["permit:HS00044", "permit:HS00045", "permit:HS00046", "permit:HS00047", "permit:HS00048"]
    answers = ["not_begun", "counted_as", "wrong_link", "added", "out_of_scope"]
    returns = [None, "PH00100", "PH00101", None, None]
    rows = [
        {"Mã hồ sơ": case, "Kết quả rà soát": answer, "Đã thống kê tại phiếu số": number, "Ngày trả lời": "2025-02-06"}
        for case, answer, number in zip(names, answers, returns, strict=True)
    ]
    delivered(later, "omission_answers__2025-02__2025-02-07", rows)
    outcome = later.part_night(*SHOWN)
    assert (outcome.failures, outcome.refused) == ((), ())
    cases = {
        row["case_id"]: row["answer_vi"]
        for row in later.table("intermediate", "int_construction_work_list")
        if row["area_code"] == "94" and row["list_kind"] == "permit"
    }
    assert len(cases) == 17 - 3
    assert {case: cases[case] for case in names if case in cases} == {
        "permit:HS00046": "ghép nhầm với phiếu số PH00101", "permit:HS00047": "đã bổ sung",
    }  # fmt: skip
    row = cell(later, "941", "enterprises_large")
    assert (row["n_permits"], row["n_survey"], row["n_matched"], row["n_omitted"]) == (59, 52, 44, 14)
    assert (row["n_not_begun"], row["n_answered"]) == (1, 3)
    assert not any("officer" in row for row in later.table("intermediate", "int_construction_work_list"))


@pytest.mark.parametrize(
    ("area", "construction", "sector_ii", "grdp"),
    [("91", "15", "4.5", "1.5"), ("96", "-6.3158", "-1.8947", "-0.6316"), ("93", "0", "0", "0")],
    ids=["counted less than before", "counted better only this year", "steady"],
)
def test_what_counting_does_to_growth(house: House, area: str, construction: str, sector_ii: str, grdp: str) -> None:
    row = cell(house, "total", "total", area)
    effects = [row[f"growth_effect_{of}_pp"] for of in ("construction", "sector_ii", "grdp")]
    assert effects == [Decimal(construction), Decimal(sector_ii), Decimal(grdp)]
    assert row["value_added_coverage_year_before"] == Decimal("0.9")
    assert (row["value_added_of_output_pct"], row["value_added_ratio_basis"]) == (25, "own_accounts")
    assert row["is_growth_manufactured"] is (area == "96")
    assert ("manufactured" in row["growth_effect_reason_en"]) is (area == "96")


def test_returns_wrong_by_a_thousand_are_no_value_and_accuse_nobody(house: House) -> None:
    row = cell(house, "total", "total", "92")
    assert (row["n_survey"], row["n_matched"], row["n_omitted"]) == (8, 7, 1)
    # Eight returns of 500 mn, two say 500,000; (9 · 9 / 8 − 1) − 9 works on no list, at the mean of one that is
    # listed alone and one that the survey alone knows.
    assert (row["value_recorded_mn"], row["value_not_found_mn"]) == (6 * 500, 120_000)
    assert row["value_unseen_mn"] == Decimal("0.125") * (120_000 + 500) / 2
    assert (row["n_returns_set_aside"], row["value_set_aside_mn"]) == (2, 1_000_000)
    assert [row[f"growth_effect_{of}_pp"] for of in ("construction", "sector_ii", "grdp")] == [None] * 3
    assert row["is_growth_manufactured"] is False
    assert "set aside" in row["growth_effect_reason_en"]
    assert "2 in this quarter, 0 a year before" in row["growth_effect_reason_en"]
    assert "2 phiếu của quý, 0 phiếu cùng kỳ năm trước" in row["growth_effect_reason_vi"]


def test_a_wrong_return_of_the_year_before_moves_no_growth_either(house: House) -> None:
    row = cell(house, "total", "total", "97")
    assert (row["growth_effect_construction_pp"], row["is_growth_manufactured"]) == (None, False)
    assert (row["n_returns_set_aside"], row["value_recorded_mn"]) == (0, 8 * 500)
    assert "0 in this quarter, 1 a year before" in row["growth_effect_reason_en"]


def test_without_output_and_accounts_there_is_a_reason_and_no_effect(house: House) -> None:
    row = cell(house, "total", "total")
    assert row["growth_effect_construction_pp"] is None
    assert row["growth_effect_reason_en"].startswith("no sourced ratio")

"""The simulated lists and returns of construction against their truth, by arithmetic on the written files alone."""

from __future__ import annotations

import csv
import datetime as dt
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from dbt_like_sql.delivery_names import parse_delivery_name
from simulator.areas import draws
from simulator.simulate import simulate_capture
from simulator.typing_errors import ABSENT_PCT, number_typed
from simulator.works import Options, with_check_digit

Row = dict[str, str]
Table = list[Row]

QUARTERS = [f"{year}-Q{q}" for year in (2023, 2024) for q in range(1, 5)]
RETURN, QUARTER, UNIT, DISTRICT, COMMUNE = "Mã phiếu", "Quý", "Mã đơn vị mẫu", "Mã huyện", "Mã xã"
STRATUM, SELECTION, STATUS, FUNDING = "Tầng", "Cách chọn", "Tình trạng trả lời", "Nguồn vốn"
VALUE, PERMIT, APPLICATION = "Giá trị thực hiện trong quý (triệu đồng)", "Số giấy phép xây dựng", "Mã hồ sơ"
TURNOVER, CONTRACT = "Doanh thu chưa có thuế GTGT (triệu đồng)", "Số hợp đồng"
TAXPAYER, APPRAISAL = "Mã số thuế người nộp thuế", "Số văn bản thẩm định"
ANSWERS = ("responded", "partial")
TAKE_ALL = ("enterprises_large", "investors")


def read_csv(path: Path) -> Table:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def iso(day: str) -> dt.date | None:
    return dt.date(*(int(part) for part in reversed(day.split("/")))) if day else None


def quarter_days(quarter: str) -> tuple[dt.date, dt.date]:
    year, q = int(quarter[:4]), int(quarter[-1])
    after = dt.date(year + 1, 1, 1) if q == 4 else dt.date(year, 3 * q + 1, 1)
    return dt.date(year, 3 * q - 2, 1), after - dt.timedelta(days=1)


@dataclass
class Made:
    """One simulation, read back: feeds as their files hold them, the truth beside them."""

    root: Path
    survey: Table = field(init=False)
    frame: Table = field(init=False)
    permits: dict[str, Row] = field(init=False)
    appraisals: Table = field(init=False)
    tax: Table = field(init=False)
    works: dict[str, Row] = field(init=False)
    works_of: dict[tuple[str, str], str] = field(init=False)
    planted: Table = field(init=False)

    def __post_init__(self) -> None:
        self.survey = self.feed("construction_survey")
        self.frame = self.feed("construction_frame")
        self.appraisals = self.feed("design_appraisals")
        self.tax = self.feed("construction_tax")
        # An application that comes again replaces its earlier state; files stand in the order of their release.
        self.permits = {row[APPLICATION]: row for row in self.feed("building_permits")}
        self.works = {row["work_id"]: row for row in self.truth("works")}
        self.works_of = {(r["feed"], r["record_id"]): r["work_id"] for r in self.truth("links")}
        self.planted = self.truth("planted")

    def truth(self, name: str) -> Table:
        return read_csv(self.root / "ground_truth" / f"construction_{name}.csv")

    def files(self, feed: str) -> list[Path]:
        return sorted((self.root / "inbox" / feed).iterdir(), key=lambda path: path.name.split("__")[2])

    def feed(self, feed: str) -> Table:
        rows: Table = []
        for path in self.files(feed):
            rows += read_csv(path) if path.suffix == ".csv" else read_workbook(path)
        return rows

    def faults(self, defect: str) -> Table:
        return [row for row in self.planted if row["defect"] == defect]

    def ids(self, defect: str) -> set[tuple[str, str]]:
        return {(row["record_id"], row["quarter"]) for row in self.faults(defect)}

    def work_of(self, feed: str, record_id: str) -> Row | None:
        return self.works.get(self.works_of.get((feed, record_id), ""))

    def work_returned(self, row: Row) -> Row | None:
        return self.work_of("construction_survey", row[RETURN])


def read_workbook(path: Path) -> Table:
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    top = next(i for i, row in enumerate(rows) if row[0] == APPLICATION)
    header = [str(cell) for cell in rows[top]]
    body = [row for row in rows[top + 2 :] if str(row[0]).startswith("HS")]
    return [
        {name: str(cell).replace(".", "") if "(" in name else str(cell) for name, cell in zip(header, row, strict=True)}
        for row in body
    ]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("planted"), Options())


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(tmp_path_factory.mktemp("clean"), Options(clean=True))


def made(root: Path, options: Options, scale: int = 1) -> Made:
    simulate_capture(root, scale, say=lambda _: None, options=options)
    return Made(root)


def runs(work: Row, quarter: str) -> bool:
    first, last = quarter_days(quarter)
    start, end = dt.date.fromisoformat(work["start_on"]), dt.date.fromisoformat(work["completed_on"])
    return start <= last and end >= first


def value_of(work: Row, quarter: str) -> float:
    """Value × days in the quarter / days of the works."""
    first, last = quarter_days(quarter)
    start, end = dt.date.fromisoformat(work["start_on"]), dt.date.fromisoformat(work["completed_on"])
    days = (min(end, last) - max(start, first)).days + 1
    return int(work["value_mn"]) * days / ((end - start).days + 1)


def is_outside(work: Row) -> bool:
    return work["funding_source"] != "state_budget"


def number_of(permit_no: str) -> tuple[int, int] | None:
    """Number and year, however they are spelled."""
    found = re.findall(r"\d+", unicodedata.normalize("NFC", permit_no))
    return (int(found[0]), int(found[1])) if len(found) == 2 else None


# --- the files ------------------------------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes(planted: Made, tmp_path: Path) -> None:
    again = made(tmp_path, Options())
    files = [p.relative_to(planted.root) for p in sorted(planted.root.rglob("*.*")) if p.is_file()]
    assert len(files) == 14 + 5 + 1  # deliveries, the truth, and the mark of the inbox
    assert all((planted.root / file).read_bytes() == (again.root / file).read_bytes() for file in files)


def test_every_delivery_is_named_as_the_landing_asks(planted: Made) -> None:
    for path in (planted.root / "inbox").rglob("*__*"):
        name = parse_delivery_name(path.name, path.parent.name)
        assert name.is_simulated


def test_nothing_is_dated_after_its_delivery(planted: Made) -> None:
    for feed, columns in {
        "building_permits": ("Ngày tiếp nhận", "Ngày trả kết quả", "Ngày cấp phép"),
        "design_appraisals": ("Ngày thẩm định",),
        "construction_frame": ("Có hiệu lực từ",),
    }.items():
        for path in planted.files(feed):
            released = dt.date.fromisoformat(path.name.split("__")[2])
            for row in read_csv(path) if path.suffix == ".csv" else read_workbook(path):
                days = [row[c] for c in columns if row[c]]
                assert all((iso(d) or released if "/" in d else dt.date.fromisoformat(d)) <= released for d in days)


def test_keys_are_unique_within_a_delivery_and_over_two_provinces(tmp_path: Path) -> None:
    two = made(tmp_path, Options(), scale=2)
    assert Counter((r[RETURN], r[QUARTER]) for r in two.survey).most_common(1)[0][1] == 1
    assert Counter((r[UNIT], r["Có hiệu lực từ"]) for r in two.frame).most_common(1)[0][1] == 1
    assert Counter(r["Mã tờ khai"] for r in two.tax).most_common(1)[0][1] == 1
    assert Counter(r[APPRAISAL] for r in two.appraisals).most_common(1)[0][1] == 1
    for path in two.files("building_permits"):
        rows = read_csv(path) if path.suffix == ".csv" else read_workbook(path)
        assert Counter(r[APPLICATION] for r in rows).most_common(1)[0][1] == 1
    communes = {
        area: {r[COMMUNE] for r in two.survey if r[DISTRICT][:2] == area and r[COMMUNE]} for area in ("94", "01")
    }
    assert communes["94"]
    assert communes["01"]
    assert not communes["94"] & communes["01"]


def test_tax_codes_are_such_as_no_real_taxpayer_has(planted: Made) -> None:
    codes = {r[c] for r in planted.survey for c in ("Mã số thuế nhà thầu", "Mã số thuế chủ đầu tư")} - {""}
    codes |= {r[TAXPAYER] for r in planted.tax} | {r["Mã số thuế"] for r in planted.frame} - {""}
    assert all(re.fullmatch(r"9[5-9]\d{8}", code) for code in codes)


def test_clean_and_planted_are_the_same_works(planted: Made, clean: Made) -> None:
    same = ("district_code", "commune_code", "stratum", "funding_source", "start_on", "completed_on", "value_mn")
    assert planted.works.keys() == clean.works.keys()
    assert all(work[c] == clean.works[work_id][c] for work_id, work in planted.works.items() for c in same)


# --- the truth agrees with the files --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["planted", "clean"])
def test_the_counts_by_district_quarter_and_stratum_follow_from_the_files(
    kind: str, request: pytest.FixtureRequest
) -> None:
    province: Made = request.getfixturevalue(kind)
    listed = {w for (feed, _), w in province.works_of.items() if feed in ("building_permits", "design_appraisals")}
    returned: dict[str, set[str]] = defaultdict(set)
    for row in province.survey:
        work = province.work_returned(row)
        if work and row[STATUS] in ANSWERS:
            returned[row[QUARTER]].add(work["work_id"])
    cells: dict[tuple[str, str, str], list[float]] = defaultdict(lambda: [0, 0, 0, 0, 0, 0])
    for work in province.works.values():
        for quarter in QUARTERS:
            if is_outside(work) and runs(work, quarter):
                cell = cells[work["district_code"], quarter, work["stratum"]]
                is_listed, is_returned = work["work_id"] in listed, work["work_id"] in returned[quarter]
                value = value_of(work, quarter)
                counts = (1, is_listed, is_returned, is_listed and is_returned, value, value * is_returned)
                for i, count in enumerate(counts):
                    cell[i] += count
    rows = province.truth("capture")
    assert len(rows) == 11 * 8 * 5
    for row in rows:
        wanted = cells[row["district_code"], row["quarter"], row["stratum"]]
        counted = [int(row[c]) for c in ("works", "listed", "returned", "listed_and_returned")]
        assert counted == wanted[:4], row
        for column, value in zip(("value_mn", "value_returned_mn"), wanted[4:], strict=True):
            assert abs(int(row[column]) - value) <= wanted[0], row


def test_a_clean_province_is_counted_in_full(clean: Made) -> None:
    assert {row["defect"] for row in clean.planted} == {"private_on_public", "ward_changed"}
    assert {row["is_fault"] for row in clean.planted} == {"false"}
    for row in clean.truth("capture"):
        if row["stratum"] in TAKE_ALL:
            assert row["works"] == row["listed"] == row["returned"] == row["listed_and_returned"]
        elif row["stratum"] != "households_rural":
            assert row["works"] == row["listed"]
            assert row["returned"] == row["listed_and_returned"]
    assert {row["class"] for row in clean.truth("classes")} == {"matched", "not_sampled"}
    assert {row[STATUS] for row in clean.survey} == {"responded"}


def test_values_of_returns_are_those_of_their_quarter(planted: Made, clean: Made) -> None:
    for row in clean.survey:
        work = clean.work_returned(row)
        assert abs(int(row[VALUE]) - (value_of(work, row[QUARTER]) if work else 0)) <= 1
    wrong = planted.ids("value_times_1000") | planted.ids("value_by_1000") | planted.ids("value_below_tax")
    wrong |= planted.ids("value_missing")
    found = set()
    for row in planted.survey:
        work = planted.work_returned(row)
        if work and (not row[VALUE] or abs(int(row[VALUE]) - value_of(work, row[QUARTER])) > 1):
            found.add((row[RETURN], row[QUARTER]))
    first_of_copies = {(re.sub(r"-(2|B)$", "", return_id), quarter) for return_id, quarter in found}
    assert first_of_copies <= wrong
    # A fortieth of a small value can lie within rounding.
    assert len(wrong - found) <= 2


def test_every_listed_works_has_the_class_that_its_files_give_it(planted: Made) -> None:
    frame = {row[UNIT] for row in planted.frame}
    answered, silent, drawn = set(), set(), set()
    for row in planted.survey:
        drawn.add(row[UNIT])
        work = planted.work_returned(row)
        if row[STATUS] in ANSWERS and work:
            answered.add((work["work_id"], row[QUARTER]))
        if row[STATUS] == "non_response":
            silent.add((row[UNIT], row[QUARTER]))
    dark = {(row["record_id"], row["quarter"]) for row in planted.faults("silent_district")}
    classes = Counter()
    for row in planted.truth("classes"):
        work = planted.work_of(row["feed"], row["record_id"])
        assert work
        at = (work["district_code"], row["quarter"])
        unit, is_take_all = work["frame_unit_id"], work["stratum"] in TAKE_ALL
        if (work["work_id"], row["quarter"]) in answered:
            wanted = "matched"
        elif unit not in frame and work["stratum"].startswith("households"):
            wanted = "not_sampled"  # nobody can tell it from a house that was not drawn
        elif unit not in frame:
            wanted = "omitted"
        elif (unit, row["quarter"]) in silent or (at in dark and row["class"] == "non_response"):
            wanted = "non_response"
        elif is_take_all:
            wanted = "omitted"
        else:
            assert work["is_drawn"] == "false"
            wanted = "not_sampled"
        assert row["class"] == wanted, row
        classes[row["class"]] += 1
    assert min(classes[c] for c in ("matched", "not_sampled", "omitted", "non_response")) > 30


# --- what is planted is there, and nothing else ---------------------------------------------------------------------

DEFECTS = (
    "budget_as_own_funds", "built_without_permit", "contractor_unknown", "double_count", "ended_ward_code",
    "enterprise_not_in_frame", "household_not_in_frame", "keys_mistyped", "keys_none", "left_out", "never_started",
    "non_response", "silent_district", "value_below_tax", "value_by_1000", "value_missing", "value_times_1000",
)  # fmt: skip


@pytest.mark.parametrize("defect", DEFECTS)
def test_every_kind_of_fault_is_planted(planted: Made, defect: str) -> None:
    rows = planted.faults(defect)
    assert len(rows) >= 2
    assert {row["is_fault"] for row in rows} == {"true"}


def test_no_other_kind_is_recorded(planted: Made) -> None:
    assert {row["defect"] for row in planted.planted} == {*DEFECTS, "private_on_public", "ward_changed"}


def test_works_returned_twice_are_those_recorded(planted: Made, clean: Made) -> None:
    for province in (planted, clean):
        times: dict[tuple[str, str], set[str]] = defaultdict(set)
        for row in province.survey:
            work = province.work_returned(row)
            if work:
                times[work["work_id"], row[QUARTER]].add(row[RETURN])
        found = {(max(ids, key=len), quarter) for (_, quarter), ids in times.items() if len(ids) > 1}
        assert found == province.ids("double_count")


def test_works_of_the_budget_under_another_name_are_those_recorded(planted: Made) -> None:
    found, rightly = set(), set()
    for row in planted.survey:
        work = planted.work_returned(row)
        if work and row[FUNDING] != work["funding_source"]:
            assert (row[FUNDING], work["funding_source"]) == ("private_enterprise", "state_budget")
            found.add((re.sub(r"-(2|B)$", "", row[RETURN]), row[QUARTER]))
        elif work and not is_outside(work) and row["Loại hình kinh tế nhà thầu"] != "state":
            rightly.add((re.sub(r"-(2|B)$", "", row[RETURN]), row[QUARTER]))
    assert found == planted.ids("budget_as_own_funds")
    assert rightly == planted.ids("private_on_public")
    # The lists name the budget, so that the files alone can tell.
    for row in planted.permits.values():
        work = planted.work_of("building_permits", row[APPLICATION])
        if work and not is_outside(work):
            assert (row[FUNDING], row["Loại chủ đầu tư"]) == ("state_budget", "state_agency")


def test_values_wrong_by_a_thousand_are_far_from_what_was_built(planted: Made) -> None:
    by_return = {(row[RETURN], row[QUARTER]): row for row in planted.survey}
    for defect, factor in (("value_times_1000", 1000), ("value_by_1000", 0.001), ("value_below_tax", 0.4)):
        for key in planted.ids(defect):
            work = planted.work_returned(by_return[key])
            assert work
            assert abs(int(by_return[key][VALUE]) - factor * value_of(work, key[1])) <= max(2, factor)


def test_turnover_is_near_the_value_built_and_far_from_an_understated_return(planted: Made) -> None:
    turnover = {}
    for row in planted.tax:
        work = planted.work_of("construction_tax", row[CONTRACT])
        assert work
        turnover[work["work_id"], row["Kỳ tính thuế"]] = int(row[TURNOVER])
        value = value_of(work, row["Kỳ tính thuế"])
        assert abs(int(row[TURNOVER]) - value) <= 0.03 * value + 2
    by_return = {(row[RETURN], row[QUARTER]): row for row in planted.survey}
    for key in planted.ids("value_below_tax"):
        work = planted.work_returned(by_return[key])
        assert work
        assert int(by_return[key][VALUE]) <= turnover[work["work_id"], key[1]] * 0.45


def test_firms_of_the_province_declare_without_a_site_and_others_with_one(planted: Made) -> None:
    sites = {form: {bool(r["Mã xã nơi có công trình"]) for r in planted.tax if r["Mẫu tờ khai"] == form}
             for form in ("01/GTGT", "05/GTGT")}  # fmt: skip
    assert sites == {"01/GTGT": {False}, "05/GTGT": {True}}


def test_a_silent_district_has_no_row_in_its_quarter(planted: Made) -> None:
    there = {(row[DISTRICT], row[QUARTER]) for row in planted.survey}
    everywhere = {(d, q) for d in {row[DISTRICT] for row in planted.survey} for q in QUARTERS}
    assert everywhere - there == {(row["record_id"], row["quarter"]) for row in planted.faults("silent_district")}


def test_units_that_did_not_answer_are_those_recorded(planted: Made) -> None:
    found = {(row[RETURN], row[QUARTER]) for row in planted.survey if row[STATUS] == "non_response"}
    assert found == planted.ids("non_response")
    assert all(not row[VALUE] and not row[PERMIT] for row in planted.survey if row[STATUS] == "non_response")


def test_enterprises_outside_the_frame_declare_tax_and_answer_nothing(planted: Made) -> None:
    frame = {row["Mã số thuế"] for row in planted.frame}
    recorded = {row["record_id"] for row in planted.faults("enterprise_not_in_frame")}
    assert recorded & {row[TAXPAYER] for row in planted.tax}
    assert {row[TAXPAYER] for row in planted.tax} - frame <= recorded
    units = {row[UNIT] for row in planted.survey}
    assert units <= {row[UNIT] for row in planted.frame}


def test_households_outside_the_frame_have_a_permit_and_no_unit(planted: Made) -> None:
    frame = {row["Mã số thuế"] for row in planted.frame}
    rows = planted.faults("household_not_in_frame")
    assert all(planted.permits[row["record_id"]]["Mã số thuế chủ đầu tư"] not in frame for row in rows)


def test_works_left_out_have_a_list_and_a_unit_that_answered(planted: Made) -> None:
    returned = {work["work_id"] for row in planted.survey if (work := planted.work_returned(row))}
    units = {row[UNIT] for row in planted.survey if row[STATUS] == "responded"}
    for row in planted.faults("left_out"):
        assert row["work_id"] not in returned
        assert planted.works[row["work_id"]]["frame_unit_id"] in units
        assert (row["feed"], row["record_id"]) in planted.works_of


def test_permits_never_started_look_like_any_granted_permit(planted: Made) -> None:
    for row in planted.faults("never_started"):
        permit = planted.permits.get(row["record_id"])
        assert ("building_permits", row["record_id"]) not in planted.works_of
        if permit is not None:
            assert permit["Kết quả"] == "granted"
            assert permit[PERMIT]
            assert permit["Ngày khởi công"] == permit["Ngày hoàn thành"] == ""


def test_dependent_lists_miss_the_same_works(tmp_path: Path, planted: Made) -> None:
    dependent = made(tmp_path, Options(dependence_pct=100))

    def left_out_without_permit(province: Made) -> tuple[int, int]:
        unlisted = [
            work for work in province.works.values()
            if work["stratum"] in TAKE_ALL and not work["listed"] and work["is_in_frame"] == "true"
        ]  # fmt: skip
        return len(unlisted), sum(work["is_left_out"] == "true" for work in unlisted)

    many, missed = left_out_without_permit(planted)
    assert many > 3 * missed
    many, missed = left_out_without_permit(dependent)
    assert many == missed > 5


# --- ordinary life --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["planted", "clean"])
def test_permit_numbers_are_spelled_in_many_ways_and_mean_the_same(kind: str, request: pytest.FixtureRequest) -> None:
    province: Made = request.getfixturevalue(kind)
    by_work = {province.works_of.get(("building_permits", a)): row for a, row in province.permits.items()}
    shapes = set()
    for row in province.survey:
        work = province.work_returned(row)
        if row[PERMIT] and work:
            register = by_work[work["work_id"]]
            assert number_of(row[PERMIT]) == number_of(register[PERMIT])
            assert row[DISTRICT] == register[DISTRICT]
            shapes.add(re.sub(r"\d+", "9", row[PERMIT]))
    assert len(shapes) >= 9
    assert any(unicodedata.normalize("NFC", shape) != shape for shape in shapes)


def test_a_permit_number_names_one_permit_in_its_district_and_several_in_the_province(planted: Made) -> None:
    granted = [row for row in planted.permits.values() if row[PERMIT]]
    in_district = Counter((row[DISTRICT], number_of(row[PERMIT])) for row in granted)
    in_province = Counter(number_of(row[PERMIT]) for row in granted)
    assert in_district.most_common(1)[0][1] == 1
    assert in_province.most_common(1)[0][1] > 5


def test_the_ward_that_ended_has_its_old_code_before_and_the_new_one_after(planted: Made, clean: Made) -> None:
    for province in (planted, clean):
        for row in province.permits.values():
            work = province.work_of("building_permits", row[APPLICATION])
            received = iso(row["Ngày tiếp nhận"])
            if work and received and work["commune_code"] == "31513":
                assert row[COMMUNE] == ("31522" if received >= dt.date(2024, 9, 1) else "31513")
            elif work:
                assert row[COMMUNE] == work["commune_code"]
        late = {(row[RETURN], row[QUARTER]) for row in province.survey
                if row[COMMUNE] == "31513" and row[QUARTER] == "2024-Q4"}  # fmt: skip
        assert {(re.sub(r"-(2|B)$", "", r), q) for r, q in late} == province.ids("ended_ward_code")
        changed = province.faults("ward_changed")
        assert changed
        for fault in changed:
            assert province.permits[fault["record_id"]][COMMUNE] == "31513"
            assert province.works[fault["work_id"]]["completed_on"] >= "2024-09-01"


def test_rural_houses_are_in_no_list_and_investors_in_appraisals_alone(planted: Made) -> None:
    lists = defaultdict(set)
    for (feed, _), work_id in planted.works_of.items():
        if feed in ("building_permits", "design_appraisals"):
            lists[planted.works[work_id]["stratum"]].add(feed)
    assert dict(lists) == {
        "enterprises_large": {"building_permits"},
        "enterprises_small": {"building_permits"},
        "households_urban": {"building_permits"},
        "investors": {"design_appraisals"},
    }


def test_one_unit_in_so_many_is_drawn_and_weighs_as_many(clean: Made) -> None:
    weights = {(row[STRATUM], row[SELECTION], row["Xác suất chọn"], row["Quyền số"]) for row in clean.survey}
    assert weights == {
        ("enterprises_large", "take_all", "1", "1"),
        ("investors", "take_all", "1", "1"),
        ("enterprises_small", "sample", "0.3333333333", "3"),
        ("households_urban", "sample", "0.2", "5"),
        ("households_rural", "sample", "0.125", "8"),
    }
    units: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    drawn = {row["frame_unit_id"]: row for row in clean.works.values()}
    for row in drawn.values():
        if row["stratum"].startswith("households"):
            units[row["stratum"], row["district_code"]][row["is_drawn"]] += 1
    for (stratum, _), counts in units.items():
        every = {"households_urban": 5, "households_rural": 8}[stratum]
        assert abs(counts["true"] - counts.total() / every) < 1


def test_every_active_unit_that_is_surveyed_whole_has_a_row_in_each_quarter(clean: Made) -> None:
    rows = {(row[UNIT], row[QUARTER]) for row in clean.survey}
    since = {row[UNIT]: row["Có hiệu lực từ"] for row in clean.frame if row["Trạng thái"] == "active"}
    until = {row[UNIT]: row["Có hiệu lực từ"] for row in clean.frame if row["Trạng thái"] == "ceased"}
    units = {row[UNIT] for row in clean.frame if row[SELECTION] == "take_all"}
    for quarter in QUARTERS:
        first, last = (day.isoformat() for day in quarter_days(quarter))
        active = {u for u in units if since[u] <= last and until.get(u, "9999") > first}
        assert {u for u, q in rows if q == quarter and u in units} == active


def test_a_wrong_option_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    from simulator.__main__ import main

    assert main(["--out", str(tmp_path / "out"), "--dependence", "120"]) == 2
    assert "percentage" in capsys.readouterr().err


# ── what hands mistype, and what offices answer ──────────────────────────────────────────────────────────────


def test_numbers_typed_by_hand_are_absent_and_mistyped_as_often_as_is_said() -> None:
    draw = draws(1, "test")
    typed = [number_typed("1800109103", ABSENT_PCT, draw) for _ in range(20_000)]
    absent, right = typed.count(None), typed.count("1800109103")
    assert abs(absent / 20_000 - 0.15) < 0.01
    assert abs(right / 20_000 - 0.55) < 0.01
    # A digit is replaced by another one, left out, or one is put in.
    assert {len(number) for number in typed if number} == {9, 10, 11}


def test_tax_codes_of_a_province_typed_by_hand_bear_their_check_digit(tmp_path: Path) -> None:
    province = made(tmp_path, Options(clean=True, typed_by_hand=True))
    weights = (31, 29, 23, 19, 17, 13, 7, 5, 3)
    codes = {row["Mã số thuế"] for row in province.frame if row["Mã số thuế"]}
    assert len(codes) > 50
    assert all(10 - sum(w * int(d) for w, d in zip(weights, code, strict=False)) % 11 == int(code[9]) for code in codes)
    assert with_check_digit("010010910") == "0100109106"
    households = [row for row in province.frame if row[STRATUM].startswith("households")]
    assert households
    assert not any(row["Mã số thuế"] for row in households)


def test_districts_answer_about_permits_by_the_truth(planted: Made) -> None:
    (path,) = planted.files("omission_answers")
    said = {row["Mã hồ sơ"].removeprefix("permit:"): row["Kết quả rà soát"] for row in read_csv(path)}
    never_started = {row["record_id"] for row in planted.faults("never_started")}
    assert {case for case, answer in said.items() if answer == "not_begun"} <= never_started
    assert set(said.values()) == {"not_begun", "added"}
    assert not any(row["Người trả lời"] for row in read_csv(path))  # nobody is invented
